/* SPDX-License-Identifier: BSD-3-Clause
 * Looking for messages: by time, recipient, number, integration, state; page by page.
 * Decides: how far one page may look, so that no question costs without bound. Recipients are looked for by an index of
 * a hash of their digits: a small entry, of the same size for all.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

/* One call looks at this many rows at most. */
#define LOOK_ROWS 50000

int64_t byo_pg_recipient_hash(ByoStr recipient)
{
    return (int64_t)byo_hash_same(byo_digits(recipient));
}

typedef struct {
    ByoId low, high;
    ByoStr recipient; /* digits */
    int64_t hash;
    int day; /* the first that may have them */
} Range;

/* Ids that fit, newest first: at most limit. */
static int find(ByoStore *s, const ByoMessageFilter *f, const Range *at, ByoId *ids)
{
    ByoStr number = byo_digits(f->number);
    /* None is over on a day before that of its id. */
    const ByoPgValue values[] = {
        PG_INT(at->low),         PG_INT(at->high),      PG_INT(f->limit),
        PG_INT(LOOK_ROWS),       PG_INT(f->state),      PG_TEXT_OPT(f->integration),
        PG_OCTETS_OPT(number),   PG_TEXT_OPT(f->cause), PG_OCTETS_OPT(f->carrier_code),
        PG_INT(f->doubt),        PG_INT(at->day),       PG_INT(at->hash),
        PG_OCTETS(at->recipient)};
    return byo_pg_send_ids(s, ids, f->limit, at->recipient.n ? BYO_PG_SEARCH_RECIPIENT : BYO_PG_SEARCH,
                           values, at->recipient.n ? 13 : 11);
}

/* The last id that was looked at, when there may be more below it. */
static ByoId stopped(ByoStore *s, const Range *at)
{
    return at->recipient.n
               ? byo_pg_amount_any(s, BYO_PG_SEARCH_RECIPIENT_END, PG_INT(at->low), PG_INT(at->high),
                                   PG_INT(LOOK_ROWS), PG_INT(at->day), PG_INT(at->hash))
               : byo_pg_amount_any(s, BYO_PG_SEARCH_END, PG_INT(at->low), PG_INT(at->high), PG_INT(LOOK_ROWS),
                                   PG_INT(at->day));
}

/* Those of ids that are still there, newest first. False: the caller had enough, or a fault. */
static bool give(ByoStore *s, const ByoId *ids, int n, bool (*each)(void *arg, const ByoMessageRow *m),
                 void *arg, ByoId *last_r)
{
    ByoPgRows r;
    char uuid[37];
    if (!n || !byo_pg_read(s, &r, BYO_PG_MESSAGES_NEWEST, PG_INTS(ids, (size_t)n),
                           PG_INT(byo_pg_day(byo_id_time(ids[n - 1])))))
        return n == 0;
    while (byo_pg_next(&r)) {
        ByoMessageRow m;
        byo_pg_message_of(&r, &m, uuid);
        *last_r = m.id;
        if (!each(arg, &m)) {
            byo_pg_end(&r);
            return false;
        }
    }
    return true;
}

ByoStoreResult byo_pgsql_messages(ByoStore *s, const ByoMessageFilter *f, ByoId *next_r,
                                  bool (*each)(void *arg, const ByoMessageRow *m), void *arg)
{
    ByoId next = 0;
    s->course.last = BYO_STORE_OK;
    Range at = {.low = byo_id_at(f->from),
                .high = f->to > 0 ? byo_id_at(f->to) : INT64_MAX,
                .recipient = byo_digits(f->recipient)};
    if (f->limit <= 0) {
        *next_r = 0;
        return BYO_STORE_OK;
    }
    if (f->before > 0 && f->before < at.high)
        at.high = f->before;
    at.day = byo_pg_day(byo_id_time(at.low));
    at.hash = byo_pg_recipient_hash(at.recipient);
    ByoId *ids = byo_alloc((size_t)f->limit * sizeof *ids), last = 0;
    int n = find(s, f, &at, ids);
    if (!give(s, ids, n, each, arg, &last) || n == f->limit)
        next = last;
    else if (s->course.last == BYO_STORE_OK)
        next = stopped(s, &at);
    free(ids);
    *next_r = next;
    return s->course.last;
}
