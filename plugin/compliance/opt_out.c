/* SPDX-License-Identifier: BSD-3-Clause
 * A hash set of pairs: open addressing with linear probing; taking out shifts the followers back, so
 * there are no tombstones and the table never degrades.
 * Ownership: see the header. Threads: one. */
#include "compliance/opt_out.h"

#include <stdlib.h>

struct ByoOptOuts {
    ByoPair *slots; /* number 0: free */
    size_t size;    /* any number; 0 before the first pair */
    size_t n;
    uint64_t seed;
};

enum { SMALLEST = 64 };

/* At most 4 of 5 slots are taken; growing by half keeps a pair under 16 * 5/4 * 3/2 = 30 octets. */
static size_t room(size_t size)
{
    return size - size / 5;
}

static size_t home(const ByoOptOuts *o, ByoPair p)
{
    __extension__ typedef unsigned __int128 Wide;

    return (size_t)(((Wide)byo_pair_hash(p, o->seed) * o->size) >> 64);
}

static size_t next(const ByoOptOuts *o, size_t i)
{
    return i + 1 == o->size ? 0 : i + 1;
}

/* The pair's slot, or the free one where it would go. */
static size_t find(const ByoOptOuts *o, ByoPair p)
{
    size_t i = home(o, p);

    while (o->slots[i].number && !byo_pair_eq(o->slots[i], p))
        i = next(o, i);
    return i;
}

static void resize(ByoOptOuts *o, size_t size)
{
    ByoPair *old = o->slots;
    size_t old_size = o->size;

    o->slots = byo_zalloc(size * sizeof *o->slots);
    o->size = size;
    for (size_t i = 0; i < old_size; i++)
        if (old[i].number)
            o->slots[find(o, old[i])] = old[i];
    free(old);
}

ByoOptOuts *byo_optouts_create(uint64_t seed)
{
    ByoOptOuts *o = byo_zalloc(sizeof *o);

    o->seed = seed;
    return o;
}

void byo_optouts_reserve(ByoOptOuts *o, size_t n)
{
    size_t size = n + n / 4 + SMALLEST;

    if (n > room(o->size))
        resize(o, size);
}

bool byo_optouts_add(ByoOptOuts *o, ByoStr number, ByoStr recipient)
{
    ByoPair p;

    if (!byo_pair_make(number, recipient, &p))
        return false;
    if (o->n >= room(o->size))
        resize(o, o->size < SMALLEST ? SMALLEST : o->size + o->size / 2);
    size_t i = find(o, p);
    if (o->slots[i].number)
        return false;
    o->slots[i] = p;
    o->n++;
    return true;
}

bool byo_optouts_remove(ByoOptOuts *o, ByoStr number, ByoStr recipient)
{
    ByoPair p;

    if (!o->n || !byo_pair_make(number, recipient, &p))
        return false;
    size_t hole = find(o, p);
    if (!o->slots[hole].number)
        return false;
    /* A follower moves into the hole unless its home lies (cyclically) after the hole. */
    for (size_t i = next(o, hole); o->slots[i].number; i = next(o, i)) {
        size_t h = home(o, o->slots[i]);
        bool stays = hole <= i ? hole < h && h <= i : hole < h || h <= i;
        if (stays)
            continue;
        o->slots[hole] = o->slots[i];
        hole = i;
    }
    o->slots[hole] = (ByoPair){0};
    o->n--;
    return true;
}

bool byo_optouts_has(const ByoOptOuts *o, ByoStr number, ByoStr recipient)
{
    ByoPair p;

    return o->n && byo_pair_make(number, recipient, &p) && o->slots[find(o, p)].number;
}

size_t byo_optouts_count(const ByoOptOuts *o)
{
    return o->n;
}

size_t byo_optouts_bytes(const ByoOptOuts *o)
{
    return sizeof *o + o->size * sizeof *o->slots;
}

void byo_optouts_destroy(ByoOptOuts *o)
{
    if (!o)
        return;
    free(o->slots);
    free(o);
}
