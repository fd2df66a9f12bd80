/* SPDX-License-Identifier: BSD-3-Clause
 * The session of a browser: begun with name and password, shown, ended. Wrong passwords count as those of HTTP Basic
 * do, and are told the same way.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include "base/log.h"

/* False: answered. */
static bool read_login(ByoApiCall *c, ByoJsonDoc *doc, ByoStr *name, ByoStr *password)
{
    static const char *const members[] = {"username", "password", NULL};
    ByoJsonAt root = byo_json_root(doc), at;
    if (byo_json_want_object(&root, members)) {
        if (byo_json_need(&root, "username", &at))
            byo_json_want_str(&at, 0, BYO_API_LOGIN_MAX, name);
        if (byo_json_need(&root, "password", &at))
            byo_json_want_str(&at, 0, BYO_API_LOGIN_MAX, password);
    }
    return !byo_api_body_bad(c, doc);
}

/* Also what is no login at all. */
bool byo_api_login_is_quick(const ByoApi *api, const ByoApiRequest *req)
{
    ByoJsonDoc *doc = byo_json_read(req->body, BYO_API_LOGIN_MAX, 2);
    ByoJsonAt root = byo_json_root(doc), name = byo_json_member(&root, "username"),
              password = byo_json_member(&root, "password");
    ByoStr n = byo_json_peek_str(&name), p = byo_json_peek_str(&password);
    bool quick = !n.p || !p.p || byo_auth_quick_password(api->auth, n, p);
    byo_json_close(doc);
    return quick;
}

/* A new one each time: what came with the request is never taken over, and what lived ends. */
static void begin(ByoApiCall *c)
{
    char token[BYO_SESSION_TOKEN + 1];
    byo_api_forget_session(c);
    byo_buf_clear(&c->resp->headers);
    if (!byo_session_begin(c->api->sessions, &c->who, c->req->monotonic, token)) {
        byo_api_error(c, 503, "not-available", NULL, "The system gave no random numbers.");
        return;
    }
    byo_log_info("admin: a session of user %s began from %.*s", c->who.name, BYO_PF(c->req->ip));
    byo_buf_addf(&c->resp->headers,
                 "Set-Cookie: byobox-session=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s\r\n",
                 token, (long long)(BYO_SESSION_LIFE / BYO_SECOND), c->req->tls ? "; Secure" : "");
    c->resp->status = 204;
}

void byo_api_session_begin(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    ByoStr name = BYO_STR(""), password = BYO_STR("");
    ByoJsonDoc *doc = byo_api_params(c, allowed) ? byo_api_body(c, 2) : NULL;
    if (doc && read_login(c, doc, &name, &password)) {
        ByoAuthAnswer answer =
            byo_auth_check_password(c->api->auth, c->api->users, name, password,
                                    c->req->from.p ? c->req->from : c->req->ip, c->req->monotonic, &c->who);
        if (answer == BYO_AUTH_OK)
            begin(c);
        else
            byo_api_wrong(c, answer);
    }
    byo_json_close(doc);
}

void byo_api_session(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    static const struct {
        unsigned bit;
        const char *name;
    } permissions[] = {
#define X(symbol, name) {BYO_CAN_##symbol, name},
        BYO_PERMISSIONS(X) BYO_BUILT_IN_PERMISSIONS(X)
#undef X
    };
    if (!byo_api_params(c, allowed))
        return;
    ByoJson *j = byo_json_object(), *list = byo_json_array();
    for (size_t i = 0; i < sizeof permissions / sizeof *permissions; i++)
        if (c->who.can & permissions[i].bit)
            byo_json_add_str(list, byo_str(permissions[i].name));
    byo_json_set_z(j, "username", c->who.name);
    byo_json_set(j, "permissions", list);
    byo_api_json(c, 200, j);
}

/* Who came with a password has none to end: that is no fault. */
void byo_api_session_end(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    if (!byo_api_params(c, allowed))
        return;
    byo_api_forget_session(c);
    c->resp->status = 204;
}
