/* SPDX-License-Identifier: BSD-3-Clause
 * A database of a test's own in the cluster BYO_TEST_PGSQL tells of (tests/tools/with_postgres.py).
 * Threads: one. */
#ifndef PGSQL_FIXTURE_H
#define PGSQL_FIXTURE_H

#include <check.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store.h"

static char pgsql_name[64];
static char *pgsql_host, *pgsql_port, *pgsql_user;

static inline bool pgsql_there(void)
{
    return getenv("BYO_TEST_PGSQL") != NULL;
}

/* Runs sql in a database of the cluster, as its superuser; the first column of the first row, "" without one. The caller
 * frees it. */
static inline char *pgsql_run(const char *database, const char *sql)
{
    char *conninfo = byo_printf("%s dbname=%s", getenv("BYO_TEST_PGSQL"), database);
    PGconn *c = PQconnectdb(conninfo);
    PGresult *r = PQexec(c, sql);
    ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s",
                  sql, PQerrorMessage(c));
    char *value = byo_strdup(PQntuples(r) ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    PQfinish(c);
    free(conninfo);
    return value;
}

static inline void pgsql_do(const char *database, const char *sql)
{
    free(pgsql_run(database, sql));
}

static inline int64_t pgsql_number(const char *sql)
{
    char *value = pgsql_run(pgsql_name, sql);
    int64_t n = strtoll(value, NULL, 10);
    free(value);
    return n;
}

static inline void pgsql_create(void)
{
    static int made;
    char sql[128];
    PQconninfoOption *all = PQconninfoParse(getenv("BYO_TEST_PGSQL"), NULL);
    ck_assert_ptr_nonnull(all);
    for (const PQconninfoOption *o = all; o->keyword; o++) {
        char **to = strcmp(o->keyword, "host") == 0   ? &pgsql_host
                    : strcmp(o->keyword, "port") == 0 ? &pgsql_port
                    : strcmp(o->keyword, "user") == 0 ? &pgsql_user
                                                      : NULL;
        if (to) {
            free(*to);
            *to = byo_strdup(o->val);
        }
    }
    PQconninfoFree(all);
    snprintf(pgsql_name, sizeof pgsql_name, "byo_%ld_%d", (long)getpid(), made++);
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", pgsql_name);
    pgsql_do("postgres", sql);
}

static inline void pgsql_drop(void)
{
    char sql[128];
    snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", pgsql_name);
    pgsql_do("postgres", sql);
}

static inline ByoStoreTarget pgsql_target(void)
{
    return (ByoStoreTarget){.kind = BYO_STORE_PGSQL,
                            .pgsql = {.host = pgsql_host,
                                      .port = pgsql_port,
                                      .username = pgsql_user,
                                      .password = "not-needed-here",
                                      .database = pgsql_name,
                                      .node = "n1"}};
}

TCase *pgsql_answers(void); /* test_pgsql_answers.c */

#endif
