/* SPDX-License-Identifier: BSD-3-Clause
 * The journal of a turn: the newest first, copies, what waits for the commit.
 * Threads: one. */
#include <check.h>
#include <stdlib.h>

#include "base/undo.h"
#include "suites.h"

static char told[200];

static void tell(void *owner, const void *args)
{
    ck_assert_ptr_eq(owner, told);
    strcat(told, args);
    strcat(told, " ");
}

static int freed;

static void count_free(void *p)
{
    free(p);
    freed++;
}

static void record_three(ByoUndo *u)
{
    char word[] = "one";
    told[0] = 0;
    byo_undo_add(u, tell, told, word, sizeof word);
    memcpy(word, "two", 3); /* the journal has a copy */
    byo_undo_add(u, tell, told, word, sizeof word);
    byo_undo_then(u, tell, told, "kept", 5);
    byo_undo_add(u, tell, told, "three", 6);
    byo_undo_then(u, tell, told, "told", 5);
}

START_TEST(test_newest_first)
{
    ByoUndo u = {0};
    record_three(&u);
    byo_undo_replay(&u);
    ck_assert_str_eq(told, "three two one ");
    byo_undo_replay(&u); /* once */
    ck_assert_str_eq(told, "three two one ");
    ck_assert_uint_eq(byo_undo_octets(&u), 0);
    byo_undo_destroy(&u);
}
END_TEST

START_TEST(test_kept)
{
    ByoUndo u = {0};
    record_three(&u);
    byo_undo_drop(&u);
    ck_assert_str_eq(told, "kept told ");
    byo_undo_replay(&u);
    ck_assert_str_eq(told, "kept told ");
    byo_undo_destroy(&u);
}
END_TEST

START_TEST(test_saved)
{
    struct {
        int64_t a;
        char text[13];
    } x = {1, "first"};
    ByoUndo u = {0};
    uint64_t mark = 0;
    for (int i = 2; i < 5; i++) {
        if (byo_undo_first(&u, &mark))
            byo_undo_save(&u, &x, sizeof x);
        x.a = i;
        memcpy(x.text, "second", 7);
    }
    byo_undo_replay(&u);
    ck_assert_int_eq(x.a, 1);
    ck_assert_str_eq(x.text, "first");
    ck_assert(byo_undo_first(&u, &mark)); /* of the next turn */
    ck_assert(!byo_undo_first(&u, &mark));
    byo_undo_drop(&u);
    ck_assert(byo_undo_first(&u, &mark));
    byo_undo_replay(&u);
    byo_undo_destroy(&u);
}
END_TEST

START_TEST(test_frees_wait)
{
    ByoUndo u = {0};
    void *p = byo_alloc(10);
    freed = 0;
    byo_undo_free(&u, count_free, p);
    byo_undo_replay(&u);
    ck_assert_int_eq(freed, 0);
    byo_undo_free(&u, count_free, p);
    ck_assert_int_eq(freed, 0);
    byo_undo_drop(&u);
    ck_assert_int_eq(freed, 1);
    byo_undo_destroy(&u);
}
END_TEST

START_TEST(test_no_journal)
{
    uint64_t mark = 0;
    int x = 1;
    told[0] = 0;
    freed = 0;
    byo_undo_add(NULL, tell, told, "never", 6);
    byo_undo_save(NULL, &x, sizeof x);
    byo_undo_then(NULL, tell, told, "now", 4);
    byo_undo_free(NULL, count_free, byo_alloc(1));
    ck_assert(!byo_undo_first(NULL, &mark));
    ck_assert_str_eq(told, "now ");
    ck_assert_int_eq(freed, 1);
}
END_TEST

static void put_int(void *owner, const void *args)
{
    const int *at = args;
    ck_assert_uint_eq((uintptr_t)args % sizeof(void *), 0);
    ((int *)owner)[at[0]] = at[1];
}

START_TEST(test_long)
{
    /* more than the first memory, many times; a shift of a random table comes back */
    enum { SIZE = 64, STEPS = 50000 };
    int table[SIZE] = {0}, before[SIZE];
    ByoUndo u = {0};
    srand(1);
    for (int round = 0; round < 3; round++) {
        memcpy(before, table, sizeof table);
        for (int i = 0; i < STEPS; i++) {
            int at = rand() % SIZE, was[] = {at, table[at]};
            byo_undo_add(&u, put_int, table, was, sizeof was);
            table[at] = rand();
        }
        ck_assert_uint_gt(byo_undo_octets(&u), STEPS);
        if (round == 1) {
            byo_undo_drop(&u);
            continue;
        }
        byo_undo_replay(&u);
        ck_assert_mem_eq(table, before, sizeof table);
    }
    byo_undo_destroy(&u);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("undo");
    TCase *t = tcase_create("undo");
    tcase_add_test(t, test_newest_first);
    tcase_add_test(t, test_kept);
    tcase_add_test(t, test_saved);
    tcase_add_test(t, test_frees_wait);
    tcase_add_test(t, test_no_journal);
    tcase_add_test(t, test_long);
    suite_add_tcase(s, t);
    return run_suite(s);
}
