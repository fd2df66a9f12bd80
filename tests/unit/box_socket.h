/* SPDX-License-Identifier: BSD-3-Clause
 * The box protocol over blocking sockets on loopback, for tests: every wait ends by itself.
 * Ownership: descriptors are the caller's. Threads: none. */
#ifndef BYO_TESTS_BOX_SOCKET_H
#define BYO_TESTS_BOX_SOCKET_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link/frame.h"

enum { PATIENCE_MS = 20000 };

static inline void become_patient(int fd)
{
    struct timeval tv = {PATIENCE_MS / 1000, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
}

static inline int listen_at(int *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in sin = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)*port)};
    socklen_t n = sizeof sin;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &n), 0);
    *port = ntohs(sin.sin_port);
    become_patient(fd);
    return fd;
}

static inline int connect_to(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in sin = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    become_patient(fd);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
    return fd;
}

static inline bool read_all(int fd, void *to, size_t n)
{
    for (char *p = to; n;) {
        ssize_t got = recv(fd, p, n, 0);
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

/* False: the other side closed, or patience is over. */
static inline bool read_frame(int fd, ByoBuf *body)
{
    unsigned char head[4];
    byo_buf_clear(body);
    if (!read_all(fd, head, 4))
        return false;
    size_t n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    byo_buf_need(body, n);
    body->n = n;
    return read_all(fd, body->p, n);
}

static inline void send_raw(int fd, const void *p, size_t n)
{
    ck_assert_int_eq(send(fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* A frame as it goes over the wire: its length, its body. */
static inline void add_frame(ByoBuf *wire, ByoStr body)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        byo_buf_addc(wire, (char)(body.n >> shift));
    byo_buf_add(wire, body.p, body.n);
}

static inline void send_frame(int fd, ByoStr body)
{
    ByoBuf wire = {0};
    add_frame(&wire, body);
    send_raw(fd, wire.p, wire.n);
    byo_buf_free(&wire);
}

static inline bool is_closed(int fd)
{
    char c;
    ssize_t n = recv(fd, &c, 1, 0);
    return n == 0 || (n < 0 && errno == ECONNRESET);
}

static inline void send_identify(int fd, const char *id)
{
    ByoBuf b = {0};
    byo_frame_put_admin(BYO_CMD_IDENTIFY, byo_str(id), &b);
    send_frame(fd, byo_buf_str(&b));
    byo_buf_free(&b);
}

static inline void send_ack(int fd, const char *id, ByoAck nack)
{
    ByoBuf b = {0};
    byo_frame_put_ack(id, nack, 7, &b);
    send_frame(fd, byo_buf_str(&b));
    byo_buf_free(&b);
}

static inline void ck_read_ack(int fd, const char *id, ByoAck nack)
{
    ByoBuf b = {0};
    ByoAckFrame a;
    ck_assert(read_frame(fd, &b));
    ck_assert(byo_frame_ack(byo_buf_str(&b), &a));
    ck_assert_str_eq(a.id, id);
    ck_assert_int_eq(a.nack, nack);
    byo_buf_free(&b);
}

#endif
