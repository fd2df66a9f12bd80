/* SPDX-License-Identifier: BSD-3-Clause
 * Two numbers as two integers, and their hash.
 * Ownership: values. Threads: values. */
#include "compliance/pair.h"

#include "compliance/plan.h"

static uint64_t pack(ByoStr s)
{
    uint64_t v = 1;

    if (s.n && s.p[0] == '+')
        s = byo_strn(s.p + 1, s.n - 1);
    if (s.n == 0 || s.n > 18)
        return 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return 0;
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    return v;
}

/* In the form recipients are compared in. */
static uint64_t pack_recipient(ByoStr s)
{
    char key[BYO_ADDRESS_MAX];

    if (s.n && s.p[0] == '+')
        s = byo_strn(s.p + 1, s.n - 1);
    if (s.n == 0 || s.n > 18)
        return 0;
    memcpy(key, s.p, s.n);
    key[s.n] = 0;
    size_t n = byo_plan_key(key, key);
    return s.p[0] == '+' ? 0 : pack(byo_strn(key, n));
}

bool byo_pair_make(ByoStr number, ByoStr recipient, ByoPair *pair_r)
{
    ByoPair p = {pack(number), pack_recipient(recipient)};
    bool ok = p.number && p.recipient;

    *pair_r = ok ? p : (ByoPair){0};
    return ok;
}

/* The halves of a 128-bit product, folded: each multiplication mixes all bits of both sides. */
static uint64_t fold_product(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 Wide;
    Wide w = (Wide)a * b;

    return (uint64_t)w ^ (uint64_t)(w >> 64);
}

uint64_t byo_pair_hash(ByoPair pair, uint64_t seed)
{
    uint64_t h = fold_product(pair.number ^ seed ^ 0x9E3779B97F4A7C15u, 0xD6E8FEB86659FD93u);

    h = fold_product(h ^ pair.recipient, 0xA0761D6478BD642Fu ^ seed);
    return fold_product(h ^ (h >> 32), 0xE7037ED1A0B428DBu);
}
