/* SPDX-License-Identifier: BSD-3-Clause
 * Which segment a receipt is of, and what becomes of one that was handed over twice (field C05-C12, C72, C73).
 * Threads: one. */
#include "flow_receipt.h"

#include "store/sqlite/sqlite_private.h"

#include <stdio.h>

/* -- ids -----------------------------------------------------------------------------------------------*/

static const struct {
    const char *row, *lines;
    const char *answer, *text, *meta, *from; /* from NULL: the recipient */
    bool found;
} matches[] = {
    {"exactly", "", "7b", "id:7b stat:DELIVRD", NULL, NULL, true},
    {"exactly, from anywhere", "", "7b", "id:7b stat:DELIVRD", NULL, "999", true},
    {"C10 commas", "", "7b", "id:7b,sub:001,stat:DELIVRD,err:000", NULL, NULL, true},
    {"C10 semicolons and line ends", "", "7b", "id:7b;\r\nstat:DELIVRD;", NULL, NULL, true},
    {"C10 the TLV's", "", "7b", "id:999 stat:DELIVRD", "?smpp?receipted_message_id=7b&", NULL, true},
    {"C10 the text's", "", "7b", "id:7b stat:DELIVRD", "?smpp?receipted_message_id=999&", NULL, true},
    {"C10 turned round", "", "7b", "err:000 stat:DELIVRD id:7b", NULL, NULL, true},
    {"C06 letter case", "", "7B", "id:7b stat:DELIVRD", NULL, NULL, true},
    {"C07 leading zeros", "", "7b", "id:0000007b stat:DELIVRD", NULL, NULL, true},
    {"C12 decimal", "", "7B", "id:123 stat:DELIVRD", NULL, NULL, true},
    {"C12 hexadecimal", "", "123", "id:0000007B stat:DELIVRD", NULL, NULL, true},
    {"C12 beyond 64 bits", "", "340282366920938463463374607431768211455",
     "id:FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF stat:DELIVRD", NULL, NULL, true},
    {"loosely by the TLV", "", "123", "stat:DELIVRD", "?smpp?receipted_message_id=7B&", NULL, true},
    {"loosely, from another phone", "", "7B", "id:7b stat:DELIVRD", NULL, "12025550124", false},
    {"loosely, from the phone in national form", "", "7B", "id:7b stat:DELIVRD", NULL, "2025550123", true},
    {"msg-id-match = exact", "msg-id-match = exact\n", "7B", "id:7b stat:DELIVRD", NULL, NULL, false},
    {"msg-id-match = exact, equal", "msg-id-match = exact\n", "7B", "id:7B stat:DELIVRD", NULL, NULL, true},
    {"another id", "", "7b", "id:7c stat:DELIVRD", NULL, NULL, false},
    {"no id", "", "7b", "stat:DELIVRD", NULL, NULL, false},
};

START_TEST(C10_which_segment)
{
    start(matches[_i].lines);
    Out seg = send_to(PHONE);
    answered(&seg, matches[_i].answer);
    receipt_from(matches[_i].from ? matches[_i].from : PHONE_DIGITS, matches[_i].text, matches[_i].meta);
    ck_assert_msg((state_of(&seg) == BYO_SEG_DELIVERED) == matches[_i].found, "%s", matches[_i].row);
    if (matches[_i].found)
        ck_text(segment_of(&seg).foreign_id, matches[_i].answer);
    drop(&seg);
    flow_stop();
}
END_TEST

/* The same receipt before the answer to its submit. */
START_TEST(C24_early_receipts)
{
    start(matches[_i].lines);
    Out seg = send_to(PHONE);
    receipt_from(matches[_i].from ? matches[_i].from : PHONE_DIGITS, matches[_i].text, matches[_i].meta);
    ck_assert_int_eq(state_of(&seg), BYO_SEG_HANDED);
    answered(&seg, matches[_i].answer);
    ck_assert_msg((state_of(&seg) == BYO_SEG_DELIVERED) == matches[_i].found, "%s", matches[_i].row);
    drop(&seg);
    flow_stop();
}
END_TEST

/* Quicker than the answer by so little that both come in one turn: nothing is kept for it, and what it finds is the
 * same; also when the turn has to be done over. */
START_TEST(C24_with_the_answer_in_one_turn)
{
    start(matches[_i].lines);
    Out seg = send_to(PHONE);
    if (matches[_i].found && !flow_in_memory)
        ck_assert_int_eq(sqlite3_exec(store->db,
                                      "CREATE TEMP TRIGGER none_early BEFORE INSERT ON early_receipt BEGIN"
                                      " SELECT raise(ABORT, 'kept'); END",
                                      NULL, NULL, NULL),
                         SQLITE_OK);
    give_receipt(matches[_i].from ? matches[_i].from : PHONE_DIGITS, matches[_i].text, matches[_i].meta);
    give_own_ack(&seg, BYO_ACK_SUCCESS);
    give_report(&seg, BYO_DLR_SMSC_SUCCESS, "ACK/", matches[_i].answer);
    turn_fails();
    ck_assert_int_eq(state_of(&seg), BYO_SEG_HANDED);
    turn();
    ck_assert_msg((state_of(&seg) == BYO_SEG_DELIVERED) == matches[_i].found, "%s", matches[_i].row);
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 2);
    drop(&seg);
    flow_stop();
}
END_TEST

/* What waits for an answer that never comes is bounded, and the one too many is told and acked. */
START_TEST(F6_early_receipts_have_a_limit)
{
    start("");
    Out seg = send_to(PHONE); /* an integration that sent nothing has no early receipts */
    drop(&seg);
    begin();
    for (int i = 1; i < BYO_EARLY_MAX; i++) {
        char id[16];
        snprintf(id, sizeof id, "e%d", i);
        byo_store_early_add(store, S("carrier-a"), (ByoStr[]){S(id), S("")}, S("frame"), now);
    }
    commit();
    receipt("id:last1 stat:DELIVRD");
    ck_assert_int_eq(byo_store_early_count(store), BYO_EARLY_MAX);
    ck_assert_int_eq(events[BYO_EVENT_EARLY_LOST], 0);
    for (int boot = 0; boot < 2; boot++) { /* the count outlives a start */
        receipt("id:last2 stat:DELIVRD");
        ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
        ck_assert_int_eq(byo_store_early_count(store), BYO_EARLY_MAX);
        ck_assert_int_eq(events[BYO_EVENT_EARLY_LOST], boot + 1);
        flow_reboot();
    }
    flow_stop();
}
END_TEST

START_TEST(C06_not_where_an_ended_one_has_it_exactly)
{
    start("");
    Out first = send_to(PHONE), second = send_to(PHONE);
    answered(&first, "00123");
    receipt("id:00123 stat:DELIVRD");
    answered(&second, "123");
    receipt("id:00123 stat:UNDELIV err:1"); /* once more, of the first */
    flow_reboot();
    gate("carrier-a", true);
    receipt("id:00123 stat:UNDELIV err:1");
    ck_assert_int_eq(state_of(&first), BYO_SEG_DELIVERED);
    ck_assert_int_eq(state_of(&second), BYO_SEG_ACCEPTED);
    ck_assert_int_eq(byo_store_early_count(store), 0);
    receipt("id:000123 stat:DELIVRD"); /* exactly nobody's */
    ck_assert_int_eq(state_of(&second), BYO_SEG_DELIVERED);
    drop(&first);
    drop(&second);
    flow_stop();
}
END_TEST

START_TEST(C06_not_where_two_fit)
{
    start("");
    Out first = send_to(PHONE), second = send_to("+12025550124");
    answered(&first, "7B");
    answered(&second, "123");
    receipt("id:0000007b stat:DELIVRD");
    ck_assert_int_eq(state_of(&first), BYO_SEG_ACCEPTED);
    ck_assert_int_eq(state_of(&second), BYO_SEG_ACCEPTED);
    receipt("id:123 stat:DELIVRD"); /* exactly the second's, whoever it comes from */
    ck_assert_int_eq(state_of(&second), BYO_SEG_DELIVERED);
    drop(&first);
    drop(&second);
    flow_stop();
}
END_TEST

START_TEST(C07_one_id_of_two_goes_by_the_address)
{
    start("");
    Out first = send_to(PHONE), second = send_to("+12025550124");
    answered(&first, "7");
    answered(&second, "7");
    receipt("id:7 stat:DELIVRD");
    ck_assert_int_eq(state_of(&first), BYO_SEG_DELIVERED);
    ck_assert_int_eq(state_of(&second), BYO_SEG_ACCEPTED);
    drop(&first);
    drop(&second);
    flow_stop();
}
END_TEST

/* Ids that strtoll makes the same number of. */
START_TEST(C05_msg_id_type_beyond_63_bits)
{
    start("msg-id-type = 3\n");
    Out first = send_to(PHONE), second = send_to(PHONE);
    const Out *of[] = {&first, &second};
    static const char *const metas[] = {"?smpp_resp?message_id=FFFFFFFFFFFFFFFE&",
                                        "?smpp_resp?message_id=ffffffffffffffff&"};
    for (int i = 0; i < 2; i++) {
        ByoSms ack;
        byo_sms_init(&ack);
        ack.msgdata = S("ACK/");
        ack.sms_type = BYO_REPORT_MO;
        ack.dlr_mask = BYO_DLR_SMSC_SUCCESS;
        ack.dlr_url = of[i]->sms.dlr_url;
        ack.smsc_id = S("carrier-a");
        ack.foreign_id = S("9223372036854775807");
        ack.meta_data = S(metas[i]);
        byo_uuid_make(ack.id);
        ByoInput *in = give_sms(BYO_IN_SMS, &ack);
        in->conn = OWN;
        in->link = BYO_LINK_OWN;
        turn();
    }
    receipt("id:FFFFFFFFFFFFFFFE stat:DELIVRD");
    ck_assert_int_eq(state_of(&first), BYO_SEG_DELIVERED);
    ck_assert_int_eq(state_of(&second), BYO_SEG_ACCEPTED);
    drop(&first);
    drop(&second);
    flow_stop();
}
END_TEST

/* Texts that are no octets of ASCII. */
START_TEST(C10_other_texts)
{
    static const struct {
        const char *octets;
        size_t n;
    } texts[] = {
        {"\0i\0d\0:\0007\0b\0 \0s\0t\0a\0t\0:\0D\0E\0L\0I\0V\0R\0D", 36},
        {"i\0d\0:\0007\0b\0 \0s\0t\0a\0t\0:\0D\0E\0L\0I\0V\0R\0D\0", 36},
        {"\xfe\xff\0i\0d\0:\0007\0b\0 \0s\0t\0a\0t\0:\0D\0E\0L\0I\0V\0R\0D", 38},
        {"id:7b stat:DELIVRD err:000 text:caf\xe9", 36},
    };
    start("");
    Out seg = send_to(PHONE);
    answered(&seg, "7b");
    ByoSms sms;
    byo_sms_init(&sms);
    sms.sender = S(NUMBER_A);
    sms.receiver = S(PHONE_DIGITS);
    sms.msgdata = byo_strn(texts[_i].octets, texts[_i].n);
    sms.sms_type = BYO_REPORT_MO;
    sms.dlr_mask = BYO_DLR_BUFFERED;
    sms.smsc_id = S("carrier-a");
    byo_uuid_make(sms.id);
    ByoInput *in = give_sms(BYO_IN_SMS, &sms);
    in->conn = OWN;
    in->link = BYO_LINK_OWN;
    turn();
    ck_assert_int_eq(state_of(&seg), BYO_SEG_DELIVERED);
    drop(&seg);
    flow_stop();
}
END_TEST

/* The oldest is forgotten, the others are found, the newest of one id. */
START_TEST(C06_ended_ids)
{
    enum { MAX = 1000 };
    ByoEnded *e = byo_ended_create(MAX);
    char id[20];
    for (int i = 0; i < MAX + 10; i++) {
        snprintf(id, sizeof id, "%x", i);
        byo_ended_add(e, NULL, S("carrier-a"), S(id), i + 1);
    }
    byo_ended_add(e, NULL, S("carrier-a"), S("100"), 7);
    byo_ended_add(e, NULL, S("carrier-a"), S(""), 8);
    ck_assert_int_eq(byo_ended_find(e, S("carrier-a"), S("5")), 0);
    ck_assert_int_eq(byo_ended_find(e, S("carrier-a"), S("a")), 0);
    ck_assert_int_eq(byo_ended_find(e, S("carrier-a"), S("c")), 13);
    ck_assert_int_eq(byo_ended_find(e, S("carrier-b"), S("c")), 0);
    ck_assert_int_eq(byo_ended_find(e, S("carrier-a"), S("100")), 7);
    ck_assert_int_eq(byo_ended_find(e, S("carrier-a"), S("")), 0);
    byo_ended_destroy(e);
}
END_TEST

/* -- a receipt without its esm_class -------------------------------------------------------------------*/

static const struct {
    const char *row, *from, *to, *text, *foreign_id;
    bool is;
} unflagged[] = {
    {"C08 as it is", PHONE_DIGITS, NUMBER_A, "id:7b sub:001 stat:DELIVRD err:000", NULL, true},
    {"C08 the other way round", NUMBER_A, PHONE_DIGITS, "id:7b stat:DELIVRD", NULL, true},
    {"C08 the TLV's id", PHONE_DIGITS, NUMBER_A, "id:99 stat:DELIVRD", "7b", true},
    {"C08 the id but loosely", PHONE_DIGITS, NUMBER_A, "id:7B stat:DELIVRD", NULL, false},
    {"C08 another phone", "12025550199", NUMBER_A, "id:7b stat:DELIVRD", NULL, false},
    {"C08 no state", PHONE_DIGITS, NUMBER_A, "id:7b hello", NULL, false},
    {"C08 a state nobody knows", PHONE_DIGITS, NUMBER_A, "id:7b stat:WIBBLE", NULL, false},
    {"C08 not at the beginning", PHONE_DIGITS, NUMBER_A, "my id:7b stat:DELIVRD", NULL, false},
    {"C08 a person's", PHONE_DIGITS, NUMBER_A, "id:5 stat:DELIVRD", NULL, false},
    {"C08 a keyword", PHONE_DIGITS, NUMBER_A, "STOP", NULL, false},
};

static void test_unflagged(int row, unsigned features)
{
    flow_features(features);
    flow_start("messages-per-second = 100", NULL);
    give_peer_up(ANON1, NULL);
    Out seg = send_to(PHONE);
    answered(&seg, "7b");
    ByoSms mo = an_mo(unflagged[row].from, unflagged[row].to, unflagged[row].text);
    mo.foreign_id = unflagged[row].foreign_id ? S(unflagged[row].foreign_id) : BYO_STR_NONE;
    give_mo(&mo);
    turn();
    size_t mos = 0;
    for (size_t i = 0; i < count_out(BYO_OUT_DELIVER); i++)
        mos += out_of(BYO_OUT_DELIVER, i)->sms.sms_type == BYO_MO;
    ck_assert_msg((state_of(&seg) == BYO_SEG_DELIVERED) == unflagged[row].is, "%s", unflagged[row].row);
    ck_assert_msg((mos == 0) == unflagged[row].is, "%s: %zu MOs", unflagged[row].row, mos);
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    if (unflagged[row].is) { /* once more: still no MO */
        byo_uuid_make(mo.id);
        give_mo(&mo);
        turn();
        ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 0);
    }
    drop(&seg);
    flow_stop();
}

START_TEST(C08_on_stock)
{
    test_unflagged(_i, 0);
}
END_TEST

START_TEST(C08_on_patched)
{
    test_unflagged(_i, BYO_FEATURE_ALL);
}
END_TEST

/* -- copies --------------------------------------------------------------------------------------------*/

/* A segment handed over twice: the first hand-over was not answered in time. */
static void twice(Out copy[2])
{
    copy[0] = send_to(PHONE);
    give_own_ack(&copy[0], BYO_ACK_SUCCESS);
    turn();
    later(40 * BYO_SECOND);
    while (count_out(BYO_OUT_SEGMENT) == 0)
        later(20);
    copy[1] = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_own_ack(&copy[1], BYO_ACK_SUCCESS);
    turn();
}

/* Answers and receipts: "a1" the first copy's answer, "n2" the second's refusal, "s2" no link took it, "d2" its
 * DELIVRD, "u2" its UNDELIV; "t": the receipt-timeout passes. By token as on stock, or by id. */
static const struct {
    const char *happens;
    ByoSegState ends;
    const char *cause;
} copies[] = {
    {"a2 d2", BYO_SEG_DELIVERED, "DELIVERED"},
    {"a1 a2 d1", BYO_SEG_DELIVERED, "DELIVERED"},
    {"a2 a1 d1", BYO_SEG_DELIVERED, "DELIVERED"},
    {"a1 a2 u1 d2", BYO_SEG_DELIVERED, "DELIVERED"},
    {"a1 a2 u2 d1", BYO_SEG_DELIVERED, "DELIVERED"},
    {"a2 a1 u2 d1", BYO_SEG_DELIVERED, "DELIVERED"},
    {"a1 u1 a2 d2", BYO_SEG_DELIVERED, "DELIVERED"}, /* the second may be out there still */
    {"a1 d1", BYO_SEG_DELIVERED, "DELIVERED"},
    {"a1 a2 u1", BYO_SEG_ACCEPTED, ""},
    {"a1 a2 u2", BYO_SEG_ACCEPTED, ""},
    {"a1 a2 u2 u2", BYO_SEG_ACCEPTED, ""},
    {"a1 a2 u1 u2", BYO_SEG_FAILED, "CARRIER_DELIVERY_FAILED"},
    {"a1 a2 u2 u1", BYO_SEG_FAILED, "CARRIER_DELIVERY_FAILED"},
    {"a2 u2", BYO_SEG_FAILED, "CARRIER_DELIVERY_FAILED"}, /* the carrier never had the first */
    {"a1 a2 u2 a2 u1", BYO_SEG_FAILED, "CARRIER_DELIVERY_FAILED"},
    {"a1 u1", BYO_SEG_ACCEPTED, ""}, /* the second is not answered yet */
    {"a1 u1 n2", BYO_SEG_FAILED, "CARRIER_DELIVERY_FAILED"},
    {"a1 u1 s2", BYO_SEG_FAILED, "CARRIER_DELIVERY_FAILED"},
    {"a1 n2 u1", BYO_SEG_FAILED, "CARRIER_DELIVERY_FAILED"},
    {"a1 n2", BYO_SEG_ACCEPTED, ""},
    {"a1 n2 n2 d1", BYO_SEG_DELIVERED, "DELIVERED"},
    {"a1 a2 n2 u1", BYO_SEG_ACCEPTED, ""}, /* told twice: what was taken counts */
    {"a1 a2 u1 t", BYO_SEG_FAILED, "CARRIER_DELIVERY_FAILED"},
    {"a1 a2 t", BYO_SEG_FAILED, "NETWORK_TIMEOUT"},
};

static void copy_happens(const Out copy[2], char what, int n, bool by_id)
{
    static const char *const ids[] = {"id-one", "id-two"};
    const Out *c = &copy[n - 1];
    char text[80];
    snprintf(text, sizeof text, "id:%s stat:%s err:001", ids[n - 1], what == 'd' ? "DELIVRD" : "UNDELIV");
    if (what == 'n' || what == 's')
        give_report(c, BYO_DLR_SMSC_FAIL, what == 'n' ? "NACK/0x0000000b/Invalid" : "NACK/no SMSC", NULL);
    else if (what == 'a')
        give_report(c, BYO_DLR_SMSC_SUCCESS, "ACK/", ids[n - 1]);
    else if (!by_id)
        give_report(c, what == 'd' ? BYO_DLR_SUCCESS : BYO_DLR_FAIL, text, ids[n - 1]);
    else
        receipt(text);
    turn();
}

static void test_copies(int row, bool by_id)
{
    Out copy[2];
    start("receipt-timeout = 1h\n");
    twice(copy);
    for (const char *p = copies[row].happens; *p; p++) {
        if (*p == 't')
            later(2 * BYO_HOUR);
        else if (*p != ' ' && p[1] >= '1')
            copy_happens(copy, *p, p[1] - '0', by_id);
        p += *p != 't' && *p != ' ';
    }
    ByoSegmentRow seg = segment_of(&copy[0]);
    ck_assert_msg(seg.s.state == copies[row].ends, "%s: state %d", copies[row].happens, (int)seg.s.state);
    if (byo_seg_final(copies[row].ends))
        ck_assert_msg(byo_str_is(seg.verdict.code_cause, copies[row].cause), "%s: %.*s", copies[row].happens,
                      BYO_PF(seg.verdict.code_cause));
    ck_counts();
    drop(&copy[0]);
    drop(&copy[1]);
    flow_stop();
}

START_TEST(C72_copies_by_token)
{
    test_copies(_i, false);
}
END_TEST

START_TEST(C72_copies_by_id)
{
    test_copies(_i, true);
}
END_TEST

/* A receipt that sends it again: the first id's receipts go on to count. */
START_TEST(C72_delivered_after_all)
{
    flow_advanced("{\"protocolSpecificCodeMapping\": {\"receipt:9\": {\"genericErrorCode\": 2, "
                  "\"genericErrorCause\": \"RECIPIENT_BUSY\"}}}");
    start("advanced-config = advanced.json\nretry-delay = 5s\n");
    Out first = send_to(PHONE);
    answered(&first, "one");
    receipt("id:one stat:UNDELIV err:009");
    ck_assert_int_eq(state_of(&first), BYO_SEG_QUEUED);
    later(10 * BYO_SECOND);
    Out second = keep(out_of(BYO_OUT_SEGMENT, 0));
    answered(&second, "two");
    receipt("id:one stat:DELIVRD");
    ck_assert_int_eq(state_of(&first), BYO_SEG_DELIVERED);
    ck_text(segment_of(&first).foreign_id, "one");
    drop(&first);
    drop(&second);
    flow_stop();
}
END_TEST

/* (promise 2) Nobody knows what became of the last try: what the one before ended as is not its end. */
START_TEST(a_try_again_without_receipt_is_a_time_out)
{
    flow_advanced("{\"protocolSpecificCodeMapping\": {\"receipt:9\": {\"genericErrorCode\": 2, "
                  "\"genericErrorCause\": \"RECIPIENT_BUSY\"}}}");
    start("advanced-config = advanced.json\nretry-delay = 5s\nreceipt-timeout = 1h\n");
    Out first = send_to(PHONE);
    answered(&first, "one");
    receipt("id:one stat:UNDELIV err:009");
    later(10 * BYO_SECOND);
    Out second = keep(out_of(BYO_OUT_SEGMENT, 0));
    answered(&second, "two");
    later(2 * BYO_HOUR);
    ck_assert_int_eq(state_of(&first), BYO_SEG_FAILED);
    ck_text(segment_of(&first).verdict.code_cause, "NETWORK_TIMEOUT");
    drop(&first);
    drop(&second);
    flow_stop();
}
END_TEST

START_TEST(C73_reports_say_possible_duplicate)
{
    Out copy[2];
    start("reports = both\n");
    Out plain = send_to("+12025550124");
    answered(&plain, "7");
    for (size_t i = 0; i < count_out(BYO_OUT_DELIVER); i++)
        ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, i), "possible-duplicate"), "0");
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 2);
    twice(copy);
    answered(&copy[1], "two");
    ck_assert_uint_eq(count_out(BYO_OUT_DELIVER), 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, i), "possible-duplicate"), "1");
    drop(&plain);
    drop(&copy[0]);
    drop(&copy[1]);
    flow_stop();
}
END_TEST

Suite *flow_receipt_suite(void)
{
    Suite *suite = suite_create("flow, receipts");
    TCase *t = tcase_create("ids");
    tcase_add_loop_test(t, C10_which_segment, 0, ROWS(matches));
    tcase_add_loop_test(t, C24_early_receipts, 0, ROWS(matches));
    tcase_add_test(t, F6_early_receipts_have_a_limit);
    tcase_add_loop_test(t, C24_with_the_answer_in_one_turn, 0, ROWS(matches));
    tcase_add_test(t, C06_not_where_an_ended_one_has_it_exactly);
    tcase_add_test(t, C06_not_where_two_fit);
    tcase_add_test(t, C06_ended_ids);
    tcase_add_test(t, C07_one_id_of_two_goes_by_the_address);
    tcase_add_test(t, C05_msg_id_type_beyond_63_bits);
    tcase_add_loop_test(t, C10_other_texts, 0, 4);
    tcase_add_loop_test(t, C08_on_stock, 0, ROWS(unflagged));
    tcase_add_loop_test(t, C08_on_patched, 0, ROWS(unflagged));
    tcase_set_timeout(t, 60);
    suite_add_tcase(suite, t);
    t = tcase_create("copies");
    tcase_add_loop_test(t, C72_copies_by_token, 0, ROWS(copies));
    tcase_add_loop_test(t, C72_copies_by_id, 0, ROWS(copies));
    tcase_add_test(t, C72_delivered_after_all);
    tcase_add_test(t, a_try_again_without_receipt_is_a_time_out);
    tcase_add_test(t, C73_reports_say_possible_duplicate);
    tcase_set_timeout(t, 60);
    suite_add_tcase(suite, t);
    return suite;
}
