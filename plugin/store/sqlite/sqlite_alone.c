/* SPDX-License-Identifier: BSD-3-Clause
 * What the contract says of other writers: a file has one.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

int byo_sqlite_slot(const ByoStore *s)
{
    (void)s;
    return -1;
}

ByoTime byo_sqlite_lease(const ByoStore *s)
{
    (void)s;
    return 0;
}

bool byo_sqlite_share_more(ByoStore *s, ByoRateShare *shares, size_t n)
{
    (void)s, (void)shares, (void)n;
    return false;
}

bool byo_sqlite_queue_give_rest(ByoStore *s, const ByoStr *ours, size_t n)
{
    (void)s, (void)ours, (void)n;
    return false;
}

void byo_sqlite_receipt_leave(ByoStore *s, const ByoForeign *of, ByoStr integration, ByoStr foreign_id,
                              ByoStr frame, ByoTime now)
{
    (void)s, (void)of, (void)integration, (void)foreign_id, (void)frame, (void)now;
}

bool byo_sqlite_queue_give(ByoStore *s, ByoStr integration)
{
    (void)s, (void)integration;
    return false;
}

const char *byo_sqlite_node(const ByoStore *s)
{
    (void)s;
    return "";
}

void byo_sqlite_left_at(ByoStore *s, ByoStr node,
                        void (*each)(void *arg, ByoStr integration, ByoSegState state, int64_t n), void *arg,
                        int64_t *inward_r)
{
    (void)s, (void)node, (void)each, (void)arg;
    *inward_r = 0;
}

void byo_sqlite_integrations_seen(ByoStore *s, void (*each)(void *arg, const ByoIntegrationSeen *i),
                                  void *arg)
{
    (void)s, (void)each, (void)arg;
}

size_t byo_sqlite_nodes(const ByoStore *s, ByoNode nodes[BYO_SLOTS])
{
    (void)s, (void)nodes;
    return 0;
}

void byo_sqlite_node_policy(ByoStore *s, ByoStr policy)
{
    (void)s, (void)policy;
}

ByoTime byo_sqlite_others(ByoStore *s, void (*each)(void *arg, const ByoChange *c), void *arg)
{
    (void)s, (void)each, (void)arg;
    return 0;
}

bool byo_sqlite_shares(ByoStore *s, ByoRateShare *shares, size_t n)
{
    (void)s;
    for (size_t i = 0; i < n; i++)
        shares[i].share = shares[i].rate;
    return true;
}

void byo_sqlite_leaving(ByoStore *s, ByoStr number, ByoStr recipient)
{
    (void)s, (void)number, (void)recipient;
}

void byo_sqlite_alone(ByoStore *s)
{
    (void)s;
}

int64_t byo_sqlite_handed_here(ByoStore *s, ByoStr integration)
{
    return byo_sqlite_count_state(s, integration, BYO_SEG_HANDED);
}

bool byo_sqlite_inward_release(ByoStore *s, bool named, ByoStr box, int max)
{
    (void)s, (void)named, (void)box, (void)max;
    return false;
}

int byo_sqlite_inward_old(ByoStore *s, bool named, ByoStr box, ByoId after, int max,
                          void (*each)(void *arg, const ByoInwardRow *row), void *arg)
{
    return byo_sqlite_inward_claim(s, named, box, after, max, each, arg);
}

void byo_sqlite_taken_of(ByoStore *s, const ByoMtLook *looks, size_t n, ByoTime since,
                         void (*each)(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused),
                         void *arg)
{
    (void)s, (void)looks, (void)n, (void)since, (void)each, (void)arg;
}
