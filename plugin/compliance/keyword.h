/* SPDX-License-Identifier: BSD-3-Clause
 * Which texts are keywords (spec K6, K1-K3): the whole message after folding.
 * Ownership: a ByoMatcher owns copies of all texts; a match borrows its reply from the matcher.
 * Threads: a matcher is read-only after create, except that matching a matcher with patterns uses its
 * scratch space: one thread at a time. */
#ifndef BYO_COMPLIANCE_KEYWORD_H
#define BYO_COMPLIANCE_KEYWORD_H

#include "compliance/compliance.h"
#include "compliance/loose.h"

#define BYO_KEYWORD_FOLDED BYO_FOLDED

/* The folded form (fold.h), 0 octets: not a keyword of any set. */
size_t byo_keyword_fold(ByoStr text, char folded_r[BYO_KEYWORD_FOLDED]);

typedef struct ByoMatcher ByoMatcher;

/* NULL: *fault_r says why (as byo_compliance_check for keywords and patterns; completeness is not
 * asked for). An empty *c gives a matcher that matches nothing. */
ByoMatcher *byo_matcher_create(const ByoCompliance *c, ByoComplianceFault *fault_r);
void byo_matcher_destroy(ByoMatcher *m);

typedef struct {
    ByoKeywordKind kind; /* BYO_KEYWORD_NONE: an ordinary text */
    const char *reply;   /* of its group; NULL for none. Lives as long as the matchers */
    ByoKeywordRule rule;
    char words
        [BYO_KEYWORD_FOLDED]; /* what of the text was it: the keyword, folded; the phrase; "" for a pattern */
    size_t letters;           /* of these words; of the text for a pattern */
    bool limited; /* a pattern ran into its limit on this text (worth a log line); it did not match */
} ByoKeywordMatch;

/* own: the number's own texts, NULL: it has none. standard: the standard set, NULL for a short code. loose: of
 * `opt-out-loose`, where own does not say.
 * A keyword of own wins, then standard, then what is loosely an opt-out (loose.h), then own's patterns. text: UTF-8,
 * any bytes. Returns whether it is a keyword. */
bool byo_keyword_match(const ByoMatcher *own, const ByoMatcher *standard, ByoStr text, bool loose,
                       ByoKeywordMatch *m_r);

#endif
