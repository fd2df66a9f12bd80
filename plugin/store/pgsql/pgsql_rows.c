/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of messages and segments a transaction touches: read once, changed in memory, written together.
 * Decides: when they are written: before the commit, or before a statement that looks at their tables otherwise (the list of
 * statements says which do). A message that is added, handed over and answered within a transaction is one row
 * written once; all rows of a kind go out in one statement, whatever their number.
 * Ownership: rows are given out as they lie here. Their texts lie in pieces that only the transaction's end frees, so that
 * what was given out lives until then. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

enum { FLAG_INTERIM = 1, FLAG_DUPLICATE = 2, FLAG_ACCEPTED = 4, FLAG_COPIES = 8 };
enum { MESSAGE_TEXTS = 10, SEGMENT_TEXTS = 7 };

typedef enum { AS_READ, ADDED, CHANGED, ABSENT } State;

/* First member of both. */
typedef struct Entry {
    ByoHashEntry entry;
    struct Entry *next_dirty;
    ByoId id;
    State state;
} Entry;

typedef struct {
    Entry e;
    ByoMessageRow row;
} Message;

typedef struct {
    Entry e;
    ByoSegmentRow row;
    ByoStr integration;
} Segment;

typedef struct {
    ByoHashTable table;
    Entry *dirty;
    size_t added, changed;
} Kind;

/* Where texts lie: full pieces behind the one that is being filled. */
typedef struct Piece {
    struct Piece *next;
    size_t n, room;
    char text[];
} Piece;
enum { PIECE_OCTETS = 64 * 1024 };

struct ByoPgCached {
    Kind messages, segments;
    Piece *pieces;
};

static uint64_t hash_of(ByoId id)
{
    uint64_t h = (uint64_t)id * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

static Entry *find(const Kind *k, ByoId id)
{
    for (ByoHashEntry *e = byo_hash_first(&k->table, hash_of(id)); e; e = byo_hash_next(e))
        if (((Entry *)e)->id == id)
            return (Entry *)e;
    return NULL;
}

static Entry *get(Kind *k, ByoId id, size_t octets)
{
    Entry *e = find(k, id);
    if (e)
        return e;
    e = byo_zalloc(octets);
    e->id = id;
    byo_hash_add(&k->table, &e->entry, hash_of(id));
    return e;
}

static void dirty(Kind *k, Entry *e, State state)
{
    if (e->state == ADDED || e->state == CHANGED)
        return;
    e->state = state;
    e->next_dirty = k->dirty;
    k->dirty = e;
    *(state == ADDED ? &k->added : &k->changed) += 1;
}

static ByoPgCached *cached(ByoStore *s)
{
    if (!s->cached)
        s->cached = byo_zalloc(sizeof *s->cached);
    return s->cached;
}

static void empty(Kind *k)
{
    byo_hash_clear(&k->table, free);
    *k = (Kind){0};
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
    for (Piece *p = s->cached->pieces, *next; p; p = next) {
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
    Piece *p = held->pieces;
    if (!p || p->room - p->n < need) {
        size_t room = need > PIECE_OCTETS ? need : PIECE_OCTETS;
        p = byo_alloc(sizeof *p + room);
        *p = (Piece){.next = held->pieces, .room = room};
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
        .verdict = byo_pg_verdict_at(r, 8),
        .foreign_id = byo_pg_text_at(r, 13),
        .udh = byo_pg_text_at(r, 14),
        .payload = byo_pg_text_at(r, 15),
    };
}

static void hold_message(ByoPgCached *held, Message *m, const ByoMessageRow *row)
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

static void hold_segment(ByoPgCached *held, Segment *g, const ByoSegmentRow *row, ByoStr integration)
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
    Message *m = (Message *)get(&cached(s)->messages, row.id, sizeof *m);
    m->e.state = AS_READ;
    hold_message(s->cached, m, &row);
}

void byo_pg_rows_put_segment(ByoStore *s, const ByoPgRows *r)
{
    ByoSegmentRow row;
    byo_pg_segment_of(r, &row);
    Entry *e = find(&cached(s)->segments, row.id);
    if (e && e->state != ABSENT)
        return;
    Segment *g = (Segment *)get(&s->cached->segments, row.id, sizeof *g);
    g->e.state = AS_READ;
    hold_segment(s->cached, g, &row, byo_pg_text_at(r, 12));
}

/* Those of ids that are not held, now as absent ones. The caller frees them. */
static ByoId *not_held(Kind *k, const ByoId *ids, size_t n, size_t octets, size_t *n_r)
{
    ByoId *out = byo_alloc((n ? n : 1) * sizeof *out);
    *n_r = 0;
    for (size_t i = 0; i < n; i++) {
        if (find(k, ids[i]))
            continue;
        get(k, ids[i], octets)->state = ABSENT;
        out[(*n_r)++] = ids[i];
    }
    return out;
}

bool byo_pg_rows_load(ByoStore *s, const ByoId *messages, size_t n_messages, const ByoId *segments,
                      size_t n_segments)
{
    ByoPgRows r;
    size_t nm, ns;
    bool ok = true;
    ByoId *m = not_held(&cached(s)->messages, messages, n_messages, sizeof(Message), &nm);
    ByoId *g = not_held(&s->cached->segments, segments, n_segments, sizeof(Segment), &ns);
    bool m_asked = nm && byo_pg_ask(s, BYO_PG_MESSAGES, PG_INTS(m, nm));
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

/* The rows of a kind and a state, column by column. */
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

/* kinds: of the columns in the statement's order, i a number, t own words, o octets. Frees the columns. */
static void write_columns(ByoStore *s, ByoPgStatement q, Columns *c, const char *kinds)
{
    ByoPgValue values[32];
    size_t n = strlen(kinds), numbers = 0, texts = 0;
    for (size_t i = 0; i < n; i++)
        if (kinds[i] == 'i')
            values[i] = PG_INTS(c->numbers + numbers++ * c->n, c->n);
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

static void add_messages(ByoStore *s, const Kind *k)
{
    Columns c = columns(k->added, 19, 10);
    byo_buf_need(&c.packed, sizeof(ByoPgUuid) * k->added);
    for (const Entry *e = k->dirty; e; e = e->next_dirty) {
        if (e->state != ADDED)
            continue;
        const ByoMessageRow *m = &((const Message *)e)->row;
        unsigned char *packed = (unsigned char *)c.packed.p + sizeof(ByoPgUuid) * c.row;
        number(&c, m->id);
        number(&c, m->created);
        number(&c, m->ended);
        number(&c, m->expires);
        number(&c, byo_pg_recipient_hash(m->recipient));
        outcome(&c, m);
        number(&c, m->verdict.code < 0 ? BYO_PG_NO_INT : m->verdict.code);
        number(&c, m->reports);
        number(&c, m->mask);
        number(&c, m->coding);
        number(&c, m->data_coding);
        number(&c, m->dcs);
        number(&c, m->keyword);
        text(&c, m->integration);
        text_opt(&c, m->verdict.code_cause);
        text_opt(&c, m->verdict.description);
        text_opt(&c, m->verdict.carrier_code);
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

static void update_messages(ByoStore *s, const Kind *k)
{
    Columns c = columns(k->changed, 10, 3);
    for (const Entry *e = k->dirty; e; e = e->next_dirty) {
        if (e->state != CHANGED)
            continue;
        const ByoMessageRow *m = &((const Message *)e)->row;
        number(&c, m->id);
        number(&c, m->ended);
        outcome(&c, m);
        verdict(&c, &m->verdict);
        next_row(&c);
    }
    write_columns(s, BYO_PG_MESSAGES_UPDATE, &c, "iiiiiiiiiitoo");
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
                  (g->s.accepted ? FLAG_ACCEPTED : 0) | (g->s.copies ? FLAG_COPIES : 0));
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

static size_t room_for_ids(const Kind *k)
{
    size_t n = 0;
    for (const Entry *e = k->dirty; e; e = e->next_dirty)
        n += ((const Segment *)e)->row.foreign_id.n + 1;
    return n;
}

static void write_segments(ByoStore *s, const Kind *k, bool added)
{
    Columns c = columns(added ? k->added : k->changed, 10, 8);
    byo_buf_need(&c.loose, room_for_ids(k));
    for (const Entry *e = k->dirty; e; e = e->next_dirty) {
        if (e->state != (added ? ADDED : CHANGED))
            continue;
        const Segment *g = (const Segment *)e;
        segment_numbers(&c, &g->row);
        number(&c, g->row.verdict.code < 0 ? BYO_PG_NO_INT : g->row.verdict.code);
        if (added)
            text(&c, g->integration);
        text_opt(&c, g->row.verdict.code_cause);
        text_opt(&c, g->row.verdict.description);
        text_opt(&c, g->row.verdict.carrier_code);
        ids(&c, g->row.foreign_id, &s->loose);
        if (added) {
            text_opt(&c, g->row.udh);
            text(&c, g->row.payload);
        }
        next_row(&c);
    }
    write_columns(s, added ? BYO_PG_SEGMENTS_ADD : BYO_PG_SEGMENTS_UPDATE, &c,
                  added ? "iiiiiiiiiittoooooo" : "iiiiiiiiiitoooo");
}

/* All of them stand in the database as they are held. */
static void clean(Kind *k)
{
    for (Entry *e = k->dirty; e; e = e->next_dirty)
        e->state = AS_READ;
    k->dirty = NULL;
    k->added = k->changed = 0;
}

bool byo_pg_rows_write(ByoStore *s)
{
    if (!s->cached || (!s->cached->messages.dirty && !s->cached->segments.dirty))
        return true;
    Kind *m = &s->cached->messages, *g = &s->cached->segments;
    if (m->added)
        add_messages(s, m);
    if (g->added)
        write_segments(s, g, true);
    if (m->changed)
        update_messages(s, m);
    if (g->changed)
        write_segments(s, g, false);
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
    ByoPgCached *held = cached(s);
    Message *m = (Message *)get(&held->messages, row->id, sizeof *m);
    hold_message(held, m, row);
    dirty(&held->messages, &m->e, ADDED);
    for (int i = 0; i < n; i++) {
        Segment *g = (Segment *)get(&held->segments, segments[i].id, sizeof *g);
        hold_segment(held, g, &segments[i], row->integration);
        dirty(&held->segments, &g->e, ADDED);
        counted(s, row->integration, segments[i].s.state, 1);
        byo_pg_due(s, row->integration, segments[i].s.state, segments[i].s.due);
    }
}

bool byo_pg_rows_segment(const ByoStore *s, ByoId id, ByoSegmentRow *seg_r, ByoStr *integration_r)
{
    const Segment *g = s->cached ? (const Segment *)find(&s->cached->segments, id) : NULL;
    if (!g || g->e.state == ABSENT)
        return false;
    *seg_r = g->row;
    *integration_r = g->integration;
    return true;
}

bool byo_pg_rows_adds(const ByoStore *s, ByoId message)
{
    const Entry *e = s->cached ? find(&s->cached->messages, message) : NULL;
    return e && e->state == ADDED;
}

/* The entry of a row that is there; it is read if need be. NULL: there is none, or a fault: s->course.last. */
static Entry *there(ByoStore *s, bool message, ByoId id)
{
    s->course.last = BYO_STORE_OK;
    if (!s->course.open)
        byo_pg_rows_free(s); /* what is read outside of a transaction is of that moment */
    else if (s->course.failed) {
        s->course.last = s->course.why;
        return NULL;
    }
    Entry *e = find(message ? &cached(s)->messages : &cached(s)->segments, id);
    if (!e) {
        s->late_reads += s->course.open;
        if (!byo_pg_rows_load(s, &id, message, &id, !message))
            return NULL;
        e = find(message ? &s->cached->messages : &s->cached->segments, id);
    }
    return e && e->state != ABSENT ? e : NULL;
}

static ByoStoreResult none(const ByoStore *s)
{
    return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
}

ByoStoreResult byo_pgsql_message(ByoStore *s, ByoId id, ByoMessageRow *m_r)
{
    const Message *m = (const Message *)there(s, true, id);
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
    const Segment *g = (const Segment *)there(s, false, id);
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
    const Message *m =
        s->course.open && s->cached ? (const Message *)find(&s->cached->messages, message) : NULL;
    if (!m || m->e.state == ABSENT)
        return false;
    for (int i = 1; i <= m->row.tally.segments; i++) {
        const Entry *e = find(&s->cached->segments, byo_id_segment(message, i));
        if (!e || e->state == ABSENT)
            return false;
    }
    return true;
}

void byo_pgsql_segments(ByoStore *s, ByoId id, void (*each)(void *arg, const ByoSegmentRow *seg), void *arg)
{
    ByoPgRows r;
    ByoId message = byo_id_message(id);
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
        const Segment *g =
            s->cached ? (const Segment *)find(&s->cached->segments, byo_id_segment(message, i)) : NULL;
        if (!g || g->e.state == ABSENT)
            continue;
        ByoSegmentRow seg = g->row;
        each(arg, &seg);
    }
}

void byo_pgsql_message_update(ByoStore *s, const ByoMessageRow *row)
{
    Message *m = byo_pg_writing(s) ? (Message *)there(s, true, row->id) : NULL;
    if (!m)
        return;
    ByoMessageRow now = m->row;
    now.state = row->state;
    now.ended = row->ended;
    now.tally = row->tally;
    now.verdict = row->verdict;
    m->row = now;
    keep_verdict(s->cached, &m->row.verdict);
    dirty(&s->cached->messages, &m->e, CHANGED);
}

void byo_pgsql_segment_update(ByoStore *s, const ByoSegmentRow *row)
{
    Segment *g = byo_pg_writing(s) ? (Segment *)there(s, false, row->id) : NULL;
    if (!g)
        return;
    ByoSegmentRow now = *row;
    now.udh = g->row.udh; /* as they were added */
    now.payload = g->row.payload;
    counted(s, g->integration, g->row.s.state, -1);
    counted(s, g->integration, row->s.state, 1);
    byo_pg_due(s, g->integration, row->s.state, row->s.due);
    if (!byo_str_eq(now.foreign_id, g->row.foreign_id))
        byo_pg_wanted_renamed(s, row->id);
    g->row = now;
    keep_verdict(s->cached, &g->row.verdict);
    keep_texts(s->cached, (ByoStr *[]){&g->row.foreign_id}, 1);
    dirty(&s->cached->segments, &g->e, CHANGED);
}

bool byo_pgsql_maybe_duplicate(ByoStore *s, ByoId message)
{
    return byo_pg_amount(s, BYO_PG_MAYBE_DUPLICATE, PG_INT(byo_id_message(message))) != 0;
}
