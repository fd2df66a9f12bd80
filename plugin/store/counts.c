/* SPDX-License-Identifier: BSD-3-Clause
 * The rules of store/counts.h. */
#include "store/counts.h"

#include <stdlib.h>

ByoCounts *byo_counts_create(size_t octets)
{
    ByoCounts *counts = byo_zalloc(sizeof *counts);
    counts->octets = octets;
    return counts;
}

static void free_count(void *entry)
{
    free(((ByoCount *)entry)->name);
    free(entry);
}

void byo_counts_destroy(ByoCounts *counts)
{
    if (!counts)
        return;
    byo_hash_clear(&counts->table, free_count);
    free(counts);
}

ByoCount *byo_counts_find(const ByoCounts *counts, ByoCountKind kind, ByoStr name)
{
    for (ByoHashEntry *e = byo_hash_first(&counts->table, byo_hash(name, kind)); e; e = byo_hash_next(e)) {
        ByoCount *c = (ByoCount *)e;
        if (c->kind == kind && byo_str_eq(byo_strn(c->name, c->length), name))
            return c;
    }
    return NULL;
}

ByoCount *byo_counts_get(ByoCounts *counts, ByoCountKind kind, ByoStr name)
{
    ByoCount *c = byo_counts_find(counts, kind, name);
    if (c)
        return c;
    c = byo_zalloc(counts->octets);
    c->kind = kind;
    c->name = byo_str_dup(name.p ? name : BYO_STR(""));
    c->length = name.n;
    byo_hash_add(&counts->table, &c->entry, byo_hash(name, kind));
    return c;
}

static void set(ByoCounts *counts, ByoCount *c, int64_t live, int64_t others)
{
    counts->names[c->kind] += (live + others > 0) - (c->live + c->others > 0);
    c->live = live;
    c->others = others;
}

static void set_live(ByoCounts *counts, ByoCount *c, int64_t live)
{
    set(counts, c, live, c->others);
}

void byo_counts_others(ByoCounts *counts, ByoCount *c, int64_t others)
{
    set(counts, c, c->live, others);
}

ByoCount *byo_counts_load(ByoCounts *counts, ByoCountKind kind, ByoStr name, int64_t n)
{
    ByoCount *c = byo_counts_get(counts, kind, name);
    c->kept = n;
    set_live(counts, c, n);
    return c;
}

void byo_counts_touch(ByoCounts *counts, ByoCount *c)
{
    if (c->touched)
        return;
    c->touched = true;
    c->next_touched = counts->touched;
    counts->touched = c;
}

void byo_counts_add(ByoCounts *counts, ByoCount *c, int64_t by)
{
    set_live(counts, c, c->live + by);
    byo_counts_touch(counts, c);
}

void byo_counts_by(ByoCounts *counts, ByoCountKind kind, ByoStr name, int64_t by)
{
    byo_counts_add(counts, byo_counts_get(counts, kind, name), by);
}

int64_t byo_counts_live(const ByoCounts *counts, ByoCountKind kind, ByoStr name)
{
    const ByoCount *c = byo_counts_find(counts, kind, name);
    return c ? byo_count_total(c) : 0;
}

void byo_counts_settle(ByoCounts *counts, bool kept)
{
    while (counts && counts->touched) {
        ByoCount *c = counts->touched;
        counts->touched = c->next_touched;
        c->touched = false;
        if (kept)
            c->kept = c->live;
        else
            set_live(counts, c, c->kept);
    }
}

ByoCount *byo_counts_after(const ByoCounts *counts, const ByoCount *c)
{
    return (ByoCount *)byo_hash_after(&counts->table, c ? &c->entry : NULL);
}
