/* SPDX-License-Identifier: BSD-3-Clause
 * The rows: from configuration and store, and back; one visit to the flow thread a look.
 * Ownership and threads: life_private.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "box/life_private.h"

enum { DROP_BATCHES = 40, DROP_BATCH = 256 };

void byo_life_event(ByoLife *l, ByoEventKindId kind, const char *entity, const char *previous, const char *current,
                    const char *code, const char *fmt, ...)
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

/* -- loading ----------------------------------------------------------------------------------------*/

static void from_store(void *arg, ByoFlow *flow, ByoStore *store, ByoTime now)
{
    (void)flow;
    ByoLife *l = arg;
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        ByoIntegrationRow row;
        if (r->since || byo_store_integration(store, byo_str(r->id), &row) != BYO_STORE_OK)
            continue;
        r->wanted = row.wanted;
        r->deleted = row.deleted;
        byo_life_state_parse(row.state, &r->state);
        if (r->wanted && r->state != BYO_LIFE_ACTIVE)
            r->state = BYO_LIFE_ACTIVATING;
        r->since = now;
    }
}

static void forget_absent(void *arg, const ByoIntegrationRow *row);

typedef struct {
    ByoLife *l;
    char absent[BYO_INTEGRATIONS_MAX * 2][BYO_ID_MAX + 1];
    size_t n;
} Absent;

static void forget_absent(void *arg, const ByoIntegrationRow *row)
{
    Absent *a = arg;
    ByoLifeRow *r = byo_life_row(a->l, row->id);
    if (row->deleted && (!r || !r->configured) && a->n < sizeof a->absent / sizeof *a->absent)
        snprintf(a->absent[a->n++], BYO_ID_MAX + 1, "%.*s", BYO_PF(row->id));
}

/* A deleted integration may come back after a load without its group (design 3, States). */
static void forget_deleted(void *arg, ByoFlow *flow, ByoStore *store, ByoTime now)
{
    (void)flow, (void)now;
    Absent a = {.l = arg};
    byo_store_integrations(store, forget_absent, &a);
    for (size_t i = 0; i < a.n; i++)
        byo_store_integration_forget(store, byo_str(a.absent[i]));
}

void byo_life_load(ByoLife *l)
{
    pthread_rwlock_rdlock(&l->d->conf_lock);
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->n; i++)
        l->rows[i].configured = false;
    for (size_t i = 0; i < l->d->conf->n_integrations; i++) {
        const char *id = l->d->conf->integrations[i]->id;
        ByoLifeRow *r = byo_life_row(l, byo_str(id));
        if (!r && l->n < sizeof l->rows / sizeof *l->rows) {
            r = &l->rows[l->n++];
            memset(r, 0, sizeof *r);
            snprintf(r->id, sizeof r->id, "%s", id);
            r->wanted = true; /* an integration seen first wants to be active */
            r->online_before = -1;
        }
        if (r) {
            r->configured = true;
            r->address_checked = 0;
        }
    }
    /* What left the configuration stays until its links are closed. */
    for (size_t i = 0; i < l->n;) {
        ByoLifeRow *r = &l->rows[i];
        if (!r->configured && r->state == BYO_LIFE_INACTIVE && !byo_smsc_file_find(&l->file, r->id))
            *r = l->rows[--l->n];
        else
            i++;
    }
    pthread_mutex_unlock(&l->lock);
    pthread_rwlock_unlock(&l->d->conf_lock);
    byo_engine_call(l->d->engine, from_store, l);
    byo_engine_call(l->d->engine, forget_deleted, l);
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        if (!r->since) { /* not in the store yet */
            r->since = byo_now();
            r->dirty = true;
        }
        if (r->deleted && r->configured)
            byo_log_warning("integration %s was deleted; its group still stands in the configuration: remove it, load, and "
                            "add it again if it shall come back",
                            r->id);
    }
}

/* -- the visit --------------------------------------------------------------------------------------*/

static void write_row(ByoStore *store, const ByoLifeRow *r)
{
    ByoIntegrationRow row = {.id = byo_str(r->id),
                             .wanted = r->wanted,
                             .deleted = r->deleted,
                             .state = byo_str(byo_life_state_name(r->state)),
                             .reason = byo_str(byo_life_reason_name(r->reason)),
                             .since = r->since,
                             .applied = BYO_STR("")};
    byo_store_integration_put(store, &row);
}

static void visit(void *arg, ByoFlow *flow, ByoStore *store, ByoTime now)
{
    ByoLife *l = arg;
    ByoFlowStatus st;
    if (l->restarted)
        byo_flow_bearerbox_restarted(flow, l->restarted, now);
    byo_flow_status(flow, &st);
    for (size_t i = 0; i < l->n; i++) {
        ByoLifeRow *r = &l->rows[i];
        bool open = r->step.open && r->bounce == BOUNCE_NONE && now >= r->hold_until;
        ByoFlowGate gate = {.open = open,
                            .deleted = r->deleted,
                            .known = r->binds.known && l->shown.page_known,
                            .online_binds = r->binds.online,
                            .in_bearerbox = r->binds.queued};
        byo_flow_gate(flow, byo_str(r->id), &gate);
        if (r->doubt)
            byo_flow_bind_lost(flow, byo_str(r->id), r->doubt_after, r->doubt);
        for (size_t k = 0; k < st.n; k++)
            if (strcmp(st.integrations[k].id, r->id) == 0)
                r->handed = st.integrations[k].handed;
        if (r->deleted)
            for (int n = 0; n < DROP_BATCHES && byo_flow_drop_queue(flow, byo_str(r->id), DROP_BATCH, now); n++)
                ;
        if (r->dirty)
            write_row(store, r);
    }
    for (size_t i = 0; i < l->n_events; i++) {
        const ByoLifeEvent *e = &l->events[i];
        ByoEventNote note = {.kind = e->kind,
                             .entity = byo_str(e->entity),
                             .previous = byo_str(e->previous),
                             .current = byo_str(e->current),
                             .error_code = byo_str(e->code),
                             .text = byo_str(e->text)};
        byo_events_tell(l->d->events, &note, now);
    }
}

void byo_life_exchange(ByoLife *l)
{
    if (byo_engine_call(l->d->engine, visit, l) != BYO_STORE_OK)
        return; /* rows stay dirty, events wait: the next look tells them */
    for (size_t i = 0; i < l->n; i++)
        l->rows[i].dirty = false, l->rows[i].doubt = 0;
    l->restarted = 0;
    l->n_events = 0;
}
