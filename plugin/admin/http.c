/* SPDX-License-Identifier: BSD-3-Clause
 * Connections of the admin API.
 * Ownership: the I/O thread owns connections and all of libevent; a job belongs to the worker that took it
 * until it is put on the done list. Threads: Admin.lock guards the two lists and the flags. */
#include "admin/http_private.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/allow_ip.h"
#include "base/log.h"
#include "base/thread.h"

enum { CONNECTIONS_MAX = 128, BODIES_MAX = 4 * BYO_API_BODY_MAX };
#define IDLE (30 * BYO_SECOND)  /* between requests */
#define HEAD (10 * BYO_SECOND)  /* from a head's first octet to its last */
#define BODY (60 * BYO_SECOND)  /* the same for a body */
#define WRITE (60 * BYO_SECOND) /* of an answer */
/* How long what a refused peer still sends is read and thrown away: closed at once, the kernel would take
 * the answer away from it. */
#define LINGER (2 * BYO_SECOND)

typedef enum { WAITING, READING_HEAD, READING_BODY, BUSY, WRITING, LINGERING } State;

typedef struct Conn {
    struct Conn *next, **link;
    ByoAdmin *admin;
    struct bufferevent *bev;
    struct event *timer;
    char ip[64];
    State state;
    ByoTime since;   /* of the state, monotonic */
    size_t reserved; /* of the budget of bodies */
    bool close_after, linger;
    ByoJob *job; /* BUSY */
} Conn;

struct ByoAdminIo {
    struct event_base *base;
    char *allow_ip; /* NULL: everybody */
    struct evconnlistener *listener;
    struct event *wake;
    Conn *conns;
    int n;
    size_t bodies; /* octets of bodies being read or worked on */
    int port;
    long thread;
};

/* -- connections --------------------------------------------------------------------------------------*/

static void conn_free(Conn *c)
{
    ByoAdminIo *io = c->admin->io;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    io->n--;
    io->bodies -= c->reserved;
    if (c->job)
        c->job->conn = NULL; /* its answer finds nobody */
    event_free(c->timer);
    bufferevent_free(c->bev);
    free(c);
}

static void enter(Conn *c, State state, ByoTime limit)
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

static void answer(Conn *c, ByoApiResponse *r, bool head_only)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\n", r->status, byo_api_reason(r->status));
    add_date(out);
    if (r->content_type)
        evbuffer_add_printf(out, "Content-Type: %s\r\n", r->content_type);
    evbuffer_add_printf(
        out,
        "Content-Length: %zu\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        "Connection: %s\r\n",
        r->body.n, c->close_after ? "close" : "keep-alive");
    evbuffer_add(out, r->headers.p, r->headers.n);
    evbuffer_add(out, "\r\n", 2);
    if (!head_only)
        evbuffer_add(out, r->body.p, r->body.n);
    enter(c, WRITING, WRITE);
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

static void start_job(Conn *c, const ByoHttpHead *h, ByoStr whole, size_t used)
{
    ByoJob *j = byo_zalloc(sizeof *j);
    j->memory = byo_alloc(whole.n + 1);
    memcpy(j->memory, whole.p, whole.n);
    j->memory[whole.n] = 0;
#define MOVED(s) ((s).p ? byo_strn(j->memory + ((s).p - whole.p), (s).n) : BYO_STR_NONE)
    j->req = (ByoApiRequest){.method = MOVED(h->method),
                             .path = MOVED(h->path),
                             .query = MOVED(h->query),
                             .authorization = MOVED(h->authorization),
                             .content_type = MOVED(h->content_type),
                             .body = byo_strn(j->memory + used, whole.n - used),
                             .ip = byo_str(j->ip)};
#undef MOVED
    snprintf(j->ip, sizeof j->ip, "%s", c->ip);
    j->conn = c;
    c->job = j;
    c->close_after = !h->keep_alive;
    enter(c, BUSY, 0);
    bufferevent_disable(c->bev, EV_READ);
    byo_admin_submit(c->admin, j);
}

/* Looks at what has come so far. */
static void advance(Conn *c)
{
    ByoAdminIo *io = c->admin->io;
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t have = evbuffer_get_length(in), used = 0;
    if (have == 0 || c->state == BUSY || c->state == WRITING || c->state == LINGERING)
        return;
    if (c->state == WAITING)
        enter(c, READING_HEAD, HEAD);
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
    if (c->state == READING_HEAD) {
        if (io->bodies + (size_t)h.content_length > BODIES_MAX) {
            refuse(c, 503, "not-available", "Too many requests are being read just now.");
            return;
        }
        io->bodies += c->reserved = (size_t)h.content_length;
        enter(c, READING_BODY, BODY);
        bufferevent_setwatermark(c->bev, EV_READ, 0, whole);
        if (h.expect_continue && have < whole)
            evbuffer_add_printf(bufferevent_get_output(c->bev), "HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (have < whole)
        return;
    /* Parsed again where it lies in one piece now. */
    data = byo_strn((const char *)evbuffer_pullup(in, (ev_ssize_t)whole), whole);
    byo_http_head(data, &h, &used, &status, &why);
    start_job(c, &h, data, used);
    evbuffer_drain(in, whole);
}

static void on_read(struct bufferevent *bev, void *arg)
{
    Conn *c = arg;
    if (c->state == LINGERING)
        evbuffer_drain(bufferevent_get_input(bev), SIZE_MAX);
    else
        advance(c);
}

static void linger(Conn *c)
{
    enter(c, LINGERING, LINGER);
    shutdown(bufferevent_getfd(c->bev), SHUT_WR);
    bufferevent_setwatermark(c->bev, EV_READ, 0, 0);
    evbuffer_drain(bufferevent_get_input(c->bev), SIZE_MAX);
    bufferevent_enable(c->bev, EV_READ);
}

static void on_written(struct bufferevent *bev, void *arg)
{
    Conn *c = arg;
    if (c->state != WRITING || evbuffer_get_length(bufferevent_get_output(bev)) > 0)
        return;
    if (c->close_after || byo_admin_stopping(c->admin)) {
        if (c->linger && !byo_admin_stopping(c->admin))
            linger(c);
        else
            conn_free(c);
        return;
    }
    enter(c, WAITING, IDLE);
    bufferevent_setwatermark(bev, EV_READ, 0, BYO_HTTP_HEAD_MAX);
    bufferevent_enable(bev, EV_READ);
    advance(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        conn_free(arg);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    Conn *c = arg;
    if (c->state == READING_HEAD || c->state == READING_BODY)
        refuse(c, 408, "too-slow", "The request did not come in time.");
    else
        conn_free(c);
}

/* Makes room by ending the connection that has kept us waiting longest, for a request or for the rest of one. */
static bool make_room(ByoAdminIo *io)
{
    Conn *oldest = NULL;
    for (Conn *c = io->conns; c; c = c->next)
        if (c->state <= READING_BODY && (!oldest || c->since < oldest->since))
            oldest = c;
    if (!oldest)
        return false;
    conn_free(oldest);
    return true;
}

static void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    ByoAdmin *a = arg;
    ByoAdminIo *io = a->io;
    if (io->n >= CONNECTIONS_MAX && !make_room(io)) {
        evutil_closesocket(fd);
        return;
    }
    char ip[sizeof((Conn *)0)->ip];
    if (getnameinfo(sa, (socklen_t)len, ip, sizeof ip, NULL, 0, NI_NUMERICHOST) != 0)
        snprintf(ip, sizeof ip, "?");
    bool mapped = strncmp(ip, "::ffff:", 7) == 0; /* IPv4 at an interface of both families */
    if (!byo_allow_ip(io->allow_ip, ip + (mapped ? 7 : 0))) {
        byo_log_warning("admin port: %s is not in admin-allow-ip", ip);
        evutil_closesocket(fd);
        return;
    }
    Conn *c = byo_zalloc(sizeof *c);
    c->admin = a;
    memcpy(c->ip, ip, sizeof c->ip);
    c->bev = bufferevent_socket_new(io->base, fd, BEV_OPT_CLOSE_ON_FREE);
    c->timer = evtimer_new(io->base, on_time, c);
    c->next = io->conns;
    c->link = &io->conns;
    if (c->next)
        c->next->link = &c->next;
    io->conns = c;
    io->n++;
    bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, BYO_HTTP_HEAD_MAX);
    enter(c, WAITING, HEAD);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

static void on_accept_error(struct evconnlistener *l, void *arg)
{
    (void)l, (void)arg;
    byo_log_warning("admin port: accept: %s", strerror(errno));
    usleep(100000); /* out of descriptors: the connections there are must end first */
}

/* -- the I/O thread -----------------------------------------------------------------------------------*/

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    ByoAdmin *a = arg;
    uint64_t n;
    if (read(fd, &n, sizeof n) < 0 && errno != EAGAIN)
        byo_log_error("admin port: eventfd: %s", strerror(errno));
    for (ByoJob *j; (j = byo_admin_done(a)) != NULL;) {
        Conn *c = j->conn;
        if (c) {
            c->job = NULL;
            a->io->bodies -= c->reserved;
            c->reserved = 0;
            answer(c, &j->resp, byo_str_is(j->req.method, "HEAD"));
        }
        byo_job_free(j);
    }
    if (byo_admin_stopping(a)) {
        if (a->io->listener)
            evconnlistener_free(a->io->listener);
        a->io->listener = NULL;
        for (Conn *c = a->io->conns, *next; c; c = next) {
            next = c->next;
            if (c->state != BUSY && c->state != WRITING)
                conn_free(c);
        }
        if (!a->io->conns || byo_admin_ended(a))
            event_base_loopbreak(a->io->base);
    }
}

static void run(void *arg)
{
    ByoAdmin *a = arg;
    byo_thread_name("byo-admin");
    event_base_dispatch(a->io->base);
    while (a->io->conns) {
        /* What is left of an answer, without waiting for a slow peer. */
        struct evbuffer *out = bufferevent_get_output(a->io->conns->bev);
        bufferevent_disable(a->io->conns->bev, EV_WRITE);
        evbuffer_unfreeze(out, 1);
        evbuffer_write(out, bufferevent_getfd(a->io->conns->bev));
        conn_free(a->io->conns);
    }
    /* libevent frees a bufferevent in a later round of the loop. */
    event_del(a->io->wake);
    event_base_loop(a->io->base, EVLOOP_NONBLOCK);
}

static struct evconnlistener *listen_at(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *list = NULL;
    char port[16];
    snprintf(port, sizeof port, "%d", opt->port);
    int bad = getaddrinfo(opt->interface, port, &hints, &list);
    if (bad) {
        *why_r = byo_printf("admin-interface = %s: %s", opt->interface, gai_strerror(bad));
        return NULL;
    }
    struct evconnlistener *l = evconnlistener_new_bind(
        a->io->base, on_accept, a, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, 64,
        list->ai_addr, (int)list->ai_addrlen);
    if (!l)
        *why_r = byo_printf("admin-port = %d at %s cannot be opened: %s", opt->port, opt->interface,
                            strerror(errno));
    freeaddrinfo(list);
    return l;
}

static int port_of(struct evconnlistener *l)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;
    char port[16] = "0";
    getsockname(evconnlistener_get_fd(l), (struct sockaddr *)&sa, &len);
    getnameinfo((struct sockaddr *)&sa, len, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    return atoi(port);
}

bool byo_admin_io_create(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r)
{
    ByoAdminIo *io = a->io = byo_zalloc(sizeof *io);
    a->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    io->base = event_base_new();
    if (a->wake_fd < 0 || !io->base) {
        *why_r = byo_printf("the admin port's loop cannot be made: %s", strerror(errno));
        return false;
    }
    io->allow_ip = opt->allow_ip ? byo_strdup(opt->allow_ip) : NULL;
    io->listener = listen_at(a, opt, why_r);
    if (!io->listener)
        return false;
    evconnlistener_set_error_cb(io->listener, on_accept_error);
    io->port = port_of(io->listener);
    io->wake = event_new(io->base, a->wake_fd, EV_READ | EV_PERSIST, on_wake, a);
    event_add(io->wake, NULL);
    return true;
}

void byo_admin_io_start(ByoAdmin *a)
{
    a->io->thread = byo_thread_start(run, a);
}

void byo_admin_io_join(ByoAdmin *a)
{
    byo_thread_join(a->io->thread);
}

void byo_admin_io_destroy(ByoAdmin *a)
{
    ByoAdminIo *io = a->io;
    if (io->listener)
        evconnlistener_free(io->listener);
    if (io->wake)
        event_free(io->wake);
    if (io->base)
        event_base_free(io->base);
    free(io->allow_ip);
    if (a->wake_fd >= 0)
        close(a->wake_fd);
    free(io);
}

int byo_admin_port(const ByoAdmin *a)
{
    return a->io->port;
}
