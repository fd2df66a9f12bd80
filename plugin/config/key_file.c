/* SPDX-License-Identifier: BSD-3-Clause
 * Ownership and threads: key_file.h. */
#include "config/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "config/file_write.h"
#include "config/files.h"

static bool write_key(int fd)
{
    char key[BYO_KEY_LINE + 1];
    bool fine = byo_key_generate(key);
    if (fine)
        key[BYO_KEY_LINE - 1] = '\n';
    fine = fine && byo_file_put(fd, byo_strn(key, BYO_KEY_LINE));
    OPENSSL_cleanse(key, sizeof key);
    return fine;
}

/* What is sealed with the key must not last longer than the key. */
static bool keep_name(const char *path)
{
    char *folder = byo_path_folder(path);
    bool fine = byo_folder_sync(folder);
    free(folder);
    return fine;
}

/* Whole or not at all, and never over one that is there. */
static bool make(const char *path, char **why_r)
{
    char *temporary = byo_printf("%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC); /* 0600 */
    bool fine =
        fd >= 0 && write_key(fd) && (link(temporary, path) == 0 || errno == EEXIST) && keep_name(path);
    if (!fine)
        *why_r = byo_printf(
            "The password cannot be sealed: credentials-key-file %s is not there and cannot be made: "
            "%s. Make it: (umask 077; byoctl seal --new-key >%s), owned by the user byobox runs as.",
            path, strerror(errno), path);
    else
        byo_log_info("credentials-key-file %s was made", path);
    if (fd >= 0) {
        unlink(temporary);
        close(fd);
    }
    free(temporary);
    return fine;
}

ByoKeyring *byo_key_file_ring(const char *path, char **why_r)
{
    struct stat st;
    ByoBuf text = {0}, why = {0};
    ByoFaults faults = {0};
    ByoKeyring *ring = NULL;
    if (!path) {
        *why_r =
            byo_strdup("The configuration names no credentials-key-file, with which passwords are sealed.");
        return NULL;
    }
    if (lstat(path, &st) != 0 && errno == ENOENT && !make(path, why_r))
        return NULL;
    if (!byo_secret_file_read(path, BYO_KEY_FILE_MAX, &text, &why))
        *why_r = byo_printf("The password cannot be sealed: credentials-key-file %s: %s.", path, why.p);
    else if (!(ring = byo_keyring_read(byo_buf_str(&text), path, &faults)))
        *why_r = byo_printf("The password cannot be sealed: %s: %s.", path, faults.items[0].text);
    if (text.p)
        OPENSSL_cleanse(text.p, text.cap);
    byo_buf_free(&text);
    byo_buf_free(&why);
    byo_faults_free(&faults);
    return ring;
}
