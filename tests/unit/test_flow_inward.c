/* SPDX-License-Identifier: BSD-3-Clause
 * Reports and MOs on their way to smsboxes: kept until acked, oldest first, each to its own.
 * Threads: one. */
#include "flow_fixture.h"

#include "flow/inward_private.h"

#include "store/sqlite/sqlite_private.h"

#include <stdio.h>
#include <stdlib.h>

static void give_mos(int from, int to)
{
    for (int i = from; i < to; i++) {
        char text[20];
        snprintf(text, sizeof text, "%d", i);
        ByoSms mo = an_mo(PHONE, NUMBER_A, text);
        give_mo(&mo);
    }
}

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
    give_mos(0, 750);
    turn();
    int next = 0;
    ck_assert_int_eq(take_in_order(&next, ANON1), 500);
    later(1000);
    ck_assert_int_eq(take_in_order(&next, ANON1), 0);
    ByoFlowStatus st;
    byo_flow_status(flow, &st, now);
    ck_assert_int_eq(st.inward, 750);
    ck_assert_int_eq(st.inward_in_flight, 500);
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
    give_mos(0, 650);
    turn();
    for (size_t i = 0; i < 10; i++)
        give_peer_ack(out_of(BYO_OUT_DELIVER, i), BYO_ACK_SUCCESS);
    turn();
    flow_reboot();
    give_peer_up(ANON2, NULL);
    turn();
    int next = 10;
    ck_assert_int_eq(take_in_order(&next, ANON2), 500);
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

/* Reports may wait for many smsboxes that left, not for endlessly many. */
START_TEST(test_too_many_ids_wait)
{
    flow_start(NULL, NULL);
    ByoSms mt = an_mt("+" NUMBER_A, "nobody", "x");
    int refused = 0;
    for (int i = 0; i < BYO_DESTINATIONS_MAX + 20; i++) {
        char box[20];
        snprintf(box, sizeof box, "id%d", i);
        give_peer_up(5000, box);
        ByoInput *in = give_mt(5000, &mt);
        in->named = true;
        in->box = byo_strdup(box);
        turn();
        refused += out_of(BYO_OUT_PEER_ACK, 0)->nack == BYO_ACK_FAILED_TMP;
        give_peer_down(5000);
        turn();
    }
    ck_assert_int_gt(refused, 0);
    ck_assert_uint_le(flow->inward->n_destinations, BYO_DESTINATIONS_MAX + 2);
    /* Those that were there before go on, and so does what asks for no report. */
    ByoSms good = an_mt("+" NUMBER_A, PHONE, "x");
    give_mt(BOX1, &good);
    turn();
    ck_assert_int_ne(out_of(BYO_OUT_PEER_ACK, 0)->nack, BYO_ACK_FAILED_TMP);
    give_peer_up(5000, "one more");
    turn();
    good.dlr_mask = 0;
    give_mt(5000, &good);
    turn();
    ck_assert_int_ne(out_of(BYO_OUT_PEER_ACK, 0)->nack, BYO_ACK_FAILED_TMP);
    flow_stop();
}
END_TEST

/* -- a smsbox that does not come (night F4) ----------------------------------------------------------*/

static ByoAck ack_of_mt(ByoConnId conn, const char *box, int mask)
{
    ByoSms mt = an_mt("+12025550199", PHONE, "x"); /* refused: one report */
    mt.smsc_id = S("carrier-a");
    mt.dlr_mask = mask;
    ByoInput *in = give_mt(conn, &mt);
    in->named = box != NULL;
    free(in->box);
    in->box = byo_strdup(box);
    turn();
    return out_of(BYO_OUT_PEER_ACK, 0)->nack;
}

START_TEST(test_f4_the_limit_is_each_smsboxs_own)
{
    flow_box_lines("inward-limit = 5\n");
    flow_start(NULL, NULL);
    give_peer_up(BOX2, "box2"); /* it acks nothing, and so does box1 */
    turn();
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(ack_of_mt(BOX2, "box2", 31), BYO_ACK_FAILED);
    ck_assert_int_eq(ack_of_mt(BOX2, "box2", 31), BYO_ACK_FAILED_TMP);
    ck_assert_int_eq(events[BYO_EVENT_QUEUE_LIMIT], 1);
    ck_assert_int_eq(ack_of_mt(BOX2, "box2", 0), BYO_ACK_FAILED);  /* without reports it may send on */
    ck_assert_int_eq(ack_of_mt(BOX1, "box1", 31), BYO_ACK_FAILED); /* the others do not notice */
    ByoSms mo = an_mo(PHONE, NUMBER_A, "taken");
    for (int i = 0; i < 20; i++)
        give_mo(&mo), mo.id[0] = (char)('a' + i % 6), mo.id[1] = (char)('0' + i % 10);
    turn();
    ck_assert_uint_ge(count_out(BYO_OUT_LINK_ACK), 10); /* MOs are taken beyond it */
    flow_box_lines("inward-limit = 1\n");
    flow_reboot(); /* a store that is fuller starts */
    give_peer_up(BOX2, "box2");
    turn();
    ck_assert_int_eq(ack_of_mt(BOX2, "box2", 31), BYO_ACK_FAILED_TMP);
    flow_box_lines("");
    flow_stop();
}
END_TEST

/* As if so many rows waited. */
static void inward_counted(int64_t n)
{
    int64_t key = 0;
    byo_counts_load(store->counts, BYO_COUNT_INWARD, byo_strn((const char *)&key, sizeof key), n);
}

START_TEST(test_f4_beyond_the_last_limit_mos_stay_unacked)
{
    if (flow_in_memory) /* SQLite's count is set */
        return;
    flow_start(NULL, NULL);
    int64_t really = byo_store_inward_count(store);
    inward_counted(BYO_INWARD_MAX);
    ck_assert_int_eq(ack_of_mt(BOX1, "box1", 31), BYO_ACK_FAILED_TMP);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "held");
    give_mo(&mo);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 0);
    turn_fails();
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 0);
    inward_counted(really);
    turn_fails();
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    ck_assert_int_eq(out_of(BYO_OUT_LINK_ACK, 0)->nack, BYO_ACK_SUCCESS);
    ck_assert_int_eq(byo_store_inward_count(store), really + 1);
    flow_stop();
}
END_TEST

static void mo_for(const char *box)
{
    ByoSms mo = an_mo(PHONE, NUMBER_A, "for somebody");
    mo.boxc_id = box ? S(box) : BYO_STR_NONE;
    give_mo(&mo);
    turn();
}

static void in_store(const char *sql)
{
    ck_assert_int_eq(sqlite3_exec(store->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* Rows wait for as many as the store has keys for. */
static void fill_smsbox_ids(void)
{
    in_store(
        "WITH RECURSIVE n(k) AS (SELECT max(key) + 1 FROM box UNION ALL SELECT k + 1 FROM n WHERE k < 32766)"
        " INSERT INTO box SELECT k, 'peer' || k FROM n;"
        "INSERT INTO inward SELECT (key << 48) + 1, x'00' FROM box WHERE name LIKE 'peer%'");
    store->counts->names[BYO_COUNT_BOX] = BYO_STORE_DESTINATIONS;
}

/* What is acked is kept: the store has keys for so many smsbox-ids and no more. Those that are there go on (night F4). */
START_TEST(test_f4_what_expired_waits_for_nobody)
{
    ByoFlowStatus st;
    flow_box_lines("inward-expiry = 2h\n");
    flow_start(NULL, NULL);
    ck_assert_int_eq(ack_of_mt(BOX1, "box1", 31), BYO_ACK_FAILED);
    give_peer_down(BOX1);
    later(BYO_HOUR);
    byo_flow_status(flow, &st, now);
    ck_assert_uint_eq(st.n_absent, 1);
    for (int i = 0; i < 180; i++)
        later(BYO_MINUTE);
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    byo_flow_status(flow, &st, now);
    ck_assert_uint_eq(st.n_absent, 0);
    flow_box_lines("");
    flow_stop();
}
END_TEST

/* One smsbox too many may ask for reports when another one is gone: without connecting anew. */
START_TEST(test_a_place_that_becomes_free)
{
    enum { LATE = 90000, TOO_LATE };
    flow_start(NULL, NULL);
    turn();
    for (int i = 0; flow->inward->n_destinations < BYO_DESTINATIONS_MAX; i++) {
        char box[20];
        snprintf(box, sizeof box, "id%d", i);
        give_peer_up(5000 + i, box);
        take_facts();
        turn_kept();
    }
    give_peer_up(LATE, "late");
    turn();
    ck_assert_int_eq(ack_of_mt(LATE, "late", 31), BYO_ACK_FAILED_TMP);
    give_peer_down(5000);
    turn();
    ck_assert_int_eq(ack_of_mt(LATE, "late", 31), BYO_ACK_FAILED);
    give_peer_up(TOO_LATE, "too late");
    turn();
    ck_assert_int_eq(ack_of_mt(TOO_LATE, "too late", 31), BYO_ACK_FAILED_TMP);
    flow_stop();
}
END_TEST

START_TEST(test_f4_beyond_the_last_smsbox_id_mos_stay_unacked)
{
    if (flow_in_memory) /* SQLite's count is set */
        return;
    flow_start(NULL, NULL);
    mo_for("one that is there");
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    int64_t really = store->counts->names[BYO_COUNT_BOX], rows = byo_store_inward_count(store);
    fill_smsbox_ids();
    mo_for("one too many");
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 0);
    ck_assert_int_eq(events[BYO_EVENT_QUEUE_LIMIT], 1);
    turn_fails();
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 0);
    mo_for("one that is there");
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    mo_for(NULL);
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    ck_assert_int_eq(byo_store_inward_count(store), rows + 2);
    in_store("DELETE FROM inward WHERE frame = x'00'");
    store->counts->names[BYO_COUNT_BOX] = really;
    turn_fails();
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    ck_assert_int_eq(byo_store_inward_count(store), rows + 3);
    flow_stop();
}
END_TEST

/* A smsbox-route may name the number as it came or in E.164: room is asked for where the MO goes (night F4). */
START_TEST(test_f4_room_is_asked_for_where_an_mo_goes)
{
    if (flow_in_memory) /* SQLite's count is set */
        return;
    flow_start(NULL, "\ngroup = smsbox-route\nsmsbox-id = there\nshortcode = " NUMBER_A
                     "\n\ngroup = smsbox-route\nsmsbox-id = elsewhere\nshortcode = +" NUMBER_A "\n");
    mo_for("there");
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    int64_t rows = byo_store_inward_count(store);
    fill_smsbox_ids();
    mo_for(NULL); /* for "elsewhere", which has no rows yet */
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 0);
    ck_assert_int_eq(byo_store_inward_count(store), rows);
    in_store("DELETE FROM inward WHERE frame = x'00'");
    store->counts->names[BYO_COUNT_BOX] = 1;
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("elsewhere")), 1);
    flow_stop();
}
END_TEST

START_TEST(test_f4_reports_expire_messages_do_not)
{
    flow_box_lines("inward-expiry = 2h\n");
    flow_start(NULL, NULL);
    give_peer_down(BOX1);
    turn();
    give_mos(0, 3);
    turn();
    for (int i = 0; i < 300; i++)
        ack_of_mt(BOX1, "box1", 31);
    ck_assert_int_eq(byo_store_inward_count(store), 303);
    later(BYO_HOUR);
    ck_assert_int_eq(byo_store_inward_count(store), 303);
    later(2 * BYO_HOUR);
    turn_fails();
    for (int i = 0; i < 10; i++)
        later(BYO_MINUTE);
    ck_assert_int_eq(byo_store_inward_count(store), 3); /* the MOs */
    ck_assert_int_ge(events[BYO_EVENT_INWARD_EXPIRED], 1);
    flow_box_lines("");
    flow_stop();
}
END_TEST

START_TEST(test_f4_messages_expire_where_it_was_set)
{
    flow_box_lines("inward-expiry-mo = 1h\n");
    flow_start(NULL, NULL);
    give_mos(0, 3);
    turn();
    for (int i = 0; i < 70; i++)
        later(BYO_MINUTE);
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    ck_assert_int_eq(events[BYO_EVENT_INWARD_EXPIRED], 1);
    flow_box_lines("");
    flow_stop();
}
END_TEST

Suite *flow_inward_suite(void)
{
    Suite *s = suite_create("flow, inward");
    TCase *t = tcase_create("inward");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_window);
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
    tcase_add_test(t, test_f4_the_limit_is_each_smsboxs_own);
    tcase_add_test(t, test_f4_beyond_the_last_limit_mos_stay_unacked);
    tcase_add_test(t, test_f4_what_expired_waits_for_nobody);
    tcase_add_test(t, test_a_place_that_becomes_free);
    tcase_add_test(t, test_f4_beyond_the_last_smsbox_id_mos_stay_unacked);
    tcase_add_test(t, test_f4_room_is_asked_for_where_an_mo_goes);
    tcase_add_test(t, test_f4_reports_expire_messages_do_not);
    tcase_add_test(t, test_f4_messages_expire_where_it_was_set);
    tcase_add_test(t, test_too_many_ids_wait);
    suite_add_tcase(s, t);
    return s;
}
