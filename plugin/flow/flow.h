/* SPDX-License-Identifier: BSD-3-Clause
 * The three journeys: an MT on its way out, its reports on their way back, an MO on its way in.
 *
 * Decides: what becomes of each input, by asking the pure rooms, and what is written to the store.
 * Crash-only: the store is the truth. What the flow keeps in memory (counts, windows, what is in flight) is made again
 * from it at start. What changes in a turn is the turn's (turn.h): when it is not kept, memory is as before it.
 *
 * Ownership: the flow owns its memory; store, inventory and configuration are the caller's.
 * Threads: one, the flow thread, which owns the writing store. */
#ifndef BYO_FLOW_FLOW_H
#define BYO_FLOW_FLOW_H

#include "base/counters.h"
#include "base/event.h"
#include "base/test_message.h"
#include "base/traffic.h"
#include "compliance/opt_out.h"
#include "flow/inventory.h"
#include "flow/turn.h"
#include "integration/integration.h"
#include "store/store.h"

typedef struct ByoFlow ByoFlow;

/* What of the configuration concerns the flow. Everything pointed to outlives its use: a new one is
 * given with byo_flow_configure before the old one is freed. */
typedef struct {
    const ByoIntegration *const *integrations;
    size_t n;
    const char *box_id;
    bool refuse_unlisted;
    unsigned features;
    bool host_has_store; /* bearerbox keeps its queue on disk */
    unsigned reply_limit;
    int64_t inward_limit;     /* reports and MOs that may wait for one destination */
    ByoTime inward_expiry;    /* how long a report may wait; 0: for ever */
    ByoTime inward_expiry_mo; /* an MO; 0: for ever */
    bool opt_out_loose;
    bool keep_inbound_text;
    const ByoMatcher *standard; /* the standard keyword set; the caller's, replaced with the rest */
    /* Which smsbox an MO without one belongs to; NULL: any anonymous one. */
    const char *(*route)(void *arg, ByoStr receiver, ByoStr smsc_id);
    void *route_arg;
} ByoFlowConfig;

typedef struct {
    ByoStore *store;
    ByoInventory *inventory;
    const ByoSmsCodec *codec;
    void *arg;
    /* Called inside the turn: may write to the store. */
    void (*event)(void *arg, ByoTurn *t, const ByoEventNote *note);
    /* The same: another byobox of this store changed what is wanted of an integration, or deleted it. May be NULL. */
    void (*integration)(void *arg, ByoFlow *f, ByoTurn *t, ByoStr id);
} ByoFlowOptions;

/* Loads the inventory and the opt-outs from the store. */
ByoFlow *byo_flow_create(const ByoFlowOptions *opt, const ByoFlowConfig *cfg, ByoTime now);
void byo_flow_destroy(ByoFlow *f);
void byo_flow_configure(ByoFlow *f, const ByoFlowConfig *cfg, ByoTime now);

/* The clock jumped by so much: what memory knows of times moves with it. Before the turn's inputs; the store's rows
 * are the caller's (byo_store_clock_jumped). */
void byo_flow_clock_jumped(ByoFlow *f, ByoTime by);
/* Who is connected, and what bearerbox has acked, is so whatever becomes of a turn: taken in once, before the turn the
 * input is given to. */
void byo_flow_fact(ByoFlow *f, const ByoInput *in);
/* The rest of what a turn's inputs say, a list: the rows they may need are named to the store in one batch, then it is
 * decided. They are given again when their turn was not kept. */
void byo_flow_inputs(ByoFlow *f, ByoTurn *t, const ByoInput *inputs);
/* What the turn gave out leaves only now: its commit took so long. Behind the turn. */
void byo_flow_left(ByoFlow *f, ByoTime now);
/* Timers, retries, pacing, deliveries that wait. Returns when it wants the next turn at the latest. */
ByoTime byo_flow_tick(ByoFlow *f, ByoTurn *t);
/* An input of a turn that failed, or that came while the store cannot be written: answers what must be
 * answered at once (a MT: try again later, or as before when a smsbox writes it again). True: it must be given again when the store is back. why: what the
 * store said. */
bool byo_flow_refuse(ByoFlow *f, ByoTurn *t, const ByoInput *in, ByoStoreResult why);
/* A smsbox writes this MT again: it was taken, if the last turn was kept. */
bool byo_flow_mt_known(const ByoFlow *f, const ByoInput *in);
/* Both are one MT, written twice. */
bool byo_flow_mt_same(const ByoInput *a, const ByoInput *b);
/* No new hand-overs from now on (the process is stopping). */
void byo_flow_quiesce(ByoFlow *f);
/* Hand-overs bearerbox has not acked. */
int byo_flow_unacked(const ByoFlow *f);

/* -- what the life of an integration tells the flow ------------------------------------------------*/
typedef struct {
    bool open;    /* segments may be handed over */
    bool deleted; /* no MT is taken any more */
    bool known;   /* the next two are known (status.xml was read) */
    int online_binds;
    int64_t in_bearerbox; /* segments queued in bearerbox for its binds */
} ByoFlowGate;
void byo_flow_gate(ByoFlow *f, ByoTurn *t, ByoStr integration, const ByoFlowGate *gate);
/* bearerbox was started between the two times: what was handed over before is forgotten, or comes out of its store
 * and is submitted by it once more. */
void byo_flow_bearerbox_restarted(ByoFlow *f, ByoTurn *t, ByoTime after, ByoTime before);
/* A bind was lost between the two times: stock bearerbox submits what the carrier had not answered once more, by
 * itself, and perhaps has its answer by now. Which of several binds had a segment nobody says. */
void byo_flow_bind_lost(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoTime after, ByoTime before);
/* Ends everything queued of a deleted integration with its final report, at most max segments; true when
 * there is more. What may have been sent before ends as "outcome unknown". */
bool byo_flow_drop_queue(ByoFlow *f, ByoTurn *t, ByoStr integration, int max);
/* The same for what bearerbox has and will not answer for any more: its links are closed. */
bool byo_flow_drop_handed(ByoFlow *f, ByoTurn *t, ByoStr integration, int max);

/* -- numbers and opt-outs (inside a turn) -----------------------------------------------------------*/
/* n is copied. False: the compliance texts do not make a matcher (*fault_r). */
bool byo_flow_number_put(ByoFlow *f, ByoTurn *t, const ByoNumber *n, ByoStr compliance_json, bool replace,
                         ByoTime created, ByoStoreResult *result_r, ByoComplianceFault *fault_r);
bool byo_flow_number_remove(ByoFlow *f, ByoTurn *t, const char *digits);
/* Removes all numbers of an integration; how many. */
int byo_flow_numbers_remove(ByoFlow *f, ByoTurn *t, ByoStr integration);
bool byo_flow_opted_out(const ByoFlow *f, ByoStr number, ByoStr recipient);
/* By hand. Bare digits of the recipient are read against the number's home. False: one of the two could not be read. */
bool byo_flow_opt(ByoFlow *f, ByoTurn *t, const ByoOptRequest *req, ByoOptDone *done_r);

/* Sends a text from one of our numbers as an application's message is sent, and obeys what that obeys. */
void byo_flow_test_message(ByoFlow *f, ByoTurn *t, const ByoTestMessage *m, ByoTestDone *done_r);
/* How long minutes of the statistics are kept. */
#define BYO_MINUTES_KEPT (2 * BYO_DAY)
/* Adds minutes that are over to their hours, some of them, and removes hours older than retention. True: there may be
 * more to do. */
bool byo_flow_statistics_fold(ByoTurn *t, ByoTime retention);
/* One piece of an erasure; e lies still until the turn is over. True: there is more to do. */
bool byo_flow_erase(ByoFlow *f, ByoTurn *t, ByoErasure *e);
/* Takes no new MTs from now on (HTTP 503), also after a restart; or takes them again. Inside a turn.
 * False: it was so before. */
bool byo_flow_drain(ByoFlow *f, ByoTurn *t, bool on, ByoStr who);
typedef struct {
    ByoTime since; /* 0: it takes MTs */
    char by[64];
} ByoFlowDrain;

/* -- looking in ---------------------------------------------------------------------------------------*/
typedef struct {
    char id[BYO_ID_MAX + 1];
    bool open;
    int64_t queued, handed, accepted; /* segments now */
    ByoTime oldest;                   /* creation of the oldest queued segment; 0: none */
    double rate, rate_configured;     /* segments a second in force, here and of all byoboxes */
    bool throttled;                   /* the carrier made it slower */
    ByoCounters total;
    ByoTime last_submit_ok, last_error_at;
    char last_error[64]; /* cause and carrier code */
} ByoFlowIntegrationStatus;

enum { BYO_ABSENT_SHOWN = 8, BYO_REFUSALS = 16, BYO_REFUSED_CAUSE = 160 };

/* MTs answered "try again" within the last minute for one cause. */
typedef struct {
    char entity[64], cause[BYO_REFUSED_CAUSE];
    int64_t n;
} ByoFlowRefused;

typedef struct {
    ByoFlowIntegrationStatus integrations[BYO_INTEGRATIONS_MAX];
    size_t n;
    bool own_up, anon_up;
    ByoFlowDrain drain;
    int unacked;    /* hand-overs bearerbox has not acked */
    int64_t inward; /* reports and MOs waiting for a smsbox */
    int64_t inward_in_flight;
    /* The first of the ids they wait for of which no smsbox is connected; "": the anonymous ones. */
    char absent[BYO_ABSENT_SHOWN][64];
    size_t n_absent; /* of all */
    ByoFlowRefused refused[BYO_REFUSALS];
    size_t n_refused;
    size_t numbers, opt_outs, peers;
    ByoNode nodes[BYO_SLOTS]; /* of this store */
    size_t n_nodes;
    ByoProcessCounters total;
} ByoFlowStatus;
void byo_flow_status(ByoFlow *f, ByoFlowStatus *st_r, ByoTime now);

#endif
