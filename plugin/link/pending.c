/* SPDX-License-Identifier: BSD-3-Clause
 * Which smsbox waits for the ack of which passed-through MT.
 * Ownership: the table owns its entries. Threads: the link thread. */
#include "link/link_private.h"

#include <stdlib.h>
#include <strings.h>

typedef struct Waiter {
    struct Waiter *next;
    ByoConnId conn;
} Waiter;

/* All of one id: however many there are, the first is taken and the last is added at once. */
typedef struct Entry {
    struct Entry *next;
    char uuid[BYO_UUID_LEN + 1];
    Waiter *first, **last;
} Entry;

struct ByoPending {
    Entry **buckets;
    size_t size; /* a power of two */
    size_t n;    /* waiters */
    size_t ids;
};

static size_t bucket(const ByoPending *p, const char *uuid)
{
    uint64_t h = 1469598103934665603u;
    for (; *uuid; uuid++)
        h = (h ^ (unsigned char)(*uuid | 0x20)) * 1099511628211u;
    return (size_t)(h ^ (h >> 29)) & (p->size - 1);
}

ByoPending *byo_pending_create(void)
{
    ByoPending *p = byo_zalloc(sizeof *p);
    p->size = 1024;
    p->buckets = byo_zalloc(p->size * sizeof *p->buckets);
    return p;
}

void byo_pending_destroy(ByoPending *p)
{
    if (!p)
        return;
    byo_pending_drain(p, 0, NULL, NULL);
    free(p->buckets);
    free(p);
}

static void grow(ByoPending *p)
{
    Entry **old = p->buckets;
    size_t n = p->size;
    p->size *= 2;
    p->buckets = byo_zalloc(p->size * sizeof *p->buckets);
    for (size_t i = 0; i < n; i++) {
        for (Entry *e = old[i], *next; e; e = next) {
            next = e->next;
            Entry **at = &p->buckets[bucket(p, e->uuid)];
            e->next = *at;
            *at = e;
        }
    }
    free(old);
}

/* Where the entry of this id hangs, or where it would. */
static Entry **find(ByoPending *p, const char *uuid)
{
    Entry **at = &p->buckets[bucket(p, uuid)];
    while (*at && strcasecmp((*at)->uuid, uuid) != 0)
        at = &(*at)->next;
    return at;
}

static void forget(ByoPending *p, Entry **at)
{
    Entry *e = *at;
    *at = e->next;
    free(e);
    p->ids--;
}

void byo_pending_add(ByoPending *p, const char *uuid, ByoConnId conn)
{
    if (p->ids >= p->size)
        grow(p);
    Entry **at = find(p, uuid);
    if (!*at) {
        *at = byo_zalloc(sizeof **at);
        memcpy((*at)->uuid, uuid, BYO_UUID_LEN);
        (*at)->last = &(*at)->first;
        p->ids++;
    }
    Waiter *w = byo_zalloc(sizeof *w);
    w->conn = conn;
    *(*at)->last = w;
    (*at)->last = &w->next;
    p->n++;
}

ByoConnId byo_pending_take(ByoPending *p, const char *uuid)
{
    Entry **at = find(p, uuid), *e = *at;
    if (!e)
        return 0;
    Waiter *w = e->first;
    ByoConnId conn = w->conn;
    e->first = w->next;
    if (!e->first)
        forget(p, at);
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
    for (size_t i = 0; i < p->size && p->ids; i++) {
        for (Entry **at = &p->buckets[i]; *at;) {
            drain_entry(p, *at, conn, each, arg);
            if ((*at)->first)
                at = &(*at)->next;
            else
                forget(p, at);
        }
    }
}
