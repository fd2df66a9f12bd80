/* SPDX-License-Identifier: BSD-3-Clause
 * The man pages say everything: each key of the configuration, each command of byoctl.
 * Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byoctl/ctl_private.h"
#include "integration/key_table.h"
#include "tree.h"
#include "suites.h"

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
    char *text = tree_read(source);
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
    char *manual = tree_read("docs/man/byobox.conf.5");
    ck_assert_int_ge(keys_of("plugin/config/keys.c", manual), 30);
    ck_assert_int_ge(keys_of("plugin/integration/properties.c", manual), 45);
    free(manual);
}
END_TEST

START_TEST(every_command_has_its_line_in_the_manual)
{
    char *manual = tree_read("docs/man/byoctl.1");
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
    Suite *s = suite_create("manual");
    TCase *t = tcase_create("manual");
    tcase_add_test(t, every_key_has_its_line_in_the_manual);
    tcase_add_test(t, every_command_has_its_line_in_the_manual);
    suite_add_tcase(s, t);
    return run_suite(s);
}
