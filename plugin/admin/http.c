/* SPDX-License-Identifier: BSD-3-Clause
 * Connections of the admin API.
 * Ownership and threads: http_private.h. */
#include "admin/http_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/bufferevent_ssl.h>

#include "base/log.h"
#include "base/thread.h"

enum { BODIES_MAX = 4 * BYO_API_BODY_MAX };
#define IDLE (30 * BYO_SECOND) /* between requests */
#define HEAD (10 * BYO_SECOND) /* from a head's first octet to its last, and of a TLS handshake */
#define BODY (60 * BYO_SECOND) /* the same for a body */
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
    if (c->state == BYO_CONN_STREAM)
        io->n_streams--;
    else
        io->n--;
    io->bodies -= c->reserved;
    if (c->job && c->job->working)
        c->job->conn = NULL; /* its answer finds nobody */
    else if (c->job)
        byo_job_free(c->job);
    event_free(c->timer);
    bufferevent_free(c->bev);
    free(c);
}

void byo_admin_conn_enter(Conn *c, ByoConnState state, ByoTime limit)
{
    c->state = state;
    c->since = byo_monotonic();
    evtimer_del(c->timer);
    if (limit) {
        struct timeval tv = {limit / 1000, limit % 1000 * 1000};
        evtimer_add(c->timer, &tv);
    }
}

/* What is wrong with the request as such: answered, then closed, for nobody knows where the next begins. */
static void refuse(Conn *c, int status, const char *code, const char *why)
{
    ByoApiResponse r;
    bufferevent_disable(c->bev, EV_READ);
    c->close_after = c->linger = true;
    byo_api_refuse(&r, status, code, why);
    byo_admin_answer(c, &r, false);
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

void byo_admin_conn_submit(Conn *c, ByoJob *j)
{
    j->conn = c;
    c->job = j;
    if (c->state != BYO_CONN_STREAM)
        byo_admin_conn_enter(c, BYO_CONN_BUSY, 0);
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
    byo_admin_conn_submit(c, j);
}

/* Looks at what has come so far. */
static void advance(Conn *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t have = evbuffer_get_length(in), used = 0;
    if (have == 0 || c->state >= BYO_CONN_BUSY)
        return;
    if (c->state == BYO_CONN_WAITING)
        byo_admin_conn_enter(c, BYO_CONN_HEAD, HEAD);
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
    byo_admin_conn_enter(c, BYO_CONN_BODY, BODY);
    bufferevent_setwatermark(c->bev, EV_READ, 0, j->length + length);
    if (j->expects && evbuffer_get_length(in) < j->length + length)
        evbuffer_add_printf(bufferevent_get_output(c->bev), "HTTP/1.1 100 Continue\r\n\r\n");
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
    advance(c);
}

static void on_read(struct bufferevent *bev, void *arg)
{
    Conn *c = arg;
    if (c->state == BYO_CONN_LINGERING || c->state == BYO_CONN_STREAM)
        evbuffer_drain(bufferevent_get_input(bev), SIZE_MAX);
    else
        advance(c);
}

static void linger(Conn *c)
{
    byo_admin_conn_enter(c, BYO_CONN_LINGERING, LINGER);
    SSL *tls = bufferevent_openssl_get_ssl(c->bev);
    if (tls)
        SSL_shutdown(tls); /* says goodbye; nobody waits for the answer */
    shutdown(bufferevent_getfd(c->bev), SHUT_WR);
    bufferevent_setwatermark(c->bev, EV_READ, 0, 0);
    evbuffer_drain(bufferevent_get_input(c->bev), SIZE_MAX);
    bufferevent_enable(c->bev, EV_READ);
}

static void on_written(struct bufferevent *bev, void *arg)
{
    Conn *c = arg;
    if (evbuffer_get_length(bufferevent_get_output(bev)) > 0)
        return;
    if (c->state == BYO_CONN_STREAM)
        byo_admin_stream_written(c);
    if (c->state != BYO_CONN_WRITING)
        return;
    if (c->job) {
        if (byo_admin_stopping(c->admin))
            byo_admin_cut_off(c);
        else
            byo_admin_conn_submit(c, c->job); /* for the next piece */
        return;
    }
    if (c->close_after || byo_admin_stopping(c->admin)) {
        if (c->linger && !byo_admin_stopping(c->admin))
            linger(c);
        else
            byo_admin_conn_free(c);
        return;
    }
    byo_admin_conn_enter(c, BYO_CONN_WAITING, IDLE);
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

/* -- answers ------------------------------------------------------------------------------------------*/

/* False: the job's answer is another one now. */
static bool begin_stream(Conn *c, ByoJob *j)
{
    if (!byo_admin_stream_room(c->admin, j->who.name)) {
        byo_api_response_free(&j->resp);
        byo_api_refuse(&j->resp, 503, "not-available", "Too many streams are open just now.");
        return false;
    }
    c->close_after = true; /* its end is that of the connection */
    byo_admin_answer_head(c, &j->resp, false);
    evbuffer_add(bufferevent_get_output(c->bev), j->resp.body.p, j->resp.body.n);
    byo_admin_stream_begin(c, j);
    return true;
}

/* The job's answer; the job is done with, unless there is more to come. */
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
    if (j->resp.stream && !head_only && begin_stream(c, j))
        return;
    if (j->resp.rest.next && !head_only) {
        byo_admin_answer_pieces(c, j);
        return;
    }
    byo_admin_answer(c, &j->resp, head_only);
    byo_job_free(j);
}

static void finish(ByoAdmin *a, ByoJob *j)
{
    Conn *c = j->conn;
    j->working = false;
    if (j->stage == BYO_JOB_FEED) {
        byo_admin_stream_fed(a, j);
    } else if (!c) {
        byo_job_free(j);
    } else if (j->stage == BYO_JOB_MISSED) {
        byo_admin_stream_missed(c, j);
    } else if (j->stage == BYO_JOB_REST) {
        byo_admin_answer_piece(c, j);
    } else if (j->stage == BYO_JOB_ADMIT && j->admitted) {
        c->job = NULL;
        read_body(c, j);
        byo_job_free(j);
    } else if (j->resp.status == 429) {
        byo_admin_conn_enter(c, BYO_CONN_HELD, HOLD);
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
    byo_admin_conn_enter(c, BYO_CONN_WAITING, HEAD);
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
        finish(a, j);
    if (byo_admin_stopping(a)) {
        if (a->io.listener)
            evconnlistener_free(a->io.listener);
        a->io.listener = NULL;
        for (Conn *c = a->io.conns, *next; c; c = next) {
            next = c->next;
            if (c->state != BYO_CONN_BUSY && c->state != BYO_CONN_WRITING)
                byo_admin_conn_free(c);
        }
        while (a->io.streams)
            /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) freeing a connection takes it out of the list */
            byo_admin_conn_free(a->io.streams);
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
    return byo_admin_stream_create(a);
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
    if (io->tick)
        event_free(io->tick);
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
