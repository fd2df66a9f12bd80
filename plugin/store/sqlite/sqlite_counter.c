/* SPDX-License-Identifier: BSD-3-Clause
 * Counts (store/counts.h) on SQLite.
 * Decides: what is counted under which key of the table counter. In memory the name of a count is the octets of the key
 * of its integration or destination.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

bool byo_counter_put(ByoStore *s, int64_t key, int64_t n)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_COUNTER_PUT, "INSERT OR REPLACE INTO counter (key, n) VALUES (?1, ?2)");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, key);
    sqlite3_bind_int64(st, 2, n);
    return byo_run(s, st, "cannot keep a counter");
}

int64_t byo_counter(ByoStore *s, int64_t key)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_COUNTER, "SELECT n FROM counter WHERE key = ?1");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, key);
    return byo_row_amount(s, st, "cannot read a counter");
}

/* Which key of the table. */
static int64_t row_of(ByoCountKind kind, int64_t key)
{
    switch (kind) {
    case BYO_COUNT_INWARD:
        return BYO_COUNTER_INWARD;
    case BYO_COUNT_EARLY:
        return BYO_COUNTER_EARLY;
    case BYO_COUNT_BOX:
        return BYO_COUNTER_BOX - key;
    default:
        return key * 4 + kind;
    }
}

static ByoStr name_of(const int64_t *key)
{
    return byo_strn((const char *)key, sizeof *key);
}

static ByoCount *at(ByoStore *s, ByoCountKind kind, int64_t key)
{
    ByoCount **near = &s->near[((uint64_t)key * BYO_COUNT_KINDS + kind) % BYO_COUNTS_NEAR];
    if (!*near || (*near)->kind != kind || memcmp((*near)->name, &key, sizeof key) != 0)
        *near = byo_counts_get(s->counts, kind, name_of(&key));
    return *near;
}

int64_t byo_count(ByoStore *s, ByoCountKind kind, int64_t key)
{
    return s->counts ? at(s, kind, key)->live : byo_counter(s, row_of(kind, key));
}

void byo_count_by(ByoStore *s, ByoCountKind kind, int64_t key, int64_t by)
{
    byo_counts_add(s->counts, at(s, kind, key), by);
}

bool byo_counters_put(ByoStore *s)
{
    for (const ByoCount *c = s->counts ? s->counts->touched : NULL; c; c = c->next_touched) {
        int64_t key;
        memcpy(&key, c->name, sizeof key);
        if (c->live != c->kept && !byo_counter_put(s, row_of(c->kind, key), c->live))
            return false;
    }
    return true;
}

static void load_as(ByoStore *s, ByoCountKind kind, int64_t key, int64_t n)
{
    byo_counts_load(s->counts, kind, name_of(&key), n);
}

static void load(ByoStore *s, int64_t row, int64_t n)
{
    if (row == BYO_COUNTER_INWARD)
        load_as(s, BYO_COUNT_INWARD, 0, n);
    else if (row == BYO_COUNTER_EARLY)
        load_as(s, BYO_COUNT_EARLY, 0, n);
    else if (n && row <= BYO_COUNTER_BOX && row >= BYO_COUNTER_BOX - BYO_STORE_DESTINATIONS)
        load_as(s, BYO_COUNT_BOX, BYO_COUNTER_BOX - row, n);
    else if (row > 0 && row % 4 < BYO_STATES && byo_known_key(s, row / 4))
        load_as(s, (ByoCountKind)(row % 4), row / 4, n);
}

bool byo_counters_load(ByoStore *s)
{
    s->counts = byo_counts_create(sizeof(ByoCount));
    sqlite3_stmt *st = byo_query(s, BYO_Q_COUNTERS, "SELECT key, n FROM counter");
    if (!st)
        return false;
    while (byo_row(s, st, "cannot read the counters"))
        load(s, sqlite3_column_int64(st, 0), byo_amount(st, 1));
    return s->course.last == BYO_STORE_OK;
}
