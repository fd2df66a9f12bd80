/* SPDX-License-Identifier: BSD-3-Clause
 * integrations-dir (spec A1): a folder of integrations, one in a file ID.conf, its advanced configuration beside it in
 * ID.json. People write there, and the admin API does.
 * Decides: which files of the folder are read, and how a change of the two files of one integration becomes one change.
 * A change is written whole to .ID.put first; its rename is the moment from which it counts. Then the two files are
 * written, then it goes. Who reads the folder takes what stands in a .ID.put before the files: so a kill at any moment
 * leaves the old or the new, and nobody sees a half.
 * Beside the files: ID.conf.before and ID.json.before, as they were before the last change; in their place, of one that
 * was taken away, ID.conf.deleted and ID.json.deleted, of the newest BYO_FOLDER_DELETED of those. Names that begin with a dot are not looked at otherwise.
 * Ownership: see each function. Threads: none; who changes sees to it that nobody else does. */
#ifndef BYO_CONFIG_FOLDER_H
#define BYO_CONFIG_FOLDER_H

#include "config/files.h"

/* One integration's two texts. conf absent: it is not there; advanced absent: no ID.json. */
typedef struct {
    ByoStr conf, advanced;
} ByoFolderTexts;

/* "FOLDER/ID.conf", "FOLDER/ID.json"; the caller frees it. */
char *byo_folder_path(const char *folder, const char *id, const char *extension);
/* Whether path is FOLDER/ID.conf, read as an integration when it is there. */
bool byo_folder_has(const char *folder, const char *path);

/* An integration's two files as they are now, with what stands in their place. False: one is there and cannot be read;
 * *why_r. The caller wipes and frees both. has_r: whether ID.conf is there, and ID.json. */
typedef struct {
    ByoBuf conf, advanced;
    bool has_conf, has_advanced;
} ByoFolderFiles;
bool byo_folder_get(const char *folder, const char *id, ByoFolderFiles *files_r, char **why_r);
ByoFolderTexts byo_folder_texts(const ByoFolderFiles *files); /* borrows */
void byo_folder_files_free(ByoFolderFiles *files);
/* Tells one state of an integration's files from the next: of the file its group stands in, and of an ID.json beside. */
#define BYO_FOLDER_VERSION 100
void byo_folder_version(const char *file, const char *id, char version_r[BYO_FOLDER_VERSION]);
/* The versions of all before anything of them is read, so that a change in between shows. The caller frees it. */
typedef struct {
    char *path, *id, version[BYO_FOLDER_VERSION];
} ByoFolderSeen;
ByoFolderSeen *byo_folder_see(const char *folder, size_t *n_r);
void byo_folder_seen_free(ByoFolderSeen *seen, size_t n);

/* Texts in place of files, as changes that were not carried out yet leave them, appended to files->texts, which the
 * caller frees with byo_folder_texts_free. False: what cannot be read is a fault. */
void byo_folder_pending(const char *folder, ByoConfigFiles *files, ByoFaults *faults);
void byo_folder_texts_free(ByoConfigFiles *files);
/* Reads every ID.conf into the tree. A file that is not one group byo-smpp with that id, a name that is no id, a
 * symbolic link: errors. Another file: a warning. */
void byo_folder_read(const char *folder, const ByoConfigSource *source, const ByoConfigFiles *files,
                     ByoConfigTree *tree, ByoFaults *faults);

/* Makes it so, durably. False: *why_r is a sentence the caller frees, and nothing was changed. */
bool byo_folder_put(const char *folder, const char *id, const ByoFolderTexts *texts, char **why_r);
/* Keeps the texts beside the files, as ID.conf.before and ID.json.before. */
bool byo_folder_keep(const char *folder, const char *id, const ByoFolderTexts *texts, char **why_r);
/* Takes the files away and keeps what they were as ID.conf.deleted and ID.json.deleted. False: *why_r; asked for again
 * it goes on where it stopped. */
#define BYO_FOLDER_DELETED 100
bool byo_folder_remove(const char *folder, const char *id, char **why_r);
/* Carries out what a crash or a full disk left. False: *why_r; readers see it all the same. */
bool byo_folder_settle(const char *folder, char **why_r);

#endif
