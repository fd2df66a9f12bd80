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
    int day;      /* it lies in that day's partition; 0: in the open table, or nowhere yet */
    enum { BYO_PG_STAYS, BYO_PG_LEAVES, BYO_PG_LEAVES_IN_PART } leaves; /* pgsql_over.c */
    /* It was kept, and is changed only if this transaction wrote it last (its xmin); 0: it was read, or is new. */
    uint32_t guard;
    bool used;   /* it was given out */
    bool locked; /* a message that was compared, and stays as it is */
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

/* pgsql_held.c */
ByoPgCached *byo_pg_held(ByoStore *s); /* never NULL */
ByoPgEntry *byo_pg_held_find(const ByoPgRowsOf *k, ByoId id);
ByoPgEntry *byo_pg_held_get(ByoPgRowsOf *k, ByoId id, size_t octets); /* it is made if need be, all zero */
/* It is to be written; over: when it becomes so, it is in its last state. */
void byo_pg_held_dirty(ByoPgRowsOf *k, ByoPgEntry *e, ByoPgRowState state, bool over);
void byo_pg_held_clean(ByoPgList *l); /* all of it is written */
/* Those of a list that are such are taken out of it. */
ByoPgList byo_pg_held_take(ByoPgList *l, bool (*such)(const ByoStore *s, const ByoPgEntry *e),
                           const ByoStore *s);
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

/* pgsql_over.c: messages that ended leave the open tables, with all their segments. */
void byo_pg_over_write(ByoStore *s);
/* Those of these ids that are over, into memory. */
bool byo_pg_over_load(ByoStore *s, const ByoId *messages, size_t n_messages, const ByoId *segments,
                      size_t n_segments);
/* A message's segments, those that lie in its day or, where that is not known, in any. */
bool byo_pg_over_segments(ByoStore *s, ByoId message, int day, ByoPgRows *r);
bool byo_pg_over_duplicate(ByoStore *s, ByoId message, int day);
/* Of messages and segments that are to be added, those that go to their day at once. */
void byo_pg_over_write_added(ByoStore *s);
/* Of rows of the tables of what is over, behind so many others, the day. */
enum { BYO_PG_MESSAGE_COLUMNS = 28, BYO_PG_SEGMENT_COLUMNS = 18 };
int byo_pg_over_day_at(const ByoPgRows *r, int column);

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
/* The messages of segments that are to be written are compared and locked, those that are not yet. */
void byo_pg_kept_lock(ByoStore *s, const ByoPgList *segments);

/* pgsql_rows.c: all of a list, some in each statement; it is empty then. */
typedef void ByoPgWriteRows(ByoStore *s, const ByoPgList *l);
void byo_pg_rows_write_list(ByoStore *s, ByoPgList *l, ByoPgWriteRows *write);

/* pgsql_columns.c: all of a list, which is not empty, in one statement. over: they lie in their days; leave: they do then. */
ByoPgWriteRows byo_pg_messages_add, byo_pg_messages_update, byo_pg_messages_add_over,
    byo_pg_messages_update_over, byo_pg_messages_leave;
ByoPgWriteRows byo_pg_segments_add, byo_pg_segments_update, byo_pg_segments_add_over,
    byo_pg_segments_update_over, byo_pg_segments_leave;

#endif
