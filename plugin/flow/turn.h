/* SPDX-License-Identifier: BSD-3-Clause
 * A turn as a value: one transaction of the store with what is decided in it.
 *
 *   byo_turn_begin, byo_flow_inputs, byo_flow_tick, byo_turn_commit
 *   committed: hand `out` to the link room, then byo_turn_done
 *   failed:    nothing of the turn happened; byo_turn_commit has undone what memory knew of it
 *
 * Decides: nothing.
 * Ownership: a turn owns its memory and keeps it from one begin to the next; the store is the caller's.
 * Threads: one, the flow thread. */
#ifndef BYO_FLOW_TURN_H
#define BYO_FLOW_TURN_H

#include "base/clock.h"
#include "base/traffic.h"
#include "base/undo.h"
#include "store/store.h"

typedef struct {
    ByoStore *store; /* between begin and commit its transaction is open */
    ByoTime now;
    ByoOutputs out;
    ByoBuf access;  /* lines for the access log, each ended by a NUL */
    ByoWant *wants; /* rows named and not loaded yet */
    size_t n_wants, cap_wants;
    ByoUndo undo; /* every change of memory in the turn */
} ByoTurn;

void byo_turn_begin(ByoTurn *t, ByoStore *store, ByoTime now);
/* Otherwise than BYO_STORE_OK nothing of the turn is kept, neither in the store nor in memory. With BYO_STORE_UNKNOWN that
 * is still open: byo_turn_outcome, until it answers something else. With BYO_STORE_AGAIN the same turn is made again. */
ByoStoreResult byo_turn_commit(ByoTurn *t);
ByoStoreResult byo_turn_outcome(ByoTurn *t);
/* Nothing of the turn is kept. */
void byo_turn_undo(ByoTurn *t);
/* The turn was kept and its outputs were taken: what waited for that is done. Also of what was answered outside of a
 * transaction (byo_flow_refuse). */
void byo_turn_done(ByoTurn *t);
void byo_turn_free(ByoTurn *t);

#endif
