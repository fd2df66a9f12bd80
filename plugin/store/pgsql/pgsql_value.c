/* SPDX-License-Identifier: BSD-3-Clause
 * Values in PostgreSQL's binary form: those a statement is sent with, also rows to be written, and those of a row that came
 * back. Which columns a table has stands here and in its schema: the database refuses a row that has others.
 * Ownership: values of a row point into it. Threads: any. */
#include "store/pgsql/pgsql_session.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>

enum {
    OID_BOOL = 16,
    OID_OCTETS = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_XID = 28
};

/* A kind's type, and that of each value of an array. */
static const struct {
    Oid of, each;
} types[] = {
    [BYO_PG_INT] = {OID_INT8, 0},          [BYO_PG_TEXT] = {OID_TEXT, 0},   [BYO_PG_OCTETS] = {OID_OCTETS, 0},
    [BYO_PG_INTS] = {1016, OID_INT8},      [BYO_PG_XIDS] = {1011, OID_XID}, [BYO_PG_TEXTS] = {1009, OID_TEXT},
    [BYO_PG_OCTETSS] = {1001, OID_OCTETS}, [BYO_PG_RECORDS] = {0, 0}};

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
    put32(b, v->kind == BYO_PG_RECORDS ? v->row_type : types[v->kind].each);
    if (!v->n)
        return;
    put32(b, (uint32_t)v->n);
    put32(b, 1);
    if (v->kind == BYO_PG_RECORDS) {
        byo_buf_add(b, v->text.p, v->text.n);
        return;
    }
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

/* -- rows to be written ------------------------------------------------------------------------------ */

/* A letter for each column, in the table's order: a number of eight, four, two octets (l, i, s), a boolean (b), own words
 * (t), octets (o). */
static const struct {
    const char *name, *columns;
} tables[] = {[BYO_PG_OF_MESSAGE] = {"message", "lllllsssssisiiiiiisttoooooooo"},
              [BYO_PG_OF_SEGMENT] = {"segment", "llllllsssittoooooos"},
              [BYO_PG_OF_INWARD] = {"inward", "lboos"},
              [BYO_PG_OF_REPORT] = {"message_report", "lsl"},
              [BYO_PG_OF_EARLY] = {"early_receipt", "ltoool"},
              [BYO_PG_OF_CHANGE] = {"change", "slso"}};

const char *byo_pg_table_name(ByoPgTable of)
{
    return tables[of].name;
}

static bool number_type(char column, Oid *type_r, uint32_t *octets_r)
{
    *type_r = column == 'l' ? OID_INT8 : column == 'i' ? OID_INT4 : column == 's' ? OID_INT2 : OID_BOOL;
    *octets_r = column == 'l' ? 8 : column == 'i' ? 4 : column == 's' ? 2 : 1;
    return column != 't' && column != 'o';
}

void byo_pg_records_forget(ByoPgRecords *r)
{
    byo_buf_free(&r->b);
    r->n = 0;
}

void byo_pg_record(ByoPgRecords *r)
{
    assert(r->n == 0 || !*r->column);
    r->column = tables[r->of].columns;
    r->row = r->b.n;
    put32(&r->b, 0); /* its length, when it is known */
    put32(&r->b, (uint32_t)strlen(r->column));
    r->n++;
}

/* Behind each value: when it was the row's last one, the row is whole. */
static void next_column(ByoPgRecords *r)
{
    if (*++r->column)
        return;
    uint32_t length = htonl((uint32_t)(r->b.n - r->row - 4));
    memcpy(r->b.p + r->row, &length, sizeof length);
}

void byo_pg_put_int(ByoPgRecords *r, int64_t v)
{
    Oid type;
    uint32_t octets;
    bool is_number = number_type(*r->column, &type, &octets);
    assert(is_number);
    (void)is_number;
    put32(&r->b, type);
    if (v == BYO_PG_NO_INT) {
        put32(&r->b, UINT32_MAX);
    } else if (octets < 8 && (v < -(INT64_C(1) << (8 * octets - 1)) || v >= INT64_C(1) << (8 * octets - 1))) {
        put32(&r->b, 8); /* it does not fit, and so the database refuses it */
        put64(&r->b, v);
    } else {
        uint64_t wire = htobe64((uint64_t)v);
        put32(&r->b, octets);
        byo_buf_add(&r->b, (const char *)&wire + 8 - octets, octets);
    }
    next_column(r);
}

void byo_pg_put_present(ByoPgRecords *r, ByoStr v)
{
    assert(*r->column == 't' || *r->column == 'o');
    put32(&r->b, *r->column == 't' ? OID_TEXT : OID_OCTETS);
    if (v.p && *r->column == 't')
        v = own_words(v);
    put32(&r->b, v.p ? (uint32_t)v.n : UINT32_MAX);
    byo_buf_add(&r->b, v.p ? v.p : "", v.p ? v.n : 0);
    next_column(r);
}

void byo_pg_put_text(ByoPgRecords *r, ByoStr v)
{
    byo_pg_put_present(r, v.p ? v : BYO_STR(""));
}

void byo_pg_put_opt(ByoPgRecords *r, ByoStr v)
{
    byo_pg_put_present(r, v.n ? v : BYO_STR_NONE);
}

void byo_pg_put_nulls(ByoPgRecords *r, int n)
{
    while (n-- > 0)
        if (*r->column == 't' || *r->column == 'o')
            byo_pg_put_present(r, BYO_STR_NONE);
        else
            byo_pg_put_int(r, BYO_PG_NO_INT);
}

ByoPgValue byo_pg_records(const ByoPgSession *session, const ByoPgRecords *r)
{
    assert(r->n && !*r->column);
    return (ByoPgValue){
        .kind = BYO_PG_RECORDS, .row_type = session->row_types[r->of], .text = byo_buf_str(&r->b), .n = r->n};
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
