/* SPDX-License-Identifier: BSD-3-Clause
 * A link to bearerbox: to it we are a smsbox.
 * Decides: when to connect again, how long a passed-through MT waits for its link.
 * Ownership: an upstream owns its pending table and held frames.
 * Threads: the link thread. */
#include "link/link_private.h"

#include <stdlib.h>

/* At once: that tells a link that broke from a bearerbox that is gone and started anew (ByoInput.failed).
 * bearerbox accepts one box a second: slower than that at first would be waste, much later a long gap. */
static const ByoTime BACKOFF_MS[] = {10, 200, 500, 1000, 2000, 3000, 5000};
enum {
    HELD_MAX = 1000,
    HELD_OCTETS = 4 * BYO_FRAME_MAX,
    HOLD_SECONDS = 5,
    BYE_SECONDS = 2,
    BEAT_SECONDS = 30,
    PENDING_MAX = 100000
};
/* bearerbox takes one new box a second from its port: pair links beyond that would queue there, in front of our
 * own link. Some at once, the others as it takes them. */
enum { PAIR_EVERY = BYO_SECOND, PAIR_BURST = 3 * PAIR_EVERY };
/* What bearerbox leaves unread before passed-through MTs are answered "try again". */
enum { UNSENT_HIGH = 8 * 1024 * 1024 };

struct ByoHeld {
    ByoHeld *next;
    ByoConnId peer;
    char uuid[BYO_UUID_LEN + 1];
    ByoStr body; /* follows */
};

static void connect_now(ByoUpstream *u);

static const char *name_of(const ByoUpstream *u)
{
    return u->boxc_id ? u->boxc_id : "(anonymous)";
}

static void tell(ByoUpstream *u, ByoInputKind kind)
{
    if (u->kind == BYO_LINK_PAIR)
        return; /* pass-through is this room's own business */
    ByoInput *in = byo_input_create(kind, 0);
    in->link = u->kind;
    in->bye = u->bye;
    in->failed = u->refused;
    in->conn = u->conn.id;
    u->link->opt.input(u->link->opt.arg, in);
}

static void fell(ByoUpstream *u)
{
    if (u->kind == BYO_LINK_OWN)
        byo_link_count(u->link, &u->link->status.own_falls);
    tell(u, BYO_IN_LINK_DOWN);
}

/* bearerbox may or may not have had it: "try again" is the only honest answer. */
static void refuse(void *arg, const char *uuid, ByoConnId conn)
{
    ByoUpstream *u = arg;
    ByoPeer *p = byo_peer_find(u->link, conn);
    if (p)
        byo_peer_ack(p, uuid, BYO_ACK_FAILED_TMP);
}

static void drop_held(ByoUpstream *u, ByoConnId only)
{
    for (ByoHeld **at = &u->held; *at;) {
        ByoHeld *h = *at;
        if (only && h->peer != only) {
            at = &h->next;
            continue;
        }
        *at = h->next;
        u->n_held--;
        u->held_octets -= h->body.n;
        if (!only)
            refuse(u, h->uuid, h->peer);
        free(h);
    }
    u->held_tail = &u->held;
    while (*u->held_tail)
        u->held_tail = &(*u->held_tail)->next;
}

static void again_later(ByoUpstream *u)
{
    size_t n = sizeof BACKOFF_MS / sizeof *BACKOFF_MS;
    ByoTime ms = BACKOFF_MS[(size_t)u->failures < n ? (size_t)u->failures : n - 1];
    u->failures++;
    struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
    evtimer_add(u->timer, &tv);
}

static void send_now(ByoUpstream *u, ByoStr body, const char *uuid, ByoConnId peer)
{
    byo_pending_add(u->pending, uuid, peer);
    byo_conn_send(&u->conn, body);
}

static void on_up(ByoConn *c)
{
    ByoUpstream *u = c->owner;
    u->state = BYO_UP_UP;
    u->bye = u->heard = false;
    u->unanswered = 0;
    byo_log_info("link %s to bearerbox is up", name_of(u));
    ByoBuf body = {0};
    byo_frame_put_admin(BYO_CMD_IDENTIFY, u->boxc_id ? byo_str(u->boxc_id) : BYO_STR_NONE, &body);
    byo_conn_send(c, byo_buf_str(&body));
    byo_buf_free(&body);
    evtimer_del(u->hold_timer);
    while (u->held) {
        ByoHeld *h = u->held;
        u->held = h->next;
        send_now(u, h->body, h->uuid, h->peer);
        free(h);
    }
    u->held_tail = &u->held;
    u->n_held = u->held_octets = 0;
    struct timeval tv = {BEAT_SECONDS, 0};
    if (u->beat)
        evtimer_add(u->beat, &tv);
    tell(u, BYO_IN_LINK_UP);
    u->refused = 0;
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ByoUpstream *u = arg;
    u->failures = 0; /* it has stood for a while */
    ByoBuf body = {0};
    byo_frame_put_heartbeat(0, &body);
    byo_conn_send(&u->conn, byo_buf_str(&body));
    byo_buf_free(&body);
    struct timeval tv = {BEAT_SECONDS, 0};
    evtimer_add(u->beat, &tv);
}

static void on_down(ByoConn *c, const char *why)
{
    ByoUpstream *u = c->owner;
    bool was_up = u->state == BYO_UP_UP;
    u->state = BYO_UP_DOWN;
    if (!was_up) {
        u->refused++;
        byo_resolver_next(u->link->resolver);
        if (u->kind == BYO_LINK_PAIR)
            u->link->pairs_at -= PAIR_EVERY; /* it does not queue there */
    }
    if (u->beat)
        evtimer_del(u->beat);
    if (was_up)
        byo_log_warning("link %s to bearerbox went down: %s", name_of(u),
                        u->bye ? "bearerbox is stopping" : why);
    else if (u->failures == 0 && !u->bye)
        byo_log_warning("link %s cannot reach bearerbox at %s:%d: %s; trying again", name_of(u),
                        u->link->opt.bearerbox_host, u->link->opt.bearerbox_port, why);
    byo_pending_drain(u->pending, 0, refuse, u);
    byo_link_count(u->link, &u->link->status.reconnects);
    if (was_up)
        fell(u);
    again_later(u);
}

static void heard(ByoUpstream *u)
{
    if (!u->heard) {
        u->heard = true;
        u->failures = 0;
    }
}

static bool on_admin(ByoUpstream *u, ByoStr body)
{
    ByoAdminFrame a;
    if (!byo_frame_admin(body, &a))
        return false;
    if ((a.command == BYO_CMD_SHUTDOWN || a.command == BYO_CMD_RESTART) && !u->bye) {
        /* bearerbox waits for us to close; acks of what we hold go out first (host H4). */
        u->bye = true;
        fell(u);
        u->state = BYO_UP_CONNECTING; /* no more MT over it */
        struct timeval tv = {0, 500 * 1000};
        evtimer_add(u->timer, &tv);
    }
    return true;
}

static bool on_sms(ByoUpstream *u, ByoStr body)
{
    ByoSms sms;
    if (!byo_frame_sms(body, &sms))
        return false;
    ByoLink *l = u->link;
    if (u->kind == BYO_LINK_PAIR && l->opt.route(l->opt.route_arg, &sms, true) != BYO_ROUTE_OURS) {
        byo_conn_given(&u->conn, body.n);
        byo_peer_deliver(u->peer, body, sms.id, false, 0);
        return true;
    }
    ByoInput *in = byo_input_create(BYO_IN_SMS, body.n);
    memcpy((char *)in->frame.p, body.p, body.n);
    byo_frame_sms(in->frame, &in->sms);
    in->conn = u->conn.id;
    in->link = u->kind;
    if (u->kind == BYO_LINK_PAIR) {
        in->named = true;
        in->box = byo_strdup(u->boxc_id);
    }
    byo_conn_given(&u->conn, body.n);
    byo_link_charge(l, body.n);
    l->opt.input(l->opt.arg, in);
    return true;
}

static bool on_ack(ByoUpstream *u, ByoStr body)
{
    ByoAckFrame a;
    if (!byo_frame_ack(body, &a))
        return false;
    if (u->kind == BYO_LINK_OWN) {
        if (u->unanswered == 0) { /* the flow's queue is as long as what it handed over, whatever comes */
            byo_log_debug("link %s: bearerbox acked %s, and nothing waits for its ack", name_of(u), a.id);
            return true;
        }
        u->unanswered--;
        ByoInput *in = byo_input_create(BYO_IN_OWN_ACK, 0);
        in->conn = u->conn.id;
        in->nack = a.nack;
        memcpy(in->uuid, a.id, sizeof in->uuid);
        u->link->opt.input(u->link->opt.arg, in);
        return true;
    }
    ByoConnId conn = byo_pending_take(u->pending, a.id);
    ByoPeer *p = conn ? byo_peer_find(u->link, conn) : NULL;
    u->link->passed++;
    if (p)
        byo_conn_send(&p->conn, body);
    else
        byo_log_debug("link %s: bearerbox acked an unknown message %s", name_of(u), a.id);
    return true;
}

static bool on_frame(ByoConn *c, ByoStr body)
{
    ByoUpstream *u = c->owner;
    heard(u);
    switch (byo_frame_type(body)) {
    case BYO_FRAME_ADMIN:
        return on_admin(u, body);
    case BYO_FRAME_SMS:
        return on_sms(u, body);
    case BYO_FRAME_ACK:
        return on_ack(u, body);
    case BYO_FRAME_HEARTBEAT:
    case BYO_FRAME_WDP:
        return true;
    case BYO_FRAME_BAD:
        break;
    }
    byo_link_count(u->link, &u->link->status.bad_frames);
    return false;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ByoUpstream *u = arg;
    if (u->bye && u->conn.closing && u->conn.bev) { /* it does not even read */
        byo_conn_close(&u->conn);
        on_down(&u->conn, "closed");
        return;
    }
    if (u->bye && u->conn.bev) { /* the time for last acks is over */
        struct timeval tv = {BYE_SECONDS, 0};
        u->state = BYO_UP_DOWN;
        byo_conn_close_after_write(&u->conn);
        evtimer_add(u->timer, &tv);
        return;
    }
    connect_now(u);
}

static void on_hold(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    drop_held(arg, 0);
}

/* False: not yet; the timer comes back. */
static bool pair_may_connect(ByoUpstream *u)
{
    ByoTime now = byo_monotonic(), *at = &u->link->pairs_at;
    if (*at - now > PAIR_BURST) {
        ByoTime ms = *at - now - PAIR_BURST;
        struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
        evtimer_add(u->timer, &tv);
        return false;
    }
    *at = (*at > now ? *at : now) + PAIR_EVERY;
    return true;
}

static void connect_now(ByoUpstream *u)
{
    if (u->kind == BYO_LINK_PAIR && !pair_may_connect(u))
        return;
    u->state = BYO_UP_CONNECTING;
    u->bye = false;
    u->resolving = true;
    byo_resolver_ask(u->link->resolver);
}

void byo_upstream_resolved(ByoUpstream *u, const ByoResolved *at)
{
    if (!u->resolving)
        return;
    u->resolving = false;
    if (at->len)
        byo_conn_connect(u->link, &u->conn, (const struct sockaddr *)&at->to, at->len);
    else
        on_down(&u->conn, at->why);
}

void byo_upstream_segment(ByoUpstream *u, ByoStr body)
{
    if (u->state != BYO_UP_UP)
        return;
    u->unanswered++;
    byo_conn_send(&u->conn, body);
}

ByoUpstream *byo_upstream_create(ByoLink *l, ByoLinkKind kind, const char *boxc_id, ByoPeer *peer)
{
    ByoUpstream *u = byo_zalloc(sizeof *u);
    u->link = l;
    u->kind = kind;
    u->boxc_id = byo_strdup(boxc_id);
    u->peer = peer;
    u->pending = byo_pending_create();
    u->held_tail = &u->held;
    u->conn.owner = u;
    u->conn.on_up = on_up;
    u->conn.on_frame = on_frame;
    u->conn.on_down = on_down;
    u->timer = evtimer_new(l->base, on_timer, u);
    u->hold_timer = evtimer_new(l->base, on_hold, u);
    if (kind != BYO_LINK_PAIR) /* a pair passes its smsbox's own heartbeats on */
        u->beat = evtimer_new(l->base, on_beat, u);
    connect_now(u);
    return u;
}

void byo_upstream_destroy(ByoUpstream *u)
{
    byo_conn_close(&u->conn);
    drop_held(u, u->peer ? u->peer->conn.id : 0);
    byo_pending_destroy(u->pending);
    event_free(u->timer);
    event_free(u->hold_timer);
    if (u->beat)
        event_free(u->beat);
    free(u->boxc_id);
    free(u);
}

void byo_upstream_pass(ByoUpstream *u, ByoStr body, const char *uuid, ByoConnId peer)
{
    u->link->passed++;
    if (u->state == BYO_UP_UP && !u->link->quiesced) {
        if (byo_conn_unsent(&u->conn) < UNSENT_HIGH && byo_pending_count(u->pending) < PENDING_MAX)
            send_now(u, body, uuid, peer);
        else
            refuse(u, uuid, peer);
        return;
    }
    if (u->n_held >= HELD_MAX || u->held_octets + body.n > HELD_OCTETS || u->link->quiesced) {
        refuse(u, uuid, peer);
        return;
    }
    ByoHeld *h = byo_zalloc(sizeof *h + body.n);
    memcpy(h->uuid, uuid, BYO_UUID_LEN);
    h->peer = peer;
    memcpy((char *)(h + 1), body.p, body.n);
    h->body = byo_strn((char *)(h + 1), body.n);
    *u->held_tail = h;
    u->held_tail = &h->next;
    u->held_octets += body.n;
    if (u->n_held++ == 0) {
        struct timeval tv = {HOLD_SECONDS, 0};
        evtimer_add(u->hold_timer, &tv);
    }
}

void byo_upstream_send(ByoUpstream *u, ByoStr body)
{
    if (u->state == BYO_UP_UP || u->bye) /* also its last acks */
        byo_conn_send(&u->conn, body);
}

void byo_upstream_forget_peer(ByoUpstream *u, ByoConnId peer)
{
    drop_held(u, peer);
    byo_pending_drain(u->pending, peer, NULL, NULL);
}
