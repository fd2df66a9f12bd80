/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl: its command line, exit codes, and what it does without byobox.
 * Threads: the listener's. */
#include "console_fixture.h"
#include "suites.h"

#include <sys/stat.h>
#include <unistd.h>

#include "admin/password.h"
#include "integration/credentials.h"

/* -- exit codes ---------------------------------------------------------------------------------------*/

static const struct {
    const char *line;
    int code;
} lines[] = {
    {"", 2},
    {"nonsense", 2},
    {"status now", 2},
    {"status --loud", 2},
    {"status --json=yes", 2},
    {"integration", 2},
    {"integration paint carrier-a", 2},
    {"integration show", 2},
    {"integration show a b", 2},
    {"integration put a", 2},
    {"integration put a /no/such/file", 2},
    {"integration put a /dev/null --chek", 2},
    {"number import", 2},
    {"number list --integration", 2},
    {"number list --type local --type mobile", 2},
    {"number set +12025550100", 2},
    {"number set +12025550100 --standard --help-keywords A --help-reply b", 2},
    {"number import +12025550101 --integration carrier-a --type local --help-keywords A", 2},
    {"number import-csv /no/such/file", 2},
    {"opt-out add +12025550100", 2},
    {"opt-out add +12025550100 +12025550177", 2},
    {"messages --limit 0", 2},
    {"messages --limit 5 --all", 2},
    {"events --limit ten", 2},
    {"seal", 2},
    {"seal a --new-key", 2},
    {"seal bad~id", 2},
    {"check", 2},
    {"check /no/such/file", 2},
    {"status", 0},
    {"status --json", 0},
    {"--json status", 0},
    {"integration list", 0},
    {"integration show carrier-a", 0},
    {"integration show carrier-z", 1},
    {"integration activate carrier-b", 0},
    {"integration deactivate carrier-a", 0},
    {"integration delete carrier-z", 1},
    {"integration delete carrier-z --yes", 1},
    {"integration delete carrier-a", 2},
    {"integration delete carrier-a --yes", 0},
    {"number import +12025550101 --integration carrier-rx --type local", 1},
    {"help", 0},
    {"help integration", 0},
    {"help integration delete", 0},
    {"help integration deleet", 2},
    {"help nonsense", 2},
    {"help a b c", 2},
    {"integration --help", 0},
    {"integration delete --help", 0},
    {"events -h", 0},
    {"status --check", 1},
    {"drain", 0},
    {"drain --json", 0},
    {"drain --end", 0},
    {"drain --end --wait", 2},
    {"export", 2},
    {"opt-out import-csv /no/such/file", 2},
    {"erase +12025550150", 2},
    {"erase nobody --reason asked", 1},
    {"erase +12025550150 --reason asked", 0},
    {"--user status erase +12025550150 --reason asked", 3},
    {"--user status export --open", 3},
    {"number list", 0},
    {"number list --integration=carrier-a", 0},
    {"number list --type nonsense", 1},
    {"number show 54321", 0},
    {"number show +1~202~555~0100", 0},
    {"number show +12025550999", 1},
    {"number delete +12025550100", 0},
    {"number delete +12025550999", 1},
    {"number import +12025550101 --integration carrier-a --type local", 0},
    {"number import +12025550101 --type local", 1},
    {"number import +12025550100 --integration carrier-a --type local", 1},
    {"opt-out list", 0},
    {"opt-out list --csv", 0},
    {"opt-out history --all", 0},
    {"opt-out add +12025550100 +12025550177 --reason by~phone", 0},
    {"opt-out remove +12025550100 +12025550199 --reason by~phone", 0},
    {"opt-out remove +12025550100 +12025550177 --reason by~phone", 1},
    {"messages", 0},
    {"messages --recipient +12025550150 --limit 1", 0},
    {"messages --state done", 1},
    {"messages --cause DEST_ADDR_INVALID --carrier-code 088 --possible-duplicate yes", 0},
    {"messages --possible-duplicate perhaps", 1},
    {"messages --direction inbound", 0},
    {"messages --direction inbound --state failed", 1},
    {"messages --csv --limit 2", 0},
    {"messages --csv --limit 1000001", 1},
    {"statistics --step 1h", 0},
    {"statistics --step 2h", 1},
    {"--user status statistics", 3},
    {"test-message +12025550100 +12025550152", 2},
    {"test-message +12025550100 +12025550152 hello", 0},
    {"test-message +12025550100 +12025550151 refused", 1},
    {"--user status test-message +12025550100 +12025550152 hello", 3},
    {"events --csv", 0},
    {"events --csv --follow", 2},
    {"events --text happened --definition bind-lost,BYO-0101", 0},
    {"events --definition bind-lost,nonsense", 1},
    {"message 00000000000100", 1},
    {"message ../status", 1},
    {"events", 0},
    {"events --definition bind-lost", 0},
    {"audit", 0},
    {"--user status status", 0},
    {"--user status audit", 3},
    {"--user status number list", 3},
};
enum { LINES = sizeof lines / sizeof *lines };

START_TEST(every_line_has_its_exit_code)
{
    int code = run(lines[_i].line);
    ck_assert_msg(code == lines[_i].code, "byoctl %s: %d\n%s%s", lines[_i].line, code, said, complained);
    bool told = strstr(lines[_i].line, "--check") != NULL; /* what is wrong is the answer */
    ck_assert_msg(told || (code == 0) == (complained[0] == 0), "byoctl %s: %s", lines[_i].line, complained);
    if (!strstr(lines[_i].line, "--json") && !told && !strstr(lines[_i].line, "--csv") &&
        strncmp(lines[_i].line, "events", 6) != 0)
        fits_the_screen();
}
END_TEST

START_TEST(help_and_version)
{
    char *help[] = {(char *)"byoctl", (char *)"--help"}, *version[] = {(char *)"byoctl", (char *)"--version"};
    ck_assert_int_eq(run_argv(2, help, ""), 0);
    ck_said("usage: byoctl");
    fits_the_screen();
    ck_assert_int_eq(run_argv(2, version, ""), 0);
}
END_TEST

START_TEST(N8_help_on_one_command)
{
    ck_assert_int_eq(run("help integration delete"), 0);
    ck_said("usage: byoctl integration delete ID [--yes]");
    ck_assert_ptr_null(strstr(said, "activate"));
    char *by_word = byo_strdup(said);
    ck_assert_int_eq(run("integration delete --help"), 0);
    ck_assert_str_eq(said, by_word);
    free(by_word);
    ck_assert_int_eq(run("integration --help"), 0);
    ck_said("integration deactivate ID");
    /* every command has a line, and every option stands in it */
    for (size_t i = 0; byo_ctl_command(i); i++) {
        const ByoCtlCommand *c = byo_ctl_command(i);
        char line[128];
        snprintf(line, sizeof line, "help %s %s", c->group, c->verb ? c->verb : "");
        ck_assert_int_eq(run(line), 0);
        char *names = byo_strdup(c->options), *rest = names;
        for (char *name; (name = strsep(&rest, " :")) != NULL;)
            if (name[0] && !strstr(name, "-keywords") && !strstr(name, "-reply"))
                ck_assert_msg(strstr(said, name) != NULL, "%s: --%s\n%s", line, name, said);
        free(names);
    }
}
END_TEST

START_TEST(N8_did_you_mean)
{
    static const struct {
        const char *line, *meant;
    } slips[] = {{"statsu", "did you mean \"status\"?"},
                 {"integraton list", "did you mean \"integration\"?"},
                 {"integration deactivat carrier-a", "did you mean \"deactivate\"?"},
                 {"opt-out lst", "did you mean \"list\"?"},
                 {"messages --recipent +12025550150", "did you mean --recipient?"},
                 {"messages --recipent=+12025550150", "did you mean --recipient?"},
                 {"help evnts", "did you mean \"events\"?"}};
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        ck_assert_int_eq(run(slips[i].line), 2);
        ck_complained(slips[i].meant);
    }
    ck_assert_int_eq(run("zzzzzzzz"), 2);
    ck_assert_ptr_null(strstr(complained, "did you mean"));
}
END_TEST

/* The output is one error in the API's form, and nothing else is said. */
static void ck_json_error(const char *code, const char *text)
{
    ByoJsonDoc *d = byo_json_read(S(said), 1 << 20, 8);
    ByoJsonAt top = byo_json_root(d), error = byo_json_member(&top, "error");
    ByoJsonAt c = byo_json_member(&error, "code"), m = byo_json_member(&error, "message");
    ck_assert_msg(byo_str_is(byo_json_peek_str(&c), code), "%s%s", said, complained);
    ck_assert_msg(memmem(byo_json_peek_str(&m).p, byo_json_peek_str(&m).n, text, strlen(text)) != NULL, "%s",
                  said);
    ck_assert_str_eq(complained, "");
    byo_json_close(d);
}

START_TEST(N8_what_is_wrong_is_json_with_json)
{
    static const char *const wrong[] = {"--json statsu",
                                        "statsu --json",
                                        "--json",
                                        "integration --json",
                                        "integration show --json",
                                        "status --loud --json",
                                        "events --limit ten --json",
                                        "opt-out add +12025550100 +12025550177 --json",
                                        "integration delete carrier-a --json",
                                        "help nonsense --json"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_eq(run(wrong[i]), 2);
        ck_json_error("usage", "");
    }
    ck_assert_int_eq(run("number import-csv /no/such/file --json"), 2);
    ck_json_error("file", "/no/such/file");
    write_file(conf, "group = byobox\nadmin-port = 1\nadmin-password = x\n");
    ck_assert_int_eq(run("status --json"), 3);
    ck_json_error("unreachable", "does not answer");
    write_file(conf, "group = byobox\nadmin-prot = 1\n");
    ck_assert_int_eq(run("status --json"), 2);
    ck_json_error("configuration", "b.conf");
}
END_TEST

START_TEST(S5_keyword_lists_and_what_was_understood)
{
    static const char *const lists[] = {"WAT|HUH", "WAT,HUH", "WAT;HUH", "WAT,~HUH~;", "|WAT~,;HUH"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        char line[160];
        snprintf(line, sizeof line,
                 "number import +120255501%02zu --integration carrier-a --type local --help-keywords %s "
                 "--help-reply x",
                 60 + i, lists[i]);
        ck_assert_int_eq(run(line), 0);
        ck_said("help keywords: WAT, HUH\n");
    }
    ck_assert_int_eq(run("number set +12025550160 --opt-out-keywords NOMORE;~BYE --opt-out-reply gone"), 0);
    ck_said("opt-out keywords: NOMORE, BYE\n");
}
END_TEST

START_TEST(S6_a_reply_that_cannot_be_sent_is_refused_where_it_is_set)
{
    ck_assert_int_eq(
        run("number import +12025550170 --integration carrier-a --type local --opt-out-keywords A "
            "--opt-out-reply \xd0\x9e\xd1\x82"),
        1);
    ck_complained("The opt-out reply would not go out: carrier-a cannot send it");
    ck_assert_int_eq(run("number set +12025550100 --help-keywords A --help-reply \xd0\x9e\xd1\x82"), 1);
    ck_complained("The help reply would not go out");
    ck_assert_int_eq(run("number set +12025550100 --help-keywords A --help-reply ok"), 0);
}
END_TEST

START_TEST(several_nodes_are_told_apart)
{
    ck_assert_int_eq(run("status"), 0);
    ck_assert_ptr_null(strstr(said, "nodes "));
    nodes_now = 5;
    ck_assert_int_eq(run("status"), 0);
    ck_said("nodes      n1 (this one), n2, n3, n4 MISSING, n5\n");
    ck_said(" 3/3 of 5/9 ");
    fits_the_screen();
    ck_assert_int_eq(run("integration show carrier-a"), 0);
    ck_said("\nNODE              STATE   REASON  SINCE  BINDS  POLICY\n");
    ck_said("\nn1    (this one)  active  -       -        3/3  c0ffee\n");
    ck_said("\nn3                active  -       -        ?/3  c0ffee\n");
    ck_said("\nn4    MISSING     active  -       -        0/3  c0ffee\n");
    fits_the_screen();
}
END_TEST

START_TEST(N8_status_in_one_line)
{
    ck_assert_int_eq(run("status --check"), 1);
    ck_assert_str_eq(strchr(said, '\n'), "\n");
    ck_assert_int_eq(strncmp(said, "ERROR: 1 error, 1 warning; carrier-b: ", 38), 0);
    ck_assert_int_eq(run("status --check --json"), 1);
    ck_said("\"level\": \"error\", \"errors\": 1, \"warnings\": 1, \"problems\": [{");
    all_is_fine = true;
    ck_assert_int_eq(run("status --check"), 0);
    ck_assert_str_eq(said, "OK: nothing is wrong\n");
    ck_assert_int_eq(run("--user status status --check --json"), 0);
    ck_said("\"level\": \"ok\"");
}
END_TEST

START_TEST(S8_S10_a_deletion_is_told_and_asked)
{
    life_called[0] = 0;
    ck_assert_int_eq(run_input("integration delete carrier-a", "no\n"), 1);
    ck_said("2 numbers leave the inventory");
    ck_said("7 queued segments end now");
    ck_said("allow list");
    ck_said("carrier-b receives for carrier-a: it is deleted along");
    ck_complained("nothing was deleted");
    ck_assert_int_eq(run("integration delete carrier-a"), 2);
    ck_complained("--yes");
    ck_assert_str_eq(life_called, "");
    ck_assert_int_eq(run_input("integration delete carrier-a", "yes\n"), 0);
    ck_assert_str_eq(life_called, "2 carrier-a admin");
    life_called[0] = 0;
    ck_assert_int_eq(run("integration delete carrier-a --yes --json"), 0);
    ck_assert_str_eq(life_called, "2 carrier-a admin");
    ck_assert_int_eq(run("integration deactivate carrier-a"), 0);
    ck_said("carrier-b receives for carrier-a: it is deactivated along");
}
END_TEST

START_TEST(S11_a_receiver_takes_no_numbers)
{
    ck_assert_int_eq(run("number import +12025550101 --integration carrier-rx --type local"), 1);
    ck_complained("integration-receives");
    ck_complained("import the number into \"carrier-a\"");
    ck_assert_int_eq(run("number import +12025550101 --integration carrier-lone --type local"), 1);
    ck_complained("receives-for");
}
END_TEST

START_TEST(numbers_show_the_state_of_their_integration)
{
    ck_assert_int_eq(run("number list"), 0);
    ck_said("STATE");
    ck_said("carrier-a    inactive");
    ck_said("carrier-b    active");
    ck_assert_int_eq(run("number show 54321"), 0);
    ck_said("inactive");
}
END_TEST

START_TEST(L5_events_show_what_changed)
{
    byo_store_begin(writer);
    ByoEventRow e = {.time = NOW + 10,
                     .definition = S("BYO-0102"),
                     .name = S("bind-refused"),
                     .entity = S("carrier-b"),
                     .previous = S("activating"),
                     .current = S("error"),
                     .error_code = S("14"),
                     .text = S("the carrier refuses the bind"),
                     .count = 1};
    byo_store_event_add(writer, &e, NOW + 10);
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
    ck_assert_int_eq(run("events"), 0);
    ck_said("PREVIOUS");
    ck_said("CURRENT");
    ck_said("ERROR");
    ck_said("activating");
    ck_said("14 ");
}
END_TEST

START_TEST(who_and_where)
{
    char *argv[] = {(char *)"byoctl", (char *)"--config", (char *)"/no/such.conf", (char *)"status"};
    ck_assert_int_eq(run_argv(4, argv, ""), 2);
    ck_complained("/no/such.conf");
    setenv("BYOCTL_USER", "numbers", 1);
    setenv("BYOCTL_PASSWORD", "pw-numbers", 1);
    ck_assert_int_eq(run("number list"), 0);
    ck_assert_int_eq(run("events"), 3);
    ck_complained("not-allowed");
    setenv("BYOCTL_PASSWORD", "wrong", 1);
    ck_assert_int_eq(run("number list"), 3);
    ck_complained("unknown-user");
    unsetenv("BYOCTL_USER");
    unsetenv("BYOCTL_PASSWORD");
    ck_assert_int_eq(run_input("--user events events", "pw-events\n"), 0);
    write_file(conf, "group = byobox\nadmin-port = 1\nadmin-password = x\n");
    ck_assert_int_eq(run("status"), 3);
    ck_complained("does not answer");
    write_file(conf, "group = byobox\n");
    ck_assert_int_eq(run("status"), 2);
    ck_complained("admin-password");
}
END_TEST

/* -- without byobox -----------------------------------------------------------------------------------*/

START_TEST(J6_check)
{
    char name[PATH_MAX], *line;
    snprintf(name, sizeof name, "%.1000s/a.json", folder);
    line = byo_printf("check %s", name);
    write_file(name, "{\"charsets\": [{\"dcs\": 8, \"charset\": \"UTF-16BE\"}]}");
    ck_assert_int_eq(run(line), 0);
    ck_said(" is good\n");
    write_file(name, "{\n  \"charsets\": [{\"dcs\": 300, \"charset\": \"UTF-16BE\"}],\n  \"x\": 1}");
    ck_assert_int_eq(run(line), 1);
    ck_said("a.json:2:24: error: /charsets/0/dcs: ");
    ck_said("a.json:3:3: error: ");
    char *large = byo_printf("{%*s}", 1024 * 1024 - 1, "");
    write_file(name, large);
    ck_assert_int_eq(run(line), 1);
    ck_said("a.json: error: it is larger than 1048576 octets\n");
    free(large);
    write_file(name, "{\"x\": 1, \"y\": 2}");
    free(line);
    line = byo_printf("--json check %s", name);
    ck_assert_int_eq(run(line), 1);
    ck_said("{\"valid\":false,\"errors\":2,");
    free(line);
}
END_TEST

START_TEST(P14_seal_and_keys)
{
    char name[PATH_MAX], *line;
    snprintf(name, sizeof name, "%.1000s/key", folder);
    ck_assert_int_eq(run("seal --new-key"), 0);
    ck_assert_uint_eq(strlen(said), BYO_KEY_LINE);
    write_file(name, said);
    ByoFaults faults = {0};
    ByoKeyring *ring = byo_keyring_read(byo_str(said), name, &faults);
    line = byo_printf("seal carrier-a --key-file %s", name);
    ck_assert_int_eq(run_input(line, "secret08\n"), 0);
    said[strcspn(said, "\n")] = 0;
    char *secret = NULL;
    ck_assert_int_eq(byo_open(ring, BYO_STR("carrier-a"), byo_str(said), &secret), BYO_OPEN_OK);
    ck_assert_str_eq(secret, "secret08");
    byo_secret_free(secret);
    ck_assert_int_eq(byo_open(ring, BYO_STR("carrier-b"), byo_str(said), &secret), BYO_OPEN_TAG);
    ck_assert_int_eq(run_input(line, "longer than eight\n"), 1);
    ck_assert_ptr_null(strstr(complained, "longer than eight")); /* a secret is not repeated */
    ck_assert_int_eq(run_input(line, ""), 1);
    write_file(name, "no key\n");
    ck_assert_int_eq(run_input(line, "secret08\n"), 2);
    byo_keyring_destroy(ring);
    byo_faults_free(&faults);
    free(line);
}
END_TEST

START_TEST(A1_hash_password)
{
    ck_assert_int_eq(run_input("hash-password", "open sesame\n"), 0);
    said[strcspn(said, "\n")] = 0;
    ck_assert(byo_password_matches(byo_str(said), BYO_STR("open sesame")));
    ck_assert_int_eq(run_input("hash-password", "\n"), 1);
    ck_assert_int_eq(run_input("hash-password", ""), 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("console");
    TCase *t = tcase_create("commands");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, console_start, console_stop);
    tcase_add_loop_test(t, every_line_has_its_exit_code, 0, LINES);
    tcase_add_test(t, help_and_version);
    tcase_add_test(t, N8_help_on_one_command);
    tcase_add_test(t, N8_did_you_mean);
    tcase_add_test(t, N8_what_is_wrong_is_json_with_json);
    tcase_add_test(t, S5_keyword_lists_and_what_was_understood);
    tcase_add_test(t, S6_a_reply_that_cannot_be_sent_is_refused_where_it_is_set);
    tcase_add_test(t, several_nodes_are_told_apart);
    tcase_add_test(t, N8_status_in_one_line);
    tcase_add_test(t, S8_S10_a_deletion_is_told_and_asked);
    tcase_add_test(t, S11_a_receiver_takes_no_numbers);
    tcase_add_test(t, numbers_show_the_state_of_their_integration);
    tcase_add_test(t, L5_events_show_what_changed);
    tcase_add_test(t, who_and_where);
    tcase_add_test(t, J6_check);
    tcase_add_test(t, P14_seal_and_keys);
    tcase_add_test(t, A1_hash_password);
    suite_add_tcase(s, t);
    return run_suite(s);
}
