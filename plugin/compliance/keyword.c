/* SPDX-License-Identifier: BSD-3-Clause
 * Folding a text and finding it among keywords.
 * Ownership: a matcher owns its copy of the texts. Threads: see the header. */
#include "compliance/keyword.h"

#include <stdio.h>
#include <stdlib.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "compliance/fault.h"
#include "compliance/patterns.h"

/* -- folding ------------------------------------------------------------------------------------*/

typedef enum {
    CHAR_KEPT,    /* letter, digit, spacing vowel sign */
    CHAR_DROPPED, /* white space, punctuation, marks, control and invisible characters */
    CHAR_SYMBOL   /* emoji and other symbols, private use, unassigned, broken UTF-8 */
} CharClass;

typedef struct {
    char *out;
    size_t n;
    bool symbol_after; /* a symbol came after what is kept */
} Fold;

static CharClass class_of(ucs4_t c)
{
    if (uc_is_property_default_ignorable_code_point(c))
        return CHAR_DROPPED;
    if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_Mc))
        return CHAR_KEPT;
    if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me | UC_CATEGORY_MASK_Z |
                                                UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_Cc |
                                                UC_CATEGORY_MASK_Cf))
        return CHAR_DROPPED;
    /* ASCII's symbols ($ + < = > ^ ` | ~) are punctuation to whoever types them. */
    return c < 0x80 ? CHAR_DROPPED : CHAR_SYMBOL;
}

/* False: the text cannot be a keyword any more. */
static bool keep(Fold *f, ucs4_t c)
{
    uint8_t mb[6];

    if (f->symbol_after)
        return false;
    /* Turkish phones: the dotless i has no folding of its own, the dotted capital I folds by itself. */
    if (c == 0x131)
        c = 'i';
    int digit = uc_decimal_value(c);
    if (digit >= 0)
        c = (ucs4_t)('0' + digit);
    int n = u8_uctomb(mb, c, sizeof mb);
    if (n < 0 || f->n + (size_t)n > BYO_COMPLIANCE_KEYWORD_BYTES)
        return false;
    memcpy(f->out + f->n, mb, (size_t)n);
    f->n += (size_t)n;
    return true;
}

/* One character beyond ASCII: compatibility decomposition, full case folding, decomposition again. */
static bool fold_char(Fold *f, ucs4_t c)
{
    ucs4_t parts[64];
    size_t n = sizeof parts / sizeof *parts;

    if (class_of(c) == CHAR_DROPPED)
        return true; /* cheap, whatever number of marks somebody piles up */
    uint32_t one = c;
    uint32_t *folded = u32_casefold(&one, 1, NULL, UNINORM_NFKD, parts, &n);
    bool ok = folded != NULL;
    for (size_t i = 0; ok && i < n; i++)
        switch (class_of(folded[i])) {
        case CHAR_KEPT:
            ok = keep(f, folded[i]);
            break;
        case CHAR_SYMBOL:
            f->symbol_after = f->n > 0;
            break;
        case CHAR_DROPPED:
            break;
        }
    if (folded != parts)
        free(folded);
    return ok;
}

size_t byo_keyword_fold(ByoStr text, char folded_r[BYO_KEYWORD_FOLDED])
{
    Fold f = {.out = folded_r};
    const unsigned char *p = (const unsigned char *)text.p;

    folded_r[0] = 0;
    for (size_t i = 0; i < text.n;) {
        unsigned char c = p[i];

        if (c < 0x80) {
            i++;
            bool upper = c >= 'A' && c <= 'Z';
            if (!upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9'))
                continue;
            if (f.symbol_after || f.n == BYO_COMPLIANCE_KEYWORD_BYTES)
                goto none;
            folded_r[f.n++] = (char)(upper ? c + ('a' - 'A') : c);
            continue;
        }
        ucs4_t wide;
        int used = u8_mbtouc(&wide, p + i, text.n - i);
        i += (size_t)used;
        if (!fold_char(&f, wide))
            goto none;
    }
    folded_r[f.n] = 0;
    return f.n;
none:
    folded_r[0] = 0;
    return 0;
}

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

static uint32_t hash(const char *key, size_t n)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)key[i]) * 16777619u;
    return h ^ (h >> 15);
}

static Slot *slot_of(const ByoMatcher *m, const char *key, size_t n)
{
    for (size_t i = hash(key, n);; i++) {
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

bool byo_keyword_match(const ByoMatcher *own, const ByoMatcher *standard, ByoStr text, ByoKeywordMatch *m_r)
{
    char folded[BYO_KEYWORD_FOLDED];
    size_t n = byo_keyword_fold(text, folded);

    *m_r = (ByoKeywordMatch){.kind = BYO_KEYWORD_NONE};
    if (look_up(own, folded, n, m_r) || look_up(standard, folded, n, m_r))
        return true;
    if (!own || !own->patterns || !byo_patterns_match(own->patterns, text, &m_r->limited))
        return false;
    m_r->kind = BYO_KEYWORD_OPT_OUT;
    m_r->by_pattern = true;
    m_r->reply = first_reply(own, BYO_KEYWORD_OPT_OUT);
    if (!m_r->reply)
        m_r->reply = first_reply(standard, BYO_KEYWORD_OPT_OUT);
    return true;
}
