/* SPDX-License-Identifier: BSD-3-Clause
 * What the I/O thread (http.c) and the workers (workers.c) share.
 * Ownership and threads: http.c, workers.c. */
#ifndef BYO_ADMIN_HTTP_PRIVATE_H
#define BYO_ADMIN_HTTP_PRIVATE_H

#include <pthread.h>

#include "admin/http.h"
#include "admin/http_parse.h"

enum { BYO_ADMIN_WORKERS = 4 };

typedef struct ByoAdminIo ByoAdminIo;

/* A request on its way through a worker. */
typedef struct ByoJob {
    struct ByoJob *next;
    struct Conn *conn; /* I/O thread only; NULL: the peer has gone */
    char *memory;      /* the texts of req */
    char ip[64];
    ByoApiRequest req;
    ByoApiResponse resp;
} ByoJob;

struct ByoAdmin {
    ByoAdminOptions opt;
    char *store_path;
    ByoAuth *auth;
    ByoAdminIo *io;
    int wake_fd;
    long workers[BYO_ADMIN_WORKERS];

    pthread_mutex_t lock;
    pthread_cond_t more;
    ByoJob *jobs, **last_job, *done, **last_done;
    bool stopping, ended; /* no new requests; all answers are on the done list */
};

void byo_admin_submit(ByoAdmin *a, ByoJob *j);
ByoJob *byo_admin_done(ByoAdmin *a); /* NULL: none */
bool byo_admin_stopping(ByoAdmin *a);
bool byo_admin_ended(ByoAdmin *a);
void byo_job_free(ByoJob *j);

bool byo_admin_io_create(ByoAdmin *a, const ByoAdminOptions *opt, char **why_r);
void byo_admin_io_start(ByoAdmin *a);
void byo_admin_io_join(ByoAdmin *a);
void byo_admin_io_destroy(ByoAdmin *a);

#endif
