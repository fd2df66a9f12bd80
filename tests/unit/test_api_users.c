/* SPDX-License-Identifier: BSD-3-Clause
 * Every path and method of docs/openapi.yaml as somebody tries it who may do little (spec A1): one who only reads, one with
 * numbers alone, one who adds, one who edits, one with no permission at all, and one without a password. A path that is not in the table fails. */
#include "api_fixture.h"
#include "suites.h"
#include "tree.h"

/* may: who gets past the permissions, of "r" (status, view, events), "n" (numbers), "+" (add), "e" (edit), "0" (nothing), "a" (no password). */
static const struct {
    const char *method, *path, *may;
} table[] = {
    {"get", "/", "rn+e0a"},
    {"get", "/assets/{id}", "rn+e0a"},
    {"get", "/health", "rn+e0a"},
    {"get", "/metrics", "r"},
    {"get", "/v1/session", "rn+e"},
    {"post", "/v1/session", "rn+e0a"},
    {"delete", "/v1/session", "rn+e"},
    {"get", "/v1/status", "r"},
    {"get", "/v1/integrations", "re"},
    {"get", "/v1/integrations/{id}", "re"},
    {"put", "/v1/integrations/{id}", "+e"},
    {"delete", "/v1/integrations/{id}", ""},
    {"post", "/v1/integrations/{id}/activate", ""},
    {"post", "/v1/integrations/{id}/deactivate", ""},
    {"get", "/v1/properties", "r+e"},
    {"post", "/v1/advanced-config/check", "r"},
    {"post", "/v1/encode", "r"},
    {"get", "/v1/numbers", "n"},
    {"post", "/v1/numbers", "n"},
    {"post", "/v1/numbers/import", "n"},
    {"get", "/v1/numbers/{number}", "n"},
    {"patch", "/v1/numbers/{number}", "n"},
    {"delete", "/v1/numbers/{number}", "n"},
    {"get", "/v1/opt-outs", ""},
    {"post", "/v1/opt-outs", ""},
    {"delete", "/v1/opt-outs", ""},
    {"post", "/v1/opt-outs/import", ""},
    {"get", "/v1/opt-outs/history", ""},
    {"get", "/v1/drain", "r"},
    {"post", "/v1/drain", ""},
    {"delete", "/v1/drain", ""},
    {"post", "/v1/erase", ""},
    {"get", "/v1/export", "r"},
    {"get", "/v1/messages", "r"},
    {"get", "/v1/messages/{id}", "r"},
    {"get", "/v1/statistics", "r"},
    {"post", "/v1/test-messages", ""},
    {"get", "/v1/events", "r"},
    {"get", "/v1/stream", "r"},
    {"get", "/v1/audit", ""},
};
enum { PATHS = sizeof table / sizeof *table };

static void setup(void)
{
    fixture_start();
    byo_admin_users_add(&users, "reader", "pw-reader", NULL, BYO_CAN_STATUS | BYO_CAN_VIEW | BYO_CAN_EVENTS);
    byo_admin_users_add(&users, "adder", "pw-adder", NULL, BYO_CAN_ADD);
    byo_admin_users_add(&users, "editor", "pw-editor", NULL, BYO_CAN_EDIT);
    byo_admin_users_add(&users, "nothing", "pw-nothing", NULL, 0);
}

/* The operations the document describes, each with its path: "get /v1/status". */
static size_t described(char **out, size_t max)
{
    char *text = tree_read("docs/openapi.yaml"), *rest = text, path[128] = "", verb[16];
    size_t n = 0;
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (strcmp(line, "components:") == 0)
            break;
        if (sscanf(line, "  /%126[^:]:", path + 1) == 1 && line[2] == '/') {
            path[0] = '/';
        } else if (strcmp(line, "  /:") == 0) {
            snprintf(path, sizeof path, "/");
        } else if (path[0] && strncmp(line, "    ", 4) == 0 && line[4] != ' ' &&
                   sscanf(line + 4, "%15[a-z]:", verb) == 1 && strcmp(verb, "parameters") != 0) {
            ck_assert_uint_lt(n, max);
            out[n++] = byo_printf("%s %s", verb, path);
        }
    }
    free(text);
    return n;
}

START_TEST(A1_every_operation_is_in_the_table)
{
    char *found[100];
    size_t n = described(found, 100);
    ck_assert_uint_eq(n, PATHS);
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t k = 0; k < PATHS; k++) {
            char *one = byo_printf("%s %s", table[k].method, table[k].path);
            known = known || strcmp(one, found[i]) == 0;
            free(one);
        }
        ck_assert_msg(known, "%s: say in the table who may", found[i]);
        free(found[i]);
    }
}
END_TEST

/* What a change would leave. */
static char *state(void)
{
    ByoBuf b = {0};
    static const char *const lists[] = {"/v1/numbers", "/v1/opt-outs", "/v1/opt-outs/history", "/v1/messages",
                                        "/v1/audit"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        ck_assert_int_eq(get(lists[i]), 200);
        byo_buf_add(&b, resp.body.p, resp.body.n);
    }
    byo_buf_addf(&b, "%s %lld", life_called, (long long)draining_since);
    return b.p;
}

static int try_as(const char *user, const char *method, const char *path)
{
    char upper[16] = "", *target = byo_printf("%s", path), *brace = strchr(target, '{');
    for (size_t i = 0; method[i]; i++)
        upper[i] = (char)(method[i] & ~0x20);
    if (brace) {
        const char *behind = strchr(path, '}') + 1, *what = strstr(path, "{number}") ? "54321" : "carrier-b";
        char *whole = byo_printf("%.*s%s%s", (int)(brace - target), target, what, behind);
        free(target);
        target = whole;
    }
    const char *type = strstr(path, "/import") ? "text/csv" : "application/json";
    int status = ask(upper, target, user, type, strcmp(method, "get") == 0 ? BYO_STR("") : BYO_STR("{}"));
    free(target);
    return status;
}

static const struct {
    char letter;
    const char *user;
    int refused;
} people[] = {{'r', "reader", 403}, {'n', "numbers", 403}, {'+', "adder", 403},
              {'e', "editor", 403}, {'0', "nothing", 403}, {'a', NULL, 401}};

START_TEST(A1_what_is_not_allowed_is_not_done_and_tells_nothing)
{
    char *before = state();
    for (size_t k = 0; k < PATHS; k++)
        for (size_t p = 0; p < sizeof people / sizeof *people; p++) {
            if (strchr(table[k].may, people[p].letter))
                continue;
            int status = try_as(people[p].user, table[k].method, table[k].path);
            ck_assert_msg(status == people[p].refused, "%s %s as %c: %d %.*s", table[k].method, table[k].path,
                          people[p].letter, status, BYO_PF(byo_buf_str(&resp.body)));
            ck_str(error_code(), status == 401 ? "unknown-user" : "not-allowed");
            ck_assert_uint_lt(resp.body.n, 200); /* the refusal alone */
            ck_assert(!resp.rest.next && !resp.stream);
        }
    char *after = state();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(A1_what_is_allowed_is_not_refused)
{
    for (size_t k = 0; k < PATHS; k++)
        for (size_t p = 0; p < sizeof people / sizeof *people; p++)
            if (strchr(table[k].may, people[p].letter)) {
                int status = try_as(people[p].user, table[k].method, table[k].path);
                ck_assert_msg(status != 401 && status != 403, "%s %s as %c: %d", table[k].method,
                              table[k].path, people[p].letter, status);
            }
}
END_TEST

/* Methods nobody described, and paths beside those there are, tell a stranger nothing and do nothing. */
START_TEST(A1_other_methods_are_refused)
{
    static const char *const verbs[] = {"get",    "post",    "put",   "patch",
                                        "delete", "options", "trace", "connect"};
    char *before = state();
    for (size_t k = 0; k < PATHS; k++)
        for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++) {
            bool known = false;
            for (size_t i = 0; i < PATHS; i++)
                known = known ||
                        (strcmp(table[i].path, table[k].path) == 0 && strcmp(table[i].method, verbs[v]) == 0);
            if (known)
                continue;
            for (size_t p = 0; p < sizeof people / sizeof *people; p++) {
                int status = try_as(people[p].user, verbs[v], table[k].path);
                ck_assert_msg(status == 405 || status == people[p].refused, "%s %s as %c: %d", verbs[v],
                              table[k].path, people[p].letter, status);
            }
        }
    char *after = state();
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("api users");
    TCase *t = tcase_create("users");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, fixture_stop);
    tcase_add_test(t, A1_every_operation_is_in_the_table);
    tcase_add_test(t, A1_what_is_not_allowed_is_not_done_and_tells_nothing);
    tcase_add_test(t, A1_what_is_allowed_is_not_refused);
    tcase_add_test(t, A1_other_methods_are_refused);
    suite_add_tcase(s, t);
    return run_suite(s);
}
