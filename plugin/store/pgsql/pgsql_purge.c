/* SPDX-License-Identifier: BSD-3-Clause
 * The end of what is too old, and messages whose validity is over.
 * Decides: in which order old rows go, and how many at a time. Their room is the database's to use again (autovacuum).
 * Messages in a day's partition go with it (pgsql_days.c); those that ended and stayed among the open go here.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

/* A MO may come again so long after it was seen. Counted from the newest one: while none comes, none is forgotten. */
#define MO_REMEMBERED (3 * BYO_DAY)
/* Messages looked at for each one that may go: those that are not over are stepped over. */
#define LOOK_FACTOR 8

/* Runs of messages beside each other that go, and how many rows that is about. */
typedef struct {
    int64_t *first, *last;
    size_t n, cap;
    int rows;
    bool joined, apart; /* apart: there may be others in between, which are over and stay */
} Runs;

static void add(Runs *runs, ByoId id, int segments)
{
    if (!runs->joined) {
        if (runs->n == runs->cap) {
            runs->cap = runs->cap ? 2 * runs->cap : 64;
            runs->first = byo_realloc(runs->first, runs->cap * sizeof *runs->first);
            runs->last = byo_realloc(runs->last, runs->cap * sizeof *runs->last);
        }
        runs->first[runs->n++] = id;
    }
    runs->joined = !runs->apart;
    runs->last[runs->n - 1] = id;
    runs->rows += 1 + (segments < 0 || segments > 255 ? 255 : segments);
}

static int remove_runs(ByoStore *s, const Runs *runs)
{
    if (!runs->n)
        return 0;
    byo_pg_write(s, BYO_PG_PURGE_COPIES, PG_INTS(runs->first, runs->n), PG_INTS(runs->last, runs->n));
    byo_pg_write(s, BYO_PG_PURGE_STEPS, PG_INTS(runs->first, runs->n), PG_INTS(runs->last, runs->n));
    byo_pg_write(s, BYO_PG_PURGE_REPORTS, PG_INTS(runs->first, runs->n), PG_INTS(runs->last, runs->n));
    int64_t n =
        byo_pg_change(s, BYO_PG_PURGE_SEGMENTS, PG_INTS(runs->first, runs->n), PG_INTS(runs->last, runs->n));
    return (int)(n + byo_pg_change(s, BYO_PG_PURGE_MESSAGES, PG_INTS(runs->first, runs->n),
                                   PG_INTS(runs->last, runs->n)));
}

/* Walks up the ids from at->message. True: the end was not reached. */
static bool purge_messages(ByoStore *s, ByoTime before, int max, ByoPurgePlace *at, int *left)
{
    int looked = 0, look = max > INT32_MAX / LOOK_FACTOR ? INT32_MAX : max * LOOK_FACTOR;
    bool stopped = false;
    Runs runs = {.apart = PQserverVersion(s->session.c) >= BYO_PG_SERVER_WITH_DAYS};
    ByoPgRows r;
    byo_pg_read(s, &r, BYO_PG_PURGE_LOOK, PG_INT(at->message), PG_INT(byo_id_at(before)), PG_INT(look));
    while (!stopped && byo_pg_next(&r)) {
        ByoTime ended = byo_pg_amount_at(&r, 1);
        looked++;
        at->message = byo_pg_int_at(&r, 0);
        if (ended && ended < before)
            add(&runs, at->message, (int)byo_pg_int_at(&r, 2));
        else
            runs.joined = false;
        stopped = runs.rows >= max;
    }
    byo_pg_end(&r);
    *left -= remove_runs(s, &runs);
    free(runs.first);
    free(runs.last);
    if (stopped || looked == look)
        return true;
    at->message = 0;
    return false;
}

bool byo_pgsql_purge(ByoStore *s, ByoTime messages_before, ByoTime events_before, int max, ByoPurgePlace *at)
{
    if (!byo_pg_writing(s) || max <= 0)
        return false;
    ByoTime held = byo_pg_clock_held(s, messages_before, events_before);
    messages_before -= held;
    events_before -= held;
    int left = max;
    byo_pg_days_note(s, messages_before);
    /* Other nodes may be somewhat ahead with it. */
    s->stays_from = byo_id_at(messages_before + BYO_DAY);
    byo_pg_write(s, BYO_PG_PURGE_ERASED, PG_INT(byo_id_at(messages_before - BYO_DAY)));
    bool more = purge_messages(s, messages_before, max, at, &left);
    /* An event that goes on repeating is as young as its last repetition. */
    if (left > 0)
        left -= (int)byo_pg_change(s, BYO_PG_PURGE_EVENTS, PG_INT(byo_id_at(events_before)),
                                   PG_INT(events_before), PG_INT(left));
    if (left > 0)
        left -= (int)byo_pg_change(s, BYO_PG_PURGE_INBOUND, PG_INT(byo_id_at(messages_before)), PG_INT(left));
    if (left > 0)
        left -= (int)byo_pg_change(s, BYO_PG_PURGE_MOS, PG_INT(MO_REMEMBERED), PG_INT(left));
    at->removed |= left < max;
    return more || left <= 0;
}

int byo_pgsql_expired(ByoStore *s, ByoTime after, ByoTime now, ByoId *ids_r, int max)
{
    int n = byo_pg_ahead_expired(s, after, now, ids_r, max);
    if (n >= 0)
        return n;
    return max <= 0 ? 0
                    : byo_pg_ids(s, ids_r, max, BYO_PG_EXPIRED, PG_INT(after), PG_INT(now), PG_INT(max),
                                 PG_INT(s->session.slot));
}
