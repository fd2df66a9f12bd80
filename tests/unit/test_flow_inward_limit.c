/* SPDX-License-Identifier: BSD-3-Clause
 * A smsbox that does not come (night F4): how much may wait, for how many of them, for how long.
 * Threads: one. */
#include "flow_fixture.h"

#include "flow/inward_private.h"

#include "store/sqlite/sqlite_private.h"

#include <stdio.h>
#include <stdlib.h>

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

Suite *flow_inward_limit_suite(void)
{
    Suite *s = suite_create("flow, inward limit");
    TCase *t = tcase_create("inward_limit");
    tcase_set_timeout(t, 120);
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
