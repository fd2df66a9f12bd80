/* SPDX-License-Identifier: BSD-3-Clause
 * Framed connections over libevent. Decides: how long a frame may be, when reading pauses.
 * Ownership: a ByoConn is part of a peer or an upstream, which owns its bufferevent.
 * Threads: the link thread. */
#include "link/link_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Unanswered frames of one connection in the flow: more than a smsbox ever has, far from a flood. */
enum {
    WAITING_HIGH = 2000,
    WAITING_LOW = 1000,
    OCTETS_HIGH = 4 * BYO_FRAME_MAX,
    OCTETS_LOW = 2 * BYO_FRAME_MAX
};
/* Of all connections together: from BUDGET on only those go on that have little in the flow, from twice that
 * nobody. Frames longer than READ_AHEAD are read as far as the same budget of their own allows. */
enum { BUDGET = 64 * BYO_FRAME_MAX, SHARE = 128 * 1024, READ_AHEAD = 256 * 1024 };
/* A smsbox that leaves this much unread is not read either. */
enum { UNSENT_PAUSE = BYO_FRAME_MAX };
/* Bytes a peer may leave unread before it is given up: its acks and our deliveries are windowed. */
enum { UNSENT_MAX = 16 * 1024 * 1024 };

static void down(ByoConn *c, const char *why)
{
    byo_conn_close(c);
    c->on_down(c, why);
}

static void forget_announced(ByoConn *c)
{
    if (!c->announced)
        return;
    c->link->announced -= c->announced;
    c->announced = 0;
    if (c->bev)
        bufferevent_setwatermark(c->bev, EV_READ, 0, READ_AHEAD);
}

/* A frame that is longer than what is read ahead: room for it, when there is. */
static void await_frame(ByoConn *c, size_t whole)
{
    if (whole <= READ_AHEAD || c->announced)
        return;
    if (c->link->announced + whole > BUDGET) {
        c->link->starved = true; /* looked at again when others have ended theirs */
        return;
    }
    c->link->announced += c->announced = whole;
    bufferevent_setwatermark(c->bev, EV_READ, 0, whole);
}

/* libevent reads LIBEVENT_READS at a time: where it got as much there is mostly more, and each round costs four calls of
 * the kernel. What ends the connection is left for it to see. */
static void read_on(const ByoConn *c, struct evbuffer *in)
{
    enum { LIBEVENT_READS = 4096, MORE = 65536 };
    struct evbuffer_iovec room;
    if (c->paused || evbuffer_get_length(in) < LIBEVENT_READS || evbuffer_get_length(in) + MORE > READ_AHEAD)
        return;
    evbuffer_unfreeze(in, 0);
    if (evbuffer_reserve_space(in, MORE, &room, 1) == 1) {
        ssize_t n = recv(bufferevent_getfd(c->bev), room.iov_base, MORE, MSG_DONTWAIT);
        room.iov_len = n > 0 ? (size_t)n : 0;
        evbuffer_commit_space(in, &room, 1);
    }
    evbuffer_freeze(in, 0);
}

static void on_read(struct bufferevent *bev, void *arg)
{
    ByoConn *c = arg;
    struct evbuffer *in = bufferevent_get_input(bev);
    unsigned char head[4];
    /* bearerbox leaves Nagle's algorithm on: what it writes next would wait for the kernel's delayed
     * acknowledgement, 40 ms, wherever we have nothing to answer. */
    int on = 1;
    setsockopt(bufferevent_getfd(bev), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    read_on(c, in);
    while (c->bev == bev && !c->paused && evbuffer_copyout(in, head, 4) == 4) {
        uint32_t len = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
        if (len > BYO_FRAME_MAX || len < 4) {
            char why[96];
            snprintf(why, sizeof why, "it announced a frame of %u octets (allowed: 4..%d)", len,
                     BYO_FRAME_MAX);
            down(c, why);
            return;
        }
        if (evbuffer_get_length(in) < 4 + (size_t)len) {
            await_frame(c, 4 + (size_t)len);
            return;
        }
        forget_announced(c);
        c->heard = byo_monotonic();
        const char *p = (const char *)evbuffer_pullup(in, 4 + (ev_ssize_t)len);
        bool fine = c->on_frame(c, byo_strn(p + 4, len));
        if (c->bev != bev)
            return;
        if (!fine) {
            down(c, "it sent a frame that is none of the box protocol");
            return;
        }
        evbuffer_drain(in, 4 + (size_t)len);
    }
}

static void on_written(struct bufferevent *bev, void *arg)
{
    ByoConn *c = arg;
    if (c->overrun)
        down(c, "it does not read what it is sent");
    else if (c->closing && evbuffer_get_length(bufferevent_get_output(bev)) == 0)
        down(c, "closed");
    else
        byo_conn_look(c);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    (void)bev;
    ByoConn *c = arg;
    if (what & BEV_EVENT_CONNECTED) {
        c->on_up(c);
        return;
    }
    if (what & BEV_EVENT_ERROR) {
        char why[128];
        snprintf(why, sizeof why, "%s", evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
        down(c, why);
    } else if (what & BEV_EVENT_EOF) {
        down(c, "the other side closed it");
    }
}

static void set_up_socket(int fd)
{
    /* Nobody in the box protocol times a peer out: the kernel must notice a half-open connection. */
    int on = 1, idle = 30, interval = 10, count = 3;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void byo_conn_open(ByoLink *l, ByoConn *c, int fd)
{
    c->id = byo_link_new_id(l);
    c->link = l;
    c->heard = byo_monotonic();
    c->waiting = 0;
    c->waiting_octets = 0;
    c->paused = c->closing = c->overrun = false;
    c->bev = bufferevent_socket_new(l->base, fd, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    bufferevent_setcb(c->bev, on_read, on_written, on_event, c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, READ_AHEAD);
    bufferevent_set_max_single_read(c->bev, 256 * 1024);
    bufferevent_set_max_single_write(c->bev, 256 * 1024);
    if (fd >= 0)
        set_up_socket(fd);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

void byo_conn_connect(ByoLink *l, ByoConn *c, const struct sockaddr *to, int len)
{
    byo_conn_open(l, c, -1);
    if (bufferevent_socket_connect(c->bev, to, len) == 0)
        set_up_socket(bufferevent_getfd(c->bev));
    /* A failure comes as an event. */
}

void byo_conn_send(ByoConn *c, ByoStr body)
{
    if (!c->bev || c->closing)
        return;
    struct evbuffer *out = bufferevent_get_output(c->bev);
    unsigned char head[4] = {(unsigned char)(body.n >> 24), (unsigned char)(body.n >> 16),
                             (unsigned char)(body.n >> 8), (unsigned char)body.n};
    evbuffer_add(out, head, 4);
    evbuffer_add(out, body.p, body.n);
    if (c->is_peer && !c->paused && evbuffer_get_length(out) > UNSENT_PAUSE)
        byo_conn_look(c);
    if (evbuffer_get_length(out) > UNSENT_MAX) {
        c->closing = c->overrun = true; /* the caller is in the middle of something: closed soon */
        bufferevent_disable(c->bev, EV_READ);
        bufferevent_trigger(c->bev, EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
    }
}

size_t byo_conn_unsent(const ByoConn *c)
{
    return c->bev ? evbuffer_get_length(bufferevent_get_output(c->bev)) : 0;
}

void byo_conn_close(ByoConn *c)
{
    if (!c->bev)
        return;
    bufferevent_free(c->bev);
    c->bev = NULL;
    forget_announced(c);
}

void byo_conn_close_after_write(ByoConn *c)
{
    if (!c->bev)
        return;
    c->closing = true;
    bufferevent_disable(c->bev, EV_READ);
    if (byo_conn_unsent(c) == 0)
        bufferevent_trigger(c->bev, EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

/* Whether it is not read any further, now that it is (or is not) paused. */
static bool must_wait(const ByoConn *c)
{
    const ByoLink *l = c->link;
    if (c->paused ? c->waiting > WAITING_LOW || c->waiting_octets > OCTETS_LOW
                  : c->waiting >= WAITING_HIGH || c->waiting_octets >= OCTETS_HIGH)
        return true;
    if (c->is_peer && byo_conn_unsent(c) > (c->paused ? 0 : UNSENT_PAUSE))
        return true;
    return l->charged >= 2 * (size_t)BUDGET || (l->charged >= BUDGET && c->waiting_octets >= SHARE);
}

void byo_conn_look(ByoConn *c)
{
    if (!c->bev || c->closing)
        return;
    bool wait = must_wait(c);
    c->link->starved |= wait && c->link->charged >= BUDGET;
    if (!c->paused && wait) {
        c->paused = true;
        bufferevent_disable(c->bev, EV_READ);
    } else if (c->paused && !wait) {
        c->paused = false;
        c->heard = byo_monotonic();
        bufferevent_enable(c->bev, EV_READ);
        bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
    }
}

void byo_conn_again(ByoConn *c)
{
    if (!c->bev || c->closing)
        return;
    byo_conn_look(c);
    if (!c->paused && !c->announced && evbuffer_get_length(bufferevent_get_input(c->bev)) >= READ_AHEAD)
        bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

void byo_conn_given(ByoConn *c, size_t octets)
{
    c->waiting++;
    c->waiting_octets += octets;
    byo_conn_look(c);
}

void byo_conn_answered(ByoConn *c, size_t octets)
{
    if (c->waiting > 0) /* else an answer to what an earlier connection had brought */
        c->waiting--;
    c->waiting_octets -= octets < c->waiting_octets ? octets : c->waiting_octets;
    if (c->waiting == 0)
        c->waiting_octets = 0;
    byo_conn_look(c);
}
