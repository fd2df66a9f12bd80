/* SPDX-License-Identifier: BSD-3-Clause
 * What the I/O thread (http.c: connections; http_listen.c: who gets one) and the workers (workers.c) share.
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
    BYO_JOB_WHOLE, /* admit and serve */
    BYO_JOB_ADMIT, /* its body has not been read */
    BYO_JOB_SERVE, /* who was admitted */
    BYO_JOB_REST   /* the next piece of its answer */
} ByoJobStage;

/* A request on its way through a worker. */
typedef struct ByoJob {
    struct ByoJob *next;
    struct ByoAdminConn *conn; /* I/O thread only; NULL: the peer has gone */
    char *memory;              /* the texts of req */
    size_t length;             /* of memory */
    char ip[64], from[64];
    ByoJobStage stage;
    bool admitted;        /* ADMIT */
    bool expects;         /* 100 Continue */
    bool chunks;          /* ByoHttpHead.chunks */
    ByoPieceResult piece; /* REST */
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
    BYO_CONN_LINGERING
} ByoConnState;

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
    ByoJob
        *job; /* BUSY: a worker has it; HELD, WRITING (there is more of the answer): the connection's own */
} ByoAdminConn;

typedef struct {
    struct event_base *base;
    struct evconnlistener *listener;
    struct event *wake;
    ByoAdminConn *conns;
    int n;
    size_t bodies; /* octets of bodies being read or worked on */
    int port;
    long thread;
} ByoAdminIo;

struct ByoAdmin {
    ByoAdminOptions opt;
    char *store_path;
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

/* http_listen.c; NULL: *why_r. */
struct evconnlistener *byo_admin_listen(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r);
int byo_admin_listen_port(struct evconnlistener *l);

bool byo_admin_io_create(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r);
void byo_admin_io_start(ByoAdmin *a);
void byo_admin_io_join(ByoAdmin *a);
void byo_admin_io_destroy(ByoAdmin *a);

#endif
