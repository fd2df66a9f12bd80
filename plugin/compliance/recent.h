/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the room: a bounded map from pairs to small records, in order of last use. When it is full the
 * record unused for longest makes room; records that are over go a few at a time with each use.
 * Ownership: the map owns the records; a record's address holds until it leaves.
 * Threads: one owner thread. */
#ifndef BYO_COMPLIANCE_RECENT_H
#define BYO_COMPLIANCE_RECENT_H

#include "base/undo.h"
#include "compliance/pair.h"

typedef struct ByoRecent ByoRecent;

typedef struct {
    size_t size;                                   /* of a record, octets */
    bool (*over)(const void *record, ByoTime now); /* nothing of it counts any more */
    void (*drop)(void *record);                    /* frees what it owns; NULL: nothing */
} ByoRecentKind;

/* max: 1 or more records. kind must outlive the map. */
ByoRecent *byo_recent_create(const ByoRecentKind *kind, size_t max, uint64_t seed);
void *byo_recent_find(const ByoRecent *r, ByoPair pair); /* NULL: there is none */
/* The pair's record, zeroed when it is new; becomes the newest. What leaves for it is freed when the turn is kept.
 * Changes of the record itself are the caller's to record. */
void *byo_recent_touch(ByoRecent *r, ByoUndo *u, ByoPair pair, ByoTime now);
/* Every record, in no order; each may change it, not the map. */
void byo_recent_each(ByoRecent *r, void (*each)(void *record, ByoTime by), ByoTime by);
size_t byo_recent_count(const ByoRecent *r);
void byo_recent_destroy(ByoRecent *r);

#endif
