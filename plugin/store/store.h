/* SPDX-License-Identifier: BSD-3-Clause
 * Remembering: every message, segment, report and MO byobox has taken on, the numbers, opt-outs,
 * events and states. The store is the truth; what other rooms keep in memory can be made again from it.
 *
 * Decides: nothing. Writes happen between byo_store_begin and byo_store_commit (group commit: one for
 * many messages). A write that fails marks the transaction as failed: later writes do nothing, commit
 * rolls back and says why. So callers need not check each write, and no write answers: what a caller must know it
 * reads first. Only removals that are rare (erasure, purge) say how many rows went. An id a write gives out is made in
 * memory.
 * Ownership: a row given out through a callback lives until the callback returns, one given out by *_r
 * until the next row of its kind is read from the same ByoStore: a message and one of its segments may be
 * held together; a message or segment read in a transaction lives until the transaction is over. Rows handed in are
 * copied. Texts given out are never absent, at most empty.
 * A callback may read and write other things, but not commit, roll back or ask the same list again.
 * A write outside of begin and commit does nothing, and shows in byo_store_failed and the next commit.
 * Threads: one ByoStore belongs to one thread. The flow thread has the only writer; others open readers. */
#ifndef BYO_STORE_STORE_H
#define BYO_STORE_STORE_H

#include "base/clock.h"
#include "base/str.h"
#include "tracking/message_id.h"
#include "tracking/past.h"
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
    BYO_STORE_CONFLICT, /* such a row is there already */
    BYO_STORE_AGAIN, /* two writers were in each other's way: nothing is kept; the same at once again may be */
    BYO_STORE_UNKNOWN /* the commit was sent and may be kept or not: byo_store_outcome finds out */
} ByoStoreResult;

/* Where a store is, and which implementation it has. */
typedef enum { BYO_STORE_SQLITE, BYO_STORE_PGSQL } ByoStoreKind;
/* A database of PostgreSQL's; absent ones are libpq's. host and port may be several, with commas: the first that can
 * be written is taken. */
typedef struct {
    const char *host, *port, *username, *password, *database, *sslmode;
    const char *node;    /* this byobox's name there; who writes no turns has none */
    int connect_timeout; /* s; 0: 10 */
} ByoPgTarget;
typedef struct {
    ByoStoreKind kind;
    const char *path;  /* SQLite: the file */
    ByoPgTarget pgsql; /* PostgreSQL */
} ByoStoreTarget;

/* Opens (creates, upgrades) a store. NULL: *why_r is a sentence the caller frees. */
ByoStore *byo_store_open(const ByoStoreTarget *at, ByoStoreResult *result_r, char **why_r);
/* For other threads and programs: reads only, never blocks the writer. */
ByoStore *byo_store_open_reader(const ByoStoreTarget *at, ByoStoreResult *result_r, char **why_r);
const char *byo_store_result_text(ByoStoreResult r);
/* What statistics are of: */
typedef enum { BYO_SPAN_MINUTE = 0, BYO_SPAN_HOUR = 1 } ByoSpan;
typedef struct {
    ByoTime at; /* its start */
    ByoStr integration, counts;
} ByoStatisticRow;

/* A copy with texts of its own; the caller frees it, the password is wiped. */
ByoStoreTarget byo_store_target_copy(const ByoStoreTarget *at);
void byo_store_target_free(ByoStoreTarget *at);
bool byo_store_target_same(const ByoStoreTarget *a, const ByoStoreTarget *b);
/* For people: the file, or HOST:PORT/DATABASE. The caller frees it. */
char *byo_store_place(const ByoStoreTarget *at);
int byo_store_schema_version(const ByoStoreTarget *at); /* that this byobox writes */

/* Of the place a store is kept in. */
typedef struct {
    int64_t octets; /* all that lies there; -1: not known */
    char warning
        [256]; /* why what is committed there may be lost all the same; "": nothing is known to be wrong */
} ByoStoreCondition;

/* For so many smsbox-ids rows can wait inward; for the anonymous besides. */
#define BYO_STORE_DESTINATIONS 32766

/* -- ids --------------------------------------------------------------------------------------
 * A message's id is a multiple of 256 that grows with time; its segments are id+1 .. id+255. */
typedef int64_t ByoId;
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
/* The id of a message made now, when `last` is the greatest this writer knows of. slot: the writer's, from 0 to
 * BYO_SLOTS - 1: two with different ones never make the same id. */
enum { BYO_SLOTS = 8 };
ByoId byo_id_next(ByoId last, ByoTime now, int slot);
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
    bool elsewhere;    /* HANDED by another writer: it is not at this one's bearerbox. The store's own */
} ByoSegmentRow;

/* -- carriers' message ids -------------------------------------------------------------------------*/
typedef struct {
    ByoId id; /* of the segment */
    ByoSegState state;
    int other; /* found exactly, and another writer, which is there, has it: receipt_leave; 0: this one changes it */
} ByoForeign;

/* One of the ids of a segment that was handed over more than once: all of them stand here, when its `copies` is
 * set (field C72). */
typedef struct {
    ByoStr foreign_id;
    int try;
    bool open;                /* the carrier has not told its end */
    ByoStoredVerdict verdict; /* of its end; code -1: none */
} ByoCopyRow;
enum { BYO_COPIES_MAX = 64 };

typedef struct {
    ByoStr number, recipient, integration; /* absent: any. number: digits; recipient: digits or '+' */
    ByoStr cause, carrier_code;            /* of the message; absent: any */
    int state;                             /* -1: any */
    int doubt;                             /* 1: possible duplicates only, -1: without them, 0: any */
    ByoTime from, to;                      /* 0: open */
    ByoId before;                          /* page on: ids smaller than this; 0: newest first */
    int limit;
} ByoMessageFilter;

/* A message to one of our numbers. */
typedef struct {
    ByoId id; /* as a message's, and never one's */
    ByoTime created;
    ByoStr integration, number, sender; /* number: digits; sender: digits of a phone, else as it came */
    int keyword;                        /* 0, or the compliance kind it was */
    ByoStr uuid;
    bool named; /* box is the smsbox's id it is for; false: any anonymous one */
    ByoStr box;
    bool has_text; /* it was kept */
    ByoStr text;
} ByoInboundRow;
typedef struct {
    int64_t integration;
    ByoTime due;
    ByoId id;
} ByoQueuePlace;

/* What a turn needs, named before it decides. The last four name what one of the calls will be asked for: what the turn
 * changes meanwhile counts then. */
typedef enum {
    BYO_WANT_SEGMENT, /* id: the segment, and its message */
    BYO_WANT_FOREIGN, /* integration, text: what byo_store_by_id finds, the segments and their messages; where it finds nothing
                         and `written` is an id: what byo_store_by_loose_id finds for that */
    BYO_WANT_MO,     /* text: the UUID byo_store_mo_known is asked for */
    BYO_WANT_EARLY,  /* integration, text: byo_store_early_next for that id */
    BYO_WANT_QUEUE,  /* integration, now, max: byo_store_queue_claim, and the segments and their messages */
    BYO_WANT_TIMERS, /* now, max: byo_store_timers_claim */
    BYO_WANT_EXPIRED /* after, now, max: byo_store_expired */
} ByoWantKind;
typedef struct {
    ByoWantKind kind;
    ByoId id;
    ByoStr integration, text, written;
    ByoTime after, now;
    int max;
} ByoWant;

/* An MT that is looked for. */
typedef struct {
    ByoStr uuid, recipient; /* as in its row */
} ByoMtLook;

/* How far a purge is; {0}: at its start. */
typedef struct {
    ByoId message; /* looked at last */
    bool removed;  /* something went */
} ByoPurgePlace;

/* How far an erasure is; {0} but for the digits: nothing is done yet. */
typedef struct {
    char digits[24]; /* E.164 without '+', in any of its spellings */
    int phase, form;
    ByoId at;
    int64_t messages, segments, inward, early, stop_texts, events;
} ByoErasure;

/* -- inward: reports and MOs on their way to a smsbox ------------------------------------------*/
typedef struct {
    ByoId id;
    bool named; /* only for boxes of this id; false: any anonymous one */
    ByoStr box;
    ByoStr frame; /* body of the box frame, the UUID fixed in it */
    bool given;   /* a smsbox of this writer's gets it: it is claimed. For inward_add alone */
} ByoInwardRow;

/* Receipts that came before the answer to their submit, or were left to another writer. */
typedef struct {
    ByoId id;
    bool other;    /* its id is not the one looked for exactly */
    ByoId segment; /* it was left to who has this one; 0: it waits for its answer */
} ByoEarlyAt;

/* -- numbers (spec N1-N6) -----------------------------------------------------------------------*/
typedef struct {
    ByoStr digits;
    bool short_code;
    ByoStr integration, type, country; /* type and country as the API writes them; country may be empty */
    ByoStr compliance;                 /* JSON; empty: the standard set */
    ByoTime created;
    ByoId since; /* messages with ids up to this are of an earlier life of the number */
} ByoNumberRow;

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
enum { BYO_OPT_FORMS = 4 };
typedef struct {
    ByoStr number;                    /* absent: any */
    ByoStr recipients[BYO_OPT_FORMS]; /* any of these spellings */
    int n_recipients;                 /* 0: any recipient */
    ByoId before;                     /* ids smaller than this; 0: from the newest */
    int max;
} ByoOptFilter;

/* -- integrations' states (spec L1-L4) ------------------------------------------------------------*/
typedef struct {
    ByoStr id;
    bool wanted; /* wants to be active */
    bool deleted;
    ByoStr state;  /* inactive, activating, active, deactivating, error */
    ByoStr reason; /* of error: bind-refused, not-bound, ... */
    ByoTime since;
    ByoStr applied;        /* digest of the policy it works by (integration/policy.h) */
    int64_t binds, online; /* asked for; that stand, -1: not known. Only of each writer's own */
} ByoIntegrationRow;
typedef struct {
    ByoStr node; /* the writer's name */
    bool there;  /* it has a session */
    ByoIntegrationRow is;
} ByoIntegrationSeen;

/* -- events (spec L5) and audit (spec A1) -------------------------------------------------------*/
typedef struct {
    ByoId id;
    ByoTime time, last; /* last: of the newest repetition */
    ByoStr definition;  /* "BYO-0101" */
    ByoStr name, entity, previous, current, error_code, text;
    int64_t count;
    ByoStr node; /* that told it: the store's own, as byo_store_node; empty where it has none */
} ByoEventRow;
typedef struct {
    ByoTime from, to;
    ByoStr entity, definition;
    ByoId before, after; /* after > 0: oldest first (follow mode), else newest first */
    bool settled;        /* no writer will add one before the newest of these; with after always so */
    int limit;
} ByoEventFilter;

typedef struct {
    ByoId id;
    ByoTime time;
    ByoStr who, action, entity, detail;
} ByoAuditRow;

/* -- other writers ------------------------------------------------------------------------------- */
/* What one of them changed; and what follows from one that is gone. */
typedef enum {
    BYO_CHANGE_NUMBER,      /* key: digits */
    BYO_CHANGE_OPT,         /* key: the number, more: the recipient */
    BYO_CHANGE_INTEGRATION, /* key: id: what is wanted of it, or whether it is deleted */
    BYO_CHANGE_EARLY,       /* key: integration, more: the carrier's id: a receipt waits for its segment */
    BYO_CHANGE_REPLY,       /* key: the id of a message that is a reply of our own, as byo_id_text */
    BYO_CHANGE_INWARD,      /* rows inward became nobody's */
    /* Of this writer alone: */
    BYO_CHANGE_HANDED, /* key: integration: a segment this writer had HANDED is another's now */
    BYO_CHANGE_TAKEN,  /* segments of another, which is gone or gave them, are this writer's now */
    BYO_CHANGE_LEFT,   /* as EARLY: it was left to this writer, or to one that is gone */
    BYO_CHANGE_COUNTS  /* counts are others */
} ByoChangeKind;
typedef struct {
    ByoChangeKind kind;
    ByoStr key, more;
} ByoChange;

/* Who writes or wrote lately. */
typedef struct {
    char name[64], host[64];
    bool self, up;   /* up: it has a session, and makes turns */
    ByoTime quiet;   /* so long it made none, as far as this one looked, ms */
    char policy[32]; /* as it said (node_policy); itself knows better: "" */
} ByoNode;

/* What a writer may send of an integration's messages per second. */
typedef struct {
    ByoStr integration;
    double rate;  /* all together */
    bool wants;   /* there is more work for it than its share lets leave */
    double needs; /* else: what it uses, and some more */
    bool open;    /* this writer has binds for it */
    double held;  /* it sent by so much in the last second at most; below 0: not known */
    double share; /* this writer's */
} ByoRateShare;

/* -- the operations ------------------------------------------------------------------------------
 * An implementation defines struct ByoStore as it likes, its table first. */
typedef struct {
#define BYO_OP(result, name, parameters, arguments) result(*name) parameters;
#include "store/operations.h"
} ByoStoreOps;

#define BYO_OP(result, name, parameters, arguments) \
    static inline result byo_store_##name parameters \
    { \
        return (*(const ByoStoreOps *const *)s)->name arguments; \
    }
#define byo_store_close byo_store_close_open
#include "store/operations.h"
#undef byo_store_close
static inline void byo_store_close(ByoStore *s)
{
    if (s)
        byo_store_close_open(s);
}

#endif
