/* SPDX-License-Identifier: BSD-3-Clause
 * What memory must know again after a start, found by index: replies of late, segments in back-off.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

void byo_sqlite_replies(ByoStore *s, ByoTime since,
                        void (*each)(void *arg, ByoStr number, ByoStr recipient, int keyword, ByoTime sent),
                        void *arg)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_REPLIES,
                  "SELECT number, recipient, keyword, created FROM message INDEXED BY message_reply"
                  " WHERE keyword > 0 AND id >= ?1 ORDER BY id");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, byo_id_at(since));
    while (byo_row(s, st, "cannot read the replies")) {
        byo_take_begin(&s->row_text, st, 0, 2, 0);
        ByoStr number = byo_take(&s->row_text, st, 0), recipient = byo_take(&s->row_text, st, 1);
        each(arg, number, recipient, sqlite3_column_int(st, 2), byo_amount(st, 3));
    }
}

void byo_sqlite_long_messages(ByoStore *s, int newest, void (*each)(void *arg, ByoStr recipient, ByoStr udh),
                              void *arg)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_LONG_MESSAGES,
                  "SELECT m.recipient, g.udh FROM message AS m CROSS JOIN segment AS g ON g.id = m.id + 1"
                  " WHERE m.segments > 1 AND m.id >= coalesce((SELECT id FROM message ORDER BY id DESC LIMIT "
                  "1 OFFSET ?1), 0)"
                  " ORDER BY m.id");
    if (!st)
        return;
    sqlite3_bind_int(st, 1, newest);
    while (byo_row(s, st, "cannot read the long messages")) {
        byo_take_begin(&s->row_text, st, 0, 2, 0);
        ByoStr recipient = byo_take(&s->row_text, st, 0), udh = byo_take(&s->row_text, st, 1);
        each(arg, recipient, udh);
    }
}

void byo_sqlite_taken(ByoStore *s, int newest,
                      void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused), void *arg)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_TAKEN,
                  "SELECT m.uuid, m.box, f.frame, m.state = 2 AND m.ended = m.created"
                  " FROM message AS m CROSS JOIN message_frame AS f ON f.id = m.id"
                  " WHERE m.keyword = 0 AND m.id >= coalesce((SELECT id FROM message ORDER BY id DESC LIMIT "
                  "1 OFFSET ?1), 0)"
                  " ORDER BY m.id");
    if (!st)
        return;
    sqlite3_bind_int(st, 1, newest);
    while (byo_row(s, st, "cannot read the newest messages")) {
        byo_take_begin(&s->row_text, st, 0, 3, 37);
        ByoStr uuid = byo_take_uuid(&s->row_text, st, 0), box = byo_take(&s->row_text, st, 1);
        if (sqlite3_column_type(st, 1) == SQLITE_NULL)
            box = BYO_STR_NONE;
        ByoStr frame = byo_take(&s->row_text, st, 2);
        each(arg, box, uuid, frame, sqlite3_column_int(st, 3) != 0);
    }
}

void byo_sqlite_backing_off(ByoStore *s, ByoStr integration, ByoTime after, int max,
                            void (*each)(void *arg, ByoId segment, ByoStr number, ByoStr recipient),
                            void *arg)
{
    ByoKnown *k = byo_known(s, integration);
    sqlite3_stmt *st =
        k ? byo_query(s, BYO_Q_BACKING_OFF,
                      "SELECT g.id, m.number, m.recipient FROM segment AS g INDEXED BY segment_pending"
                      " CROSS JOIN message AS m WHERE g.state < 3 AND g.state = 0 AND g.integration = ?1"
                      " AND g.due > ?2 AND g.handed > 0 AND m.id = g.id & ~255 ORDER BY g.due LIMIT ?3")
          : NULL;
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, k->key);
    sqlite3_bind_int64(st, 2, after);
    sqlite3_bind_int(st, 3, max);
    while (byo_row(s, st, "cannot read the queue")) {
        byo_take_begin(&s->row_text, st, 1, 2, 0);
        ByoStr number = byo_take(&s->row_text, st, 1), recipient = byo_take(&s->row_text, st, 2);
        each(arg, sqlite3_column_int64(st, 0), number, recipient);
    }
}
