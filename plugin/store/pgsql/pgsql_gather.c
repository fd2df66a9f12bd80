/* SPDX-License-Identifier: BSD-3-Clause
 * Rows a turn adds to or removes from inward, and the steps of messages that are reports: gathered, and written together.
 * Decides: when: before the commit, or before a statement that looks at their tables (the list of statements says which do).
 * What was added in the transaction and is nobody's is claimed here, without the database.
 * Ownership: the ByoStore's. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

typedef struct {
    ByoId id;
    bool named, given;
    size_t box, box_n, frame, frame_n; /* in texts */
} Added;

typedef struct {
    ByoId id, message;
    int64_t type, at;
} Report;

typedef struct {
    char *at;
    size_t n, cap;
} Array;

struct ByoPgGathered {
    ByoBuf texts;
    Array added, removed, reports; /* of Added, int64_t, Report */
};

static void *add(Array *a, size_t octets)
{
    if (a->n == a->cap) {
        a->cap = a->cap ? 2 * a->cap : 64;
        a->at = byo_realloc(a->at, a->cap * octets);
    }
    return a->at + octets * a->n++;
}

static ByoPgGathered *gathered(ByoStore *s)
{
    if (!s->gathered)
        s->gathered = byo_zalloc(sizeof *s->gathered);
    return s->gathered;
}

static ByoStr text_at(const ByoPgGathered *g, size_t at, size_t n)
{
    return n ? byo_strn(g->texts.p + at, n) : BYO_STR("");
}

void byo_pg_gathered_free(ByoStore *s)
{
    if (!s->gathered)
        return;
    byo_buf_free(&s->gathered->texts);
    free(s->gathered->added.at);
    free(s->gathered->removed.at);
    free(s->gathered->reports.at);
    free(s->gathered);
    s->gathered = NULL;
}

void byo_pg_gathered_forget(ByoStore *s)
{
    if (!s->gathered)
        return;
    byo_buf_clear(&s->gathered->texts);
    s->gathered->added.n = s->gathered->removed.n = s->gathered->reports.n = 0;
}

/* -- gathering --------------------------------------------------------------------------------------- */

void byo_pg_gather_inward(ByoStore *s, const ByoInwardRow *row)
{
    ByoPgGathered *g = gathered(s);
    Added *a = add(&g->added, sizeof *a);
    *a = (Added){.id = row->id, .named = row->named, .given = row->given, .frame_n = row->frame.n};
    a->box = g->texts.n;
    a->box_n = row->named ? row->box.n : 0;
    byo_buf_add(&g->texts, row->box.p, a->box_n);
    a->frame = g->texts.n;
    byo_buf_add(&g->texts, row->frame.p, row->frame.n);
}

void byo_pg_gather_removal(ByoStore *s, ByoId id)
{
    *(int64_t *)add(&gathered(s)->removed, sizeof(int64_t)) = id;
}

void byo_pg_gather_report(ByoStore *s, ByoId id, int type, ByoTime at, ByoId message)
{
    *(Report *)add(&gathered(s)->reports, sizeof(Report)) =
        (Report){.id = id, .message = message, .type = type, .at = at};
}

/* -- writing ------------------------------------------------------------------------------------------- */

static void write_added(ByoStore *s, const ByoPgGathered *g, size_t first, size_t n)
{
    int64_t numbers[3 * BYO_PG_ROWS_MAX], *named = numbers + n, *slots = named + n;
    ByoStr texts[2 * BYO_PG_ROWS_MAX];
    for (size_t i = 0; i < n; i++) {
        const Added *a = (const Added *)g->added.at + first + i;
        numbers[i] = a->id;
        named[i] = a->named;
        slots[i] = a->given ? s->session.slot : BYO_PG_NO_INT;
        texts[i] = text_at(g, a->box, a->box_n);
        texts[n + i] = text_at(g, a->frame, a->frame_n);
    }
    byo_pg_write(s, BYO_PG_INWARD_ADD, PG_INTS(numbers, n), PG_INTS(named, n), PG_OCTETSS(texts, n),
                 PG_OCTETSS(texts + n, n), PG_INTS(slots, n));
}

static void write_reports(ByoStore *s, const ByoPgGathered *g, size_t first, size_t n)
{
    int64_t ids[4 * BYO_PG_ROWS_MAX], *types = ids + n, *times = types + n, *messages = times + n;
    for (size_t i = 0; i < n; i++) {
        const Report *r = (const Report *)g->reports.at + first + i;
        ids[i] = r->id;
        types[i] = r->type;
        times[i] = r->at;
        messages[i] = r->message;
    }
    byo_pg_write(s, BYO_PG_REPORTS_ADD, PG_INTS(ids, n), PG_INTS(types, n), PG_INTS(times, n),
                 PG_INTS(messages, n));
}

/* In pieces, so that none is large. It has none afterwards. */
static void write_all(ByoStore *s, ByoPgGathered *g, Array *of,
                      void (*write)(ByoStore *s, const ByoPgGathered *g, size_t first, size_t n))
{
    size_t all = of->n;
    of->n = 0;
    for (size_t at = 0; at < all; at += BYO_PG_ROWS_MAX)
        write(s, g, at, all - at < BYO_PG_ROWS_MAX ? all - at : BYO_PG_ROWS_MAX);
}

static void write_removed(ByoStore *s, ByoPgGathered *g)
{
    size_t n = g->removed.n;
    g->removed.n = 0;
    if (n)
        byo_pg_write(s, BYO_PG_INWARD_REMOVE, PG_INTS((const int64_t *)g->removed.at, n));
}

bool byo_pg_gathered_write(ByoStore *s)
{
    ByoPgGathered *g = s->gathered;
    if (!g || (!g->added.n && !g->removed.n && !g->reports.n))
        return true;
    write_all(s, g, &g->added, write_added);
    write_removed(s, g);
    write_all(s, g, &g->reports, write_reports);
    byo_buf_clear(&g->texts);
    return !s->course.failed;
}

/* -- claiming ------------------------------------------------------------------------------------------- */

void byo_pg_gathered_settle_removals(ByoStore *s)
{
    if (!s->gathered || !s->gathered->removed.n)
        return;
    const Added *first = (const Added *)s->gathered->added.at;
    for (size_t i = 0; s->gathered->added.n && i < s->gathered->removed.n; i++)
        if (((const int64_t *)s->gathered->removed.at)[i] >= first->id) {
            byo_pg_gathered_write(s);
            return;
        }
    write_removed(s, s->gathered);
}

int byo_pg_gathered_claim(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                          void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    int n = 0;
    for (size_t i = 0; s->gathered && n < max && i < s->gathered->added.n; i++) {
        Added *a = (Added *)s->gathered->added.at + i;
        ByoInwardRow row = {.id = a->id, .named = named, .box = box};
        if (a->named != named || (a->given && a->id <= after) ||
            (named && !byo_str_eq(text_at(s->gathered, a->box, a->box_n), box)))
            continue;
        row.frame = text_at(s->gathered, a->frame, a->frame_n);
        a->given = true;
        byo_pg_waiting_know(s, &row);
        each(arg, &row);
        n++;
    }
    return n;
}
