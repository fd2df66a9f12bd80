/* SPDX-License-Identifier: BSD-3-Clause
 * What the flow's tests share: a flow on a real store and codec with a clock of the test's own, turned
 * as the engine turns it, and the other sides: smsboxes, bearerbox, the carrier.
 * Ownership: the fixture owns everything; what a turn put out lives until the next turn.
 * Threads: one. */
#ifndef BYO_TESTS_FLOW_FIXTURE_H
#define BYO_TESTS_FLOW_FIXTURE_H

#include <check.h>

#include "base/meta.h"
#include "flow/flow_private.h"
#include "link/frame.h"

#define S(text) byo_str(text)

/* Conns of the fixture's smsboxes and of its links. */
enum { BOX1 = 1, BOX2 = 2, ANON1 = 11, ANON2 = 12, OWN = 1001, ANON = 1002, PAIR = 1003 };
#define NUMBER_A "12025550100" /* of carrier-a */
#define NUMBER_B "12025550111" /* of carrier-b */
#define CODE_A "54321"         /* short code of carrier-a */
#define PHONE "+" PHONE_DIGITS
#define PHONE_DIGITS "12025550123"

/* One thing the flow put out, its frame read. */
typedef struct {
    ByoOutputKind kind;
    ByoConnId conn;
    int64_t token;
    ByoAck nack;
    char uuid[BYO_UUID_LEN + 1];
    ByoBuf frame;
    ByoSms sms;
    ByoMeta meta;
} Out;

extern ByoStore *store;
extern bool flow_in_memory; /* the store of tests/store/memory instead of SQLite */
extern ByoFlow *flow;
extern ByoTime now;
extern ByoTurn the_turn; /* of the turn that is made */
extern Out *outs;
extern size_t n_outs;
extern int events[BYO_EVENT_COUNT];

/* Two integrations, carrier-a and carrier-b, with these lines in carrier-a's group; more: further groups. */
void flow_start(const char *carrier_a, const char *more);
/* Further lines of `group = byobox`; before flow_start. */
void flow_box_lines(const char *lines);
void flow_features(unsigned features); /* before flow_start */
void flow_advanced(const char *json);  /* advanced.json beside the configuration; before flow_start */
void flow_stop(void);
/* Operations of the store that a test puts its own for, until flow_stop. */
ByoStoreOps *flow_store_ops(const ByoStoreOps **real_r);
/* The process dies and starts again; what was not committed is gone. */
void flow_reboot(void);
/* The configuration is read again with another group of carrier-a; flow_no_group: with none. */
extern const char flow_no_group[];
void flow_reload(const char *carrier_a, const char *more);

/* An input to be given in the next turn. */
ByoInput *give(ByoInputKind kind);
ByoInput *give_sms(ByoInputKind kind, const ByoSms *sms);
/* The input of an MT of the smsbox at conn. */
ByoSms an_mt(const char *from, const char *to, const char *text);
ByoInput *give_mt(ByoConnId conn, const ByoSms *mt);
void send_mt(ByoConnId conn, const ByoSms *mt); /* and makes a turn */
ByoSms plain(const char *text);                 /* from number A to a phone */
void give_peer_up(ByoConnId conn, const char *box);
void give_peer_down(ByoConnId conn);
void give_link(ByoLinkKind link, bool up);
ByoSms an_mo(const char *from, const char *to, const char *text);
ByoInput *give_mo(const ByoSms *mo);
void give_mos(int from, int to); /* from PHONE to NUMBER_A; each text is its number */
void give_peer_ack(const Out *delivered, ByoAck nack);
/* bearerbox's ack of a segment, and a report about it. */
void give_own_ack(const Out *segment, ByoAck nack);
void give_report(const Out *segment, int mask, const char *text, const char *foreign_id);
void give_accepted(const Out *segment);
void give_delivered(const Out *segment);
void give_nack(const Out *segment, const char *text);

/* A turn step by step: facts once, then as many attempts as need be, each committed or undone; at last it was kept, or
 * what must come again stays. calls: what runs in it beside the inputs, may be NULL. */
void take_facts(void);
void attempt(void (*calls)(ByoTurn *t));
void turn_kept(void);
void turn_refused(void);
void turn(void);       /* one turn that commits */
void turn_fails(void); /* one that does not: its inputs are given again in the next turn */
ByoTurn *begin(void);  /* a turn by hand: what a call into the flow thread gets */
void commit(void);
void later(ByoTime ms); /* the clock goes on and a turn is made */
/* Turns in steps of 20 ms until something is put out or the time is over. */
void wait_out(ByoTime ms);

size_t count_out(ByoOutputKind kind);
const Out *out_of(ByoOutputKind kind, size_t nth);
const char *byo_key(const Out *o, const char *key); /* of the meta-data group byo; "" when absent */
ByoFlowIntegrationStatus status_of(const char *integration);
ByoMessageRow message_of(const Out *o); /* of a segment or report that was put out */
ByoSegmentRow segment_of(const Out *segment);

void gate(const char *integration, bool open);
/* Opens a copy of a sent thing that outlives the turn. */
Out keep(const Out *o);
void drop(Out *o);
/* The MT is taken: its ack is `wanted`. */
void ck_ack(size_t nth, ByoAck wanted);
void ck_text(ByoStr got, const char *wanted);
void ck_counts(void); /* what the flow counts in memory is what the store holds */

/* Runs all suites; main's result. */
int flow_run(bool in_memory);
Suite *flow_mt_suite(void);
Suite *flow_write_suite(void);
Suite *flow_queue_suite(void);
Suite *flow_rate_suite(void);
Suite *flow_report_suite(void);
Suite *flow_receipt_suite(void);
Suite *flow_elsewhere_suite(void);
Suite *flow_retry_suite(void);
Suite *flow_order_suite(void);
Suite *flow_mo_suite(void);
Suite *flow_number_suite(void);
Suite *flow_inward_suite(void);
Suite *flow_inward_limit_suite(void);
Suite *flow_fault_suite(void);
Suite *flow_left_suite(void);
Suite *flow_past_suite(void);
Suite *flow_statistics_suite(void);

#endif
