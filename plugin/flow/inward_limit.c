/* SPDX-License-Identifier: BSD-3-Clause
 * What waits for smsboxes that do not come: how much of it, and for how long.
 * Decides: which rows are too old, when MOs are not acked any more.
 * MOs beyond the last limit are not refused (bearerbox would drop them) and not acked: they stay in its window, and
 * are taken in when there is room, or come again when byobox or the link is started anew.
 * Ownership and threads: flow_private.h. */
#include "flow/inward_private.h"

#include <stdlib.h>

#define LOOK_EVERY BYO_MINUTE
#define LOOK_ON 50 /* ms until the next batch, so that traffic goes first */
enum { BATCH = 200 };

bool byo_flow_inward_total_room(ByoTurn *t)
{
    return byo_store_inward_count(t->store) < BYO_INWARD_MAX;
}

bool byo_flow_inward_new_box_room(ByoTurn *t)
{
    return byo_store_inward_destinations(t->store) < BYO_MO_DESTINATIONS_MAX;
}

/* -- MOs held back ---------------------------------------------------------------------------------*/

static ByoInput *copy_of(const ByoInput *in, const ByoSmsCodec *codec)
{
    ByoInput *out = byo_input_create(in->kind, in->frame.n);
    ByoStr frame = out->frame;
    *out = *in;
    out->next = NULL;
    out->box = byo_strdup(in->box);
    out->frame = frame;
    memcpy((char *)frame.p, in->frame.p, in->frame.n);
    codec->unpack(frame, &out->sms);
    return out;
}

static void let_last_go(void *flow, const void *args)
{
    (void)args;
    ByoFlow *f = flow;
    byo_input_free(f->inward->held[--f->inward->n_held].in);
}

void byo_flow_hold_mo(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    byo_flow_tell(f, t, BYO_EVENT_QUEUE_LIMIT, BYO_STR("smsbox"), BYO_STR_NONE,
                  "too many reports and MOs wait for smsboxes (%lld of %d, for %lld of %d smsbox-ids): MOs "
                  "are not taken from bearerbox until they are fewer; which smsbox-id do they wait for "
                  "(byoctl status)?",
                  (long long)byo_store_inward_count(t->store), BYO_INWARD_MAX,
                  (long long)byo_store_inward_destinations(t->store), BYO_MO_DESTINATIONS_MAX);
    if (f->inward->n_held == BYO_HELD_MAX)
        return; /* bearerbox gives it again when it connects anew */
    if (!f->inward->held)
        f->inward->held = byo_alloc(BYO_HELD_MAX * sizeof *f->inward->held);
    f->inward->held[f->inward->n_held++] = (ByoHeldMo){.in = copy_of(in, f->opt.codec)};
    byo_undo_add(&t->undo, let_last_go, f, "", 0); /* it is given again */
}

/* Those that were taken in go. */
static void settle(void *flow, const void *args)
{
    (void)args;
    ByoFlow *f = flow;
    size_t kept = 0;
    for (size_t i = 0; i < f->inward->n_held; i++)
        if (f->inward->held[i].taken)
            byo_input_free(f->inward->held[i].in);
        else
            f->inward->held[kept++] = f->inward->held[i];
    f->inward->n_held = kept;
}

void byo_flow_run_held(ByoFlow *f, ByoTurn *t)
{
    size_t n = f->inward->n_held;
    bool any = false;
    for (size_t i = 0; i < n && byo_flow_inward_total_room(t); i++) {
        if (!byo_flow_mo_room(f, t, f->inward->held[i].in))
            continue;
        if (!any)
            byo_undo_then(&t->undo, settle, f, "", 0);
        any = true;
        byo_undo_save(&t->undo, &f->inward->held[i].taken, sizeof f->inward->held[i].taken);
        f->inward->held[i].taken = true;
        byo_flow_mo(f, t, f->inward->held[i].in);
    }
}

/* -- what waits too long ---------------------------------------------------------------------------*/

typedef struct {
    ByoFlow *f;
    bool mo; /* MOs are looked for, else reports */
    ByoId limit, last;
    int seen;
    ByoId ids[BATCH];
    size_t n;
} Ageing;

static void age(void *arg, const ByoInwardRow *row)
{
    Ageing *a = arg;
    ByoSms sms;
    if (row->id >= a->limit)
        return;
    a->seen++;
    a->last = row->id;
    if (byo_flow_in_flight(a->f, row->id) || !a->f->opt.codec->unpack(row->frame, &sms) ||
        (sms.sms_type == BYO_MO) != a->mo)
        return;
    a->ids[a->n++] = row->id;
}

/* One batch of one kind of one destination. True: there may be more. */
static bool run_age(ByoFlow *f, ByoTurn *t, ByoDestination *d, bool mo, ByoTime kept)
{
    ByoId *from = mo ? &d->at.aged_mo : &d->at.aged;
    ByoStr box = byo_str(d->box);
    Ageing a = {.f = f, .mo = mo};
    a.limit =
        kept ? byo_store_inward_before(t->store, d->named, box, t->now - kept - f->inward->look_older) : 0;
    if (!a.limit || *from >= a.limit)
        return false;
    byo_store_inward_old(t->store, d->named, box, *from, BATCH, age, &a);
    for (size_t i = 0; i < a.n; i++)
        byo_store_inward_remove(t->store, a.ids[i]);
    if (a.n)
        byo_flow_tell(f, t, BYO_EVENT_INWARD_EXPIRED, d->named ? box : BYO_STR("smsbox"),
                      mo ? BYO_STR("message") : BYO_STR("report"),
                      "%zu %s for %s%s waited longer than %s and were removed", a.n,
                      mo ? "messages" : "reports",
                      d->named ? "the smsbox with smsbox-id " : "the anonymous smsboxes", d->box,
                      mo ? "inward-expiry-mo" : "inward-expiry");
    byo_flow_place(t, d);
    *from = a.seen ? a.last : a.limit - 1;
    return a.seen == BATCH;
}

ByoTime byo_flow_run_inward_age(ByoFlow *f, ByoTurn *t)
{
    if (f->now_is.aged_at > t->now && f->now_is.aged_at <= t->now + LOOK_EVERY)
        return f->now_is.aged_at;
    bool more = false;
    for (ByoDestination *d = f->inward->destinations; d; d = d->next) {
        if (!d->at.backlog)
            continue;
        more |= run_age(f, t, d, false, f->cfg.inward_expiry);
        more |= run_age(f, t, d, true, f->cfg.inward_expiry_mo);
        if (byo_store_inward_waiting(t->store, d->named, byo_str(d->box)) == 0)
            byo_flow_place(t, d)->at.backlog = false;
    }
    byo_flow_ledger(f, t)->aged_at = t->now + (more ? LOOK_ON : LOOK_EVERY);
    return f->now_is.aged_at;
}
