/* SPDX-License-Identifier: BSD-3-Clause
 * A message and a segment as columns of their tables, in both directions: one row read, many rows written in one statement,
 * column by column.
 * Ownership: what is read points into the rows that came back. Threads: as ByoStore. */
#include "store/pgsql/pgsql_rows.h"

#include <stdlib.h>

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

/* The rows of a kind and a state, column by column. Numbers and texts of a row are filled each in their own order. */
typedef struct {
    size_t n, row;
    int64_t *numbers;
    ByoStr *texts;
    size_t number_at, text_at; /* of the row that is filled */
    ByoBuf loose, packed;
} Columns;

static Columns columns(size_t n, size_t numbers, size_t texts)
{
    return (Columns){.n = n,
                     .numbers = byo_alloc(n * numbers * sizeof(int64_t)),
                     .texts = byo_alloc(n * texts * sizeof(ByoStr))};
}

static void number(Columns *c, int64_t v)
{
    c->numbers[c->number_at++ * c->n + c->row] = v;
}

static void text(Columns *c, ByoStr v)
{
    c->texts[c->text_at++ * c->n + c->row] = v.p ? v : BYO_STR("");
}

static void text_opt(Columns *c, ByoStr v)
{
    c->texts[c->text_at++ * c->n + c->row] = v.n ? v : BYO_STR_NONE;
}

static void next_row(Columns *c)
{
    c->row++;
    c->number_at = c->text_at = 0;
}

static void verdict(Columns *c, const ByoStoredVerdict *v)
{
    number(c, v->code < 0 ? BYO_PG_NO_INT : v->code);
    text_opt(c, v->code_cause);
    text_opt(c, v->description);
    text_opt(c, v->carrier_code);
}

/* kinds: of the columns in the statement's order, i a number, t own words, o octets, s this node's slot, x a
 * transaction. Frees the columns. */
static void write_columns(ByoStore *s, ByoPgStatement q, Columns *c, const char *kinds)
{
    ByoPgValue values[BYO_PG_VALUES_MAX];
    size_t n = strlen(kinds), numbers = 0, texts = 0;
    for (size_t i = 0; i < n; i++)
        if (kinds[i] == 's')
            values[i] = PG_INT(s->session.slot);
        else if (kinds[i] == 'i')
            values[i] = PG_INTS(c->numbers + numbers++ * c->n, c->n);
        else if (kinds[i] == 'x')
            values[i] = PG_XIDS(c->numbers + numbers++ * c->n, c->n);
        else
            values[i] = kinds[i] == 't' ? PG_TEXTS(c->texts + texts++ * c->n, c->n)
                                        : PG_OCTETSS(c->texts + texts++ * c->n, c->n);
    byo_pg_send_write(s, q, values, n);
    free(c->numbers);
    free(c->texts);
    byo_buf_free(&c->loose);
    byo_buf_free(&c->packed);
}

static void outcome(Columns *c, const ByoMessageRow *m)
{
    number(c, m->state);
    number(c, m->tally.segments);
    number(c, m->tally.accepted);
    number(c, m->tally.delivered);
    number(c, m->tally.failed);
    number(c, m->tally.reported);
    number(c, m->tally.ended);
}

void byo_pg_messages_add(ByoStore *s, const ByoPgList *l)
{
    Columns c = columns(l->n, 19, 10);
    byo_buf_need(&c.packed, sizeof(ByoPgUuid) * l->n);
    for (const ByoPgEntry *e = l->first; e; e = e->next) {
        const ByoMessageRow *m = &((const ByoPgMessage *)e)->row;
        unsigned char *packed = (unsigned char *)c.packed.p + sizeof(ByoPgUuid) * c.row;
        number(&c, m->id);
        number(&c, m->created);
        number(&c, m->ended);
        number(&c, m->expires);
        number(&c, byo_pg_recipient_hash(m->recipient));
        outcome(&c, m);
        text(&c, m->integration);
        verdict(&c, &m->verdict);
        number(&c, m->reports);
        number(&c, m->mask);
        number(&c, m->coding);
        number(&c, m->data_coding);
        number(&c, m->dcs);
        number(&c, m->keyword);
        text_opt(&c, m->charset);
        text_opt(&c, m->number);
        text_opt(&c, m->recipient);
        text(&c, byo_pg_uuid_octets(m->uuid, packed));
        c.texts[c.text_at++ * c.n + c.row] = m->named ? m->box : BYO_STR_NONE;
        text(&c, m->frame);
        next_row(&c);
    }
    write_columns(s, BYO_PG_MESSAGES_ADD, &c, "iiiiiiiiiiiiiiiiiiittoooooooo");
}

static void guard(Columns *c, const ByoPgEntry *e)
{
    number(c, e->guard ? (int64_t)e->guard : BYO_PG_NO_INT);
}

void byo_pg_messages_update(ByoStore *s, const ByoPgList *l)
{
    Columns c = columns(l->n, 11, 3);
    for (const ByoPgEntry *e = l->first; e; e = e->next) {
        const ByoMessageRow *m = &((const ByoPgMessage *)e)->row;
        number(&c, m->id);
        number(&c, m->ended);
        outcome(&c, m);
        verdict(&c, &m->verdict);
        guard(&c, e);
        next_row(&c);
    }
    write_columns(s, BYO_PG_MESSAGES_UPDATE, &c, "iiiiiiiiiitoox");
}

static void segment_numbers(Columns *c, const ByoSegmentRow *g)
{
    number(c, g->id);
    number(c, g->s.due);
    number(c, g->s.first_handed);
    number(c, g->s.handed);
    number(c, g->s.ended);
    number(c, g->s.accepted_at);
    number(c, g->s.state);
    number(c, g->s.tries);
    number(c, (g->s.interim ? FLAG_INTERIM : 0) | (g->s.maybe_duplicate ? FLAG_DUPLICATE : 0) |
                  (g->s.accepted ? FLAG_ACCEPTED : 0) | (g->s.copies ? FLAG_COPIES : 0) |
                  (g->elsewhere ? FLAG_ELSEWHERE : 0));
}

/* foreign_id and loose_id, which lies in c->loose: there is room for all. */
static void ids(Columns *c, ByoStr foreign_id, ByoBuf *spare)
{
    text_opt(c, foreign_id);
    byo_msgid_loose(foreign_id, spare);
    ByoStr loose = byo_buf_str(spare);
    if (!loose.n || byo_str_eq(loose, foreign_id)) {
        text_opt(c, BYO_STR_NONE);
        return;
    }
    size_t at = c->loose.n;
    byo_buf_add(&c->loose, loose.p, loose.n);
    text_opt(c, byo_strn(c->loose.p + at, loose.n));
}

static size_t room_for_ids(const ByoPgList *l)
{
    size_t n = 0;
    for (const ByoPgEntry *e = l->first; e; e = e->next)
        n += ((const ByoPgSegment *)e)->row.foreign_id.n + 1;
    return n;
}

static void write_segments(ByoStore *s, const ByoPgList *l, bool added)
{
    Columns c = columns(l->n, 11, 8);
    byo_buf_need(&c.loose, room_for_ids(l));
    for (const ByoPgEntry *e = l->first; e; e = e->next) {
        const ByoPgSegment *g = (const ByoPgSegment *)e;
        segment_numbers(&c, &g->row);
        if (added)
            text(&c, g->integration);
        verdict(&c, &g->row.verdict);
        ids(&c, g->row.foreign_id, &s->loose);
        if (added) {
            text_opt(&c, g->row.udh);
            text(&c, g->row.payload);
        } else {
            guard(&c, e);
        }
        next_row(&c);
    }
    write_columns(s, added ? BYO_PG_SEGMENTS_ADD : BYO_PG_SEGMENTS_UPDATE, &c,
                  added ? "iiiiiiiiiittoooooos" : "iiiiiiiiiitoooosx");
}

void byo_pg_segments_add(ByoStore *s, const ByoPgList *l)
{
    write_segments(s, l, true);
}

void byo_pg_segments_update(ByoStore *s, const ByoPgList *l)
{
    write_segments(s, l, false);
}
