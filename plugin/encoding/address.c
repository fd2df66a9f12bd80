/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers as people, applications and carriers write them, into E.164 and back (spec P3-P8, N2, 7).
 * Nothing is guessed: what has two readings is refused.
 * Threads: values. */
#include "encoding/address.h"

#include "encoding/charset.h"

enum { E164_MIN = 7, E164_MAX = 15, SHORT_MIN = 5, SHORT_MAX = 6 };

/* A number read sign by sign. */
typedef struct {
    char digits[BYO_ADDRESS_MAX];
    size_t n;
    bool plus;
} Reading;

/* How it may be written. */
typedef enum {
    BARE,      /* digits and '+' */
    SPACED,    /* spaces and dashes as well */
    BY_PEOPLE, /* dots, parentheses and full-width forms as well */
} Manner;

static bool is_separator(uint32_t c, Manner manner)
{
    switch (c) {
    case ' ':
    case '-':
    case 0x00A0: /* no-break space */
    case 0x202F: /* narrow no-break space */
    case 0x2212: /* minus sign */
    case 0x3000: /* ideographic space */
    case 0xFF0D: /* full-width hyphen-minus */
        return manner != BARE;
    case '.':
    case '(':
    case ')':
    case 0xFF08: /* full-width parentheses, full stop */
    case 0xFF09:
    case 0xFF0E:
        return manner == BY_PEOPLE;
    default:
        return manner != BARE && c >= 0x2010 && c <= 0x2015; /* hyphens and dashes */
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

/* Digits, with '+' before the first of them. False: anything else, no
 * digit, too many, or a "(0)": it is dialled at home and left out from abroad, so the digits as they
 * stand are another number. */
static bool read_number(ByoStr s, Manner manner, Reading *r)
{
    size_t pos = 0, opened_at = SIZE_MAX;

    *r = (Reading){.n = 0};
    if (!s.p || !byo_utf8_valid(s))
        return false;
    while (pos < s.n) {
        uint32_t c = byo_utf8_next(s, &pos);
        if (manner == BY_PEOPLE && c >= 0xFF10 && c <= 0xFF19)
            c = c - 0xFF10 + '0';
        if (c >= '0' && c <= '9') {
            if (r->n >= E164_MAX + 2) /* two for "00" */
                return false;
            r->digits[r->n++] = (char)c;
        } else if (c == '+' || (manner == BY_PEOPLE && c == 0xFF0B)) {
            if (r->plus || r->n > 0)
                return false;
            r->plus = true;
        } else if (is_separator(c, manner)) {
            if (is_open(c))
                opened_at = r->n;
            else if (is_close(c) && opened_at != SIZE_MAX && r->n == opened_at + 1 &&
                     r->digits[opened_at] == '0')
                return false;
        } else {
            return false;
        }
    }
    r->digits[r->n] = 0;
    return r->n > 0;
}

/* Takes an international "00" off; says whether E.164 digits are left. No country code begins with 0. */
static bool international(Reading *r)
{
    if (!r->plus && r->n > 2 && r->digits[0] == '0' && r->digits[1] == '0') {
        r->n -= 2;
        memmove(r->digits, r->digits + 2, r->n + 1);
        r->plus = true;
    }
    return r->n >= E164_MIN && r->n <= E164_MAX && r->digits[0] != '0';
}

static void put_e164(const Reading *r, char *out)
{
    out[0] = '+';
    memcpy(out + 1, r->digits, r->n + 1);
}

static bool phone(ByoStr typed, Manner manner, char e164_r[BYO_ADDRESS_MAX])
{
    Reading r;

    e164_r[0] = 0;
    if (!read_number(typed, manner, &r) || !international(&r))
        return false;
    put_e164(&r, e164_r);
    return true;
}

bool byo_address_recipient(ByoStr typed, char e164_r[BYO_ADDRESS_MAX])
{
    return phone(typed, SPACED, e164_r);
}

bool byo_address_phone(ByoStr typed, char e164_r[BYO_ADDRESS_MAX])
{
    return phone(typed, BY_PEOPLE, e164_r);
}

/* One of our numbers: a short code, with or without a '+' a carrier put there, or E.164. */
static bool ours(Reading *r)
{
    return (r->n >= SHORT_MIN && r->n <= SHORT_MAX) || international(r);
}

bool byo_address_digits(ByoStr typed, char digits_r[BYO_ADDRESS_MAX])
{
    Reading r;

    digits_r[0] = 0;
    if (!read_number(typed, BY_PEOPLE, &r) || !ours(&r))
        return false;
    memcpy(digits_r, r.digits, r.n + 1);
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

bool byo_address_mo(const ByoAddressRules *rules, ByoStr sender, ByoStr receiver, ByoAddressIn *in_r)
{
    Reading r;

    *in_r = (ByoAddressIn){.sender_is_phone = false};
    if (sender.n >= sizeof in_r->sender)
        return false;
    if (read_number(sender, BARE, &r) && international(&r)) {
        put_e164(&r, in_r->sender);
        in_r->sender_is_phone = true;
    } else if (sender.n > 0) {
        memcpy(in_r->sender, sender.p, sender.n);
    }
    if (!read_number(receiver, BARE, &r))
        return false;
    bool written_so = r.plus || (r.n > 2 && r.digits[0] == '0' && r.digits[1] == '0');
    if (!ours(&r))
        return false;
    memcpy(in_r->our_digits, r.digits, r.n + 1);
    in_r->ours_international = r.n >= E164_MIN && (written_so || !rules->inbound_plus_prefix);
    return true;
}
