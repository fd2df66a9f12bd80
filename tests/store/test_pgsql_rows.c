/* SPDX-License-Identifier: BSD-3-Clause
 * Rows that a node keeps from one turn to the next, without reading them: never written over a change by somebody else.
 *
 * | meanwhile | the turn | and then |
 * |---|---|---|
 * | nothing | is kept, and read nothing | the row as it was written |
 * | a statement by hand, an erasure | begins again | what that one wrote |
 * | the database moved the row (VACUUM FULL) | is kept, or begins again | the row as it was written |
 * | the turn itself changed it, before | is kept | the last of both |
 * | a turn that is not kept | is kept | as if that had never been |
 *
 * Beside other nodes: test_pgsql_rows_shared.c. */
#include "pgsql_row.h"

START_TEST(what_this_node_wrote_is_not_read)
{
    added(store);
    for (int i = 1; i <= 3; i++) {
        byo_store_begin(store);
        change(store);
        ck_assert(!locked());
        ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    }
    ck_row(store, 3);
    ck_assert(is_read(store)); /* ck_row rolled back: nothing is kept behind that */
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    ck_assert(!is_read(store));
}
END_TEST

/* Whoever changed a row, in whatever way: that is not written over. */
START_TEST(a_change_by_somebody_else_is_found_out)
{
    static const struct {
        const char *sql;
        int tries;
    } by[] = {{"UPDATE byobox.segment SET tries = 7", 8},
              {"UPDATE byobox.segment SET tries = tries", 2},
              {"UPDATE byobox.message SET reported = 7", 2},
              {"UPDATE byobox.segment SET slot = 5", 2}};
    for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
        added(store);
        ck_assert_int_eq(changed(store), BYO_STORE_OK);
        do_sql(by[i].sql);
        int64_t reported = in_database("reported", "message");
        ck_assert_int_eq(changed(store), BYO_STORE_AGAIN);
        ck_assert_int_eq(in_database("reported", "message"), reported); /* nothing of it */
        ck_assert_int_eq(changed(store), BYO_STORE_OK);
        ck_assert_int_eq(in_database("tries", "segment"), by[i].tries);
        ck_assert_int_eq(in_database("reported", "message"), reported + 1);
        byo_store_close(store); /* another one keeps rows again */
        store = must_open();
    }
}
END_TEST

START_TEST(after_that_everything_is_read_for_a_while)
{
    added(store);
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    do_sql("UPDATE byobox.segment SET tries = 7");
    ck_assert_int_eq(changed(store), BYO_STORE_AGAIN);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(changed(store), BYO_STORE_OK);
    ck_assert(is_read(store));
    added(store);
    ck_assert(is_read(store));
    do {
        added(store);
        usleep(50000);
    } while (is_read(store));
}
END_TEST

START_TEST(what_was_erased_stays_erased)
{
    added(store);
    do_sql("DELETE FROM byobox.segment");
    do_sql("DELETE FROM byobox.message");
    ck_assert_int_eq(changed(store), BYO_STORE_AGAIN);
    ck_assert_int_eq(changed(store), BYO_STORE_OK); /* it is not there, so nothing is done */
    ck_assert_int_eq(in_database("count(*)", "message") + in_database("count(*)", "segment"), 0);
}
END_TEST

START_TEST(rows_the_database_moved_are_the_same)
{
    added(store);
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    pgsql_do(pgsql_name, "VACUUM FULL FREEZE byobox.message, byobox.segment");
    ByoStoreResult result = changed(store);
    ck_assert(result == BYO_STORE_OK || result == BYO_STORE_AGAIN);
    if (result == BYO_STORE_AGAIN)
        ck_assert_int_eq(changed(store), BYO_STORE_OK);
    ck_row(store, 2);
}
END_TEST

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
    ck_assert(!is_read(store));
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

/* What is marked without being read is not kept as it was. */
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

/* A turn that only looks is not made one that writes. */
START_TEST(looking_writes_nothing)
{
    added(store);
    int64_t turns = pgsql_number("SELECT max(turn) FROM byobox.turn");
    for (int i = 0; i < 3; i++)
        ck_assert(!is_read(store));
    ck_assert_int_le(pgsql_number("SELECT max(turn) FROM byobox.turn"),
                     turns + 1); /* a sign of life may be due */
}
END_TEST

static void add_two_segments(void)
{
    byo_store_begin(store);
    ByoId message = byo_store_new_id(store, NOW);
    ByoMessageRow m = {.id = message,
                       .integration = S("carrier-a"),
                       .number = S("12025550100"),
                       .recipient = S("+12025550123"),
                       .uuid = S("0f8fad5b-d9cb-469f-a165-70867728950e"),
                       .created = NOW,
                       .tally.segments = 2,
                       .charset = S("GSM_0338"),
                       .verdict.code = -1,
                       .frame = S("f")};
    ByoSegmentRow both[2] = {{.id = message + 1, .s.due = NOW, .verdict.code = -1, .payload = S("one")},
                             {.id = message + 2, .s.due = NOW, .verdict.code = -1, .payload = S("two")}};
    byo_store_message_add(store, &m, both, 2);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    id = message + 2;
}

START_TEST(a_long_message_is_kept_whole)
{
    int n = 0;
    add_two_segments();
    byo_store_begin(store);
    want(store);
    byo_store_segments(store, id, count_segment, &n);
    ck_assert_int_eq(n, 2);
    change(store);
    ck_assert(!locked());
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert(!is_read(store));
}
END_TEST

/* One that ended is looked at rarely; what is kept has a bound. */
START_TEST(what_is_kept_has_an_end)
{
    enum { OCTETS = 256 * 1024, MESSAGES = 160 };
    char *large = byo_alloc(OCTETS);
    memset(large, 'x', OCTETS);
    added(store);
    ByoId first = id;
    for (int i = 0; i < MESSAGES; i++) {
        byo_store_begin(store);
        ByoId message = byo_store_new_id(store, NOW);
        ByoMessageRow m = {.id = message,
                           .integration = S("carrier-a"),
                           .tally.segments = 1,
                           .verdict.code = -1,
                           .frame = byo_strn(large, OCTETS)};
        ByoSegmentRow seg = {.id = message + 1, .s.due = NOW, .verdict.code = -1, .payload = S("p")};
        byo_store_message_add(store, &m, &seg, 1);
        ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
        id = seg.id;
    }
    free(large);
    ByoId last = id;
    id = first;
    byo_store_begin(store);
    want(store);
    ck_assert(locked());
    id = last;
    want(store);
    ck_assert(!locked());
    ByoMessageRow m;
    ByoSegmentRow seg;
    ck_assert_int_eq(read_it(store, &m, &seg), BYO_STORE_OK);
    m.tally.ended = true;
    byo_store_message_update(store, &m);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert(is_read(store));
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, what_this_node_wrote_is_not_read);
    tcase_add_test(t, a_change_by_somebody_else_is_found_out);
    tcase_add_test(t, after_that_everything_is_read_for_a_while);
    tcase_add_test(t, what_was_erased_stays_erased);
    tcase_add_test(t, rows_the_database_moved_are_the_same);
    tcase_add_test(t, a_turn_changes_a_row_several_times);
    tcase_add_test(t, a_turn_that_is_not_kept_leaves_nothing);
    tcase_add_test(t, marks_of_all_that_is_handed_over_are_seen);
    tcase_add_test(t, looking_writes_nothing);
    tcase_add_test(t, a_long_message_is_kept_whole);
    tcase_add_test(t, what_is_kept_has_an_end);
}

int main(void)
{
    return pgsql_run_suite("pgsql, rows", add_tests);
}
