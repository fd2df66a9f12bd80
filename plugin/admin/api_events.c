/* SPDX-License-Identifier: BSD-3-Clause
 * Operational events (spec L5) and the audit log (spec A1).
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>

typedef struct {
    ByoJson *items;
    int n, limit;
    ByoId last;
    bool more;
} Page;

static bool page_full(Page *p, ByoId id)
{
    p->more = p->n == p->limit;
    if (!p->more) {
        p->n++;
        p->last = id;
    }
    return p->more;
}

ByoJson *byo_api_event_json(const ByoEventRow *e)
{
    ByoJson *j = byo_json_object();
    byo_api_set_id(j, "id", e->id);
    byo_json_set_time(j, "time", e->time);
    byo_json_set_time(j, "last", e->last);
    byo_json_set_int(j, "count", e->count);
    byo_json_set_str(j, "definition", e->definition);
    byo_json_set_str(j, "name", e->name);
    byo_api_set_opt(j, "entity", e->entity);
    byo_api_set_opt(j, "previous", e->previous);
    byo_api_set_opt(j, "current", e->current);
    byo_api_set_opt(j, "errorCode", e->error_code);
    byo_api_set_opt(j, "text", e->text);
    return j;
}

static bool add_event(void *arg, const ByoEventRow *e)
{
    Page *p = arg;
    if (page_full(p, e->id))
        return false;
    byo_json_add(p->items, byo_api_event_json(e));
    return true;
}

/* An id or a name of the catalogue; *id_r is the id. */
static bool param_definition(ByoApiCall *c, ByoStr *id_r)
{
    ByoStr v = byo_api_param(c, "definition");
    *id_r = BYO_STR_NONE;
    if (!v.p)
        return true;
    for (int e = 0; e < BYO_EVENT_COUNT; e++)
        if (byo_str_ieq(v, byo_str(byo_event_info(e)->id)) || byo_str_is(v, byo_event_info(e)->name))
            *id_r = byo_str(byo_event_info(e)->id);
    if (!id_r->p)
        byo_api_error(c, 400, "bad-query", "definition",
                      "definition must be an id or a name of the catalogue of events, such as BYO-0101 or "
                      "integration-state.");
    return id_r->p != NULL;
}

/* after=0 begins with the oldest. */
static bool param_after(ByoApiCall *c, ByoId *after_r)
{
    if (byo_str_is(byo_api_param(c, "after"), "0")) {
        *after_r = 1;
        return true;
    }
    return byo_api_param_id(c, "after", after_r);
}

/* A number's '+' that was not written %2B came as a blank. */
static ByoStr param_entity(const ByoApiCall *c, char buf[64])
{
    ByoStr v = byo_api_param(c, "entity");
    if (v.n == 0 || v.n >= 64 || v.p[0] != ' ')
        return v;
    memcpy(buf, v.p, v.n);
    buf[0] = '+';
    return byo_strn(buf, v.n);
}

void byo_api_events(ByoApiCall *c)
{
    static const char *const allowed[] = {"from",  "to",    "entity", "definition",
                                          "after", "limit", "page",   NULL};
    ByoEventFilter f = {0};
    Page p = {0};
    char next[BYO_ID_TEXT], entity[64];
    if (!byo_api_params(c, allowed) || !byo_api_limit(c, BYO_PAGE_MAX, BYO_PAGE_DEFAULT, &p.limit) ||
        !byo_api_param_time(c, "from", &f.from) || !byo_api_param_time(c, "to", &f.to) ||
        !param_definition(c, &f.definition) || !param_after(c, &f.after) ||
        !byo_api_param_id(c, "page", &f.before))
        return;
    if (f.after && f.before) {
        byo_api_error(c, 400, "bad-query", "after",
                      "after (oldest first) and page (newest first) exclude each other.");
        return;
    }
    f.entity = param_entity(c, entity);
    f.limit = p.limit + 1;
    p.items = byo_json_array();
    byo_store_events(c->api->reader, &f, add_event, &p);
    if (f.after) /* there is always a place to go on from */
        byo_api_list(c, p.items,
                     p.n            ? byo_id_text(p.last, next)
                     : f.after == 1 ? "0"
                                    : byo_id_text(f.after, next));
    else
        byo_api_list(c, p.items, p.more ? byo_id_text(p.last, next) : NULL);
}

/* -- audit --------------------------------------------------------------------------------------------*/

static bool add_audit(void *arg, const ByoAuditRow *a)
{
    Page *p = arg;
    if (page_full(p, a->id))
        return false;
    ByoJson *j = byo_json_object();
    byo_api_set_id(j, "id", a->id);
    byo_json_set_time(j, "time", a->time);
    byo_json_set_str(j, "who", a->who);
    byo_json_set_str(j, "action", a->action);
    byo_api_set_opt(j, "entity", a->entity);
    byo_api_set_opt(j, "detail", a->detail);
    byo_json_add(p->items, j);
    return true;
}

void byo_api_audit_list(ByoApiCall *c)
{
    static const char *const allowed[] = {"limit", "page", NULL};
    Page p = {0};
    ByoId before;
    char next[BYO_ID_TEXT];
    if (!byo_api_params(c, allowed) || !byo_api_limit(c, BYO_PAGE_MAX, BYO_PAGE_DEFAULT, &p.limit) ||
        !byo_api_param_id(c, "page", &before))
        return;
    p.items = byo_json_array();
    byo_store_audit(c->api->reader, before, p.limit + 1, add_audit, &p);
    byo_api_list(c, p.items, p.more ? byo_id_text(p.last, next) : NULL);
}
