/* SPDX-License-Identifier: BSD-3-Clause
 * What takes a turn's changes of memory back: a journal of small functions with copies of their arguments.
 *
 * Whoever changes memory in a turn first records what undoes the change. When the turn is kept, byo_undo_drop
 * forgets the records; when it is not, byo_undo_replay carries them out, the newest first, and memory is as it was.
 * Decides: nothing.
 * A record names a key, an index, or an entry that lies still until the turn is over, never an address that can
 * move; a table that evicts an entry records it. What another thread reads, and every free of what a record may
 * still name, waits for the commit (byo_undo_then, byo_undo_free).
 * A journal of NULL means that nothing is undone (loading at start): records are dropped, and what waits for the
 * commit is done at once.
 * Ownership: the journal owns the copies; owners and entries are the caller's. Zero-initialised is empty.
 * Threads: one owner. */
#ifndef BYO_BASE_UNDO_H
#define BYO_BASE_UNDO_H

#include "base/str.h"

/* args: the copy, aligned for any type; it lives until the function returns. Records nothing itself. */
typedef void ByoUndoFn(void *owner, const void *args);

typedef struct {
    char *p;
    size_t n, cap, last; /* last: of the newest record, behind a first one that is none */
    uint64_t turn;
} ByoUndo;

/* When the turn is not kept, back(owner, copy of the n octets at args) is called. */
void byo_undo_add(ByoUndo *u, ByoUndoFn *back, void *owner, const void *args, size_t n);
/* The n octets at `at`, which lie still until the turn is over, become what they are now. */
void byo_undo_save(ByoUndo *u, void *at, size_t n);
/* When the turn is kept, then(owner, copy) is called, in the order of adding. */
void byo_undo_then(ByoUndo *u, ByoUndoFn *then, void *owner, const void *args, size_t n);
/* When the turn is kept, destroy(p) is called. */
void byo_undo_free(ByoUndo *u, void (*destroy)(void *p), void *p);
/* Whether this is the first time in the turn that the mark is asked about: what is changed many times is saved as a
 * whole once. *mark: 0 at first. Never without a journal. */
bool byo_undo_first(const ByoUndo *u, uint64_t *mark);

void byo_undo_drop(ByoUndo *u);           /* the turn is kept */
void byo_undo_replay(ByoUndo *u);         /* it is not */
size_t byo_undo_octets(const ByoUndo *u); /* of the records; 0: none */
void byo_undo_destroy(ByoUndo *u);        /* the memory; its records were dropped or replayed */

#endif
