/* SPDX-License-Identifier: BSD-3-Clause
 * Rows the writer keeps in memory (sqlite_rows.c) are always those of the store, whatever statement changed them, and
 * counters are right after any number of updates of one row. */
#include <stdlib.h>

#include "store_fixture.h"

static ByoId message;

static ByoId first_segment(void)
{
    return byo_id_segment(message, 1);
}

static void setup_message(void)
{
    setup();
    byo_store_begin(store);
    message = add_message(store, "carrier-a", 2, BYO_SEG_QUEUED, NOW, NOW);
    must_commit(store);
}

static void ck_verdict(const ByoStoredVerdict *a, const ByoStoredVerdict *b)
{
    ck_assert_int_eq(a->code, b->code);
    ck_str(a->code_cause, b->code_cause);
    ck_str(a->description, b->description);
    ck_str(a->carrier_code, b->carrier_code);
}

static void ck_segment(const ByoSegmentRow *a, const ByoSegmentRow *b)
{
    ck_assert_int_eq(a->s.state, b->s.state);
    ck_assert_int_eq(a->s.due, b->s.due);
    ck_assert_int_eq(a->s.tries, b->s.tries);
    ck_assert(a->s.interim == b->s.interim && a->s.maybe_duplicate == b->s.maybe_duplicate &&
              a->s.accepted == b->s.accepted && a->s.copies == b->s.copies);
    ck_assert(a->s.first_handed == b->s.first_handed && a->s.handed == b->s.handed &&
              a->s.ended == b->s.ended && a->s.accepted_at == b->s.accepted_at);
    ck_verdict(&a->verdict, &b->verdict);
    ck_str(a->foreign_id, b->foreign_id);
    ck_str(a->udh, b->udh);
    ck_str(a->payload, b->payload);
}

static void ck_message(const ByoMessageRow *a, const ByoMessageRow *b)
{
    ck_str(a->integration, b->integration);
    ck_str(a->number, b->number);
    ck_str(a->recipient, b->recipient);
    ck_str(a->uuid, b->uuid);
    ck_str(a->box, b->box);
    ck_str(a->charset, b->charset);
    ck_str(a->frame, b->frame);
    ck_verdict(&a->verdict, &b->verdict);
    ck_assert(a->named == b->named && a->state == b->state && a->created == b->created &&
              a->ended == b->ended && a->expires == b->expires && a->reports == b->reports);
    ck_assert(a->mask == b->mask && a->coding == b->coding && a->data_coding == b->data_coding &&
              a->dcs == b->dcs && a->keyword == b->keyword);
    ck_assert(a->tally.segments == b->tally.segments && a->tally.accepted == b->tally.accepted &&
              a->tally.delivered == b->tally.delivered && a->tally.failed == b->tally.failed &&
              a->tally.reported == b->tally.reported && a->tally.ended == b->tally.ended);
}

/* What the writer gives is what a reader finds in the file. */
static void ck_as_in_file(void)
{
    ByoStore *reader = must_open_reader();
    ByoMessageRow m, from_file;
    ck_assert_int_eq(byo_store_message(store, message, &m), byo_store_message(reader, message, &from_file));
    if (byo_store_message(store, message, &m) == BYO_STORE_OK)
        ck_message(&m, &from_file);
    for (int i = 1; i <= 2; i++) {
        ByoSegmentRow seg, in_file;
        ByoStoreResult found = byo_store_segment(store, byo_id_segment(message, i), &seg);
        ck_assert_int_eq(found, byo_store_segment(reader, byo_id_segment(message, i), &in_file));
        if (found == BYO_STORE_OK)
            ck_segment(&seg, &in_file);
    }
    byo_store_close(reader);
    ck_counters(store);
}

static ByoSegmentRow load_segment(void)
{
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, first_segment(), &seg), BYO_STORE_OK);
    return seg;
}

START_TEST(rows_just_added)
{
    ck_as_in_file();
    byo_store_begin(store);
    ByoMessageRow m = some_message(message = byo_store_new_id(store, NOW), NOW);
    m.integration = m.box = m.charset = BYO_STR_NONE;
    m.named = false;
    m.uuid = S("as it came");
    m.verdict = (ByoStoredVerdict){.code = -7};
    ByoSegmentRow seg = some_segment(message, 1, BYO_SEG_QUEUED, NOW);
    seg.udh = byo_strn("\5\0\3\1\2\1", 6);
    byo_store_message_add(store, &m, &seg, 1);
    must_commit(store);
    ck_as_in_file();
}
END_TEST

START_TEST(several_updates_of_one_segment_in_one_turn)
{
    byo_store_begin(store);
    ByoSegmentRow seg = load_segment(), before = seg;
    static const ByoSegState states[] = {BYO_SEG_HANDED,   BYO_SEG_QUEUED,   BYO_SEG_HANDED,
                                         BYO_SEG_ACCEPTED, BYO_SEG_ACCEPTED, BYO_SEG_DELIVERED};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        seg.s.state = states[i];
        seg.s.tries++;
        if (i >= 3)
            seg.foreign_id = S("4711");
        if (i == 5)
            seg.verdict = (ByoStoredVerdict){.code = 0, .code_cause = S("DELIVERED")};
        byo_store_segment_update(store, &seg);
        ck_counters_now(store);
    }
    /* Also with a row that was loaded before all of them. */
    before.s.due++;
    byo_store_segment_update(store, &before);
    ck_counters_now(store);
    must_commit(store);
    ck_as_in_file();
    ck_assert_int_eq(load_segment().s.state, BYO_SEG_QUEUED);
    ck_str(load_segment().foreign_id, S(""));
    ck_str(load_segment().payload, S("payload"));
}
END_TEST

START_TEST(a_rollback_takes_rows_back)
{
    byo_store_begin(store);
    ByoSegmentRow seg = load_segment();
    seg.s.state = BYO_SEG_ACCEPTED;
    seg.foreign_id = S("4711");
    byo_store_segment_update(store, &seg);
    ByoMessageRow m;
    byo_store_message(store, message, &m);
    m.tally.accepted = 1;
    byo_store_message_update(store, &m);
    ByoId other = add_message(store, "carrier-b", 1, BYO_SEG_QUEUED, NOW, NOW);
    byo_store_rollback(store);
    ck_as_in_file();
    ck_assert_int_eq(load_segment().s.state, BYO_SEG_QUEUED);
    ck_assert_int_eq(byo_store_message(store, message, &m), BYO_STORE_OK);
    ck_assert_int_eq(m.tally.accepted, 0);
    ck_assert_int_eq(byo_store_message(store, other, &m), BYO_STORE_NONE);
    ck_assert_int_eq(byo_store_segment(store, byo_id_segment(other, 1), &seg), BYO_STORE_NONE);
}
END_TEST

START_TEST(changed_by_other_statements)
{
    byo_store_begin(store);
    set_state(store, first_segment(), BYO_SEG_HANDED, NOW + BYO_HOUR);
    ByoSegmentRow seg = load_segment();
    seg.s.handed = NOW;
    byo_store_segment_update(store, &seg);
    byo_store_handed_due_by(store, S("carrier-a"), NOW + 1, NOW + 5);
    ck_assert_int_eq(load_segment().s.due, NOW + 5);
    byo_store_handed_doubt(store, S("carrier-a"), NOW + 1);
    ck_assert(load_segment().s.maybe_duplicate);
    byo_store_clock_jumped(store, BYO_HOUR, NOW + BYO_HOUR);
    ck_assert_int_eq(load_segment().s.due, NOW + BYO_HOUR + 5);
    must_commit(store);
    ck_as_in_file();
    ByoMessageRow m;
    byo_store_message(store, message, &m);
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_message_remove(store, message), 2);
    must_commit(store);
    ck_assert_int_eq(byo_store_message(store, message, &m), BYO_STORE_NONE);
    ck_assert_int_eq(byo_store_segment(store, first_segment(), &seg), BYO_STORE_NONE);
    ck_as_in_file();
}
END_TEST

START_TEST(what_is_kept_of_the_clock_is_no_count)
{
    byo_store_begin(store);
    byo_store_clock_jumped(store, BYO_HOUR, NOW + BYO_HOUR);
    must_commit(store);
    reopen();
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    ck_assert_int_eq(byo_store_early_count(store), 0);
}
END_TEST

START_TEST(more_messages_than_are_kept)
{
    static ByoId ids[20000];
    const size_t many = (size_t)so_many(20000);
    byo_store_begin(store);
    for (size_t i = 0; i < many; i++)
        ids[i] = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW, NOW);
    for (size_t i = 0; i < many; i++)
        set_state(store, byo_id_segment(ids[i], 1), i % 2 ? BYO_SEG_HANDED : BYO_SEG_DELIVERED, (ByoTime)i);
    must_commit(store);
    for (size_t i = 0; i < many; i++) {
        ByoSegmentRow seg;
        ck_assert_int_eq(byo_store_segment(store, byo_id_segment(ids[i], 1), &seg), BYO_STORE_OK);
        ck_assert_int_eq(seg.id, byo_id_segment(ids[i], 1));
        ck_assert_int_eq(seg.s.due, (ByoTime)i);
    }
    ck_counters(store);
}
END_TEST

START_TEST(rows_live_as_long_as_their_transaction)
{
    byo_store_begin(store);
    ByoSegmentRow seg = load_segment(), next = seg;
    ByoMessageRow m, changed;
    ck_assert_int_eq(byo_store_message(store, message, &m), BYO_STORE_OK);
    seg.foreign_id = S("the first");
    byo_store_segment_update(store, &seg);
    seg = load_segment();
    changed = m;
    changed.verdict = (ByoStoredVerdict){.code = 1, .code_cause = S("A"), .description = S("first")};
    byo_store_message_update(store, &changed);
    ck_assert_int_eq(byo_store_message(store, message, &m), BYO_STORE_OK);
    for (int i = 0; i < so_many(9000); i++)
        add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW, NOW);
    for (int i = 0; i < 3; i++) {
        next.foreign_id = S("another one");
        byo_store_segment_update(store, &next);
        next = load_segment();
        changed.verdict.description = S("another");
        byo_store_message_update(store, &changed);
        ck_assert_int_eq(byo_store_message(store, message, &changed), BYO_STORE_OK);
    }
    ck_str(seg.foreign_id, S("the first"));
    ck_str(seg.payload, S("payload"));
    ck_str(m.verdict.description, S("first"));
    ck_str(m.frame, S("frame"));
    must_commit(store);
    ck_as_in_file();
}
END_TEST

START_TEST(rows_that_were_wanted_are_not_read_late)
{
    ByoId other;
    ByoMessageRow m;
    ByoSegmentRow seg;
    const int late = on_memory() ? 0 : 1; /* there nothing is loaded */
    byo_store_begin(store);
    other = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW, NOW);
    must_commit(store);
    reopen();
    byo_store_begin(store);
    ByoWant wants[] = {{.kind = BYO_WANT_SEGMENT, .id = message + 1},
                       {.kind = BYO_WANT_FOREIGN, .integration = S("carrier-a"), .text = S("77")},
                       {.kind = BYO_WANT_MO, .text = S("a UUID")},
                       {.kind = BYO_WANT_SEGMENT, .id = other + 99}};
    byo_store_want(store, wants, sizeof wants / sizeof *wants);
    ck_assert_int_eq(byo_store_segment(store, message + 1, &seg), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_message(store, message, &m), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_late_reads(store), 0);
    ck_assert_int_eq(byo_store_segment(store, other + 1, &seg), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_late_reads(store), late);
    ck_assert_int_eq(byo_store_segment(store, other + 1, &seg), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_late_reads(store), late);
    must_commit(store);
}
END_TEST

START_TEST(a_destinations_key_of_a_turn_that_failed)
{
    ByoInwardRow one = {.named = true, .box = S("one"), .frame = S("x")},
                 two = {.named = true, .box = S("two"), .frame = S("y")};
    byo_store_begin(store);
    ck_assert(put_inward(store, one, NOW) != 0);
    byo_store_rollback(store);
    byo_store_begin(store);
    ck_assert(put_inward(store, two, NOW) != 0); /* gets the key "one" had */
    ck_assert(put_inward(store, one, NOW) != 0);
    must_commit(store);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("one")), 1);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("two")), 1);
    ck_counters(store);
}
END_TEST

static int by_id(const char *id, ByoForeign *found)
{
    return byo_store_by_id(store, S("carrier-a"), byo_str(id), found, 4);
}

static void answered(int number, const char *foreign_id, ByoSegState state)
{
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, byo_id_segment(message, number), &seg), BYO_STORE_OK);
    seg.s.state = state;
    seg.s.due = NOW + 1000;
    seg.foreign_id = byo_str(foreign_id);
    byo_store_segment_update(store, &seg);
}

/* An update waits for the end of the turn (sqlite_later.c), and every look finds it. */
START_TEST(what_waits_is_found)
{
    ByoForeign found[4];
    ByoId ids[4];
    byo_store_begin(store);
    answered(1, "00AB", BYO_SEG_ACCEPTED);
    ck_assert_int_eq(by_id("00AB", found), 1);
    ck_assert(found[0].id == first_segment() && found[0].state == BYO_SEG_ACCEPTED);
    ck_assert_int_eq(by_id("ab", found), 0);
    ck_assert_int_eq(found_loosely("ab", found), 1);
    answered(1, "00CD", BYO_SEG_ACCEPTED); /* another copy's */
    ck_assert_int_eq(by_id("00AB", found), 0);
    ck_assert_int_eq(by_id("00CD", found), 1);
    answered(2, "00CD", BYO_SEG_ACCEPTED);
    ck_assert_int_eq(by_id("00CD", found), 2);
    ck_assert(found[0].id == byo_id_segment(message, 2) && found[1].id == first_segment());
    answered(2, "00CD", BYO_SEG_DELIVERED);
    ck_assert_int_eq(by_id("00CD", found), 1);
    ck_assert(found[0].id == first_segment());
    ck_assert_int_eq(byo_store_timers_claim(store, NOW + 2000, ids, 4), 1);
    answered(1, "00CD", BYO_SEG_DELIVERED);
    ck_assert_int_eq(found_loosely("cd", found), 0);
    ck_assert_int_eq(byo_store_timers_claim(store, NOW + 2000, ids, 4), 0);
    must_commit(store);
    ck_as_in_file();
}
END_TEST

/* A look by an id costs the same however many segments are out: no index is walked through a range. */
START_TEST(looks_by_id_walk_no_range)
{
    static const ByoQuery queries[] = {BYO_Q_SEGMENT_FOREIGN, BYO_Q_COPY_FOREIGN, BYO_Q_SEGMENT_LOOSE};
    ByoForeign found[4];
    by_id("none", found);
    found_loosely("none", found);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        sqlite3_stmt *st;
        char *sql = byo_printf("EXPLAIN QUERY PLAN %s", sqlite3_sql(store->query[queries[i]]));
        ck_assert_int_eq(sqlite3_prepare_v2(store->db, sql, -1, &st, NULL), SQLITE_OK);
        while (sqlite3_step(st) == SQLITE_ROW) {
            const char *step = (const char *)sqlite3_column_text(st, 3);
            ck_assert_msg(!strstr(step, ">?") && !strstr(step, "SCAN"), "%s: %s", sql, step);
        }
        sqlite3_finalize(st);
        free(sql);
    }
}
END_TEST

/* More of them than rows are kept, and one too long to be kept: the others are still found by their ids. */
START_TEST(waiting_among_many)
{
    const int many = so_many(20000);
    ByoForeign found[4];
    ByoSegmentRow seg;
    char id[16];
    static char text[4096];
    ByoId messages[20000];
    memset(text, 'x', sizeof text);
    byo_store_begin(store);
    for (int i = 0; i < many; i++)
        messages[i] = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW, NOW);
    must_commit(store);
    byo_store_begin(store);
    for (int i = 0; i < many; i++) {
        ck_assert_int_eq(byo_store_segment(store, byo_id_segment(messages[i], 1), &seg), BYO_STORE_OK);
        snprintf(id, sizeof id, "m%d", i);
        seg.s.state = BYO_SEG_ACCEPTED;
        seg.foreign_id = byo_str(id);
        if (i % 500 == 3)
            seg.verdict.description = byo_strn(text, sizeof text);
        byo_store_segment_update(store, &seg);
        snprintf(id, sizeof id, "m%d", i / 2);
        ck_assert_int_eq(by_id(id, found), 1);
        ck_assert(found[0].id == byo_id_segment(messages[i / 2], 1));
    }
    must_commit(store);
    ck_counters(store);
    for (int i = 0; i < many; i++) {
        snprintf(id, sizeof id, "m%d", i);
        ck_assert_int_eq(by_id(id, found), 1);
    }
}
END_TEST

static void add_id(void *arg, const ByoInwardRow *row)
{
    ByoBuf *b = arg;
    byo_buf_addf(b, "%.*s ", BYO_PF(row->frame));
}

static void ck_inward(const char *wanted)
{
    ByoBuf b = {0};
    byo_store_inward_claim(store, true, S("app"), 0, 100, add_id, &b);
    ck_str(byo_buf_str(&b), byo_str(wanted));
    byo_buf_free(&b);
}

static ByoId report(const char *frame)
{
    return put_inward(store, (ByoInwardRow){.named = true, .box = S("app"), .frame = byo_str(frame)}, NOW);
}

/* Rows of inward go in runs and after that others come: which do, and how many there are, is as if each went at once. */
START_TEST(reports_go_and_come)
{
    ByoId ids[5];
    byo_store_begin(store);
    ids[0] = report("a"), ids[1] = report("b"), ids[2] = report("c"), ids[3] = report("d"),
    ids[4] = report("e");
    ck_inward("a b c d e ");
    must_commit(store);
    ck_counters(store);
    byo_store_begin(store);
    byo_store_inward_remove(store, ids[2]);
    byo_store_inward_remove(store, ids[1]);
    byo_store_inward_remove(store, ids[1]);      /* twice */
    byo_store_inward_remove(store, ids[4] + 77); /* never was */
    ByoId gone = report("f");
    report("g");
    byo_store_inward_remove(store, gone); /* in the turn it came in */
    must_commit(store);
    ck_counters(store);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("app")), 4);
    ck_inward("a d e g ");
    byo_store_begin(store);
    byo_store_inward_remove(store, ids[0]);
    report("h");
    ck_inward("d e g h ");
    byo_store_rollback(store);
    ck_counters(store);
    ck_inward("a d e g ");
    byo_store_begin(store);
    must_commit(store);
    ck_counters(store);
    ck_inward("a d e g ");
}
END_TEST

Suite *store_kept_suite(void)
{
    Suite *s = suite_create("store, rows kept in memory");
    TCase *t = tcase_create("kept");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup_message, teardown);
    tcase_add_test(t, rows_just_added);
    tcase_add_test(t, several_updates_of_one_segment_in_one_turn);
    tcase_add_test(t, a_rollback_takes_rows_back);
    tcase_add_test(t, changed_by_other_statements);
    tcase_add_test(t, what_is_kept_of_the_clock_is_no_count);
    tcase_add_test(t, more_messages_than_are_kept);
    tcase_add_test(t, rows_live_as_long_as_their_transaction);
    tcase_add_test(t, rows_that_were_wanted_are_not_read_late);
    tcase_add_test(t, a_destinations_key_of_a_turn_that_failed);
    tcase_add_test(t, what_waits_is_found);
    tcase_add_sqlite_test(t, looks_by_id_walk_no_range);
    tcase_add_test(t, waiting_among_many);
    tcase_add_test(t, reports_go_and_come);
    suite_add_tcase(s, t);
    return s;
}
