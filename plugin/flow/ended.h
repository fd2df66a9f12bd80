/* SPDX-License-Identifier: BSD-3-Clause
 * The message ids of segments that ended lately: whose a receipt is that comes once more (field C06, C08).
 * Decides: nothing; the newest `max` are known. An index over all of them would cost each message a third
 * more: ids come in no order, so each would touch a page of its own. What is found is to be verified with the row.
 * Ownership: byo_ended_destroy frees it. Threads: one. */
#ifndef BYO_FLOW_ENDED_H
#define BYO_FLOW_ENDED_H

#include "base/undo.h"
#include "store/store.h"

typedef struct ByoEnded ByoEnded;

ByoEnded *byo_ended_create(size_t max);
void byo_ended_destroy(ByoEnded *e); /* takes NULL */
void byo_ended_add(ByoEnded *e, ByoUndo *u, ByoStr integration, ByoStr foreign_id, ByoId segment);
/* The newest segment added under this id; 0: none is known. Another id may be taken for this one, rarely. */
ByoId byo_ended_find(const ByoEnded *e, ByoStr integration, ByoStr foreign_id);
size_t byo_ended_count(const ByoEnded *e);

#endif
