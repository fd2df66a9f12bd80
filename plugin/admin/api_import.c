/* SPDX-License-Identifier: BSD-3-Clause
 * Importing numbers (spec N1-N5), one or a CSV of them. Judged twice: by itself, and inside the
 * transaction against what the inventory holds, so that of two imports of one number one is refused.
 * Ownership and threads: api_private.h. */
#include "admin/api_numbers.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>

#include "compliance/compliance_json.h"
#include "compliance/csv.h"

enum { BATCH = 500 }; /* rows of a CSV in one transaction */

typedef struct {
    int line;
    char typed[64]; /* the number as it was written, for the answer to a row */
    bool begun;     /* import_begin said yes: import_end is due */
    ByoNumber number;
    ByoRefusal refusal;
    bool unreadable, failed; /* the row is no row; the store could not be written */
    ByoStoreResult why;      /* it could not: what it said */
    ByoComplianceFault fault;
    ByoTime created;
} Item;

typedef struct {
    ByoApiCall *c;
    Item *items;
    size_t n;
    bool check; /* nothing is imported */
    void *seen; /* then: what rows before would have imported, a tree of Seen */
} Batch;

static void judge(ByoApiCall *c, Item *item, const ByoNumberRequest *req)
{
    const ByoAdminActions *a = c->api->actions;
    char transmitter[BYO_ID_MAX + 1] = "";
    ByoAdminTakes takes =
        req->integration.n ? a->integration_takes(a->arg, req->integration, transmitter) : BYO_TAKES_UNKNOWN;
    ByoNumberRequest with = *req;
    with.short_codes = a->short_codes(a->arg);
    item->refusal = byo_number_check(&with, takes != BYO_TAKES_UNKNOWN, &item->number, &item->fault);
    if (!item->refusal && takes == BYO_TAKES_RECEIVER)
        item->refusal = byo_number_receiver(req->integration, transmitter, &item->fault);
    if (!item->refusal && !byo_api_texts_carried(c, req->integration, &item->number.compliance, &item->fault))
        item->refusal = BYO_REFUSE_COMPLIANCE_MISSING;
}

static void import_one(const ByoAdminTurn *turn, ByoApiCall *c, Item *item)
{
    const ByoNumber *n = &item->number;
    ByoNumberRow row;
    ByoStoreResult found = byo_store_number(turn->store, byo_str(n->digits), &row), put;
    item->failed = false;
    item->refusal =
        byo_number_admit(n, found == BYO_STORE_OK ? row.integration : BYO_STR_NONE, false, &item->fault);
    if (item->refusal)
        return;
    ByoBuf json = {0};
    char text[BYO_ADDRESS_MAX];
    byo_compliance_text(&n->compliance, &json);
    byo_number_text(n, text);
    item->created = turn->now;
    if (!turn->number_put(turn->arg, n, byo_buf_str(&json), false, turn->now, &put, &item->fault))
        item->refusal = BYO_REFUSE_COMPLIANCE_MISSING;
    else if (put != BYO_STORE_OK)
        item->failed = true, item->why = put;
    else {
        byo_api_audit(turn, c, "number import", byo_str(text), "integration %s, %s%s%s", n->integration,
                      byo_number_type_name(n->type), n->country[0] ? ", " : "", n->country);
    }
    byo_buf_free(&json);
}

/* Each number stands in the audit; of many there is one event. */
static void tell(const ByoAdminTurn *turn, const Batch *b)
{
    const Item *first = NULL;
    size_t n = 0;
    for (const Item *i = b->items; i < b->items + b->n; i++)
        if (i->begun && !i->refusal && !i->failed) {
            first = first ? first : i;
            n++;
        }
    if (n == 0)
        return;
    char text[BYO_ADDRESS_MAX];
    byo_number_text(&first->number, text);
    if (n == 1) {
        byo_api_number_event(turn, b->c, text, first->number.integration, "imported");
        return;
    }
    char *sentence =
        byo_printf("%zu numbers, %s the first of them, were imported by %s", n, text, b->c->who.name);
    ByoEventNote note = {.kind = BYO_EVENT_NUMBER,
                         .entity = BYO_STR("numbers"),
                         .current = byo_str(text),
                         .text = byo_str(sentence)};
    turn->event(turn->arg, &note);
    free(sentence);
}

static void import_batch(void *arg, const ByoAdminTurn *turn)
{
    Batch *b = arg;
    for (size_t i = 0; i < b->n; i++)
        if (b->items[i].begun)
            import_one(turn, b->c, &b->items[i]);
    tell(turn, b);
}

/* Refused when somebody else imports it just now; not when an earlier row of the batch does: the store
 * will tell. */
static void begin(Batch *b, Item *item)
{
    const ByoAdminActions *a = b->c->api->actions;
    item->begun = a->import_begin(a->arg, item->number.digits);
    for (Item *other = b->items; !item->begun && other < item; other++)
        if (other->begun && strcmp(other->number.digits, item->number.digits) == 0) {
            item->refusal =
                byo_number_admit(&item->number, byo_str(other->number.integration), false, &item->fault);
            return;
        }
    if (!item->begun)
        item->refusal = byo_number_admit(&item->number, BYO_STR_NONE, true, &item->fault);
}

typedef struct {
    char digits[BYO_ADDRESS_MAX], integration[BYO_ID_MAX + 1];
} Seen;

static int by_digits(const void *a, const void *b)
{
    return strcmp(((const Seen *)a)->digits, ((const Seen *)b)->digits);
}

/* What an import would find now: the inventory, and the rows before this one. */
static void check_one(Batch *b, Item *item)
{
    const ByoNumber *n = &item->number;
    ByoNumberRow row;
    Seen *one = byo_zalloc(sizeof *one);
    snprintf(one->digits, sizeof one->digits, "%s", n->digits);
    snprintf(one->integration, sizeof one->integration, "%s", n->integration);
    Seen *before = *(Seen **)tsearch(one, &b->seen, by_digits);
    ByoStr owner = before != one ? byo_str(before->integration) : BYO_STR_NONE;
    if (before != one)
        free(one);
    else if (byo_store_number(b->c->api->reader, byo_str(n->digits), &row) == BYO_STORE_OK)
        owner = row.integration;
    item->refusal = byo_number_admit(n, owner, false, &item->fault);
}

/* Those that have passed judgement so far. */
static void run(Batch *b)
{
    const ByoAdminActions *a = b->c->api->actions;
    bool any = false;
    for (Item *i = b->items; b->check && i < b->items + b->n; i++)
        if (!i->refusal && !i->unreadable)
            check_one(b, i);
    if (b->check)
        return;
    for (size_t i = 0; i < b->n; i++) {
        if (!b->items[i].refusal && !b->items[i].unreadable)
            begin(b, &b->items[i]);
        any |= b->items[i].begun;
    }
    ByoStoreResult r = any ? a->change(a->arg, import_batch, b) : BYO_STORE_OK;
    for (size_t i = 0; i < b->n; i++) {
        Item *item = &b->items[i];
        if (!item->begun)
            continue;
        a->import_end(a->arg, item->number.digits);
        item->failed |= r != BYO_STORE_OK;
        if (r != BYO_STORE_OK)
            item->why = r;
    }
}

static void item_clear(Item *item)
{
    byo_number_free(&item->number);
}

static ByoJson *item_number(const ByoApiCall *c, const Item *item)
{
    ByoBuf json = {0};
    const ByoNumber *n = &item->number;
    byo_compliance_text(&n->compliance, &json);
    ByoNumberRow row = {.digits = byo_str(n->digits),
                        .integration = byo_str(n->integration),
                        .type = byo_str(byo_number_type_name(n->type)),
                        .country = byo_str(n->country),
                        .compliance = byo_buf_str(&json),
                        .created = item->created};
    ByoJson *j = byo_api_number_json(c, &row);
    byo_buf_free(&json);
    return j;
}

static int refusal_status(ByoRefusal r)
{
    return byo_refusal_is_conflict(r) ? 409 : 422;
}

/* -- one ----------------------------------------------------------------------------------------------*/

/* An optional text; null is as good as absent. */
static ByoStr text_member(const ByoJsonAt *root, const char *name)
{
    ByoStr text = BYO_STR_NONE;
    ByoJsonAt at = byo_json_member(root, name);
    if (byo_json_type(&at) != BYO_JSON_NULL)
        byo_json_want_str(&at, 0, 200, &text);
    return text;
}

void byo_api_number_import(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    static const char *const members[] = {"number", "integration", "type", "country", "compliance", NULL};
    if (!byo_api_params(c, allowed))
        return;
    ByoJsonDoc *doc = byo_api_body(c, BYO_API_NUMBER_DEPTH);
    if (!doc)
        return;
    ByoCompliance texts = {0};
    ByoNumberRequest req = {.compliance = &texts};
    ByoJsonAt root = byo_json_root(doc);
    if (byo_json_want_object(&root, members)) {
        req.number = text_member(&root, "number");
        req.integration = text_member(&root, "integration");
        req.type = text_member(&root, "type");
        req.country = text_member(&root, "country");
        ByoJsonAt at = byo_json_member(&root, "compliance");
        if (byo_json_type(&at) != BYO_JSON_ABSENT && byo_json_type(&at) != BYO_JSON_NULL)
            byo_compliance_read(&at, &texts);
    }
    if (!byo_api_body_bad(c, doc)) {
        char field[64];
        Item item = {0};
        Batch b = {.c = c, .items = &item, .n = 1};
        judge(c, &item, &req);
        run(&b);
        if (item.refusal)
            byo_api_error(c, refusal_status(item.refusal), byo_refusal_code(item.refusal),
                          byo_api_texts_field(&item.fault, field), "%s", item.fault.text);
        else if (item.failed)
            byo_api_stored(c, item.why);
        else
            byo_api_json(c, 201, item_number(c, &item));
        item_clear(&item);
    }
    byo_compliance_free(&texts);
    byo_json_close(doc);
}

/* -- a CSV --------------------------------------------------------------------------------------------*/

typedef struct {
    Batch batch;
    ByoJson *items;
    int64_t imported, refused;
} Csv;

static void tell_row(Csv *csv, const Item *item)
{
    ByoJson *j = byo_json_object();
    char text[BYO_ADDRESS_MAX];
    byo_json_set_int(j, "line", item->line);
    byo_json_set_z(j, "number", item->number.digits[0] ? byo_number_text(&item->number, text) : item->typed);
    int status = item->unreadable ? 400
                 : item->refusal  ? refusal_status(item->refusal)
                 : item->failed   ? 503
                                  : 201;
    byo_json_set_int(j, "status", status);
    csv->imported += status == 201;
    csv->refused += status != 201;
    if (status == 503)
        byo_api_csv_unstored(j, item->why);
    else if (status != 201)
        byo_api_csv_refused(j, item->unreadable ? "bad-row" : byo_refusal_code(item->refusal),
                            item->fault.field[0] ? item->fault.field : NULL, item->fault.text);
    byo_json_add(csv->items, j);
}

static void flush(Csv *csv)
{
    run(&csv->batch);
    for (size_t i = 0; i < csv->batch.n; i++) {
        tell_row(csv, &csv->batch.items[i]);
        item_clear(&csv->batch.items[i]);
    }
    memset(csv->batch.items, 0, csv->batch.n * sizeof *csv->batch.items);
    csv->batch.n = 0;
}

static bool take_row(void *arg, const ByoCsvRow *row)
{
    Csv *csv = arg;
    Item *item = &csv->batch.items[csv->batch.n++];
    item->line = row->line;
    snprintf(item->typed, sizeof item->typed, "%.*s", BYO_PF(row->request.number));
    if (row->fault) {
        item->unreadable = true;
        snprintf(item->fault.text, sizeof item->fault.text, "%s", row->fault);
    } else {
        judge(csv->batch.c, item, &row->request);
    }
    if (csv->batch.n == BATCH)
        flush(csv);
    return true;
}

void byo_api_number_import_csv(ByoApiCall *c)
{
    bool check = false;
    if (!byo_api_csv_asked(c, &check))
        return;
    Csv csv = {.batch = {.c = c, .items = byo_zalloc(BATCH * sizeof(Item)), .check = check},
               .items = byo_json_array()};
    ByoComplianceFault fault;
    bool fine = byo_csv_numbers(c->req->body, BYO_API_CSV_ROWS, take_row, &csv, &fault);
    flush(&csv);
    const ByoApiCsvCount counts[] = {{"imported", csv.imported}, {"refused", csv.refused}, {NULL, 0}};
    byo_api_csv_answer(c, fine ? NULL : &fault, csv.items, counts);
    free(csv.batch.items);
    tdestroy(csv.batch.seen, free);
}
