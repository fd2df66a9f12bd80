/* SPDX-License-Identifier: BSD-3-Clause
 * Which part of an integration's rate this node may use.
 * Decides: the parts. Who has more work than it may send shares equally what the others leave, who keep what they use and some
 * more, and a hundredth, so that the first message leaves at once; nobody has less than an equal part who could use it. A part grows by no more than is free, whatever became of the nodes that have the rest. It
 * shrinks at once, and is free for others a round later: what left by it is of a second that is over. One node at a time: who finds another at it keeps what it has.
 * Between two rounds who needs more has what is free up to an equal part, where nobody wants it: a burst at nodes that had nothing to
 * do does not wait for a round.
 * The table has what a node holds: its part, or that of the round before where that was more.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

enum { OF_ONE = 1000, LEAST = 100 }; /* parts of one a second, which all is counted in; of the rate */

/* What the others have of one integration. */
typedef struct {
    int64_t taken;      /* all together */
    int64_t used;       /* by those who do not want */
    int want, want_not; /* how many of them */
    int64_t mine;       /* as the table has it; below 0: it has no row */
    bool wanted, open;
} Taken;

/* What a node has without a need for it. */
static int64_t least_of(const ByoRateShare *s)
{
    return (int64_t)(s->rate * OF_ONE) / LEAST;
}

static void take(Taken *t, const ByoPgRows *r, int slot, int64_t least)
{
    int64_t rate = byo_pg_amount_at(r, 2);
    bool wants = byo_pg_bool_at(r, 3);
    if (byo_pg_int_at(r, 1) == slot) {
        t->mine = rate;
        t->wanted = wants;
        t->open = byo_pg_bool_at(r, 4);
        return;
    }
    t->taken += rate;
    t->used += wants ? 0 : rate > least ? rate : least;
    t->want += wants;
    t->want_not += !wants;
}

static int64_t part(const ByoRateShare *s, const Taken *t)
{
    int64_t rate = (int64_t)(s->rate * OF_ONE), free = rate - t->taken;
    int64_t least = least_of(s), needs = (int64_t)(s->needs * OF_ONE);
    int64_t equal = rate / (t->want + t->want_not + 1), part = needs > least ? needs : least;
    if (s->wants || (!t->want && !t->want_not))
        part = (rate - t->used) / (t->want + 1) > equal ? (rate - t->used) / (t->want + 1) : equal;
    else if (t->want && part > equal)
        part = equal;
    return part < free ? part : free > 0 ? free : 0;
}

static int64_t held(const ByoRateShare *s, const Taken *t, int64_t part)
{
    int64_t before = s->held < 0 ? t->mine : (int64_t)(s->held * OF_ONE);
    return part > before ? part : before;
}

/* Of the integrations in the database's order, ours in any. True: this node has a part of one that is not ours any more. */
static bool read_all(ByoStore *s, const ByoRateShare *shares, size_t n, Taken *taken)
{
    ByoPgRows r;
    bool left = false;
    for (byo_pg_read_all(s, &r, BYO_PG_SHARES); byo_pg_next(&r);) {
        size_t i = 0;
        while (i < n && !byo_str_eq(shares[i].integration, byo_pg_text_at(&r, 0)))
            i++;
        if (i < n)
            take(&taken[i], &r, s->session.slot, least_of(&shares[i]));
        else
            left |= byo_pg_int_at(&r, 1) == s->session.slot;
    }
    return left;
}

/* What this node sent by them is of a second that is over a round later; then they go. */
static void leave(ByoStore *s, const ByoRateShare *shares, size_t n)
{
    ByoStr *names = byo_alloc((n + 1) * sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = shares[i].integration;
    byo_pg_write(s, BYO_PG_SHARES_LEAVE, PG_INT(s->session.slot), PG_TEXTS(names, n));
    free(names);
}

/* Rows that are to be written. */
typedef struct {
    ByoStr *names;
    int64_t *rates, *wants, *open;
    size_t n;
} Rows;

static Rows rows_for(size_t n)
{
    int64_t *numbers = byo_alloc(3 * (n + 1) * sizeof *numbers);
    return (Rows){.names = byo_alloc((n + 1) * sizeof(ByoStr)),
                  .rates = numbers,
                  .wants = numbers + n,
                  .open = numbers + 2 * n};
}

static void add(Rows *rows, ByoStr integration, int64_t rate, bool wants, bool open)
{
    rows->names[rows->n] = integration;
    rows->rates[rows->n] = rate;
    rows->wants[rows->n] = wants;
    rows->open[rows->n++] = open;
}

static void put(ByoStore *s, Rows *rows)
{
    if (rows->n)
        byo_pg_write(s, BYO_PG_SHARES_PUT, PG_TEXTS(rows->names, rows->n), PG_INTS(rows->rates, rows->n),
                     PG_INTS(rows->wants, rows->n), PG_INTS(rows->open, rows->n), PG_INT(s->session.slot));
    free(rows->names);
    free(rows->rates);
}

/* Nobody else is at it until the transaction is over. False: somebody is, or a fault. */
static bool locked(ByoStore *s)
{
    return byo_pg_writing(s) && byo_pg_amount(s, BYO_PG_SHARES_LOCK, PG_INT(BYO_PG_LOCK_SHARES)) != 0;
}

static Taken *nothing_taken(size_t n)
{
    Taken *taken = byo_zalloc((n + 1) * sizeof *taken);
    for (size_t i = 0; i < n; i++)
        taken[i].mine = -1;
    return taken;
}

bool byo_pgsql_shares(ByoStore *s, ByoRateShare *shares, size_t n)
{
    if (!locked(s))
        return false;
    Taken *taken = nothing_taken(n);
    Rows rows = rows_for(n);
    if (read_all(s, shares, n, taken))
        leave(s, shares, n);
    for (size_t i = 0; i < n; i++) {
        int64_t own = part(&shares[i], &taken[i]), mine = held(&shares[i], &taken[i], own);
        shares[i].share = (double)own / OF_ONE;
        if (mine != taken[i].mine || shares[i].wants != taken[i].wanted || shares[i].open != taken[i].open)
            add(&rows, shares[i].integration, mine, shares[i].wants, shares[i].open);
    }
    put(s, &rows);
    free(taken);
    return !s->course.failed;
}

bool byo_pgsql_share_more(ByoStore *s, ByoRateShare *shares, size_t n)
{
    if (!locked(s))
        return false;
    Taken *taken = nothing_taken(n);
    Rows rows = rows_for(n);
    read_all(s, shares, n, taken);
    for (size_t i = 0; i < n; i++) {
        const Taken *t = &taken[i];
        int64_t rate = (int64_t)(shares[i].rate * OF_ONE), free_part = rate - t->taken;
        int64_t own = rate / (t->want_not + 1);
        own = own < free_part ? own : free_part;
        if (t->want || t->mine < 0 || own <= (int64_t)(shares[i].share * OF_ONE))
            continue;
        shares[i].share = (double)own / OF_ONE;
        if (own > t->mine)
            add(&rows, shares[i].integration, own, t->wanted, t->open);
    }
    put(s, &rows);
    free(taken);
    return !s->course.failed;
}
