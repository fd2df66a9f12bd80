/* SPDX-License-Identifier: BSD-3-Clause
 * A hash of small entries, one a segment; a pair's lie in one chain.
 * Ownership and threads: order.h. */
#include "flow/order.h"

#include <stdlib.h>

enum { FIRST_SIZE = 64 };

typedef struct Entry {
    struct Entry *next;
    ByoOrderKey key;
    int64_t id;
} Entry;

struct ByoOrder {
    Entry **buckets; /* made with the first entry */
    size_t size;     /* a power of two */
    size_t n, max;
    uint64_t seed;
};

ByoOrder *byo_order_create(size_t max, uint64_t seed)
{
    ByoOrder *o = byo_zalloc(sizeof *o);
    o->max = max;
    o->seed = seed;
    return o;
}

void byo_order_destroy(ByoOrder *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->size; i++)
        for (Entry *e = o->buckets[i], *next; e; e = next) {
            next = e->next;
            free(e);
        }
    free(o->buckets);
    free(o);
}

bool byo_order_key(ByoStr integration, ByoStr number, ByoStr recipient, ByoOrderKey *key)
{
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < integration.n; i++)
        h = (h ^ (unsigned char)integration.p[i]) * 1099511628211u;
    key->integration = h;
    return byo_pair_make(number, recipient, &key->pair);
}

static Entry **bucket(const ByoOrder *o, const ByoOrderKey *key)
{
    return &o->buckets[byo_pair_hash(key->pair, o->seed ^ key->integration) & (o->size - 1)];
}

static bool same(const Entry *e, const ByoOrderKey *key)
{
    return byo_pair_eq(e->key.pair, key->pair) && e->key.integration == key->integration;
}

static void grow(ByoOrder *o)
{
    size_t n = o->size;
    Entry **old = o->buckets;
    o->size = n ? n * 4 : FIRST_SIZE;
    o->buckets = byo_zalloc(o->size * sizeof(Entry *));
    for (size_t i = 0; i < n; i++)
        for (Entry *e = old[i], *next; e; e = next) {
            next = e->next;
            Entry **at = bucket(o, &e->key);
            e->next = *at;
            *at = e;
        }
    free(old);
}

/* A segment of a pair, for the journal. */
typedef struct {
    ByoOrderKey key;
    int64_t id;
} Named;

static void take_back(void *order, const void *args)
{
    const Named *n = args;
    byo_order_remove(order, NULL, &n->key, n->id);
}

static void bring_back(void *order, const void *args)
{
    const Named *n = args;
    byo_order_add(order, NULL, &n->key, n->id);
}

bool byo_order_add(ByoOrder *o, ByoUndo *u, const ByoOrderKey *key, int64_t id)
{
    if (o->n >= o->size)
        grow(o);
    Entry **at = bucket(o, key);
    for (Entry *e = *at; e; e = e->next)
        if (e->id == id && same(e, key))
            return true;
    if (o->n >= o->max)
        return false;
    Entry *e = byo_zalloc(sizeof *e);
    e->key = *key;
    e->id = id;
    e->next = *at;
    *at = e;
    o->n++;
    Named n = {*key, id};
    byo_undo_add(u, take_back, o, &n, sizeof n);
    return true;
}

void byo_order_remove(ByoOrder *o, ByoUndo *u, const ByoOrderKey *key, int64_t id)
{
    if (o->n == 0)
        return;
    for (Entry **at = bucket(o, key); *at; at = &(*at)->next) {
        if ((*at)->id != id || !same(*at, key))
            continue;
        Entry *e = *at;
        *at = e->next;
        free(e);
        o->n--;
        Named n = {*key, id};
        byo_undo_add(u, bring_back, o, &n, sizeof n);
        return;
    }
}

int64_t byo_order_first(const ByoOrder *o, const ByoOrderKey *key)
{
    int64_t first = 0;
    if (o->n == 0)
        return 0;
    for (const Entry *e = *bucket(o, key); e; e = e->next)
        if (same(e, key) && (!first || e->id < first))
            first = e->id;
    return first;
}

size_t byo_order_count(const ByoOrder *o)
{
    return o->n;
}
