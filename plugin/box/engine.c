/* SPDX-License-Identifier: BSD-3-Clause
 * The queue of what is to be done, and the thread that does it, one turn after the other.
 * Ownership and threads: engine.h; ByoEngine.lock guards the queue. */
#include "box/engine_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/thread.h"

/* From the end of a turn to the next one for inputs: what comes meanwhile shares its commit, which costs more
 * than the turns of a hundred messages. One that comes alone waits for nothing. */
#define GATHER_NS 400000
/* Longest sleep: a clock that steps must not make timers late for long. */
#define SLEEP_MAX (1000)

ByoEngine *byo_engine_create(const ByoEngineOptions *opt)
{
    ByoEngine *e = byo_zalloc(sizeof *e);
    e->opt = *opt;
    e->last = &e->first;
    e->last_call = &e->calls;
    e->last_kept = &e->kept;
    pthread_mutex_init(&e->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&e->wake, &attr);
    pthread_cond_init(&e->answered, &attr);
    pthread_condattr_destroy(&attr);
    return e;
}

void byo_engine_input(void *engine, ByoInput *in)
{
    ByoEngine *e = engine;
    in->next = NULL;
    pthread_mutex_lock(&e->lock);
    bool was_empty = !e->first;
    *e->last = in;
    e->last = &in->next;
    pthread_mutex_unlock(&e->lock);
    if (was_empty)
        pthread_cond_signal(&e->wake);
}

static ByoStoreResult make_call(ByoEngine *e, ByoCall *c)
{
    pthread_mutex_lock(&e->lock);
    if (!e->started || e->stop) {
        pthread_mutex_unlock(&e->lock);
        return BYO_STORE_IO;
    }
    *e->last_call = c;
    e->last_call = &c->next;
    pthread_cond_signal(&e->wake);
    while (!c->done)
        pthread_cond_wait(&e->answered, &e->lock);
    pthread_mutex_unlock(&e->lock);
    return c->result;
}

ByoStoreResult byo_engine_call(ByoEngine *e, void (*fn)(void *arg, ByoFlow *flow, ByoTurn *t), void *arg)
{
    ByoCall c = {.fn = fn, .arg = arg};
    return make_call(e, &c);
}

bool byo_engine_fact(ByoEngine *e, void (*fact)(void *arg, ByoFlow *flow, ByoTime now), void *arg)
{
    ByoCall c = {.fact = fact, .arg = arg};
    return make_call(e, &c) == BYO_STORE_OK;
}

ByoStoreResult byo_engine_health(ByoEngine *e)
{
    pthread_mutex_lock(&e->lock);
    ByoStoreResult r = e->health;
    pthread_mutex_unlock(&e->lock);
    return r;
}

ByoStoreResult byo_engine_trouble(ByoEngine *e, char *why_r, size_t size)
{
    pthread_mutex_lock(&e->lock);
    ByoStoreResult r = e->health;
    snprintf(why_r, size, "%s", r == BYO_STORE_OK ? "" : e->told);
    pthread_mutex_unlock(&e->lock);
    return r;
}

void byo_engine_answer_calls(ByoEngine *e, ByoCall *calls, ByoStoreResult result)
{
    if (!calls)
        return;
    pthread_mutex_lock(&e->lock);
    while (calls) {
        ByoCall *c = calls;
        calls = c->next; /* the caller's stack is gone once it is done */
        c->result = result;
        c->done = true;
    }
    pthread_cond_broadcast(&e->answered);
    pthread_mutex_unlock(&e->lock);
}

/* What is so before any turn and whatever becomes of it. Returns the calls that are left. */
static ByoCall *take_facts(ByoEngine *e, const ByoInput *inputs, ByoCall *calls)
{
    ByoCall *facts = NULL, *left = NULL, **last_fact = &facts, **last = &left;
    for (; inputs; inputs = inputs->next)
        byo_flow_fact(e->opt.flow, inputs);
    for (ByoCall *c = calls, *next; c; c = next) {
        next = c->next;
        c->next = NULL;
        if (c->fact) {
            c->fact(c->arg, e->opt.flow, byo_now());
            *last_fact = c;
            last_fact = &c->next;
        } else {
            *last = c;
            last = &c->next;
        }
    }
    byo_engine_answer_calls(e, facts, BYO_STORE_OK);
    return left;
}

static void wait_until(ByoEngine *e, ByoTime next)
{
    ByoTime ms = SLEEP_MAX;
    if (next) {
        ms = next - byo_now();
        if (ms > SLEEP_MAX)
            ms = SLEEP_MAX;
    }
    if (ms <= 0)
        return;
    ByoTime at = byo_monotonic() + ms;
    struct timespec ts = {at / 1000, (at % 1000) * 1000000};
    pthread_cond_timedwait(&e->wake, &e->lock, &ts);
}

static void gather(ByoEngine *e, const struct timespec *last)
{
    struct timespec until = *last;
    until.tv_nsec += GATHER_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!e->calls && !e->stop && pthread_cond_timedwait(&e->wake, &e->lock, &until) == 0) {
    }
}

ByoInput *byo_engine_take(ByoEngine *e, ByoCall **calls_r)
{
    ByoInput *inputs = e->first;
    *calls_r = e->calls;
    e->first = NULL;
    e->last = &e->first;
    e->calls = NULL;
    e->last_call = &e->calls;
    return inputs;
}

static void run(void *arg)
{
    ByoEngine *e = arg;
    byo_thread_name("byo-flow");
    ByoTime next = 1;
    struct timespec last = {0};
    pthread_mutex_lock(&e->lock);
    for (;;) {
        if (!e->first && !e->calls && !e->stop)
            wait_until(e, next);
        if (e->first)
            gather(e, &last);
        ByoCall *calls;
        ByoInput *inputs = byo_engine_take(e, &calls);
        bool stop = e->stop;
        ByoTime stop_by = e->stop_by;
        pthread_mutex_unlock(&e->lock);
        if (stop)
            byo_flow_quiesce(e->opt.flow);
        calls = take_facts(e, inputs, calls);
        next = e->trouble_since ? byo_engine_turn_in_trouble(e, inputs, calls)
                                : byo_engine_turn(e, inputs, calls);
        if (e->opt.turned)
            e->opt.turned(e->opt.arg, byo_monotonic());
        clock_gettime(CLOCK_MONOTONIC, &last);
        pthread_mutex_lock(&e->lock);
        if (stop && !e->first && (byo_flow_unacked(e->opt.flow) == 0 || byo_monotonic() >= stop_by))
            break;
        if (stop)
            wait_until(e, byo_now() + 20);
    }
    pthread_mutex_unlock(&e->lock);
}

void byo_engine_start(ByoEngine *e, ByoLink *link)
{
    e->link = link;
    e->aside.undo.turn = UINT64_MAX / 2; /* its marks in the flow are never those of `turn` */
    e->started = true;
    byo_store_on_wait(e->opt.store, byo_engine_on_wait, e);
    e->thread = byo_thread_start(run, e);
}

void byo_engine_stop(ByoEngine *e, ByoTime ms)
{
    pthread_mutex_lock(&e->lock);
    bool started = e->started;
    e->stop = true;
    e->stop_by = byo_monotonic() + ms;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
    if (started) {
        byo_thread_join(e->thread);
        byo_store_on_wait(e->opt.store, NULL, NULL);
        e->started = false;
    }
}

void byo_engine_destroy(ByoEngine *e)
{
    if (!e)
        return;
    byo_engine_stop(e, 0);
    *e->last = e->kept;
    byo_inputs_free(e->first);
    byo_turn_free(&e->turn);
    byo_turn_free(&e->aside);
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->wake);
    pthread_cond_destroy(&e->answered);
    free(e);
}
