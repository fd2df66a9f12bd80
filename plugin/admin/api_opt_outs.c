/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-outs (spec K4, K5): who is opted out now, the history, adding and removing by hand with a reason.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "compliance/csv.h"

enum { CSV_MAX = 100000, REASON_MAX = 200 };

/* -- lists --------------------------------------------------------------------------------------------*/

typedef struct {
    ByoJson *items; /* NULL: csv */
    ByoBuf *csv;
    int n, limit;
    ByoId last;
    bool more;
} Page;

static ByoStr text_of(ByoStr digits, char buf[BYO_NUMBER_TEXT])
{
    return digits.n ? byo_str(byo_api_number_text(digits, buf)) : digits;
}

static ByoJson *row_json(const ByoOptRow *o)
{
    ByoJson *j = byo_json_object();
    byo_api_set_id(j, "id", o->id);
    byo_json_set_time(j, "time", o->time);
    byo_api_set_number(j, "number", o->number);
    byo_api_set_number(j, "recipient", o->recipient);
    byo_json_set_str(j, "action", o->action);
    byo_api_set_opt(j, "text", o->text);
    byo_api_set_opt(j, "answer", o->answer);
    byo_api_set_opt(j, "who", o->who);
    byo_api_set_opt(j, "reason", o->reason);
    byo_api_set_number(j, "readingOf", o->reading_of);
    return j;
}

static void row_csv(ByoBuf *out, const ByoOptRow *o)
{
    char number[BYO_NUMBER_TEXT], recipient[BYO_NUMBER_TEXT];
    byo_api_csv_time(out, o->time);
    byo_api_csv_text(out, text_of(o->number, number));
    byo_api_csv_text(out, text_of(o->recipient, recipient));
    byo_api_csv_text(out, o->action);
    byo_api_csv_text(out, o->text);
    byo_api_csv_text(out, o->answer);
    byo_api_csv_text(out, o->who);
    byo_csv_field(out, o->reason);
    byo_buf_adds(out, "\r\n");
}

static bool add_row(void *arg, const ByoOptRow *o)
{
    Page *p = arg;
    if (p->n == p->limit) {
        p->more = true;
        return false;
    }
    p->n++;
    p->last = o->id;
    if (p->csv)
        row_csv(p->csv, o);
    else
        byo_json_add(p->items, row_json(o));
    return true;
}

typedef void ByoOptLister(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                          void *arg);

static void list(ByoApiCall *c, ByoOptLister *lister)
{
    static const char *const allowed[] = {"number", "recipient", "limit", "page", "format", NULL};
    char number_text[BYO_ADDRESS_MAX], next[BYO_ID_TEXT] = "";
    ByoPlanForms forms;
    ByoOptFilter f = {.n_recipients = 0};
    bool csv;
    Page p = {0};
    if (!byo_api_params(c, allowed) || !byo_api_param_csv(c, &csv) ||
        !byo_api_limit(c, csv ? CSV_MAX : BYO_PAGE_MAX, csv ? CSV_MAX : BYO_PAGE_DEFAULT, &p.limit) ||
        !byo_api_param_number(c, "number", number_text, &f.number) ||
        !byo_api_param_recipient(c, "recipient", &forms) || !byo_api_param_id(c, "page", &f.before))
        return;
    for (; f.n_recipients < forms.n; f.n_recipients++)
        f.recipients[f.n_recipients] = byo_str(forms.digits[f.n_recipients]);
    f.max = p.limit + 1;
    if (csv) {
        p.csv = &c->resp->body;
        byo_api_csv_begin(c, "time,number,recipient,action,text,answer,who,reason\r\n");
    } else {
        p.items = byo_json_array();
    }
    lister(c->api->reader, &f, add_row, &p);
    if (p.more)
        byo_id_text(p.last, next);
    if (!csv) {
        byo_api_list(c, p.items, next[0] ? next : NULL);
        return;
    }
    if (next[0])
        byo_buf_addf(&c->resp->headers, "Byobox-Next: %s\r\n", next);
}

void byo_api_opt_outs(ByoApiCall *c)
{
    list(c, byo_store_opt_current);
}

void byo_api_opt_history(ByoApiCall *c)
{
    list(c, byo_store_opt_history);
}

/* -- by hand ------------------------------------------------------------------------------------------*/

typedef struct {
    ByoApiCall *c;
    ByoOptRequest req; /* texts of the body or the query */
    char reason[REASON_MAX + 1];
    ByoOptDone done;
} Opt;

static void opt(void *arg, const ByoAdminTurn *turn)
{
    Opt *o = arg;
    char number[BYO_NUMBER_TEXT];
    if (turn->opt(turn->arg, &o->req, turn->now, &o->done) && o->done.changed)
        byo_api_audit(turn, o->c, o->req.out ? "opt-out add" : "opt-out remove",
                      byo_str(byo_api_number_text(byo_str(o->done.number), number)), "recipient %s: %s",
                      o->done.recipient, o->reason);
}

static bool bad_number(Opt *o)
{
    byo_api_error(o->c, 422, "bad-number", "number",
                  o->req.number.n ? "number is no number such as +12025550100, and no short code."
                                  : "No number is given.");
    return false;
}

static bool bad_recipient(Opt *o)
{
    byo_api_error(o->c, 422, "bad-number", "recipient",
                  o->req.recipient.n ? "recipient is no number of a phone such as +12025550199."
                                     : "No recipient is given.");
    return false;
}

/* By themselves; what their digits mean is decided where the number's home is known. */
static bool judge_texts(Opt *o, ByoStr reason)
{
    ByoWritten w;
    if (!byo_address_written(o->req.number, BYO_MANNER_PEOPLE, &w))
        return bad_number(o);
    if (!byo_address_written(o->req.recipient, BYO_MANNER_PEOPLE, &w))
        return bad_recipient(o);
    while (reason.n && (unsigned char)reason.p[0] <= ' ')
        reason.p++, reason.n--;
    if (reason.n == 0 || reason.n > REASON_MAX) {
        byo_api_error(o->c, 422, "reason-missing", "reason",
                      reason.n ? "The reason is over %d octets."
                               : "A reason is needed: it stands in the history (up to %d octets).",
                      REASON_MAX);
        return false;
    }
    for (size_t i = 0; i < reason.n; i++)
        o->reason[i] = (unsigned char)reason.p[i] < ' ' ? ' ' : reason.p[i];
    return true;
}

/* False: answered. */
static bool readable(Opt *o)
{
    return !o->done.number[0] ? bad_number(o) : !o->done.recipient[0] ? bad_recipient(o) : true;
}

static void run(Opt *o)
{
    ByoApiCall *c = o->c;
    o->req.who = byo_str(c->who.name);
    o->req.reason = byo_str(o->reason);
    if (!byo_api_stored(c, c->api->actions->change(c->api->actions->arg, opt, o)) || !readable(o))
        return;
    if (!o->req.out && !o->done.changed) {
        byo_api_error(c, 404, "not-found", "recipient", "This recipient is not opted out of this number.");
        return;
    }
    ByoJson *j = byo_json_object();
    byo_api_set_number(j, "number", byo_str(o->done.number));
    byo_json_set_z(j, "recipient", o->done.recipient);
    byo_json_set_bool(j, "optedOut", o->req.out);
    byo_json_set_bool(j, "changed", o->done.changed);
    byo_api_json(c, o->req.out && o->done.changed ? 201 : 200, j);
}

static void run_body(Opt *o)
{
    static const char *const members[] = {"number", "recipient", "reason", NULL};
    ByoJsonDoc *doc = byo_api_body(o->c, 4);
    if (!doc)
        return;
    ByoStr text[3] = {{0}, {0}, {0}};
    ByoJsonAt root = byo_json_root(doc);
    if (byo_json_want_object(&root, members))
        for (int i = 0; i < 3; i++) {
            ByoJsonAt at = byo_json_member(&root, members[i]);
            byo_json_want_str(&at, 0, 1000, &text[i]);
        }
    o->req.number = text[0];
    o->req.recipient = text[1];
    if (!byo_api_body_bad(o->c, doc) && judge_texts(o, text[2]))
        run(o);
    byo_json_close(doc);
}

void byo_api_opt_add(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    Opt o = {.c = c, .req.out = true};
    if (byo_api_params(c, allowed))
        run_body(&o);
}

/* What to remove stands in the body or in the query. */
void byo_api_opt_remove(ByoApiCall *c)
{
    static const char *const allowed[] = {"number", "recipient", "reason", NULL}, *const none[] = {NULL};
    Opt o = {.c = c};
    if (c->req->body.n) {
        if (byo_api_params(c, none))
            run_body(&o);
    } else if (byo_api_params(c, allowed)) {
        o.req.number = byo_api_param(c, "number");
        o.req.recipient = byo_api_param(c, "recipient");
        if (judge_texts(&o, byo_api_param(c, "reason")))
            run(&o);
    }
}
