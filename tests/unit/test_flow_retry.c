/* SPDX-License-Identifier: BSD-3-Clause
 * Retry (spec D4), pace, and hand-overs without an answer.
 * Threads: one. */
#include "flow_sent.h"

#include <stdio.h>

START_TEST(test_d4_again)
{
    flow_start("retry-delay = 30s", NULL);
    Out one = send_one(PHONE, "x");
    give_nack(&one, "NACK/Retries Exceeded");
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0); /* not told: it is not over */
    ck_assert(none_of(BYO_OUT_SEGMENT, 24 * 1000));   /* 30 s less a fifth */
    wait_out(13 * 1000);
    Out two = keep(out_of(BYO_OUT_SEGMENT, 0));
    ck_assert_str_ne(one.sms.id, two.sms.id);
    ck_assert(!byo_str_eq(one.sms.dlr_url, two.sms.dlr_url));
    ck_assert(byo_str_eq(one.sms.msgdata, two.sms.msgdata));
    ck_assert_int_eq(segment_of(&two).s.tries, 2);
    ck_assert_int_eq(status_of("carrier-a").total.retries, 1);
    /* a late refusal of the older try says nothing of the newer; a delivery counts whatever try it is of */
    give_report(&one, BYO_DLR_SMSC_FAIL, "NACK/0x0000000b/Invalid Destination Address", NULL);
    turn();
    ck_assert_int_eq(segment_of(&two).s.state, BYO_SEG_HANDED);
    give_accepted(&two);
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "try"), "2");
    give_delivered(&one);
    turn();
    ck_assert_int_eq(segment_of(&two).s.state, BYO_SEG_DELIVERED);
    drop(&one);
    drop(&two);
    flow_stop();
}
END_TEST

START_TEST(test_d4_tries_used_up)
{
    flow_start("retry-tries = 3\nretry-delay = 1s\nretry-max-delay = 2s", NULL);
    Out seg = send_one(PHONE, "x");
    for (int try = 1; try <= 3; try++) {
        ck_assert_int_eq(segment_of(&seg).s.tries, try);
        give_nack(&seg, "NACK/Retries Exceeded");
        turn();
        if (try == 3)
            break;
        ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
        wait_out(5000);
        drop(&seg);
        seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    }
    const Out *r = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_int_eq(r->sms.dlr_mask, BYO_DLR_SMSC_FAIL);
    ck_assert_str_eq(byo_key(r, "code"), "2");
    ck_assert_str_eq(byo_key(r, "cause"), "OTHER_TEMPORARY_FAILURE");
    ck_assert_str_eq(byo_key(r, "try"), "3");
    ck_assert_str_eq(byo_key(r, "carrier-code"), "");
    drop(&seg);
    flow_stop();
}
END_TEST

static const struct {
    const char *nack, *code;
    bool again;
} codes[] = {
    {"NACK/0x00000058/Throttling", "2", true},
    {"NACK/0x0000000b/Invalid", "3", false},
    {"NACK/MALFORMED SMS", "3", false},
    {"NACK/validity expired", "4", false},
};

START_TEST(test_d4_codes)
{
    flow_start(NULL, NULL);
    Out seg = send_one(PHONE, "x");
    give_nack(&seg, codes[_i].nack);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), codes[_i].again ? 0 : 1);
    ck_assert_int_eq(segment_of(&seg).s.state, codes[_i].again ? BYO_SEG_QUEUED : BYO_SEG_FAILED);
    if (!codes[_i].again)
        ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "code"), codes[_i].code);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_throttled)
{
    /* THROTTLED slows the whole integration down, and it finds its speed again */
    flow_start("messages-per-second = 100", NULL);
    flow_features(BYO_FEATURE_SUBMIT_STATUS);
    Out seg = send_one(PHONE, "x");
    give_nack(&seg, "NACK/0x00000058/Throttled");
    turn();
    ck_assert_int_eq(events[BYO_EVENT_THROTTLED], 1);
    ck_assert_double_lt(status_of("carrier-a").rate, 51);
    ck_assert_double_gt(status_of("carrier-b").rate, 19);
    ByoSms mt = an_mt(NUMBER_A, "+12025550124", "y");
    give_mt(BOX1, &mt);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_assert(none_of(BYO_OUT_SEGMENT, 900));
    wait_out(500);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    for (int i = 0; i < 15; i++) {
        mt = an_mt(NUMBER_A, "+12025550125", "y");
        give_mt(BOX1, &mt);
        later(1000);
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT)
                give_accepted(&outs[k]);
    }
    ck_assert_double_gt(status_of("carrier-a").rate, 99);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_windows)
{
    /* one second's worth and the submits' windows wait in bearerbox, no more */
    flow_start("messages-per-second = 100\nbinds = 1\nmax-pending-submits = 10", NULL);
    for (int i = 0; i < 300; i++) {
        char to[20];
        snprintf(to, sizeof to, "+1202555%04d", i);
        ByoSms mt = an_mt(NUMBER_A, to, "x");
        give_mt(BOX1, &mt);
    }
    turn();
    size_t n = count_out(BYO_OUT_SEGMENT);
    for (int i = 0; i < 500; i++) {
        later(20);
        n += count_out(BYO_OUT_SEGMENT);
    }
    ck_assert_uint_eq(n, 110);
    ck_assert_int_eq(byo_flow_unacked(flow), 110);
    flow_stop();
}
END_TEST

static const struct {
    const char *row;
    int ack;          /* bearerbox's, -1: none */
    const char *nack; /* its report */
    bool duplicate;
} untaken[] = {
    {"queue full", BYO_ACK_FAILED_TMP, NULL, false},
    {"no SMSC", BYO_ACK_SUCCESS, "NACK/no SMSC", true},
    {"no SMSC, ack and report", BYO_ACK_FAILED, "NACK/no SMSC", true},
};

START_TEST(test_not_taken)
{
    flow_start(NULL, NULL);
    Out seg = send_one(PHONE, "x");
    give_own_ack(&seg, (ByoAck)untaken[_i].ack);
    if (untaken[_i].nack)
        give_report(&seg, BYO_DLR_SMSC_FAIL, untaken[_i].nack, NULL);
    turn();
    ck_assert_int_eq(byo_flow_unacked(flow), 0);
    ByoSegmentRow row = segment_of(&seg);
    ck_assert_int_eq(row.s.state, BYO_SEG_QUEUED);
    ck_assert_int_eq(row.s.tries, 0); /* not a try */
    ck_assert_int_eq(events[BYO_EVENT_DUPLICATE], untaken[_i].duplicate);
    wait_out(6000);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_no_answer)
{
    /* no submit answer: handed over again, a possible duplicate; but not while bearerbox may still have it */
    flow_start("wait-ack = 60", NULL);
    Out seg = send_one(PHONE, "x");
    give_own_ack(&seg, BYO_ACK_SUCCESS);
    turn();
    ByoFlowGate g = {.open = true, .known = true, .online_binds = 0, .in_bearerbox = 1};
    byo_flow_gate(flow, begin(), S("carrier-a"), &g);
    commit();
    ck_assert(none_of(BYO_OUT_SEGMENT, 300 * 1000));
    g.online_binds = 1;
    g.in_bearerbox = 0;
    byo_flow_gate(flow, begin(), S("carrier-a"), &g);
    commit();
    wait_out(40 * 1000);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    ck_assert_int_eq(events[BYO_EVENT_DUPLICATE], 1);
    ck_assert_int_eq(status_of("carrier-a").total.duplicates, 1);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_bearerbox_restarts)
{
    flow_start(NULL, NULL);
    Out one = send_one(PHONE, "x");
    give_own_ack(&one, BYO_ACK_SUCCESS);
    later(100);
    Out two = send_one("+12025550124", "y");
    give_own_ack(&two, BYO_ACK_SUCCESS);
    turn();
    give_link(BYO_LINK_OWN, false);
    turn();
    ck_assert_int_eq(events[BYO_EVENT_BEARERBOX_LOST], 1);
    ByoSms mt = an_mt(NUMBER_A, "+12025550125", "z");
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_BUFFERED);                     /* a dead bearerbox: queued */
    ck_assert(none_of(BYO_OUT_SEGMENT, 200 * 1000)); /* nothing times out meanwhile */
    give_link(BYO_LINK_OWN, true);
    turn();
    ck_assert_int_eq(events[BYO_EVENT_BEARERBOX_BACK], 1);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1); /* what was queued */
    give_accepted(&one);                              /* bearerbox had it on disk */
    turn();
    wait_out(15 * 1000);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.receiver, "12025550124");
    ck_assert_int_eq(segment_of(&one).s.state, BYO_SEG_ACCEPTED);
    drop(&one);
    drop(&two);
    flow_stop();
}
END_TEST

/* It keeps what it has, and another byobox had taken that over when it was seen that it was started anew: it is known when it is
 * answered. */
START_TEST(test_what_was_taken_over_is_marked_by_its_answer)
{
    flow_start(NULL, NULL);
    flow->cfg.host_has_store = true;
    Out elsewhere = send_one(PHONE, "a");
    later(100);
    Out here = send_one("+12025550124", "b");
    later(1000);
    begin();
    byo_flow_bearerbox_restarted(flow, &the_turn, now - 2000, now);
    ByoSegmentRow seg = segment_of(&elsewhere);
    ck_assert(seg.s.maybe_duplicate);
    seg.s.maybe_duplicate = false; /* as of another byobox, whose segments this one does not mark */
    byo_store_segment_update(store, &seg);
    commit();
    later(100);
    Out after = send_one("+12025550125", "c");
    later(2000);
    int told = events[BYO_EVENT_DUPLICATE];
    int64_t marked = status_of("carrier-a").total.duplicates;
    give_accepted(&elsewhere);
    give_accepted(&here);
    give_accepted(&after);
    turn();
    ck_assert(segment_of(&elsewhere).s.maybe_duplicate);
    ck_assert_int_eq(segment_of(&elsewhere).s.state, BYO_SEG_ACCEPTED);
    ck_assert(!segment_of(&after).s.maybe_duplicate);
    ck_assert_int_eq(status_of("carrier-a").total.duplicates, marked + 1);
    ck_assert_int_ge(events[BYO_EVENT_DUPLICATE], told);
    drop(&elsewhere);
    drop(&here);
    drop(&after);
    flow_stop();
}
END_TEST

/* Stock bearerbox submits again by itself what a lost bind had; the second answer may be here before the loss is
 * seen. What was answered before, or handed over since, is in no doubt. */
START_TEST(test_a_lost_bind_marks_what_was_answered_since)
{
    flow_start(NULL, NULL);
    Out before = send_one(PHONE, "a");
    give_accepted(&before);
    turn();
    later(1000);
    ByoTime good = now; /* all binds were online at this look */
    Out answered = send_one("+12025550124", "b");
    later(100);
    Out delivered = send_one("+12025550125", "c");
    later(100);
    Out open = send_one("+12025550126", "d");
    later(100);
    give_accepted(&answered);
    give_accepted(&delivered);
    turn();
    give_delivered(&delivered);
    turn();
    later(300);
    ByoTime bad = now; /* one is not */
    later(10);
    Out after = send_one("+12025550127", "e");
    give_accepted(&after);
    turn();
    begin();
    byo_flow_bind_lost(flow, &the_turn, S("carrier-b"), good, bad); /* another one's bind */
    byo_flow_bind_lost(flow, &the_turn, S("carrier-a"), good, bad);
    byo_flow_bind_lost(flow, &the_turn, S("carrier-a"), good, bad); /* told twice counts once */
    commit();
    ck_assert(!segment_of(&before).s.maybe_duplicate);
    ck_assert(segment_of(&answered).s.maybe_duplicate);
    ck_assert_int_eq(segment_of(&answered).s.state, BYO_SEG_ACCEPTED);
    ck_assert(segment_of(&delivered).s.maybe_duplicate);
    ck_assert_int_eq(segment_of(&delivered).s.state, BYO_SEG_DELIVERED);
    ck_assert(segment_of(&open).s.maybe_duplicate);
    ck_assert(!segment_of(&after).s.maybe_duplicate);
    ck_assert_int_eq(status_of("carrier-a").total.duplicates, 3);
    ck_assert_int_eq(events[BYO_EVENT_DUPLICATE], 1);
    drop(&before);
    drop(&answered);
    drop(&delivered);
    drop(&open);
    drop(&after);
    flow_stop();
}
END_TEST

/* Its group was taken out of the file while a segment was on its way: a refusal for now ends nothing. */
START_TEST(test_d4_without_its_group)
{
    flow_start("retry-delay = 30s", NULL);
    Out one = send_one(PHONE, "x");
    flow_reload(flow_no_group, NULL);
    give_nack(&one, "NACK/Retries Exceeded");
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    ck_assert_int_eq(segment_of(&one).s.state, BYO_SEG_QUEUED);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "y");
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_FAILED_TMP);
    flow_reload("retry-delay = 30s", NULL);
    gate("carrier-a", true);
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_BUFFERED); /* behind the one in front of its pair */
    wait_out(40 * 1000);
    Out two = keep(out_of(BYO_OUT_SEGMENT, 0));
    ck_assert(byo_str_eq(one.sms.msgdata, two.sms.msgdata));
    ck_assert_int_eq(segment_of(&two).s.tries, 2);
    drop(&one);
    drop(&two);
    flow_stop();
}
END_TEST

Suite *flow_retry_suite(void)
{
    Suite *s = suite_create("flow, retry");
    TCase *t = tcase_create("retry");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_d4_again);
    tcase_add_test(t, test_d4_without_its_group);
    tcase_add_test(t, test_d4_tries_used_up);
    tcase_add_loop_test(t, test_d4_codes, 0, (int)(sizeof codes / sizeof *codes));
    tcase_add_test(t, test_throttled);
    tcase_add_test(t, test_windows);
    tcase_add_loop_test(t, test_not_taken, 0, (int)(sizeof untaken / sizeof *untaken));
    tcase_add_test(t, test_no_answer);
    tcase_add_test(t, test_bearerbox_restarts);
    tcase_add_test(t, test_what_was_taken_over_is_marked_by_its_answer);
    tcase_add_test(t, test_a_lost_bind_marks_what_was_answered_since);
    suite_add_tcase(s, t);
    return s;
}
