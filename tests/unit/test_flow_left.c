/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers that left the inventory (field S4) and replies that do not go out (field S6). Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

#include "compliance/compliance_json.h"

/* In a transaction of its own, as the admin API does it: the tick follows. */
static void number_leaves(const char *digits)
{
    begin();
    ck_assert(byo_flow_number_remove(flow, &the_turn, digits));
    byo_flow_tick(flow, &the_turn);
    commit();
}

static void number_comes(const char *digits, const char *integration, const ByoCompliance *texts)
{
    ByoNumber n = {.type = BYO_NUMBER_LOCAL};
    ByoStoreResult result;
    ByoComplianceFault fault;
    ByoBuf json = {0};
    snprintf(n.digits, sizeof n.digits, "%s", digits);
    snprintf(n.integration, sizeof n.integration, "%s", integration);
    if (texts) {
        n.compliance = *texts;
        byo_compliance_text(texts, &json);
    }
    begin();
    ck_assert(byo_flow_number_put(flow, &the_turn, &n, byo_buf_str(&json), false, now, &result, &fault));
    ck_assert_int_eq(result, BYO_STORE_OK);
    commit();
    byo_buf_free(&json);
}

static bool take_one(void *arg, const ByoMessageRow *m)
{
    ByoMessageRow *out = arg;
    *out = *m;
    return false;
}

static ByoMessageRow newest_of(const char *recipient)
{
    ByoMessageRow m = {0};
    ByoMessageFilter filter = {.recipient = S(recipient), .state = -1, .limit = 1};
    ck_assert_int_eq(byo_store_messages(store, &filter, &filter.before, take_one, &m), BYO_STORE_OK);
    return m;
}

static void ck_ended(const char *recipient)
{
    ByoMessageRow m = newest_of(recipient);
    ck_assert_int_eq(m.state, BYO_MSG_FAILED);
    ck_assert_int_eq(m.verdict.code, BYO_CODE_PERMANENT);
    ck_text(m.verdict.code_cause, "SOURCE_ADDR_INVALID");
}

START_TEST(test_s4_what_waits_ends_with_its_number)
{
    flow_start(NULL, NULL);
    gate("carrier-a", false);
    for (int i = 0; i < 3; i++) {
        char to[32];
        snprintf(to, sizeof to, "+120255501%02d", 30 + i);
        ByoSms mt = an_mt("+" NUMBER_A, to, "waits");
        give_mt(BOX1, &mt);
        turn();
        ck_ack(0, BYO_ACK_BUFFERED);
    }
    number_leaves(NUMBER_A);
    turn();
    ck_ended("+12025550130");
    ck_ended("+12025550132");
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    gate("carrier-a", true);
    later(BYO_HOUR);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    flow_stop();
}
END_TEST

START_TEST(test_s4_not_by_the_old_integration)
{
    /* imported elsewhere, or at the same integration again, before anything could be looked through */
    static const char *const to[] = {"carrier-a", "carrier-b"};
    flow_start(NULL, NULL);
    gate("carrier-a", false);
    ByoSms mt = an_mt("+" NUMBER_A, PHONE, "waits");
    give_mt(BOX1, &mt);
    turn();
    begin();
    ck_assert(byo_flow_number_remove(flow, &the_turn, NUMBER_A));
    commit();
    number_comes(NUMBER_A, to[_i], NULL);
    flow_reboot(); /* and the process was stopped in between */
    gate("carrier-a", true);
    later(20);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_ended(PHONE);
    /* what is sent now has a sender */
    gate("carrier-b", true);
    give_peer_up(BOX1, "box1");
    give_link(BYO_LINK_OWN, true);
    byo_uuid_make(mt.id);
    give_mt(BOX1, &mt);
    wait_out(BYO_SECOND);
    ck_assert_int_eq(newest_of(PHONE).state, BYO_MSG_ACTIVE);
    ck_text(newest_of(PHONE).integration, to[_i]);
    flow_stop();
}
END_TEST

START_TEST(test_s4_a_retry_ends_too)
{
    flow_start("retry-delay = 30s", NULL);
    ByoSms mt = an_mt("+" NUMBER_A, PHONE, "tried again");
    give_mt(BOX1, &mt);
    turn();
    Out segment = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_own_ack(&segment, BYO_ACK_SUCCESS);
    turn();
    number_leaves(NUMBER_A); /* while it is with bearerbox */
    give_nack(&segment, "NACK/0x00000014/Message Queue Full");
    turn();
    later(BYO_HOUR);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_ended(PHONE);
    drop(&segment);
    flow_stop();
}
END_TEST

static bool first_row(void *arg, const ByoOptRow *o)
{
    char *text = arg;
    snprintf(text, 256, "%.*s: %.*s", BYO_PF(o->action), BYO_PF(o->answer));
    return false;
}

static const char *history(const char *number, char text[256])
{
    text[0] = 0;
    ByoOptFilter f = {.number = S(number), .recipients = {S(PHONE_DIGITS)}, .n_recipients = 1, .max = 1};
    byo_store_opt_history(store, &f, first_row, text);
    return text;
}

START_TEST(test_s4_a_stop_to_it_is_honoured)
{
    char text[256];
    flow_start(NULL, NULL);
    ByoCompliance texts = {0};
    ByoKeywordGroup *g = byo_compliance_add_group(&texts, BYO_KEYWORD_OPT_OUT, S("bye"));
    byo_compliance_add_keyword(g, S("NOMORE"));
    number_comes("12025550155", "carrier-a", &texts);
    number_leaves("12025550155");
    give_peer_up(ANON1, NULL);
    ByoSms mo = an_mo(PHONE, "+12025550155", _i ? "NoMore" : "Stop");
    give_mo(&mo);
    turn();
    ck_assert(byo_flow_opted_out(flow, S("12025550155"), S(PHONE)));
    ck_assert_str_eq(history("12025550155", text), "opt-out: not sent: the number left the inventory");
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "keyword"), "opt-out");
    /* an ordinary text to it is one for a number outside the inventory */
    int before = events[BYO_EVENT_UNKNOWN_NUMBER];
    mo = an_mo(PHONE, "+12025550155", "hello");
    give_mo(&mo);
    turn();
    ck_assert_int_eq(events[BYO_EVENT_UNKNOWN_NUMBER], before + 1);
    /* back in the inventory it stays opted out */
    number_comes("12025550155", "carrier-b", NULL);
    ByoSms mt = an_mt("+12025550155", PHONE, "hello again");
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_FAILED);
    byo_compliance_free(&texts);
    flow_stop();
}
END_TEST

START_TEST(test_s6_a_reply_no_charset_carries_is_told)
{
    char text[256];
    flow_advanced("{\"charsets\": [{\"dcs\": 0, \"charset\": \"GSM_0338\"}]}");
    flow_start("advanced-config = \"advanced.json\"", NULL);
    ByoCompliance texts = {0};
    ByoKeywordGroup *g = byo_compliance_add_group(
        &texts, BYO_KEYWORD_OPT_OUT, S("\xd0\x9e\xd1\x82\xd0\xbf\xd0\xb8\xd1\x81\xd0\xba\xd0\xb0"));
    byo_compliance_add_keyword(g, S("STOP"));
    number_comes("12025550155", "carrier-a", &texts);
    ByoSms mo = an_mo(PHONE, "+12025550155", "STOP");
    give_mo(&mo);
    turn();
    ck_assert(byo_flow_opted_out(flow, S("12025550155"), S(PHONE)));
    ck_assert_int_eq(events[BYO_EVENT_REPLY_FAILED], 1);
    ck_assert_int_eq(
        strncmp(history("12025550155", text), "opt-out: not sent: DATA_CODING_SCHEME_INVALID", 45), 0);
    byo_compliance_free(&texts);
    flow_stop();
}
END_TEST

START_TEST(test_s6_a_reply_that_fails_later_is_told)
{
    char text[256];
    flow_start(NULL, NULL);
    ByoSms mo = an_mo(PHONE, "+" NUMBER_A, _i ? "HELP" : "STOP");
    give_mo(&mo);
    turn();
    if (!_i)
        ck_assert_int_eq(strncmp(history(NUMBER_A, text), "opt-out: You have", 17), 0);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    Out segment = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_own_ack(&segment, BYO_ACK_SUCCESS);
    give_nack(&segment, "NACK/0x0000000b/Invalid Destination Address");
    turn();
    ck_assert_int_eq(events[BYO_EVENT_REPLY_FAILED], 1);
    if (!_i)
        ck_assert_int_eq(strncmp(history(NUMBER_A, text), "opt-out: not sent: DEST_ADDR_INVALID", 36), 0);
    drop(&segment);
    flow_stop();
}
END_TEST

Suite *flow_left_suite(void)
{
    Suite *s = suite_create("left");
    TCase *t = tcase_create("left");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_s4_what_waits_ends_with_its_number);
    tcase_add_loop_test(t, test_s4_not_by_the_old_integration, 0, 2);
    tcase_add_test(t, test_s4_a_retry_ends_too);
    tcase_add_loop_test(t, test_s4_a_stop_to_it_is_honoured, 0, 2);
    tcase_add_test(t, test_s6_a_reply_no_charset_carries_is_told);
    tcase_add_loop_test(t, test_s6_a_reply_that_fails_later_is_told, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
