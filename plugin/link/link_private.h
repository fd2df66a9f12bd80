/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the link room: connections, peers (smsboxes) and upstreams (links to bearerbox).
 * Ownership: ByoLink owns peers and upstreams; a peer owns its pair upstream.
 * Threads: everything here runs in the link thread, but what ByoLink.lock guards. */
#ifndef BYO_LINK_PRIVATE_H
#define BYO_LINK_PRIVATE_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <pthread.h>

#include "base/log.h"
#include "link/frame.h"
#include "link/link.h"

/* Connected smsboxes: more than anybody has, few enough for the process's descriptors (two each). */
enum { BYO_PEERS_MAX = 256, BYO_PEERS_OF_ADDRESS = 64, BYO_PEERS_OF_ID = 16 };
/* A smsbox that sends nothing at all for this long, no heartbeat either (it sends one every 30 s), is none. */
#define BYO_PEER_SILENCE (60 * BYO_SECOND)

/* A framed connection: whole bodies in, bodies out. */
typedef struct ByoConn ByoConn;
struct ByoConn {
    ByoConnId id;
    ByoLink *link;
    bool is_peer; /* a smsbox: not read while it does not read */
    struct bufferevent *bev;
    void *owner;
    void (*on_up)(ByoConn *c);
    /* False: the peer broke the protocol; the connection is closed. */
    bool (*on_frame)(ByoConn *c, ByoStr body);
    void (*on_down)(ByoConn *c, const char *why); /* c's bev is gone */
    int waiting; /* frames given to the flow, or to a smsbox, and not answered yet */
    size_t waiting_octets;
    size_t announced; /* octets of a long frame that is on its way, of ByoLink.announced; 0: none */
    ByoTime heard;    /* monotonic: when its last whole frame came, or we began to read again */
    bool paused;      /* not reading because too many wait */
    bool closing;     /* close when the output is written; nothing is added to it */
    bool overrun;     /* it left too much unread */
};
/* Takes fd over; -1: to be connected with byo_conn_connect. */
void byo_conn_open(ByoLink *l, ByoConn *c, int fd);
void byo_conn_connect(ByoLink *l, ByoConn *c, const struct sockaddr *to, int len);
void byo_conn_send(ByoConn *c, ByoStr body);
size_t byo_conn_unsent(const ByoConn *c);
void byo_conn_close(ByoConn *c); /* at once, without on_down */
void byo_conn_close_after_write(ByoConn *c);
/* A frame waits for its answer, or was answered: pauses and resumes reading. */
void byo_conn_given(ByoConn *c, size_t octets);
void byo_conn_answered(ByoConn *c, size_t octets);
/* Pauses or resumes reading as things are now. */
void byo_conn_look(ByoConn *c);
/* The same, and room for a long frame that waited for it. */
void byo_conn_again(ByoConn *c);

/* Name look-ups, which may take half a minute, in a thread of their own (resolve.c). */
typedef struct ByoResolver ByoResolver;
typedef struct {
    struct sockaddr_storage to;
    int len; /* 0: none was found */
    char why[120];
} ByoResolved;
/* found is called in the resolver's thread when a look-up is over. Host is copied. */
ByoResolver *byo_resolver_create(const char *host, int port, void (*found)(void *arg), void *arg);
void byo_resolver_start(ByoResolver *r);
/* Asks for an address; the answer comes by found, then byo_resolver_take. */
void byo_resolver_ask(ByoResolver *r);
/* The address that was given does not answer: the next one of the host's, if it has several of IPv4 (bearerbox
 * listens there alone). */
void byo_resolver_next(ByoResolver *r);
/* False: nothing was found since. */
bool byo_resolver_take(ByoResolver *r, ByoResolved *out_r);
void byo_resolver_destroy(ByoResolver *r); /* takes NULL */

/* MTs passed through and not acked by bearerbox: id -> the smsbox that waits (several for one id:
 * smsbox gives all recipients of a send one id). */
typedef struct ByoPending ByoPending;
ByoPending *byo_pending_create(void);
void byo_pending_destroy(ByoPending *p);
void byo_pending_add(ByoPending *p, const char *uuid, ByoConnId conn);
/* Takes out the oldest of this id; 0: unknown. */
ByoConnId byo_pending_take(ByoPending *p, const char *uuid);
size_t byo_pending_count(const ByoPending *p);
/* Takes out every entry (of one connection, or of all with 0). */
void byo_pending_drain(ByoPending *p, ByoConnId conn,
                       void (*each)(void *arg, const char *uuid, ByoConnId conn), void *arg);

typedef struct ByoHeld ByoHeld; /* a frame that waits for its upstream to come up */

typedef enum { BYO_UP_DOWN, BYO_UP_CONNECTING, BYO_UP_UP } ByoUpState;

typedef struct ByoUpstream {
    ByoConn conn;
    ByoLink *link;
    ByoLinkKind kind;
    char *boxc_id;            /* NULL: anonymous */
    struct ByoPeer *peer;     /* PAIR */
    _Atomic ByoUpState state; /* read by byo_link_status */
    bool bye;                 /* bearerbox said goodbye */
    bool resolving;           /* it waits for an address */
    int unanswered;           /* OWN: segments sent over this connection that bearerbox has not acked */
    bool heard;               /* this connection has brought something or lived long enough */
    int failures;             /* in a row, for the back-off */
    int refused;              /* attempts since it was up last; a goodbye counts as one */
    struct event *timer;      /* reconnect */
    struct event *hold_timer; /* gives held frames back */
    struct event *beat;       /* heartbeat */
    ByoPending *pending;
    ByoHeld *held, **held_tail;
    size_t n_held, held_octets;
} ByoUpstream;
ByoUpstream *byo_upstream_create(ByoLink *l, ByoLinkKind kind, const char *boxc_id, struct ByoPeer *peer);
void byo_upstream_destroy(ByoUpstream *u);
/* There is an address, or none. */
void byo_upstream_resolved(ByoUpstream *u, const ByoResolved *at);
/* One of our segments, if the link stands. */
void byo_upstream_segment(ByoUpstream *u, ByoStr body);
/* A MT of no integration; answered through the peer when bearerbox acks. */
void byo_upstream_pass(ByoUpstream *u, ByoStr body, const char *uuid, ByoConnId peer);
/* An ack or heartbeat of a smsbox to its bearerbox link, if that stands. */
void byo_upstream_send(ByoUpstream *u, ByoStr body);
void byo_upstream_forget_peer(ByoUpstream *u, ByoConnId peer);

/* An entry of what a smsbox has not acked. */
typedef struct {
    char uuid[BYO_UUID_LEN + 1];
    bool flow; /* from the flow (token), else passed through from the pair link */
    int64_t token;
    size_t octets; /* of the frame */
} ByoUnacked;

typedef struct ByoPeer {
    ByoConn conn;
    ByoLink *link;
    struct ByoPeer *next;
    char ip[48];
    /* Set once, under ByoLink.lock; byo_link_status reads them. */
    bool ready; /* identified, or sent its first MT */
    bool named;
    char *box;
    ByoUpstream *pair; /* named peers */
    _Atomic int32_t load;
    _Atomic int64_t passed_mt, passed_in;
    ByoUnacked *unacked; /* the oldest is at first_unacked, the newest before end_unacked */
    size_t first_unacked, end_unacked, cap_unacked;
} ByoPeer;
/* Ends those that are silent, or not allowed any more; and resumes what waited for others. */
void byo_peers_sweep(ByoLink *l);
/* False: there are too many; fd is closed. */
bool byo_peer_accept(ByoLink *l, int fd, const char *ip);
void byo_peer_destroy(ByoPeer *p);
void byo_peer_end(ByoPeer *p, const char *why); /* closes it at once; p is gone */
ByoPeer *byo_peer_find(ByoLink *l, ByoConnId conn);
void byo_peer_ack(ByoPeer *p, const char *uuid, ByoAck nack);
void byo_peer_deliver(ByoPeer *p, ByoStr body, const char *uuid, bool flow, int64_t token);

struct ByoLink {
    ByoLinkOptions opt; /* strings copied */
    int port;
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *wake, *stop_timer, *accept_again, *sweep;
    ByoResolver *resolver;
    int wake_fd;
    long thread;
    bool started;
    ByoConnId last_id;
    ByoPeer *peers;
    size_t n_peers;
    ByoTime full_told;    /* monotonic: when the log last said that there are too many */
    ByoTime refused_told; /* the same for who is not allowed */
    ByoTime pairs_at;     /* monotonic: of the pair links' connects, see upstream.c */
    ByoUpstream *own, *anon;
    bool quiesced;
    size_t charged;   /* octets the flow has and has not answered, of all connections, ended ones included */
    size_t announced; /* octets of long frames that are on their way, of all connections */
    bool starved;     /* a connection is not read because of the others */
    ByoTime stop_by;  /* monotonic */
    unsigned passed;  /* frames of this round of the loop that went through, either way */

    pthread_mutex_t lock; /* guards the rest */
    ByoOutputs *posted;
    size_t n_posted, cap_posted;
    bool stopping, quiesce_wanted, allow_changed;
    char *allow_ip; /* NULL: everybody */
    ByoTime stop_ms;
    ByoLinkStatus status; /* counters; peers are listed on demand */
    bool signalled;
};
ByoUpstream *byo_link_upstream(ByoLink *l, ByoConnId conn);
ByoConnId byo_link_new_id(ByoLink *l);
void byo_link_count(ByoLink *l, int64_t *counter);
bool byo_link_allows(ByoLink *l, const char *ip);
/* The budget of what waits in the flow: a frame was given, or answered. */
void byo_link_charge(ByoLink *l, size_t octets);
void byo_link_discharge(ByoLink *l, size_t octets);

#endif
