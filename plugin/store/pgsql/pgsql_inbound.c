/* SPDX-License-Identifier: BSD-3-Clause
 * Inbound messages: kept, looked for, forgotten.
 * Decides: how far one page may look. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

enum { LOOK_ROWS = 50000 };

void byo_pgsql_inbound_add(ByoStore *s, const ByoInboundRow *row)
{
    ByoPgUuid packed;
    byo_pg_write(s, BYO_PG_INBOUND_ADD, PG_INT(row->id), PG_TEXT(row->integration), PG_OCTETS(row->number),
                 PG_OCTETS(row->sender), PG_INT(row->keyword), PG_UUID(row->uuid, packed),
                 row->named ? PG_OCTETS(row->box) : PG_NULL(BYO_PG_OCTETS),
                 row->has_text ? PG_OCTETS(row->text) : PG_NULL(BYO_PG_OCTETS));
}

/* uuid: room for its text. */
static ByoInboundRow inbound_at(const ByoPgRows *r, char uuid[37])
{
    ByoInboundRow row = {
        .id = byo_pg_int_at(r, 0),
        .integration = byo_pg_text_at(r, 1),
        .number = byo_pg_text_at(r, 2),
        .sender = byo_pg_text_at(r, 3),
        .keyword = (int)byo_pg_int_at(r, 4),
        .uuid = byo_pg_uuid_at(r, 5, uuid),
        .named = !byo_pg_null_at(r, 6),
        .box = byo_pg_text_at(r, 6),
        .has_text = !byo_pg_null_at(r, 7),
        .text = byo_pg_text_at(r, 7),
    };
    row.created = byo_id_time(row.id);
    return row;
}

ByoStoreResult byo_pgsql_inbound(ByoStore *s, ByoId id, ByoInboundRow *row_r)
{
    ByoPgRows r;
    ByoStoreResult result = byo_pg_one(s, &r, BYO_PG_INBOUND, PG_INT(id));
    if (result == BYO_STORE_OK) {
        *row_r = inbound_at(&r, s->inbound_uuid);
        byo_pg_hold(s, BYO_PG_HELD_INBOUND, &r);
    }
    return result;
}

/* As a search for messages: rows are looked at from the newest on, LOOK_ROWS at most; where it stopped is where the
 * next page goes on. */
ByoStoreResult byo_pgsql_inbounds(ByoStore *s, const ByoMessageFilter *f, ByoId *next_r,
                                  bool (*each)(void *arg, const ByoInboundRow *row), void *arg)
{
    ByoId low = byo_id_at(f->from), high = f->to > 0 ? byo_id_at(f->to) : INT64_MAX, last = 0,
          before = f->before;
    int left = f->limit;
    bool wanted = true;
    char uuid[37];
    ByoPgRows r;
    *next_r = 0; /* may be f's own `before` */
    if (left <= 0)
        return BYO_STORE_OK;
    if (before > 0 && before < high)
        high = before;
    ByoPgStatement q = f->recipient.n ? BYO_PG_INBOUNDS_OF : BYO_PG_INBOUNDS; /* each uses its index */
    if (!byo_pg_read(s, &r, q, PG_INT(low), PG_INT(high), PG_OCTETS_OPT(byo_digits(f->recipient)),
                     PG_TEXT_OPT(f->integration), PG_OCTETS_OPT(byo_digits(f->number)), PG_INT(LOOK_ROWS),
                     PG_INT(left)))
        return s->course.last;
    while (wanted && left > 0 && byo_pg_next(&r)) {
        ByoInboundRow row = inbound_at(&r, uuid);
        last = row.id;
        left--;
        wanted = each(arg, &row);
    }
    byo_pg_end(&r);
    if (!wanted || left == 0) {
        *next_r = last;
        return BYO_STORE_OK;
    }
    /* Fewer than asked for: to the end, or as far as one page may look. */
    *next_r = byo_pg_amount(s, f->recipient.n ? BYO_PG_INBOUNDS_OF_STOP : BYO_PG_INBOUNDS_STOP, PG_INT(low),
                            PG_INT(high), PG_OCTETS_OPT(byo_digits(f->recipient)), PG_INT(LOOK_ROWS));
    return s->course.last;
}

int byo_pgsql_inbound_forget(ByoStore *s, ByoStr sender)
{
    return (int)byo_pg_change(s, BYO_PG_INBOUND_FORGET, PG_OCTETS(sender));
}
