/* SPDX-License-Identifier: BSD-3-Clause
 * Rows that a node keeps from one turn to the next while another node is there: no turn is kept that used one the other had changed.
 *
 * | meanwhile | the turn | and then |
 * |---|---|---|
 * | another node came | is kept, and read nothing | the row as it was written |
 * | another node changed it, or its message alone, or its segment alone | begins again, also one that only looked at what was changed | what that one wrote |
 * | another node read it, and is about to change or to move it | waits, and begins again | what that one wrote |
 * | another node reads it behind this turn's write of its segment | is kept; that one waits | the last of both |
 * | a second message id came | it is read from now on | | */
#include "pgsql_row.h"

#include <pthread.h>

/* By another node: it is over. */
static void ended(ByoStore *other)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    byo_store_begin(other);
    ck_assert_int_eq(read_it(other, &m, &seg), BYO_STORE_OK);
    ck_assert(locked());
    seg.s.state = BYO_SEG_DELIVERED;
    byo_store_segment_update(other, &seg);
    m.tally.ended = true;
    byo_store_message_update(other, &m);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
}

static void ck_ended(ByoStore *s)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    byo_store_begin(s);
    ck_assert_int_eq(read_it(s, &m, &seg), BYO_STORE_OK);
    ck_assert_int_eq(seg.s.state, BYO_SEG_DELIVERED);
    ck_assert(m.tally.ended);
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
}

/* That one is there makes no difference. */
START_TEST(another_node_came)
{
    added(store);
    ByoStore *other = must_open_as("n2");
    ck_assert(!is_read(store));
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    ck_assert(!is_read(store));
    ended(other);
    byo_store_close(other);
    ck_assert_int_eq(changed(store), BYO_STORE_AGAIN);
    ck_ended(store);
}
END_TEST

static void look_at_message(void)
{
    ByoMessageRow m;
    ck_assert_int_eq(byo_store_message(store, row_id(), &m), BYO_STORE_OK);
}

static void look_at_segment(void)
{
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, id, &seg), BYO_STORE_OK);
}

static void look_at_all(void)
{
    int n = 0;
    byo_store_segments(store, id, count_segment, &n);
    ck_assert_int_eq(n, 1);
}

static void look_by_id(void)
{
    ByoForeign found[2];
    byo_store_want(store,
                   &(ByoWant){.kind = BYO_WANT_FOREIGN, .integration = S("carrier-a"), .text = S("c-1")}, 1);
    ck_assert_int_eq(byo_store_by_id(store, S("carrier-a"), S("c-1"), found, 2), 1);
}

static void look_away(void)
{
}

static void change_segment_alone(void)
{
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, id, &seg), BYO_STORE_OK);
    seg.s.state = BYO_SEG_HANDED;
    seg.s.tries++;
    byo_store_segment_update(store, &seg);
}

static void change_message_alone(void)
{
    ByoMessageRow m;
    ck_assert_int_eq(byo_store_message(store, row_id(), &m), BYO_STORE_OK);
    m.tally.reported++;
    byo_store_message_update(store, &m);
}

static void has_id(const char *carriers)
{
    ByoSegmentRow seg;
    byo_store_begin(store);
    want(store);
    ck_assert_int_eq(byo_store_segment(store, id, &seg), BYO_STORE_OK);
    seg.foreign_id = byo_str(carriers);
    seg.s.state = BYO_SEG_ACCEPTED;
    byo_store_segment_update(store, &seg);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
}

/* What a turn used must be as it was, and nothing else: a message goes with its segments. */
START_TEST(what_was_used_is_compared)
{
    static const struct {
        void (*use)(void);
        bool message, segment; /* is used */
    } by[] = {{look_at_message, true, false},     {look_at_segment, true, true},
              {look_at_all, true, true},          {look_by_id, true, true},
              {change_segment_alone, true, true}, {change_message_alone, true, false},
              {look_away, false, false}};
    for (size_t i = 0; i < sizeof by / sizeof by[0]; i++)
        for (int changed = 0; changed < 3; changed++) { /* nothing, the message, the segment */
            added(store);
            has_id("c-1");
            if (changed)
                do_sql(changed == 1 ? "UPDATE byobox.message SET reported = reported"
                                    : "UPDATE byobox.segment SET tries = tries");
            byo_store_begin(store);
            want(store);
            by[i].use();
            ck_assert(!locked());
            bool again = (changed == 1 && by[i].message) || (changed == 2 && by[i].segment);
            ck_assert_msg(byo_store_commit(store) == (again ? BYO_STORE_AGAIN : BYO_STORE_OK), "%zu, %d", i,
                          changed);
            do_sql("DELETE FROM byobox.segment"); /* of the same id */
            byo_store_close(store);               /* another one keeps rows again */
            store = must_open();
        }
}
END_TEST

static int64_t who_waits(void)
{
    return pgsql_number(
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')");
}

/* In a thread of its own, until it waits for another one's row. */
static pthread_t begin_and_wait(void *(*makes)(void *), ByoStore *of)
{
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, makes, of), 0);
    while (!who_waits())
        usleep(5000);
    return thread;
}

static void *change_and_commit(void *arg)
{
    ByoStoreResult result = changed(arg);
    return (void *)(intptr_t)(result == BYO_STORE_OK ? 0 : 1);
}

/* Both begin with the same state; who comes second does not decide by it. */
START_TEST(another_node_is_about_to_change_it)
{
    pthread_t waits;
    void *result;
    added(store);
    ByoStore *other = must_open_as("n2");
    byo_store_begin(other);
    change(other); /* it holds the row, and wrote nothing yet */
    ck_assert(locked());
    waits = begin_and_wait(change_and_commit, store);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    ck_assert_int_eq(pthread_join(waits, &result), 0);
    ck_assert_ptr_nonnull(result); /* it begins again */
    ck_assert_int_eq(changed(store), BYO_STORE_OK);
    ck_row(store, 2);
    byo_store_close(other);
}
END_TEST

/* Of a turn that writes a segment alone the message is locked, too: else who reads both would write over that. */
START_TEST(another_node_reads_what_is_written)
{
    for (int together = 0; together < 2; together++) {
        pthread_t waits;
        void *result;
        ByoId ids[4];
        added(store);
        ByoStore *other = must_open_as("n2");
        byo_store_begin(store);
        want(store);
        change_segment_alone();
        if (together)
            change_message_alone();
        byo_store_handed(store, S("carrier-a"), ids, 4); /* it is written */
        ck_assert(locked());
        waits = begin_and_wait(change_and_commit, other);
        ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
        ck_assert_int_eq(pthread_join(waits, &result), 0);
        ck_assert_ptr_null(result);
        ck_assert_int_eq(in_database("tries", "segment"), 2);
        ck_assert_int_eq(in_database("reported", "message"), 1 + together);
        byo_store_close(other);
    }
}
END_TEST

static void *erase_and_commit(void *arg)
{
    byo_store_begin(arg);
    byo_store_message_remove(arg, row_id());
    return (void *)(intptr_t)(byo_store_commit(arg) == BYO_STORE_OK ? 0 : 1);
}

/* It is going where the erasure does not look, for it knows where it was. */
START_TEST(another_node_is_about_to_move_what_is_erased)
{
    pthread_t waits;
    void *result;
    ByoMessageRow m;
    ByoSegmentRow seg;
    added(store);
    ByoStore *other = must_open_as("n2");
    byo_store_begin(other);
    ck_assert_int_eq(read_it(other, &m, &seg), BYO_STORE_OK);
    seg.s.state = BYO_SEG_DELIVERED;
    byo_store_segment_update(other, &seg);
    m.tally.ended = true;
    m.ended = NOW;
    byo_store_message_update(other, &m);
    byo_store_maybe_duplicate(other, row_id()); /* it is written */
    waits = begin_and_wait(erase_and_commit, store);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    ck_assert_int_eq(pthread_join(waits, &result), 0);
    ck_assert_ptr_nonnull(result); /* it begins again */
    ck_assert_ptr_null(erase_and_commit(store));
    ck_assert_int_eq(in_database("count(*)", "message_any") + in_database("count(*)", "segment_any"), 0);
    look_at_others(store);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_QUEUED), 0);
    byo_store_close(other);
}
END_TEST

/* Its other ids lie in rows nobody guards. */
START_TEST(a_segment_with_several_ids_is_read)
{
    added(store);
    ck_assert(!is_read(store));
    byo_store_begin(store);
    want(store);
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, id, &seg), BYO_STORE_OK);
    seg.s.copies = true;
    byo_store_segment_update(store, &seg);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert(is_read(store));
}
END_TEST

/* What is forgotten of a turn in its middle was used all the same. */
START_TEST(another_node_was_there_before_an_erasure)
{
    static const struct {
        bool erase, purge;
    } by[] = {{.erase = true}, {.purge = true}, {0}};
    for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
        added(store);
        ByoStore *other = must_open_as("n2");
        ended(other);
        byo_store_close(other);
        for (int again = 0; again < 2; again++) {
            ByoPurgePlace place = {0};
            ByoMessageRow m;
            ByoSegmentRow seg;
            byo_store_begin(store);
            ck_assert_int_eq(read_it(store, &m, &seg), BYO_STORE_OK);
            if (by[i].erase)
                byo_store_message_remove(store, row_id());
            else if (by[i].purge)
                byo_store_purge(store, NOW - BYO_DAY, NOW - BYO_DAY, 10, &place);
            else
                byo_store_handed_doubt(store, S("carrier-a"), NOW);
            ck_assert_int_eq(byo_store_commit(store), again ? BYO_STORE_OK : BYO_STORE_AGAIN);
        }
        look_at_others(store);
        ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_QUEUED), 0);
        ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_HANDED), 0);
        byo_store_close(store); /* another one keeps rows again */
        store = must_open();
    }
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, another_node_came);
    tcase_add_test(t, what_was_used_is_compared);
    tcase_add_test(t, another_node_is_about_to_change_it);
    tcase_add_test(t, another_node_reads_what_is_written);
    tcase_add_test(t, another_node_is_about_to_move_what_is_erased);
    tcase_add_test(t, a_segment_with_several_ids_is_read);
    tcase_add_test(t, another_node_was_there_before_an_erasure);
}

int main(void)
{
    return pgsql_run_suite("pgsql, rows beside other nodes", add_tests);
}
