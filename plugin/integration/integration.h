/* SPDX-License-Identifier: BSD-3-Clause
 * What an integration is: one SMPP account at a carrier and how it wants its traffic
 * (spec P1-P16).
 * Ownership: byo_integration_free frees all of it. Threads: immutable once loaded. */
#ifndef BYO_INTEGRATION_INTEGRATION_H
#define BYO_INTEGRATION_INTEGRATION_H

#include "base/clock.h"
#include "encoding/address.h"
#include "integration/advanced.h"

#define BYO_ID_MAX 32
#define BYO_INTEGRATIONS_MAX 10 /* (spec P16) */
#define BYO_BINDS_USUAL 3       /* (spec P11) What carriers allow an integration */

typedef enum { BYO_BIND_TRANSCEIVER, BYO_BIND_TRANSMITTER, BYO_BIND_RECEIVER } ByoBindType;
typedef enum { BYO_REPORTS_MESSAGE = 1, BYO_REPORTS_SEGMENT = 2, BYO_REPORTS_BOTH = 3 } ByoReports;
/* msg-id-match: how a receipt's message id is compared where none is equal. */
typedef enum { BYO_MSG_ID_LOOSE, BYO_MSG_ID_EXACT } ByoMsgIdMatch;
typedef enum { BYO_SHARE_NONE, BYO_SHARE_FAILOVER, BYO_SHARE_LOAD } ByoShare;

/* One of Kannel's own smsc keys the carrier needs (system-type, enquire-link-interval, ...). */
typedef struct {
    char *key, *value;
} ByoSmscKey;

typedef struct {
    char id[BYO_ID_MAX + 1];
    char *name, *notes; /* (spec P15) Never NULL */
    char *smsc_address; /* (spec P1) */
    int smsc_port;      /* (spec P2) */
    bool allow_custom_port, allow_custom_rate;
    bool use_tls;            /* (spec P12) */
    ByoAddressRules address; /* (spec P3-P8) */
    char home_country[3];    /* ISO 3166: what bare digits are read against; "": each number's own country */
    int messages_per_second; /* (spec P9) */
    ByoBindType bind_type;   /* (spec P10) */
    int binds;               /* (spec P11) */
    char *advanced_path;     /* (spec P13) NULL: defaults */
    bool allow_unknown_causes;
    ByoAdvanced *advanced;   /* never NULL in a loaded configuration */
    char *system_id;         /* (spec P14) */
    char *password;          /* P14, opened; never logged. Wiped on free. */
    bool password_plain;     /* it stood in clear in the configuration: worth a warning */
    char *our_host;          /* NULL: the system's choice */
    char *receives_for;      /* NULL, or the transmitter's id */
    char *shares_numbers_of; /* NULL, or an id */
    ByoShare share;
    ByoReports reports;
    ByoTime receipt_timeout; /* ms */
    bool one_receipt_per_message;
    ByoMsgIdMatch msg_id_match;
    ByoReceiptErrors receipt_errors;
    int concat_reference;                            /* 8 or 16 bits */
    int retry_tries;                                 /* submits of one segment at most, the first included */
    ByoTime retry_delay, retry_max_delay, retry_for; /* ms */
    int64_t queue_limit;                             /* segments */
    ByoTime activation_timeout;                      /* ms */
    ByoSmscKey *smsc_keys;
    size_t n_smsc_keys;
    int line; /* of its group = line, for messages */
    char *file;
    char version[100]; /* of its files, when they were read */
} ByoIntegration;

void byo_integration_free(ByoIntegration *i); /* takes NULL */

/* The value of a pass-through smsc key, NULL when not set. */
const char *byo_integration_smsc_key(const ByoIntegration *i, const char *key);
/* Kannel's msg-id-type (0 to 3); -1 when not set: ids are compared as texts. */
int byo_integration_msg_id_type(const ByoIntegration *i);
/* Submits that may be unanswered on each bind: max-pending-submits, else a tenth of a second's worth of the
 * rate over the binds, 10 to 1000. Rounded up to a power of two, so that few changes of the rate reopen links. */
int byo_integration_pending_submits(const ByoIntegration *i);
int byo_integration_enquire_link(const ByoIntegration *i); /* enquire-link-interval in seconds */
/* Seconds without an answer of the carrier after which bearerbox opens a link anew: connection-timeout, else
 * three times enquire-link-interval (Kannel's default is 300 s, whatever that interval is). */
int byo_integration_connection_timeout(const ByoIntegration *i);
/* Seconds after which bearerbox gives an unanswered submit back (wait-ack, Kannel's default 60). */
int byo_integration_wait_ack(const ByoIntegration *i);
bool byo_integration_transmits(const ByoIntegration *i);

/* How a plain text leaves through it (spec J4): no class, no header of the application's. */
ByoEncodeOptions byo_integration_encode_options(const ByoIntegration *i);
/* Can this text leave through it (spec J4)? False: why_r is the end of a sentence, which character it is. */
bool byo_integration_carries(const ByoIntegration *i, ByoStr utf8, char why_r[96]);

#endif
