/* SPDX-License-Identifier: BSD-3-Clause
 * Time as a value: milliseconds since 1970-01-01 UTC. Pure rooms get `now` as an argument;
 * only the outer rooms call byo_now(). */
#ifndef BYO_BASE_CLOCK_H
#define BYO_BASE_CLOCK_H

#include "base/str.h"

typedef int64_t ByoTime; /* ms since the epoch, UTC */

#define BYO_SECOND ((ByoTime)1000)
#define BYO_MINUTE (60 * BYO_SECOND)
#define BYO_HOUR (60 * BYO_MINUTE)
#define BYO_DAY (24 * BYO_HOUR)

ByoTime byo_now(void);       /* wall clock */
ByoTime byo_monotonic(void); /* for intervals; never jumps */
ByoTime byo_boottime(void);  /* for leases: the same, and goes on while the machine sleeps */

/* Watches the wall clock for jumps: it was set, or the machine was asleep. Zeroed it is new. */
typedef struct {
    bool set;
    ByoTime offset; /* wall less monotonic */
} ByoClockWatch;
#define BYO_CLOCK_SLEW (2 * BYO_SECOND) /* what ntpd or a leap second moves at once */
/* By how much the wall clock went on beyond what passed since the last call, to the back below 0; 0: it did not jump. */
ByoTime byo_clock_jump(ByoClockWatch *w, ByoTime wall, ByoTime monotonic);
/* A moment t > 0 as the clock says it after a jump, never 0; 0 (none) stays 0. */
static inline ByoTime byo_time_jumped(ByoTime t, ByoTime jump)
{
    return t <= 0 ? t : t + jump > 0 ? t + jump : 1;
}

/* A moment of the Gregorian calendar, read as UTC. False when there is none such (month 13, 30 February,
 * a year outside 0..9999). second 60 is the first of the next minute. */
bool byo_time_utc(int year, int month, int day, int hour, int minute, int second, ByoTime *t_r);

/* RFC 3339 in UTC with milliseconds: 2026-11-22T16:00:00.000Z. buf holds at least 32 bytes. */
#define BYO_TIME_TEXT 32
const char *byo_time_text(ByoTime t, char buf[BYO_TIME_TEXT]);
/* For people: "40 s", "12 min", "3 h", "2 d"; below 0: "0 s". */
#define BYO_AGE_TEXT 32
const char *byo_age_text(int64_t seconds, char buf[BYO_AGE_TEXT]);
/* RFC 3339 with 'Z' or an offset, fraction optional, or a date alone (midnight UTC). */
bool byo_time_parse(ByoStr s, ByoTime *t_r);
/* "30", "30s", "15m", "72h", "10d" -> ms; false when it is no duration or over 3650d. */
bool byo_duration_parse(ByoStr s, ByoTime *ms_r);

#endif
