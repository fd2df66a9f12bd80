/* SPDX-License-Identifier: BSD-3-Clause
 * Receipts that came before the answer to their submit (receipts-to-box: another bind was quicker).
 * Decides: nothing; oldest first.
 * Threads: as ByoStore. */
#include "store/store_private.h"

void byo_store_early_add(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoStr frame, ByoTime now)
{
    ByoKnown *k = byo_writing(s) ? byo_known(s, integration) : NULL;
    sqlite3_stmt *st = k ? byo_query(s, BYO_Q_EARLY_ADD,
                                     "INSERT INTO early_receipt (id, integration, foreign_id, frame)"
                                     " VALUES (?1, ?2, ?3, ?4)")
                         : NULL;
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, byo_store_new_id(s, now));
    sqlite3_bind_int64(st, 2, k->key);
    byo_bind_text(st, 3, foreign_id);
    byo_bind_blob(st, 4, frame);
    if (byo_run(s, st, "cannot keep an early receipt"))
        s->early_live++;
}

int64_t byo_store_early_count(const ByoStore *s)
{
    return s->early_live;
}

bool byo_store_early_take(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoBuf *frame)
{
    ByoKnown *k = byo_writing(s) ? byo_known(s, integration) : NULL;
    sqlite3_stmt *st =
        k ? byo_query(s, BYO_Q_EARLY_FIND,
                      "SELECT id, frame FROM early_receipt WHERE integration = ?1 AND foreign_id = ?2"
                      " ORDER BY id LIMIT 1")
          : NULL;
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, k->key);
    byo_bind_text(st, 2, foreign_id);
    if (!byo_row(s, st, "cannot find an early receipt"))
        return false;
    ByoId id = sqlite3_column_int64(st, 0);
    byo_buf_add(frame, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1));
    sqlite3_reset(st);
    st = byo_query(s, BYO_Q_EARLY_REMOVE, "DELETE FROM early_receipt WHERE id = ?1");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, id);
    if (!byo_run(s, st, "cannot forget an early receipt"))
        return false;
    s->early_live--;
    return true;
}

int byo_store_early_purge(ByoStore *s, ByoTime before, int max)
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
    s->early_live -= n;
    s->wipe |= n > 0;
    return n;
}
