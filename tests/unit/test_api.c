/* SPDX-License-Identifier: BSD-3-Clause
 * The admin API: who may ask what (spec A1), every refusal (spec N5), what an answer holds; requests and their
 * verdicts in tests/vectors/api.tsv.
 * Threads: none. */
#include "api_fixture.h"

#include <sqlite3.h>

#include "compliance_tsv.h"

/* -- the table ----------------------------------------------------------------------------------------*/

static char *z(ByoStr s)
{
    return byo_str_dup(s);
}

/* \n of the file's bodies. */
static ByoStr with_newlines(char *s)
{
    char *out = s;
    for (const char *p = s; *p; p++) {
        if (p[0] == '\\' && p[1] == 'n') {
            *out++ = '\n';
            p++;
        } else {
            *out++ = *p;
        }
    }
    return byo_strn(s, (size_t)(out - s));
}

static int ask_as(const char *method, const char *target, char *user, const char *type, ByoStr body)
{
    char *colon = strchr(user, ':');
    if (!colon)
        return ask(method, target, strcmp(user, "-") == 0 ? NULL : user, type, body);
    /* NAME:PASSWORD: the fixture's pw-NAME is not what is meant. */
    forget();
    char plain[128], header[256] = "Basic ";
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = (size_t)snprintf(plain, sizeof plain, "%s", user), o = 6;
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (i + k < n ? (unsigned char)plain[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            header[o++] = i + k > n ? '=' : set[v >> (18 - 6 * k) & 63];
    }
    header[o] = 0;
    ByoApi api = {.actions = &actions, .auth = auth, .sessions = sessions, .users = &users, .reader = reader};
    ByoApiRequest req = {.method = S(method),
                         .path = S(target),
                         .header[BYO_HEADER_AUTHORIZATION] = S(header),
                         .body = body,
                         .ip = S("::1")};
    byo_api_handle(&api, &req, &resp);
    doc = byo_json_read(byo_buf_str(&resp.body), 1 << 20, 16);
    root = byo_json_root(doc);
    return resp.status;
}

static void vector_row(int line, const ByoStr *f)
{
    char *method = z(f[0]), *target = z(f[1]), *user = z(f[2]), *body = z(f[4]);
    const char *type = byo_str_is(f[3], "-")      ? NULL
                       : byo_str_is(f[3], "json") ? "application/json"
                       : byo_str_is(f[3], "csv")  ? "text/csv"
                                                  : f[3].p;
    int64_t wanted;
    fixture_start();
    int status = ask_as(method, target, user, type, byo_str_is(f[3], "csv") ? with_newlines(body) : S(body));
    ck_assert(byo_str_int(f[5], &wanted));
    ck_assert_msg(status == wanted, "line %d (%s %s): %d: %.*s", line, method, target, status,
                  BYO_PF(byo_buf_str(&resp.body)));
    const char *code = byo_str_is(f[6], "-") ? "" : f[6].p, *field = byo_str_is(f[7], "-") ? "" : f[7].p;
    ck_assert_msg(byo_str_is(error_code(), code), "line %d: code %.*s", line, BYO_PF(error_code()));
    ck_assert_msg(byo_str_is(error_field(), field), "line %d: field %.*s", line, BYO_PF(error_field()));
    ck_assert_msg((status >= 400) == (code[0] != 0), "line %d: an error has a code", line);
    if (status == 401)
        ck_assert_msg(strstr(resp.headers.p, "WWW-Authenticate: Basic") != NULL, "line %d", line);
    if (status == 405)
        ck_assert_msg(strstr(resp.headers.p, "Allow: ") != NULL, "line %d", line);
    forget();
    fixture_stop();
    free(method);
    free(target);
    free(user);
    free(body);
}

START_TEST(requests_and_their_verdicts)
{
    ck_assert_int_ge(tsv_each("api.tsv", 9, vector_row), 120);
}
END_TEST

/* -- each permission opens its own routes and no other (spec A1) -----------------------------------------*/

START_TEST(A1_permissions)
{
    static const struct {
        const char *name;
        unsigned can;
    } bits[] = {
#define X(symbol, name) {name, BYO_CAN_##symbol | (BYO_CAN_##symbol == BYO_CAN_VIEW ? BYO_CAN_STATUS : 0)},
        BYO_PERMISSIONS(X)
#undef X
            {"status", BYO_CAN_STATUS},
        {"admin", BYO_CAN_ALL}};
    const char *method, *pattern;
    unsigned can;
    size_t i = 0;
    for (; byo_api_route(i, &method, &pattern, &can); i++) {
        char target[128];
        const char *brace = strchr(pattern, '{');
        snprintf(target, sizeof target, "%.*s%s%s", brace ? (int)(brace - pattern) : (int)strlen(pattern),
                 pattern, brace ? "1" : "", brace ? brace + 2 : "");
        for (size_t u = 0; u < sizeof bits / sizeof *bits; u++) {
            int status = ask(method, target, bits[u].name, NULL, BYO_STR(""));
            bool may = can == 0 || (bits[u].can & can);
            ck_assert_msg((status == 403) == !may, "%s %s as %s: %d", method, target, bits[u].name, status);
        }
        ck_assert_msg((ask(method, target, NULL, NULL, BYO_STR("")) == 401) == (can != 0), "%s %s", method,
                      target);
    }
    ck_assert_uint_ge(i, 20);
}
END_TEST

START_TEST(A1_many_failures_have_to_wait)
{
    for (int i = 0; i < BYO_AUTH_FAILURES; i++)
        ck_assert_int_eq(ask("GET", "/v1/status", "nobody", NULL, BYO_STR("")), 401);
    ck_assert_int_eq(ask("GET", "/v1/status", "nobody", NULL, BYO_STR("")), 429);
    ck_str(error_code(), "too-many-failures");
    ck_assert_ptr_nonnull(strstr(resp.headers.p, "Retry-After: 60\r\n"));
    ck_assert_int_eq(ask("GET", "/v1/status", "admin", NULL, BYO_STR("")),
                     200); /* another name is not held up */
    ck_assert_int_eq(ask("GET", "/health", NULL, NULL, BYO_STR("")), 200);
}
END_TEST

/* -- numbers ------------------------------------------------------------------------------------------*/

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

static size_t count(const char *target)
{
    ck_assert_int_eq(get(target), 200);
    ByoJsonAt items = items_at();
    return byo_json_size(&items);
}

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

/* -- the store ----------------------------------------------------------------------------------------*/

START_TEST(a_store_that_cannot_be_written_changes_nothing)
{
    commit_result = BYO_STORE_FULL;
    ck_assert_int_eq(
        post("/v1/numbers", "{\"number\":\"+12025550101\",\"integration\":\"carrier-a\",\"type\":\"local\"}"),
        503);
    ck_str(error_code(), "store-unavailable");
    ck_assert_int_eq(
        ask("PATCH", "/v1/numbers/12025550100", "admin", "application/json", S("{\"compliance\":null}")),
        503);
    ck_assert_int_eq(ask("DELETE", "/v1/numbers/12025550100", "admin", NULL, BYO_STR("")), 503);
    ck_assert_int_eq(
        post("/v1/opt-outs", "{\"number\":\"12025550100\",\"recipient\":\"+12025550177\",\"reason\":\"x\"}"),
        503);
    ck_assert_int_eq(
        ask("POST", "/v1/numbers/import", "admin", "text/csv", S("+12025550101,carrier-a,local\n")), 200);
    ck_assert_int_eq(int_at(&root, "refused"), 1);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_assert_int_eq(int_at(&one, "status"), 503);
    ck_assert_uint_eq(count("/v1/numbers"), 3);
    ck_assert_uint_eq(count("/v1/audit"), 0);
    ck_assert_uint_eq(count("/v1/opt-outs"), 1);
}
END_TEST

START_TEST(a_store_that_cannot_be_read)
{
    ByoStore *was = reader;
    reader = NULL;
    ck_assert_int_eq(get("/v1/numbers"), 503);
    ck_str(error_code(), "store-unavailable");
    ck_assert_int_eq(get("/health"), 200);
    reader = was;
}
END_TEST

/* A list that broke off is not given as if it were the whole. */
START_TEST(a_table_that_cannot_be_read)
{
    static const struct {
        const char *table, *path;
    } rows[] = {{"event", "/v1/events"},
                {"event", "/v1/stream"},
                {"audit", "/v1/audit"},
                {"number", "/v1/numbers"},
                {"number", "/v1/integrations"},
                {"opt_out", "/v1/opt-outs"},
                {"opt_history", "/v1/opt-outs/history?format=csv"},
                {"statistic", "/v1/statistics"},
                {"segment", "/v1/messages"},
                {"segment", "/v1/export?open=true"},
                {"inward", "/v1/export?open=true"}};
    ByoStreamEvents e;
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(store_file, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *away = byo_printf("ALTER TABLE %s RENAME TO gone", rows[i].table);
        char *back = byo_printf("ALTER TABLE gone RENAME TO %s", rows[i].table);
        ck_assert_msg(get(rows[i].path) == 200, "%s before", rows[i].path);
        ck_assert_int_eq(sqlite3_exec(db, away, NULL, NULL, NULL), SQLITE_OK);
        ck_assert_msg(get(rows[i].path) == 503, "%s without %s: %d", rows[i].path, rows[i].table,
                      resp.status);
        ck_str(error_code(), "store-unavailable");
        ck_assert(!resp.stream && resp.headers.n == 0);
        if (i == 0)
            ck_assert(!byo_api_stream_events(reader, 1, &e));
        ck_assert_int_eq(sqlite3_exec(db, back, NULL, NULL, NULL), SQLITE_OK);
        ck_assert_msg(get(rows[i].path) == 200, "%s behind", rows[i].path);
        free(away);
        free(back);
    }
    sqlite3_close(db);
}
END_TEST

START_TEST(bodies_have_a_limit)
{
    char *big = byo_alloc(BYO_API_JSON_MAX + 2);
    memset(big, ' ', BYO_API_JSON_MAX + 1);
    ck_assert_int_eq(
        ask("POST", "/v1/numbers", "admin", "application/json", byo_strn(big, BYO_API_JSON_MAX + 1)), 413);
    ck_str(error_code(), "too-large");
    ck_assert_int_eq(ask("POST", "/v1/numbers", "admin", "application/json", byo_strn(big, BYO_API_JSON_MAX)),
                     400);
    free(big);
}
END_TEST

/* -- audit (spec A1), every change says who made it --------------------------------------------------------*/

static void last_audit(const char *who, const char *action, const char *entity)
{
    ck_assert_int_eq(get("/v1/audit?limit=1"), 200);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "who"), who);
    ck_str(str_at(&one, "action"), action);
    ck_str(str_at(&one, "entity"), entity);
    ck_str(str_at(&one, "time"), "2026-09-21T14:13:20.000Z");
}

START_TEST(A1_every_change_is_audited)
{
    ask("POST", "/v1/numbers", "numbers", "application/json",
        S("{\"number\":\"+12025550101\",\"integration\":\"carrier-a\",\"type\":\"local\"}"));
    last_audit("numbers", "number import", "+12025550101");
    ask("PATCH", "/v1/numbers/12025550101", "admin", "application/json", S("{\"compliance\":null}"));
    last_audit("admin", "number change", "+12025550101");
    ask("DELETE", "/v1/numbers/12025550101", "numbers", NULL, BYO_STR(""));
    last_audit("numbers", "number delete", "+12025550101");
    ask("POST", "/v1/opt-outs", "opt-outs", "application/json",
        S("{\"number\":\"12025550100\",\"recipient\":\"+12025550177\",\"reason\":\"by phone\"}"));
    last_audit("opt-outs", "opt-out add", "+12025550100");
    ask("DELETE", "/v1/opt-outs?number=12025550100&recipient=12025550177&reason=x", "opt-outs", NULL,
        BYO_STR(""));
    last_audit("opt-outs", "opt-out remove", "+12025550100");
    size_t n = count("/v1/audit");
    ck_assert_uint_eq(n, 5);
    get("/v1/numbers");
    post("/v1/numbers", "{}");
    post("/v1/opt-outs", "{\"number\":\"12025550100\",\"recipient\":\"+12025550199\",\"reason\":\"again\"}");
    ck_assert_uint_eq(count("/v1/audit"), n); /* what changes nothing leaves no row */
    ck_assert_uint_eq(count("/v1/audit?limit=2"), 2);
    char *target = byo_printf("/v1/audit?limit=10&page=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_uint_eq(count(target), 3);
    free(target);
}
END_TEST

/* -- opt-outs (spec K4) -------------------------------------------------------------------------------------*/

START_TEST(K4_lists_and_history)
{
    ck_assert_uint_eq(count("/v1/opt-outs"), 1);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "number"), "+12025550100");
    ck_str(str_at(&one, "recipient"), "+12025550199");
    ck_str(str_at(&one, "who"), "recipient");
    ck_assert_uint_eq(count("/v1/opt-outs?recipient=%2B12025550198"), 0);
    ck_assert_uint_eq(count("/v1/opt-outs/history?recipient=%2B12025550198"), 2); /* opt-in erases nothing */
    ck_assert_uint_eq(count("/v1/opt-outs/history"), 3);
    ck_assert_uint_eq(count("/v1/opt-outs/history?number=54321"), 0);
    ck_assert_uint_eq(count("/v1/opt-outs/history?limit=2"), 2);
    char *target = byo_printf("/v1/opt-outs/history?limit=2&page=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_uint_eq(count(target), 1);
    free(target);
}
END_TEST

START_TEST(K4_export_as_csv)
{
    ck_assert_int_eq(get("/v1/opt-outs/history?format=csv&limit=2"), 200);
    ck_assert_str_eq(resp.content_type, "text/csv; charset=utf-8");
    ck_assert_str_eq(
        resp.body.p,
        "time,number,recipient,action,text,answer,who,reason\r\n"
        "2026-09-21T13:13:20.000Z,+12025550100,+12025550198,opt-in,,,admin,\"asked, \"\"again\"\"\"\r\n"
        "2026-09-20T14:13:20.000Z,+12025550100,+12025550198,opt-out,,,recipient,\r\n");
    ck_assert_ptr_nonnull(strstr(resp.headers.p, "Byobox-Next: "));
}
END_TEST

START_TEST(K4_added_by_hand)
{
    ck_assert_int_eq(
        post("/v1/opt-outs",
             "{\"number\":\"1-202-555-0100\",\"recipient\":\"001 202 555 0177\",\"reason\":\" by phone\"}"),
        201);
    ck_str(str_at(&root, "number"), "+12025550100");
    ck_str(str_at(&root, "recipient"), "+12025550177");
    ck_assert(byo_store_opted_out(reader, S("12025550100"), S("12025550177")));
    ck_assert_uint_eq(count("/v1/opt-outs?recipient=12025550177"), 1);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "reason"), "by phone");
    ck_str(str_at(&one, "who"), "admin");
}
END_TEST

/* -- messages (spec D1, D2) ---------------------------------------------------------------------------------*/

START_TEST(D1_a_message_with_its_segments)
{
    char id[BYO_ID_TEXT], *target = byo_printf("/v1/messages/%s", byo_id_text(messages[0], id));
    ck_assert_int_eq(get(target), 200);
    ck_str(str_at(&root, "id"), id);
    ck_str(str_at(&root, "state"), "delivered");
    ck_str(str_at(&root, "cause"), "DELIVERED");
    ck_str(str_at(&root, "carrierCode"), "088");
    ck_assert_int_eq(int_at(&root, "code"), 0);
    ByoJsonAt segments = byo_json_member(&root, "segments"), first = byo_json_item(&segments, 0),
              second = byo_json_item(&segments, 1);
    ck_assert_uint_eq(byo_json_size(&segments), 2);
    ck_assert_int_eq(int_at(&first, "segment"), 1);
    ck_str(str_at(&first, "state"), "delivered");
    ck_assert(!str_at(&first, "foreignId").p);
    ck_str(str_at(&second, "state"), "accepted");
    ck_str(str_at(&second, "foreignId"), "77ab");
    ck_assert_int_eq(int_at(&second, "tries"), 2);
    ByoJsonAt dup = byo_json_member(&root, "possibleDuplicate");
    ck_assert(byo_json_peek_bool(&dup));
    free(target);
    ByoJsonAt steps = byo_json_member(&root, "steps"), begin = byo_json_item(&steps, 0),
              last = byo_json_item(&steps, byo_json_size(&steps) - 1);
    ck_assert_uint_eq(byo_json_size(&steps), 5); /* taken, written, both handed, one of them twice */
    ck_str(str_at(&begin, "step"), "taken");
    ck_str(str_at(&last, "step"), "retried");
    ck_assert_int_eq(int_at(&last, "segment"), 2);
    ck_assert_int_eq(int_at(&last, "try"), 2);
}
END_TEST

/* All that is kept of a message's life, in its order. */
START_TEST(D2_a_messages_life_in_steps)
{
    byo_store_begin(writer);
    ByoId id = messages[0];
    ByoTime base = byo_id_time(id);
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(writer, id + 2, &seg), BYO_STORE_OK);
    seg.s = (ByoSegment){.state = BYO_SEG_DELIVERED,
                         .tries = 3,
                         .accepted = true,
                         .first_handed = base + 100,
                         .handed = base + 900,
                         .accepted_at = base + 950,
                         .ended = base + 1200};
    byo_store_segment_update(writer, &seg);
    ck_assert_int_eq(byo_store_segment(writer, id + 1, &seg), BYO_STORE_OK);
    seg.s = (ByoSegment){.state = BYO_SEG_FAILED,
                         .tries = 1,
                         .first_handed = base + 100,
                         .handed = base + 100,
                         .accepted_at = base + 150,
                         .ended = base + 150,
                         .accepted = true};
    byo_store_segment_update(writer, &seg);
    ByoPast past[] = {
        {BYO_PAST_RETRIED, 2, 1, base + 200, base + 100, 0, S("THROTTLED"), S("88")},
        {BYO_PAST_RETRIED, 2, 2, base + 500, base + 300, base + 350, S("ABSENT"), S("027")},
        {BYO_PAST_REPORTED, 0, 8, base + 1000, 0, 0, S(""), S("")},
        {BYO_PAST_UNWANTED, 0, 1, base + 1300, 0, 0, S(""), S("")},
    };
    for (size_t i = 0; i < sizeof past / sizeof *past; i++)
        byo_store_step_add(writer, id, &past[i]);
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
    char text[BYO_ID_TEXT], *target = byo_printf("/v1/messages/%s", byo_id_text(id, text));
    ck_assert_int_eq(get(target), 200);
    ByoBuf got = {0};
    ByoJsonAt steps = byo_json_member(&root, "steps");
    for (size_t i = 0; i < byo_json_size(&steps); i++) {
        ByoJsonAt one = byo_json_item(&steps, i);
        int64_t try = int_at(&one, "try"), type = int_at(&one, "dlrType");
        byo_buf_addf(&got, "%.*s", BYO_PF(str_at(&one, "step")));
        if (int_at(&one, "segment") > 0)
            byo_buf_addf(&got, " %d", (int)int_at(&one, "segment"));
        if (try > 0)
            byo_buf_addf(&got, ".%d", (int)try);
        if (type > 0)
            byo_buf_addf(&got, " dlr %d", (int)type);
        byo_buf_addf(&got, " %.*s %.*s\n", BYO_PF(str_at(&one, "cause")),
                     BYO_PF(str_at(&one, "carrierCode")));
    }
    ck_assert_str_eq(got.p,
                     "taken  \nwritten  \nhanded 1.1  \nhanded 2.1  \n"
                     "answered 1.1 CARRIER_ACCEPTED \nreceipt 1.1 DELIVERED 088\n"
                     "answered 2.1 THROTTLED 88\n"
                     "retried 2.2 THROTTLED 88\nanswered 2.2 CARRIER_ACCEPTED \nreceipt 2.2 ABSENT 027\n"
                     "retried 2.3 ABSENT 027\nanswered 2.3 CARRIER_ACCEPTED \n"
                     "report-delivered dlr 8  \n"
                     "receipt 2.3 DELIVERED 088\n"
                     "report-refused dlr 1  \n");
    byo_buf_free(&got);
    free(target);
}
END_TEST

START_TEST(D2_messages_filter_and_page)
{
    ck_assert_uint_eq(count("/v1/messages"), MESSAGES);
    ByoJsonAt items = items_at(), newest = byo_json_item(&items, 0), code = byo_json_member(&newest, "code");
    ck_str(str_at(&newest, "recipient"), "abc");
    ck_assert_int_eq(byo_json_peek_int(&code, -1), 3);
    ck_assert_uint_eq(count("/v1/messages?state=active"), 1);
    items = items_at();
    newest = byo_json_item(&items, 0);
    code = byo_json_member(&newest, "code");
    ck_assert_int_eq(byo_json_type(&code), BYO_JSON_NULL);
    ck_assert_uint_eq(count("/v1/messages?recipient=%2B12025550150"), 2);
    ck_assert_uint_eq(count("/v1/messages?recipient=1-202-555-0150&state=delivered"), 2);
    ck_assert_uint_eq(count("/v1/messages?recipient=abc"), 1);
    ck_assert_uint_eq(count("/v1/messages?number=12025550100"), MESSAGES);
    ck_assert_uint_eq(count("/v1/messages?number=54321"), 0);
    ck_assert_uint_eq(count("/v1/messages?integration=carrier-b"), 0);
    ck_assert_uint_eq(count("/v1/messages?from=2026-09-21T14:10:00Z"), 3);
    ck_assert_uint_eq(count("/v1/messages?to=2026-09-21T14:10:00Z"), 2);
    size_t seen = 0;
    char *target = byo_strdup("/v1/messages?limit=2");
    for (;;) {
        seen += count(target);
        free(target);
        ByoStr next = str_at(&root, "next");
        if (!next.p)
            break;
        target = byo_printf("/v1/messages?limit=2&page=%.*s", BYO_PF(next));
    }
    ck_assert_uint_eq(seen, MESSAGES);
}
END_TEST

/* -- events (spec L5) ---------------------------------------------------------------------------------------*/

START_TEST(L5_events_filter_and_follow)
{
    ck_assert_uint_eq(count("/v1/events"), 3);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "definition"), "BYO-0306"); /* newest first */
    ck_assert_uint_eq(count("/v1/events?entity=carrier-b"), 1);
    ck_assert_uint_eq(count("/v1/events?definition=BYO-0101"), 1);
    ck_assert_uint_eq(count("/v1/events?entity=+12025550100"), 1);
    ck_assert_uint_eq(count("/v1/events?entity=%2B12025550100"), 1);
    ck_assert_uint_eq(count("/v1/events?from=2026-09-21T14:13:20.001Z"), 2);
    ck_assert_uint_eq(count("/v1/events?after=0&limit=2"), 2);
    items = items_at();
    one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "definition"), "BYO-0101"); /* oldest first */
    char *target = byo_printf("/v1/events?after=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_uint_eq(count(target), 1);
    free(target);
    target = byo_printf("/v1/events?after=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_uint_eq(count(target), 0);
    ck_assert(str_at(&root, "next").p != NULL); /* there is always a place to go on from */
    byo_store_begin(writer);
    seed_event(9, BYO_EVENT_THROTTLED, "carrier-a");
    byo_store_commit(writer);
    ck_assert_uint_eq(count(target), 1);
    free(target);
}
END_TEST

/* -- the process ---------------------------------------------------------------------------------------*/

START_TEST(health_says_why)
{
    health_now.store = BYO_STORE_FULL;
    ck_assert_int_eq(ask("GET", "/health", NULL, NULL, BYO_STR("")), 503);
    ck_str(str_at(&root, "status"), "failing");
    ByoJsonAt reasons = byo_json_member(&root, "reasons"), one = byo_json_item(&reasons, 0);
    ck_str(str_at(&one, "code"), "store-unavailable");
    health_now = (ByoAdminHealth){BYO_STORE_OK, true, false, false};
    ck_assert_int_eq(ask("GET", "/health", NULL, NULL, BYO_STR("")), 503);
    reasons = byo_json_member(&root, "reasons");
    one = byo_json_item(&reasons, 0);
    ck_str(str_at(&one, "code"), "bearerbox-down");
}
END_TEST

START_TEST(L1_status_says_first_what_is_wrong)
{
    ck_assert_int_eq(get("/v1/status"), 200);
    ByoJsonAt problems = byo_json_member(&root, "problems"), one = byo_json_item(&problems, 0);
    ck_str(str_at(&one, "level"), "error");
    ck_str(str_at(&one, "entity"), "carrier-b");
    ck_assert_ptr_nonnull(strstr(str_at(&one, "text").p, "status 14"));
    ck_assert_ptr_nonnull(strstr(str_at(&one, "text").p, "allow list"));
    ByoJsonAt list = byo_json_member(&root, "integrations"), a = byo_json_item(&list, 0),
              b = byo_json_item(&list, 1);
    ck_str(str_at(&a, "state"), "active");
    ck_str(str_at(&a, "name"), "Carrier A");
    ck_str(str_at(&b, "state"), "error");
    ck_str(str_at(&b, "reason"), "bind-refused");
    ByoJsonAt queue = byo_json_member(&a, "queue"), none = byo_json_member(&b, "queue");
    ck_assert_int_eq(int_at(&queue, "queued"), 7);
    ck_assert_int_eq(int_at(&queue, "oldestSeconds"), 1);
    ck_assert_int_eq(byo_json_type(&none), BYO_JSON_NULL); /* not counted is not 0 */
}
END_TEST

START_TEST(L1_activation_is_asked_for)
{
    ck_assert_int_eq(post("/v1/integrations/carrier-b/activate", ""), 202);
    ck_assert_str_eq(life_called, "0 carrier-b admin");
    ck_assert_int_eq(ask("DELETE", "/v1/integrations/carrier%2Da", "delete", NULL, BYO_STR("")), 202);
    ck_assert_str_eq(life_called, "2 carrier-a delete");
    ck_str(str_at(&root, "state"), "active");
    a_is_deleted = true; /* over before the answer is made, which is as whole as any */
    ck_assert_int_eq(ask("DELETE", "/v1/integrations/carrier%2Da", "delete", NULL, BYO_STR("")), 202);
    ck_str(str_at(&root, "state"), "deleted");
    ck_str(str_at(&root, "name"), "Carrier A");
    ByoJsonAt along = byo_json_member(&root, "goesAlong"), binds = byo_json_member(&root, "binds");
    ck_assert_int_eq(byo_json_type(&along), BYO_JSON_ARRAY);
    ck_assert_int_eq(byo_json_type(&binds), BYO_JSON_OBJECT);
    a_is_deleted = a_is_gone = false;
    life_answer = BYO_ANSWER_CONFLICT;
    ck_assert_int_eq(post("/v1/integrations/carrier-b/activate", ""), 409);
    ck_str(error_code(), "wrong-state");
    life_answer = BYO_ANSWER_UNAVAILABLE;
    ck_assert_int_eq(post("/v1/integrations/carrier-b/deactivate", ""), 503);
    actions.life = NULL;
    ck_assert_int_eq(post("/v1/integrations/carrier-b/deactivate", ""), 503);
    ck_str(error_code(), "not-available");
    actions.life = fake_life;
}
END_TEST

START_TEST(J6_every_fault_has_its_place)
{
    ck_assert_int_eq(
        post("/v1/advanced-config/check", "{\n \"charsets\": [{\"dcs\": 256, \"charset\": \"GSM_0338\"}]\n}"),
        200);
    ByoJsonAt valid = byo_json_member(&root, "valid"), faults = byo_json_member(&root, "faults"),
              one = byo_json_item(&faults, 0);
    ck_assert(!byo_json_peek_bool(&valid));
    ck_str(str_at(&one, "pointer"), "/charsets/0/dcs");
    ck_str(str_at(&one, "severity"), "error");
    ck_assert_int_eq(int_at(&one, "line"), 2);
    ck_assert_int_gt(int_at(&one, "column"), 1);
    ck_assert_uint_gt(str_at(&one, "message").n, 5);
    ck_assert_int_eq(post("/v1/advanced-config/check",
                          "{\"protocolSpecificCodeMapping\":{\"9\":{\"genericErrorCode\":3,"
                          "\"genericErrorCause\":\"NEW_ONE\"}}}"),
                     200);
    ck_assert_int_eq(int_at(&root, "errors"), 1);
    ck_assert_int_eq(post("/v1/advanced-config/check?allow-unknown-causes=true",
                          "{\"protocolSpecificCodeMapping\":{\"9\":{\"genericErrorCode\":3,"
                          "\"genericErrorCause\":\"NEW_ONE\"}}}"),
                     200);
    ck_assert_int_eq(int_at(&root, "errors"), 0);
}
END_TEST

/* A histogram's series have suffixes. */
static bool is_of(const char *announced, ByoStr name)
{
    static const char *const suffixes[] = {"", "_bucket", "_sum", "_count"};
    size_t n = strlen(announced);
    if (name.n < n || strncmp(name.p, announced, n) != 0)
        return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (byo_str_is(byo_strn(name.p + n, name.n - n), suffixes[i]))
            return i == 0 || strcmp(announced + n - 8, "_seconds") == 0;
    return false;
}

/* -- statistics ---------------------------------------------------------------------------------------*/

static void count_in(ByoSpan span, ByoTime at, const char *integration, const char *counts)
{
    byo_store_begin(writer);
    byo_store_statistic_put(writer, span, at, S(integration), S(counts));
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
}

/* "TIME INTEGRATION TAKEN; ..." of the answer. */
static const char *taken(const char *target)
{
    static char out[1024];
    size_t n = 0;
    ck_assert_int_eq(get(target), 200);
    ByoJsonAt items = items_at();
    out[0] = 0;
    for (size_t i = 0; i < byo_json_size(&items); i++) {
        ByoJsonAt one = byo_json_item(&items, i);
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.16s %.*s %d", i ? "; " : "",
                              str_at(&one, "time").p, BYO_PF(str_at(&one, "integration")),
                              (int)int_at(&one, "taken"));
    }
    return out;
}

START_TEST(statistics_are_added_up)
{
    ByoTime day = NOW - NOW % BYO_DAY; /* 2026-09-21 */
    count_in(BYO_SPAN_HOUR, day + 9 * BYO_HOUR, "carrier-a", "messages=4 failed:EXPIRED=1 segmentsFailed=1");
    count_in(BYO_SPAN_HOUR, day - BYO_HOUR, "carrier-a", "messages=8");
    count_in(BYO_SPAN_MINUTE, day + 14 * BYO_HOUR, "carrier-b", "messages=16");
    count_in(BYO_SPAN_MINUTE, day + 14 * BYO_HOUR, "carrier-a",
             "messages=1 submit_seconds:10=1 submit_seconds:sum=7");
    count_in(BYO_SPAN_MINUTE, day + 14 * BYO_HOUR + 5 * BYO_MINUTE, "carrier-a", "messages=2");
    ck_assert_str_eq(
        taken("/v1/statistics"),
        "2026-09-21T14:00 carrier-a 1; 2026-09-21T14:00 carrier-b 16; 2026-09-21T14:05 carrier-a 2");
    ck_assert_str_eq(taken("/v1/statistics?integration=carrier-a&from=2026-09-21T14:05:30Z"),
                     "2026-09-21T14:05 carrier-a 2");
    ck_assert_str_eq(taken("/v1/statistics?to=2026-09-21T14:05:00Z&integration=carrier-a"),
                     "2026-09-21T14:00 carrier-a 1");
    ck_assert_str_eq(taken("/v1/statistics?step=1h"),
                     "2026-09-20T23:00 carrier-a 8; 2026-09-21T09:00 carrier-a 4; "
                     "2026-09-21T14:00 carrier-a 3; 2026-09-21T14:00 carrier-b 16");
    ck_assert_str_eq(
        taken("/v1/statistics?step=1d"),
        "2026-09-20T00:00 carrier-a 8; 2026-09-21T00:00 carrier-a 7; 2026-09-21T00:00 carrier-b 16");
    ByoJsonAt items = items_at(), today = byo_json_item(&items, 1),
              failed = byo_json_member(&today, "failed"), answer = byo_json_member(&today, "answerSeconds"),
              p50 = byo_json_member(&answer, "p50"), receipt = byo_json_member(&today, "receiptSeconds"),
              none = byo_json_member(&receipt, "p50");
    ck_assert_int_eq(int_at(&failed, "EXPIRED"), 1);
    ck_assert_int_eq(int_at(&today, "expired"), 1);
    ck_assert_int_eq(byo_json_type(&p50), BYO_JSON_REAL);
    ck_assert_int_eq(byo_json_type(&none), BYO_JSON_NULL);
    /* A page ends between two steps. */
    ck_assert_str_eq(taken("/v1/statistics?limit=1"),
                     "2026-09-21T14:00 carrier-a 1; 2026-09-21T14:00 carrier-b 16");
    char *target = byo_printf("/v1/statistics?page=%.*s", BYO_PF(str_at(&root, "next")));
    ck_assert_str_eq(taken(target), "2026-09-21T14:05 carrier-a 2");
    ck_assert_ptr_null(str_at(&root, "next").p);
    free(target);
}
END_TEST

/* -- messages as CSV ----------------------------------------------------------------------------------*/

/* Lines of the whole answer. */
static int csv_lines(const char *target)
{
    int lines = 0;
    ck_assert_int_eq(get(target), 200);
    for (size_t i = 0; i < resp.body.n; i++)
        lines += resp.body.p[i] == '\n';
    return lines;
}

START_TEST(D2_messages_as_csv)
{
    ck_assert_int_eq(csv_lines("/v1/messages?format=csv"), 1 + MESSAGES);
    ck_assert_ptr_nonnull(
        strstr(resp.body.p,
               ",+12025550151,failed,3,DEST_ADDR_INVALID,\"what it means\",088,GSM_0338,0,2,2,0,0,1,,\r\n"));
    ck_assert_int_eq(csv_lines("/v1/messages?format=csv&cause=DEST_ADDR_INVALID"), 1 + 2);
    ck_assert_int_eq(csv_lines("/v1/messages?format=csv&possibleDuplicate=false"), 1);
    ck_assert_int_eq(csv_lines("/v1/messages?format=csv&limit=2"), 1 + 2);
    resp.body.p[resp.body.n - 2] = 0;
    char target[128];
    const char *last = strrchr(resp.body.p, 0x0a) + 1;
    snprintf(target, sizeof target, "/v1/messages?format=csv&page=%.14s", last);
    ck_assert_int_eq(csv_lines(target), 1 + MESSAGES - 2);
}
END_TEST

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

/* Every line is a remark, or NAME{LABELS} NUMBER with a name a TYPE line has announced. */
START_TEST(metrics_are_prometheus_text)
{
    char announced[64] = "";
    int samples = 0;
    ck_assert_int_eq(get("/metrics"), 200);
    ck_assert_str_eq(resp.content_type, "text/plain; version=0.0.4; charset=utf-8");
    ck_assert_int_eq(resp.body.p[resp.body.n - 1], '\n');
    for (char *line = strtok(resp.body.p, "\n"); line; line = strtok(NULL, "\n")) {
        if (sscanf(line, "# TYPE %63s", announced) == 1 || line[0] == '#')
            continue;
        size_t n = strcspn(line, "{ ");
        ck_assert_msg(is_of(announced, byo_strn(line, n)), "%s is not of %s", line, announced);
        char *end;
        strtod(strrchr(line, ' ') + 1, &end);
        ck_assert_msg(*end == 0, "%s", line);
        samples++;
    }
    ck_assert_int_gt(samples, 60);
    get("/metrics");
    ck_assert_ptr_nonnull(
        strstr(resp.body.p, "\nbyobox_segments{integration=\"carrier-a\",state=\"queued\"} 7\n"));
    ck_assert_ptr_nonnull(
        strstr(resp.body.p, "\nbyobox_integration_state{integration=\"carrier-b\",state=\"error\"} 1\n"));
    ck_assert_ptr_nonnull(
        strstr(resp.body.p, "\nbyobox_segments_delivered_total{integration=\"carrier-a\"} 42\n"));
    ck_assert_ptr_nonnull(strstr(resp.body.p, "\nbyobox_segments_failed_total{integration=\"carrier-a\","
                                              "cause=\"ACCEPTED\"} 3\n"));
    ck_assert_ptr_nonnull(strstr(resp.body.p, "\nbyobox_submit_seconds_bucket{integration=\"carrier-a\","
                                              "le=\"0.01\"} 2\n"));
    ck_assert_ptr_nonnull(strstr(resp.body.p, "\nbyobox_submit_seconds_bucket{integration=\"carrier-a\","
                                              "le=\"+Inf\"} 6\n"));
    ck_assert_ptr_nonnull(
        strstr(resp.body.p, "\nbyobox_submit_seconds_sum{integration=\"carrier-a\"} 123.456\n"));
    ck_assert_ptr_nonnull(
        strstr(resp.body.p, "\nbyobox_submit_seconds_count{integration=\"carrier-a\"} 6\n"));
    ck_assert_ptr_nonnull(strstr(resp.body.p, "\nbyobox_store_bytes "));
    ck_assert_ptr_nonnull(strstr(resp.body.p, "\nbyobox_store_octets ")); /* for one version */
}
END_TEST

static char *read_doc(const char *name)
{
    const char *top = getenv("srcdir");
    char *file = byo_printf("%s/docs/%s", top ? top : ".", name);
    FILE *f = fopen(file, "r");
    ck_assert_msg(f != NULL, "%s", file);
    ByoBuf text = {0};
    for (size_t n = 1; n > 0;) {
        byo_buf_need(&text, 65536);
        n = fread(text.p + text.n, 1, 65536, f);
        text.n += n;
        text.p[text.n] = 0;
    }
    fclose(f);
    free(file);
    return text.p;
}

START_TEST(L5_every_event_stands_in_the_catalogue)
{
    char *text = read_doc("events.md");
    for (int e = 0; e < BYO_EVENT_COUNT; e++) {
        char *heading = byo_printf("\n### %s %s\n", byo_event_info(e)->id, byo_event_info(e)->name);
        ck_assert_msg(strstr(text, heading) != NULL, "%s", heading);
        free(heading);
    }
    int found = 0;
    for (const char *at = text; (at = strstr(at, "\n### BYO-")) != NULL; at++)
        found++;
    ck_assert_int_eq(found, BYO_EVENT_COUNT); /* and nothing that is not one */
    free(text);
}
END_TEST

START_TEST(every_metric_is_documented)
{
    char *text = read_doc("metrics.md");
    get("/metrics");
    char name[64];
    for (const char *at = resp.body.p; (at = strstr(at, "# TYPE ")) != NULL; at++) {
        ck_assert_int_eq(sscanf(at, "# TYPE %63s", name), 1);
        char *quoted = byo_printf("`%s`", name);
        ck_assert_msg(strstr(text, quoted) != NULL, "%s", name);
        free(quoted);
    }
    free(text);
}
END_TEST

/* The paths of openapi.yaml stand at two blanks, their methods at four. */
START_TEST(every_route_is_described)
{
    char *text = read_doc("openapi.yaml");
    const char *method, *pattern;
    unsigned can;
    size_t routes = 0, described = 0;
    for (size_t i = 0; byo_api_route(i, &method, &pattern, &can); i++, routes++) {
        char *heading = NULL, lower[16] = "";
        const char *brace = strchr(pattern, '{');
        for (size_t k = 0; method[k]; k++)
            lower[k] = (char)(method[k] | 0x20);
        if (brace)
            heading = byo_printf("\n  %.*s{%s}%s:\n", (int)(brace - pattern), pattern,
                                 strstr(pattern, "/numbers/") ? "number" : "id", brace + 2);
        else
            heading = byo_printf("\n  %s:\n", pattern);
        const char *at = strstr(text, heading);
        ck_assert_msg(at != NULL, "%s", heading);
        const char *end = strstr(at + 1, "\n  /"), *verb;
        char *line = byo_printf("\n    %s:\n", lower);
        verb = strstr(at, line);
        ck_assert_msg(verb && (!end || verb < end), "%s %s", method, pattern);
        free(line);
        free(heading);
    }
    static const char *const verbs[] = {"get", "post", "patch", "delete", "put"};
    for (size_t v = 0; v < 5; v++) {
        char *line = byo_printf("\n    %s:\n", verbs[v]);
        for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
            described++;
        free(line);
    }
    ck_assert_uint_eq(described, routes);
    free(text);
}
END_TEST

/* -- sessions -------------------------------------------------------------------------------------------*/

/* As the console asks at this time, with this cookie. */
static int browse_as(const char *console, const char *method, const char *path, const char *cookie,
                     ByoStr body, ByoTime at)
{
    forget();
    ByoApi api = {.actions = &actions, .auth = auth, .sessions = sessions, .users = &users, .reader = reader};
    ByoApiRequest req = {.method = S(method),
                         .path = S(path),
                         .header[BYO_HEADER_CONSOLE] = S(console),
                         .header[BYO_HEADER_COOKIE] = S(cookie),
                         .header[BYO_HEADER_CONTENT_TYPE] = S("application/json"),
                         .body = body,
                         .body_length = (int64_t)body.n,
                         .ip = S("127.0.0.1"),
                         .now = NOW,
                         .monotonic = at};
    byo_api_handle(&api, &req, &resp);
    return resp.status;
}

static int browse(const char *method, const char *path, const char *cookie, ByoStr body, ByoTime at)
{
    return browse_as("1", method, path, cookie, body, at);
}

/* A page that was left open shows what happens, and does not hold its session. */
START_TEST(watching_is_no_use_of_a_session)
{
    char cookie[128];
    ByoStr login = BYO_STR("{\"username\":\"events\",\"password\":\"pw-events\"}");
    ck_assert_int_eq(browse("POST", "/v1/session", "", login, 0), 204);
    ck_assert_int_eq(sscanf(resp.headers.p, "Set-Cookie: %80[^;]", cookie), 1);
    ByoTime t = BYO_SESSION_IDLE - 1;
    ck_assert_int_eq(browse("GET", "/v1/stream", cookie, BYO_STR(""), t), 200);
    ck_assert(resp.stream);
    ck_assert_int_eq(browse("GET", "/v1/events", cookie, BYO_STR(""), t), 200); /* this is one */
    t += BYO_SESSION_IDLE - 1;
    ck_assert_int_eq(browse("GET", "/v1/stream", cookie, BYO_STR(""), t), 200);
    ck_assert_int_eq(browse_as("watch", "GET", "/v1/session", cookie, BYO_STR(""), t), 200);
    ck_assert_int_eq(browse_as("watch", "GET", "/v1/events", cookie, BYO_STR(""), t), 200);
    ck_assert_int_eq(browse("GET", "/v1/stream", cookie, BYO_STR(""), t + 1), 401);
    ck_assert_int_eq(browse("GET", "/v1/events", cookie, BYO_STR(""), t), 401);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api");
    TCase *table = tcase_create("table"), *t = tcase_create("answers");
    tcase_set_timeout(table, 120);
    tcase_add_test(table, requests_and_their_verdicts);
    suite_add_tcase(s, table);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, fixture_start, fixture_stop);
    tcase_add_test(t, A1_permissions);
    tcase_add_test(t, watching_is_no_use_of_a_session);
    tcase_add_test(t, A1_many_failures_have_to_wait);
    tcase_add_test(t, N1_an_imported_number_is_there);
    tcase_add_test(t, N3_own_texts_come_back);
    tcase_add_test(t, N5_a_race_has_one_winner);
    tcase_add_test(t, N1_change_keeps_the_rest);
    tcase_add_test(t, numbers_page_on);
    tcase_add_test(t, numbers_filter);
    tcase_add_test(t, N1_a_csv_is_answered_row_by_row);
    tcase_add_test(t, a_csv_of_many_batches);
    tcase_add_test(t, a_store_that_cannot_be_written_changes_nothing);
    tcase_add_test(t, a_store_that_cannot_be_read);
    tcase_add_test(t, a_table_that_cannot_be_read);
    tcase_add_test(t, bodies_have_a_limit);
    tcase_add_test(t, A1_every_change_is_audited);
    tcase_add_test(t, K4_lists_and_history);
    tcase_add_test(t, K4_export_as_csv);
    tcase_add_test(t, K4_added_by_hand);
    tcase_add_test(t, D1_a_message_with_its_segments);
    tcase_add_test(t, D2_a_messages_life_in_steps);
    tcase_add_test(t, D2_messages_filter_and_page);
    tcase_add_test(t, L5_events_filter_and_follow);
    tcase_add_test(t, health_says_why);
    tcase_add_test(t, L1_status_says_first_what_is_wrong);
    tcase_add_test(t, L1_activation_is_asked_for);
    tcase_add_test(t, J6_every_fault_has_its_place);
    tcase_add_test(t, statistics_are_added_up);
    tcase_add_test(t, D2_messages_as_csv);
    tcase_add_test(t, a_test_message_is_answered_with_its_id);
    tcase_add_test(t, J4_a_text_is_tried);
    tcase_add_test(t, D11_segments_of_a_text);
    tcase_add_test(t, J4_a_text_nothing_carries);
    tcase_add_test(t, a_text_that_is_too_long);
    tcase_add_test(t, metrics_are_prometheus_text);
    tcase_add_test(t, L5_every_event_stands_in_the_catalogue);
    tcase_add_test(t, every_metric_is_documented);
    tcase_add_test(t, every_route_is_described);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
