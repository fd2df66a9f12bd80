/* SPDX-License-Identifier: BSD-3-Clause
 * A text tried, and one sent, by the admin API.
 * Threads: none. */
#include "api_fixture.h"
#include "suites.h"

#include <sqlite3.h>

/* -- test messages --------------------------------------------------------------------------------------*/

START_TEST(a_test_message_is_answered_with_its_id)
{
    char id[BYO_ID_TEXT], detail[128];
    ck_assert_int_eq(post("/v1/test-messages",
                          "{\"number\":\"+12025550100\",\"recipient\":\"+12025550152\",\"text\":\"a\"}"),
                     202);
    byo_id_text(messages[2], id);
    ck_str(str_at(&root, "id"), id);
    ck_str(str_at(&root, "state"), "active");
    last_audit("admin", "test message", "+12025550100");
    ck_assert_int_eq(
        post("/v1/test-messages",
             "{\"number\":\"+12025550100\",\"recipient\":\"+12025550151\",\"text\":\"refused\"}"),
        422);
    byo_id_text(messages[1], id);
    ck_str(str_at(&root, "id"), id);
    ck_str(str_at(&root, "cause"), "DEST_ADDR_INVALID");
    last_audit("admin", "test message", "+12025550100");
    ByoJsonAt items = items_at(), first = byo_json_item(&items, 0);
    snprintf(detail, sizeof detail, "%s to +12025550151 was refused", id);
    ck_str(str_at(&first, "detail"), detail);
    /* Taken and not to be read: no reason to send it again. */
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(store_file, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "ALTER TABLE message_frame RENAME TO gone", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(post("/v1/test-messages",
                          "{\"number\":\"+12025550100\",\"recipient\":\"+12025550152\",\"text\":\"a\"}"),
                     202);
    byo_id_text(messages[2], id);
    ck_str(str_at(&root, "id"), id);
    ck_assert_int_eq(sqlite3_exec(db, "ALTER TABLE gone RENAME TO message_frame", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    commit_result = BYO_STORE_FULL;
    ck_assert_int_eq(post("/v1/test-messages",
                          "{\"number\":\"+12025550100\",\"recipient\":\"+12025550152\",\"text\":\"a\"}"),
                     503);
}
END_TEST

/* -- encode (spec J4, D11; promise 4) -------------------------------------------------------------------*/

static int encode_it(const char *text)
{
    ByoJson *j = byo_json_object();
    ByoBuf body = {0};
    byo_json_set_z(j, "text", text);
    byo_json_set_z(j, "integration", "carrier-a");
    byo_json_text(j, false, &body);
    int status = post("/v1/encode", body.p);
    byo_buf_free(&body);
    byo_json_free(j);
    return status;
}

/* "OFFSET CHARACTER>STAND-IN|STAND-IN; ..." of the answer. */
static const char *forcing(void)
{
    static char out[1024];
    ByoJsonAt list = byo_json_member(&root, "characters");
    size_t n = 0;
    out[0] = 0;
    for (size_t i = 0; i < byo_json_size(&list); i++) {
        ByoJsonAt one = byo_json_item(&list, i), texts = byo_json_member(&one, "standIns");
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%d %.*s>", i ? "; " : "",
                              (int)int_at(&one, "offset"), BYO_PF(str_at(&one, "character")));
        for (size_t k = 0; k < byo_json_size(&texts); k++) {
            ByoJsonAt text = byo_json_item(&texts, k);
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", k ? "|" : "",
                                  BYO_PF(byo_json_peek_str(&text)));
        }
    }
    return out;
}

static const struct {
    const char *text, *charset, *unit, *forcing;
    int dcs, segments, units, octets; /* of the first segment */
} encode_rows[] = {
    {"hello", "GSM_0338", "septet", "", 0, 1, 5, 5},
    {"", "GSM_0338", "septet", "", 0, 1, 0, 0},
    {"5 \u20ac", "GSM_0338", "septet", "", 0, 1, 4, 4},
    {"Don\u2019t", "UTF-16BE", "utf-16", "3 \u2019>'", 8, 1, 5, 10},
    {"Gr\u00fc\u00dfe\u2026", "UTF-16BE", "utf-16", "5 \u2026>...", 8, 1, 6, 12},
    {"a\u00a0b", "ISO-8859-1", "octet", "1 \u00a0> ", 3, 1, 3, 3},
    {"\u201ca\u201d \u2013 \u00a0", "UTF-16BE", "utf-16", "0 \u201c>\"; 2 \u201d>\"; 4 \u2013>-; 6 \u00a0> ",
     8, 1, 7, 14},
    {"e\u0301t\u00e9", "UTF-16BE", "utf-16", "0 e\u0301>\u00e9", 8, 1, 4, 8}, /* a Mac writes it so */
    {"\ufb01n \u0151", "UTF-16BE", "utf-16", "0 \ufb01>fi; 3 \u0151>\u00f6|o", 8, 1, 4, 8},
    {"\U0001f600!", "UTF-16BE", "utf-16", "0 \U0001f600>:-D", 8, 1, 3, 6},
    {"a\u200bb", "UTF-16BE", "utf-16", "1 \u200b>", 8, 1, 3, 6}, /* it can be left out */
    {"\u4e2d", "UTF-16BE", "utf-16", "0 \u4e2d>", 8, 1, 1, 2},
};

START_TEST(J4_a_text_is_tried)
{
    for (size_t i = 0; i < sizeof encode_rows / sizeof *encode_rows; i++) {
        ck_assert_int_eq(encode_it(encode_rows[i].text), 200);
        ByoJsonAt segments = byo_json_member(&root, "segments"), one = byo_json_item(&segments, 0),
                  others = byo_json_member(&root, "others");
        ck_str(str_at(&root, "charset"), encode_rows[i].charset);
        ck_str(str_at(&root, "unit"), encode_rows[i].unit);
        ck_assert_str_eq(forcing(), encode_rows[i].forcing);
        ck_assert_int_eq(int_at(&root, "dcs"), encode_rows[i].dcs);
        ck_assert_int_eq(byo_json_size(&segments), encode_rows[i].segments);
        ck_assert_int_eq(int_at(&one, "units"), encode_rows[i].units);
        ck_assert_int_eq(int_at(&one, "octets"), encode_rows[i].octets);
        ck_str(str_at(&one, "text"), encode_rows[i].text);
        ck_assert_uint_eq(byo_json_size(&others), 7);
    }
}
END_TEST

/* What stands in a segment is never half a character; together it is the text. */
START_TEST(D11_segments_of_a_text)
{
    ByoBuf text = {0}, joined = {0};
    for (int i = 0; i < 71; i++)
        byo_buf_adds(&text, i == 65 ? "\U0001f600" : "\u00e9\u4e2d");
    ck_assert_int_eq(encode_it(text.p), 200);
    ByoJsonAt segments = byo_json_member(&root, "segments");
    ck_assert_uint_eq(byo_json_size(&segments), 3);
    for (size_t i = 0; i < 3; i++) {
        ByoJsonAt one = byo_json_item(&segments, i);
        ByoStr part = str_at(&one, "text");
        ck_assert(byo_utf8_valid(part));
        ck_assert_int_le(int_at(&one, "units"), 67);
        ck_assert_int_eq(int_at(&one, "octets"), 2 * int_at(&one, "units"));
        byo_buf_add(&joined, part.p, part.n);
    }
    ck_assert_str_eq(joined.p, text.p);
    byo_buf_free(&text);
    byo_buf_free(&joined);
}
END_TEST

START_TEST(J4_a_text_nothing_carries)
{
    fixture_charsets =
        "{\"charsets\":[{\"dcs\":0,\"charset\":\"GSM_0338\"},{\"dcs\":3,\"charset\":\"ISO-8859-1\"}]}";
    ck_assert_int_eq(encode_it("\u00e7\u2019"), 200);
    ByoJsonAt charset = byo_json_member(&root, "charset"), others = byo_json_member(&root, "others"),
              gsm = byo_json_item(&others, 0);
    ck_assert_int_eq(byo_json_type(&charset), BYO_JSON_NULL);
    ck_str(str_at(&root, "cause"), "DATA_CODING_SCHEME_INVALID");
    ck_assert_str_eq(forcing(), "0 \u00e7>\u00c7|c; 1 \u2019>'");
    ck_assert_uint_eq(byo_json_size(&others), 2);
    ck_str(str_at(&gsm, "why"), "it lacks characters of the text");
}
END_TEST

START_TEST(a_text_that_is_too_long)
{
    ByoBuf text = {0};
    for (int i = 0; i < 40000; i++)
        byo_buf_addc(&text, 'a');
    ck_assert_int_eq(encode_it(text.p), 200);
    ck_str(str_at(&root, "cause"), "MESSAGE_BODY_TOO_LONG");
    byo_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api encode");
    TCase *t = tcase_create("encode");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, fixture_start, fixture_stop);
    tcase_add_test(t, a_test_message_is_answered_with_its_id);
    tcase_add_test(t, J4_a_text_is_tried);
    tcase_add_test(t, D11_segments_of_a_text);
    tcase_add_test(t, J4_a_text_nothing_carries);
    tcase_add_test(t, a_text_that_is_too_long);
    suite_add_tcase(s, t);
    return run_suite(s);
}
