/* SPDX-License-Identifier: BSD-3-Clause
 * Which answers of an application would be a second answer to a keyword.
 * Ownership: see reply.h. Threads: one. */
#include <stdlib.h>

#include "compliance/recent.h"
#include "compliance/reply.h"

enum { MOST_ALLOWED = 100 };

typedef struct {
    ByoTime keyword;  /* when the newest one came */
    unsigned allowed; /* answers to ordinary MOs that came since */
    bool told;        /* the event was raised for the newest one */
} Guarded;

struct ByoAnswerGuard {
    ByoRecent *pairs;
};

static bool over(const void *record, ByoTime now)
{
    return ((const Guarded *)record)->keyword < now - BYO_REPLY_DEADLINE;
}

static const ByoRecentKind guarded = {sizeof(Guarded), over, NULL};

ByoAnswerGuard *byo_answer_guard_create(size_t pairs, uint64_t seed)
{
    ByoAnswerGuard *g = byo_zalloc(sizeof *g);

    g->pairs = byo_recent_create(&guarded, pairs, seed);
    return g;
}

typedef struct {
    ByoPair pair;
    Guarded was;
} Before;

static void put_back(void *pairs, const void *args)
{
    const Before *b = args;

    *(Guarded *)byo_recent_find(pairs, b->pair) = b->was;
}

static void changes(ByoAnswerGuard *g, ByoUndo *u, ByoPair pair, const Guarded *e)
{
    Before b = {pair, *e};

    byo_undo_add(u, put_back, g->pairs, &b, sizeof b);
}

/* The pair's record while it counts. A clock that was set back must not stretch the time. */
static Guarded *find(ByoAnswerGuard *g, ByoUndo *u, ByoPair pair, ByoTime now)
{
    Guarded *e = byo_recent_find(g->pairs, pair);

    if (e)
        changes(g, u, pair, e);
    if (e && e->keyword > now)
        e->keyword = now;
    return e && !over(e, now) ? e : NULL;
}

static void jump(void *record, ByoTime by)
{
    ((Guarded *)record)->keyword += by;
}

void byo_answer_guard_clock_jumped(ByoAnswerGuard *g, ByoTime by)
{
    byo_recent_each(g->pairs, jump, by);
}

void byo_answer_guard_keyword(ByoAnswerGuard *g, ByoUndo *u, ByoPair pair, ByoTime now)
{
    bool counts = find(g, u, pair, now) != NULL;
    Guarded *e = byo_recent_touch(g->pairs, u, pair, now);

    changes(g, u, pair, e);
    *e = (Guarded){.keyword = now, .allowed = counts ? e->allowed : 0};
}

void byo_answer_guard_ordinary(ByoAnswerGuard *g, ByoUndo *u, ByoPair pair, ByoTime now)
{
    Guarded *e = find(g, u, pair, now);

    if (e && e->allowed < MOST_ALLOWED)
        e->allowed++;
}

bool byo_answer_guard_refuses(ByoAnswerGuard *g, ByoUndo *u, ByoPair pair, ByoTime now, bool *event_r)
{
    Guarded *e = find(g, u, pair, now);

    *event_r = false;
    if (!e)
        return false;
    if (e->allowed) {
        e->allowed--;
        return false;
    }
    *event_r = !e->told;
    e->told = true;
    return true;
}

size_t byo_answer_guard_count(const ByoAnswerGuard *g)
{
    return byo_recent_count(g->pairs);
}

void byo_answer_guard_destroy(ByoAnswerGuard *g)
{
    if (!g)
        return;
    byo_recent_destroy(g->pairs);
    free(g);
}
