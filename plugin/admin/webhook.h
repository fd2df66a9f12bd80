/* SPDX-License-Identifier: BSD-3-Clause
 * Events on their way to a URL (event-webhook): one POST each, in order, by a thread of its own.
 *
 * Decides: what is tried again (everything but an answer that says this one body will never do), when (back-off up to a
 * minute), and what is dropped: the oldest that waits, when more than BYO_WEBHOOK_QUEUE do; what waits at a stop.
 * Guarantees: traffic never waits for it; each event that was posted was answered with 2xx at least once, perhaps
 * received twice (its id tells); nothing across a restart, where the store has the events.
 * Ownership: ByoWebhook owns thread and queue. Threads: every function may be called from any thread; stop by the owner. */
#ifndef BYO_ADMIN_WEBHOOK_H
#define BYO_ADMIN_WEBHOOK_H

#include "base/counters.h"

enum { BYO_WEBHOOK_QUEUE = 1000, BYO_WEBHOOK_ERROR = 256 };

typedef struct ByoWebhook ByoWebhook;

typedef struct {
    bool on;
    ByoWebhookCounters total;
    int64_t waiting;                    /* the one being posted included */
    ByoTime failing;                    /* since when tries fail; 0: the last one did not */
    char last_error[BYO_WEBHOOK_ERROR]; /* of the last failure, without the URL */
} ByoWebhookStatus;

/* url NULL: none; what is posted then is nothing. */
ByoWebhook *byo_webhook_start(const char *url);
/* Another URL, or none: then what waits is dropped. */
void byo_webhook_url(ByoWebhook *w, const char *url);
/* json: the object; copied. */
void byo_webhook_post(ByoWebhook *w, ByoStr json);
void byo_webhook_status(ByoWebhook *w, ByoWebhookStatus *st_r);
/* What waits is posted for so many ms while it goes well; the rest is dropped, with a line in the log. Takes NULL. */
void byo_webhook_stop(ByoWebhook *w, ByoTime ms);

#endif
