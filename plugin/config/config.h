/* SPDX-License-Identifier: BSD-3-Clause
 * The whole configuration as one value: byobox.conf and what it includes, checked.
 * Decides: what every key may hold and what it defaults to; all faults are told in one go.
 * Ownership: byo_conf_free frees all of it, passwords are wiped. Threads: immutable once loaded. */
#ifndef BYO_CONFIG_CONFIG_H
#define BYO_CONFIG_CONFIG_H

#include "base/clock.h"
#include "base/fault.h"
#include "base/features.h"
#include "base/json.h"
#include "base/permissions.h"
#include "compliance/compliance.h"
#include "compliance/number.h"
#include "config/files.h"
#include "integration/integration.h"
#include "integration/render.h"
#include <stdio.h>

/* Octets a node-id may have: a database's name for a session has no more. */
enum { BYO_NODE_ID_MAX = 63 };

/* group = byo-user. */
typedef struct {
    char *username;
    char *password_hash;  /* as the file has it, "$..." ; the admin room knows its forms */
    unsigned permissions; /* BYO_CAN_ bits, never 0 */
} ByoConfUser;

/* One line of an included smsbox-route group, taken apart as bearerbox does: smsc_id, receiver or both. */
typedef struct {
    char *smsbox_id;
    char *smsc_id;  /* NULL: any */
    char *receiver; /* NULL: any */
} ByoConfRoute;

/* group = byo-compliance: what long numbers without texts of their own answer. */
typedef struct {
    int reply_limit;        /* replies per number and recipient in any hour, 0..1000; default 10 */
    bool opt_out_loose;     /* opt-outs "by any reasonable means" (compliance/loose.h) */
    char *default_language; /* languages in order, "en" */
    ByoCompliance standard; /* composed of them and of the group's own keywords and replies, checked */
} ByoConfCompliance;

/* group = pgsql-connection, Kannel's own, where it names a store of ours. host and port may be several, with commas. */
typedef struct {
    char *id, *host, *port, *username, *password, *database; /* password NULL: none */
    const char *sslmode;                                     /* libpq's word */
    int connect_timeout;                                     /* s */
} ByoConfPgsql;

typedef struct {
    char *path; /* the file it was loaded from */

    /* towards smsboxes */
    char box_id[BYO_ID_MAX + 1];
    int smsbox_port;        /* 13011 */
    char *smsbox_interface; /* an IPv4 address or a name of one */
    char *smsbox_allow_ip;  /* Kannel's list form: addresses and wildcards separated by ';' */

    /* towards bearerbox */
    char *bearerbox_host;
    int bearerbox_port;
    int bearerbox_admin_port;
    char *bearerbox_admin_password; /* NULL: not known (graceful restart and status.xml are then closed to us)
                                     */
    unsigned features;              /* BYO_FEATURE_ bits; 0: stock */

    /* the admin API */
    int admin_port;        /* 13010 */
    char *admin_interface; /* 127.0.0.1 */
    char *admin_allow_ip;  /* as smsbox_allow_ip; NULL: everybody who reaches the port */
    char *admin_ssl_cert_file, *admin_ssl_key_file; /* both or none; none: HTTP in the clear */
    char *admin_password;                           /* NULL: the port stays shut */
    char *status_password;                          /* NULL: none */

    int64_t inward_limit;     /* reports and MOs that may wait for one smsbox-id, or for the anonymous ones */
    ByoTime inward_expiry;    /* ms a report may wait */
    ByoTime inward_expiry_mo; /* ms an MO may wait; 0: for ever */

    bool store_pgsql; /* store = pgsql; else SQLite at store_path */
    char *store_path;
    char *store_id; /* of pgsql; NULL: not given */
    char *node_id;  /* never NULL: this host's name, as far as it fits */
    ByoConfPgsql *pgsql;
    size_t n_pgsql;
    char *smsc_conf;                    /* the file byobox writes for bearerbox */
    char *smsc_log_dir;                 /* where the rendered groups log; see host.c */
    char *credentials_key_file;         /* NULL: none named */
    char *integrations_dir;             /* folder.h; NULL: none */
    bool refuse_unlisted;               /* unlisted-senders = refuse */
    ByoShortCodes short_codes;          /* short-code-digits */
    ByoTime retention, event_retention; /* ms */
    bool keep_inbound_text;
    ByoTime statistics_retention; /* ms; of hours */
    char *log_file;               /* NULL: stderr */
    int log_level;                /* 0..4, Kannel's: 0 debug, 1 info, 2 warning, 3 error, 4 panic */
    bool log_json;                /* log-format: of log_file */
    char *event_webhook;          /* a URL of http or https; NULL: none */
    char *access_log;             /* NULL: none */

    /* the included kannel.conf */
    bool host_included;      /* a group = core was seen */
    bool host_has_store;     /* bearerbox keeps its queues on disk: store-location is set */
    bool smsc_conf_included; /* an include names smsc_conf */
    char *host_box_allow_ip; /* box-allow-ip; NULL: not set */
    long host_resend_retry;  /* sms-resend-retry; -1: for ever (Kannel's default) */
    char **smsbox_ids;       /* ids of the included smsbox groups; anonymous ones are not listed */
    size_t n_smsbox_ids;

    ByoIntegration **integrations; /* in the order of the file, at most BYO_INTEGRATIONS_MAX (spec P16) */
    size_t n_integrations;
    ByoConfUser *users;
    size_t n_users;
    ByoConfRoute *routes;
    size_t n_routes;
    ByoConfCompliance compliance;
    ByoJson *policy; /* what groups byobox and byo-compliance say of messages, by key (BYO_KEY_ALIKE) */
} ByoConf;

/* Reads path and everything it includes. All faults are collected, errors and warnings, each with file,
 * line, group, key and what is allowed; no password's value stands in one. NULL when there is an error. */
ByoConf *byo_conf_load(const char *path, ByoFaults *faults);
void byo_conf_free(ByoConf *conf); /* takes NULL */
/* The same with these texts in place of files it includes: what -t would say after a change. */
ByoConf *byo_conf_load_with(const char *path, const ByoFileText *texts, size_t n, ByoFaults *faults);
/* What another kannel.conf is held against: groups byobox and byo-smpp. Nothing is said of the kannel.conf that is
 * included, and no secret file is opened. NULL when one of these groups has an error. */
ByoConf *byo_conf_load_apart(const char *path, ByoFaults *faults);

/* What a client of the admin API needs: group byobox and the host's ports; no integration is read, no
 * secret file opened, and faults elsewhere in the files do not matter. NULL when that group has an error. */
ByoConf *byo_conf_load_client(const char *path, ByoFaults *faults);

/* NULL when there is none of that id. */
const ByoIntegration *byo_conf_integration(const ByoConf *conf, ByoStr id);
const ByoConfUser *byo_conf_user(const ByoConf *conf, ByoStr username);
const ByoConfPgsql *byo_conf_pgsql(const ByoConf *conf, const char *id);
/* The smsbox an MO belongs to by the included smsbox-route groups, in bearerbox's order of strength:
 * receiver and smsc-id, receiver, smsc-id (gw/bb_boxc.c). NULL: no route. */
const char *byo_conf_route(const ByoConf *conf, ByoStr receiver, ByoStr smsc_id);
/* What the renderer needs to know of this installation. Valid as long as conf. */
ByoRenderOptions byo_conf_render_options(const ByoConf *conf);
/* The whole smsc-conf with these integrations, the idle link first. included[i] says whether
 * integrations[i] is in; NULL: all are. */
void byo_conf_render(const ByoConf *conf, const bool *included, ByoBuf *out);

/* "; needs sudo?" when errno says that this user may not read a file and another one may; else "". */
const char *byo_file_hint(int error);

#endif
