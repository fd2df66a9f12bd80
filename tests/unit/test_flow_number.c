/* SPDX-License-Identifier: BSD-3-Clause
 * Whose number is this, in the journeys: senders, destinations, recipients and opt-outs in every spelling
 * (field C01-C04, C32, S3, S7).
 * Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

#define NUMBER_GB "447700900200" /* of carrier-a */
#define TON2 "?mo?source_addr_ton=2&dest_addr_ton=2&"

static void start(const char *carrier_a)
{
    ByoNumber gb = {.digits = NUMBER_GB, .integration = "carrier-a", .type = BYO_NUMBER_MOBILE};
    ByoStoreResult result;
    ByoComplianceFault fault;
    flow_start(carrier_a, NULL);
    begin();
    ck_assert(byo_flow_number_put(flow, &the_turn, &gb, BYO_STR(""), false, now, &result, &fault));
    commit();
    give_peer_up(ANON1, NULL);
    turn();
}

/* An MO; meta as a bearerbox with mo-raw gives it, NULL: stock. */
static void receive(const char *from, const char *to, const char *text, const char *meta)
{
    ByoSms mo = an_mo(from, to, text);
    mo.meta_data = byo_str(meta);
    mo.smsc_id = S("carrier-a");
    give_mo(&mo);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
}

/* What becomes of an MT: "" is taken, else the cause. */
static const char *send(const char *from, const char *to)
{
    static char cause[64];
    ByoSms mt = an_mt(from, to, "offer");
    give_mt(BOX1, &mt);
    turn();
    if (out_of(BYO_OUT_PEER_ACK, 0)->nack != BYO_ACK_FAILED)
        return "";
    snprintf(cause, sizeof cause, "%s", byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"));
    return cause;
}

static const char BLOCKED[] = "RECIPIENT_OPTED_OUT", NOWHERE[] = "DEST_ADDR_INVALID";

/* A STOP as it comes; who is opted out of which number, who else is covered. */
static const struct {
    const char *row, *carrier_a, *from, *meta, *to, *number, *recipient, *also;
} stops[] = {
    {"C01 stock", NULL, "2025550177", NULL, NUMBER_A, NUMBER_A, "+12025550177", "+2025550177"},
    {"C01 mo-raw", NULL, "2025550177", TON2, NUMBER_A, NUMBER_A, "+12025550177", "+2025550177"},
    {"C03 our number national", NULL, PHONE, TON2, "2025550100", NUMBER_A, PHONE, NULL},
    {"C03 stock", NULL, PHONE, NULL, "2025550100", NUMBER_A, PHONE, NULL},
    {"C03 national prefix", NULL, "+447700900179", TON2, "07700900200", NUMBER_GB, "+447700900179", NULL},
    {"C03 trunk zero", NULL, "+447700900179", NULL, "+4407700900200", NUMBER_GB, "+447700900179", NULL},
    {"C03 both national", NULL, "07700900179", TON2, "07700900200", NUMBER_GB, "+447700900179", NULL},
    {"C04", NULL, "447700900179", NULL, NUMBER_A, NUMBER_A, "+447700900179", NULL},
    {"home-country", "home-country = de", "015112345678", NULL, NUMBER_A, NUMBER_A, "+4915112345678", NULL},
    {"home-country, two readings", "home-country = DE", "33612345678", NULL, NUMBER_A, NUMBER_A,
     "+33612345678", "+4933612345678"},
    {"C02 Mexico", NULL, "+5215512345678", NULL, NUMBER_A, NUMBER_A, "+5215512345678", "+525512345678"},
    {"C02 Mexico, the other form", NULL, "+525512345678", NULL, NUMBER_A, NUMBER_A, "+525512345678",
     "+5215512345678"},
    {"C02 Argentina", NULL, "+541123456789", NULL, NUMBER_A, NUMBER_A, "+541123456789", "+5491123456789"},
    {"C02 Brazil", NULL, "+551187654321", NULL, NUMBER_A, NUMBER_A, "+551187654321", "+5511987654321"},
};

START_TEST(C01_C02_C03_C04_a_stop_counts)
{
    const char *number = stops[_i].number, *recipient = stops[_i].recipient;
    start(stops[_i].carrier_a);
    receive(stops[_i].from, stops[_i].to, "STOP", stops[_i].meta);
    const Out *in = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_str_eq(byo_key(in, "keyword"), "opt-out");
    ck_text(in->sms.sender, recipient);
    ck_assert_str_eq(byo_key(in, "number") + 1, number);
    /* one confirmation, to the reading acted on */
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.receiver, recipient + 1);
    ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.sender, number);
    ck_assert_int_eq(events[BYO_EVENT_OPT_OUT], 1);
    ck_assert_str_eq(send(number, recipient), BLOCKED);
    if (stops[_i].also)
        ck_assert_str_eq(send(number, stops[_i].also), BLOCKED);
    /* not for another number of ours */
    ck_assert_str_eq(send(strcmp(number, NUMBER_A) ? NUMBER_A : NUMBER_GB, recipient), "");
    /* after a restart, and until a START from the same digits */
    flow_reboot();
    give_link(BYO_LINK_OWN, true);
    give_peer_up(ANON1, NULL);
    give_peer_up(BOX1, "box1");
    turn();
    ck_assert_str_eq(send(number, recipient), BLOCKED);
    receive(stops[_i].from, stops[_i].to, "START", stops[_i].meta);
    ck_assert_str_eq(send(number, recipient), "");
    if (stops[_i].also)
        ck_assert_str_eq(send(number, stops[_i].also), "");
    flow_stop();
}
END_TEST

/* START takes what its own STOP added, never what the other reading made itself. */
START_TEST(C01_start_lifts_only_its_own)
{
    start(NULL);
    receive("+2025550177", NUMBER_A, "STOP", NULL); /* the Egyptian one, itself */
    receive("2025550177", NUMBER_A, "STOP", NULL);
    ck_assert_str_eq(send(NUMBER_A, "+12025550177"), BLOCKED);
    receive("2025550177", NUMBER_A, "START", NULL);
    ck_assert_str_eq(send(NUMBER_A, "+12025550177"), "");
    ck_assert_str_eq(send(NUMBER_A, "+2025550177"), BLOCKED);
    receive("+2025550177", NUMBER_A, "START", NULL);
    ck_assert_str_eq(send(NUMBER_A, "+2025550177"), "");
    flow_stop();
}
END_TEST

/* One that is only covered says STOP itself: it is recorded and confirmed, and stays when the other lifts. */
START_TEST(C01_a_covered_reading_speaks_for_itself)
{
    start(NULL);
    receive("2025550177", NUMBER_A, "STOP", NULL);
    receive("+2025550177", NUMBER_A, "STOP", NULL);
    if (count_out(BYO_OUT_SEGMENT) == 0) /* its turn comes by the pace */
        wait_out(BYO_SECOND);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.receiver, "2025550177");
    receive("+2025550177", NUMBER_A, "STOP", NULL);
    wait_out(BYO_SECOND);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    receive("2025550177", NUMBER_A, "START", NULL);
    ck_assert_str_eq(send(NUMBER_A, "+2025550177"), BLOCKED);
    ck_assert_str_eq(send(NUMBER_A, "+12025550177"), "");
    flow_stop();
}
END_TEST

/* A commit that fails changes nothing; the MO is given again. */
START_TEST(C01_a_failed_turn_changes_nothing)
{
    start(NULL);
    ByoSms mo = an_mo("2025550177", NUMBER_A, "STOP");
    give_mo(&mo);
    turn_fails();
    ck_assert(!byo_flow_opted_out(flow, S(NUMBER_A), S("+12025550177")));
    ck_assert(!byo_flow_opted_out(flow, S(NUMBER_A), S("+2025550177")));
    turn();
    ck_assert(byo_flow_opted_out(flow, S(NUMBER_A), S("+12025550177")));
    ck_assert(byo_flow_opted_out(flow, S(NUMBER_A), S("+2025550177")));
    flow_stop();
}
END_TEST

static const struct {
    const char *row, *to, *destination; /* NULL: refused */
} recipients[] = {
    {"C32", "2025550123", "12025550123"},
    {"C32 with dashes", "202-555-0123", "12025550123"},
    {"E.164", "+12025550123", "12025550123"},
    {"the own calling code", "12025550123", "12025550123"},
    {"C04", "+4407700900179", "447700900179"},
    {"C02 as the application wrote it", "+5215512345678", "5215512345678"},
    {"C02 plans grow", "+2290166123456", "2290166123456"},
    {"no reading", "5550123", NULL},
    {"no reading", "9992025550123", NULL},
    {"a short code", "54321", NULL},
    {"a short code of Finland's", "16100", NULL},
};

START_TEST(C32_recipients)
{
    start(NULL);
    ck_assert_str_eq(send(NUMBER_A, recipients[_i].to), recipients[_i].destination ? "" : NOWHERE);
    if (recipients[_i].destination) {
        const Out *segment = out_of(BYO_OUT_SEGMENT, 0);
        ck_text(segment->sms.receiver, recipients[_i].destination);
    }
    flow_stop();
}
END_TEST

/* MOs as today: sender, what the application gets as sender. */
static const struct {
    const char *carrier_a, *from, *meta, *sender;
} senders[] = {
    {"home-country = DE", "4915112345678", NULL, "+4915112345678"},
    {"home-country = DE", "4915112345678", TON2, "+4915112345678"},
    {"home-country = DE", "33612345678", NULL, "+33612345678"},
    {"home-country = DE", "33612345678", TON2, "+33612345678"},
    {"home-country = RU", "84912345678", NULL, "+84912345678"},
    {"home-country = RU", "84912345678", TON2, "+84912345678"},
    {NULL, "MyBank", NULL, "MyBank"},
    {NULL, "9992025550123", TON2, "9992025550123"},
    {NULL, "54321", TON2, "54321"},
};

START_TEST(senders_of_mos)
{
    start(senders[_i].carrier_a);
    receive(senders[_i].from, NUMBER_A, "hello", senders[_i].meta);
    ck_text(out_of(BYO_OUT_DELIVER, 0)->sms.sender, senders[_i].sender);
    flow_stop();
}
END_TEST

/* A keyword that cannot be acted on: an event, and an ordinary message for the application. */
static const char *const nobodies[] = {"16100", "54321", "MyBank", "9992025550123", "12"};

START_TEST(S3_keyword_of_no_phone)
{
    start("home-country = FI");
    receive(nobodies[_i], NUMBER_A, "STOP", NULL);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "keyword"), "");
    ck_text(out_of(BYO_OUT_DELIVER, 0)->sms.sender, nobodies[_i]);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_assert_int_eq(events[BYO_EVENT_KEYWORD_NOT_ACTED], 1);
    ck_assert_int_eq(events[BYO_EVENT_OPT_OUT], 0);
    flow_stop();
}
END_TEST

/* -- by hand, and what older versions stored ---------------------------------------------------------*/

static ByoOptDone by_hand(const char *number, const char *recipient, bool out)
{
    ByoOptRequest req = {S(number), S(recipient), out, S("me"), S("test")};
    ByoOptDone done;
    begin();
    bool readable = byo_flow_opt(flow, &the_turn, &req, &done);
    commit();
    ck_assert_int_eq(readable, done.number[0] && done.recipient[0]);
    return done;
}

START_TEST(C01_C04_opt_outs_by_hand)
{
    start(NULL);
    ByoOptDone done = by_hand("2025550100", "2025550177", true);
    ck_assert_str_eq(done.number, NUMBER_A);
    ck_assert_str_eq(done.recipient, "+12025550177");
    ck_assert(done.changed);
    ck_assert_str_eq(send(NUMBER_A, "+12025550177"), BLOCKED);
    ck_assert_str_eq(send(NUMBER_A, "+2025550177"), BLOCKED);
    ck_assert(!by_hand(NUMBER_A, "+12025550177", true).changed);
    ck_assert(by_hand("+" NUMBER_A, "+12025550177", false).changed);
    ck_assert_str_eq(send(NUMBER_A, "+2025550177"), "");
    ck_assert(!by_hand(NUMBER_A, "+12025550177", false).changed);
    ck_assert_str_eq(by_hand(NUMBER_GB, "07700900179", true).recipient, "+447700900179");
    ck_assert_str_eq(by_hand("447700900999", "07700900178", true).recipient, "+447700900178");
    ck_assert_str_eq(by_hand(NUMBER_A, "nobody", true).recipient, "");
    ck_assert_str_eq(by_hand("nobody", "+12025550177", true).number, "");
    flow_stop();
}
END_TEST

/* A row as a version stored it; whom it must block after the upgrade. */
static const struct {
    const char *row, *number, *stored, *blocked, *not_blocked;
} old_rows[] = {
    {"0.1: bare digits as if international", NUMBER_A, "2025550177", "+12025550177", "+12025550178"},
    {"0.1: the row itself", NUMBER_A, "2025550177", "+2025550177", "+2025550178"},
    {"0.1: with the trunk zero", NUMBER_A, "4407700900179", "+447700900179", "+447700900178"},
    {"0.1: two readings", NUMBER_GB, "2079460958", "+442079460958", "+442079460959"},
    {"C02: either form of libphonenumber", NUMBER_A, "5215512345678", "+525512345678", "+525512345679"},
    {"C02: either form of libphonenumber", NUMBER_A, "525512345678", "+5215512345678", "+5215512345679"},
    {"C02: Argentina", NUMBER_A, "5491123456789", "+541123456789", "+541123456788"},
    {"C02: Brazil", NUMBER_A, "551187654321", "+5511987654321", "+5511987654322"},
    {"never +49 4915", NUMBER_A, "4915112345678", "+4915112345678", "+494915112345678"},
    {"plain", NUMBER_A, "12025550177", "2025550177", "+2025550177"},
};

START_TEST(C02_C04_stored_rows_gain_the_new_rules)
{
    start(NULL);
    ByoOptRow row = {.number = S(old_rows[_i].number),
                     .recipient = S(old_rows[_i].stored),
                     .action = S("opt-out"),
                     .text = S("STOP"),
                     .answer = S(""),
                     .who = S("recipient")};
    begin();
    byo_store_opt_add(store, &row, now);
    byo_store_setting_put(store, "reading-rules",
                          BYO_STR_NONE); /* what the first start of this version finds */
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    for (int start_again = 0; start_again < 2; start_again++) {
        flow_reboot();
        ByoBuf rules = {0};
        ck_assert(byo_store_setting(store, "reading-rules", &rules));
        byo_buf_free(&rules);
        give_link(BYO_LINK_OWN, true);
        give_peer_up(BOX1, "box1");
        give_peer_up(ANON1, NULL);
        turn();
        ck_assert_str_eq(send(old_rows[_i].number, old_rows[_i].blocked), BLOCKED);
        ck_assert_str_eq(send(old_rows[_i].number, old_rows[_i].not_blocked), "");
    }
    /* and it is lifted by a START of the number as it is written today */
    receive(old_rows[_i].blocked, old_rows[_i].number, "START", NULL);
    ck_assert_str_eq(send(old_rows[_i].number, old_rows[_i].blocked), "");
    flow_stop();
}
END_TEST

#define N(a) (int)(sizeof(a) / sizeof((a)[0]))

Suite *flow_number_suite(void)
{
    Suite *suite = suite_create("flow, whose number");
    TCase *t = tcase_create("numbers");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, C01_C02_C03_C04_a_stop_counts, 0, N(stops));
    tcase_add_test(t, C01_start_lifts_only_its_own);
    tcase_add_test(t, C01_a_covered_reading_speaks_for_itself);
    tcase_add_test(t, C01_a_failed_turn_changes_nothing);
    tcase_add_loop_test(t, C32_recipients, 0, N(recipients));
    tcase_add_loop_test(t, senders_of_mos, 0, N(senders));
    tcase_add_loop_test(t, S3_keyword_of_no_phone, 0, N(nobodies));
    tcase_add_test(t, C01_C04_opt_outs_by_hand);
    tcase_add_loop_test(t, C02_C04_stored_rows_gain_the_new_rules, 0, N(old_rows));
    suite_add_tcase(suite, t);
    return suite;
}
