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
    size_t start; /* first byte of the part */
    Part part;
    ByoBuf groups; /* names met, NUL-terminated, one after the other: an empty group counts too */
    size_t n_groups;
    size_t first_item; /* of the current group */
    char *group;       /* the current one; NULL while in one that was met before */
    ByoBuf key;
} Reader;

/* Kannel's decoding: a raw NUL or a cut escape ends the text, a wrong escape stays as it is. */
static void url_decode(ByoStr s, ByoBuf *out)
{
    size_t i = 0;

    byo_buf_clear(out);
    byo_buf_need(out, s.n);
    while (i < s.n && (i == 0 || s.p[i])) {
        char c = s.p[i];

        if (c == '%') {
            int high, low;

            if (s.n - i < 3 || !s.p[i + 1] || !s.p[i + 2])
                break;
            high = byo_hex_digit(s.p[i + 1]);
            low = byo_hex_digit(s.p[i + 2]);
            if (high < 0 || low < 0) {
                memcpy(out->p + out->n, s.p + i, 3);
                out->n += 3;
            } else {
                out->p[out->n++] = (char)(high << 4 | low);
            }
            i += 3;
        } else {
            out->p[out->n++] = c == '+' ? ' ' : c;
            i++;
        }
    }
    out->p[out->n] = 0;
}

static void lower(char *z)
{
    for (; *z; z++) {
        if (*z >= 'A' && *z <= 'Z')
            *z = (char)(*z + ('a' - 'A'));
    }
}

static ByoMetaItem *add_item(ByoMeta *m)
{
    /* Grown when the count reaches a power of two: no capacity to keep in the public type. */
    if (m->n == 0 || (m->n >= ITEMS_FIRST && (m->n & (m->n - 1)) == 0))
        m->items = byo_realloc(m->items, (m->n ? m->n * 2 : ITEMS_FIRST) * sizeof(*m->items));
    m->items[m->n] = (ByoMetaItem){0};
    return &m->items[m->n++];
}

/* Both names lie in one piece of memory, which is the group's. */
static void set_names(ByoMetaItem *item, const char *group, const char *key)
{
    size_t g = strlen(group) + 1, k = strlen(key) + 1;

    item->group = byo_alloc(g + k);
    item->key = item->group + g;
    memcpy(item->group, group, g);
    memcpy(item->key, key, k);
}

static void free_item(ByoMetaItem *item)
{
    free(item->group);
    byo_buf_free(&item->value);
}

static bool end_group(Reader *r, ByoStr raw)
{
    ByoBuf name = {0};
    const char *met;

    if (++r->n_groups > BYO_META_ITEMS_MAX)
        return false;
    url_decode(raw, &name);
    lower(name.p);
    free(r->group);
    r->group = name.p;
    r->first_item = r->m->n;
    for (met = r->groups.p; met && met < r->groups.p + r->groups.n; met += strlen(met) + 1) {
        if (strcmp(met, name.p) == 0) {
            free(r->group);
            r->group = NULL;
            return true;
        }
    }
    byo_buf_add(&r->groups, name.p, strlen(name.p) + 1);
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
        set_names(item, r->group, r->key.p);
    }
    url_decode(raw, &item->value);
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
        url_decode(raw, &r->key);
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
    Reader r = {.m = m, .text = text};
    bool ok = true;

    *m = (ByoMeta){0};
    if (text.n > BYO_META_TEXT_MAX)
        return false;
    for (size_t pos = 0; pos < text.n && ok; pos++) {
        char c = text.p[pos];

        if (c == '?' || c == '=' || c == '&' || c == 0)
            ok = mark(&r, pos, c);
    }
    if (ok && r.part == IN_VALUE)
        ok = end_part(&r, text.n, IN_NOTHING);
    free(r.group);
    byo_buf_free(&r.groups);
    byo_buf_free(&r.key);
    return ok;
}

static bool is_item(const ByoMetaItem *item, const char *group, const char *key)
{
    /* The first character of a key without its case: most are told by it. */
    return (!key || ((item->key[0] ^ key[0]) & 0xdf) == 0) &&
           byo_str_ieq(byo_str(item->group), byo_str(group)) &&
           (!key || byo_str_ieq(byo_str(item->key), byo_str(key)));
}

ByoStr byo_meta_get(const ByoMeta *m, const char *group, const char *key)
{
    for (size_t i = 0; i < m->n; i++) {
        if (is_item(&m->items[i], group, key))
            return byo_buf_str(&m->items[i].value);
    }
    return BYO_STR_NONE;
}

void byo_meta_set(ByoMeta *m, const char *group, const char *key, ByoStr value)
{
    ByoMetaItem *item;
    ByoBuf kept = {0};

    byo_buf_add(&kept, value.p, value.n); /* first: value may point into what is replaced */
    byo_meta_remove(m, group, key);
    item = add_item(m);
    set_names(item, group, key);
    lower(item->group);
    item->value = kept;
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
            free_item(&m->items[i]);
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

static void url_encode(ByoStr s, ByoBuf *out)
{
    static const char hex[] = "0123456789ABCDEF";

    byo_buf_need(out, s.n * 3);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
            c == '_' || c == '.' || c == '~') {
            out->p[out->n++] = (char)c;
        } else if (c == ' ') {
            out->p[out->n++] = '+';
        } else {
            out->p[out->n++] = '%';
            out->p[out->n++] = hex[c >> 4];
            out->p[out->n++] = hex[c & 0x0f];
        }
    }
    out->p[out->n] = 0;
}

void byo_meta_put_group(ByoBuf *out, const char *group)
{
    byo_buf_addc(out, '?');
    url_encode(byo_str(group), out);
    byo_buf_addc(out, '?');
}

void byo_meta_put(ByoBuf *out, const char *key, ByoStr value)
{
    url_encode(byo_str(key), out);
    byo_buf_addc(out, '=');
    url_encode(value, out);
    byo_buf_addc(out, '&');
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
                byo_meta_put(out, m->items[j].key, byo_buf_str(&m->items[j].value));
        }
    }
}

void byo_meta_free(ByoMeta *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++)
        free_item(&m->items[i]);
    free(m->items);
    *m = (ByoMeta){0};
}
