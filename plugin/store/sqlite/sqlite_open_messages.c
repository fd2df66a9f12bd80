/* SPDX-License-Identifier: BSD-3-Clause
 * What is open: messages that are not over, and all that waits for a smsbox, page by page.
 * Decides: nothing. The index of what is pending serves: messages that are over cost nothing.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

int byo_sqlite_open_messages(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId message),
                             void *arg)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_OPEN_MESSAGES,
                                 "SELECT DISTINCT id & ~255 FROM segment INDEXED BY segment_pending"
                                 " WHERE state < 3 AND id > (?1 | 255) ORDER BY 1 LIMIT ?2");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, after);
    sqlite3_bind_int(st, 2, max);
    int n = 0;
    while (byo_row(s, st, "cannot read what is open")) {
        n++;
        if (!each(arg, sqlite3_column_int64(st, 0))) {
            sqlite3_reset(st);
            break;
        }
    }
    return n;
}

int byo_sqlite_inward_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, const ByoInwardRow *row),
                          void *arg)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_INWARD_ALL,
                  "SELECT i.id, b.name, i.frame FROM inward i LEFT JOIN box b ON b.key = i.id >> 48"
                  " WHERE i.id > ?1 ORDER BY i.id LIMIT ?2");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, after);
    sqlite3_bind_int(st, 2, max);
    int n = 0;
    while (byo_row(s, st, "cannot read what waits for a smsbox")) {
        byo_take_begin(&s->row_text, st, 1, 2, 0);
        ByoInwardRow row = {.id = sqlite3_column_int64(st, 0),
                            .named = sqlite3_column_type(st, 1) != SQLITE_NULL};
        row.box = byo_take(&s->row_text, st, 1);
        row.frame = byo_take(&s->row_text, st, 2);
        n++;
        if (!each(arg, &row)) {
            sqlite3_reset(st);
            break;
        }
    }
    return n;
}
