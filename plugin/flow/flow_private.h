/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the flow room.
 * Ownership: ByoFlow owns runtimes and what they use. Threads: the flow thread. */
#ifndef BYO_FLOW_PRIVATE_H
#define BYO_FLOW_PRIVATE_H

#include "base/features.h"
#include "base/log.h"
#include "base/meta.h"
#include "compliance/opt_out.h"
#include "compliance/reply.h"
#include "flow/ended.h"
#include "flow/flow.h"
#include "flow/order.h"
#include "flow/pace.h"
#include "flow/refs.h"
#include "flow/taken.h"
#include "tracking/receipt.h"

/* Segments bearerbox has not acked, all integrations together, and the octets of their frames: the bound of what a stalled
 * bearerbox makes the link room buffer (host H5). Two turns' worth: what one hands over is acked while the next one is made. */
enum { BYO_UNACKED_MAX = 2000, BYO_UNACKED_OCTETS = 8 * 1024 * 1024 };
/* Receipts that may wait for the answer to their submit. */
enum { BYO_EARLY_MAX = 100000 };

/* What was counted in the minute `at`, and what of the counters is in it or in one before. */
typedef struct {
    ByoTime at;
    ByoCounters sum, counted;
} ByoMinute;

/* An integration at work. A turn changes what stands behind `saved`, by byo_flow_change. */
typedef struct {
    char id[BYO_ID_MAX + 1];
    const ByoIntegration *cfg;
    ByoHome home; /* home-country; empty when it has none */
    ByoPolicy policy;
    ByoMinute minute; /* saved by who writes it */
    uint64_t saved;
    ByoFlowGate gate;
    int64_t queued;                 /* segments QUEUED, all of them, whichever byobox has them */
    int64_t handed;                 /* segments HANDED to this bearerbox */
    double share;                   /* of the rate, where several byoboxes share it; 0: none yet */
    ByoTime shared_at;              /* when what left by the one before had left; 0: never */
    double held;                    /* the most it was in the time between two rounds */
    bool wanted;                    /* then there was more work than it let leave */
    bool raised;                    /* it was raised since */
    ByoTime shut;                   /* it cannot send since then; 0: it can */
    int64_t left_before;            /* segments_out when the shares were looked at last */
    ByoTime queue_next;             /* no QUEUED segment is due before; 0: not known */
    bool limit_told;                /* the queue-limit event is out */
    ByoFlowIntegrationStatus count; /* its counters */
    ByoPace pace;                   /* its ring is saved by who takes */
} ByoRuntime;

/* What a turn changes, by byo_flow_ledger. */
typedef struct {
    bool up_told;    /* the last that was told of our own link to bearerbox: it is up */
    bool own_was_up; /* the next LINK_UP is a re-connection */
    int unacked;     /* segments bearerbox has not acked */
    size_t unacked_octets;
    ByoProcessCounters total;
    ByoTime expired_to; /* validities up to here were looked at */
    ByoTime aged_at;    /* when the next look for what waits inward too long is due */
    ByoFlowDrain drain;
    bool sweeping;       /* a number left: the queue is gone through */
    ByoQueuePlace swept; /* up to here */
    ByoTime shares_at;   /* when the next round of shares is due */
    ByoTime round;       /* a turn's that has not left yet; 0: none (byo_flow_left) */
    ByoTime shares_busy; /* another byobox was at them: not before, between two rounds */
    bool giving;         /* there is more to be given to other byoboxes */
    ByoTime rest_at;     /* when queues without a group here are given away; 0: not known yet */
    ByoTime reborn; /* bearerbox, which keeps what it holds, was started no later than then; 0: not known */
    uint64_t random;
} ByoFlowLedger;

typedef struct ByoAnswers ByoAnswers;
typedef struct ByoInwardMemory ByoInwardMemory; /* inward_private.h */

enum { BYO_REFUSAL_STEPS = 6 };

/* Refusals of one kind: how many in each ten seconds of the last minute. */
typedef struct {
    char entity[64], cause[BYO_REFUSED_CAUSE];
    int64_t step, n[BYO_REFUSAL_STEPS];
} ByoFlowRefusals;

struct ByoFlow {
    ByoFlowOptions opt;
    ByoFlowConfig cfg;
    ByoStore *store;
    ByoInventory *inventory;
    ByoRuntime runtimes[BYO_INTEGRATIONS_MAX];
    size_t n_runtimes;
    ByoAdvanced *defaults; /* for messages whose integration left the configuration */
    ByoPolicy usual;       /* the same */
    ByoOptOuts *opt_outs;
    ByoReplies *replies;
    ByoAnswerGuard *guard;
    ByoRefs *refs;
    ByoEnded *ended;
    ByoTaken *taken;
    ByoInwardMemory *inward;
    ByoOrder *order;
    ByoAnswers *answers; /* NULL: none yet */
    ByoFlowRefusals refusals[BYO_REFUSALS];
    uint64_t saved_refusals;
    bool own_up, anon_up; /* our links to bearerbox: facts */
    bool quiesced;
    ByoTime others_at; /* when to look at the other byoboxes next; 0: there can be none */
    ByoFlowLedger now_is;
    uint64_t saved;
    ByoBuf scratch; /* reused between messages */
    ByoEncoded encoded;
};

/* common.c */
ByoRuntime *byo_flow_runtime(ByoFlow *f, ByoStr id);
/* What of an integration, or of the flow, this turn is about to change: it is as now again when the turn is not kept. */
ByoRuntime *byo_flow_change(ByoTurn *t, ByoRuntime *rt);
/* n more segments wait, the first until then; rt was told of to byo_flow_change. What is not known stays so: rows
 * that were taken over may be due earlier. */
static inline void byo_flow_queue_more(ByoRuntime *rt, int n, ByoTime due)
{
    if (!due)
        due = 1; /* 0 is not known */
    if (rt->queued <= 0 || due < rt->queue_next)
        rt->queue_next = due;
    rt->queued += n;
}
ByoFlowLedger *byo_flow_ledger(ByoFlow *f, ByoTurn *t);
/* What bare digits at a number of ours are read against: home-country of rt, else of the number's integration, else
 * the number's own country. Either may be NULL; NULL: nothing. */
const ByoHome *byo_flow_home(ByoFlow *f, const ByoRuntime *rt, const ByoInventoryEntry *number);
unsigned byo_flow_jitter(ByoFlow *f, ByoTurn *t); /* 0..999 */
/* A line for the access log, written when the turn is committed. */
void byo_flow_access(ByoTurn *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void byo_flow_tell(ByoFlow *f, ByoTurn *t, ByoEventKindId kind, ByoStr entity, ByoStr error_code,
                   const char *fmt, ...) __attribute__((format(printf, 6, 7)));
ByoStoredVerdict byo_flow_stored(const ByoVerdict *v, ByoStr carrier_code);

/* flow.c */
/* What is counted in memory, again from the store. */
void byo_flow_recount(ByoFlow *f, ByoTurn *t);

/* others.c */
void byo_flow_run_others(ByoFlow *f, ByoTurn *t);
ByoTime byo_flow_run_shares(ByoFlow *f, ByoTurn *t); /* when it wants to be called again; 0: never */
void byo_flow_shares_jumped(ByoFlow *f, ByoTime by);
void byo_flow_round_left(ByoFlow *f, ByoTime now); /* what a round's turn took has left now */
/* Called again at once: something waits for its share. */
bool byo_flow_shares_short(const ByoFlow *f, const ByoTurn *t);
/* A segment of this message leaves with the turn. */
void byo_flow_leaving(ByoTurn *t, const ByoMessageRow *m);

/* wait.c */
/* Until when one of this pair that is due then must wait; 0: not at all. A moment that is over: it is to be due then. */
ByoTime byo_flow_order_wait(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, ByoTime due);
/* One waits so. left: one was handed over: if none of the pair is tried again, those that waited follow it. */
void byo_flow_order_behind(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, ByoTime due);
void byo_flow_order_left(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m);
/* A segment went back into the queue, or got through or ended. */
void byo_flow_order_note(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, ByoId segment, ByoSegState state);
void byo_flow_order_load(ByoFlow *f, ByoTime now);

/* doubt.c */
/* The carrier took the segment now. */
void byo_flow_answered(ByoFlow *f, ByoTurn *t, ByoStr integration, const ByoSegmentRow *seg);
/* Before it is written: a segment bearerbox was handed before it was started anew, and that is not marked yet, is marked. */
void byo_flow_answers_late(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, ByoSegmentRow *seg);
void byo_flow_answers_jumped(ByoFlow *f, ByoTime by);
void byo_flow_answers_free(ByoFlow *f);

/* rows.c */
/* Loads a segment and its message; they live as long as the turn. */
ByoStoreResult byo_flow_load(ByoTurn *t, ByoId segment, ByoSegmentRow *seg_r, ByoMessageRow *m_r);
/* Names what is to be read; its texts live until byo_flow_load_wanted, which loads all that was named. */
void byo_flow_want(ByoTurn *t, const ByoWant *want);
void byo_flow_load_wanted(ByoTurn *t);
void byo_flow_want_segments(ByoTurn *t, const ByoId *ids, int n); /* names and loads them */
/* A segment whose message is gone can only be ended. */
void byo_flow_end_orphan(ByoFlow *f, ByoTurn *t, ByoId segment);

/* wants.c */
typedef struct ByoReceiptIn ByoReceiptIn;
/* Ids carriers gave with answers that are among a turn's inputs. */
typedef struct ByoAnswered ByoAnswered;
bool byo_flow_answered_has(const ByoAnswered *answered, ByoStr integration, ByoStr id);
/* Names and loads all the inputs will need, and what the turn looks for behind them. Returns the receipts among them, for
 * byo_flow_receipts_read. */
ByoReceiptIn *byo_flow_want_ahead(ByoFlow *f, ByoTurn *t, const ByoInput *inputs);
/* An operator's smsbox-route may name byobox itself: then it is none. */
bool byo_flow_input_reports(const ByoInput *in);

/* statistics.c: when all of the turn is counted */
void byo_flow_run_statistics(ByoFlow *f, ByoTurn *t);

/* drain.c */
void byo_flow_drain_load(ByoFlow *f);

/* left.c */
/* Its number is not in the inventory any more, or came back later than the message. */
bool byo_flow_has_left(const ByoFlow *f, const ByoMessageRow *m);
void byo_flow_sweep_begin(ByoFlow *f, ByoTurn *t);
void byo_flow_sweep_own(ByoFlow *f, ByoTurn *t); /* another byobox removed the number */
void byo_flow_sweep_load(ByoFlow *f);            /* what the store says of a sweep that is not over */
/* When it wants to be called again; 0: it is over. */
ByoTime byo_flow_run_sweep(ByoFlow *f, ByoTurn *t);

/* numbers.c */
void byo_flow_numbers_load(ByoFlow *f);
void byo_flow_number_changed(ByoFlow *f, ByoTurn *t,
                             ByoStr digits); /* by another byobox: as the store has it */
/* A reply of our own was not sent or failed: an event, and the history says why (field S6). */
void byo_flow_reply_failed(ByoFlow *f, ByoTurn *t, const ByoMessageRow *reply);
/* A number that left the inventory and may still get a STOP: the destination of an MO, read as `how` says. *matcher_r: its own words, NULL for none; the caller
 * destroys it. False: there is none. */
bool byo_flow_number_left(ByoTurn *t, ByoStr typed, const ByoReadHow *how, ByoInventoryEntry *entry_r,
                          ByoMatcher **matcher_r);

/* opt_outs.c */
/* An opt-out or opt-in takes effect: memory, store, event. row: of the recipient it is acted on for; from: how
 * its digits were read, NULL: not at all. */
void byo_flow_opt_apply(ByoFlow *f, ByoTurn *t, const ByoOptRow *row, const ByoReading *from);
void byo_flow_opt_changed(ByoFlow *f, ByoTurn *t, ByoStr number, ByoStr recipient); /* by another byobox */
/* Opted out by its own STOP or an operator, not only as another reading of somebody's digits. */
bool byo_flow_opted_out_itself(ByoFlow *f, ByoTurn *t, ByoStr number, ByoStr recipient);
/* After the numbers: what an earlier byobox stored gains the rows today's rules give. */
void byo_flow_opts_load(ByoFlow *f, ByoTime now);

/* mt.c */
void byo_flow_mt(ByoFlow *f, ByoTurn *t, const ByoInput *in);
/* A reply of our own, from number to recipient; it may pass an opt-out. One that is refused is told by
 * byo_flow_reply_failed. */
void byo_flow_send_reply(ByoFlow *f, ByoTurn *t, const ByoInventoryEntry *number, ByoStr recipient,
                         ByoStr text, ByoKeywordKind kind, ByoTime expires);

/* mt_again.c */
/* Before the turn's MTs are judged: those of them that another byobox took become known. */
void byo_flow_mt_look(ByoFlow *f, ByoTurn *t, const ByoInput *inputs);
/* A smsbox that lost its link wrote it again: the ack it got before. False: it is new. */
bool byo_flow_mt_again(ByoFlow *f, ByoTurn *t, const ByoInput *in, ByoAck *ack_r);
/* That MT was taken, or refused for good, and acked so. box: absent for an anonymous smsbox. */
void byo_flow_taken(ByoFlow *f, ByoTurn *t, ByoStr box, ByoStr uuid, ByoStr receiver, ByoAck ack);

/* handover.c */
/* Makes the segment HANDED and puts it into the outputs, if bearerbox, the gate, the windows and the pace
 * allow; the caller writes the row. mt: the MT as it came, meta: its meta-data, may be NULL. */
bool byo_flow_hand_over(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, const ByoMessageRow *m, const ByoSms *mt,
                        const ByoMeta *meta, ByoSegmentRow *seg);
/* bearerbox acked one; with all: it is another connection. */
void byo_flow_unacked_less(ByoFlow *f, bool all);
bool byo_flow_may_hand_over(const ByoFlow *f, const ByoRuntime *rt);
/* How many more all integrations together may hand over before bearerbox acks some. */
int64_t byo_flow_unacked_room(const ByoFlow *f);
/* Names what of its queue may leave in this turn, which takes in so many answers of it. *unacked: of the room for all, what the
 * ones before left. */
void byo_flow_want_queue(ByoFlow *f, ByoTurn *t, ByoRuntime *rt, int answers, int64_t *unacked);
/* Hands over what waits; when it wants to be called again. */
ByoTime byo_flow_run_queue(ByoFlow *f, ByoTurn *t, ByoRuntime *rt);
/* bearerbox did not take this segment. */
bool byo_flow_acked_not(const ByoInput *in, ByoId *segment_r, int *try_r);
void byo_flow_own_ack(ByoFlow *f, ByoTurn *t, const ByoInput *in);

/* report.c */
/* The segment and try a report names; false: it has no token. */
bool byo_flow_report_token(const ByoSms *sms, ByoId *segment_r, int *try_r);
void byo_flow_report(ByoFlow *f, ByoTurn *t, const ByoInput *in); /* one without a token is only acked */
/* An event happens to one stored segment: everything that follows from it. */
typedef struct {
    ByoEvent event;
    ByoStr carrier_code, text, foreign_id; /* text: of the report the application gets */
} ByoHappening;
void byo_flow_happen(ByoFlow *f, ByoTurn *t, ByoId segment, ByoHappening *h);
/* A segment that waits in a queue may not leave any more: it fails. */
void byo_flow_stop(ByoFlow *f, ByoTurn *t, ByoId segment, ByoOwnCause cause);
/* What a report says happens to its segment. try: 0: it does not say; id: the carrier's id it was found by, absent:
 * it was found by its token; meta: the report's. */
void byo_flow_read_report(ByoFlow *f, ByoTurn *t, const ByoSms *sms, ByoId segment, int try, ByoStr id,
                          const ByoMeta *meta);
/* A report that is nobody's. */
void byo_flow_unknown_report(ByoFlow *f, ByoTurn *t);
/* The id the carrier gave with its answer, as receipts are looked for by it. */
ByoStr byo_flow_answered_id(const ByoFlow *f, const ByoRuntime *rt, const ByoSms *sms, const ByoMeta *meta,
                            char number[BYO_MSGID_FORM_MAX]);
/* Names what the two below will look for. */
void byo_flow_want_due(const ByoFlow *f, ByoTurn *t);
void byo_flow_run_timers(ByoFlow *f, ByoTurn *t);
/* Ends what waits in a queue, open or closed, longer than its message is valid. */
void byo_flow_run_expiry(ByoFlow *f, ByoTurn *t);

/* receipt_text.c */
/* A receipt's text from its octets: UTF-16, packed septets, or as they are; may lie in buf. */
ByoStr byo_flow_receipt_text(ByoStr octets, ByoBuf *buf);

/* receipt_match.c */
/* A receipt without a token: it skipped bearerbox's storage, or this byobox did not ask for it. */
bool byo_flow_is_receipt(const ByoSms *sms);
/* The receipts without a token among a turn's inputs, parsed. They are read when all inputs are, so that one that was
 * quicker than the answer to its submit finds its segment when the answer came with it.
 * parse: *last: the end of the list; the new end is returned. */
ByoReceiptIn **byo_flow_receipt_parse(ByoFlow *f, ByoReceiptIn **last, const ByoInput *in);
/* Names the rows they may be of. */
void byo_flow_want_receipts(ByoFlow *f, ByoTurn *t, const ByoReceiptIn *receipts,
                            const ByoAnswered *answered);
/* Each finds its segment by integration and message id, or waits for it, or is nobody's. Frees them. */
void byo_flow_receipts_read(ByoFlow *f, ByoTurn *t, ByoReceiptIn *receipts);
/* The receipts that were quicker than the answer to their submit, which gave this id. */
void byo_flow_take_early(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr foreign_id);
/* Another byobox has a receipt that waits for this id: it is taken in, if the answer came here meanwhile. */
void byo_flow_early_waits(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr foreign_id);
/* One that another byobox found by this id, for a segment of this one, or of one that is gone. */
void byo_flow_take_left(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr foreign_id);
/* A receipt without its esm_class comes as an inbound message. True: it was one, and is dealt with: its text begins
 * with "id:" and has a state, its id is exactly a segment's, and it goes between that one's two addresses. */
bool byo_flow_receipt_as_mo(ByoFlow *f, ByoTurn *t, const ByoSms *sms);

/* copies.c */
/* The answer to a submit gave this id; before the event happens. */
void byo_flow_copy_answered(ByoTurn *t, ByoSegmentRow *seg, ByoStr foreign_id, int try);
/* The segment was just handed over once more: what it was known by is an older copy's. The caller writes the row. */
void byo_flow_copy_again(ByoTurn *t, ByoSegmentRow *seg);
/* A final receipt of the copy with this id: whether its failure is the segment's. */
void byo_flow_copy_receipt(ByoTurn *t, const ByoSegmentRow *seg, ByoStr id, ByoHappening *h);
/* The newest hand-over was refused or not taken while an older copy has been answered: it is no copy. When none is
 * open any more, h becomes the failure that was told last. */
void byo_flow_copy_refused(ByoTurn *t, const ByoSegmentRow *seg, ByoHappening *h);
/* The receipts of the open copies will not come any more: what a copy failed with, if any did. Its texts live until
 * the next look at copies. */
bool byo_flow_copy_failed(ByoTurn *t, const ByoSegmentRow *seg, ByoHappening *h);

/* past.c: what the rows will not hold */
typedef struct {
    ByoId message; /* 0: it is no report */
    int segment;   /* 0: of the whole message */
    int bits;
} ByoReported;
/* The step was made of `before`; the segment is as it is after it. */
void byo_flow_past_step(ByoTurn *t, const ByoSegmentRow *seg, const ByoSegment *before, const ByoStep *step,
                        const ByoHappening *h);
/* A smsbox took a report, or refused it for good. */
void byo_flow_past_report(ByoTurn *t, const ByoReported *r, bool taken);
/* Which report of ours a frame for a smsbox is. */
void byo_flow_reported(const ByoSms *sms, ByoReported *r);

/* notice.c: reports to the application */
typedef struct {
    int bits;    /* BYO_DLR_ bits, sent in the order 8, 4, 1, 16, 2 */
    int segment; /* 0: the whole message */
    int try;
    ByoStr text; /* msgdata */
    ByoStr foreign_id;
    const ByoStoredVerdict *verdict;
    bool possible_duplicate; /* of the segment, or of one of the message's (field C73) */
} ByoNotice;
void byo_flow_notice(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, const ByoNotice *n);

/* mo.c */
void byo_flow_mo(ByoFlow *f, ByoTurn *t, const ByoInput *in);
/* Is there room for it in the store? Else it is held (byo_flow_hold_mo). */
bool byo_flow_mo_room(ByoFlow *f, ByoTurn *t, const ByoInput *in);

/* inward.c */
/* Makes f->inward, of what the store says. */
void byo_flow_inward_load(ByoFlow *f);
void byo_flow_inward_free(ByoFlow *f);
void byo_flow_inward_jumped(ByoFlow *f, ByoTime by);
/* reported: NULL: it is a MO. */
void byo_flow_inward(ByoFlow *f, ByoTurn *t, bool named, ByoStr box, ByoStr frame, const char *uuid,
                     const ByoReported *reported);
void byo_flow_peer_up(ByoFlow *f, const ByoInput *in);
/* Its first MT came less than `age` ago, or is this one. */
bool byo_flow_peer_is_new(ByoFlow *f, const ByoTurn *t, ByoConnId conn, ByoTime age);
/* How many smsboxes are there, which are missing. */
void byo_flow_inward_status(const ByoFlow *f, ByoFlowStatus *st);
void byo_flow_peer_down(ByoFlow *f, ByoConnId conn);
void byo_flow_peer_ack(ByoFlow *f, ByoTurn *t, const ByoInput *in);
/* May this smsbox ask for a report: is there room for it to wait? */
bool byo_flow_inward_room(ByoFlow *f, ByoTurn *t, ByoConnId conn);

/* refused.c */
/* A MT is answered "try again". entity: as in an event; the cause follows "... in the last minute: ". */
void byo_flow_refused(ByoFlow *f, ByoTurn *t, const char *entity, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void byo_flow_refused_status(ByoFlow *f, ByoFlowStatus *st, ByoTime now);

/* inward_limit.c */
bool byo_flow_inward_total_room(ByoTurn *t);
/* May an MO be taken for a smsbox-id that nothing waits for yet? */
bool byo_flow_inward_new_box_room(ByoTurn *t);
/* Keeps an MO un-acked until there is room. */
void byo_flow_hold_mo(ByoFlow *f, ByoTurn *t, const ByoInput *in);
/* Takes in what is held, as far as there is room now. */
void byo_flow_run_held(ByoFlow *f, ByoTurn *t);
/* Removes what waited longer than inward-expiry; when it wants to look again. */
ByoTime byo_flow_run_inward_age(ByoFlow *f, ByoTurn *t);
/* When a backlog wants to be tried again; 0: only when something happens. */
ByoTime byo_flow_run_inward(ByoFlow *f, ByoTurn *t);

#endif
