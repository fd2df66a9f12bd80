/* SPDX-License-Identifier: BSD-3-Clause
 * Rows a turn adds to or removes from inward, and the steps of messages that are reports: gathered, and written together.
 * Decides: when: before the commit, or before a statement that looks at their tables (the list of statements says which do);
 * reports when they are some, behind their messages.
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
    ByoId id;
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

/* -- writing ------------------------------------------------------------------------------------------- */

static void write_added(ByoStore *s, const ByoPgGathered *g, size_t first, size_t n)
{
    ByoPgRecords r = {.of = BYO_PG_OF_INWARD};
    for (size_t i = 0; i < n; i++) {
        const Added *a = (const Added *)g->added.at + first + i;
        byo_pg_record(&r);
        byo_pg_put_int(&r, a->id);
        byo_pg_put_int(&r, a->named);
        byo_pg_put_text(&r, text_at(g, a->box, a->box_n));
        byo_pg_put_text(&r, text_at(g, a->frame, a->frame_n));
        byo_pg_put_int(&r, a->given ? s->session.slot : BYO_PG_NO_INT);
    }
    byo_pg_write(s, BYO_PG_INWARD_ADD, byo_pg_records(&s->session, &r));
    byo_buf_free(&r.b);
}

static bool may_be_purged(const ByoStore *s, ByoId id)
{
    return !s->stays_from || id < s->stays_from;
}

static void write_some_reports(ByoStore *s, const Report *reports, size_t n, bool old, ByoPgStatement q)
{
    ByoPgRecords r = {.of = BYO_PG_OF_REPORT};
    for (size_t i = 0; i < n; i++) {
        if (may_be_purged(s, reports[i].id) != old)
            continue;
        byo_pg_record(&r);
        byo_pg_put_int(&r, reports[i].id);
        byo_pg_put_int(&r, reports[i].type);
        byo_pg_put_int(&r, reports[i].at);
    }
    if (r.n)
        byo_pg_write(s, q, byo_pg_records(&s->session, &r));
    byo_buf_free(&r.b);
}

static void write_reports(ByoStore *s, const ByoPgGathered *g, size_t first, size_t n)
{
    const Report *reports = (const Report *)g->reports.at + first;
    write_some_reports(s, reports, n, false, s->reports_again ? BYO_PG_REPORTS_ADD_NEW : BYO_PG_REPORTS_ADD);
    write_some_reports(s, reports, n, true, BYO_PG_REPORTS_ADD_OLD);
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

void byo_pg_gather_report(ByoStore *s, ByoId id, int type, ByoTime at)
{
    ByoPgGathered *g = gathered(s);
    *(Report *)add(&g->reports, sizeof(Report)) = (Report){.id = id, .type = type, .at = at};
    if (g->reports.n < BYO_PG_ROWS_MAX)
        return;
    byo_pg_rows_write_added(s);
    write_all(s, g, &g->reports, write_reports);
    byo_pg_send_now(s);
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
