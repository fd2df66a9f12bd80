/* SPDX-License-Identifier: BSD-3-Clause
 * User data headers (3GPP TS 23.040 9.2.3.24): the elements we write, and whether somebody
 * else's header holds together.
 * Threads: values. */
#include "encoding/encode.h"

#define USER_DATA_MAX 140 /* octets, header included (9.2.3.16) */

static size_t element(unsigned char *out, size_t n, int iei, const unsigned char *data, size_t length)
{
    if (out) {
        out[n] = (unsigned char)iei;
        out[n + 1] = (unsigned char)length;
        memcpy(out + n + 2, data, length);
    }
    return n + 2 + length;
}

size_t byo_udh_write(const ByoUdh *udh, unsigned char *out)
{
    size_t n = 1;

    if (udh->own.n > 1) {
        if (out)
            memcpy(out, udh->own.p, udh->own.n);
        n = udh->own.n;
    }
    unsigned char concat[] = {(unsigned char)(udh->reference >> 8), (unsigned char)udh->reference,
                              (unsigned char)udh->total, (unsigned char)udh->number};
    if (udh->reference_bits == 16)
        n = element(out, n, BYO_IEI_CONCAT_16, concat, 4);
    else if (udh->reference_bits)
        n = element(out, n, BYO_IEI_CONCAT_8, concat + 1, 3);
    if (udh->single)
        n = element(out, n, BYO_IEI_SINGLE_SHIFT, (unsigned char[]){(unsigned char)udh->single}, 1);
    if (udh->locking)
        n = element(out, n, BYO_IEI_LOCKING_SHIFT, (unsigned char[]){(unsigned char)udh->locking}, 1);
    if (n == 1)
        return 0;
    if (out)
        out[0] = (unsigned char)(n - 1);
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
        bool concat_8 = p[i] == BYO_IEI_CONCAT_8 && p[i + 1] == 3;
        bool concat_16 = p[i] == BYO_IEI_CONCAT_16 && p[i + 1] == 4;
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
