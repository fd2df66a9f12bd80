/* SPDX-License-Identifier: BSD-3-Clause
 * What a turn needs, looked for before it decides: rows by their ids and by carriers' message ids, MOs by their UUIDs.
 * Decides: that all of it costs one round trip, and one more for the rows message ids lead to; that those another node has are
 * not waited for. What the turn changes itself counts when it asks: an answer that is kept here is held against the rows in
 * memory.
 * Ownership: answers live until the transaction is over. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"
#include "store/pgsql/pgsql_rows.h"

#include <stdlib.h>

/* Segments of one message id that are kept; with more of them it is asked again. */
enum { FOUND_MAX = 8 };

/* First member of both: a text, and what it belongs to. */
typedef struct {
    ByoHashEntry entry;
    ByoStr integration, text; /* in `texts` behind the rest */
} Key;

typedef struct {
    Key key;
    ByoForeign found[FOUND_MAX];
    int n;
    bool copied; /* it is one of several of a segment */
} Foreign;

typedef struct {
    Key key;
    bool known;
} Mo;

/* A segment this turn gave another message id; hash: of that. */
typedef struct {
    ByoHashEntry entry;
    ByoId segment;
} Renamed;

struct ByoPgWanted {
    ByoHashTable foreign, mos, renamed;
    bool copied; /* this turn gave a segment several message ids */
};

static uint64_t hash_of(ByoStr integration, ByoStr text)
{
    return byo_hash(text, byo_hash(integration, 0));
}

static void *find(const ByoHashTable *t, ByoStr integration, ByoStr text)
{
    for (ByoHashEntry *e = byo_hash_first(t, hash_of(integration, text)); e; e = byo_hash_next(e))
        if (byo_str_eq(((Key *)e)->integration, integration) && byo_str_eq(((Key *)e)->text, text))
            return e;
    return NULL;
}

static void *add(ByoHashTable *t, ByoStr integration, ByoStr text, size_t octets)
{
    Key *k = byo_zalloc(octets + integration.n + text.n);
    char *at = (char *)k + octets;
    if (integration.n)
        memcpy(at, integration.p, integration.n);
    if (text.n)
        memcpy(at + integration.n, text.p, text.n);
    k->integration = byo_strn(at, integration.n);
    k->text = byo_strn(at + integration.n, text.n);
    byo_hash_add(t, &k->entry, hash_of(integration, text));
    return k;
}

static ByoPgWanted *wanted(ByoStore *s)
{
    if (!s->wanted)
        s->wanted = byo_zalloc(sizeof *s->wanted);
    return s->wanted;
}

void byo_pg_wanted_forget(ByoStore *s)
{
    if (!s->wanted)
        return;
    byo_hash_clear(&s->wanted->foreign, free);
    byo_hash_clear(&s->wanted->mos, free);
    byo_hash_clear(&s->wanted->renamed, free);
    free(s->wanted);
    s->wanted = NULL;
}

/* -- asking ------------------------------------------------------------------------------------------ */

typedef struct {
    ByoId *segments, *messages;
    size_t n;
} Ids;

static void add_segment(Ids *ids, ByoId segment)
{
    ids->segments[ids->n] = segment;
    ids->messages[ids->n++] = byo_id_message(segment);
}

static Ids room(size_t n)
{
    return (Ids){.segments = byo_alloc((n + 1) * sizeof(ByoId)),
                 .messages = byo_alloc((n + 1) * sizeof(ByoId))};
}

static void load(ByoStore *s, Ids *ids)
{
    if (ids->n)
        byo_pg_rows_load(s, ids->messages, ids->n, ids->segments, ids->n);
    free(ids->segments);
    free(ids->messages);
}

static void take_foreign(ByoStore *s, Foreign *const *asked, size_t n, Ids *ids)
{
    ByoPgRows r;
    for (byo_pg_answer(s, &r); byo_pg_next(&r);)
        asked[(size_t)byo_pg_int_at(&r, 0) - 1]->copied = true;
    for (byo_pg_answer(s, &r); byo_pg_next(&r);) {
        size_t of = (size_t)byo_pg_int_at(&r, 3) - 1;
        if (of >= n || asked[of]->n == FOUND_MAX)
            continue;
        ByoForeign *found = &asked[of]->found[asked[of]->n++];
        *found = byo_pg_foreign_at(s, &r);
        if (!found->other)
            add_segment(ids, found->id);
    }
}

static void ask_foreign(ByoStore *s, const ByoWant *wants, size_t n, Ids *ids)
{
    Foreign **asked = byo_alloc((n + 1) * sizeof *asked);
    ByoStr *integrations = byo_alloc((2 * n + 1) * sizeof *integrations), *texts = integrations + n;
    size_t n_asked = 0;
    for (size_t i = 0; i < n; i++) {
        if (wants[i].kind != BYO_WANT_FOREIGN || !wants[i].text.n ||
            find(&wanted(s)->foreign, wants[i].integration, wants[i].text))
            continue;
        integrations[n_asked] = wants[i].integration;
        texts[n_asked] = wants[i].text;
        asked[n_asked++] = add(&s->wanted->foreign, wants[i].integration, wants[i].text, sizeof(Foreign));
    }
    if (n_asked &&
        byo_pg_ask(s, BYO_PG_BY_COPIES, PG_TEXTS(integrations, n_asked), PG_OCTETSS(texts, n_asked)) &&
        byo_pg_ask(s, BYO_PG_BY_IDS, PG_TEXTS(integrations, n_asked), PG_OCTETSS(texts, n_asked),
                   PG_INT(FOUND_MAX)))
        take_foreign(s, asked, n_asked, ids);
    free(integrations);
    free(asked);
}

static void ask_mos(ByoStore *s, const ByoWant *wants, size_t n)
{
    ByoPgRows r;
    ByoStr *uuids = byo_alloc((n + 1) * sizeof *uuids);
    ByoPgUuid *octets = byo_alloc((n + 1) * sizeof *octets);
    size_t n_uuids = 0;
    for (size_t i = 0; i < n; i++) {
        if (wants[i].kind != BYO_WANT_MO)
            continue;
        uuids[n_uuids] = byo_pg_uuid_octets(wants[i].text, octets[n_uuids]);
        n_uuids++;
    }
    if (n_uuids && byo_pg_read(s, &r, BYO_PG_MOS_KNOWN, PG_OCTETSS(uuids, n_uuids))) {
        for (size_t i = 0; i < n_uuids; i++)
            if (!find(&wanted(s)->mos, BYO_STR(""), uuids[i]))
                add(&s->wanted->mos, BYO_STR(""), uuids[i], sizeof(Mo));
        while (byo_pg_next(&r)) {
            Mo *mo = find(&s->wanted->mos, BYO_STR(""), byo_pg_text_at(&r, 0));
            if (mo)
                mo->known = true;
        }
    }
    free(octets);
    free(uuids);
}

void byo_pgsql_want(ByoStore *s, const ByoWant *wants, size_t n)
{
    if (!s->course.open || s->course.failed)
        return;
    Ids ids = room(n + n * FOUND_MAX);
    for (size_t i = 0; i < n; i++)
        if (wants[i].kind == BYO_WANT_SEGMENT)
            add_segment(&ids, wants[i].id);
    ask_foreign(s, wants, n, &ids);
    ask_mos(s, wants, n);
    load(s, &ids);
}

int64_t byo_pgsql_late_reads(const ByoStore *s)
{
    return s->late_reads;
}

/* -- answering ---------------------------------------------------------------------------------------- */

void byo_pg_wanted_renamed(ByoStore *s, ByoId segment, ByoStr integration, ByoStr foreign_id)
{
    Renamed *r = byo_alloc(sizeof *r);
    r->segment = segment;
    byo_hash_add(&wanted(s)->renamed, &r->entry, hash_of(integration, foreign_id));
}

/* As it is now, where this turn may change it. */
static bool has(ByoStore *s, ByoId id, ByoStr integration, ByoStr foreign_id, ByoSegState *state_r)
{
    ByoSegmentRow seg;
    ByoStr of;
    if (!byo_pg_rows_segment(s, id, &seg, &of) || byo_seg_final(seg.s.state) ||
        !byo_str_eq(of, integration) || !byo_str_eq(seg.foreign_id, foreign_id))
        return false;
    *state_r = seg.s.state;
    return true;
}

/* Newest first, each once. */
static int put(ByoForeign *out, int n, int max, ByoForeign f)
{
    int at = 0;
    while (at < n && out[at].id > f.id)
        at++;
    if (at == max || (at < n && out[at].id == f.id))
        return n;
    n = n < max ? n + 1 : n;
    memmove(out + at + 1, out + at, (size_t)(n - at - 1) * sizeof *out);
    out[at] = f;
    return n;
}

void byo_pg_wanted_copied(ByoStore *s)
{
    wanted(s)->copied = true;
}

bool byo_pg_wanted_by_id(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *out, int max,
                         int *n_r)
{
    const Foreign *f = s->wanted ? find(&s->wanted->foreign, integration, foreign_id) : NULL;
    ByoSegState state;
    *n_r = 0;
    if (!f || f->n == FOUND_MAX)
        return false;
    for (int i = 0; i < f->n; i++) {
        const ByoForeign *g = &f->found[i];
        if (g->other && !byo_pg_held_find(&byo_pg_held(s)->segments, g->id))
            *n_r = put(out, *n_r, max, *g);
        else if (has(s, g->id, integration, foreign_id, &state))
            *n_r = put(out, *n_r, max, (ByoForeign){.id = g->id, .state = state});
    }
    for (const ByoHashEntry *e = byo_hash_first(&s->wanted->renamed, f->key.entry.hash); e;
         e = byo_hash_next(e))
        if (has(s, ((const Renamed *)e)->segment, integration, foreign_id, &state))
            *n_r = put(out, *n_r, max, (ByoForeign){.id = ((const Renamed *)e)->segment, .state = state});
    return *n_r > 0 || (!f->copied && !s->wanted->copied);
}

bool byo_pg_wanted_mo(const ByoStore *s, ByoStr uuid, bool *known_r)
{
    ByoPgUuid octets;
    const Mo *mo = s->wanted ? find(&s->wanted->mos, BYO_STR(""), byo_pg_uuid_octets(uuid, octets)) : NULL;
    if (mo)
        *known_r = mo->known;
    return mo != NULL;
}

void byo_pg_wanted_mo_note(ByoStore *s, ByoStr uuid)
{
    ByoPgUuid octets;
    Mo *mo = s->wanted ? find(&s->wanted->mos, BYO_STR(""), byo_pg_uuid_octets(uuid, octets)) : NULL;
    if (mo)
        mo->known = true;
}
