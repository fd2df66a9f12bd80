/* SPDX-License-Identifier: BSD-3-Clause
 * A hash of our numbers under a read-write lock.
 * Ownership and threads: inventory.h. */
#include "flow/inventory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "compliance/plan.h"

/* Another spelling of a number. */
typedef struct {
    ByoHashEntry in;
    const struct Slot *slot;
    char digits[BYO_ADDRESS_MAX];
    bool national; /* else international, another form of the phone */
} Alias;

enum { ALIASES = BYO_PLAN_FORMS - 1 + BYO_PLAN_FORMS * BYO_READ_NATIONAL };

/* Who finds a slot: between a change and its commit the flow thread finds the new one, the others the old one. */
enum { FLOW = 1, OTHERS = 2 };

typedef struct Slot {
    ByoHashEntry in;
    unsigned found_by;
    ByoInventoryEntry entry;
    Alias aliases[ALIASES];
    int n_aliases;
} Slot;

struct ByoInventory {
    pthread_rwlock_t lock; /* writers: the flow thread; readers: the link thread */
    ByoHashTable slots, aliases;
    size_t n; /* of those the flow thread finds */
    char ids[BYO_INTEGRATIONS_MAX][BYO_ID_MAX + 1];
    size_t n_ids;
    bool refuse_unlisted;
};

static uint64_t hash(const char *digits)
{
    return byo_hash(byo_str(digits), 0);
}

ByoInventory *byo_inventory_create(void)
{
    ByoInventory *inv = byo_zalloc(sizeof *inv);
    pthread_rwlock_init(&inv->lock, NULL);
    return inv;
}

static void slot_free(void *slot)
{
    Slot *s = slot;
    byo_matcher_destroy(s->entry.own);
    free(s);
}

void byo_inventory_destroy(ByoInventory *inv)
{
    if (!inv)
        return;
    byo_hash_clear(&inv->slots, slot_free);
    byo_hash_clear(&inv->aliases, NULL);
    pthread_rwlock_destroy(&inv->lock);
    free(inv);
}

static Slot *find_slot(const ByoInventory *inv, const char *digits, unsigned who)
{
    Slot *s = (Slot *)byo_hash_first(&inv->slots, hash(digits));
    while (s && (!(s->found_by & who) || strcmp(s->entry.digits, digits) != 0))
        s = (Slot *)byo_hash_next(&s->in);
    return s;
}

static void add_alias(Slot *s, const char *digits, bool national)
{
    for (int i = 0; i < s->n_aliases; i++)
        if (strcmp(s->aliases[i].digits, digits) == 0)
            return;
    if (strcmp(digits, s->entry.digits) == 0)
        return;
    Alias *a = &s->aliases[s->n_aliases++];
    *a = (Alias){.slot = s, .national = national};
    strcpy(a->digits, digits);
}

static void make_aliases(Slot *s)
{
    ByoPlanForms forms;
    char national[BYO_READ_NATIONAL][BYO_ADDRESS_MAX];

    if (s->entry.short_code)
        return;
    byo_plan_forms(s->entry.digits, &forms);
    for (int i = 1; i < forms.n; i++)
        add_alias(s, forms.digits[i], false);
    /* A phone with two forms has them in its country, too. */
    for (int k = 0; k < forms.n; k++) {
        int n = byo_plan_has_trunk_zero(forms.digits[k])
                    ? 0
                    : byo_read_national(forms.digits[k], &s->entry.home, national);
        for (int i = 0; i < n; i++)
            add_alias(s, national[i], true);
    }
}

static void link_slot(ByoInventory *inv, Slot *s)
{
    byo_hash_add(&inv->slots, &s->in, hash(s->entry.digits));
    for (int i = 0; i < s->n_aliases; i++)
        byo_hash_add(&inv->aliases, &s->aliases[i].in, hash(s->aliases[i].digits));
}

static void unlink_slot(ByoInventory *inv, Slot *s)
{
    byo_hash_remove(&inv->slots, &s->in);
    for (int i = 0; i < s->n_aliases; i++)
        byo_hash_remove(&inv->aliases, &s->aliases[i].in);
}

/* One entry in place of another; either may be NULL. */
typedef struct {
    Slot *was, *is;
} Change;

static void take_back(void *inventory, const void *args)
{
    ByoInventory *inv = inventory;
    const Change *c = args;
    pthread_rwlock_wrlock(&inv->lock);
    if (c->is)
        unlink_slot(inv, c->is);
    if (c->was)
        c->was->found_by |= FLOW;
    inv->n = inv->n + (c->was != NULL) - (c->is != NULL);
    pthread_rwlock_unlock(&inv->lock);
    if (c->is)
        slot_free(c->is);
}

static void tell_others(void *inventory, const void *args)
{
    ByoInventory *inv = inventory;
    const Change *c = args;
    pthread_rwlock_wrlock(&inv->lock);
    if (c->is)
        c->is->found_by |= OTHERS;
    if (c->was)
        unlink_slot(inv, c->was);
    pthread_rwlock_unlock(&inv->lock);
    if (c->was)
        slot_free(c->was);
}

static void change(ByoInventory *inv, ByoUndo *u, const Change *c)
{
    pthread_rwlock_wrlock(&inv->lock);
    if (c->was)
        c->was->found_by &= ~(unsigned)FLOW;
    if (c->is)
        link_slot(inv, c->is);
    inv->n = inv->n + (c->is != NULL) - (c->was != NULL);
    pthread_rwlock_unlock(&inv->lock);
    byo_undo_add(u, take_back, inv, c, sizeof *c);
    byo_undo_then(u, tell_others, inv, c, sizeof *c);
}

void byo_inventory_put(ByoInventory *inv, ByoUndo *u, const ByoNumber *number, ByoMatcher *own, int64_t since)
{
    Slot *s = byo_zalloc(sizeof *s);
    s->found_by = FLOW;
    memcpy(s->entry.digits, number->digits, sizeof s->entry.digits);
    memcpy(s->entry.integration, number->integration, sizeof s->entry.integration);
    s->entry.short_code = number->type == BYO_NUMBER_SHORT_CODE;
    s->entry.own = own;
    s->entry.since = since;
    byo_home_of(s->entry.digits, s->entry.short_code, number->country, &s->entry.home);
    make_aliases(s);
    Change c = {find_slot(inv, s->entry.digits, FLOW), s};
    change(inv, u, &c);
}

bool byo_inventory_remove(ByoInventory *inv, ByoUndo *u, const char *digits)
{
    Change c = {find_slot(inv, digits, FLOW), NULL};
    if (c.was)
        change(inv, u, &c);
    return c.was != NULL;
}

static const ByoInventoryEntry *exact(const ByoInventory *inv, const ByoWritten *w, unsigned who)
{
    Slot *s = find_slot(inv, w->digits, who);
    return s ? &s->entry : NULL;
}

/* How well an alias fits what is known of the call. */
static int fit(const Alias *a, ByoStr smsc_id, const ByoHome *home)
{
    const ByoInventoryEntry *e = &a->slot->entry;
    return (byo_str_is(smsc_id, e->integration) ? 2 : 0) +
           (home && home->country[0] && strcmp(home->country, e->home.country) == 0 ? 1 : 0);
}

/* The one that fits best; NULL when two fit alike. */
static const ByoInventoryEntry *by_alias(const ByoInventory *inv, const ByoWritten *w, unsigned who,
                                         ByoStr smsc_id, const ByoHome *home)
{
    const ByoInventoryEntry *found = NULL;
    int best = -1;
    for (const Alias *a = (Alias *)byo_hash_first(&inv->aliases, hash(w->digits)); a;
         a = (Alias *)byo_hash_next(&a->in)) {
        if (!(a->slot->found_by & who) || strcmp(a->digits, w->digits) != 0 ||
            (a->national && w->international))
            continue;
        int fits = a->national ? fit(a, smsc_id, home) : 4;
        if (fits > best)
            found = &a->slot->entry;
        else if (fits == best)
            found = NULL;
        best = fits > best ? fits : best;
    }
    return found;
}

const ByoInventoryEntry *byo_inventory_called(const ByoInventory *inv, ByoStr typed, ByoStr smsc_id,
                                              const ByoHome *home)
{
    ByoWritten w;
    if (!byo_address_written(typed, BYO_MANNER_PEOPLE, &w))
        return NULL;
    const ByoInventoryEntry *e = exact(inv, &w, FLOW);
    return e ? e : by_alias(inv, &w, FLOW, smsc_id, home);
}

const ByoInventoryEntry *byo_inventory_find(const ByoInventory *inv, ByoStr typed)
{
    return byo_inventory_called(inv, typed, BYO_STR_NONE, NULL);
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

static ByoRoute route(ByoInventory *inv, const ByoSms *sms, bool from_bearerbox, unsigned who)
{
    /* A report on a smsbox's own link answers what passed through: never ours. */
    if (from_bearerbox && (sms->sms_type == BYO_REPORT_MO || sms->sms_type == BYO_REPORT_MT))
        return BYO_ROUTE_PASS;
    pthread_rwlock_rdlock(&inv->lock);
    bool ours = !from_bearerbox && inv->refuse_unlisted;
    for (size_t i = 0; !ours && i < inv->n_ids; i++)
        ours = byo_str_is(sms->smsc_id, inv->ids[i]);
    /* Over a link of nobody's a national form may be anybody's. */
    ByoWritten w;
    if (!ours && byo_address_written(from_bearerbox ? sms->receiver : sms->sender, BYO_MANNER_PEOPLE, &w))
        ours = exact(inv, &w, who) || (!from_bearerbox && by_alias(inv, &w, who, BYO_STR_NONE, NULL));
    pthread_rwlock_unlock(&inv->lock);
    return ours ? BYO_ROUTE_OURS : BYO_ROUTE_PASS;
}

ByoRoute byo_inventory_route(void *arg, const ByoSms *sms, bool from_bearerbox)
{
    return route(arg, sms, from_bearerbox, OTHERS);
}

bool byo_inventory_ours(ByoInventory *inv, const ByoSms *mo)
{
    return route(inv, mo, true, FLOW) == BYO_ROUTE_OURS;
}
