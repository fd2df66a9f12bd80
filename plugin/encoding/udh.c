/* SPDX-License-Identifier: BSD-3-Clause
 * User data headers (3GPP TS 23.040 9.2.3.24): the concatenation element we write, and whether somebody
 * else's header holds together.
 * Threads: values. */
#include "encoding/encode.h"

#define IEI_CONCAT_8 0x00
#define IEI_CONCAT_16 0x08
#define USER_DATA_MAX 140 /* octets, header included (9.2.3.16) */

size_t byo_udh_concat(unsigned char out[7], int reference_bits, unsigned reference, unsigned total,
                      unsigned number)
{
    size_t n = 0;

    if (reference_bits == 16) {
        out[n++] = 6;
        out[n++] = IEI_CONCAT_16;
        out[n++] = 4;
        out[n++] = (unsigned char)(reference >> 8);
    } else {
        out[n++] = 5;
        out[n++] = IEI_CONCAT_8;
        out[n++] = 3;
    }
    out[n++] = (unsigned char)reference;
    out[n++] = (unsigned char)total;
    out[n++] = (unsigned char)number;
    return n;
}

bool byo_udh_check(ByoStr udh, unsigned *reference_r, unsigned *total_r, unsigned *number_r)
{
    const unsigned char *p = (const unsigned char *)udh.p;
    unsigned reference = 0, total = 0, number = 0;
    size_t i = 1;

    if (udh.n == 0 || udh.n > USER_DATA_MAX || (size_t)p[0] + 1 != udh.n)
        return false;
    while (i < udh.n) {
        if (udh.n - i < 2 || udh.n - i - 2 < p[i + 1])
            return false;
        const unsigned char *data = p + i + 2;
        bool concat_8 = p[i] == IEI_CONCAT_8 && p[i + 1] == 3;
        bool concat_16 = p[i] == IEI_CONCAT_16 && p[i + 1] == 4;
        if (concat_8 || concat_16) {
            unsigned last = data[p[i + 1] - 1u], all = data[p[i + 1] - 2u];
            /* 9.2.3.24.1: an impossible count or number means the element is ignored; of several
             * the last one holds. */
            if (all > 0 && last > 0 && last <= all) {
                reference = concat_8 ? data[0] : (unsigned)data[0] << 8 | data[1];
                total = all;
                number = last;
            }
        }
        i += 2u + p[i + 1];
    }
    if (reference_r)
        *reference_r = reference;
    if (total_r)
        *total_r = total;
    if (number_r)
        *number_r = number;
    return true;
}
