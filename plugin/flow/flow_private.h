/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the flow room.
 * Ownership: ByoFlow owns runtimes, peers and destinations. Threads: the flow thread. */
#ifndef BYO_FLOW_PRIVATE_H
#define BYO_FLOW_PRIVATE_H

#include "base/features.h"
#include "base/log.h"
#include "base/meta.h"
#include "compliance/opt_out.h"
#include "compliance/reply.h"
#include "flow/flow.h"
#include "flow/pace.h"
#include "flow/refs.h"
#include "tracking/receipt.h"

/* Segments bearerbox has not acked, all integrations together: the bound of what a stalled bearerbox
 * makes the link room buffer (kannel-host 2.9). */
enum { BYO_UNACKED_MAX = 500 };
/* What a smsbox may have unacked of ours. */
enum { BYO_PEER_WINDOW = 100 };

/* An integration at work. */
typedef struct {
    char id[BYO_ID_MAX + 1];
    const ByoIntegration *cfg;
    ByoPolicy policy;
    ByoPace pace;
    ByoFlowGate gate;
    int64_t queued; /* segments QUEUED, all of them */
    int64_t handed; /* segments HANDED */
    ByoTime queue_next; /* no QUEUED segment is due before; 0: not known */
    bool limit_told;    /* the queue-limit event is out */
    ByoFlowIntegrationStatus count; /* its counters */
} ByoRuntime;

/* A connected smsbox. */
typedef struct ByoFlowPeer {
    struct ByoFlowPeer *next;
    ByoConnId conn;
    struct ByoDestination *to;
    int in_flight;
} ByoFlowPeer;

/* Where reports and MOs go: the smsboxes of one id, or all anonymous ones. */
typedef struct ByoDestination {
    struct ByoDestination *next;
    bool named;
    char *box;      /* "" for the anonymous */
    ByoId cursor;   /* everything up to here was given to a smsbox, or is in `again` */
    bool backlog;   /* the store has rows after the cursor */
    ByoTime not_before; /* a smsbox asked to be left alone */
} ByoDestination;

/* A row a smsbox has and has not acked. */
typedef struct {
    ByoId id;
    ByoConnId conn;
    ByoDestination *to;
} ByoInFlight;

struct ByoFlow {
    ByoFlowOptions opt;
    ByoFlowConfig cfg;
    ByoStore *store;
    ByoInventory *inventory;
    ByoRuntime runtimes[BYO_INTEGRATIONS_MAX];
    size_t n_runtimes;
    ByoOptOuts *opt_outs;
    ByoReplies *replies;
    ByoAnswerGuard *guard;
    ByoRefs *refs;
    ByoFlowPeer *peers;
    ByoDestination *destinations;
    ByoInFlight *in_flight;
    size_t n_in_flight, cap_in_flight;
    bool own_up, anon_up, quiesced;
    bool own_was_up; /* the next LINK_UP is a re-connection */
    int unacked;
    ByoOutputs out;
    ByoBuf scratch; /* reused between messages */
    ByoEncoded encoded;
    uint64_t random;
    ByoTime now; /* of the turn */
    int64_t mo_repeated, unknown_reports, passed_mo;
    bool opt_changed; /* an opt-out changed in this turn */
};

/* flow.c */
ByoRuntime *byo_flow_runtime(ByoFlow *f, ByoStr id);
unsigned byo_flow_jitter(ByoFlow *f); /* 0..999 */
void byo_flow_tell(ByoFlow *f, ByoEventKindId kind, ByoStr entity, ByoStr error_code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
ByoStoredVerdict byo_flow_stored(const ByoVerdict *v, ByoStr carrier_code);

/* rows.c */
/* Loads a segment and its message; both point into *keep, which the caller frees. */
ByoStoreResult byo_flow_load(ByoFlow *f, ByoId segment, ByoSegmentRow *seg_r, ByoMessageRow *m_r, ByoBuf *keep);
ByoStoreResult byo_flow_load_message(ByoFlow *f, ByoId message, ByoMessageRow *m_r, ByoBuf *keep);

/* numbers.c */
void byo_flow_numbers_load(ByoFlow *f);
/* An opt-out or opt-in takes effect: memory, store, event. */
void byo_flow_opt_apply(ByoFlow *f, const ByoOptRow *row);

/* mt.c */
void byo_flow_mt(ByoFlow *f, const ByoInput *in);
/* A reply of our own, from number to recipient; it may pass an opt-out. False: it could not be written. */
bool byo_flow_send_reply(ByoFlow *f, const ByoInventoryEntry *number, ByoStr recipient, ByoStr text,
                         ByoKeywordKind kind, ByoTime expires);

/* handover.c */
/* Makes the segment HANDED and puts it into the outputs, if bearerbox, the gate, the windows and the pace
 * allow; the caller writes the row. mt: the MT as it came, meta: its meta-data, may be NULL. */
bool byo_flow_hand_over(ByoFlow *f, ByoRuntime *rt, const ByoMessageRow *m, const ByoSms *mt,
                        const ByoMeta *meta, ByoSegmentRow *seg);
bool byo_flow_may_hand_over(const ByoFlow *f, const ByoRuntime *rt);
/* Hands over what waits; when it wants to be called again. */
ByoTime byo_flow_run_queue(ByoFlow *f, ByoRuntime *rt);
void byo_flow_own_ack(ByoFlow *f, const ByoInput *in);
/* Of a segment's report token and UUID. */
bool byo_flow_token_parse(ByoStr dlr_url, ByoId *segment_r, int *try_r);

/* report.c */
void byo_flow_report(ByoFlow *f, const ByoInput *in);
/* An event happens to one stored segment: everything that follows from it. */
typedef struct {
    ByoEvent event;
    ByoStr carrier_code, text, foreign_id; /* text: of the report the application gets */
} ByoHappening;
void byo_flow_happen(ByoFlow *f, ByoId segment, ByoHappening *h);
void byo_flow_run_timers(ByoFlow *f);

/* notice.c: reports to the application */
typedef struct {
    int bits;     /* BYO_DLR_ bits, sent in the order 8, 4, 1, 16, 2 */
    int segment;  /* 0: the whole message */
    int try;
    ByoStr text;  /* msgdata */
    ByoStr foreign_id;
    const ByoStoredVerdict *verdict;
} ByoNotice;
void byo_flow_notice(ByoFlow *f, const ByoMessageRow *m, const ByoNotice *n);

/* mo.c */
void byo_flow_mo(ByoFlow *f, const ByoInput *in);

/* inward.c */
void byo_flow_inward(ByoFlow *f, bool named, ByoStr box, ByoStr frame, const char *uuid);
void byo_flow_peer_up(ByoFlow *f, const ByoInput *in);
void byo_flow_peer_down(ByoFlow *f, ByoConnId conn);
void byo_flow_peer_ack(ByoFlow *f, const ByoInput *in);
/* When a backlog wants to be tried again; 0: only when something happens. */
ByoTime byo_flow_run_inward(ByoFlow *f);
void byo_flow_inward_rolled_back(ByoFlow *f);
void byo_flow_inward_load(ByoFlow *f);

#endif
