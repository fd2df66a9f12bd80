/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: whether a written value fits its key, and the sentence when it does not.
 * Ownership: see key_table.h. Threads: none. */
#include "integration/key_table.h"
#include "encoding/charset.h"
#include "encoding/country.h"

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ID_MAX 32
#define PATH_LIMIT 4000
#define SHOWN_MAX 80 /* octets of a value a fault repeats */

void byo_secret_free(char *secret)
{
    if (secret)
        OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
}

const ByoKeyLine *byo_key_find(const ByoKeyGroup *group, const char *key)
{
    for (size_t k = group->n; k > 0; k--)
        if (strcmp(group->keys[k - 1].key, key) == 0)
            return &group->keys[k - 1];
    return NULL;
}

/* What a person typed, safe for a terminal and of bounded length. */
static void shown(const char *value, char out[SHOWN_MAX + 4])
{
    size_t n = 0;
    for (; value[n] && n < SHOWN_MAX; n++) {
        unsigned char c = (unsigned char)value[n];
        out[n] = (char)(c < 0x20 || c == 0x7f ? '?' : c);
    }
    if (value[n]) { /* cut before, not inside, a UTF-8 sequence */
        while (n > 0 && ((unsigned char)value[n] & 0xc0) == 0x80)
            n--;
        memcpy(out + n, "...", 3);
        n += 3;
    }
    out[n] = 0;
}

void byo_key_fault(ByoFaults *faults, ByoSeverity severity, const ByoKeyGroup *group, const char *who,
                   const ByoKeyLine *line, bool secret, const char *fmt, ...)
{
    ByoBuf text = {0};
    char value[SHOWN_MAX + 4], *sentence = NULL;
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&sentence, fmt, args) < 0)
        sentence = NULL;
    va_end(args);
    byo_buf_adds(&text, who);
    if (line) {
        char key[SHOWN_MAX + 4];
        shown(line->key, key);
        shown(line->value, value);
        byo_buf_addf(&text, ", %s%s%s", key, secret ? "" : " = ", secret ? "" : value);
    }
    byo_buf_addf(&text, ": %s", sentence ? sentence : fmt);
    byo_fault_add(faults, severity, line ? line->file : group->file, line ? line->line : group->line, 0, "%s",
                  text.p);
    byo_buf_free(&text);
    free(sentence);
}

bool byo_key_parse_bool(ByoStr s, bool *value_r)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};

    for (size_t k = 0; k < 4; k++) {
        if (byo_str_ieq(s, byo_str(yes[k])))
            return *value_r = true, true;
        if (byo_str_ieq(s, byo_str(no[k])))
            return *value_r = false, true;
    }
    return false;
}

static bool is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool byo_key_is_id(ByoStr s)
{
    if (s.n < 1 || s.n > ID_MAX)
        return false;
    for (size_t k = 0; k < s.n; k++)
        if (!is_alnum((unsigned char)s.p[k]) && !strchr("._-", s.p[k]))
            return false;
    return true;
}

bool byo_key_is_host(ByoStr s)
{
    size_t label = 0;

    if (s.n < 1 || s.n > 253)
        return false;
    for (size_t k = 0; k < s.n; k++) {
        if (s.p[k] == '.') {
            if (label == 0 || s.p[k - 1] == '-')
                return false;
            label = 0;
            continue;
        }
        if (!is_alnum((unsigned char)s.p[k]) && s.p[k] != '-' && s.p[k] != '_')
            return false;
        if ((s.p[k] == '-' && label == 0) || ++label > 63)
            return false;
    }
    return s.p[s.n - 1] != '-';
}

/* Edits between two words (insert, delete, change, swap of neighbours), no more than limit + 1. */
static size_t distance(const char *a, const char *b, size_t limit)
{
    size_t n = strlen(a), m = strlen(b), rows[3][65];
    size_t *before = rows[0], *prev = rows[1], *cur = rows[2];

    if (n > 64 || m > 64 || (n > m ? n - m : m - n) > limit)
        return limit + 1;
    for (size_t j = 0; j <= m; j++)
        prev[j] = j;
    for (size_t i = 1; i <= n; i++) {
        cur[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = prev[j - 1] + (a[i - 1] != b[j - 1]);
            if (prev[j] + 1 < best)
                best = prev[j] + 1;
            if (cur[j - 1] + 1 < best)
                best = cur[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            cur[j] = best;
        }
        size_t *spare = before;
        before = prev;
        prev = cur;
        cur = spare;
    }
    return prev[m];
}

const char *byo_key_nearest(const char *typed, const char *const *candidates, size_t n)
{
    const char *best = NULL;
    size_t limit = strlen(typed) / 3, best_distance;

    if (limit > 4)
        limit = 4;
    best_distance = limit + 1;
    for (size_t k = 0; k < n; k++) {
        size_t d = distance(typed, candidates[k], limit);
        if (d < best_distance) {
            best_distance = d;
            best = candidates[k];
        }
    }
    return best;
}

/* "90s", "15m", "72h", "10d": the largest unit that divides it. */
static void add_duration(ByoBuf *b, ByoTime ms)
{
    static const struct {
        ByoTime unit;
        char letter;
    } units[] = {{BYO_DAY, 'd'}, {BYO_HOUR, 'h'}, {BYO_MINUTE, 'm'}, {BYO_SECOND, 's'}};
    size_t u = 0;

    while (u < 3 && ms % units[u].unit != 0)
        u++;
    byo_buf_addf(b, "%lld%c", (long long)(ms / units[u].unit), units[u].letter);
}

void byo_key_add_duration(ByoBuf *text, const ByoKeyDef *def, ByoTime ms)
{
    ByoTime usual;

    if (def->def && byo_duration_parse(byo_str(def->def), &usual) && usual == ms)
        byo_buf_adds(text, def->def);
    else
        add_duration(text, ms);
}

const char *byo_key_camel(const char *key, char out[BYO_KEY_CAMEL])
{
    size_t n = 0;

    for (bool high = false; *key && n < BYO_KEY_CAMEL - 1; key++)
        if (*key == '-')
            high = true;
        else
            out[n++] = (char)(high ? *key - 'a' + 'A' : *key), high = false;
    out[n] = 0;
    return out;
}

static void add_choices(ByoBuf *b, const ByoKeyChoice *choices)
{
    for (const ByoKeyChoice *c = choices; c->name; c++)
        byo_buf_addf(b, "%s%s", c == choices ? "" : c[1].name ? ", " : " or ", c->name);
}

/* "must be ...": what would have been right. */
static void say_allowed(const ByoKeyDef *def, ByoBuf *b)
{
    switch (def->type) {
    case BYO_KEY_TEXT:
        if (def->min > 0)
            byo_buf_addf(b, "must be a text of %lld to %lld octets", (long long)def->min,
                         (long long)def->max);
        else
            byo_buf_addf(b, "must be a text of at most %lld octets", (long long)def->max);
        break;
    case BYO_KEY_PATH:
        byo_buf_addf(b, "must be the path of a file, at most %d octets", PATH_LIMIT);
        break;
    case BYO_KEY_HOST:
        byo_buf_adds(b, "must be a host name or an IPv4 address (bearerbox connects over IPv4)");
        break;
    case BYO_KEY_ID:
        byo_buf_addf(b, "must be 1 to %d letters, digits, '.', '_' or '-'", ID_MAX);
        break;
    case BYO_KEY_COUNTRY:
        byo_buf_adds(b, "must be a country, two letters of ISO 3166 such as US");
        break;
    case BYO_KEY_INT:
    case BYO_KEY_LONG:
        byo_buf_addf(b, "must be a whole number from %lld to %lld", (long long)def->min, (long long)def->max);
        break;
    case BYO_KEY_INT_SET:
        byo_buf_adds(b, "must be one of");
        for (const int *v = def->set; *v >= 0; v++)
            byo_buf_addf(b, "%s %d", v == def->set ? "" : ",", *v);
        break;
    case BYO_KEY_BOOL:
        byo_buf_adds(b, "must be yes, no, true, false, on, off, 1 or 0");
        break;
    case BYO_KEY_DURATION:
        byo_buf_adds(b, "must be a duration from ");
        add_duration(b, def->min);
        byo_buf_adds(b, " to ");
        add_duration(b, def->max);
        byo_buf_adds(b, ", such as 30, 30s, 15m, 72h or 10d");
        break;
    case BYO_KEY_CHOICE:
        byo_buf_adds(b, "must be ");
        add_choices(b, def->choices);
        break;
    case BYO_KEY_WORDS:
        byo_buf_adds(b, "must be names separated by blanks or commas, out of ");
        add_choices(b, def->choices);
        break;
    }
}

static bool parse_words(const ByoKeyDef *def, ByoStr s, unsigned *bits_r)
{
    unsigned bits = 0;
    size_t at = 0;

    for (;;) {
        while (at < s.n && strchr(" ,\t", s.p[at]))
            at++;
        if (at == s.n)
            break;
        size_t end = at;
        while (end < s.n && !strchr(" ,\t", s.p[end]))
            end++;
        const ByoKeyChoice *c = def->choices;
        while (c->name && !byo_str_is(byo_strn(s.p + at, end - at), c->name))
            c++;
        if (!c->name)
            return false;
        bits |= (unsigned)c->value;
        at = end;
    }
    *bits_r = bits;
    return bits != 0 || !(def->flags & BYO_KEY_REQUIRED);
}

static void set_text(void *field, ByoStr s, bool secret)
{
    char *old;

    memcpy(&old, field, sizeof(old));
    if (secret)
        byo_secret_free(old);
    else
        free(old);
    char *copy = byo_str_dup(s);
    memcpy(field, &copy, sizeof(copy));
}

/* Parses s for def; field NULL: a check only. */
static bool take(const ByoKeyDef *def, ByoStr s, void *field)
{
    int64_t number;
    ByoTime ms;
    bool flag;
    unsigned bits;
    int value;
    char country[3] = "";

    switch (def->type) {
    case BYO_KEY_TEXT:
        if ((int64_t)s.n < def->min || (int64_t)s.n > def->max || !byo_utf8_valid(s))
            return false;
        if (field)
            set_text(field, s, def->flags & BYO_KEY_SECRET);
        return true;
    case BYO_KEY_PATH:
        if (s.n > PATH_LIMIT || (s.n == 0 && (def->flags & BYO_KEY_REQUIRED)))
            return false;
        if (field)
            set_text(field, s.n ? s : BYO_STR_NONE, false);
        return true;
    case BYO_KEY_HOST:
        if (!byo_key_is_host(s))
            return false;
        if (field)
            set_text(field, s, false);
        return true;
    case BYO_KEY_ID:
        if (!byo_key_is_id(s))
            return false;
        if (field && (def->flags & BYO_KEY_ALLOCATED)) {
            set_text(field, s, false);
        } else if (field) {
            memcpy(field, s.p, s.n);
            ((char *)field)[s.n] = 0;
        }
        return true;
    case BYO_KEY_COUNTRY:
        if (s.n > 0 && !byo_country_parse(s, country))
            return false;
        if (field)
            memcpy(field, country, sizeof(country));
        return true;
    case BYO_KEY_INT:
    case BYO_KEY_LONG:
        if (!byo_str_int(s, &number) || number < def->min || number > def->max)
            return false;
        if (field && def->type == BYO_KEY_LONG) {
            memcpy(field, &number, sizeof(number));
        } else if (field) {
            value = (int)number;
            memcpy(field, &value, sizeof(value));
        }
        return true;
    case BYO_KEY_INT_SET:
        if (!byo_str_int(s, &number))
            return false;
        for (const int *v = def->set; *v >= 0; v++)
            if (*v == number) {
                if (field)
                    memcpy(field, v, sizeof(*v));
                return true;
            }
        return false;
    case BYO_KEY_BOOL:
        if (!byo_key_parse_bool(s, &flag))
            return false;
        if (field)
            memcpy(field, &flag, sizeof(flag));
        return true;
    case BYO_KEY_DURATION:
        if (!byo_duration_parse(s, &ms) || ms < def->min || ms > def->max)
            return false;
        if (field)
            memcpy(field, &ms, sizeof(ms));
        return true;
    case BYO_KEY_CHOICE:
        for (const ByoKeyChoice *c = def->choices; c->name; c++)
            if (byo_str_is(s, c->name)) {
                if (field)
                    memcpy(field, &c->value, sizeof(c->value));
                return true;
            }
        return false;
    case BYO_KEY_WORDS:
        if (!parse_words(def, s, &bits))
            return false;
        if (field)
            memcpy(field, &bits, sizeof(bits));
        return true;
    }
    return false;
}

static void *field_of(const ByoKeyDef *def, void *target)
{
    return def->flags & BYO_KEY_PASSED ? NULL : (char *)target + def->offset;
}

static void read_line(const ByoKeyDef *def, const ByoKeyGroup *group, const char *who, const ByoKeyLine *line,
                      void *target, ByoFaults *faults)
{
    bool secret = def->flags & BYO_KEY_SECRET;
    ByoStr s = byo_str(line->value);

    if (line->told)
        return;
    if (line->open_quote) {
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, secret,
                      "the value starts with a quote but does not end with it (a # is a comment only at the "
                      "start of a line)");
        return;
    }
    if (!take(def, s, field_of(def, target))) {
        ByoBuf allowed = {0};
        say_allowed(def, &allowed);
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, secret, "%s", allowed.p);
        byo_buf_free(&allowed);
        return;
    }
    if ((def->flags & BYO_KEY_RENDERED) && strstr(line->value, "include"))
        byo_key_fault(
            faults, BYO_FAULT_ERROR, group, who, line, secret,
            "the word \"include\" may not stand in it: bearerbox would take the line for a directive");
}

static void unknown(const ByoKeyTable *table, const ByoKeyGroup *group, const char *who,
                    const ByoKeyLine *line, ByoFaults *faults)
{
    for (size_t k = 0; k < table->n_refusals; k++)
        if (strcmp(table->refusals[k].name, line->key) == 0) {
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, true, "not allowed here: %s",
                          table->refusals[k].why);
            return;
        }
    const char **names = byo_alloc((table->n_defs + 1) * sizeof(*names));
    for (size_t k = 0; k < table->n_defs; k++)
        names[k] = table->defs[k].name;
    const char *near = byo_key_nearest(line->key, names, table->n_defs);
    /* The value stays unsaid: it may be a password behind a misspelt key. */
    if (near)
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, true, "unknown key; did you mean %s?", near);
    else
        byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, true, "unknown key");
    free(names);
}

bool byo_keys_read(const ByoKeyTable *table, const ByoKeyGroup *group, const char *who, void *target,
                   ByoFaults *faults)
{
    size_t before = faults->errors;

    for (size_t d = 0; d < table->n_defs; d++) {
        const ByoKeyDef *def = &table->defs[d];
        void *field = field_of(def, target);
        if (def->def && field)
            take(def, byo_str(def->def), field);
        if ((def->flags & BYO_KEY_REQUIRED) && !byo_key_find(group, def->name)) {
            ByoBuf allowed = {0};
            say_allowed(def, &allowed);
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, NULL, false, "%s is missing; it %s", def->name,
                          allowed.p);
            byo_buf_free(&allowed);
        }
    }
    for (size_t k = 0; k < group->n; k++) {
        const ByoKeyLine *line = &group->keys[k];
        size_t d = 0, first = 0;
        while (first < k && strcmp(group->keys[first].key, line->key) != 0)
            first++;
        if (first < k) {
            byo_key_fault(faults, BYO_FAULT_ERROR, group, who, line, true,
                          "stands here a second time; the first is on line %d of %s", group->keys[first].line,
                          group->keys[first].file);
            continue;
        }
        while (d < table->n_defs && strcmp(table->defs[d].name, line->key) != 0)
            d++;
        if (d < table->n_defs)
            read_line(&table->defs[d], group, who, line, target, faults);
        else
            unknown(table, group, who, line, faults);
    }
    return faults->errors == before;
}

void byo_keys_clear(const ByoKeyTable *table, void *target)
{
    for (size_t d = 0; d < table->n_defs; d++) {
        const ByoKeyDef *def = &table->defs[d];
        if (def->flags & BYO_KEY_PASSED)
            continue;
        if (def->type == BYO_KEY_TEXT || def->type == BYO_KEY_PATH || def->type == BYO_KEY_HOST ||
            (def->type == BYO_KEY_ID && (def->flags & BYO_KEY_ALLOCATED)))
            set_text(field_of(def, target), BYO_STR_NONE, def->flags & BYO_KEY_SECRET);
    }
}
