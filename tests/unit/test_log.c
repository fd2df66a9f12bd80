/* SPDX-License-Identifier: BSD-3-Clause
 * The log as JSON: messages of gwlib and ours, one object a line, whatever stands in them. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/log_json.h"
#include "base/thread.h"

#define PRINTFLIKE(a, b) __attribute__((format(printf, a, b)))
#include "gwlib/log.h"
#include "suites.h"

#define NOW ((ByoTime)1790000000000)

static const struct {
    const char *message, *wanted;
} rows[] = {
    {"2026-11-22 17:47:09 [19519] [1] INFO: hello",
     "{\"time\":\"2026-09-21T14:13:20.000Z\",\"level\":\"info\",\"process\":19519,\"thread\":1,\"text\":"
     "\"hello\"}\n"},
    {"2026-11-22 17:47:09 [1] [2] ERROR: a \"quote\", a \\ and a\ttab\nsecond line",
     "{\"time\":\"2026-09-21T14:13:20.000Z\",\"level\":\"error\",\"process\":1,\"thread\":2,\"text\":\"a "
     "\\\"quote\\\", a "
     "\\\\ and a\\ttab\\nsecond line\"}\n"},
    {"2026-11-22 17:47:09 [1] [2] WARNING: \xc3\xa4 \xff \x01",
     "{\"time\":\"2026-09-21T14:13:20.000Z\",\"level\":\"warning\",\"process\":1,\"thread\":2,\"text\":"
     "\"\xc3\xa4 "
     "\xef\xbf\xbd \\u0001\"}\n"},
    {"2026-11-22 17:47:09 [1] [2] INFO: event {\"definition\":\"BYO-0605\",\"text\":\"x\"}",
     "{\"time\":\"2026-09-21T14:13:20.000Z\",\"level\":\"info\",\"process\":1,\"thread\":2,\"event\":{"
     "\"definition\":"
     "\"BYO-0605\",\"text\":\"x\"}}\n"},
    /* one that was cut is text */
    {"2026-11-22 17:47:09 [1] [2] INFO: event {\"definition\":\"BYO-06",
     "{\"time\":\"2026-09-21T14:13:20.000Z\",\"level\":\"info\",\"process\":1,\"thread\":2,\"text\":\"event "
     "{\\\"definition\\\":\\\"BYO-06\"}\n"},
    {"no form of gwlib's", "{\"time\":\"2026-09-21T14:13:20.000Z\",\"text\":\"no form of gwlib's\"}\n"},
    {"2026-11-22 17:47:09 [x] [2] INFO: y",
     "{\"time\":\"2026-09-21T14:13:20.000Z\",\"text\":\"2026-11-22 17:47:09 [x] [2] INFO: y\"}\n"},
    {"2026-11-22 17:47:09 [1] [2] ",
     "{\"time\":\"2026-09-21T14:13:20.000Z\",\"text\":\"2026-11-22 17:47:09 [1] [2] \"}\n"},
    {"", "{\"time\":\"2026-09-21T14:13:20.000Z\",\"text\":\"\"}\n"},
};

START_TEST(lines)
{
    ByoBuf out = {0};
    byo_log_json(byo_str(rows[_i].message), NOW, &out);
    ck_assert_str_eq(out.p, rows[_i].wanted);
    byo_buf_free(&out);
}
END_TEST

static char path[] = "/tmp/byo-log-XXXXXX";

/* The text of line n of the file, read as JSON; "" when there is no such line. */
static const char *text_of(int n, char buf[8192])
{
    FILE *f = fopen(path, "r");
    static char line[40000];
    buf[0] = 0;
    while (fgets(line, sizeof line, f)) {
        ByoJsonDoc *doc = byo_json_read(byo_str(line), sizeof line, 8);
        ByoJsonAt root = byo_json_root(doc), text = byo_json_member(&root, "text");
        ck_assert_msg(byo_json_errors(doc) == 0, "%s", line);
        if (n-- == 0)
            snprintf(buf, 8192, "%.*s", BYO_PF(byo_json_peek_str(&text)));
        byo_json_close(doc);
    }
    fclose(f);
    return buf;
}

START_TEST(file)
{
    char buf[8192], *long_text = byo_zalloc(2 * BYO_LOG_JSON_BUFFER);
    int at = 0;
    ck_assert_int_ge(close(mkstemp(path)), 0);
    ck_assert(byo_log_open_json(path, 0, 5));
    while (text_of(at, buf)[0]) /* gwlib says that it opened the file */
        at++;
    byo_log_info("ours: \"%s\"", "q");
    error(ENOENT, "gwlib's");
    warning(0, "two\nlines");
    ck_assert_str_eq(text_of(at, buf), "ours: \"q\"");
    ck_assert_str_eq(text_of(at + 1, buf), "gwlib's");
    ck_assert_str_eq(text_of(at + 2, buf), "System error 2: No such file or directory");
    ck_assert_str_eq(text_of(at + 3, buf), "two\nlines");
    memset(long_text, 'x', 2 * BYO_LOG_JSON_BUFFER - 1);
    byo_log_info("%s", long_text); /* cut, and one line all the same */
    ck_assert_int_eq(text_of(at + 4, buf)[0], 'x');
    byo_log_reopen();
    byo_log_info("after the rotation");
    for (at += 4; text_of(at + 1, buf)[0]; at++) {
    }
    ck_assert_str_eq(text_of(at, buf), "after the rotation");
    byo_log_close();
    unlink(path);
    free(long_text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("log");
    byo_gw_start();
    tcase_add_loop_test(tc, lines, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tc, file);
    suite_add_tcase(suite, tc);
    int failed = run_suite(suite);
    byo_gw_stop();
    return failed;
}
