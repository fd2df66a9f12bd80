/* SPDX-License-Identifier: BSD-3-Clause
 * Days of messages that are over, how they go (pgsql_days.c, pgsql_parts_end.c).
 *
 *     past its retention .......................................... dropped with what hangs on it; others stay
 *     reports, steps and message ids of a message that is gone .... go, too; of one that is there they stay
 *     a purge that fails .......................................... nothing is dropped
 *     a clock that is days ahead .................................. drops nothing of what others keep
 *     one that cannot be dropped .................................. others go, and the cause is told
 *     segments that wait to be detached ........................... their messages are not dropped before, and are erased
 *     segments of a day in a long partition of messages ........... go with it, row by row before
 *     an old snapshot elsewhere ................................... no turn waits; it goes later
 *     stopped while the server says nothing ....................... at once
 *     a drop that was begun, two nodes that drop .................. it is brought to its end
 *     kept for long, then for less ................................ partitions of several days; rows go from them
 *     half a day .................................................. is made whole
 *     detached by hand ............................................ stays, and is no day any more
 *     erased while it waits to be dropped ......................... gone
 */
#include <signal.h>
#include <sys/syscall.h>

#include "pgsql_over.h"

START_TEST(a_day_goes_as_a_whole_and_others_stay)
{
    with_old_day();
    ByoMessageRow m;
    ByoId old = with_all(now - LONG_AGO), open = added(store, now - LONG_AGO, 1), young = with_all(now);
    int64_t made = days();
    ck_hangs(old, 1);
    ck_lies(old, 2, true, now - LONG_AGO);
    purge_until_days(made - 2);
    ck_assert_int_eq(byo_store_message(store, old, &m), BYO_STORE_NONE);
    ck_hangs(old, 0);
    ck_hangs(young, 1);
    ck_whole(store, young, 2, now);
    ck_lies(open, 1, false, 0);
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
}
END_TEST

/* Two late reports, a step and a message id, as another node may write them of a message it does not know to be gone. */
static void hang(ByoId id)
{
    long long segment = (long long)id + 1;
    char *sql =
        byo_printf("SET search_path = byobox; INSERT INTO message_step (id, steps) VALUES (%lld, 's');"
                   "INSERT INTO message_report (id, type, at) VALUES (%lld, 8, 1), (%lld, 1, 1);"
                   "INSERT INTO segment_copy (segment, foreign_id, loose_id, integration, try, open)"
                   " VALUES (%lld, 'x', 'x', 'carrier-a', 1, false)",
                   (long long)id, segment, segment, segment);
    pgsql_do(pgsql_name, sql);
    free(sql);
}

static int64_t hanging_on(ByoId id)
{
    long long at = (long long)id;
    return number("SELECT (SELECT count(*) FROM byobox.segment_copy WHERE segment & -256 = %lld)"
                  " + (SELECT count(*) FROM byobox.message_step WHERE id = %lld)"
                  " + (SELECT count(*) FROM byobox.message_report WHERE id & -256 = %lld)",
                  at, at, at);
}

/* More of them than go in a piece; what is as old and lies among the open, or in a day that is not past its retention, stays. */
START_TEST(what_hangs_on_no_message_goes)
{
    enum { MANY = 600 };
    with_old_day();
    int64_t made = days();
    ByoId open = added(store, now - LONG_AGO, 1), late = added(store, now - LONG_AGO, 1), gone[MANY];
    byo_store_begin(store);
    end_all(store, late, 1, now);
    for (int i = 0; i < MANY; i++)
        gone[i] = byo_store_new_id(store, now - LONG_AGO);
    commit_it(store);
    ck_lies(late, 1, true, now);
    ByoId young = byo_store_new_id(store, now);
    hang(open);
    hang(late);
    hang(young);
    for (int i = 0; i < MANY; i += MANY - 1)
        hang(gone[i]);
    char *sql = byo_printf("INSERT INTO byobox.message_report (id, type, at) SELECT %lld + 256 * n, 8, 1"
                           " FROM generate_series(1, %d) n ON CONFLICT DO NOTHING",
                           (long long)gone[0], MANY);
    pgsql_do(pgsql_name, sql);
    free(sql);
    purge_until_days(made - 2);
    settled(store);
    ck_assert_int_eq(hanging_on(open), 4);
    ck_assert_int_eq(hanging_on(late), 4);
    ck_assert_int_eq(hanging_on(young), 4);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_report WHERE at = 1"), 6);
}
END_TEST

static void date_of(ByoTime at, char date[16])
{
    time_t t = (time_t)(at / 1000);
    strftime(date, 16, "%Y%m%d", gmtime(&t));
}

static void ck_tables_of(ByoTime at, int n)
{
    char date[16];
    date_of(at, date);
    ck_assert_int_eq(
        number("SELECT count(*) FROM pg_class WHERE relname IN ('message_%s', 'segment_%s')", date, date), n);
}

/* A view depends on the messages, or on the segments, which keeps the messages, too. Another day is behind it. */
START_TEST(a_day_that_cannot_be_dropped_keeps_no_other)
{
    char date[16];
    now = byo_now();
    byo_store_close(store);
    make_days(now - LONG_AGO, 1);
    make_days(now - LONG_AGO + BYO_DAY, 1);
    store = opened(must_open());
    ByoId old = with_all(now - LONG_AGO), next = with_all(now - LONG_AGO + BYO_DAY);
    int64_t made = days();
    date_of(now - LONG_AGO, date);
    char *sql =
        byo_printf("CREATE VIEW kept AS SELECT id FROM byobox.%s_%s", _i ? "segment" : "message", date);
    pgsql_do(pgsql_name, sql);
    free(sql);
    purge_until_told("other objects depend on it", true);
    purge_until_days(made - (_i ? 2 : 3));
    ck_tables_of(now - LONG_AGO, _i ? 2 : 1);
    ck_tables_of(now - LONG_AGO + BYO_DAY, 0);
    ck_hangs(next, 0);
    ck_hangs(old, _i);
    purge_until_told("other objects depend on it", true);
    pgsql_do(pgsql_name, "DROP VIEW kept");
    purge_until_days(made - 4);
    ck_hangs(old, 0);
    purge_until_told("depend", false);
}
END_TEST

static volatile int clock_ahead; /* s */

int clock_gettime(clockid_t which, struct timespec *t)
{
    int rc = (int)syscall(SYS_clock_gettime, which, t);
    t->tv_sec += which == CLOCK_REALTIME ? clock_ahead : 0;
    return rc;
}

/* Of this machine only. What is past its retention by the database's goes. */
START_TEST(a_clock_that_is_days_ahead_drops_nothing_of_today)
{
    with_old_day();
    ByoTime then = now;
    ByoId young = with_all(then);
    ck_lies(young, 2, true, then);
    clock_ahead = 40 * 86400;
    now = byo_now();
    ck_assert_int_gt(now - then, 39 * BYO_DAY);
    char date[16];
    date_of(then - LONG_AGO, date);
    for (ByoTime begun = byo_monotonic();
         number("SELECT count(*) FROM pg_class WHERE relname = 'message_%s'", date) != 0; usleep(20000)) {
        ck_assert_int_lt(byo_monotonic() - begun, 60 * BYO_SECOND);
        purge(store);
    }
    settled(store);
    clock_ahead = 0;
    ck_tables_of(then - LONG_AGO, 0);
    ck_tables_of(then, 2);
    ck_lies(young, 2, true, then);
    ck_hangs(young, 1);
}
END_TEST

/* Its clock had jumped ahead: what looks past its retention is not, and a turn that cannot read so drops nothing. */
START_TEST(a_purge_that_fails_drops_nothing)
{
    ByoPurgePlace at = {0};
    with_old_day();
    ByoId old = with_all(now - LONG_AGO);
    int64_t made = days();
    byo_store_begin(store);
    byo_store_clock_jumped(store, 20 * BYO_DAY, byo_now());
    commit_it(store);
    for (int fails = 0; fails < 2; fails++) {
        PGconn *c = fails ? old_snapshot("LOCK TABLE byobox.clock") : NULL;
        byo_store_begin(store);
        byo_store_purge(store, now - RETENTION, now - RETENTION, 500, &at);
        ck_assert_int_eq(byo_store_commit(store), fails ? BYO_STORE_AGAIN : BYO_STORE_OK);
        usleep(1500000); /* a thread would have been there by now */
        if (c)
            PQfinish(c);
        ck_assert_int_eq(days(), made);
    }
    ck_hangs(old, 1);
}
END_TEST

/* It has looked at the day: so detaching waits, for as long as for any lock, again and again. */
/* When it began, in microseconds; 0: none waits. */
static int64_t waiting_detach(void)
{
    return number(
        "SELECT coalesce(max((extract(epoch FROM query_start) * 1000000)::int8), 0) FROM pg_stat_activity"
        " WHERE query LIKE 'ALTER%%DETACH%%' AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'");
}

/* Turns begin and end while one and the same try to detach it waits. */
START_TEST(an_old_snapshot_holds_a_day_and_no_turn)
{
    enum { TURNS = 20 };
    with_old_day();
    ByoId old = with_all(now - LONG_AGO);
    int64_t made = days();
    PGconn *c = old_snapshot("SELECT count(*) FROM byobox.message_any, byobox.segment_any");
    int turns = 0;
    for (ByoTime begun = byo_monotonic(); turns < TURNS; usleep(10000)) {
        ck_assert_msg(byo_monotonic() - begun < 120 * BYO_SECOND, "%d turns while it waits", turns);
        int64_t waits = waiting_detach();
        purge(store);
        over_at(store, byo_now(), 1);
        ck_assert_int_eq(turn(store), BYO_STORE_OK);
        turns += waits && waiting_detach() == waits;
    }
    ck_assert_int_eq(days(), made);
    PQfinish(c);
    purge_until_days(made - 2);
    ck_hangs(old, 0);
}
END_TEST

/* What looks after days waits for a server that says nothing; who stops does not. */
START_TEST(stopping_waits_for_no_server)
{
    with_old_day();
    with_all(now - LONG_AGO);
    PGconn *c = old_snapshot("SELECT count(*) FROM byobox.message_any, byobox.segment_any");
    int pid = 0;
    for (int i = 0; i < 500 && !pid; i++) {
        purge(store);
        pid = (int)number("SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE query LIKE "
                          "'ALTER%%DETACH%%' AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'");
    }
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(kill(pid, SIGSTOP), 0);
    ByoTime begun = byo_monotonic();
    byo_store_close(store);
    ck_assert_int_lt(byo_monotonic() - begun, 2 * BYO_SECOND);
    ck_assert_int_eq(kill(pid, SIGCONT), 0);
    PQfinish(c);
    store = must_open();
}
END_TEST

/* Whoever opens a session only looks: to make some may take its time. */
START_TEST(a_session_makes_no_day)
{
    byo_store_close(store);
    pgsql_do(pgsql_name, "DROP SCHEMA byobox CASCADE");
    store = must_open();
    ck_assert_int_eq(days(), 0);
    opened(store);
    ck_assert_int_eq(days(), 8);
}
END_TEST

/* Somebody came as far as that. */
START_TEST(a_drop_that_was_begun_is_gone_on_with)
{
    with_old_day();
    ByoId old = with_all(now - LONG_AGO);
    int64_t made = days();
    mark(now - LONG_AGO);
    detach(now - LONG_AGO, "message", _i);
    byo_store_close(store);
    ck_hangs(old, 1);
    store = opened(must_open());
    purge_until_days(made - 2);
    ck_hangs(old, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_any"), 0);
}
END_TEST

/* An archive is nobody's but whose it is, and a day has its partitions whatever they are called. */
START_TEST(what_was_detached_by_hand_stays)
{
    with_old_day();
    over_at(store, now - LONG_AGO, 2);
    byo_store_close(store);
    int64_t made = days();
    detach(now - LONG_AGO, "segment", true);
    detach(now - LONG_AGO, "message", _i);
    detach(now, "message", true);
    store = opened(must_open());
    for (int i = 0; i < 100 && number("SELECT count(*) FROM byobox.message_over") == 0; i++) {
        purge(store);
        over_at(store, now, 1);
        usleep(20000);
    }
    purge(store);
    usleep(500000);
    purge(store);
    ck_assert_int_eq(days(), made);
    ck_assert_int_gt(number("SELECT count(*) FROM byobox.message_over"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM pg_inherits WHERE inhdetachpending"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.day_going"), 0);
}
END_TEST

/* Each statement locks all of them. */
START_TEST(partitions_span_days_where_messages_are_kept_for_long)
{
    static const struct {
        int days, span;
    } kept[] = {{50, 1}, {51, 2}, {400, 8}, {3650, 73}};
    byo_store_close(store);
    pgsql_do(pgsql_name, "DROP SCHEMA byobox CASCADE");
    store = must_open();
    now = byo_now();
    purge_kept_for(store, kept[_i].days * BYO_DAY);
    settled(store);
    ck_assert_int_eq(parts(), kept[_i].span >= 4 ? 2 : 8 / kept[_i].span);
    ck_assert_int_eq(number("SELECT count(DISTINCT b[2]::int - b[1]::int) FROM (SELECT regexp_match("
                            "pg_get_expr(relpartbound, oid), '(\\d+)\\D+(\\d+)') b FROM pg_class"
                            " WHERE relispartition AND relkind = 'r') p WHERE b[2]::int - b[1]::int = %d",
                            kept[_i].span),
                     1);
    ck_lies(over_at(store, now, 2), 2, true, now);
}
END_TEST

/* They were to be kept for long: the partition stays, and they do not. */
START_TEST(what_is_past_a_shorter_retention_goes_from_a_long_partition)
{
    now = byo_now();
    byo_store_close(store);
    make_days(now - LONG_AGO, 20);
    store = opened(must_open());
    ByoId old = with_all(now - LONG_AGO), young = with_all(now - LONG_AGO + 15 * BYO_DAY);
    int64_t made = days();
    purge(store);
    settled(store);
    ck_hangs(old, 0);
    ck_hangs(young, 1);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_over"), 2);
    ck_assert_int_eq(days(), made);
    byo_store_close(store);
    store = must_open();
    byo_store_begin(store);
    ck_assert_int_gt(byo_store_new_id(store, 0), young);
    byo_store_rollback(store);
}
END_TEST

/* Somebody took one of the two away, or both of a day to come. */
START_TEST(half_a_day_is_made_whole)
{
    byo_store_close(store);
    detach(byo_now(), "message", true);
    detach(byo_now() + BYO_DAY, "segment", true);
    detach(byo_now() + 2 * BYO_DAY, "segment", true);
    detach(byo_now() + 2 * BYO_DAY, "message", true);
    store = opened(must_open());
    ck_assert_int_eq(parts(), 8);
    now = byo_now();
    ck_lies(over_at(store, now, 1), 1, true, now);
    purge_kept_for(store, 45 * BYO_DAY);
    ck_assert_ptr_null(store->tend); /* there is nothing more to do */
}
END_TEST

static void drop_segments_of(ByoTime at)
{
    char date[16];
    date_of(at, date);
    char *sql = byo_printf("DROP TABLE byobox.segment_%s", date);
    pgsql_do(pgsql_name, sql);
    free(sql);
}

/* It waits to be dropped, and no list shows it. */
START_TEST(what_is_about_to_be_dropped_is_erased)
{
    with_old_day();
    ByoId old = with_all(now - LONG_AGO), young = with_all(now);
    mark(now - LONG_AGO);
    detach(now - LONG_AGO, "message", true);
    if (_i)
        detach(now - LONG_AGO, "segment", true);
    if (_i == 2)
        drop_segments_of(now - LONG_AGO);
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_event_forget(store, S("12025550124")), 0);
    commit_it(store);
    ck_hangs(old, 1);
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_event_forget(store, S("12025550123")), 0);
    commit_it(store);
    ck_hangs(old, 0);
    ck_hangs(young, 1);
    for (int i = _i == 2; i < 2; i++) { /* segments, then messages */
        char *sql = pgsql_run(pgsql_name,
                              i ? "SELECT 'SELECT count(*) FROM byobox.' || min(name) FROM byobox.day_going"
                                : "SELECT 'SELECT count(*) FROM byobox.' || max(name) FROM byobox.day_going");
        ck_assert_int_eq(pgsql_number(sql), 0);
        free(sql);
    }
}
END_TEST

/* As far as it comes while somebody has looked at segments. */
START_TEST(what_waits_to_be_detached_is_erased)
{
    char date[16];
    with_old_day();
    ByoId old = with_all(now - LONG_AGO);
    int64_t made = days();
    date_of(now - LONG_AGO, date);
    PGconn *c = old_snapshot("SELECT count(*) FROM byobox.segment_over");
    for (ByoTime begun = byo_monotonic(); number("SELECT count(*) FROM pg_inherits WHERE inhdetachpending "
                                                 "AND inhrelid = 'byobox.segment_%s'::regclass",
                                                 date) != 1;
         usleep(20000)) {
        ck_assert_int_lt(byo_monotonic() - begun, 60 * BYO_SECOND);
        purge(store);
    }
    settled(store);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_over"), 0); /* no list shows it */
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_%s", date), 2);
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_event_forget(store, S("12025550123")), 0);
    commit_it(store);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_%s", date), 0);
    ck_hangs(old, 0);
    PQfinish(c);
    purge_until_days(made - 2);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.day_going"), 0);
}
END_TEST

/* Who erases a message that is still listed finds its segments. */
START_TEST(segments_stay_a_partition_as_long_as_their_messages)
{
    char date[16];
    now = byo_now();
    byo_store_close(store);
    make_days(now - LONG_AGO, 1);
    date_of(now - LONG_AGO, date);
    int first = (int)((now - LONG_AGO) / BYO_DAY);
    char *sql = byo_printf("DROP TABLE byobox.message_%s; CREATE TABLE byobox.message_%s PARTITION OF"
                           " byobox.message_over FOR VALUES FROM (%d) TO (%d)",
                           date, date, first, first + 20);
    pgsql_do(pgsql_name, sql);
    free(sql);
    store = opened(must_open());
    ByoId old = with_all(now - LONG_AGO), young = with_all(now);
    int64_t made = days();
    for (ByoTime begun = byo_monotonic(); number("SELECT count(*) FROM byobox.message_over") != 1;
         usleep(20000)) {
        ck_assert_int_lt(byo_monotonic() - begun, 60 * BYO_SECOND);
        purge(store);
    }
    settled(store);
    ck_assert_int_eq(days(), made);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_over"), 2);
    ck_hangs(old, 0);
    ck_hangs(young, 1);
}
END_TEST

/* Both see that a day is to go. */
START_TEST(two_nodes_drop_a_day_once)
{
    with_old_day();
    ByoId old = with_all(now - LONG_AGO);
    ByoStore *other = opened(must_open_as("n2"));
    int64_t made = days();
    for (ByoTime begun = byo_monotonic(); days() != made - 2;) {
        ck_assert_int_lt(byo_monotonic() - begun, 60 * BYO_SECOND);
        purge(store);
        purge(other);
        usleep(20000);
    }
    ck_hangs(old, 0);
    turn(store); /* it learns of the other one */
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    ck_assert_int_eq(turn(other), BYO_STORE_OK);
    byo_store_close(other);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_checked_fixture(t, begin, NULL);
    tcase_add_test(t, a_day_goes_as_a_whole_and_others_stay);
    tcase_add_test(t, what_hangs_on_no_message_goes);
    tcase_add_test(t, a_purge_that_fails_drops_nothing);
    tcase_add_loop_test(t, a_day_that_cannot_be_dropped_keeps_no_other, 0, 2);
    tcase_add_test(t, a_clock_that_is_days_ahead_drops_nothing_of_today);
    tcase_add_test(t, an_old_snapshot_holds_a_day_and_no_turn);
    tcase_add_test(t, stopping_waits_for_no_server);
    tcase_add_test(t, a_session_makes_no_day);
    tcase_add_loop_test(t, a_drop_that_was_begun_is_gone_on_with, 0, 2);
    tcase_add_loop_test(t, what_was_detached_by_hand_stays, 0, 2);
    tcase_add_loop_test(t, partitions_span_days_where_messages_are_kept_for_long, 0, 4);
    tcase_add_test(t, what_is_past_a_shorter_retention_goes_from_a_long_partition);
    tcase_add_test(t, half_a_day_is_made_whole);
    tcase_add_loop_test(t, what_is_about_to_be_dropped_is_erased, 0, 3);
    tcase_add_test(t, what_waits_to_be_detached_is_erased);
    tcase_add_test(t, segments_stay_a_partition_as_long_as_their_messages);
    tcase_add_test(t, two_nodes_drop_a_day_once);
}

int main(void)
{
    return pgsql_run_suite("pgsql, days", all);
}
