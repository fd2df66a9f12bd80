/* SPDX-License-Identifier: BSD-3-Clause
 * The order of one pair while a message of it is tried again.
 * Threads: one. */
#include "flow_sent.h"

/* It is to be tried again. */
static Out send_a_refused(void)
{
    Out a = send_one(PHONE, "a");
    give_nack(&a, "NACK/Retries Exceeded");
    turn();
    return a;
}

/* Texts in the order they left, one letter each; segments are answered as they come. */
static void follow(char *left, size_t size, ByoTime ms, bool (*answer)(const Out *segment))
{
    for (ByoTime end = now + ms; now < end;) {
        later(50);
        for (size_t k = 0; k < n_outs; k++) {
            if (outs[k].kind != BYO_OUT_SEGMENT)
                continue;
            size_t n = strlen(left);
            ck_assert_uint_lt(n + 1, size);
            left[n] = outs[k].sms.msgdata.p[0];
            left[n + 1] = 0;
            if (!answer || answer(&outs[k]))
                give_accepted(&outs[k]);
        }
    }
}

static int refuse_first;
static bool answer_a(const Out *segment)
{
    if (segment->sms.msgdata.p[0] != 'a' || refuse_first == 0)
        return true;
    refuse_first--;
    give_nack(segment, "NACK/Retries Exceeded");
    return false;
}

START_TEST(test_order_kept_while_one_is_tried_again)
{
    char left[60] = "";
    flow_start("retry-delay = 10s\nretry-max-delay = 10s", NULL);
    Out a = send_a_refused();
    static const char *const texts[] = {"b", "c", "d"};
    for (int i = 0; i < 3; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, texts[i]);
        give_mt(BOX1, &mt);
        later(100);
        ck_ack(0, BYO_ACK_BUFFERED);
    }
    ByoSms other = an_mt(NUMBER_A, "+12025550124", "x"); /* another pair does not wait */
    give_mt(BOX1, &other);
    other = an_mt(NUMBER_B, PHONE, "y"); /* nor another number of ours */
    give_mt(BOX1, &other);
    refuse_first = 2; /* a is refused twice more */
    follow(left, sizeof left, 60 * 1000, answer_a);
    ck_assert_str_eq(left, "xyaaabcd");
    ck_assert_uint_eq(byo_order_count(flow->order), 0);
    drop(&a);
    flow_stop();
}
END_TEST

static bool answer_none(const Out *segment)
{
    (void)segment;
    return false;
}

/* One that waits for what becomes of the one in front is not overtaken when that is known, by one that comes then; and is not
 * waited for any more when it has left. */
START_TEST(test_order_of_those_that_wait)
{
    char left[60] = "";
    flow_start("retry-delay = 10s\nretry-max-delay = 10s", NULL);
    Out a = send_a_refused();
    wait_out(13 * 1000);
    Out again = keep(out_of(BYO_OUT_SEGMENT, 0));
    ck_text(again.sms.msgdata, "a");
    ByoSms mt = an_mt(NUMBER_A, PHONE, "b");
    give_mt(BOX1, &mt);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    give_accepted(&again);
    turn();
    for (int i = 0; i < 3; i++) {
        mt = an_mt(NUMBER_A, PHONE, i == 0 ? "c" : i == 1 ? "d" : "e");
        give_mt(BOX1, &mt);
        turn();
    }
    ByoSms other = an_mt(NUMBER_A, "+12025550124", "x"); /* another pair does not wait */
    give_mt(BOX1, &other);
    follow(left, sizeof left, 5 * 1000, answer_none);
    ck_assert_str_eq(left, "xbcde");
    ck_assert_uint_eq(byo_order_count(flow->order), 0);
    drop(&a);
    drop(&again);
    flow_stop();
}
END_TEST

/* While nothing may leave; then it may. */
static void queue_a_to_e(void)
{
    static const char *const texts[] = {"a", "b", "c", "d", "e"};
    gate("carrier-a", false);
    for (int i = 0; i < 5; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, texts[i]);
        give_mt(BOX1, &mt);
        turn();
    }
    gate("carrier-a", true);
}

/* The same of those that were in the queue before: some are asked what they wait for while the one in front is on its way, some
 * when it was answered. */
START_TEST(test_order_of_those_that_waited_before)
{
    char left[60] = "";
    flow_start("messages-per-second = 1\nretry-delay = 10s\nretry-max-delay = 10s", NULL);
    queue_a_to_e();
    refuse_first = 2;
    follow(left, sizeof left, 60 * 1000, answer_a);
    ck_assert_str_eq(left, "aaabcde");
    ck_assert_uint_eq(byo_order_count(flow->order), 0);
    flow_stop();
}
END_TEST

/* The moment they waited for is over when they may leave: who was not asked is due before them. */
START_TEST(test_order_of_those_that_waited_behind_a_closed_gate)
{
    char left[60] = "";
    flow_start("messages-per-second = 1\nretry-delay = 10s\nretry-max-delay = 10s", NULL);
    queue_a_to_e();
    refuse_first = 1;
    follow(left, sizeof left, 3000, answer_a);
    ck_assert_str_eq(left, "a");
    for (int i = 0; i < 400 && count_out(BYO_OUT_SEGMENT) == 0; i++)
        later(50);
    Out again = keep(out_of(BYO_OUT_SEGMENT, 0));
    ck_text(again.sms.msgdata, "a");
    gate("carrier-a", false);
    give_accepted(&again);
    later(5000);
    gate("carrier-a", true);
    left[0] = 0;
    follow(left, sizeof left, 10 * 1000, answer_none);
    ck_assert_str_eq(left, "bcde");
    drop(&again);
    flow_stop();
}
END_TEST

/* bearerbox did not take it, and it leaves again: that is no first time. */
START_TEST(test_order_behind_one_that_was_not_taken)
{
    char left[60] = "";
    flow_start("retry-delay = 10s\nretry-max-delay = 10s", NULL);
    Out a = send_one(PHONE, "a");
    give_own_ack(&a, BYO_ACK_FAILED_TMP);
    turn();
    wait_out(60 * 1000);
    Out again = keep(out_of(BYO_OUT_SEGMENT, 0));
    ck_text(again.sms.msgdata, "a");
    later(3000);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "b");
    give_mt(BOX1, &mt);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    give_own_ack(&again, BYO_ACK_FAILED_TMP);
    turn();
    follow(left, sizeof left, 60 * 1000, NULL);
    ck_assert_str_eq(left, "ab");
    drop(&a);
    drop(&again);
    flow_stop();
}
END_TEST

/* The one in front is over long before it was to be tried again: the pair does not wait till then. */
START_TEST(test_order_behind_one_that_is_over_early)
{
    char left[60] = "";
    flow_start("retry-delay = 3600s\nretry-max-delay = 3600s", NULL);
    Out a = send_a_refused();
    for (int i = 0; i < 2; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, i ? "c" : "b");
        give_mt(BOX1, &mt);
        turn();
        give_delivered(&a);
        turn();
    }
    follow(left, sizeof left, 6 * 60 * 1000, NULL);
    ck_assert_str_eq(left, "bc");
    ck_assert_uint_eq(byo_order_count(flow->order), 0);
    drop(&a);
    flow_stop();
}
END_TEST

START_TEST(test_order_kept_over_a_reboot)
{
    char left[60] = "";
    flow_start("retry-delay = 10s\nretry-max-delay = 10s", NULL);
    Out a = send_a_refused();
    flow_reboot();
    ByoSms mt = an_mt(NUMBER_A, PHONE, "b");
    give_link(BYO_LINK_OWN, true);
    give_mt(BOX1, &mt);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    follow(left, sizeof left, 20 * 1000, NULL);
    ck_assert_str_eq(left, "ab");
    drop(&a);
    flow_stop();
}
END_TEST

START_TEST(test_order_ends_with_the_first)
{
    /* the one in front fails for good: the next goes */
    char left[60] = "";
    flow_start("retry-delay = 10s\nretry-tries = 2", NULL);
    Out a = send_a_refused();
    ByoSms mt = an_mt(NUMBER_A, PHONE, "b");
    give_mt(BOX1, &mt);
    refuse_first = 5;
    follow(left, sizeof left, 20 * 1000, answer_a);
    ck_assert_str_eq(left, "ab");
    drop(&a);
    flow_stop();
}
END_TEST

START_TEST(test_order_without_an_answer)
{
    /* the one in front is with bearerbox and not answered: the next waits for what becomes of it, not for
     * ever */
    char left[60] = "";
    flow_start("retry-delay = 10s\nwait-ack = 20", NULL);
    Out a = send_a_refused();
    ByoSms mt = an_mt(NUMBER_A, PHONE, "b");
    give_mt(BOX1, &mt);
    turn();
    wait_out(13 * 1000);
    Out again = keep(out_of(BYO_OUT_SEGMENT, 0));
    ck_text(again.sms.msgdata, "a");
    ck_assert(none_of(BYO_OUT_SEGMENT, 30 * 1000));
    give_delivered(&again);
    follow(left, sizeof left, 3 * 1000, NULL);
    ck_assert_str_eq(left, "b");
    drop(&a);
    drop(&again);
    flow_stop();
}
END_TEST

START_TEST(test_order_table)
{
    ByoOrder *o = byo_order_create(1000, 7);
    ByoOrderKey k, other;
    ck_assert(byo_order_key(S("a"), S(NUMBER_A), S(PHONE), &k));
    ck_assert(byo_order_key(S("b"), S(NUMBER_A), S(PHONE), &other));
    ck_assert(!byo_order_key(S("b"), S("x"), S(PHONE), &(ByoOrderKey){0}));
    ck_assert_int_eq(byo_order_first(o, &k), 0);
    byo_order_remove(o, NULL, &k, 5);
    for (int i = 999; i >= 0; i--)
        ck_assert(byo_order_add(o, NULL, &k, 1000 + i));
    ck_assert(byo_order_add(o, NULL, &k, 1000));   /* twice is once */
    ck_assert(!byo_order_add(o, NULL, &other, 1)); /* full */
    ck_assert_int_eq(byo_order_first(o, &other), 0);
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(byo_order_first(o, &k), 1000 + i);
        byo_order_remove(o, NULL, &k, 1000 + i);
    }
    ck_assert_uint_eq(byo_order_count(o), 0);
    byo_order_destroy(o);
}
END_TEST

/* Pairs that wait: undone with their turn, moved with the clock; those that are long over make room. */
START_TEST(test_order_table_of_pairs_that_wait)
{
    ByoOrder *o = byo_order_create(2, 7);
    ByoUndo u = {0};
    ByoOrderKey k[3];
    for (int i = 0; i < 3; i++)
        ck_assert(byo_order_key(i == 0 ? S("a") : i == 1 ? S("b") : S("c"), S(NUMBER_A), S(PHONE), &k[i]));
    byo_order_set_until(o, NULL, &k[0], 1000);
    byo_order_set_until(o, &u, &k[0], 2000);
    byo_order_set_until(o, &u, &k[0], 0);
    byo_order_set_until(o, &u, &k[1], 5000);
    ck_assert_int_eq(byo_order_until(o, &k[0]), 0);
    ck_assert_int_eq(byo_order_until(o, &k[1]), 5000);
    byo_undo_replay(&u);
    ck_assert_int_eq(byo_order_until(o, &k[0]), 1000);
    ck_assert_int_eq(byo_order_until(o, &k[1]), 0);
    byo_order_clock_jumped(o, 500);
    ck_assert_int_eq(byo_order_until(o, &k[0]), 1500);
    byo_order_set_until(o, NULL, &k[1], BYO_MINUTE);
    byo_order_set_until(o, NULL, &k[2], 2 * BYO_MINUTE); /* full */
    ck_assert_int_eq(byo_order_until(o, &k[2]), 0);
    byo_order_set_until(o, NULL, &k[2], BYO_HOUR + 10 * BYO_MINUTE);
    ck_assert_int_eq(byo_order_until(o, &k[2]), BYO_HOUR + 10 * BYO_MINUTE);
    ck_assert_int_eq(byo_order_until(o, &k[0]), 0);
    byo_undo_destroy(&u);
    byo_order_destroy(o);
}
END_TEST

Suite *flow_order_suite(void)
{
    Suite *s = suite_create("flow, order");
    TCase *t = tcase_create("order");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_order_kept_while_one_is_tried_again);
    tcase_add_test(t, test_order_of_those_that_wait);
    tcase_add_test(t, test_order_of_those_that_waited_before);
    tcase_add_test(t, test_order_of_those_that_waited_behind_a_closed_gate);
    tcase_add_test(t, test_order_behind_one_that_was_not_taken);
    tcase_add_test(t, test_order_behind_one_that_is_over_early);
    tcase_add_test(t, test_order_kept_over_a_reboot);
    tcase_add_test(t, test_order_ends_with_the_first);
    tcase_add_test(t, test_order_without_an_answer);
    tcase_add_test(t, test_order_table);
    tcase_add_test(t, test_order_table_of_pairs_that_wait);
    suite_add_tcase(s, t);
    return s;
}
