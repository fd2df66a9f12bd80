/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of messages and segments a transaction touches: read once, changed in memory, written together.
 * Decides: that who may change a row holds its message's row: another node's turn waits, and what is read of segments is read
 * behind it. What this node wrote last it does not read again: that is compared when it is written (pgsql_kept.c). When they are written: before the commit, or
 * before a statement that looks at their tables otherwise (the list of statements says which do); those that are added, and
 * those in their last state, when they are some. A message that is added, handed over and answered within a transaction is mostly one row written once; rows of
 * a kind go out together, some in each statement.
 * Ownership: rows are given out as they lie here. Their texts lie in pieces that only the transaction's end frees, so that
 * what was given out lives until then. Threads: as ByoStore. */
#include "store/pgsql/pgsql_rows.h"

#include <stdio.h>
#include <stdlib.h>

void byo_pg_rows_put_message(ByoStore *s, const ByoPgRows *r, int day)
{
    ByoMessageRow row;
    byo_pg_message_of(r, &row, s->uuid);
    ByoPgMessage *m = (ByoPgMessage *)byo_pg_held_get(&byo_pg_held(s)->messages, row.id, sizeof *m);
    m->e.state = BYO_PG_ROW_READ;
    m->e.day = day;
    byo_pg_hold_message(s->cached, m, &row);
}

void byo_pg_rows_put_segment(ByoStore *s, const ByoPgRows *r, int day)
{
    ByoSegmentRow row;
    byo_pg_segment_of(r, &row);
    ByoPgEntry *e = byo_pg_held_find(&byo_pg_held(s)->segments, row.id);
    if (e && e->state != BYO_PG_ROW_ABSENT)
        return;
    ByoPgSegment *g = (ByoPgSegment *)byo_pg_held_get(&s->cached->segments, row.id, sizeof *g);
    g->e.state = BYO_PG_ROW_READ;
    g->e.day = day;
    byo_pg_hold_segment(s->cached, g, &row, byo_pg_text_at(r, 12));
    g->slot = (int)byo_pg_int_at(r, 17);
    g->taken = row.elsewhere;
    g->row.elsewhere |= s->writer && row.s.state == BYO_SEG_HANDED && g->slot != s->session.slot;
}

/* A message that was kept is held as it was then. */
static void promote(ByoStore *s, ByoId message)
{
    ByoPgCached *held = byo_pg_held(s);
    const ByoPgUnit *u = byo_pg_kept_find(s, message);
    if (!u || byo_pg_held_find(&held->messages, message))
        return;
    s->kept_used = true;
    ByoPgMessage *m = (ByoPgMessage *)byo_pg_held_get(&held->messages, message, sizeof *m);
    m->e.guard = u->message.e.guard;
    byo_pg_hold_message(held, m, &u->message.row);
    for (int i = 0; i < u->n; i++) {
        const ByoPgSegment *from = &u->segments[i];
        ByoPgSegment *g = (ByoPgSegment *)byo_pg_held_get(&held->segments, from->row.id, sizeof *g);
        g->e.guard = from->e.guard;
        byo_pg_hold_segment(held, g, &from->row, from->integration);
        g->slot = s->session.slot;
        g->taken = from->row.elsewhere;
    }
}

/* Those of ids that are not held, now as absent ones. The caller frees them. */
static ByoId *not_held(ByoPgRowsOf *k, const ByoId *ids, size_t n, size_t octets, size_t *n_r)
{
    ByoId *out = byo_alloc((n ? n : 1) * sizeof *out);
    *n_r = 0;
    for (size_t i = 0; i < n; i++) {
        if (byo_pg_held_find(k, ids[i]))
            continue;
        byo_pg_held_get(k, ids[i], octets)->state = BYO_PG_ROW_ABSENT;
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
    for (size_t i = 0; lock && i < n_all; i++)
        promote(s, all[i]);
    ByoId *m = not_held(&byo_pg_held(s)->messages, all, n_all, sizeof(ByoPgMessage), &nm);
    free(all);
    ByoId *g = not_held(&s->cached->segments, segments, n_segments, sizeof(ByoPgSegment), &ns);
    bool m_asked = nm && byo_pg_ask(s, lock ? BYO_PG_MESSAGES_LOCK : BYO_PG_MESSAGES, PG_INTS(m, nm));
    bool g_asked = ns && byo_pg_ask(s, BYO_PG_SEGMENTS, PG_INTS(g, ns));
    if (m_asked)
        for (ok = byo_pg_answer(s, &r); byo_pg_next(&r);)
            byo_pg_rows_put_message(s, &r, 0);
    if (g_asked)
        for (ok = byo_pg_answer(s, &r) && ok; byo_pg_next(&r);)
            byo_pg_rows_put_segment(s, &r, 0);
    ok = ok && m_asked == (nm > 0) && g_asked == (ns > 0);
    ok = ok && byo_pg_over_load(s, m, nm, g, ns);
    if (!ok)
        byo_pg_rows_forget(s); /* absent is only what was looked for */
    free(m);
    free(g);
    return ok;
}

/* -- to the database ---------------------------------------------------------------------------------- */

/* So many rows that are added, or in their last state, are sent without waiting for the rest of the turn: the database writes
 * them while the turn goes on. */
enum { AT_ONCE = 32 };

static int by_id(const void *a, const void *b)
{
    const ByoPgEntry *const *x = a, *const *y = b;
    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

/* In order of id, as who reads them locks them: two nodes that change the same rows wait for each other, but not
 * crosswise. Rows in their last state go out in the order they come, and what was kept is locked only now: where two do change the
 * same ones the database may find a deadlock, and a turn is made again. What is kept of them is what was. */
static void make_ready(ByoStore *s, ByoPgList *l)
{
    size_t i = 0;
    ByoPgEntry **all = byo_alloc((l->n + 1) * sizeof *all), **end = &l->first;
    for (ByoPgEntry *e = l->first; e; e = e->next) {
        byo_pg_kept_drop(s, byo_id_message(e->id));
        all[i++] = e;
    }
    qsort(all, l->n, sizeof *all, by_id);
    for (i = 0; i < l->n; i++) {
        *end = all[i];
        end = &all[i]->next;
    }
    *end = NULL;
    free(all);
}

/* The first of a list, as one of their own. */
static ByoPgList cut(ByoPgList *l, size_t n)
{
    ByoPgList first = {.first = l->first, .n = n}, rest = {.first = l->first, .n = l->n - n};
    ByoPgEntry **end = &first.first;
    for (size_t i = 0; i < n; i++)
        end = &(*end)->next;
    rest.first = *end;
    *end = NULL;
    *l = rest;
    return first;
}

void byo_pg_rows_write_list(ByoStore *s, ByoPgList *l, ByoPgWriteRows *write)
{
    if (!l->n || s->course.failed)
        return;
    make_ready(s, l);
    while (l->n && !s->course.failed) {
        ByoPgList some = cut(l, l->n < BYO_PG_ROWS_MAX ? l->n : BYO_PG_ROWS_MAX);
        write(s, &some);
        if (!s->course.failed) /* else what was held may be gone */
            byo_pg_held_clean(&some);
    }
}

void byo_pg_rows_write_added(ByoStore *s)
{
    if (!s->cached)
        return;
    byo_pg_over_write_added(s);
    byo_pg_rows_write_list(s, &s->cached->messages.added, byo_pg_messages_add);
    byo_pg_rows_write_list(s, &s->cached->segments.added, byo_pg_segments_add);
}

static void write_messages(ByoStore *s, ByoPgList *l)
{
    byo_pg_rows_write_list(s, l, byo_pg_messages_update);
}

/* Their messages' rows are their locks. */
static void write_segments(ByoStore *s, ByoPgList *l)
{
    if (!s->course.failed)
        byo_pg_kept_lock(s, l);
    byo_pg_rows_write_list(s, l, byo_pg_segments_update);
}

static bool has_some(const ByoPgRowsOf *k)
{
    return k->added.n || k->changed.n || k->over.n;
}

bool byo_pg_rows_write(ByoStore *s)
{
    if (!s->cached || (!has_some(&s->cached->messages) && !has_some(&s->cached->segments)))
        return true;
    byo_pg_rows_write_added(s);
    byo_pg_over_write(s);
    write_messages(s, &s->cached->messages.changed);
    write_messages(s, &s->cached->messages.over);
    write_segments(s, &s->cached->segments.changed);
    write_segments(s, &s->cached->segments.over);
    return !s->course.failed;
}

/* A list that has become long enough goes out while the turn goes on; messages that leave with their segments. */
static void write_at_once(ByoStore *s, ByoPgList *l, void (*write)(ByoStore *s, ByoPgList *l))
{
    if (l->n < AT_ONCE)
        return;
    byo_pg_over_write(s);
    if (l->n >= AT_ONCE)
        write(s, l);
    byo_pg_send_now(s);
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
    ByoPgCached *held = byo_pg_held(s);
    ByoPgMessage *m = (ByoPgMessage *)byo_pg_held_get(&held->messages, row->id, sizeof *m);
    byo_pg_hold_message(held, m, row);
    byo_pg_held_dirty(&held->messages, &m->e, BYO_PG_ROW_ADDED, false);
    if (row->keyword)
        byo_pg_change_note(s, BYO_CHANGE_REPLY, byo_str(byo_id_text(row->id, id)), BYO_STR(""));
    for (int i = 0; i < n; i++) {
        ByoPgSegment *g = (ByoPgSegment *)byo_pg_held_get(&held->segments, segments[i].id, sizeof *g);
        byo_pg_hold_segment(held, g, &segments[i], row->integration);
        g->slot = s->session.slot;
        byo_pg_held_dirty(&held->segments, &g->e, BYO_PG_ROW_ADDED, false);
        counted(s, row->integration, segments[i].s.state, 1);
        byo_pg_due(s, row->integration, segments[i].s.state, segments[i].s.due);
    }
    if (held->messages.added.n >= AT_ONCE) {
        byo_pg_rows_write_added(s);
        byo_pg_send_now(s);
    }
}

bool byo_pg_rows_segment(const ByoStore *s, ByoId id, ByoSegmentRow *seg_r, ByoStr *integration_r)
{
    ByoPgSegment *g = s->cached ? (ByoPgSegment *)byo_pg_held_find(&s->cached->segments, id) : NULL;
    if (!g || g->e.state == BYO_PG_ROW_ABSENT)
        return false;
    g->e.used = true;
    *seg_r = g->row;
    *integration_r = g->integration;
    return true;
}

bool byo_pg_rows_adds(const ByoStore *s, ByoId message)
{
    const ByoPgEntry *e = s->cached ? byo_pg_held_find(&s->cached->messages, message) : NULL;
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
    ByoPgEntry *e = byo_pg_held_find(message ? &byo_pg_held(s)->messages : &byo_pg_held(s)->segments, id);
    if (!e) {
        s->late_reads += s->course.open;
        if (!byo_pg_rows_load(s, &id, message, &id, !message))
            return NULL;
        e = byo_pg_held_find(message ? &s->cached->messages : &s->cached->segments, id);
    }
    if (!e || e->state == BYO_PG_ROW_ABSENT)
        return NULL;
    e->used = true;
    return e;
}

static ByoStoreResult none(const ByoStore *s)
{
    return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
}

ByoStoreResult byo_pgsql_message(ByoStore *s, ByoId id, ByoMessageRow *m_r)
{
    const ByoPgMessage *m = (const ByoPgMessage *)there(s, true, id);
    ByoStr *texts[BYO_PG_MESSAGE_TEXTS];
    if (!m)
        return none(s);
    *m_r = m->row;
    if (s->course.open)
        return BYO_STORE_OK;
    byo_pg_message_texts(m_r, texts);
    byo_pg_copy_texts(&s->message_text, texts, BYO_PG_MESSAGE_TEXTS);
    return BYO_STORE_OK;
}

ByoStoreResult byo_pgsql_segment(ByoStore *s, ByoId id, ByoSegmentRow *seg_r)
{
    const ByoPgSegment *g = (const ByoPgSegment *)there(s, false, id);
    ByoStr *texts[BYO_PG_SEGMENT_TEXTS], integration = BYO_STR("");
    if (!g)
        return none(s);
    *seg_r = g->row;
    if (s->course.open)
        return BYO_STORE_OK;
    byo_pg_segment_texts(seg_r, &integration, texts);
    byo_pg_copy_texts(&s->segment_text, texts, BYO_PG_SEGMENT_TEXTS);
    return BYO_STORE_OK;
}

/* Everything of a message is held: its row says how many segments it has. */
static bool whole(const ByoStore *s, ByoId message)
{
    ByoPgMessage *m =
        s->course.open && s->cached ? (ByoPgMessage *)byo_pg_held_find(&s->cached->messages, message) : NULL;
    if (!m || m->e.state == BYO_PG_ROW_ABSENT)
        return false;
    m->e.used = true;
    for (int i = 1; i <= m->row.tally.segments; i++) {
        const ByoPgEntry *e = byo_pg_held_find(&s->cached->segments, byo_id_segment(message, i));
        if (!e || e->state == BYO_PG_ROW_ABSENT)
            return false;
    }
    return true;
}

bool byo_pg_rows_holds(const ByoStore *s, ByoId message, int *day_r)
{
    ByoPgEntry *e = s->course.open && s->cached ? byo_pg_held_find(&s->cached->messages, message) : NULL;
    bool is = e && e->state != BYO_PG_ROW_ABSENT;
    if (is)
        e->used = true;
    *day_r = is ? e->day : 0;
    return is;
}

/* They lie where their message does; *day_r: where that is. */
static void read_segments(ByoStore *s, ByoId message, int *day_r, ByoPgRows *r)
{
    *day_r = 0;
    *r = (ByoPgRows){.row = -1};
    bool held = s->course.open && byo_pg_rows_write(s) && byo_pg_rows_holds(s, message, day_r);
    if (!*day_r) {
        if (!byo_pg_read(s, r, BYO_PG_SEGMENTS_OF, PG_INT(message)) || held || PQntuples(r->result) > 0)
            return;
        byo_pg_end(r);
    }
    if (byo_pg_over_segments(s, message, *day_r, r) && PQntuples(r->result) > 0)
        *day_r = byo_pg_over_day_at(&(ByoPgRows){.result = r->result}, BYO_PG_SEGMENT_COLUMNS);
}

void byo_pgsql_segments(ByoStore *s, ByoId id, void (*each)(void *arg, const ByoSegmentRow *seg), void *arg)
{
    ByoPgRows r;
    int day;
    ByoId message = byo_id_message(id);
    if (s->course.open && s->writer && !byo_pg_rows_load(s, &message, 1, NULL, 0))
        return;
    if (!whole(s, message)) {
        for (read_segments(s, message, &day, &r); byo_pg_next(&r);) {
            ByoSegmentRow seg;
            if (s->course.open)
                byo_pg_rows_put_segment(s, &r, day);
            byo_pg_segment_of(&r, &seg);
            each(arg, &seg);
        }
        return;
    }
    for (int i = 1; i <= 255; i++) {
        ByoSegmentRow seg;
        ByoStr integration;
        if (byo_pg_rows_segment(s, byo_id_segment(message, i), &seg, &integration))
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
    byo_pg_hold_verdict(s->cached, &m->row.verdict);
    byo_pg_held_dirty(&s->cached->messages, &m->e, BYO_PG_ROW_CHANGED, row->tally.ended);
    write_at_once(s, &s->cached->messages.over, write_messages);
}

/* Its window has room. */
static void tell_taken(ByoStore *s, ByoPgSegment *g)
{
    g->taken = true; /* behind the note it may be gone, with the session */
    byo_pg_change_tell(s, g->slot, BYO_CHANGE_HANDED, g->integration, BYO_STR_NONE);
}

void byo_pg_rows_leave(ByoStore *s, ByoId message)
{
    for (int i = 1; i <= 255 && !s->course.failed; i++) {
        ByoPgSegment *g =
            s->cached ? (ByoPgSegment *)byo_pg_held_find(&s->cached->segments, byo_id_segment(message, i))
                      : NULL;
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
    if (s->course.failed)
        return;
    if (g->row.s.state != row->s.state) {
        counted(s, g->integration, g->row.s.state, -1);
        counted(s, g->integration, row->s.state, 1);
    }
    byo_pg_due(s, g->integration, row->s.state, row->s.due);
    if (!byo_str_eq(now.foreign_id, g->row.foreign_id))
        byo_pg_wanted_renamed(s, row->id, g->integration, now.foreign_id);
    g->row = now;
    byo_pg_hold_verdict(s->cached, &g->row.verdict);
    byo_pg_hold_texts(s->cached, (ByoStr *[]){&g->row.foreign_id}, 1);
    byo_pg_held_dirty(&s->cached->segments, &g->e, BYO_PG_ROW_CHANGED, byo_seg_final(row->s.state));
    write_at_once(s, &s->cached->segments.over, write_segments);
}

bool byo_pgsql_maybe_duplicate(ByoStore *s, ByoId message)
{
    int day = 0;
    message = byo_id_message(message);
    bool held = s->course.open && byo_pg_rows_write(s) && byo_pg_rows_holds(s, message, &day);
    if (!day && byo_pg_amount(s, BYO_PG_MAYBE_DUPLICATE, PG_INT(message)) != 0)
        return true;
    return (day || !held) && byo_pg_over_duplicate(s, message, day);
}
