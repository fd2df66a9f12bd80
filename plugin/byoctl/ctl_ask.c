/* SPDX-License-Identifier: BSD-3-Clause
 * How byoctl's commands reach the API, and what they make of its answers.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <inttypes.h>
#include <stdlib.h>

enum { ANSWER_MAX = 256 * 1024 * 1024, PAGE = 1000 };

/* -- configuration ------------------------------------------------------------------------------------*/

bool byo_ctl_load(ByoCtl *c)
{
    ByoFaults faults = {0};
    ByoBuf all = {0};
    if (c->conf)
        return true;
    c->conf = byo_conf_load_client(c->config ? c->config : BYO_CTL_CONFIG, &faults);
    for (size_t i = 0; i < faults.n && !c->conf; i++) {
        char *line = byo_fault_line(&faults.items[i]);
        if (faults.items[i].severity == BYO_FAULT_ERROR)
            byo_buf_addf(&all, "%s%s", all.n ? "\nbyoctl: " : "", line);
        free(line);
    }
    if (!c->conf)
        byo_ctl_tell(c, "configuration", "%s", byo_buf_str(&all).p);
    byo_buf_free(&all);
    byo_faults_free(&faults);
    return c->conf != NULL;
}

/* Whom to be: --user, BYOCTL_USER, else the admin of the configuration. */
static bool find_user(ByoCtl *c)
{
    const char *user = c->user ? c->user : getenv("BYOCTL_USER"), *password = getenv("BYOCTL_PASSWORD");
    if (c->password)
        return true;
    c->user = user && user[0] ? user : "admin";
    if (password)
        c->password = byo_strdup(password);
    else if (strcmp(c->user, "admin") == 0)
        c->password = byo_strdup(c->conf->admin_password);
    else if (strcmp(c->user, "status") == 0)
        c->password = byo_strdup(c->conf->status_password);
    else
        c->password = byo_ctl_secret(c, "Password: ", false);
    if (c->password)
        return true;
    if (!c->conf->admin_password)
        byo_ctl_tell(c, "configuration", "%s has no admin-password, so byobox keeps its admin port shut",
                     c->conf->path);
    else
        byo_ctl_tell(c, "configuration", "there is no password for user %s", c->user);
    return false;
}

/* -- asking -------------------------------------------------------------------------------------------*/

static int code_of(int status)
{
    if (status >= 200 && status < 300)
        return BYO_CTL_DONE;
    return status == 0 || status == 401 || status == 403 || status == 429 ? BYO_CTL_UNREACHABLE
                                                                          : BYO_CTL_REFUSED;
}

bool byo_ctl_unreadable(ByoCtl *c, ByoCtlReply *r, const char *why)
{
    size_t n = 0;
    const ByoJsonFault *faults = r->doc ? byo_json_faults(r->doc, &n) : NULL;
    if (n)
        byo_ctl_tell(c, "unreadable", "byobox's answer cannot be read: at octet %d of it: %s",
                     faults[0].column, faults[0].text);
    else
        byo_ctl_tell(c, "unreadable", "byobox's answer cannot be read: %s", why);
    r->code = BYO_CTL_UNREACHABLE;
    return false;
}

/* A refusal has byobox's form of an error, or something else answered in its place. */
static bool tell_refusal(ByoCtl *c, ByoCtlReply *r)
{
    ByoJsonAt error = byo_json_member(&r->root, "error");
    ByoBuf text = {0};
    byo_grid_clean(&text, byo_ctl_str(&error, "message"));
    if (!text.n) {
        char *why =
            byo_printf("it is HTTP %d without byobox's form of an error; does something else answer at "
                       "admin-port?",
                       r->answer.status);
        byo_ctl_unreadable(c, r, why);
        free(why);
    } else if (c->json) {
        byo_ctl_print_json(c, r);
    } else {
        fprintf(c->err, "byoctl: %s (%.*s)\n", text.p, BYO_PF(byo_ctl_str(&error, "code")));
    }
    byo_buf_free(&text);
    return false;
}

/* Whether a member is there, and of the type its name is marked with. */
static bool has_wanted(const ByoJsonAt *root, const char *want, size_t n)
{
    char name[40];
    bool list = n > 2 && memcmp(want + n - 2, "[]", 2) == 0,
         object = n > 2 && memcmp(want + n - 2, "{}", 2) == 0;
    snprintf(name, sizeof name, "%.*s", (int)(list || object ? n - 2 : n), want);
    ByoJsonAt at = byo_json_member(root, name);
    if (object || !list)
        return object ? byo_json_type(&at) == BYO_JSON_OBJECT : at.value != NULL;
    if (byo_json_type(&at) != BYO_JSON_ARRAY)
        return false;
    for (size_t i = 0; i < byo_json_size(&at); i++) {
        ByoJsonAt item = byo_json_item(&at, i);
        if (byo_json_type(&item) != BYO_JSON_OBJECT)
            return false;
    }
    return true;
}

/* Whether the answer is what was asked for. */
static bool fits(ByoCtl *c, ByoCtlReply *r, const char *wants)
{
    static const char csv[] = BYO_CTL_CSV;
    if (strcmp(wants, csv) == 0)
        return strncmp(r->answer.type, csv, sizeof csv - 1) == 0 || byo_ctl_unreadable(c, r, "it is no CSV");
    if (!r->doc || byo_json_errors(r->doc))
        return byo_ctl_unreadable(c, r, "it is no JSON object");
    for (const char *w = wants; *w;) {
        size_t n = strcspn(w, " ");
        if (!has_wanted(&r->root, w, n)) {
            char *why = byo_printf("it has no \"%.*s\" as byobox's have", (int)strcspn(w, " []{}"), w);
            byo_ctl_unreadable(c, r, why);
            free(why);
            return false;
        }
        w += n + strspn(w + n, " ");
    }
    return true;
}

bool byo_ctl_send(ByoCtl *c, const char *method, const char *target, const char *content_type, ByoStr body,
                  const char *wants, ByoCtlReply *r)
{
    *r = (ByoCtlReply){.code = BYO_CTL_USAGE};
    if (!byo_ctl_load(c) || !find_user(c))
        return false;
    ByoClientPlace place = {c->conf->admin_interface, c->conf->admin_port, c->user, c->password,
                            c->conf->admin_ssl_cert_file};
    byo_client_request(&place, method, target, content_type, body, &r->answer);
    r->code = code_of(r->answer.status);
    if (!r->answer.status) {
        byo_ctl_tell(c, "unreachable", "byobox does not answer at %s", r->answer.why);
        return false;
    }
    ByoStr text = byo_buf_str(&r->answer.body);
    if (text.n && text.p[0] == '{') {
        r->doc = byo_json_read(text, ANSWER_MAX, 16);
        r->root = byo_json_root(r->doc);
    }
    return r->code == BYO_CTL_DONE ? fits(c, r, wants) : tell_refusal(c, r);
}

bool byo_ctl_ask(ByoCtl *c, const char *method, const char *target, ByoJson *body, const char *wants,
                 ByoCtlReply *r)
{
    ByoBuf text = {0};
    if (body)
        byo_json_text(body, false, &text);
    bool fine =
        byo_ctl_send(c, method, target, body ? "application/json" : NULL, byo_buf_str(&text), wants, r);
    byo_json_free(body);
    byo_buf_free(&text);
    return fine;
}

void byo_ctl_reply_free(ByoCtlReply *r)
{
    byo_json_close(r->doc);
    byo_client_answer_free(&r->answer);
}

void byo_ctl_print_json(ByoCtl *c, const ByoCtlReply *r)
{
    fwrite(r->answer.body.p, 1, r->answer.body.n, c->out);
}

/* -- lists --------------------------------------------------------------------------------------------*/

bool byo_ctl_most(ByoCtl *c, int64_t otherwise, int64_t *most_r)
{
    const char *limit = byo_ctl_option(c, "limit");
    *most_r = otherwise;
    if (byo_ctl_option(c, "all")) {
        *most_r = 0;
        return !limit || (byo_ctl_usage(c, "--limit and --all exclude each other"), false);
    }
    if (!limit || (byo_str_int(byo_str(limit), most_r) && *most_r > 0))
        return true;
    byo_ctl_usage(c, "--limit %s: a number from 1 is needed", limit);
    return false;
}

static void print_item(ByoCtl *c, const ByoJsonAt *item, bool first)
{
    ByoBuf text = {0};
    byo_json_write(item, false, &text);
    fprintf(c->out, "%s\n%s", first ? "" : ",", text.p);
    byo_buf_free(&text);
}

int byo_ctl_list(ByoCtl *c, const ByoBuf *target, int64_t most,
                 void (*each)(void *arg, const ByoJsonAt *item), void *arg)
{
    int64_t n = 0;
    char *page = NULL;
    int code = BYO_CTL_DONE;
    for (bool more = true; more;) {
        ByoBuf url = {0};
        ByoCtlReply r;
        int64_t left = most && most - n < PAGE ? most - n : PAGE;
        byo_buf_addf(&url, "%s%climit=%" PRId64, target->p, strchr(target->p, '?') ? '&' : '?', left);
        if (page)
            byo_buf_addf(&url, "&page=%s", page);
        bool fine = byo_ctl_ask(c, "GET", url.p, NULL, BYO_CTL_LIST, &r);
        byo_buf_free(&url);
        ByoJsonAt items = byo_json_member(&r.root, "items");
        if (fine && page && byo_str_is(byo_ctl_str(&r.root, "next"), page))
            fine = byo_ctl_unreadable(c, &r, "its next page is the same page");
        if (fine && c->json && n == 0 && !page)
            fputs("{\"items\": [", c->out);
        for (size_t i = 0; fine && i < byo_json_size(&items); i++, n++) {
            ByoJsonAt item = byo_json_item(&items, i);
            if (c->json)
                print_item(c, &item, n == 0);
            else
                each(arg, &item);
        }
        free(page);
        page = fine ? byo_str_dup(byo_ctl_str(&r.root, "next")) : NULL;
        code = r.code;
        more = fine && page && (!most || n < most);
        byo_ctl_reply_free(&r);
    }
    if (code == BYO_CTL_DONE && c->json)
        fprintf(c->out, "], \"next\": %s%s%s}\n", page ? "\"" : "", page ? page : "null", page ? "\"" : "");
    free(page);
    return code;
}

/* -- values -------------------------------------------------------------------------------------------*/

ByoStr byo_ctl_str(const ByoJsonAt *object, const char *key)
{
    ByoJsonAt at = byo_json_member(object, key);
    return byo_json_peek_str(&at);
}

int64_t byo_ctl_int(const ByoJsonAt *object, const char *key)
{
    ByoJsonAt at = byo_json_member(object, key);
    return byo_json_peek_int(&at, 0);
}

int64_t byo_ctl_rounded(const ByoJsonAt *object, const char *key)
{
    ByoJsonAt at = byo_json_member(object, key);
    ByoBuf text = {0};
    double value = 0;
    if (byo_json_type(&at) == BYO_JSON_REAL || byo_json_type(&at) == BYO_JSON_INT) {
        byo_json_write(&at, false, &text);
        value = strtod(text.p, NULL);
    }
    byo_buf_free(&text);
    return (int64_t)(value + 0.5);
}

bool byo_ctl_bool(const ByoJsonAt *object, const char *key)
{
    ByoJsonAt at = byo_json_member(object, key);
    return byo_json_peek_bool(&at);
}

ByoStr byo_ctl_time(const ByoJsonAt *object, const char *key, char buf[BYO_CTL_TIME])
{
    ByoStr t = byo_ctl_str(object, key);
    if (t.n < 19)
        return BYO_STR_NONE;
    snprintf(buf, BYO_CTL_TIME, "%.10s %.8s", t.p, t.p + 11);
    return byo_str(buf);
}

static void print_value(ByoCtl *c, const ByoJsonAt *at)
{
    ByoBuf text = {0}, clean = {0};
    if (byo_json_type(at) == BYO_JSON_STR)
        byo_buf_add(&text, byo_json_peek_str(at).p, byo_json_peek_str(at).n);
    else if (byo_json_type(at) == BYO_JSON_NULL)
        byo_buf_adds(&text, "-");
    else
        byo_json_write(at, false, &text);
    byo_grid_clean(&clean, byo_buf_str(&text));
    fprintf(c->out, "%s\n", clean.p ? clean.p : "");
    byo_buf_free(&text);
    byo_buf_free(&clean);
}

static bool skipped(const char *const *skip, const char *name)
{
    for (; skip && *skip; skip++)
        if (strcmp(*skip, name) == 0)
            return true;
    return false;
}

void byo_ctl_print_object(ByoCtl *c, const ByoJsonAt *object, int indent, const char *const *skip)
{
    size_t iter = 0;
    for (ByoJsonAt at; byo_json_next(object, &iter, &at);) {
        if (skipped(skip, at.key))
            continue;
        fprintf(c->out, "%*s%-*s ", indent, "", 26 - indent, at.key);
        if (byo_json_type(&at) == BYO_JSON_OBJECT && byo_json_size(&at) > 0) {
            fputc('\n', c->out);
            byo_ctl_print_object(c, &at, indent + 2, NULL);
        } else {
            print_value(c, &at);
        }
    }
}
