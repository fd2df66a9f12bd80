/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl's opt-outs, events and audit.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* -- opt-outs -----------------------------------------------------------------------------------------*/

static void add_opt(void *arg, const ByoJsonAt *o)
{
    char when[BYO_CTL_TIME];
    ByoStr why = byo_ctl_str(o, "reason");
    byo_grid_add(arg, byo_ctl_time(o, "time", when));
    byo_grid_add(arg, byo_ctl_str(o, "number"));
    byo_grid_add(arg, byo_ctl_str(o, "recipient"));
    byo_grid_add(arg, byo_ctl_str(o, "action"));
    byo_grid_add(arg, byo_ctl_str(o, "who"));
    byo_grid_add(arg, why.p ? why : byo_ctl_str(o, "text"));
}

int byo_ctl_csv(ByoCtl *c, ByoBuf *target, int64_t limit)
{
    char page[64] = "";
    byo_buf_addf(target, "%cformat=csv", strchr(target->p, '?') ? '&' : '?');
    if (limit)
        byo_buf_addf(target, "&limit=%" PRId64, limit);
    ByoCtlReply r;
    for (bool first = true;; first = false) {
        ByoBuf url = {0};
        byo_buf_adds(&url, target->p);
        if (page[0])
            byo_buf_addf(&url, "%cpage=%s", strchr(target->p, '?') ? '&' : '?', page);
        bool fine = byo_ctl_ask(c, "GET", url.p, NULL, BYO_CTL_CSV, &r);
        byo_buf_free(&url);
        if (fine && page[0] && strcmp(page, r.answer.next) == 0)
            fine = byo_ctl_unreadable(c, &r, "its next page is the same page");
        if (fine) {
            ByoStr body = byo_buf_str(&r.answer.body);
            const char *end = first || !body.n ? NULL : memchr(body.p, '\n', body.n);
            size_t head = end ? (size_t)(end + 1 - body.p) : 0;
            fwrite(body.p + head, 1, body.n - head, c->out);
        }
        memcpy(page, r.answer.next, sizeof page);
        byo_ctl_reply_free(&r);
        if (!fine || !page[0])
            return r.code;
    }
}

int byo_ctl_table(ByoCtl *c, const ByoBuf *target, int64_t most,
                  void (*each)(void *arg, const ByoJsonAt *item), const char *titles)
{
    ByoGrid *t = byo_grid_create(titles);
    int code = byo_ctl_list(c, target, most, each, t);
    if (code == BYO_CTL_DONE && !c->json)
        byo_grid_print(t, c->out);
    byo_grid_destroy(t);
    return code;
}

static int opt_list(ByoCtl *c, const char *path, int64_t most)
{
    static const char *const filters[] = {"number", "recipient", NULL};
    ByoBuf url = {0};
    byo_buf_adds(&url, path);
    byo_ctl_query(c, &url, filters);
    int code = byo_ctl_option(c, "csv")
                   ? byo_ctl_csv(c, &url, 0)
                   : byo_ctl_table(c, &url, most, add_opt, "!TIME (UTC)|!NUMBER|!RECIPIENT|ACTION|WHO|+WHY");
    byo_buf_free(&url);
    return code;
}

int byo_ctl_opt_out_list(ByoCtl *c)
{
    return opt_list(c, "/v1/opt-outs", 0);
}

int byo_ctl_opt_out_history(ByoCtl *c)
{
    int64_t most;
    return byo_ctl_most(c, BYO_CTL_SHOWN, &most) ? opt_list(c, "/v1/opt-outs/history", most) : BYO_CTL_USAGE;
}

static int opt_change(ByoCtl *c, const char *method)
{
    ByoCtlReply r;
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "number", c->arguments[0]);
    byo_json_set_z(j, "recipient", c->arguments[1]);
    byo_json_set_z(j, "reason", byo_ctl_option(c, "reason"));
    if (byo_ctl_ask(c, method, "/v1/opt-outs", j, "number recipient optedOut", &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else
            fprintf(c->out, "%.*s %s %.*s\n", BYO_PF(byo_ctl_str(&r.root, "recipient")),
                    !byo_ctl_bool(&r.root, "optedOut") ? "is no longer opted out of"
                    : byo_ctl_bool(&r.root, "changed") ? "is opted out of"
                                                       : "was opted out before of",
                    BYO_PF(byo_ctl_str(&r.root, "number")));
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

static bool has_reason(ByoCtl *c)
{
    if (byo_ctl_option(c, "reason"))
        return true;
    byo_ctl_usage(c, "--reason is needed: it stands in the history");
    return false;
}

int byo_ctl_opt_out_add(ByoCtl *c)
{
    return has_reason(c) ? opt_change(c, "POST") : BYO_CTL_USAGE;
}

int byo_ctl_opt_out_remove(ByoCtl *c)
{
    return has_reason(c) ? opt_change(c, "DELETE") : BYO_CTL_USAGE;
}

/* -- events -------------------------------------------------------------------------------------------*/

/* With the node that told it, where there are nodes. */
static void add_text(ByoBuf *out, const ByoJsonAt *e)
{
    ByoStr text = byo_ctl_str(e, "text"), node = byo_ctl_str(e, "node");
    if (node.n)
        byo_buf_addf(out, "%.*s: ", BYO_PF(node));
    byo_buf_add(out, text.p, text.n);
}

static void add_event(void *arg, const ByoJsonAt *e)
{
    char when[BYO_CTL_TIME];
    ByoGrid *t = arg;
    int64_t count = byo_ctl_int(e, "count");
    byo_grid_add(t, byo_ctl_time(e, "time", when));
    byo_grid_add(t, byo_ctl_str(e, "definition"));
    byo_grid_add(t, byo_ctl_str(e, "name"));
    byo_grid_add(t, byo_ctl_str(e, "entity"));
    byo_grid_add(t, byo_ctl_str(e, "previous"));
    byo_grid_add(t, byo_ctl_str(e, "current"));
    byo_grid_add(t, byo_ctl_str(e, "errorCode"));
    ByoBuf text = {0};
    add_text(&text, e);
    if (count > 1)
        byo_buf_addf(&text, " (%" PRId64 " times)", count);
    byo_grid_add(t, byo_buf_str(&text));
    byo_buf_free(&text);
}

static void print_event(ByoCtl *c, const ByoJsonAt *e)
{
    char when[BYO_CTL_TIME];
    ByoBuf line = {0}, clean = {0};
    if (c->json) {
        byo_json_write(e, false, &clean);
    } else {
        ByoStr previous = byo_ctl_str(e, "previous"), current = byo_ctl_str(e, "current"),
               code = byo_ctl_str(e, "errorCode");
        byo_buf_addf(&line, "%.*s  %.*s  %-21.*s  %.*s", BYO_PF(byo_ctl_time(e, "time", when)),
                     BYO_PF(byo_ctl_str(e, "definition")), BYO_PF(byo_ctl_str(e, "name")),
                     BYO_PF(byo_ctl_str(e, "entity")));
        if (previous.n || current.n)
            byo_buf_addf(&line, " %.*s -> %.*s", BYO_PF(previous), BYO_PF(current));
        if (code.n)
            byo_buf_addf(&line, " [%.*s]", BYO_PF(code));
        byo_buf_adds(&line, ": ");
        add_text(&line, e);
        byo_grid_clean(&clean, byo_buf_str(&line));
    }
    fprintf(c->out, "%s\n", clean.p);
    byo_buf_free(&line);
    byo_buf_free(&clean);
}

/* One page after `after`; prints it and moves `after` on. *n_r: how many came. */
static int follow_once(ByoCtl *c, const ByoBuf *target, char after[64], size_t *n_r)
{
    ByoBuf url = {0};
    ByoCtlReply r;
    byo_buf_addf(&url, "%s%cafter=%s", target->p, strchr(target->p, '?') ? '&' : '?', after);
    bool fine = byo_ctl_ask(c, "GET", url.p, NULL, BYO_CTL_LIST, &r);
    byo_buf_free(&url);
    ByoJsonAt items = byo_json_member(&r.root, "items");
    if (fine && byo_json_size(&items) && byo_str_is(byo_ctl_str(&r.root, "next"), after))
        fine = byo_ctl_unreadable(c, &r, "its next page is the same page");
    *n_r = fine ? byo_json_size(&items) : 0;
    for (size_t i = 0; i < *n_r; i++) {
        ByoJsonAt one = byo_json_item(&items, i);
        print_event(c, &one);
    }
    if (fine)
        snprintf(after, 64, "%.*s", BYO_PF(byo_ctl_str(&r.root, "next")));
    byo_ctl_reply_free(&r);
    return r.code;
}

/* From the newest event on, until the output is closed or byobox does not answer any more. */
static int follow(ByoCtl *c, const ByoBuf *target)
{
    char after[64] = "0";
    ByoCtlReply r;
    if (!byo_ctl_option(c, "from")) {
        if (byo_ctl_ask(c, "GET", "/v1/events?limit=1", NULL, BYO_CTL_LIST, &r)) {
            ByoJsonAt items = byo_json_member(&r.root, "items");
            if (byo_json_size(&items)) {
                ByoJsonAt newest = byo_json_item(&items, 0);
                snprintf(after, sizeof after, "%.*s", BYO_PF(byo_ctl_str(&newest, "id")));
            }
        }
        byo_ctl_reply_free(&r);
        if (r.code != BYO_CTL_DONE)
            return r.code;
    }
    for (int code;;) {
        size_t n;
        code = follow_once(c, target, after, &n);
        if (code != BYO_CTL_DONE)
            return code;
        if (fflush(c->out) != 0)
            return BYO_CTL_REFUSED;
        if (n == 0)
            sleep(1);
    }
}

int byo_ctl_events(ByoCtl *c)
{
    static const char *const filters[] = {"entity", "definition", "text", "from", "to", NULL};
    ByoBuf url = {0};
    int64_t most;
    int code;
    bool csv = byo_ctl_option(c, "csv") != NULL;
    if (csv && byo_ctl_option(c, "follow"))
        return byo_ctl_usage(c, "--follow and --csv exclude each other");
    if (!byo_ctl_most(c, csv ? 0 : BYO_CTL_SHOWN, &most))
        return BYO_CTL_USAGE;
    byo_buf_adds(&url, "/v1/events");
    byo_ctl_query(c, &url, filters);
    if (csv) {
        code = byo_ctl_csv(c, &url, most);
    } else if (byo_ctl_option(c, "follow")) {
        code = follow(c, &url);
    } else {
        code = byo_ctl_table(c, &url, most, add_event,
                             "!TIME (UTC)|!ID|NAME|ENTITY|PREVIOUS|CURRENT|ERROR|+TEXT");
    }
    byo_buf_free(&url);
    return code;
}

/* -- audit --------------------------------------------------------------------------------------------*/

static void add_audit(void *arg, const ByoJsonAt *a)
{
    char when[BYO_CTL_TIME];
    byo_grid_add(arg, byo_ctl_time(a, "time", when));
    byo_grid_add(arg, byo_ctl_str(a, "who"));
    byo_grid_add(arg, byo_ctl_str(a, "action"));
    byo_grid_add(arg, byo_ctl_str(a, "entity"));
    byo_grid_add(arg, byo_ctl_str(a, "detail"));
}

int byo_ctl_audit(ByoCtl *c)
{
    ByoBuf url = {0};
    int64_t most;
    if (!byo_ctl_most(c, BYO_CTL_SHOWN, &most))
        return BYO_CTL_USAGE;
    byo_buf_adds(&url, "/v1/audit");
    int code = byo_ctl_table(c, &url, most, add_audit, "!TIME (UTC)|WHO|ACTION|ENTITY|+DETAIL");
    byo_buf_free(&url);
    return code;
}
