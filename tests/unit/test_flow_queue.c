/* SPDX-License-Identifier: BSD-3-Clause
 * What becomes of an MT that is taken: its ack, the queue's limit, another integration that shares the
 * number, the end of its validity. Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

/* -- acks ------------------------------------------------------------------------------------------*/

START_TEST(test_one_uuid_for_several)
{
    /* smsbox gives all recipients of a send one id: each is acked with it, each goes out under its own */
    flow_start("messages-per-second = 100", NULL);
    ByoSms mt = plain("x");
    static const char *const to[] = {"+12025550123", "+12025550124", "+12025550125"};
    for (int i = 0; i < 3; i++) {
        mt.receiver = S(to[i]);
        give_mt(BOX1, &mt);
    }
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_PEER_ACK), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(out_of(BYO_OUT_PEER_ACK, i)->uuid, mt.id);
    char ids[3][BYO_UUID_LEN + 1];
    int n = 0;
    for (int turns = 0; turns < 10; turns++, later(20))
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT) {
                memcpy(ids[n], outs[k].sms.id, sizeof ids[n]);
                for (int i = 0; i < n; i++)
                    ck_assert_str_ne(ids[i], ids[n]);
                n++;
            }
    ck_assert_int_eq(n, 3);
    flow_stop();
}
END_TEST

/* -- limits ----------------------------------------------------------------------------------------*/

/* What comes back in each report of each segment is not endless, and a refused giant is not kept whole. */
START_TEST(test_long_fields)
{
    static char long_text[1000000];
    memset(long_text, 'x', sizeof long_text);
    flow_start(NULL, NULL);
    ByoSms mt = plain("hello");
    size_t places[] = {offsetof(ByoSms, receiver),  offsetof(ByoSms, dlr_url), offsetof(ByoSms, account),
                       offsetof(ByoSms, meta_data), offsetof(ByoSms, udhdata), offsetof(ByoSms, msgdata)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        ByoSms huge = mt;
        byo_uuid_make(huge.id);
        *(ByoStr *)(void *)((char *)&huge + places[i]) = byo_strn(long_text, sizeof long_text);
        send_mt(BOX1, &huge);
        ck_ack(0, BYO_ACK_FAILED);
        const Out *report = out_of(BYO_OUT_DELIVER, 0);
        ck_assert_uint_lt(report->frame.n, 8192);
        ByoMessageRow row = message_of(report);
        ck_assert_uint_lt(row.frame.n, 8192);
        ck_assert_uint_le(row.recipient.n, 64);
        give_peer_ack(report, BYO_ACK_SUCCESS);
    }
    mt.dlr_url = byo_strn(long_text, 15000);
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_SUCCESS);
    flow_stop();
}
END_TEST

START_TEST(test_queue_limit)
{
    flow_start("queue-limit = 3", NULL);
    gate("carrier-a", false);
    for (int i = 0; i < 5; i++) {
        ByoSms mt = plain("x");
        give_mt(BOX1, &mt);
    }
    turn();
    for (size_t i = 0; i < 5; i++)
        ck_ack(i, i < 3 ? BYO_ACK_BUFFERED : BYO_ACK_FAILED_TMP);
    ck_assert_int_eq(events[BYO_EVENT_QUEUE_LIMIT], 1);
    ck_assert_int_eq(status_of("carrier-a").queued, 3);
    /* room again, and full again: told again */
    gate("carrier-a", true);
    for (int i = 0; i < 200; i++) {
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT)
                give_accepted(&outs[k]);
        later(20);
    }
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    gate("carrier-a", false);
    for (int i = 0; i < 5; i++) {
        ByoSms mt = plain("x");
        give_mt(BOX1, &mt);
    }
    turn();
    ck_ack(4, BYO_ACK_FAILED_TMP);
    ck_assert_int_eq(events[BYO_EVENT_QUEUE_LIMIT], 2);
    flow_stop();
}
END_TEST

START_TEST(test_l4_deleted)
{
    flow_start(NULL, NULL);
    gate("carrier-a", false);
    ByoSms mt = plain("x");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_BUFFERED);
    ByoFlowGate g = {.deleted = true};
    byo_flow_gate(flow, begin(), S("carrier-a"), &g);
    commit();
    mt = plain("y");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_FAILED);
    /* what waits ends with a final report */
    begin();
    while (byo_flow_drop_queue(flow, &the_turn, S("carrier-a"), 100))
        ;
    ck_assert_int_eq(byo_turn_commit(&the_turn), BYO_STORE_OK);
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    ck_assert_uint_eq(the_turn.out.n, 1);
    byo_turn_done(&the_turn);
    flow_stop();
}
END_TEST

static bool note_message(void *m, const ByoMessageRow *row)
{
    ((ByoMessageRow *)m)->id = row->id;
    return false;
}

static ByoMessageRow only_message(void)
{
    ByoMessageRow m = {0};
    byo_store_messages(store, &(ByoMessageFilter){.state = -1, .limit = 1}, &(ByoId){0}, note_message, &m);
    ck_assert_int_eq(byo_store_message(store, m.id, &m), BYO_STORE_OK);
    return m;
}

static void ck_unknown_outcome(void)
{
    ByoMessageRow m = only_message();
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, byo_id_segment(m.id, 1), &seg), BYO_STORE_OK);
    ck_assert_int_eq(seg.s.state, BYO_SEG_FAILED);
    ck_assert(seg.s.maybe_duplicate);
    ck_assert_int_eq(m.state, BYO_MSG_FAILED);
    ck_assert_int_eq(m.verdict.code, 1);
    ck_text(m.verdict.code_cause, "NETWORK_TIMEOUT");
    ck_assert_msg(m.verdict.description.n > 17 &&
                      memcmp(m.verdict.description.p, "outcome unknown: ", 17) == 0,
                  "%.*s", BYO_PF(m.verdict.description));
}

static void deleted_gate(void)
{
    ByoFlowGate g = {.deleted = true};
    byo_flow_gate(flow, begin(), S("carrier-a"), &g);
    commit();
}

/* (night F7) The integration is deleted while a segment is unanswered, and bearerbox gives it back. */
START_TEST(test_f7_deleted_with_a_segment_given_back)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("x");
    send_mt(BOX1, &mt);
    Out segment = keep(out_of(BYO_OUT_SEGMENT, 0));
    deleted_gate();
    give_nack(&segment, "NACK/no SMSC");
    turn();
    begin();
    while (byo_flow_drop_queue(flow, &the_turn, S("carrier-a"), 100))
        ;
    ck_assert_int_eq(byo_turn_commit(&the_turn), BYO_STORE_OK);
    ck_unknown_outcome();
    ck_assert_uint_eq(the_turn.out.n, 1);
    byo_turn_done(&the_turn);
    drop(&segment);
    flow_stop();
}
END_TEST

/* (night F7) And nobody says anything of it any more. */
START_TEST(test_f7_deleted_with_a_segment_unanswered)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("x");
    send_mt(BOX1, &mt);
    deleted_gate();
    begin();
    while (byo_flow_drop_handed(flow, &the_turn, S("carrier-a"), 100))
        ;
    ck_assert_int_eq(byo_turn_commit(&the_turn), BYO_STORE_OK);
    ck_unknown_outcome();
    byo_turn_done(&the_turn);
    flow_stop();
}
END_TEST

/* -- numbers shared by two integrations ----------------------------------------*/

static int through(const char *id)
{
    int n = 0;
    for (size_t k = 0; k < n_outs; k++)
        n += outs[k].kind == BYO_OUT_SEGMENT && byo_str_is(outs[k].sms.smsc_id, id);
    return n;
}

START_TEST(test_share_failover)
{
    flow_start(NULL, "shares-numbers-of = carrier-a\nshare = failover");
    ByoSms mt = plain("one");
    send_mt(BOX1, &mt);
    ck_assert_int_eq(through("carrier-a"), 1);
    gate("carrier-a", false);
    mt = plain("two");
    send_mt(BOX1, &mt);
    ck_assert_int_eq(through("carrier-b"), 1);
    ck_text(message_of(out_of(BYO_OUT_SEGMENT, 0)).integration, "carrier-b");
    /* a receipt over it finds its message, an MO over it its number */
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_accepted(&seg);
    turn();
    give_delivered(&seg);
    turn();
    ck_assert_int_eq(message_of(&seg).state, BYO_MSG_DELIVERED);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "hello");
    mo.smsc_id = S("carrier-b");
    give_mo(&mo);
    give_peer_up(ANON1, NULL);
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "integration"), "carrier-b");
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "number"), "+" NUMBER_A);
    drop(&seg);
    /* both away: it waits for the owner; the owner is back: through the owner */
    gate("carrier-b", false);
    mt = plain("three");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_BUFFERED);
    ck_assert_int_eq(status_of("carrier-a").queued, 1);
    gate("carrier-a", true);
    gate("carrier-b", true);
    wait_out(2000);
    ck_assert_int_eq(through("carrier-a"), 1);
    /* the other way round it is nobody's business */
    gate("carrier-b", false);
    mt = an_mt(NUMBER_B, PHONE, "four");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_BUFFERED);
    flow_stop();
}
END_TEST

START_TEST(test_share_load)
{
    flow_start("messages-per-second = 100",
               "messages-per-second = 50\nshares-numbers-of = carrier-a\nshare = load");
    int a = 0, b = 0;
    for (int i = 0; i < 900; i++) {
        char to[20];
        snprintf(to, sizeof to, "+1202555%04d", i % 300);
        ByoSms mt = an_mt(NUMBER_A, to, "x");
        give_mt(BOX1, &mt);
        later(30);
        a += through("carrier-a");
        b += through("carrier-b");
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT) {
                char url[64];
                snprintf(url, sizeof url, "%.*s", BYO_PF(outs[k].sms.dlr_url));
                give_accepted(&outs[k]);
            }
    }
    /* two to one, and a recipient always the same way */
    ck_assert_int_ge(a, 450);
    ck_assert_int_ge(b, 200);
    ck_assert_int_eq(a % 3, 0);
    ck_assert_int_eq(b % 3, 0);
    gate("carrier-a", false);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    send_mt(BOX1, &mt);
    wait_out(200);
    gate("carrier-b", false);
    gate("carrier-a", true);
    mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    int64_t before = status_of("carrier-a").total.segments_out;
    later(50);
    ck_assert_int_eq(status_of("carrier-a").total.segments_out, before + 1);
    flow_stop();
}
END_TEST

/* -- validity --------------------------------------------------------------------------------------*/

START_TEST(test_validity)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("too late");
    mt.validity = (int32_t)(now / 1000) - 1;
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_FAILED);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "EXPIRED");
    /* the queue is closed: it ends in time all the same, with its report */
    gate("carrier-a", false);
    mt = plain("wait");
    mt.validity = (int32_t)(now / 1000) + 60;
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_BUFFERED);
    later(59 * 1000);
    ck_assert_uint_eq(n_outs, 0);
    later(1000);
    const Out *r = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_str_eq(byo_key(r, "cause"), "EXPIRED");
    ck_assert_str_eq(byo_key(r, "code"), "4");
    ck_assert_int_eq(r->sms.dlr_mask, BYO_DLR_SMSC_FAIL);
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    flow_stop();
}
END_TEST

START_TEST(test_validity_back_in_queue_after_it)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("x");
    mt.validity = (int32_t)(now / 1000) + 10;
    send_mt(BOX1, &mt);
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    gate("carrier-a", false);
    later(20 * 1000);
    ck_assert_uint_eq(n_outs, 0);
    give_own_ack(&seg, BYO_ACK_FAILED_TMP); /* not taken, and its time is over */
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "EXPIRED");
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_validity_after_reboot)
{
    flow_start(NULL, NULL);
    gate("carrier-a", false);
    for (int i = 0; i < 700; i++) {
        ByoSms mt = plain("x");
        mt.validity = (int32_t)(now / 1000) + 60;
        mt.dlr_mask = 0;
        give_mt(BOX1, &mt);
    }
    turn();
    now += 3600 * 1000;
    flow_reboot();
    gate("carrier-a", false);
    turn();
    turn();
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    flow_stop();
}
END_TEST

Suite *flow_queue_suite(void)
{
    Suite *s = suite_create("flow, queue");
    TCase *t = tcase_create("queue");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_one_uuid_for_several);
    tcase_add_test(t, test_long_fields);
    tcase_add_test(t, test_queue_limit);
    tcase_add_test(t, test_l4_deleted);
    tcase_add_test(t, test_f7_deleted_with_a_segment_given_back);
    tcase_add_test(t, test_f7_deleted_with_a_segment_unanswered);
    tcase_add_test(t, test_share_failover);
    tcase_add_test(t, test_share_load);
    tcase_add_test(t, test_validity);
    tcase_add_test(t, test_validity_back_in_queue_after_it);
    tcase_add_test(t, test_validity_after_reboot);
    suite_add_tcase(s, t);
    return s;
}
