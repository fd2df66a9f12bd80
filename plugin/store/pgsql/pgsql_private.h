/* SPDX-License-Identifier: BSD-3-Clause
 * What the files of the store on PostgreSQL share: the session, its pipeline, statements with typed values, rows that come back.
 *
 * Round trips are the cost. A write is sent and not waited for: what it did wrong shows at the next read or at the commit.
 * A read waits, and so learns of all writes before it. The rows of messages and segments a turn touches are held in memory
 * and written together, before the commit or before a statement that looks at their tables otherwise (pgsql_rows.c).
 * Texts: what byobox itself words (ids of integrations, states, digits of our numbers) is text, ordered by its octets; what
 * a stranger wrote is bytea, for PostgreSQL's text can hold neither a NUL nor broken UTF-8.
 * Ownership: everything belongs to the ByoStore. Threads: as ByoStore, one; a lost session is made anew by a thread
 * of its own (pgsql_connect.c). */
#ifndef BYO_STORE_PGSQL_PRIVATE_H
#define BYO_STORE_PGSQL_PRIVATE_H

#include <libpq-fe.h>

#include "base/hash.h"
#include "store/counts.h"
#include "store/course.h"
#include "store/pgsql/pgsql.h"

/* -- statements: one list ----------------------------------------------------------------------- */

typedef enum {
#define BYO_PG(name, rows, what, sql) BYO_PG_##name,
#include "store/pgsql/pgsql_statements.h"
    BYO_PG_COUNT
} ByoPgStatement;

/* NULL among the numbers of an array. */
#define BYO_PG_NO_INT INT64_MIN

/* A value of a statement: $1, $2, ... in their order. */
typedef struct {
    enum {
        BYO_PG_INT,    /* any of PostgreSQL's integers */
        BYO_PG_TEXT,   /* byobox's own words */
        BYO_PG_OCTETS, /* a stranger's */
        BYO_PG_INTS,
        BYO_PG_XIDS,  /* numbers of transactions, 32 bits */
        BYO_PG_TEXTS, /* absent ones are NULL */
        BYO_PG_OCTETSS,
        BYO_PG_RECORDS /* rows of a table: byo_pg_records */
    } kind;
    bool null; /* of this kind, so that the statement knows its type whatever comes first */
    int64_t number;
    ByoStr text;
    const int64_t *numbers;
    const ByoStr *texts;
    Oid row_type;
    size_t n;
} ByoPgValue;

#define PG_NULL(of) ((ByoPgValue){.kind = (of), .null = true})
#define PG_INT(v) ((ByoPgValue){.kind = BYO_PG_INT, .number = (v)})
/* NULL where v is below 0: a code there is none of. */
#define PG_INT_OPT(v) byo_pg_int_opt(v)
/* An absent text is empty; with _OPT an empty one is NULL. */
#define PG_TEXT(v) ((ByoPgValue){.kind = BYO_PG_TEXT, .text = (v)})
#define PG_TEXT_OPT(v) byo_pg_opt(BYO_PG_TEXT, v)
#define PG_OCTETS(v) ((ByoPgValue){.kind = BYO_PG_OCTETS, .text = (v)})
#define PG_OCTETS_OPT(v) byo_pg_opt(BYO_PG_OCTETS, v)
/* Arrays, which must live until the call returns. */
#define PG_INTS(v, count) ((ByoPgValue){.kind = BYO_PG_INTS, .numbers = (v), .n = (count)})
#define PG_XIDS(v, count) ((ByoPgValue){.kind = BYO_PG_XIDS, .numbers = (v), .n = (count)})
#define PG_TEXTS(v, count) ((ByoPgValue){.kind = BYO_PG_TEXTS, .texts = (v), .n = (count)})
#define PG_OCTETSS(v, count) ((ByoPgValue){.kind = BYO_PG_OCTETSS, .texts = (v), .n = (count)})
/* Four columns: code, cause, description, carrier_code. */
#define PG_VERDICT(v) \
    PG_INT_OPT((v)->code), PG_TEXT_OPT((v)->code_cause), PG_OCTETS_OPT((v)->description), \
        PG_OCTETS_OPT((v)->carrier_code)
/* packed: room for it. */
#define PG_UUID(v, packed) byo_pg_uuid(v, packed)

static inline ByoPgValue byo_pg_opt(int kind, ByoStr v)
{
    return (ByoPgValue){.kind = kind, .text = v, .null = !v.n};
}
static inline ByoPgValue byo_pg_int_opt(int64_t v)
{
    return (ByoPgValue){.kind = BYO_PG_INT, .number = v, .null = v < 0};
}
/* A UUID is kept in 16 octets where it is canonical, else as it came, with a NUL before it where that are 16, too. */
typedef unsigned char ByoPgUuid[17];
ByoStr byo_pg_uuid_octets(ByoStr uuid, ByoPgUuid room);
ByoPgValue byo_pg_uuid(ByoStr uuid, ByoPgUuid room);

/* As libpq takes them. */
enum { BYO_PG_VALUES_MAX = 32 };
typedef struct {
    size_t at[BYO_PG_VALUES_MAX]; /* in the text */
    const char *values[BYO_PG_VALUES_MAX];
    int lengths[BYO_PG_VALUES_MAX], formats[BYO_PG_VALUES_MAX];
    Oid types[BYO_PG_VALUES_MAX];
} ByoPgWire;
/* pgsql_value.c: they point into text, which lives as long. */
void byo_pg_to_wire(ByoBuf *text, ByoPgWire *w, const ByoPgValue *values, size_t n);

/* pgsql_value.c: rows of a table, which go out as one value: an array of its row type. An array for each column costs the
 * database two to four times as much (docs/benchmarks.md). Column by column, in the table's order; one that is not
 * written is NULL. A number that does not fit into its column is refused by the database. */
typedef enum {
    BYO_PG_OF_MESSAGE,
    BYO_PG_OF_SEGMENT,
    BYO_PG_OF_INWARD,
    BYO_PG_OF_REPORT,
    BYO_PG_TABLES
} ByoPgTable;
typedef struct {
    ByoPgTable of;
    ByoBuf b;
    size_t n, row;      /* how many; where the last one begins */
    const char *column; /* that is to be written next; NULL: there is no row */
} ByoPgRecords;
const char *byo_pg_table_name(ByoPgTable of);
void byo_pg_record(ByoPgRecords *r);                /* the next row; the one before is whole */
void byo_pg_put_int(ByoPgRecords *r, int64_t v);    /* BYO_PG_NO_INT: NULL */
void byo_pg_put_text(ByoPgRecords *r, ByoStr v);    /* an absent one is empty */
void byo_pg_put_opt(ByoPgRecords *r, ByoStr v);     /* an empty one is NULL */
void byo_pg_put_present(ByoPgRecords *r, ByoStr v); /* an absent one is NULL */
void byo_pg_put_nulls(ByoPgRecords *r, int n);

#define BYO_PG_VALUES(...) \
    ((const ByoPgValue[]){__VA_ARGS__}), sizeof((const ByoPgValue[]){__VA_ARGS__}) / sizeof(ByoPgValue)

/* A write, sent and not waited for. Outside of a transaction, and after a fault in it, it does nothing. */
#define byo_pg_write(s, q, ...) byo_pg_send_write(s, q, BYO_PG_VALUES(__VA_ARGS__))
void byo_pg_send_write(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n);
/* The same, waited for: how many rows it changed. */
#define byo_pg_change(s, q, ...) byo_pg_send_change(s, q, BYO_PG_VALUES(__VA_ARGS__))
int64_t byo_pg_send_change(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n);

/* Rows that came back. Texts point into them and live until the end. */
typedef struct {
    PGresult *result; /* NULL: there are none */
    int row;
} ByoPgRows;
/* A read, before its first row. False: a fault, noted; then there are no rows.
 *     for (byo_pg_read(s, &r, Q, PG_INT(x)); byo_pg_next(&r);) ... PG_AT(&r, 0) ...
 * byo_pg_next ends by itself behind the last row; who leaves the loop before calls byo_pg_end. */
#define byo_pg_read(s, r, q, ...) byo_pg_send_read(s, r, q, BYO_PG_VALUES(__VA_ARGS__))
#define byo_pg_read_all(s, r, q) byo_pg_send_read(s, r, q, NULL, 0)
bool byo_pg_send_read(ByoStore *s, ByoPgRows *r, ByoPgStatement q, const ByoPgValue *values, size_t n);
/* The two halves of a read: several can be asked, and are answered in that order, for one round trip. */
#define byo_pg_ask(s, q, ...) byo_pg_send_ask(s, q, BYO_PG_VALUES(__VA_ARGS__))
bool byo_pg_send_ask(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n);
bool byo_pg_answer(ByoStore *s, ByoPgRows *r);
bool byo_pg_next(ByoPgRows *r);
void byo_pg_end(ByoPgRows *r);
/* The only row of a read: BYO_STORE_OK with r at it, BYO_STORE_NONE, or the fault. */
#define byo_pg_one(s, r, q, ...) byo_pg_send_one(s, r, q, BYO_PG_VALUES(__VA_ARGS__))
ByoStoreResult byo_pg_send_one(ByoStore *s, ByoPgRows *r, ByoPgStatement q, const ByoPgValue *values,
                               size_t n);
/* The only column of the only row; 0 without one. */
#define byo_pg_amount(s, q, ...) byo_pg_send_amount(s, q, BYO_PG_VALUES(__VA_ARGS__))
#define byo_pg_amount_all(s, q) byo_pg_send_amount(s, q, NULL, 0)
int64_t byo_pg_send_amount(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n);
/* The same for a number of any size. */
#define byo_pg_amount_any(s, q, ...) byo_pg_send_any(s, q, BYO_PG_VALUES(__VA_ARGS__))
int64_t byo_pg_send_any(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n);
/* Ids of the first column, at most max. How many. */
#define byo_pg_ids(s, ids_r, max, q, ...) byo_pg_send_ids(s, ids_r, max, q, BYO_PG_VALUES(__VA_ARGS__))
int byo_pg_send_ids(ByoStore *s, ByoId *ids_r, int max, ByoPgStatement q, const ByoPgValue *values, size_t n);

/* A time, a count, a key: from 0 to 2^53, whatever stands in a damaged row. Sums of such never overflow. */
static inline int64_t byo_pg_bounded(int64_t v)
{
    return v < 0 ? 0 : v > (int64_t)1 << 53 ? (int64_t)1 << 53 : v;
}
bool byo_pg_null_at(const ByoPgRows *r, int column);
int64_t byo_pg_int_at(const ByoPgRows *r, int column); /* NULL: 0 */
bool byo_pg_bool_at(const ByoPgRows *r, int column);
/* Never absent; ended by a NUL. */
ByoStr byo_pg_text_at(const ByoPgRows *r, int column);
int64_t byo_pg_amount_at(const ByoPgRows *r, int column);
/* As text; a packed one is written to buf. */
ByoStr byo_pg_uuid_at(const ByoPgRows *r, int column, char buf[37]);
/* Four columns; texts point into r. */
ByoStoredVerdict byo_pg_verdict_at(const ByoPgRows *r, int column);

/* Rows given out by *_r live until the next of their kind: r is handed over, and freed then. */
typedef enum {
    BYO_PG_HELD_NUMBER,
    BYO_PG_HELD_INTEGRATION,
    BYO_PG_HELD_INBOUND,
    BYO_PG_HELD_COPIES,
    BYO_PG_HELD_COUNT
} ByoPgHeld;
void byo_pg_hold(ByoStore *s, ByoPgHeld kind, ByoPgRows *r);

#define BYO_PG_CONNECT_TIMEOUT 10 /* s */
/* A database that says nothing for so long is taken for lost, ms: longer than its lock_timeout, which is an answer. */
#define BYO_PG_ANSWER_MS 8000
/* For a statement that changes all that is open, or the tables. */
#define BYO_PG_LONG_ANSWER_MS 600000

/* -- the session ---------------------------------------------------------------------------------- */

/* Which backend a session has; two sessions differ in it. */
typedef struct {
    int pid;
    int64_t started; /* microseconds, by the database's clock */
} ByoPgBackend;

typedef struct {
    PGconn *c;
    ByoPgBackend backend;
    int slot;                     /* the node's */
    int64_t epoch;                /* and under which one it writes; 0: none yet */
    int64_t turn;                 /* the newest of the slot that is kept */
    int64_t told;                 /* the newest change of the slot that is kept */
    Oid row_types[BYO_PG_TABLES]; /* a writer's */
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
void byo_pg_session_close(ByoPgSession *session);
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
} ByoPgMaking;
/* why is freed. */
bool byo_pg_refuse(ByoPgMaking *m, ByoStoreResult result, char *why);
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

/* -- the store -------------------------------------------------------------------------------------- */

/* What was sent and not answered yet. */
typedef struct {
    enum { BYO_PG_SENT_PREPARE, BYO_PG_SENT_STATEMENT, BYO_PG_SENT_READ, BYO_PG_SENT_SYNC } kind;
    ByoPgStatement q;
} ByoPgSent;

typedef struct ByoPgOthers ByoPgOthers;
typedef struct ByoPgCached ByoPgCached;
typedef struct ByoPgKept ByoPgKept;
typedef struct ByoPgGathered ByoPgGathered;
typedef struct ByoPgEarly ByoPgEarly;

struct ByoStore {
    const ByoStoreOps *ops;
    ByoPgTarget at;
    char *place;
    bool writer;
    ByoCourse course;
    bool begun;     /* BEGIN was sent */
    bool wrote;     /* and a write behind it */
    bool unknown;   /* COMMIT was sent, and no answer came */
    bool committed; /* it was answered: it is kept */

    ByoPgSession session; /* c NULL: lost */
    ByoPgDial *dial;      /* the next one is being made */
    ByoTime dial_next;    /* not before, by the monotonic clock */
    ByoBuf dial_why;      /* why there was none */
    const char *stale;    /* why what memory knows is not what a session found; NULL: it is */
    bool prepared[BYO_PG_COUNT];
    ByoPgSent *sent; /* in their order */
    size_t sent_n, sent_at, sent_cap;
    bool to_flush;   /* a read was sent since answers were asked for */
    int64_t changed; /* rows of the last statement */
    ByoStoreCondition condition;
    ByoTime condition_at;                   /* monotonic: when it was asked for; 0: never */
    void (*on_wait)(void *arg, ByoTime ms); /* NULL: nobody is told */
    void *on_wait_arg;

    int64_t turn;   /* the open transaction's number */
    ByoTime put;    /* when it was sent, by the boot clock */
    ByoTime kept;   /* the same of the last one that is kept; 0: none yet */
    ByoTime seen;   /* when this node's row was written last, by the same clock */
    ByoTime tidied; /* when rows nobody needs were looked for, by the same clock */
    ByoId last_id;
    int64_t last_inward;
    ByoCounts *counts;       /* NULL: a reader */
    ByoPgCached *cached;     /* pgsql_held.c */
    bool kept_used;          /* by this transaction, whatever was forgotten of it since */
    bool reports_again;      /* a report was there already: the next transaction looks */
    ByoPgKept *kept_rows;    /* pgsql_kept.c; NULL: none yet */
    uint32_t xid;            /* the database's number of the transaction; 0: not known yet */
    ByoPgGathered *gathered; /* pgsql_gather.c */
    struct ByoPgWanted *wanted;
    ByoPgEarly *early; /* pgsql_early.c */
    int64_t late_reads;
    ByoPgOthers *others;  /* pgsql_others.c; NULL: a reader */
    int64_t told;         /* the newest change, of this transaction */
    int64_t told_at_seen; /* the same when `seen` was */
    ByoBuf leaving;       /* pairs it hands segments over for, each text with its length before it */
    size_t n_leaving;
    bool stops; /* it opts somebody out */
    bool renewing;
    PGresult *held[BYO_PG_HELD_COUNT];
    ByoBuf message_text, segment_text, value_text, loose;
    char uuid[37], inbound_uuid[37];
    ByoHashTable waiting; /* pgsql_waiting.c */
    ByoBuf waiting_box;
};

/* The operations. */
#define BYO_OP(result, name, parameters, arguments) result byo_pgsql_##name parameters;
#include "store/operations.h"

/* pgsql_turn.c: as byo_course_writing; a reader may not. */
bool byo_pg_writing(ByoStore *s);
/* There is a session, and BEGIN was sent if a transaction is open. False: noted. */
bool byo_pg_ready(ByoStore *s);
/* Outside of a transaction, between two pages of what is read for long, as at a start: others see that this node is there. */
void byo_pg_show_life(ByoStore *s);
enum { BYO_PG_PAGE = 10000 }; /* rows */

/* pgsql_statement.c: takes in all answers that are awaited; s->changed: of the last. False: the session is lost. */
bool byo_pg_settle(ByoStore *s);
bool byo_pg_sync(ByoStore *s);     /* marks the end of what belongs together, and settles */
void byo_pg_send_now(ByoStore *s); /* what was sent goes out, as far as it can without waiting */
bool byo_pg_send_plain(ByoStore *s, ByoPgStatement q); /* BEGIN, COMMIT, ROLLBACK */
bool byo_pg_send_lock(ByoStore *s); /* of the writer's slot, until the transaction is over */
/* pgsql_turn.c. why: NULL: what libpq says of it */
void byo_pg_lost(ByoStore *s, const char *why);

/* So many rows are written by one statement at most: larger ones cost the database more for each row. */
enum { BYO_PG_ROWS_MAX = 64 };

/* pgsql_rows.c: what the turn holds of messages and segments is written. False: the transaction failed. */
bool byo_pg_rows_write(ByoStore *s);
void byo_pg_rows_write_added(ByoStore *s); /* the same of those that are added */
void byo_pg_rows_forget(ByoStore *s);      /* pgsql_held.c: as it was read; what is not written goes, too */
void byo_pg_rows_free(ByoStore *s);        /* the same, with the texts */
bool byo_pg_rows_adds(const ByoStore *s, ByoId message); /* it is added, and not written yet */
/* Messages and segments are read into memory, those that are not there yet, in one round trip. */
bool byo_pg_rows_load(ByoStore *s, const ByoId *messages, size_t n_messages, const ByoId *segments,
                      size_t n_segments);
/* False: it is not held, or not there. */
bool byo_pg_rows_segment(const ByoStore *s, ByoId id, ByoSegmentRow *seg_r, ByoStr *integration_r);
/* A row of SEGMENTS is held, if it is not yet. */
void byo_pg_rows_put_segment(ByoStore *s, const ByoPgRows *r);
/* A message that is held goes with its segments: whose bearerbox has one is told. */
void byo_pg_rows_leave(ByoStore *s, ByoId message);
/* pgsql_columns.c: a row of MESSAGES or of SEGMENTS; its texts point into r and uuid. */
void byo_pg_message_of(const ByoPgRows *r, ByoMessageRow *m_r, char uuid[37]);
void byo_pg_segment_of(const ByoPgRows *r, ByoSegmentRow *seg_r);

/* pgsql_kept.c: before a commit: that rows may be used and kept. */
void byo_pg_kept_check(ByoStore *s);
/* Behind one that is kept: what was held becomes what is kept. */
void byo_pg_kept_settle(ByoStore *s);
void byo_pg_kept_forget(ByoStore *s);
/* Another node, or somebody unknown, may change rows: nothing is used or kept for a while. */
void byo_pg_kept_doubt(ByoStore *s, bool by_a_node);
void byo_pg_kept_free(ByoStore *s);

/* pgsql_gather.c: rows that are written together. A report of a message that is held is written behind it. */
void byo_pg_gather_inward(ByoStore *s, const ByoInwardRow *row);
void byo_pg_gather_removal(ByoStore *s, ByoId id);
void byo_pg_gather_report(ByoStore *s, ByoId id, int type, ByoTime at);
bool byo_pg_gathered_write(ByoStore *s); /* behind byo_pg_rows_write. False: the transaction failed */
void byo_pg_gathered_forget(ByoStore *s);
void byo_pg_gathered_free(ByoStore *s);
/* What was removed is not claimed again by a statement that comes now. */
void byo_pg_gathered_settle_removals(ByoStore *s);
/* As byo_pgsql_inward_claim, of what is not written yet. */
int byo_pg_gathered_claim(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                          void (*each)(void *arg, const ByoInwardRow *row), void *arg);

/* pgsql_early.c: what of them was removed is, in the database, too; what is held of them goes. */
void byo_pg_early_settle(ByoStore *s);
void byo_pg_early_forget(ByoStore *s);

/* pgsql_want.c: what was looked for before the turn decides. renamed: a segment was given another message id. */
typedef struct ByoPgWanted ByoPgWanted;
void byo_pg_wanted_renamed(ByoStore *s, ByoId segment);
void byo_pg_wanted_forget(ByoStore *s);
void byo_pg_wanted_copied(ByoStore *s); /* one has several now */
/* False: it was not wanted, or is one of several of a segment. */
bool byo_pg_wanted_by_id(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *out, int max,
                         int *n_r);
bool byo_pg_wanted_mo(const ByoStore *s, ByoStr uuid, bool *known_r);
void byo_pg_wanted_mo_note(ByoStore *s, ByoStr uuid);

/* pgsql_counter.c: this transaction's, in s->counts; a reader's: what is committed. */
int64_t byo_pg_count(ByoStore *s, ByoCountKind kind, ByoStr name);
/* The writer's: each name of a kind with its count, whatever it is. */
void byo_pg_count_each(ByoStore *s, ByoCountKind kind, void (*each)(void *arg, ByoStr name, int64_t n),
                       void *arg);
/* Of segments: none of them is due before; 0: not known. The writer's. */
ByoTime byo_pg_due_from(const ByoStore *s, ByoCountKind kind, ByoStr name);
/* Whether one of them is, or was, due at that moment. INT64_MAX: none of them is due ever. */
bool byo_pg_due_met(const ByoStore *s, ByoCountKind kind, ByoStr name);
void byo_pg_due_from_put(ByoStore *s, ByoCountKind kind, ByoStr name, ByoTime due, bool met);
void byo_pg_due_forget(ByoStore *s); /* of all */
/* A row of COUNTERS: another slot's, or at the start the own. */
void byo_pg_count_of(ByoStore *s, const ByoPgRows *r);
bool byo_pg_counts_load(ByoStore *s);
/* They are read anew. */
void byo_pg_counts_of_others_forget(ByoStore *s);
/* Before a commit, from time to time: rows nobody needs go. */
void byo_pg_counts_tidy(ByoStore *s);
/* What others gave to that slot is this node's. False: nothing. */
bool byo_pg_counts_take(ByoStore *s, int slot);
void byo_pg_counts_put(ByoStore *s);               /* behind it: all that changed */
void byo_pg_counts_settle(ByoStore *s, bool kept); /* after it, or a rollback */

/* pgsql_others.c. A change others must know of; texts of the kind (store.h). */
void byo_pg_change_note(ByoStore *s, ByoChangeKind kind, ByoStr a, ByoStr b);
bool byo_pg_others_load(ByoStore *s); /* before memory is made from the store */
void byo_pg_others_settle(ByoStore *s, bool kept);
void byo_pg_others_session(ByoStore *s); /* it is a new one */
void byo_pg_others_counted(ByoStore *s, int slot, int64_t turn);
void byo_pg_others_recount(ByoStore *s);            /* the next look tells of counts */
bool byo_pg_others_up(const ByoStore *s, int slot); /* another node has it, and makes turns */

/* pgsql_queue.c: a segment of that state becomes due then */
void byo_pg_due(ByoStore *s, ByoStr integration, ByoSegState state, ByoTime due);

/* pgsql_waiting.c: a row of inward is there; one known to be there goes (its frame is not known); all are forgotten. */
void byo_pg_waiting_know(ByoStore *s, const ByoInwardRow *row);
bool byo_pg_waiting_take(ByoStore *s, ByoId id, ByoInwardRow *row_r);
void byo_pg_waiting_forget(ByoStore *s);

/* pgsql_opt.c, last in a transaction: no opt-out is between what leaves and its commit. */
void byo_pg_stops_settle(ByoStore *s);

/* pgsql_clock.c: how much older rows look than they are. Inside a transaction. */
ByoTime byo_pg_clock_held(ByoStore *s, ByoTime messages_before, ByoTime events_before);

/* pgsql_search.c: a recipient's digits, the same for ever */
int64_t byo_pg_recipient_hash(ByoStr recipient);

#endif
