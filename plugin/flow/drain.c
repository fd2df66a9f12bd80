/* SPDX-License-Identifier: BSD-3-Clause
 * Taking byobox out (docs/user-guide.md): no new MTs are taken, what was taken goes its way.
 * Decides: nothing; the operator does. It holds over restarts until he takes it back.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* "1790000000000 admin": since when, by whom. Of several byoboxes on one store each has its own. */
static const char *setting(ByoStore *s, char buf[96])
{
    const char *node = byo_store_node(s);
    snprintf(buf, 96, node[0] ? "drain@%s" : "drain", node);
    return buf;
}

void byo_flow_drain_load(ByoFlow *f)
{
    ByoBuf value = {0};
    char *end, name[96];
    f->now_is.drain = (ByoFlowDrain){0};
    if (byo_store_setting(f->store, setting(f->store, name), &value)) {
        f->now_is.drain.since = strtoll(value.p, &end, 10);
        snprintf(f->now_is.drain.by, sizeof f->now_is.drain.by, "%s", *end == ' ' ? end + 1 : end);
    }
    byo_buf_free(&value);
}

bool byo_flow_drain(ByoFlow *f, ByoTurn *t, bool on, ByoStr who)
{
    if (on == (f->now_is.drain.since != 0))
        return false;
    char value[96], name[96];
    snprintf(value, sizeof value, "%" PRId64 " %.*s", t->now, BYO_PF(who));
    byo_store_setting_put(t->store, setting(t->store, name), on ? byo_str(value) : BYO_STR_NONE);
    ByoFlowDrain *d = &byo_flow_ledger(f, t)->drain;
    *d = (ByoFlowDrain){.since = on ? t->now : 0};
    if (on)
        snprintf(d->by, sizeof d->by, "%.*s", BYO_PF(who));
    byo_flow_tell(f, t, BYO_EVENT_DRAIN, BYO_STR("byobox"), BYO_STR_NONE,
                  on ? "byobox takes no new messages, they are answered with HTTP 503; by %.*s"
                     : "byobox takes messages again; by %.*s",
                  BYO_PF(who));
    return true;
}
