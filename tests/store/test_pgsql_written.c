/* SPDX-License-Identifier: BSD-3-Clause
 * Rows a turn writes: all of them, each as it was last, whenever in the turn they go out. */
#include "pgsql_row.h"
#include "store/pgsql/pgsql_private.h"

enum { MANY = 300 }; /* more than one statement's worth */
static ByoId ids[MANY];

static void added_many(ByoSegState state)
{
    byo_store_begin(store);
    for (int i = 0; i < MANY; i++)
        ids[i] = add(store, state) + 1;
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
}

START_TEST(many_rows_of_a_turn_are_all_written)
{
    added_many(BYO_SEG_QUEUED);
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

static ByoStoreResult reported(int type, ByoTime at)
{
    ByoPast p = {.kind = BYO_PAST_REPORTED, .number = type, .time = at};
    byo_store_begin(store);
    byo_store_step_add(store, row_id(), &p);
    return byo_store_commit(store);
}

/* Once more: the turn is made again, and the first counts. */
START_TEST(a_report_that_was_there_is_looked_for_at_the_second_try)
{
    ByoPurgePlace at = {0};
    byo_store_begin(store); /* from now on it is known that the message was not purged */
    byo_store_purge(store, NOW - 3 * BYO_DAY, 0, 10, &at);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    added(store);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(reported(8 + i, NOW), BYO_STORE_OK);
        if (i)
            store->kept -= BYO_PG_RENEW; /* a sign of life is due, and comes before the turn is made again */
        ck_assert_int_eq(reported(8 + i, NOW + 7), BYO_STORE_AGAIN);
        ck_assert_int_eq(reported(8 + i, NOW + 7), BYO_STORE_OK);
        ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.message_report"), i + 1);
    }
    ck_assert_int_eq(pgsql_number("SELECT max(at) FROM byobox.message_report"), NOW);
}
END_TEST

/* In its last state a row goes out while the turn goes on; whatever comes behind that counts. */
START_TEST(rows_in_their_last_state_are_written_whatever_comes_behind)
{
    added_many(BYO_SEG_ACCEPTED);
    for (int kept = 0; kept < 2; kept++) {
        byo_store_begin(store);
        for (int round = 0; round < 2; round++)
            for (int i = 0; i < MANY; i++) {
                ByoMessageRow m;
                ByoSegmentRow seg;
                id = ids[i];
                ck_assert_int_eq(read_it(store, &m, &seg), BYO_STORE_OK);
                seg.s.state = BYO_SEG_DELIVERED;
                seg.s.ended = NOW + round;
                m.tally.ended = true;
                m.ended = NOW + round;
                byo_store_segment_update(store, &seg);
                byo_store_message_update(store, &m);
            }
        if (kept)
            ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
        else
            byo_store_rollback(store);
        ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.segment WHERE state = 3"), kept * MANY);
        ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.message WHERE settled = 1"), kept * MANY);
    }
    char sql[160];
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM byobox.message m, byobox.segment g WHERE g.id = m.id + 1 AND m.ended = %lld"
        " AND g.ended = m.ended",
        (long long)NOW + 1);
    ck_assert_int_eq(pgsql_number(sql), MANY);
}
END_TEST

/* Also in an update, where what does not change goes out as NULL. */
START_TEST(a_number_that_does_not_fit_is_refused)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    added(store);
    byo_store_begin(store);
    ck_assert_int_eq(read_it(store, &m, &seg), BYO_STORE_OK);
    seg.s.tries = 32768;
    byo_store_segment_update(store, &seg);
    ck_assert_int_ne(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_ptr_nonnull(strstr(byo_store_error(store), "cannot change a segment"));
    ck_row(store, 0);
    byo_store_begin(store);
    ck_assert_int_eq(read_it(store, &m, &seg), BYO_STORE_OK);
    seg.s.tries = 32767;
    byo_store_segment_update(store, &seg);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_eq(in_database("tries", "segment"), 32767);
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, many_rows_of_a_turn_are_all_written);
    tcase_add_test(t, as_are_reports_and_what_waits_for_smsboxes);
    tcase_add_test(t, a_report_that_was_there_is_looked_for_at_the_second_try);
    tcase_add_test(t, rows_in_their_last_state_are_written_whatever_comes_behind);
    tcase_add_test(t, a_number_that_does_not_fit_is_refused);
}

int main(void)
{
    return pgsql_run_suite("pgsql, written", add_tests);
}
