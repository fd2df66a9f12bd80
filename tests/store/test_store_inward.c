/* SPDX-License-Identifier: BSD-3-Clause
 * The store: what waits for a smsbox, early receipts, MOs that were taken; and their counts. */
#include "store_fixture.h"

static ByoPurgePlace purge_at;

/* -- inward ----------------------------------------------------------------------------------- */

typedef struct {
    ByoId ids[64];
    char text[64][16];
    int n;
} Waiting;

static void collect_inward(void *arg, const ByoInwardRow *row)
{
    Waiting *w = arg;
    ck_assert(w->n < 64);
    w->ids[w->n] = row->id;
    snprintf(w->text[w->n++], sizeof w->text[0], "%.*s", BYO_PF(row->frame));
}

typedef struct {
    char name[8][16];
    size_t n;
} Boxes;

static void collect_box(void *arg, bool named, ByoStr box)
{
    Boxes *b = arg;
    ck_assert(b->n < 8);
    snprintf(b->name[b->n++], sizeof b->name[0], "%s%.*s;", named ? "=" : "anonymous", BYO_PF(box));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Those that have rows come in some order, each once. */
static void ck_boxes(const char *wanted)
{
    Boxes b = {0};
    char all[8 * 16] = "";
    byo_store_inward_boxes(store, collect_box, &b);
    qsort(b.name, b.n, sizeof b.name[0], by_name);
    for (size_t i = 0; i < b.n; i++)
        strcat(all, b.name[i]);
    ck_assert_str_eq(all, wanted);
}

static ByoId add_inward(bool named, const char *box, const char *frame, ByoTime now)
{
    ByoInwardRow row = {.named = named, .box = S(box), .frame = S(frame)};
    return put_inward(store, row, now);
}

/* More than a statement takes: those that wait for a smsbox are claimed among them, and what goes in the turn that added it is
 * gone. */
START_TEST(many_of_a_turn_some_given_some_not)
{
    enum { MANY = 400 };
    ByoId ids[MANY];
    Waiting w = {0};
    byo_store_begin(store);
    for (int i = 0; i < MANY; i++) {
        bool waits = i % 40 == 7;
        ids[i] = put_inward(store,
                            (ByoInwardRow){.named = true,
                                           .box = waits ? S("two") : S("one"),
                                           .frame = waits ? S("waits") : S("given"),
                                           .given = !waits},
                            NOW);
    }
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("two"), 0, 64, collect_inward, &w), 10);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(w.ids[i], ids[40 * i + 7]);
        ck_assert_str_eq(w.text[i], "waits");
    }
    byo_store_inward_remove(store, ids[0]);
    byo_store_inward_remove(store, ids[MANY - 1]);
    byo_store_inward_remove(store, ids[7]);
    must_commit(store);
    ck_assert_int_eq(rows_in("inward"), MANY - 3);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("one")), MANY - 12);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("two")), 9);
    reopen();
    byo_store_begin(store);
    w.n = 0;
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("one"), ids[MANY - 4], 64, collect_inward, &w), 2);
    ck_assert_str_eq(w.text[0], "given");
    must_commit(store);
    byo_store_begin(store);
    for (int i = 0; i < MANY; i++)
        put_inward(store, (ByoInwardRow){.named = true, .box = S("one"), .frame = S("x"), .given = true},
                   NOW);
    byo_store_rollback(store);
    ck_assert_int_eq(rows_in("inward"), MANY - 3);
    ck_counters(store);
}
END_TEST

START_TEST(inward_waits_for_its_smsbox_in_order)
{
    byo_store_begin(store);
    ByoId first = add_inward(true, "one", "1", NOW);
    add_inward(true, "two", "a", NOW + 1);
    add_inward(false, "", "x", NOW - 1000);
    add_inward(true, "one", "2", NOW - 5000); /* the clock stepped back: still after "1" */
    add_inward(true, "", "nameless", NOW);
    add_inward(true, "one", "3", NOW);
    must_commit(store);
    reopen();
    ck_assert_int_eq(byo_store_inward_count(store), 6);
    byo_store_begin(store);
    add_inward(true, "one", "4", NOW - 9000);
    must_commit(store);
    Waiting w = {0};
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("one"), 0, 64, collect_inward, &w), 4);
    ck_assert_int_eq(w.ids[0], first);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(w.text[i][0], '1' + i);
    w.n = 0;
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("one"), first, 2, collect_inward, &w), 2);
    ck_assert_str_eq(w.text[0], "2");
    w.n = 0;
    ck_assert_int_eq(byo_store_inward_claim(store, false, S("one"), 0, 64, collect_inward, &w), 1);
    ck_assert_str_eq(w.text[0], "x");
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("three"), 0, 64, collect_inward, &w), 0);
    ck_boxes("=;=one;=two;anonymous;");
    byo_store_begin(store);
    byo_store_inward_remove(store, first);
    byo_store_inward_remove(store, first);
    byo_store_inward_remove(store, w.ids[0]);
    must_commit(store);
    ck_assert_int_eq(byo_store_inward_count(store), 5);
    ck_boxes("=;=one;=two;");
    ByoStore *reader = must_open_reader();
    ck_assert_int_eq(byo_store_inward_count(reader), 5);
    byo_store_close(reader);
    ck_counters(store);
}
END_TEST

START_TEST(inward_is_claimed_in_the_transaction_it_came_in)
{
    Waiting w = {0};
    byo_store_begin(store);
    ByoId before = add_inward(true, "one", "0", NOW);
    must_commit(store);
    byo_store_begin(store);
    ByoId first = add_inward(true, "one", "1", NOW);
    add_inward(true, "two", "x", NOW);
    ByoId second = add_inward(true, "one", "2", NOW);
    byo_store_inward_remove(store, before);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("one"), 0, 1, collect_inward, &w), 1);
    ck_assert_int_eq(w.ids[0], first);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("one"), first, 64, collect_inward, &w), 1);
    ck_assert_int_eq(w.ids[1], second);
    ck_assert_str_eq(w.text[1], "2");
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("one"), second, 64, collect_inward, &w), 0);
    byo_store_inward_remove(store, first);
    byo_store_inward_remove(store, second);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("one"), 0, 64, collect_inward, &w), 0);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("two"), 0, 64, collect_inward, &w), 1);
    must_commit(store);
    ck_assert_int_eq(byo_store_inward_count(store), 1);
    ck_boxes("=two;");
}
END_TEST

/* Names come from peers: they must not pile up (promise 6). */
START_TEST(inward_names_run_out_and_are_used_again)
{
    byo_store_begin(store);
    ByoId kept = add_inward(true, "kept", "k", NOW);
    must_commit(store);
    ck_assert_int_eq(
        sqlite3_exec(store->db,
                     "WITH RECURSIVE n(k) AS (SELECT 2 UNION ALL SELECT k + 1 FROM n WHERE k < 32766)"
                     " INSERT INTO box SELECT k, 'peer' || k FROM n",
                     NULL, NULL, NULL),
        SQLITE_OK);
    byo_store_begin(store);
    ByoId fresh = add_inward(true, "fresh", "f", NOW);
    must_commit(store);
    ck_assert(fresh > 0 && fresh != kept);
    ck_assert_int_eq(rows_in("box"), 2);
    Waiting w = {0};
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("kept"), 0, 64, collect_inward, &w), 1);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("fresh"), 0, 64, collect_inward, &w), 1);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("peer2"), 0, 64, collect_inward, &w), 0);
}
END_TEST

/* A row for each of as many names as there may be. Inside a transaction. */
static void fill_destinations(void)
{
    char name[16];
    for (int i = 1; i <= BYO_STORE_DESTINATIONS; i++) {
        snprintf(name, sizeof name, "peer%d", i);
        ck_assert_int_gt(add_inward(true, name, "f", NOW), 0);
    }
}

/* One more than there is room for costs itself, not the transaction and all that came with it. */
START_TEST(inward_one_name_too_many_fails_nothing_else)
{
    byo_store_begin(store);
    fill_destinations();
    ck_assert_int_eq(add_inward(true, "fresh", "f", NOW), 0);
    ck_assert_int_gt(add_inward(true, "peer7", "g", NOW), 0);
    ck_assert_int_gt(add_inward(false, "", "h", NOW), 0); /* counts apart */
    must_commit(store);
    ck_assert_int_eq(rows_in("inward"), BYO_STORE_DESTINATIONS + 2);
}
END_TEST

/* The work of SQLite's search for a key, since it was asked last. */
static int key_steps(void)
{
    int steps = 0;
    if (on_sqlite())
        for (ByoQuery q = BYO_Q_BOX_FREE; q <= BYO_Q_BOX_TRIM; q++)
            if (store->query[q])
                steps += sqlite3_stmt_status(store->query[q], SQLITE_STMTSTATUS_VM_STEP, 1);
    return steps;
}

/* All rows of a name are gone: its place is the one that is free. */
static void free_place(const char *name)
{
    Waiting w = {0};
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S(name), 0, 64, collect_inward, &w), 1);
    byo_store_inward_remove(store, w.ids[0]);
    must_commit(store);
}

START_TEST(inward_the_one_free_place_is_found)
{
    enum { MUCH = 1000 };
    char name[24];
    key_steps();
    byo_store_begin(store);
    fill_destinations();
    must_commit(store);
    ck_assert_int_lt(key_steps(), (int64_t)MUCH * BYO_STORE_DESTINATIONS);
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, i < 3 ? "peer%d" : "fresh%d", i < 3 ? 1 + i * 16000 : i - 3);
        free_place(name);
        if (i == 2) /* what is not counted any more is found, too */
            reopen();
        snprintf(name, sizeof name, "fresh%d", i);
        key_steps();
        byo_store_begin(store);
        ck_assert_int_gt(add_inward(true, name, "f", NOW), 0);
        ck_assert_int_eq(add_inward(true, "one too many", "f", NOW), 0);
        must_commit(store);
        ck_assert(i == 2 || key_steps() < MUCH);
    }
    ck_assert_int_eq(byo_store_inward_destinations(store), BYO_STORE_DESTINATIONS);
    if (on_sqlite())
        ck_assert_int_eq(rows_in("box"), BYO_STORE_DESTINATIONS);
    /* A place that is taken by a transaction that fails is free in the next. */
    free_place("peer5");
    byo_store_begin(store);
    ck_assert_int_gt(add_inward(true, "undone", "f", NOW), 0);
    byo_store_rollback(store);
    byo_store_begin(store);
    ck_assert_int_gt(add_inward(true, "kept", "f", NOW), 0);
    must_commit(store);
    Waiting w = {0};
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("kept"), 0, 64, collect_inward, &w), 1);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("undone"), 0, 64, collect_inward, &w), 0);
}
END_TEST

static void add_early(const char *integration, const char *id, const char *other, const char *frame,
                      ByoTime at)
{
    ByoStr ids[2] = {S(id), other ? S(other) : BYO_STR_NONE};
    byo_store_early_add(store, S(integration), ids, S(frame), at);
}

/* The frames of carrier-a's early receipts under an id in the order they are tried, "exact,exact;loose,loose". */
static const char *early_of(const char *id)
{
    static char text[100];
    ByoMsgidForms forms = {0};
    ByoEarlyAt at = {0};
    ByoBuf frame = {0};
    bool other = false;
    text[0] = 0;
    byo_msgid_forms(S(id), &forms);
    while (byo_store_early_next(store, S("carrier-a"), S(id), &forms, &at, &frame)) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", at.other && !other ? ";" : ",",
                 frame.p);
        other = at.other;
    }
    byo_buf_free(&frame);
    byo_msgid_forms_free(&forms);
    return text;
}

START_TEST(C10_early_receipts_wait_for_their_answer)
{
    byo_store_begin(store);
    add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW, NOW);
    add_message(store, "carrier-b", 1, BYO_SEG_HANDED, NOW, NOW);
    add_early("carrier-a", "0077", NULL, "loose", NOW - BYO_DAY);
    add_early("carrier-a", "77", NULL, "1", NOW + BYO_DAY);
    add_early("carrier-a", "4D", "77", "two ids", NOW);
    add_early("carrier-b", "77", NULL, "other", NOW);
    must_commit(store);
    reopen();
    byo_store_begin(store);
    add_early("carrier-a", "78", NULL, "later", NOW); /* the clock stepped back */
    ck_assert_int_eq(byo_store_early_count(store), 6);
    ck_assert_str_eq(early_of("7"), "");
    ck_assert_str_eq(early_of("77"), ",1,two ids;loose,two ids"); /* exactly first, then oldest first */
    ck_assert_str_eq(early_of("4d"), ";loose,1,two ids,two ids");
    ByoMsgidForms forms = {0};
    ByoEarlyAt at = {0};
    ByoBuf frame = {0};
    byo_msgid_forms(S("4D"), &forms);
    ByoId id = byo_store_early_next(store, S("carrier-a"), S("4D"), &forms, &at, &frame);
    ck_assert_str_eq(frame.p, "two ids");
    byo_store_early_remove(store, id); /* under both its ids */
    ck_assert_int_eq(byo_store_early_count(store), 4);
    ck_assert_str_eq(early_of("77"), ",1;loose");
    byo_buf_free(&frame);
    byo_msgid_forms_free(&forms);
    ck_assert_int_eq(byo_store_early_purge(store, NOW + BYO_DAY, 10), 1);
    ck_assert_int_eq(byo_store_early_purge(store, NOW + 2 * BYO_DAY, 1), 1);
    ck_assert_int_eq(byo_store_early_purge(store, NOW + 2 * BYO_DAY, 10), 2);
    ck_assert_int_eq(byo_store_early_count(store), 0);
    must_commit(store);
}
END_TEST

START_TEST(mo_is_new_only_once)
{
    static const char *const uuids[] = {"0f8fad5b-d9cb-469f-a165-70867728950e",
                                        "0F8FAD5B-D9CB-469F-A165-70867728950E", "", "free text"};
    byo_store_begin(store);
    for (int i = 0; i < 4; i++) {
        ck_assert(!byo_store_mo_known(store, S(uuids[i])));
        byo_store_mo_note(store, S(uuids[i]), NOW);
        ck_assert(byo_store_mo_known(store, S(uuids[i])));
        byo_store_mo_note(store, S(uuids[i]), NOW + 1); /* stays as it is */
    }
    must_commit(store);
    byo_store_begin(store);
    byo_store_mo_note(store, S("rolled back"), NOW);
    byo_store_rollback(store);
    reopen();
    byo_store_begin(store);
    for (int i = 0; i < 4; i++)
        ck_assert(byo_store_mo_known(store, S(uuids[i])));
    ck_assert(!byo_store_mo_known(store, S("rolled back")));
    byo_store_mo_note(store, S("rolled back"), NOW + 2 * BYO_DAY);
    while (byo_store_purge(store, 0, 0, 100, &purge_at))
        ;
    ck_assert(byo_store_mo_known(store, S("free text")));
    byo_store_mo_note(store, S("much later"), NOW + 4 * BYO_DAY);
    while (byo_store_purge(store, 0, 0, 100, &purge_at))
        ;
    ck_assert(!byo_store_mo_known(store, S("free text")));
    ck_assert(byo_store_mo_known(store, S("rolled back")));
    must_commit(store);
}
END_TEST

/* -- counts (night F4, F6) ----------------------------------------------------------------------- */

static void nothing(void *arg, const ByoInwardRow *row)
{
    (void)arg, (void)row;
}

START_TEST(what_waits_is_counted_for_each_destination)
{
    ByoInwardRow a = {.named = true, .box = S("a"), .frame = S("frame")}, none = {.frame = S("frame")};
    byo_store_begin(store);
    ByoId first = put_inward(store, a, NOW);
    put_inward(store, a, NOW + BYO_DAY);
    ByoId only = put_inward(store, none, NOW);
    must_commit(store);
    byo_store_begin(store);
    byo_store_inward_remove(store, first);
    byo_store_inward_remove(store, only);
    ck_assert_int_eq(byo_store_inward_destinations(store), 1);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("a")), 1);
    byo_store_rollback(store);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("a")), 2);
    ck_assert_int_eq(byo_store_inward_waiting(store, false, BYO_STR_NONE), 1);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("nobody")), 0);
    ck_assert_int_eq(byo_store_inward_destinations(store), 2);
    reopen();
    ck_assert_int_eq(byo_store_inward_destinations(store), 2);
    ck_assert_int_eq(byo_store_inward_waiting(store, true, S("a")), 2);
    ck_assert_int_eq(byo_store_inward_waiting(store, false, BYO_STR_NONE), 1);
    ByoId limit = byo_store_inward_before(store, true, S("a"), NOW + 1000);
    ck_assert(first < limit);
    byo_store_begin(store);
    byo_store_inward_remove(store, first);
    must_commit(store);
    ck_assert_int_eq(byo_store_inward_claim(store, true, S("a"), limit - 1, 10, nothing, NULL), 1);
}
END_TEST

/* No id is given twice, also when the clock was set back while nobody looked. */
START_TEST(ids_go_on_behind_the_last_inbound_message)
{
    byo_store_begin(store);
    ByoInboundRow row = {.id = byo_store_new_id(store, NOW + BYO_DAY),
                         .integration = S("carrier-a"),
                         .number = S("12025550100"),
                         .sender = S("12025550199"),
                         .uuid = S("u")};
    byo_store_inbound_add(store, &row);
    must_commit(store);
    reopen();
    ck_assert(byo_store_new_id(store, NOW) > row.id);
}
END_TEST

START_TEST(a_purge_of_early_receipts_that_is_not_kept_removes_none)
{
    byo_store_begin(store);
    add_message(store, "carrier-a", 1, BYO_SEG_HANDED, 0, NOW);
    add_early("carrier-a", "id", NULL, "frame", NOW);
    must_commit(store);
    byo_store_begin(store); /* so that ids are given out behind it */
    add_message(store, "carrier-a", 1, BYO_SEG_HANDED, 0, NOW);
    must_commit(store);
    for (int kept = 0; kept < 2; kept++) {
        byo_store_begin(store);
        ck_assert_int_eq(byo_store_early_purge(store, NOW + BYO_DAY, 10), 1);
        if (kept)
            must_commit(store);
        else
            byo_store_rollback(store);
        ck_assert_int_eq(byo_store_early_count(store), !kept);
    }
}
END_TEST

START_TEST(early_receipts_are_counted)
{
    byo_store_begin(store);
    add_message(store, "carrier-a", 1, BYO_SEG_HANDED, 0, NOW);
    for (int i = 0; i < 5; i++)
        add_early("carrier-a", "id", NULL, "frame", NOW + i * BYO_HOUR);
    must_commit(store);
    reopen();
    ck_assert_int_eq(byo_store_early_count(store), 5);
    ByoBuf frame = {0};
    byo_store_begin(store);
    ByoMsgidForms forms = {0};
    ByoEarlyAt at = {0};
    byo_msgid_forms(S("id"), &forms);
    byo_store_early_remove(store, byo_store_early_next(store, S("carrier-a"), S("id"), &forms, &at, &frame));
    byo_msgid_forms_free(&forms);
    ck_assert_int_eq(byo_store_early_purge(store, NOW + 3 * BYO_HOUR, 10), 2);
    must_commit(store);
    ck_assert_int_eq(byo_store_early_count(store), 2);
    byo_buf_free(&frame);
}
END_TEST

Suite *store_inward_suite(void)
{
    Suite *suite = suite_create("store inward");
    TCase *t = tcase_create("inward");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, many_of_a_turn_some_given_some_not);
    tcase_add_test(t, inward_waits_for_its_smsbox_in_order);
    tcase_add_test(t, inward_is_claimed_in_the_transaction_it_came_in);
    tcase_add_sqlite_test(t, inward_names_run_out_and_are_used_again);
    tcase_add_test(t, inward_one_name_too_many_fails_nothing_else);
    tcase_add_test(t, inward_the_one_free_place_is_found);
    tcase_add_test(t, C10_early_receipts_wait_for_their_answer);
    tcase_add_test(t, mo_is_new_only_once);
    tcase_add_test(t, what_waits_is_counted_for_each_destination);
    tcase_add_test(t, ids_go_on_behind_the_last_inbound_message);
    tcase_add_test(t, a_purge_of_early_receipts_that_is_not_kept_removes_none);
    tcase_add_test(t, early_receipts_are_counted);
    suite_add_tcase(suite, t);
    return suite;
}
