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

static void chain(ByoRecent *r, uint32_t i)
{
    uint32_t *b = bucket(r, node(r, i)->pair);

    node(r, i)->chain = *b;
    *b = i;
}

static void grow(ByoRecent *r, uint32_t cap)
{
    r->slab = byo_realloc(r->slab, (size_t)cap * r->stride);
    free(r->buckets);
    r->buckets = byo_alloc((size_t)cap * sizeof *r->buckets);
    memset(r->buckets, 0xFF, (size_t)cap * sizeof *r->buckets);
    r->cap = cap;
    for (uint32_t i = r->oldest; i != NONE; i = node(r, i)->newer)
        chain(r, i);
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

/* older: NONE: it is the oldest. */
static void link_use(ByoRecent *r, uint32_t i, uint32_t older)
{
    Node *n = node(r, i);

    n->older = older;
    n->newer = older == NONE ? r->oldest : node(r, older)->newer;
    *(older == NONE ? &r->oldest : &node(r, older)->newer) = i;
    *(n->newer == NONE ? &r->newest : &node(r, n->newer)->older) = i;
}

static void unlink_node(ByoRecent *r, uint32_t i)
{
    uint32_t *at = bucket(r, node(r, i)->pair);

    while (*at != i)
        at = &node(r, *at)->chain;
    *at = node(r, i)->chain;
    unlink_use(r, i);
    r->n--;
}

/* Nodes are named by their index; one that left lies as it was until the turn is kept. */
typedef struct {
    uint32_t i, older;
} Place;

static void move_back(void *recent, const void *args)
{
    const Place *p = args;

    unlink_use(recent, p->i);
    link_use(recent, p->i, p->older);
}

static void bring_back(void *recent, const void *args)
{
    ByoRecent *r = recent;
    const Place *p = args;

    chain(r, p->i);
    link_use(r, p->i, NONE);
    r->n++;
}

static void release(void *recent, const void *args)
{
    ByoRecent *r = recent;
    uint32_t i = ((const Place *)args)->i;

    if (r->kind->drop)
        r->kind->drop(record(node(r, i)));
    node(r, i)->chain = r->free_node;
    r->free_node = i;
}

static void take_back(void *recent, const void *args)
{
    unlink_node(recent, ((const Place *)args)->i);
    release(recent, args);
}

static void drop_oldest(ByoRecent *r, ByoUndo *u)
{
    Place p = {.i = r->oldest};

    unlink_node(r, p.i);
    byo_undo_add(u, bring_back, r, &p, sizeof p);
    byo_undo_then(u, release, r, &p, sizeof p);
}

static uint32_t free_node(ByoRecent *r)
{
    uint32_t i = r->free_node;

    if (i != NONE) {
        r->free_node = node(r, i)->chain;
        return i;
    }
    if (r->made == r->cap)
        grow(r, 2 * r->cap);
    return r->made++;
}

static void *add(ByoRecent *r, ByoUndo *u, ByoPair pair, ByoTime now)
{
    /* Two out for one in: what is over is gone long before it could fill the map. */
    for (int k = 0; k < 2 && r->n && r->kind->over(record(node(r, r->oldest)), now); k++)
        drop_oldest(r, u);
    if (r->n == r->max)
        drop_oldest(r, u);
    Place p = {.i = free_node(r)};
    Node *n = node(r, p.i);
    memset(n, 0, r->stride);
    n->pair = pair;
    chain(r, p.i);
    link_use(r, p.i, r->newest);
    r->n++;
    byo_undo_add(u, take_back, r, &p, sizeof p);
    return record(n);
}

void *byo_recent_touch(ByoRecent *r, ByoUndo *u, ByoPair pair, ByoTime now)
{
    Place p = {.i = find(r, pair)};

    if (p.i == NONE)
        return add(r, u, pair, now);
    if (p.i != r->newest) {
        p.older = node(r, p.i)->older;
        byo_undo_add(u, move_back, r, &p, sizeof p);
        unlink_use(r, p.i);
        link_use(r, p.i, r->newest);
    }
    return record(node(r, p.i));
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
        drop_oldest(r, NULL);
    free(r->slab);
    free(r->buckets);
    free(r);
}
