/* SPDX-License-Identifier: BSD-3-Clause
 * Finding a text among keywords.
 * Ownership: a matcher owns its copy of the texts. Threads: see the header. */
#include "compliance/keyword.h"
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>

#include <unistr.h>

#include "compliance/fault.h"
#include "compliance/patterns.h"

/* -- matching ----------------------------------------------------------------------------------*/

typedef struct {
    char *key; /* folded; NULL: a free slot */
    uint32_t n;
    uint16_t kind, group;
} Slot;

struct ByoMatcher {
    ByoCompliance texts;
    Slot *slots; /* open addressing, a power of two, at most half full */
    size_t mask;
    size_t longest; /* of the folded keywords */
    ByoPatterns *patterns;
};

static Slot *slot_of(const ByoMatcher *m, const char *key, size_t n)
{
    for (size_t i = byo_hash(byo_strn(key, n), 0);; i++) {
        Slot *s = &m->slots[i & m->mask];
        if (!s->key || (s->n == n && memcmp(s->key, key, n) == 0))
            return s;
    }
}

static bool add_word(ByoMatcher *m, int kind, size_t group, const char *word, ByoComplianceFault *fault_r)
{
    char folded[BYO_KEYWORD_FOLDED], field[48], quoted[BYO_QUOTE_BYTES];
    size_t length = strlen(word), n = byo_keyword_fold(byo_str(word), folded);

    snprintf(field, sizeof field, "compliance.%s.keywords",
             byo_keyword_kind_member((ByoKeywordKind)(kind + 1)));
    byo_compliance_quote(byo_str(word), quoted);
    if (u8_check((const uint8_t *)word, length)) {
        byo_compliance_fault(fault_r, field, "The keyword \"%s\" is not valid UTF-8.", quoted);
        return false;
    }
    if (length > BYO_COMPLIANCE_KEYWORD_BYTES) {
        byo_compliance_fault(fault_r, field, "The keyword \"%s\" has %zu bytes; at most %d are allowed.",
                             quoted, length, BYO_COMPLIANCE_KEYWORD_BYTES);
        return false;
    }
    if (n == 0) {
        byo_compliance_fault(fault_r, field,
                             "The keyword \"%s\" can never match: it needs letters or digits, with no symbol "
                             "inside.",
                             quoted);
        return false;
    }
    Slot *s = slot_of(m, folded, n);
    if (!s->key) {
        *s = (Slot){byo_str_dup(byo_strn(folded, n)), (uint32_t)n, (uint16_t)kind, (uint16_t)group};
        m->longest = n > m->longest ? n : m->longest;
        return true;
    }
    if (s->kind == kind && s->group == group)
        return true; /* "STOP|Stop" is harmless */
    if (s->kind == kind)
        byo_compliance_fault(fault_r, field, "The keyword \"%s\" stands in two %s groups.", quoted,
                             byo_keyword_kind_name((ByoKeywordKind)(kind + 1)));
    else
        byo_compliance_fault(fault_r, field, "The keyword \"%s\" stands under %s and under %s.", quoted,
                             byo_keyword_kind_name((ByoKeywordKind)(s->kind + 1)),
                             byo_keyword_kind_name((ByoKeywordKind)(kind + 1)));
    return false;
}

static bool count_words(const ByoCompliance *c, size_t *words_r, ByoComplianceFault *fault_r)
{
    *words_r = 0;
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++)
        for (size_t i = 0; i < c->kinds[k].n; i++) {
            size_t n = c->kinds[k].groups[i].n;
            char field[48];

            *words_r += n;
            if (n <= BYO_COMPLIANCE_KEYWORDS && i < BYO_COMPLIANCE_GROUPS)
                continue;
            snprintf(field, sizeof field, "compliance.%s.keywords",
                     byo_keyword_kind_member((ByoKeywordKind)(k + 1)));
            byo_compliance_fault(fault_r, field,
                                 "There are too many keywords; at most %d groups of %d are allowed.",
                                 BYO_COMPLIANCE_GROUPS, BYO_COMPLIANCE_KEYWORDS);
            return false;
        }
    return true;
}

ByoMatcher *byo_matcher_create(const ByoCompliance *c, ByoComplianceFault *fault_r)
{
    size_t words, size = 2;

    if (!count_words(c, &words, fault_r))
        return NULL;
    while (size < 2 * words)
        size *= 2;
    ByoMatcher *m = byo_zalloc(sizeof *m);
    m->slots = byo_zalloc(size * sizeof *m->slots);
    m->mask = size - 1;
    byo_compliance_copy(&m->texts, c);
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++)
        for (size_t i = 0; i < c->kinds[k].n; i++)
            for (size_t w = 0; w < c->kinds[k].groups[i].n; w++)
                if (!add_word(m, k, i, c->kinds[k].groups[i].keywords[w], fault_r))
                    goto fail;
    if (c->n_patterns) {
        m->patterns = byo_patterns_compile(c->patterns, c->n_patterns, fault_r);
        if (!m->patterns)
            goto fail;
    }
    return m;
fail:
    byo_matcher_destroy(m);
    return NULL;
}

void byo_matcher_destroy(ByoMatcher *m)
{
    if (!m)
        return;
    for (size_t i = 0; i <= m->mask; i++)
        free(m->slots[i].key);
    free(m->slots);
    byo_patterns_destroy(m->patterns);
    byo_compliance_free(&m->texts);
    free(m);
}

static bool look_up(const ByoMatcher *m, const char *folded, size_t n, ByoKeywordMatch *m_r)
{
    if (!m || n == 0 || n > m->longest)
        return false;
    const Slot *s = slot_of(m, folded, n);
    if (!s->key)
        return false;
    m_r->kind = (ByoKeywordKind)(s->kind + 1);
    m_r->reply = m->texts.kinds[s->kind].groups[s->group].reply;
    return true;
}

static const char *first_reply(const ByoMatcher *m, ByoKeywordKind kind)
{
    const ByoKeywordGroups *g = m ? byo_compliance_of(&m->texts, kind) : NULL;
    return g && g->n ? g->groups[0].reply : NULL;
}

size_t byo_keyword_fold(ByoStr text, char folded_r[BYO_KEYWORD_FOLDED])
{
    size_t n;
    if (byo_fold(text, folded_r, &n))
        return n;
    folded_r[0] = 0;
    return 0;
}

typedef struct {
    const ByoMatcher *own, *standard;
    const char *reply; /* of the first keyword found */
} Sets;

static bool is_opt_out(void *arg, const char *folded, size_t n)
{
    Sets *s = arg;
    ByoKeywordMatch m;
    if (!look_up(s->own, folded, n, &m) && !look_up(s->standard, folded, n, &m))
        return false;
    if (m.kind != BYO_KEYWORD_OPT_OUT)
        return false;
    if (!s->reply)
        s->reply = m.reply;
    return true;
}

/* An opt-out that is no keyword of a group: the number's first reply, else the standard one. */
static void set_opt_out(Sets *s, ByoKeywordRule rule, ByoKeywordMatch *m_r)
{
    m_r->kind = BYO_KEYWORD_OPT_OUT;
    m_r->rule = rule;
    m_r->reply = rule != BYO_RULE_PHRASE && s->reply ? s->reply : first_reply(s->own, BYO_KEYWORD_OPT_OUT);
    if (!m_r->reply)
        m_r->reply = first_reply(s->standard, BYO_KEYWORD_OPT_OUT);
}

static bool match_loose(Sets *s, ByoStr text, bool loose, ByoKeywordMatch *m_r)
{
    ByoLooseMatch found;
    if (s->own && s->own->texts.loose)
        loose = s->own->texts.loose == BYO_LOOSE_YES;
    if (!loose || !byo_loose_match(text, is_opt_out, s, &found))
        return false;
    set_opt_out(s, found.rule, m_r);
    snprintf(m_r->words, sizeof m_r->words, "%.*s", BYO_PF(found.words));
    m_r->letters = found.letters;
    return true;
}

static bool match_pattern(Sets *s, ByoStr text, ByoKeywordMatch *m_r)
{
    if (!s->own || !s->own->patterns || !byo_patterns_match(s->own->patterns, text, &m_r->limited))
        return false;
    set_opt_out(s, BYO_RULE_PATTERN, m_r);
    m_r->letters = u8_mbsnlen((const uint8_t *)text.p, text.n);
    return true;
}

bool byo_keyword_match(const ByoMatcher *own, const ByoMatcher *standard, ByoStr text, bool loose,
                       ByoKeywordMatch *m_r)
{
    Sets sets = {own, standard, NULL};
    char folded[BYO_KEYWORD_FOLDED];
    size_t n = byo_keyword_fold(text, folded);

    *m_r = (ByoKeywordMatch){.kind = BYO_KEYWORD_NONE};
    if (look_up(own, folded, n, m_r) || look_up(standard, folded, n, m_r)) {
        memcpy(m_r->words, folded, n + 1);
        m_r->letters = u8_mbsnlen((const uint8_t *)folded, n);
        return true;
    }
    return match_loose(&sets, text, loose, m_r) || match_pattern(&sets, text, m_r);
}
