/* SPDX-License-Identifier: BSD-3-Clause
 * Receipts that came before the answer to their submit (receipts-to-box: another bind was quicker), or
 * that were left to the node that has their segment.
 * Decides: in which order they are tried: those with the very id first, then oldest first. Only an answer is asked for that may have
 * one (pgsql_early_known.c); what a transaction wanted is read in one statement. What is added is written before it is looked for, and
 * before the commit.
 * A receipt that names two ids has two rows, id and id + 1 (ids of the store's making are 256 apart).
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

/* -- what a transaction asked for --------------------------------------------------------------------- */

typedef struct Held {
    ByoHashEntry entry; /* first; by integration and loose form */
    struct Held *next;  /* in the order they were read */
    struct ById {
        ByoHashEntry entry;
        struct Held *held;
    } by_receipt;  /* by the id of the receipt, which two of them have */
    ByoPgRows row; /* id, integration, foreign_id, loose_id, frame, segment; its result lives as long as it */
    ByoId id;      /* 0: it was removed */
} Held;

typedef struct Answer {
    struct Answer *next;
    PGresult *result;
} Answer;

struct ByoPgEarly {
    ByoHashTable asked; /* hashes of forms, whatever was found */
    ByoHashTable by_form, by_receipt;
    Held *first, **last;
    Held *wanted; /* their segments are not asked for yet: from this one on */
    Answer *answers;
    int64_t *removed;
    size_t n_removed, cap_removed;
    int64_t counted;    /* rows they are, as they are held */
    ByoPgRecords added; /* to be written */
};

static ByoPgEarly *early(ByoStore *s)
{
    if (!s->early) {
        s->early = byo_zalloc(sizeof *s->early);
        s->early->last = &s->early->first;
    }
    return s->early;
}

static bool is_asked(const ByoPgEarly *e, uint64_t hash)
{
    return byo_hash_first(&e->asked, hash) != NULL;
}

static void forget_rows(ByoPgEarly *e)
{
    byo_hash_clear(&e->by_form, NULL);
    byo_hash_clear(&e->by_receipt, NULL);
    byo_hash_clear(&e->asked, free);
    for (Held *h = e->first, *next; h; h = next) {
        next = h->next;
        free(h);
    }
    for (Answer *a = e->answers, *next; a; a = next) {
        next = a->next;
        PQclear(a->result);
        free(a);
    }
    e->answers = NULL;
    e->first = e->wanted = NULL;
    e->last = &e->first;
}

static void forget(ByoStore *s)
{
    if (!s->early)
        return;
    forget_rows(s->early);
    free(s->early->removed);
    byo_pg_records_forget(&s->early->added);
    free(s->early);
    s->early = NULL;
}

void byo_pg_early_over(ByoStore *s, bool kept)
{
    forget(s);
    s->early_taken |= !kept;
    byo_pg_early_known_over(s, kept);
}

static void write_added(ByoStore *s)
{
    ByoPgRecords *added = &s->early->added;
    if (added->n)
        byo_pg_write(s, BYO_PG_EARLY_ADD, byo_pg_records(&s->session, added));
    byo_pg_records_forget(added);
}

void byo_pg_early_settle(ByoStore *s)
{
    ByoPgEarly *e = s->early;
    if (!e)
        return;
    write_added(s);
    if (!e->n_removed)
        return;
    size_t n = e->n_removed;
    int64_t counted = e->counted;
    e->n_removed = 0;
    e->counted = 0;
    byo_counts_by(s->counts, BYO_COUNT_EARLY, BYO_STR_NONE,
                  counted - byo_pg_change(s, BYO_PG_EARLY_REMOVE, PG_INTS(e->removed, n)));
}

/* -- asking ------------------------------------------------------------------------------------------- */

typedef struct {
    ByoStr *integrations;
    size_t *ends; /* of each, in texts */
    size_t n, cap;
    ByoBuf texts;
} Forms;

static void add_form(Forms *f, ByoStr integration, ByoStr form)
{
    if (f->n == f->cap) {
        f->cap = f->cap ? 2 * f->cap : 64;
        f->integrations = byo_realloc(f->integrations, f->cap * sizeof *f->integrations);
        f->ends = byo_realloc(f->ends, f->cap * sizeof *f->ends);
    }
    byo_buf_add(&f->texts, form.p, form.n);
    f->integrations[f->n] = integration;
    f->ends[f->n++] = f->texts.n;
}

/* Those under which one may wait, and that were not asked for. */
static void add_forms(ByoStore *s, const ByoWant *w, ByoMsgidForms *forms, Forms *f)
{
    byo_msgid_forms(w->text, forms);
    for (size_t i = 0; i < forms->n; i++) {
        uint64_t hash = byo_pg_id_hash(w->integration, forms->form[i]);
        if (!byo_pg_early_may(s, hash) || is_asked(early(s), hash))
            continue;
        byo_hash_add(&s->early->asked, byo_zalloc(sizeof(ByoHashEntry)), hash);
        add_form(f, w->integration, forms->form[i]);
    }
}

static bool ask_forms(ByoStore *s, const Forms *f)
{
    ByoStr *texts = byo_alloc(f->n * sizeof *texts);
    for (size_t i = 0, at = 0; i < f->n; at = f->ends[i++])
        texts[i] = byo_strn(f->texts.p + at, f->ends[i] - at);
    byo_pg_early_settle(s);
    bool asked = byo_pg_ask(s, BYO_PG_EARLY_OF, PG_TEXTS(f->integrations, f->n), PG_OCTETSS(texts, f->n));
    free(texts);
    return asked;
}

bool byo_pg_early_ask(ByoStore *s, const ByoWant *wants, size_t n)
{
    ByoMsgidForms forms = {0};
    Forms f = {0};
    for (size_t i = 0; i < n; i++)
        if (wants[i].kind == BYO_WANT_EARLY && byo_pg_early_know(s))
            add_forms(s, &wants[i], &forms, &f);
    bool asked = f.n && ask_forms(s, &f);
    free(f.integrations);
    free(f.ends);
    byo_buf_free(&f.texts);
    byo_msgid_forms_free(&forms);
    return asked;
}

void byo_pg_early_answer(ByoStore *s)
{
    ByoPgEarly *e = early(s);
    ByoPgRows r;
    if (!byo_pg_answer(s, &r))
        return;
    Answer *a = byo_alloc(sizeof *a);
    *a = (Answer){e->answers, r.result};
    e->answers = a;
    for (r.row = 0; r.row < PQntuples(r.result); r.row++) {
        Held *h = byo_alloc(sizeof *h);
        *h = (Held){.row = r, .id = byo_pg_int_at(&r, 0)};
        byo_hash_add(&e->by_form, &h->entry, byo_pg_id_hash(byo_pg_text_at(&r, 1), byo_pg_text_at(&r, 3)));
        h->by_receipt.held = h;
        byo_hash_add(&e->by_receipt, &h->by_receipt.entry, byo_hash_number(byo_id_message(h->id)));
        *e->last = h;
        e->last = &h->next;
        if (!e->wanted)
            e->wanted = h;
    }
}

/* Their segments are looked for, too: an answer asks for both. */
void byo_pg_early_hold(ByoStore *s)
{
    size_t n = 0;
    Held *first = s->early ? s->early->wanted : NULL;
    for (const Held *h = first; h; h = h->next)
        n++;
    if (!n)
        return;
    ByoWant *wants = byo_alloc(n * sizeof *wants), *w = wants;
    for (const Held *h = first; h; h = h->next, w++) {
        ByoId segment = byo_pg_int_at(&h->row, 5);
        *w = segment ? (ByoWant){.kind = BYO_WANT_SEGMENT, .id = segment}
                     : (ByoWant){.kind = BYO_WANT_FOREIGN,
                                 .integration = byo_pg_text_at(&h->row, 1),
                                 .text = byo_pg_text_at(&h->row, 2)};
    }
    s->early->wanted = NULL;
    byo_pgsql_want(s, wants, n);
    free(wants);
}

/* Under any of these forms one may wait; *held_r: all of those were asked for. */
static bool may_wait(ByoStore *s, ByoStr integration, const ByoMsgidForms *forms, bool *held_r)
{
    bool may = false;
    *held_r = true;
    if (!byo_pg_early_know(s))
        return false;
    for (size_t i = 0; i < forms->n; i++) {
        uint64_t hash = byo_pg_id_hash(integration, forms->form[i]);
        if (!byo_pg_early_may(s, hash))
            continue;
        may = true;
        *held_r &= is_asked(early(s), hash);
    }
    return may;
}

static bool comes_before(bool other, ByoId id, const ByoEarlyAt *at)
{
    return other != at->other ? !other : id < at->id;
}

/* The first behind *at; NULL: there is none. */
static const Held *next_held(ByoPgEarly *e, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                             ByoEarlyAt *at)
{
    const Held *best = NULL;
    ByoEarlyAt best_at = {0};
    for (size_t i = 0; i < forms->n; i++)
        for (ByoHashEntry *x = byo_hash_first(&e->by_form, byo_pg_id_hash(integration, forms->form[i])); x;
             x = byo_hash_next(x)) {
            const Held *h = (const Held *)x;
            bool other = !byo_str_eq(byo_pg_text_at(&h->row, 2), foreign_id);
            if (!h->id || !byo_str_eq(byo_pg_text_at(&h->row, 1), integration) ||
                !byo_str_eq(byo_pg_text_at(&h->row, 3), forms->form[i]) || comes_before(other, h->id, at) ||
                (other == at->other && h->id == at->id) || (best && !comes_before(other, h->id, &best_at)))
                continue;
            best = h;
            best_at = (ByoEarlyAt){.id = h->id, .other = other};
        }
    if (best)
        *at = best_at;
    return best;
}

/* True: it is held, and goes with the others. */
static bool remove_held(ByoStore *s, ByoId message)
{
    ByoPgEarly *e = s->early;
    int64_t found = 0;
    ByoHashEntry *x = e ? byo_hash_first(&e->by_receipt, byo_hash_number(message)) : NULL;
    for (; x; x = byo_hash_next(x)) {
        Held *h = ((struct ById *)x)->held;
        if (h->id && byo_id_message(h->id) == message) {
            h->id = 0;
            found++;
        }
    }
    if (!found)
        return false;
    byo_counts_by(s->counts, BYO_COUNT_EARLY, BYO_STR_NONE, -found);
    e->counted += found;
    if (e->n_removed == e->cap_removed) {
        e->cap_removed = e->cap_removed ? 2 * e->cap_removed : 64;
        e->removed = byo_realloc(e->removed, e->cap_removed * sizeof *e->removed);
    }
    e->removed[e->n_removed++] = message;
    return true;
}

/* -- the operations ---------------------------------------------------------------------------------- */

static void add(ByoStore *s, ByoId id, ByoStr integration, ByoStr foreign_id, ByoStr frame, ByoId segment)
{
    ByoPgRecords *added = &early(s)->added;
    added->of = BYO_PG_OF_EARLY;
    forget_rows(s->early);
    byo_msgid_loose(foreign_id, &s->loose);
    byo_pg_record(added);
    byo_pg_put_int(added, id);
    byo_pg_put_text(added, integration);
    byo_pg_put_text(added, foreign_id);
    byo_pg_put_text(added, byo_buf_str(&s->loose));
    byo_pg_put_text(added, frame);
    byo_pg_put_int(added, segment ? segment : BYO_PG_NO_INT);
    if (!segment) /* else another node is told */
        byo_pg_early_note(s, integration, byo_buf_str(&s->loose));
    byo_counts_by(s->counts, BYO_COUNT_EARLY, BYO_STR_NONE, 1);
    if (added->n >= BYO_PG_ROWS_MAX)
        write_added(s);
}

void byo_pgsql_early_add(ByoStore *s, ByoStr integration, const ByoStr foreign_ids[2], ByoStr frame,
                         ByoTime now)
{
    if (!byo_pg_writing(s))
        return;
    ByoId id = byo_pgsql_new_id(s, now);
    for (int i = 0; i < 2; i++) {
        if (!foreign_ids[i].n)
            continue;
        add(s, id + i, integration, foreign_ids[i], frame, 0);
        byo_pg_change_note(s, BYO_CHANGE_EARLY, integration, foreign_ids[i]);
    }
}

void byo_pgsql_receipt_leave(ByoStore *s, const ByoForeign *of, ByoStr integration, ByoStr foreign_id,
                             ByoStr frame, ByoTime now)
{
    if (!byo_pg_writing(s))
        return;
    add(s, byo_pgsql_new_id(s, now), integration, foreign_id, frame, of->id);
    byo_pg_change_tell(s, of->other - 1, BYO_CHANGE_LEFT, integration, foreign_id);
}

/* What this node takes may be counted by another one that it has not heard of yet: then 0 does not say that there is none, and one
 * that was told of before its answer came would wait for ever. One that is new here tells of all that wait. */
int64_t byo_pgsql_early_count(const ByoStore *s)
{
    int64_t n = byo_pg_count((ByoStore *)s, BYO_COUNT_EARLY, BYO_STR_NONE);
    return n || !s->early_taken || !byo_pg_others_any(s) ? n : 1;
}

ByoId byo_pgsql_early_next(ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                           ByoEarlyAt *at, ByoBuf *frame)
{
    ByoPgRows r;
    if (!byo_pg_writing(s) || forms->n == 0 || byo_pgsql_early_count(s) == 0)
        return 0;
    bool held;
    if (!may_wait(s, integration, forms, &held))
        return 0;
    if (held) {
        const Held *h = next_held(s->early, integration, foreign_id, forms, at);
        if (!h)
            return 0;
        at->segment = byo_pg_int_at(&h->row, 5);
        ByoStr v = byo_pg_text_at(&h->row, 4);
        byo_buf_clear(frame);
        byo_buf_add(frame, v.p, v.n);
        return at->id;
    }
    s->late_reads++;
    byo_pg_early_settle(s);
    if (byo_pg_one(s, &r, BYO_PG_EARLY_NEXT, PG_TEXT(integration), PG_OCTETS(foreign_id),
                   PG_OCTETSS(forms->form, forms->n), PG_INT(at->other), PG_INT(at->id)) != BYO_STORE_OK)
        return 0;
    *at = (ByoEarlyAt){
        .id = byo_pg_int_at(&r, 0), .other = byo_pg_bool_at(&r, 1), .segment = byo_pg_int_at(&r, 3)};
    byo_buf_clear(frame);
    ByoStr v = byo_pg_text_at(&r, 2);
    byo_buf_add(frame, v.p, v.n);
    byo_pg_end(&r);
    return at->id;
}

/* Waited for, because one row or two may go, or none: those that are held before the commit, together. */
void byo_pgsql_early_remove(ByoStore *s, ByoId id)
{
    const int64_t message = byo_id_message(id);
    if (!byo_pg_writing(s))
        return;
    s->early_taken = true;
    if (remove_held(s, message))
        return;
    byo_pg_early_settle(s);
    byo_counts_by(s->counts, BYO_COUNT_EARLY, BYO_STR_NONE,
                  -byo_pg_change(s, BYO_PG_EARLY_REMOVE, PG_INTS(&message, 1)));
}

int byo_pgsql_early_purge(ByoStore *s, ByoTime before, int max)
{
    ByoPgRows r;
    const ByoId limit = byo_id_at(before);
    if (!byo_pg_writing(s))
        return 0;
    byo_pg_early_settle(s);
    forget(s);
    s->early_taken = true;
    if (byo_pg_one(s, &r, BYO_PG_EARLY_PURGE, PG_INT(limit), PG_INT(max), PG_INT(byo_pg_early_from(s))) !=
        BYO_STORE_OK)
        return 0;
    int64_t n = byo_pg_int_at(&r, 0);
    ByoId floor = byo_pg_floor_at(&r, 1);
    byo_pg_end(&r);
    s->wrote |= n > 0;
    if (n < max)
        byo_pg_early_purged(s, limit < floor ? limit : floor);
    byo_counts_by(s->counts, BYO_COUNT_EARLY, BYO_STR_NONE, -n);
    return (int)n;
}

int byo_pgsql_early_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId id, ByoStr frame),
                        void *arg)
{
    int n = 0;
    ByoPgRows r;
    byo_pg_early_settle(s);
    for (byo_pg_read(s, &r, BYO_PG_EARLY_ALL, PG_INT(after), PG_INT(max)); byo_pg_next(&r);) {
        n++;
        if (!each(arg, byo_pg_int_at(&r, 0), byo_pg_text_at(&r, 1)))
            byo_pg_end(&r);
    }
    return n;
}
