/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-out patterns: what they find, the faults of bad ones, and the limits that hold whatever they are (spec K2).
 * Threads: none. */
#include <check.h>
#include <time.h>

#include "compliance/patterns.h"
#include "suites.h"

#define N(a) (int)(sizeof(a) / sizeof *(a))

static ByoPatterns *compiled(const char *pattern)
{
    char *one[] = {(char *)(uintptr_t)pattern};
    ByoComplianceFault fault;
    ByoPatterns *p = byo_patterns_compile(one, 1, &fault);

    ck_assert_msg(p != NULL, "%s", fault.text);
    return p;
}

static const struct {
    const char *pattern, *text;
    bool found;
} pattern_rows[] = {
    {"\\b(stop|quit) (texting|sending)\\b", "Please STOP texting me!", true},
    {"\\b(stop|quit) (texting|sending)\\b", "please stop the music", false},
    {"remove me", "REMOVE ME", true},
    {"^stop it$", "stop it\n", false},
    {"^stop it\\W*$", "Stop it!!", true},
    {"d\xC3\xA9sinscri", "Me D\xC3\x89SINSCRIRE svp", true},
    {"\xD0\xBE\xD1\x82\xD0\xBF\xD0\xB8\xD1\x88",
     "\xD0\x9E\xD0\xA2\xD0\x9F\xD0\x98\xD0\xA8\xD0\x98\xD0\xA2\xD0\x95", true},
    {"\\bstop\\b", "\xC3\xA9stop\xC3\xA9", false}, /* word borders know letters beyond ASCII */
    {"x", "", false},
    {"x", "\xFF x", false}, /* broken UTF-8 */
    {"a", "\xF0\x9F\x98\x80 a", true},
};

START_TEST(K2_patterns_extend)
{
    ByoPatterns *p = compiled(pattern_rows[_i].pattern);
    bool limited;

    ck_assert_int_eq(byo_patterns_match(p, byo_str(pattern_rows[_i].text), &limited), pattern_rows[_i].found);
    ck_assert(!limited);
    byo_patterns_destroy(p);
}
END_TEST

static const struct {
    const char *pattern, *says;
} bad_patterns[] = {
    {"(", "at byte 2"},
    {"a**", "at byte"},
    {"ab[", "at byte 4"},
    {"(?<n>a)(?<n>b)", "at byte"},
    {"\\C", "at byte"},
    {"\xFF", "at byte 1"},
    {"x*", "empty text"},
    {"", "empty text"},
    {"a|", "empty text"},
    {"(?:)", "empty text"},
    {"((((((((((((((((((((((((((((((((((x))))))))))))))))))))))))))))))))))", "at byte"},
    {"(((a{1,200}){1,200}){1,200}){1,200}", "at byte"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaa"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "at most 256"},
};

START_TEST(K2_pattern_faults_are_told_with_their_place)
{
    ByoCompliance c = {0};
    ByoComplianceFault fault = {{0}, {0}};

    byo_compliance_add_pattern(&c, byo_str(bad_patterns[_i].pattern));
    ck_assert(!byo_compliance_check(&c, false, &fault));
    ck_assert_str_eq(fault.field, "compliance.patterns");
    ck_assert_msg(strstr(fault.text, bad_patterns[_i].says) != NULL, "%s", fault.text);
    byo_compliance_free(&c);
}
END_TEST

/* Patterns that take exponential or cubic time without limits; text letters to pile up. */
static const struct {
    const char *pattern, *letters;
} hostile[] = {
    {"(a+)+$", "a"},
    {"(a|a)*[b0]", "a"},
    {"(a|aa)+$", "a"},
    {"(.*)*[x0]", "a"},
    {"(.*a){12}[!0]", "a"},
    {".*.*.*.*.*.*[=0]", "a"},
    {"^(([a-z])+.)+[A-Z]([a-z])+[90]$", "a"},
    {"(x+x+)+[y0]", "x"},
    {"(?:(?:(?:a?)+)+)+[b0]", "a"},
    {"(?=(a+))a*[b0]\\1", "a"},
    {"(a*)*\\1{20}[!0]", "a"},
    {"(?:a(?R)?|b)+[!0]", "a"},
    {"((a)(?1)?)+[!0]", "a"},
    {"(?<=a{50})(a+)+[!0]", "a"},
    {"\\b(\\w+\\s*)+[!0]$", "ab "},
    {"([\\p{L}\\p{M}]+)+[!0]$", "\xC3\xA9"},
    {"(\xC3\xA9|\xC3\x89)+[!0]$", "\xC3\xA9"},
    {"(?=.*b.*b.*b.*b.*b[!0])b", "b"},
    {"(.{0,900}){3}[z0]", "a"},
    {".*?.*?.*?.*?[y0]", "a"},
};

START_TEST(K2_no_pattern_and_no_text_can_stall)
{
    char *eight[BYO_COMPLIANCE_PATTERNS];
    ByoComplianceFault fault;
    ByoBuf text = {0};
    struct timespec from, to;
    bool limited;

    for (int i = 0; i < BYO_COMPLIANCE_PATTERNS; i++)
        eight[i] = (char *)(uintptr_t)hostile[_i].pattern;
    ByoPatterns *p = byo_patterns_compile(eight, BYO_COMPLIANCE_PATTERNS, &fault);
    ck_assert_msg(p != NULL, "%s", fault.text);
    while (text.n + strlen(hostile[_i].letters) < BYO_PATTERN_TEXT_BYTES)
        byo_buf_adds(&text, hostile[_i].letters);
    byo_buf_addc(&text, '?'); /* none of them ends so: every way is tried */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
    for (int i = 0; i < 20; i++)
        ck_assert(!byo_patterns_match(p, byo_buf_str(&text), &limited));
    ck_assert_msg(limited, "%s is not hostile enough to prove anything", hostile[_i].pattern);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
    /* The counter, not a clock, bounds the work; this only tells "bounded" from "exponential". */
    ck_assert_int_lt(to.tv_sec - from.tv_sec, 30);
    /* After a hostile text the same patterns work on a plain one. */
    ck_assert(!byo_patterns_match(p, BYO_STR("qqq"), &limited));
    ck_assert(!limited);
    byo_buf_free(&text);
    byo_patterns_destroy(p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("patterns");
    TCase *tc = tcase_create("patterns");

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, K2_patterns_extend, 0, N(pattern_rows));
    tcase_add_loop_test(tc, K2_pattern_faults_are_told_with_their_place, 0, N(bad_patterns));
    tcase_add_loop_test(tc, K2_no_pattern_and_no_text_can_stall, 0, N(hostile));
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
