/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: what an event makes of a segment, and when it is tried again.
 * Ownership: nothing is allocated; verdict texts belong to the map that gave them, or are constant.
 * Threads: values, no shared state. */
#include "tracking/segment.h"

/* What the box itself says of a segment nobody answered for (spec D8). */
static const ByoVerdict no_receipt = {BYO_CODE_UNKNOWN_FAILURE, "NETWORK_TIMEOUT",
                                      "No delivery receipt came in time", true};
static const ByoVerdict no_answer = {BYO_CODE_RETRYABLE, "OTHER_TEMPORARY_FAILURE",
                                     "No answer to the submit came in time", true};

/* The event is about the hand-over we know last, or about none in particular. */
static bool is_newest(const ByoSegment *s, const ByoEvent *e)
{
    return e->try == 0 || e->try >= s->tries;
}

/* The event is about a hand-over that was taken back into the queue uncounted. */
static bool is_uncounted(const ByoSegment *s, const ByoEvent *e)
{
    return s->state == BYO_SEG_QUEUED && s->handed != 0 && e->try == s->tries + 1;
}

/* A hand-over was given up without an answer: an answer that comes late is still worth something. */
static bool answer_missing(const ByoSegment *s)
{
    return s->maybe_duplicate && !s->accepted;
}

static bool is_interim_code(ByoCode code)
{
    return code == BYO_CODE_DEFERRED || code == BYO_CODE_ENROUTE || code == BYO_CODE_ACCEPTED;
}

static bool means_slow_down(const ByoVerdict *v)
{
    return v->cause && (strcmp(v->cause, "THROTTLED") == 0 || strcmp(v->cause, "CARRIER_CONGESTED") == 0);
}

/* The hand-over did reach the carrier, so it counts after all. Without a counted one it can only be this. */
static void count_try(ByoSegment *s, const ByoEvent *e)
{
    if (!is_uncounted(s, e) && (s->tries > 0 || s->handed == 0))
        return;
    s->tries++;
    if (s->first_handed == 0)
        s->first_handed = s->handed;
}

static void end(ByoSegment *s, ByoSegState state, const ByoVerdict *verdict, ByoTime now, ByoStep *step)
{
    s->state = state;
    s->due = 0;
    s->ended = now;
    step->changed = true;
    step->final = true;
    step->at_submit = state != BYO_SEG_DELIVERED && !s->accepted;
    step->verdict = *verdict;
}

static void queue(ByoSegment *s, ByoTime due, ByoStep *step)
{
    s->state = BYO_SEG_QUEUED;
    s->due = due;
    step->changed = true;
}

static void mark_duplicate(ByoSegment *s, ByoStep *step)
{
    s->maybe_duplicate = true;
    step->duplicate = true;
}

static void mark_accepted(ByoSegment *s, ByoStep *step)
{
    step->accepted = !s->accepted;
    s->accepted = true;
}

static void accept(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    count_try(s, e);
    mark_accepted(s, step);
    s->state = BYO_SEG_ACCEPTED;
    s->due = now + p->receipt_timeout;
    step->changed = true;
    step->verdict = e->verdict;
}

static void retry_or_fail(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    ByoTime at;

    if (e->verdict.code == BYO_CODE_RETRYABLE && e->retry_allowed &&
        byo_retry_next(p, s->tries, s->first_handed, e->jitter, now, &at)) {
        queue(s, at, step);
        step->retry = true;
        step->verdict = e->verdict;
        if (e->retries_exceeded && now - s->handed >= p->wait_ack)
            mark_duplicate(s, step);
    } else {
        end(s, BYO_SEG_FAILED, &e->verdict, now, step);
    }
    step->throttled = means_slow_down(&e->verdict);
}

static void on_handed(ByoSegment *s, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    if (s->state != BYO_SEG_QUEUED)
        return;
    s->state = BYO_SEG_HANDED;
    s->tries++;
    s->handed = now;
    if (s->first_handed == 0)
        s->first_handed = now;
    s->due = now + p->answer_timeout;
    step->changed = true;
}

/* Back into the queue as if it had not been handed over: no verdict, no try, no clock of retries. */
static void on_untaken(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    if (s->state != BYO_SEG_HANDED || !is_newest(s, e))
        return;
    s->tries--;
    if (s->tries == 0)
        s->first_handed = 0;
    queue(s, now + p->refused_delay, step);
    step->requeued = true;
    if (e->kind == BYO_EV_NO_SMSC)
        mark_duplicate(s, step);
}

/* "Taken" by an older try counts as well while an answer is missing: not to send once more what the
 * carrier has is worth more than to know which of the two it was. */
static void on_submitted(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    if (answer_missing(s) || is_uncounted(s, e) || (s->state == BYO_SEG_HANDED && is_newest(s, e)))
        accept(s, e, p, now, step);
    if (step->changed)
        s->accepted_at = now;
}

static void on_refused(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    if (!is_uncounted(s, e) && !(s->state == BYO_SEG_HANDED && is_newest(s, e)))
        return;
    count_try(s, e);
    if (e->verdict.code == BYO_CODE_SUCCESS) {
        mark_accepted(s, step);
        end(s, BYO_SEG_DELIVERED, &e->verdict, now, step);
    } else if (is_interim_code(e->verdict.code)) {
        accept(s, e, p, now, step);
        s->accepted_at = now;
    } else {
        retry_or_fail(s, e, p, now, step);
    }
}

static void on_interim(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    bool counts = false;

    if (s->state == BYO_SEG_QUEUED)
        counts = answer_missing(s) || is_uncounted(s, e);
    else if (s->state == BYO_SEG_HANDED)
        counts = answer_missing(s) || is_newest(s, e);
    else if (s->state == BYO_SEG_ACCEPTED)
        counts = !s->interim && (s->maybe_duplicate || is_newest(s, e));
    if (!counts)
        return;
    if (s->state != BYO_SEG_ACCEPTED)
        accept(s, e, p, now, step);
    step->interim = !s->interim;
    s->interim = true;
    step->changed = true;
    step->verdict = e->verdict;
}

/* A delivery counts whatever try it belongs to, also while the next one waits: it is not sent again.
 * A failure counts for the try it belongs to, while that one is out and no other copy of it is. */
static void on_receipt(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    if (e->verdict.code == BYO_CODE_SUCCESS) {
        count_try(s, e);
        mark_accepted(s, step);
        end(s, BYO_SEG_DELIVERED, &e->verdict, now, step);
    } else if (is_interim_code(e->verdict.code)) {
        on_interim(s, e, p, now, step);
    } else if (s->state != BYO_SEG_QUEUED && is_newest(s, e) && !e->others_open) {
        mark_accepted(s, step);
        retry_or_fail(s, e, p, now, step);
    }
}

static void on_due(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    if (s->due == 0 || now < s->due)
        return;
    if (s->state == BYO_SEG_ACCEPTED) {
        end(s, BYO_SEG_FAILED, &no_receipt, now, step);
    } else if (s->state == BYO_SEG_HANDED) {
        /* It was waited for long enough: no back-off on top. */
        if (s->tries < p->tries && now <= s->first_handed + p->retry_for &&
            (e->expires == 0 || now <= e->expires)) {
            queue(s, now, step);
            step->requeued = true;
            mark_duplicate(s, step);
        } else {
            end(s, BYO_SEG_FAILED, &no_answer, now, step);
        }
    }
}

/* A time-out, not a refusal: the application must not take it for "not sent". */
static void on_abandoned(ByoSegment *s, const ByoEvent *e, ByoTime now, ByoStep *step)
{
    if (s->state != BYO_SEG_HANDED && !(s->state == BYO_SEG_QUEUED && s->maybe_duplicate))
        return;
    if (!s->maybe_duplicate)
        mark_duplicate(s, step);
    end(s, BYO_SEG_FAILED, &e->verdict, now, step);
    step->at_submit = false;
}

void byo_segment_step(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step)
{
    *step = (ByoStep){0};
    if (byo_seg_final(s->state))
        return;
    switch (e->kind) {
    case BYO_EV_HANDED:
        on_handed(s, p, now, step);
        break;
    case BYO_EV_NOT_TAKEN:
    case BYO_EV_NO_SMSC:
        on_untaken(s, e, p, now, step);
        break;
    case BYO_EV_SUBMITTED:
        on_submitted(s, e, p, now, step);
        break;
    case BYO_EV_REFUSED:
        on_refused(s, e, p, now, step);
        break;
    case BYO_EV_INTERIM:
        on_interim(s, e, p, now, step);
        break;
    case BYO_EV_RECEIPT:
        on_receipt(s, e, p, now, step);
        break;
    case BYO_EV_DUE:
        on_due(s, e, p, now, step);
        break;
    case BYO_EV_STOPPED:
        if (s->state == BYO_SEG_QUEUED)
            end(s, BYO_SEG_FAILED, &e->verdict, now, step);
        break;
    case BYO_EV_CANCEL:
        if (s->state == BYO_SEG_QUEUED)
            end(s, BYO_SEG_CANCELLED, &e->verdict, now, step);
        break;
    case BYO_EV_ABANDONED:
        on_abandoned(s, e, now, step);
        break;
    }
}

bool byo_retry_next(const ByoPolicy *p, int tries, ByoTime first_handed, unsigned jitter, ByoTime now,
                    ByoTime *at_r)
{
    ByoTime delay = p->delay;
    ByoTime at;

    if (tries >= p->tries)
        return false;
    for (int i = 1; i < tries && delay > 0 && delay < p->max_delay; i++)
        delay *= 2;
    if (delay > p->max_delay)
        delay = p->max_delay;
    if (jitter > 999)
        jitter = 999;
    at = now + delay * (800000 + 400 * (ByoTime)jitter) / 1000000;
    if (first_handed != 0 && at > first_handed + p->retry_for)
        return false;
    *at_r = at;
    return true;
}
