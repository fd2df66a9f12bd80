/* SPDX-License-Identifier: BSD-3-Clause
 * Messages as CSV, newest first, outbound ones without texts: read in short steps, each at its own moment of the store, so that
 * however long the peer takes no read holds the store's log.
 * Decides: the columns, the size of a step.
 * Ownership: the rest owns a copy of the filter. Threads: api.h, ByoApiRest. */
#include "admin/api_private.h"

#include <stdlib.h>

#include "compliance/csv.h"

enum { STEP = 1000 };

static const char head[] =
    "id,created,ended,integration,number,recipient,state,code,cause,description,carrier-code,"
    "charset,dcs,segments,accepted,delivered,failed,possible-duplicate,keyword,smsbox\r\n";

static const char inbound_head[] = "id,created,integration,number,sender,keyword,smsbox,text\r\n";

typedef struct {
    ByoMessageFilter f;
    char *texts[5]; /* of the filter */
    ByoStore *reader;
    ByoBuf *out;
    int left;
    bool inbound;
} Rest;

static bool add_row(void *arg, const ByoMessageRow *m)
{
    Rest *r = arg;
    ByoBuf *out = r->out;
    char id[BYO_ID_TEXT], number[BYO_NUMBER_TEXT];
    byo_api_csv_text(out, byo_str(byo_id_text(m->id, id)));
    byo_api_csv_time(out, m->created);
    byo_api_csv_time(out, m->ended);
    byo_api_csv_text(out, m->integration);
    byo_api_csv_text(out, m->number.n ? byo_str(byo_api_number_text(m->number, number)) : BYO_STR(""));
    byo_api_csv_text(out, m->recipient);
    byo_api_csv_text(out, byo_str(byo_api_message_state(m->state)));
    if (m->verdict.code >= 0)
        byo_buf_addf(out, "%d", m->verdict.code);
    byo_buf_addc(out, ',');
    byo_api_csv_text(out, m->verdict.code_cause);
    byo_api_csv_text(out, m->verdict.description);
    byo_api_csv_text(out, m->verdict.carrier_code);
    byo_api_csv_text(out, m->charset);
    byo_api_csv_count(out, m->dcs);
    byo_api_csv_count(out, m->tally.segments);
    byo_api_csv_count(out, m->tally.accepted);
    byo_api_csv_count(out, m->tally.delivered);
    byo_api_csv_count(out, m->tally.failed);
    byo_api_csv_count(out, byo_store_maybe_duplicate(r->reader, m->id));
    byo_api_csv_text(out, byo_str(byo_api_keyword(m)));
    byo_csv_field(out, m->named ? m->box : BYO_STR(""));
    byo_buf_adds(out, "\r\n");
    r->left--;
    return true;
}

static bool add_inbound(void *arg, const ByoInboundRow *row)
{
    Rest *r = arg;
    ByoBuf *out = r->out;
    char id[BYO_ID_TEXT], number[BYO_NUMBER_TEXT], sender[BYO_SENDER_TEXT];
    byo_api_csv_text(out, byo_str(byo_id_text(row->id, id)));
    byo_api_csv_time(out, row->created);
    byo_api_csv_text(out, row->integration);
    byo_api_csv_text(out, byo_str(byo_api_number_text(row->number, number)));
    byo_api_csv_text(out, byo_str(byo_api_sender_text(row->sender, sender)));
    byo_api_csv_text(out, byo_str(byo_api_keyword_name(row->keyword)));
    byo_api_csv_text(out, row->named ? row->box : BYO_STR(""));
    byo_csv_field(out, row->has_text ? row->text : BYO_STR(""));
    byo_buf_adds(out, "\r\n");
    r->left--;
    return true;
}

static ByoPieceResult next(void *arg, ByoStore *reader, ByoTime now, ByoBuf *out)
{
    (void)now;
    Rest *r = arg;
    if (!reader)
        return BYO_PIECE_BROKEN;
    r->reader = reader;
    r->out = out;
    r->f.limit = r->left < STEP ? r->left : STEP;
    ByoId before;
    ByoStoreResult result = r->inbound ? byo_store_inbounds(reader, &r->f, &before, add_inbound, r)
                                       : byo_store_messages(reader, &r->f, &before, add_row, r);
    if (result != BYO_STORE_OK && result != BYO_STORE_NONE)
        return BYO_PIECE_BROKEN;
    r->f.before = before;
    return r->f.before && r->left > 0 ? BYO_PIECE_MORE : BYO_PIECE_LAST;
}

static void rest_free(void *arg)
{
    Rest *r = arg;
    for (size_t i = 0; i < sizeof r->texts / sizeof *r->texts; i++)
        free(r->texts[i]);
    free(r);
}

void byo_api_messages_csv(ByoApiCall *c, const ByoMessageFilter *f, bool inbound)
{
    Rest *r = byo_zalloc(sizeof *r);
    r->f = *f;
    r->left = f->limit;
    r->inbound = inbound;
    ByoStr *texts[] = {&r->f.number, &r->f.recipient, &r->f.integration, &r->f.cause, &r->f.carrier_code};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i]->p)
            *texts[i] = byo_str(r->texts[i] = byo_str_dup(*texts[i]));
    byo_api_csv_begin(c, inbound ? inbound_head : head);
    c->resp->rest = (ByoApiRest){next, rest_free, r};
}
