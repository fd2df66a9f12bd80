/* SPDX-License-Identifier: BSD-3-Clause
 * The life of the integrations while traffic runs (spec L1-L5): watches bearerbox's status page, writes
 * smsc-conf, makes bearerbox read it, tells the flow when to hand over, remembers states in the store.
 *
 * Decides: nothing by itself: integration/life_state does. Carries it out.
 * Ownership: ByoLife owns its thread and what it knows of bearerbox.
 * Threads: its own thread talks to bearerbox (which may block for seconds); request and snapshot from any
 * other thread; store and flow are reached through the engine. */
#ifndef BYO_BOX_LIFE_H
#define BYO_BOX_LIFE_H

#include "config/config.h"
#include "flow/flow.h"
#include "integration/life_state.h"

typedef struct ByoLife ByoLife;
struct ByoDaemon;

ByoLife *byo_life_start(struct ByoDaemon *d);
/* Waits for the first look at bearerbox, at most so long. */
void byo_life_await_look(ByoLife *life, ByoTime ms);
void byo_life_stop(ByoLife *life); /* takes NULL */
/* The configuration was loaded again (d->conf is the new one). */
void byo_life_reloaded(ByoLife *life);

/* In the flow thread, inside a turn: another byobox of this store was asked something of an integration. */
void byo_life_told(ByoLife *life, ByoFlow *flow, ByoTurn *t, ByoStr id);

typedef enum { BYO_LIFE_ACTIVATE, BYO_LIFE_DEACTIVATE, BYO_LIFE_DELETE } ByoLifeVerb;
typedef enum {
    BYO_LIFE_OK = 0,
    BYO_LIFE_UNKNOWN, /* no such integration */
    BYO_LIFE_GONE,    /* it is deleted: activate needs a load without and with its group */
    BYO_LIFE_NO_STORE /* the store cannot be written; nothing was changed */
} ByoLifeResult;
/* Takes effect soon; what becomes of it shows in the snapshot and in events. DELETE is also for an integration
 * that has left the file (absent in the snapshot). What is asked of a transmitter is asked of the integrations that
 * receive for it, too (field S10). who: for the audit.
 * why_r: a sentence when it is not BYO_LIFE_OK. */
ByoLifeResult byo_life_request(ByoLife *life, ByoStr id, ByoLifeVerb verb, ByoStr who, char why_r[200]);

typedef struct {
    char id[BYO_ID_MAX + 1];
    ByoLifeState state;
    ByoLifeReason reason;
    ByoTime since;
    bool wanted, deleted, degraded, open;
    bool pending_changes; /* the configuration differs from what is bound */
    ByoBinds binds;
    char log_path[256], log_says[560]; /* of bearerbox's log of its links; why no bind stands, as it tells */
    bool missing;                      /* bearerbox shows none of its links though it was told to read them */
    bool absent;             /* no group in the file, but numbers or segments in the store; may be deleted */
    bool has_numbers;        /* this and the next two: of an absent one */
    int64_t waiting, handed; /* segments */
    ByoTime oldest;          /* of the waiting ones; 0: none */
    char local_address[48];  /* binds come from here (spec A2); "" when not known */
} ByoLifeIntegration;

typedef struct {
    ByoLifeIntegration integrations[2 * BYO_INTEGRATIONS_MAX];
    size_t n;
    bool page_known;    /* bearerbox's status page could be read just now */
    char page_why[160]; /* why not */
    char denied_why
        [160]; /* bearerbox does not take bearerbox-admin-password; "": it does, as far as is known */
    char bearerbox_version[64], bearerbox_status[32];
    int64_t bearerbox_uptime;     /* seconds, -1: not known */
    char bearerbox_features[128]; /* of a patched one; "" stock */
    char foreign_boxes[200];      /* anonymous smsboxes that stand on bearerbox beside byobox; "" for none */
    bool smsc_conf_bad;
    char smsc_conf_why[200];
} ByoLifeSnapshot;
/* "active", ..., "deleted", "absent" (no group in the file); "": nobody knows it. */
enum { BYO_LIFE_STATE_TEXT = 24 };
void byo_life_state(ByoLife *life, ByoStr id, char state_r[BYO_LIFE_STATE_TEXT]);
/* Whether one of this id may be added: nobody has it, or nothing of a deleted one is left to be done. */
bool byo_life_free(ByoLife *life, ByoStr id);
void byo_life_snapshot(ByoLife *life, ByoLifeSnapshot *out);

#endif
