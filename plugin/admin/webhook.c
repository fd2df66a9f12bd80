/* SPDX-License-Identifier: BSD-3-Clause
 * The queue, its thread, and one POST.
 * Ownership and threads: webhook.h; ByoWebhook.lock guards all but `easy` and `headers`, which are the thread's. */
#include "admin/webhook.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/thread.h"

#define CONNECT_MS 5000L
#define POST_MS 10000L
#define PAUSE_FIRST BYO_SECOND
#define PAUSE_MOST BYO_MINUTE

typedef struct Item {
    struct Item *next;
    ByoBuf body;
} Item;

struct ByoWebhook {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    long thread;
    char *url;
    Item *first, **last;
    int64_t n;
    bool posting; /* one item is out of the queue */
    bool stop;
    ByoTime stop_by, not_before; /* monotonic */
    ByoTime pause;
    ByoWebhookStatus st;
    CURL *easy;
    struct curl_slist *headers;
};

typedef enum { POSTED, AGAIN, REFUSED } Outcome;

/* -- one POST -----------------------------------------------------------------------------------------*/

static size_t ignore(char *p, size_t size, size_t n, void *arg)
{
    (void)p, (void)arg;
    return size * n;
}

/* Not 0: give it up. */
static int on_progress(void *arg, curl_off_t dt, curl_off_t dn, curl_off_t ut, curl_off_t un)
{
    (void)dt, (void)dn, (void)ut, (void)un;
    ByoWebhook *w = arg;
    pthread_mutex_lock(&w->lock);
    bool over = w->stop && byo_monotonic() >= w->stop_by;
    pthread_mutex_unlock(&w->lock);
    return over;
}

static void prepare(ByoWebhook *w)
{
    w->easy = curl_easy_init();
    w->headers = curl_slist_append(NULL, "Content-Type: application/json");
    w->headers = curl_slist_append(w->headers, "Expect:");
    curl_easy_setopt(w->easy, CURLOPT_HTTPHEADER, w->headers);
    curl_easy_setopt(w->easy, CURLOPT_USERAGENT, "byobox/" BYO_VERSION);
    curl_easy_setopt(w->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(w->easy, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(w->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(w->easy, CURLOPT_TIMEOUT_MS, POST_MS);
    curl_easy_setopt(w->easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(w->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(w->easy, CURLOPT_XFERINFODATA, w);
    curl_easy_setopt(w->easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(w->easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (getenv("SSL_CERT_FILE")) /* OpenSSL's own word for it, which libcurl does not ask */
        curl_easy_setopt(w->easy, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(w->easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(w->easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
    curl_easy_setopt(w->easy, CURLOPT_QUICK_EXIT, 1L); /* a name server that is silent holds up no stop */
#endif
}

static Outcome post(ByoWebhook *w, const char *url, const Item *item, char why[BYO_WEBHOOK_ERROR])
{
    char error[CURL_ERROR_SIZE] = "";
    long status = 0;
    curl_easy_setopt(w->easy, CURLOPT_URL, url);
    curl_easy_setopt(w->easy, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(w->easy, CURLOPT_POSTFIELDSIZE, (long)item->body.n);
    curl_easy_setopt(w->easy, CURLOPT_POSTFIELDS, item->body.p);
    CURLcode r = curl_easy_perform(w->easy);
    curl_easy_setopt(w->easy, CURLOPT_ERRORBUFFER, NULL);
    if (r != CURLE_OK) {
        snprintf(why, BYO_WEBHOOK_ERROR, "%s", error[0] ? error : curl_easy_strerror(r));
        return AGAIN;
    }
    curl_easy_getinfo(w->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status >= 200 && status < 300)
        return POSTED;
    snprintf(why, BYO_WEBHOOK_ERROR, "it answers with HTTP status %ld", status);
    return status == 400 || status == 413 || status == 422 ? REFUSED : AGAIN;
}

/* -- the queue (under the lock) -----------------------------------------------------------------------*/

static void item_free(Item *item)
{
    byo_buf_free(&item->body);
    free(item);
}

static Item *take(ByoWebhook *w)
{
    Item *item = w->first;
    w->first = item->next;
    if (!w->first)
        w->last = &w->first;
    w->n--;
    return item;
}

static void drop(ByoWebhook *w, Item *item)
{
    w->st.total.dropped++;
    item_free(item);
}

static void put_back(ByoWebhook *w, Item *item)
{
    if (w->n >= BYO_WEBHOOK_QUEUE || !w->url) {
        drop(w, item);
        return;
    }
    item->next = w->first;
    w->first = item;
    if (!item->next)
        w->last = &item->next;
    w->n++;
}

static void settle(ByoWebhook *w, Item *item, Outcome outcome, const char *why)
{
    if (outcome == POSTED) {
        if (w->st.failing)
            byo_log_info("event-webhook: events are posted again");
        w->st.total.posted++;
        w->st.failing = w->pause = 0;
        item_free(item);
        return;
    }
    w->st.total.failures++;
    snprintf(w->st.last_error, sizeof w->st.last_error, "%s", why);
    if (outcome == REFUSED) {
        byo_log_warning("event-webhook: an event was refused and is dropped: %s", why);
        drop(w, item);
        return;
    }
    if (!w->st.failing) {
        byo_log_warning("event-webhook: an event could not be posted and is tried again: %s", why);
        w->st.failing = byo_now();
    }
    w->pause = !w->pause ? PAUSE_FIRST : w->pause < PAUSE_MOST / 2 ? 2 * w->pause : PAUSE_MOST;
    w->not_before = byo_monotonic() + w->pause;
    put_back(w, item);
}

static void wait_until(ByoWebhook *w, ByoTime at)
{
    struct timespec ts = {at / 1000, (at % 1000) * 1000000};
    pthread_cond_timedwait(&w->wake, &w->lock, &ts);
}

/* False: the end. */
static bool wait_for_item(ByoWebhook *w)
{
    for (;;) {
        ByoTime at = byo_monotonic();
        if (w->stop && (!w->first || w->st.failing || at >= w->stop_by))
            return false;
        if (w->first && at >= w->not_before)
            return true;
        if (w->first)
            wait_until(w, w->not_before);
        else
            pthread_cond_wait(&w->wake, &w->lock);
    }
}

static void run(void *arg)
{
    ByoWebhook *w = arg;
    byo_thread_name("byo-webhook");
    prepare(w);
    pthread_mutex_lock(&w->lock);
    while (wait_for_item(w)) {
        char why[BYO_WEBHOOK_ERROR] = "";
        Item *item = take(w);
        char *url = byo_strdup(w->url);
        w->posting = true;
        pthread_mutex_unlock(&w->lock);
        Outcome outcome = post(w, url, item, why);
        free(url);
        pthread_mutex_lock(&w->lock);
        w->posting = false;
        settle(w, item, outcome, why);
    }
    if (w->n)
        byo_log_warning("event-webhook: %lld events were not posted; GET /v1/events has them",
                        (long long)w->n);
    while (w->first)
        drop(w, take(w));
    pthread_mutex_unlock(&w->lock);
    curl_easy_cleanup(w->easy);
    curl_slist_free_all(w->headers);
}

/* -- outside ------------------------------------------------------------------------------------------*/

ByoWebhook *byo_webhook_start(const char *url)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    ByoWebhook *w = byo_zalloc(sizeof *w);
    pthread_condattr_t attr;
    w->url = byo_strdup(url);
    w->last = &w->first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    w->thread = byo_thread_start(run, w);
    return w;
}

void byo_webhook_url(ByoWebhook *w, const char *url)
{
    pthread_mutex_lock(&w->lock);
    free(w->url);
    w->url = byo_strdup(url);
    while (!url && w->first)
        drop(w, take(w));
    w->not_before = w->pause = 0; /* the new one is tried at once */
    w->st.failing = url ? w->st.failing : 0;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void byo_webhook_post(ByoWebhook *w, ByoStr json)
{
    pthread_mutex_lock(&w->lock);
    if (w->url && !w->stop) {
        Item *item = byo_zalloc(sizeof *item);
        byo_buf_add(&item->body, json.p, json.n);
        if (w->n >= BYO_WEBHOOK_QUEUE)
            drop(w, take(w));
        *w->last = item;
        w->last = &item->next;
        w->n++;
        pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
}

void byo_webhook_status(ByoWebhook *w, ByoWebhookStatus *st)
{
    pthread_mutex_lock(&w->lock);
    *st = w->st;
    st->on = w->url != NULL;
    st->waiting = w->n + w->posting;
    pthread_mutex_unlock(&w->lock);
}

void byo_webhook_stop(ByoWebhook *w, ByoTime ms)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    w->stop_by = byo_monotonic() + ms;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    byo_thread_join(w->thread);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    free(w->url);
    free(w);
    curl_global_cleanup();
}
