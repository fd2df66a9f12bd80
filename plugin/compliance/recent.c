/* SPDX-License-Identifier: BSD-3-Clause
 * Records in a table by their pairs, and in a list by last use.
 * Ownership: see the header. Threads: one. */
#include "compliance/recent.h"
#include "base/hash.h"

#include <stdlib.h>

typedef struct Node {
    ByoHashEntry in;
    ByoPair pair;
    struct Node *older, *newer; /* by last use */
} Node;

struct ByoRecent {
    const ByoRecentKind *kind;
    ByoHashTable table;
    size_t max;
    Node *oldest, *newest;
    uint64_t seed;
};

static void *record(Node *n)
{
    return n + 1;
}

ByoRecent *byo_recent_create(const ByoRecentKind *kind, size_t max, uint64_t seed)
{
    ByoRecent *r = byo_zalloc(sizeof *r);

    r->kind = kind;
    r->max = max < 1 ? 1 : max;
    r->seed = seed;
    return r;
}

static Node *find(const ByoRecent *r, ByoPair pair)
{
    ByoHashEntry *e = byo_hash_first(&r->table, byo_pair_hash(pair, r->seed));

    while (e && !byo_pair_eq(((Node *)e)->pair, pair))
        e = byo_hash_next(e);
    return (Node *)e;
}

void *byo_recent_find(const ByoRecent *r, ByoPair pair)
{
    Node *n = find(r, pair);

    return n ? record(n) : NULL;
}

static void unlink_use(ByoRecent *r, Node *n)
{
    *(n->older ? &n->older->newer : &r->oldest) = n->newer;
    *(n->newer ? &n->newer->older : &r->newest) = n->older;
}

/* older: NULL: it is the oldest. */
static void link_use(ByoRecent *r, Node *n, Node *older)
{
    n->older = older;
    n->newer = older ? older->newer : r->oldest;
    *(older ? &older->newer : &r->oldest) = n;
    *(n->newer ? &n->newer->older : &r->newest) = n;
}

static void unlink_node(ByoRecent *r, Node *n)
{
    byo_hash_remove(&r->table, &n->in);
    unlink_use(r, n);
}

/* Nodes lie still; one that left is as it was until the turn is kept. */
typedef struct {
    Node *n, *older;
} Place;

static void move_back(void *recent, const void *args)
{
    const Place *p = args;

    unlink_use(recent, p->n);
    link_use(recent, p->n, p->older);
}

static void bring_back(void *recent, const void *args)
{
    ByoRecent *r = recent;
    const Place *p = args;

    byo_hash_add(&r->table, &p->n->in, p->n->in.hash);
    link_use(r, p->n, NULL);
}

static void release(void *recent, const void *args)
{
    const ByoRecent *r = recent;
    Node *n = ((const Place *)args)->n;

    if (r->kind->drop)
        r->kind->drop(record(n));
    free(n);
}

static void take_back(void *recent, const void *args)
{
    unlink_node(recent, ((const Place *)args)->n);
    release(recent, args);
}

static void drop_oldest(ByoRecent *r, ByoUndo *u)
{
    Place p = {.n = r->oldest};

    unlink_node(r, p.n);
    byo_undo_add(u, bring_back, r, &p, sizeof p);
    byo_undo_then(u, release, r, &p, sizeof p);
}

static void *add(ByoRecent *r, ByoUndo *u, ByoPair pair, ByoTime now)
{
    /* Two out for one in: what is over is gone long before it could fill the map. */
    for (int k = 0; k < 2 && r->oldest && r->kind->over(record(r->oldest), now); k++)
        drop_oldest(r, u);
    if (r->oldest && r->table.n == r->max)
        drop_oldest(r, u);
    Place p = {.n = byo_zalloc(sizeof *p.n + r->kind->size)};
    p.n->pair = pair;
    byo_hash_add(&r->table, &p.n->in, byo_pair_hash(pair, r->seed));
    link_use(r, p.n, r->newest);
    byo_undo_add(u, take_back, r, &p, sizeof p);
    return record(p.n);
}

void *byo_recent_touch(ByoRecent *r, ByoUndo *u, ByoPair pair, ByoTime now)
{
    Place p = {.n = find(r, pair)};

    if (!p.n)
        return add(r, u, pair, now);
    if (p.n != r->newest) {
        p.older = p.n->older;
        byo_undo_add(u, move_back, r, &p, sizeof p);
        unlink_use(r, p.n);
        link_use(r, p.n, r->newest);
    }
    return record(p.n);
}

size_t byo_recent_count(const ByoRecent *r)
{
    return r->table.n;
}

void byo_recent_each(ByoRecent *r, void (*each)(void *record, ByoTime by), ByoTime by)
{
    for (Node *n = r->oldest; n; n = n->newer)
        each(record(n), by);
}

void byo_recent_destroy(ByoRecent *r)
{
    if (!r)
        return;
    while (r->oldest)
        drop_oldest(r, NULL);
    byo_hash_clear(&r->table, NULL);
    free(r);
}
