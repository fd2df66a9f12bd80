/* SPDX-License-Identifier: BSD-3-Clause
 * What load generator and sink share: a clock, a byte queue, big-endian numbers, a histogram.
 * Own code throughout: what is measured with it shares nothing with what is measured.
 * Ownership: values; a WireBuf owns its memory until the process ends. Threads: one. */
#ifndef BYO_BENCH_WIRE_H
#define BYO_BENCH_WIRE_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline uint64_t wire_now(void) /* ns, the same for all processes of the machine */
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void *wire_realloc(void *p, size_t n)
{
    p = realloc(p, n);
    if (!p) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return p;
}

/* Bytes to be read (or written): p[at] .. p[n - 1]. */
typedef struct {
    unsigned char *p;
    size_t at, n, cap;
} WireBuf;

static inline void wire_need(WireBuf *b, size_t more)
{
    if (b->at == b->n)
        b->at = b->n = 0;
    if (b->n + more <= b->cap)
        return;
    if (b->at) {
        memmove(b->p, b->p + b->at, b->n - b->at);
        b->n -= b->at;
        b->at = 0;
    }
    while (b->n + more > b->cap)
        b->cap = b->cap ? b->cap * 2 : 65536;
    b->p = wire_realloc(b->p, b->cap);
}

static inline size_t wire_left(const WireBuf *b)
{
    return b->n - b->at;
}

static inline void wire_add(WireBuf *b, const void *p, size_t n)
{
    wire_need(b, n);
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

static inline void wire_put(unsigned char *p, uint32_t v)
{
    p[0] = (unsigned char)(v >> 24);
    p[1] = (unsigned char)(v >> 16);
    p[2] = (unsigned char)(v >> 8);
    p[3] = (unsigned char)v;
}

static inline uint32_t wire_get(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void wire_add_int(WireBuf *b, int32_t v)
{
    unsigned char p[4];
    wire_put(p, (uint32_t)v);
    wire_add(b, p, 4);
}

/* Reads what is there. False: the connection is over. Acknowledged at once: a peer that leaves Nagle's
 * algorithm on (bearerbox does) would wait 40 ms for us where nothing is to be answered. */
static inline bool wire_read(int fd, WireBuf *b)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    for (;;) {
        wire_need(b, 65536);
        ssize_t n = recv(fd, b->p + b->n, b->cap - b->n, 0);
        if (n > 0) {
            b->n += (size_t)n;
            if (b->n < b->cap)
                return true;
            continue;
        }
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
}

/* Writes what goes. False: the connection is over. */
static inline bool wire_write(int fd, WireBuf *b)
{
    while (wire_left(b)) {
        ssize_t n = send(fd, b->p + b->at, wire_left(b), MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        b->at += (size_t)n;
    }
    return true;
}

/* Microseconds, 10 to a step up to a second. */
#define WIRE_STEPS 100000
typedef struct {
    uint32_t count[WIRE_STEPS + 1];
    uint64_t n, most;
} WireTimes;

static inline void wire_time(WireTimes *t, uint64_t us)
{
    uint64_t step = us / 10;
    t->count[step < WIRE_STEPS ? step : WIRE_STEPS]++;
    t->n++;
    if (us > t->most)
        t->most = us;
}

static inline uint64_t wire_percentile(const WireTimes *t, double part)
{
    uint64_t sum = 0, want = (uint64_t)((double)t->n * part);
    for (size_t i = 0; i <= WIRE_STEPS; i++) {
        sum += t->count[i];
        if (sum > want)
            return (uint64_t)i * 10 + 5;
    }
    return t->most;
}

static inline void wire_print_times(const WireTimes *t, const char *name)
{
    printf("\"%s\": {\"n\": %llu, \"p50\": %llu, \"p95\": %llu, \"p99\": %llu, \"max\": %llu}", name,
           (unsigned long long)t->n, (unsigned long long)(t->n ? wire_percentile(t, 0.50) : 0),
           (unsigned long long)(t->n ? wire_percentile(t, 0.95) : 0),
           (unsigned long long)(t->n ? wire_percentile(t, 0.99) : 0), (unsigned long long)t->most);
}

/* The text of a benchmark message begins with the time it was sent at. */
#define WIRE_STAMP "t="
#define WIRE_STAMP_DIGITS 16

#endif
