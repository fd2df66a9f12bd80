/* SPDX-License-Identifier: BSD-3-Clause
 * Which number belongs to which integration, in memory (spec N1, N6), and from that the router's answer
 * to the link room: ours or not.
 * Ownership: the inventory owns its entries; an entry lives until the turn in which its number is put again or
 * removed is kept.
 * Threads: changed by the flow thread only; byo_inventory_route may be called from any thread. What a turn changes is
 * the flow thread's at once, and the others' when it is kept. */
#ifndef BYO_FLOW_INVENTORY_H
#define BYO_FLOW_INVENTORY_H

#include "base/traffic.h"
#include "base/undo.h"
#include "compliance/keyword.h"
#include "compliance/number.h"
#include "compliance/reading.h"
#include "integration/integration.h"

typedef struct ByoInventory ByoInventory;

typedef struct {
    char digits[BYO_ADDRESS_MAX];
    char integration[BYO_ID_MAX + 1];
    bool short_code;
    int64_t since;   /* messages with ids up to this are of an earlier life of the number */
    ByoHome home;    /* bare digits of whom it talks with are read against it */
    ByoMatcher *own; /* NULL: the standard set alone */
} ByoInventoryEntry;

ByoInventory *byo_inventory_create(void);
void byo_inventory_destroy(ByoInventory *inv);
/* own is taken over (NULL for none). */
void byo_inventory_put(ByoInventory *inv, ByoUndo *u, const ByoNumber *number, ByoMatcher *own,
                       int64_t since);
bool byo_inventory_remove(ByoInventory *inv, ByoUndo *u, const char *digits);
/* Flow thread only. typed: any spelling: E.164 with or without '+', another form of the phone (byo_plan_forms),
 * or a national form that only one of our numbers has. NULL: not in the inventory. */
const ByoInventoryEntry *byo_inventory_find(const ByoInventory *inv, ByoStr typed);
/* The destination of an MO that came over an integration: of a national form that several numbers have, the one of
 * this integration, then the one of this country is meant. smsc_id and home may be absent. */
const ByoInventoryEntry *byo_inventory_called(const ByoInventory *inv, ByoStr typed, ByoStr smsc_id,
                                              const ByoHome *home);
size_t byo_inventory_count(ByoInventory *inv);

/* The ids of all integrations, and whether senders of none are refused. */
void byo_inventory_set_ids(ByoInventory *inv, const char *const *ids, size_t n, bool refuse_unlisted);
/* ByoLinkOptions.route; arg is the inventory. */
ByoRoute byo_inventory_route(void *arg, const ByoSms *sms, bool from_bearerbox);
/* An MO is ours, as this turn has the inventory. Flow thread only. */
bool byo_inventory_ours(ByoInventory *inv, const ByoSms *mo);

#endif
