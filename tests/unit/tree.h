/* SPDX-License-Identifier: BSD-3-Clause
 * The files of the source tree that a test looks at: below srcdir, which automake says, or here. */
#ifndef TREE_H
#define TREE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

/* The caller frees it. */
static inline char *tree_read(const char *name)
{
    const char *top = getenv("srcdir");
    char *path = byo_printf("%s/%s", top ? top : ".", name), piece[4096];
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "cannot read %s", path);
    ByoBuf text = {0};
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        byo_buf_add(&text, piece, n);
    fclose(f);
    free(path);
    return text.p;
}

#endif
