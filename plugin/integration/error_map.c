/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of an error map: key form and table (spec J1-J3, D5).
 * Ownership: a map owns copies of its texts.
 * Threads: a map is filled by one thread, then read by any number; look-ups use no heap. */
#include "integration/error_map.h"
#include "base/hash.h"
#include "base/text.h"

#include <stdlib.h>

#define KEY_MAX 64 /* octets of a carrier's code */

typedef struct {
    ByoHashEntry in;
    ByoMapScope scope;
    size_t key_len;
    char *key;
    ByoErrorRow row; /* its texts are owned */
} Entry;

struct ByoErrorMap {
    ByoHashTable entries;
    size_t in_scope[BYO_MAP_RECEIPT + 1];
};

/* ---- keys ---- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static size_t decimal(uint64_t value, char out[KEY_MAX + 1])
{
    char digits[20];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    for (size_t i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    out[n] = 0;
    return n;
}

/* The key form; 0 when the code has none. */
static size_t key_form(ByoStr code, char out[KEY_MAX + 1])
{
    const char *p = code.p;
    size_t n = code.n;
    uint64_t value;

    while (n && *p == ' ')
        p++, n--;
    while (n && p[n - 1] == ' ')
        n--;
    if (n == 0 || n > KEY_MAX)
        return 0;
    bool is_hex = n > 2 && p[0] == '0' && upper(p[1]) == 'X';
    if (is_hex && byo_hex_value(byo_strn(p + 2, n - 2), &value))
        return decimal(value, out);
    while (n > 1 && *p == '0')
        p++, n--;
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
            return 0;
        out[i] = upper(p[i]);
    }
    out[n] = 0;
    return n;
}

bool byo_error_key(ByoStr code, char *out, size_t n)
{
    char key[KEY_MAX + 1];
    size_t len = key_form(code, key);

    if (len == 0 || len >= n)
        return false;
    memcpy(out, key, len + 1);
    return true;
}

/* ---- the table ---- */

static void free_texts(ByoErrorRow *row)
{
    free((char *)row->verdict.cause);
    free((char *)row->verdict.description);
}

static void free_entry(void *entry)
{
    Entry *e = entry;
    free(e->key);
    free_texts(&e->row);
    free(e);
}

static Entry *find_in(const ByoErrorMap *map, ByoMapScope scope, const char *key, size_t n)
{
    if (map->in_scope[scope] == 0)
        return NULL;
    Entry *e = (Entry *)byo_hash_first(&map->entries, byo_hash(byo_strn(key, n), scope));
    while (e && (e->scope != scope || e->key_len != n || memcmp(e->key, key, n) != 0))
        e = (Entry *)byo_hash_next(&e->in);
    return e;
}

ByoErrorMap *byo_error_map_create(void)
{
    return byo_zalloc(sizeof(ByoErrorMap));
}

void byo_error_map_destroy(ByoErrorMap *map)
{
    if (map)
        byo_hash_clear(&map->entries, free_entry);
    free(map);
}

void byo_error_map_set(ByoErrorMap *map, ByoMapOrigin origin, ByoMapScope scope, const char *key,
                       ByoCode code, const char *cause, const char *description)
{
    size_t n = strlen(key);
    Entry *e = find_in(map, scope, key, n);
    ByoVerdict v = {code, byo_strdup(cause), byo_strdup(description ? description : ""), true};

    if (e) {
        if (scope == BYO_MAP_ANY && e->row.origin == BYO_MAP_BUILT_IN && e->row.verdict.code == code &&
            strcmp(e->row.verdict.cause, cause) == 0)
            origin = BYO_MAP_BUILT_IN;
        free_texts(&e->row);
    } else {
        e = byo_zalloc(sizeof *e);
        e->scope = scope;
        e->key = byo_strdup(key);
        e->key_len = n;
        byo_hash_add(&map->entries, &e->in, byo_hash(byo_strn(key, n), scope));
        map->in_scope[scope]++;
    }
    e->row = (ByoErrorRow){v, origin};
}

size_t byo_error_map_count(const ByoErrorMap *map)
{
    return map->entries.n;
}

static bool all_digits(const Entry *e)
{
    return strspn(e->key, "0123456789") == e->key_len;
}

/* Scope, then numbers by value (keys have no leading zeros: the shorter is the smaller), then words. */
static int compare_entries(const void *a, const void *b)
{
    const Entry *x = *(const Entry *const *)a, *y = *(const Entry *const *)b;

    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    bool number = all_digits(x);
    if (number != all_digits(y))
        return number ? -1 : 1;
    if (number && x->key_len != y->key_len)
        return x->key_len < y->key_len ? -1 : 1;
    return strcmp(x->key, y->key);
}

void byo_error_map_each(const ByoErrorMap *map,
                        void (*visit)(void *arg, ByoMapScope scope, const char *key, const ByoVerdict *v),
                        void *arg)
{
    const Entry **sorted = byo_alloc((map->entries.n + 1) * sizeof *sorted);
    size_t n = 0;

    for (ByoHashEntry *e = NULL; (e = byo_hash_after(&map->entries, e));)
        sorted[n++] = (const Entry *)e;
    qsort(sorted, n, sizeof *sorted, compare_entries);
    for (size_t i = 0; i < n; i++)
        visit(arg, sorted[i]->scope, sorted[i]->key, &sorted[i]->row.verdict);
    free(sorted);
}

const ByoErrorRow *byo_error_map_find(const ByoErrorMap *map, ByoMapScope scope, ByoStr code)
{
    char key[KEY_MAX + 1];
    size_t n = key_form(code, key);
    const Entry *e = NULL;

    if (n == 0)
        return NULL;
    if (scope != BYO_MAP_ANY)
        e = find_in(map, scope, key, n);
    if (!e)
        e = find_in(map, BYO_MAP_ANY, key, n);
    return e ? &e->row : NULL;
}
