/* SPDX-License-Identifier: BSD-3-Clause
 * Integrations (spec L1-L4): what the file says, what they do; activate, deactivate, delete (PUT: api_put.c). And the
 * check of an advanced configuration (spec J6).
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"
#include "integration/properties.h"

#include <stdlib.h>

/* One with its configuration, and what its deletion takes along (field S8, S10). */
static ByoJson *whole(ByoApiCall *c, ByoAdminStatus *st, ByoAdminIntegration *i)
{
    ByoJson *j = byo_api_integration_json(st, i, true), *along = byo_json_array();
    for (size_t k = 0; k < st->n; k++)
        if (strcmp(st->integrations[k].receives_for, i->id) == 0)
            byo_json_add_str(along, byo_str(st->integrations[k].id));
    byo_json_set(j, "goesAlong", along);
    byo_json_set_int(j, "numbers", byo_store_number_count(c->api->reader, byo_str(i->id)));
    return j;
}

/* Who may change it and not look on sees what he would change, and nothing of what it does. */
static bool looks_on(const ByoApiCall *c)
{
    return (c->who.can & BYO_CAN_STATUS) != 0;
}

static ByoJson *to_edit(ByoAdminIntegration *i)
{
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "id", i->id);
    byo_json_set(j, "properties", i->properties);
    i->properties = NULL;
    return j;
}

void byo_api_integrations(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    ByoAdminStatus st = {0};
    if (!byo_api_params(c, allowed))
        return;
    c->api->actions->status(c->api->actions->arg, &st);
    ByoJson *items = byo_json_array();
    for (size_t i = 0; i < st.n; i++)
        byo_json_add(items, looks_on(c) ? whole(c, &st, &st.integrations[i]) : to_edit(&st.integrations[i]));
    byo_admin_status_clear(&st);
    byo_api_list(c, items, NULL);
}

void byo_api_properties(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    const ByoKeyDef *def;
    if (!byo_api_params(c, allowed))
        return;
    ByoJson *items = byo_json_array();
    for (size_t i = 0; (def = byo_property(i)); i++)
        byo_json_add(items, byo_property_describe(def));
    byo_api_list(c, items, NULL);
}

static void not_found(ByoApiCall *c)
{
    byo_api_error(c, 404, "not-found", NULL, "There is no integration of this id.");
}

/* What its file says besides; the advanced configuration, whose content no table of keys has, becomes a property.
 * *version_r: of the files, for the caller to free; NULL: not known. */
static ByoJson *with_file(ByoApiCall *c, ByoAdminStatus *st, ByoAdminIntegration *i, bool all,
                          char **version_r)
{
    ByoAdminFile f = {.file = NULL};
    if (c->api->actions->integration_file)
        c->api->actions->integration_file(c->api->actions->arg, byo_str(i->id), &f);
    if (i->properties) {
        ByoStr text = f.advanced ? byo_str(f.advanced) : BYO_STR("null");
        ByoJsonDoc *doc = byo_json_read(text, BYO_ADVANCED_MAX_SIZE, BYO_JSON_DEPTH_MAX);
        ByoJsonAt root = byo_json_root(doc);
        byo_json_set(i->properties, "advanced", byo_json_copy(&root));
        byo_json_close(doc);
    }
    ByoJson *j = all ? whole(c, st, i) : to_edit(i);
    byo_json_set_bool(j, "editable", f.editable);
    if (c->who.can & BYO_CAN_VIEW)
        byo_json_set_z(j, "file", f.file);
    *version_r = f.version;
    free(f.file);
    free(f.advanced);
    return j;
}

/* The integration as it is now, or of that what may be changed; NULL: there is none. */
static ByoJson *look(ByoApiCall *c, bool all, char **version_r)
{
    ByoAdminStatus st = {0};
    ByoJson *j = NULL;
    *version_r = NULL;
    c->api->actions->status(c->api->actions->arg, &st);
    for (size_t i = 0; i < st.n && !j; i++)
        if (strcmp(st.integrations[i].id, c->subject) == 0)
            j = with_file(c, &st, &st.integrations[i], all, version_r);
    byo_admin_status_clear(&st);
    return j;
}

static void show(ByoApiCall *c, int status, bool all)
{
    char *version;
    ByoJson *j = look(c, all, &version);
    if (version)
        byo_buf_addf(&c->resp->headers, "ETag: \"%s\"\r\n", version);
    free(version);
    if (j)
        byo_api_json(c, status, j);
    else
        not_found(c);
}

void byo_api_show_integration(ByoApiCall *c, int status)
{
    show(c, status, true);
}

void byo_api_integration(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    if (byo_api_params(c, allowed))
        show(c, 200, looks_on(c));
}

/* gone: as it was before, for a deletion that is over already. */
static void answer(ByoApiCall *c, ByoAdminAnswer result, const char *why, ByoJson *gone)
{
    switch (result) {
    case BYO_ANSWER_OK:
        byo_api_show_integration(c, 202);
        if (c->resp->status != 404 || !gone)
            break;
        byo_json_set_z(gone, "state", "deleted");
        byo_api_json(c, 202, gone);
        return;
    case BYO_ANSWER_UNKNOWN:
        not_found(c);
        break;
    case BYO_ANSWER_CONFLICT:
        byo_api_error(c, 409, "wrong-state", NULL, "%s", why);
        break;
    case BYO_ANSWER_UNAVAILABLE:
        byo_api_error(c, 503, "not-available", NULL, "%s", why);
        break;
    }
    byo_json_free(gone);
}

static void change(ByoApiCall *c, ByoAdminVerb verb)
{
    static const char *const allowed[] = {NULL};
    const ByoAdminActions *a = c->api->actions;
    char why[200] = "", *version = NULL;
    if (!byo_api_params(c, allowed))
        return;
    if (!a->life) {
        byo_api_error(c, 503, "not-available", NULL, "This process does not manage bearerbox's links.");
        return;
    }
    ByoJson *gone = verb == BYO_VERB_DELETE ? look(c, true, &version) : NULL;
    free(version);
    ByoAdminAnswer result = a->life(a->arg, byo_str(c->subject), verb, byo_str(c->who.name), why);
    answer(c, result, why, gone);
}

void byo_api_activate(ByoApiCall *c)
{
    change(c, BYO_VERB_ACTIVATE);
}

void byo_api_deactivate(ByoApiCall *c)
{
    change(c, BYO_VERB_DEACTIVATE);
}

void byo_api_delete(ByoApiCall *c)
{
    change(c, BYO_VERB_DELETE);
}

/* -- the advanced configuration -----------------------------------------------------------------------*/

/* A fault's text is "POINTER: SENTENCE", or the sentence alone for the whole. */
static ByoJson *fault_json(const ByoFault *f)
{
    ByoJson *j = byo_json_object();
    const char *colon = f->text[0] == '/' ? strstr(f->text, ": ") : NULL;
    byo_json_set_z(j, "severity", f->severity == BYO_FAULT_ERROR ? "error" : "warning");
    byo_json_set_int(j, "line", f->line);
    byo_json_set_int(j, "column", f->column);
    byo_json_set_str(j, "pointer", colon ? byo_strn(f->text, (size_t)(colon - f->text)) : BYO_STR(""));
    byo_json_set_z(j, "message", colon ? colon + 2 : f->text);
    return j;
}

ByoJson *byo_api_check_json(const ByoFaults *faults, bool valid)
{
    ByoJson *j = byo_json_object(), *list = byo_json_array();
    for (size_t i = 0; i < faults->n; i++)
        byo_json_add(list, fault_json(&faults->items[i]));
    byo_json_set_bool(j, "valid", valid);
    byo_json_set_int(j, "errors", (int64_t)faults->errors);
    byo_json_set_int(j, "warnings", (int64_t)faults->warnings);
    byo_json_set(j, "faults", list);
    return j;
}

void byo_api_advanced_check(ByoApiCall *c)
{
    static const char *const allowed[] = {"allow-unknown-causes", NULL};
    ByoAdvancedOptions opt = {.features = c->api->actions->features(c->api->actions->arg)};
    ByoFaults faults = {0};
    if (!byo_api_params(c, allowed) ||
        !byo_api_param_bool(c, "allow-unknown-causes", &opt.allow_unknown_causes))
        return;
    if (!byo_api_body_is(c, "application/json")) {
        byo_api_error(c, 415, "wrong-media-type", NULL,
                      "The body must be JSON, with Content-Type: application/json.");
        return;
    }
    ByoAdvanced *a = byo_advanced_load(c->req->body, &opt, &faults);
    byo_api_json(c, 200, byo_api_check_json(&faults, a != NULL));
    byo_advanced_destroy(a);
    byo_faults_free(&faults);
}
