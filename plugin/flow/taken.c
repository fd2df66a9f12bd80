/* SPDX-License-Identifier: BSD-3-Clause
 * A ring in the order of arrival, found through chained buckets. An entry is a hash of 128 bits: two MTs that
 * share one are not to be expected in the life of an installation.
 * Ownership and threads: taken.h. */
#include "flow/taken.h"
#include "base/hash.h"

#include <stdlib.h>

typedef struct {
    uint64_t a, b;
    uint64_t chain; /* number of the next of its bucket + 1; 0: none */
    uint8_t ack;
} Entry;

/* Entries have numbers that only grow; number n lies at n & mask. */
struct ByoTaken {
    Entry *ring;
    uint64_t *buckets; /* number + 1; as many as entries */
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

static uint64_t *bucket(const ByoTaken *t, Hash h)
{
    return &t->buckets[h.a & t->mask];
}

ByoTaken *byo_taken_create(size_t max)
{
    ByoTaken *t = byo_zalloc(sizeof *t);
    size_t cap = 16;
    while (cap < max)
        cap *= 2;
    t->ring = byo_alloc(cap * sizeof *t->ring);
    t->buckets = byo_zalloc(cap * sizeof *t->buckets);
    t->mask = cap - 1;
    t->max = max;
    return t;
}

void byo_taken_destroy(ByoTaken *t)
{
    if (!t)
        return;
    free(t->ring);
    free(t->buckets);
    free(t);
}

bool byo_taken_find(const ByoTaken *t, const ByoTakenKey *key, ByoAck *ack_r)
{
    Hash h = hash(key);
    for (uint64_t n = *bucket(t, h); n; n = t->ring[(n - 1) & t->mask].chain) {
        const Entry *e = &t->ring[(n - 1) & t->mask];
        if (e->a == h.a && e->b == h.b) {
            *ack_r = (ByoAck)e->ack;
            return true;
        }
    }
    return false;
}

/* The newest is the first of its chain, the oldest the last. */
static void drop(ByoTaken *t, uint64_t number)
{
    const Entry *e = &t->ring[number & t->mask];
    uint64_t *at = bucket(t, (Hash){e->a, e->b});
    while (*at != number + 1)
        at = &t->ring[(*at - 1) & t->mask].chain;
    *at = e->chain;
}

static void bring_back_oldest(void *taken, const void *args)
{
    ByoTaken *t = taken;
    const Entry *e = args;
    uint64_t number = --t->first, *at = bucket(t, (Hash){e->a, e->b});
    while (*at)
        at = &t->ring[(*at - 1) & t->mask].chain;
    t->ring[number & t->mask] = *e;
    *at = number + 1;
}

static void drop_oldest(ByoTaken *t, ByoUndo *u)
{
    drop(t, t->first);
    byo_undo_add(u, bring_back_oldest, t, &t->ring[t->first & t->mask], sizeof *t->ring);
    t->first++;
}

static void take_back(void *taken, const void *args)
{
    (void)args;
    ByoTaken *t = taken;
    drop(t, --t->next);
}

void byo_taken_add(ByoTaken *t, ByoUndo *u, const ByoTakenKey *key, ByoAck ack)
{
    if (t->next - t->first == t->max)
        drop_oldest(t, u);
    Hash h = hash(key);
    uint64_t *at = bucket(t, h);
    t->ring[t->next & t->mask] = (Entry){h.a, h.b, *at, (uint8_t)ack};
    *at = ++t->next;
    byo_undo_add(u, take_back, t, "", 0);
}

size_t byo_taken_count(const ByoTaken *t)
{
    return t->next - t->first;
}
