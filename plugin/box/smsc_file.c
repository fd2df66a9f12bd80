/* SPDX-License-Identifier: BSD-3-Clause
 * Writing smsc-conf.
 * Ownership and threads: smsc_file.h. */
#include "box/smsc_file.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/file_write.h"
#include "integration/render.h"

#define MARK "# byobox integration "
enum { FILE_MAX = 1024 * 1024 };

static bool read_file(const char *path, ByoBuf *out)
{
    FILE *fp = fopen(path, "re");
    if (!fp)
        return false;
    byo_buf_need(out, 65536);
    for (size_t n; out->n < FILE_MAX && (n = fread(out->p + out->n, 1, 65536, fp)) > 0;) {
        out->n += n;
        byo_buf_need(out, 65536);
    }
    out->p[out->n] = 0;
    fclose(fp);
    return true;
}

static ByoSmscBlock *find(const ByoSmscFile *f, const char *id)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->blocks[i].id, id) == 0)
            return &f->blocks[i];
    return NULL;
}

const char *byo_smsc_file_find(const ByoSmscFile *f, const char *id)
{
    ByoSmscBlock *b = find(f, id);
    return b ? b->text : NULL;
}

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text)); /* it holds a password */
    free(text);
}

void byo_smsc_file_set(ByoSmscFile *f, const char *id, char *text)
{
    ByoSmscBlock *b = find(f, id);
    if (b) {
        wipe(b->text);
        b->text = text;
        if (!text) {
            memmove(b, b + 1, (size_t)(&f->blocks[f->n] - b - 1) * sizeof *b);
            f->n--;
        }
    } else if (text) {
        f->blocks = byo_realloc(f->blocks, (f->n + 1) * sizeof *f->blocks);
        b = &f->blocks[f->n++];
        snprintf(b->id, sizeof b->id, "%s", id);
        b->text = text;
    }
}

void byo_smsc_file_free(ByoSmscFile *f)
{
    for (size_t i = 0; i < f->n; i++)
        wipe(f->blocks[i].text);
    free(f->blocks);
    memset(f, 0, sizeof *f);
}

bool byo_smsc_file_has(const char *path, const char *text)
{
    ByoBuf old = {0};
    bool has = read_file(path, &old) && strstr(old.p, text);
    if (old.p)
        explicit_bzero(old.p, old.n);
    byo_buf_free(&old);
    return has;
}

static void compose(const ByoSmscFile *f, ByoBuf *out)
{
    byo_buf_adds(out, "# Written by byobox: changes made here are lost. It holds passwords.\n");
    byo_render_idle(out);
    for (size_t i = 0; i < f->n; i++)
        byo_buf_addf(out, "\n" MARK "%s\n%s", f->blocks[i].id, f->blocks[i].text);
}

unsigned byo_smsc_file_mode(const char *path)
{
    struct stat st;
    char *copy = byo_strdup(path);
    bool shared = stat(dirname(copy), &st) == 0 && (st.st_mode & S_ISGID);
    free(copy);
    return shared ? 0640 : 0600;
}

/* The user bearerbox runs as can read it: whoever owned the file before, else its folder. */
static bool hand_to_owner(void *arg, int fd)
{
    const char *path = arg;
    struct stat st;
    char *copy = byo_strdup(path);
    if (stat(path, &st) == 0 || stat(dirname(copy), &st) == 0)
        if (fchown(fd, st.st_uid, st.st_gid) != 0)
            errno = 0; /* not root: it stays ours, and mode 0600 decides */
    free(copy);
    return fchmod(fd, byo_smsc_file_mode(path)) == 0; /* once it has its group */
}

static bool put_file(const char *path, const ByoBuf *text, char why[200])
{
    char *temporary = byo_printf("%s.new", path);
    ByoFileWrite w = {.path = path, .temporary = temporary, .dress = hand_to_owner, .arg = (void *)path};
    bool fine = byo_file_write(&w, byo_buf_str(text), NULL);
    if (!fine)
        snprintf(why, 200, "smsc-conf = %s cannot be written: %s", path, strerror(errno));
    free(temporary);
    return fine;
}

bool byo_smsc_file_write(const char *path, const ByoSmscFile *f, bool *changed, char why[200])
{
    ByoBuf text = {0}, old = {0};
    struct stat st;
    compose(f, &text);
    read_file(path, &old);
    *changed = !byo_str_eq(byo_buf_str(&text), byo_buf_str(&old));
    bool fine = true;
    if (*changed || stat(path, &st) != 0 || (st.st_mode & 0777) != byo_smsc_file_mode(path))
        fine = put_file(path, &text, why);
    if (text.p)
        explicit_bzero(text.p, text.n);
    if (old.p)
        explicit_bzero(old.p, old.n);
    byo_buf_free(&text);
    byo_buf_free(&old);
    return fine;
}
