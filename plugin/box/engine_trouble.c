/* SPDX-License-Identifier: BSD-3-Clause
 * What is done while the store cannot be written, or nobody knows what it kept.
 * Decides: what is refused, what waits; how it is told; when the store counts as writable again.
 * Ownership and threads: engine.h. */
#include "box/engine_private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

/* What must go through before the store counts as writable again: more than what failed, and where it failed again
 * within a minute, twice as much each time. */
enum { PROBE_LEAST = 64 * 1024, PROBE_MOST = 4 * 1024 * 1024 };
#define PROBE_RELAPSE (60 * 1000)
/* A commit whose end is not known is asked about so often. */
#define ASK_AGAIN_NS 20000000
/* So long a store may take for an answer before that is trouble; and who sent what is in doubt is kept waiting. */
#define SILENCE_MOST (2 * BYO_SECOND)
#define DOUBT_MOST (30 * BYO_SECOND)

/* A few free kB take an empty turn's row, and no message. */
static void set_probe(ByoEngine *e, const ByoInput *inputs)
{
    size_t least = PROBE_LEAST;
    for (; inputs; inputs = inputs->next)
        least += 4 * inputs->frame.n;
    bool again = e->recovered && byo_monotonic() - e->recovered < PROBE_RELAPSE;
    e->probe = again ? 2 * e->probe : least;
    e->probe = e->probe < least ? least : e->probe;
    e->probe = e->probe > PROBE_MOST ? PROBE_MOST : e->probe;
}

/* Those that wait are told that they were not carried out; facts are so in any case, and stay. */
static void refuse_calls(ByoEngine *e, ByoCall *calls)
{
    ByoCall *facts = NULL, **last = &facts, *refused = NULL, **last_refused = &refused;
    for (ByoCall *c = calls, *next; c; c = next) {
        next = c->next;
        c->next = NULL;
        ByoCall ***to = c->fact ? &last : &last_refused;
        **to = c;
        *to = &c->next;
    }
    byo_engine_answer_calls(e, refused, e->health);
    if (!facts)
        return;
    pthread_mutex_lock(&e->lock);
    *last = e->calls;
    if (!e->calls)
        e->last_call = last;
    e->calls = facts;
    pthread_mutex_unlock(&e->lock);
}

/* A smsbox may write a MT again while nobody knows yet whether the turn that took it is kept. */
static bool may_be_taken(const ByoEngine *e, const ByoInput *in)
{
    if (byo_flow_mt_known(e->opt.flow, in))
        return true;
    for (const ByoInput *one = e->taken; one; one = one->next)
        if (one->kind == BYO_IN_MT && byo_flow_mt_same(one, in))
            return true;
    return false;
}

/* What comes while a turn does not end: new messages and calls are refused at once; all else waits in the queue, facts
 * too, for the turn may still be undone, and what a smsbox writes again, for it may be of this turn. */
static void refuse_new(ByoEngine *e)
{
    pthread_mutex_lock(&e->lock);
    ByoCall *calls;
    ByoInput *inputs = byo_engine_take(e, &calls);
    pthread_mutex_unlock(&e->lock);
    refuse_calls(e, calls);
    ByoInput *held = NULL, **last = &held;
    e->aside.now = byo_now();
    for (ByoInput *in = inputs, *next; in; in = next) {
        next = in->next;
        in->next = NULL;
        if (in->kind == BYO_IN_MT && !may_be_taken(e, in)) {
            byo_flow_refuse(e->opt.flow, &e->aside, in, e->health);
            byo_input_free(in);
        } else {
            *last = in;
            last = &in->next;
        }
    }
    byo_link_post(e->link, &e->aside.out);
    byo_turn_done(&e->aside);
    if (!held)
        return;
    pthread_mutex_lock(&e->lock);
    *last = e->first;
    if (!e->first)
        e->last = last;
    e->first = held;
    pthread_mutex_unlock(&e->lock);
}

/* Who sent what is in doubt gets no answer; a smsbox has no timer, and its connection's end is one for all that it
 * sent. What bearerbox brought stays un-acked. */
static void give_up(ByoEngine *e)
{
    if (e->given_up || byo_monotonic() - e->tried < DOUBT_MOST)
        return;
    e->given_up = true;
    for (const ByoInput *in = e->taken; in; in = in->next)
        if (in->kind == BYO_IN_MT)
            byo_outputs_add(&e->aside.out, BYO_OUT_PEER_END)->conn = in->conn;
    byo_link_post(e->link, &e->aside.out);
    byo_turn_done(&e->aside);
}

/* What stands in the way is told first, and what becomes of it when that is known: each cause once. */
static void tell_trouble(ByoEngine *e, ByoStoreResult result, const char *said)
{
    char cause[sizeof e->told];
    snprintf(cause, sizeof cause, "%s (%s)", byo_store_result_text(result), said);
    bool known = e->trouble_since && strcmp(cause, e->told) == 0;
    pthread_mutex_lock(&e->lock);
    e->health = result;
    memcpy(e->told, cause, sizeof e->told);
    pthread_mutex_unlock(&e->lock);
    if (known)
        return;
    byo_log_error("the store cannot be written: %s; sending is answered with HTTP 503 until it can", cause);
}

static void in_trouble(ByoEngine *e, ByoStoreResult result, const char *said)
{
    tell_trouble(e, result, said);
    if (e->trouble_since)
        return;
    e->trouble_since = e->turn.now;
    set_probe(e, e->taken);
}

/* A turn that does not end is trouble as any other. */
static void stand_by(ByoEngine *e, ByoStoreResult result, const char *said)
{
    in_trouble(e, result, said);
    refuse_new(e);
    give_up(e);
    if (e->opt.turned)
        e->opt.turned(e->opt.arg, byo_monotonic());
}

void byo_engine_on_wait(void *engine, ByoTime ms)
{
    if (ms >= SILENCE_MOST)
        stand_by(engine, BYO_STORE_IO, "it does not answer");
}

ByoStoreResult byo_engine_commit(ByoEngine *e)
{
    const struct timespec pause = {0, ASK_AGAIN_NS};
    ByoStoreResult result = byo_turn_commit(&e->turn);
    for (bool stop = false; result == BYO_STORE_UNKNOWN && !stop;) {
        result = byo_turn_outcome(&e->turn);
        if (result != BYO_STORE_UNKNOWN)
            break;
        stand_by(e, result, byo_store_error(e->opt.store));
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&e->lock);
        stop = e->stop && byo_monotonic() >= e->stop_by;
        pthread_mutex_unlock(&e->lock);
    }
    return result;
}

bool byo_engine_may_leave(ByoEngine *e)
{
    const struct timespec pause = {0, ASK_AGAIN_NS};
    ByoStore *store = e->opt.store;
    ByoStoreResult result = BYO_STORE_OK;
    while (!byo_store_leased(store)) {
        pthread_mutex_lock(&e->lock);
        bool stop = e->stop && byo_monotonic() >= e->stop_by;
        pthread_mutex_unlock(&e->lock);
        if (stop || !byo_store_current(store))
            return false;
        if (result != BYO_STORE_UNKNOWN)
            byo_store_begin(store);
        result = result == BYO_STORE_UNKNOWN ? byo_store_outcome(store) : byo_store_commit(store);
        if (result == BYO_STORE_OK)
            continue;
        stand_by(e, result, byo_store_error(store));
        nanosleep(&pause, NULL);
    }
    return true;
}

/* That it is over counts when it can be written down, too: the turn may have been empty. */
void byo_engine_recover(ByoEngine *e, ByoTime now)
{
    if (e->opt.recovered) {
        byo_turn_begin(&e->turn, e->opt.store, now);
        byo_store_probe(e->opt.store, 0);
        e->opt.recovered(e->opt.arg, &e->turn, e->health, e->trouble_since);
        bool fine = byo_engine_commit(e) == BYO_STORE_OK;
        byo_turn_done(&e->turn);
        if (!fine)
            return; /* the next turn tells it */
    }
    byo_log_info("the store can be written again");
    e->trouble_since = 0;
    e->recovered = byo_monotonic();
    pthread_mutex_lock(&e->lock);
    e->health = BYO_STORE_OK;
    pthread_mutex_unlock(&e->lock);
}

void byo_engine_tell_outdated(ByoEngine *e)
{
    if (e->outdated || !e->opt.outdated || byo_store_current(e->opt.store))
        return;
    e->outdated = true;
    e->opt.outdated(e->opt.arg, byo_store_error(e->opt.store));
}

static void keep(ByoEngine *e, ByoInput *in)
{
    in->next = NULL;
    *e->last_kept = in;
    e->last_kept = &in->next;
}

void byo_engine_refuse(ByoEngine *e, ByoInput *inputs, ByoStoreResult result)
{
    while (inputs) {
        ByoInput *in = inputs;
        inputs = in->next;
        if (byo_flow_refuse(e->opt.flow, &e->turn, in, result))
            keep(e, in);
        else
            byo_input_free(in);
    }
    byo_engine_let_go(e);
}

void byo_engine_turn_failed(ByoEngine *e, ByoInput *inputs, ByoStoreResult result)
{
    in_trouble(e, result, byo_store_error(e->opt.store));
    byo_engine_tell_outdated(e);
    byo_engine_refuse(e, inputs, result);
}
