/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers: what may be imported, by tests/vectors/numbers.tsv, and against the inventory (spec N1-N5,
 * N8).
 * Threads: none. */
#include "compliance/number.h"
#include "suites.h"

#include "compliance/number_type.h"
#include "compliance_tsv.h"

static void add(ByoCompliance *c, ByoKeywordKind kind, const char *keywords)
{
    byo_compliance_add_keywords(byo_compliance_add_group(c, kind, BYO_STR("reply")), byo_str(keywords));
}

/* The texts a vector row names: none, or letters of h, o, i for the kinds; + for a pattern. */
static void make_texts(ByoStr name, ByoCompliance *c)
{
    *c = (ByoCompliance){0};
    if (memchr(name.p, 'h', name.n))
        add(c, BYO_KEYWORD_HELP, "AID");
    if (memchr(name.p, 'o', name.n))
        add(c, BYO_KEYWORD_OPT_OUT, "BYE");
    if (memchr(name.p, 'i', name.n))
        add(c, BYO_KEYWORD_OPT_IN, "HI");
}

static unsigned seen[BYO_REFUSE_NUMBER_TAKEN + 1];

/* number, type, country, integration, texts, verdict, the number or the faulty field, why */
static void vector_row(int line, const ByoStr *f)
{
    ByoCompliance texts;
    ByoComplianceFault fault = {{0}, {0}};
    ByoNumber n;
    char text[BYO_ADDRESS_MAX];

    make_texts(f[4], &texts);
    ByoNumberRequest req = {
        .number = f[0], .integration = f[3], .type = f[1], .country = f[2], .compliance = &texts};
    ByoRefusal r = byo_number_check(&req, byo_str_is(f[3], "carrier-a"), &n, &fault);
    const char *verdict = r ? byo_refusal_code(r) : "ok";

    ck_assert_msg(byo_str_is(f[5], verdict), "line %d (%.*s): %s %s", line, BYO_PF(f[7]), verdict,
                  fault.text);
    seen[r]++;
    if (r) {
        ck_assert_msg(byo_str_is(f[6], fault.field), "line %d: field %s", line, fault.field);
        size_t length = strlen(fault.text);
        ck_assert_msg(length > 10 && fault.text[length - 1] == '.', "line %d: %s", line, fault.text);
        ck_assert_str_eq(n.digits, "");
        ck_assert(!byo_refusal_is_conflict(r));
    } else {
        byo_number_text(&n, text);
        ck_assert_msg(byo_str_is(f[6], text), "line %d: %s", line, text);
        ck_assert_str_eq(n.integration, "carrier-a");
        ck_assert(byo_compliance_equal(&n.compliance, &texts));
        ck_assert_uint_eq(strlen(n.country), f[2].n ? 2 : 0);
    }
    byo_number_free(&n);
    byo_compliance_free(&texts);
}

/* (field C31) short-code-digits. */
START_TEST(C31_short_codes_of_other_lengths)
{
    static const struct {
        const char *codes, *number;
        bool taken;
    } rows[] = {{"5-6", "54321", true},      {"5-6", "4321", false},    {"5-6", "7654321", false},
                {"3-8", "321", true},        {"3-8", "87654321", true}, {"3-8", "21", false},
                {"3-8", "987654321", false}, {"4", "4321", true},       {"4", "54321", false}};
    static const char *const bad[] = {"", "-", "5-", "2-6", "5-9", "6-5", "5-6-7", "five"};
    ByoShortCodes codes;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!byo_short_codes_parse(byo_str(bad[i]), &codes), "%s", bad[i]);
    ByoCompliance texts = {0};
    for (int k = 1; k <= BYO_KEYWORD_KINDS; k++)
        byo_compliance_add_keyword(byo_compliance_add_group(&texts, (ByoKeywordKind)k, BYO_STR("Reply.")),
                                   byo_str(k == 1   ? "HELP"
                                           : k == 2 ? "STOP"
                                                    : "START"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ByoNumberRequest req = {.number = byo_str(rows[i].number),
                                .integration = BYO_STR("carrier-a"),
                                .type = BYO_STR("short-code"),
                                .country = BYO_STR("GB"),
                                .compliance = &texts};
        ByoNumber n;
        ByoComplianceFault fault = {0};
        ck_assert(byo_short_codes_parse(byo_str(rows[i].codes), &req.short_codes));
        ByoRefusal r = byo_number_check(&req, true, &n, &fault);
        ck_assert_msg((r == BYO_REFUSE_NONE) == rows[i].taken, "%s, %s: %s", rows[i].codes, rows[i].number,
                      fault.text);
        if (!rows[i].taken)
            ck_assert_int_eq(r, BYO_REFUSE_TYPE_MISMATCH);
        byo_number_free(&n);
    }
    byo_compliance_free(&texts);
    /* with or without '+' */
    ck_assert(!byo_number_is_long(BYO_STR("54321")));
    ck_assert(!byo_number_is_long(BYO_STR("12345678")));
    ck_assert(byo_number_is_long(BYO_STR("6834123"))); /* Niue */
    ck_assert(byo_number_is_long(BYO_STR("12025550100")));
}
END_TEST

START_TEST(N1_N2_N3_N5_vectors)
{
    ck_assert_int_ge(tsv_each("numbers.tsv", 8, vector_row), 100);
    for (int r = BYO_REFUSE_NONE; r <= BYO_REFUSE_COUNTRY_MISMATCH; r++)
        ck_assert_uint_ge(seen[r], 5);
}
END_TEST

START_TEST(N5_the_inventory_has_it_already)
{
    ByoNumber n = {.digits = "12025550100", .integration = "carrier-a"};
    ByoComplianceFault fault = {{0}, {0}};

    ck_assert_int_eq(byo_number_admit(&n, BYO_STR_NONE, false, &fault), BYO_REFUSE_NONE);
    ck_assert_int_eq(byo_number_admit(&n, BYO_STR("carrier-b"), false, &fault), BYO_REFUSE_NUMBER_TAKEN);
    ck_assert_str_eq(fault.text, "+12025550100 belongs to another integration (carrier-b).");
    ck_assert_str_eq(fault.field, "number");
    ck_assert_int_eq(byo_number_admit(&n, BYO_STR("carrier-a"), false, &fault), BYO_REFUSE_NUMBER_TAKEN);
    ck_assert_ptr_nonnull(strstr(fault.text, "already"));
    ck_assert_int_eq(byo_number_admit(&n, BYO_STR_NONE, true, &fault), BYO_REFUSE_IMPORT_IN_PROGRESS);
    ck_assert_ptr_nonnull(strstr(fault.text, "in progress"));
    ck_assert(byo_refusal_is_conflict(BYO_REFUSE_NUMBER_TAKEN));
    ck_assert(byo_refusal_is_conflict(BYO_REFUSE_IMPORT_IN_PROGRESS));
}
END_TEST

START_TEST(N5_two_imports_race)
{
    ByoImports *i = byo_imports_create();
    char digits[BYO_ADDRESS_MAX];

    ck_assert(byo_imports_begin(i, "12025550100"));
    ck_assert(!byo_imports_begin(i, "12025550100"));
    ck_assert(byo_imports_begin(i, "12025550101"));
    for (int k = 0; k < 100; k++) {
        snprintf(digits, sizeof digits, "4930%d", 1000000 + k);
        ck_assert(byo_imports_begin(i, digits));
    }
    byo_imports_end(i, "12025550100");
    byo_imports_end(i, "12025550100"); /* twice is harmless */
    byo_imports_end(i, "99999999");
    ck_assert(!byo_imports_begin(i, "12025550101"));
    ck_assert(!byo_imports_begin(i, digits));
    ck_assert(byo_imports_begin(i, "12025550100"));
    byo_imports_destroy(i);
    byo_imports_destroy(NULL);
}
END_TEST

START_TEST(N3_change_of_texts)
{
    ByoNumber code = {.digits = "54321", .type = BYO_NUMBER_SHORT_CODE}, number = {.digits = "12025550100"};
    ByoCompliance all, some, none = {0};
    ByoComplianceFault fault;

    make_texts(BYO_STR("hoi"), &all);
    make_texts(BYO_STR("ho"), &some);
    ck_assert_int_eq(byo_number_change(&code, &all, &fault), BYO_REFUSE_NONE);
    ck_assert_int_eq(byo_number_change(&code, &some, &fault), BYO_REFUSE_COMPLIANCE_MISSING);
    ck_assert_str_eq(fault.field, "compliance.optIn");
    ck_assert_int_eq(byo_number_change(&code, &none, &fault), BYO_REFUSE_COMPLIANCE_MISSING);
    ck_assert_int_eq(byo_number_change(&number, &some, &fault), BYO_REFUSE_NONE);
    ck_assert_int_eq(byo_number_change(&number, &none, &fault), BYO_REFUSE_NONE);
    byo_compliance_free(&all);
    byo_compliance_free(&some);
}
END_TEST

START_TEST(N5_codes_are_stable)
{
    static const char *const codes[] = {"",
                                        "integration-missing",
                                        "compliance-missing",
                                        "type-mismatch",
                                        "country-mismatch",
                                        "import-in-progress",
                                        "number-taken",
                                        "integration-receives"};
    for (int r = 0; r <= BYO_REFUSE_INTEGRATION_RECEIVES; r++)
        ck_assert_str_eq(byo_refusal_code((ByoRefusal)r), codes[r]);
}
END_TEST

START_TEST(N1_types_and_countries_are_read)
{
    static const struct {
        const char *typed;
        int type; /* -1: none */
    } rows[] = {{"local", 0},      {"Mobile", 1},     {"toll-free", 2}, {"TOLL FREE", 2},    {"toll_free", 2},
                {"short-code", 3}, {"Short Code", 3}, {"short", -1},    {"short--code", -1}, {"", -1},
                {"local ", -1},    {"tollfree", -1},  {"lokal", -1}};
    char country[3];
    ByoNumberType type;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool ok = byo_number_type_parse(byo_str(rows[i].typed), &type);
        ck_assert_msg(ok == (rows[i].type >= 0) && (!ok || (int)type == rows[i].type), "%s", rows[i].typed);
        if (ok)
            ck_assert_ptr_nonnull(byo_number_type_name(type));
    }
    ck_assert(byo_country_parse(BYO_STR("us"), country));
    ck_assert_str_eq(country, "US");
    ck_assert(byo_country_parse(BYO_STR("AD"), country));
    ck_assert(byo_country_parse(BYO_STR("ZW"), country));
    ck_assert(byo_country_parse(BYO_STR("XK"), country));
    static const char *const none[] = {"", "U", "USA", "UK", "ZZ", "EU", "D ", " D", "D E", "1A", "\xC3\xA9"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        ck_assert_msg(!byo_country_parse(byo_str(none[i]), country), "%s", none[i]);
        ck_assert_str_eq(country, "");
    }
}
END_TEST

START_TEST(N2_every_calling_code_is_looked_up_safely)
{
    char e164[BYO_ADDRESS_MAX + 1];
    ByoPhone phone;
    int known = 0;

    /* All beginnings, all lengths: no crash, no claim about what does not exist. */
    for (int code = 1; code < 1000; code++)
        for (int length = 1; length <= 20; length++) {
            int n = snprintf(e164, sizeof e164, "+%d", code);
            while (n <= length)
                e164[n++] = '5';
            e164[n] = 0;
            byo_phone_look(e164, &phone);
            if (phone.possible == BYO_PHONE_POSSIBLE) {
                known++;
                ck_assert_int_gt(phone.calling_code, 0);
            }
        }
    ck_assert_int_gt(known, 500);
    byo_phone_look("+", &phone);
    ck_assert_int_eq(phone.possible, BYO_PHONE_BAD_COUNTRY_CODE);
    byo_phone_look("", &phone);
    ck_assert_int_eq(phone.possible, BYO_PHONE_BAD_COUNTRY_CODE);
    byo_phone_look("+999999999999999999999999999999", &phone);
    ck_assert_int_eq(phone.possible, BYO_PHONE_BAD_COUNTRY_CODE);
    ck_assert_int_eq(byo_phone_calling_code("DE"), 49);
    ck_assert_int_eq(byo_phone_calling_code("ZZ"), 0);
    ck_assert(!byo_phone_in_country("+4930123456", "AT"));
    ck_assert(byo_phone_in_country("+4930123456", "DE"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tc = tcase_create("number");

    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, C31_short_codes_of_other_lengths);
    tcase_add_test(tc, N1_N2_N3_N5_vectors);
    tcase_add_test(tc, N5_the_inventory_has_it_already);
    tcase_add_test(tc, N5_two_imports_race);
    tcase_add_test(tc, N5_codes_are_stable);
    tcase_add_test(tc, N3_change_of_texts);
    tcase_add_test(tc, N1_types_and_countries_are_read);
    tcase_add_test(tc, N2_every_calling_code_is_looked_up_safely);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
