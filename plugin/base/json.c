/* SPDX-License-Identifier: BSD-3-Clause
 * Reading JSON: json_read.c makes the tree with its places. Decides the sentences of type and range faults.
 * Ownership: see json.h. Threads: values. */
#include "base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json_read.h"
#include "base/text.h"

#define POINTER_SHOWN 512 /* octets of a pointer in a fault */

struct ByoJsonDoc {
    ByoStr text;
    ByoJsonValue *root; /* NULL: after a syntax fault */
    char *chars;        /* its strings */
    ByoJsonFault *faults;
    size_t n, cap;
    size_t seen[2], kept[2]; /* by severity */
    bool sorted;
};

/* ---- faults ---- */

/* For people: control characters escaped, an endless one cut between characters. */
static char *shown_pointer(ByoStr pointer)
{
    ByoBuf out = {0};

    byo_buf_need(&out, 0);
    byo_buf_clear(&out);
    for (size_t i = 0; i < pointer.n;) {
        size_t n = byo_utf8_octets(pointer.p + i, pointer.n - i);
        unsigned char c = (unsigned char)pointer.p[i];
        if (out.n + (n ? n : 1) > POINTER_SHOWN) {
            byo_buf_adds(&out, "...");
            break;
        }
        if (c < 0x20 || c == 0x7f)
            byo_buf_addf(&out, "\\u%04x", c);
        else if (n == 2 && c == 0xc2 && (unsigned char)pointer.p[i + 1] < 0xa0)
            byo_buf_addf(&out, "\\u%04x", (unsigned char)pointer.p[i + 1]);
        else
            byo_buf_add(&out, pointer.p + i, n ? n : 1);
        i += n ? n : 1;
    }
    return out.p;
}

bool byo_json_full(const ByoJsonDoc *doc, ByoSeverity severity)
{
    return doc->kept[severity] == BYO_JSON_FAULTS_MAX;
}

/* Counts a fault; true when there is still room to keep it. */
static bool count_fault(ByoJsonDoc *doc, ByoSeverity severity)
{
    doc->seen[severity]++;
    if (byo_json_full(doc, severity))
        return false;
    doc->kept[severity]++;
    return true;
}

static void keep_fault(ByoJsonDoc *doc, ByoSeverity severity, size_t offset, ByoStr pointer, char *text)
{
    if (doc->n == doc->cap) {
        doc->cap = doc->cap ? doc->cap * 2 : 8;
        doc->faults = byo_realloc(doc->faults, doc->cap * sizeof *doc->faults);
    }
    ByoJsonFault *f = &doc->faults[doc->n++];
    f->severity = severity;
    byo_json_text_place(doc->text, offset, &f->line, &f->column);
    f->pointer = shown_pointer(pointer);
    f->text = text;
    doc->sorted = false;
}

static void tell_text_fault(void *arg, size_t offset, ByoStr pointer, const char *sentence)
{
    ByoJsonDoc *doc = arg;

    if (count_fault(doc, BYO_FAULT_ERROR))
        keep_fault(doc, BYO_FAULT_ERROR, offset, pointer, byo_strdup(sentence));
}

ByoJsonDoc *byo_json_read(ByoStr text, size_t max_size, unsigned max_depth)
{
    ByoJsonDoc *doc = byo_zalloc(sizeof *doc);

    if (max_depth > BYO_JSON_DEPTH_MAX)
        max_depth = BYO_JSON_DEPTH_MAX;
    if (text.n > max_size) {
        char *sentence = byo_printf("%zu octets of JSON: at most %zu are read", text.n, max_size);
        tell_text_fault(doc, 0, BYO_STR(""), sentence);
        free(sentence);
        return doc;
    }
    doc->text = text.p ? text : BYO_STR("");
    doc->chars = byo_alloc(doc->text.n + 1);
    doc->root = byo_json_parse(doc->text, max_depth, doc->chars, tell_text_fault, doc);
    return doc;
}

void byo_json_close(ByoJsonDoc *doc)
{
    if (!doc)
        return;
    for (size_t i = 0; i < doc->n; i++) {
        free(doc->faults[i].pointer);
        free(doc->faults[i].text);
    }
    free(doc->faults);
    if (doc->root)
        byo_json_value_free(doc->root);
    free(doc->root);
    free(doc->chars);
    free(doc);
}

size_t byo_json_errors(const ByoJsonDoc *doc)
{
    return doc->seen[BYO_FAULT_ERROR];
}

static bool stands_before(const ByoJsonFault *a, const ByoJsonFault *b)
{
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

const ByoJsonFault *byo_json_faults(ByoJsonDoc *doc, size_t *n_r)
{
    /* By insertion: at most 200, nearly in order, and those of one place stay as they came. */
    for (size_t i = 1; i < doc->n && !doc->sorted; i++) {
        ByoJsonFault f = doc->faults[i];
        size_t k = i;
        for (; k > 0 && stands_before(&f, &doc->faults[k - 1]); k--)
            doc->faults[k] = doc->faults[k - 1];
        doc->faults[k] = f;
    }
    doc->sorted = true;
    *n_r = doc->n;
    return doc->faults;
}

void byo_json_tell(ByoJsonDoc *doc, const char *file, ByoFaults *faults)
{
    size_t n;
    const ByoJsonFault *f = byo_json_faults(doc, &n);

    for (size_t i = 0; i < n; i++)
        byo_fault_add(faults, f[i].severity, file, f[i].line, f[i].column, "%s%s%s", f[i].pointer,
                      f[i].pointer[0] ? ": " : "", f[i].text);
    for (int s = BYO_FAULT_ERROR; s <= BYO_FAULT_WARNING; s++)
        if (doc->seen[s] > doc->kept[s])
            byo_fault_add(faults, (ByoSeverity)s, file, 0, 0, "and %zu more", doc->seen[s] - doc->kept[s]);
}

char *byo_json_field(const char *pointer)
{
    char *field = byo_strdup(*pointer == '/' ? pointer + 1 : pointer), *to = field;

    for (const char *from = field; *from; from++) {
        char c = *from;
        if (c == '/') {
            c = '.';
        } else if (c == '~' && (from[1] == '0' || from[1] == '1')) {
            c = from[1] == '1' ? '/' : '~';
            from++;
        }
        *to++ = c;
    }
    *to = 0;
    return field;
}

/* ---- places ---- */

void byo_json_text_place(ByoStr text, size_t offset, int *line_r, int *column_r)
{
    size_t line_start = 0;
    int line = 1;

    for (size_t i = 0; i < offset && i < text.n; i++) {
        if (text.p[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    *line_r = line;
    *column_r = (int)(offset - line_start) + 1;
}

void byo_json_text_pointer(ByoBuf *pointer, ByoStr key)
{
    byo_buf_addc(pointer, '/');
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '~')
            byo_buf_adds(pointer, "~0");
        else if (key.p[i] == '/')
            byo_buf_adds(pointer, "~1");
        else
            byo_buf_addc(pointer, key.p[i]);
    }
}

/* What is not there has no place of its own: 0. */
static size_t offset_of(const ByoJsonAt *at, bool at_name)
{
    return !at->value ? 0 : at_name ? at->value->name_at : at->value->at;
}

void byo_json_place(const ByoJsonAt *at, bool at_name, int *line_r, int *column_r)
{
    byo_json_text_place(at->doc->text, offset_of(at, at_name), line_r, column_r);
}

static void add_pointer(const ByoJsonAt *at, ByoBuf *pointer)
{
    if (!at->parent)
        return;
    add_pointer(at->parent, pointer);
    if (at->key)
        byo_json_text_pointer(pointer, byo_str(at->key));
    else
        byo_buf_addf(pointer, "/%zu", at->index);
}

void byo_json_fault(const ByoJsonAt *at, ByoSeverity severity, bool at_name, const char *fmt, ...)
{
    ByoBuf pointer = {0};
    va_list args;
    char *text;

    if (!count_fault(at->doc, severity))
        return;
    add_pointer(at, &pointer);
    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        text = byo_strdup(fmt);
    va_end(args);
    keep_fault(at->doc, severity, offset_of(at, at_name), byo_buf_str(&pointer), text);
    byo_buf_free(&pointer);
}

/* ---- values ---- */

static bool is(const ByoJsonAt *at, ByoJsonType type)
{
    return at->value && at->value->type == type;
}

ByoJsonAt byo_json_root(ByoJsonDoc *doc)
{
    return (ByoJsonAt){.doc = doc, .value = doc->root};
}

ByoJsonType byo_json_type(const ByoJsonAt *at)
{
    return at->value ? at->value->type : BYO_JSON_ABSENT;
}

size_t byo_json_size(const ByoJsonAt *at)
{
    return is(at, BYO_JSON_OBJECT) || is(at, BYO_JSON_ARRAY) ? at->value->n : 0;
}

ByoJsonAt byo_json_member(const ByoJsonAt *object, const char *key)
{
    ByoJsonAt member = {object->doc, NULL, object, key, 0};

    for (size_t i = 0; is(object, BYO_JSON_OBJECT) && i < object->value->n && !member.value; i++)
        if (byo_str_is(object->value->items[i].name, key))
            member.value = &object->value->items[i];
    return member;
}

ByoJsonAt byo_json_item(const ByoJsonAt *array, size_t index)
{
    bool there = is(array, BYO_JSON_ARRAY) && index < array->value->n;

    return (ByoJsonAt){array->doc, there ? &array->value->items[index] : NULL, array, NULL, index};
}

bool byo_json_next(const ByoJsonAt *object, size_t *iter, ByoJsonAt *member_r)
{
    if (!is(object, BYO_JSON_OBJECT) || *iter == object->value->n)
        return false;
    const ByoJsonValue *v = &object->value->items[(*iter)++];
    *member_r = (ByoJsonAt){object->doc, v, object, v->name.p, 0};
    return true;
}

ByoStr byo_json_peek_str(const ByoJsonAt *at)
{
    return is(at, BYO_JSON_STR) ? at->value->str : BYO_STR_NONE;
}

int64_t byo_json_peek_int(const ByoJsonAt *at, int64_t otherwise)
{
    return is(at, BYO_JSON_INT) ? at->value->whole : otherwise;
}

bool byo_json_peek_bool(const ByoJsonAt *at)
{
    return is(at, BYO_JSON_BOOL) && at->value->flag;
}

/* ---- checks ---- */

static bool wrong_type(const ByoJsonAt *at, const char *wanted)
{
    static const char *const names[] = {
        [BYO_JSON_ABSENT] = "nothing", [BYO_JSON_NULL] = "null",        [BYO_JSON_BOOL] = "a boolean",
        [BYO_JSON_INT] = "a number",   [BYO_JSON_REAL] = "a number",    [BYO_JSON_STR] = "a string",
        [BYO_JSON_ARRAY] = "an array", [BYO_JSON_OBJECT] = "an object",
    };

    if (at->value)
        byo_json_fault(at, BYO_FAULT_ERROR, false, "%s is expected, not %s", wanted,
                       names[byo_json_type(at)]);
    return false;
}

static void unknown_member(const ByoJsonAt *member, const char *const *allowed, size_t n)
{
    /* Of a fault nobody reads the word need not be looked for: a body may hold 100,000 of them. */
    bool told = !byo_json_full(member->doc, BYO_FAULT_ERROR);
    const char *near = told ? byo_nearest(byo_str(member->key), allowed, n) : NULL;
    ByoBuf list = {0};

    if (near) {
        byo_json_fault(member, BYO_FAULT_ERROR, true, "unknown member: is \"%s\" meant?", near);
        return;
    }
    for (size_t i = 0; i < n && told; i++)
        byo_buf_addf(&list, "%s\"%s\"", i == 0 ? "" : i + 1 < n ? ", " : " and ", allowed[i]);
    byo_json_fault(member, BYO_FAULT_ERROR, true, "unknown member: known here %s %s", n == 1 ? "is" : "are",
                   list.p ? list.p : "none");
    byo_buf_free(&list);
}

bool byo_json_want_object(const ByoJsonAt *at, const char *const *allowed)
{
    ByoJsonAt member;
    size_t iter = 0;
    bool good = true;
    size_t n = 0;

    if (!is(at, BYO_JSON_OBJECT))
        return wrong_type(at, "an object");
    if (!allowed)
        return true;
    while (allowed[n])
        n++;
    while (byo_json_next(at, &iter, &member)) {
        size_t i = 0;
        while (i < n && strcmp(allowed[i], member.key) != 0)
            i++;
        if (i == n) {
            unknown_member(&member, allowed, n);
            good = false;
        }
    }
    return good;
}

bool byo_json_want_array(const ByoJsonAt *at)
{
    return is(at, BYO_JSON_ARRAY) || wrong_type(at, "an array");
}

/* The number as it was written. */
static ByoStr written(const ByoJsonAt *at)
{
    ByoStr text = at->doc->text;
    size_t n = at->value->at;

    while (n < text.n && !strchr(",:]} \t\r\n", text.p[n]))
        n++;
    return byo_strn(text.p + at->value->at, n - at->value->at);
}

bool byo_json_want_int(const ByoJsonAt *at, int64_t min, int64_t max, int64_t *value_r)
{
    char wanted[80];

    snprintf(wanted, sizeof wanted, "a whole number from %lld to %lld", (long long)min, (long long)max);
    if (is(at, BYO_JSON_REAL)) {
        ByoStr token = written(at);
        double value = at->value->real;
        if (value >= -1e15 && value <= 1e15 && value == (double)(int64_t)value)
            byo_json_fault(at, BYO_FAULT_ERROR, false, "%.*s is not written as a whole number: write %lld",
                           BYO_PF(token), (long long)value);
        else
            byo_json_fault(at, BYO_FAULT_ERROR, false, "%.*s is no whole number: %s is expected",
                           BYO_PF(token), wanted);
        return false;
    }
    if (!is(at, BYO_JSON_INT))
        return wrong_type(at, wanted);
    int64_t value = at->value->whole;
    if (value < min || value > max) {
        byo_json_fault(at, BYO_FAULT_ERROR, false, "%lld is out of range: %s is expected", (long long)value,
                       wanted);
        return false;
    }
    *value_r = value;
    return true;
}

bool byo_json_want_bool(const ByoJsonAt *at, bool *value_r)
{
    if (!is(at, BYO_JSON_BOOL))
        return wrong_type(at, "true or false");
    *value_r = at->value->flag;
    return true;
}

bool byo_json_want_str(const ByoJsonAt *at, size_t min, size_t max, ByoStr *value_r)
{
    if (!is(at, BYO_JSON_STR))
        return wrong_type(at, "a string");
    ByoStr s = byo_json_peek_str(at);
    if (s.n < min && s.n == 0) {
        byo_json_fault(at, BYO_FAULT_ERROR, false, "an empty string is not allowed here");
        return false;
    }
    if (s.n < min || s.n > max) {
        byo_json_fault(at, BYO_FAULT_ERROR, false, "a string of %zu octets: %s %zu are %s", s.n,
                       s.n < min ? "at least" : "at most", s.n < min ? min : max,
                       s.n < min ? "needed" : "allowed");
        return false;
    }
    *value_r = s;
    return true;
}

bool byo_json_want_line(const ByoJsonAt *at, size_t min, size_t max, ByoStr *value_r)
{
    ByoStr s;

    if (!byo_json_want_str(at, min, max, &s))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        size_t control = byo_utf8_control(s.p + i); /* the tree is valid UTF-8 */
        if (!control)
            continue;
        byo_json_fault(at, BYO_FAULT_ERROR, false, "control character U+%04X: one line of text is expected",
                       (unsigned char)s.p[i + control - 1]);
        return false;
    }
    *value_r = s;
    return true;
}

bool byo_json_need(const ByoJsonAt *object, const char *key, ByoJsonAt *member_r)
{
    *member_r = byo_json_member(object, key);
    if (member_r->value)
        return true;
    if (is(object, BYO_JSON_OBJECT))
        byo_json_fault(object, BYO_FAULT_ERROR, false, "the member \"%s\" is missing", key);
    return false;
}
