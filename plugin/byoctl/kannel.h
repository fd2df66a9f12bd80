/* SPDX-License-Identifier: BSD-3-Clause
 * An installation's kannel.conf, held against byobox's configuration, changed and changed back.
 *
 * Decides: which files a change touches, that bearerbox's own reader and byobox -t accept the outcome before a
 * file is replaced, where the file before is kept (FILE.before), and that either all files are replaced or none.
 * Ownership: ByoKannel owns its texts; conf must outlive it. Threads: one. */
#ifndef BYO_BYOCTL_KANNEL_H
#define BYO_BYOCTL_KANNEL_H

#include "config/config.h"
#include "config/host.h"

#define BYO_KANNEL_CONF "/etc/kannel/kannel.conf"

typedef struct {
    char *path; /* without symbolic links */
    ByoBuf old, new;
    char *backup; /* where the file before is kept: not in a folder that is included */
} ByoKannelFile;

typedef struct {
    const ByoConf *conf;
    ByoConfigTree *tree;
    ByoKannelFile *files; /* the first is the one asked for; smsc-conf is none of them */
    size_t n;
    ByoHostNeeds needs;
} ByoKannel;

/* conf: from byo_conf_load_apart. NULL: told in faults, the file cannot be read or is not one of Kannel's. */
ByoKannel *byo_kannel_open(const char *path, const ByoConf *conf, ByoFaults *faults);
void byo_kannel_close(ByoKannel *k); /* takes NULL */
/* Frees a text of such a file: passwords stand in it. */
void byo_kannel_wipe(ByoBuf *b);

/* Fill `new` of the files: with every need that a line mends; as they were before byobox. What stays because it
 * was edited since is told. Gives the number of files that change. */
size_t byo_kannel_plan_apply(ByoKannel *k);
size_t byo_kannel_plan_revert(ByoKannel *k, ByoFaults *told);
/* Whether bearerbox's reader and, when applying, byobox's own check take the planned texts; nothing is written. A
 * file Kannel's own reader refused before only warns when a patched bearerbox is configured, whose keys it does not
 * know. */
bool byo_kannel_verify(const ByoKannel *k, bool applying, ByoFaults *why);
typedef enum {
    BYO_KANNEL_ALL,
    BYO_KANNEL_NONE,
    BYO_KANNEL_PART /* a disk that breaks: some were replaced and cannot be put back; each of them is told */
} ByoKannelWritten;
/* Replaces the files, the ones before beside them; owner, mode and access list stay. */
ByoKannelWritten byo_kannel_write(const ByoKannel *k, ByoFaults *why);
/* At the end, also when nothing was changed: takes away backups that say the same as their file, and what a run
 * that was killed left. The folder for receipts stays: bearerbox uses it until it is started again. */
void byo_kannel_tidy(const ByoKannel *k);
/* Makes the folder the new dlr-storage needs, for the user bearerbox runs as. False: told. */
bool byo_kannel_make_spool(const ByoKannel *k, ByoFaults *why);

/* What gwlib's reader says of a whole configuration without includes: true, it takes it; else *said is why. Runs
 * in a process of its own, which that reader may end. */
bool byo_kannel_reader_takes(ByoStr text, ByoBuf *said);

/* A text that is found under BYO_KANNEL_UNNAMED by this process and those it forks, and in no folder: passwords
 * stand in it, and a process that is killed leaves nothing. The caller closes it. -1: errno says why. */
int byo_kannel_unnamed(ByoStr text);
#define BYO_KANNEL_UNNAMED "/proc/self/fd/%d"

#endif
