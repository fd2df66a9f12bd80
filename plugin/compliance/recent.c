/* SPDX-License-Identifier: BSD-3-Clause
 * Records in one slab, found through chained buckets, kept in a list by last use.
 * Ownership: see the header. Threads: one. */
#include "compliance/recent.h"

#include <stdlib.h>

#define NONE UINT32_MAX

typedef struct {
    ByoPair pair;
    uint32_t chain;        /* the next of its bucket, or of the free ones */
    uint32_t older, newer; /* by last use */
} Node;

struct ByoRecent {
    const ByoRecentKind *kind;
    size_t stride; /* of a node with its record */
    char *slab;
    uint32_t *buckets; /* as many as nodes, a power of two */
    uint32_t cap, made, n, max;
    uint32_t free_node, oldest, newest;
    uint64_t seed;
};

static Node *node(const ByoRecent *r, uint32_t i)
{
    return (Node *)(void *)(r->slab + (size_t)i * r->stride);
}

static void *record(Node *n)
{
    return n + 1;
}

static uint32_t *bucket(const ByoRecent *r, ByoPair pair)
{
    return &r->buckets[byo_pair_hash(pair, r->seed) & (r->cap - 1)];
}

static void grow(ByoRecent *r, uint32_t cap)
{
    r->slab = byo_realloc(r->slab, (size_t)cap * r->stride);
    free(r->buckets);
    r->buckets = byo_alloc((size_t)cap * sizeof *r->buckets);
    memset(r->buckets, 0xFF, (size_t)cap * sizeof *r->buckets);
    r->cap = cap;
    for (uint32_t i = r->oldest; i != NONE; i = node(r, i)->newer) {
        uint32_t *b = bucket(r, node(r, i)->pair);
        node(r, i)->chain = *b;
        *b = i;
    }
}

ByoRecent *byo_recent_create(const ByoRecentKind *kind, size_t max, uint64_t seed)
{
    ByoRecent *r = byo_zalloc(sizeof *r);

    r->kind = kind;
    r->stride = (sizeof(Node) + kind->size + 7) & ~(size_t)7;
    r->max = max < 1 ? 1 : max > (1u << 31) ? 1u << 31 : (uint32_t)max;
    r->free_node = r->oldest = r->newest = NONE;
    r->seed = seed;
    grow(r, 64);
    return r;
}

static uint32_t find(const ByoRecent *r, ByoPair pair)
{
    uint32_t i = *bucket(r, pair);

    while (i != NONE && !byo_pair_eq(node(r, i)->pair, pair))
        i = node(r, i)->chain;
    return i;
}

void *byo_recent_find(const ByoRecent *r, ByoPair pair)
{
    uint32_t i = find(r, pair);

    return i == NONE ? NULL : record(node(r, i));
}

static void unlink_use(ByoRecent *r, uint32_t i)
{
    Node *n = node(r, i);

    *(n->older == NONE ? &r->oldest : &node(r, n->older)->newer) = n->newer;
    *(n->newer == NONE ? &r->newest : &node(r, n->newer)->older) = n->older;
}

static void link_newest(ByoRecent *r, uint32_t i)
{
    Node *n = node(r, i);

    n->older = r->newest;
    n->newer = NONE;
    *(r->newest == NONE ? &r->oldest : &node(r, r->newest)->newer) = i;
    r->newest = i;
}

static void drop_oldest(ByoRecent *r)
{
    uint32_t i = r->oldest;
    Node *n = node(r, i);
    uint32_t *at = bucket(r, n->pair);

    while (*at != i)
        at = &node(r, *at)->chain;
    *at = n->chain;
    unlink_use(r, i);
    if (r->kind->drop)
        r->kind->drop(record(n));
    n->chain = r->free_node;
    r->free_node = i;
    r->n--;
}

void *byo_recent_touch(ByoRecent *r, ByoPair pair, ByoTime now)
{
    uint32_t i = find(r, pair);

    if (i == NONE) {
        /* Two out for one in: what is over is gone long before it could fill the map. */
        for (int k = 0; k < 2 && r->n && r->kind->over(record(node(r, r->oldest)), now); k++)
            drop_oldest(r);
        if (r->n == r->max)
            drop_oldest(r);
        if (r->free_node != NONE) {
            i = r->free_node;
            r->free_node = node(r, i)->chain;
        } else {
            if (r->made == r->cap)
                grow(r, 2 * r->cap);
            i = r->made++;
        }
        Node *n = node(r, i);
        memset(n, 0, r->stride);
        n->pair = pair;
        uint32_t *b = bucket(r, pair);
        n->chain = *b;
        *b = i;
        r->n++;
    } else
        unlink_use(r, i);
    link_newest(r, i);
    return record(node(r, i));
}

size_t byo_recent_count(const ByoRecent *r)
{
    return r->n;
}

void byo_recent_each(ByoRecent *r, void (*each)(void *record, ByoTime by), ByoTime by)
{
    for (uint32_t i = r->oldest; i != NONE; i = node(r, i)->newer)
        each(record(node(r, i)), by);
}

void byo_recent_destroy(ByoRecent *r)
{
    if (!r)
        return;
    while (r->n)
        drop_oldest(r);
    free(r->slab);
    free(r->buckets);
    free(r);
}
