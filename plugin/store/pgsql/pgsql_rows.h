/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of messages and segments a turn holds, between the files that hold them (pgsql_held.c), read and write them
 * (pgsql_rows.c), know their columns (pgsql_columns.c), and keep them from one turn to the next (pgsql_kept.c).
 * Ownership and threads: pgsql_rows.c. */
#ifndef BYO_STORE_PGSQL_ROWS_H
#define BYO_STORE_PGSQL_ROWS_H

#include "store/pgsql/pgsql_private.h"

typedef enum { BYO_PG_ROW_READ, BYO_PG_ROW_ADDED, BYO_PG_ROW_CHANGED, BYO_PG_ROW_ABSENT } ByoPgRowState;

/* First member of both. */
typedef struct ByoPgEntry {
    ByoHashEntry entry;
    struct ByoPgEntry *next; /* in its list */
    ByoId id;
    ByoPgRowState state;
    bool written; /* by this transaction */
    /* It was kept, and is changed only if this transaction wrote it last (its xmin); 0: it is locked, or new. */
    uint32_t guard;
} ByoPgEntry;

typedef struct {
    ByoPgEntry e;
    ByoMessageRow row;
} ByoPgMessage;

typedef struct {
    ByoPgEntry e;
    ByoSegmentRow row;
    ByoStr integration;
    int slot;   /* who wrote it last */
    bool taken; /* over from who handed it over: no window has it */
} ByoPgSegment;

/* To be written. */
typedef struct {
    ByoPgEntry *first;
    size_t n;
} ByoPgList;

/* All of a table. */
typedef struct {
    ByoHashTable table;
    ByoPgList added, changed, over; /* over: changed, and hardly changed again */
} ByoPgRowsOf;

/* Where texts lie: full pieces behind the one that is being filled. */
typedef struct ByoPgPiece {
    struct ByoPgPiece *next;
    size_t n, room;
    char text[];
} ByoPgPiece;

struct ByoPgCached {
    ByoPgRowsOf messages, segments;
    ByoPgPiece *pieces;
};

static inline uint64_t byo_pg_hash(ByoId id)
{
    uint64_t h = (uint64_t)id * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/* pgsql_held.c */
ByoPgCached *byo_pg_held(ByoStore *s); /* never NULL */
ByoPgEntry *byo_pg_held_find(const ByoPgRowsOf *k, ByoId id);
ByoPgEntry *byo_pg_held_get(ByoPgRowsOf *k, ByoId id, size_t octets); /* it is made if need be, all zero */
/* It is to be written; over: when it becomes so, it is in its last state. */
void byo_pg_held_dirty(ByoPgRowsOf *k, ByoPgEntry *e, ByoPgRowState state, bool over);
void byo_pg_held_clean(ByoPgList *l); /* all of it is written */
/* All texts of a row. */
enum { BYO_PG_MESSAGE_TEXTS = 10, BYO_PG_SEGMENT_TEXTS = 7 };
void byo_pg_message_texts(ByoMessageRow *m, ByoStr *texts[BYO_PG_MESSAGE_TEXTS]);
void byo_pg_segment_texts(ByoSegmentRow *seg, ByoStr *integration, ByoStr *texts[BYO_PG_SEGMENT_TEXTS]);
/* From now on they lie in held, or in b until the next; each ended by a NUL, an absent one empty. */
void byo_pg_hold_texts(ByoPgCached *held, ByoStr *const *texts, size_t n);
void byo_pg_copy_texts(ByoBuf *b, ByoStr *const *texts, size_t n);
void byo_pg_hold_verdict(ByoPgCached *held, ByoStoredVerdict *v);
void byo_pg_hold_message(ByoPgCached *held, ByoPgMessage *m, const ByoMessageRow *row);
void byo_pg_hold_segment(ByoPgCached *held, ByoPgSegment *g, const ByoSegmentRow *row, ByoStr integration);

/* pgsql_kept.c: a message with all its segments, as this node wrote it last. */
typedef struct ByoPgUnit {
    ByoHashEntry entry;
    struct ByoPgUnit *older, *newer;
    size_t octets;
    ByoPgMessage message;
    int n;
    ByoPgSegment segments[];
} ByoPgUnit;
const ByoPgUnit *byo_pg_kept_find(const ByoStore *s, ByoId message); /* NULL: it must be read */
void byo_pg_kept_drop(ByoStore *s, ByoId message);

/* pgsql_columns.c: all of a list, which is not empty, in one statement. */
void byo_pg_messages_add(ByoStore *s, const ByoPgList *l);
void byo_pg_messages_update(ByoStore *s, const ByoPgList *l);
void byo_pg_segments_add(ByoStore *s, const ByoPgList *l);
void byo_pg_segments_update(ByoStore *s, const ByoPgList *l);

#endif
