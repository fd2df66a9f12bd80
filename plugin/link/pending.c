/* SPDX-License-Identifier: BSD-3-Clause
 * Which smsbox waits for the ack of which passed-through MT.
 * Ownership: the table owns its entries. Threads: the link thread. */
#include "link/link_private.h"
#include "base/hash.h"

#include <stdlib.h>
#include <strings.h>

typedef struct Waiter {
    struct Waiter *next;
    ByoConnId conn;
} Waiter;

/* All of one id: however many there are, the first is taken and the last is added at once. */
typedef struct {
    ByoHashEntry in;
    char uuid[BYO_UUID_LEN + 1];
    Waiter *first, **last;
} Entry;

struct ByoPending {
    ByoHashTable entries;
    size_t n; /* waiters */
};

ByoPending *byo_pending_create(void)
{
    return byo_zalloc(sizeof(ByoPending));
}

void byo_pending_destroy(ByoPending *p)
{
    if (!p)
        return;
    byo_pending_drain(p, 0, NULL, NULL);
    byo_hash_clear(&p->entries, NULL);
    free(p);
}

static Entry *find(const ByoPending *p, uint64_t hash, const char *uuid)
{
    Entry *e = (Entry *)byo_hash_first(&p->entries, hash);
    while (e && strcasecmp(e->uuid, uuid) != 0)
        e = (Entry *)byo_hash_next(&e->in);
    return e;
}

static void forget(ByoPending *p, Entry *e)
{
    byo_hash_remove(&p->entries, &e->in);
    free(e);
}

void byo_pending_add(ByoPending *p, const char *uuid, ByoConnId conn)
{
    uint64_t hash = byo_hash_nocase(byo_str(uuid), 0);
    Entry *e = find(p, hash, uuid);
    if (!e) {
        e = byo_zalloc(sizeof *e);
        memcpy(e->uuid, uuid, BYO_UUID_LEN);
        e->last = &e->first;
        byo_hash_add(&p->entries, &e->in, hash);
    }
    Waiter *w = byo_zalloc(sizeof *w);
    w->conn = conn;
    *e->last = w;
    e->last = &w->next;
    p->n++;
}

ByoConnId byo_pending_take(ByoPending *p, const char *uuid)
{
    Entry *e = find(p, byo_hash_nocase(byo_str(uuid), 0), uuid);
    if (!e)
        return 0;
    Waiter *w = e->first;
    ByoConnId conn = w->conn;
    e->first = w->next;
    if (!e->first)
        forget(p, e);
    free(w);
    p->n--;
    return conn;
}

size_t byo_pending_count(const ByoPending *p)
{
    return p->n;
}

static void drain_entry(ByoPending *p, Entry *e, ByoConnId conn,
                        void (*each)(void *arg, const char *uuid, ByoConnId conn), void *arg)
{
    for (Waiter **at = &e->first; *at;) {
        Waiter *w = *at;
        if (conn && w->conn != conn) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        p->n--;
        if (each)
            each(arg, e->uuid, w->conn);
        free(w);
    }
    e->last = &e->first;
    while (*e->last)
        e->last = &(*e->last)->next;
}

void byo_pending_drain(ByoPending *p, ByoConnId conn,
                       void (*each)(void *arg, const char *uuid, ByoConnId conn), void *arg)
{
    for (ByoHashEntry *at = byo_hash_after(&p->entries, NULL), *after; at; at = after) {
        Entry *e = (Entry *)at;
        after = byo_hash_after(&p->entries, at);
        drain_entry(p, e, conn, each, arg);
        if (!e->first)
            forget(p, e);
    }
}
