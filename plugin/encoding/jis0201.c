/* SPDX-License-Identifier: BSD-3-Clause
 * JIS X 0201 in 8 bits: the Roman set (0x5C is the yen sign, 0x7E the overline; so backslash and tilde are
 * not there), the half-width Katakana set at 0xA1..0xDF, and the C0 controls.
 * Threads: values. */
#include "encoding/charset_table.h"

ByoCharsetTable *byo_jis0201_table(void)
{
    ByoCharsetTable *t = byo_table_new();

    for (unsigned i = 0; i < 128; i++) {
        uint32_t scalar = i == 0x5C ? 0x00A5 : i == 0x7E ? 0x203E : i;
        byo_table_add(t, scalar, (unsigned char[]){(unsigned char)i}, 1);
    }
    for (unsigned i = 0xA1; i <= 0xDF; i++)
        byo_table_add(t, 0xFF61 + (i - 0xA1), (unsigned char[]){(unsigned char)i}, 1);
    byo_table_finish(t);
    return t;
}
