/* SPDX-License-Identifier: BSD-3-Clause
 * Receipts that came before the answer to their submit (receipts-to-box: another bind was quicker).
 * Decides: in which order they are tried: those with the very id first, then oldest first.
 * A receipt that names two ids has two rows, id and id + 1 (ids of the store's making are 256 apart).
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

static void add(ByoStore *s, ByoId id, int64_t integration, ByoStr foreign_id, ByoStr frame)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_EARLY_ADD,
                                 "INSERT INTO early_receipt (id, integration, foreign_id, frame, loose_id)"
                                 " VALUES (?1, ?2, ?3, ?4, ?5)");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, integration);
    byo_bind_text(st, 3, foreign_id);
    byo_bind_blob(st, 4, frame);
    byo_msgid_loose(foreign_id, &s->loose);
    byo_bind_text(st, 5, byo_buf_str(&s->loose));
    if (byo_run(s, st, "cannot keep an early receipt"))
        byo_count_by(s, BYO_COUNT_EARLY, 0, 1);
}

void byo_sqlite_early_add(ByoStore *s, ByoStr integration, const ByoStr foreign_ids[2], ByoStr frame,
                          ByoTime now)
{
    ByoKnown *k = byo_writing(s) ? byo_known(s, integration) : NULL;
    if (!k)
        return;
    ByoId id = byo_sqlite_new_id(s, now);
    for (int i = 0; i < 2; i++)
        if (foreign_ids[i].n)
            add(s, id + i, k->key, foreign_ids[i], frame);
}

int64_t byo_sqlite_early_count(const ByoStore *s)
{
    return byo_count((ByoStore *)s, BYO_COUNT_EARLY, 0);
}

ByoId byo_sqlite_early_next(ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                            ByoEarlyAt *at, ByoBuf *frame)
{
    ByoKnown *k = byo_writing(s) ? byo_known(s, integration) : NULL;
    sqlite3_stmt *st =
        k ? byo_query(s, BYO_Q_EARLY_FIND,
                      "SELECT id, foreign_id <> ?2 AS other, frame FROM early_receipt"
                      " INDEXED BY early_receipt_loose WHERE integration = ?1 AND loose_id IN (?3, ?4, ?5)"
                      " AND (other, id) > (?6, ?7) ORDER BY other, id LIMIT 1")
          : NULL;
    if (!st || forms->n == 0)
        return 0;
    sqlite3_bind_int64(st, 1, k->key);
    byo_bind_text(st, 2, foreign_id);
    for (size_t i = 0; i < 3; i++)
        byo_bind_text(st, 3 + (int)i, forms->form[i < forms->n ? i : 0]);
    sqlite3_bind_int(st, 6, at->other);
    sqlite3_bind_int64(st, 7, at->id);
    if (!byo_row(s, st, "cannot find an early receipt"))
        return 0;
    *at = (ByoEarlyAt){.id = sqlite3_column_int64(st, 0), .other = sqlite3_column_int(st, 1) != 0};
    byo_buf_clear(frame);
    byo_buf_add(frame, sqlite3_column_blob(st, 2), (size_t)sqlite3_column_bytes(st, 2));
    sqlite3_reset(st);
    return at->id;
}

void byo_sqlite_early_remove(ByoStore *s, ByoId id)
{
    sqlite3_stmt *st = byo_writing(s) ? byo_query(s, BYO_Q_EARLY_REMOVE,
                                                  "DELETE FROM early_receipt WHERE id IN (?1, ?1 + 1)")
                                      : NULL;
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, byo_id_message(id));
    if (byo_run(s, st, "cannot forget an early receipt"))
        byo_count_by(s, BYO_COUNT_EARLY, 0, -sqlite3_changes(s->db));
}

int byo_sqlite_early_purge(ByoStore *s, ByoTime before, int max)
{
    sqlite3_stmt *st = byo_writing(s)
                           ? byo_query(s, BYO_Q_EARLY_PURGE,
                                       "DELETE FROM early_receipt WHERE id IN"
                                       " (SELECT id FROM early_receipt WHERE id < ?1 ORDER BY id LIMIT ?2)")
                           : NULL;
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, byo_id_at(before));
    sqlite3_bind_int(st, 2, max);
    if (!byo_run(s, st, "cannot remove old early receipts"))
        return 0;
    int n = sqlite3_changes(s->db);
    byo_count_by(s, BYO_COUNT_EARLY, 0, -n);
    s->wipe |= n > 0;
    return n;
}
