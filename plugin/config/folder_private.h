/* SPDX-License-Identifier: BSD-3-Clause
 * Inside integrations-dir: a change on its way, as .ID.put holds it.
 * Ownership: the bundle owns its texts until byo_folder_bundle_free. Threads: values. */
#ifndef BYO_CONFIG_FOLDER_PRIVATE_H
#define BYO_CONFIG_FOLDER_PRIVATE_H

#include "config/folder.h"
#include "integration/integration.h"

typedef struct {
    char id[BYO_ID_MAX + 1];
    ByoFolderTexts texts;
    ByoBuf text; /* they point into it */
} ByoFolderBundle;

/* The id a name has before this ending; absent: it has not, or that is no id. Borrows from the name. */
ByoStr byo_folder_id(const char *name, const char *ending);
bool byo_folder_is_bundle(const char *name);
/* name: as byo_folder_is_bundle takes it. Freed in any case. */
bool byo_folder_bundle(const char *folder, const char *name, ByoFolderBundle *b, ByoBuf *why);
void byo_folder_bundle_text(const ByoFolderTexts *texts, ByoBuf *out);
void byo_folder_bundle_free(ByoFolderBundle *b);

#endif
