/* SPDX-License-Identifier: BSD-3-Clause
 * Loaded into byobox (LD_PRELOAD): kills it before the BYO_KILL_AT-th call that changes a file whose path holds
 * BYO_KILL_PATH, as kill -9 would (1: before the first one). With BYO_KILL_NOT = N it is not killed: that call and the
 * N - 1 after it fail with EIO, as on a disk that breaks.
 * Threads: any; one atomic count. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int calls;

/* False: this call is to fail, and errno says so. */
static bool step(const char *path)
{
    const char *part = getenv("BYO_KILL_PATH"), *at = getenv("BYO_KILL_AT"), *fail = getenv("BYO_KILL_NOT");
    if (!part || !at || !path || !strstr(path, part))
        return true;
    int call = atomic_fetch_add(&calls, 1) + 1, first = atoi(at);
    if (!fail && call == first)
        raise(SIGKILL);
    errno = EIO;
    return !fail || call < first || call - first >= atoi(fail);
}

static bool step_fd(int fd)
{
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, name, sizeof name - 1);
    name[n > 0 ? n : 0] = 0;
    return step(name);
}

#define REAL(type, name, parameters) \
    static type(*real) parameters; \
    if (!real) \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *p, size_t n)
{
    REAL(ssize_t, write, (int, const void *, size_t));
    return step_fd(fd) ? real(fd, p, n) : -1;
}

int fsync(int fd)
{
    REAL(int, fsync, (int));
    return step_fd(fd) ? real(fd) : -1;
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, (const char *, const char *));
    return step(to) ? real(from, to) : -1;
}

int unlink(const char *path)
{
    REAL(int, unlink, (const char *));
    return step(path) ? real(path) : -1;
}

static int open_any(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode)
{
    return !(flags & O_CREAT) || step(path) ? real(path, flags, mode) : -1;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        REAL(int, name, (const char *, int, ...)); \
        va_list ap; \
        va_start(ap, flags); \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, mode_t) : 0; \
        va_end(ap); \
        return open_any(real, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
