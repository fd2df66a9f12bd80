/* SPDX-License-Identifier: BSD-3-Clause
 * Building and writing JSON over jansson.
 * Ownership: see json.h. Threads: jansson's memory functions are set once, else values. */
#include "base/json.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/json_read.h"
#include "base/text.h"

/* Out of memory ends the process, as everywhere, so jansson's makers never give NULL for valid input. */
static void set_memory(void)
{
    json_set_alloc_funcs(byo_alloc, free);
}

static void ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, set_memory);
}

ByoJson *byo_json_object(void)
{
    ready();
    return json_object();
}

ByoJson *byo_json_array(void)
{
    ready();
    return json_array();
}

void byo_json_free(ByoJson *j)
{
    json_decref(j);
}

/* Octets of the character at p that may stand in a string; 0: it may not. NUL is one nobody can read back. */
static size_t good_octets(const char *p, size_t n)
{
    return p[0] ? byo_utf8_octets(p, n) : 0;
}

static json_t *string_of(ByoStr value)
{
    ByoBuf clean = {0};
    bool dirty = false;

    if (!value.p)
        return json_null();
    for (size_t i = 0, n; i < value.n && !dirty; i += n) {
        n = good_octets(value.p + i, value.n - i);
        dirty = n == 0;
    }
    if (!dirty)
        return json_stringn_nocheck(value.p, value.n);
    for (size_t i = 0, n; i < value.n; i += n ? n : 1) {
        n = good_octets(value.p + i, value.n - i);
        if (n)
            byo_buf_add(&clean, value.p + i, n);
        else
            byo_buf_adds(&clean, "\xef\xbf\xbd");
    }
    json_t *s = json_stringn_nocheck(clean.p, clean.n);
    byo_buf_free(&clean);
    return s;
}

void byo_json_set(ByoJson *object, const char *key, ByoJson *child)
{
    json_object_set_new(object, key, child ? child : json_null());
}

void byo_json_set_str(ByoJson *object, const char *key, ByoStr value)
{
    byo_json_set(object, key, string_of(value));
}

void byo_json_set_z(ByoJson *object, const char *key, const char *value)
{
    byo_json_set(object, key, string_of(byo_str(value)));
}

void byo_json_set_int(ByoJson *object, const char *key, int64_t value)
{
    byo_json_set(object, key, json_integer(value));
}

void byo_json_set_known(ByoJson *object, const char *key, int64_t value)
{
    byo_json_set(object, key, value >= 0 ? json_integer(value) : NULL);
}

void byo_json_set_bool(ByoJson *object, const char *key, bool value)
{
    byo_json_set(object, key, json_boolean(value));
}

void byo_json_set_real(ByoJson *object, const char *key, double value)
{
    byo_json_set(object, key, json_real(value)); /* NULL, so null, for what JSON cannot say */
}

void byo_json_set_time(ByoJson *object, const char *key, ByoTime value)
{
    char text[BYO_TIME_TEXT];

    byo_json_set_z(object, key, value > 0 ? byo_time_text(value, text) : NULL);
}

void byo_json_add(ByoJson *array, ByoJson *child)
{
    json_array_append_new(array, child ? child : json_null());
}

void byo_json_add_str(ByoJson *array, ByoStr value)
{
    byo_json_add(array, string_of(value));
}

void byo_json_add_int(ByoJson *array, int64_t value)
{
    byo_json_add(array, json_integer(value));
}

static json_t *copy_of(const ByoJsonValue *v)
{
    switch (v->type) {
    case BYO_JSON_BOOL:
        return json_boolean(v->flag);
    case BYO_JSON_INT:
        return json_integer(v->whole);
    case BYO_JSON_REAL:
        return json_real(v->real);
    case BYO_JSON_STR:
        return string_of(v->str);
    case BYO_JSON_OBJECT:
    case BYO_JSON_ARRAY:
        break;
    default:
        return json_null();
    }
    json_t *whole = v->type == BYO_JSON_OBJECT ? json_object() : json_array();
    for (size_t i = 0; i < v->n; i++)
        if (v->type == BYO_JSON_OBJECT)
            json_object_set_new_nocheck(whole, v->items[i].name.p, copy_of(&v->items[i]));
        else
            json_array_append_new(whole, copy_of(&v->items[i]));
    return whole;
}

ByoJson *byo_json_copy(const ByoJsonAt *at)
{
    ready();
    return at->value ? copy_of(at->value) : NULL;
}

void byo_json_write(const ByoJsonAt *at, bool pretty, ByoBuf *out)
{
    ByoJson *copy = byo_json_copy(at);
    byo_json_text(copy, pretty, out);
    byo_json_free(copy);
}

static int append(const char *p, size_t n, void *out)
{
    byo_buf_add(out, p, n);
    return 0;
}

#define ANY (JSON_ENCODE_ANY | JSON_REAL_PRECISION(6))

void byo_json_text(const ByoJson *j, bool pretty, ByoBuf *out)
{
    json_dump_callback(j, append, out, ANY | (pretty ? JSON_INDENT(2) : JSON_COMPACT));
}

void byo_json_canonical(const ByoJson *j, ByoBuf *out)
{
    json_dump_callback(j, append, out, ANY | JSON_COMPACT | JSON_SORT_KEYS);
}
