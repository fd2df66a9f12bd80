/* SPDX-License-Identifier: BSD-3-Clause
 * ASCII and the parts 1 (Latin), 5 (Cyrillic) and 8 (Hebrew) of ISO/IEC 8859, with both control areas.
 * Threads: values. */
#include "encoding/charset_table.h"

static void add(ByoCharsetTable *t, unsigned octet, uint32_t scalar)
{
    byo_table_add(t, scalar, (unsigned char[]){(unsigned char)octet}, 1);
}

/* Octets first..last stand for scalar, scalar + 1, ... */
static void add_run(ByoCharsetTable *t, unsigned first, unsigned last, uint32_t scalar)
{
    for (unsigned octet = first; octet <= last; octet++)
        add(t, octet, scalar + (octet - first));
}

ByoCharsetTable *byo_ascii_table(void)
{
    ByoCharsetTable *t = byo_table_new();

    add_run(t, 0x00, 0x7F, 0x00);
    byo_table_finish(t);
    return t;
}

ByoCharsetTable *byo_iso8859_1_table(void)
{
    ByoCharsetTable *t = byo_table_new();

    add_run(t, 0x00, 0xFF, 0x00);
    byo_table_finish(t);
    return t;
}

ByoCharsetTable *byo_iso8859_5_table(void)
{
    ByoCharsetTable *t = byo_table_new();

    add_run(t, 0x00, 0xA0, 0x00);
    add_run(t, 0xA1, 0xAC, 0x0401);
    add(t, 0xAD, 0x00AD); /* soft hyphen */
    add_run(t, 0xAE, 0xEF, 0x040E);
    add(t, 0xF0, 0x2116); /* numero sign */
    add_run(t, 0xF1, 0xFC, 0x0451);
    add(t, 0xFD, 0x00A7); /* section sign */
    add_run(t, 0xFE, 0xFF, 0x045E);
    byo_table_finish(t);
    return t;
}

ByoCharsetTable *byo_iso8859_8_table(void)
{
    ByoCharsetTable *t = byo_table_new();

    add_run(t, 0x00, 0xA0, 0x00);
    add_run(t, 0xA2, 0xA9, 0xA2);
    add(t, 0xAA, 0x00D7); /* multiplication sign */
    add_run(t, 0xAB, 0xB9, 0xAB);
    add(t, 0xBA, 0x00F7); /* division sign */
    add_run(t, 0xBB, 0xBE, 0xBB);
    add(t, 0xDF, 0x2017); /* double low line */
    add_run(t, 0xE0, 0xFA, 0x05D0);
    add_run(t, 0xFD, 0xFE, 0x200E); /* left-to-right, right-to-left mark */
    byo_table_finish(t);
    return t;
}
