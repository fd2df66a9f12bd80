/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as a user data header: nothing is read beyond them, what counts as a concatenation is a possible
 * one, and what we write ourselves is read back.
 * Threads: none. */
#include <stdlib.h>

#include "encoding/encode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned reference = 0, total = 0, number = 0, again_reference, again_total, again_number;
    char *exact = malloc(size ? size : 1); /* so that a read past the end is seen */
    unsigned char ours[BYO_UDH_MAX];

    memcpy(exact, data, size);
    if (byo_udh_check(byo_strn(exact, size), &reference, &total, &number)) {
        need(size >= 1 && size <= 140 && data[0] == size - 1);
        need(total == 0 ? number == 0 && reference == 0 : number >= 1 && number <= total && total <= 255);
    }
    if (total > 0) {
        int bits = reference > 255 ? 16 : 8;
        ByoUdh udh = {.reference_bits = bits, .reference = reference, .total = total, .number = number};
        size_t n = byo_udh_write(&udh, ours);
        need(byo_udh_check(byo_strn((char *)ours, n), &again_reference, &again_total, &again_number));
        need(again_reference == reference && again_total == total && again_number == number);
    }
    free(exact);
    return 0;
}
