/* SPDX-License-Identifier: BSD-3-Clause
 * What byoctl shows: status, refusals, lists, a message.
 * Threads: the listener's, and one that answers as no byobox would. */
#include "console_fixture.h"
#include "suites.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

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

int main(void)
{
    Suite *s = suite_create("console shown");
    TCase *t = tcase_create("shown");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, console_start, console_stop);
    tcase_add_test(t, status_says_first_what_is_wrong);
    tcase_add_test(t, refusals_are_told);
    tcase_add_test(t, N3_texts_of_a_number);
    tcase_add_test(t, N1_many_numbers);
    tcase_add_test(t, lists_go_over_pages);
    tcase_add_test(t, S1_control_characters_break_no_list);
    tcase_add_test(t, S1_an_answer_that_cannot_be_read);
    tcase_add_test(t, D1_a_message);
    tcase_add_test(t, K4_opt_outs);
    suite_add_tcase(s, t);
    return run_suite(s);
}
