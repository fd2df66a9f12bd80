/* SPDX-License-Identifier: BSD-3-Clause
 * A smsbox at our port: to it we are bearerbox.
 * Decides: when it is routable, which of its frames pass through, which go to the flow.
 * Ownership: a peer owns its pair upstream and its list of unacked frames.
 * Threads: the link thread. */
#include "link/link_private.h"

#include <stdlib.h>
#include <strings.h>

/* Heartbeats are news: none is added behind this much that bearerbox has not read. */
enum { BEATS_UNSENT = 64 * 1024 };

static void give_input(ByoLink *l, ByoInput *in)
{
    l->opt.input(l->opt.arg, in);
}

static void ready(ByoPeer *p, ByoStr boxc_id)
{
    if (p->ready)
        return;
    bool named = boxc_id.p && boxc_id.n > 0;
    char *box = named ? byo_str_dup(boxc_id) : NULL;
    ByoUpstream *pair = named ? byo_upstream_create(p->link, BYO_LINK_PAIR, box, p) : NULL;
    pthread_mutex_lock(&p->link->lock);
    p->named = named;
    p->box = box;
    p->pair = pair;
    p->ready = true;
    pthread_mutex_unlock(&p->link->lock);
    byo_log_info("smsbox %s%s%s from %s connected", p->named ? "<" : "(anonymous)", p->named ? p->box : "",
                 p->named ? ">" : "", p->ip);
    ByoInput *in = byo_input_create(BYO_IN_PEER_UP, 0);
    in->conn = p->conn.id;
    in->named = p->named;
    in->box = p->box ? byo_strdup(p->box) : NULL;
    give_input(p->link, in);
}

/* Whether it may become a routable smsbox of this id. */
static bool fine_box_id(const ByoPeer *p, ByoStr id)
{
    if (id.n > BYO_BOX_ID_MAX || memchr(id.p ? id.p : "", 0, id.n)) {
        byo_log_error("smsbox from %s: its smsbox-id is longer than %d octets or holds a NUL", p->ip,
                      BYO_BOX_ID_MAX);
        return false;
    }
    size_t same = 0;
    for (const ByoPeer *q = p->link->peers; q; q = q->next)
        same += q->ready && q->named && byo_str_is(id, q->box);
    if (same >= BYO_PEERS_OF_ID) {
        byo_log_error("smsbox <%.*s> from %s is refused: %d of that smsbox-id are connected", BYO_PF(id),
                      p->ip, BYO_PEERS_OF_ID);
        byo_link_count(p->link, &p->link->status.refused_peers);
        return false;
    }
    if (byo_str_is(id, p->link->opt.box_id)) {
        byo_log_error("smsbox from %s has byobox's own box-id <%s> as its smsbox-id: give it another", p->ip,
                      p->link->opt.box_id);
        return false;
    }
    return true;
}

static bool on_admin(ByoPeer *p, ByoStr body)
{
    ByoAdminFrame a;
    if (!byo_frame_admin(body, &a))
        return false;
    if (a.command != BYO_CMD_IDENTIFY || p->ready)
        return true; /* a smsbox sends nothing else that means anything to bearerbox */
    if (!fine_box_id(p, a.boxc_id))
        return false;
    ready(p, a.boxc_id);
    return true;
}

static bool on_mt(ByoPeer *p, ByoStr body)
{
    ByoSms sms;
    if (!byo_frame_sms(body, &sms))
        return false;
    if (!p->ready) {
        if (!fine_box_id(p, sms.boxc_id))
            return false;
        ready(p, sms.boxc_id);
    }
    if (p->link->quiesced) {
        byo_peer_ack(p, sms.id, BYO_ACK_FAILED_TMP);
        return true;
    }
    if (byo_str_is(sms.boxc_id, p->link->opt.box_id)) {
        /* bearerbox sends the reports of a message to the box it names: they would pass for reports of our
         * segments. */
        byo_log_error("smsbox from %s sent a message in the name of byobox's own box-id <%s>: it is refused",
                      p->ip, p->link->opt.box_id);
        byo_peer_ack(p, sms.id, BYO_ACK_FAILED);
        return true;
    }
    switch (p->link->opt.route(p->link->opt.route_arg, &sms, false)) {
    case BYO_ROUTE_PASS:
        p->passed_mt++;
        byo_upstream_pass(p->pair ? p->pair : p->link->anon, body, sms.id, p->conn.id);
        break;
    case BYO_ROUTE_OURS: {
        ByoInput *in = byo_input_create(BYO_IN_MT, body.n);
        memcpy((char *)in->frame.p, body.p, body.n);
        byo_frame_sms(in->frame, &in->sms);
        in->conn = p->conn.id;
        in->named = p->named;
        in->box = p->box ? byo_strdup(p->box) : NULL;
        byo_conn_given(&p->conn, body.n);
        byo_link_charge(p->link, body.n);
        give_input(p->link, in);
        break;
    }
    }
    return true;
}

static bool on_ack(ByoPeer *p, ByoStr body)
{
    ByoAckFrame a;
    if (!byo_frame_ack(body, &a))
        return false;
    for (size_t i = p->first_unacked; i < p->end_unacked; i++) {
        ByoUnacked *u = &p->unacked[i];
        if (strcasecmp(u->uuid, a.id) != 0)
            continue;
        if (u->flow) {
            ByoInput *in = byo_input_create(BYO_IN_PEER_ACK, 0);
            in->conn = p->conn.id;
            in->token = u->token;
            in->nack = a.nack;
            give_input(p->link, in);
        } else if (p->pair) {
            p->link->passed++;
            byo_upstream_send(p->pair, body);
            byo_conn_answered(&p->pair->conn, u->octets);
        }
        /* In order: the oldest of an id is answered first. Acks mostly come in order, too. */
        memmove(p->unacked + p->first_unacked + 1, p->unacked + p->first_unacked,
                (i - p->first_unacked) * sizeof *u);
        p->first_unacked++;
        return true;
    }
    byo_log_debug("smsbox from %s acked an unknown message %s", p->ip, a.id);
    return true;
}

static bool on_frame(ByoConn *c, ByoStr body)
{
    ByoPeer *p = c->owner;
    int32_t load;
    switch (byo_frame_type(body)) {
    case BYO_FRAME_HEARTBEAT:
        if (!byo_frame_heartbeat(body, &load))
            return false;
        p->load = load;
        if (p->pair && byo_conn_unsent(&p->pair->conn) < BEATS_UNSENT)
            byo_upstream_send(p->pair, body);
        return true;
    case BYO_FRAME_ADMIN:
        return on_admin(p, body);
    case BYO_FRAME_SMS:
        return on_mt(p, body);
    case BYO_FRAME_ACK:
        return on_ack(p, body);
    case BYO_FRAME_WDP:
        return true;
    case BYO_FRAME_BAD:
        break;
    }
    byo_link_count(p->link, &p->link->status.bad_frames);
    return false;
}

static void on_down(ByoConn *c, const char *why)
{
    ByoPeer *p = c->owner;
    byo_log_info("smsbox %s%s from %s disconnected: %s", p->named ? p->box : "(anonymous)",
                 p->ready ? "" : ", never identified,", p->ip, why);
    byo_peer_destroy(p);
}

void byo_peer_end(ByoPeer *p, const char *why)
{
    byo_conn_close(&p->conn);
    on_down(&p->conn, why);
}

/* Ends the connection, of this address or (NULL) of any, that has stood longest without saying who it is. */
static bool make_room(ByoLink *l, const char *ip)
{
    ByoPeer *oldest = NULL;
    for (ByoPeer *p = l->peers; p; p = p->next) /* the newest comes first */
        if (!p->ready && (!ip || strcmp(p->ip, ip) == 0))
            oldest = p;
    if (oldest)
        byo_peer_destroy(oldest);
    return oldest != NULL;
}

static bool room_for(ByoLink *l, const char *ip, int *most_r)
{
    size_t same = 0;
    for (const ByoPeer *p = l->peers; p; p = p->next)
        same += strcmp(p->ip, ip) == 0;
    *most_r = BYO_PEERS_OF_ADDRESS;
    if (same >= BYO_PEERS_OF_ADDRESS && !make_room(l, ip))
        return false;
    *most_r = BYO_PEERS_MAX;
    return l->n_peers < BYO_PEERS_MAX || make_room(l, NULL);
}

bool byo_peer_accept(ByoLink *l, int fd, const char *ip)
{
    int most;
    if (!room_for(l, ip, &most)) {
        if (byo_monotonic() - l->full_told >= BYO_SECOND) {
            l->full_told = byo_monotonic();
            byo_log_error("a smsbox from %s was refused: %d are connected%s", ip, most,
                          most == BYO_PEERS_OF_ADDRESS ? " from there" : "");
        }
        evutil_closesocket(fd);
        return false;
    }
    ByoPeer *p = byo_zalloc(sizeof *p);
    p->link = l;
    p->load = -1;
    snprintf(p->ip, sizeof p->ip, "%s", ip);
    p->conn.owner = p;
    p->conn.is_peer = true;
    p->conn.on_frame = on_frame;
    p->conn.on_down = on_down;
    byo_conn_open(l, &p->conn, fd);
    pthread_mutex_lock(&l->lock);
    p->next = l->peers;
    l->peers = p;
    pthread_mutex_unlock(&l->lock);
    l->n_peers++;
    return true;
}

/* Why it has to go; NULL: it may stay. */
static const char *to_go(ByoPeer *p)
{
    if (!byo_link_allows(p->link, p->ip))
        return "it is no longer in smsbox-allow-ip";
    bool ours = p->conn.paused && byo_conn_unsent(&p->conn) == 0; /* we do not read it, and it does read */
    if (ours || byo_monotonic() - p->conn.heard < BYO_PEER_SILENCE)
        return NULL;
    byo_link_count(p->link, &p->link->status.silent_peers);
    return "it sent nothing for 60 seconds, no heartbeat either";
}

void byo_peers_sweep(ByoLink *l)
{
    for (ByoPeer *p = l->peers, *next; p; p = next) {
        next = p->next;
        const char *why = to_go(p);
        if (why)
            byo_peer_end(p, why);
    }
}

void byo_peer_destroy(ByoPeer *p)
{
    ByoLink *l = p->link;
    pthread_mutex_lock(&l->lock);
    for (ByoPeer **at = &l->peers; *at; at = &(*at)->next) {
        if (*at == p) {
            *at = p->next;
            break;
        }
    }
    pthread_mutex_unlock(&l->lock);
    l->n_peers--;
    byo_conn_close(&p->conn);
    if (p->ready) {
        ByoInput *in = byo_input_create(BYO_IN_PEER_DOWN, 0);
        in->conn = p->conn.id;
        give_input(l, in);
    }
    if (p->pair)
        byo_upstream_destroy(p->pair);
    else if (l->anon)
        byo_upstream_forget_peer(l->anon, p->conn.id);
    free(p->box);
    free(p->unacked);
    free(p);
}

ByoPeer *byo_peer_find(ByoLink *l, ByoConnId conn)
{
    for (ByoPeer *p = l->peers; p; p = p->next)
        if (p->conn.id == conn)
            return p;
    return NULL;
}

void byo_peer_ack(ByoPeer *p, const char *uuid, ByoAck nack)
{
    ByoBuf body = {0};
    byo_frame_put_ack(uuid, nack, (int32_t)(byo_now() / BYO_SECOND), &body);
    byo_conn_send(&p->conn, byo_buf_str(&body));
    byo_buf_free(&body);
}

/* Room behind the newest; what was acked gives its own up when that is half of it. */
static ByoUnacked *add_unacked(ByoPeer *p)
{
    if (p->end_unacked == p->cap_unacked && p->first_unacked > p->cap_unacked / 2) {
        p->end_unacked -= p->first_unacked;
        memmove(p->unacked, p->unacked + p->first_unacked, p->end_unacked * sizeof *p->unacked);
        p->first_unacked = 0;
    } else if (p->end_unacked == p->cap_unacked) {
        p->cap_unacked = p->cap_unacked ? p->cap_unacked * 2 : 128;
        p->unacked = byo_realloc(p->unacked, p->cap_unacked * sizeof *p->unacked);
    }
    return &p->unacked[p->end_unacked++];
}

void byo_peer_deliver(ByoPeer *p, ByoStr body, const char *uuid, bool flow, int64_t token)
{
    ByoUnacked *u = add_unacked(p);
    *u = (ByoUnacked){.flow = flow, .token = token, .octets = body.n};
    memcpy(u->uuid, uuid, strnlen(uuid, BYO_UUID_LEN));
    if (!flow) {
        p->passed_in++;
        p->link->passed++;
    }
    byo_conn_send(&p->conn, body);
}
