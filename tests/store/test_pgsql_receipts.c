/* SPDX-License-Identifier: BSD-3-Clause
 * Receipts that come to another node than the one that has the segment, or its answer. */
#include "pgsql_fixture.h"

#include <pthread.h>

/* -- before the answer ---------------------------------------------------------------------------------- */

static void add_early_of(ByoStore *s, const char *id)
{
    byo_store_begin(s);
    byo_store_early_add(s, S("carrier-a"), (ByoStr[]){S(id), S("")}, S("receipt"), NOW);
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
}

static void add_early(ByoStore *s)
{
    add_early_of(s, "id-1");
}

/* As its answer does. The segment it was left for; 0: none was, -1: there is none. */
static ByoId take_early(ByoStore *s, const char *id)
{
    ByoBuf frame = {0};
    ByoEarlyAt at = {0};
    ByoMsgidForms forms = {0};
    byo_msgid_forms(S(id), &forms);
    ByoId found =
        byo_store_early_count(s) ? byo_store_early_next(s, S("carrier-a"), S(id), &forms, &at, &frame) : 0;
    if (found)
        byo_store_early_remove(s, found);
    byo_msgid_forms_free(&forms);
    byo_buf_free(&frame);
    return found ? at.segment : -1;
}

/* One was counted before its answer came, another one was taken before it was: together they are as many as none. */
START_TEST(a_receipt_that_was_counted_is_found_whatever_was_taken_since)
{
    ByoStore *other = must_open_as("n2");
    for (int turns = 1; turns <= 2; turns++) {
        byo_store_close(store);
        add_early_of(other, "counted");
        store = must_open();
        look_at_others(store);
        add_early_of(other, "not counted");
        byo_store_begin(store); /* now it reads which wait */
        ck_assert_int_eq(take_early(store, "not counted"), 0);
        if (turns == 2) {
            ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
            byo_store_begin(store);
        }
        ck_assert_int_eq(take_early(store, "counted"), 0);
        ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
        look_at_others(store);
        ck_assert_int_eq(byo_store_early_count(store), 0);
    }
    byo_store_close(other);
}
END_TEST

/* Has none, and nobody asked the database. */
static void ck_none(ByoStore *s, const char *id)
{
    const int64_t late = byo_store_late_reads(s);
    ck_assert_int_eq(take_early(s, id), -1);
    ck_assert_int_eq(byo_store_late_reads(s), late);
}

static void want_early(ByoStore *s, const char *id)
{
    byo_store_want(s, &(ByoWant){.kind = BYO_WANT_EARLY, .integration = S("carrier-a"), .text = S(id)}, 1);
}

/* Among those it asked for. */
static void ck_wanted(ByoStore *s, const char *id, ByoId found)
{
    const int64_t late = byo_store_late_reads(s);
    want_early(s, id);
    ck_assert_int_eq(take_early(s, id), found);
    ck_assert_int_eq(byo_store_late_reads(s), late);
}

/* Only an answer that may have a receipt asks for it; who is told of one, or left it itself, knows. */
START_TEST(which_answers_have_one_is_known)
{
    ByoStore *other = must_open_as("n2");
    add_early_of(other, "at the start");
    byo_store_close(store);
    store = must_open();
    byo_store_begin(store);
    want_early(store, "none"); /* all that wait are read */
    ck_none(store, "none");
    ck_wanted(store, "at the start", 0);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    add_early_of(other, "id-1");
    add_early_of(other, "NOT-YET"); /* in another case than its answer */
    byo_store_begin(store);
    ck_none(store, "id-1"); /* not told of */
    byo_store_early_add(store, S("carrier-a"), (ByoStr[]){S("own"), S("0xff")}, S("receipt"), NOW);
    ck_assert_int_eq(take_early(store, "255"), 0); /* of the same turn, by its other id, in another form */
    ck_assert_int_eq(take_early(store, "own"), -1);
    byo_store_early_add(store, S("carrier-a"), (ByoStr[]){S("own"), S("")}, S("receipt"), NOW);
    byo_store_rollback(store);
    byo_store_begin(store);
    ck_wanted(store, "at the start", -1); /* it is known still; one that comes now is found */
    byo_store_early_add(store, S("carrier-a"), (ByoStr[]){S("at the start"), S("")}, S("receipt"), NOW);
    ck_assert_int_eq(take_early(store, "at the start"), 0);
    byo_store_rollback(store);
    byo_store_begin(store); /* of a turn that was not kept nothing is there */
    ck_wanted(store, "own", -1);
    byo_store_early_add(store, S("carrier-a"), (ByoStr[]){S("own"), S("")}, S("receipt"), NOW);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    look_at_others(store);
    byo_store_begin(store);
    ck_wanted(store, "id-1", 0);
    ck_wanted(store, "not-yet", 0);
    ck_wanted(store, "own", 0);
    byo_store_rollback(store);
    byo_store_begin(store); /* what that turn took waits */
    ck_wanted(store, "own", 0);
    ck_wanted(store, "id-1", 0);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    byo_store_begin(store);
    ck_wanted(store, "id-1", -1);
    ck_wanted(store, "not-yet", 0);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    byo_store_close(other);
}
END_TEST

/* However much it is told. How many of them wait for their answer. */
static int hear_all(ByoStore *s)
{
    Told told = {.last = ""};
    for (ByoTime pause = 0; pause < 150; usleep(5000)) {
        byo_store_begin(s);
        pause = byo_store_others(s, tell, &told);
        ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
    }
    return told.of[BYO_CHANGE_EARLY];
}

enum { GO = 1600 };
static char gone[GO][16];

/* What others took is forgotten some time, what waits is not. */
START_TEST(what_went_is_forgotten)
{
    static ByoWant wants[GO];
    ByoStore *other = must_open_as("n2");
    byo_store_begin(store);
    want_early(store, "none"); /* what waits is known before */
    byo_store_early_add(store, S("carrier-a"), (ByoStr[]){S("waits"), S("")}, S("receipt"), NOW);
    for (int i = 0; i < GO; i++) {
        snprintf(gone[i], sizeof gone[i], "id-%d", i);
        wants[i] = (ByoWant){.kind = BYO_WANT_EARLY, .integration = S("carrier-a"), .text = byo_str(gone[i])};
        byo_store_early_add(store, S("carrier-a"), (ByoStr[]){byo_str(gone[i]), S("")}, S("receipt"), NOW);
    }
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    hear_all(other);
    byo_store_begin(other);
    byo_store_want(other, wants, GO);
    for (int i = 0; i < GO; i++)
        ck_assert_int_eq(take_early(other, gone[i]), 0);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    byo_store_begin(store); /* of a turn that is not kept, what it took waits */
    ck_assert_int_eq(take_early(store, "waits"), 0);
    Told told = {.last = ""};
    while (byo_store_others(store, tell, &told) < 150)
        usleep(5000);
    want_early(store, "none"); /* now it is looked which of them wait */
    byo_store_rollback(store);
    byo_store_begin(store);
    ck_wanted(store, "waits", 0);
    byo_store_rollback(store);
    look_at_others(store);
    byo_store_begin(store);
    take_early(store, gone[0]); /* and again */
    for (int i = 0; i < GO; i++)
        ck_none(store, gone[i]);
    ck_wanted(store, "waits", 0);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    byo_store_close(other);
}
END_TEST

/* What was sent before it failed, so nothing was read: then nothing is known, not that there is none. */
START_TEST(a_turn_that_failed_knows_nothing)
{
    ByoStore *other = must_open_as("n2");
    byo_store_close(store);
    add_early(other);
    store = must_open(); /* it is not told of that one */
    byo_store_begin(other);
    byo_store_alone(other);
    ck_assert_int_eq(take_early(other, "none"), -1);
    byo_store_begin(store);
    byo_store_alone(store); /* the answer, that it was waited for too long, comes with the next one */
    want_early(store, "none");
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_AGAIN);
    byo_store_rollback(other);
    look_at_others(store);
    byo_store_begin(store);
    ck_wanted(store, "id-1", 0);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    byo_store_close(other);
}
END_TEST

/* Its answer gave it the id. */
static ByoId answer(ByoStore *s)
{
    ByoSegmentRow seg;
    byo_store_begin(s);
    ByoId id = add(s, BYO_SEG_HANDED);
    ck_assert_int_eq(byo_store_segment(s, id + 1, &seg), BYO_STORE_OK);
    seg.s.state = BYO_SEG_ACCEPTED;
    seg.foreign_id = S("id-1");
    byo_store_segment_update(s, &seg);
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
    return id;
}

/* The node that has the answer was ended before it was told. */
START_TEST(a_receipt_that_waits_is_told_of_at_a_start)
{
    ByoStore *other = must_open_as("n2");
    add_early(other);
    answer(store);
    byo_store_close(store);
    store = must_open();
    Told told = look_at_others(store);
    ck_assert_int_eq(told.of[BYO_CHANGE_EARLY], 1);
    ck_assert_str_eq(told.last, "carrier-a|id-1");
    ck_assert_int_eq(look_at_others(store).of[BYO_CHANGE_EARLY], 0);
    byo_store_close(other);
}
END_TEST

/* Or for good: then the node the receipt came in at has it all. */
START_TEST(a_receipt_that_waits_is_told_of_when_a_node_is_gone)
{
    ByoStore *other = must_open_as("n2");
    look_at_others(other);
    add_early(other);
    answer(store);
    ck_assert_int_eq(look_at_others(other).of[BYO_CHANGE_EARLY], 0);
    byo_store_close(store);
    ck_assert_int_eq(look_at_others(other).of[BYO_CHANGE_EARLY], 1);
    byo_store_close(other);
    store = must_open();
}
END_TEST

typedef struct {
    int told;
    int64_t counted;
} EarlyTold;

static void note_early(void *arg, const ByoChange *c)
{
    EarlyTold *e = arg;
    if (c->kind == BYO_CHANGE_EARLY) {
        e->told++;
        e->counted = byo_store_early_count(store);
    }
}

static void *look_for_early(void *arg)
{
    byo_store_begin(store);
    byo_store_others(store, note_early, arg);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    return NULL;
}

/* It is committed while a look is on its way: who is told of it counts it, else it is not looked for. */
START_TEST(a_receipt_that_is_told_of_is_counted)
{
    pthread_t thread;
    EarlyTold e = {.told = 0};
    char *conninfo = byo_printf("%s dbname=%s", getenv("BYO_TEST_PGSQL"), pgsql_name);
    PGconn *c = PQconnectdb(conninfo);
    PQclear(PQexec(c, "BEGIN; LOCK TABLE byobox.change IN ACCESS EXCLUSIVE MODE"));
    ck_assert_int_eq(pthread_create(&thread, NULL, look_for_early, &e), 0);
    while (!pgsql_number("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        usleep(1000);
    PGresult *r =
        PQexec(c, "INSERT INTO byobox.counter (kind, name, slot, turn, n) VALUES (4, '', 1, 1, 1);"
                  "INSERT INTO byobox.change (slot, n, kind, key)"
                  " VALUES (1, 1, 3, 'carrier-a'::bytea || '\\x00'::bytea || 'id-1'::bytea); COMMIT");
    ck_assert_msg(PQresultStatus(r) == PGRES_COMMAND_OK, "%s", PQerrorMessage(c));
    PQclear(r);
    pthread_join(thread, NULL);
    ck_assert_int_eq(e.told, 1);
    ck_assert_int_eq(e.counted, 1);
    PQfinish(c);
    free(conninfo);
}
END_TEST

/* -- for what another node has ------------------------------------------------------------------------ */

static ByoForeign find(ByoStore *s)
{
    ByoForeign found[2];
    ck_assert_int_eq(byo_store_by_id(s, S("carrier-a"), S("id-1"), found, 2), 1);
    ck_assert_int_eq(found[0].state, BYO_SEG_ACCEPTED);
    return found[0];
}

static void leave(ByoStore *s, const ByoForeign *found, const char *id)
{
    byo_store_receipt_leave(s, found, S("carrier-a"), S(id), S("receipt"), NOW);
    ck_assert_msg(byo_store_commit(s) == BYO_STORE_OK, "%s", byo_store_error(s));
}

/* Nobody waits for a row of it: that node holds it all the while. Only that one is told. */
START_TEST(a_receipt_for_another_nodes_segment_is_left_to_it)
{
    ByoStore *other = must_open_as("n2"), *third = must_open_as("n3");
    ByoStore *nodes[] = {store, other, third};
    ByoMessageRow m;
    ByoId id = answer(other);
    for (size_t i = 0; i < 3; i++)
        look_at_others(nodes[i]);
    byo_store_begin(other);
    want_early(other, "none"); /* what waits is known before */
    ck_assert_int_eq(byo_store_message(other, id, &m), BYO_STORE_OK);
    byo_store_begin(store);
    byo_store_want(store,
                   &(ByoWant){.kind = BYO_WANT_FOREIGN, .integration = S("carrier-a"), .text = S("id-1")}, 1);
    ByoForeign found = find(store);
    ck_assert_int_eq(found.other, slot(other) + 1);
    ck_assert_int_eq(found.id, id + 1);
    leave(store, &found, "id-1");
    byo_store_rollback(other);
    Told told = look_at_others(third);
    ck_assert_int_eq(told.of[BYO_CHANGE_LEFT] + told.of[BYO_CHANGE_EARLY], 0);
    told = look_at_others(other);
    ck_assert_int_eq(told.of[BYO_CHANGE_LEFT], 1);
    ck_assert_str_eq(told.last, "carrier-a|id-1");
    byo_store_close(third); /* nor is one that begins */
    third = must_open_as("n3");
    told = look_at_others(third);
    ck_assert_int_eq(told.of[BYO_CHANGE_LEFT] + told.of[BYO_CHANGE_EARLY], 0);
    byo_store_begin(other);
    ck_assert_int_eq(find(other).other, 0);
    ck_assert_int_eq(take_early(other, "id-1"), id + 1);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    look_at_others(store);
    ck_assert_int_eq(byo_store_early_count(store), 0);
    byo_store_close(third);
    byo_store_close(other);
}
END_TEST

/* Gone before it was told: whoever is there is told, and changes the segment itself. By whatever id it was found: one of another
 * try, the same in another form. */
START_TEST(what_was_left_to_a_node_that_is_gone_is_told_of)
{
    ByoStore *other = must_open_as("n2");
    look_at_others(store);
    ByoId id = answer(other);
    byo_store_begin(store);
    ByoForeign found = find(store);
    leave(store, &found, "another");
    look_at_others(store);
    byo_store_close(other);
    for (int kept = 0; kept < 2; kept++) /* a turn that is not kept tells of it again */
        for (Told told = {.last = ""}; !told.of[BYO_CHANGE_LEFT]; usleep(5000)) {
            byo_store_begin(store);
            byo_store_others(store, tell, &told);
            if (kept)
                ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
            else
                byo_store_rollback(store);
        }
    byo_store_begin(store);
    ck_assert_int_eq(find(store).other, 0);
    ck_assert_int_eq(take_early(store, "another"), id + 1);
    byo_store_rollback(store);
}
END_TEST

/* However many they are. */
START_TEST(all_that_waits_is_told_of_at_a_start)
{
    enum { ALL = 4100 };
    ByoStore *other = must_open_as("n2");
    answer(store);
    byo_store_begin(other);
    for (int i = 0; i < ALL; i++)
        byo_store_early_add(other, S("carrier-a"), (ByoStr[]){S("id-1"), S("")}, S("receipt"), NOW);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    byo_store_close(store);
    store = must_open();
    ck_assert_int_eq(hear_all(store), ALL);
    byo_store_close(other);
}
END_TEST

static void look_loosely(void *arg, const ByoChange *c)
{
    ByoForeign found[2];
    ByoMsgidForms forms = {0};
    if (c->kind != BYO_CHANGE_EARLY)
        return;
    byo_msgid_forms(c->more, &forms);
    *(int *)arg += 10 + byo_store_by_loose_id(store, c->key, &forms, found, 2);
    byo_msgid_forms_free(&forms);
}

/* Who is told of several looks for their ids together, loosely, too: none of them is a look of its own. */
START_TEST(receipts_that_are_told_of_are_looked_for_together)
{
    ByoStore *other = must_open_as("n2");
    int found = 0;
    answer(store);
    look_at_others(store);
    add_early_of(other, "ID-1"); /* "id-1" loosely */
    add_early_of(other, "id-2");
    add_early_of(other, "id-3");
    const int64_t late = byo_store_late_reads(store);
    for (int i = 0; i < 100 && found == 0; i++, usleep(20000)) {
        byo_store_begin(store);
        byo_store_others(store, look_loosely, &found);
        ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    }
    ck_assert_int_eq(found, 31);
    ck_assert_int_eq(byo_store_late_reads(store), late);
    byo_store_close(other);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_test(t, a_receipt_that_was_counted_is_found_whatever_was_taken_since);
    tcase_add_test(t, which_answers_have_one_is_known);
    tcase_add_test(t, what_went_is_forgotten);
    tcase_add_test(t, a_turn_that_failed_knows_nothing);
    tcase_add_test(t, a_receipt_that_waits_is_told_of_at_a_start);
    tcase_add_test(t, a_receipt_that_waits_is_told_of_when_a_node_is_gone);
    tcase_add_test(t, a_receipt_that_is_told_of_is_counted);
    tcase_add_test(t, a_receipt_for_another_nodes_segment_is_left_to_it);
    tcase_add_test(t, what_was_left_to_a_node_that_is_gone_is_told_of);
    tcase_add_test(t, all_that_waits_is_told_of_at_a_start);
    tcase_add_test(t, receipts_that_are_told_of_are_looked_for_together);
}

int main(void)
{
    return pgsql_run_suite("pgsql, receipts", all);
}
