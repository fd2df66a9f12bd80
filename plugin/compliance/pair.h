/* SPDX-License-Identifier: BSD-3-Clause
 * (our number, recipient) in 16 octets: the key of opt-outs, reply limits and answers.
 * Ownership: values. Threads: values. */
#ifndef BYO_COMPLIANCE_PAIR_H
#define BYO_COMPLIANCE_PAIR_H

#include "base/clock.h"
#include "base/str.h"

typedef struct {
    uint64_t number, recipient; /* digits with a 1 in front, so that leading zeros count; never 0 */
} ByoPair;

/* Each: an optional '+', then 1..18 digits (E.164 has at most 15). False: it is not, *pair_r is zero. Recipients
 * are the same when byo_plan_key says so. */
bool byo_pair_make(ByoStr number, ByoStr recipient, ByoPair *pair_r);
uint64_t byo_pair_hash(ByoPair pair, uint64_t seed);
static inline bool byo_pair_eq(ByoPair a, ByoPair b)
{
    return a.number == b.number && a.recipient == b.recipient;
}

#endif
