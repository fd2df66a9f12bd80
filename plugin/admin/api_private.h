/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the API: one call, its parameters, and how its answers are made.
 * Ownership: ByoApiCall lives during byo_api_handle and owns the decoded texts. Threads: values. */
#ifndef BYO_ADMIN_API_PRIVATE_H
#define BYO_ADMIN_API_PRIVATE_H

#include "admin/api.h"
#include "compliance/plan.h"

enum { BYO_PARAMS_MAX = 16, BYO_PAGE_DEFAULT = 100, BYO_PAGE_MAX = 1000 };

typedef struct {
    ByoStr name, value;
} ByoApiParam;

typedef struct {
    const ByoApi *api;
    const ByoApiRequest *req;
    ByoApiResponse *resp;
    ByoAuthWho who;
    char *subject; /* what stands for {} in the path, decoded; NULL: none */
    ByoApiParam params[BYO_PARAMS_MAX];
    size_t n_params;
    char *decoded; /* the parameters' memory */
} ByoApiCall;

/* The routes, one after the other; false: no more. */
bool byo_api_route(size_t i, const char **method_r, const char **path_r, unsigned *can_r);

/* -- answers ------------------------------------------------------------------------------------------*/
/* field: the JSON member or query parameter it is about; NULL: none. */
void byo_api_error(ByoApiCall *c, int status, const char *code, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The object of an error answer, for one that says more than that. */
ByoJson *byo_api_error_json(const char *code, const char *field, const char *text);
/* The same with a member beside the error; extra is taken over. */
void byo_api_error_with(ByoApiCall *c, int status, const char *code, const char *field, const char *member,
                        ByoJson *extra, const char *fmt, ...) __attribute__((format(printf, 7, 8)));
/* Takes j over. */
void byo_api_json(ByoApiCall *c, int status, ByoJson *j);
/* {"items": items, "next": next or null}; takes items over. */
void byo_api_list(ByoApiCall *c, ByoJson *items, const char *next);
/* After ByoAdminActions.change: true when it is durable, else a 503 is answered. */
bool byo_api_stored(ByoApiCall *c, ByoStoreResult r);

/* -- who asks, and for whom (api_auth.c) ---------------------------------------------------------------------*/
/* Whether a browser says that a page of another site made it send this. */
bool byo_api_is_foreign(const ByoApiRequest *req);
bool byo_api_has_cookie(const ByoApiRequest *req); /* a session's, whatever stands in it */
/* c->who; false: answered. */
bool byo_api_authenticate(ByoApiCall *c);
/* The answer to a password that was not right, and what is told of it. */
void byo_api_wrong(ByoApiCall *c, ByoAuthAnswer answer);
bool byo_api_login_is_quick(const ByoApi *api, const ByoApiRequest *req); /* see byo_api_is_quick */
/* Ends the session of the request's cookie, if there is one, and takes the cookie away from the browser. */
void byo_api_forget_session(ByoApiCall *c);

/* -- query parameters: each answers 400 itself and returns false when the value does not fit --------------*/
/* allowed: names, ended by NULL; one behind a '*' may stand several times. */
bool byo_api_params(ByoApiCall *c, const char *const *allowed);
ByoStr byo_api_param(const ByoApiCall *c, const char *name); /* absent: not given */
bool byo_api_limit(ByoApiCall *c, int most, int otherwise, int *limit_r);
bool byo_api_param_time(ByoApiCall *c, const char *name, ByoTime *t_r);
bool byo_api_param_id(ByoApiCall *c, const char *name, ByoId *id_r); /* 0: not given */
bool byo_api_param_bool(ByoApiCall *c, const char *name, bool *value_r);
bool byo_api_param_csv(ByoApiCall *c, bool *csv_r); /* format: json or csv */
/* Digits of one of our numbers; absent when not given. */
bool byo_api_param_number(ByoApiCall *c, const char *name, char digits[BYO_ADDRESS_MAX], ByoStr *value_r);
/* Every spelling of a mobile's number; none when not given. */
bool byo_api_param_recipient(ByoApiCall *c, const char *name, ByoPlanForms *forms_r);

/* -- bodies -------------------------------------------------------------------------------------------*/
/* NULL: answered (415, 413, 400). The caller closes it. */
ByoJsonDoc *byo_api_body(ByoApiCall *c, unsigned depth);
/* True when the document has faults: the first one is answered with 400. */
bool byo_api_body_bad(ByoApiCall *c, ByoJsonDoc *doc);
bool byo_api_body_is(const ByoApiCall *c, const char *media_type);

/* -- CSV (api_csv.c) ----------------------------------------------------------------------------------*/
/* The answer is one; its rows come behind the head. */
void byo_api_csv_begin(ByoApiCall *c, const char *head);
/* A field of a row and the comma behind it; the last one is byo_csv_field's. t 0: empty. */
void byo_api_csv_text(ByoBuf *out, ByoStr text);
void byo_api_csv_count(ByoBuf *out, int64_t n);
void byo_api_csv_time(ByoBuf *out, ByoTime t);
/* Imports. */
/* check_r: it only asks what would be answered; NULL: it cannot. False: answered (400, 415). */
bool byo_api_csv_asked(ByoApiCall *c, bool *check_r);
/* Into what is told of a row. field: the column; NULL: none. */
void byo_api_csv_refused(ByoJson *row, const char *code, const char *field, const char *message);
/* Refused because the store could not be written. */
void byo_api_csv_unstored(ByoJson *row, ByoStoreResult why);
typedef struct {
    const char *name; /* NULL ends a list */
    int64_t n;
} ByoApiCsvCount;
/* Takes items over. fault NULL: the whole was a CSV. */
void byo_api_csv_answer(ByoApiCall *c, const ByoComplianceFault *fault, ByoJson *items,
                        const ByoApiCsvCount *counts);

/* -- texts --------------------------------------------------------------------------------------------*/
/* digits as the API writes them: "+12025550100", "54321". */
#define BYO_NUMBER_TEXT (BYO_ADDRESS_MAX + 1)
const char *byo_api_number_text(ByoStr digits, char buf[BYO_NUMBER_TEXT]);
void byo_api_set_number(ByoJson *object, const char *key, ByoStr digits);
/* null when empty. */
void byo_api_set_opt(ByoJson *object, const char *key, ByoStr value);
void byo_api_set_id(ByoJson *object, const char *key, ByoId id);

/* -- audit: inside a change ----------------------------------------------------------------------------*/
void byo_api_audit(const ByoAdminTurn *turn, const ByoApiCall *c, const char *action, ByoStr entity,
                   const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* -- the handlers, by theme ------------------------------------------------------------------------------*/
void byo_api_asset(ByoApiCall *c);
void byo_api_health(ByoApiCall *c);
void byo_api_session(ByoApiCall *c);
void byo_api_session_begin(ByoApiCall *c);
void byo_api_session_end(ByoApiCall *c);
void byo_api_metrics(ByoApiCall *c);
void byo_api_status(ByoApiCall *c);
void byo_api_integrations(ByoApiCall *c);
void byo_api_integration(ByoApiCall *c);
void byo_api_properties(ByoApiCall *c);
void byo_api_activate(ByoApiCall *c);
void byo_api_deactivate(ByoApiCall *c);
void byo_api_delete(ByoApiCall *c);
void byo_api_put(ByoApiCall *c);
/* The integration of the path as it is now, or 404. */
void byo_api_show_integration(ByoApiCall *c, int status);
void byo_api_advanced_check(ByoApiCall *c);
void byo_api_encode(ByoApiCall *c);
void byo_api_numbers(ByoApiCall *c);
void byo_api_number_import(ByoApiCall *c);
void byo_api_number_import_csv(ByoApiCall *c);
void byo_api_number(ByoApiCall *c);
void byo_api_number_change(ByoApiCall *c);
void byo_api_number_remove(ByoApiCall *c);
void byo_api_opt_outs(ByoApiCall *c);
void byo_api_opt_history(ByoApiCall *c);
void byo_api_opt_add(ByoApiCall *c);
void byo_api_opt_remove(ByoApiCall *c);
void byo_api_drain(ByoApiCall *c);
void byo_api_drain_begin(ByoApiCall *c);
void byo_api_drain_end(ByoApiCall *c);
void byo_api_export(ByoApiCall *c);
void byo_api_erase(ByoApiCall *c);
void byo_api_opt_import(ByoApiCall *c);
void byo_api_messages(ByoApiCall *c);
void byo_api_message(ByoApiCall *c);
void byo_api_test_message(ByoApiCall *c);
void byo_api_statistics(ByoApiCall *c);
void byo_api_events(ByoApiCall *c);
void byo_api_stream(ByoApiCall *c);
void byo_api_audit_list(ByoApiCall *c);

/* As GET /v1/status and /v1/events give them. */
ByoJson *byo_api_status_json(const ByoAdminActions *actions);
ByoJson *byo_api_event_json(const ByoEventRow *e);
/* -- events that are looked for (api_event_search.c) ----------------------------------------------------------*/
/* Rows one answer looks at: so many cost a tenth of a second or so; a page may then hold fewer than its limit and yet
 * not be the last. */
enum { BYO_EVENTS_LOOKED = 50000, BYO_EVENTS_CSV_MAX = 1000000 };
typedef struct {
    ByoEventFilter f;                           /* before and after move on with what was looked at */
    bool several, definitions[BYO_EVENT_COUNT]; /* several: any of these, in place of f.definition */
    char *entity, *text;                        /* what f.entity is; what each must hold, NULL: anything */
    char *folded;                               /* of a text that is not ASCII alone */
    int limit;
} ByoEventSearch;
/* NULL: answered. */
ByoEventSearch *byo_api_event_search(ByoApiCall *c, bool *csv_r);
void byo_api_event_search_free(ByoEventSearch *s);
/* Gives each that fits, in short reads; `each` returns false before one it does not take. At most so many rows are
 * looked at. False: there are no more. */
bool byo_api_events_look(ByoEventSearch *s, ByoStore *reader, int most,
                         bool (*each)(void *arg, const ByoEventRow *e), void *arg);
/* Takes s over. */
void byo_api_events_csv(ByoApiCall *c, ByoEventSearch *s);

/* A message, without what its segments say. */
ByoJson *byo_api_message_json(ByoStore *reader, const ByoMessageRow *m);
const char *byo_api_message_state(int state);
const char *byo_api_keyword(const ByoMessageRow *m); /* NULL: it is no reply of ours */
enum { BYO_MESSAGES_CSV_MAX = 1000000 };
/* Rows of the store one answer of statistics adds up, and then the rest of its last step. */
enum { BYO_STATISTICS_LOOKED = 50000 };
/* The answer and its rest. The filter is copied; its limit is of the whole. */
/* Its life, by time. */
ByoJson *byo_api_message_steps(ByoStore *reader, const ByoMessageRow *m);
void byo_api_messages_csv(ByoApiCall *c, const ByoMessageFilter *f, bool inbound);
const char *byo_api_keyword_name(int keyword); /* NULL: none */
/* A phone with its '+', anything else as it came. */
enum { BYO_SENDER_TEXT = 128 };
const char *byo_api_sender_text(ByoStr sender, char buf[BYO_SENDER_TEXT]);
/* {"since", "by"}, NULL when MTs are taken. */
ByoJson *byo_api_draining(const ByoAdminStatus *st);
/* The members of one integration; shared by /v1/status and /v1/integrations. config: its configuration too,
 * which is taken over from i. */
ByoJson *byo_api_integration_json(const ByoAdminStatus *st, ByoAdminIntegration *i, bool config);

#endif
