/* SPDX-License-Identifier: BSD-3-Clause
 * What the admin API needs of the process, as an interface the box room fills in: it keeps the arrows
 * between the rooms, and lets tests run the API over a store alone.
 * Ownership: see each function. Threads: every function may be called from several threads at once. */
#ifndef BYO_ADMIN_ACTIONS_H
#define BYO_ADMIN_ACTIONS_H

#include "admin/webhook.h"
#include "base/counters.h"
#include "base/event.h"
#include "base/json.h"
#include "base/sms.h"
#include "base/test_message.h"
#include "compliance/number.h"
#include "compliance/opt_out.h"
#include "integration/integration.h"
#include "integration/life_state.h"
#include "integration/policy.h"
#include "store/store.h"

/* One change: inside a transaction of the writing store. Memory and store change together. */
typedef struct {
    ByoStore *store; /* the writer */
    ByoTime now;
    void *arg;
    /* As byo_flow_number_put: false when the texts make no matcher. created: kept with the number. */
    bool (*number_put)(void *arg, const ByoNumber *n, ByoStr compliance_json, bool replace, ByoTime created,
                       ByoStoreResult *result_r, ByoComplianceFault *fault_r);
    bool (*number_remove)(void *arg, const char *digits); /* false: it was not there */
    /* As byo_flow_opt: false when number or recipient is none. */
    bool (*opt)(void *arg, const ByoOptRequest *req, ByoTime now, ByoOptDone *done_r);
    void (*event)(void *arg, const ByoEventNote *note);
    /* No new MTs, or again. False: it was so before. */
    bool (*drain)(void *arg, bool on, ByoStr who, ByoTime now);
    void (*test_message)(void *arg, const ByoTestMessage *m, ByoTestDone *done_r);
    /* One piece of an erasure. True: there is more to do. */
    bool (*erase)(void *arg, ByoErasure *e, ByoTime now);
} ByoAdminTurn;

/* -- the process at a glance -------------------------------------------------------------------------*/

/* What an integration is at one byobox of the store. */
typedef struct {
    bool known; /* it was there at all */
    ByoLifeState state;
    ByoLifeReason reason;
    ByoTime since;
    int64_t binds, online; /* asked for; that stand, -1: not known */
    char policy[BYO_POLICY_TEXT];
} ByoAdminAtNode;

typedef struct {
    char id[BYO_ID_MAX + 1];
    char *name;                        /* (spec P15) NULL: not known */
    char receives_for[BYO_ID_MAX + 1]; /* "": for none */
    ByoJson *config;                   /* byo_admin_config_json; NULL: no group in the file */
    ByoJson *properties;               /* byo_properties_json; NULL: no group in the file */
    bool absent;      /* no group in the file, though nobody deleted it or its queue is not dropped yet */
    bool has_numbers; /* an absent one */
    ByoLifeState state;
    ByoLifeReason reason;
    ByoTime since; /* 0: not known */
    bool wanted, deleted, degraded, open, pending_changes;
    bool binds_known;
    int binds_online, binds_total, binds_wanted;
    int64_t bind_status;          /* command_status of the last refused bind, -1: not told */
    char bind_text[64];           /* why the last bind failed, in bearerbox's words; "": not told */
    char log_path[256];           /* bearerbox's log of its links; "": not known */
    char log_says[560];           /* why no bind stands, as that log tells; "": it does not */
    bool missing;                 /* bearerbox shows none of its links though it was told to read them */
    char local_address[48];       /* where our binds come from (spec A2); "": not known */
    bool counted;                 /* the rest is known */
    double rate, rate_configured; /* segments a second: of this byobox now, of all that share the store */
    bool throttled;               /* the carrier made it slower */
    int64_t queued, handed, accepted;
    ByoTime oldest; /* creation of the oldest queued segment, 0: none */
    ByoCounters total;
    ByoTime last_submit_ok, last_error_at;
    char last_error[64];
    char policy[BYO_POLICY_TEXT]; /* "": no group in the file */
    ByoAdminAtNode at[BYO_SLOTS]; /* as ByoAdminStatus.nodes; here, too */
} ByoAdminIntegration;

typedef struct {
    bool named;
    char box[64], ip[48];
    int load; /* -1: not told */
    int64_t passed_mt, passed_in;
    bool link_up; /* the link to bearerbox its pass-through uses */
} ByoAdminPeer;

typedef struct {
    const char *version;
    ByoTime now, started;
    ByoAdminIntegration integrations[2 * BYO_INTEGRATIONS_MAX];
    size_t n;
    bool own_up, anon_up; /* the links to bearerbox */
    int64_t reconnects, refused_peers, bad_frames;
    ByoTime draining; /* since when no new MTs are taken; 0: they are */
    char draining_by[64];
    ByoAdminPeer *peers;
    size_t n_peers;
    ByoStoreResult store_health;
    char store_why[256]; /* what is the matter, as the log has it; "": nothing */
    char *store_path;
    int64_t store_bytes; /* with its journal; -1: not known */
    int store_schema;
    ByoTime counted; /* when the numbers below and those of the integrations were counted; 0: never */
    int64_t numbers, opt_outs, unacked, inward, inward_in_flight;
    ByoProcessCounters total;
    ByoNode nodes[BYO_SLOTS]; /* byoboxes of this store, itself first; with SQLite it alone, without a name */
    size_t n_nodes;
    char absent[8][64]; /* smsbox-ids reports and MOs wait for, not connected; "": the anonymous ones */
    size_t n_absent;    /* of all; more than there is room for are only counted */
    struct {
        char entity[64], cause[160];
        int64_t n;
    } refused[16]; /* sends answered with HTTP 503 within the last minute, by cause */
    size_t n_refused;
    bool bearerbox_known; /* its status page was read just now */
    char bearerbox_why[160];
    char bearerbox_denied_why[160]; /* it does not take our password for changes; "": it does */
    bool bearerbox_denied;          /* it is there and does not let us in */
    char *smsc_conf;                /* the file it reads */
    char bearerbox_host[256];
    int bearerbox_port;
    char bearerbox_version[64], bearerbox_status[32];
    int64_t bearerbox_uptime;     /* seconds, -1: not known */
    char bearerbox_features[128]; /* what it says it has beyond stock; "": stock */
    unsigned features;            /* BYO_FEATURE_ bits of the configuration */
    int64_t events[BYO_EVENT_COUNT];
    ByoWebhookStatus webhook;
    char **warnings; /* sentences about the installation */
    size_t n_warnings;
} ByoAdminStatus;

void byo_admin_status_warn(ByoAdminStatus *st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* An integration's at all byoboxes that are there. */
typedef struct {
    int64_t wanted, online;
} ByoAdminBinds;
ByoAdminBinds byo_admin_binds(const ByoAdminStatus *st, const ByoAdminIntegration *i);
void byo_admin_status_clear(ByoAdminStatus *st); /* frees what it points to */
/* What the file says of an integration, secrets left out. The caller frees it. */
ByoJson *byo_admin_config_json(const ByoIntegration *i);

typedef struct {
    ByoStoreResult store;
    bool own_up, anon_up;
    bool draining;
} ByoAdminHealth;

/* May numbers be imported for it? */
typedef enum {
    BYO_TAKES_NUMBERS,
    BYO_TAKES_UNKNOWN, /* no such integration, or it is deleted */
    BYO_TAKES_RECEIVER /* it only receives */
} ByoAdminTakes;

#define BYO_ADMIN_STATE 24

typedef enum { BYO_VERB_ACTIVATE, BYO_VERB_DEACTIVATE, BYO_VERB_DELETE } ByoAdminVerb;
typedef enum {
    BYO_ANSWER_OK = 0,
    BYO_ANSWER_UNKNOWN,    /* no such integration */
    BYO_ANSWER_CONFLICT,   /* its state does not allow it */
    BYO_ANSWER_UNAVAILABLE /* not now; nothing was changed */
} ByoAdminAnswer;

/* PUT of an integration (spec A1). */
typedef struct {
    ByoStr id;
    const ByoJsonAt *body;
    ByoStr if_match; /* the header; absent: none */
    unsigned can;    /* BYO_CAN_ bits of who asks */
    ByoStr who;
    bool check; /* say what would be, and change nothing */
} ByoAdminPut;

typedef enum {
    BYO_PUT_MADE,       /* it is new */
    BYO_PUT_CHANGED,    /* or was good, for a check */
    BYO_PUT_FAULTS,     /* faults says which */
    BYO_PUT_FORBIDDEN,  /* no permission for a new, or for an existing one */
    BYO_PUT_READ_ONLY,  /* it stands elsewhere */
    BYO_PUT_STALE,      /* If-Match does not */
    BYO_PUT_CONFLICT,   /* its state does not allow it */
    BYO_PUT_UNAVAILABLE /* not now; nothing was changed */
} ByoAdminPutAnswer;

typedef struct {
    char *why;                  /* a sentence; NULL: made, changed */
    char *file;                 /* the integration's; NULL: not known */
    char *difference;           /* "-key = value", "+key = value", without secrets; NULL: not known */
    ByoJson *faults, *warnings; /* [{"field", "message"}] */
} ByoAdminPutDone;
void byo_admin_put_clear(ByoAdminPutDone *done); /* frees what it points to */

/* What an integration's file says beside its properties. */
typedef struct {
    char *file;     /* NULL: it has none */
    char *version;  /* for ETag */
    char *advanced; /* the text of its advanced configuration; NULL: the defaults */
    bool editable;  /* PUT takes it */
} ByoAdminFile;

typedef struct {
    void *arg;
    /* Runs fn inside a transaction and waits for its commit. What fn did counts only with BYO_STORE_OK;
     * fn may not have run at all otherwise. */
    ByoStoreResult (*change)(void *arg, void (*fn)(void *fn_arg, const ByoAdminTurn *turn), void *fn_arg);
    /* transmitter_r: of a receiver, the id it receives for; "": none. */
    ByoAdminTakes (*integration_takes)(void *arg, ByoStr id, char transmitter_r[BYO_ID_MAX + 1]);
    ByoShortCodes (*short_codes)(void *arg);
    /* Can an integration that sends for this one's numbers not carry the text? Its id and why, in one sentence's end;
     * true: all of them can, or there is none. */
    bool (*integration_carries)(void *arg, ByoStr id, ByoStr utf8, char why_r[160]);
    /* Shows fn an integration as it is configured; it may not keep it. False: there is no such group. */
    bool (*integration_look)(void *arg, ByoStr id, void (*fn)(void *fn_arg, const ByoIntegration *i),
                             void *fn_arg);
    /* "active", ..., "deleted", "absent" (no group in the file); "": not known. Cheap. */
    void (*integration_state)(void *arg, ByoStr id, char state_r[BYO_ADMIN_STATE]);
    /* Imports of a number that have begun and not ended (spec N5). */
    bool (*import_begin)(void *arg, const char *digits);
    void (*import_end)(void *arg, const char *digits);
    void (*health)(void *arg, ByoAdminHealth *out_r); /* cheap: anybody may ask */
    void (*status)(void *arg, ByoAdminStatus *out_r); /* cleared by the caller */
    int64_t (*events_told)(void *arg); /* how many events the store has got since the start; very cheap */
    const ByoSmsCodec *codec;          /* of the frames the store keeps */
    unsigned (*features)(void *arg);   /* BYO_FEATURE_ bits of bearerbox */
    /* (spec L1-L4) Takes effect soon and writes its own audit row. NULL: not in this process. */
    ByoAdminAnswer (*life)(void *arg, ByoStr id, ByoAdminVerb verb, ByoStr who, char why_r[200]);
    /* Writes its own audit row. NULL: not in this process. *done_r is overwritten; the caller clears it. */
    ByoAdminPutAnswer (*integration_put)(void *arg, const ByoAdminPut *put, ByoAdminPutDone *done_r);
    void (*integration_file)(void *arg, ByoStr id, ByoAdminFile *file_r); /* the caller frees its texts */
} ByoAdminActions;

#endif
