/* SPDX-License-Identifier: BSD-3-Clause
 * The catalogue of operational events (spec L5): one line each; docs/events.md says what to do.
 * Ids are for ever: a retired one is never used again. Threads: values. */
#ifndef BYO_BASE_EVENT_H
#define BYO_BASE_EVENT_H

#include "base/str.h"

/* symbol, id, name */
#define BYO_EVENTS(X) \
    X(STATE, "BYO-0101", "integration-state") \
    X(BIND_REFUSED, "BYO-0102", "bind-refused") \
    X(BIND_LOST, "BYO-0103", "bind-lost") \
    X(BIND_RESTORED, "BYO-0104", "bind-restored") \
    X(ACTIVATION_FAILED, "BYO-0105", "activation-failed") \
    X(DEGRADED, "BYO-0106", "degraded") \
    X(DELETED, "BYO-0107", "integration-deleted") \
    X(THROTTLED, "BYO-0201", "throttled") \
    X(QUEUE_LIMIT, "BYO-0202", "queue-limit") \
    X(NO_RECEIPT, "BYO-0203", "receipt-missing") \
    X(UNMAPPED, "BYO-0204", "unmapped-code") \
    X(DUPLICATE, "BYO-0205", "possible-duplicate") \
    X(UNKNOWN_REPORT, "BYO-0206", "unknown-report") \
    X(INWARD_EXPIRED, "BYO-0207", "inward-expired") \
    X(EARLY_LOST, "BYO-0208", "early-receipt-lost") \
    X(OPT_OUT, "BYO-0301", "opt-out") \
    X(OPT_IN, "BYO-0302", "opt-in") \
    X(REPLY_LIMIT, "BYO-0303", "reply-limit") \
    X(ANSWER_REFUSED, "BYO-0304", "answer-refused") \
    X(UNKNOWN_NUMBER, "BYO-0305", "unknown-number") \
    X(NUMBER, "BYO-0306", "number-changed") \
    X(KEYWORD_NOT_ACTED, "BYO-0307", "keyword-not-acted") \
    X(REPLY_FAILED, "BYO-0308", "reply-not-sent") \
    X(STORE_TROUBLE, "BYO-0401", "store-trouble") \
    X(STORE_BACK, "BYO-0402", "store-recovered") \
    X(CONFIG_REFUSED, "BYO-0501", "configuration-refused") \
    X(CONFIG_LOADED, "BYO-0502", "configuration-loaded") \
    X(BEARERBOX_LOST, "BYO-0601", "bearerbox-lost") \
    X(BEARERBOX_BACK, "BYO-0602", "bearerbox-back") \
    X(BEARERBOX_DIFFERS, "BYO-0603", "bearerbox-differs") \
    X(SMSBOX_REFUSED, "BYO-0604", "smsbox-refused") \
    X(STARTED, "BYO-0605", "started") \
    X(STOPPED, "BYO-0606", "stopped") \
    X(CLOCK_JUMPED, "BYO-0607", "clock-jumped") \
    X(DRAIN, "BYO-0608", "drain") \
    X(LOGIN_FAILED, "BYO-0701", "login-failed")

typedef enum {
#define X(symbol, id, name) BYO_EVENT_##symbol,
    BYO_EVENTS(X)
#undef X
        BYO_EVENT_COUNT
} ByoEventKindId;

/* "BYO-0101" and "integration-state". */
const char *byo_event_id(ByoEventKindId e);
const char *byo_event_name(ByoEventKindId e);

/* Told by whoever sees it; absent parts are left out. entity: an integration's id, a number, "store",
 * "bearerbox", "configuration". */
typedef struct {
    ByoEventKindId kind;
    ByoStr entity, previous, current, error_code, text;
} ByoEventNote;

#endif
