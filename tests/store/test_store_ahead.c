/* SPDX-License-Identifier: BSD-3-Clause
 * What a turn names before it decides (byo_store_want) and asks for at its end: it counts as the turn left it. */
#include "store_fixture.h"

static ByoId add(ByoSegState state, ByoTime due, ByoTime expires)
{
    ByoId id = byo_store_new_id(store, NOW);
    ByoMessageRow m = some_message(id, NOW);
    ByoSegmentRow seg = some_segment(id, 1, state, due);
    m.expires = expires;
    byo_store_message_add(store, &m, &seg, 1);
    return seg.id;
}

static void want(ByoWant w)
{
    byo_store_want(store, &w, 1);
}

/* All the queue gives, each handed over: their ids in order. */
static int empty_queue(ByoTime now, ByoId got[8])
{
    int n = 0;
    ByoId ids[4];
    for (int some; (some = byo_store_queue_claim(store, S("carrier-a"), now, ids, 4)) > 0;)
        for (int i = 0; i < some; i++) {
            ck_assert_int_lt(n, 8);
            set_state(store, got[n++] = ids[i], BYO_SEG_HANDED, now + 1000);
        }
    return n;
}

START_TEST(a_queue)
{
    ByoId got[8];
    byo_store_begin(store);
    ByoId stays = add(BYO_SEG_QUEUED, NOW, 0), later = add(BYO_SEG_QUEUED, NOW, 0),
          gone = add(BYO_SEG_QUEUED, NOW, 0), last = add(BYO_SEG_QUEUED, NOW + 1, 0);
    must_commit(store);
    byo_store_begin(store);
    want((ByoWant){.kind = BYO_WANT_QUEUE, .integration = S("carrier-a"), .now = NOW + 10, .max = 3});
    set_state(store, later, BYO_SEG_QUEUED, NOW + 100);
    set_state(store, gone, BYO_SEG_CANCELLED, 0);
    ByoId new = add(BYO_SEG_QUEUED, NOW + 2, 0);
    ck_assert_int_eq(empty_queue(NOW + 10, got), 3);
    ck_assert(got[0] == stays && got[1] == last && got[2] == new);
    must_commit(store);
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_queue_next(store, S("carrier-a")), NOW + 100);
    want((ByoWant){.kind = BYO_WANT_QUEUE, .integration = S("carrier-a"), .now = NOW + 200, .max = 3});
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), NOW + 10, got, 8), 0); /* another moment */
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-b"), NOW + 200, got, 8), 0);
    ck_assert_int_eq(empty_queue(NOW + 200, got), 1);
    ck_assert_int_eq(got[0], later);
    must_commit(store);
    ck_counters(store);
}
END_TEST

/* What comes into a queue of which nothing was due is found, without a due, too. */
START_TEST(a_queue_that_was_empty)
{
    ByoId got[8];
    byo_store_begin(store);
    add(BYO_SEG_QUEUED, NOW + 1000, 0);
    must_commit(store);
    for (int i = 0; i < 2; i++) {
        byo_store_begin(store);
        want((ByoWant){.kind = BYO_WANT_QUEUE, .integration = S("carrier-a"), .now = NOW + i, .max = 8});
        ByoId new = add(BYO_SEG_QUEUED, 0, 0);
        ck_assert_int_eq(empty_queue(NOW + i, got), 1);
        ck_assert_int_eq(got[0], new);
        must_commit(store);
    }
    ck_counters(store);
}
END_TEST

START_TEST(timers)
{
    ByoId got[8];
    byo_store_begin(store);
    ByoId handed = add(BYO_SEG_HANDED, NOW + 1, 0), accepted = add(BYO_SEG_ACCEPTED, NOW + 2, 0),
          answered = add(BYO_SEG_HANDED, NOW + 1, 0), moved = add(BYO_SEG_ACCEPTED, NOW + 2, 0);
    must_commit(store);
    byo_store_begin(store);
    want((ByoWant){.kind = BYO_WANT_TIMERS, .now = NOW + 10, .max = 8});
    set_state(store, answered, BYO_SEG_ACCEPTED, NOW + 500);
    set_state(store, moved, BYO_SEG_ACCEPTED, NOW + 500);
    ck_assert_int_eq(byo_store_timers_claim(store, NOW + 10, got, 8), 2);
    ck_assert((got[0] == handed && got[1] == accepted) || (got[0] == accepted && got[1] == handed));
    set_state(store, handed, BYO_SEG_FAILED, 0);
    set_state(store, accepted, BYO_SEG_DELIVERED, 0);
    must_commit(store);
    ck_assert_int_le(byo_store_timers_next(store), NOW + 500);
    byo_store_begin(store);
    want((ByoWant){.kind = BYO_WANT_TIMERS, .now = NOW + 20, .max = 8});
    set_state(store, moved, BYO_SEG_ACCEPTED, NOW + 15); /* by the turn itself: now, or next */
    int n = byo_store_timers_claim(store, NOW + 20, got, 8);
    must_commit(store);
    ck_assert_int_le(byo_store_timers_next(store), NOW + 20);
    byo_store_begin(store);
    want((ByoWant){.kind = BYO_WANT_TIMERS, .now = NOW + 21, .max = 8});
    n += byo_store_timers_claim(store, NOW + 21, got + n, 8 - n);
    ck_assert(n > 0 && got[0] == moved);
    must_commit(store);
}
END_TEST

START_TEST(validities)
{
    ByoId got[8];
    byo_store_begin(store);
    ByoId waits = add(BYO_SEG_QUEUED, NOW, NOW + 5), left = add(BYO_SEG_QUEUED, NOW, NOW + 5),
          before = add(BYO_SEG_QUEUED, NOW, NOW + 1);
    must_commit(store);
    byo_store_begin(store);
    want((ByoWant){.kind = BYO_WANT_EXPIRED, .after = NOW + 2, .now = NOW + 10, .max = 8});
    set_state(store, left, BYO_SEG_HANDED, NOW + 1000);
    ck_assert_int_eq(byo_store_expired(store, NOW, NOW + 1, got, 8), 1); /* other bounds */
    ck_assert_int_eq(got[0], before);
    ck_assert_int_eq(byo_store_expired(store, NOW, NOW + 10, got, 8), 2);
    ck_assert_int_eq(byo_store_expired(store, NOW + 2, NOW + 10, got, 8), 1);
    ck_assert_int_eq(got[0], waits);
    set_state(store, waits, BYO_SEG_FAILED, 0);
    ByoId new = add(BYO_SEG_QUEUED, NOW, NOW + 6);
    ck_assert_int_eq(byo_store_expired(store, NOW + 2, NOW + 10, got, 8), 1);
    ck_assert_int_eq(got[0], new);
    must_commit(store);
}
END_TEST

/* More than were asked for: those that are left are found though the turn ended one of them. */
START_TEST(more_validities_than_were_wanted)
{
    ByoId got[8], ids[4];
    byo_store_begin(store);
    for (int i = 0; i < 4; i++)
        ids[i] = add(BYO_SEG_QUEUED, NOW, NOW + 5);
    must_commit(store);
    byo_store_begin(store);
    want((ByoWant){.kind = BYO_WANT_EXPIRED, .after = NOW, .now = NOW + 10, .max = 2});
    set_state(store, ids[0], BYO_SEG_CANCELLED, 0);
    ck_assert_int_eq(byo_store_expired(store, NOW, NOW + 10, got, 2), 2);
    must_commit(store);
}
END_TEST

static void give_id(ByoId segment, const char *id, ByoSegState state)
{
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, segment, &seg), BYO_STORE_OK);
    seg.s.state = state;
    seg.s.due = NOW + 1000;
    seg.foreign_id = byo_str(id);
    byo_store_segment_update(store, &seg);
}

static void want_loosely(const char *const *ids, size_t n)
{
    ByoWant w[8];
    for (size_t i = 0; i < n; i++)
        w[i] = (ByoWant){.kind = BYO_WANT_FOREIGN,
                         .integration = S("carrier-a"),
                         .text = byo_str(ids[i]),
                         .written = byo_str(ids[i])};
    byo_store_want(store, w, n);
}

START_TEST(ids_that_are_alike)
{
    ByoForeign found[4];
    byo_store_begin(store);
    ByoId one = add(BYO_SEG_HANDED, NOW + 1000, 0), two = add(BYO_SEG_HANDED, NOW + 1000, 0),
          other = add(BYO_SEG_HANDED, NOW + 1000, 0);
    give_id(one, "00AB", BYO_SEG_ACCEPTED);
    give_id(two, "00cd", BYO_SEG_ACCEPTED);
    must_commit(store);
    reopen();
    byo_store_begin(store);
    want_loosely((const char *[]){"ab", "171", "CD", "ef", "00AB"}, 5);
    const int64_t late = byo_store_late_reads(store);
    ck_assert_int_eq(found_loosely("ab", found), 1);
    ck_assert(found[0].id == one && found[0].state == BYO_SEG_ACCEPTED);
    ck_assert_int_eq(found_loosely("171", found), 1); /* the same as a decimal */
    ck_assert_int_eq(found_loosely("CD", found), 1);
    ck_assert_int_eq(found[0].id, two);
    ck_assert_int_eq(found_loosely("ef", found), 0);
    ck_assert_int_eq(byo_store_late_reads(store), late);
    give_id(other, "0x0EF", BYO_SEG_ACCEPTED);
    give_id(two, "12", BYO_SEG_ACCEPTED);
    give_id(one, "00AB", BYO_SEG_DELIVERED);
    ck_assert_int_eq(found_loosely("ef", found), 1);
    ck_assert_int_eq(found[0].id, other);
    ck_assert_int_eq(found_loosely("CD", found), 0);
    ck_assert_int_eq(found_loosely("ab", found), 0);
    ck_assert_int_eq(found_loosely("171", found), 0);
    must_commit(store);
}
END_TEST

/* Of a segment that was handed over more than once. */
static const ByoCopyRow older = {.foreign_id = {"00EF", 4}, .try = 1, .open = true, .verdict.code = -1};

static ByoId add_with_copy(void)
{
    byo_store_begin(store);
    ByoId one = add(BYO_SEG_HANDED, NOW + 1000, 0);
    give_id(one, "77", BYO_SEG_ACCEPTED);
    byo_store_copy_add(store, one, &older);
    must_commit(store);
    return one;
}

START_TEST(ids_of_copies_that_are_alike)
{
    ByoForeign found[4];
    ByoId one = add_with_copy();
    byo_store_begin(store);
    want_loosely((const char *[]){"ef", "ee"}, 2);
    ck_assert_int_eq(found_loosely("ef", found), 1);
    ck_assert_int_eq(found[0].id, one);
    ByoCopyRow more = older;
    more.foreign_id = S("0EE");
    byo_store_copy_add(store, one, &more);
    ck_assert_int_eq(found_loosely("ee", found), 1);
    must_commit(store);
}
END_TEST

/* The same where its segment was read in the turn, or was given that id as the one that counts. */
START_TEST(ids_of_copies_of_a_segment_that_is_held)
{
    ByoForeign found[4];
    ByoSegmentRow seg;
    ByoId one = add_with_copy();
    reopen();
    byo_store_begin(store);
    want_loosely((const char *[]){"ef", "077"}, 2);
    ck_assert_int_eq(byo_store_segment(store, one, &seg), BYO_STORE_OK);
    ck_assert_int_eq(found_loosely("ef", found), 1);
    give_id(one, "00EF", BYO_SEG_ACCEPTED);
    ck_assert_int_eq(found_loosely("ef", found), 1);
    ck_assert_int_eq(found[0].id, one);
    must_commit(store);
}
END_TEST

Suite *store_ahead_suite(void)
{
    Suite *s = suite_create("store, asked ahead");
    TCase *t = tcase_create("ahead");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, a_queue);
    tcase_add_test(t, a_queue_that_was_empty);
    tcase_add_test(t, timers);
    tcase_add_test(t, validities);
    tcase_add_test(t, more_validities_than_were_wanted);
    tcase_add_test(t, ids_that_are_alike);
    tcase_add_test(t, ids_of_copies_that_are_alike);
    tcase_add_test(t, ids_of_copies_of_a_segment_that_is_held);
    suite_add_tcase(s, t);
    return s;
}
