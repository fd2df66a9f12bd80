/* SPDX-License-Identifier: BSD-3-Clause
 * Concatenation references: for each recipient the least recently used one first (spec D11), so that the
 * segments of two messages to one phone never carry the same reference while both may be in flight.
 * Bounded: beyond its limit the recipient not written to for longest is forgotten.
 * Ownership: the table owns its memory. Threads: one owner. Changes are recorded in the turn's journal. */
#ifndef BYO_FLOW_REFS_H
#define BYO_FLOW_REFS_H

#include "base/undo.h"

typedef struct ByoRefs ByoRefs;

/* slot: from 0 to 7: only references of this remainder by 8 are used, others use the rest; -1: all of them. */
ByoRefs *byo_refs_create(size_t recipients, uint64_t seed, int slot);
void byo_refs_destroy(ByoRefs *r);
/* The next reference for this recipient, 0..255 or 0..65535. A recipient not known starts at a place
 * made from the seed. */
unsigned byo_refs_next(ByoRefs *r, ByoUndo *u, ByoStr recipient, int bits);
/* A reference this recipient had, told from the oldest to the newest: after a start the next one follows. */
void byo_refs_used(ByoRefs *r, ByoStr recipient, unsigned reference);
size_t byo_refs_count(const ByoRefs *r);

#endif
