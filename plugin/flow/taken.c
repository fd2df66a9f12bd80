/* SPDX-License-Identifier: BSD-3-Clause
 * A ring in the order of arrival, found by a table of hashes. An entry is a hash of 128 bits: two MTs that
 * share one are not to be expected in the life of an installation.
 * Ownership and threads: taken.h. */
#include "flow/taken.h"
#include "base/hash.h"

#include <stdlib.h>

typedef struct {
    ByoHashEntry in; /* under one half of its hash */
    uint64_t b;      /* the other half */
    uint8_t ack;
} Entry;

/* Entries have numbers that only grow; number n lies at n & mask. */
struct ByoTaken {
    ByoHashTable table;
    Entry *ring;
    uint64_t mask, first, next;
    size_t max;
};

typedef struct {
    uint64_t a, b;
} Hash;

static Hash hash(const ByoTakenKey *key)
{
    Hash h = {key->box.p != NULL, 2 + (key->box.p != NULL)};
    const ByoStr parts[] = {key->box, key->uuid, key->recipient};
    for (size_t i = 0; i < 3; i++) { /* a UUID may come in capitals, and no two smsbox-ids differ by that */
        h.a = byo_hash_nocase(parts[i], h.a);
        h.b = byo_hash_nocase(parts[i], h.b);
    }
    return h;
}

ByoTaken *byo_taken_create(size_t max)
{
    ByoTaken *t = byo_zalloc(sizeof *t);
    size_t cap = 16;
    while (cap < max)
        cap *= 2;
    t->ring = byo_alloc(cap * sizeof *t->ring);
    t->mask = cap - 1;
    t->max = max;
    return t;
}

void byo_taken_destroy(ByoTaken *t)
{
    if (!t)
        return;
    byo_hash_clear(&t->table, NULL);
    free(t->ring);
    free(t);
}

/* How many came after it. */
static uint64_t age(const ByoTaken *t, const Entry *e)
{
    return (t->next - 1 - (uint64_t)(e - t->ring)) & t->mask;
}

bool byo_taken_find(const ByoTaken *t, const ByoTakenKey *key, ByoAck *ack_r)
{
    Hash h = hash(key);
    const Entry *newest = NULL;
    for (const ByoHashEntry *at = byo_hash_first(&t->table, h.a); at; at = byo_hash_next(at)) {
        const Entry *e = (const Entry *)at;
        if (e->b == h.b && (!newest || age(t, e) < age(t, newest)))
            newest = e;
    }
    if (newest)
        *ack_r = (ByoAck)newest->ack;
    return newest != NULL;
}

static void bring_back_oldest(void *taken, const void *args)
{
    ByoTaken *t = taken;
    Entry *e = &t->ring[--t->first & t->mask];
    *e = *(const Entry *)args;
    byo_hash_add(&t->table, &e->in, e->in.hash);
}

static void drop_oldest(ByoTaken *t, ByoUndo *u)
{
    Entry *e = &t->ring[t->first++ & t->mask];
    byo_hash_remove(&t->table, &e->in);
    byo_undo_add(u, bring_back_oldest, t, e, sizeof *e);
}

static void take_back(void *taken, const void *args)
{
    (void)args;
    ByoTaken *t = taken;
    byo_hash_remove(&t->table, &t->ring[--t->next & t->mask].in);
}

void byo_taken_add(ByoTaken *t, ByoUndo *u, const ByoTakenKey *key, ByoAck ack)
{
    if (t->next - t->first == t->max)
        drop_oldest(t, u);
    Hash h = hash(key);
    Entry *e = &t->ring[t->next++ & t->mask];
    e->b = h.b;
    e->ack = (uint8_t)ack;
    byo_hash_add(&t->table, &e->in, h.a);
    byo_undo_add(u, take_back, t, "", 0);
}

size_t byo_taken_count(const ByoTaken *t)
{
    return t->next - t->first;
}
