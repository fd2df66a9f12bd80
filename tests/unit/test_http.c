/* SPDX-License-Identifier: BSD-3-Clause
 * The admin port's HTTP: heads that are refused, and the listener with real connections.
 * Threads: the listener's. */
#include "api_fixture.h"
#include "suites.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include "admin/http_parse.h"
#include "byoctl/client.h"

/* -- heads --------------------------------------------------------------------------------------------*/

static ByoHttpHead head;
static size_t used;
static int status;
static const char *why;

static ByoHttpResult parse(const char *text)
{
    return byo_http_head(byo_str(text), &head, &used, &status, &why);
}

START_TEST(good_heads)
{
    const char *text = "POST /v1/numbers?a=1&b=2 HTTP/1.1\r\nHost: x\r\ncontent-length:  5 \r\nContent-Type: "
                       "application/json\r\n"
                       "AUTHORIZATION: Basic abc\r\nX-Empty:\r\n\r\nhello";
    ck_assert_int_eq(parse(text), BYO_HTTP_GOOD);
    ck_assert_uint_eq(used, strlen(text) - 5);
    ck_str(head.method, "POST");
    ck_str(head.path, "/v1/numbers");
    ck_str(head.query, "a=1&b=2");
    ck_str(head.header[BYO_HEADER_AUTHORIZATION], "Basic abc");
    ck_str(head.header[BYO_HEADER_CONTENT_TYPE], "application/json");
    ck_assert_int_eq(head.content_length, 5);
    ck_assert(head.keep_alive && !head.expect_continue);
    ck_assert_int_eq(parse("GET / HTTP/1.0\r\n\r\n"), BYO_HTTP_GOOD);
    ck_assert(!head.keep_alive && !head.query.p && !head.header[BYO_HEADER_AUTHORIZATION].p);
    ck_assert_int_eq(parse("GET /? HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), BYO_HTTP_GOOD);
    ck_assert(head.keep_alive && head.query.p && head.query.n == 0);
    ck_assert_int_eq(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n"), BYO_HTTP_GOOD);
    ck_assert(!head.keep_alive);
    ck_assert_int_eq(parse("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n"), BYO_HTTP_GOOD);
    ck_assert(head.expect_continue);
}
END_TEST

START_TEST(a_head_comes_in_pieces)
{
    const char *text = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (size_t n = 0; n < strlen(text); n++)
        ck_assert_int_eq(byo_http_head(byo_strn(text, n), &head, &used, &status, &why), BYO_HTTP_MORE);
    ck_assert_int_eq(parse(text), BYO_HTTP_GOOD);
}
END_TEST

static const struct {
    const char *text;
    int status;
} bad_heads[] = {
    {"\r\n\r\n", 400},
    {"GET\r\n\r\n", 400},
    {"GET /\r\n\r\n", 400},
    {"GET / \r\n\r\n", 505},
    {" / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"G\tT / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
    {"GET / http/1.1\r\nHost: a\r\n\r\n", 505},
    {"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /\xC3\xA4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\nHost: a\n\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x10\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: identity\r\n\r\n", 411},
    {"GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: a\r\nContent-Type: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\ncookie: byobox-session=c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nOrigin: http://b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nSec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nX-Byobox-Console: 1\r\nX-Byobox-Console: 1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\n ;byobox-session=c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nCookie : byobox-session=c\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 1\r\nLast-Event-ID: 2\r\n\r\n", 400},
};
enum { BAD_HEADS = sizeof bad_heads / sizeof *bad_heads };

START_TEST(bad_heads_are_refused)
{
    ck_assert_msg(parse(bad_heads[_i].text) == BYO_HTTP_BAD, "%s", bad_heads[_i].text);
    ck_assert_msg(status == bad_heads[_i].status, "%s: %d %s", bad_heads[_i].text, status, why);
    ck_assert(why[strlen(why) - 1] == '.');
}
END_TEST

START_TEST(a_head_has_a_limit)
{
    ByoBuf text = {0};
    byo_buf_adds(&text, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    while (text.n < BYO_HTTP_HEAD_MAX)
        byo_buf_addc(&text, 'x');
    ck_assert_int_eq(byo_http_head(byo_buf_str(&text), &head, &used, &status, &why), BYO_HTTP_BAD);
    ck_assert_int_eq(status, 431);
    memcpy(text.p + BYO_HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
    ck_assert_int_eq(byo_http_head(byo_buf_str(&text), &head, &used, &status, &why), BYO_HTTP_GOOD);
    byo_buf_free(&text);
}
END_TEST

/* -- the listener -------------------------------------------------------------------------------------*/

static int request(const char *method, const char *target, const char *user, const char *type, ByoStr body,
                   ByoClientAnswer *a)
{
    char password[64];
    snprintf(password, sizeof password, "pw-%s", user ? user : "");
    ByoClientPlace place = {"127.0.0.1", byo_admin_port(admin), user, password, NULL};
    byo_client_request(&place, method, target, type, body, a);
    return a->status;
}

static int request_only(const char *method, const char *target, const char *user, const char *type,
                        ByoStr body)
{
    ByoClientAnswer a;
    int s = request(method, target, user, type, body, &a);
    byo_client_answer_free(&a);
    return s;
}

static int dial(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)byo_admin_port(admin))};
    struct timeval tv = {20, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Until `times` answers have come, or the connection ends. The status of the last one. */
static int hear(int fd, int times, ByoBuf *all)
{
    int last = 0;
    for (;;) {
        size_t at = 0;
        int seen = 0;
        byo_buf_need(all, 4096);
        while (all->n > at + 12) {
            char *end = memmem(all->p + at, all->n - at, "\r\n\r\n", 4);
            char *length = end ? strstr(all->p + at, "Content-Length: ") : NULL;
            size_t whole = end ? (size_t)(end - all->p) + 4 +
                                     (length && length < end ? strtoul(length + 16, NULL, 10) : 0)
                               : SIZE_MAX;
            if (whole > all->n)
                break;
            last = atoi(all->p + at + 9);
            at = whole;
            seen++;
        }
        if (seen >= times)
            return last;
        ssize_t n = recv(fd, all->p + all->n, 4096, 0);
        if (n <= 0)
            return last;
        all->n += (size_t)n;
        all->p[all->n] = 0;
    }
}

START_TEST(requests_are_answered)
{
    ck_assert_int_eq(request_only("GET", "/health", NULL, NULL, BYO_STR("")), 200);
    ck_assert_int_eq(request_only("GET", "/v1/numbers", NULL, NULL, BYO_STR("")), 401);
    ck_assert_int_eq(request_only("GET", "/v1/numbers", "admin", NULL, BYO_STR("")), 200);
    ck_assert_int_eq(
        request_only(
            "POST", "/v1/numbers", "admin", "application/json",
            BYO_STR("{\"number\":\"+12025550101\",\"integration\":\"carrier-a\",\"type\":\"local\"}")),
        201);
    ck_assert_int_eq(request_only("GET", "/v1/numbers/%2B12025550101", "admin", NULL, BYO_STR("")), 200);
}
END_TEST

START_TEST(one_connection_takes_many_requests)
{
    ByoBuf all = {0};
    int fd = dial();
    /* All of them before the first answer. */
    for (int i = 0; i < 20; i++)
        say(fd, "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    say(fd, "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    ck_assert_int_eq(hear(fd, 21, &all), 401);
    char c;
    ck_assert_int_eq(recv(fd, &c, 1, 0), 0); /* it was closed as asked */
    close(fd);
    byo_buf_free(&all);
}
END_TEST

START_TEST(head_has_no_body)
{
    ByoBuf all = {0};
    int fd = dial();
    say(fd, "HEAD /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    for (ssize_t n = 1; n > 0; all.n += n > 0 ? (size_t)n : 0) {
        byo_buf_need(&all, 4096);
        n = recv(fd, all.p + all.n, 4096, 0);
    }
    all.p[all.n] = 0;
    ck_assert_ptr_nonnull(strstr(all.p, "HTTP/1.1 200 OK\r\n"));
    ck_assert_ptr_nonnull(strstr(all.p, "Content-Length: "));
    ck_assert_str_eq(strstr(all.p, "\r\n\r\n"), "\r\n\r\n");
    close(fd);
    byo_buf_free(&all);
}
END_TEST

START_TEST(a_bad_request_ends_its_own_connection_only)
{
    for (int i = 0; i < BAD_HEADS; i++) {
        ByoBuf all = {0};
        int fd = dial();
        say(fd, bad_heads[i].text);
        ck_assert_int_eq(hear(fd, 1, &all), bad_heads[i].status);
        ck_assert_ptr_nonnull(strstr(all.p, "Connection: close\r\n"));
        ck_assert_ptr_nonnull(strstr(all.p, "{\"error\":{\"code\":"));
        close(fd);
        byo_buf_free(&all);
    }
    ck_assert_int_eq(request_only("GET", "/health", NULL, NULL, BYO_STR("")), 200);
}
END_TEST

START_TEST(a_body_has_a_limit)
{
    ByoBuf all = {0};
    int fd = dial();
    say(fd, "POST /v1/numbers/import HTTP/1.1\r\nHost: a\r\nContent-Length: 8388609\r\n\r\nabc");
    ck_assert_int_eq(hear(fd, 1, &all), 413);
    close(fd);
    byo_buf_free(&all);
    ByoBuf big = {0};
    while (big.n < BYO_API_BODY_MAX)
        byo_buf_adds(&big, "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n");
    ck_assert_int_eq(request_only("POST", "/v1/numbers/import", "admin", "text/csv", byo_buf_str(&big)), 200);
    byo_buf_addc(&big, '\n');
    ck_assert_int_eq(request_only("POST", "/v1/numbers/import", "admin", "text/csv", byo_buf_str(&big)), 413);
    byo_buf_free(&big);
}
END_TEST

START_TEST(a_body_is_waited_for_after_100_continue)
{
    ByoBuf all = {0};
    int fd = dial();
    say(fd, "POST /v1/numbers HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            "Expect: 100-continue\r\nAuthorization: ");
    say(fd, basic("admin"));
    say(fd, "\r\n\r\n");
    ck_assert_int_eq(hear(fd, 1, &all), 100);
    say(fd, "{}");
    ck_assert_int_eq(hear(fd, 2, &all), 422);
    close(fd);
    byo_buf_free(&all);
}
END_TEST

START_TEST(many_connections_do_not_shut_others_out)
{
    enum { MANY = 200, BOUND = 64 }; /* of one address */
    int fds[MANY], ended = 0;
    char c;
    for (int i = 0; i < MANY; i++)
        fds[i] = dial();
    ck_assert_int_eq(request_only("GET", "/health", NULL, NULL, BYO_STR("")), 200);
    /* Those that had waited longest had to go. */
    for (int i = 0; i < MANY; i++)
        ended += recv(fds[i], &c, 1, MSG_DONTWAIT) == 0;
    ck_assert_int_gt(ended, MANY - BOUND);
    ck_assert_int_eq(recv(fds[MANY - 1], &c, 1, MSG_DONTWAIT), -1);
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    ck_assert_int_eq(request_only("GET", "/health", NULL, NULL, BYO_STR("")), 200);
}
END_TEST

/* (night F2) A body is read, and memory set aside for it, when its sender was admitted; so more of them than there is
 * room for shut nobody out. */
START_TEST(F2_no_body_before_the_password)
{
    enum { MANY = 40 };
    int fds[MANY];
    for (int i = 0; i < MANY; i++) {
        ByoBuf all = {0};
        fds[i] = dial();
        say(fds[i], i % 2 ? "POST /v1/numbers/import HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n"
                            "Expect: 100-continue\r\nAuthorization: Basic YWRtaW46eA==\r\n\r\n"
                          : "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n");
        ck_assert_int_eq(hear(fds[i], 1, &all), i % 2 == 0 ? 400 : i < 20 ? 401 : 429);
        ck_assert_ptr_nonnull(strstr(all.p, "Connection: close\r\n"));
        byo_buf_free(&all);
        if (i == 30) { /* all the while */
            ByoBuf csv = {0};
            while (csv.n < BYO_API_BODY_MAX / 2)
                byo_buf_adds(&csv, "\n\n\n\n\n\n\n\n");
            ck_assert_int_eq(
                request_only("POST", "/v1/numbers/import", "status", "text/csv", byo_buf_str(&csv)), 403);
            byo_buf_free(&csv);
        }
    }
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
}
END_TEST

/* (night F10) What a page of another site makes a browser send changes nothing. */
START_TEST(F10_changes_by_browser)
{
    static const struct {
        const char *method, *headers;
        int status;
    } asked[] = {{"DELETE", "Origin: http://evil.example\r\n", 403},
                 {"DELETE", "Origin: null\r\n", 403},
                 {"DELETE", "Origin: http://a.evil.example\r\n", 403},
                 {"DELETE", "Origin: http://a:1\r\n", 403},
                 {"DELETE", "Sec-Fetch-Site: cross-site\r\n", 403},
                 {"DELETE", "Sec-Fetch-Site: same-site\r\n", 403},
                 {"DELETE", "Sec-Fetch-Site: \r\n", 403},
                 {"POST", "Sec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n", 403},
                 {"PATCH", "Origin: http://evil.example\r\nSec-Fetch-Site: same-origin\r\n", 403},
                 {"GET", "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n", 200},
                 {"DELETE", "Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n", 405},
                 {"DELETE", "Origin: https://A\r\nSec-Fetch-Site: none\r\n", 405},
                 {"DELETE", "", 405}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        ByoBuf all = {0};
        int fd = dial();
        char *text = byo_printf(
            "%s /v1/numbers HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: %s\r\n%s\r\n",
            asked[i].method, basic("admin"), asked[i].headers);
        say(fd, text);
        ck_assert_msg(hear(fd, 1, &all) == asked[i].status, "%s%s", text, all.p);
        free(text);
        byo_buf_free(&all);
        close(fd);
    }
}
END_TEST

static void *import_it(void *arg)
{
    *(int *)arg = request_only(
        "POST", "/v1/numbers", "admin", "application/json",
        BYO_STR("{\"number\":\"+12025550101\",\"integration\":\"carrier-a\",\"type\":\"local\"}"));
    return NULL;
}

START_TEST(N5_two_imports_at_once)
{
    int statuses[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, import_it, &statuses[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(statuses[0] + statuses[1], 201 + 409);
}
END_TEST

START_TEST(a_peer_that_leaves_in_between_is_no_harm)
{
    for (int i = 0; i < 50; i++) {
        int fd = dial();
        say(fd, i % 2 ? "GET /v1/numbers HTTP/1.1\r\nHost: a\r\n\r\n"
                      : "POST /v1/numbers HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{");
        close(fd);
    }
    ck_assert_int_eq(request_only("GET", "/health", NULL, NULL, BYO_STR("")), 200);
}
END_TEST

START_TEST(another_store_file_is_noticed)
{
    ByoClientAnswer a;
    char other[PATH_MAX], *reason = NULL;
    ByoStoreResult r;
    ck_assert_int_eq(request("GET", "/v1/numbers", "admin", NULL, BYO_STR(""), &a), 200);
    ck_assert_ptr_nonnull(strstr(a.body.p, "+12025550100"));
    byo_client_answer_free(&a);
    snprintf(other, sizeof other, "%s/other.db", folder);
    ByoStore *s = byo_store_open(&(ByoStoreTarget){.path = other}, &r, &reason);
    ck_assert_ptr_nonnull(s);
    byo_store_close(s);
    ck_assert_int_eq(rename(other, store_file), 0);
    for (int i = 0; i < 2; i++) {
        char *journal = byo_printf("%s-%s", store_file, i ? "wal" : "shm");
        remove(journal);
        free(journal);
    }
    for (int i = 0; i < 8; i++) { /* every worker */
        ck_assert_int_eq(request("GET", "/v1/numbers", "admin", NULL, BYO_STR(""), &a), 200);
        ck_assert_str_eq(a.body.p, "{\"items\":[],\"next\":null}\n");
        byo_client_answer_free(&a);
    }
}
END_TEST

START_TEST(who_is_not_allowed_is_not_heard)
{
    static const struct {
        const char *allow;
        int status;
    } lists[] = {{"10.1.2.3", 0}, {"10.1.2.3;127.0.0.*", 401}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        ByoAdmin *first = admin;
        listener_open(lists[i].allow);
        int fd = dial();
        ByoBuf all = {0};
        const char *text = "GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n";
        ck_assert(send(fd, text, strlen(text), MSG_NOSIGNAL) != 0); /* it may be closed already */
        ck_assert_int_eq(hear(fd, 1, &all), lists[i].status);
        byo_buf_free(&all);
        close(fd);
        byo_admin_stop(admin);
        admin = first;
    }
}
END_TEST

START_TEST(a_port_that_is_taken_is_a_sentence)
{
    char *reason = NULL;
    ByoAdminOptions o = {.interface = "127.0.0.1",
                         .port = byo_admin_port(admin),
                         .store = {.path = store_file},
                         .actions = actions,
                         .users = copy_users};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET};
    socklen_t len = sizeof sa;
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    getsockname(fd, (struct sockaddr *)&sa, &len);
    o.port = ntohs(sa.sin_port);
    ck_assert_ptr_null(byo_admin_start(&o, &reason));
    ck_assert_ptr_nonnull(strstr(reason, "admin-port"));
    free(reason);
    o.interface = "no.such.host.invalid";
    ck_assert_ptr_null(byo_admin_start(&o, &reason));
    ck_assert_ptr_nonnull(strstr(reason, "admin-interface"));
    free(reason);
    close(fd);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("http");
    TCase *heads = tcase_create("heads"), *t = tcase_create("listener");
    tcase_add_test(heads, good_heads);
    tcase_add_test(heads, a_head_comes_in_pieces);
    tcase_add_loop_test(heads, bad_heads_are_refused, 0, BAD_HEADS);
    tcase_add_test(heads, a_head_has_a_limit);
    suite_add_tcase(s, heads);
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, listener_start, listener_stop);
    tcase_add_test(t, requests_are_answered);
    tcase_add_test(t, who_is_not_allowed_is_not_heard);
    tcase_add_test(t, one_connection_takes_many_requests);
    tcase_add_test(t, head_has_no_body);
    tcase_add_test(t, a_bad_request_ends_its_own_connection_only);
    tcase_add_test(t, a_body_has_a_limit);
    tcase_add_test(t, a_body_is_waited_for_after_100_continue);
    tcase_add_test(t, many_connections_do_not_shut_others_out);
    tcase_add_test(t, F2_no_body_before_the_password);
    tcase_add_test(t, F10_changes_by_browser);
    tcase_add_test(t, N5_two_imports_at_once);
    tcase_add_test(t, a_peer_that_leaves_in_between_is_no_harm);
    tcase_add_test(t, another_store_file_is_noticed);
    tcase_add_test(t, a_port_that_is_taken_is_a_sentence);
    suite_add_tcase(s, t);
    return run_suite(s);
}
