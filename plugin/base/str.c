/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: how memory and text grow, and that running out of memory ends the process.
 * Ownership: see str.h; whatever is returned as char * belongs to the caller.
 * Threads: values, no shared state. */
#include "base/str.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUF_FIRST 64

/* Neither stdio's buffers nor a log may be trusted when memory is gone: write(2) and no more. */
static _Noreturn void out_of_memory(void)
{
    static const char line[] = "byobox: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, line, sizeof(line) - 1);

    (void)ignored;
    abort();
}

bool byo_str_ieq(ByoStr a, ByoStr b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++) {
        if (byo_lower(a.p[i]) != byo_lower(b.p[i]))
            return false;
    }
    return true;
}

char *byo_str_dup(ByoStr s)
{
    char *copy;

    if (!s.p)
        return NULL;
    copy = byo_alloc(s.n + 1);
    memcpy(copy, s.p, s.n);
    copy[s.n] = 0;
    return copy;
}

bool byo_str_int(ByoStr s, int64_t *value_r)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    int64_t value = 0;
    size_t i = negative ? 1 : 0;

    if (i == s.n)
        return false;
    /* Counted downwards: the negative range is the larger one. */
    for (; i < s.n; i++) {
        int digit = s.p[i] - '0';

        if (digit < 0 || digit > 9)
            return false;
        if (__builtin_mul_overflow(value, (int64_t)10, &value) ||
            __builtin_sub_overflow(value, (int64_t)digit, &value))
            return false;
    }
    if (!negative && value == INT64_MIN)
        return false;
    *value_r = negative ? value : -value;
    return true;
}

void *byo_alloc(size_t n)
{
    void *p = malloc(n ? n : 1);

    if (!p)
        out_of_memory();
    return p;
}

void *byo_zalloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);

    if (!p)
        out_of_memory();
    return p;
}

void *byo_realloc(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (!p)
        out_of_memory();
    return p;
}

char *byo_strdup(const char *z)
{
    return byo_str_dup(byo_str(z));
}

char *byo_printf(const char *fmt, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, fmt);
    n = vasprintf(&text, fmt, args);
    va_end(args);
    if (n < 0)
        out_of_memory();
    return text;
}

void byo_buf_grow(ByoBuf *b, size_t more)
{
    size_t need, cap;

    if (__builtin_add_overflow(b->n, more, &need) || __builtin_add_overflow(need, (size_t)1, &need))
        out_of_memory();
    cap = b->cap ? b->cap : BUF_FIRST;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    b->p = byo_realloc(b->p, cap);
    b->cap = cap;
    b->p[b->n] = 0;
}

void byo_buf_adds(ByoBuf *b, const char *z)
{
    byo_buf_add(b, z, strlen(z));
}

void byo_buf_addf(ByoBuf *b, const char *fmt, ...)
{
    va_list args;
    int n;

    byo_buf_need(b, 0);
    va_start(args, fmt);
    n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, args);
    va_end(args);
    if (n < 0)
        out_of_memory();
    if ((size_t)n >= b->cap - b->n) {
        byo_buf_need(b, (size_t)n);
        va_start(args, fmt);
        n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, args);
        va_end(args);
        if (n < 0)
            out_of_memory();
    }
    b->n += (size_t)n;
}

void byo_buf_free(ByoBuf *b)
{
    free(b->p);
    *b = (ByoBuf){0};
}
