/* SPDX-License-Identifier: BSD-3-Clause
 * The file bearerbox includes: the idle link and one marked block for each integration that is to be
 * bound. A block stays as it was last activated, whatever the configuration says meanwhile (spec L3).
 * Ownership: the caller frees texts. Threads: one owner. */
#ifndef BYO_BOX_SMSC_FILE_H
#define BYO_BOX_SMSC_FILE_H

#include "base/str.h"

typedef struct {
    char id[33];
    char *text; /* its smsc group, without the mark */
} ByoSmscBlock;

typedef struct {
    ByoSmscBlock *blocks;
    size_t n;
} ByoSmscFile;

const char *byo_smsc_file_find(const ByoSmscFile *f, const char *id); /* NULL: not there */
/* Takes the text over; NULL removes the block. */
void byo_smsc_file_set(ByoSmscFile *f, const char *id, char *text);
/* Whether the file as it stands on disk has this group, to the letter. */
bool byo_smsc_file_has(const char *path, const char *text);
void byo_smsc_file_free(ByoSmscFile *f);
/* The mode smsc-conf has at path: 0640 in a folder with the setgid bit, which hands the file to the folder's
 * group (byobox and bearerbox run as different users and share that group); else 0600 (they are one user). */
unsigned byo_smsc_file_mode(const char *path);
/* Writes it at once (a new file renamed over the old), with that mode, owned as the old file or its folder
 * is. False: why_r says why. *changed_r: the content differs from what was there. */
bool byo_smsc_file_write(const char *path, const ByoSmscFile *f, bool *changed_r, char why_r[200]);

#endif
