/* SPDX-License-Identifier: BSD-3-Clause
 * The process as the admin API sees it.
 * Ownership and threads: actions.h; ByoActions.lock guards the imports and the last counts. */
#include "box/actions.h"

#include <stdio.h>
#include <stdlib.h>

#include "admin/http.h"
#include "base/log.h"
#include "box/box.h"
#include "box/daemon.h"
#include "box/integrations.h"
#include "box/life.h"
#include "integration/properties.h"
#include "link/frame.h"
#include "link/status_page.h"

struct ByoActions {
    ByoDaemon *d;
    ByoAdmin *admin; /* NULL: the port is shut */
    pthread_mutex_t lock;
    ByoImports *imports;
    ByoFlowStatus counts; /* of the last turn that told them */
    ByoTime counted;
};

static void count(void *arg, ByoFlow *flow, ByoTurn *t);

/* -- changes ------------------------------------------------------------------------------------------*/

typedef struct {
    ByoActions *a;
    ByoFlow *flow;
    ByoTurn *t;
    bool drained; /* the health is another one now */
    void (*fn)(void *arg, const ByoAdminTurn *turn);
    void *fn_arg;
} Change;

static bool number_put(void *arg, const ByoNumber *n, ByoStr json, bool replace, ByoTime created,
                       ByoStoreResult *result_r, ByoComplianceFault *fault_r)
{
    Change *c = arg;
    return byo_flow_number_put(c->flow, c->t, n, json, replace, created, result_r, fault_r);
}

static bool number_remove(void *arg, const char *digits)
{
    Change *c = arg;
    return byo_flow_number_remove(c->flow, c->t, digits);
}

static bool opt(void *arg, const ByoOptRequest *req, ByoTime now, ByoOptDone *done_r)
{
    Change *c = arg;
    return byo_flow_opt(c->flow, c->t, req, done_r);
}

static bool drain(void *arg, bool on, ByoStr who, ByoTime now)
{
    Change *c = arg;
    c->drained = byo_flow_drain(c->flow, c->t, on, who);
    return c->drained;
}

static bool erase(void *arg, ByoErasure *e, ByoTime now)
{
    Change *c = arg;
    return byo_flow_erase(c->flow, c->t, e);
}

static void test_message(void *arg, const ByoTestMessage *m, ByoTestDone *done_r)
{
    Change *c = arg;
    byo_flow_test_message(c->flow, c->t, m, done_r);
}

static void tell_event(void *arg, const ByoEventNote *note)
{
    Change *c = arg;
    byo_events_tell(c->a->d->events, &c->t->undo, note, c->t->now);
}

static void in_turn(void *arg, ByoFlow *flow, ByoTurn *t)
{
    Change *c = arg;
    c->flow = flow;
    c->t = t;
    ByoAdminTurn turn = {.store = t->store,
                         .now = t->now,
                         .arg = c,
                         .number_put = number_put,
                         .number_remove = number_remove,
                         .opt = opt,
                         .event = tell_event,
                         .drain = drain,
                         .test_message = test_message,
                         .erase = erase};
    c->fn(c->fn_arg, &turn);
}

static ByoStoreResult change(void *arg, void (*fn)(void *fn_arg, const ByoAdminTurn *turn), void *fn_arg)
{
    ByoActions *a = arg;
    Change c = {.a = a, .fn = fn, .fn_arg = fn_arg};
    ByoStoreResult r = byo_engine_call(a->d->engine, in_turn, &c);
    if (c.drained)
        byo_engine_call(a->d->engine, count, a);
    return r;
}

static ByoAdminTakes integration_takes(void *arg, ByoStr id, char transmitter[BYO_ID_MAX + 1])
{
    ByoActions *a = arg;
    char state[BYO_ADMIN_STATE];
    ByoAdminTakes takes = BYO_TAKES_UNKNOWN;
    transmitter[0] = 0;
    pthread_rwlock_rdlock(&a->d->conf_lock);
    const ByoIntegration *i = byo_conf_integration(a->d->conf, id);
    if (i)
        takes = i->bind_type == BYO_BIND_RECEIVER ? BYO_TAKES_RECEIVER : BYO_TAKES_NUMBERS;
    if (i && i->receives_for)
        snprintf(transmitter, BYO_ID_MAX + 1, "%s", i->receives_for);
    pthread_rwlock_unlock(&a->d->conf_lock);
    byo_life_state(a->d->life, id, state);
    return strcmp(state, "deleted") == 0 ? BYO_TAKES_UNKNOWN : takes;
}

static ByoShortCodes short_codes(void *arg)
{
    ByoActions *a = arg;
    pthread_rwlock_rdlock(&a->d->conf_lock);
    ByoShortCodes codes = a->d->conf->short_codes;
    pthread_rwlock_unlock(&a->d->conf_lock);
    return codes;
}

static bool integration_carries(void *arg, ByoStr id, ByoStr utf8, char why[160])
{
    ByoActions *a = arg;
    bool all = true;
    pthread_rwlock_rdlock(&a->d->conf_lock);
    const ByoConf *conf = a->d->conf;
    for (size_t i = 0; i < conf->n_integrations && all; i++) {
        const ByoIntegration *one = conf->integrations[i];
        char text[96];
        if (!byo_str_is(id, one->id) && !(one->shares_numbers_of && byo_str_is(id, one->shares_numbers_of)))
            continue;
        all = byo_integration_carries(one, utf8, text);
        if (!all)
            snprintf(why, 160, "%s cannot send it: %s", one->id, text);
    }
    pthread_rwlock_unlock(&a->d->conf_lock);
    return all;
}

static bool integration_look(void *arg, ByoStr id, void (*fn)(void *fn_arg, const ByoIntegration *i),
                             void *fn_arg)
{
    ByoActions *a = arg;
    pthread_rwlock_rdlock(&a->d->conf_lock);
    const ByoIntegration *i = byo_conf_integration(a->d->conf, id);
    if (i)
        fn(fn_arg, i);
    pthread_rwlock_unlock(&a->d->conf_lock);
    return i != NULL;
}

static void integration_state(void *arg, ByoStr id, char state[BYO_ADMIN_STATE])
{
    ByoActions *a = arg;
    byo_life_state(a->d->life, id, state);
}

static bool import_begin(void *arg, const char *digits)
{
    ByoActions *a = arg;
    pthread_mutex_lock(&a->lock);
    bool begun = byo_imports_begin(a->imports, digits);
    pthread_mutex_unlock(&a->lock);
    return begun;
}

static void import_end(void *arg, const char *digits)
{
    ByoActions *a = arg;
    pthread_mutex_lock(&a->lock);
    byo_imports_end(a->imports, digits);
    pthread_mutex_unlock(&a->lock);
}

/* -- looking ------------------------------------------------------------------------------------------*/

static void health(void *arg, ByoAdminHealth *out)
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

static unsigned features(void *arg)
{
    ByoActions *a = arg;
    pthread_rwlock_rdlock(&a->d->conf_lock);
    unsigned f = a->d->conf->features;
    pthread_rwlock_unlock(&a->d->conf_lock);
    return f;
}

static void count(void *arg, ByoFlow *flow, ByoTurn *t)
{
    ByoActions *a = arg;
    ByoFlowStatus counts;
    byo_flow_status(flow, &counts, t->now);
    pthread_mutex_lock(&a->lock);
    a->counts = counts;
    a->counted = t->now;
    pthread_mutex_unlock(&a->lock);
}

static void put_counts(ByoAdminIntegration *i, const ByoFlowIntegrationStatus *f)
{
    i->counted = true;
    i->rate = f->rate;
    i->rate_configured = f->rate_configured;
    i->queued = f->queued;
    i->handed = f->handed;
    i->accepted = f->accepted;
    i->oldest = f->oldest;
    i->total = f->total;
    i->last_submit_ok = f->last_submit_ok;
    i->last_error_at = f->last_error_at;
    snprintf(i->last_error, sizeof i->last_error, "%s", f->last_error);
}

static void put_flow(ByoActions *a, ByoAdminStatus *st)
{
    /* In store trouble the turn may not come; then the last counts are told, with their time. */
    byo_engine_call(a->d->engine, count, a);
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

static void put_conf(ByoActions *a, ByoAdminStatus *st)
{
    pthread_rwlock_rdlock(&a->d->conf_lock);
    const ByoConf *conf = a->d->conf;
    snprintf(st->bearerbox_host, sizeof st->bearerbox_host, "%s", conf->bearerbox_host);
    st->bearerbox_port = conf->bearerbox_port;
    st->features = conf->features;
    st->store_path = byo_strdup(conf->store_path);
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
    ByoStoreTarget at = {.path = st->store_path};
    st->store_health = byo_engine_health(a->d->engine);
    st->store_schema = byo_store_schema_version(&at);
    st->store_bytes = byo_store_octets(&at);
}

static void status(void *arg, ByoAdminStatus *st)
{
    ByoActions *a = arg;
    *st = (ByoAdminStatus){
        .version = BYO_VERSION, .now = byo_now(), .started = a->d->started, .bearerbox_uptime = -1};
    put_conf(a, st);
    put_flow(a, st);
    put_life(a, st);
    put_link(a, st);
    put_store(a, st);
    byo_webhook_status(a->d->webhook, &st->webhook);
    for (int e = 0; e < BYO_EVENT_COUNT; e++)
        st->events[e] = byo_events_total(a->d->events, (ByoEventKindId)e);
}

static int64_t events_told(void *arg)
{
    ByoActions *a = arg;
    int64_t n = 0;
    for (int e = 0; e < BYO_EVENT_COUNT; e++)
        n += byo_events_total(a->d->events, (ByoEventKindId)e);
    return n;
}

static ByoAdminAnswer life(void *arg, ByoStr id, ByoAdminVerb verb, ByoStr who, char why_r[200])
{
    ByoActions *a = arg;
    switch (verb) {
    case BYO_VERB_ACTIVATE:
        return byo_integrations_life(a->d, id, BYO_LIFE_ACTIVATE, who, why_r);
    case BYO_VERB_DEACTIVATE:
        return byo_integrations_life(a->d, id, BYO_LIFE_DEACTIVATE, who, why_r);
    case BYO_VERB_DELETE:
        break;
    }
    return byo_integrations_delete(a->d, id, who, why_r);
}

static ByoAdminPutAnswer integration_put(void *arg, const ByoAdminPut *put, ByoAdminPutDone *done)
{
    ByoActions *a = arg;
    return byo_integrations_put(a->d, put, done);
}

static void integration_file(void *arg, ByoStr id, ByoAdminFile *file)
{
    ByoActions *a = arg;
    byo_integrations_file(a->d, id, file);
}

/* -- users --------------------------------------------------------------------------------------------*/

static void users(void *arg, ByoAdminUsers *out)
{
    ByoActions *a = arg;
    pthread_rwlock_rdlock(&a->d->conf_lock);
    const ByoConf *conf = a->d->conf;
    if (conf->admin_password)
        byo_admin_users_add(out, "admin", conf->admin_password, NULL, BYO_CAN_ALL);
    if (conf->status_password)
        byo_admin_users_add(out, "status", conf->status_password, NULL, BYO_CAN_STATUS);
    for (size_t i = 0; i < conf->n_users; i++)
        byo_admin_users_add(out, conf->users[i].username, NULL, conf->users[i].password_hash,
                            conf->users[i].permissions);
    pthread_rwlock_unlock(&a->d->conf_lock);
}

/* -- start and stop -----------------------------------------------------------------------------------*/

static bool open_port(ByoActions *a, char **why_r)
{
    const ByoConf *conf = a->d->conf; /* the main thread's to read */
    if (!conf->admin_password)
        return true; /* the loader has warned */
    ByoAdminOptions o = {.interface = conf->admin_interface,
                         .allow_ip = conf->admin_allow_ip,
                         .cert_file = conf->admin_ssl_cert_file,
                         .key_file = conf->admin_ssl_key_file,
                         .port = conf->admin_port,
                         .store_path = conf->store_path,
                         .actions = {.arg = a,
                                     .change = change,
                                     .integration_takes = integration_takes,
                                     .short_codes = short_codes,
                                     .integration_carries = integration_carries,
                                     .integration_look = integration_look,
                                     .integration_state = integration_state,
                                     .import_begin = import_begin,
                                     .import_end = import_end,
                                     .health = health,
                                     .status = status,
                                     .events_told = events_told,
                                     .codec = &byo_sms_codec,
                                     .features = features,
                                     .life = life,
                                     .integration_put = integration_put,
                                     .integration_file = integration_file},
                         .users = users,
                         .users_arg = a};
    a->admin = byo_admin_start(&o, why_r);
    if (a->admin)
        byo_log_info("the admin API listens at %s port %d%s", conf->admin_interface, byo_admin_port(a->admin),
                     conf->admin_ssl_cert_file ? " with TLS" : "");
    return a->admin != NULL;
}

ByoActions *byo_actions_start(ByoDaemon *d, char **why_r)
{
    ByoActions *a = byo_zalloc(sizeof *a);
    a->d = d;
    a->imports = byo_imports_create();
    pthread_mutex_init(&a->lock, NULL);
    byo_engine_call(d->engine, count, a);
    if (open_port(a, why_r))
        return a;
    byo_actions_stop(a);
    return NULL;
}

void byo_actions_reloaded(ByoActions *a)
{
    char *why = NULL;
    const ByoConf *conf = a->d->conf; /* the main thread's to read */
    ByoAdminOptions o = {.allow_ip = conf->admin_allow_ip,
                         .cert_file = conf->admin_ssl_cert_file,
                         .key_file = conf->admin_ssl_key_file};
    if (a->admin ? !byo_admin_renew(a->admin, &o, &why) : !open_port(a, &why))
        byo_log_error("%s%s", why, a->admin ? "; the admin port stays as it was" : "");
    free(why);
}

void byo_actions_stop(ByoActions *a)
{
    if (!a)
        return;
    byo_admin_stop(a->admin);
    byo_imports_destroy(a->imports);
    pthread_mutex_destroy(&a->lock);
    free(a);
}
