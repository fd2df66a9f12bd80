/* SPDX-License-Identifier: BSD-3-Clause
 * Who has opted out of what (spec K4, K5): the pairs (our number, recipient) in memory, made again from
 * the store at start. Recipients are compared by byo_plan_key: both forms of a Mexican, Argentine or Brazilian
 * mobile are one. 16 octets a pair, at most 30 with the table's free room.
 * Ownership: the set owns its table. Threads: one owner thread; no locks. */
#ifndef BYO_COMPLIANCE_OPT_OUT_H
#define BYO_COMPLIANCE_OPT_OUT_H

#include "compliance/pair.h"
#include "encoding/address.h"

typedef struct ByoOptOuts ByoOptOuts;

/* seed: any number; differs between processes so that nobody can choose colliding pairs. */
ByoOptOuts *byo_optouts_create(uint64_t seed);
/* Room for n pairs, so that loading them moves nothing. */
void byo_optouts_reserve(ByoOptOuts *o, size_t n);

/* number: digits of ours; recipient: E.164 with or without '+'. Every one of them says the same of
 * +12025550100 and 12025550100. add: false when it was there already; remove: false when it was not.
 * A text byo_pair_make does not take is never in the set. */
bool byo_optouts_add(ByoOptOuts *o, ByoStr number, ByoStr recipient);
bool byo_optouts_remove(ByoOptOuts *o, ByoStr number, ByoStr recipient);
bool byo_optouts_has(const ByoOptOuts *o, ByoStr number, ByoStr recipient);
size_t byo_optouts_count(const ByoOptOuts *o);
size_t byo_optouts_bytes(const ByoOptOuts *o); /* of memory */
void byo_optouts_destroy(ByoOptOuts *o);

/* An opt-out added or lifted by hand; number and recipient as typed. */
typedef struct {
    ByoStr number, recipient;
    bool out; /* false: lifted */
    ByoStr who, reason;
} ByoOptRequest;
typedef struct {
    char number[BYO_ADDRESS_MAX];    /* digits; "": what was typed is no number */
    char recipient[BYO_ADDRESS_MAX]; /* E.164 with '+'; "": what was typed is no phone */
    bool changed;
} ByoOptDone;

#endif
