/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl integration put: a file of JSON becomes an integration.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <openssl/crypto.h>

#include "admin/api.h"

/* A list of {"field", "message"}, one a line. */
static void print_faults(FILE *out, const ByoJsonAt *list, const char *kind)
{
    for (size_t i = 0; i < byo_json_size(list); i++) {
        ByoBuf line = {0}, clean = {0};
        ByoJsonAt one = byo_json_item(list, i);
        ByoStr field = byo_ctl_str(&one, "field");
        byo_buf_addf(&line, "%s%.*s%s%.*s", kind, BYO_PF(field), field.n ? ": " : "",
                     BYO_PF(byo_ctl_str(&one, "message")));
        byo_grid_clean(&clean, byo_buf_str(&line));
        fprintf(out, "%s\n", clean.p);
        byo_buf_free(&line);
        byo_buf_free(&clean);
    }
}

/* What would be: the file, then what changes in it. */
static void print_check(ByoCtl *c, const ByoJsonAt *root)
{
    ByoStr file = byo_ctl_str(root, "file"), rest = byo_ctl_str(root, "difference");
    if (file.p)
        fprintf(c->out, "%.*s\n", BYO_PF(file));
    while (rest.n) {
        const char *end = memchr(rest.p, '\n', rest.n);
        size_t n = end ? (size_t)(end - rest.p) : rest.n;
        ByoBuf clean = {0};
        byo_grid_clean(&clean, byo_strn(rest.p, n));
        fprintf(c->out, "%s\n", clean.p ? clean.p : "");
        byo_buf_free(&clean);
        n += end ? 1 : 0;
        rest = byo_strn(rest.p + n, rest.n - n);
    }
    if (file.p && !byo_ctl_str(root, "difference").n)
        fputs("nothing would change\n", c->out);
    ByoJsonAt warnings = byo_json_member(root, "warnings");
    print_faults(c->out, &warnings, "warning: ");
}

static void print_answer(ByoCtl *c, const ByoCtlReply *r, bool check)
{
    if (c->json)
        byo_ctl_print_json(c, r);
    else if (check)
        print_check(c, &r->root);
    else
        fprintf(c->out, "%s %s\n", c->arguments[0],
                r->answer.status == 201 ? "was added" : "is as the file says");
}

int byo_ctl_integration_put(ByoCtl *c)
{
    bool check = byo_ctl_option(c, "check") != NULL;
    ByoBuf url = {0}, body = {0};
    ByoCtlReply r;
    if (!byo_ctl_read_file(c, c->arguments[1], BYO_API_JSON_MAX, &body))
        return BYO_CTL_USAGE;
    byo_buf_adds(&url, "/v1/integrations/");
    byo_client_encode(&url, byo_str(c->arguments[0]));
    byo_buf_adds(&url, check ? "?check=true" : "");
    if (byo_ctl_send(c, "PUT", url.p, "application/json", byo_buf_str(&body), check ? "warnings[]" : "id",
                     &r)) {
        print_answer(c, &r, check);
    } else if (!c->json) {
        ByoJsonAt faults = byo_json_member(&r.root, "faults");
        if (byo_json_size(&faults) > 1)
            print_faults(c->err, &faults, "  ");
    }
    OPENSSL_cleanse(body.p, body.cap);
    byo_buf_free(&body);
    byo_buf_free(&url);
    byo_ctl_reply_free(&r);
    return r.code;
}
