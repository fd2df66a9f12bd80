/* SPDX-License-Identifier: BSD-3-Clause
 * The life of an integration as a table (spec L1-L4, L6, L7):
 * what it wants, what bearerbox shows, and what follows.
 * PURE: time is an argument. Threads: values. */
#ifndef BYO_INTEGRATION_LIFE_STATE_H
#define BYO_INTEGRATION_LIFE_STATE_H

#include "base/clock.h"

typedef enum {
    BYO_LIFE_INACTIVE = 0,
    BYO_LIFE_ACTIVATING,
    BYO_LIFE_ACTIVE,
    BYO_LIFE_DEACTIVATING,
    BYO_LIFE_ERROR
} ByoLifeState;

/* "inactive", "activating", "active", "deactivating", "error". */
const char *byo_life_state_name(ByoLifeState s);
bool byo_life_state_parse(ByoStr name, ByoLifeState *s_r);

/* What bearerbox's status page shows of an integration's binds. */
typedef struct {
    bool known; /* the page was read; false: bearerbox is away or its admin port closed to us */
    int total;  /* links that stand there */
    int online;
    int dead;       /* given up by bearerbox: refused with 14, 15 or 83 on stock, or stopped by hand */
    int64_t queued; /* segments waiting in bearerbox for them */
    int64_t
        bind_status; /* command_status of the carrier's last refusal (the page of a patched bearerbox, else the
                          * link's log); -1: it did not refuse, as far as anybody knows */
    ByoTime bind_time;  /* of that refusal; 0: not told */
    bool assumed;       /* nobody could look: what is wanted is taken for bound */
    char bind_text[64]; /* why the last bind failed, in bearerbox's words; "" not told */
} ByoBinds;

typedef struct {
    bool wanted; /* the operator's word */
    bool deleted;
    int binds;                                 /* configured */
    ByoTime since;                             /* of the present state */
    ByoTime activation_timeout, drain_timeout; /* ms */
    int64_t handed;                            /* segments bearerbox has and has not answered */
} ByoLifeInput;

typedef enum {
    BYO_REASON_NONE = 0,
    BYO_REASON_BIND_REFUSED, /* "bind-refused": the carrier's own answer says no */
    BYO_REASON_NOT_BOUND     /* "not-bound": no connection, or a bind refused that is tried again */
} ByoLifeReason;
const char *byo_life_reason_name(ByoLifeReason r); /* "" for none */
ByoLifeReason byo_life_reason_parse(ByoStr name);  /* none for any other */

typedef struct {
    ByoLifeState state;
    ByoLifeReason reason;
    bool rendered; /* its group stands in smsc-conf */
    bool open;     /* segments may be handed over */
    bool degraded; /* active with fewer binds than configured */
} ByoLifeStep;

/* The next state. Called about once a second and after each request. */
void byo_life_step(ByoLifeState state, const ByoLifeInput *in, const ByoBinds *b, ByoTime now,
                   ByoLifeStep *out);

#endif
