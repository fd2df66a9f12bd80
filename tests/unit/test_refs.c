/* SPDX-License-Identifier: BSD-3-Clause
 * Concatenation references: least recently used first for each recipient (spec D11), bounded memory.
 * Threads: one. */
#include <check.h>
#include <stdio.h>

#include "flow/refs.h"
#include "suites.h"

static ByoStr phone(unsigned n)
{
    static char text[20];
    snprintf(text, sizeof text, "+1202%07u", n);
    return byo_str(text);
}

START_TEST(test_least_recently_used)
{
    /* every reference comes once before any comes again, whatever goes to others in between */
    int bits = _i ? 16 : 8;
    unsigned all = _i ? 65536 : 256;
    ByoRefs *r = byo_refs_create(1000, 42, -1);
    unsigned char *seen = byo_zalloc(all);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < all; i++) {
            unsigned ref = byo_refs_next(r, NULL, phone(0), bits);
            ck_assert_uint_lt(ref, all);
            ck_assert_uint_eq(seen[ref], round);
            seen[ref]++;
            byo_refs_next(r, NULL, phone(1 + i % 50), bits);
        }
    }
    byo_buf_free(&(ByoBuf){(char *)seen, 0, all});
    byo_refs_destroy(r);
}
END_TEST

START_TEST(test_several_nodes_share_them)
{
    /* each has those of its remainder by 8, every one of them before any again, and goes on behind its own after a start */
    for (int slot = 0; slot < 8; slot++) {
        ByoRefs *r = byo_refs_create(1000, 42, slot);
        bool seen[256] = {false};
        for (int i = 0; i < 32; i++) {
            unsigned ref = byo_refs_next(r, NULL, phone(0), 8);
            ck_assert_int_eq((int)ref % 8, slot);
            ck_assert(!seen[ref]);
            seen[ref] = true;
        }
        byo_refs_used(r, phone(1), 80 + (unsigned)slot);
        byo_refs_used(r, phone(1), 96 + (unsigned)(slot + 1) % 8); /* another one's */
        ck_assert_uint_eq(byo_refs_next(r, NULL, phone(1), 8), 88 + (unsigned)slot);
        byo_refs_destroy(r);
    }
}
END_TEST

START_TEST(test_seed)
{
    /* recipients do not all begin at the same reference, nor do two processes */
    ByoRefs *a = byo_refs_create(1000, 1, -1), *b = byo_refs_create(1000, 2, -1);
    unsigned same_phone = 0, same_process = 0;
    for (unsigned i = 0; i < 200; i++) {
        unsigned ref = byo_refs_next(a, NULL, phone(i), 16);
        same_phone += ref == byo_refs_next(b, NULL, phone(i), 16);
        same_process += ref == byo_refs_next(a, NULL, phone(1000 + i), 16);
    }
    ck_assert_uint_lt(same_phone, 10);
    ck_assert_uint_lt(same_process, 10);
    byo_refs_destroy(a);
    byo_refs_destroy(b);
}
END_TEST

START_TEST(test_bounded)
{
    /* far more recipients than it holds: it does not grow, and who is written to often is not forgotten */
    ByoRefs *r = byo_refs_create(1000, 7, -1);
    unsigned last = byo_refs_next(r, NULL, phone(0), 16);
    for (unsigned i = 1; i < 100000; i++) {
        byo_refs_next(r, NULL, phone(i), 16);
        unsigned ref = byo_refs_next(r, NULL, phone(0), 16);
        ck_assert_uint_eq(ref, (last + 1) & 65535);
        last = ref;
    }
    ck_assert_uint_le(byo_refs_count(r), 2048);
    ck_assert_uint_ge(byo_refs_count(r), 1000);
    byo_refs_destroy(r);
    byo_refs_destroy(NULL);
}
END_TEST

START_TEST(test_goes_on_where_it_was)
{
    ByoRefs *r = byo_refs_create(100, 1, -1);
    byo_refs_used(r, phone(0), 254);
    byo_refs_used(r, phone(0), 255);
    byo_refs_used(r, phone(1), 65535);
    ck_assert_uint_eq(byo_refs_next(r, NULL, phone(0), 8), 0);
    ck_assert_uint_eq(byo_refs_next(r, NULL, phone(1), 16), 0);
    ck_assert_uint_eq(byo_refs_count(r), 2);
    byo_refs_destroy(r);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("references");
    TCase *t = tcase_create("references");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, test_least_recently_used, 0, 2);
    tcase_add_test(t, test_several_nodes_share_them);
    tcase_add_test(t, test_seed);
    tcase_add_test(t, test_bounded);
    tcase_add_test(t, test_goes_on_where_it_was);
    suite_add_tcase(s, t);
    return run_suite(s);
}
