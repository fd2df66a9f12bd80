/* SPDX-License-Identifier: BSD-3-Clause
 * A hash of our numbers under a read-write lock.
 * Ownership and threads: inventory.h. */
#include "flow/inventory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Slot {
    struct Slot *next;
    ByoInventoryEntry entry;
} Slot;

struct ByoInventory {
    pthread_rwlock_t lock; /* writers: the flow thread; readers: the link thread */
    Slot **buckets;
    size_t size, n;
    char ids[BYO_INTEGRATIONS_MAX][BYO_ID_MAX + 1];
    size_t n_ids;
    bool refuse_unlisted;
};

static size_t hash(const ByoInventory *inv, const char *digits)
{
    uint64_t h = 1469598103934665603u;
    for (; *digits; digits++)
        h = (h ^ (unsigned char)*digits) * 1099511628211u;
    return (size_t)(h ^ (h >> 31)) & (inv->size - 1);
}

ByoInventory *byo_inventory_create(void)
{
    ByoInventory *inv = byo_zalloc(sizeof *inv);
    pthread_rwlock_init(&inv->lock, NULL);
    inv->size = 256;
    inv->buckets = byo_zalloc(inv->size * sizeof *inv->buckets);
    return inv;
}

static void slot_free(Slot *s)
{
    byo_matcher_destroy(s->entry.own);
    free(s);
}

void byo_inventory_destroy(ByoInventory *inv)
{
    if (!inv)
        return;
    for (size_t i = 0; i < inv->size; i++) {
        for (Slot *s = inv->buckets[i], *next; s; s = next) {
            next = s->next;
            slot_free(s);
        }
    }
    free(inv->buckets);
    pthread_rwlock_destroy(&inv->lock);
    free(inv);
}

static Slot **find_slot(const ByoInventory *inv, const char *digits)
{
    Slot **at = &inv->buckets[hash(inv, digits)];
    while (*at && strcmp((*at)->entry.digits, digits) != 0)
        at = &(*at)->next;
    return at;
}

static void grow(ByoInventory *inv)
{
    size_t n = inv->size;
    Slot **old = inv->buckets;
    inv->size *= 4;
    inv->buckets = byo_zalloc(inv->size * sizeof *inv->buckets);
    for (size_t i = 0; i < n; i++) {
        for (Slot *s = old[i], *next; s; s = next) {
            next = s->next;
            Slot **at = &inv->buckets[hash(inv, s->entry.digits)];
            s->next = *at;
            *at = s;
        }
    }
    free(old);
}

void byo_inventory_put(ByoInventory *inv, const ByoNumber *number, ByoMatcher *own, int64_t since)
{
    Slot *s = byo_zalloc(sizeof *s);
    memcpy(s->entry.digits, number->digits, sizeof s->entry.digits);
    memcpy(s->entry.integration, number->integration, sizeof s->entry.integration);
    s->entry.short_code = number->type == BYO_NUMBER_SHORT_CODE;
    s->entry.own = own;
    s->entry.since = since;
    pthread_rwlock_wrlock(&inv->lock);
    if (inv->n >= inv->size)
        grow(inv);
    Slot **at = find_slot(inv, s->entry.digits);
    Slot *old = *at;
    if (old)
        s->next = old->next;
    else
        inv->n++;
    *at = s;
    pthread_rwlock_unlock(&inv->lock);
    if (old)
        slot_free(old);
}

bool byo_inventory_remove(ByoInventory *inv, const char *digits)
{
    pthread_rwlock_wrlock(&inv->lock);
    Slot **at = find_slot(inv, digits);
    Slot *s = *at;
    if (s) {
        *at = s->next;
        inv->n--;
    }
    pthread_rwlock_unlock(&inv->lock);
    if (s)
        slot_free(s);
    return s != NULL;
}

const ByoInventoryEntry *byo_inventory_find(const ByoInventory *inv, ByoStr typed)
{
    char digits[BYO_ADDRESS_MAX];
    if (!byo_address_digits(typed, digits))
        return NULL;
    Slot *s = *find_slot(inv, digits);
    return s ? &s->entry : NULL;
}

size_t byo_inventory_count(ByoInventory *inv)
{
    pthread_rwlock_rdlock(&inv->lock);
    size_t n = inv->n;
    pthread_rwlock_unlock(&inv->lock);
    return n;
}

void byo_inventory_set_ids(ByoInventory *inv, const char *const *ids, size_t n, bool refuse_unlisted)
{
    pthread_rwlock_wrlock(&inv->lock);
    inv->n_ids = n < BYO_INTEGRATIONS_MAX ? n : BYO_INTEGRATIONS_MAX;
    for (size_t i = 0; i < inv->n_ids; i++)
        snprintf(inv->ids[i], sizeof inv->ids[i], "%s", ids[i]);
    inv->refuse_unlisted = refuse_unlisted;
    pthread_rwlock_unlock(&inv->lock);
}

ByoRoute byo_inventory_route(void *arg, const ByoSms *sms, bool from_bearerbox)
{
    ByoInventory *inv = arg;
    /* A report on a smsbox's own link answers what passed through: never ours. */
    if (from_bearerbox && (sms->sms_type == BYO_REPORT_MO || sms->sms_type == BYO_REPORT_MT))
        return BYO_ROUTE_PASS;
    pthread_rwlock_rdlock(&inv->lock);
    bool ours = !from_bearerbox && inv->refuse_unlisted;
    for (size_t i = 0; !ours && i < inv->n_ids; i++)
        ours = byo_str_is(sms->smsc_id, inv->ids[i]);
    if (!ours)
        ours = byo_inventory_find(inv, from_bearerbox ? sms->receiver : sms->sender) != NULL;
    pthread_rwlock_unlock(&inv->lock);
    return ours ? BYO_ROUTE_OURS : BYO_ROUTE_PASS;
}
