/* SPDX-License-Identifier: BSD-3-Clause
 * Plans that are made while tables are empty or nearly, as after a quiet night: none of them reads all of a table or of an index, which
 * would be all there is for as long as the plan stays. Each statement is looked at (pgsql_statements.h); the exceptions stand here,
 * with why. */
#include "pgsql_fixture.h"
#include "store/pgsql/pgsql_private.h"

static const struct {
    const char *name, *sql;
} statements[] = {
#define BYO_PG(name, rows, what, sql) {#name, sql},
#include "store/pgsql/pgsql_statements.h"
};

typedef struct {
    const char *name, *why;
} Exception;

static const Exception exceptions[] = {
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
    {"OPT_CURRENT", "beside turns: somebody asks who is opted out"},
    {"OPT_ANSWER", "what one recipient opted out of is little"},
    {"OPT_HISTORY_PAIR", "what one recipient opted out of is little"},
    {"OPT_IN", "the readings of one pair are few"},
    {"INWARD_OF", "beside turns: somebody asks what waits"},
};

/* They sort before they take the first. */
static const Exception sorted[] = {
    {"BY_ID", "the segments of one message id are few"},
    {"BY_IDS", "the segments of one message id are few"},
    {"BY_COPY", "the segments of one message id are few"},
    {"COPIES", "the message ids of one segment are few"},
};

static bool is_among(const Exception *list, size_t n, const char *name)
{
    while (n > 0)
        if (strcmp(list[--n].name, name) == 0)
            return true;
    return false;
}
#define IS_AMONG(list, name) is_among(list, sizeof(list) / sizeof *(list), name)

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

static bool says(const char *text, const char *before, const char *column, const char *behind)
{
    char what[120];
    snprintf(what, sizeof what, "%s%s%s", before, column, behind);
    return strstr(text, what) != NULL;
}

/* Tables that grow with traffic. The others have a row for a node, an integration. */
static const char *const growing[] = {
    "message",       "segment", "message_report", "message_step", "segment_copy", "inward",
    "early_receipt", "counter", "opt_out",        "opt_history",  "change",       "event",
    "inbound",       "mo_seen", "number",         "m20000",       "s20000"};

static bool grows(const char *scan)
{
    for (size_t i = 0; i < sizeof growing / sizeof *growing; i++)
        if (says(scan, " on ", growing[i], " "))
            return true;
    return false;
}

/* An index's columns as conditions say them. */
typedef struct {
    char columns[8][100];
    int n;
} Index;

static Index index_of(PGconn *c, const char *name, int n)
{
    Index x = {0};
    ByoBuf sql = {0};
    byo_buf_addf(
        &sql,
        "SELECT pg_get_indexdef('%.*s'::regclass, k, true) FROM pg_index, generate_series(1, indnkeyatts) k"
        " WHERE indexrelid = '%.*s'::regclass ORDER BY k",
        n, name, n, name);
    PGresult *r = PQexec(c, byo_buf_str(&sql).p);
    ck_assert_msg(PQntuples(r) > 0 && PQntuples(r) <= 8, "%s: %s", byo_buf_str(&sql).p, PQerrorMessage(c));
    for (; x.n < PQntuples(r); x.n++)
        snprintf(x.columns[x.n], sizeof x.columns[0], "%s", PQgetvalue(r, x.n, 0));
    PQclear(r);
    byo_buf_free(&sql);
    return x;
}

static bool has(const char *condition, const char *column)
{
    return says(condition, "(", column, " ") || says(condition, "(ROW(", column, ",") ||
           says(condition, ", ", column, ",") || says(condition, ", ", column, ")");
}

static bool equals(const char *filter, const char *column)
{
    return says(filter, "(", column, " = ");
}

/* One that is entered by its first columns, and by no more than those; else it, or some of it, is gone over. */
static bool entered(const Index *x, const char *condition, int *by_r)
{
    int n = 0, more = 0;
    while (n < x->n && has(condition, x->columns[n]))
        n++;
    for (int i = n; i < x->n; i++)
        more += has(condition, x->columns[i]);
    *by_r = n;
    return n > 0 && !more;
}

/* Another whole index of the table, or this one, could be entered by more columns. */
static bool another_is_better(PGconn *c, const char *table, int n_table, const char *condition,
                              const char *filter, int by)
{
    ByoBuf sql = {0};
    byo_buf_addf(
        &sql,
        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = '%.*s'::regclass AND indpred IS NULL",
        n_table, table);
    PGresult *r = PQexec(c, byo_buf_str(&sql).p);
    bool better = false;
    for (int i = 0; i < PQntuples(r); i++) {
        const char *name = PQgetvalue(r, i, 0);
        Index x = index_of(c, name, (int)strlen(name));
        int n = 0, new = 0;
        for (; n < x.n && (has(condition, x.columns[n]) || equals(filter, x.columns[n])); n++)
            new += !has(condition, x.columns[n]);
        better |= n > by && new;
    }
    PQclear(r);
    byo_buf_free(&sql);
    return better;
}

static const char *line_of(const PGresult *plan, int i)
{
    return i >= 0 && i < PQntuples(plan) ? PQgetvalue(plan, i, 0) : "";
}

/* What a line of a plan reads, as its name there. */
static bool read_by(const char *line, const char **index, int *n_index, const char **table, int *n_table)
{
    const char *on = strstr(line, " on "), *name = strstr(line, " using ");
    if (!on || !name)
        return false;
    *index = name + strlen(" using ");
    *n_index = (int)(on - *index);
    *table = on + strlen(" on ");
    *n_table = (int)strcspn(*table, " ");
    return true;
}

/* A line that reads all of a table or of an index, or more of it than need be; NULL: none does. */
static const char *reads_all(PGconn *c, const PGresult *plan)
{
    for (int i = 0; i < PQntuples(plan); i++) {
        const char *line = line_of(plan, i), *condition = "", *filter = "", *index, *table;
        int n_index, n_table, by;
        if (strstr(line, "Bitmap") || (grows(line) && strstr(line, "Seq Scan")))
            return line;
        if (!grows(line) || !read_by(line, &index, &n_index, &table, &n_table))
            continue;
        for (int k = i + 1; k < PQntuples(plan) && !strstr(line_of(plan, k), "->"); k++) {
            if (strstr(line_of(plan, k), "Index Cond: "))
                condition = line_of(plan, k);
            if (strstr(line_of(plan, k), "Filter: "))
                filter = line_of(plan, k);
        }
        Index x = index_of(c, index, n_index);
        if (!entered(&x, condition, &by) || another_is_better(c, table, n_table, condition, filter, by))
            return line;
    }
    return NULL;
}

/* Rows of a table that grows are sorted before the first are taken. */
static const char *sorts_all(const PGresult *plan)
{
    for (int i = 1; i < PQntuples(plan); i++) {
        const char *line = line_of(plan, i);
        bool first = strstr(line_of(plan, i - 1), "Limit  ") || strstr(line_of(plan, i - 1), "LockRows");
        if (first && strstr(line, "Sort  ") && (grows(line_of(plan, i + 2)) || grows(line_of(plan, i + 3))))
            return line_of(plan, i + 1);
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
    return c;
}

/* So many rows of nothing in particular in every table that grows. */
static void fill(PGconn *c, int n)
{
    for (size_t i = 0; n && i < sizeof growing / sizeof *growing; i++) {
        ByoBuf sql = {0};
        byo_buf_addf(
            &sql,
            "DO $$ BEGIN EXECUTE (SELECT format('INSERT INTO %%I SELECT %%s FROM generate_series(1, %d) g', "
            "'%s',"
            " string_agg(CASE WHEN a.attname = 'day' THEN '20000' WHEN a.atttypid = 'bool'::regtype THEN "
            "'false'"
            " WHEN a.atttypid = 'bytea'::regtype THEN 'int8send(g)' WHEN a.atttypid = 'text'::regtype THEN "
            "'g::text'"
            " WHEN a.atttypid = 'int2'::regtype THEN 'g %% 3' ELSE 'g' END, ', ' ORDER BY a.attnum))"
            " FROM pg_attribute a WHERE a.attrelid = '%s'::regclass AND a.attnum > 0 AND NOT a.attisdropped);"
            " END $$",
            n, growing[i], growing[i]);
        ck_assert_msg(run(c, byo_buf_str(&sql).p), "%s: %s", growing[i], PQerrorMessage(c));
        byo_buf_free(&sql);
    }
}

static void empty(PGconn *c)
{
    for (size_t i = 0; i < sizeof growing / sizeof *growing; i++) {
        char sql[100];
        snprintf(sql, sizeof sql, "DELETE FROM %s", growing[i]);
        ck_assert_msg(run(c, sql), "%s: %s", sql, PQerrorMessage(c));
    }
}

/* What the tables were like when they were looked at last: rows that went, rows that are there; and what came since. Then the plans are
 * made. What is empty may have indexes with much room in them, and pages: then PostgreSQL takes it for empty until it looks
 * again, whatever comes. */
static const struct {
    int gone, there;
    const char *look;
    int since;
} states[] = {
    {0, 0, "VACUUM ANALYZE", 0},
    {0, 3, "VACUUM ANALYZE", 0},
    {0, 100, "VACUUM ANALYZE", 0},
    {5000, 0, "VACUUM ANALYZE", 0},
    {5000, 3, "VACUUM ANALYZE", 0},
    {50, 0, "VACUUM (ANALYZE, TRUNCATE false)", 5000},
    {5000, 0, "VACUUM (ANALYZE, TRUNCATE false)", 5000},
};

static bool is_plain(size_t i)
{
    return i == BYO_PG_BEGIN || i == BYO_PG_COMMIT || i == BYO_PG_ROLLBACK;
}

START_TEST(no_plan_of_little_reads_all_of_a_table)
{
    PGconn *c = session();
    fill(c, states[_i].gone);
    empty(c);
    fill(c, states[_i].there);
    ck_assert_msg(run(c, states[_i].look), "%s", PQerrorMessage(c));
    fill(c, states[_i].since);
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
        const char *all = NULL;
        if (!is_plain(i) && !IS_AMONG(exceptions, statements[i].name)) {
            all = reads_all(c, plan);
            if (!all && !IS_AMONG(sorted, statements[i].name))
                all = sorts_all(plan);
        }
        if (all)
            fprintf(stderr, "%d: %s: %s\n", _i, statements[i].name, all);
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
    tcase_add_loop_test(t, no_plan_of_little_reads_all_of_a_table, 0, sizeof states / sizeof *states);
}

int main(void)
{
    return pgsql_run_suite("pgsql, plans", all);
}
