/* SPDX-License-Identifier: BSD-3-Clause
 * The rows: from configuration and store, and back; one visit to the flow thread a look.
 * Ownership and threads: life_private.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "box/life_private.h"

/* bearerbox takes its uptime from two clocks of whole seconds: it is up to one off, either way. */
#define UPTIME_OFF BYO_SECOND

/* How long after the links of a deleted integration were closed what they still said may come in. */
#define LAST_ANSWERS (5 * BYO_SECOND)

enum { DROP_BATCHES = 40, DROP_BATCH = 256 };

void byo_life_event(ByoLife *l, ByoEventKindId kind, const char *entity, const char *previous,
                    const char *current, const char *code, const char *fmt, ...)
{
    if (l->n_events == sizeof l->events / sizeof *l->events)
        return; /* a look makes far fewer */
    ByoLifeEvent *e = &l->events[l->n_events++];
    e->kind = kind;
    snprintf(e->entity, sizeof e->entity, "%s", entity);
    snprintf(e->previous, sizeof e->previous, "%s", previous);
    snprintf(e->current, sizeof e->current, "%s", current);
    snprintf(e->code, sizeof e->code, "%s", code);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
}

ByoLifeRow *byo_life_row(ByoLife *l, ByoStr id)
{
    for (size_t i = 0; i < l->n; i++)
        if (byo_str_is(id, l->rows[i].id))
            return &l->rows[i];
    return NULL;
}

ByoIntegrationRow byo_life_stored(const ByoLifeRow *r)
{
    return (ByoIntegrationRow){.id = byo_str(r->id),
                               .wanted = r->wanted,
                               .deleted = r->deleted,
                               .state = byo_str(byo_life_state_name(r->state)),
                               .reason = byo_str(byo_life_reason_name(r->reason)),
                               .since = r->since,
                               .applied = byo_str(r->policy),
                               .binds = r->binds_wanted,
                               .online = r->binds.known && !r->binds.assumed ? r->binds.online : -1};
}

/* -- loading ----------------------------------------------------------------------------------------*/

static void from_store(void *arg, ByoFlow *flow, ByoTurn *t)
{
    (void)flow;
    ByoStore *store = t->store;
    ByoLife *l = arg;
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        ByoIntegrationRow row;
        if (r->since)
            continue;
        ByoStoreResult result = byo_store_integration(store, byo_str(r->id), &row);
        if (result != BYO_STORE_OK && result != BYO_STORE_NONE && result != BYO_STORE_CORRUPT)
            continue; /* not known yet whether it is wanted: the load is made again */
        r->since = t->now;
        r->changed += result == BYO_STORE_NONE;
        if (result == BYO_STORE_CORRUPT) /* a row that cannot be read is not written over */
            r->kept = r->changed;
        if (result != BYO_STORE_OK)
            continue;
        r->wanted = row.wanted;
        r->deleted = row.deleted;
        byo_life_state_parse(row.state, &r->state);
        if (r->wanted && r->state != BYO_LIFE_ACTIVE)
            r->state = BYO_LIFE_ACTIVATING;
    }
    pthread_mutex_unlock(&l->lock);
}

/* Integrations in the store that have no group in the file. */
typedef struct {
    ByoLife *l;
    char ids[256][BYO_ID_MAX + 1]; /* more than ever left one installation */
    size_t n;
} Absent;

static void note_absent(void *arg, const ByoIntegrationRow *row)
{
    Absent *a = arg;
    ByoLifeRow *r = byo_life_row(a->l, row->id);
    if ((!r || !r->configured) && a->n < sizeof a->ids / sizeof *a->ids)
        snprintf(a->ids[a->n++], sizeof a->ids[0], "%.*s", BYO_PF(row->id));
}

static bool one_is_enough(void *arg, const ByoNumberRow *row)
{
    (void)row;
    *(bool *)arg = true;
    return false;
}

/* What the store still has of one without a group. numbers: look for those, too (once gone they do not come back). */
static void look_absent(ByoLifeRow *r, ByoStore *store, bool numbers)
{
    r->has_numbers = false;
    if (numbers)
        byo_store_numbers(store, byo_str(r->id), BYO_STR_NONE, BYO_STR_NONE, 1, one_is_enough,
                          &r->has_numbers);
    r->has_numbers |= numbers && byo_store_failed(store); /* else nobody would look again */
    byo_store_queue_depth(store, byo_str(r->id), &r->waiting, &r->oldest);
    r->handed = byo_store_count_state(store, byo_str(r->id), BYO_SEG_HANDED);
    r->absent = r->has_numbers || r->waiting > 0 || r->handed > 0;
}

/* One that nobody deleted: its numbers and its queue are kept, and told until somebody decides. A deleted one may
 * come back after a load without its group (spec L4), but not before its queue is dropped. */
static void find_absent(void *arg, ByoFlow *flow, ByoTurn *t)
{
    (void)flow;
    ByoStore *store = t->store;
    ByoLife *l = arg;
    Absent a = {.l = l};
    byo_store_integrations(store, note_absent, &a);
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < a.n; i++) {
        ByoIntegrationRow row;
        ByoLifeRow *r = byo_life_row(l, byo_str(a.ids[i]));
        if (byo_store_integration(store, byo_str(a.ids[i]), &row) != BYO_STORE_OK)
            continue;
        ByoLifeRow one = {.wanted = row.wanted,
                          .deleted = row.deleted,
                          .state = BYO_LIFE_INACTIVE,
                          .since = t->now,
                          .online_before = -1};
        snprintf(one.id, sizeof one.id, "%s", a.ids[i]);
        look_absent(r ? r : &one, store, true);
        bool absent = r ? r->absent : one.absent;
        if (one.deleted && !absent && !r)
            byo_store_integration_forget(store, byo_str(a.ids[i]));
        else if (!r && absent && l->n < sizeof l->rows / sizeof *l->rows)
            l->rows[l->n++] = one;
    }
    pthread_mutex_unlock(&l->lock);
}

/* Rows nobody asks for any more: their links are closed, and the store has nothing of them that is known. */
static void drop_rows(ByoLife *l, bool deleted_alone)
{
    for (size_t i = 0; i < l->n;) {
        ByoLifeRow *r = &l->rows[i];
        if (!r->configured && !r->absent && r->state == BYO_LIFE_INACTIVE && (r->deleted || !deleted_alone) &&
            !byo_smsc_file_find(&l->file, r->id)) {
            byo_link_log_free(&r->log);
            *r = l->rows[--l->n];
        } else
            i++;
    }
}

/* cfg NULL: it has no group. */
static void note_policy(ByoLifeRow *r, const ByoIntegration *cfg)
{
    char policy[BYO_POLICY_TEXT] = "";
    int binds = cfg ? cfg->binds : 0;
    if (cfg)
        byo_policy_digest(cfg, policy);
    if (strcmp(policy, r->policy) == 0 && binds == r->binds_wanted)
        return;
    memcpy(r->policy, policy, sizeof policy);
    r->binds_wanted = binds;
    r->changed++;
}

bool byo_life_load(ByoLife *l)
{
    bool known = true;
    pthread_rwlock_rdlock(&l->d->conf_lock);
    pthread_mutex_lock(&l->lock);
    l->admit_at = 0;    /* the password may be another one */
    drop_rows(l, true); /* one deleted after its group had gone may come back with this load */
    const ByoConf *conf = l->d->conf;
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        r->configured = byo_conf_integration(conf, byo_str(r->id)) != NULL;
        r->absent = r->absent && !r->configured;
        r->address_checked = 0;
    }
    drop_rows(l, false);
    for (size_t i = 0; i < conf->n_integrations; i++) {
        const char *id = conf->integrations[i]->id;
        if (byo_life_row(l, byo_str(id)) || l->n == sizeof l->rows / sizeof *l->rows)
            continue;
        ByoLifeRow one = {
            .configured = true, .wanted = true, .online_before = -1}; /* one seen first wants to be active */
        snprintf(one.id, sizeof one.id, "%s", id);
        l->rows[l->n++] = one;
    }
    for (size_t i = 0; i < l->n; i++)
        note_policy(&l->rows[i], byo_conf_integration(conf, byo_str(l->rows[i].id)));
    byo_policy_digest_of(conf->policy, l->policy);
    pthread_mutex_unlock(&l->lock);
    pthread_rwlock_unlock(&l->d->conf_lock);
    byo_engine_call(l->d->engine, from_store, l);
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->n; i++)
        known &= l->rows[i].since != 0;
    pthread_mutex_unlock(&l->lock);
    if (!known || byo_engine_call(l->d->engine, find_absent, l) != BYO_STORE_OK)
        return known;
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        if (r->absent && !r->deleted)
            byo_log_warning("integration %s has no group in the configuration, but was not deleted: %s%lld "
                            "segments wait in its "
                            "queue; put its group back and load, or delete it: byoctl integration delete %s",
                            r->id,
                            r->has_numbers ? "sending from its numbers is answered with HTTP 503, " : "",
                            (long long)r->waiting, r->id);
        if (r->deleted && r->configured)
            byo_log_warning("integration %s was deleted; its group still stands in the configuration: remove "
                            "it, load, and "
                            "add it again if it shall come back",
                            r->id);
    }
    pthread_mutex_unlock(&l->lock);
    return true;
}

/* -- the visit --------------------------------------------------------------------------------------*/

/* Its group went first: with the last of it the store forgets it, so it may come back. Its row is shown until a load. */
static bool deleted_and_done(const ByoLifeRow *r)
{
    return r->deleted && !r->configured && !r->absent && r->state == BYO_LIFE_INACTIVE && !r->asked;
}

/* Not while a request is between the store and the row: its turn has set the gate. */
static void tell_gate(ByoLife *l, const ByoLifeRow *r, ByoFlow *flow, ByoTurn *t)
{
    pthread_mutex_lock(&l->lock);
    ByoFlowGate gate = {.open = r->step.open && r->bounce == BOUNCE_NONE && t->now >= r->hold_until,
                        .deleted = r->deleted,
                        .known = r->binds.known && l->shown.page_known,
                        .online_binds = r->binds.online,
                        .in_bearerbox = r->binds.queued};
    if (!r->asked)
        byo_flow_gate(flow, t, byo_str(r->id), &gate);
    pthread_mutex_unlock(&l->lock);
}

/* With its links closed nobody answers for what bearerbox was handed; the last answers are on their way for a
 * moment still. */
static void drop(ByoFlow *flow, ByoTurn *t, const ByoLifeRow *r)
{
    ByoStr id = byo_str(r->id);
    bool closed = r->state == BYO_LIFE_INACTIVE && t->now - r->since >= LAST_ANSWERS;
    for (int n = 0; n < DROP_BATCHES && byo_flow_drop_queue(flow, t, id, DROP_BATCH); n++)
        ;
    for (int n = 0; closed && n < DROP_BATCHES && byo_flow_drop_handed(flow, t, id, DROP_BATCH); n++)
        ;
}

static void visit_row(ByoLife *l, ByoLifeRow *r, const ByoFlowStatus *st, ByoFlow *flow, ByoTurn *t)
{
    tell_gate(l, r, flow, t);
    if (r->doubt)
        byo_flow_bind_lost(flow, t, byo_str(r->id), r->doubt_after, r->doubt);
    if (r->deleted)
        drop(flow, t, r);
    pthread_mutex_lock(&l->lock);
    for (size_t k = 0; k < st->n; k++)
        if (strcmp(st->integrations[k].id, r->id) == 0)
            r->handed = st->integrations[k].handed;
    if (!r->configured)
        look_absent(r, t->store, r->has_numbers);
    if (!r->asked && r->kept != r->changed) {
        byo_undo_save(&t->undo, &r->kept, sizeof r->kept); /* rows lie still: their thread waits for us */
        r->kept = r->changed;
        ByoIntegrationRow row = byo_life_stored(r);
        byo_store_integration_seen(t->store, &row);
    }
    if (r->forgotten != deleted_and_done(r)) {
        byo_undo_save(&t->undo, &r->forgotten, sizeof r->forgotten);
        r->forgotten = !r->forgotten;
    }
    if (r->forgotten)
        byo_store_integration_forget(t->store, byo_str(r->id));
    pthread_mutex_unlock(&l->lock);
}

static void tell_event(ByoLife *l, const ByoLifeEvent *e, ByoTurn *t)
{
    ByoEventNote note = {.kind = e->kind,
                         .entity = byo_str(e->entity),
                         .previous = byo_str(e->previous),
                         .current = byo_str(e->current),
                         .error_code = byo_str(e->code),
                         .text = byo_str(e->text)};
    byo_events_tell(l->d->events, &t->undo, &note, t->now);
}

static void visit(void *arg, ByoFlow *flow, ByoTurn *t)
{
    ByoLife *l = arg;
    ByoFlowStatus st;
    if (l->restarted) {
        ByoTime before = l->restarted + UPTIME_OFF;
        byo_flow_bearerbox_restarted(flow, t, l->restarted - UPTIME_OFF, before < t->now ? before : t->now);
    }
    if (strcmp(l->policy, l->policy_kept) != 0) {
        byo_undo_save(&t->undo, l->policy_kept, sizeof l->policy_kept);
        memcpy(l->policy_kept, l->policy, sizeof l->policy_kept);
        byo_store_node_policy(t->store, byo_str(l->policy));
    }
    byo_flow_status(flow, &st, t->now);
    for (size_t i = 0; i < l->n; i++)
        visit_row(l, &l->rows[i], &st, flow, t);
    for (const ByoLifeEvent *e = l->events; e < l->events + l->n_events; e++)
        tell_event(l, e, t);
}

void byo_life_exchange(ByoLife *l)
{
    if (byo_engine_call(l->d->engine, visit, l) != BYO_STORE_OK)
        return; /* rows stay changed, events wait: the next look tells them */
    for (size_t i = 0; i < l->n; i++)
        l->rows[i].doubt = 0;
    l->restarted = 0;
    l->n_events = 0;
}
