/* SPDX-License-Identifier: BSD-3-Clause
 * Inbound messages: kept, looked for, forgotten.
 * Decides: how far one page may look. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

enum { LOOK_ROWS = 50000 };

void byo_sqlite_inbound_add(ByoStore *s, const ByoInboundRow *row)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_INBOUND_ADD,
                  "INSERT INTO inbound (id, integration, number, sender, keyword, uuid, box, text)"
                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    if (!st)
        return;
    unsigned char packed[16];
    sqlite3_bind_int64(st, 1, row->id);
    byo_bind_text(st, 2, row->integration);
    byo_bind_text(st, 3, row->number);
    byo_bind_text(st, 4, row->sender);
    sqlite3_bind_int(st, 5, row->keyword);
    byo_bind_uuid(st, 6, row->uuid, packed);
    byo_bind_if(st, 7, row->named, row->box);
    byo_bind_if(st, 8, row->has_text, row->text);
    byo_run(s, st, "cannot keep an inbound message");
}

static ByoInboundRow take(ByoStore *s, sqlite3_stmt *st)
{
    byo_take_begin(&s->row_text, st, 1, 7, 37);
    ByoInboundRow row = {.id = sqlite3_column_int64(st, 0), .keyword = sqlite3_column_int(st, 4)};
    row.created = byo_id_time(row.id);
    row.integration = byo_take(&s->row_text, st, 1);
    row.number = byo_take(&s->row_text, st, 2);
    row.sender = byo_take(&s->row_text, st, 3);
    row.uuid = byo_take_uuid(&s->row_text, st, 5);
    row.named = sqlite3_column_type(st, 6) != SQLITE_NULL;
    row.box = byo_take(&s->row_text, st, 6);
    row.has_text = sqlite3_column_type(st, 7) != SQLITE_NULL;
    row.text = byo_take(&s->row_text, st, 7);
    return row;
}

#define COLUMNS "SELECT id, integration, number, sender, keyword, uuid, box, text FROM inbound "

ByoStoreResult byo_sqlite_inbound(ByoStore *s, ByoId id, ByoInboundRow *row_r)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_INBOUND, COLUMNS "WHERE id = ?1");
    if (!st)
        return s->course.last;
    sqlite3_bind_int64(st, 1, id);
    if (!byo_row(s, st, "cannot read an inbound message"))
        return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
    *row_r = take(s, st);
    sqlite3_reset(st);
    return BYO_STORE_OK;
}

static bool fits(const ByoMessageFilter *f, const ByoInboundRow *row)
{
    return (!f->integration.n || byo_str_eq(f->integration, row->integration)) &&
           (!f->number.n || byo_str_eq(byo_digits(f->number), row->number)) &&
           (!f->recipient.n || byo_str_eq(byo_digits(f->recipient), row->sender));
}

ByoStoreResult byo_sqlite_inbounds(ByoStore *s, const ByoMessageFilter *f, ByoId *next_r,
                                   bool (*each)(void *arg, const ByoInboundRow *row), void *arg)
{
    ByoId low = byo_id_at(f->from), high = f->to > 0 ? byo_id_at(f->to) : INT64_MAX;
    int left = f->limit, looked = 0;
    bool more = left > 0;
    ByoId next = 0;
    if (f->before > 0 && f->before < high)
        high = f->before;
    sqlite3_stmt *st =
        f->recipient.n ? byo_query(s, BYO_Q_INBOUND_OF,
                                   COLUMNS "WHERE id >= ?1 AND id < ?2 AND sender = ?3 ORDER BY id DESC")
                       : byo_query(s, BYO_Q_INBOUNDS, COLUMNS "WHERE id >= ?1 AND id < ?2 ORDER BY id DESC");
    if (!st) {
        *next_r = 0;
        return s->course.last;
    }
    sqlite3_bind_int64(st, 1, low);
    sqlite3_bind_int64(st, 2, high);
    if (f->recipient.n)
        byo_bind_text(st, 3, byo_digits(f->recipient));
    while (more && byo_row(s, st, "cannot read the inbound messages")) {
        ByoInboundRow row = take(s, st);
        next = row.id;
        if (fits(f, &row))
            more = each(arg, &row) && --left > 0;
        more = more && ++looked < LOOK_ROWS;
    }
    *next_r = more ? 0 : next; /* to the end */
    sqlite3_reset(st);
    return s->course.last;
}

int byo_sqlite_inbound_forget(ByoStore *s, ByoStr sender)
{
    if (!byo_writing(s))
        return 0;
    sqlite3_stmt *st = byo_query(s, BYO_Q_INBOUND_FORGET, "DELETE FROM inbound WHERE sender = ?1");
    if (!st)
        return 0;
    byo_bind_text(st, 1, sender);
    return byo_run(s, st, "cannot remove inbound messages") ? sqlite3_changes(s->db) : 0;
}
