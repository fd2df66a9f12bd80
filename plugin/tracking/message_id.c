/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: the forms of a message id.
 * Ownership and threads: message_id.h. */
#include "tracking/message_id.h"
#include "base/text.h"

enum { NATIONAL_MIN = 7 }; /* digits of a number without its country that may stand for it */

static ByoStr trimmed(ByoStr s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == 0 || s.p[0] == '\t'))
        s = byo_strn(s.p + 1, s.n - 1);
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == 0 || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

static bool all_digits(ByoStr s, int base)
{
    for (size_t i = 0; i < s.n; i++) {
        int d = byo_hex_digit(s.p[i]);
        if (d < 0 || d >= base)
            return false;
    }
    return s.n > 0;
}

static bool has_0x(ByoStr s)
{
    return s.n > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X') &&
           all_digits(byo_strn(s.p + 2, s.n - 2), 16);
}

/* Off with "0x" before hexadecimal digits, and with leading zeros. The bare form of a bare form is itself. */
static ByoStr bare(ByoStr s)
{
    s = trimmed(s);
    while (s.n > 1 && s.p[0] == '0' && trimmed(byo_strn(s.p + 1, s.n - 1)).p == s.p + 1) {
        size_t off = has_0x(s) ? 2 : 1;
        s = byo_strn(s.p + off, s.n - off);
    }
    return s;
}

void byo_msgid_loose(ByoStr id, ByoBuf *out)
{
    ByoStr s = bare(id);

    byo_buf_clear(out);
    byo_buf_need(out, s.n);
    for (size_t i = 0; i < s.n; i++)
        byo_buf_addc(out, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i]);
}

/* The number of digits in `from`, written in base `to`, lower case; empty when it is too long. */
static ByoStr rewritten(ByoStr digits, int from, int to, char out[BYO_MSGID_FORM_MAX])
{
    unsigned char value[BYO_MSGID_FORM_MAX]; /* digits in base `to`, the lowest first */
    size_t n = 0;

    if (digits.n > BYO_MSGID_NUMBER_MAX)
        return BYO_STR_NONE;
    for (size_t i = 0; i < digits.n; i++) {
        int carry = byo_hex_digit(digits.p[i]);
        for (size_t k = 0; k < n; k++) {
            carry += value[k] * from;
            value[k] = (unsigned char)(carry % to);
            carry /= to;
        }
        for (; carry > 0; carry /= to)
            value[n++] = (unsigned char)(carry % to);
    }
    if (n > BYO_MSGID_NUMBER_MAX) /* the way back must be one, too */
        return BYO_STR_NONE;
    if (n == 0)
        value[n++] = 0;
    for (size_t k = 0; k < n; k++)
        out[k] = "0123456789abcdef"[value[n - 1 - k]];
    return byo_strn(out, n);
}

static void add_form(ByoMsgidForms *forms, ByoStr form)
{
    for (size_t i = 0; i < forms->n; i++)
        if (byo_str_eq(forms->form[i], form))
            return;
    if (form.n > 0)
        forms->form[forms->n++] = form;
}

void byo_msgid_forms(ByoStr id, ByoMsgidForms *forms)
{
    forms->n = 0;
    byo_msgid_loose(id, &forms->text);
    ByoStr text = byo_buf_str(&forms->text);
    add_form(forms, text);
    if (all_digits(text, 16))
        add_form(forms, rewritten(text, 16, 10, forms->number[0]));
    if (all_digits(text, 10))
        add_form(forms, rewritten(text, 10, 16, forms->number[1]));
}

void byo_msgid_forms_free(ByoMsgidForms *forms)
{
    byo_buf_free(&forms->text);
    forms->n = 0;
}

ByoStr byo_msgid_exact(ByoStr id, int type, bool in_receipt, char number[BYO_MSGID_FORM_MAX])
{
    if (type < 0)
        return id;
    ByoStr digits = bare(id), decimal;
    bool hex = (type & (in_receipt ? 2 : 1)) || !all_digits(trimmed(id), 10);

    if (!all_digits(digits, hex ? 16 : 10))
        return id;
    decimal = rewritten(digits, hex ? 16 : 10, 10, number);
    return decimal.n ? decimal : id;
}

/* The digits of an address; false: it has other characters than a number's, or too many. */
static bool digits_of(ByoStr s, char out[32], size_t *n_r)
{
    size_t n = 0;

    s = trimmed(s);
    if (s.n > 2 && s.p[0] == '0' && s.p[1] == '0')
        s = byo_strn(s.p + 2, s.n - 2);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '+' || s.p[i] == ' ' || s.p[i] == '-')
            continue;
        if (s.p[i] < '0' || s.p[i] > '9' || n == 31)
            return false;
        out[n++] = s.p[i];
    }
    *n_r = n;
    return n > 0;
}

static bool ends_in(const char *whole, size_t n, const char *part, size_t m)
{
    while (m > 0 && part[0] == '0')
        part++, m--;
    return m >= NATIONAL_MIN && m <= n && memcmp(whole + n - m, part, m) == 0;
}

bool byo_msgid_same_address(ByoStr written, ByoStr kept)
{
    char a[32], b[32];
    size_t n, m;

    if (!digits_of(written, a, &n) || !digits_of(kept, b, &m))
        return trimmed(written).n > 0 && byo_str_ieq(trimmed(written), trimmed(kept));
    return (n == m && memcmp(a, b, n) == 0) || ends_in(b, m, a, n) || ends_in(a, n, b, m);
}
