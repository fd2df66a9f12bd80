/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-outs in free words: an operator's PCRE2 patterns, caseless and Unicode-aware, under hard limits, so
 * that no pattern and no text can stall traffic (spec K6).
 * Ownership: ByoPatterns owns the compiled code and its match scratch. Threads: one at a time. */
#ifndef BYO_COMPLIANCE_PATTERNS_H
#define BYO_COMPLIANCE_PATTERNS_H

#include "compliance/compliance.h"

enum {
    BYO_PATTERN_TEXT_BYTES = 1000, /* longer texts are not tried */
    BYO_PATTERN_STEPS = 20000,     /* pattern items tried for one text, all patterns together */
    BYO_PATTERN_MATCH_LIMIT = 20000,
    BYO_PATTERN_DEPTH_LIMIT = 250,
    BYO_PATTERN_HEAP_KIB = 256
};

typedef struct ByoPatterns ByoPatterns;

/* NULL: a pattern does not compile or matches the empty text; fault_r names it and the position. */
ByoPatterns *byo_patterns_compile(char *const *patterns, size_t n, ByoComplianceFault *fault_r);
void byo_patterns_destroy(ByoPatterns *p);

/* Whether a pattern is found somewhere in the text (UTF-8; broken UTF-8 matches nothing).
 * *limited_r: a limit ended the search of at least one pattern, which then counts as not found. */
bool byo_patterns_match(ByoPatterns *p, ByoStr text, bool *limited_r);

#endif
