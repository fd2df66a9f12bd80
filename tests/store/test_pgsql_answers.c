/* SPDX-License-Identifier: BSD-3-Clause
 * Answers that take their time or are refused. */
#include "pgsql_fixture.h"

#include "base/thread.h"

static void reopen_by(const char *username)
{
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    at.pgsql.username = username;
    byo_store_close(store);
    store = byo_store_open(&at, &result, &why);
    ck_assert_msg(store != NULL, "%s", why ? why : "no reason");
}

static void must_turn(void (*change)(ByoStore *s))
{
    byo_store_begin(store);
    change(store);
    ck_assert_msg(byo_store_commit(store) == BYO_STORE_OK, "%s", byo_store_error(store));
}

static void due_by(ByoStore *s)
{
    byo_store_handed_due_by(s, S("carrier-a"), 1, 1);
}

/* Longer than a silence may last. */
START_TEST(a_change_of_all_that_is_open_is_waited_for)
{
    pgsql_do(pgsql_name, "CREATE FUNCTION byobox.slow() RETURNS trigger LANGUAGE plpgsql AS"
                         " 'BEGIN PERFORM pg_sleep(10); RETURN NULL; END';"
                         "CREATE TRIGGER slow AFTER UPDATE ON byobox.segment EXECUTE FUNCTION byobox.slow()");
    must_turn(due_by);
}
END_TEST

/* A setting of so many pieces, each of which is sent when it is there. */
static void slow_setting(int pieces, const char *seconds)
{
    char sql[512];
    snprintf(
        sql, sizeof sql,
        "ALTER TABLE byobox.setting RENAME TO other; CREATE VIEW byobox.setting AS SELECT 'slow' AS name,"
        " convert_to(pg_sleep(%s)::text || repeat('x', 9000), 'UTF8') AS value FROM generate_series(1, %d)",
        seconds, pieces);
    pgsql_do(pgsql_name, sql);
}

static void must_read(void)
{
    ByoBuf value = {0};
    bool there = byo_store_setting(store, "slow", &value);
    ck_assert_int_eq(byo_store_read_fault(store), BYO_STORE_OK);
    ck_assert(there);
    byo_buf_free(&value);
}

START_TEST(an_answer_that_is_long_on_its_way_is_no_silence)
{
    slow_setting(50, "0.2");
    must_read();
}
END_TEST

static void count_long(void *arg, ByoTime ms)
{
    *(int *)arg += ms >= BYO_SECOND;
}

START_TEST(who_waits_for_a_long_answer_is_told)
{
    int told = 0;
    slow_setting(200, "0.02");
    byo_store_on_wait(store, count_long, &told);
    must_read();
    ck_assert_int_gt(told, 0);
}
END_TEST

static void look(ByoStore *s)
{
    ByoStoreCondition c;
    byo_store_condition(s, &c);
    ck_assert_int_eq(c.octets, -1);
}

START_TEST(a_right_that_is_missing_fails_no_turn)
{
    pgsql_do("postgres",
             "DO $$ BEGIN CREATE ROLE byo_low LOGIN; EXCEPTION WHEN duplicate_object THEN END $$");
    pgsql_do(pgsql_name, "GRANT USAGE ON SCHEMA byobox TO byo_low;"
                         "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA byobox TO byo_low;"
                         "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_database_size(name) FROM PUBLIC");
    reopen_by("byo_low");
    must_turn(look);
    pgsql_do(pgsql_name, "GRANT EXECUTE ON FUNCTION pg_catalog.pg_database_size(name) TO PUBLIC;"
                         "REVOKE SELECT ON pg_catalog.pg_stat_replication FROM PUBLIC");
    reopen_by("byo_low");
    must_turn(look);
}
END_TEST

/* What was not looked for is looked for in the next turn. */
START_TEST(a_turn_that_failed_looks_at_nothing)
{
    ByoStoreCondition c;
    byo_store_begin(store);
    end_session();
    byo_store_setting(store, "any", &(ByoBuf){0});
    ck_assert(byo_store_failed(store));
    byo_store_condition(store, &c);
    byo_store_rollback(store);
    do {
        byo_store_rollback(store);
        byo_store_begin(store);
    } while (byo_store_failed(store));
    byo_store_condition(store, &c);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_gt(c.octets, 0);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_test(t, a_change_of_all_that_is_open_is_waited_for);
    tcase_add_test(t, an_answer_that_is_long_on_its_way_is_no_silence);
    tcase_add_test(t, who_waits_for_a_long_answer_is_told);
    tcase_add_test(t, a_right_that_is_missing_fails_no_turn);
    tcase_add_test(t, a_turn_that_failed_looks_at_nothing);
}

int main(void)
{
    return pgsql_run_suite("pgsql-answers", all);
}
