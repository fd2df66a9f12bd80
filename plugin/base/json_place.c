/* SPDX-License-Identifier: BSD-3-Clause
 * Characters, places and paths of a JSON text: what the check and the faults are made of.
 * Ownership: borrows the text. Threads: values. */
#include "base/json_text.h"

/* ---- characters ---- */

size_t byo_json_utf8(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t len;
    uint32_t scalar, least;

    if (u[0] < 0x80)
        return 1;
    if (u[0] >= 0xc2 && u[0] <= 0xdf)
        len = 2, scalar = u[0] & 0x1f, least = 0x80;
    else if ((u[0] & 0xf0) == 0xe0)
        len = 3, scalar = u[0] & 0x0f, least = 0x800;
    else if (u[0] >= 0xf0 && u[0] <= 0xf4)
        len = 4, scalar = u[0] & 0x07, least = 0x10000;
    else
        return 0;
    if (len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((u[i] & 0xc0) != 0x80)
            return 0;
        scalar = scalar << 6 | (u[i] & 0x3f);
    }
    if (scalar < least || scalar > 0x10ffff || (scalar >= 0xd800 && scalar <= 0xdfff))
        return 0;
    return len;
}

static void add_utf8(ByoBuf *out, uint32_t scalar)
{
    if (scalar < 0x80) {
        byo_buf_addc(out, (char)scalar);
        return;
    }
    if (scalar < 0x800) {
        byo_buf_addc(out, (char)(0xc0 | scalar >> 6));
    } else {
        if (scalar < 0x10000) {
            byo_buf_addc(out, (char)(0xe0 | scalar >> 12));
        } else {
            byo_buf_addc(out, (char)(0xf0 | scalar >> 18));
            byo_buf_addc(out, (char)(0x80 | (scalar >> 12 & 0x3f)));
        }
        byo_buf_addc(out, (char)(0x80 | (scalar >> 6 & 0x3f)));
    }
    byo_buf_addc(out, (char)(0x80 | (scalar & 0x3f)));
}

int byo_json_hex4(const char *p, size_t n)
{
    int value = 0;

    if (n < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

const char *byo_json_escape(char c)
{
    switch (c) {
    case '"':
        return "\"";
    case '\\':
        return "\\";
    case '/':
        return "/";
    case 'b':
        return "\b";
    case 'f':
        return "\f";
    case 'n':
        return "\n";
    case 'r':
        return "\r";
    case 't':
        return "\t";
    default:
        return NULL;
    }
}

void byo_json_unescape(ByoStr raw, ByoBuf *out)
{
    for (size_t i = 0; i < raw.n;) {
        if (raw.p[i] != '\\') {
            byo_buf_addc(out, raw.p[i++]);
        } else if (raw.p[i + 1] != 'u') {
            byo_buf_adds(out, byo_json_escape(raw.p[i + 1]));
            i += 2;
        } else {
            uint32_t scalar = (uint32_t)byo_json_hex4(raw.p + i + 2, raw.n - i - 2);
            i += 6;
            if (scalar >= 0xd800 && scalar <= 0xdbff) {
                uint32_t low = (uint32_t)byo_json_hex4(raw.p + i + 2, raw.n - i - 2);
                scalar = 0x10000 + ((scalar - 0xd800) << 10) + (low - 0xdc00);
                i += 6;
            }
            add_utf8(out, scalar);
        }
    }
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

/* ---- finding, in a text that passed ---- */

static size_t behind_blanks(ByoStr text, size_t at)
{
    while (at < text.n &&
           (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r' || text.p[at] == '\n'))
        at++;
    return at;
}

static size_t behind_string(ByoStr text, size_t at)
{
    for (at++; at < text.n && text.p[at] != '"'; at++)
        if (text.p[at] == '\\')
            at++;
    return at + 1;
}

ByoStr byo_json_text_token(ByoStr text, size_t offset)
{
    size_t n = 0;

    while (offset + n < text.n && !strchr(",:]} \t\r\n", text.p[offset + n]))
        n++;
    return byo_strn(text.p + offset, n);
}

static size_t behind_value(ByoStr text, size_t at)
{
    size_t open = 0;

    do {
        char ch = text.p[at];
        if (ch == '"') {
            at = behind_string(text, at);
            continue;
        }
        if (ch == '{' || ch == '[')
            open++;
        else if (ch == '}' || ch == ']')
            open--;
        else if (open == 0)
            return at + byo_json_text_token(text, at).n;
        at++;
    } while (open && at < text.n);
    return at;
}

static bool name_is(ByoStr inside, const char *key)
{
    ByoBuf name = {0};
    bool same;

    if (!inside.n || !memchr(inside.p, '\\', inside.n))
        return byo_str_is(inside, key);
    byo_json_unescape(inside, &name);
    same = byo_str_is(byo_buf_str(&name), key);
    byo_buf_free(&name);
    return same;
}

bool byo_json_text_find(ByoStr text, const ByoJsonStep *steps, size_t n, size_t *name_r, size_t *value_r)
{
    size_t at = behind_blanks(text, 0), name = at;

    for (size_t i = 0; i < n; i++) {
        char closing = steps[i].key ? '}' : ']';
        bool found = false;
        size_t found_at = 0, index = 0;

        if (at >= text.n || text.p[at] != (steps[i].key ? '{' : '['))
            return false;
        at = behind_blanks(text, at + 1);
        while (at < text.n && text.p[at] != closing) {
            size_t name_at = at;
            bool match = index++ == steps[i].index;
            if (steps[i].key) {
                at = behind_string(text, at);
                match = name_is(byo_strn(text.p + name_at + 1, at - name_at - 2), steps[i].key);
                at = behind_blanks(text, behind_blanks(text, at) + 1); /* the colon */
            }
            if (match) {
                found = true;
                found_at = at;
                name = name_at;
                if (!steps[i].key)
                    break;
            }
            at = behind_blanks(text, behind_value(text, at));
            if (at < text.n && text.p[at] == ',')
                at = behind_blanks(text, at + 1);
        }
        if (!found)
            return false;
        at = found_at;
    }
    *name_r = name;
    *value_r = at;
    return true;
}
