/* SPDX-License-Identifier: BSD-3-Clause
 * An MO's way in: once, in E.164 (spec P3), its keyword kept (spec K1-K5), marked, to its smsbox.
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

static char opt_row_seen[200];

static bool see_opt_row(void *arg, const ByoOptRow *o)
{
    (void)arg;
    snprintf(opt_row_seen, sizeof opt_row_seen, "%.*s|%.*s", BYO_PF(o->text), BYO_PF(o->reason));
    return true;
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
    {"C18 8 bit", "STOP", 1, 0, "opt-out", STOPPED, true},
    {"C18 8 bit, START is no opt-in", "START", 1, 0, "", NULL, false},
    {"C18 8 bit, HELP", "HELP", 1, 0, "help", "Reply STOP to unsubscribe. Msg&Data Rates May Apply.", false},
    {"C18 8 bit, Latin-1", "ST\xd6P", 1, 0, "opt-out", STOPPED, true},
    {"C18 8 bit, a sentence", "don't stop", 1, 0, "", NULL, false},
    {"C20 packed", "\x53\xea\x13\x0a", 1, 0, "opt-out", STOPPED, true},
    {"C19 the other byte order", "S\0T\0O\0P\0", 2, 8, "opt-out", STOPPED, true},
    {"C19 the other byte order, START", "S\0T\0A\0R\0T\0", 2, 10, "", NULL, false},
    {"C19 an octet too much", "\0S\0T\0O\0P\0", 2, 9, "opt-out", STOPPED, true},
    {"C19 an octet too much in front", "x\0S\0T\0O\0P", 2, 9, "opt-out", STOPPED, true},
    {"C19 the first octet missing", "S\0T\0O\0P", 2, 7, "opt-out", STOPPED, true},
    {"C19 a lone surrogate", "\0S\0T\0O\0P\xd8\x3d", 2, 10, "opt-out", STOPPED, true},
    {"C19 byte order mark", "\xfe\xff\0S\0T\0O\0P", 2, 10, "opt-out", STOPPED, true},
    {"S1 NUL behind", "\0S\0T\0O\0P\0\0", 2, 10, "opt-out", STOPPED, true},
    {"C30 with courtesy", "stop, please", 0, 0, "opt-out", STOPPED, true},
    {"C22 stock reads E0 as GSM", "@S@T@O@P", 0, 0, "opt-out", STOPPED, true},
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
    if (strncmp(keywords[_i].row, "C19", 3) != 0 || strstr(keywords[_i].row, "other"))
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

/* (field C18) Nothing is guessed behind a header that is no text's; what is announced is read all the same. */
START_TEST(test_C18_no_guess_behind_ports)
{
    start(NULL, NULL);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "STOP");
    mo.coding = BYO_CODING_8BIT;
    mo.udhdata = byo_strn("\x06\x05\x04\x15\x81\x00\x00", 7);
    give_mo(&mo);
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "keyword"), "");
    ck_assert(!byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    mo = an_mo(PHONE, NUMBER_A, "STOP");
    mo.coding = BYO_CODING_8BIT;
    mo.udhdata = byo_strn("\x05\x00\x03\x07\x01\x01", 6);
    give_mo(&mo);
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "keyword"), "opt-out");
    flow_stop();
}
END_TEST

/* What the application gets of odd octets, by the list, on a bearerbox with mo-raw and without. */
static const struct {
    const char *row;
    int dcs; /* -1: stock */
    const char *octets;
    size_t n;
    const char *udh;
    size_t udh_n;
    int coding; /* as it came; the text it came with is `came` */
    const char *came, *text;
    size_t text_n;
    int text_coding;
    const char *keyword;
} said[] = {
    {"S2 UCS-2, lone surrogate", -1, "", 0, "", 0, 2, "\0H\xd8\x3d\0i", "\0H\xff\xfd\0i", 6, 2, ""},
    {"S2 UCS-2, odd", -1, "", 0, "", 0, 2, "\0H\0i\0", "\0H\0i\xff\xfd", 6, 2, ""},
    {"C19 UCS-2, mark of the other order", -1, "", 0, "", 0, 2, "\xff\xfeS\0", "\0S", 2, 2, ""},
    {"C21 stock, Turkish locking shift", -1, "", 0, "\x03\x25\x01\x01", 4, 0, "\xc3\xa8uro",
     "\xe2\x82\xacuro", 6, 0, ""},
    {"C21 stock, Turkish single shift", -1, "", 0, "\x03\x24\x01\x01", 4, 0, "?seker",
     "\xc5\x9f"
     "eker",
     6, 0, ""},
    {"C21 mo-raw, Turkish single shift", 0, "\x1bseker", 6, "\x03\x24\x01\x01", 4, 0, "?seker",
     "\xc5\x9f"
     "eker",
     6, 0, ""},
    {"C21 mo-raw, Hindi locking shift", 0,
     "\x2f"
     "BL_'Y",
     6, "\x03\x25\x01\x06", 4, 0, "x",
     "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5\x87", 18, 0, ""},
    {"S2 mo-raw, GSM", 0, "caf\x05\xff", 5, "", 0, 0, "caf", "caf\xc3\xa9\xef\xbf\xbd", 8, 0, ""},
    {"S2 mo-raw, UCS-2 odd", 8, "\0H\0i\0", 5, "", 0, 2, "\0H\0i\0", "Hi\xef\xbf\xbd", 5, 0, ""},
    {"C22 mo-raw, MWI with UCS-2", 0xE0, "\x04\x16\0!", 4, "", 0, 0, "x", "\xd0\x96!", 3, 0, ""},
    {"C22 mo-raw, MWI, STOP", 0xE8, "\0S\0T\0O\0P", 8, "", 0, 0, "x", "STOP", 4, 0, "opt-out"},
    {"C18 mo-raw, 14", 0x14, "STOP", 4, "", 0, 1, "STOP", "STOP", 4, 1, "opt-out"},
    {"C18 mo-raw, F5, START", 0xF5, "START", 5, "", 0, 1, "START", "START", 5, 1, ""},
    {"C18 mo-raw, 02 is in the list: START", 2, "START", 5, "", 0, 1, "START", "START", 5, 0, "opt-in"},
    {"C20 mo-raw, packed under 0", 0, "\x53\xea\x13\x0a", 4, "", 0, 0, "x", "S\xef\xbf\xbd\xce\x93\n", 7, 0,
     "opt-out"},
    {"C18 mo-raw, Latin-1 under 0", 0, "ST\xd3P", 4, "", 0, 0, "STP", "ST\xef\xbf\xbdP", 6, 0, "opt-out"},
    {"C18 a GSM letter is no control character of Latin-1", 0, "stop\x05", 5, "", 0, 0, "x", "stop\xc3\xa9",
     6, 0, ""},
    {"no sentence", 0, "please stop the music", 21, "", 0, 0, "x", "please stop the music", 21, 0, ""},
};

START_TEST(test_C18_C22_S2_what_octets_say)
{
    start(NULL, NULL);
    ByoMeta meta = {0};
    ByoBuf text = {0};
    ByoSms mo = an_mo(PHONE, NUMBER_A, "");
    size_t came = said[_i].coding != 2           ? strlen(said[_i].came)
                  : strstr(said[_i].row, "odd")  ? 5
                  : strstr(said[_i].row, "mark") ? 4
                                                 : 6;
    mo.msgdata = byo_strn(said[_i].came, came);
    mo.coding = said[_i].coding;
    if (said[_i].udh_n)
        mo.udhdata = byo_strn(said[_i].udh, said[_i].udh_n);
    if (said[_i].dcs >= 0) {
        byo_meta_setf(&meta, "mo", "data_coding", "%d", said[_i].dcs);
        byo_meta_set(&meta, "mo", "raw", byo_strn(said[_i].octets, said[_i].n));
        byo_meta_write(&meta, &text);
        mo.meta_data = byo_buf_str(&text);
    }
    give_mo(&mo);
    turn();
    const Out *in = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_msg(byo_str_eq(in->sms.msgdata, byo_strn(said[_i].text, said[_i].text_n)),
                  "%s: %zu octets: %.*s", said[_i].row, in->sms.msgdata.n, BYO_PF(in->sms.msgdata));
    ck_assert_int_eq(in->sms.coding, said[_i].text_coding);
    ck_assert_str_eq(byo_key(in, "keyword"), said[_i].keyword);
    byo_meta_free(&meta);
    byo_buf_free(&text);
    flow_stop();
}
END_TEST

/* (field C70) A bearerbox that names every part: each is read by its own data_coding and header. */
START_TEST(test_C70_parts_by_their_own)
{
    start(NULL, NULL);
    ByoMeta meta = {0};
    ByoBuf text = {0};
    ByoSms mo = an_mo(PHONE, NUMBER_A, "spoiled");
    byo_meta_set(&meta, "mo", "raw", byo_strn("Hi \x04\x1f\x1bs", 7));
    byo_meta_set(&meta, "mo", "parts", BYO_STR("0:3:0500032a0301,8:2:0500032a0302,0:2:0800032a0303240101"));
    byo_meta_write(&meta, &text);
    mo.meta_data = byo_buf_str(&text);
    give_mo(&mo);
    turn();
    ck_text(out_of(BYO_OUT_DELIVER, 0)->sms.msgdata, "Hi \xd0\x9f\xc5\x9f");
    /* parts that lie: bearerbox's own word */
    byo_meta_set(&meta, "mo", "parts", BYO_STR("0:300:,8:2:"));
    byo_buf_clear(&text);
    byo_meta_write(&meta, &text);
    mo = an_mo(PHONE, NUMBER_A, "its own word");
    mo.meta_data = byo_buf_str(&text);
    give_mo(&mo);
    turn();
    ck_text(out_of(BYO_OUT_DELIVER, 0)->sms.msgdata, "its own word");
    byo_meta_free(&meta);
    byo_buf_free(&text);
    flow_stop();
}
END_TEST

START_TEST(test_C30_the_rule_is_kept)
{
    start(NULL, NULL);
    receive(PHONE, NUMBER_A, "stop texting me, please");
    opt_row_seen[0] = 0;
    byo_store_opt_history(store, &(ByoOptFilter){.number = S(NUMBER_A), .max = 1}, see_opt_row, NULL);
    ck_assert_str_eq(opt_row_seen, "stop texting me, please|phrase: stop texting me");
    flow_stop();
    flow_start(NULL, "\ngroup = byo-compliance\nopt-out-loose = no\n");
    give_peer_up(ANON1, NULL);
    turn();
    receive(PHONE, NUMBER_A, "stop texting me, please");
    ck_assert(!byo_flow_opted_out(flow, S(NUMBER_A), S(PHONE)));
    flow_stop();
}
END_TEST

/* What comes behind a STOP in its turn, and what could leave then, is for one who opted out. */
START_TEST(K5_from_its_turn_on)
{
    start("messages-per-second = 1", NULL);
    for (int i = 0; i < 3; i++) {
        ByoSms mt = an_mt(NUMBER_A, PHONE, "offer");
        give_mt(BOX1, &mt);
    }
    turn();
    Out first = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_accepted(&first);
    turn();
    ByoSms mo = an_mo(PHONE, NUMBER_A, "STOP"), behind = an_mt(NUMBER_A, PHONE, "offer");
    give_mo(&mo);
    give_mt(BOX1, &behind);
    later(5000);
    for (int i = 0; i < 100; i++, later(20))
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT) {
                ck_text(outs[k].sms.msgdata, STOPPED);
                give_accepted(&outs[k]);
            }
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    drop(&first);
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
    byo_flow_status(flow, &st, now);
    ck_assert_int_eq(st.total.mo_repeated, 1);
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

static void give_anew(ByoConnId conn, ByoSms *mt)
{
    byo_uuid_make(mt->id);
    give_mt(conn, mt);
}

START_TEST(test_applications_own_answer)
{
    start(NULL, NULL);
    receive(PHONE, NUMBER_A, "STOP");
    receive(PHONE, NUMBER_A, "START");
    ByoSms mt = an_mt(NUMBER_A, PHONE, "You are welcome");
    mt.sms_type = BYO_MT_REPLY;
    give_anew(BOX1, &mt);
    give_anew(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_FAILED);
    ck_ack(1, BYO_ACK_FAILED);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "OPERATION_NOT_ALLOWED");
    ck_assert_int_eq(events[BYO_EVENT_ANSWER_REFUSED], 1);
    /* also after a restart */
    flow_reboot();
    give_link(BYO_LINK_OWN, true);
    give_anew(BOX1, &mt);
    turn();
    ck_ack(0, BYO_ACK_FAILED);
    /* a push is no answer */
    mt.sms_type = BYO_MT_PUSH;
    give_anew(BOX1, &mt);
    turn();
    ck_assert_int_ne(out_of(BYO_OUT_PEER_ACK, 0)->nack, BYO_ACK_FAILED);
    now += 6 * 60 * 1000;
    mt.sms_type = BYO_MT_REPLY;
    give_anew(BOX1, &mt);
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
    tcase_add_test(t, test_C18_no_guess_behind_ports);
    tcase_add_loop_test(t, test_C18_C22_S2_what_octets_say, 0, (int)(sizeof said / sizeof *said));
    tcase_add_test(t, test_C70_parts_by_their_own);
    tcase_add_test(t, test_C30_the_rule_is_kept);
    tcase_add_test(t, test_k4_k5_opt_out);
    tcase_add_test(t, K5_from_its_turn_on);
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
