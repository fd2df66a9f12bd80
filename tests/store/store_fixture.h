/* SPDX-License-Identifier: BSD-3-Clause
 * What the store's tests share: a store in a folder or database of its own, rows to put into it.
 * BYO_TEST_STORE: sqlite (when it is not set), pgsql or memory: which implementation the contract is held against. pgsql
 * needs BYO_TEST_PGSQL, a conninfo of a cluster's superuser (tests/tools/with_postgres.py).
 * Ownership: the fixture owns folder, database and store. Threads: one. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <check.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <libpq-fe.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"
#include "memory/memory_store.h"
#include "store/sqlite/sqlite_private.h"

#define NOW ((ByoTime)1790000000000)
#define S(text) byo_str(text)

static char folder[PATH_MAX / 2], path[PATH_MAX];
static ByoStore *store;
static char database[64];

static inline bool on(const char *kind)
{
    const char *named = getenv("BYO_TEST_STORE");
    return strcmp(named ? named : "sqlite", kind) == 0;
}
static inline bool on_sqlite(void)
{
    return on("sqlite");
}
static inline bool on_pgsql(void)
{
    return on("pgsql");
}
/* PostgreSQL, where the days of the tests' time have partitions: what ends goes there. */
static inline bool by_day(void)
{
    return on_pgsql() && getenv("BYO_TEST_DAYS");
}
static inline bool on_memory(void)
{
    return on("memory");
}

/* A test of how SQLite does it, not of what every store must do. */
#define tcase_add_sqlite_test(t, test) \
    do { \
        if (on_sqlite()) \
            tcase_add_test(t, test); \
    } while (0)

/* What BYO_TEST_PGSQL says of `name`; the caller frees nothing: it lives as long as the process. */
static inline const char *pgsql_part(const char *name)
{
    static PQconninfoOption *all;
    const char *conninfo = getenv("BYO_TEST_PGSQL");
    if (!all)
        all = PQconninfoParse(conninfo ? conninfo : "", NULL);
    for (const PQconninfoOption *o = all; o && o->keyword; o++)
        if (strcmp(o->keyword, name) == 0)
            return o->val;
    return NULL;
}

static inline ByoStoreTarget the_target(void)
{
    if (!on_pgsql())
        return (ByoStoreTarget){.path = path};
    return (ByoStoreTarget){.kind = BYO_STORE_PGSQL,
                            .pgsql = {.host = pgsql_part("host"),
                                      .port = pgsql_part("port"),
                                      .username = pgsql_part("user"),
                                      .database = database,
                                      .node = "n1"}};
}

/* A session of the tests' own in a database. */
static inline PGconn *pgsql_session(const char *name)
{
    const char *const keys[] = {"dbname", "dbname", "options", NULL};
    const char *const values[] = {getenv("BYO_TEST_PGSQL"), name, "-c search_path=byobox,public", NULL};
    PGconn *c = PQconnectdbParams(keys, values, 1);
    ck_assert_msg(PQstatus(c) == CONNECTION_OK, "%s", PQerrorMessage(c));
    return c;
}

static inline void pgsql_run(const char *in, const char *sql)
{
    PGconn *c = pgsql_session(in);
    PGresult *r = PQexec(c, sql);
    ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s",
                  sql, PQerrorMessage(c));
    PQclear(r);
    PQfinish(c);
}

static inline ByoStore *must_open(void)
{
    ByoStoreResult result;
    char *why;
    if (on_memory())
        return memory_store_open();
    ByoStoreTarget at = the_target();
    ByoStore *s = byo_store_open(&at, &result, &why);
    ck_assert_msg(s != NULL, "%s", why ? why : "no reason");
    ck_assert_int_eq(result, BYO_STORE_OK);
    if (by_day()) { /* it says how long messages are kept, and so uses days */
        byo_store_begin(s);
        byo_store_purge(s, NOW - 1000 * BYO_DAY, NOW - 1000 * BYO_DAY, 1, &(ByoPurgePlace){0});
        ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
    }
    return s;
}

static inline ByoStore *must_open_reader(void)
{
    ByoStoreResult result;
    char *why;
    if (on_memory())
        return memory_store_reader(store);
    ByoStoreTarget at = the_target();
    ByoStore *s = byo_store_open_reader(&at, &result, &why);
    ck_assert_msg(s != NULL, "%s", why ? why : "no reason");
    return s;
}

static inline void make_folder(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/byo-store-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/store.db", folder);
    if (on_pgsql()) {
        char sql[128];
        snprintf(database, sizeof database, "test_%d", (int)getpid());
        snprintf(sql, sizeof sql, "CREATE DATABASE %s", database);
        pgsql_run("postgres", sql);
    }
}

static inline int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(name);
}

static inline void remove_folder(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    if (on_pgsql()) {
        char sql[128];
        snprintf(sql, sizeof sql, "DROP DATABASE %s WITH (FORCE)", database);
        pgsql_run("postgres", sql);
    }
}

static inline void make_days(void)
{
    for (long day = (long)(NOW / BYO_DAY) - 1; day < NOW / BYO_DAY + 3; day++)
        for (int k = 0; k < 2; k++) {
            char sql[512], name[32];
            const char *of = k ? "segment" : "message";
            time_t t = day * 86400;
            strftime(name, sizeof name, "%Y%m%d", gmtime(&t));
            snprintf(sql, sizeof sql,
                     "CREATE TABLE %s_%s (LIKE %s_over INCLUDING ALL);"
                     "ALTER TABLE %s_over ATTACH PARTITION %s_%s FOR VALUES FROM (%ld) TO (%ld)",
                     of, name, of, of, of, name, day, day + 1);
            pgsql_run(database, sql);
        }
}

static inline void setup(void)
{
    make_folder();
    if (by_day())
        byo_gw_start(); /* a thread drops what is too old */
    store = must_open();
    if (!by_day())
        return;
    make_days();
    byo_store_close(store);
    store = must_open();
}

static inline void teardown(void)
{
    byo_store_close(store);
    store = NULL;
    remove_folder();
}

static inline void reopen(void)
{
    if (on_memory()) {
        memory_store_reopen(store);
        return;
    }
    byo_store_close(store);
    store = must_open();
}

#define must_commit(s) ck_assert_msg(byo_store_commit(s) == BYO_STORE_OK, "%s", byo_store_error(s))

static inline void ck_str(ByoStr got, ByoStr wanted)
{
    ck_assert_msg(got.p != NULL && byo_str_eq(got, wanted), "\"%.*s\" instead of \"%.*s\"", BYO_PF(got),
                  BYO_PF(wanted));
}

static inline ByoMessageRow some_message(ByoId id, ByoTime created)
{
    return (ByoMessageRow){
        .id = id,
        .integration = S("carrier-a"),
        .number = S("12025550100"),
        .recipient = S("+12025550123"),
        .uuid = S("0f8fad5b-d9cb-469f-a165-70867728950e"),
        .named = true,
        .box = S("smsbox1"),
        .created = created,
        .tally.segments = 1,
        .mask = 31,
        .data_coding = -1,
        .charset = S("GSM_0338"),
        .verdict.code = -1,
        .frame = S("frame"),
    };
}

static inline ByoSegmentRow some_segment(ByoId message, int number, ByoSegState state, ByoTime due)
{
    return (ByoSegmentRow){.id = byo_id_segment(message, number),
                           .s.state = state,
                           .s.due = due,
                           .verdict.code = -1,
                           .payload = S("payload")};
}

/* A message of n segments, inside a transaction. */
static inline ByoId add_message(ByoStore *s, const char *integration, int n, ByoSegState state, ByoTime due,
                                ByoTime now)
{
    ByoId id = byo_store_new_id(s, now);
    ByoMessageRow m = some_message(id, now);
    ByoSegmentRow seg[255];
    m.integration = S(integration);
    m.tally.segments = n;
    for (int i = 0; i < n; i++)
        seg[i] = some_segment(id, i + 1, state, due);
    byo_store_message_add(s, &m, seg, n);
    return id;
}

/* Its id. Inside a transaction. */
static inline ByoId put_inward(ByoStore *s, ByoInwardRow row, ByoTime now)
{
    row.id = byo_store_inward_id(s, row.named, row.box, now);
    if (row.id)
        byo_store_inward_add(s, &row);
    return row.id;
}

static inline void set_state(ByoStore *s, ByoId segment, ByoSegState state, ByoTime due)
{
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(s, segment, &seg), BYO_STORE_OK);
    seg.s.state = state;
    seg.s.due = due;
    byo_store_segment_update(s, &seg);
}

/* Segments of carrier-a whose ids are that one loosely. */
static inline int found_loosely(const char *id, ByoForeign found[4])
{
    ByoMsgidForms forms = {0};
    byo_msgid_forms(byo_str(id), &forms);
    int n = byo_store_by_loose_id(store, S("carrier-a"), &forms, found, 4);
    byo_msgid_forms_free(&forms);
    return n;
}

/* What is committed. Not in memory, which has no SQL. */
static inline int64_t number_from(ByoStore *s, const char *sql)
{
    if (on_pgsql()) {
        PGconn *c = pgsql_session(database);
        PGresult *r = PQexec(c, sql);
        ck_assert_msg(PQresultStatus(r) == PGRES_TUPLES_OK, "%s: %s", sql, PQerrorMessage(c));
        int64_t n = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
        PQclear(r);
        PQfinish(c);
        return n;
    }
    sqlite3_stmt *st;
    byo_later_write(s);
    ck_assert_int_eq(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}

/* Committed rows, by the name of their table in SQL. */
static inline int64_t rows_in(const char *table)
{
    char sql[64];
    if (on_memory())
        return memory_store_rows(store, table);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return number_from(store, sql);
}

/* How many of a test: of what SQLite keeps in memory or has an index for there must be more than fit; the store in
 * memory, which has neither and walks, needs fewer. */
static inline int so_many(int n)
{
    return on_memory() ? n / 20 : n;
}

static inline void ck_pgsql_counters(ByoStore *s)
{
    static const char *const ids[] = {"carrier-a", "carrier-b", "carrier-c"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        for (int state = 0; state < 3; state++) {
            char sql[128];
            snprintf(sql, sizeof sql, "SELECT count(*) FROM segment WHERE integration = '%s' AND state = %d",
                     ids[i], state);
            ck_assert_int_eq(byo_store_count_state(s, S(ids[i]), (ByoSegState)state), number_from(s, sql));
        }
    ck_assert_int_eq(byo_store_inward_count(s), number_from(s, "SELECT count(*) FROM inward"));
}

/* The kept counters equal what is there. In memory none are kept. */
static inline void ck_counters(ByoStore *s)
{
    if (on_memory())
        return;
    if (on_pgsql()) {
        ck_pgsql_counters(s);
        return;
    }
    for (size_t i = 0; i < s->known_n; i++)
        for (int state = 0; state < BYO_STATES; state++) {
            char sql[128];
            snprintf(sql, sizeof sql, "SELECT count(*) FROM segment WHERE integration = %d AND state = %d",
                     (int)s->known[i].key, state);
            ck_assert_int_eq(byo_store_count_state(s, byo_strn(s->known[i].id, s->known[i].length), state),
                             number_from(s, sql));
        }
    ck_assert_int_eq(byo_store_inward_count(s), number_from(s, "SELECT count(*) FROM inward"));
}

/* In the middle of a transaction, into which nobody else looks. */
static inline void ck_counters_now(ByoStore *s)
{
    if (!on_pgsql())
        ck_counters(s);
}

int store_run(void); /* the exit code */
Suite *store_messages_suite(void);
Suite *store_queue_suite(void);
Suite *store_inward_suite(void);
Suite *store_rows_suite(void);
Suite *store_purge_suite(void);
Suite *store_fault_suite(void);
Suite *store_kept_suite(void);
Suite *store_ahead_suite(void);

#endif
