/* SPDX-License-Identifier: BSD-3-Clause
 * Partitions of days, between who has them looked after (pgsql_days.c) and who makes (pgsql_parts.c), drops and empties them
 * (pgsql_parts_end.c). Ownership: none of the store's. Threads: any, one for each session. */
#ifndef BYO_STORE_PGSQL_PARTS_H
#define BYO_STORE_PGSQL_PARTS_H

#include "store/pgsql/pgsql_way.h"

typedef enum { BYO_PG_PART_GONE, BYO_PG_PART_LOOSE, BYO_PG_PART_PENDING, BYO_PG_PART_ATTACHED } ByoPgPartHow;
enum { BYO_PG_PART_MESSAGES, BYO_PG_PART_SEGMENTS, BYO_PG_PART_KINDS };
extern const char *const byo_pg_part_kinds[];

typedef struct {
    char name[64 * 2 + 8]; /* as SQL has it */
    int kind;
    ByoPgPartHow how;
    int from, upto; /* days; upto: the first behind it */
    bool going;     /* marked */
} ByoPgPart;

typedef struct {
    bool may;    /* make and drop them */
    bool looked; /* what follows is so */
    int removed; /* what ended on days before that one is gone; 0: that is not known. As last known until drop */
    ByoPgPart *at;
    size_t n;
} ByoPgParts;

/* What there is, and whether this role may change it. False: a fault, noted; then p is as it was. */
bool byo_pg_parts_look(ByoPgWay *w, ByoPgParts *p);
/* The same without who may. */
bool byo_pg_parts_look_again(ByoPgWay *w, ByoPgParts *p);
/* Those that lack from today on are made, all or none. kept: so many days messages are kept. */
bool byo_pg_parts_make(ByoPgWay *w, ByoPgParts *p, int today, int kept);
/* So many days has one that is made now. */
int byo_pg_parts_span(int kept);
/* Those whose days all lie before that one are dropped, with what hangs on their messages; of those that span more days than
 * they would now, and of all where they may not be dropped, the messages of such days are removed. */
void byo_pg_parts_drop(ByoPgWay *w, ByoPgParts *p, int before, int kept);
/* The caller frees it. */
ByoPgDays *byo_pg_parts_days(const ByoPgWay *w, const ByoPgParts *p);
void byo_pg_parts_free(ByoPgParts *p);

/* So many days behind today; who has fewer than that behind tomorrow makes more. */
enum { BYO_PG_AHEAD = 3 };

#endif
