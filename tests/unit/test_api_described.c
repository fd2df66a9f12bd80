/* SPDX-License-Identifier: BSD-3-Clause
 * What is written about the admin API is what it answers: metrics.md, events.md, openapi.yaml.
 * Threads: none. */
#include "api_fixture.h"
#include "suites.h"
#include "tree.h"

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

START_TEST(L5_every_event_stands_in_the_catalogue)
{
    char *text = tree_read("docs/events.md");
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
    char *text = tree_read("docs/metrics.md");
    nodes_now = 5;
    get("/metrics");
    byo_buf_addc(&resp.body, 0);
    ck_assert_ptr_nonnull(
        strstr(resp.body.p, "\nbyobox_node_up{node=\"n3\"} 1\nbyobox_node_up{node=\"n4\"} 0\n"));
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
    char *text = tree_read("docs/openapi.yaml");
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

int main(void)
{
    Suite *s = suite_create("api described");
    TCase *t = tcase_create("described");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, fixture_start, fixture_stop);
    tcase_add_test(t, metrics_are_prometheus_text);
    tcase_add_test(t, L5_every_event_stands_in_the_catalogue);
    tcase_add_test(t, every_metric_is_documented);
    tcase_add_test(t, every_route_is_described);
    suite_add_tcase(s, t);
    return run_suite(s);
}
