/* SPDX-License-Identifier: BSD-3-Clause
 * What the files of the store in memory share: tables of rows that never change.
 * A row that is changed is replaced by a changed copy, so that a transaction is the tables as they were before it.
 * Ownership: a row owns its texts. Threads: as memory_store.h. */
#ifndef MEMORY_PRIVATE_H
#define MEMORY_PRIVATE_H

#include "memory_store.h"

/* Rows of messages, inward, the history of opt-outs, events and audit are those of store.h. All begin with an id. */
typedef struct {
    ByoSegmentRow row;
    ByoStr integration;
} MemorySegment;
typedef struct {
    ByoId segment;
    ByoStr foreign_id, integration, loose;
    ByoCopyRow row; /* foreign_id: the one above */
} MemoryCopy;
typedef struct {
    ByoId id;
    ByoStr foreign_id, integration, loose, frame;
} MemoryEarly;
typedef struct {
    ByoId id;
    ByoStr lines, reports;
} MemorySteps;
typedef struct {
    ByoId id;
    ByoStr uuid;
} MemorySeen;
typedef struct {
    ByoId none; /* 0, as in all whose key are texts */
    ByoNumberRow row;
} MemoryNumber;
typedef struct {
    ByoId none;
    ByoStr number, recipient, reading_of;
    ByoId id;
} MemoryOut;
typedef struct {
    ByoId none;
    ByoStr name, value;
} MemorySetting;
typedef struct {
    ByoId none;
    ByoIntegrationRow row;
} MemoryIntegration;

typedef enum {
    MEMORY_MESSAGE,
    MEMORY_SEGMENT,
    MEMORY_COPY,
    MEMORY_STEPS,
    MEMORY_INWARD,
    MEMORY_EARLY,
    MEMORY_SEEN,
    MEMORY_NUMBER,
    MEMORY_LEFT,
    MEMORY_OPT,
    MEMORY_OUT,
    MEMORY_SETTING,
    MEMORY_INTEGRATION,
    MEMORY_EVENT,
    MEMORY_AUDIT,
    MEMORY_INBOUND,
    MEMORY_MINUTE, /* statistics, their time is the id */
    MEMORY_HOUR,
    MEMORY_KINDS
} MemoryKind;

/* In order of id, then of their keys. */
typedef struct {
    void **rows;
    size_t n, cap;
} MemoryTable;

typedef struct {
    ByoTime clock, held, held_till;
} MemoryClock;

struct ByoStore {
    const ByoStoreOps *ops;
    ByoStore *of; /* itself, or the writer of a reader */
    bool open, failed, pending;
    ByoStoreResult why;
    const char *what;                                    /* failed; NULL: why says it all */
    MemoryTable now[MEMORY_KINDS], before[MEMORY_KINDS]; /* before: while a transaction is open */
    MemoryClock clock, clock_before;
    MemoryTable made, gone; /* rows of this transaction */
    MemoryFault fault;
    ByoStoreResult write_fault;
    int unknown; /* outcomes that are still to answer so */
    ByoId last_id;
    int64_t last_inward;
};

/* memory_rows.c */
int memory_order(ByoStr a, ByoStr b);                                /* as memcmp */
const MemoryTable *memory_table(const ByoStore *s, MemoryKind kind); /* what this handle sees */
bool memory_writing(ByoStore *s);
void memory_fail(ByoStore *s, ByoStoreResult why, const char *what);
/* The first row with this id or a greater one; NULL: none. */
void *memory_at(const ByoStore *s, MemoryKind kind, ByoId id);
void *memory_find(const ByoStore *s, MemoryKind kind, ByoId id);
/* A copy with its texts goes in, in place of `old` (NULL: a new row). The row that is in. */
void *memory_put(ByoStore *s, MemoryKind kind, const void *row, void *old);
void memory_remove(ByoStore *s, MemoryKind kind, void *row);
/* The row whose key texts are these; NULL: none. */
void *memory_by_text(const ByoStore *s, MemoryKind kind, ByoStr a, ByoStr b, ByoStr c);

/* The row behind this one, which may be gone meanwhile; NULL: the first one; the end. */
void *memory_next(const ByoStore *s, MemoryKind kind, const void *row);
/* All rows; the body may change them. */
#define MEMORY_EACH(type, name, s, kind) \
    for (type *name = memory_next(s, kind, NULL); name; name = memory_next(s, kind, name))
/* Those with an id of [from, to). */
#define MEMORY_RANGE(type, name, s, kind, from, to) \
    for (type *name = memory_at(s, kind, from); name && *(const ByoId *)name < (to); \
         name = memory_next(s, kind, name))

/* The operations. */
#define BYO_OP(result, name, parameters, arguments) result memory_op_##name parameters;
#include "store/operations.h"

#endif
