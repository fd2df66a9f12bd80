/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: whether a configuration that was read again takes the place of the one in force.
 * Ownership and threads: daemon.h. */
#include "box/daemon_private.h"

#include <stdlib.h>

#include "base/log.h"
#include "box/actions.h"
#include "box/life.h"

typedef struct {
    ByoDaemon *d;
    ByoConf *conf;
    ByoMatcher *standard;
    char *why; /* of a refusal */
} Reload;

static void take_over(void *arg, ByoFlow *flow, ByoTime now)
{
    Reload *r = arg;
    ByoFlowConfig fc = byo_daemon_flow_config(r->conf, r->standard);
    byo_flow_configure(flow, &fc, now);
    byo_daemon_work_by(r->d, r->conf);
}

static void tell_loaded(void *arg, ByoFlow *flow, ByoTurn *t)
{
    (void)flow;
    Reload *r = arg;
    ByoEventNote note = {.kind = BYO_EVENT_CONFIG_LOADED,
                         .entity = BYO_STR("configuration"),
                         .text = BYO_STR("the configuration was loaded again")};
    byo_events_tell(r->d->events, &t->undo, &note, t->now);
}

static void tell_refused(void *arg, ByoFlow *flow, ByoTurn *t)
{
    (void)flow;
    Reload *r = arg;
    char *text = byo_printf("the new configuration was refused, the one in force stays: %s", r->why);
    ByoEventNote note = {
        .kind = BYO_EVENT_CONFIG_REFUSED, .entity = BYO_STR("configuration"), .text = byo_str(text)};
    byo_events_tell(r->d->events, &t->undo, &note, t->now);
    free(text);
}

static bool same_store(const ByoConf *a, const ByoConf *b)
{
    ByoStoreTarget x = byo_daemon_store(a), y = byo_daemon_store(b);
    return byo_store_target_same(&x, &y);
}

/* What the running rooms were built with. Not NULL: why it must not change under them; the caller frees it. */
static char *may_not_change(const ByoConf *now, const ByoConf *next)
{
    if (next->features != now->features)
        return byo_printf("%s: bearerbox-features cannot change while byobox runs (texts already stored were "
                          "written for the old ones): restart byobox",
                          next->path);
    if (next->smsbox_port != now->smsbox_port || strcmp(next->box_id, now->box_id) != 0 ||
        strcmp(next->bearerbox_host, now->bearerbox_host) != 0 ||
        next->bearerbox_port != now->bearerbox_port || !same_store(next, now) ||
        next->admin_port != now->admin_port || strcmp(next->smsbox_interface, now->smsbox_interface) != 0 ||
        strcmp(next->admin_interface, now->admin_interface) != 0)
        byo_log_warning("%s: box-id, smsbox-port, smsbox-interface, bearerbox-host, bearerbox-port, store "
                        "and what belongs to it, "
                        "admin-port and admin-interface take effect when byobox is started again",
                        next->path);
    return NULL;
}

/* The first error: file, line, key. */
static char *first_fault(const ByoFaults *faults)
{
    for (size_t i = 0; i < faults->n; i++)
        if (faults->items[i].severity == BYO_FAULT_ERROR) {
            char *line = byo_fault_line(&faults->items[i]), *text;
            if (faults->errors == 1)
                return line;
            text = byo_printf("%s (and %zu more, see the log)", line, faults->errors - 1);
            free(line);
            return text;
        }
    return NULL;
}

static bool reload(ByoDaemon *d, char **why_r)
{
    ByoFaults faults = {0};
    Reload r = {.d = d, .conf = byo_conf_load(d->path, &faults)};
    byo_daemon_tell_faults(&faults);
    r.why = r.conf ? may_not_change(d->conf, r.conf) : first_fault(&faults);
    byo_faults_free(&faults);
    if (r.conf && !r.why)
        r.standard = byo_daemon_matcher(r.conf, &r.why);
    if (!r.standard) {
        byo_log_error("%s was not loaded again, the configuration in force stays: %s", d->path, r.why);
        byo_conf_free(r.conf);
        byo_engine_call(d->engine, tell_refused, &r);
        *why_r = r.why;
        return false;
    }
    byo_engine_fact(d->engine, take_over, &r);
    ByoConf *old = d->conf;
    ByoMatcher *old_standard = d->standard;
    pthread_rwlock_wrlock(&d->conf_lock);
    d->conf = r.conf;
    d->standard = r.standard;
    pthread_rwlock_unlock(&d->conf_lock);
    byo_life_reloaded(d->life);
    byo_webhook_url(d->webhook, d->conf->event_webhook);
    byo_actions_reloaded(d->actions);
    byo_link_allow(d->link, d->conf->smsbox_allow_ip);
    byo_conf_free(old);
    byo_matcher_destroy(old_standard);
    byo_engine_call(d->engine, tell_loaded, &r); /* it is in force everywhere */
    byo_log_info("%s was loaded again", d->path);
    return true;
}

bool byo_daemon_reload(ByoDaemon *d, char **why_r)
{
    pthread_mutex_lock(&d->reload_lock);
    bool done = reload(d, why_r);
    pthread_mutex_unlock(&d->reload_lock);
    return done;
}
