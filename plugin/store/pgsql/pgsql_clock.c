/* SPDX-License-Identifier: BSD-3-Clause
 * When the clock jumped: what is due keeps its distance, what is old does not become older (night N6).
 * Decides: how long after a jump ahead old rows are kept longer: until nothing of before it is left.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdio.h>

/* Each node has a clock. That of the first slot is the one a copied store has. */
static const char *of_node(const ByoStore *s, const char *name, char buf[32])
{
    snprintf(buf, 32, s->session.slot ? "%s@%d" : "%s", name, s->session.slot);
    return buf;
}

static ByoTime value(ByoStore *s, const char *name)
{
    char buf[32];
    return byo_pg_amount(s, BYO_PG_CLOCK, PG_TEXT(byo_str(of_node(s, name, buf))));
}

static void put(ByoStore *s, const char *name, ByoTime n)
{
    char buf[32];
    byo_pg_write(s, BYO_PG_CLOCK_PUT, PG_TEXT(byo_str(of_node(s, name, buf))), PG_INT(n));
}

void byo_pgsql_clock_jumped(ByoStore *s, ByoTime by, ByoTime now)
{
    if (!byo_pg_writing(s))
        return;
    ByoTime held = value(s, "held") + by;
    byo_pg_write(s, BYO_PG_CLOCK_SEGMENTS, PG_INT(by), PG_INT(s->session.slot));
    byo_pg_write(s, BYO_PG_CLOCK_MESSAGES, PG_INT(by), PG_INT(s->session.slot));
    byo_pg_due_forget(s);
    put(s, "held", held > 0 ? held : 0);
    put(s, "held till", now);
    byo_pgsql_clock_seen(s, now);
}

void byo_pgsql_clock_seen(ByoStore *s, ByoTime now)
{
    put(s, "seen", now);
}

ByoTime byo_pgsql_clock_last(ByoStore *s)
{
    return value(s, "seen");
}

ByoTime byo_pg_clock_held(ByoStore *s, ByoTime messages_before, ByoTime events_before)
{
    ByoTime held = value(s, "held");
    if (held <= 0)
        return 0;
    ByoTime since = value(s, "held till");
    if (messages_before <= since || events_before <= since)
        return held;
    put(s, "held", 0);
    return 0;
}
