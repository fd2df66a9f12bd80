/* SPDX-License-Identifier: BSD-3-Clause
 * A store that remembers until the process ends, for tests: the contract of store/store.h a second time, and commits
 * that fail when they are told to.
 * Ownership: the readers of a store are closed before it. Threads: one. */
#ifndef MEMORY_STORE_H
#define MEMORY_STORE_H

#include "store/store.h"

ByoStore *memory_store_open(void);
/* Sees what is committed. */
ByoStore *memory_store_reader(ByoStore *writer);
/* As if the process had been killed: what is not committed is gone, and memory starts from what is. */
void memory_store_reopen(ByoStore *s);
/* How many rows are there of what SQLite keeps in this table; 0 of one that is nothing here. */
int64_t memory_store_rows(const ByoStore *s, const char *table);

typedef enum {
    MEMORY_FINE,
    MEMORY_FULL,         /* BYO_STORE_FULL */
    MEMORY_AGAIN,        /* BYO_STORE_AGAIN */
    MEMORY_UNKNOWN_KEPT, /* BYO_STORE_UNKNOWN; byo_store_outcome: once more unknown, then it is kept */
    MEMORY_UNKNOWN_LOST  /* the same, and it is not */
} MemoryFault;

/* What the next commit does; once. */
void memory_store_fail(ByoStore *s, MemoryFault fault);
/* The next write fails in this way, and with it its transaction; once. */
void memory_store_fail_write(ByoStore *s, ByoStoreResult why);

#endif
