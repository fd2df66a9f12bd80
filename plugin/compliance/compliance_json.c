/* SPDX-License-Identifier: BSD-3-Clause
 * Reading and writing compliance texts.
 * Ownership and threads: compliance_json.h. */
#include "compliance/compliance_json.h"

#include <stdio.h>

enum { JSON_MAX = 512 * 1024, JSON_DEPTH = 8 };

static bool read_group(const ByoJsonAt *item, ByoCompliance *c, ByoKeywordKind kind)
{
    static const char *const members[] = {"keywords", "reply", NULL};
    if (!byo_json_want_object(item, members))
        return false;
    ByoJsonAt reply, keywords;
    ByoStr text;
    bool fine = byo_json_need(item, "reply", &reply) &&
                byo_json_want_str(&reply, 0, BYO_COMPLIANCE_REPLY_BYTES, &text);
    if (!byo_json_need(item, "keywords", &keywords) || !byo_json_want_array(&keywords))
        return false;
    ByoKeywordGroup *g = byo_compliance_add_group(c, kind, fine ? text : BYO_STR(""));
    for (size_t i = 0; i < byo_json_size(&keywords); i++) {
        ByoJsonAt word = byo_json_item(&keywords, i);
        if (byo_json_want_str(&word, 0, BYO_COMPLIANCE_KEYWORD_BYTES, &text))
            byo_compliance_add_keyword(g, text);
        else
            fine = false;
    }
    return fine;
}

bool byo_compliance_read(const ByoJsonAt *object, ByoCompliance *c)
{
    static const char *const members[] = {"help", "optOut", "optIn", "optOutPatterns", "optOutLoose", NULL};
    memset(c, 0, sizeof *c);
    if (!byo_json_want_object(object, members))
        return false;
    bool fine = true;
    for (ByoKeywordKind kind = BYO_KEYWORD_HELP; kind <= BYO_KEYWORD_OPT_IN; kind++) {
        ByoJsonAt list = byo_json_member(object, byo_keyword_kind_member(kind));
        if (byo_json_type(&list) == BYO_JSON_ABSENT)
            continue;
        if (byo_json_type(&list) == BYO_JSON_OBJECT) { /* one group may stand without its list */
            fine = read_group(&list, c, kind) && fine;
            continue;
        }
        if (!byo_json_want_array(&list)) {
            fine = false;
            continue;
        }
        for (size_t i = 0; i < byo_json_size(&list); i++) {
            ByoJsonAt item = byo_json_item(&list, i);
            fine = read_group(&item, c, kind) && fine;
        }
    }
    ByoJsonAt at = byo_json_member(object, "optOutLoose");
    bool loose;
    if (byo_json_type(&at) != BYO_JSON_ABSENT) {
        fine = byo_json_want_bool(&at, &loose) && fine;
        c->loose = fine && loose ? BYO_LOOSE_YES : BYO_LOOSE_NO;
    }
    ByoJsonAt patterns = byo_json_member(object, "optOutPatterns");
    if (byo_json_type(&patterns) == BYO_JSON_ABSENT)
        return fine;
    if (!byo_json_want_array(&patterns))
        return false;
    for (size_t i = 0; i < byo_json_size(&patterns); i++) {
        ByoJsonAt item = byo_json_item(&patterns, i);
        ByoStr text;
        if (byo_json_want_str(&item, 1, BYO_COMPLIANCE_PATTERN_BYTES, &text))
            byo_compliance_add_pattern(c, text);
        else
            fine = false;
    }
    return fine;
}

ByoJson *byo_compliance_json(const ByoCompliance *c)
{
    if (byo_compliance_is_empty(c))
        return NULL;
    ByoJson *object = byo_json_object();
    for (ByoKeywordKind kind = BYO_KEYWORD_HELP; kind <= BYO_KEYWORD_OPT_IN; kind++) {
        const ByoKeywordGroups *groups = byo_compliance_of(c, kind);
        if (groups->n == 0)
            continue;
        ByoJson *list = byo_json_array();
        for (size_t i = 0; i < groups->n; i++) {
            ByoJson *g = byo_json_object(), *words = byo_json_array();
            for (size_t k = 0; k < groups->groups[i].n; k++)
                byo_json_add_str(words, byo_str(groups->groups[i].keywords[k]));
            byo_json_set(g, "keywords", words);
            byo_json_set_z(g, "reply", groups->groups[i].reply);
            byo_json_add(list, g);
        }
        byo_json_set(object, byo_keyword_kind_member(kind), list);
    }
    if (c->n_patterns) {
        ByoJson *list = byo_json_array();
        for (size_t i = 0; i < c->n_patterns; i++)
            byo_json_add_str(list, byo_str(c->patterns[i]));
        byo_json_set(object, "optOutPatterns", list);
    }
    if (c->loose != BYO_LOOSE_DEFAULT)
        byo_json_set_bool(object, "optOutLoose", c->loose == BYO_LOOSE_YES);
    return object;
}

void byo_compliance_text(const ByoCompliance *c, ByoBuf *out)
{
    ByoJson *j = byo_compliance_json(c);
    if (j)
        byo_json_text(j, false, out);
    byo_json_free(j);
}

bool byo_number_from_row(ByoStr digits, ByoStr type, ByoStr integration, ByoStr country, ByoStr json,
                         ByoNumber *n, ByoComplianceFault *fault)
{
    memset(n, 0, sizeof *n);
    snprintf(fault->field, sizeof fault->field, "number");
    snprintf(n->digits, sizeof n->digits, "%.*s", BYO_PF(digits));
    snprintf(n->integration, sizeof n->integration, "%.*s", BYO_PF(integration));
    snprintf(n->country, sizeof n->country, "%.*s", BYO_PF(country));
    if (!byo_number_type_parse(type, &n->type)) {
        snprintf(fault->text, sizeof fault->text, "the stored type \"%.*s\" is none", BYO_PF(type));
        return false;
    }
    if (json.n == 0)
        return true;
    ByoJsonDoc *doc = byo_json_read(json, JSON_MAX, JSON_DEPTH);
    ByoJsonAt root = byo_json_root(doc);
    bool fine = byo_json_errors(doc) == 0 && byo_compliance_read(&root, &n->compliance);
    if (!fine)
        snprintf(fault->text, sizeof fault->text, "the stored compliance texts cannot be read");
    byo_json_close(doc);
    return fine;
}
