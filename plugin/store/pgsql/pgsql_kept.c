/* SPDX-License-Identifier: BSD-3-Clause
 * Messages that are not over and that this node wrote last, with all their segments, from one turn to the next: an answer or
 * a receipt for one of them costs no read.
 * Decides: that this is as good as reading, whoever else is there: each row the turn used is, at its end, still the one this node
 * wrote: the transaction that wrote it last (xmin) is the one it knows of, and its message's row is locked. If it is not so, the
 * turn is made again, from the database.
 * A segment with several message ids is not kept: rows of theirs, which are not guarded, count with it.
 * Ownership: texts of a unit lie behind it. Threads: as ByoStore. */
#include "store/pgsql/pgsql_rows.h"

#include <stdlib.h>

enum { OCTETS_MAX = 32 * 1024 * 1024 };
/* For so long nothing is kept behind a change by somebody else; twice as long behind the next one soon after, at most a minute. */
#define DOUBT (5 * BYO_SECOND)
#define DOUBT_MOST BYO_MINUTE

struct ByoPgKept {
    ByoHashTable table;
    ByoPgUnit *oldest, *newest;
    size_t octets;
    ByoTime doubt, doubted; /* how long, and monotonic: since when; 0: not at all */
};

static ByoPgUnit *find(const ByoPgKept *k, ByoId message)
{
    for (ByoHashEntry *e = k ? byo_hash_first(&k->table, byo_hash_number(message)) : NULL; e;
         e = byo_hash_next(e))
        if (((ByoPgUnit *)e)->message.row.id == message)
            return (ByoPgUnit *)e;
    return NULL;
}

const ByoPgUnit *byo_pg_kept_find(const ByoStore *s, ByoId message)
{
    return find(s->kept_rows, message);
}

static void drop(ByoPgKept *k, ByoPgUnit *u)
{
    *(u->older ? &u->older->newer : &k->oldest) = u->newer;
    *(u->newer ? &u->newer->older : &k->newest) = u->older;
    k->octets -= u->octets;
    byo_hash_remove(&k->table, &u->entry);
    free(u);
}

void byo_pg_kept_drop(ByoStore *s, ByoId message)
{
    ByoPgUnit *u = find(s->kept_rows, message);
    if (u)
        drop(s->kept_rows, u);
}

void byo_pg_kept_forget(ByoStore *s)
{
    while (s->kept_rows && s->kept_rows->oldest)
        drop(s->kept_rows, s->kept_rows->oldest);
}

void byo_pg_kept_free(ByoStore *s)
{
    byo_pg_kept_forget(s);
    if (!s->kept_rows)
        return;
    byo_hash_clear(&s->kept_rows->table, NULL);
    free(s->kept_rows);
    s->kept_rows = NULL;
}

/* -- whether they are as they were ---------------------------------------------------------------------- */

void byo_pg_kept_doubt(ByoStore *s)
{
    ByoPgKept *k = s->kept_rows;
    if (!k)
        return;
    ByoTime now = byo_monotonic(), next = 2 * k->doubt < DOUBT_MOST ? 2 * k->doubt : DOUBT_MOST;
    k->doubt = k->doubt && now - k->doubted < k->doubt + DOUBT_MOST ? next : DOUBT;
    k->doubted = now;
}

static bool in_doubt(const ByoPgKept *k)
{
    return k->doubt && byo_monotonic() - k->doubted < k->doubt;
}

/* Rows by id, each with the transaction that wrote it last. */
typedef struct {
    const ByoPgEntry **of;
    size_t n, cap;
} Rows;

static void add_row(Rows *r, const ByoPgEntry *e)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 64;
        r->of = byo_realloc(r->of, r->cap * sizeof(ByoPgEntry *));
    }
    r->of[r->n++] = e;
}

static int by_id(const void *a, const void *b)
{
    const ByoPgEntry *const *x = a, *const *y = b;
    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

/* Fails where one of them is not so. In order of id, as who reads them locks them. */
static void say(ByoStore *s, ByoPgStatement q, Rows *r)
{
    if (r->n) {
        bool wrote = s->wrote;
        int64_t *ids = byo_alloc(2 * r->n * sizeof *ids), *writers = ids + r->n;
        qsort(r->of, r->n, sizeof(ByoPgEntry *), by_id);
        for (size_t i = 0; i < r->n; i++) {
            ids[i] = r->of[i]->id;
            writers[i] = r->of[i]->guard;
        }
        byo_pg_write(s, q, PG_INTS(ids, r->n), PG_XIDS(writers, r->n));
        s->wrote = wrote; /* it changes nothing */
        free(ids);
    }
    free(r->of);
}

/* The message of a row that was kept, unless it is locked already. */
static void add_message(const ByoStore *s, Rows *r, ByoId id)
{
    ByoPgEntry *m = byo_pg_held_find(&s->cached->messages, byo_id_message(id));
    if (!m || !m->guard || m->locked)
        return;
    m->locked = true;
    add_row(r, m);
}

void byo_pg_kept_lock(ByoStore *s, const ByoPgList *segments)
{
    Rows r = {0};
    for (const ByoPgEntry *e = segments->first; e; e = e->next)
        add_message(s, &r, e->id);
    say(s, BYO_PG_KEPT_LOCK, &r);
}

static bool looked_at(const ByoPgEntry *e)
{
    return e->guard && e->used;
}

/* Until the transaction is over they stay as they are: what another node has on its way is waited for. */
void byo_pg_kept_check(ByoStore *s)
{
    Rows messages = {0}, segments = {0};
    if (!s->cached || !s->kept_used || s->course.failed)
        return;
    for (ByoHashEntry *e = NULL; (e = byo_hash_after(&s->cached->messages.table, e));)
        if (looked_at((ByoPgEntry *)e))
            add_message(s, &messages, ((ByoPgEntry *)e)->id);
    for (ByoHashEntry *e = NULL; (e = byo_hash_after(&s->cached->segments.table, e));)
        if (looked_at((ByoPgEntry *)e))
            add_message(s, &messages, ((ByoPgEntry *)e)->id);
    say(s, BYO_PG_KEPT_LOCK, &messages); /* behind it they may be gone, with the session */
    for (ByoHashEntry *e = NULL; (e = byo_hash_after(&s->cached->segments.table, e));)
        if (looked_at((ByoPgEntry *)e))
            add_row(&segments, (ByoPgEntry *)e);
    say(s, BYO_PG_KEPT_SEGMENTS, &segments);
}

/* -- keeping ------------------------------------------------------------------------------------------ */

/* Which transaction wrote it last; 0: that is not known. */
static uint32_t writer_of(const ByoStore *s, const ByoPgEntry *e)
{
    return e->written ? s->xid : e->guard;
}

static size_t octets_of(ByoStr *const *texts, size_t n)
{
    size_t octets = 0;
    for (size_t i = 0; i < n; i++)
        octets += texts[i]->n + 1;
    return octets;
}

/* Each ended by a NUL. Returns what is behind them. */
static char *move_texts(char *to, ByoStr *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        memcpy(to, texts[i]->p, texts[i]->n);
        to[texts[i]->n] = 0;
        *texts[i] = byo_strn(to, texts[i]->n);
        to += texts[i]->n + 1;
    }
    return to;
}

/* The segments of a message, if all of them are held, were written by known transactions and have one message id. Returns how many;
 * 0: not so. */
static int gather(const ByoStore *s, const ByoPgMessage *m, ByoPgSegment *found[255])
{
    int n = m->row.tally.segments;
    for (int i = 0; i < n && n <= 255; i++) {
        found[i] = (ByoPgSegment *)byo_pg_held_find(&s->cached->segments, byo_id_segment(m->row.id, i + 1));
        if (!found[i] || found[i]->e.state == BYO_PG_ROW_ABSENT || found[i]->row.s.copies ||
            !writer_of(s, &found[i]->e))
            return 0;
    }
    return n > 0 && n <= 255 ? n : 0;
}

static void keep(ByoStore *s, const ByoPgMessage *m, ByoPgSegment *const *segments, int n)
{
    ByoPgKept *k = s->kept_rows;
    ByoStr *texts[BYO_PG_MESSAGE_TEXTS];
    ByoMessageRow row = m->row;
    byo_pg_message_texts(&row, texts);
    size_t size = sizeof(ByoPgUnit) + (size_t)n * sizeof(ByoPgSegment),
           octets = size + octets_of(texts, BYO_PG_MESSAGE_TEXTS);
    for (int i = 0; i < n; i++) {
        byo_pg_segment_texts(&segments[i]->row, &segments[i]->integration, texts);
        octets += octets_of(texts, BYO_PG_SEGMENT_TEXTS);
    }
    ByoPgUnit *u = byo_alloc(octets);
    char *at = (char *)u + size;
    *u = (ByoPgUnit){.octets = octets, .message = *m, .n = n, .older = k->newest};
    u->message.e.guard = writer_of(s, &m->e);
    byo_pg_message_texts(&u->message.row, texts);
    at = move_texts(at, texts, BYO_PG_MESSAGE_TEXTS);
    for (int i = 0; i < n; i++) {
        u->segments[i] = *segments[i];
        u->segments[i].e.guard = writer_of(s, &segments[i]->e);
        byo_pg_segment_texts(&u->segments[i].row, &u->segments[i].integration, texts);
        at = move_texts(at, texts, BYO_PG_SEGMENT_TEXTS);
    }
    *(k->newest ? &k->newest->newer : &k->oldest) = u;
    k->newest = u;
    k->octets += octets;
    byo_hash_add(&k->table, &u->entry, byo_hash_number(m->row.id));
}

void byo_pg_kept_settle(ByoStore *s)
{
    ByoPgSegment *segments[255];
    if (!s->cached || !s->xid)
        return;
    if (!s->kept_rows)
        s->kept_rows = byo_zalloc(sizeof *s->kept_rows);
    ByoPgKept *k = s->kept_rows;
    if (in_doubt(k))
        return;
    for (ByoHashEntry *e = NULL; (e = byo_hash_after(&s->cached->messages.table, e));) {
        const ByoPgMessage *m = (const ByoPgMessage *)e;
        if (m->e.state == BYO_PG_ROW_ABSENT || m->row.tally.ended || !writer_of(s, &m->e) ||
            find(k, m->row.id))
            continue;
        int n = gather(s, m, segments);
        if (n)
            keep(s, m, segments, n);
    }
    while (k->octets > OCTETS_MAX)
        drop(k, k->oldest);
}
