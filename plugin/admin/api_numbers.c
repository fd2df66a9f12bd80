/* SPDX-License-Identifier: BSD-3-Clause
 * The inventory (spec N1-N5): list, show, change, remove; imports stand in api_import.c.
 * Ownership and threads: api_private.h. */
#include "admin/api_numbers.h"

#include <stdio.h>
#include <stdlib.h>

#include "compliance/compliance_json.h"
#include "compliance/reading.h"

ByoJson *byo_api_number_json(const ByoApiCall *c, const ByoNumberRow *row)
{
    char state[BYO_ADMIN_STATE] = "";
    ByoJson *j = byo_json_object(), *texts = NULL;
    byo_api_set_number(j, "number", row->digits);
    byo_json_set_str(j, "integration", row->integration);
    c->api->actions->integration_state(c->api->actions->arg, row->integration, state);
    byo_api_set_opt(j, "state", byo_str(state));
    byo_json_set_str(j, "type", row->type);
    byo_api_set_opt(j, "country", row->country);
    ByoNumber n = {0};
    ByoComplianceFault fault;
    if (byo_number_from_row(row->digits, row->type, row->integration, row->country, row->compliance, &n,
                            &fault))
        texts = byo_compliance_json(&n.compliance);
    byo_number_free(&n);
    byo_json_set(j, "compliance", texts);
    byo_json_set_time(j, "created", row->created);
    return j;
}

/* -- list ---------------------------------------------------------------------------------------------*/

typedef struct {
    const ByoApiCall *c;
    ByoJson *items;
    int n, limit;
    char last[BYO_ADDRESS_MAX], next[BYO_ADDRESS_MAX];
} Page;

static bool add_number(void *arg, const ByoNumberRow *row)
{
    Page *p = arg;
    if (p->n == p->limit) { /* one more than asked for: there is a next page */
        memcpy(p->next, p->last, sizeof p->next);
        return false;
    }
    size_t n = row->digits.n < sizeof p->last ? row->digits.n : sizeof p->last - 1;
    memcpy(p->last, row->digits.p, n);
    p->last[n] = 0;
    byo_json_add(p->items, byo_api_number_json(p->c, row));
    p->n++;
    return true;
}

static bool fits(const ByoNumberRow *row, ByoStr integration, ByoStr type)
{
    return (!integration.p || byo_str_eq(row->integration, integration)) &&
           (!type.p || byo_str_eq(row->type, type));
}

void byo_api_numbers(ByoApiCall *c)
{
    static const char *const allowed[] = {"integration", "type", "number", "limit", "page", NULL};
    char number[BYO_ADDRESS_MAX], after[BYO_ADDRESS_MAX];
    ByoStr digits, page;
    Page p = {.c = c};
    if (!byo_api_params(c, allowed) || !byo_api_limit(c, BYO_PAGE_MAX, BYO_PAGE_DEFAULT, &p.limit) ||
        !byo_api_param_number(c, "number", number, &digits) || !byo_api_param_number(c, "page", after, &page))
        return;
    ByoStr integration = byo_api_param(c, "integration"), type = byo_api_param(c, "type");
    ByoNumberType t;
    if (type.p && !byo_number_type_parse(type, &t)) {
        byo_api_error(c, 400, "bad-query", "type", "type must be local, mobile, toll-free or short-code.");
        return;
    }
    if (type.p)
        type = byo_str(byo_number_type_name(t));
    p.items = byo_json_array();
    if (digits.p) {
        ByoNumberRow row;
        if (byo_store_number(c->api->reader, digits, &row) == BYO_STORE_OK && fits(&row, integration, type))
            add_number(&p, &row);
    } else {
        byo_store_numbers(c->api->reader, integration, type, page, p.limit + 1, add_number, &p);
    }
    byo_api_list(c, p.items, p.next[0] ? p.next : NULL);
}

/* -- one ----------------------------------------------------------------------------------------------*/

static void not_found(ByoApiCall *c)
{
    byo_api_error(c, 404, "not-found", "number", "This number is not in the inventory.");
}

static bool subject_digits(ByoApiCall *c, char digits[BYO_ADDRESS_MAX])
{
    if (byo_read_digits(byo_str(c->subject), digits))
        return true;
    not_found(c);
    return false;
}

void byo_api_number(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    char digits[BYO_ADDRESS_MAX];
    ByoNumberRow row;
    if (!byo_api_params(c, allowed) || !subject_digits(c, digits))
        return;
    if (byo_store_number(c->api->reader, byo_str(digits), &row) == BYO_STORE_OK)
        byo_api_json(c, 200, byo_api_number_json(c, &row));
    else
        not_found(c);
}

void byo_api_number_event(const ByoAdminTurn *turn, const ByoApiCall *c, const char *number,
                          const char *integration, const char *what)
{
    char *text = byo_printf("%s of %s was %s by %s", number, integration, what, c->who.name);
    ByoEventNote note = {
        .kind = BYO_EVENT_NUMBER, .entity = byo_str(number), .current = byo_str(what), .text = byo_str(text)};
    turn->event(turn->arg, &note);
    free(text);
}

const char *byo_api_texts_field(const ByoComplianceFault *fault, char buf[64])
{
    static const char theirs[] = "compliance.patterns";
    if (strncmp(fault->field, theirs, sizeof theirs - 1) != 0)
        return fault->field;
    snprintf(buf, 64, "compliance.optOutPatterns%s", fault->field + sizeof theirs - 1);
    return buf;
}

bool byo_api_texts_carried(const ByoApiCall *c, ByoStr integration, const ByoCompliance *texts,
                           ByoComplianceFault *fault)
{
    const ByoAdminActions *a = c->api->actions;
    for (ByoKeywordKind kind = BYO_KEYWORD_HELP; kind <= BYO_KEYWORD_OPT_IN; kind++) {
        const ByoKeywordGroups *groups = byo_compliance_of(texts, kind);
        for (size_t i = 0; i < groups->n; i++) {
            char why[160];
            if (a->integration_carries(a->arg, integration, byo_str(groups->groups[i].reply), why))
                continue;
            snprintf(fault->field, sizeof fault->field, "compliance.%s.reply", byo_keyword_kind_member(kind));
            snprintf(fault->text, sizeof fault->text, "The %s reply would not go out: %s.",
                     byo_keyword_kind_name(kind), why);
            return false;
        }
    }
    return true;
}

/* -- change -------------------------------------------------------------------------------------------*/

typedef struct {
    ByoApiCall *c;
    char digits[BYO_ADDRESS_MAX];
    const ByoCompliance *texts;
    enum { DONE, MISSING, REFUSED, FAILED } outcome;
    ByoComplianceFault fault;
    ByoJson *answer;
} Change;

/* The row's texts live only until the next one is read. */
static void change(void *arg, const ByoAdminTurn *turn)
{
    Change *ch = arg;
    ByoNumberRow row;
    ByoNumber n = {0};
    ByoComplianceFault unread;
    ByoStoreResult result;
    ByoBuf json = {0};
    byo_json_free(ch->answer);
    ch->answer = NULL;
    ch->outcome = MISSING;
    if (byo_store_number(turn->store, byo_str(ch->digits), &row) != BYO_STORE_OK)
        return;
    ByoTime created = row.created;
    /* Texts that cannot be read any more are replaced all the same. */
    byo_number_from_row(row.digits, row.type, row.integration, row.country, BYO_STR(""), &n, &unread);
    ch->outcome = REFUSED;
    if (byo_number_change(&n, ch->texts, &ch->fault) == BYO_REFUSE_NONE &&
        byo_api_texts_carried(ch->c, byo_str(n.integration), ch->texts, &ch->fault)) {
        byo_compliance_copy(&n.compliance, ch->texts);
        byo_compliance_text(ch->texts, &json);
        if (turn->number_put(turn->arg, &n, byo_buf_str(&json), true, created, &result, &ch->fault)) {
            char text[BYO_ADDRESS_MAX];
            byo_number_text(&n, text);
            ch->outcome = result == BYO_STORE_OK ? DONE : FAILED;
            byo_api_audit(turn, ch->c, "number change", byo_str(text), "compliance texts: %s",
                          json.n ? "own" : "the standard set");
            byo_api_number_event(turn, ch->c, text, n.integration, "changed");
            ByoNumberRow now = {byo_str(n.digits),
                                n.type == BYO_NUMBER_SHORT_CODE,
                                byo_str(n.integration),
                                byo_str(byo_number_type_name(n.type)),
                                byo_str(n.country),
                                byo_buf_str(&json),
                                created,
                                0};
            ch->answer = byo_api_number_json(ch->c, &now);
        }
    }
    byo_buf_free(&json);
    byo_number_free(&n);
}

static void run_change(ByoApiCall *c, Change *ch)
{
    char field[64];
    ByoStoreResult r = c->api->actions->change(c->api->actions->arg, change, ch);
    if (!byo_api_stored(c, r))
        return;
    switch (ch->outcome) {
    case DONE:
        byo_api_json(c, 200, ch->answer);
        ch->answer = NULL;
        break;
    case MISSING:
        not_found(c);
        break;
    case REFUSED:
        byo_api_error(c, 422, byo_refusal_code(BYO_REFUSE_COMPLIANCE_MISSING),
                      byo_api_texts_field(&ch->fault, field), "%s", ch->fault.text);
        break;
    case FAILED:
        byo_api_stored(c, BYO_STORE_IO);
        break;
    }
}

void byo_api_number_change(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL}, *const members[] = {"compliance", NULL};
    static const char *const fixed[] = {"number", "integration", "type", "country"};
    ByoCompliance texts = {0};
    Change ch = {.c = c, .texts = &texts};
    if (!byo_api_params(c, allowed) || !subject_digits(c, ch.digits))
        return;
    ByoJsonDoc *doc = byo_api_body(c, BYO_API_NUMBER_DEPTH);
    if (!doc)
        return;
    ByoJsonAt root = byo_json_root(doc), at;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        at = byo_json_member(&root, fixed[i]);
        if (byo_json_type(&at) != BYO_JSON_ABSENT)
            byo_json_fault(
                &at, BYO_FAULT_ERROR, true,
                "only the compliance texts of a number can be changed: delete it and import it again");
    }
    if (!byo_json_errors(doc) && byo_json_want_object(&root, members) &&
        byo_json_need(&root, "compliance", &at) && byo_json_type(&at) != BYO_JSON_NULL)
        byo_compliance_read(&at, &texts);
    if (!byo_api_body_bad(c, doc))
        run_change(c, &ch);
    byo_json_free(ch.answer);
    byo_compliance_free(&texts);
    byo_json_close(doc);
}

/* -- remove -------------------------------------------------------------------------------------------*/

static void remove_number(void *arg, const ByoAdminTurn *turn)
{
    Change *ch = arg;
    ByoNumberRow row;
    char text[BYO_NUMBER_TEXT], integration[BYO_ID_MAX + 1];
    ch->outcome = MISSING;
    if (byo_store_number(turn->store, byo_str(ch->digits), &row) != BYO_STORE_OK)
        return;
    byo_api_number_text(row.digits, text);
    size_t n = row.integration.n < sizeof integration ? row.integration.n : sizeof integration - 1;
    memcpy(integration, row.integration.p, n);
    integration[n] = 0;
    if (!turn->number_remove(turn->arg, ch->digits))
        return;
    ch->outcome = DONE;
    byo_api_audit(turn, ch->c, "number delete", byo_str(text), "integration %s", integration);
    byo_api_number_event(turn, ch->c, text, integration, "deleted");
}

void byo_api_number_remove(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    Change ch = {.c = c};
    char text[BYO_NUMBER_TEXT];
    if (!byo_api_params(c, allowed) || !subject_digits(c, ch.digits) ||
        !byo_api_stored(c, c->api->actions->change(c->api->actions->arg, remove_number, &ch)))
        return;
    if (ch.outcome == MISSING) {
        not_found(c);
        return;
    }
    ByoJson *j = byo_json_object();
    byo_json_set_z(j, "number", byo_api_number_text(byo_str(ch.digits), text));
    byo_json_set_bool(j, "deleted", true);
    byo_api_json(c, 200, j);
}
