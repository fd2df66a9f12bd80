/* SPDX-License-Identifier: BSD-3-Clause
 * What may never happen: after a failed commit or a death nothing acked is lost, nothing is done twice.
 * Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

START_TEST(test_failed_mt)
{
    flow_start(NULL, NULL);
    int64_t mt_before = status_of("carrier-a").total.mt;
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    turn_fails();
    /* "try again", at once, and nothing sent */
    ck_assert_uint_eq(n_outs, 1);
    ck_ack(0, BYO_ACK_FAILED_TMP);
    ck_assert_str_eq(out_of(BYO_OUT_PEER_ACK, 0)->uuid, mt.id);
    ck_assert_int_eq(byo_flow_unacked(flow), 0);
    ck_assert_int_eq(status_of("carrier-a").total.mt, mt_before);
    ck_assert_int_eq(status_of("carrier-a").total.segments_out, 0);
    wait_out(1000);
    ck_assert_uint_eq(n_outs, 0);
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_SUCCESS);
    flow_stop();
}
END_TEST

START_TEST(test_a_mt_written_again_in_trouble)
{
    /* it was taken: "try again" would make the application send it twice */
    flow_start(NULL, NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x"), other = an_mt(NUMBER_A, PHONE, "y");
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_SUCCESS);
    give_mt(BOX1, &mt);
    give_mt(BOX1, &other);
    turn_fails();
    ck_assert_uint_eq(n_outs, 2);
    ck_ack(0, BYO_ACK_SUCCESS);
    ck_ack(1, BYO_ACK_FAILED_TMP);
    ByoFlowStatus st;
    byo_flow_status(flow, &st, now);
    ck_assert_int_eq(st.total.mt_repeated, 1);
    ck_assert_int_eq(st.refused[0].n, 1);
    flow_stop();
}
END_TEST

START_TEST(test_failed_acks)
{
    /* acks and reports of a failed turn come again: what they do is done once */
    flow_start("messages-per-second = 100", NULL);
    Out seg[3];
    for (int i = 0; i < 3; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
        give_mt(BOX1, &mt);
        later(50);
        seg[i] = keep(out_of(BYO_OUT_SEGMENT, 0));
    }
    ck_assert_int_eq(byo_flow_unacked(flow), 3);
    give_accepted(&seg[0]);
    give_own_ack(&seg[1], BYO_ACK_SUCCESS);
    for (int i = 0; i < 4; i++) {
        turn_fails();
        ck_assert_uint_eq(n_outs, 0);
        ck_assert_int_eq(byo_flow_unacked(flow), 1); /* bearerbox has them: a fact, taken once */
    }
    turn();
    ck_assert_int_eq(byo_flow_unacked(flow), 1);
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 1);
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    for (int i = 0; i < 3; i++)
        drop(&seg[i]);
    flow_stop();
}
END_TEST

START_TEST(test_failed_stop)
{
    /* an opt-out that could not be kept is none; its reply goes out once, and counts once */
    flow_start(NULL, "\ngroup = byo-compliance\nreply-limit = 2\n");
    give_peer_up(ANON1, NULL);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "STOP"), help = an_mo("+12025550124", NUMBER_A, "HELP");
    give_mo(&mo);
    give_mo(&help);
    for (int i = 0; i < 5; i++) {
        turn_fails();
        ck_assert_uint_eq(n_outs, 0);
        ck_assert(!byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    }
    turn();
    ck_assert(byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 2);
    size_t replies = count_out(BYO_OUT_SEGMENT);
    for (int i = 0; i < 20; i++) {
        later(50);
        replies += count_out(BYO_OUT_SEGMENT);
    }
    ck_assert_uint_eq(replies, 2);
    ByoFlowStatus st;
    byo_flow_status(flow, &st, now);
    ck_assert_int_eq(st.total.mo_repeated, 0);
    flow_stop();
}
END_TEST

START_TEST(test_failed_start_word)
{
    flow_start(NULL, NULL);
    ByoSms stop = an_mo(PHONE, NUMBER_A, "STOP");
    give_mo(&stop);
    turn();
    ByoSms in = an_mo(PHONE, NUMBER_A, "START");
    give_mo(&in);
    turn_fails();
    ck_assert(byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    turn();
    ck_assert(!byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    flow_stop();
}
END_TEST

START_TEST(test_failed_numbers)
{
    flow_start(NULL, NULL);
    begin();
    ByoNumber n = {.digits = "12025550155", .integration = "carrier-a"};
    ByoStoreResult result;
    ByoComplianceFault fault;
    ck_assert(byo_flow_number_put(flow, &the_turn, &n, BYO_STR(""), false, now, &result, &fault));
    ck_assert_int_eq(byo_flow_numbers_remove(flow, &the_turn, S("carrier-b")), 1);
    ByoOptRequest opt = {S(NUMBER_A), S("12025550124"), true, S("me"), S("test")};
    ByoOptDone done;
    ck_assert(byo_flow_opt(flow, &the_turn, &opt, &done) && done.changed);
    byo_turn_undo(&the_turn);
    ByoSms mt = an_mt("12025550155", PHONE, "x");
    give_mt(BOX1, &mt);
    mt = an_mt(NUMBER_B, PHONE, "x");
    give_mt(BOX1, &mt);
    mt = an_mt(NUMBER_A, "+12025550124", "x");
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_FAILED);
    ck_ack(1, BYO_ACK_SUCCESS);
    ck_ack(2, BYO_ACK_SUCCESS);
    flow_stop();
}
END_TEST

START_TEST(test_number_with_bad_texts)
{
    flow_start(NULL, NULL);
    ByoNumber n = {.digits = "12025550155", .integration = "carrier-a"};
    byo_compliance_add_pattern(&n.compliance, S("("));
    ByoStoreResult result;
    ByoComplianceFault fault;
    begin();
    ck_assert(!byo_flow_number_put(flow, &the_turn, &n, BYO_STR("{}"), false, now, &result, &fault));
    commit();
    ByoNumberRow row;
    ck_assert_int_eq(byo_store_number(store, S("12025550155"), &row), BYO_STORE_NONE);
    byo_number_free(&n);
    flow_stop();
}
END_TEST

START_TEST(test_failed_deliveries)
{
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    turn();
    ByoSms mo = an_mo(PHONE, NUMBER_A, "1");
    give_mo(&mo);
    turn_fails();
    ck_assert_uint_eq(n_outs, 0);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 1);
    /* its ack is lost with a turn, and comes again */
    give_peer_ack(out_of(BYO_OUT_DELIVER, 0), BYO_ACK_SUCCESS);
    turn_fails();
    ck_assert_int_eq(byo_store_inward_count(store), 1);
    turn();
    ck_assert_uint_eq(n_outs, 0);
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    /* "try later" of a failed turn */
    mo = an_mo(PHONE, NUMBER_A, "2");
    give_mo(&mo);
    turn();
    give_peer_ack(out_of(BYO_OUT_DELIVER, 0), BYO_ACK_FAILED_TMP);
    turn_fails();
    turn();
    wait_out(3000);
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 1);
    flow_stop();
}
END_TEST

START_TEST(test_failed_links)
{
    flow_start(NULL, NULL);
    ByoFlowStatus st;
    give_link(BYO_LINK_OWN, false);
    turn_fails();
    byo_flow_status(flow, &st, now);
    ck_assert(!st.own_up); /* a fact, whatever becomes of the turn */
    turn();
    byo_flow_status(flow, &st, now);
    ck_assert(!st.own_up && st.unacked == 0);
    ck_assert_int_eq(events[BYO_EVENT_BEARERBOX_LOST],
                     2); /* told in the turn that failed, too: its event is gone with it */
    give_link(BYO_LINK_OWN, true);
    turn_fails();
    turn();
    byo_flow_status(flow, &st, now);
    ck_assert(st.own_up);
    flow_stop();
}
END_TEST

START_TEST(test_failed_retry)
{
    flow_start("retry-delay = 5s", NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_nack(&seg, "NACK/Retries Exceeded");
    turn_fails();
    ck_assert_int_eq(segment_of(&seg).s.state, BYO_SEG_HANDED);
    turn();
    ck_assert_int_eq(segment_of(&seg).s.state, BYO_SEG_QUEUED);
    for (ByoTime end = now + 8000; now < end;) { /* the hand-over fails to be kept: nothing leaves */
        now += 50;
        turn_fails();
        ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    }
    wait_out(2000);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    ck_assert_int_eq(segment_of(&seg).s.tries, 2);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_failed_expiry)
{
    flow_start(NULL, NULL);
    gate("carrier-a", false);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    mt.validity = (int32_t)(now / 1000) + 10;
    give_mt(BOX1, &mt);
    turn();
    now += 20 * 1000;
    turn_fails();
    ck_assert_uint_eq(n_outs, 0);
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "EXPIRED");
    flow_stop();
}
END_TEST

START_TEST(test_reboot)
{
    /* what is queued, handed over and accepted at the death goes on after it */
    flow_start("messages-per-second = 2", NULL);
    for (int i = 0; i < 4; i++) {
        char to[20];
        snprintf(to, sizeof to, "+1202555%04d", 100 + i);
        ByoSms mt = an_mt(NUMBER_A, to, "x");
        give_mt(BOX1, &mt);
    }
    turn();
    Out a = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_accepted(&a);
    turn();
    wait_out(2000);
    Out b = keep(out_of(BYO_OUT_SEGMENT, 0));
    flow_reboot();
    ck_counts();
    ck_assert_int_eq(status_of("carrier-a").queued, 2);
    ck_assert_int_eq(status_of("carrier-a").handed, 1);
    give_link(BYO_LINK_OWN, true);
    give_peer_up(BOX1, "box1");
    turn();
    /* the one with bearerbox waits for its answer; the queued ones go */
    int sent = 0;
    for (ByoTime end = now + 5000; now < end;) {
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT) {
                ck_assert(!byo_str_eq(outs[k].sms.receiver, b.sms.receiver));
                sent++;
                give_accepted(&outs[k]);
            }
        later(50);
    }
    ck_assert_int_eq(sent, 2);
    give_accepted(&b);
    give_delivered(&b);
    give_delivered(&a);
    turn();
    ck_assert_int_eq(message_of(&a).state, BYO_MSG_DELIVERED);
    ck_assert_int_eq(message_of(&b).state, BYO_MSG_DELIVERED);
    drop(&a);
    drop(&b);
    flow_stop();
}
END_TEST

START_TEST(test_reload)
{
    flow_start("messages-per-second = 1", NULL);
    for (int i = 0; i < 3; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
        give_mt(BOX1, &mt);
    }
    turn();
    flow_reload("messages-per-second = 50\nreports = both", NULL);
    ck_counts();
    ck_assert_double_gt(status_of("carrier-a").rate_configured, 49);
    ck_assert(status_of("carrier-a").open);
    size_t sent = 0;
    for (int i = 0; i < 20; i++) {
        later(20);
        sent += count_out(BYO_OUT_SEGMENT);
    }
    ck_assert_uint_eq(sent, 2);
    flow_stop();
}
END_TEST

START_TEST(test_orphan)
{
    /* a damaged store: a segment without its message ends, and stops nothing */
    flow_start(NULL, NULL);
    gate("carrier-a", false);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    turn();
    ByoId id;
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), now, &id, 1), 1);
    byo_store_begin(store);
    ByoMessageRow m = {
        .id = byo_store_new_id(store, now), .integration = S("carrier-a"), .tally.segments = 1};
    ByoSegmentRow seg = {.id = m.id + 256 + 1};
    byo_store_message_add(store, &m, &seg, 1); /* the segment is another message's, which is not there */
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    flow_reboot();
    give_link(BYO_LINK_OWN, true);
    turn();
    later(100);
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    flow_stop();
}
END_TEST

Suite *flow_fault_suite(void)
{
    Suite *s = suite_create("flow, faults");
    TCase *t = tcase_create("faults");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_failed_mt);
    tcase_add_test(t, test_a_mt_written_again_in_trouble);
    tcase_add_test(t, test_failed_acks);
    tcase_add_test(t, test_failed_stop);
    tcase_add_test(t, test_failed_start_word);
    tcase_add_test(t, test_failed_numbers);
    tcase_add_test(t, test_number_with_bad_texts);
    tcase_add_test(t, test_failed_deliveries);
    tcase_add_test(t, test_failed_links);
    tcase_add_test(t, test_failed_retry);
    tcase_add_test(t, test_failed_expiry);
    tcase_add_test(t, test_reboot);
    tcase_add_test(t, test_reload);
    tcase_add_test(t, test_orphan);
    suite_add_tcase(s, t);
    return s;
}
