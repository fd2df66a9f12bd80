/* SPDX-License-Identifier: BSD-3-Clause
 * Lists that are long: what is looked for in events, CSV with what it holds, how much one answer gives. */
#include "api_fixture.h"
#include "suites.h"

/* The definitions of the events of a page, "0306 0103". */
static const char *definitions(const char *target)
{
    static char out[512];
    size_t n = 0;
    ck_assert_int_eq(get(target), 200);
    ByoJsonAt items = items_at();
    out[0] = 0;
    for (size_t i = 0; i < byo_json_size(&items) && n < sizeof out - 16; i++) {
        ByoJsonAt one = byo_json_item(&items, i);
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.4s", i ? " " : "",
                              str_at(&one, "definition").p + 4);
    }
    return out;
}

static void add_event(int i, const char *entity, const char *text)
{
    ByoEventRow e = {.time = NOW + i,
                     .last = NOW + i,
                     .definition = S("BYO-0601"),
                     .name = S("bearerbox-lost"),
                     .entity = S(entity),
                     .previous = S(""),
                     .current = S(""),
                     .error_code = S("E-88"),
                     .text = S(text),
                     .count = 1};
    byo_store_event_add(writer, &e, NOW + i);
}

static void add_one(int i, const char *entity, const char *text)
{
    byo_store_begin(writer);
    add_event(i, entity, text);
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
}

/* -- events (spec L5) ---------------------------------------------------------------------------------------*/

START_TEST(L5_several_definitions_at_once)
{
    ck_assert_str_eq(definitions("/v1/events?definition=integration-state,BYO-0306"), "0306 0101");
    ck_assert_str_eq(definitions("/v1/events?definition=integration-state&definition=byo-0306"), "0306 0101");
    ck_assert_str_eq(definitions("/v1/events?definition=BYO-0103"), "0103");
    ck_assert_str_eq(definitions("/v1/events?definition=BYO-0103,bind-lost"), "0103");
    ck_assert_str_eq(definitions("/v1/events?definition=BYO-0103,BYO-0306&entity=carrier-b"), "0103");
    ck_assert_str_eq(definitions("/v1/events?definition=integration-state,BYO-0306&limit=1"), "0306");
    char *target = byo_printf("/v1/events?definition=integration-state,BYO-0306&limit=1&page=%.*s",
                              BYO_PF(str_at(&root, "next")));
    ck_assert_str_eq(definitions(target), "0101");
    ck_assert(str_at(&root, "next").p == NULL);
    free(target);
    static const char *const bad[] = {"BYO-0103,",          ",",        "",
                                      "BYO-0103,,BYO-0306", "BYO-9999", "BYO-0103, BYO-0306"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char query[128];
        snprintf(query, sizeof query, "/v1/events?definition=%s", bad[i]);
        for (char *blank; (blank = strchr(query, ' ')) != NULL;)
            *blank = '+';
        ck_assert_int_eq(get(query), 400);
        ck_str(error_field(), "definition");
    }
}
END_TEST

START_TEST(L5_a_text_is_looked_for)
{
    add_one(5, "carrier-c", "100% of Z\xC3\x9CRICH <b>, \xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82");
    ck_assert_str_eq(definitions("/v1/events?text=HAPPENED"), "0306 0103 0101");
    ck_assert_str_eq(definitions("/v1/events?text=100%25"), "0601"); /* no sign of it is a pattern */
    ck_assert_str_eq(definitions("/v1/events?text=%3Cb%3E"), "0601");
    ck_assert_str_eq(definitions("/v1/events?text=z%C3%BCrich"), "0601"); /* letter case of all scripts */
    ck_assert_str_eq(definitions("/v1/events?text=%D0%9F%D0%A0%D0%98"), "0601");
    ck_assert_str_eq(definitions("/v1/events?text=carrier-B"), "0103");   /* of the entity */
    ck_assert_str_eq(definitions("/v1/events?text=bearerbox-l"), "0601"); /* of the name */
    ck_assert_str_eq(definitions("/v1/events?text=byo-03"), "0306");
    ck_assert_str_eq(definitions("/v1/events?text=e-88"), "0601");
    ck_assert_str_eq(definitions("/v1/events?text=_appened"), "");
    ck_assert_str_eq(definitions("/v1/events?text="), "0601 0306 0103 0101");
    ck_assert_str_eq(
        definitions("/v1/events?text=happened&definition=bind-lost,integration-state&entity=carrier-a"),
        "0101");
    ck_assert_str_eq(definitions("/v1/events?text=happened&after=0&limit=2"), "0101 0103");
    char *target = byo_printf("/v1/events?text=happened&after=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_str_eq(definitions(target), "0306");
    free(target);
    ck_assert_int_eq(get("/v1/events?text=%FF%C3"), 400);
    ck_str(error_field(), "text");
    char query[512] = "/v1/events?text=";
    memset(query + strlen(query), 'x', 201);
    ck_assert_int_eq(get(query), 400);
    ck_str(error_field(), "text");
}
END_TEST

/* What is looked at in one answer has a bound, and the next page goes on behind it. */
START_TEST(L5_a_search_is_bounded)
{
    byo_store_begin(writer);
    for (int i = 0; i < BYO_EVENTS_LOOKED + 10; i++)
        add_event(10 + i / 100, "store", i == 0 ? "the needle" : "hay");
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
    ck_assert_str_eq(definitions("/v1/events?text=needle"), "");
    ck_assert(str_at(&root, "next").p != NULL);
    char *target = byo_printf("/v1/events?text=needle&page=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_str_eq(definitions(target), "0601");
    ck_assert(str_at(&root, "next").p == NULL);
    free(target);
}
END_TEST

static const char csv_head[] =
    "id,time,last,count,definition,name,entity,previous,current,error-code,text,node\r\n";

/* Without ids. */
static const char *csv_rows(const char *target)
{
    static char out[2048];
    size_t n = 0;
    ck_assert_int_eq(get(target), 200);
    ck_assert_str_eq(resp.content_type, "text/csv; charset=utf-8");
    byo_buf_addc(&resp.body, 0);
    const char *at = strchr(resp.body.p, '\n') + 1;
    out[0] = 0;
    for (const char *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
        if (end - at > 15 && at[14] == ',')
            n += (size_t)snprintf(out + n, sizeof out - n, "%.*s|", (int)(end - at - 16), at + 15);
    return out;
}

START_TEST(L5_events_as_csv)
{
    add_one(5, "carrier-c", "=HYPERLINK(\"http://a.example\"), then");
    add_one(6, "carrier-c", "@SUM(1)");
    ck_assert_str_eq(
        csv_rows("/v1/events?format=csv&definition=bearerbox-lost,bind-lost"),
        "2026-09-21T14:13:20.006Z,2026-09-21T14:13:20.006Z,1,BYO-0601,bearerbox-lost,carrier-c,,,"
        "E-88,\"'@SUM(1)\",|"
        "2026-09-21T14:13:20.005Z,2026-09-21T14:13:20.005Z,1,BYO-0601,bearerbox-lost,carrier-c,,,"
        "E-88,\"'=HYPERLINK(\"\"http://a.example\"\"), then\",|"
        "2026-09-21T14:13:20.001Z,2026-09-21T14:13:20.001Z,1,BYO-0103,bind-lost,carrier-b,,now,,"
        "\"it happened\",|");
    ck_assert(strncmp(resp.body.p, csv_head, strlen(csv_head)) == 0);
    ck_assert_ptr_nonnull(strstr(csv_rows("/v1/events?format=csv&limit=2&text=happened"), "+12025550100"));
    ck_assert_ptr_null(strstr(csv_rows("/v1/events?format=csv&limit=2&text=happened"), "carrier-a"));
    ck_assert_ptr_nonnull(strstr(csv_rows("/v1/events?format=csv&after=0&limit=1"), "carrier-a"));
    ck_assert_int_eq(get("/v1/events?format=csv&limit=1000000"), 200);
    ck_assert_int_eq(get("/v1/events?format=csv&limit=1000001"), 400);
    ck_assert_int_eq(get("/v1/events?format=xml"), 400);
    ck_str(error_field(), "format");
}
END_TEST

static int rows_of_a_piece;

/* Each piece is of few rows: its read of the store is short. */
START_TEST(L5_a_csv_comes_in_short_reads)
{
    byo_store_begin(writer);
    for (int i = 0; i < 3500; i++)
        add_event(10 + i / 100, "store", "hay");
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
    ByoApi api = {.actions = &actions, .auth = auth, .sessions = sessions, .users = &users, .reader = reader};
    ByoApiRequest req = {.method = S("GET"),
                         .path = S("/v1/events"),
                         .query = S("format=csv"),
                         .header[BYO_HEADER_AUTHORIZATION] = S(basic("admin")),
                         .ip = S("127.0.0.1"),
                         .now = NOW,
                         .monotonic = 1000};
    byo_api_handle(&api, &req, &resp);
    ByoPieceResult r = BYO_PIECE_MORE;
    int all = 0;
    while (r == BYO_PIECE_MORE) {
        ByoBuf piece = {0};
        r = resp.rest.next(resp.rest.arg, reader, NOW, &piece);
        rows_of_a_piece = 0;
        for (size_t i = 0; i < piece.n; i++)
            rows_of_a_piece += piece.p[i] == '\n';
        ck_assert_int_le(rows_of_a_piece, 1000);
        all += rows_of_a_piece;
        byo_buf_free(&piece);
    }
    ck_assert_int_eq(r, BYO_PIECE_LAST);
    ck_assert_int_eq(all, 3503);
    ck_assert_int_eq(resp.rest.next(resp.rest.arg, NULL, NOW, &resp.body), BYO_PIECE_BROKEN);
}
END_TEST

/* -- inbound messages -------------------------------------------------------------------------------------*/

static void add_inbound(int i, const char *sender, const char *text, int keyword, const char *box)
{
    ByoInboundRow row = {.id = byo_store_new_id(writer, NOW + i),
                         .integration = S("carrier-a"),
                         .number = S("12025550100"),
                         .sender = S(sender),
                         .keyword = keyword,
                         .uuid = S("11111111-2222-3333-4444-555555555555"),
                         .named = box != NULL,
                         .box = S(box ? box : ""),
                         .has_text = text != NULL,
                         .text = S(text ? text : "")};
    byo_store_inbound_add(writer, &row);
}

START_TEST(D2_inbound_messages_as_csv_hold_what_came)
{
    byo_store_begin(writer);
    add_inbound(11, "12025550160", "=1+1", 0, NULL);
    add_inbound(12, "12025550161", NULL, 2, "vma");
    add_inbound(13, "+cmd", "two\nlines, \"quoted\"", 0, "vma");
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
    ck_assert_int_eq(get("/v1/messages?direction=inbound&format=csv"), 200);
    byo_buf_addc(&resp.body, 0);
    ck_assert(strncmp(resp.body.p, "id,created,integration,number,sender,keyword,smsbox,text\r\n", 58) == 0);
    static const char *const rows[] = {
        ",2026-09-21T14:13:20.013Z,carrier-a,+12025550100,\"'+cmd\",,vma,\"two\nlines, \"\"quoted\"\"\"\r\n",
        ",2026-09-21T14:13:20.012Z,carrier-a,+12025550100,+12025550161,opt-out,vma,\r\n",
        ",2026-09-21T14:13:20.011Z,carrier-a,+12025550100,+12025550160,,,\"'=1+1\"\r\n"};
    const char *at = resp.body.p;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *found = strstr(at, rows[i]);
        ck_assert_msg(found != NULL, "no %s in\n%s", rows[i], at);
        at = found + strlen(rows[i]);
    }
    ck_assert_str_eq(at, "");
    ck_assert_int_eq(get("/v1/messages?direction=inbound&format=csv&recipient=%2B12025550161"), 200);
    byo_buf_addc(&resp.body, 0);
    ck_assert_ptr_nonnull(strstr(resp.body.p, rows[1]));
    ck_assert_ptr_null(strstr(resp.body.p, "cmd"));
}
END_TEST

/* -- how much one answer gives ------------------------------------------------------------------------------*/

START_TEST(D2_a_page_of_messages_is_bounded_at_a_million_rows)
{
    static const struct {
        const char *target;
        int status;
    } asked[] = {{"/v1/messages?limit=1000", 200},
                 {"/v1/messages?limit=1001", 400},
                 {"/v1/messages?limit=1000000", 400},
                 {"/v1/messages?format=csv&limit=1000000", 200},
                 {"/v1/messages?format=csv&limit=1000001", 400},
                 {"/v1/messages?format=csv&limit=99999999999999999999", 400},
                 {"/v1/messages?format=csv&limit=0", 400},
                 {"/v1/messages?format=csv&limit=-1", 400},
                 {"/v1/messages?direction=inbound&format=csv&limit=1000000", 200},
                 {"/v1/messages?direction=inbound&format=csv&limit=1000001", 400},
                 {"/v1/messages?direction=inbound&limit=1001", 400}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        ck_assert_msg(get(asked[i].target) == asked[i].status, "%s: %d", asked[i].target, resp.status);
        if (asked[i].status == 400)
            ck_str(error_field(), "limit");
    }
    ck_assert_int_eq(BYO_MESSAGES_CSV_MAX, 1000000); /* also without a limit */
}
END_TEST

/* -- statistics ---------------------------------------------------------------------------------------------*/

enum { DAYS = 400, INTEGRATIONS = 20 };

static void fill_hours(void)
{
    ByoTime first = NOW - NOW % BYO_DAY - DAYS * BYO_DAY;
    static const char counts[] =
        "messages=1 submit_seconds:10=1 submit_seconds:sum=7 failed:EXPIRED=1 segmentsFailed=1";
    for (int day = 0; day < DAYS; day++) {
        byo_store_begin(writer);
        for (int hour = 0; hour < 24; hour++)
            for (int i = 0; i < INTEGRATIONS; i++) {
                char id[24];
                snprintf(id, sizeof id, "carrier-%02d", i);
                byo_store_statistic_put(writer, BYO_SPAN_HOUR, first + day * BYO_DAY + hour * BYO_HOUR, S(id),
                                        S(counts));
            }
        ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
    }
}

/* All of the days by pages: each looks at so many rows and no more, and nothing is lost between two. */
START_TEST(statistics_of_a_year_are_bounded)
{
    fill_hours();
    int64_t taken = 0, items = 0, pages = 0;
    char *target = byo_strdup("/v1/statistics?step=1d&limit=10000&from=2025-01-01");
    for (;;) {
        ck_assert_int_eq(get(target), 200);
        free(target);
        pages++;
        ByoJsonAt list = items_at();
        ck_assert_uint_le(byo_json_size(&list) * 24, BYO_STATISTICS_LOOKED + INTEGRATIONS * 24);
        for (size_t i = 0; i < byo_json_size(&list); i++, items++) {
            ByoJsonAt one = byo_json_item(&list, i);
            ck_assert_int_eq(int_at(&one, "taken"), 24);
            taken += int_at(&one, "taken");
        }
        ByoStr next = str_at(&root, "next");
        if (!next.p)
            break;
        target = byo_printf("/v1/statistics?step=1d&limit=10000&from=2025-01-01&page=%.*s", BYO_PF(next));
    }
    ck_assert_int_eq(items, DAYS * INTEGRATIONS);
    ck_assert_int_eq(taken, DAYS * INTEGRATIONS * 24);
    ck_assert_int_ge(pages, DAYS * INTEGRATIONS * 24 / BYO_STATISTICS_LOOKED);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api lists");
    TCase *t = tcase_create("lists");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, fixture_start, fixture_stop);
    tcase_add_test(t, L5_several_definitions_at_once);
    tcase_add_test(t, L5_a_text_is_looked_for);
    tcase_add_test(t, L5_a_search_is_bounded);
    tcase_add_test(t, L5_events_as_csv);
    tcase_add_test(t, L5_a_csv_comes_in_short_reads);
    tcase_add_test(t, D2_inbound_messages_as_csv_hold_what_came);
    tcase_add_test(t, D2_a_page_of_messages_is_bounded_at_a_million_rows);
    tcase_add_test(t, statistics_of_a_year_are_bounded);
    suite_add_tcase(s, t);
    return run_suite(s);
}
