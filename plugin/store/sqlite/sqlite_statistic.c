/* SPDX-License-Identifier: BSD-3-Clause
 * What happened in each minute and hour, by integration.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

bool byo_sqlite_statistic(ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoBuf *counts)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_STATISTIC, "SELECT counts FROM statistic WHERE span = ?1 AND at = ?2 AND integration = ?3");
    if (!st)
        return false;
    sqlite3_bind_int(st, 1, span);
    sqlite3_bind_int64(st, 2, at);
    byo_bind_text(st, 3, integration);
    return byo_row_text(s, st, "cannot read the statistics", counts);
}

void byo_sqlite_statistic_put(ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoStr counts)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st =
        counts.p ? byo_query(s, BYO_Q_STATISTIC_PUT,
                             "INSERT OR REPLACE INTO statistic (span, at, integration, counts)"
                             " VALUES (?1, ?2, ?3, ?4)")
                 : byo_query(s, BYO_Q_STATISTIC_REMOVE,
                             "DELETE FROM statistic WHERE span = ?1 AND at = ?2 AND integration = ?3");
    if (!st)
        return;
    sqlite3_bind_int(st, 1, span);
    sqlite3_bind_int64(st, 2, at);
    byo_bind_text(st, 3, integration);
    if (counts.p)
        byo_bind_text(st, 4, counts);
    byo_run(s, st, "cannot keep the statistics");
}

void byo_sqlite_statistics(ByoStore *s, ByoSpan span, ByoTime from, ByoTime to,
                           bool (*each)(void *arg, const ByoStatisticRow *row), void *arg)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_STATISTICS,
                                 "SELECT at, integration, counts FROM statistic"
                                 " WHERE span = ?1 AND at >= ?2 AND at < ?3 ORDER BY at, integration");
    if (!st)
        return;
    sqlite3_bind_int(st, 1, span);
    sqlite3_bind_int64(st, 2, from);
    sqlite3_bind_int64(st, 3, to);
    while (byo_row(s, st, "cannot read the statistics")) {
        byo_take_begin(&s->row_text, st, 1, 2, 0);
        ByoStatisticRow row = {.at = byo_amount(st, 0)};
        row.integration = byo_take(&s->row_text, st, 1);
        row.counts = byo_take(&s->row_text, st, 2);
        if (!each(arg, &row)) {
            sqlite3_reset(st);
            return;
        }
    }
}

void byo_sqlite_statistics_purge(ByoStore *s, ByoSpan span, ByoTime before)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_STATISTIC_PURGE, "DELETE FROM statistic WHERE span = ?1 AND at < ?2");
    if (!st)
        return;
    sqlite3_bind_int(st, 1, span);
    sqlite3_bind_int64(st, 2, before);
    byo_run(s, st, "cannot remove old statistics");
}
