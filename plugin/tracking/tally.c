/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: what the steps of its segments make of a message, and which reports it owes (spec D2).
 * Ownership: nothing is allocated.
 * Threads: values, no shared state. */
#include "base/sms.h"
#include "tracking/segment.h"

enum { FINAL_REPORTS = BYO_DLR_SUCCESS | BYO_DLR_FAIL | BYO_DLR_SMSC_FAIL };

static int final_report(const ByoTally *t, const ByoStep *step)
{
    if (t->failed > 0)
        return step->at_submit ? BYO_DLR_SMSC_FAIL : BYO_DLR_FAIL;
    return t->delivered == t->segments ? BYO_DLR_SUCCESS : 0;
}

void byo_tally_step(ByoTally *t, const ByoStep *step, ByoSegState state_now, ByoTallyStep *out)
{
    bool failed_before = t->failed > 0;

    *out = (ByoTallyStep){0};
    if (step->accepted)
        t->accepted++;
    if (step->final && state_now == BYO_SEG_DELIVERED)
        t->delivered++;
    else if (step->final)
        t->failed++;

    /* Nothing follows the final report: what comes later is in the segments for who asks. */
    if (!(t->reported & FINAL_REPORTS)) {
        if (t->accepted == t->segments)
            out->report |= BYO_DLR_SMSC_SUCCESS & ~t->reported;
        if (step->interim)
            out->report |= BYO_DLR_BUFFERED & ~t->reported;
        out->report |= final_report(t, step);
        t->reported |= out->report;
    }
    out->cancel_queued = t->failed > 0 && (!failed_before || step->retry || step->requeued);
    t->ended = t->delivered + t->failed == t->segments;
}

int byo_report_filter(int bits, int dlr_mask)
{
    int wanted = dlr_mask > 0 ? dlr_mask & BYO_DLR_ALL : 0;

    if (wanted & BYO_DLR_FAIL)
        wanted |= BYO_DLR_SMSC_FAIL;
    return bits & wanted;
}
