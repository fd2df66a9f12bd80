/* SPDX-License-Identifier: BSD-3-Clause
 * The way out: `byoctl drain` and `byoctl export`.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* -- drain --------------------------------------------------------------------------------------------*/

/* What keeps an integration's queue from becoming empty. */
static void print_parts(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt parts = byo_json_member(root, "integrations");
    for (size_t i = 0; i < byo_json_size(&parts); i++) {
        ByoJsonAt one = byo_json_item(&parts, i);
        ByoStr state = byo_ctl_str(&one, "state");
        if (byo_ctl_int(&one, "queued") && !byo_str_is(state, "active"))
            fprintf(c->out,
                    "  %.*s is %.*s: its %" PRId64 " queued segments wait until it is active, end with their "
                    "validity, or are exported\n",
                    BYO_PF(byo_ctl_str(&one, "id")), BYO_PF(state), byo_ctl_int(&one, "queued"));
    }
}

static void print_left(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt left = byo_json_member(root, "left");
    int64_t unreceipted = byo_ctl_int(&left, "waitingForReceipts");
    if (byo_ctl_bool(root, "empty") && unreceipted) {
        fprintf(c->out,
                "Nothing is left but %" PRId64 " segments waiting for receipts, which come to any node.\n",
                unreceipted);
        return;
    }
    if (byo_ctl_bool(root, "empty")) {
        fputs("Nothing is left.\n", c->out);
        return;
    }
    fprintf(c->out,
            "left: %" PRId64 " segments queued, %" PRId64 " at bearerbox, %" PRId64
            " waiting for receipts; %" PRId64 " reports and messages for smsboxes\n",
            byo_ctl_int(&left, "queued"), byo_ctl_int(&left, "handed"), unreceipted,
            byo_ctl_int(&left, "inward"));
    print_parts(c, root);
}

enum { AGAIN_IN = 1, AGAIN_IN_TROUBLE = 5 }; /* seconds */

/* What changed is printed. The store away for a while (503, told) is no reason to wait no longer. */
static int wait_empty(ByoCtl *c, ByoBuf *shown)
{
    for (;;) {
        ByoCtlReply r;
        bool fine = byo_ctl_ask(c, "GET", "/v1/drain", NULL, "left{} empty", &r);
        ByoJsonAt left = byo_json_member(&r.root, "left");
        ByoBuf now = {0};
        bool empty = fine && byo_ctl_bool(&r.root, "empty"), trouble = !fine && r.answer.status == 503;
        int code = r.code;
        if (fine)
            byo_json_write(&left, false, &now);
        if (fine && !c->json && !byo_str_eq(byo_buf_str(&now), byo_buf_str(shown)))
            print_left(c, &r.root);
        if (empty && c->json)
            byo_ctl_print_json(c, &r);
        byo_buf_free(shown);
        *shown = now;
        byo_ctl_reply_free(&r);
        if (empty || (!fine && !trouble))
            return code;
        if (fflush(c->out) != 0)
            return BYO_CTL_REFUSED;
        sleep(trouble ? AGAIN_IN_TROUBLE : AGAIN_IN);
    }
}

int byo_ctl_drain(ByoCtl *c)
{
    bool end = byo_ctl_option(c, "end") != NULL, wait = byo_ctl_option(c, "wait") != NULL;
    ByoCtlReply r;
    if (end && wait)
        return byo_ctl_usage(c, "--end and --wait exclude each other");
    bool fine = byo_ctl_ask(c, end ? "DELETE" : "POST", "/v1/drain", NULL, "left{} empty", &r);
    int code = r.code;
    ByoBuf shown = {0};
    if (fine && c->json && !wait)
        byo_ctl_print_json(c, &r);
    else if (fine && end && !c->json)
        fputs("byobox takes messages again\n", c->out);
    else if (fine && !end) {
        ByoJsonAt left = byo_json_member(&r.root, "left");
        byo_json_write(&left, false, &shown);
        if (!c->json) {
            fputs("byobox takes no new messages: they are answered with HTTP 503 until byoctl drain --end\n",
                  c->out);
            print_left(c, &r.root);
        }
    }
    byo_ctl_reply_free(&r);
    if (fine && wait)
        code = wait_empty(c, &shown);
    byo_buf_free(&shown);
    return code;
}

/* -- export -------------------------------------------------------------------------------------------*/

int byo_ctl_export(ByoCtl *c)
{
    ByoBuf url = {0};
    if (!byo_ctl_option(c, "open"))
        return byo_ctl_usage(c, "export needs --open: what is not over, and what waits for smsboxes");
    byo_buf_adds(&url, "/v1/export?open=true");
    int code = byo_ctl_csv(c, &url, 0);
    byo_buf_free(&url);
    return code;
}

/* -- erase --------------------------------------------------------------------------------------------*/

int byo_ctl_erase(ByoCtl *c)
{
    ByoCtlReply r;
    if (!byo_ctl_option(c, "reason"))
        return byo_ctl_usage(c, "--reason is needed: it stands in the audit");
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "recipient", c->arguments[0]);
    byo_json_set_z(j, "reason", byo_ctl_option(c, "reason"));
    if (byo_ctl_ask(c, "POST", "/v1/erase", j, "recipient messages", &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else
            fprintf(
                c->out,
                "%.*s: %" PRId64 " messages, %" PRId64 " reports and messages for smsboxes, %" PRId64
                " texts of keywords\nand %" PRId64 " early receipts are erased; %" PRId64
                " events name him no more. His opt-outs and the audit stay;\nso do the access log, Kannel's "
                "logs and stores, and backups.\n",
                BYO_PF(byo_ctl_str(&r.root, "recipient")), byo_ctl_int(&r.root, "messages"),
                byo_ctl_int(&r.root, "inward"), byo_ctl_int(&r.root, "keywordTexts"),
                byo_ctl_int(&r.root, "earlyReceipts"), byo_ctl_int(&r.root, "events"));
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

/* -- opt-outs in ------------------------------------------------------------------------------------*/

int byo_ctl_opt_out_import_csv(ByoCtl *c)
{
    ByoBuf csv = {0};
    ByoCtlReply r;
    if (!byo_ctl_read_file(c, c->arguments[0], BYO_CTL_CSV_MAX, &csv))
        return BYO_CTL_USAGE;
    if (byo_ctl_send(c, "POST", "/v1/opt-outs/import", "text/csv", byo_buf_str(&csv), "items[] added refused",
                     &r)) {
        ByoJsonAt items = byo_json_member(&r.root, "items");
        if (c->json)
            byo_ctl_print_json(c, &r);
        else if (byo_json_size(&items)) {
            ByoGrid *t = byo_grid_create(">LINE|NUMBER|RECIPIENT|+WHY");
            for (size_t i = 0; i < byo_json_size(&items); i++) {
                ByoJsonAt row = byo_json_item(&items, i);
                byo_grid_addf(t, "%" PRId64, byo_ctl_int(&row, "line"));
                byo_grid_add(t, byo_ctl_str(&row, "number"));
                byo_grid_add(t, byo_ctl_str(&row, "recipient"));
                byo_grid_add(t, byo_ctl_str(&row, "message"));
            }
            byo_grid_print(t, c->out);
            byo_grid_destroy(t);
        }
        if (!c->json)
            fprintf(c->out, "%" PRId64 " opted out, %" PRId64 " were so before, %" PRId64 " refused\n",
                    byo_ctl_int(&r.root, "added"), byo_ctl_int(&r.root, "unchanged"),
                    byo_ctl_int(&r.root, "refused"));
        if (byo_ctl_int(&r.root, "refused") > 0)
            r.code = BYO_CTL_REFUSED;
    }
    byo_buf_free(&csv);
    byo_ctl_reply_free(&r);
    return r.code;
}
