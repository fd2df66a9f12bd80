/* SPDX-License-Identifier: BSD-3-Clause
 * Reports and MOs on their way to a smsbox, and the MOs seen before.
 * Decides: the order inside one destination: as they were added. Which rows are known to be there: those this process
 * added or read and did not remove are removed without waiting for the count; of all others the database says whether
 * there was one.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

/* -- counts -------------------------------------------------------------------------------------------- */

static ByoCountKind kind_of(bool named)
{
    return named ? BYO_COUNT_BOX : BYO_COUNT_ANONYMOUS;
}

static void count_by(ByoStore *s, bool named, ByoStr box, int64_t by)
{
    byo_counts_by(s->counts, BYO_COUNT_INWARD, BYO_STR_NONE, by);
    byo_counts_by(s->counts, kind_of(named), named ? box : BYO_STR_NONE, by);
}

int64_t byo_pgsql_inward_count(ByoStore *s)
{
    return byo_pg_count(s, BYO_COUNT_INWARD, BYO_STR_NONE);
}

int64_t byo_pgsql_inward_waiting(ByoStore *s, bool named, ByoStr box)
{
    if (!s->writer)
        return 0;
    return byo_pg_count(s, kind_of(named), named ? box : BYO_STR_NONE);
}

int64_t byo_pgsql_inward_destinations(ByoStore *s)
{
    return s->writer ? s->counts->names[BYO_COUNT_BOX] + s->counts->names[BYO_COUNT_ANONYMOUS] : 0;
}

/* -- rows ---------------------------------------------------------------------------------------------- */

ByoId byo_pgsql_inward_id(ByoStore *s, bool named, ByoStr box, ByoTime now)
{
    if (!byo_pg_writing(s))
        return 0;
    if (named && byo_pgsql_inward_waiting(s, true, box) == 0 &&
        s->counts->names[BYO_COUNT_BOX] >= BYO_STORE_DESTINATIONS)
        return 0;
    return byo_pgsql_new_id(s, now);
}

void byo_pgsql_inward_add(ByoStore *s, const ByoInwardRow *row)
{
    if (!byo_pg_writing(s))
        return;
    byo_pg_gather_inward(s, row);
    count_by(s, row->named, row->box, 1);
    if (row->given)
        byo_pg_waiting_know(s, row);
}

void byo_pgsql_inward_remove(ByoStore *s, ByoId id)
{
    ByoInwardRow row;
    if (!byo_pg_writing(s))
        return;
    if (byo_pg_waiting_take(s, id, &row)) {
        byo_pg_gather_removal(s, id);
        count_by(s, row.named, row.box, -1);
        return;
    }
    ByoPgRows r;
    s->wrote = true; /* what is read here was removed */
    for (byo_pg_read(s, &r, BYO_PG_INWARD_TAKE, PG_INT(id)); byo_pg_next(&r);)
        count_by(s, byo_pg_bool_at(&r, 0), byo_pg_text_at(&r, 1), -1);
}

ByoId byo_pgsql_inward_before(ByoStore *s, bool named, ByoStr box, ByoTime t)
{
    return byo_pgsql_inward_waiting(s, named, box) ? byo_id_at(t) : 0;
}

static void give(ByoStore *s, ByoPgRows *r, bool named, ByoStr box,
                 void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    ByoInwardRow row = {.id = byo_pg_int_at(r, 0), .named = named, .box = box, .frame = byo_pg_text_at(r, 1)};
    s->wrote |= s->course.open;
    byo_pg_waiting_know(s, &row);
    each(arg, &row);
}

/* What is locked is there until the transaction is over. */
static int give_all(ByoStore *s, ByoPgRows *r, bool named, ByoStr box,
                    void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    int n = 0;
    for (; byo_pg_next(r); n++)
        give(s, r, named, box, each, arg);
    return n;
}

/* Those of nobody are looked for from where none lay before the last look: what was claimed may still lie there, and be gone. */
static int claim(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                 void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    int n = 0;
    ByoPgRows r;
    ByoId from = byo_pg_from(s, kind_of(named), box);
    for (byo_pg_read(s, &r, BYO_PG_INWARD_CLAIM, PG_INT(named), PG_OCTETS(box), PG_INT(after), PG_INT(max),
                     PG_INT(s->session.slot), PG_INT(from));
         byo_pg_next(&r);) {
        if (!byo_pg_null_at(&r, 0)) {
            give(s, &r, named, box, each, arg);
            n++;
        } else if (byo_pg_bool_at(&r, 2)) {
            byo_pg_from_put(s, kind_of(named), box, byo_pg_floor_at(&r, 3), false);
        }
    }
    return n;
}

int byo_pgsql_inward_claim(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                           void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    ByoPgRows r;
    box = named ? box : BYO_STR("");
    if (!s->course.open) {
        byo_pg_read(s, &r, BYO_PG_INWARD_OF, PG_INT(named), PG_OCTETS(box), PG_INT(after), PG_INT(max));
        return give_all(s, &r, named, box, each, arg);
    }
    byo_pg_gathered_settle_removals(s);
    int n = claim(s, named, box, after, max, each, arg);
    return n + byo_pg_gathered_claim(s, named, box, after, max - n, each, arg);
}

bool byo_pgsql_inward_release(ByoStore *s, bool named, ByoStr box, int max)
{
    box = named ? box : BYO_STR("");
    int64_t n = byo_pg_change(s, BYO_PG_INWARD_RELEASE, PG_INT(named), PG_OCTETS(box),
                              PG_INT(s->session.slot), PG_INT(max));
    if (n) {
        byo_pg_from_put(s, kind_of(named), box, 0, false);
        byo_pg_change_note(s, BYO_CHANGE_INWARD, BYO_STR(""), BYO_STR(""));
    }
    return n == max;
}

int byo_pgsql_inward_old(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                         void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    ByoPgRows r;
    box = named ? box : BYO_STR("");
    byo_pg_read(s, &r, s->course.open ? BYO_PG_INWARD_OLD : BYO_PG_INWARD_OF, PG_INT(named), PG_OCTETS(box),
                PG_INT(after), PG_INT(max), PG_INT(s->session.slot));
    return give_all(s, &r, named, box, each, arg);
}

typedef struct {
    int64_t *named;
    ByoStr *boxes;
    size_t n;
    bool is_named;
} Destinations;

static void note_destination(void *arg, ByoStr box, int64_t n)
{
    Destinations *d = arg;
    (void)n; /* of one that has none just now there may have been some that this node does not know of yet */
    if (d->n % 64 == 0) {
        d->named = byo_realloc(d->named, (d->n + 64) * sizeof *d->named);
        d->boxes = byo_realloc(d->boxes, (d->n + 64) * sizeof *d->boxes);
    }
    d->named[d->n] = d->is_named;
    d->boxes[d->n++] = box;
}

bool byo_pg_inward_free(ByoStore *s, int slot)
{
    Destinations d = {.is_named = true};
    byo_pg_count_each(s, BYO_COUNT_BOX, note_destination, &d);
    d.is_named = false;
    byo_pg_count_each(s, BYO_COUNT_ANONYMOUS, note_destination, &d);
    int64_t n = d.n ? byo_pg_change(s, BYO_PG_INWARD_FREE, PG_INT(slot), PG_INTS(d.named, d.n),
                                    PG_OCTETSS(d.boxes, d.n))
                    : 0;
    free(d.named);
    free(d.boxes);
    if (n) {
        byo_pg_unclaimed_forget(s);
        byo_pg_change_note(s, BYO_CHANGE_INWARD, BYO_STR(""), BYO_STR(""));
    }
    return n > 0;
}

int byo_pgsql_inward_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, const ByoInwardRow *row),
                         void *arg)
{
    int n = 0;
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_INWARD_ALL, PG_INT(after), PG_INT(max)); byo_pg_next(&r);) {
        ByoInwardRow row = {.id = byo_pg_int_at(&r, 0),
                            .named = byo_pg_bool_at(&r, 1),
                            .box = byo_pg_text_at(&r, 2),
                            .frame = byo_pg_text_at(&r, 3)};
        n++;
        if (!each(arg, &row))
            byo_pg_end(&r);
    }
    return n;
}

void byo_pgsql_inward_boxes(ByoStore *s, void (*each)(void *arg, bool named, ByoStr box), void *arg)
{
    ByoPgRows r;
    for (byo_pg_read_all(s, &r, BYO_PG_INWARD_BOXES); byo_pg_next(&r);)
        each(arg, byo_pg_bool_at(&r, 0), byo_pg_text_at(&r, 1));
}

/* -- MOs that were taken ------------------------------------------------------------------------------- */

bool byo_pgsql_mo_known(ByoStore *s, ByoStr uuid)
{
    ByoPgUuid packed;
    bool known;
    if (byo_pg_wanted_mo(s, uuid, &known))
        return known;
    s->late_reads += s->course.open;
    return byo_pg_amount(s, BYO_PG_MO_KNOWN, PG_UUID(uuid, packed)) > 0;
}

void byo_pgsql_mo_note(ByoStore *s, ByoStr uuid, ByoTime now)
{
    ByoPgUuid packed;
    byo_pg_wanted_mo_note(s, uuid);
    byo_pg_write(s, BYO_PG_MO_NOTE, PG_UUID(uuid, packed), PG_INT(now));
}
