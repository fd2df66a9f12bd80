/* SPDX-License-Identifier: BSD-3-Clause
 * P9: the pace of an integration, run through simulated time with late wake-ups and uneven transport.
 * Ownership: values. Threads: none. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "flow/pace.h"
#include "suites.h"

enum { MOST = 200000 };
static ByoTime left[MOST];
static int n_left;
static unsigned seed;

static unsigned rnd(unsigned below)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % below;
}

/* Work waits for `ms`; each wake-up is late by up to `late`, each segment's arrival moved by up to `moved`. As the queue
 * does, it asks once more when it woke up, before it takes. */
static void run(int rate, ByoTime ms, unsigned late, unsigned moved)
{
    static ByoPace p;
    p = (ByoPace){0};
    n_left = 0;
    seed = 7;
    ByoTime begin = 1000000, now = begin;
    byo_pace_set(&p, rate, now);
    while (now - begin < ms) {
        while (n_left < MOST && byo_pace_next(&p, now) <= now && byo_pace_take(&p, now))
            left[n_left++] = now + (moved ? rnd(moved + 1) : 0);
        ByoTime next = byo_pace_next(&p, now);
        ck_assert_int_gt(next, now);
        now = next + (late ? rnd(late + 1) : 0);
    }
}

static int by_value(const void *a, const void *b)
{
    ByoTime x = *(const ByoTime *)a, y = *(const ByoTime *)b;
    return x < y ? -1 : x > y;
}

static int most_in_any_second(void)
{
    qsort(left, (size_t)n_left, sizeof *left, by_value);
    int most = 0;
    for (int i = 0, first = 0; i < n_left; i++) {
        while (left[first] <= left[i] - BYO_SECOND)
            first++;
        if (i - first + 1 > most)
            most = i - first + 1;
    }
    return most;
}

static double mean(void)
{
    return (n_left - 1) * 1000.0 / (double)(left[n_left - 1] - left[0]);
}

static const struct {
    int rate;
    unsigned late, moved;
} ways[] = {{1, 0, 0},     {1, 5, 30},    {2, 3, 30},    {20, 0, 0},    {20, 0, 40},   {20, 30, 40},
            {100, 0, 0},   {100, 3, 40},  {100, 30, 30}, {100, 40, 40}, {500, 5, 40},  {500, 10, 40},
            {1000, 5, 40}, {1022, 5, 30}, {1023, 5, 30}, {2000, 5, 30}, {3000, 10, 30}};

START_TEST(P9_at_most_two_over_and_at_least_95_percent)
{
    int rate = ways[_i].rate;
    run(rate, 60 * BYO_SECOND, ways[_i].late, ways[_i].moved);
    int most = most_in_any_second();
    ck_assert_msg(most <= rate + 2, "rate %d: %d in one second", rate, most);
    ck_assert_msg(mean() >= 0.95 * rate, "rate %d: %.2f a second", rate, mean());
}
END_TEST

START_TEST(P9_what_is_caught_up_stays_within_the_second)
{
    static const int rates[] = {100, 1000, 2000, 10000, 100000};
    int rate = rates[_i];
    run(rate, (rate < 100000 ? 10 : 2) * BYO_SECOND, 250, 30);
    int most = most_in_any_second();
    ck_assert_msg(most <= rate + 2, "rate %d: %d in one second", rate, most);
    ck_assert_msg(mean() >= 0.8 * rate, "rate %d: %.2f a second", rate, mean());
}
END_TEST

/* Turns that follow each other at once, each with a commit of some ms, now and then a quick one: the next one begins when the
 * last one's segments leave. */
static const struct {
    int rate;
    unsigned commit;
} commits[] = {{20, 50}, {50, 20}, {100, 10}, {100, 20}, {500, 5}, {1000, 20}, {5000, 10}};

START_TEST(P9_a_commit_costs_nothing_of_the_rate)
{
    static ByoPace p;
    int rate = commits[_i].rate;
    const ByoTime begin = 1000000;
    p = (ByoPace){0};
    n_left = 0;
    seed = 7;
    byo_pace_set(&p, rate, begin);
    for (ByoTime now = begin; now < begin + 30 * BYO_SECOND;) {
        ByoTime done = now + (rnd(100) ? commits[_i].commit : 1);
        while (n_left < MOST && byo_pace_next(&p, now) <= now && byo_pace_take(&p, now))
            left[n_left++] = done + rnd(10);
        ByoTime next = byo_pace_next(&p, now);
        byo_pace_left(&p, done);
        now = next > done ? next : done;
    }
    int most = most_in_any_second();
    ck_assert_msg(most <= rate + 2, "rate %d: %d in one second", rate, most);
    ck_assert_msg(mean() >= 0.96 * rate, "rate %d: %.2f a second", rate, mean());
}
END_TEST

/* Two have parts of one rate, which change places each second: one gives up, and a good second later the other takes. Both have work and wake up late, and what a turn takes leaves when its commit is done. */
START_TEST(P9_parts_of_a_rate_are_no_more_than_the_rate)
{
    static ByoPace p[2];
    enum { RATE = 50, MUCH = 45, SECONDS = 240 };
    const ByoTime begin = 1000000;
    ByoTime wake[2] = {begin, begin}, given = 0, swap = begin + 5 * BYO_SECOND;
    int gives = 0; /* who has much, until swap */
    memset(p, 0, sizeof p);
    n_left = 0;
    seed = 11;
    byo_pace_set(&p[0], MUCH, begin);
    byo_pace_set(&p[1], RATE - MUCH, begin);
    for (ByoTime now = begin; now < begin + SECONDS * BYO_SECOND; now++) {
        for (int i = 0; i < 2; i++) {
            if (now < wake[i])
                continue;
            ByoTime done = now + (rnd(10) ? rnd(20) : rnd(400));
            if (i == gives && now >= swap && !given) {
                byo_pace_set(&p[i], RATE - MUCH, now);
                given = done + 1100; /* as byo_store_shares has it */
            } else if (i != gives && given && now >= given) {
                byo_pace_set(&p[i], MUCH, now);
                gives = i;
                given = 0;
                swap = now + 5 * BYO_SECOND;
            }
            while (byo_pace_next(&p[i], now) <= now && byo_pace_take(&p[i], now))
                left[n_left++] = done + rnd(30);
            byo_pace_left(&p[i], done);
            ByoTime next = byo_pace_next(&p[i], done);
            wake[i] = (next > done ? next : done + 1) + (rnd(4) ? rnd(10) : rnd(250));
        }
    }
    int most = most_in_any_second();
    ck_assert_msg(most <= RATE + 2 * 2, "%d in one second", most);
    ck_assert_msg(mean() >= 0.6 * RATE, "%.2f a second", mean());
}
END_TEST

START_TEST(P9_a_quiet_hour_is_no_credit)
{
    ByoPace p = {0};
    ByoTime now = 1000000;
    byo_pace_set(&p, 20, now);
    ck_assert(byo_pace_take(&p, now));
    now += BYO_HOUR;
    int n = 0;
    while (byo_pace_take(&p, now))
        n++;
    ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(P9_a_rest_is_no_credit_though_the_next_was_asked_for)
{
    ByoPace p = {0};
    ByoTime now = 1000000;
    byo_pace_set(&p, 100, now);
    for (ByoTime next; (next = byo_pace_next(&p, now)) < 1002000;) {
        now = next;
        ck_assert(byo_pace_take(&p, now));
    }
    byo_pace_rest(&p); /* the gate closed, or the queue is empty */
    now += BYO_MINUTE;
    int n = 0;
    while (byo_pace_next(&p, now) <= now && byo_pace_take(&p, now))
        n++;
    ck_assert_int_eq(n, 1);
}
END_TEST

START_TEST(P9_throttled_pauses_halves_and_comes_back)
{
    ByoPace p = {0};
    ByoTime now = 1000000;
    byo_pace_set(&p, 20, now);
    byo_pace_throttled(&p, now);
    ck_assert(!byo_pace_take(&p, now));
    ck_assert_int_ge(byo_pace_next(&p, now), now + BYO_SECOND);
    ck_assert_double_eq(p.rate, 10);
    byo_pace_throttled(&p, now + 500); /* the same burst */
    ck_assert_double_eq(p.rate, 10);
    for (int i = 0; i < 20; i++)
        byo_pace_take(&p, now += BYO_SECOND);
    ck_assert_double_eq(p.rate, 20);
}
END_TEST

START_TEST(a_clock_that_steps_back_stops_nothing)
{
    ByoPace p = {0};
    ByoTime now = 1000000000;
    byo_pace_set(&p, 20, now);
    for (int i = 0; i < 50; i++)
        byo_pace_take(&p, now += 60);
    now -= BYO_HOUR;
    int n = 0;
    for (int i = 0; i < 100; i++)
        n += byo_pace_take(&p, now += 60);
    ck_assert_int_ge(n, 95);
}
END_TEST

START_TEST(what_is_given_back_was_never_taken)
{
    ByoPace p = {0};
    byo_pace_set(&p, 1, 1000000);
    ck_assert(byo_pace_take(&p, 1000000));
    byo_pace_give_back(&p);
    ck_assert(byo_pace_take(&p, 1000000));
    ck_assert(!byo_pace_take(&p, 1000000));
}
END_TEST

/* Who asks ahead how many may leave is told no fewer than leave, and not many more. */
START_TEST(as_many_as_may_leave_are_told_ahead)
{
    static const double rates[] = {0.5, 5, 100, 500, 2000};
    ByoPace p = {0};
    ByoTime now = 1000000;
    byo_pace_set(&p, rates[_i], now);
    for (int step = 0; step < 500; step++, now += 20 + 30 * (step % 7 == 0)) {
        int64_t most = byo_pace_most(&p, now), took = 0;
        while (byo_pace_take(&p, now))
            took++;
        ck_assert_int_le(took, most);
        if (step > 100 && byo_pace_next(&p, now) > now)
            ck_assert_int_le(most, rates[_i] * 0.07 + 4);
    }
}
END_TEST

/* What left, slows it and waits is as long ago as before (night N6): the same answers in the other time. */
START_TEST(N6_a_clock_that_was_set_changes_no_pace)
{
    static const ByoTime jumps[] = {BYO_DAY, -BYO_DAY, 1};
    static ByoPace stays, jumped;
    ByoTime now = 10 * BYO_DAY, by = jumps[_i];
    stays = jumped = (ByoPace){0};
    byo_pace_set(&stays, 20, now);
    byo_pace_set(&jumped, 20, now);
    for (int step = 0; step < 400; step++) {
        if (step == 100) {
            byo_pace_throttled(&stays, now);
            byo_pace_throttled(&jumped, now);
        }
        if (step == 150)
            byo_pace_clock_jumped(&jumped, by);
        ByoTime at = step < 150 ? now : now + by;
        ck_assert_int_eq(byo_pace_next(&stays, now) - now, byo_pace_next(&jumped, at) - at);
        ck_assert_int_eq(byo_pace_take(&stays, now), byo_pace_take(&jumped, at));
        now += 17;
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pace");
    TCase *t = tcase_create("pace");
    tcase_add_loop_test(t, P9_at_most_two_over_and_at_least_95_percent, 0, sizeof ways / sizeof *ways);
    tcase_add_loop_test(t, P9_a_commit_costs_nothing_of_the_rate, 0, sizeof commits / sizeof *commits);
    tcase_add_loop_test(t, P9_what_is_caught_up_stays_within_the_second, 0, 5);
    tcase_add_test(t, P9_parts_of_a_rate_are_no_more_than_the_rate);
    tcase_add_test(t, P9_a_quiet_hour_is_no_credit);
    tcase_add_test(t, P9_a_rest_is_no_credit_though_the_next_was_asked_for);
    tcase_add_test(t, P9_throttled_pauses_halves_and_comes_back);
    tcase_add_test(t, a_clock_that_steps_back_stops_nothing);
    tcase_add_loop_test(t, N6_a_clock_that_was_set_changes_no_pace, 0, 3);
    tcase_add_test(t, what_is_given_back_was_never_taken);
    tcase_add_loop_test(t, as_many_as_may_leave_are_told_ahead, 0, 5);
    suite_add_tcase(s, t);
    return run_suite(s);
}
