/* SPDX-License-Identifier: BSD-3-Clause
 * Begin, commit, undo.
 * Ownership and threads: turn.h. */
#include "flow/turn.h"

#include <stdlib.h>

#include "base/log.h"

void byo_turn_begin(ByoTurn *t, ByoStore *store, ByoTime now)
{
    t->store = store;
    t->now = now;
    byo_store_begin(store);
}

void byo_turn_done(ByoTurn *t)
{
    for (size_t at = 0; at < t->access.n; at += strlen(t->access.p + at) + 1)
        byo_log_access(t->access.p + at);
    byo_undo_drop(&t->undo);
    byo_outputs_clear(&t->out);
    byo_buf_clear(&t->access);
}

static void undo(ByoTurn *t)
{
    byo_buf_clear(&t->access);
    byo_outputs_clear(&t->out);
    byo_undo_replay(&t->undo);
}

void byo_turn_undo(ByoTurn *t)
{
    byo_store_rollback(t->store);
    undo(t);
}

static ByoStoreResult ended(ByoTurn *t, ByoStoreResult result)
{
    if (result != BYO_STORE_OK && result != BYO_STORE_UNKNOWN)
        undo(t);
    return result;
}

ByoStoreResult byo_turn_commit(ByoTurn *t)
{
    return ended(t, byo_store_commit(t->store));
}

ByoStoreResult byo_turn_outcome(ByoTurn *t)
{
    return ended(t, byo_store_outcome(t->store));
}

void byo_turn_free(ByoTurn *t)
{
    byo_outputs_free(&t->out);
    byo_buf_free(&t->access);
    free(t->wants);
    t->wants = NULL;
    t->n_wants = t->cap_wants = 0;
    byo_undo_destroy(&t->undo);
}
