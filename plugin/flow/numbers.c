/* SPDX-License-Identifier: BSD-3-Clause
 * The inventory at work: memory and store change together, inside a turn.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "compliance/compliance_json.h"

/* *own_r: NULL when the number has no texts of its own. */
static bool matcher_of(const ByoNumber *n, ByoMatcher **own_r, ByoComplianceFault *fault)
{
    *own_r = NULL;
    return byo_compliance_is_empty(&n->compliance) ||
           (*own_r = byo_matcher_create(&n->compliance, fault)) != NULL;
}

/* t: the journal's; NULL: at a start. */
static void put(ByoFlow *f, ByoTurn *t, const ByoNumberRow *row)
{
    ByoNumber n = {0};
    ByoMatcher *own;
    ByoComplianceFault fault;
    if (byo_number_from_row(row->digits, row->type, row->integration, row->country, row->compliance, &n,
                            &fault) &&
        matcher_of(&n, &own, &fault))
        byo_inventory_put(f->inventory, t ? &t->undo : NULL, &n, own, row->since);
    else
        byo_log_error("number %.*s in the store cannot be used: %s", BYO_PF(row->digits), fault.text);
    byo_number_free(&n);
}

static bool load(void *arg, const ByoNumberRow *row)
{
    put(arg, NULL, row);
    return true;
}

void byo_flow_number_changed(ByoFlow *f, ByoTurn *t, ByoStr digits)
{
    ByoNumberRow row;
    char gone[BYO_ADDRESS_MAX];
    ByoStoreResult result = byo_store_number(t->store, digits, &row);
    if (result == BYO_STORE_OK) {
        put(f, t, &row);
    } else if (result == BYO_STORE_NONE && digits.n < sizeof gone) {
        snprintf(gone, sizeof gone, "%.*s", BYO_PF(digits));
        byo_inventory_remove(f->inventory, &t->undo, gone);
        byo_flow_sweep_own(f, t);
    }
}

void byo_flow_numbers_load(ByoFlow *f)
{
    byo_store_numbers(f->store, BYO_STR_NONE, BYO_STR_NONE, BYO_STR_NONE, INT_MAX, load, f);
}

bool byo_flow_number_put(ByoFlow *f, ByoTurn *t, const ByoNumber *n, ByoStr json, bool replace,
                         ByoTime created, ByoStoreResult *result, ByoComplianceFault *fault)
{
    ByoNumberRow row = {.digits = byo_str(n->digits),
                        .short_code = n->type == BYO_NUMBER_SHORT_CODE,
                        .integration = byo_str(n->integration),
                        .type = byo_str(byo_number_type_name(n->type)),
                        .country = byo_str(n->country),
                        .compliance = json,
                        .created = created};
    ByoNumberRow before;
    ByoMatcher *own;
    if (!matcher_of(n, &own, fault))
        return false;
    byo_store_alone(t->store);
    *result = byo_store_number(t->store, row.digits, &before);
    if (*result == BYO_STORE_OK && !replace)
        *result = BYO_STORE_CONFLICT;
    if (*result != BYO_STORE_OK && *result != BYO_STORE_NONE) {
        byo_matcher_destroy(own);
        return true;
    }
    row.since = *result == BYO_STORE_OK ? before.since : byo_store_new_id(t->store, t->now);
    *result = BYO_STORE_OK;
    byo_store_number_put(t->store, &row);
    byo_inventory_put(f->inventory, &t->undo, n, own, row.since);
    return true;
}

bool byo_flow_number_remove(ByoFlow *f, ByoTurn *t, const char *digits)
{
    ByoNumberRow row;
    bool was = byo_store_number(t->store, byo_str(digits), &row) == BYO_STORE_OK;
    byo_store_number_remove(t->store, byo_str(digits), t->now);
    byo_inventory_remove(f->inventory, &t->undo, digits);
    byo_flow_sweep_begin(f, t);
    return was;
}

typedef struct {
    char (*digits)[BYO_ADDRESS_MAX];
    int n, cap;
} Digits;

static bool collect(void *arg, const ByoNumberRow *row)
{
    Digits *d = arg;
    if (d->n == d->cap) {
        d->cap = d->cap ? d->cap * 2 : 64;
        d->digits = byo_realloc(d->digits, (size_t)d->cap * sizeof *d->digits);
    }
    size_t n = row->digits.n < BYO_ADDRESS_MAX - 1 ? row->digits.n : BYO_ADDRESS_MAX - 1;
    memcpy(d->digits[d->n], row->digits.p, n);
    d->digits[d->n++][n] = 0;
    return true;
}

int byo_flow_numbers_remove(ByoFlow *f, ByoTurn *t, ByoStr integration)
{
    Digits d = {0};
    byo_store_numbers(t->store, integration, BYO_STR_NONE, BYO_STR_NONE, INT_MAX, collect, &d);
    for (int i = 0; i < d.n; i++)
        byo_flow_number_remove(f, t, d.digits[i]);
    free(d.digits);
    return d.n;
}

void byo_flow_reply_failed(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m)
{
    const ByoStoredVerdict *v = &m->verdict;
    char text[256];
    snprintf(text, sizeof text, "not sent: %.*s%s%.*s%s", BYO_PF(v->code_cause), v->description.n ? " (" : "",
             BYO_PF(v->description), v->description.n ? ")" : "");
    if (m->keyword != BYO_KEYWORD_HELP)
        byo_store_opt_answer(t->store, m->number, m->recipient, m->id, byo_str(text));
    byo_flow_tell(f, t, BYO_EVENT_REPLY_FAILED, m->number, v->code_cause, "the %s reply to %.*s was %s",
                  byo_keyword_kind_name((ByoKeywordKind)m->keyword), BYO_PF(m->recipient), text);
}

bool byo_flow_number_left(ByoTurn *t, ByoStr typed, const ByoReadHow *how, ByoInventoryEntry *e,
                          ByoMatcher **matcher)
{
    ByoReading r;
    char digits[BYO_ADDRESS_MAX];
    ByoNumberRow row;
    ByoNumber n = {0};
    ByoComplianceFault fault;
    *matcher = NULL;
    if (byo_read(typed, how, &r) == BYO_READ_PHONE)
        strcpy(digits, r.e164 + 1);
    else if (!byo_read_digits(typed, digits))
        return false;
    if (byo_store_number_left(t->store, byo_str(digits), &row) != BYO_STORE_OK)
        return false;
    ByoStr type = byo_str(byo_number_type_name(row.short_code ? BYO_NUMBER_SHORT_CODE : BYO_NUMBER_LOCAL));
    *e = (ByoInventoryEntry){.short_code = row.short_code};
    snprintf(e->digits, sizeof e->digits, "%s", digits);
    byo_home_of(digits, row.short_code, "", &e->home);
    snprintf(e->integration, sizeof e->integration, "%.*s", BYO_PF(row.integration));
    if (byo_number_from_row(row.digits, type, row.integration, BYO_STR(""), row.compliance, &n, &fault) &&
        matcher_of(&n, matcher, &fault))
        e->own = *matcher;
    byo_number_free(&n);
    return true;
}
