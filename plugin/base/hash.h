/* SPDX-License-Identifier: BSD-3-Clause
 * Hashes of texts, and a table of entries that grows.
 * Decides: SipHash-1-3 under a key of this process (getrandom at first use), so that nobody outside can choose texts that
 * collide.
 * Ownership: the table owns its buckets; entries are the caller's. Threads: the hashes any; a table is a value. */
#ifndef BYO_BASE_HASH_H
#define BYO_BASE_HASH_H

#include "base/str.h"

/* salt: what else the key consists of: a kind, or the hash of the text before. */
uint64_t byo_hash(ByoStr s, uint64_t salt);
/* The same for texts that differ in ASCII letter case only. */
uint64_t byo_hash_nocase(ByoStr s, uint64_t salt);
/* FNV-1a: the same in every process and for ever. Only for what outlives a process or must agree between several. */
uint64_t byo_hash_same(ByoStr s);
/* Of our own numbers, many of which end alike, as ids do. Nobody else chooses them: no secret is in it. */
static inline uint64_t byo_hash_number(int64_t n)
{
    uint64_t h = (uint64_t)n * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/* First member of what lies in a table. */
typedef struct ByoHashEntry {
    struct ByoHashEntry *next;
    uint64_t hash;
} ByoHashEntry;

/* All zero is an empty one. */
typedef struct {
    ByoHashEntry **buckets;
    size_t size, n; /* size: a power of two */
} ByoHashTable;

void byo_hash_add(ByoHashTable *t, ByoHashEntry *e, uint64_t hash);
void byo_hash_remove(ByoHashTable *t, ByoHashEntry *e); /* it must be there */
/* Those of one hash, in any order; NULL: no more. */
ByoHashEntry *byo_hash_first(const ByoHashTable *t, uint64_t hash);
ByoHashEntry *byo_hash_next(const ByoHashEntry *e);
/* All, in any order: the one behind e, the first for NULL. e may be removed once its successor is known. */
ByoHashEntry *byo_hash_after(const ByoHashTable *t, const ByoHashEntry *e);
/* Leaves it empty. each: takes every entry; NULL: they are somebody else's. */
void byo_hash_clear(ByoHashTable *t, void (*each)(void *entry));

#endif
