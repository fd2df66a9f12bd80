/* SPDX-License-Identifier: BSD-3-Clause
 * The I/O thread: event loop, port, posted batches.
 * Ownership: ByoLink owns everything of this room. Threads: see link.h; ByoLink.lock guards what
 * other threads touch. */
#include "link/link_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/allow_ip.h"
#include "base/thread.h"

enum { STOP_LOOK_MS = 5, SWEEP_SECONDS = 5 };
/* A frame that passes through costs more in system calls, here and in the boxes on both sides, than in work: while
 * many come at once, the next ones gather for a moment. */
enum { GATHER_FROM = 4, GATHER_NS = 150000 };

ByoConnId byo_link_new_id(ByoLink *l)
{
    return ++l->last_id;
}

void byo_link_count(ByoLink *l, int64_t *counter)
{
    pthread_mutex_lock(&l->lock);
    ++*counter;
    pthread_mutex_unlock(&l->lock);
}

bool byo_link_allows(ByoLink *l, const char *ip)
{
    pthread_mutex_lock(&l->lock);
    bool yes = byo_allow_ip(l->allow_ip, ip);
    pthread_mutex_unlock(&l->lock);
    return yes;
}

void byo_link_charge(ByoLink *l, size_t octets)
{
    l->charged += octets;
}

void byo_link_discharge(ByoLink *l, size_t octets)
{
    l->charged -= octets < l->charged ? octets : l->charged;
}

/* Those that were not read because of others. */
static void feed_starved(ByoLink *l)
{
    if (!l->starved)
        return;
    l->starved = false; /* who is not served now says so again */
    byo_conn_again(&l->own->conn);
    byo_conn_again(&l->anon->conn);
    for (ByoPeer *p = l->peers; p; p = p->next) {
        byo_conn_again(&p->conn);
        if (p->pair)
            byo_conn_again(&p->pair->conn);
    }
}

static void for_upstreams(ByoLink *l, const ByoResolved *at)
{
    byo_upstream_resolved(l->own, at);
    byo_upstream_resolved(l->anon, at);
    for (ByoPeer *p = l->peers; p; p = p->next)
        if (p->pair)
            byo_upstream_resolved(p->pair, at);
}

ByoUpstream *byo_link_upstream(ByoLink *l, ByoConnId conn)
{
    if (l->own && l->own->conn.id == conn)
        return l->own;
    if (l->anon && l->anon->conn.id == conn)
        return l->anon;
    for (ByoPeer *p = l->peers; p; p = p->next)
        if (p->pair && p->pair->conn.id == conn)
            return p->pair;
    return NULL;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *sa, int len,
                      void *arg)
{
    (void)listener, (void)len;
    ByoLink *l = arg;
    char ip[48] = "?";
    if (sa->sa_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)sa)->sin_addr, ip, sizeof ip);
    if (l->quiesced || !byo_link_allows(l, ip)) {
        if (!l->quiesced && byo_monotonic() - l->refused_told >= BYO_SECOND) {
            l->refused_told = byo_monotonic();
            byo_log_warning("a smsbox from %s was refused: not in smsbox-allow-ip", ip);
        }
        byo_link_count(l, &l->status.refused_peers);
        close(fd);
        return;
    }
    if (!byo_peer_accept(l, fd, ip))
        byo_link_count(l, &l->status.refused_peers);
}

static void on_accept_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ByoLink *l = arg;
    if (!l->quiesced)
        evconnlistener_enable(l->listener);
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    ByoLink *l = arg;
    byo_log_error("accepting smsboxes at port %d: %s; trying again in a second", l->port,
                  evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
    evconnlistener_disable(listener);
    struct timeval tv = {1, 0};
    evtimer_add(l->accept_again, &tv);
}

/* Another byobox may have it by now: as if bearerbox had not taken it. */
static void too_late(ByoLink *l, const ByoOutput *out)
{
    ByoInput *in = byo_input_create(BYO_IN_OWN_ACK, 0);
    in->nack = BYO_ACK_FAILED_TMP;
    memcpy(in->uuid, out->uuid, sizeof in->uuid);
    l->opt.input(l->opt.arg, in);
}

static void carry_out(ByoLink *l, ByoOutputs *o)
{
    for (size_t i = 0; i < o->n; i++) {
        ByoOutput *out = &o->items[i];
        ByoStr frame = byo_strn(o->bytes.p ? o->bytes.p + out->at : "", out->length);
        ByoPeer *p;
        ByoUpstream *u;
        switch (out->kind) {
        case BYO_OUT_PEER_ACK:
            byo_link_discharge(l, out->answered);
            if ((p = byo_peer_find(l, out->conn))) {
                byo_peer_ack(p, out->uuid, out->nack);
                byo_conn_answered(&p->conn, out->answered);
            }
            break;
        case BYO_OUT_DELIVER:
            if ((p = byo_peer_find(l, out->conn)))
                byo_peer_deliver(p, frame, out->uuid, true, out->token);
            break;
        case BYO_OUT_LINK_ACK:
            byo_link_discharge(l, out->answered);
            if ((u = byo_link_upstream(l, out->conn))) {
                ByoBuf body = {0};
                byo_frame_put_ack(out->uuid, out->nack, (int32_t)(byo_now() / BYO_SECOND), &body);
                byo_conn_send(&u->conn, byo_buf_str(&body));
                byo_buf_free(&body);
                byo_conn_answered(&u->conn, out->answered);
            }
            break;
        case BYO_OUT_PEER_END:
            if ((p = byo_peer_find(l, out->conn)))
                byo_peer_end(p, "it is not known what became of a message of it");
            break;
        case BYO_OUT_SEGMENT:
            if (o->until && byo_boottime() >= o->until)
                too_late(l, out);
            else
                byo_upstream_segment(l->own, frame);
            break;
        }
    }
}

static size_t unsent(const ByoLink *l)
{
    size_t n = byo_conn_unsent(&l->own->conn) + byo_conn_unsent(&l->anon->conn);
    for (const ByoPeer *p = l->peers; p; p = p->next)
        n += byo_conn_unsent(&p->conn) + (p->pair ? byo_conn_unsent(&p->pair->conn) : 0);
    return n;
}

static void on_stop_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ByoLink *l = arg;
    if (unsent(l) == 0 || byo_monotonic() >= l->stop_by) {
        event_base_loopbreak(l->base);
        return;
    }
    struct timeval soon = {0, STOP_LOOK_MS * 1000};
    evtimer_add(l->stop_timer, &soon);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    ByoLink *l = arg;
    uint64_t n;
    if (read(fd, &n, sizeof n) < 0 && errno != EAGAIN)
        byo_log_error("eventfd: %s", strerror(errno));
    pthread_mutex_lock(&l->lock);
    ByoOutputs *posted = l->posted;
    size_t n_posted = l->n_posted;
    l->posted = NULL;
    l->n_posted = l->cap_posted = 0;
    l->signalled = false;
    bool stopping = l->stopping, quiesce = l->quiesce_wanted, allow_changed = l->allow_changed;
    l->allow_changed = false;
    ByoTime ms = l->stop_ms;
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < n_posted; i++) {
        carry_out(l, &posted[i]);
        byo_outputs_free(&posted[i]);
    }
    free(posted);
    ByoResolved at;
    if (byo_resolver_take(l->resolver, &at))
        for_upstreams(l, &at);
    if (allow_changed)
        byo_peers_sweep(l);
    feed_starved(l);
    if (quiesce && !l->quiesced) {
        l->quiesced = true;
        evconnlistener_disable(l->listener);
    }
    if (stopping) {
        l->stop_by = byo_monotonic() + ms;
        on_stop_timer(-1, EV_TIMEOUT, l);
    }
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ByoLink *l = arg;
    byo_peers_sweep(l);
    feed_starved(l);
}

static void wake(ByoLink *l)
{
    uint64_t one = 1;
    if (write(l->wake_fd, &one, sizeof one) < 0 && errno != EAGAIN)
        byo_log_error("eventfd: %s", strerror(errno));
}

void byo_link_post(ByoLink *l, ByoOutputs *batch)
{
    if (batch->n == 0)
        return;
    pthread_mutex_lock(&l->lock);
    if (l->n_posted == l->cap_posted) {
        l->cap_posted = l->cap_posted ? l->cap_posted * 2 : 8;
        l->posted = byo_realloc(l->posted, l->cap_posted * sizeof *l->posted);
    }
    l->posted[l->n_posted++] = *batch;
    bool signal = !l->signalled;
    l->signalled = true;
    pthread_mutex_unlock(&l->lock);
    memset(batch, 0, sizeof *batch);
    if (signal)
        wake(l);
}

static void on_found(void *arg)
{
    wake(arg);
}

static void loop(ByoLink *l)
{
    static const struct timespec moment = {0, GATHER_NS};
    do {
        l->passed = 0;
        if (event_base_loop(l->base, EVLOOP_ONCE) != 0)
            return;
        if (l->passed >= GATHER_FROM)
            nanosleep(&moment, NULL);
    } while (!event_base_got_break(l->base));
}

static void run(void *arg)
{
    ByoLink *l = arg;
    byo_thread_name("byo-link");
    ByoUpstream *own = byo_upstream_create(l, BYO_LINK_OWN, l->opt.box_id, NULL);
    ByoUpstream *anon = byo_upstream_create(l, BYO_LINK_ANON, NULL, NULL);
    pthread_mutex_lock(&l->lock);
    l->own = own;
    l->anon = anon;
    pthread_mutex_unlock(&l->lock);
    evconnlistener_enable(l->listener);
    struct timeval every = {SWEEP_SECONDS, 0};
    event_add(l->sweep, &every);
    loop(l);
    while (l->peers)
        byo_peer_destroy(l->peers);
    pthread_mutex_lock(&l->lock);
    l->own = l->anon = NULL;
    pthread_mutex_unlock(&l->lock);
    byo_upstream_destroy(own);
    byo_upstream_destroy(anon);
    /* A freed bufferevent closes its socket when its last deferred callback has run. */
    event_del(l->wake);
    evtimer_del(l->stop_timer);
    evtimer_del(l->accept_again);
    event_del(l->sweep);
    evconnlistener_disable(l->listener);
    event_base_loop(l->base, EVLOOP_NONBLOCK);
}

/* NULL: *why_r. */
static struct evconnlistener *listen_at(ByoLink *l, const ByoLinkOptions *opt, char **why_r)
{
    struct addrinfo hints = {.ai_family = AF_INET,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *list = NULL;
    char port[16];
    snprintf(port, sizeof port, "%d", opt->smsbox_port);
    int bad = getaddrinfo(opt->smsbox_interface, port, &hints, &list);
    if (bad) {
        *why_r = byo_printf("smsbox-interface = %s: %s (an IPv4 address is needed)", opt->smsbox_interface,
                            gai_strerror(bad));
        return NULL;
    }
    struct evconnlistener *listener = evconnlistener_new_bind(l->base, on_accept, l,
                                                              LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
                                                                  LEV_OPT_REUSEABLE | LEV_OPT_DISABLED,
                                                              128, list->ai_addr, (int)list->ai_addrlen);
    if (!listener)
        *why_r =
            byo_printf("port %d for smsboxes (smsbox-port) cannot be opened at %s: %s", opt->smsbox_port,
                       opt->smsbox_interface ? opt->smsbox_interface : "all interfaces", strerror(errno));
    freeaddrinfo(list);
    return listener;
}

ByoLink *byo_link_create(const ByoLinkOptions *opt, char **why_r)
{
    ByoLink *l = byo_zalloc(sizeof *l);
    l->opt = *opt;
    l->opt.smsbox_interface = l->opt.smsbox_allow_ip = NULL;
    l->allow_ip = byo_strdup(opt->smsbox_allow_ip);
    l->opt.bearerbox_host = byo_strdup(opt->bearerbox_host);
    l->opt.box_id = byo_strdup(opt->box_id);
    pthread_mutex_init(&l->lock, NULL);
    l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    l->base = event_base_new();
    l->listener = listen_at(l, opt, why_r);
    if (!l->listener) {
        byo_link_destroy(l);
        return NULL;
    }
    evconnlistener_set_error_cb(l->listener, on_accept_error);
    struct sockaddr_in sin = {0};
    ev_socklen_t len = sizeof sin;
    getsockname(evconnlistener_get_fd(l->listener), (struct sockaddr *)&sin, &len);
    l->port = ntohs(sin.sin_port);
    l->wake = event_new(l->base, l->wake_fd, EV_READ | EV_PERSIST, on_wake, l);
    event_add(l->wake, NULL);
    l->stop_timer = evtimer_new(l->base, on_stop_timer, l);
    l->accept_again = evtimer_new(l->base, on_accept_again, l);
    l->sweep = event_new(l->base, -1, EV_PERSIST, on_sweep, l);
    l->resolver = byo_resolver_create(l->opt.bearerbox_host, l->opt.bearerbox_port, on_found, l);
    return l;
}

int byo_link_port(const ByoLink *l)
{
    return l->port;
}

void byo_link_start(ByoLink *l)
{
    byo_resolver_start(l->resolver);
    l->thread = byo_thread_start(run, l);
    l->started = true;
}

void byo_link_quiesce(ByoLink *l)
{
    pthread_mutex_lock(&l->lock);
    l->quiesce_wanted = true;
    pthread_mutex_unlock(&l->lock);
    wake(l);
}

void byo_link_allow(ByoLink *l, const char *smsbox_allow_ip)
{
    char *list = byo_strdup(smsbox_allow_ip);
    pthread_mutex_lock(&l->lock);
    char *old = l->allow_ip;
    l->allow_ip = list;
    l->allow_changed = true;
    pthread_mutex_unlock(&l->lock);
    free(old);
    wake(l);
}

void byo_link_stop(ByoLink *l, ByoTime ms)
{
    if (!l->started)
        return;
    pthread_mutex_lock(&l->lock);
    l->stopping = l->quiesce_wanted = true;
    l->stop_ms = ms;
    pthread_mutex_unlock(&l->lock);
    wake(l);
    byo_thread_join(l->thread);
    l->started = false;
}

void byo_link_destroy(ByoLink *l)
{
    if (!l)
        return;
    byo_link_stop(l, 0);
    byo_resolver_destroy(l->resolver);
    for (size_t i = 0; i < l->n_posted; i++)
        byo_outputs_free(&l->posted[i]);
    free(l->posted);
    if (l->listener)
        evconnlistener_free(l->listener);
    if (l->wake)
        event_free(l->wake);
    if (l->stop_timer)
        event_free(l->stop_timer);
    if (l->accept_again)
        event_free(l->accept_again);
    if (l->sweep)
        event_free(l->sweep);
    if (l->base)
        event_base_free(l->base);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    pthread_mutex_destroy(&l->lock);
    free(l->allow_ip);
    free((char *)l->opt.bearerbox_host);
    free((char *)l->opt.box_id);
    free(l);
}

void byo_link_status(ByoLink *l, ByoLinkStatus *st)
{
    pthread_mutex_lock(&l->lock);
    *st = l->status;
    st->own_up = l->own && l->own->state == BYO_UP_UP;
    st->anon_up = l->anon && l->anon->state == BYO_UP_UP;
    size_t n = 0;
    for (ByoPeer *p = l->peers; p; p = p->next)
        n++;
    st->peers = byo_zalloc((n + 1) * sizeof *st->peers);
    st->n_peers = 0;
    for (ByoPeer *p = l->peers; p; p = p->next) {
        if (!p->ready)
            continue;
        ByoPeerStatus *s = &st->peers[st->n_peers++];
        s->conn = p->conn.id;
        s->named = p->named;
        if (p->box)
            snprintf(s->box, sizeof s->box, "%s", p->box);
        memcpy(s->ip, p->ip, sizeof s->ip);
        s->load = p->load;
        s->passed_mt = p->passed_mt;
        s->passed_in = p->passed_in;
        s->pair_up = p->pair && p->pair->state == BYO_UP_UP;
    }
    pthread_mutex_unlock(&l->lock);
}
