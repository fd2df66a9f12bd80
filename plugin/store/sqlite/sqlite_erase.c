/* SPDX-License-Identifier: BSD-3-Clause
 * What is erased on a person's request: messages with their segments and frames, texts of STOPs, his number in
 * events, receipts that came early.
 * Decides: nothing; the counters follow. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

/* -- a message ----------------------------------------------------------------------------------- */

static void count_segment(void *arg, const ByoSegmentRow *seg)
{
    int *states = arg;
    states[BYO_STATES]++;
    if (seg->s.state < BYO_STATES)
        states[seg->s.state]++;
}

static bool remove_by_id(ByoStore *s, ByoQuery which, const char *sql, ByoId id)
{
    sqlite3_stmt *st = byo_query(s, which, sql);
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    return byo_run(s, st, "cannot erase a message");
}

int byo_sqlite_message_remove(ByoStore *s, ByoId id)
{
    ByoMessageRow m;
    int states[BYO_STATES + 1] = {0};
    if (!byo_writing(s) || byo_sqlite_message(s, id, &m) != BYO_STORE_OK)
        return 0;
    ByoKnown *k = byo_known(s, m.integration);
    byo_sqlite_segments(s, id, count_segment, states);
    if (!remove_by_id(s, BYO_Q_ERASE_SEGMENTS, "DELETE FROM segment WHERE id > ?1 AND id < ?1 + 256", id) ||
        !remove_by_id(s, BYO_Q_ERASE_FRAME, "DELETE FROM message_frame WHERE id = ?1", id) ||
        !remove_by_id(s, BYO_Q_ERASE_STEPS, "DELETE FROM message_step WHERE id = ?1", id) ||
        !remove_by_id(s, BYO_Q_ERASE_REPORTS, "DELETE FROM message_report WHERE id >= ?1 AND id < ?1 + 256",
                      id) ||
        !remove_by_id(s, BYO_Q_ERASE_MESSAGE, "DELETE FROM message WHERE id = ?1", id))
        return 0;
    for (int i = 0; k && i < BYO_STATES; i++)
        byo_count_by(s, (ByoCountKind)i, k->key, -states[i]);
    s->wipe = true;
    return states[BYO_STATES];
}

/* -- texts --------------------------------------------------------------------------------------- */

int byo_sqlite_opt_forget_texts(ByoStore *s, ByoStr recipient)
{
    if (!byo_writing(s))
        return 0;
    sqlite3_stmt *st = byo_query(s, BYO_Q_ERASE_OPT_TEXTS,
                                 "UPDATE opt_history SET text = NULL,"
                                 " reason = CASE WHEN who = 'recipient' AND coalesce(reading_of, '') = ''"
                                 " THEN NULL ELSE reason END WHERE recipient = ?1 AND text IS NOT NULL");
    if (!st)
        return 0;
    byo_bind_text(st, 1, recipient);
    if (!byo_run(s, st, "cannot erase the texts of STOPs"))
        return 0;
    s->wipe = true;
    return sqlite3_changes(s->db);
}

int byo_sqlite_event_forget(ByoStore *s, ByoStr digits)
{
    if (!byo_writing(s))
        return 0;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_ERASE_EVENTS,
                  "UPDATE event SET text = replace(replace(text, '+' || ?1, '(erased)'), ?1, '(erased)'),"
                  " entity = replace(replace(entity, '+' || ?1, '(erased)'), ?1, '(erased)'),"
                  " previous = replace(previous, ?1, '(erased)'), current = replace(current, ?1, '(erased)')"
                  " WHERE instr(text, ?1) OR instr(entity, ?1) OR instr(previous, ?1) OR instr(current, ?1)");
    if (!st)
        return 0;
    byo_bind_text(st, 1, digits);
    if (!byo_run(s, st, "cannot erase a number in events"))
        return 0;
    s->wipe = true;
    return sqlite3_changes(s->db);
}

/* -- receipts that came early ---------------------------------------------------------------------- */

int byo_sqlite_early_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId id, ByoStr frame),
                         void *arg)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_EARLY_ALL,
                                 "SELECT id, frame FROM early_receipt WHERE id > ?1 ORDER BY id LIMIT ?2");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, after);
    sqlite3_bind_int(st, 2, max);
    int n = 0;
    while (byo_row(s, st, "cannot read early receipts")) {
        byo_take_begin(&s->row_text, st, 1, 1, 0);
        ByoId id = sqlite3_column_int64(st, 0);
        n++;
        if (!each(arg, id, byo_take(&s->row_text, st, 1))) {
            sqlite3_reset(st);
            break;
        }
    }
    return n;
}
