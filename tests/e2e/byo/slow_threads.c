/* SPDX-License-Identifier: BSD-3-Clause
 * Loaded into smsbox by a test of the patches (LD_PRELOAD): threads begin their work late, and the first of them
 * last, as it may happen on a busy machine. BYO_THREAD_DELAY: milliseconds of the first, the n-th waits for the n-th
 * part of it. Threads: any; what a thread is started with is its own. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    void *(*start)(void *);
    void *arg;
    int number;
} Start;

static void *begin(void *p)
{
    Start s = *(Start *)p;
    const char *ms = getenv("BYO_THREAD_DELAY");
    free(p);
    usleep((useconds_t)(ms ? atoi(ms) : 0) * 1000 / (useconds_t)s.number);
    return s.start(s.arg);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    static int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    static atomic_int count;
    Start *s = malloc(sizeof *s);
    if (!next)
        next = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(
            RTLD_NEXT, "pthread_create");
    *s = (Start){start, arg, atomic_fetch_add(&count, 1) + 1};
    return next(thread, attr, begin, s);
}
