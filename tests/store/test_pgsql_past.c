/* SPDX-License-Identifier: BSD-3-Clause
 * An old snapshot somewhere keeps what went in the indexes: nobody reads past it in each turn. Counted are the blocks that
 * statements touch.
 *
 *     receipts that waited for an answer, and went ................. the next look starts behind them
 *     one that waits, an older one of another node ................. is found all the same
 *     what waited for a smsbox, was claimed and went ............... the next claim starts behind it
 *     given up, freed, claimed in a turn that was not kept ......... is claimed all the same
 *     much that waits for a smsbox ................................. costs a claim as much as little
 *     what a node that is gone may have claimed .................... is looked for by what is known to wait
 *     the oldest in another node's queue ........................... is looked for from where the last one was
 *     counts, which each turn keeps ................................ are met where they lie
 */
#include "pgsql_fixture.h"
#include "tracking/message_id.h"

/* So many rows go, each a third of a page; and so many blocks more than before them are none of theirs. */
enum { MANY = 600, OCTETS = 1900, FEW = 30 };

static PGconn *old;
static char large[OCTETS + 1];

/* Of all statements since the last reset. */
static int64_t blocks(void)
{
    return pgsql_number(
        "SELECT coalesce(sum(shared_blks_hit + shared_blks_read), 0)::int8 FROM stats.pg_stat_statements"
        " WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND query NOT LIKE '%stats.pg_stat%'");
}

static void count_anew(void)
{
    pgsql_do(pgsql_name, "SELECT stats.pg_stat_statements_reset()");
}

static void begin(void)
{
    memset(large, 'x', OCTETS);
    pgsql_do(pgsql_name, "CREATE SCHEMA stats; CREATE EXTENSION pg_stat_statements SCHEMA stats");
    old = old_snapshot("SELECT count(*) FROM byobox.node");
}

static void end(void)
{
    PQfinish(old);
}

static void commit_it(ByoStore *s)
{
    ck_assert_msg(byo_store_commit(s) == BYO_STORE_OK, "%s", byo_store_error(s));
}

/* -- receipts that wait for an answer ---------------------------------------------------------------- */

static void early(ByoStore *s, int n)
{
    char id[32];
    snprintf(id, sizeof id, "%d", n);
    const ByoStr ids[2] = {byo_str(id)};
    byo_store_early_add(s, S("carrier-a"), ids, S(large), NOW);
}

/* In a transaction. Whether it waits; it goes. */
static bool take_early(ByoStore *s, int n)
{
    char id[32];
    ByoMsgidForms forms = {0};
    ByoBuf frame = {0};
    ByoEarlyAt at = {0};
    snprintf(id, sizeof id, "%d", n);
    byo_msgid_forms(byo_str(id), &forms);
    ByoId found = byo_store_early_next(s, S("carrier-a"), byo_str(id), &forms, &at, &frame);
    if (found)
        byo_store_early_remove(s, found);
    byo_msgid_forms_free(&forms);
    byo_buf_free(&frame);
    return found != 0;
}

static void many_early_go(void)
{
    for (int i = 0; i < MANY; i += 100) {
        byo_store_begin(store);
        for (int k = 0; k < 100; k++)
            early(store, 1000 + i + k);
        commit_it(store);
        byo_store_begin(store);
        for (int k = 0; k < 100; k++)
            ck_assert(take_early(store, 1000 + i + k));
        commit_it(store);
    }
}

static int64_t cost_of_a_look(void)
{
    count_anew();
    byo_store_begin(store);
    ck_assert(!take_early(store, 1005));
    commit_it(store);
    return blocks();
}

static int64_t cost_of_a_purge(void)
{
    count_anew();
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_early_purge(store, NOW + BYO_DAY, 100), 0);
    commit_it(store);
    return blocks();
}

START_TEST(receipts_that_went_are_not_read_past)
{
    byo_store_begin(store);
    early(store, 1);
    commit_it(store);
    cost_of_a_look();
    int64_t before = cost_of_a_look();
    many_early_go();
    cost_of_a_look(); /* that those of the last one went */
    ck_assert_int_le(cost_of_a_look(), before + FEW);
    byo_store_begin(store);
    ck_assert(take_early(store, 1));
    commit_it(store);
    before = cost_of_a_purge();
    ck_assert_int_le(cost_of_a_purge(), FEW);
    ck_assert_int_gt(before, FEW); /* the first one does not know */
}
END_TEST

/* Its clock is behind, and its turn was on the way while this node looked; a turn that is not kept gives back what it took. */
START_TEST(a_receipt_that_waits_is_found)
{
    ByoStore *other = must_open_as("n2");
    look_at_others(store);
    byo_store_begin(store);
    early(store, 1);
    commit_it(store);
    byo_store_begin(other);
    char id[32] = "7";
    const ByoStr ids[2] = {byo_str(id)};
    byo_store_early_add(other, S("carrier-a"), ids, S("frame"), NOW - BYO_DAY);
    for (int i = 0; i < 3; i++) {
        byo_store_begin(store);
        ck_assert(!take_early(store, 2));
        commit_it(store);
        empty_turn(store);
    }
    commit_it(other);
    look_at_others(store);
    byo_store_begin(store);
    ck_assert(take_early(store, 7));
    early(store, 9); /* and it looks again, without that one */
    ck_assert(!take_early(store, 2));
    byo_store_rollback(store);
    byo_store_begin(store);
    ck_assert(take_early(store, 7));
    ck_assert(take_early(store, 1));
    commit_it(store);
    byo_store_close(other);
}
END_TEST

/* -- what waits for a smsbox --------------------------------------------------------------------------- */

typedef struct {
    ByoId ids[MANY];
    size_t n;
} Claimed;

static ByoId cursor; /* up to there this node was given its own */

static void note(void *arg, const ByoInwardRow *row)
{
    Claimed *c = arg;
    c->ids[c->n++ % MANY] = row->id;
    cursor = row->id > cursor ? row->id : cursor;
}

static ByoId wait_inward(ByoStore *s, const char *box)
{
    ByoInwardRow row = {
        .id = byo_store_inward_id(s, true, S(box), NOW), .named = true, .box = S(box), .frame = S(large)};
    byo_store_inward_add(s, &row);
    return row.id;
}

static size_t claim_some(ByoStore *s, const char *box, ByoId after, int max, Claimed *c)
{
    *c = (Claimed){.n = 0};
    byo_store_inward_claim(s, true, S(box), after, max, note, c);
    return c->n;
}

static size_t claim(ByoStore *s, const char *box, ByoId after, Claimed *c)
{
    return claim_some(s, box, after, 200, c);
}

static void many_wait_and_go(const char *box)
{
    Claimed c;
    byo_store_begin(store);
    for (int i = 0; i < MANY; i++)
        wait_inward(store, box);
    commit_it(store);
    for (size_t n = 1; n;) {
        byo_store_begin(store);
        n = claim(store, box, cursor, &c);
        for (size_t i = 0; i < n; i++)
            byo_store_inward_remove(store, c.ids[i]);
        commit_it(store);
    }
}

static int64_t cost_of_a_claim(void)
{
    Claimed c;
    count_anew();
    byo_store_begin(store);
    wait_inward(store, "app");
    commit_it(store);
    byo_store_begin(store);
    ck_assert_int_eq(claim(store, "app", cursor, &c), 1);
    ck_assert(byo_store_inward_before(store, true, S("app"), NOW) > 0);
    byo_store_inward_remove(store, c.ids[0]);
    commit_it(store);
    return blocks();
}

START_TEST(what_was_claimed_is_not_read_past)
{
    cursor = 0;
    int64_t before = cost_of_a_claim();
    many_wait_and_go("app");
    ck_assert_int_le(cost_of_a_claim(), before + FEW);
}
END_TEST

static int64_t cost_of_the_first(const char *box, int waiting)
{
    Claimed c;
    byo_store_begin(store);
    for (int i = 0; i < waiting; i++)
        wait_inward(store, box);
    commit_it(store);
    count_anew();
    byo_store_begin(store);
    ck_assert_int_eq(claim_some(store, box, 0, 10, &c), 10);
    commit_it(store);
    return blocks();
}

/* A smsbox that was away for long: each claim reads what it gives. */
START_TEST(much_that_waits_costs_as_much_as_little)
{
    int64_t little = cost_of_the_first("app", 20);
    ck_assert_int_le(cost_of_the_first("other", MANY), little + 2 * FEW);
}
END_TEST

/* Another node was about to claim it while this one looked, and its turn was not kept. */
START_TEST(what_another_node_did_not_claim_after_all_is_claimed)
{
    Claimed c;
    ByoStore *other = must_open_as("n2");
    look_at_others(store);
    byo_store_begin(store);
    ByoId id = wait_inward(store, "app");
    commit_it(store);
    look_at_others(other);
    ck_assert_int_eq(turn(other), BYO_STORE_OK); /* what comes later has larger ids at both */
    ck_assert_int_eq(turn(store), BYO_STORE_OK);
    byo_store_begin(other);
    ck_assert_int_eq(claim(other, "app", 0, &c), 1);
    for (int i = 0; i < 2; i++) {
        byo_store_begin(store);
        ck_assert_int_eq(claim(store, "app", 0, &c), 0);
        commit_it(store);
    }
    byo_store_rollback(other);
    byo_store_begin(store);
    ck_assert_int_eq(claim(store, "app", 0, &c), 1);
    ck_assert_int_eq(c.ids[0], id);
    commit_it(store);
    byo_store_close(other);
}
END_TEST

/* FREED: the other node says nothing any more, and is taken over. */
typedef enum { ROLLED_BACK, GIVEN_UP, GIVEN_UP_ELSEWHERE, FREED } Again;

START_TEST(what_is_nobodys_again_is_claimed)
{
    Claimed c;
    ByoStore *other = must_open_as("n2");
    look_at_others(store);
    byo_store_begin(store);
    ByoId id = wait_inward(store, "app");
    commit_it(store);
    look_at_others(other);
    ByoStore *has = _i == GIVEN_UP_ELSEWHERE || _i == FREED ? other : store;
    for (int i = 0; i < 2; i++) { /* with the second look it is known that none is left */
        byo_store_begin(has);
        ck_assert_int_eq(claim(has, "app", 0, &c), 1);
        if (_i == ROLLED_BACK)
            byo_store_rollback(has);
        else
            commit_it(has);
        byo_store_begin(store);
        claim(store, "app", 0, &c);
        byo_store_rollback(store);
        byo_store_begin(store);
        claim(store, "none", 0, &c);
        commit_it(store);
    }
    if (has == other) {
        byo_store_begin(store);
        ck_assert_int_eq(claim(store, "app", 0, &c), 0);
        commit_it(store);
    }
    if (_i == GIVEN_UP || _i == GIVEN_UP_ELSEWHERE) {
        byo_store_begin(has);
        byo_store_inward_release(has, true, S("app"), 10);
        commit_it(has);
    }
    for (ByoTime begun = byo_monotonic(); c.n != 1 || c.ids[0] != id;) {
        ck_assert_msg(byo_monotonic() - begun < 60 * BYO_SECOND, "it is not claimed");
        look_at_others(store);
        byo_store_begin(store);
        claim(store, "app", 0, &c);
        commit_it(store);
    }
    byo_store_close(other);
}
END_TEST

/* Each node that was there, or might have been, is looked for again and again. */
START_TEST(what_nodes_that_are_gone_claimed_is_not_looked_for_past_all)
{
    many_wait_and_go("app");
    byo_store_begin(store);
    wait_inward(store, "app");
    commit_it(store);
    count_anew();
    static const char calls[] = "SELECT coalesce(sum(calls), 0)::int8 FROM stats.pg_stat_statements"
                                " WHERE query LIKE '%UPDATE inward w SET slot = %backend <> %'";
    for (ByoTime begun = byo_monotonic(); pgsql_number(calls) < 7;) {
        ck_assert_msg(byo_monotonic() - begun < 60 * BYO_SECOND, "nobody looked");
        look_at_others(store);
        usleep(50000);
    }
    ck_assert_int_lt(
        pgsql_number(
            "SELECT max((shared_blks_hit + shared_blks_read) / calls)::int8"
            " FROM stats.pg_stat_statements WHERE query LIKE '%UPDATE inward w SET slot = %backend <> %'"),
        FEW);
}
END_TEST

/* -- the oldest of all queues ---------------------------------------------------------------------------- */

static ByoTime oldest(void)
{
    int64_t n;
    ByoTime t;
    byo_store_begin(store);
    byo_store_queue_depth(store, S("carrier-a"), &n, &t);
    commit_it(store);
    return t;
}

static void end_segment(ByoStore *s, ByoId id)
{
    ByoSegmentRow seg;
    byo_store_begin(s);
    ck_assert_int_eq(byo_store_segment(s, id + 1, &seg), BYO_STORE_OK);
    seg.s.state = BYO_SEG_FAILED;
    byo_store_segment_update(s, &seg);
    commit_it(s);
}

START_TEST(the_oldest_elsewhere_is_not_looked_for_past_all)
{
    ByoStore *other = must_open_as("n2");
    ByoId ids[MANY];
    byo_store_begin(other);
    for (int i = 0; i < MANY; i++)
        ids[i] = add_due(other, BYO_SEG_QUEUED, NOW + i, S(large));
    commit_it(other);
    look_at_others(store);
    ck_assert_int_eq(oldest(), byo_id_time(ids[0]));
    for (int i = 0; i < MANY - 1; i++)
        end_segment(other, ids[i]);
    look_at_others(store);
    oldest();
    count_anew();
    ck_assert_int_eq(oldest(), byo_id_time(ids[MANY - 1]));
    ck_assert_int_le(blocks(), FEW);
    byo_store_close(other);
}
END_TEST

/* -- counts ---------------------------------------------------------------------------------------------- */

static int64_t cost_of_counts(void)
{
    count_anew();
    byo_store_begin(store);
    wait_inward(store, "app");
    commit_it(store);
    return pgsql_number("SELECT sum(shared_blks_hit + shared_blks_read)::int8 FROM stats.pg_stat_statements"
                        " WHERE query LIKE '%INSERT INTO counter%'");
}

/* Each row of a count is small: there are some hundred in a page. */
START_TEST(counts_are_not_read_past)
{
    enum { TURNS = 4000 };
    for (int i = 0; i < 10; i++)
        cost_of_counts();
    int64_t before = cost_of_counts();
    for (int i = 0; i < TURNS; i++) {
        ByoInwardRow row = {.named = true, .box = S("app"), .frame = S("f")};
        byo_store_begin(store);
        row.id = byo_store_inward_id(store, true, S("app"), NOW);
        byo_store_inward_add(store, &row);
        commit_it(store);
    }
    ck_assert_int_le(cost_of_counts(), before + FEW);
}
END_TEST

static void all(TCase *t)
{
    tcase_add_checked_fixture(t, begin, end);
    tcase_add_test(t, receipts_that_went_are_not_read_past);
    tcase_add_test(t, a_receipt_that_waits_is_found);
    tcase_add_test(t, what_was_claimed_is_not_read_past);
    tcase_add_test(t, much_that_waits_costs_as_much_as_little);
    tcase_add_test(t, what_another_node_did_not_claim_after_all_is_claimed);
    tcase_add_loop_test(t, what_is_nobodys_again_is_claimed, 0, 4);
    tcase_add_test(t, what_nodes_that_are_gone_claimed_is_not_looked_for_past_all);
    tcase_add_test(t, the_oldest_elsewhere_is_not_looked_for_past_all);
    tcase_add_test(t, counts_are_not_read_past);
}

int main(void)
{
    return pgsql_run_suite("pgsql, past", all);
}
