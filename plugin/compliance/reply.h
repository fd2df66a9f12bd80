/* SPDX-License-Identifier: BSD-3-Clause
 * What a keyword MO sets off (spec K4, K7, K8): the change
 * of the opt-out, the reply or why there is none, the event; and whether an application's own answer may
 * go out beside it.
 * Ownership: the two structures own their tables; both are bounded, the least recently used pair makes
 * room, and what a turn changes is recorded in its journal. Threads: one owner thread. Times: ms, `now` never needs to be monotonic. */
#ifndef BYO_COMPLIANCE_REPLY_H
#define BYO_COMPLIANCE_REPLY_H

#include "base/undo.h"
#include "compliance/keyword.h"
#include "compliance/pair.h"

#define BYO_REPLY_WINDOW BYO_HOUR           /* reply-limit counts in any window of this length */
#define BYO_REPLY_DEADLINE (5 * BYO_MINUTE) /* after the inbound */
#define BYO_REPLY_LIMIT 10                  /* default of reply-limit */
#define BYO_REPLY_LIMIT_MAX 1000
#define BYO_REPLY_PAIRS 200000 /* bound of both structures unless told otherwise */

/* -- how often a pair was answered in the last hour --------------------------------------------*/
typedef struct ByoReplies ByoReplies;

/* limit: 0..BYO_REPLY_LIMIT_MAX replies an hour (0: none at all but opt-out confirmations); pairs: the
 * most it remembers. */
ByoReplies *byo_replies_create(unsigned limit, size_t pairs, uint64_t seed);
/* The clock jumped by so much: what was noted is as old as before. */
void byo_replies_clock_jumped(ByoReplies *r, ByoTime by);
void byo_replies_set_limit(ByoReplies *r, unsigned limit); /* reload; what was counted stays counted */
/* A reply found in the store at start: counts as if byo_reply_decide had sent it. kind as there. */
void byo_replies_note(ByoReplies *r, ByoPair pair, ByoKeywordKind kind, ByoTime sent);
size_t byo_replies_count(const ByoReplies *r); /* pairs remembered */
void byo_replies_destroy(ByoReplies *r);

/* -- the decision --------------------------------------------------------------------------------*/
typedef struct {
    ByoKeywordMatch match; /* kind is not NONE */
    bool opted_out;       /* of the pair, before this MO. For an opt-out: by itself, not as another reading of
                            * somebody's digits */
    bool sender_is_phone; /* byo_read's word */
    bool sender_is_ours;  /* the sender is a number of the inventory */
    ByoPair pair;         /* ignored unless sender_is_phone */
    ByoTime received;     /* when the MO was received; one in the future counts as now */
    ByoTime now;
} ByoKeywordMo;

typedef enum { BYO_OPT_NONE = 0, BYO_OPT_ADD, BYO_OPT_REMOVE } ByoOptChange;

typedef enum {
    BYO_REPLY_SEND = 0,
    BYO_REPLY_UNCHANGED, /* a second STOP, a START while subscribed */
    BYO_REPLY_TOO_LATE,  /* the MO is older than BYO_REPLY_DEADLINE */
    BYO_REPLY_LIMITED,   /* reply-limit reached */
    BYO_REPLY_NOT_A_PHONE, /* the sender is no phone number: nothing is changed, and it is marked as no keyword */
    BYO_REPLY_OWN_NUMBER, /* the sender is one of our numbers; the keyword still acts */
    BYO_REPLY_NO_TEXT     /* the set has no reply */
} ByoReplyOutcome;

/* "sent", "unchanged", "too-late", "limited", "not-a-phone", "own-number", "no-text". */
const char *byo_reply_outcome_name(ByoReplyOutcome o);

typedef struct {
    ByoKeywordKind mark; /* of the MO on its way to the application */
    ByoOptChange change;
    ByoReplyOutcome outcome;
    const char *reply;   /* set with BYO_REPLY_SEND only; borrowed from the match */
    ByoTime deadline;    /* the reply may not leave later than this (its expires) */
    bool passes_opt_out; /* with BYO_REPLY_SEND: true, the only MT that may pass an opt-out */
    bool guards_answer;  /* hand the MO to byo_answer_guard_keyword. Not for a START or YES that changes
                          * nothing: there the application's answer is the only one */
    bool limit_event;    /* raise "reply limit reached": one for a pair in an hour */
} ByoKeywordDecision;

/* Counts the reply it decides to send; so one call for each MO (redelivered ones are sorted out before). */
void byo_reply_decide(ByoReplies *r, ByoUndo *u, const ByoKeywordMo *mo, ByoKeywordDecision *d_r);

/* -- an application's own answer to a keyword ----------------------------------------------------*/
typedef struct ByoAnswerGuard ByoAnswerGuard;

ByoAnswerGuard *byo_answer_guard_create(size_t pairs, uint64_t seed);
/* A keyword MO of this pair goes on to the application. */
void byo_answer_guard_keyword(ByoAnswerGuard *g, ByoUndo *u, ByoPair pair, ByoTime now);
/* An ordinary MO of this pair: allows one answer (smsbox does not say which MO it answers). */
void byo_answer_guard_ordinary(ByoAnswerGuard *g, ByoUndo *u, ByoPair pair, ByoTime now);
/* A mt_reply of this pair: true: refuse it (OPERATION_NOT_ALLOWED); *event_r: raise the event, once for
 * each keyword MO. */
bool byo_answer_guard_refuses(ByoAnswerGuard *g, ByoUndo *u, ByoPair pair, ByoTime now, bool *event_r);
/* The clock jumped by so much: what was noted is as old as before. */
void byo_answer_guard_clock_jumped(ByoAnswerGuard *g, ByoTime by);
size_t byo_answer_guard_count(const ByoAnswerGuard *g);
void byo_answer_guard_destroy(ByoAnswerGuard *g);

#endif
