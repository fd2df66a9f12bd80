/* SPDX-License-Identifier: BSD-3-Clause
 * Ownership and threads: text.h. */
#include "base/text.h"

enum { WORD_MAX = 64 };

/* ---- UTF-8 ---- */

size_t byo_utf8_octets(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t octets = u[0] < 0x80   ? 1
                    : u[0] < 0xc2 ? 0
                    : u[0] < 0xe0 ? 2
                    : u[0] < 0xf0 ? 3
                    : u[0] < 0xf5 ? 4
                                  : 0;
    if (octets <= 1 || octets > n)
        return octets == 1;
    /* what the second octet may be: no longer form than needed, no surrogate, nothing over U+10FFFF */
    unsigned low = u[0] == 0xe0 ? 0xa0 : u[0] == 0xf0 ? 0x90 : 0x80;
    unsigned high = u[0] == 0xed ? 0x9f : u[0] == 0xf4 ? 0x8f : 0xbf;
    if (u[1] < low || u[1] > high)
        return 0;
    for (size_t i = 2; i < octets; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    return octets;
}

bool byo_utf8_valid(ByoStr s)
{
    for (size_t i = 0, n; i < s.n; i += n) {
        uint64_t eight = UINT64_MAX;
        if (s.n - i >= 8) /* most texts are ASCII: eight at once */
            memcpy(&eight, s.p + i, 8);
        n = eight & 0x8080808080808080u ? byo_utf8_octets(s.p + i, s.n - i) : 8;
        if (n == 0)
            return false;
    }
    return true;
}

ByoStr byo_utf8_cut(ByoStr s, size_t most)
{
    if (s.n <= most)
        return s;
    while (most > 0 && ((unsigned char)s.p[most] & 0xc0) == 0x80)
        most--;
    return byo_strn(s.p, most);
}

size_t byo_utf8_put(uint32_t scalar, char out[4])
{
    size_t n = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; scalar >>= 6)
        out[i] = (char)(0x80 | (scalar & 0x3f));
    out[0] = (char)(lead[n] | scalar);
    return n;
}

void byo_utf8_add(ByoBuf *out, uint32_t scalar)
{
    char octets[4];
    byo_buf_add(out, octets, byo_utf8_put(scalar, octets));
}

bool byo_hex_value(ByoStr s, uint64_t *value_r)
{
    uint64_t value = 0;
    for (size_t i = 0; i < s.n; i++) {
        int digit = byo_hex_digit(s.p[i]);
        if (digit < 0 || value > UINT64_MAX >> 4)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    *value_r = value;
    return s.n > 0;
}

/* ---- words ---- */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits from one word to the other; both of at most WORD_MAX octets. */
static unsigned distance(ByoStr a, ByoStr b)
{
    unsigned rows[3][WORD_MAX + 1], *before = rows[0], *prev = rows[1], *cur = rows[2];
    for (unsigned k = 0; k <= b.n; k++)
        prev[k] = k;
    for (size_t i = 0; i < a.n; i++) {
        cur[0] = (unsigned)i + 1;
        for (size_t k = 0; k < b.n; k++) {
            bool differ = byo_lower(a.p[i]) != byo_lower(b.p[k]);
            cur[k + 1] = least(prev[k] + differ, least(prev[k + 1], cur[k]) + 1);
            if (i && k && byo_lower(a.p[i]) == byo_lower(b.p[k - 1]) &&
                byo_lower(a.p[i - 1]) == byo_lower(b.p[k]))
                cur[k + 1] = least(cur[k + 1], before[k - 1] + 1);
        }
        unsigned *spare = before;
        before = prev;
        prev = cur;
        cur = spare;
    }
    return prev[b.n];
}

const char *byo_nearest(ByoStr word, const char *const *names, size_t n)
{
    const char *best = NULL;
    unsigned limit = word.n < 6 ? 2 : least((unsigned)word.n / 3, 4);
    if (word.n == 0 || word.n > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        ByoStr name = byo_str(names[i]);
        unsigned d = name.n <= WORD_MAX ? distance(word, name) : WORD_MAX;
        if (d < name.n && (best ? d < limit : d <= limit)) {
            best = names[i];
            limit = d;
        }
    }
    return best;
}
