/* SPDX-License-Identifier: BSD-3-Clause
 * Messages that are not over and that this node wrote last, with all their segments, from one turn to the next: an answer or
 * a receipt for one of them costs no read.
 * Decides: when that is as good as reading: while no other node is there, nor was since. Which nodes there are and when each
 * began is looked up once (IS_ALONE), and said again by each turn that uses or keeps rows (STILL_ALONE): if it is not so any
 * more, the turn is made again, from the database. Whoever begins waits for turns that are on their way (pgsql_node.c).
 * Besides, a row is changed only where the transaction that wrote it last (xmin) is the one this node knows of: a change by hand is not
 * written over either.
 * Ownership: texts of a unit lie behind it. Threads: as ByoStore. */
#include "store/pgsql/pgsql_rows.h"

#include <stdlib.h>

enum { OCTETS_MAX = 32 * 1024 * 1024 };
/* Between two looks whether this node is alone; and before the next one behind a change by somebody unknown. */
#define LOOK BYO_SECOND
#define DOUBT BYO_MINUTE

struct ByoPgKept {
    ByoHashTable table;
    ByoPgUnit *oldest, *newest;
    size_t octets;
    bool alone;    /* while it is not there is nothing kept */
    ByoBuf others; /* what IS_ALONE said of nodes that are not there */
    ByoTime look;  /* monotonic: not before */
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
    byo_buf_free(&s->kept_rows->others);
    free(s->kept_rows);
    s->kept_rows = NULL;
}

/* -- who else is there ------------------------------------------------------------------------------ */

void byo_pg_kept_doubt(ByoStore *s, bool by_a_node)
{
    if (!s->kept_rows)
        return;
    s->kept_rows->alone = false;
    s->kept_rows->look = byo_monotonic() + (by_a_node ? LOOK : DOUBT);
}

static void look(ByoStore *s, ByoPgKept *k)
{
    ByoPgRows r;
    ByoTime now = byo_monotonic();
    if (k->alone || now < k->look)
        return;
    k->look = now + LOOK;
    if (byo_pg_one(s, &r, BYO_PG_IS_ALONE, PG_INT(s->session.slot)) != BYO_STORE_OK)
        return;
    k->alone = !byo_pg_null_at(&r, 0);
    byo_buf_clear(&k->others);
    byo_buf_add(&k->others, byo_pg_text_at(&r, 0).p, byo_pg_text_at(&r, 0).n);
    byo_pg_end(&r);
}

void byo_pg_kept_check(ByoStore *s)
{
    bool keeps = s->wrote && s->cached && s->cached->messages.table.n, wrote = s->wrote;
    if (!s->kept_used && !keeps)
        return;
    if (!s->kept_rows)
        s->kept_rows = byo_zalloc(sizeof *s->kept_rows);
    if (keeps)
        look(s, s->kept_rows);
    if (!s->kept_rows->alone)
        return;
    byo_pg_write(s, BYO_PG_STILL_ALONE, PG_INT(s->session.slot), PG_TEXT(byo_buf_str(&s->kept_rows->others)));
    s->wrote = wrote; /* it changes nothing */
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

/* The segments of a message, if all of them are held and were written by known transactions. Returns how many; 0: not so. */
static int gather(const ByoStore *s, const ByoPgMessage *m, ByoPgSegment *found[255])
{
    int n = m->row.tally.segments;
    for (int i = 0; i < n && n <= 255; i++) {
        found[i] = (ByoPgSegment *)byo_pg_held_find(&s->cached->segments, byo_id_segment(m->row.id, i + 1));
        if (!found[i] || found[i]->e.state == BYO_PG_ROW_ABSENT || !writer_of(s, &found[i]->e))
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
    ByoPgKept *k = s->kept_rows;
    if (!k || !s->cached || !s->xid)
        return;
    if (!k->alone) {
        byo_pg_kept_forget(s);
        return;
    }
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
