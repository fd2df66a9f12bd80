/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-outs "by any reasonable means" (field C30, C31; `opt-out-loose`): a keyword said more than once, with words of
 * courtesy, after `Re:`, alone on the first line above a signature; and phrases that mean the same. Decides: how a
 * text falls into keywords and such words with nothing left over. Which keywords a number has is asked of the caller.
 * The words are data (loose_sets.h). Threads: values; the folded form of the data is made once. */
#ifndef BYO_COMPLIANCE_LOOSE_H
#define BYO_COMPLIANCE_LOOSE_H

#include "compliance/fold.h"

typedef enum {
    BYO_RULE_WHOLE = 0, /* the whole message is the keyword */
    BYO_RULE_REPEATED,
    BYO_RULE_COURTESY,
    BYO_RULE_ANSWER,    /* after Re: */
    BYO_RULE_SIGNATURE, /* the first line, above a signature */
    BYO_RULE_PHRASE,
    BYO_RULE_PATTERN /* an operator's own */
} ByoKeywordRule;
/* "whole", "repeated", "courtesy", "answer", "signature", "phrase", "pattern": as it is stored. */
const char *byo_keyword_rule_name(ByoKeywordRule rule);

/* Whether a folded word is an opt-out keyword of this number. */
typedef bool ByoLooseAsk(void *arg, const char *folded, size_t n);

typedef struct {
    ByoKeywordRule rule;
    ByoStr words;   /* the keyword or phrase as the data has it; a constant */
    size_t letters; /* of it, folded */
} ByoLooseMatch;

/* text: any octets, any length; one over 300 is none, but for what stands below a first line. */
bool byo_loose_match(ByoStr text, ByoLooseAsk *is_opt_out, void *arg, ByoLooseMatch *m_r);

#endif
