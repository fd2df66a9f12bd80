/* SPDX-License-Identifier: BSD-3-Clause
 * When an MT may leave: its integration's rate, what bearerbox has not acked, and the rate's share where several byoboxes
 * have one. Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

/* -- a rate ----------------------------------------------------------------------------------------*/

static void give_many(int n)
{
    while (n-- > 0) {
        ByoSms mt = plain("x");
        give_mt(BOX1, &mt);
    }
}

/* While the gate is closed nothing could leave: what waited leaves at the rate, not in one go. */
START_TEST(P9_a_closed_gate_is_no_credit)
{
    flow_start("messages-per-second = 100", NULL);
    give_many(60);
    turn();
    for (int i = 0; i < 5; i++)
        later(10);
    gate("carrier-a", false);
    later(10);
    for (int i = 0; i < 5; i++)
        later(BYO_SECOND);
    gate("carrier-a", true);
    turn();
    ck_assert_uint_ge(count_out(BYO_OUT_SEGMENT), 1);
    ck_assert_uint_le(count_out(BYO_OUT_SEGMENT), 2);
    flow_stop();
}
END_TEST

START_TEST(P9_an_empty_queue_is_no_credit)
{
    flow_start("messages-per-second = 100", NULL);
    give_many(3);
    turn();
    for (int i = 0; i < 10; i++)
        later(10);
    later(BYO_MINUTE);
    give_many(60);
    turn();
    ck_assert_uint_ge(count_out(BYO_OUT_SEGMENT), 1);
    ck_assert_uint_le(count_out(BYO_OUT_SEGMENT), 2);
    flow_stop();
}
END_TEST

/* What bearerbox does not read is in memory here: of segments with much beside their text it has fewer, and as many more as it
 * acks. */
START_TEST(H5_a_window_of_octets)
{
    enum { LONG = 15000, FIT = BYO_UNACKED_OCTETS / LONG };
    static char meta[LONG];
    flow_start("messages-per-second = 100000\nallow-custom-rate = yes", NULL);
    later(1000);
    int head = snprintf(meta, sizeof meta, "?smpp?tag=");
    memset(meta + head, 'x', sizeof meta - (size_t)head);
    for (int i = 0; i < FIT + 100; i++) {
        ByoSms mt = plain("x");
        mt.meta_data = byo_strn(meta, sizeof meta);
        give_mt(BOX1, &mt);
    }
    turn();
    size_t handed = count_out(BYO_OUT_SEGMENT);
    ck_assert_uint_le(handed, FIT + 1);
    ck_assert_uint_ge(handed, FIT - FIT / 10);
    Out first = keep(out_of(BYO_OUT_SEGMENT, 0));
    later(1);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    for (int i = 0; i < 40; i++)
        give_own_ack(&first, BYO_ACK_SUCCESS);
    turn();
    ck_assert_uint_ge(count_out(BYO_OUT_SEGMENT), 39);
    ck_assert_uint_le(count_out(BYO_OUT_SEGMENT), 41);
    give_link(BYO_LINK_OWN, false);
    turn();
    ck_assert_int_eq(byo_flow_unacked(flow), 0);
    ck_assert_uint_eq(flow->now_is.unacked_octets, 0);
    drop(&first);
    flow_stop();
}
END_TEST

/* -- a share of the rate -----------------------------------------------------------------------------*/

/* A store that two byoboxes share; the other one has nothing to do. */
static struct {
    int rounds, between;
    int wants; /* what the first was asked for with last */
    double held;
    double more; /* how much of the rate there is between two rounds; 0: none */
    bool busy;
} shared;

static int first_slot(const ByoStore *s)
{
    (void)s;
    return 0;
}

static bool deal(ByoStore *s, ByoRateShare *shares, size_t n)
{
    (void)s;
    shared.rounds++;
    shared.wants = shares[0].wants;
    shared.held = shares[0].held;
    for (size_t i = 0; i < n && !shared.busy; i++)
        shares[i].share = shares[i].rate * (shares[i].wants ? 0.99 : 0.01);
    return !shared.busy;
}

static bool deal_more(ByoStore *s, ByoRateShare *shares, size_t n)
{
    (void)s;
    shared.between++;
    for (size_t i = 0; i < n && !shared.busy; i++)
        shares[i].share = shared.more ? shares[i].rate * shared.more : shares[i].share;
    return !shared.busy;
}

static void start_shared(void)
{
    flow_start("messages-per-second = 100", NULL);
    const ByoStoreOps *real;
    ByoStoreOps *ops = flow_store_ops(&real);
    ops->slot = first_slot;
    ops->shares = deal;
    ops->share_more = deal_more;
    shared.rounds = shared.between = 0;
    shared.busy = false;
    shared.more = 0.5;
    for (int i = 0; i < 3; i++)
        later(1100);
    ck_assert_int_eq(shared.rounds, 3);
    ck_assert(flow->runtimes[0].share == 1);
}

/* Many at one that had nothing to do until then. */
static void start_burst(ByoTime quiet)
{
    start_shared();
    later(quiet);
    give_many(60);
    turn();
}

/* A burst at a byobox that had nothing to do has an equal part at once, and what the others do not use at the next round. */
START_TEST(P9_a_burst_does_not_wait_for_a_round)
{
    start_burst(200);
    ck_assert_int_eq(shared.between, 0);
    later(1);
    ck_assert_int_eq(shared.between, 1);
    ck_assert(flow->runtimes[0].share == 50 &&
              flow->runtimes[1].share == flow->runtimes[1].cfg->messages_per_second * 0.01);
    for (int i = 0; i < 80; i++)
        later(10);
    ck_assert_int_eq(shared.between, 1);
    ck_assert_int_eq(shared.rounds, 3);
    later(99);
    ck_assert_int_eq(shared.rounds, 4);
    ck_assert(flow->runtimes[0].share == 99);
    flow_stop();
}
END_TEST

/* What is raised just before a round, and still not enough, is wanted in it. */
START_TEST(P9_a_burst_just_before_a_round)
{
    start_burst(1090);
    later(1);
    ck_assert_int_eq(shared.between, 1);
    ck_assert(flow->runtimes[0].share == 50);
    later(9);
    ck_assert_int_eq(shared.rounds, 4);
    ck_assert_int_eq(shared.wants, 1);
    ck_assert(flow->runtimes[0].share == 99);
    flow_stop();
}
END_TEST

/* Where nothing is free the next round asks for it. */
START_TEST(P9_a_burst_where_nothing_is_free)
{
    start_burst(500);
    shared.more = 0;
    for (int i = 0; i < 59; i++)
        later(10);
    ck_assert_int_eq(shared.between, 1);
    ck_assert_int_eq(shared.rounds, 3);
    later(10);
    ck_assert_int_eq(shared.rounds, 4);
    ck_assert_int_eq(shared.wants, 1);
    flow_stop();
}
END_TEST

/* While another byobox is at the shares it is not asked in each turn. */
START_TEST(P9_a_burst_while_the_shares_are_locked)
{
    start_shared();
    shared.busy = true;
    give_many(60);
    turn();
    for (int i = 0; i < 90; i++)
        later(1);
    ck_assert_int_eq(shared.between + shared.rounds, 3 + 1);
    shared.busy = false;
    for (int i = 0; i < 20; i++)
        later(1);
    ck_assert(flow->runtimes[0].share >= 50);
    flow_stop();
}
END_TEST

/* What is queued is another byobox's, and this one has no share yet: it does not want one. */
START_TEST(P9_what_waits_elsewhere_wants_nothing_here)
{
    start_shared();
    ByoRuntime *rt = &flow->runtimes[0];
    rt->share = 0;
    byo_pace_set(&rt->pace, 0, now);
    rt->queued = 5;
    rt->queue_next = 0;
    shared.wants = -1;
    for (int i = 0; i < 2; i++, now += 1100) {
        begin();
        byo_flow_tick(flow, &the_turn);
        commit();
    }
    ck_assert_int_eq(shared.wants, 0);
    ck_assert_int_eq(shared.between, 0);
    rt->queued = 0;
    flow_stop();
}
END_TEST

/* A retry does not hide what is due before it, where that is not known: rows of a byobox that is gone. */
START_TEST(what_is_not_known_to_wait_is_looked_for)
{
    ByoRuntime rt = {.queued = 3, .queue_next = 0};
    byo_flow_queue_more(&rt, 1, now + BYO_MINUTE);
    ck_assert_int_eq(rt.queued, 4);
    ck_assert_int_eq(rt.queue_next, 0);
    rt.queue_next = now + 2 * BYO_MINUTE;
    byo_flow_queue_more(&rt, 2, now + BYO_MINUTE);
    ck_assert_int_eq(rt.queue_next, now + BYO_MINUTE);
    byo_flow_queue_more(&rt, 1, now + BYO_HOUR);
    ck_assert_int_eq(rt.queue_next, now + BYO_MINUTE);
    rt.queued = 0; /* what stands there is of one that left */
    byo_flow_queue_more(&rt, 1, now + BYO_HOUR);
    ck_assert_int_eq(rt.queue_next, now + BYO_HOUR);
    rt.queued = 0;
    byo_flow_queue_more(&rt, 1, 0);
    ck_assert_int_eq(rt.queue_next, 1);
}
END_TEST

/* A burst that had its share, is over, and whose share was given up in a round just now. */
static void start_given_up(void)
{
    start_burst(200);
    while (flow->runtimes[0].share != 99)
        later(100);
    while (flow->runtimes[0].share == 99)
        later(100);
}

/* What was taken by a share that is given up may leave only when another turn is kept: its part is another byobox's a second
 * behind that. */
START_TEST(P9_a_share_is_held_until_what_left_by_it_is_a_second_old)
{
    start_given_up();
    ck_assert(flow->runtimes[0].share == 1);
    ck_assert(shared.held == 99);
    int rounds = shared.rounds;
    later(3000);
    ck_assert_int_eq(shared.rounds, ++rounds);
    ck_assert(shared.held == 99);
    byo_flow_left(flow, now);
    later(1100);
    ck_assert_int_eq(shared.rounds, ++rounds);
    ck_assert(shared.held == 1);
    flow_stop();
}
END_TEST

/* It is given up in the round behind that, however long the commit took: another byobox with work waits for it. */
START_TEST(P9_a_share_is_given_up_a_second_behind_what_left)
{
    start_given_up();
    int rounds = shared.rounds;
    now += _i * 100;
    byo_flow_left(flow, now);
    later(1099);
    ck_assert_int_eq(shared.rounds, rounds);
    later(1);
    ck_assert_int_eq(shared.rounds, rounds + 1);
    ck_assert(shared.held == 1);
    flow_stop();
}
END_TEST

/* However the clock is set meanwhile: it is the second that counts. */
START_TEST(P9_a_clock_that_was_set_gives_up_no_share_sooner)
{
    static const ByoTime jumps[] = {-BYO_HOUR, -5000, -1500, -500, 500, 1500, 5000, 30000};
    start_given_up();
    int rounds = shared.rounds;
    byo_flow_left(flow, now);
    later(100);
    now += jumps[_i];
    byo_flow_clock_jumped(flow, jumps[_i]);
    later(0);
    later(999);
    ck_assert_int_eq(shared.rounds, rounds);
    later(1);
    ck_assert_int_eq(shared.rounds, rounds + 1);
    ck_assert(shared.held == 1);
    flow_stop();
}
END_TEST

/* What waits for the gate, for its time, or has all there is, asks for nothing. */
START_TEST(P9_what_does_not_wait_for_the_rate_asks_for_no_share)
{
    start_shared();
    gate("carrier-a", false);
    give_many(60);
    turn();
    for (int i = 0; i < 20; i++)
        later(10);
    ck_assert_int_eq(shared.between, 0);
    flow_stop();
}
END_TEST

Suite *flow_rate_suite(void)
{
    Suite *s = suite_create("flow, rate");
    TCase *t = tcase_create("rate");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, P9_a_closed_gate_is_no_credit);
    tcase_add_test(t, P9_an_empty_queue_is_no_credit);
    tcase_add_test(t, H5_a_window_of_octets);
    tcase_add_test(t, P9_a_burst_does_not_wait_for_a_round);
    tcase_add_test(t, P9_a_burst_just_before_a_round);
    tcase_add_test(t, P9_a_burst_where_nothing_is_free);
    tcase_add_test(t, P9_a_burst_while_the_shares_are_locked);
    tcase_add_test(t, P9_what_waits_elsewhere_wants_nothing_here);
    tcase_add_test(t, what_is_not_known_to_wait_is_looked_for);
    tcase_add_test(t, P9_a_share_is_held_until_what_left_by_it_is_a_second_old);
    tcase_add_loop_test(t, P9_a_share_is_given_up_a_second_behind_what_left, 0, 30);
    tcase_add_loop_test(t, P9_a_clock_that_was_set_gives_up_no_share_sooner, 0, 8);
    tcase_add_test(t, P9_what_does_not_wait_for_the_rate_asks_for_no_share);
    suite_add_tcase(s, t);
    return s;
}
