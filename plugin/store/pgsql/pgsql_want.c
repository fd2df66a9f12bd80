/* SPDX-License-Identifier: BSD-3-Clause
 * What a turn needs, looked for before it decides: rows by their ids and by carriers' message ids, MOs by their UUIDs.
 * Decides: that all of it costs one round trip, one more for the rows message ids and queues lead to, and one for each of these if
 * there are some: ids that are looked for loosely, the segments of receipts that wait, rows of what is over; that those another node
 * has are not waited for. What the turn changes itself counts when it asks: an answer that is kept here is held against the rows in
 * memory; where older copies' ids lie the database is asked again.
 * Ownership: answers live until the transaction is over. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"
#include "store/pgsql/pgsql_rows.h"

#include <stdlib.h>

/* Segments of one message id that are kept; with more of them it is asked again. */
enum { FOUND_MAX = 8 };

/* First member of all: a text, and what it belongs to. */
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

/* Its text is the first of the forms. */
typedef struct {
    Key key;
    ByoForeign found[FOUND_MAX];
    int n;
    bool copied; /* one was found by an older copy's id */
} Loose;

typedef struct {
    Key key;
    bool known;
} Mo;

/* A segment this turn gave another message id; hash: of that, or of its loose form. */
typedef struct {
    ByoHashEntry entry;
    ByoId segment;
} Renamed;

struct ByoPgWanted {
    ByoHashTable foreign, loose, mos, renamed, renamed_loosely;
    bool copied; /* this turn gave a segment several message ids */
};

uint64_t byo_pg_id_hash(ByoStr integration, ByoStr text)
{
    return byo_hash(text, byo_hash(integration, 0));
}

static void *find(const ByoHashTable *t, ByoStr integration, ByoStr text)
{
    for (ByoHashEntry *e = byo_hash_first(t, byo_pg_id_hash(integration, text)); e; e = byo_hash_next(e))
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
    byo_hash_add(t, &k->entry, byo_pg_id_hash(integration, text));
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
    byo_pg_ahead_forget(s);
    if (!s->wanted)
        return;
    byo_hash_clear(&s->wanted->foreign, free);
    byo_hash_clear(&s->wanted->loose, free);
    byo_hash_clear(&s->wanted->mos, free);
    byo_hash_clear(&s->wanted->renamed, free);
    byo_hash_clear(&s->wanted->renamed_loosely, free);
    free(s->wanted);
    s->wanted = NULL;
}

/* -- asking ------------------------------------------------------------------------------------------ */

/* What is looked for by id. */
typedef struct {
    Foreign **of;
    ByoStr *written;
    size_t n;
} Asked;

typedef struct {
    ByoId *segments, *messages;
    size_t n, cap;
} Ids;

static void add_segment(void *arg, ByoId segment)
{
    Ids *ids = arg;
    if (ids->n == ids->cap) {
        ids->cap = ids->cap ? 2 * ids->cap : 64;
        ids->segments = byo_realloc(ids->segments, ids->cap * sizeof *ids->segments);
        ids->messages = byo_realloc(ids->messages, ids->cap * sizeof *ids->messages);
    }
    ids->segments[ids->n] = segment;
    ids->messages[ids->n++] = byo_id_message(segment);
}

static void take_foreign(ByoStore *s, Foreign *const *asked, size_t n, Ids *ids)
{
    ByoPgRows r;
    if (!n)
        return;
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

static Asked ask_foreign(ByoStore *s, const ByoWant *wants, size_t n)
{
    Asked a = {.of = byo_alloc((n + 1) * sizeof *a.of), .written = byo_alloc((n + 1) * sizeof *a.written)};
    ByoStr *integrations = byo_alloc((2 * n + 1) * sizeof *integrations), *texts = integrations + n;
    for (size_t i = 0; i < n; i++) {
        if (wants[i].kind != BYO_WANT_FOREIGN || !wants[i].text.n ||
            find(&wanted(s)->foreign, wants[i].integration, wants[i].text))
            continue;
        integrations[a.n] = wants[i].integration;
        texts[a.n] = wants[i].text;
        a.written[a.n] = wants[i].written;
        a.of[a.n++] = add(&s->wanted->foreign, wants[i].integration, wants[i].text, sizeof(Foreign));
    }
    if (a.n && (!byo_pg_ask(s, BYO_PG_BY_COPIES, PG_TEXTS(integrations, a.n), PG_OCTETSS(texts, a.n)) ||
                !byo_pg_ask(s, BYO_PG_BY_IDS, PG_TEXTS(integrations, a.n), PG_OCTETSS(texts, a.n),
                            PG_INT(FOUND_MAX))))
        a.n = 0;
    free(integrations);
    return a;
}

static void take_loose(ByoStore *s, Loose *const *asked, size_t n)
{
    ByoPgRows r;
    for (byo_pg_answer(s, &r); byo_pg_next(&r);) {
        size_t of = (size_t)byo_pg_int_at(&r, 2);
        if (of >= n || asked[of]->n == FOUND_MAX)
            continue;
        asked[of]->found[asked[of]->n++] =
            (ByoForeign){.id = byo_pg_int_at(&r, 0), .state = (ByoSegState)byo_pg_int_at(&r, 1)};
        asked[of]->copied |= byo_pg_int_at(&r, 3) != 0;
    }
}

/* Those that were not found, form by form. */
static void look_loosely(ByoStore *s, const Asked *a)
{
    size_t n = 0, n_forms = 0;
    Loose **asked = byo_alloc((a->n + 1) * sizeof *asked);
    ByoMsgidForms *all = byo_zalloc((a->n + 1) * sizeof *all);
    ByoStr *integrations = byo_alloc((6 * a->n + 1) * sizeof *integrations), *forms = integrations + 3 * a->n;
    int64_t *of = byo_alloc((3 * a->n + 1) * sizeof *of);
    for (size_t i = 0; i < a->n; i++) {
        ByoStr integration = a->of[i]->key.integration;
        ByoMsgidForms *f = &all[n];
        if (a->of[i]->n || a->of[i]->copied || !a->written[i].n)
            continue;
        byo_msgid_forms(a->written[i], f);
        if (!f->n || find(&s->wanted->loose, integration, f->form[0]))
            continue;
        for (size_t k = 0; k < f->n; k++) {
            integrations[n_forms] = integration;
            forms[n_forms] = f->form[k];
            of[n_forms++] = (int64_t)n;
        }
        asked[n++] = add(&s->wanted->loose, integration, f->form[0], sizeof(Loose));
    }
    if (n && byo_pg_ask(s, BYO_PG_BY_LOOSE_IDS, PG_TEXTS(integrations, n_forms), PG_OCTETSS(forms, n_forms),
                        PG_INTS(of, n_forms), PG_INT(FOUND_MAX)))
        take_loose(s, asked, n);
    for (size_t i = 0; i <= a->n; i++)
        byo_msgid_forms_free(&all[i]);
    free(of);
    free(integrations);
    free(all);
    free(asked);
}

static bool ask_mos(ByoStore *s, const ByoWant *wants, size_t n)
{
    ByoStr *uuids = byo_alloc((n + 1) * sizeof *uuids);
    ByoPgUuid *octets = byo_alloc((n + 1) * sizeof *octets);
    size_t n_uuids = 0;
    for (size_t i = 0; i < n; i++) {
        if (wants[i].kind != BYO_WANT_MO)
            continue;
        uuids[n_uuids] = byo_pg_uuid_octets(wants[i].text, octets[n_uuids]);
        n_uuids++;
    }
    bool asked = n_uuids && byo_pg_ask(s, BYO_PG_MOS_KNOWN, PG_OCTETSS(uuids, n_uuids));
    for (size_t i = 0; asked && i < n_uuids; i++)
        if (!find(&wanted(s)->mos, BYO_STR(""), uuids[i]))
            add(&s->wanted->mos, BYO_STR(""), uuids[i], sizeof(Mo));
    free(octets);
    free(uuids);
    return asked;
}

static void take_mos(ByoStore *s)
{
    ByoPgRows r;
    for (byo_pg_answer(s, &r); byo_pg_next(&r);) {
        Mo *mo = find(&s->wanted->mos, BYO_STR(""), byo_pg_text_at(&r, 0));
        if (mo)
            mo->known = true;
    }
}

void byo_pgsql_want(ByoStore *s, const ByoWant *wants, size_t n)
{
    if (!s->course.open || s->course.failed)
        return;
    Ids ids = {0};
    for (size_t i = 0; i < n; i++)
        if (wants[i].kind == BYO_WANT_SEGMENT)
            add_segment(&ids, wants[i].id);
    bool early = byo_pg_early_ask(s, wants, n);
    Asked asked = ask_foreign(s, wants, n);
    byo_pg_ahead_ask(s, wants, n);
    bool mos = ask_mos(s, wants, n);
    if (early)
        byo_pg_early_answer(s);
    take_foreign(s, asked.of, asked.n, &ids);
    byo_pg_ahead_answer(s, add_segment, &ids);
    if (mos)
        take_mos(s);
    if (ids.n)
        byo_pg_rows_load(s, ids.messages, ids.n, ids.segments, ids.n);
    if (asked.n)
        look_loosely(s, &asked);
    free(asked.of);
    free(asked.written);
    free(ids.segments);
    free(ids.messages);
    if (early)
        byo_pg_early_hold(s);
}

int64_t byo_pgsql_late_reads(const ByoStore *s)
{
    return s->late_reads;
}

/* -- answering ---------------------------------------------------------------------------------------- */

static void note_renamed(ByoHashTable *t, ByoId segment, uint64_t hash)
{
    Renamed *r = byo_alloc(sizeof *r);
    r->segment = segment;
    byo_hash_add(t, &r->entry, hash);
}

void byo_pg_wanted_renamed(ByoStore *s, ByoId segment, ByoStr integration, ByoStr foreign_id)
{
    byo_msgid_loose(foreign_id, &s->loose);
    note_renamed(&wanted(s)->renamed, segment, byo_pg_id_hash(integration, foreign_id));
    note_renamed(&s->wanted->renamed_loosely, segment, byo_pg_id_hash(integration, byo_buf_str(&s->loose)));
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

/* The same of an id that is one of the forms loosely. */
static bool has_loosely(ByoStore *s, ByoId id, ByoStr integration, const ByoMsgidForms *forms,
                        ByoSegState *state_r)
{
    ByoSegmentRow seg;
    ByoStr of;
    if (!byo_pg_rows_segment(s, id, &seg, &of) || byo_seg_final(seg.s.state) || !byo_str_eq(of, integration))
        return false;
    byo_msgid_loose(seg.foreign_id, &s->loose);
    *state_r = seg.s.state;
    for (size_t i = 0; i < forms->n; i++)
        if (byo_str_eq(byo_buf_str(&s->loose), forms->form[i]))
            return true;
    return false;
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

bool byo_pg_wanted_by_loose_id(ByoStore *s, ByoStr integration, const ByoMsgidForms *forms, ByoForeign *out,
                               int max, int *n_r)
{
    const Loose *l = s->wanted && forms->n ? find(&s->wanted->loose, integration, forms->form[0]) : NULL;
    ByoSegState state;
    *n_r = 0;
    if (!l || l->n == FOUND_MAX || s->wanted->copied)
        return false;
    for (int i = 0; i < l->n; i++) {
        const ByoForeign *g = &l->found[i];
        if (!byo_pg_held_find(&byo_pg_held(s)->segments, g->id))
            *n_r = put(out, *n_r, max, *g);
        else if (l->copied) /* what the turn made of older copies' ids is not known here */
            return false;
        else if (has_loosely(s, g->id, integration, forms, &state))
            *n_r = put(out, *n_r, max, (ByoForeign){.id = g->id, .state = state});
    }
    for (size_t i = 0; i < forms->n; i++)
        for (const ByoHashEntry *e =
                 byo_hash_first(&s->wanted->renamed_loosely, byo_pg_id_hash(integration, forms->form[i]));
             e; e = byo_hash_next(e))
            if (has_loosely(s, ((const Renamed *)e)->segment, integration, forms, &state))
                *n_r = put(out, *n_r, max, (ByoForeign){.id = ((const Renamed *)e)->segment, .state = state});
    return true;
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
