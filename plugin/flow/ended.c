/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how ended ids lie in memory: a ring of entries, the oldest overwritten, chained from a table of hashes.
 * Ownership and threads: ended.h. */
#include "flow/ended.h"
#include "base/hash.h"

#include <stdlib.h>

enum { BUCKETS = BYO_ENDED_MAX };

typedef struct {
    uint64_t hash;
    ByoId segment;
    uint32_t next; /* 1 + the entry's index; 0 ends the chain */
} Entry;

struct ByoEnded {
    uint32_t heads[BUCKETS]; /* 1 + the entry's index; 0: empty */
    Entry entries[BYO_ENDED_MAX];
    uint64_t n; /* ever added */
};

ByoEnded *byo_ended_create(void)
{
    return byo_zalloc(sizeof(ByoEnded));
}

void byo_ended_destroy(ByoEnded *e)
{
    free(e);
}

static uint64_t hash_of(ByoStr integration, ByoStr foreign_id)
{
    return byo_hash(foreign_id, byo_hash(integration, 0));
}

static void unchain(ByoEnded *e, uint32_t index)
{
    uint32_t *at = &e->heads[e->entries[index].hash % BUCKETS];
    while (*at && *at != index + 1)
        at = &e->entries[*at - 1].next;
    if (*at)
        *at = e->entries[index].next;
}

/* As the oldest. */
static void chain_last(ByoEnded *e, uint32_t index)
{
    uint32_t *at = &e->heads[e->entries[index].hash % BUCKETS];
    while (*at)
        at = &e->entries[*at - 1].next;
    *at = index + 1;
}

/* The newest leaves, and the one it took the place of is back. */
static void take_back(void *ended, const void *args)
{
    ByoEnded *e = ended;
    uint32_t index = (uint32_t)(--e->n % BYO_ENDED_MAX);
    unchain(e, index);
    e->entries[index] = *(const Entry *)args;
    if (e->n >= BYO_ENDED_MAX)
        chain_last(e, index);
}

void byo_ended_add(ByoEnded *e, ByoUndo *u, ByoStr integration, ByoStr foreign_id, ByoId segment)
{
    uint32_t index = (uint32_t)(e->n % BYO_ENDED_MAX);
    uint64_t hash = hash_of(integration, foreign_id);
    if (!foreign_id.n)
        return;
    if (e->n++ >= BYO_ENDED_MAX)
        unchain(e, index);
    byo_undo_add(u, take_back, e, &e->entries[index], sizeof e->entries[index]);
    uint32_t *head = &e->heads[hash % BUCKETS];
    e->entries[index] = (Entry){hash, segment, *head};
    *head = index + 1;
}

ByoId byo_ended_find(const ByoEnded *e, ByoStr integration, ByoStr foreign_id)
{
    uint64_t hash = hash_of(integration, foreign_id);
    for (uint32_t at = e->heads[hash % BUCKETS]; at; at = e->entries[at - 1].next)
        if (e->entries[at - 1].hash == hash)
            return e->entries[at - 1].segment;
    return 0;
}
