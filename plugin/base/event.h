/* SPDX-License-Identifier: BSD-3-Clause
 * The catalogue of operational events (spec L5): one line each; docs/events.md says what to do, and is held against it.
 * Ids are for ever: a retired one is never used again. Threads: values. */
#ifndef BYO_BASE_EVENT_H
#define BYO_BASE_EVENT_H

#include "base/log.h"

/* How often an event is a row of its own. A change of state and what an operator did are one each time (spec L5); what
 * happens by itself, and may happen a thousand times a second, is counted. */
typedef enum {
    BYO_EVENT_EACH,    /* each time */
    BYO_EVENT_CHANGE,  /* each time that `previous` says what it was before; else counted */
    BYO_EVENT_COUNTED, /* once a minute for one entity, errorCode and current; the row counts the others */
    BYO_EVENT_BY_TEXT  /* the same, for one text, too: it names the recipient */
} ByoEventRepeats;

/* What its entity is: one of our numbers is written as the API does, "+12025550100", "54321". */
typedef enum { BYO_EVENT_THING, BYO_EVENT_NUMBERS } ByoEventAbout;

/* symbol, id, name, level (an operator wants to see it at log-level 2 or 3, too), repeats, about */
#define BYO_EVENTS(X) \
    X(STATE, "BYO-0101", "integration-state", INFO, EACH, THING) \
    X(BIND_REFUSED, "BYO-0102", "bind-refused", ERROR, CHANGE, THING) \
    X(BIND_LOST, "BYO-0103", "bind-lost", WARNING, COUNTED, THING) \
    X(BIND_RESTORED, "BYO-0104", "bind-restored", INFO, COUNTED, THING) \
    X(ACTIVATION_FAILED, "BYO-0105", "activation-failed", ERROR, EACH, THING) \
    X(DEGRADED, "BYO-0106", "degraded", WARNING, COUNTED, THING) \
    X(DELETED, "BYO-0107", "integration-deleted", WARNING, EACH, THING) \
    X(THROTTLED, "BYO-0201", "throttled", WARNING, COUNTED, THING) \
    X(QUEUE_LIMIT, "BYO-0202", "queue-limit", WARNING, COUNTED, THING) \
    X(NO_RECEIPT, "BYO-0203", "receipt-missing", WARNING, COUNTED, THING) \
    X(UNMAPPED, "BYO-0204", "unmapped-code", WARNING, COUNTED, THING) \
    X(DUPLICATE, "BYO-0205", "possible-duplicate", WARNING, COUNTED, THING) \
    X(UNKNOWN_REPORT, "BYO-0206", "unknown-report", WARNING, COUNTED, THING) \
    X(INWARD_EXPIRED, "BYO-0207", "inward-expired", WARNING, COUNTED, THING) \
    X(EARLY_LOST, "BYO-0208", "early-receipt-lost", WARNING, COUNTED, THING) \
    X(OPT_OUT, "BYO-0301", "opt-out", INFO, EACH, NUMBERS) \
    X(OPT_IN, "BYO-0302", "opt-in", INFO, EACH, NUMBERS) \
    X(REPLY_LIMIT, "BYO-0303", "reply-limit", WARNING, BY_TEXT, NUMBERS) \
    X(ANSWER_REFUSED, "BYO-0304", "answer-refused", WARNING, BY_TEXT, NUMBERS) \
    X(UNKNOWN_NUMBER, "BYO-0305", "unknown-number", WARNING, COUNTED, NUMBERS) \
    X(NUMBER, "BYO-0306", "number-changed", INFO, EACH, NUMBERS) \
    X(KEYWORD_NOT_ACTED, "BYO-0307", "keyword-not-acted", WARNING, COUNTED, NUMBERS) \
    X(REPLY_FAILED, "BYO-0308", "reply-not-sent", INFO, COUNTED, NUMBERS) \
    X(STORE_TROUBLE, "BYO-0401", "store-trouble", ERROR, COUNTED, THING) \
    X(STORE_BACK, "BYO-0402", "store-recovered", INFO, COUNTED, THING) \
    X(STORE_OUTDATED, "BYO-0403", "store-outdated", ERROR, EACH, THING) \
    X(CONFIG_REFUSED, "BYO-0501", "configuration-refused", ERROR, EACH, THING) \
    X(CONFIG_LOADED, "BYO-0502", "configuration-loaded", INFO, EACH, THING) \
    X(BEARERBOX_LOST, "BYO-0601", "bearerbox-lost", ERROR, COUNTED, THING) \
    X(BEARERBOX_BACK, "BYO-0602", "bearerbox-back", INFO, COUNTED, THING) \
    X(BEARERBOX_DIFFERS, "BYO-0603", "bearerbox-differs", WARNING, COUNTED, THING) \
    X(SMSBOX_REFUSED, "BYO-0604", "smsbox-refused", WARNING, COUNTED, THING) \
    X(STARTED, "BYO-0605", "started", INFO, COUNTED, THING) \
    X(STOPPED, "BYO-0606", "stopped", INFO, COUNTED, THING) \
    X(CLOCK_JUMPED, "BYO-0607", "clock-jumped", WARNING, COUNTED, THING) \
    X(DRAIN, "BYO-0608", "drain", INFO, COUNTED, THING) \
    X(LOGIN_FAILED, "BYO-0701", "login-failed", WARNING, COUNTED, THING)

typedef enum {
#define X(symbol, id, name, level, repeats, about) BYO_EVENT_##symbol,
    BYO_EVENTS(X)
#undef X
        BYO_EVENT_COUNT
} ByoEventKindId;

typedef struct {
    const char *id, *name; /* "BYO-0101" and "integration-state" */
    ByoLogLevel level;
    ByoEventRepeats repeats;
    ByoEventAbout about;
} ByoEventInfo;

/* e: less than BYO_EVENT_COUNT. */
const ByoEventInfo *byo_event_info(ByoEventKindId e);

/* Told by whoever sees it; absent parts are left out. entity: an integration's id, a number, "store",
 * "bearerbox", "configuration". */
typedef struct {
    ByoEventKindId kind;
    ByoStr entity, previous, current, error_code, text;
} ByoEventNote;

#endif
