/* SPDX-License-Identifier: BSD-3-Clause
 * Counters of an integration as a text that outlives versions: "messages=5 failed:EXPIRED=2 submit:100=4 ...": only
 * what is not 0. A histogram's bucket is named by its upper bound in ms.
 * Decides: the names; one that is not known any more is left out when it is read.
 * Ownership and threads: values. */
#ifndef BYO_INTEGRATION_COUNTS_H
#define BYO_INTEGRATION_COUNTS_H

#include "base/counters.h"
#include "base/str.h"

void byo_counts_write(const ByoCounters *c, ByoBuf *out);
/* Adds what the text says. */
void byo_counts_read(ByoStr text, ByoCounters *c);
/* *to += more - less. */
void byo_counts_move(ByoCounters *to, const ByoCounters *more, const ByoCounters *less);

#endif
