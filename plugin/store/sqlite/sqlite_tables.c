/* SPDX-License-Identifier: BSD-3-Clause
 * A SQLite store's tables as stores exchange them (store/tables.h).
 * Decides: how names become keys again, and what the counters are. The index of recipients is made by the store's first
 * commit.
 * Ownership: it holds the store open as its only writer, so nobody else uses it. Threads: one. */
#include "store/sqlite/sqlite_private.h"
#include "store/tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ADDS = 3 };

/* read: all rows, columns as in store/tables.h. add: what a row does, ?1 ... being its cells. */
static const struct {
    const char *read, *count, *add[ADDS];
} tables[BYO_TABLE_COUNT] = {
    [BYO_TABLE_integration_state] =
        {"SELECT i.id, wanted, deleted, state, reason, since, applied FROM integration_state"
         " JOIN integration i ON i.key = integration ORDER BY i.id",
         "integration_state",
         {"INSERT OR IGNORE INTO integration (id) VALUES (?1)",
          "INSERT INTO integration_state (integration, wanted, deleted, state, reason, since, applied)"
          " SELECT key, ?2, ?3, ?4, ?5, ?6, ?7 FROM integration WHERE id = ?1"}},
    [BYO_TABLE_number] =
        {"SELECT digits, short_code, integration, type, country, compliance, created, since FROM number",
         "number",
         {"INSERT INTO number (digits, short_code, integration, type, country, compliance, created,"
          " since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"}},
    [BYO_TABLE_number_left] = {"SELECT digits, short_code, integration, compliance, id FROM number_left",
                               "number_left",
                               {"INSERT INTO number_left (digits, short_code, integration, compliance, id)"
                                " VALUES (?1, ?2, ?3, ?4, ?5)"}},
    [BYO_TABLE_setting] = {"SELECT name, value FROM setting",
                           "setting",
                           {"INSERT INTO setting (name, value) VALUES (?1, ?2)"}},
    [BYO_TABLE_clock] =
        {"SELECT CASE key WHEN -3 THEN 'seen' WHEN -4 THEN 'held' ELSE 'held till' END, n FROM counter"
         " WHERE key BETWEEN -5 AND -3",
         "counter WHERE key BETWEEN -5 AND -3",
         {"INSERT INTO counter (key, n) VALUES (CASE ?1 WHEN 'seen' THEN -3 WHEN 'held' THEN -4 ELSE -5"
          " END, ?2)"}},
    [BYO_TABLE_message] =
        {"SELECT m.id, created, ended, expires, state, segments, accepted, delivered, failed, reported, "
         "settled, code,"
         " reports, mask, coding, data_coding, dcs, keyword, coalesce(i.id, ''), cause, description, "
         "carrier_code,"
         " charset, number, recipient, uuid, box, coalesce(f.frame, x'') FROM message m"
         " LEFT JOIN message_frame f ON f.id = m.id LEFT JOIN integration i ON i.key = m.integration ORDER "
         "BY m.id",
         "message",
         {"INSERT OR IGNORE INTO integration (id) SELECT ?19 WHERE ?19 <> ''",
          "INSERT INTO message (id, created, ended, expires, state, segments, accepted, delivered, failed, "
          "reported,"
          " settled, code, reports, mask, coding, data_coding, dcs, keyword, integration, cause, description,"
          " carrier_code, charset, number, recipient, uuid, box) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
          "?10, ?11,"
          " ?12, ?13, ?14, ?15, ?16, ?17, ?18, coalesce((SELECT key FROM integration WHERE id = ?19), 0), "
          "?20, ?21,"
          " ?22, ?23, ?24, ?25, ?26, ?27)",
          "INSERT INTO message_frame (id, frame) VALUES (?1, ?28)"}},
    [BYO_TABLE_segment] =
        {"SELECT g.id, due, first_handed, handed, ended, accepted_at, state, tries, flags, code,"
         " coalesce(i.id, ''), cause, description, carrier_code, foreign_id, loose_id, udh,"
         " coalesce(payload, x'') FROM segment g LEFT JOIN integration i ON i.key = g.integration ORDER BY "
         "g.id",
         "segment",
         {"INSERT OR IGNORE INTO integration (id) SELECT ?11 WHERE ?11 <> ''",
          "INSERT INTO segment (id, due, first_handed, handed, ended, accepted_at, state, tries, flags, code,"
          " integration, cause, description, carrier_code, foreign_id, loose_id, udh, payload)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
          " coalesce((SELECT key FROM integration WHERE id = ?11), 0), ?12, ?13, ?14, ?15, ?16, ?17, ?18)"}},
    [BYO_TABLE_message_step] = {"SELECT id, steps FROM message_step ORDER BY id",
                                "message_step",
                                {"INSERT INTO message_step (id, steps) VALUES (?1, ?2)"}},
    [BYO_TABLE_message_report] = {"SELECT id, type, at FROM message_report ORDER BY id, type",
                                  "message_report",
                                  {"INSERT INTO message_report (id, type, at) VALUES (?1, ?2, ?3)"}},
    [BYO_TABLE_segment_copy] =
        {"SELECT segment, foreign_id, coalesce(i.id, ''), loose_id, try, open, code, cause, description, "
         "carrier_code"
         " FROM segment_copy c LEFT JOIN integration i ON i.key = c.integration ORDER BY segment",
         "segment_copy",
         {"INSERT OR IGNORE INTO integration (id) SELECT ?3 WHERE ?3 <> ''",
          "INSERT INTO segment_copy (segment, foreign_id, integration, loose_id, try, open, code, cause, "
          "description,"
          " carrier_code) VALUES (?1, ?2, coalesce((SELECT key FROM integration WHERE id = ?3), 0), ?4, ?5, "
          "?6, ?7, ?8,"
          " ?9, ?10)"}},
    /* An id's place in time, above the destination's key here, below 15 bits there. */
    [BYO_TABLE_inward] =
        {"SELECT (r.id & 0xffffffffffff) << 15 AS at, r.id >> 48 <> 0, coalesce(b.name, ''), r.frame"
         " FROM inward r LEFT JOIN box b ON b.key = r.id >> 48 ORDER BY at",
         "inward",
         {"INSERT INTO box (key, name) SELECT coalesce((SELECT max(key) FROM box), 0) + 1, ?3"
          " WHERE ?2 AND NOT EXISTS (SELECT 1 FROM box WHERE name = ?3)",
          "INSERT INTO inward (id, frame) SELECT CASE WHEN ?2 THEN (SELECT key FROM box WHERE name = ?3)"
          " ELSE 0 END << 48 | ?1, ?4"}},
    [BYO_TABLE_inbound] =
        {"SELECT id, integration, number, sender, keyword, uuid, box, text FROM inbound ORDER BY id",
         "inbound",
         {"INSERT INTO inbound (id, integration, number, sender, keyword, uuid, box, text)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"}},
    [BYO_TABLE_mo_seen] = {"SELECT uuid, id FROM mo_seen ORDER BY id",
                           "mo_seen",
                           {"INSERT INTO mo_seen (uuid, id) VALUES (?1, ?2)"}},
    [BYO_TABLE_early_receipt] =
        {"SELECT e.id, i.id, foreign_id, coalesce(loose_id, ''), frame FROM early_receipt e"
         " JOIN integration i ON i.key = e.integration ORDER BY e.id",
         "early_receipt",
         {"INSERT OR IGNORE INTO integration (id) VALUES (?2)",
          "INSERT INTO early_receipt (id, integration, foreign_id, loose_id, frame)"
          " SELECT ?1, key, ?3, ?4, ?5 FROM integration WHERE id = ?2"}},
    [BYO_TABLE_opt_history] =
        {"SELECT id, time, number, recipient, action, text, answer, who, reason, reading_of"
         " FROM opt_history ORDER BY id",
         "opt_history",
         {"INSERT INTO opt_history (id, time, number, recipient, action, text, answer, who, reason,"
          " reading_of) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"}},
    [BYO_TABLE_opt_out] =
        {"SELECT number, recipient, reading_of, id FROM opt_out",
         "opt_out",
         {"INSERT INTO opt_out (number, recipient, reading_of, id) VALUES (?1, ?2, ?3, ?4)"}},
    [BYO_TABLE_event] = {"SELECT id, time, last, count, definition, name, entity, previous, current, "
                         "error_code, text FROM event"
                         " ORDER BY id",
                         "event",
                         {"INSERT INTO event (id, time, last, count, definition, name, entity, previous, "
                          "current, error_code, text)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"}},
    [BYO_TABLE_audit] =
        {"SELECT id, time, who, action, entity, detail FROM audit ORDER BY id",
         "audit",
         {"INSERT INTO audit (id, time, who, action, entity, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"}},
    [BYO_TABLE_statistic] =
        {"SELECT span, at, integration, counts FROM statistic",
         "statistic",
         {"INSERT INTO statistic (span, at, integration, counts) VALUES (?1, ?2, ?3, ?4)"}},
};

static const char counters[] =
    "DELETE FROM counter WHERE key > -3 OR key < -5;"
    "INSERT INTO counter (key, n) SELECT integration * 4 + state, count(*) FROM segment WHERE state < 3 "
    "GROUP BY 1;"
    "INSERT INTO counter (key, n) SELECT -1, count(*) FROM inward;"
    "INSERT INTO counter (key, n) SELECT -2, count(*) FROM early_receipt;"
    "INSERT INTO counter (key, n) SELECT -1000 - (id >> 48), count(*) FROM inward GROUP BY 1;";

typedef struct {
    ByoTables tables;
    ByoStore *store;
    char *path;
    bool made; /* the file was not there before */
    bool kept; /* committed */
    char *error;
    sqlite3_stmt *add[BYO_TABLE_COUNT][ADDS];
    int64_t last; /* the last place in time that was given away, of inward or mo_seen */
} Sqlite;

static bool said(Sqlite *t)
{
    free(t->error);
    t->error = byo_printf("%s: %s", t->path, sqlite3_errmsg(t->store->db));
    return false;
}

static const char *error(const ByoTables *of)
{
    const Sqlite *t = (const Sqlite *)of;
    return t->error ? t->error : "";
}

static int64_t count(ByoTables *of, ByoTable table)
{
    Sqlite *t = (Sqlite *)of;
    sqlite3_stmt *st = NULL;
    char *sql = byo_printf("SELECT count(*) FROM %s", tables[table].count);
    int64_t n = -1;
    if (sqlite3_prepare_v2(t->store->db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int64(st, 0);
    else
        said(t);
    sqlite3_finalize(st);
    free(sql);
    return n;
}

/* -- reading ------------------------------------------------------------------------------------------- */

static ByoCell cell_at(sqlite3_stmt *st, int column, char kind, ByoBuf *uuid)
{
    if (sqlite3_column_type(st, column) == SQLITE_NULL)
        return (ByoCell){.null = true};
    if (kind == 'i' || kind == 'b')
        return (ByoCell){.number = sqlite3_column_int64(st, column)};
    int type = sqlite3_column_type(st, column);
    const char *p = sqlite3_column_blob(st, column);
    ByoStr v = byo_strn(p ? p : "", (size_t)sqlite3_column_bytes(st, column));
    if (kind == 'u' && type == SQLITE_TEXT && v.n == 16) { /* not one of 16 octets */
        byo_buf_clear(uuid);
        byo_buf_addc(uuid, 0);
        byo_buf_add(uuid, v.p, v.n);
        v = byo_buf_str(uuid);
    }
    return (ByoCell){.octets = v};
}

static bool read_rows(ByoTables *of, ByoTable table, bool (*each)(void *arg, const ByoCell *cells), void *arg)
{
    Sqlite *t = (Sqlite *)of;
    const char *kinds = byo_table_kinds[table];
    sqlite3_stmt *st = NULL;
    ByoCell cells[BYO_CELLS_MAX] = {0};
    ByoBuf uuid = {0};
    int rc = sqlite3_prepare_v2(t->store->db, tables[table].read, -1, &st, NULL);
    bool ok = rc == SQLITE_OK, wanted = true;
    while (ok && wanted && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        for (int i = 0; kinds[i]; i++)
            cells[i] = cell_at(st, i, kinds[i], &uuid);
        if (table == BYO_TABLE_mo_seen)
            cells[1].number = byo_id_time(cells[1].number);
        wanted = each(arg, cells);
    }
    if (wanted && rc != SQLITE_DONE)
        ok = said(t);
    sqlite3_finalize(st);
    byo_buf_free(&uuid);
    return ok && wanted;
}

/* -- writing ------------------------------------------------------------------------------------------- */

static bool begin(ByoTables *of)
{
    Sqlite *t = (Sqlite *)of;
    return sqlite3_exec(t->store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK || said(t);
}

static void bind(sqlite3_stmt *st, int at, char kind, const ByoCell *c)
{
    if (at > sqlite3_bind_parameter_count(st))
        return;
    ByoStr v = c->octets;
    bool blob = kind == 'x' || (kind == 'u' && v.n == 16);
    if (kind == 'u' && v.n == 17 && v.p[0] == 0)
        v = byo_strn(v.p + 1, 16);
    if (c->null)
        sqlite3_bind_null(st, at);
    else if (kind == 'i' || kind == 'b')
        sqlite3_bind_int64(st, at, c->number);
    else if (blob)
        byo_bind_blob(st, at, v);
    else
        byo_bind_text(st, at, v);
}

/* Two rows of other stores may have one place in time here. */
static int64_t place(Sqlite *t, int64_t at, int64_t step)
{
    t->last = at > t->last ? at : t->last + step;
    return t->last;
}

static bool add_row(ByoTables *of, ByoTable table, const ByoCell *given)
{
    Sqlite *t = (Sqlite *)of;
    const char *kinds = byo_table_kinds[table];
    ByoCell cells[BYO_CELLS_MAX];
    memcpy(cells, given, strlen(kinds) * sizeof *cells);
    if (table == BYO_TABLE_inward)
        cells[0].number = place(t, cells[0].number >> 15, 1);
    if (table == BYO_TABLE_mo_seen)
        cells[1].number = place(t, byo_id_at(cells[1].number), 256);
    for (int i = 0; i < ADDS && tables[table].add[i]; i++) {
        sqlite3_stmt **st = &t->add[table][i];
        if (!*st && sqlite3_prepare_v2(t->store->db, tables[table].add[i], -1, st, NULL) != SQLITE_OK)
            return said(t);
        for (int k = 0; kinds[k]; k++)
            bind(*st, k + 1, kinds[k], &cells[k]);
        bool ok = sqlite3_step(*st) == SQLITE_DONE || said(t);
        sqlite3_reset(*st);
        if (!ok)
            return false;
    }
    return true;
}

static bool commit(ByoTables *of)
{
    Sqlite *t = (Sqlite *)of;
    t->kept = sqlite3_exec(t->store->db, counters, NULL, NULL, NULL) == SQLITE_OK &&
              sqlite3_exec(t->store->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK;
    return t->kept || said(t);
}

static void close_tables(ByoTables *of)
{
    static const char *const parts[] = {"", "-wal", "-shm"};
    Sqlite *t = (Sqlite *)of;
    for (int i = 0; i < BYO_TABLE_COUNT; i++)
        for (int k = 0; k < ADDS; k++)
            sqlite3_finalize(t->add[i][k]);
    if (t->store && !sqlite3_get_autocommit(t->store->db))
        sqlite3_exec(t->store->db, "ROLLBACK", NULL, NULL, NULL);
    for (size_t i = 0; t->made && !t->kept && i < sizeof parts / sizeof *parts; i++) {
        char *part = byo_printf("%s%s", t->path, parts[i]);
        unlink(part);
        free(part);
    }
    byo_store_close(t->store);
    free(t->path);
    free(t->error);
    free(t);
}

ByoTables *byo_sqlite_tables(const char *path, bool to, char **why_r)
{
    ByoStoreResult result;
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (!to && !there) {
        *why_r = byo_printf("%s: there is no store", path);
        return NULL;
    }
    ByoStore *store = byo_sqlite_open(path, true, &result, why_r);
    if (!store)
        return NULL;
    store->passing = true;
    Sqlite *t = byo_alloc(sizeof *t);
    *t = (Sqlite){.tables = {error, count, read_rows, begin, add_row, commit, close_tables},
                  .store = store,
                  .path = byo_strdup(path),
                  .made = to && !there};
    return &t->tables;
}
