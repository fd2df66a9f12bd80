/* SPDX-License-Identifier: BSD-3-Clause
 * A message of one segment in the store on PostgreSQL, for the tests of its rows: added, changed, looked at. */
#ifndef BYO_TEST_PGSQL_ROW_H
#define BYO_TEST_PGSQL_ROW_H

#include "pgsql_fixture.h"

static ByoId id; /* of a segment */

static inline ByoId row_id(void)
{
    return id & ~(ByoId)255;
}

static inline void want(ByoStore *s)
{
    ByoWant w = {.kind = BYO_WANT_SEGMENT, .id = id};
    byo_store_want(s, &w, 1);
}

static inline ByoStoreResult read_it(ByoStore *s, ByoMessageRow *m, ByoSegmentRow *seg)
{
    want(s);
    ByoStoreResult result = byo_store_segment(s, id, seg);
    return result == BYO_STORE_OK ? byo_store_message(s, row_id(), m) : result;
}

/* Inside a transaction: it is handed over once more. */
static inline void change(ByoStore *s)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    if (read_it(s, &m, &seg) != BYO_STORE_OK)
        return;
    seg.s.state = BYO_SEG_HANDED;
    seg.s.tries++;
    byo_store_segment_update(s, &seg);
    m.tally.reported++;
    byo_store_message_update(s, &m);
}

static inline ByoStoreResult changed(ByoStore *s)
{
    byo_store_begin(s);
    change(s);
    return byo_store_commit(s);
}

static inline void added(ByoStore *s)
{
    byo_store_begin(s);
    id = add(s, BYO_SEG_QUEUED) + 1;
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
}

static inline int64_t in_database(const char *column, const char *table)
{
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT %s FROM byobox.%s WHERE id IN (%lld, %lld)", column, table,
             (long long)id, (long long)row_id());
    return pgsql_number(sql);
}

static inline void ck_row(ByoStore *s, int tries)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    byo_store_begin(s);
    ck_assert_int_eq(read_it(s, &m, &seg), BYO_STORE_OK);
    ck_assert_int_eq(seg.s.tries, tries);
    ck_assert_int_eq(m.tally.reported, tries);
    ck_assert(byo_str_is(m.number, "12025550100") && byo_str_is(m.recipient, "+12025550123"));
    ck_assert(byo_str_is(m.uuid, "0f8fad5b-d9cb-469f-a165-70867728950e") && m.frame.n == 2);
    ck_assert(byo_str_is(seg.payload, "payload") && byo_str_is(m.integration, "carrier-a"));
    byo_store_rollback(s);
    ck_assert_int_eq(in_database("tries", "segment"), tries);
    ck_assert_int_eq(in_database("reported", "message"), tries);
}

/* "UPDATE byobox.segment SET ...": of that segment or message. */
static inline void do_sql(const char *statement)
{
    char *sql = byo_printf("%s WHERE id IN (%lld, %lld)", statement, (long long)id, (long long)row_id());
    pgsql_do(pgsql_name, sql);
    free(sql);
}

/* Does the open turn of s hold the message's row, as who reads it does? */
static inline bool locked(void)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM (SELECT id FROM byobox.message WHERE id = %lld FOR UPDATE SKIP LOCKED) m",
             (long long)row_id());
    return pgsql_number(sql) == 0;
}

static inline bool is_read(ByoStore *s)
{
    byo_store_begin(s);
    want(s);
    bool read = locked();
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
    return read;
}

static inline void count_segment(void *arg, const ByoSegmentRow *seg)
{
    (void)seg;
    ++*(int *)arg;
}

#endif
