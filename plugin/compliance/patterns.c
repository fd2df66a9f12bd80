/* SPDX-License-Identifier: BSD-3-Clause
 * PCRE2 under limits. Its own match limit starts anew at every position of the text, so the work is
 * bounded once more by counting pattern items (automatic callouts) over a whole text.
 * Ownership: see the header. Threads: one at a time. */
#include "compliance/patterns.h"

#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "compliance/fault.h"

struct ByoPatterns {
    pcre2_code **codes;
    size_t n;
    pcre2_match_context *limits;
    pcre2_match_data *scratch;
    unsigned steps;
};

static int count_step(pcre2_callout_block *block, void *arg)
{
    unsigned *steps = arg;

    (void)block;
    return ++*steps > BYO_PATTERN_STEPS ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static void describe(ByoComplianceFault *fault_r, const char *pattern, int error, size_t position)
{
    char why[160], quoted[BYO_QUOTE_BYTES];

    if (pcre2_get_error_message(error, (PCRE2_UCHAR *)why, sizeof why) < 0)
        snprintf(why, sizeof why, "PCRE2 error %d", error);
    byo_compliance_fault(fault_r, "compliance.patterns", "The pattern \"%s\" has a fault at byte %zu: %s.",
                         byo_compliance_quote(byo_str(pattern), quoted), position + 1, why);
}

static pcre2_code *compile(const char *pattern, ByoComplianceFault *fault_r)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    int error = 0;
    PCRE2_SIZE position = 0;
    char quoted[BYO_QUOTE_BYTES];

    if (!context)
        abort();
    pcre2_set_parens_nest_limit(context, 32);
    pcre2_set_max_pattern_length(context, BYO_COMPLIANCE_PATTERN_BYTES);
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_AUTO_CALLOUT |
                                         PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY,
                                     &error, &position, context);
    pcre2_compile_context_free(context);
    if (!code && strlen(pattern) > BYO_COMPLIANCE_PATTERN_BYTES)
        byo_compliance_fault(
            fault_r, "compliance.patterns", "The pattern \"%s\" has %zu bytes; at most %d are allowed.",
            byo_compliance_quote(byo_str(pattern), quoted), strlen(pattern), BYO_COMPLIANCE_PATTERN_BYTES);
    else if (!code)
        describe(fault_r, pattern, error, position);
    return code;
}

/* The answer of one pattern; the step counter goes on from where it stands. */
static int run(ByoPatterns *p, const pcre2_code *code, ByoStr text, uint32_t options)
{
    return pcre2_match(code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, options, p->scratch, p->limits);
}

ByoPatterns *byo_patterns_compile(char *const *patterns, size_t n, ByoComplianceFault *fault_r)
{
    char quoted[BYO_QUOTE_BYTES];

    if (n > BYO_COMPLIANCE_PATTERNS) {
        byo_compliance_fault(fault_r, "compliance.patterns",
                             "There are %zu patterns; at most %d are allowed.", n, BYO_COMPLIANCE_PATTERNS);
        return NULL;
    }
    ByoPatterns *p = byo_zalloc(sizeof *p);
    p->codes = byo_zalloc((n ? n : 1) * sizeof *p->codes);
    p->limits = pcre2_match_context_create(NULL);
    p->scratch = pcre2_match_data_create(1, NULL);
    if (!p->limits || !p->scratch)
        abort();
    pcre2_set_match_limit(p->limits, BYO_PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(p->limits, BYO_PATTERN_DEPTH_LIMIT);
    pcre2_set_heap_limit(p->limits, BYO_PATTERN_HEAP_KIB);
    pcre2_set_callout(p->limits, count_step, &p->steps);
    for (; p->n < n; p->n++) {
        p->codes[p->n] = compile(patterns[p->n], fault_r);
        if (!p->codes[p->n])
            goto fail;
        p->steps = 0;
        int answer = run(p, p->codes[p->n], BYO_STR(""), 0);
        if (answer != PCRE2_ERROR_NOMATCH) {
            byo_compliance_fault(fault_r, "compliance.patterns",
                                 answer >= 0 ? "The pattern \"%s\" matches the empty text, so it would match "
                                               "every message."
                                             : "The pattern \"%s\" needs too much work even for the empty "
                                               "text.",
                                 byo_compliance_quote(byo_str(patterns[p->n]), quoted));
            pcre2_code_free(p->codes[p->n]);
            goto fail;
        }
    }
    return p;
fail:
    byo_patterns_destroy(p);
    return NULL;
}

void byo_patterns_destroy(ByoPatterns *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++)
        pcre2_code_free(p->codes[i]);
    free(p->codes);
    pcre2_match_context_free(p->limits);
    pcre2_match_data_free(p->scratch);
    free(p);
}

bool byo_patterns_match(ByoPatterns *p, ByoStr text, bool *limited_r)
{
    *limited_r = false;
    if (text.n == 0 || text.n > BYO_PATTERN_TEXT_BYTES)
        return false;
    p->steps = 0;
    for (size_t i = 0; i < p->n; i++) {
        /* The text is checked as UTF-8 once; a broken one ends the search with the first pattern. */
        int answer = run(p, p->codes[i], text, i ? PCRE2_NO_UTF_CHECK : 0);
        if (answer >= 0)
            return true;
        if (answer == PCRE2_ERROR_NOMATCH)
            continue;
        *limited_r = answer == PCRE2_ERROR_MATCHLIMIT || answer == PCRE2_ERROR_DEPTHLIMIT ||
                     answer == PCRE2_ERROR_HEAPLIMIT;
        if (!*limited_r || p->steps > BYO_PATTERN_STEPS)
            return false;
    }
    return false;
}
