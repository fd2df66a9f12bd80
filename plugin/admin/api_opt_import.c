/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-outs from a CSV, as `byoctl opt-out list --csv` writes it: they stay in force wherever one goes. Each row is
 * judged by itself; a row that is opted out already changes nothing.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#include "compliance/csv.h"

enum { BATCH = 500, ROWS = 100000, REASON_MAX = 200, TEXT_MAX = 64 };

typedef struct {
    int line;
    char number[TEXT_MAX], recipient[TEXT_MAX], reason[REASON_MAX + 1];
    const char *fault; /* the row is none */
    ByoOptDone done;
} Item;

typedef struct {
    ByoApiCall *c;
    Item *items;
    size_t n;
    ByoJson *refused;
    int64_t added, unchanged, bad;
    ByoStoreResult stored;
} Import;

static void import_batch(void *arg, const ByoAdminTurn *turn)
{
    Import *im = arg;
    int64_t added = 0;
    for (Item *i = im->items; i < im->items + im->n; i++) {
        ByoOptRequest req = {.number = byo_str(i->number),
                             .recipient = byo_str(i->recipient),
                             .out = true,
                             .who = byo_str(im->c->who.name),
                             .reason = byo_str(i->reason)};
        if (i->fault)
            continue;
        turn->opt(turn->arg, &req, turn->now, &i->done);
        added += i->done.changed;
    }
    if (added)
        byo_api_audit(turn, im->c, "opt-out import", BYO_STR("opt-outs"), "%lld recipients of a CSV",
                      (long long)added);
}

static void tell_item(Import *im, const Item *i)
{
    if (!i->fault && im->stored == BYO_STORE_OK && i->done.number[0] && i->done.recipient[0]) {
        *(i->done.changed ? &im->added : &im->unchanged) += 1;
        return;
    }
    ByoJson *j = byo_json_object();
    byo_json_set_int(j, "line", i->line);
    byo_json_set_z(j, "number", i->number);
    byo_json_set_z(j, "recipient", i->recipient);
    if (i->fault)
        byo_api_csv_refused(j, "bad-row", NULL, i->fault);
    else if (im->stored != BYO_STORE_OK)
        byo_api_csv_unstored(j, im->stored);
    else if (!i->done.number[0])
        byo_api_csv_refused(j, "bad-number", "number",
                            "number is no number such as +12025550100, and no short code.");
    else
        byo_api_csv_refused(j, "bad-number", "recipient",
                            "recipient is no number of a phone such as +12025550199.");
    byo_json_add(im->refused, j);
    im->bad++;
}

static void flush(Import *im)
{
    const ByoAdminActions *a = im->c->api->actions;
    im->stored = im->n ? a->change(a->arg, import_batch, im) : BYO_STORE_OK;
    for (size_t i = 0; i < im->n; i++)
        tell_item(im, &im->items[i]);
    memset(im->items, 0, BATCH * sizeof *im->items);
    im->n = 0;
}

/* How it came about before: it stands in the history as the reason. */
static void put_reason(Item *i, const ByoCsvOptRow *row)
{
    ByoBuf b = {0};
    ByoStr why = row->reason.n ? row->reason : row->text;
    byo_buf_adds(&b, "imported");
    if (row->time.n || row->who.n)
        byo_buf_addf(&b, ", opted out%s%.*s%s%.*s", row->time.n ? " " : "", BYO_PF(row->time),
                     row->who.n ? " by " : "", BYO_PF(row->who));
    if (why.n)
        byo_buf_addf(&b, ": %.*s", BYO_PF(why));
    size_t n = byo_utf8_cut(byo_buf_str(&b), REASON_MAX).n;
    for (size_t k = 0; k < n; k++)
        i->reason[k] = (unsigned char)b.p[k] < ' ' ? ' ' : b.p[k];
    byo_buf_free(&b);
}

static bool take_row(void *arg, const ByoCsvOptRow *row)
{
    Import *im = arg;
    Item *i = &im->items[im->n++];
    i->line = row->line;
    i->fault = row->fault;
    snprintf(i->number, sizeof i->number, "%.*s", BYO_PF(row->number));
    snprintf(i->recipient, sizeof i->recipient, "%.*s", BYO_PF(row->recipient));
    if (!i->fault && row->action.n && !byo_str_is(row->action, "opt-out"))
        i->fault =
            "action is not opt-out: import who is opted out now (opt-out list --csv), not the history.";
    put_reason(i, row);
    if (im->n == BATCH)
        flush(im);
    return true;
}

void byo_api_opt_import(ByoApiCall *c)
{
    if (!byo_api_csv_asked(c, NULL))
        return;
    Import im = {.c = c, .items = byo_zalloc(BATCH * sizeof(Item)), .refused = byo_json_array()};
    ByoComplianceFault fault;
    bool fine = byo_csv_opt_outs(c->req->body, ROWS, take_row, &im, &fault);
    flush(&im);
    const ByoApiCsvCount counts[] = {
        {"added", im.added}, {"unchanged", im.unchanged}, {"refused", im.bad}, {NULL, 0}};
    byo_api_csv_answer(c, fine ? NULL : &fault, im.refused, counts);
    free(im.items);
}
