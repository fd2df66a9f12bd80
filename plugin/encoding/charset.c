/* SPDX-License-Identifier: BSD-3-Clause
 * The registry of charsets, and texts into octets and back by their tables.
 * Ownership: charsets live until the process ends. Threads: the list is behind a lock, what it gives out
 * is read-only. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "encoding/national.h"
#include "encoding/packed.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ByoCharset *charsets; /* newest first */

#define NAME_MAX_OCTETS sizeof(((ByoCharset *)0)->name)

/* Names people and other documents use for the charsets we have tables of. */
static const struct {
    const char *alias, *name;
} aliases[] = {
    {"GSM0338", "GSM_0338"},      {"GSM-0338", "GSM_0338"},     {"GSM03.38", "GSM_0338"},
    {"US-ASCII", "ASCII"},        {"US_ASCII", "ASCII"},        {"ISO646-US", "ASCII"},
    {"LATIN1", "ISO-8859-1"},     {"ISO8859-1", "ISO-8859-1"},  {"ISO_8859-1", "ISO-8859-1"},
    {"ISO88591", "ISO-8859-1"},   {"CYRILLIC", "ISO-8859-5"},   {"ISO8859-5", "ISO-8859-5"},
    {"ISO_8859-5", "ISO-8859-5"}, {"ISO88595", "ISO-8859-5"},   {"HEBREW", "ISO-8859-8"},
    {"ISO8859-8", "ISO-8859-8"},  {"ISO_8859-8", "ISO-8859-8"}, {"ISO88598", "ISO-8859-8"},
    {"JIS_X0201", "JIS0201"},     {"JIS-X0201", "JIS0201"},     {"JISX0201", "JIS0201"},
    {"X0201", "JIS0201"},         {"UTF16BE", "UTF-16BE"},      {"UTF_16BE", "UTF-16BE"},
};

static ByoCharset *add(const char *name, ByoCharsetKind kind, const ByoCharsetTable *table)
{
    ByoCharset *cs = byo_zalloc(sizeof *cs);

    memcpy(cs->name, name, strlen(name) + 1); /* every caller keeps to sizeof cs->name */
    cs->kind = kind;
    cs->table = table;
    cs->next = charsets;
    charsets = cs;
    return cs;
}

static ByoCharset *find_listed(const char *name)
{
    for (ByoCharset *cs = charsets; cs; cs = cs->next)
        if (byo_str_ieq(byo_str(cs->name), byo_str(name)))
            return cs;
    return NULL;
}

static void add_own(void)
{
    add("UTF-16BE", BYO_KIND_UTF16BE, NULL);
    add("JIS0201", BYO_KIND_TABLE, byo_jis0201_table());
    add("ISO-8859-8", BYO_KIND_TABLE, byo_iso8859_8_table());
    add("ISO-8859-5", BYO_KIND_TABLE, byo_iso8859_5_table());
    add("ISO-8859-1", BYO_KIND_TABLE, byo_iso8859_1_table());
    add("ASCII", BYO_KIND_TABLE, byo_ascii_table());
    const ByoCharset *gsm = add("GSM_0338", BYO_KIND_GSM, byo_national_table(0, 0));
    add("GSM_0338/packed", BYO_KIND_PACKED, gsm->table);
}

static const ByoCharset *way(const char *name, unsigned locking, unsigned single)
{
    ByoCharset *cs = byo_zalloc(sizeof *cs);

    memcpy(cs->name, name, strlen(name) + 1);
    cs->kind = BYO_KIND_GSM;
    cs->locking = (uint8_t)locking;
    cs->single = (uint8_t)single;
    cs->table = byo_national_table(locking, single);
    return cs;
}

/* GSM_0338/TR and the like: their tables are made when somebody asks for them. */
static ByoCharset *find_national(const char *name)
{
    unsigned language = strncmp(name, "GSM_0338/", 9) ? 0 : byo_national_find(byo_str(name + 9));

    if (!language)
        return NULL;
    const ByoCharset *plain = find_listed("GSM_0338");
    ByoCharset *cs = add(name, BYO_KIND_NATIONAL, NULL);
    cs->ways[BYO_WAY_PLAIN] = plain;
    cs->ways[BYO_WAY_SINGLE] = way(name, 0, language);
    if (byo_national_locks(language)) {
        cs->ways[BYO_WAY_LOCKING] = way(name, language, 0);
        cs->ways[BYO_WAY_BOTH] = way(name, language, language);
    }
    return cs;
}

/* Upper case; false for what no charset is called, above all iconv's //TRANSLIT and a NUL inside. One slash is
 * allowed: what stands behind it is a form of GSM_0338. */
static bool name_clean(ByoStr name, char out[NAME_MAX_OCTETS])
{
    const char *slash = name.n ? memchr(name.p, '/', name.n) : NULL;
    char form[8] = "";

    if (slash) {
        ByoStr after = byo_strn(slash + 1, (size_t)(name.p + name.n - slash - 1));
        if (after.n == 0 || after.n >= sizeof form)
            return false;
        for (size_t i = 0; i < after.n; i++) {
            form[i] = after.p[i] >= 'a' && after.p[i] <= 'z' ? (char)(after.p[i] - 'a' + 'A') : after.p[i];
            if (form[i] < 'A' || form[i] > 'Z')
                return false;
        }
        name.n = (size_t)(slash - name.p);
    }
    if (name.n == 0 || name.n + sizeof form + 1 >= NAME_MAX_OCTETS)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(c >= '0' && c <= '9') && !(c && strchr("-_.:+()", c)))
            return false;
        out[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    out[name.n] = 0;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (strcmp(out, aliases[i].alias) == 0) {
            memcpy(out, aliases[i].name, strlen(aliases[i].name) + 1);
            break;
        }
    if (!slash)
        return true;
    if (strcmp(out, "GSM_0338") != 0)
        return false;
    snprintf(out + 8, NAME_MAX_OCTETS - 8, "/%s", form);
    return true;
}

/* Several of iconv's names mean one charset: its table is kept once. */
static ByoCharset *find_iconv(const char *name)
{
    ByoCharsetTable *table = byo_iconv_table(name);

    if (!table)
        return NULL;
    for (ByoCharset *cs = charsets; cs; cs = cs->next)
        if (cs->kind == BYO_KIND_TABLE && byo_table_equal(cs->table, table)) {
            byo_table_free(table);
            return add(name, BYO_KIND_TABLE, cs->table);
        }
    return add(name, BYO_KIND_TABLE, table);
}

const ByoCharset *byo_charset_find(ByoStr name)
{
    char clean[NAME_MAX_OCTETS];
    ByoCharset *cs;

    if (!name_clean(name, clean))
        return NULL;
    pthread_mutex_lock(&lock);
    if (!charsets)
        add_own();
    cs = find_listed(clean);
    if (!cs)
        cs = find_national(clean);
    if (!cs && !strchr(clean, '/'))
        cs = find_iconv(clean);
    pthread_mutex_unlock(&lock);
    return cs;
}

const char *byo_charset_name(const ByoCharset *cs)
{
    return cs->name;
}

bool byo_charset_is_gsm(const ByoCharset *cs)
{
    return cs->kind == BYO_KIND_GSM && !cs->locking && !cs->single;
}

bool byo_charset_is_packed(const ByoCharset *cs)
{
    return cs->kind == BYO_KIND_PACKED;
}

bool byo_charset_is_national(const ByoCharset *cs)
{
    return cs->kind == BYO_KIND_NATIONAL || cs->locking || cs->single;
}

bool byo_charset_is_utf16be(const ByoCharset *cs)
{
    return cs->kind == BYO_KIND_UTF16BE;
}

static size_t utf16be_char(uint32_t scalar, unsigned char out[8])
{
    if (scalar > BYO_SCALAR_MAX || (scalar >= 0xD800 && scalar <= 0xDFFF))
        return 0;
    if (scalar < 0x10000) {
        out[0] = (unsigned char)(scalar >> 8);
        out[1] = (unsigned char)scalar;
        return 2;
    }
    uint32_t high = 0xD800 + ((scalar - 0x10000) >> 10), low = 0xDC00 + ((scalar - 0x10000) & 0x3FF);
    out[0] = (unsigned char)(high >> 8);
    out[1] = (unsigned char)high;
    out[2] = (unsigned char)(low >> 8);
    out[3] = (unsigned char)low;
    return 4;
}

size_t byo_charset_encode_char(const ByoCharset *cs, uint32_t scalar, unsigned char out[8])
{
    uint32_t code;
    unsigned n;

    if (cs->kind == BYO_KIND_UTF16BE)
        return utf16be_char(scalar, out);
    n = byo_table_look(cs->table, scalar, &code);
    for (unsigned i = n; i-- > 0; code >>= 8)
        out[i] = (unsigned char)code;
    return n;
}

static const ByoCharset *find_gsm(void)
{
    return byo_charset_find(BYO_STR("GSM_0338"));
}

static void buf_back_to(ByoBuf *b, size_t n)
{
    b->n = n;
    if (b->p)
        b->p[n] = 0;
}

/* The way that takes the fewest septets. */
static bool national_encode(const ByoCharset *cs, ByoStr utf8, ByoBuf *out, uint32_t *bad_r)
{
    ByoBuf best = {0}, one = {0};
    bool found = false;

    for (int w = 0; w < BYO_WAYS; w++) {
        byo_buf_clear(&one);
        if (!cs->ways[w] || !byo_charset_encode(cs->ways[w], utf8, &one, bad_r) || (found && one.n >= best.n))
            continue;
        ByoBuf other = best;
        best = one;
        one = other;
        found = true;
    }
    byo_buf_add(out, byo_buf_str(&best).p, best.n);
    byo_buf_free(&best);
    byo_buf_free(&one);
    return found;
}

bool byo_charset_encode(const ByoCharset *cs, ByoStr utf8, ByoBuf *out, uint32_t *bad_r)
{
    size_t before = out->n, pos = 0;

    if (cs->kind == BYO_KIND_NATIONAL)
        return national_encode(cs, utf8, out, bad_r);
    if (cs->kind == BYO_KIND_PACKED) {
        ByoBuf septets = {0};
        bool all = byo_charset_encode(find_gsm(), utf8, &septets, bad_r);
        if (all)
            byo_packed_write(byo_buf_str(&septets), 0, out);
        byo_buf_free(&septets);
        return all;
    }

    while (pos < utf8.n) {
        unsigned char octets[8];
        uint32_t scalar = byo_utf8_next(utf8, &pos);
        size_t n = byo_charset_encode_char(cs, scalar, octets);
        if (n == 0) {
            buf_back_to(out, before);
            if (bad_r)
                *bad_r = scalar;
            return false;
        }
        byo_buf_add(out, octets, n);
    }
    return true;
}

static uint32_t back_find(const ByoCharsetTable *t, size_t n, uint32_t code)
{
    uint64_t key = (uint64_t)n << 32 | code;
    size_t low = 0, high = t->n_back;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->back[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->n_back && t->back[low].key == key ? t->back[low].scalar : BYO_SCALAR_NONE;
}

/* The character at p; its octets in *used_r. */
static uint32_t decode_char(const ByoCharsetTable *t, const unsigned char *p, size_t n, size_t *used_r)
{
    uint32_t code = p[0];

    *used_r = 1;
    if (t->single[p[0]] != BYO_SCALAR_NONE)
        return t->single[p[0]];
    for (size_t k = 2; k <= BYO_CHARSET_OCTETS_MAX && k <= n; k++) {
        code = code << 8 | p[k - 1];
        if (!(t->lead[p[0]] & 1u << k))
            continue;
        uint32_t scalar = back_find(t, k, code);
        if (scalar != BYO_SCALAR_NONE) {
            *used_r = k;
            return scalar;
        }
    }
    return BYO_SCALAR_NONE;
}

bool byo_charset_decode(const ByoCharset *cs, ByoStr octets, ByoBuf *utf8)
{
    const unsigned char *p = (const unsigned char *)octets.p;
    size_t before = utf8->n, used;

    if (cs->kind == BYO_KIND_UTF16BE)
        return byo_utf16be_to_utf8(octets, utf8);
    if (cs->kind == BYO_KIND_NATIONAL) /* no header names a table */
        cs = cs->ways[BYO_WAY_PLAIN];
    if (cs->kind == BYO_KIND_PACKED) {
        ByoBuf septets = {0};
        byo_packed_read(octets, 0, &septets);
        bool all = byo_charset_decode(find_gsm(), byo_buf_str(&septets), utf8);
        byo_buf_free(&septets);
        return all;
    }
    for (size_t i = 0; i < octets.n; i += used) {
        uint32_t scalar = decode_char(cs->table, p + i, octets.n - i, &used);
        if (scalar == BYO_SCALAR_NONE) {
            buf_back_to(utf8, before);
            return false;
        }
        byo_utf8_add(utf8, scalar);
    }
    return true;
}

size_t byo_charset_decode_all(const ByoCharset *cs, ByoStr octets, ByoBuf *utf8)
{
    const unsigned char *p = (const unsigned char *)octets.p;
    size_t bad = 0, used;

    switch (cs->kind) {
    case BYO_KIND_UTF16BE: /* a byte order mark says more than the name */
        return byo_utf16_decode(octets, octets.n >= 2 && p[0] == 0xFF && p[1] == 0xFE, utf8);
    case BYO_KIND_GSM:
    case BYO_KIND_NATIONAL:
        return byo_national_decode(cs->locking, cs->single, octets, utf8);
    case BYO_KIND_PACKED: {
        ByoBuf septets = {0};
        byo_packed_read(octets, 0, &septets);
        bad = byo_national_decode(0, 0, byo_buf_str(&septets), utf8);
        byo_buf_free(&septets);
        return bad;
    }
    case BYO_KIND_TABLE:
        break;
    }
    for (size_t i = 0; i < octets.n; i += used) {
        uint32_t scalar = decode_char(cs->table, p + i, octets.n - i, &used);
        bad += scalar == BYO_SCALAR_NONE;
        byo_utf8_add(utf8, scalar == BYO_SCALAR_NONE ? 0xFFFD : scalar);
    }
    return bad;
}
