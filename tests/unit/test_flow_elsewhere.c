/* SPDX-License-Identifier: BSD-3-Clause
 * Receipts for segments that another byobox of the same store has (docs/nodes-design.md). Threads: one. */
#include "flow_receipt.h"

/* A store that two byoboxes share; the other one has each segment while it is there. */
static struct {
    const ByoStoreOps *real;
    int other;   /* who has them */
    int left_to; /* who was left one last */
    ByoId segment;
    bool full; /* too many wait */
    ByoChangeKind kind;
    char told[20];
} shared;

static int of_other(int n, ByoForeign *found)
{
    for (int i = 0; i < n; i++)
        found[i].other = byo_seg_final(found[i].state) ? 0 : shared.other;
    return n;
}

static int by_id(ByoStore *s, ByoStr integration, ByoStr foreign_id, ByoForeign *found, int max)
{
    return of_other(shared.real->by_id(s, integration, foreign_id, found, max), found);
}

static void receipt_leave(ByoStore *s, const ByoForeign *of, ByoStr integration, ByoStr foreign_id,
                          ByoStr frame, ByoTime at)
{
    shared.left_to = of->other;
    shared.segment = of->id;
    shared.real->early_add(s, integration, (ByoStr[]){foreign_id, BYO_STR_NONE}, frame, at);
}

static ByoId early_next(ByoStore *s, ByoStr integration, ByoStr foreign_id, const ByoMsgidForms *forms,
                        ByoEarlyAt *at, ByoBuf *frame)
{
    ByoId id = shared.real->early_next(s, integration, foreign_id, forms, at, frame);
    at->segment = shared.segment;
    return id;
}

static int64_t early_count(const ByoStore *s)
{
    return shared.full ? BYO_EARLY_MAX : shared.real->early_count(s);
}

static ByoTime look_at_others(ByoStore *s, void (*each)(void *arg, const ByoChange *c), void *arg)
{
    (void)s;
    each(arg, &(ByoChange){.kind = shared.kind, .key = S("carrier-a"), .more = S(shared.told)});
    return 0;
}

static void share_store(void)
{
    ByoStoreOps *ops = flow_store_ops(&shared.real);
    ops->by_id = by_id;
    ops->early_next = early_next;
    ops->receipt_leave = receipt_leave;
    ops->early_count = early_count;
    ops->others = look_at_others;
    shared.left_to = 0;
    shared.segment = 0;
    shared.full = false;
}

static void gave_id(const char *id, const Out *seg)
{
    ByoId at = segment_of(seg).id;
    ByoSegmentRow row;
    begin();
    ck_assert_int_eq(byo_store_segment(store, at, &row), BYO_STORE_OK);
    row.foreign_id = S(id);
    byo_store_segment_update(store, &row);
    commit();
}

/* Its node is told, as the one that has it. */
static void told_of(ByoChangeKind kind, const char *id)
{
    shared.kind = kind;
    snprintf(shared.told, sizeof shared.told, "%s", id);
    begin();
    byo_flow_run_others(flow, &the_turn);
    commit();
}

/* Answered, and another byobox's from now on. */
static Out others_segment(const char *lines)
{
    start(lines);
    Out seg = send_to(PHONE);
    answered(&seg, "4D2");
    share_store();
    shared.other = 3;
    return seg;
}

static void ck_delivered(const Out *seg)
{
    ck_assert_int_eq(state_of(seg), BYO_SEG_DELIVERED);
    ck_assert_int_eq(shared.real->early_count(store), 0);
}

static const struct {
    const char *receipt;
    const char *from;
    int features;
    bool full, left, delivered; /* delivered: when its node was told */
} others_segments[] = {
    {"id:4D2 stat:DELIVRD", PHONE_DIGITS, BYO_FEATURE_RECEIPTS_TO_BOX, false, true, true},
    {"id:4D2 stat:DELIVRD", PHONE_DIGITS, BYO_FEATURE_RECEIPTS_TO_BOX, true, false, true},
    {"id:4D2 stat:DELIVRD", PHONE_DIGITS, 0, false, false, true},
    /* loosely: its addresses are looked at here, so its rows are read */
    {"id:1234 stat:DELIVRD", PHONE_DIGITS, BYO_FEATURE_RECEIPTS_TO_BOX, false, false, true},
    {"id:1234 stat:DELIVRD", "12025550177", BYO_FEATURE_RECEIPTS_TO_BOX, false, false, false},
};

START_TEST(a_receipt_for_another_byoboxs_segment_is_left_to_it)
{
    Out seg = others_segment("");
    flow->cfg.features = others_segments[_i].features;
    shared.full = others_segments[_i].full;
    receipt_from(others_segments[_i].from, others_segments[_i].receipt, NULL);
    ck_assert_int_eq(shared.left_to, others_segments[_i].left ? 3 : 0);
    ck_assert_int_eq(state_of(&seg), !others_segments[_i].left && others_segments[_i].delivered
                                         ? BYO_SEG_DELIVERED
                                         : BYO_SEG_ACCEPTED);
    ck_assert_uint_eq(count_out(BYO_OUT_LINK_ACK), 1);
    shared.other = 0;
    told_of(BYO_CHANGE_LEFT, "4D2");
    ck_assert_int_eq(state_of(&seg), others_segments[_i].delivered ? BYO_SEG_DELIVERED : BYO_SEG_ACCEPTED);
    ck_assert_int_eq(shared.real->early_count(store), !others_segments[_i].delivered);
    drop(&seg);
    flow_stop();
}
END_TEST

/* Where it is another one's again, it is not passed on: who is told takes it. */
START_TEST(a_receipt_is_left_once)
{
    Out seg = others_segment("");
    receipt("id:4D2 stat:DELIVRD");
    ck_assert_int_eq(state_of(&seg), BYO_SEG_ACCEPTED);
    shared.left_to = 0;
    told_of(BYO_CHANGE_LEFT, "4D2");
    ck_assert_int_eq(shared.left_to, 0);
    ck_delivered(&seg);
    drop(&seg);
    flow_stop();
}
END_TEST

/* As the one that got it found it: whatever this one's configuration says of ids. */
START_TEST(what_was_left_is_of_the_segment_it_was_found_for)
{
    Out seg = others_segment("");
    receipt("id:4D2 stat:DELIVRD");
    shared.other = 0;
    gave_id("another try's", &seg);
    told_of(BYO_CHANGE_LEFT, "4D2");
    ck_delivered(&seg);
    drop(&seg);
    flow_stop();
}
END_TEST

/* One that waits for an answer another byobox has is that one's to take; for what has ended it waits no more, however ids are
 * matched. */
START_TEST(an_early_receipt_is_its_segments)
{
    start(_i % 2 ? "msg-id-match = exact" : "");
    Out seg = send_to(PHONE);
    answered(&seg, "4D2");
    receipt("id:9F stat:DELIVRD");
    gave_id("9F", &seg);
    share_store();
    if (_i < 2) {
        shared.other = 3;
        told_of(BYO_CHANGE_EARLY, "9F");
        ck_assert_int_eq(state_of(&seg), BYO_SEG_ACCEPTED);
        ck_assert_int_eq(shared.real->early_count(store), 1);
        shared.other = 0;
    } else {
        receipt("id:9F stat:DELIVRD");
        ck_assert_int_eq(state_of(&seg), BYO_SEG_DELIVERED);
        ck_assert_int_eq(shared.real->early_count(store), 1);
    }
    told_of(BYO_CHANGE_EARLY, "9F");
    ck_delivered(&seg);
    drop(&seg);
    flow_stop();
}
END_TEST

/* What ended while one waited for it is no receipt that waits for ever. */
START_TEST(a_receipt_that_was_left_for_what_has_ended)
{
    Out seg = others_segment("");
    for (int i = 0; i < 2; i++)
        receipt("id:4D2 stat:DELIVRD");
    ck_assert_int_eq(shared.real->early_count(store), 2);
    shared.other = 0;
    told_of(BYO_CHANGE_LEFT, "4D2");
    ck_delivered(&seg);
    drop(&seg);
    flow_stop();
}
END_TEST

Suite *flow_elsewhere_suite(void)
{
    Suite *suite = suite_create("flow, receipts for another byobox");
    TCase *t = tcase_create("elsewhere");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, a_receipt_for_another_byoboxs_segment_is_left_to_it, 0, ROWS(others_segments));
    tcase_add_test(t, a_receipt_is_left_once);
    tcase_add_test(t, what_was_left_is_of_the_segment_it_was_found_for);
    tcase_add_loop_test(t, an_early_receipt_is_its_segments, 0, 4);
    tcase_add_test(t, a_receipt_that_was_left_for_what_has_ended);
    suite_add_tcase(suite, t);
    return suite;
}
