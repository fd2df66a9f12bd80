/* SPDX-License-Identifier: BSD-3-Clause
 * What was asked of byobox as a whole and holds over restarts, by name.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

bool byo_sqlite_setting(ByoStore *s, const char *name, ByoBuf *value)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_SETTING, "SELECT value FROM setting WHERE name = ?1");
    if (!st)
        return false;
    byo_bind_text(st, 1, byo_str(name));
    return byo_row_text(s, st, "cannot read a setting", value);
}

void byo_sqlite_setting_put(ByoStore *s, const char *name, ByoStr value)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st = value.p ? byo_query(s, BYO_Q_SETTING_PUT,
                                           "INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)")
                               : byo_query(s, BYO_Q_SETTING_REMOVE, "DELETE FROM setting WHERE name = ?1");
    if (!st)
        return;
    byo_bind_text(st, 1, byo_str(name));
    if (value.p)
        byo_bind_text(st, 2, value);
    byo_run(s, st, "cannot keep a setting");
}
