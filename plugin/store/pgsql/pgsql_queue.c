/* SPDX-License-Identifier: BSD-3-Clause
 * What is to be done with segments, and when: queues, timers, how many there are of each.
 * Decides: when the database is asked at all: not where a count is 0, and not before the moment the first can be due.
 * Timers of all integrations are asked in one round trip.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

void byo_pg_due(ByoStore *s, ByoStr integration, ByoSegState state, ByoTime due)
{
    if (state >= BYO_STATES || (state != BYO_SEG_QUEUED && due <= 0))
        return;
    ByoTime from = byo_pg_from(s, (ByoCountKind)state, integration);
    if (from && due < from)
        byo_pg_from_put(s, (ByoCountKind)state, integration, due > 0 ? due : 0, true);
}

/* The smallest due that counts: no due is no timer, but sendable. */
static ByoTime lowest(const ByoStore *s, ByoSegState state, ByoStr integration)
{
    ByoTime from = byo_pg_from(s, (ByoCountKind)state, integration);
    return from > 0 ? from : state == BYO_SEG_QUEUED ? 0 : 1;
}

static bool none(ByoStore *s, ByoSegState state, ByoStr integration)
{
    return s->writer && byo_pg_count(s, (ByoCountKind)state, integration) == 0;
}

bool byo_pg_due_ask(ByoStore *s, ByoSegState state, ByoStr integration, ByoTime now, int max)
{
    return max > 0 && !none(s, state, integration) && lowest(s, state, integration) <= now &&
           byo_pg_ask(s, BYO_PG_PENDING_DUE, PG_TEXT(integration), PG_INT(state),
                      PG_INT(lowest(s, state, integration)), PG_INT(now), PG_INT(max),
                      PG_INT(s->session.slot));
}

int byo_pg_due_take(ByoStore *s, ByoSegState state, ByoStr integration, ByoTime now, ByoId *ids_r, int room)
{
    ByoPgRows r;
    int n = 0;
    if (!byo_pg_answer(s, &r))
        return 0;
    ByoTime first = now < INT64_MAX ? now + 1 : 0;
    while (n < room && byo_pg_next(&r)) {
        if (n == 0)
            first = byo_pg_amount_at(&r, 1);
        ids_r[n++] = byo_pg_int_at(&r, 0);
    }
    byo_pg_end(&r);
    if (room > 0)
        byo_pg_from_put(s, (ByoCountKind)state, integration, first, n > 0);
    return n;
}

static int due(ByoStore *s, ByoSegState state, ByoStr integration, ByoTime now, ByoId *ids_r, int max)
{
    return byo_pg_due_ask(s, state, integration, now, max)
               ? byo_pg_due_take(s, state, integration, now, ids_r, max)
               : 0;
}

int byo_pgsql_queue_claim(ByoStore *s, ByoStr integration, ByoTime now, ByoId *ids_r, int max)
{
    int n = byo_pg_ahead_queue(s, integration, now, ids_r, max);
    return n ? n : due(s, BYO_SEG_QUEUED, integration, now, ids_r, max);
}

int byo_pgsql_handed(ByoStore *s, ByoStr integration, ByoId *ids_r, int max)
{
    return due(s, BYO_SEG_HANDED, integration, INT64_MAX, ids_r, max);
}

/* -- walking all queues ---------------------------------------------------------------------------------- */

typedef struct {
    ByoStr *names;
    size_t n;
} Names;

static void add_name(void *arg, ByoStr name, int64_t n)
{
    Names *names = arg;
    if (n == 0)
        return;
    if (names->n % 16 == 0)
        names->names = byo_realloc(names->names, (names->n + 16) * sizeof *names->names);
    names->names[names->n++] = name;
}

/* All with a queue, in the order of their ids' octets. The caller frees names. */
static int by_octets(const void *a, const void *b)
{
    const ByoStr *x = a, *y = b;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* at->integration: of so many integrations the queues have been walked. Those that come while one walks may be missed. */
int byo_pgsql_queue_walk(ByoStore *s, ByoQueuePlace *at, ByoId *ids, int max)
{
    ByoPgRows r;
    Names names = {0};
    int n = 0;
    if (!s->counts)
        return 0;
    byo_pg_count_each(s, BYO_COUNT_QUEUED, add_name, &names);
    if (names.n)
        qsort(names.names, names.n, sizeof *names.names, by_octets);
    for (; n < max && (size_t)at->integration < names.n; at->integration++, at->due = 0, at->id = 0) {
        byo_pg_read(s, &r, BYO_PG_QUEUE_WALK, PG_TEXT(names.names[at->integration]), PG_INT(at->due),
                    PG_INT(at->id), PG_INT(max - n), PG_INT(s->session.slot));
        while (byo_pg_next(&r)) {
            at->id = ids[n++] = byo_pg_int_at(&r, 0);
            at->due = byo_pg_int_at(&r, 1);
        }
        if (n == max)
            break;
    }
    free(names.names);
    return n;
}

/* -- when the next is due ---------------------------------------------------------------------------------- */

static bool ask_next(ByoStore *s, ByoSegState state, ByoStr integration)
{
    return byo_pg_ask(s, BYO_PG_PENDING_NEXT, PG_TEXT(integration), PG_INT(state),
                      PG_INT(lowest(s, state, integration)), PG_INT(s->session.slot));
}

static ByoTime take_next(ByoStore *s, ByoSegState state, ByoStr integration)
{
    ByoPgRows r;
    ByoTime at = 0;
    if (!byo_pg_answer(s, &r))
        return 0;
    bool found = byo_pg_next(&r);
    if (found)
        at = byo_pg_amount_at(&r, 0);
    byo_pg_end(&r);
    byo_pg_from_put(s, (ByoCountKind)state, integration, found ? at : INT64_MAX, true);
    if (found && at <= 0)
        at = 1;
    return at;
}

ByoTime byo_pgsql_queue_next(ByoStore *s, ByoStr integration)
{
    if (none(s, BYO_SEG_QUEUED, integration) || !ask_next(s, BYO_SEG_QUEUED, integration))
        return 0;
    return take_next(s, BYO_SEG_QUEUED, integration);
}

/* -- timers --------------------------------------------------------------------------------------------------- */

typedef struct {
    ByoStore *s;
    ByoSegState state;
    ByoTime now;
    int max, n; /* due: room for ids, how many were found */
    ByoId *ids;
    ByoTime first;
    Names asked[BYO_STATES];
} Timers;

static void look_due(void *arg, ByoStr name, int64_t n)
{
    Timers *t = arg;
    if (n > 0 && byo_pg_due_ask(t->s, t->state, name, t->now, t->max))
        add_name(&t->asked[t->state], name, n);
}

static void look_next(void *arg, ByoStr name, int64_t n)
{
    Timers *t = arg;
    ByoTime from = byo_pg_from(t->s, (ByoCountKind)t->state, name);
    if (n > 0 && from == INT64_MAX)
        return;
    if (n > 0 && from > 0 && byo_pg_due_met(t->s, (ByoCountKind)t->state, name))
        t->first = !t->first || from < t->first ? from : t->first;
    else if (n > 0 && ask_next(t->s, t->state, name))
        add_name(&t->asked[t->state], name, n);
}

static void look(Timers *t, void (*each)(void *arg, ByoStr name, int64_t n))
{
    for (t->state = BYO_SEG_HANDED; t->state <= BYO_SEG_ACCEPTED; t->state++)
        byo_pg_count_each(t->s, (ByoCountKind)t->state, each, t);
}

int byo_pgsql_timers_claim(ByoStore *s, ByoTime now, ByoId *ids_r, int max)
{
    Timers t = {.s = s, .now = now, .max = max, .ids = ids_r};
    int ahead = byo_pg_ahead_timers(s, now, ids_r, max);
    if (!s->counts || ahead >= 0)
        return ahead > 0 ? ahead : 0;
    look(&t, look_due);
    for (ByoSegState state = BYO_SEG_HANDED; state <= BYO_SEG_ACCEPTED; state++) {
        for (size_t i = 0; i < t.asked[state].n; i++)
            t.n += byo_pg_due_take(s, state, t.asked[state].names[i], now, ids_r + t.n, max - t.n);
        free(t.asked[state].names);
    }
    return t.n;
}

/* What is known of the first is enough: it may have gone, and then a look at that moment finds the next. */
ByoTime byo_pgsql_timers_next(ByoStore *s)
{
    Timers t = {.s = s};
    if (!s->counts)
        return 0;
    look(&t, look_next);
    for (ByoSegState state = BYO_SEG_HANDED; state <= BYO_SEG_ACCEPTED; state++) {
        for (size_t i = 0; i < t.asked[state].n; i++) {
            ByoTime at = take_next(s, state, t.asked[state].names[i]);
            t.first = at && (!t.first || at < t.first) ? at : t.first;
        }
        free(t.asked[state].names);
    }
    return t.first;
}

/* -- how many -------------------------------------------------------------------------------------------------- */

int64_t byo_pgsql_count_state(ByoStore *s, ByoStr integration, ByoSegState state)
{
    return integration.n && state < BYO_STATES ? byo_pg_count(s, (ByoCountKind)state, integration) : 0;
}

/* The first look of all; then the flow counts them itself. */
void byo_pgsql_left_at(ByoStore *s, ByoStr node,
                       void (*each)(void *arg, ByoStr integration, ByoSegState state, int64_t n), void *arg,
                       int64_t *inward)
{
    ByoPgRows r;
    *inward = 0;
    for (byo_pg_read(s, &r, BYO_PG_INWARD_AT, PG_TEXT(node)); byo_pg_next(&r);)
        *inward = byo_pg_int_at(&r, 0);
    for (byo_pg_read(s, &r, BYO_PG_SEGMENTS_AT, PG_TEXT(node)); byo_pg_next(&r);)
        each(arg, byo_pg_text_at(&r, 0), (ByoSegState)byo_pg_int_at(&r, 1), byo_pg_int_at(&r, 2));
}

int64_t byo_pgsql_handed_here(ByoStore *s, ByoStr integration)
{
    return byo_pgsql_handed_before(s, integration, INT64_MAX, false);
}

void byo_pgsql_queue_depth(ByoStore *s, ByoStr integration, int64_t *n_r, ByoTime *oldest_r)
{
    *n_r = byo_pgsql_count_state(s, integration, BYO_SEG_QUEUED);
    *oldest_r = 0;
    if (*n_r == 0)
        return;
    ByoPgRows r;
    int64_t slots[BYO_SLOTS], none[BYO_SLOTS] = {0}, now = byo_now(), first = 0;
    int64_t *from = s->counts ? byo_pg_due_of_others(s, BYO_COUNT_QUEUED, integration) : none;
    for (int i = 0; i < BYO_SLOTS; i++)
        slots[i] = i;
    if (s->writer)
        from[s->session.slot] = lowest(s, BYO_SEG_QUEUED, integration);
    if (!byo_pg_read(s, &r, BYO_PG_PENDING_OLDEST, PG_TEXT(integration), PG_INTS(slots, BYO_SLOTS),
                     PG_INTS(from, BYO_SLOTS)))
        return;
    for (int i = 0; i < BYO_SLOTS; i++) /* of those that have none, whatever their clocks say */
        from[i] = now - BYO_MINUTE;
    while (byo_pg_next(&r)) {
        ByoId id = byo_pg_int_at(&r, 1);
        from[byo_pg_int_at(&r, 0) & (BYO_SLOTS - 1)] = byo_pg_int_at(&r, 2);
        first = !first || id < first ? id : first;
    }
    *oldest_r = first ? byo_id_time(first) : 0;
}

/* -- bearerbox forgot them ----------------------------------------------------------------------------------------- */

void byo_pgsql_handed_due_by(ByoStore *s, ByoStr integration, ByoTime before, ByoTime due_by)
{
    byo_pg_write(s, BYO_PG_HANDED_DUE_BY, PG_TEXT(integration), PG_INT(due_by), PG_INT(before),
                 PG_INT(s->session.slot));
}

void byo_pgsql_handed_doubt(ByoStore *s, ByoStr integration, ByoTime before)
{
    byo_pg_write(s, BYO_PG_HANDED_DOUBT, PG_TEXT(integration), PG_INT(before), PG_INT(s->session.slot));
}

int64_t byo_pgsql_handed_before(ByoStore *s, ByoStr integration, ByoTime before, bool unmarked)
{
    return byo_pg_amount(s, BYO_PG_HANDED_BEFORE, PG_TEXT(integration), PG_INT(before),
                         PG_INT(unmarked ? 18 : 16), PG_INT(s->session.slot));
}
