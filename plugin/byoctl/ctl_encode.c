/* SPDX-License-Identifier: BSD-3-Clause
 * byoctl encode: how a text would leave.
 * Ownership and threads: ctl_private.h. */
#include "byoctl/ctl_private.h"

#include <inttypes.h>
#include <stdlib.h>

static void segments(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt list = byo_json_member(root, "segments");
    ByoGrid *t = byo_grid_create(">SEGMENT|>UNITS|>OCTETS|+TEXT");
    for (size_t i = 0; i < byo_json_size(&list); i++) {
        ByoJsonAt one = byo_json_item(&list, i);
        byo_grid_addf(t, "%zu", i + 1);
        byo_grid_addf(t, "%" PRId64, byo_ctl_int(&one, "units"));
        byo_grid_addf(t, "%" PRId64, byo_ctl_int(&one, "octets"));
        byo_grid_add(t, byo_ctl_str(&one, "text"));
    }
    byo_grid_print(t, c->out);
    byo_grid_destroy(t);
}

static void others(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt list = byo_json_member(root, "others");
    ByoGrid *t = byo_grid_create("OTHER CHARSET|>DCS|>SEGMENTS|>UNITS|+WHY NOT");
    for (size_t i = 0; i < byo_json_size(&list); i++) {
        ByoJsonAt one = byo_json_item(&list, i);
        bool fits = byo_ctl_bool(&one, "fits");
        byo_grid_add(t, byo_ctl_str(&one, "charset"));
        byo_grid_addf(t, "%" PRId64, byo_ctl_int(&one, "dcs"));
        if (fits) {
            byo_grid_addf(t, "%" PRId64, byo_ctl_int(&one, "segments"));
            byo_grid_addf(t, "%" PRId64, byo_ctl_int(&one, "units"));
        } else {
            byo_grid_add(t, BYO_STR_NONE);
            byo_grid_add(t, BYO_STR_NONE);
        }
        byo_grid_add(t, byo_ctl_str(&one, "why"));
    }
    if (byo_grid_rows(t)) {
        fputc('\n', c->out);
        byo_grid_print(t, c->out);
    }
    byo_grid_destroy(t);
}

/* Quoted: they may be blanks, or nothing. */
static void join(ByoBuf *out, const ByoJsonAt *list)
{
    byo_buf_clear(out);
    for (size_t i = 0; i < byo_json_size(list); i++) {
        ByoJsonAt one = byo_json_item(list, i);
        byo_buf_addf(out, "%s\"%.*s\"", i ? ", " : "", BYO_PF(byo_json_peek_str(&one)));
    }
}

static void characters(ByoCtl *c, const ByoJsonAt *root)
{
    ByoJsonAt list = byo_json_member(root, "characters");
    ByoGrid *t = byo_grid_create(">OFFSET|CHARACTER|FIRST NOT IN|+COULD BE");
    ByoBuf text = {0};
    for (size_t i = 0; i < byo_json_size(&list); i++) {
        ByoJsonAt one = byo_json_item(&list, i), in = byo_json_member(&one, "missingIn"),
                  first = byo_json_item(&in, 0), instead = byo_json_member(&one, "standIns");
        byo_grid_addf(t, "%" PRId64, byo_ctl_int(&one, "offset"));
        byo_grid_add(t, byo_ctl_str(&one, "character"));
        byo_grid_add(t, byo_ctl_str(&first, "charset"));
        join(&text, &instead);
        byo_grid_add(t, text.n ? byo_buf_str(&text) : BYO_STR_NONE);
    }
    if (byo_grid_rows(t)) {
        fputc('\n', c->out);
        byo_grid_print(t, c->out);
    }
    byo_buf_free(&text);
    byo_grid_destroy(t);
}

static int print(ByoCtl *c, const ByoJsonAt *root)
{
    ByoStr charset = byo_ctl_str(root, "charset");
    ByoJsonAt list = byo_json_member(root, "segments");
    size_t n = byo_json_size(&list);
    if (charset.n) {
        fprintf(c->out, "%.*s, dcs %" PRId64 ": %zu segment%s; a unit is one %.*s\n\n", BYO_PF(charset),
                byo_ctl_int(root, "dcs"), n, n == 1 ? "" : "s", BYO_PF(byo_ctl_str(root, "unit")));
        segments(c, root);
    } else {
        fprintf(c->out, "It would be refused: %.*s (%.*s)\n", BYO_PF(byo_ctl_str(root, "cause")),
                BYO_PF(byo_ctl_str(root, "description")));
    }
    others(c, root);
    characters(c, root);
    return charset.n ? BYO_CTL_DONE : BYO_CTL_REFUSED;
}

int byo_ctl_encode(ByoCtl *c)
{
    ByoCtlReply r;
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "text", c->arguments[0]);
    if (byo_ctl_option(c, "integration"))
        byo_json_set_z(j, "integration", byo_ctl_option(c, "integration"));
    if (byo_ctl_option(c, "number"))
        byo_json_set_z(j, "number", byo_ctl_option(c, "number"));
    if (byo_ctl_ask(c, "POST", "/v1/encode", j, "integration segments[] others[] characters[]", &r)) {
        if (c->json)
            byo_ctl_print_json(c, &r);
        else
            r.code = print(c, &r.root);
    }
    byo_ctl_reply_free(&r);
    return r.code;
}
