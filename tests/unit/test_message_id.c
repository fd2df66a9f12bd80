/* SPDX-License-Identifier: BSD-3-Clause
 * Message ids: when two are the same one (field C05-C12), as tables.
 * Threads: none. */
#include "tracking/message_id.h"

#include <check.h>
#include <stdlib.h>
#include "suites.h"

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

static const struct {
    const char *row, *a, *b;
    size_t a_n, b_n; /* 0: to the NUL */
    bool same;
} pairs[] = {
    {"C06 letter case", "9A1B", "9a1b", 0, 0, true},
    {"C06 of letters that are no digits", "Msg-7X", "mSG-7x", 0, 0, true},
    {"C07 leading zeros", "00000123", "123", 0, 0, true},
    {"C07 zeros alone", "000", "0", 0, 0, true},
    {"C07 zeros of a word", "00xyz", "XYZ", 0, 0, true},
    {"C09 blanks at the ends", " 123 ", "123", 0, 0, true},
    {"C09 NULs at the ends", "123\0\0", "123", 5, 0, true},
    {"C12 hexadecimal against decimal", "7B", "123", 0, 0, true},
    {"C12 decimal against hexadecimal", "123", "0000007b", 0, 0, true},
    {"C12 with 0x", "0x7B", "123", 0, 0, true},
    {"C05 beyond 2^63", "FFFFFFFFFFFFFFFF", "18446744073709551615", 0, 0, true},
    {"C05 neighbours beyond 2^63", "FFFFFFFFFFFFFFFE", "18446744073709551615", 0, 0, false},
    {"C05 32 digits", "ffffffffffffffffffffffffffffffff", "340282366920938463463374607431768211455", 0, 0,
     true},
    {"C12 64 digits", "1000000000000000000000000000000000000000000000000000000000000000",
     "7237005577332262213973186563042994240829374041602535252466099000494570602496", 0, 0, true},
    {"blanks inside count", "1 23", "123", 0, 0, false},
    {"other digits", "124", "123", 0, 0, false},
    {"a part of it", "1234", "123", 0, 0, false},
    {"zeros at the end count", "1230", "123", 0, 0, false},
    {"a word is no number", "7G", "123", 0, 0, false},
    {"nothing", "", "0", 0, 0, false},
    {"nothing at all", "", "", 0, 0, false},
};

static ByoStr some(const char *p, size_t n)
{
    return n ? byo_strn(p, n) : byo_str(p);
}

/* b's form is one of those a is looked for by. */
static bool found(ByoStr a, ByoStr b)
{
    ByoMsgidForms forms = {0};
    ByoBuf kept = {0};
    bool is = false;

    byo_msgid_forms(a, &forms);
    byo_msgid_loose(b, &kept);
    for (size_t i = 0; i < forms.n; i++)
        is |= byo_str_eq(forms.form[i], byo_buf_str(&kept));
    byo_msgid_forms_free(&forms);
    byo_buf_free(&kept);
    return is;
}

START_TEST(C06_C07_C09_C12_loose)
{
    ByoStr a = some(pairs[_i].a, pairs[_i].a_n), b = some(pairs[_i].b, pairs[_i].b_n);

    ck_assert_msg(found(a, b) == pairs[_i].same, "%s", pairs[_i].row);
    ck_assert_msg(found(b, a) == pairs[_i].same, "%s, the other way round", pairs[_i].row);
}
END_TEST

START_TEST(C12_too_long_to_be_a_number_is_a_text)
{
    char digits[BYO_MSGID_NUMBER_MAX * 4];

    memset(digits, '9', sizeof digits);
    ck_assert(found(byo_strn(digits, sizeof digits), byo_strn(digits, sizeof digits)));
    ck_assert(found(byo_strn(digits, BYO_MSGID_NUMBER_MAX), byo_strn(digits, BYO_MSGID_NUMBER_MAX)));
    ck_assert(!found(byo_strn(digits, sizeof digits), byo_strn(digits, sizeof digits - 1)));
}
END_TEST

static const struct {
    int type;
    bool receipt;
    const char *id, *exact;
} typed[] = {
    {-1, true, "00ab", "00ab"},
    {0, true, "0123", "123"},
    {0, false, "7b", "123"}, /* not all decimal digits: Kannel reads it as hexadecimal, too */
    {1, false, "10", "16"},
    {1, true, "10", "10"},
    {2, true, "10", "16"},
    {2, false, "10", "10"},
    {3, true, "FFFFFFFFFFFFFFFF", "18446744073709551615"}, /* (field C05) */
    {3, true, "FFFFFFFFFFFFFFFE", "18446744073709551614"},
    {3, true, "uuid-7", "uuid-7"},
    {0, true, "", ""},
};

START_TEST(C05_msg_id_type)
{
    char number[BYO_MSGID_FORM_MAX];
    ByoStr exact = byo_msgid_exact(byo_str(typed[_i].id), typed[_i].type, typed[_i].receipt, number);

    ck_assert_msg(byo_str_is(exact, typed[_i].exact), "%s: %.*s", typed[_i].id, BYO_PF(exact));
}
END_TEST

static const struct {
    const char *written, *kept;
    bool same;
} addresses[] = {
    {"12025550199", "+12025550199", true},
    {"+12025550199", "+12025550199", true},
    {"0012025550199", "+12025550199", true},
    {"2025550199", "+12025550199", true},
    {"07700900199", "+447700900199", true},
    {"+4407700900199", "+447700900199", false}, /* nobody's national form */
    {"12025550198", "+12025550199", false},
    {"0199", "+12025550199", false},
    {"54321", "54321", true},
    {"4321", "54321", false},
    {"+54321", "54321", true},
    {"", "54321", false},
    {"", "", false},
    {"ACME", "acme", true},
};

START_TEST(C08_addresses)
{
    ck_assert_msg(byo_msgid_same_address(byo_str(addresses[_i].written), byo_str(addresses[_i].kept)) ==
                      addresses[_i].same,
                  "%s and %s", addresses[_i].written, addresses[_i].kept);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message ids");
    TCase *tc = tcase_create("message ids");

    tcase_add_loop_test(tc, C06_C07_C09_C12_loose, 0, ROWS(pairs));
    tcase_add_test(tc, C12_too_long_to_be_a_number_is_a_text);
    tcase_add_loop_test(tc, C05_msg_id_type, 0, ROWS(typed));
    tcase_add_loop_test(tc, C08_addresses, 0, ROWS(addresses));
    suite_add_tcase(suite, tc);

    return run_suite(suite);
}
