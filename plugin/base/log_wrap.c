/* SPDX-License-Identifier: BSD-3-Clause
 * fopen() for a program linked with --wrap=fopen (log_json.h): everybody else's files pass. Not in the library, so that
 * a program without that flag is not asked for it.
 * Threads: any. */
#include "base/log_json.h"

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen64(const char *path, const char *mode);
FILE *__wrap_fopen64(const char *path, const char *mode);

FILE *__wrap_fopen(const char *path, const char *mode)
{
    return byo_log_json_stream(path, mode, __real_fopen(path, mode));
}

/* Where file offsets have 64 bits by a macro. */
FILE *__wrap_fopen64(const char *path, const char *mode)
{
    return byo_log_json_stream(path, mode, __real_fopen64(path, mode));
}
