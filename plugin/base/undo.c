/* SPDX-License-Identifier: BSD-3-Clause
 * Records in one growing memory, each with the place of the one before.
 * Ownership and threads: undo.h. */
#include "base/undo.h"

#include <stdlib.h>

/* A long turn's memory is not kept for ever. */
enum { KEPT = 1 << 20 };

typedef struct {
    ByoUndoFn *fn;
    void *owner;
    size_t n, before; /* octets of the arguments; the record before, 0: none */
    bool at_commit;
} Record;

#define ALIGN (_Alignof(max_align_t))

static size_t aligned(size_t n)
{
    return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static Record *at(const ByoUndo *u, size_t place)
{
    return (Record *)(void *)(u->p + place);
}

static const void *args_of(const Record *r)
{
    return (const char *)r + aligned(sizeof *r);
}

static void *add(ByoUndo *u, ByoUndoFn *fn, void *owner, size_t n, bool at_commit)
{
    size_t place = u->n ? u->n : ALIGN, end = place + aligned(sizeof(Record)) + aligned(n);
    if (end > u->cap) {
        u->cap = end > 2 * u->cap ? end + 1024 : 2 * u->cap;
        u->p = byo_realloc(u->p, u->cap);
    }
    Record *r = at(u, place);
    *r = (Record){fn, owner, n, u->last, at_commit};
    u->last = place;
    u->n = end;
    return (char *)r + aligned(sizeof *r);
}

void byo_undo_add(ByoUndo *u, ByoUndoFn *back, void *owner, const void *args, size_t n)
{
    if (u)
        memcpy(add(u, back, owner, n, false), args, n);
}

typedef struct {
    size_t n;
} Saved;

static void put_back(void *owner, const void *args)
{
    const Saved *s = args;
    memcpy(owner, s + 1, s->n);
}

void byo_undo_save(ByoUndo *u, void *memory, size_t n)
{
    if (!u)
        return;
    Saved *s = add(u, put_back, memory, sizeof *s + n, false);
    s->n = n;
    memcpy(s + 1, memory, n);
}

void byo_undo_then(ByoUndo *u, ByoUndoFn *then, void *owner, const void *args, size_t n)
{
    if (u)
        memcpy(add(u, then, owner, n, true), args, n);
    else
        then(owner, args);
}

typedef struct {
    void (*destroy)(void *p);
} Freed;

static void free_now(void *owner, const void *args)
{
    ((const Freed *)args)->destroy(owner);
}

void byo_undo_free(ByoUndo *u, void (*destroy)(void *p), void *p)
{
    Freed f = {destroy};
    byo_undo_then(u, free_now, p, &f, sizeof f);
}

bool byo_undo_first(const ByoUndo *u, uint64_t *mark)
{
    if (!u || *mark == u->turn + 1)
        return false;
    *mark = u->turn + 1;
    return true;
}

static void forget(ByoUndo *u)
{
    u->n = u->last = 0;
    u->turn++;
    if (u->cap > KEPT)
        byo_undo_destroy(u);
}

void byo_undo_drop(ByoUndo *u)
{
    for (size_t place = ALIGN; place < u->n;) {
        const Record *r = at(u, place);
        if (r->at_commit)
            r->fn(r->owner, args_of(r));
        place += aligned(sizeof *r) + aligned(r->n);
    }
    forget(u);
}

void byo_undo_replay(ByoUndo *u)
{
    for (size_t place = u->last; place; place = at(u, place)->before)
        if (!at(u, place)->at_commit)
            at(u, place)->fn(at(u, place)->owner, args_of(at(u, place)));
    forget(u);
}

size_t byo_undo_octets(const ByoUndo *u)
{
    return u->n;
}

void byo_undo_destroy(ByoUndo *u)
{
    free(u->p);
    *u = (ByoUndo){.turn = u->turn};
}
