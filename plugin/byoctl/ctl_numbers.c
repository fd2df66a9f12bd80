/* SPDX-License-Identifier: BSD-3-Clause
 * `byoctl number ...`.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "compliance/compliance_json.h"

/* -- compliance texts ---------------------------------------------------------------------------------*/

/* What the --help-..., --opt-out-..., --opt-in-... options say, over what *texts has. 0 or an exit code. */
static int take_texts(ByoCtl *c, ByoCompliance *texts)
{
    for (ByoKeywordKind kind = BYO_KEYWORD_HELP; kind <= BYO_KEYWORD_OPT_IN; kind++) {
        char option[32];
        const char *name = byo_keyword_kind_name(kind);
        snprintf(option, sizeof option, "%s-keywords", name);
        const char *keywords = byo_ctl_option(c, option);
        snprintf(option, sizeof option, "%s-reply", name);
        const char *reply = byo_ctl_option(c, option);
        if (!keywords && !reply)
            continue;
        if (!keywords || !reply)
            return byo_ctl_usage(c, "--%s-keywords and --%s-reply belong together", name, name);
        ByoCompliance one = {0};
        byo_compliance_add_keywords(byo_compliance_add_group(&one, kind, byo_str(reply)), byo_str(keywords));
        /* The kind is replaced, the others stay. */
        ByoKeywordGroups old = *byo_compliance_groups(texts, kind);
        *byo_compliance_groups(texts, kind) = *byo_compliance_groups(&one, kind);
        *byo_compliance_groups(&one, kind) = old;
        byo_compliance_free(&one);
    }
    for (size_t i = 0; i < c->n_options; i++)
        if (strcmp(c->options[i].name, "opt-out-pattern") == 0)
            byo_compliance_add_pattern(texts, byo_str(c->options[i].value));
    const char *loose = byo_ctl_option(c, "opt-out-loose");
    bool yes = loose && strcmp(loose, "yes") == 0;
    if (loose && !yes && strcmp(loose, "no") != 0)
        return byo_ctl_usage(c, "--opt-out-loose is yes or no");
    if (loose)
        texts->loose = yes ? BYO_LOOSE_YES : BYO_LOOSE_NO;
    return 0;
}

static void number_url(ByoCtl *c, ByoBuf *url)
{
    byo_buf_adds(url, "/v1/numbers/");
    byo_client_encode(url, byo_str(c->arguments[0]));
}

/* What was understood of the keywords. */
static void print_texts(ByoCtl *c, const ByoJsonAt *number)
{
    ByoJsonAt texts = byo_json_member(number, "compliance");
    for (ByoKeywordKind kind = BYO_KEYWORD_HELP; kind <= BYO_KEYWORD_OPT_IN; kind++) {
        ByoJsonAt groups = byo_json_member(&texts, byo_keyword_kind_member(kind));
        for (size_t i = 0; i < byo_json_size(&groups); i++) {
            ByoJsonAt group = byo_json_item(&groups, i), words = byo_json_member(&group, "keywords");
            ByoBuf line = {0}, clean = {0};
            byo_buf_addf(&line, "%s keywords:", byo_keyword_kind_name(kind));
            for (size_t k = 0; k < byo_json_size(&words); k++) {
                ByoJsonAt word = byo_json_item(&words, k);
                byo_buf_addf(&line, "%s %.*s", k ? "," : "", BYO_PF(byo_json_peek_str(&word)));
            }
            byo_grid_clean(&clean, byo_buf_str(&line));
            fprintf(c->out, "  %s\n", clean.p);
            byo_buf_free(&line);
            byo_buf_free(&clean);
        }
    }
}

/* -- import -------------------------------------------------------------------------------------------*/

int byo_ctl_number_import(ByoCtl *c)
{
    ByoCompliance texts = {0};
    ByoCtlReply r;
    int bad = take_texts(c, &texts);
    if (bad) {
        byo_compliance_free(&texts);
        return bad;
    }
    ByoJson *j = byo_json_object(), *compliance = byo_compliance_json(&texts);
    byo_compliance_free(&texts);
    byo_json_set_z(j, "number", c->arguments[0]);
    byo_json_set_z(j, "integration", byo_ctl_option(c, "integration"));
    byo_json_set_z(j, "type", byo_ctl_option(c, "type"));
    byo_json_set_z(j, "country", byo_ctl_option(c, "country"));
    byo_json_set(j, "compliance", compliance);
    if (byo_ctl_ask(c, "POST", "/v1/numbers", j, "number integration", &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else {
            fprintf(c->out, "%.*s was imported for %.*s\n", BYO_PF(byo_ctl_str(&r.root, "number")),
                    BYO_PF(byo_ctl_str(&r.root, "integration")));
            print_texts(c, &r.root);
        }
    }
    byo_ctl_reply_free(&r);
    return r.code;
}

static void print_rows(ByoCtl *c, const ByoJsonAt *root)
{
    ByoGrid *t = byo_grid_create(">LINE|NUMBER|ANSWER|+WHY");
    ByoJsonAt items = byo_json_member(root, "items");
    for (size_t i = 0; i < byo_json_size(&items); i++) {
        ByoJsonAt row = byo_json_item(&items, i);
        if (byo_ctl_int(&row, "status") == 201)
            continue;
        byo_grid_addf(t, "%" PRId64, byo_ctl_int(&row, "line"));
        byo_grid_add(t, byo_ctl_str(&row, "number"));
        byo_grid_add(t, byo_ctl_str(&row, "code"));
        byo_grid_add(t, byo_ctl_str(&row, "message"));
    }
    if (byo_grid_rows(t))
        byo_grid_print(t, c->out);
    byo_grid_destroy(t);
    fprintf(c->out, "%" PRId64 " %simported, %" PRId64 " refused\n", byo_ctl_int(root, "imported"),
            byo_ctl_option(c, "check") ? "would be " : "", byo_ctl_int(root, "refused"));
}

int byo_ctl_number_import_csv(ByoCtl *c)
{
    ByoBuf csv = {0};
    ByoCtlReply r;
    if (!byo_ctl_read_file(c, c->arguments[0], BYO_CTL_CSV_MAX, &csv))
        return BYO_CTL_USAGE;
    const char *target = byo_ctl_option(c, "check") ? "/v1/numbers/import?check=true" : "/v1/numbers/import";
    if (byo_ctl_send(c, "POST", target, "text/csv", byo_buf_str(&csv), "items[] imported refused", &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else
            print_rows(c, &r.root);
        if (byo_ctl_int(&r.root, "refused") > 0)
            r.code = BYO_CTL_REFUSED;
    }
    byo_buf_free(&csv);
    byo_ctl_reply_free(&r);
    return r.code;
}

/* -- looking ------------------------------------------------------------------------------------------*/

static void add_number(void *arg, const ByoJsonAt *n)
{
    char created[BYO_CTL_TIME];
    ByoJsonAt texts = byo_json_member(n, "compliance");
    byo_grid_add(arg, byo_ctl_str(n, "number"));
    byo_grid_add(arg, byo_ctl_str(n, "integration"));
    byo_grid_add(arg, byo_ctl_str(n, "state"));
    byo_grid_add(arg, byo_ctl_str(n, "type"));
    byo_grid_add(arg, byo_ctl_str(n, "country"));
    byo_grid_add(arg, byo_json_type(&texts) == BYO_JSON_OBJECT ? BYO_STR("own") : BYO_STR("standard"));
    byo_grid_add(arg, byo_ctl_time(n, "created", created));
}

int byo_ctl_number_list(ByoCtl *c)
{
    static const char *const filters[] = {"integration", "type", "number", NULL};
    ByoBuf url = {0};
    byo_buf_adds(&url, "/v1/numbers");
    byo_ctl_query(c, &url, filters);
    int code = byo_ctl_table(c, &url, 0, add_number,
                             "!NUMBER|INTEGRATION|STATE|TYPE|COUNTRY|KEYWORDS|IMPORTED (UTC)");
    byo_buf_free(&url);
    return code;
}

static int one(ByoCtl *c, const char *method, ByoJson *body, const char *done)
{
    ByoBuf url = {0};
    ByoCtlReply r;
    number_url(c, &url);
    if (byo_ctl_ask(c, method, url.p, body, "number", &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else if (done) {
            fprintf(c->out, "%.*s was %s\n", BYO_PF(byo_ctl_str(&r.root, "number")), done);
            print_texts(c, &r.root);
        } else
            byo_ctl_print_object(c, &r.root, 0, NULL);
    }
    byo_ctl_reply_free(&r);
    byo_buf_free(&url);
    return r.code;
}

int byo_ctl_number_show(ByoCtl *c)
{
    return one(c, "GET", NULL, NULL);
}

int byo_ctl_number_delete(ByoCtl *c)
{
    return one(c, "DELETE", NULL, "deleted");
}

/* -- change -------------------------------------------------------------------------------------------*/

/* The texts it has now; *code_r is 0, or how to end. */
static ByoCompliance texts_now(ByoCtl *c, int *code_r)
{
    ByoBuf url = {0};
    ByoCtlReply r;
    ByoCompliance texts = {0};
    number_url(c, &url);
    if (byo_ctl_ask(c, "GET", url.p, NULL, "number", &r)) {
        ByoJsonAt at = byo_json_member(&r.root, "compliance");
        if (byo_json_type(&at) == BYO_JSON_OBJECT)
            byo_compliance_read(&at, &texts);
    }
    *code_r = r.code;
    byo_ctl_reply_free(&r);
    byo_buf_free(&url);
    return texts;
}

int byo_ctl_number_set(ByoCtl *c)
{
    bool standard = byo_ctl_option(c, "standard") != NULL;
    if (c->n_options == 0 || (standard && c->n_options > 1))
        return byo_ctl_usage(c, "number set needs either texts or --standard");
    ByoCompliance texts = {0};
    int code = 0;
    if (!standard) {
        texts = texts_now(c, &code);
        if (!code)
            code = take_texts(c, &texts);
    }
    if (!code) {
        ByoJson *j = byo_json_object();
        byo_json_set(j, "compliance", byo_compliance_json(&texts));
        code = one(c, "PATCH", j, "changed");
    }
    byo_compliance_free(&texts);
    return code;
}
