/* SPDX-License-Identifier: BSD-3-Clause
 * How an MT is written: its charset (spec J4), its segments, binary and own headers, its class.
 * Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>
#include <stdlib.h>

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

static ByoSms ucs2(ByoStr octets)
{
    ByoSms mt = plain("");
    mt.coding = BYO_CODING_UCS2;
    mt.msgdata = octets;
    return mt;
}

START_TEST(test_utf16_in)
{
    flow_start(NULL, NULL);
    ByoSms mt = ucs2(byo_strn("\0H\0i", 4));
    send_mt(BOX1, &mt);
    ck_text(out_of(BYO_OUT_SEGMENT, 0)->sms.msgdata, "Hi");
    mt = ucs2(byo_strn("\0H\0", 3));
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
    ByoSms mt = ucs2(byo_buf_str(&text));
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
    ByoSms mt = ucs2(byo_strn("\0a\xd8\x3d", 4));
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

Suite *flow_write_suite(void)
{
    Suite *s = suite_create("flow, written");
    TCase *t = tcase_create("write");
    tcase_set_timeout(t, 120);
#define LOOP(test, table) tcase_add_loop_test(t, test, 0, (int)(sizeof table / sizeof *table))
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
    suite_add_tcase(s, t);
    return s;
}
