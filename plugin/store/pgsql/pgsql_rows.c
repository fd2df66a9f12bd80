/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of messages and segments a transaction touches: read once, changed in memory, written together.
 * Decides: that who may change a row holds its message's row: another node's turn waits, and what is read of segments is read
 * behind it. When they are written: before the commit, or before a statement that looks at their tables otherwise (the list of
 * statements says which do). A message that is added, handed over and answered within a transaction is one row
 * written once; all rows of a kind go out in one statement, whatever their number.
 * Ownership: rows are given out as they lie here. Their texts lie in pieces that only the transaction's end frees, so that
 * what was given out lives until then. Threads: as ByoStore. */
#include "store/pgsql/pgsql_rows.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_TEXTS = 10, SEGMENT_TEXTS = 7 };

/* Where texts lie: full pieces behind the one that is being filled. */
typedef struct ByoPgPiece {
    struct ByoPgPiece *next;
    size_t n, room;
    char text[];
} ByoPgPiece;
enum { PIECE_OCTETS = 64 * 1024 };

struct ByoPgCached {
    ByoPgRowsOf messages, segments;
    ByoPgPiece *pieces;
};

static uint64_t hash_of(ByoId id)
{
    uint64_t h = (uint64_t)id * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

static ByoPgEntry *find(const ByoPgRowsOf *k, ByoId id)
{
    for (ByoHashEntry *e = byo_hash_first(&k->table, hash_of(id)); e; e = byo_hash_next(e))
        if (((ByoPgEntry *)e)->id == id)
            return (ByoPgEntry *)e;
    return NULL;
}

static ByoPgEntry *get(ByoPgRowsOf *k, ByoId id, size_t octets)
{
    ByoPgEntry *e = find(k, id);
    if (e)
        return e;
    e = byo_zalloc(octets);
    e->id = id;
    byo_hash_add(&k->table, &e->entry, hash_of(id));
    return e;
}

static void dirty(ByoPgRowsOf *k, ByoPgEntry *e, ByoPgRowState state)
{
    if (e->state == BYO_PG_ROW_ADDED || e->state == BYO_PG_ROW_CHANGED)
        return;
    e->state = state;
    e->next_dirty = k->dirty;
    k->dirty = e;
    *(state == BYO_PG_ROW_ADDED ? &k->added : &k->changed) += 1;
}

static ByoPgCached *cached(ByoStore *s)
{
    if (!s->cached)
        s->cached = byo_zalloc(sizeof *s->cached);
    return s->cached;
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

static void message_texts(ByoMessageRow *m, ByoStr *texts[MESSAGE_TEXTS])
{
    ByoStr *all[MESSAGE_TEXTS] = {&m->integration,
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

static void segment_texts(ByoSegmentRow *seg, ByoStr *integration, ByoStr *texts[SEGMENT_TEXTS])
{
    ByoStr *all[SEGMENT_TEXTS] = {&seg->foreign_id,
                                  &seg->udh,
                                  &seg->payload,
                                  &seg->verdict.code_cause,
                                  &seg->verdict.description,
                                  &seg->verdict.carrier_code,
                                  integration};
    memcpy(texts, all, sizeof all);
}

/* Each ended by a NUL, an absent one empty. */
static void keep_texts(ByoPgCached *held, ByoStr *const *texts, size_t n)
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

/* What is read outside of a transaction lives until the next of its kind. */
static void copy_texts(ByoBuf *b, ByoStr *const *texts, size_t n)
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

/* -- from the database -------------------------------------------------------------------------------- */

static void hold_message(ByoPgCached *held, ByoPgMessage *m, const ByoMessageRow *row)
{
    ByoStr *texts[MESSAGE_TEXTS];
    m->row = *row;
    if (!row->named)
        m->row.box = BYO_STR("");
    if (row->verdict.code < 0)
        m->row.verdict.code = -1;
    message_texts(&m->row, texts);
    keep_texts(held, texts, MESSAGE_TEXTS);
}

static void hold_segment(ByoPgCached *held, ByoPgSegment *g, const ByoSegmentRow *row, ByoStr integration)
{
    ByoStr *texts[SEGMENT_TEXTS];
    g->row = *row;
    g->integration = integration;
    if (row->verdict.code < 0)
        g->row.verdict.code = -1;
    segment_texts(&g->row, &g->integration, texts);
    keep_texts(held, texts, SEGMENT_TEXTS);
}

static void keep_verdict(ByoPgCached *held, ByoStoredVerdict *v)
{
    if (v->code < 0)
        v->code = -1;
    keep_texts(held, (ByoStr *[]){&v->code_cause, &v->description, &v->carrier_code}, 3);
}

static void put_message(ByoStore *s, const ByoPgRows *r)
{
    ByoMessageRow row;
    byo_pg_message_of(r, &row, s->uuid);
    ByoPgMessage *m = (ByoPgMessage *)get(&cached(s)->messages, row.id, sizeof *m);
    m->e.state = BYO_PG_ROW_READ;
    hold_message(s->cached, m, &row);
}

void byo_pg_rows_put_segment(ByoStore *s, const ByoPgRows *r)
{
    ByoSegmentRow row;
    byo_pg_segment_of(r, &row);
    ByoPgEntry *e = find(&cached(s)->segments, row.id);
    if (e && e->state != BYO_PG_ROW_ABSENT)
        return;
    ByoPgSegment *g = (ByoPgSegment *)get(&s->cached->segments, row.id, sizeof *g);
    g->e.state = BYO_PG_ROW_READ;
    hold_segment(s->cached, g, &row, byo_pg_text_at(r, 12));
    g->slot = (int)byo_pg_int_at(r, 17);
    g->taken = row.elsewhere;
    g->row.elsewhere |= s->writer && row.s.state == BYO_SEG_HANDED && g->slot != s->session.slot;
}

/* Those of ids that are not held, now as absent ones. The caller frees them. */
static ByoId *not_held(ByoPgRowsOf *k, const ByoId *ids, size_t n, size_t octets, size_t *n_r)
{
    ByoId *out = byo_alloc((n ? n : 1) * sizeof *out);
    *n_r = 0;
    for (size_t i = 0; i < n; i++) {
        if (find(k, ids[i]))
            continue;
        get(k, ids[i], octets)->state = BYO_PG_ROW_ABSENT;
        out[(*n_r)++] = ids[i];
    }
    return out;
}

/* With the messages of the segments. The caller frees it. */
static ByoId *all_messages(const ByoId *messages, size_t n_messages, const ByoId *segments, size_t n_segments)
{
    ByoId *all = byo_alloc((n_messages + n_segments + 1) * sizeof *all);
    for (size_t i = 0; i < n_messages; i++)
        all[i] = messages[i];
    for (size_t i = 0; i < n_segments; i++)
        all[n_messages + i] = byo_id_message(segments[i]);
    return all;
}

bool byo_pg_rows_load(ByoStore *s, const ByoId *messages, size_t n_messages, const ByoId *segments,
                      size_t n_segments)
{
    ByoPgRows r;
    size_t nm, ns, n_all = n_messages;
    bool ok = true, lock = s->course.open && s->writer;
    n_all += lock ? n_segments : 0;
    ByoId *all = all_messages(messages, n_messages, segments, n_all - n_messages);
    ByoId *m = not_held(&cached(s)->messages, all, n_all, sizeof(ByoPgMessage), &nm);
    free(all);
    ByoId *g = not_held(&s->cached->segments, segments, n_segments, sizeof(ByoPgSegment), &ns);
    bool m_asked = nm && byo_pg_ask(s, lock ? BYO_PG_MESSAGES_LOCK : BYO_PG_MESSAGES, PG_INTS(m, nm));
    bool g_asked = ns && byo_pg_ask(s, BYO_PG_SEGMENTS, PG_INTS(g, ns));
    if (m_asked)
        for (ok = byo_pg_answer(s, &r); byo_pg_next(&r);)
            put_message(s, &r);
    if (g_asked)
        for (ok = byo_pg_answer(s, &r) && ok; byo_pg_next(&r);)
            byo_pg_rows_put_segment(s, &r);
    ok = ok && m_asked == (nm > 0) && g_asked == (ns > 0);
    if (!ok)
        byo_pg_rows_forget(s); /* absent is only what was looked for */
    free(m);
    free(g);
    return ok;
}

/* -- to the database ---------------------------------------------------------------------------------- */

/* All of them stand in the database as they are held. */
static void clean(ByoPgRowsOf *k)
{
    for (ByoPgEntry *e = k->dirty; e; e = e->next_dirty)
        e->state = BYO_PG_ROW_READ;
    k->dirty = NULL;
    k->added = k->changed = 0;
}

bool byo_pg_rows_write(ByoStore *s)
{
    if (!s->cached || (!s->cached->messages.dirty && !s->cached->segments.dirty))
        return true;
    ByoPgRowsOf *m = &s->cached->messages, *g = &s->cached->segments;
    if (m->added)
        byo_pg_messages_add(s, m);
    if (g->added)
        byo_pg_segments_add(s, g);
    if (m->changed)
        byo_pg_messages_update(s, m);
    if (g->changed)
        byo_pg_segments_update(s, g);
    if (s->course.failed)
        return false; /* what was held may be gone */
    clean(m);
    clean(g);
    return true;
}

/* -- the operations ------------------------------------------------------------------------------------ */

static void counted(ByoStore *s, ByoStr integration, ByoSegState state, int64_t by)
{
    if (integration.n && state < BYO_STATES)
        byo_counts_by(s->counts, (ByoCountKind)state, integration, by);
}

void byo_pgsql_message_add(ByoStore *s, const ByoMessageRow *row, const ByoSegmentRow *segments, int n)
{
    if (!byo_pg_writing(s))
        return;
    char id[BYO_ID_TEXT];
    ByoPgCached *held = cached(s);
    ByoPgMessage *m = (ByoPgMessage *)get(&held->messages, row->id, sizeof *m);
    hold_message(held, m, row);
    dirty(&held->messages, &m->e, BYO_PG_ROW_ADDED);
    if (row->keyword)
        byo_pg_change_note(s, BYO_CHANGE_REPLY, byo_str(byo_id_text(row->id, id)), BYO_STR(""));
    for (int i = 0; i < n; i++) {
        ByoPgSegment *g = (ByoPgSegment *)get(&held->segments, segments[i].id, sizeof *g);
        hold_segment(held, g, &segments[i], row->integration);
        g->slot = s->session.slot;
        dirty(&held->segments, &g->e, BYO_PG_ROW_ADDED);
        counted(s, row->integration, segments[i].s.state, 1);
        byo_pg_due(s, row->integration, segments[i].s.state, segments[i].s.due);
    }
}

bool byo_pg_rows_segment(const ByoStore *s, ByoId id, ByoSegmentRow *seg_r, ByoStr *integration_r)
{
    const ByoPgSegment *g = s->cached ? (const ByoPgSegment *)find(&s->cached->segments, id) : NULL;
    if (!g || g->e.state == BYO_PG_ROW_ABSENT)
        return false;
    *seg_r = g->row;
    *integration_r = g->integration;
    return true;
}

bool byo_pg_rows_adds(const ByoStore *s, ByoId message)
{
    const ByoPgEntry *e = s->cached ? find(&s->cached->messages, message) : NULL;
    return e && e->state == BYO_PG_ROW_ADDED;
}

/* The entry of a row that is there; it is read if need be. NULL: there is none, or a fault: s->course.last. */
static ByoPgEntry *there(ByoStore *s, bool message, ByoId id)
{
    s->course.last = BYO_STORE_OK;
    if (!s->course.open)
        byo_pg_rows_free(s); /* what is read outside of a transaction is of that moment */
    else if (s->course.failed) {
        s->course.last = s->course.why;
        return NULL;
    }
    ByoPgEntry *e = find(message ? &cached(s)->messages : &cached(s)->segments, id);
    if (!e) {
        s->late_reads += s->course.open;
        if (!byo_pg_rows_load(s, &id, message, &id, !message))
            return NULL;
        e = find(message ? &s->cached->messages : &s->cached->segments, id);
    }
    return e && e->state != BYO_PG_ROW_ABSENT ? e : NULL;
}

static ByoStoreResult none(const ByoStore *s)
{
    return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
}

ByoStoreResult byo_pgsql_message(ByoStore *s, ByoId id, ByoMessageRow *m_r)
{
    const ByoPgMessage *m = (const ByoPgMessage *)there(s, true, id);
    ByoStr *texts[MESSAGE_TEXTS];
    if (!m)
        return none(s);
    *m_r = m->row;
    if (s->course.open)
        return BYO_STORE_OK;
    message_texts(m_r, texts);
    copy_texts(&s->message_text, texts, MESSAGE_TEXTS);
    return BYO_STORE_OK;
}

ByoStoreResult byo_pgsql_segment(ByoStore *s, ByoId id, ByoSegmentRow *seg_r)
{
    const ByoPgSegment *g = (const ByoPgSegment *)there(s, false, id);
    ByoStr *texts[SEGMENT_TEXTS], integration = BYO_STR("");
    if (!g)
        return none(s);
    *seg_r = g->row;
    if (s->course.open)
        return BYO_STORE_OK;
    segment_texts(seg_r, &integration, texts);
    copy_texts(&s->segment_text, texts, SEGMENT_TEXTS);
    return BYO_STORE_OK;
}

/* Everything of a message is held: its row says how many segments it has. */
static bool whole(const ByoStore *s, ByoId message)
{
    const ByoPgMessage *m =
        s->course.open && s->cached ? (const ByoPgMessage *)find(&s->cached->messages, message) : NULL;
    if (!m || m->e.state == BYO_PG_ROW_ABSENT)
        return false;
    for (int i = 1; i <= m->row.tally.segments; i++) {
        const ByoPgEntry *e = find(&s->cached->segments, byo_id_segment(message, i));
        if (!e || e->state == BYO_PG_ROW_ABSENT)
            return false;
    }
    return true;
}

void byo_pgsql_segments(ByoStore *s, ByoId id, void (*each)(void *arg, const ByoSegmentRow *seg), void *arg)
{
    ByoPgRows r;
    ByoId message = byo_id_message(id);
    if (s->course.open && s->writer && !byo_pg_rows_load(s, &message, 1, NULL, 0))
        return;
    if (!whole(s, message)) {
        for (byo_pg_read(s, &r, BYO_PG_SEGMENTS_OF, PG_INT(message)); byo_pg_next(&r);) {
            ByoSegmentRow seg;
            if (s->course.open)
                byo_pg_rows_put_segment(s, &r);
            byo_pg_segment_of(&r, &seg);
            each(arg, &seg);
        }
        return;
    }
    for (int i = 1; i <= 255; i++) {
        const ByoPgSegment *g =
            s->cached ? (const ByoPgSegment *)find(&s->cached->segments, byo_id_segment(message, i)) : NULL;
        if (!g || g->e.state == BYO_PG_ROW_ABSENT)
            continue;
        ByoSegmentRow seg = g->row;
        each(arg, &seg);
    }
}

void byo_pgsql_message_update(ByoStore *s, const ByoMessageRow *row)
{
    ByoPgMessage *m = byo_pg_writing(s) ? (ByoPgMessage *)there(s, true, row->id) : NULL;
    if (!m)
        return;
    ByoMessageRow now = m->row;
    now.state = row->state;
    now.ended = row->ended;
    now.tally = row->tally;
    now.verdict = row->verdict;
    m->row = now;
    keep_verdict(s->cached, &m->row.verdict);
    dirty(&s->cached->messages, &m->e, BYO_PG_ROW_CHANGED);
}

/* Its window has room. */
static void tell_taken(ByoStore *s, ByoPgSegment *g)
{
    char slot[8];
    snprintf(slot, sizeof slot, "%d", g->slot);
    byo_pg_change_note(s, BYO_CHANGE_HANDED, g->integration, byo_str(slot));
    g->taken = true;
}

void byo_pg_rows_leave(ByoStore *s, ByoId message)
{
    for (int i = 1; i <= 255; i++) {
        ByoPgSegment *g =
            s->cached ? (ByoPgSegment *)find(&s->cached->segments, byo_id_segment(message, i)) : NULL;
        if (g && g->e.state != BYO_PG_ROW_ABSENT && g->row.s.state == BYO_SEG_HANDED &&
            g->slot != s->session.slot && !g->taken)
            tell_taken(s, g);
    }
}

void byo_pgsql_segment_update(ByoStore *s, const ByoSegmentRow *row)
{
    ByoPgSegment *g = byo_pg_writing(s) ? (ByoPgSegment *)there(s, false, row->id) : NULL;
    if (!g)
        return;
    ByoSegmentRow now = *row;
    now.udh = g->row.udh; /* as they were added */
    now.payload = g->row.payload;
    now.elsewhere = g->row.elsewhere && row->s.state == BYO_SEG_HANDED && row->s.tries == g->row.s.tries;
    if (g->row.s.state == BYO_SEG_HANDED && g->slot != s->session.slot && !g->taken)
        tell_taken(s, g);
    if (g->row.s.state != row->s.state) {
        counted(s, g->integration, g->row.s.state, -1);
        counted(s, g->integration, row->s.state, 1);
    }
    byo_pg_due(s, g->integration, row->s.state, row->s.due);
    if (!byo_str_eq(now.foreign_id, g->row.foreign_id))
        byo_pg_wanted_renamed(s, row->id);
    g->row = now;
    keep_verdict(s->cached, &g->row.verdict);
    keep_texts(s->cached, (ByoStr *[]){&g->row.foreign_id}, 1);
    dirty(&s->cached->segments, &g->e, BYO_PG_ROW_CHANGED);
}

bool byo_pgsql_maybe_duplicate(ByoStore *s, ByoId message)
{
    return byo_pg_amount(s, BYO_PG_MAYBE_DUPLICATE, PG_INT(byo_id_message(message))) != 0;
}
