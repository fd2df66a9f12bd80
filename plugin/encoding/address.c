/* SPDX-License-Identifier: BSD-3-Clause
 * Digits out of numbers as people, applications and carriers write them; a submit_sm's addresses (spec P3-P8).
 * Threads: values. */
#include "encoding/address.h"

#include "encoding/charset.h"

enum { DIGITS_MAX = BYO_ADDRESS_MAX - 2 };

static bool is_separator(uint32_t c, ByoManner manner)
{
    switch (c) {
    case ' ':
    case '-':
    case 0x00A0: /* no-break space */
    case 0x202F: /* narrow no-break space */
    case 0x2212: /* minus sign */
    case 0x3000: /* ideographic space */
    case 0xFF0D: /* full-width hyphen-minus */
        return manner != BYO_MANNER_WIRE;
    case '.':
    case '(':
    case ')':
    case 0xFF08: /* full-width parentheses, full stop */
    case 0xFF09:
    case 0xFF0E:
        return manner == BYO_MANNER_PEOPLE;
    default:
        return manner != BYO_MANNER_WIRE && c >= 0x2010 && c <= 0x2015; /* hyphens and dashes */
    }
}

static bool is_open(uint32_t c)
{
    return c == '(' || c == 0xFF08;
}

static bool is_close(uint32_t c)
{
    return c == ')' || c == 0xFF09;
}

/* Nothing but digits behind an optional '+': nearly all there is. */
static bool read_plain(ByoStr s, ByoWritten *w)
{
    size_t at = s.n > 0 && s.p[0] == '+' ? 1 : 0;

    w->international = at == 1;
    w->n = s.n - at;
    if (w->n == 0 || w->n > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < w->n; i++) {
        if (s.p[at + i] < '0' || s.p[at + i] > '9')
            return false;
        w->digits[i] = s.p[at + i];
    }
    return true;
}

static bool read_signs(ByoStr s, ByoManner manner, ByoWritten *w)
{
    size_t pos = 0, opened_at = SIZE_MAX;

    w->n = 0;
    w->international = false;
    if (!s.p || !byo_utf8_valid(s))
        return false;
    while (pos < s.n) {
        uint32_t c = byo_utf8_next(s, &pos);
        if (manner == BYO_MANNER_PEOPLE && c >= 0xFF10 && c <= 0xFF19)
            c = c - 0xFF10 + '0';
        if (c >= '0' && c <= '9') {
            if (w->n >= DIGITS_MAX)
                return false;
            w->digits[w->n++] = (char)c;
        } else if (c == '+' || (manner == BYO_MANNER_PEOPLE && c == 0xFF0B)) {
            if (w->international || w->n > 0)
                return false;
            w->international = true;
        } else if (is_separator(c, manner)) {
            if (is_open(c))
                opened_at = w->n;
            else if (is_close(c) && opened_at != SIZE_MAX && w->n == opened_at + 1 &&
                     w->digits[opened_at] == '0')
                return false;
        } else {
            return false;
        }
    }
    return w->n > 0;
}

bool byo_address_written(ByoStr text, ByoManner manner, ByoWritten *w_r)
{
    if (!text.p || (!read_plain(text, w_r) && !read_signs(text, manner, w_r))) {
        *w_r = (ByoWritten){.n = 0};
        return false;
    }
    w_r->digits[w_r->n] = 0;
    if (!w_r->international && w_r->n > 2 && w_r->digits[0] == '0' && w_r->digits[1] == '0') {
        w_r->n -= 2;
        memmove(w_r->digits, w_r->digits + 2, w_r->n + 1);
        w_r->international = true;
    }
    return true;
}

static void copy_address(char out[BYO_ADDRESS_MAX], const char *z)
{
    size_t n = strnlen(z, BYO_ADDRESS_MAX - 1);

    memcpy(out, z, n);
    out[n] = 0;
}

void byo_address_mt(const ByoAddressRules *rules, const char *ours_is, const char *recipient,
                    ByoAddressOut *out)
{
    bool bare = ours_is[0] == '+' && !rules->outbound_plus_prefix;

    copy_address(out->source, ours_is + (bare ? 1 : 0));
    copy_address(out->destination, recipient + (recipient[0] == '+' ? 1 : 0));
    out->source_ton = rules->address_ton;
    out->source_npi = rules->address_npi;
    out->destination_ton = rules->destination_ton;
    out->destination_npi = rules->destination_npi;
}
