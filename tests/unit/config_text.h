/* SPDX-License-Identifier: BSD-3-Clause
 * Helpers of the configuration's tests: files in memory, and a configuration's faults as text.
 * Ownership: the caller's. Threads: none. */
#ifndef BYO_TESTS_CONFIG_TEXT_H
#define BYO_TESTS_CONFIG_TEXT_H

#include "config/reader.h"

#include <stdlib.h>

/* A file of the memory source; an array of them ends with a NULL path. text NULL: cannot be read. */
typedef struct {
    const char *path;
    const char *text;
    size_t n; /* 0: strlen(text) */
} TextFile;

static inline bool text_read(void *arg, const char *path, ByoBuf *text, ByoBuf *why)
{
    for (const TextFile *f = arg; f->path; f++)
        if (strcmp(f->path, path) == 0 && f->text) {
            byo_buf_add(text, f->text, f->n ? f->n : strlen(f->text));
            return true;
        }
    byo_buf_adds(why, "it cannot be opened: no such file");
    return false;
}

/* A name with a trailing slash is a folder: every file whose path begins with it. */
static inline bool text_expand(void *arg, const char *from, const char *include,
                               void (*add)(void *add_arg, const char *path), void *add_arg, ByoBuf *why)
{
    size_t n = strlen(include);

    (void)from;
    (void)why;
    if (n == 0 || include[n - 1] != '/') {
        add(add_arg, include);
        return true;
    }
    for (const TextFile *f = arg; f->path; f++)
        if (strncmp(f->path, include, n) == 0)
            add(add_arg, f->path);
    return true;
}

static inline bool text_skip(void *arg, const char *path)
{
    (void)arg;
    return strcmp(path, "smsc.conf") == 0;
}

static inline ByoConfigTree *text_tree(const TextFile *files, ByoFaults *faults)
{
    ByoConfigSource source = {text_read, text_expand, text_skip, (void *)files};
    return byo_config_read(&source, files[0].path, faults);
}

/* All faults as lines, for looking into; the caller frees it. */
static inline char *faults_text(const ByoFaults *faults)
{
    ByoBuf b = {0};

    byo_buf_adds(&b, "");
    for (size_t k = 0; k < faults->n; k++) {
        char *line = byo_fault_line(&faults->items[k]);
        byo_buf_addf(&b, "%s\n", line);
        free(line);
    }
    return b.p ? b.p : byo_strdup("");
}

#endif
