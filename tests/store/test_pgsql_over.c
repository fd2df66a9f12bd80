/* SPDX-License-Identifier: BSD-3-Clause
 * Messages that are over, in the partitions of their days (pgsql_over.c).
 *
 *     ends in its turn, in one of several, when it is added ....... moved, with all its segments and texts
 *     ends before it was made ..................................... in the day of its id
 *     a day goes under a statement ................................ the turn is made again; a read outside of one asks again
 *     asked for by id, recipient, time, doubt, at a start ......... found wherever it lies
 *     a late receipt, another node's too .......................... changed where it lies
 *     erased ...................................................... gone, and nothing hangs on it later
 *     two nodes at once ........................................... each finds what the other moved
 *     store copy .................................................. both ways
 */
#include "pgsql_over.h"
#include "store/copy.h"

/* -- moved ------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int segments;
    enum { IN_ONE_TURN, ONE_A_TURN, WITH_ITS_ADDING, ADDED_ENDED, CHANGED_AGAIN, READ_BEHIND } how;
} ends[] = {
    {"one segment", 1, IN_ONE_TURN},
    {"all in one turn", 3, IN_ONE_TURN},
    {"one a turn", 3, ONE_A_TURN},
    {"added and ended in a turn", 2, WITH_ITS_ADDING},
    {"added when it has ended", 2, ADDED_ENDED},
    {"changed again in its turn", 2, CHANGED_AGAIN},
    {"read in its turn", 2, READ_BEHIND},
    {"read in its turn, one a turn", 1, READ_BEHIND},
};

static ByoId ended_as(size_t of)
{
    int n = ends[of].segments;
    if (ends[of].how == ADDED_ENDED || ends[of].how == WITH_ITS_ADDING) {
        byo_store_begin(store);
        ByoId id = put(store, now, n, ends[of].how == ADDED_ENDED ? now : 0);
        if (ends[of].how == WITH_ITS_ADDING)
            end_all(store, id, n, now);
        commit_it(store);
        return id;
    }
    ByoId id = added(store, now, n);
    byo_store_close(store); /* nothing is kept in memory */
    store = opened(must_open());
    byo_store_begin(store);
    for (int i = 1; i <= n; i++) {
        end_segment(store, id, i, i == n, now);
        if (ends[of].how == ONE_A_TURN) {
            commit_it(store);
            byo_store_begin(store);
        }
    }
    if (ends[of].how == READ_BEHIND) {
        int found = 0;
        byo_store_maybe_duplicate(store, id);
        byo_store_segments(store, id, count_segment, &found);
        ck_assert_int_eq(found, n);
    }
    if (ends[of].how != IN_ONE_TURN && ends[of].how != ONE_A_TURN)
        end_segment(store, id, 1, true, now);
    commit_it(store);
    return id;
}

START_TEST(a_message_that_ends_goes_to_its_day)
{
    now = byo_now();
    ByoId id = ended_as((size_t)_i);
    ck_lies(id, ends[_i].segments, true, now);
    ck_whole(store, id, ends[_i].segments, now);
    byo_store_begin(store);
    ck_whole(store, id, ends[_i].segments, now);
    byo_store_rollback(store);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_QUEUED), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_any"), ends[_i].segments);
}
END_TEST

/* The clock was set back by days meanwhile. */
START_TEST(a_message_that_ends_before_it_was_made_goes_to_the_day_of_its_id)
{
    ByoId id = added(store, now, 2);
    byo_store_begin(store);
    end_all(store, id, 2, now - 5 * BYO_DAY);
    ByoId at_once = put(store, now, 1, now - 5 * BYO_DAY);
    commit_it(store);
    ck_assert_int_eq(
        number("SELECT count(*) FROM byobox.message_over WHERE day = %lld", (long long)(now / BYO_DAY)), 2);
    ck_assert_int_eq(
        number("SELECT count(*) FROM byobox.segment_over WHERE day = %lld", (long long)(now / BYO_DAY)), 3);
    ck_whole(store, id, 2, now - 5 * BYO_DAY);
    ck_whole(store, at_once, 1, now - 5 * BYO_DAY);
}
END_TEST

/* A partition goes under a statement: the turn is made again, and no table is missing. */
START_TEST(a_day_that_goes_under_a_statement_is_no_fault_of_the_store)
{
    ByoId id = over_at(store, now, 1);
    ByoMessageRow m;
    pgsql_do(pgsql_name,
             _i ? "CREATE FUNCTION goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                  " RAISE EXCEPTION 'could not open relation with OID 1' USING ERRCODE = 'XX000'; END $$;"
                  "CREATE TRIGGER goes BEFORE UPDATE ON byobox.message_over FOR EACH ROW"
                  " EXECUTE FUNCTION goes()"
                : "CREATE FUNCTION goes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                  " RAISE EXCEPTION 'relation \"message_1\" does not exist' USING ERRCODE = '42P01'; END $$;"
                  "CREATE TRIGGER goes BEFORE UPDATE ON byobox.message_over FOR EACH ROW"
                  " EXECUTE FUNCTION goes()");
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_OK);
    m.tally.reported = 9;
    byo_store_message_update(store, &m);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_AGAIN);
}
END_TEST

/* Outside of a turn nobody makes it again: it asks once more, but not for ever. */
START_TEST(a_day_that_goes_under_a_read_is_asked_for_again)
{
    enum { PASSES, LASTS };
    ByoId id = over_at(store, now, 2);
    ByoMessageRow m;
    char *sql = byo_printf("SET search_path = byobox; CREATE SEQUENCE asked; CREATE FUNCTION goes() RETURNS "
                           "boolean LANGUAGE plpgsql"
                           " AS $$ BEGIN IF nextval('byobox.asked') <= %d THEN"
                           " RAISE EXCEPTION 'could not open relation with OID 1' USING ERRCODE = 'XX000'; "
                           "END IF; RETURN true; END $$;"
                           "ALTER TABLE message_over RENAME TO over; CREATE VIEW message_over AS SELECT * "
                           "FROM over WHERE goes()",
                           _i == PASSES ? 2 : 100);
    pgsql_do(pgsql_name, sql);
    free(sql);
    byo_store_read_fault(store);
    ck_assert_int_eq(byo_store_message(store, id, &m), _i == PASSES ? BYO_STORE_OK : BYO_STORE_AGAIN);
    ck_assert_int_eq(byo_store_read_fault(store), _i == PASSES ? BYO_STORE_OK : BYO_STORE_AGAIN);
    if (_i == PASSES)
        ck_assert_int_eq(searched((ByoMessageFilter){.state = -1}), id);
}
END_TEST

/* Rows go out while the turn goes on, and with its commit. */
START_TEST(many_end_in_one_turn)
{
    enum { MANY = 300 };
    ByoId ids[MANY];
    now = byo_now();
    byo_store_begin(store);
    for (int i = 0; i < MANY; i++)
        ids[i] = put(store, now, 1 + i % 3, 0);
    commit_it(store);
    for (int kept = 0; kept < 2; kept++) {
        byo_store_begin(store);
        for (int i = 0; i < MANY; i++)
            end_all(store, ids[i], 1 + i % 3, now);
        if (kept)
            commit_it(store);
        else
            byo_store_rollback(store);
        ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_over"), kept * MANY);
        ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_over WHERE state = 3"), kept * MANY * 2);
        ck_assert_int_eq(number("SELECT count(*) FROM byobox.message"), (1 - kept) * MANY);
        ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment"), (1 - kept) * MANY * 2);
    }
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_over m WHERE delivered <> segments"
                            " OR ended / 86400000 <> day"),
                     0);
}
END_TEST

/* What somebody changed by hand is not written over: the turn is made again. */
START_TEST(a_row_changed_by_hand_is_not_moved_as_it_was)
{
    static const char *const by_hand[] = {"UPDATE byobox.segment SET tries = 7",
                                          "UPDATE byobox.message SET reported = 7"};
    static const char *const kept[] = {"SELECT tries FROM byobox.segment_over",
                                       "SELECT reported FROM byobox.message_over"};
    ByoId id = added(store, now, 1);
    pgsql_do(pgsql_name, by_hand[_i]);
    byo_store_begin(store);
    end_all(store, id, 1, now);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_AGAIN);
    ck_lies(id, 1, false, now);
    byo_store_begin(store);
    end_all(store, id, 1, now);
    commit_it(store);
    ck_lies(id, 1, true, now);
    ck_assert_int_eq(pgsql_number(kept[_i]), 7);
}
END_TEST

/* -- found ------------------------------------------------------------------------------------------- */

static void note_taken(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused)
{
    (void)uuid;
    (void)refused;
    *(int *)arg += byo_str_is(box, "box") && frame.n == 2;
}

static void note_ended(void *arg, ByoStr integration, ByoStr foreign_id, ByoId segment)
{
    (void)foreign_id;
    *(ByoId *)arg = byo_str_is(integration, "carrier-a") ? segment : 0;
}

static void note_long(void *arg, ByoStr recipient, ByoStr udh)
{
    *(int *)arg += byo_str_is(recipient, "+12025550123") && byo_str_is(udh, "udh");
}

static void note_reply(void *arg, ByoStr of, ByoStr recipient, int keyword, ByoTime sent)
{
    (void)of;
    (void)recipient;
    *(int *)arg += keyword == 2 && sent == now;
}

START_TEST(what_is_over_is_found)
{
    now = byo_now();
    ByoId id = over_at(store, now, 2), last = 0;
    int n = 0;
    ByoMessageRow m = a_message(0, now, 1);
    ck_assert_int_eq(searched((ByoMessageFilter){.state = -1}), id);
    ck_assert_int_eq(searched((ByoMessageFilter){.state = -1, .from = now - 1000, .to = now + 1000}), id);
    ck_assert_int_eq(searched((ByoMessageFilter){.state = -1, .recipient = S("12025550123")}), id);
    ck_assert_int_eq(searched((ByoMessageFilter){.state = -1, .recipient = S("12025550124")}), 0);
    ck_assert_int_eq(searched((ByoMessageFilter){.state = -1, .doubt = 1}), 0);
    ck_assert(!byo_store_maybe_duplicate(store, id));
    pgsql_do(pgsql_name, "UPDATE byobox.segment_over SET flags = 2 WHERE id & 255 = 2");
    ck_assert_int_eq(searched((ByoMessageFilter){.state = -1, .doubt = 1}), id);
    ck_assert_int_eq(searched((ByoMessageFilter){.state = -1, .doubt = -1}), 0);
    ck_assert(byo_store_maybe_duplicate(store, id));
    byo_store_taken(store, 10, note_taken, &n);
    ck_assert_int_eq(n, 1);
    byo_store_ended_ids(store, 10, note_ended, &last);
    ck_assert_int_eq(last, id + 2);
    byo_store_long_messages(store, 10, note_long, &n);
    ck_assert_int_eq(n, 2);
    byo_store_begin(store);
    m.id = byo_store_new_id(store, now);
    m.keyword = 2;
    m.ended = now;
    m.tally.ended = true;
    byo_store_message_add(store, &m, NULL, 0);
    commit_it(store);
    byo_store_replies(store, now - 1000, note_reply, &n);
    ck_assert_int_eq(n, 3);
    byo_store_close(store);
    store = opened(must_open());
    byo_store_begin(store);
    ck_assert_int_gt(byo_store_new_id(store, 0), m.id);
    byo_store_rollback(store);
}
END_TEST

START_TEST(a_late_change_is_made_where_it_lies)
{
    now = byo_now();
    ByoId id = over_at(store, now, 2);
    ByoMessageRow m;
    ByoSegmentRow seg;
    ByoForeign found[4];
    ByoCopyRow copy = {.foreign_id = S("second"), .try = 2, .verdict.code = -1};
    ByoPast p = {.kind = BYO_PAST_REPORTED, .number = 8, .time = now},
            tried = {.kind = BYO_PAST_INTERIM, .time = now};
    ByoStore *other = opened(must_open_as("n2")), *by[] = {store, other};
    turn(store); /* it learns of the other one */
    for (int i = 0; i < 2; i++) {
        byo_store_begin(by[i]);
        ck_assert_int_eq(byo_store_segment(by[i], id + 1, &seg), BYO_STORE_OK);
        ck_assert_int_eq(byo_store_message(by[i], id, &m), BYO_STORE_OK);
        seg.s.tries = 5 + i;
        byo_store_segment_update(by[i], &seg);
        m.tally.reported = 9 + i;
        byo_store_message_update(by[i], &m);
        commit_it(by[i]);
        ck_lies(id, 2, true, now);
        ck_assert_int_eq(number("SELECT tries FROM byobox.segment_over WHERE id & 255 = 1"), 5 + i);
        ck_assert_int_eq(number("SELECT reported FROM byobox.message_over"), 9 + i);
    }
    byo_store_close(other);
    byo_store_begin(store);
    byo_store_copy_add(store, id + 1, &copy); /* it is not held here */
    byo_store_step_add(store, id, &tried);
    byo_store_step_add(store, id, &p);
    ck_assert_int_eq(byo_store_by_id(store, S("carrier-a"), S("second"), found, 4), 1);
    ck_assert_int_eq(found[0].id, id + 1);
    commit_it(store);
    ck_assert_int_eq(
        number(
            "SELECT (SELECT count(*) FROM byobox.segment_copy) + (SELECT count(*) FROM byobox.message_step)"
            " + (SELECT count(*) FROM byobox.message_report)"),
        3);
}
END_TEST

static int64_t locks(const char *names)
{
    return number(
        "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname ~ '%s'",
        names);
}

/* There are many days, and each report comes behind the end of its message. */
START_TEST(reports_open_no_day)
{
    enum { AT_ONCE = 64 };
    ByoId id = over_at(store, now, 1);
    ByoBuf value = {0};
    byo_store_begin(store);
    for (int i = 0; i < AT_ONCE; i++)
        byo_store_step_add(store, id, &(ByoPast){.kind = BYO_PAST_REPORTED, .number = i, .time = now});
    byo_store_setting(store, "none", &value); /* they are written by now */
    byo_buf_free(&value);
    ck_assert_int_gt(locks("^message_report$"), 0);
    ck_assert_int_eq(locks("_[0-9]{8}$"), 0);
    commit_it(store);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_report"), AT_ONCE);
}
END_TEST

/* -- erased ------------------------------------------------------------------------------------------ */

START_TEST(what_is_over_is_erased)
{
    now = byo_now();
    ByoId id = over_at(store, now, 2), other = over_at(store, now, 2), same = added(store, now, 2);
    ByoMessageRow m;
    ByoPast p = {.kind = BYO_PAST_REPORTED, .number = 8, .time = now};
    for (int purged = 0; purged < 2; purged++) {
        byo_store_close(store); /* only behind a purge it is known what is not purged yet */
        store = purged ? opened(must_open()) : must_open();
        byo_store_begin(store);
        byo_store_step_add(store, id, &p);
        byo_store_step_add(store, other, &p);
        commit_it(store);
        ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_report WHERE id = %lld", (long long)id),
                         !purged);
        ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_report WHERE id = %lld AND type = %d",
                                (long long)other, p.number),
                         1);
        byo_store_begin(store);
        ck_assert_int_eq(byo_store_message_remove(store, id), (purged ? 0 : 2));
        commit_it(store);
        ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_NONE);
        ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_report WHERE id = %lld", (long long)id),
                         0);
        ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_over"), 2);
        ck_lies(other, 2, true, now);
        p.number++;
    }
    byo_store_begin(store); /* it ends in the same turn */
    end_all(store, same, 2, now);
    ck_assert_int_eq(byo_store_message_remove(store, same), 2);
    commit_it(store);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_any"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_any"), 2);
}
END_TEST

/* -- several ----------------------------------------------------------------------------------------- */

START_TEST(two_nodes_find_what_the_other_moved)
{
    now = byo_now();
    byo_store_close(store);
    pgsql_do(pgsql_name, "DROP SCHEMA byobox CASCADE");
    store = opened(must_open());
    ByoStore *other = opened(must_open_as("n2"));
    ck_assert_int_eq(days(), 8);
    ByoId id = added(store, now, 2);
    ByoSegmentRow seg;
    byo_store_begin(other);
    end_segment(other, id, 1, false, now);
    commit_it(other);
    byo_store_begin(store); /* it kept what it wrote */
    end_segment(store, id, 2, true, now);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_AGAIN);
    byo_store_begin(store);
    end_segment(store, id, 2, true, now);
    commit_it(store);
    ck_lies(id, 2, true, now);
    byo_store_begin(other);
    ck_assert_int_eq(byo_store_segment(other, id + 2, &seg), BYO_STORE_OK);
    ck_assert_int_eq(seg.s.state, BYO_SEG_DELIVERED);
    commit_it(other);
    ck_whole(other, id, 2, now);
    byo_store_close(other);
}
END_TEST

static void count_table(void *arg, const char *table, int64_t rows)
{
    *(int64_t *)arg += rows > 0 && strncmp(table, "message", 7) == 0;
}

START_TEST(a_store_is_copied_both_ways)
{
    int64_t tables = 0;
    char path[64], *why;
    snprintf(path, sizeof path, "/tmp/byo-days-%ld.db", (long)getpid());
    now = byo_now();
    ByoId over = with_all(now), open = added(store, now, 1);
    byo_store_close(store);
    ByoStoreTarget from = pgsql_target(), file = {.path = path};
    ck_assert_msg(byo_store_copy(&from, &file, count_table, &tables, &why), "%s", why);
    pgsql_do(pgsql_name, "DROP SCHEMA byobox CASCADE");
    store = opened(must_open());
    byo_store_close(store);
    ck_assert_msg(byo_store_copy(&file, &from, count_table, &tables, &why), "%s", why);
    unlink(path);
    ck_assert_int_eq(tables, 6);
    store = opened(must_open());
    ck_whole(store, over, 2, now);
    ck_hangs(over, 1);
    ck_lies(open, 1, false, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_any"), 2);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_checked_fixture(t, begin, NULL);
    tcase_add_loop_test(t, a_message_that_ends_goes_to_its_day, 0, (int)(sizeof ends / sizeof *ends));
    tcase_add_test(t, a_message_that_ends_before_it_was_made_goes_to_the_day_of_its_id);
    tcase_add_loop_test(t, a_day_that_goes_under_a_statement_is_no_fault_of_the_store, 0, 2);
    tcase_add_loop_test(t, a_day_that_goes_under_a_read_is_asked_for_again, 0, 2);
    tcase_add_test(t, many_end_in_one_turn);
    tcase_add_loop_test(t, a_row_changed_by_hand_is_not_moved_as_it_was, 0, 2);
    tcase_add_test(t, what_is_over_is_found);
    tcase_add_test(t, a_late_change_is_made_where_it_lies);
    tcase_add_test(t, reports_open_no_day);
    tcase_add_test(t, what_is_over_is_erased);
    tcase_add_test(t, two_nodes_find_what_the_other_moved);
    tcase_add_test(t, a_store_is_copied_both_ways);
}

int main(void)
{
    return pgsql_run_suite("pgsql, over", all);
}
