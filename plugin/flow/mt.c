/* SPDX-License-Identifier: BSD-3-Clause
 * An MT's way out: whose is it, may it go, how is it written (mt_write.c), store, hand over, ack.
 * Decides: the ack smsbox gets. Everything taken or refused for good is in the store with it.
 * Ownership and threads: flow_private.h. */
#include "flow/mt_private.h"
#include "base/hash.h"

#include <stdlib.h>
#include <stdio.h>

/* What a MT may hold beside its text: it comes back in every report of every segment. Of a message refused for
 * more, or for an endless text, only what is short is kept. */
enum { FIELDS_MAX = 16 * 1024, TEXT_KEPT = 128 * 1024, FIELD_KEPT = 1024 };

static void mt_free(Mt *mt)
{
    byo_meta_free(&mt->meta);
    byo_buf_free(&mt->text);
    byo_buf_free(&mt->shortened);
    free(mt->segments);
    free(mt->udh);
}

static size_t beside_text(const Mt *mt)
{
    return mt->frame.n - mt->sms.msgdata.n;
}

static void drop_long(ByoStr *s)
{
    if (s->n > FIELD_KEPT)
        *s = BYO_STR_NONE;
}

static void shorten(ByoFlow *f, Mt *mt)
{
    if (beside_text(mt) <= FIELDS_MAX && mt->sms.msgdata.n <= TEXT_KEPT)
        return;
    ByoSms *s = &mt->sms;
    ByoStr *fields[] = {&s->sender,      &s->receiver,   &s->udhdata, &s->msgdata,  &s->smsc_id,
                        &s->smsc_number, &s->foreign_id, &s->service, &s->account,  &s->dlr_url,
                        &s->charset,     &s->boxc_id,    &s->binfo,   &s->meta_data};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        drop_long(fields[i]);
    f->opt.codec->pack(s, &mt->shortened);
    mt->frame = byo_buf_str(&mt->shortened);
}

static void fill_row(ByoTurn *t, Mt *mt)
{
    ByoMessageRow *m = &mt->row;
    m->integration = mt->rt ? byo_str(mt->rt->id) : BYO_STR("");
    m->number = mt->number ? byo_str(mt->number->digits) : byo_mt_address_kept(mt->sms.sender);
    m->recipient = mt->recipient[0] ? byo_str(mt->recipient) : byo_mt_address_kept(mt->sms.receiver);
    m->uuid = byo_str(mt->sms.id);
    m->named = mt->named;
    m->box = mt->box;
    m->created = t->now;
    m->expires = mt->expires;
    m->mask = mt->sms.dlr_mask > 0 ? mt->sms.dlr_mask : 0;
    m->keyword = (int)mt->keyword;
    m->frame = mt->frame;
    m->data_coding = BYO_UNDEF;
    m->coding = BYO_CODING_7BIT;
    m->reports = mt->rt ? (int)mt->rt->cfg->reports : BYO_REPORTS_MESSAGE;
    ByoStr asked = byo_meta_get(&mt->meta, "byo", "reports");
    if (byo_str_is(asked, "message"))
        m->reports = BYO_REPORTS_MESSAGE;
    else if (byo_str_is(asked, "segment"))
        m->reports = BYO_REPORTS_SEGMENT;
    else if (byo_str_is(asked, "both"))
        m->reports = BYO_REPORTS_BOTH;
    m->verdict.code = -1;
}

/* A refused message has an id, is stored and gets its report. */
static ByoAck refuse(ByoFlow *f, ByoTurn *t, Mt *mt, ByoOwnCause cause)
{
    ByoVerdict v = byo_verdict_own(cause);
    ByoMessageRow *m = &mt->row;
    shorten(f, mt);
    fill_row(t, mt);
    m->id = byo_store_new_id(t->store, t->now);
    m->state = BYO_MSG_FAILED;
    m->ended = t->now;
    m->tally = (ByoTally){.segments = 1, .failed = 1, .reported = BYO_DLR_SMSC_FAIL, .ended = true};
    m->verdict = byo_flow_stored(&v, BYO_STR(""));
    ByoSegmentRow seg = {.id = byo_id_segment(m->id, 1), .verdict = m->verdict};
    seg.s.state = BYO_SEG_FAILED;
    seg.s.ended = t->now;
    byo_store_message_add(t->store, m, &seg, 1);
    char text_id[BYO_ID_TEXT];
    byo_flow_access(t, "MT refused [id:%s] [integration:%.*s] [from:%.*s] [to:%.*s] [cause:%s]",
                    byo_id_text(m->id, text_id), BYO_PF(m->integration), BYO_PF(m->number),
                    BYO_PF(m->recipient), v.cause);
    if (mt->rt) {
        ByoFlowIntegrationStatus *count = &byo_flow_change(t, mt->rt)->count;
        count->total.refused++;
        count->last_error_at = t->now;
        snprintf(count->last_error, sizeof count->last_error, "%s", v.cause);
    }
    if (byo_report_filter(BYO_DLR_SMSC_FAIL, m->mask)) {
        char text[64];
        snprintf(text, sizeof text, "NACK/%s", v.cause);
        ByoNotice n = {.bits = BYO_DLR_SMSC_FAIL, .text = byo_str(text), .verdict = &m->verdict, .try = 1};
        if (m->reports & BYO_REPORTS_SEGMENT) {
            n.segment = 1;
            byo_flow_notice(f, t, m, &n);
        }
        n.segment = 0;
        if (m->reports & BYO_REPORTS_MESSAGE)
            byo_flow_notice(f, t, m, &n);
    }
    return BYO_ACK_FAILED;
}

/* -- may it go -------------------------------------------------------------------------------------*/

static bool shares(const ByoRuntime *rt, const ByoRuntime *owner)
{
    return !rt->cfg->receives_for && rt->cfg->shares_numbers_of &&
           strcmp(rt->cfg->shares_numbers_of, owner->id) == 0;
}

static bool open_to(const ByoRuntime *rt)
{
    return rt->gate.open && !rt->gate.deleted && byo_integration_transmits(rt->cfg);
}

/* share = load: among the open ones by their rates; always the same for one recipient, so that its messages
 * keep their order. share = failover: only while none of those is open. All closed: the owner keeps it. */
static ByoRuntime *leaves_through(ByoFlow *f, ByoRuntime *owner, const char *recipient)
{
    ByoRuntime *load[BYO_INTEGRATIONS_MAX], *spare = NULL;
    size_t n = 0;
    uint64_t rates = 0, h = byo_hash_same(byo_str(recipient));
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        if (!open_to(rt) || (rt != owner && !shares(rt, owner)))
            continue;
        if (rt != owner && rt->cfg->share != BYO_SHARE_LOAD) {
            if (!spare)
                spare = rt;
            continue;
        }
        load[n++] = rt;
        rates += (uint64_t)rt->cfg->messages_per_second;
    }
    if (n <= 1)
        return n ? load[0] : spare ? spare : owner;
    uint64_t at = (h ^ (h >> 29)) % rates;
    size_t i = 0;
    while (i + 1 < n && at >= (uint64_t)load[i]->cfg->messages_per_second)
        at -= (uint64_t)load[i++]->cfg->messages_per_second;
    return load[i];
}

bool byo_mt_read_recipient(ByoFlow *f, const ByoRuntime *rt, Mt *mt)
{
    ByoReadHow how = {
        .manner = BYO_MANNER_TYPED, .ton = BYO_TON_UNKNOWN, .home = byo_flow_home(f, rt, mt->number)};
    ByoReading r;
    if (byo_read(mt->sms.receiver, &how, &r) != BYO_READ_PHONE)
        return false;
    memcpy(mt->recipient, r.e164, sizeof mt->recipient);
    return true;
}

/* The integration an MT leaves through, or is counted at when there is no way. */
typedef struct {
    ByoRuntime *through;
    bool open;
    ByoOwnCause why; /* not open */
} Route;

static Route no_way(ByoRuntime *at, ByoOwnCause why)
{
    return (Route){at, false, why};
}

/* owner: the number's integration. The application may name another one that shares its numbers. */
static Route route_of(ByoFlow *f, Mt *mt, ByoRuntime *owner)
{
    ByoRuntime *named = byo_flow_runtime(f, mt->sms.smsc_id), *rt = named ? named : owner;
    if (!mt->number)
        return no_way(NULL, BYO_OWN_BAD_SOURCE);
    if (rt != owner && !shares(rt, owner))
        return no_way(owner, BYO_OWN_NOT_ALLOWED);
    if (rt->gate.deleted)
        return no_way(rt, BYO_OWN_DELETED);
    if (!byo_integration_transmits(rt->cfg))
        return no_way(rt, BYO_OWN_NOT_ALLOWED);
    if (!byo_mt_read_recipient(f, rt, mt))
        return no_way(rt, BYO_OWN_BAD_DESTINATION);
    return (Route){named ? named : leaves_through(f, owner, mt->recipient), .open = true};
}

/* False: *why says why not. */
static bool may_go(ByoFlow *f, ByoTurn *t, const Mt *mt, ByoOwnCause *why)
{
    if (mt->keyword != BYO_KEYWORD_NONE)
        return true;
    ByoStr number = byo_str(mt->number->digits), recipient = byo_str(mt->recipient);
    ByoPair pair;
    bool event = false;
    *why =
        BYO_OWN_NOT_ALLOWED; /* before the opt-out: the guard counts every answer, also one that is blocked */
    if (mt->sms.sms_type == BYO_MT_REPLY && byo_pair_make(number, recipient, &pair) &&
        byo_answer_guard_refuses(f->guard, &t->undo, pair, t->now, &event)) {
        if (event)
            byo_flow_tell(
                f, t, BYO_EVENT_ANSWER_REFUSED, number, BYO_STR_NONE,
                "an application's own answer to a keyword message of %s was refused: byobox answers those",
                mt->recipient);
        return false;
    }
    *why = BYO_OWN_OPTED_OUT;
    if (byo_optouts_has(f->opt_outs, number, recipient))
        return false;
    *why = BYO_OWN_EXPIRED;
    return !mt->expires || mt->expires > t->now;
}

static bool room_in_queue(ByoFlow *f, ByoTurn *t, Mt *mt, int n)
{
    ByoRuntime *rt = mt->rt;
    if (rt->limit_told && rt->queued * 10 < rt->cfg->queue_limit * 9)
        byo_flow_change(t, rt)->limit_told = false;
    /* The answer to a keyword is a duty, and few. */
    if (rt->queued + n <= rt->cfg->queue_limit || mt->keyword != BYO_KEYWORD_NONE)
        return true;
    byo_flow_refused(f, t, rt->id, "queue-limit = %lld is reached", (long long)rt->cfg->queue_limit);
    if (!rt->limit_told) {
        byo_flow_change(t, rt)->limit_told = true;
        byo_flow_tell(f, t, BYO_EVENT_QUEUE_LIMIT, byo_str(rt->id), BYO_STR_NONE,
                      "queue-limit = %lld is reached: sending is answered with HTTP 503 until the queue is "
                      "shorter; does the "
                      "integration send at all (byoctl status)?",
                      (long long)rt->cfg->queue_limit);
    }
    return false;
}

/* -- the story -------------------------------------------------------------------------------------*/

static ByoAck accept(ByoFlow *f, ByoTurn *t, Mt *mt)
{
    ByoOwnCause why;
    mt->number = byo_inventory_find(f->inventory, mt->sms.sender);
    mt->rt = mt->number ? byo_flow_runtime(f, byo_str(mt->number->integration)) : NULL;
    /* Its integration has no group in the file and was not deleted: a mistake that will be mended. A reply of our own is
     * written once and cannot wait. */
    if (mt->number && !mt->rt) {
        if (mt->keyword != BYO_KEYWORD_NONE)
            return refuse(f, t, mt, BYO_OWN_BAD_SOURCE);
        byo_flow_refused(f, t, mt->number->integration, "it has no group in the configuration");
        return BYO_ACK_FAILED_TMP;
    }
    if (mt->sms.meta_data.n)
        byo_meta_parse(mt->sms.meta_data, &mt->meta);
    if (beside_text(mt) > FIELDS_MAX)
        return refuse(f, t, mt, BYO_OWN_BAD_DATA);
    if (mt->sms.validity > 0 && !mt->expires)
        mt->expires = mt->sms.validity * BYO_SECOND;
    Route route = route_of(f, mt, mt->rt);
    mt->rt = route.through;
    if (!route.open)
        return refuse(f, t, mt, route.why);
    if (!may_go(f, t, mt, &why))
        return refuse(f, t, mt, why);
    fill_row(t, mt);
    int n = byo_mt_write(f, t, mt, &why);
    if (n == 0)
        return refuse(f, t, mt, why);
    ByoRuntime *rt = mt->rt;
    if (!room_in_queue(f, t, mt, n))
        return BYO_ACK_FAILED_TMP;
    byo_flow_change(t, rt)->count.total.mt++;
    int handed = 0;
    bool waiting = rt->queued > 0 && rt->queue_next <= t->now;
    ByoTime wait = byo_flow_order_wait(f, t, &mt->row, t->now);
    for (int i = 0; wait > t->now && i < n; i++)
        mt->segments[i].s.due = wait;
    if (wait > t->now)
        byo_flow_order_behind(f, t, &mt->row, wait);
    waiting |= wait != 0;
    while (!waiting && handed < n &&
           byo_flow_hand_over(f, t, rt, &mt->row, &mt->sms, &mt->meta, &mt->segments[handed]))
        handed++;
    byo_store_message_add(t->store, &mt->row, mt->segments, n);
    char id[BYO_ID_TEXT];
    byo_flow_access(t,
                    "MT taken [id:%s] [integration:%s] [from:%s] [to:%s] [segments:%d] [charset:%.*s] "
                    "[dcs:%d] [smsbox:%.*s]",
                    byo_id_text(mt->row.id, id), rt->id, mt->number->digits, mt->recipient, n,
                    BYO_PF(mt->row.charset), mt->row.dcs, BYO_PF(mt->box));
    if (handed < n)
        byo_flow_queue_more(rt, n - handed, mt->segments[handed].s.due);
    return handed == n ? BYO_ACK_SUCCESS : BYO_ACK_BUFFERED;
}

void byo_flow_mt(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    Mt mt = {.sms = in->sms,
             .frame = in->frame,
             .named = in->named,
             .box = in->box ? byo_str(in->box) : BYO_STR_NONE};
    ByoAck ack = BYO_ACK_FAILED_TMP;
    bool known = byo_flow_mt_again(f, t, in, &ack);
    bool room = !f->now_is.drain.since && (in->sms.dlr_mask <= 0 || byo_flow_inward_room(f, t, in->conn));
    if (!known && room) {
        ack = accept(f, t, &mt);
        if (ack != BYO_ACK_FAILED_TMP)
            byo_flow_taken(f, t, mt.box, byo_str(in->sms.id), in->sms.receiver, ack);
    }
    ByoOutput *o = byo_outputs_add(&t->out, BYO_OUT_PEER_ACK);
    o->conn = in->conn;
    o->answered = in->frame.n;
    o->nack = ack;
    memcpy(o->uuid, in->sms.id, sizeof o->uuid);
    mt_free(&mt);
}

/* Of one of our numbers and nobody's smsbox: no report is asked for. mt: what is set already stays. */
static ByoAck send_own(ByoFlow *f, ByoTurn *t, const ByoInventoryEntry *number, Mt *mt)
{
    char sender[BYO_ADDRESS_MAX + 1];
    snprintf(sender, sizeof sender, "%s%s", number->short_code ? "" : "+", number->digits);
    mt->sms.sender = byo_str(sender);
    mt->sms.coding = BYO_CODING_7BIT;
    mt->sms.sms_type = BYO_MT_PUSH;
    mt->sms.dlr_mask = 0;
    mt->sms.time = (int32_t)(t->now / BYO_SECOND);
    byo_uuid_make(mt->sms.id);
    ByoBuf frame = {0};
    f->opt.codec->pack(&mt->sms, &frame);
    mt->frame = byo_buf_str(&frame);
    ByoAck ack = accept(f, t, mt);
    mt->frame = mt->row.frame = mt->sms.sender = BYO_STR_NONE;
    byo_buf_free(&frame);
    return ack;
}

void byo_flow_send_reply(ByoFlow *f, ByoTurn *t, const ByoInventoryEntry *number, ByoStr recipient,
                         ByoStr text, ByoKeywordKind kind, ByoTime expires)
{
    Mt mt = {.keyword = kind, .expires = expires};
    byo_sms_init(&mt.sms);
    mt.sms.receiver = recipient;
    mt.sms.msgdata = text;
    if (send_own(f, t, number, &mt) == BYO_ACK_FAILED)
        byo_flow_reply_failed(f, t, &mt.row);
    mt_free(&mt);
}

void byo_flow_test_message(ByoFlow *f, ByoTurn *t, const ByoTestMessage *m, ByoTestDone *done)
{
    const ByoInventoryEntry *number = byo_inventory_find(f->inventory, m->number);
    *done = (ByoTestDone){.outcome = f->now_is.drain.since ? BYO_TEST_DRAINING : BYO_TEST_NO_NUMBER};
    if (f->now_is.drain.since || !number)
        return;
    Mt mt = {.keyword = BYO_KEYWORD_NONE};
    byo_sms_init(&mt.sms);
    mt.sms.receiver = m->recipient;
    mt.sms.msgdata = m->text;
    mt.sms.account = m->who;
    ByoAck ack = send_own(f, t, number, &mt);
    done->outcome = ack == BYO_ACK_FAILED_TMP ? BYO_TEST_LATER
                    : ack == BYO_ACK_FAILED   ? BYO_TEST_REFUSED
                                              : BYO_TEST_TAKEN;
    done->id = done->outcome == BYO_TEST_LATER ? 0 : mt.row.id;
    mt_free(&mt);
}
