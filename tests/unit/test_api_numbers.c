/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers by the admin API: import, change, lists, CSV.
 * Threads: none. */
#include "api_fixture.h"
#include "suites.h"

START_TEST(N1_an_imported_number_is_there)
{
    ck_assert_int_eq(post("/v1/numbers",
                          "{\"number\":\"1 (202) 555-0101\",\"integration\":\"carrier-a\",\"type\":\"Local\","
                          "\"country\":\"us\"}"),
                     201);
    ck_str(str_at(&root, "number"), "+12025550101");
    ck_str(str_at(&root, "type"), "local");
    ck_str(str_at(&root, "country"), "US");
    ck_str(str_at(&root, "created"), "2026-09-21T14:13:20.000Z");
    ck_assert_int_eq(get("/v1/numbers/12025550101"), 200);
    ck_str(str_at(&root, "integration"), "carrier-a");
    ck_assert_int_eq(events_told, 1);
    ck_assert_str_eq(last_event_text, "+12025550101 of carrier-a was imported by admin");
}
END_TEST

START_TEST(N3_own_texts_come_back)
{
    ck_assert_int_eq(post("/v1/numbers",
                          "{\"number\":\"+12025550101\",\"integration\":\"carrier-a\",\"type\":\"local\","
                          "\"compliance\":{\"optOut\":[{\"keywords\":[\"ARRET\"],\"reply\":\"Fini\"}],"
                          "\"optOutPatterns\":[\"leave me alone\"]}}"),
                     201);
    get("/v1/numbers/12025550101");
    ByoJsonAt texts = byo_json_member(&root, "compliance"), out = byo_json_member(&texts, "optOut"),
              group = byo_json_item(&out, 0);
    ck_str(str_at(&group, "reply"), "Fini");
    ByoJsonAt patterns = byo_json_member(&texts, "optOutPatterns"), one = byo_json_item(&patterns, 0);
    ck_str(byo_json_peek_str(&one), "leave me alone");
}
END_TEST

/* (spec N5) Of two imports of one number the second is refused, whichever was first. */
START_TEST(N5_a_race_has_one_winner)
{
    const char *json = "{\"number\":\"+12025550101\",\"integration\":\"carrier-a\",\"type\":\"local\"}";
    snprintf(importing, sizeof importing, "12025550101");
    ck_assert_int_eq(post("/v1/numbers", json), 409);
    ck_str(error_code(), "import-in-progress");
    importing[0] = 0;
    ck_assert_int_eq(post("/v1/numbers", json), 201);
    ck_assert_int_eq(post("/v1/numbers", json), 409);
    ck_str(error_code(), "number-taken");
}
END_TEST

START_TEST(N1_change_keeps_the_rest)
{
    ck_assert_int_eq(ask("PATCH", "/v1/numbers/54321", "admin", "application/json",
                         S("{\"compliance\":{\"help\":[{\"keywords\":[\"WHAT\"],\"reply\":\"w\"}],"
                           "\"optOut\":[{\"keywords\":[\"BYE\"],\"reply\":\"o\"}],"
                           "\"optIn\":[{\"keywords\":[\"HI\"],\"reply\":\"i\"}]}}")),
                     200);
    get("/v1/numbers/54321");
    ck_str(str_at(&root, "type"), "short-code");
    ck_str(str_at(&root, "country"), "US");
    ck_str(str_at(&root, "created"), "2026-09-20T14:13:20.000Z");
    ByoJsonAt texts = byo_json_member(&root, "compliance"), help = byo_json_member(&texts, "help"),
              group = byo_json_item(&help, 0);
    ck_str(str_at(&group, "reply"), "w");
}
END_TEST

START_TEST(numbers_page_on)
{
    ck_assert_int_eq(get("/v1/numbers?limit=2"), 200);
    ByoJsonAt items = items_at();
    ck_assert_uint_eq(byo_json_size(&items), 2);
    char *target = byo_printf("/v1/numbers?limit=2&page=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_int_eq(get(target), 200);
    items = items_at();
    ck_assert_uint_eq(byo_json_size(&items), 1);
    ByoJsonAt next = byo_json_member(&root, "next");
    ck_assert_int_eq(byo_json_type(&next), BYO_JSON_NULL);
    free(target);
    ck_assert_int_eq(get("/v1/numbers?limit=3"), 200); /* as many as there are: no next page */
    next = byo_json_member(&root, "next");
    ck_assert_int_eq(byo_json_type(&next), BYO_JSON_NULL);
}
END_TEST

START_TEST(numbers_filter)
{
    ck_assert_uint_eq(count("/v1/numbers"), 3);
    ck_assert_uint_eq(count("/v1/numbers?integration=carrier-a"), 2);
    ck_assert_uint_eq(count("/v1/numbers?integration=carrier-a&type=short-code"), 1);
    ck_assert_uint_eq(count("/v1/numbers?number=%2B12025550200"), 1);
    ck_assert_uint_eq(count("/v1/numbers?number=12025550200&integration=carrier-a"), 0);
    ck_assert_uint_eq(count("/v1/numbers?integration=carrier-z"), 0);
}
END_TEST

START_TEST(N1_a_csv_is_answered_row_by_row)
{
    const char *csv = "\xEF\xBB\xBFnumber,integration,type,country\r\n"
                      "+12025550101,carrier-a,local,US\r\n"
                      "\r\n"
                      "\"+1 202 555 0102\",carrier-a,mobile,\r\n"
                      "+12025550101,carrier-b,local,\r\n"
                      "+12025550103,carrier-z,local,\r\n"
                      "+12025550100,carrier-a,local,\r\n"
                      "nonsense,carrier-a,local,\r\n"
                      "+12025550104,carrier-a,local,US,too,many,f,i,e,l,d,s\r\n";
    static const struct {
        int line, status;
        const char *code;
    } wanted[] = {{2, 201, NULL},           {4, 201, NULL},
                  {5, 409, "number-taken"}, {6, 422, "integration-missing"},
                  {7, 409, "number-taken"}, {8, 422, "type-mismatch"},
                  {9, 400, "bad-row"}};
    for (int real = 0; real < 2; real++) { /* first as a check, which changes nothing */
        const char *target = real ? "/v1/numbers/import" : "/v1/numbers/import?check=true";
        ck_assert_int_eq(events_told, 0);
        ck_assert_int_eq(ask("POST", target, "numbers", "text/csv; charset=utf-8", S(csv)), 200);
        ck_assert_int_eq(int_at(&root, "imported"), 2);
        ck_assert_int_eq(int_at(&root, "refused"), 5);
        ByoJsonAt items = items_at();
        ck_assert_uint_eq(byo_json_size(&items), 7);
        for (size_t i = 0; i < 7; i++) {
            ByoJsonAt one = byo_json_item(&items, i);
            ck_assert_int_eq(int_at(&one, "line"), wanted[i].line);
            ck_assert_int_eq(int_at(&one, "status"), wanted[i].status);
            ck_assert(byo_str_eq(str_at(&one, "code"), S(wanted[i].code)));
            ck_assert_int_eq(wanted[i].code == NULL, str_at(&one, "message").n == 0);
        }
    }
    ck_assert_int_eq(events_told, 1); /* one for all of them */
    ck_assert_uint_eq(count("/v1/numbers"), 5);
    ck_assert_uint_eq(count("/v1/audit"), 2);
}
END_TEST

START_TEST(a_csv_of_many_batches)
{
    ByoBuf csv = {0};
    for (int i = 0; i < 1203; i++)
        byo_buf_addf(&csv, "+1202556%04d,carrier-a,local\n", i);
    byo_buf_addf(&csv, "+12025560000,carrier-a,local\n");
    ck_assert_int_eq(ask("POST", "/v1/numbers/import?check=true", "admin", "text/csv", byo_buf_str(&csv)),
                     200);
    ck_assert_int_eq(int_at(&root, "imported"), 1203);
    ck_assert_int_eq(int_at(&root, "refused"), 1); /* of another batch */
    ck_assert_int_eq(ask("POST", "/v1/numbers/import", "admin", "text/csv", byo_buf_str(&csv)), 200);
    ck_assert_int_eq(int_at(&root, "imported"), 1203);
    ck_assert_int_eq(events_told, 3);
    byo_buf_free(&csv);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api numbers");
    TCase *t = tcase_create("numbers");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, fixture_start, fixture_stop);
    tcase_add_test(t, N1_an_imported_number_is_there);
    tcase_add_test(t, N3_own_texts_come_back);
    tcase_add_test(t, N5_a_race_has_one_winner);
    tcase_add_test(t, N1_change_keeps_the_rest);
    tcase_add_test(t, numbers_page_on);
    tcase_add_test(t, numbers_filter);
    tcase_add_test(t, N1_a_csv_is_answered_row_by_row);
    tcase_add_test(t, a_csv_of_many_batches);
    suite_add_tcase(s, t);
    return run_suite(s);
}
