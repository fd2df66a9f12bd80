/* SPDX-License-Identifier: BSD-3-Clause
 * A store in a database of PostgreSQL's. Threads: any, one for each ByoStore. */
#ifndef BYO_STORE_PGSQL_PGSQL_H
#define BYO_STORE_PGSQL_PGSQL_H

#include "store/store.h"

/* As byo_store_open (a writer) and byo_store_open_reader. */
ByoStore *byo_pgsql_open(const ByoPgTarget *at, bool writer, ByoStoreResult *result_r, char **why_r);
extern const int byo_pgsql_schema_version;

#endif
