/* SPDX-License-Identifier: BSD-3-Clause
 * Asking gwlib's own configuration reader, which bearerbox and smsbox use: it ends the process on some faults and
 * says what is wrong on standard error only, so it runs in a child.
 * Ownership: none kept. Threads: the caller's process has one. */
#include "byoctl/kannel.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gwlib/gwlib.h"

static void read_as_bearerbox(const char *path, int out)
{
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    gwlib_init();
    log_set_output_level(GW_ERROR);
    Cfg *cfg = cfg_create(octstr_imm(path));
    _exit(cfg_read(cfg) == 0 ? 0 : 1);
}

/* The sentences of gwlib's log lines ("TIME [pid] [thread] ERROR: TEXT"), without its line numbers: they count in
 * a file that holds all included ones. */
static void take_sentences(const ByoBuf *log, ByoBuf *said)
{
    for (char *save = NULL, *line = strtok_r(log->p, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        const char *text = strstr(line, "ERROR: ");
        if (!text)
            text = strstr(line, "PANIC: ");
        if (text && !strstr(text, "Error found on line"))
            byo_buf_addf(said, "%s%s", said->n ? "; " : "", text + strlen("ERROR: "));
    }
    if (said->n == 0)
        byo_buf_adds(said, "it gives no reason");
}

static bool write_all(int fd, ByoStr text)
{
    for (size_t at = 0; at < text.n;) {
        ssize_t n = write(fd, text.p + at, text.n - at);
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool ask(const char *path, ByoBuf *said)
{
    int ends[2], status = 0;
    ByoBuf log = {0};
    char part[4096];

    if (pipe(ends) != 0)
        return byo_buf_addf(said, "a pipe cannot be made: %s", strerror(errno)), false;
    pid_t child = fork();
    if (child == 0)
        read_as_bearerbox(path, ends[1]);
    close(ends[1]);
    for (ssize_t n; child > 0 && (n = read(ends[0], part, sizeof part)) > 0;)
        if (log.n < 65536)
            byo_buf_add(&log, part, (size_t)n);
    close(ends[0]);
    bool takes =
        child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!takes && log.p)
        take_sentences(&log, said);
    byo_buf_free(&log);
    return takes;
}

int byo_kannel_unnamed(ByoStr text)
{
    int fd = memfd_create("kannel.conf", 0);

    if (fd >= 0 && !write_all(fd, text)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool byo_kannel_reader_takes(ByoStr text, ByoBuf *said)
{
    char path[64];
    int fd = byo_kannel_unnamed(text);

    if (fd < 0)
        return byo_buf_addf(said, "it cannot be shown to it: %s", strerror(errno)), false;
    snprintf(path, sizeof path, BYO_KANNEL_UNNAMED, fd);
    bool takes = ask(path, said);
    close(fd);
    return takes;
}
