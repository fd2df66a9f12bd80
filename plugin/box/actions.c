/* SPDX-License-Identifier: BSD-3-Clause
 * What the admin API changes, and the port. What it looks at: actions_look.c.
 * Ownership and threads: actions.h, actions_private.h. */
#include "box/actions_private.h"
#include "box/daemon_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "box/box.h"
#include "box/integrations.h"
#include "box/life.h"
#include "link/frame.h"

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
        byo_engine_call(a->d->engine, byo_actions_count, a);
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

static unsigned features(void *arg)
{
    ByoActions *a = arg;
    pthread_rwlock_rdlock(&a->d->conf_lock);
    unsigned f = a->d->conf->features;
    pthread_rwlock_unlock(&a->d->conf_lock);
    return f;
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
    const ByoConf *conf = a->d->conf; /* under reload_lock */
    if (!conf->admin_password)
        return true; /* the loader has warned */
    ByoAdminOptions o = {.interface = conf->admin_interface,
                         .allow_ip = conf->admin_allow_ip,
                         .cert_file = conf->admin_ssl_cert_file,
                         .key_file = conf->admin_ssl_key_file,
                         .port = conf->admin_port,
                         .store = byo_daemon_store(conf),
                         .actions = {.arg = a,
                                     .change = change,
                                     .integration_takes = integration_takes,
                                     .short_codes = short_codes,
                                     .integration_carries = integration_carries,
                                     .integration_look = integration_look,
                                     .integration_state = integration_state,
                                     .import_begin = import_begin,
                                     .import_end = import_end,
                                     .health = byo_actions_health,
                                     .status = byo_actions_status,
                                     .events_told = byo_actions_events_told,
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
    byo_engine_call(d->engine, byo_actions_count, a);
    if (open_port(a, why_r))
        return a;
    byo_actions_stop(a);
    return NULL;
}

void byo_actions_reloaded(ByoActions *a)
{
    char *why = NULL;
    const ByoConf *conf = a->d->conf; /* under reload_lock */
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
