/* SPDX-License-Identifier: BSD-3-Clause
 * What the contract says of other writers: this store has one.
 * Decides: nothing. Threads: as memory_store.h. */
#include "memory_private.h"

int memory_op_slot(const ByoStore *s)
{
    (void)s;
    return -1;
}

ByoTime memory_op_lease(const ByoStore *s)
{
    (void)s;
    return 0;
}

bool memory_op_share_more(ByoStore *s, ByoRateShare *shares, size_t n)
{
    (void)s, (void)shares, (void)n;
    return false;
}

bool memory_op_queue_give_rest(ByoStore *s, const ByoStr *ours, size_t n)
{
    (void)s, (void)ours, (void)n;
    return false;
}

void memory_op_receipt_leave(ByoStore *s, const ByoForeign *of, ByoStr integration, ByoStr foreign_id,
                             ByoStr frame, ByoTime now)
{
    (void)s, (void)of, (void)integration, (void)foreign_id, (void)frame, (void)now;
}

bool memory_op_queue_give(ByoStore *s, ByoStr integration)
{
    (void)s, (void)integration;
    return false;
}

const char *memory_op_node(const ByoStore *s)
{
    (void)s;
    return "";
}

void memory_op_left_at(ByoStore *s, ByoStr node,
                       void (*each)(void *arg, ByoStr integration, ByoSegState state, int64_t n), void *arg,
                       int64_t *inward_r)
{
    (void)s, (void)node, (void)each, (void)arg;
    *inward_r = 0;
}

void memory_op_integrations_seen(ByoStore *s, void (*each)(void *arg, const ByoIntegrationSeen *i), void *arg)
{
    (void)s, (void)each, (void)arg;
}

size_t memory_op_nodes(const ByoStore *s, ByoNode nodes[BYO_SLOTS])
{
    (void)s, (void)nodes;
    return 0;
}

void memory_op_node_policy(ByoStore *s, ByoStr policy)
{
    (void)s, (void)policy;
}

ByoTime memory_op_others(ByoStore *s, void (*each)(void *arg, const ByoChange *c), void *arg)
{
    (void)s, (void)each, (void)arg;
    return 0;
}

bool memory_op_shares(ByoStore *s, ByoRateShare *shares, size_t n)
{
    (void)s;
    for (size_t i = 0; i < n; i++)
        shares[i].share = shares[i].rate;
    return true;
}

void memory_op_leaving(ByoStore *s, ByoStr number, ByoStr recipient)
{
    (void)s, (void)number, (void)recipient;
}

void memory_op_alone(ByoStore *s)
{
    (void)s;
}

int64_t memory_op_handed_here(ByoStore *s, ByoStr integration)
{
    return memory_op_count_state(s, integration, BYO_SEG_HANDED);
}

bool memory_op_inward_release(ByoStore *s, bool named, ByoStr box, int max)
{
    (void)s, (void)named, (void)box, (void)max;
    return false;
}

int memory_op_inward_old(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                         void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    return memory_op_inward_claim(s, named, box, after, max, each, arg);
}

void memory_op_taken_of(ByoStore *s, const ByoMtLook *looks, size_t n, ByoTime since,
                        void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused),
                        void *arg)
{
    (void)s, (void)looks, (void)n, (void)since, (void)each, (void)arg;
}
