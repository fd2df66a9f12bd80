/* SPDX-License-Identifier: BSD-3-Clause
 * Connections that stay open for what happens (text/event-stream).
 *
 * Decides: how many there are (BYO_STREAMS_MAX, beside the port's other connections; the user who has most gives way to
 * one who has fewer), when the next is made for all of them at once, and who is dropped: whoever does not read.
 * An idle stream is a socket and its place in a list: a worker makes each event and each status once for all, and
 * nothing is made, read or looked at when there is no stream. A stream that was cut off, or was slower than what
 * happens, reads what it missed for itself, a piece each time it has read the one before; then it is among the others.
 * Ownership and threads: http_private.h; all of this is the I/O thread's. */
#include "admin/http_private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* How often is looked for events; the status is told every STATUS_TICKS of these. */
#define TICK ((ByoTime)200)
enum { STREAMS_MAX = 128, STATUS_TICKS = 10 };
/* A reader who has not read what there was for this long is dropped. While this much waits he is given no more, and
 * reads for himself what he missed. */
#define SLOW (15 * BYO_SECOND)
#define DEAD (2 * SLOW) /* a peer that does not even say that it got what was sent */
enum { WAITING_MAX = 256 * 1024, KERNEL_BUFFER = 64 * 1024 };
/* Between two of which something is written, so that proxies and dead peers are found out. */
#define QUIET (15 * BYO_SECOND)

typedef ByoAdminConn Conn;

/* -- what many connections write from one memory ---------------------------------------------------------*/

typedef struct {
    int users;
    ByoBuf text;
} Shared;

static Shared *share(ByoBuf *text)
{
    Shared *s = byo_zalloc(sizeof *s);
    s->users = 1;
    s->text = *text;
    *text = (ByoBuf){0};
    return s;
}

static void let_go(Shared *s)
{
    if (--s->users > 0)
        return;
    byo_buf_free(&s->text);
    free(s);
}

static void written_out(const void *data, size_t n, void *arg)
{
    (void)data, (void)n;
    let_go(arg);
}

static size_t waiting(const Conn *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->bev));
}

static void mark_written(Conn *c)
{
    c->stream.written = byo_monotonic();
    if (!c->stream.waiting)
        c->stream.waiting = c->stream.written;
}

static void write_part(Conn *c, Shared *s, size_t from, size_t to)
{
    if (from == to)
        return;
    s->users++;
    evbuffer_add_reference(bufferevent_get_output(c->bev), s->text.p + from, to - from, written_out, s);
    mark_written(c);
}

/* -- the feed -----------------------------------------------------------------------------------------*/

static void ask_for_feed(ByoAdmin *a, bool status)
{
    ByoAdminIo *io = &a->io;
    ByoJob *j = byo_zalloc(sizeof *j);
    ByoFeed *f = j->feed = byo_zalloc(sizeof *f);
    j->stage = BYO_JOB_FEED;
    j->after = io->fed;
    f->status = status;
    if (status)
        f->checks = byo_alloc((size_t)io->n_streams * sizeof *f->checks);
    for (const Conn *c = io->streams; status && c; c = c->next)
        f->checks[f->n++] = (ByoStreamCheck){.stream = c->stream.number, .who = c->job->who};
    io->feeding = true;
    byo_admin_submit(a, j);
}

static void catch_up(Conn *c)
{
    c->job->stage = BYO_JOB_MISSED;
    c->job->after = c->stream.after;
    byo_admin_conn_submit(c, c->job);
}

static bool is_behind(const Conn *c)
{
    return c->stream.after < c->admin->io.fed && c->job->who.can & BYO_CAN_EVENTS;
}

/* Those behind what it has had; one that is further behind reads for itself. */
static void give_events(Conn *c, Shared *s, const ByoStreamEvents *e, ByoId before)
{
    size_t i = 0;
    if (!(c->job->who.can & BYO_CAN_EVENTS) || c->stream.after < before || waiting(c) > WAITING_MAX)
        return;
    while (i < e->n && e->ids[i] <= c->stream.after)
        i++;
    if (i == e->n)
        return;
    write_part(c, s, i ? e->ends[i - 1] : 0, e->ends[e->n - 1]);
    c->stream.after = e->ids[e->n - 1];
}

static bool is_over(const ByoFeed *f, Conn *c)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->checks[i].stream == c->stream.number) {
            c->job->who.can = f->checks[i].who.can;
            return f->checks[i].over;
        }
    return false; /* it began meanwhile */
}

/* A status takes the place of the one before: who has not read that gets the next. */
static void give_status(Conn *c, Shared *s)
{
    if (c->job->who.can & BYO_CAN_STATUS) {
        if (waiting(c) == 0)
            write_part(c, s, 0, s->text.n);
    } else if (byo_monotonic() - c->stream.written >= QUIET) {
        evbuffer_add(bufferevent_get_output(c->bev), ":\n\n", 3);
        mark_written(c);
    }
}

static bool is_slow(const Conn *c)
{
    return c->stream.waiting && byo_monotonic() - c->stream.waiting >= SLOW;
}

static void drop_slow(ByoAdminIo *io)
{
    for (Conn *c = io->streams, *next; c; c = next) {
        next = c->next;
        if (!is_slow(c))
            continue;
        byo_log_info("admin: the stream of user %s at %s is not read, and was dropped", c->job->who.name,
                     c->ip);
        byo_admin_conn_free(c);
    }
}

/* Each stream gets its part of what was made; who may not go on is ended. */
static void give(ByoAdminIo *io, ByoJob *j)
{
    ByoFeed *f = j->feed;
    Shared *events = share(&j->events->text), *status = share(&f->text);
    for (Conn *c = io->streams, *next; c; c = next) {
        next = c->next;
        if (f->status && is_over(f, c)) {
            byo_admin_conn_free(c);
            continue;
        }
        give_events(c, events, j->events, j->after);
        if (f->status)
            give_status(c, status);
    }
    let_go(events);
    let_go(status);
}

void byo_admin_stream_fed(ByoAdmin *a, ByoJob *j)
{
    static const ByoStreamEvents none;
    ByoAdminIo *io = &a->io;
    io->feeding = false;
    if (!j->events) {
        j->events = byo_alloc(sizeof none);
        *j->events = none;
    }
    const ByoStreamEvents *e = j->events;
    give(io, j);
    if (e->n && e->ids[e->n - 1] > io->fed)
        io->fed = e->ids[e->n - 1];
    drop_slow(io);
    if (e->n == BYO_STREAM_EVENTS && io->n_streams && !byo_admin_stopping(a))
        ask_for_feed(a, false);
    byo_job_free(j);
}

/* -- one stream ---------------------------------------------------------------------------------------*/

void byo_admin_stream_missed(Conn *c, ByoJob *j)
{
    ByoStreamEvents *e = j->events;
    j->events = NULL;
    if (!e) {
        byo_admin_conn_free(c); /* it comes again, and says what it had */
        return;
    }
    if (e->n) {
        evbuffer_add(bufferevent_get_output(c->bev), e->text.p, e->text.n);
        c->stream.after = e->ids[e->n - 1];
        mark_written(c);
    } else {
        c->stream.after = c->admin->io.fed; /* they were purged meanwhile */
    }
    byo_buf_free(&e->text);
    free(e);
}

void byo_admin_stream_written(Conn *c)
{
    c->stream.waiting = 0;
    if (!c->job->working && is_behind(c) && !byo_admin_stopping(c->admin))
        catch_up(c);
}

static int of_user(const ByoAdminIo *io, const char *user)
{
    int n = 0;
    for (const Conn *c = io->streams; c; c = c->next)
        n += strcmp(c->job->who.name, user) == 0;
    return n;
}

bool byo_admin_stream_room(ByoAdmin *a, const char *user)
{
    ByoAdminIo *io = &a->io;
    if (io->n_streams < STREAMS_MAX)
        return true;
    Conn *best = NULL;
    int most = of_user(io, user) + 1; /* with the new one */
    for (Conn *c = io->streams; c; c = c->next) {
        int n = of_user(io, c->job->who.name);
        if (n > most || (best && n == most)) { /* the list begins with the newest */
            best = c;
            most = n;
        }
    }
    if (best)
        byo_admin_conn_free(best);
    return best != NULL;
}

static void move_to_streams(Conn *c)
{
    ByoAdminIo *io = &c->admin->io;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    io->n--;
    c->next = io->streams;
    c->link = &io->streams;
    if (c->next)
        c->next->link = &c->next;
    io->streams = c;
    io->n_streams++;
}

static void start_ticking(ByoAdminIo *io)
{
    struct timeval tv = {TICK / BYO_SECOND, TICK % BYO_SECOND * 1000};
    if (!evtimer_pending(io->tick, NULL))
        evtimer_add(io->tick, &tv);
}

void byo_admin_stream_begin(Conn *c, ByoJob *j)
{
    ByoAdminIo *io = &c->admin->io;
    int fd = bufferevent_getfd(c->bev), size = KERNEL_BUFFER, dead = DEAD;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead, sizeof dead);
    if (io->n_streams == 0 && io->fed < j->resp.after)
        io->fed = j->resp.after; /* nobody had what came before */
    move_to_streams(c);
    byo_admin_conn_enter(c, BYO_CONN_STREAM, 0);
    c->job = j;
    c->stream = (ByoStream){.number = ++io->last_stream, .after = j->resp.after};
    byo_api_response_free(&j->resp);
    mark_written(c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, 0);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE); /* to see it go */
    start_ticking(io);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ByoAdmin *a = arg;
    ByoAdminIo *io = &a->io;
    drop_slow(io);
    if (!io->n_streams || byo_admin_stopping(a))
        return;
    start_ticking(io);
    bool status = ++io->ticks % STATUS_TICKS == 0;
    int64_t told = a->opt.actions.events_told(a->opt.actions.arg);
    if (io->feeding) {
        io->ticks -= status; /* at the next one */
        return;
    }
    if (!status && told == io->told)
        return;
    io->told = told;
    ask_for_feed(a, status);
}

bool byo_admin_stream_create(ByoAdmin *a)
{
    a->io.tick = evtimer_new(a->io.base, on_tick, a);
    return a->io.tick != NULL;
}
