/* SPDX-License-Identifier: BSD-3-Clause
 * A strict walk over a JSON text (RFC 8259): says what a person did wrong and where, and finds members
 * that stand twice.
 * Ownership: borrows the text. Threads: values. */
#include "base/json_text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TWICE_TOLD 100 /* members standing twice that are told with both places, as many as are kept */
#define NUMBER_MAX 64  /* octets of a number; more is a mistake or an attack */

typedef struct {
    size_t name_at, name_len; /* in Check.names */
    const char *name;         /* set when the names no longer move */
    size_t offset;
} Member;

typedef struct {
    ByoStr text;
    size_t at;
    unsigned depth, max_depth;
    ByoBuf pointer;  /* of the value being read */
    Member *members; /* of all open objects */
    size_t n_members, cap_members;
    ByoBuf names; /* theirs, unescaped */
    size_t twice; /* members that stand twice, so far */
    ByoJsonTell *tell;
    void *arg;
} Check;

static bool check_value(Check *c);

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* ---- telling ---- */

__attribute__((format(printf, 3, 4))) static bool fail(Check *c, size_t offset, const char *fmt, ...)
{
    char sentence[256];
    va_list args;

    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    c->tell(c->arg, offset, byo_buf_str(&c->pointer), sentence);
    return false;
}

static int peek(const Check *c)
{
    return c->at < c->text.n ? (unsigned char)c->text.p[c->at] : -1;
}

static void skip_blanks(Check *c)
{
    while (c->at < c->text.n && strchr(" \t\r\n", c->text.p[c->at]) && c->text.p[c->at])
        c->at++;
}

static size_t word_length(const Check *c)
{
    size_t n = 0;

    while (c->at + n < c->text.n && n < 40) {
        int ch = (unsigned char)c->text.p[c->at + n];
        if (!is_letter(ch) && !(n && is_digit(ch)))
            break;
        n++;
    }
    return n;
}

/* What stands here is not `wanted` ("a value"): says so in the words of the mistake. */
static bool unexpected(Check *c, const char *wanted)
{
    int ch = peek(c);
    const char *p = c->text.p + c->at;
    size_t left = c->text.n - c->at, n;

    if (ch < 0)
        return fail(c, c->at, "the text ends where %s is expected", wanted);
    if (ch == '\'' || ch == '`')
        return fail(c, c->at, "%c is no quote of JSON: strings and names stand in double quotes", ch);
    if (ch == '#' || (ch == '/' && left > 1 && (p[1] == '/' || p[1] == '*')))
        return fail(c, c->at, "JSON has no comments");
    if (ch >= 0x80) {
        n = byo_json_utf8(p, left);
        if (n == 0)
            return fail(c, c->at, "broken UTF-8: octet 0x%02x", (unsigned)ch);
        if (n == 3 && memcmp(p, "\xe2\x80", 2) == 0 && (unsigned char)p[2] >= 0x98 &&
            (unsigned char)p[2] <= 0x9f)
            return fail(c, c->at, "a typographic quote: strings and names stand in plain double quotes");
        if (n == 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
            return fail(c, c->at, "a byte order mark where %s is expected", wanted);
        return fail(c, c->at, "%.*s is unexpected here, %s is expected", (int)n, p, wanted);
    }
    if (ch < 0x20 || ch == 0x7f)
        return fail(c, c->at, "control character 0x%02x where %s is expected", (unsigned)ch, wanted);
    n = word_length(c);
    if (n)
        return fail(c, c->at, "%.*s is unexpected here, %s is expected", (int)n, p, wanted);
    return fail(c, c->at, "%c is unexpected here, %s is expected", ch, wanted);
}

/* ---- scalars ---- */

static bool check_escape(Check *c)
{
    const char *p = c->text.p + c->at; /* the backslash */
    size_t left = c->text.n - c->at;
    int value;

    if (left < 2)
        return fail(c, c->at, "the text ends inside a string");
    if (byo_json_escape(p[1])) {
        c->at += 2;
        return true;
    }
    if (p[1] != 'u') {
        if (p[1] > 0x20 && p[1] < 0x7f)
            return fail(c, c->at, "unknown escape \\%c: known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX",
                        p[1]);
        return fail(c, c->at, "a backslash alone: write \\\\ for one");
    }
    value = byo_json_hex4(p + 2, left - 2);
    if (value < 0)
        return fail(c, c->at, "\\u wants four hex digits");
    if (value == 0)
        return fail(c, c->at, "\\u0000 (NUL) may not stand in a string");
    if (value >= 0xdc00 && value <= 0xdfff)
        return fail(c, c->at, "\\u%04x is a lone surrogate: it comes second of a pair", (unsigned)value);
    c->at += 6;
    if (value >= 0xd800 && value <= 0xdbff) {
        int low = left >= 12 && p[6] == '\\' && p[7] == 'u' ? byo_json_hex4(p + 8, left - 8) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(c, c->at - 6, "\\u%04x is a lone surrogate: its second half does not follow",
                        (unsigned)value);
        c->at += 6;
    }
    return true;
}

/* At the opening quote; *inside_r is what stands between the quotes. */
static bool check_string(Check *c, ByoStr *inside_r)
{
    size_t open = c->at++;

    for (;;) {
        int ch = peek(c);
        if (ch < 0)
            return fail(c, open, "the string that begins here is not closed");
        if (ch == '"')
            break;
        if (ch == '\\') {
            if (!check_escape(c))
                return false;
            continue;
        }
        if (ch == '\n' || ch == '\r')
            return fail(c, c->at, "the line ends inside a string: close it, or write \\n");
        if (ch < 0x20)
            return fail(c, c->at, "control character 0x%02x inside a string: write \\u%04x", (unsigned)ch,
                        (unsigned)ch);
        size_t n = byo_json_utf8(c->text.p + c->at, c->text.n - c->at);
        if (n == 0)
            return fail(c, c->at, "broken UTF-8: octet 0x%02x", (unsigned)ch);
        c->at += n;
    }
    *inside_r = byo_strn(c->text.p + open + 1, c->at - open - 1);
    c->at++;
    return true;
}

static size_t digits(Check *c)
{
    size_t from = c->at;

    while (is_digit(peek(c)))
        c->at++;
    return c->at - from;
}

static bool check_number(Check *c)
{
    size_t from = c->at;
    bool real = false;
    char token[NUMBER_MAX + 1];

    if (peek(c) == '-')
        c->at++;
    size_t first = c->at, n = digits(c);
    if (n == 0)
        return fail(c, from, "a minus without a number");
    if (n > 1 && c->text.p[first] == '0')
        return fail(c, from, "a number has no leading zeros");
    if (peek(c) == '.') {
        real = true;
        c->at++;
        if (digits(c) == 0)
            return fail(c, from, "a digit is missing behind the decimal point");
    }
    if (peek(c) == 'e' || peek(c) == 'E') {
        real = true;
        c->at++;
        if (peek(c) == '+' || peek(c) == '-')
            c->at++;
        if (digits(c) == 0)
            return fail(c, from, "the exponent of the number is missing");
    }
    if (is_letter(peek(c)) || peek(c) == '.') {
        size_t end = c->at;
        while (end - from < 30 && end < c->text.n && (is_letter(c->text.p[end]) || is_digit(c->text.p[end])))
            end++;
        if (end - from >= 30 || end == c->at)
            return fail(c, c->at, "%c inside a number", peek(c));
        return fail(c, from, "%.*s is no number", (int)(end - from), c->text.p + from);
    }
    n = c->at - from;
    if (n > NUMBER_MAX)
        return fail(c, from, "a number of %zu characters: at most %d are read", n, NUMBER_MAX);
    memcpy(token, c->text.p + from, n);
    token[n] = 0;
    errno = 0;
    if (real) {
        if (isinf(strtod(token, NULL)))
            return fail(c, from, "the number %s is too large", token);
    } else {
        if (strcmp(token, "-0") == 0)
            return fail(c, from, "-0 is written 0");
        (void)strtoll(token, NULL, 10);
        if (errno == ERANGE)
            return fail(c, from, "the number %s is too large", token);
    }
    return true;
}

static bool check_word(Check *c)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t n = word_length(c);
    ByoStr word = byo_strn(c->text.p + c->at, n);

    for (size_t i = 0; i < 3; i++) {
        if (byo_str_is(word, words[i])) {
            c->at += n;
            return true;
        }
        if (byo_str_ieq(word, byo_str(words[i])))
            return fail(c, c->at, "%.*s is written %s", (int)n, word.p, words[i]);
    }
    if (byo_str_ieq(word, BYO_STR("nan")) || byo_str_ieq(word, BYO_STR("infinity")))
        return fail(c, c->at, "JSON has no %.*s", (int)n, word.p);
    return unexpected(c, "a value");
}

/* ---- objects and arrays ---- */

static bool enter(Check *c)
{
    if (c->depth == c->max_depth)
        return fail(c, c->at, "nested deeper than %u levels", c->max_depth);
    c->depth++;
    c->at++;
    return true;
}

static bool not_closed(Check *c, size_t open, const char *what)
{
    int line, column;

    byo_json_text_place(c->text, open, &line, &column);
    return fail(c, c->at, "the text ends, but the %s that begins at line %d, column %d is not closed", what,
                line, column);
}

/* Behind an item: a comma (true, *more_r) or the closing bracket (true, no more). */
static bool check_follow(Check *c, size_t open, char closing, bool *more_r)
{
    const char *what = closing == '}' ? "object" : "array";

    skip_blanks(c);
    int ch = peek(c);
    *more_r = ch == ',';
    if (ch == closing) {
        c->at++;
        return true;
    }
    if (ch < 0)
        return not_closed(c, open, what);
    if (ch != ',') {
        if (ch == '"' || ch == '{' || ch == '[' || ch == '-' || is_digit(ch))
            return fail(c, c->at, "a comma is missing before this");
        return unexpected(c, closing == '}' ? "a comma or }" : "a comma or ]");
    }
    size_t comma = c->at++;
    skip_blanks(c);
    if (peek(c) == closing)
        return fail(c, comma, "a comma before %c: remove it", closing);
    if (peek(c) < 0)
        return not_closed(c, open, what);
    return true;
}

static void remember_member(Check *c, ByoStr name, size_t offset)
{
    if (c->n_members == c->cap_members) {
        c->cap_members = c->cap_members ? c->cap_members * 2 : 64;
        c->members = byo_realloc(c->members, c->cap_members * sizeof *c->members);
    }
    Member *m = &c->members[c->n_members++];
    m->name_at = c->names.n;
    byo_json_unescape(name, &c->names);
    m->name_len = c->names.n - m->name_at;
    m->offset = offset;
}

static int compare_members(const void *a, const void *b)
{
    const Member *x = a, *y = b;
    size_t n = x->name_len < y->name_len ? x->name_len : y->name_len;
    int order = n ? memcmp(x->name, y->name, n) : 0;

    if (order)
        return order;
    if (x->name_len != y->name_len)
        return x->name_len < y->name_len ? -1 : 1;
    return x->offset < y->offset ? -1 : 1;
}

/* Tells which of the object's members stand twice, and forgets them. */
static void close_object(Check *c, size_t from)
{
    size_t n = c->n_members - from, pointer_n = c->pointer.n, first = 0;
    int line, column;

    if (n == 0)
        return;
    Member *m = c->members + from;
    size_t names_from = m[0].name_at;
    for (size_t i = 0; i < n; i++)
        m[i].name = c->names.p ? c->names.p + m[i].name_at : "";
    qsort(m, n, sizeof *m, compare_members);
    for (size_t i = 1; i < n; i++) {
        if (!byo_str_eq(byo_strn(m[i].name, m[i].name_len), byo_strn(m[first].name, m[first].name_len))) {
            first = i;
            continue;
        }
        if (c->twice++ >= TWICE_TOLD) { /* counted only: finding lines for each would take for ever */
            fail(c, m[i].offset, "this member stands twice");
            continue;
        }
        byo_json_text_place(c->text, m[first].offset, &line, &column);
        byo_json_text_pointer(&c->pointer, byo_strn(m[i].name, m[i].name_len));
        fail(c, m[i].offset, "this member stands twice: first at line %d, column %d", line, column);
        c->pointer.n = pointer_n;
    }
    c->n_members = from;
    c->names.n = names_from;
}

static bool check_object(Check *c)
{
    size_t open = c->at, from = c->n_members, pointer_n = c->pointer.n;
    bool more = true;

    if (!enter(c))
        return false;
    skip_blanks(c);
    if (peek(c) == '}') {
        c->at++;
        more = false;
    } else if (peek(c) < 0) {
        return not_closed(c, open, "object");
    }
    while (more) {
        ByoStr name = BYO_STR_NONE;
        skip_blanks(c);
        if (peek(c) != '"') {
            if (is_letter(peek(c)))
                return fail(c, c->at, "names stand in double quotes: \"%.*s\"", (int)word_length(c),
                            c->text.p + c->at);
            return unexpected(c, "a name in double quotes");
        }
        size_t name_at = c->at;
        if (!check_string(c, &name))
            return false;
        remember_member(c, name, name_at);
        skip_blanks(c);
        const Member *m = &c->members[c->n_members - 1];
        byo_json_text_pointer(&c->pointer, byo_strn(byo_buf_str(&c->names).p + m->name_at, m->name_len));
        if (peek(c) != ':')
            return unexpected(c, "a colon");
        c->at++;
        skip_blanks(c);
        if (!check_value(c))
            return false;
        c->pointer.n = pointer_n;
        if (!check_follow(c, open, '}', &more))
            return false;
    }
    close_object(c, from);
    c->depth--;
    return true;
}

static bool check_array(Check *c)
{
    size_t open = c->at, pointer_n = c->pointer.n, index = 0;
    bool more = true;

    if (!enter(c))
        return false;
    skip_blanks(c);
    if (peek(c) == ']') {
        c->at++;
        more = false;
    } else if (peek(c) < 0) {
        return not_closed(c, open, "array");
    }
    while (more) {
        byo_buf_addf(&c->pointer, "/%zu", index++);
        if (!check_value(c))
            return false;
        c->pointer.n = pointer_n;
        if (!check_follow(c, open, ']', &more))
            return false;
    }
    c->depth--;
    return true;
}

static bool check_value(Check *c)
{
    ByoStr inside;
    int ch = peek(c);

    if (ch == '{')
        return check_object(c);
    if (ch == '[')
        return check_array(c);
    if (ch == '"')
        return check_string(c, &inside);
    if (ch == '-' || is_digit(ch))
        return check_number(c);
    if (is_letter(ch))
        return check_word(c);
    if (ch == '+')
        return fail(c, c->at, "a number has no plus in front");
    if (ch == '.')
        return fail(c, c->at, "a number begins with a digit");
    return unexpected(c, "a value");
}

bool byo_json_text_check(ByoStr text, unsigned max_depth, ByoJsonTell *tell, void *arg)
{
    Check c = {.text = text, .max_depth = max_depth, .tell = tell, .arg = arg};
    bool ok;

    if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0) {
        ok = fail(&c, 0, "the text begins with a byte order mark: save it as UTF-8 without one");
    } else if (text.n >= 2 && (memcmp(text.p, "\xff\xfe", 2) == 0 || memcmp(text.p, "\xfe\xff", 2) == 0)) {
        ok = fail(&c, 0, "the text is UTF-16: save it as UTF-8");
    } else {
        skip_blanks(&c);
        ok = check_value(&c);
        if (ok) {
            skip_blanks(&c);
            if (c.at < text.n)
                ok = fail(&c, c.at, "there is text behind the end of the JSON value");
        }
    }
    byo_buf_free(&c.pointer);
    byo_buf_free(&c.names);
    free(c.members);
    return ok;
}
