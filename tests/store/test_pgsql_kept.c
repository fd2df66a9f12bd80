/* SPDX-License-Identifier: BSD-3-Clause
 * What stays in a database of several byoboxes, and what goes: counts of names, integrations and the mark that one is deleted, the
 * tables of the version before. */
#include "../unit/tree.h"
#include "pgsql_fixture.h"

#include "store/pgsql/pgsql.h"

static void ck_waits(ByoStore *s, int64_t n)
{
    ck_assert_int_eq(byo_store_inward_waiting(s, true, S("app")), n);
    ck_assert_int_eq(byo_store_inward_destinations(s), n ? 1 : 0);
    ck_assert_int_eq(byo_store_inward_count(s), n);
}

static ByoId add_inward(ByoStore *s)
{
    ByoInwardRow row = {.named = true, .box = S("app"), .frame = S("f")};
    byo_store_begin(s);
    row.id = byo_store_inward_id(s, true, row.box, NOW);
    byo_store_inward_add(s, &row);
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
    return row.id;
}

static void remove_inward(ByoStore *s, ByoId id)
{
    byo_store_begin(s);
    byo_store_inward_remove(s, id);
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
}

/* Its row goes at last: who did not look in between knows it all the same. */
START_TEST(a_count_that_is_0_is_known_to_all)
{
    static const char rows[] = "SELECT count(*) FROM byobox.counter WHERE name = 'app'";
    ByoStore *other = must_open_as("n2");
    for (int looks = 0; looks < 2; looks++) {
        look_at_others(other);
        ByoId id = add_inward(store);
        look_at_others(other);
        ck_waits(other, 1);
        remove_inward(store, id);
        if (looks) {
            look_at_others(other);
            ck_waits(other, 0);
        }
        while (pgsql_number(rows) > 0) {
            empty_turn(store);
            if (looks)
                look_at_others(other);
            usleep(50000);
        }
        look_at_others(other);
        ck_waits(other, 0);
    }
    byo_store_close(other);
}
END_TEST

/* Changed at one, told to the others; the mark that it is deleted goes with the last that saw it. */
START_TEST(an_integration_is_wanted_by_all_and_has_a_state_at_each)
{
    ByoStore *other = must_open_as("n2");
    ByoIntegrationRow i = {
        .id = S("carrier-a"), .wanted = true, .state = S("active"), .reason = S(""), .applied = S("")};
    ByoStore *both[] = {store, other};
    for (int n = 0; n < 2; n++) {
        byo_store_begin(both[n]);
        byo_store_integration_seen(both[n], &i);
        ck_assert_int_eq(byo_store_commit(both[n]), BYO_STORE_OK);
        i.wanted = false; /* says nothing the second time */
        i.state = S("error");
    }
    ByoIntegrationRow got;
    ck_assert_int_eq(byo_store_integration(store, S("carrier-a"), &got), BYO_STORE_OK);
    ck_assert(got.wanted && byo_str_is(got.state, "active"));
    i.deleted = true;
    byo_store_begin(store);
    byo_store_integration_put(store, &i);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    Told told = look_at_others(other);
    ck_assert_int_eq(told.of[BYO_CHANGE_INTEGRATION], 1);
    byo_store_begin(store);
    byo_store_integration_forget(store, S("carrier-a"));
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_integration(other, S("carrier-a"), &got), BYO_STORE_OK);
    ck_assert(got.deleted);
    byo_store_begin(other);
    byo_store_integration_forget(other, S("carrier-a"));
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_integration(other, S("carrier-a"), &got), BYO_STORE_NONE);
    byo_store_close(other);
}
END_TEST

static void note_seen(void *arg, const ByoIntegrationSeen *i)
{
    byo_buf_addf(arg, "%.*s %.*s%s %.*s %.*s %d/%d %.*s\n", BYO_PF(i->is.id), BYO_PF(i->node),
                 i->there ? "" : " (gone)", BYO_PF(i->is.state), BYO_PF(i->is.reason), (int)i->is.online,
                 (int)i->is.binds, BYO_PF(i->is.applied));
}

/* Each knows what it is at all of them. */
START_TEST(what_an_integration_is_at_each_node)
{
    ByoStore *other = must_open_as("n2");
    ByoIntegrationRow i = {.id = S("carrier-a"),
                           .wanted = true,
                           .state = S("active"),
                           .reason = S(""),
                           .since = NOW,
                           .applied = S("00c0ffee"),
                           .binds = 2,
                           .online = 1};
    byo_store_begin(store);
    byo_store_integration_put(store, &i);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    i.state = S("error");
    i.reason = S("not-bound");
    i.applied = S("decaf");
    i.online = -1;
    byo_store_begin(other);
    byo_store_integration_seen(other, &i);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    ByoBuf said = {0};
    byo_store_integrations_seen(store, note_seen, &said);
    ck_assert_str_eq(said.p, "carrier-a n1 active  1/2 00c0ffee\n"
                             "carrier-a n2 error not-bound -1/2 decaf\n");
    byo_buf_clear(&said);
    byo_store_close(other);
    byo_store_integrations_seen(store, note_seen, &said);
    ck_assert_str_eq(said.p, "carrier-a n1 active  1/2 00c0ffee\n"
                             "carrier-a n2 (gone) error not-bound -1/2 decaf\n");
    byo_buf_free(&said);
}
END_TEST

static const char *policy_of(ByoStore *s, const char *node)
{
    static ByoNode nodes[BYO_SLOTS];
    look_at_others(s);
    for (size_t n = byo_store_nodes(s, nodes); n > 0; n--)
        if (strcmp(nodes[n - 1].name, node) == 0)
            return nodes[n - 1].policy;
    return "no such node";
}

/* Each is told what the others work by, also what they said before it came. */
START_TEST(what_a_node_works_by_is_known_to_the_others)
{
    byo_store_begin(store);
    byo_store_node_policy(store, S("00c0ffee"));
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ByoStore *other = must_open_as("n2");
    ck_assert_str_eq(policy_of(other, "n1"), "00c0ffee");
    ck_assert_str_eq(policy_of(store, "n2"), "");
    byo_store_begin(other);
    byo_store_node_policy(other, S("decaf"));
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    ck_assert_str_eq(policy_of(store, "n2"), "decaf");
    byo_store_close(other);
}
END_TEST

/* One node added what the other took away: neither row stays, and what is counted is right all the time. */
START_TEST(counts_of_two_that_are_0_together_go)
{
    static const char rows[] = "SELECT count(*) FROM byobox.counter WHERE name = 'app'";
    ByoStore *other = must_open_as("n2");
    ByoId id = add_inward(store);
    look_at_others(other);
    remove_inward(other, id);
    while (pgsql_number(rows) > 0) {
        look_at_others(store);
        look_at_others(other);
        ck_waits(store, 0);
        ck_waits(other, 0);
    }
    id = add_inward(other);
    look_at_others(store);
    ck_waits(store, 1);
    ck_waits(other, 1);
    byo_store_close(other);
}
END_TEST

/* What one added and another, which is gone, took away stays as it is: else what comes later would not be seen. */
START_TEST(nothing_is_given_to_the_count_of_a_node_that_is_gone)
{
    ByoStore *other = must_open_as("n2");
    ByoId id = add_inward(store);
    look_at_others(other);
    remove_inward(other, id);
    byo_store_close(other);
    ByoInwardRow row = {.named = true, .box = S("later"), .frame = S("f")};
    byo_store_begin(store);
    row.id = byo_store_inward_id(store, true, row.box, NOW);
    byo_store_inward_add(store, &row);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    remove_inward(store, row.id);
    while (pgsql_number("SELECT count(*) FROM byobox.counter WHERE name = 'later'"))
        look_at_others(store); /* it goes when the other could have been given */
    add_inward(store);
    ck_waits(store, 1);
}
END_TEST

/* It died before it took it. */
START_TEST(what_was_given_to_a_node_that_is_gone_is_whose_rows_it_has)
{
    ByoStore *other = must_open_as("n2");
    ByoId id = add_inward(store);
    look_at_others(other);
    remove_inward(other, id);
    byo_store_close(other);
    byo_store_close(store);
    pgsql_do(pgsql_name, "INSERT INTO byobox.counter (kind, name, slot, turn, n)"
                         " SELECT kind, name, 1, -1, 1 FROM byobox.counter WHERE slot = 0 AND name = 'app';"
                         "DELETE FROM byobox.counter WHERE slot = 0 AND name = 'app'");
    store = must_open();
    while (pgsql_number("SELECT count(*) FROM byobox.counter WHERE turn < 0"))
        look_at_others(store);
    add_inward(store);
    ck_waits(store, 1);
}
END_TEST

/* One that is erased at another node, while a smsbox of this one has it, is counted once. */
START_TEST(a_row_two_nodes_remove_is_counted_once)
{
    ByoStore *other = must_open_as("n2");
    ByoInwardRow row = {.named = true, .box = S("app"), .frame = S("f"), .given = true};
    byo_store_begin(store);
    row.id = byo_store_inward_id(store, true, row.box, NOW);
    byo_store_inward_add(store, &row);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    remove_inward(other, row.id);
    byo_store_begin(store);
    byo_store_inward_remove(store, row.id);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_AGAIN);
    remove_inward(store, row.id);
    add_inward(store);
    look_at_others(store);
    look_at_others(other);
    ck_waits(store, 1);
    ck_waits(other, 1);
    byo_store_close(other);
}
END_TEST

/* Looked for by every node in every minute, for each slot nobody has: what waits for smsboxes is not gone through. */
START_TEST(what_a_gone_node_had_inward_is_looked_for_in_the_index)
{
    static const char looked[] =
        "SELECT idx_blks_hit + idx_blks_read FROM pg_statio_user_tables WHERE relname = 'inward'";
    static const char sessions[] = "SELECT count(*) FROM pg_stat_activity"
                                   " WHERE datname = current_database() AND pid <> pg_backend_pid()";
    byo_store_close(store);
    pgsql_do(pgsql_name,
             "INSERT INTO byobox.inward (id, named, box, frame, slot)"
             " SELECT i * 256, true, 'app', 'f', CASE WHEN i = 1 THEN 3 END FROM generate_series(1, 20000) i;"
             "INSERT INTO byobox.counter (kind, name, slot, turn, n) VALUES (3, '', 3, 1, 20000), (5, 'app', "
             "3, 1, 20000)");
    while (pgsql_number(sessions)) /* what it looked at is counted with its end */
        usleep(1000);
    int64_t before = pgsql_number(looked);
    store = must_open();
    for (Told told = {.last = ""}; !told.of[BYO_CHANGE_TAKEN];)
        told = look_at_others(store);
    byo_store_close(store);
    while (pgsql_number(sessions))
        usleep(1000);
    ck_assert_int_lt(pgsql_number(looked) - before, 100);
    ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.inward WHERE slot IS NOT NULL"), 0);
    store = must_open();
}
END_TEST

static ByoId tell_event(ByoStore *s, ByoTime now)
{
    ByoEventRow e = {.definition = S("BYO-0605"), .name = S("started"), .time = now};
    return byo_store_event_add(s, &e, now);
}

/* Who follows by ids was given all up to there. */
START_TEST(ids_go_on_behind_what_was_told_before_a_start)
{
    byo_store_begin(store);
    ByoId told = tell_event(store, NOW + 1000);
    byo_store_rollback(store);
    byo_store_close(store); /* with a turn */
    store = must_open();
    byo_store_begin(store);
    ck_assert_int_gt(tell_event(store, NOW), told);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
}
END_TEST

static void away_for_a_day(const char *node)
{
    char sql[128];
    snprintf(sql, sizeof sql, "UPDATE byobox.node SET seen = seen - 26 * 3600000 WHERE node = '%s'", node);
    pgsql_do(pgsql_name, sql);
}

/* Then the mark goes; if it comes back the integration is a deleted one there, until it loads without it. Its place may
 * be given to another one, for which it is a new one. */
START_TEST(a_deleted_integration_does_not_wait_for_a_node_that_is_away_for_a_day)
{
    static const char *const names[] = {"n3", "n4", "n5", "n6", "n7", "n8"};
    ByoStore *other = must_open_as("n2");
    ByoIntegrationRow got,
        i = {.id = S("carrier-a"), .wanted = true, .state = S("active"), .reason = S(""), .applied = S("")};
    byo_store_begin(other);
    byo_store_integration_seen(other, &i);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    byo_store_close(other);
    i.deleted = true;
    i.wanted = false;
    byo_store_begin(store);
    byo_store_integration_put(store, &i);
    byo_store_integration_forget(store, i.id);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_integration(store, i.id, &got), BYO_STORE_OK);
    away_for_a_day("n2");
    byo_store_begin(store);
    byo_store_integration_forget(store, i.id);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_integration(store, i.id, &got), BYO_STORE_NONE);
    other = must_open_as("n2");
    ck_assert_int_eq(byo_store_integration(other, i.id, &got), BYO_STORE_OK);
    ck_assert(got.deleted && !got.wanted);
    byo_store_close(other);
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        byo_store_close(must_open_as(names[n]));
    away_for_a_day("n2");
    other = must_open_as("n9");
    ck_assert_int_eq(slot(other), 1);
    ck_assert_int_eq(byo_store_integration(other, i.id, &got), BYO_STORE_NONE);
    byo_store_close(other);
}
END_TEST

/* A session as a byobox of version 1 has it, the second node in the database. */
static PGconn *of_version_1(void)
{
    char *conninfo = byo_printf("%s dbname=%s", getenv("BYO_TEST_PGSQL"), pgsql_name);
    PGconn *c = PQconnectdb(conninfo);
    PQclear(PQexec(c, "SELECT pg_advisory_lock(1113149250, 1)"));
    PQclear(PQexec(c, "UPDATE byobox.node SET backend = pg_backend_pid() WHERE node = 'n1'"));
    free(conninfo);
    return c;
}

static void make_version_1(void)
{
    char *tables = tree_read("plugin/store/schema/pgsql/0001.sql");
    pgsql_do(pgsql_name, "DROP SCHEMA byobox CASCADE");
    pgsql_do(pgsql_name, tables);
    free(tables);
    pgsql_do(
        pgsql_name,
        "SET search_path = byobox;"
        "INSERT INTO node VALUES ('n0', 0, 3, 'h0', 0, 1, 9), ('n1', 1, 7, 'h1', 0, 1, 5);"
        "INSERT INTO turn VALUES ('n0', 40), ('n1', 41);"
        "INSERT INTO counter VALUES (0, 'carrier-a', 40, 3), (0, 'carrier-a', 41, 2), (1, 'carrier-a', 39, "
        "1),"
        " (3, '', 41, 1), (5, 'app', 41, 1);"
        "INSERT INTO message (id, created, ended, expires, recipient_hash, state, segments, accepted, "
        "delivered,"
        " failed, reported, settled, reports, mask, coding, data_coding, dcs, keyword, integration, frame)"
        " SELECT i * 256, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 'carrier-a', 'f'"
        " FROM generate_series(1, 3) i;"
        "INSERT INTO segment (id, due, first_handed, handed, ended, state, tries, flags, integration, "
        "payload)"
        " SELECT i * 256 + 1, i, 0, 0, 0, i / 3, 0, 0, 'carrier-a', 'p' FROM generate_series(1, 3) i;"
        "INSERT INTO inward VALUES (1, true, 'app', 'f');"
        "INSERT INTO integration_state VALUES ('carrier-a', true, false, 'active', NULL, 5, NULL)");
}

/* One that is there is waited for; what it left is its node's, and all is counted. */
START_TEST(what_the_version_of_one_active_byobox_left_is_brought_up)
{
    ByoStoreResult result;
    char *why;
    ByoId ids[4];
    ByoIntegrationRow got;
    byo_store_close(store);
    make_version_1();
    PGconn *older = of_version_1();
    store = open_as("n2", &result, &why);
    ck_assert_ptr_null(store);
    ck_assert_msg(strstr(why, "node-id = n1 at the host h1") != NULL, "%s", why);
    free(why);
    ck_assert_int_eq(pgsql_number("SELECT n FROM byobox.version"), 1);
    PQfinish(older);
    store = must_open();
    ck_assert_int_eq(pgsql_number("SELECT n FROM byobox.version"), byo_pgsql_schema_version);
    ck_assert_int_eq(slot(store), 1);
    ck_kept(store, 2);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_HANDED), 1);
    ck_waits(store, 1);
    ck_assert_int_eq(byo_store_integration(store, S("carrier-a"), &got), BYO_STORE_OK);
    ck_assert(got.wanted && !got.deleted);
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), NOW, ids, 4), 2);
    ck_assert_int_eq(byo_store_timers_claim(store, NOW, ids, 4), 1);
    byo_store_rollback(store);
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    ck_kept(store, 3);
    ck_assert_int_eq(pgsql_number("SELECT max(turn) FROM byobox.turn WHERE slot = 1"), 42);
    /* One of version 1 finds that somebody is there. */
    ck_assert_int_eq(pgsql_number("SELECT pg_try_advisory_lock(1113149250, 1)::int"), 0);
    ByoStore *other = must_open_as("n0");
    ck_assert_int_eq(slot(other), 0);
    look_at_others(other);
    ck_kept(other, 3);
    byo_store_close(other);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_test(t, a_count_that_is_0_is_known_to_all);
    tcase_add_test(t, an_integration_is_wanted_by_all_and_has_a_state_at_each);
    tcase_add_test(t, what_an_integration_is_at_each_node);
    tcase_add_test(t, what_a_node_works_by_is_known_to_the_others);
    tcase_add_test(t, counts_of_two_that_are_0_together_go);
    tcase_add_test(t, nothing_is_given_to_the_count_of_a_node_that_is_gone);
    tcase_add_test(t, what_was_given_to_a_node_that_is_gone_is_whose_rows_it_has);
    tcase_add_test(t, a_row_two_nodes_remove_is_counted_once);
    tcase_add_test(t, what_a_gone_node_had_inward_is_looked_for_in_the_index);
    tcase_add_test(t, ids_go_on_behind_what_was_told_before_a_start);
    tcase_add_test(t, a_deleted_integration_does_not_wait_for_a_node_that_is_away_for_a_day);
    tcase_add_test(t, what_the_version_of_one_active_byobox_left_is_brought_up);
}

int main(void)
{
    return pgsql_run_suite("pgsql, kept", all);
}
