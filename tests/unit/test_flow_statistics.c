/* SPDX-License-Identifier: BSD-3-Clause
 * Statistics: each turn's counts stand in its minute, those of a failed turn nowhere, and hours are sums of minutes.
 * Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

#include "integration/counts.h"

/* What the store says of an integration from..to, whichever span. */
typedef struct {
    const char *integration;
    ByoCounters sum;
    int rows;
} Sum;

static bool add_row(void *arg, const ByoStatisticRow *row)
{
    Sum *s = arg;
    if (byo_str_is(row->integration, s->integration)) {
        byo_counts_read(row->counts, &s->sum);
        s->rows++;
    }
    return true;
}

static Sum sum_of(const char *integration, ByoSpan span)
{
    Sum s = {.integration = integration};
    byo_store_statistics(store, span, 0, INT64_MAX, add_row, &s);
    return s;
}

static void ck_same(const char *integration)
{
    Sum minutes = sum_of(integration, BYO_SPAN_MINUTE), hours = sum_of(integration, BYO_SPAN_HOUR);
    ByoCounters none = {0}, wanted = status_of(integration).total;
    byo_counts_move(&minutes.sum, &hours.sum, &none);
    ck_assert_mem_eq(&minutes.sum, &wanted, sizeof wanted);
}

START_TEST(test_a_turn_counts_in_its_minute_and_a_failed_one_nowhere)
{
    flow_start("messages-per-second = 100", NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x"), stop = an_mo(PHONE, NUMBER_A, "STOP");
    give_mt(BOX1, &mt);
    turn_fails();
    ck_assert_int_eq(sum_of("carrier-a", BYO_SPAN_MINUTE).rows, 0);
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_accepted(&seg);
    turn_fails();
    turn();
    Sum s = sum_of("carrier-a", BYO_SPAN_MINUTE);
    ck_assert_int_eq(s.sum.mt, 1);
    ck_assert_int_eq(s.sum.segments_out, 1);
    ck_assert_int_eq(s.sum.accepted, 1);
    ck_same("carrier-a");
    later(2 * BYO_MINUTE);
    give_delivered(&seg);
    give_mo(&stop);
    turn_fails();
    turn();
    s = sum_of("carrier-a", BYO_SPAN_MINUTE);
    ck_assert_int_eq(s.rows, 2);
    ck_assert_int_eq(s.sum.delivered, 1);
    ck_assert_int_eq(s.sum.opt_outs, 1);
    ck_assert_int_eq(s.sum.mo, 1);
    ck_same("carrier-a");
    mt = an_mt(NUMBER_A, PHONE, "refused");
    give_mt(BOX1, &mt);
    turn();
    ck_assert_int_eq(sum_of("carrier-a", BYO_SPAN_MINUTE).sum.refused, 1);
    ck_assert_int_eq(sum_of("carrier-b", BYO_SPAN_MINUTE).rows, 0);
    drop(&seg);
    flow_stop();
}
END_TEST

/* A process that starts in the middle of a minute goes on with its row. */
START_TEST(test_a_minute_goes_on_after_a_start)
{
    flow_start("messages-per-second = 100", NULL);
    for (int i = 0; i < 3; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
        give_mt(BOX1, &mt);
        turn();
        flow_reboot();
        give_peer_up(BOX1, "box1");
        give_link(BYO_LINK_OWN, true);
        gate("carrier-a", true);
        turn();
    }
    Sum s = sum_of("carrier-a", BYO_SPAN_MINUTE);
    ck_assert_int_eq(s.sum.mt, 3);
    flow_stop();
}
END_TEST

START_TEST(test_minutes_become_hours)
{
    flow_start("messages-per-second = 100", NULL);
    for (int i = 0; i < 100; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
        give_mt(BOX1, &mt);
        turn();
        now += BYO_MINUTE;
    }
    ck_same("carrier-a");
    while (byo_flow_statistics_fold(begin(), 400 * BYO_DAY))
        commit();
    commit();
    ck_assert_int_eq(sum_of("carrier-a", BYO_SPAN_HOUR).rows, 0); /* none is old enough */
    now += BYO_MINUTES_KEPT;
    byo_store_begin(store);
    for (int i = 0; i < 1200; i++) /* more than one piece, of one that is not configured any more */
        byo_store_statistic_put(store, BYO_SPAN_MINUTE, (i + 1) * BYO_MINUTE, S("gone"), S("messages=2"));
    byo_store_commit(store);
    while (byo_flow_statistics_fold(begin(), 40000 * BYO_DAY))
        commit();
    commit();
    Sum hours = sum_of("carrier-a", BYO_SPAN_HOUR), gone = sum_of("gone", BYO_SPAN_HOUR);
    ck_assert_int_ge(hours.rows, 1);
    ck_assert_int_eq(gone.sum.mt, 2400);
    ck_assert_int_eq(gone.rows, 21);
    ck_assert_int_eq(sum_of("gone", BYO_SPAN_MINUTE).rows, 0);
    ck_same("carrier-a");
    byo_flow_statistics_fold(begin(), 400 * BYO_DAY);
    commit();
    ck_assert_int_eq(sum_of("gone", BYO_SPAN_HOUR).rows, 0);
    flow_stop();
}
END_TEST

/* Every number has a name of its own and comes back. */
START_TEST(test_counts_as_a_text)
{
    ByoCounters c = {0}, back = {0};
    ByoBuf text = {0};
    int64_t n = 1;
    for (size_t i = 0; byo_counter_row(i); i++)
        *(int64_t *)(void *)((char *)&c + byo_counter_row(i)->offset) = n++;
    for (int i = 0; i < 5; i++)
        c.failed_by[i] = n++;
    byo_counters_submit(&c, 7);
    byo_counters_submit(&c, 70000);
    byo_counters_receipt(&c, 1500);
    byo_counts_write(&c, &text);
    byo_counts_read(byo_buf_str(&text), &back);
    ck_assert_mem_eq(&c, &back, sizeof c);
    ck_assert_ptr_nonnull(strstr(text.p, "messages=1 "));
    ck_assert_ptr_nonnull(
        strstr(text.p, " submit_seconds:10=1 submit_seconds:more=1 submit_seconds:sum=70007 "));
    byo_counts_read(S("nothing=5 messages= =3 messages=x messages=-1 =  messages=99999999999999999999"),
                    &back);
    ck_assert_mem_eq(&c, &back, sizeof c);
    byo_buf_free(&text);
}
END_TEST

START_TEST(test_quantiles)
{
    const ByoHistogramRow *row = byo_histogram_row(0); /* up to 5, 10, 25, 50, ... ms */
    ByoHistogram h = {0};
    ck_assert(byo_histogram_quantile(&h, row, 0.5) < 0);
    h.bucket[2] = 100; /* 10 to 25 ms */
    ck_assert_double_eq_tol(byo_histogram_quantile(&h, row, 0.5), 17.5, 1e-9);
    h.bucket[0] = 100;
    ck_assert_double_eq_tol(byo_histogram_quantile(&h, row, 0.5), 5, 1e-9);
    ck_assert_double_eq_tol(byo_histogram_quantile(&h, row, 0.99), 24.7, 1e-9);
    h.bucket[row->n] = 1000;
    ck_assert_double_eq_tol(byo_histogram_quantile(&h, row, 0.5), 60000, 1e-9);
}
END_TEST

Suite *flow_statistics_suite(void)
{
    Suite *s = suite_create("flow, statistics");
    TCase *t = tcase_create("statistics");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_a_turn_counts_in_its_minute_and_a_failed_one_nowhere);
    tcase_add_test(t, test_a_minute_goes_on_after_a_start);
    tcase_add_test(t, test_minutes_become_hours);
    tcase_add_test(t, test_counts_as_a_text);
    tcase_add_test(t, test_quantiles);
    suite_add_tcase(s, t);
    return s;
}
