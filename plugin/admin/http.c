/* SPDX-License-Identifier: BSD-3-Clause
 * Connections of the admin API.
 * Ownership and threads: http_private.h. */
#include "admin/http_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/bufferevent_ssl.h>

#include "base/log.h"
#include "base/thread.h"

enum { BODIES_MAX = 4 * BYO_API_BODY_MAX };
#define IDLE (30 * BYO_SECOND)  /* between requests */
#define HEAD (10 * BYO_SECOND)  /* from a head's first octet to its last, and of a TLS handshake */
#define BODY (60 * BYO_SECOND)  /* the same for a body */
#define WRITE (60 * BYO_SECOND) /* of an answer */
/* How long what a refused peer still sends is read and thrown away: closed at once, the kernel would take
 * the answer away from it. */
#define LINGER (2 * BYO_SECOND)
/* How late "too many wrong passwords" is said. */
#define HOLD (1 * BYO_SECOND)

typedef ByoAdminConn Conn;

/* -- connections --------------------------------------------------------------------------------------*/

void byo_admin_conn_free(Conn *c)
{
    ByoAdminIo *io = &c->admin->io;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    io->n--;
    io->bodies -= c->reserved;
    if (c->job && c->state == BYO_CONN_BUSY)
        c->job->conn = NULL; /* its answer finds nobody */
    else if (c->job)
        byo_job_free(c->job);
    event_free(c->timer);
    bufferevent_free(c->bev);
    free(c);
}

static void enter(Conn *c, ByoConnState state, ByoTime limit)
{
    c->state = state;
    c->since = byo_monotonic();
    evtimer_del(c->timer);
    if (limit) {
        struct timeval tv = {limit / 1000, limit % 1000 * 1000};
        evtimer_add(c->timer, &tv);
    }
}

static void add_date(struct evbuffer *out)
{
    char text[64];
    time_t t = time(NULL);
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    evbuffer_add_printf(out, "Date: %s\r\n", text);
}

/* What a browser may do with any answer: a page of the console runs what comes from here, and nothing else; nobody
 * shows one inside a page of his own, or learns its address. */
static const char for_browsers[] =
    "X-Content-Type-Options: nosniff\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/* chunks: an answer whose length is not known is given in these; else its end is that of the connection. */
static void add_head(Conn *c, const ByoApiResponse *r, bool chunks)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", r->status, byo_api_reason(r->status));
    add_date(out);
    if (r->content_type)
        evbuffer_add_printf(out, "Content-Type: %s\r\n", r->content_type);
    if (r->rest.next && chunks)
        evbuffer_add_printf(out, "Transfer-Encoding: chunked\r\n");
    else if (!r->rest.next && r->status != 204 && r->status != 304) /* these have no body (RFC 9110 6.4.1) */
        evbuffer_add_printf(out, "Content-Length: %zu\r\n", r->constant.n ? r->constant.n : r->body.n);
    evbuffer_add_printf(out, "Cache-Control: %s\r\nConnection: %s\r\n", r->cache ? r->cache : "no-store",
                        c->close_after ? "close" : "keep-alive");
    evbuffer_add(out, for_browsers, sizeof for_browsers - 1);
    evbuffer_add(out, r->headers.p, r->headers.n);
    evbuffer_add(out, "\r\n", 2);
}

static void answer(Conn *c, const ByoApiResponse *r, bool head_only)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    add_head(c, r, false);
    if (!head_only && r->constant.n)
        evbuffer_add_reference(out, r->constant.p, r->constant.n, NULL, NULL);
    else if (!head_only)
        evbuffer_add(out, r->body.p, r->body.n);
    enter(c, BYO_CONN_WRITING, WRITE);
    bufferevent_enable(c->bev, EV_WRITE);
}

/* What is wrong with the request as such: answered, then closed, for nobody knows where the next begins. */
static void refuse(Conn *c, int status, const char *code, const char *why)
{
    ByoApiResponse r;
    bufferevent_disable(c->bev, EV_READ);
    c->close_after = c->linger = true;
    byo_api_refuse(&r, status, code, why);
    answer(c, &r, false);
    byo_api_response_free(&r);
}

static const char *refusal_code(int status)
{
    switch (status) {
    case 411:
        return "length-required";
    case 413:
    case 431:
        return "too-large";
    case 505:
        return "version-not-supported";
    default:
        return "bad-request";
    }
}

static void submit(Conn *c, ByoJob *j)
{
    j->conn = c;
    c->job = j;
    enter(c, BYO_CONN_BUSY, 0);
    byo_admin_submit(c->admin, j);
}

/* whole: the head and what has come of the body. */
static void start_job(Conn *c, ByoJobStage stage, const ByoHttpHead *h, ByoStr whole, size_t used)
{
    ByoJob *j = byo_zalloc(sizeof *j);
    j->memory = byo_alloc(whole.n + 1);
    j->length = whole.n;
    memcpy(j->memory, whole.p, whole.n);
    j->memory[whole.n] = 0;
    snprintf(j->ip, sizeof j->ip, "%s", c->ip);
    snprintf(j->from, sizeof j->from, "%s", c->from);
    j->stage = stage;
    j->who = c->who;
#define MOVED(s) ((s).p ? byo_strn(j->memory + ((s).p - whole.p), (s).n) : BYO_STR_NONE)
    j->req = (ByoApiRequest){.method = MOVED(h->method),
                             .path = MOVED(h->path),
                             .query = MOVED(h->query),
                             .body = byo_strn(j->memory + used, whole.n - used),
                             .body_length = h->content_length,
                             .ip = byo_str(j->ip),
                             .from = byo_str(j->from)};
    j->req.tls = bufferevent_openssl_get_ssl(c->bev) != NULL;
    for (size_t i = 0; i < BYO_HEADERS; i++)
        j->req.header[i] = MOVED(h->header[i]);
#undef MOVED
    j->expects = h->expect_continue;
    j->chunks = h->chunks;
    c->close_after = !h->keep_alive;
    bufferevent_disable(c->bev, EV_READ);
    submit(c, j);
}

/* Looks at what has come so far. */
static void advance(Conn *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t have = evbuffer_get_length(in), used = 0;
    if (have == 0 || c->state >= BYO_CONN_BUSY)
        return;
    if (c->state == BYO_CONN_WAITING)
        enter(c, BYO_CONN_HEAD, HEAD);
    size_t look = have < BYO_HTTP_HEAD_MAX ? have : BYO_HTTP_HEAD_MAX;
    ByoStr data = byo_strn((const char *)evbuffer_pullup(in, (ev_ssize_t)look), look);
    ByoHttpHead h;
    int status;
    const char *why;
    switch (byo_http_head(data, &h, &used, &status, &why)) {
    case BYO_HTTP_MORE:
        return;
    case BYO_HTTP_BAD:
        refuse(c, status, refusal_code(status), why);
        return;
    case BYO_HTTP_GOOD:
        break;
    }
    if (h.content_length > BYO_API_BODY_MAX) {
        refuse(c, 413, "too-large", "The body is over 8388608 octets.");
        return;
    }
    size_t whole = used + (size_t)h.content_length;
    if (c->state == BYO_CONN_HEAD && h.content_length > 0) {
        start_job(c, BYO_JOB_ADMIT, &h, byo_strn(data.p, used), used);
        return; /* the head stays where it is: it is read again with its body */
    }
    if (have < whole)
        return;
    /* Parsed again where it lies in one piece now. */
    data = byo_strn((const char *)evbuffer_pullup(in, (ev_ssize_t)whole), whole);
    byo_http_head(data, &h, &used, &status, &why);
    start_job(c, c->admitted ? BYO_JOB_SERVE : BYO_JOB_WHOLE, &h, data, used);
    evbuffer_drain(in, whole);
}

/* Its head was admitted: now the body. */
static void read_body(Conn *c, const ByoJob *j)
{
    ByoAdminIo *io = &c->admin->io;
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t length = (size_t)j->req.body_length;
    if (io->bodies + length > BODIES_MAX) {
        refuse(c, 503, "not-available", "Too many requests are being read just now.");
        return;
    }
    io->bodies += c->reserved = length;
    c->admitted = true;
    c->who = j->who;
    enter(c, BYO_CONN_BODY, BODY);
    bufferevent_setwatermark(c->bev, EV_READ, 0, j->length + length);
    if (j->expects && evbuffer_get_length(in) < j->length + length)
        evbuffer_add_printf(bufferevent_get_output(c->bev), "HTTP/1.1 100 Continue\r\n\r\n");
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
    advance(c);
}

static void on_read(struct bufferevent *bev, void *arg)
{
    Conn *c = arg;
    if (c->state == BYO_CONN_LINGERING)
        evbuffer_drain(bufferevent_get_input(bev), SIZE_MAX);
    else
        advance(c);
}

static void linger(Conn *c)
{
    enter(c, BYO_CONN_LINGERING, LINGER);
    SSL *tls = bufferevent_openssl_get_ssl(c->bev);
    if (tls)
        SSL_shutdown(tls); /* says goodbye; nobody waits for the answer */
    shutdown(bufferevent_getfd(c->bev), SHUT_WR);
    bufferevent_setwatermark(c->bev, EV_READ, 0, 0);
    evbuffer_drain(bufferevent_get_input(c->bev), SIZE_MAX);
    bufferevent_enable(c->bev, EV_READ);
}

/* Without its end, and so that a peer who knows the end by that of the connection sees it, too. */
static void cut_off(Conn *c)
{
    struct linger at_once = {.l_onoff = 1};
    setsockopt(bufferevent_getfd(c->bev), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    byo_admin_conn_free(c);
}

static void on_written(struct bufferevent *bev, void *arg)
{
    Conn *c = arg;
    if (c->state != BYO_CONN_WRITING || evbuffer_get_length(bufferevent_get_output(bev)) > 0)
        return;
    if (c->job) {
        if (byo_admin_stopping(c->admin))
            cut_off(c);
        else
            submit(c, c->job); /* for the next piece */
        return;
    }
    if (c->close_after || byo_admin_stopping(c->admin)) {
        if (c->linger && !byo_admin_stopping(c->admin))
            linger(c);
        else
            byo_admin_conn_free(c);
        return;
    }
    enter(c, BYO_CONN_WAITING, IDLE);
    bufferevent_setwatermark(bev, EV_READ, 0, BYO_HTTP_HEAD_MAX);
    bufferevent_enable(bev, EV_READ);
    advance(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        byo_admin_conn_free(arg);
}

/* -- answers in pieces --------------------------------------------------------------------------------*/

static void add_piece(Conn *c, const ByoJob *j)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    const ByoBuf *piece = &j->resp.body;
    if (piece->n && j->chunks)
        evbuffer_add_printf(out, "%zx\r\n", piece->n);
    evbuffer_add(out, piece->p, piece->n);
    if (piece->n && j->chunks)
        evbuffer_add(out, "\r\n", 2);
}

static void begin_pieces(Conn *c, ByoJob *j)
{
    c->close_after |= !j->chunks;
    add_head(c, &j->resp, j->chunks);
    add_piece(c, j);
    j->stage = BYO_JOB_REST;
    c->job = j;
    enter(c, BYO_CONN_WRITING, WRITE);
    bufferevent_enable(c->bev, EV_WRITE);
}

static void give_piece(Conn *c, ByoJob *j)
{
    enter(c, BYO_CONN_WRITING, WRITE);
    if (j->piece == BYO_PIECE_BROKEN) {
        cut_off(c);
        return;
    }
    add_piece(c, j);
    if (j->piece == BYO_PIECE_MORE && j->resp.body.n == 0) {
        submit(c, j);
        return;
    }
    if (j->piece == BYO_PIECE_MORE)
        return;
    c->job = NULL;
    if (j->chunks)
        evbuffer_add(bufferevent_get_output(c->bev), "0\r\n\r\n", 5);
    else if (j->resp.body.n == 0)
        byo_admin_conn_free(c); /* nothing is written any more */
    byo_job_free(j);
}

/* The job's answer; the job is done with, unless there is a rest. */
static void give_answer(Conn *c)
{
    ByoJob *j = c->job;
    bool head_only = byo_str_is(j->req.method, "HEAD");
    c->job = NULL;
    c->admin->io.bodies -= c->reserved;
    c->reserved = 0;
    c->admitted = false;
    if (j->stage == BYO_JOB_ADMIT)
        c->close_after = c->linger = true; /* the body is not wanted */
    if (j->resp.rest.next && !head_only) {
        begin_pieces(c, j);
        return;
    }
    answer(c, &j->resp, head_only);
    byo_job_free(j);
}

static void finish(ByoJob *j)
{
    Conn *c = j->conn;
    if (!c) {
        byo_job_free(j);
    } else if (j->stage == BYO_JOB_REST) {
        give_piece(c, j);
    } else if (j->stage == BYO_JOB_ADMIT && j->admitted) {
        c->job = NULL;
        read_body(c, j);
        byo_job_free(j);
    } else if (j->resp.status == 429) {
        enter(c, BYO_CONN_HELD, HOLD);
    } else {
        give_answer(c);
    }
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    Conn *c = arg;
    if (c->state == BYO_CONN_HELD)
        give_answer(c);
    else if (c->state == BYO_CONN_HEAD || c->state == BYO_CONN_BODY)
        refuse(c, 408, "too-slow", "The request did not come in time.");
    else
        byo_admin_conn_free(c);
}

void byo_admin_conn_open(ByoAdmin *a, int fd, const char *ip, const char *from, SSL *tls)
{
    ByoAdminIo *io = &a->io;
    Conn *c = byo_zalloc(sizeof *c);
    c->admin = a;
    snprintf(c->ip, sizeof c->ip, "%s", ip);
    snprintf(c->from, sizeof c->from, "%s", from);
    c->bev = tls ? bufferevent_openssl_socket_new(io->base, fd, tls, BUFFEREVENT_SSL_ACCEPTING,
                                                  BEV_OPT_CLOSE_ON_FREE)
                 : bufferevent_socket_new(io->base, fd, BEV_OPT_CLOSE_ON_FREE);
    c->timer = evtimer_new(io->base, on_time, c);
    c->next = io->conns;
    c->link = &io->conns;
    if (c->next)
        c->next->link = &c->next;
    io->conns = c;
    io->n++;
    bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, BYO_HTTP_HEAD_MAX);
    enter(c, BYO_CONN_WAITING, HEAD);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

/* -- the I/O thread -----------------------------------------------------------------------------------*/

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    ByoAdmin *a = arg;
    uint64_t n;
    if (read(fd, &n, sizeof n) < 0 && errno != EAGAIN)
        byo_log_error("admin port: eventfd: %s", strerror(errno));
    for (ByoJob *j; (j = byo_admin_done(a)) != NULL;)
        finish(j);
    if (byo_admin_stopping(a)) {
        if (a->io.listener)
            evconnlistener_free(a->io.listener);
        a->io.listener = NULL;
        for (Conn *c = a->io.conns, *next; c; c = next) {
            next = c->next;
            if (c->state != BYO_CONN_BUSY && c->state != BYO_CONN_WRITING)
                byo_admin_conn_free(c);
        }
        if (!a->io.conns || byo_admin_ended(a))
            event_base_loopbreak(a->io.base);
    }
}

static void run(void *arg)
{
    ByoAdmin *a = arg;
    byo_thread_name("byo-admin");
    event_base_dispatch(a->io.base);
    while (a->io.conns) {
        /* What is left of an answer, without waiting for a slow peer. */
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) freeing a connection takes it out of the list */
        struct bufferevent *bev = a->io.conns->bev;
        struct evbuffer *out = bufferevent_get_output(bev);
        bufferevent_disable(bev, EV_WRITE);
        if (!bufferevent_openssl_get_ssl(bev)) { /* the buffer's octets are what goes over the wire */
            evbuffer_unfreeze(out, 1);
            evbuffer_write(out, bufferevent_getfd(bev));
        }
        byo_admin_conn_free(a->io.conns);
    }
    /* libevent frees a bufferevent in a later round of the loop. */
    event_del(a->io.wake);
    event_base_loop(a->io.base, EVLOOP_NONBLOCK);
}

bool byo_admin_io_create(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r)
{
    ByoAdminIo *io = &a->io;
    a->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    io->base = event_base_new();
    if (a->wake_fd < 0 || !io->base) {
        *why_r = byo_printf("the admin port's loop cannot be made: %s", strerror(errno));
        return false;
    }
    if (!byo_admin_renew(a, opt, why_r) || !(io->listener = byo_admin_listen(a, opt, why_r)))
        return false;
    io->port = byo_admin_listen_port(io->listener);
    io->wake = event_new(io->base, a->wake_fd, EV_READ | EV_PERSIST, on_wake, a);
    event_add(io->wake, NULL);
    return true;
}

void byo_admin_io_start(ByoAdmin *a)
{
    a->io.thread = byo_thread_start(run, a);
}

void byo_admin_io_join(ByoAdmin *a)
{
    byo_thread_join(a->io.thread);
}

void byo_admin_io_destroy(ByoAdmin *a)
{
    ByoAdminIo *io = &a->io;
    if (io->listener)
        evconnlistener_free(io->listener);
    if (io->wake)
        event_free(io->wake);
    if (io->base)
        event_base_free(io->base);
    free(a->allow_ip);
    SSL_CTX_free(a->tls);
    if (a->wake_fd >= 0)
        close(a->wake_fd);
}

int byo_admin_port(const ByoAdmin *a)
{
    return a->io.port;
}
