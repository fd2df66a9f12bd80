/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: what a meta-data text says, exactly as Kannel's reader takes it, and its text form.
 * Ownership: ByoMeta owns its texts until byo_meta_free.
 * Threads: values, no shared state. */
#include "base/meta.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ITEMS_FIRST = 16 };

/* What the bytes since the last mark are. */
typedef enum { IN_NOTHING, IN_GROUP, IN_KEY, IN_VALUE } Part;

typedef struct {
    ByoMeta *m;
    ByoStr text;
    char *to;     /* where in m->text the next part is decoded to */
    size_t start; /* first byte of the part */
    Part part;
    const char *groups[BYO_META_ITEMS_MAX]; /* met: an empty group counts too */
    size_t n_groups;
    size_t first_item; /* of the current group */
    const char *group; /* the current one; NULL while in one that was met before */
    ByoStr key;
} Reader;

/* Kannel's decoding: a raw NUL or a cut escape ends the text, a wrong escape stays as it is. Never longer than what it
 * was made of. */
static ByoStr url_decode(Reader *r, ByoStr s)
{
    char *begun = r->to, *to = begun;
    size_t i = 0;

    while (i < s.n && (i == 0 || s.p[i])) {
        char c = s.p[i];

        if (c == '%') {
            int high, low;

            if (s.n - i < 3 || !s.p[i + 1] || !s.p[i + 2])
                break;
            high = byo_hex_digit(s.p[i + 1]);
            low = byo_hex_digit(s.p[i + 2]);
            if (high < 0 || low < 0) {
                memcpy(to, s.p + i, 3);
                to += 3;
            } else {
                *to++ = (char)(high << 4 | low);
            }
            i += 3;
        } else {
            *to++ = c == '+' ? ' ' : c;
            i++;
        }
    }
    *to = 0;
    r->to = to + 1;
    return byo_strn(begun, (size_t)(to - begun));
}

static void lower(char *z)
{
    for (; *z; z++)
        *z = byo_lower(*z);
}

static ByoMetaItem *add_item(ByoMeta *m)
{
    /* Grown when the count reaches a power of two: no capacity to keep in the public type. */
    if (m->n == 0 || (m->n >= ITEMS_FIRST && (m->n & (m->n - 1)) == 0))
        m->items = byo_realloc(m->items, (m->n ? m->n * 2 : ITEMS_FIRST) * sizeof(*m->items));
    m->items[m->n] = (ByoMetaItem){0};
    return &m->items[m->n++];
}

static bool end_group(Reader *r, ByoStr raw)
{
    char *name = r->to;

    if (r->n_groups == BYO_META_ITEMS_MAX)
        return false;
    url_decode(r, raw);
    lower(name);
    r->group = name;
    r->first_item = r->m->n;
    for (size_t i = 0; i < r->n_groups && r->group; i++) {
        if (strcmp(r->groups[i], name) == 0)
            r->group = NULL;
    }
    r->groups[r->n_groups++] = name;
    return true;
}

static bool end_value(Reader *r, ByoStr raw)
{
    ByoMetaItem *item = NULL;

    /* Nobody can ask for a name with a NUL in it, nor for a value in the second of two equal groups. */
    if (!r->group || strlen(r->key.p) != r->key.n)
        return true;
    for (size_t i = r->first_item; i < r->m->n && !item; i++) {
        if (strcmp(r->m->items[i].key, r->key.p) == 0)
            item = &r->m->items[i];
    }
    if (!item) {
        if (r->m->n == BYO_META_ITEMS_MAX)
            return false;
        item = add_item(r->m);
        item->group = r->group;
        item->key = r->key.p;
    }
    item->value = url_decode(r, raw);
    return true;
}

/* The part that ends before `pos` is done; `next` begins behind it. */
static bool end_part(Reader *r, size_t pos, Part next)
{
    ByoStr raw = byo_strn(r->text.p + r->start, pos - r->start);
    bool ok = true;

    if (r->part == IN_GROUP)
        ok = end_group(r, raw);
    else if (r->part == IN_KEY)
        r->key = url_decode(r, raw);
    else
        ok = end_value(r, raw);
    r->part = next;
    r->start = pos + 1;
    return ok;
}

static bool mark(Reader *r, size_t pos, char c)
{
    switch (c) {
    case '?':
        if (r->part == IN_GROUP)
            return end_part(r, pos, IN_KEY);
        if (r->part == IN_VALUE)
            return end_part(r, pos, IN_GROUP);
        r->part = IN_GROUP;
        r->start = pos + 1;
        return true;
    case '=':
        return r->part == IN_KEY && end_part(r, pos, IN_VALUE);
    case '&':
        if (r->part == IN_VALUE)
            return end_part(r, pos, IN_KEY);
        if (r->part != IN_KEY)
            return false;
        r->start = pos + 1; /* a name without a value is skipped */
        return true;
    default: /* NUL ends a value; elsewhere it is part of a name and cuts it when decoded */
        return r->part != IN_VALUE || end_part(r, pos, IN_NOTHING);
    }
}

bool byo_meta_parse(ByoStr text, ByoMeta *m)
{
    Reader r; /* not zeroed as a whole: its groups are long, and every message comes by here */
    bool ok = true;

    *m = (ByoMeta){0};
    if (text.n > BYO_META_TEXT_MAX)
        return false;
    r.m = m;
    r.text = text;
    r.start = r.n_groups = r.first_item = 0;
    r.part = IN_NOTHING;
    r.group = NULL;
    r.key = BYO_STR("");
    /* Each part has a mark before it or behind it, whose place the NUL takes. */
    r.to = m->text = byo_alloc(text.n + 2);
    for (size_t pos = 0; pos < text.n && ok; pos++) {
        char c = text.p[pos];

        if (c == '?' || c == '=' || c == '&' || c == 0)
            ok = mark(&r, pos, c);
    }
    if (ok && r.part == IN_VALUE)
        ok = end_part(&r, text.n, IN_NOTHING);
    return ok;
}

static bool same_name(const char *a, const char *b)
{
    while (*a && byo_lower(*a) == byo_lower(*b)) {
        a++;
        b++;
    }
    return byo_lower(*a) == byo_lower(*b);
}

static bool is_item(const ByoMetaItem *item, const char *group, const char *key)
{
    return (!key || same_name(item->key, key)) && same_name(item->group, group);
}

ByoStr byo_meta_get(const ByoMeta *m, const char *group, const char *key)
{
    for (size_t i = 0; i < m->n; i++) {
        if (is_item(&m->items[i], group, key))
            return m->items[i].value;
    }
    return BYO_STR_NONE;
}

void byo_meta_set(ByoMeta *m, const char *group, const char *key, ByoStr value)
{
    size_t g = strlen(group) + 1, k = strlen(key) + 1;
    char *own = byo_alloc(g + k + value.n + 1); /* first: all three may point into what is replaced */
    ByoMetaItem *item;

    memcpy(own, group, g);
    lower(own);
    memcpy(own + g, key, k);
    if (value.n > 0)
        memcpy(own + g + k, value.p, value.n);
    own[g + k + value.n] = 0;
    byo_meta_remove(m, own, own + g);
    item = add_item(m);
    *item = (ByoMetaItem){own, own + g, byo_strn(own + g + k, value.n), own};
}

void byo_meta_setf(ByoMeta *m, const char *group, const char *key, const char *fmt, ...)
{
    va_list args;
    char small[64];
    char *text = small;
    int n;

    va_start(args, fmt);
    n = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (n >= (int)sizeof(small)) {
        text = byo_alloc((size_t)n + 1);
        va_start(args, fmt);
        n = vsnprintf(text, (size_t)n + 1, fmt, args);
        va_end(args);
    }
    byo_meta_set(m, group, key, byo_strn(text, n > 0 ? (size_t)n : 0));
    if (text != small)
        free(text);
}

void byo_meta_remove(ByoMeta *m, const char *group, const char *key)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n; i++) {
        if (is_item(&m->items[i], group, key))
            free(m->items[i].own);
        else
            m->items[kept++] = m->items[i];
    }
    /* add_item grows at powers of two from what m->n says: give the array that size back. */
    if (kept < m->n) {
        size_t cap = ITEMS_FIRST;

        m->n = kept;
        while (cap < kept)
            cap *= 2;
        m->items = byo_realloc(m->items, cap * sizeof(*m->items));
    }
}

/* What stands as it is: letters, digits and "-_.~". */
static const bool plain[256] = {
    ['-'] = true, ['.'] = true, ['_'] = true, ['~'] = true, ['0'] = true, ['1'] = true, ['2'] = true,
    ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true,
    ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true, ['F'] = true, ['G'] = true,
    ['H'] = true, ['I'] = true, ['J'] = true, ['K'] = true, ['L'] = true, ['M'] = true, ['N'] = true,
    ['O'] = true, ['P'] = true, ['Q'] = true, ['R'] = true, ['S'] = true, ['T'] = true, ['U'] = true,
    ['V'] = true, ['W'] = true, ['X'] = true, ['Y'] = true, ['Z'] = true, ['a'] = true, ['b'] = true,
    ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true,
    ['j'] = true, ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true,
    ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true, ['w'] = true,
    ['x'] = true, ['y'] = true, ['z'] = true,
};

/* Up to three octets for each of s. Where it ends. */
static char *url_encode(const char *p, size_t n, char *to)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];

        if (plain[c]) {
            *to++ = (char)c;
        } else if (c == ' ') {
            *to++ = '+';
        } else {
            *to++ = '%';
            *to++ = hex[c >> 4];
            *to++ = hex[c & 0x0f];
        }
    }
    return to;
}

/* What was written behind the end of out, which has the room, is its end. */
static void ends_at(ByoBuf *out, char *to)
{
    *to = 0;
    out->n = (size_t)(to - out->p);
}

void byo_meta_put_group(ByoBuf *out, const char *group)
{
    size_t n = strlen(group);
    char *to;

    byo_buf_need(out, 3 * n + 2);
    to = out->p + out->n;
    *to++ = '?';
    to = url_encode(group, n, to);
    *to++ = '?';
    ends_at(out, to);
}

void byo_meta_put(ByoBuf *out, const char *key, ByoStr value)
{
    size_t n = strlen(key);
    char *to;

    byo_buf_need(out, 3 * (n + value.n) + 2);
    to = url_encode(key, n, out->p + out->n);
    *to++ = '=';
    to = url_encode(value.p, value.n, to);
    *to++ = '&';
    ends_at(out, to);
}

void byo_meta_put_int(ByoBuf *out, const char *key, int value)
{
    char text[12], *at = text + sizeof(text);
    unsigned left = value < 0 ? 0u - (unsigned)value : (unsigned)value;

    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (value < 0)
        *--at = '-';
    byo_meta_put(out, key, byo_strn(at, (size_t)(text + sizeof(text) - at)));
}

/* The items of a group stand together whatever the order they were set in: Kannel reads only the first
 * of two equal groups. */
void byo_meta_write(const ByoMeta *m, ByoBuf *out)
{
    for (size_t i = 0; i < m->n; i++) {
        const char *group = m->items[i].group;
        size_t j = 0;

        while (j < i && strcmp(m->items[j].group, group) != 0)
            j++;
        if (j < i)
            continue; /* written with its first item */
        byo_meta_put_group(out, group);
        for (j = i; j < m->n; j++) {
            if (strcmp(m->items[j].group, group) == 0)
                byo_meta_put(out, m->items[j].key, m->items[j].value);
        }
    }
}

void byo_meta_free(ByoMeta *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++)
        free(m->items[i].own);
    free(m->items);
    free(m->text);
    *m = (ByoMeta){0};
}
