/* SPDX-License-Identifier: BSD-3-Clause
 * What the end of a turn looks for, looked for at its beginning: queues, timers, validities. Behind what the turn writes
 * the database would have to do all of that first, and rows would be written that change once more.
 * Decides: what of it still holds: a row this turn changed counts as it is now. What comes into a queue by the turn itself is
 * asked for behind it; a timer that becomes due by it is the next turn's (byo_pg_due).
 * Ownership: lists live until the transaction is over. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

enum { IDS_MAX = 512 };

typedef struct List {
    struct List *next; /* in the order they were asked for */
    ByoWantKind kind;
    ByoSegState state;
    ByoStr integration; /* its text lies behind */
    ByoTime after, now;
    int max, n, at; /* ids from at on are not given out */
    ByoId *ids;
} List;

struct ByoPgAhead {
    List *first, **last;
    ByoTime timers; /* they were looked for at that moment; 0: no, or they are given out */
};

static ByoPgAhead *ahead(ByoStore *s)
{
    if (!s->ahead) {
        s->ahead = byo_zalloc(sizeof *s->ahead);
        s->ahead->last = &s->ahead->first;
    }
    return s->ahead;
}

void byo_pg_ahead_forget(ByoStore *s)
{
    if (!s->ahead)
        return;
    for (List *l = s->ahead->first, *next; l; l = next) {
        next = l->next;
        free(l->ids);
        free(l);
    }
    free(s->ahead);
    s->ahead = NULL;
}

/* -- asking ------------------------------------------------------------------------------------------ */

static void add(ByoStore *s, List of)
{
    List *l = byo_alloc(sizeof *l + of.integration.n);
    *l = of;
    if (of.integration.n)
        memcpy(l + 1, of.integration.p, of.integration.n);
    l->integration = byo_strn((char *)(l + 1), of.integration.n);
    *ahead(s)->last = l;
    ahead(s)->last = &l->next;
}

static int bounded(int max)
{
    return max < IDS_MAX ? max : IDS_MAX;
}

static void ask_due(ByoStore *s, ByoSegState state, ByoStr integration, const ByoWant *w)
{
    int max = bounded(w->max);
    if (byo_pg_due_ask(s, state, integration, w->now, max))
        add(s,
            (List){.kind = w->kind, .state = state, .integration = integration, .now = w->now, .max = max});
}

typedef struct {
    ByoStore *s;
    ByoSegState state;
    const ByoWant *want;
} Timers;

static void ask_timers_of(void *arg, ByoStr name, int64_t n)
{
    const Timers *t = arg;
    if (n > 0)
        ask_due(t->s, t->state, name, t->want);
}

static void ask_timers(ByoStore *s, const ByoWant *w)
{
    Timers t = {.s = s, .want = w};
    ahead(s)->timers = w->now;
    for (t.state = BYO_SEG_HANDED; t.state <= BYO_SEG_ACCEPTED; t.state++)
        byo_pg_count_each(s, (ByoCountKind)t.state, ask_timers_of, &t);
}

static void ask_expired(ByoStore *s, const ByoWant *w)
{
    int max = bounded(w->max);
    if (byo_pg_ask(s, BYO_PG_EXPIRED, PG_INT(w->after), PG_INT(w->now), PG_INT(max), PG_INT(s->session.slot)))
        add(s, (List){.kind = w->kind, .after = w->after, .now = w->now, .max = max});
}

void byo_pg_ahead_ask(ByoStore *s, const ByoWant *wants, size_t n)
{
    for (size_t i = 0; i < n && s->counts && !s->course.failed; i++) {
        if (wants[i].kind == BYO_WANT_QUEUE)
            ask_due(s, BYO_SEG_QUEUED, wants[i].integration, &wants[i]);
        else if (wants[i].kind == BYO_WANT_TIMERS)
            ask_timers(s, &wants[i]);
        else if (wants[i].kind == BYO_WANT_EXPIRED)
            ask_expired(s, &wants[i]);
    }
}

static int take_expired(ByoStore *s, ByoId *ids, int max)
{
    ByoPgRows r;
    int n = 0;
    for (byo_pg_answer(s, &r); n < max && byo_pg_next(&r);)
        ids[n++] = byo_pg_int_at(&r, 0);
    byo_pg_end(&r);
    return n;
}

void byo_pg_ahead_answer(ByoStore *s, void (*queued)(void *arg, ByoId segment), void *arg)
{
    ByoId ids[IDS_MAX];
    for (List *l = s->ahead ? s->ahead->first : NULL; l && !s->course.failed; l = l->next) {
        if (l->ids)
            continue;
        l->n = l->kind == BYO_WANT_EXPIRED
                   ? take_expired(s, ids, l->max)
                   : byo_pg_due_take(s, l->state, l->integration, l->now, ids, l->max);
        l->ids = byo_alloc((size_t)(l->n + 1) * sizeof *ids);
        memcpy(l->ids, ids, (size_t)l->n * sizeof *ids);
        for (int i = 0; i < l->n && l->kind == BYO_WANT_QUEUE; i++)
            queued(arg, ids[i]);
    }
}

/* -- answering ---------------------------------------------------------------------------------------- */

/* Not changed by this turn, or so that it still belongs there. */
static bool holds(const ByoStore *s, const List *l, ByoId id)
{
    ByoSegmentRow seg;
    ByoStr integration;
    if (!byo_pg_rows_segment(s, id, &seg, &integration))
        return true;
    if (l->kind != BYO_WANT_TIMERS)
        return seg.s.state == BYO_SEG_QUEUED && (l->kind == BYO_WANT_EXPIRED || seg.s.due <= l->now);
    return seg.s.state == l->state && seg.s.due > 0 && seg.s.due <= l->now;
}

static int give(const ByoStore *s, List *l, ByoId *ids_r, int max)
{
    int n = 0;
    for (; n < max && l->at < l->n; l->at++)
        if (holds(s, l, l->ids[l->at]))
            ids_r[n++] = l->ids[l->at];
    return n;
}

/* The next of a kind, from l on. */
static List *next_of(List *l, ByoWantKind kind, ByoTime now)
{
    while (l && (l->kind != kind || l->now != now || !l->ids))
        l = l->next;
    return l;
}

int byo_pg_ahead_queue(ByoStore *s, ByoStr integration, ByoTime now, ByoId *ids_r, int max)
{
    List *l = s->ahead ? next_of(s->ahead->first, BYO_WANT_QUEUE, now) : NULL;
    while (l && !byo_str_eq(l->integration, integration))
        l = next_of(l->next, BYO_WANT_QUEUE, now);
    return l ? give(s, l, ids_r, max) : 0;
}

int byo_pg_ahead_timers(ByoStore *s, ByoTime now, ByoId *ids_r, int max)
{
    int n = 0;
    if (!s->ahead || s->ahead->timers != now)
        return -1;
    for (List *l = s->ahead->first; (l = next_of(l, BYO_WANT_TIMERS, now)) != NULL; l = l->next)
        n += give(s, l, ids_r + n, max - n);
    s->ahead->timers = 0;
    return n;
}

int byo_pg_ahead_expired(ByoStore *s, ByoTime after, ByoTime now, ByoId *ids_r, int max)
{
    List *l = s->ahead ? next_of(s->ahead->first, BYO_WANT_EXPIRED, now) : NULL;
    if (!l || l->after != after)
        return -1;
    int n = give(s, l, ids_r, max);
    l->now = 0;                                /* it is given out */
    return l->n == l->max && n < max ? -1 : n; /* there may be more than were asked for */
}
