/* SPDX-License-Identifier: BSD-3-Clause
 * Tables and sentences on a screen.
 * Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byoctl/grid.h"
#include "suites.h"

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

int main(void)
{
    Suite *s = suite_create("grid");
    TCase *t = tcase_create("grids");
    tcase_add_test(t, grids_are_aligned);
    tcase_add_test(t, grids_cut_where_it_hurts_least);
    tcase_add_test(t, sentences_run_on);
    tcase_add_test(t, nothing_speaks_to_the_terminal);
    suite_add_tcase(s, t);
    return run_suite(s);
}
