/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the addresses in both directions (spec P3-P8, P17, N2).
 * Ownership: values. Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "compliance/reading.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* Without a home country: the written form alone decides. */
static bool phone(ByoStr typed, ByoManner manner, char e164[BYO_ADDRESS_MAX])
{
    ByoReadHow how = {.manner = manner, .ton = BYO_TON_UNKNOWN};
    ByoReading r;
    bool good = byo_read(typed, &how, &r) == BYO_READ_PHONE;
    strcpy(e164, good ? r.e164 : "");
    return good;
}

/* (spec P17) Recipients as applications type them. e164 NULL: DEST_ADDR_INVALID. */
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
    {"+44 (020) 7946 0958", "+442079460958"}, /* (field S7) One trunk zero goes */
};

START_TEST(P4_by_people)
{
    char e164[BYO_ADDRESS_MAX];

    ck_assert(phone(byo_str(by_people[_i].typed), BYO_MANNER_PEOPLE, e164));
    ck_assert_str_eq(e164, by_people[_i].e164);
    ck_assert(!phone(byo_str(by_people[_i].typed), BYO_MANNER_TYPED, e164));
    ck_assert_str_eq(e164, "");
}
END_TEST

START_TEST(P4_recipient_as_typed)
{
    char e164[BYO_ADDRESS_MAX] = "x";
    const char *wanted = recipients[_i].e164;
    bool good = phone(byo_str(recipients[_i].typed), BYO_MANNER_PEOPLE, e164);

    ck_assert_msg(good == (wanted != NULL), "'%s' gives %s", recipients[_i].typed, e164);
    ck_assert_str_eq(e164, wanted ? wanted : "");
    good = phone(byo_str(recipients[_i].typed), BYO_MANNER_TYPED, e164);
    ck_assert_msg(good == (wanted != NULL), "'%s' gives %s", recipients[_i].typed, e164);
    ck_assert_str_eq(e164, wanted ? wanted : "");
}
END_TEST

START_TEST(P4_recipient_odd)
{
    char e164[BYO_ADDRESS_MAX], many[400];

    ck_assert(!phone(BYO_STR_NONE, BYO_MANNER_TYPED, e164));
    ck_assert(!phone(BYO_STR("12025550100\0"), BYO_MANNER_TYPED, e164));
    memset(many, '1', sizeof many);
    ck_assert(!phone(byo_strn(many, sizeof many), BYO_MANNER_TYPED, e164));
    memset(many, ' ', sizeof many);
    memcpy(many + 380, "12025550100", 11);
    ck_assert(phone(byo_strn(many, sizeof many), BYO_MANNER_TYPED, e164));
}
END_TEST

/* (spec N2) One of our numbers, by its digits, with or without '+'. */
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
    {"1234567", "1234567"},
    {"1234", "1234"}, /* how long a code may be is the import's business */
    {"12", NULL},
    {"1234567890123456", NULL},
    {"09012345678", NULL},
    {"BYOBOX", NULL},
    {"", NULL},
    {"+", NULL},
};

START_TEST(N2_our_number_by_digits)
{
    char digits[BYO_ADDRESS_MAX] = "x";
    bool good = byo_read_digits(byo_str(our_numbers[_i].typed), digits);

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

/* What a text's digits are, before anybody asks what they mean. */
static const struct {
    const char *text;
    ByoManner manner;
    const char *digits; /* NULL: no number */
    bool international;
} written[] = {
    {"12025550100", BYO_MANNER_WIRE, "12025550100", false},
    {"+12025550100", BYO_MANNER_WIRE, "12025550100", true},
    {"0012025550100", BYO_MANNER_WIRE, "12025550100", true},
    {"+0012025550100", BYO_MANNER_WIRE, "0012025550100", true}, /* two of them: digits as they stand */
    {"07700900200", BYO_MANNER_WIRE, "07700900200", false},
    {"00", BYO_MANNER_WIRE, "00", false},
    {"1 2", BYO_MANNER_WIRE, NULL, false},
    {"1 2", BYO_MANNER_TYPED, "12", false},
    {"1.2", BYO_MANNER_TYPED, NULL, false},
    {"1.2", BYO_MANNER_PEOPLE, "12", false},
    {"12345678901234567890", BYO_MANNER_WIRE, "12345678901234567890", false}, /* SMPP 3.4 5.2.8 */
    {"123456789012345678901", BYO_MANNER_WIRE, NULL, false},
    {"123456789012345678901", BYO_MANNER_PEOPLE, NULL, false},
    {"(0)1", BYO_MANNER_PEOPLE, NULL, false},
    {"(01)1", BYO_MANNER_PEOPLE, "011", false},
    {"My Bank 24/7", BYO_MANNER_PEOPLE, NULL, false},
    {"", BYO_MANNER_WIRE, NULL, false},
    {"+", BYO_MANNER_WIRE, NULL, false},
};

START_TEST(P3_P4_written)
{
    ByoWritten w;
    bool good = byo_address_written(byo_str(written[_i].text), written[_i].manner, &w);

    ck_assert_msg(good == (written[_i].digits != NULL), "'%s'", written[_i].text);
    ck_assert_str_eq(w.digits, good ? written[_i].digits : "");
    ck_assert_uint_eq(w.n, strlen(w.digits));
    ck_assert_int_eq(w.international, written[_i].international);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address");
    TCase *tc = tcase_create("address");

    tcase_add_loop_test(tc, P4_recipient_as_typed, 0, (int)N(recipients));
    tcase_add_loop_test(tc, P4_by_people, 0, (int)N(by_people));
    tcase_add_test(tc, P4_recipient_odd);
    tcase_add_loop_test(tc, N2_our_number_by_digits, 0, (int)N(our_numbers));
    tcase_add_loop_test(tc, P4_P5_P6_P7_P8_submit_addresses, 0, (int)N(sources));
    tcase_add_loop_test(tc, P3_P4_written, 0, (int)N(written));
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
