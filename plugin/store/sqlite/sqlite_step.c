/* SPDX-License-Identifier: BSD-3-Clause
 * What of a message's past its rows do not hold: its reports, which nearly every message has, as a number and a time
 * each, and all else, which few have, as one text that grows by lines.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

/* One that was erased meanwhile gets no past. Mostly it is among the rows that are kept. */
static bool is_there(ByoStore *s, ByoId message)
{
    if (byo_rows_has_message(s, message))
        return true;
    sqlite3_stmt *st = byo_query(s, BYO_Q_MESSAGE_THERE, "SELECT 1 FROM message WHERE id = ?1");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, message);
    bool there = byo_row(s, st, "cannot read a message");
    sqlite3_reset(st);
    return there;
}

static void add_report(ByoStore *s, ByoId message, const ByoPast *p)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_REPORT_ADD,
                                 "INSERT OR IGNORE INTO message_report (id, type, at) VALUES (?1, ?2, ?3)");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, byo_id_segment(message, p->segment));
    sqlite3_bind_int(st, 2, p->number);
    sqlite3_bind_int64(st, 3, p->kind == BYO_PAST_REPORTED ? p->time : -p->time);
    byo_run(s, st, "cannot keep a step of a message");
}

static void add_line(ByoStore *s, ByoId message, const ByoPast *p)
{
    ByoBuf line = {0};
    sqlite3_stmt *st = byo_query(s, BYO_Q_STEP_ADD,
                                 "INSERT INTO message_step (id, steps) VALUES (?1, ?2)"
                                 " ON CONFLICT (id) DO UPDATE SET steps = steps || ?2"
                                 " WHERE length(steps) + length(?2) <= ?3");
    if (!st)
        return;
    byo_past_write(p, byo_id_time(message), &line);
    sqlite3_bind_int64(st, 1, message);
    byo_bind_text(st, 2, byo_buf_str(&line));
    sqlite3_bind_int(st, 3, BYO_PAST_OCTETS);
    byo_run(s, st, "cannot keep a step of a message");
    byo_buf_free(&line);
}

void byo_sqlite_step_add(ByoStore *s, ByoId message, const ByoPast *p)
{
    if (!byo_writing(s) || !is_there(s, message))
        return;
    if (p->kind == BYO_PAST_REPORTED || p->kind == BYO_PAST_UNWANTED)
        add_report(s, message, p);
    else
        add_line(s, message, p);
}

void byo_sqlite_steps(ByoStore *s, ByoId message, ByoBuf *lines)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_STEPS, "SELECT steps FROM message_step WHERE id = ?1");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, message);
    byo_row_text(s, st, "cannot read the steps of a message", lines);
    st = byo_query(s, BYO_Q_REPORTS,
                   "SELECT id, type, at FROM message_report WHERE id >= ?1 AND id < ?1 + 256");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, message);
    while (byo_row(s, st, "cannot read the steps of a message")) {
        ByoTime at = sqlite3_column_int64(st, 2);
        ByoPast p = {.kind = at < 0 ? BYO_PAST_UNWANTED : BYO_PAST_REPORTED,
                     .segment = byo_id_number(sqlite3_column_int64(st, 0)),
                     .number = sqlite3_column_int(st, 1),
                     .time = at < 0 ? -at : at};
        byo_past_write(&p, byo_id_time(message), lines);
    }
}
