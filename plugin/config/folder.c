/* SPDX-License-Identifier: BSD-3-Clause
 * integrations-dir: reading. Ownership and threads: folder.h. */
#include "config/folder_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "config/config.h"

#define BUNDLE_MAX (BYO_CONFIG_FILE_MAX + BYO_ADVANCED_MAX_SIZE + 64)

char *byo_folder_path(const char *folder, const char *id, const char *extension)
{
    return byo_printf("%s/%s.%s", strcmp(folder, "/") == 0 ? "" : folder, id, extension);
}

ByoStr byo_folder_id(const char *name, const char *ending)
{
    size_t n = strlen(name), e = strlen(ending);
    ByoStr id = byo_strn(name, n > e ? n - e : 0);
    bool is = n > e && strcmp(name + n - e, ending) == 0 && name[0] != '.' && byo_key_is_id(id);
    return is ? id : BYO_STR_NONE;
}

bool byo_folder_has(const char *folder, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash || !byo_folder_id(slash + 1, ".conf").p)
        return false;
    char *whose = byo_path_folder(path);
    bool has = byo_path_same(whose, folder);
    free(whose);
    return has;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t n = strlen(name), e = strlen(ending);
    return n >= e && strcmp(name + n - e, ending) == 0;
}

/* -- changes that were not carried out yet --------------------------------------------------------------*/

static void add_text(ByoConfigFiles *files, char *path, ByoStr text)
{
    files->pending = byo_realloc(files->pending, (files->n_pending + 1) * sizeof *files->pending);
    files->pending[files->n_pending++] =
        (ByoFileText){path, text.p ? byo_strn(byo_str_dup(text), text.n) : BYO_STR_NONE};
}

void byo_folder_texts_free(ByoConfigFiles *files)
{
    for (size_t i = 0; i < files->n_pending; i++) {
        free((char *)files->pending[i].path);
        byo_secret_free((char *)files->pending[i].text.p);
    }
    free(files->pending);
    files->pending = NULL;
    files->n_pending = 0;
}

/* `byobox CONF ADVANCED`, their octets, -1 for none; an end of line; the two. */
static bool take_apart(ByoStr text, ByoFolderTexts *t)
{
    const char *end = text.n ? memchr(text.p, '\n', text.n) : NULL;
    long conf, advanced;
    int used = 0;
    if (!end || sscanf(text.p, "byobox %ld %ld%n", &conf, &advanced, &used) != 2 || text.p + used != end)
        return false;
    size_t have = text.n - (size_t)used - 1;
    if (conf < -1 || advanced < -1 || conf > BUNDLE_MAX || advanced > BUNDLE_MAX ||
        have != (size_t)(conf > 0 ? conf : 0) + (size_t)(advanced > 0 ? advanced : 0))
        return false;
    t->conf = conf < 0 ? BYO_STR_NONE : byo_strn(end + 1, (size_t)conf);
    t->advanced = advanced < 0 ? BYO_STR_NONE : byo_strn(end + 1 + t->conf.n, (size_t)advanced);
    return true;
}

void byo_folder_bundle_text(const ByoFolderTexts *t, ByoBuf *out)
{
    byo_buf_need(out, 64 + t->conf.n + t->advanced.n); /* a password shall not be left behind by a move */
    byo_buf_addf(out, "byobox %ld %ld\n", t->conf.p ? (long)t->conf.n : -1L,
                 t->advanced.p ? (long)t->advanced.n : -1L);
    byo_buf_add(out, t->conf.p, t->conf.n);
    byo_buf_add(out, t->advanced.p, t->advanced.n);
}

bool byo_folder_bundle(const char *folder, const char *name, ByoFolderBundle *b, ByoBuf *why)
{
    char *path = byo_printf("%s/%s", folder, name);
    *b = (ByoFolderBundle){.texts = {BYO_STR_NONE, BYO_STR_NONE}};
    snprintf(b->id, sizeof b->id, "%.*s", (int)(strlen(name) - strlen("..put")), name + 1);
    bool good = byo_file_read_itself(path, BUNDLE_MAX, &b->text, why);
    if (good && !take_apart(byo_buf_str(&b->text), &b->texts)) {
        byo_buf_adds(why, "it is no change byobox wrote: remove it");
        good = false;
    }
    free(path);
    return good;
}

void byo_folder_bundle_free(ByoFolderBundle *b)
{
    if (b->text.p)
        explicit_bzero(b->text.p, b->text.cap);
    byo_buf_free(&b->text);
}

bool byo_folder_is_bundle(const char *name)
{
    return name[0] == '.' && byo_folder_id(name + 1, ".put").p;
}

void byo_folder_pending(const char *folder, ByoConfigFiles *files, ByoFaults *faults)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return; /* told by who reads it */
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        ByoFolderBundle b;
        ByoBuf why = {0};
        if (!byo_folder_is_bundle(e->d_name))
            continue;
        if (byo_folder_bundle(folder, e->d_name, &b, &why)) {
            add_text(files, byo_folder_path(folder, b.id, "conf"), b.texts.conf);
            add_text(files, byo_folder_path(folder, b.id, "json"), b.texts.advanced);
        } else {
            char *path = byo_printf("%s/%s", folder, e->d_name);
            byo_fault_add(faults, BYO_FAULT_ERROR, path, 0, 0, "%s", why.p);
            free(path);
        }
        byo_folder_bundle_free(&b);
        byo_buf_free(&why);
    }
    closedir(dir);
}

/* -- one integration --------------------------------------------------------------------------------------*/

static bool get_one(const ByoConfigFiles *pending, const char *path, size_t max, ByoBuf *text, bool *has_r,
                    char **why_r)
{
    struct stat st;
    ByoBuf why = {0};
    const ByoFileText *t = byo_config_text(pending, path);
    *has_r = t ? t->text.p != NULL : lstat(path, &st) == 0 || errno != ENOENT;
    bool fine = true;
    if (t && *has_r)
        byo_buf_add(text, t->text.p, t->text.n);
    else if (*has_r)
        fine = byo_file_read_itself(path, max, text, &why);
    if (!fine)
        *why_r = byo_printf("%s: %s", path, why.p);
    byo_buf_free(&why);
    return fine;
}

bool byo_folder_get(const char *folder, const char *id, ByoFolderFiles *f, char **why_r)
{
    ByoConfigFiles pending = {0};
    ByoFaults unsaid = {0};
    char *conf = byo_folder_path(folder, id, "conf"), *json = byo_folder_path(folder, id, "json");
    *f = (ByoFolderFiles){.has_conf = false};
    byo_folder_pending(folder, &pending, &unsaid);
    bool fine = get_one(&pending, conf, BYO_CONFIG_FILE_MAX, &f->conf, &f->has_conf, why_r) &&
                get_one(&pending, json, BYO_ADVANCED_MAX_SIZE, &f->advanced, &f->has_advanced, why_r);
    byo_folder_texts_free(&pending);
    byo_faults_free(&unsaid);
    free(conf);
    free(json);
    return fine;
}

ByoFolderTexts byo_folder_texts(const ByoFolderFiles *f)
{
    return (ByoFolderTexts){f->has_conf ? byo_buf_str(&f->conf) : BYO_STR_NONE,
                            f->has_advanced ? byo_buf_str(&f->advanced) : BYO_STR_NONE};
}

void byo_folder_files_free(ByoFolderFiles *f)
{
    if (f->conf.p)
        explicit_bzero(f->conf.p, f->conf.cap);
    byo_buf_free(&f->conf);
    byo_buf_free(&f->advanced);
}

static size_t add_version(char *out, size_t room, const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return (size_t)snprintf(out, room, "0-");
    return (size_t)snprintf(out, room, "%llx.%llx.%llx.%lx-", (unsigned long long)st.st_ino,
                            (unsigned long long)st.st_size, (unsigned long long)st.st_mtim.tv_sec,
                            (unsigned long)st.st_mtim.tv_nsec);
}

void byo_folder_version(const char *file, const char *id, char version[BYO_FOLDER_VERSION])
{
    char *folder = byo_path_folder(file), *json = byo_folder_path(folder, id, "json");
    size_t n = add_version(version, BYO_FOLDER_VERSION, file);
    if (n < BYO_FOLDER_VERSION)
        n += add_version(version + n, BYO_FOLDER_VERSION - n, json);
    if (n && n < BYO_FOLDER_VERSION)
        version[n - 1] = 0;
    free(folder);
    free(json);
}

ByoFolderSeen *byo_folder_see(const char *folder, size_t *n_r)
{
    ByoFolderSeen *seen = NULL;
    DIR *dir = opendir(folder);
    *n_r = 0;
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;) {
        ByoStr id = byo_folder_id(e->d_name, ".conf");
        if (!id.p)
            continue;
        seen = byo_realloc(seen, (*n_r + 1) * sizeof *seen);
        ByoFolderSeen *one = &seen[(*n_r)++];
        *one = (ByoFolderSeen){byo_printf("%s/%s", strcmp(folder, "/") == 0 ? "" : folder, e->d_name),
                               byo_str_dup(id), ""};
        byo_folder_version(one->path, one->id, one->version);
    }
    if (dir)
        closedir(dir);
    return seen;
}

void byo_folder_seen_free(ByoFolderSeen *seen, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(seen[i].path);
        free(seen[i].id);
    }
    free(seen);
}

/* -- the files ------------------------------------------------------------------------------------------*/

typedef struct {
    const char *folder;
    const ByoConfigFiles *files;
    ByoFaults *faults;
    char **names; /* of what is read, in the order of the alphabet */
    size_t n;
} Scan;

static void add_name(Scan *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->names[i], name) == 0)
            return;
    s->names = byo_realloc(s->names, (s->n + 1) * sizeof *s->names);
    s->names[s->n++] = byo_strdup(name);
}

static void tell(const Scan *s, ByoSeverity severity, const char *name, const char *text)
{
    char *path = byo_printf("%s/%s", s->folder, name);
    byo_fault_add(s->faults, severity, path, 0, 0, "%s", text);
    free(path);
}

/* One name of the folder. */
static void look_at(Scan *s, const char *name)
{
    static const char *const kept[] = {".conf.before", ".json.before", ".conf.deleted", ".json.deleted"};
    struct stat st;
    char *path = byo_printf("%s/%s", s->folder, name);
    bool regular = lstat(path, &st) == 0 && S_ISREG(st.st_mode), known = false;
    free(path);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        known |= byo_folder_id(name, kept[i]).p != NULL;
    bool conf = ends_with(name, ".conf"), json = ends_with(name, ".json");
    if (conf && !byo_folder_id(name, ".conf").p)
        tell(s, BYO_FAULT_ERROR, name,
             "an integration stands in a file ID.conf, where ID is 1 to 32 letters, digits, '.', '_' or "
             "'-': rename it or take it out of integrations-dir");
    else if ((conf || json) && !regular)
        tell(s, BYO_FAULT_ERROR, name,
             "in integrations-dir only a regular file is read, no folder and no symbolic link");
    else if (conf)
        add_name(s, name);
    else if (!known && !byo_folder_id(name, ".json").p)
        tell(s, BYO_FAULT_WARNING, name,
             "is not read: integrations-dir holds ID.conf, and ID.json for its advanced-config");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What stands in place of files counts, too. */
static void look_at_texts(Scan *s)
{
    const ByoConfigFiles *f = s->files;
    for (size_t i = 0; i < f->n + f->n_pending; i++) {
        const ByoFileText *t = i < f->n ? &f->texts[i] : &f->pending[i - f->n];
        if (t->text.p && byo_folder_has(s->folder, t->path))
            add_name(s, strrchr(t->path, '/') + 1);
    }
}

static bool scan(Scan *s)
{
    struct stat st;
    DIR *dir = opendir(s->folder);
    if (!dir) {
        byo_fault_add(s->faults, BYO_FAULT_ERROR, s->folder, 0, 0,
                      "integrations-dir: the folder cannot be read: %s%s", strerror(errno),
                      errno == ENOENT ? "; make it, owned by the user byobox runs as, mode 0750"
                                      : byo_file_hint(errno));
        return false;
    }
    if (fstat(dirfd(dir), &st) == 0 && (st.st_mode & S_IWOTH))
        byo_fault_add(s->faults, BYO_FAULT_ERROR, s->folder, 0, 0,
                      "integrations-dir: everybody on this machine may write in it (mode %03o): chmod 750 it",
                      (unsigned)st.st_mode & 0777);
    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.')
            look_at(s, e->d_name);
    closedir(dir);
    look_at_texts(s);
    if (s->n)
        qsort(s->names, s->n, sizeof *s->names, by_name);
    return true;
}

static bool no_include(void *arg, const char *from, const char *include,
                       void (*add)(void *add_arg, const char *path), void *add_arg, ByoBuf *why)
{
    (void)arg, (void)from, (void)include, (void)add, (void)add_arg;
    byo_buf_adds(why, "a file of integrations-dir includes no other");
    return false;
}

/* One group byo-smpp with the id of the file. */
static void check_one(const ByoConfigTree *one, const char *path, ByoStr id, ByoFaults *faults)
{
    const ByoKeyGroup *g = one->groups;
    const ByoKeyLine *says = one->n ? byo_key_find(g, "integration-id") : NULL;
    if (one->n == 0)
        byo_fault_add(faults, BYO_FAULT_ERROR, path, 0, 0,
                      "there is no group in the file; a file of integrations-dir is one group byo-smpp");
    for (size_t i = 0; i < one->n; i++)
        if (i > 0 || (one->groups[i].name && strcmp(one->groups[i].name, "byo-smpp") != 0))
            byo_fault_add(faults, BYO_FAULT_ERROR, path, one->groups[i].line, 0,
                          "a file of integrations-dir is one group byo-smpp; %s%s",
                          i ? "another group" : "group ", i ? " stands here" : one->groups[i].name);
    if (says && !says->told && !byo_str_is(id, says->value))
        byo_key_fault(faults, BYO_FAULT_ERROR, g, "group byo-smpp", says, false,
                      "the file's name says %.*s: they must be the same", BYO_PF(id));
}

static bool read_already(const ByoConfigTree *tree, const char *path)
{
    for (size_t i = 0; i < tree->n_files; i++)
        if (strcmp(tree->files[i], path) == 0 || byo_path_same(tree->files[i], path))
            return true;
    return false;
}

void byo_folder_read(const char *folder, const ByoConfigSource *source, const ByoConfigFiles *files,
                     ByoConfigTree *tree, ByoFaults *faults)
{
    Scan s = {.folder = folder, .files = files, .faults = faults};
    ByoConfigSource alone = *source;
    alone.expand = no_include;
    if (!scan(&s))
        return;
    for (size_t i = 0; i < s.n; i++) {
        char *path = byo_printf("%s/%s", strcmp(folder, "/") == 0 ? "" : folder, s.names[i]);
        const ByoFileText *t = byo_config_text(files, path);
        if (t && !t->text.p) { /* it is going */
        } else if (read_already(tree, path)) {
            byo_fault_add(faults, BYO_FAULT_ERROR, path, 0, 0,
                          "integrations-dir names the folder, and an include reads the file, too: take the "
                          "include out");
        } else {
            ByoConfigTree *one = byo_config_read(&alone, path, faults);
            check_one(one, path, byo_strn(s.names[i], strlen(s.names[i]) - strlen(".conf")), faults);
            byo_config_tree_join(tree, one);
        }
        free(path);
        free(s.names[i]);
    }
    free(s.names);
}
