/* SPDX-License-Identifier: BSD-3-Clause
 * The store in memory: messages, segments, what is to be done with them, and what waits inward.
 * Decides: nothing. Threads: as memory_store.h. */
#include "memory_private.h"

#include <stdlib.h>

ByoId memory_op_new_id(ByoStore *s, ByoTime now)
{
    return s->last_id = byo_id_next(s->last_id, now, 0);
}

/* All is in memory: nothing is read late. */
void memory_op_want(ByoStore *s, const ByoWant *wants, size_t n)
{
    (void)s, (void)wants, (void)n;
}

int64_t memory_op_late_reads(const ByoStore *s)
{
    (void)s;
    return 0;
}

/* -- messages and segments ---------------------------------------------------------------------- */

void memory_op_message_add(ByoStore *s, const ByoMessageRow *m, const ByoSegmentRow *segments, int n)
{
    if (!memory_writing(s))
        return;
    ByoMessageRow row = *m;
    if (memory_find(s, MEMORY_MESSAGE, m->id)) {
        memory_fail(s, BYO_STORE_CONFLICT, "cannot keep a message: it is there already");
        return;
    }
    if (!row.named)
        row.box = BYO_STR_NONE;
    memory_put(s, MEMORY_MESSAGE, &row, NULL);
    for (int i = 0; i < n; i++) {
        MemorySegment seg = {segments[i], m->integration};
        memory_put(s, MEMORY_SEGMENT, &seg, NULL);
    }
}

ByoStoreResult memory_op_message(ByoStore *s, ByoId id, ByoMessageRow *m_r)
{
    const ByoMessageRow *m = memory_find(s, MEMORY_MESSAGE, id);
    if (m)
        *m_r = *m;
    return m ? BYO_STORE_OK : BYO_STORE_NONE;
}

void memory_op_message_update(ByoStore *s, const ByoMessageRow *m)
{
    ByoMessageRow *old = memory_writing(s) ? memory_find(s, MEMORY_MESSAGE, m->id) : NULL;
    if (!old)
        return;
    ByoMessageRow row = *old;
    row.state = m->state;
    row.ended = m->ended;
    row.tally = m->tally;
    row.verdict = m->verdict;
    memory_put(s, MEMORY_MESSAGE, &row, old);
}

ByoStoreResult memory_op_segment(ByoStore *s, ByoId id, ByoSegmentRow *seg_r)
{
    const MemorySegment *seg = memory_find(s, MEMORY_SEGMENT, id);
    if (seg)
        *seg_r = seg->row;
    return seg ? BYO_STORE_OK : BYO_STORE_NONE;
}

static void change(ByoStore *s, MemorySegment *old, const ByoSegmentRow *row)
{
    MemorySegment seg = *old;
    seg.row = *row;
    seg.row.udh = old->row.udh;
    seg.row.payload = old->row.payload;
    memory_put(s, MEMORY_SEGMENT, &seg, old);
}

void memory_op_segment_update(ByoStore *s, const ByoSegmentRow *seg)
{
    MemorySegment *old = memory_writing(s) ? memory_find(s, MEMORY_SEGMENT, seg->id) : NULL;
    if (old)
        change(s, old, seg);
}

void memory_op_segments(ByoStore *s, ByoId message, void (*each)(void *arg, const ByoSegmentRow *seg),
                        void *arg)
{
    MEMORY_RANGE(MemorySegment, seg, s, MEMORY_SEGMENT, message + 1, message + 256)
    each(arg, &seg->row);
}

int memory_op_message_remove(ByoStore *s, ByoId id)
{
    ByoMessageRow *m = memory_writing(s) ? memory_find(s, MEMORY_MESSAGE, id) : NULL;
    int n = 0;
    if (!m)
        return 0;
    MEMORY_RANGE(MemoryCopy, copy, s, MEMORY_COPY, id + 1, id + 256)
    memory_remove(s, MEMORY_COPY, copy);
    MEMORY_RANGE(MemorySegment, seg, s, MEMORY_SEGMENT, id + 1, id + 256)
    {
        memory_remove(s, MEMORY_SEGMENT, seg);
        n++;
    }
    MemorySteps *steps = memory_find(s, MEMORY_STEPS, id);
    if (steps)
        memory_remove(s, MEMORY_STEPS, steps);
    memory_remove(s, MEMORY_MESSAGE, m);
    return n;
}

static bool has_report(ByoStr reports, ByoTime base, const ByoPast *p)
{
    ByoPast one;
    while (byo_past_read(&reports, base, &one))
        if (one.number == p->number && one.segment == p->segment)
            return true;
    return false;
}

void memory_op_step_add(ByoStore *s, ByoId message, const ByoPast *p)
{
    if (!memory_writing(s) || !memory_find(s, MEMORY_MESSAGE, message))
        return;
    MemorySteps *old = memory_find(s, MEMORY_STEPS, message), row = {.id = message};
    if (old)
        row = *old;
    const bool report = p->kind == BYO_PAST_REPORTED || p->kind == BYO_PAST_UNWANTED;
    ByoStr *into = report ? &row.reports : &row.lines;
    ByoBuf all = {0};
    byo_buf_add(&all, into->p, into->n);
    byo_past_write(p, byo_id_time(message), &all);
    if (report ? !has_report(*into, byo_id_time(message), p) : !into->n || all.n <= BYO_PAST_OCTETS) {
        *into = byo_buf_str(&all);
        memory_put(s, MEMORY_STEPS, &row, old);
    }
    byo_buf_free(&all);
}

void memory_op_steps(ByoStore *s, ByoId message, ByoBuf *lines)
{
    const MemorySteps *steps = memory_find(s, MEMORY_STEPS, message);
    if (!steps)
        return;
    byo_buf_add(lines, steps->lines.p, steps->lines.n);
    byo_buf_add(lines, steps->reports.p, steps->reports.n);
}

ByoStoreResult memory_op_messages(ByoStore *s, const ByoMessageFilter *f, ByoId *next_r,
                                  bool (*each)(void *arg, const ByoMessageRow *m), void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_MESSAGE);
    int left = f->limit;
    ByoId next = 0;
    for (size_t i = t->n; i > 0 && left > 0; i--) {
        const ByoMessageRow *m = t->rows[i - 1];
        if (m->id < byo_id_at(f->from) || (f->to > 0 && m->id >= byo_id_at(f->to)) ||
            (f->before > 0 && m->id >= f->before) || (f->state >= 0 && (int)m->state != f->state) ||
            (f->integration.n && !byo_str_eq(f->integration, m->integration)) ||
            (f->number.n && !byo_str_eq(byo_digits(f->number), byo_digits(m->number))) ||
            (f->recipient.n && !byo_str_eq(byo_digits(f->recipient), byo_digits(m->recipient))) ||
            (f->cause.n && !byo_str_eq(f->cause, m->verdict.code_cause)) ||
            (f->carrier_code.n && !byo_str_eq(f->carrier_code, m->verdict.carrier_code)) ||
            (f->doubt && byo_store_maybe_duplicate(s, m->id) != (f->doubt > 0)))
            continue;
        if (!each(arg, m) || --left == 0)
            next = m->id;
        if (next)
            break;
    }
    *next_r = next;
    return BYO_STORE_OK;
}

int memory_op_open_messages(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId message),
                            void *arg)
{
    ByoId last = 0;
    int n = 0;
    MEMORY_RANGE(MemorySegment, seg, s, MEMORY_SEGMENT, after + 256, INT64_MAX)
    {
        ByoId message = byo_id_message(seg->row.id);
        if (byo_seg_final(seg->row.s.state) || message == last)
            continue;
        if (n++ == max)
            return max;
        last = message;
        if (!each(arg, message))
            break;
    }
    return n;
}

/* -- carriers' message ids ---------------------------------------------------------------------- */

static bool newer(const ByoForeign *a, const ByoForeign *b, bool ended_last)
{
    bool ended = byo_seg_final(a->state), other = byo_seg_final(b->state);
    return ended_last && ended != other ? other : a->id > b->id;
}

/* At most max stay, in order. */
static int note(ByoForeign *found, int n, int max, const ByoForeign *one)
{
    int at = 0;
    while (at < n && !newer(one, &found[at], true))
        if (found[at++].id == one->id)
            return n;
    if (at == max)
        return n;
    n = n < max ? n + 1 : n;
    memmove(found + at + 1, found + at, (size_t)(n - 1 - at) * sizeof *found);
    found[at] = *one;
    return n;
}

static bool one_of(const ByoMsgidForms *forms, ByoStr id)
{
    for (size_t i = 0; i < forms->n; i++)
        if (byo_str_eq(forms->form[i], id))
            return true;
    return false;
}

/* forms: NULL: exactly this id. */
static bool same_id(ByoStr id, const ByoMsgidForms *forms, ByoStr foreign_id)
{
    if (!forms)
        return byo_str_eq(id, foreign_id);
    ByoBuf loose = {0};
    byo_msgid_loose(id, &loose);
    bool same = one_of(forms, byo_buf_str(&loose));
    byo_buf_free(&loose);
    return same;
}

static int find_ids(ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                    ByoForeign *found, int max)
{
    int n = 0;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    if (!byo_seg_final(seg->row.s.state) && seg->row.foreign_id.n &&
        byo_str_eq(seg->integration, integration) && same_id(seg->row.foreign_id, forms, foreign_id))
        n = note(found, n, max, &(ByoForeign){.id = seg->row.id, .state = seg->row.s.state});
    if (n > 0 && !forms)
        return n;
    MEMORY_EACH(MemoryCopy, copy, s, MEMORY_COPY)
    {
        const MemorySegment *seg = memory_find(s, MEMORY_SEGMENT, copy->segment);
        if (seg && (!forms || !byo_seg_final(seg->row.s.state)) &&
            byo_str_eq(copy->integration, integration) && same_id(copy->foreign_id, forms, foreign_id))
            n = note(found, n, max, &(ByoForeign){.id = seg->row.id, .state = seg->row.s.state});
    }
    return n;
}

int memory_op_by_id(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *found_r, int max)
{
    return foreign_id.n ? find_ids(s, integration, foreign_id, NULL, found_r, max) : 0;
}

int memory_op_by_loose_id(ByoStore *s, ByoStr integration, const ByoMsgidForms *forms, ByoForeign *found_r,
                          int max)
{
    return forms->n ? find_ids(s, integration, BYO_STR_NONE, forms, found_r, max) : 0;
}

void memory_op_ended_ids(ByoStore *s, int newest,
                         void (*each)(void *arg, ByoStr integration, ByoStr foreign_id, ByoId segment),
                         void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_SEGMENT);
    for (size_t i = t->n > (size_t)newest ? t->n - (size_t)newest : 0; i < t->n; i++) {
        const MemorySegment *seg = t->rows[i];
        if (byo_seg_final(seg->row.s.state) && seg->row.foreign_id.n)
            each(arg, seg->integration, seg->row.foreign_id, seg->row.id);
    }
}

void memory_op_copy_add(ByoStore *s, ByoId segment, const ByoCopyRow *c)
{
    const MemorySegment *seg = memory_writing(s) ? memory_find(s, MEMORY_SEGMENT, segment) : NULL;
    if (!seg || (!c->foreign_id.n && c->open))
        return;
    MemoryCopy copy = {segment, c->foreign_id, seg->integration, BYO_STR_NONE, *c};
    MEMORY_RANGE(MemoryCopy, old, s, MEMORY_COPY, segment, segment + 1)
    if (byo_str_eq(old->foreign_id, c->foreign_id)) {
        if (c->foreign_id.n)
            return;
        copy = *old;
        copy.row.try = c->try;
        memory_put(s, MEMORY_COPY, &copy, old);
        return;
    }
    memory_put(s, MEMORY_COPY, &copy, NULL);
}

void memory_op_copy_end(ByoStore *s, ByoId segment, const ByoCopyRow *c)
{
    if (!memory_writing(s))
        return;
    MEMORY_RANGE(MemoryCopy, old, s, MEMORY_COPY, segment, segment + 1)
    if (byo_str_eq(old->foreign_id, c->foreign_id)) {
        MemoryCopy copy = *old;
        copy.row.open = false;
        copy.row.verdict = c->verdict;
        memory_put(s, MEMORY_COPY, &copy, old);
        return;
    }
}

static int by_try(const void *a, const void *b)
{
    const ByoCopyRow *x = a, *y = b;
    return x->try < y->try ? -1 : x->try > y->try;
}

int memory_op_copies(ByoStore *s, ByoId segment, ByoCopyRow *copies_r, int max)
{
    int n = 0;
    MEMORY_RANGE(MemoryCopy, copy, s, MEMORY_COPY, segment, segment + 1)
    if (n < max && n < BYO_COPIES_MAX)
        copies_r[n++] = copy->row;
    qsort(copies_r, (size_t)n, sizeof *copies_r, by_try);
    return n;
}

bool memory_op_maybe_duplicate(ByoStore *s, ByoId message)
{
    MEMORY_RANGE(MemorySegment, seg, s, MEMORY_SEGMENT, message + 1, message + 256)
    if (seg->row.s.maybe_duplicate)
        return true;
    return false;
}

/* -- the queue and the timers ------------------------------------------------------------------- */

typedef struct {
    ByoTime due;
    ByoId id;
} Due;

static int by_due(const void *a, const void *b)
{
    const Due *x = a, *y = b;
    return x->due != y->due ? (x->due < y->due ? -1 : 1) : x->id < y->id ? -1 : x->id > y->id;
}

/* integration absent: any. */
static bool is(const MemorySegment *seg, ByoStr integration, int state)
{
    return (int)seg->row.s.state == state && (!integration.p || byo_str_eq(seg->integration, integration));
}

static int due(ByoStore *s, ByoStr integration, int state, ByoTime from, ByoTime to, ByoId *ids, int max)
{
    Due *all = byo_alloc((memory_table(s, MEMORY_SEGMENT)->n + 1) * sizeof *all);
    int n = 0;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    if (is(seg, integration, state) && seg->row.s.due >= from && seg->row.s.due <= to)
        all[n++] = (Due){seg->row.s.due, seg->row.id};
    qsort(all, (size_t)n, sizeof *all, by_due);
    n = n < max ? n : max;
    for (int i = 0; i < n; i++)
        ids[i] = all[i].id;
    free(all);
    return n;
}

int memory_op_queue_claim(ByoStore *s, ByoStr integration, ByoTime now, ByoId *ids_r, int max)
{
    return due(s, integration, BYO_SEG_QUEUED, 0, now, ids_r, max);
}

int memory_op_handed(ByoStore *s, ByoStr integration, ByoId *ids_r, int max)
{
    return due(s, integration, BYO_SEG_HANDED, 1, INT64_MAX, ids_r, max);
}

int memory_op_queue_walk(ByoStore *s, ByoQueuePlace *at, ByoId *ids_r, int max)
{
    int n = 0;
    MEMORY_RANGE(MemorySegment, seg, s, MEMORY_SEGMENT, at->id + 1, INT64_MAX)
    {
        if (n == max)
            break;
        if (is(seg, BYO_STR_NONE, BYO_SEG_QUEUED))
            at->id = ids_r[n++] = seg->row.id;
    }
    return n;
}

static ByoTime next(ByoStore *s, ByoStr integration, int state, ByoTime from)
{
    ByoTime first = 0;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    {
        ByoTime at = seg->row.s.due > 0 ? seg->row.s.due : 1;
        if (is(seg, integration, state) && seg->row.s.due >= from && (!first || at < first))
            first = at;
    }
    return first;
}

ByoTime memory_op_queue_next(ByoStore *s, ByoStr integration)
{
    return next(s, integration, BYO_SEG_QUEUED, 0);
}

int64_t memory_op_count_state(ByoStore *s, ByoStr integration, ByoSegState state)
{
    int64_t n = 0;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    n += is(seg, integration, (int)state);
    return state <= BYO_SEG_ACCEPTED ? n : 0;
}

void memory_op_queue_depth(ByoStore *s, ByoStr integration, int64_t *n_r, ByoTime *oldest_r)
{
    *n_r = *oldest_r = 0;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    if (is(seg, integration, BYO_SEG_QUEUED) && (*n_r)++ == 0)
        *oldest_r = byo_id_time(seg->row.id);
}

int memory_op_timers_claim(ByoStore *s, ByoTime now, ByoId *ids_r, int max)
{
    int n = due(s, BYO_STR_NONE, BYO_SEG_HANDED, 1, now, ids_r, max);
    return n + due(s, BYO_STR_NONE, BYO_SEG_ACCEPTED, 1, now, ids_r + n, max - n);
}

ByoTime memory_op_timers_next(ByoStore *s)
{
    ByoTime handed = next(s, BYO_STR_NONE, BYO_SEG_HANDED, 1),
            accepted = next(s, BYO_STR_NONE, BYO_SEG_ACCEPTED, 1);
    return !handed || (accepted && accepted < handed) ? accepted : handed;
}

void memory_op_handed_due_by(ByoStore *s, ByoStr integration, ByoTime before, ByoTime due_by)
{
    if (!memory_writing(s))
        return;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    if (is(seg, integration, BYO_SEG_HANDED) && seg->row.s.due > due_by && seg->row.s.handed < before) {
        ByoSegmentRow row = seg->row;
        row.s.due = due_by;
        change(s, seg, &row);
    }
}

void memory_op_handed_doubt(ByoStore *s, ByoStr integration, ByoTime before)
{
    if (!memory_writing(s))
        return;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    if (is(seg, integration, BYO_SEG_HANDED) && seg->row.s.handed < before) {
        ByoSegmentRow row = seg->row;
        row.s.maybe_duplicate = true;
        change(s, seg, &row);
    }
}

int64_t memory_op_handed_before(ByoStore *s, ByoStr integration, ByoTime before, bool unmarked)
{
    int64_t n = 0;
    MEMORY_EACH(MemorySegment, seg, s, MEMORY_SEGMENT)
    n += is(seg, integration, BYO_SEG_HANDED) && seg->row.s.handed < before &&
         !(unmarked && seg->row.s.maybe_duplicate);
    return n;
}

int memory_op_expired(ByoStore *s, ByoTime after, ByoTime now, ByoId *ids_r, int max)
{
    int n = 0;
    MEMORY_EACH(ByoMessageRow, m, s, MEMORY_MESSAGE)
    {
        if (m->ended || m->expires <= after || m->expires <= 0 || m->expires > now)
            continue;
        MEMORY_RANGE(MemorySegment, seg, s, MEMORY_SEGMENT, m->id + 1, m->id + 256)
        if (n < max && is(seg, BYO_STR_NONE, BYO_SEG_QUEUED))
            ids_r[n++] = seg->row.id;
    }
    return n;
}
