/* SPDX-License-Identifier: BSD-3-Clause
 * PUT /v1/integrations/ID: one is added or changed (spec A1).
 * Decides: which answer each outcome is; that paths and what would change are for who may view.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdlib.h>

#include "integration/key_table.h"

enum { DEPTH = 16 }; /* as the advanced configuration's */

void byo_admin_put_clear(ByoAdminPutDone *done)
{
    free(done->why);
    free(done->file);
    free(done->difference);
    byo_json_free(done->faults);
    byo_json_free(done->warnings);
    *done = (ByoAdminPutDone){.why = NULL};
}

/* The error's sentence and field are the first fault's, and all of them stand beside it. */
static void answer_faults(ByoApiCall *c, ByoJson *faults)
{
    ByoBuf text = {0};
    byo_json_text(faults, false, &text);
    ByoJsonDoc *doc = byo_json_read(byo_buf_str(&text), text.n, 3);
    ByoJsonAt all = byo_json_root(doc), first = byo_json_item(&all, 0),
              field = byo_json_member(&first, "field"), message = byo_json_member(&first, "message");
    char *name = byo_str_dup(byo_json_peek_str(&field));
    byo_api_error_with(c, 422, "invalid-integration", name, "faults", faults, "%s%s%.*s.", name ? name : "",
                       name ? ": " : "", BYO_PF(byo_json_peek_str(&message)));
    free(name);
    byo_json_close(doc);
    byo_buf_free(&text);
}

static void answer_check(ByoApiCall *c, ByoAdminPutDone *done)
{
    ByoJson *j = byo_json_object();
    if (c->who.can & BYO_CAN_VIEW) {
        byo_json_set_z(j, "file", done->file);
        byo_json_set_z(j, "difference", done->difference);
    }
    byo_json_set(j, "warnings", done->warnings);
    done->warnings = NULL;
    byo_api_json(c, 200, j);
}

static void answer_done(ByoApiCall *c, int status)
{
    if (c->who.can & BYO_CAN_STATUS) {
        byo_api_show_integration(c, status);
        return;
    }
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "id", c->subject);
    byo_api_json(c, status, j);
}

static void answer(ByoApiCall *c, const ByoAdminPut *put, ByoAdminPutAnswer outcome, ByoAdminPutDone *done)
{
    switch (outcome) {
    case BYO_PUT_MADE:
    case BYO_PUT_CHANGED:
        if (put->check)
            answer_check(c, done);
        else
            answer_done(c, outcome == BYO_PUT_MADE ? 201 : 200);
        break;
    case BYO_PUT_FAULTS:
        answer_faults(c, done->faults);
        done->faults = NULL;
        break;
    case BYO_PUT_FORBIDDEN:
        byo_api_error(c, 403, "not-allowed", NULL, "%s", done->why);
        break;
    case BYO_PUT_READ_ONLY:
        byo_api_error(c, 409, "read-only", NULL, "%s", done->why);
        break;
    case BYO_PUT_STALE:
        byo_api_error(c, 412, "changed-meanwhile", NULL, "%s", done->why);
        break;
    case BYO_PUT_CONFLICT:
        byo_buf_adds(&c->resp->headers, "Retry-After: 5\r\n");
        byo_api_error(c, 409, "wrong-state", NULL, "%s", done->why);
        break;
    case BYO_PUT_UNAVAILABLE:
        byo_api_error(c, 503, "not-available", NULL, "%s", done->why);
        break;
    }
}

/* The id becomes the name of a file. */
static bool good_id(ByoApiCall *c)
{
    ByoStr id = byo_str(c->subject);
    if (byo_key_is_id(id) && id.p[0] != '.')
        return true;
    ByoJson *faults = byo_json_array(), *one = byo_json_object();
    byo_json_set_z(one, "field", "id");
    byo_json_set_z(one, "message",
                   "An id is 1 to 32 letters, digits, '.', '_' or '-', and does not begin with a dot");
    byo_json_add(faults, one);
    answer_faults(c, faults);
    return false;
}

void byo_api_put(ByoApiCall *c)
{
    static const char *const allowed[] = {"check", NULL};
    const ByoAdminActions *a = c->api->actions;
    ByoAdminPut put = {.id = byo_str(c->subject),
                       .if_match = c->req->header[BYO_HEADER_IF_MATCH],
                       .can = c->who.can,
                       .who = byo_str(c->who.name)};
    ByoAdminPutDone done = {.why = NULL};
    ByoJsonDoc *doc;
    if (!byo_api_params(c, allowed) || !byo_api_param_bool(c, "check", &put.check) || !good_id(c) ||
        !(doc = byo_api_body(c, DEPTH)))
        return;
    ByoJsonAt root = byo_json_root(doc);
    put.body = &root;
    if (a->integration_put)
        answer(c, &put, a->integration_put(a->arg, &put, &done), &done);
    else
        byo_api_error(c, 503, "not-available", NULL, "This process does not change the configuration.");
    byo_admin_put_clear(&done);
    byo_json_close(doc);
}
