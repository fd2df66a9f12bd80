/* SPDX-License-Identifier: BSD-3-Clause
 * A message and a segment as columns of their tables, in both directions: one row read, many rows written in one statement.
 * Ownership: what is read points into the rows that came back. Threads: as ByoStore. */
#include "store/pgsql/pgsql_rows.h"

enum { FLAG_INTERIM = 1, FLAG_DUPLICATE = 2, FLAG_ACCEPTED = 4, FLAG_COPIES = 8, FLAG_ELSEWHERE = 16 };

/* -- reading ----------------------------------------------------------------------------------------- */

void byo_pg_message_of(const ByoPgRows *r, ByoMessageRow *m_r, char uuid[37])
{
    *m_r = (ByoMessageRow){
        .id = byo_pg_int_at(r, 0),
        .created = byo_pg_amount_at(r, 1),
        .ended = byo_pg_amount_at(r, 2),
        .expires = byo_pg_amount_at(r, 3),
        .state = (ByoMsgState)byo_pg_int_at(r, 4),
        .tally.segments = (int)byo_pg_int_at(r, 5),
        .tally.accepted = (int)byo_pg_int_at(r, 6),
        .tally.delivered = (int)byo_pg_int_at(r, 7),
        .tally.failed = (int)byo_pg_int_at(r, 8),
        .tally.reported = (int)byo_pg_int_at(r, 9),
        .tally.ended = byo_pg_int_at(r, 10) != 0,
        .verdict = byo_pg_verdict_at(r, 11),
        .reports = (int)byo_pg_int_at(r, 15),
        .mask = (int)byo_pg_int_at(r, 16),
        .coding = (int)byo_pg_int_at(r, 17),
        .data_coding = (int)byo_pg_int_at(r, 18),
        .dcs = (int)byo_pg_int_at(r, 19),
        .keyword = (int)byo_pg_int_at(r, 20),
        .integration = byo_pg_text_at(r, 21),
        .charset = byo_pg_text_at(r, 22),
        .number = byo_pg_text_at(r, 23),
        .recipient = byo_pg_text_at(r, 24),
        .uuid = byo_pg_uuid_at(r, 25, uuid),
        .named = !byo_pg_null_at(r, 26),
        .box = byo_pg_text_at(r, 26),
        .frame = byo_pg_text_at(r, 27),
    };
}

void byo_pg_segment_of(const ByoPgRows *r, ByoSegmentRow *seg_r)
{
    int64_t flags = byo_pg_int_at(r, 7);
    *seg_r = (ByoSegmentRow){
        .id = byo_pg_int_at(r, 0),
        .s.due = byo_pg_amount_at(r, 1),
        .s.first_handed = byo_pg_amount_at(r, 2),
        .s.handed = byo_pg_amount_at(r, 3),
        .s.ended = byo_pg_amount_at(r, 4),
        .s.accepted_at = byo_pg_amount_at(r, 16),
        .s.state = (ByoSegState)byo_pg_int_at(r, 5),
        .s.tries = (int)byo_pg_int_at(r, 6),
        .s.interim = (flags & FLAG_INTERIM) != 0,
        .s.maybe_duplicate = (flags & FLAG_DUPLICATE) != 0,
        .s.accepted = (flags & FLAG_ACCEPTED) != 0,
        .s.copies = (flags & FLAG_COPIES) != 0,
        .elsewhere = (flags & FLAG_ELSEWHERE) != 0,
        .verdict = byo_pg_verdict_at(r, 8),
        .foreign_id = byo_pg_text_at(r, 13),
        .udh = byo_pg_text_at(r, 14),
        .payload = byo_pg_text_at(r, 15),
    };
}

/* -- writing ----------------------------------------------------------------------------------------- */

static void cause(ByoPgRecords *r, const ByoStoredVerdict *v)
{
    byo_pg_put_opt(r, v->code_cause);
    byo_pg_put_opt(r, v->description);
    byo_pg_put_opt(r, v->carrier_code);
}

static void code(ByoPgRecords *r, const ByoStoredVerdict *v)
{
    byo_pg_put_int(r, v->code < 0 ? BYO_PG_NO_INT : v->code);
}

static void outcome(ByoPgRecords *r, const ByoMessageRow *m)
{
    byo_pg_put_int(r, m->state);
    byo_pg_put_int(r, m->tally.segments);
    byo_pg_put_int(r, m->tally.accepted);
    byo_pg_put_int(r, m->tally.delivered);
    byo_pg_put_int(r, m->tally.failed);
    byo_pg_put_int(r, m->tally.reported);
    byo_pg_put_int(r, m->tally.ended);
    code(r, &m->verdict);
}

/* They are freed. */
static void write_records(ByoStore *s, ByoPgStatement q, ByoPgRecords *r, const ByoPgList *l)
{
    int64_t guards[BYO_PG_ROWS_MAX], days[BYO_PG_ROWS_MAX];
    size_t n = 0;
    for (const ByoPgEntry *e = l->first; e; e = e->next, n++) {
        guards[n] = e->guard ? (int64_t)e->guard : BYO_PG_NO_INT;
        days[n] = e->day;
    }
    ByoPgValue rows = byo_pg_records(&s->session, r);
    if (q == BYO_PG_SEGMENTS_LEAVE || q == BYO_PG_MESSAGES_LEAVE)
        byo_pg_write(s, q, rows, PG_XIDS(guards, n), PG_INTS(days, n));
    else if (q == BYO_PG_MESSAGES_UPDATE || q == BYO_PG_SEGMENTS_UPDATE)
        byo_pg_write(s, q, rows, PG_XIDS(guards, n));
    else if (q == BYO_PG_MESSAGES_ADD_OVER || q == BYO_PG_SEGMENTS_ADD_OVER ||
             q == BYO_PG_MESSAGES_UPDATE_OVER || q == BYO_PG_SEGMENTS_UPDATE_OVER)
        byo_pg_write(s, q, rows, PG_INTS(days, n));
    else
        byo_pg_write(s, q, rows);
    byo_buf_free(&r->b);
}

static void add_messages(ByoStore *s, ByoPgStatement q, const ByoPgList *l)
{
    ByoPgRecords r = {.of = BYO_PG_OF_MESSAGE};
    for (const ByoPgEntry *e = l->first; e; e = e->next) {
        const ByoMessageRow *m = &((const ByoPgMessage *)e)->row;
        ByoPgUuid packed;
        byo_pg_record(&r);
        byo_pg_put_int(&r, m->id);
        byo_pg_put_int(&r, m->created);
        byo_pg_put_int(&r, m->ended);
        byo_pg_put_int(&r, m->expires);
        byo_pg_put_int(&r, byo_pg_recipient_hash(m->recipient));
        outcome(&r, m);
        byo_pg_put_int(&r, m->reports);
        byo_pg_put_int(&r, m->mask);
        byo_pg_put_int(&r, m->coding);
        byo_pg_put_int(&r, m->data_coding);
        byo_pg_put_int(&r, m->dcs);
        byo_pg_put_int(&r, m->keyword);
        byo_pg_put_text(&r, m->integration);
        cause(&r, &m->verdict);
        byo_pg_put_opt(&r, m->charset);
        byo_pg_put_opt(&r, m->number);
        byo_pg_put_opt(&r, m->recipient);
        byo_pg_put_text(&r, byo_pg_uuid_octets(m->uuid, packed));
        byo_pg_put_present(&r, m->named ? m->box : BYO_STR_NONE);
        byo_pg_put_text(&r, m->frame);
    }
    write_records(s, q, &r, l);
}

void byo_pg_messages_add(ByoStore *s, const ByoPgList *l)
{
    add_messages(s, BYO_PG_MESSAGES_ADD, l);
}

void byo_pg_messages_add_over(ByoStore *s, const ByoPgList *l)
{
    add_messages(s, BYO_PG_MESSAGES_ADD_OVER, l);
}

/* What does not change is NULL, and the statement leaves it as it is. */
static void update_messages(ByoStore *s, ByoPgStatement q, const ByoPgList *l)
{
    ByoPgRecords r = {.of = BYO_PG_OF_MESSAGE};
    for (const ByoPgEntry *e = l->first; e; e = e->next) {
        const ByoMessageRow *m = &((const ByoPgMessage *)e)->row;
        byo_pg_record(&r);
        byo_pg_put_int(&r, m->id);
        byo_pg_put_nulls(&r, 1);
        byo_pg_put_int(&r, m->ended);
        byo_pg_put_nulls(&r, 2);
        outcome(&r, m);
        byo_pg_put_nulls(&r, 7);
        cause(&r, &m->verdict);
        byo_pg_put_nulls(&r, 6);
    }
    write_records(s, q, &r, l);
}

void byo_pg_messages_update(ByoStore *s, const ByoPgList *l)
{
    update_messages(s, BYO_PG_MESSAGES_UPDATE, l);
}

void byo_pg_messages_update_over(ByoStore *s, const ByoPgList *l)
{
    update_messages(s, BYO_PG_MESSAGES_UPDATE_OVER, l);
}

void byo_pg_messages_leave(ByoStore *s, const ByoPgList *l)
{
    update_messages(s, BYO_PG_MESSAGES_LEAVE, l);
}

/* The form ids are compared in loosely, where it is another one. */
static ByoStr loose_id(ByoStr foreign_id, ByoBuf *spare)
{
    byo_msgid_loose(foreign_id, spare);
    ByoStr loose = byo_buf_str(spare);
    return byo_str_eq(loose, foreign_id) ? BYO_STR_NONE : loose;
}

static void segment_row(ByoStore *s, ByoPgRecords *r, const ByoPgSegment *g, bool added)
{
    const ByoSegment *of = &g->row.s;
    byo_pg_record(r);
    byo_pg_put_int(r, g->row.id);
    byo_pg_put_int(r, of->due);
    byo_pg_put_int(r, of->first_handed);
    byo_pg_put_int(r, of->handed);
    byo_pg_put_int(r, of->ended);
    byo_pg_put_int(r, of->accepted_at);
    byo_pg_put_int(r, of->state);
    byo_pg_put_int(r, of->tries);
    byo_pg_put_int(r, (of->interim ? FLAG_INTERIM : 0) | (of->maybe_duplicate ? FLAG_DUPLICATE : 0) |
                          (of->accepted ? FLAG_ACCEPTED : 0) | (of->copies ? FLAG_COPIES : 0) |
                          (g->row.elsewhere ? FLAG_ELSEWHERE : 0));
    code(r, &g->row.verdict);
    if (added)
        byo_pg_put_text(r, g->integration);
    else
        byo_pg_put_nulls(r, 1);
    cause(r, &g->row.verdict);
    byo_pg_put_opt(r, g->row.foreign_id);
    byo_pg_put_opt(r, loose_id(g->row.foreign_id, &s->loose));
    if (added) {
        byo_pg_put_opt(r, g->row.udh);
        byo_pg_put_text(r, g->row.payload);
    } else {
        byo_pg_put_nulls(r, 2);
    }
    byo_pg_put_int(r, s->session.slot);
}

static void write_segments(ByoStore *s, ByoPgStatement q, const ByoPgList *l, bool added)
{
    ByoPgRecords r = {.of = BYO_PG_OF_SEGMENT};
    for (const ByoPgEntry *e = l->first; e; e = e->next)
        segment_row(s, &r, (const ByoPgSegment *)e, added);
    write_records(s, q, &r, l);
}

void byo_pg_segments_add(ByoStore *s, const ByoPgList *l)
{
    write_segments(s, BYO_PG_SEGMENTS_ADD, l, true);
}

void byo_pg_segments_add_over(ByoStore *s, const ByoPgList *l)
{
    write_segments(s, BYO_PG_SEGMENTS_ADD_OVER, l, true);
}

void byo_pg_segments_update(ByoStore *s, const ByoPgList *l)
{
    write_segments(s, BYO_PG_SEGMENTS_UPDATE, l, false);
}

void byo_pg_segments_update_over(ByoStore *s, const ByoPgList *l)
{
    write_segments(s, BYO_PG_SEGMENTS_UPDATE_OVER, l, false);
}

void byo_pg_segments_leave(ByoStore *s, const ByoPgList *l)
{
    write_segments(s, BYO_PG_SEGMENTS_LEAVE, l, false);
}
