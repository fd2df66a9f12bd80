/* SPDX-License-Identifier: BSD-3-Clause
 * What the daemon does in the flow thread, in its turns and between them: events, purge, what became of the store, the
 * clock.
 * Ownership and threads: daemon.h; all of it runs in the flow thread, or before it is there. */
#include "box/life.h"
#include "box/daemon_private.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "box/service.h"

#define PURGE_EVERY BYO_MINUTE
/* A receipt whose submit was never answered. */
#define EARLY_KEPT BYO_HOUR
enum { PURGE_ROWS = 500 };

void byo_daemon_on_event(void *arg, ByoTurn *t, const ByoEventNote *note)
{
    ByoDaemon *d = arg;
    byo_events_tell(d->events, &t->undo, note, t->now);
}

void byo_daemon_on_integration(void *arg, ByoFlow *flow, ByoTurn *t, ByoStr id)
{
    ByoDaemon *d = arg;
    if (d->life) /* else it reads what is wanted when it starts */
        byo_life_told(d->life, flow, t, id);
}

static void on_beat(void *arg, ByoTurn *t)
{
    ByoDaemon *d = arg;
    byo_events_beat(d->events, &t->undo);
}

static int purge_early(ByoDaemon *d, ByoTurn *t)
{
    int n = byo_store_early_purge(t->store, t->now - EARLY_KEPT, PURGE_ROWS);
    if (n == 0)
        return 0;
    char text[160];
    snprintf(text, sizeof text,
             "%d receipts whose message id no submit was answered with in an hour were dropped", n);
    ByoEventNote note = {.kind = BYO_EVENT_EARLY_LOST,
                         .entity = BYO_STR("bearerbox"),
                         .error_code = BYO_STR("expired"),
                         .text = byo_str(text)};
    byo_events_tell(d->events, &t->undo, &note, t->now);
    return n;
}

static void look_at_store(ByoDaemon *d)
{
    ByoStoreCondition c;
    byo_store_condition(d->store, &c);
    pthread_mutex_lock(&d->condition_lock);
    d->condition = c;
    pthread_mutex_unlock(&d->condition_lock);
}

/* One piece of the purge. */
static bool on_chore(void *arg, ByoTurn *t)
{
    ByoDaemon *d = arg;
    ByoTime now = t->now;
    look_at_store(d);
    if (!d->purge_more && now - d->purged < PURGE_EVERY && now >= d->purged)
        return false;
    byo_undo_save(&t->undo, &d->purged, sizeof d->purged);
    byo_undo_save(&t->undo, &d->purge_more, sizeof d->purge_more);
    byo_undo_save(&t->undo, &d->purge_at, sizeof d->purge_at);
    d->purged = now;
    byo_store_clock_seen(d->store, now);
    int early = purge_early(d, t);
    byo_store_number_left_purge(d->store, now - d->retention);
    bool folded = byo_flow_statistics_fold(t, d->statistics_retention);
    d->purge_more =
        byo_store_purge(d->store, now - d->retention, now - d->event_retention, PURGE_ROWS, &d->purge_at) ||
        early == PURGE_ROWS || folded;
    return d->purge_more;
}

static void on_turned(void *arg, ByoTime now)
{
    (void)arg;
    byo_service_alive(now);
}

/* What memory knows cannot be mended while it runs: whoever supervises the process starts it anew. */
static void on_outdated(void *arg, const char *why)
{
    ByoDaemon *d = arg;
    byo_log_error("%s: byobox ends, to be started anew", why);
    d->outdated = byo_strdup(why);
    d->anew = true;
    kill(getpid(), SIGTERM);
}

static void on_recovered(void *arg, ByoTurn *t, ByoStoreResult was, ByoTime since)
{
    ByoDaemon *d = arg;
    char text[128], when[BYO_TIME_TEXT];
    snprintf(text, sizeof text, "%s since %s; sending was answered with HTTP 503", byo_store_result_text(was),
             byo_time_text(since, when));
    ByoEventNote note = {.kind = BYO_EVENT_STORE_TROUBLE, .entity = BYO_STR("store"), .text = byo_str(text)};
    byo_events_tell(d->events, &t->undo, &note, since);
    note = (ByoEventNote){.kind = BYO_EVENT_STORE_BACK,
                          .entity = BYO_STR("store"),
                          .text = BYO_STR("the store can be written again")};
    byo_events_tell(d->events, &t->undo, &note, t->now);
}

/* "2 d 3 h", "45 s" */
static const char *span(ByoTime ms, char buf[48])
{
    long long s = ((long long)(ms < 0 ? -ms : ms) + BYO_SECOND / 2) / BYO_SECOND;
    if (s >= 86400)
        snprintf(buf, 48, "%lld d %lld h", s / 86400, s % 86400 / 3600);
    else if (s >= 3600)
        snprintf(buf, 48, "%lld h %lld min", s / 3600, s % 3600 / 60);
    else
        snprintf(buf, 48, "%lld min %lld s", s / 60, s % 60);
    return buf;
}

void byo_daemon_tell_jump(ByoDaemon *d, ByoTurn *t, ByoTime by, const char *when)
{
    char text[200], how_far[48];
    snprintf(text, sizeof text,
             "the system clock was set %s by %s%s; what is due, activations, receipts and limits go on by"
             " the time that passed",
             by > 0 ? "ahead" : "back", span(by, how_far), when);
    ByoEventNote note = {.kind = BYO_EVENT_CLOCK_JUMPED, .entity = BYO_STR("clock"), .text = byo_str(text)};
    byo_events_tell(d->events, &t->undo, &note, t->now);
}

static void on_jumped(void *arg, ByoTurn *t, ByoTime by)
{
    byo_daemon_tell_jump(arg, t, by, "");
}

ByoEngineOptions byo_daemon_turns(ByoDaemon *d)
{
    return (ByoEngineOptions){.store = d->store,
                              .flow = d->flow,
                              .arg = d,
                              .beat = on_beat,
                              .chore = on_chore,
                              .jumped = on_jumped,
                              .recovered = on_recovered,
                              .outdated = on_outdated,
                              .turned = on_turned};
}
