/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: whether a written value fits its key, and what would have.
 * Ownership: see key_table.h. Threads: none. */
#include "integration/key_value.h"
#include "encoding/charset.h"
#include "encoding/country.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#define ID_MAX 32
#define PATH_LIMIT 4000

void byo_secret_free(char *secret)
{
    if (secret)
        OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
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

static void add_choices(ByoBuf *b, const ByoKeyChoice *choices)
{
    for (const ByoKeyChoice *c = choices; c->name; c++)
        byo_buf_addf(b, "%s%s", c == choices ? "" : c[1].name ? ", " : " or ", c->name);
}

void byo_key_say_allowed(const ByoKeyDef *def, ByoBuf *b)
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

/* Words part at blanks and commas. False: there is none any more. */
static bool next_word(ByoStr s, size_t *at, ByoStr *word_r)
{
    while (*at < s.n && strchr(" ,\t", s.p[*at]))
        ++*at;
    size_t from = *at;
    while (*at < s.n && !strchr(" ,\t", s.p[*at]))
        ++*at;
    *word_r = byo_strn(s.p + from, *at - from);
    return *at > from;
}

void byo_key_set_text(void *field, ByoStr s, bool secret)
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

/* A function for each type: parses s for def into field. False: field is as it was. */
typedef bool Take(const ByoKeyDef *def, ByoStr s, void *field);

static bool take_text(const ByoKeyDef *def, ByoStr s, void *field)
{
    if ((int64_t)s.n < def->min || (int64_t)s.n > def->max || !byo_utf8_valid(s))
        return false;
    byo_key_set_text(field, s, def->flags & BYO_KEY_SECRET);
    return true;
}

static bool take_path(const ByoKeyDef *def, ByoStr s, void *field)
{
    if (s.n > PATH_LIMIT || (s.n == 0 && (def->flags & BYO_KEY_REQUIRED)))
        return false;
    byo_key_set_text(field, s.n ? s : BYO_STR_NONE, false);
    return true;
}

static bool take_host(const ByoKeyDef *def, ByoStr s, void *field)
{
    (void)def;
    if (!byo_key_is_host(s))
        return false;
    byo_key_set_text(field, s, false);
    return true;
}

static bool take_id(const ByoKeyDef *def, ByoStr s, void *field)
{
    if (!byo_key_is_id(s))
        return false;
    if (def->flags & BYO_KEY_ALLOCATED) {
        byo_key_set_text(field, s, false);
    } else {
        memcpy(field, s.p, s.n);
        ((char *)field)[s.n] = 0;
    }
    return true;
}

static bool take_country(const ByoKeyDef *def, ByoStr s, void *field)
{
    char country[3] = "";

    (void)def;
    if (s.n > 0 && !byo_country_parse(s, country))
        return false;
    memcpy(field, country, sizeof(country));
    return true;
}

static bool take_long(const ByoKeyDef *def, ByoStr s, void *field)
{
    int64_t number;

    if (!byo_str_int(s, &number) || number < def->min || number > def->max)
        return false;
    memcpy(field, &number, sizeof(number));
    return true;
}

static bool take_int(const ByoKeyDef *def, ByoStr s, void *field)
{
    int64_t number;

    if (!take_long(def, s, &number))
        return false;
    int value = (int)number;
    memcpy(field, &value, sizeof(value));
    return true;
}

static bool take_int_set(const ByoKeyDef *def, ByoStr s, void *field)
{
    int64_t number;

    if (!byo_str_int(s, &number))
        return false;
    for (const int *v = def->set; *v >= 0; v++)
        if (*v == number)
            return memcpy(field, v, sizeof(*v)), true;
    return false;
}

static bool take_bool(const ByoKeyDef *def, ByoStr s, void *field)
{
    bool flag;

    (void)def;
    if (!byo_key_parse_bool(s, &flag))
        return false;
    memcpy(field, &flag, sizeof(flag));
    return true;
}

static bool take_duration(const ByoKeyDef *def, ByoStr s, void *field)
{
    ByoTime ms;

    if (!byo_duration_parse(s, &ms) || ms < def->min || ms > def->max)
        return false;
    memcpy(field, &ms, sizeof(ms));
    return true;
}

static bool take_choice(const ByoKeyDef *def, ByoStr s, void *field)
{
    for (const ByoKeyChoice *c = def->choices; c->name; c++)
        if (byo_str_is(s, c->name))
            return memcpy(field, &c->value, sizeof(c->value)), true;
    return false;
}

static bool take_words(const ByoKeyDef *def, ByoStr s, void *field)
{
    unsigned bits = 0;
    ByoStr word;

    for (size_t at = 0; next_word(s, &at, &word);) {
        const ByoKeyChoice *c = def->choices;
        while (c->name && !byo_str_is(word, c->name))
            c++;
        if (!c->name)
            return false;
        bits |= (unsigned)c->value;
    }
    if (bits == 0 && (def->flags & BYO_KEY_REQUIRED))
        return false;
    memcpy(field, &bits, sizeof(bits));
    return true;
}

bool byo_key_is_number(ByoKeyType type)
{
    return type == BYO_KEY_INT || type == BYO_KEY_INT_SET || type == BYO_KEY_LONG;
}

bool byo_key_is_text(const ByoKeyDef *def)
{
    return def->type == BYO_KEY_TEXT || def->type == BYO_KEY_PATH || def->type == BYO_KEY_HOST ||
           (def->type == BYO_KEY_ID && (def->flags & BYO_KEY_ALLOCATED));
}

bool byo_key_take(const ByoKeyDef *def, ByoStr s, void *field)
{
    static Take *const takes[] = {
        [BYO_KEY_TEXT] = take_text,       [BYO_KEY_PATH] = take_path,
        [BYO_KEY_HOST] = take_host,       [BYO_KEY_ID] = take_id,
        [BYO_KEY_COUNTRY] = take_country, [BYO_KEY_INT] = take_int,
        [BYO_KEY_LONG] = take_long,       [BYO_KEY_INT_SET] = take_int_set,
        [BYO_KEY_BOOL] = take_bool,       [BYO_KEY_DURATION] = take_duration,
        [BYO_KEY_CHOICE] = take_choice,   [BYO_KEY_WORDS] = take_words,
    };
    union {
        char *text;
        char octets[ID_MAX + 1];
        int64_t number;
    } unused = {0};
    bool fits = takes[def->type](def, s, field ? field : &unused);

    if (!field && byo_key_is_text(def))
        byo_key_set_text(&unused, BYO_STR_NONE, def->flags & BYO_KEY_SECRET);
    return fits;
}
