/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-outs: who is opted out now, each with the reason of the row, and the history.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

static bool is_out(const ByoOptRow *o)
{
    return byo_str_is(o->action, "opt-out");
}

static bool keep_history(ByoStore *s, const ByoOptRow *o, ByoId id, ByoTime now)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_OPT_ADD,
                  "INSERT INTO opt_history (id, time, number, recipient, action, text, answer,"
                  " who, reason, reading_of) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, o->time ? o->time : now);
    byo_bind_text(st, 3, o->number);
    byo_bind_text(st, 4, o->recipient);
    byo_bind_text(st, 5, o->action);
    byo_bind_opt(st, 6, o->text);
    byo_bind_opt(st, 7, o->answer);
    byo_bind_opt(st, 8, o->who);
    byo_bind_opt(st, 9, o->reason);
    byo_bind_opt(st, 10, o->reading_of);
    return byo_run(s, st, "cannot keep an opt-out");
}

void byo_sqlite_opt_add(ByoStore *s, const ByoOptRow *o, ByoTime now)
{
    if (!byo_writing(s))
        return;
    ByoId id = byo_sqlite_new_id(s, now);
    if (!keep_history(s, o, id, now))
        return;
    ByoStr reading_of = o->reading_of.n ? o->reading_of : BYO_STR("");
    sqlite3_stmt *st = is_out(o)
                           ? byo_query(s, BYO_Q_OPT_OUT,
                                       "INSERT OR REPLACE INTO opt_out (number, recipient, reading_of, id)"
                                       " VALUES (?1, ?2, ?3, ?4)")
                           : byo_query(s, BYO_Q_OPT_IN,
                                       "DELETE FROM opt_out WHERE number = ?1 AND recipient = ?2"
                                       " AND (?3 = '' OR reading_of = ?3)");
    if (!st)
        return;
    byo_bind_text(st, 1, o->number);
    byo_bind_text(st, 2, o->recipient);
    byo_bind_text(st, 3, reading_of);
    if (is_out(o))
        sqlite3_bind_int64(st, 4, id);
    byo_run(s, st, "cannot keep an opt-out");
}

void byo_sqlite_opt_answer(ByoStore *s, ByoStr number, ByoStr recipient, ByoId before, ByoStr answer)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_OPT_ANSWER,
                  "UPDATE opt_history SET answer = ?4 WHERE who = 'recipient' AND id ="
                  " (SELECT max(id) FROM opt_history WHERE number = ?1 AND recipient = ?2 AND id < ?3)");
    if (!st)
        return;
    byo_bind_text(st, 1, number);
    byo_bind_text(st, 2, byo_digits(recipient));
    sqlite3_bind_int64(st, 3, before);
    byo_bind_opt(st, 4, answer);
    byo_run(s, st, "cannot keep what was answered");
}

void byo_sqlite_opt_outs(ByoStore *s,
                         bool (*each)(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of),
                         void *arg)
{
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_OPT_OUTS, "SELECT number, recipient, reading_of FROM opt_out ORDER BY number, recipient");
    if (!st)
        return;
    while (byo_row(s, st, "cannot read the opt-outs")) {
        byo_take_begin(&s->row_text, st, 0, 3, 0);
        ByoStr number = byo_take(&s->row_text, st, 0), recipient = byo_take(&s->row_text, st, 1),
               reading_of = byo_take(&s->row_text, st, 2);
        if (!each(arg, number, recipient, reading_of)) {
            sqlite3_reset(st);
            return;
        }
    }
}

static bool has_row(ByoStore *s, sqlite3_stmt *st, ByoStr number, ByoStr recipient)
{
    if (!st)
        return false;
    byo_bind_text(st, 1, number);
    byo_bind_text(st, 2, recipient);
    bool out = byo_row(s, st, "cannot read an opt-out");
    sqlite3_reset(st);
    return out;
}

bool byo_sqlite_opted_out(ByoStore *s, ByoStr number, ByoStr recipient)
{
    return has_row(
        s,
        byo_query(s, BYO_Q_OPTED_OUT, "SELECT 1 FROM opt_out WHERE number = ?1 AND recipient = ?2 LIMIT 1"),
        number, recipient);
}

bool byo_sqlite_opted_out_itself(ByoStore *s, ByoStr number, ByoStr recipient)
{
    return has_row(
        s,
        byo_query(s, BYO_Q_OPTED_OUT_ITSELF,
                  "SELECT 1 FROM opt_out WHERE number = ?1 AND recipient = ?2 AND reading_of = ''"),
        number, recipient);
}

void byo_sqlite_opt_readings(ByoStore *s, ByoStr number, ByoStr reading_of,
                             void (*each)(void *arg, ByoStr recipient), void *arg)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_OPT_READINGS,
                                 "SELECT recipient FROM opt_out WHERE number = ?1 AND reading_of = ?2"
                                 " AND reading_of <> '' ORDER BY recipient");
    if (!st)
        return;
    byo_bind_text(st, 1, number);
    byo_bind_text(st, 2, reading_of);
    while (byo_row(s, st, "cannot read the opt-outs")) {
        byo_take_begin(&s->row_text, st, 0, 1, 0);
        each(arg, byo_take(&s->row_text, st, 0));
    }
}

/* -- lists ----------------------------------------------------------------------------------- */

static void opt_rows(ByoStore *s, sqlite3_stmt *st, const ByoOptFilter *f,
                     bool (*each)(void *arg, const ByoOptRow *o), void *arg)
{
    if (!st)
        return;
    byo_bind_opt(st, 1, f->number);
    for (int i = 0; i < BYO_OPT_FORMS; i++)
        byo_bind_opt(st, 2 + i, i < f->n_recipients ? f->recipients[i] : BYO_STR_NONE);
    sqlite3_bind_int64(st, 2 + BYO_OPT_FORMS, f->before ? f->before : INT64_MAX);
    sqlite3_bind_int(st, 3 + BYO_OPT_FORMS, f->max);
    while (byo_row(s, st, "cannot read the opt-outs")) {
        ByoBuf *b = &s->row_text;
        byo_take_begin(b, st, 2, 8, 0);
        ByoOptRow o = {
            .id = sqlite3_column_int64(st, 0),
            .time = byo_amount(st, 1),
            .number = byo_take(b, st, 2),
            .recipient = byo_take(b, st, 3),
            .action = byo_take(b, st, 4),
            .text = byo_take(b, st, 5),
            .answer = byo_take(b, st, 6),
            .who = byo_take(b, st, 7),
            .reason = byo_take(b, st, 8),
            .reading_of = byo_take(b, st, 9),
        };
        if (!each(arg, &o)) {
            sqlite3_reset(st);
            return;
        }
    }
}

#define OPT_COLUMNS \
    "SELECT h.id, h.time, h.number, h.recipient, h.action, h.text, h.answer, h.who, h.reason, h.reading_of "
#define OPT_PAGE "h.id < ?6 ORDER BY h.id DESC LIMIT ?7"
#define OPT_RECIPIENTS "h.recipient IN (?2, ?3, ?4, ?5)"
/* Every parameter is named by every statement, so that all can be bound. */
#define OPT_ANY_RECIPIENT "coalesce(?2, ?3, ?4, ?5) IS NULL"

void byo_sqlite_opt_history(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                            void *arg)
{
    /* A statement for each way to ask, so that each uses its index. */
    sqlite3_stmt *st;
    if (f->number.n && f->n_recipients)
        st = byo_query(s, BYO_Q_OPT_HISTORY_PAIR,
                       OPT_COLUMNS "FROM opt_history h WHERE h.number = ?1 AND " OPT_RECIPIENTS
                                   " AND " OPT_PAGE);
    else if (f->number.n)
        st = byo_query(s, BYO_Q_OPT_HISTORY_NUMBER,
                       OPT_COLUMNS "FROM opt_history h WHERE h.number = ?1 AND " OPT_ANY_RECIPIENT
                                   " AND " OPT_PAGE);
    else if (f->n_recipients)
        st =
            byo_query(s, BYO_Q_OPT_HISTORY_RECIPIENT,
                      OPT_COLUMNS "FROM opt_history h WHERE " OPT_RECIPIENTS " AND ?1 IS NULL AND " OPT_PAGE);
    else
        st = byo_query(s, BYO_Q_OPT_HISTORY,
                       OPT_COLUMNS "FROM opt_history h WHERE ?1 IS NULL AND " OPT_ANY_RECIPIENT
                                   " AND " OPT_PAGE);
    opt_rows(s, st, f, each, arg);
}

void byo_sqlite_opt_current(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                            void *arg)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_OPT_CURRENT,
                                 OPT_COLUMNS "FROM opt_out o JOIN opt_history h ON h.id = o.id"
                                             " WHERE (?1 IS NULL OR o.number = ?1)"
                                             " AND (" OPT_ANY_RECIPIENT " OR o.recipient IN (?2, ?3, ?4, ?5))"
                                             " AND o.id < ?6 ORDER BY o.id DESC LIMIT ?7");
    opt_rows(s, st, f, each, arg);
}
