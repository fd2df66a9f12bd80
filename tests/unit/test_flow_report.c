/* SPDX-License-Identifier: BSD-3-Clause
 * Reports (spec D1-D3, D12): which the application gets, in which order, what stands in them.
 * Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static void delivered(const Out *s)
{
    give_accepted(s);
    give_delivered(s);
}
static void interim(const Out *s)
{
    give_accepted(s);
    give_report(s, BYO_DLR_BUFFERED, "id:1 stat:ENROUTE err:000 text:", "1");
    give_report(s, BYO_DLR_BUFFERED, "id:1 stat:ENROUTE err:000 text:", "1");
    give_delivered(s);
    give_delivered(s); /* twice is once */
}
static void early(const Out *s)
{
    give_delivered(s); /* before the answer to the submit */
    give_accepted(s);
}
static void refused(const Out *s)
{
    give_nack(s, "NACK/0x0000000b/Invalid Destination Address");
}
static void undelivered(const Out *s)
{
    give_accepted(s);
    give_report(s, BYO_DLR_FAIL, "id:1 sub:001 dlvrd:000 stat:EXPIRED err:A1B text:", "1");
}
static void listed(const Out *s)
{
    give_own_ack(s, BYO_ACK_FAILED);
    give_report(s, BYO_DLR_SMSC_FAIL, "NACK/sender in black-list", NULL);
}

/* What happens to a short message, and its reports in their order for an application that wants all. */
static const struct {
    const char *row;
    void (*happens)(const Out *segment);
    int bits[3];      /* 0 ends */
    const char *text; /* of the last one */
    const char *code, *cause, *carrier_code;
} outcomes[] = {
    {"delivered",
     delivered,
     {8, 1, 0},
     "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:",
     "0",
     "DELIVERED",
     "000"},
    {"interim once",
     interim,
     {8, 4, 1},
     "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:",
     "0",
     "DELIVERED",
     "000"},
    {"receipt first",
     early,
     {8, 1, 0},
     "id:1 sub:001 dlvrd:001 stat:DELIVRD err:000 text:",
     "0",
     "DELIVERED",
     "000"},
    {"refused at submit",
     refused,
     {16, 0, 0},
     "NACK/0x0000000b/Invalid Destination Address",
     "3",
     "DEST_ADDR_INVALID",
     "11"},
    {"expired at the carrier",
     undelivered,
     {8, 2, 0},
     "id:1 sub:001 dlvrd:000 stat:EXPIRED err:A1B text:",
     "4",
     "EXPIRED",
     "A1B"},
    {"bearerbox's own list",
     listed,
     {16, 0, 0},
     "NACK/sender in black-list",
     "7",
     "OPERATION_NOT_ALLOWED",
     ""},
};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

/* Every mask with every outcome; the mask of 2 alone gets 16, too, as stock does. */
START_TEST(test_masks)
{
    flow_start("messages-per-second = 100", NULL);
    for (int mask = 0; mask < 32; mask++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
        mt.dlr_mask = mask;
        mt.meta_data = S("?billing?job=7&Key=a%26b&?smpp?tlv=1&?byo?other=1&");
        give_mt(BOX1, &mt);
        now += 30;
        turn();
        Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
        outcomes[_i].happens(&seg);
        turn();
        int wanted[4], n = 0, reach = mask & 2 ? mask | 16 : mask;
        for (int i = 0; i < 3 && outcomes[_i].bits[i]; i++)
            if (outcomes[_i].bits[i] & reach)
                wanted[n++] = outcomes[_i].bits[i];
        ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), (size_t)n);
        for (int i = 0; i < n; i++) {
            const Out *r = out_of(BYO_OUT_DELIVER, (size_t)i);
            ck_assert_int_eq(r->sms.dlr_mask, wanted[i]);
            ck_assert_int_eq(r->sms.sms_type, BYO_REPORT_MO);
            ck_assert_int_eq(r->conn, BOX1);
            ck_text(r->sms.sender, NUMBER_A);
            ck_text(r->sms.receiver, PHONE);
            ck_text(r->sms.dlr_url, "http://app.example/report");
            ck_text(r->sms.service, "service");
            ck_text(r->sms.account, "account");
            ck_text(r->sms.boxc_id, "box1");
            ck_text(r->sms.smsc_id, "carrier-a");
            ck_assert_str_ne(r->sms.id, mt.id);
            /* the application's groups come back, but what steered the sending */
            ck_text(byo_meta_get(&r->meta, "billing", "job"), "7");
            ck_text(byo_meta_get(&r->meta, "billing", "Key"), "a&b");
            ck_assert(byo_meta_get(&r->meta, "smpp", "tlv").p == NULL);
            ck_assert_str_eq(byo_key(r, "other"), "");
            ck_assert_str_eq(byo_key(r, "integration"), "carrier-a");
            ck_assert_str_eq(byo_key(r, "segment"), "0");
            ck_assert_str_eq(byo_key(r, "segments"), "1");
            ck_assert_str_eq(byo_key(r, "charset"), "GSM_0338");
            ck_assert_str_eq(byo_key(r, "dcs"), "0");
            ck_assert_str_eq(byo_key(r, "try"), "1");
            if (wanted[i] == 8) {
                ck_text(r->sms.msgdata, "ACK/");
                ck_assert_str_eq(byo_key(r, "cause"), "CARRIER_ACCEPTED");
                ck_assert_str_eq(byo_key(r, "code"), "8");
            } else if (wanted[i] != 4) {
                ck_text(r->sms.msgdata, outcomes[_i].text);
                ck_assert_str_eq(byo_key(r, "code"), outcomes[_i].code);
                ck_assert_str_eq(byo_key(r, "cause"), outcomes[_i].cause);
                ck_assert_str_eq(byo_key(r, "carrier-code"), outcomes[_i].carrier_code);
            }
            give_peer_ack(r, BYO_ACK_SUCCESS);
        }
        ck_assert_int_eq(message_of(&seg).tally.ended, true);
        drop(&seg);
        turn();
    }
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    flow_stop();
}
END_TEST

/* A message of three segments, all handed over; the caller drops them. */
static void send_three(Out seg[3], const char *meta)
{
    char text[400];
    memset(text, 'x', sizeof text);
    text[399] = 0;
    ByoSms mt = an_mt(NUMBER_A, PHONE, text);
    if (meta)
        mt.meta_data = S(meta);
    give_mt(BOX1, &mt);
    int n = 0;
    turn();
    while (n < 3) {
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT)
                seg[n++] = keep(&outs[k]);
        if (n < 3)
            later(20);
    }
    turn();
}

static void drop_three(Out seg[3])
{
    for (int i = 0; i < 3; i++)
        drop(&seg[i]);
}

/* The reports of this turn as "type/segment type/segment ...". */
static const char *reports(void)
{
    static char text[400];
    size_t n = 0;
    text[0] = 0;
    for (size_t k = 0; k < n_outs; k++)
        if (outs[k].kind == BYO_OUT_DELIVER)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%d/%s", n ? " " : "", outs[k].sms.dlr_mask,
                                  byo_key(&outs[k], "segment"));
    return text;
}

static const struct {
    const char *row, *configured, *asked, *accepted[3], *delivered[3];
} kinds[] = {
    {"message", "", NULL, {"", "", "8/0"}, {"", "", "1/0"}},
    {"segment", "reports = segment", NULL, {"8/1", "8/2", "8/3"}, {"1/1", "1/2", "1/3"}},
    {"both", "reports = both", NULL, {"8/1", "8/2", "8/3 8/0"}, {"1/1", "1/2", "1/3 1/0"}},
    {"asked for: segment", "", "?byo?reports=segment&", {"8/1", "8/2", "8/3"}, {"1/1", "1/2", "1/3"}},
    {"asked for: message", "reports = both", "?byo?reports=message&", {"", "", "8/0"}, {"", "", "1/0"}},
    {"asked for: both", "", "?byo?reports=both&", {"8/1", "8/2", "8/3 8/0"}, {"1/1", "1/2", "1/3 1/0"}},
    {"asked for: nonsense", "", "?byo?reports=all&", {"", "", "8/0"}, {"", "", "1/0"}},
};

START_TEST(test_d1_d2_kinds)
{
    Out seg[3];
    char keys[100];
    snprintf(keys, sizeof keys, "messages-per-second = 100\n%s", kinds[_i].configured);
    flow_start(keys, NULL);
    send_three(seg, kinds[_i].asked);
    for (int i = 0; i < 3; i++) {
        give_accepted(&seg[i]);
        turn();
        ck_assert_str_eq(reports(), kinds[_i].accepted[i]);
    }
    for (int i = 0; i < 3; i++) {
        give_delivered(&seg[i]);
        turn();
        ck_assert_str_eq(reports(), kinds[_i].delivered[i]);
    }
    ByoMessageRow m = message_of(&seg[0]);
    ck_assert_int_eq(m.state, BYO_MSG_DELIVERED);
    ck_assert_int_eq(m.tally.delivered, 3);
    drop_three(seg);
    flow_stop();
}
END_TEST

START_TEST(test_d2_first_failure)
{
    /* the first final failure is the message's; what follows is recorded, and told to who asks */
    Out seg[3];
    flow_start("messages-per-second = 100", NULL);
    send_three(seg, NULL);
    for (int i = 0; i < 3; i++)
        give_accepted(&seg[i]);
    turn();
    give_report(&seg[1], BYO_DLR_FAIL, "id:2 stat:UNDELIV err:011 text:", "2");
    turn();
    ck_assert_str_eq(reports(), "2/0");
    const Out *r = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_str_eq(byo_key(r, "failed"), "1");
    ck_assert_str_eq(byo_key(r, "delivered"), "0");
    ck_assert_str_eq(byo_key(r, "carrier-code"), "011");
    give_delivered(&seg[0]);
    give_delivered(&seg[2]);
    turn();
    ck_assert_str_eq(reports(), "");
    ByoMessageRow m = message_of(&seg[0]);
    ck_assert_int_eq(m.state, BYO_MSG_FAILED);
    ck_assert_int_eq(m.tally.delivered, 2);
    ck_assert_int_eq(m.tally.failed, 1);
    ck_assert(m.tally.ended && m.ended == now);
    ck_text(segment_of(&seg[0]).verdict.code_cause, "DELIVERED");
    drop_three(seg);
    flow_stop();
}
END_TEST

START_TEST(test_d2_rest_cancelled)
{
    /* what is not sent yet is cancelled, and counted */
    char text[400];
    flow_start("messages-per-second = 1", NULL);
    memset(text, 'x', sizeof text);
    text[399] = 0;
    ByoSms mt = an_mt(NUMBER_A, PHONE, text);
    mt.meta_data = S("?byo?reports=both&");
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_nack(&seg, "NACK/0x0000000b/Invalid Destination Address");
    turn();
    ck_assert_str_eq(reports(), "16/1 16/0 16/2 16/3");
    ck_text(segment_of(&seg).verdict.code_cause, "DEST_ADDR_INVALID");
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    ByoMessageRow m = message_of(&seg);
    ck_assert_int_eq(m.tally.failed, 3);
    ck_assert(m.tally.ended);
    ck_text(m.verdict.code_cause, "DEST_ADDR_INVALID");
    for (int i = 0; i < 200; i++) {
        later(20);
        ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    }
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_no_receipt)
{
    /* 2 with an empty text when no receipt comes in time */
    flow_start("receipt-timeout = 1h", NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_accepted(&seg);
    turn();
    later(3600 * 1000 - 1);
    ck_assert_str_eq(reports(), "");
    later(1);
    ck_assert_str_eq(reports(), "2/0");
    const Out *r = out_of(BYO_OUT_DELIVER, 0);
    ck_text(r->sms.msgdata, "");
    ck_assert_str_eq(byo_key(r, "cause"), "NETWORK_TIMEOUT");
    ck_assert_str_eq(byo_key(r, "code"), "1");
    ck_assert_str_eq(byo_key(r, "carrier-code"), "");
    ck_assert_int_eq(events[BYO_EVENT_NO_RECEIPT], 1);
    ck_assert_int_eq(status_of("carrier-a").total.no_receipt, 1);
    give_delivered(&seg); /* too late: one final state */
    turn();
    ck_assert_str_eq(reports(), "");
    drop(&seg);
    flow_stop();
}
END_TEST

static int64_t n_in(const ByoHistogram *h)
{
    int64_t n = 0;
    for (size_t i = 0; i < sizeof h->bucket / sizeof *h->bucket; i++)
        n += h->bucket[i];
    return n;
}

START_TEST(test_causes_and_durations_are_counted)
{
    flow_start("retry-tries = 1", NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    now += 2000;
    give_accepted(&seg);
    turn_fails(); /* counts nothing; its input comes again */
    ByoCounters c = status_of("carrier-a").total;
    ck_assert_int_eq(n_in(&c.submit), 0);
    turn();
    c = status_of("carrier-a").total;
    ck_assert_int_eq(n_in(&c.submit), 1);
    ck_assert_int_eq(c.submit.sum, 2000);
    now += 3000;
    give_report(&seg, BYO_DLR_FAIL,
                "id:1 sub:001 dlvrd:000 submit date:2611281542 done date:2611281542 stat:UNDELIV err:011",
                NULL);
    turn();
    c = status_of("carrier-a").total;
    ck_assert_int_eq(c.receipt.sum, 5000);
    ck_assert_int_eq(n_in(&c.receipt), 1);
    ck_assert_int_eq(c.failed, 1);
    int64_t by = 0;
    for (size_t i = 0; i < BYO_CAUSES_MAX; i++)
        by += c.failed_by[i];
    ck_assert_int_eq(by, 1);
    ck_assert_int_eq(c.failed_by[byo_cause_index(message_of(&seg).verdict.code_cause.p)], 1);
    give_report(&seg, BYO_DLR_FAIL, "id:1 stat:UNDELIV err:011", NULL); /* once more: it ended before */
    turn();
    c = status_of("carrier-a").total;
    ck_assert_int_eq(n_in(&c.receipt), 1);
    drop(&seg);

    mt = an_mt(NUMBER_A, "+12025550124", "x");
    give_mt(BOX1, &mt);
    turn();
    seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    now += 500;
    give_nack(&seg, "NACK/0x0000000b/Invalid Destination Address");
    turn();
    c = status_of("carrier-a").total;
    ck_assert_int_eq(c.submit.sum, 2500);
    ck_assert_int_eq(c.failed_by[byo_cause_index("DEST_ADDR_INVALID")], 1);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_one_receipt_per_message)
{
    Out seg[3];
    flow_start("messages-per-second = 100\none-receipt-per-message = yes", NULL);
    send_three(seg, NULL);
    for (int i = 0; i < 3; i++)
        give_accepted(&seg[i]);
    turn();
    give_delivered(&seg[2]);
    turn();
    ck_assert_str_eq(reports(), "1/0");
    ck_assert_int_eq(message_of(&seg[0]).tally.delivered, 3);
    drop_three(seg);
    flow_stop();
}
END_TEST

START_TEST(test_one_receipt_not_for_unsent)
{
    char text[400];
    flow_start("messages-per-second = 1\none-receipt-per-message = yes", NULL);
    memset(text, 'x', sizeof text);
    text[399] = 0;
    ByoSms mt = an_mt(NUMBER_A, PHONE, text);
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_accepted(&seg);
    give_delivered(&seg);
    turn();
    ck_assert_int_eq(message_of(&seg).tally.delivered, 1);
    wait_out(3000); /* the others still go out */
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_unknown_and_foreign)
{
    flow_start(NULL, NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    turn();
    static const char *const urls[] = {"byobox:1.1",
                                       "byobox:",
                                       "byobox:zz.1",
                                       "byobox:0.1",
                                       "byobox:100.0",
                                       "byobox:100.1x",
                                       "other",
                                       "byobox:100",
                                       "",
                                       "byobox:8000000000000000.1",
                                       "byobox:7fffffffffffffff.1"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
        seg.sms.dlr_url = S(urls[i]);
        give_report(&seg, BYO_DLR_SUCCESS, "stat:DELIVRD", NULL);
        drop(&seg);
    }
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), sizeof urls / sizeof *urls);
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    ck_assert_int_eq(events[BYO_EVENT_UNKNOWN_REPORT], (int)(sizeof urls / sizeof *urls));
    flow_stop();
}
END_TEST

START_TEST(test_unmapped)
{
    flow_start(NULL, NULL);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    turn();
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_nack(&seg, "NACK/0x0000fedc/Something new");
    turn();
    const Out *r = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_str_eq(byo_key(r, "code"), "1");
    ck_assert_str_eq(byo_key(r, "cause"), "DEFAULT");
    ck_assert_str_eq(byo_key(r, "carrier-code"), "65244");
    ck_assert_int_eq(events[BYO_EVENT_UNMAPPED], 1);
    drop(&seg);
    flow_stop();
}
END_TEST

Suite *flow_report_suite(void)
{
    Suite *s = suite_create("flow, reports");
    TCase *t = tcase_create("reports");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, test_masks, 0, OUTCOMES);
    tcase_add_loop_test(t, test_d1_d2_kinds, 0, (int)(sizeof kinds / sizeof *kinds));
    tcase_add_test(t, test_d2_first_failure);
    tcase_add_test(t, test_d2_rest_cancelled);
    tcase_add_test(t, test_no_receipt);
    tcase_add_test(t, test_causes_and_durations_are_counted);
    tcase_add_test(t, test_one_receipt_per_message);
    tcase_add_test(t, test_one_receipt_not_for_unsent);
    tcase_add_test(t, test_unknown_and_foreign);
    tcase_add_test(t, test_unmapped);
    suite_add_tcase(s, t);
    return s;
}
