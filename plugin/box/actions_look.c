/* SPDX-License-Identifier: BSD-3-Clause
 * What the admin API looks at: health and status, put together from configuration, flow, life, links and store.
 * Ownership and threads: actions.h, actions_private.h. */
#include "box/actions_private.h"
#include "box/daemon_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "box/life.h"
#include "integration/properties.h"
#include "link/status_page.h"

void byo_actions_health(void *arg, ByoAdminHealth *out)
{
    ByoActions *a = arg;
    ByoLinkStatus link;
    byo_link_status(a->d->link, &link);
    free(link.peers);
    pthread_mutex_lock(&a->lock);
    bool draining = a->counts.drain.since != 0;
    pthread_mutex_unlock(&a->lock);
    *out = (ByoAdminHealth){byo_engine_health(a->d->engine), link.own_up, link.anon_up, draining};
}

static void note_elsewhere(void *arg, const ByoIntegrationSeen *i)
{
    ByoActionsElsewhere *all = arg;
    if (all->n == sizeof all->of / sizeof *all->of)
        return;
    ByoActionsAtNode *e = &all->of[all->n++];
    *e = (ByoActionsAtNode){
        .at = {.known = true, .since = i->is.since, .binds = i->is.binds, .online = i->is.online}};
    byo_life_state_parse(i->is.state, &e->at.state);
    e->at.reason = byo_life_reason_parse(i->is.reason);
    snprintf(e->node, sizeof e->node, "%.*s", BYO_PF(i->node));
    snprintf(e->id, sizeof e->id, "%.*s", BYO_PF(i->is.id));
    snprintf(e->at.policy, sizeof e->at.policy, "%.*s", BYO_PF(i->is.applied));
}

void byo_actions_count(void *arg, ByoFlow *flow, ByoTurn *t)
{
    ByoActions *a = arg;
    ByoFlowStatus counts;
    ByoActionsElsewhere elsewhere = {.n = 0};
    byo_flow_status(flow, &counts, t->now);
    if (counts.n_nodes > 1)
        byo_store_integrations_seen(t->store, note_elsewhere, &elsewhere);
    pthread_mutex_lock(&a->lock);
    a->counts = counts;
    a->counted = t->now;
    a->elsewhere = elsewhere;
    pthread_mutex_unlock(&a->lock);
}

static void put_counts(ByoAdminIntegration *i, const ByoFlowIntegrationStatus *f)
{
    i->counted = true;
    i->rate = f->rate;
    i->rate_configured = f->rate_configured;
    i->throttled = f->throttled;
    i->queued = f->queued;
    i->handed = f->handed;
    i->accepted = f->accepted;
    i->oldest = f->oldest;
    i->total = f->total;
    i->last_submit_ok = f->last_submit_ok;
    i->last_error_at = f->last_error_at;
    snprintf(i->last_error, sizeof i->last_error, "%s", f->last_error);
}

/* Within a day of its last turn a node is expected back. */
static void warn_of_nodes(ByoAdminStatus *st)
{
    for (size_t i = 0; i < st->n_nodes; i++)
        if (!st->nodes[i].up)
            byo_admin_status_warn(
                st, "the node %s (host %s) is not there; what it had queued goes out by the others",
                st->nodes[i].name, st->nodes[i].host);
}

static void put_flow(ByoActions *a, ByoAdminStatus *st)
{
    /* In store trouble the turn may not come; then the last counts are told, with their time. */
    byo_engine_call(a->d->engine, byo_actions_count, a);
    pthread_mutex_lock(&a->lock);
    const ByoFlowStatus *f = &a->counts;
    st->counted = a->counted;
    st->unacked = f->unacked;
    st->draining = f->drain.since;
    snprintf(st->draining_by, sizeof st->draining_by, "%s", f->drain.by);
    st->inward = f->inward;
    st->inward_in_flight = f->inward_in_flight;
    _Static_assert(sizeof st->absent == sizeof f->absent, "as many as the flow tells");
    memcpy(st->absent, f->absent, sizeof st->absent);
    st->n_absent = f->n_absent;
    _Static_assert(sizeof st->refused == sizeof f->refused, "as many as the flow tells");
    memcpy(st->refused, f->refused, sizeof st->refused);
    st->n_refused = f->n_refused;
    st->numbers = (int64_t)f->numbers;
    st->opt_outs = (int64_t)f->opt_outs;
    memcpy(st->nodes, f->nodes, sizeof st->nodes);
    st->n_nodes = f->n_nodes;
    if (!st->n_nodes)
        st->nodes[st->n_nodes++] = (ByoNode){.self = true, .up = true};
    warn_of_nodes(st);
    st->total = f->total;
    for (size_t i = 0; i < st->n; i++)
        for (size_t k = 0; k < f->n; k++)
            if (strcmp(st->integrations[i].id, f->integrations[k].id) == 0) {
                put_counts(&st->integrations[i], &f->integrations[k]);
            }
    pthread_mutex_unlock(&a->lock);
}

static void put_state(ByoAdminIntegration *out, const ByoLifeIntegration *i)
{
    out->state = i->state;
    out->reason = i->reason;
    out->since = i->since;
    out->wanted = i->wanted;
    out->deleted = i->deleted;
    out->degraded = i->degraded;
    out->open = i->open;
    out->pending_changes = i->pending_changes;
    out->binds_known = i->binds.known && !i->binds.assumed;
    out->missing = i->missing;
    snprintf(out->log_path, sizeof out->log_path, "%s", i->log_path);
    snprintf(out->log_says, sizeof out->log_says, "%s", i->log_says);
    out->binds_online = i->binds.online;
    out->binds_total = i->binds.total;
    out->bind_status = i->binds.bind_status;
    snprintf(out->bind_text, sizeof out->bind_text, "%s", i->binds.bind_text);
    snprintf(out->local_address, sizeof out->local_address, "%s", i->local_address);
    out->at[0] = (ByoAdminAtNode){.known = true,
                                  .state = i->state,
                                  .reason = i->reason,
                                  .since = i->since,
                                  .binds = out->binds_wanted,
                                  .online = out->binds_known ? i->binds.online : -1};
    memcpy(out->at[0].policy, out->policy, sizeof out->policy);
}

/* What put_conf and put_flow do for those with a group. */
static void put_absent(ByoAdminStatus *st, const ByoLifeIntegration *i)
{
    for (size_t k = 0; k < st->n; k++)
        if (strcmp(st->integrations[k].id, i->id) == 0)
            return; /* its group is just coming back */
    if (st->n == sizeof st->integrations / sizeof *st->integrations)
        return;
    ByoAdminIntegration *out = &st->integrations[st->n++];
    memcpy(out->id, i->id, sizeof out->id);
    out->absent = out->counted = true;
    out->has_numbers = i->has_numbers;
    out->queued = i->waiting;
    out->handed = i->handed;
    out->oldest = i->oldest;
    out->bind_status = -1;
}

static void put_life(ByoActions *a, ByoAdminStatus *st)
{
    ByoLifeSnapshot life;
    byo_life_snapshot(a->d->life, &life);
    for (size_t k = 0; k < life.n; k++) {
        const ByoLifeIntegration *one = &life.integrations[k];
        if (one->absent)
            put_absent(st, one);
        for (size_t i = 0; i < st->n; i++)
            if (strcmp(st->integrations[i].id, one->id) == 0)
                put_state(&st->integrations[i], one);
    }
    st->bearerbox_known = life.page_known;
    st->bearerbox_uptime = life.bearerbox_uptime;
    snprintf(st->bearerbox_denied_why, sizeof st->bearerbox_denied_why, "%s", life.denied_why);
    st->bearerbox_denied = !life.page_known && byo_status_page_denied(life.page_why);
    snprintf(st->bearerbox_why, sizeof st->bearerbox_why, "%s", life.page_known ? "" : life.page_why);
    snprintf(st->bearerbox_version, sizeof st->bearerbox_version, "%s", life.bearerbox_version);
    snprintf(st->bearerbox_status, sizeof st->bearerbox_status, "%s", life.bearerbox_status);
    snprintf(st->bearerbox_features, sizeof st->bearerbox_features, "%s", life.bearerbox_features);
    if (life.foreign_boxes[0])
        byo_admin_status_warn(st, "%s", life.foreign_boxes);
    if (life.smsc_conf_bad)
        byo_admin_status_warn(st, "smsc-conf: %s", life.smsc_conf_why);
}

/* Behind put_flow. */
static void put_policy(ByoActions *a, ByoAdminStatus *st)
{
    _Static_assert(sizeof st->nodes->policy >= BYO_POLICY_TEXT, "it has room for a digest");
    pthread_rwlock_rdlock(&a->d->conf_lock);
    byo_policy_digest_of(a->d->conf->policy, st->nodes[0].policy);
    pthread_rwlock_unlock(&a->d->conf_lock);
}

/* Behind put_flow and put_life. */
static void put_elsewhere(ByoActions *a, ByoAdminStatus *st)
{
    pthread_mutex_lock(&a->lock);
    for (size_t n = 0; n < a->elsewhere.n; n++) {
        const ByoActionsAtNode *e = &a->elsewhere.of[n];
        for (size_t i = 0; i < st->n; i++)
            for (size_t k = 1; k < st->n_nodes; k++) /* itself it knows better */
                if (strcmp(st->integrations[i].id, e->id) == 0 && strcmp(st->nodes[k].name, e->node) == 0)
                    st->integrations[i].at[k] = e->at;
    }
    pthread_mutex_unlock(&a->lock);
}

static void put_conf(ByoActions *a, ByoAdminStatus *st)
{
    pthread_rwlock_rdlock(&a->d->conf_lock);
    const ByoConf *conf = a->d->conf;
    snprintf(st->bearerbox_host, sizeof st->bearerbox_host, "%s", conf->bearerbox_host);
    st->bearerbox_port = conf->bearerbox_port;
    st->features = conf->features;
    ByoStoreTarget store = byo_daemon_store(conf);
    st->store_path = byo_store_place(&store);
    st->store_schema = byo_store_schema_version(&store);
    st->smsc_conf = byo_strdup(conf->smsc_conf);
    for (size_t i = 0; i < conf->n_integrations && st->n < BYO_INTEGRATIONS_MAX; i++) {
        const ByoIntegration *c = conf->integrations[i];
        ByoAdminIntegration *out = &st->integrations[st->n++];
        memcpy(out->id, c->id, sizeof out->id);
        out->name = byo_strdup(c->name);
        if (c->receives_for)
            snprintf(out->receives_for, sizeof out->receives_for, "%s", c->receives_for);
        out->config = byo_admin_config_json(c);
        out->properties = byo_properties_json(c);
        byo_policy_digest(c, out->policy);
        out->wanted = true;
        out->binds_wanted = c->binds;
        out->bind_status = -1;
    }
    pthread_rwlock_unlock(&a->d->conf_lock);
}

static void put_link(ByoActions *a, ByoAdminStatus *st)
{
    ByoLinkStatus link;
    byo_link_status(a->d->link, &link);
    st->own_up = link.own_up;
    st->anon_up = link.anon_up;
    st->reconnects = link.reconnects;
    st->refused_peers = link.refused_peers;
    st->bad_frames = link.bad_frames;
    st->peers = byo_zalloc((link.n_peers + 1) * sizeof *st->peers);
    st->n_peers = link.n_peers;
    for (size_t i = 0; i < link.n_peers; i++) {
        const ByoPeerStatus *p = &link.peers[i];
        ByoAdminPeer *out = &st->peers[i];
        out->named = p->named;
        out->load = p->load;
        out->passed_mt = p->passed_mt;
        out->passed_in = p->passed_in;
        out->link_up = p->named ? p->pair_up : link.anon_up;
        snprintf(out->box, sizeof out->box, "%s", p->box);
        snprintf(out->ip, sizeof out->ip, "%s", p->ip);
    }
    free(link.peers);
}

static void put_store(ByoActions *a, ByoAdminStatus *st)
{
    st->store_health = byo_engine_trouble(a->d->engine, st->store_why, sizeof st->store_why);
    pthread_mutex_lock(&a->d->condition_lock);
    ByoStoreCondition c = a->d->condition;
    pthread_mutex_unlock(&a->d->condition_lock);
    st->store_bytes = c.octets;
    if (c.warning[0])
        byo_admin_status_warn(st, "%s", c.warning);
}

void byo_actions_status(void *arg, ByoAdminStatus *st)
{
    ByoActions *a = arg;
    *st = (ByoAdminStatus){
        .version = BYO_VERSION, .now = byo_now(), .started = a->d->started, .bearerbox_uptime = -1};
    put_conf(a, st);
    put_flow(a, st);
    put_policy(a, st);
    put_life(a, st);
    put_elsewhere(a, st);
    put_link(a, st);
    put_store(a, st);
    byo_webhook_status(a->d->webhook, &st->webhook);
    for (int e = 0; e < BYO_EVENT_COUNT; e++)
        st->events[e] = byo_events_total(a->d->events, (ByoEventKindId)e);
}

int64_t byo_actions_events_told(void *arg)
{
    ByoActions *a = arg;
    int64_t n = 0;
    for (int e = 0; e < BYO_EVENT_COUNT; e++)
        n += byo_events_total(a->d->events, (ByoEventKindId)e);
    return n;
}
