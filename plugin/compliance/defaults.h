/* SPDX-License-Identifier: BSD-3-Clause
 * The standard keyword sets and replies of long numbers (spec K1-K3, N3), by language. The English one
 * is the article's, word for word; its keywords are the ones carriers demand and always apply.
 * Ownership: constants. Threads: values. */
#ifndef BYO_COMPLIANCE_DEFAULTS_H
#define BYO_COMPLIANCE_DEFAULTS_H

#include "compliance/compliance.h"

typedef struct {
    const char *language;                    /* ISO 639-1, lower case */
    const char *name;                        /* in English */
    const char *keywords[BYO_KEYWORD_KINDS]; /* "STOP|END"; by kind - 1 */
    const char *replies[BYO_KEYWORD_KINDS];
} ByoLanguageSet;

/* All sets, English first. */
const ByoLanguageSet *byo_defaults_sets(size_t *n_r);
const ByoLanguageSet *byo_defaults_find(ByoStr language); /* any letter case; NULL: there is none */

/* The standard set for languages in order ("en", "fr en": separated by spaces or commas; empty: English).
 * The first language of the list also answers the English keywords; a word two languages share belongs
 * to the earlier one. The result passes byo_compliance_check. False: fault_r names the language. */
bool byo_defaults_compose(ByoStr languages, ByoCompliance *c_r, ByoComplianceFault *fault_r);

/* Gives every keyword of one kind another reply, or (keywords not absent) puts a group of the operator's
 * own in front: "A|B" with its reply. The rest of the set stays; words it takes over are taken out of the
 * other groups of that kind. False: the set is not sound any more (byo_compliance_check's words). */
bool byo_defaults_override(ByoCompliance *c, ByoKeywordKind kind, ByoStr keywords, ByoStr reply,
                           ByoComplianceFault *fault_r);

/* Whether a folded keyword is one of the standard ones (spec K1-K3); its kind. */
bool byo_defaults_mandatory(ByoStr folded, ByoKeywordKind *kind_r);

#endif
