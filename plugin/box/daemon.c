/* SPDX-License-Identifier: BSD-3-Clause
 * Start and stop; reload: reload.c.
 * Ownership and threads: daemon.h. */
#include "box/daemon_private.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "box/actions.h"
#include "box/box.h"
#include "box/integrations.h"
#include "box/life.h"
#include "box/service.h"
#include "config/folder.h"
#include "link/frame.h"

/* How long a stop waits for bearerbox's acks, and for what is written to be sent. */
#define STOP_ACKS (3 * BYO_SECOND)
#define STOP_WEBHOOK (2 * BYO_SECOND)
#define STOP_WRITES (1 * BYO_SECOND)
/* How long a start waits for bearerbox's status page. */
#define FIRST_LOOK (1 * BYO_SECOND)

void byo_daemon_tell_faults(const ByoFaults *faults)
{
    for (size_t i = 0; i < faults->n; i++) {
        char *line = byo_fault_line(&faults->items[i]);
        if (faults->items[i].severity == BYO_FAULT_ERROR)
            byo_log_error("%s", line);
        else
            byo_log_warning("%s", line);
        free(line);
    }
}

ByoMatcher *byo_daemon_matcher(const ByoConf *conf, char **why_r)
{
    ByoComplianceFault fault = {0};
    ByoMatcher *m = byo_matcher_create(&conf->compliance.standard, &fault);
    if (!m)
        *why_r = byo_printf("group byo-compliance: %s: %s", fault.field, fault.text);
    return m;
}

static const char *route(void *arg, ByoStr receiver, ByoStr smsc_id)
{
    return byo_conf_route(arg, receiver, smsc_id);
}

ByoStoreTarget byo_daemon_store(const ByoConf *conf)
{
    const ByoConfPgsql *p = conf->store_pgsql ? byo_conf_pgsql(conf, conf->store_id) : NULL;
    if (!p)
        return (ByoStoreTarget){.path = conf->store_path};
    return (ByoStoreTarget){.kind = BYO_STORE_PGSQL,
                            .pgsql = {.host = p->host,
                                      .port = p->port,
                                      .username = p->username,
                                      .password = p->password,
                                      .database = p->database,
                                      .sslmode = p->sslmode,
                                      .node = conf->node_id,
                                      .connect_timeout = p->connect_timeout}};
}

ByoFlowConfig byo_daemon_flow_config(ByoConf *conf, const ByoMatcher *standard)
{
    return (ByoFlowConfig){.integrations = (const ByoIntegration *const *)conf->integrations,
                           .n = conf->n_integrations,
                           .box_id = conf->box_id,
                           .refuse_unlisted = conf->refuse_unlisted,
                           .features = conf->features,
                           .host_has_store = conf->host_has_store,
                           .reply_limit = (unsigned)conf->compliance.reply_limit,
                           .inward_limit = conf->inward_limit,
                           .inward_expiry = conf->inward_expiry,
                           .inward_expiry_mo = conf->inward_expiry_mo,
                           .standard = standard,
                           .opt_out_loose = conf->compliance.opt_out_loose,
                           .keep_inbound_text = conf->keep_inbound_text,
                           .route = conf->n_routes ? route : NULL,
                           .route_arg = conf};
}

void byo_daemon_work_by(ByoDaemon *d, const ByoConf *conf)
{
    d->retention = conf->retention;
    d->event_retention = conf->event_retention;
    d->statistics_retention = conf->statistics_retention;
}

/* The clock was set back while nobody looked: else what is due would wait for it to come round again. */
static void follow_clock_at_start(ByoDaemon *d, ByoTime now)
{
    ByoTime last = byo_store_clock_last(d->store);
    if (!last || now >= last - BYO_CLOCK_SLEW)
        return;
    ByoTurn t = {0};
    byo_turn_begin(&t, d->store, now);
    byo_store_clock_jumped(d->store, now - last, now);
    byo_daemon_tell_jump(d, &t, now - last, " while byobox was not running");
    byo_turn_commit(&t);
    byo_turn_done(&t);
    byo_turn_free(&t);
}

typedef struct {
    ByoDaemon *d;
    ByoEventKindId kind;
    const char *text;
} Note;

static void tell_note(void *arg, ByoFlow *flow, ByoTurn *t)
{
    (void)flow;
    Note *n = arg;
    ByoEventNote note = {.kind = n->kind, .entity = BYO_STR("byobox"), .text = byo_str(n->text)};
    byo_events_tell(n->d->events, &t->undo, &note, t->now);
}

static void tell(ByoDaemon *d, ByoEventKindId kind, const char *text)
{
    Note n = {.d = d, .kind = kind, .text = text};
    byo_engine_call(d->engine, tell_note, &n);
}

/* Both ports listen and the store is open. */
static void tell_ready(ByoDaemon *d)
{
    char status[128];
    pthread_rwlock_rdlock(&d->conf_lock);
    snprintf(status, sizeof status, "smsboxes at port %d, %zu integration%s", d->conf->smsbox_port,
             d->conf->n_integrations, d->conf->n_integrations == 1 ? "" : "s");
    pthread_rwlock_unlock(&d->conf_lock);
    byo_service_ready(status);
}

static void post_event(void *arg, ByoStr json)
{
    byo_webhook_post(arg, json);
}

/* What a crash left of a change through the API is read as done already; now it is. */
static void settle_folder(const ByoConf *conf)
{
    char *why = NULL;
    if (!conf->integrations_dir)
        return;
    if (access(conf->integrations_dir, W_OK) != 0)
        byo_log_warning(
            "integrations-dir = %s: byobox cannot write in it (%s), so the admin API changes nothing "
            "there: it must belong to the user byobox runs as",
            conf->integrations_dir, strerror(errno));
    else if (!byo_folder_settle(conf->integrations_dir, &why))
        byo_log_warning("integrations-dir: a change that was made is not carried out yet: %s", why);
    free(why);
}

static bool start(ByoDaemon *d)
{
    char *why = NULL;
    ByoStoreResult result;
    settle_folder(d->conf);
    mode_t mask = umask(077); /* it holds what people write to each other */
    ByoStoreTarget store = byo_daemon_store(d->conf);
    d->store = byo_store_open(&store, &result, &why);
    umask(mask);
    if (!d->store) {
        byo_log_error("%s = %s: %s", d->conf->store_pgsql ? "store-id" : "store-path",
                      d->conf->store_pgsql ? d->conf->store_id : d->conf->store_path, why);
        free(why);
        return false;
    }
    byo_integrations_finish(d);
    d->standard = byo_daemon_matcher(d->conf, &why);
    if (!d->standard) {
        byo_log_error("%s", why);
        free(why);
        return false;
    }
    d->events = byo_events_create(d->store);
    d->webhook = byo_webhook_start(d->conf->event_webhook);
    byo_events_sink(d->events, post_event, d->webhook);
    follow_clock_at_start(d, byo_now());
    d->inventory = byo_inventory_create();
    ByoFlowOptions fo = {.store = d->store,
                         .inventory = d->inventory,
                         .codec = &byo_sms_codec,
                         .arg = d,
                         .event = byo_daemon_on_event,
                         .integration = byo_daemon_on_integration};
    ByoFlowConfig fc = byo_daemon_flow_config(d->conf, d->standard);
    d->flow = byo_flow_create(&fo, &fc, byo_now());
    byo_daemon_work_by(d, d->conf);
    ByoStoreResult read = byo_store_read_fault(d->store);
    if (read != BYO_STORE_OK) { /* without some of its numbers or opt-outs it would decide wrongly */
        byo_log_error("what the store holds could not all be read: %s (%s)", byo_store_result_text(read),
                      byo_store_error(d->store));
        return false;
    }
    ByoEngineOptions eo = byo_daemon_turns(d);
    d->engine = byo_engine_create(&eo);
    ByoLinkOptions lo = {.smsbox_port = d->conf->smsbox_port,
                         .smsbox_interface = d->conf->smsbox_interface,
                         .smsbox_allow_ip = d->conf->smsbox_allow_ip,
                         .bearerbox_host = d->conf->bearerbox_host,
                         .bearerbox_port = d->conf->bearerbox_port,
                         .box_id = d->conf->box_id,
                         .arg = d->engine,
                         .input = byo_engine_input,
                         .route_arg = d->inventory,
                         .route = byo_inventory_route};
    d->link = byo_link_create(&lo, &why);
    if (!d->link) {
        byo_log_error("%s", why);
        free(why);
        return false;
    }
    byo_engine_start(d->engine, d->link);
    tell(d, BYO_EVENT_STARTED, "byobox " BYO_VERSION " started");
    d->life = byo_life_start(d);
    /* What a bearerbox started meanwhile may have done twice is marked before its reports come in. */
    byo_life_await_look(d->life, FIRST_LOOK);
    byo_link_start(d->link);
    d->actions = byo_actions_start(d, &why);
    if (!d->actions) {
        byo_log_error("%s", why);
        free(why);
        return false;
    }
    byo_log_info("byobox %s is up: smsboxes at port %d, bearerbox at %s:%d, %zu integrations, %zu numbers",
                 BYO_VERSION, d->conf->smsbox_port, d->conf->bearerbox_host, d->conf->bearerbox_port,
                 d->conf->n_integrations, byo_inventory_count(d->inventory));
    tell_ready(d);
    return true;
}

/* The store that stands there now is told: the old session's memory is of another. */
static void tell_outdated(ByoDaemon *d)
{
    ByoStoreResult result;
    char *why = NULL;
    ByoStoreTarget at = byo_daemon_store(d->conf);
    byo_store_close(d->store);
    mode_t mask = umask(077); /* as at start: it may be made here */
    d->store = byo_store_open(&at, &result, &why);
    umask(mask);
    if (!d->store) {
        byo_log_error("the event store-outdated is not kept: %s", why);
        free(why);
        return;
    }
    byo_events_destroy(d->events);
    d->events = byo_events_create(d->store);
    byo_events_sink(d->events, post_event, d->webhook);
    ByoEventNote note = {
        .kind = BYO_EVENT_STORE_OUTDATED, .entity = BYO_STR("store"), .text = byo_str(d->outdated)};
    ByoTurn t = {0};
    byo_turn_begin(&t, d->store, byo_now());
    byo_events_tell(d->events, &t.undo, &note, t.now);
    if (byo_turn_commit(&t) != BYO_STORE_OK)
        byo_log_error("the event store-outdated is not kept: %s", byo_store_error(d->store));
    byo_turn_done(&t);
    byo_turn_free(&t);
}

static void stop(ByoDaemon *d)
{
    byo_service_stopping();
    byo_actions_stop(d->actions);
    if (d->life)
        tell(d, BYO_EVENT_STOPPED, "byobox is stopping");
    byo_life_stop(d->life);
    if (d->link)
        byo_link_quiesce(d->link);
    if (d->engine)
        byo_engine_stop(d->engine, STOP_ACKS);
    if (d->link)
        byo_link_stop(d->link, STOP_WRITES);
    byo_engine_destroy(d->engine);
    if (d->anew)
        tell_outdated(d);
    byo_webhook_stop(d->webhook, STOP_WEBHOOK);
    byo_link_destroy(d->link);
    byo_flow_destroy(d->flow);
    byo_inventory_destroy(d->inventory);
    byo_events_destroy(d->events);
    byo_store_close(d->store);
    byo_matcher_destroy(d->standard);
}

/* By hand. */
static void on_hangup(ByoDaemon *d)
{
    char *why = NULL;
    byo_service_reloading();
    byo_log_reopen();
    byo_daemon_reload(d, &why); /* has told why not */
    free(why);
    tell_ready(d);
}

static void open_log(const ByoConf *conf, int verbosity)
{
    const char *file = conf ? conf->log_file : NULL;
    int level = conf ? conf->log_level : BYO_LOG_INFO;
    int to_stderr = verbosity >= 0 ? verbosity : file ? BYO_LOG_ERROR : BYO_LOG_INFO;
    if (file && conf->log_json) {
        if (byo_log_open_json(file, level, to_stderr))
            return;
        byo_log_open(file, level, to_stderr);
        byo_log_error("log-format = json: this byobox was linked without it; log-file is text");
        return;
    }
    byo_log_open(file, level, to_stderr);
}

/* What one turn gave back the next one needs: given to the kernel in between it would come back page by page. So would
 * its buffers, which libc maps one by one unless it is told from which size on. */
static void set_up_memory(void)
{
    mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
    mallopt(M_TOP_PAD, 1024 * 1024);
    mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
}

int byo_daemon_run(const char *path, int verbosity)
{
    set_up_memory();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit of file sizes is a full disk, no reason to end */
    byo_gw_start();
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    ByoDaemon d = {.path = byo_strdup(path), .started = byo_now()};
    pthread_rwlock_init(&d.conf_lock, NULL);
    pthread_mutex_init(&d.reload_lock, NULL);
    pthread_mutex_init(&d.condition_lock, NULL);
    d.condition.octets = -1;
    pthread_mutex_init(&d.edit_lock, NULL);
    ByoFaults faults = {0};
    d.conf = byo_conf_load(path, &faults);
    FILE *writable = d.conf && d.conf->log_file ? fopen(d.conf->log_file, "ae") : stderr;
    if (d.conf && !writable) {
        fprintf(stderr, "byobox: log-file = %s cannot be opened: %s\n", d.conf->log_file, strerror(errno));
        byo_conf_free(d.conf);
        d.conf = NULL;
    } else if (writable != stderr) {
        fclose(writable);
    }
    open_log(d.conf, verbosity);
    byo_daemon_tell_faults(&faults);
    byo_faults_free(&faults);
    if (d.conf && d.conf->access_log && !byo_log_access_open(d.conf->access_log)) {
        byo_log_error("access-log = %s cannot be opened", d.conf->access_log);
        byo_conf_free(d.conf);
        d.conf = NULL;
    }
    int code = 1;
    pthread_mutex_lock(&d.reload_lock);
    bool up = d.conf && start(&d);
    pthread_mutex_unlock(&d.reload_lock);
    if (up) {
        code = 0;
        for (int sig = 0; sig != SIGTERM && sig != SIGINT;) {
            if (sigwait(&signals, &sig) != 0)
                continue;
            if (sig == SIGHUP) {
                on_hangup(&d);
            } else {
                byo_log_info("stopping");
            }
        }
    }
    stop(&d);
    if (d.anew)
        code = 1;
    byo_conf_free(d.conf);
    pthread_rwlock_destroy(&d.conf_lock);
    pthread_mutex_destroy(&d.reload_lock);
    pthread_mutex_destroy(&d.condition_lock);
    pthread_mutex_destroy(&d.edit_lock);
    free(d.path);
    free(d.outdated);
    if (code == 0)
        byo_log_info("stopped");
    byo_log_close();
    byo_gw_stop();
    return code;
}
