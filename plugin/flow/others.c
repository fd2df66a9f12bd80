/* SPDX-License-Identifier: BSD-3-Clause
 * What other byoboxes of the same store changed, taken into memory; and this one's share of each rate.
 * Decides: what follows from a change. Each is told once, in the order of the one that made it, inside a turn: what is read
 * for it is at least as new.
 * Ownership and threads: flow_private.h. */
#include "flow/inward_private.h"

#include <stdlib.h>

#include "compliance/plan.h"

/* Between two rounds of the shares: what was given up in one is of another second in the next. While another node has one. */
#define SHARES_EVERY ((ByoTime)1100)
#define SHARES_BUSY ((ByoTime)100)
/* A node that used so much of its share, while something waited, wants more. What one that does not want more is left: so much of
 * what it used, and one a second. */
#define USED 0.8
#define NEEDS 1.25
/* What waits at a byobox without binds, or without a group for it, goes to another one that has some after this. */
#define SHUT_FOR (10 * BYO_SECOND)

/* -- replies of our own ---------------------------------------------------------------------------- */

typedef struct {
    ByoPair pair;
    int keyword;
    ByoTime sent;
} Reply;

static void count_reply(void *flow, const void *args)
{
    ByoFlow *f = flow;
    const Reply *r = args;
    byo_replies_note(f->replies, r->pair, (ByoKeywordKind)r->keyword, r->sent);
    byo_answer_guard_keyword(f->guard, NULL, r->pair, r->sent);
}

static void reply(ByoFlow *f, ByoTurn *t, ByoStr text)
{
    ByoId id;
    ByoMessageRow m;
    Reply r;
    if (!byo_id_parse(text, &id) || byo_store_message(t->store, id, &m) != BYO_STORE_OK ||
        !byo_pair_make(m.number, m.recipient, &r.pair))
        return;
    r.keyword = m.keyword;
    r.sent = m.created < t->now ? m.created : t->now;
    byo_undo_then(&t->undo, count_reply, f, &r, sizeof r);
}

/* -- what became of others' rows --------------------------------------------------------------------- */

/* A window's place is free again. */
static void handed(ByoFlow *f, ByoTurn *t, ByoStr integration)
{
    ByoRuntime *rt = byo_flow_runtime(f, integration);
    if (rt && rt->handed > 0)
        byo_flow_change(t, rt)->handed--;
}

static void counts(ByoFlow *f, ByoTurn *t);

/* Segments came: what was known of the first of each kind is not so any more. What a smsbox had there is nobody's. */
static void taken(ByoFlow *f, ByoTurn *t)
{
    ByoFlowLedger *l = byo_flow_ledger(f, t);
    for (size_t i = 0; i < f->n_runtimes; i++)
        byo_flow_change(t, &f->runtimes[i])->queue_next = 0;
    l->expired_to = 0;
    byo_flow_sweep_own(f, t);
    byo_flow_order_load(f, t->now);
    counts(f, t);
}

static int64_t in_flight(const ByoFlow *f, const ByoDestination *d)
{
    int64_t n = 0;
    for (const ByoFlowPeer *p = f->inward->peers; p; p = p->next)
        n += p->to == d ? p->in_flight : 0;
    return n;
}

static void counts(ByoFlow *f, ByoTurn *t)
{
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = byo_flow_change(t, &f->runtimes[i]);
        rt->queued = byo_store_count_state(t->store, byo_str(rt->id), BYO_SEG_QUEUED);
    }
    for (ByoDestination *d = f->inward->destinations; d; d = d->next)
        if (!d->at.backlog && byo_flow_has_peer(f, d) &&
            byo_store_inward_waiting(t->store, d->named, byo_str(d->box)) > in_flight(f, d))
            byo_flow_place(t, d)->at.backlog = true;
}

/* -- one change ------------------------------------------------------------------------------------- */

typedef struct {
    ByoFlow *f;
    ByoTurn *t;
} Taking;

static void take(void *arg, const ByoChange *c)
{
    ByoFlow *f = ((const Taking *)arg)->f;
    ByoTurn *t = ((const Taking *)arg)->t;
    switch (c->kind) {
    case BYO_CHANGE_NUMBER:
        byo_flow_number_changed(f, t, c->key);
        break;
    case BYO_CHANGE_OPT:
        byo_flow_opt_changed(f, t, c->key, c->more);
        break;
    case BYO_CHANGE_INTEGRATION:
        if (f->opt.integration)
            f->opt.integration(f->opt.arg, f, t, c->key);
        break;
    case BYO_CHANGE_EARLY:
        byo_flow_early_waits(f, t, c->key, c->more);
        break;
    case BYO_CHANGE_LEFT:
        byo_flow_take_left(f, t, c->key, c->more);
        break;
    case BYO_CHANGE_REPLY:
        reply(f, t, c->key);
        break;
    case BYO_CHANGE_HANDED:
        handed(f, t, c->key);
        break;
    case BYO_CHANGE_TAKEN:
        taken(f, t);
        break;
    case BYO_CHANGE_INWARD:
    case BYO_CHANGE_COUNTS:
        counts(f, t);
        break;
    }
}

void byo_flow_run_others(ByoFlow *f, ByoTurn *t)
{
    Taking taking = {f, t};
    ByoTime pause = byo_store_others(t->store, take, &taking);
    f->others_at = pause ? t->now + pause : 0;
}

/* -- the rate ---------------------------------------------------------------------------------------- */

/* Segments a second since the last round. */
static double used(const ByoTurn *t, const ByoRuntime *rt)
{
    ByoTime since = rt->shared_at && t->now > rt->shared_at ? t->now - rt->shared_at : SHARES_EVERY;
    return (double)(rt->count.total.segments_out - rt->left_before) * BYO_SECOND / (double)since;
}

/* Something of its own waits for the rate alone: for some of the time since the last round; where the share was raised meanwhile,
 * now. */
static bool wants(const ByoTurn *t, const ByoRuntime *rt)
{
    return !rt->shut && rt->queued > 0 && rt->queue_next <= t->now + SHARES_EVERY &&
           (used(t, rt) >= USED * rt->share || (rt->raised && byo_pace_waited_for(&rt->pace)));
}

static void look_whether_shut(const ByoFlow *f, ByoTurn *t, ByoRuntime *rt)
{
    bool open = f->own_up && !f->quiesced && rt->gate.open;
    byo_flow_change(t, rt)->shut = open ? 0 : rt->shut ? rt->shut : t->now;
}

/* What left by the share before is of another second, once it has left: a commit may have been slow. And a configuration that was
 * loaded has a round of its own. */
static double held(const ByoFlow *f, const ByoRuntime *rt, ByoTime now)
{
    bool early = f->now_is.round || (now < rt->shared_at + SHARES_EVERY && now >= rt->shared_at);
    return !rt->shared_at ? -1 : early && rt->held > rt->share ? rt->held : rt->share;
}

/* It waits for the rate now, and did not in the last round: until the next one it may have what nobody uses. */
static bool is_short(const ByoTurn *t, const ByoRuntime *rt)
{
    return rt->shared_at && !rt->wanted && !rt->raised && !rt->shut &&
           rt->share < rt->cfg->messages_per_second && rt->queued > 0 && rt->queue_next <= t->now &&
           byo_pace_waited_for(&rt->pace);
}

bool byo_flow_shares_short(const ByoFlow *f, const ByoTurn *t)
{
    ByoTime busy = f->now_is.shares_busy;
    if (busy > t->now && busy <= t->now + SHARES_BUSY)
        return false;
    for (size_t i = 0; i < f->n_runtimes; i++)
        if (is_short(t, &f->runtimes[i]))
            return true;
    return false;
}

static void ask(ByoFlow *f, ByoTurn *t)
{
    ByoRateShare *shares = byo_alloc((f->n_runtimes + 1) * sizeof *shares);
    byo_flow_ledger(f, t)->shares_at = t->now + SHARES_EVERY;
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        look_whether_shut(f, t, rt);
        shares[i] = (ByoRateShare){.integration = byo_str(rt->id),
                                   .rate = rt->cfg->messages_per_second,
                                   .wants = wants(t, rt),
                                   .needs = rt->shut ? 0 : used(t, rt) * NEEDS + 1,
                                   .open = !rt->shut,
                                   .held = held(f, rt, t->now)};
    }
    bool asked = byo_store_shares(t->store, shares, f->n_runtimes);
    if (!asked)
        byo_flow_ledger(f, t)->shares_at = t->now + SHARES_BUSY;
    for (size_t i = 0; i < f->n_runtimes && asked; i++) {
        ByoRuntime *rt = byo_flow_change(t, &f->runtimes[i]);
        rt->wanted = shares[i].wants;
        rt->raised = false;
        rt->held = shares[i].held < 0 ? 0 : shares[i].held;
        rt->share = shares[i].share;
        rt->shared_at = byo_flow_ledger(f, t)->round = t->now;
        rt->left_before = rt->count.total.segments_out;
        byo_pace_set(&rt->pace, rt->share, t->now);
    }
    free(shares);
}

/* The next round is a second behind that, too: what is held by the share before is given up in it. */
void byo_flow_round_left(ByoFlow *f, ByoTime now)
{
    if (!f->now_is.round)
        return;
    for (size_t i = 0; i < f->n_runtimes; i++)
        if (f->runtimes[i].shared_at == f->now_is.round)
            f->runtimes[i].shared_at = now;
    f->now_is.shares_at = now + SHARES_EVERY;
    f->now_is.round = 0;
}

void byo_flow_shares_jumped(ByoFlow *f, ByoTime by)
{
    for (size_t i = 0; i < f->n_runtimes; i++)
        f->runtimes[i].shared_at = byo_time_jumped(f->runtimes[i].shared_at, by);
    f->now_is.shares_at = byo_time_jumped(f->now_is.shares_at, by);
    f->now_is.shares_busy = byo_time_jumped(f->now_is.shares_busy, by);
    f->now_is.round = byo_time_jumped(f->now_is.round, by);
}

/* Nothing of the round changes by it: what it measures goes on, and what it gave up is free when it said. */
static void ask_for_more(ByoFlow *f, ByoTurn *t)
{
    ByoRateShare *shares = byo_alloc((f->n_runtimes + 1) * sizeof *shares);
    ByoRuntime **of = byo_alloc((f->n_runtimes + 1) * sizeof(ByoRuntime *));
    size_t n = 0;
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        if (!is_short(t, rt))
            continue;
        shares[n] = (ByoRateShare){
            .integration = byo_str(rt->id), .rate = rt->cfg->messages_per_second, .share = rt->share};
        of[n++] = rt;
    }
    bool asked = byo_store_share_more(t->store, shares, n);
    if (!asked)
        byo_flow_ledger(f, t)->shares_busy = t->now + SHARES_BUSY;
    for (size_t i = 0; i < n && asked; i++) {
        ByoRuntime *rt = byo_flow_change(t, of[i]);
        rt->raised = true;
        rt->share = shares[i].share;
        byo_pace_set(&rt->pace, rt->share, t->now);
    }
    free(of);
    free(shares);
}

/* Of integrations without a group here. True: there may be more. */
static bool give_rest(ByoFlow *f, ByoTurn *t)
{
    ByoFlowLedger *l = byo_flow_ledger(f, t);
    if (!l->rest_at || l->rest_at > t->now + SHUT_FOR)
        l->rest_at = t->now + SHUT_FOR;
    if (l->rest_at > t->now)
        return false;
    ByoStr *ours = byo_alloc((f->n_runtimes + 1) * sizeof *ours);
    for (size_t i = 0; i < f->n_runtimes; i++)
        ours[i] = byo_str(f->runtimes[i].id);
    bool more = byo_store_queue_give_rest(t->store, ours, f->n_runtimes);
    free(ours);
    l->rest_at = more ? t->now : t->now + SHUT_FOR;
    return more;
}

/* True: there may be more. */
static bool give(ByoFlow *f, ByoTurn *t)
{
    bool more = false;
    for (size_t i = 0; i < f->n_runtimes; i++) {
        const ByoRuntime *rt = &f->runtimes[i];
        if (rt->queued > 0 && rt->shut && (t->now - rt->shut >= SHUT_FOR || t->now < rt->shut))
            more |= byo_store_queue_give(t->store, byo_str(rt->id));
    }
    return give_rest(f, t) || more;
}

ByoTime byo_flow_run_shares(ByoFlow *f, ByoTurn *t)
{
    if (byo_store_slot(t->store) < 0)
        return 0;
    ByoTime at = f->now_is.shares_at;
    bool round = at <= t->now || at > t->now + 2 * SHARES_EVERY; /* the clock was set back */
    if (round)
        ask(f, t);
    else if (byo_flow_shares_short(f, t))
        ask_for_more(f, t);
    if (round || f->now_is.giving)
        byo_flow_ledger(f, t)->giving = give(f, t);
    return f->now_is.giving ? t->now + 1 : f->now_is.shares_at;
}

void byo_flow_leaving(ByoTurn *t, const ByoMessageRow *m)
{
    ByoPair pair;
    char digits[BYO_ADDRESS_MAX];
    ByoPlanForms forms;
    if (m->keyword || byo_store_slot(t->store) < 0 || !byo_pair_make(m->number, m->recipient, &pair))
        return;
    ByoStr of = byo_digits(m->recipient);
    memcpy(digits, of.p, of.n); /* a pair's are short */
    digits[of.n] = 0;
    byo_plan_forms(digits, &forms);
    for (int i = 0; i < forms.n; i++)
        byo_store_leaving(t->store, m->number, byo_str(forms.digits[i]));
}
