/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how a moment and a duration read and are written (RFC 3339, proleptic Gregorian, UTC).
 * Ownership: texts go into the caller's buffer.
 * Threads: no shared state; locale and time zone of the process play no part. */
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define DURATION_MAX (3650 * BYO_DAY)
#define DAYS_TO_1970 719468                   /* from 0000-03-01 */
#define TIME_FIRST (-(ByoTime)62167219200000) /* 0000-01-01T00:00:00.000Z */
#define TIME_LAST ((ByoTime)253402300799999)  /* 9999-12-31T23:59:59.999Z */

static ByoTime clock_ms(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (ByoTime)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

ByoTime byo_now(void)
{
    return clock_ms(CLOCK_REALTIME);
}

ByoTime byo_monotonic(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

ByoTime byo_boottime(void)
{
    return clock_ms(CLOCK_BOOTTIME);
}

ByoTime byo_clock_jump(ByoClockWatch *w, ByoTime wall, ByoTime monotonic)
{
    ByoTime offset = wall - monotonic, jump = w->set ? offset - w->offset : 0;

    w->set = true;
    w->offset = offset;
    return jump > BYO_CLOCK_SLEW || jump < -BYO_CLOCK_SLEW ? jump : 0;
}

static bool leap_year(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && leap_year(year) ? 29 : days[month - 1];
}

/* Years that start in March put the leap day last, so one formula serves all months. */
static int64_t civil_to_days(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

static void days_to_civil(int64_t days, int *year_r, int *month_r, int *day_r)
{
    int64_t z = days + DAYS_TO_1970;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t of_era = z - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;

    *day_r = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month_r = (int)(m < 10 ? m + 3 : m - 9);
    *year_r = (int)(y + era * 400 + (*month_r <= 2 ? 1 : 0));
}

bool byo_time_utc(int year, int month, int day, int hour, int minute, int second, ByoTime *t_r)
{
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > month_days(year, month) ||
        hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;
    *t_r = civil_to_days(year, month, day) * BYO_DAY + hour * BYO_HOUR + minute * BYO_MINUTE +
           second * BYO_SECOND;
    return true;
}

const char *byo_time_text(ByoTime t, char buf[BYO_TIME_TEXT])
{
    int64_t days;
    int year, month, day, ms;

    if (t < TIME_FIRST)
        t = TIME_FIRST;
    if (t > TIME_LAST)
        t = TIME_LAST;
    days = t / BYO_DAY;
    if (t % BYO_DAY < 0)
        days--;
    ms = (int)(t - days * BYO_DAY);
    days_to_civil(days, &year, &month, &day);
    /* The remainders say to the compiler what the clamp above says to a reader: it fits. */
    snprintf(buf, BYO_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year % 10000, month % 100, day % 100,
             ms / 3600000 % 100, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
    return buf;
}

const char *byo_age_text(int64_t s, char buf[BYO_AGE_TEXT])
{
    static const struct {
        int64_t length;
        const char *unit;
    } units[] = {{1, "s"}, {60, "min"}, {3600, "h"}, {86400, "d"}};
    size_t i = 0;

    while (i < 3 && s >= 2 * units[i + 1].length)
        i++;
    snprintf(buf, BYO_AGE_TEXT, "%" PRId64 " %s", s > 0 ? s / units[i].length : 0, units[i].unit);
    return buf;
}

static bool take_digits(ByoStr *s, size_t n, int *value_r)
{
    int value = 0;

    if (s->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        value = value * 10 + (s->p[i] - '0');
    }
    *s = byo_strn(s->p + n, s->n - n);
    *value_r = value;
    return true;
}

static bool take_char(ByoStr *s, const char *one_of)
{
    if (s->n == 0 || s->p[0] == 0 || !strchr(one_of, s->p[0]))
        return false;
    *s = byo_strn(s->p + 1, s->n - 1);
    return true;
}

/* ".25" -> 250 ms; digits beyond the third are cut. */
static bool take_fraction(ByoStr *s, int *ms_r)
{
    int weight = 100;

    *ms_r = 0;
    if (!take_char(s, "."))
        return true;
    if (s->n == 0 || s->p[0] < '0' || s->p[0] > '9')
        return false;
    while (s->n > 0 && s->p[0] >= '0' && s->p[0] <= '9') {
        *ms_r += (s->p[0] - '0') * weight;
        weight /= 10;
        *s = byo_strn(s->p + 1, s->n - 1);
    }
    return true;
}

static bool take_offset(ByoStr *s, ByoTime *offset_r)
{
    bool west;
    int hours, minutes;

    *offset_r = 0;
    if (take_char(s, "Zz"))
        return true;
    west = s->n > 0 && s->p[0] == '-';
    if (!take_char(s, "+-") || !take_digits(s, 2, &hours) || !take_char(s, ":") ||
        !take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_r = (west ? -1 : 1) * (hours * BYO_HOUR + minutes * BYO_MINUTE);
    return true;
}

bool byo_time_parse(ByoStr s, ByoTime *t_r)
{
    int year, month, day, hour, minute, second, ms;
    ByoTime t, offset;

    if (!take_digits(&s, 4, &year) || !take_char(&s, "-") || !take_digits(&s, 2, &month) ||
        !take_char(&s, "-") || !take_digits(&s, 2, &day))
        return false;
    if (s.n == 0)
        return byo_time_utc(year, month, day, 0, 0, 0, t_r);
    if (!take_char(&s, "Tt ") || !take_digits(&s, 2, &hour) || !take_char(&s, ":") ||
        !take_digits(&s, 2, &minute) || !take_char(&s, ":") || !take_digits(&s, 2, &second) ||
        !take_fraction(&s, &ms) || !take_offset(&s, &offset) || s.n > 0 ||
        !byo_time_utc(year, month, day, hour, minute, second, &t))
        return false;
    *t_r = t + ms - offset;
    return true;
}

bool byo_duration_parse(ByoStr s, ByoTime *ms_r)
{
    ByoTime unit = BYO_SECOND;
    int64_t count;

    if (s.n == 0 || s.p[0] == '-')
        return false;
    switch (s.p[s.n - 1]) {
    case 'd':
        unit = BYO_DAY;
        s.n--;
        break;
    case 'h':
        unit = BYO_HOUR;
        s.n--;
        break;
    case 'm':
        unit = BYO_MINUTE;
        s.n--;
        break;
    case 's':
        s.n--;
        break;
    default:
        break;
    }
    if (!byo_str_int(s, &count) || count > DURATION_MAX / unit)
        return false;
    *ms_r = count * unit;
    return true;
}
