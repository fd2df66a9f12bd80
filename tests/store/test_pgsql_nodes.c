/* SPDX-License-Identifier: BSD-3-Clause
 * Several writers of one database: whose a row is, what each knows of the others, who takes over from whom. */
#include "pgsql_fixture.h"

#include <limits.h>
#include <sys/wait.h>

static void put_number(ByoStore *s, const char *digits)
{
    ByoNumberRow n = {
        .digits = S(digits), .integration = S("carrier-a"), .type = S("mobile"), .created = NOW};
    byo_store_begin(s);
    byo_store_number_put(s, &n);
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
}

static ByoOptRow opt_out_of(const char *recipient)
{
    return (ByoOptRow){.time = NOW,
                       .number = S("12025550100"),
                       .recipient = S(recipient),
                       .action = S("opt-out"),
                       .text = S(""),
                       .answer = S(""),
                       .who = S("recipient"),
                       .reason = S(""),
                       .reading_of = S("")};
}

START_TEST(two_nodes_write_and_count_together)
{
    ByoStore *other = must_open_as("n2");
    ByoId ids[10];
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(turn(store), BYO_STORE_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(turn(other), BYO_STORE_OK);
    look_at_others(store);
    look_at_others(other);
    ck_kept(store, 5);
    ck_kept(other, 5);
    /* Each is given its own. */
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), NOW, ids, 10), 3);
    byo_store_rollback(store);
    byo_store_begin(other);
    ck_assert_int_eq(byo_store_queue_claim(other, S("carrier-a"), NOW, ids, 10), 2);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    /* Who changes one has it. */
    ByoSegmentRow seg;
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_segment(store, ids[0], &seg), BYO_STORE_OK);
    seg.s.state = BYO_SEG_HANDED;
    byo_store_segment_update(store, &seg);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    look_at_others(other);
    ck_kept(other, 4);
    ck_assert_int_eq(byo_store_count_state(other, S("carrier-a"), BYO_SEG_HANDED), 1);
    byo_store_begin(other);
    ck_assert_int_eq(byo_store_queue_claim(other, S("carrier-a"), NOW, ids, 10), 1);
    byo_store_rollback(other);
    byo_store_close(other);
}
END_TEST

/* The second waits for the first, and sees what that one made of the row. */
START_TEST(a_message_is_one_nodes_at_a_time)
{
    byo_store_begin(store);
    ByoId id = add(store, BYO_SEG_QUEUED);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    byo_store_begin(store);
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, id + 1, &seg), BYO_STORE_OK);
    pid_t waits = fork();
    if (!waits) { /* the process that began sees to the commit of the first */
        for (int i = 0; i < 2000 && !pgsql_number("SELECT count(*) FROM pg_locks WHERE NOT granted"); i++)
            usleep(5000);
        pgsql_do(pgsql_name, "SELECT pg_terminate_backend(backend) FROM byobox.node WHERE node = 'n1'");
        _exit(0);
    }
    ByoStore *other = must_open_as("n2");
    ByoStoreResult result;
    do { /* who waits too long begins again */
        byo_store_begin(other);
        if (byo_store_segment(other, id + 1, &seg) == BYO_STORE_OK) {
            seg.s.state = BYO_SEG_HANDED;
            byo_store_segment_update(other, &seg);
        }
    } while ((result = byo_store_commit(other)) == BYO_STORE_AGAIN);
    ck_assert_int_eq(result, BYO_STORE_OK);
    waitpid(waits, NULL, 0);
    ck_assert_int_ne(byo_store_commit(store), BYO_STORE_OK);
    byo_store_close(other);
}
END_TEST

START_TEST(changes_are_told_once_and_in_order)
{
    ByoStore *other = must_open_as("n2");
    Told told = look_at_others(other);
    put_number(store, "12025550101");
    put_number(store, "12025550102");
    ByoOptRow o = opt_out_of("12025550123");
    byo_store_begin(store);
    byo_store_opt_add(store, &o, NOW);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    byo_store_begin(store); /* not kept: not told */
    byo_store_opt_add(store, &o, NOW);
    byo_store_rollback(store);
    told = look_at_others(other);
    ck_assert_int_eq(told.of[BYO_CHANGE_NUMBER], 2);
    ck_assert_int_eq(told.of[BYO_CHANGE_OPT], 1);
    ck_assert_str_eq(told.last, "12025550100|12025550123");
    told = look_at_others(other);
    ck_assert_int_eq(told.of[BYO_CHANGE_NUMBER] + told.of[BYO_CHANGE_OPT], 0);
    told = look_at_others(store); /* nobody is told of his own */
    ck_assert_int_eq(told.of[BYO_CHANGE_NUMBER] + told.of[BYO_CHANGE_OPT], 0);
    byo_store_close(other);
}
END_TEST

/* Whatever memory knows: behind the STOP's commit nothing leaves. */
START_TEST(nothing_leaves_for_who_opted_out_at_another_node)
{
    ByoStore *other = must_open_as("n2");
    ByoOptRow o = opt_out_of("12025550123");
    byo_store_begin(other);
    add(other, BYO_SEG_HANDED);
    byo_store_leaving(other, S("12025550100"), S("12025550123"));
    byo_store_begin(store);
    byo_store_opt_add(store, &o, NOW);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_AGAIN);
    Told told = {.last = ""};
    byo_store_begin(other); /* the same turn again: it is told before it decides */
    byo_store_others(other, tell, &told);
    ck_assert_int_eq(told.of[BYO_CHANGE_OPT], 1);
    byo_store_leaving(other, S("12025550100"), S("12025550124"));
    add(other, BYO_SEG_HANDED);
    ck_assert_msg(byo_store_commit(other) == BYO_STORE_OK, "%s", byo_store_error(other));
    ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.segment"), 1);
    byo_store_close(other);
}
END_TEST

/* Erased at one node, while another's bearerbox has it: that one's window has room again. */
START_TEST(who_had_a_segment_that_is_erased_is_told)
{
    ByoStore *other = must_open_as("n2");
    byo_store_begin(store);
    ByoId id = add(store, BYO_SEG_HANDED);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    byo_store_begin(other);
    ck_assert_int_eq(byo_store_message_remove(other, id), 1);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    Told told = look_at_others(store);
    ck_assert_int_eq(told.of[BYO_CHANGE_HANDED], 1);
    ck_assert_str_eq(told.last, "carrier-a|");
    byo_store_close(other);
}
END_TEST

/* A round; open: it has binds. */
static void share(ByoStore *s, bool open)
{
    ByoRateShare share = {.integration = S("carrier-a"), .rate = 20, .held = -1, .open = open};
    byo_store_begin(s);
    ck_assert(byo_store_shares(s, &share, 1));
    ck_assert_int_eq(byo_store_commit(s), BYO_STORE_OK);
}

static int64_t slot_of(ByoId segment)
{
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT slot FROM byobox.segment WHERE id = %lld", (long long)segment);
    return pgsql_number(sql);
}

/* Of an integration a node has no group for; where another one has binds for it. */
START_TEST(the_queue_of_an_integration_a_node_does_not_know_goes_to_one_that_does)
{
    ByoStore *other = must_open_as("n2");
    ByoStr known[] = {S("carrier-a"), S("carrier-b")};
    byo_store_begin(store);
    ByoId id = add(store, BYO_SEG_QUEUED) + 1, handed = add(store, BYO_SEG_HANDED) + 1;
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    look_at_others(store);
    for (int open = 0; open < 2; open++) {
        share(other, open);
        look_at_others(store);
        for (int knows = 1; knows >= 0; knows--) {
            byo_store_begin(store);
            ck_assert(!byo_store_queue_give_rest(store, known + !knows, 1));
            ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
            ck_assert_int_eq(slot_of(id), open && !knows);
        }
    }
    ck_assert_int_eq(slot_of(handed), 0);
    ck_assert_int_eq(look_at_others(other).of[BYO_CHANGE_TAKEN], 1);
    byo_store_close(other);
}
END_TEST

/* As a process that is stopped: its session stands. Its rows become the other's, when it is gone for as long as its lease. */
START_TEST(a_node_without_turns_is_taken_over)
{
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    byo_store_begin(store);
    ByoId handed = add(store, BYO_SEG_HANDED);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ByoStore *other = must_open_as("n2");
    ck_assert_int_eq(slot(other), 1);
    share(store, true);
    Told told = look_at_others(other);
    while (!pgsql_number("SELECT count(*) FROM byobox.node WHERE slot = 0 AND backend = 0"))
        told = look_at_others(other);
    /* by what it had until now nobody sends in the same second */
    ByoTime ended = byo_boottime();
    ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.share"), 1);
    while (pgsql_number("SELECT count(*) FROM byobox.share"))
        look_at_others(other);
    ck_assert_int_ge(byo_boottime() - ended, 1000);
    while (!told.of[BYO_CHANGE_TAKEN])
        told = look_at_others(other);
    while (pgsql_number("SELECT count(*) FROM byobox.segment WHERE slot <> 1"))
        look_at_others(other);
    ByoId ids[4];
    byo_store_begin(other);
    ck_assert_int_eq(byo_store_queue_claim(other, S("carrier-a"), NOW, ids, 4), 1);
    ck_assert_int_eq(byo_store_timers_claim(other, NOW, ids, 4), 1);
    ck_assert_int_eq(ids[0], handed + 1);
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(other, handed + 1, &seg), BYO_STORE_OK);
    ck_assert(seg.elsewhere);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_handed_here(other, S("carrier-a")), 0);
    ck_kept(other, 1);
    ck_stale("another byobox was active");
    ck_assert_int_eq(turn(other), BYO_STORE_OK);
    byo_store_close(other);
}
END_TEST

static void count_row(void *arg, const ByoInwardRow *row)
{
    (void)arg, (void)row;
}

/* What was claimed inward is one node's, until that is gone. */
START_TEST(a_row_inward_is_claimed_by_one)
{
    ByoStore *other = must_open_as("n2");
    byo_store_begin(store);
    ByoInwardRow row = {.named = true, .box = S("app"), .frame = S("f")};
    row.id = byo_store_inward_id(store, true, row.box, NOW);
    byo_store_inward_add(store, &row);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    look_at_others(other);
    ck_assert_int_eq(byo_store_inward_waiting(other, true, S("app")), 1);
    byo_store_begin(other);
    ck_assert_int_eq(byo_store_inward_claim(other, true, S("app"), 0, 10, count_row, NULL), 1);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("app"), 0, 10, count_row, NULL), 0);
    byo_store_rollback(store);
    byo_store_begin(other);
    byo_store_inward_remove(other, row.id);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    look_at_others(store);
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    /* One that is gone gives nothing any more: its claim ends, and that is told. */
    byo_store_begin(store);
    row.id = byo_store_inward_id(store, true, row.box, NOW);
    row.given = true;
    byo_store_inward_add(store, &row);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    while (!look_at_others(other).of[BYO_CHANGE_TAKEN]) {
    }
    byo_store_begin(other);
    ck_assert_int_eq(byo_store_inward_claim(other, true, S("app"), 0, 10, count_row, NULL), 1);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    byo_store_close(other);
}
END_TEST

static void count_mt(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused)
{
    ck_assert(!box.p && !refused && frame.n == 2);
    ck_assert(byo_str_is(uuid, "0f8fad5b-d9cb-469f-a165-70867728950e"));
    ++*(int *)arg;
}

static int taken(ByoStore *s, const char *uuid, const char *recipient)
{
    int n = 0;
    ByoMtLook looks[] = {{S(uuid), S(recipient)}, {S("no uuid"), S("12025550123")}};
    byo_store_begin(s);
    byo_store_taken_of(s, looks, 2, NOW - 1000, count_mt, &n);
    byo_store_rollback(s);
    return n;
}

START_TEST(an_mt_that_another_took_is_found)
{
    ByoStore *other = must_open_as("n2");
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    look_at_others(other);
    ck_assert_int_eq(taken(other, "0f8fad5b-d9cb-469f-a165-70867728950e", "12025550123"), 1);
    ck_assert_int_eq(taken(other, "0f8fad5b-d9cb-469f-a165-70867728950e", "12025550124"), 0);
    ck_assert_int_eq(taken(other, "0f8fad5b-d9cb-469f-a165-70867728950f", "12025550123"), 0);
    byo_store_close(other);
}
END_TEST

static ByoId tell_event(ByoStore *s, const char *text, ByoTime now)
{
    ByoEventRow e = {.definition = S("BYO-0605"), .name = S("started"), .text = S(text), .time = now};
    return byo_store_event_add(s, &e, now);
}

static bool note_event(void *arg, const ByoEventRow *e)
{
    byo_buf_addf(arg, "%.*s at %.*s|", BYO_PF(e->text), BYO_PF(e->node));
    return true;
}

static void ck_events(ByoStore *reader, ByoEventFilter f, const char *wanted)
{
    ByoBuf said = {0};
    f.limit = 10;
    byo_store_events(reader, &f, note_event, &said);
    ck_assert_str_eq(said.n ? said.p : "", wanted);
    byo_buf_free(&said);
}

/* A younger one of another node is committed first: who follows by id gets the older one before it. */
START_TEST(who_follows_events_misses_none)
{
    ByoStore *other = must_open_as("n2");
    ByoStoreTarget at = pgsql_target();
    ByoStoreResult result;
    char *why;
    ByoStore *reader = byo_store_open_reader(&at, &result, &why);
    ck_assert_msg(reader != NULL, "%s", why);
    byo_store_begin(store);
    ByoId late = tell_event(store, "late", NOW);
    byo_store_begin(other);
    ByoId early = tell_event(other, "early", NOW + 5);
    ck_assert_int_gt(early, late);
    ck_assert_int_eq(byo_store_commit(other), BYO_STORE_OK);
    ck_events(reader, (ByoEventFilter){.after = 1}, "");
    ck_events(reader, (ByoEventFilter){.settled = true}, "");
    ck_events(reader, (ByoEventFilter){.before = 0}, "early at n2|"); /* who looks once sees it */
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_events(reader, (ByoEventFilter){.after = 1}, "late at n1|");
    look_at_others(store); /* it is idle, and its clock is behind: it goes on from what the other has */
    put_number(store, "12025550101");
    ck_events(reader, (ByoEventFilter){.after = late}, "early at n2|");
    ck_events(reader, (ByoEventFilter){.settled = true}, "early at n2|late at n1|");
    byo_store_begin(store);
    ck_assert_int_gt(tell_event(store, "behind", NOW), early);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_OK);
    ck_events(reader, (ByoEventFilter){.after = early}, "");
    byo_store_close(other); /* one that left holds nobody up */
    ck_events(reader, (ByoEventFilter){.after = early}, "behind at n1|");
    byo_store_close(reader);
}
END_TEST

typedef struct {
    int opt_outs, numbers;
} Loaded;

/* For a fourth of a lease another node looks on. */
static void look_on(void)
{
    ByoTime until = byo_boottime() + 1300;
    while (byo_boottime() < until)
        look_at_others(store);
}

static bool count_opt_out(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of)
{
    (void)number, (void)recipient, (void)reading_of;
    if (++((Loaded *)arg)->opt_outs % 10000 == 5000)
        look_on();
    return true;
}

static bool count_number(void *arg, const ByoNumberRow *row)
{
    (void)row;
    if (++((Loaded *)arg)->numbers % 10000 == 5000)
        look_on();
    return true;
}

/* It makes turns meanwhile, and is not taken over. */
START_TEST(a_node_that_reads_for_longer_than_a_lease_is_there)
{
    Loaded loaded = {0};
    pgsql_do(pgsql_name,
             "INSERT INTO byobox.opt_out SELECT '12025550100', (43000000000 + i)::text::bytea, '', i"
             " FROM generate_series(1, 40001) i;"
             "INSERT INTO byobox.number SELECT (43000000000 + i)::text, false, 'carrier-a', 'mobile', NULL, "
             "NULL, 1, 0"
             " FROM generate_series(1, 30000) i");
    ByoStore *other = must_open_as("n2");
    byo_store_opt_outs(other, count_opt_out, &loaded);
    byo_store_numbers(other, BYO_STR_NONE, BYO_STR_NONE, BYO_STR_NONE, INT_MAX, count_number, &loaded);
    ck_assert_int_eq(loaded.opt_outs, 40001);
    ck_assert_int_eq(loaded.numbers, 30000);
    ck_assert_int_eq(byo_store_read_fault(other), BYO_STORE_OK);
    ck_assert_msg(turn(other) == BYO_STORE_OK, "%s", byo_store_error(other));
    ck_assert_int_eq(pgsql_number("SELECT count(*) FROM byobox.node WHERE node = 'n2' AND backend <> 0"), 1);
    byo_store_close(other);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_test(t, a_node_that_reads_for_longer_than_a_lease_is_there);
    tcase_add_test(t, a_node_without_turns_is_taken_over);
    tcase_add_test(t, two_nodes_write_and_count_together);
    tcase_add_test(t, a_message_is_one_nodes_at_a_time);
    tcase_add_test(t, changes_are_told_once_and_in_order);
    tcase_add_test(t, nothing_leaves_for_who_opted_out_at_another_node);
    tcase_add_test(t, who_had_a_segment_that_is_erased_is_told);
    tcase_add_test(t, the_queue_of_an_integration_a_node_does_not_know_goes_to_one_that_does);
    tcase_add_test(t, a_row_inward_is_claimed_by_one);
    tcase_add_test(t, an_mt_that_another_took_is_found);
    tcase_add_test(t, who_follows_events_misses_none);
}

int main(void)
{
    return pgsql_run_suite("pgsql, nodes", all);
}
