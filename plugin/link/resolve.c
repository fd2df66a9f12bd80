/* SPDX-License-Identifier: BSD-3-Clause
 * One thread that looks bearerbox's name up: the resolver of libc blocks for as long as name servers are silent,
 * and the link thread serves every smsbox meanwhile.
 * Ownership: ByoResolver owns its thread and texts. Threads: ask, take and destroy in the link thread (destroy:
 * or after it); found is called in the resolver's own; the lock guards what both touch. */
#include "link/link_private.h"

#include <netdb.h>
#include <stdlib.h>

#include "base/thread.h"

struct ByoResolver {
    char *host;
    char port[8];
    void (*found)(void *arg);
    void *arg;
    long thread;
    bool started;

    pthread_mutex_t lock;
    pthread_cond_t more;
    bool asked, answered, stop;
    size_t turn; /* which of the addresses is tried */
    ByoResolved answer;
};

static bool usable(const struct addrinfo *a, bool v4)
{
    return !v4 || a->ai_family == AF_INET;
}

/* The n-th (counted round) of the addresses; of the IPv4 ones where there are any. */
static const struct addrinfo *choose(const struct addrinfo *list, size_t n)
{
    size_t count = 0;
    bool v4 = false;
    for (const struct addrinfo *a = list; a; a = a->ai_next)
        v4 |= a->ai_family == AF_INET;
    for (const struct addrinfo *a = list; a; a = a->ai_next)
        count += usable(a, v4);
    if (!count)
        return list;
    n %= count;
    for (const struct addrinfo *a = list; a; a = a->ai_next)
        if (usable(a, v4) && n-- == 0)
            return a;
    return list;
}

static void look_up(ByoResolver *r, ByoResolved *out)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    *out = (ByoResolved){0};
    int e = getaddrinfo(r->host, r->port, &hints, &list);
    if (e != 0) {
        snprintf(out->why, sizeof out->why, "%s", gai_strerror(e));
        return;
    }
    pthread_mutex_lock(&r->lock);
    size_t turn = r->turn;
    pthread_mutex_unlock(&r->lock);
    const struct addrinfo *a = choose(list, turn);
    memcpy(&out->to, a->ai_addr, a->ai_addrlen);
    out->len = (int)a->ai_addrlen;
    freeaddrinfo(list);
}

static void run(void *arg)
{
    ByoResolver *r = arg;
    byo_thread_name("byo-resolve");
    pthread_mutex_lock(&r->lock);
    while (!r->stop) {
        if (!r->asked) {
            pthread_cond_wait(&r->more, &r->lock);
            continue;
        }
        r->asked = false;
        pthread_mutex_unlock(&r->lock);
        ByoResolved answer;
        look_up(r, &answer);
        pthread_mutex_lock(&r->lock);
        r->answer = answer;
        r->answered = true;
        pthread_mutex_unlock(&r->lock);
        r->found(r->arg);
        pthread_mutex_lock(&r->lock);
    }
    pthread_mutex_unlock(&r->lock);
}

ByoResolver *byo_resolver_create(const char *host, int port, void (*found)(void *arg), void *arg)
{
    ByoResolver *r = byo_zalloc(sizeof *r);
    r->host = byo_strdup(host);
    snprintf(r->port, sizeof r->port, "%d", port);
    r->found = found;
    r->arg = arg;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->more, NULL);
    return r;
}

void byo_resolver_start(ByoResolver *r)
{
    r->thread = byo_thread_start(run, r);
    r->started = true;
}

void byo_resolver_ask(ByoResolver *r)
{
    pthread_mutex_lock(&r->lock);
    r->asked = true;
    pthread_cond_signal(&r->more);
    pthread_mutex_unlock(&r->lock);
}

void byo_resolver_next(ByoResolver *r)
{
    pthread_mutex_lock(&r->lock);
    r->turn++;
    pthread_mutex_unlock(&r->lock);
}

bool byo_resolver_take(ByoResolver *r, ByoResolved *out)
{
    pthread_mutex_lock(&r->lock);
    bool have = r->answered;
    r->answered = false;
    *out = r->answer;
    pthread_mutex_unlock(&r->lock);
    return have;
}

void byo_resolver_destroy(ByoResolver *r)
{
    if (!r)
        return;
    if (r->started) {
        pthread_mutex_lock(&r->lock);
        r->stop = true;
        pthread_cond_signal(&r->more);
        pthread_mutex_unlock(&r->lock);
        byo_thread_join(r->thread);
    }
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->more);
    free(r->host);
    free(r);
}
