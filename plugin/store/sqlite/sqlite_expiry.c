/* SPDX-License-Identifier: BSD-3-Clause
 * Messages whose validity is over while segments of theirs still wait.
 * Decides: nothing. A partial index holds only the messages that have a validity and are not over.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

int byo_sqlite_expired(ByoStore *s, ByoTime after, ByoTime now, ByoId *ids_r, int max)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_EXPIRED,
        "SELECT g.id FROM message AS m INDEXED BY message_expires CROSS JOIN segment AS g NOT INDEXED"
        " WHERE m.expires > 0 AND m.ended = 0 AND m.expires > ?1 AND m.expires <= ?2"
        " AND g.id > m.id AND g.id <= m.id + m.segments AND g.state = 0 LIMIT ?3");
    if (!st || max <= 0)
        return 0;
    sqlite3_bind_int64(st, 1, after);
    sqlite3_bind_int64(st, 2, now);
    sqlite3_bind_int(st, 3, max);
    int n = 0;
    while (byo_row(s, st, "cannot look for expired messages"))
        ids_r[n++] = sqlite3_column_int64(st, 0);
    return n;
}
