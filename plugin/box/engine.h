/* SPDX-License-Identifier: BSD-3-Clause
 * The flow thread: takes what the link room brings, runs turns, commits, lets the outputs go.
 *
 * Decides: how much goes into one commit, what happens while the store cannot be written: MTs are
 * answered "try again" at once, what bearerbox and smsboxes brought is kept un-acked and given to the
 * flow again when the store is back.
 * Ownership: the engine owns its thread and queue; flow, store and link are the caller's.
 * Threads: input from the link thread, call from any thread but the flow thread. */
#ifndef BYO_BOX_ENGINE_H
#define BYO_BOX_ENGINE_H

#include "flow/flow.h"
#include "link/link.h"

typedef struct ByoEngine ByoEngine;

typedef struct {
    ByoStore *store;
    ByoFlow *flow;
    void *arg;
    /* In the flow thread, inside a turn that is about to be committed, once a second or so. */
    void (*beat)(void *arg, ByoTurn *t);
    /* In the flow thread, inside a turn that is about to be committed: a small piece of work that can wait. True:
     * there is more of it. Then it is called again soon, but so that it takes a fifth of the thread's time at
     * most; else after a second or so. May be NULL. */
    bool (*chore)(void *arg, ByoTurn *t);
    /* In the flow thread, inside a turn of its own when one has worked again: what had been wrong since when.
     * Told again when that one fails. */
    void (*recovered)(void *arg, ByoTurn *t, ByoStoreResult was, ByoTime since);
    /* In the flow thread, inside a turn: the wall clock jumped by so much. May be NULL. */
    void (*jumped)(void *arg, ByoTurn *t, ByoTime by);
    /* In the flow thread, after a turn that failed: the store is not the one that memory was made from, and no turn can be
     * kept any more; once. May be NULL. */
    void (*outdated)(void *arg, const char *why);
    /* In the flow thread, whenever a turn is over, however it ended; now is monotonic. May be NULL. */
    void (*turned)(void *arg, ByoTime now);
} ByoEngineOptions;

ByoEngine *byo_engine_create(const ByoEngineOptions *opt);
/* ByoLinkOptions.input; arg is the engine. */
void byo_engine_input(void *engine, ByoInput *in);
void byo_engine_start(ByoEngine *e, ByoLink *link);
/* Runs fn in the flow thread, inside a transaction, and waits for its commit. What fn changed counts
 * only when it returns BYO_STORE_OK. While another turn does not end it is refused, and fn does not run. fn may run more
 * than once: another writer was in the way, and its turn was undone; so what it tells its caller it sets and does not
 * add to. */
ByoStoreResult byo_engine_call(ByoEngine *e, void (*fn)(void *arg, ByoFlow *flow, ByoTurn *t), void *arg);
/* Runs fact in the flow thread between two turns and waits for it: what is so however a turn ends (a new
 * configuration). False: the engine does not run. */
bool byo_engine_fact(ByoEngine *e, void (*fact)(void *arg, ByoFlow *flow, ByoTime now), void *arg);
/* The store's health as the last turn saw it. */
ByoStoreResult byo_engine_health(ByoEngine *e);
/* ... and what is the matter, as the log has it; "": nothing. */
ByoStoreResult byo_engine_trouble(ByoEngine *e, char *why_r, size_t size);
/* Hands nothing over any more, waits at most ms for what bearerbox has not acked, ends the thread. */
void byo_engine_stop(ByoEngine *e, ByoTime ms);
void byo_engine_destroy(ByoEngine *e); /* takes NULL */

#endif
