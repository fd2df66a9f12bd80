/* SPDX-License-Identifier: BSD-3-Clause
 * Values of the statements of the store on PostgreSQL, one by one and whole rows, how libpq takes them, and what comes back.
 * Texts: what byobox itself words (ids of integrations, states, digits of our numbers) is text, ordered by its octets; what
 * a stranger wrote is bytea, for PostgreSQL's text can hold neither a NUL nor broken UTF-8.
 * Ownership: a value points into what its maker has. Threads: any, each with its own. */
#ifndef BYO_STORE_PGSQL_VALUE_H
#define BYO_STORE_PGSQL_VALUE_H

#include <libpq-fe.h>

#include "store/store.h"

/* NULL among the numbers of an array. */
#define BYO_PG_NO_INT INT64_MIN

/* A value of a statement: $1, $2, ... in their order. */
typedef struct {
    enum {
        BYO_PG_INT,    /* any of PostgreSQL's integers */
        BYO_PG_TEXT,   /* byobox's own words */
        BYO_PG_OCTETS, /* a stranger's */
        BYO_PG_INTS,
        BYO_PG_XIDS,  /* numbers of transactions, 32 bits */
        BYO_PG_TEXTS, /* absent ones are NULL */
        BYO_PG_OCTETSS,
        BYO_PG_RECORDS /* rows of a table: byo_pg_records */
    } kind;
    bool null; /* of this kind, so that the statement knows its type whatever comes first */
    int64_t number;
    ByoStr text;
    const int64_t *numbers;
    const ByoStr *texts;
    Oid row_type;
    size_t n;
} ByoPgValue;

#define PG_NULL(of) ((ByoPgValue){.kind = (of), .null = true})
#define PG_INT(v) ((ByoPgValue){.kind = BYO_PG_INT, .number = (v)})
/* NULL where v is below 0: a code there is none of. */
#define PG_INT_OPT(v) byo_pg_int_opt(v)
/* An absent text is empty; with _OPT an empty one is NULL. */
#define PG_TEXT(v) ((ByoPgValue){.kind = BYO_PG_TEXT, .text = (v)})
#define PG_TEXT_OPT(v) byo_pg_opt(BYO_PG_TEXT, v)
#define PG_OCTETS(v) ((ByoPgValue){.kind = BYO_PG_OCTETS, .text = (v)})
#define PG_OCTETS_OPT(v) byo_pg_opt(BYO_PG_OCTETS, v)
/* Arrays, which must live until the call returns. */
#define PG_INTS(v, count) ((ByoPgValue){.kind = BYO_PG_INTS, .numbers = (v), .n = (count)})
#define PG_XIDS(v, count) ((ByoPgValue){.kind = BYO_PG_XIDS, .numbers = (v), .n = (count)})
#define PG_TEXTS(v, count) ((ByoPgValue){.kind = BYO_PG_TEXTS, .texts = (v), .n = (count)})
#define PG_OCTETSS(v, count) ((ByoPgValue){.kind = BYO_PG_OCTETSS, .texts = (v), .n = (count)})
/* Four columns: code, cause, description, carrier_code. */
#define PG_VERDICT(v) \
    PG_INT_OPT((v)->code), PG_TEXT_OPT((v)->code_cause), PG_OCTETS_OPT((v)->description), \
        PG_OCTETS_OPT((v)->carrier_code)
/* packed: room for it. */
#define PG_UUID(v, packed) byo_pg_uuid(v, packed)

static inline ByoPgValue byo_pg_opt(int kind, ByoStr v)
{
    return (ByoPgValue){.kind = kind, .text = v, .null = !v.n};
}
static inline ByoPgValue byo_pg_int_opt(int64_t v)
{
    return (ByoPgValue){.kind = BYO_PG_INT, .number = v, .null = v < 0};
}
/* A UUID is kept in 16 octets where it is canonical, else as it came, with a NUL before it where that are 16, too. */
typedef unsigned char ByoPgUuid[17];
ByoStr byo_pg_uuid_octets(ByoStr uuid, ByoPgUuid room);
ByoPgValue byo_pg_uuid(ByoStr uuid, ByoPgUuid room);

/* As libpq takes them. */
enum { BYO_PG_VALUES_MAX = 32 };
typedef struct {
    size_t at[BYO_PG_VALUES_MAX]; /* in the text */
    const char *values[BYO_PG_VALUES_MAX];
    int lengths[BYO_PG_VALUES_MAX], formats[BYO_PG_VALUES_MAX];
    Oid types[BYO_PG_VALUES_MAX];
} ByoPgWire;
/* pgsql_value.c: they point into text, which lives as long. */
void byo_pg_to_wire(ByoBuf *text, ByoPgWire *w, const ByoPgValue *values, size_t n);

/* pgsql_value.c: rows of a table, which go out as one value: an array of its row type. An array for each column costs the
 * database two to four times as much (docs/benchmarks.md). Column by column, in the table's order; one that is not
 * written is NULL. A number that does not fit into its column is refused by the database. */
typedef enum {
    BYO_PG_OF_MESSAGE,
    BYO_PG_OF_SEGMENT,
    BYO_PG_OF_INWARD,
    BYO_PG_OF_REPORT,
    BYO_PG_OF_EARLY,
    BYO_PG_OF_CHANGE,
    BYO_PG_TABLES
} ByoPgTable;
typedef struct {
    ByoPgTable of;
    ByoBuf b;
    size_t n, row;      /* how many; where the last one begins */
    const char *column; /* that is to be written next; NULL: there is no row */
} ByoPgRecords;
const char *byo_pg_table_name(ByoPgTable of);
void byo_pg_records_forget(ByoPgRecords *r);        /* there is none */
void byo_pg_record(ByoPgRecords *r);                /* the next row; the one before is whole */
void byo_pg_put_int(ByoPgRecords *r, int64_t v);    /* BYO_PG_NO_INT: NULL */
void byo_pg_put_text(ByoPgRecords *r, ByoStr v);    /* an absent one is empty */
void byo_pg_put_opt(ByoPgRecords *r, ByoStr v);     /* an empty one is NULL */
void byo_pg_put_present(ByoPgRecords *r, ByoStr v); /* an absent one is NULL */
void byo_pg_put_nulls(ByoPgRecords *r, int n);

/* Rows that came back. Texts point into them and live until the end. */
typedef struct {
    PGresult *result; /* NULL: there are none */
    int row;
} ByoPgRows;
/* A time, a count, a key: from 0 to 2^53, whatever stands in a damaged row. Sums of such never overflow. */
static inline int64_t byo_pg_bounded(int64_t v)
{
    return v < 0 ? 0 : v > (int64_t)1 << 53 ? (int64_t)1 << 53 : v;
}
bool byo_pg_null_at(const ByoPgRows *r, int column);
int64_t byo_pg_int_at(const ByoPgRows *r, int column); /* NULL: 0 */
bool byo_pg_bool_at(const ByoPgRows *r, int column);
/* Never absent; ended by a NUL. */
ByoStr byo_pg_text_at(const ByoPgRows *r, int column);
int64_t byo_pg_amount_at(const ByoPgRows *r, int column);
/* As text; a packed one is written to buf. */
ByoStr byo_pg_uuid_at(const ByoPgRows *r, int column, char buf[37]);
/* Four columns; texts point into r. */
ByoStoredVerdict byo_pg_verdict_at(const ByoPgRows *r, int column);

#endif
