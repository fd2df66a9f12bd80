/* SPDX-License-Identifier: BSD-3-Clause
 * Readings of inbound octets.
 * Threads: values. */
#include "encoding/octets.h"

#include "encoding/encode.h"
#include "encoding/national.h"
#include "encoding/packed.h"

enum { USER_DATA = 140 };

ByoAlphabet byo_alphabet_of(unsigned dcs)
{
    if (dcs < 0x10) /* SMPP's own list; 0x02 and 0x04 are both octets there */
        return dcs == 0               ? BYO_ALPHABET_GSM
               : dcs == 2 || dcs == 4 ? BYO_ALPHABET_8BIT
               : dcs == 8             ? BYO_ALPHABET_UCS2
                                      : BYO_ALPHABET_OTHER;
    if (dcs < 0x80) {
        static const ByoAlphabet by_bits[] = {BYO_ALPHABET_GSM, BYO_ALPHABET_8BIT, BYO_ALPHABET_UCS2,
                                              BYO_ALPHABET_OTHER};
        return dcs & 0x20 ? BYO_ALPHABET_OTHER : by_bits[dcs >> 2 & 3];
    }
    if (dcs >= 0xF0)
        return dcs & 4 ? BYO_ALPHABET_8BIT : BYO_ALPHABET_GSM;
    if (dcs >= 0xE0)
        return BYO_ALPHABET_UCS2;
    return dcs >= 0xC0 ? BYO_ALPHABET_GSM : BYO_ALPHABET_OTHER;
}

/* Elements that may stand before a text: concatenation, message waiting, EMS formatting and objects in the text,
 * hyperlinks, reply address, voice mail, shift tables. */
static bool goes_with_text(unsigned iei)
{
    return iei == BYO_IEI_CONCAT_8 || iei == 0x01 || iei == BYO_IEI_CONCAT_16 ||
           (iei >= 0x0A && iei <= 0x1F) || (iei >= 0x21 && iei <= BYO_IEI_LOCKING_SHIFT);
}

bool byo_octets_may_guess(ByoStr udh)
{
    if (udh.n == 0)
        return true;
    if (!byo_udh_check(udh, NULL, NULL, NULL))
        return false;
    const unsigned char *p = (const unsigned char *)udh.p;
    for (size_t i = 1; i < udh.n; i += 2u + p[i + 1])
        if (!goes_with_text(p[i]))
            return false;
    return true;
}

size_t byo_octets_gsm(const ByoOctets *r, ByoBuf *text)
{
    unsigned locking, single;
    byo_national_of_udh(r->udh, &locking, &single);
    return byo_national_decode(locking, single, r->octets, text);
}

/* Letters, digits and blanks: the right way to join has more of them. */
static size_t plain_letters(ByoStr septets)
{
    size_t n = 0;
    for (size_t i = 0; i < septets.n; i++) {
        char c = septets.p[i];
        n += c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }
    return n;
}

static void unpack_parts(ByoStr octets, size_t udh_octets, ByoBuf *septets)
{
    size_t room = USER_DATA - udh_octets;
    for (size_t at = 0; at < octets.n; at += room) {
        size_t n = octets.n - at < room ? octets.n - at : room;
        byo_packed_read(byo_strn(octets.p + at, n), byo_packed_fill(udh_octets), septets);
    }
}

static void unpack(const ByoOctets *r, ByoBuf *septets)
{
    if (r->octets.n + r->udh.n <= USER_DATA || r->udh.n > USER_DATA / 2) {
        byo_packed_read(r->octets, byo_packed_fill(r->udh.n), septets);
        return;
    }
    ByoBuf other = {0};
    size_t rest = r->udh.n ? r->udh.n : 1; /* bearerbox took the element of 5 or 6 octets out */
    unpack_parts(r->octets, rest + 5, septets);
    unpack_parts(r->octets, rest + 6, &other);
    if (plain_letters(byo_buf_str(&other)) > plain_letters(byo_buf_str(septets))) {
        ByoBuf swap = *septets;
        *septets = other;
        other = swap;
    }
    byo_buf_free(&other);
}

size_t byo_octets_packed(const ByoOctets *r, ByoBuf *text)
{
    ByoBuf septets = {0};
    unpack(r, &septets);
    size_t bad = byo_octets_gsm(&(ByoOctets){.octets = byo_buf_str(&septets), .udh = r->udh}, text);
    byo_buf_free(&septets);
    return bad;
}

/* Stock bearerbox takes the header of a message of parts away, of a single one, too: it had six octets mostly. */
static void packed_behind_lost_header(const ByoOctets *r, ByoBuf *text)
{
    ByoBuf septets = {0};
    byo_packed_read(r->octets, byo_packed_fill(6), &septets);
    byo_national_decode(0, 0, byo_buf_str(&septets), text);
    byo_buf_free(&septets);
}

/* Text has no control characters: GSM's accented letters would be taken for some, and vanish. NUL may be padding. */
static bool has_controls(ByoStr octets, bool single_octets)
{
    for (size_t i = 0; i < octets.n; i++) {
        unsigned char c = (unsigned char)octets.p[i];
        if ((c < ' ' && c != 0 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F ||
            (single_octets && c >= 0x80 && c < 0xA0))
            return true;
    }
    return false;
}

static void latin1(ByoStr octets, ByoBuf *text)
{
    if (has_controls(octets, true))
        return;
    for (size_t i = 0; i < octets.n; i++)
        byo_utf8_add(text, (unsigned char)octets.p[i]);
}

static bool guess_narrow(const ByoOctets *r, unsigned n, ByoBuf *text)
{
    switch (n) {
    case 0:
        byo_octets_gsm(r, text);
        return true;
    case 1:
        latin1(r->octets, text);
        return true;
    case 2:
        byo_octets_packed(r, text);
        return true;
    case 3:
        if (byo_utf8_valid(r->octets) && !has_controls(r->octets, false))
            byo_buf_add(text, r->octets.p, r->octets.n);
        return true;
    case 4:
    case 5:
        byo_utf16_decode(r->octets, n == 5, text);
        return true;
    case 6:
        if (!r->udh.n)
            packed_behind_lost_header(r, text);
        return true;
    default:
        return false;
    }
}

static bool guess_ucs2(const ByoOctets *r, unsigned n, ByoBuf *text)
{
    ByoStr octets = r->octets;

    if (n < 2) {
        byo_utf16_decode(octets, n == 1, text);
        return true;
    }
    if (octets.n % 2 == 0)
        return false;
    if (n < 4) { /* one too much in front */
        byo_utf16_decode(byo_strn(octets.p + 1, octets.n - 1), n == 3, text);
        return true;
    }
    if (n > 5)
        return false;
    ByoBuf whole = {0}; /* a zero missing behind or in front */
    if (n == 5)
        byo_buf_addc(&whole, 0);
    byo_buf_add(&whole, octets.p, octets.n);
    if (n == 4)
        byo_buf_addc(&whole, 0);
    byo_utf16_decode(byo_buf_str(&whole), n == 4, text);
    byo_buf_free(&whole);
    return true;
}

bool byo_octets_guess(const ByoOctets *r, unsigned n, ByoBuf *text)
{
    byo_buf_clear(text);
    return r->ucs2 ? guess_ucs2(r, n, text) : guess_narrow(r, n, text);
}

bool byo_octets_septets(ByoStr utf8, unsigned single, ByoBuf *septets)
{
    static const ByoStr name = {"GSM_0338", 8};
    ByoBuf plain = {0};

    if (!byo_utf8_valid(utf8) || !byo_charset_encode(byo_charset_find(name), utf8, &plain, NULL)) {
        byo_buf_free(&plain);
        return false;
    }
    for (size_t i = 0; i < plain.n; i++) {
        bool shift = plain.p[i] == '?' && i + 1 < plain.n &&
                     !byo_gsm0338_extension((unsigned char)plain.p[i + 1]) &&
                     byo_national_shifts(single, (unsigned char)plain.p[i + 1]);
        byo_buf_addc(septets, shift ? 0x1B : plain.p[i]);
    }
    byo_buf_free(&plain);
    return true;
}
