/* SPDX-License-Identifier: BSD-3-Clause
 * The lists of counters as tables, and which bucket a duration belongs to.
 * Ownership and threads: counters.h. */
#include "base/counters.h"

#define ROW(type, field, json, metric, help) {json, metric, help, offsetof(type, field)},

static const ByoCounterRow of_integration[] = {
#define X(field, json, metric, help) ROW(ByoCounters, field, json, metric, help)
    BYO_COUNTERS(X)
#undef X
};

static const ByoCounterRow of_process[] = {
#define X(field, json, metric, help) ROW(ByoProcessCounters, field, json, metric, help)
    BYO_PROCESS_COUNTERS(X)
#undef X
};

static const ByoCounterRow of_webhook[] = {
#define X(field, json, metric, help) ROW(ByoWebhookCounters, field, json, metric, help)
    BYO_WEBHOOK_COUNTERS(X)
#undef X
};

#define LIST(...) \
    { \
        __VA_ARGS__ \
    }
#define X(field, metric, help, bounds) \
    static const ByoTime bounds_of_##field[] = LIST bounds; \
    _Static_assert(sizeof bounds_of_##field / sizeof *bounds_of_##field <= BYO_BUCKETS_MAX, \
                   "too many buckets");
BYO_HISTOGRAMS(X)
#undef X

static const ByoHistogramRow histograms[] = {
#define X(field, metric, help, bounds) \
    {metric, help, bounds_of_##field, sizeof bounds_of_##field / sizeof *bounds_of_##field, \
     offsetof(ByoCounters, field)},
    BYO_HISTOGRAMS(X)
#undef X
};

#define AT(table, i) ((i) < sizeof(table) / sizeof *(table) ? &(table)[i] : NULL)

const ByoCounterRow *byo_counter_row(size_t i)
{
    return AT(of_integration, i);
}

const ByoCounterRow *byo_process_counter_row(size_t i)
{
    return AT(of_process, i);
}

const ByoCounterRow *byo_webhook_counter_row(size_t i)
{
    return AT(of_webhook, i);
}

const ByoHistogramRow *byo_histogram_row(size_t i)
{
    return AT(histograms, i);
}

int64_t byo_counter_of(const void *counters, const ByoCounterRow *row)
{
    return *(const int64_t *)(const void *)((const char *)counters + row->offset);
}

const ByoHistogram *byo_histogram_of(const ByoCounters *counters, const ByoHistogramRow *row)
{
    return (const ByoHistogram *)(const void *)((const char *)counters + row->offset);
}

static void observe(ByoHistogram *h, const ByoTime *bounds, size_t n, ByoTime took)
{
    size_t i = 0;
    if (took < 0)
        took = 0;
    while (i < n && took > bounds[i])
        i++;
    h->bucket[i]++;
    h->sum += took;
}

#define OBSERVE(h, field, took) \
    observe(h, bounds_of_##field, sizeof bounds_of_##field / sizeof *bounds_of_##field, took)

void byo_counters_submit(ByoCounters *c, ByoTime took)
{
    OBSERVE(&c->submit, submit, took);
}

void byo_counters_receipt(ByoCounters *c, ByoTime took)
{
    OBSERVE(&c->receipt, receipt, took);
}

double byo_histogram_quantile(const ByoHistogram *h, const ByoHistogramRow *row, double share)
{
    int64_t all = 0, below = 0;
    for (size_t i = 0; i <= row->n; i++)
        all += h->bucket[i];
    double wanted = share * (double)all, lower = 0;
    if (all == 0)
        return -1;
    for (size_t i = 0; i < row->n; i++) {
        double here = (double)h->bucket[i], upper = (double)row->bounds[i];
        if (here > 0 && (double)below + here >= wanted)
            return lower + (upper - lower) * (wanted - (double)below) / here;
        below += h->bucket[i];
        lower = upper;
    }
    return lower;
}
