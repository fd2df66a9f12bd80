/* SPDX-License-Identifier: BSD-3-Clause
 * What bearerbox may have done twice, or not at all, with segments it was handed.
 * Decides: which of them are marked as possible duplicates, and how long their answer is waited for.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

/* A bearerbox that keeps nothing on disk forgot what it held; what it had already sent is reported
 * within moments of our being back. One with a store submits it itself, and waits for its answer. */
#define FORGOT_GRACE (10 * BYO_SECOND)

static void doubt(ByoFlow *f, ByoRuntime *rt, ByoTime before, const char *why)
{
    int64_t n = byo_store_handed_doubt(f->store, byo_str(rt->id), before);
    if (n == 0)
        return;
    rt->count.duplicates += n;
    byo_flow_tell(f, BYO_EVENT_DUPLICATE, byo_str(rt->id), BYO_STR_NONE,
                  "%lld segments without an answer: %s", (long long)n, why);
}

void byo_flow_bearerbox_restarted(ByoFlow *f, ByoTime started, ByoTime now)
{
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        ByoTime grace = f->cfg.host_has_store ? rt->policy.answer_timeout : FORGOT_GRACE;
        int64_t n = byo_store_handed_due_by(f->store, byo_str(rt->id), started, now + grace);
        if (n)
            byo_log_info("integration %s: %lld segments were with bearerbox; those it does not answer for "
                         "are handed over again",
                         rt->id, (long long)n);
        if (f->cfg.host_has_store)
            doubt(f, rt, started, "bearerbox was started anew and submits what lies in its store once more");
    }
}

void byo_flow_bind_lost(ByoFlow *f, ByoStr integration, ByoTime at)
{
    ByoRuntime *rt = byo_flow_runtime(f, integration);
    /* With submit-status bearerbox gives them back instead (NACK/connection lost). */
    if (rt && !(f->cfg.features & BYO_FEATURE_SUBMIT_STATUS))
        doubt(f, rt, at, "a bind was lost and bearerbox submits what the carrier had not answered once more");
}
