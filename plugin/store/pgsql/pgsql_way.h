/* SPDX-License-Identifier: BSD-3-Clause
 * The way to the database for who looks after partitions: a session of a thread's own, or one that is being made.
 * Decides: nothing; the first thing that goes wrong is noted, and told by who asked.
 * Ownership: all its maker's. Threads: any, one for each session. */
#ifndef BYO_STORE_PGSQL_WAY_H
#define BYO_STORE_PGSQL_WAY_H

#include "store/pgsql/pgsql_session.h"

typedef struct {
    PGconn *c;
    const ByoPgTarget *at; /* NULL: nothing it says is secret */
    const ByoPgStop *stop; /* NULL: it goes on to its end */
    ByoTime ms;            /* so long an answer is waited for */
    char why[200];         /* the first fault; "": there was none */
} ByoPgWay;

bool byo_pg_way_stopped(const ByoPgWay *w);
/* what: what cannot be done then. NULL: a fault, noted. Else the caller clears it. */
PGresult *byo_pg_way_ask(ByoPgWay *w, const char *sql, const char *what);
/* At most 1,023 octets of SQL. False: a fault, noted. */
bool byo_pg_way_tell(ByoPgWay *w, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Of one boolean. False: a fault, noted. */
bool byo_pg_way_is(ByoPgWay *w, const char *sql, const char *what, bool *is_r);
/* Piece by piece: sql tells the statement behind the id `after`, the caller of it frees it; it answers the last id it came
 * to, or none at the end. False: a fault, noted, or it was stopped. */
bool byo_pg_way_pieces(ByoPgWay *w, char *(*sql)(const void *arg, int64_t after), const void *arg,
                       const char *what);

#endif
