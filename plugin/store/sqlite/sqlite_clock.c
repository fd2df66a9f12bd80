/* SPDX-License-Identifier: BSD-3-Clause
 * When the clock jumped: what is due keeps its distance, what is old does not become older (night N6).
 * Decides: how long after a jump ahead old rows are kept longer: until nothing of before it is left.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

static bool change(ByoStore *s, ByoQuery which, const char *sql, ByoTime by)
{
    sqlite3_stmt *st = byo_query(s, which, sql);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, by);
    return byo_run(s, st, "cannot follow the clock");
}

#define JUMPED(column) column " = CASE WHEN " column " > 0 THEN max(" column " + ?1, 1) ELSE " column " END"

void byo_sqlite_clock_jumped(ByoStore *s, ByoTime by, ByoTime now)
{
    if (!byo_writing(s))
        return;
    ByoTime held = byo_counter(s, BYO_COUNTER_HELD) + by;
    if (change(s, BYO_Q_CLOCK_SEGMENTS,
               "UPDATE segment SET " JUMPED("due") ", " JUMPED("first_handed") ", " JUMPED(
                   "handed") ", " JUMPED("accepted_at") " WHERE state < 3",
               by) &&
        change(s, BYO_Q_CLOCK_MESSAGES,
               "UPDATE message SET expires = max(expires + ?1, 1) WHERE expires > 0 AND ended = 0", by) &&
        byo_counter_put(s, BYO_COUNTER_HELD, held > 0 ? held : 0) &&
        byo_counter_put(s, BYO_COUNTER_HELD_TILL, now))
        byo_sqlite_clock_seen(s, now);
}

void byo_sqlite_clock_seen(ByoStore *s, ByoTime now)
{
    if (byo_writing(s))
        byo_counter_put(s, BYO_COUNTER_CLOCK, now);
}

ByoTime byo_sqlite_clock_last(ByoStore *s)
{
    return byo_counter(s, BYO_COUNTER_CLOCK);
}

ByoTime byo_clock_held(ByoStore *s, ByoTime messages_before, ByoTime events_before)
{
    ByoTime held = byo_counter(s, BYO_COUNTER_HELD);
    if (held <= 0)
        return 0;
    ByoTime since = byo_counter(s, BYO_COUNTER_HELD_TILL);
    if (messages_before <= since || events_before <= since)
        return held;
    byo_counter_put(s, BYO_COUNTER_HELD, 0);
    return 0;
}
