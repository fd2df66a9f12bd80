/* SPDX-License-Identifier: BSD-3-Clause
 * /metrics in Prometheus' text format 0.0.4; docs/metrics.md lists the names.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <inttypes.h>
#include <stddef.h>

typedef enum { GAUGE, COUNTER } Kind;

static void head(ByoBuf *out, const char *name, Kind kind, const char *help)
{
    byo_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind == GAUGE ? "gauge" : "counter");
}

static void one(ByoBuf *out, const char *name, Kind kind, const char *help, int64_t value)
{
    head(out, name, kind, help);
    byo_buf_addf(out, "%s %" PRId64 "\n", name, value);
}

static void counter_head(ByoBuf *out, const ByoCounterRow *row)
{
    byo_buf_addf(out, "# HELP byobox_%s_total %s\n# TYPE byobox_%s_total counter\n", row->metric, row->help,
                 row->metric);
}

static void store_size(ByoBuf *out, int64_t bytes)
{
    one(out, "byobox_store_bytes", GAUGE, "Size of the store with its journal.", bytes);
    one(out, "byobox_store_octets", GAUGE, "The same as byobox_store_bytes; goes with the next version.",
        bytes);
}

static void of_process(ByoBuf *out, const ByoAdminStatus *st)
{
    head(out, "byobox_info", GAUGE, "Always 1; the label says the version.");
    byo_buf_addf(out, "byobox_info{version=\"%s\"} 1\n", st->version);
    head(out, "byobox_start_time_seconds", GAUGE, "When the process started, since the epoch.");
    byo_buf_addf(out, "byobox_start_time_seconds %.3f\n", (double)st->started / 1000);
    one(out, "byobox_store_writable", GAUGE, "1 while the store can be written.",
        st->store_health == BYO_STORE_OK);
    if (st->store_bytes >= 0)
        store_size(out, st->store_bytes);
    head(out, "byobox_link_up", GAUGE, "1 while the link to bearerbox stands.");
    byo_buf_addf(out, "byobox_link_up{link=\"own\"} %d\nbyobox_link_up{link=\"anonymous\"} %d\n", st->own_up,
                 st->anon_up);
    one(out, "byobox_link_reconnects_total", COUNTER, "Reconnects to bearerbox.", st->reconnects);
    one(out, "byobox_smsboxes", GAUGE, "Connected smsboxes.", (int64_t)st->n_peers);
    one(out, "byobox_refused_peers_total", COUNTER,
        "Connections refused by smsbox-allow-ip, or because there are too many.", st->refused_peers);
    one(out, "byobox_bad_frames_total", COUNTER, "Frames that ended a connection.", st->bad_frames);
    one(out, "byobox_numbers", GAUGE, "Numbers of the inventory.", st->numbers);
    one(out, "byobox_opt_outs", GAUGE, "Pairs that are opted out.", st->opt_outs);
    one(out, "byobox_unacked_segments", GAUGE, "Segments handed to bearerbox that it has not acked.",
        st->unacked);
    one(out, "byobox_inward_waiting", GAUGE, "Reports and inbound messages waiting for a smsbox.",
        st->inward);
    one(out, "byobox_inward_in_flight", GAUGE, "Reports and inbound messages a smsbox has not acked.",
        st->inward_in_flight);
    const ByoCounterRow *row;
    for (size_t i = 0; (row = byo_process_counter_row(i)) != NULL; i++) {
        counter_head(out, row);
        byo_buf_addf(out, "byobox_%s_total %" PRId64 "\n", row->metric, byo_counter_of(&st->total, row));
    }
}

/* -- integrations -------------------------------------------------------------------------------------*/

static void of_counter(ByoBuf *out, const ByoAdminStatus *st, const ByoCounterRow *row)
{
    counter_head(out, row);
    for (size_t i = 0; i < st->n; i++)
        if (st->integrations[i].counted)
            byo_buf_addf(out, "byobox_%s_total{integration=\"%s\"} %" PRId64 "\n", row->metric,
                         st->integrations[i].id, byo_counter_of(&st->integrations[i].total, row));
}

/* Causes nothing failed with are left out: they would be most of the page. */
static void of_failures(ByoBuf *out, const ByoAdminStatus *st, const ByoCounterRow *row)
{
    counter_head(out, row);
    for (size_t i = 0; i < st->n; i++)
        for (size_t k = 0; st->integrations[i].counted && k < BYO_CAUSES_MAX; k++)
            if (st->integrations[i].total.failed_by[k])
                byo_buf_addf(out, "byobox_%s_total{integration=\"%s\",cause=\"%s\"} %" PRId64 "\n",
                             row->metric, st->integrations[i].id, byo_cause_name(k),
                             st->integrations[i].total.failed_by[k]);
}

static void of_counters(ByoBuf *out, const ByoAdminStatus *st)
{
    const ByoCounterRow *row;
    for (size_t i = 0; (row = byo_counter_row(i)) != NULL; i++) {
        if (row->offset == offsetof(ByoCounters, failed))
            of_failures(out, st, row);
        else
            of_counter(out, st, row);
    }
}

static void histogram(ByoBuf *out, const char *id, const ByoHistogramRow *row, const ByoHistogram *h)
{
    int64_t sum = 0;
    for (size_t k = 0; k < row->n; k++) {
        sum += h->bucket[k];
        byo_buf_addf(out, "byobox_%s_bucket{integration=\"%s\",le=\"%g\"} %" PRId64 "\n", row->metric, id,
                     (double)row->bounds[k] / 1000, sum);
    }
    sum += h->bucket[row->n];
    byo_buf_addf(out,
                 "byobox_%s_bucket{integration=\"%s\",le=\"+Inf\"} %" PRId64 "\n"
                 "byobox_%s_sum{integration=\"%s\"} %.3f\n"
                 "byobox_%s_count{integration=\"%s\"} %" PRId64 "\n",
                 row->metric, id, sum, row->metric, id, (double)h->sum / 1000, row->metric, id, sum);
}

static void of_histograms(ByoBuf *out, const ByoAdminStatus *st)
{
    const ByoHistogramRow *row;
    for (size_t i = 0; (row = byo_histogram_row(i)) != NULL; i++) {
        byo_buf_addf(out, "# HELP byobox_%s %s\n# TYPE byobox_%s histogram\n", row->metric, row->help,
                     row->metric);
        for (size_t k = 0; k < st->n; k++)
            if (st->integrations[k].counted)
                histogram(out, st->integrations[k].id, row,
                          byo_histogram_of(&st->integrations[k].total, row));
    }
}

static void of_segments(ByoBuf *out, const ByoAdminStatus *st)
{
    head(out, "byobox_segments", GAUGE,
         "Segments now: queued here, handed to bearerbox, accepted and waiting for the receipt.");
    for (size_t i = 0; i < st->n; i++) {
        const ByoAdminIntegration *in = &st->integrations[i];
        if (in->counted)
            byo_buf_addf(out,
                         "byobox_segments{integration=\"%s\",state=\"queued\"} %" PRId64 "\n"
                         "byobox_segments{integration=\"%s\",state=\"handed\"} %" PRId64 "\n"
                         "byobox_segments{integration=\"%s\",state=\"accepted\"} %" PRId64 "\n",
                         in->id, in->queued, in->id, in->handed, in->id, in->accepted);
    }
    head(out, "byobox_queue_oldest_seconds", GAUGE,
         "Age of the oldest queued segment, 0 with an empty queue.");
    for (size_t i = 0; i < st->n; i++) {
        const ByoAdminIntegration *in = &st->integrations[i];
        if (in->counted)
            byo_buf_addf(out, "byobox_queue_oldest_seconds{integration=\"%s\"} %.3f\n", in->id,
                         in->oldest && st->now > in->oldest ? (double)(st->now - in->oldest) / 1000 : 0.0);
    }
    head(out, "byobox_rate", GAUGE, "Segments a second in force.");
    for (size_t i = 0; i < st->n; i++)
        if (st->integrations[i].counted)
            byo_buf_addf(out, "byobox_rate{integration=\"%s\"} %.2f\n", st->integrations[i].id,
                         st->integrations[i].rate);
    head(out, "byobox_rate_limit", GAUGE, "Segments a second configured.");
    for (size_t i = 0; i < st->n; i++)
        if (st->integrations[i].counted)
            byo_buf_addf(out, "byobox_rate_limit{integration=\"%s\"} %.2f\n", st->integrations[i].id,
                         st->integrations[i].rate_configured);
}

static void of_states(ByoBuf *out, const ByoAdminStatus *st)
{
    head(out, "byobox_integration_state", GAUGE, "1 for the state an integration is in.");
    for (size_t i = 0; i < st->n; i++)
        for (int s = BYO_LIFE_INACTIVE; s <= BYO_LIFE_ERROR; s++)
            byo_buf_addf(out, "byobox_integration_state{integration=\"%s\",state=\"%s\"} %d\n",
                         st->integrations[i].id, byo_life_state_name((ByoLifeState)s),
                         !st->integrations[i].deleted && (int)st->integrations[i].state == s);
    head(out, "byobox_binds", GAUGE, "Binds: configured, and online as bearerbox shows them.");
    for (size_t i = 0; i < st->n; i++) {
        const ByoAdminIntegration *in = &st->integrations[i];
        byo_buf_addf(out, "byobox_binds{integration=\"%s\",kind=\"configured\"} %d\n", in->id,
                     in->binds_wanted);
        if (in->binds_known)
            byo_buf_addf(out, "byobox_binds{integration=\"%s\",kind=\"online\"} %d\n", in->id,
                         in->binds_online);
    }
}

/* With SQLite it has no name. */
static void of_nodes(ByoBuf *out, const ByoAdminStatus *st)
{
    if (!st->n_nodes || !st->nodes[0].name[0])
        return;
    head(out, "byobox_node_up", GAUGE, "1 while this byobox of the database is there.");
    for (size_t n = 0; n < st->n_nodes; n++) {
        byo_buf_adds(out, "byobox_node_up{node=\"");
        for (const char *c = st->nodes[n].name; *c; c++) {
            if (*c == '"' || *c == '\\')
                byo_buf_addc(out, '\\');
            byo_buf_addc(out, *c);
        }
        byo_buf_addf(out, "\"} %d\n", st->nodes[n].up);
    }
}

static void of_webhook(ByoBuf *out, const ByoWebhookStatus *st)
{
    const ByoCounterRow *row;
    for (size_t i = 0; (row = byo_webhook_counter_row(i)) != NULL; i++) {
        counter_head(out, row);
        byo_buf_addf(out, "byobox_%s_total %" PRId64 "\n", row->metric, byo_counter_of(&st->total, row));
    }
    one(out, "byobox_webhook_waiting", GAUGE, "Events that wait to be posted.", st->waiting);
}

void byo_api_metrics(ByoApiCall *c)
{
    static const char *const allowed[] = {NULL};
    ByoAdminStatus st = {0};
    ByoBuf *out = &c->resp->body;
    if (!byo_api_params(c, allowed))
        return;
    c->api->actions->status(c->api->actions->arg, &st);
    of_process(out, &st);
    one(out, "byobox_auth_failures_total", COUNTER, "Requests to the admin port with a wrong password.",
        byo_auth_failed(c->api->auth));
    of_nodes(out, &st);
    of_states(out, &st);
    of_segments(out, &st);
    of_counters(out, &st);
    of_histograms(out, &st);
    of_webhook(out, &st.webhook);
    head(out, "byobox_events_total", COUNTER, "Operational events, repetitions included.");
    for (int e = 0; e < BYO_EVENT_COUNT; e++)
        byo_buf_addf(out, "byobox_events_total{definition=\"%s\",name=\"%s\"} %" PRId64 "\n",
                     byo_event_info(e)->id, byo_event_info(e)->name, st.events[e]);
    byo_admin_status_clear(&st);
    c->resp->status = 200;
    c->resp->content_type = "text/plain; version=0.0.4; charset=utf-8";
}
