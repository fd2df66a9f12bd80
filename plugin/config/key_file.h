/* SPDX-License-Identifier: BSD-3-Clause
 * The credentials-key-file, for who seals passwords: one that is not there is made.
 * Ownership: see the function. Threads: any; several at once find the same key. */
#ifndef BYO_CONFIG_KEY_FILE_H
#define BYO_CONFIG_KEY_FILE_H

#include "integration/credentials.h"

/* The keys of the file; a missing file is made with one new key, mode 0600. path NULL: the configuration names none.
 * NULL: *why_r is a sentence the caller frees. */
ByoKeyring *byo_key_file_ring(const char *path, char **why_r);

#endif
