/* SPDX-License-Identifier: BSD-3-Clause
 * Query parameters and bodies: what they may hold, and the sentence when they do not.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "compliance/reading.h"

static void bad(ByoApiCall *c, const char *name, const char *what)
{
    byo_api_error(c, 400, "bad-query", name, "%s must be %s.", name, what);
}

/* The user's word for an error text: short, printable. */
static const char *shown(ByoStr s, char buf[64])
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < 40; i++)
        buf[n++] = (unsigned char)s.p[i] < 0x20 || (unsigned char)s.p[i] >= 0x7f ? '?' : s.p[i];
    buf[n] = 0;
    return buf;
}

bool byo_api_params(ByoApiCall *c, const char *const *allowed)
{
    char name[64];
    for (size_t i = 0; i < c->n_params; i++) {
        size_t k = 0;
        while (allowed[k] && !byo_str_is(c->params[i].name, allowed[k] + (allowed[k][0] == '*')))
            k++;
        shown(c->params[i].name, name);
        if (!allowed[k]) {
            byo_api_error(c, 400, "bad-query", name, "There is no query parameter \"%s\" here.", name);
            return false;
        }
        for (size_t m = 0; m < i && allowed[k][0] != '*'; m++)
            if (byo_str_eq(c->params[m].name, c->params[i].name)) {
                byo_api_error(c, 400, "bad-query", name, "%s stands twice in the query.", name);
                return false;
            }
    }
    return true;
}

ByoStr byo_api_param(const ByoApiCall *c, const char *name)
{
    for (size_t i = 0; i < c->n_params; i++)
        if (byo_str_is(c->params[i].name, name))
            return c->params[i].value;
    return BYO_STR_NONE;
}

bool byo_api_limit(ByoApiCall *c, int most, int otherwise, int *limit_r)
{
    ByoStr v = byo_api_param(c, "limit");
    int64_t n = otherwise;
    char what[64];
    if (v.p && (!byo_str_int(v, &n) || n < 1 || n > most)) {
        snprintf(what, sizeof what, "a number from 1 to %d", most);
        bad(c, "limit", what);
        return false;
    }
    *limit_r = (int)n;
    return true;
}

bool byo_api_param_time(ByoApiCall *c, const char *name, ByoTime *t_r)
{
    ByoStr v = byo_api_param(c, name);
    *t_r = 0;
    if (!v.p)
        return true;
    /* A '+' of an offset that was not written %2B came as a blank. */
    char text[64];
    size_t n = v.n < sizeof text ? v.n : sizeof text;
    memcpy(text, v.p, n);
    if (n > 6 && text[n - 6] == ' ')
        text[n - 6] = '+';
    if (v.n < sizeof text && byo_time_parse(byo_strn(text, n), t_r))
        return true;
    bad(c, name, "a time such as 2026-11-22T16:00:00Z, or a date");
    return false;
}

bool byo_api_param_id(ByoApiCall *c, const char *name, ByoId *id_r)
{
    ByoStr v = byo_api_param(c, name);
    *id_r = 0;
    if (!v.p || byo_id_parse(v, id_r))
        return true;
    bad(c, name, "an id of 14 hexadecimal digits, as an answer gave it");
    return false;
}

bool byo_api_param_bool(ByoApiCall *c, const char *name, bool *value_r)
{
    ByoStr v = byo_api_param(c, name);
    *value_r = byo_str_is(v, "true") || byo_str_is(v, "yes");
    if (!v.p || *value_r || byo_str_is(v, "false") || byo_str_is(v, "no"))
        return true;
    bad(c, name, "true or false");
    return false;
}

bool byo_api_param_csv(ByoApiCall *c, bool *csv_r)
{
    ByoStr v = byo_api_param(c, "format");
    *csv_r = byo_str_is(v, "csv");
    if (!v.p || *csv_r || byo_str_is(v, "json"))
        return true;
    byo_api_error(c, 400, "bad-query", "format", "format must be json or csv.");
    return false;
}

bool byo_api_param_number(ByoApiCall *c, const char *name, char digits[BYO_ADDRESS_MAX], ByoStr *value_r)
{
    ByoStr v = byo_api_param(c, name);
    *value_r = BYO_STR_NONE;
    if (!v.p)
        return true;
    if (!byo_read_digits(v, digits)) {
        bad(c, name, "a number such as +12025550100, or a short code");
        return false;
    }
    *value_r = byo_str(digits);
    return true;
}

bool byo_api_param_recipient(ByoApiCall *c, const char *name, ByoPlanForms *forms_r)
{
    ByoStr v = byo_api_param(c, name);
    char digits[BYO_ADDRESS_MAX];
    forms_r->n = 0;
    if (!v.p)
        return true;
    if (!byo_read_phone_digits(v, digits)) {
        bad(c, name, "an international number such as +12025550199");
        return false;
    }
    byo_plan_forms(digits, forms_r);
    return true;
}

/* -- bodies -------------------------------------------------------------------------------------------*/

bool byo_api_body_is(const ByoApiCall *c, const char *media_type)
{
    ByoStr t = c->req->header[BYO_HEADER_CONTENT_TYPE];
    size_t n = 0;
    while (n < t.n && t.p[n] != ';' && t.p[n] != ' ')
        n++;
    return byo_str_ieq(byo_strn(t.p, n), byo_str(media_type));
}

static void fault_error(ByoApiCall *c, const ByoJsonFault *f)
{
    char *field = byo_json_field(f->pointer);
    byo_api_error(c, 400, "bad-json", field, "Line %d, column %d: %s%s%s.", f->line, f->column, field,
                  field[0] ? ": " : "", f->text);
    free(field);
}

bool byo_api_body_bad(ByoApiCall *c, ByoJsonDoc *doc)
{
    size_t n;
    const ByoJsonFault *f = byo_json_faults(doc, &n);
    for (size_t i = 0; i < n; i++)
        if (f[i].severity == BYO_FAULT_ERROR) {
            fault_error(c, &f[i]);
            return true;
        }
    return false;
}

ByoJsonDoc *byo_api_body(ByoApiCall *c, unsigned depth)
{
    if (!byo_api_body_is(c, "application/json")) {
        byo_api_error(c, 415, "wrong-media-type", NULL,
                      "The body must be JSON, with Content-Type: application/json.");
        return NULL;
    }
    if (c->req->body.n > BYO_API_JSON_MAX) {
        byo_api_error(c, 413, "too-large", NULL, "The body is over %d octets.", BYO_API_JSON_MAX);
        return NULL;
    }
    ByoJsonDoc *doc = byo_json_read(c->req->body, BYO_API_JSON_MAX, depth);
    if (byo_api_body_bad(c, doc)) {
        byo_json_close(doc);
        return NULL;
    }
    return doc;
}
