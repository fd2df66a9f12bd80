/* SPDX-License-Identifier: BSD-3-Clause
 * Operational events (spec L5) on their way to the store and the log. Repeated ones are counted, not
 * flooded: the same kind, entity and error code within a minute is one row with a count. Changes (of state, by
 * an operator, of the configuration) are a row each.
 * Ownership: ByoEvents owns its table; the store is the caller's.
 * Threads: the flow thread, inside a turn. */
#ifndef BYO_ADMIN_EVENTS_H
#define BYO_ADMIN_EVENTS_H

#include "base/event.h"
#include "base/undo.h"
#include "store/store.h"

typedef struct ByoEvents ByoEvents;

ByoEvents *byo_events_create(ByoStore *store);
void byo_events_destroy(ByoEvents *e);
/* When the turn is kept it goes to the log; else it was never told. */
void byo_events_tell(ByoEvents *e, ByoUndo *u, const ByoEventNote *note, ByoTime now);
/* Writes the counts of what was repeated; about once a second. */
void byo_events_beat(ByoEvents *e, ByoUndo *u);
/* Is given each event that is written to the log, as a JSON object, when its turn is committed. */
void byo_events_sink(ByoEvents *e, void (*sink)(void *arg, ByoStr json), void *arg);
/* Since the process started. */
int64_t byo_events_total(const ByoEvents *e, ByoEventKindId kind);

#endif
