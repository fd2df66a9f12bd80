/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: see files.h. Ownership: buffers belong to the caller. Threads: none. */
#include "config/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"

const char *byo_file_hint(int error)
{
    return (error == EACCES || error == EPERM) && geteuid() != 0 ? "; needs sudo?" : "";
}

static bool read_all(int fd, off_t size, size_t max, ByoBuf *text, ByoBuf *why)
{
    /* One octet more than expected: a file that grows meanwhile is noticed without moving the buffer. */
    size_t room = (size_t)size + 1, got = 0;
    ssize_t n;

    byo_buf_need(text, room);
    while (got < room) {
        n = read(fd, text->p + text->n, room - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            byo_buf_addf(why, "it cannot be read: %s%s", strerror(errno), byo_file_hint(errno));
            return false;
        }
        if (n == 0)
            break;
        got += (size_t)n;
        text->n += (size_t)n;
        text->p[text->n] = 0;
    }
    if (got > max || got == room) {
        byo_buf_addf(why, "it is larger than %zu octets", got > max ? max : (size_t)size);
        return false;
    }
    return true;
}

static uid_t judged_as = (uid_t)-1;

void byo_secret_files_of(uid_t user)
{
    judged_as = user;
}

/* NULL: the user may read it, and nobody else's mistake can change it. */
static const char *owner_fault(const struct stat *st)
{
    uid_t user = judged_as == (uid_t)-1 ? geteuid() : judged_as;

    if (st->st_uid != user && st->st_uid != 0)
        return "it belongs to another user: it must belong to the user byobox runs as, or to root";
    if (user != geteuid() && st->st_uid != user)
        return "it belongs to root alone, and byobox runs as another user, who could not read it: chown it";
    return NULL;
}

static bool file_read(const char *path, size_t max, bool secret, int flags, ByoBuf *text, ByoBuf *why)
{
    struct stat st;
    bool good = false;
    /* Not blocking: a FIFO without a writer must not hold the program up. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | flags);

    if (fd < 0) {
        byo_buf_addf(why, "it cannot be opened: %s%s", strerror(errno), byo_file_hint(errno));
        return false;
    }
    if (fstat(fd, &st) < 0)
        byo_buf_addf(why, "it cannot be read: %s%s", strerror(errno), byo_file_hint(errno));
    else if (!S_ISREG(st.st_mode))
        byo_buf_adds(why, "it is not a regular file");
    else if ((uintmax_t)st.st_size > max)
        byo_buf_addf(why, "it is larger than %zu octets", max);
    else if (secret && owner_fault(&st))
        byo_buf_adds(why, owner_fault(&st));
    else if (secret && (st.st_mode & 077))
        byo_buf_addf(why, "others may read or change it (mode %03o): chmod 600 it",
                     (unsigned)st.st_mode & 0777);
    else
        good = read_all(fd, st.st_size, max, text, why);
    close(fd);
    return good;
}

bool byo_file_read(const char *path, size_t max, ByoBuf *text, ByoBuf *why)
{
    return file_read(path, max, false, 0, text, why);
}

bool byo_file_read_itself(const char *path, size_t max, ByoBuf *text, ByoBuf *why)
{
    return file_read(path, max, false, O_NOFOLLOW, text, why);
}

bool byo_secret_file_read(const char *path, size_t max, ByoBuf *text, ByoBuf *why)
{
    return file_read(path, max, true, 0, text, why);
}

char *byo_secret_file_line(const char *path, size_t max, ByoBuf *why)
{
    ByoBuf text = {0};
    char *line = NULL;

    if (byo_secret_file_read(path, max, &text, why)) {
        ByoStr s = byo_buf_str(&text);
        const char *end = s.n ? memchr(s.p, '\n', s.n) : NULL;
        if (end)
            s.n = (size_t)(end - s.p);
        if (s.n && s.p[s.n - 1] == '\r')
            s.n--;
        if (s.n == 0)
            byo_buf_adds(why, "its first line is empty");
        else if (memchr(s.p, 0, s.n))
            byo_buf_adds(why, "a NUL octet stands in its first line");
        else
            line = byo_str_dup(s);
    }
    if (text.p)
        OPENSSL_cleanse(text.p, text.cap);
    byo_buf_free(&text);
    return line;
}

char *byo_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return byo_strdup(".");
    while (slash > path && slash[-1] == '/')
        slash--;
    return slash == path ? byo_strdup("/") : byo_str_dup(byo_strn(path, (size_t)(slash - path)));
}

char *byo_path_beside(const char *file, const char *path)
{
    if (!path)
        return NULL;
    if (path[0] == '/' || !strchr(file, '/'))
        return byo_strdup(path);
    char *folder = byo_path_folder(file);
    char *joined = byo_printf("%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path);
    free(folder);
    return joined;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool byo_path_same(const char *a, const char *b)
{
    struct stat sa, sb;
    bool same;

    if (strcmp(a, b) == 0)
        return true;
    if (stat(a, &sa) == 0)
        return stat(b, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
    if (strcmp(base_name(a), base_name(b)) != 0)
        return false;
    char *fa = byo_path_folder(a), *fb = byo_path_folder(b);
    same = stat(fa, &sa) == 0 && stat(fb, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
    free(fa);
    free(fb);
    return same;
}

static bool source_skip(void *arg, const char *path)
{
    const ByoConfigFiles *files = arg;
    return files->smsc_conf && byo_path_same(path, files->smsc_conf);
}

const ByoFileText *byo_config_text(const ByoConfigFiles *files, const char *path)
{
    for (size_t k = 0; k < files->n; k++)
        if (byo_path_same(path, files->texts[k].path))
            return &files->texts[k];
    for (size_t k = 0; k < files->n_pending; k++)
        if (byo_path_same(path, files->pending[k].path))
            return &files->pending[k];
    return NULL;
}

bool byo_config_file_read(const ByoConfigFiles *files, const char *path, size_t max, ByoBuf *text,
                          ByoBuf *why)
{
    const ByoFileText *t = byo_config_text(files, path);
    if (!t)
        return byo_file_read(path, max, text, why);
    if (!t->text.p)
        byo_buf_addf(why, "it cannot be opened: %s", strerror(ENOENT));
    else
        byo_buf_add(text, t->text.p, t->text.n);
    return t->text.p != NULL;
}

static bool source_read(void *arg, const char *path, ByoBuf *text, ByoBuf *why)
{
    return byo_config_file_read(arg, path, BYO_CONFIG_FILE_MAX, text, why);
}

static int not_a_folder(const char *folder, const char *name)
{
    struct stat st;
    char *path = byo_printf("%s/%s", folder, name);
    int is = lstat(path, &st) == 0 && !S_ISDIR(st.st_mode);
    free(path);
    return is;
}

static bool expand_folder(const char *folder, void (*add)(void *add_arg, const char *path), void *add_arg,
                          ByoBuf *why)
{
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);

    if (n < 0) {
        byo_buf_addf(why, "the folder cannot be read: %s", strerror(errno));
        return false;
    }
    for (int k = 0; k < n; k++) {
        if (not_a_folder(folder, names[k]->d_name)) {
            char *path = byo_printf("%s/%s", folder, names[k]->d_name);
            add(add_arg, path);
            free(path);
        }
        free(names[k]);
    }
    free(names);
    return true;
}

static bool source_expand(void *arg, const char *from, const char *include,
                          void (*add)(void *add_arg, const char *path), void *add_arg, ByoBuf *why)
{
    struct stat st, target;
    bool good = true;
    char *path = byo_path_beside(from, include);

    if (lstat(path, &st) < 0 && errno == ENOENT && !source_skip(arg, path)) {
        free(path);
        path = byo_strdup(include);
    }
    /* NOLINTNEXTLINE(bugprone-branch-clone) the first is asked before the file is looked at */
    if (source_skip(arg, path)) {
        add(add_arg, path);
    } else if (lstat(path, &st) < 0) {
        byo_buf_addf(why, "it cannot be opened: %s%s", strerror(errno), byo_file_hint(errno));
        good = false;
    } else if (S_ISDIR(st.st_mode)) {
        good = expand_folder(path, add, add_arg, why);
    } else if (S_ISLNK(st.st_mode) && stat(path, &target) == 0 && S_ISDIR(target.st_mode)) {
        byo_buf_adds(why,
                     "it is a symbolic link to a folder, through which bearerbox reads nothing: name the "
                     "folder itself");
        good = false;
    } else {
        add(add_arg, path);
    }
    free(path);
    return good;
}

ByoConfigSource byo_config_files(ByoConfigFiles *files)
{
    return (ByoConfigSource){.read = source_read, .expand = source_expand, .skip = source_skip, .arg = files};
}
