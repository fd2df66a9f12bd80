/* SPDX-License-Identifier: BSD-3-Clause
 * Whose turn it is: the segments that did not get through at the first try, by (integration, our number,
 * recipient), so that later messages of the pair do not overtake them; and of a pair that had to wait so until when: then all of
 * it leave in the order of their ids.
 * A hint, not the truth: who finds one here looks into the store what it is doing now. Bounded: beyond
 * the limit nothing is added, and the order of those pairs is the carrier's.
 * Ownership: the table owns its memory. Threads: one owner. */
#ifndef BYO_FLOW_ORDER_H
#define BYO_FLOW_ORDER_H

#include "base/clock.h"
#include "base/undo.h"
#include "compliance/pair.h"

typedef struct ByoOrder ByoOrder;

/* A pair at one integration. */
typedef struct {
    ByoPair pair;
    uint64_t integration; /* hash of its id */
} ByoOrderKey;

ByoOrder *byo_order_create(size_t max, uint64_t seed);
void byo_order_destroy(ByoOrder *o); /* takes NULL */
/* False: number and recipient make no pair. */
bool byo_order_key(ByoStr integration, ByoStr number, ByoStr recipient, ByoOrderKey *key_r);
/* Twice is once. False: there is no room. */
bool byo_order_add(ByoOrder *o, ByoUndo *u, const ByoOrderKey *key, int64_t id);
void byo_order_remove(ByoOrder *o, ByoUndo *u, const ByoOrderKey *key, int64_t id);
/* The smallest id of the pair; 0: none. */
int64_t byo_order_first(const ByoOrder *o, const ByoOrderKey *key);
/* Until when those of the pair wait that were put behind; 0: none was. set: 0: none is any more. */
ByoTime byo_order_until(const ByoOrder *o, const ByoOrderKey *key);
void byo_order_set_until(ByoOrder *o, ByoUndo *u, const ByoOrderKey *key, ByoTime until);
void byo_order_clock_jumped(ByoOrder *o, ByoTime by);
size_t byo_order_count(const ByoOrder *o); /* of segments and pairs that wait */

#endif
