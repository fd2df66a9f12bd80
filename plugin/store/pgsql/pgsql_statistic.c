/* SPDX-License-Identifier: BSD-3-Clause
 * What happened in each minute and hour, by integration.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

bool byo_pgsql_statistic(ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoBuf *counts)
{
    ByoPgRows r;
    if (byo_pg_one(s, &r, BYO_PG_STATISTIC, PG_INT(span), PG_INT(at), PG_TEXT(integration)) != BYO_STORE_OK)
        return false;
    ByoStr v = byo_pg_text_at(&r, 0);
    byo_buf_add(counts, v.p, v.n);
    byo_pg_end(&r);
    return true;
}

void byo_pgsql_statistic_put(ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoStr counts)
{
    if (counts.p)
        byo_pg_write(s, BYO_PG_STATISTIC_PUT, PG_INT(span), PG_INT(at), PG_TEXT(integration),
                     PG_TEXT(counts));
    else
        byo_pg_write(s, BYO_PG_STATISTIC_REMOVE, PG_INT(span), PG_INT(at), PG_TEXT(integration));
}

void byo_pgsql_statistics(ByoStore *s, ByoSpan span, ByoTime from, ByoTime to,
                          bool (*each)(void *arg, const ByoStatisticRow *row), void *arg)
{
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_STATISTICS, PG_INT(span), PG_INT(from), PG_INT(to)); byo_pg_next(&r);) {
        ByoStatisticRow row = {.at = byo_pg_amount_at(&r, 0),
                               .integration = byo_pg_text_at(&r, 1),
                               .counts = byo_pg_text_at(&r, 2)};
        if (!each(arg, &row))
            byo_pg_end(&r);
    }
}

void byo_pgsql_statistics_purge(ByoStore *s, ByoSpan span, ByoTime before)
{
    byo_pg_write(s, BYO_PG_STATISTICS_PURGE, PG_INT(span), PG_INT(before));
}
