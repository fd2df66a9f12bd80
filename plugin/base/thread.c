/* SPDX-License-Identifier: BSD-3-Clause
 * Kept apart: gwlib.h forbids plain malloc in whatever includes it.
 * Ownership and threads: thread.h. */
#include "gwlib/gwlib.h"

#include <openssl/crypto.h>
#include <sys/prctl.h>

#include "base/thread.h"

void byo_gw_start(void)
{
    gwlib_init();
}

void byo_gw_stop(void)
{
    gwlib_shutdown();
}

typedef struct {
    void (*run)(void *arg);
    void *arg;
} Start;

/* gwlib's threads are detached: one that was joined may still be at its end. What OpenSSL has of it goes before, for a process
 * that ends meanwhile frees what it would use. */
static void run_start(void *start)
{
    Start s = *(Start *)start;
    gw_free(start);
    s.run(s.arg);
    OPENSSL_thread_stop();
}

long byo_thread_start(void (*run)(void *arg), void *arg)
{
    Start *s = gw_malloc(sizeof *s);
    *s = (Start){run, arg};
    long t = gwthread_create(run_start, s);
    if (t < 0)
        panic(0, "no more threads");
    return t;
}

void byo_thread_name(const char *name)
{
    prctl(PR_SET_NAME, name);
}

void byo_thread_join(long thread)
{
    gwthread_join(thread);
}
