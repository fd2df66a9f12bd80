/* SPDX-License-Identifier: BSD-3-Clause
 * Answers that are made piece by piece (ByoApiRest), through the listener with real connections. One handler of the
 * API is replaced by the linker: here GET /v1/drain gives pieces.
 * Threads: the listener's; what both sides count is atomic. */
#include "api_fixture.h"
#include "suites.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "byoctl/client.h"

typedef struct {
    int made, pieces; /* -1: without end */
    bool breaks, sparse;
} Source;

static Source wanted;
static int made, freed; /* atomic */

static ByoPieceResult next(void *arg, ByoStore *store, ByoTime now, ByoBuf *out)
{
    Source *s = arg;
    ck_assert(store != NULL && now > 0);
    if (s->made == s->pieces)
        return s->breaks ? BYO_PIECE_BROKEN : BYO_PIECE_LAST;
    s->made++;
    __atomic_fetch_add(&made, 1, __ATOMIC_SEQ_CST);
    if (s->sparse && s->made % 2)
        return BYO_PIECE_MORE;
    for (int i = 0; i < 100; i++)
        byo_buf_addf(out, "%08d,%08d\r\n", s->made, i);
    return BYO_PIECE_MORE;
}

static void ended(void *arg)
{
    free(arg);
    __atomic_fetch_add(&freed, 1, __ATOMIC_SEQ_CST);
}

void __wrap_byo_api_drain(ByoApiCall *c); /* NOLINT(bugprone-reserved-identifier) the linker's name */
void __wrap_byo_api_drain(ByoApiCall *c)  /* NOLINT(bugprone-reserved-identifier) */
{
    Source *s = byo_alloc(sizeof *s);
    *s = wanted;
    c->resp->status = 200;
    c->resp->content_type = "text/csv; charset=utf-8";
    c->resp->rest = (ByoApiRest){next, ended, s};
    byo_buf_adds(&c->resp->body, "a,b\r\n");
}

static void start(void)
{
    listener_start();
    wanted = (Source){.pieces = 50};
    made = freed = 0;
}

static int dial(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)byo_admin_port(admin))};
    struct timeval tv = {20, 0};
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    return fd;
}

static void request(int fd, const char *method, const char *version)
{
    char *text = byo_printf("%s /v1/drain HTTP/%s\r\nHost: a\r\nAuthorization: %s\r\n\r\n", method, version,
                            basic("admin"));
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
    free(text);
}

/* Up to the end of the connection, or (stop not NULL) until this has come. The last recv's result. */
static ssize_t hear(int fd, const char *stop, ByoBuf *all)
{
    ssize_t n;
    do {
        byo_buf_need(all, 65536);
        n = recv(fd, all->p + all->n, 65535, 0);
        all->n += n > 0 ? (size_t)n : 0;
        all->p[all->n] = 0;
    } while (n > 0 && !(stop && strstr(all->p, stop)));
    return n;
}

/* An answer without end, of which the head was read. */
static int endless(ByoBuf *all)
{
    int fd = dial();
    wanted.pieces = -1;
    request(fd, "GET", "1.1");
    hear(fd, "a,b\r\n", all);
    return fd;
}

static void wait_freed(int times)
{
    for (int i = 0; i < 2000 && __atomic_load_n(&freed, __ATOMIC_SEQ_CST) < times; i++)
        usleep(10000);
    ck_assert_int_eq(__atomic_load_n(&freed, __ATOMIC_SEQ_CST), times);
}

/* The lines of the body behind the head, each with its terminator. */
static int lines_of(const char *text)
{
    int n = 0;
    for (; (text = strstr(text, "\r\n")) != NULL; text += 2)
        n++;
    return n;
}

START_TEST(pieces_make_one_answer)
{
    ByoClientPlace place = {"127.0.0.1", byo_admin_port(admin), "admin", "pw-admin", NULL};
    ByoClientAnswer a;
    wanted.sparse = _i == 1; /* every second piece is empty */
    byo_client_request(&place, "GET", "/v1/drain", NULL, BYO_STR(""), &a);
    ck_assert_msg(a.status == 200, "%s", a.why ? a.why : "another status");
    byo_buf_addc(&a.body, 0);
    ck_assert_int_eq(strncmp(a.body.p, "a,b\r\n00000", 10), 0);
    ck_assert_int_eq(lines_of(a.body.p), 1 + (wanted.sparse ? 2500 : 5000));
    byo_client_answer_free(&a);
    wait_freed(1);
}
END_TEST

START_TEST(a_connection_serves_on_behind_them)
{
    ByoBuf all = {0};
    int fd = dial();
    request(fd, "GET", "1.1");
    hear(fd, "\r\n0\r\n\r\n", &all);
    ck_assert_ptr_nonnull(strstr(all.p, "Transfer-Encoding: chunked\r\n"));
    ck_assert_ptr_null(strstr(all.p, "Content-Length"));
    byo_buf_clear(&all);
    request(fd, "HEAD", "1.1"); /* and makes no piece for a head */
    int before = __atomic_load_n(&made, __ATOMIC_SEQ_CST);
    hear(fd, "\r\n\r\n", &all);
    ck_assert_str_eq(strstr(all.p, "\r\n\r\n"), "\r\n\r\n");
    ck_assert_int_eq(__atomic_load_n(&made, __ATOMIC_SEQ_CST), before);
    wait_freed(2);
    close(fd);
    byo_buf_free(&all);
}
END_TEST

START_TEST(an_old_client_gets_them_up_to_the_end)
{
    ByoBuf all = {0};
    int fd = dial();
    request(fd, "GET", "1.0");
    ck_assert_int_eq(hear(fd, NULL, &all), 0);
    ck_assert_ptr_null(strstr(all.p, "Transfer-Encoding"));
    ck_assert_int_eq(lines_of(strstr(all.p, "a,b\r\n")), 5001);
    close(fd);
    byo_buf_free(&all);
}
END_TEST

/* Neither form looks whole when it is not. */
START_TEST(what_broke_off_is_seen)
{
    ByoBuf all = {0};
    int fd = dial();
    wanted.breaks = true;
    wanted.pieces = 3;
    request(fd, "GET", _i ? "1.0" : "1.1");
    ck_assert_int_eq(hear(fd, NULL, &all), -1);
    ck_assert_ptr_null(strstr(all.p, "\r\n0\r\n\r\n"));
    wait_freed(1);
    close(fd);
    byo_buf_free(&all);
}
END_TEST

/* An answer without end: what is made is what was read, and nothing of it outlives the reader. */
START_TEST(nobody_makes_more_than_is_read)
{
    ByoBuf all = {0};
    int fd = endless(&all), seen = -1;
    for (int now; (now = __atomic_load_n(&made, __ATOMIC_SEQ_CST)) != seen; seen = now)
        usleep(300000); /* until the buffers of both kernels are full */
    ck_assert_int_lt(seen * 2000, 16 * 1024 * 1024);
    ck_assert_int_eq(__atomic_load_n(&freed, __ATOMIC_SEQ_CST), 0);
    ByoClientPlace place = {"127.0.0.1", byo_admin_port(admin), NULL, NULL, NULL};
    ByoClientAnswer a; /* and nobody waits for it */
    byo_client_request(&place, "GET", "/health", NULL, BYO_STR(""), &a);
    ck_assert_int_eq(a.status, 200);
    byo_client_answer_free(&a);
    close(fd);
    wait_freed(1);
    byo_buf_free(&all);
}
END_TEST

/* Of a user who has another password meanwhile, or may not any more. */
START_TEST(they_end_with_the_right_to_have_them)
{
    ByoBuf all = {0};
    int fd = endless(&all);
    pthread_mutex_lock(&change_lock);
    if (_i)
        users.items[0].can = BYO_CAN_NUMBERS;
    else
        users.items[0].password[0] ^= 1;
    pthread_mutex_unlock(&change_lock);
    ck_assert_int_eq(hear(fd, "\r\n0\r\n\r\n", &all), -1);
    wait_freed(1);
    close(fd);
    byo_buf_free(&all);
}
END_TEST

START_TEST(a_stop_cuts_them_off)
{
    ByoBuf all = {0};
    int fd = endless(&all);
    byo_admin_stop(admin);
    admin = NULL;
    ck_assert_int_eq(__atomic_load_n(&freed, __ATOMIC_SEQ_CST), 1);
    close(fd);
    byo_buf_free(&all);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("http_pieces");
    TCase *t = tcase_create("pieces");
    tcase_add_checked_fixture(t, start, listener_stop);
    tcase_add_loop_test(t, pieces_make_one_answer, 0, 2);
    tcase_add_test(t, a_connection_serves_on_behind_them);
    tcase_add_test(t, an_old_client_gets_them_up_to_the_end);
    tcase_add_loop_test(t, what_broke_off_is_seen, 0, 2);
    tcase_add_test(t, nobody_makes_more_than_is_read);
    tcase_add_loop_test(t, they_end_with_the_right_to_have_them, 0, 2);
    tcase_add_test(t, a_stop_cuts_them_off);
    suite_add_tcase(s, t);
    return run_suite(s);
}
