/* SPDX-License-Identifier: BSD-3-Clause
 * Kept apart: gwlib.h forbids plain malloc in whatever includes it.
 * Ownership and threads: thread.h. */
#include "gwlib/gwlib.h"

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

long byo_thread_start(void (*run)(void *arg), void *arg)
{
    long t = gwthread_create(run, arg);
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
