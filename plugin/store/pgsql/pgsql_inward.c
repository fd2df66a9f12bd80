/* SPDX-License-Identifier: BSD-3-Clause
 * Reports and MOs on their way to a smsbox, and the MOs seen before.
 * Decides: the order inside one destination: as they were added. Which rows are known to be there: those this process
 * added or read and did not remove are removed without waiting for the count; of all others the database says whether
 * there was one.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

/* -- counts -------------------------------------------------------------------------------------------- */

static void count_by(ByoStore *s, bool named, ByoStr box, int64_t by)
{
    byo_counts_by(s->counts, BYO_COUNT_INWARD, BYO_STR_NONE, by);
    byo_counts_by(s->counts, named ? BYO_COUNT_BOX : BYO_COUNT_ANONYMOUS, named ? box : BYO_STR_NONE, by);
}

int64_t byo_pgsql_inward_count(ByoStore *s)
{
    return byo_pg_count(s, BYO_COUNT_INWARD, BYO_STR_NONE);
}

int64_t byo_pgsql_inward_waiting(ByoStore *s, bool named, ByoStr box)
{
    if (!s->writer)
        return 0;
    return byo_pg_count(s, named ? BYO_COUNT_BOX : BYO_COUNT_ANONYMOUS, named ? box : BYO_STR_NONE);
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
    return s->last_inward = byo_id_next(s->last_inward, now, s->session.slot);
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
    return byo_pg_amount(s, BYO_PG_INWARD_ANY, PG_INT(named), PG_OCTETS(named ? box : BYO_STR("")))
               ? byo_id_at(t)
               : 0;
}

/* What is locked is there until the transaction is over. */
static int give(ByoStore *s, ByoPgStatement q, bool named, ByoStr box, ByoId after, int max,
                void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    int n = 0;
    ByoPgRows r;
    if (s->course.open)
        byo_pg_read(s, &r, q, PG_INT(named), PG_OCTETS(named ? box : BYO_STR("")), PG_INT(after), PG_INT(max),
                    PG_INT(s->session.slot));
    else
        byo_pg_read(s, &r, BYO_PG_INWARD_OF, PG_INT(named), PG_OCTETS(named ? box : BYO_STR("")),
                    PG_INT(after), PG_INT(max));
    for (; byo_pg_next(&r); n++) {
        ByoInwardRow row = {
            .id = byo_pg_int_at(&r, 0), .named = named, .box = box, .frame = byo_pg_text_at(&r, 1)};
        s->wrote |= s->course.open;
        byo_pg_waiting_know(s, &row);
        each(arg, &row);
    }
    return n;
}

int byo_pgsql_inward_claim(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                           void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    if (!s->course.open)
        return give(s, BYO_PG_INWARD_CLAIM, named, box, after, max, each, arg);
    byo_pg_gathered_settle_removals(s);
    int n = give(s, BYO_PG_INWARD_CLAIM, named, box, after, max, each, arg);
    return n + byo_pg_gathered_claim(s, named, named ? box : BYO_STR(""), after, max - n, each, arg);
}

bool byo_pgsql_inward_release(ByoStore *s, bool named, ByoStr box, int max)
{
    int64_t n = byo_pg_change(s, BYO_PG_INWARD_RELEASE, PG_INT(named), PG_OCTETS(named ? box : BYO_STR("")),
                              PG_INT(s->session.slot), PG_INT(max));
    if (n)
        byo_pg_change_note(s, BYO_CHANGE_INWARD, BYO_STR(""), BYO_STR(""));
    return n == max;
}

int byo_pgsql_inward_old(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                         void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    return give(s, BYO_PG_INWARD_OLD, named, box, after, max, each, arg);
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
