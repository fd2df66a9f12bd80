/* SPDX-License-Identifier: BSD-3-Clause
 * One turn after the other.
 * Ownership and threads: engine.h; Engine.lock guards the queue. */
#include "box/engine.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/thread.h"

/* While the store cannot be written: how often it is tried. */
#define TROUBLE_PAUSE (500)
#define BEAT (1000)
/* Between two pieces of a chore: so many times as long as one took, with its commit, and no less than this. */
#define CHORE_REST 4
#define CHORE_LEAST (10)
/* What must go through before the store counts as writable again: more than what failed, and where it failed again
 * within a minute, twice as much each time. */
enum { PROBE_LEAST = 64 * 1024, PROBE_MOST = 4 * 1024 * 1024 };
#define PROBE_RELAPSE (60 * 1000)
/* From the end of a turn to the next one for inputs: what comes meanwhile shares its commit, which costs more
 * than the turns of a hundred messages. One that comes alone waits for nothing. */
#define GATHER_NS 400000
/* A commit whose end is not known is asked about so often; a turn that another writer was in the way of is made again
 * at once, and so many times in a row before that counts as trouble. */
#define ASK_AGAIN_NS 20000000
enum { AGAIN_MOST = 1000 };
/* Longest sleep: a clock that steps must not make timers late for long. */
#define SLEEP_MAX (1000)

typedef struct Call {
    struct Call *next;
    void (*fn)(void *arg, ByoFlow *flow, ByoTurn *t); /* or */
    void (*fact)(void *arg, ByoFlow *flow, ByoTime now);
    void *arg;
    bool done;
    ByoStoreResult result;
} Call;

struct ByoEngine {
    ByoEngineOptions opt;
    ByoLink *link;
    long thread;
    bool started;

    pthread_mutex_t lock;
    pthread_cond_t wake;     /* the flow thread's */
    pthread_cond_t answered; /* callers' */
    ByoInput *first, **last;
    Call *calls, **last_call;
    bool stop;
    ByoTime stop_by; /* monotonic */
    ByoStoreResult health;

    /* flow thread only */
    ByoTurn turn;
    ByoTurn aside;               /* refusals while nobody knows of `turn` */
    ByoInput *kept, **last_kept; /* to be given again */
    ByoClockWatch clock;
    ByoTime jump; /* not in the store yet */
    ByoTime trouble_since, tried;
    ByoTime recovered; /* monotonic; 0: not yet */
    size_t probe;      /* octets */
    ByoTime beaten;    /* monotonic */
    ByoTime chore_at;  /* monotonic: not before */
    bool outdated;     /* it was told */
    char told[256];    /* what was the matter when the trouble was logged last */
};

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

static ByoStoreResult make_call(ByoEngine *e, Call *c)
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
    Call c = {.fn = fn, .arg = arg};
    return make_call(e, &c);
}

bool byo_engine_fact(ByoEngine *e, void (*fact)(void *arg, ByoFlow *flow, ByoTime now), void *arg)
{
    Call c = {.fact = fact, .arg = arg};
    return make_call(e, &c) == BYO_STORE_OK;
}

ByoStoreResult byo_engine_health(ByoEngine *e)
{
    pthread_mutex_lock(&e->lock);
    ByoStoreResult r = e->health;
    pthread_mutex_unlock(&e->lock);
    return r;
}

static void keep(ByoEngine *e, ByoInput *in)
{
    in->next = NULL;
    *e->last_kept = in;
    e->last_kept = &in->next;
}

static void answer_calls(ByoEngine *e, Call *calls, ByoStoreResult result)
{
    if (!calls)
        return;
    pthread_mutex_lock(&e->lock);
    while (calls) {
        Call *c = calls;
        calls = c->next; /* the caller's stack is gone once it is done */
        c->result = result;
        c->done = true;
    }
    pthread_cond_broadcast(&e->answered);
    pthread_mutex_unlock(&e->lock);
}

/* What is so before any turn and whatever becomes of it. Returns the calls that are left. */
static Call *take_facts(ByoEngine *e, const ByoInput *inputs, Call *calls)
{
    Call *facts = NULL, *left = NULL, **last_fact = &facts, **last = &left;
    for (; inputs; inputs = inputs->next)
        byo_flow_fact(e->opt.flow, inputs);
    for (Call *c = calls, *next; c; c = next) {
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
    answer_calls(e, facts, BYO_STORE_OK);
    return left;
}

static void set_health(ByoEngine *e, ByoStoreResult r)
{
    pthread_mutex_lock(&e->lock);
    e->health = r;
    pthread_mutex_unlock(&e->lock);
}

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

/* What comes while it is not known whether the last turn is kept: new messages are refused at once; all else waits in the
 * queue, facts too, for the turn may still be undone, and what a smsbox writes again, for it may be of this turn. */
static void refuse_new(ByoEngine *e)
{
    pthread_mutex_lock(&e->lock);
    ByoInput *inputs = e->first;
    e->first = NULL;
    e->last = &e->first;
    pthread_mutex_unlock(&e->lock);
    ByoInput *held = NULL, **last = &held;
    e->aside.now = byo_now();
    for (ByoInput *in = inputs, *next; in; in = next) {
        next = in->next;
        in->next = NULL;
        if (in->kind == BYO_IN_MT && !byo_flow_mt_known(e->opt.flow, in)) {
            byo_flow_refuse(e->opt.flow, &e->aside, in, BYO_STORE_UNKNOWN);
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

/* A lost connection is told first, and why there is no other when that is known: each cause once. */
static void tell_trouble(ByoEngine *e, ByoStoreResult result)
{
    char cause[sizeof e->told];
    snprintf(cause, sizeof cause, "%s (%s)", byo_store_result_text(result), byo_store_error(e->opt.store));
    if (strcmp(cause, e->told) == 0)
        return;
    strcpy(e->told, cause);
    byo_log_error("the store cannot be written: %s; sending is answered with HTTP 503 until it can", cause);
}

/* inputs: of the turn that failed; NULL: its end is not known, or what it gave must wait. */
static void in_trouble(ByoEngine *e, const ByoInput *inputs, ByoStoreResult result)
{
    if (!e->trouble_since) {
        e->trouble_since = e->turn.now;
        set_probe(e, inputs);
        e->told[0] = 0;
    }
    tell_trouble(e, result);
    set_health(e, result);
}

/* While it is not known whether a turn is kept, nothing of it is acked. Still not known: the engine is to stop. */
static ByoStoreResult commit(ByoEngine *e)
{
    const struct timespec pause = {0, ASK_AGAIN_NS};
    ByoStoreResult result = byo_turn_commit(&e->turn);
    for (bool stop = false; result == BYO_STORE_UNKNOWN && !stop;) {
        result = byo_turn_outcome(&e->turn);
        if (result != BYO_STORE_UNKNOWN)
            break;
        in_trouble(e, NULL, result);
        refuse_new(e);
        nanosleep(&pause, NULL);
        if (e->opt.turned)
            e->opt.turned(e->opt.arg, byo_monotonic());
        pthread_mutex_lock(&e->lock);
        stop = e->stop && byo_monotonic() >= e->stop_by;
        pthread_mutex_unlock(&e->lock);
    }
    return result;
}

/* What is kept may leave, unless this process or the commit took longer than the node's lease: then the store is asked
 * first whether another node took over meanwhile. False: it did, or the engine is to stop. */
static bool may_leave(ByoEngine *e)
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
        in_trouble(e, NULL, result);
        refuse_new(e);
        nanosleep(&pause, NULL);
        if (e->opt.turned)
            e->opt.turned(e->opt.arg, byo_monotonic());
    }
    return true;
}

/* A turn was committed. That it is over counts when it can be written down, too: the turn may have been
 * empty. */
static void recover(ByoEngine *e, ByoTime now)
{
    if (e->opt.recovered) {
        byo_turn_begin(&e->turn, e->opt.store, now);
        byo_store_probe(e->opt.store, 0);
        e->opt.recovered(e->opt.arg, &e->turn, e->health, e->trouble_since);
        bool fine = commit(e) == BYO_STORE_OK;
        byo_turn_done(&e->turn);
        if (!fine)
            return; /* the next turn tells it */
    }
    byo_log_info("the store can be written again");
    e->trouble_since = 0;
    e->recovered = byo_monotonic();
    set_health(e, BYO_STORE_OK);
}

/* Outputs may leave. */
static void let_go(ByoEngine *e)
{
    byo_link_post(e->link, &e->turn.out);
    byo_turn_done(&e->turn);
}

static void tell_outdated(ByoEngine *e)
{
    if (e->outdated || !e->opt.outdated || byo_store_current(e->opt.store))
        return;
    e->outdated = true;
    e->opt.outdated(e->opt.arg, byo_store_error(e->opt.store));
}

static void turn_failed(ByoEngine *e, ByoInput *inputs, ByoStoreResult result)
{
    in_trouble(e, inputs, result);
    tell_outdated(e);
    while (inputs) {
        ByoInput *in = inputs;
        inputs = in->next;
        if (byo_flow_refuse(e->opt.flow, &e->turn, in, result))
            keep(e, in);
        else
            byo_input_free(in);
    }
    let_go(e);
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

static ByoStoreResult attempt(ByoEngine *e, const ByoInput *inputs, const Call *calls, Wish *w)
{
    ByoTurn *t = &e->turn;
    *w = (Wish){.more = false};
    e->tried = byo_monotonic();
    byo_turn_begin(t, e->opt.store, byo_now());
    follow_clock(e);
    byo_flow_inputs(e->opt.flow, t, inputs);
    for (const Call *c = calls; c; c = c->next)
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
    ByoStoreResult result = commit(e);
    if (chore)
        w->rest = chore_done(e, begun, w->more);
    return result;
}

/* The engine stops and nobody knows whether the turn is kept, or it is kept and another node may have what it gave: nothing of
 * it is acked or leaves. */
static void leave_open(ByoEngine *e, ByoInput *inputs, Call *calls, const char *why)
{
    byo_log_error("%s; nothing of it was acked", why);
    byo_turn_undo(&e->turn);
    while (inputs) {
        ByoInput *in = inputs;
        inputs = in->next;
        byo_input_free(in);
    }
    answer_calls(e, calls, BYO_STORE_IO);
}

/* Returns when the flow wants its next turn. */
static ByoTime turn(ByoEngine *e, ByoInput *inputs, Call *calls)
{
    Wish w;
    ByoStoreResult result = attempt(e, inputs, calls, &w);
    for (int i = 0; i < AGAIN_MOST && result == BYO_STORE_AGAIN; i++)
        result = attempt(e, inputs, calls, &w);
    ByoTime now = e->turn.now;
    if (result == BYO_STORE_UNKNOWN) {
        leave_open(e, inputs, calls, "it is not known whether the last turn was written");
        return now + TROUBLE_PAUSE;
    }
    if (result != BYO_STORE_OK) {
        turn_failed(e, inputs, result);
        answer_calls(e, calls, result);
        return now + TROUBLE_PAUSE;
    }
    e->jump = 0;
    if (!may_leave(e)) {
        tell_outdated(e);
        leave_open(e, inputs, calls,
                   "the last turn was written, but another byobox may have taken over since");
        return now + TROUBLE_PAUSE;
    }
    let_go(e);
    if (e->trouble_since)
        recover(e, now);
    answer_calls(e, calls, result);
    while (inputs) {
        ByoInput *in = inputs;
        inputs = in->next;
        byo_input_free(in);
    }
    return w.more && (!w.next || w.next > now + w.rest) ? now + w.rest : w.next;
}

/* While there is trouble nothing new is tried but once in a while, with everything that was kept. */
static ByoTime trouble(ByoEngine *e, ByoInput *inputs, Call *calls)
{
    ByoTime now = e->turn.now = byo_now();
    while (inputs) {
        ByoInput *in = inputs;
        inputs = in->next;
        if (byo_flow_refuse(e->opt.flow, &e->turn, in, e->health))
            keep(e, in);
        else
            byo_input_free(in);
    }
    let_go(e);
    /* A call is carried out in any case: memory (a new configuration) may depend on it. */
    if (!calls && byo_monotonic() - e->tried < TROUBLE_PAUSE)
        return now + TROUBLE_PAUSE;
    ByoInput *again = e->kept;
    e->kept = NULL;
    e->last_kept = &e->kept;
    return turn(e, again, calls);
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
        ByoInput *inputs = e->first;
        Call *calls = e->calls;
        e->first = NULL;
        e->last = &e->first;
        e->calls = NULL;
        e->last_call = &e->calls;
        bool stop = e->stop;
        ByoTime stop_by = e->stop_by;
        pthread_mutex_unlock(&e->lock);
        if (stop)
            byo_flow_quiesce(e->opt.flow);
        calls = take_facts(e, inputs, calls);
        next = e->trouble_since ? trouble(e, inputs, calls) : turn(e, inputs, calls);
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
    e->started = true;
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
        e->started = false;
    }
}

void byo_engine_destroy(ByoEngine *e)
{
    if (!e)
        return;
    byo_engine_stop(e, 0);
    *e->last = e->kept;
    while (e->first) {
        ByoInput *in = e->first;
        e->first = in->next;
        byo_input_free(in);
    }
    byo_turn_free(&e->turn);
    byo_turn_free(&e->aside);
    pthread_mutex_destroy(&e->lock);
    pthread_cond_destroy(&e->wake);
    pthread_cond_destroy(&e->answered);
    free(e);
}
