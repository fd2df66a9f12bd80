/* SPDX-License-Identifier: BSD-3-Clause
 * What bearerbox may have done twice, or not at all, with segments it was handed.
 * Decides: which of them are marked as possible duplicates, and how long their answer is waited for.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <stdlib.h>

#include "base/hash.h"

/* A bearerbox that keeps nothing on disk forgot what it held; what it had already sent is reported
 * within moments of our being back. One with a store submits it itself, and waits for its answer. */
#define FORGOT_GRACE (10 * BYO_SECOND)

/* The answers of the last seconds: when a loss is seen, the second submit of what it hit may be answered already. */
enum { ANSWERS = 32768 };

struct ByoAnswers {
    struct {
        ByoId segment;
        uint64_t integration; /* the hash of its id */
        ByoTime handed, answered;
    } of[ANSWERS];
    uint64_t n; /* ever noted; the last ANSWERS of them are kept */
};

static void take_back(void *answers, const void *args)
{
    ByoAnswers *a = answers;
    memcpy(&a->of[--a->n % ANSWERS], args, sizeof *a->of);
}

void byo_flow_answered(ByoFlow *f, ByoTurn *t, ByoStr integration, const ByoSegmentRow *seg)
{
    if (!f->answers)
        f->answers = byo_zalloc(sizeof *f->answers);
    size_t at = f->answers->n++ % ANSWERS;
    byo_undo_add(&t->undo, take_back, f->answers, &f->answers->of[at], sizeof *f->answers->of);
    f->answers->of[at].segment = seg->id;
    f->answers->of[at].integration = byo_hash(integration, 0);
    f->answers->of[at].handed = seg->s.handed;
    f->answers->of[at].answered = t->now;
}

/* Those of this byobox were marked when that was seen. Others' were not: while this one was away they were taken over. */
void byo_flow_answers_late(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, ByoSegmentRow *seg)
{
    if (!rt || seg->s.maybe_duplicate || seg->s.handed <= 0 || seg->s.handed >= f->now_is.reborn)
        return;
    seg->s.maybe_duplicate = true;
    byo_flow_change(t, rt)->count.total.duplicates++;
    byo_flow_tell(f, t, BYO_EVENT_DUPLICATE, byo_str(rt->id), BYO_STR_NONE,
                  "a segment another byobox has was answered by a bearerbox that was started anew since it "
                  "was handed it");
}

void byo_flow_answers_jumped(ByoFlow *f, ByoTime by)
{
    f->now_is.reborn = byo_time_jumped(f->now_is.reborn, by);
    ByoAnswers *a = f->answers;
    for (uint64_t i = 0; a && i < ANSWERS && i < a->n; i++) {
        a->of[i].handed = byo_time_jumped(a->of[i].handed, by);
        a->of[i].answered = byo_time_jumped(a->of[i].answered, by);
    }
}

void byo_flow_answers_free(ByoFlow *f)
{
    free(f->answers);
    f->answers = NULL;
}

/* False: it is marked already, or gone. */
static bool mark(ByoTurn *t, ByoId segment)
{
    ByoSegmentRow seg;
    if (byo_store_segment(t->store, segment, &seg) != BYO_STORE_OK || seg.s.maybe_duplicate)
        return false;
    seg.s.maybe_duplicate = true;
    byo_store_segment_update(t->store, &seg);
    return true;
}

/* Marks what was answered after `from` and had been handed over before `before`. */
static int64_t doubt_answered(ByoFlow *f, ByoTurn *t, const ByoRuntime *rt, ByoTime from, ByoTime before)
{
    ByoAnswers *a = f->answers;
    uint64_t integration = byo_hash(byo_str(rt->id), 0);
    int64_t n = 0;
    for (uint64_t i = 0; a && i < ANSWERS && i < a->n; i++) {
        size_t at = (a->n - 1 - i) % ANSWERS;
        if (a->of[at].answered < from)
            break;
        if (a->of[at].handed < before && a->of[at].integration == integration)
            n += mark(t, a->of[at].segment);
    }
    return n;
}

static void doubt(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, ByoTime from, ByoTime before, const char *why)
{
    int64_t handed = byo_store_handed_before(t->store, byo_str(rt->id), before, true);
    int64_t n = handed + doubt_answered(f, t, rt, from, before);
    if (handed)
        byo_store_handed_doubt(t->store, byo_str(rt->id), before);
    if (n == 0)
        return;
    byo_flow_change(t, rt)->count.total.duplicates += n;
    byo_flow_tell(f, t, BYO_EVENT_DUPLICATE, byo_str(rt->id), BYO_STR_NONE,
                  "%lld segments without an answer or just answered: %s", (long long)n, why);
}

void byo_flow_bearerbox_restarted(ByoFlow *f, ByoTurn *t, ByoTime after, ByoTime before)
{
    /* Without a store a start taken for too early is safe (a hand-over is waited for a little longer), with one a
     * start taken for too late (a mark too much). */
    ByoTime started = f->cfg.host_has_store ? before : after;
    if (f->cfg.host_has_store)
        byo_flow_ledger(f, t)->reborn = before;
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        ByoTime grace = f->cfg.host_has_store ? rt->policy.answer_timeout : FORGOT_GRACE;
        int64_t n = byo_store_handed_before(t->store, byo_str(rt->id), started, false);
        byo_store_handed_due_by(t->store, byo_str(rt->id), started, t->now + grace);
        if (n)
            byo_log_info("integration %s: %lld segments were with bearerbox; those it does not answer for "
                         "are handed over again",
                         rt->id, (long long)n);
        if (f->cfg.host_has_store)
            doubt(f, t, rt, after - BYO_SECOND, before,
                  "bearerbox was started anew and submits what lies in its store once more");
    }
}

void byo_flow_bind_lost(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoTime after, ByoTime before)
{
    ByoRuntime *rt = byo_flow_runtime(f, integration);
    /* With submit-status bearerbox gives them back instead (NACK/connection lost). */
    if (rt && !(f->cfg.features & BYO_FEATURE_SUBMIT_STATUS))
        doubt(f, t, rt, after, before,
              "a bind was lost and bearerbox submits what the carrier had not answered once more");
}
