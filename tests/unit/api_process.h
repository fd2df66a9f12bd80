/* SPDX-License-Identifier: BSD-3-Clause
 * The process the admin API asks, which is not there: what it answers, and what it was asked. Changes are made in `writer`.
 * Ownership: api_fixture.h's. Threads: one, but for `change` and the imports. */
#ifndef API_PROCESS_H
#define API_PROCESS_H

#include <check.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/api_private.h"
#include "compliance/keyword.h"
#include "compliance/reading.h"
#include "link/frame.h"

/* A harness that is no test of check's has its own. */
#ifndef FIXTURE_MUST
#define FIXTURE_MUST(condition) ck_assert_msg(condition, "fixture")
#endif

#define NOW ((ByoTime)1790000000000) /* 2026-09-21T14:13:20Z */
#define S(text) byo_str(text)

static char store_file[PATH_MAX];
static ByoStore *writer;
static ByoStoreResult commit_result; /* what the next commits come to; not BYO_STORE_OK: rolled back */
static ByoAdminHealth health_now;
static ByoAdminAnswer life_answer;
static char importing[BYO_ADDRESS_MAX]; /* a number somebody else imports just now */
static char life_called[128];
static bool all_is_fine;  /* in the status */
static int nodes_now = 1; /* n1, n2 and so on; one: store = sqlite */
static int events_told;
static ByoEventNote last_event;
static char last_event_text[256];
static pthread_mutex_t change_lock = PTHREAD_MUTEX_INITIALIZER;

static inline bool fake_number_put(void *arg, const ByoNumber *n, ByoStr json, bool replace, ByoTime created,
                                   ByoStoreResult *result_r, ByoComplianceFault *fault_r)
{
    (void)arg;
    ByoMatcher *m =
        byo_compliance_is_empty(&n->compliance) ? NULL : byo_matcher_create(&n->compliance, fault_r);
    if (!m && !byo_compliance_is_empty(&n->compliance))
        return false;
    byo_matcher_destroy(m);
    ByoNumberRow row = {S(n->digits),      n->type == BYO_NUMBER_SHORT_CODE,
                        S(n->integration), S(byo_number_type_name(n->type)),
                        S(n->country),     json,
                        created,           0};
    ByoNumberRow before;
    *result_r = byo_store_number(writer, row.digits, &before);
    if (*result_r == BYO_STORE_OK && !replace)
        *result_r = BYO_STORE_CONFLICT;
    else {
        byo_store_number_put(writer, &row);
        *result_r = BYO_STORE_OK;
    }
    return true;
}

static inline bool fake_number_remove(void *arg, const char *digits)
{
    (void)arg;
    ByoNumberRow row;
    if (byo_store_number(writer, S(digits), &row) != BYO_STORE_OK)
        return false;
    byo_store_number_remove(writer, S(digits), NOW);
    return true;
}

static inline bool fake_opt(void *arg, const ByoOptRequest *req, ByoTime now, ByoOptDone *done)
{
    (void)arg;
    *done = (ByoOptDone){.changed = false};
    char digits[BYO_ADDRESS_MAX];
    if (!byo_read_digits(req->number, done->number) || !byo_read_phone_digits(req->recipient, digits))
        return false;
    snprintf(done->recipient, sizeof done->recipient, "+%.20s", digits);
    ByoOptRow row = {.time = now,
                     .number = S(done->number),
                     .recipient = S(done->recipient + 1),
                     .action = req->out ? S("opt-out") : S("opt-in"),
                     .text = S(""),
                     .answer = S(""),
                     .who = req->who,
                     .reason = req->reason};
    done->changed = byo_store_opted_out(writer, row.number, row.recipient) != req->out;
    if (done->changed)
        byo_store_opt_add(writer, &row, now);
    return true;
}

static inline void fixture_opt(ByoStr number, ByoStr recipient, bool out, ByoStr who, ByoStr reason,
                               ByoTime at)
{
    ByoOptRequest req = {number, recipient, out, who, reason};
    ByoOptDone done;
    FIXTURE_MUST(fake_opt(NULL, &req, at, &done));
}

static inline void fake_event(void *arg, const ByoEventNote *note)
{
    (void)arg;
    events_told++;
    last_event = *note;
    snprintf(last_event_text, sizeof last_event_text, "%.*s", BYO_PF(note->text));
}

static ByoTime draining_since;

static inline bool fake_drain(void *arg, bool on, ByoStr who, ByoTime now)
{
    (void)arg, (void)who;
    bool was = draining_since != 0;
    draining_since = on ? now : 0;
    return was != on;
}

static inline bool fake_erase(void *arg, ByoErasure *e, ByoTime now)
{
    (void)arg, (void)now;
    e->messages++;
    return ++e->phase < 3;
}

enum { MESSAGES = 5 };
static ByoId messages[MESSAGES];

/* What the text says. */
static inline void fake_test_message(void *arg, const ByoTestMessage *m, ByoTestDone *done)
{
    (void)arg;
    ByoNumberRow row;
    *done = (ByoTestDone){.outcome = byo_str_is(m->text, "later")     ? BYO_TEST_LATER
                                     : byo_str_is(m->text, "drained") ? BYO_TEST_DRAINING
                                     : byo_str_is(m->text, "refused") ? BYO_TEST_REFUSED
                                                                      : BYO_TEST_TAKEN};
    if (byo_store_number(writer, m->number, &row) != BYO_STORE_OK)
        done->outcome = BYO_TEST_NO_NUMBER;
    if (done->outcome == BYO_TEST_TAKEN || done->outcome == BYO_TEST_REFUSED)
        done->id = messages[done->outcome == BYO_TEST_TAKEN ? 2 : 1];
}

static inline ByoStoreResult fake_change(void *arg, void (*fn)(void *fn_arg, const ByoAdminTurn *turn),
                                         void *fn_arg)
{
    ByoAdminTurn turn = {.store = writer,
                         .now = NOW,
                         .arg = arg,
                         .number_put = fake_number_put,
                         .number_remove = fake_number_remove,
                         .opt = fake_opt,
                         .event = fake_event,
                         .drain = fake_drain,
                         .test_message = fake_test_message,
                         .erase = fake_erase};
    pthread_mutex_lock(&change_lock);
    byo_store_begin(writer);
    fn(fn_arg, &turn);
    ByoStoreResult r = commit_result;
    if (r == BYO_STORE_OK)
        r = byo_store_commit(writer);
    else
        byo_store_rollback(writer);
    pthread_mutex_unlock(&change_lock);
    return r;
}

static inline bool fake_known(void *arg, ByoStr id)
{
    (void)arg;
    return byo_str_is(id, "carrier-a") || byo_str_is(id, "carrier-b");
}

static inline ByoAdminTakes fake_takes(void *arg, ByoStr id, char transmitter_r[BYO_ID_MAX + 1])
{
    bool receiver = byo_str_is(id, "carrier-rx"), lone = byo_str_is(id, "carrier-lone");
    snprintf(transmitter_r, BYO_ID_MAX + 1, "%s", receiver ? "carrier-a" : "");
    return receiver || lone      ? BYO_TAKES_RECEIVER
           : fake_known(arg, id) ? BYO_TAKES_NUMBERS
                                 : BYO_TAKES_UNKNOWN;
}

static inline bool fake_carries(void *arg, ByoStr id, ByoStr utf8, char why_r[160])
{
    (void)arg;
    snprintf(why_r, 160, "%.*s cannot send it: it is Cyrillic", BYO_PF(id));
    return !utf8.n || (unsigned char)utf8.p[0] != 0xd0;
}

/* carrier-a and carrier-b send by the list a test sets, carrier-rx receives. */
static const char *fixture_charsets = "";

static inline bool fake_look(void *arg, ByoStr id, void (*fn)(void *fn_arg, const ByoIntegration *i),
                             void *fn_arg)
{
    bool receives = byo_str_is(id, "carrier-rx");
    if (!fake_known(arg, id) && !receives)
        return false;
    ByoFaults faults = {0};
    ByoAdvancedOptions opt = {0};
    ByoIntegration i = {.advanced = byo_advanced_load(S(fixture_charsets), &opt, &faults),
                        .bind_type = receives ? BYO_BIND_RECEIVER : BYO_BIND_TRANSCEIVER,
                        .concat_reference = 8};
    FIXTURE_MUST(i.advanced != NULL);
    snprintf(i.id, sizeof i.id, "%.*s", BYO_PF(id));
    fn(fn_arg, &i);
    byo_advanced_destroy(i.advanced);
    byo_faults_free(&faults);
    return true;
}

static inline void fake_state(void *arg, ByoStr id, char state_r[BYO_ADMIN_STATE])
{
    (void)arg;
    snprintf(state_r, BYO_ADMIN_STATE, "%s", byo_str_is(id, "carrier-a") ? "inactive" : "active");
}

static inline bool fake_import_begin(void *arg, const char *digits)
{
    (void)arg;
    return strcmp(digits, importing) != 0;
}

static inline void fake_import_end(void *arg, const char *digits)
{
    (void)arg;
    FIXTURE_MUST(strcmp(digits, importing) != 0);
}

static inline void fake_health(void *arg, ByoAdminHealth *out)
{
    (void)arg;
    *out = health_now;
}

static int64_t told_now;

static inline int64_t fake_events_told(void *arg)
{
    (void)arg;
    return __atomic_load_n(&told_now, __ATOMIC_SEQ_CST);
}

static bool a_is_deleted; /* carrier-a, by the next DELETE, at once */
static bool a_is_gone;

static inline void fake_status(void *arg, ByoAdminStatus *st)
{
    (void)arg;
    *st = (ByoAdminStatus){.version = "1.2.3",
                           .now = NOW,
                           .started = NOW - BYO_HOUR,
                           .draining = draining_since,
                           .own_up = true,
                           .anon_up = true,
                           .counted = NOW,
                           .n = 2,
                           .bearerbox_known = true,
                           .bearerbox_uptime = 5,
                           .bearerbox_port = 13001,
                           .store_bytes = 4096};
    snprintf(st->bearerbox_host, sizeof st->bearerbox_host, "localhost");
    st->store_path = byo_strdup(store_file);
    st->integrations[0] = (ByoAdminIntegration){
        .id = "carrier-a",
        .name = byo_strdup("Carrier A"),
        .state = BYO_LIFE_ACTIVE,
        .wanted = true,
        .open = true,
        .binds_known = true,
        .binds_online = 3,
        .binds_total = 3,
        .binds_wanted = 3,
        .bind_status = -1,
        .counted = true,
        .rate = 20,
        .rate_configured = 20,
        .queued = 7,
        .oldest = NOW - BYO_SECOND,
        .total = {.delivered = 42, .failed = 3, .failed_by = {3}, .submit = {{1, 1, [13] = 4}, 123456}},
        .config = byo_json_object(),
        .properties = byo_json_object()};
    st->integrations[1] = (ByoAdminIntegration){.id = "carrier-b",
                                                .name = byo_strdup(""),
                                                .state = BYO_LIFE_ERROR,
                                                .reason = BYO_REASON_BIND_REFUSED,
                                                .wanted = true,
                                                .binds_wanted = 1,
                                                .bind_status = 14};
    snprintf(st->integrations[1].receives_for, sizeof st->integrations[1].receives_for, "carrier-a");
    if (a_is_gone)
        snprintf(st->integrations[0].id, sizeof st->integrations[0].id, "another");
    st->n_nodes = (size_t)nodes_now;
    for (int n = 0; n < nodes_now; n++) {
        st->nodes[n] = (ByoNode){.self = n == 0, .up = n != 3};
        if (nodes_now > 1)
            snprintf(st->nodes[n].name, sizeof st->nodes[n].name, "n%d", n + 1);
        snprintf(st->nodes[n].policy, sizeof st->nodes[n].policy, "%s", n < 5 ? "feed" : "");
        st->integrations[0].at[n] = (ByoAdminAtNode){
            .known = n < 4, .state = BYO_LIFE_ACTIVE, .binds = 3, .online = n == 2 ? -1 : 3 - n};
        snprintf(st->integrations[0].at[n].policy, BYO_POLICY_TEXT, "%s",
                 n >= 4   ? ""
                 : n == 1 ? "decaf"
                          : "c0ffee");
    }
    if (all_is_fine) {
        st->n = 1;
        free(st->integrations[1].name);
        st->peers = byo_zalloc(sizeof *st->peers);
        st->n_peers = 1;
        st->peers->link_up = true;
    }
}

static inline unsigned fake_features(void *arg)
{
    (void)arg;
    return 0;
}

static inline ByoAdminAnswer fake_life(void *arg, ByoStr id, ByoAdminVerb verb, ByoStr who, char why_r[200])
{
    (void)arg;
    snprintf(life_called, sizeof life_called, "%d %.*s %.*s", (int)verb, BYO_PF(id), BYO_PF(who));
    snprintf(why_r, 200, "a reason");
    a_is_gone = a_is_deleted && verb == BYO_VERB_DELETE;
    return fake_known(NULL, id) ? life_answer : BYO_ANSWER_UNKNOWN;
}

static ByoShortCodes fixture_short_codes;

static inline ByoShortCodes fake_short_codes(void *arg)
{
    (void)arg;
    return fixture_short_codes;
}

static ByoAdminActions actions = {.change = fake_change,
                                  .integration_takes = fake_takes,
                                  .short_codes = fake_short_codes,
                                  .integration_carries = fake_carries,
                                  .integration_look = fake_look,
                                  .integration_state = fake_state,
                                  .import_begin = fake_import_begin,
                                  .import_end = fake_import_end,
                                  .health = fake_health,
                                  .status = fake_status,
                                  .events_told = fake_events_told,
                                  .codec = &byo_sms_codec,
                                  .features = fake_features,
                                  .life = fake_life};

#endif
