/* SPDX-License-Identifier: BSD-3-Clause
 * Packing and unpacking.
 * Threads: values. */
#include "encoding/packed.h"

#define CR 0x0D

unsigned byo_packed_fill(size_t udh_octets)
{
    return (unsigned)((7 - udh_octets * 8 % 7) % 7);
}

/* What a last CR is for: seven bits are left, or the text's own CR ends on the last bit (TS 23.038 6.1.2.3.1). */
static bool wants_cr(ByoStr septets, unsigned bits)
{
    return septets.n > 0 && (bits == 1 || (bits == 0 && (septets.p[septets.n - 1] & 0x7F) == CR));
}

void byo_packed_write(ByoStr septets, unsigned fill, ByoBuf *octets)
{
    unsigned bits = fill, kept = 0; /* `bits` of `kept` are not written yet */

    for (size_t i = 0; i < septets.n || (i == septets.n && wants_cr(septets, bits)); i++) {
        kept |= (i < septets.n ? (unsigned char)septets.p[i] & 0x7Fu : CR) << bits;
        bits += 7;
        if (bits >= 8) {
            byo_buf_addc(octets, (char)kept);
            kept >>= 8;
            bits -= 8;
        }
    }
    if (bits > 0 && septets.n > 0)
        byo_buf_addc(octets, (char)kept);
}

/* Whether the last of n septets is only there because octets are counted. */
static bool is_padding(const char *septets, size_t n, size_t bits)
{
    if (n == 0)
        return false;
    if (bits == n * 7)
        return septets[n - 1] == CR || septets[n - 1] == 0;
    return n > 1 && bits == n * 7 + 1 && septets[n - 1] == CR && septets[n - 2] == CR;
}

void byo_packed_read(ByoStr octets, unsigned fill, ByoBuf *septets)
{
    size_t all = octets.n * 8, before = septets->n;

    for (size_t at = fill; at + 7 <= all; at += 7) {
        unsigned two = (unsigned char)octets.p[at / 8];
        if (at / 8 + 1 < octets.n)
            two |= (unsigned)(unsigned char)octets.p[at / 8 + 1] << 8;
        byo_buf_addc(septets, (char)(two >> at % 8 & 0x7F));
    }
    if (septets->n > before && is_padding(septets->p + before, septets->n - before, all - fill))
        septets->p[--septets->n] = 0;
}
