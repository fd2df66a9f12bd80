/* SPDX-License-Identifier: BSD-3-Clause
 * Sessions with the database: how one is made and set up, by whom, what it holds while it lasts.
 * Ownership: a session is its store's, or the thread's that asked for it. Threads: any, one for each session. */
#ifndef BYO_STORE_PGSQL_SESSION_H
#define BYO_STORE_PGSQL_SESSION_H

#include "store/pgsql/pgsql.h"
#include "store/pgsql/pgsql_value.h"

#define BYO_PG_CONNECT_TIMEOUT 10 /* s */
/* A database that says nothing for so long is taken for lost, ms: longer than its lock_timeout, which is an answer. */
#define BYO_PG_ANSWER_MS 8000
/* For a statement that changes all that is open, or the tables. */
#define BYO_PG_LONG_ANSWER_MS 600000

/* Which backend a session has; two sessions differ in it. */
typedef struct {
    int pid;
    int64_t started; /* microseconds, by the database's clock */
} ByoPgBackend;

/* It can detach a partition without locking out others: DETACH PARTITION CONCURRENTLY. */
enum { BYO_PG_SERVER_WITH_DAYS = 140000 };
static inline int byo_pg_day(ByoTime t)
{
    return (int)(t / BYO_DAY);
}
/* The same of an id (byo_id_time), in SQL. */
#define BYO_PG_DAY_OF(id) "(((" id " >> 23) + 1577836800000) / 86400000)"
typedef struct {
    int from, upto; /* upto: the first behind it */
} ByoPgRange;

/* Days since 1970, UTC, that have partitions, ascending. What is wrong with them, in a sentence; "": nothing. */
typedef struct {
    char why[200];
    bool fault;  /* why tells of one, which may pass */
    bool may;    /* be made, and dropped, by this role */
    int oldest;  /* the first day of a partition, 0: one is on its way out; INT_MAX: there are none */
    int removed; /* what ended on days before that one is gone; 0: that is not known */
    int asked;   /* what ended on days before that one was to go then, by the node's clock */
    size_t n;
    ByoPgRange at[];
} ByoPgDays;

typedef struct {
    PGconn *c;
    ByoPgBackend backend;
    int slot;                     /* the node's */
    int64_t epoch;                /* and under which one it writes; 0: none yet */
    int64_t turn;                 /* the newest of the slot that is kept */
    int64_t told;                 /* the newest change of the slot that is kept */
    Oid row_types[BYO_PG_TABLES]; /* a writer's */
    ByoPgDays *days;              /* a node's; NULL: not known. Whoever has the session frees it */
} ByoPgSession;

/* All of r, which are not empty, as a value of a statement; it points into them. */
ByoPgValue byo_pg_records(const ByoPgSession *session, const ByoPgRecords *r);

typedef struct ByoPgDial ByoPgDial;

/* pgsql_connect.c. A session that may be used: the database is ours and of this schema, nothing stands between; a
 * writer's holds the lock of its node, unless its epoch is not that of `before`: then it is of no use but to
 * be read. One without a node holds the locks of all. before: the session that is replaced, which is ended first; or {0}.
 * False: *result_r and *why_r, without a password, which the caller frees. Blocks. */
bool byo_pg_session_open(const ByoPgTarget *at, bool writer, ByoPgSession before, ByoPgSession *session_r,
                         ByoStoreResult *result_r, char **why_r);
/* The same by a thread of its own. */
ByoPgDial *byo_pg_dial(const ByoPgTarget *at, ByoPgSession before);
/* False: not yet. True: d is freed; result_r as above. */
bool byo_pg_dialled(ByoPgDial *d, ByoPgSession *session_r, ByoStoreResult *result_r, char **why_r);
void byo_pg_dial_cancel(ByoPgDial *d); /* waits for the thread; NULL: nothing */
/* As PQexecParams, but not for ever: a way that carries nothing any more must not keep the next one from being tried.
 * NULL: no answer came. */
PGresult *byo_pg_execute(PGconn *c, const char *sql, int n, const char *const *values);
/* As PQexec, of one statement or several that may take their time, but not for ever either. */
PGresult *byo_pg_execute_long(PGconn *c, const char *sql);
/* The last of the answers to what was sent; NULL: none came in ms. */
PGresult *byo_pg_await(PGconn *c, ByoTime ms);
/* Whether who waits is to go on no more; by the thread that waits. */
typedef struct {
    bool (*now)(void *arg);
    void *arg;
} ByoPgStop;
PGresult *byo_pg_await_or_stop(PGconn *c, ByoTime ms, const ByoPgStop *stop); /* NULL: it is not */
/* What the database said, in one line, without the password. The caller frees it. */
char *byo_pg_said(const ByoPgTarget *at, const char *said);
ByoStoreResult byo_pg_map(const char *sqlstate);

/* One in the making. */
typedef struct {
    const ByoPgTarget *at;
    PGconn *c;
    char *place;
    ByoStoreResult result;
    char *why;
    const ByoPgStop *stop; /* NULL: nobody stops it */
} ByoPgMaking;
/* why is freed. */
bool byo_pg_refuse(ByoPgMaking *m, ByoStoreResult result, char *why);
/* One of a thread's own beside the store's, set up as a writer's. NULL: *why_r. */
PGconn *byo_pg_connect(const ByoPgTarget *at, const ByoPgStop *stop, char **why_r);
/* A statement's first row; NULL: refused. The caller clears it. */
PGresult *byo_pg_make_ask(ByoPgMaking *m, const char *sql, int n, const char *const *values);
bool byo_pg_make_tell(ByoPgMaking *m, const char *sql, int n, const char *const *values);

/* Of advisory locks: "BYOB" and which. */
#define BYO_PG_LOCK_CLASS "1113149250"
enum {
    BYO_PG_LOCK_SCHEMA =
        1,             /* shared: the session of who uses the tables as they are; else: who changes them */
    BYO_PG_LOCK_ENTER, /* who changes the schema or enters */
    BYO_PG_LOCK_STOP,
    BYO_PG_LOCK_SHARES,
    BYO_PG_LOCK_ALONE,
    BYO_PG_LOCK_DAYS,     /* who makes partitions */
    BYO_PG_LOCK_DAYS_END, /* who drops them: the session */
    BYO_PG_LOCK_SLOT = 16,
    BYO_PG_LOCK_NODE = 48
};
/* The database's clock, in ms. */
#define BYO_PG_NOW "(extract(epoch FROM clock_timestamp()) * 1000)::int8"
/* How long behind a node's `seen` its slot is kept for it, ms: a day, and how old `seen` may be. */
#define BYO_PG_SLOT_KEPT "90000000"

/* pgsql_node.c. A writer's session becomes its node's: slot and epoch. before as above. */
bool byo_pg_node_enter(ByoPgMaking *m, const ByoPgSession *before, ByoPgSession *session);
/* So long a node's turn holds, from when it was sent: nobody takes over meanwhile. It makes one so often. ms */
#define BYO_PG_LEASE ((ByoTime)5000)
#define BYO_PG_RENEW ((ByoTime)900)
extern const char byo_pg_taken_over[]; /* a sentence */

/* pgsql_schema.c. Brings it to this byobox's version, or says what stands in the way. A writer holds it there while its
 * session lasts: who wants to change the tables waits. */
bool byo_pg_schema(ByoPgMaking *m, bool writer, bool upgrade);
/* pgsql_node.c. Whose session has that lock: "the byobox of node-id = n1 at the host h". The caller frees it. */
char *byo_pg_holder(PGconn *c, int lock);
/* So long is waited for a byobox to leave or to be gone, looking so often. ms */
#define BYO_PG_WAIT ((ByoTime)8000)
void byo_pg_pause(void);

/* pgsql_days.c. Which days have partitions. NULL: a fault, which is no matter. The caller frees it. */
ByoPgDays *byo_pg_days_look(PGconn *c);

#endif
