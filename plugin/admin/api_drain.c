/* SPDX-License-Identifier: BSD-3-Clause
 * Taking byobox out: no new MTs, what is left, and taking them again.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

ByoJson *byo_api_draining(const ByoAdminStatus *st)
{
    if (!st->draining)
        return NULL;
    ByoJson *j = byo_json_object();
    byo_json_set_time(j, "since", st->draining);
    byo_json_set_z(j, "by", st->draining_by);
    return j;
}

/* What of an integration is not over, and its state: one that is not active keeps it. */
static ByoJson *part_json(const ByoAdminIntegration *i)
{
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "id", i->id);
    byo_json_set_z(j, "state", i->deleted ? "deleted" : i->absent ? "absent" : byo_life_state_name(i->state));
    byo_json_set_int(j, "queued", i->queued);
    byo_json_set_int(j, "handed", i->handed);
    byo_json_set_int(j, "waitingForReceipts", i->accepted);
    return j;
}

/* Who takes over what this node leaves. */
static bool others_are_there(const ByoAdminStatus *st)
{
    bool any = false;
    for (size_t n = 1; n < st->n_nodes; n++)
        any |= st->nodes[n].up;
    return any;
}

static void count_here(void *arg, ByoStr integration, ByoSegState state, int64_t n)
{
    ByoAdminStatus *st = arg;
    for (size_t i = 0; i < st->n; i++) {
        ByoAdminIntegration *one = &st->integrations[i];
        if (!byo_str_is(integration, one->id))
            continue;
        *(state == BYO_SEG_QUEUED   ? &one->queued
          : state == BYO_SEG_HANDED ? &one->handed
                                    : &one->accepted) = n;
    }
}

/* The counts of all become this node's own. */
static void count_own(ByoApiCall *c, ByoAdminStatus *st)
{
    for (size_t i = 0; i < st->n; i++)
        st->integrations[i].queued = st->integrations[i].handed = st->integrations[i].accepted = 0;
    byo_store_left_at(c->api->reader, byo_str(st->nodes[0].name), count_here, st, &st->inward);
}

static void answer(ByoApiCall *c)
{
    ByoAdminStatus st = {0};
    c->api->actions->status(c->api->actions->arg, &st);
    bool others = others_are_there(&st);
    if (others)
        count_own(c, &st);
    ByoJson *j = byo_json_object(), *left = byo_json_object(), *parts = byo_json_array();
    int64_t queued = 0, handed = 0, accepted = 0;
    for (size_t i = 0; i < st.n; i++) {
        const ByoAdminIntegration *one = &st.integrations[i];
        queued += one->queued;
        handed += one->handed;
        accepted += one->accepted;
        if (one->queued + one->handed + one->accepted)
            byo_json_add(parts, part_json(one));
    }
    byo_json_set_int(left, "queued", queued);
    byo_json_set_int(left, "handed", handed);
    byo_json_set_int(left, "waitingForReceipts", accepted);
    byo_json_set_int(left, "inward", st.inward);
    byo_json_set(j, "draining", byo_api_draining(&st));
    byo_json_set_time(j, "counted", st.counted);
    byo_json_set(j, "left", left);
    byo_json_set(j, "integrations", parts);
    byo_json_set_z(j, "node", others ? st.nodes[0].name : NULL);
    /* Receipts come to any node. */
    byo_json_set_bool(j, "empty", queued + handed + (others ? 0 : accepted) + st.inward == 0);
    byo_admin_status_clear(&st);
    byo_api_json(c, 200, j);
}

void byo_api_drain(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    if (byo_api_params(c, allowed))
        answer(c);
}

typedef struct {
    ByoApiCall *c;
    bool on;
} Drain;

static void drain(void *arg, const ByoAdminTurn *turn)
{
    Drain *d = arg;
    if (turn->drain(turn->arg, d->on, byo_str(d->c->who.name), turn->now))
        byo_api_audit(turn, d->c, d->on ? "drain" : "drain end", BYO_STR("byobox"), "%s", "");
}

static void change(ByoApiCall *c, bool on)
{
    static const char *const allowed[] = {NULL};
    Drain d = {c, on};
    if (byo_api_params(c, allowed) &&
        byo_api_stored(c, c->api->actions->change(c->api->actions->arg, drain, &d)))
        answer(c);
}

void byo_api_drain_begin(ByoApiCall *c)
{
    change(c, true);
}

void byo_api_drain_end(ByoApiCall *c)
{
    change(c, false);
}
