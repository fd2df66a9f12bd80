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

#include "../unit/suites.h"
#include "base/thread.h"
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

/* Another session's, which sees what is there now until it is closed (PQfinish). */
static inline PGconn *old_snapshot(const char *sql)
{
    char *conninfo = byo_printf("%s dbname=%s", getenv("BYO_TEST_PGSQL"), pgsql_name);
    PGconn *c = PQconnectdb(conninfo);
    PQclear(PQexec(c, "BEGIN ISOLATION LEVEL REPEATABLE READ"));
    PQclear(PQexec(c, sql));
    ck_assert_int_eq(PQtransactionStatus(c), PQTRANS_INTRANS);
    free(conninfo);
    return c;
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

#define NOW ((ByoTime)1790000000000)
#define S(text) byo_str(text)

static ByoStore *store;

static inline ByoStore *must_open(void)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    ByoStore *s = byo_store_open(&at, &result, &why);
    ck_assert_msg(s != NULL, "%s", why ? why : "no reason");
    return s;
}

static inline void setup(void)
{
    byo_gw_start();
    pgsql_create();
    store = must_open();
}

static inline void teardown(void)
{
    byo_store_close(store);
    pgsql_drop();
}

static inline ByoId add_due(ByoStore *s, ByoSegState state, ByoTime due, ByoStr payload)
{
    ByoId id = byo_store_new_id(s, NOW);
    ByoMessageRow m = {.id = id,
                       .integration = S("carrier-a"),
                       .number = S("12025550100"),
                       .recipient = S("+12025550123"),
                       .uuid = S("0f8fad5b-d9cb-469f-a165-70867728950e"),
                       .created = NOW,
                       .tally.segments = 1,
                       .data_coding = -1,
                       .charset = S("GSM_0338"),
                       .verdict.code = -1,
                       .frame = byo_strn("\0\xff", 2)};
    ByoSegmentRow seg = {
        .id = id + 1, .s.state = state, .s.due = due, .verdict.code = -1, .payload = payload};
    byo_store_message_add(s, &m, &seg, 1);
    return id;
}

static inline ByoId add(ByoStore *s, ByoSegState state)
{
    return add_due(s, state, NOW, S("payload"));
}

static inline ByoStoreResult turn(ByoStore *s)
{
    byo_store_begin(s);
    add(s, BYO_SEG_QUEUED);
    return byo_store_commit(s);
}

/* The sign of life. */
static inline void empty_turn(ByoStore *s)
{
    byo_store_begin(s);
    ck_assert_msg(byo_store_commit(s) == BYO_STORE_OK, "%s", byo_store_error(s));
}

static inline void end_session(void)
{
    pgsql_do(pgsql_name, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                         " WHERE application_name = 'byobox' AND datname = current_database()");
}

/* As long as it takes: the session comes back by itself. */
static inline void turn_at_last(ByoStore *s)
{
    ByoStoreResult result;
    while ((result = turn(s)) == BYO_STORE_IO)
        usleep(5000);
    ck_assert_msg(result == BYO_STORE_OK, "%s", byo_store_error(s));
}

static inline void ck_kept(ByoStore *s, int64_t n)
{
    ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.segment WHERE state = 0"), n);
    ck_assert_int_eq(byo_store_count_state(s, S("carrier-a"), BYO_SEG_QUEUED), n);
}

static inline ByoStore *open_as(const char *node, ByoStoreResult *result_r, char **why_r)
{
    ByoStoreTarget at = pgsql_target();
    at.pgsql.node = node;
    return byo_store_open(&at, result_r, why_r);
}

static inline int slot(ByoStore *s)
{
    return (int)(byo_store_new_id(s, NOW) >> 8 & 7);
}

static inline ByoStore *must_open_as(const char *node)
{
    ByoStoreResult result;
    char *why;
    ByoStore *s = open_as(node, &result, &why);
    ck_assert_msg(s != NULL, "%s", why ? why : "no reason");
    return s;
}

typedef struct {
    int of[BYO_CHANGE_COUNTS + 1]; /* how many of each kind were told */
    char last[64];
} Told;

static inline void tell(void *arg, const ByoChange *c)
{
    Told *told = arg;
    told->of[c->kind]++;
    if (c->kind != BYO_CHANGE_TAKEN && c->kind != BYO_CHANGE_COUNTS)
        snprintf(told->last, sizeof told->last, "%.*s|%.*s", BYO_PF(c->key), BYO_PF(c->more));
}

/* One look at the others, in a turn of its own. */
static inline Told look_at_others(ByoStore *s)
{
    Told told = {.last = ""};
    ByoTime pause;
    do { /* the time of the next look is kept to */
        byo_store_begin(s);
        pause = byo_store_others(s, tell, &told);
        byo_store_rollback(s);
        usleep(5000);
    } while (pause < 150);
    told = (Told){.last = ""};
    byo_store_begin(s); /* after a turn that was not kept it looks at once */
    byo_store_others(s, tell, &told);
    ck_assert_msg(byo_store_commit(s) == BYO_STORE_OK, "%s", byo_store_error(s));
    return told;
}

/* Whatever it is asked, it keeps nothing more, and says why. */
static inline void ck_stale(const char *why)
{
    while (byo_store_current(store)) {
        ck_assert_int_eq(turn(store), BYO_STORE_IO);
        usleep(5000);
    }
    ck_assert_int_eq(turn(store), BYO_STORE_IO);
    ck_assert_msg(strstr(byo_store_error(store), why) != NULL, "%s", byo_store_error(store));
}

/* The exit code of a program of such tests; 77: there is no PostgreSQL. */
static inline int pgsql_run_suite(const char *name, void (*add_tests)(TCase *t))
{
    if (!pgsql_there()) {
        puts("no PostgreSQL was told of: BYO_TEST_PGSQL (tests/tools/with_postgres.py)");
        return 77;
    }
    Suite *s = suite_create(name);
    TCase *t = tcase_create(name);
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    add_tests(t);
    suite_add_tcase(s, t);
    return run_suite(s);
}

#endif
