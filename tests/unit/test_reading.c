/* SPDX-License-Identifier: BSD-3-Clause
 * Whose number is this: readings by tests/vectors/readings.tsv, the tables of number plans against
 * libphonenumber, spellings of one number (field C01-C04, C32, S3, S7).
 * Threads: none. */
#include "compliance/reading.h"
#include "suites.h"

#include <stdlib.h>

#include "compliance/number_type.h"
#include "compliance/pair.h"
#include "compliance/plan.h"
#include "compliance_tsv.h"
#include "encoding/country.h"

static unsigned kinds_seen[3];

/* home, MO or MT, TON, digits, kind, canonical form, others, why */
static void reading_row(int line, const ByoStr *f)
{
    static const char *const kinds[] = {"nothing", "short", "phone"};
    char country[8] = "";
    ByoHome home;
    ByoReading r;
    int64_t ton = BYO_TON_UNKNOWN;
    ByoBuf others = {0};

    memcpy(country, f[0].p, f[0].n < sizeof country ? f[0].n : 0);
    byo_home_make(country, &home);
    bool mo = byo_str_is(f[1], "MO");
    ck_assert_msg(mo || byo_str_is(f[1], "MT"), "line %d", line);
    if (!byo_str_is(f[2], "-"))
        ck_assert_msg(byo_str_int(f[2], &ton), "line %d", line);
    ByoReadHow how = {
        .manner = mo ? BYO_MANNER_WIRE : BYO_MANNER_TYPED, .ton = (int)ton, .inbound = mo, .home = &home};
    ByoReadKind kind = byo_read(f[3], &how, &r);
    ck_assert_msg(byo_str_is(f[4], kinds[kind]), "line %d (%.*s): %s %s", line, BYO_PF(f[7]), kinds[kind],
                  r.e164);
    ck_assert_msg(byo_str_is(f[5], r.e164), "line %d (%.*s): %s", line, BYO_PF(f[7]), r.e164);
    for (int i = 0; i < r.n_others; i++)
        byo_buf_addf(&others, "%s%s", i ? " " : "", r.others[i]);
    ck_assert_msg(byo_str_is(f[6], others.p ? others.p : ""), "line %d (%.*s): others %s", line, BYO_PF(f[7]),
                  others.p ? others.p : "");
    byo_buf_free(&others);
    kinds_seen[kind]++;
}

START_TEST(C01_C02_C04_C32_S3_S7_readings)
{
    ck_assert_int_ge(tsv_each("readings.tsv", 8, reading_row), 80);
    for (int i = 0; i < 3; i++)
        ck_assert_uint_ge(kinds_seen[i], 5);
}
END_TEST

/* The canonical form read again is itself, with and without '+', whatever the country. */
START_TEST(canonical_forms_stay)
{
    static const char *const numbers[] = {"+12025550177",   "+447700900179",  "+4915112345678",
                                          "+390612345678",  "+525512345678",  "+5215512345678",
                                          "+5491123456789", "+5511987654321", "+551187654321",
                                          "+2250707123456", "+80012345678"};
    ByoReading r;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        ByoHome home;
        byo_home_make("US", &home);
        ByoReadHow how = {.ton = BYO_TON_UNKNOWN, .home = &home};
        ck_assert_int_eq(byo_read(byo_str(numbers[i]), &how, &r), BYO_READ_PHONE);
        ck_assert_str_eq(r.e164, numbers[i]);
        how.home = NULL;
        ck_assert_int_eq(byo_read(byo_str(numbers[i] + 1), &how, &r), BYO_READ_PHONE);
        ck_assert_str_eq(r.e164, numbers[i]);
        ck_assert_int_eq(r.n_others, 0);
    }
}
END_TEST

/* Our table of calling codes knows all that libphonenumber knows, with the same length. */
START_TEST(calling_codes_agree_with_libphonenumber)
{
    unsigned known = 0;
    for (int front = 0; front < 1000; front++) {
        char e164[24], code[8];
        ByoPhone phone;
        snprintf(e164, sizeof e164, "+%03d23456789", front);
        byo_phone_look(e164, &phone);
        if (phone.calling_code == 0)
            continue;
        snprintf(code, sizeof code, "%d", phone.calling_code);
        ck_assert_msg(byo_plan_code(e164 + 1) == strlen(code), "%s", e164);
        known++;
    }
    ck_assert_uint_ge(known, 500);
}
END_TEST

/* Where our table lets a trunk zero go, the country dials one. */
START_TEST(S7_trunk_zeros_agree_with_libphonenumber)
{
    unsigned named = 0;
    for (int a = 'A'; a <= 'Z'; a++)
        for (int b = 'A'; b <= 'Z'; b++) {
            char typed[3] = {(char)a, (char)b, 0}, country[3], digits[BYO_ADDRESS_MAX];
            ByoHome home;
            if (!byo_country_parse(byo_str(typed), country))
                continue;
            byo_home_make(country, &home);
            snprintf(digits, sizeof digits, "%s0234567890", home.code);
            if (!home.country[0] || !byo_plan_has_trunk_zero(digits))
                continue;
            named++;
            /* Lithuania dialled 8 until 2023, and some tables still do */
            ck_assert_msg(strcmp(home.prefix, "0") == 0 || strcmp(country, "LT") == 0, "%s: %s", country,
                          home.prefix);
        }
    ck_assert_uint_ge(named, 80);
    static const char *const significant[] = {"390612345678", "2250707123456", "24106123456", "242061234567"};
    for (size_t i = 0; i < sizeof significant / sizeof *significant; i++)
        ck_assert_msg(!byo_plan_has_trunk_zero(significant[i]), "%s", significant[i]);
}
END_TEST

/* Recipients as the store of any version may hold them, and the same phone written another way. No
 * libphonenumber is asked, so none can make a row unfindable. */
static const struct {
    const char *stored, *asked;
    bool same;
} spellings[] = {
    {"4407700900179", "447700900179", true}, /* C04, stored before 0.2.0 */
    {"5215512345678", "525512345678", true}, /* libphonenumber wrote both */
    {"5491123456789", "541123456789", true},
    {"5511987654321", "551187654321", true},
    {"540111234567890", "54111234567890", true},
    {"5511912345678", "551112345678", false}, /* eight digits from 1: a fixed line */
    {"5215512345678", "525512345679", false},
    {"390612345678", "39612345678", false}, /* an Italian zero */
    {"12025550177", "2025550177", false},
    {"12025550177", "12025550177", true},
    {"447700900179", "4407700900178", false},
};

START_TEST(C02_C04_spellings_compare_equal)
{
    ByoPair a, b;
    ck_assert(byo_pair_make(BYO_STR("12025550100"), byo_str(spellings[_i].stored), &a));
    ck_assert(byo_pair_make(BYO_STR("12025550100"), byo_str(spellings[_i].asked), &b));
    ck_assert_msg(byo_pair_eq(a, b) == spellings[_i].same, "%s and %s", spellings[_i].stored,
                  spellings[_i].asked);
    /* and each is among the forms the other is looked for by */
    for (int way = 0; way < 2; way++) {
        ByoPlanForms forms;
        bool found = false;
        byo_plan_forms(way ? spellings[_i].asked : spellings[_i].stored, &forms);
        ck_assert_str_eq(forms.digits[0], way ? spellings[_i].asked : spellings[_i].stored);
        for (int i = 0; i < forms.n; i++)
            found |= strcmp(forms.digits[i], way ? spellings[_i].stored : spellings[_i].asked) == 0;
        ck_assert_msg(found == spellings[_i].same, "%s and %s", spellings[_i].stored, spellings[_i].asked);
    }
}
END_TEST

static const struct {
    const char *digits, *country, *forms;
} nationals[] = {
    {"12025550100", "", "2025550100 12025550100 "},
    {"447700900200", "", "7700900200 07700900200 "},
    {"447700900200", "GB", "7700900200 07700900200 "},
    {"79161234567", "RU", "9161234567 89161234567 "},
    {"390612345678", "IT", "0612345678 "},
    {"4565123", "", ""},        /* too short to be told from a short code */
    {"80012345678", "", ""},    /* of no country */
    {"447700900200", "US", ""}, /* another country's */
};

START_TEST(C03_national_spellings)
{
    ByoHome home;
    char out[BYO_READ_NATIONAL][BYO_ADDRESS_MAX];
    ByoBuf b = {0};
    byo_buf_adds(&b, "");
    byo_home_of(nationals[_i].digits, false, nationals[_i].country, &home);
    int n = byo_read_national(nationals[_i].digits, &home, out);
    for (int i = 0; i < n; i++)
        byo_buf_addf(&b, "%s ", out[i]);
    ck_assert_str_eq(b.p, nationals[_i].forms);
    byo_buf_free(&b);
}
END_TEST

/* What a filter or a path means: no country is guessed. */
static const struct {
    const char *typed, *digits;
} filters[] = {
    {"+12025550100", "12025550100"},
    {"12025550100", "12025550100"},
    {"0012025550100", "12025550100"},
    {"+1 (202) 555-0100", "12025550100"},
    {"+4407700900179", "447700900179"},
    {"54321", "54321"},
    {"+54321", "54321"},
    {"321", "321"},
    {"2025550100", "2025550100"},
    {"\xef\xbc\x8b"
     "12025550100",
     "12025550100"}, /* full-width plus */
    {"07700900179", NULL},
    {"12", NULL},
    {"BYOBOX", NULL},
    {"", NULL},
    {"+", NULL},
    {"1234567890123456", NULL},
};

START_TEST(filters_take_digits)
{
    char digits[BYO_ADDRESS_MAX] = "x";
    bool good = byo_read_digits(byo_str(filters[_i].typed), digits);
    ck_assert_msg(good == (filters[_i].digits != NULL), "'%s' gives %s", filters[_i].typed, digits);
    ck_assert_str_eq(digits, filters[_i].digits ? filters[_i].digits : "");
}
END_TEST

static const struct {
    const char *digits, *home, *meant;
} guesses[] = {
    {"12025550100", "", "+12025550100"},
    {"447700900179", "", "+447700900179"},
    {"2025550100", "", "+12025550100"}, /* in use there; Egypt's is not */
    {"07700900200", "GB", "+447700900200"},
    {"07700900200", "", ""},
    {"9991234567890", "", ""},
};

START_TEST(S3_what_is_probably_meant)
{
    ByoHome home;
    char meant[BYO_ADDRESS_MAX] = "x";
    byo_home_make(guesses[_i].home, &home);
    byo_read_probably(guesses[_i].digits, guesses[_i].home[0] ? &home : NULL, meant);
    ck_assert_str_eq(meant, guesses[_i].meant);
}
END_TEST

#define N(a) (int)(sizeof(a) / sizeof((a)[0]))

int main(void)
{
    Suite *suite = suite_create("reading");
    TCase *tc = tcase_create("reading");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, C01_C02_C04_C32_S3_S7_readings);
    tcase_add_test(tc, canonical_forms_stay);
    tcase_add_test(tc, calling_codes_agree_with_libphonenumber);
    tcase_add_test(tc, S7_trunk_zeros_agree_with_libphonenumber);
    tcase_add_loop_test(tc, C02_C04_spellings_compare_equal, 0, N(spellings));
    tcase_add_loop_test(tc, C03_national_spellings, 0, N(nationals));
    tcase_add_loop_test(tc, filters_take_digits, 0, N(filters));
    tcase_add_loop_test(tc, S3_what_is_probably_meant, 0, N(guesses));
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
