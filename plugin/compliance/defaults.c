/* SPDX-License-Identifier: BSD-3-Clause
 * The standard sets, put together for the languages an operator names.
 * Ownership: the sets are constants; a composed set is the caller's. Threads: values. */
#include "compliance/defaults.h"

#include <stdlib.h>

#include "compliance/fault.h"
#include "compliance/keyword.h"

static const ByoLanguageSet sets[] = {
#define SET(language, name, help, help_reply, out, out_reply, in, in_reply) \
    {language, name, {help, out, in}, {help_reply, out_reply, in_reply}},
#include "compliance/defaults_sets.h"
#undef SET
};
#define SETS (sizeof sets / sizeof *sets)

const ByoLanguageSet *byo_defaults_sets(size_t *n_r)
{
    *n_r = SETS;
    return sets;
}

const ByoLanguageSet *byo_defaults_find(ByoStr language)
{
    for (size_t i = 0; i < SETS; i++)
        if (byo_str_ieq(language, byo_str(sets[i].language)))
            return &sets[i];
    return NULL;
}

/* The next part of "A|B"; false at its end. */
static bool next_word(const char **at, ByoStr *word_r)
{
    if (!**at)
        return false;
    size_t n = strcspn(*at, "|");
    *word_r = byo_strn(*at, n);
    *at += n + ((*at)[n] == '|');
    return true;
}

bool byo_defaults_mandatory(ByoStr folded, ByoKeywordKind *kind_r)
{
    if (folded.n == 0)
        return false;
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
        const char *at = sets[0].keywords[k];
        /* K1-K3 are plain ASCII letters: their folded form is their lower case. */
        for (ByoStr word; next_word(&at, &word);)
            if (byo_str_ieq(folded, word)) {
                *kind_r = (ByoKeywordKind)(k + 1);
                return true;
            }
    }
    return false;
}

static bool folds_alike(ByoStr a, ByoStr b)
{
    char x[BYO_KEYWORD_FOLDED], y[BYO_KEYWORD_FOLDED];
    size_t n = byo_keyword_fold(a, x);

    return n > 0 && n == byo_keyword_fold(b, y) && memcmp(x, y, n) == 0;
}

/* Where a word stands already; kind NONE: nowhere. */
static ByoKeywordKind find_word(const ByoCompliance *c, ByoStr word)
{
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++)
        for (size_t i = 0; i < c->kinds[k].n; i++)
            for (size_t w = 0; w < c->kinds[k].groups[i].n; w++)
                if (folds_alike(byo_str(c->kinds[k].groups[i].keywords[w]), word))
                    return (ByoKeywordKind)(k + 1);
    return BYO_KEYWORD_NONE;
}

static void add_words(const ByoCompliance *c, ByoKeywordGroup *g, const char *words)
{
    for (ByoStr word; next_word(&words, &word);)
        if (find_word(c, word) == BYO_KEYWORD_NONE)
            byo_compliance_add_keyword(g, word);
}

static bool has_reply(const ByoCompliance *c, ByoKeywordKind kind, const char *reply)
{
    const ByoKeywordGroups *set = byo_compliance_of(c, kind);

    for (size_t i = 0; i < set->n; i++)
        if (strcmp(set->groups[i].reply, reply) == 0)
            return true;
    return false;
}

static void add_language(ByoCompliance *c, const ByoLanguageSet *set, bool first)
{
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
        ByoKeywordKind kind = (ByoKeywordKind)(k + 1);

        if (has_reply(c, kind, set->replies[k]))
            continue; /* named twice */
        ByoKeywordGroup *g = byo_compliance_add_group(c, kind, byo_str(set->replies[k]));
        if (first)
            add_words(c, g, sets[0].keywords[k]);
        add_words(c, g, set->keywords[k]);
        if (g->n == 0) { /* all its words belong to earlier languages */
            free(g->reply);
            byo_compliance_groups(c, kind)->n--;
        }
    }
}

bool byo_defaults_compose(ByoStr languages, ByoCompliance *c_r, ByoComplianceFault *fault_r)
{
    const ByoLanguageSet *named[BYO_COMPLIANCE_GROUPS - 1];
    size_t n = 0;

    *c_r = (ByoCompliance){0};
    for (size_t i = 0; i < languages.n;) {
        size_t a = i;
        while (i < languages.n && !strchr(" ,;\t", languages.p[i]))
            i++;
        ByoStr word = byo_strn(languages.p + a, i - a);
        i++;
        if (!word.n)
            continue;
        const ByoLanguageSet *set = byo_defaults_find(word);
        if (!set) {
            char quoted[BYO_QUOTE_BYTES];
            ByoBuf known = {0};
            for (size_t s = 0; s < SETS; s++)
                byo_buf_addf(&known, "%s%s", s ? " " : "", sets[s].language);
            byo_compliance_fault(fault_r, "languages", "There is no keyword set for \"%s\"; known are: %s.",
                                 byo_compliance_quote(word, quoted), known.p);
            byo_buf_free(&known);
            return false;
        }
        if (n == sizeof named / sizeof *named) {
            byo_compliance_fault(fault_r, "languages", "At most %zu languages are allowed.", n);
            return false;
        }
        named[n++] = set;
    }
    if (n == 0)
        named[n++] = &sets[0];
    for (size_t i = 0; i < n; i++)
        add_language(c_r, named[i], i == 0);
    return true;
}

/* Takes a word out of every group of a kind but the first; groups left empty go. */
static void drop_word(ByoCompliance *c, ByoKeywordKind kind, ByoStr word)
{
    ByoKeywordGroups *set = byo_compliance_groups(c, kind);

    for (size_t i = 1; i < set->n; i++) {
        ByoKeywordGroup *g = &set->groups[i];
        for (size_t w = 0; w < g->n; w++)
            if (folds_alike(byo_str(g->keywords[w]), word)) {
                free(g->keywords[w]);
                memmove(g->keywords + w, g->keywords + w + 1, (g->n - w - 1) * sizeof *g->keywords);
                g->n--;
                w--;
            }
        if (g->n == 0) {
            free(g->keywords);
            free(g->reply);
            memmove(set->groups + i, set->groups + i + 1, (set->n - i - 1) * sizeof *set->groups);
            set->n--;
            i--;
        }
    }
}

static void override_replies(ByoKeywordGroups *set, ByoStr reply)
{
    for (size_t i = 0; i < set->n; i++) {
        free(set->groups[i].reply);
        set->groups[i].reply = byo_compliance_dup(reply);
    }
}

bool byo_defaults_override(ByoCompliance *c, ByoKeywordKind kind, ByoStr keywords, ByoStr reply,
                           ByoComplianceFault *fault_r)
{
    ByoKeywordGroups *set = byo_compliance_groups(c, kind);

    if (!keywords.p) {
        override_replies(set, reply);
        return byo_compliance_check(c, false, fault_r);
    }
    byo_compliance_add_group(c, kind, reply);
    ByoKeywordGroup own = set->groups[set->n - 1];
    memmove(set->groups + 1, set->groups, (set->n - 1) * sizeof *set->groups);
    byo_compliance_add_keywords(&own, keywords);
    set->groups[0] = own;
    for (size_t w = 0; w < own.n; w++)
        drop_word(c, kind, byo_str(own.keywords[w]));
    return byo_compliance_check(c, false, fault_r);
}
