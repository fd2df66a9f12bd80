/* SPDX-License-Identifier: BSD-3-Clause
 * A token bucket that is nearly empty (so it paces evenly), held by the count of the last second.
 * Ownership: values. Threads: values. */
#include "flow/pace.h"

#include <math.h>

/* What leaves here evenly arrives a little less so: a commit, bearerbox and the network move each segment by
 * some milliseconds. So that the carrier too counts at most two over in any second, the rate is kept a
 * little below the agreed one, and no stretch of a second and the usual movement holds more than two over. */
#define LEAVES 0.975
#define STRETCH (BYO_SECOND + 30)
enum { OVER = 2 };
/* So long at most is looked ahead to the commit of what is taken now: one that is done sooner takes this of what the movement may be. */
#define AHEAD ((ByoTime)20)
/* What a wake-up was late by (a slow commit) is caught up, but not more than this. */
#define LATE_MAX 250

/* Segments that may leave at once after a quiet time. */
static double depth(const ByoPace *p, ByoTime now)
{
    double d = p->configured <= 100 ? 1.6 : 1.6 + p->configured / 50;
    ByoTime late = p->wanted && now > p->wanted ? now - p->wanted : 0;
    return d + (double)(late < LATE_MAX ? late : LATE_MAX) / 1000 * p->rate;
}

static double floor_rate(const ByoPace *p)
{
    return p->configured < 1 ? p->configured : 1;
}

void byo_pace_set(ByoPace *p, double per_second, ByoTime now)
{
    bool first = p->configured == 0;
    p->configured = per_second;
    if (first || p->rate > p->configured || p->slowed == 0)
        p->rate = p->configured;
    if (first) {
        p->tokens = 1;
        p->last = now;
    }
}

void byo_pace_clock_jumped(ByoPace *p, ByoTime by)
{
    ByoTime *const times[] = {&p->last, &p->wanted, &p->paused_until, &p->slowed};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        *times[i] = byo_time_jumped(*times[i], by);
    for (size_t i = 0; i < BYO_PACE_RING; i++)
        p->ring[i] = byo_time_jumped(p->ring[i], by);
}

static void refill(ByoPace *p, ByoTime now)
{
    if (now <= p->last) { /* also when the clock stepped back */
        p->last = now;
        return;
    }
    double seconds = (double)(now - p->last) / 1000;
    p->last = now;
    if (p->rate < p->configured) {
        p->rate += p->configured / 20 * (seconds < 1 ? seconds : 1);
        if (p->rate >= p->configured) {
            p->rate = p->configured;
            p->slowed = 0;
        }
    }
    p->tokens += seconds * p->rate * LEAVES;
    double most = depth(p, now);
    if (p->tokens > most)
        p->tokens = most;
    p->wanted = 0;
}

/* Segments that may leave in a stretch. */
static unsigned most_in_stretch(const ByoPace *p)
{
    return (unsigned)p->configured + OVER; /* parts of a rate together no more than the rate */
}

/* Segments to a place, so that a stretch's places are fewer than the ring has. */
static unsigned place_size(const ByoPace *p)
{
    return most_in_stretch(p) / BYO_PACE_RING + 1;
}

/* The limit of a stretch, whatever the bucket says. */
static ByoTime window_free(const ByoPace *p, ByoTime now)
{
    unsigned places = most_in_stretch(p) / place_size(p);
    ByoTime oldest = p->ring[(p->at + BYO_PACE_RING - places) % BYO_PACE_RING];
    if (oldest > now + BYO_SECOND)
        return now; /* the clock stepped back */
    ByoTime at = oldest + STRETCH - (p->commit < AHEAD ? p->commit : AHEAD);
    return at > now && oldest ? at : now;
}

int64_t byo_pace_most(const ByoPace *p, ByoTime now)
{
    double tokens = p->tokens + (now > p->last ? (double)(now - p->last) / 1000 * p->configured : 0),
           most = depth(p, now);
    return (int64_t)(tokens < most ? tokens : most) + 1;
}

bool byo_pace_take(ByoPace *p, ByoTime now)
{
    if (p->configured <= 0)
        return false;
    refill(p, now);
    if (p->tokens < 1 || (now < p->paused_until && p->paused_until - now <= 1000) ||
        window_free(p, now) > now)
        return false;
    p->tokens -= 1;
    p->fresh += p->filled == 0 || p->fresh == 0;
    p->ring[p->at] = now;
    if (++p->filled >= place_size(p)) {
        p->filled = 0;
        p->at = (p->at + 1) % BYO_PACE_RING;
    }
    return true;
}

void byo_pace_give_back(ByoPace *p)
{
    p->tokens += 1;
    if (p->filled == 0) {
        p->filled = place_size(p);
        p->at = (p->at + BYO_PACE_RING - 1) % BYO_PACE_RING;
    }
    if (--p->filled == 0) {
        p->ring[p->at] = 0;
        p->fresh -= p->fresh > 0;
    }
}

void byo_pace_left(ByoPace *p, ByoTime left)
{
    unsigned newest = p->filled ? p->at : (p->at + BYO_PACE_RING - 1) % BYO_PACE_RING;
    if (p->fresh) {
        ByoTime took = left - p->ring[newest];
        p->commit = took < p->commit ? took : p->commit + (took - p->commit + 3) / 4;
    }
    for (unsigned n = 0; n < p->fresh && n < BYO_PACE_RING; n++)
        p->ring[(newest + BYO_PACE_RING - n) % BYO_PACE_RING] = left;
    p->fresh = 0;
}

ByoTime byo_pace_next(ByoPace *p, ByoTime now)
{
    ByoTime at = window_free(p, now);
    if (p->configured <= 0)
        return now + BYO_SECOND; /* who gives it a rate asks again */
    if (p->tokens < 1) {
        ByoTime bucket = p->last + (ByoTime)ceil((1 - p->tokens) / (p->rate * LEAVES) * 1000);
        if (bucket > at)
            at = bucket;
    }
    if (p->paused_until > at && p->paused_until - now <= 1000)
        at = p->paused_until;
    if (at > now)
        p->wanted = at; /* else it waits since what was said before: by so much it is late */
    return at;
}

void byo_pace_throttled(ByoPace *p, ByoTime now)
{
    if (p->slowed && now >= p->slowed && now - p->slowed < 1000)
        return;
    p->slowed = now ? now : 1;
    p->paused_until = now + 1000;
    p->rate /= 2;
    if (p->rate < floor_rate(p))
        p->rate = floor_rate(p);
}
