/* SPDX-License-Identifier: BSD-3-Clause
 * Statements of pgsql_way.h, one after the other.
 * Ownership and threads: pgsql_way.h. */
#include "store/pgsql/pgsql_way.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What comes of a fault says less than the fault. */
static void note(ByoPgWay *w, const char *what)
{
    if (w->why[0])
        return;
    ByoPgTarget nobody = {.password = NULL};
    char *said = byo_pg_said(w->at ? w->at : &nobody, PQerrorMessage(w->c));
    snprintf(w->why, sizeof w->why, "%s: %s", what, said);
    free(said);
}

bool byo_pg_way_stopped(const ByoPgWay *w)
{
    return w->stop && w->stop->now(w->stop->arg);
}

PGresult *byo_pg_way_ask(ByoPgWay *w, const char *sql, const char *what)
{
    PGresult *r = PQsendQuery(w->c, sql) ? byo_pg_await_or_stop(w->c, w->ms, w->stop) : NULL;
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return r;
    note(w, what);
    PQclear(r);
    return NULL;
}

bool byo_pg_way_tell(ByoPgWay *w, const char *what, const char *format, ...)
{
    char sql[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(sql, sizeof sql, format, list);
    va_end(list);
    PGresult *r = byo_pg_way_ask(w, sql, what);
    PQclear(r);
    return r != NULL;
}

bool byo_pg_way_is(ByoPgWay *w, const char *sql, const char *what, bool *is_r)
{
    PGresult *r = byo_pg_way_ask(w, sql, what);
    *is_r = r && PQntuples(r) == 1 && PQgetvalue(r, 0, 0)[0] == 't';
    PQclear(r);
    return r != NULL;
}

bool byo_pg_way_pieces(ByoPgWay *w, char *(*sql)(const void *arg, int64_t after), const void *arg,
                       const char *what)
{
    for (int64_t at = 0; !byo_pg_way_stopped(w);) {
        char *piece = sql(arg, at);
        PGresult *r = byo_pg_way_ask(w, piece, what);
        bool more = r && PQntuples(r) == 1 && !PQgetisnull(r, 0, 0);
        at = more ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : at;
        PQclear(r);
        free(piece);
        if (!more)
            return r != NULL;
    }
    return false;
}
