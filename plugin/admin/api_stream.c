/* SPDX-License-Identifier: BSD-3-Clause
 * What happens, as server-sent events: operational events as they come, the status every two seconds.
 * Decides: the form of both, and where a stream goes on. Who gets which of them, and when, is the listener's
 * (http_stream.c).
 * Ownership and threads: api_private.h; the makers of text: any thread with a reader of its own. */
#include "admin/api_private.h"

static void add_message(ByoBuf *out, const char *kind, ByoJson *j)
{
    byo_buf_addf(out, "event: %s\ndata: ", kind);
    byo_json_text(j, false, out); /* one line: control characters are escaped */
    byo_buf_adds(out, "\n\n");
    byo_json_free(j);
}

static void add_id(ByoBuf *out, ByoId id)
{
    char text[BYO_ID_TEXT];
    byo_buf_addf(out, "id: %s\n", byo_id_text(id, text));
}

static bool add_event(void *arg, const ByoEventRow *e)
{
    ByoStreamEvents *all = arg;
    if (all->n == BYO_STREAM_EVENTS)
        return false;
    add_id(&all->text, e->id);
    add_message(&all->text, "event", byo_api_event_json(e));
    all->ids[all->n] = e->id;
    all->ends[all->n++] = all->text.n;
    return true;
}

bool byo_api_stream_events(ByoStore *reader, ByoId after, ByoStreamEvents *out)
{
    ByoEventFilter f = {.after = after, .limit = BYO_STREAM_EVENTS};
    out->n = 0;
    out->text = (ByoBuf){0};
    byo_store_read_fault(reader);
    byo_store_events(reader, &f, add_event, out);
    return byo_store_read_fault(reader) == BYO_STORE_OK;
}

void byo_api_stream_status(const ByoAdminActions *actions, ByoBuf *out)
{
    add_message(out, "status", byo_api_status_json(actions));
}

static bool keep_id(void *arg, const ByoEventRow *e)
{
    *(ByoId *)arg = e->id;
    return false;
}

/* Behind the event the browser had last, if it says so and there has been such a one; else behind the newest. */
static ByoId begin_after(ByoApiCall *c)
{
    ByoId newest = 1, last; /* there is none: from the first on */
    ByoEventFilter f = {.settled = true, .limit = 1};
    byo_store_events(c->api->reader, &f, keep_id, &newest);
    return byo_id_parse(c->req->header[BYO_HEADER_LAST_EVENT_ID], &last) && last < newest ? last : newest;
}

void byo_api_stream(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    if (!byo_api_params(c, allowed))
        return;
    c->resp->status = 200;
    c->resp->content_type = "text/event-stream";
    c->resp->stream = true;
    c->resp->after = begin_after(c);
    byo_buf_adds(&c->resp->headers, "X-Accel-Buffering: no\r\n"); /* a proxy passes on what there is */
    /* An id without data: whoever is cut off before the first event goes on from here, too. */
    byo_buf_adds(&c->resp->body, "retry: 3000\n");
    if (c->resp->after > 1)
        add_id(&c->resp->body, c->resp->after);
    byo_buf_adds(&c->resp->body, "\n");
    if (c->who.can & BYO_CAN_STATUS)
        byo_api_stream_status(c->api->actions, &c->resp->body);
}
