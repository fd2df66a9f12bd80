/* SPDX-License-Identifier: BSD-3-Clause
 * Compliance texts as a value, and whether a number may have them.
 * Ownership: see the header. Threads: values. */
#include "compliance/compliance.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <unictype.h>
#include <unistr.h>

#include "compliance/defaults.h"
#include "compliance/fault.h"
#include "compliance/keyword.h"
#include "compliance/patterns.h"

static const struct {
    const char *name, *member;
} kinds[BYO_KEYWORD_KINDS] = {{"help", "help"}, {"opt-out", "optOut"}, {"opt-in", "optIn"}};

const char *byo_keyword_kind_name(ByoKeywordKind kind)
{
    return kind >= BYO_KEYWORD_HELP && kind <= BYO_KEYWORD_OPT_IN ? kinds[kind - 1].name : "";
}

const char *byo_keyword_kind_member(ByoKeywordKind kind)
{
    return kind >= BYO_KEYWORD_HELP && kind <= BYO_KEYWORD_OPT_IN ? kinds[kind - 1].member : "";
}

bool byo_keyword_kind_parse(ByoStr name, ByoKeywordKind *kind_r)
{
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++)
        if (byo_str_is(name, kinds[k].name) || byo_str_is(name, kinds[k].member)) {
            *kind_r = (ByoKeywordKind)(k + 1);
            return true;
        }
    return false;
}

void byo_compliance_fault(ByoComplianceFault *fault, const char *field, const char *fmt, ...)
{
    va_list args;

    if (!fault)
        return;
    snprintf(fault->field, sizeof fault->field, "%s", field);
    va_start(args, fmt);
    int n = vsnprintf(fault->text, sizeof fault->text, fmt, args);
    va_end(args);
    if (n < (int)sizeof fault->text)
        return;
    /* Cut before a character, not in it. */
    size_t end = sizeof fault->text - 4;
    while (end > 0 && ((unsigned char)fault->text[end] & 0xC0) == 0x80)
        end--;
    memcpy(fault->text + end, "...", 4);
}

const char *byo_compliance_quote(ByoStr s, char buf[BYO_QUOTE_BYTES])
{
    size_t o = 0;
    bool cut = false;

    for (size_t i = 0; i < s.n && !cut;) {
        ucs4_t c;
        int used = u8_mbtouc(&c, (const uint8_t *)s.p + i, s.n - i);
        bool shown = c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0) && c != 0x2028 && c != 0x2029 &&
                     !uc_is_property_bidi_control(c);
        uint8_t out[6];
        int n = u8_uctomb(out, shown ? c : 0xFFFD, sizeof out);

        if (o + (size_t)n > BYO_QUOTE_BYTES - 4) {
            cut = true;
            break;
        }
        memcpy(buf + o, out, (size_t)n);
        o += (size_t)n;
        i += (size_t)used;
    }
    strcpy(buf + o, cut ? "..." : "");
    return buf;
}

char *byo_compliance_dup(ByoStr s)
{
    ByoBuf b = {0};

    byo_buf_need(&b, s.n);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i])
            byo_buf_addc(&b, s.p[i]);
        else
            byo_buf_adds(&b, "\xEF\xBF\xBD");
    byo_buf_adds(&b, ""); /* terminated, even when empty */
    return b.p;
}

/* Grown at powers of two: a body of a megabyte may hold very many before they are counted. */
static void *room_for_one(void *list, size_t n, size_t size)
{
    return n & (n - 1) ? list : byo_realloc(list, (n ? 2 * n : 1) * size);
}

ByoKeywordGroup *byo_compliance_add_group(ByoCompliance *c, ByoKeywordKind kind, ByoStr reply)
{
    ByoKeywordGroups *set = byo_compliance_groups(c, kind);

    set->groups = room_for_one(set->groups, set->n, sizeof *set->groups);
    set->groups[set->n] = (ByoKeywordGroup){.reply = byo_compliance_dup(reply)};
    return &set->groups[set->n++];
}

void byo_compliance_add_keyword(ByoKeywordGroup *g, ByoStr keyword)
{
    g->keywords = room_for_one(g->keywords, g->n, sizeof *g->keywords);
    g->keywords[g->n++] = byo_compliance_dup(keyword);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void byo_compliance_add_keywords(ByoKeywordGroup *g, ByoStr bars)
{
    size_t from = 0;

    for (size_t i = 0; i <= bars.n; i++) {
        if (i < bars.n && bars.p[i] != '|' && bars.p[i] != ',' && bars.p[i] != ';')
            continue;
        size_t a = from, b = i;
        while (a < b && is_space(bars.p[a]))
            a++;
        while (b > a && is_space(bars.p[b - 1]))
            b--;
        if (b > a)
            byo_compliance_add_keyword(g, byo_strn(bars.p + a, b - a));
        from = i + 1;
    }
}

void byo_compliance_add_pattern(ByoCompliance *c, ByoStr pattern)
{
    c->patterns = room_for_one(c->patterns, c->n_patterns, sizeof *c->patterns);
    c->patterns[c->n_patterns++] = byo_compliance_dup(pattern);
}

bool byo_compliance_is_empty(const ByoCompliance *c)
{
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++)
        if (c->kinds[k].n)
            return false;
    return c->n_patterns == 0 && c->loose == BYO_LOOSE_DEFAULT;
}

void byo_compliance_copy(ByoCompliance *to, const ByoCompliance *from)
{
    *to = (ByoCompliance){.loose = from->loose};
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++)
        for (size_t i = 0; i < from->kinds[k].n; i++) {
            const ByoKeywordGroup *g = &from->kinds[k].groups[i];
            ByoKeywordGroup *copy = byo_compliance_add_group(to, (ByoKeywordKind)(k + 1), byo_str(g->reply));
            for (size_t w = 0; w < g->n; w++)
                byo_compliance_add_keyword(copy, byo_str(g->keywords[w]));
        }
    for (size_t i = 0; i < from->n_patterns; i++)
        byo_compliance_add_pattern(to, byo_str(from->patterns[i]));
}

static bool texts_equal(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
    if (n_a != n_b)
        return false;
    for (size_t i = 0; i < n_a; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

bool byo_compliance_equal(const ByoCompliance *a, const ByoCompliance *b)
{
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
        if (a->kinds[k].n != b->kinds[k].n)
            return false;
        for (size_t i = 0; i < a->kinds[k].n; i++) {
            const ByoKeywordGroup *x = &a->kinds[k].groups[i], *y = &b->kinds[k].groups[i];
            if (strcmp(x->reply, y->reply) != 0 || !texts_equal(x->keywords, x->n, y->keywords, y->n))
                return false;
        }
    }
    return a->loose == b->loose && texts_equal(a->patterns, a->n_patterns, b->patterns, b->n_patterns);
}

static void free_texts(char **texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(texts[i]);
    free(texts);
}

void byo_compliance_free(ByoCompliance *c)
{
    if (!c)
        return;
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
        for (size_t i = 0; i < c->kinds[k].n; i++) {
            free_texts(c->kinds[k].groups[i].keywords, c->kinds[k].groups[i].n);
            free(c->kinds[k].groups[i].reply);
        }
        free(c->kinds[k].groups);
    }
    free_texts(c->patterns, c->n_patterns);
    *c = (ByoCompliance){0};
}

/* -- judging ------------------------------------------------------------------------------------*/

static bool check_reply(const ByoKeywordGroup *g, ByoKeywordKind kind, ByoComplianceFault *fault_r)
{
    const char *name = byo_keyword_kind_name(kind);
    char field[48];
    size_t n = strlen(g->reply);
    bool visible = false;

    snprintf(field, sizeof field, "compliance.%s.reply", byo_keyword_kind_member(kind));
    if (n > BYO_COMPLIANCE_REPLY_BYTES) {
        byo_compliance_fault(fault_r, field, "The %s reply has %zu bytes; at most %d are allowed.", name, n,
                             BYO_COMPLIANCE_REPLY_BYTES);
        return false;
    }
    if (u8_check((const uint8_t *)g->reply, n)) {
        byo_compliance_fault(fault_r, field, "The %s reply is not valid UTF-8.", name);
        return false;
    }
    for (size_t i = 0; i < n;) {
        ucs4_t c;
        i += (size_t)u8_mbtouc(&c, (const uint8_t *)g->reply + i, n - i);
        if ((c < 0x20 && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0) || c == 0xFFFD) {
            byo_compliance_fault(fault_r, field, "The %s reply holds a control character (U+%04X).", name,
                                 (unsigned)c);
            return false;
        }
        visible = visible || !uc_is_property_white_space(c);
    }
    if (!visible) {
        byo_compliance_fault(fault_r, field, "The %s reply is empty; a message to send is needed.", name);
        return false;
    }
    return true;
}

static bool check_shape(const ByoCompliance *c, ByoComplianceFault *fault_r)
{
    char field[48];

    for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
        ByoKeywordKind kind = (ByoKeywordKind)(k + 1);
        const char *name = byo_keyword_kind_name(kind);

        snprintf(field, sizeof field, "compliance.%s", byo_keyword_kind_member(kind));
        if (c->kinds[k].n > BYO_COMPLIANCE_GROUPS) {
            byo_compliance_fault(fault_r, field, "There are %zu %s groups; at most %d are allowed.",
                                 c->kinds[k].n, name, BYO_COMPLIANCE_GROUPS);
            return false;
        }
        for (size_t i = 0; i < c->kinds[k].n; i++) {
            const ByoKeywordGroup *g = &c->kinds[k].groups[i];

            if (g->n == 0) {
                snprintf(field, sizeof field, "compliance.%s.keywords", byo_keyword_kind_member(kind));
                byo_compliance_fault(fault_r, field, "The %s message has no keywords.", name);
                return false;
            }
            if (!check_reply(g, kind, fault_r))
                return false;
        }
    }
    return true;
}

static bool check_complete(const ByoCompliance *c, ByoComplianceFault *fault_r)
{
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++) {
        ByoKeywordKind kind = (ByoKeywordKind)(k + 1);
        char field[48];

        if (c->kinds[k].n)
            continue;
        snprintf(field, sizeof field, "compliance.%s", byo_keyword_kind_member(kind));
        byo_compliance_fault(fault_r, field,
                             "A short code needs keywords and a message of its own for help, opt-out and "
                             "opt-in; %s has none.",
                             byo_keyword_kind_name(kind));
        return false;
    }
    return true;
}

static bool check_mandatory(const ByoCompliance *c, ByoComplianceFault *fault_r)
{
    for (int k = 0; k < BYO_KEYWORD_KINDS; k++)
        for (size_t i = 0; i < c->kinds[k].n; i++)
            for (size_t w = 0; w < c->kinds[k].groups[i].n; w++) {
                const char *word = c->kinds[k].groups[i].keywords[w];
                char folded[BYO_KEYWORD_FOLDED], field[48], quoted[BYO_QUOTE_BYTES];
                size_t n = byo_keyword_fold(byo_str(word), folded);
                ByoKeywordKind kind;

                if (!byo_defaults_mandatory(byo_strn(folded, n), &kind) || (int)kind == k + 1)
                    continue;
                snprintf(field, sizeof field, "compliance.%s.keywords",
                         byo_keyword_kind_member((ByoKeywordKind)(k + 1)));
                byo_compliance_fault(fault_r, field,
                                     "\"%s\" is an %s keyword carriers demand; it cannot be an %s keyword.",
                                     byo_compliance_quote(byo_str(word), quoted), byo_keyword_kind_name(kind),
                                     byo_keyword_kind_name((ByoKeywordKind)(k + 1)));
                return false;
            }
    return true;
}

bool byo_compliance_check(const ByoCompliance *c, bool short_code, ByoComplianceFault *fault_r)
{
    if (!check_shape(c, fault_r) || (short_code && !check_complete(c, fault_r)))
        return false;
    /* The matcher knows all about keywords and patterns. */
    ByoMatcher *m = byo_matcher_create(c, fault_r);
    if (!m)
        return false;
    byo_matcher_destroy(m);
    return short_code || check_mandatory(c, fault_r);
}
