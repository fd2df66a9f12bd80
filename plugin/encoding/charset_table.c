/* SPDX-License-Identifier: BSD-3-Clause
 * Building and comparing charset tables.
 * Ownership: the builder owns a table until the registry takes it. Threads: one builder a table. */
#include "encoding/charset_table.h"

#include <stdlib.h>

ByoCharsetTable *byo_table_new(void)
{
    ByoCharsetTable *t = byo_zalloc(sizeof *t);
    for (size_t i = 0; i < 256; i++)
        t->single[i] = BYO_SCALAR_NONE;
    return t;
}

void byo_table_add(ByoCharsetTable *t, uint32_t scalar, const unsigned char *octets, size_t n)
{
    ByoCharsetPage **page = &t->pages[scalar >> 8];
    uint32_t code = 0;

    for (size_t i = 0; i < n; i++) {
        code = code << 8 | octets[i];
        t->octet_used[octets[i]] = true;
    }
    if (!*page)
        *page = byo_zalloc(sizeof **page);
    (*page)->code[scalar & 0xFF] = code;
    (*page)->length[scalar & 0xFF] = (uint8_t)n;
    if (scalar < 128)
        t->ascii[scalar] = (uint8_t)n;
    t->lead[octets[0]] |= (uint8_t)(1u << n);
    if (n == 1) {
        t->single[octets[0]] = scalar;
        return;
    }
    if (t->n_back == t->cap_back) {
        t->cap_back = t->cap_back ? t->cap_back * 2 : 16;
        t->back = byo_realloc(t->back, t->cap_back * sizeof *t->back);
    }
    t->back[t->n_back++] = (ByoCharsetBack){(uint64_t)n << 32 | code, scalar};
}

static int back_compare(const void *a, const void *b)
{
    uint64_t x = ((const ByoCharsetBack *)a)->key, y = ((const ByoCharsetBack *)b)->key;
    return x < y ? -1 : x > y;
}

void byo_table_finish(ByoCharsetTable *t)
{
    if (t->n_back > 1)
        qsort(t->back, t->n_back, sizeof *t->back, back_compare);
}

bool byo_table_equal(const ByoCharsetTable *a, const ByoCharsetTable *b)
{
    for (size_t i = 0; i < BYO_CHARSET_PAGES; i++) {
        const ByoCharsetPage *p = a->pages[i], *q = b->pages[i];
        if (!p != !q || (p && memcmp(p, q, sizeof *p) != 0))
            return false;
    }
    return true;
}

void byo_table_free(ByoCharsetTable *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < BYO_CHARSET_PAGES; i++)
        free(t->pages[i]);
    free(t->back);
    free(t);
}
