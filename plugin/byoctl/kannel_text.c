/* SPDX-License-Identifier: BSD-3-Clause
 * Changing lines and marking what was changed; taking it back: kannel_revert.c.
 * Ownership and threads: kannel_text.h. */
#include "byoctl/kannel_text.h"
#include "byoctl/kannel_text_private.h"

#include <stdlib.h>

typedef struct {
    ByoStr text;        /* with its end, when it has one */
    bool gone;          /* replaced, or a marker that is written anew */
    ByoBuf head, after; /* what comes in its place or before it, and behind it */
} Line;

struct ByoKannelText {
    Line *lines;
    size_t n;
    const char *end; /* how a line ends in this file */
    ByoBuf tail;
};

ByoStr byo_kannel_line(ByoStr text, size_t *at)
{
    const char *end = memchr(text.p + *at, '\n', text.n - *at);
    size_t n = end ? (size_t)(end - (text.p + *at)) + 1 : text.n - *at;
    ByoStr line = byo_strn(text.p + *at, n);
    *at += n;
    return line;
}

ByoStr byo_kannel_bare(ByoStr line)
{
    if (line.n && line.p[line.n - 1] == '\n') {
        line.n--;
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
    }
    return line;
}

bool byo_kannel_marker(ByoStr line, const char *mark, ByoStr *inside_r)
{
    ByoStr s = byo_kannel_bare(line);
    size_t n = strlen(mark);

    if (s.n < n || memcmp(s.p, mark, n) != 0)
        return false;
    *inside_r = byo_strn(s.p + n, s.n - n);
    if (mark[n - 1] != '|') /* the whole line: a person's words may begin like that */
        return byo_kannel_blank(*inside_r);
    if (inside_r->n == 0 || inside_r->p[inside_r->n - 1] != '|')
        return false;
    inside_r->n--;
    return true;
}

bool byo_kannel_joins(ByoStr line)
{
    ByoStr s = line;

    if (s.n && s.p[s.n - 1] == '\n')
        s.n--;
    return s.n && s.p[s.n - 1] == '\\' && !(s.n > 1 && s.p[s.n - 2] == '\\');
}

bool byo_kannel_blank(ByoStr line)
{
    for (size_t k = 0; k < line.n; k++)
        if (!strchr(" \t\r\n\v\f", line.p[k]))
            return false;
    return true;
}

ByoKannelText *byo_kannel_text_create(ByoStr text)
{
    ByoKannelText *t = byo_zalloc(sizeof *t);

    for (size_t at = 0; at < text.n;) {
        if ((t->n & (t->n - 1)) == 0)
            t->lines = byo_realloc(t->lines, (t->n ? 2 * t->n : 1) * sizeof *t->lines);
        t->lines[t->n++] = (Line){.text = byo_kannel_line(text, &at)};
    }
    t->end = byo_kannel_text_end(text);
    return t;
}

void byo_kannel_text_free(ByoKannelText *t)
{
    if (!t)
        return;
    for (size_t k = 0; k < t->n; k++) {
        byo_buf_free(&t->lines[k].head);
        byo_buf_free(&t->lines[k].after);
    }
    free(t->lines);
    byo_buf_free(&t->tail);
    free(t);
}

/* The last physical line of the one that begins at k. */
static size_t last_of(const ByoKannelText *t, size_t k)
{
    while (k + 1 < t->n && byo_kannel_joins(t->lines[k].text))
        k++;
    return k;
}

const char *byo_kannel_end_of(ByoStr line)
{
    size_t bare = byo_kannel_bare(line).n;
    return line.n == bare ? "" : line.n - bare == 2 ? "\r\n" : "\n";
}

const char *byo_kannel_text_end(ByoStr text)
{
    size_t at = 0;
    const char *end = byo_kannel_end_of(byo_kannel_line(text, &at));
    return *end ? end : "\n";
}

/* How the line's marker ends: as the line does, so that it gets its end back. */
static const char *marker_end(const ByoKannelText *t, size_t k)
{
    const char *end = byo_kannel_end_of(t->lines[k].text);
    return *end ? end : t->end;
}

/* What byobox would find had it not written there before: of a list, what byobox did not put in. */
static void was_of_edited(ByoKannelText *t, size_t k, ByoStr wrote, ByoStr was, ByoBuf *head)
{
    ByoStr line = byo_kannel_bare(t->lines[k].text);
    ByoBuf left = {0};

    switch (byo_kannel_unlist(line, wrote, was, &left)) {
    case BYO_KANNEL_LEFT:
        byo_buf_addf(head, BYO_KANNEL_WAS "%s|%s", left.p, marker_end(t, k));
        break;
    case BYO_KANNEL_NO_LIST:
        byo_buf_addf(head, BYO_KANNEL_WAS "%.*s|%s", BYO_PF(line), marker_end(t, k));
        break;
    case BYO_KANNEL_NOTHING_LEFT:
        break;
    }
    byo_buf_free(&left);
}

static void was_of(ByoKannelText *t, size_t first, size_t last, ByoBuf *head)
{
    for (size_t k = first; k <= last; k++)
        byo_buf_addf(head, BYO_KANNEL_WAS "%.*s|%s", BYO_PF(byo_kannel_bare(t->lines[k].text)),
                     marker_end(t, k));
}

/* What stood there before, as markers in head; those of an earlier change are written anew or stay. The marker of
 * the new line is returned. */
static const char *mark(ByoKannelText *t, size_t first, size_t last, ByoBuf *head)
{
    ByoStr wrote, was = BYO_STR_NONE;
    const char *now = BYO_KANNEL_NOW;
    size_t k = first;

    if (k > 0 && byo_kannel_marker(t->lines[k - 1].text, BYO_KANNEL_NOW_END, &wrote))
        now = BYO_KANNEL_NOW_END;
    else if (k == 0 || !byo_kannel_marker(t->lines[k - 1].text, BYO_KANNEL_NOW, &wrote)) {
        was_of(t, first, last, head);
        return now;
    }
    t->lines[--k].gone = true;
    if (byo_str_eq(byo_kannel_bare(t->lines[first].text), wrote))
        return now;
    if (k > 0)
        byo_kannel_marker(t->lines[k - 1].text, BYO_KANNEL_WAS, &was);
    for (ByoStr inside; k > 0 && byo_kannel_marker(t->lines[k - 1].text, BYO_KANNEL_WAS, &inside);)
        t->lines[--k].gone = true;
    was_of_edited(t, first, wrote, was, head);
    return now;
}

void byo_kannel_text_set(ByoKannelText *t, int line, const char *key, const char *value)
{
    size_t first = (size_t)line - 1, last, indent = 0;

    if (line < 1 || first >= t->n)
        return;
    last = last_of(t, first);
    ByoStr text = t->lines[first].text;
    ByoBuf *head = &t->lines[first].head;
    while (indent < text.n && (text.p[indent] == ' ' || text.p[indent] == '\t'))
        indent++;
    const char *now = mark(t, first, last, head);
    for (size_t k = first; k <= last; k++)
        t->lines[k].gone = true;
    byo_buf_addf(head, "%s%.*s%s = %s|%s%.*s%s = %s%s", now, (int)indent, text.p, key, value,
                 marker_end(t, last), (int)indent, text.p, key, value,
                 byo_kannel_end_of(t->lines[last].text));
}

void byo_kannel_text_add(ByoKannelText *t, int line, const char *key, const char *value)
{
    size_t k = (size_t)line - 1;

    if (line < 1 || k >= t->n)
        return;
    Line *l = &t->lines[last_of(t, k)];
    bool open = !*byo_kannel_end_of(l->text);
    if (open)
        byo_buf_adds(&l->after, t->end);
    byo_buf_addf(&l->after, "%s%s = %s|%s%s = %s%s", open ? BYO_KANNEL_NOW_END : BYO_KANNEL_NOW, key, value,
                 t->end, key, value, open ? "" : t->end);
}

void byo_kannel_text_append(ByoKannelText *t, const char *lines)
{
    ByoBuf so_far = {0};
    byo_kannel_text_out(t, &so_far);
    bool open = so_far.n && so_far.p[so_far.n - 1] != '\n';
    byo_buf_addf(&t->tail, "%s%s%s%s", open ? t->end : "", t->end,
                 open ? BYO_KANNEL_BEGIN_END : BYO_KANNEL_BEGIN, t->end);
    for (size_t at = 0, n = strlen(lines); at < n;) {
        ByoStr line = byo_kannel_bare(byo_kannel_line(byo_strn(lines, n), &at));
        byo_buf_addf(&t->tail, "%.*s%s", BYO_PF(line), t->end);
    }
    byo_buf_addf(&t->tail, "%s" BYO_KANNEL_END "%s", t->end, t->end);
    byo_buf_free(&so_far);
}

void byo_kannel_text_out(const ByoKannelText *t, ByoBuf *out)
{
    for (size_t k = 0; k < t->n; k++) {
        const Line *l = &t->lines[k];
        byo_buf_add(out, l->head.p, l->head.n);
        if (!l->gone)
            byo_buf_add(out, l->text.p, l->text.n);
        byo_buf_add(out, l->after.p, l->after.n);
    }
    byo_buf_add(out, t->tail.p, t->tail.n);
}
