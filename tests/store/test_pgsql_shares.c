/* SPDX-License-Identifier: BSD-3-Clause
 * What part of a rate each of several writers of one database has. */
#include "pgsql_fixture.h"

/* A node, and what it sent by in the last second. */
typedef struct {
    ByoStore *s;
    double held, needs;
} Sharer;

/* After each step together no more than the rate. */
static double asked(Sharer *n, bool (*ask)(ByoStore *s, ByoRateShare *shares, size_t n), ByoRateShare share)
{
    share.integration = S("carrier-a");
    share.rate = 20;
    byo_store_begin(n->s);
    ck_assert(ask(n->s, &share, 1));
    ck_assert_int_eq(byo_store_commit(n->s), BYO_STORE_OK);
    ck_assert_int_le(pgsql_number("SELECT sum(rate) FROM byobox.share WHERE integration = 'carrier-a'"),
                     20000);
    n->held = share.share;
    return share.share;
}

/* A round. */
static double share_of(Sharer *n, bool wants)
{
    return asked(n, byo_store_shares,
                 (ByoRateShare){.wants = wants, .needs = n->needs, .held = n->held, .share = -1});
}

/* Between two rounds, with so much of it. */
static double burst(Sharer *n, double has)
{
    return asked(n, byo_store_share_more, (ByoRateShare){.share = has});
}

/* Given up before they are taken, and a round before: after each step together no more than the rate. */
START_TEST(shares_are_never_more_than_the_rate)
{
    Sharer one = {store, -1, 0}, two = {must_open_as("n2"), -1, 0};
    ck_assert(share_of(&one, true) == 20);
    ck_assert(share_of(&two, true) == 0);
    ck_assert(share_of(&one, true) == 10);
    ck_assert(share_of(&two, true) == 0); /* the first sent as if it had it until a moment ago */
    ck_assert(share_of(&one, true) == 10);
    ck_assert(share_of(&two, true) == 10);
    ck_assert(share_of(&two, false) == 0.2);
    ck_assert(share_of(&one, true) == 10);
    ck_assert(share_of(&two, false) == 0.2);
    ck_assert(share_of(&one, true) == 19.8);
    ck_assert(share_of(&two, true) == 0.2);
    ck_assert(share_of(&one, true) == 10);
    one.held = -1; /* started anew, it knows nothing of the second that was */
    ck_assert(share_of(&one, true) == 10);
    ck_assert(share_of(&two, true) == 0.2);
    ck_assert(share_of(&one, true) == 10);
    ck_assert(share_of(&two, true) == 10);
    two.needs = 3; /* little work there is little less here */
    ck_assert(share_of(&two, false) == 3);
    ck_assert(share_of(&two, false) == 3);
    ck_assert(share_of(&one, true) == 17);
    two.needs = 15; /* more than that is to want */
    ck_assert(share_of(&two, false) == 3);
    ck_assert(share_of(&one, false) == 0.2);
    ck_assert(share_of(&one, false) == 0.2);
    ck_assert(share_of(&two, false) == 15);
    byo_store_close(two.s);
}
END_TEST

/* Both at once: each has half of it, without a round. What one has, or wants, is not taken by the other. */
START_TEST(a_burst_has_an_equal_part_at_once)
{
    Sharer one = {store, -1, 0}, two = {must_open_as("n2"), -1, 0};
    ck_assert(burst(&two, 0) == 0); /* without a round it has no part yet */
    ck_assert(share_of(&one, true) == 20);
    share_of(&two, false);
    ck_assert(burst(&two, 0) == 0);
    for (int i = 0; i < 3; i++) {
        share_of(&one, false);
        share_of(&two, false);
    }
    ck_assert(share_of(&one, false) == 0.2 && share_of(&two, false) == 0.2);
    ck_assert(burst(&one, 0.2) == 10);
    ck_assert(burst(&two, 0.2) == 10);
    ck_assert(burst(&two, 12) == 12); /* nothing shrinks */
    two.held = 10;
    ck_assert(share_of(&two, false) == 0.2);
    ck_assert(share_of(&two, false) == 0.2);
    ck_assert(share_of(&one, true) == 19.8);
    ck_assert(burst(&two, 0.2) == 0.2); /* for a moment's wait nobody gives anything up */
    ck_assert(share_of(&one, true) == 19.8);
    byo_store_close(two.s);
}
END_TEST

/* Who waits for a moment in each round does not hold what it had before. */
START_TEST(what_was_given_up_goes_in_spite_of_bursts)
{
    Sharer one = {store, -1, 3}, two = {must_open_as("n2"), -1, 0};
    ck_assert(share_of(&one, true) == 20);
    ck_assert(share_of(&two, false) == 0);
    ck_assert(share_of(&one, false) == 3);
    ck_assert(burst(&one, 3) == 10);
    share_of(&two, true);
    ck_assert(share_of(&one, false) == 3);
    ck_assert(burst(&one, 3) == 3); /* the other wants it */
    ck_assert(share_of(&two, true) == 10);
    ck_assert(share_of(&one, false) == 3);
    ck_assert(burst(&one, 3) == 3);
    ck_assert(share_of(&two, true) == 17);
    byo_store_close(two.s);
}
END_TEST

/* Who has all leaves one that comes a hundredth, whether that wants it or not. */
START_TEST(a_node_that_comes_has_a_hundredth)
{
    Sharer one = {store, -1, 0}, two = {must_open_as("n2"), -1, 0};
    ck_assert(share_of(&one, true) == 20);
    ck_assert(share_of(&two, false) == 0);
    ck_assert(share_of(&one, true) == 19.8);
    ck_assert(share_of(&one, true) == 19.8);
    ck_assert(share_of(&two, false) == 0.2);
    byo_store_close(two.s);
}
END_TEST

/* A round of a node whose configuration has another one, or none. */
static void share_without(ByoStore *s, size_t n)
{
    ByoRateShare share = {.integration = S("carrier-b"), .rate = 20, .held = -1};
    byo_store_begin(s);
    ck_assert(byo_store_shares(s, &share, n));
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
}

START_TEST(the_share_of_an_integration_a_node_has_no_more_is_the_others)
{
    Sharer one = {store, -1, 0}, two = {must_open_as("n2"), -1, 0};
    for (size_t n = 0; n < 2; n++) {
        ck_assert(share_of(&one, true) == 20);
        ck_assert(share_of(&two, true) == 0);
        share_without(store, n);
        ck_assert(share_of(&two, true) == 0); /* it sent by it until a moment ago */
        share_without(store, n);
        ck_assert(share_of(&two, true) == 20);
        share_without(two.s, 1);
        share_without(two.s, 1);
        one.held = two.held = -1;
    }
    byo_store_close(two.s);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_test(t, shares_are_never_more_than_the_rate);
    tcase_add_test(t, a_burst_has_an_equal_part_at_once);
    tcase_add_test(t, what_was_given_up_goes_in_spite_of_bursts);
    tcase_add_test(t, a_node_that_comes_has_a_hundredth);
    tcase_add_test(t, the_share_of_an_integration_a_node_has_no_more_is_the_others);
}

int main(void)
{
    return pgsql_run_suite("pgsql, shares", all);
}
