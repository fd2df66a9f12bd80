/* SPDX-License-Identifier: BSD-3-Clause
 * What bearerbox and the carrier say of a segment, and what follows from it (spec D1-D4).
 * Decides: which segment a report speaks of, which event it is, which reports the application gets.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"
#include "flow/token.h"

#include <stdio.h>

enum { TIMER_BATCH = 500, EXPIRY_BATCH = 500 };
/* A segment that waits in bearerbox for a bind is not lost: ask again later. */
#define STILL_THERE (30 * BYO_SECOND)

/* elsewhere: another byobox had handed it over. */
static void count_state(ByoTurn *t, ByoRuntime *rt, ByoSegState from, bool elsewhere, ByoSegState to,
                        ByoTime due)
{
    if (from == to)
        return;
    byo_flow_change(t, rt);
    if (from == BYO_SEG_QUEUED)
        rt->queued--;
    if (from == BYO_SEG_HANDED && !elsewhere)
        rt->handed--;
    if (to == BYO_SEG_QUEUED)
        byo_flow_queue_more(rt, 1, due);
}

static void count_failed(ByoCounters *c, const ByoVerdict *v)
{
    c->failed++;
    c->failed_by[byo_cause_index(v->cause)]++;
}

/* How long the carrier took. Left out is what says nothing of it: bearerbox's own refusals, and an answer or receipt
 * that may be of another hand-over than the last one. */
static void count_duration(ByoTurn *t, ByoRuntime *rt, const ByoSegment *before, const ByoHappening *h)
{
    const ByoEvent *e = &h->event;
    bool last = e->try ? e->try == before->tries : !before->copies;
    if (!before->handed || !last)
        return;
    if (e->kind == BYO_EV_RECEIPT)
        byo_counters_receipt(&byo_flow_change(t, rt)->count.total, t->now - before->handed);
    else if (before->state == BYO_SEG_HANDED &&
             (e->kind == BYO_EV_SUBMITTED || (e->kind == BYO_EV_REFUSED && h->carrier_code.n)))
        byo_counters_submit(&byo_flow_change(t, rt)->count.total, t->now - before->handed);
}

static void count_step(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, const ByoStep *step, const ByoSegment *s,
                       ByoStr carrier_code)
{
    byo_flow_change(t, rt);
    if (step->accepted) {
        rt->count.last_submit_ok = t->now;
        rt->count.total.accepted++;
    }
    if (step->final && s->state == BYO_SEG_DELIVERED)
        rt->count.total.delivered++;
    if (step->final && s->state != BYO_SEG_DELIVERED)
        count_failed(&rt->count.total, &step->verdict);
    if (step->duplicate) {
        rt->count.total.duplicates++;
        byo_flow_tell(f, t, BYO_EVENT_DUPLICATE, byo_str(rt->id), BYO_STR_NONE,
                      "bearerbox gave no answer for a segment (link lost, wait-ack over, bearerbox killed): "
                      "it goes out "
                      "again, and the recipient may get it twice");
    }
    if (step->throttled) {
        byo_pace_throttled(&rt->pace, t->now);
        byo_flow_tell(f, t, BYO_EVENT_THROTTLED, byo_str(rt->id), carrier_code,
                      "%s: sending at %.1f segments a second for now", step->verdict.cause, rt->pace.rate);
    }
    if ((step->retry || step->final) && step->verdict.code != BYO_CODE_SUCCESS && step->verdict.cause) {
        rt->count.last_error_at = t->now;
        snprintf(rt->count.last_error, sizeof rt->count.last_error, "%s%s%.*s", step->verdict.cause,
                 carrier_code.n ? " " : "", BYO_PF(carrier_code));
        if (!step->verdict.mapped && carrier_code.n)
            byo_flow_tell(f, t, BYO_EVENT_UNMAPPED, byo_str(rt->id), carrier_code,
                          "the carrier's code %.*s stands in no map and counts as %s: ask the carrier what "
                          "it means and "
                          "add it to the protocolSpecificCodeMapping of advanced-config",
                          BYO_PF(carrier_code), step->verdict.cause);
    }
}

/* Reports of the whole message in their order, each with the text that belongs to it. */
static void send_notices(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, int bits, int segment,
                         const ByoSegmentRow *seg, const ByoHappening *h)
{
    static const int order[] = {BYO_DLR_SMSC_SUCCESS, BYO_DLR_BUFFERED, BYO_DLR_SUCCESS, BYO_DLR_SMSC_FAIL,
                                BYO_DLR_FAIL};
    static const ByoStoredVerdict accepted_now = {.code = BYO_CODE_ACCEPTED,
                                                  .code_cause = {"CARRIER_ACCEPTED", 16},
                                                  .description = {"", 0},
                                                  .carrier_code = {"", 0}};
    bits = byo_report_filter(bits, m->mask);
    if (!bits)
        return;
    bool twice = seg->s.maybe_duplicate ||
                 (!segment && m->tally.segments > 1 && byo_store_maybe_duplicate(t->store, m->id));
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (!(bits & order[i]))
            continue;
        ByoNotice n = {.bits = order[i],
                       .segment = segment,
                       .try = seg->s.tries,
                       .text = h->text,
                       .foreign_id = seg->foreign_id,
                       .verdict = &seg->verdict,
                       .possible_duplicate = twice};
        char nack[96];
        if (order[i] == BYO_DLR_SMSC_SUCCESS) {
            n.text = BYO_STR("ACK/");
            if (h->event.kind != BYO_EV_SUBMITTED)
                n.verdict = &accepted_now; /* an early receipt says more than its being accepted */
        } else if (order[i] == BYO_DLR_SMSC_FAIL && !n.text.n) {
            snprintf(nack, sizeof nack, "NACK/%.*s", BYO_PF(seg->verdict.code_cause));
            n.text = byo_str(nack);
        }
        byo_flow_notice(f, t, m, &n);
    }
}

static int segment_bits(const ByoStep *step, ByoSegState state)
{
    int bits = 0;
    if (step->accepted)
        bits |= BYO_DLR_SMSC_SUCCESS;
    if (step->interim)
        bits |= BYO_DLR_BUFFERED;
    if (step->final)
        bits |= state == BYO_SEG_DELIVERED ? BYO_DLR_SUCCESS
                : step->at_submit          ? BYO_DLR_SMSC_FAIL
                                           : BYO_DLR_FAIL;
    return bits;
}

static void cancel_queued(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m)
{
    for (int i = 1; i <= m->tally.segments; i++) {
        ByoSegmentRow seg;
        if (byo_store_segment(t->store, byo_id_segment(m->id, i), &seg) != BYO_STORE_OK ||
            seg.s.state != BYO_SEG_QUEUED)
            continue;
        /* One that may be with the carrier must not be called "not sent". */
        ByoHappening h = {.event = {.kind = BYO_EV_CANCEL, .verdict = byo_verdict_own(BYO_OWN_CANCELLED)}};
        if (seg.s.maybe_duplicate)
            h.event =
                (ByoEvent){.kind = BYO_EV_ABANDONED, .verdict = byo_verdict_own(BYO_OWN_UNKNOWN_CANCELLED)};
        byo_flow_happen(f, t, byo_id_segment(m->id, i), &h);
    }
}

void byo_flow_stop(ByoFlow *f, ByoTurn *t, ByoId id, ByoOwnCause cause)
{
    ByoHappening h = {.event = {.kind = BYO_EV_STOPPED, .verdict = byo_verdict_own(cause)},
                      .carrier_code = BYO_STR(""),
                      .text = BYO_STR("")};
    byo_flow_happen(f, t, id, &h);
}

/* An event happens to a loaded segment of a loaded message. */
static void happen(ByoFlow *f, ByoTurn *t, ByoSegmentRow *seg, ByoMessageRow *m, ByoHappening *h)
{
    ByoRuntime *rt = byo_flow_runtime(f, m->integration);
    ByoId id = seg->id;
    h->event.expires = m->expires;
    h->event.jitter = byo_flow_jitter(f, t);
    ByoSegment before = seg->s;
    ByoStep step;
    byo_flow_copy_refused(t, seg, h);
    byo_segment_step(&seg->s, &h->event, rt ? &rt->policy : &f->usual, t->now, &step);
    if (!step.changed)
        return;
    if (step.verdict.cause)
        seg->verdict = byo_flow_stored(&step.verdict, h->carrier_code);
    if (h->foreign_id.n)
        seg->foreign_id = h->foreign_id;
    if (step.accepted)
        byo_flow_answers_late(f, t, rt, seg);
    byo_store_segment_update(t->store, seg);
    byo_flow_past_step(t, seg, &before, &step, h);
    if (step.accepted)
        byo_flow_answered(f, t, m->integration, seg);
    if (step.final)
        byo_ended_add(f->ended, &t->undo, m->integration, seg->foreign_id, id);
    if (rt) {
        count_state(t, rt, before.state, seg->elsewhere, seg->s.state, seg->s.due);
        count_step(f, t, rt, &step, &seg->s, h->carrier_code);
        count_duration(t, rt, &before, h);
    }
    byo_flow_order_note(f, t, m, id, seg->s.state);
    /* Also when it goes back into the queue: its message may have failed meanwhile. */
    if (step.accepted || step.interim || step.final || step.retry || step.requeued) {
        ByoTallyStep ts;
        bool was_active = m->state == BYO_MSG_ACTIVE;
        byo_tally_step(&m->tally, &step, seg->s.state, &ts);
        if (ts.report & (BYO_DLR_SUCCESS | BYO_DLR_FAIL | BYO_DLR_SMSC_FAIL)) {
            m->verdict = seg->verdict;
            m->state = ts.report & BYO_DLR_SUCCESS ? BYO_MSG_DELIVERED : BYO_MSG_FAILED;
            char text_id[BYO_ID_TEXT];
            byo_flow_access(t,
                            "MT %s [id:%s] [integration:%.*s] [from:%.*s] [to:%.*s] [code:%d] [cause:%.*s] "
                            "[carrier-code:%.*s]",
                            m->state == BYO_MSG_DELIVERED ? "delivered" : "failed",
                            byo_id_text(m->id, text_id), BYO_PF(m->integration), BYO_PF(m->number),
                            BYO_PF(m->recipient), m->verdict.code, BYO_PF(m->verdict.code_cause),
                            BYO_PF(m->verdict.carrier_code));
        }
        if (m->tally.ended && !m->ended)
            m->ended = t->now;
        byo_store_message_update(t->store, m);
        if (m->keyword && m->state == BYO_MSG_FAILED && was_active)
            byo_flow_reply_failed(f, t, m);
        if (m->reports & BYO_REPORTS_SEGMENT)
            send_notices(f, t, m, segment_bits(&step, seg->s.state), byo_id_number(id), seg, h);
        if (m->reports & BYO_REPORTS_MESSAGE)
            send_notices(f, t, m, ts.report, 0, seg, h);
        if (ts.cancel_queued)
            cancel_queued(f, t, m);
    }
    /* Back in the queue after its time: the run over the validities looked before. */
    if (seg->s.state == BYO_SEG_QUEUED && m->expires && m->expires <= t->now)
        byo_flow_stop(f, t, id, BYO_OWN_EXPIRED);
}

void byo_flow_happen(ByoFlow *f, ByoTurn *t, ByoId id, ByoHappening *h)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    if (byo_flow_load(t, id, &seg, &m) == BYO_STORE_OK) {
        happen(f, t, &seg, &m, h);
    } else {
        byo_flow_ledger(f, t)->total.unknown_reports++;
        byo_flow_tell(
            f, t, BYO_EVENT_UNKNOWN_REPORT, BYO_STR("bearerbox"), BYO_STR_NONE,
            "a report names a segment the store does not know: older than retention, or of another store");
    }
}

/* -- what a report says ----------------------------------------------------------------------------*/

static void read_nack(const ByoErrorMap *map, ByoStr text, ByoHappening *h, char code[16])
{
    uint32_t status = 0;
    ByoEvent *e = &h->event;
    e->kind = BYO_EV_REFUSED;
    e->retry_allowed = true;
    switch (byo_nack_parse(text, &status)) {
    case BYO_NACK_STATUS:
        snprintf(code, 16, "%u", status);
        h->carrier_code = byo_str(code);
        e->verdict = byo_verdict_submit(map, h->carrier_code);
        break;
    case BYO_NACK_RETRIES_EXCEEDED:
        e->retries_exceeded = true;
        e->verdict = byo_verdict_own(BYO_OWN_RETRIES_EXCEEDED);
        break;
    case BYO_NACK_NO_SMSC:
    case BYO_NACK_NO_ANSWER:
        e->kind = BYO_EV_NO_SMSC;
        break;
    case BYO_NACK_EXPIRED:
        e->verdict = byo_verdict_own(BYO_OWN_EXPIRED);
        break;
    case BYO_NACK_MALFORMED:
        e->verdict = byo_verdict_own(BYO_OWN_BAD_DATA);
        break;
    case BYO_NACK_LISTED:
        e->verdict = byo_verdict_own(BYO_OWN_NOT_ALLOWED);
        break;
    case BYO_NACK_OTHER:
        e->verdict = byo_verdict_submit(map, BYO_STR_NONE);
        break;
    }
}

static void read_receipt(const ByoErrorMap *map, ByoReceiptErrors rows, const ByoSms *sms,
                         const ByoMeta *meta, ByoStr text, ByoReceipt *r, ByoHappening *h)
{
    byo_receipt_parse(text, meta, sms->dlr_mask, r);
    ByoEvent *e = &h->event;
    e->verdict = byo_verdict_receipt(map, rows, r->state, r->err);
    h->text = text;
    h->carrier_code = r->err.p ? r->err : BYO_STR("");
    if (byo_receipt_interim(r->state)) {
        e->kind = BYO_EV_INTERIM;
        return;
    }
    e->kind = BYO_EV_RECEIPT;
    e->retry_allowed = r->state == BYO_STATE_UNDELIVERABLE || r->state == BYO_STATE_REJECTED;
}

static void happen_to_message(ByoFlow *f, ByoTurn *t, ByoId id, const ByoMessageRow *m, const ByoHappening *h)
{
    for (int i = 1; i <= m->tally.segments; i++) {
        ByoHappening each = *h;
        ByoSegmentRow seg;
        if (byo_id_segment(m->id, i) != id &&
            (byo_store_segment(t->store, byo_id_segment(m->id, i), &seg) != BYO_STORE_OK ||
             seg.s.state == BYO_SEG_QUEUED))
            continue; /* it says nothing of what was not sent */
        each.event.try = byo_id_segment(m->id, i) == id ? h->event.
        try:
            0;
        byo_flow_happen(f, t, byo_id_segment(m->id, i), &each);
    }
}

ByoStr byo_flow_answered_id(const ByoFlow *f, const ByoRuntime *rt, const ByoSms *sms, const ByoMeta *meta,
                            char number[BYO_MSGID_FORM_MAX])
{
    ByoStr raw =
        byo_meta_get(meta, "smpp_resp", "message_id"); /* foreign_id is what msg-id-type made of it */
    if (!(f->cfg.features & BYO_FEATURE_RECEIPTS_TO_BOX) || !raw.n)
        return sms->foreign_id;
    return byo_msgid_exact(raw, rt ? byo_integration_msg_id_type(rt->cfg) : -1, false, number);
}

typedef struct {
    ByoMessageRow m;
    ByoSegmentRow seg;
    const ByoMeta *meta;
    ByoRuntime
        *rt; /* NULL: an integration that left the configuration still gets its answers, by the default map */
    const ByoErrorMap *map;
} Reported;

static void report_accepted(ByoFlow *f, ByoTurn *t, const ByoSms *sms, Reported *of, ByoHappening *h)
{
    char number[BYO_MSGID_FORM_MAX];
    h->event.kind = BYO_EV_SUBMITTED;
    h->event.verdict = byo_verdict_accepted();
    h->foreign_id = byo_flow_answered_id(f, of->rt, sms, of->meta, number);
    byo_flow_copy_answered(t, &of->seg, h->foreign_id, h->event.try);
    happen(f, t, &of->seg, &of->m, h);
    if (f->cfg.features & BYO_FEATURE_RECEIPTS_TO_BOX)
        byo_flow_take_early(f, t, of->m.integration, h->foreign_id);
}

static void report_receipt(ByoFlow *f, ByoTurn *t, const ByoSms *sms, Reported *of, ByoStr id,
                           ByoHappening *h)
{
    ByoReceipt receipt;
    ByoBuf text = {0};
    ByoRuntime *rt = of->rt;
    read_receipt(of->map, rt ? rt->cfg->receipt_errors : BYO_RECEIPT_ALL_ROWS, sms, of->meta,
                 byo_flow_receipt_text(sms->msgdata, &text), &receipt, h);
    if (!of->seg.foreign_id.n)
        h->foreign_id = id.p ? id : sms->foreign_id;
    byo_flow_copy_receipt(t, &of->seg, id.p ? id : sms->foreign_id, h);
    if (rt && h->event.kind == BYO_EV_RECEIPT)
        byo_flow_change(t, rt)->count.total.receipts++;
    if (rt && rt->cfg->one_receipt_per_message && of->m.tally.segments > 1)
        happen_to_message(f, t, of->seg.id, &of->m, h);
    else
        happen(f, t, &of->seg, &of->m, h);
    byo_buf_free(&text);
}

void byo_flow_read_report(ByoFlow *f, ByoTurn *t, const ByoSms *sms, ByoId id, int try, ByoStr foreign_id,
                          const ByoMeta *meta)
{
    Reported of = {.meta = meta};
    char code[16];
    ByoHappening h = {.event = {.try = try}, .carrier_code = BYO_STR(""), .text = BYO_STR("")};
    if (byo_flow_load(t, id, &of.seg, &of.m) != BYO_STORE_OK) {
        byo_flow_ledger(f, t)->total.unknown_reports++;
        byo_flow_tell(
            f, t, BYO_EVENT_UNKNOWN_REPORT, BYO_STR("bearerbox"), BYO_STR_NONE,
            "a report came for a message byobox does not know: older than retention, or of another store");
        return;
    }
    of.rt = byo_flow_runtime(f, of.m.integration);
    of.map = of.rt ? of.rt->cfg->advanced->map : f->defaults->map;
    if (sms->dlr_mask == BYO_DLR_SMSC_SUCCESS) {
        report_accepted(f, t, sms, &of, &h);
    } else if (sms->dlr_mask == BYO_DLR_SMSC_FAIL) {
        h.text = sms->msgdata;
        read_nack(of.map, sms->msgdata, &h, code);
        happen(f, t, &of.seg, &of.m, &h);
    } else {
        report_receipt(f, t, sms, &of, foreign_id, &h);
    }
}

void byo_flow_unknown_report(ByoFlow *f, ByoTurn *t)
{
    byo_flow_ledger(f, t)->total.unknown_reports++;
    byo_flow_tell(f, t, BYO_EVENT_UNKNOWN_REPORT, BYO_STR("bearerbox"), BYO_STR_NONE,
                  "a report came that names no segment of byobox");
}

bool byo_flow_report_token(const ByoSms *sms, ByoId *segment_r, int *try_r)
{
    return (sms->sms_type == BYO_REPORT_MO || sms->sms_type == BYO_REPORT_MT) &&
           byo_token_parse(sms->dlr_url, segment_r, try_r);
}

void byo_flow_report(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    ByoId id;
    int try;
    if (byo_flow_report_token(&in->sms, &id, &try)) {
        ByoMeta meta = {0};
        if (in->sms.meta_data.n)
            byo_meta_parse(in->sms.meta_data, &meta);
        byo_flow_read_report(f, t, &in->sms, id, try, BYO_STR_NONE, &meta);
        byo_meta_free(&meta);
    } else if (!byo_flow_is_receipt(&in->sms)) {
        byo_flow_unknown_report(f, t);
    }
    ByoOutput *o = byo_outputs_add(&t->out, BYO_OUT_LINK_ACK);
    o->conn = in->conn;
    o->answered = in->frame.n;
    o->nack = BYO_ACK_SUCCESS;
    memcpy(o->uuid, in->sms.id, sizeof o->uuid);
}

/* -- time ------------------------------------------------------------------------------------------*/

static void timer(ByoFlow *f, ByoTurn *t, ByoId id)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    if (byo_flow_load(t, id, &seg, &m) != BYO_STORE_OK) {
        byo_flow_end_orphan(f, t, id);
        return;
    }
    ByoRuntime *rt = byo_flow_runtime(f, m.integration);
    bool in_queue = rt && rt->gate.known && (rt->gate.online_binds == 0 || rt->gate.in_bearerbox > 0);
    if (seg.s.state == BYO_SEG_HANDED && !seg.elsewhere && (in_queue || !f->own_up)) {
        /* It may still lie in bearerbox's queue, or its answer wait there for our link: handing it over
         * again would make it two. */
        seg.s.due = t->now + STILL_THERE;
        byo_store_segment_update(t->store, &seg);
    } else {
        ByoHappening h = {.event = {.kind = BYO_EV_DUE}, .carrier_code = BYO_STR(""), .text = BYO_STR("")};
        h.event.verdict = byo_verdict_own(BYO_OWN_NO_RECEIPT);
        if (seg.s.state == BYO_SEG_ACCEPTED && byo_flow_copy_failed(t, &seg, &h)) {
            /* One copy's receipt said why; the others' never came. */
        } else if (seg.s.state == BYO_SEG_ACCEPTED && rt) {
            byo_flow_change(t, rt)->count.total.no_receipt++;
            byo_flow_tell(f, t, BYO_EVENT_NO_RECEIPT, byo_str(rt->id), BYO_STR_NONE,
                          "no receipt came within receipt-timeout: the segment ends as NETWORK_TIMEOUT. When "
                          "it is many: "
                          "does the carrier send receipts over this account, has bearerbox a dlr-storage "
                          "that survives?");
        }
        byo_flow_happen(f, t, id, &h);
    }
}

/* The clock may have been set back. */
static ByoTime expired_to(const ByoFlow *f, const ByoTurn *t)
{
    return t->now < f->now_is.expired_to ? t->now : f->now_is.expired_to;
}

void byo_flow_want_due(const ByoFlow *f, ByoTurn *t)
{
    byo_flow_want(t, &(ByoWant){.kind = BYO_WANT_TIMERS, .now = t->now, .max = TIMER_BATCH});
    byo_flow_want(
        t,
        &(ByoWant){.kind = BYO_WANT_EXPIRED, .after = expired_to(f, t), .now = t->now, .max = EXPIRY_BATCH});
}

void byo_flow_run_timers(ByoFlow *f, ByoTurn *t)
{
    ByoId ids[TIMER_BATCH];
    int n = byo_store_timers_claim(t->store, t->now, ids, TIMER_BATCH);
    byo_flow_want_segments(t, ids, n);
    for (int i = 0; i < n && !byo_store_failed(t->store); i++)
        timer(f, t, ids[i]);
}

void byo_flow_run_expiry(ByoFlow *f, ByoTurn *t)
{
    ByoId ids[EXPIRY_BATCH];
    ByoFlowLedger *l = byo_flow_ledger(f, t);
    l->expired_to = expired_to(f, t);
    int n = byo_store_expired(t->store, l->expired_to, t->now, ids, EXPIRY_BATCH);
    byo_flow_want_segments(t, ids, n);
    for (int i = 0; i < n && !byo_store_failed(t->store); i++)
        byo_flow_stop(f, t, ids[i], BYO_OWN_EXPIRED);
    if (n < EXPIRY_BATCH)
        l->expired_to = t->now;
}
