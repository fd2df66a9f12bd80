/* SPDX-License-Identifier: BSD-3-Clause
 * Which answers may have a receipt that waits: nearly none has one, so the ids of receipts that wait are known from turn to turn, in
 * their loose forms.
 * Decides: when they are: all at the first look of a process, what it adds itself, and what another node adds when it is
 * told of it: who has its answer by then finds that in the database. What goes stays known until that is more than
 * twice as much as waits; then it is looked which of it still does. Not all that waits is read then: an old snapshot keeps what went in the
 * index, and who goes over it walks all of that.
 * Ownership: texts of a form lie behind it. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

enum { SPARE = 1000 };

typedef struct {
    ByoHashEntry entry;
    ByoStr integration, form;
} Form;

struct ByoPgEarlyKnown {
    ByoHashTable forms;
    bool all;           /* they are all that wait */
    size_t were;        /* when it was looked which of them still wait */
    bool fresh;         /* that was in this transaction, which may have removed some */
    ByoId purged, kept; /* none lies before that one; 0: not known. kept: the same for good */
};

static ByoPgEarlyKnown *known(ByoStore *s)
{
    if (!s->early_known)
        s->early_known = byo_zalloc(sizeof *s->early_known);
    return s->early_known;
}

bool byo_pg_early_may(const ByoStore *s, uint64_t hash)
{
    return s->early_known && byo_hash_first(&s->early_known->forms, hash);
}

static void know(ByoPgEarlyKnown *k, ByoStr integration, ByoStr form)
{
    uint64_t hash = byo_pg_id_hash(integration, form);
    if (byo_hash_first(&k->forms, hash))
        return;
    Form *f = byo_alloc(sizeof *f + integration.n + form.n);
    char *at = (char *)(f + 1);
    memcpy(at, integration.p, integration.n);
    memcpy(at + integration.n, form.p, form.n);
    f->integration = byo_strn(at, integration.n);
    f->form = byo_strn(at + integration.n, form.n);
    byo_hash_add(&k->forms, &f->entry, hash);
}

static void unknow(ByoPgEarlyKnown *k)
{
    byo_hash_clear(&k->forms, free);
    k->all = false;
}

void byo_pg_early_known_free(ByoStore *s)
{
    if (s->early_known)
        unknow(s->early_known);
    free(s->early_known);
    s->early_known = NULL;
}

/* -- looking ------------------------------------------------------------------------------------------ */

static void read_all(ByoStore *s, ByoPgEarlyKnown *k)
{
    ByoPgRows r;
    ByoId after = 0;
    for (int n = BYO_PG_PAGE; n == BYO_PG_PAGE && !s->course.failed;) {
        n = 0;
        byo_pg_read(s, &r, BYO_PG_EARLY_FORMS, PG_INT(after), PG_INT(BYO_PG_PAGE));
        for (; byo_pg_next(&r); n++) {
            after = byo_pg_int_at(&r, 0);
            know(k, byo_pg_text_at(&r, 1), byo_pg_text_at(&r, 2));
        }
    }
}

static void look_anew(ByoStore *s, ByoPgEarlyKnown *k)
{
    ByoHashTable old = k->forms;
    ByoStr *integrations = byo_alloc(2 * old.n * sizeof *integrations), *forms = integrations + old.n;
    size_t n = 0;
    for (ByoHashEntry *e = NULL; (e = byo_hash_after(&old, e)); n++) {
        integrations[n] = ((Form *)e)->integration;
        forms[n] = ((Form *)e)->form;
    }
    k->forms = (ByoHashTable){0};
    for (size_t at = 0; at < n && !s->course.failed; at += BYO_PG_PAGE) {
        ByoPgRows r;
        size_t some = n - at < BYO_PG_PAGE ? n - at : BYO_PG_PAGE;
        byo_pg_read(s, &r, BYO_PG_EARLY_STILL, PG_TEXTS(integrations + at, some),
                    PG_OCTETSS(forms + at, some));
        while (byo_pg_next(&r)) {
            size_t of = at + (size_t)byo_pg_int_at(&r, 0) - 1;
            if (of < n)
                know(k, integrations[of], forms[of]);
        }
    }
    free(integrations);
    byo_hash_clear(&old, free);
}

bool byo_pg_early_know(ByoStore *s)
{
    ByoPgEarlyKnown *k = known(s);
    int64_t wait = byo_pgsql_early_count(s);
    if (k->all && k->forms.n <= 2 * (k->were + (size_t)(wait > 0 ? wait : 0)) + SPARE)
        return true;
    byo_pg_early_settle(s);
    if (k->all)
        look_anew(s, k);
    else
        read_all(s, k);
    k->were = k->forms.n;
    k->all = k->fresh = true;
    return !s->course.failed;
}

void byo_pg_early_note(ByoStore *s, ByoStr integration, ByoStr form)
{
    if (known(s)->all)
        know(s->early_known, integration, form);
}

void byo_pg_early_told(ByoStore *s, ByoStr integration, ByoStr foreign_id)
{
    if (!byo_pg_early_know(s))
        return;
    byo_msgid_loose(foreign_id, &s->loose);
    know(s->early_known, integration, byo_buf_str(&s->loose));
}

void byo_pg_early_known_over(ByoStore *s, bool kept)
{
    ByoPgEarlyKnown *k = s->early_known;
    if (!k)
        return;
    if (kept)
        k->kept = k->purged;
    else
        k->purged = k->kept;
    if (k->fresh && !kept) /* what it had removed is there, and it may have failed before it read */
        unknow(k);
    k->fresh = false;
}

/* -- the purge ---------------------------------------------------------------------------------------- */

ByoId byo_pg_early_from(ByoStore *s)
{
    return known(s)->purged;
}

void byo_pg_early_purged(ByoStore *s, ByoId before)
{
    known(s)->purged = before;
}
