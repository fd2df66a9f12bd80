/* SPDX-License-Identifier: BSD-3-Clause
 * A message's life as a list of steps, from the times its row and its segments' rows hold and the past that is kept
 * beside them: tries before the last one, interim receipts, reports (tracking/past.h).
 * Decides: which of them is which step.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdlib.h>

#include "base/sms.h"
#include "tracking/past.h"

typedef struct {
    ByoTime time;
    size_t order; /* of two at one time the one that was added first comes first */
    ByoJson *json;
} Step;

typedef struct {
    Step *steps;
    size_t n, cap;
    ByoBuf past;
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

static void set_why(ByoJson *j, ByoStr cause, ByoStr carrier_code, ByoStr description)
{
    byo_api_set_opt(j, "cause", cause);
    byo_api_set_opt(j, "carrierCode", carrier_code);
    byo_api_set_opt(j, "description", description);
}

static void add_verdict(Steps *all, ByoTime time, const char *step, const ByoSegmentRow *seg)
{
    const ByoStoredVerdict *v = &seg->verdict;
    set_why(add(all, time, step, byo_id_number(seg->id), seg->s.tries), v->code_cause, v->carrier_code,
            v->description);
}

static void add_accepted(Steps *all, ByoTime time, int segment, int try)
{
    ByoVerdict v = byo_verdict_accepted();
    set_why(add(all, time, "answered", segment, try), byo_str(v.cause), BYO_STR_NONE, byo_str(v.description));
}

/* -- the past -----------------------------------------------------------------------------------------*/

static void add_report(Steps *all, const ByoPast *p, const ByoMessageRow *m)
{
    ByoJson *j = add(all, p->time, p->kind == BYO_PAST_REPORTED ? "report-delivered" : "report-refused",
                     p->segment, 0);
    byo_json_set_str(j, "smsbox", m->named ? m->box : BYO_STR_NONE);
    byo_json_set_int(j, "dlrType", p->number);
}

/* A hand-over that was not the last one, and how it ended. The first one stands in the segment's row. */
static void add_try(Steps *all, const ByoPast *p, const ByoPast *why)
{
    if (p->number > 1 && p->handed)
        set_why(add(all, p->handed, "retried", p->segment, p->number), why ? why->cause : BYO_STR_NONE,
                why ? why->carrier_code : BYO_STR_NONE, BYO_STR_NONE);
    if (p->accepted)
        add_accepted(all, p->accepted, p->segment, p->number);
    const char *step = p->kind == BYO_PAST_NO_ANSWER  ? "no-answer"
                       : p->kind == BYO_PAST_NOT_SENT ? "not-sent"
                       : p->accepted                  ? "receipt"
                                                      : "answered";
    set_why(add(all, p->time, step, p->segment, p->number), p->cause, p->carrier_code, BYO_STR_NONE);
}

/* The newest end of a try of the segment, of those in the past. False: none. */
static bool last_try(ByoStr lines, ByoTime base, int segment, ByoPast *out)
{
    ByoPast p;
    bool found = false;
    while (byo_past_read(&lines, base, &p))
        if (p.segment == segment && (p.kind == BYO_PAST_RETRIED || p.kind == BYO_PAST_NO_ANSWER)) {
            *out = p;
            found = true;
        }
    return found;
}

/* Of what happened in one millisecond the hand-over is added first and the reports last: they follow from the rest. */
static void add_past(Steps *all, const ByoMessageRow *m, bool reports)
{
    ByoStr lines = byo_buf_str(&all->past), rest = lines;
    ByoTime base = byo_id_time(m->id);
    ByoPast p, why;
    while (byo_past_read(&rest, base, &p)) {
        ByoStr before = byo_strn(lines.p, lines.n - rest.n);
        const char *own = before.n > 1 ? memrchr(before.p, '\n', before.n - 1) : NULL;
        before.n = own ? (size_t)(own - before.p) : 0; /* without the line itself */
        bool report = p.kind == BYO_PAST_REPORTED || p.kind == BYO_PAST_UNWANTED;
        if (report != reports)
            continue;
        if (report)
            add_report(all, &p, m);
        else if (p.kind == BYO_PAST_INTERIM)
            set_why(add(all, p.time, "interim-receipt", p.segment, p.number), p.cause, p.carrier_code,
                    BYO_STR_NONE);
        else
            add_try(all, &p, last_try(before, base, p.segment, &why) ? &why : NULL);
    }
}

/* -- the rows -----------------------------------------------------------------------------------------*/

static void add_end(Steps *all, const ByoSegmentRow *seg)
{
    const ByoSegment *s = &seg->s;
    bool receipt = s->accepted || s->state == BYO_SEG_DELIVERED;
    add_verdict(all, s->ended,
                s->state == BYO_SEG_CANCELLED ? "cancelled"
                : receipt                     ? "receipt"
                : s->first_handed             ? "answered"
                                              : "failed",
                seg);
}

static void add_first(void *arg, const ByoSegmentRow *seg)
{
    if (seg->s.first_handed)
        add(arg, seg->s.first_handed, "handed", byo_id_number(seg->id), 1);
}

static void add_segment(void *arg, const ByoSegmentRow *seg)
{
    Steps *all = arg;
    const ByoSegment *s = &seg->s;
    int number = byo_id_number(seg->id);
    ByoPast last;
    bool past = last_try(byo_buf_str(&all->past), byo_id_time(byo_id_message(seg->id)), number, &last);
    if (s->tries > 1 && s->handed && !(past && last.handed == s->handed))
        set_why(add(all, s->handed, "retried", number, s->tries), past ? last.cause : BYO_STR_NONE,
                past ? last.carrier_code : BYO_STR_NONE, BYO_STR_NONE);
    if (s->accepted_at && !(past && last.accepted == s->accepted_at))
        add_accepted(all, s->accepted_at, number, s->tries);
    if (s->state == BYO_SEG_QUEUED && s->tries > 0)
        add_verdict(all, s->due, "next-try", seg);
    if (s->ended)
        add_end(all, seg);
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
    byo_store_steps(reader, m->id, &all.past);
    byo_store_segments(reader, m->id, add_first, &all);
    add_past(&all, m, false);
    byo_store_segments(reader, m->id, add_segment, &all);
    add_past(&all, m, true);
    qsort(all.steps, all.n, sizeof *all.steps, by_time);
    for (size_t i = 0; i < all.n; i++)
        byo_json_add(list, all.steps[i].json);
    free(all.steps);
    byo_buf_free(&all.past);
    return list;
}
