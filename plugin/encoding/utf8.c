/* SPDX-License-Identifier: BSD-3-Clause
 * UTF-8 and UTF-16BE, strictly (RFC 3629, RFC 2781).
 * Threads: values. */
#include "encoding/charset_table.h"

bool byo_utf8_valid(ByoStr s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t i = 0;

    while (i < s.n) {
        if (s.n - i >= 8) { /* most texts are ASCII: eight at once */
            uint64_t eight;
            memcpy(&eight, p + i, 8);
            if (!(eight & 0x8080808080808080u)) {
                i += 8;
                continue;
            }
        }
        unsigned char c = p[i];
        unsigned more, low = 0x80, high = 0xBF; /* what the second octet may be (RFC 3629 4) */
        if (c < 0x80) {
            i++;
            continue;
        } else if (c >= 0xC2 && c <= 0xDF) {
            more = 1;
        } else if (c >= 0xE0 && c <= 0xEF) {
            more = 2;
            if (c == 0xE0)
                low = 0xA0;
            else if (c == 0xED)
                high = 0x9F;
        } else if (c >= 0xF0 && c <= 0xF4) {
            more = 3;
            if (c == 0xF0)
                low = 0x90;
            else if (c == 0xF4)
                high = 0x8F;
        } else {
            return false;
        }
        if (s.n - i <= more || p[i + 1] < low || p[i + 1] > high)
            return false;
        for (unsigned k = 2; k <= more; k++)
            if ((p[i + k] & 0xC0) != 0x80)
                return false;
        i += more + 1;
    }
    return true;
}

uint32_t byo_utf8_next(ByoStr s, size_t *pos)
{
    return byo_utf8_step((const unsigned char *)s.p, pos);
}

void byo_utf8_add(ByoBuf *out, uint32_t scalar)
{
    unsigned char b[4];
    size_t n;

    if (scalar < 0x80) {
        b[0] = (unsigned char)scalar;
        n = 1;
    } else if (scalar < 0x800) {
        b[0] = (unsigned char)(0xC0 | scalar >> 6);
        b[1] = (unsigned char)(0x80 | (scalar & 0x3F));
        n = 2;
    } else if (scalar < 0x10000) {
        b[0] = (unsigned char)(0xE0 | scalar >> 12);
        b[1] = (unsigned char)(0x80 | (scalar >> 6 & 0x3F));
        b[2] = (unsigned char)(0x80 | (scalar & 0x3F));
        n = 3;
    } else {
        b[0] = (unsigned char)(0xF0 | scalar >> 18);
        b[1] = (unsigned char)(0x80 | (scalar >> 12 & 0x3F));
        b[2] = (unsigned char)(0x80 | (scalar >> 6 & 0x3F));
        b[3] = (unsigned char)(0x80 | (scalar & 0x3F));
        n = 4;
    }
    byo_buf_add(out, b, n);
}

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
        if (byo_utf8_valid(byo_strn(text.p + i, n))) {
            byo_buf_add(utf8, text.p + i, n);
        } else {
            byo_utf8_add(utf8, 0xFFFD);
            bad++;
        }
    }
    return bad;
}
