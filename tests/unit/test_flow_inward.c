/* SPDX-License-Identifier: BSD-3-Clause
 * Reports and MOs on their way to smsboxes: kept until acked, oldest first, each to its own.
 * Threads: one. */
#include "flow_fixture.h"

#include "flow/inward_private.h"

#include "store/sqlite/sqlite_private.h"

#include <stdio.h>
#include <stdlib.h>

/* The texts delivered in this turn continue at *next; all of them to conn. */
static int take_in_order(int *next, ByoConnId conn)
{
    int n = 0;
    for (size_t k = 0; k < n_outs; k++) {
        if (outs[k].kind != BYO_OUT_DELIVER)
            continue;
        ck_assert_uint_eq(outs[k].conn, conn);
        ck_assert_int_eq(atoi(outs[k].sms.msgdata.p), (*next)++);
        n++;
    }
    return n;
}

START_TEST(test_window)
{
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    give_mos(0, BYO_PEER_WINDOW + 250);
    turn();
    int next = 0;
    ck_assert_int_eq(take_in_order(&next, ANON1), BYO_PEER_WINDOW);
    later(1000);
    ck_assert_int_eq(take_in_order(&next, ANON1), 0);
    ByoFlowStatus st;
    byo_flow_status(flow, &st, now);
    ck_assert_int_eq(st.inward, BYO_PEER_WINDOW + 250);
    ck_assert_int_eq(st.inward_in_flight, BYO_PEER_WINDOW);
    flow_stop();
}
END_TEST

/* What a smsbox does not read is in memory here: of long ones it has fewer. */
START_TEST(test_window_of_octets)
{
    enum { LONG = BYO_FRAME_MAX / 2, FIT = BYO_PEER_OCTETS / LONG };
    static char text[LONG];
    memset(text, 'x', sizeof text);
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    for (int i = 0; i < FIT + 5; i++) {
        ByoSms mo = an_mo(PHONE, NUMBER_A, "");
        text[snprintf(text, 20, "%d", i)] = ' ';
        mo.msgdata = byo_strn(text, sizeof text);
        give_mo(&mo);
    }
    turn();
    int next = 0;
    ck_assert_int_eq(take_in_order(&next, ANON1), FIT);
    Out first = keep(out_of(BYO_OUT_DELIVER, 0)), second = keep(out_of(BYO_OUT_DELIVER, 1));
    later(1000);
    ck_assert_int_eq(take_in_order(&next, ANON1), 0);
    give_peer_ack(&second, BYO_ACK_SUCCESS);
    turn_fails();
    turn();
    ck_assert_int_eq(take_in_order(&next, ANON1), 1);
    give_peer_ack(&first, BYO_ACK_FAILED_TMP);
    turn();
    give_peer_down(ANON1);
    give_peer_up(ANON2, NULL);
    turn();
    next = 0;
    ck_assert_int_eq(atoi(out_of(BYO_OUT_DELIVER, 0)->sms.msgdata.p), 0);
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), FIT);
    drop(&first);
    drop(&second);
    flow_stop();
}
END_TEST

static ByoStoreOps counting;
static int rows_read;
static int (*claim)(ByoStore *, bool, ByoStr, ByoId, int, void (*)(void *, const ByoInwardRow *), void *);

static int count_claimed(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                         void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    int n = claim(s, named, box, after, max, each, arg);
    rows_read += n;
    return n;
}

/* A smsbox that is behind gets one for each it acks: no more than that is read for it. */
START_TEST(test_no_more_is_read_than_given)
{
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    give_mos(0, 2 * BYO_PEER_WINDOW);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), BYO_PEER_WINDOW);
    const ByoStoreOps **ops = (const ByoStoreOps **)(void *)store, *real = *ops;
    counting = *real;
    claim = real->inward_claim;
    counting.inward_claim = count_claimed;
    *ops = &counting;
    int next = BYO_PEER_WINDOW;
    Out acked = keep(out_of(BYO_OUT_DELIVER, 0));
    for (int i = 0; i < 10; i++) {
        give_peer_ack(&acked, BYO_ACK_SUCCESS);
        turn();
        ck_assert_int_eq(take_in_order(&next, ANON1), 1);
        drop(&acked);
        acked = keep(out_of(BYO_OUT_DELIVER, 0));
    }
    drop(&acked);
    ck_assert_int_le(rows_read, 20);
    *ops = real;
    flow_stop();
}
END_TEST

/* With others connected, whose smsbox is missing must be told. */
START_TEST(test_who_is_missing)
{
    ByoFlowStatus st;
    flow_start(NULL, NULL);
    give_peer_up(BOX2, "box2");
    give_mos(0, 2);
    turn();
    byo_flow_status(flow, &st, now);
    ck_assert_uint_eq(st.n_absent, 1);
    ck_assert_str_eq(st.absent[0], "");
    ByoSms mt = an_mt("+12025550199", PHONE, "x"); /* refused: one report, for box1 */
    mt.smsc_id = S("carrier-a");
    give_mt(BOX1, &mt);
    turn();
    give_peer_down(BOX1);
    turn();
    byo_flow_status(flow, &st, now);
    ck_assert_uint_eq(st.n_absent, 2);
    ck_assert_str_eq(st.absent[st.absent[0][0] ? 0 : 1], "box1");
    give_peer_up(ANON1, NULL);
    give_peer_up(BOX1, "box1");
    turn();
    byo_flow_status(flow, &st, now);
    ck_assert_uint_eq(st.n_absent, 0);
    flow_stop();
}
END_TEST

START_TEST(test_all_in_order)
{
    flow_start(NULL, NULL);
    give_mos(0, 350);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0); /* nobody is there */
    give_peer_up(ANON1, NULL);
    turn();
    int next = 0, rounds = 0;
    while (next < 400 && rounds++ < 200) {
        take_in_order(&next, ANON1);
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_DELIVER)
                give_peer_ack(&outs[k], BYO_ACK_SUCCESS);
        if (rounds == 2)
            give_mos(350, 400);
        turn();
    }
    ck_assert_int_eq(next, 400);
    turn();
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    flow_stop();
}
END_TEST

START_TEST(test_goes_away)
{
    /* what a smsbox had not acked goes to another of the same destination, or waits */
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    give_mos(0, 5);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 5);
    give_peer_ack(out_of(BYO_OUT_DELIVER, 0), BYO_ACK_SUCCESS);
    give_peer_ack(out_of(BYO_OUT_DELIVER, 2), BYO_ACK_SUCCESS);
    give_peer_down(ANON1);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    give_peer_up(ANON2, NULL);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 3);
    static const char *const left[] = {"1", "3", "4"};
    for (size_t i = 0; i < 3; i++) {
        ck_text(out_of(BYO_OUT_DELIVER, i)->sms.msgdata, left[i]);
        give_peer_ack(out_of(BYO_OUT_DELIVER, i), BYO_ACK_SUCCESS);
    }
    turn();
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    flow_stop();
}
END_TEST

START_TEST(test_report_finds_another_of_its_id)
{
    flow_start(NULL, NULL);
    ByoSms mt = an_mt("+12025550199", PHONE, "x"); /* refused: one report */
    mt.smsc_id = S("carrier-a");
    give_mt(BOX1, &mt);
    give_peer_up(BOX2, "box2");
    give_peer_up(ANON1, NULL);
    turn();
    ck_assert_uint_eq(out_of(BYO_OUT_DELIVER, 0)->conn, BOX1);
    give_peer_down(BOX1);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0); /* box2 and the anonymous one are somebody else */
    give_peer_up(7, "box1");
    turn();
    ck_assert_uint_eq(out_of(BYO_OUT_DELIVER, 0)->conn, 7);
    flow_stop();
}
END_TEST

START_TEST(test_anonymous_report)
{
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    ByoSms mt = an_mt("+12025550199", PHONE, "x");
    mt.smsc_id = S("carrier-a");
    give_mt(ANON1, &mt);
    turn();
    ck_assert_uint_eq(out_of(BYO_OUT_DELIVER, 0)->conn, ANON1);
    ck_assert(out_of(BYO_OUT_DELIVER, 0)->sms.boxc_id.p == NULL);
    flow_stop();
}
END_TEST

START_TEST(test_try_later)
{
    /* nack 2: left alone for a while, and it comes first again */
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    give_mos(0, 3);
    turn();
    give_peer_ack(out_of(BYO_OUT_DELIVER, 0), BYO_ACK_SUCCESS);
    give_peer_ack(out_of(BYO_OUT_DELIVER, 1), BYO_ACK_FAILED_TMP);
    give_peer_ack(out_of(BYO_OUT_DELIVER, 2), BYO_ACK_FAILED_TMP);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    give_mos(3, 4);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    later(1500);
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    wait_out(1000);
    int next = 1;
    ck_assert_int_eq(take_in_order(&next, ANON1), 3);
    flow_stop();
}
END_TEST

START_TEST(test_refused_for_good)
{
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    give_mos(0, 1);
    turn();
    give_peer_ack(out_of(BYO_OUT_DELIVER, 0), BYO_ACK_FAILED);
    turn();
    ck_assert_int_eq(events[BYO_EVENT_SMSBOX_REFUSED], 1);
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    give_peer_down(ANON1);
    give_peer_up(ANON2, NULL);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    flow_stop();
}
END_TEST

START_TEST(test_routes)
{
    flow_start(NULL, "\ngroup = smsbox-route\nsmsbox-id = box1\nsmsc-id = carrier-a\n");
    give_peer_up(ANON1, NULL);
    give_mos(0, 1);
    ByoSms mo = an_mo(PHONE, NUMBER_B, "1");
    mo.smsc_id = S("carrier-b");
    give_mo(&mo);
    turn();
    ck_assert_uint_eq(out_of(BYO_OUT_DELIVER, 0)->conn, BOX1);
    ck_assert_uint_eq(out_of(BYO_OUT_DELIVER, 1)->conn, ANON1);
    /* one that came over a smsbox's own link is that smsbox's */
    mo = an_mo(PHONE, NUMBER_B, "2");
    ByoInput *in = give_sms(BYO_IN_SMS, &mo);
    in->conn = PAIR;
    in->link = BYO_LINK_PAIR;
    in->named = true;
    in->box = byo_strdup("box2");
    give_peer_up(BOX2, "box2");
    turn();
    ck_assert_uint_eq(out_of(BYO_OUT_DELIVER, 0)->conn, BOX2);
    flow_stop();
}
END_TEST

START_TEST(test_reboot)
{
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    give_mos(0, BYO_PEER_WINDOW + 150);
    turn();
    for (size_t i = 0; i < 10; i++)
        give_peer_ack(out_of(BYO_OUT_DELIVER, i), BYO_ACK_SUCCESS);
    turn();
    flow_reboot();
    give_peer_up(ANON2, NULL);
    turn();
    int next = 10;
    ck_assert_int_eq(take_in_order(&next, ANON2), BYO_PEER_WINDOW);
    flow_stop();
}
END_TEST

START_TEST(test_many_ids_are_forgotten)
{
    flow_start(NULL, NULL);
    for (int i = 0; i < 1000; i++) {
        char box[20];
        snprintf(box, sizeof box, "id%d", i);
        give_peer_up(5000, box);
        give_peer_down(5000);
        turn();
    }
    int n = 0;
    for (const ByoDestination *d = flow->inward->destinations; d; d = d->next)
        n++;
    ck_assert_int_le(n, 2);
    flow_stop();
}
END_TEST

/* A smsbox that never wants anything keeps nothing from another of its id. */
START_TEST(test_try_later_is_one_smsbox)
{
    flow_start(NULL, NULL);
    give_peer_up(ANON1, NULL);
    give_peer_up(ANON2, NULL);
    give_mos(0, 20);
    turn();
    bool came[20] = {false};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < n_outs; i++) {
            if (outs[i].kind != BYO_OUT_DELIVER)
                continue;
            bool good = outs[i].conn == ANON2;
            ck_assert(good || round == 0); /* it has two seconds to itself */
            came[atoi(outs[i].sms.msgdata.p)] |= good;
            give_peer_ack(&outs[i], good ? BYO_ACK_SUCCESS : BYO_ACK_FAILED_TMP);
        }
        turn();
    }
    for (int i = 0; i < 20; i++)
        ck_assert_msg(came[i], "MO %d", i);
    flow_stop();
}
END_TEST

Suite *flow_inward_suite(void)
{
    Suite *s = suite_create("flow, inward");
    TCase *t = tcase_create("inward");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_window);
    tcase_add_test(t, test_window_of_octets);
    tcase_add_test(t, test_no_more_is_read_than_given);
    tcase_add_test(t, test_who_is_missing);
    tcase_add_test(t, test_all_in_order);
    tcase_add_test(t, test_goes_away);
    tcase_add_test(t, test_report_finds_another_of_its_id);
    tcase_add_test(t, test_anonymous_report);
    tcase_add_test(t, test_try_later);
    tcase_add_test(t, test_refused_for_good);
    tcase_add_test(t, test_routes);
    tcase_add_test(t, test_reboot);
    tcase_add_test(t, test_many_ids_are_forgotten);
    tcase_add_test(t, test_try_later_is_one_smsbox);
    suite_add_tcase(s, t);
    return s;
}
