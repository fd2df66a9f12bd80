/* SPDX-License-Identifier: BSD-3-Clause
 * Wanted, shown, next.
 * Ownership: none. Threads: values. */
#include "integration/life_state.h"

static const char *const names[] = {"inactive", "activating", "active", "deactivating", "error"};

const char *byo_life_state_name(ByoLifeState s)
{
    return names[s];
}

bool byo_life_state_parse(ByoStr name, ByoLifeState *s_r)
{
    for (int i = BYO_LIFE_INACTIVE; i <= BYO_LIFE_ERROR; i++) {
        if (!byo_str_is(name, names[i]))
            continue;
        *s_r = (ByoLifeState)i;
        return true;
    }
    return false;
}

const char *byo_life_reason_name(ByoLifeReason r)
{
    return r == BYO_REASON_BIND_REFUSED ? "bind-refused" : r == BYO_REASON_NOT_BOUND ? "not-bound" : "";
}

ByoLifeReason byo_life_reason_parse(ByoStr name)
{
    for (int r = BYO_REASON_BIND_REFUSED; r <= BYO_REASON_NOT_BOUND; r++)
        if (byo_str_is(name, byo_life_reason_name((ByoLifeReason)r)))
            return (ByoLifeReason)r;
    return BYO_REASON_NONE;
}

static ByoLifeReason why_not(const ByoBinds *b)
{
    return b->bind_status > 0 ? BYO_REASON_BIND_REFUSED : BYO_REASON_NOT_BOUND;
}

static void towards_active(ByoLifeState state, const ByoLifeInput *in, const ByoBinds *b, ByoTime now,
                           ByoLifeStep *out)
{
    out->rendered = true;
    if (!b->known) { /* nothing can be seen: what was, stays; the link to bearerbox gates traffic itself */
        out->state =
            state == BYO_LIFE_INACTIVE || state == BYO_LIFE_DEACTIVATING ? BYO_LIFE_ACTIVATING : state;
        out->open = out->state == BYO_LIFE_ACTIVE;
        return;
    }
    if (b->online > 0) {
        out->state = BYO_LIFE_ACTIVE;
        out->open = true;
        out->degraded = b->online < in->binds;
        return;
    }
    bool late = now - in->since >= in->activation_timeout;
    switch (state) {
    case BYO_LIFE_ACTIVE: /* all binds lost: they are tried again for as long as an activation may last */
    case BYO_LIFE_INACTIVE:
    case BYO_LIFE_DEACTIVATING:
        out->state = BYO_LIFE_ACTIVATING;
        break;
    case BYO_LIFE_ACTIVATING: {
        bool refused = b->total > 0 && b->dead == b->total;
        out->state = refused || late ? BYO_LIFE_ERROR : BYO_LIFE_ACTIVATING;
        out->reason = out->state == BYO_LIFE_ERROR ? why_not(b) : BYO_REASON_NONE;
        break;
    }
    case BYO_LIFE_ERROR: /* stays rendered: a carrier that comes back makes it active by itself */
        out->state = BYO_LIFE_ERROR;
        out->reason = why_not(b);
        break;
    }
}

static void towards_inactive(ByoLifeState state, const ByoLifeInput *in, const ByoBinds *b, ByoTime now,
                             ByoLifeStep *out)
{
    if (state == BYO_LIFE_INACTIVE) {
        out->state = b->known && b->total > 0 ? BYO_LIFE_DEACTIVATING : BYO_LIFE_INACTIVE;
        return;
    }
    out->state = BYO_LIFE_DEACTIVATING;
    if (state != BYO_LIFE_DEACTIVATING) { /* handing over stops first; the links close when all is answered */
        out->rendered = true;
        return;
    }
    bool drained = in->handed == 0 || now - in->since >= in->drain_timeout || !b->known;
    out->rendered = !drained;
    if (drained && (!b->known || b->total == 0))
        out->state = BYO_LIFE_INACTIVE;
}

void byo_life_step(ByoLifeState state, const ByoLifeInput *in, const ByoBinds *b, ByoTime now,
                   ByoLifeStep *out)
{
    *out = (ByoLifeStep){.state = state};
    if (in->wanted && !in->deleted)
        towards_active(state, in, b, now, out);
    else
        towards_inactive(state, in, b, now, out);
}
