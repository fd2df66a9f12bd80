/* SPDX-License-Identifier: BSD-3-Clause
 * What the files of the store on PostgreSQL share: the pipeline of its session, statements, rows that come back, the store itself.
 *
 * Round trips are the cost. A write is sent and not waited for: what it did wrong shows at the next read or at the commit.
 * A read waits, and so learns of all writes before it. The rows of messages and segments a turn touches are held in memory
 * and written together, before the commit or before a statement that looks at their tables otherwise (pgsql_rows.c).
 * Ownership: everything belongs to the ByoStore. Threads: as ByoStore, one; a lost session is made anew by a thread
 * of its own (pgsql_connect.c). */
#ifndef BYO_STORE_PGSQL_PRIVATE_H
#define BYO_STORE_PGSQL_PRIVATE_H

#include "base/hash.h"
#include "store/counts.h"
#include "store/course.h"
#include "store/pgsql/pgsql_session.h"

/* -- statements: one list ----------------------------------------------------------------------- */

typedef enum {
#define BYO_PG(name, rows, what, sql) BYO_PG_##name,
#include "store/pgsql/pgsql_statements.h"
    BYO_PG_COUNT
} ByoPgStatement;

#define BYO_PG_VALUES(...) \
    ((const ByoPgValue[]){__VA_ARGS__}), sizeof((const ByoPgValue[]){__VA_ARGS__}) / sizeof(ByoPgValue)

/* A write, sent and not waited for. Outside of a transaction, and after a fault in it, it does nothing. */
#define byo_pg_write(s, q, ...) byo_pg_send_write(s, q, BYO_PG_VALUES(__VA_ARGS__))
void byo_pg_send_write(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n);
/* The same, waited for: how many rows it changed. */
#define byo_pg_change(s, q, ...) byo_pg_send_change(s, q, BYO_PG_VALUES(__VA_ARGS__))
int64_t byo_pg_send_change(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n);

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
/* Outside of a transaction, which is made again as a whole: a read met with a day that was just going, and is to be asked
 * again. */
typedef struct {
    int asked;
    ByoStoreResult fault; /* what was noted before the first time */
} ByoPgAsking;
ByoPgAsking byo_pg_asking(const ByoStore *s);
bool byo_pg_ask_again(ByoStore *s, ByoPgAsking *a);
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

/* Rows given out by *_r live until the next of their kind: r is handed over, and freed then. */
typedef enum {
    BYO_PG_HELD_NUMBER,
    BYO_PG_HELD_INTEGRATION,
    BYO_PG_HELD_INBOUND,
    BYO_PG_HELD_COPIES,
    BYO_PG_HELD_COUNT
} ByoPgHeld;
void byo_pg_hold(ByoStore *s, ByoPgHeld kind, ByoPgRows *r);

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
typedef struct ByoPgAhead ByoPgAhead;
typedef struct ByoPgEarlyKnown ByoPgEarlyKnown;
typedef struct ByoPgTend ByoPgTend;

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

    int64_t turn;         /* the open transaction's number */
    ByoTime put;          /* when it was sent, by the boot clock */
    ByoTime kept;         /* the same of the last one that is kept; 0: none yet */
    ByoTime seen;         /* when this node's row was written last, by the same clock */
    ByoTime tidied;       /* when rows nobody needs were looked for, by the same clock */
    ByoTime looked_whole; /* when all from where on something lies was forgotten, by the same clock */
    ByoId last_id;
    ByoCounts *counts;       /* NULL: a reader */
    ByoPgCached *cached;     /* pgsql_held.c */
    bool kept_used;          /* by this transaction */
    bool reports_again;      /* a report was there already: the next transaction looks */
    ByoPgKept *kept_rows;    /* pgsql_kept.c; NULL: none yet */
    uint32_t xid;            /* the database's number of the transaction; 0: not known yet */
    ByoPgGathered *gathered; /* pgsql_gather.c */
    ByoPgRecords changes;    /* others are to be told of; pgsql_others.c */
    struct ByoPgWanted *wanted;
    ByoPgAhead *ahead;            /* pgsql_ahead.c */
    ByoPgEarly *early;            /* pgsql_early.c */
    ByoPgEarlyKnown *early_known; /* pgsql_early_known.c */
    bool early_taken;             /* some went since other nodes' counts were read last */
    ByoPgTend *tend;              /* pgsql_days.c; NULL: nobody looks after them now */
    ByoTime tended;               /* monotonic: when one began to last; 0: none did */
    ByoTime tend_before;          /* of this turn's purge; 0: there was none */
    bool by_day;                  /* messages are kept for a day at least: they go to partitions */
    ByoId stays_from;             /* messages with such ids are not purged yet; 0: that is not known */
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
/* A row of SEGMENTS is held, if it is not yet; of which day: 0: it is open. */
void byo_pg_rows_put_segment(ByoStore *s, const ByoPgRows *r, int day);
void byo_pg_rows_put_message(ByoStore *s, const ByoPgRows *r, int day);
/* It is there, and this transaction holds it: in that day, 0: among the open. False: it may be there. */
bool byo_pg_rows_holds(const ByoStore *s, ByoId message, int *day_r);
/* A message that is held goes with its segments: whose bearerbox has one is told. */
void byo_pg_rows_leave(ByoStore *s, ByoId message);
/* pgsql_columns.c: a row of MESSAGES or of SEGMENTS; its texts point into r and uuid. */
void byo_pg_message_of(const ByoPgRows *r, ByoMessageRow *m_r, char uuid[37]);
void byo_pg_segment_of(const ByoPgRows *r, ByoSegmentRow *seg_r);

/* pgsql_days.c. A day has partitions, as far as this node knows, and they are used. */
bool byo_pg_days_have(const ByoStore *s, int day);
/* One that was thought to have some has none: until they are looked at again none has. */
void byo_pg_days_forget(ByoStore *s);
/* All messages that ended before go, if the turn is kept: what it read of the clock may have failed it. */
void byo_pg_days_note(ByoStore *s, ByoTime messages_before);
/* Behind a turn: takes over what the thread found, and has one make and drop what is to be, if a purge noted so. */
void byo_pg_days_settle(ByoStore *s, bool kept);
void byo_pg_days_end(ByoStore *s); /* that thread ends */

/* pgsql_kept.c: before a commit, and before rows are forgotten: that those that were looked at are as they were. */
void byo_pg_kept_check(ByoStore *s);
/* Behind one that is kept: what was held becomes what is kept. */
void byo_pg_kept_settle(ByoStore *s);
void byo_pg_kept_forget(ByoStore *s);
/* Somebody else changed one: for a while nothing is kept. */
void byo_pg_kept_doubt(ByoStore *s);
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
void byo_pg_early_over(ByoStore *s, bool kept); /* the transaction is */
/* Those of wants of the kind BYO_WANT_EARLY that may wait are asked for; false: there are none, or a fault. Then what came; and, behind
 * all answers, the segments it may be of. */
bool byo_pg_early_ask(ByoStore *s, const ByoWant *wants, size_t n);
void byo_pg_early_answer(ByoStore *s);
void byo_pg_early_hold(ByoStore *s);

/* pgsql_early_known.c: under which forms of ids some may wait, as their hashes. */
bool byo_pg_early_know(ByoStore *s); /* it is looked, if need be. False: a fault */
bool byo_pg_early_may(const ByoStore *s, uint64_t hash);
void byo_pg_early_note(ByoStore *s, ByoStr integration, ByoStr form);       /* one was added */
void byo_pg_early_told(ByoStore *s, ByoStr integration, ByoStr foreign_id); /* by another node */
void byo_pg_early_known_over(ByoStore *s, bool kept);
void byo_pg_early_known_free(ByoStore *s);
ByoId byo_pg_early_from(ByoStore *s); /* none lies before that one */
void byo_pg_early_purged(ByoStore *s, ByoId before);

/* pgsql_want.c: what was looked for before the turn decides. renamed: a segment was given another message id. */
typedef struct ByoPgWanted ByoPgWanted;
uint64_t byo_pg_id_hash(ByoStr integration, ByoStr text); /* of a carrier's id, or a form of it */
void byo_pg_wanted_renamed(ByoStore *s, ByoId segment, ByoStr integration, ByoStr foreign_id);
void byo_pg_wanted_forget(ByoStore *s);
void byo_pg_wanted_copied(ByoStore *s); /* one has several now */
/* False: it was not wanted, or is one of several of a segment. */
/* pgsql_copy.c: of a statement's id, state, slot */
ByoForeign byo_pg_foreign_at(const ByoStore *s, const ByoPgRows *r);
bool byo_pg_wanted_by_loose_id(ByoStore *s, ByoStr integration, const ByoMsgidForms *forms, ByoForeign *out,
                               int max, int *n_r);
bool byo_pg_wanted_by_id(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *out, int max,
                         int *n_r);
bool byo_pg_wanted_mo(const ByoStore *s, ByoStr uuid, bool *known_r);
void byo_pg_wanted_mo_note(ByoStore *s, ByoStr uuid);

/* pgsql_counter.c: this transaction's, in s->counts; a reader's: what is committed. */
int64_t byo_pg_count(ByoStore *s, ByoCountKind kind, ByoStr name);
/* The writer's: each name of a kind with its count, whatever it is. */
void byo_pg_count_each(ByoStore *s, ByoCountKind kind, void (*each)(void *arg, ByoStr name, int64_t n),
                       void *arg);
/* FLOOR of a statement: all rows that are not there yet will have larger ids. 0: there is no node, and nothing is known. */
static inline ByoId byo_pg_floor_at(const ByoPgRows *r, int column)
{
    ByoId floor = byo_pg_int_at(r, column);
    return floor == INT64_MAX ? 0 : floor;
}
/* Of segments: none of them is due before. Of what waits for a smsbox: none of nobody's has that id or a smaller one. 0: not
 * known. The writer's. */
int64_t byo_pg_from(const ByoStore *s, ByoCountKind kind, ByoStr name);
/* Whether one of them is, or was, due at that moment. INT64_MAX: none of them is due ever. */
bool byo_pg_due_met(const ByoStore *s, ByoCountKind kind, ByoStr name);
void byo_pg_from_put(ByoStore *s, ByoCountKind kind, ByoStr name, int64_t from, bool met);
void byo_pg_due_forget(ByoStore *s);       /* of all segments */
void byo_pg_unclaimed_forget(ByoStore *s); /* of all that waits for a smsbox */
/* The same of the other slots: it may be wrong for a minute, when a node gave some to another. */
int64_t *byo_pg_due_of_others(ByoStore *s, ByoCountKind kind, ByoStr name);
void byo_pg_due_of_others_forget(ByoStore *s);
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
/* The same to one of them: kinds from BYO_CHANGE_HANDED on. */
void byo_pg_change_tell(ByoStore *s, int slot, ByoChangeKind kind, ByoStr a, ByoStr b);
void byo_pg_changes_put(ByoStore *s); /* before a commit, behind the last of them */
bool byo_pg_others_load(ByoStore *s); /* before memory is made from the store */
void byo_pg_others_settle(ByoStore *s, bool kept);
void byo_pg_others_session(ByoStore *s); /* it is a new one */
void byo_pg_others_counted(ByoStore *s, int slot, int64_t turn);
void byo_pg_others_recount(ByoStore *s);            /* the next look tells of counts */
bool byo_pg_others_up(const ByoStore *s, int slot); /* another node has it, and makes turns */
bool byo_pg_others_any(const ByoStore *s);          /* one did at the last look */

/* pgsql_queue.c: a segment of that state becomes due then */
void byo_pg_due(ByoStore *s, ByoStr integration, ByoSegState state, ByoTime due);
/* Asks for the ids of those that are due, oldest first; false: there is none, or a fault. Then the answer: at most room ids, and
 * what their dues say of the others. */
bool byo_pg_due_ask(ByoStore *s, ByoSegState state, ByoStr integration, ByoTime now, int max);
int byo_pg_due_take(ByoStore *s, ByoSegState state, ByoStr integration, ByoTime now, ByoId *ids_r, int room);

/* pgsql_ahead.c: the wants that name a call; their answers come in the order of asks. */
void byo_pg_ahead_ask(ByoStore *s, const ByoWant *wants, size_t n);
void byo_pg_ahead_answer(ByoStore *s, void (*queued)(void *arg, ByoId segment), void *arg);
/* What the calls give of it; timers and validities once. 0, of the queue, or -1: ask the database. */
int byo_pg_ahead_queue(ByoStore *s, ByoStr integration, ByoTime now, ByoId *ids_r, int max);
int byo_pg_ahead_timers(ByoStore *s, ByoTime now, ByoId *ids_r, int max);
int byo_pg_ahead_expired(ByoStore *s, ByoTime after, ByoTime now, ByoId *ids_r, int max);
void byo_pg_ahead_forget(ByoStore *s);

/* pgsql_inward.c: what a slot had claimed is nobody's. False: there was nothing. */
bool byo_pg_inward_free(ByoStore *s, int slot);

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
