/* SPDX-License-Identifier: BSD-3-Clause
 * What a carrier's answer means (spec J1, J3, D2): generic code, cause, description.
 * Threads: values; the texts live as long as the error map that gave them (or for ever, for
 * byobox's own). */
#ifndef BYO_BASE_VERDICT_H
#define BYO_BASE_VERDICT_H

#include "base/str.h"

/* genericErrorCode (spec J3). */
typedef enum {
    BYO_CODE_SUCCESS = 0,
    BYO_CODE_UNKNOWN_FAILURE = 1,
    BYO_CODE_RETRYABLE = 2,
    BYO_CODE_PERMANENT = 3,
    BYO_CODE_EXPIRED = 4,
    BYO_CODE_DEFERRED = 5,
    BYO_CODE_ENROUTE = 6,
    BYO_CODE_REJECTED = 7,
    BYO_CODE_ACCEPTED = 8,
    BYO_CODE_UNKNOWN = 9,
    BYO_CODE_UNDELIVERABLE = 10
} ByoCode;

typedef struct {
    ByoCode code;
    const char *cause;       /* a name of the cause list, never NULL */
    const char *description; /* for people; "" when the map has none, never NULL */
    bool mapped;             /* false: the carrier's code stands in no map (an event's worth) */
} ByoVerdict;

/* message_state of a receipt (SMPP 3.4 section 5.2.28 and Appendix B). */
typedef enum {
    BYO_STATE_NONE = 0, /* the receipt names none */
    BYO_STATE_ENROUTE,
    BYO_STATE_DELIVERED,
    BYO_STATE_EXPIRED,
    BYO_STATE_DELETED,
    BYO_STATE_UNDELIVERABLE,
    BYO_STATE_ACCEPTED,
    BYO_STATE_UNKNOWN,
    BYO_STATE_REJECTED,
    BYO_STATE_SCHEDULED,
    BYO_STATE_BUFFERED /* no number of SMPP's; Kannel's "BUFFRED" and its kin */
} ByoReceiptState;

#endif
