/* SPDX-License-Identifier: BSD-3-Clause
 * A hash of small entries, one a segment; a pair's lie in one chain.
 * Ownership and threads: order.h. */
#include "flow/order.h"
#include "base/hash.h"

#include <stdlib.h>

typedef struct {
    ByoHashEntry in;
    ByoOrderKey key;
    int64_t id;
} Entry;

/* A pair that waits. */
typedef struct {
    ByoHashEntry in;
    ByoOrderKey key;
    ByoTime until;
} Waits;

/* Of a pair of which nothing left since (all that waited ended) this is no more needed. */
#define OVER BYO_HOUR

struct ByoOrder {
    ByoHashTable entries, waits;
    ByoTime swept; /* an `until`: pairs that are over were looked for then */
    size_t max;
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
    if (o) {
        byo_hash_clear(&o->entries, free);
        byo_hash_clear(&o->waits, free);
    }
    free(o);
}

bool byo_order_key(ByoStr integration, ByoStr number, ByoStr recipient, ByoOrderKey *key)
{
    key->integration = byo_hash(integration, 0);
    return byo_pair_make(number, recipient, &key->pair);
}

static bool same(const Entry *e, const ByoOrderKey *key)
{
    return byo_pair_eq(e->key.pair, key->pair) && e->key.integration == key->integration;
}

/* The next one of the key behind e, the first for NULL. */
static Entry *next(const ByoOrder *o, const ByoOrderKey *key, const Entry *e)
{
    uint64_t hash = byo_pair_hash(key->pair, o->seed ^ key->integration);
    Entry *at = (Entry *)(e ? byo_hash_next(&e->in) : byo_hash_first(&o->entries, hash));
    while (at && !same(at, key))
        at = (Entry *)byo_hash_next(&at->in);
    return at;
}

static Entry *find(const ByoOrder *o, const ByoOrderKey *key, int64_t id)
{
    Entry *e = next(o, key, NULL);
    while (e && e->id != id)
        e = next(o, key, e);
    return e;
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
    if (find(o, key, id))
        return true;
    if (o->entries.n >= o->max)
        return false;
    Entry *e = byo_zalloc(sizeof *e);
    e->key = *key;
    e->id = id;
    byo_hash_add(&o->entries, &e->in, byo_pair_hash(key->pair, o->seed ^ key->integration));
    Named n = {*key, id};
    byo_undo_add(u, take_back, o, &n, sizeof n);
    return true;
}

void byo_order_remove(ByoOrder *o, ByoUndo *u, const ByoOrderKey *key, int64_t id)
{
    Entry *e = find(o, key, id);
    if (!e)
        return;
    byo_hash_remove(&o->entries, &e->in);
    free(e);
    Named n = {*key, id};
    byo_undo_add(u, bring_back, o, &n, sizeof n);
}

int64_t byo_order_first(const ByoOrder *o, const ByoOrderKey *key)
{
    int64_t first = 0;
    for (const Entry *e = next(o, key, NULL); e; e = next(o, key, e))
        if (!first || e->id < first)
            first = e->id;
    return first;
}

/* -- pairs that wait --------------------------------------------------------------------------------- */

static Waits *waits_of(const ByoOrder *o, const ByoOrderKey *key)
{
    ByoHashEntry *e = byo_hash_first(&o->waits, byo_pair_hash(key->pair, o->seed ^ key->integration));
    while (e && !(byo_pair_eq(((Waits *)e)->key.pair, key->pair) &&
                  ((Waits *)e)->key.integration == key->integration))
        e = byo_hash_next(e);
    return (Waits *)e;
}

ByoTime byo_order_until(const ByoOrder *o, const ByoOrderKey *key)
{
    const Waits *w = waits_of(o, key);
    return w ? w->until : 0;
}

static void sweep(ByoOrder *o, ByoTime now)
{
    if (now - o->swept < BYO_MINUTE && now >= o->swept)
        return;
    o->swept = now;
    ByoHashEntry *next;
    for (ByoHashEntry *e = byo_hash_after(&o->waits, NULL); e; e = next) {
        next = byo_hash_after(&o->waits, e);
        if (now - ((Waits *)e)->until < OVER)
            continue;
        byo_hash_remove(&o->waits, e);
        free(e);
    }
}

static void put(ByoOrder *o, const ByoOrderKey *key, ByoTime until)
{
    Waits *w = waits_of(o, key);
    if (!until) {
        if (w)
            byo_hash_remove(&o->waits, &w->in);
        free(w);
        return;
    }
    if (!w && o->waits.n >= o->max)
        sweep(o, until);
    if (!w && o->waits.n >= o->max)
        return;
    if (!w) {
        w = byo_zalloc(sizeof *w);
        w->key = *key;
        byo_hash_add(&o->waits, &w->in, byo_pair_hash(key->pair, o->seed ^ key->integration));
    }
    w->until = until;
}

/* For the journal. */
typedef struct {
    ByoOrderKey key;
    ByoTime until;
} Until;

static void put_back(void *order, const void *args)
{
    const Until *u = args;
    put(order, &u->key, u->until);
}

void byo_order_set_until(ByoOrder *o, ByoUndo *u, const ByoOrderKey *key, ByoTime until)
{
    Until before = {*key, byo_order_until(o, key)};
    if (before.until == until)
        return;
    put(o, key, until);
    byo_undo_add(u, put_back, o, &before, sizeof before);
}

void byo_order_clock_jumped(ByoOrder *o, ByoTime by)
{
    for (ByoHashEntry *e = byo_hash_after(&o->waits, NULL); e; e = byo_hash_after(&o->waits, e))
        ((Waits *)e)->until = byo_time_jumped(((Waits *)e)->until, by);
    o->swept = 0;
}

size_t byo_order_count(const ByoOrder *o)
{
    return o->entries.n + o->waits.n;
}
