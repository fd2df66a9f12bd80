/* SPDX-License-Identifier: BSD-3-Clause
 * Which segment a carrier's message id belongs to, and the ids of segments that have more than one.
 * Decides: nothing; where it lies. One statement finds the plain case.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

/* -- by id -------------------------------------------------------------------------------------- */

ByoForeign byo_pg_foreign_at(const ByoStore *s, const ByoPgRows *r)
{
    ByoForeign f = {.id = byo_pg_int_at(r, 0), .state = (ByoSegState)byo_pg_int_at(r, 1)};
    int slot = (int)(byo_pg_int_at(r, 2) & (BYO_SLOTS - 1));
    if (!byo_seg_final(f.state) && byo_pg_others_up(s, slot))
        f.other = slot + 1;
    return f;
}

int byo_pgsql_by_id(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *out, int max)
{
    static const ByoPgStatement statements[] = {BYO_PG_BY_ID, BYO_PG_BY_COPY};
    int n = 0;
    if (s->course.open && foreign_id.n) {
        if (byo_pg_wanted_by_id(s, integration, foreign_id, out, max, &n))
            return n;
        s->late_reads++;
    }
    for (size_t i = 0; foreign_id.n && n == 0 && i < sizeof statements / sizeof *statements; i++) {
        ByoPgRows r;
        if (!byo_pg_read(s, &r, statements[i], PG_TEXT(integration), PG_OCTETS(foreign_id), PG_INT(max)))
            return 0;
        while (n < max && byo_pg_next(&r))
            out[n++] = byo_pg_foreign_at(s, &r);
        byo_pg_end(&r);
    }
    return n;
}

int byo_pgsql_by_loose_id(ByoStore *s, ByoStr integration, const ByoMsgidForms *forms, ByoForeign *out,
                          int max)
{
    int n = 0;
    ByoPgRows r;
    if (s->course.open && byo_pg_wanted_by_loose_id(s, integration, forms, out, max, &n))
        return n;
    s->late_reads += s->course.open;
    if (forms->n == 0 || !byo_pg_read(s, &r, BYO_PG_BY_LOOSE_ID, PG_TEXT(integration),
                                      PG_OCTETSS(forms->form, forms->n), PG_INT(max)))
        return 0;
    while (n < max && byo_pg_next(&r))
        out[n++] = (ByoForeign){.id = byo_pg_int_at(&r, 0), .state = (ByoSegState)byo_pg_int_at(&r, 1)};
    byo_pg_end(&r);
    return n;
}

/* -- copies -------------------------------------------------------------------------------------- */

void byo_pgsql_copy_add(ByoStore *s, ByoId segment, const ByoCopyRow *c)
{
    if (!byo_pg_writing(s) || (!c->foreign_id.n && c->open))
        return;
    byo_msgid_loose(c->foreign_id, &s->loose);
    byo_pg_wanted_copied(s);
    ByoSegmentRow seg;
    ByoStr integration;
    if (byo_pg_rows_segment(s, segment, &seg, &integration))
        byo_pg_write(s, BYO_PG_COPY_PUT, PG_INT(segment), PG_OCTETS(c->foreign_id),
                     PG_OCTETS(byo_buf_str(&s->loose)), PG_INT(c->try), PG_INT(c->open),
                     PG_VERDICT(&c->verdict), PG_TEXT(integration));
    else
        byo_pg_write(s, BYO_PG_COPY_ADD, PG_INT(segment), PG_OCTETS(c->foreign_id),
                     PG_OCTETS(byo_buf_str(&s->loose)), PG_INT(c->try), PG_INT(c->open),
                     PG_VERDICT(&c->verdict));
}

void byo_pgsql_copy_end(ByoStore *s, ByoId segment, const ByoCopyRow *c)
{
    byo_pg_write(s, BYO_PG_COPY_END, PG_INT(segment), PG_OCTETS(c->foreign_id), PG_VERDICT(&c->verdict));
}

int byo_pgsql_copies(ByoStore *s, ByoId segment, ByoCopyRow *copies, int max)
{
    ByoPgRows r;
    int n = 0;
    max = max < BYO_COPIES_MAX ? max : BYO_COPIES_MAX;
    if (!byo_pg_read(s, &r, BYO_PG_COPIES, PG_INT(segment), PG_INT(max)))
        return 0;
    for (; n < max && ++r.row < PQntuples(r.result); n++)
        copies[n] = (ByoCopyRow){.foreign_id = byo_pg_text_at(&r, 0),
                                 .try = (int)byo_pg_int_at(&r, 1),
                                 .open = byo_pg_bool_at(&r, 2),
                                 .verdict = byo_pg_verdict_at(&r, 3)};
    byo_pg_hold(s, BYO_PG_HELD_COPIES, &r);
    return n;
}

void byo_pgsql_ended_ids(ByoStore *s, int newest,
                         void (*each)(void *arg, ByoStr integration, ByoStr foreign_id, ByoId segment),
                         void *arg)
{
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_ENDED_IDS, PG_INT(newest)); byo_pg_next(&r);)
        if (byo_pg_text_at(&r, 1).n)
            each(arg, byo_pg_text_at(&r, 1), byo_pg_text_at(&r, 2), byo_pg_int_at(&r, 0));
}
