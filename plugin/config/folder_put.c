/* SPDX-License-Identifier: BSD-3-Clause
 * integrations-dir: changing. Ownership and threads: folder.h. */
#include "config/file_write.h"
#include "config/folder_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refused(char **why_r, const char *path)
{
    *why_r = byo_printf("%s: %s", path, strerror(errno));
    return false;
}

/* Through ".NAME.tmp", 0600: it holds a password. */
static bool write_file(const char *folder, const char *name, ByoStr text, char **why_r)
{
    char *path = byo_printf("%s/%s", folder, name), *temporary = byo_printf("%s/.%s.tmp", folder, name);
    const char *at;
    bool fine = byo_file_write(&(ByoFileWrite){.path = path, .temporary = temporary}, text, &at);
    if (!fine)
        refused(why_r, at);
    free(path);
    free(temporary);
    return fine;
}

static bool remove_file(const char *folder, const char *name, char **why_r)
{
    char *path = byo_printf("%s/%s", folder, name);
    bool fine = unlink(path) == 0 || errno == ENOENT;
    if (!fine)
        refused(why_r, path);
    free(path);
    return fine;
}

static bool sync_folder(const char *folder, char **why_r)
{
    return byo_folder_sync(folder) || refused(why_r, folder);
}

/* A text to this name, or its file away. */
static bool make_so(const char *folder, const char *id, const char *extension, ByoStr text, char **why_r)
{
    char *name = byo_printf("%s.%s", id, extension);
    bool fine = text.p ? write_file(folder, name, text, why_r) : remove_file(folder, name, why_r);
    free(name);
    return fine;
}

/* After .ID.put: as often as it takes. */
static bool carry_out(const char *folder, const char *id, const ByoFolderTexts *t, char **why_r)
{
    char *name = byo_printf(".%s.put", id);
    bool fine = make_so(folder, id, "json", t->advanced, why_r) &&
                make_so(folder, id, "conf", t->conf, why_r) && sync_folder(folder, why_r) &&
                remove_file(folder, name, why_r);
    free(name);
    return fine;
}

bool byo_folder_put(const char *folder, const char *id, const ByoFolderTexts *texts, char **why_r)
{
    char *name, *later = NULL;
    ByoBuf bundle = {0};
    if (!byo_folder_settle(folder, why_r))
        return false;
    name = byo_printf(".%s.put", id);
    byo_folder_bundle_text(texts, &bundle);
    bool fine = write_file(folder, name, byo_buf_str(&bundle), why_r) && sync_folder(folder, why_r);
    if (!fine)
        remove_file(folder, name, &later); /* a rename that may not last shall not come back */
    else
        carry_out(folder, id, texts, &later); /* what does not go now goes with the next settling */
    explicit_bzero(bundle.p, bundle.cap);
    byo_buf_free(&bundle);
    free(later);
    free(name);
    return fine;
}

static bool keep_as(const char *folder, const char *id, const ByoFolderTexts *t, const char *suffix,
                    char **why_r)
{
    char *conf = byo_printf("conf.%s", suffix), *json = byo_printf("json.%s", suffix);
    bool fine = make_so(folder, id, json, t->advanced, why_r) && make_so(folder, id, conf, t->conf, why_r);
    free(conf);
    free(json);
    return fine;
}

bool byo_folder_keep(const char *folder, const char *id, const ByoFolderTexts *t, char **why_r)
{
    return keep_as(folder, id, t, "before", why_r);
}

/* -- taken away -----------------------------------------------------------------------------------------*/

static const ByoFolderTexts none = {{NULL, 0}, {NULL, 0}};

typedef struct {
    struct timespec at;
    char id[BYO_ID_MAX + 1];
} Deleted;

static int newest_first(const void *a, const void *b)
{
    const Deleted *x = a, *y = b;
    if (x->at.tv_sec != y->at.tv_sec)
        return x->at.tv_sec > y->at.tv_sec ? -1 : 1;
    return x->at.tv_nsec > y->at.tv_nsec ? -1 : x->at.tv_nsec < y->at.tv_nsec;
}

/* Ids that come and go shall not fill the folder: the oldest go, and this one's version before. What does not go now
 * goes with the next one. */
static void tidy(const char *folder, const char *id)
{
    Deleted *all = NULL;
    size_t n = 0;
    char *later = NULL;
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        ByoStr gone = byo_folder_id(e->d_name, ".conf.deleted");
        struct stat st;
        if (!gone.p || fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        all = byo_realloc(all, (n + 1) * sizeof *all);
        all[n].at = st.st_mtim;
        snprintf(all[n++].id, sizeof all->id, "%.*s", BYO_PF(gone));
    }
    if (dir)
        closedir(dir);
    if (n > BYO_FOLDER_DELETED)
        qsort(all, n, sizeof *all, newest_first);
    bool fine = byo_folder_keep(folder, id, &none, &later);
    for (size_t i = BYO_FOLDER_DELETED; i < n && fine; i++)
        fine = keep_as(folder, all[i].id, &none, "deleted", &later);
    free(later);
    free(all);
}

bool byo_folder_remove(const char *folder, const char *id, char **why_r)
{
    ByoFolderFiles files;
    bool fine = byo_folder_get(folder, id, &files, why_r);
    ByoFolderTexts was = byo_folder_texts(&files);
    fine = fine && (!was.conf.p || keep_as(folder, id, &was, "deleted", why_r)) &&
           byo_folder_put(folder, id, &none, why_r);
    byo_folder_files_free(&files);
    if (fine)
        tidy(folder, id);
    return fine;
}

static bool settle_one(const char *folder, const char *name, char **why_r)
{
    ByoFolderBundle b;
    ByoBuf why = {0};
    bool fine = byo_folder_bundle(folder, name, &b, &why);
    if (fine)
        fine = carry_out(folder, b.id, &b.texts, why_r);
    else
        *why_r = byo_printf("%s/%s: %s", folder, name, why.p);
    byo_folder_bundle_free(&b);
    byo_buf_free(&why);
    return fine;
}

bool byo_folder_settle(const char *folder, char **why_r)
{
    DIR *dir = opendir(folder);
    bool fine = dir != NULL;
    if (!fine)
        return refused(why_r, folder);
    for (struct dirent *e; fine && (e = readdir(dir)) != NULL;)
        if (byo_folder_is_bundle(e->d_name))
            fine = settle_one(folder, e->d_name, why_r);
    closedir(dir);
    return fine;
}
