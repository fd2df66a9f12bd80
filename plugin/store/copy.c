/* SPDX-License-Identifier: BSD-3-Clause
 * Table by table, row by row, in one transaction of the target.
 * Threads: copy.h. */
#include "store/copy.h"

#include "store/pgsql/pgsql.h"
#include "store/sqlite/sqlite.h"
#include "store/tables.h"

const char *const byo_table_name[BYO_TABLE_COUNT] = {
#define BYO_T(name, kinds, columns) #name,
    BYO_TABLES
#undef BYO_T
};
const char *const byo_table_kinds[BYO_TABLE_COUNT] = {
#define BYO_T(name, kinds, columns) kinds,
    BYO_TABLES
#undef BYO_T
};
const char *const byo_table_columns[BYO_TABLE_COUNT] = {
#define BYO_T(name, kinds, columns) columns,
    BYO_TABLES
#undef BYO_T
};

typedef struct {
    ByoTables *from, *to;
    ByoTable table;
    int64_t rows;
    bool failed; /* the target */
} Copy;

static ByoTables *open_tables(const ByoStoreTarget *at, bool to, char **why_r)
{
    return at->kind == BYO_STORE_PGSQL ? byo_pgsql_tables(&at->pgsql, why_r)
                                       : byo_sqlite_tables(at->path, to, why_r);
}

static bool add_row(void *arg, const ByoCell *cells)
{
    Copy *c = arg;
    c->failed = !c->to->add(c->to, c->table, cells);
    c->rows++;
    return !c->failed;
}

static char *fault(const Copy *c, const ByoTables *side)
{
    return byo_printf("the table %s: %s", byo_table_name[c->table], side->error(side));
}

/* NULL: it is empty. */
static char *not_empty(ByoTables *to)
{
    for (int t = 0; t < BYO_TABLE_COUNT; t++) {
        int64_t n = to->count(to, (ByoTable)t);
        if (n < 0)
            return byo_strdup(to->error(to));
        if (n > 0)
            return byo_printf("the target already has %lld rows in the table %s; it must be empty",
                              (long long)n, byo_table_name[t]);
    }
    return NULL;
}

static char *copy_table(Copy *c)
{
    c->rows = 0;
    if (!c->from->read(c->from, c->table, add_row, c))
        return fault(c, c->failed ? c->to : c->from);
    return NULL;
}

static char *compare(Copy *c)
{
    int64_t from = c->from->count(c->from, c->table), to = c->to->count(c->to, c->table);
    if (from < 0 || to < 0)
        return fault(c, from < 0 ? c->from : c->to);
    if (from != to || from != c->rows)
        return byo_printf("the table %s: %lld rows here, %lld copied, %lld there", byo_table_name[c->table],
                          (long long)from, (long long)c->rows, (long long)to);
    return NULL;
}

static char *copy_all(Copy *c, void (*each)(void *arg, const char *table, int64_t rows), void *arg)
{
    char *why = not_empty(c->to);
    if (!why && !c->to->begin(c->to))
        why = byo_strdup(c->to->error(c->to));
    for (int t = 0; !why && t < BYO_TABLE_COUNT; t++) {
        c->table = (ByoTable)t;
        why = copy_table(c);
        if (!why && !(why = compare(c)))
            each(arg, byo_table_name[t], c->rows);
    }
    if (!why && !c->to->commit(c->to))
        why = byo_strdup(c->to->error(c->to));
    return why;
}

bool byo_store_copy(const ByoStoreTarget *from, const ByoStoreTarget *to,
                    void (*each)(void *arg, const char *table, int64_t rows), void *arg, char **why_r)
{
    Copy c = {.from = open_tables(from, false, why_r)};
    if (!c.from)
        return false;
    c.to = open_tables(to, true, why_r);
    if (c.to) {
        *why_r = copy_all(&c, each, arg);
        c.to->close(c.to);
    }
    c.from->close(c.from);
    return !*why_r;
}
