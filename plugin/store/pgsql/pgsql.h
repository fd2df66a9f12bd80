/* SPDX-License-Identifier: BSD-3-Clause
 * A store in a database of PostgreSQL's. Threads: any, one for each ByoStore. */
#ifndef BYO_STORE_PGSQL_PGSQL_H
#define BYO_STORE_PGSQL_PGSQL_H

#include "store/store.h"

/* As byo_store_open (a writer) and byo_store_open_reader. */
ByoStore *byo_pgsql_open(const ByoPgTarget *at, bool writer, ByoStoreResult *result_r, char **why_r);
/* The tables as stores exchange them (store/tables.h); NULL: *why_r is a sentence the caller frees. */
struct ByoTables *byo_pgsql_tables(const ByoPgTarget *at, char **why_r);

ByoPgTarget byo_pg_target_copy(const ByoPgTarget *at);
void byo_pg_target_free(ByoPgTarget *at);
/* "host:port/database", for sentences. The caller frees it. */
char *byo_pg_place(const ByoPgTarget *at);
extern const int byo_pgsql_schema_version;

#endif
