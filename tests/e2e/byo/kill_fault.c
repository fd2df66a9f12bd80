/* SPDX-License-Identifier: BSD-3-Clause
 * Loaded into byobox (LD_PRELOAD): kills it before the BYO_KILL_AT-th call that changes a file whose path holds
 * BYO_KILL_PATH, as kill -9 would (1: before the first one).
 * Threads: any; one atomic count. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_int calls;

static void step(const char *path)
{
    const char *part = getenv("BYO_KILL_PATH"), *at = getenv("BYO_KILL_AT");
    if (part && at && path && strstr(path, part) && atomic_fetch_add(&calls, 1) + 1 == atoi(at))
        raise(SIGKILL);
}

static void step_fd(int fd)
{
    char link[64], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, name, sizeof name - 1);
    name[n > 0 ? n : 0] = 0;
    step(name);
}

#define REAL(type, name, parameters) \
    static type(*real) parameters; \
    if (!real) \
    *(void **)&real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *p, size_t n)
{
    REAL(ssize_t, write, (int, const void *, size_t));
    step_fd(fd);
    return real(fd, p, n);
}

int fsync(int fd)
{
    REAL(int, fsync, (int));
    step_fd(fd);
    return real(fd);
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, (const char *, const char *));
    step(to);
    return real(from, to);
}

int unlink(const char *path)
{
    REAL(int, unlink, (const char *));
    step(path);
    return real(path);
}

static int open_any(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode)
{
    if (flags & O_CREAT)
        step(path);
    return real(path, flags, mode);
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
