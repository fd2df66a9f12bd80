/* SPDX-License-Identifier: BSD-3-Clause
 * Plans that are made while tables are empty, as after a quiet night: none of them reads all of a table, which would be all there is
 * for as long as the plan stays. Each statement is looked at (pgsql_statements.h); the exceptions stand here, with why. */
#include "pgsql_fixture.h"
#include "store/pgsql/pgsql_private.h"

static const struct {
    const char *name, *sql;
} statements[] = {
#define BYO_PG(name, rows, what, sql) {#name, sql},
#include "store/pgsql/pgsql_statements.h"
};

static const struct {
    const char *name, *why;
} exceptions[] = {
    {"LAST_ID", "at a start; the first of an index from its upper end"},
    {"CHANGES_LAST", "at a start"},
    {"ENDED_IDS", "at a start; the newest, from the upper end"},
    {"LONG_MESSAGES", "at a start; the newest, from the upper end"},
    {"TAKEN", "at a start; the newest, from the upper end"},
    {"INWARD_AT", "beside turns: somebody asks what a node has"},
    {"INWARD_BOXES", "at a start"},
    {"INWARD_RELEASE", "when a smsbox leaves: as many rows as go, in the order of their ids"},
    {"EARLY_OVERDUE", "when a node is gone: all receipts that wait"},
    {"EVENTS_OF", "an erasure reads all events"},
};

static bool is_exception(const char *name)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++)
        if (strcmp(exceptions[i].name, name) == 0)
            return true;
    return false;
}

static int values_of(const char *sql)
{
    int most = 0;
    for (const char *p = sql; (p = strchr(p, '$')); p++)
        most = atoi(p + 1) > most ? atoi(p + 1) : most;
    return most;
}

static bool run(PGconn *c, const char *sql)
{
    PGresult *r = PQexec(c, sql);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    PQclear(r);
    return ok;
}

/* Of tables that grow with traffic. The others have a row for a node, an integration, a number. */
static bool grows(const char *scan)
{
    static const char *const tables[] = {
        " on message ", " on segment ",      " on message_report", " on message_step", " on segment_copy ",
        " on inward",   " on early_receipt", " on counter",        " on opt_out",      " on change",
        " on event",    " on inbound",       " on mo_seen",        " on m2",           " on s2"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strstr(scan, tables[i]))
            return true;
    return false;
}

/* The first line that reads all of a table; NULL: none does. */
static const char *reads_all(const PGresult *plan)
{
    for (int i = 0; i < PQntuples(plan); i++) {
        const char *line = PQgetvalue(plan, i, 0),
                   *next = i + 1 < PQntuples(plan) ? PQgetvalue(plan, i + 1, 0) : "";
        if (grows(line) &&
            (strstr(line, "Seq Scan") || (strstr(line, "Index") && !strstr(next, "Index Cond"))))
            return line;
    }
    return NULL;
}

/* As a store has it: what plans there can be is its settings' doing, too. */
static PGconn *session(void)
{
    ByoStoreTarget at = pgsql_target();
    char *why = NULL;
    PGconn *c = byo_pg_connect(&at.pgsql, NULL, &why);
    ck_assert_msg(c != NULL, "%s", why);
    ck_assert(run(c, "CREATE TABLE m20000 PARTITION OF message_over FOR VALUES FROM (20000) TO (20001);"
                     "CREATE TABLE s20000 PARTITION OF segment_over FOR VALUES FROM (20000) TO (20001)"));
    ck_assert(run(c, "VACUUM ANALYZE"));
    return c;
}

static bool is_plain(size_t i)
{
    return i == BYO_PG_BEGIN || i == BYO_PG_COMMIT || i == BYO_PG_ROLLBACK;
}

START_TEST(no_plan_of_an_empty_table_reads_all_of_it)
{
    PGconn *c = session();
    int bad = 0;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        ByoBuf sql = {0};
        byo_buf_addf(&sql, "PREPARE q%zu AS %s", i, statements[i].sql);
        ck_assert_msg(is_plain(i) || run(c, byo_buf_str(&sql).p), "%s: %s", statements[i].name,
                      PQerrorMessage(c));
        byo_buf_clear(&sql);
        byo_buf_addf(&sql, "EXPLAIN EXECUTE q%zu", i);
        for (int k = 0, n = values_of(statements[i].sql); k < n; k++)
            byo_buf_addf(&sql, "%sNULL%s", k ? ", " : "(", k == n - 1 ? ")" : "");
        PGresult *plan = PQexec(c, byo_buf_str(&sql).p);
        const char *all = is_plain(i) || is_exception(statements[i].name) ? NULL : reads_all(plan);
        if (all)
            fprintf(stderr, "%s: %s\n", statements[i].name, all);
        bad += all != NULL;
        PQclear(plan);
        byo_buf_free(&sql);
    }
    PQfinish(c);
    ck_assert_int_eq(bad, 0);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_test(t, no_plan_of_an_empty_table_reads_all_of_it);
}

int main(void)
{
    return pgsql_run_suite("pgsql, plans", all);
}
