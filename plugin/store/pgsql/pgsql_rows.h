/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of messages and segments a turn holds, between the file that holds them (pgsql_rows.c) and the one that knows
 * their columns (pgsql_columns.c).
 * Ownership and threads: pgsql_rows.c. */
#ifndef BYO_STORE_PGSQL_ROWS_H
#define BYO_STORE_PGSQL_ROWS_H

#include "store/pgsql/pgsql_private.h"

typedef enum { BYO_PG_ROW_READ, BYO_PG_ROW_ADDED, BYO_PG_ROW_CHANGED, BYO_PG_ROW_ABSENT } ByoPgRowState;

/* First member of both. */
typedef struct ByoPgEntry {
    ByoHashEntry entry;
    struct ByoPgEntry *next_dirty;
    ByoId id;
    ByoPgRowState state;
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

/* All of a table. */
typedef struct {
    ByoHashTable table;
    ByoPgEntry *dirty; /* to be written: those that were added, those that were changed */
    size_t added, changed;
} ByoPgRowsOf;

/* pgsql_columns.c: those of k that were added or were changed are sent, all in one statement. There is one at least. */
void byo_pg_messages_add(ByoStore *s, const ByoPgRowsOf *k);
void byo_pg_messages_update(ByoStore *s, const ByoPgRowsOf *k);
void byo_pg_segments_add(ByoStore *s, const ByoPgRowsOf *k);
void byo_pg_segments_update(ByoStore *s, const ByoPgRowsOf *k);

#endif
