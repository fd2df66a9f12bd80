/* SPDX-License-Identifier: BSD-3-Clause
 * An MO's way in: once, in E.164 (P3), its keyword kept (K1-K5), marked, to its smsbox.
 * Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

static const char STOPPED[] =
    "You have successfully been unsubscribed. You will not receive any more messages from this "
    "number. Reply START to resubscribe.";

/* The MO goes to ANON1, a reply to bearerbox. */
static void receive(const char *from, const char *to, const char *text)
{
    ByoSms mo = an_mo(from, to, text);
    give_mo(&mo);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    ck_assert_str_eq(out_of(BYO_OUT_LINK_ACK, 0)->uuid, mo.id);
    ck_assert_int_eq(out_of(BYO_OUT_LINK_ACK, 0)->conn, ANON);
}

static void start(const char *carrier_a, const char *more)
{
    flow_start(carrier_a, more);
    give_peer_up(ANON1, NULL);
    turn();
}

static const struct {
    const char *row, *text;
    int coding;
    size_t n; /* octets of text; 0: its length */
    const char *mark, *reply;
    bool out;
} keywords[] = {
    {"ordinary", "please stop the music", 0, 0, "", NULL, false},
    {"K1", "HELP", 0, 0, "help", "Reply STOP to unsubscribe. Msg&Data Rates May Apply.", false},
    {"K1 folded", " info! ", 0, 0, "help", "Reply STOP to unsubscribe. Msg&Data Rates May Apply.", false},
    {"K2", "STOP", 0, 0, "opt-out", STOPPED, true},
    {"K2 UTF-16", "\0S\0t\0o\0p\0.", 2, 10, "opt-out", STOPPED, true},
    {"K3 while subscribed", "START", 0, 0, "opt-in", NULL, false},
    {"binary is no text", "STOP", 1, 0, "", NULL, false},
};

START_TEST(test_k1_k3_keywords)
{
    start(NULL, NULL);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "");
    mo.msgdata = byo_strn(keywords[_i].text, keywords[_i].n ? keywords[_i].n : strlen(keywords[_i].text));
    mo.coding = keywords[_i].coding;
    give_mo(&mo);
    turn();
    const Out *in = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_str_eq(byo_key(in, "keyword"), keywords[_i].mark);
    ck_assert_str_eq(byo_key(in, "integration"), "carrier-a");
    ck_assert_str_eq(byo_key(in, "number"), "+" NUMBER_A);
    ck_text(in->sms.sender, PHONE);
    ck_text(in->sms.receiver, "+" NUMBER_A);
    ck_assert(byo_str_eq(in->sms.msgdata, mo.msgdata));
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), keywords[_i].reply ? 1 : 0);
    if (keywords[_i].reply) {
        const Out *reply = out_of(BYO_OUT_SEGMENT, 0);
        ck_text(reply->sms.msgdata, keywords[_i].reply);
        ck_text(reply->sms.sender, NUMBER_A);
        ck_text(reply->sms.receiver, PHONE_DIGITS);
    }
    ck_assert_int_eq(byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)), keywords[_i].out);
    ck_assert_int_eq(byo_store_opted_out(store, S(NUMBER_A), S(PHONE_DIGITS)), keywords[_i].out);
    flow_stop();
}
END_TEST

START_TEST(test_k4_k5_opt_out)
{
    start("messages-per-second = 1", NULL);
    /* three wait for the pace, a fourth for another recipient */
    for (int i = 0; i < 4; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, "offer");
        give_mt(BOX1, &mt);
    }
    ByoSms other = an_mt(NUMBER_A, "+12025550124", "offer");
    give_mt(BOX1, &other);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    Out first = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_accepted(&first);
    turn();
    receive(PHONE, NUMBER_A, "STOP");
    ck_assert_int_eq(events[BYO_EVENT_OPT_OUT], 1);
    /* from now on nothing but the confirmation leaves to this phone */
    int confirmations = 0, others = 0, reports = 0;
    for (int i = 0; i < 500; i++) {
        for (size_t k = 0; k < n_outs; k++) {
            if (outs[k].kind == BYO_OUT_DELIVER && outs[k].conn == BOX1 &&
                outs[k].sms.dlr_mask == BYO_DLR_SMSC_FAIL) {
                ck_assert_str_eq(byo_key(&outs[k], "cause"), "RECIPIENT_OPTED_OUT");
                ck_assert_str_eq(byo_key(&outs[k], "code"), "7");
                reports++;
            }
            if (outs[k].kind != BYO_OUT_SEGMENT)
                continue;
            if (byo_str_is(outs[k].sms.receiver, PHONE_DIGITS)) {
                ck_text(outs[k].sms.msgdata, STOPPED);
                confirmations++;
            } else {
                others++;
            }
            give_accepted(&outs[k]);
        }
        later(20);
    }
    ck_assert_int_eq(confirmations, 1);
    ck_assert_int_eq(others, 1);
    ck_assert_int_eq(reports, 3);
    /* at accept: 403, stored, reported */
    ByoSms mt = an_mt(NUMBER_A, "001 202 555 0123", "offer");
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_FAILED);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "RECIPIENT_OPTED_OUT");
    /* the pair, not the phone */
    mt = an_mt(NUMBER_B, PHONE, "offer");
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_SUCCESS);
    /* a restart does not forget; a second STOP says nothing more; START takes it back */
    flow_reboot();
    ck_assert(byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    give_link(BYO_LINK_OWN, true);
    give_peer_up(ANON1, NULL);
    turn();
    receive(PHONE, NUMBER_A, "STOP");
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    receive(PHONE, NUMBER_A, "START");
    ck_assert(!byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    mt = an_mt(NUMBER_A, PHONE, "offer");
    give_mt(BOX1, &mt);
    turn();
    ck_assert_int_ne(out_of(BYO_OUT_PEER_ACK, 0)->nack, BYO_ACK_FAILED);
    drop(&first);
    flow_stop();
}
END_TEST

START_TEST(test_k5_retry_blocked)
{
    start("retry-delay = 5s", NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "offer");
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_nack(&seg, "NACK/Retries Exceeded");
    turn();
    receive(PHONE, NUMBER_A, "STOP");
    int to_phone = 0, told = 0;
    for (int i = 0; i < 500; i++) {
        for (size_t k = 0; k < n_outs; k++) {
            to_phone += outs[k].kind == BYO_OUT_SEGMENT && !byo_str_is(outs[k].sms.msgdata, STOPPED);
            told += outs[k].kind == BYO_OUT_DELIVER && outs[k].conn == BOX1;
        }
        later(20);
    }
    ck_assert_int_eq(to_phone, 0);
    ck_assert_int_eq(told, 1);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_again)
{
    /* bearerbox gives an MO again (same UUID): nothing happens twice, also after a restart */
    start(NULL, NULL);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "HELP");
    give_mo(&mo);
    give_mo(&mo);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 1);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 2);
    flow_reboot();
    give_link(BYO_LINK_OWN, true);
    give_mo(&mo);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    ByoFlowStatus st;
    byo_flow_status(flow, &st);
    ck_assert_int_eq(st.mo_repeated, 1);
    flow_stop();
}
END_TEST

START_TEST(test_reply_limit)
{
    start("messages-per-second = 100", "\ngroup = byo-compliance\nreply-limit = 3\n");
    int replies = 0;
    for (int i = 0; i < 6; i++) {
        if (i == 2) { /* a restart does not start the hour anew */
            flow_reboot();
            give_link(BYO_LINK_OWN, true);
            give_peer_up(ANON1, NULL);
            turn();
        }
        receive(PHONE, NUMBER_A, "HELP");
        ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "keyword"), "help");
        replies += (int)count_out(BYO_OUT_SEGMENT);
        now += 1000;
    }
    ck_assert_int_eq(replies, 3);
    ck_assert_int_eq(events[BYO_EVENT_REPLY_LIMIT], 1);
    flow_stop();
}
END_TEST

START_TEST(test_applications_own_answer)
{
    start(NULL, NULL);
    receive(PHONE, NUMBER_A, "STOP");
    receive(PHONE, NUMBER_A, "START");
    ByoSms mt = an_mt(NUMBER_A, PHONE, "You are welcome");
    mt.sms_type = BYO_MT_REPLY;
    give_mt(BOX1, &mt);
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_FAILED);
    ck_ack(1, BYO_ACK_FAILED);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "OPERATION_NOT_ALLOWED");
    ck_assert_int_eq(events[BYO_EVENT_ANSWER_REFUSED], 1);
    /* also after a restart */
    flow_reboot();
    give_link(BYO_LINK_OWN, true);
    give_mt(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_FAILED);
    /* a push is no answer */
    mt.sms_type = BYO_MT_PUSH;
    give_mt(BOX1, &mt);
    turn();
    ck_assert_int_ne(out_of(BYO_OUT_PEER_ACK, 0)->nack, BYO_ACK_FAILED);
    now += 6 * 60 * 1000;
    mt.sms_type = BYO_MT_REPLY;
    give_mt(BOX1, &mt);
    turn();
    ck_assert_int_ne(out_of(BYO_OUT_PEER_ACK, 0)->nack, BYO_ACK_FAILED);
    flow_stop();
}
END_TEST

static const struct {
    const char *row, *keys, *sender, *receiver, *from, *to;
    bool known;
} addresses[] = {
    {"TON 1: bearerbox added '+'", "", "+12025550123", "+" NUMBER_A, "+12025550123", "+" NUMBER_A, true},
    {"P3 no: digits are international", "", "12025550123", NUMBER_A, "+12025550123", "+" NUMBER_A, true},
    {"P3 yes: with '+'", "inbound-plus-prefix = yes", "+12025550123", "+" NUMBER_A, "+12025550123",
     "+" NUMBER_A, true},
    {"P3 yes: matched by digits all the same", "inbound-plus-prefix = yes", "+12025550123", NUMBER_A,
     "+12025550123", "+" NUMBER_A, true},
    {"short code", "", "12025550123", CODE_A, "+12025550123", CODE_A, true},
    {"an unknown number of ours", "", "12025550123", "12025550177", "+12025550123", "+12025550177", false},
    {"a sender that is none", "", "Somebody", NUMBER_A, "Somebody", "+" NUMBER_A, true},
};

START_TEST(test_p3_addresses)
{
    start(addresses[_i].keys, NULL);
    receive(addresses[_i].sender, addresses[_i].receiver, "HELP");
    const Out *in = out_of(BYO_OUT_DELIVER, 0);
    ck_text(in->sms.sender, addresses[_i].from);
    ck_text(in->sms.receiver, addresses[_i].to);
    ck_assert_int_eq(events[BYO_EVENT_UNKNOWN_NUMBER], !addresses[_i].known);
    /* nothing is replied to what is no phone, for an unknown number, or a short code without such a word */
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), addresses[_i].known &&
                                                      strcmp(addresses[_i].receiver, CODE_A) != 0 &&
                                                      addresses[_i].from[0] == '+');
    flow_stop();
}
END_TEST

START_TEST(test_short_code_words)
{
    start(NULL, NULL);
    receive(PHONE, CODE_A, "Arr\xc3\xaat");
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "keyword"), "opt-out");
    ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.msgdata, "Merci.");
    ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.sender, CODE_A);
    ck_assert(byo_flow_opted_out(flow, S(CODE_A), S(PHONE)));
    flow_stop();
}
END_TEST

START_TEST(test_own_number_writes)
{
    start(NULL, NULL);
    receive("+" NUMBER_B, NUMBER_A, "STOP");
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_assert(byo_flow_opted_out(flow, S(NUMBER_A), S(NUMBER_B)));
    flow_stop();
}
END_TEST

START_TEST(test_late_mo)
{
    start(NULL, NULL);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "STOP");
    mo.time -= 600; /* it lay with bearerbox */
    give_mo(&mo);
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    ck_assert(byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    flow_stop();
}
END_TEST

START_TEST(test_reply_outlives_queue_limit)
{
    start("queue-limit = 1", NULL);
    gate("carrier-a", false);
    ByoSms mt = an_mt(NUMBER_A, "+12025550124", "x");
    give_mt(BOX1, &mt);
    receive(PHONE, NUMBER_A, "STOP");
    gate("carrier-a", true);
    int confirmed = 0;
    for (int i = 0; i < 10; i++, later(100))
        for (size_t k = 0; k < n_outs; k++)
            confirmed += outs[k].kind == BYO_OUT_SEGMENT && byo_str_is(outs[k].sms.msgdata, STOPPED);
    ck_assert_int_eq(confirmed, 1);
    flow_stop();
}
END_TEST

START_TEST(test_marks_are_ours)
{
    /* what claims to be ours in a carrier's MO is not believed */
    start(NULL, NULL);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "hello");
    mo.meta_data = S("?byo?keyword=opt-out&number=1&?smpp?x=1&");
    give_mo(&mo);
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "keyword"), "");
    ck_text(byo_meta_get(&out_of(BYO_OUT_DELIVER, 0)->meta, "smpp", "x"), "1");
    flow_stop();
}
END_TEST

START_TEST(test_pass_through)
{
    /* an MO of another link is not touched, byte for byte */
    start(NULL, NULL);
    ByoSms mo = an_mo("12025550123", "999", "STOP");
    mo.smsc_id = S("old-link");
    mo.meta_data = S("?x?y=z&");
    ByoInput *in = give_mo(&mo);
    ByoBuf frame = {0};
    byo_buf_add(&frame, in->frame.p, in->frame.n);
    turn();
    ck_assert(byo_str_eq(byo_buf_str(&out_of(BYO_OUT_DELIVER, 0)->frame), byo_buf_str(&frame)));
    byo_buf_free(&frame);
    flow_stop();
}
END_TEST

Suite *flow_mo_suite(void)
{
    Suite *s = suite_create("flow, in");
    TCase *t = tcase_create("mo");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, test_k1_k3_keywords, 0, (int)(sizeof keywords / sizeof *keywords));
    tcase_add_test(t, test_k4_k5_opt_out);
    tcase_add_test(t, test_k5_retry_blocked);
    tcase_add_test(t, test_again);
    tcase_add_test(t, test_reply_limit);
    tcase_add_test(t, test_applications_own_answer);
    tcase_add_loop_test(t, test_p3_addresses, 0, (int)(sizeof addresses / sizeof *addresses));
    tcase_add_test(t, test_short_code_words);
    tcase_add_test(t, test_own_number_writes);
    tcase_add_test(t, test_late_mo);
    tcase_add_test(t, test_reply_outlives_queue_limit);
    tcase_add_test(t, test_marks_are_ours);
    tcase_add_test(t, test_pass_through);
    suite_add_tcase(s, t);
    return s;
}
