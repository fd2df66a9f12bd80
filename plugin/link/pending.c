/* SPDX-License-Identifier: BSD-3-Clause
 * Which smsbox waits for the ack of which passed-through MT.
 * Ownership: the table owns its entries. Threads: the link thread. */
#include "link/link_private.h"

#include <stdlib.h>
#include <strings.h>

typedef struct Entry {
    struct Entry *next;
    char uuid[BYO_UUID_LEN + 1];
    ByoConnId conn;
} Entry;

struct ByoPending {
    Entry **buckets;
    size_t size; /* a power of two */
    size_t n;
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
            while (*at)
                at = &(*at)->next; /* keeps the order of one id */
            e->next = NULL;
            *at = e;
        }
    }
    free(old);
}

void byo_pending_add(ByoPending *p, const char *uuid, ByoConnId conn)
{
    if (p->n >= p->size)
        grow(p);
    Entry *e = byo_zalloc(sizeof *e);
    memcpy(e->uuid, uuid, BYO_UUID_LEN);
    e->conn = conn;
    Entry **at = &p->buckets[bucket(p, uuid)];
    while (*at)
        at = &(*at)->next;
    *at = e;
    p->n++;
}

ByoConnId byo_pending_take(ByoPending *p, const char *uuid)
{
    for (Entry **at = &p->buckets[bucket(p, uuid)]; *at; at = &(*at)->next) {
        if (strcasecmp((*at)->uuid, uuid) != 0)
            continue;
        Entry *e = *at;
        ByoConnId conn = e->conn;
        *at = e->next;
        free(e);
        p->n--;
        return conn;
    }
    return 0;
}

size_t byo_pending_count(const ByoPending *p)
{
    return p->n;
}

void byo_pending_drain(ByoPending *p, ByoConnId conn,
                       void (*each)(void *arg, const char *uuid, ByoConnId conn), void *arg)
{
    for (size_t i = 0; i < p->size && p->n; i++) {
        for (Entry **at = &p->buckets[i]; *at;) {
            Entry *e = *at;
            if (conn && e->conn != conn) {
                at = &e->next;
                continue;
            }
            *at = e->next;
            p->n--;
            if (each)
                each(arg, e->uuid, e->conn);
            free(e);
        }
    }
}
