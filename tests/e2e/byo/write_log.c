/* SPDX-License-Identifier: BSD-3-Clause
 * Loaded into bearerbox and smsbox by a test of the patches (LD_PRELOAD): notes what they write to TCP
 * connections, before it is written. BYO_WRITE_LOG: the file; a line for each write: own port, peer's port,
 * TCP_NODELAY, octets, the first four of them as a number.
 * Threads: any; nothing is kept. */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(int fd, const void *p, size_t n)
{
    const char *name = getenv("BYO_WRITE_LOG");
    struct sockaddr_in own, peer;
    socklen_t own_size = sizeof own, peer_size = sizeof peer;
    int nodelay, file;
    socklen_t size = sizeof nodelay;
    uint32_t head = 0;
    char line[80];
    if (!name || getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &size) != 0 ||
        getsockname(fd, (struct sockaddr *)&own, &own_size) != 0 ||
        getpeername(fd, (struct sockaddr *)&peer, &peer_size) != 0)
        return;
    memcpy(&head, p, n < sizeof head ? n : sizeof head);
    file = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0)
        return;
    int len = snprintf(line, sizeof line, "%d %d %d %zu %u\n", ntohs(own.sin_port), ntohs(peer.sin_port),
                       nodelay != 0, n, (unsigned)ntohl(head));
    syscall(SYS_write, file, line, (size_t)len);
    close(file);
}

ssize_t write(int fd, const void *p, size_t n)
{
    static ssize_t (*real)(int, const void *, size_t);
    int error = errno;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "write");
    note(fd, p, n);
    errno = error;
    return real(fd, p, n);
}
