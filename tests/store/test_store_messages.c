/* SPDX-License-Identifier: BSD-3-Clause
 * The store: ids, messages and their segments, and the carrier's ids of them: what is put in comes out. */
#include "store_fixture.h"

/* -- ids -------------------------------------------------------------------------------------- */

/* Of two writers that know nothing of each other, also behind an id of before there were slots. */
START_TEST(ids_of_two_slots_never_meet)
{
    static const ByoTime clock[] = {NOW, NOW, NOW - 5, NOW + 1, NOW + 1};
    ByoId of[2][1000], old = byo_id_at(NOW) + 256 * 7;
    for (int slot = 0; slot < 2; slot++)
        for (int i = 0; i < 1000; i++) {
            ByoId last = i ? of[slot][i - 1] : old;
            of[slot][i] = byo_id_next(last, clock[i * 5 / 1000], slot ? BYO_SLOTS - 1 : 0);
            ck_assert(of[slot][i] > last && of[slot][i] % 256 == 0);
            ck_assert_int_le(byo_id_time(of[slot][i]), NOW + 1);
        }
    for (int i = 0, k = 0; i < 1000; i++) {
        while (k < 999 && of[1][k] < of[0][i])
            k++;
        ck_assert(of[1][k] != of[0][i]);
    }
}
END_TEST

START_TEST(ids_grow_whatever_the_clock_does)
{
    ByoId last = 0;
    for (int i = 0; i < 100000; i++) {
        ByoId id = byo_store_new_id(store, NOW - i % 977);
        ck_assert(id > last && id % 256 == 0);
        last = id;
    }
    byo_store_begin(store);
    ByoId kept = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW, NOW + BYO_DAY);
    must_commit(store);
    reopen();
    ck_assert(byo_store_new_id(store, NOW) > kept);
    ck_assert(byo_store_new_id(store, 0) > kept);
    ck_assert(byo_store_new_id(store, INT64_MAX) > kept);
}
END_TEST

START_TEST(ids_have_a_place_in_time)
{
    ByoId id = byo_store_new_id(store, NOW);
    ck_assert(id >= byo_id_at(NOW) && id < byo_id_at(NOW + 1));
    ck_assert_int_eq(byo_id_time(id), NOW);
    ck_assert_int_eq(byo_id_at(0), 0);
    ck_assert_int_eq(byo_id_at(-5), 0);
    ck_assert(byo_id_at(INT64_MAX) > byo_id_at(NOW));
    ck_assert_int_eq(byo_id_message(byo_id_segment(id, 255)), id);
    ck_assert_int_eq(byo_id_number(byo_id_segment(id, 255)), 255);
}
END_TEST

START_TEST(ids_have_a_public_form)
{
    char text[BYO_ID_TEXT];
    ByoId id = byo_store_new_id(store, NOW), back;
    ck_assert_uint_eq(strlen(byo_id_text(id, text)), 14);
    ck_assert(byo_id_parse(S(text), &back));
    ck_assert_int_eq(back, id);
    ck_assert_str_eq(byo_id_text(id + 7, text), byo_id_text(id, (char[BYO_ID_TEXT]){0}));
    ck_assert(byo_id_parse(S("0000000000AbCd"), &back));
    ck_assert_int_eq(back, 0xabcd00);
    static const char *const wrong[] = {
        "",  "0000000000abc",  "0000000000abcde", "0000000000abcg", "-000000000abcd",
        " ", "00000000000000", "ffffffffffffff",  "80000000000000", "0x00000000abcd"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(!byo_id_parse(S(wrong[i]), &back), "%s", wrong[i]);
}
END_TEST

/* -- messages --------------------------------------------------------------------------------- */

START_TEST(message_comes_back_whole)
{
    ByoMessageRow m = some_message(byo_store_new_id(store, NOW), NOW), got;
    m.state = BYO_MSG_FAILED;
    m.ended = NOW + 1;
    m.expires = NOW + 2;
    m.tally =
        (ByoTally){.segments = 3, .accepted = 2, .delivered = 1, .failed = 1, .reported = 24, .ended = true};
    m.reports = 3;
    m.mask = 27;
    m.coding = 2;
    m.data_coding = 245;
    m.dcs = 8;
    m.keyword = 2;
    m.verdict = (ByoStoredVerdict){.code_cause = S("CARRIER_ACCEPTED"),
                                   .code = 8,
                                   .description = S("d\xc3\xa9"),
                                   .carrier_code = S("088")};
    m.frame = byo_strn("\0\0\0\2\xff\0end", 9);
    ByoSegmentRow seg[2] = {some_segment(m.id, 1, BYO_SEG_QUEUED, NOW),
                            some_segment(m.id, 2, BYO_SEG_HANDED, NOW)};
    seg[1].s = (ByoSegment){.state = BYO_SEG_FAILED,
                            .tries = 3,
                            .interim = true,
                            .maybe_duplicate = true,
                            .first_handed = 5,
                            .handed = 6,
                            .due = 7,
                            .ended = 8,
                            .accepted_at = 9};
    seg[1].verdict = (ByoStoredVerdict){
        .code_cause = S("THROTTLED"), .code = 0, .description = S("x"), .carrier_code = S("A1B")};
    seg[1].foreign_id = S("f00");
    seg[1].udh = byo_strn("\5\0\3\1\2\2", 6);
    seg[1].payload = byo_strn("\0\1", 2);
    byo_store_begin(store);
    byo_store_message_add(store, &m, seg, 2);
    must_commit(store);
    reopen();

    ck_assert_int_eq(byo_store_message(store, m.id, &got), BYO_STORE_OK);
    ByoSegmentRow back;
    ck_assert_int_eq(byo_store_segment(store, byo_id_segment(m.id, 2), &back), BYO_STORE_OK);
    /* Both are looked at after both were read: a message and its segment may be held together. */
    ck_assert_int_eq(got.id, m.id);
    ck_str(got.integration, m.integration);
    ck_str(got.number, m.number);
    ck_str(got.recipient, m.recipient);
    ck_str(got.uuid, m.uuid);
    ck_assert(got.named);
    ck_str(got.box, m.box);
    ck_assert_int_eq(got.state, m.state);
    ck_assert_int_eq(got.created, m.created);
    ck_assert_int_eq(got.ended, m.ended);
    ck_assert_int_eq(got.expires, m.expires);
    ck_assert_int_eq(got.tally.segments, 3);
    ck_assert_int_eq(got.tally.accepted, 2);
    ck_assert_int_eq(got.tally.delivered, 1);
    ck_assert_int_eq(got.tally.failed, 1);
    ck_assert_int_eq(got.tally.reported, 24);
    ck_assert(got.tally.ended);
    ck_assert_int_eq(got.reports, 3);
    ck_assert_int_eq(got.mask, 27);
    ck_assert_int_eq(got.coding, 2);
    ck_assert_int_eq(got.data_coding, 245);
    ck_assert_int_eq(got.dcs, 8);
    ck_str(got.charset, m.charset);
    ck_assert_int_eq(got.keyword, 2);
    ck_assert_int_eq(got.verdict.code, 8);
    ck_str(got.verdict.code_cause, m.verdict.code_cause);
    ck_str(got.verdict.description, m.verdict.description);
    ck_str(got.verdict.carrier_code, m.verdict.carrier_code);
    ck_str(got.frame, m.frame);

    ck_assert_mem_eq(&back.s.state, &seg[1].s.state, sizeof back.s.state);
    ck_assert_int_eq(back.s.tries, 3);
    ck_assert(back.s.interim && back.s.maybe_duplicate);
    ck_assert_int_eq(back.s.first_handed, 5);
    ck_assert_int_eq(back.s.handed, 6);
    ck_assert_int_eq(back.s.due, 7);
    ck_assert_int_eq(back.s.ended, 8);
    ck_assert_int_eq(back.s.accepted_at, 9);
    ck_assert_int_eq(back.verdict.code, 0);
    ck_str(back.verdict.code_cause, S("THROTTLED"));
    ck_str(back.verdict.carrier_code, S("A1B"));
    ck_str(back.foreign_id, S("f00"));
    ck_str(back.udh, seg[1].udh);
    ck_str(back.payload, seg[1].payload);

    ck_assert_int_eq(byo_store_segment(store, byo_id_segment(m.id, 1), &back), BYO_STORE_OK);
    ck_assert_int_eq(back.verdict.code, -1);
    ck_str(back.verdict.code_cause, S(""));
    ck_str(back.udh, S(""));
    ck_assert(!back.s.interim && !back.s.maybe_duplicate);
    ck_assert_int_eq(byo_store_segment(store, byo_id_segment(m.id, 3), &back), BYO_STORE_NONE);
    ck_assert_int_eq(byo_store_message(store, m.id + 256, &got), BYO_STORE_NONE);
}
END_TEST

START_TEST(message_without_integration_box_or_uuid)
{
    static const char *const uuids[] = {"", "0F8FAD5B-D9CB-469F-A165-70867728950E", "not a uuid",
                                        "0f8fad5bxd9cb-469f-a165-70867728950e", "of 16 characters"};
    for (size_t i = 0; i < sizeof uuids / sizeof *uuids; i++) {
        ByoMessageRow m = some_message(byo_store_new_id(store, NOW), NOW), got;
        m.integration = m.number = m.charset = m.box = BYO_STR_NONE;
        m.frame = BYO_STR("");
        m.named = i % 2;
        m.uuid = S(uuids[i]);
        m.tally = (ByoTally){0};
        byo_store_begin(store);
        byo_store_message_add(store, &m, NULL, 0);
        must_commit(store);
        ck_assert_int_eq(byo_store_message(store, m.id, &got), BYO_STORE_OK);
        ck_str(got.integration, S(""));
        ck_str(got.box, S(""));
        ck_assert_int_eq(got.named, i % 2);
        ck_str(got.uuid, S(uuids[i]));
    }
}
END_TEST

static void collect_segment(void *arg, const ByoSegmentRow *seg)
{
    ByoId *at = arg;
    ck_assert_int_eq(seg->id, *at + 1);
    *at = seg->id;
    ByoSegmentRow changed = *seg;
    changed.s.state = BYO_SEG_CANCELLED;
    byo_store_segment_update(store, &changed);
}

START_TEST(segments_in_order_and_changed_while_listed)
{
    byo_store_begin(store);
    add_message(store, "carrier-a", 2, BYO_SEG_QUEUED, NOW, NOW);
    ByoId id = add_message(store, "carrier-a", 255, BYO_SEG_QUEUED, NOW, NOW), at = id;
    add_message(store, "carrier-a", 2, BYO_SEG_QUEUED, NOW, NOW);
    byo_store_segments(store, id, collect_segment, &at);
    must_commit(store);
    ck_assert_int_eq(at, id + 255);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_QUEUED), 4);
    ck_counters(store);
}
END_TEST

START_TEST(updates_change_what_they_name)
{
    byo_store_begin(store);
    ByoId id = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW, NOW);
    ByoMessageRow m;
    ByoSegmentRow seg;
    byo_store_message(store, id, &m);
    m.state = BYO_MSG_DELIVERED;
    m.ended = NOW + 9;
    m.tally.delivered = 1;
    m.tally.reported = 1;
    m.tally.ended = true;
    m.verdict = (ByoStoredVerdict){.code = 0, .code_cause = S("DELIVERED")};
    byo_store_message_update(store, &m);
    byo_store_segment(store, id + 1, &seg);
    seg.s.state = BYO_SEG_ACCEPTED;
    seg.s.tries = 2;
    seg.foreign_id = S("77");
    seg.payload = seg.udh = BYO_STR_NONE;
    byo_store_segment_update(store, &seg);
    must_commit(store);
    reopen();
    ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_OK);
    ck_assert_int_eq(m.state, BYO_MSG_DELIVERED);
    ck_assert_int_eq(m.ended, NOW + 9);
    ck_assert(m.tally.ended && m.tally.delivered == 1 && m.tally.reported == 1);
    ck_str(m.verdict.code_cause, S("DELIVERED"));
    ck_str(m.frame, S("frame"));
    ck_assert_int_eq(byo_store_segment(store, id + 1, &seg), BYO_STORE_OK);
    ck_assert_int_eq(seg.s.state, BYO_SEG_ACCEPTED);
    ck_assert_int_eq(seg.s.tries, 2);
    ck_str(seg.payload, S("payload"));
    ck_str(seg.foreign_id, S("77"));
}
END_TEST

static void give_id(ByoId segment, ByoSegState state, const char *id)
{
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, segment, &seg), BYO_STORE_OK);
    seg.foreign_id = S(id);
    seg.s.state = state;
    byo_store_segment_update(store, &seg);
}

/* The first segment that has the id exactly; 0: none. */
static ByoId exactly(const char *integration, const char *id, int *n_r)
{
    ByoForeign found[4];
    *n_r = byo_store_by_id(store, S(integration), S(id), found, 4);
    return *n_r ? found[0].id : 0;
}

static ByoId loosely(const char *id, int *n_r)
{
    ByoForeign found[4];
    ByoMsgidForms forms = {0};
    byo_msgid_forms(S(id), &forms);
    *n_r = byo_store_by_loose_id(store, S("carrier-a"), &forms, found, 4);
    byo_msgid_forms_free(&forms);
    return *n_r ? found[0].id : 0;
}

typedef struct {
    int n;
    ByoId segment;
} Ended;

static void note_ended(void *arg, ByoStr integration, ByoStr foreign_id, ByoId segment)
{
    Ended *e = arg;
    ck_str(integration, S("carrier-a"));
    ck_str(foreign_id, S("00ab"));
    e->n++;
    e->segment = segment;
}

START_TEST(C06_segment_found_by_the_carriers_id)
{
    int n;
    byo_store_begin(store);
    ByoId a = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW, NOW) + 1;
    ByoId b = add_message(store, "carrier-b", 1, BYO_SEG_HANDED, NOW, NOW) + 1;
    give_id(a, BYO_SEG_ACCEPTED, "00ab");
    give_id(b, BYO_SEG_ACCEPTED, "00ab");
    must_commit(store);
    ck_assert_int_eq(exactly("carrier-a", "00ab", &n), a);
    ck_assert_int_eq(exactly("carrier-b", "00ab", &n), b);
    ck_assert_int_eq(exactly("carrier-c", "00ab", &n), 0);
    ck_assert_int_eq(exactly("carrier-a", "00AB", &n), 0);
    ck_assert_int_eq(exactly("carrier-a", "", &n), 0);
    ck_assert_int_eq(loosely("AB", &n), a);
    ck_assert_int_eq(loosely("171", &n), a);
    ck_assert_int_eq(loosely("ac", &n), 0);
    byo_store_begin(store);
    set_state(store, a, BYO_SEG_DELIVERED, 0);
    must_commit(store);
    ck_assert_int_eq(exactly("carrier-a", "00ab", &n), 0);
    ck_assert_int_eq(loosely("AB", &n), 0);
    Ended ended = {0};
    byo_store_ended_ids(store, 10, note_ended, &ended);
    ck_assert_int_eq(ended.n, 1);
    ck_assert_int_eq(ended.segment, a);
    byo_store_ended_ids(store, 1, note_ended, &ended); /* the newest segment is out still */
    ck_assert_int_eq(ended.n, 1);
}
END_TEST

/* One id of several segments: the newest first, and no more than asked for. */
START_TEST(C06_one_id_of_many)
{
    int n;
    ByoId last = 0;
    byo_store_begin(store);
    for (int i = 0; i < 6; i++)
        give_id(last = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW, NOW) + 1,
                i == 0 ? BYO_SEG_DELIVERED : BYO_SEG_ACCEPTED, "7");
    must_commit(store);
    ck_assert_int_eq(exactly("carrier-a", "7", &n), last);
    ck_assert_int_eq(n, 4);
    ck_assert(loosely("007", &n) != 0);
    ck_assert_int_eq(n, 4);
}
END_TEST

START_TEST(C72_more_ids_than_one)
{
    ByoCopyRow copies[4], first = {.foreign_id = S("A1"), .try = 1, .open = true, .verdict.code = -1},
                          second = {.foreign_id = S("b2"), .try = 2, .open = true, .verdict.code = -1};
    int n;
    byo_store_begin(store);
    ByoId a = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW, NOW) + 1;
    give_id(a, BYO_SEG_ACCEPTED, "b2");
    ByoSegmentRow seg;
    byo_store_segment(store, a, &seg);
    seg.s.copies = true;
    byo_store_segment_update(store, &seg);
    byo_store_copy_add(store, a, &second);
    byo_store_copy_add(store, a, &first);
    first.verdict = (ByoStoredVerdict){.code = 10,
                                       .code_cause = S("CARRIER_DELIVERY_FAILED"),
                                       .description = S(""),
                                       .carrier_code = S("001")};
    byo_store_copy_end(store, a, &first);
    byo_store_copy_add(store, a, &first); /* its answer once more: it stays ended */
    must_commit(store);
    ck_assert_int_eq(byo_store_copies(store, a, copies, 4), 2);
    ck_str(copies[0].foreign_id, S("A1"));
    ck_assert(!copies[0].open && copies[0].verdict.code == 10 && copies[0].try == 1);
    ck_str(copies[0].verdict.code_cause, S("CARRIER_DELIVERY_FAILED"));
    ck_str(copies[0].verdict.carrier_code, S("001"));
    ck_str(copies[1].foreign_id, S("b2"));
    ck_assert(copies[1].open && copies[1].verdict.code == -1);
    ck_assert_int_eq(exactly("carrier-a", "A1", &n), a);
    ck_assert_int_eq(exactly("carrier-a", "b2", &n), a);
    ck_assert_int_eq(n, 1);
    ck_assert_int_eq(loosely("00a1", &n), a);
    ck_assert_int_eq(byo_store_segment(store, a, &seg), BYO_STORE_OK);
    ck_assert(seg.s.copies);
    /* They go with their segment. */
    byo_store_begin(store);
    byo_store_message_remove(store, byo_id_message(a));
    must_commit(store);
    ck_assert_int_eq(rows_in("segment_copy"), 0);
}
END_TEST

START_TEST(C73_a_message_knows_its_doubtful_segment)
{
    byo_store_begin(store);
    ByoId m = add_message(store, "carrier-a", 3, BYO_SEG_HANDED, NOW, NOW);
    ByoId other = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW, NOW);
    ck_assert(!byo_store_maybe_duplicate(store, m));
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, m + 3, &seg), BYO_STORE_OK);
    seg.s.maybe_duplicate = true;
    byo_store_segment_update(store, &seg);
    must_commit(store);
    ck_assert(byo_store_maybe_duplicate(store, m));
    ck_assert(!byo_store_maybe_duplicate(store, other));
}
END_TEST

Suite *store_messages_suite(void)
{
    Suite *suite = suite_create("store messages");
    TCase *t = tcase_create("messages");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, ids_of_two_slots_never_meet);
    tcase_add_test(t, ids_grow_whatever_the_clock_does);
    tcase_add_test(t, ids_have_a_place_in_time);
    tcase_add_test(t, ids_have_a_public_form);
    tcase_add_test(t, message_comes_back_whole);
    tcase_add_test(t, message_without_integration_box_or_uuid);
    tcase_add_test(t, segments_in_order_and_changed_while_listed);
    tcase_add_test(t, updates_change_what_they_name);
    tcase_add_test(t, C06_segment_found_by_the_carriers_id);
    tcase_add_test(t, C06_one_id_of_many);
    tcase_add_test(t, C72_more_ids_than_one);
    tcase_add_test(t, C73_a_message_knows_its_doubtful_segment);
    suite_add_tcase(suite, t);
    return suite;
}
