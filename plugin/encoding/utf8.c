/* SPDX-License-Identifier: BSD-3-Clause
 * UTF-16, strictly (RFC 2781), and what is left of a text that is no UTF-8.
 * Threads: values. */
#include "encoding/charset_table.h"

bool byo_utf16be_to_utf8(ByoStr octets, ByoBuf *utf8)
{
    const unsigned char *p = (const unsigned char *)octets.p;
    size_t before = utf8->n;

    if (octets.n % 2)
        return false;
    for (size_t i = 0; i < octets.n; i += 2) {
        uint32_t unit = (uint32_t)p[i] << 8 | p[i + 1];
        if (unit >= 0xD800 && unit <= 0xDFFF) {
            uint32_t low = octets.n - i >= 4 ? (uint32_t)p[i + 2] << 8 | p[i + 3] : 0;
            if (unit >= 0xDC00 || low < 0xDC00 || low > 0xDFFF)
                goto broken;
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        byo_utf8_add(utf8, unit);
    }
    return true;

broken:
    utf8->n = before;
    if (utf8->p)
        utf8->p[before] = 0;
    return false;
}

size_t byo_utf16_decode(ByoStr octets, bool little_endian, ByoBuf *utf8)
{
    const unsigned char *p = (const unsigned char *)octets.p;
    int high = little_endian, low = !little_endian;
    size_t bad = 0, i = 0;

    for (; i + 2 <= octets.n; i += 2) {
        uint32_t unit = (uint32_t)p[i + high] << 8 | p[i + low], next;
        if (unit == 0xFEFF && i == 0)
            continue; /* a byte order mark */
        if (unit >= 0xD800 && unit <= 0xDFFF) {
            next = octets.n - i >= 4 ? (uint32_t)p[i + 2 + high] << 8 | p[i + 2 + low] : 0;
            if (unit < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00);
                i += 2;
            } else {
                unit = 0xFFFD;
                bad++;
            }
        }
        byo_utf8_add(utf8, unit);
    }
    if (i < octets.n) {
        byo_utf8_add(utf8, 0xFFFD);
        bad++;
    }
    return bad;
}

/* Octets of the unit at p: a character, or as much of one as is there. */
static size_t unit_length(const unsigned char *p, size_t n)
{
    size_t want = p[0] < 0xC2 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 1, got = 1;

    while (got < want && got < n && (p[got] & 0xC0) == 0x80)
        got++;
    return got;
}

size_t byo_utf8_mend(ByoStr text, ByoBuf *utf8)
{
    size_t bad = 0;

    for (size_t i = 0, n; i < text.n; i += n) {
        n = unit_length((const unsigned char *)text.p + i, text.n - i);
        if (byo_utf8_octets(text.p + i, n) == n) {
            byo_buf_add(utf8, text.p + i, n);
        } else {
            byo_utf8_add(utf8, 0xFFFD);
            bad++;
        }
    }
    return bad;
}
