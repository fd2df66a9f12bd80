/* SPDX-License-Identifier: BSD-3-Clause
 * One counter a recipient, in a table of buckets of eight with the oldest of a bucket making room: 16 octets each and no
 * list by last use, which a table of base/hash would need.
 * Counting up is "least recently used first": every other reference was used longer ago.
 * Ownership and threads: refs.h. */
#include "flow/refs.h"
#include "base/hash.h"
#include "store/store.h"

#include <stdlib.h>

enum { WAYS = 8, SLOT_BITS = 3 };

typedef struct {
    uint64_t key;  /* hash of the recipient; 0: free */
    uint32_t used; /* of the table's clock */
    uint16_t next;
} Way;

struct ByoRefs {
    Way *ways;
    size_t buckets; /* a power of two */
    size_t n;
    uint64_t seed;
    uint32_t clock;
    int slot;
};

ByoRefs *byo_refs_create(size_t recipients, uint64_t seed, int slot)
{
    ByoRefs *r = byo_zalloc(sizeof *r);
    r->buckets = 16;
    while (r->buckets * WAYS < recipients)
        r->buckets *= 2;
    r->ways = byo_zalloc(r->buckets * WAYS * sizeof *r->ways);
    r->seed = seed;
    r->slot = slot;
    return r;
}

void byo_refs_destroy(ByoRefs *r)
{
    if (!r)
        return;
    free(r->ways);
    free(r);
}

/* A recipient's place as it was, with the counts of the table. */
typedef struct {
    size_t at;
    Way was;
    size_t n;
    uint32_t clock;
} Before;

static void put_back(void *refs, const void *args)
{
    ByoRefs *r = refs;
    const Before *b = args;
    r->ways[b->at] = b->was;
    r->n = b->n;
    r->clock = b->clock;
}

static Way *way_of(ByoRefs *r, ByoUndo *u, ByoStr recipient)
{
    uint64_t h = byo_hash(recipient, r->seed) | 1;
    Way *bucket = &r->ways[((h >> 20) & (r->buckets - 1)) * WAYS];
    Way *w = &bucket[0];
    Before before = {.n = r->n, .clock = r->clock++};
    for (int i = 0; i < WAYS; i++) {
        if (bucket[i].key == h) {
            w = &bucket[i];
            break;
        }
        if (r->clock - bucket[i].used > r->clock - w->used || (!bucket[i].key && w->key))
            w = &bucket[i];
    }
    before.at = (size_t)(w - r->ways);
    before.was = *w;
    byo_undo_add(u, put_back, r, &before, sizeof before);
    if (w->key != h) {
        if (!w->key)
            r->n++;
        w->key = h;
        w->next = (uint16_t)(h >> 48);
    }
    w->used = r->clock;
    return w;
}

unsigned byo_refs_next(ByoRefs *r, ByoUndo *u, ByoStr recipient, int bits)
{
    unsigned ref = way_of(r, u, recipient)->next++;
    if (r->slot >= 0)
        ref = (ref << SLOT_BITS | (unsigned)r->slot) & 65535;
    return bits == 16 ? ref : ref & 255;
}

void byo_refs_used(ByoRefs *r, ByoStr recipient, unsigned reference)
{
    if (r->slot >= 0 && (int)(reference & (BYO_SLOTS - 1)) != r->slot)
        return; /* another one's */
    way_of(r, NULL, recipient)->next = (uint16_t)((r->slot < 0 ? reference : reference >> SLOT_BITS) + 1);
}

size_t byo_refs_count(const ByoRefs *r)
{
    return r->n;
}
