/* SPDX-License-Identifier: BSD-3-Clause
 * How fast one integration's segments leave (spec P9): evenly, so that the carrier counts at most two over
 * the rate in any second and at least 95 % of it while there is work; slower for a while when the carrier
 * throttles.
 * Pure: `now` is an argument (ms). Threads: values. */
#ifndef BYO_FLOW_PACE_H
#define BYO_FLOW_PACE_H

#include "base/clock.h"

#define BYO_PACE_RING 1024

typedef struct {
    double configured; /* segments a second */
    double rate;       /* in force; below configured after throttling */
    double tokens;
    ByoTime last;   /* tokens were counted up to here */
    ByoTime wanted; /* somebody waits since byo_pace_next said this; 0: nobody */
    ByoTime paused_until;
    ByoTime slowed;      /* last time the rate was cut */
    unsigned at, filled; /* place in the ring, and how many segments stand in it already */
    ByoTime commit; /* so long what is taken waits for its commit, by those of late: rather less than more */
    unsigned fresh; /* places with segments of which byo_pace_left was not told */
    ByoTime ring
        [BYO_PACE_RING]; /* when the last segments left, at high rates some to a place: the last of them; taking
                                  * one changes ring[at] alone */
} ByoPace;

/* 0: nothing leaves. */
void byo_pace_set(ByoPace *p, double per_second, ByoTime now);
/* The clock jumped by so much: the bucket and its windows are as full as before. */
void byo_pace_clock_jumped(ByoPace *p, ByoTime by);
/* May one more segment leave now? Takes it when yes. */
bool byo_pace_take(ByoPace *p, ByoTime now);
/* Gives a taken one back (it did not leave after all). */
void byo_pace_give_back(ByoPace *p);
/* What was taken since this was called last left only then: the commit it waited for was slow. */
void byo_pace_left(ByoPace *p, ByoTime left);
/* No more than so many may leave by now. */
int64_t byo_pace_most(const ByoPace *p, ByoTime now);
/* When the next one may leave: now or later. Asked when one waits: a caller that comes later than said
 * may catch up. */
ByoTime byo_pace_next(ByoPace *p, ByoTime now);
/* Nobody waits any more (no work, or another reason holds it): the time until somebody asks again is not caught up. */
static inline void byo_pace_rest(ByoPace *p)
{
    p->wanted = 0;
}
static inline bool byo_pace_waited_for(const ByoPace *p)
{
    return p->wanted != 0;
}
/* The carrier said THROTTLED or CONGESTED: a second's pause and half the rate (at most once a second);
 * the rate grows back by a twentieth of the configured one each second. */
void byo_pace_throttled(ByoPace *p, ByoTime now);

#endif
