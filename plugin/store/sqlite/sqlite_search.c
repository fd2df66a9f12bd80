/* SPDX-License-Identifier: BSD-3-Clause
 * Looking for messages: by time, recipient, number, integration, state; page by page.
 * Decides: how far one page may look, so that no question costs without bound.
 * Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

#include <stdlib.h>

/* One call looks at this many rows, or runs of the recipients' index, at most. */
#define LOOK_ROWS 50000
#define LOOK_RUNS 2000

typedef struct {
    const ByoMessageFilter *f;
    bool (*each)(void *arg, const ByoMessageRow *m);
    void *arg;
    ByoStr number, recipient;
    int left;
    ByoId next; /* the last one given or looked at */
    bool over;  /* enough rows, or the caller had enough */
} Search;

static bool verdict_fits(const ByoMessageFilter *f, ByoStr cause, ByoStr carrier_code)
{
    return (!f->cause.n || byo_str_eq(f->cause, cause)) &&
           (!f->carrier_code.n || byo_str_eq(f->carrier_code, carrier_code));
}

static bool fits(ByoStore *s, const Search *q, const ByoMessageRow *m)
{
    return (q->f->state < 0 || (int)m->state == q->f->state) &&
           (!q->f->integration.n || byo_str_eq(q->f->integration, m->integration)) &&
           (!q->number.n || byo_str_eq(q->number, byo_digits(m->number))) &&
           (!q->recipient.n || byo_str_eq(q->recipient, byo_digits(m->recipient))) &&
           verdict_fits(q->f, m->verdict.code_cause, m->verdict.carrier_code) &&
           (!q->f->doubt || byo_store_maybe_duplicate(s, m->id) == (q->f->doubt > 0));
}

static ByoStoreResult give(ByoStore *s, Search *q, ByoId id)
{
    ByoMessageRow m;
    ByoStoreResult r = byo_sqlite_message(s, id, &m);
    if (r == BYO_STORE_NONE)
        return BYO_STORE_OK; /* purged while we looked */
    if (r == BYO_STORE_OK && fits(s, q, &m)) {
        q->next = id;
        q->over = !q->each(q->arg, &m) || --q->left <= 0;
    }
    return r;
}

static ByoStr column(sqlite3_stmt *st, int at)
{
    const char *text = (const char *)sqlite3_column_text(st, at);
    return byo_strn(text, (size_t)sqlite3_column_bytes(st, at));
}

/* Messages of [low, high), newest first. Not to the end: *stop_r is the last one looked at. */
static ByoStoreResult scan(ByoStore *s, Search *q, ByoId low, ByoId high, ByoId *stop_r)
{
    ByoKnown *k = byo_known(s, q->f->integration);
    int64_t key = k ? k->key : 0;
    *stop_r = 0;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_MESSAGE_SCAN,
                  "SELECT id, state, integration, number, recipient, cause, carrier_code FROM message"
                  " WHERE id >= ?1 AND id < ?2 ORDER BY id DESC");
    if (!st)
        return s->course.last;
    sqlite3_bind_int64(st, 1, low);
    sqlite3_bind_int64(st, 2, high);
    ByoStoreResult r = BYO_STORE_OK;
    int looked = 0;
    while (r == BYO_STORE_OK && !q->over && byo_row(s, st, "cannot read the messages")) {
        ByoId id = sqlite3_column_int64(st, 0);
        ByoStr number = column(st, 3), recipient = column(st, 4);
        if ((q->f->state < 0 || sqlite3_column_int(st, 1) == q->f->state) &&
            (!q->f->integration.n || sqlite3_column_int64(st, 2) == key) &&
            (!q->number.n || byo_str_eq(q->number, byo_digits(number))) &&
            (!q->recipient.n || byo_str_eq(q->recipient, byo_digits(recipient))) &&
            verdict_fits(q->f, column(st, 5), column(st, 6)))
            r = give(s, q, id);
        if (!q->over && ++looked == LOOK_ROWS) {
            q->next = *stop_r = id;
            break;
        }
    }
    sqlite3_reset(st);
    return r != BYO_STORE_OK ? r : s->course.last;
}

/* By recipient: what no run holds yet, then run by run. */
static ByoStoreResult look_up(ByoStore *s, Search *q, ByoId low, ByoId high, bool *more_r)
{
    int64_t run;
    ByoId last, stop = 0;
    ByoStoreResult r = byo_recipient_last(s, &run, &last);
    if (r == BYO_STORE_OK && high > last + 1)
        r = scan(s, q, low > last ? low : last + 1, high, &stop);
    *more_r = stop != 0;
    for (int looked = 0; r == BYO_STORE_OK && !q->over && !*more_r && run > 0; looked++, run--) {
        ByoId *ids, first;
        size_t n;
        r = byo_recipient_find(s, q->recipient, low, high, &run, &ids, &n, &first);
        for (size_t i = 0; i < n && r == BYO_STORE_OK && !q->over; i++)
            r = give(s, q, ids[i]);
        free(ids);
        if (run && !q->over && looked == LOOK_RUNS) {
            q->next = first;
            *more_r = true;
        }
    }
    return r;
}

ByoStoreResult byo_sqlite_messages(ByoStore *s, const ByoMessageFilter *f, ByoId *next_r,
                                   bool (*each)(void *arg, const ByoMessageRow *m), void *arg)
{
    Search q = {.f = f,
                .each = each,
                .arg = arg,
                .number = byo_digits(f->number),
                .recipient = byo_digits(f->recipient),
                .left = f->limit,
                .over = f->limit <= 0};
    if (f->integration.n && !byo_known(s, f->integration)) {
        *next_r = 0;
        return BYO_STORE_OK;
    }
    ByoId low = byo_id_at(f->from), high = f->to > 0 ? byo_id_at(f->to) : INT64_MAX, stop = 0;
    if (f->before > 0 && f->before < high)
        high = f->before;
    bool more = false;
    ByoStoreResult r;
    if (q.recipient.n) {
        r = look_up(s, &q, low, high, &more);
    } else {
        r = scan(s, &q, low, high, &stop);
        more = stop != 0;
    }
    *next_r = q.over || more ? q.next : 0;
    return r;
}
