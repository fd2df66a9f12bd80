/* SPDX-License-Identifier: BSD-3-Clause
 * Where there are no days, or not all that there should be: roles, faults, other versions (pgsql_days.c, pgsql_parts.c).
 *
 *     a role that may not make tables ............................. as without days, with one warning
 *     a day without partitions, one that vanished ................. stays among the open; goes row by row
 *     a role that is a member of their owner ...................... makes them for that one
 *     a role that is not, and may use them ........................ erases in them
 *     a fault that passes ......................................... is told while it lasts
 *     no session, no version to be read ........................... is told; the days that are known stay
 *     tables of another version ................................... are left alone
 *     kept for less than a day .................................... row by row
 *     ended before version 4 ...................................... row by row
 */
#include "../unit/tree.h"
#include "pgsql_over.h"
#include "store/pgsql/pgsql.h"

static void ck_purged_by_rows(ByoId id)
{
    ByoMessageRow m;
    ByoTime then = now;
    now += 2 * RETENTION;
    purge(store);
    now = then;
    ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_NONE);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_any"), 0);
}

START_TEST(a_role_that_may_not_make_tables_works_without_days)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why, text[256];
    now = byo_now();
    ck_assert(!strstr(warning(text), "may not make tables"));
    byo_store_close(store);
    pgsql_do("postgres",
             "DO $$ BEGIN CREATE ROLE byo_days LOGIN; EXCEPTION WHEN duplicate_object THEN END $$");
    pgsql_do(pgsql_name,
             "DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r'"
             " AND relname ~ '_[0-9]{8}$' LOOP EXECUTE 'DROP TABLE byobox.' || t; END LOOP; END $$;"
             "GRANT USAGE ON SCHEMA byobox TO byo_days;"
             "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA byobox TO byo_days");
    at.pgsql.username = "byo_days";
    store = byo_store_open(&at, &result, &why);
    ck_assert_msg(store != NULL, "%s", why);
    opened(store);
    ck_assert(strstr(warning(text), "may not make tables") != NULL);
    ByoId id = over_at(store, now, 2);
    ck_lies(id, 2, false, now);
    ck_purged_by_rows(id);
    ck_assert_int_eq(days(), 0);
    ck_assert_int_eq(byo_store_read_fault(store), BYO_STORE_OK);
}
END_TEST

static ByoStore *opened_as(const char *role)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    at.pgsql.username = role;
    ByoStore *s = byo_store_open(&at, &result, &why);
    ck_assert_msg(s != NULL, "%s", why);
    return opened(s);
}

/* No days yet. byo_member is a member of the owner, byo_days is not; both may use all. */
static void with_an_owner(void)
{
    byo_store_close(store);
    pgsql_do("postgres",
             "DO $$ BEGIN CREATE ROLE byo_owner; EXCEPTION WHEN duplicate_object THEN END $$;"
             "DO $$ BEGIN CREATE ROLE byo_member LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
             "DO $$ BEGIN CREATE ROLE byo_days LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;"
             "GRANT byo_owner TO byo_member");
    pgsql_do(pgsql_name, "DROP SCHEMA byobox CASCADE");
    byo_store_close(must_open());
    pgsql_do(pgsql_name,
             "GRANT USAGE ON SCHEMA byobox TO byo_member, byo_days;"
             "GRANT USAGE, CREATE ON SCHEMA byobox TO byo_owner;"
             "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA byobox TO byo_member, byo_days;"
             "ALTER TABLE byobox.message_over OWNER TO byo_owner;"
             "ALTER TABLE byobox.segment_over OWNER TO byo_owner");
}

/* Two nodes may have roles of their own: either may drop what the other made. */
START_TEST(partitions_belong_to_whom_their_tables_belong_to)
{
    with_an_owner();
    store = opened_as("byo_member");
    ck_assert_int_eq(parts(), 8);
    ck_assert_int_eq(number("SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'"
                            " AND relowner = 'byo_owner'::regrole"
                            " AND has_table_privilege('byo_member', oid, 'DELETE')"),
                     8);
    now = byo_now();
    ck_lies(over_at(store, now, 1), 1, true, now);
}
END_TEST

/* It names the table, not its parent. */
START_TEST(who_may_use_the_tables_erases_in_a_day_of_another_role)
{
    with_an_owner();
    store = opened_as("byo_member");
    now = byo_now();
    ByoId id = with_all(now);
    ck_lies(id, 2, true, now);
    byo_store_close(store);
    store = opened_as("byo_days");
    mark(now);
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_event_forget(store, S("12025550123")), 0);
    commit_it(store);
    ck_hangs(id, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_any"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_any"), 0);
}
END_TEST

/* No session; then one that cannot read which version the tables have. */
START_TEST(a_thread_that_cannot_look_says_so)
{
    with_old_day();
    int64_t made = days();
    int today = byo_pg_day(now);
    char *sql = byo_printf("ALTER DATABASE %s ALLOW_CONNECTIONS false", pgsql_name);
    if (_i)
        pgsql_do(pgsql_name, "ALTER TABLE byobox.version RENAME TO elsewhere");
    else
        pgsql_do("postgres", sql);
    free(sql);
    purge_until_told(_i ? "byobox.version" : "not currently accepting connections", true);
    ck_assert(byo_pg_days_have(store, today));
    sql = byo_printf("ALTER DATABASE %s ALLOW_CONNECTIONS true", pgsql_name);
    pgsql_do("postgres", sql);
    free(sql);
    ck_assert_int_eq(days(), made);
    if (_i)
        pgsql_do(pgsql_name, "ALTER TABLE byobox.elsewhere RENAME TO version");
    purge_until_days(made - 2);
    purge_until_told(_i ? "byobox.version" : "not currently accepting connections", false);
}
END_TEST

/* It is told, and not for longer than it lasts. */
START_TEST(a_fault_that_passes_is_told_no_more)
{
    char text[256];
    with_old_day();
    detach(now + 3 * BYO_DAY, "message", true);
    pgsql_do(pgsql_name, "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS"
                         " $$ BEGIN RAISE EXCEPTION 'not now'; END $$;"
                         "CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('CREATE TABLE')"
                         " EXECUTE FUNCTION no()");
    usleep(1100000);
    purge(store);
    settled(store);
    ck_assert(strstr(warning(text), "not now") != NULL);
    ck_assert_int_eq(parts(), 7); /* what is too old went all the same */
    pgsql_do(pgsql_name, "DROP EVENT TRIGGER no");
    usleep(1100000);
    purge(store);
    settled(store);
    ck_assert(!strstr(warning(text), "not now"));
    ck_assert_int_eq(parts(), 8);
}
END_TEST

/* A byobox of a later version was there before the thread was. */
START_TEST(tables_of_another_version_are_left_alone)
{
    with_old_day();
    int64_t made = days();
    pgsql_do(pgsql_name, "UPDATE byobox.version SET n = n + 1");
    usleep(1100000);
    purge(store);
    ck_assert_ptr_nonnull(store->tend);
    settled(store);
    ck_assert_int_eq(days(), made);
    pgsql_do(pgsql_name, "UPDATE byobox.version SET n = n - 1");
    purge_until_days(made - 2);
}
END_TEST

START_TEST(what_is_kept_for_less_than_a_day_goes_row_by_row)
{
    ByoPurgePlace at = {0};
    ByoMessageRow m;
    for (int i = 0; i < 2; i++) {
        byo_store_begin(store);
        byo_store_purge(store, byo_now() - BYO_MINUTE, now - RETENTION, 500, &at);
        commit_it(store);
        now = byo_now() - (i ? 0 : BYO_HOUR);
        ByoId id = over_at(store, now, 2);
        ck_lies(id, 2, false, now);
        byo_store_begin(store);
        byo_store_purge(store, byo_now() - BYO_MINUTE, now - RETENTION, 500, &at);
        commit_it(store);
        ck_assert_int_eq(byo_store_message(store, id, &m), (i ? BYO_STORE_OK : BYO_STORE_NONE));
    }
}
END_TEST

/* Somebody made days for it, and does not drop them: rows go all the same. */
START_TEST(a_role_that_may_not_drop_a_day_removes_its_rows)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    with_old_day();
    ByoId old = with_all(now - LONG_AGO), young = with_all(now);
    byo_store_close(store);
    pgsql_do("postgres",
             "DO $$ BEGIN CREATE ROLE byo_days LOGIN; EXCEPTION WHEN duplicate_object THEN END $$");
    pgsql_do(pgsql_name, "GRANT USAGE ON SCHEMA byobox TO byo_days;"
                         "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA byobox TO byo_days");
    at.pgsql.username = "byo_days";
    store = byo_store_open(&at, &result, &why);
    ck_assert_msg(store != NULL, "%s", why);
    opened(store);
    int64_t made = days();
    for (int i = 0; i < 500 && number("SELECT count(*) FROM byobox.message_over") > 1; i++) {
        purge(store);
        usleep(20000);
    }
    ck_hangs(old, 0);
    ck_hangs(young, 1);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_any"), 2);
    ck_assert_int_eq(days(), made);
    ck_lies(over_at(store, now, 1), 1, true, now); /* it uses them */
}
END_TEST

START_TEST(what_ends_on_a_day_without_partitions_stays)
{
    with_old_day();
    ByoTime at = now - LONG_AGO + 3 * BYO_DAY;
    ByoId id = over_at(store, at, 2), moved = with_all(now);
    ck_lies(id, 2, false, at);
    ck_whole(store, id, 2, at);
    purge(store);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment"), 0);
    ck_hangs(moved, 1);
}
END_TEST

/* What hangs on one that is over lies between two that go row by row. */
START_TEST(rows_that_go_leave_those_between_them)
{
    with_old_day();
    ByoTime at = now - LONG_AGO;
    over_at(store, at - BYO_DAY, 1);
    ByoId id = byo_store_new_id(store, at - BYO_DAY + 1000);
    byo_store_begin(store);
    ByoMessageRow m = a_message(id, at, 1);
    ByoSegmentRow seg = {.id = id + 1,
                         .s.state = BYO_SEG_QUEUED,
                         .s.due = at,
                         .verdict.code = -1,
                         .udh = S("udh"),
                         .payload = S("payload")};
    byo_store_message_add(store, &m, &seg, 1);
    commit_it(store);
    over_at(store, at - BYO_DAY + 2000, 1);
    byo_store_begin(store);
    end_all(store, id, 1, now);
    byo_store_step_add(store, id, &(ByoPast){.kind = BYO_PAST_INTERIM, .time = at});
    commit_it(store);
    ck_lies(id, 1, true, now);
    purge(store);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_step"), 1);
}
END_TEST

START_TEST(a_day_that_vanished_is_no_more_moved_to)
{
    now = byo_now();
    ByoId id = added(store, now, 1);
    pgsql_do(pgsql_name,
             "DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r'"
             " AND relname ~ '_[0-9]{8}$' LOOP EXECUTE 'DROP TABLE byobox.' || t; END LOOP; END $$");
    byo_store_begin(store);
    end_all(store, id, 1, now);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_AGAIN);
    byo_store_begin(store);
    end_all(store, id, 1, now);
    commit_it(store);
    ck_lies(id, 1, false, now);
    purge_until_days(8); /* today's and the next ones are made anew */
    purge(store);
    for (int i = 0; i < 100 && number("SELECT count(*) FROM byobox.message_over") == 0; i++) {
        purge(store);
        over_at(store, now, 1);
        usleep(20000);
    }
    ck_assert_int_gt(number("SELECT count(*) FROM byobox.message_over"), 0);
}
END_TEST

START_TEST(what_ended_before_version_4_stays_and_goes_by_rows)
{
    byo_store_close(store);
    pgsql_do(pgsql_name, "DROP SCHEMA byobox CASCADE");
    for (int n = 1; n <= 3; n++) {
        char name[64];
        snprintf(name, sizeof name, "plugin/store/schema/pgsql/%04d.sql", n);
        char *tables = tree_read(name), *one = byo_printf("BEGIN; %s COMMIT", tables);
        pgsql_do(pgsql_name, one);
        free(one);
        free(tables);
    }
    now = byo_now();
    char *sql = byo_printf("SET search_path = byobox; INSERT INTO message (id, created, ended, expires, "
                           "recipient_hash, state, segments,"
                           " accepted, delivered, failed, reported, settled, reports, mask, coding, "
                           "data_coding, dcs, keyword, integration,"
                           " recipient, frame) VALUES (256, 1, %lld, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, -1, "
                           "0, 0, 'carrier-a', '+1', 'f');"
                           "INSERT INTO segment (id, due, first_handed, handed, ended, state, tries, flags, "
                           "integration, payload, slot)"
                           " VALUES (257, 0, 1, 1, %lld, 3, 1, 0, 'carrier-a', 'p', 0)",
                           (long long)now, (long long)now);
    pgsql_do(pgsql_name, sql);
    free(sql);
    store = opened(must_open());
    ck_assert_int_eq(number("SELECT n FROM byobox.version"), byo_pgsql_schema_version);
    ck_lies(256, 1, false, now);
    ck_assert_int_eq(searched((ByoMessageFilter){.state = -1}), 256);
    ck_purged_by_rows(256);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_checked_fixture(t, begin, NULL);
    tcase_add_test(t, a_role_that_may_not_make_tables_works_without_days);
    tcase_add_test(t, partitions_belong_to_whom_their_tables_belong_to);
    tcase_add_test(t, who_may_use_the_tables_erases_in_a_day_of_another_role);
    tcase_add_loop_test(t, a_thread_that_cannot_look_says_so, 0, 2);
    tcase_add_test(t, a_fault_that_passes_is_told_no_more);
    tcase_add_test(t, tables_of_another_version_are_left_alone);
    tcase_add_test(t, what_is_kept_for_less_than_a_day_goes_row_by_row);
    tcase_add_test(t, a_role_that_may_not_drop_a_day_removes_its_rows);
    tcase_add_test(t, what_ends_on_a_day_without_partitions_stays);
    tcase_add_test(t, rows_that_go_leave_those_between_them);
    tcase_add_test(t, a_day_that_vanished_is_no_more_moved_to);
    tcase_add_test(t, what_ended_before_version_4_stays_and_goes_by_rows);
}

int main(void)
{
    return pgsql_run_suite("pgsql, few days", all);
}
