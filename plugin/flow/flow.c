/* SPDX-License-Identifier: BSD-3-Clause
 * The flow as a whole: its memory, its configuration, one turn.
 * Ownership and threads: flow.h. */
#include "flow/flow_private.h"
#include "base/hash.h"
#include "integration/properties.h"

#include <stdio.h>
#include <stdlib.h>

enum { REFS_RECIPIENTS = 200000, REFS_LOOK_BACK = 50000, ENDED_IDS = 1 << 18 };
/* MTs a smsbox may write again: those of some seconds, and after a start of the last moment before. */
enum { TAKEN = 65536, TAKEN_LOOK_BACK = 10000 };
/* Segments that did not get through at the first try and hold later ones of their pair back. */
enum { ORDER_SEGMENTS = 200000 };
/* bearerbox gives a segment it could not place back at once: try again after this. */
#define REFUSED_DELAY (5 * BYO_SECOND)
/* On top of wait-ack: a second's worth in bearerbox's queue and its own rounds. */
#define ANSWER_SLACK (30 * BYO_SECOND)

static ByoPolicy policy_of(const ByoIntegration *c)
{
    ByoTime wait_ack = byo_integration_wait_ack(c) * BYO_SECOND;
    return (ByoPolicy){.tries = c->retry_tries,
                       .delay = c->retry_delay,
                       .max_delay = c->retry_max_delay,
                       .retry_for = c->retry_for,
                       .receipt_timeout = c->receipt_timeout,
                       .answer_timeout = wait_ack + ANSWER_SLACK,
                       .wait_ack = wait_ack,
                       .refused_delay = REFUSED_DELAY};
}

/* Of an integration that has no group just now: the defaults of one. What fails for now waits until the group is back,
 * or the integration is deleted. */
static ByoPolicy policy_without_group(void)
{
    ByoIntegration *usual = byo_properties_defaults();
    ByoPolicy p = policy_of(usual);
    byo_integration_free(usual);
    return p;
}

/* What is counted in memory, from the store. */
static void count_runtime(ByoFlow *f, ByoRuntime *rt)
{
    ByoTime oldest;
    byo_store_queue_depth(f->store, byo_str(rt->id), &rt->queued, &oldest);
    rt->handed = byo_store_handed_here(f->store, byo_str(rt->id));
    rt->queue_next = 0;
}

void byo_flow_recount(ByoFlow *f, ByoTurn *t)
{
    for (size_t i = 0; i < f->n_runtimes; i++)
        count_runtime(f, byo_flow_change(t, &f->runtimes[i]));
}

void byo_flow_configure(ByoFlow *f, const ByoFlowConfig *cfg, ByoTime now)
{
    ByoRuntime old[BYO_INTEGRATIONS_MAX];
    size_t n_old = f->n_runtimes;
    memcpy(old, f->runtimes, sizeof old);
    f->cfg = *cfg;
    f->now_is.shares_at = f->now_is.rest_at = 0;
    f->n_runtimes = cfg->n < BYO_INTEGRATIONS_MAX ? cfg->n : BYO_INTEGRATIONS_MAX;
    const char *ids[BYO_INTEGRATIONS_MAX];
    bool came = false;
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        const ByoIntegration *c = cfg->integrations[i];
        const ByoRuntime *was = NULL;
        for (size_t k = 0; k < n_old && !was; k++)
            if (strcmp(old[k].id, c->id) == 0)
                was = &old[k];
        if (was) {
            *rt = *was;
            rt->raised = false; /* the rate may be another one */
        } else {
            memset(rt, 0, sizeof *rt);
            snprintf(rt->id, sizeof rt->id, "%s", c->id);
            snprintf(rt->count.id, sizeof rt->count.id, "%s", c->id);
        }
        rt->cfg = c;
        byo_home_make(c->home_country, &rt->home);
        rt->policy = policy_of(c);
        byo_pace_set(&rt->pace, byo_store_slot(f->store) < 0 ? c->messages_per_second : rt->share, now);
        if (!was)
            count_runtime(f, rt);
        came |= !was;
        ids[i] = rt->id;
    }
    if (came)
        byo_flow_order_load(f, now); /* one that comes back may have segments that wait for their next try */
    byo_inventory_set_ids(f->inventory, ids, f->n_runtimes, cfg->refuse_unlisted);
    byo_replies_set_limit(f->replies, cfg->reply_limit);
}

/* At start, what the store says of the time before. */
typedef struct {
    ByoFlow *f;
    ByoTime now;
} Loading;

/* One from the future was sent before the clock was set back. */
static void note_reply(void *arg, ByoStr number, ByoStr recipient, int keyword, ByoTime sent)
{
    const Loading *l = arg;
    ByoPair pair;
    if (byo_pair_make(number, recipient, &pair))
        byo_replies_note(l->f->replies, pair, (ByoKeywordKind)keyword, sent < l->now ? sent : l->now);
}

/* A keyword that was answered before the restart is still answered. */
static void guard_answer(void *arg, ByoStr number, ByoStr recipient, int keyword, ByoTime sent)
{
    (void)keyword;
    const Loading *l = arg;
    ByoPair pair;
    if (byo_pair_make(number, recipient, &pair))
        byo_answer_guard_keyword(l->f->guard, NULL, pair, sent < l->now ? sent : l->now);
}

/* Segments may still be in flight under the references of before. */
static void note_ended(void *arg, ByoStr integration, ByoStr foreign_id, ByoId segment)
{
    byo_ended_add(arg, NULL, integration, foreign_id, segment);
}

static void note_reference(void *arg, ByoStr recipient, ByoStr udh)
{
    unsigned reference, total;
    if (byo_udh_check(udh, &reference, &total, NULL) && total > 1)
        byo_refs_used(arg, recipient, reference);
}

/* What was taken in the last moment before: its ack may not have reached the smsbox. */
static void note_taken(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused)
{
    ByoFlow *f = arg;
    ByoSms sms;
    if (f->opt.codec->unpack(frame, &sms))
        byo_flow_taken(f, NULL, box, uuid, sms.receiver, refused ? BYO_ACK_FAILED : BYO_ACK_BUFFERED);
}

ByoFlow *byo_flow_create(const ByoFlowOptions *opt, const ByoFlowConfig *cfg, ByoTime now)
{
    ByoFlow *f = byo_zalloc(sizeof *f);
    f->opt = *opt;
    f->cfg = *cfg;
    f->store = opt->store;
    f->inventory = opt->inventory;
    f->usual = policy_without_group();
    char uuid[BYO_UUID_LEN + 1];
    byo_uuid_make(uuid);
    uint64_t random = byo_hash(byo_str(uuid), 0) | 1;
    f->now_is.random = random;
    ByoFaults none = {0};
    ByoAdvancedOptions plain = {.features = BYO_FEATURE_ALL};
    f->defaults = byo_advanced_load(BYO_STR(""), &plain, &none);
    byo_faults_free(&none);
    f->refs = byo_refs_create(REFS_RECIPIENTS, random, byo_store_slot(f->store));
    byo_store_long_messages(f->store, REFS_LOOK_BACK, note_reference, f->refs);
    f->ended = byo_ended_create(ENDED_IDS);
    byo_store_ended_ids(f->store, REFS_LOOK_BACK, note_ended, f->ended);
    f->taken = byo_taken_create(TAKEN);
    byo_store_taken(f->store, TAKEN_LOOK_BACK, note_taken, f);
    f->order = byo_order_create(ORDER_SEGMENTS, random);
    f->opt_outs = byo_optouts_create(random);
    f->guard = byo_answer_guard_create(BYO_REPLY_PAIRS, random);
    f->replies = byo_replies_create(cfg->reply_limit, BYO_REPLY_PAIRS, random);
    byo_flow_configure(f, cfg, now);
    /* Replies of the last hour count against reply-limit also after a restart. */
    Loading l = {f, now};
    byo_store_replies(f->store, now - BYO_REPLY_WINDOW, note_reply, &l);
    byo_store_replies(f->store, now - BYO_REPLY_DEADLINE, guard_answer, &l);
    byo_flow_numbers_load(f);
    byo_flow_opts_load(f, now);
    byo_flow_sweep_load(f);
    byo_flow_drain_load(f);
    byo_flow_inward_load(f);
    return f;
}

void byo_flow_destroy(ByoFlow *f)
{
    if (!f)
        return;
    byo_flow_inward_free(f);
    byo_optouts_destroy(f->opt_outs);
    byo_replies_destroy(f->replies);
    byo_answer_guard_destroy(f->guard);
    byo_refs_destroy(f->refs);
    byo_ended_destroy(f->ended);
    byo_taken_destroy(f->taken);
    byo_advanced_destroy(f->defaults);
    byo_order_destroy(f->order);
    byo_flow_answers_free(f);
    byo_buf_free(&f->scratch);
    byo_encoded_free(&f->encoded);
    free(f);
}

void byo_flow_fact(ByoFlow *f, const ByoInput *in)
{
    switch (in->kind) {
    case BYO_IN_PEER_UP:
        byo_flow_peer_up(f, in);
        break;
    case BYO_IN_PEER_DOWN:
        byo_flow_peer_down(f, in->conn);
        break;
    case BYO_IN_LINK_UP:
    case BYO_IN_LINK_DOWN:
        *(in->link == BYO_LINK_ANON ? &f->anon_up : &f->own_up) = in->kind == BYO_IN_LINK_UP;
        if (!f->own_up)
            byo_flow_unacked_less(f, true);
        break;
    case BYO_IN_OWN_ACK:
        byo_flow_unacked_less(f, false);
        break;
    default:
        break;
    }
}

static void link_up(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    if (in->link == BYO_LINK_ANON)
        return;
    ByoFlowLedger *l = byo_flow_ledger(f, t);
    if (in->failed > 0)
        byo_flow_bearerbox_restarted(f, t, t->now, t->now);
    if (l->own_was_up) {
        byo_flow_tell(f, t, BYO_EVENT_BEARERBOX_BACK, BYO_STR("bearerbox"), BYO_STR_NONE,
                      "the link to bearerbox is up again");
    }
    l->own_was_up = l->up_told = true;
}

static void link_down(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    if (in->link == BYO_LINK_ANON || !f->now_is.up_told)
        return;
    byo_flow_tell(f, t, BYO_EVENT_BEARERBOX_LOST, BYO_STR("bearerbox"), BYO_STR_NONE,
                  "the link to bearerbox is down%s; messages wait in the store until it is back",
                  in->bye ? ": it is stopping or restarting" : "");
    byo_flow_ledger(f, t)->up_told = false;
}

static void count_jumped(ByoFlowIntegrationStatus *s, ByoTime by)
{
    s->last_submit_ok = byo_time_jumped(s->last_submit_ok, by);
    s->last_error_at = byo_time_jumped(s->last_error_at, by);
}

void byo_flow_clock_jumped(ByoFlow *f, ByoTime by)
{
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        byo_pace_clock_jumped(&rt->pace, by);
        rt->queue_next = 0;
        count_jumped(&rt->count, by);
    }
    byo_order_clock_jumped(f->order, by);
    byo_flow_shares_jumped(f, by);
    byo_flow_inward_jumped(f, by);
    byo_replies_clock_jumped(f->replies, by);
    byo_answer_guard_clock_jumped(f->guard, by);
    byo_flow_answers_jumped(f, by);
    f->now_is.expired_to = byo_time_jumped(f->now_is.expired_to, by);
    f->now_is.aged_at = byo_time_jumped(f->now_is.aged_at, by);
}

static void take_in(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    switch (in->kind) {
    case BYO_IN_PEER_UP:
    case BYO_IN_PEER_DOWN:
        break; /* facts, and nothing more */
    case BYO_IN_PEER_ACK:
        byo_flow_peer_ack(f, t, in);
        break;
    case BYO_IN_MT:
        byo_flow_mt(f, t, in);
        break;
    case BYO_IN_LINK_UP:
        link_up(f, t, in);
        break;
    case BYO_IN_LINK_DOWN:
        link_down(f, t, in);
        break;
    case BYO_IN_SMS:
        if (byo_flow_input_reports(in))
            byo_flow_report(f, t, in);
        else
            byo_flow_mo(f, t, in);
        break;
    case BYO_IN_OWN_ACK:
        byo_flow_own_ack(f, t, in);
        break;
    }
}

void byo_flow_inputs(ByoFlow *f, ByoTurn *t, const ByoInput *inputs)
{
    byo_flow_run_others(f, t);
    ByoReceiptIn *receipts = byo_flow_want_ahead(f, t, inputs);
    byo_flow_mt_look(f, t, inputs);
    for (const ByoInput *in = inputs; in; in = in->next)
        take_in(f, t, in);
    byo_flow_receipts_read(f, t, receipts);
}

static ByoTime sooner(ByoTime a, ByoTime b)
{
    return !a ? b : !b || a < b ? a : b;
}

ByoTime byo_flow_tick(ByoFlow *f, ByoTurn *t)
{
    ByoTime shares = byo_flow_run_shares(f, t);
    byo_flow_run_timers(f, t);
    byo_flow_run_expiry(f, t);
    ByoTime sweep = byo_flow_run_sweep(f, t);
    ByoTime next = byo_store_timers_next(t->store);
    for (size_t i = 0; i < f->n_runtimes; i++)
        next = sooner(next, byo_flow_run_queue(f, t, &f->runtimes[i]));
    if (byo_flow_shares_short(f, t))
        next = t->now + 1;
    byo_flow_run_held(f, t);
    next = sooner(next, byo_flow_run_inward_age(f, t));
    next = sooner(sooner(next, sweep), byo_flow_run_inward(f, t));
    next = sooner(sooner(next, shares), f->others_at);
    byo_flow_run_statistics(f, t);
    if (byo_store_late_reads(t->store) != f->now_is.total.late_reads)
        byo_flow_ledger(f, t)->total.late_reads = byo_store_late_reads(t->store);
    return next;
}

bool byo_flow_refuse(ByoFlow *f, ByoTurn *t, const ByoInput *in, ByoStoreResult why)
{
    switch (in->kind) {
    case BYO_IN_MT: {
        ByoAck ack = BYO_ACK_FAILED_TMP;
        if (!byo_flow_mt_again(f, t, in, &ack))
            byo_flow_refused(f, t, "store", "the store could not be written: %s", byo_store_result_text(why));
        ByoOutput *o = byo_outputs_add(&t->out, BYO_OUT_PEER_ACK);
        o->conn = in->conn;
        o->answered = in->frame.n;
        o->nack = ack;
        memcpy(o->uuid, in->sms.id, sizeof o->uuid);
        return false;
    }
    case BYO_IN_PEER_ACK:
    case BYO_IN_SMS:
    case BYO_IN_OWN_ACK:
    case BYO_IN_LINK_UP:
    case BYO_IN_LINK_DOWN:
        return true;
    default: /* facts */
        return false;
    }
}

void byo_flow_quiesce(ByoFlow *f)
{
    f->quiesced = true;
}

int byo_flow_unacked(const ByoFlow *f)
{
    return f->now_is.unacked;
}

void byo_flow_gate(ByoFlow *f, ByoTurn *t, ByoStr integration, const ByoFlowGate *gate)
{
    ByoRuntime *rt = byo_flow_runtime(f, integration);
    if (rt)
        byo_flow_change(t, rt)->gate = *gate;
}

bool byo_flow_opted_out(const ByoFlow *f, ByoStr number, ByoStr recipient)
{
    return byo_optouts_has(f->opt_outs, number, recipient);
}

void byo_flow_status(ByoFlow *f, ByoFlowStatus *st, ByoTime now)
{
    memset(st, 0, sizeof *st);
    st->n = f->n_runtimes;
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        ByoFlowIntegrationStatus *s = &st->integrations[i];
        *s = rt->count;
        s->open = rt->gate.open;
        s->handed = rt->handed;
        byo_store_queue_depth(f->store, byo_str(rt->id), &s->queued, &s->oldest);
        s->accepted = byo_store_count_state(f->store, byo_str(rt->id), BYO_SEG_ACCEPTED);
        s->rate = rt->pace.rate;
        s->rate_configured = rt->cfg->messages_per_second;
        s->throttled = rt->pace.rate < rt->pace.configured;
    }
    st->own_up = f->own_up;
    st->anon_up = f->anon_up;
    st->unacked = f->now_is.unacked;
    st->drain = f->now_is.drain;
    st->inward = byo_store_inward_count(f->store);
    byo_flow_inward_status(f, st);
    byo_flow_refused_status(f, st, now);
    st->numbers = byo_inventory_count(f->inventory);
    st->opt_outs = byo_optouts_count(f->opt_outs);
    st->total = f->now_is.total;
    st->n_nodes = byo_store_nodes(f->store, st->nodes);
}
