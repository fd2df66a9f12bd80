/* SPDX-License-Identifier: BSD-3-Clause
 * The schema: which version stands in the database, and how it becomes this byobox's.
 * Decides: who may bring it up. One at a time, when no byobox uses the tables as they are, each version in a transaction of its
 * own; a newer one is refused; a role that may not is told which file to run.
 * Threads: any, one for each connection. */
#include "store/pgsql/pgsql_session.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/pgsql/schema_text.h"

#define SCHEMA_VERSION ((int)(sizeof byo_pgsql_schema_text / sizeof *byo_pgsql_schema_text))

const int byo_pgsql_schema_version = SCHEMA_VERSION;

static const char version_of[] = "SELECT n FROM byobox.version";

/* 0: there is none of ours. -1: a fault. */
static int version(PGconn *c)
{
    int n = -1;
    PGresult *r = byo_pg_execute(c, "SELECT to_regclass('byobox.version') IS NULL", 0, NULL);
    bool none = PQresultStatus(r) == PGRES_TUPLES_OK && PQgetvalue(r, 0, 0)[0] == 't';
    bool some = PQresultStatus(r) == PGRES_TUPLES_OK && !none;
    PQclear(r);
    if (none)
        return 0;
    if (!some)
        return -1;
    r = byo_pg_execute(c, version_of, 0, NULL);
    if (PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1)
        n = atoi(PQgetvalue(r, 0, 0));
    PQclear(r);
    return n;
}

/* -- bringing it up ------------------------------------------------------------------------------ */

/* What stood in the way. */
typedef struct {
    char state[6];
    char *said;
} Fault;

static bool run(PGconn *c, const char *sql, const ByoPgTarget *at, Fault *fault)
{
    PGresult *r = byo_pg_execute_long(c, sql);
    ExecStatusType status = PQresultStatus(r);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!ok && !fault->said) {
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        snprintf(fault->state, sizeof fault->state, "%s", state ? state : "");
        fault->said = byo_pg_said(at, PQerrorMessage(c));
    }
    PQclear(r);
    return ok;
}

/* In a transaction, until it is over: no other session uses the tables, and none begins to. False: some do. */
static bool alone(PGconn *c)
{
    PGresult *r = byo_pg_execute(c,
                                 "SELECT pg_try_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", 1) AND"
                                 " pg_try_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", 2)",
                                 0, NULL);
    bool got = PQresultStatus(r) == PGRES_TUPLES_OK && PQgetvalue(r, 0, 0)[0] == 't';
    PQclear(r);
    return got;
}

typedef enum { DONE, IN_USE, FAULT } Step;

/* From version n - 1 to n, if nobody uses the tables; each file says its number itself. */
static Step try_step(ByoPgMaking *m, int n, Fault *fault)
{
    Step step = IN_USE;
    if (version(m->c) >= n) /* somebody else did it */
        return DONE;
    if (!run(m->c, "BEGIN", m->at, fault))
        return FAULT;
    if (alone(m->c)) {
        bool done = version(m->c) >= n || run(m->c, byo_pgsql_schema_text[n - 1], m->at, fault);
        step = done && run(m->c, "COMMIT", m->at, fault) ? DONE : FAULT;
    }
    if (step != DONE)
        run(m->c, "ROLLBACK", m->at, fault);
    return step;
}

/* Byoboxes of the version before are waited for. */
static Step step(ByoPgMaking *m, int n, Fault *fault)
{
    for (ByoTime begun = byo_boottime();;) {
        Step step = try_step(m, n, fault);
        if (step != IN_USE || byo_boottime() - begun >= BYO_PG_WAIT)
            return step;
        byo_pg_pause();
    }
}

static char *may_not(const ByoPgTarget *at, int from, int to)
{
    return byo_printf(
        "the role \"%s\" may not create the tables byobox needs: run %s/%04d.sql%s as one who may (psql"
        " -1 -f), then GRANT USAGE ON SCHEMA byobox TO \"%s\"; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL"
        " TABLES IN SCHEMA byobox TO \"%s\"",
        at->username ? at->username : "", BYO_SCHEMA_DIR, from + 1,
        from + 1 < to ? " and those after it" : "", at->username ? at->username : "",
        at->username ? at->username : "");
}

static char *older_is_there(PGconn *c, int from, int to)
{
    char *who = byo_pg_holder(c, BYO_PG_LOCK_SCHEMA);
    char *why =
        byo_printf("the store must be brought from version %d to %d, but %s uses it as it is: all of the"
                   " version before must end first",
                   from, to, who);
    free(who);
    return why;
}

static bool bring_up(ByoPgMaking *m, int from)
{
    Fault fault = {.said = NULL};
    Step done = DONE;
    for (int n = from; done == DONE && n < SCHEMA_VERSION; n++) {
        done = step(m, n + 1, &fault);
        if (done == IN_USE)
            byo_pg_refuse(m, BYO_STORE_IO, older_is_there(m->c, n, SCHEMA_VERSION));
        else if (done == FAULT)
            byo_pg_refuse(
                m, byo_pg_map(fault.state),
                strcmp(fault.state, "42501") == 0
                    ? may_not(m->at, n, SCHEMA_VERSION)
                    : byo_printf("cannot bring the store from version %d to %d: %s", n, n + 1, fault.said));
    }
    free(fault.said);
    return done == DONE;
}

/* -- which one it is ----------------------------------------------------------------------------- */

static bool is_ours(ByoPgMaking *m, int n)
{
    if (n == SCHEMA_VERSION)
        return true;
    if (n < 0) {
        char *said = byo_pg_said(m->at, PQerrorMessage(m->c));
        byo_pg_refuse(m, BYO_STORE_IO, byo_printf("cannot read the store's version: %s", said));
        free(said);
        return false;
    }
    if (n > SCHEMA_VERSION)
        return byo_pg_refuse(
            m, BYO_STORE_NEWER,
            byo_printf("the store has version %d; this byobox knows versions up to %d", n, SCHEMA_VERSION));
    return byo_pg_refuse(
        m, n ? BYO_STORE_READONLY : BYO_STORE_NONE,
        n ? byo_printf("the store has version %d and must be brought to %d first: start byobox", n,
                       SCHEMA_VERSION)
          : byo_strdup("there is no store yet: start byobox"));
}

static bool try_hold(ByoPgMaking *m, bool *got_r)
{
    PGresult *r = byo_pg_make_ask(m, "SELECT pg_try_advisory_lock_shared(" BYO_PG_LOCK_CLASS ", 1)", 0, NULL);
    *got_r = r && PQgetvalue(r, 0, 0)[0] == 't';
    PQclear(r);
    return r != NULL;
}

/* Who changes the tables, or is a byobox that knows of no other one, is waited for. */
static bool hold(ByoPgMaking *m)
{
    bool got;
    for (ByoTime begun = byo_boottime();;) {
        if (!try_hold(m, &got) || got)
            return got;
        if (byo_boottime() - begun >= BYO_PG_WAIT)
            break;
        byo_pg_pause();
    }
    char *who = byo_pg_holder(m->c, BYO_PG_LOCK_SCHEMA);
    byo_pg_refuse(m, BYO_STORE_IO, byo_printf("%s has the store to itself: it must end first", who));
    free(who);
    return false;
}

bool byo_pg_schema(ByoPgMaking *m, bool writer, bool upgrade)
{
    int n = version(m->c);
    m->result = BYO_STORE_OK;
    if (upgrade && n >= 0 && n < SCHEMA_VERSION) {
        if (!bring_up(m, n))
            return false;
        n = version(m->c);
    }
    if (!is_ours(m, n))
        return false;
    return !writer || (hold(m) && is_ours(m, version(m->c))); /* nobody changed them in between */
}
