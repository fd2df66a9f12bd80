/* SPDX-License-Identifier: BSD-3-Clause
 * The files a configuration is made of, and the small files that hold secrets.
 * Decides: where a relative path leads (the folder of the file it stands in), who may read a secret.
 * Ownership: see each function. Threads: none. */
#ifndef BYO_CONFIG_FILES_H
#define BYO_CONFIG_FILES_H

#include <sys/types.h>

#include "config/reader.h"

/* Reads a regular file of at most max octets into text (appending). False: *why gets a part of a sentence. */
bool byo_file_read(const char *path, size_t max, ByoBuf *text, ByoBuf *why);
/* The same for a path that is no symbolic link itself. */
bool byo_file_read_itself(const char *path, size_t max, ByoBuf *text, ByoBuf *why);
/* Secrets are judged as this user would find them, who is not the one that asks (sudo byobox -t). */
void byo_secret_files_of(uid_t user);
/* The same for a file with a secret: it must be readable by its owner only (0600) and belong to the user
 * the program runs as, or to root. The caller wipes text. */
bool byo_secret_file_read(const char *path, size_t max, ByoBuf *text, ByoBuf *why);
/* The first line of a secret file, without its end; the caller frees it with byo_secret_free. NULL: *why. */
char *byo_secret_file_line(const char *path, size_t max, ByoBuf *why);

/* path as seen from the folder of file: absolute paths stay. The caller frees it. NULL gives NULL. */
char *byo_path_beside(const char *file, const char *path);
/* The folder of a path without a trailing slash ("." for a bare name); the caller frees it. */
char *byo_path_folder(const char *path);

/* Whether two paths name one file, which need not exist. */
bool byo_path_same(const char *a, const char *b);

/* A text to be read in place of a file's own. path: without symbolic links. text absent: there is no such file. */
typedef struct {
    const char *path;
    ByoStr text;
} ByoFileText;

/* The source byo_config_read takes for real files. Files are looked for beside the including file, then,
 * as Kannel does, from the working directory. smsc_conf may be NULL; it must outlive the source. */
typedef struct {
    const char *smsc_conf;
    const ByoFileText *texts; /* n of them */
    size_t n;
    ByoFileText *pending; /* n_pending of them, after these (folder.h) */
    size_t n_pending;
} ByoConfigFiles;
/* What stands in place of a file; NULL: nothing does. */
const ByoFileText *byo_config_text(const ByoConfigFiles *files, const char *path);
/* As byo_file_read, with these texts in mind. */
bool byo_config_file_read(const ByoConfigFiles *files, const char *path, size_t max, ByoBuf *text,
                          ByoBuf *why);
ByoConfigSource byo_config_files(ByoConfigFiles *files);

#endif
