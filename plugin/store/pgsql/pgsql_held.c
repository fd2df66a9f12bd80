/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of messages and segments a transaction holds in memory, and the texts of rows.
 * Decides: where they lie. Texts lie in pieces that only the transaction's end frees, so that what was given out lives until
 * then.
 * Ownership and threads: pgsql_rows.c. */
#include "store/pgsql/pgsql_rows.h"

#include <stdlib.h>

enum { PIECE_OCTETS = 64 * 1024 };

ByoPgEntry *byo_pg_held_find(const ByoPgRowsOf *k, ByoId id)
{
    for (ByoHashEntry *e = byo_hash_first(&k->table, byo_hash_number(id)); e; e = byo_hash_next(e))
        if (((ByoPgEntry *)e)->id == id)
            return (ByoPgEntry *)e;
    return NULL;
}

ByoPgEntry *byo_pg_held_get(ByoPgRowsOf *k, ByoId id, size_t octets)
{
    ByoPgEntry *e = byo_pg_held_find(k, id);
    if (e)
        return e;
    e = byo_zalloc(octets);
    e->id = id;
    byo_hash_add(&k->table, &e->entry, byo_hash_number(id));
    return e;
}

void byo_pg_held_dirty(ByoPgRowsOf *k, ByoPgEntry *e, ByoPgRowState state, bool over)
{
    if (e->state == BYO_PG_ROW_ADDED || e->state == BYO_PG_ROW_CHANGED)
        return;
    ByoPgList *l = state == BYO_PG_ROW_ADDED ? &k->added : over ? &k->over : &k->changed;
    e->state = state;
    e->next = l->first;
    l->first = e;
    l->n++;
}

ByoPgCached *byo_pg_held(ByoStore *s)
{
    if (!s->cached)
        s->cached = byo_zalloc(sizeof *s->cached);
    return s->cached;
}

void byo_pg_held_clean(ByoPgList *l)
{
    for (ByoPgEntry *e = l->first; e; e = e->next) {
        e->state = BYO_PG_ROW_READ;
        e->written = true;
        e->guard = 0;
    }
    *l = (ByoPgList){0};
}

ByoPgList byo_pg_held_take(ByoPgList *l, bool (*such)(const ByoStore *s, const ByoPgEntry *e),
                           const ByoStore *s)
{
    ByoPgList taken = {0}, rest = {0};
    ByoPgEntry **taken_end = &taken.first, **rest_end = &rest.first;
    for (ByoPgEntry *e = l->first, *next; e; e = next) {
        bool take = such(s, e);
        ByoPgEntry ***end = take ? &taken_end : &rest_end;
        next = e->next;
        e->next = NULL;
        **end = e;
        *end = &e->next;
        (take ? &taken : &rest)->n++;
    }
    *l = rest;
    return taken;
}

static void empty(ByoPgRowsOf *k)
{
    byo_hash_clear(&k->table, free);
    *k = (ByoPgRowsOf){0};
}

void byo_pg_rows_forget(ByoStore *s)
{
    if (!s->cached)
        return;
    empty(&s->cached->messages);
    empty(&s->cached->segments);
}

void byo_pg_rows_free(ByoStore *s)
{
    if (!s->cached)
        return;
    byo_pg_rows_forget(s);
    for (ByoPgPiece *p = s->cached->pieces, *next; p; p = next) {
        next = p->next;
        free(p);
    }
    free(s->cached);
    s->cached = NULL;
}

/* -- texts ------------------------------------------------------------------------------------------ */

void byo_pg_message_texts(ByoMessageRow *m, ByoStr *texts[BYO_PG_MESSAGE_TEXTS])
{
    ByoStr *all[BYO_PG_MESSAGE_TEXTS] = {&m->integration,
                                         &m->number,
                                         &m->recipient,
                                         &m->uuid,
                                         &m->box,
                                         &m->charset,
                                         &m->frame,
                                         &m->verdict.code_cause,
                                         &m->verdict.description,
                                         &m->verdict.carrier_code};
    memcpy(texts, all, sizeof all);
}

void byo_pg_segment_texts(ByoSegmentRow *seg, ByoStr *integration, ByoStr *texts[BYO_PG_SEGMENT_TEXTS])
{
    ByoStr *all[BYO_PG_SEGMENT_TEXTS] = {&seg->foreign_id,
                                         &seg->udh,
                                         &seg->payload,
                                         &seg->verdict.code_cause,
                                         &seg->verdict.description,
                                         &seg->verdict.carrier_code,
                                         integration};
    memcpy(texts, all, sizeof all);
}

void byo_pg_hold_texts(ByoPgCached *held, ByoStr *const *texts, size_t n)
{
    size_t need = 0;
    for (size_t i = 0; i < n; i++)
        need += texts[i]->n + 1;
    ByoPgPiece *p = held->pieces;
    if (!p || p->room - p->n < need) {
        size_t room = need > PIECE_OCTETS ? need : PIECE_OCTETS;
        p = byo_alloc(sizeof *p + room);
        *p = (ByoPgPiece){.next = held->pieces, .room = room};
        held->pieces = p;
    }
    for (size_t i = 0; i < n; i++) {
        char *at = p->text + p->n;
        if (texts[i]->n)
            memcpy(at, texts[i]->p, texts[i]->n);
        at[texts[i]->n] = 0;
        p->n += texts[i]->n + 1;
        *texts[i] = byo_strn(at, texts[i]->n);
    }
}

void byo_pg_copy_texts(ByoBuf *b, ByoStr *const *texts, size_t n)
{
    size_t need = 0;
    for (size_t i = 0; i < n; i++)
        need += texts[i]->n + 1;
    byo_buf_clear(b);
    byo_buf_need(b, need);
    for (size_t i = 0; i < n; i++) {
        char *at = b->p + b->n;
        byo_buf_add(b, texts[i]->p, texts[i]->n);
        byo_buf_addc(b, 0);
        *texts[i] = byo_strn(at, texts[i]->n);
    }
}

void byo_pg_hold_message(ByoPgCached *held, ByoPgMessage *m, const ByoMessageRow *row)
{
    ByoStr *texts[BYO_PG_MESSAGE_TEXTS];
    m->row = *row;
    if (!row->named)
        m->row.box = BYO_STR("");
    if (row->verdict.code < 0)
        m->row.verdict.code = -1;
    byo_pg_message_texts(&m->row, texts);
    byo_pg_hold_texts(held, texts, BYO_PG_MESSAGE_TEXTS);
}

void byo_pg_hold_segment(ByoPgCached *held, ByoPgSegment *g, const ByoSegmentRow *row, ByoStr integration)
{
    ByoStr *texts[BYO_PG_SEGMENT_TEXTS];
    g->row = *row;
    g->integration = integration;
    if (row->verdict.code < 0)
        g->row.verdict.code = -1;
    byo_pg_segment_texts(&g->row, &g->integration, texts);
    byo_pg_hold_texts(held, texts, BYO_PG_SEGMENT_TEXTS);
}

void byo_pg_hold_verdict(ByoPgCached *held, ByoStoredVerdict *v)
{
    if (v->code < 0)
        v->code = -1;
    byo_pg_hold_texts(held, (ByoStr *[]){&v->code_cause, &v->description, &v->carrier_code}, 3);
}
