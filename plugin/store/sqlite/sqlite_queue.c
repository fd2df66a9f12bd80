/* SPDX-License-Identifier: BSD-3-Clause
 * What is to be done with segments, and when: queues, timers, how many there are of each.
 * Decides: nothing. One index (segment_pending) holds every segment that is not over, by state,
 * integration and due, so a look costs the same with a thousand and with a million of them.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

/* The oldest of a queue is looked for among so many of its first. */
#define OLDEST_ROWS "1000"

static int due(ByoStore *s, int state, int64_t integration, ByoTime now, ByoId *ids_r, int max)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_PENDING_DUE,
                  "SELECT id FROM segment INDEXED BY segment_pending WHERE state < 3 AND state = ?1"
                  " AND integration = ?2 AND due >= ?3 AND due <= ?4 ORDER BY due, id LIMIT ?5");
    if (!st || max <= 0)
        return 0;
    sqlite3_bind_int(st, 1, state);
    sqlite3_bind_int64(st, 2, integration);
    sqlite3_bind_int64(st, 3, state == BYO_SEG_QUEUED ? 0 : 1); /* no due: no timer, but sendable */
    sqlite3_bind_int64(st, 4, now);
    sqlite3_bind_int(st, 5, max);
    int n = 0;
    while (byo_row(s, st, "cannot read the queue"))
        ids_r[n++] = sqlite3_column_int64(st, 0);
    return n;
}

static ByoTime next(ByoStore *s, int state, int64_t integration)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_PENDING_NEXT,
                                 "SELECT due FROM segment INDEXED BY segment_pending WHERE state < 3"
                                 " AND state = ?1 AND integration = ?2 AND due >= ?3 ORDER BY due LIMIT 1");
    if (!st)
        return 0;
    sqlite3_bind_int(st, 1, state);
    sqlite3_bind_int64(st, 2, integration);
    sqlite3_bind_int64(st, 3, state == BYO_SEG_QUEUED ? 0 : 1);
    if (!byo_row(s, st, "cannot read the queue"))
        return 0;
    ByoTime at = byo_amount(st, 0);
    sqlite3_reset(st);
    return at > 0 ? at : 1;
}

/* The writer knows; a reader looks. */
static bool none(ByoStore *s, const ByoKnown *k, ByoSegState state)
{
    return s->writer && byo_count(s, (ByoCountKind)state, k->key) == 0;
}

int byo_sqlite_queue_claim(ByoStore *s, ByoStr integration, ByoTime now, ByoId *ids_r, int max)
{
    ByoKnown *k = byo_known(s, integration);
    if (!k || none(s, k, BYO_SEG_QUEUED))
        return 0;
    return due(s, BYO_SEG_QUEUED, k->key, now, ids_r, max);
}

int byo_sqlite_handed(ByoStore *s, ByoStr integration, ByoId *ids_r, int max)
{
    ByoKnown *k = byo_known(s, integration);
    if (!k || none(s, k, BYO_SEG_HANDED))
        return 0;
    return due(s, BYO_SEG_HANDED, k->key, INT64_MAX, ids_r, max);
}

int byo_sqlite_queue_walk(ByoStore *s, ByoQueuePlace *at, ByoId *ids, int max)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_QUEUE_WALK,
                  "SELECT integration, due, id FROM segment INDEXED BY segment_pending WHERE state = 0"
                  " AND state < 3 AND (integration, due, id) > (?1, ?2, ?3)"
                  " ORDER BY integration, due, id LIMIT ?4");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, at->integration);
    sqlite3_bind_int64(st, 2, at->due);
    sqlite3_bind_int64(st, 3, at->id);
    sqlite3_bind_int(st, 4, max);
    int n = 0;
    while (byo_row(s, st, "cannot read the queue")) {
        *at = (ByoQueuePlace){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
                              sqlite3_column_int64(st, 2)};
        ids[n++] = at->id;
    }
    return n;
}

ByoTime byo_sqlite_queue_next(ByoStore *s, ByoStr integration)
{
    ByoKnown *k = byo_known(s, integration);
    if (!k || none(s, k, BYO_SEG_QUEUED))
        return 0;
    return next(s, BYO_SEG_QUEUED, k->key);
}

void byo_sqlite_queue_depth(ByoStore *s, ByoStr integration, int64_t *n_r, ByoTime *oldest_r)
{
    *n_r = byo_sqlite_count_state(s, integration, BYO_SEG_QUEUED);
    *oldest_r = 0;
    ByoKnown *k = byo_known(s, integration);
    if (*n_r == 0 || !k)
        return;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_PENDING_OLDEST,
                  "SELECT min(id) FROM (SELECT id FROM segment INDEXED BY segment_pending WHERE state < 3"
                  " AND state = 0 AND integration = ?1 ORDER BY due, id LIMIT " OLDEST_ROWS ")");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, k->key);
    if (byo_row(s, st, "cannot read the queue")) {
        ByoId id = sqlite3_column_int64(st, 0);
        sqlite3_reset(st);
        *oldest_r = id ? byo_id_time(id) : 0;
    }
}

int64_t byo_sqlite_count_state(ByoStore *s, ByoStr integration, ByoSegState state)
{
    ByoKnown *k = byo_known(s, integration);
    return k && state < BYO_STATES ? byo_count(s, (ByoCountKind)state, k->key) : 0;
}

int64_t byo_sqlite_inward_count(ByoStore *s)
{
    return byo_count(s, BYO_COUNT_INWARD, 0);
}

int byo_sqlite_timers_claim(ByoStore *s, ByoTime now, ByoId *ids_r, int max)
{
    int n = 0;
    for (size_t i = 0; i < s->known_n; i++)
        for (int state = BYO_SEG_HANDED; state <= BYO_SEG_ACCEPTED; state++)
            if (!none(s, &s->known[i], (ByoSegState)state))
                n += due(s, state, s->known[i].key, now, ids_r + n, max - n);
    return n;
}

ByoTime byo_sqlite_timers_next(ByoStore *s)
{
    ByoTime first = 0;
    for (size_t i = 0; i < s->known_n; i++)
        for (int state = BYO_SEG_HANDED; state <= BYO_SEG_ACCEPTED; state++) {
            if (none(s, &s->known[i], (ByoSegState)state))
                continue;
            ByoTime at = next(s, state, s->known[i].key);
            if (at && (!first || at < first))
                first = at;
        }
    return first;
}

void byo_sqlite_handed_due_by(ByoStore *s, ByoStr integration, ByoTime before, ByoTime due_by)
{
    ByoKnown *k = byo_known(s, integration);
    if (!byo_writing(s) || !k)
        return;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_HANDED_DUE_BY,
                  "UPDATE segment INDEXED BY segment_pending SET due = ?2"
                  " WHERE state < 3 AND state = 1 AND integration = ?1 AND due > ?2 AND handed < ?3");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, k->key);
    sqlite3_bind_int64(st, 2, due_by);
    sqlite3_bind_int64(st, 3, before);
    byo_run(s, st, "cannot change the hand-overs");
}

void byo_sqlite_handed_doubt(ByoStore *s, ByoStr integration, ByoTime before)
{
    ByoKnown *k = byo_known(s, integration);
    if (!byo_writing(s) || !k)
        return;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_HANDED_DOUBT,
                  "UPDATE segment INDEXED BY segment_pending SET flags = flags | 2"
                  " WHERE state < 3 AND state = 1 AND integration = ?1 AND handed < ?2 AND flags & 2 = 0");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, k->key);
    sqlite3_bind_int64(st, 2, before);
    byo_run(s, st, "cannot mark the hand-overs");
}

int64_t byo_sqlite_handed_before(ByoStore *s, ByoStr integration, ByoTime before, bool unmarked)
{
    ByoKnown *k = byo_known(s, integration);
    sqlite3_stmt *st = k ? byo_query(s, BYO_Q_HANDED_BEFORE,
                                     "SELECT count(*) FROM segment INDEXED BY segment_pending WHERE state < 3"
                                     " AND state = 1 AND integration = ?1 AND handed < ?2 AND flags & ?3 = 0")
                         : NULL;
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, k->key);
    sqlite3_bind_int64(st, 2, before);
    sqlite3_bind_int(st, 3, unmarked ? 2 : 0);
    return byo_row_amount(s, st, "cannot count the hand-overs");
}
