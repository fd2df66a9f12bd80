/* SPDX-License-Identifier: BSD-3-Clause
 * MTs a smsbox writes again: known by smsbox, UUID and recipient, bounded, and undone with the turn.
 * Threads: one. */
#include <check.h>
#include <stdio.h>

#include "flow/taken.h"
#include "suites.h"

static char text[40];

static ByoTakenKey numbered(unsigned n)
{
    snprintf(text, sizeof text, "00000000-0000-4000-8000-%012u", n);
    return (ByoTakenKey){BYO_STR("a"), byo_str(text), BYO_STR("+12025550199")};
}

static bool known(const ByoTaken *t, ByoTakenKey key)
{
    ByoAck ack;
    return byo_taken_find(t, &key, &ack);
}

static ByoUndo undo;

static void add(ByoTaken *t, unsigned n)
{
    ByoTakenKey key = numbered(n);
    byo_taken_add(t, &undo, &key, BYO_ACK_SUCCESS);
}

START_TEST(test_what_one_is_known_by)
{
    ByoTaken *t = byo_taken_create(100);
    ByoStr uuid = BYO_STR("0a000000-0000-4000-8000-000000000001");
    ByoTakenKey key = {BYO_STR("box"), uuid, BYO_STR("+12025550199")};
    byo_taken_add(t, NULL, &key, BYO_ACK_FAILED);
    ByoAck ack = BYO_ACK_SUCCESS;
    ck_assert(byo_taken_find(t, &key, &ack));
    ck_assert_int_eq(ack, BYO_ACK_FAILED);
    ck_assert(
        known(t, (ByoTakenKey){key.box, BYO_STR("0A000000-0000-4000-8000-000000000001"), key.recipient}));
    const ByoTakenKey others[] = {{BYO_STR("bo"), uuid, key.recipient},
                                  {BYO_STR_NONE, uuid, key.recipient},
                                  {BYO_STR(""), uuid, key.recipient},
                                  {key.box, BYO_STR("0a000000-0000-4000-8000-000000000002"), key.recipient},
                                  {key.box, uuid, BYO_STR("+12025550198")},
                                  {key.box, uuid, BYO_STR("")}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert(!known(t, others[i]));
    /* the anonymous and a smsbox without a name are two */
    byo_taken_add(t, NULL, &others[1], BYO_ACK_SUCCESS);
    ck_assert(known(t, others[1]) && !known(t, others[2]));
    byo_taken_destroy(t);
}
END_TEST

START_TEST(test_the_oldest_goes)
{
    ByoTaken *t = byo_taken_create(100);
    for (unsigned i = 0; i < 1000; i++) {
        add(t, i);
        byo_undo_drop(&undo);
        ck_assert_uint_le(byo_taken_count(t), 100);
        ck_assert(known(t, numbered(i)));
        ck_assert(known(t, numbered(i < 99 ? 0 : i - 99)));
        ck_assert(i < 100 || !known(t, numbered(i - 100)));
    }
    byo_taken_destroy(t);
}
END_TEST

START_TEST(test_a_turn_rolled_back)
{
    ByoTaken *t = byo_taken_create(100);
    for (unsigned i = 0; i < 100; i++)
        add(t, i);
    byo_undo_drop(&undo);
    for (unsigned i = 100; i < 150; i++)
        add(t, i);
    byo_undo_replay(&undo);
    for (unsigned i = 0; i < 150; i++)
        ck_assert_msg(known(t, numbered(i)) == (i < 100), "%u", i);
    byo_undo_replay(&undo);
    ck_assert_uint_eq(byo_taken_count(t), 100);
    /* a turn larger than the table */
    for (unsigned i = 1000; i < 2000; i++)
        add(t, i);
    ck_assert(known(t, numbered(1999)) && !known(t, numbered(99)));
    byo_undo_replay(&undo);
    ck_assert_uint_eq(byo_taken_count(t), 100);
    for (unsigned i = 0; i < 2000; i++)
        ck_assert_msg(known(t, numbered(i)) == (i < 100), "%u", i);
    byo_undo_destroy(&undo);
    byo_taken_destroy(t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("taken");
    TCase *t = tcase_create("taken");
    tcase_add_test(t, test_what_one_is_known_by);
    tcase_add_test(t, test_the_oldest_goes);
    tcase_add_test(t, test_a_turn_rolled_back);
    suite_add_tcase(s, t);
    return run_suite(s);
}
