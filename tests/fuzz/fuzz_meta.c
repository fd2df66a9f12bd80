/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as meta-data: what was read is written, read again and is the same; changes do not disturb
 * the rest.
 * Threads: none. */
#include <stdlib.h>

#include "base/meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static const ByoMetaItem *find(const ByoMeta *m, const ByoMetaItem *like)
{
    for (size_t i = 0; i < m->n; i++) {
        if (strcmp(m->items[i].group, like->group) == 0 && strcmp(m->items[i].key, like->key) == 0)
            return &m->items[i];
    }
    return NULL;
}

static void same(const ByoMeta *a, const ByoMeta *b)
{
    need(a->n == b->n);
    for (size_t i = 0; i < a->n; i++) {
        const ByoMetaItem *other = find(b, &a->items[i]);

        need(other && byo_str_eq(other->value, a->items[i].value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ByoBuf written = {0};
    ByoMeta m, again;

    byo_meta_parse(byo_strn((const char *)data, size), &m);
    need(m.n <= BYO_META_ITEMS_MAX);
    for (size_t i = 0; i < m.n; i++)
        need(byo_meta_get(&m, m.items[i].group, m.items[i].key).p != NULL);
    byo_meta_write(&m, &written);
    if (written.n <= BYO_META_TEXT_MAX) { /* escapes make a text longer */
        need(byo_meta_parse(byo_buf_str(&written), &again));
        same(&m, &again);
        byo_meta_set(&again, "Byo", "message", BYO_STR("a\0?=&"));
        need(byo_str_eq(byo_meta_get(&again, "byo", "MESSAGE"), BYO_STR("a\0?=&")));
        byo_meta_remove(&again, "byo", NULL);
        byo_meta_remove(&m, "byo", NULL);
        same(&m, &again);
        byo_meta_free(&again);
    }
    byo_buf_free(&written);
    byo_meta_free(&m);
    return 0;
}
