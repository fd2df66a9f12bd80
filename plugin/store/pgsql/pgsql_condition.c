/* SPDX-License-Identifier: BSD-3-Clause
 * How large the database is, and whether what is committed there can be lost all the same.
 * Decides: what is worth a warning: a database that does not sync, a standby that lags, days that have no partitions.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdio.h>

/* The size is that of all files: cheap, and not for every second. */
#define ASK_EVERY (60 * BYO_SECOND)

static void judge(ByoStoreCondition *c, const ByoPgRows *r, const char *host)
{
    bool fsync = byo_pg_bool_at(r, 1), asynchronous = byo_pg_bool_at(r, 2);
    int64_t standbys = byo_pg_amount_at(r, 3);
    if (!fsync)
        snprintf(c->warning, sizeof c->warning,
                 "fsync is off in the database: a crash of its machine can lose what was acked");
    else if (asynchronous && standbys)
        snprintf(c->warning, sizeof c->warning,
                 "the database's standbys (%lld) are asynchronous (synchronous_standby_names is empty):"
                 " a failover can lose what was acked",
                 (long long)standbys);
    else if (asynchronous && host && strchr(host, ','))
        snprintf(c->warning, sizeof c->warning,
                 "host names several databases and synchronous_standby_names is empty in this one:"
                 " a failover can lose what was acked");
}

void byo_pgsql_condition(ByoStore *s, ByoStoreCondition *c_r)
{
    ByoTime now = byo_monotonic();
    ByoPgRows r;
    if (!s->course.failed && (!s->condition_at || now - s->condition_at >= ASK_EVERY)) {
        s->condition_at = now; /* whatever comes of it: a fault here fails a turn, and must not fail each */
        s->condition = (ByoStoreCondition){.octets = -1};
        if (byo_pg_amount_all(s, BYO_PG_CONDITION_MAY) && byo_pg_read_all(s, &r, BYO_PG_CONDITION))
            while (byo_pg_next(&r)) {
                s->condition.octets = byo_pg_int_at(&r, 0);
                judge(&s->condition, &r, s->at.host);
            }
    }
    *c_r = s->condition;
    size_t n = strlen(c_r->warning);
    if (s->session.days && s->session.days->why[0])
        snprintf(c_r->warning + n, sizeof c_r->warning - n, "%s%s", n ? "; " : "", s->session.days->why);
}
