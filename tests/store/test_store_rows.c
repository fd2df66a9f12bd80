/* SPDX-License-Identifier: BSD-3-Clause
 * The store: what waits for a smsbox, numbers, opt-outs, states, events, audit, purge, transactions. */
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
    if (on_sqlite()) { /* which looks for a free key at each: that would take a minute */
        ck_assert_int_eq(
            sqlite3_exec(store->db,
                         "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 32766)"
                         " INSERT INTO box SELECT k, 'peer' || k FROM n;"
                         "INSERT INTO inward SELECT (key << 48) + 1, x'00' FROM box",
                         NULL, NULL, NULL),
            SQLITE_OK);
        return;
    }
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
    byo_store_begin(store);
    ByoId id = add_message(store, "carrier-a", 2, BYO_SEG_DELIVERED, NOW, 0),
          other = add_message(store, "carrier-a", 1, BYO_SEG_DELIVERED, NOW, 0);
    ByoTime base = byo_id_time(id);
    ByoPast tried = {.kind = BYO_PAST_RETRIED,
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
    must_commit(store);
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

/* -- transactions ----------------------------------------------------------------------------- */

START_TEST(nothing_of_a_rollback_stays)
{
    byo_store_begin(store);
    add_message(store, "carrier-a", 2, BYO_SEG_QUEUED, NOW, NOW);
    must_commit(store);
    byo_store_begin(store);
    ByoId id = add_message(store, "carrier-new", 3, BYO_SEG_QUEUED, NOW, NOW);
    add_message(store, "carrier-a", 3, BYO_SEG_HANDED, NOW, NOW);
    add_inward(true, "one", "1", NOW);
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
    add_inward(false, "", "1", NOW);
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

Suite *store_rows_suite(void)
{
    Suite *suite = suite_create("store rows");
    TCase *t = tcase_create("rows");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, inbound_messages_are_kept_and_purged);
    tcase_add_test(t, inward_waits_for_its_smsbox_in_order);
    tcase_add_sqlite_test(t, inward_names_run_out_and_are_used_again);
    tcase_add_test(t, inward_one_name_too_many_fails_nothing_else);
    tcase_add_test(t, C10_early_receipts_wait_for_their_answer);
    tcase_add_test(t, mo_is_new_only_once);
    tcase_add_test(t, numbers_n1);
    tcase_add_test(t, opt_outs_k4_k5);
    tcase_add_test(t, opt_outs_of_other_readings);
    tcase_add_test(t, integrations_l1_l4);
    tcase_add_test(t, events_l5_and_audit_a1);
    tcase_add_test(t, D2_steps_go_with_their_message);
    tcase_add_test(t, purge_in_bounded_steps);
    tcase_add_test(t, what_is_due_moves_with_the_clock);
    tcase_add_test(t, a_clock_set_ahead_makes_nothing_old);
    tcase_add_test(t, what_waits_is_counted_for_each_destination);
    tcase_add_test(t, ids_go_on_behind_the_last_inbound_message);
    tcase_add_test(t, early_receipts_are_counted);
    tcase_add_sqlite_test(t, messages_with_a_damaged_count_are_purged);
    tcase_add_sqlite_test(t, purged_texts_and_numbers_are_in_no_file);
    tcase_add_sqlite_test(t, purged_texts_leave_the_log_after_a_reader);
    tcase_add_test(t, nothing_of_a_rollback_stays);
    tcase_add_test(t, a_write_that_fails_fails_the_transaction);
    tcase_add_test(t, a_write_outside_of_a_transaction_is_refused);
    tcase_add_test(t, readers_see_what_is_committed);
    suite_add_tcase(suite, t);
    return suite;
}
