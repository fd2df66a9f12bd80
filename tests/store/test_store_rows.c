/* SPDX-License-Identifier: BSD-3-Clause
 * The store: numbers, opt-outs, states, events, audit, transactions. */
#include "store_fixture.h"

static ByoPurgePlace purge_at;

/* -- numbers and opt-outs --------------------------------------------------------------------- */

static bool collect_number(void *arg, const ByoNumberRow *n)
{
    byo_buf_addf(arg, "%.*s ", BYO_PF(n->digits));
    return true;
}

static const char *numbers(const char *integration, const char *type, const char *after, int max, ByoBuf *b)
{
    byo_buf_clear(b);
    byo_buf_adds(b, "");
    byo_store_numbers(store, byo_str(integration), byo_str(type), byo_str(after), max, collect_number, b);
    return b->p ? b->p : "";
}

START_TEST(numbers_n1)
{
    ByoNumberRow n = {
        .digits = S("12025550100"), .integration = S("carrier-a"), .type = S("local"), .created = NOW};
    ByoNumberRow code = {.digits = S("012345"),
                         .short_code = true,
                         .integration = S("carrier-b"),
                         .type = S("short-code"),
                         .country = S("US"),
                         .compliance = S("{\"help\":1}"),
                         .created = NOW};
    byo_store_begin(store);
    n.since = 7;
    byo_store_number_put(store, &n);
    byo_store_number_put(store, &code);
    n.integration = S("carrier-b");
    must_commit(store);
    ByoNumberRow got;
    ck_assert_int_eq(byo_store_number(store, S("12025550100"), &got), BYO_STORE_OK);
    ck_str(got.integration, S("carrier-a"));
    ck_str(got.country, S(""));
    ck_assert(!got.short_code && got.since == 7);
    ck_assert_int_eq(byo_store_number(store, S("012345"), &got), BYO_STORE_OK);
    ck_assert(got.short_code && got.created == NOW);
    ck_str(got.type, S("short-code"));
    ck_str(got.country, S("US"));
    ck_str(got.compliance, S("{\"help\":1}"));
    ck_assert_int_eq(byo_store_number(store, S("12345"), &got), BYO_STORE_NONE);
    byo_store_begin(store);
    byo_store_number_put(store, &n);
    n.digits = S("12025550101");
    byo_store_number_put(store, &n);
    must_commit(store);
    ByoBuf b = {0};
    ck_assert_str_eq(numbers(NULL, NULL, NULL, 10, &b), "012345 12025550100 12025550101 ");
    ck_assert_str_eq(numbers(NULL, NULL, NULL, 2, &b), "012345 12025550100 ");
    ck_assert_str_eq(numbers(NULL, NULL, "12025550100", 2, &b), "12025550101 ");
    ck_assert_str_eq(numbers("carrier-b", "local", NULL, 10, &b), "12025550100 12025550101 ");
    ck_assert_str_eq(numbers("carrier-a", NULL, NULL, 10, &b), "");
    byo_store_begin(store);
    byo_store_number_remove(store, S("012345"), NOW);
    byo_store_number_remove(store, S("012345"), NOW); /* there is none */
    must_commit(store);
    ck_assert_int_eq(byo_store_number(store, S("012345"), &got), BYO_STORE_NONE);
    ck_assert_int_eq(byo_store_number_left(store, S("012345"), &got), BYO_STORE_OK);
    ck_str(got.compliance, S("{\"help\":1}"));
    ck_assert(got.short_code && got.since > 0);
    ck_assert_str_eq(numbers(NULL, "short-code", NULL, 10, &b), "");
    byo_buf_free(&b);
}
END_TEST

static bool collect_opt(void *arg, const ByoOptRow *o)
{
    byo_buf_addf(arg, "%.*s>%.*s:%.*s ", BYO_PF(o->number), BYO_PF(o->recipient), BYO_PF(o->text));
    return true;
}

static bool collect_pair(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of)
{
    byo_buf_addf(arg, "%.*s>%.*s%s%.*s ", BYO_PF(number), BYO_PF(recipient), reading_of.n ? "<" : "",
                 BYO_PF(reading_of));
    return true;
}

static void opt(const char *action, const char *number, const char *recipient, const char *text)
{
    ByoOptRow o = {.number = S(number),
                   .recipient = S(recipient),
                   .action = S(action),
                   .text = S(text),
                   .answer = S("answer"),
                   .who = S("recipient")};
    byo_store_opt_add(store, &o, NOW);
}

static const char *history(bool current, const char *number, const char *recipient, ByoId before, int max,
                           ByoBuf *b)
{
    byo_buf_clear(b);
    byo_buf_adds(b, "");
    ByoOptFilter f = {.number = byo_str(number), .before = before, .max = max};
    if (recipient) {
        f.recipients[f.n_recipients++] = S("no such spelling");
        f.recipients[f.n_recipients++] = byo_str(recipient);
    }
    (current ? byo_store_opt_current : byo_store_opt_history)(store, &f, collect_opt, b);
    return b->p ? b->p : "";
}

static bool last_id(void *arg, const ByoOptRow *o)
{
    *(ByoId *)arg = o->id;
    return false;
}

START_TEST(opt_outs_k4_k5)
{
    ByoBuf b = {0};
    byo_store_begin(store);
    opt("opt-out", "100", "1", "STOP");
    opt("opt-out", "100", "2", "END");
    opt("opt-out", "200", "1", "QUIT");
    opt("opt-in", "100", "1", "START");
    opt("opt-in", "300", "9", "START");
    opt("opt-out", "100", "2", "STOP");
    ck_assert(byo_store_opted_out(store, S("100"), S("2")));
    must_commit(store);
    reopen();
    ck_assert(!byo_store_opted_out(store, S("100"), S("1")));
    ck_assert(byo_store_opted_out(store, S("100"), S("2")));
    ck_assert(byo_store_opted_out(store, S("200"), S("1")));
    ck_assert(!byo_store_opted_out(store, S("200"), S("2")));
    byo_store_opt_outs(store, collect_pair, &b);
    ck_assert_str_eq(b.p, "100>2 200>1 ");
    ck_assert_str_eq(history(false, NULL, NULL, 0, 3, &b), "100>2:STOP 300>9:START 100>1:START ");
    ck_assert_str_eq(history(false, "100", NULL, 0, 9, &b), "100>2:STOP 100>1:START 100>2:END 100>1:STOP ");
    ck_assert_str_eq(history(false, NULL, "1", 0, 9, &b), "100>1:START 200>1:QUIT 100>1:STOP ");
    ck_assert_str_eq(history(false, "100", "1", 0, 9, &b), "100>1:START 100>1:STOP ");
    ByoId newest;
    ByoOptFilter one = {.number = S("100"), .recipients = {S("1")}, .n_recipients = 1, .max = 1};
    byo_store_opt_history(store, &one, last_id, &newest);
    ck_assert_str_eq(history(false, "100", "1", newest, 9, &b), "100>1:STOP ");
    ck_assert_str_eq(history(true, NULL, NULL, 0, 9, &b), "100>2:STOP 200>1:QUIT ");
    ck_assert_str_eq(history(true, "200", NULL, 0, 9, &b), "200>1:QUIT ");
    ck_assert_str_eq(history(true, "100", "1", 0, 9, &b), "");
    byo_buf_free(&b);
}
END_TEST

static void reading(const char *action, const char *recipient, const char *reading_of)
{
    ByoOptRow o = {.number = S("100"),
                   .recipient = S(recipient),
                   .action = S(action),
                   .text = S("STOP"),
                   .answer = S(""),
                   .who = S("recipient"),
                   .reading_of = byo_str(reading_of)};
    byo_store_opt_add(store, &o, NOW);
}

static void collect_recipient(void *arg, ByoStr recipient)
{
    byo_buf_addf(arg, "%.*s ", BYO_PF(recipient));
}

/* (field C01) A pair has a row for each reason, and is opted out while it has one. */
START_TEST(opt_outs_of_other_readings)
{
    ByoBuf b = {0};
    byo_store_begin(store);
    reading("opt-out", "1", NULL);
    reading("opt-out", "2", "1");
    reading("opt-out", "2", "3");
    must_commit(store);
    reopen();
    byo_store_opt_outs(store, collect_pair, &b);
    ck_assert_str_eq(b.p, "100>1 100>2<1 100>2<3 ");
    ck_assert(byo_store_opted_out(store, S("100"), S("2")));
    ck_assert(!byo_store_opted_out_itself(store, S("100"), S("2")));
    ck_assert(byo_store_opted_out_itself(store, S("100"), S("1")));
    byo_buf_clear(&b);
    byo_store_opt_readings(store, S("100"), S("1"), collect_recipient, &b);
    ck_assert_str_eq(b.p, "2 ");
    byo_store_begin(store);
    reading("opt-in", "2", "1"); /* one reason goes, the other stays */
    must_commit(store);
    ck_assert(byo_store_opted_out(store, S("100"), S("2")));
    byo_store_begin(store);
    reading("opt-out", "2", NULL);
    reading("opt-in", "2", NULL); /* its own START takes all */
    must_commit(store);
    ck_assert(!byo_store_opted_out(store, S("100"), S("2")));
    ck_assert(byo_store_opted_out(store, S("100"), S("1")));
    byo_buf_free(&b);
}
END_TEST

/* -- states, events, audit -------------------------------------------------------------------- */

static void collect_integration(void *arg, const ByoIntegrationRow *i)
{
    byo_buf_addf(arg, "%.*s=%.*s ", BYO_PF(i->id), BYO_PF(i->state));
}

START_TEST(integrations_l1_l4)
{
    ByoIntegrationRow row = {.id = S("carrier-b"),
                             .wanted = true,
                             .state = S("error"),
                             .reason = S("not-bound"),
                             .since = NOW,
                             .applied = S("digest")};
    ByoIntegrationRow got;
    byo_store_begin(store);
    byo_store_integration_put(store, &row);
    row.id = S("carrier-a");
    row.state = S("inactive");
    row.wanted = false;
    row.deleted = true;
    row.reason = BYO_STR_NONE;
    byo_store_integration_put(store, &row);
    add_message(store, "carrier-b", 1, BYO_SEG_QUEUED, NOW, NOW);
    must_commit(store);
    reopen();
    ck_assert_int_eq(byo_store_integration(store, S("carrier-b"), &got), BYO_STORE_OK);
    ck_assert(got.wanted && !got.deleted && got.since == NOW);
    ck_str(got.reason, S("not-bound"));
    ck_str(got.applied, S("digest"));
    ck_assert_int_eq(byo_store_integration(store, S("carrier-a"), &got), BYO_STORE_OK);
    ck_assert(!got.wanted && got.deleted);
    ck_str(got.reason, S(""));
    ByoBuf b = {0};
    byo_store_integrations(store, collect_integration, &b);
    ck_assert_str_eq(b.p, "carrier-a=inactive carrier-b=error ");
    byo_store_begin(store);
    byo_store_integration_forget(store, S("carrier-b"));
    byo_store_integration_forget(store, S("never heard of"));
    must_commit(store);
    ck_assert_int_eq(byo_store_integration(store, S("carrier-b"), &got), BYO_STORE_NONE);
    /* Its messages go on knowing whose they are. */
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-b"), BYO_SEG_QUEUED), 1);
    byo_buf_free(&b);
}
END_TEST

static bool collect_event(void *arg, const ByoEventRow *e)
{
    byo_buf_addf(arg, "%.*s*%d ", BYO_PF(e->text), (int)e->count);
    return true;
}

static bool collect_audit(void *arg, const ByoAuditRow *a)
{
    byo_buf_addf(arg, "%.*s/%.*s ", BYO_PF(a->who), BYO_PF(a->action));
    return true;
}

static const char *events(ByoEventFilter f, ByoBuf *b)
{
    byo_buf_clear(b);
    byo_buf_adds(b, "");
    byo_store_events(store, &f, collect_event, b);
    return b->p ? b->p : "";
}

START_TEST(events_l5_and_audit_a1)
{
    ByoBuf b = {0};
    ByoId ids[4];
    byo_store_begin(store);
    for (int i = 0; i < 4; i++) {
        char text[2] = {(char)('a' + i), 0};
        ByoEventRow e = {.definition = i % 2 ? S("BYO-0101") : S("BYO-0202"),
                         .entity = i < 2 ? S("x") : S("y"),
                         .name = S("name"),
                         .text = S(text)};
        ids[i] = byo_store_event_add(store, &e, NOW + i * BYO_DAY);
    }
    byo_store_event_repeat(store, ids[0], 7, NOW + 5 * BYO_DAY);
    ByoAuditRow a = {.who = S("admin"), .action = S("activate"), .entity = S("carrier-a")};
    byo_store_audit_add(store, &a, NOW);
    a.who = S("alice");
    byo_store_audit_add(store, &a, NOW);
    must_commit(store);
    ck_assert_str_eq(events((ByoEventFilter){.limit = 9}, &b), "d*1 c*1 b*1 a*7 ");
    ck_assert_str_eq(events((ByoEventFilter){.limit = 2}, &b), "d*1 c*1 ");
    ck_assert_str_eq(events((ByoEventFilter){.limit = 9, .before = ids[2]}, &b), "b*1 a*7 ");
    ck_assert_str_eq(events((ByoEventFilter){.limit = 9, .after = ids[1]}, &b), "c*1 d*1 ");
    ck_assert_str_eq(events((ByoEventFilter){.limit = 9, .entity = S("x")}, &b), "b*1 a*7 ");
    ck_assert_str_eq(events((ByoEventFilter){.limit = 9, .definition = S("BYO-0101"), .entity = S("x")}, &b),
                     "b*1 ");
    ck_assert_str_eq(events((ByoEventFilter){.limit = 9, .from = NOW + BYO_DAY, .to = NOW + 3 * BYO_DAY}, &b),
                     "c*1 b*1 ");
    byo_buf_clear(&b);
    byo_store_audit(store, 0, 9, collect_audit, &b);
    ck_assert_str_eq(b.p, "alice/activate admin/activate ");
    byo_store_begin(store);
    while (byo_store_purge(store, 0, NOW + 2 * BYO_DAY, 100, &purge_at))
        ;
    must_commit(store);
    /* The first one was seen again later: it stays. */
    ck_assert_str_eq(events((ByoEventFilter){.limit = 9}, &b), "d*1 c*1 a*7 ");
    byo_buf_free(&b);
}
END_TEST

/* -- transactions ----------------------------------------------------------------------------- */

START_TEST(nothing_of_a_rollback_stays)
{
    byo_store_begin(store);
    add_message(store, "carrier-a", 2, BYO_SEG_QUEUED, NOW, NOW);
    must_commit(store);
    byo_store_begin(store);
    ByoId id = add_message(store, "carrier-new", 3, BYO_SEG_QUEUED, NOW, NOW);
    add_message(store, "carrier-a", 3, BYO_SEG_HANDED, NOW, NOW);
    put_inward(store, (ByoInwardRow){.named = true, .box = S("one"), .frame = S("1")}, NOW);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-new"), BYO_SEG_QUEUED), 3);
    ByoMessageRow m;
    ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_OK);
    ck_str(m.integration, S("carrier-new"));
    byo_store_rollback(store);
    ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_NONE);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-new"), BYO_SEG_QUEUED), 0);
    ck_assert_int_eq(byo_store_count_state(store, S("carrier-a"), BYO_SEG_QUEUED), 2);
    ck_assert_int_eq(byo_store_inward_count(store), 0);
    ck_counters(store);
    byo_store_begin(store);
    id = add_message(store, "carrier-new", 1, BYO_SEG_QUEUED, NOW, NOW);
    must_commit(store);
    reopen();
    ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_OK);
    ck_str(m.integration, S("carrier-new"));
    ck_counters(store);
}
END_TEST

START_TEST(a_write_that_fails_fails_the_transaction)
{
    byo_store_begin(store);
    ByoId id = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW, NOW);
    must_commit(store);
    byo_store_begin(store);
    ByoId other = add_message(store, "carrier-b", 1, BYO_SEG_QUEUED, NOW, NOW);
    ByoMessageRow m = some_message(id, NOW), got;
    ck_assert(!byo_store_failed(store));
    byo_store_message_add(store, &m, NULL, 0);
    ck_assert(byo_store_failed(store) || on_pgsql()); /* there a write is not waited for */
    ByoId later = add_message(store, "carrier-b", 1, BYO_SEG_QUEUED, NOW, NOW);
    put_inward(store, (ByoInwardRow){.frame = S("1")}, NOW);
    ByoNumberRow number = {.digits = S("1"), .integration = S("carrier-a"), .type = S("local")};
    byo_store_number_put(store, &number);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_CONFLICT);
    ck_assert_msg(strstr(byo_store_error(store), "cannot keep a message") != NULL, "%s",
                  byo_store_error(store));
    ck_assert_int_eq(byo_store_message(store, other, &got), BYO_STORE_NONE);
    ck_assert_int_eq(byo_store_message(store, later, &got), BYO_STORE_NONE);
    ck_counters(store);
    byo_store_begin(store);
    ck_assert(!byo_store_failed(store));
    add_message(store, "carrier-b", 1, BYO_SEG_QUEUED, NOW, NOW);
    must_commit(store);
    ck_counters(store);
}
END_TEST

START_TEST(a_write_outside_of_a_transaction_is_refused)
{
    ByoMessageRow got;
    ByoId id = add_message(store, "carrier-a", 1, BYO_SEG_QUEUED, NOW, NOW);
    ck_assert(byo_store_failed(store));
    ck_assert_int_eq(byo_store_message(store, id, &got), BYO_STORE_NONE);
    ck_assert_int_eq(byo_store_commit(store), BYO_STORE_IO);
    byo_store_begin(store);
    must_commit(store);
    ByoStore *reader = must_open_reader();
    byo_store_begin(reader);
    add_message(reader, "carrier-a", 1, BYO_SEG_QUEUED, NOW, NOW);
    ck_assert_int_ne(byo_store_commit(reader), BYO_STORE_OK);
    byo_store_close(reader);
}
END_TEST

START_TEST(readers_see_what_is_committed)
{
    ByoStore *reader = must_open_reader();
    ByoMessageRow m;
    for (int i = 0; i < 50; i++) {
        char name[24];
        snprintf(name, sizeof name, "carrier-%d", i);
        byo_store_begin(store);
        ByoId id = add_message(store, name, 2, BYO_SEG_QUEUED, NOW, NOW);
        ck_assert_int_eq(byo_store_message(store, id, &m), BYO_STORE_OK);
        ck_assert_int_eq(byo_store_message(reader, id, &m), BYO_STORE_NONE);
        ck_assert_int_eq(byo_store_count_state(reader, S(name), BYO_SEG_QUEUED), 0);
        must_commit(store);
        ck_assert_int_eq(byo_store_message(reader, id, &m), BYO_STORE_OK);
        ck_str(m.integration, S(name));
        ck_assert_int_eq(byo_store_count_state(reader, S(name), BYO_SEG_QUEUED), 2);
        int64_t n;
        ByoTime oldest;
        byo_store_queue_depth(reader, S(name), &n, &oldest);
        ck_assert_int_eq(n, 2);
        ck_assert_int_eq(oldest, NOW);
    }
    byo_store_close(reader);
}
END_TEST

/* Of the place as a whole, however it is asked: what lies there grows, and why it may be lost is no fault. */
START_TEST(condition)
{
    ByoStoreCondition before, after, read;
    byo_store_begin(store);
    byo_store_condition(store, &before);
    for (int i = 0; i < 2000; i++)
        add_message(store, "carrier-a", 2, BYO_SEG_QUEUED, NOW, NOW);
    byo_store_condition(store, &after);
    must_commit(store);
    ByoStore *reader = must_open_reader();
    byo_store_condition(reader, &read);
    ck_assert_int_eq(byo_store_read_fault(reader), BYO_STORE_OK);
    byo_store_close(reader);
    ck_str(S(read.warning), S(before.warning));
    ck_str(S(after.warning), S(before.warning));
    if (on_memory()) { /* which has no place */
        ck_assert_int_eq(read.octets, -1);
        return;
    }
    ck_assert_int_gt(before.octets, 0);
    ck_assert_int_gt(read.octets, before.octets);
}
END_TEST

Suite *store_rows_suite(void)
{
    Suite *suite = suite_create("store rows");
    TCase *t = tcase_create("rows");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, numbers_n1);
    tcase_add_test(t, opt_outs_k4_k5);
    tcase_add_test(t, opt_outs_of_other_readings);
    tcase_add_test(t, integrations_l1_l4);
    tcase_add_test(t, events_l5_and_audit_a1);
    tcase_add_test(t, nothing_of_a_rollback_stays);
    tcase_add_test(t, a_write_that_fails_fails_the_transaction);
    tcase_add_test(t, a_write_outside_of_a_transaction_is_refused);
    tcase_add_test(t, readers_see_what_is_committed);
    tcase_add_test(t, condition);
    suite_add_tcase(suite, t);
    return suite;
}
