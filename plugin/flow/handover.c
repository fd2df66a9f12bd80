/* SPDX-License-Identifier: BSD-3-Clause
 * Handing segments to bearerbox: what leaves, when, in which form.
 * Decides: windows (one second's worth of an integration waits in bearerbox) (spec P9), pace, fairness.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"
#include "flow/token.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Kannel's own number for "as often as you like": with it bearerbox submits once (host H9). */
enum { RESEND_TRY = 1000000 };
/* What a bearerbox that dies without a store forgets and is handed over again, at the highest rates too. */
enum { IN_BEARERBOX_MAX = 10000 };
enum { QUEUE_BATCH = 512 };

static int64_t handed_limit(const ByoRuntime *rt)
{
    int64_t second = (int64_t)ceil(rt->pace.configured);
    second = second < IN_BEARERBOX_MAX ? second : IN_BEARERBOX_MAX;
    return second + (int64_t)byo_integration_pending_submits(rt->cfg) * rt->cfg->binds;
}

int64_t byo_flow_unacked_room(const ByoFlow *f)
{
    return f->now_is.unacked_octets < BYO_UNACKED_OCTETS ? BYO_UNACKED_MAX - f->now_is.unacked : 0;
}

/* How many more the windows have room for. */
static int64_t room(const ByoFlow *f, const ByoRuntime *rt)
{
    int64_t unacked = byo_flow_unacked_room(f), handed = handed_limit(rt) - rt->handed;
    return unacked < handed ? unacked : handed;
}

/* Which one is acked tells nobody how long it was: each has an equal part of the octets. */
void byo_flow_unacked_less(ByoFlow *f, bool all)
{
    ByoFlowLedger *l = &f->now_is;
    if (l->unacked <= 0)
        return;
    l->unacked_octets = all ? 0 : l->unacked_octets - l->unacked_octets / (size_t)l->unacked;
    l->unacked = all ? 0 : l->unacked - 1;
}

bool byo_flow_may_hand_over(const ByoFlow *f, const ByoRuntime *rt)
{
    return f->own_up && !f->quiesced && rt->gate.open && room(f, rt) > 0;
}

static void put_key(ByoBuf *b, const char *key, int value)
{
    byo_buf_addf(b, "%s%s=%d&", b->n ? "" : "?smpp?", key, value);
}

/* bearerbox parses meta-data many times over, at the price of a quarter of what it can do: what the rendered
 * group says already (render.c: TON and NPI 0, no editing) is left out, and mostly nothing is left. */
static void put_meta(ByoBuf *b, const ByoMessageRow *m, const ByoMeta *app, const ByoAddressOut *a)
{
    if (a->source_ton)
        put_key(b, "source_addr_ton", a->source_ton);
    if (a->source_npi)
        put_key(b, "source_addr_npi", a->source_npi);
    if (a->destination_ton)
        put_key(b, "dest_addr_ton", a->destination_ton);
    if (a->destination_npi)
        put_key(b, "dest_addr_npi", a->destination_npi);
    if (m->data_coding != BYO_UNDEF)
        put_key(b, "data_coding", m->data_coding);
    if (!app)
        return;
    /* The application's own smpp keys go out on every segment (TLVs); what byobox sets is byobox's. */
    static const char *const ours[] = {"source_addr_ton", "source_addr_npi", "dest_addr_ton",
                                       "dest_addr_npi",   "data_coding",     "dlr_err"};
    ByoMeta extra = {0};
    for (size_t i = 0; i < app->n; i++) {
        const ByoMetaItem *item = &app->items[i];
        bool own = strcmp(item->group, "smpp") != 0;
        for (size_t k = 0; k < sizeof ours / sizeof *ours && !own; k++)
            own = strcmp(item->key, ours[k]) == 0;
        if (!own)
            byo_meta_set(&extra, "smpp", item->key, item->value);
    }
    ByoBuf text = {0};
    byo_meta_write(&extra, &text);
    size_t group = b->n ? strlen("?smpp?") : 0;
    if (text.n > group)
        byo_buf_add(b, text.p + group, text.n - group);
    byo_buf_free(&text);
    byo_meta_free(&extra);
}

static void put_segment(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, const ByoMessageRow *m, const ByoSms *mt,
                        const ByoMeta *app, const ByoSegmentRow *seg)
{
    const ByoInventoryEntry *number = byo_inventory_find(f->inventory, m->number); /* see byo_flow_has_left */
    char ours[BYO_ADDRESS_MAX + 1], recipient[BYO_ADDRESS_MAX];
    snprintf(ours, sizeof ours, "%s%s", number->short_code ? "" : "+", number->digits);
    snprintf(recipient, sizeof recipient, "%.*s", BYO_PF(m->recipient));
    ByoAddressOut a;
    byo_address_mt(&rt->cfg->address, ours, recipient, &a);

    ByoBuf *b = &f->scratch;
    byo_buf_clear(b);
    put_meta(b, m, app, &a);
    size_t meta_n = b->n;
    byo_token_put(b, seg->id, seg->s.tries);

    ByoSms out = *mt;
    out.sender = byo_str(a.source);
    out.receiver = byo_str(a.destination);
    out.udhdata = seg->udh.n ? seg->udh : BYO_STR_NONE;
    out.msgdata = seg->payload.p ? seg->payload : BYO_STR("");
    out.time = (int32_t)(t->now / BYO_SECOND);
    out.smsc_id = byo_str(rt->id);
    out.smsc_number = out.foreign_id = BYO_STR_NONE;
    byo_token_uuid(out.id, seg->id, seg->s.tries);
    out.sms_type = BYO_MT_PUSH;
    out.coding = m->coding;
    out.compress = BYO_UNDEF;
    out.dlr_mask = BYO_DLR_ALL;
    out.dlr_url = byo_strn(b->p + meta_n, b->n - meta_n);
    out.charset = BYO_STR_NONE;
    out.boxc_id = byo_str(f->cfg.box_id);
    int left = m->tally.segments - byo_id_number(seg->id);
    out.msg_left = left > 0 ? left : BYO_UNDEF;
    out.resend_try = RESEND_TRY;
    out.resend_time = BYO_UNDEF;
    out.meta_data = meta_n ? byo_strn(b->p, meta_n) : BYO_STR_NONE;

    ByoOutput *o = byo_outputs_add(&t->out, BYO_OUT_SEGMENT);
    memcpy(o->uuid, out.id, sizeof o->uuid);
    byo_output_begin(&t->out, o);
    f->opt.codec->pack(&out, &t->out.bytes);
    byo_output_end(&t->out, o);
}

static bool take_pace(ByoTurn *t, ByoRuntime *rt)
{
    ByoPace *p = &byo_flow_change(t, rt)->pace;
    byo_undo_save(&t->undo, &p->ring[p->at], sizeof *p->ring);
    return byo_pace_take(p, t->now);
}

void byo_flow_left(ByoFlow *f, ByoTime now)
{
    for (size_t i = 0; i < f->n_runtimes; i++)
        byo_pace_left(&f->runtimes[i].pace, now);
    byo_flow_round_left(f, now);
}

bool byo_flow_hand_over(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, const ByoMessageRow *m, const ByoSms *mt,
                        const ByoMeta *meta, ByoSegmentRow *seg)
{
    if (!byo_flow_may_hand_over(f, rt) || !take_pace(t, rt))
        return false;
    ByoEvent e = {.kind = BYO_EV_HANDED, .expires = m->expires};
    ByoStep step;
    byo_segment_step(&seg->s, &e, &rt->policy, t->now, &step);
    if (!step.changed) {
        byo_pace_give_back(&rt->pace);
        return false;
    }
    size_t before = t->out.bytes.n;
    put_segment(f, t, rt, m, mt, meta, seg);
    byo_flow_leaving(t, m);
    byo_flow_ledger(f, t)->unacked++;
    f->now_is.unacked_octets += t->out.bytes.n - before;
    rt->handed++;
    rt->count.total.segments_out++;
    return true;
}

typedef enum { LEFT, ENDED, NOT_NOW } Fate;

/* One queued segment's turn. */
static Fate let_go(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, ByoId id)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    Fate fate = ENDED;
    if (byo_flow_load(t, id, &seg, &m) != BYO_STORE_OK) {
        byo_flow_end_orphan(f, t, id);
        return ENDED;
    }
    if (seg.s.state != BYO_SEG_QUEUED) { /* ended together with one before it */
        return ENDED;
    }
    ByoTime wait;
    if (byo_flow_has_left(f, &m)) {
        byo_flow_stop(f, t, id, BYO_OWN_BAD_SOURCE);
    } else if (m.expires && m.expires <= t->now) {
        byo_flow_stop(f, t, id, BYO_OWN_EXPIRED);
    } else if (!m.keyword && byo_optouts_has(f->opt_outs, m.number, m.recipient)) {
        byo_flow_stop(f, t, id, BYO_OWN_OPTED_OUT);
    } else if ((wait = byo_flow_order_wait(f, t, &m, seg.s.due)) != 0) {
        /* The one in front comes first by (due, id); if it did not, it is not of this turn. */
        seg.s.due = wait > seg.s.due ? wait : t->now + BYO_SECOND;
        byo_store_segment_update(t->store, &seg);
        byo_flow_order_behind(f, t, &m, seg.s.due);
    } else {
        ByoSms mt;
        ByoMeta meta = {0};
        if (!f->opt.codec->unpack(m.frame, &mt))
            byo_sms_init(&mt);
        if (mt.meta_data.n)
            byo_meta_parse(mt.meta_data, &meta);
        fate = NOT_NOW;
        if (byo_flow_hand_over(f, t, rt, &m, &mt, &meta, &seg)) {
            byo_flow_copy_again(t, &seg);
            byo_flow_order_left(f, t, &m);
            byo_store_segment_update(t->store, &seg);
            byo_flow_change(t, rt)->queued--;
            if (seg.s.tries > 1)
                rt->count.total.retries++;
            fate = LEFT;
        }
        byo_meta_free(&meta);
    }
    return fate;
}

/* Nothing waits for the pace: when the gate opens or work comes, what would have left meanwhile is no credit. */
static ByoTime rest_until(ByoTurn *t, ByoRuntime *rt, ByoTime next)
{
    if (byo_pace_waited_for(&rt->pace))
        byo_pace_rest(&byo_flow_change(t, rt)->pace);
    return next;
}

/* What counts as queued may be other byoboxes': when the first of this one's is due. */
static ByoTime look_for_next(ByoTurn *t, ByoRuntime *rt)
{
    byo_flow_change(t, rt)->queue_next = byo_store_queue_next(t->store, byo_str(rt->id));
    if (!rt->queue_next && byo_store_slot(t->store) >= 0)
        rt->queue_next = t->now + BYO_HOUR;
    return rt->queue_next;
}

/* Of so many there is room for. */
static int may_leave(const ByoRuntime *rt, int64_t room, ByoTime now)
{
    int64_t paced = byo_pace_most(&rt->pace, now), most = room < paced ? room : paced;
    return most < QUEUE_BATCH ? (int)most : QUEUE_BATCH;
}

void byo_flow_want_queue(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, int answers, int64_t *unacked)
{
    int64_t handed = handed_limit(rt) - rt->handed + answers, most = handed < *unacked ? handed : *unacked;
    if (rt->queued <= 0 || !f->own_up || f->quiesced || !rt->gate.open || rt->queue_next > t->now ||
        most <= 0 || byo_pace_next(&byo_flow_change(t, rt)->pace, t->now) > t->now)
        return;
    ByoWant want = {.kind = BYO_WANT_QUEUE,
                    .integration = byo_str(rt->id),
                    .now = t->now,
                    .max = may_leave(rt, most, t->now)};
    *unacked -= want.max;
    byo_flow_want(t, &want);
}

ByoTime byo_flow_run_queue(ByoFlow *f, ByoTurn *t, ByoRuntime *rt)
{
    for (;;) {
        if (rt->queued <= 0 || !byo_flow_may_hand_over(f, rt))
            return rest_until(t, rt, 0); /* an MT, an ack, a report or the gate wakes us */
        if (rt->queue_next > t->now)
            return rest_until(t, rt, rt->queue_next);
        ByoTime pace = byo_pace_next(&byo_flow_change(t, rt)->pace, t->now);
        if (pace > t->now) /* without a share it is not known yet whether anything waits for one */
            return rt->queue_next || look_for_next(t, rt) <= t->now ? pace
                                                                    : rest_until(t, rt, rt->queue_next);
        ByoId ids[QUEUE_BATCH];
        /* No more than may leave now: the rest is asked for again when it may. */
        int n =
            byo_store_queue_claim(t->store, byo_str(rt->id), t->now, ids, may_leave(rt, room(f, rt), t->now));
        if (n == 0)
            return look_for_next(t, rt);
        byo_flow_want_segments(t, ids, n);
        for (int i = 0; i < n; i++) {
            if (let_go(f, t, rt, ids[i]) != NOT_NOW)
                continue;
            if (!byo_flow_may_hand_over(f, rt))
                return 0;
            pace = byo_pace_next(&rt->pace, t->now);
            return pace > t->now ? pace : t->now + 1;
        }
        if (byo_store_failed(t->store))
            return 0;
    }
}

/* bearerbox refused for good (1): its NACK report says why and comes on another thread; with no link at
 * all there is none, so it is waited for a while only. */
#define NACK_WAIT (15 * BYO_SECOND)

bool byo_flow_acked_not(const ByoInput *in, ByoId *segment_r, int *try_r)
{
    return in->nack != BYO_ACK_SUCCESS && in->nack != BYO_ACK_BUFFERED &&
           byo_token_uuid_parse(in->uuid, segment_r, try_r);
}

void byo_flow_own_ack(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    ByoId id;
    int try;
    if (!byo_flow_acked_not(in, &id, &try))
        return;
    if (in->nack == BYO_ACK_FAILED_TMP) {
        ByoHappening h = {.event = {.kind = BYO_EV_NOT_TAKEN, .try = try}};
        byo_flow_happen(f, t, id, &h);
        return;
    }
    ByoMessageRow m;
    ByoSegmentRow seg;
    if (byo_flow_load(t, id, &seg, &m) == BYO_STORE_OK && seg.s.state == BYO_SEG_HANDED &&
        seg.s.tries == try && seg.s.due > t->now + NACK_WAIT) {
        seg.s.due = t->now + NACK_WAIT;
        byo_store_segment_update(t->store, &seg);
    }
}
