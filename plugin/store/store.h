/* SPDX-License-Identifier: BSD-3-Clause
 * Remembering: every message, segment, report and MO byobox has taken on, the numbers, opt-outs,
 * events and states. The store is the truth; what other rooms keep in memory can be made again from it.
 *
 * Decides: nothing. Writes happen between byo_store_begin and byo_store_commit (group commit: one for
 * many messages). A write that fails marks the transaction as failed: later writes do nothing, commit
 * rolls back and says why. So callers need not check each write.
 * Ownership: a row given out through a callback lives until the callback returns, one given out by *_r
 * until the next row of its kind is read from the same ByoStore: a message and one of its segments may be
 * held together. Rows handed in are copied. Texts given out are never absent, at most empty.
 * A callback may read and write other things, but not commit, roll back or ask the same list again.
 * A write outside of begin and commit does nothing, and shows in byo_store_failed and the next commit.
 * Threads: one ByoStore belongs to one thread. The flow thread has the only writer; others open readers. */
#ifndef BYO_STORE_STORE_H
#define BYO_STORE_STORE_H

#include "base/clock.h"
#include "base/str.h"
#include "tracking/message_id.h"
#include "tracking/segment.h"

typedef struct ByoStore ByoStore;

typedef enum {
    BYO_STORE_OK = 0,
    BYO_STORE_NONE,     /* no such row */
    BYO_STORE_FULL,     /* the disk is full */
    BYO_STORE_READONLY, /* not writable */
    BYO_STORE_IO,       /* input/output error, or locked by somebody for too long */
    BYO_STORE_CORRUPT,  /* not a store, or damaged */
    BYO_STORE_NEWER,    /* written by a newer byobox */
    BYO_STORE_CONFLICT  /* such a row is there already */
} ByoStoreResult;

/* Opens (creates, upgrades) the store at path. NULL: *why_r is a sentence the caller frees. */
ByoStore *byo_store_open(const char *path, ByoStoreResult *result_r, char **why_r);
/* For other threads and programs: reads only, never blocks the writer. */
ByoStore *byo_store_open_reader(const char *path, ByoStoreResult *result_r, char **why_r);
void byo_store_close(ByoStore *s);
/* What the last failed call said, for the log. Never NULL. */
const char *byo_store_error(const ByoStore *s);
const char *byo_store_result_text(ByoStoreResult r);
int byo_store_schema_version(void);

void byo_store_begin(ByoStore *s);
/* Durable when it returns BYO_STORE_OK. Otherwise nothing of the transaction is kept. */
ByoStoreResult byo_store_commit(ByoStore *s);
void byo_store_rollback(ByoStore *s);
/* Writes so many octets into the transaction, in place of those of the last probe; 0: takes them out again. */
void byo_store_probe(ByoStore *s, size_t octets);
bool byo_store_failed(const ByoStore *s); /* a write of this transaction failed */

/* -- the clock ---------------------------------------------------------------------------------
 * It jumped by so much, to now: what is due, handed over or valid moves with it; what is purged by age is kept so
 * much longer, until all of before the jump is gone. Inside a transaction. */
void byo_store_clock_jumped(ByoStore *s, ByoTime by, ByoTime now);
/* Notes what the clock says, so that a start finds out that it was set back meanwhile. last: 0: never noted. */
void byo_store_clock_seen(ByoStore *s, ByoTime now);
ByoTime byo_store_clock_last(ByoStore *s);

/* -- ids --------------------------------------------------------------------------------------
 * A message's id is a multiple of 256 that grows with time; its segments are id+1 .. id+255. */
typedef int64_t ByoId;
/* Greater than every id before, whatever the clock does. To be used in the transaction it is made in. */
ByoId byo_store_new_id(ByoStore *s, ByoTime now);
static inline ByoId byo_id_segment(ByoId message, int number)
{
    return message + number;
}
static inline ByoId byo_id_message(ByoId segment)
{
    return segment & ~(ByoId)255;
}
static inline int byo_id_number(ByoId segment)
{
    return (int)(segment & 255);
}
#define BYO_ID_TEXT 20
const char *byo_id_text(ByoId message, char buf[BYO_ID_TEXT]); /* public form: 14 hex digits */
bool byo_id_parse(ByoStr text, ByoId *message_r);
ByoId byo_id_at(ByoTime t);    /* smallest id made at t or later */
ByoTime byo_id_time(ByoId id); /* when it was made */
/* The id of a message made now, when `last` is the greatest there is. */
ByoId byo_id_next(ByoId last, ByoTime now);
/* A UUID as its octets. False: the text is not in canonical form (lower case). */
bool byo_uuid_pack(ByoStr text, unsigned char out[16]);
void byo_uuid_unpack(const unsigned char in[16], char out[37]);

/* -- messages ---------------------------------------------------------------------------------*/
typedef enum { BYO_MSG_ACTIVE = 0, BYO_MSG_DELIVERED = 1, BYO_MSG_FAILED = 2 } ByoMsgState;

typedef struct {
    ByoStr code_cause; /* cause name */
    int code;          /* generic code, -1: none yet */
    ByoStr description;
    ByoStr carrier_code;
} ByoStoredVerdict;

typedef struct {
    ByoId id;
    ByoStr integration; /* id; empty: a message refused before it had one */
    ByoStr number;      /* our number, digits */
    ByoStr recipient;   /* E.164 with '+', or as typed when it is none */
    ByoStr uuid;        /* of the inbound MT */
    bool named;         /* box is the sending smsbox's id; false: it was anonymous */
    ByoStr box;
    ByoMsgState state;
    ByoTime created, ended, expires; /* 0: not ended / no validity */
    ByoTally tally;
    int reports;                  /* ByoReports bits */
    int mask;                     /* the application's dlr-mask */
    int coding, data_coding, dcs; /* Msg coding, meta data_coding (-1 none), data_coding on the wire */
    ByoStr charset;               /* "" for binary */
    int keyword;                  /* 0, or the compliance kind this is the reply of */
    ByoStoredVerdict verdict;
    ByoStr frame; /* the MT as it came: body of the box frame */
} ByoMessageRow;

typedef struct {
    ByoId id;
    ByoSegment s;
    ByoStoredVerdict verdict;
    ByoStr foreign_id; /* the carrier's message id */
    ByoStr udh;        /* of this segment; empty: none */
    ByoStr payload;    /* msgdata for bearerbox */
} ByoSegmentRow;

void byo_store_message_add(ByoStore *s, const ByoMessageRow *m, const ByoSegmentRow *segments, int n);
ByoStoreResult byo_store_message(ByoStore *s, ByoId id, ByoMessageRow *m_r);
/* Everything that changes: state, ended, tally, verdict. */
void byo_store_message_update(ByoStore *s, const ByoMessageRow *m);
ByoStoreResult byo_store_segment(ByoStore *s, ByoId id, ByoSegmentRow *seg_r);
/* state, tries, flags, times, verdict, foreign_id. udh and payload stay as they were added. */
void byo_store_segment_update(ByoStore *s, const ByoSegmentRow *seg);
/* All segments of a message in order. */
void byo_store_segments(ByoStore *s, ByoId message, void (*each)(void *arg, const ByoSegmentRow *seg),
                        void *arg);

/* -- carriers' message ids -------------------------------------------------------------------------*/
typedef struct {
    ByoId id; /* of the segment */
    ByoSegState state;
} ByoForeign;
/* Segments that are not over and were given exactly this id, at most max, newest first; where there is none, those
 * that have it among others, ended ones last. */
int byo_store_by_id(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *found_r, int max);
/* Segments that are not over whose ids are one of these loosely, at most max, in no order. */
int byo_store_by_loose_id(ByoStore *s, ByoStr integration, const ByoMsgidForms *forms, ByoForeign *found_r,
                          int max);

/* The ids of those of the `newest` segments that have ended, oldest first. */
void byo_store_ended_ids(ByoStore *s, int newest,
                         void (*each)(void *arg, ByoStr integration, ByoStr foreign_id, ByoId segment),
                         void *arg);

/* One of the ids of a segment that was handed over more than once: all of them stand here, when its `copies` is
 * set (field C72). */
typedef struct {
    ByoStr foreign_id;
    int try;
    bool open;                /* the carrier has not told its end */
    ByoStoredVerdict verdict; /* of its end; code -1: none */
} ByoCopyRow;
enum { BYO_COPIES_MAX = 64 };
/* Keeps an id of a stored segment; one that is kept already stays as it is. */
/* One without an id, which is not open, stands for the newest try: the carrier was not given it. */
void byo_store_copy_add(ByoStore *s, ByoId segment, const ByoCopyRow *c);
/* The carrier told the end of the copy of this id: it is open no more, and has this verdict. */
void byo_store_copy_end(ByoStore *s, ByoId segment, const ByoCopyRow *c);
/* The ids by try, at most max and BYO_COPIES_MAX; their texts live until the next call and end with a NUL. */
int byo_store_copies(ByoStore *s, ByoId segment, ByoCopyRow *copies_r, int max);
/* Whether a segment of the message is marked as a possible duplicate. */
bool byo_store_maybe_duplicate(ByoStore *s, ByoId message);

typedef struct {
    ByoStr number, recipient, integration; /* absent: any. number: digits; recipient: digits or '+' */
    int state;                             /* -1: any */
    ByoTime from, to;                      /* 0: open */
    ByoId before;                          /* page on: ids smaller than this; 0: newest first */
    int limit;
} ByoMessageFilter;
/* Newest first; from <= created < to, to the millisecond of the id. `each` returns false to stop.
 * With a recipient an index is used; else at most 50,000 rows are looked at in one call, so a page may
 * hold fewer than limit rows, even none, and yet not be the last: ask byo_store_messages_next. */
ByoStoreResult byo_store_messages(ByoStore *s, const ByoMessageFilter *f,
                                  bool (*each)(void *arg, const ByoMessageRow *m), void *arg);
/* `before` for the next page of the last byo_store_messages; 0: that was the last page. */
ByoId byo_store_messages_next(const ByoStore *s);

/* Segments QUEUED for an integration that are due, oldest first, at most max; ids only. */
int byo_store_queue_due(ByoStore *s, ByoStr integration, ByoTime now, ByoId *ids_r, int max);
/* HANDED segments of an integration, those due first first, at most max; ids only. */
int byo_store_handed(ByoStore *s, ByoStr integration, ByoId *ids_r, int max);
/* All QUEUED segments, at most max behind *at, which moves on; {0}: from the start. Those that come while one walks
 * may be missed. */
typedef struct {
    int64_t integration;
    ByoTime due;
    ByoId id;
} ByoQueuePlace;
int byo_store_queue_walk(ByoStore *s, ByoQueuePlace *at, ByoId *ids_r, int max);
/* When the next QUEUED segment of an integration becomes due; 0: none. */
ByoTime byo_store_queue_next(ByoStore *s, ByoStr integration);
/* How many are QUEUED, and the creation of the oldest among the 1,000 that are due first; 0: none. Counts
 * cost the same however many there are: they are kept, not counted; a reader sees the committed ones. */
void byo_store_queue_depth(ByoStore *s, ByoStr integration, int64_t *n_r, ByoTime *oldest_r);
/* Segments HANDED or ACCEPTED (state) of an integration. */
int64_t byo_store_count_state(ByoStore *s, ByoStr integration, ByoSegState state);
/* HANDED or ACCEPTED segments whose due (> 0) has passed, at most max, in no order; and when the next is. */
int byo_store_timers_due(ByoStore *s, ByoTime now, ByoId *ids_r, int max);
ByoTime byo_store_timers_next(ByoStore *s);
/* HANDED segments of an integration, handed over before `before`, whose due lies after `due`: due becomes
 * `due` (a bearerbox that forgot them must not be waited for). Returns how many. */
int64_t byo_store_handed_due_by(ByoStore *s, ByoStr integration, ByoTime before, ByoTime due);
/* HANDED segments of an integration, handed over before `before`: each is marked as a possible duplicate.
 * Returns how many were not yet. */
int64_t byo_store_handed_doubt(ByoStore *s, ByoStr integration, ByoTime before);
/* Marks one segment of an integration, whatever its state. False: it is another's, marked already, or gone. */
bool byo_store_segment_doubt(ByoStore *s, ByoStr integration, ByoId segment);
/* QUEUED segments whose message's validity ended after `after` and by now, at most max, in no order. */
int byo_store_expired(ByoStore *s, ByoTime after, ByoTime now, ByoId *ids_r, int max);

/* -- what is open: not over, or waiting for a smsbox ---------------------------------------------*/
/* Messages with a segment that is not over and an id > after, ascending, at most max. Returns how many. */
int byo_store_open_messages(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId message),
                            void *arg);

/* -- erasure on request ------------------------------------------------------------------------------*/
/* A message with its frame and segments, whatever their state. Returns how many segments. */
int byo_store_message_remove(ByoStore *s, ByoId id);
/* Texts that came in from a recipient (digits), of opt-outs and opt-ins; the rows stay. Returns how many. */
int byo_store_opt_forget_texts(ByoStore *s, ByoStr recipient);
/* Takes a number (digits) out of all events' texts. Returns how many events. */
int byo_store_event_forget(ByoStore *s, ByoStr digits);
int byo_store_early_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId id, ByoStr frame),
                        void *arg);
/* How far an erasure is; {0} but for the digits: nothing is done yet. */
typedef struct {
    char digits[24]; /* E.164 without '+', in any of its spellings */
    int phase, form;
    ByoId at;
    int64_t messages, segments, inward, early, stop_texts, events;
} ByoErasure;

/* -- what memory must know again after a start -------------------------------------------------*/
/* Messages with a keyword (replies of our own) made at since or later, oldest first. */
void byo_store_replies(ByoStore *s, ByoTime since,
                       void (*each)(void *arg, ByoStr number, ByoStr recipient, int keyword, ByoTime sent),
                       void *arg);
/* The newest `newest` messages of smsboxes, oldest first. box: absent for the anonymous. refused: it was never taken. */
void byo_store_taken(ByoStore *s, int newest,
                     void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused), void *arg);
/* UDH of the first segment and recipient of the long ones among the newest `newest` messages, oldest first. */
void byo_store_long_messages(ByoStore *s, int newest, void (*each)(void *arg, ByoStr recipient, ByoStr udh),
                             void *arg);
/* QUEUED segments of an integration that had been handed over and are due later than `after`. */
void byo_store_backing_off(ByoStore *s, ByoStr integration, ByoTime after, int max,
                           void (*each)(void *arg, ByoId segment, ByoStr number, ByoStr recipient),
                           void *arg);

/* -- inward: reports and MOs on their way to a smsbox ------------------------------------------*/
typedef struct {
    ByoId id;
    bool named; /* only for boxes of this id; false: any anonymous one */
    ByoStr box;
    ByoStr frame; /* body of the box frame, the UUID fixed in it */
} ByoInwardRow;
/* Ids grow within one destination; they are no message ids and tell no time. 0: it is not kept: a fault, or
 * no key is left for its smsbox-id. */
ByoId byo_store_inward_add(ByoStore *s, const ByoInwardRow *row, ByoTime now);
void byo_store_inward_remove(ByoStore *s, ByoId id);
/* Rows for one destination with id > after, oldest first. */
int byo_store_inward_list(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                          void (*each)(void *arg, const ByoInwardRow *row), void *arg);
/* Of all destinations, id > after; at most max. False from each stops. */
int byo_store_inward_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, const ByoInwardRow *row),
                         void *arg);
int64_t byo_store_inward_count(ByoStore *s);
/* Of one destination. The writer's: a reader is told 0. */
int64_t byo_store_inward_waiting(ByoStore *s, bool named, ByoStr box);
/* Rows of a destination that were added before t have smaller ids than this; 0: it has none. */
ByoId byo_store_inward_before(ByoStore *s, bool named, ByoStr box, ByoTime t);
/* Distinct destinations that have rows. */
void byo_store_inward_boxes(ByoStore *s, void (*each)(void *arg, bool named, ByoStr box), void *arg);

/* Receipts that came before the answer to their submit (receipts-to-box), under one id or two (the second may be
 * absent). next: the one after `at` (zero-initialised: the first) whose id is one of the forms, those whose id is
 * foreign_id exactly first, then the oldest; its frame in *frame; 0: there is none. remove: it and what names its
 * other id. purge: how many rows it removed. */
typedef struct {
    ByoId id;
    bool other; /* its id is not the one looked for exactly */
} ByoEarlyAt;
void byo_store_early_add(ByoStore *s, ByoStr integration, const ByoStr foreign_ids[2], ByoStr frame,
                         ByoTime now);
ByoId byo_store_early_next(ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                           ByoEarlyAt *at, ByoBuf *frame);
void byo_store_early_remove(ByoStore *s, ByoId id);
int64_t byo_store_early_count(const ByoStore *s); /* rows; the writer's */
int byo_store_early_purge(ByoStore *s, ByoTime before, int max);

/* Remembers a MO's UUID. False: it was there already. Purge forgets those older than three days. */
bool byo_store_mo_first(ByoStore *s, ByoStr uuid, ByoTime now);

/* -- numbers (spec N1-N6) -----------------------------------------------------------------------*/
typedef struct {
    ByoStr digits;
    bool short_code;
    ByoStr integration, type, country; /* type and country as the API writes them; country may be empty */
    ByoStr compliance;                 /* JSON; empty: the standard set */
    ByoTime created;
    ByoId since; /* read only: messages with ids up to this are of an earlier life of the number */
} ByoNumberRow;
ByoStoreResult byo_store_number_put(ByoStore *s, const ByoNumberRow *n, bool replace);
/* The number is remembered as one that left. */
bool byo_store_number_remove(ByoStore *s, ByoStr digits);
/* Of one that left and did not come back: digits, short_code, integration and compliance. */
ByoStoreResult byo_store_number_left(ByoStore *s, ByoStr digits, ByoNumberRow *n_r);
/* Forgets those that left before. Returns how many. */
int byo_store_number_left_purge(ByoStore *s, ByoTime before);
ByoStoreResult byo_store_number(ByoStore *s, ByoStr digits, ByoNumberRow *n_r);
int64_t byo_store_number_count(ByoStore *s, ByoStr integration);
/* After a digits text, ascending; absent filters mean any. */
void byo_store_numbers(ByoStore *s, ByoStr integration, ByoStr type, ByoStr after, int max,
                       bool (*each)(void *arg, const ByoNumberRow *n), void *arg);

/* -- opt-outs (spec K4, K5) ----------------------------------------------------------------------*/
typedef struct {
    ByoId id;
    ByoTime time;
    ByoStr number, recipient; /* digits */
    ByoStr action;            /* "opt-out" or "opt-in" */
    ByoStr text, answer;      /* what came in, what was answered */
    ByoStr who, reason;       /* who: "recipient" or a user's name */
    /* Empty, or the recipient whose STOP was acted on: this row is another reading of the same digits. */
    ByoStr reading_of;
} ByoOptRow;
/* History and current set. An opt-out adds the row (number, recipient, reading_of) to those that keep the pair
 * opted out; an opt-in takes all rows of the pair away, with reading_of only that one. */
void byo_store_opt_add(ByoStore *s, const ByoOptRow *o, ByoTime now);
/* What was answered: of the pair's newest row with an id before `before`, if the recipient made it. */
void byo_store_opt_answer(ByoStore *s, ByoStr number, ByoStr recipient, ByoId before, ByoStr answer);
/* The rows that keep pairs opted out now, in order of their pairs. */
void byo_store_opt_outs(ByoStore *s,
                        bool (*each)(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of),
                        void *arg);
bool byo_store_opted_out(ByoStore *s, ByoStr number, ByoStr recipient);
/* Not only as another reading of somebody's digits. */
bool byo_store_opted_out_itself(ByoStore *s, ByoStr number, ByoStr recipient);
/* The recipients that are opted out as other readings of this one's digits. */
void byo_store_opt_readings(ByoStore *s, ByoStr number, ByoStr reading_of,
                            void (*each)(void *arg, ByoStr recipient), void *arg);
enum { BYO_OPT_FORMS = 4 };
typedef struct {
    ByoStr number;                    /* absent: any */
    ByoStr recipients[BYO_OPT_FORMS]; /* any of these spellings */
    int n_recipients;                 /* 0: any recipient */
    ByoId before;                     /* ids smaller than this; 0: from the newest */
    int max;
} ByoOptFilter;
/* History, newest first. */
void byo_store_opt_history(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                           void *arg);
/* Current opt-outs with the row that made each, newest first. */
void byo_store_opt_current(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                           void *arg);

/* -- settings that hold over restarts ---------------------------------------------------------------*/
/* Appends the value; false: there is none. */
bool byo_store_setting(ByoStore *s, const char *name, ByoBuf *value);
void byo_store_setting_put(ByoStore *s, const char *name, ByoStr value); /* absent: removes it */

/* -- integrations' states (spec L1-L4) ------------------------------------------------------------*/
typedef struct {
    ByoStr id;
    bool wanted; /* wants to be active */
    bool deleted;
    ByoStr state;  /* inactive, activating, active, deactivating, error */
    ByoStr reason; /* of error: bind-refused, not-bound, ... */
    ByoTime since;
    ByoStr applied; /* digest of what the rendered group held when last activated */
} ByoIntegrationRow;
void byo_store_integration_put(ByoStore *s, const ByoIntegrationRow *i);
ByoStoreResult byo_store_integration(ByoStore *s, ByoStr id, ByoIntegrationRow *i_r);
void byo_store_integration_forget(ByoStore *s, ByoStr id);
void byo_store_integrations(ByoStore *s, void (*each)(void *arg, const ByoIntegrationRow *i), void *arg);

/* -- events (spec L5) and audit (spec A1) -------------------------------------------------------*/
typedef struct {
    ByoId id;
    ByoTime time, last; /* last: of the newest repetition */
    ByoStr definition;  /* "BYO-0101" */
    ByoStr name, entity, previous, current, error_code, text;
    int64_t count;
} ByoEventRow;
ByoId byo_store_event_add(ByoStore *s, const ByoEventRow *e, ByoTime now);
void byo_store_event_repeat(ByoStore *s, ByoId id, int64_t count, ByoTime last);
typedef struct {
    ByoTime from, to;
    ByoStr entity, definition;
    ByoId before, after; /* after > 0: oldest first (follow mode), else newest first */
    int limit;
} ByoEventFilter;
void byo_store_events(ByoStore *s, const ByoEventFilter *f, bool (*each)(void *arg, const ByoEventRow *e),
                      void *arg);

typedef struct {
    ByoId id;
    ByoTime time;
    ByoStr who, action, entity, detail;
} ByoAuditRow;
void byo_store_audit_add(ByoStore *s, const ByoAuditRow *a, ByoTime now);
void byo_store_audit(ByoStore *s, ByoId before, int max, bool (*each)(void *arg, const ByoAuditRow *a),
                     void *arg);

/* Removes about max rows at most (a message counts with its segments): messages that ended before, events
 * last seen before, MO UUIDs three days older than the newest. Audit and opt-out history stay.
 * True: there may be more to remove. When it is false and something went, the commit that follows cuts the
 * write-ahead log to nothing, so that no octet of it is left in a file; while a reader is in the way, a later
 * commit does. Inside a transaction, as every write. */
bool byo_store_purge(ByoStore *s, ByoTime messages_before, ByoTime events_before, int max);

#endif
