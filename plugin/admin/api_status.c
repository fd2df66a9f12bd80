/* SPDX-License-Identifier: BSD-3-Clause
 * /health and /v1/status: the process as one value.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>

#include "admin/problems.h"
#include "base/features.h"

/* -- health -------------------------------------------------------------------------------------------*/

static void add_reason(ByoJson *list, const char *code, const char *text)
{
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "code", code);
    byo_json_set_z(j, "message", text);
    byo_json_add(list, j);
}

void byo_api_health(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    ByoAdminHealth h = {0};
    if (!byo_api_params(c, allowed))
        return;
    c->api->actions->health(c->api->actions->arg, &h);
    bool fine = !h.draining && h.store == BYO_STORE_OK && h.own_up && h.anon_up;
    ByoJson *j = byo_json_object(), *reasons = byo_json_array();
    if (h.store != BYO_STORE_OK) {
        char text[120];
        snprintf(text, sizeof text, "The store cannot be written: %s; sending is answered with HTTP 503.",
                 byo_store_result_text(h.store));
        add_reason(reasons, "store-unavailable", text);
    }
    if (h.draining)
        add_reason(reasons, "draining", "No new messages are taken (byoctl drain).");
    if (!h.own_up || !h.anon_up)
        add_reason(reasons, "bearerbox-down", "A link to bearerbox is down.");
    byo_json_set_z(j, "status", fine ? "ok" : "failing");
    byo_json_set(j, "reasons", reasons);
    byo_api_json(c, fine ? 200 : 503, j);
}

/* -- an integration -----------------------------------------------------------------------------------*/

static ByoJson *binds_json(const ByoAdminStatus *st, const ByoAdminIntegration *i)
{
    ByoJson *j = byo_json_object();
    ByoAdminBinds all = byo_admin_binds(st, i);
    byo_json_set_bool(j, "known", i->binds_known);
    byo_json_set_int(j, "online", i->binds_online);
    byo_json_set_int(j, "total", i->binds_total);
    byo_json_set_int(j, "wanted", i->binds_wanted);
    byo_json_set_int(j, "onlineAllNodes", all.online);
    byo_json_set_int(j, "wantedAllNodes", all.wanted);
    byo_json_set_int(j, "carriersAllow", BYO_BINDS_USUAL);
    byo_json_set_known(j, "lastStatus", i->bind_status);
    byo_json_set_z(j, "lastStatusText", i->bind_text[0] ? i->bind_text : NULL);
    byo_json_set_z(j, "log", i->log_path[0] ? i->log_path : NULL);
    byo_json_set_z(j, "logError", i->log_says[0] ? i->log_says : NULL);
    byo_json_set_z(j, "localAddress", i->local_address[0] ? i->local_address : NULL);
    return j;
}

static ByoJson *queue_json(const ByoAdminIntegration *i, ByoTime now)
{
    ByoJson *j = byo_json_object();
    byo_json_set_int(j, "queued", i->queued);
    byo_json_set_time(j, "oldest", i->oldest);
    byo_json_set_int(j, "oldestSeconds", i->oldest && now > i->oldest ? (now - i->oldest) / BYO_SECOND : 0);
    byo_json_set_int(j, "handed", i->handed);
    byo_json_set_int(j, "waitingForReceipts", i->accepted);
    return j;
}

static ByoJson *counters_json(const ByoAdminIntegration *i)
{
    ByoJson *j = byo_json_object();
    const ByoCounterRow *row;
    for (size_t k = 0; (row = byo_counter_row(k)) != NULL; k++)
        byo_json_set_int(j, row->json, byo_counter_of(&i->total, row));
    return j;
}

static ByoJson *rate_json(const ByoAdminIntegration *i)
{
    ByoJson *j = byo_json_object();
    byo_json_set_real(j, "now", i->rate);
    byo_json_set_real(j, "limit", i->rate_configured);
    return j;
}

static ByoJson *last_error_json(const ByoAdminIntegration *i)
{
    if (!i->last_error_at)
        return NULL;
    ByoJson *j = byo_json_object();
    byo_json_set_time(j, "time", i->last_error_at);
    byo_json_set_z(j, "text", i->last_error);
    return j;
}

static ByoJson *at_node_json(const ByoAdminStatus *st, const ByoAdminIntegration *i, size_t n)
{
    const ByoAdminAtNode *at = &i->at[n];
    ByoJson *j = byo_json_object(), *binds = byo_json_object();
    byo_json_set_z(j, "node", st->nodes[n].name[0] ? st->nodes[n].name : NULL);
    byo_json_set_bool(j, "self", st->nodes[n].self);
    byo_json_set_bool(j, "up", st->nodes[n].up);
    byo_json_set_z(j, "state", !at->known ? NULL : i->deleted ? "deleted" : byo_life_state_name(at->state));
    byo_json_set_z(j, "reason", at->known && at->reason ? byo_life_reason_name(at->reason) : NULL);
    byo_json_set_time(j, "since", at->known ? at->since : 0);
    byo_json_set_bool(binds, "known", at->known && at->online >= 0);
    byo_json_set_int(binds, "online", at->known && at->online > 0 ? at->online : 0);
    byo_json_set_int(binds, "wanted", at->known ? at->binds : 0);
    byo_json_set(j, "binds", binds);
    byo_json_set_z(j, "policy", at->policy[0] ? at->policy : NULL);
    return j;
}

static ByoJson *at_nodes_json(const ByoAdminStatus *st, const ByoAdminIntegration *i)
{
    ByoJson *list = byo_json_array();
    for (size_t n = 0; n < st->n_nodes; n++)
        byo_json_add(list, at_node_json(st, i, n));
    return list;
}

ByoJson *byo_api_integration_json(const ByoAdminStatus *st, ByoAdminIntegration *i, bool config)
{
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "id", i->id);
    byo_json_set_z(j, "name", i->name);
    byo_json_set_z(j, "state", i->deleted ? "deleted" : byo_life_state_name(i->state));
    byo_json_set_z(j, "reason", i->reason ? byo_life_reason_name(i->reason) : NULL);
    byo_json_set_time(j, "since", i->since);
    byo_json_set_bool(j, "wanted", i->wanted);
    byo_json_set_bool(j, "degraded", i->degraded);
    byo_json_set_bool(j, "open", i->open);
    byo_json_set_bool(j, "pendingChanges", i->pending_changes);
    byo_json_set(j, "binds", binds_json(st, i));
    byo_json_set(j, "nodes", at_nodes_json(st, i));
    byo_json_set(j, "rate", i->counted ? rate_json(i) : NULL);
    byo_json_set(j, "queue", i->counted ? queue_json(i, st->now) : NULL);
    byo_json_set(j, "counters", i->counted ? counters_json(i) : NULL);
    byo_json_set_time(j, "lastSubmitOk", i->last_submit_ok);
    byo_json_set(j, "lastError", last_error_json(i));
    if (config) {
        byo_json_set(j, "config", i->config);
        byo_json_set(j, "properties", i->properties);
        i->config = i->properties = NULL;
    }
    return j;
}

/* -- status -------------------------------------------------------------------------------------------*/

static ByoJson *problems_json(const ByoAdminStatus *st)
{
    ByoProblems p = byo_problems_of(st);
    ByoJson *list = byo_json_array();
    for (size_t i = 0; i < p.n; i++) {
        ByoJson *j = byo_json_object();
        byo_json_set_z(j, "level", p.items[i].level == BYO_PROBLEM_ERROR ? "error" : "warning");
        byo_json_set_z(j, "entity", p.items[i].entity);
        byo_json_set_z(j, "text", p.items[i].text);
        byo_json_add(list, j);
    }
    byo_problems_free(&p);
    return list;
}

static ByoJson *features_json(unsigned features)
{
#define NAME(bit, value, name) name,
    static const char *const names[] = {BYO_FEATURES(NAME)};
#undef NAME
    ByoJson *list = byo_json_array();
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (features & 1u << i)
            byo_json_add_str(list, byo_str(names[i]));
    return list;
}

static ByoJson *bearerbox_json(const ByoAdminStatus *st)
{
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "host", st->bearerbox_host);
    byo_json_set_int(j, "port", st->bearerbox_port);
    byo_json_set_bool(j, "ownLinkUp", st->own_up);
    byo_json_set_bool(j, "anonymousLinkUp", st->anon_up);
    byo_json_set_int(j, "reconnects", st->reconnects);
    byo_json_set_int(j, "unacked", st->unacked);
    byo_json_set_bool(j, "known", st->bearerbox_known);
    byo_json_set_z(j, "why", st->bearerbox_why[0] ? st->bearerbox_why : NULL);
    byo_json_set_z(j, "version", st->bearerbox_version[0] ? st->bearerbox_version : NULL);
    byo_json_set_z(j, "status", st->bearerbox_status[0] ? st->bearerbox_status : NULL);
    byo_json_set_known(j, "uptimeSeconds", st->bearerbox_uptime);
    byo_json_set_z(j, "features", st->bearerbox_features);
    byo_json_set(j, "featuresConfigured", features_json(st->features));
    return j;
}

static ByoJson *peers_json(const ByoAdminStatus *st)
{
    ByoJson *list = byo_json_array();
    for (size_t i = 0; i < st->n_peers; i++) {
        const ByoAdminPeer *p = &st->peers[i];
        ByoJson *j = byo_json_object();
        byo_json_set_z(j, "id", p->named ? p->box : NULL);
        byo_json_set_z(j, "ip", p->ip);
        byo_json_set_known(j, "load", p->load);
        byo_json_set_int(j, "passedOut", p->passed_mt);
        byo_json_set_int(j, "passedIn", p->passed_in);
        byo_json_set_bool(j, "bearerboxLinkUp", p->link_up);
        byo_json_add(list, j);
    }
    return list;
}

static ByoJson *store_json(const ByoAdminStatus *st)
{
    ByoJson *j = byo_json_object();
    byo_json_set_bool(j, "writable", st->store_health == BYO_STORE_OK);
    byo_json_set_z(j, "why", st->store_why[0] ? st->store_why : NULL);
    byo_json_set_z(j, "path", st->store_path);
    byo_json_set_known(j, "octets", st->store_bytes);
    byo_json_set_int(j, "schema", st->store_schema);
    byo_json_set_int(j, "numbers", st->numbers);
    byo_json_set_int(j, "optOuts", st->opt_outs);
    return j;
}

static ByoJson *inward_json(const ByoAdminStatus *st)
{
    ByoJson *j = byo_json_object();
    byo_json_set_int(j, "waiting", st->inward);
    byo_json_set_int(j, "inFlight", st->inward_in_flight);
    ByoJson *absent = byo_json_array();
    for (size_t i = 0; i < st->n_absent && i < sizeof st->absent / sizeof *st->absent; i++)
        byo_json_add_str(absent, byo_str(st->absent[i]));
    byo_json_set(j, "waitingFor", absent);
    const ByoCounterRow *row;
    for (size_t i = 0; (row = byo_process_counter_row(i)) != NULL; i++)
        if (row->json)
            byo_json_set_int(j, row->json, byo_counter_of(&st->total, row));
    return j;
}

static ByoJson *nodes_json(const ByoAdminStatus *st)
{
    if (!st->n_nodes || !st->nodes[0].name[0])
        return NULL;
    ByoJson *list = byo_json_array();
    for (size_t i = 0; i < st->n_nodes; i++) {
        const ByoNode *n = &st->nodes[i];
        ByoJson *j = byo_json_object();
        byo_json_set_z(j, "node", n->name);
        byo_json_set_z(j, "host", n->host);
        byo_json_set_bool(j, "self", n->self);
        byo_json_set_bool(j, "up", n->up);
        byo_json_set_int(j, "quietSeconds", n->quiet / BYO_SECOND);
        byo_json_set_z(j, "policy", n->policy[0] ? n->policy : NULL);
        byo_json_add(list, j);
    }
    return list;
}

static ByoJson *webhook_json(const ByoWebhookStatus *st)
{
    if (!st->on)
        return NULL;
    ByoJson *j = byo_json_object();
    const ByoCounterRow *row;
    for (size_t i = 0; (row = byo_webhook_counter_row(i)) != NULL; i++)
        byo_json_set_int(j, row->json, byo_counter_of(&st->total, row));
    byo_json_set_int(j, "waiting", st->waiting);
    byo_json_set_time(j, "failingSince", st->failing);
    byo_json_set_z(j, "lastError", st->last_error[0] ? st->last_error : NULL);
    return j;
}

ByoJson *byo_api_status_json(const ByoAdminActions *actions)
{
    ByoAdminStatus st = {0};
    actions->status(actions->arg, &st);
    ByoJson *j = byo_json_object(), *list = byo_json_array();
    byo_json_set_z(j, "version", st.version);
    byo_json_set_time(j, "now", st.now);
    byo_json_set_time(j, "started", st.started);
    byo_json_set_int(j, "uptimeSeconds", st.now > st.started ? (st.now - st.started) / BYO_SECOND : 0);
    byo_json_set_time(j, "counted", st.counted);
    byo_json_set(j, "problems", problems_json(&st));
    byo_json_set(j, "draining", byo_api_draining(&st));
    for (size_t i = 0; i < st.n; i++)
        byo_json_add(list, byo_api_integration_json(&st, &st.integrations[i], false));
    byo_json_set(j, "integrations", list);
    byo_json_set(j, "bearerbox", bearerbox_json(&st));
    byo_json_set(j, "smsboxes", peers_json(&st));
    byo_json_set_int(j, "refusedPeers", st.refused_peers);
    byo_json_set_int(j, "badFrames", st.bad_frames);
    byo_json_set(j, "inward", inward_json(&st));
    byo_json_set(j, "store", store_json(&st));
    byo_json_set(j, "nodes", nodes_json(&st));
    byo_json_set(j, "webhook", webhook_json(&st.webhook));
    byo_admin_status_clear(&st);
    return j;
}

void byo_api_status(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    if (byo_api_params(c, allowed))
        byo_api_json(c, 200, byo_api_status_json(c->api->actions));
}
