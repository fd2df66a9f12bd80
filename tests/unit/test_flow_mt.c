/* SPDX-License-Identifier: BSD-3-Clause
 * An MT's way out: whose it is (spec N6), whether it may go (spec K5), its addresses (spec P3-P8), its ack.
 * Threads: one. */
#include "flow_fixture.h"

/* -- whose is it (spec N6) ------------------------------------------------------------------------------*/

static const struct {
    const char *row, *from, *smsc, *cause, *through;
} owners[] = {
    {"N6: a number of ours", "+" NUMBER_A, NULL, NULL, "carrier-a"},
    {"N6: digits alone", NUMBER_A, NULL, NULL, "carrier-a"},
    {"N6: typed by a person", "+1 (202) 555-0100", NULL, NULL, "carrier-a"},
    {"N6: the other integration's", "+" NUMBER_B, NULL, NULL, "carrier-b"},
    {"N6: a short code", CODE_A, NULL, NULL, "carrier-a"},
    {"N6: smsc= names its own", "+" NUMBER_A, "carrier-a", NULL, "carrier-a"},
    {"N6: smsc= names something of the installation", "+" NUMBER_A, "elsewhere", NULL, "carrier-a"},
    {"N6: smsc= names an integration of other numbers", "+" NUMBER_A, "carrier-b", "OPERATION_NOT_ALLOWED",
     NULL},
    {"N6: smsc= with a number of nobody", "+12025550199", "carrier-a", "SOURCE_ADDR_INVALID", NULL},
    {"N6: an unlisted sender", "+12025550199", NULL, "SOURCE_ADDR_INVALID", NULL},
    {"P16: an alphanumeric sender", "Sender", "carrier-a", "SOURCE_ADDR_INVALID", NULL},
};

START_TEST(test_n6_owner)
{
    flow_start(NULL, NULL);
    ByoSms mt = an_mt(owners[_i].from, PHONE, "hello");
    if (owners[_i].smsc)
        mt.smsc_id = S(owners[_i].smsc);
    send_mt(BOX1, &mt);
    if (owners[_i].cause) {
        ck_ack(0, BYO_ACK_FAILED);
        ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
        const Out *report = out_of(BYO_OUT_DELIVER, 0);
        ck_assert_str_eq(byo_key(report, "cause"), owners[_i].cause);
        ck_assert_int_eq(report->sms.dlr_mask, BYO_DLR_SMSC_FAIL);
        ck_assert_int_eq(message_of(report).state, BYO_MSG_FAILED);
    } else {
        ck_ack(0, BYO_ACK_SUCCESS);
        ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.smsc_id, owners[_i].through);
    }
    ck_assert_str_eq(out_of(BYO_OUT_PEER_ACK, 0)->uuid, mt.id);
    flow_stop();
}
END_TEST

START_TEST(test_n6_router)
{
    flow_start(NULL, NULL);
    ByoInventory *inv = byo_inventory_create();
    ByoNumber n = {.digits = NUMBER_A, .integration = "carrier-a"};
    byo_inventory_put(inv, NULL, &n, NULL, 0);
    const char *ids[] = {"carrier-a", "carrier-b"};
    byo_inventory_set_ids(inv, ids, 2, false);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    ck_assert_int_eq(byo_inventory_route(inv, &mt, false), BYO_ROUTE_OURS);
    mt.sender = S("Somebody");
    ck_assert_int_eq(byo_inventory_route(inv, &mt, false), BYO_ROUTE_PASS);
    mt.smsc_id = S("carrier-b");
    ck_assert_int_eq(byo_inventory_route(inv, &mt, false), BYO_ROUTE_OURS);
    mt.smsc_id = S("old-link");
    byo_inventory_set_ids(inv, ids, 2, true);
    ck_assert_int_eq(byo_inventory_route(inv, &mt, false), BYO_ROUTE_OURS);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "x");
    mo.smsc_id = S("old-link");
    ck_assert_int_eq(byo_inventory_route(inv, &mo, true), BYO_ROUTE_OURS);
    mo.receiver = S("+12025550199");
    ck_assert_int_eq(byo_inventory_route(inv, &mo, true), BYO_ROUTE_PASS);
    mo.receiver = S(NUMBER_A);
    mo.sms_type = BYO_REPORT_MO;
    ck_assert_int_eq(byo_inventory_route(inv, &mo, true), BYO_ROUTE_PASS);
    ck_assert(byo_inventory_remove(inv, NULL, NUMBER_A) && !byo_inventory_remove(inv, NULL, NUMBER_A));
    byo_inventory_destroy(inv);
    flow_stop();
}
END_TEST

START_TEST(test_n6_receives_for)
{
    flow_start("bind-type = transmitter", "\ngroup = byo-smpp\nintegration-id = carrier-r\nsmsc-address = "
                                          "a.example\nsystem-id = a\npassword = a\n"
                                          "bind-type = receiver\nreceives-for = carrier-a\n");
    ByoSms mt = plain("x");
    mt.smsc_id = S("carrier-r");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_FAILED);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "OPERATION_NOT_ALLOWED");
    mt = plain("x");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_SUCCESS);
    flow_stop();
}
END_TEST

static const struct {
    const char *typed, *wanted; /* NULL: refused */
} recipients[] = {
    {"+12025550123", "12025550123"},
    {"12025550123", "12025550123"},
    {"0012025550123", "12025550123"},
    {"+1 202-555 0123", "12025550123"},
    {"02025550123", NULL},
    {"+1 (202) 555-0123", NULL},
    {"1.202.555.0123", NULL},
    {"phone", NULL},
    {"", NULL},
    {"+1", NULL},
};

START_TEST(test_recipients)
{
    flow_start(NULL, NULL);
    ByoSms mt = an_mt(NUMBER_A, recipients[_i].typed, "x");
    send_mt(BOX1, &mt);
    if (recipients[_i].wanted) {
        ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.receiver, recipients[_i].wanted);
    } else {
        ck_ack(0, BYO_ACK_FAILED);
        ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "DEST_ADDR_INVALID");
    }
    flow_stop();
}
END_TEST

/* -- addresses (spec P3-P8) -----------------------------------------------------------------------------*/

/* TON and NPI come as meta-data where they are not 0, which the rendered group says. NULL: not there. */

static const struct {
    const char *row, *keys, *from, *source, *ton, *npi, *dton, *dnpi;
} addresses[] = {
    {"P4 no", "", NUMBER_A, NUMBER_A, NULL, NULL, NULL, NULL},
    {"P4 yes", "outbound-plus-prefix = yes", NUMBER_A, "+" NUMBER_A, NULL, NULL, NULL, NULL},
    {"P4 yes, short code", "outbound-plus-prefix = yes", CODE_A, CODE_A, NULL, NULL, NULL, NULL},
    {"P5 P6", "address-ton = 5\naddress-npi = 18", NUMBER_A, NUMBER_A, "5", "18", NULL, NULL},
    {"P7 P8", "destination-ton = 1\ndestination-npi = 1", NUMBER_A, NUMBER_A, NULL, NULL, "1", "1"},
};

static void ck_smpp(const ByoMeta *meta, const char *key, const char *wanted)
{
    ByoStr value = byo_meta_get(meta, "smpp", key);
    if (wanted)
        ck_text(value, wanted);
    else
        ck_assert_msg(!value.p, "%s is there", key);
}

START_TEST(test_p3_p8_addresses)
{
    flow_start(addresses[_i].keys, NULL);
    ByoSms mt = an_mt(addresses[_i].from, PHONE, "x");
    mt.meta_data =
        S("?smpp?source_addr_ton=3&dest_addr_npi=9&data_coding=245&dlr_err=x&my_tlv=%01A&?billing?job=7&");
    send_mt(BOX1, &mt);
    const Out *o = out_of(BYO_OUT_SEGMENT, 0);
    ck_text(o->sms.sender, addresses[_i].source);
    ck_text(o->sms.receiver, PHONE_DIGITS);
    ck_smpp(&o->meta, "source_addr_ton", addresses[_i].ton);
    ck_smpp(&o->meta, "source_addr_npi", addresses[_i].npi);
    ck_smpp(&o->meta, "dest_addr_ton", addresses[_i].dton);
    ck_smpp(&o->meta, "dest_addr_npi", addresses[_i].dnpi);
    /* the application's own keys go out, but those */
    ck_text(byo_meta_get(&o->meta, "smpp", "my_tlv"), "\001A");
    ck_assert(byo_meta_get(&o->meta, "smpp", "data_coding").p == NULL);
    ck_assert(byo_meta_get(&o->meta, "smpp", "dlr_err").p == NULL);
    ck_assert(byo_meta_get(&o->meta, "billing", "job").p == NULL);
    flow_stop();
}
END_TEST

START_TEST(test_nothing_to_say_is_no_meta_data)
{
    flow_start(NULL, NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    mt.meta_data = S("?billing?job=7&");
    send_mt(BOX1, &mt);
    ck_assert_uint_eq(out_of(BYO_OUT_SEGMENT, 0)->sms.meta_data.n, 0);
    flow_stop();
}
END_TEST

START_TEST(test_written_again)
{
    /* A smsbox that lost its link writes again what it has no ack of: acked as before, never sent twice. */
    flow_start("messages-per-second = 100", NULL);
    ByoSms mt = an_mt("+" NUMBER_A, PHONE, "once"), other = mt, bad = an_mt("+12025550999", PHONE, "refused");
    other.receiver = BYO_STR("+12025550124"); /* of the same request, with its UUID */
    give_mt(BOX1, &mt);
    give_mt(BOX1, &other);
    give_mt(BOX1, &mt); /* in the same turn */
    give_mt(BOX1, &bad);
    turn();
    ByoAck first = out_of(BYO_OUT_PEER_ACK, 0)->nack;
    ck_assert_int_ne(first, BYO_ACK_FAILED);
    ck_ack(2, first);
    ck_ack(3, BYO_ACK_FAILED);
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 1);
    size_t segments = count_out(BYO_OUT_SEGMENT);
    later(1000);
    ck_assert_uint_eq(segments + count_out(BYO_OUT_SEGMENT), 2);
    give_mt(BOX1, &mt); /* in another one */
    later(1000);
    ck_ack(0, first);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    flow_reboot();
    give_link(BYO_LINK_OWN, true);
    give_mt(BOX1, &mt);
    give_mt(BOX1, &other);
    give_mt(BOX1, &bad);
    later(1000);
    for (size_t i = 0; i < 3; i++)
        ck_ack(i, i < 2 ? BYO_ACK_BUFFERED : BYO_ACK_FAILED);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    ByoFlowStatus st;
    byo_flow_status(flow, &st, now);
    ck_assert_int_eq(st.total.mt_repeated, 3);
    /* another smsbox's is another one, and so is a new UUID */
    give_mt(BOX2, &mt);
    give_mt(ANON1, &mt);
    byo_uuid_make(mt.id);
    give_mt(BOX1, &mt);
    segments = 0;
    for (int i = 0; i < 10; i++) {
        later(100);
        segments += count_out(BYO_OUT_SEGMENT);
    }
    ck_assert_uint_eq(segments, 3);
    flow_stop();
}
END_TEST

START_TEST(test_try_again_is_not_taken)
{
    /* What was answered "try again" is new when it comes again. */
    flow_start("queue-limit = 1", NULL);
    gate("carrier-a", false);
    ByoSms first = an_mt("+" NUMBER_A, PHONE, "1"), second = an_mt("+" NUMBER_A, PHONE, "2");
    give_mt(BOX1, &first);
    give_mt(BOX1, &second);
    turn();
    ck_ack(0, BYO_ACK_BUFFERED);
    ck_ack(1, BYO_ACK_FAILED_TMP);
    gate("carrier-a", true);
    later(2000);
    give_mt(BOX1, &second);
    turn();
    ck_assert_int_ne(out_of(BYO_OUT_PEER_ACK, 0)->nack, BYO_ACK_FAILED_TMP);
    flow_stop();
}
END_TEST

/* -- test messages -------------------------------------------------------------------------------------*/

static ByoTestDone test_message(const char *number, const char *recipient, const char *text)
{
    ByoTestMessage m = {S(number), S(recipient), S(text), S("tess")};
    ByoTestDone done;
    byo_flow_test_message(flow, begin(), &m, &done);
    commit();
    return done;
}

START_TEST(test_a_test_message_obeys_what_an_mt_obeys)
{
    ByoMessageRow m;
    flow_start("queue-limit = 1", NULL);
    ByoTestDone done = test_message(NUMBER_A, "2025550123", "hello");
    ck_assert_int_eq(done.outcome, BYO_TEST_TAKEN);
    ck_assert_int_eq(status_of("carrier-a").total.segments_out, 1);
    ck_assert_int_eq(byo_store_message(store, done.id, &m), BYO_STORE_OK);
    ck_text(m.recipient, PHONE);
    ck_assert_int_eq(m.keyword, 0);
    ByoOptRequest opt = {S(NUMBER_A), S(PHONE), true, S("admin"), S("asked")};
    ByoOptDone opted;
    ck_assert(byo_flow_opt(flow, begin(), &opt, &opted));
    commit();
    done = test_message(NUMBER_A, PHONE, "hello");
    ck_assert_int_eq(done.outcome, BYO_TEST_REFUSED);
    ck_assert_int_eq(byo_store_message(store, done.id, &m), BYO_STORE_OK);
    ck_text(m.verdict.code_cause, "RECIPIENT_OPTED_OUT");
    gate("carrier-a", false);
    ck_assert_int_eq(test_message(NUMBER_A, "+12025550124", "one").outcome, BYO_TEST_TAKEN);
    done = test_message(NUMBER_A, "+12025550125", "two");
    ck_assert_int_eq(done.outcome, BYO_TEST_LATER);
    ck_assert_int_eq(done.id, 0);
    ck_assert_int_eq(test_message("12025550199", "+12025550125", "two").outcome, BYO_TEST_NO_NUMBER);
    byo_flow_drain(flow, begin(), true, S("admin"));
    commit();
    ck_assert_int_eq(test_message(NUMBER_A, "+12025550125", "two").outcome, BYO_TEST_DRAINING);
    ck_counts();
    flow_stop();
}
END_TEST

Suite *flow_mt_suite(void)
{
    Suite *s = suite_create("flow, out");
    TCase *t = tcase_create("mt");
    tcase_set_timeout(t, 120);
#define LOOP(test, table) tcase_add_loop_test(t, test, 0, (int)(sizeof table / sizeof *table))
    LOOP(test_n6_owner, owners);
    tcase_add_test(t, test_written_again);
    tcase_add_test(t, test_try_again_is_not_taken);
    tcase_add_test(t, test_n6_router);
    tcase_add_test(t, test_n6_receives_for);
    LOOP(test_recipients, recipients);
    LOOP(test_p3_p8_addresses, addresses);
    tcase_add_test(t, test_nothing_to_say_is_no_meta_data);
    tcase_add_test(t, test_a_test_message_obeys_what_an_mt_obeys);
    suite_add_tcase(s, t);
    return s;
}
