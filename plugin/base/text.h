/* SPDX-License-Identifier: BSD-3-Clause
 * Characters: UTF-8 (RFC 3629, strictly), hex digits, and the word that was probably meant.
 * Ownership: borrows. Threads: values. */
#ifndef BYO_BASE_TEXT_H
#define BYO_BASE_TEXT_H

#include "base/str.h"

/* Octets of the character at p (1..4), 0 when it is none or not whole; n > 0. */
size_t byo_utf8_octets(const char *p, size_t n);
bool byo_utf8_valid(ByoStr s);
/* The longest part from the start that has at most `most` octets and does not end inside a character. */
ByoStr byo_utf8_cut(ByoStr s, size_t most);
/* Writes a scalar (U+0000..U+10FFFF); how many octets. */
size_t byo_utf8_put(uint32_t scalar, char out[4]);
void byo_utf8_add(ByoBuf *out, uint32_t scalar);

/* The scalar at *pos, which moves behind it. The text must be valid and *pos before its end. */
static inline uint32_t byo_utf8_step(const unsigned char *p, size_t *pos)
{
    const unsigned char *q = p + *pos;
    if (q[0] < 0x80) {
        *pos += 1;
        return q[0];
    }
    if (q[0] < 0xE0) {
        *pos += 2;
        return (uint32_t)(q[0] & 0x1F) << 6 | (q[1] & 0x3Fu);
    }
    if (q[0] < 0xF0) {
        *pos += 3;
        return (uint32_t)(q[0] & 0x0F) << 12 | (uint32_t)(q[1] & 0x3F) << 6 | (q[2] & 0x3Fu);
    }
    *pos += 4;
    return (uint32_t)(q[0] & 0x07) << 18 | (uint32_t)(q[1] & 0x3F) << 12 | (uint32_t)(q[2] & 0x3F) << 6 |
           (q[3] & 0x3Fu);
}
static inline uint32_t byo_utf8_next(ByoStr s, size_t *pos)
{
    return byo_utf8_step((const unsigned char *)s.p, pos);
}

/* Octets of the control character at p: U+0000..U+001F, U+007F..U+009F; 0: it is none. The text is valid, and a zero ends it. */
static inline size_t byo_utf8_control(const char *p)
{
    unsigned char c = (unsigned char)*p;
    return c < 0x20 || c == 0x7f ? 1 : c == 0xc2 && (unsigned char)p[1] < 0xa0 ? 2 : 0;
}

/* 0 to 15, of either letter case; -1: none. */
static inline int byo_hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Hex digits only, at least one, in 64 bits; false: they are not. */
bool byo_hex_value(ByoStr s, uint64_t *value_r);

/* The name closest to a word that is none of them (insert, delete, change, swap of neighbours), letter case ignored;
 * NULL when none is close enough to be meant. */
const char *byo_nearest(ByoStr word, const char *const *names, size_t n);

#endif
