/* SPDX-License-Identifier: BSD-3-Clause
 * Statistics: what was counted in each step of time, by integration. Hours and days are the sums of their minutes.
 * Decides: steps, the answer's form; how much one answer adds up.
 * Ownership and threads: api_private.h. */
#include "admin/api_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "integration/counts.h"
#include "integration/error_map.h"

enum { LIMIT = 1000, LIMIT_MOST = 10000 };
/* Rows of one read: a year of hours is 9,000 rows of each integration, and no read of the store is to last. */
enum { READ_ROWS = 1000 };

static const struct {
    const char *name;
    ByoTime length, look_back;
} steps[] = {{"1m", BYO_MINUTE, BYO_HOUR}, {"1h", BYO_HOUR, BYO_DAY}, {"1d", BYO_DAY, 30 * BYO_DAY}};

typedef struct {
    ByoTime at;
    char integration[BYO_ID_MAX + 1];
    ByoCounters sum;
} Step;

typedef struct {
    ByoStr integration; /* absent: all */
    ByoTime length;
    Step *steps; /* by time */
    size_t n, cap, limit;
    int looked;   /* rows, also of what was not asked for */
    ByoTime at;   /* the step of the last one */
    ByoTime next; /* the first step there was no room for; 0: there was */
} Sums;

typedef struct {
    Sums *sums;
    int rows;
    ByoTime last, go_on; /* where the next read begins; 0: there is none */
} Read;

/* -- adding up ----------------------------------------------------------------------------------------*/

static Step *step_of(Sums *s, ByoTime at, ByoStr integration)
{
    for (size_t i = s->n; i > 0 && s->steps[i - 1].at >= at; i--)
        if (s->steps[i - 1].at == at && byo_str_is(integration, s->steps[i - 1].integration))
            return &s->steps[i - 1];
    if (s->n >= s->limit && s->steps[s->n - 1].at != at) {
        s->next = at;
        return NULL;
    }
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 64;
        s->steps = byo_realloc(s->steps, s->cap * sizeof *s->steps);
    }
    Step *step = &s->steps[s->n++];
    *step = (Step){.at = at};
    snprintf(step->integration, sizeof step->integration, "%.*s", BYO_PF(integration));
    return step;
}

static bool add_row(void *arg, const ByoStatisticRow *row)
{
    Read *r = arg;
    Sums *s = r->sums;
    ByoTime at = row->at - row->at % s->length;
    if (r->rows >= READ_ROWS && row->at != r->last)
        r->go_on = row->at;
    if (s->looked >= BYO_STATISTICS_LOOKED && at != s->at)
        s->next = at;
    if (r->go_on || s->next)
        return false;
    r->rows++;
    r->last = row->at;
    s->looked++;
    s->at = at;
    if (s->integration.p && !byo_str_eq(s->integration, row->integration))
        return true;
    Step *step = step_of(s, at, row->integration);
    if (step)
        byo_counts_read(row->counts, &step->sum);
    return step != NULL;
}

static int by_time(const void *a, const void *b)
{
    const Step *x = a, *y = b;
    return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : strcmp(x->integration, y->integration);
}

static void add_span(Sums *s, ByoStore *reader, ByoSpan span, ByoTime from, ByoTime to)
{
    while (from && !s->next) {
        Read r = {.sums = s};
        byo_store_statistics(reader, span, from, to, add_row, &r);
        from = r.go_on;
    }
}

/* What is in an hour's row is in no minute's any more. */
static void add_up(Sums *s, ByoStore *reader, ByoTime from, ByoTime to)
{
    from = from < s->length ? 1 : from - from % s->length;
    if (s->length > BYO_MINUTE)
        add_span(s, reader, BYO_SPAN_HOUR, from, to);
    add_span(s, reader, BYO_SPAN_MINUTE, from, to);
    if (s->n)
        qsort(s->steps, s->n, sizeof *s->steps, by_time);
}

/* -- the answer ---------------------------------------------------------------------------------------*/

static void set_seconds(ByoJson *j, const char *key, const ByoCounters *c, const char *metric)
{
    static const struct {
        const char *name;
        double share;
    } shares[] = {{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}};
    ByoJson *seconds = byo_json_object();
    for (size_t i = 0; byo_histogram_row(i); i++) {
        const ByoHistogramRow *row = byo_histogram_row(i);
        for (size_t k = 0; strcmp(row->metric, metric) == 0 && k < 3; k++) {
            double ms = byo_histogram_quantile(byo_histogram_of(c, row), row, shares[k].share);
            if (ms < 0)
                byo_json_set(seconds, shares[k].name, NULL);
            else
                byo_json_set_real(seconds, shares[k].name, ms / BYO_SECOND);
        }
    }
    byo_json_set(j, key, seconds);
}

static ByoJson *failed_json(const ByoCounters *c)
{
    ByoJson *j = byo_json_object();
    for (size_t i = 0; i < BYO_CAUSES_MAX; i++)
        if (c->failed_by[i])
            byo_json_set_int(j, byo_cause_name(i), c->failed_by[i]);
    return j;
}

static ByoJson *step_json(const Step *step)
{
    const ByoCounters *c = &step->sum;
    ByoJson *j = byo_json_object();
    byo_json_set_time(j, "time", step->at);
    byo_json_set_z(j, "integration", step->integration);
    byo_json_set_int(j, "taken", c->mt);
    byo_json_set_int(j, "refused", c->refused);
    byo_json_set_int(j, "handed", c->segments_out);
    byo_json_set_int(j, "accepted", c->accepted);
    byo_json_set_int(j, "delivered", c->delivered);
    byo_json_set(j, "failed", failed_json(c));
    byo_json_set_int(j, "expired", c->failed_by[byo_cause_index(byo_verdict_own(BYO_OWN_EXPIRED).cause)]);
    byo_json_set_int(j, "retried", c->retries);
    byo_json_set_int(j, "possibleDuplicates", c->duplicates);
    byo_json_set_int(j, "inbound", c->mo);
    byo_json_set_int(j, "optOuts", c->opt_outs);
    byo_json_set_int(j, "optIns", c->opt_ins);
    set_seconds(j, "answerSeconds", c, "submit_seconds");
    set_seconds(j, "receiptSeconds", c, "receipt_seconds");
    return j;
}

/* -- the call -----------------------------------------------------------------------------------------*/

static bool param_step(ByoApiCall *c, size_t *step_r)
{
    ByoStr v = byo_api_param(c, "step");
    *step_r = 0;
    for (size_t i = 0; v.p && i < sizeof steps / sizeof *steps; i++)
        if (byo_str_is(v, steps[i].name)) {
            *step_r = i;
            return true;
        }
    if (v.p)
        byo_api_error(c, 400, "bad-query", "step", "step must be 1m, 1h or 1d.");
    return !v.p;
}

/* Where the page begins; 0: not given. */
static bool param_page(ByoApiCall *c, ByoTime *page_r)
{
    ByoStr v = byo_api_param(c, "page");
    *page_r = 0;
    if (!v.p || (byo_str_int(v, page_r) && *page_r > 0))
        return true;
    byo_api_error(c, 400, "bad-query", "page", "page must be the `next` of the page before.");
    return false;
}

static bool param_span(ByoApiCall *c, size_t step, ByoTime *from_r, ByoTime *to_r)
{
    if (!byo_api_param_time(c, "from", from_r) || !byo_api_param_time(c, "to", to_r))
        return false;
    *to_r = *to_r ? *to_r : c->req->now;
    *from_r = *from_r ? *from_r : *to_r - steps[step].look_back;
    *from_r = *from_r > 0 ? *from_r : 0;
    if (*from_r < *to_r)
        return true;
    byo_api_error(c, 400, "bad-query", "from", "from must be before to.");
    return false;
}

void byo_api_statistics(ByoApiCall *c)
{
    static const char *const allowed[] = {"integration", "from", "to", "step", "limit", "page", NULL};
    ByoTime from, to, page;
    char next[32];
    size_t step;
    int limit;
    if (!byo_api_params(c, allowed) || !param_step(c, &step) || !param_span(c, step, &from, &to) ||
        !byo_api_limit(c, LIMIT_MOST, LIMIT, &limit) || !param_page(c, &page))
        return;
    Sums s = {
        .integration = byo_api_param(c, "integration"), .length = steps[step].length, .limit = (size_t)limit};
    add_up(&s, c->api->reader, page > from ? page : from, to);
    ByoJson *items = byo_json_array();
    for (size_t i = 0; i < s.n; i++)
        byo_json_add(items, step_json(&s.steps[i]));
    snprintf(next, sizeof next, "%lld", (long long)s.next);
    byo_api_list(c, items, s.next ? next : NULL);
    free(s.steps);
}
