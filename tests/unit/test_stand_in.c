/* SPDX-License-Identifier: BSD-3-Clause
 * What could stand for a character: the table, and what Unicode says beyond it.
 * Ownership: each test frees what it makes. Threads: none. */
#include <check.h>

#include "encoding/stand_in.h"
#include "encoding/stand_in_table.h"

#include "base/text.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static void count_text(void *arg, ByoStr text)
{
    ck_assert(byo_utf8_valid(text));
    ++*(int *)arg;
}

static void last_text(void *arg, ByoStr text)
{
    byo_buf_clear(arg);
    byo_buf_adds(arg, "[");
    byo_buf_add(arg, text.p, text.n);
    byo_buf_adds(arg, "]");
}

/* A table that is not in order would not find its rows. */
START_TEST(every_row_of_the_stand_ins_is_found)
{
    uint32_t before = 0;
    for (size_t i = 0; i < N(stand_ins); i++) {
        int n = 0;
        ck_assert_uint_gt(stand_ins[i].scalar, before);
        before = stand_ins[i].scalar;
        byo_stand_ins(before, count_text, &n);
        ck_assert_int_eq(n, stand_ins[i].texts[1] ? 2 : 1);
    }
}
END_TEST

static const struct {
    uint32_t scalar;
    const char *last; /* "": nothing stands for it */
} stand_in_rows[] = {{0x2019, "[']"}, {0x00A0, "[ ]"}, {0x200D, "[]"},   {0xFB03, "[ffi]"}, {0x00BD, "[1/2]"},
                     {0x0119, "[e]"}, {0x1EC7, "[e]"}, {0xFF21, "[A]"},  {0x2460, "[1]"},   {0x0301, "[]"},
                     {'a', ""},       {0x4E2D, ""},    {0x2026, "[...]"}};

START_TEST(what_could_stand_for_a_character)
{
    ByoBuf text = {0};
    byo_stand_ins(stand_in_rows[_i].scalar, last_text, &text);
    ck_assert_str_eq(text.p ? text.p : "", stand_in_rows[_i].last);
    byo_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stand-ins");
    TCase *tc = tcase_create("stand-ins");

    tcase_add_test(tc, every_row_of_the_stand_ins_is_found);
    tcase_add_loop_test(tc, what_could_stand_for_a_character, 0, (int)N(stand_in_rows));
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
