/* SPDX-License-Identifier: BSD-3-Clause
 * `byoctl status`: one screen that says first what is wrong; and the integrations.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { ANSWER_WAIT = 5000 }; /* ms, for an answer out of a pipe */

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

/* Online and wanted, of `of`, which has binds; total: and of all nodes. */
static void add_binds(ByoGrid *t, const ByoJsonAt *of, bool total)
{
    ByoJsonAt binds = byo_json_member(of, "binds");
    ByoBuf text = {0};
    if (byo_ctl_bool(&binds, "known"))
        byo_buf_addf(&text, "%" PRId64, byo_ctl_int(&binds, "online"));
    else
        byo_buf_addc(&text, '?');
    byo_buf_addf(&text, "/%" PRId64, byo_ctl_int(&binds, "wanted"));
    if (total)
        byo_buf_addf(&text, " of %" PRId64 "/%" PRId64, byo_ctl_int(&binds, "onlineAllNodes"),
                     byo_ctl_int(&binds, "wantedAllNodes"));
    byo_grid_add(t, byo_buf_str(&text));
    byo_buf_free(&text);
}

static void add_integration(ByoGrid *t, const ByoJsonAt *i)
{
    char age[BYO_AGE_TEXT];
    ByoJsonAt rate = byo_json_member(i, "rate"), q = byo_json_member(i, "queue"),
              n = byo_json_member(i, "counters"), nodes = byo_json_member(i, "nodes");
    byo_grid_add(t, byo_ctl_str(i, "id"));
    byo_grid_add(t, byo_ctl_str(i, "state"));
    add_binds(t, i, byo_json_size(&nodes) > 1);
    if (!q.value || byo_json_type(&q) == BYO_JSON_NULL) {
        for (int k = 0; k < 7; k++)
            byo_grid_add(t, BYO_STR_NONE);
        return;
    }
    byo_grid_addf(t, "%" PRId64 "/%" PRId64, byo_ctl_rounded(&rate, "now"), byo_ctl_rounded(&rate, "limit"));
    byo_grid_addf(t, "%" PRId64, byo_ctl_int(&q, "queued"));
    if (byo_ctl_int(&q, "queued"))
        byo_grid_add(t, byo_str(byo_age_text(byo_ctl_int(&q, "oldestSeconds"), age)));
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
    char age[BYO_AGE_TEXT];
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
                BYO_PF(byo_ctl_str(&b, "status")), byo_age_text(byo_ctl_int(&b, "uptimeSeconds"), age));
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

static const char *presence(const ByoJsonAt *node)
{
    return byo_ctl_bool(node, "self") ? "(this one)" : byo_ctl_bool(node, "up") ? "" : "MISSING";
}

/* Of several byoboxes on one database: who is there. */
static void print_nodes(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt list = byo_json_member(root, "nodes");
    ByoBuf text = {0};
    if (byo_json_size(&list) < 2)
        return;
    byo_buf_addf(&text, "nodes      ");
    for (size_t i = 0; i < byo_json_size(&list); i++) {
        ByoJsonAt one = byo_json_item(&list, i);
        byo_buf_addf(&text, "%s%.*s%s%s", i ? ", " : "", BYO_PF(byo_ctl_str(&one, "node")),
                     presence(&one)[0] ? " " : "", presence(&one));
    }
    byo_buf_addc(&text, '\n');
    fwrite(text.p, 1, text.n, c->out);
    byo_buf_free(&text);
}

/* -- one line for cron and monitoring -----------------------------------------------------------------*/

static void print_check(ByoCtl *c, const ByoJsonAt *list, size_t errors)
{
    ByoBuf text = {0}, clean = {0};
    size_t n = byo_json_size(list);
    if (n == 0)
        byo_buf_adds(&text, "OK: nothing is wrong");
    else
        byo_buf_addf(&text, "%s: %zu error%s, %zu warning%s", errors ? "ERROR" : "WARNING", errors,
                     errors == 1 ? "" : "s", n - errors, n - errors == 1 ? "" : "s");
    for (size_t i = 0; i < n; i++) {
        ByoJsonAt p = byo_json_item(list, i);
        byo_buf_addf(&text, "; %.*s: %.*s", BYO_PF(byo_ctl_str(&p, "entity")),
                     BYO_PF(byo_ctl_str(&p, "text")));
    }
    byo_grid_clean(&clean, byo_buf_str(&text));
    fprintf(c->out, "%s\n", clean.p);
    byo_buf_free(&text);
    byo_buf_free(&clean);
}

static void print_check_json(ByoCtl *c, const ByoJsonAt *list, size_t errors)
{
    ByoBuf text = {0};
    size_t n = byo_json_size(list);
    byo_json_write(list, false, &text);
    fprintf(c->out, "{\"level\": \"%s\", \"errors\": %zu, \"warnings\": %zu, \"problems\": %s}\n",
            errors ? "error"
            : n    ? "warning"
                   : "ok",
            errors, n - errors, text.p);
    byo_buf_free(&text);
}

static int check(ByoCtl *c)
{
    ByoCtlReply r;
    if (byo_ctl_ask(c, "GET", "/v1/status", NULL, "problems[] integrations[] bearerbox{}", &r)) {
        ByoJsonAt list = byo_json_member(&r.root, "problems");
        size_t errors = 0;
        for (size_t i = 0; i < byo_json_size(&list); i++) {
            ByoJsonAt p = byo_json_item(&list, i);
            errors += byo_str_is(byo_ctl_str(&p, "level"), "error");
        }
        (c->json ? print_check_json : print_check)(c, &list, errors);
        r.code = byo_json_size(&list) ? BYO_CTL_REFUSED : BYO_CTL_DONE;
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

/* -- one screen ---------------------------------------------------------------------------------------*/

int byo_ctl_status(ByoCtl *c)
{
    ByoCtlReply r;
    char now[BYO_CTL_TIME], age[BYO_AGE_TEXT];
    if (byo_ctl_option(c, "check"))
        return check(c);
    if (byo_ctl_ask(c, "GET", "/v1/status", NULL, "problems[] integrations[] bearerbox{}", &r)) {
        if (c->json) {
            byo_ctl_print_json(c, &r);
        } else {
            ByoJsonAt list = byo_json_member(&r.root, "integrations");
            fprintf(c->out, "byobox %.*s, up %s, %.*s UTC\n\n", BYO_PF(byo_ctl_str(&r.root, "version")),
                    byo_age_text(byo_ctl_int(&r.root, "uptimeSeconds"), age),
                    BYO_PF(byo_ctl_time(&r.root, "now", now)));
            print_problems(c, &r.root);
            fputc('\n', c->out);
            print_integrations(c, &list);
            fputc('\n', c->out);
            print_bearerbox(c, &r.root);
            print_smsboxes(c, &r.root);
            print_store(c, &r.root);
            print_nodes(c, &r.root);
        }
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

/* -- integrations -------------------------------------------------------------------------------------*/

int byo_ctl_integration_list(ByoCtl *c)
{
    ByoCtlReply r;
    if (byo_ctl_ask(c, "GET", "/v1/integrations", NULL, BYO_CTL_LIST, &r)) {
        ByoJsonAt list = byo_json_member(&r.root, "items");
        if (c->json)
            byo_ctl_print_json(c, &r);
        else
            print_integrations(c, &list);
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

/* What it is at each of several byoboxes is a table. */
static void print_one(ByoCtl *c, const ByoJsonAt *i)
{
    static const char *const apart[] = {"nodes", NULL};
    char since[BYO_CTL_TIME];
    ByoJsonAt nodes = byo_json_member(i, "nodes");
    byo_ctl_print_object(c, i, 0, apart);
    if (byo_json_size(&nodes) < 2)
        return;
    ByoGrid *t = byo_grid_create("NODE||STATE|REASON|SINCE|>BINDS|POLICY");
    for (size_t n = 0; n < byo_json_size(&nodes); n++) {
        ByoJsonAt at = byo_json_item(&nodes, n);
        byo_grid_add(t, byo_ctl_str(&at, "node"));
        byo_grid_add(t, byo_str(presence(&at)));
        byo_grid_add(t, byo_ctl_str(&at, "state"));
        byo_grid_add(t, byo_ctl_str(&at, "reason"));
        byo_grid_add(t, byo_ctl_time(&at, "since", since));
        add_binds(t, &at, false);
        byo_grid_add(t, byo_ctl_str(&at, "policy"));
    }
    fputc('\n', c->out);
    byo_grid_print(t, c->out);
    byo_grid_destroy(t);
}

static int one(ByoCtl *c, const char *method, const char *verb, const char *done)
{
    ByoCtlReply r;
    ByoBuf url = {0};
    byo_buf_adds(&url, "/v1/integrations/");
    byo_client_encode(&url, byo_str(c->arguments[0]));
    byo_buf_adds(&url, verb);
    if (byo_ctl_ask(c, method, url.p, NULL, "id state", &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else if (done)
            fprintf(c->out, "%s %s; `byoctl status` shows what becomes of it\n", c->arguments[0], done);
        else
            print_one(c, &r.root);
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

/* Told before: which receivers go along, and what becomes of numbers and queue. */
static void tell_along(ByoCtl *c, const ByoJsonAt *i, const char *verb)
{
    ByoJsonAt along = byo_json_member(i, "goesAlong");
    for (size_t k = 0; k < byo_json_size(&along); k++) {
        ByoJsonAt id = byo_json_item(&along, k);
        fprintf(c->out, "%.*s receives for %s: it is %s along\n", BYO_PF(byo_json_peek_str(&id)),
                c->arguments[0], verb);
    }
}

static void tell_deletion(ByoCtl *c, const ByoJsonAt *i)
{
    ByoJsonAt queue = byo_json_member(i, "queue"), binds = byo_json_member(i, "binds");
    ByoStr address = byo_ctl_str(&binds, "localAddress");
    int64_t numbers = byo_ctl_int(i, "numbers"), queued = byo_ctl_int(&queue, "queued"),
            handed = byo_ctl_int(&queue, "handed"), accepted = byo_ctl_int(&queue, "waitingForReceipts");
    fprintf(c->out, "Deleting %s shuts it down for good:\n", c->arguments[0]);
    fprintf(c->out, "  %" PRId64 " number%s leave%s the inventory (at the carrier they stay as they are)\n",
            numbers, numbers == 1 ? "" : "s", numbers == 1 ? "s" : "");
    fprintf(c->out, "  %" PRId64 " queued segment%s end%s now, each message with a final report\n", queued,
            queued == 1 ? "" : "s", queued == 1 ? "s" : "");
    if (handed + accepted)
        fprintf(c->out,
                "  %" PRId64 " segment%s at bearerbox or the carrier: answers and receipts that still come "
                "count\n",
                handed + accepted, handed + accepted == 1 ? " is" : "s are");
    fprintf(c->out, "  afterwards take %s%.*s off the carrier's allow list\n",
            address.n ? "" : "this machine's address", BYO_PF(address));
}

/* A person is waited for; a pipe that says nothing is a script that forgot --yes. */
static bool somebody_answers(ByoCtl *c)
{
    struct pollfd in = {.fd = fileno(c->in), .events = POLLIN};
    return in.fd < 0 || isatty(in.fd) || poll(&in, 1, ANSWER_WAIT) > 0;
}

/* Is it meant? With nobody to ask nothing is done. 0: yes. */
static int confirm(ByoCtl *c)
{
    char line[16];
    fputs("Delete it? Type yes: ", c->out);
    fflush(c->out);
    if (!somebody_answers(c) || !fgets(line, sizeof line, c->in)) {
        fputc('\n', c->out);
        return byo_ctl_usage(c, "nothing was deleted: nobody answered; scripts say --yes");
    }
    line[strcspn(line, "\r\n")] = 0;
    if (byo_str_ieq(byo_str(line), BYO_STR("yes")) || byo_str_ieq(byo_str(line), BYO_STR("y")))
        return 0;
    byo_ctl_tell(c, "not-confirmed", "nothing was deleted");
    return BYO_CTL_REFUSED;
}

/* What it is now, then what `tell` says of it. 0 or the exit code. */
static int look_first(ByoCtl *c, const char *verb, void (*tell)(ByoCtl *c, const ByoJsonAt *i))
{
    ByoCtlReply r;
    ByoBuf url = {0};
    byo_buf_adds(&url, "/v1/integrations/");
    byo_client_encode(&url, byo_str(c->arguments[0]));
    bool fine = byo_ctl_ask(c, "GET", url.p, NULL, "id state", &r);
    if (fine && !c->json) {
        if (tell)
            tell(c, &r.root);
        tell_along(c, &r.root, verb);
    }
    int code = fine ? 0 : r.code;
    byo_ctl_reply_free(&r);
    byo_buf_free(&url);
    return code;
}

int byo_ctl_integration_deactivate(ByoCtl *c)
{
    int code = look_first(c, "deactivated", NULL);
    return code ? code : one(c, "POST", "/deactivate", "is being deactivated");
}

int byo_ctl_integration_delete(ByoCtl *c)
{
    bool sure = byo_ctl_option(c, "yes") != NULL;
    if (c->json && !sure)
        return byo_ctl_usage(c, "integration delete asks: with --json it needs --yes");
    int code = look_first(c, "deleted", tell_deletion);
    if (!code && !sure)
        code = confirm(c);
    return code ? code : one(c, "DELETE", "", "is being deleted");
}
