/* SPDX-License-Identifier: BSD-3-Clause
 * SipHash-1-3 (Aumasson and Bernstein, 2012), FNV-1a, chained buckets.
 * Ownership and threads: hash.h. */
#include "base/hash.h"

#include <endian.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_SIZE = 64 };

static uint64_t secret[2];

static void make_secret(void)
{
    if (getentropy(secret, sizeof secret) != 0)
        abort(); /* no kernel we run on is without */
}

static uint64_t turned(uint64_t v, int bits)
{
    return v << bits | v >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = turned(v[1], 13) ^ v[0];
    v[3] = turned(v[3], 16) ^ v[2];
    v[0] = turned(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = turned(v[1], 17) ^ v[2];
    v[3] = turned(v[3], 21) ^ v[0];
    v[2] = turned(v[2], 32);
}

/* Each capital among eight octets as its small letter. */
static uint64_t folded(uint64_t w)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
    uint64_t low = w & ~high; /* adding cannot reach the next octet */
    uint64_t capitals = ((low + (0x80 - 'A') * ones) ^ (low + (0x7f - 'Z') * ones)) & high & ~w;
    return w + (capitals >> 2);
}

/* Up to eight octets as a number. */
static uint64_t word(const char *p, size_t n, bool fold)
{
    uint64_t w = 0;
    if (n == 8)
        memcpy(&w, p, 8);
    else if (n)
        memcpy(&w, p, n);
    w = le64toh(w);
    return fold ? folded(w) : w;
}

static uint64_t sip(ByoStr s, uint64_t salt, bool fold)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_secret);
    uint64_t k0 = secret[0] ^ salt, k1 = secret[1];
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                     k1 ^ 0x7465646279746573u};
    for (size_t i = 0; i <= s.n / 8; i++) {
        bool last = i == s.n / 8;
        uint64_t w =
            word(s.n ? s.p + 8 * i : "", last ? s.n % 8 : 8, fold) | (last ? (uint64_t)s.n << 56 : 0);
        v[3] ^= w;
        sip_round(v);
        v[0] ^= w;
    }
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t byo_hash(ByoStr s, uint64_t salt)
{
    return sip(s, salt, false);
}

uint64_t byo_hash_nocase(ByoStr s, uint64_t salt)
{
    return sip(s, salt, true);
}

uint64_t byo_hash_same(ByoStr s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
    return h;
}

/* ---- tables ---- */

static void hang(ByoHashTable *t, ByoHashEntry *e)
{
    ByoHashEntry **at = &t->buckets[e->hash & (t->size - 1)];
    e->next = *at;
    *at = e;
}

static void grow(ByoHashTable *t)
{
    ByoHashEntry **old = t->buckets;
    size_t n = t->size;
    t->size = n ? n * 4 : FIRST_SIZE;
    t->buckets = byo_zalloc(t->size * sizeof *t->buckets);
    for (size_t i = 0; i < n; i++)
        for (ByoHashEntry *e = old[i], *next; e; e = next) {
            next = e->next;
            hang(t, e);
        }
    free(old);
}

void byo_hash_add(ByoHashTable *t, ByoHashEntry *e, uint64_t hash)
{
    if (t->n >= t->size)
        grow(t);
    e->hash = hash;
    hang(t, e);
    t->n++;
}

void byo_hash_remove(ByoHashTable *t, ByoHashEntry *e)
{
    ByoHashEntry **at = &t->buckets[e->hash & (t->size - 1)];
    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    t->n--;
}

static ByoHashEntry *of_hash(ByoHashEntry *e, uint64_t hash)
{
    while (e && e->hash != hash)
        e = e->next;
    return e;
}

ByoHashEntry *byo_hash_first(const ByoHashTable *t, uint64_t hash)
{
    return t->size ? of_hash(t->buckets[hash & (t->size - 1)], hash) : NULL;
}

ByoHashEntry *byo_hash_next(const ByoHashEntry *e)
{
    return of_hash(e->next, e->hash);
}

ByoHashEntry *byo_hash_after(const ByoHashTable *t, const ByoHashEntry *e)
{
    if (e && e->next)
        return e->next;
    for (size_t i = e ? (e->hash & (t->size - 1)) + 1 : 0; i < t->size; i++)
        if (t->buckets[i])
            return t->buckets[i];
    return NULL;
}

void byo_hash_clear(ByoHashTable *t, void (*each)(void *entry))
{
    for (ByoHashEntry *e = byo_hash_after(t, NULL), *next; e && each; e = next) {
        next = byo_hash_after(t, e);
        each(e);
    }
    free(t->buckets);
    *t = (ByoHashTable){0};
}
