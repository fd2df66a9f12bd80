/* SPDX-License-Identifier: BSD-3-Clause
 * Rows and names of an advanced configuration that are right by form and hardly meant (field S9, S12).
 * Decides: which row of the error map can never match at this bearerbox, which one contradicts itself, which
 * charset a name people write stands for. Only warnings: what is written counts.
 * Ownership: none kept. Threads: values. */
#ifndef BYO_INTEGRATION_ODD_ROWS_H
#define BYO_INTEGRATION_ODD_ROWS_H

#include "base/json.h"
#include "integration/error_map.h"

/* entry: the row's place; key: its normalised code; features: BYO_FEATURE_ bits of this bearerbox. */
void byo_odd_row(const ByoJsonAt *entry, ByoMapScope scope, const char *key, ByoCode code, const char *cause,
                 unsigned features);

/* The charset of ours that people mean by this name ("UCS-2": UTF-16BE), NULL: none; letter case, blanks, '-'
 * and '_' make no difference. */
const char *byo_charset_meant(ByoStr name);

#endif
