/* SPDX-License-Identifier: BSD-3-Clause
 * The national language tables at work.
 * Ownership and threads: national.h. */
#include "encoding/national.h"

#include "encoding/encode.h"

#define ESC 0x1B

typedef struct {
    uint8_t septet;
    uint16_t scalar;
} ByoSingleShift;

typedef struct {
    const char *name;
    const uint16_t *locking; /* 128 cells, or NULL */
    const ByoSingleShift *single;
    size_t n_single;
} ByoNational;

#include "encoding/national_tables.h"

_Static_assert(COUNT(nationals) == BYO_NATIONALS, "one row a language");

const char *byo_national_name(unsigned language)
{
    return language >= 1 && language <= BYO_NATIONALS ? nationals[language - 1].name : NULL;
}

unsigned byo_national_find(ByoStr name)
{
    for (unsigned i = 1; i <= BYO_NATIONALS; i++)
        if (byo_str_is(name, nationals[i - 1].name))
            return i;
    return 0;
}

bool byo_national_locks(unsigned language)
{
    return byo_national_name(language) && nationals[language - 1].locking;
}

/* What a septet means in the locking table; 0: nothing. */
static uint16_t locked(unsigned language, unsigned septet)
{
    return byo_national_locks(language) ? nationals[language - 1].locking[septet] : byo_gsm0338_basic(septet);
}

static uint16_t shifted(unsigned language, unsigned septet)
{
    if (!byo_national_name(language))
        return byo_gsm0338_extension(septet);
    const ByoNational *n = &nationals[language - 1];
    for (size_t i = 0; i < n->n_single; i++)
        if (n->single[i].septet == septet)
            return n->single[i].scalar;
    return 0;
}

bool byo_national_shifts(unsigned language, unsigned septet)
{
    return byo_national_name(language) && shifted(language, septet) != 0;
}

ByoCharsetTable *byo_national_table(unsigned locking, unsigned single)
{
    ByoCharsetTable *t = byo_table_new();

    /* The last one added is the one written: the lower of two equal cells, and a septet rather than two. */
    for (unsigned i = 128; i-- > 0;)
        if (shifted(single, i))
            byo_table_add(t, shifted(single, i), (unsigned char[]){ESC, (unsigned char)i}, 2);
    for (unsigned i = 128; i-- > 0;)
        if (i != ESC && locked(locking, i))
            byo_table_add(t, locked(locking, i), (unsigned char[]){(unsigned char)i}, 1);
    byo_table_finish(t);
    return t;
}

size_t byo_national_decode(unsigned locking, unsigned single, ByoStr septets, ByoBuf *utf8)
{
    const unsigned char *p = (const unsigned char *)septets.p;
    size_t bad = 0;

    for (size_t i = 0; i < septets.n; i++) {
        uint16_t scalar = 0;
        if (p[i] == ESC && i + 1 < septets.n && p[i + 1] < 128) {
            i++;
            scalar = shifted(single, p[i]);
        }
        if (!scalar && p[i] < 128 && p[i] != ESC)
            scalar = locked(locking, p[i]);
        bad += scalar == 0;
        byo_utf8_add(utf8, scalar ? scalar : 0xFFFD);
    }
    return bad;
}

void byo_national_of_udh(ByoStr udh, unsigned *locking_r, unsigned *single_r)
{
    const unsigned char *p = (const unsigned char *)udh.p;

    *locking_r = *single_r = 0;
    if (!byo_udh_check(udh, NULL, NULL, NULL))
        return;
    for (size_t i = 1; i < udh.n; i += 2u + p[i + 1]) {
        if (p[i + 1] != 1 || !byo_national_name(p[i + 2]))
            continue;
        if (p[i] == BYO_IEI_SINGLE_SHIFT)
            *single_r = p[i + 2];
        else if (p[i] == BYO_IEI_LOCKING_SHIFT && byo_national_locks(p[i + 2]))
            *locking_r = p[i + 2];
    }
}
