/* SPDX-License-Identifier: BSD-3-Clause
 * One turn: what it is made of, and what becomes of it.
 * Ownership and threads: engine.h. */
#include "box/engine_private.h"

#include "base/log.h"

#define BEAT (1000)
/* Between two pieces of a chore: so many times as long as one took, with its commit, and no less than this. */
#define CHORE_REST 4
#define CHORE_LEAST (10)
/* A turn that another writer was in the way of is made again at once, and so many times in a row before that counts as
 * trouble; no longer than this: each may have waited for a lock. */
enum { AGAIN_MOST = 1000 };
#define AGAIN_LONGEST (2 * BYO_SECOND)

void byo_engine_let_go(ByoEngine *e)
{
    e->taken = NULL;
    e->turn.out.until = byo_store_lease(e->opt.store);
    byo_link_post(e->link, &e->turn.out);
    byo_turn_done(&e->turn);
}

/* True: it was its time. *more_r: it wants to go on. */
static bool run_chore(ByoEngine *e, bool *more_r)
{
    if (!e->opt.chore || byo_monotonic() < e->chore_at)
        return false;
    *more_r = e->opt.chore(e->opt.arg, &e->turn);
    return true;
}

static ByoTime chore_done(ByoEngine *e, ByoTime begun, bool more)
{
    ByoTime at = byo_monotonic(), rest = (at - begun) * CHORE_REST;
    e->chore_at = at + (!more ? BEAT : rest > CHORE_LEAST ? rest : CHORE_LEAST);
    return e->chore_at - at;
}

/* Memory follows at once; the store when a turn is kept. */
static void follow_clock(ByoEngine *e)
{
    ByoTime now = e->turn.now;
    ByoTime jump = byo_clock_jump(&e->clock, now, byo_monotonic());
    if (jump) {
        byo_flow_clock_jumped(e->opt.flow, jump);
        e->trouble_since = byo_time_jumped(e->trouble_since, jump);
    }
    e->jump += jump;
    if (!e->jump)
        return;
    byo_store_clock_jumped(e->opt.store, e->jump, now);
    if (e->opt.jumped)
        e->opt.jumped(e->opt.arg, &e->turn, e->jump);
}

/* What a turn wants after it. */
typedef struct {
    ByoTime next, rest; /* rest: before the next piece of the chore */
    bool more;
} Wish;

static ByoStoreResult attempt(ByoEngine *e, const ByoInput *inputs, const ByoCall *calls, Wish *w)
{
    ByoTurn *t = &e->turn;
    *w = (Wish){.more = false};
    e->tried = byo_monotonic();
    byo_turn_begin(t, e->opt.store, byo_now());
    follow_clock(e);
    byo_flow_inputs(e->opt.flow, t, inputs);
    for (const ByoCall *c = calls; c; c = c->next)
        c->fn(c->arg, e->opt.flow, t);
    w->next = byo_flow_tick(e->opt.flow, t);
    if (e->opt.beat && e->tried - e->beaten >= BEAT) {
        byo_undo_save(&t->undo, &e->beaten, sizeof e->beaten);
        e->beaten = e->tried;
        e->opt.beat(e->opt.arg, t);
    }
    if (e->trouble_since)
        byo_store_probe(e->opt.store, e->probe);
    ByoTime begun = byo_monotonic();
    bool chore = run_chore(e, &w->more);
    ByoStoreResult result = byo_engine_commit(e);
    if (chore)
        w->rest = chore_done(e, begun, w->more);
    return result;
}

/* The engine stops and nobody knows whether the turn is kept, or it is kept and another node may have what it gave: nothing of
 * it is acked or leaves. */
static void leave_open(ByoEngine *e, ByoInput *inputs, ByoCall *calls, const char *why)
{
    byo_log_error("%s; nothing of it was acked", why);
    e->taken = NULL;
    byo_turn_undo(&e->turn);
    byo_inputs_free(inputs);
    byo_engine_answer_calls(e, calls, BYO_STORE_IO);
}

ByoTime byo_engine_turn(ByoEngine *e, ByoInput *inputs, ByoCall *calls)
{
    Wish w;
    e->taken = inputs;
    e->given_up = false;
    ByoTime begun = byo_monotonic();
    ByoStoreResult result = attempt(e, inputs, calls, &w);
    for (int i = 0; i < AGAIN_MOST && result == BYO_STORE_AGAIN && byo_monotonic() - begun < AGAIN_LONGEST;
         i++)
        result = attempt(e, inputs, calls, &w);
    ByoTime now = e->turn.now;
    if (result == BYO_STORE_UNKNOWN) {
        leave_open(e, inputs, calls, "it is not known whether the last turn was written");
        return now + BYO_ENGINE_PAUSE;
    }
    if (result != BYO_STORE_OK) {
        byo_engine_turn_failed(e, inputs, result);
        byo_engine_answer_calls(e, calls, result);
        return now + BYO_ENGINE_PAUSE;
    }
    e->jump = 0;
    if (!byo_engine_may_leave(e)) {
        byo_engine_tell_outdated(e);
        leave_open(e, inputs, calls,
                   "the last turn was written, but another byobox may have taken over since");
        return now + BYO_ENGINE_PAUSE;
    }
    byo_flow_left(e->opt.flow, now + byo_monotonic() - e->tried);
    byo_engine_let_go(e);
    if (e->trouble_since)
        byo_engine_recover(e, now);
    byo_engine_answer_calls(e, calls, result);
    byo_inputs_free(inputs);
    return w.more && (!w.next || w.next > now + w.rest) ? now + w.rest : w.next;
}

ByoTime byo_engine_turn_in_trouble(ByoEngine *e, ByoInput *inputs, ByoCall *calls)
{
    ByoTime now = e->turn.now = byo_now();
    byo_engine_refuse(e, inputs, e->health);
    /* A call is carried out in any case: memory (a new configuration) may depend on it. */
    if (!calls && byo_monotonic() - e->tried < BYO_ENGINE_PAUSE)
        return now + BYO_ENGINE_PAUSE;
    ByoInput *again = e->kept;
    e->kept = NULL;
    e->last_kept = &e->kept;
    return byo_engine_turn(e, again, calls);
}
