/* SPDX-License-Identifier: BSD-3-Clause
 * The workers of the admin API: each takes a request, runs it over a store reader of its own, hands the
 * answer back to the I/O thread. And the start and stop of the whole.
 * Ownership and threads: http_private.h. */
#include "admin/http_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/log.h"
#include "base/thread.h"

/* -- the two lists ------------------------------------------------------------------------------------*/

static void wake_io(ByoAdmin *a)
{
    uint64_t one = 1;
    while (write(a->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

void byo_admin_submit(ByoAdmin *a, ByoJob *j)
{
    ByoApi api = {.auth = a->auth};
    bool quick = j->stage >= BYO_JOB_REST || byo_api_is_quick(&api, &j->req, j->stage == BYO_JOB_SERVE);
    ByoJob ***last = quick ? &a->last_job : &a->last_slow;
    j->working = true;
    pthread_mutex_lock(&a->lock);
    **last = j;
    *last = &j->next;
    pthread_cond_broadcast(&a->more);
    pthread_mutex_unlock(&a->lock);
}

static ByoJob *take(ByoJob **first, ByoJob ***last)
{
    ByoJob *j = *first;
    if (!j)
        return NULL;
    *first = j->next;
    if (!*first)
        *last = first;
    j->next = NULL;
    return j;
}

/* NULL: it is over. */
static ByoJob *next_job(ByoAdmin *a, bool quick)
{
    ByoJob *j = NULL;
    pthread_mutex_lock(&a->lock);
    while (!j) {
        if (!quick)
            j = take(&a->slow, &a->last_slow);
        if (!j)
            j = take(&a->jobs, &a->last_job);
        if (j || a->stopping)
            break;
        pthread_cond_wait(&a->more, &a->lock);
    }
    pthread_mutex_unlock(&a->lock);
    return j;
}

static void hand_back(ByoAdmin *a, ByoJob *j)
{
    pthread_mutex_lock(&a->lock);
    *a->last_done = j;
    a->last_done = &j->next;
    pthread_mutex_unlock(&a->lock);
    wake_io(a);
}

ByoJob *byo_admin_done(ByoAdmin *a)
{
    pthread_mutex_lock(&a->lock);
    ByoJob *j = take(&a->done, &a->last_done);
    pthread_mutex_unlock(&a->lock);
    return j;
}

bool byo_admin_stopping(ByoAdmin *a)
{
    pthread_mutex_lock(&a->lock);
    bool is = a->stopping;
    pthread_mutex_unlock(&a->lock);
    return is;
}

bool byo_admin_ended(ByoAdmin *a)
{
    pthread_mutex_lock(&a->lock);
    bool is = a->ended;
    pthread_mutex_unlock(&a->lock);
    return is;
}

void byo_job_free(ByoJob *j)
{
    byo_api_response_free(&j->resp);
    if (j->events)
        byo_buf_free(&j->events->text);
    free(j->events);
    if (j->feed) {
        byo_buf_free(&j->feed->text);
        free(j->feed->checks);
    }
    free(j->feed);
    /* Head or body held a password. */
    if (j->memory)
        OPENSSL_cleanse(j->memory, j->length);
    free(j->memory);
    free(j);
}

/* -- a worker -----------------------------------------------------------------------------------------*/

/* A database that the flow does not reach is not asked for a session: a worker would stand still for as long as that
 * takes to fail, and with it what needs no store. */
static bool reached(ByoAdmin *a)
{
    ByoAdminHealth h = {0};
    if (a->store.kind != BYO_STORE_PGSQL)
        return true;
    a->opt.actions.health(a->opt.actions.arg, &h);
    return h.store != BYO_STORE_IO && h.store != BYO_STORE_UNKNOWN;
}

/* The reader, opened again when another store stands at its place. */
static ByoStore *reader(ByoAdmin *a, ByoStore **store)
{
    if (*store && byo_store_current(*store))
        return *store;
    byo_store_close(*store);
    *store = NULL;
    if (!reached(a))
        return NULL;
    ByoStoreResult result;
    char *why = NULL;
    *store = byo_store_open_reader(&a->store, &result, &why);
    if (!*store && result != BYO_STORE_NONE)
        byo_log_warning("admin port: the store cannot be read: %s", why);
    free(why);
    return *store;
}

/* Whether who has asked may go on having what he asked for; who->can is what he may do now. */
static bool goes_on(ByoAdmin *a, const ByoAdminUsers *users, unsigned needs, ByoAuthWho *who)
{
    return byo_auth_still(a->auth, users, who) && (who->can & needs) &&
           (!who->session || byo_session_lives(a->sessions, who->session, byo_monotonic()));
}

static void next_piece(ByoAdmin *a, ByoJob *j, ByoStore **r)
{
    ByoAdminUsers users = {0};
    ByoApiRest *rest = &j->resp.rest;
    byo_buf_clear(&j->resp.body);
    a->opt.users(a->opt.users_arg, &users);
    bool may = goes_on(a, &users, j->resp.needs, &j->who);
    byo_admin_users_free(&users);
    j->piece = !may ? BYO_PIECE_BROKEN : rest->next(rest->arg, reader(a, r), byo_now(), &j->resp.body);
}

/* NULL when the store cannot be read. */
static void read_events(ByoAdmin *a, ByoJob *j, ByoStore **r)
{
    ByoStore *store = reader(a, r);
    if (!store)
        return;
    j->events = byo_zalloc(sizeof *j->events);
    if (byo_api_stream_events(store, j->after, j->events))
        return;
    byo_buf_free(&j->events->text);
    free(j->events);
    j->events = NULL;
}

static void make_status(ByoAdmin *a, ByoFeed *f)
{
    ByoAdminUsers users = {0};
    a->opt.users(a->opt.users_arg, &users);
    for (size_t i = 0; i < f->n; i++)
        f->checks[i].over = !goes_on(a, &users, BYO_CAN_STATUS | BYO_CAN_EVENTS, &f->checks[i].who);
    byo_admin_users_free(&users);
    byo_api_stream_status(&a->opt.actions, &f->text);
}

/* Admits, serves, or both. */
static void handle(ByoAdmin *a, ByoJob *j, ByoStore **r)
{
    ByoAdminUsers users = {0};
    j->req.now = byo_now();
    j->req.monotonic = byo_monotonic();
    ByoApi api = {.actions = &a->opt.actions, .auth = a->auth, .sessions = a->sessions, .users = &users};
    a->opt.users(a->opt.users_arg, &users);
    if (j->stage != BYO_JOB_SERVE)
        j->admitted = byo_api_admit(&api, &j->req, &j->who, &j->resp);
    if (j->stage == BYO_JOB_SERVE || (j->stage == BYO_JOB_WHOLE && j->admitted)) {
        api.reader = byo_api_reads(&j->req) ? reader(a, r) : NULL;
        byo_api_serve(&api, &j->req, &j->who, &j->resp);
    }
    byo_admin_users_free(&users);
    byo_log_debug("admin: %s %.*s %.*s -> %d", j->ip, BYO_PF(j->req.method), BYO_PF(j->req.path),
                  j->resp.status);
}

static void work(ByoAdmin *a, ByoJob *j, ByoStore **r)
{
    switch (j->stage) {
    case BYO_JOB_REST:
        next_piece(a, j, r);
        break;
    case BYO_JOB_FEED:
        if (j->feed->status)
            make_status(a, j->feed);
        read_events(a, j, r);
        break;
    case BYO_JOB_MISSED:
        read_events(a, j, r);
        break;
    default:
        handle(a, j, r);
    }
}

static void work_all(ByoAdmin *a, bool quick)
{
    ByoStore *r = NULL;
    byo_thread_name("byo-admin-work");
    for (ByoJob *j; (j = next_job(a, quick)) != NULL;) {
        work(a, j, &r);
        hand_back(a, j);
    }
    byo_store_close(r);
}

static void run_any(void *arg)
{
    work_all(arg, false);
}

static void run_quick(void *arg)
{
    work_all(arg, true);
}

/* -- start and stop -----------------------------------------------------------------------------------*/

static void free_jobs(ByoJob *j)
{
    while (j) {
        ByoJob *next = j->next;
        byo_job_free(j);
        j = next;
    }
}

static void destroy(ByoAdmin *a)
{
    free_jobs(a->jobs);
    free_jobs(a->slow);
    free_jobs(a->done);
    byo_admin_io_destroy(a);
    byo_auth_destroy(a->auth);
    byo_sessions_destroy(a->sessions);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->more);
    byo_store_target_free(&a->store);
    free(a);
}

ByoAdmin *byo_admin_start(const ByoAdminOptions *opt, char **why_r)
{
    ByoAdmin *a = byo_zalloc(sizeof *a);
    a->opt = *opt;
    a->opt.interface = a->opt.allow_ip = a->opt.cert_file = a->opt.key_file = NULL;
    a->opt.store = (ByoStoreTarget){0};
    a->store = byo_store_target_copy(&opt->store);
    a->last_job = &a->jobs;
    a->last_slow = &a->slow;
    a->last_done = &a->done;
    a->wake_fd = -1;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->more, NULL);
    a->auth = byo_auth_create();
    a->sessions = byo_sessions_create();
    if (!a->auth)
        *why_r = byo_strdup("the system gave no random numbers for the admin port");
    if (!a->auth || !byo_admin_io_create(a, opt, why_r)) {
        destroy(a);
        return NULL;
    }
    for (int i = 0; i < BYO_ADMIN_WORKERS; i++)
        a->workers[i] = byo_thread_start(i < BYO_ADMIN_QUICK ? run_quick : run_any, a);
    byo_admin_io_start(a);
    return a;
}

void byo_admin_stop(ByoAdmin *a)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->lock);
    a->stopping = true;
    pthread_cond_broadcast(&a->more);
    pthread_mutex_unlock(&a->lock);
    wake_io(a);
    for (int i = 0; i < BYO_ADMIN_WORKERS; i++)
        byo_thread_join(a->workers[i]);
    pthread_mutex_lock(&a->lock);
    a->ended = true;
    pthread_mutex_unlock(&a->lock);
    wake_io(a);
    byo_admin_io_join(a);
    destroy(a);
}
