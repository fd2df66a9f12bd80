/* SPDX-License-Identifier: BSD-3-Clause
 * What is kept of a message's past beside its rows (spec D2): tries before the last one with their reasons, when the
 * carrier accepted, which reports a smsbox took.
 * Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

#include "tracking/past.h"

static ByoId message;
static ByoTime begun;

static Out send_one(void)
{
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    message = byo_id_message(segment_of(&seg).id);
    begun = now;
    return seg;
}

/* The past with times in ms since the message was handed over. */
static const char *past(void)
{
    static char out[2048];
    ByoBuf lines = {0};
    ByoPast p;
    size_t n = 0;
    byo_store_steps(store, message, &lines);
    ByoStr rest = byo_buf_str(&lines);
    out[0] = 0;
    while (byo_past_read(&rest, byo_id_time(message), &p) && n < sizeof out - 200) {
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%c%d.%d@%lld", n ? " " : "", (char)p.kind,
                              p.segment, p.number, (long long)(p.time - begun));
        if (p.handed)
            n += (size_t)snprintf(
                out + n, sizeof out - n, "(%lld,%lld)%.*s/%.*s", (long long)(p.handed - begun),
                p.accepted ? (long long)(p.accepted - begun) : -1, BYO_PF(p.cause), BYO_PF(p.carrier_code));
    }
    byo_buf_free(&lines);
    return out;
}

static void take_reports(ByoAck ack)
{
    size_t n = count_out(BYO_OUT_DELIVER);
    Out reports[8];
    ck_assert_uint_le(n, 8);
    for (size_t i = 0; i < n; i++)
        reports[i] = keep(out_of(BYO_OUT_DELIVER, i));
    for (size_t i = 0; i < n; i++)
        give_peer_ack(&reports[i], ack);
    later(50);
    for (size_t i = 0; i < n; i++)
        drop(&reports[i]);
}

START_TEST(D2_when_it_was_accepted_and_who_took_its_reports)
{
    flow_start(NULL, NULL);
    Out seg = send_one();
    give_accepted(&seg);
    later(300);
    ck_assert_int_eq(segment_of(&seg).s.accepted_at, begun + 300);
    ck_assert_str_eq(past(), ""); /* nobody has it yet */
    take_reports(BYO_ACK_SUCCESS);
    ck_assert_str_eq(past(), "d0.8@350");
    give_delivered(&seg);
    later(650);
    ck_assert_int_eq(segment_of(&seg).s.accepted_at, begun + 300);
    take_reports(BYO_ACK_SUCCESS);
    ck_assert_ptr_nonnull(strstr(past(), "d0.8@350"));
    ck_assert_ptr_nonnull(strstr(past(), "d0.1@1050"));
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(D2_a_smsbox_that_refuses_or_asks_to_wait)
{
    flow_start(NULL, NULL);
    Out seg = send_one();
    give_accepted(&seg);
    later(100);
    take_reports(BYO_ACK_FAILED_TMP);
    ck_assert_str_eq(past(), ""); /* it comes again */
    wait_out(5000);
    take_reports(BYO_ACK_FAILED);
    ck_assert_int_eq(strncmp(past(), "x0.8@", 5), 0);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(D2_tries_before_the_last_one)
{
    flow_start("retry-delay = 1s\nretry-max-delay = 1s", NULL);
    Out seg = send_one();
    give_nack(&seg, "NACK/0x00000058/Throttling Error");
    later(100);
    ck_assert_str_eq(past(), "r1.1@100(0,-1)THROTTLED/88");
    wait_out(5000);
    drop(&seg);
    seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    ByoTime second = now - begun;
    give_accepted(&seg);
    later(100);
    give_report(&seg, BYO_DLR_FAIL,
                "id:1 sub:001 dlvrd:000 submit date:1 done date:1 stat:REJECTD err:0A1 text:", "1");
    later(100);
    char wanted[256];
    snprintf(wanted, sizeof wanted, "r1.1@100(0,-1)THROTTLED/88 r1.2@%lld(%lld,%lld)%.*s/0A1",
             (long long)second + 200, (long long)second, (long long)second + 100,
             BYO_PF(segment_of(&seg).verdict.code_cause));
    if (segment_of(&seg).s.state == BYO_SEG_QUEUED)
        ck_assert_str_eq(past(), wanted);
    else /* its map calls it final: the row tells it */
        ck_assert_str_eq(past(), "r1.1@100(0,-1)THROTTLED/88");
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(D2_a_hand_over_that_nobody_answered)
{
    flow_start(NULL, NULL);
    Out seg = send_one();
    give_nack(&seg, "NACK/no SMSC");
    later(100);
    ck_assert_str_eq(past(), "b1.1@100(0,-1)/");
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(D2_an_interim_receipt)
{
    flow_start(NULL, NULL);
    Out seg = send_one();
    give_accepted(&seg);
    later(100);
    give_report(&seg, BYO_DLR_BUFFERED,
                "id:1 sub:001 dlvrd:000 submit date:1 done date:1 stat:ENROUTE err:000 text:", "1");
    later(100);
    ck_assert_str_eq(past(), "i1.1@200");
    drop(&seg);
    flow_stop();
}
END_TEST

/* After a start nobody remembers which frame is which report: it says so itself. */
START_TEST(D2_a_report_that_waited_for_its_smsbox)
{
    flow_start(NULL, NULL);
    Out seg = send_one();
    give_peer_down(BOX1);
    give_accepted(&seg);
    turn();
    flow_reboot();
    ck_assert_str_eq(past(), "");
    give_peer_up(BOX1, "box1");
    later(500);
    take_reports(BYO_ACK_SUCCESS);
    ck_assert_int_eq(strncmp(past(), "d0.8@", 5), 0);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(D2_a_turn_that_is_not_kept_leaves_no_past)
{
    flow_start("retry-delay = 1s", NULL);
    Out seg = send_one();
    give_nack(&seg, "NACK/0x00000058/Throttling Error");
    turn_fails();
    ck_assert_str_eq(past(), "");
    turn();
    ck_assert_int_eq(strncmp(past(), "r1.1@", 5), 0);
    ck_assert_ptr_null(strchr(past(), ' ')); /* once */
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(D2_what_was_erased_gets_no_past)
{
    flow_start(NULL, NULL);
    Out seg = send_one();
    give_accepted(&seg);
    later(100);
    Out report = keep(out_of(BYO_OUT_DELIVER, 0));
    begin();
    byo_store_message_remove(store, message);
    commit();
    give_peer_ack(&report, BYO_ACK_SUCCESS);
    later(100);
    ck_assert_str_eq(past(), "");
    drop(&report);
    drop(&seg);
    flow_stop();
}
END_TEST

Suite *flow_past_suite(void)
{
    Suite *s = suite_create("flow past");
    TCase *t = tcase_create("past");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, D2_when_it_was_accepted_and_who_took_its_reports);
    tcase_add_test(t, D2_a_smsbox_that_refuses_or_asks_to_wait);
    tcase_add_test(t, D2_tries_before_the_last_one);
    tcase_add_test(t, D2_a_hand_over_that_nobody_answered);
    tcase_add_test(t, D2_an_interim_receipt);
    tcase_add_test(t, D2_a_report_that_waited_for_its_smsbox);
    tcase_add_test(t, D2_a_turn_that_is_not_kept_leaves_no_past);
    tcase_add_test(t, D2_what_was_erased_gets_no_past);
    suite_add_tcase(s, t);
    return s;
}
