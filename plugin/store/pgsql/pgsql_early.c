/* SPDX-License-Identifier: BSD-3-Clause
 * Receipts that came before the answer to their submit (receipts-to-box: another bind was quicker).
 * Decides: in which order they are tried: those with the very id first, then oldest first.
 * A receipt that names two ids has two rows, id and id + 1 (ids of the store's making are 256 apart).
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

void byo_pgsql_early_add(ByoStore *s, ByoStr integration, const ByoStr foreign_ids[2], ByoStr frame,
                         ByoTime now)
{
    if (!byo_pg_writing(s))
        return;
    ByoId id = byo_pgsql_new_id(s, now);
    for (int i = 0; i < 2; i++) {
        if (!foreign_ids[i].n)
            continue;
        byo_msgid_loose(foreign_ids[i], &s->loose);
        byo_pg_write(s, BYO_PG_EARLY_ADD, PG_INT(id + i), PG_TEXT(integration), PG_OCTETS(foreign_ids[i]),
                     PG_OCTETS(byo_buf_str(&s->loose)), PG_OCTETS(frame));
        byo_counts_by(s->counts, BYO_COUNT_EARLY, BYO_STR_NONE, 1);
        byo_pg_change_note(s, BYO_CHANGE_EARLY, integration, foreign_ids[i]);
    }
}

int64_t byo_pgsql_early_count(const ByoStore *s)
{
    return byo_pg_count((ByoStore *)s, BYO_COUNT_EARLY, BYO_STR_NONE);
}

ByoId byo_pgsql_early_next(ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                           ByoEarlyAt *at, ByoBuf *frame)
{
    ByoPgRows r;
    if (!byo_pg_writing(s) || forms->n == 0 || byo_pgsql_early_count(s) == 0 ||
        byo_pg_one(s, &r, BYO_PG_EARLY_NEXT, PG_TEXT(integration), PG_OCTETS(foreign_id),
                   PG_OCTETSS(forms->form, forms->n), PG_INT(at->other), PG_INT(at->id)) != BYO_STORE_OK)
        return 0;
    *at = (ByoEarlyAt){.id = byo_pg_int_at(&r, 0), .other = byo_pg_bool_at(&r, 1)};
    byo_buf_clear(frame);
    ByoStr v = byo_pg_text_at(&r, 2);
    byo_buf_add(frame, v.p, v.n);
    byo_pg_end(&r);
    return at->id;
}

/* Waited for, because one row or two may go, or none; receipts come early now and then. */
void byo_pgsql_early_remove(ByoStore *s, ByoId id)
{
    byo_counts_by(s->counts, BYO_COUNT_EARLY, BYO_STR_NONE,
                  -byo_pg_change(s, BYO_PG_EARLY_REMOVE, PG_INT(byo_id_message(id))));
}

int byo_pgsql_early_purge(ByoStore *s, ByoTime before, int max)
{
    int64_t n = byo_pg_change(s, BYO_PG_EARLY_PURGE, PG_INT(byo_id_at(before)), PG_INT(max));
    byo_counts_by(s->counts, BYO_COUNT_EARLY, BYO_STR_NONE, -n);
    return (int)n;
}

int byo_pgsql_early_all(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId id, ByoStr frame),
                        void *arg)
{
    int n = 0;
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_EARLY_ALL, PG_INT(after), PG_INT(max)); byo_pg_next(&r);) {
        n++;
        if (!each(arg, byo_pg_int_at(&r, 0), byo_pg_text_at(&r, 1)))
            byo_pg_end(&r);
    }
    return n;
}
