/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers that left the inventory (spec N9): what waits of them ends, with SOURCE_ADDR_INVALID, also
 * when the number was imported again meanwhile, by whichever integration. And integrations that were deleted.
 * Decides: which message has no sender any more. The queue is gone through in pieces after a number left, and
 * again from its start when the process was stopped in between.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

enum { SWEEP_BATCH = 500 };
static const char sweep_setting[] = "sweep";

bool byo_flow_has_left(const ByoFlow *f, const ByoMessageRow *m)
{
    const ByoInventoryEntry *number = byo_inventory_find(f->inventory, m->number);
    return !number || m->id <= number->since;
}

void byo_flow_sweep_own(ByoFlow *f, ByoTurn *t)
{
    ByoFlowLedger *l = byo_flow_ledger(f, t);
    l->sweeping = true;
    l->swept = (ByoQueuePlace){0};
}

/* Another byobox that shares the store goes through its own queue; one that ends in between finds at each hand-over that
 * the number left. */
void byo_flow_sweep_begin(ByoFlow *f, ByoTurn *t)
{
    byo_store_setting_put(t->store, sweep_setting, BYO_STR("queue"));
    byo_flow_sweep_own(f, t);
}

void byo_flow_sweep_load(ByoFlow *f)
{
    ByoBuf value = {0};
    f->now_is.sweeping = byo_store_setting(f->store, sweep_setting, &value);
    byo_buf_free(&value);
}

ByoTime byo_flow_run_sweep(ByoFlow *f, ByoTurn *t)
{
    ByoId ids[SWEEP_BATCH];
    if (!f->now_is.sweeping)
        return 0;
    ByoFlowLedger *l = byo_flow_ledger(f, t);
    int n = byo_store_queue_walk(t->store, &l->swept, ids, SWEEP_BATCH);
    byo_flow_want_segments(t, ids, n);
    for (int i = 0; i < n && !byo_store_failed(t->store); i++) {
        ByoMessageRow m;
        if (byo_store_message(t->store, byo_id_message(ids[i]), &m) != BYO_STORE_OK ||
            !byo_flow_has_left(f, &m))
            continue;
        const ByoRuntime *rt = byo_flow_runtime(f, m.integration);
        if (!rt || !rt->gate.deleted) /* a deleted one's queue is dropped as such */
            byo_flow_stop(f, t, ids[i], BYO_OWN_BAD_SOURCE);
    }
    if (n == SWEEP_BATCH)
        return t->now;
    l->sweeping = false;
    byo_store_setting_put(t->store, sweep_setting, BYO_STR_NONE);
    return 0;
}

/* -- an integration that was deleted --------------------------------------------------------------------*/

static void abandon(ByoFlow *f, ByoTurn *t, ByoId segment)
{
    ByoHappening h = {
        .event = {.kind = BYO_EV_ABANDONED, .verdict = byo_verdict_own(BYO_OWN_UNKNOWN_DELETED)},
        .carrier_code = BYO_STR(""),
        .text = BYO_STR("")};
    byo_flow_happen(f, t, segment, &h);
}

bool byo_flow_drop_queue(ByoFlow *f, ByoTurn *t, ByoStr integration, int max)
{
    enum { BATCH = 256 };
    ByoId ids[BATCH]; /* Every queued segment, also one that is due much later. */
    int n = byo_store_queue_claim(t->store, integration, INT64_MAX, ids, max < BATCH ? max : BATCH);
    byo_flow_want_segments(t, ids, n);
    for (int i = 0; i < n; i++) {
        abandon(f, t, ids[i]); /* one that may be with the carrier already; the others are as they were */
        byo_flow_stop(f, t, ids[i], BYO_OWN_DELETED);
    }
    return n > 0;
}

bool byo_flow_drop_handed(ByoFlow *f, ByoTurn *t, ByoStr integration, int max)
{
    enum { BATCH = 256 };
    ByoId ids[BATCH];
    int n = byo_store_handed(t->store, integration, ids, max < BATCH ? max : BATCH);
    byo_flow_want_segments(t, ids, n);
    for (int i = 0; i < n; i++)
        abandon(f, t, ids[i]);
    return n > 0;
}
