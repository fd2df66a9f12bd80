/* SPDX-License-Identifier: BSD-3-Clause
 * What the imports of a CSV have in common: the request, a row that was refused, the answer. And the fields of rows
 * that are given.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <inttypes.h>
#include <stdio.h>

#include "compliance/csv.h"

bool byo_api_csv_asked(ByoApiCall *c, bool *check)
{
    static const char *const allowed[] = {"check", NULL}, *const none[] = {NULL};
    if (!byo_api_params(c, check ? allowed : none) || (check && !byo_api_param_bool(c, "check", check)))
        return false;
    if (byo_api_body_is(c, "text/csv"))
        return true;
    byo_api_error(c, 415, "wrong-media-type", NULL, "The body must be CSV, with Content-Type: text/csv.");
    return false;
}

void byo_api_csv_refused(ByoJson *row, const char *code, const char *field, const char *message)
{
    byo_json_set_z(row, "code", code);
    byo_json_set_z(row, "message", message);
    byo_json_set_z(row, "field", field);
}

void byo_api_csv_unstored(ByoJson *row, ByoStoreResult why)
{
    char text[120];
    snprintf(text, sizeof text, "The store cannot be written now (%s).", byo_store_result_text(why));
    byo_api_csv_refused(row, "store-unavailable", NULL, text);
}

void byo_api_csv_answer(ByoApiCall *c, const ByoComplianceFault *fault, ByoJson *items,
                        const ByoApiCsvCount *counts)
{
    if (fault) {
        byo_json_free(items);
        byo_api_error(c, 400, "bad-csv", fault->field, "%s", fault->text);
        return;
    }
    ByoJson *j = byo_json_object();
    byo_json_set(j, "items", items);
    for (; counts->name; counts++)
        byo_json_set_int(j, counts->name, counts->n);
    byo_api_json(c, 200, j);
}

/* -- rows that are given ------------------------------------------------------------------------------*/

void byo_api_csv_begin(ByoApiCall *c, const char *head)
{
    byo_buf_adds(&c->resp->body, head);
    c->resp->status = 200;
    c->resp->content_type = "text/csv; charset=utf-8";
}

void byo_api_csv_text(ByoBuf *out, ByoStr text)
{
    byo_csv_field(out, text);
    byo_buf_addc(out, ',');
}

void byo_api_csv_count(ByoBuf *out, int64_t n)
{
    byo_buf_addf(out, "%" PRId64 ",", n);
}

void byo_api_csv_time(ByoBuf *out, ByoTime t)
{
    char text[BYO_TIME_TEXT];
    byo_api_csv_text(out, t > 0 ? byo_str(byo_time_text(t, text)) : BYO_STR(""));
}
