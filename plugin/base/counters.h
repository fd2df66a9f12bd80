/* SPDX-License-Identifier: BSD-3-Clause
 * What is counted since the process started: the one list of counters. Status, API and metrics are made from it; a
 * new one is a line here, a line in docs/metrics.md and the place that counts.
 * Ownership and threads: values; who holds them says which thread counts. */
#ifndef BYO_BASE_COUNTERS_H
#define BYO_BASE_COUNTERS_H

#include "base/clock.h"

/* Of an integration: field, name in the API, name of the metric without byobox_ and _total, help. */
#define BYO_COUNTERS(X) \
    X(mt, "messages", "messages", "Messages of applications taken.") \
    X(refused, "refused", "messages_refused", "Messages of applications refused.") \
    X(segments_out, "segmentsOut", "segments_handed", "Segments handed to bearerbox.") \
    X(retries, "retries", "segment_retries", "Segments sent again after a retryable failure.") \
    X(duplicates, "possibleDuplicates", "possible_duplicates", \
      "Segments handed over again that the carrier may have had.") \
    X(accepted, "segmentsAccepted", "segments_accepted", "Segments the carrier accepted.") \
    X(delivered, "segmentsDelivered", "segments_delivered", "Segments delivered.") \
    X(failed, "segmentsFailed", "segments_failed", "Segments failed or cancelled, by cause.") \
    X(receipts, "receipts", "receipts", "Receipts of the carrier.") \
    X(no_receipt, "receiptsMissing", "receipts_missing", "Segments whose receipt did not come in time.") \
    X(mo, "inbound", "inbound", "Inbound messages.") \
    X(opt_outs, "optOuts", "opted_out", "Opt-outs that took effect.") \
    X(opt_ins, "optIns", "opted_in", "Opt-ins that took effect.")

/* Of the process: field, name in the API (status, inward; NULL: it is not told there), metric, help. */
#define BYO_PROCESS_COUNTERS(X) \
    X(mt_repeated, NULL, "mt_repeated", "MTs a smsbox wrote again, acked and not sent again.") \
    X(mo_repeated, "repeated", "inbound_repeated", "Inbound messages bearerbox brought again.") \
    X(passed_mo, "passed", "inbound_passed", "Inbound messages of no number of the inventory.") \
    X(unknown_reports, "unknownReports", "unknown_reports", "Reports that belong to no segment.") \
    X(late_reads, NULL, "store_late_reads", "Rows a turn had not asked the store for beforehand.")

/* Of event-webhook: field, name in the API, metric, help. */
#define BYO_WEBHOOK_COUNTERS(X) \
    X(posted, "posted", "webhook_posted", "Events posted to event-webhook.") \
    X(failures, "failures", "webhook_failures", "Tries to post an event that failed.") \
    X(dropped, "dropped", "webhook_dropped", "Events that were given up before they were posted.")

/* Of an integration: field, metric without byobox_, help, upper bounds of the buckets in ms. */
#define BYO_HISTOGRAMS(X) \
    X(submit, "submit_seconds", "From the hand-over of a segment to bearerbox to the carrier's answer.", \
      (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000)) \
    X(receipt, "receipt_seconds", "From the hand-over of a segment to bearerbox to its final receipt.", \
      (500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 900000, 3600000, 14400000, 43200000, 86400000, \
       259200000))

enum {
    BYO_BUCKETS_MAX = 14,
    BYO_CAUSES_MAX = 48 /* the cause list (integration/error_map.h) and one for all that stand not in it */
};

typedef struct {
    int64_t bucket[BYO_BUCKETS_MAX + 1]; /* each its own, the last without an upper bound */
    ByoTime sum;                         /* ms */
} ByoHistogram;

typedef struct {
#define X(field, json, metric, help) int64_t field;
    BYO_COUNTERS(X)
#undef X
    int64_t failed_by[BYO_CAUSES_MAX]; /* failed, by cause */
#define X(field, metric, help, bounds) ByoHistogram field;
    BYO_HISTOGRAMS(X)
#undef X
} ByoCounters;

typedef struct {
#define X(field, json, metric, help) int64_t field;
    BYO_PROCESS_COUNTERS(X)
#undef X
} ByoProcessCounters;

typedef struct {
#define X(field, json, metric, help) int64_t field;
    BYO_WEBHOOK_COUNTERS(X)
#undef X
} ByoWebhookCounters;

/* A row of one of the lists; offset: in ByoCounters, ByoProcessCounters or ByoWebhookCounters. */
typedef struct {
    const char *json, *metric, *help;
    size_t offset;
} ByoCounterRow;
typedef struct {
    const char *metric, *help;
    const ByoTime *bounds; /* ms, rising */
    size_t n, offset;
} ByoHistogramRow;

/* NULL behind the last one. */
const ByoCounterRow *byo_counter_row(size_t i);
const ByoCounterRow *byo_process_counter_row(size_t i);
const ByoCounterRow *byo_webhook_counter_row(size_t i);
const ByoHistogramRow *byo_histogram_row(size_t i);
int64_t byo_counter_of(const void *counters, const ByoCounterRow *row);
const ByoHistogram *byo_histogram_of(const ByoCounters *counters, const ByoHistogramRow *row);

/* What so much of all (0 < share < 1) took at most, in ms: within a bucket evenly spread; in the last one its lower
 * bound. Less than 0: nothing was counted. */
double byo_histogram_quantile(const ByoHistogram *h, const ByoHistogramRow *row, double share);

/* How long it took; less than 0 (a clock was set) counts as 0. */
void byo_counters_submit(ByoCounters *c, ByoTime took);
void byo_counters_receipt(ByoCounters *c, ByoTime took);

#endif
