/* SPDX-License-Identifier: BSD-3-Clause
 * Messages and their segments (spec D1, D2): one with everything, lists with filters.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include "base/sms.h"
#include "compliance/compliance.h"
#include "compliance/reading.h"

static const char *const message_states[] = {"active", "delivered", "failed"};
static const char *const segment_states[] = {"queued",    "handed", "accepted",
                                             "delivered", "failed", "cancelled"};

static const char *name_of(const char *const *names, size_t n, int value)
{
    return value >= 0 && (size_t)value < n ? names[value] : "unknown";
}

static void set_verdict(ByoJson *j, const ByoStoredVerdict *v)
{
    if (v->code < 0)
        byo_json_set(j, "code", NULL);
    else
        byo_json_set_int(j, "code", v->code);
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

ByoJson *byo_api_message_json(const ByoMessageRow *m)
{
    ByoJson *j = byo_json_object(), *tally = byo_json_object();
    byo_api_set_id(j, "id", m->id);
    byo_api_set_opt(j, "integration", m->integration);
    byo_api_set_number(j, "number", m->number);
    byo_json_set_str(j, "recipient", m->recipient);
    byo_json_set_z(j, "state", name_of(message_states, 3, m->state));
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
    byo_json_set_z(j, "keyword",
                   m->keyword > 0 && m->keyword <= BYO_KEYWORD_KINDS
                       ? byo_keyword_kind_name((ByoKeywordKind)m->keyword)
                       : NULL);
    byo_json_set_int(tally, "segments", m->tally.segments);
    byo_json_set_int(tally, "accepted", m->tally.accepted);
    byo_json_set_int(tally, "delivered", m->tally.delivered);
    byo_json_set_int(tally, "failed", m->tally.failed);
    byo_json_set(j, "tally", tally);
    return j;
}

/* -- one ----------------------------------------------------------------------------------------------*/

typedef struct {
    ByoJson *items;
    bool maybe_duplicate;
} Segments;

static void add_segment(void *arg, const ByoSegmentRow *seg)
{
    Segments *all = arg;
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
    all->maybe_duplicate |= s->maybe_duplicate;
    byo_json_add(all->items, j);
}

void byo_api_message(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    ByoId id;
    ByoMessageRow m;
    if (!byo_api_params(c, allowed))
        return;
    if (!byo_id_parse(byo_str(c->subject), &id) ||
        byo_store_message(c->api->reader, id, &m) != BYO_STORE_OK) {
        byo_api_error(c, 404, "not-found", NULL, "There is no message of this id.");
        return;
    }
    ByoJson *j = byo_api_message_json(&m);
    Segments all = {.items = byo_json_array()};
    byo_store_segments(c->api->reader, id, add_segment, &all);
    byo_json_set_bool(j, "possibleDuplicate", all.maybe_duplicate);
    byo_json_set(j, "segments", all.items);
    byo_api_json(c, 200, j);
}

/* -- lists --------------------------------------------------------------------------------------------*/

static bool add_message(void *arg, const ByoMessageRow *m)
{
    byo_json_add(arg, byo_api_message_json(m));
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

void byo_api_messages(ByoApiCall *c)
{
    static const char *const allowed[] = {"number", "recipient", "integration", "state", "from",
                                          "to",     "limit",     "page",        NULL};
    char number[BYO_ADDRESS_MAX], recipient[BYO_ADDRESS_MAX], next[BYO_ID_TEXT];
    ByoMessageFilter f = {0};
    if (!byo_api_params(c, allowed) || !byo_api_limit(c, BYO_PAGE_MAX, BYO_PAGE_DEFAULT, &f.limit) ||
        !byo_api_param_number(c, "number", number, &f.number) || !param_state(c, &f.state) ||
        !byo_api_param_time(c, "from", &f.from) || !byo_api_param_time(c, "to", &f.to) ||
        !byo_api_param_id(c, "page", &f.before))
        return;
    f.integration = byo_api_param(c, "integration");
    /* What is no number is looked for as the application typed it. */
    f.recipient = byo_api_param(c, "recipient");
    if (f.recipient.p && byo_read_phone_digits(f.recipient, recipient))
        f.recipient = byo_str(recipient);
    ByoJson *items = byo_json_array();
    ByoStoreResult r = byo_store_messages(c->api->reader, &f, add_message, items);
    if (r != BYO_STORE_OK && r != BYO_STORE_NONE) {
        byo_json_free(items);
        byo_api_error(c, 503, "store-unavailable", NULL, "The store cannot be read now (%s).",
                      byo_store_result_text(r));
        return;
    }
    ByoId before = byo_store_messages_next(c->api->reader);
    byo_api_list(c, items, before ? byo_id_text(before, next) : NULL);
}
