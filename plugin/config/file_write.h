/* SPDX-License-Identifier: BSD-3-Clause
 * Writing a file whole: its name has the old content or the new one, never a part of it.
 * Decides: the text goes to a temporary name beside it, to the disk, then to its name. What a crash left under the temporary
 * name is taken away, never written through. The folder is not synced: who changes several names does that once.
 * Threads: any, one for each temporary name. */
#ifndef BYO_CONFIG_FILE_WRITE_H
#define BYO_CONFIG_FILE_WRITE_H

#include "base/str.h"

typedef struct {
    const char *path, *temporary; /* in one folder */
    /* Gives fd owner and mode, before it gets its name; until then it is 0600 and this user's. NULL: it stays so. False:
     * it is not written. */
    bool (*dress)(void *arg, int fd);
    void *arg;
} ByoFileWrite;

/* False: errno, and *at_r, if given, is the name it happened at; no temporary file stays. */
bool byo_file_write(const ByoFileWrite *w, ByoStr text, const char **at_r);
/* All of text, on the disk. False: errno. */
bool byo_file_put(int fd, ByoStr text);
/* The names in a folder last. False: errno. */
bool byo_folder_sync(const char *folder);

#endif
