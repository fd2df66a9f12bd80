/* SPDX-License-Identifier: BSD-3-Clause
 * What every story of the room asks for: an integration at work, what a turn is about to change, a line of the access
 * log, an event.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/log.h"

ByoRuntime *byo_flow_runtime(ByoFlow *f, ByoStr id)
{
    for (size_t i = 0; i < f->n_runtimes; i++)
        if (byo_str_is(id, f->runtimes[i].id))
            return &f->runtimes[i];
    return NULL;
}

const ByoHome *byo_flow_home(ByoFlow *f, const ByoRuntime *rt, const ByoInventoryEntry *number)
{
    const ByoRuntime *owner = number ? byo_flow_runtime(f, byo_str(number->integration)) : NULL;
    if (rt && rt->home.country[0])
        return &rt->home;
    if (owner && owner->home.country[0])
        return &owner->home;
    return number ? &number->home : NULL;
}

ByoRuntime *byo_flow_change(ByoTurn *t, ByoRuntime *rt)
{
    enum { FROM = offsetof(ByoRuntime, gate), TO = offsetof(ByoRuntime, pace) + offsetof(ByoPace, ring) };
    if (byo_undo_first(&t->undo, &rt->saved))
        byo_undo_save(&t->undo, (char *)rt + FROM, TO - FROM);
    return rt;
}

ByoFlowLedger *byo_flow_ledger(ByoFlow *f, ByoTurn *t)
{
    if (byo_undo_first(&t->undo, &f->saved))
        byo_undo_save(&t->undo, &f->now_is, sizeof f->now_is);
    return &f->now_is;
}

unsigned byo_flow_jitter(ByoFlow *f, ByoTurn *t)
{
    uint64_t *random = &byo_flow_ledger(f, t)->random;
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (unsigned)(*random % 1000);
}

void byo_flow_access(ByoTurn *t, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    if (!byo_log_access_wanted())
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    byo_buf_add(&t->access, line, strlen(line) + 1);
}

void byo_flow_tell(ByoFlow *f, ByoTurn *t, ByoEventKindId kind, ByoStr entity, ByoStr error_code,
                   const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ByoEventNote note = {.kind = kind, .entity = entity, .error_code = error_code, .text = byo_str(text)};
    f->opt.event(f->opt.arg, t, &note);
}

ByoStoredVerdict byo_flow_stored(const ByoVerdict *v, ByoStr carrier_code)
{
    return (ByoStoredVerdict){.code = (int)v->code,
                              .code_cause = byo_str(v->cause),
                              .description = byo_str(v->description),
                              .carrier_code = carrier_code};
}
