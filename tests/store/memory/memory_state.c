/* SPDX-License-Identifier: BSD-3-Clause
 * The store in memory: what waits inward, early receipts, numbers, opt-outs, settings, states, events, audit, and the
 * end of what is too old.
 * Decides: nothing. Threads: as memory_store.h. */
#include "memory_private.h"

#include <stdlib.h>

/* -- inward ------------------------------------------------------------------------------------- */

static bool of_box(const ByoInwardRow *row, bool named, ByoStr box)
{
    return row->named == named && (!named || byo_str_eq(row->box, box));
}

/* Counted only when there may be too many: it walks. */
static bool no_room(ByoStore *s, bool named, ByoStr box)
{
    return named && memory_table(s, MEMORY_INWARD)->n >= BYO_STORE_DESTINATIONS &&
           memory_op_inward_waiting(s, named, box) == 0 &&
           memory_op_inward_destinations(s) - (memory_op_inward_waiting(s, false, BYO_STR_NONE) > 0) >=
               BYO_STORE_DESTINATIONS;
}

ByoId memory_op_inward_id(ByoStore *s, bool named, ByoStr box, ByoTime now)
{
    if (no_room(s, named, box))
        return 0;
    int64_t at = byo_id_at(now) >> 15;
    return s->last_inward = at > s->last_inward ? at : s->last_inward + 1;
}

void memory_op_inward_add(ByoStore *s, const ByoInwardRow *row)
{
    ByoInwardRow one = *row;
    if (!one.named)
        one.box = BYO_STR_NONE;
    if (memory_writing(s))
        memory_put(s, MEMORY_INWARD, &one, NULL);
}

void memory_op_inward_remove(ByoStore *s, ByoId id)
{
    ByoInwardRow *row = memory_writing(s) ? memory_find(s, MEMORY_INWARD, id) : NULL;
    if (row)
        memory_remove(s, MEMORY_INWARD, row);
}

int memory_op_inward_claim(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                           void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    int n = 0;
    MEMORY_RANGE(ByoInwardRow, row, s, MEMORY_INWARD, after + 1, INT64_MAX)
    if (n < max && of_box(row, named, box)) {
        n++;
        each(arg, row);
    }
    return n;
}

int memory_op_inward_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, const ByoInwardRow *row),
                         void *arg)
{
    int n = 0;
    MEMORY_RANGE(ByoInwardRow, row, s, MEMORY_INWARD, after + 1, INT64_MAX)
    {
        if (n == max)
            break;
        n++;
        if (!each(arg, row))
            break;
    }
    return n;
}

int64_t memory_op_inward_count(ByoStore *s)
{
    return (int64_t)memory_table(s, MEMORY_INWARD)->n;
}

int64_t memory_op_inward_waiting(ByoStore *s, bool named, ByoStr box)
{
    int64_t n = 0;
    if (s != s->of)
        return 0;
    MEMORY_EACH(ByoInwardRow, row, s, MEMORY_INWARD)
    n += of_box(row, named, box);
    return n;
}

static void count_one(void *arg, bool named, ByoStr box)
{
    ++*(int64_t *)arg;
}

int64_t memory_op_inward_destinations(ByoStore *s)
{
    int64_t n = 0;
    if (s == s->of)
        memory_op_inward_boxes(s, count_one, &n);
    return n;
}

ByoId memory_op_inward_before(ByoStore *s, bool named, ByoStr box, ByoTime t)
{
    return memory_op_inward_waiting(s, named, box) ? byo_id_at(t) >> 15 : 0;
}

static int by_box(const void *a, const void *b)
{
    const ByoInwardRow *x = *(const ByoInwardRow *const *)a, *y = *(const ByoInwardRow *const *)b;
    return x->named != y->named ? x->named - y->named : memory_order(x->box, y->box);
}

void memory_op_inward_boxes(ByoStore *s, void (*each)(void *arg, bool named, ByoStr box), void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_INWARD);
    const ByoInwardRow **rows = byo_alloc((t->n + 1) * sizeof *rows);
    size_t n = t->n;
    for (size_t i = 0; i < n; i++)
        rows[i] = t->rows[i];
    qsort(rows, n, sizeof *rows, by_box);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_box(&rows[i - 1], &rows[i]) != 0)
            each(arg, rows[i]->named, rows[i]->box);
    free(rows);
}

/* -- early receipts, MOs ------------------------------------------------------------------------ */

void memory_op_early_add(ByoStore *s, ByoStr integration, const ByoStr foreign_ids[2], ByoStr frame,
                         ByoTime now)
{
    if (!memory_writing(s))
        return;
    ByoId id = memory_op_new_id(s, now);
    for (int i = 0; i < 2; i++)
        if (foreign_ids[i].n) {
            ByoBuf loose = {0};
            byo_msgid_loose(foreign_ids[i], &loose);
            memory_put(s, MEMORY_EARLY,
                       &(MemoryEarly){id + i, foreign_ids[i], integration, byo_buf_str(&loose), frame}, NULL);
            byo_buf_free(&loose);
        }
}

static bool is_form(const ByoMsgidForms *forms, ByoStr loose)
{
    for (size_t i = 0; i < forms->n; i++)
        if (byo_str_eq(forms->form[i], loose))
            return true;
    return false;
}

ByoId memory_op_early_next(ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                           ByoEarlyAt *at, ByoBuf *frame)
{
    for (int other = at->other; other < 2; other++)
        MEMORY_EACH(MemoryEarly, row, s, MEMORY_EARLY)
    if (byo_str_eq(row->integration, integration) && is_form(forms, row->loose) &&
        byo_str_eq(row->foreign_id, foreign_id) != other && (other > at->other || row->id > at->id)) {
        *at = (ByoEarlyAt){.id = row->id, .other = other};
        byo_buf_clear(frame);
        byo_buf_add(frame, row->frame.p, row->frame.n);
        return row->id;
    }
    return 0;
}

void memory_op_early_remove(ByoStore *s, ByoId id)
{
    if (memory_writing(s))
        MEMORY_RANGE(MemoryEarly, row, s, MEMORY_EARLY, byo_id_message(id), byo_id_message(id) + 2)
    memory_remove(s, MEMORY_EARLY, row);
}

int64_t memory_op_early_count(const ByoStore *s)
{
    return (int64_t)memory_table(s, MEMORY_EARLY)->n;
}

/* Rows with ids below `before`, oldest first; at most max. */
static int purge(ByoStore *s, MemoryKind kind, ByoId before, int max)
{
    int n = 0;
    MEMORY_RANGE(void, row, s, kind, 0, before)
    if (n < max) {
        memory_remove(s, kind, row);
        n++;
    }
    return n;
}

int memory_op_early_purge(ByoStore *s, ByoTime before, int max)
{
    return memory_writing(s) ? purge(s, MEMORY_EARLY, byo_id_at(before), max) : 0;
}

int memory_op_early_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId id, ByoStr frame),
                        void *arg)
{
    int n = 0;
    MEMORY_RANGE(MemoryEarly, row, s, MEMORY_EARLY, after + 1, INT64_MAX)
    {
        if (n == max)
            break;
        n++;
        if (!each(arg, row->id, row->frame))
            break;
    }
    return n;
}

bool memory_op_mo_known(ByoStore *s, ByoStr uuid)
{
    MEMORY_EACH(MemorySeen, seen, s, MEMORY_SEEN)
    if (byo_str_eq(seen->uuid, uuid))
        return true;
    return false;
}

void memory_op_mo_note(ByoStore *s, ByoStr uuid, ByoTime now)
{
    if (memory_writing(s) && !memory_op_mo_known(s, uuid))
        memory_put(s, MEMORY_SEEN, &(MemorySeen){memory_op_new_id(s, now), uuid}, NULL);
}

/* -- numbers ------------------------------------------------------------------------------------ */

static MemoryNumber *number(ByoStore *s, MemoryKind kind, ByoStr digits)
{
    return memory_by_text(s, kind, digits, BYO_STR_NONE, BYO_STR_NONE);
}

static ByoStoreResult give_number(const MemoryNumber *number, ByoNumberRow *n_r)
{
    if (number)
        *n_r = number->row;
    return number ? BYO_STORE_OK : BYO_STORE_NONE;
}

void memory_op_number_put(ByoStore *s, const ByoNumberRow *n)
{
    MemoryNumber *left = memory_writing(s) ? number(s, MEMORY_LEFT, n->digits) : NULL;
    if (s->failed)
        return;
    memory_put(s, MEMORY_NUMBER, &(MemoryNumber){.row = *n}, number(s, MEMORY_NUMBER, n->digits));
    if (left)
        memory_remove(s, MEMORY_LEFT, left);
}

void memory_op_number_remove(ByoStore *s, ByoStr digits, ByoTime now)
{
    MemoryNumber *old = memory_writing(s) ? number(s, MEMORY_NUMBER, digits) : NULL;
    if (!old)
        return;
    MemoryNumber left = {.row = old->row};
    left.row.since = memory_op_new_id(s, now);
    memory_put(s, MEMORY_LEFT, &left, number(s, MEMORY_LEFT, digits));
    memory_remove(s, MEMORY_NUMBER, old);
}

ByoStoreResult memory_op_number_left(ByoStore *s, ByoStr digits, ByoNumberRow *n_r)
{
    return give_number(number(s, MEMORY_LEFT, digits), n_r);
}

int memory_op_number_left_purge(ByoStore *s, ByoTime before)
{
    int n = 0;
    if (memory_writing(s))
        MEMORY_EACH(MemoryNumber, left, s, MEMORY_LEFT)
    if (left->row.since < byo_id_at(before)) {
        memory_remove(s, MEMORY_LEFT, left);
        n++;
    }
    return n;
}

ByoStoreResult memory_op_number(ByoStore *s, ByoStr digits, ByoNumberRow *n_r)
{
    return give_number(number(s, MEMORY_NUMBER, digits), n_r);
}

int64_t memory_op_number_count(ByoStore *s, ByoStr integration)
{
    int64_t n = 0;
    MEMORY_EACH(MemoryNumber, one, s, MEMORY_NUMBER)
    n += byo_str_eq(one->row.integration, integration);
    return n;
}

void memory_op_numbers(ByoStore *s, ByoStr integration, ByoStr type, ByoStr after, int max,
                       bool (*each)(void *arg, const ByoNumberRow *n), void *arg)
{
    bool behind = !after.n;
    MEMORY_EACH(MemoryNumber, one, s, MEMORY_NUMBER)
    {
        behind = behind || memory_order(one->row.digits, after) > 0;
        if (!behind || (integration.n && !byo_str_eq(one->row.integration, integration)) ||
            (type.n && !byo_str_eq(one->row.type, type)))
            continue;
        if (max-- <= 0 || !each(arg, &one->row))
            return;
    }
}

/* -- opt-outs ----------------------------------------------------------------------------------- */

void memory_op_opt_add(ByoStore *s, const ByoOptRow *o, ByoTime now)
{
    if (!memory_writing(s))
        return;
    ByoOptRow row = *o;
    row.id = memory_op_new_id(s, now);
    row.time = o->time ? o->time : now;
    memory_put(s, MEMORY_OPT, &row, NULL);
    if (byo_str_is(o->action, "opt-out")) {
        MemoryOut out = {0, o->number, o->recipient, o->reading_of, row.id};
        memory_put(s, MEMORY_OUT, &out,
                   memory_by_text(s, MEMORY_OUT, o->number, o->recipient, o->reading_of));
        return;
    }
    MEMORY_EACH(MemoryOut, out, s, MEMORY_OUT)
    if (byo_str_eq(out->number, o->number) && byo_str_eq(out->recipient, o->recipient) &&
        (!o->reading_of.n || byo_str_eq(out->reading_of, o->reading_of)))
        memory_remove(s, MEMORY_OUT, out);
}

void memory_op_opt_answer(ByoStore *s, ByoStr number, ByoStr recipient, ByoId before, ByoStr answer)
{
    ByoOptRow *newest = NULL;
    if (!memory_writing(s))
        return;
    MEMORY_RANGE(ByoOptRow, o, s, MEMORY_OPT, 0, before)
    if (byo_str_eq(o->number, number) && byo_str_eq(o->recipient, byo_digits(recipient)))
        newest = o;
    if (!newest || !byo_str_is(newest->who, "recipient"))
        return;
    ByoOptRow row = *newest;
    row.answer = answer;
    memory_put(s, MEMORY_OPT, &row, newest);
}

void memory_op_opt_outs(ByoStore *s,
                        bool (*each)(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of),
                        void *arg)
{
    MEMORY_EACH(MemoryOut, out, s, MEMORY_OUT)
    if (!each(arg, out->number, out->recipient, out->reading_of))
        return;
}

bool memory_op_opted_out(ByoStore *s, ByoStr number, ByoStr recipient)
{
    MEMORY_EACH(MemoryOut, out, s, MEMORY_OUT)
    if (byo_str_eq(out->number, number) && byo_str_eq(out->recipient, recipient))
        return true;
    return false;
}

bool memory_op_opted_out_itself(ByoStore *s, ByoStr number, ByoStr recipient)
{
    return memory_by_text(s, MEMORY_OUT, number, recipient, BYO_STR_NONE) != NULL;
}

void memory_op_opt_readings(ByoStore *s, ByoStr number, ByoStr reading_of,
                            void (*each)(void *arg, ByoStr recipient), void *arg)
{
    MEMORY_EACH(MemoryOut, out, s, MEMORY_OUT)
    if (reading_of.n && byo_str_eq(out->number, number) && byo_str_eq(out->reading_of, reading_of))
        each(arg, out->recipient);
}

static bool fits(const ByoOptFilter *f, ByoStr number, ByoStr recipient)
{
    bool found = f->n_recipients == 0;
    for (int i = 0; i < f->n_recipients; i++)
        found = found || byo_str_eq(f->recipients[i], recipient);
    return found && (!f->number.n || byo_str_eq(f->number, number));
}

/* Newest first; current: only rows that keep a pair opted out. */
static void opt_rows(ByoStore *s, const ByoOptFilter *f, bool current,
                     bool (*each)(void *arg, const ByoOptRow *o), void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_OPT);
    int left = f->max;
    for (size_t i = t->n; i > 0 && left > 0; i--) {
        const ByoOptRow *o = t->rows[i - 1];
        const MemoryOut *out = memory_by_text(s, MEMORY_OUT, o->number, o->recipient, o->reading_of);
        if ((f->before && o->id >= f->before) || !fits(f, o->number, o->recipient) ||
            (current && (!out || out->id != o->id)))
            continue;
        left--;
        if (!each(arg, o))
            return;
    }
}

void memory_op_opt_history(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                           void *arg)
{
    opt_rows(s, f, false, each, arg);
}

void memory_op_opt_current(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                           void *arg)
{
    opt_rows(s, f, true, each, arg);
}

int memory_op_opt_forget_texts(ByoStore *s, ByoStr recipient)
{
    int n = 0;
    if (memory_writing(s))
        MEMORY_EACH(ByoOptRow, o, s, MEMORY_OPT)
    if (byo_str_eq(o->recipient, recipient) && o->text.n) {
        ByoOptRow row = *o;
        row.text = BYO_STR_NONE;
        if (byo_str_is(o->who, "recipient") && !o->reading_of.n)
            row.reason = BYO_STR_NONE;
        memory_put(s, MEMORY_OPT, &row, o);
        n++;
    }
    return n;
}
