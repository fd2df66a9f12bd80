/* SPDX-License-Identifier: BSD-3-Clause
 * Replacing files: all of them or none, as far as the disk lets, with the ones before beside them.
 * Ownership and threads: kannel.h. */
#include "byoctl/kannel.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "byoctl/kannel_text.h"
#include "config/file_write.h"
#include "config/files.h"

/* Access lists, and what else a file has beside owner and mode. Labels of a security module are its own matter. */
static bool bring_attributes(const char *like, int fd)
{
    char names[65536], value[65536];
    ssize_t n = listxattr(like, names, sizeof names);

    if (n < 0)
        return errno == ENOTSUP;
    for (const char *name = names; name < names + n; name += strlen(name) + 1) {
        ssize_t size = getxattr(like, name, value, sizeof value);
        if ((size < 0 || fsetxattr(fd, name, value, (size_t)size, 0) != 0) &&
            strncmp(name, "security.", strlen("security.")) != 0)
            return false;
    }
    return true;
}

/* A file to be put with mode, owner and access list of another. */
typedef struct {
    const char *like, *path;
    ByoFaults *why;
    bool refused; /* and said why */
} Put;

static bool as_like(void *arg, int fd)
{
    Put *p = arg;
    struct stat st;

    if (stat(p->like, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0 &&
        fchmod(fd, st.st_mode & 07777) == 0 && bring_attributes(p->like, fd))
        return true;
    byo_fault_add(p->why, BYO_FAULT_ERROR, p->path, 0, 0,
                  "owner, mode and access list of %s cannot be given to it: %s%s", p->like, strerror(errno),
                  byo_file_hint(errno));
    p->refused = true;
    return false;
}

static bool put(const char *path, const char *temporary, ByoStr text, const char *like, ByoFaults *why)
{
    Put p = {.like = like, .path = path, .why = why};
    ByoFileWrite w = {.path = path, .temporary = temporary, .dress = as_like, .arg = &p};
    bool fine = byo_file_write(&w, text, NULL);

    if (!fine && !p.refused)
        byo_fault_add(why, BYO_FAULT_ERROR, path, 0, 0, "it cannot be written: %s%s", strerror(errno),
                      byo_file_hint(errno));
    return fine;
}

static bool changes(const ByoKannelFile *f)
{
    return !byo_str_eq(byo_buf_str(&f->old), byo_buf_str(&f->new));
}

/* Beside its backup, which is never in a folder that is included. */
static char *temporary_of(const ByoKannelFile *f)
{
    return byo_printf("%s.new", f->backup);
}

static bool replace(const ByoKannelFile *f, const char *path, ByoStr text, ByoFaults *why)
{
    char *temporary = temporary_of(f);
    bool fine = put(path, temporary, text, f->path, why);

    free(temporary);
    return fine;
}

/* The file as it was before byobox: one that has byobox's changes already is not kept over it. */
static bool keep(const ByoKannelFile *f, ByoFaults *why)
{
    struct stat old;
    if (byo_kannel_text_marked(byo_buf_str(&f->old)) && stat(f->backup, &old) == 0)
        return true;
    return replace(f, f->backup, byo_buf_str(&f->old), why);
}

/* What somebody wrote into a file meanwhile is not written over. */
static bool as_it_was(const ByoKannelFile *f, ByoFaults *why)
{
    ByoBuf now = {0}, reason = {0};
    bool same = byo_file_read(f->path, BYO_CONFIG_FILE_MAX, &now, &reason) &&
                byo_str_eq(byo_buf_str(&now), byo_buf_str(&f->old));
    if (!same)
        byo_fault_add(why, BYO_FAULT_ERROR, f->path, 0, 0, "it was changed meanwhile: try again");
    byo_buf_free(&now);
    byo_buf_free(&reason);
    return same;
}

/* The first n of the files as they were. False: not all of them; each that is not is told. */
static bool put_back(const ByoKannel *k, size_t n, ByoFaults *why)
{
    bool all = true;

    while (n-- > 0) {
        const ByoKannelFile *f = &k->files[n];
        if (!changes(f) || replace(f, f->path, byo_buf_str(&f->old), why))
            continue;
        all = false;
        byo_fault_add(why, BYO_FAULT_ERROR, f->path, 0, 0, "it stays changed; the one before is kept as %s",
                      f->backup);
    }
    return all;
}

ByoKannelWritten byo_kannel_write(const ByoKannel *k, ByoFaults *why)
{
    size_t n = 0;
    bool fine = true;

    for (size_t f = 0; f < k->n && fine; f++)
        if (changes(&k->files[f]))
            fine = as_it_was(&k->files[f], why) && keep(&k->files[f], why);
    while (fine && n < k->n) {
        const ByoKannelFile *f = &k->files[n];
        fine = !changes(f) || replace(f, f->path, byo_buf_str(&f->new), why);
        n += fine;
    }
    if (fine)
        return BYO_KANNEL_ALL;
    return put_back(k, n, why) ? BYO_KANNEL_NONE : BYO_KANNEL_PART;
}

static bool same_text(const char *one, const char *other)
{
    ByoBuf a = {0}, b = {0}, why = {0};
    bool same = byo_file_read(one, BYO_CONFIG_FILE_MAX, &a, &why) &&
                byo_file_read(other, BYO_CONFIG_FILE_MAX, &b, &why) &&
                byo_str_eq(byo_buf_str(&a), byo_buf_str(&b));

    byo_kannel_wipe(&a);
    byo_kannel_wipe(&b);
    byo_buf_free(&why);
    return same;
}

void byo_kannel_tidy(const ByoKannel *k)
{
    for (size_t f = 0; f < k->n; f++) {
        char *temporary = temporary_of(&k->files[f]);
        unlink(temporary);
        if (same_text(k->files[f].backup, k->files[f].path))
            unlink(k->files[f].backup);
        free(temporary);
    }
}

static bool spool_made(const char *folder, ByoFaults *why)
{
    const struct passwd *kannel = getpwnam("kannel");
    char *parent = byo_strdup(folder), *slash = strrchr(parent, '/');
    struct stat st;

    if (slash && slash > parent) {
        *slash = '\0';
        mkdir(parent, 0755);
    }
    free(parent);
    if (stat(folder, &st) == 0 ||
        (mkdir(folder, 0750) == 0 && (!kannel || chown(folder, kannel->pw_uid, kannel->pw_gid) == 0)))
        return true;
    byo_fault_add(why, BYO_FAULT_ERROR, folder, 0, 0,
                  "the folder cannot be made for the user kannel (dlr-spool needs it): %s", strerror(errno));
    return false;
}

bool byo_kannel_make_spool(const ByoKannel *k, ByoFaults *why)
{
    const ByoKeyGroup *core = NULL;

    for (size_t n = 0; n < k->needs.n; n++) {
        const ByoHostNeed *need = &k->needs.items[n];
        if (need->kind == BYO_NEED_KEY &&
            (strcmp(need->key, "dlr-storage") == 0 || strcmp(need->key, "dlr-spool") == 0))
            core = need->group;
    }
    if (!core)
        return true;
    char *folder = byo_host_dlr_spool(core);
    bool fine = spool_made(folder, why);
    free(folder);
    return fine;
}
