/* SPDX-License-Identifier: BSD-3-Clause
 * Loaded into byobox by the tests of the disk (LD_PRELOAD): makes writing to some files fail or wait.
 * BYO_FAULT_PATH: a part of the names of the files. BYO_FAULT: a file that says what happens now: nothing,
 * "ENOSPC", "EROFS", "EIO", or "hang" (every write waits until it says something else).
 * Threads: any; nothing is kept. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 0: go on; else the errno. */
static int fault_of(int fd)
{
    const char *part = getenv("BYO_FAULT_PATH"), *control = getenv("BYO_FAULT");
    char link[64], name[4096], word[32];
    if (!part || !control)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, name, sizeof name - 1);
    if (n <= 0)
        return 0;
    name[n] = 0;
    if (!strstr(name, part))
        return 0;
    for (;;) {
        int file = open(control, O_RDONLY | O_CLOEXEC);
        n = file < 0 ? 0 : syscall(SYS_read, file, word, sizeof word - 1);
        if (file >= 0)
            close(file);
        word[n > 0 ? n : 0] = 0;
        if (strcmp(word, "hang") != 0)
            break;
        usleep(10000);
    }
    return strcmp(word, "ENOSPC") == 0  ? ENOSPC
           : strcmp(word, "EROFS") == 0 ? EROFS
           : strcmp(word, "EIO") == 0   ? EIO
                                        : 0;
}

#define FAULTY(type, name, parameters, fd, arguments) \
    type name parameters; \
    type name parameters \
    { \
        static type(*real) parameters; \
        if (!real) \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        int error = fault_of(fd); \
        if (error) { \
            errno = error; \
            return -1; \
        } \
        return real arguments; \
    }

FAULTY(ssize_t, write, (int fd, const void *p, size_t n), fd, (fd, p, n))
FAULTY(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at), fd, (fd, p, n, at))
FAULTY(ssize_t, pwrite64, (int fd, const void *p, size_t n, off64_t at), fd, (fd, p, n, at))
FAULTY(int, ftruncate, (int fd, off_t n), fd, (fd, n))
FAULTY(int, ftruncate64, (int fd, off64_t n), fd, (fd, n))
FAULTY(int, fsync, (int fd), fd, (fd))
FAULTY(int, fdatasync, (int fd), fd, (fd))
