/* SPDX-License-Identifier: BSD-3-Clause
 * Receipts that came before the answer to their submit (receipts-to-box: another bind was quicker), or
 * that were left to the node that has their segment.
 * Decides: in which order they are tried: those with the very id first, then oldest first.
 * A transaction reads all that wait at its first look, where they are not many: with several nodes one of each few
 * receipts waits, and each answer asks.
 * What is added is written before it is looked for, and before the commit.
 * A receipt that names two ids has two rows, id and id + 1 (ids of the store's making are 256 apart).
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

/* -- those that wait, in memory while a transaction lasts ------------------------------------------ */

/* With more of them each is looked for in the database. */
enum { HELD_MAX = 2000 };

typedef struct {
    ByoHashEntry entry; /* first; by integration and loose form */
    ByoId id;           /* 0: it was removed */
    int row;
} Held;

struct ByoPgEarly {
    ByoPgRows rows; /* floor, id, integration, foreign_id, loose_id, frame, segment */
    size_t n;       /* of them, when they are held */
    Held *held;
    ByoHashTable by_form;
    bool read, many; /* many: they are not held */
    int64_t *removed;
    size_t n_removed, cap_removed;
    int64_t counted;    /* rows they are, as they are held */
    ByoPgRecords added; /* to be written */
};

/* From one transaction to the next, while each is kept: those that waited at the last look, and behind which id all lie that came
 * since. An old snapshot keeps what went in the index: who looks from its lowest end walks all of it. */
struct ByoPgEarlySeen {
    ByoId floor, purged; /* purged: none lies before that one; 0: not known */
    size_t n;
    int64_t ids[HELD_MAX];
};

static ByoPgEarly *early(ByoStore *s)
{
    if (!s->early)
        s->early = byo_zalloc(sizeof *s->early);
    return s->early;
}

static void forget_rows(ByoPgEarly *e)
{
    byo_pg_end(&e->rows);
    byo_hash_clear(&e->by_form, NULL);
    free(e->held);
    e->held = NULL;
    e->read = e->many = false;
}

void byo_pg_early_forget(ByoStore *s)
{
    if (!s->early)
        return;
    forget_rows(s->early);
    free(s->early->removed);
    byo_pg_records_forget(&s->early->added);
    free(s->early);
    s->early = NULL;
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

static uint64_t hash_of(ByoStr integration, ByoStr form)
{
    return byo_hash(form, byo_hash(integration, 0));
}

static void note_seen(ByoPgEarlySeen *seen, const ByoPgRows *rows, size_t n)
{
    ByoPgRows at = {.result = rows->result};
    seen->floor = byo_pg_floor_at(&at, 0);
    for (seen->n = 0; seen->n < n; seen->n++, at.row++)
        seen->ids[seen->n] = byo_pg_int_at(&at, 1);
}

void byo_pg_early_unsee(ByoStore *s)
{
    free(s->early_seen);
    s->early_seen = NULL;
    s->early_taken = true;
}

bool byo_pg_early_ask(ByoStore *s)
{
    ByoPgEarly *e = early(s);
    if (e->read)
        return false;
    byo_pg_early_settle(s);
    if (!s->early_seen)
        s->early_seen = byo_zalloc(sizeof *s->early_seen);
    ByoPgEarlySeen *seen = s->early_seen;
    return byo_pg_ask(s, BYO_PG_EARLY_HELD, PG_INT(HELD_MAX + 1), PG_INTS(seen->ids, seen->n),
                      PG_INT(seen->floor));
}

bool byo_pg_early_answer(ByoStore *s)
{
    ByoPgEarly *e = early(s);
    if (!byo_pg_answer(s, &e->rows))
        return false;
    size_t n = (size_t)PQntuples(e->rows.result);
    e->read = true;
    n -= byo_pg_null_at(&(ByoPgRows){.result = e->rows.result}, 1); /* there is none */
    e->many = n > HELD_MAX;
    e->n = e->many ? 0 : n;
    if (e->many)
        byo_pg_early_unsee(s);
    else
        note_seen(s->early_seen, &e->rows, n);
    return true;
}

/* Their segments are looked for, too: an answer asks for both. */
void byo_pg_early_hold(ByoStore *s)
{
    ByoPgEarly *e = s->early;
    size_t n = e && e->read && !e->held ? e->n : 0;
    if (!n)
        return;
    ByoWant *wants = byo_alloc(n * sizeof *wants);
    e->held = byo_alloc(n * sizeof *e->held);
    for (size_t i = 0; i < n; i++) {
        e->rows.row = (int)i;
        ByoStr integration = byo_pg_text_at(&e->rows, 2);
        e->held[i] = (Held){.id = byo_pg_int_at(&e->rows, 1), .row = (int)i};
        byo_hash_add(&e->by_form, &e->held[i].entry, hash_of(integration, byo_pg_text_at(&e->rows, 4)));
        wants[i] = (ByoWant){
            .kind = BYO_WANT_FOREIGN, .integration = integration, .text = byo_pg_text_at(&e->rows, 3)};
    }
    byo_pgsql_want(s, wants, n);
    free(wants);
}

/* False: they are not held. */
static bool held(ByoStore *s)
{
    if (byo_pg_early_ask(s) && byo_pg_early_answer(s))
        byo_pg_early_hold(s);
    return s->early->read && !s->early->many;
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
        for (ByoHashEntry *x = byo_hash_first(&e->by_form, hash_of(integration, forms->form[i])); x;
             x = byo_hash_next(x)) {
            const Held *h = (const Held *)x;
            e->rows.row = h->row;
            bool other = !byo_str_eq(byo_pg_text_at(&e->rows, 3), foreign_id);
            if (!h->id || !byo_str_eq(byo_pg_text_at(&e->rows, 2), integration) ||
                !byo_str_eq(byo_pg_text_at(&e->rows, 4), forms->form[i]) || comes_before(other, h->id, at) ||
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
    for (int i = 0; e && e->read && !e->many && i < (int)e->n; i++)
        if (e->held[i].id && byo_id_message(e->held[i].id) == message) {
            e->held[i].id = 0;
            found++;
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
    if (held(s)) {
        const Held *h = next_held(s->early, integration, foreign_id, forms, at);
        if (!h)
            return 0;
        s->early->rows.row = h->row;
        at->segment = byo_pg_int_at(&s->early->rows, 6);
        ByoStr v = byo_pg_text_at(&s->early->rows, 5);
        byo_buf_clear(frame);
        byo_buf_add(frame, v.p, v.n);
        return at->id;
    }
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
    byo_pg_early_settle(s);
    byo_pg_early_forget(s);
    s->early_taken = true;
    ByoPgEarlySeen *seen = s->early_seen;
    ByoId limit = byo_id_at(before);
    int64_t n =
        byo_pg_change(s, BYO_PG_EARLY_PURGE, PG_INT(limit), PG_INT(max), PG_INT(seen ? seen->purged : 0));
    if (seen && n < max)
        seen->purged = limit < seen->floor ? limit : seen->floor;
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
