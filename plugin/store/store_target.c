/* SPDX-License-Identifier: BSD-3-Clause
 * Where a store is: copied, compared, named for people.
 * Threads: values. */
#include "store/store.h"

#include <stdlib.h>

#include "store/pgsql/pgsql.h"

ByoStoreTarget byo_store_target_copy(const ByoStoreTarget *at)
{
    ByoStoreTarget copy = {.kind = at->kind};
    if (at->kind == BYO_STORE_PGSQL)
        copy.pgsql = byo_pg_target_copy(&at->pgsql);
    else
        copy.path = byo_strdup(at->path);
    return copy;
}

void byo_store_target_free(ByoStoreTarget *at)
{
    if (at->kind == BYO_STORE_PGSQL)
        byo_pg_target_free(&at->pgsql);
    free((char *)at->path);
    *at = (ByoStoreTarget){0};
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool byo_store_target_same(const ByoStoreTarget *a, const ByoStoreTarget *b)
{
    const ByoPgTarget *x = &a->pgsql, *y = &b->pgsql;
    if (a->kind != b->kind)
        return false;
    if (a->kind != BYO_STORE_PGSQL)
        return same(a->path, b->path);
    return same(x->host, y->host) && same(x->port, y->port) && same(x->username, y->username) &&
           same(x->password, y->password) && same(x->database, y->database) && same(x->sslmode, y->sslmode) &&
           same(x->node, y->node) && x->connect_timeout == y->connect_timeout;
}

char *byo_store_place(const ByoStoreTarget *at)
{
    return at->kind == BYO_STORE_PGSQL ? byo_pg_place(&at->pgsql) : byo_strdup(at->path);
}
