/* SPDX-License-Identifier: BSD-3-Clause
 * Who was told "try again" (HTTP 503) within the last minute, and why.
 * Decides: nothing. Memory only: what a refusal leaves is for people who look.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <stdarg.h>
#include <stdio.h>

#define STEP (10 * BYO_SECOND)

/* Sets the steps that have passed since the last one to 0. */
static void go_on(ByoFlowRefusals *r, ByoTime now)
{
    int64_t step = now / STEP;
    if (step < r->step || step - r->step >= BYO_REFUSAL_STEPS) { /* also when the clock was set back */
        memset(r->n, 0, sizeof r->n);
        r->step = step;
    }
    while (r->step < step)
        r->n[++r->step % BYO_REFUSAL_STEPS] = 0;
}

static int64_t total(const ByoFlowRefusals *r)
{
    int64_t n = 0;
    for (int i = 0; i < BYO_REFUSAL_STEPS; i++)
        n += r->n[i];
    return n;
}

void byo_flow_refused(ByoFlow *f, ByoTurn *t, const char *entity, const char *fmt, ...)
{
    char cause[sizeof f->refusals[0].cause];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(cause, sizeof cause, fmt, ap);
    va_end(ap);
    if (byo_undo_first(&t->undo, &f->saved_refusals))
        byo_undo_save(&t->undo, f->refusals, sizeof f->refusals);
    ByoFlowRefusals *at = &f->refusals[0];
    for (size_t i = 0; i < BYO_REFUSALS; i++) {
        ByoFlowRefusals *r = &f->refusals[i];
        go_on(r, t->now);
        if (strcmp(r->entity, entity) == 0 && strcmp(r->cause, cause) == 0) {
            at = r;
            break;
        }
        if (total(r) < total(at))
            at = r;
    }
    if (strcmp(at->entity, entity) != 0 || strcmp(at->cause, cause) != 0) {
        memset(at->n, 0, sizeof at->n);
        snprintf(at->entity, sizeof at->entity, "%s", entity);
        snprintf(at->cause, sizeof at->cause, "%s", cause);
    }
    at->n[at->step % BYO_REFUSAL_STEPS]++;
}

void byo_flow_refused_status(ByoFlow *f, ByoFlowStatus *st, ByoTime now)
{
    for (size_t i = 0; i < BYO_REFUSALS; i++) {
        ByoFlowRefusals *r = &f->refusals[i];
        go_on(r, now);
        if (total(r) == 0)
            continue;
        ByoFlowRefused *out = &st->refused[st->n_refused++];
        out->n = total(r);
        snprintf(out->entity, sizeof out->entity, "%s", r->entity);
        snprintf(out->cause, sizeof out->cause, "%s", r->cause);
    }
}
