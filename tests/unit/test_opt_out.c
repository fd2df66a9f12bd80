/* SPDX-License-Identifier: BSD-3-Clause
 * The set of opt-outs (spec K4, K5): what counts as the same pair, and the set against a plain model.
 * Threads: none. */
#include "compliance/opt_out.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include "suites.h"

START_TEST(K5_a_pair_is_number_and_recipient)
{
    ByoOptOuts *o = byo_optouts_create(1);

    ck_assert(!byo_optouts_has(o, BYO_STR("12025550100"), BYO_STR("+4915123456789")));
    ck_assert(!byo_optouts_remove(o, BYO_STR("12025550100"), BYO_STR("+4915123456789")));
    ck_assert(byo_optouts_add(o, BYO_STR("12025550100"), BYO_STR("+4915123456789")));
    ck_assert(!byo_optouts_add(o, BYO_STR("12025550100"), BYO_STR("+4915123456789")));
    ck_assert_uint_eq(byo_optouts_count(o), 1);
    /* With or without '+' is the same. */
    ck_assert(byo_optouts_has(o, BYO_STR("+12025550100"), BYO_STR("4915123456789")));
    ck_assert(!byo_optouts_add(o, BYO_STR("+12025550100"), BYO_STR("4915123456789")));
    /* Another sender, another recipient, the other way round, a digit more or less are not. */
    ck_assert(!byo_optouts_has(o, BYO_STR("12025550101"), BYO_STR("+4915123456789")));
    ck_assert(!byo_optouts_has(o, BYO_STR("12025550100"), BYO_STR("+4915123456788")));
    ck_assert(!byo_optouts_has(o, BYO_STR("4915123456789"), BYO_STR("12025550100")));
    ck_assert(!byo_optouts_has(o, BYO_STR("12025550100"), BYO_STR("+491512345678")));
    ck_assert(!byo_optouts_has(o, BYO_STR("012025550100"), BYO_STR("+4915123456789")));
    ck_assert(byo_optouts_add(o, BYO_STR("012345"), BYO_STR("+4915123456789")));
    ck_assert(!byo_optouts_has(o, BYO_STR("12345"), BYO_STR("+4915123456789")));
    ck_assert(byo_optouts_remove(o, BYO_STR("+12025550100"), BYO_STR("+4915123456789")));
    ck_assert(!byo_optouts_has(o, BYO_STR("12025550100"), BYO_STR("+4915123456789")));
    ck_assert(byo_optouts_has(o, BYO_STR("012345"), BYO_STR("+4915123456789")));
    ck_assert_uint_eq(byo_optouts_count(o), 1);
    byo_optouts_destroy(o);
    byo_optouts_destroy(NULL);
}
END_TEST

START_TEST(K5_texts_that_are_no_numbers)
{
    static const char *const bad[] = {
        "", "+", "++1", "1 2", "12a", "-1", "1234567890123456789", "\xEF\xBC\x91", "1+"};
    ByoOptOuts *o = byo_optouts_create(1);
    ByoPair pair;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!byo_optouts_add(o, byo_str(bad[i]), BYO_STR("123")), "%s", bad[i]);
        ck_assert(!byo_optouts_add(o, BYO_STR("123"), byo_str(bad[i])));
        ck_assert(!byo_optouts_has(o, byo_str(bad[i]), BYO_STR("123")));
        ck_assert(!byo_optouts_remove(o, byo_str(bad[i]), BYO_STR("123")));
        ck_assert(!byo_pair_make(byo_str(bad[i]), BYO_STR("1"), &pair));
        ck_assert_uint_eq(pair.number, 0);
        ck_assert_uint_eq(pair.recipient, 0);
    }
    ck_assert(!byo_pair_make(BYO_STR_NONE, BYO_STR("1"), &pair));
    ck_assert(!byo_pair_make(byo_strn("1\0", 2), BYO_STR("1"), &pair));
    ck_assert(byo_pair_make(BYO_STR("999999999999999999"), BYO_STR("+000000000000000000"), &pair));
    ck_assert_uint_eq(byo_optouts_count(o), 0);
    byo_optouts_destroy(o);
}
END_TEST

/* A small generator of our own: a test must be the same each time. */
static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Adds and takes out at random beside a plain table. Phases in which the set fills and empties, so that
 * taking out meets every kind of run. */
static void agree(uint64_t seed, unsigned numbers, unsigned recipients, int steps)
{
    bool *model = byo_zalloc(numbers * recipients);
    uint64_t state = seed;
    size_t n = 0;
    ByoOptOuts *o = byo_optouts_create(seed);

    for (int i = 0; i < steps; i++) {
        unsigned a = (unsigned)(next(&state) % numbers), b = (unsigned)(next(&state) % recipients);
        bool *is = &model[a * recipients + b];
        char number[32], recipient[32];
        snprintf(number, sizeof number, "1202555%04u", a);
        snprintf(recipient, sizeof recipient, "+49151%07u", b);
        ck_assert_int_eq(byo_optouts_has(o, byo_str(number), byo_str(recipient)), *is);
        bool fill = (i / (steps / 8)) % 2 == 0 ? next(&state) % 4 != 0 : next(&state) % 4 == 0;
        if (fill) {
            ck_assert_int_eq(byo_optouts_add(o, byo_str(number), byo_str(recipient)), !*is);
            n += !*is;
        } else {
            ck_assert_int_eq(byo_optouts_remove(o, byo_str(number), byo_str(recipient)), *is);
            n -= *is;
        }
        *is = fill;
        ck_assert_uint_eq(byo_optouts_count(o), n);
    }
    byo_optouts_destroy(o);
    free(model);
}

START_TEST(K4_the_set_agrees_with_a_model)
{
    agree(42, 8, 100, 200000);
    /* Small full tables with many seeds: runs that go around the end. */
    for (uint64_t seed = 1; seed <= 200; seed++)
        agree(seed, 2, 30, 2000);
}
END_TEST

START_TEST(K4_a_million_pairs)
{
    enum { PAIRS = 1000000 };
    char recipient[32];
    const ByoStr number = BYO_STR("12025550100");

    for (int reserved = 0; reserved < 2; reserved++) {
        ByoOptOuts *o = byo_optouts_create(0x1234);
        if (reserved)
            byo_optouts_reserve(o, PAIRS);
        size_t before = byo_optouts_bytes(o);
        for (int i = 0; i < PAIRS; i++) {
            snprintf(recipient, sizeof recipient, "+4915%09d", i);
            ck_assert(byo_optouts_add(o, number, byo_str(recipient)));
        }
        ck_assert_uint_eq(byo_optouts_count(o), PAIRS);
        ck_assert_uint_le(byo_optouts_bytes(o), 31 * (size_t)PAIRS);
        if (reserved)
            ck_assert_uint_eq(byo_optouts_bytes(o), before);
        byo_optouts_reserve(o, 10); /* never takes room away */
        for (int i = 0; i < PAIRS; i += 997) {
            snprintf(recipient, sizeof recipient, "+4915%09d", i);
            ck_assert(byo_optouts_has(o, number, byo_str(recipient)));
            snprintf(recipient, sizeof recipient, "+4916%09d", i);
            ck_assert(!byo_optouts_has(o, number, byo_str(recipient)));
        }
        byo_optouts_destroy(o);
    }
}
END_TEST

START_TEST(K5_hashes_spread)
{
    /* Numbers in a row, as ranges are: every 1/64 of the hash's room gets its share. */
    unsigned bin[64] = {0};
    char recipient[32];
    ByoPair pair;

    for (int i = 0; i < 64000; i++) {
        snprintf(recipient, sizeof recipient, "+4915%09d", i);
        ck_assert(byo_pair_make(BYO_STR("12025550100"), byo_str(recipient), &pair));
        bin[byo_pair_hash(pair, 5) >> 58]++;
        ck_assert_uint_ne(byo_pair_hash(pair, 5), byo_pair_hash(pair, 6));
    }
    for (int i = 0; i < 64; i++)
        ck_assert_msg(bin[i] > 800 && bin[i] < 1200, "bin %d: %u", i, bin[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("opt_out");
    TCase *tc = tcase_create("opt_out");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, K5_a_pair_is_number_and_recipient);
    tcase_add_test(tc, K5_texts_that_are_no_numbers);
    tcase_add_test(tc, K4_the_set_agrees_with_a_model);
    tcase_add_test(tc, K4_a_million_pairs);
    tcase_add_test(tc, K5_hashes_spread);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
