/* SPDX-License-Identifier: BSD-3-Clause
 * What is open as CSV, with its texts: messages that are not over, reports and inbound messages that wait for a
 * smsbox. For whoever takes byobox out and must see to them by other means.
 * Decides: the columns. A page is as long as its rows; page tokens are "m" or "i" and the last row's id.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/meta.h"
#include "compliance/csv.h"
#include "encoding/charset.h"

enum { PAGE = 10000, PAGE_MOST = 100000 };

static const char head[] =
    "kind,id,created,integration,number,recipient,state,segments,queued,handed,accepted,"
    "delivered,failed,possible-duplicate,expires,smsbox,dlr-mask,dlr-url,coding,text\r\n";

typedef struct {
    ByoApiCall *c;
    ByoBuf *out;
    int n, limit;
    char kind; /* of the last row, for the next page */
    int64_t last;
    bool more;
} Export;

/* The text as UTF-8, or its octets (a UDH first) in hexadecimal digits. */
static void text_of(ByoBuf *out, const ByoSms *sms)
{
    ByoBuf text = {0};
    bool octets = sms->coding == BYO_CODING_8BIT || sms->udhdata.n > 0;
    if (!octets && sms->coding == BYO_CODING_UCS2)
        octets = !byo_utf16be_to_utf8(sms->msgdata, &text);
    else if (!octets)
        byo_buf_add(&text, sms->msgdata.p ? sms->msgdata.p : "", sms->msgdata.n);
    if (octets) {
        byo_buf_clear(&text);
        for (size_t i = 0; i < sms->udhdata.n; i++)
            byo_buf_addf(&text, "%02x", (unsigned char)sms->udhdata.p[i]);
        for (size_t i = 0; i < sms->msgdata.n; i++)
            byo_buf_addf(&text, "%02x", (unsigned char)sms->msgdata.p[i]);
    }
    byo_api_csv_text(out, octets ? BYO_STR("hex") : BYO_STR("text"));
    byo_csv_field(out, byo_buf_str(&text));
    byo_buf_adds(out, "\r\n");
    byo_buf_free(&text);
}

/* -- messages -----------------------------------------------------------------------------------------*/

typedef struct {
    int states[BYO_SEG_CANCELLED + 1];
    bool doubt;
} Tally;

static void tally(void *arg, const ByoSegmentRow *seg)
{
    Tally *t = arg;
    t->states[seg->s.state]++;
    t->doubt |= seg->s.maybe_duplicate;
}

static const char *state_of(const Tally *t, int segments)
{
    int queued = t->states[BYO_SEG_QUEUED];
    return queued == segments ? "queued" : queued ? "partly" : "sent";
}

static bool add_message(void *arg, ByoId id)
{
    Export *e = arg;
    ByoMessageRow m;
    Tally t = {0};
    ByoSms sms;
    char text[BYO_ID_TEXT], number[BYO_NUMBER_TEXT];
    if (e->n == e->limit) {
        e->more = true;
        return false;
    }
    e->kind = 'm';
    e->last = id;
    byo_store_segments(e->c->api->reader, id, tally, &t);
    if (byo_store_message(e->c->api->reader, id, &m) != BYO_STORE_OK)
        return true; /* it ended meanwhile */
    e->n++;
    if (!e->c->api->actions->codec->unpack(m.frame, &sms))
        byo_sms_init(&sms);
    byo_buf_adds(e->out, "message,");
    byo_api_csv_text(e->out, byo_str(byo_id_text(id, text)));
    byo_api_csv_time(e->out, m.created);
    byo_api_csv_text(e->out, m.integration);
    byo_api_csv_text(e->out, byo_str(byo_api_number_text(m.number, number)));
    byo_api_csv_text(e->out, m.recipient);
    byo_api_csv_text(e->out, byo_str(state_of(&t, m.tally.segments)));
    byo_api_csv_count(e->out, m.tally.segments);
    byo_api_csv_count(e->out, t.states[BYO_SEG_QUEUED]);
    byo_api_csv_count(e->out, t.states[BYO_SEG_HANDED]);
    byo_api_csv_count(e->out, t.states[BYO_SEG_ACCEPTED]);
    byo_api_csv_count(e->out, m.tally.delivered);
    byo_api_csv_count(e->out, m.tally.failed);
    byo_api_csv_count(e->out, t.doubt);
    byo_api_csv_time(e->out, m.expires);
    byo_api_csv_text(e->out, m.box);
    byo_api_csv_count(e->out, m.mask);
    byo_api_csv_text(e->out, sms.dlr_url);
    text_of(e->out, &sms);
    return true;
}

/* -- what waits for a smsbox --------------------------------------------------------------------------*/

/* Of a report sender and receiver are those of the MT it is about; of an inbound message they are the phone and
 * our number. */
static bool add_inward(void *arg, const ByoInwardRow *row)
{
    Export *e = arg;
    ByoSms sms;
    ByoMeta meta = {0};
    if (e->n == e->limit) {
        e->more = true;
        return false;
    }
    e->kind = 'i';
    e->last = row->id;
    if (!e->c->api->actions->codec->unpack(row->frame, &sms))
        return true;
    e->n++;
    bool report = sms.sms_type == BYO_REPORT_MO || sms.sms_type == BYO_REPORT_MT;
    if (sms.meta_data.n)
        byo_meta_parse(sms.meta_data, &meta);
    byo_api_csv_text(e->out, report ? BYO_STR("report") : BYO_STR("inbound"));
    byo_api_csv_text(e->out, report ? byo_meta_get(&meta, "byo", "message") : byo_str(sms.id));
    byo_api_csv_time(e->out, sms.time > 0 ? sms.time * BYO_SECOND : 0);
    ByoStr integration = byo_meta_get(&meta, "byo", "integration");
    byo_api_csv_text(e->out, integration.n ? integration : sms.smsc_id);
    byo_api_csv_text(e->out, report ? sms.sender : sms.receiver);
    byo_api_csv_text(e->out, report ? sms.receiver : sms.sender);
    byo_buf_adds(e->out, "waiting,,,,,,,,,");
    byo_api_csv_text(e->out, row->box);
    byo_api_csv_count(e->out, report && sms.dlr_mask > 0 ? sms.dlr_mask : 0);
    byo_api_csv_text(e->out, sms.dlr_url);
    text_of(e->out, &sms);
    byo_meta_free(&meta);
    return true;
}

/* -- the call -----------------------------------------------------------------------------------------*/

/* page: 0 messages, from the first; *kind_r and *after_r else. False: answered. */
static bool param_page(ByoApiCall *c, char *kind_r, int64_t *after_r)
{
    ByoStr page = byo_api_param(c, "page"), rest = byo_strn(page.p + 1, page.n ? page.n - 1 : 0);
    *kind_r = 'm';
    *after_r = 0;
    if (!page.p)
        return true;
    *kind_r = page.n ? page.p[0] : 0;
    if ((*kind_r == 'm' || *kind_r == 'i') && byo_str_int(rest, after_r) && *after_r >= 0)
        return true;
    byo_api_error(c, 400, "bad-query", "page", "page must be what Byobox-Next said.");
    return false;
}

void byo_api_export(ByoApiCall *c)
{
    static const char *const allowed[] = {"open", "format", "limit", "page", NULL};
    Export e = {.c = c, .out = &c->resp->body};
    bool open = false;
    char kind;
    int64_t after;
    if (!byo_api_params(c, allowed) || !byo_api_param_bool(c, "open", &open) ||
        !byo_api_limit(c, PAGE_MOST, PAGE, &e.limit) || !param_page(c, &kind, &after))
        return;
    if (!open) {
        byo_api_error(c, 400, "bad-query", "open", "What is open can be exported: open=true is needed.");
        return;
    }
    if (byo_api_param(c, "format").p && !byo_str_is(byo_api_param(c, "format"), "csv")) {
        byo_api_error(c, 400, "bad-query", "format", "format must be csv.");
        return;
    }
    byo_api_csv_begin(c, head);
    if (kind == 'm')
        byo_store_open_messages(c->api->reader, after, e.limit + 1, add_message, &e);
    if (!e.more)
        byo_store_inward_all(c->api->reader, kind == 'i' ? after : 0, e.limit + 1 - e.n, add_inward, &e);
    if (e.more)
        byo_buf_addf(&c->resp->headers, "Byobox-Next: %c%" PRId64 "\r\n", e.kind, e.last);
}
