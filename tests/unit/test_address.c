/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the addresses in both directions: P3 to P8, N2 and "P3/P4" of spec section 7.
 * Ownership: values. Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "encoding/address.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Spec 7, P3/P4: recipients as applications type them. e164 NULL: DEST_ADDR_INVALID. */
static const struct {
    const char *typed, *e164;
} recipients[] = {
    {"+12025550100", "+12025550100"},
    {"12025550100", "+12025550100"},
    {"0012025550100", "+12025550100"},
    {" 12025550100", "+12025550100"}, /* a '+' that a URL turned into a space */
    {"+1 202 555-0100", "+12025550100"},
    {"00 1 202 555 0100", "+12025550100"},
    {"0-0-1-202-555-0100", "+12025550100"},
    {"+81\xe3\x80\x80"
     "90\xe2\x80\x93"
     "1234\xe2\x88\x92"
     "5678",
     "+819012345678"}, /* ideographic space, en dash, minus */
    {"+1\xc2\xa0"
     "202\xe2\x80\x91"
     "5550100",
     "+12025550100"}, /* no-break space and hyphen */
    {"1234567", "+1234567"},
    {"123456789012345", "+123456789012345"},
    {"00123456789012345", "+123456789012345"},
    {"+123456789012345   ", "+123456789012345"},
    {"", NULL},
    {"+", NULL},
    {"00", NULL},
    {" - ", NULL},
    {"123456", NULL}, /* a short code is no phone */
    {"+123456", NULL},
    {"54321", NULL},
    {"1234567890123456", NULL}, /* over 15 digits */
    {"001234567890123456", NULL},
    {"00123456", NULL},
    {"09012345678", NULL}, /* national form: of which country? */
    {"+09012345678", NULL},
    {"0009012345678", NULL},
    {"+0012025550100", NULL}, /* two prefixes */
    {"++12025550100", NULL},
    {"1+2025550100", NULL},
    {"12025550100+", NULL},
    {"+44 (0)20 7946 0958", NULL}, /* dialled at home only: two readings */
    {"+44(0) 20 7946 0958", NULL},
    {"+44 \xef\xbc\x88\xef\xbc\x90\xef\xbc\x89 20 7946 0958", NULL},
    {"1202555010O", NULL},
    {"CARRIER", NULL},
    {"1-800-FLOWERS", NULL},
    {"12025550100x12", NULL},
    {"12025550100,12025550101", NULL},
    {"1202\t5550100", NULL},
    {"12025550100\n", NULL},
    {"tel:+12025550100", NULL},
    {"1202555\xff"
     "0100",
     NULL},
    {"\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5\xd9\xa6\xd9\xa7\xd9\xa8", NULL}, /* other digits */
};

/* As people write them in lists; an MT's recipient is refused so. */
static const struct {
    const char *typed, *e164;
} by_people[] = {
    {"+1 (202) 555.0100", "+12025550100"},
    {"(+1) 202-555-0100", "+12025550100"},
    {"\xef\xbc\x8b\xef\xbc\x98\xef\xbc\x91 90\xef\xbc\x8d"
     "1234-5678",
     "+819012345678"}, /* full-width plus, digits, hyphen */
    {"\xef\xbc\x90\xef\xbc\x90\xef\xbc\x98\xef\xbc\x91 90 1234 5678", "+819012345678"},
    {"+44 (020) 7946 0958", "+4402079460958"}, /* written so, taken so */
};

START_TEST(P4_by_people)
{
    char e164[BYO_ADDRESS_MAX];

    ck_assert(byo_address_phone(byo_str(by_people[_i].typed), e164));
    ck_assert_str_eq(e164, by_people[_i].e164);
    ck_assert(!byo_address_recipient(byo_str(by_people[_i].typed), e164));
    ck_assert_str_eq(e164, "");
}
END_TEST

START_TEST(P4_recipient_as_typed)
{
    char e164[BYO_ADDRESS_MAX] = "x";
    const char *wanted = recipients[_i].e164;
    bool good = byo_address_phone(byo_str(recipients[_i].typed), e164);

    ck_assert_msg(good == (wanted != NULL), "'%s' gives %s", recipients[_i].typed, e164);
    ck_assert_str_eq(e164, wanted ? wanted : "");
    good = byo_address_recipient(byo_str(recipients[_i].typed), e164);
    ck_assert_msg(good == (wanted != NULL), "'%s' gives %s", recipients[_i].typed, e164);
    ck_assert_str_eq(e164, wanted ? wanted : "");
}
END_TEST

START_TEST(P4_recipient_odd)
{
    char e164[BYO_ADDRESS_MAX], many[400];

    ck_assert(!byo_address_recipient(BYO_STR_NONE, e164));
    ck_assert(!byo_address_recipient(BYO_STR("12025550100\0"), e164));
    memset(many, '1', sizeof many);
    ck_assert(!byo_address_recipient(byo_strn(many, sizeof many), e164));
    memset(many, ' ', sizeof many);
    memcpy(many + 380, "12025550100", 11);
    ck_assert(byo_address_recipient(byo_strn(many, sizeof many), e164));
}
END_TEST

/* N2: one of our numbers, by its digits, with or without '+'. */
static const struct {
    const char *typed, *digits;
} our_numbers[] = {
    {"+1 202 555-0100", "12025550100"},
    {"0012025550100", "12025550100"},
    {"12025550100", "12025550100"},
    {"\xef\xbc\x8b"
     "12025550100",
     "12025550100"},
    {"54321", "54321"},
    {"543210", "543210"},
    {"+54321", "54321"}, /* a carrier's or bearerbox's '+' */
    {"012345", "012345"},
    {"001234", "001234"}, /* six digits are a short code */
    {"1234567", "1234567"},
    {"1234", NULL},
    {"1234567890123456", NULL},
    {"09012345678", NULL},
    {"BYOBOX", NULL},
    {"", NULL},
    {"+", NULL},
};

START_TEST(N2_our_number_by_digits)
{
    char digits[BYO_ADDRESS_MAX] = "x";
    bool good = byo_address_digits(byo_str(our_numbers[_i].typed), digits);

    ck_assert_msg(good == (our_numbers[_i].digits != NULL), "'%s' gives %s", our_numbers[_i].typed, digits);
    ck_assert_str_eq(digits, our_numbers[_i].digits ? our_numbers[_i].digits : "");
}
END_TEST

static const struct {
    bool plus;
    const char *ours, *source;
} sources[] = {
    {false, "+12025550100", "12025550100"},
    {true, "+12025550100", "+12025550100"},
    {false, "54321", "54321"},
    {true, "54321", "54321"}, /* never in front of a short code */
};

/* P4 decides the source only; the destination never has a '+'. P5 to P8 always stand, 0 too. */
START_TEST(P4_P5_P6_P7_P8_submit_addresses)
{
    ByoAddressRules rules = {.outbound_plus_prefix = sources[_i].plus};
    ByoAddressOut out;

    byo_address_mt(&rules, sources[_i].ours, "+819012345678", &out);
    ck_assert_str_eq(out.source, sources[_i].source);
    ck_assert_str_eq(out.destination, "819012345678");
    ck_assert_int_eq(out.source_ton, 0);
    ck_assert_int_eq(out.source_npi, 0);
    ck_assert_int_eq(out.destination_ton, 0);
    ck_assert_int_eq(out.destination_npi, 0);
    rules.address_ton = 1;
    rules.address_npi = 3;
    rules.destination_ton = 6;
    rules.destination_npi = 18;
    rules.inbound_plus_prefix = !rules.inbound_plus_prefix; /* not its business */
    byo_address_mt(&rules, sources[_i].ours, "819012345678", &out);
    ck_assert_str_eq(out.source, sources[_i].source);
    ck_assert_str_eq(out.destination, "819012345678");
    ck_assert_int_eq(out.source_ton, 1);
    ck_assert_int_eq(out.source_npi, 3);
    ck_assert_int_eq(out.destination_ton, 6);
    ck_assert_int_eq(out.destination_npi, 18);
}
END_TEST

/* P3: what bearerbox hands in for an MO. international: index 0 without, 1 with inbound-plus-prefix. */
static const struct {
    const char *sender, *receiver;
    bool good;
    const char *sender_is;
    bool phone;
    const char *digits;
    bool international[2];
} inbound[] = {
    {"+819012345678", "+12025550100", true, "+819012345678", true, "12025550100", {true, true}},
    {"819012345678", "12025550100", true, "+819012345678", true, "12025550100", {true, false}},
    {"00819012345678", "0012025550100", true, "+819012345678", true, "12025550100", {true, true}},
    {"09012345678", "12025550100", true, "09012345678", false, "12025550100", {true, false}},
    {"819012345678", "54321", true, "+819012345678", true, "54321", {false, false}},
    {"+819012345678", "+54321", true, "+819012345678", true, "54321", {false, false}},
    {"12345", "12025550100", true, "12345", false, "12025550100", {true, false}},
    {"+12345", "12025550100", true, "+12345", false, "12025550100", {true, false}},
    {"MyBank", "12025550100", true, "MyBank", false, "12025550100", {true, false}},
    {"My Bank 24/7", "12025550100", true, "My Bank 24/7", false, "12025550100", {true, false}},
    {"8190 1234 5678", "12025550100", true, "8190 1234 5678", false, "12025550100", {true, false}},
    {"", "12025550100", true, "", false, "12025550100", {true, false}},
    {"1234567890123456", "12025550100", true, "1234567890123456", false, "12025550100", {true, false}},
    {"819012345678", "", false, "+819012345678", true, "", {false, false}},
    {"819012345678", "MyBox", false, "+819012345678", true, "", {false, false}},
    {"819012345678", "09012345678", false, "+819012345678", true, "", {false, false}},
    {"819012345678", "123", false, "+819012345678", true, "", {false, false}},
};

START_TEST(P3_mo_addresses)
{
    for (int plus = 0; plus < 2; plus++) {
        ByoAddressRules rules = {.inbound_plus_prefix = plus, .outbound_plus_prefix = !plus};
        ByoAddressIn in;
        bool good = byo_address_mo(&rules, byo_str(inbound[_i].sender), byo_str(inbound[_i].receiver), &in);
        ck_assert_msg(good == inbound[_i].good, "row %d", _i);
        ck_assert_str_eq(in.sender, inbound[_i].sender_is);
        ck_assert_msg(in.sender_is_phone == inbound[_i].phone, "row %d", _i);
        ck_assert_str_eq(in.our_digits, inbound[_i].digits);
        ck_assert_msg(in.ours_international == inbound[_i].international[plus], "row %d", _i);
    }
}
END_TEST

START_TEST(P3_mo_odd)
{
    ByoAddressRules rules = {.inbound_plus_prefix = false};
    ByoAddressIn in;
    char longest[64];

    ck_assert(byo_address_mo(&rules, BYO_STR_NONE, BYO_STR("12025550100"), &in));
    ck_assert_str_eq(in.sender, "");
    ck_assert(!byo_address_mo(&rules, BYO_STR("x"), BYO_STR_NONE, &in));
    memset(longest, 'A', sizeof longest);
    ck_assert(byo_address_mo(&rules, byo_strn(longest, 63), BYO_STR("12025550100"), &in));
    ck_assert_uint_eq(strlen(in.sender), 63);
    ck_assert(!byo_address_mo(&rules, byo_strn(longest, 64), BYO_STR("12025550100"), &in));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address");
    TCase *tc = tcase_create("address");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, P4_recipient_as_typed, 0, (int)N(recipients));
    tcase_add_loop_test(tc, P4_by_people, 0, (int)N(by_people));
    tcase_add_test(tc, P4_recipient_odd);
    tcase_add_loop_test(tc, N2_our_number_by_digits, 0, (int)N(our_numbers));
    tcase_add_loop_test(tc, P4_P5_P6_P7_P8_submit_addresses, 0, (int)N(sources));
    tcase_add_loop_test(tc, P3_mo_addresses, 0, (int)N(inbound));
    tcase_add_test(tc, P3_mo_odd);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
