/* SPDX-License-Identifier: BSD-3-Clause
 * The admin API over a real store and a process that is not there (api_process.h): what its tests share.
 * Ownership: the fixture owns folder, stores and users. Threads: as there. */
#ifndef API_FIXTURE_H
#define API_FIXTURE_H

#include "api_process.h"

#include <ftw.h>
#include <unistd.h>

#include "admin/http.h"
#include "base/log.h"
#include "base/thread.h"

static char folder[PATH_MAX / 2];
static ByoStore *reader;
static ByoAuth *auth;
static ByoSessions *sessions;
static ByoAdminUsers users;

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

/* How many rows a list's first page has. */
static inline size_t count(const char *target)
{
    ck_assert_int_eq(get(target), 200);
    ByoJsonAt items = items_at();
    return byo_json_size(&items);
}

/* The error's code; "" when the answer is none. */
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
