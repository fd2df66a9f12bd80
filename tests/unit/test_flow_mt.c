/* SPDX-License-Identifier: BSD-3-Clause
 * An MT's way out: whose it is (spec N6), whether it may go (spec K5), how it is written (spec J4), its addresses
 * (spec P3-P8), its segments, its ack.
 * Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>
#include <stdlib.h>

/* Gives one MT and makes a turn. */
static void send_mt(ByoConnId conn, const ByoSms *mt)
{
    give_mt(conn, mt);
    turn();
}

static ByoSms plain(const char *text)
{
    return an_mt("+" NUMBER_A, PHONE, text);
}

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

/* -- how it is written (spec J4) ------------------------------------------------------------------------*/

static const struct {
    const char *row, *text;
    const char *cause;   /* or */
    const char *charset; /* what the message says of itself */
    int dcs;
    const char *data_coding; /* in the meta-data; NULL: none */
    int coding;
    const char *payload;
} texts[] = {
    {"J4 GSM first", "Hello {}", NULL, "GSM_0338", 0, NULL, 0, "Hello {}"},
    {"J4 Cyrillic", "\xd0\x9f\xd1\x80", NULL, "ISO-8859-5", 6, "6", 0, "\xd0\x9f\xd1\x80"},
    {"J4 an emoji is UTF-16", "\xf0\x9f\x98\x80", NULL, "UTF-16BE", 8, NULL, 2, "\xd8\x3d\xde\x00"},
    {"empty", "", NULL, "GSM_0338", 0, NULL, 0, ""},
    {"broken UTF-8 is refused, never '?'", "\xff\xfe", "MESSAGE_DATA_INVALID", NULL, 0, NULL, 0, NULL},
};

START_TEST(test_j4_texts)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain(texts[_i].text);
    send_mt(BOX1, &mt);
    if (texts[_i].cause) {
        ck_ack(0, BYO_ACK_FAILED);
        ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), texts[_i].cause);
    } else {
        const Out *o = out_of(BYO_OUT_SEGMENT, 0);
        size_t n = texts[_i].coding == 2 ? 4 : strlen(texts[_i].payload);
        ck_assert(o->sms.msgdata.p && byo_str_eq(o->sms.msgdata, byo_strn(texts[_i].payload, n)));
        ck_assert_int_eq(o->sms.coding, texts[_i].coding);
        ByoStr dc = byo_meta_get(&o->meta, "smpp", "data_coding");
        if (texts[_i].data_coding)
            ck_text(dc, texts[_i].data_coding);
        else
            ck_assert(dc.p == NULL);
        ByoMessageRow m = message_of(o);
        ck_text(m.charset, texts[_i].charset);
        ck_assert_int_eq(m.dcs, texts[_i].dcs);
        ck_assert(o->sms.udhdata.p == NULL);
    }
    flow_stop();
}
END_TEST

START_TEST(test_j4_none_fits)
{
    flow_advanced(
        "{\"charsets\":[{\"dcs\":0,\"charset\":\"GSM_0338\"},{\"dcs\":3,\"charset\":\"ISO-8859-1\"}]}");
    flow_start("advanced-config = \"advanced.json\"", NULL);
    ByoSms mt = plain("snowman \xe2\x98\x83");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_FAILED);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    const Out *r = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_str_eq(byo_key(r, "cause"), "DATA_CODING_SCHEME_INVALID");
    ck_assert_str_eq(byo_key(r, "code"), "3");
    ck_text(r->sms.msgdata, "NACK/DATA_CODING_SCHEME_INVALID");
    mt = plain("caf\xc3\xa9 \xc3\xa1"); /* a acute is not in GSM 03.38 */
    send_mt(BOX1, &mt);
    ck_text(message_of(out_of(BYO_OUT_SEGMENT, 0)).charset, "ISO-8859-1");
    flow_stop();
}
END_TEST

START_TEST(test_utf16_in)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("");
    mt.coding = BYO_CODING_UCS2;
    mt.msgdata = byo_strn("\0H\0i", 4);
    send_mt(BOX1, &mt);
    ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.msgdata, "Hi");
    mt = plain("");
    mt.coding = BYO_CODING_UCS2;
    mt.msgdata = byo_strn("\0H\0", 3);
    send_mt(BOX1, &mt);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "MESSAGE_DATA_INVALID");
    flow_stop();
}
END_TEST

/* -- segments ---------------------------------------------------------------------------------------*/

static void repeat(ByoBuf *b, const char *text, size_t octets)
{
    byo_buf_clear(b);
    while (b->n < octets)
        byo_buf_adds(b, text);
    b->p[b->n = octets] = 0;
}

static const struct {
    const char *row, *keys, *text;
    size_t octets;
    int segments;
    size_t first; /* octets of the first payload */
} lengths[] = {
    {"160 septets", "", "abcde", 160, 1, 160},
    {"161 septets", "", "abcde", 161, 2, 153},
    {"306 septets", "", "abcde", 306, 2, 153},
    {"307 septets", "", "abcde", 307, 3, 153},
    {"16-bit reference", "concat-reference = 16", "abcde", 305, 3, 152},
    {"an escape pair is not split", "", "0123456{8", 180, 2, 0},
    {"255 segments", "", "abcde", 255 * 153, 255, 153},
};

START_TEST(test_segments)
{
    ByoBuf text = {0}, all = {0};
    char keys[200];
    snprintf(keys, sizeof keys, "messages-per-second = 100\n%s", lengths[_i].keys);
    flow_start(keys, NULL);
    repeat(&text, lengths[_i].text, lengths[_i].octets);
    ByoSms mt = plain(text.p);
    give_mt(BOX1, &mt);
    int n = 0;
    unsigned reference = 0;
    ByoId message = 0;
    turn();
    ck_ack(0, lengths[_i].segments == 1 ? BYO_ACK_SUCCESS : BYO_ACK_BUFFERED);
    for (int turns = 0; turns < 400 && n < lengths[_i].segments; turns++) {
        for (size_t k = 0; k < n_outs; k++) {
            if (outs[k].kind != BYO_OUT_SEGMENT)
                continue;
            const ByoSms *s = &outs[k].sms;
            unsigned ref, total, number;
            n++;
            if (lengths[_i].segments > 1) {
                ck_assert(byo_udh_check(s->udhdata, &ref, &total, &number));
                ck_assert_uint_eq(total, (unsigned)lengths[_i].segments);
                ck_assert_uint_eq(number, (unsigned)n);
                if (n == 1)
                    reference = ref;
                ck_assert_uint_eq(ref, reference);
            }
            char token[64];
            if (n == 1)
                message = message_of(&outs[k]).id;
            snprintf(token, sizeof token, "byobox:%llx.1", (unsigned long long)message + (unsigned)n);
            ck_text(s->dlr_url, token);
            ck_assert_int_eq(s->dlr_mask, 31);
            ck_assert_int_eq(s->resend_try, 1000000);
            ck_assert_int_eq(s->sms_type, BYO_MT_PUSH);
            ck_text(s->smsc_id, "carrier-a");
            ck_text(s->boxc_id, "byobox");
            ck_assert_str_ne(s->id, mt.id);
            ck_assert_int_eq(s->msg_left, n == lengths[_i].segments ? BYO_UNDEF : lengths[_i].segments - n);
            if (n == 1 && lengths[_i].first)
                ck_assert_uint_eq(s->msgdata.n, lengths[_i].first);
            byo_buf_add(&all, s->msgdata.p, s->msgdata.n);
            give_accepted(&outs[k]);
        }
        later(20);
    }
    ck_assert_int_eq(n, lengths[_i].segments);
    ck_assert(byo_str_eq(byo_buf_str(&all), byo_buf_str(&text)));
    byo_buf_free(&text);
    byo_buf_free(&all);
    flow_stop();
}
END_TEST

START_TEST(test_too_long)
{
    ByoBuf text = {0};
    flow_start(NULL, NULL);
    repeat(&text, "abcde", 255 * 153 + 1);
    ByoSms mt = plain(text.p);
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_FAILED);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "MESSAGE_BODY_TOO_LONG");
    byo_buf_free(&text);
    flow_stop();
}
END_TEST

static const struct {
    const char *row;
    int coding;
    const char *udh;
    size_t udh_n, octets;
    const char *cause;
    int segments;
} raw[] = {
    {"binary, one", 1, NULL, 0, 140, NULL, 1},
    {"binary, split", 1, NULL, 0, 141, NULL, 2},
    {"own UDH, binary", 1, "\x06\x05\x04\x15\x81\x00\x00", 7, 133, NULL, 1},
    {"own UDH, binary, too long", 1, "\x06\x05\x04\x15\x81\x00\x00", 7, 134, "MESSAGE_BODY_TOO_LONG", 0},
    {"own UDH that lies", 1, "\x06\x05\x09\x15\x81\x00\x00", 7, 10, "MESSAGE_DATA_INVALID", 0},
    {"own UDH, septets", 0, "\x05\x00\x03\x11\x02\x01", 6, 153, NULL, 1},
    {"own UDH, septets, too long", 0, "\x05\x00\x03\x11\x02\x01", 6, 154, "MESSAGE_BODY_TOO_LONG", 0},
    {"own UDH, UTF-16", 2, "\x05\x00\x03\x11\x02\x01", 6, 134, NULL, 1},
    {"own UDH, UTF-16, odd", 2, "\x05\x00\x03\x11\x02\x01", 6, 133, "MESSAGE_DATA_INVALID", 0},
};

START_TEST(test_binary_and_udh)
{
    ByoBuf data = {0};
    flow_start("messages-per-second = 100", NULL);
    repeat(&data, "0a1b2", raw[_i].octets);
    ByoSms mt = plain(data.p);
    mt.coding = raw[_i].coding;
    if (raw[_i].udh)
        mt.udhdata = byo_strn(raw[_i].udh, raw[_i].udh_n);
    send_mt(BOX1, &mt);
    if (raw[_i].cause) {
        ck_ack(0, BYO_ACK_FAILED);
        ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), raw[_i].cause);
    } else {
        ByoBuf all = {0};
        int n = 0;
        for (int turns = 0; turns < 20; turns++, later(20))
            for (size_t k = 0; k < n_outs; k++)
                if (outs[k].kind == BYO_OUT_SEGMENT) {
                    n++;
                    byo_buf_add(&all, outs[k].sms.msgdata.p, outs[k].sms.msgdata.n);
                    ck_assert_int_eq(outs[k].sms.coding, raw[_i].coding);
                    if (raw[_i].udh)
                        ck_assert(byo_str_eq(outs[k].sms.udhdata, mt.udhdata));
                    give_accepted(&outs[k]);
                }
        ck_assert_int_eq(n, raw[_i].segments);
        ck_assert(byo_str_eq(byo_buf_str(&all), byo_buf_str(&data)));
        byo_buf_free(&all);
    }
    byo_buf_free(&data);
    flow_stop();
}
END_TEST

/* (field C77) Text with the application's own header goes by the list, its limit in that charset. */
static const struct {
    const char *row, *charsets, *udh;
    size_t udh_n;
    const char *unit; /* ASCII or Latin-1 code, as UTF-16BE */
    size_t units;
    const char *charset, *cause;
    int dcs;
} own_texts[] = {
    {"140 letters, no room", "", "\x06\x05\x04\x15\x81\x00\x00", 7, "a", 140, "GSM_0338", NULL, 0},
    {"152 letters", "", "\x06\x05\x04\x15\x81\x00\x00", 7, "a", 152, "GSM_0338", NULL, 0},
    {"153 letters", "", "\x06\x05\x04\x15\x81\x00\x00", 7, "a", 153, NULL, "MESSAGE_BODY_TOO_LONG", 0},
    {"Latin-1 only", "{\"dcs\":3,\"charset\":\"ISO-8859-1\"}", "\x05\x00\x03\x11\x02\x01", 6, "e", 134,
     "ISO-8859-1", NULL, 3},
    {"Latin-1 only, too long", "{\"dcs\":3,\"charset\":\"ISO-8859-1\"}", "\x05\x00\x03\x11\x02\x01", 6, "e",
     135, NULL, "MESSAGE_BODY_TOO_LONG", 0},
    {"Turkish", "{\"dcs\":0,\"charset\":\"GSM_0338/TR\"}", "\x05\x00\x03\x11\x02\x01", 6, "\x5f", 10,
     "GSM_0338/TR", NULL, 0},
};

START_TEST(test_C77_own_udh_text)
{
    char json[200];
    ByoBuf text = {0};
    if (own_texts[_i].charsets[0]) {
        snprintf(json, sizeof json, "{\"charsets\":[%s]}", own_texts[_i].charsets);
        flow_advanced(json);
    }
    bool turkish = strcmp(own_texts[_i].row, "Turkish") == 0;
    if (turkish)
        flow_box_lines("bearerbox-features = raw-payload\n");
    flow_start(own_texts[_i].charsets[0] ? "advanced-config = \"advanced.json\"" : NULL, NULL);
    for (size_t i = 0; i < own_texts[_i].units; i++) {
        byo_buf_addc(&text, turkish ? 1 : 0); /* U+015F, s with cedilla */
        byo_buf_addc(&text, own_texts[_i].unit[0]);
    }
    ByoSms mt = plain("");
    mt.coding = BYO_CODING_UCS2;
    mt.msgdata = byo_buf_str(&text);
    mt.udhdata = byo_strn(own_texts[_i].udh, own_texts[_i].udh_n);
    send_mt(BOX1, &mt);
    if (own_texts[_i].cause) {
        ck_ack(0, BYO_ACK_FAILED);
        ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), own_texts[_i].cause);
    } else {
        ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 1);
        const Out *o = out_of(BYO_OUT_SEGMENT, 0);
        ByoMessageRow m = message_of(o);
        ck_text(m.charset, own_texts[_i].charset);
        ck_assert_int_eq(m.dcs, own_texts[_i].dcs);
        if (turkish) { /* the table is named beside what the application named */
            ck_assert(byo_str_eq(o->sms.udhdata, byo_strn("\x08\x00\x03\x11\x02\x01\x24\x01\x01", 9)));
            ck_assert_uint_eq(o->sms.msgdata.n, 20);
        } else {
            ck_assert(byo_str_eq(o->sms.udhdata, mt.udhdata));
            ck_assert_uint_eq(o->sms.msgdata.n, own_texts[_i].units);
        }
    }
    byo_buf_free(&text);
    flow_stop();
}
END_TEST

START_TEST(test_C77_a_character_cut_by_the_application_goes_as_it_is)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("");
    mt.coding = BYO_CODING_UCS2;
    mt.msgdata = byo_strn("\0a\xd8\x3d", 4);
    mt.udhdata = byo_strn("\x05\x00\x03\x11\x02\x01", 6);
    send_mt(BOX1, &mt);
    const Out *o = out_of(BYO_OUT_SEGMENT, 0);
    ck_assert(byo_str_eq(o->sms.msgdata, mt.msgdata));
    ck_assert_int_eq(o->sms.coding, 2);
    flow_stop();
}
END_TEST

START_TEST(test_national_parts_name_their_tables)
{
    flow_advanced("{\"charsets\":[{\"dcs\":0,\"charset\":\"GSM_0338/TR\"}]}");
    flow_box_lines("bearerbox-features = raw-payload\n");
    flow_start("advanced-config = \"advanced.json\"\nmessages-per-second = 100", NULL);
    ByoBuf text = {0};
    for (int i = 0; i < 150; i++)
        byo_buf_adds(&text, "\xc5\x9f");
    byo_buf_adds(&text, "\xc4\xb0\xc4\xb0\xc4\xb0\xc4\xb0\xc4\xb0\xc4\xb0");
    ByoSms mt = plain(text.p);
    give_mt(BOX1, &mt);
    int n = 0;
    turn();
    for (int turns = 0; turns < 100; turns++, later(20))
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT) {
                ck_assert_uint_eq(outs[k].sms.udhdata.n, 9);
                ck_assert_mem_eq(outs[k].sms.udhdata.p + 6, "\x25\x01\x01", 3);
                ck_assert_uint_eq(outs[k].sms.msgdata.n, n ? 156 - 149 : 149);
                ck_text(byo_meta_get(&outs[k].meta, "smpp", "data_coding"), "0");
                n++;
                give_accepted(&outs[k]);
            }
    ck_assert_int_eq(n, 2);
    byo_buf_free(&text);
    flow_stop();
}
END_TEST

START_TEST(test_class)
{
    /* a class: only GSM_0338 and UTF-16BE, and no data_coding of ours */
    flow_start(NULL, NULL);
    ByoSms mt = plain("\xd0\x9f");
    mt.mclass = 0;
    send_mt(BOX1, &mt);
    const Out *o = out_of(BYO_OUT_SEGMENT, 0);
    ck_assert_int_eq(o->sms.coding, 2);
    ck_assert_int_eq(o->sms.mclass, 0);
    ck_assert(byo_meta_get(&o->meta, "smpp", "data_coding").p == NULL);
    mt = plain("\xd0\x9f");
    mt.alt_dcs = 1;
    send_mt(BOX1, &mt);
    wait_out(200);
    for (size_t k = 0; k < n_outs; k++)
        if (outs[k].kind == BYO_OUT_SEGMENT)
            ck_assert_int_eq(outs[k].sms.coding, 2);
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
    LOOP(test_j4_texts, texts);
    tcase_add_test(t, test_j4_none_fits);
    tcase_add_test(t, test_utf16_in);
    LOOP(test_segments, lengths);
    tcase_add_test(t, test_too_long);
    LOOP(test_binary_and_udh, raw);
    LOOP(test_C77_own_udh_text, own_texts);
    tcase_add_test(t, test_C77_a_character_cut_by_the_application_goes_as_it_is);
    tcase_add_test(t, test_national_parts_name_their_tables);
    tcase_add_test(t, test_class);
    tcase_add_test(t, test_a_test_message_obeys_what_an_mt_obeys);
    suite_add_tcase(s, t);
    return s;
}
