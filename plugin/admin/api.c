/* SPDX-License-Identifier: BSD-3-Clause
 * The routes, and what comes before every handler: path, user, permission, parameters.
 * Ownership and threads: api.h. */
#include "admin/api_private.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Whether an answer needs a reader of the store: rows of it, or a change that it must be there for. */
typedef enum { APART, READS } Reading;

typedef struct {
    const char *path; /* "{}": one part of any content */
    const char *method;
    unsigned can; /* any of these bits; 0: anybody, without a password */
    void (*handle)(ByoApiCall *c);
    Reading reading;
} Route;

/* Literal paths stand before patterns that would match them, too. */
static const Route routes[] = {
    {"/", "GET", 0, byo_api_asset, APART},
    {"/assets/{}", "GET", 0, byo_api_asset, APART},
    {"/health", "GET", 0, byo_api_health, APART},
    {"/metrics", "GET", BYO_CAN_STATUS, byo_api_metrics, APART},
    {"/v1/session", "GET", BYO_CAN_ALL, byo_api_session, APART},
    {"/v1/session", "POST", 0, byo_api_session_begin, APART},
    {"/v1/session", "DELETE", BYO_CAN_ALL, byo_api_session_end, APART},
    {"/v1/status", "GET", BYO_CAN_STATUS, byo_api_status, APART},
    {"/v1/integrations", "GET", BYO_CAN_STATUS | BYO_CAN_EDIT, byo_api_integrations, READS},
    {"/v1/integrations/{}", "GET", BYO_CAN_STATUS | BYO_CAN_EDIT, byo_api_integration, READS},
    {"/v1/integrations/{}", "PUT", BYO_CAN_ADD | BYO_CAN_EDIT, byo_api_put, READS},
    {"/v1/integrations/{}", "DELETE", BYO_CAN_DELETE, byo_api_delete, READS},
    {"/v1/integrations/{}/activate", "POST", BYO_CAN_ACTIVATE, byo_api_activate, READS},
    {"/v1/integrations/{}/deactivate", "POST", BYO_CAN_DEACTIVATE, byo_api_deactivate, READS},
    {"/v1/properties", "GET", BYO_CAN_STATUS | BYO_CAN_ADD | BYO_CAN_EDIT, byo_api_properties, APART},
    {"/v1/advanced-config/check", "POST", BYO_CAN_VIEW, byo_api_advanced_check, APART},
    {"/v1/encode", "POST", BYO_CAN_VIEW, byo_api_encode, READS},
    {"/v1/numbers", "GET", BYO_CAN_NUMBERS, byo_api_numbers, READS},
    {"/v1/numbers", "POST", BYO_CAN_NUMBERS, byo_api_number_import, READS},
    {"/v1/numbers/import", "POST", BYO_CAN_NUMBERS, byo_api_number_import_csv, READS},
    {"/v1/numbers/{}", "GET", BYO_CAN_NUMBERS, byo_api_number, READS},
    {"/v1/numbers/{}", "PATCH", BYO_CAN_NUMBERS, byo_api_number_change, READS},
    {"/v1/numbers/{}", "DELETE", BYO_CAN_NUMBERS, byo_api_number_remove, READS},
    {"/v1/opt-outs", "GET", BYO_CAN_OPT_OUTS, byo_api_opt_outs, READS},
    {"/v1/opt-outs", "POST", BYO_CAN_OPT_OUTS, byo_api_opt_add, READS},
    {"/v1/opt-outs", "DELETE", BYO_CAN_OPT_OUTS, byo_api_opt_remove, READS},
    {"/v1/opt-outs/import", "POST", BYO_CAN_OPT_OUTS, byo_api_opt_import, READS},
    {"/v1/opt-outs/history", "GET", BYO_CAN_OPT_OUTS, byo_api_opt_history, READS},
    {"/v1/drain", "GET", BYO_CAN_STATUS, byo_api_drain, READS},
    {"/v1/drain", "POST", BYO_CAN_DEACTIVATE, byo_api_drain_begin, READS},
    {"/v1/drain", "DELETE", BYO_CAN_ACTIVATE, byo_api_drain_end, READS},
    {"/v1/erase", "POST", BYO_CAN_AUDIT, byo_api_erase, READS},
    {"/v1/export", "GET", BYO_CAN_VIEW, byo_api_export, READS},
    {"/v1/messages", "GET", BYO_CAN_VIEW, byo_api_messages, READS},
    {"/v1/messages/{}", "GET", BYO_CAN_VIEW, byo_api_message, READS},
    {"/v1/statistics", "GET", BYO_CAN_VIEW, byo_api_statistics, READS},
    {"/v1/test-messages", "POST", BYO_CAN_SEND_TEST, byo_api_test_message, READS},
    {"/v1/events", "GET", BYO_CAN_EVENTS, byo_api_events, READS},
    {"/v1/stream", "GET", BYO_CAN_STATUS | BYO_CAN_EVENTS, byo_api_stream, READS},
    {"/v1/audit", "GET", BYO_CAN_AUDIT, byo_api_audit_list, READS},
};
#define ROUTES (sizeof routes / sizeof *routes)

/* -- answers ------------------------------------------------------------------------------------------*/

static const struct {
    int status;
    const char *reason;
} reasons[] = {{200, "OK"},
               {201, "Created"},
               {202, "Accepted"},
               {204, "No Content"},
               {304, "Not Modified"},
               {400, "Bad Request"},
               {401, "Unauthorized"},
               {403, "Forbidden"},
               {404, "Not Found"},
               {405, "Method Not Allowed"},
               {408, "Request Timeout"},
               {409, "Conflict"},
               {411, "Length Required"},
               {412, "Precondition Failed"},
               {413, "Content Too Large"},
               {414, "URI Too Long"},
               {415, "Unsupported Media Type"},
               {422, "Unprocessable Content"},
               {429, "Too Many Requests"},
               {431, "Request Header Fields Too Large"},
               {501, "Not Implemented"},
               {503, "Service Unavailable"},
               {505, "HTTP Version Not Supported"}};

const char *byo_api_reason(int status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Error";
}

void byo_api_response_free(ByoApiResponse *resp)
{
    byo_buf_free(&resp->body);
    byo_buf_free(&resp->headers);
    if (resp->rest.free)
        resp->rest.free(resp->rest.arg);
    resp->rest = (ByoApiRest){0};
}

static void answer_json(ByoApiResponse *resp, int status, ByoJson *j)
{
    byo_buf_clear(&resp->body);
    byo_json_text(j, false, &resp->body);
    byo_buf_addc(&resp->body, '\n');
    byo_json_free(j);
    resp->status = status;
    resp->content_type = "application/json";
}

ByoJson *byo_api_error_json(const char *code, const char *field, const char *text)
{
    ByoJson *j = byo_json_object(), *e = byo_json_object();
    byo_json_set_z(e, "code", code);
    byo_json_set_z(e, "message", text);
    byo_json_set_z(e, "field", field && field[0] ? field : NULL);
    byo_json_set(j, "error", e);
    return j;
}

static void answer_error(ByoApiResponse *resp, int status, const char *code, const char *field,
                         const char *text)
{
    answer_json(resp, status, byo_api_error_json(code, field, text));
}

void byo_api_refuse(ByoApiResponse *resp, int status, const char *code, const char *text)
{
    *resp = (ByoApiResponse){0};
    answer_error(resp, status, code, NULL, text);
}

void byo_api_error(ByoApiCall *c, int status, const char *code, const char *field, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    answer_error(c->resp, status, code, field, text);
}

void byo_api_error_with(ByoApiCall *c, int status, const char *code, const char *field, const char *member,
                        ByoJson *extra, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ByoJson *j = byo_api_error_json(code, field, text);
    byo_json_set(j, member, extra);
    answer_json(c->resp, status, j);
}

void byo_api_json(ByoApiCall *c, int status, ByoJson *j)
{
    answer_json(c->resp, status, j);
}

void byo_api_list(ByoApiCall *c, ByoJson *items, const char *next)
{
    ByoJson *j = byo_json_object();
    byo_json_set(j, "items", items);
    byo_json_set_z(j, "next", next);
    answer_json(c->resp, 200, j);
}

bool byo_api_stored(ByoApiCall *c, ByoStoreResult r)
{
    if (r == BYO_STORE_OK)
        return true;
    byo_api_error(c, 503, "store-unavailable", NULL,
                  "%sThe store cannot be written now (%s); nothing was changed.",
                  r == BYO_STORE_FULL ? "Disk full. " : "", byo_store_result_text(r));
    return false;
}

void byo_api_audit(const ByoAdminTurn *turn, const ByoApiCall *c, const char *action, ByoStr entity,
                   const char *fmt, ...)
{
    char detail[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(detail, sizeof detail, fmt, ap);
    va_end(ap);
    ByoAuditRow row = {.time = turn->now,
                       .who = byo_str(c->who.name),
                       .action = byo_str(action),
                       .entity = entity,
                       .detail = byo_str(detail)};
    byo_store_audit_add(turn->store, &row, turn->now);
}

/* -- texts ---------------------------------------------------------------------------------------------*/

const char *byo_api_number_text(ByoStr digits, char buf[BYO_NUMBER_TEXT])
{
    snprintf(buf, BYO_NUMBER_TEXT, "%s%.*s", byo_number_is_long(digits) ? "+" : "", BYO_PF(digits));
    return buf;
}

void byo_api_set_number(ByoJson *object, const char *key, ByoStr digits)
{
    char text[BYO_NUMBER_TEXT];
    byo_json_set_z(object, key, digits.n ? byo_api_number_text(digits, text) : NULL);
}

void byo_api_set_opt(ByoJson *object, const char *key, ByoStr value)
{
    byo_json_set_str(object, key, value.n ? value : BYO_STR_NONE);
}

void byo_api_set_id(ByoJson *object, const char *key, ByoId id)
{
    char text[BYO_ID_TEXT];
    byo_json_set_z(object, key, byo_id_text(id, text));
}

/* -- routing --------------------------------------------------------------------------------------------*/

bool byo_api_route(size_t i, const char **method_r, const char **path_r, unsigned *can_r)
{
    if (i >= ROUTES)
        return false;
    *method_r = routes[i].method;
    *path_r = routes[i].path;
    *can_r = routes[i].can;
    return true;
}

/* *subject_r: what stands for {}. */
static bool path_fits(const char *pattern, ByoStr path, ByoStr *subject_r)
{
    size_t i = 0;
    *subject_r = BYO_STR_NONE;
    for (; *pattern; pattern++) {
        if (*pattern == '{') {
            size_t from = i;
            while (i < path.n && path.p[i] != '/')
                i++;
            if (i == from)
                return false;
            *subject_r = byo_strn(path.p + from, i - from);
            pattern++; /* at '}' */
        } else if (i < path.n && path.p[i] == *pattern) {
            i++;
        } else {
            return false;
        }
    }
    return i == path.n;
}

/* Decodes %XX (and '+' to a blank in a query) into out, which has room for in.n + 1. False: a bad escape
 * or a NUL. */
static bool decode(ByoStr in, bool query, char *out, size_t *n_r)
{
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        char ch = in.p[i];
        if (ch == '%') {
            bool room = in.n - i > 2;
            int high = room ? byo_hex_digit(in.p[i + 1]) : -1, low = room ? byo_hex_digit(in.p[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return false;
            ch = (char)(high << 4 | low);
            i += 2;
        } else if (ch == '+' && query) {
            ch = ' ';
        } else if (ch == 0) {
            return false;
        }
        out[n++] = ch;
    }
    out[n] = 0;
    *n_r = n;
    return true;
}

static bool split_query(ByoApiCall *c, ByoStr q)
{
    char *at = c->decoded = byo_alloc(q.n * 2 + BYO_PARAMS_MAX * 2 + 2);
    while (q.n) {
        const char *amp = memchr(q.p, '&', q.n);
        ByoStr pair = byo_strn(q.p, amp ? (size_t)(amp - q.p) : q.n);
        size_t used = pair.n + (amp ? 1 : 0);
        q = byo_strn(q.p + used, q.n - used);
        if (pair.n == 0)
            continue;
        const char *eq = memchr(pair.p, '=', pair.n);
        ByoStr name = byo_strn(pair.p, eq ? (size_t)(eq - pair.p) : pair.n);
        ByoStr value = eq ? byo_strn(eq + 1, pair.n - name.n - 1) : byo_strn(pair.p + pair.n, 0);
        if (c->n_params == BYO_PARAMS_MAX) {
            byo_api_error(c, 400, "bad-query", NULL, "There are more than %d query parameters.",
                          BYO_PARAMS_MAX);
            return false;
        }
        ByoApiParam *p = &c->params[c->n_params++];
        p->name.p = at;
        bool fine = decode(name, true, at, &p->name.n);
        at += p->name.n + 1;
        p->value.p = at;
        fine = fine && decode(value, true, at, &p->value.n);
        at += p->value.n + 1;
        if (!fine) {
            byo_api_error(
                c, 400, "bad-query", NULL,
                "The query cannot be read: %% is followed by two hexadecimal digits, and not by 00.");
            return false;
        }
    }
    return true;
}

static bool changes(ByoStr method)
{
    return !byo_str_is(method, "GET") && !byo_str_is(method, "HEAD");
}

/* The first route of this path. */
static const Route *find_path(ByoStr path, ByoStr *subject_r)
{
    for (size_t i = 0; i < ROUTES; i++)
        if (path_fits(routes[i].path, path, subject_r))
            return &routes[i];
    return NULL;
}

static const Route *find_method(const Route *first, ByoStr method)
{
    if (byo_str_is(method, "HEAD"))
        method = BYO_STR("GET");
    for (const Route *r = first; r < routes + ROUTES; r++)
        if (strcmp(r->path, first->path) == 0 && byo_str_is(method, r->method))
            return r;
    return NULL;
}

static void refuse_method(ByoApiCall *c, const Route *first)
{
    byo_buf_adds(&c->resp->headers, "Allow: ");
    for (const Route *r = first; r < routes + ROUTES; r++)
        if (strcmp(r->path, first->path) == 0)
            byo_buf_addf(&c->resp->headers, "%s%s%s", r == first ? "" : ", ", r->method,
                         strcmp(r->method, "GET") == 0 ? ", HEAD" : "");
    byo_buf_adds(&c->resp->headers, "\r\n");
    byo_api_error(c, 405, "method-not-allowed", NULL, "This path does not know the method.");
}

static bool decode_subject(ByoApiCall *c, ByoStr raw)
{
    if (!raw.p)
        return true;
    size_t n;
    c->subject = byo_alloc(raw.n + 1);
    if (decode(raw, false, c->subject, &n))
        return true;
    byo_api_error(c, 400, "bad-path", NULL,
                  "The path cannot be read: %% is followed by two hexadecimal digits.");
    return false;
}

static bool readable(ByoApiCall *c)
{
    if (c->api->reader)
        return true;
    byo_api_error(c, 503, "store-unavailable", NULL, "The store cannot be read now.");
    return false;
}

/* What an open path may be sent. */
static bool body_fits(ByoApiCall *c, const Route *r)
{
    int64_t most = r->handle == byo_api_session_begin ? BYO_API_LOGIN_MAX : 0;
    if (r->can || c->req->body_length <= most)
        return true;
    if (most)
        byo_api_error(c, 413, "too-large", NULL, "The body is over %d octets.", BYO_API_LOGIN_MAX);
    else
        byo_api_error(c, 400, "bad-request", NULL, "This path takes no body.");
    return false;
}

/* The route, when who asks may take it; else NULL, and what is wrong is answered. */
static const Route *admit(ByoApiCall *c)
{
    ByoStr subject;
    const Route *first = find_path(c->req->path, &subject);
    const Route *r = first ? find_method(first, c->req->method) : NULL;
    bool open = r ? r->can == 0 : first && first->can == 0;
    if (byo_api_is_foreign(c->req) && (changes(c->req->method) || (!open && byo_api_has_cookie(c->req)))) {
        byo_api_error(c, 403, "foreign-origin", NULL,
                      "A page of another site asks for this; it is not done.");
        return NULL;
    }
    if (!open && !byo_api_authenticate(c))
        return NULL;
    if (!first) {
        byo_api_error(c, 404, "not-found", NULL, "There is no such path.");
        return NULL;
    }
    if (!r) {
        refuse_method(c, first);
        return NULL;
    }
    if (!body_fits(c, r))
        return NULL;
    if (r->can && !(c->who.can & r->can)) {
        byo_api_error(c, 403, "not-allowed", NULL, "User %s may not do this.", c->who.name);
        return NULL;
    }
    return r;
}

bool byo_api_admit(const ByoApi *api, const ByoApiRequest *req, ByoAuthWho *who, ByoApiResponse *resp)
{
    *resp = (ByoApiResponse){0};
    ByoApiCall c = {.api = api, .req = req, .resp = resp};
    bool may = admit(&c) != NULL;
    *who = c.who;
    return may;
}

bool byo_api_is_quick(const ByoApi *api, const ByoApiRequest *req, bool admitted)
{
    if (admitted && byo_str_is(req->path, "/v1/session") && byo_str_is(req->method, "POST"))
        return byo_api_login_is_quick(api, req);
    return admitted || byo_auth_quick(api->auth, req->header[BYO_HEADER_AUTHORIZATION]);
}

bool byo_api_reads(const ByoApiRequest *req)
{
    ByoStr subject;
    const Route *first = find_path(req->path, &subject), *r = first ? find_method(first, req->method) : NULL;
    return r && r->reading == READS;
}

/* What broke off while it was read is not answered as if it were the whole. A change was made or not, as its answer
 * says. */
static void refuse_part(ByoApiCall *c)
{
    ByoStoreResult r = c->api->reader ? byo_store_read_fault(c->api->reader) : BYO_STORE_OK;
    if (r == BYO_STORE_OK || changes(c->req->method))
        return;
    byo_api_response_free(c->resp);
    *c->resp = (ByoApiResponse){0};
    byo_api_error(c, 503, "store-unavailable", NULL, "The store cannot be read now (%s).",
                  byo_store_result_text(r));
}

void byo_api_serve(const ByoApi *api, const ByoApiRequest *req, const ByoAuthWho *who, ByoApiResponse *resp)
{
    *resp = (ByoApiResponse){0};
    ByoApiCall c = {.api = api, .req = req, .resp = resp, .who = *who};
    ByoStr subject;
    const Route *r = find_method(find_path(req->path, &subject), req->method);
    if (api->reader)
        byo_store_read_fault(api->reader); /* of a request before */
    if (decode_subject(&c, subject) && split_query(&c, req->query) && (r->reading == APART || readable(&c)))
        r->handle(&c);
    refuse_part(&c);
    resp->needs = r->can;
    free(c.subject);
    free(c.decoded);
}

void byo_api_handle(const ByoApi *api, const ByoApiRequest *req, ByoApiResponse *resp)
{
    ByoAuthWho who;
    if (byo_api_admit(api, req, &who, resp))
        byo_api_serve(api, req, &who, resp);
}
