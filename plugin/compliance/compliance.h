/* SPDX-License-Identifier: BSD-3-Clause
 * The compliance texts of a number (spec N3, K1-K4): for each kind, groups of keywords with the reply
 * they get; free-word patterns for opt-outs. Decides what texts may be taken into the inventory.
 * Ownership: ByoCompliance owns all its texts until byo_compliance_free; zero-initialised is empty.
 * Threads: values. */
#ifndef BYO_COMPLIANCE_COMPLIANCE_H
#define BYO_COMPLIANCE_COMPLIANCE_H

#include "base/str.h"

typedef enum {
    BYO_KEYWORD_NONE = 0, /* an ordinary text */
    BYO_KEYWORD_HELP = 1,
    BYO_KEYWORD_OPT_OUT = 2,
    BYO_KEYWORD_OPT_IN = 3
} ByoKeywordKind;
#define BYO_KEYWORD_KINDS 3

/* "help", "opt-out", "opt-in" (meta-data, CSV, store); "" for none. */
const char *byo_keyword_kind_name(ByoKeywordKind kind);
/* "help", "optOut", "optIn": the member of the API's JSON. */
const char *byo_keyword_kind_member(ByoKeywordKind kind);
/* Either spelling; false: it is none. */
bool byo_keyword_kind_parse(ByoStr name, ByoKeywordKind *kind_r);

/* Limits of one number's texts: they bound what a number costs in memory. */
enum {
    BYO_COMPLIANCE_GROUPS = 16,        /* of one kind */
    BYO_COMPLIANCE_KEYWORDS = 64,      /* of one group */
    BYO_COMPLIANCE_KEYWORD_BYTES = 64, /* of one keyword, typed and folded */
    BYO_COMPLIANCE_REPLY_BYTES = 1600,
    BYO_COMPLIANCE_PATTERNS = 8,
    BYO_COMPLIANCE_PATTERN_BYTES = 256
};

typedef struct {
    char **keywords; /* UTF-8 as typed */
    size_t n;
    char *reply; /* UTF-8 */
} ByoKeywordGroup;

typedef struct {
    ByoKeywordGroup *groups;
    size_t n;
} ByoKeywordGroups;

/* Of opt-out-loose (loose.h). */
typedef enum { BYO_LOOSE_DEFAULT = 0, BYO_LOOSE_YES, BYO_LOOSE_NO } ByoLoose;

typedef struct {
    ByoKeywordGroups kinds[BYO_KEYWORD_KINDS]; /* by byo_compliance_groups */
    char **patterns;                           /* PCRE2, opt-outs only (patterns.h) */
    size_t n_patterns;
    ByoLoose loose;
} ByoCompliance;

/* What is wrong with an input, for a person. */
typedef struct {
    char field[48]; /* "number", "country", "compliance.optOut.keywords", ... ; never empty after a refusal */
    char text[400]; /* a whole sentence, UTF-8 */
} ByoComplianceFault;

/* kind: 1..3. */
static inline ByoKeywordGroups *byo_compliance_groups(ByoCompliance *c, ByoKeywordKind kind)
{
    return &c->kinds[(int)kind - 1];
}
static inline const ByoKeywordGroups *byo_compliance_of(const ByoCompliance *c, ByoKeywordKind kind)
{
    return &c->kinds[(int)kind - 1];
}

/* Adds a group with no keywords yet; the pointer lives until the next group of that kind is added.
 * Texts are copied as they are: byo_compliance_check judges them. An embedded NUL becomes U+FFFD, so
 * that no text is silently cut. */
ByoKeywordGroup *byo_compliance_add_group(ByoCompliance *c, ByoKeywordKind kind, ByoStr reply);
void byo_compliance_add_keyword(ByoKeywordGroup *g, ByoStr keyword);
/* "STOP|END | ARRET", also with , or ; (field S5): every part between them, white space around it trimmed, empty parts left out. */
void byo_compliance_add_keywords(ByoKeywordGroup *g, ByoStr bars);
void byo_compliance_add_pattern(ByoCompliance *c, ByoStr pattern);

bool byo_compliance_is_empty(const ByoCompliance *c); /* nothing of its own: the standard set */
void byo_compliance_copy(ByoCompliance *to, const ByoCompliance *from); /* *to is overwritten, not freed */
bool byo_compliance_equal(const ByoCompliance *a, const ByoCompliance *b);
void byo_compliance_free(ByoCompliance *c); /* leaves it empty and usable */

/* Whether a number may have these texts. Short code: all three kinds must have keywords and a reply
 * (spec N3). Long number: a kind left out keeps the standard set, and a word carriers demand (spec K1-K3) may not
 * be given another kind. Both: a keyword with no letter or digit, one in two groups, empty, overlong or
 * broken texts, and patterns that do not compile or match the empty text are refused. */
bool byo_compliance_check(const ByoCompliance *c, bool short_code, ByoComplianceFault *fault_r);

#endif
