/* SPDX-License-Identifier: BSD-3-Clause
 * The files of the console, in the program. The build makes the table from the files of this folder
 * (make_assets.py); with --disable-console it is empty. admin/api_assets.c serves it.
 * Ownership: constants. Threads: any. */
#ifndef BYO_CONSOLE_ASSETS_H
#define BYO_CONSOLE_ASSETS_H

#include "base/str.h"

typedef struct {
    const char *path;    /* "/", "/assets/app.js" */
    const char *type;    /* media type, with its charset */
    const char *licence; /* SPDX */
    const char *tag;     /* of the content: an ETag without its quotes */
    ByoStr plain, gzip;
} ByoAsset;

extern const ByoAsset byo_assets[];
extern const size_t byo_assets_n;

#endif
