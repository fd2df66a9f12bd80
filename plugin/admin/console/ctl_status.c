/* SPDX-License-Identifier: BSD-3-Clause
 * `byoctl status`: one screen that says first what is wrong; and the integrations.
 * Ownership and threads: ctl_private.h. */
#include "admin/console/ctl_private.h"

#include <inttypes.h>
#include <stdlib.h>

/* Words to the width of the screen, the following lines indented. */
static void print_wrapped(ByoCtl *c, ByoStr text, int indent)
{
    ByoBuf clean = {0};
    byo_grid_clean(&clean, text);
    int column = indent;
    for (char *word = clean.p, *end; word && *word; word = end) {
        size_t n = strcspn(word, " ");
        end = word + n + strspn(word + n, " ");
        if (column > indent && column + 1 + (int)n > BYO_GRID_WIDTH) {
            fprintf(c->out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', c->out);
            column++;
        }
        fprintf(c->out, "%.*s", (int)n, word);
        column += (int)n;
    }
    fputc('\n', c->out);
    byo_buf_free(&clean);
}

static void print_problems(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt list = byo_json_member(root, "problems");
    if (byo_json_size(&list) == 0) {
        fputs("Nothing is wrong.\n", c->out);
        return;
    }
    for (size_t i = 0; i < byo_json_size(&list); i++) {
        ByoJsonAt p = byo_json_item(&list, i);
        bool error = byo_str_is(byo_ctl_str(&p, "level"), "error");
        ByoBuf text = {0};
        byo_buf_addf(&text, "%.*s: %.*s", BYO_PF(byo_ctl_str(&p, "entity")), BYO_PF(byo_ctl_str(&p, "text")));
        fputs(error ? "ERROR    " : "warning  ", c->out);
        print_wrapped(c, byo_buf_str(&text), 9);
        byo_buf_free(&text);
    }
}

static void add_integration(ByoGrid *t, const ByoJsonAt *i)
{
    char age[32];
    ByoJsonAt binds = byo_json_member(i, "binds"), rate = byo_json_member(i, "rate"),
              q = byo_json_member(i, "queue"), n = byo_json_member(i, "counters");
    byo_grid_add(t, byo_ctl_str(i, "id"));
    byo_grid_add(t, byo_ctl_str(i, "state"));
    if (byo_ctl_bool(&binds, "known"))
        byo_grid_addf(t, "%" PRId64 "/%" PRId64, byo_ctl_int(&binds, "online"),
                      byo_ctl_int(&binds, "wanted"));
    else
        byo_grid_addf(t, "?/%" PRId64, byo_ctl_int(&binds, "wanted"));
    if (!q.value || byo_json_type(&q) == BYO_JSON_NULL) {
        for (int k = 0; k < 7; k++)
            byo_grid_add(t, BYO_STR_NONE);
        return;
    }
    byo_grid_addf(t, "%" PRId64 "/%" PRId64, byo_ctl_rounded(&rate, "now"), byo_ctl_rounded(&rate, "limit"));
    byo_grid_addf(t, "%" PRId64, byo_ctl_int(&q, "queued"));
    if (byo_ctl_int(&q, "queued"))
        byo_grid_add(t, byo_str(byo_ctl_age(byo_ctl_int(&q, "oldestSeconds"), age)));
    else
        byo_grid_add(t, BYO_STR_NONE);
    byo_grid_addf(t, "%" PRId64, byo_ctl_int(&q, "handed"));
    byo_grid_addf(t, "%" PRId64, byo_ctl_int(&q, "waitingForReceipts"));
    byo_grid_addf(t, "%" PRId64, byo_ctl_int(&n, "segmentsDelivered"));
    byo_grid_addf(t, "%" PRId64, byo_ctl_int(&n, "segmentsFailed"));
}

static const char integration_titles[] =
    "INTEGRATION|STATE|>BINDS|>RATE|>QUEUED|>OLDEST|>HANDED|>UNRECEIPTED|>DELIVERED|>FAILED";

static void print_integrations(ByoCtl *c, const ByoJsonAt *list)
{
    ByoGrid *t = byo_grid_create(integration_titles);
    for (size_t i = 0; i < byo_json_size(list); i++) {
        ByoJsonAt one = byo_json_item(list, i);
        add_integration(t, &one);
    }
    byo_grid_print(t, c->out);
    byo_grid_destroy(t);
}

static void print_bearerbox(ByoCtl *c, const ByoJsonAt *root)
{
    char age[32];
    ByoJsonAt b = byo_json_member(root, "bearerbox");
    bool own = byo_ctl_bool(&b, "ownLinkUp"), anonymous = byo_ctl_bool(&b, "anonymousLinkUp");
    fprintf(c->out, "bearerbox  %.*s:%" PRId64 ", %s", BYO_PF(byo_ctl_str(&b, "host")),
            byo_ctl_int(&b, "port"),
            own && anonymous ? "both links up"
            : own            ? "own link up, anonymous link DOWN"
            : anonymous      ? "own link DOWN, anonymous link up"
                             : "links DOWN");
    if (byo_ctl_bool(&b, "known"))
        fprintf(c->out, "; version %.*s, %.*s, up %s", BYO_PF(byo_ctl_str(&b, "version")),
                BYO_PF(byo_ctl_str(&b, "status")), byo_ctl_age(byo_ctl_int(&b, "uptimeSeconds"), age));
    fprintf(c->out, "; %" PRId64 " unacked\n", byo_ctl_int(&b, "unacked"));
}

static void print_smsboxes(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt list = byo_json_member(root, "smsboxes"), inward = byo_json_member(root, "inward");
    fprintf(c->out, "smsboxes   %zu connected", byo_json_size(&list));
    for (size_t i = 0; i < byo_json_size(&list) && i < 6; i++) {
        ByoJsonAt one = byo_json_item(&list, i);
        ByoStr id = byo_ctl_str(&one, "id");
        ByoBuf name = {0};
        byo_grid_clean(&name, id.p ? id : BYO_STR("(anonymous)"));
        fprintf(c->out, "%s%s@%.*s", i ? ", " : ": ", name.p, BYO_PF(byo_ctl_str(&one, "ip")));
        byo_buf_free(&name);
    }
    fprintf(c->out,
            "\ninward     %" PRId64 " reports and messages wait for a smsbox, %" PRId64 " in flight\n",
            byo_ctl_int(&inward, "waiting"), byo_ctl_int(&inward, "inFlight"));
}

static void print_store(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt s = byo_json_member(root, "store");
    fprintf(c->out, "store      %s, %.1f MB, %" PRId64 " numbers, %" PRId64 " opt-outs, %.*s\n",
            byo_ctl_bool(&s, "writable") ? "fine" : "NOT WRITABLE", (double)byo_ctl_int(&s, "octets") / 1e6,
            byo_ctl_int(&s, "numbers"), byo_ctl_int(&s, "optOuts"), BYO_PF(byo_ctl_str(&s, "path")));
}

int byo_ctl_status(ByoCtl *c)
{
    ByoCtlReply r;
    char now[BYO_CTL_TIME], age[32];
    if (byo_ctl_ask(c, "GET", "/v1/status", NULL, &r)) {
        if (c->json) {
            byo_ctl_print_json(c, &r);
        } else {
            ByoJsonAt list = byo_json_member(&r.root, "integrations");
            fprintf(c->out, "byobox %.*s, up %s, %.*s UTC\n\n", BYO_PF(byo_ctl_str(&r.root, "version")),
                    byo_ctl_age(byo_ctl_int(&r.root, "uptimeSeconds"), age),
                    BYO_PF(byo_ctl_time(&r.root, "now", now)));
            print_problems(c, &r.root);
            fputc('\n', c->out);
            print_integrations(c, &list);
            fputc('\n', c->out);
            print_bearerbox(c, &r.root);
            print_smsboxes(c, &r.root);
            print_store(c, &r.root);
        }
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

/* -- integrations -------------------------------------------------------------------------------------*/

int byo_ctl_integration_list(ByoCtl *c)
{
    ByoCtlReply r;
    if (byo_ctl_ask(c, "GET", "/v1/integrations", NULL, &r)) {
        ByoJsonAt list = byo_json_member(&r.root, "items");
        if (c->json)
            byo_ctl_print_json(c, &r);
        else
            print_integrations(c, &list);
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

static int one(ByoCtl *c, const char *method, const char *verb, const char *done)
{
    ByoCtlReply r;
    ByoBuf url = {0};
    byo_buf_adds(&url, "/v1/integrations/");
    byo_client_encode(&url, byo_str(c->arguments[0]));
    byo_buf_adds(&url, verb);
    if (byo_ctl_ask(c, method, url.p, NULL, &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else if (done)
            fprintf(c->out, "%s %s; `byoctl status` shows what becomes of it\n", c->arguments[0], done);
        else
            byo_ctl_print_object(c, &r.root, 0, NULL);
    }
    byo_ctl_reply_free(&r);
    byo_buf_free(&url);
    return r.code;
}

int byo_ctl_integration_show(ByoCtl *c)
{
    return one(c, "GET", "", NULL);
}

int byo_ctl_integration_activate(ByoCtl *c)
{
    return one(c, "POST", "/activate", "is being activated");
}

int byo_ctl_integration_deactivate(ByoCtl *c)
{
    return one(c, "POST", "/deactivate", "is being deactivated");
}

int byo_ctl_integration_delete(ByoCtl *c)
{
    return one(c, "DELETE", "", "is being deleted");
}
