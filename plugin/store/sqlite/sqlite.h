/* SPDX-License-Identifier: BSD-3-Clause
 * A store in a file of SQLite's. Threads: any, one for each ByoStore. */
#ifndef BYO_STORE_SQLITE_SQLITE_H
#define BYO_STORE_SQLITE_SQLITE_H

#include "store/store.h"

/* As byo_store_open (a writer) and byo_store_open_reader. */
ByoStore *byo_sqlite_open(const char *path, bool writer, ByoStoreResult *result_r, char **why_r);
/* The tables as stores exchange them (store/tables.h), made if need be when something is to go there. NULL: *why_r is a
 * sentence the caller frees. */
struct ByoTables *byo_sqlite_tables(const char *path, bool to, char **why_r);
extern const int byo_sqlite_schema_version;

#endif
