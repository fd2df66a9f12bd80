/* SPDX-License-Identifier: BSD-3-Clause
 * Messages and their segments (spec D1, D2): one with everything, lists with filters.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>

#include "base/sms.h"
#include "compliance/compliance.h"
#include "compliance/reading.h"

static const char *name_of(const char *const *names, size_t n, int value)
{
    return value >= 0 && (size_t)value < n ? names[value] : "unknown";
}

static const char *const message_states[] = {"active", "delivered", "failed"};

const char *byo_api_message_state(int state)
{
    return name_of(message_states, 3, state);
}
static const char *const segment_states[] = {"queued",    "handed", "accepted",
                                             "delivered", "failed", "cancelled"};

static void set_verdict(ByoJson *j, const ByoStoredVerdict *v)
{
    byo_json_set_known(j, "code", v->code);
    byo_api_set_opt(j, "cause", v->code_cause);
    byo_api_set_opt(j, "description", v->description);
    byo_api_set_opt(j, "carrierCode", v->carrier_code);
}

static void set_reports(ByoJson *j, int reports)
{
    byo_json_set_z(j, "reports",
                   reports == BYO_REPORTS_SEGMENT ? "segment"
                   : reports == BYO_REPORTS_BOTH  ? "both"
                                                  : "message");
}

const char *byo_api_keyword(const ByoMessageRow *m)
{
    return byo_api_keyword_name(m->keyword);
}

ByoJson *byo_api_message_json(ByoStore *reader, const ByoMessageRow *m)
{
    ByoJson *j = byo_json_object(), *tally = byo_json_object();
    byo_api_set_id(j, "id", m->id);
    byo_api_set_opt(j, "integration", m->integration);
    byo_api_set_number(j, "number", m->number);
    byo_json_set_str(j, "recipient", m->recipient);
    byo_json_set_z(j, "state", byo_api_message_state(m->state));
    byo_json_set_z(j, "direction", "outbound");
    byo_json_set_time(j, "created", m->created);
    byo_json_set_time(j, "ended", m->ended);
    byo_json_set_time(j, "expires", m->expires);
    set_verdict(j, &m->verdict);
    byo_api_set_opt(j, "charset", m->charset);
    byo_json_set_int(j, "dcs", m->dcs);
    byo_json_set_str(j, "smsbox", m->named ? m->box : BYO_STR_NONE);
    byo_json_set_str(j, "uuid", m->uuid);
    set_reports(j, m->reports);
    byo_json_set_int(j, "dlrMask", m->mask);
    byo_json_set_z(j, "keyword", byo_api_keyword(m));
    byo_json_set_int(tally, "segments", m->tally.segments);
    byo_json_set_int(tally, "accepted", m->tally.accepted);
    byo_json_set_int(tally, "delivered", m->tally.delivered);
    byo_json_set_int(tally, "failed", m->tally.failed);
    byo_json_set(j, "tally", tally);
    byo_json_set_bool(j, "possibleDuplicate", byo_store_maybe_duplicate(reader, m->id));
    return j;
}

const char *byo_api_keyword_name(int keyword)
{
    return keyword > 0 && keyword <= BYO_KEYWORD_KINDS ? byo_keyword_kind_name((ByoKeywordKind)keyword)
                                                       : NULL;
}

const char *byo_api_sender_text(ByoStr sender, char buf[BYO_SENDER_TEXT])
{
    char digits[BYO_ADDRESS_MAX];
    bool phone = sender.n > 6 && byo_read_phone_digits(sender, digits);
    snprintf(buf, BYO_SENDER_TEXT, "%s%.*s", phone ? "+" : "", BYO_PF(sender));
    return buf;
}

static ByoJson *inbound_json(const ByoInboundRow *row)
{
    ByoJson *j = byo_json_object();
    char sender[BYO_SENDER_TEXT];
    byo_api_set_id(j, "id", row->id);
    byo_api_set_opt(j, "integration", row->integration);
    byo_api_set_number(j, "number", row->number);
    byo_json_set_z(j, "sender", byo_api_sender_text(row->sender, sender));
    byo_json_set_z(j, "direction", "inbound");
    byo_json_set_time(j, "created", row->created);
    byo_json_set_z(j, "keyword", byo_api_keyword_name(row->keyword));
    byo_json_set_str(j, "smsbox", row->named ? row->box : BYO_STR_NONE);
    byo_json_set_str(j, "uuid", row->uuid);
    byo_json_set_str(j, "text", row->has_text ? row->text : BYO_STR_NONE);
    return j;
}

/* -- one ----------------------------------------------------------------------------------------------*/

static void add_segment(void *arg, const ByoSegmentRow *seg)
{
    ByoJson *j = byo_json_object();
    const ByoSegment *s = &seg->s;
    byo_json_set_int(j, "segment", byo_id_number(seg->id));
    byo_json_set_z(j, "state", name_of(segment_states, 6, s->state));
    byo_json_set_int(j, "tries", s->tries);
    set_verdict(j, &seg->verdict);
    byo_api_set_opt(j, "foreignId", seg->foreign_id);
    byo_json_set_bool(j, "accepted", s->accepted);
    byo_json_set_time(j, "firstHanded", s->first_handed);
    byo_json_set_time(j, "handed", s->handed);
    byo_json_set_time(j, "due", s->due);
    byo_json_set_time(j, "ended", s->ended);
    byo_json_set_bool(j, "possibleDuplicate", s->maybe_duplicate);
    byo_json_set_int(j, "octets", (int64_t)(seg->udh.n + seg->payload.n));
    byo_json_add(arg, j);
}

void byo_api_message(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    ByoId id;
    ByoMessageRow m;
    ByoInboundRow in;
    if (!byo_api_params(c, allowed))
        return;
    if (byo_id_parse(byo_str(c->subject), &id) &&
        byo_store_inbound(c->api->reader, id, &in) == BYO_STORE_OK) {
        byo_api_json(c, 200, inbound_json(&in));
        return;
    }
    if (!byo_id_parse(byo_str(c->subject), &id) ||
        byo_store_message(c->api->reader, id, &m) != BYO_STORE_OK) {
        byo_api_error(c, 404, "not-found", NULL, "There is no message of this id.");
        return;
    }
    ByoJson *j = byo_api_message_json(c->api->reader, &m);
    ByoJson *segments = byo_json_array();
    byo_store_segments(c->api->reader, id, add_segment, segments);
    byo_json_set(j, "segments", segments);
    byo_json_set(j, "steps", byo_api_message_steps(c->api->reader, &m));
    byo_api_json(c, 200, j);
}

/* -- lists --------------------------------------------------------------------------------------------*/

typedef struct {
    ByoStore *reader;
    ByoJson *items;
} List;

static bool add_message(void *arg, const ByoMessageRow *m)
{
    List *list = arg;
    byo_json_add(list->items, byo_api_message_json(list->reader, m));
    return true;
}

static bool add_inbound(void *arg, const ByoInboundRow *row)
{
    List *list = arg;
    byo_json_add(list->items, inbound_json(row));
    return true;
}

static bool param_state(ByoApiCall *c, int *state_r)
{
    ByoStr v = byo_api_param(c, "state");
    *state_r = -1;
    if (!v.p)
        return true;
    for (int i = 0; i < 3; i++)
        if (byo_str_is(v, message_states[i]))
            *state_r = i;
    if (*state_r < 0)
        byo_api_error(c, 400, "bad-query", "state", "state must be active, delivered or failed.");
    return *state_r >= 0;
}

/* A cause as the error map writes them. */
static bool param_cause(ByoApiCall *c, ByoStr *cause_r)
{
    ByoStr v = *cause_r = byo_api_param(c, "cause");
    bool fine = !v.p || (v.n > 0 && v.n <= 64);
    for (size_t i = 0; v.p && i < v.n; i++)
        fine =
            fine && ((v.p[i] >= 'A' && v.p[i] <= 'Z') || (v.p[i] >= '0' && v.p[i] <= '9') || v.p[i] == '_');
    if (!fine)
        byo_api_error(c, 400, "bad-query", "cause",
                      "cause must be a cause of docs/reports.md such as DEST_ADDR_INVALID.");
    return fine;
}

static bool param_carrier_code(ByoApiCall *c, ByoStr *code_r)
{
    *code_r = byo_api_param(c, "carrierCode");
    if (!code_r->p || (code_r->n > 0 && code_r->n <= 64))
        return true;
    byo_api_error(c, 400, "bad-query", "carrierCode",
                  "carrierCode must be a carrier's code as a message has it, such as 88 or 088.");
    return false;
}

static bool param_doubt(ByoApiCall *c, int *doubt_r)
{
    bool doubt;
    if (!byo_api_param_bool(c, "possibleDuplicate", &doubt))
        return false;
    *doubt_r = !byo_api_param(c, "possibleDuplicate").p ? 0 : doubt ? 1 : -1;
    return true;
}

/* *inbound_r: the other direction. */
static bool param_direction(ByoApiCall *c, bool *inbound_r)
{
    static const char *const outbound_only[] = {"state", "cause", "carrierCode", "possibleDuplicate"};
    ByoStr v = byo_api_param(c, "direction");
    *inbound_r = byo_str_is(v, "inbound");
    if (v.p && !*inbound_r && !byo_str_is(v, "outbound")) {
        byo_api_error(c, 400, "bad-query", "direction", "direction must be outbound or inbound.");
        return false;
    }
    for (size_t i = 0; *inbound_r && i < sizeof outbound_only / sizeof *outbound_only; i++)
        if (byo_api_param(c, outbound_only[i]).p) {
            byo_api_error(c, 400, "bad-query", outbound_only[i], "Inbound messages have no %s.",
                          outbound_only[i]);
            return false;
        }
    return true;
}

/* What is no number is looked for as the application typed it. */
static bool param_messages(ByoApiCall *c, ByoMessageFilter *f, char number[BYO_ADDRESS_MAX],
                           char recipient[BYO_ADDRESS_MAX])
{
    if (!byo_api_param_number(c, "number", number, &f->number) || !param_state(c, &f->state) ||
        !param_cause(c, &f->cause) || !param_carrier_code(c, &f->carrier_code) ||
        !param_doubt(c, &f->doubt) || !byo_api_param_time(c, "from", &f->from) ||
        !byo_api_param_time(c, "to", &f->to) || !byo_api_param_id(c, "page", &f->before))
        return false;
    f->integration = byo_api_param(c, "integration");
    f->recipient = byo_api_param(c, "recipient");
    if (f->recipient.p && byo_read_phone_digits(f->recipient, recipient))
        f->recipient = byo_str(recipient);
    return true;
}

static void answer_list(ByoApiCall *c, const ByoMessageFilter *f, bool inbound)
{
    char next[BYO_ID_TEXT];
    List list = {c->api->reader, byo_json_array()};
    ByoId before;
    if (inbound)
        byo_store_inbounds(c->api->reader, f, &before, add_inbound, &list);
    else
        byo_store_messages(c->api->reader, f, &before, add_message, &list);
    byo_api_list(c, list.items, before ? byo_id_text(before, next) : NULL);
}

void byo_api_messages(ByoApiCall *c)
{
    static const char *const allowed[] = {
        "number", "recipient", "integration", "state", "cause",  "carrierCode", "possibleDuplicate",
        "from",   "to",        "limit",       "page",  "format", "direction",   NULL};
    char number[BYO_ADDRESS_MAX], recipient[BYO_ADDRESS_MAX];
    ByoMessageFilter f = {0};
    bool csv, inbound;
    if (!byo_api_params(c, allowed) || !byo_api_param_csv(c, &csv) || !param_direction(c, &inbound) ||
        !byo_api_limit(c, csv ? BYO_MESSAGES_CSV_MAX : BYO_PAGE_MAX,
                       csv ? BYO_MESSAGES_CSV_MAX : BYO_PAGE_DEFAULT, &f.limit) ||
        !param_messages(c, &f, number, recipient))
        return;
    if (csv)
        byo_api_messages_csv(c, &f, inbound);
    else
        answer_list(c, &f, inbound);
}
