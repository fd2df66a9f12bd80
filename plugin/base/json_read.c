/* SPDX-License-Identifier: BSD-3-Clause
 * One strict pass over a JSON text (RFC 8259): makes the tree of its values, each with its place, says what a person
 * did wrong and where, and finds members that stand twice.
 * Decides: values lie on a stack until their array or object is closed, which then owns them; strings are written
 * one behind the other into memory as large as the text.
 * Ownership: json_read.h. Threads: values. */
#include "base/json_read.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define TWICE_TOLD 100 /* members standing twice that are told with both places, as many as are kept */
#define NUMBER_MAX 64  /* octets of a number; more is a mistake or an attack */

typedef struct {
    ByoStr text;
    size_t at;
    unsigned depth, max_depth;
    ByoBuf pointer;       /* of the value being read */
    char *chars;          /* where the next string goes */
    ByoJsonValue *values; /* read, their parent still open */
    size_t n, cap;
    size_t twice; /* members that stand twice, so far */
    ByoJsonTell *tell;
    void *arg;
} Reader;

static bool read_value(Reader *r, ByoJsonValue *v);

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* ---- telling ---- */

__attribute__((format(printf, 3, 4))) static bool fail(Reader *r, size_t offset, const char *fmt, ...)
{
    char sentence[256];
    va_list args;

    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    r->tell(r->arg, offset, byo_buf_str(&r->pointer), sentence);
    return false;
}

static int peek(const Reader *r)
{
    return r->at < r->text.n ? (unsigned char)r->text.p[r->at] : -1;
}

static void skip_blanks(Reader *r)
{
    while (r->at < r->text.n && strchr(" \t\r\n", r->text.p[r->at]) && r->text.p[r->at])
        r->at++;
}

static size_t word_length(const Reader *r)
{
    size_t n = 0;

    while (r->at + n < r->text.n && n < 40) {
        int ch = (unsigned char)r->text.p[r->at + n];
        if (!is_letter(ch) && !(n && is_digit(ch)))
            break;
        n++;
    }
    return n;
}

/* What stands here is not `wanted` ("a value"): says so in the words of the mistake. */
static bool unexpected(Reader *r, const char *wanted)
{
    int ch = peek(r);
    const char *p = r->text.p + r->at;
    size_t left = r->text.n - r->at, n;

    if (ch < 0)
        return fail(r, r->at, "the text ends where %s is expected", wanted);
    if (ch == '\'' || ch == '`')
        return fail(r, r->at, "%c is no quote of JSON: strings and names stand in double quotes", ch);
    if (ch == '#' || (ch == '/' && left > 1 && (p[1] == '/' || p[1] == '*')))
        return fail(r, r->at, "JSON has no comments");
    if (ch >= 0x80) {
        n = byo_utf8_octets(p, left);
        if (n == 0)
            return fail(r, r->at, "broken UTF-8: octet 0x%02x", (unsigned)ch);
        if (n == 3 && memcmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] >= 0x98 &&
            (unsigned char)p[2] <= 0x9f)
            return fail(r, r->at, "a typographic quote: strings and names stand in plain double quotes");
        if (n == 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
            return fail(r, r->at, "a byte order mark where %s is expected", wanted);
        return fail(r, r->at, "%.*s is unexpected here, %s is expected", (int)n, p, wanted);
    }
    if (ch < 0x20 || ch == 0x7f)
        return fail(r, r->at, "control character 0x%02x where %s is expected", (unsigned)ch, wanted);
    n = word_length(r);
    if (n)
        return fail(r, r->at, "%.*s is unexpected here, %s is expected", (int)n, p, wanted);
    return fail(r, r->at, "%c is unexpected here, %s is expected", ch, wanted);
}

/* ---- scalars ---- */

/* What \c means for an escape of one letter; 0: none. */
static char escaped(char c)
{
    static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *at = c ? strchr(letters, c) : NULL;

    return at ? means[at - letters] : 0;
}

/* Four hex digits; -1: there are none. */
static int hex4(const char *p, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < 4; i++) {
        int digit = i < n ? byo_hex_digit(p[i]) : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

static bool read_escape(Reader *r)
{
    const char *p = r->text.p + r->at; /* the backslash */
    size_t left = r->text.n - r->at;
    int value;

    if (left < 2)
        return fail(r, r->at, "the text ends inside a string");
    if (escaped(p[1])) {
        *r->chars++ = escaped(p[1]);
        r->at += 2;
        return true;
    }
    if (p[1] != 'u') {
        if (p[1] > 0x20 && p[1] < 0x7f)
            return fail(r, r->at, "unknown escape \\%c: known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
                        p[1]);
        return fail(r, r->at, "a backslash alone: write \\\\ for one");
    }
    value = hex4(p + 2, left - 2);
    if (value < 0)
        return fail(r, r->at, "\\u wants four hex digits");
    if (value == 0)
        return fail(r, r->at, "\\u0000 (NUL) may not stand in a string");
    if (value >= 0xdc00 && value <= 0xdfff)
        return fail(r, r->at, "\\u%04x is a lone surrogate: it comes second of a pair", (unsigned)value);
    r->at += 6;
    if (value >= 0xd800 && value <= 0xdbff) {
        int low = left >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8, left - 8) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(r, r->at - 6, "\\u%04x is a lone surrogate: its second half does not follow",
                        (unsigned)value);
        value = 0x10000 + ((value - 0xd800) << 10) + (low - 0xdc00);
        r->at += 6;
    }
    r->chars += byo_utf8_put((uint32_t)value, r->chars);
    return true;
}

/* At the opening quote. *out_r is what the string means, with a NUL behind it. */
static bool read_string(Reader *r, ByoStr *out_r)
{
    size_t open = r->at++;
    char *from = r->chars;

    for (;;) {
        int ch = peek(r);
        if (ch < 0)
            return fail(r, open, "the string that begins here is not closed");
        if (ch == '"')
            break;
        if (ch == '\\') {
            if (!read_escape(r))
                return false;
            continue;
        }
        if (ch == '\n' || ch == '\r')
            return fail(r, r->at, "the line ends inside a string: close it, or write \\n");
        if (ch < 0x20)
            return fail(r, r->at, "control character 0x%02x inside a string: write \\u%04x", (unsigned)ch,
                        (unsigned)ch);
        size_t n = byo_utf8_octets(r->text.p + r->at, r->text.n - r->at);
        if (n == 0)
            return fail(r, r->at, "broken UTF-8: octet 0x%02x", (unsigned)ch);
        memcpy(r->chars, r->text.p + r->at, n);
        r->chars += n;
        r->at += n;
    }
    *out_r = byo_strn(from, (size_t)(r->chars - from));
    *r->chars++ = 0; /* less than the two quotes took */
    r->at++;
    return true;
}

static size_t digits(Reader *r)
{
    size_t from = r->at;

    while (is_digit(peek(r)))
        r->at++;
    return r->at - from;
}

static bool read_number(Reader *r, ByoJsonValue *v)
{
    size_t from = r->at;
    bool real = false;
    char token[NUMBER_MAX + 1];

    if (peek(r) == '-')
        r->at++;
    size_t first = r->at, n = digits(r);
    if (n == 0)
        return fail(r, from, "a minus without a number");
    if (n > 1 && r->text.p[first] == '0')
        return fail(r, from, "a number has no leading zeros");
    if (peek(r) == '.') {
        real = true;
        r->at++;
        if (digits(r) == 0)
            return fail(r, from, "a digit is missing behind the decimal point");
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        real = true;
        r->at++;
        if (peek(r) == '+' || peek(r) == '-')
            r->at++;
        if (digits(r) == 0)
            return fail(r, from, "the exponent of the number is missing");
    }
    if (is_letter(peek(r)) || peek(r) == '.') {
        size_t end = r->at;
        while (end - from < 30 && end < r->text.n && (is_letter(r->text.p[end]) || is_digit(r->text.p[end])))
            end++;
        if (end - from >= 30 || end == r->at)
            return fail(r, r->at, "%c inside a number", peek(r));
        return fail(r, from, "%.*s is no number", (int)(end - from), r->text.p + from);
    }
    n = r->at - from;
    if (n > NUMBER_MAX)
        return fail(r, from, "a number of %zu characters: at most %d are read", n, NUMBER_MAX);
    memcpy(token, r->text.p + from, n);
    token[n] = 0;
    errno = 0;
    v->type = real ? BYO_JSON_REAL : BYO_JSON_INT;
    if (!real && strcmp(token, "-0") == 0)
        return fail(r, from, "-0 is written 0");
    if (real)
        v->real = strtod(token, NULL);
    else
        v->whole = strtoll(token, NULL, 10);
    if (real ? isinf(v->real) : errno == ERANGE)
        return fail(r, from, "the number %s is too large", token);
    return true;
}

static bool read_word(Reader *r, ByoJsonValue *v)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t n = word_length(r);
    ByoStr word = byo_strn(r->text.p + r->at, n);

    for (size_t i = 0; i < 3; i++) {
        if (byo_str_is(word, words[i])) {
            r->at += n;
            v->type = i < 2 ? BYO_JSON_BOOL : BYO_JSON_NULL;
            v->flag = i == 0;
            return true;
        }
        if (byo_str_ieq(word, byo_str(words[i])))
            return fail(r, r->at, "%.*s is written %s", (int)n, word.p, words[i]);
    }
    if (byo_str_ieq(word, BYO_STR("nan")) || byo_str_ieq(word, BYO_STR("infinity")))
        return fail(r, r->at, "JSON has no %.*s", (int)n, word.p);
    return unexpected(r, "a value");
}

/* ---- objects and arrays ---- */

static bool enter(Reader *r)
{
    if (r->depth == r->max_depth)
        return fail(r, r->at, "nested deeper than %u levels", r->max_depth);
    r->depth++;
    r->at++;
    return true;
}

static bool not_closed(Reader *r, size_t open, const char *what)
{
    int line, column;

    byo_json_text_place(r->text, open, &line, &column);
    return fail(r, r->at, "the text ends, but the %s that begins at line %d, column %d is not closed", what,
                line, column);
}

/* Behind an item: a comma (true, *more_r) or the closing bracket (true, no more). */
static bool read_follow(Reader *r, size_t open, char closing, bool *more_r)
{
    const char *what = closing == '}' ? "object" : "array";

    skip_blanks(r);
    int ch = peek(r);
    *more_r = ch == ',';
    if (ch == closing) {
        r->at++;
        return true;
    }
    if (ch < 0)
        return not_closed(r, open, what);
    if (ch != ',') {
        if (ch == '"' || ch == '{' || ch == '[' || ch == '-' || is_digit(ch))
            return fail(r, r->at, "a comma is missing before this");
        return unexpected(r, closing == '}' ? "a comma or }" : "a comma or ]");
    }
    size_t comma = r->at++;
    skip_blanks(r);
    if (peek(r) == closing)
        return fail(r, comma, "a comma before %c: remove it", closing);
    if (peek(r) < 0)
        return not_closed(r, open, what);
    return true;
}

static void push(Reader *r, const ByoJsonValue *v)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        r->values = byo_realloc(r->values, r->cap * sizeof *r->values);
    }
    r->values[r->n++] = *v;
}

/* The array or object that is closed takes what was read since. */
static void close_value(Reader *r, size_t from, ByoJsonValue *v)
{
    v->n = r->n - from;
    if (v->n) {
        v->items = byo_alloc(v->n * sizeof *v->items);
        memcpy(v->items, r->values + from, v->n * sizeof *v->items);
    }
    r->n = from;
    r->depth--;
}

static int compare_members(const void *a, const void *b)
{
    const ByoJsonValue *x = *(ByoJsonValue *const *)a, *y = *(ByoJsonValue *const *)b;
    size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
    int order = memcmp(x->name.p, y->name.p, n);

    if (order)
        return order;
    if (x->name.n != y->name.n)
        return x->name.n < y->name.n ? -1 : 1;
    return x->name_at < y->name_at ? -1 : 1;
}

static void tell_twice(Reader *r, const ByoJsonValue *first, const ByoJsonValue *again)
{
    size_t pointer_n = r->pointer.n;
    int line, column;

    if (r->twice++ >= TWICE_TOLD) { /* counted only: finding lines for each would take for ever */
        fail(r, again->name_at, "this member stands twice");
        return;
    }
    byo_json_text_place(r->text, first->name_at, &line, &column);
    byo_json_text_pointer(&r->pointer, again->name);
    fail(r, again->name_at, "this member stands twice: first at line %d, column %d", line, column);
    r->pointer.n = pointer_n;
}

/* Of members that stand twice the last one stays. */
static void drop_twice(Reader *r, ByoJsonValue *object)
{
    ByoJsonValue **sorted = byo_alloc((object->n + 1) * sizeof *sorted), *first = object->items;
    size_t kept = 0;

    for (size_t i = 0; i < object->n; i++)
        sorted[i] = &object->items[i];
    qsort(sorted, object->n, sizeof *sorted, compare_members);
    for (size_t i = 0; i < object->n; i++) {
        if (i == 0 || !byo_str_eq(sorted[i]->name, first->name)) {
            first = sorted[i];
            continue;
        }
        tell_twice(r, first, sorted[i]);
        byo_json_value_free(sorted[i - 1]);
        sorted[i - 1]->type = BYO_JSON_ABSENT;
    }
    free(sorted);
    for (size_t i = 0; i < object->n; i++)
        if (object->items[i].type != BYO_JSON_ABSENT)
            object->items[kept++] = object->items[i];
    object->n = kept;
}

/* `"name": value` */
static bool read_member(Reader *r)
{
    ByoJsonValue v = {.name_at = r->at};
    size_t pointer_n = r->pointer.n;

    if (peek(r) != '"') {
        if (is_letter(peek(r)))
            return fail(r, r->at, "names stand in double quotes: \"%.*s\"", (int)word_length(r),
                        r->text.p + r->at);
        return unexpected(r, "a name in double quotes");
    }
    if (!read_string(r, &v.name))
        return false;
    skip_blanks(r);
    byo_json_text_pointer(&r->pointer, v.name);
    if (peek(r) != ':')
        return unexpected(r, "a colon");
    r->at++;
    skip_blanks(r);
    if (!read_value(r, &v))
        return false;
    push(r, &v);
    r->pointer.n = pointer_n;
    return true;
}

static bool read_item(Reader *r, size_t index)
{
    ByoJsonValue v = {.name_at = r->at};
    size_t pointer_n = r->pointer.n;

    byo_buf_addf(&r->pointer, "/%zu", index);
    if (!read_value(r, &v))
        return false;
    push(r, &v);
    r->pointer.n = pointer_n;
    return true;
}

/* An object or an array. */
static bool read_items(Reader *r, ByoJsonValue *v)
{
    size_t open = r->at, from = r->n;
    bool object = v->type == BYO_JSON_OBJECT, more = true;
    char closing = object ? '}' : ']';

    if (!enter(r))
        return false;
    skip_blanks(r);
    if (peek(r) == closing) {
        r->at++;
        more = false;
    } else if (peek(r) < 0) {
        return not_closed(r, open, object ? "object" : "array");
    }
    while (more)
        if (!(object ? read_member(r) : read_item(r, r->n - from)) || !read_follow(r, open, closing, &more))
            return false;
    close_value(r, from, v);
    if (object)
        drop_twice(r, v);
    return true;
}

static bool read_value(Reader *r, ByoJsonValue *v)
{
    int ch = peek(r);

    v->at = r->at;
    if (ch == '{' || ch == '[') {
        v->type = ch == '{' ? BYO_JSON_OBJECT : BYO_JSON_ARRAY;
        return read_items(r, v);
    }
    v->type = BYO_JSON_STR;
    if (ch == '"')
        return read_string(r, &v->str);
    if (ch == '-' || is_digit(ch))
        return read_number(r, v);
    if (is_letter(ch))
        return read_word(r, v);
    if (ch == '+')
        return fail(r, r->at, "a number has no plus in front");
    if (ch == '.')
        return fail(r, r->at, "a number begins with a digit");
    return unexpected(r, "a value");
}

static bool read_root(Reader *r, ByoJsonValue *v)
{
    ByoStr text = r->text;

    if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
        return fail(r, 0, "the text begins with a byte order mark: save it as UTF-8 without one");
    if (text.n >= 2 && (memcmp(text.p, "\xff\xfe", 2) == 0 || memcmp(text.p, "\xfe\xff", 2) == 0))
        return fail(r, 0, "the text is UTF-16: save it as UTF-8");
    skip_blanks(r);
    if (!read_value(r, v))
        return false;
    skip_blanks(r);
    return r->at == text.n || fail(r, r->at, "there is text behind the end of the JSON value");
}

ByoJsonValue *byo_json_parse(ByoStr text, unsigned max_depth, char *chars, ByoJsonTell *tell, void *arg)
{
    Reader r = {.text = text, .max_depth = max_depth, .chars = chars, .tell = tell, .arg = arg};
    ByoJsonValue *root = byo_zalloc(sizeof *root);

    if (!read_root(&r, root)) {
        byo_json_value_free(root);
        free(root);
        root = NULL;
    }
    for (size_t i = 0; i < r.n; i++) /* of what was not closed */
        byo_json_value_free(&r.values[i]);
    free(r.values);
    byo_buf_free(&r.pointer);
    return root;
}

void byo_json_value_free(ByoJsonValue *v)
{
    if (v->type != BYO_JSON_OBJECT && v->type != BYO_JSON_ARRAY)
        return;
    for (size_t i = 0; i < v->n; i++)
        byo_json_value_free(&v->items[i]);
    free(v->items);
}
