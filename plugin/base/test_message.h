/* SPDX-License-Identifier: BSD-3-Clause
 * A message of a user of the admin port, sent to see whether it arrives, and what became of it at once.
 * Ownership: texts are the caller's. Threads: values. */
#ifndef BYO_BASE_TEST_MESSAGE_H
#define BYO_BASE_TEST_MESSAGE_H

#include "base/str.h"

typedef struct {
    ByoStr number;    /* digits of one of our numbers */
    ByoStr recipient; /* as typed */
    ByoStr text;      /* UTF-8 */
    ByoStr who;
} ByoTestMessage;

typedef enum {
    BYO_TEST_TAKEN,
    BYO_TEST_REFUSED,  /* for good; stored as such */
    BYO_TEST_LATER,    /* not now: queue-limit, or no group in the configuration; nothing was stored */
    BYO_TEST_DRAINING, /* no new messages are taken */
    BYO_TEST_NO_NUMBER /* not in the inventory */
} ByoTestOutcome;

typedef struct {
    ByoTestOutcome outcome;
    int64_t id; /* of the message that was taken or refused */
} ByoTestDone;

#endif
