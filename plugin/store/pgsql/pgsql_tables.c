/* SPDX-License-Identifier: BSD-3-Clause
 * The tables of a store in PostgreSQL as stores exchange them (store/tables.h): they are its own columns.
 * Decides: how rows travel: out one by one, in by COPY. Messages that are over come in among the open ones, and go row by row.
 * Ownership: it holds the locks of all nodes, so no byobox uses the database. Threads: one. */
#include "store/pgsql/pgsql_private.h"
#include "store/tables.h"

#include <stdlib.h>

#define COPY_OCTETS (256 * 1024)

typedef struct {
    ByoTables tables;
    ByoPgTarget at;
    ByoPgSession session;
    ByoTable table; /* being filled; BYO_TABLE_COUNT: none */
    ByoBuf rows;    /* of it, not yet sent */
    char *error;
} Pgsql;

static bool said(Pgsql *t)
{
    char *place = byo_pg_place(&t->at), *what = byo_pg_said(&t->at, PQerrorMessage(t->session.c));
    free(t->error);
    t->error = byo_printf("%s: %s", place, what);
    free(place);
    free(what);
    return false;
}

static const char *error(const ByoTables *tables)
{
    const Pgsql *t = (const Pgsql *)tables;
    return t->error ? t->error : "";
}

static bool run(Pgsql *t, const char *sql, ExecStatusType wanted)
{
    PGresult *r = byo_pg_execute_long(t->session.c, sql);
    bool ok = PQresultStatus(r) == wanted;
    PQclear(r);
    return ok || said(t);
}

/* Rows that were copied in are sent, and the database has them. */
static bool finish(Pgsql *t)
{
    PGconn *c = t->session.c;
    if (t->table == BYO_TABLE_COUNT)
        return true;
    t->table = BYO_TABLE_COUNT;
    bool ok = PQputCopyData(c, byo_buf_str(&t->rows).p, (int)t->rows.n) == 1 && PQputCopyEnd(c, NULL) == 1;
    byo_buf_clear(&t->rows);
    PGresult *r = byo_pg_await(c, BYO_PG_LONG_ANSWER_MS);
    ok &= PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    return ok || said(t);
}

/* Where all of its rows are found. */
static const char *source(ByoTable table)
{
    return table == BYO_TABLE_message   ? "message_any"
           : table == BYO_TABLE_segment ? "segment_any"
                                        : byo_table_name[table];
}

static int64_t count(ByoTables *tables, ByoTable table)
{
    Pgsql *t = (Pgsql *)tables;
    if (!finish(t))
        return -1;
    char *sql = byo_printf("SELECT count(*) FROM %s", source(table));
    PGresult *r = byo_pg_execute_long(t->session.c, sql);
    int64_t n = PQresultStatus(r) == PGRES_TUPLES_OK ? strtoll(PQgetvalue(r, 0, 0), NULL, 10) : -1;
    PQclear(r);
    free(sql);
    if (n < 0)
        said(t);
    return n;
}

/* -- reading ------------------------------------------------------------------------------------------- */

static void take_row(const ByoPgRows *r, const char *kinds, ByoCell *cells)
{
    for (int i = 0; kinds[i]; i++) {
        bool number = kinds[i] == 'i' || kinds[i] == 'b';
        cells[i] = (ByoCell){.null = byo_pg_null_at(r, i)};
        if (number)
            cells[i].number = byo_pg_int_at(r, i);
        else
            cells[i].octets = byo_pg_text_at(r, i);
    }
}

/* What waits and what was seen has a place in time: those come in its order. All others by their first column. */
static char *select_all(ByoTable table)
{
    return byo_printf("SELECT %s FROM %s ORDER BY %s", byo_table_columns[table], source(table),
                      table == BYO_TABLE_mo_seen ? "2" : "1");
}

static bool read_rows(ByoTables *tables, ByoTable table, bool (*each)(void *arg, const ByoCell *cells),
                      void *arg)
{
    Pgsql *t = (Pgsql *)tables;
    PGconn *c = t->session.c;
    ByoCell cells[BYO_CELLS_MAX];
    char *sql = select_all(table);
    bool ok = PQsendQueryParams(c, sql, 0, NULL, NULL, NULL, NULL, 1) && PQsetSingleRowMode(c);
    bool wanted = true;
    free(sql);
    ok = ok || said(t);
    for (ByoPgRows r = {0}; ok && (r.result = PQgetResult(c)); PQclear(r.result)) {
        ExecStatusType status = PQresultStatus(r.result);
        if (status == PGRES_SINGLE_TUPLE && wanted) {
            take_row(&r, byo_table_kinds[table], cells);
            wanted = each(arg, cells);
        } else if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
            ok = said(t);
        }
    }
    return ok && wanted;
}

/* -- writing ------------------------------------------------------------------------------------------- */

static bool begin(ByoTables *tables)
{
    return run((Pgsql *)tables, "BEGIN", PGRES_COMMAND_OK);
}

static void put_text(ByoBuf *b, ByoStr v)
{
    for (size_t i = 0; i < v.n; i++) {
        const char *escaped = v.p[i] == '\\'   ? "\\\\"
                              : v.p[i] == '\n' ? "\\n"
                              : v.p[i] == '\r' ? "\\r"
                              : v.p[i] == '\t' ? "\\t"
                                               : NULL;
        if (escaped)
            byo_buf_adds(b, escaped);
        else
            byo_buf_addc(b, v.p[i]);
    }
}

static void put_octets(ByoBuf *b, ByoStr v)
{
    static const char digit[] = "0123456789abcdef";
    byo_buf_adds(b, "\\\\x");
    for (size_t i = 0; i < v.n; i++) {
        byo_buf_addc(b, digit[(unsigned char)v.p[i] >> 4]);
        byo_buf_addc(b, digit[v.p[i] & 15]);
    }
}

static void put_cell(ByoBuf *b, char kind, const ByoCell *c)
{
    if (c->null)
        byo_buf_adds(b, "\\N");
    else if (kind == 'i' || kind == 'b')
        byo_buf_addf(b, "%lld", (long long)c->number);
    else if (kind == 't')
        put_text(b, c->octets);
    else
        put_octets(b, c->octets);
}

/* The column recipients are found by stands in no exchanged row. */
enum { MESSAGE_RECIPIENT = 24 };

static bool start(Pgsql *t, ByoTable table)
{
    if (!finish(t))
        return false;
    char *sql = byo_printf("COPY %s (%s%s) FROM STDIN", byo_table_name[table], byo_table_columns[table],
                           table == BYO_TABLE_message ? ", recipient_hash" : "");
    bool ok = run(t, sql, PGRES_COPY_IN);
    free(sql);
    if (ok)
        t->table = table;
    return ok;
}

static bool add_row(ByoTables *tables, ByoTable table, const ByoCell *cells)
{
    Pgsql *t = (Pgsql *)tables;
    const char *kinds = byo_table_kinds[table];
    ByoBuf *b = &t->rows;
    if (t->table != table && !start(t, table))
        return false;
    for (int i = 0; kinds[i]; i++) {
        if (i)
            byo_buf_addc(b, '\t');
        put_cell(b, kinds[i], &cells[i]);
    }
    if (table == BYO_TABLE_message)
        byo_buf_addf(b, "\t%lld", (long long)byo_pg_recipient_hash(cells[MESSAGE_RECIPIENT].octets));
    byo_buf_addc(b, '\n');
    if (b->n < COPY_OCTETS)
        return true;
    bool ok = PQputCopyData(t->session.c, b->p, (int)b->n) == 1;
    byo_buf_clear(b);
    return ok || said(t);
}

static bool make_counters(Pgsql *t)
{
    char *sql = byo_printf(
        "INSERT INTO counter (kind, name, slot, turn, n)"
        " SELECT state, convert_to(integration, 'UTF8'), 0, 0, count(*) FROM segment WHERE state < 3"
        " GROUP BY state, integration"
        " UNION ALL SELECT %d, '', 0, 0, count(*) FROM inward"
        " UNION ALL SELECT %d, '', 0, 0, count(*) FROM early_receipt"
        " UNION ALL SELECT CASE WHEN named THEN %d ELSE %d END, box, 0, 0, count(*) FROM inward"
        " GROUP BY named, box",
        BYO_COUNT_INWARD, BYO_COUNT_EARLY, BYO_COUNT_BOX, BYO_COUNT_ANONYMOUS);
    bool ok = run(t, sql, PGRES_COMMAND_OK);
    free(sql);
    return ok;
}

static bool commit(ByoTables *tables)
{
    Pgsql *t = (Pgsql *)tables;
    return finish(t) && make_counters(t) && run(t, "COMMIT", PGRES_COMMAND_OK) &&
           run(t, "ANALYZE", PGRES_COMMAND_OK);
}

static void close_tables(ByoTables *tables)
{
    Pgsql *t = (Pgsql *)tables;
    PQfinish(t->session.c); /* what is not committed goes with it */
    byo_pg_target_free(&t->at);
    byo_buf_free(&t->rows);
    free(t->error);
    free(t);
}

ByoTables *byo_pgsql_tables(const ByoPgTarget *at, char **why_r)
{
    ByoPgSession session;
    ByoStoreResult result;
    ByoPgTarget nobody = *at;
    nobody.node = NULL; /* it makes no turns, and must not look gone */
    if (!byo_pg_session_open(&nobody, true, (ByoPgSession){0}, &session, &result, why_r))
        return NULL;
    PQexitPipelineMode(session.c);
    PQsetnonblocking(session.c, 0);
    Pgsql *t = byo_alloc(sizeof *t);
    *t = (Pgsql){.tables = {error, count, read_rows, begin, add_row, commit, close_tables},
                 .at = byo_pg_target_copy(at),
                 .session = session,
                 .table = BYO_TABLE_COUNT};
    return &t->tables;
}
