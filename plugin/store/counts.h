/* SPDX-License-Identifier: BSD-3-Clause
 * How many rows there are of each kind and name, for every implementation on a database: kept in the transaction that changes
 * them, never counted.
 * Decides: what is this transaction's and what is committed. How a count lies in the database is the implementation's.
 * Ownership: ByoCounts owns its counts; one lives as long as it. Threads: as ByoStore. */
#ifndef BYO_STORE_COUNTS_H
#define BYO_STORE_COUNTS_H

#include "base/hash.h"
#include "tracking/segment.h"

/* Segment states that are counted: QUEUED, HANDED, ACCEPTED. */
#define BYO_STATES 3

/* How many of what. Of integrations (the state is the kind), and more. */
typedef enum {
    BYO_COUNT_QUEUED = BYO_SEG_QUEUED,
    BYO_COUNT_HANDED = BYO_SEG_HANDED,
    BYO_COUNT_ACCEPTED = BYO_SEG_ACCEPTED,
    BYO_COUNT_INWARD, /* all rows of inward */
    BYO_COUNT_EARLY,
    BYO_COUNT_BOX,       /* rows of inward for a named smsbox */
    BYO_COUNT_ANONYMOUS, /* for all others */
    BYO_COUNT_KINDS
} ByoCountKind;

/* First member of what an implementation knows of one. */
typedef struct ByoCount {
    ByoHashEntry entry;
    struct ByoCount *next_touched;
    ByoCountKind kind;
    char *name;
    size_t length;
    int64_t live, kept; /* this writer's: this transaction's view, what is committed */
    int64_t others;     /* what other writers added and took away; live may be below 0 then */
    bool touched;
} ByoCount;

typedef struct {
    ByoHashTable table;
    size_t octets;                  /* of one, at least a ByoCount */
    ByoCount *touched;              /* since the last settling */
    int64_t names[BYO_COUNT_KINDS]; /* with a count above 0 */
} ByoCounts;

ByoCounts *byo_counts_create(size_t octets);
void byo_counts_destroy(ByoCounts *counts); /* NULL: nothing */
ByoCount *byo_counts_find(const ByoCounts *counts, ByoCountKind kind,
                          ByoStr name); /* NULL: nothing was counted */
/* As it lies in the database, at start. */
ByoCount *byo_counts_load(ByoCounts *counts, ByoCountKind kind, ByoStr name, int64_t n);
ByoCount *byo_counts_get(ByoCounts *counts, ByoCountKind kind,
                         ByoStr name); /* 0, where nothing was counted */
void byo_counts_add(ByoCounts *counts, ByoCount *c, int64_t by);
void byo_counts_others(ByoCounts *counts, ByoCount *c, int64_t others);
/* All writers'; never below 0. */
static inline int64_t byo_count_total(const ByoCount *c)
{
    return c->live + c->others > 0 ? c->live + c->others : 0;
}
void byo_counts_by(ByoCounts *counts, ByoCountKind kind, ByoStr name, int64_t by);
int64_t byo_counts_live(const ByoCounts *counts, ByoCountKind kind, ByoStr name); /* the total */
/* It is among the touched until the next settling. */
void byo_counts_touch(ByoCounts *counts, ByoCount *c);
/* The transaction is over. NULL: nothing. */
void byo_counts_settle(ByoCounts *counts, bool kept);
/* All, in any order: the one behind c, the first for NULL. */
ByoCount *byo_counts_after(const ByoCounts *counts, const ByoCount *c);

#endif
