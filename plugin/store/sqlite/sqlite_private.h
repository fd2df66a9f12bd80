/* SPDX-License-Identifier: BSD-3-Clause
 * What the files of the store share: the connection, its compiled statements, names and counters.
 * Ownership: everything belongs to the ByoStore. Threads: as ByoStore, one. */
#ifndef BYO_STORE_SQLITE_PRIVATE_H
#define BYO_STORE_SQLITE_PRIVATE_H

#include <sqlite3.h>

#include <sys/types.h>

#include "store/counts.h"
#include "store/course.h"
#include "store/sqlite/sqlite.h"

#define BYO_STORE_BUSY_MS 5000
#define BYO_STORE_APPLICATION 0x42594f42 /* "BYOB" */

/* Every statement, compiled at its first use and kept. */
typedef enum {
    BYO_Q_BEGIN,
    BYO_Q_COMMIT,
    BYO_Q_ROLLBACK,
    BYO_Q_NAMES,
    BYO_Q_NAME_ADD,
    BYO_Q_COUNTER_PUT,
    BYO_Q_COUNTER,
    BYO_Q_COUNTERS,
    BYO_Q_LAST_ID,
    BYO_Q_MESSAGE_ADD,
    BYO_Q_FRAME_ADD,
    BYO_Q_MESSAGE,
    BYO_Q_MESSAGE_UPDATE,
    BYO_Q_MESSAGE_SCAN,
    BYO_Q_CLOCK_SEGMENTS,
    BYO_Q_CLOCK_MESSAGES,
    BYO_Q_PROBE,
    BYO_Q_PROBE_REMOVE,
    BYO_Q_RUNS,
    BYO_Q_RUN_ADD,
    BYO_Q_RUN_LAST,
    BYO_Q_RUN_OLD,
    BYO_Q_RUN_REMOVE,
    BYO_Q_CHUNK,
    BYO_Q_CHUNK_ADD,
    BYO_Q_CHUNKS_REMOVE,
    BYO_Q_RECENT,
    BYO_Q_MESSAGE_PURGE,
    BYO_Q_MESSAGE_REMOVE,
    BYO_Q_FRAME_REMOVE,
    BYO_Q_SEGMENT_ADD,
    BYO_Q_SEGMENT,
    BYO_Q_SEGMENTS,
    BYO_Q_SEGMENT_STATE,
    BYO_Q_SEGMENT_UPDATE,
    BYO_Q_SEGMENT_UPDATE_ID,
    BYO_Q_SEGMENT_REMOVE,
    BYO_Q_STEP_ADD,
    BYO_Q_STEPS,
    BYO_Q_STEPS_REMOVE,
    BYO_Q_REPORT_ADD,
    BYO_Q_REPORTS,
    BYO_Q_REPORTS_REMOVE,
    BYO_Q_MESSAGE_THERE,
    BYO_Q_SEGMENT_FOREIGN,
    BYO_Q_SEGMENT_LOOSE,
    BYO_Q_COPY_FOREIGN,
    BYO_Q_ENDED_IDS,
    BYO_Q_COPY_ADD,
    BYO_Q_COPY_END,
    BYO_Q_COPIES,
    BYO_Q_MAYBE_DUPLICATE,
    BYO_Q_PENDING_DUE,
    BYO_Q_PENDING_NEXT,
    BYO_Q_QUEUE_WALK,
    BYO_Q_PENDING_OLDEST,
    BYO_Q_HANDED_DUE_BY,
    BYO_Q_HANDED_DOUBT,
    BYO_Q_HANDED_BEFORE,
    BYO_Q_LONG_MESSAGES,
    BYO_Q_TAKEN,
    BYO_Q_BOX_KEY,
    BYO_Q_BOX_FREE,
    BYO_Q_BOX_ADD,
    BYO_Q_BOX_TRIM,
    BYO_Q_BOXES,
    BYO_Q_INWARD_LAST,
    BYO_Q_INWARD_ADD,
    BYO_Q_INWARD_REMOVE,
    BYO_Q_INWARD_LIST,
    BYO_Q_MO_KNOWN,
    BYO_Q_MO_ADD,
    BYO_Q_MO_LAST,
    BYO_Q_MO_PURGE,
    BYO_Q_NUMBER_PUT,
    BYO_Q_NUMBER_REMOVE,
    BYO_Q_NUMBER,
    BYO_Q_NUMBERS,
    BYO_Q_NUMBER_COUNT,
    BYO_Q_NUMBER_LEAVES,
    BYO_Q_NUMBER_BACK,
    BYO_Q_NUMBER_LEFT,
    BYO_Q_NUMBER_LEFT_PURGE,
    BYO_Q_OPEN_MESSAGES,
    BYO_Q_ERASE_SEGMENTS,
    BYO_Q_ERASE_FRAME,
    BYO_Q_ERASE_STEPS,
    BYO_Q_ERASE_REPORTS,
    BYO_Q_ERASE_MESSAGE,
    BYO_Q_ERASE_OPT_TEXTS,
    BYO_Q_ERASE_EVENTS,
    BYO_Q_EARLY_ALL,
    BYO_Q_INWARD_ALL,
    BYO_Q_SETTING,
    BYO_Q_SETTING_PUT,
    BYO_Q_SETTING_REMOVE,
    BYO_Q_INBOUND_ADD,
    BYO_Q_INBOUND,
    BYO_Q_INBOUNDS,
    BYO_Q_INBOUND_OF,
    BYO_Q_INBOUND_FORGET,
    BYO_Q_INBOUND_PURGE,
    BYO_Q_STATISTIC,
    BYO_Q_STATISTIC_PUT,
    BYO_Q_STATISTIC_REMOVE,
    BYO_Q_STATISTICS,
    BYO_Q_STATISTIC_PURGE,
    BYO_Q_OPT_ADD,
    BYO_Q_OPT_ANSWER,
    BYO_Q_OPT_OUT,
    BYO_Q_OPT_IN,
    BYO_Q_OPT_OUTS,
    BYO_Q_OPTED_OUT,
    BYO_Q_OPTED_OUT_ITSELF,
    BYO_Q_OPT_READINGS,
    BYO_Q_OPT_HISTORY,
    BYO_Q_OPT_HISTORY_PAIR,
    BYO_Q_OPT_HISTORY_NUMBER,
    BYO_Q_OPT_HISTORY_RECIPIENT,
    BYO_Q_OPT_CURRENT,
    BYO_Q_INTEGRATION_PUT,
    BYO_Q_INTEGRATION_SEEN,
    BYO_Q_INTEGRATION,
    BYO_Q_INTEGRATION_FORGET,
    BYO_Q_INTEGRATIONS,
    BYO_Q_EVENT_ADD,
    BYO_Q_EVENT_REPEAT,
    BYO_Q_EVENTS_NEWEST,
    BYO_Q_EVENTS_OLDEST,
    BYO_Q_EVENT_PURGE,
    BYO_Q_AUDIT_ADD,
    BYO_Q_AUDIT,
    BYO_Q_EARLY_ADD,
    BYO_Q_EARLY_FIND,
    BYO_Q_EARLY_REMOVE,
    BYO_Q_EARLY_PURGE,
    BYO_Q_EXPIRED,
    BYO_Q_REPLIES,
    BYO_Q_BACKING_OFF,
    BYO_Q_COUNT
} ByoQuery;

typedef struct {
    int64_t key;
    char *id;
    size_t length;
} ByoKnown;

/* A message and the hash of its recipient, not yet in a run. */
typedef struct {
    uint64_t hash;
    ByoId id;
} ByoRunEntry;

/* Keys of the table counter below 0. */
enum {
    BYO_COUNTER_INWARD = -1,
    BYO_COUNTER_EARLY = -2,
    BYO_COUNTER_CLOCK = -3,     /* the wall clock when it was looked at last */
    BYO_COUNTER_HELD = -4,      /* how much older rows seem than they are: the clock was set ahead */
    BYO_COUNTER_HELD_TILL = -5, /* since when: until what was kept then is gone */
    BYO_COUNTER_BOX = -1000     /* less a destination's key */
};

typedef struct ByoRows ByoRows;

/* Rows of inward that wait to be written: ids of those that go, those that come and their frames. */
typedef struct {
    ByoId id; /* 0: gone again */
    size_t at, length;
} ByoLaterRow;
typedef struct {
    ByoId *gone;
    size_t n_gone, cap_gone;
    ByoLaterRow *come;
    size_t n_come, cap_come;
    ByoBuf frames;
} ByoLater;

/* A destination's key by its name. */
typedef struct {
    char name[64];
    size_t length; /* 0: none */
    int64_t key;
} ByoBoxKey;
enum { BYO_BOX_KEYS = 16, BYO_COUNTS_NEAR = 32 };

struct ByoStore {
    const ByoStoreOps *ops;
    sqlite3 *db;
    char *path;
    dev_t dev; /* of the file at path when it was opened */
    ino_t ino;
    int lock; /* descriptor of the lock file, -1: not locked by it */
    bool lock_made, writer;
    bool passing; /* it does not stay open: a lock file it made goes with it */
    ByoCourse course;
    sqlite3_stmt *query[BYO_Q_COUNT];

    ByoId last_id;
    int64_t last_inward;
    ByoKnown *known; /* integrations with a key, in the order they were learned */
    size_t known_n, known_kept, known_cap;
    ByoCounts *counts;                /* sqlite_counter.c; NULL: a reader */
    ByoCount *near[BYO_COUNTS_NEAR];  /* those of the keys used last: found without a hash */
    ByoBoxKey box_keys[BYO_BOX_KEYS]; /* the writer's */
    int64_t box_keys_taken;           /* none up to this one is free */
    ByoRows *rows;                    /* NULL: a reader */
    ByoLater later;
    int64_t late_reads;
    ByoRunEntry *recent;
    size_t recent_n, recent_kept, recent_cap;
    int64_t run;   /* the next run's number */
    bool run_made; /* this transaction made it */

    int wal_frames;   /* in the write-ahead log after the last commit */
    int wal_next_try; /* checkpoint when it has grown to this */
    bool wipe;        /* something was purged that still lies in the log */

    /* Texts of the rows given out; one memory for each kind, so that a message and its segment can
     * be looked at together. */
    ByoBuf message_text, segment_text, row_text, copy_text;
    ByoBuf loose; /* the form of the id being written */
};

/* The operations. */
#define BYO_OP(result, name, parameters, arguments) result byo_sqlite_##name parameters;
#include "store/operations.h"

/* sqlite_statement.c */
sqlite3_stmt *byo_query(ByoStore *s, ByoQuery which, const char *sql); /* NULL: failed, noted */
/* Notes what SQLite said, fails the open transaction, and says what it means. */
ByoStoreResult byo_note(ByoStore *s, int rc, const char *what);
ByoStoreResult byo_sqlite_map(sqlite3 *db, int rc);
static inline bool byo_writing(ByoStore *s)
{
    return byo_course_writing(&s->course);
}
bool byo_run(ByoStore *s, sqlite3_stmt *st, const char *what); /* a write; resets */
/* Next row of a read: true with a row; false at the end or on a fault (noted), the statement is reset. */
bool byo_row(ByoStore *s, sqlite3_stmt *st, const char *what);
/* The only row of a read, its only column: an amount, 0 without one; appended to text, false without one. */
int64_t byo_row_amount(ByoStore *s, sqlite3_stmt *st, const char *what);
bool byo_row_text(ByoStore *s, sqlite3_stmt *st, const char *what, ByoBuf *text);

/* A time, a count, a key: from 0 to 2^53, whatever stands in a damaged row. Sums of such never overflow. */
static inline int64_t byo_amount(sqlite3_stmt *st, int column)
{
    int64_t v = sqlite3_column_int64(st, column), most = (int64_t)1 << 53;
    return v < 0 ? 0 : v > most ? most : v;
}
/* Absent becomes empty. */
static inline void byo_bind_text(sqlite3_stmt *st, int at, ByoStr v)
{
    sqlite3_bind_text64(st, at, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8);
}
/* NULL where it is not there, whatever v has. */
static inline void byo_bind_if(sqlite3_stmt *st, int at, bool there, ByoStr v)
{
    if (there)
        byo_bind_text(st, at, v);
    else
        sqlite3_bind_null(st, at);
}
/* Absent and empty become NULL. */
static inline void byo_bind_opt(sqlite3_stmt *st, int at, ByoStr v)
{
    byo_bind_if(st, at, v.n > 0, v);
}
static inline void byo_bind_blob(sqlite3_stmt *st, int at, ByoStr v)
{
    sqlite3_bind_blob64(st, at, v.p ? v.p : "", v.n, SQLITE_STATIC);
}
/* Four columns: code, cause, description, carrier_code (sqlite_message.c). */
void byo_bind_verdict(sqlite3_stmt *st, int at, const ByoStoredVerdict *v);
/* 16 octets where it is a canonical UUID (room for them in packed), else the text. */
void byo_bind_uuid(sqlite3_stmt *st, int at, ByoStr uuid, unsigned char packed[16]);

/* Copies of text columns for a row given out. take_begin makes room for all n columns from `first`,
 * and `more` octets. An empty or NULL column gives an empty text, never an absent one. */
void byo_take_begin(ByoBuf *b, sqlite3_stmt *st, int first, int n, size_t more);
ByoStr byo_take(ByoBuf *b, sqlite3_stmt *st, int column);
ByoStr byo_take_uuid(ByoBuf *b, sqlite3_stmt *st, int column); /* takes up to 37 octets more */

/* sqlite3_wal_hook: keeps count, so that commit knows when to fold the log back. */
int byo_wal_hook(void *store, sqlite3 *db, const char *name, int frames);

/* sqlite_rows.c: rows as they stand in the store, this transaction's changes included. Nothing is kept by a reader. */
void byo_rows_create(ByoStore *s);
void byo_rows_destroy(ByoStore *s);
void byo_rows_forget(ByoStore *s);
/* sqlite3_update_hook: a row was changed, by whatever statement. */
void byo_rows_hook(void *store, int op, const char *db, const char *table, sqlite3_int64 id);
void byo_rows_over(ByoStore *s); /* the transaction is */
/* Keeps the row, whose texts then lie here; of one that is too large `text`, in which they lie (or NULL), until the
 * transaction is over. */
void byo_rows_put_message(ByoStore *s, ByoMessageRow *row, ByoBuf *text);
void byo_rows_put_segment(ByoStore *s, ByoSegmentRow *row, int64_t integration, ByoBuf *text);
/* False: it is not kept. */
bool byo_rows_message(const ByoStore *s, ByoId id, ByoMessageRow *m_r);
bool byo_rows_segment(const ByoStore *s, ByoId id, ByoSegmentRow *seg_r);
bool byo_rows_has_message(const ByoStore *s, ByoId id);
/* A segment, and its message, that a turn named beforehand. */
void byo_rows_wanted(ByoStore *s, ByoId segment);
bool byo_rows_was_wanted(const ByoStore *s, ByoId id);
/* The segment before an update: its state, its integration's key, whether foreign_id is its id. */
typedef struct {
    int state;
    int64_t integration;
    bool same_id, cached;
} ByoSegmentIs;
bool byo_rows_segment_is(const ByoStore *s, ByoId id, ByoStr foreign_id, ByoSegmentIs *is_r);
/* The update of a kept row waits until byo_later_write. False: it does not, and is to be written now; for a segment with
 * the id it is not known to have (is->same_id). is: what byo_rows_segment_is says, of a kept one. */
bool byo_rows_message_later(ByoStore *s, const ByoMessageRow *m);
bool byo_rows_segment_later(ByoStore *s, const ByoSegmentRow *seg, const ByoSegmentIs *is);
/* Does an update of this segment wait? */
bool byo_rows_is_later(const ByoStore *s, ByoId id);
/* Segments that are not over whose new foreign_id waits to be written: how many have this one, and one of them; loosely:
 * how many may have this loose form (tracking/message_id.h). */
ByoId byo_rows_later_by_id(ByoStore *s, int64_t integration, ByoStr foreign_id, bool loosely, int *n_r);
void byo_rows_write(ByoStore *s);

/* sqlite_message.c: the update itself */
bool byo_message_write(ByoStore *s, const ByoMessageRow *m);
bool byo_segment_write(ByoStore *s, const ByoSegmentRow *seg, bool same_id);

/* sqlite_later.c: what waits for the end of the transaction. */
bool byo_later_write(ByoStore *s);  /* all of it; false: a fault, which is noted */
void byo_later_forget(ByoStore *s); /* after a rollback */
void byo_later_free(ByoStore *s);
void byo_later_come(ByoStore *s, ByoId id, ByoStr frame); /* a row of inward */
void byo_later_gone(ByoStore *s, ByoId id);
/* Before a statement: whatever it could see is written. */
void byo_later_before(ByoStore *s, ByoQuery which);

/* sqlite_inward.c: after a rollback */
void byo_box_keys_forget(ByoStore *s);
int64_t byo_inward_sequence(ByoId id); /* grows with each row of whichever destination */
/* What has waited. n: how many of the rows from first to last, of one destination, were counted as gone. */
void byo_inward_write_come(ByoStore *s, ByoId id, ByoStr frame);
void byo_inward_write_gone(ByoStore *s, ByoId first, ByoId last, int64_t n);

/* sqlite_counter.c: keys below 0. A fault is noted. */
int64_t byo_counter(ByoStore *s, int64_t key);
bool byo_counter_put(ByoStore *s, int64_t key, int64_t n);
bool byo_counters_load(ByoStore *s); /* the writer's, at start */
bool byo_counters_put(ByoStore *s);  /* before a commit: all that changed */
/* Of an integration's or a destination's key; of INWARD and EARLY it is 0. All destinations are BYO_COUNT_BOX, the anonymous
 * one, too. byo_count: this transaction's; a reader's: what is committed. */
int64_t byo_count(ByoStore *s, ByoCountKind kind, int64_t key);
void byo_count_by(ByoStore *s, ByoCountKind kind, int64_t key, int64_t by);

/* sqlite_clock.c: how much older rows look than they are. Inside a transaction. */
ByoTime byo_clock_held(ByoStore *s, ByoTime messages_before, ByoTime events_before);

/* Integrations' keys. */
ByoKnown *byo_known(ByoStore *s, ByoStr id);       /* NULL: never heard of, or empty */
ByoKnown *byo_known_key(ByoStore *s, int64_t key); /* NULL: 0 or unknown */
int64_t byo_known_add(ByoStore *s, ByoStr id);     /* its key, made if need be; 0 for an empty id */
ByoStoreResult byo_known_load(ByoStore *s);

/* sqlite_recipient.c */
void byo_recipient_add(ByoStore *s, ByoStr recipient, ByoId message);
bool byo_recipient_flush(ByoStore *s);  /* before a commit */
void byo_recipient_kept(ByoStore *s);   /* after it */
void byo_recipient_forget(ByoStore *s); /* after a rollback */
ByoStoreResult byo_recipient_load(ByoStore *s);
int byo_recipient_purge(ByoStore *s); /* runs without a message left; rows removed */
/* The newest run's number and the last message it holds; 0: there is none. */
ByoStoreResult byo_recipient_last(ByoStore *s, int64_t *run_r, ByoId *last_r);
/* Messages to recipient in the newest run up to *run that holds ids of [low, high), newest first; the
 * caller frees *ids_r. *run: its number, 0 when there is none left. *low_r: all smaller ids are in older
 * runs. */
ByoStoreResult byo_recipient_find(ByoStore *s, ByoStr recipient, ByoId low, ByoId high, int64_t *run,
                                  ByoId **ids_r, size_t *n_r, ByoId *low_r);
/* sqlite_open.c */
/* Brings db from its user_version to version n: runs schema[version] .. schema[n - 1], one transaction
 * each. False: *why_r is a sentence the caller frees, and db is as the last good version left it. */
bool byo_schema_upgrade(sqlite3 *db, const char *const *schema, int n, char **why_r);

#endif
