/* SPDX-License-Identifier: BSD-3-Clause
 * Which segment a carrier's message id belongs to, and the ids of segments that have more than one.
 * Decides: nothing; where it lies. One statement finds the plain case.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

/* -- by id -------------------------------------------------------------------------------------- */

static int take_all(ByoStore *s, sqlite3_stmt *st, ByoForeign *out, int max)
{
    int n = 0;

    while (byo_row(s, st, "cannot find a segment")) {
        if (n == max) {
            sqlite3_reset(st);
            break;
        }
        out[n++] =
            (ByoForeign){.id = sqlite3_column_int64(st, 0), .state = (ByoSegState)sqlite3_column_int(st, 1)};
    }
    return n;
}

/* Whether the updates of segments that wait could change what was found. They are written then. */
static bool others_wait(ByoStore *s, const ByoForeign *out, int n)
{
    for (int i = 0; i < n; i++)
        if (byo_rows_is_later(s, out[i].id))
            return byo_later_write(s);
    return false;
}

static int find_by_id(ByoStore *s, const ByoKnown *k, ByoStr foreign_id, ByoForeign *out, int max)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_SEGMENT_FOREIGN,
                                 "SELECT id, state FROM segment INDEXED BY segment_foreign"
                                 " WHERE foreign_id IS NOT NULL AND state < 3 AND integration = ?1"
                                 " AND foreign_id = ?2 ORDER BY id DESC LIMIT ?3");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, k->key);
    byo_bind_text(st, 2, foreign_id);
    sqlite3_bind_int(st, 3, max);
    return take_all(s, st, out, max);
}

static int find_copy(ByoStore *s, const ByoKnown *k, ByoStr foreign_id, ByoForeign *out, int max)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_COPY_FOREIGN,
                  "SELECT segment, state FROM segment_copy c INDEXED BY segment_copy_foreign"
                  " JOIN segment ON id = segment WHERE c.integration = ?1 AND c.foreign_id = ?2"
                  " ORDER BY state > 2, segment DESC LIMIT ?3");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, k->key);
    byo_bind_text(st, 2, foreign_id);
    sqlite3_bind_int(st, 3, max);
    return take_all(s, st, out, max);
}

/* Mostly the one whose answer came in this turn, or one whose update does not wait. */
int byo_sqlite_by_id(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *out, int max)
{
    ByoKnown *k = byo_known(s, integration);
    if (!k || !foreign_id.n)
        return 0;
    int waiting;
    ByoId one = byo_rows_later_by_id(s, k->key, foreign_id, false, &waiting);
    int n = find_by_id(s, k, foreign_id, out, max);
    if (waiting == 1 && n == 0 && max > 0) {
        ByoSegmentIs is;
        byo_rows_segment_is(s, one, foreign_id, &is);
        out[0] = (ByoForeign){.id = one, .state = (ByoSegState)is.state};
        return 1;
    }
    if ((waiting > 0 && byo_later_write(s)) || others_wait(s, out, n))
        n = find_by_id(s, k, foreign_id, out, max);
    if (n > 0)
        return n;
    n = find_copy(s, k, foreign_id, out, max);
    return others_wait(s, out, n) ? find_copy(s, k, foreign_id, out, max) : n;
}

/* "IS NOT NULL" would be taken for a range of the index: all segments that are out. IN says the same. */
static int find_loosely(ByoStore *s, const ByoKnown *k, const ByoMsgidForms *forms, ByoForeign *out, int max)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_SEGMENT_LOOSE,
                  "SELECT id, state FROM segment INDEXED BY segment_loose WHERE state < 3"
                  " AND integration = ?1 AND loose_id IN (?2, ?3, ?4)"
                  " UNION SELECT id, state FROM segment INDEXED BY segment_foreign WHERE"
                  " integration = ?1 AND foreign_id IN (?2, ?3, ?4) AND loose_id IS NULL AND state < 3"
                  " UNION SELECT segment, state FROM segment_copy c INDEXED BY segment_copy_loose"
                  " JOIN segment ON id = segment AND state < 3"
                  " WHERE c.integration = ?1 AND c.loose_id IN (?2, ?3, ?4) LIMIT ?5");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, k->key);
    for (size_t i = 0; i < 3; i++)
        byo_bind_text(st, 2 + (int)i, forms->form[i < forms->n ? i : 0]);
    sqlite3_bind_int(st, 5, max);
    return take_all(s, st, out, max);
}

int byo_sqlite_by_loose_id(ByoStore *s, ByoStr integration, const ByoMsgidForms *forms, ByoForeign *out,
                           int max)
{
    ByoKnown *k = byo_known(s, integration);
    if (!k || forms->n == 0)
        return 0;
    for (size_t i = 0; i < forms->n; i++) {
        int waiting;
        byo_rows_later_by_id(s, k->key, forms->form[i], true, &waiting);
        if (waiting > 0)
            byo_later_write(s);
    }
    int n = find_loosely(s, k, forms, out, max);
    return others_wait(s, out, n) ? find_loosely(s, k, forms, out, max) : n;
}

/* -- copies -------------------------------------------------------------------------------------- */

void byo_sqlite_copy_add(ByoStore *s, ByoId segment, const ByoCopyRow *c)
{
    if (!byo_writing(s) || (!c->foreign_id.n && c->open))
        return;
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_COPY_ADD,
        "INSERT INTO segment_copy (segment, foreign_id, integration, loose_id, try, open, code, "
        "cause,"
        " description, carrier_code) SELECT ?1, ?2, integration, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM segment"
        " WHERE id = ?1 ON CONFLICT (segment, foreign_id) DO UPDATE SET try = excluded.try WHERE foreign_id "
        "= ''");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, segment);
    byo_bind_text(st, 2, c->foreign_id);
    byo_msgid_loose(c->foreign_id, &s->loose);
    byo_bind_text(st, 3, byo_buf_str(&s->loose));
    sqlite3_bind_int(st, 4, c->try);
    sqlite3_bind_int(st, 5, c->open);
    byo_bind_verdict(st, 6, &c->verdict);
    byo_run(s, st, "cannot keep a message id");
}

void byo_sqlite_copy_end(ByoStore *s, ByoId segment, const ByoCopyRow *c)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st = byo_query(s, BYO_Q_COPY_END,
                                 "UPDATE segment_copy SET open = 0, code = ?3, cause = ?4, description = ?5,"
                                 " carrier_code = ?6 WHERE segment = ?1 AND foreign_id = ?2");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, segment);
    byo_bind_text(st, 2, c->foreign_id);
    byo_bind_verdict(st, 3, &c->verdict);
    byo_run(s, st, "cannot change a message id");
}

int byo_sqlite_copies(ByoStore *s, ByoId segment, ByoCopyRow *copies, int max)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_COPIES,
                                 "SELECT foreign_id, try, open, code, cause, description, carrier_code"
                                 " FROM segment_copy WHERE segment = ?1 ORDER BY try, foreign_id LIMIT ?2");
    int n = 0;
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, segment);
    sqlite3_bind_int(st, 2, max);
    size_t begun[BYO_COPIES_MAX][4];
    byo_buf_clear(&s->copy_text);
    /* The texts of all rows lie in one memory, which may move while it grows. */
    while (n < max && n < BYO_COPIES_MAX && byo_row(s, st, "cannot read message ids")) {
        static const int columns[4] = {0, 4, 5, 6};
        copies[n] = (ByoCopyRow){
            .try = sqlite3_column_int(st, 1),
            .open = sqlite3_column_int(st, 2) != 0,
            .verdict.code = sqlite3_column_type(st, 3) == SQLITE_NULL ? -1 : sqlite3_column_int(st, 3)};
        for (int i = 0; i < 4; i++) {
            begun[n][i] = s->copy_text.n;
            byo_buf_add(&s->copy_text, sqlite3_column_blob(st, columns[i]),
                        (size_t)sqlite3_column_bytes(st, columns[i]));
            byo_buf_addc(&s->copy_text, 0);
        }
        n++;
    }
    sqlite3_reset(st);
    for (int k = 0; k < n; k++) {
        ByoStr *texts[4] = {&copies[k].foreign_id, &copies[k].verdict.code_cause,
                            &copies[k].verdict.description, &copies[k].verdict.carrier_code};
        for (int i = 0; i < 4; i++) {
            size_t end = i < 3 ? begun[k][i + 1] : k + 1 < n ? begun[k + 1][0] : s->copy_text.n;
            *texts[i] = byo_strn(s->copy_text.p + begun[k][i], end - begun[k][i] - 1);
        }
    }
    return n;
}

bool byo_sqlite_maybe_duplicate(ByoStore *s, ByoId message)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_MAYBE_DUPLICATE,
                  "SELECT 1 FROM segment WHERE id > ?1 AND id < ?1 + 256 AND flags & 2 LIMIT 1");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, byo_id_message(message));
    bool found = byo_row(s, st, "cannot read a segment");
    if (found)
        sqlite3_reset(st);
    return found;
}

void byo_sqlite_ended_ids(ByoStore *s, int newest,
                          void (*each)(void *arg, ByoStr integration, ByoStr foreign_id, ByoId segment),
                          void *arg)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_ENDED_IDS,
                  "SELECT id, integration, foreign_id FROM (SELECT id, integration, foreign_id, state"
                  " FROM segment ORDER BY id DESC LIMIT ?1) WHERE state > 2 AND foreign_id IS NOT NULL"
                  " ORDER BY id");
    if (!st)
        return;
    sqlite3_bind_int(st, 1, newest);
    while (byo_row(s, st, "cannot read message ids")) {
        ByoKnown *k = byo_known_key(s, sqlite3_column_int64(st, 1));
        if (k)
            each(arg, byo_strn(k->id, k->length),
                 byo_strn(sqlite3_column_blob(st, 2), (size_t)sqlite3_column_bytes(st, 2)),
                 sqlite3_column_int64(st, 0));
    }
}
