/* SPDX-License-Identifier: BSD-3-Clause
 * What the I/O thread (http.c: connections; http_answer.c: what is written to them; http_listen.c: who gets one; http_stream.c: those that stay open for what
 * happens) and the workers (workers.c) share.
 * Ownership: the I/O thread owns connections and all of libevent; a job belongs to the worker that took it
 * until it is put on the done list. Threads: ByoAdmin.lock guards what is listed below it. */
#ifndef BYO_ADMIN_HTTP_PRIVATE_H
#define BYO_ADMIN_HTTP_PRIVATE_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/ssl.h>
#include <pthread.h>

#include "admin/http.h"
#include "admin/http_parse.h"

/* QUICK ones do nothing but what needs no slow password hash: whoever was here before does not wait for those
 * who guess. */
enum { BYO_ADMIN_WORKERS = 4, BYO_ADMIN_QUICK = 2 };

typedef enum {
    BYO_JOB_WHOLE,  /* admit and serve */
    BYO_JOB_ADMIT,  /* its body has not been read */
    BYO_JOB_SERVE,  /* who was admitted */
    BYO_JOB_REST,   /* the next piece of its answer */
    BYO_JOB_MISSED, /* events a stream has not had */
    BYO_JOB_FEED    /* what all streams get; no connection's */
} ByoJobStage;

/* Is he still who he was? Answered by the worker. */
typedef struct {
    uint64_t stream;
    ByoAuthWho who; /* can: what he may do now */
    bool over;
} ByoStreamCheck;

typedef struct {
    bool status; /* wanted, and the checks are */
    ByoBuf text; /* of the status */
    ByoStreamCheck *checks;
    size_t n;
} ByoFeed;

/* A request on its way through a worker. */
typedef struct ByoJob {
    struct ByoJob *next;
    struct ByoAdminConn *conn; /* I/O thread only; NULL: the peer has gone */
    char *memory;              /* the texts of req */
    size_t length;             /* of memory */
    char ip[64], from[64];
    ByoJobStage stage;
    bool admitted;           /* ADMIT */
    bool expects;            /* 100 Continue */
    bool chunks;             /* ByoHttpHead.chunks */
    ByoPieceResult piece;    /* REST */
    bool working;            /* a worker has it */
    ByoId after;             /* MISSED, FEED: events behind this one */
    ByoStreamEvents *events; /* NULL: the store cannot be read */
    ByoFeed *feed;           /* FEED */
    ByoAuthWho who;
    ByoApiRequest req;
    ByoApiResponse resp;
} ByoJob;

typedef enum {
    BYO_CONN_WAITING, /* for a request */
    BYO_CONN_HEAD,    /* reading one */
    BYO_CONN_BODY,
    BYO_CONN_BUSY, /* a worker has its request */
    BYO_CONN_HELD, /* a refusal that comes late, so that guessing is slow */
    BYO_CONN_WRITING,
    BYO_CONN_LINGERING,
    BYO_CONN_STREAM /* what happens is written as it happens */
} ByoConnState;

typedef struct {
    uint64_t number;
    ByoId after;     /* the last event it has had */
    ByoTime waiting; /* since when it has not read what there is; 0: it has */
    ByoTime written; /* last */
} ByoStream;

typedef struct ByoAdminConn {
    struct ByoAdminConn *next, **link;
    ByoAdmin *admin;
    struct bufferevent *bev;
    struct event *timer;
    char ip[64];
    char from[64]; /* ByoApiRequest.from */
    ByoConnState state;
    ByoTime since;   /* of the state, monotonic */
    size_t reserved; /* of the budget of bodies */
    bool admitted;   /* who may send its body */
    ByoAuthWho who;
    bool close_after, linger;
    ByoJob *job; /* what it waits for, or goes on with */
    ByoStream stream;
} ByoAdminConn;

typedef struct {
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *wake;
    ByoAdminConn *conns;
    int n;
    size_t bodies;         /* octets of bodies being read or worked on */
    ByoAdminConn *streams; /* not among conns */
    int n_streams;
    struct event *tick; /* while there are streams */
    int ticks;
    bool feeding; /* a worker makes what they get */
    ByoId fed;    /* the last event of that */
    int64_t told; /* ByoAdminActions.events_told then */
    uint64_t last_stream;
    int port;
    long thread;
} ByoAdminIo;

struct ByoAdmin {
    ByoAdminOptions opt;
    ByoStoreTarget store;
    ByoAuth *auth;
    ByoSessions *sessions;
    ByoAdminIo io;
    int wake_fd;
    long workers[BYO_ADMIN_WORKERS];

    pthread_mutex_t lock;
    pthread_cond_t more;
    ByoJob *jobs, **last_job; /* quick ones */
    ByoJob *slow, **last_slow;
    ByoJob *done, **last_done;
    char *allow_ip;       /* NULL: everybody */
    SSL_CTX *tls;         /* NULL: in the clear */
    bool stopping, ended; /* no new requests; all answers are on the done list */
};

void byo_admin_submit(ByoAdmin *a, ByoJob *j);
ByoJob *byo_admin_done(ByoAdmin *a); /* NULL: none */
bool byo_admin_stopping(ByoAdmin *a);
bool byo_admin_ended(ByoAdmin *a);
void byo_job_free(ByoJob *j);

/* Takes fd over; http.c. */
void byo_admin_conn_open(ByoAdmin *a, int fd, const char *ip, const char *from, SSL *tls);
void byo_admin_conn_free(ByoAdminConn *c);
void byo_admin_conn_enter(ByoAdminConn *c, ByoConnState state, ByoTime limit); /* limit 0: none */
void byo_admin_conn_submit(ByoAdminConn *c, ByoJob *j);

/* http_answer.c. chunks: an answer whose length is not known is given in these; else its end is that of the
 * connection. */
void byo_admin_answer_head(ByoAdminConn *c, const ByoApiResponse *r, bool chunks);
void byo_admin_answer(ByoAdminConn *c, const ByoApiResponse *r, bool head_only);
void byo_admin_answer_pieces(ByoAdminConn *c, ByoJob *j); /* the first; the job is the connection's own */
void byo_admin_answer_piece(ByoAdminConn *c, ByoJob *j);  /* the next */
/* Without its end, and so that a peer who knows the end by that of the connection sees it, too. */
void byo_admin_cut_off(ByoAdminConn *c);

/* http_stream.c. False: there are too many. */
bool byo_admin_stream_room(ByoAdmin *a, const char *user);
/* Its head is written: the connection is a stream from now on, and the job its own. */
void byo_admin_stream_begin(ByoAdminConn *c, ByoJob *j);
void byo_admin_stream_written(ByoAdminConn *c); /* it has read all there was */
void byo_admin_stream_missed(ByoAdminConn *c, ByoJob *j);
void byo_admin_stream_fed(ByoAdmin *a, ByoJob *j); /* takes the job over */
bool byo_admin_stream_create(ByoAdmin *a);

/* http_listen.c; NULL: *why_r. */
struct evconnlistener *byo_admin_listen(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r);
int byo_admin_listen_port(struct evconnlistener *l);

bool byo_admin_io_create(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r);
void byo_admin_io_start(ByoAdmin *a);
void byo_admin_io_join(ByoAdmin *a);
void byo_admin_io_destroy(ByoAdmin *a);

#endif
