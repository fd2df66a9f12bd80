/* SPDX-License-Identifier: BSD-3-Clause
 * Moving a store from one implementation to another, while nobody uses either.
 * Decides: that the target is empty, and that afterwards both have the same number of rows in every table. Everything is
 * written in one transaction: a copy that fails leaves the target as empty as it was.
 * Threads: any; it blocks. */
#ifndef BYO_STORE_COPY_H
#define BYO_STORE_COPY_H

#include "store/store.h"

/* False: *why_r is a sentence the caller frees. each: how many rows of a table were copied, when both agree on it. */
bool byo_store_copy(const ByoStoreTarget *from, const ByoStoreTarget *to,
                    void (*each)(void *arg, const char *table, int64_t rows), void *arg, char **why_r);

#endif
