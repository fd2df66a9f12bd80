/* SPDX-License-Identifier: BSD-3-Clause
 * Operational events (spec L5) and the audit log (spec A1).
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>

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
    byo_api_set_opt(j, "node", e->node);
    return j;
}

/* -- the list ------------------------------------------------------------------------------------------*/

typedef struct {
    const ByoEventSearch *search;
    ByoJson *items;
    int n;
} List;

static bool add_event(void *arg, const ByoEventRow *e)
{
    List *list = arg;
    if (list->n == list->search->limit)
        return false;
    byo_json_add(list->items, byo_api_event_json(e));
    list->n++;
    return true;
}

static void answer_list(ByoApiCall *c, ByoEventSearch *s)
{
    char next[BYO_ID_TEXT];
    List list = {s, byo_json_array(), 0};
    bool more = byo_api_events_look(s, c->api->reader, BYO_EVENTS_LOOKED, add_event, &list);
    if (s->f.after) /* there is always a place to go on from */
        byo_api_list(c, list.items, s->f.after == 1 ? "0" : byo_id_text(s->f.after, next));
    else
        byo_api_list(c, list.items, more ? byo_id_text(s->f.before, next) : NULL);
}

void byo_api_events(ByoApiCall *c)
{
    bool csv;
    ByoEventSearch *s = byo_api_event_search(c, &csv);
    if (s && csv) {
        byo_api_events_csv(c, s);
        return;
    }
    if (s)
        answer_list(c, s);
    byo_api_event_search_free(s);
}

/* -- audit --------------------------------------------------------------------------------------------*/

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
