/* SPDX-License-Identifier: BSD-3-Clause
 * Rows a turn holds, and when they are written: all of them, each as it was last. */
#include "pgsql_fixture.h"

static ByoId id; /* of a segment */

static ByoId row_id(void)
{
    return id & ~(ByoId)255;
}

static void want(ByoStore *s)
{
    ByoWant w = {.kind = BYO_WANT_SEGMENT, .id = id};
    byo_store_want(s, &w, 1);
}

static ByoStoreResult read_it(ByoStore *s, ByoMessageRow *m, ByoSegmentRow *seg)
{
    want(s);
    ByoStoreResult result = byo_store_segment(s, id, seg);
    return result == BYO_STORE_OK ? byo_store_message(s, row_id(), m) : result;
}

/* Inside a transaction: it is handed over once more. */
static void change(ByoStore *s)
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

static ByoStoreResult changed(ByoStore *s)
{
    byo_store_begin(s);
    change(s);
    return byo_store_commit(s);
}

static void added(ByoStore *s)
{
    byo_store_begin(s);
    id = add(s, BYO_SEG_QUEUED) + 1;
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
}

static int64_t in_database(const char *column, const char *table)
{
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT %s FROM byobox.%s WHERE id IN (%lld, %lld)", column, table,
             (long long)id, (long long)row_id());
    return pgsql_number(sql);
}

static void ck_row(ByoStore *s, int tries)
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

/* A statement that looks at the tables in the middle of a turn has what is held written before. */
START_TEST(a_turn_changes_a_row_several_times)
{
    ByoId ids[4];
    added(store);
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    byo_store_begin(store);
    for (int i = 0; i < 3; i++) {
        change(store);
        byo_store_handed(store, S("carrier-a"), ids, 4);
    }
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    ck_row(store, 5);
}
END_TEST

START_TEST(a_turn_that_is_not_kept_leaves_nothing)
{
    added(store);
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    byo_store_begin(store);
    change(store);
    byo_store_rollback(store);
    ck_row(store, 1);
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    ck_row(store, 2);
}
END_TEST

/* A mark of many rows is seen by who reads one of them. */
START_TEST(marks_of_all_that_is_handed_over_are_seen)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    added(store);
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    byo_store_begin(store);
    byo_store_handed_doubt(store, S("carrier-a"), NOW);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    byo_store_begin(store);
    ck_assert_int_eq(read_it(store, &m, &seg), BYO_STORE_OK);
    ck_assert(seg.s.maybe_duplicate);
    byo_store_rollback(store);
}
END_TEST

/* More than one statement's worth. */
START_TEST(many_rows_of_a_turn_are_all_written)
{
    enum { MANY = 300 };
    static ByoId ids[MANY];
    byo_store_begin(store);
    for (int i = 0; i < MANY; i++)
        ids[i] = add(store, BYO_SEG_QUEUED) + 1;
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_kept(store, MANY);
    for (int round = 0; round < 2; round++) {
        byo_store_begin(store);
        for (int i = 0; i < MANY; i++) {
            id = ids[i];
            change(store);
        }
        ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
        ck_assert_int_eq(pgsql_number("SELECT sum(tries) FROM byobox.segment"), (round + 1) * MANY);
        ck_assert_int_eq(pgsql_number("SELECT sum(reported) FROM byobox.message"), (round + 1) * MANY);
    }
}
END_TEST

START_TEST(as_are_reports_and_what_waits_for_smsboxes)
{
    enum { MANY = 300 };
    added(store);
    byo_store_begin(store);
    for (int i = 0; i < MANY; i++) {
        char frame[32];
        ByoPast p = {.kind = BYO_PAST_REPORTED, .number = i, .time = NOW};
        snprintf(frame, sizeof frame, "frame %d", i);
        ByoInwardRow row = {.named = i % 2, .box = S(i % 2 ? "box" : ""), .frame = S(frame)};
        row.id = byo_store_inward_id(store, row.named, row.box, NOW);
        byo_store_inward_add(store, &row);
        byo_store_step_add(store, row_id(), &p);
    }
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_eq(pgsql_number("SELECT count(DISTINCT frame) FROM byobox.inward"), MANY);
    ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.inward WHERE named AND box = 'box'"),
                     MANY / 2);
    ck_assert_int_eq(pgsql_number("SELECT count(DISTINCT type) FROM byobox.message_report"), MANY);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, a_turn_changes_a_row_several_times);
    tcase_add_test(t, a_turn_that_is_not_kept_leaves_nothing);
    tcase_add_test(t, marks_of_all_that_is_handed_over_are_seen);
    tcase_add_test(t, many_rows_of_a_turn_are_all_written);
    tcase_add_test(t, as_are_reports_and_what_waits_for_smsboxes);
}

int main(void)
{
    return pgsql_run_suite("rows", add_tests);
}
