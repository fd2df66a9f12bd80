/* SPDX-License-Identifier: BSD-3-Clause
 * Rows of inward this process knows to be there, so that their removal need not be waited for: it added or read them,
 * and nobody else removes them.
 * Decides: how many are remembered. Forgetting one costs a round trip at its removal, no more.
 * A transaction that is rolled back forgets all: what it added is not there, what it removed is.
 * Ownership: the ByoStore's. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

enum { WAITING_MAX = 65536 };

typedef struct {
    ByoHashEntry entry; /* first */
    ByoId id;
    bool named;
    size_t n;
    char box[];
} Waiting;

static Waiting *find(const ByoStore *s, ByoId id)
{
    for (ByoHashEntry *e = byo_hash_first(&s->waiting, byo_hash_number(id)); e; e = byo_hash_next(e))
        if (((Waiting *)e)->id == id)
            return (Waiting *)e;
    return NULL;
}

void byo_pg_waiting_know(ByoStore *s, const ByoInwardRow *row)
{
    if (!s->writer || !s->course.open || find(s, row->id))
        return;
    if (s->waiting.n >= WAITING_MAX)
        byo_pg_waiting_forget(s);
    size_t n = row->named ? row->box.n : 0;
    Waiting *w = byo_alloc(sizeof *w + n);
    w->id = row->id;
    w->named = row->named;
    w->n = n;
    if (n)
        memcpy(w->box, row->box.p, n);
    byo_hash_add(&s->waiting, &w->entry, byo_hash_number(row->id));
}

bool byo_pg_waiting_take(ByoStore *s, ByoId id, ByoInwardRow *row_r)
{
    Waiting *w = find(s, id);
    if (!w)
        return false;
    byo_buf_clear(&s->waiting_box);
    byo_buf_add(&s->waiting_box, w->box, w->n);
    *row_r = (ByoInwardRow){.id = id, .named = w->named, .box = byo_buf_str(&s->waiting_box)};
    byo_hash_remove(&s->waiting, &w->entry);
    free(w);
    return true;
}

void byo_pg_waiting_forget(ByoStore *s)
{
    byo_hash_clear(&s->waiting, free);
}
