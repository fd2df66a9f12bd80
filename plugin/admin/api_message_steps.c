/* SPDX-License-Identifier: BSD-3-Clause
 * A message's life as a list of steps, from the times its row and its segments' rows hold.
 * Decides: which of them is which step. What lies between the first and the last try of a segment is not kept.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdlib.h>

typedef struct {
    ByoTime time;
    size_t order; /* of two at one time the one that was added first comes first */
    ByoJson *json;
} Step;

typedef struct {
    Step *steps;
    size_t n, cap;
} Steps;

/* The new step's object, for what else there is to say. segment, try: 0: none. */
static ByoJson *add(Steps *all, ByoTime time, const char *step, int segment, int try)
{
    ByoJson *j = byo_json_object();
    byo_json_set_time(j, "time", time);
    byo_json_set_z(j, "step", step);
    byo_json_set(j, "segment", NULL);
    byo_json_set(j, "try", NULL);
    if (segment)
        byo_json_set_int(j, "segment", segment);
    if (try)
        byo_json_set_int(j, "try", try);
    if (all->n == all->cap) {
        all->cap = all->cap ? 2 * all->cap : 16;
        all->steps = byo_realloc(all->steps, all->cap * sizeof *all->steps);
    }
    all->steps[all->n] = (Step){time, all->n, j};
    all->n++;
    return j;
}

static void add_verdict(Steps *all, ByoTime time, const char *step, const ByoSegmentRow *seg)
{
    ByoJson *j = add(all, time, step, byo_id_number(seg->id), seg->s.tries);
    byo_api_set_opt(j, "cause", seg->verdict.code_cause);
    byo_api_set_opt(j, "carrierCode", seg->verdict.carrier_code);
    byo_api_set_opt(j, "description", seg->verdict.description);
}

static void add_segment(void *arg, const ByoSegmentRow *seg)
{
    Steps *all = arg;
    const ByoSegment *s = &seg->s;
    int number = byo_id_number(seg->id);
    if (s->first_handed)
        add(all, s->first_handed, "handed", number, 1);
    if (s->tries > 1 && s->handed)
        add(all, s->handed, "retried", number, s->tries);
    if (s->state == BYO_SEG_QUEUED && s->tries > 0)
        add_verdict(all, s->due, "next-try", seg);
    if (!s->ended)
        return;
    bool receipt = s->accepted || s->state == BYO_SEG_DELIVERED;
    add_verdict(all, s->ended,
                s->state == BYO_SEG_CANCELLED ? "cancelled"
                : receipt                     ? "receipt"
                : s->first_handed             ? "answered"
                                              : "failed",
                seg);
}

static int by_time(const void *a, const void *b)
{
    const Step *x = a, *y = b;
    return x->time != y->time ? (x->time > y->time) - (x->time < y->time)
                              : (x->order > y->order) - (x->order < y->order);
}

ByoJson *byo_api_message_steps(ByoStore *reader, const ByoMessageRow *m)
{
    Steps all = {0};
    ByoJson *list = byo_json_array();
    byo_json_set_str(add(&all, m->created, "taken", 0, 0), "smsbox", m->named ? m->box : BYO_STR_NONE);
    if (m->charset.n || m->tally.segments > 1)
        byo_api_set_opt(add(&all, m->created, "written", 0, 0), "text", m->charset);
    byo_store_segments(reader, m->id, add_segment, &all);
    qsort(all.steps, all.n, sizeof *all.steps, by_time);
    for (size_t i = 0; i < all.n; i++)
        byo_json_add(list, all.steps[i].json);
    free(all.steps);
    return list;
}
