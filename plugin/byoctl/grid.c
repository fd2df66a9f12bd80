/* SPDX-License-Identifier: BSD-3-Clause
 * Tables.
 * Ownership and threads: grid.h. */
#include "byoctl/grid.h"

#include <stdarg.h>
#include <stdlib.h>

#include <unistr.h>
#include <uniwidth.h>

#include "encoding/charset.h"

enum { GAP = 2, NARROWEST = 8 };

struct ByoGrid {
    char *titles[BYO_GRID_COLUMNS];
    bool right[BYO_GRID_COLUMNS], whole[BYO_GRID_COLUMNS];
    bool tail; /* the last column runs on */
    size_t columns;
    char **cells;
    size_t n, cap;
};

ByoGrid *byo_grid_create(const char *titles)
{
    ByoGrid *t = byo_zalloc(sizeof *t);
    while (t->columns < BYO_GRID_COLUMNS) {
        t->right[t->columns] = titles[0] == '>';
        t->tail = titles[0] == '+';
        t->whole[t->columns] = titles[0] == '!' || t->tail;
        titles += t->right[t->columns] || t->whole[t->columns];
        const char *bar = strchr(titles, '|');
        t->titles[t->columns++] =
            byo_str_dup(byo_strn(titles, bar ? (size_t)(bar - titles) : strlen(titles)));
        if (!bar)
            break;
        titles = bar + 1;
    }
    return t;
}

void byo_grid_destroy(ByoGrid *t)
{
    for (size_t i = 0; i < t->columns; i++)
        free(t->titles[i]);
    for (size_t i = 0; i < t->n; i++)
        free(t->cells[i]);
    free(t->cells);
    free(t);
}

/* C0, DEL, C1, and what turns the direction of a line. */
static bool is_unsafe(ucs4_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e || c == 0x200f || c == 0x061c ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void byo_grid_clean(ByoBuf *out, ByoStr text)
{
    const uint8_t *p = (const uint8_t *)text.p;
    for (size_t i = 0; i < text.n;) {
        ucs4_t c;
        int n = u8_mbtoucr(&c, p + i, text.n - i);
        if (n <= 0 || is_unsafe(c))
            byo_buf_addc(out, '?');
        else
            byo_buf_add(out, p + i, (size_t)n);
        i += n > 0 ? (size_t)n : 1;
    }
}

void byo_grid_add(ByoGrid *t, ByoStr text)
{
    ByoBuf clean = {0};
    byo_buf_need(&clean, 1);
    byo_buf_clear(&clean);
    byo_grid_clean(&clean, text.p ? text : BYO_STR("-"));
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 64;
        t->cells = byo_realloc(t->cells, t->cap * sizeof *t->cells);
    }
    t->cells[t->n++] = clean.p;
}

void byo_grid_addf(ByoGrid *t, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    byo_grid_add(t, byo_str(text));
}

size_t byo_grid_rows(const ByoGrid *t)
{
    return t->n / t->columns;
}

static size_t width_of(const char *z)
{
    int w = u8_strwidth((const uint8_t *)z, "UTF-8");
    return w < 0 ? strlen(z) : (size_t)w;
}

static void fit(const ByoGrid *t, size_t width[BYO_GRID_COLUMNS])
{
    /* NOLINTBEGIN(clang-analyzer-core.*) a grid has at least one column and a title for each */
    size_t total = GAP * (t->columns - 1);
    for (size_t i = 0; i < t->columns; i++)
        width[i] = width_of(t->titles[i]);
    for (size_t i = 0; i < t->n; i++)
        if (width_of(t->cells[i]) > width[i % t->columns])
            width[i % t->columns] = width_of(t->cells[i]);
    for (size_t i = 0; i < t->columns - t->tail; i++)
        total += width[i];
    /* NOLINTEND(clang-analyzer-core.*) */
    if (t->tail)
        total += NARROWEST;
    while (total > BYO_GRID_WIDTH) {
        size_t widest = t->columns;
        for (size_t i = 0; i < t->columns; i++)
            if (!t->whole[i] && width[i] > NARROWEST && (widest == t->columns || width[i] > width[widest]))
                widest = i;
        if (widest == t->columns)
            return;
        width[widest]--;
        total--;
    }
}

/* Appends at most `width` columns of z; what is cut ends with "...". Returns the columns used. */
static size_t add_cut(ByoBuf *line, const char *z, size_t width)
{
    size_t all = width_of(z), used = 0;
    if (all <= width) {
        byo_buf_adds(line, z);
        return all;
    }
    ByoStr s = byo_str(z);
    for (size_t at = 0; at < s.n;) {
        size_t next = at;
        char one[8] = "";
        byo_utf8_next(s, &next);
        memcpy(one, s.p + at, next - at);
        size_t w = width_of(one);
        if (used + w + 3 > width)
            break;
        byo_buf_add(line, one, next - at);
        used += w;
        at = next;
    }
    byo_buf_adds(line, "...");
    return used + 3;
}

static void print_row(const ByoGrid *t, char *const *cells, const size_t *width, FILE *out)
{
    ByoBuf line = {0};
    for (size_t i = 0; i < t->columns; i++) {
        size_t w = width_of(cells[i]);
        size_t pad = w < width[i] ? width[i] - w : 0;
        if (t->right[i])
            byo_buf_addf(&line, "%*s", (int)pad, "");
        w = add_cut(&line, cells[i], width[i]);
        pad = w < width[i] ? width[i] - w : 0;
        if (i + 1 < t->columns)
            byo_buf_addf(&line, "%*s", (int)(GAP + (t->right[i] ? 0 : pad)), "");
    }
    while (line.n && line.p[line.n - 1] == ' ')
        line.n--;
    fprintf(out, "%.*s\n", (int)line.n, line.p);
    byo_buf_free(&line);
}

void byo_grid_print(const ByoGrid *t, FILE *out)
{
    size_t width[BYO_GRID_COLUMNS];
    fit(t, width);
    print_row(t, t->titles, width, out);
    for (size_t i = 0; i + t->columns <= t->n; i += t->columns)
        print_row(t, &t->cells[i], width, out);
}
