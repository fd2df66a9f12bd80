/* SPDX-License-Identifier: BSD-3-Clause
 * What memory must know again after a start, found by index: replies of late, segments in back-off, the newest
 * messages; and what is open.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

/* A node's clock may say another day than that of who looks, and ids follow the fastest one. */
enum { LATE_DAYS = 2 };

void byo_pgsql_replies(ByoStore *s, ByoTime since,
                       void (*each)(void *arg, ByoStr number, ByoStr recipient, int keyword, ByoTime sent),
                       void *arg)
{
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_REPLIES, PG_INT(byo_id_at(since))); byo_pg_next(&r);)
        each(arg, byo_pg_text_at(&r, 0), byo_pg_text_at(&r, 1), (int)byo_pg_int_at(&r, 2),
             byo_pg_amount_at(&r, 3));
}

void byo_pgsql_long_messages(ByoStore *s, int newest, void (*each)(void *arg, ByoStr recipient, ByoStr udh),
                             void *arg)
{
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_LONG_MESSAGES, PG_INT(newest)); byo_pg_next(&r);)
        each(arg, byo_pg_text_at(&r, 0), byo_pg_text_at(&r, 1));
}

static void each_taken(ByoPgRows *r,
                       void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused),
                       void *arg)
{
    char uuid[37];
    while (byo_pg_next(r))
        each(arg, byo_pg_null_at(r, 1) ? BYO_STR_NONE : byo_pg_text_at(r, 1), byo_pg_uuid_at(r, 0, uuid),
             byo_pg_text_at(r, 2), byo_pg_bool_at(r, 3));
}

void byo_pgsql_taken(ByoStore *s, int newest,
                     void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused), void *arg)
{
    ByoPgRows r;
    if (byo_pg_read(s, &r, BYO_PG_TAKEN, PG_INT(newest)))
        each_taken(&r, each, arg);
}

void byo_pgsql_taken_of(ByoStore *s, const ByoMtLook *looks, size_t n, ByoTime since,
                        void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused),
                        void *arg)
{
    ByoPgRows r;
    ByoNode nodes[BYO_SLOTS];
    if (byo_pgsql_nodes(s, nodes) < 2)
        return;
    int64_t *hashes = byo_alloc(n * sizeof *hashes);
    ByoStr *uuids = byo_alloc(n * sizeof *uuids);
    ByoPgUuid *octets = byo_alloc(n * sizeof *octets);
    for (size_t i = 0; i < n; i++) {
        hashes[i] = byo_pg_recipient_hash(looks[i].recipient);
        uuids[i] = byo_pg_uuid_octets(looks[i].uuid, octets[i]);
    }
    int day = byo_pg_day(byo_id_time(byo_id_at(since))), last = byo_pg_day(byo_id_time(s->last_id));
    if (byo_pg_read(s, &r, BYO_PG_TAKEN_OF, PG_INTS(hashes, n), PG_OCTETSS(uuids, n),
                    PG_INT(byo_id_at(since)), PG_INT(day), PG_INT((last > day ? last : day) + LATE_DAYS)))
        each_taken(&r, each, arg);
    free(octets);
    free(uuids);
    free(hashes);
}

void byo_pgsql_backing_off(ByoStore *s, ByoStr integration, ByoTime after, int max,
                           void (*each)(void *arg, ByoId segment, ByoStr number, ByoStr recipient), void *arg)
{
    ByoPgRows r;
    byo_pg_read(s, &r, BYO_PG_BACKING_OFF, PG_TEXT(integration), PG_INT(after), PG_INT(max),
                PG_INT(s->session.slot));
    while (byo_pg_next(&r))
        each(arg, byo_pg_int_at(&r, 0), byo_pg_text_at(&r, 1), byo_pg_text_at(&r, 2));
}

int byo_pgsql_open_messages(ByoStore *s, ByoId after, int max, bool (*each)(void *arg, ByoId message),
                            void *arg)
{
    ByoPgRows r;
    int n = 0;
    byo_pg_read(s, &r, BYO_PG_OPEN_MESSAGES, PG_INT(after), PG_INT(max));
    while (byo_pg_next(&r)) {
        n++;
        if (!each(arg, byo_pg_int_at(&r, 0)))
            break;
    }
    byo_pg_end(&r);
    return n;
}
