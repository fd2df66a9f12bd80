/* SPDX-License-Identifier: BSD-3-Clause
 * How many rows there are of each kind: kept in the transaction that changes them, never counted.
 * Decides: how a count lies in the table counter: each change is a new row, and the one before goes. So the newest is found
 * at once, also while an old snapshot keeps all of them from being cleaned away.
 * With a count of segments stands when the first of them may be due: an index is looked at from there, for what lies
 * before it may be many rows that are gone and not cleaned away.
 * Ownership: the ByoStore owns the counts. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

typedef struct Count {
    ByoHashEntry entry;
    struct Count *next_touched;
    ByoPgKind kind;
    char *name;
    size_t length;
    int64_t live, kept;    /* this transaction's view, what is committed */
    int64_t turn;          /* of the row that is committed; 0: there is none */
    ByoTime due, due_kept; /* none of them is due before; 0: not known */
    bool due_met;          /* and one was due then; it may be over */
    bool touched;
} Count;

struct ByoPgCounts {
    ByoHashTable table;
    Count *touched;
    int64_t names[BYO_PG_OF_ANONYMOUS + 1]; /* with a live count that is not 0 */
};

static Count *find(const ByoPgCounts *counts, ByoPgKind kind, ByoStr name)
{
    for (ByoHashEntry *e = byo_hash_first(&counts->table, byo_hash(name, kind)); e; e = byo_hash_next(e)) {
        Count *c = (Count *)e;
        if (c->kind == kind && byo_str_eq(byo_strn(c->name, c->length), name))
            return c;
    }
    return NULL;
}

static Count *get(ByoPgCounts *counts, ByoPgKind kind, ByoStr name)
{
    Count *c = find(counts, kind, name);
    if (c)
        return c;
    c = byo_zalloc(sizeof *c);
    c->kind = kind;
    c->name = byo_str_dup(name.p ? name : BYO_STR(""));
    c->length = name.n;
    byo_hash_add(&counts->table, &c->entry, byo_hash(name, kind));
    return c;
}

static void set_live(ByoPgCounts *counts, Count *c, int64_t live)
{
    counts->names[c->kind] += (live != 0) - (c->live != 0);
    c->live = live;
}

static void touch(ByoPgCounts *counts, Count *c)
{
    if (c->touched)
        return;
    c->touched = true;
    c->next_touched = counts->touched;
    counts->touched = c;
}

void byo_pg_count_by(ByoStore *s, ByoPgKind kind, ByoStr name, int64_t by)
{
    Count *c = get(s->counts, kind, name);
    set_live(s->counts, c, c->live + by);
    touch(s->counts, c);
}

ByoTime byo_pg_due_from(const ByoStore *s, ByoPgKind kind, ByoStr name)
{
    const Count *c = s->counts ? find(s->counts, kind, name) : NULL;
    return c ? c->due : 0;
}

bool byo_pg_due_met(const ByoStore *s, ByoPgKind kind, ByoStr name)
{
    const Count *c = s->counts ? find(s->counts, kind, name) : NULL;
    return c && c->due_met;
}

void byo_pg_due_from_put(ByoStore *s, ByoPgKind kind, ByoStr name, ByoTime due, bool met)
{
    Count *c = s->counts ? find(s->counts, kind, name) : NULL;
    if (!c)
        return;
    c->due = due;
    c->due_met = met;
    touch(s->counts, c);
}

void byo_pg_due_forget(ByoStore *s)
{
    if (!s->counts)
        return;
    for (ByoHashEntry *e = byo_hash_after(&s->counts->table, NULL); e;
         e = byo_hash_after(&s->counts->table, e))
        ((Count *)e)->due = ((Count *)e)->due_kept = 0;
}

int64_t byo_pg_count(ByoStore *s, ByoPgKind kind, ByoStr name)
{
    if (!s->counts)
        return byo_pg_amount(s, BYO_PG_COUNTER, PG_INT(kind), PG_OCTETS(name));
    const Count *c = find(s->counts, kind, name);
    return c ? c->live : 0;
}

int64_t byo_pg_count_names(ByoStore *s, ByoPgKind kind)
{
    return s->counts ? s->counts->names[kind] : 0;
}

void byo_pg_count_each(ByoStore *s, ByoPgKind kind, void (*each)(void *arg, ByoStr name, int64_t n),
                       void *arg)
{
    for (ByoHashEntry *e = byo_hash_after(&s->counts->table, NULL); e;
         e = byo_hash_after(&s->counts->table, e)) {
        const Count *c = (const Count *)e;
        if (c->kind == kind)
            each(arg, byo_strn(c->name, c->length), c->live);
    }
}

bool byo_pg_counts_load(ByoStore *s)
{
    ByoPgRows r;
    s->counts = byo_zalloc(sizeof *s->counts);
    if (!byo_pg_read_all(s, &r, BYO_PG_COUNTERS))
        return false;
    while (byo_pg_next(&r)) {
        int64_t kind = byo_pg_int_at(&r, 0);
        if (kind < 0 || kind > BYO_PG_OF_ANONYMOUS)
            continue;
        Count *c = get(s->counts, (ByoPgKind)kind, byo_pg_text_at(&r, 1));
        c->turn = byo_pg_int_at(&r, 2);
        c->kept = byo_pg_amount_at(&r, 3);
        set_live(s->counts, c, c->kept);
    }
    return true;
}

void byo_pg_counts_put(ByoStore *s)
{
    enum { AT_ONCE = 64 };
    int64_t kinds[AT_ONCE], turns[AT_ONCE], live[AT_ONCE];
    ByoStr names[AT_ONCE];
    size_t n = 0;
    for (Count *c = s->counts->touched; c; c = c->next_touched) {
        if (c->live != c->kept) {
            kinds[n] = c->kind;
            names[n] = byo_strn(c->name, c->length);
            turns[n] = c->turn;
            live[n++] = c->live;
        }
        if (n && (n == AT_ONCE || !c->next_touched)) {
            byo_pg_write(s, BYO_PG_COUNTERS_PUT, PG_INTS(kinds, n), PG_OCTETSS(names, n), PG_INTS(turns, n),
                         PG_INTS(live, n), PG_INT(s->turn));
            n = 0;
        }
    }
}

void byo_pg_counts_settle(ByoStore *s, bool kept)
{
    if (!s->counts)
        return;
    while (s->counts->touched) {
        Count *c = s->counts->touched;
        s->counts->touched = c->next_touched;
        c->touched = false;
        if (kept && c->live != c->kept)
            c->turn = s->turn;
        if (kept) {
            c->kept = c->live;
            c->due_kept = c->due;
        } else {
            set_live(s->counts, c, c->kept);
            c->due = c->due_kept;
            c->due_met = false;
        }
    }
}

static void free_count(void *entry)
{
    free(((Count *)entry)->name);
    free(entry);
}

void byo_pg_counts_free(ByoStore *s)
{
    if (!s->counts)
        return;
    byo_hash_clear(&s->counts->table, free_count);
    free(s->counts);
}
