/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the engine: its queue and thread (engine.c), one turn (engine_turn.c), what is done while the store cannot be
 * written or nobody knows what it kept (engine_trouble.c).
 * Ownership and threads: engine.h; all functions here are the flow thread's. */
#ifndef BYO_BOX_ENGINE_PRIVATE_H
#define BYO_BOX_ENGINE_PRIVATE_H

#include "box/engine.h"

#include <pthread.h>

/* While the store cannot be written: how often it is tried. */
#define BYO_ENGINE_PAUSE (500)

typedef struct ByoCall {
    struct ByoCall *next;
    void (*fn)(void *arg, ByoFlow *flow, ByoTurn *t); /* or */
    void (*fact)(void *arg, ByoFlow *flow, ByoTime now);
    void *arg;
    bool done;
    ByoStoreResult result;
} ByoCall;

struct ByoEngine {
    ByoEngineOptions opt;
    ByoLink *link;
    long thread;
    bool started;

    pthread_mutex_t lock;
    pthread_cond_t wake;     /* the flow thread's */
    pthread_cond_t answered; /* callers' */
    ByoInput *first, **last;
    ByoCall *calls, **last_call;
    bool stop;
    ByoTime stop_by; /* monotonic */
    ByoStoreResult health;
    char told[256]; /* what was the matter when trouble was logged last */

    /* flow thread only */
    ByoTurn turn;
    ByoTurn aside;               /* refusals while nobody knows of `turn` */
    const ByoInput *taken;       /* what `turn` was made of, until it is known what becomes of it */
    bool given_up;               /* the smsboxes of `taken` were disconnected */
    ByoInput *kept, **last_kept; /* to be given again */
    ByoClockWatch clock;
    ByoTime jump; /* not in the store yet */
    ByoTime trouble_since, tried;
    ByoTime recovered; /* monotonic; 0: not yet */
    size_t probe;      /* octets */
    ByoTime beaten;    /* monotonic */
    ByoTime chore_at;  /* monotonic: not before */
    bool outdated;     /* it was told */
};

/* -- engine.c ------------------------------------------------------------------------------------- */

/* Under lock: all that waits; the queue is empty. */
ByoInput *byo_engine_take(ByoEngine *e, ByoCall **calls_r);
/* The callers go on. */
void byo_engine_answer_calls(ByoEngine *e, ByoCall *calls, ByoStoreResult result);

/* -- engine_turn.c -------------------------------------------------------------------------------- */

/* Its outputs may leave. */
void byo_engine_let_go(ByoEngine *e);
/* Both return when the flow wants its next turn. */
ByoTime byo_engine_turn(ByoEngine *e, ByoInput *inputs, ByoCall *calls);
/* While there is trouble nothing new is tried but once in a while, with everything that was kept. */
ByoTime byo_engine_turn_in_trouble(ByoEngine *e, ByoInput *inputs, ByoCall *calls);

/* -- engine_trouble.c ----------------------------------------------------------------------------- */

/* Of e->turn. While it is not known whether it is kept, nothing of it is acked. Still not known: the engine is to stop. */
ByoStoreResult byo_engine_commit(ByoEngine *e);
/* What is kept may leave, unless this process or the commit took longer than the node's lease: then the store is asked
 * first whether another node took over meanwhile. False: it did, or the engine is to stop. */
bool byo_engine_may_leave(ByoEngine *e);
/* e->turn failed, which was made of these inputs: they are refused, or kept to be given again; and so is what comes while
 * there is trouble. */
void byo_engine_turn_failed(ByoEngine *e, ByoInput *inputs, ByoStoreResult result);
void byo_engine_refuse(ByoEngine *e, ByoInput *inputs, ByoStoreResult result);
/* In the middle of a turn: the store (the engine is its arg) waits for an answer. */
void byo_engine_on_wait(void *engine, ByoTime ms);
/* A turn was committed. */
void byo_engine_recover(ByoEngine *e, ByoTime now);
void byo_engine_tell_outdated(ByoEngine *e);

#endif
