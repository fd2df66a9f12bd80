/* SPDX-License-Identifier: BSD-3-Clause
 * The store: what is kept beside a message and how long: steps, purge, the clock, what is gone; inbound messages. */
#include "store_fixture.h"

static ByoPurgePlace purge_at;

/* -- what a message's life keeps beside its rows (spec D2) ------------------------------------------ */

static const char *steps_of(ByoId id)
{
    static ByoBuf b;
    byo_buf_clear(&b);
    byo_store_steps(store, id, &b);
    return b.n ? b.p : "";
}

START_TEST(D2_steps_go_with_their_message)
{
    ByoId id = 0, other = 0;
    ByoTime base = 0;
    ByoPast tried = {0};
    ByoStoreResult result = BYO_STORE_AGAIN;
    /* A turn that met with a report that was there is made again. */
    for (int tries = 0; tries < 2 && result == BYO_STORE_AGAIN; tries++) {
        byo_store_begin(store);
        id = add_message(store, "carrier-a", 2, BYO_SEG_DELIVERED, NOW, 0);
        other = add_message(store, "carrier-a", 1, BYO_SEG_DELIVERED, NOW, 0);
        base = byo_id_time(id);
        tried = (ByoPast){.kind = BYO_PAST_RETRIED,
                          .segment = 1,
                          .number = 1,
                          .time = base + 20,
                          .handed = base + 5,
                          .cause = S("THROTTLED"),
                          .carrier_code = S("88")};
        ByoPast reports[] = {
            {.kind = BYO_PAST_REPORTED, .number = 8, .time = base + 30},
            {.kind = BYO_PAST_UNWANTED, .segment = 2, .number = 1, .time = base + 40},
            {.kind = BYO_PAST_REPORTED, .number = 8, .time = base + 50}}; /* once more: the first counts */
        byo_store_step_add(store, id, &tried);
        for (size_t i = 0; i < 3; i++)
            byo_store_step_add(store, id, &reports[i]);
        byo_store_step_add(store, other, &reports[0]);
        byo_store_step_add(store, other + 256, &tried); /* there is no such message */
        result = byo_store_commit(store);
    }
    ck_assert_msg(result == BYO_STORE_OK, "%s", byo_store_error(store));
    reopen();
    static const char all[] = "r 1 1 20 5 - THROTTLED 88\nd 0 8 30\nx 2 1 40\n";
    ck_assert_str_eq(steps_of(id), all);
    ck_assert_str_eq(steps_of(other + 256), "");
    byo_store_begin(store);
    byo_store_step_add(store, id, &tried);
    byo_store_rollback(store);
    ck_assert_str_eq(steps_of(id), all);
    /* Bounded. */
    byo_store_begin(store);
    for (int i = 0; i < 1000; i++)
        byo_store_step_add(store, id, &tried);
    must_commit(store);
    ck_assert_uint_gt(strlen(steps_of(id)), BYO_PAST_OCTETS - 100);
    ck_assert_uint_lt(strlen(steps_of(id)), BYO_PAST_OCTETS + 30);
    /* Erased. */
    byo_store_begin(store);
    byo_store_message_remove(store, id);
    must_commit(store);
    ck_assert_str_eq(steps_of(id), "");
    ck_assert_int_ne(steps_of(other)[0], 0);
    /* Purged. */
    ByoMessageRow ended;
    byo_store_begin(store);
    ck_assert_int_eq(byo_store_message(store, other, &ended), BYO_STORE_OK);
    ended.ended = 1;
    byo_store_message_update(store, &ended);
    ByoPurgePlace at = {0};
    byo_store_purge(store, NOW + BYO_DAY, 0, 100, &at);
    must_commit(store);
    ck_assert_int_eq(rows_in("message"), 0);
    ck_assert_int_eq(rows_in("message_step"), 0);
    ck_assert_int_eq(rows_in("message_report"), 0);
}
END_TEST

/* -- purge ------------------------------------------------------------------------------------ */

static bool end_message(void *arg, const ByoMessageRow *m)
{
    ByoMessageRow ended = *m;
    ended.ended = m->created;
    byo_store_message_update(store, &ended);
    ++*(int *)arg;
    return true;
}

/* Returns how many there are. */
static int end_all_messages(void)
{
    ByoMessageFilter all = {.state = -1, .limit = 1000};
    int n = 0;
    byo_store_begin(store);
    do
        byo_store_messages(store, &all, &all.before, end_message, &n);
    while (all.before);
    must_commit(store);
    return n;
}

/* A message, its segment, and with SQLite its frame, which lies apart. */
static int64_t message_rows(void)
{
    return rows_in("message") + rows_in("segment") + (on_sqlite() ? rows_in("message_frame") : 0);
}

START_TEST(purge_in_bounded_steps)
{
    enum { STEP = 500 };
    const int total = so_many(40000);
    int stay = 0;
    for (int i = 0; i < total;) {
        byo_store_begin(store);
        for (int k = 0; k < 1000; k++, i++) {
            ByoMessageRow m = some_message(byo_store_new_id(store, NOW + i), NOW + i);
            bool over = i % 10 != 0;
            stay += !over || i >= total - 1000;
            m.ended = over ? NOW + i : 0;
            m.state = over ? BYO_MSG_DELIVERED : BYO_MSG_ACTIVE;
            ByoSegmentRow seg =
                some_segment(m.id, 1, over ? BYO_SEG_DELIVERED : BYO_SEG_ACCEPTED, NOW + BYO_DAY);
            byo_store_message_add(store, &m, &seg, 1);
        }
        must_commit(store);
    }
    const int each = on_sqlite() ? 3 : 2;
    int64_t rows = message_rows();
    ck_assert_int_eq(rows, each * total);
    bool more = true;
    int steps = 0;
    while (more) {
        byo_store_begin(store);
        more = byo_store_purge(store, NOW + total - 1000, 0, STEP, &purge_at);
        must_commit(store);
        int64_t now = message_rows();
        ck_assert_int_le(rows - now, STEP + 3);
        rows = now;
        ck_assert_int_lt(++steps, 1000);
    }
    ck_assert_int_eq(rows, each * stay);
    ck_counters(store);
    /* What is over later goes at a later pass, and the index of recipients with its last message. */
    if (on_sqlite())
        ck_assert_int_gt(rows_in("recipient_chunk"), 0);
    ck_assert_int_eq(end_all_messages(), stay);
    do {
        byo_store_begin(store);
        more = byo_store_purge(store, NOW + BYO_DAY, 0, 50000, &purge_at);
        must_commit(store);
    } while (more);
    ck_assert_int_eq(message_rows(), 0);
    if (on_sqlite()) {
        ck_assert_int_eq(rows_in("recipient_chunk"), 0);
        ck_assert_int_eq(rows_in("recipient_run"), 0);
    }
}
END_TEST

/* -- the clock (night N6) ------------------------------------------------------------------------- */

START_TEST(what_is_due_moves_with_the_clock)
{
    ByoId ids[4];
    byo_store_begin(store);
    ByoId handed = add_message(store, "carrier-a", 1, BYO_SEG_HANDED, NOW + 1000, NOW);
    ByoId queued = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, 0, NOW);
    must_commit(store);
    ByoTime then = NOW + 5 * BYO_DAY;
    byo_store_begin(store);
    byo_store_clock_jumped(store, 5 * BYO_DAY, then);
    must_commit(store);
    ck_assert_int_eq(byo_store_timers_claim(store, then + 999, ids, 4), 0);
    ck_assert_int_eq(byo_store_timers_claim(store, then + 1000, ids, 4), 1);
    ck_assert_int_eq(ids[0], handed + 1);
    ck_assert_int_eq(byo_store_queue_claim(store, S("carrier-a"), then, ids, 4), 1);
    ck_assert_int_eq(ids[0], queued + 1); /* due at once stays due at once */
    reopen();
    ck_assert_int_eq(byo_store_clock_last(store), then);
}
END_TEST

static int64_t kept_after_purge(ByoTime now, ByoTime retention)
{
    for (bool more = true; more;) {
        byo_store_begin(store);
        more = byo_store_purge(store, now - retention, now - retention, 100, &purge_at);
        must_commit(store);
    }
    return rows_in("message");
}

START_TEST(a_clock_set_ahead_makes_nothing_old)
{
    const ByoTime ahead = 40 * BYO_DAY, retention = 30 * BYO_DAY;
    byo_store_begin(store);
    ByoMessageRow m = some_message(byo_store_new_id(store, NOW), NOW);
    ByoSegmentRow seg = some_segment(m.id, 1, BYO_SEG_DELIVERED, 0);
    m.ended = NOW;
    m.state = BYO_MSG_DELIVERED;
    byo_store_message_add(store, &m, &seg, 1);
    must_commit(store);
    ByoTime now = NOW + BYO_DAY + ahead; /* a day later, and the clock jumped */
    byo_store_begin(store);
    byo_store_clock_jumped(store, ahead, now);
    must_commit(store);
    ck_assert_int_eq(kept_after_purge(now, retention), 1);
    ck_assert_int_eq(kept_after_purge(now + 28 * BYO_DAY, retention), 1);
    ck_assert_int_eq(kept_after_purge(now + 31 * BYO_DAY, retention), 0);
}
END_TEST

/* -- gone is gone (night F5) --------------------------------------------------------------------- */

enum { SECRETS = 3000, SECRETS_GONE = 2000 };

static void add_secret(int i)
{
    ByoBuf frame = {0};
    char number[24], text[64];
    snprintf(number, sizeof number, "+99secret%06d", i);
    snprintf(text, sizeof text, "secret%06d", i);
    for (int k = 0; k <= i % 40; k++) /* of every length, also beyond a page */
        byo_buf_addf(&frame, "%s words words words %s %s ", text, number, i % 40 == 39 ? text : "");
    if (i % 100 == 99)
        for (int k = 0; k < 500; k++)
            byo_buf_addf(&frame, "%s ", text);
    ByoTime at = NOW + i;
    ByoMessageRow m = some_message(byo_store_new_id(store, at), at);
    m.recipient = S(number);
    m.frame = byo_buf_str(&frame);
    m.ended = at;
    m.state = BYO_MSG_DELIVERED;
    ByoSegmentRow seg = some_segment(m.id, 1, BYO_SEG_DELIVERED, 0);
    seg.payload = byo_strn(frame.p, frame.n < 140 ? frame.n : 140);
    byo_store_message_add(store, &m, &seg, 1);
    m.verdict.description = S("Delivered after all, a longer row than it was");
    byo_store_message_update(store, &m);
    ByoEventRow e = {
        .time = at, .last = at, .count = 1, .definition = S("BYO-0301"), .text = byo_buf_str(&frame)};
    byo_store_event_add(store, &e, at);
    ByoInwardRow row = {.named = true, .box = S("app"), .frame = byo_buf_str(&frame)};
    byo_store_inward_remove(store, put_inward(store, row, at));
    byo_buf_free(&frame);
}

/* How many octet strings of what should be gone stand in a file of the store. */
static int secrets_in(const char *suffix)
{
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    FILE *f = fopen(name, "r");
    if (!f)
        return 0;
    ByoBuf b = {0};
    char part[65536];
    int found = 0;
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        byo_buf_add(&b, part, n);
    fclose(f);
    const char *end = b.n ? b.p + b.n : b.p;
    for (const char *at = b.p; at && (at = memmem(at, (size_t)(end - at), "secret", 6)); at += 6) {
        char digits[7] = "";
        memcpy(digits, at + 6, (size_t)(end - at) < 12 ? (size_t)(end - at) - 6 : 6);
        found += strspn(digits, "0123456789") == 6 && atoi(digits) < SECRETS_GONE;
    }
    byo_buf_free(&b);
    return found;
}

/* A damaged count is no reason to stop, nor to go on without end. */
START_TEST(messages_with_a_damaged_count_are_purged)
{
    byo_store_begin(store);
    for (int i = 0; i < 3; i++)
        add_secret(i);
    must_commit(store);
    ck_assert_int_eq(sqlite3_exec(store->db, "UPDATE message SET segments = -1768515942", NULL, NULL, NULL),
                     SQLITE_OK);
    byo_store_begin(store);
    while (byo_store_purge(store, NOW + BYO_HOUR, NOW, 500, &purge_at)) {
    }
    must_commit(store);
    ck_assert_int_eq(rows_in("message"), 0);
}
END_TEST

START_TEST(purged_texts_and_numbers_are_in_no_file)
{
    for (int i = 0; i < SECRETS;) {
        byo_store_begin(store);
        for (int k = 0; k < 100; k++)
            add_secret(i++);
        must_commit(store);
    }
    ck_assert_int_gt(secrets_in("") + secrets_in("-wal"), 0);
    for (bool more = true; more;) {
        byo_store_begin(store);
        more = byo_store_purge(store, NOW + SECRETS_GONE, NOW + SECRETS_GONE, 500, &purge_at);
        must_commit(store);
    }
    ck_assert_int_eq(secrets_in(""), 0);
    ck_assert_int_eq(secrets_in("-wal"), 0);
    ck_assert_int_eq(rows_in("message"), SECRETS - SECRETS_GONE);
}
END_TEST

/* A reader in the way holds nobody up; a later commit cuts the log. */
START_TEST(purged_texts_leave_the_log_after_a_reader)
{
    byo_store_begin(store);
    for (int i = 0; i < 100; i++)
        add_secret(i);
    must_commit(store);
    sqlite3 *reader;
    ck_assert_int_eq(sqlite3_open(path, &reader), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM message", NULL, NULL, NULL),
                     SQLITE_OK);
    byo_store_begin(store);
    while (byo_store_purge(store, NOW + SECRETS_GONE, NOW + SECRETS_GONE, 500, &purge_at))
        ;
    must_commit(store);
    ck_assert_int_gt(secrets_in("") + secrets_in("-wal"), 0);
    sqlite3_close(reader);
    byo_store_begin(store);
    must_commit(store);
    ck_assert_int_eq(secrets_in("") + secrets_in("-wal"), 0);
}
END_TEST

/* Inbound messages are found, paged, and go with the messages of their age. */
#define INBOUND_UUID "0f8fad5b-d9cb-469f-a165-70867728950e"

static bool count_inbound(void *arg, const ByoInboundRow *row)
{
    ck_assert(row->has_text == (row->text.n > 0));
    ck_str(row->uuid, S(INBOUND_UUID));
    ck_assert_int_eq(row->created % BYO_MINUTE, NOW % BYO_MINUTE);
    ++*(int *)arg;
    return true;
}

START_TEST(inbound_messages_are_kept_and_purged)
{
    ByoInboundRow row = {
        .integration = S("carrier-a"), .number = S("12025550100"), .uuid = S(INBOUND_UUID), .box = S("")};
    byo_store_begin(store);
    for (int i = 0; i < 10; i++) {
        row.id = byo_store_new_id(store, NOW + i * BYO_MINUTE);
        row.sender = i % 2 ? S("12025550199") : S("Bank");
        row.has_text = i > 4;
        row.text = row.has_text ? S("hello") : S("");
        byo_store_inbound_add(store, &row);
    }
    must_commit(store);
    int n = 0, pages = 0;
    ByoMessageFilter f = {.limit = 3};
    do {
        ck_assert_int_eq(byo_store_inbounds(store, &f, &f.before, count_inbound, &n), BYO_STORE_OK);
        pages++;
    } while (f.before);
    ck_assert_int_eq(n, 10);
    ck_assert_int_eq(pages, 4);
    n = 0;
    f = (ByoMessageFilter){.limit = 100, .recipient = S("+12025550199"), .from = NOW + 2 * BYO_MINUTE};
    byo_store_inbounds(store, &f, &f.before, count_inbound, &n);
    ck_assert_int_eq(n, 4);
    ck_assert_int_eq(byo_store_inbound(store, row.id, &row), BYO_STORE_OK);
    ck_assert_int_eq(byo_store_inbound(store, row.id + 256, &row), BYO_STORE_NONE);
    byo_store_begin(store);
    while (byo_store_purge(store, NOW + 3 * BYO_MINUTE, 0, 2, &purge_at))
        continue;
    ck_assert_int_eq(byo_store_inbound_forget(store, S("12025550199")), 4);
    must_commit(store);
    n = 0;
    f = (ByoMessageFilter){.limit = 100};
    byo_store_inbounds(store, &f, &f.before, count_inbound, &n);
    ck_assert_int_eq(n, 3); /* of Bank, from minute 4 on */
}
END_TEST

Suite *store_purge_suite(void)
{
    Suite *suite = suite_create("store purge");
    TCase *t = tcase_create("purge");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, inbound_messages_are_kept_and_purged);
    tcase_add_test(t, D2_steps_go_with_their_message);
    tcase_add_test(t, purge_in_bounded_steps);
    tcase_add_test(t, what_is_due_moves_with_the_clock);
    tcase_add_test(t, a_clock_set_ahead_makes_nothing_old);
    tcase_add_sqlite_test(t, messages_with_a_damaged_count_are_purged);
    tcase_add_sqlite_test(t, purged_texts_and_numbers_are_in_no_file);
    tcase_add_sqlite_test(t, purged_texts_leave_the_log_after_a_reader);
    suite_add_tcase(suite, t);
    return suite;
}
