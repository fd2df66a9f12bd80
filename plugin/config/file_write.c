/* SPDX-License-Identifier: BSD-3-Clause
 * Ownership and threads: file_write.h. */
#include "config/file_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

bool byo_file_put(int fd, ByoStr text)
{
    for (size_t at = 0; at < text.n;) {
        ssize_t n = write(fd, text.p + at, text.n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return fsync(fd) == 0;
}

bool byo_folder_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fine = fd >= 0 && fsync(fd) == 0;
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return fine;
}

bool byo_file_write(const ByoFileWrite *w, ByoStr text, const char **at_r)
{
    const char *at = w->temporary;
    bool fine = unlink(at) == 0 || errno == ENOENT;
    int fd = fine ? open(at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (fd >= 0)
        at = w->path;
    fine = fd >= 0 && (!w->dress || w->dress(w->arg, fd)) && byo_file_put(fd, text);
    int error = errno;
    if (fd >= 0 && close(fd) != 0 && fine) {
        error = errno;
        fine = false;
    }
    if (fine && rename(w->temporary, w->path) != 0) {
        error = errno;
        fine = false;
    }
    if (!fine && fd >= 0)
        unlink(w->temporary);
    if (at_r)
        *at_r = at;
    errno = error;
    return fine;
}
