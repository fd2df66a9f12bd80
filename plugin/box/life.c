/* SPDX-License-Identifier: BSD-3-Clause
 * The life thread, requests and the snapshot.
 * Ownership and threads: life.h, life_private.h. */
#include "box/life.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "base/thread.h"
#include "box/life_private.h"

#define LOOK_EVERY 1000 /* ms */
#define LOAD_MOST (5 * BYO_SECOND)

static void note_loaded(ByoLife *l, unsigned which)
{
    pthread_mutex_lock(&l->lock);
    l->loaded = which;
    pthread_cond_broadcast(&l->known);
    pthread_mutex_unlock(&l->lock);
}

static void run(void *arg)
{
    ByoLife *l = arg;
    byo_thread_name("byo-life");
    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        unsigned wanted = l->load_wanted;
        l->poke = false;
        pthread_mutex_unlock(&l->lock);
        bool loaded = l->loaded == wanted || byo_life_load(l);
        if (loaded) {
            note_loaded(l, wanted);
            byo_life_look(l);
        }
        pthread_mutex_lock(&l->lock);
        l->looked |= loaded;
        pthread_cond_broadcast(&l->known);
        ByoTime at = byo_monotonic() + LOOK_EVERY;
        struct timespec ts = {at / 1000, (at % 1000) * 1000000};
        while (!l->stop && l->load_wanted == wanted && !l->poke)
            if (pthread_cond_timedwait(&l->wake, &l->lock, &ts) != 0)
                break;
    }
    pthread_mutex_unlock(&l->lock);
}

ByoLife *byo_life_start(ByoDaemon *d)
{
    ByoLife *l = byo_zalloc(sizeof *l);
    l->d = d;
    l->born = INT64_MIN;
    l->load_wanted = 1;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&l->wake, &attr);
    pthread_cond_init(&l->known, &attr);
    pthread_condattr_destroy(&attr);
    l->thread = byo_thread_start(run, l);
    return l;
}

void byo_life_await_look(ByoLife *l, ByoTime ms)
{
    ByoTime at = byo_monotonic() + ms;
    struct timespec ts = {at / 1000, (at % 1000) * 1000000};
    pthread_mutex_lock(&l->lock);
    while (!l->looked && pthread_cond_timedwait(&l->known, &l->lock, &ts) == 0)
        ;
    pthread_mutex_unlock(&l->lock);
}

void byo_life_stop(ByoLife *l)
{
    if (!l)
        return;
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
    byo_thread_join(l->thread);
    for (size_t i = 0; i < l->n; i++)
        byo_link_log_free(&l->rows[i].log);
    byo_smsc_file_free(&l->file);
    pthread_mutex_destroy(&l->lock);
    pthread_cond_destroy(&l->wake);
    pthread_cond_destroy(&l->known);
    free(l);
}

void byo_life_reloaded(ByoLife *l)
{
    pthread_mutex_lock(&l->lock);
    l->load_wanted++;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

/* -- requests -----------------------------------------------------------------------------------------*/

static char *rendered_now(ByoLife *l, const char *id)
{
    ByoBuf text = {0};
    pthread_rwlock_rdlock(&l->d->conf_lock);
    const ByoIntegration *cfg = byo_conf_integration(l->d->conf, byo_str(id));
    ByoRenderOptions opt = byo_conf_render_options(l->d->conf);
    if (cfg)
        byo_render_smsc(cfg, &opt, &text);
    pthread_rwlock_unlock(&l->d->conf_lock);
    char *copy = byo_str_dup(byo_buf_str(&text));
    if (text.p)
        explicit_bzero(text.p, text.n);
    byo_buf_free(&text);
    return copy;
}

static bool differs(ByoLife *l, const char *id)
{
    char *now = rendered_now(l, id);
    pthread_mutex_lock(&l->lock);
    const char *there = byo_smsc_file_find(&l->file, id);
    bool yes = there && strcmp(there, now) != 0;
    pthread_mutex_unlock(&l->lock);
    explicit_bzero(now, strlen(now));
    free(now);
    return yes;
}

/* What is asked of one integration; a transmitter's receivers follow it in the list. */
typedef struct {
    char id[BYO_ID_MAX + 1];
    bool differs;
    bool marked; /* the row's count was raised */
    bool gone;   /* its row left since it was looked for: nothing was done */
} Asked;

typedef struct {
    ByoLife *l;
    ByoLifeVerb verb;
    ByoStr who;
    Asked asked[BYO_INTEGRATIONS_MAX + 1];
    size_t n;
} Request;

static void not_asked(void *life, const void *id)
{
    ByoLife *l = life;
    pthread_mutex_lock(&l->lock);
    ByoLifeRow *r = byo_life_row(l, byo_str(id));
    if (r && r->asked > 0)
        r->asked--;
    pthread_mutex_unlock(&l->lock);
}

/* False: the row is gone. *was_r: its state. */
static bool write_wish(Request *q, Asked *one, ByoTurn *t, ByoLifeState *was_r)
{
    ByoLife *l = q->l;
    pthread_mutex_lock(&l->lock);
    ByoLifeRow *r = byo_life_row(l, byo_str(one->id));
    one->gone = !r;
    if (r) {
        *was_r = r->state;
        r->asked++;
        byo_undo_add(&t->undo, not_asked, l, r->id, sizeof r->id);
        byo_undo_save(&t->undo, &one->marked, sizeof one->marked);
        one->marked = true;
        ByoIntegrationRow row = byo_life_stored(r);
        row.wanted = q->verb == BYO_LIFE_ACTIVATE;
        row.deleted = q->verb == BYO_LIFE_DELETE;
        byo_store_integration_put(t->store, &row);
    }
    pthread_mutex_unlock(&l->lock);
    return r != NULL;
}

static void carry_out_one(Request *q, Asked *one, ByoFlow *flow, ByoTurn *t)
{
    static const char *const verbs[] = {"integration activate", "integration deactivate",
                                        "integration delete"};
    ByoLife *l = q->l;
    ByoLifeState was = BYO_LIFE_INACTIVE;
    if (!write_wish(q, one, t, &was))
        return;
    char along[96] = "";
    if (one != q->asked)
        snprintf(along, sizeof along, "with %.32s, which it receives for", q->asked[0].id);
    ByoAuditRow audit = {.time = t->now,
                         .who = q->who,
                         .action = byo_str(verbs[q->verb]),
                         .entity = byo_str(one->id),
                         .detail = byo_str(along)};
    byo_store_audit_add(t->store, &audit, t->now);
    if (q->verb != BYO_LIFE_ACTIVATE) { /* handing over stops with the commit */
        ByoFlowGate gate = {.deleted = q->verb == BYO_LIFE_DELETE};
        byo_flow_gate(flow, t, byo_str(one->id), &gate);
    }
    ByoEventNote note = {.entity = byo_str(one->id), .previous = byo_str(byo_life_state_name(was))};
    if (q->verb == BYO_LIFE_DELETE) {
        byo_flow_numbers_remove(flow, t, byo_str(one->id));
        note.kind = BYO_EVENT_DELETED;
        note.current = BYO_STR("deleted");
        note.text = BYO_STR("the integration was deleted; its numbers left the inventory");
        byo_events_tell(l->d->events, &t->undo, &note, t->now);
    } else if (q->verb == BYO_LIFE_ACTIVATE &&
               was == BYO_LIFE_ERROR) { /* other changes are told when they are seen */
        note.kind = BYO_EVENT_STATE;
        note.current = byo_str(byo_life_state_name(BYO_LIFE_ACTIVATING));
        note.text = BYO_STR("it is activated again");
        byo_events_tell(l->d->events, &t->undo, &note, t->now);
    }
}

static void carry_out(void *arg, ByoFlow *flow, ByoTurn *t)
{
    Request *q = arg;
    for (size_t i = 0; i < q->n; i++)
        carry_out_one(q, &q->asked[i], flow, t);
}

static void take_effect(ByoLife *l, const Request *q, const Asked *one, bool kept)
{
    ByoLifeRow *r = byo_life_row(l, byo_str(one->id));
    if (r && one->marked && r->asked > 0)
        r->asked--;
    if (!r || !kept)
        return;
    ByoTime now = byo_now();
    if (q->verb != BYO_LIFE_ACTIVATE) {
        r->wanted = false;
        r->deleted = r->deleted || q->verb == BYO_LIFE_DELETE;
        r->bounce = BOUNCE_NONE;
    } else {
        bool bound = r->binds.total > 0;
        bool stuck = r->binds.dead > 0 || r->state == BYO_LIFE_ERROR;
        if (bound && (one->differs || stuck)) {
            r->bounce = r->binds.online > 0 ? BOUNCE_DRAIN : BOUNCE_REMOVE;
            r->bounce_since = now;
        }
        if (!r->wanted || r->state == BYO_LIFE_ERROR || r->bounce != BOUNCE_NONE)
            r->since = now;
        if (r->state == BYO_LIFE_ERROR)
            r->state = BYO_LIFE_ACTIVATING;
        r->wanted = true;
    }
    r->changed++;
    l->poke = true;
    pthread_cond_signal(&l->wake);
}

/* Under lock: what a loaded configuration has is known here, too, unless the store keeps silent. */
static void await_load(ByoLife *l)
{
    ByoTime at = byo_monotonic() + LOAD_MOST;
    struct timespec ts = {at / 1000, (at % 1000) * 1000000};
    while (l->loaded != l->load_wanted && pthread_cond_timedwait(&l->known, &l->lock, &ts) == 0)
        ;
}

/* What is told is so, whatever becomes of the turn. */
void byo_life_told(ByoLife *l, ByoFlow *flow, ByoTurn *t, ByoStr id)
{
    ByoIntegrationRow row;
    if (byo_store_integration(t->store, id, &row) != BYO_STORE_OK)
        return;
    pthread_mutex_lock(&l->lock);
    ByoLifeRow *r = byo_life_row(l, id);
    bool stuck = r && row.wanted && r->state == BYO_LIFE_ERROR;
    bool is = r && (r->wanted != row.wanted || r->deleted != row.deleted || stuck);
    if (is) {
        r->wanted = row.wanted;
        r->deleted = row.deleted;
        r->since = t->now;
        r->bounce = BOUNCE_NONE;
        if (stuck)
            r->state = BYO_LIFE_ACTIVATING;
        r->changed++;
        l->poke = true;
        pthread_cond_signal(&l->wake);
    }
    pthread_mutex_unlock(&l->lock);
    if (is && !row.wanted)
        byo_flow_gate(flow, t, id, &(ByoFlowGate){.deleted = row.deleted});
}

/* The integrations that receive for this one and are not deleted. */
static void add_receivers(ByoLife *l, Request *q, ByoStr id)
{
    pthread_rwlock_rdlock(&l->d->conf_lock);
    pthread_mutex_lock(&l->lock);
    const ByoConf *conf = l->d->conf;
    for (size_t i = 0; i < conf->n_integrations && q->n < sizeof q->asked / sizeof *q->asked; i++) {
        const ByoIntegration *c = conf->integrations[i];
        const ByoLifeRow *r =
            c->receives_for && byo_str_is(id, c->receives_for) ? byo_life_row(l, byo_str(c->id)) : NULL;
        if (r && r->configured && !r->deleted)
            snprintf(q->asked[q->n++].id, sizeof q->asked[0].id, "%s", c->id);
    }
    pthread_mutex_unlock(&l->lock);
    pthread_rwlock_unlock(&l->d->conf_lock);
}

ByoLifeResult byo_life_request(ByoLife *l, ByoStr id, ByoLifeVerb verb, ByoStr who, char why[200])
{
    Request q = {.l = l, .verb = verb, .who = who, .n = 1};
    Asked *first = &q.asked[0];
    snprintf(first->id, sizeof first->id, "%.*s", BYO_PF(id));
    why[0] = 0;
    pthread_mutex_lock(&l->lock);
    await_load(l);
    ByoLifeRow *r = byo_life_row(l, id);
    bool known = r && (r->configured || (r->absent && verb == BYO_LIFE_DELETE)), deleted = r && r->deleted;
    pthread_mutex_unlock(&l->lock);
    if (!known) {
        snprintf(why, 200, "there is no integration \"%s\"", first->id);
        return BYO_LIFE_UNKNOWN;
    }
    if (deleted) {
        snprintf(why, 200,
                 "integration \"%s\" is deleted: remove its group, load the configuration, then add it again",
                 first->id);
        return BYO_LIFE_GONE;
    }
    add_receivers(l, &q, id);
    for (size_t i = 0; i < q.n; i++)
        q.asked[i].differs = verb == BYO_LIFE_ACTIVATE && differs(l, q.asked[i].id);
    bool kept = byo_engine_call(l->d->engine, carry_out, &q) == BYO_STORE_OK;
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < q.n; i++)
        take_effect(l, &q, &q.asked[i], kept);
    pthread_mutex_unlock(&l->lock);
    if (!kept)
        snprintf(why, 200, "the store cannot be written; nothing was changed");
    else if (first->gone)
        snprintf(why, 200, "there is no integration \"%s\"", first->id);
    return !kept ? BYO_LIFE_NO_STORE : first->gone ? BYO_LIFE_UNKNOWN : BYO_LIFE_OK;
}

void byo_life_state(ByoLife *l, ByoStr id, char state[BYO_LIFE_STATE_TEXT])
{
    pthread_mutex_lock(&l->lock);
    const ByoLifeRow *r = byo_life_row(l, id);
    snprintf(state, BYO_LIFE_STATE_TEXT, "%s",
             !r               ? ""
             : r->deleted     ? "deleted"
             : !r->configured ? "absent"
                              : byo_life_state_name(r->state));
    pthread_mutex_unlock(&l->lock);
}

bool byo_life_free(ByoLife *l, ByoStr id)
{
    pthread_mutex_lock(&l->lock);
    const ByoLifeRow *r = byo_life_row(l, id);
    bool is = !r || !r->deleted || (r->forgotten && !r->configured && !byo_smsc_file_find(&l->file, r->id));
    pthread_mutex_unlock(&l->lock);
    return is;
}

void byo_life_snapshot(ByoLife *l, ByoLifeSnapshot *out)
{
    pthread_mutex_lock(&l->lock);
    *out = l->shown;
    out->n = 0;
    for (size_t i = 0; i < l->n; i++) {
        const ByoLifeRow *r = &l->rows[i];
        if (!r->configured && !r->absent && !r->deleted)
            continue;
        ByoLifeIntegration *s = &out->integrations[out->n++];
        memset(s, 0, sizeof *s);
        memcpy(s->id, r->id, sizeof s->id);
        s->state = r->state;
        s->reason = r->reason;
        s->since = r->since;
        s->wanted = r->wanted;
        s->deleted = r->deleted;
        s->degraded = r->step.degraded;
        s->open = r->step.open;
        s->absent = !r->configured;
        s->has_numbers = r->has_numbers;
        s->waiting = r->waiting;
        s->handed = r->handed;
        s->oldest = r->oldest;
        s->binds = r->binds;
        s->missing = r->missing_told;
        memcpy(s->log_path, r->log_path, sizeof s->log_path);
        memcpy(s->log_says, r->log_says, sizeof s->log_says);
        memcpy(s->local_address, r->local_address, sizeof s->local_address);
    }
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < out->n; i++)
        out->integrations[i].pending_changes =
            !out->integrations[i].absent && differs(l, out->integrations[i].id);
}
