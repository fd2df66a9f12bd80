/* SPDX-License-Identifier: BSD-3-Clause
 * The advanced configuration: checks every value of the JSON (spec J1-J6) and makes the error map and
 * the charset list of it. Decides: the sentences, which pairs this bearerbox can carry.
 * Ownership: see advanced.h. Threads: none. */
#include "integration/advanced.h"

#include <stdlib.h>

#include "base/features.h"
#include "base/text.h"
#include "base/json.h"
#include "integration/default_advanced.h"
#include "integration/odd_rows.h"

#define DEPTH_MAX 16 /* the schema needs 3 */
#define CAUSE_MAX 64 /* octets */
#define DESCRIPTION_MAX 256
#define CHARSET_NAME_MAX 64
#define PAIRS_MAX 64

static const char *const root_members[] = {"protocolSpecificCodeMapping", "charsets", NULL};
static const char *const code_members[] = {"genericErrorCode", "genericErrorCause", "description", NULL};
static const char *const pair_members[] = {"dcs", "charset", NULL};
static const char *const charset_names[] = {
    "GSM_0338",    "ASCII",       "ISO-8859-1",     "ISO-8859-5",  "ISO-8859-8",  "JIS0201",
    "UTF-16BE",    "GSM_0338/TR", "GSM_0338/ES",    "GSM_0338/PT", "GSM_0338/BN", "GSM_0338/GU",
    "GSM_0338/HI", "GSM_0338/KN", "GSM_0338/ML",    "GSM_0338/OR", "GSM_0338/PA", "GSM_0338/TA",
    "GSM_0338/TE", "GSM_0338/UR", "GSM_0338/packed"};
#define CHARSET_NAMES (sizeof charset_names / sizeof *charset_names)

/* ---- codes (spec J1, J2) ---- */

/* A key of the map in its normalised form. */
typedef struct {
    ByoMapScope scope;
    char code[65];
    const char *key; /* as written */
    size_t order;    /* in the text */
} CodeKey;

typedef struct {
    ByoCode code;
    char cause[CAUSE_MAX + 1];
    char *description;
} CodeMeaning;

/* Takes "receipt:" or "submit:" (any letter case) off the key. Another prefix is a typing error: the
 * code behind one of the two may hold colons as it likes. */
static bool read_scope(const ByoJsonAt *entry, ByoStr *code_r, ByoMapScope *scope_r)
{
    static const char *const prefixes[] = {"receipt", "submit"};
    ByoStr key = byo_str(entry->key);
    const char *colon = memchr(key.p, ':', key.n);

    *scope_r = BYO_MAP_ANY;
    *code_r = key;
    if (!colon)
        return true;
    ByoStr prefix = byo_strn(key.p, (size_t)(colon - key.p));
    *code_r = byo_strn(colon + 1, key.n - prefix.n - 1);
    if (byo_str_ieq(prefix, BYO_STR("receipt"))) {
        *scope_r = BYO_MAP_RECEIPT;
        return true;
    }
    if (byo_str_ieq(prefix, BYO_STR("submit"))) {
        *scope_r = BYO_MAP_SUBMIT;
        return true;
    }
    const char *near = byo_nearest(prefix, prefixes, 2);
    if (near)
        byo_json_fault(entry, BYO_FAULT_ERROR, true, "unknown prefix: is \"%s:\" meant?", near);
    else
        byo_json_fault(entry, BYO_FAULT_ERROR, true,
                       "unknown prefix: a code stands alone or behind \"receipt:\" or \"submit:\"");
    return false;
}

static bool read_code_key(const ByoJsonAt *entry, CodeKey *key_r)
{
    ByoStr code;

    key_r->key = entry->key;
    if (!read_scope(entry, &code, &key_r->scope))
        return false;
    if (!byo_error_key(code, key_r->code, sizeof key_r->code)) {
        byo_json_fault(entry, BYO_FAULT_ERROR, true,
                       "no error code: 1 to 64 octets without control characters are expected");
        return false;
    }
    return true;
}

static bool cause_form(ByoStr cause)
{
    for (size_t i = 0; i < cause.n; i++) {
        char c = cause.p[i];
        if (!(c >= 'A' && c <= 'Z') && !(i && ((c >= '0' && c <= '9') || c == '_')))
            return false;
    }
    return cause.n > 0 && cause.n <= CAUSE_MAX;
}

static bool read_cause(const ByoJsonAt *at, bool allow_unknown, char cause_r[CAUSE_MAX + 1])
{
    size_t n;
    const char *const *list = byo_cause_list(&n);
    ByoStr cause;

    if (!byo_json_want_line(at, 1, CAUSE_MAX, &cause))
        return false;
    bool formed = cause_form(cause);
    if (!byo_cause_known(cause) && !(allow_unknown && formed)) {
        const char *near = byo_nearest(cause, list, n);
        byo_json_fault(at, BYO_FAULT_ERROR, false, "unknown cause \"%.*s\"%s%s%s%s", BYO_PF(cause),
                       near ? ": is " : "", near ? near : "", near ? " meant?" : "",
                       formed          ? " (allow-unknown-causes = yes accepts it)"
                       : allow_unknown ? " (capital letters, digits and _ make a cause)"
                                       : "");
        return false;
    }
    memcpy(cause_r, cause.p, cause.n);
    cause_r[cause.n] = 0;
    return true;
}

/* How a text is read. */
typedef struct {
    ByoMapOrigin origin;
    bool allow_unknown;
    unsigned features;
} Reading;

/* The object of one code; every fault of it is told. */
static bool read_meaning(const ByoJsonAt *entry, bool allow_unknown, CodeMeaning *meaning_r)
{
    ByoJsonAt code, cause, description = byo_json_member(entry, "description");
    ByoStr text = BYO_STR("");
    int64_t number = 0;
    bool good = byo_json_want_object(entry, code_members);

    good &= byo_json_need(entry, "genericErrorCode", &code) &&
            byo_json_want_int(&code, BYO_CODE_SUCCESS, BYO_CODE_UNDELIVERABLE, &number);
    good &= byo_json_need(entry, "genericErrorCause", &cause) &&
            read_cause(&cause, allow_unknown, meaning_r->cause);
    if (description.value)
        good &= byo_json_want_line(&description, 0, DESCRIPTION_MAX, &text);
    meaning_r->code = (ByoCode)number;
    meaning_r->description = good ? byo_str_dup(text) : NULL;
    return good;
}

static int compare_keys(const void *a, const void *b)
{
    const CodeKey *x = a, *y = b;
    int order = x->scope != y->scope ? (x->scope < y->scope ? -1 : 1) : strcmp(x->code, y->code);

    if (order)
        return order;
    return x->order < y->order ? -1 : 1;
}

/* "88" and "0x58" in one object are one code said twice. */
static void refuse_alike(const ByoJsonAt *mapping, CodeKey *keys, size_t n)
{
    size_t first = 0;
    int line, column;

    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 1; i < n; i++) {
        if (keys[i].scope != keys[first].scope || strcmp(keys[i].code, keys[first].code) != 0) {
            first = i;
            continue;
        }
        ByoJsonAt here = byo_json_member(mapping, keys[i].key),
                  there = byo_json_member(mapping, keys[first].key);
        line = column = 0;
        if (!byo_json_full(mapping->doc, BYO_FAULT_ERROR))
            byo_json_place(&there, true, &line, &column);
        byo_json_fault(&here, BYO_FAULT_ERROR, true,
                       "the same code %s stands at line %d, column %d as \"%s\"", keys[i].code, line, column,
                       keys[first].key);
    }
}

static void read_codes(const ByoJsonAt *mapping, const Reading *how, ByoErrorMap *map)
{
    ByoJsonAt entry;
    size_t iter = 0;
    size_t n = 0, order = 0;

    if (!mapping->value || !byo_json_want_object(mapping, NULL))
        return;
    CodeKey *keys = byo_alloc((byo_json_size(mapping) + 1) * sizeof *keys);
    while (byo_json_next(mapping, &iter, &entry)) {
        CodeKey *key = &keys[n];
        CodeMeaning meaning;
        bool good_key = read_code_key(&entry, key);
        key->order = order++;
        if (good_key)
            n++;
        if (!read_meaning(&entry, how->allow_unknown, &meaning))
            continue;
        if (good_key) {
            byo_error_map_set(map, how->origin, key->scope, key->code, meaning.code, meaning.cause,
                              meaning.description);
            if (how->origin == BYO_MAP_OWN)
                byo_odd_row(&entry, key->scope, key->code, meaning.code, meaning.cause, how->features);
            if (!byo_code_explains_failure(meaning.code) && strcmp(key->code, "0") != 0) {
                ByoJsonAt code = byo_json_member(&entry, "genericErrorCode");
                byo_json_fault(
                    &code, BYO_FAULT_WARNING, false,
                    "%d says nothing about a failure: a receipt with this code is judged by its state "
                    "alone, a refused submit is 1 DEFAULT",
                    (int)meaning.code);
            }
        }
        free(meaning.description);
    }
    refuse_alike(mapping, keys, n);
    free(keys);
}

/* ---- charsets (spec J4, J5) ---- */

static const ByoCharset *read_charset(const ByoJsonAt *at)
{
    ByoStr name;

    if (!byo_json_want_line(at, 1, CHARSET_NAME_MAX, &name))
        return NULL;
    const ByoCharset *charset = byo_charset_find(name);
    const char *near = byo_charset_meant(name);
    if (charset && near && strcmp(near, byo_charset_name(charset)) != 0)
        byo_json_fault(at, BYO_FAULT_WARNING, false, "\"%.*s\": is %s meant?", BYO_PF(name), near);
    if (charset)
        return charset;
    if (!near)
        near = byo_nearest(name, charset_names, CHARSET_NAMES);
    if (near)
        byo_json_fault(at, BYO_FAULT_ERROR, false, "unknown charset \"%.*s\": is %s meant?", BYO_PF(name),
                       near);
    else
        byo_json_fault(
            at, BYO_FAULT_ERROR, false,
            "unknown charset \"%.*s\": GSM_0338, ASCII, ISO-8859-1, ISO-8859-5, ISO-8859-8, JIS0201, "
            "UTF-16BE, GSM_0338/packed, GSM_0338/TR (or ES PT BN GU HI KN ML OR PA TA TE UR) and iconv's "
            "stateless ones are known",
            BYO_PF(name));
    return NULL;
}

static bool read_pair(const ByoJsonAt *at, ByoCharsetPair *pair_r)
{
    ByoJsonAt dcs, charset;
    int64_t number = 0;
    bool good = byo_json_want_object(at, pair_members);

    good &= byo_json_need(at, "dcs", &dcs) && byo_json_want_int(&dcs, 0, 255, &number);
    good &= byo_json_need(at, "charset", &charset) && (pair_r->charset = read_charset(&charset)) != NULL;
    pair_r->dcs = (unsigned)number;
    return good;
}

static bool same_pair(const ByoCharsetPair *a, const ByoCharsetPair *b)
{
    return a->dcs == b->dcs && strcmp(byo_charset_name(a->charset), byo_charset_name(b->charset)) == 0;
}

/* What stock bearerbox makes of a text under this data_coding (host H6). */
static const char *stock_habit(const ByoCharsetPair *pair)
{
    if (byo_charset_is_national(pair->charset))
        return "knows no national language tables";
    switch (pair->dcs) {
    case 1:
        return "writes ASCII";
    case 3:
        return "writes ISO-8859-1";
    case 6:
        return "writes ISO-8859-5";
    case 7:
        return "writes ISO-8859-8";
    case 8:
        return "writes UTF-16BE";
    case 5:
    case 13:
    case 14:
        return "converts the octets once more";
    default:
        return "writes GSM_0338";
    }
}

/* Why the pair is skipped; caller frees. */
static char *no_carry(const ByoCharsetPair *pair, unsigned features)
{
    ByoCharsetPair lifted = *pair;

    byo_carry_decide(&lifted, features | BYO_FEATURE_RAW_PAYLOAD);
    return byo_printf(
        "{dcs %u, %s} is skipped: under data_coding %u this bearerbox %s%s", pair->dcs,
        byo_charset_name(pair->charset), pair->dcs, stock_habit(pair),
        lifted.carry != BYO_CARRY_NO
            ? "; one with the raw-payload patch of patches/ carries the pair (bearerbox-features = "
              "raw-payload)"
            : "");
}

static void read_charsets(const ByoJsonAt *charsets, ByoCharsetList *list)
{
    size_t n = byo_json_size(charsets);

    if (!byo_json_want_array(charsets))
        return;
    if (n == 0) {
        byo_json_fault(charsets, BYO_FAULT_ERROR, false,
                       "an empty list: name at least one pair, or leave charsets out for the default list");
        return;
    }
    if (n > PAIRS_MAX) {
        byo_json_fault(charsets, BYO_FAULT_ERROR, false, "%zu pairs: at most %d are allowed", n, PAIRS_MAX);
        return;
    }
    list->pairs = byo_zalloc(n * sizeof *list->pairs);
    size_t at_index[PAIRS_MAX] = {0};
    for (size_t i = 0; i < n; i++) {
        ByoJsonAt item = byo_json_item(charsets, i);
        ByoCharsetPair pair = {0};
        size_t k = 0;

        if (!read_pair(&item, &pair))
            continue;
        while (k < list->n && !same_pair(&list->pairs[k], &pair))
            k++;
        if (k < list->n) {
            byo_json_fault(&item, BYO_FAULT_ERROR, false,
                           "the pair {dcs %u, %s} stands at /charsets/%zu already", pair.dcs,
                           byo_charset_name(pair.charset), at_index[k]);
            continue;
        }
        at_index[list->n] = i;
        list->pairs[list->n++] = pair;
    }
}

/* Decides how each pair is carried. charsets: the list's place, or absent for the default list, whose
 * faults have no place in anybody's file. */
static void decide_carry(const ByoJsonAt *charsets, ByoCharsetList *list, unsigned features,
                         ByoFaults *faults)
{
    size_t usable = 0;

    if (charsets->value && list->n != byo_json_size(charsets))
        return; /* a pair is wrong: the list will not be used */
    for (size_t i = 0; i < list->n; i++) {
        ByoCharsetPair *pair = &list->pairs[i];
        byo_carry_decide(pair, features);
        if (pair->carry != BYO_CARRY_NO) {
            usable++;
            continue;
        }
        char *why = no_carry(pair, features);
        ByoJsonAt item = byo_json_item(charsets, i);
        if (item.value)
            byo_json_fault(&item, BYO_FAULT_WARNING, false, "%s", why);
        else
            byo_fault_add(faults, BYO_FAULT_WARNING, NULL, 0, 0, "default charsets: %s", why);
        free(why);
    }
    if (list->n && !usable)
        byo_json_fault(charsets, BYO_FAULT_ERROR, false, "this bearerbox can carry no pair of the list");
}

/* ---- the whole ---- */

ByoStr byo_advanced_default_text(void)
{
    return byo_strn((const char *)byo_default_advanced, byo_default_advanced_size);
}

static bool is_blank(ByoStr text)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != ' ' && text.p[i] != '\t' && text.p[i] != '\r' && text.p[i] != '\n')
            return false;
    return true;
}

/* Reads one text over what stands in *a. charsets wait for the caller: only the list that counts is
 * decided. */
static ByoJsonDoc *read_text(ByoStr text, const Reading *how, ByoAdvanced *a, ByoCharsetList *list)
{
    ByoJsonDoc *doc = byo_json_read(text, BYO_ADVANCED_MAX_SIZE, DEPTH_MAX);
    ByoJsonAt root = byo_json_root(doc);

    if (!root.value)
        return doc;
    byo_json_want_object(&root, root_members);
    ByoJsonAt codes = byo_json_member(&root, "protocolSpecificCodeMapping");
    ByoJsonAt charsets = byo_json_member(&root, "charsets");
    read_codes(&codes, how, a->map);
    if (charsets.value)
        read_charsets(&charsets, list);
    return doc;
}

ByoAdvanced *byo_advanced_load(ByoStr text, const ByoAdvancedOptions *opt, ByoFaults *faults)
{
    ByoAdvanced *a = byo_zalloc(sizeof *a);
    ByoCharsetList custom = {0};

    a->map = byo_error_map_create();
    Reading built_in = {.origin = BYO_MAP_BUILT_IN},
            own = {BYO_MAP_OWN, opt->allow_unknown_causes, opt->features};
    ByoJsonDoc *base = read_text(byo_advanced_default_text(), &built_in, a, &a->charsets);
    ByoJsonDoc *doc = read_text(is_blank(text) ? BYO_STR("{}") : text, &own, a, &custom);

    ByoJsonAt root = byo_json_root(doc), charsets = byo_json_member(&root, "charsets");
    if (charsets.value) {
        free(a->charsets.pairs);
        a->charsets = custom;
    }
    decide_carry(&charsets, &a->charsets, opt->features, faults);

    ByoBuf written = {0};
    ByoJson *copy = byo_json_copy(&root);
    if (copy)
        byo_json_canonical(copy, &written);
    byo_json_free(copy);
    a->own = byo_str_dup(byo_buf_str(&written));
    byo_buf_free(&written);

    bool good = byo_json_errors(base) == 0 && byo_json_errors(doc) == 0;
    byo_json_tell(base, "default-advanced.json", faults);
    byo_json_tell(doc, opt->file, faults);
    byo_json_close(base);
    byo_json_close(doc);
    if (good)
        return a;
    byo_advanced_destroy(a);
    return NULL;
}

void byo_advanced_destroy(ByoAdvanced *a)
{
    if (!a)
        return;
    byo_error_map_destroy(a->map);
    free(a->charsets.pairs);
    free(a->own);
    free(a);
}
