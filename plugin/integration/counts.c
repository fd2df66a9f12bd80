/* SPDX-License-Identifier: BSD-3-Clause
 * ByoCounters is nothing but numbers of 64 bits.
 * Ownership and threads: counts.h. */
#include "integration/counts.h"

#include <inttypes.h>
#include <stdio.h>

#include "integration/error_map.h"

enum { NUMBERS = sizeof(ByoCounters) / sizeof(int64_t), NAME = 64 };
_Static_assert(sizeof(ByoCounters) == NUMBERS * sizeof(int64_t), "nothing else stands in it");

/* The number at a place of the structure; false: it has no name (a histogram's place that is not used). */
static bool name_of(size_t at, char name[NAME])
{
    size_t octets = at * sizeof(int64_t), causes = offsetof(ByoCounters, failed_by);
    for (size_t i = 0; byo_counter_row(i); i++)
        if (byo_counter_row(i)->offset == octets) {
            snprintf(name, NAME, "%s", byo_counter_row(i)->json);
            return true;
        }
    if (octets >= causes && octets < causes + sizeof((ByoCounters *)NULL)->failed_by) {
        snprintf(name, NAME, "failed:%s", byo_cause_name((octets - causes) / sizeof(int64_t)));
        size_t same = byo_cause_index(name + 7); /* what is behind the list shares one place */
        return same == (octets - causes) / sizeof(int64_t);
    }
    for (size_t i = 0; byo_histogram_row(i); i++) {
        const ByoHistogramRow *h = byo_histogram_row(i);
        size_t place = (octets - h->offset) / sizeof(int64_t);
        if (octets < h->offset || octets >= h->offset + sizeof(ByoHistogram) ||
            (place > h->n && place <= BYO_BUCKETS_MAX))
            continue;
        if (place > BYO_BUCKETS_MAX)
            snprintf(name, NAME, "%s:sum", h->metric);
        else if (place == h->n)
            snprintf(name, NAME, "%s:more", h->metric);
        else
            snprintf(name, NAME, "%s:%" PRId64, h->metric, (int64_t)h->bounds[place]);
        return true;
    }
    return false;
}

static int64_t *number_at(ByoCounters *c, size_t at)
{
    return (int64_t *)(void *)((char *)c + at * sizeof(int64_t));
}

void byo_counts_write(const ByoCounters *c, ByoBuf *out)
{
    char name[NAME];
    ByoCounters copy = *c;
    for (size_t at = 0; at < NUMBERS; at++)
        if (*number_at(&copy, at) && name_of(at, name))
            byo_buf_addf(out, "%s%s=%" PRId64, out->n ? " " : "", name, *number_at(&copy, at));
}

/* The number a histogram's "sum", "more" or bound names; NULL: it is none of it. */
static int64_t *of_histogram(ByoCounters *c, const ByoHistogramRow *row, ByoStr name)
{
    int64_t bound;
    ByoHistogram *h = (ByoHistogram *)(void *)((char *)c + row->offset);
    if (byo_str_is(name, "sum"))
        return &h->sum;
    if (byo_str_is(name, "more"))
        return &h->bucket[row->n];
    for (size_t i = 0; byo_str_int(name, &bound) && i < row->n; i++)
        if (row->bounds[i] == bound)
            return &h->bucket[i];
    return NULL;
}

/* NULL: it is not known. */
static int64_t *number_named(ByoCounters *c, ByoStr name)
{
    char cause[NAME];
    const char *colon = memchr(name.p, ':', name.n);
    ByoStr of = byo_strn(name.p, colon ? (size_t)(colon - name.p) : name.n),
           part = byo_strn(name.p + of.n + 1, colon ? name.n - of.n - 1 : 0);
    for (size_t i = 0; !colon && byo_counter_row(i); i++)
        if (byo_str_is(name, byo_counter_row(i)->json))
            return (int64_t *)(void *)((char *)c + byo_counter_row(i)->offset);
    if (colon && byo_str_is(of, "failed")) {
        snprintf(cause, sizeof cause, "%.*s", BYO_PF(part));
        return &c->failed_by[byo_cause_index(cause)];
    }
    for (size_t i = 0; colon && byo_histogram_row(i); i++)
        if (byo_str_is(of, byo_histogram_row(i)->metric))
            return of_histogram(c, byo_histogram_row(i), part);
    return NULL;
}

void byo_counts_read(ByoStr text, ByoCounters *c)
{
    while (text.n) {
        const char *end = memchr(text.p, ' ', text.n);
        ByoStr word = byo_strn(text.p, end ? (size_t)(end - text.p) : text.n);
        const char *is = memchr(word.p, '=', word.n);
        size_t name = is ? (size_t)(is - word.p) : 0, used = word.n + (end ? 1 : 0);
        int64_t n, *at = name ? number_named(c, byo_strn(word.p, name)) : NULL;
        if (at && byo_str_int(byo_strn(is + 1, word.n - name - 1), &n) && n > 0)
            *at += n;
        text = byo_strn(text.p + used, text.n - used);
    }
}

void byo_counts_move(ByoCounters *to, const ByoCounters *more, const ByoCounters *less)
{
    ByoCounters m = *more, l = *less;
    for (size_t at = 0; at < NUMBERS; at++)
        *number_at(to, at) += *number_at(&m, at) - *number_at(&l, at);
}
