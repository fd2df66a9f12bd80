/* SPDX-License-Identifier: BSD-3-Clause
 * The admin API: who may ask what (spec A1), every refusal (spec N5), what an answer holds; requests and their
 * verdicts in tests/vectors/api.tsv.
 * Threads: none. */
#include "api_fixture.h"
#include "suites.h"

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

/* n2 has another policy, n3's binds are not known, n4 is not there, n5 does not know it, n6 said nothing yet. */
START_TEST(each_integration_is_shown_at_each_node)
{
    static const struct {
        const char *node, *state, *policy;
        bool up, known;
        int online;
    } wanted[] = {{"n1", "active", "c0ffee", true, true, 3},  {"n2", "active", "decaf", true, true, 2},
                  {"n3", "active", "c0ffee", true, false, 0}, {"n4", "active", "c0ffee", false, true, 0},
                  {"n5", NULL, NULL, true, false, 0},         {"n6", NULL, NULL, true, false, 0}};
    enum { NODES = sizeof wanted / sizeof wanted[0] };
    nodes_now = NODES;
    ck_assert_int_eq(get("/v1/integrations/carrier-a"), 200);
    ByoJsonAt nodes = byo_json_member(&root, "nodes"), binds = byo_json_member(&root, "binds");
    ck_assert_uint_eq(byo_json_size(&nodes), NODES);
    for (size_t n = 0; n < NODES; n++) {
        ByoJsonAt one = byo_json_item(&nodes, n), its = byo_json_member(&one, "binds");
        ck_str(str_at(&one, "node"), wanted[n].node);
        ck_assert(byo_str_eq(str_at(&one, "state"), byo_str(wanted[n].state)));
        ck_assert(byo_str_eq(str_at(&one, "policy"), byo_str(wanted[n].policy)));
        ByoJsonAt up = byo_json_member(&one, "up"), known = byo_json_member(&its, "known");
        ck_assert(byo_json_peek_bool(&up) == wanted[n].up);
        ck_assert(byo_json_peek_bool(&known) == wanted[n].known);
        ck_assert_int_eq(int_at(&its, "online"), wanted[n].online);
    }
    /* Of those that are there. */
    ck_assert_int_eq(int_at(&binds, "onlineAllNodes"), 5);
    ck_assert_int_eq(int_at(&binds, "wantedAllNodes"), 9);
    ck_assert_int_eq(get("/v1/status"), 200);
    ByoJsonAt problems = byo_json_member(&root, "problems");
    ByoBuf all = {0};
    byo_json_write(&problems, false, &all);
    ck_assert_ptr_nonnull(strstr(all.p, "not the same at all nodes: c0ffee at n1, n3, decaf at n2;"));
    ck_assert_ptr_nonnull(strstr(all.p, "not known at n5: "));
    byo_buf_free(&all);
    nodes_now = 1;
    ck_assert_int_eq(get("/v1/integrations/carrier-a"), 200);
    nodes = byo_json_member(&root, "nodes");
    ByoJsonAt one = byo_json_item(&nodes, 0), node = byo_json_member(&one, "node");
    ck_assert_uint_eq(byo_json_size(&nodes), 1);
    ck_assert_int_eq(byo_json_type(&node), BYO_JSON_NULL);
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
    tcase_add_test(t, A1_many_failures_have_to_wait);
    tcase_add_test(t, a_store_that_cannot_be_written_changes_nothing);
    tcase_add_test(t, a_store_that_cannot_be_read);
    tcase_add_test(t, a_table_that_cannot_be_read);
    tcase_add_test(t, bodies_have_a_limit);
    tcase_add_test(t, A1_every_change_is_audited);
    tcase_add_test(t, health_says_why);
    tcase_add_test(t, each_integration_is_shown_at_each_node);
    tcase_add_test(t, L1_status_says_first_what_is_wrong);
    tcase_add_test(t, L1_activation_is_asked_for);
    tcase_add_test(t, J6_every_fault_has_its_place);
    tcase_add_test(t, watching_is_no_use_of_a_session);
    suite_add_tcase(s, t);
    return run_suite(s);
}
