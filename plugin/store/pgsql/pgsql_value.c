/* SPDX-License-Identifier: BSD-3-Clause
 * Values in PostgreSQL's binary form: those a statement is sent with, those of a row that came back.
 * Ownership: values of a row point into it. Threads: any. */
#include "store/pgsql/pgsql_private.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <endian.h>

enum { OID_INT8 = 20, OID_TEXT = 25, OID_OCTETS = 17, OID_XID = 28 };

/* A kind's type, and that of each value of an array. */
static const struct {
    Oid of, each;
} types[] = {
    [BYO_PG_INT] = {OID_INT8, 0},         [BYO_PG_TEXT] = {OID_TEXT, 0},   [BYO_PG_OCTETS] = {OID_OCTETS, 0},
    [BYO_PG_INTS] = {1016, OID_INT8},     [BYO_PG_XIDS] = {1011, OID_XID}, [BYO_PG_TEXTS] = {1009, OID_TEXT},
    [BYO_PG_OCTETSS] = {1001, OID_OCTETS}};

/* -- of a statement --------------------------------------------------------------------------------- */

ByoStr byo_pg_uuid_octets(ByoStr uuid, ByoPgUuid room)
{
    if (byo_uuid_pack(uuid, room))
        return byo_strn((const char *)room, 16);
    if (uuid.n != 16)
        return uuid;
    room[0] = 0;
    memcpy(room + 1, uuid.p, 16);
    return byo_strn((const char *)room, 17);
}

ByoPgValue byo_pg_uuid(ByoStr uuid, ByoPgUuid room)
{
    return PG_OCTETS(byo_pg_uuid_octets(uuid, room));
}

/* No word of byobox's is broken UTF-8 or holds a NUL, so whatever does is none that is known. */
static ByoStr own_words(ByoStr v)
{
    return byo_utf8_valid(v) && !(v.n && memchr(v.p, 0, v.n)) ? v : BYO_STR("\xef\xbf\xbd");
}

static void put32(ByoBuf *b, uint32_t v)
{
    v = htonl(v);
    byo_buf_add(b, &v, sizeof v);
}

static void put64(ByoBuf *b, int64_t v)
{
    uint64_t n = htobe64((uint64_t)v);
    byo_buf_add(b, &n, sizeof n);
}

static void put_number(ByoBuf *b, int kind, int64_t n)
{
    put32(b, n == BYO_PG_NO_INT ? UINT32_MAX : kind == BYO_PG_INTS ? 8 : 4);
    if (n == BYO_PG_NO_INT)
        return;
    if (kind == BYO_PG_INTS)
        put64(b, n);
    else
        put32(b, (uint32_t)n);
}

/* An array of one dimension, in the form of array_send. INT64_MIN and absent texts are NULL. */
static void put_array(ByoBuf *b, const ByoPgValue *v)
{
    put32(b, v->n ? 1 : 0);
    put32(b, 1);
    put32(b, types[v->kind].each);
    if (!v->n)
        return;
    put32(b, (uint32_t)v->n);
    put32(b, 1);
    for (size_t i = 0; i < v->n; i++) {
        if (v->kind == BYO_PG_INTS || v->kind == BYO_PG_XIDS) {
            put_number(b, v->kind, v->numbers[i]);
        } else if (!v->texts[i].p) {
            put32(b, UINT32_MAX);
        } else {
            ByoStr text = v->kind == BYO_PG_TEXTS ? own_words(v->texts[i]) : v->texts[i];
            put32(b, (uint32_t)text.n);
            byo_buf_add(b, text.p, text.n);
        }
    }
}

void byo_pg_to_wire(ByoBuf *b, ByoPgWire *w, const ByoPgValue *values, size_t n)
{
    byo_buf_clear(b);
    for (size_t i = 0; i < n; i++) {
        const ByoPgValue *v = &values[i];
        w->at[i] = b->n;
        if (v->null) {
            /* nothing */
        } else if (v->kind == BYO_PG_INT) {
            put64(b, v->number);
        } else if (v->kind == BYO_PG_TEXT || v->kind == BYO_PG_OCTETS) {
            ByoStr text = v->kind == BYO_PG_TEXT ? own_words(v->text) : v->text;
            byo_buf_add(b, text.p ? text.p : "", text.n);
        } else {
            put_array(b, v);
        }
        w->lengths[i] = (int)(b->n - w->at[i]);
        w->formats[i] = 1;
        w->types[i] = types[v->kind].of;
    }
    byo_buf_need(b, 1);
    for (size_t i = 0; i < n; i++)
        w->values[i] = values[i].null ? NULL : b->p + w->at[i];
}

/* -- of a row -------------------------------------------------------------------------------------- */

bool byo_pg_null_at(const ByoPgRows *r, int column)
{
    return PQgetisnull(r->result, r->row, column);
}

int64_t byo_pg_int_at(const ByoPgRows *r, int column)
{
    const unsigned char *p = (const unsigned char *)PQgetvalue(r->result, r->row, column);
    int n = PQgetlength(r->result, r->row, column);
    if (n == 0 || n > 8)
        return 0;
    uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0; /* of any width, with its sign */
    for (int i = 0; i < n; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

bool byo_pg_bool_at(const ByoPgRows *r, int column)
{
    return byo_pg_int_at(r, column) != 0;
}

int64_t byo_pg_amount_at(const ByoPgRows *r, int column)
{
    return byo_pg_bounded(byo_pg_int_at(r, column));
}

ByoStr byo_pg_text_at(const ByoPgRows *r, int column)
{
    return byo_strn(PQgetvalue(r->result, r->row, column), (size_t)PQgetlength(r->result, r->row, column));
}

ByoStr byo_pg_uuid_at(const ByoPgRows *r, int column, char buf[37])
{
    ByoStr v = byo_pg_text_at(r, column);
    if (v.n == 17 && v.p[0] == 0)
        return byo_strn(v.p + 1, 16);
    if (v.n != 16)
        return v;
    byo_uuid_unpack((const unsigned char *)v.p, buf);
    return byo_strn(buf, 36);
}

ByoStoredVerdict byo_pg_verdict_at(const ByoPgRows *r, int column)
{
    return (ByoStoredVerdict){
        .code = byo_pg_null_at(r, column) ? -1 : (int)byo_pg_int_at(r, column),
        .code_cause = byo_pg_text_at(r, column + 1),
        .description = byo_pg_text_at(r, column + 2),
        .carrier_code = byo_pg_text_at(r, column + 3),
    };
}
