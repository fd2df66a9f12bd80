/* SPDX-License-Identifier: BSD-3-Clause
 * event-webhook without a receiver: the queue is bounded, nothing waits for it. tests/e2e/test_watching.py has the rest. */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "admin/webhook.h"
#include "base/log.h"
#include "base/thread.h"
#include "base/url.h"
#include "suites.h"

enum { MORE = 500 };

static ByoWebhookStatus status_when(ByoWebhook *w, bool (*is)(const ByoWebhookStatus *st))
{
    ByoWebhookStatus st;
    for (byo_webhook_status(w, &st); !is(&st); byo_webhook_status(w, &st))
        nanosleep(&(struct timespec){0, 5000000}, NULL);
    return st;
}

static bool all_is_counted(const ByoWebhookStatus *st)
{
    return st->failing && st->waiting + st->total.dropped == BYO_WEBHOOK_QUEUE + MORE &&
           st->waiting <= BYO_WEBHOOK_QUEUE;
}

START_TEST(the_oldest_is_dropped)
{
    ByoWebhook *w = byo_webhook_start("http://127.0.0.1:1/");
    for (int i = 0; i < BYO_WEBHOOK_QUEUE + MORE; i++)
        byo_webhook_post(w, BYO_STR("{}"));
    ByoWebhookStatus st = status_when(w, all_is_counted);
    ck_assert_int_ge(st.total.dropped, MORE);
    ck_assert_int_eq(st.total.posted, 0);
    ck_assert(st.last_error[0]);
    byo_webhook_url(w, NULL);
    byo_webhook_status(w, &st);
    ck_assert(!st.on);
    byo_webhook_post(w, BYO_STR("{}"));
    byo_webhook_stop(w, 100);
}
END_TEST

START_TEST(nothing_without_a_url)
{
    ByoWebhook *w = byo_webhook_start(NULL);
    ByoWebhookStatus st;
    byo_webhook_post(w, BYO_STR("{}"));
    byo_webhook_status(w, &st);
    ck_assert(!st.on && st.waiting == 0 && st.total.dropped == 0);
    byo_webhook_stop(w, 100);
    byo_webhook_stop(NULL, 0);
}
END_TEST

static const struct {
    const char *url;
    bool good, tls;
    const char *host;
} urls[] = {
    {"https://example.org/events", true, true, "example.org"},
    {"HTTPS://user:secret@example.org:8443/a?b=c", true, true, "example.org"},
    {"http://127.0.0.1:8080", true, false, "127.0.0.1"},
    {"http://[::1]:8080/", true, false, "[::1]"},
    {"ftp://example.org/", false, false, ""},
    {"file:///etc/passwd", false, false, ""},
    {"example.org/events", false, false, ""},
    {"https://", false, false, ""},
    {"https://a b/", false, false, ""},
    {"https://example.org:99999/", false, false, ""},
    {"", false, false, ""},
};

START_TEST(urls_are_checked)
{
    char host[256];
    bool tls;
    ck_assert_int_eq(byo_url_check(urls[_i].url, host, &tls), urls[_i].good);
    ck_assert_int_eq(tls, urls[_i].tls);
    ck_assert_str_eq(host, urls[_i].host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("webhook");
    TCase *tc = tcase_create("webhook");
    byo_gw_start();
    byo_log_open(NULL, BYO_LOG_ERROR, BYO_LOG_ERROR);
    tcase_add_test(tc, the_oldest_is_dropped);
    tcase_add_test(tc, nothing_without_a_url);
    tcase_add_loop_test(tc, urls_are_checked, 0, (int)(sizeof urls / sizeof *urls));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK); /* gwlib's threads */
    int failed = run_all(runner);
    byo_gw_stop();
    return failed;
}
