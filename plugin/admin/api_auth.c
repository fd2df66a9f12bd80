/* SPDX-License-Identifier: BSD-3-Clause
 * Who asks: a session by its cookie, or name and password (HTTP Basic).
 *
 * Decides: which of them counts, and what a browser must not be talked into. A session that lives goes before a
 * password; a request with the console's own header never uses a password, which a browser may remember and add by
 * itself. A browser is asked for a password (WWW-Authenticate) only where neither cookie nor that header came.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>

/* -- the cookie ---------------------------------------------------------------------------------------*/

/* The cookie's value; absent: there is none. Two of the name are none of ours: it cannot be told which one another
 * site put there. */
static ByoStr cookie_value(ByoStr cookies)
{
    static const char name[] = "byobox-session=";
    ByoStr found = BYO_STR_NONE;
    while (cookies.n) {
        ByoStr one = byo_http_element(&cookies, ';');
        if (one.n < sizeof name - 1 || memcmp(one.p, name, sizeof name - 1) != 0)
            continue;
        if (found.p)
            return BYO_STR("");
        found = byo_strn(one.p + sizeof name - 1, one.n - (sizeof name - 1));
    }
    return found;
}

bool byo_api_has_cookie(const ByoApiRequest *req)
{
    return cookie_value(req->header[BYO_HEADER_COOKIE]).p != NULL;
}

/* What a page asks by itself is no use of a session: one that was left open does not hold it. */
static bool is_use(const ByoApiRequest *req)
{
    return !byo_str_is(req->path, "/v1/stream") && !byo_str_is(req->header[BYO_HEADER_CONSOLE], "watch");
}

static bool by_session(ByoApiCall *c, ByoStr token)
{
    const ByoApi *api = c->api;
    if (!byo_session_find(api->sessions, token, is_use(c->req), c->req->monotonic, &c->who))
        return false;
    if (byo_auth_still(api->auth, api->users, &c->who))
        return true;
    byo_session_end(api->sessions, c->who.session);
    c->who = (ByoAuthWho){.can = 0};
    return false;
}

void byo_api_forget_session(ByoApiCall *c)
{
    ByoAuthWho who;
    ByoStr token = cookie_value(c->req->header[BYO_HEADER_COOKIE]);
    if (!token.p)
        return;
    if (byo_session_find(c->api->sessions, token, false, c->req->monotonic, &who))
        byo_session_end(c->api->sessions, who.session);
    byo_buf_addf(&c->resp->headers,
                 "Set-Cookie: byobox-session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0%s\r\n",
                 c->req->tls ? "; Secure" : "");
}

/* -- passwords ----------------------------------------------------------------------------------------*/

static void tell_failure(void *arg, const ByoAdminTurn *turn)
{
    const ByoApiCall *c = arg;
    char text[200];
    bool known = c->who.tried[0] != 0;
    snprintf(text, sizeof text, "a wrong password for %s%s came from %.*s%s",
             known ? "user " : "a user nobody has", c->who.tried, BYO_PF(c->req->ip),
             c->who.retry_after ? "; it has to wait, too many came from there" : "");
    ByoEventNote note = {.kind = BYO_EVENT_LOGIN_FAILED,
                         .entity = BYO_STR("admin-port"),
                         .current = c->req->ip,
                         .text = byo_str(text)};
    for (int i = 0; i < c->who.tell; i++)
        turn->event(turn->arg, &note);
}

void byo_api_wrong(ByoApiCall *c, ByoAuthAnswer answer)
{
    if (c->who.tell)
        c->api->actions->change(c->api->actions->arg, tell_failure, c);
    if (answer != BYO_AUTH_LIMITED) {
        byo_api_error(c, 401, "unknown-user", NULL, "There is no such user, or the password is wrong.");
        return;
    }
    byo_buf_addf(&c->resp->headers, "Retry-After: %d\r\n", c->who.retry_after);
    byo_api_error(c, 429, "too-many-failures", NULL,
                  "Too many wrong passwords came from here; try again in %d seconds.", c->who.retry_after);
}

static bool by_password(ByoApiCall *c)
{
    ByoAuthAnswer answer =
        byo_auth_check(c->api->auth, c->api->users, c->req->header[BYO_HEADER_AUTHORIZATION],
                       c->req->from.p ? c->req->from : c->req->ip, c->req->monotonic, &c->who);
    if (answer == BYO_AUTH_OK)
        return true;
    if (answer == BYO_AUTH_NONE)
        byo_api_error(c, 401, "unknown-user", NULL, "A user name and password are needed (HTTP Basic).");
    else
        byo_api_wrong(c, answer);
    if (answer != BYO_AUTH_LIMITED && !byo_api_has_cookie(c->req) && !byo_str_is(c->req->path, "/v1/session"))
        byo_buf_adds(&c->resp->headers, "WWW-Authenticate: Basic realm=\"byobox\", charset=\"UTF-8\"\r\n");
    return false;
}

bool byo_api_authenticate(ByoApiCall *c)
{
    ByoStr token = cookie_value(c->req->header[BYO_HEADER_COOKIE]);
    bool console = c->req->header[BYO_HEADER_CONSOLE].p != NULL;
    if (token.p && by_session(c, token))
        return true;
    if (!console && (!token.p || c->req->header[BYO_HEADER_AUTHORIZATION].p))
        return by_password(c);
    byo_api_forget_session(c);
    byo_api_error(c, 401, "unknown-user", NULL,
                  "There is no session, or it is over: POST /v1/session begins one.");
    return false;
}

/* -- other sites --------------------------------------------------------------------------------------*/

/* Host and port, the port of the scheme left out as a browser does. */
static ByoStr without_port(ByoStr host, const char *port)
{
    size_t n = strlen(port);
    return host.n > n && memcmp(host.p + host.n - n, port, n) == 0 ? byo_strn(host.p, host.n - n) : host;
}

/* It adds the user's credentials to whatever page asks. Programs send neither header; browsers send Sec-Fetch-Site
 * over TLS and on loopback alone, so each of both counts. */
bool byo_api_is_foreign(const ByoApiRequest *req)
{
    ByoStr site = req->header[BYO_HEADER_SEC_FETCH_SITE], origin = req->header[BYO_HEADER_ORIGIN];
    if (site.p && !byo_str_ieq(site, BYO_STR("same-origin")) && !byo_str_ieq(site, BYO_STR("none")))
        return true;
    if (!origin.p)
        return false;
    const char *host = memmem(origin.p, origin.n, "://", 3);
    if (!host)
        return true; /* "null": a sandboxed page, a file */
    size_t scheme = (size_t)(host - origin.p);
    const char *port = byo_str_ieq(byo_strn(origin.p, scheme), BYO_STR("https")) ? ":443" : ":80";
    ByoStr theirs = byo_strn(host + 3, origin.n - scheme - 3);
    return !byo_str_ieq(without_port(theirs, port), without_port(req->header[BYO_HEADER_HOST], port));
}
