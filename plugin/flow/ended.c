/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how ended ids lie in memory: a ring of entries, the oldest overwritten, found by a table of hashes.
 * Ownership and threads: ended.h. */
#include "flow/ended.h"
#include "base/hash.h"

#include <stdlib.h>

typedef struct {
    ByoHashEntry in;
    ByoId segment;
} Entry;

struct ByoEnded {
    ByoHashTable table;
    Entry *ring;
    size_t max;
    uint64_t n; /* ever added */
};

ByoEnded *byo_ended_create(size_t max)
{
    ByoEnded *e = byo_zalloc(sizeof *e);
    e->ring = byo_zalloc(max * sizeof *e->ring);
    e->max = max;
    return e;
}

void byo_ended_destroy(ByoEnded *e)
{
    if (!e)
        return;
    byo_hash_clear(&e->table, NULL);
    free(e->ring);
    free(e);
}

static uint64_t hash_of(ByoStr integration, ByoStr foreign_id)
{
    return byo_hash(foreign_id, byo_hash(integration, 0));
}

/* The newest leaves, and the one it took the place of is back. */
static void take_back(void *ended, const void *args)
{
    ByoEnded *e = ended;
    Entry *entry = &e->ring[--e->n % e->max];
    byo_hash_remove(&e->table, &entry->in);
    *entry = *(const Entry *)args;
    if (e->n >= e->max)
        byo_hash_add(&e->table, &entry->in, entry->in.hash);
}

void byo_ended_add(ByoEnded *e, ByoUndo *u, ByoStr integration, ByoStr foreign_id, ByoId segment)
{
    Entry *entry = &e->ring[e->n % e->max];
    if (!foreign_id.n)
        return;
    if (e->n++ >= e->max)
        byo_hash_remove(&e->table, &entry->in);
    byo_undo_add(u, take_back, e, entry, sizeof *entry);
    entry->segment = segment;
    byo_hash_add(&e->table, &entry->in, hash_of(integration, foreign_id));
}

/* How many came after it. */
static uint64_t age(const ByoEnded *e, const Entry *entry)
{
    return (e->n - 1 + e->max - (uint64_t)(entry - e->ring)) % e->max;
}

ByoId byo_ended_find(const ByoEnded *e, ByoStr integration, ByoStr foreign_id)
{
    const Entry *newest = NULL;
    for (const ByoHashEntry *at = byo_hash_first(&e->table, hash_of(integration, foreign_id)); at;
         at = byo_hash_next(at)) {
        const Entry *entry = (const Entry *)at;
        if (!newest || age(e, entry) < age(e, newest))
            newest = entry;
    }
    return newest ? newest->segment : 0;
}

size_t byo_ended_count(const ByoEnded *e)
{
    return e->table.n;
}
