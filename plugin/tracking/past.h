/* SPDX-License-Identifier: BSD-3-Clause
 * What of a message's life its rows do not hold: tries before the last one, interim receipts, reports that a smsbox
 * answered. Each is a line, kept with the message (spec D2).
 * Decides: how a line is written. Nobody's number or text stands in one.
 * Ownership: what is read points into the line. Threads: values. */
#ifndef BYO_TRACKING_PAST_H
#define BYO_TRACKING_PAST_H

#include "base/clock.h"
#include "base/str.h"

/* Stored as these letters: never change one. */
typedef enum {
    BYO_PAST_RETRIED = 'r',   /* the try ended with this cause, another one follows */
    BYO_PAST_NO_ANSWER = 'n', /* nobody answered; it goes out again and may be a duplicate */
    BYO_PAST_NOT_SENT = 'b',  /* bearerbox had no link for it: not a try */
    BYO_PAST_INTERIM = 'i',   /* interim receipt */
    BYO_PAST_REPORTED = 'd',  /* a report was acked by the smsbox it is for */
    BYO_PAST_UNWANTED = 'x'   /* ... was refused by it for good */
} ByoPastKind;

typedef struct {
    ByoPastKind kind;
    int segment;              /* 0: of the whole message */
    int number;               /* of the try, from 1; of a report its type, a BYO_DLR_ bit */
    ByoTime time;             /* when it happened */
    ByoTime handed, accepted; /* of the try; 0: not, or not known */
    ByoStr cause, carrier_code;
} ByoPast;

/* What is kept of one message; a step that does not fit is left out: the rows tell the first and the last. */
enum { BYO_PAST_OCTETS = 4096 };

/* Appends the line, its end included. The times are written from `base` on, which is the message's and known when it
 * is read. */
void byo_past_write(const ByoPast *p, ByoTime base, ByoBuf *out);
/* Takes the next line from *lines. False: there is none. What is no line is passed over. */
bool byo_past_read(ByoStr *lines, ByoTime base, ByoPast *out);

#endif
