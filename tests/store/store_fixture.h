/* SPDX-License-Identifier: BSD-3-Clause
 * What the store's tests share: a store in a folder of its own, rows to put into it.
 * Ownership: the fixture owns folder and store. Threads: one. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include <check.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/sqlite_private.h"

#define NOW ((ByoTime)1790000000000)
#define S(text) byo_str(text)

static char folder[PATH_MAX / 2], path[PATH_MAX];
static ByoStore *store;

static inline ByoStore *must_open(void)
{
    ByoStoreResult result;
    char *why;
    ByoStore *s = byo_store_open(&(ByoStoreTarget){.path = path}, &result, &why);
    ck_assert_msg(s != NULL, "%s", why ? why : "no reason");
    ck_assert_int_eq(result, BYO_STORE_OK);
    return s;
}

static inline ByoStore *must_open_reader(void)
{
    ByoStoreResult result;
    char *why;
    ByoStore *s = byo_store_open_reader(&(ByoStoreTarget){.path = path}, &result, &why);
    ck_assert_msg(s != NULL, "%s", why ? why : "no reason");
    return s;
}

static inline void make_folder(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/byo-store-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/store.db", folder);
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
}

static inline void setup(void)
{
    make_folder();
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

static inline int64_t number_from(ByoStore *s, const char *sql)
{
    sqlite3_stmt *st;
    byo_later_write(s);
    ck_assert_int_eq(sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}

/* The kept counters equal what is there. */
static inline void ck_counters(ByoStore *s)
{
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

Suite *store_rows_suite(void);
Suite *store_fault_suite(void);
Suite *store_kept_suite(void);

#endif
