/* SPDX-License-Identifier: BSD-3-Clause
 * The number inventory (spec N1-N6) and the opt-outs (spec K4, K5).
 * Decides: nothing. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

/* -- numbers ---------------------------------------------------------------------------------- */

#define NUMBER_COLUMNS \
    "SELECT digits, short_code, integration, type, country, compliance, created, since FROM number "

static void take_number(ByoBuf *b, sqlite3_stmt *st, ByoNumberRow *n_r)
{
    byo_take_begin(b, st, 0, 6, 0);
    *n_r = (ByoNumberRow){
        .digits = byo_take(b, st, 0),
        .short_code = sqlite3_column_int(st, 1) != 0,
        .integration = byo_take(b, st, 2),
        .type = byo_take(b, st, 3),
        .country = byo_take(b, st, 4),
        .compliance = byo_take(b, st, 5),
        .created = byo_amount(st, 6),
        .since = sqlite3_column_int64(st, 7),
    };
}

static bool by_digits(ByoStore *s, ByoQuery which, const char *sql, ByoStr digits)
{
    sqlite3_stmt *st = byo_query(s, which, sql);
    if (!st)
        return false;
    byo_bind_text(st, 1, digits);
    return byo_run(s, st, "cannot keep a number");
}

void byo_sqlite_number_put(ByoStore *s, const ByoNumberRow *n)
{
    sqlite3_stmt *st = byo_writing(s) ? byo_query(s, BYO_Q_NUMBER_PUT,
                                                  "INSERT OR REPLACE INTO number (digits, short_code,"
                                                  " integration, type, country, compliance, created, since)"
                                                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
                                      : NULL;
    if (!st)
        return;
    byo_bind_text(st, 1, n->digits);
    sqlite3_bind_int(st, 2, n->short_code);
    byo_bind_text(st, 3, n->integration);
    byo_bind_text(st, 4, n->type);
    byo_bind_opt(st, 5, n->country);
    byo_bind_opt(st, 6, n->compliance);
    sqlite3_bind_int64(st, 7, n->created);
    sqlite3_bind_int64(st, 8, n->since);
    if (byo_run(s, st, "cannot keep a number"))
        by_digits(s, BYO_Q_NUMBER_BACK, "DELETE FROM number_left WHERE digits = ?1", n->digits);
}

void byo_sqlite_number_remove(ByoStore *s, ByoStr digits, ByoTime now)
{
    sqlite3_stmt *st =
        byo_writing(s)
            ? byo_query(s, BYO_Q_NUMBER_LEAVES,
                        "INSERT OR REPLACE INTO number_left (digits, short_code, integration, compliance, id)"
                        " SELECT digits, short_code, integration, compliance, ?2 FROM number"
                        " WHERE digits = ?1")
            : NULL;
    if (!st)
        return;
    byo_bind_text(st, 1, digits);
    sqlite3_bind_int64(st, 2, byo_sqlite_new_id(s, now));
    if (byo_run(s, st, "cannot remove a number"))
        by_digits(s, BYO_Q_NUMBER_REMOVE, "DELETE FROM number WHERE digits = ?1", digits);
}

ByoStoreResult byo_sqlite_number_left(ByoStore *s, ByoStr digits, ByoNumberRow *n_r)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_NUMBER_LEFT,
        "SELECT digits, short_code, integration, compliance, id FROM number_left WHERE digits = ?1");
    if (!st)
        return s->course.last;
    byo_bind_text(st, 1, digits);
    if (!byo_row(s, st, "cannot read a number"))
        return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
    ByoBuf *b = &s->row_text;
    byo_take_begin(b, st, 0, 4, 0);
    *n_r = (ByoNumberRow){
        .digits = byo_take(b, st, 0),
        .short_code = sqlite3_column_int(st, 1) != 0,
        .integration = byo_take(b, st, 2),
        .compliance = byo_take(b, st, 3),
        .since = sqlite3_column_int64(st, 4),
    };
    sqlite3_reset(st);
    return BYO_STORE_OK;
}

int byo_sqlite_number_left_purge(ByoStore *s, ByoTime before)
{
    sqlite3_stmt *st = byo_writing(s)
                           ? byo_query(s, BYO_Q_NUMBER_LEFT_PURGE, "DELETE FROM number_left WHERE id < ?1")
                           : NULL;
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, byo_id_at(before));
    return byo_run(s, st, "cannot forget numbers that left") ? sqlite3_changes(s->db) : 0;
}

ByoStoreResult byo_sqlite_number(ByoStore *s, ByoStr digits, ByoNumberRow *n_r)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_NUMBER, NUMBER_COLUMNS "WHERE digits = ?1");
    if (!st)
        return s->course.last;
    byo_bind_text(st, 1, digits);
    if (!byo_row(s, st, "cannot read a number"))
        return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
    take_number(&s->row_text, st, n_r);
    sqlite3_reset(st);
    return BYO_STORE_OK;
}

int64_t byo_sqlite_number_count(ByoStore *s, ByoStr integration)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_NUMBER_COUNT, "SELECT count(*) FROM number WHERE integration = ?1");
    if (!st)
        return 0;
    byo_bind_text(st, 1, integration);
    return byo_row_amount(s, st, "cannot count the numbers");
}

void byo_sqlite_numbers(ByoStore *s, ByoStr integration, ByoStr type, ByoStr after, int max,
                        bool (*each)(void *arg, const ByoNumberRow *n), void *arg)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_NUMBERS,
                                 NUMBER_COLUMNS "WHERE digits > ?1 AND (?2 IS NULL OR integration = ?2)"
                                                " AND (?3 IS NULL OR type = ?3) ORDER BY digits LIMIT ?4");
    if (!st)
        return;
    byo_bind_text(st, 1, after);
    byo_bind_opt(st, 2, integration);
    byo_bind_opt(st, 3, type);
    sqlite3_bind_int(st, 4, max);
    while (byo_row(s, st, "cannot read the numbers")) {
        ByoNumberRow n;
        take_number(&s->row_text, st, &n);
        if (!each(arg, &n)) {
            sqlite3_reset(st);
            return;
        }
    }
}
