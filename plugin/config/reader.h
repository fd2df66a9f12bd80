/* SPDX-License-Identifier: BSD-3-Clause
 * The grammar of Kannel's configuration files, read with places and without stopping at the first fault
 * (the grammar itself: gwlib/cfg.c).
 * - A line ends at a newline; a backslash as its last octet joins the next one, two of them are one
 * backslash.
 * - Blanks around a line are ignored. An empty line ends a group. A line starting with '#' is a comment.
 * - `key = value`; a value in double quotes keeps its blanks and knows \\ and \".
 * - `include = FILE or FOLDER` is a directive only when the key is exactly that, and stands between groups.
 * Unlike gwlib's reader: a line that merely contains "include" is a line like any other.
 * Pure: files come through ByoConfigSource. Ownership: byo_config_tree_free wipes and frees everything.
 * Threads: values. */
#ifndef BYO_CONFIG_READER_H
#define BYO_CONFIG_READER_H

#include "integration/key_table.h"

#define BYO_CONFIG_LINE_MAX 65536              /* octets of one line, joined ones together */
#define BYO_CONFIG_FILE_MAX (16 * 1024 * 1024) /* octets of one file */
#define BYO_CONFIG_FILES_MAX 1000              /* files of one configuration */
#define BYO_CONFIG_DEPTH_MAX 16                /* includes within includes */

/* Where the texts come from. */
typedef struct {
    /* Appends a file's text. False: *why gets the reason, a part of a sentence. */
    bool (*read)(void *arg, const char *path, ByoBuf *text, ByoBuf *why);
    /* Calls add for each file an include names: one file, or those of a folder; also for the file skip()
     * knows, while that does not exist. False: *why is set. */
    bool (*expand)(void *arg, const char *from, const char *include,
                   void (*add)(void *add_arg, const char *path), void *add_arg, ByoBuf *why);
    /* True for the file byobox writes itself (smsc-conf): it is not read. May be NULL. */
    bool (*skip)(void *arg, const char *path);
    void *arg;
} ByoConfigSource;

typedef struct {
    ByoKeyGroup *groups; /* in the order of the text; keys in the order of their lines */
    size_t n;
    char **files; /* each file that was read, the first is the one asked for */
    size_t n_files;
    size_t n_skipped; /* includes of files that skip() named */
} ByoConfigTree;

/* Never NULL: what could be read, with every fault in faults. A group without a `group` line, a line
 * without '=', an include inside a group, a second include of one file, a file that cannot be read, NUL
 * and control characters and lines that are too long are errors. */
ByoConfigTree *byo_config_read(const ByoConfigSource *source, const char *path, ByoFaults *faults);
/* Puts the groups and files of another tree behind its own; `more` is gone then. */
void byo_config_tree_join(ByoConfigTree *tree, ByoConfigTree *more);
void byo_config_tree_free(ByoConfigTree *tree); /* takes NULL */

/* The next line from *at, joined ones together, in *line; *at moves behind it, *number to the number of its last
 * physical line (0 at first). False: there is none. The caller wipes line, which never moves when it has room for
 * text. */
bool byo_config_next_line(ByoStr text, size_t *at, int *number, ByoBuf *line);
/* What such a line includes; NULL: it is no include. The caller frees it. */
char *byo_config_include_of(ByoStr line);

#endif
