/* SPDX-License-Identifier: BSD-3-Clause
 * Reading smsc-ID.log as it grows; gw/smsc/smsc_smpp.c, gwlib/socket.c and gwlib/conn.c say what can stand in it.
 * Ownership and threads: link_log.h. */
#include "link/link_log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TAIL = 64 * 1024, LINE_MAX_KEPT = 2048 };

/* -- creating -----------------------------------------------------------------------------------------*/

/* The folder's group came with its setgid bit; else the group of a file both use already. */
static void share(int fd, const char *path, const char *like)
{
    struct stat folder, other;
    char *copy = byo_strdup(path);
    bool setgid = stat(dirname(copy), &folder) == 0 && (folder.st_mode & S_ISGID);
    free(copy);
    if (stat(like, &other) != 0)
        return;
    if (fchown(fd, geteuid() == 0 ? other.st_uid : (uid_t)-1, setgid ? (gid_t)-1 : other.st_gid) != 0)
        errno = 0; /* not ours to give: the mode decides */
}

bool byo_link_log_create(const char *path, const char *like, char why[200])
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (fd < 0) {
        if (errno == EEXIST)
            return true;
        snprintf(why, 200, "%s, bearerbox's log of the link, cannot be created: %s", path, strerror(errno));
        return false;
    }
    share(fd, path, like);
    if (fchmod(fd, 0660) != 0)
        errno = 0;
    close(fd);
    return true;
}

/* -- a line -------------------------------------------------------------------------------------------*/

static bool has(ByoStr line, const char *what)
{
    return memmem(line.p, line.n, what, strlen(what)) != NULL;
}

static ByoLinkFault fault_of(ByoStr line)
{
    static const struct {
        const char *part;
        ByoLinkFault fault;
    } parts[] = {{"SMSC rejected login", BYO_LINK_FAULT_REJECTED},
                 {"gethostbyname", BYO_LINK_FAULT_RESOLVE},
                 {"SSL", BYO_LINK_FAULT_TLS},
                 {"ertificate", BYO_LINK_FAULT_TLS},
                 {"Connection refused", BYO_LINK_FAULT_CONNECT},
                 {"timed out", BYO_LINK_FAULT_CONNECT},
                 {"unreachable", BYO_LINK_FAULT_CONNECT},
                 {"No route to host", BYO_LINK_FAULT_CONNECT},
                 {"Cannot assign requested address", BYO_LINK_FAULT_CONNECT},
                 {"reset by peer", BYO_LINK_FAULT_CLOSED},
                 {"Broken pipe", BYO_LINK_FAULT_CLOSED},
                 {"Error reading from fd", BYO_LINK_FAULT_CLOSED},
                 {"I/O error", BYO_LINK_FAULT_CLOSED}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (has(line, parts[i].part))
            return parts[i].fault;
    return BYO_LINK_FAULT_OTHER;
}

/* "2026-11-28 14:52:01 [7765] [8] ERROR: TEXT"; false: no line that tells of a fault. */
static bool read_line(ByoStr line, ByoStr *when_r, ByoStr *text_r)
{
    static const char *const levels[] = {"] ERROR: ", "] PANIC: "};
    for (size_t i = 0; i < 2; i++) {
        const char *at = memmem(line.p, line.n, levels[i], strlen(levels[i]));
        if (!at)
            continue;
        at += strlen(levels[i]);
        *text_r = byo_strn(at, line.n - (size_t)(at - line.p));
        *when_r = line.n > 19 && line.p[4] == '-' && line.p[13] == ':' ? byo_strn(line.p, 19) : BYO_STR("");
        return true;
    }
    return false;
}

/* A carrier's name or a damaged file may hold anything. */
static void copy_masked(char *out, size_t room, ByoStr text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n && n + 1 < room; i++) {
        unsigned char c = (unsigned char)text.p[i];
        out[n++] = c < 0x20 || c >= 0x7f ? '.' : (char)c;
    }
    out[n] = 0;
}

static void tell(ByoLinkError *e, ByoLinkFault fault, ByoStr when, ByoStr text)
{
    static const char *const says[] = {
        [BYO_LINK_FAULT_OTHER] = "",
        [BYO_LINK_FAULT_CLOSED] = "the connection was closed: ",
        [BYO_LINK_FAULT_CONNECT] = "no connection: ",
        [BYO_LINK_FAULT_TLS] = "TLS failed: ",
        [BYO_LINK_FAULT_RESOLVE] = "the name of smsc-address cannot be resolved: ",
        [BYO_LINK_FAULT_REJECTED] = "the carrier refused the bind: ",
    };
    e->fault = fault;
    copy_masked(e->when, sizeof e->when, when);
    size_t n = (size_t)snprintf(e->text, sizeof e->text, "%s", says[fault]);
    copy_masked(e->text + n, sizeof e->text - n, text);
    const char *code = strstr(e->text, "code 0x");
    e->status = fault == BYO_LINK_FAULT_REJECTED && code ? (int64_t)strtoul(code + 7, NULL, 16) : -1;
}

void byo_link_log_line(ByoLinkLog *l, ByoStr line)
{
    ByoStr when, text;
    if (!read_line(line, &when, &text))
        return;
    ByoLinkFault fault = fault_of(text);
    bool over = has(text, "Couldn't connect to SMS center"); /* ends each attempt that failed */
    if (fault > l->attempt.fault || (fault == l->attempt.fault && !over))
        tell(&l->attempt, fault, when, text);
    if (fault == BYO_LINK_FAULT_REJECTED && l->attempt.status > 0) {
        l->rejected_status = l->attempt.status;
        l->rejected++;
    }
    if (!over)
        return;
    l->last = l->attempt;
    l->attempt = (ByoLinkError){.status = -1};
}

const ByoLinkError *byo_link_log_error(const ByoLinkLog *l)
{
    return l->attempt.fault >= l->last.fault || l->attempt.fault > BYO_LINK_FAULT_OTHER ? &l->attempt
                                                                                        : &l->last;
}

void byo_link_log_fine(ByoLinkLog *l)
{
    l->attempt = l->last = (ByoLinkError){.status = -1};
}

/* -- the file -----------------------------------------------------------------------------------------*/

static void take_in(ByoLinkLog *l, const char *p, size_t n)
{
    while (n) {
        const char *end = memchr(p, '\n', n);
        size_t part = end ? (size_t)(end - p) : n;
        if (l->part.n < LINE_MAX_KEPT)
            byo_buf_add(&l->part, p, part);
        if (end) {
            byo_link_log_line(l, byo_buf_str(&l->part));
            byo_buf_clear(&l->part);
            part++;
        }
        p += part;
        n -= part;
    }
}

/* Another file than the one read last (rotated), or one that was cut. */
static void find_place(ByoLinkLog *l, const struct stat *st)
{
    bool same =
        l->looked && l->error == 0 && st->st_dev == l->dev && st->st_ino == l->ino && st->st_size >= l->at;
    if (!same) {
        l->at = 0;
        byo_buf_clear(&l->part);
    }
    if (st->st_size - l->at > TAIL) {
        l->at = st->st_size - TAIL;
        byo_buf_clear(&l->part);
    }
    l->dev = st->st_dev;
    l->ino = st->st_ino;
}

void byo_link_log_look(ByoLinkLog *l, const char *path)
{
    char buf[16384];
    struct stat st;
    bool first = !l->looked;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    l->rejected = 0;
    if (first)
        byo_link_log_fine(l);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        l->error = fd < 0 ? errno : EINVAL;
        if (fd >= 0)
            close(fd);
        l->looked = true;
        return;
    }
    find_place(l, &st);
    for (ssize_t n; l->at < st.st_size && (n = pread(fd, buf, sizeof buf, l->at)) > 0; l->at += n)
        take_in(l, buf, (size_t)n);
    close(fd);
    l->looked = true;
    l->error = 0;
    if (first)
        l->rejected = 0; /* of before byobox was started */
}

void byo_link_log_free(ByoLinkLog *l)
{
    byo_buf_free(&l->part);
    memset(l, 0, sizeof *l);
}
