/* SPDX-License-Identifier: BSD-3-Clause
 * Which implementation a store has, and what needs none. The only place that names them.
 * Threads: any. */
#include "store/store.h"

#include "store/pgsql/pgsql.h"
#include "store/sqlite/sqlite.h"

static ByoStore *open_kind(const ByoStoreTarget *at, bool writer, ByoStoreResult *result_r, char **why_r)
{
    return at->kind == BYO_STORE_PGSQL ? byo_pgsql_open(&at->pgsql, writer, result_r, why_r)
                                       : byo_sqlite_open(at->path, writer, result_r, why_r);
}

ByoStore *byo_store_open(const ByoStoreTarget *at, ByoStoreResult *result_r, char **why_r)
{
    return open_kind(at, true, result_r, why_r);
}

ByoStore *byo_store_open_reader(const ByoStoreTarget *at, ByoStoreResult *result_r, char **why_r)
{
    return open_kind(at, false, result_r, why_r);
}

int byo_store_schema_version(const ByoStoreTarget *at)
{
    return at->kind == BYO_STORE_PGSQL ? byo_pgsql_schema_version : byo_sqlite_schema_version;
}

const char *byo_store_result_text(ByoStoreResult r)
{
    static const char *const text[] = {
        [BYO_STORE_OK] = "done",
        [BYO_STORE_NONE] = "no such row",
        [BYO_STORE_FULL] = "the disk is full",
        [BYO_STORE_READONLY] = "the store cannot be written",
        [BYO_STORE_IO] = "input/output error",
        [BYO_STORE_CORRUPT] = "the store is damaged or is none",
        [BYO_STORE_NEWER] = "the store was written by a newer byobox",
        [BYO_STORE_CONFLICT] = "such a row is there already",
        [BYO_STORE_AGAIN] = "another writer was in the way",
        [BYO_STORE_UNKNOWN] = "it is not known whether it was kept",
    };
    return r >= 0 && r < sizeof text / sizeof *text ? text[r] : "unknown";
}
