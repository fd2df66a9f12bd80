/* SPDX-License-Identifier: BSD-3-Clause
 * The admin API over a real store and a process that is not there: what its tests share.
 * Ownership: the fixture owns folder, stores and actions. Threads: one, but for `change` and the imports. */
#ifndef API_FIXTURE_H
#define API_FIXTURE_H

#include <check.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/api_private.h"
#include "admin/http.h"
#include "base/log.h"
#include "base/thread.h"
#include "compliance/keyword.h"
#include "compliance/reading.h"
#include "link/frame.h"

/* A harness that is no test of check's has its own. */
#ifndef FIXTURE_MUST
#define FIXTURE_MUST(condition) ck_assert_msg(condition, "fixture")
#endif

#define NOW ((ByoTime)1790000000000) /* 2026-09-21T14:13:20Z */
#define S(text) byo_str(text)

static char folder[PATH_MAX / 2], store_file[PATH_MAX];
static ByoStore *writer, *reader;
static ByoAuth *auth;
static ByoSessions *sessions;
static ByoAdminUsers users;
static ByoStoreResult commit_result; /* what the next commits come to; not BYO_STORE_OK: rolled back */
static ByoAdminHealth health_now;
static ByoAdminAnswer life_answer;
static char importing[BYO_ADDRESS_MAX]; /* a number somebody else imports just now */
static char life_called[128];
static bool all_is_fine; /* in the status */
static int events_told;
static ByoEventNote last_event;
static char last_event_text[256];
static pthread_mutex_t change_lock = PTHREAD_MUTEX_INITIALIZER;

/* -- the process --------------------------------------------------------------------------------------*/

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

/* -- what the store holds -----------------------------------------------------------------------------*/

static inline void seed_message(int i, const char *recipient, ByoMsgState state, int code, const char *cause)
{
    ByoStoredVerdict v = {S(cause), code, S("what it means"), S("088")};
    messages[i] = byo_store_new_id(writer, NOW - (MESSAGES - i) * BYO_MINUTE);
    ByoMessageRow m = {.id = messages[i],
                       .integration = S("carrier-a"),
                       .number = S("12025550100"),
                       .recipient = S(recipient),
                       .uuid = S("11111111-2222-3333-4444-555555555555"),
                       .box = S(""),
                       .state = state,
                       .created = NOW - (MESSAGES - i) * BYO_MINUTE,
                       .ended = state ? NOW : 0,
                       .tally = {.segments = 2, .accepted = 2, .ended = state != 0},
                       .reports = BYO_REPORTS_MESSAGE,
                       .mask = 31,
                       .data_coding = -1,
                       .charset = S("GSM_0338"),
                       .verdict = v,
                       .frame = S("frame")};
    ByoSegmentRow segments[2] = {{.id = messages[i] + 1}, {.id = messages[i] + 2}};
    for (int k = 0; k < 2; k++) {
        segments[k].s = (ByoSegment){.state = k ? BYO_SEG_ACCEPTED : BYO_SEG_DELIVERED,
                                     .tries = k + 1,
                                     .accepted = true,
                                     .maybe_duplicate = k == 1,
                                     .handed = NOW - BYO_SECOND,
                                     .first_handed = NOW - BYO_SECOND};
        segments[k].verdict = v;
        segments[k].foreign_id = k ? S("77ab") : S("");
        segments[k].udh = S("");
        segments[k].payload = S("hello");
    }
    byo_store_message_add(writer, &m, segments, 2);
    for (int k = 0; k < 2; k++)
        byo_store_segment_update(writer, &segments[k]);
}

static inline void seed_event(int i, ByoEventKindId kind, const char *entity)
{
    ByoEventRow e = {.time = NOW + i,
                     .last = NOW + i,
                     .definition = S(byo_event_info(kind)->id),
                     .name = S(byo_event_info(kind)->name),
                     .entity = S(entity),
                     .previous = S(""),
                     .current = S("now"),
                     .error_code = S(""),
                     .text = S("it happened"),
                     .count = 1};
    byo_store_event_add(writer, &e, NOW + i);
}

static inline void seed(void)
{
    byo_store_begin(writer);
    ByoNumberRow numbers[] = {
        {S("12025550100"), false, S("carrier-a"), S("local"), S("US"), S(""), NOW - BYO_DAY, 0},
        {S("12025550200"), false, S("carrier-b"), S("mobile"), S(""), S(""), NOW - BYO_DAY, 0},
        {S("54321"), true, S("carrier-a"), S("short-code"), S("US"),
         S("{\"help\":[{\"keywords\":[\"AID\"],\"reply\":\"h\"}],\"optOut\":[{\"keywords\":[\"BYE\"],"
           "\"reply\":\"o\"}],"
           "\"optIn\":[{\"keywords\":[\"HI\"],\"reply\":\"i\"}]}"),
         NOW - BYO_DAY, 0}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        byo_store_number_put(writer, &numbers[i]);
    fixture_opt(S("12025550100"), S("12025550199"), true, S("recipient"), S(""), NOW - BYO_DAY);
    fixture_opt(S("12025550100"), S("12025550198"), true, S("recipient"), S(""), NOW - BYO_DAY);
    fixture_opt(S("12025550100"), S("12025550198"), false, S("admin"), S("asked, \"again\""), NOW - BYO_HOUR);
    seed_message(0, "+12025550150", BYO_MSG_DELIVERED, 0, "DELIVERED");
    seed_message(1, "+12025550151", BYO_MSG_FAILED, 3, "DEST_ADDR_INVALID");
    seed_message(2, "+12025550152", BYO_MSG_ACTIVE, -1, "");
    seed_message(3, "+12025550150", BYO_MSG_DELIVERED, 0, "DELIVERED");
    seed_message(4, "abc", BYO_MSG_FAILED, 3, "DEST_ADDR_INVALID");
    seed_event(0, BYO_EVENT_STATE, "carrier-a");
    seed_event(1, BYO_EVENT_BIND_LOST, "carrier-b");
    seed_event(2, BYO_EVENT_NUMBER, "+12025550100");
    FIXTURE_MUST(byo_store_commit(writer) == BYO_STORE_OK);
}

/* -- set-up -------------------------------------------------------------------------------------------*/

static inline int remove_one(const char *name, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(name);
}

static inline void fixture_start(void)
{
    const char *tmp = getenv("TMPDIR");
    char *why = NULL;
    ByoStoreResult r;
    snprintf(folder, sizeof folder, "%s/byo-api-XXXXXX", tmp && strlen(tmp) < 200 ? tmp : "/tmp");
    FIXTURE_MUST(mkdtemp(folder) != NULL);
    snprintf(store_file, sizeof store_file, "%s/store.db", folder);
    writer = byo_store_open(&(ByoStoreTarget){.path = store_file}, &r, &why);
    FIXTURE_MUST(writer != NULL);
    reader = byo_store_open_reader(&(ByoStoreTarget){.path = store_file}, &r, &why);
    FIXTURE_MUST(reader != NULL);
    seed();
    auth = byo_auth_create();
    sessions = byo_sessions_create();
    byo_admin_users_add(&users, "admin", "pw-admin", NULL, BYO_CAN_ALL);
    byo_admin_users_add(&users, "status", "pw-status", NULL, BYO_CAN_STATUS);
#define X(symbol, name) byo_admin_users_add(&users, name, "pw-" name, NULL, BYO_CAN_##symbol);
    BYO_PERMISSIONS(X)
#undef X
    commit_result = BYO_STORE_OK;
    health_now = (ByoAdminHealth){BYO_STORE_OK, true, true, false};
    life_answer = BYO_ANSWER_OK;
    importing[0] = life_called[0] = 0;
    events_told = 0;
    all_is_fine = false;
    draining_since = 0;
    fixture_charsets = "";
}

static inline void fixture_stop(void)
{
    byo_auth_destroy(auth);
    byo_sessions_destroy(sessions);
    byo_admin_users_free(&users);
    byo_store_close(reader);
    byo_store_close(writer);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* -- asking -------------------------------------------------------------------------------------------*/

static ByoApiResponse resp;
static ByoJsonDoc *doc; /* of resp, when it is JSON */
static ByoJsonAt root;

/* "Basic ..." for a user with the password pw-NAME; "": none. */
static inline char *basic(const char *user)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static char out[256];
    char plain[128];
    int n = snprintf(plain, sizeof plain, "%s:pw-%s", user, user), o = snprintf(out, sizeof out, "Basic ");
    for (int i = 0; i < n; i += 3) {
        unsigned v = 0;
        for (int k = 0; k < 3; k++)
            v = v << 8 | (i + k < n ? (unsigned char)plain[i + k] : 0);
        for (int k = 0; k < 4; k++)
            out[o++] = i + k > n ? '=' : set[v >> (18 - 6 * k) & 63];
    }
    out[o] = 0;
    return out;
}

static inline void forget(void)
{
    byo_json_close(doc);
    doc = NULL;
    root = (ByoJsonAt){0};
    byo_api_response_free(&resp);
}

/* user NULL: no credentials. type NULL: no Content-Type. */
static inline int ask(const char *method, const char *target, const char *user, const char *type, ByoStr body)
{
    const char *mark = strchr(target, '?');
    forget();
    ByoApi api = {.actions = &actions, .auth = auth, .sessions = sessions, .users = &users, .reader = reader};
    ByoApiRequest req = {.method = S(method),
                         .path = byo_strn(target, mark ? (size_t)(mark - target) : strlen(target)),
                         .query = mark ? S(mark + 1) : BYO_STR_NONE,
                         .header[BYO_HEADER_AUTHORIZATION] = user ? S(basic(user)) : BYO_STR_NONE,
                         .header[BYO_HEADER_CONTENT_TYPE] = type ? S(type) : BYO_STR_NONE,
                         .body = body,
                         .ip = S("127.0.0.1"),
                         .now = NOW,
                         .monotonic = 1000};
    byo_api_handle(&api, &req, &resp);
    while (resp.rest.next && resp.rest.next(resp.rest.arg, reader, NOW, &resp.body) == BYO_PIECE_MORE)
        ; /* what comes in pieces, as one */
    if (resp.content_type && strcmp(resp.content_type, "application/json") == 0) {
        doc = byo_json_read(byo_buf_str(&resp.body), 64 * 1024 * 1024, 16);
        FIXTURE_MUST(byo_json_errors(doc) == 0);
        root = byo_json_root(doc);
    }
    return resp.status;
}

static inline int get(const char *target)
{
    return ask("GET", target, "admin", NULL, BYO_STR(""));
}

static inline int post(const char *target, const char *json)
{
    return ask("POST", target, "admin", "application/json", S(json));
}

static inline ByoStr str_at(const ByoJsonAt *object, const char *key)
{
    ByoJsonAt at = byo_json_member(object, key);
    return byo_json_peek_str(&at);
}

static inline int64_t int_at(const ByoJsonAt *object, const char *key)
{
    ByoJsonAt at = byo_json_member(object, key);
    return byo_json_peek_int(&at, -1);
}

static inline ByoJsonAt items_at(void)
{
    return byo_json_member(&root, "items");
}

/* The error's code; "" when the answer is none. */
/* How many rows a list's first page has. */
static inline size_t count(const char *target)
{
    ck_assert_int_eq(get(target), 200);
    ByoJsonAt items = items_at();
    return byo_json_size(&items);
}

static inline ByoStr error_code(void)
{
    ByoJsonAt e = byo_json_member(&root, "error");
    ByoStr s = str_at(&e, "code");
    return s.p ? s : BYO_STR("");
}

static inline ByoStr error_field(void)
{
    ByoJsonAt e = byo_json_member(&root, "error");
    ByoStr s = str_at(&e, "field");
    return s.p ? s : BYO_STR("");
}

#define ck_str(s, z) ck_assert_msg(byo_str_is((s), (z)), "\"%.*s\" is not \"%s\"", BYO_PF(s), (z))

/* The last change, and who made it. */
static inline void last_audit(const char *who, const char *action, const char *entity)
{
    ck_assert_int_eq(get("/v1/audit?limit=1"), 200);
    ByoJsonAt items = items_at(), one = byo_json_item(&items, 0);
    ck_str(str_at(&one, "who"), who);
    ck_str(str_at(&one, "action"), action);
    ck_str(str_at(&one, "entity"), entity);
    ck_str(str_at(&one, "time"), "2026-09-21T14:13:20.000Z");
}

/* -- the listener -------------------------------------------------------------------------------------*/

static ByoAdmin *admin;

static inline void copy_users(void *arg, ByoAdminUsers *out)
{
    (void)arg;
    pthread_mutex_lock(&change_lock);
    for (size_t i = 0; i < users.n; i++)
        byo_admin_users_add(out, users.items[i].name, users.items[i].password, users.items[i].hash,
                            users.items[i].can);
    pthread_mutex_unlock(&change_lock);
}

static inline void listener_open(const char *allow_ip)
{
    char *reason = NULL;
    ByoAdminOptions o = {.interface = "127.0.0.1",
                         .allow_ip = allow_ip,
                         .port = 0,
                         .store = {.path = store_file},
                         .actions = actions,
                         .users = copy_users};
    admin = byo_admin_start(&o, &reason);
    ck_assert_msg(admin != NULL, "%s", reason);
}

static inline void listener_start(void)
{
    byo_gw_start();
    byo_log_open(NULL, BYO_LOG_ERROR, BYO_LOG_ERROR);
    fixture_start();
    listener_open(NULL);
}

static inline void listener_stop(void)
{
    byo_admin_stop(admin);
    forget();
    fixture_stop();
    byo_gw_stop();
}

#endif
