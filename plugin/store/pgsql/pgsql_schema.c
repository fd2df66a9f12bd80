/* SPDX-License-Identifier: BSD-3-Clause
 * The schema: which version stands in the database, and how it becomes this byobox's.
 * Decides: who may bring it up. One at a time, each version in a transaction of its own; a newer one is refused; a role that
 * may not is told which file to run.
 * Threads: any, one for each connection. */
#include "store/pgsql/pgsql_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/pgsql/schema_text.h"

#define SCHEMA_VERSION ((int)(sizeof byo_pgsql_schema_text / sizeof *byo_pgsql_schema_text))

const int byo_pgsql_schema_version = SCHEMA_VERSION;

/* Another's upgrade is waited for; released at the transaction's end. */
static const char lock[] = "SELECT pg_advisory_xact_lock(1113149250, 2)";
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

static bool run(PGconn *c, const char *sql, ByoBuf *state)
{
    PGresult *r = PQexec(c, sql);
    ExecStatusType status = PQresultStatus(r);
    const char *told = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    byo_buf_clear(state);
    byo_buf_adds(state, told ? told : "");
    PQclear(r);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* From version n - 1 to n. True, too, when somebody else did it meanwhile. */
static bool step(PGconn *c, int n, ByoBuf *state)
{
    char set[64];
    snprintf(set, sizeof set, "UPDATE byobox.version SET n = %d", n);
    if (run(c, "BEGIN", state) && run(c, lock, state)) {
        if (version(c) >= n)
            return run(c, "ROLLBACK", state);
        if (run(c, byo_pgsql_schema_text[n - 1], state) && run(c, set, state) && run(c, "COMMIT", state))
            return true;
    }
    ByoBuf ignored = {0};
    run(c, "ROLLBACK", &ignored);
    byo_buf_free(&ignored);
    return false;
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

static bool bring_up(PGconn *c, const ByoPgTarget *at, int from, ByoStoreResult *result_r, char **why_r)
{
    ByoBuf state = {0};
    bool ok = true;
    for (int n = from; ok && n < SCHEMA_VERSION; n++) {
        char *said = NULL;
        ok = step(c, n + 1, &state);
        if (ok)
            continue;
        *result_r = byo_pg_map(byo_buf_str(&state).p);
        said = byo_pg_said(at, PQerrorMessage(c));
        *why_r = byo_str_is(byo_buf_str(&state), "42501")
                     ? may_not(at, n, SCHEMA_VERSION)
                     : byo_printf("cannot bring the store from version %d to %d: %s", n, n + 1, said);
        free(said);
    }
    byo_buf_free(&state);
    return ok;
}

bool byo_pg_schema(PGconn *c, const ByoPgTarget *at, bool upgrade, ByoStoreResult *result_r, char **why_r)
{
    int n = version(c);
    *result_r = BYO_STORE_OK;
    if (n == SCHEMA_VERSION)
        return true;
    if (n < 0) {
        char *said = byo_pg_said(at, PQerrorMessage(c));
        *result_r = BYO_STORE_IO;
        *why_r = byo_printf("cannot read the store's version: %s", said);
        free(said);
        return false;
    }
    if (n > SCHEMA_VERSION) {
        *result_r = BYO_STORE_NEWER;
        *why_r =
            byo_printf("the store has version %d; this byobox knows versions up to %d", n, SCHEMA_VERSION);
        return false;
    }
    if (upgrade)
        return bring_up(c, at, n, result_r, why_r);
    *result_r = n ? BYO_STORE_READONLY : BYO_STORE_NONE;
    *why_r = n ? byo_printf("the store has version %d and must be brought to %d first: start byobox", n,
                            SCHEMA_VERSION)
               : byo_strdup("there is no store yet: start byobox");
    return false;
}
