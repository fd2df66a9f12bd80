/* SPDX-License-Identifier: BSD-3-Clause
 * The life of one segment and of its message (spec D1-D12; promise 5).
 * Decides: what an event makes of a segment, when it is tried again, when it is over, which reports
 * the application is due.
 * Every function is a table: values in, values out; `now` and the jitter are arguments.
 * Threads: values. */
#ifndef BYO_TRACKING_SEGMENT_H
#define BYO_TRACKING_SEGMENT_H

#include "base/clock.h"
#include "base/verdict.h"

/* Stored as these numbers: never renumber. */
typedef enum {
    BYO_SEG_QUEUED = 0,    /* ours: to be handed to bearerbox, not before `due` */
    BYO_SEG_HANDED = 1,    /* given to bearerbox, the carrier has not answered; due = give up waiting */
    BYO_SEG_ACCEPTED = 2,  /* submit_sm_resp ok; due = no receipt came */
    BYO_SEG_DELIVERED = 3, /* final from here on */
    BYO_SEG_FAILED = 4,
    BYO_SEG_CANCELLED = 5
} ByoSegState;

static inline bool byo_seg_final(ByoSegState s)
{
    return s >= BYO_SEG_DELIVERED;
}

typedef struct {
    ByoSegState state;
    int tries;            /* hand-overs that count; the token of a report carries the try it belongs to.
                           * One that bearerbox did not take is not counted: its number is used again. */
    bool accepted;        /* the carrier took it once, in this try or an earlier one */
    bool interim;         /* an interim receipt was seen once */
    bool copies;          /* handed over more than once, it has ids of its own for each (field C72) */
    bool maybe_duplicate; /* may be handed over again although the carrier may have had it */
    ByoTime first_handed; /* of the hand-overs that count; 0: never */
    ByoTime handed;       /* last hand-over; 0: never */
    ByoTime accepted_at;  /* the carrier's last answer that accepted it; 0: none did */
    ByoTime due;          /* 0: nothing is due */
    ByoTime ended;        /* 0: not final */
} ByoSegment;

typedef struct {
    int tries;                /* submits at most, the first included */
    ByoTime delay, max_delay; /* back-off: delay, 2x, 4x ... up to max_delay; +-20 % jitter */
    ByoTime retry_for;        /* no try later than this after the first hand-over */
    ByoTime receipt_timeout;
    ByoTime answer_timeout; /* hand-over without any answer */
    ByoTime wait_ack;       /* a "Retries Exceeded" no sooner than this after the hand-over may hide a
                             * submit the carrier had: a further try is a possible duplicate */
    ByoTime refused_delay;  /* bearerbox did not take it (no SMSC, ack_failed_tmp): next attempt after */
} ByoPolicy;

typedef enum {
    BYO_EV_HANDED,    /* we give it to bearerbox now */
    BYO_EV_NOT_TAKEN, /* bearerbox's ack says it did not take it (1 or 2): not a try */
    BYO_EV_NO_SMSC,   /* NACK/no SMSC: not a try, possible duplicate (it had been handed over) */
    BYO_EV_SUBMITTED, /* submit_sm_resp ok */
    BYO_EV_REFUSED,   /* submit_sm_resp error, or bearerbox's NACK with a verdict */
    BYO_EV_INTERIM,   /* receipt: ENROUTE, ACCEPTD, ... */
    BYO_EV_RECEIPT,   /* receipt: final for the carrier */
    BYO_EV_DUE,       /* `due` has passed */
    BYO_EV_STOPPED, /* it may not leave any more, its verdict says why: validity over, opted out, its number or
                       * integration gone (only a QUEUED segment ends by it, as failed) */
    BYO_EV_CANCEL, /* another segment of its message failed (only a QUEUED segment ends by it, as cancelled) */
    BYO_EV_ABANDONED /* nobody will ever say what became of it: a HANDED segment, or a QUEUED one that may
                       * have been sent before, ends by it and is marked as a possible duplicate */
} ByoEventKind;

typedef struct {
    ByoEventKind kind;
    int try;               /* the try a report belongs to; 0: does not say */
    ByoVerdict verdict;    /* REFUSED, INTERIM, RECEIPT, STOPPED, CANCEL, ABANDONED */
    bool retry_allowed;    /* REFUSED: true; RECEIPT: only for UNDELIV and REJECTD (spec D6) */
    bool others_open;      /* RECEIPT: another copy is open, so a failure is not its end (field C72) */
    bool retries_exceeded; /* REFUSED by bearerbox's "Retries Exceeded" */
    ByoTime expires;       /* end of the message's validity; 0: none */
    unsigned jitter;       /* 0..999 */
} ByoEvent;

/* What an event made of the segment; everything false = ignored (late, twice, out of order). */
typedef struct {
    bool changed;       /* the segment's row must be written */
    bool accepted;      /* first time it counts as accepted by the carrier (also by an early receipt) */
    bool interim;       /* first interim receipt of the segment */
    bool retry;         /* back in the queue with a verdict 2 */
    bool requeued;      /* back in the queue without a verdict */
    bool final;         /* it ended now: segment->state says how */
    bool at_submit;     /* final failure of what the carrier never accepted (report type 16), else type 2 */
    bool throttled;     /* verdict THROTTLED or CARRIER_CONGESTED: the integration must slow down */
    bool duplicate;     /* counted now as a possible duplicate */
    ByoVerdict verdict; /* the verdict to store with it, when changed; cause NULL: there is none */
} ByoStep;

/* e->verdict is read for REFUSED, INTERIM, RECEIPT, STOPPED, CANCEL and ABANDONED (there its cause is not NULL); what
 * DUE ends gets its verdict here. Failures and submit answers count for the try they belong to, a
 * delivery for any. A refused submit whose code the map calls 0 is delivered, one it calls 5, 6 or 8
 * accepted. */
void byo_segment_step(ByoSegment *s, const ByoEvent *e, const ByoPolicy *p, ByoTime now, ByoStep *step);

/* When try number `tries`+1 may leave; false when there is no further try (tries used up, or it would
 * be after first_handed + retry_for). The message's validity may be over before: STOPPED ends it then. */
bool byo_retry_next(const ByoPolicy *p, int tries, ByoTime first_handed, unsigned jitter, ByoTime now,
                    ByoTime *at_r);

/* The message: counts of its segments, kept by steps. */
typedef struct {
    int segments;
    int accepted; /* segments that were accepted at least once */
    int delivered;
    int failed;   /* failed or cancelled */
    int reported; /* BYO_DLR_ bits of message reports that are out: each type once; 16|2 exclude 1 */
    bool ended;   /* every segment is final */
} ByoTally;

typedef struct {
    int report;         /* message report now due: BYO_DLR_ bits in the order 8, 4, 1 or 16/2 (0..2 bits) */
    bool cancel_queued; /* it failed (now, or before and this segment went back into the queue): segments
                         * that are QUEUED must be cancelled */
} ByoTallyStep;

/* Counts one segment's step. one_receipt: the carrier sends one receipt for all segments
 * (one-receipt-per-message): the caller gives the receipt to every segment itself. */
void byo_tally_step(ByoTally *t, const ByoStep *step, ByoSegState state_now, ByoTallyStep *out);

/* Which of these report bits an application with this dlr-mask gets (16 is sent if the mask has 16 or 2). */
int byo_report_filter(int bits, int dlr_mask);

#endif
