/* SPDX-License-Identifier: BSD-3-Clause
 * The store: what is due, in order, and messages found again by what they are. */
#include "store_fixture.h"

/* -- queue and timers ---------------------------------------------------------------------- */

START_TEST(queue_gives_what_is_due_oldest_first)
{
    ByoId ids[8], got[8];
    byo_store_begin(store);
    for (int i = 0; i < 4; i++)
        ids[i] = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW + i / 2, NOW + i) + 1;
    ids[4] = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW + 100, NOW - 50) + 1;
    add_message(store, "carrier-b", 1, BYO_SEG_QUEUED, NOW, NOW);
    add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW, NOW);
    must_commit(store);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), NOW + 50, got, 8), 4);
    ck_assert_mem_eq(got, ids, 4 * sizeof *ids);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), NOW, got, 8), 2);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), NOW + 50, got, 3), 3);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), NOW - 1, got, 8), 0);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-x"), NOW, got, 8), 0);
    byo_store_begin(store);
    set_state(store, ids[0], BYO_SEG_QUEUED, NOW + 20); /* to be tried again: waits behind the others */
    must_commit(store);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), NOW + 50, got, 8), 4);
    ck_assert_int_eq(got[0], ids[1]);
    ck_assert_int_eq(got[3], ids[0]);
    ck_assert_int_eq(byo_store_queue_next(store, S("carrier-a")), NOW);
    ck_assert_int_eq(byo_store_queue_next(store, S("carrier-x")), 0);
    int64_t n;
    ByoTime oldest;
    byo_store_queue_depth(store, S("carrier-a"), &n, &oldest);
    ck_assert_int_eq(n, 5);
    ck_assert_int_eq(oldest, NOW);
    byo_store_begin(store);
    for (int i = 0; i < 4; i++)
        set_state(store, ids[i], BYO_SEG_HANDED, NOW + 1000);
    must_commit(store);
    ck_assert_int_eq(byo_store_queue_next(store, S("carrier-a")), NOW + 100);
    byo_store_begin(store);
    set_state(store, ids[4], BYO_SEG_CANCELLED, 0);
    must_commit(store);
    byo_store_queue_depth(store, S("carrier-a"), &n, &oldest);
    ck_assert_int_eq(n, 0);
    ck_assert_int_eq(oldest, 0);
    ck_assert_int_eq(byo_store_queue_next(store, S("carrier-a")), 0);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_HANDED), 5);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_DELIVERED), 0);
    ck_counters(store);
}
END_TEST

START_TEST(timers_fall_due)
{
    ByoId got[8];
    byo_store_begin(store);
    ByoId a = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW + 30, NOW) + 1;
    ByoId b = add_message(store, "carrier-b", 1, BYO_SEG_ACCEPTED, NOW + 20, NOW) + 1;
    add_message(store, "carrier-b", 1, BYO_SEG_QUEUED, NOW + 10, NOW);
    add_message(store, "carrier-b", 1, BYO_SEG_ACCEPTED, 0, NOW);
    add_message(store, "carrier-b", 1, BYO_SEG_DELIVERED, NOW + 5, NOW);
    must_commit(store);
    ck_assert_int_eq(byo_store_timers_next(store), NOW + 20);
    ck_assert_int_eq(byo_store_timers_claim(store, NOW + 19, got, 8), 0);
    ck_assert_int_eq(byo_store_timers_claim(store, NOW + 20, got, 8), 1);
    ck_assert_int_eq(got[0], b);
    ck_assert_int_eq(byo_store_timers_claim(store, NOW + 30, got, 8), 2);
    ck_assert_int_eq(byo_store_timers_claim(store, NOW + 30, got, 1), 1);
    byo_store_begin(store);
    set_state(store, b, BYO_SEG_FAILED, 0);
    must_commit(store);
    /* It may be told too early of one that has gone: a look then finds the next. */
    ck_assert_int_le(byo_store_timers_next(store), NOW + 30);
    ck_assert_int_eq(byo_store_timers_claim(store, NOW + 29, got, 8), 0);
    ck_assert_int_eq(byo_store_timers_next(store), NOW + 30);
    byo_store_begin(store);
    set_state(store, a, BYO_SEG_QUEUED, NOW + 40);
    must_commit(store);
    ck_assert_int_eq(byo_store_timers_next(store), 0);
    ByoStore *reader = must_open_reader();
    ck_assert_int_eq(byo_store_timers_next(reader), 0);
    ck_assert_int_eq(byo_store_queue_next(reader, S("carrier-a")), NOW + 40);
    byo_store_close(reader);
}
END_TEST

START_TEST(handed_over_to_a_bearerbox_that_forgot)
{
    byo_store_begin(store);
    ByoId late = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW + 500, NOW) + 1;
    ByoId soon = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW + 5, NOW) + 1;
    ByoId other = add_message(store, "carrier-b", 1, BYO_SEG_HANDED, NOW + 500, NOW) + 1;
    ByoId accepted = add_message(store, "carrier-a", 1, BYO_SEG_ACCEPTED, NOW + 500, NOW) + 1;
    for (int i = 0; i < 300; i++)
        add_message(store, "carrier-c", 1, BYO_SEG_HANDED, NOW + 500 + i, NOW);
    byo_store_handed_due_by(store, S("carrier-a"), NOW, NOW + 50);
    byo_store_handed_due_by(store, S("carrier-c"), NOW, NOW + 50);
    byo_store_handed_due_by(store, S("carrier-x"), NOW, NOW);
    byo_store_handed_due_by(store, S("carrier-a"), 0, NOW); /* handed over since */
    ck_assert_int_eq(byo_store_handed_before(store, S("carrier-a"), 0, false), 0);
    ck_assert_int_eq(byo_store_handed_before(store, S("carrier-a"), NOW, true), 2);
    byo_store_handed_doubt(store, S("carrier-a"), 0);
    ck_assert_int_eq(byo_store_handed_before(store, S("carrier-a"), NOW, true), 2);
    byo_store_handed_doubt(store, S("carrier-a"), NOW);
    byo_store_handed_doubt(store, S("carrier-x"), NOW);
    ck_assert_int_eq(byo_store_handed_before(store, S("carrier-a"), NOW, true), 0);
    ck_assert_int_eq(byo_store_handed_before(store, S("carrier-a"), NOW, false), 2);
    ck_assert_int_eq(byo_store_handed_before(store, S("carrier-x"), NOW, false), 0);
    ck_assert_int_eq(byo_store_handed_before(store, S("carrier-c"), NOW, true), 300);
    must_commit(store);
    struct {
        ByoId id;
        ByoTime due;
    } wanted[] = {{late, NOW + 50}, {soon, NOW + 5}, {other, NOW + 500}, {accepted, NOW + 500}};
    for (int i = 0; i < 4; i++) {
        ByoSegmentRow seg;
        ck_assert_int_eq(byo_store_segment(store, wanted[i].id, &seg), BYO_STORE_OK);
        ck_assert_int_eq(seg.s.due, wanted[i].due);
        ck_assert_int_eq(seg.s.maybe_duplicate, i < 2);
    }
    ck_counters(store);
}
END_TEST

/* -- searching -------------------------------------------------------------------------------- */

typedef struct {
    ByoId ids[4096];
    int n, stop_at;
} Found;

static bool find_one(void *arg, const ByoMessageRow *m)
{
    Found *f = arg;
    ck_assert(f->n < 4096);
    f->ids[f->n++] = m->id;
    return f->n != f->stop_at;
}

/* Every page of it; newest first over the page borders too. */
static int find_all(ByoStore *s, ByoMessageFilter filter, Found *f)
{
    *f = (Found){0};
    int pages = 0;
    do {
        int before = f->n;
        ck_assert_int_eq(byo_store_messages(s, &filter, &filter.before, find_one, f), BYO_STORE_OK);
        ck_assert_int_le(f->n - before, filter.limit);
        pages++;
    } while (filter.before);
    for (int i = 1; i < f->n; i++)
        ck_assert(f->ids[i] < f->ids[i - 1]);
    return pages;
}

START_TEST(messages_found_by_what_they_are)
{
    Found f;
    ByoMessageRow m;
    byo_store_begin(store);
    for (int i = 0; i < 60; i++) {
        m = some_message(byo_store_new_id(store, NOW + i), NOW + i);
        m.integration = i % 2 ? S("carrier-a") : S("carrier-b");
        m.number = i % 3 ? S("12025550100") : S("12025550199");
        m.recipient = i % 5 ? S("+4915112345678") : S("bad recipient");
        m.state = (ByoMsgState)(i % 3);
        m.verdict.code = i % 4 ? 3 : -1;
        m.verdict.code_cause = i % 4 ? S("DEST_ADDR_INVALID") : S("");
        m.verdict.carrier_code = i % 4 == 1 ? S("88") : i % 4 == 2 ? S("088") : S("");
        ByoSegmentRow seg = {.id = m.id + 1, .s.state = BYO_SEG_DELIVERED, .s.maybe_duplicate = i % 10 == 0};
        byo_store_message_add(store, &m, &seg, 1);
    }
    must_commit(store);
    ByoStore *reader = must_open_reader();
    struct {
        ByoMessageFilter filter;
        int n;
    } table[] = {
        {{.state = -1}, 60},
        {{.state = 1}, 20},
        {{.state = -1, .integration = S("carrier-a")}, 30},
        {{.state = -1, .integration = S("carrier-x")}, 0},
        {{.state = -1, .number = S("12025550199")}, 20},
        {{.state = -1, .number = S("+12025550199")}, 20},
        {{.state = -1, .recipient = S("4915112345678")}, 48},
        {{.state = -1, .recipient = S("+4915112345678")}, 48},
        {{.state = -1, .recipient = S("bad recipient")}, 12},
        {{.state = -1, .recipient = S("491511234567")}, 0},
        {{.state = -1,
          .recipient = S("4915112345678"),
          .integration = S("carrier-b"),
          .number = S("12025550199")},
         8},
        {{.state = -1, .from = NOW + 10, .to = NOW + 20}, 10},
        {{.state = -1, .from = NOW + 10, .to = NOW + 20, .recipient = S("4915112345678")}, 8},
        {{.state = -1, .from = NOW + 60}, 0},
        {{.state = -1, .cause = S("DEST_ADDR_INVALID")}, 45},
        {{.state = -1, .cause = S("DEST_ADDR_INVALI")}, 0},
        {{.state = -1, .carrier_code = S("88")}, 15},
        {{.state = -1, .carrier_code = S("088"), .cause = S("DEST_ADDR_INVALID")}, 15},
        {{.state = -1, .carrier_code = S("88"), .recipient = S("4915112345678")}, 12},
        {{.state = -1, .doubt = 1}, 6},
        {{.state = -1, .doubt = -1}, 54},
        {{.state = -1, .doubt = 1, .recipient = S("bad recipient")}, 6},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        for (int limit = 1; limit <= 100; limit += 33) {
            table[i].filter.limit = limit;
            find_all(reader, table[i].filter, &f);
            ck_assert_msg(f.n == table[i].n, "row %d: %d instead of %d", (int)i, f.n, table[i].n);
        }
    f = (Found){.stop_at = 3};
    ByoMessageFilter any = {.state = -1, .limit = 100};
    ByoId next;
    byo_store_messages(reader, &any, &next, find_one, &f);
    ck_assert_int_eq(f.n, 3);
    ck_assert_int_eq(next, f.ids[2]);
    byo_store_close(reader);
}
END_TEST

/* Enough messages for several runs of the recipients' index, a rollback and a restart between them. */
START_TEST(messages_found_by_recipient_among_many)
{
    enum { EVERY = 100 };
    const int total = so_many(100000);
    for (int i = 0; i < total;) {
        if (i == total / 2)
            reopen();
        bool again = i == 30000 || i == 32000 || i == total - 1000;
        for (int attempt = 0; attempt <= again; attempt++) {
            byo_store_begin(store);
            for (int k = 0; k < 1000; k++) {
                char to[24];
                ByoMessageRow m = some_message(byo_store_new_id(store, NOW + i + k), NOW + i + k);
                snprintf(to, sizeof to, "+49151%d", (i + k) % EVERY ? 1000000 + i + k : 7);
                m.recipient = S(to);
                byo_store_message_add(store, &m, NULL, 0);
            }
            if (again && !attempt)
                byo_store_rollback(store);
            else
                must_commit(store);
        }
        i += 1000;
    }
    if (on_sqlite()) {
        ck_assert_int_ge(number_from(store, "SELECT count(*) FROM recipient_run"), 2);
        ck_assert_int_eq((int64_t)store->recent_n,
                         number_from(store, "SELECT count(*) FROM message WHERE id >"
                                            " (SELECT max(last) FROM recipient_run)"));
    }
    ByoStore *reader = must_open_reader();
    Found f;
    ByoMessageFilter filter = {.state = -1, .limit = 70, .recipient = S("+491517")};
    find_all(reader, filter, &f);
    ck_assert_int_eq(f.n, total / EVERY);
    filter.from = NOW + total / 5;
    filter.to = NOW + total * 4 / 5;
    find_all(reader, filter, &f);
    ck_assert_int_eq(f.n, total * 3 / 5 / EVERY);
    filter = (ByoMessageFilter){.state = -1, .limit = 10, .recipient = S("491511002345")};
    ck_assert_int_eq(find_all(reader, filter, &f), 1);
    ck_assert_int_eq(f.n, 1);
    /* Without an index, one page looks at a bounded number and says where to go on. */
    filter = (ByoMessageFilter){.state = -1, .limit = 10, .number = S("999")};
    ck_assert_int_eq(find_all(reader, filter, &f), on_memory() ? 1 : 3); /* there a walk is dear to nobody */
    ck_assert_int_eq(f.n, 0);
    byo_store_close(reader);
}
END_TEST

Suite *store_queue_suite(void)
{
    Suite *suite = suite_create("store queue");
    TCase *t = tcase_create("queue");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, queue_gives_what_is_due_oldest_first);
    tcase_add_test(t, timers_fall_due);
    tcase_add_test(t, handed_over_to_a_bearerbox_that_forgot);
    tcase_add_test(t, messages_found_by_what_they_are);
    tcase_add_test(t, messages_found_by_recipient_among_many);
    suite_add_tcase(suite, t);
    return suite;
}
