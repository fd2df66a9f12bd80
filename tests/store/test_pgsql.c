/* SPDX-License-Identifier: BSD-3-Clause
 * What only a store in a database can meet: sessions that are lost, before the commit and in the middle of it, a second
 * writer, a role that may not. What every store does is in the contract's tests (store_suites.c). */
#include "pgsql_fixture.h"

#include <sys/wait.h>

START_TEST(rows_of_a_turn_are_one_write)
{
    byo_store_begin(store);
    ByoId id = add(store, BYO_SEG_QUEUED);
    ByoSegmentRow seg;
    ByoMessageRow m;
    ck_assert_int_eq(byo_store_segment(store, id + 1, &seg), BYO_STORE_OK);
    seg.s.state = BYO_SEG_HANDED;
    seg.s.due = NOW + 90000;
    seg.foreign_id = S("00A1");
    byo_store_segment_update(store, &seg);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_kept(store, 0);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_HANDED), 1);
    ByoForeign found[4];
    ck_assert_int_eq(byo_store_by_id(store, S("carrier-a"), S("00A1"), found, 4), 1);
    ck_assert_int_eq(found[0].id, id + 1);
    byo_store_close(store);
    store = must_open();
    ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_OK);
    ck_assert(byo_str_eq(m.frame, byo_strn("\0\xff", 2)));
    ck_assert_int_eq(byo_store_timers_next(store), NOW + 90000);
    ck_assert(byo_store_new_id(store, 0) > id);
}
END_TEST

START_TEST(a_session_lost_before_the_commit_keeps_nothing)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    byo_store_begin(store);
    add(store, BYO_SEG_QUEUED);
    end_session();
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_IO);
    ck_kept(store, 1);
    turn_at_last(store);
    ck_kept(store, 2);
}
END_TEST

START_TEST(a_lost_session_fails_a_turn_at_its_begin)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    end_session();
    byo_store_begin(store);
    ck_assert(byo_store_failed(store));
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_IO);
    turn_at_last(store);
    ck_kept(store, 2);
}
END_TEST

/* A process that ends byobox's session when it waits for this. */
static pid_t end_when(const char *condition)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'byobox' AND "
             "datname = current_database() AND %s",
             condition);
    for (;;) {
        char *done = pgsql_run(pgsql_name, sql);
        if (strcmp(done, "t") == 0)
            _exit(0);
        free(done);
        usleep(2000);
    }
}

static ByoStoreResult outcome(ByoStore *s)
{
    ByoStoreResult result;
    while ((result = byo_store_outcome(s)) == BYO_STORE_UNKNOWN)
        usleep(5000);
    return result;
}

/* The transaction is kept here and waits for a standby that is not there; then its session is ended. */
START_TEST(a_commit_without_an_answer_was_kept)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    pgsql_do("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    pgsql_do("postgres", "SELECT pg_reload_conf()");
    pid_t other = end_when("wait_event = 'SyncRep'");
    ByoStoreResult result;
    int64_t turns = 1;
    do { /* the setting arrives when it does */
        result = turn(store);
        turns++;
    } while (result == BYO_STORE_OK);
    waitpid(other, NULL, 0);
    pgsql_do("postgres", "ALTER SYSTEM RESET synchronous_standby_names");
    pgsql_do("postgres", "SELECT pg_reload_conf()");
    ck_assert_int_eq(result, BYO_STORE_UNKNOWN);
    ck_assert_int_eq(outcome(store), BYO_STORE_OK);
    ck_kept(store, turns);
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    ck_kept(store, turns + 1);
}
END_TEST

/* The session is ended while the COMMIT is at work. */
START_TEST(a_commit_without_an_answer_was_not_kept)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    pgsql_do(pgsql_name,
             "CREATE FUNCTION byobox.wait() RETURNS trigger LANGUAGE plpgsql AS"
             " 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';"
             "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON byobox.turn DEFERRABLE INITIALLY DEFERRED"
             " FOR EACH ROW EXECUTE FUNCTION byobox.wait()");
    pid_t other = end_when("wait_event = 'PgSleep'");
    ck_assert_int_eq(turn(store), BYO_STORE_UNKNOWN);
    waitpid(other, NULL, 0);
    pgsql_do(pgsql_name, "DROP TRIGGER wait ON byobox.turn");
    ck_assert_int_eq(outcome(store), BYO_STORE_IO);
    ck_kept(store, 1);
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    ck_kept(store, 2);
}
END_TEST

/* Another process of its name. */
START_TEST(another_was_active_meanwhile)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    end_session();
    ByoStore *other = must_open();
    ck_assert_int_eq(turn(other), BYO_STORE_OK);
    ck_kept(other, 2);
    byo_store_close(other);
    ck_stale("another byobox was active");
    byo_store_close(store);
    store = must_open();
    ck_kept(store, 2);
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    ck_kept(store, 3);
}
END_TEST

/* As after the failover to a standby that lagged. */
START_TEST(the_database_went_back)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    end_session();
    pgsql_do(pgsql_name, "UPDATE byobox.turn SET turn = turn - 1");
    ck_stale("went back");
}
END_TEST

/* It is there as long as it makes turns, and empty ones will do. */
START_TEST(a_second_process_of_a_name_is_told_who_the_first_is)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    int status = 0;
    pid_t other = fork();
    if (!other) {
        char host[256] = "";
        gethostname(host, sizeof host - 1);
        bool told = !open_as("n1", &result, &why) && result == BYO_STORE_IO && strstr(why, "node-id = n1") &&
                    strstr(why, host);
        _exit(told ? 0 : 1);
    }
    while (waitpid(other, &status, WNOHANG) == 0) {
        byo_store_begin(store);
        ck_assert_msg(byo_store_commit(store) == BYO_STORE_OK, "%s", byo_store_error(store));
        usleep(20000);
    }
    ck_assert_int_eq(status, 0);
    ByoStore *reader = byo_store_open_reader(&at, &result, &why);
    ck_assert_ptr_nonnull(reader);
    byo_store_close(reader);
}
END_TEST

/* -- nodes ---------------------------------------------------------------------------------------- */

START_TEST(a_node_keeps_its_slot_for_a_day)
{
    ByoStoreResult result;
    char node[16], *why;
    for (int n = 1; n <= 8; n++) {
        byo_store_close(store);
        snprintf(node, sizeof node, "n%d", n);
        store = must_open_as(node);
        ck_assert_int_eq(slot(store), n - 1);
    }
    byo_store_close(store);
    store = must_open_as("n3");
    ck_assert_int_eq(slot(store), 2);
    byo_store_close(store);
    store = open_as("n9", &result, &why);
    ck_assert_ptr_null(store);
    ck_assert_msg(strstr(why, "8 nodes") && strstr(why, "n1, n2, n3"), "%s", why);
    free(why);
    pgsql_do(pgsql_name, "UPDATE byobox.node SET seen = seen - 1000 * 26 * 3600 WHERE node IN ('n5', 'n6')");
    pgsql_do(pgsql_name, "UPDATE byobox.node SET seen = seen - 3600000 WHERE node = 'n6'");
    store = must_open_as("n9");
    ck_assert_int_eq(slot(store), 5);
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
}
END_TEST

static void raise_epoch(void)
{
    pgsql_do(pgsql_name, "UPDATE byobox.node SET epoch = epoch + 1");
}

/* Its session is still there: what it begins, and what it had begun. */
START_TEST(a_turn_under_an_epoch_that_is_over_keeps_nothing)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    ck_assert(byo_store_leased(store));
    byo_store_begin(store);
    add(store, BYO_SEG_QUEUED);
    byo_store_message(store, 256, &(ByoMessageRow){0}); /* all of it is there by now */
    raise_epoch();
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_IO);
    ck_stale("another byobox was active");
    ck_kept(store, 1);
}
END_TEST

/* The one who takes over waits for what is on the way. */
START_TEST(a_turn_holds_its_slot)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    byo_store_begin(store);
    add(store, BYO_SEG_QUEUED);
    byo_store_message(store, 256, &(ByoMessageRow){0});
    ck_assert_int_eq(pgsql_number("SELECT pg_try_advisory_xact_lock(1113149250, 16)::int"), 0);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_eq(pgsql_number("SELECT pg_try_advisory_xact_lock(1113149250, 16)::int"), 1);
}
END_TEST

START_TEST(a_role_that_may_not_is_told_which_file_to_run)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    byo_store_close(store);
    pgsql_do(pgsql_name, "DROP SCHEMA byobox CASCADE");
    pgsql_do("postgres",
             "DO $$ BEGIN CREATE ROLE byo_low LOGIN; EXCEPTION WHEN duplicate_object THEN END $$");
    at.pgsql.username = "byo_low";
    store = byo_store_open(&at, &result, &why);
    ck_assert_ptr_null(store);
    ck_assert_int_eq(result, BYO_STORE_READONLY);
    ck_assert_msg(strstr(why, "/0001.sql") && strstr(why, "GRANT"), "%s", why);
    free(why);
}
END_TEST

START_TEST(a_newer_store_is_refused)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    byo_store_close(store);
    pgsql_do(pgsql_name, "UPDATE byobox.version SET n = 1000");
    store = byo_store_open(&at, &result, &why);
    ck_assert_ptr_null(store);
    ck_assert_int_eq(result, BYO_STORE_NEWER);
    free(why);
}
END_TEST

START_TEST(no_sentence_has_the_password)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    at.pgsql.password = "s3cret-word";
    at.pgsql.database = "s3cret-word";
    ck_assert_ptr_null(byo_store_open_reader(&at, &result, &why));
    char *colon = strchr(why, ' '); /* the place is as the operator wrote it */
    ck_assert_msg(colon && !strstr(colon, "s3cret-word"), "%s", why);
    free(why);
}
END_TEST

START_TEST(texts_of_strangers_are_kept_as_they_are)
{
    byo_store_begin(store);
    ByoId id = byo_store_new_id(store, NOW);
    ByoMessageRow m = {.id = id,
                       .integration = S("carrier-a"),
                       .recipient = byo_strn("\xff\0x", 3),
                       .uuid = S("no uuid"),
                       .created = NOW,
                       .named = true,
                       .box = byo_strn("\xfe", 1),
                       .verdict = {.code = 3,
                                   .description = byo_strn("\0", 1),
                                   .carrier_code = byo_strn("\xc0", 1)},
                       .frame = S("f")},
                  got;
    byo_store_message_add(store, &m, NULL, 0);
    ck_assert_msg(byo_store_commit(store) == BYO_STORE_OK, "%s", byo_store_error(store));
    ck_assert_int_eq(byo_store_message(store, id, &got), BYO_STORE_OK);
    ck_assert(byo_str_eq(got.recipient, m.recipient) && byo_str_eq(got.uuid, m.uuid) &&
              byo_str_eq(got.box, m.box));
    ck_assert(byo_str_eq(got.verdict.description, m.verdict.description));
    ck_assert_int_eq(byo_store_count_state(store, byo_strn("\xff\0", 2), BYO_SEG_QUEUED), 0);
    ByoForeign found[1];
    ck_assert_int_eq(byo_store_by_id(store, byo_strn("\xff\0", 2), S("x"), found, 1), 0);
    ck_assert_int_eq(byo_store_read_fault(store), BYO_STORE_OK);
}
END_TEST

static ByoId add_inward(const char *box)
{
    byo_store_begin(store);
    ByoInwardRow row = {
        .id = byo_store_inward_id(store, true, S(box), NOW), .named = true, .box = S(box), .frame = S("f")};
    byo_store_inward_add(store, &row);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    return row.id;
}

/* They come from peers. */
START_TEST(names_nothing_waits_for_do_not_pile_up)
{
    static const char counts[] = "SELECT count(*) FROM byobox.counter WHERE name = 'fleeting'";
    for (int i = 0; i < 2; i++) { /* the second time as the first */
        ByoId id = add_inward("fleeting");
        ck_assert_int_eq(pgsql_number(counts), 1);
        byo_store_begin(store);
        byo_store_inward_remove(store, id);
        ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
        while (pgsql_number(counts) > 0) { /* as soon as all others saw that it is 0 */
            empty_turn(store);
            usleep(50000);
        }
    }
    add_inward("fleeting");
    byo_store_close(store);
    store = must_open();
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("fleeting")), 1);
    ck_assert_int_eq(byo_store_inward_destinations(store), 1);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_test(t, rows_of_a_turn_are_one_write);
    tcase_add_test(t, a_session_lost_before_the_commit_keeps_nothing);
    tcase_add_test(t, a_lost_session_fails_a_turn_at_its_begin);
    tcase_add_test(t, a_commit_without_an_answer_was_kept);
    tcase_add_test(t, a_commit_without_an_answer_was_not_kept);
    tcase_add_test(t, another_was_active_meanwhile);
    tcase_add_test(t, the_database_went_back);
    tcase_add_test(t, a_second_process_of_a_name_is_told_who_the_first_is);
    tcase_add_test(t, a_node_keeps_its_slot_for_a_day);
    tcase_add_test(t, a_turn_under_an_epoch_that_is_over_keeps_nothing);
    tcase_add_test(t, a_turn_holds_its_slot);
    tcase_add_test(t, a_role_that_may_not_is_told_which_file_to_run);
    tcase_add_test(t, a_newer_store_is_refused);
    tcase_add_test(t, no_sentence_has_the_password);
    tcase_add_test(t, texts_of_strangers_are_kept_as_they_are);
    tcase_add_test(t, names_nothing_waits_for_do_not_pile_up);
}

int main(void)
{
    return pgsql_run_suite("pgsql", all);
}
