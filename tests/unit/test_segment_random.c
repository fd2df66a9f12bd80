/* SPDX-License-Identifier: BSD-3-Clause
 * Holds what no order of events may break, every segment ends in exactly one final state, each report
 * comes once (promise 5; spec D2, D12): seeded random lives of whole messages, their events late, early, twice,
 * of wrong tries and out of order.
 * BYO_SEED=n replays one life, BYO_LIVES=n runs that many. Ownership: values. Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sms.h"
#include "tracking/segment.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define T0 ((ByoTime)1795363200000)
#define SEGMENTS_MAX 5
#define FINAL_REPORTS (BYO_DLR_SUCCESS | BYO_DLR_FAIL | BYO_DLR_SMSC_FAIL)

typedef struct {
    uint64_t seed, random;
    ByoPolicy policy;
    ByoTime now, expires;
    ByoTally tally;
    ByoSegment segments[SEGMENTS_MAX];
    int finals[SEGMENTS_MAX], acceptances[SEGMENTS_MAX], interims[SEGMENTS_MAX];
    int reports; /* bits that went out */
} Life;

static uint64_t draw(Life *l, uint64_t below)
{
    uint64_t z = (l->random += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

/* check's own assertions cost a system call each. */
#define HOLDS(l, i, what) \
    do { \
        if (!(what)) \
            ck_abort_msg("BYO_SEED=%llu segment %d: " #what, (unsigned long long)(l)->seed, i); \
    } while (0)

static void check_segment(const Life *l, int i, const ByoSegment *s)
{
    HOLDS(l, i, s->state >= BYO_SEG_QUEUED && s->state <= BYO_SEG_CANCELLED);
    HOLDS(l, i, s->tries >= 0 && s->tries <= l->policy.tries);
    HOLDS(l, i, byo_seg_final(s->state) == (s->ended != 0));
    HOLDS(l, i, !byo_seg_final(s->state) || s->due == 0);
    HOLDS(l, i,
          s->state != BYO_SEG_HANDED || (s->due == s->handed + l->policy.answer_timeout && s->tries > 0));
    HOLDS(l, i, s->state != BYO_SEG_ACCEPTED || (s->due > 0 && s->accepted));
    HOLDS(l, i, s->state != BYO_SEG_DELIVERED || s->accepted);
    HOLDS(l, i, s->state != BYO_SEG_QUEUED || s->tries < l->policy.tries);
    HOLDS(l, i, !s->interim || s->accepted);
    HOLDS(l, i, (s->first_handed == 0) == (s->tries == 0));
    HOLDS(l, i, l->finals[i] == (byo_seg_final(s->state) ? 1 : 0));
    HOLDS(l, i, l->acceptances[i] == (s->accepted ? 1 : 0));
    HOLDS(l, i, l->interims[i] == (s->interim ? 1 : 0));
}

static void check_step(const Life *l, int i, const ByoSegment *before, const ByoEvent *e, const ByoStep *st)
{
    const ByoSegment *s = &l->segments[i];
    bool anything = st->accepted || st->interim || st->retry || st->requeued || st->final || st->at_submit ||
                    st->throttled || st->duplicate || st->verdict.cause;

    HOLDS(l, i, st->changed || (!anything && memcmp(before, s, sizeof(*s)) == 0));
    HOLDS(l, i, !byo_seg_final(before->state) || !st->changed);
    HOLDS(l, i, !(st->retry && st->requeued) && !(st->final && (st->retry || st->requeued)));
    HOLDS(l, i, (st->retry || st->requeued) == (st->changed && s->state == BYO_SEG_QUEUED));
    HOLDS(l, i, !st->retry || (st->verdict.code == BYO_CODE_RETRYABLE && s->due >= l->now));
    HOLDS(l, i, !st->duplicate || (s->maybe_duplicate && s->state == BYO_SEG_QUEUED));
    HOLDS(l, i, !st->at_submit || (st->final && !s->accepted));
    HOLDS(l, i, !st->final || s->ended == l->now);
    /* A delivery ends any life that is not over; nothing but a delivery makes it delivered. */
    if (e->kind == BYO_EV_RECEIPT && e->verdict.code == BYO_CODE_SUCCESS)
        HOLDS(l, i, byo_seg_final(before->state) || s->state == BYO_SEG_DELIVERED);
    else if (st->final && e->verdict.code != BYO_CODE_SUCCESS)
        HOLDS(l, i, s->state != BYO_SEG_DELIVERED);
    /* (spec D4) Code 2 ends it only when it may not be tried again, codes 3, 7 and 10 are never tried again. */
    if (st->final && e->verdict.cause && e->verdict.code == BYO_CODE_RETRYABLE && e->retry_allowed &&
        (e->kind == BYO_EV_REFUSED || e->kind == BYO_EV_RECEIPT)) {
        ByoTime at;

        HOLDS(l, i, !byo_retry_next(&l->policy, s->tries, s->first_handed, e->jitter, l->now, &at));
    }
    if (st->retry)
        HOLDS(l, i, s->due <= s->first_handed + l->policy.retry_for);
}

static void happen(Life *l, int i, const ByoEvent *e);

static void check_reports(Life *l, int i, const ByoTallyStep *out)
{
    const ByoTally *t = &l->tally;
    int delivered = 0, failed = 0, accepted = 0;

    HOLDS(l, i, !(out->report & l->reports));
    HOLDS(l, i, !out->report || !(l->reports & FINAL_REPORTS));
    l->reports |= out->report;
    HOLDS(l, i, l->reports == t->reported && !(l->reports & ~BYO_DLR_ALL));
    HOLDS(l, i, __builtin_popcount((unsigned)(l->reports & FINAL_REPORTS)) <= 1);
    HOLDS(l, i, !(l->reports & BYO_DLR_SUCCESS) || (l->reports & BYO_DLR_SMSC_SUCCESS));
    HOLDS(l, i, !(l->reports & BYO_DLR_SMSC_SUCCESS) || !(l->reports & BYO_DLR_SMSC_FAIL));
    for (int j = 0; j < t->segments; j++) {
        delivered += l->segments[j].state == BYO_SEG_DELIVERED;
        failed += l->segments[j].state == BYO_SEG_FAILED || l->segments[j].state == BYO_SEG_CANCELLED;
        accepted += l->segments[j].accepted;
    }
    HOLDS(l, i, t->delivered == delivered && t->failed == failed && t->accepted == accepted);
    HOLDS(l, i, t->ended == (delivered + failed == t->segments));
    HOLDS(l, i, ((l->reports & BYO_DLR_SUCCESS) != 0) == (delivered == t->segments));
    HOLDS(l, i, ((l->reports & (BYO_DLR_FAIL | BYO_DLR_SMSC_FAIL)) != 0) == (failed > 0));
    if (!out->cancel_queued)
        return;
    for (int j = 0; j < t->segments; j++) {
        ByoEvent cancel = {.kind = BYO_EV_CANCEL, .verdict = {.code = BYO_CODE_PERMANENT, .cause = "C"}};

        if (l->segments[j].state == BYO_SEG_QUEUED)
            happen(l, j, &cancel);
    }
}

static void happen(Life *l, int i, const ByoEvent *e)
{
    ByoSegment *s = &l->segments[i];
    ByoSegment before;
    ByoTallyStep out;
    ByoStep step;

    memcpy(&before, s, sizeof(before)); /* its padding, too */
    memset(&step, 0x5a, sizeof(step));
    byo_segment_step(s, e, &l->policy, l->now, &step);
    l->finals[i] += step.final;
    l->acceptances[i] += step.accepted;
    l->interims[i] += step.interim;
    check_step(l, i, &before, e, &step);
    check_segment(l, i, s);
    if (!step.changed)
        return;
    byo_tally_step(&l->tally, &step, s->state, &out);
    check_reports(l, i, &out);
}

/* Mostly what makes sense in the segment's state, often what does not. */
static ByoEvent draw_event(Life *l, const ByoSegment *s)
{
    static const ByoEventKind usual[][4] = {
        {BYO_EV_HANDED, BYO_EV_HANDED, BYO_EV_HANDED, BYO_EV_RECEIPT},
        {BYO_EV_SUBMITTED, BYO_EV_REFUSED, BYO_EV_NO_SMSC, BYO_EV_DUE},
        {BYO_EV_RECEIPT, BYO_EV_INTERIM, BYO_EV_RECEIPT, BYO_EV_DUE},
    };
    static const char *const causes[] = {"THROTTLED", "CARRIER_CONGESTED", "DEFAULT"};
    ByoEvent e = {.kind = (ByoEventKind)draw(l, BYO_EV_CANCEL + 1), .expires = l->expires};

    if (!byo_seg_final(s->state) && draw(l, 3))
        e.kind = usual[s->state][draw(l, 4)];
    /* The ends that stop every life at once would hide the others. */
    if ((e.kind == BYO_EV_STOPPED || e.kind == BYO_EV_CANCEL) && draw(l, 4))
        e.kind = BYO_EV_HANDED;
    e.try = draw(l, 3) ? s->tries : (int)draw(l, (uint64_t)s->tries + 3);
    e.verdict.code = draw(l, 2) ? BYO_CODE_RETRYABLE : (ByoCode)draw(l, BYO_CODE_UNDELIVERABLE + 1);
    if (e.kind == BYO_EV_INTERIM)
        e.verdict.code = BYO_CODE_ENROUTE;
    e.verdict.cause = causes[draw(l, N(causes))];
    if (e.kind == BYO_EV_HANDED || e.kind == BYO_EV_DUE)
        e.verdict = (ByoVerdict){0};
    e.retry_allowed = draw(l, 4) != 0;
    e.retries_exceeded = draw(l, 4) == 0;
    e.jitter = (unsigned)draw(l, 1200);
    return e;
}

static void begin(Life *l, uint64_t seed)
{
    *l = (Life){.seed = seed, .random = seed, .now = T0};
    l->policy = (ByoPolicy){.tries = 1 + (int)draw(l, 6),
                            .delay = (ByoTime)draw(l, 40) * BYO_SECOND,
                            .max_delay = (ByoTime)draw(l, 100) * BYO_SECOND,
                            .retry_for = (ByoTime)draw(l, 100) * BYO_MINUTE,
                            .receipt_timeout = (ByoTime)(1 + draw(l, 100)) * BYO_MINUTE,
                            .answer_timeout = (ByoTime)(1 + draw(l, 300)) * BYO_SECOND,
                            .wait_ack = (ByoTime)draw(l, 100) * BYO_SECOND,
                            .refused_delay = (ByoTime)draw(l, 10) * BYO_SECOND};
    l->tally.segments = 1 + (int)draw(l, SEGMENTS_MAX);
    l->expires = draw(l, 2) ? T0 + (ByoTime)draw(l, 7200) * BYO_SECOND : 0;
}

/* Nobody says anything any more: hand-overs and the timers alone must bring it to its end. */
static void run_out(Life *l)
{
    for (int rounds = 0; !l->tally.ended; rounds++) {
        HOLDS(l, -1, rounds <= l->policy.tries + 1);
        for (int i = 0; i < l->tally.segments; i++) {
            ByoSegment *s = &l->segments[i];
            ByoEvent handed = {.kind = BYO_EV_HANDED, .expires = l->expires};
            ByoEvent due = {.kind = BYO_EV_DUE, .expires = l->expires};

            if (s->due > l->now)
                l->now = s->due;
            if (s->state == BYO_SEG_QUEUED)
                happen(l, i, &handed);
            if (s->due > l->now)
                l->now = s->due;
            happen(l, i, &due);
        }
    }
}

static void live(uint64_t seed, int ways[BYO_SEG_CANCELLED + 1])
{
    Life l;
    int events;

    begin(&l, seed);
    events = (int)draw(&l, 150);
    while (events-- > 0) {
        int i = (int)draw(&l, (uint64_t)l.tally.segments);
        ByoEvent e = draw_event(&l, &l.segments[i]);

        /* Time stands still, creeps, or jumps to where something is due. */
        if (draw(&l, 3) == 0)
            l.now += (ByoTime)draw(&l, 20000);
        if (e.kind == BYO_EV_DUE && l.segments[i].due > l.now && draw(&l, 2))
            l.now = l.segments[i].due;
        happen(&l, i, &e);
        if (draw(&l, 8) == 0)
            happen(&l, i, &e); /* twice */
    }
    run_out(&l);
    for (int i = 0; i < l.tally.segments; i++) {
        HOLDS(&l, i, l.finals[i] == 1);
        ways[l.segments[i].state]++;
    }
}

/* (promise 5; spec D2, D4) */
START_TEST(every_segment_ends_once)
{
    const char *seed = getenv("BYO_SEED");
    const char *lives = getenv("BYO_LIVES");
    uint64_t n = lives ? strtoull(lives, NULL, 10) : 30000;
    int ways[BYO_SEG_CANCELLED + 1] = {0};

    if (seed) {
        live(strtoull(seed, NULL, 10), ways);
        return;
    }
    for (uint64_t i = 1; i <= n; i++)
        live(i, ways);
    /* The lives were not all alike. */
    ck_assert_int_gt(ways[BYO_SEG_DELIVERED], (int)(n / 10));
    ck_assert_int_gt(ways[BYO_SEG_FAILED], (int)(n / 10));
    ck_assert_int_gt(ways[BYO_SEG_CANCELLED], (int)(n / 100));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("segment-random");
    TCase *tc = tcase_create("segment-random");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, every_segment_ends_once);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
