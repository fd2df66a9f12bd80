/* SPDX-License-Identifier: BSD-3-Clause
 * Words everyone shares: a borrowed string and a growing buffer.
 * Ownership: ByoStr never owns; ByoBuf owns until byo_buf_free.
 * Threads: values, no shared state. */
#ifndef BYO_BASE_STR_H
#define BYO_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes somebody else owns. p == NULL means "absent" (the box protocol tells absent from empty). */
typedef struct {
    const char *p;
    size_t n;
} ByoStr;

/* A growing byte buffer. Zero-initialised is empty. p is NUL-terminated whenever it is not NULL. */
typedef struct {
    char *p;
    size_t n;
    size_t cap;
} ByoBuf;

#define BYO_STR(lit) ((ByoStr){(lit), sizeof(lit) - 1})
#define BYO_STR_NONE ((ByoStr){NULL, 0})
/* printf helper: printf("%.*s", BYO_PF(s)) */
#define BYO_PF(s) (int)(s).n, (s).p ? (s).p : ""

static inline ByoStr byo_str(const char *z)
{
    return (ByoStr){z, z ? strlen(z) : 0};
}
static inline ByoStr byo_strn(const char *p, size_t n)
{
    return (ByoStr){p, n};
}
static inline bool byo_str_eq(ByoStr a, ByoStr b)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.*) p is NULL only where n is 0, which the analyzer cannot know */
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool byo_str_is(ByoStr a, const char *z)
{
    return byo_str_eq(a, byo_str(z));
}
/* Of ASCII letters, whatever the locale. */
static inline char byo_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
/* ASCII letter case ignored, whatever the locale. */
bool byo_str_ieq(ByoStr a, ByoStr b);
/* A NUL-terminated copy the caller frees with free(); NULL for an absent string. */
char *byo_str_dup(ByoStr s);
/* Whole decimal number (optional '-'), nothing else; false when it is not one or does not fit. */
bool byo_str_int(ByoStr s, int64_t *value_r);

/* Allocation never returns NULL: out of memory ends the process (after a log line). */
void *byo_alloc(size_t n);
void *byo_zalloc(size_t n);
void *byo_realloc(void *p, size_t n);
char *byo_strdup(const char *z); /* NULL gives NULL */
char *byo_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void byo_buf_grow(ByoBuf *b, size_t more); /* byo_buf_need, where there is no room */
/* Room for `more` further bytes and a NUL. */
static inline void byo_buf_need(ByoBuf *b, size_t more)
{
    if (more >= b->cap - b->n) /* n is below cap, or both are 0 */
        byo_buf_grow(b, more);
}
static inline void byo_buf_add(ByoBuf *b, const void *p, size_t n)
{
    byo_buf_need(b, n);
    if (n > 0) /* NOLINTNEXTLINE(clang-analyzer-core.*) p is NULL only where n is 0 */
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = 0;
}
static inline void byo_buf_addc(ByoBuf *b, char c)
{
    byo_buf_need(b, 1);
    b->p[b->n++] = c;
    b->p[b->n] = 0;
}
void byo_buf_adds(ByoBuf *b, const char *z);
void byo_buf_addf(ByoBuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void byo_buf_free(ByoBuf *b); /* leaves it empty and usable */
static inline void byo_buf_clear(ByoBuf *b)
{
    b->n = 0;
    if (b->p)
        b->p[0] = 0;
}
static inline ByoStr byo_buf_str(const ByoBuf *b)
{
    return (ByoStr){b->p ? b->p : "", b->n};
}

/* Without its '+'. */
static inline ByoStr byo_digits(ByoStr address)
{
    return address.n && address.p[0] == '+' ? byo_strn(address.p + 1, address.n - 1) : address;
}

#endif
