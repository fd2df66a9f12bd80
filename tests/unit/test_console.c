/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl: its command line, exit codes and tables, against the admin port over a real store.
 * Threads: the listener's. */
#include "api_fixture.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/password.h"
#include "byoctl/ctl_private.h"
#include "integration/credentials.h"
#include "integration/key_table.h"

static char conf[PATH_MAX];
static char *said, *complained; /* of the last run */

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void console_start(void)
{
    listener_start();
    snprintf(conf, sizeof conf, "%s/b.conf", folder);
    char *text = byo_printf(
        "group = byobox\nadmin-port = %d\nadmin-password = pw-admin\nstatus-password = pw-status\n",
        byo_admin_port(admin));
    write_file(conf, text);
    free(text);
    unsetenv("BYOCTL_USER");
    unsetenv("BYOCTL_PASSWORD");
}

static void console_stop(void)
{
    free(said);
    free(complained);
    said = complained = NULL;
    listener_stop();
}

static int run_argv(int argc, char **argv, const char *input)
{
    size_t n;
    free(said);
    free(complained);
    FILE *in = tmpfile(), *out = open_memstream(&said, &n), *err = open_memstream(&complained, &n);
    fputs(input, in);
    rewind(in);
    int code = byo_ctl_run(argc, argv, in, out, err);
    fclose(in);
    fclose(out);
    fclose(err);
    return code;
}

/* Words separated by blanks; ~ stands for a blank in a word. --config is put in front. */
static int run_input(const char *line, const char *input)
{
    char *argv[32] = {(char *)"byoctl", (char *)"--config", conf};
    int argc = 3;
    char *copy = byo_strdup(line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        for (char *p = word; *p; p++)
            if (*p == '~')
                *p = ' ';
        argv[argc++] = word;
    }
    int code = run_argv(argc, argv, input);
    free(copy);
    return code;
}

static int run(const char *line)
{
    return run_input(line, "");
}

#define ck_said(text) ck_assert_msg(strstr(said, (text)) != NULL, "%s%s", said, complained)
#define ck_complained(text) ck_assert_msg(strstr(complained, (text)) != NULL, "%s%s", said, complained)

/* No line is wider than a screen. */
static void fits_the_screen(void)
{
    for (const char *at = said; *at; at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != 0))
        ck_assert_msg(strcspn(at, "\n") <= BYO_GRID_WIDTH, "%s", at);
}

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

/* -- what is shown ------------------------------------------------------------------------------------*/

START_TEST(status_says_first_what_is_wrong)
{
    ck_assert_int_eq(run("status"), 0);
    const char *error = strstr(said, "ERROR    carrier-b: the carrier refuses the bind with status 14");
    ck_assert_msg(error != NULL, "%s", said);
    ck_assert(error < strstr(said, "INTEGRATION"));
    ck_said("carrier-a    active    3/3  20/20       7     1 s       0            0         42       3");
    ck_said("bearerbox  localhost:13001, both links up");
}
END_TEST

START_TEST(refusals_are_told)
{
    ck_assert_int_eq(run("number import +12025550100 --integration carrier-b --type local"), 1);
    ck_assert_str_eq(said, "");
    ck_complained("(number-taken)");
    ck_assert_int_eq(run("--json number import +12025550100 --integration carrier-b --type local"), 1);
    ck_assert_str_eq(complained, "");
    ck_said("{\"error\":{\"code\":\"number-taken\"");
}
END_TEST

START_TEST(N3_texts_of_a_number)
{
    ck_assert_int_eq(
        run("number import 12345 --integration carrier-a --type short-code --country US"
            " --help-keywords AID|HINT --help-reply h~h --opt-out-keywords BYE --opt-out-reply o"
            " --opt-in-keywords HI --opt-in-reply i --opt-out-pattern go~away --opt-out-pattern enough"),
        0);
    ck_assert_int_eq(run("--json number show 12345"), 0);
    ck_said(
        "{\"help\":[{\"keywords\":[\"AID\",\"HINT\"],\"reply\":\"h "
        "h\"}],\"optOut\":[{\"keywords\":[\"BYE\"],\"reply\":\"o\"}],"
        "\"optIn\":[{\"keywords\":[\"HI\"],\"reply\":\"i\"}],\"optOutPatterns\":[\"go away\",\"enough\"]}");
    ck_assert_int_eq(run("number set 12345 --opt-in-keywords YO --opt-in-reply back"), 0);
    ck_assert_int_eq(run("--json number show 12345"), 0);
    ck_said("\"optIn\":[{\"keywords\":[\"YO\"],\"reply\":\"back\"}]"); /* that kind alone */
    ck_said("{\"keywords\":[\"AID\",\"HINT\"],\"reply\":\"h h\"}");
    ck_assert_int_eq(run("number set 12345 --standard"), 1);
    ck_complained("compliance-missing");
    ck_assert_int_eq(run("number set +12025550100 --standard"), 0);
}
END_TEST

START_TEST(N1_many_numbers)
{
    char name[PATH_MAX], *line = NULL;
    snprintf(name, sizeof name, "%.1000s/n.csv", folder);
    write_file(name, "+12025550101,carrier-a,local\n+12025550100,carrier-a,local\n");
    line = byo_printf("number import-csv %s", name);
    ck_assert_int_eq(run(line), 1);
    ck_said("1 imported, 1 refused");
    ck_said("number-taken");
    free(line);
    ck_assert_int_eq(run_input("number import-csv -", "+12025550102,carrier-a,local\n"), 0);
    ck_assert_str_eq(said, "1 imported, 0 refused\n");
}
END_TEST

START_TEST(lists_go_over_pages)
{
    ByoBuf csv = {0};
    for (int i = 0; i < 1100; i++)
        byo_buf_addf(&csv, "+1202556%04d,carrier-a,local\n", i);
    ck_assert_int_eq(run_input("number import-csv -", csv.p), 0);
    byo_buf_free(&csv);
    ck_assert_int_eq(run("--json number list"), 0);
    ByoJsonDoc *d = byo_json_read(byo_str(said), 1 << 24, 8);
    ByoJsonAt at = byo_json_root(d), items = byo_json_member(&at, "items"),
              next = byo_json_member(&at, "next");
    ck_assert_uint_eq(byo_json_errors(d), 0);
    ck_assert_uint_eq(byo_json_size(&items), 1103);
    ck_assert_int_eq(byo_json_type(&next), BYO_JSON_NULL);
    byo_json_close(d);
    ck_assert_int_eq(run("--json messages --limit 2"), 0);
    d = byo_json_read(byo_str(said), 1 << 24, 8);
    at = byo_json_root(d);
    items = byo_json_member(&at, "items");
    ck_assert_uint_eq(byo_json_size(&items), 2);
    ck_assert_uint_eq(str_at(&at, "next").n, 14);
    byo_json_close(d);
    ck_assert_int_eq(run("number list --integration carrier-z"), 0); /* an empty one is a head row */
    ck_assert_int_eq(run("--json number list --integration carrier-z"), 0);
    ck_assert_str_eq(said, "{\"items\": [], \"next\": null}\n");
}
END_TEST

/* (field S1) Whatever stands in a stored text, lists are lists. */
START_TEST(S1_control_characters_break_no_list)
{
    static const char nasty[] = "STOP\0\x01\x1b[2J\x7f\xff\xc3\xa9,\"\r\n";
    ByoOptRow row = {.time = NOW,
                     .number = S("12025550100"),
                     .recipient = S("12025550155"),
                     .action = S("opt-out"),
                     .text = byo_strn(nasty, sizeof nasty - 1),
                     .answer = S(""),
                     .who = S("recipient"),
                     .reason = S("")};
    byo_store_begin(writer);
    byo_store_opt_add(writer, &row, NOW);
    ck_assert_int_eq(byo_store_commit(writer), BYO_STORE_OK);
    ck_assert_int_eq(run("opt-out list"), 0);
    ck_said("+12025550155");
    fits_the_screen();
    ck_assert_int_eq(run("--json opt-out list --recipient +12025550155"), 0);
    ByoJsonDoc *d = byo_json_read(byo_str(said), 1 << 20, 8);
    ByoJsonAt top = byo_json_root(d), items = byo_json_member(&top, "items"), one = byo_json_item(&items, 0);
    ck_assert_uint_eq(byo_json_errors(d), 0);
    ck_assert_uint_eq(byo_json_size(&items), 1);
    ck_assert(byo_str_eq(str_at(&one, "text"),
                         BYO_STR("STOP\xef\xbf\xbd\x01\x1b[2J\x7f\xef\xbf\xbd\xc3\xa9,\"\r\n")));
    byo_json_close(d);
    ck_assert_int_eq(run("opt-out list --csv --recipient +12025550155"), 0);
    ck_said("\"STOP\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd[2J\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9,\"\"\r\n\"");
    ck_assert_ptr_nonnull(strstr(said, ",recipient,"));
}
END_TEST

typedef struct {
    int fd;
    const char *status, *body;
} Other;

/* Answers one request with a body, as something else on the port would. */
static void *answer_once(void *arg)
{
    Other *o = arg;
    char request[4096];
    int fd = accept(o->fd, NULL, NULL);
    ssize_t n = recv(fd, request, sizeof request, 0);
    char *text =
        byo_printf("HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", o->status, strlen(o->body), o->body);
    if (n > 0 && send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        perror("send");
    free(text);
    close(fd);
    return NULL;
}

/* (field S1) What cannot be read is an error with exit 3. */
START_TEST(S1_an_answer_that_cannot_be_read)
{
    static const char *const bodies[] = {"",
                                         "<html>",
                                         "[]",
                                         "{\"items\": [\"\\u0000\"]}",
                                         "{\"items\": [",
                                         "{}",
                                         "{\"items\": 1}",
                                         "{\"items\": [null]}"};
    static const char *const states[] = {"200 OK", "302 Found", "404 Not Found", "502 Bad Gateway"};
    static const char *const asked[] = {"opt-out list",
                                        "--json opt-out list",
                                        "opt-out list --csv",
                                        "opt-out history --all",
                                        "opt-out add +12025550100 +12025550199 --reason x",
                                        "number list",
                                        "number show +12025550100",
                                        "number set +12025550100 --standard",
                                        "number delete +12025550100",
                                        "messages",
                                        "message 5",
                                        "integration list",
                                        "integration show a",
                                        "integration activate a",
                                        "integration delete a --yes",
                                        "--json events",
                                        "events --follow",
                                        "audit",
                                        "status",
                                        "status --check",
                                        "--json status --check",
                                        "drain",
                                        "drain --wait",
                                        "export --open",
                                        "erase +12025550199 --reason x"};
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    Other o = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
    ck_assert_int_eq(bind(o.fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(o.fd, 5), 0);
    ck_assert_int_eq(getsockname(o.fd, (struct sockaddr *)&at, &size), 0);
    char *text =
        byo_printf("group = byobox\nadmin-port = %d\nadmin-password = pw-admin\n", ntohs(at.sin_port));
    write_file(conf, text);
    free(text);
    for (size_t b = 0; b < sizeof bodies / sizeof *bodies * 4; b++)
        for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
            pthread_t thread;
            o.status = states[b % 4];
            o.body = bodies[b / 4];
            ck_assert_int_eq(pthread_create(&thread, NULL, answer_once, &o), 0);
            ck_assert_msg(run(asked[i]) == 3, "%s: %s %s", asked[i], o.status, o.body);
            pthread_join(thread, NULL);
            ck_assert_ptr_nonnull(strstr(strstr(asked[i], "--json") ? said : complained, "cannot be read"));
        }
    close(o.fd);
}
END_TEST

START_TEST(D1_a_message)
{
    char id[BYO_ID_TEXT], *line = byo_printf("message %s", byo_id_text(messages[1], id));
    ck_assert_int_eq(run(line), 0);
    ck_said("DEST_ADDR_INVALID");
    ck_said("accepted (dup?)");
    ck_said("77ab");
    ck_said("handed");
    ck_said("taken");
    fits_the_screen();
    ck_assert_int_eq(run("messages"), 0);
    ck_said(id); /* never cut: it is what one copies */
    free(line);
}
END_TEST

START_TEST(K4_opt_outs)
{
    ck_assert_int_eq(run("opt-out add +12025550100 001-202-555-0177 --reason by~phone"), 0);
    ck_assert_str_eq(said, "+12025550177 is opted out of +12025550100\n");
    ck_assert_int_eq(run("opt-out add +12025550100 +12025550177 --reason again"), 0);
    ck_said("was opted out before");
    ck_assert_int_eq(run("opt-out list --recipient +12025550177"), 0);
    ck_said("by phone");
    ck_assert_int_eq(run("opt-out history --csv"), 0);
    ck_said("time,number,recipient,action");
    ck_said("\"asked, \"\"again\"\"\"\r\n");
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

/* -- grids --------------------------------------------------------------------------------------------*/

static char *printed(ByoGrid *g)
{
    static size_t n;
    static char *text;
    FILE *f = open_memstream(&text, &n);
    byo_grid_print(g, f);
    fclose(f);
    byo_grid_destroy(g);
    return text;
}

START_TEST(grids_are_aligned)
{
    ByoGrid *g = byo_grid_create("NAME|>N|LAST");
    byo_grid_add(g, BYO_STR("Größe"));
    byo_grid_addf(g, "%d", 7);
    byo_grid_add(g, BYO_STR_NONE);
    byo_grid_add(g, BYO_STR("日本"));
    byo_grid_addf(g, "%d", 1234);
    byo_grid_add(g, BYO_STR(""));
    char *text = printed(g);
    ck_assert_str_eq(text, "NAME      N  LAST\nGröße     7  -\n日本   1234\n");
    free(text);
}
END_TEST

START_TEST(grids_cut_where_it_hurts_least)
{
    ByoGrid *g = byo_grid_create("!ID|TEXT|>N");
    char wide[200];
    memset(wide, 'x', sizeof wide);
    byo_grid_add(g, BYO_STR("00000000000000"));
    byo_grid_add(g, byo_strn(wide, sizeof wide));
    byo_grid_addf(g, "%d", 5);
    char *text = printed(g);
    char *second = strchr(text, '\n') + 1;
    ck_assert_uint_eq(strlen(second), BYO_GRID_WIDTH + 1);
    ck_assert_ptr_nonnull(strstr(second, "00000000000000  xxx"));
    ck_assert_ptr_nonnull(strstr(second, "xxx...  5\n"));
    free(text);
}
END_TEST

START_TEST(sentences_run_on)
{
    ByoGrid *g = byo_grid_create("NAME|+TEXT");
    char wide[200];
    memset(wide, 'x', sizeof wide);
    byo_grid_add(g, BYO_STR("a name that is long enough to be noticed"));
    byo_grid_add(g, byo_strn(wide, sizeof wide));
    char *text = printed(g);
    char *second = strchr(text, '\n') + 1;
    ck_assert_ptr_eq(strstr(second, "a name that is long enough to be noticed  xxx"), second);
    ck_assert_uint_eq(strlen(second), 40 + 2 + sizeof wide + 1);
    free(text);
}
END_TEST

START_TEST(nothing_speaks_to_the_terminal)
{
    ByoGrid *g = byo_grid_create("A");
    byo_grid_add(g, BYO_STR("\x1b[2Jred\x07\xff\xc2\x9b"
                            "1m\xe2\x80\xae"
                            "evil\n"));
    char *text = printed(g);
    ck_assert_str_eq(text, "A\n?[2Jred???1m?evil?\n");
    free(text);
}
END_TEST

/* -- the man pages say everything -----------------------------------------------------------------------*/

static char *read_top(const char *name)
{
    const char *top = getenv("srcdir");
    char *file = byo_printf("%s/%s", top ? top : ".", name);
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

static void in_manual(const char *manual, ByoStr word, const char *before)
{
    ByoBuf want = {0};
    byo_buf_adds(&want, before);
    for (size_t i = 0; i < word.n; i++)
        byo_buf_addf(&want, "%s%c", word.p[i] == '-' ? "\\" : "", word.p[i]);
    ck_assert_msg(strstr(manual, want.p) != NULL, "%s", want.p);
    byo_buf_free(&want);
}

/* Keys stand in the sources as {"KEY", BYO_KEY_... or PASSED("KEY", or SECRET("KEY", or TEXT("KEY",. */
static int keys_of(const char *source, const char *manual)
{
    static const char *const marks[] = {"\n    {\"", "{PASSED(\"", "\n    SECRET(\"", "\n    TEXT(\""};
    char *text = read_top(source);
    int n = 0;
    for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
        for (const char *at = text; (at = strstr(at, marks[m])) != NULL; at++) {
            const char *key = at + strlen(marks[m]), *end = strchr(key, '"');
            if (m == 0 && strncmp(end + 1, ", BYO_KEY", 9) != 0)
                continue;
            in_manual(manual, byo_strn(key, (size_t)(end - key)), "\n.B ");
            n++;
        }
    free(text);
    return n;
}

START_TEST(every_key_has_its_line_in_the_manual)
{
    char *manual = read_top("docs/man/byobox.conf.5");
    ck_assert_int_ge(keys_of("plugin/config/keys.c", manual), 30);
    ck_assert_int_ge(keys_of("plugin/integration/properties.c", manual), 45);
    free(manual);
}
END_TEST

START_TEST(every_command_has_its_line_in_the_manual)
{
    char *manual = read_top("docs/man/byoctl.1");
    for (size_t i = 0; byo_ctl_command(i); i++) {
        const ByoCtlCommand *c = byo_ctl_command(i);
        char words[96];
        int first = c->synopsis[0] == '[' ? 0 : (int)strcspn(c->synopsis, " ");
        snprintf(words, sizeof words, "%s%s%s%s%.*s", c->group, c->verb ? " " : "", c->verb ? c->verb : "",
                 first ? " " : "", first, c->synopsis);
        in_manual(manual, byo_str(words), "\n.B ");
    }
    free(manual);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("console");
    TCase *t = tcase_create("commands"), *g = tcase_create("grids");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, console_start, console_stop);
    tcase_add_loop_test(t, every_line_has_its_exit_code, 0, LINES);
    tcase_add_test(t, help_and_version);
    tcase_add_test(t, N8_help_on_one_command);
    tcase_add_test(t, N8_did_you_mean);
    tcase_add_test(t, N8_what_is_wrong_is_json_with_json);
    tcase_add_test(t, N8_status_in_one_line);
    tcase_add_test(t, S6_a_reply_that_cannot_be_sent_is_refused_where_it_is_set);
    tcase_add_test(t, S5_keyword_lists_and_what_was_understood);
    tcase_add_test(t, S8_S10_a_deletion_is_told_and_asked);
    tcase_add_test(t, S11_a_receiver_takes_no_numbers);
    tcase_add_test(t, numbers_show_the_state_of_their_integration);
    tcase_add_test(t, L5_events_show_what_changed);
    tcase_add_test(t, who_and_where);
    tcase_add_test(t, status_says_first_what_is_wrong);
    tcase_add_test(t, refusals_are_told);
    tcase_add_test(t, N3_texts_of_a_number);
    tcase_add_test(t, N1_many_numbers);
    tcase_add_test(t, lists_go_over_pages);
    tcase_add_test(t, S1_control_characters_break_no_list);
    tcase_add_test(t, S1_an_answer_that_cannot_be_read);
    tcase_add_test(t, D1_a_message);
    tcase_add_test(t, K4_opt_outs);
    tcase_add_test(t, J6_check);
    tcase_add_test(t, P14_seal_and_keys);
    tcase_add_test(t, A1_hash_password);
    suite_add_tcase(s, t);
    tcase_add_test(g, grids_are_aligned);
    tcase_add_test(g, grids_cut_where_it_hurts_least);
    tcase_add_test(g, sentences_run_on);
    tcase_add_test(g, nothing_speaks_to_the_terminal);
    tcase_add_test(g, every_key_has_its_line_in_the_manual);
    tcase_add_test(g, every_command_has_its_line_in_the_manual);
    suite_add_tcase(s, g);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
