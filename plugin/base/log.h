/* SPDX-License-Identifier: BSD-3-Clause
 * The log: gwlib's, so operators find the format they know. Never called by PURE rooms.
 * A fault is logged once, by the lowest level that knows its cause.
 * Threads: any. */
#ifndef BYO_BASE_LOG_H
#define BYO_BASE_LOG_H

#include "base/str.h"

typedef enum { BYO_LOG_DEBUG = 0, BYO_LOG_INFO = 1, BYO_LOG_WARNING = 2, BYO_LOG_ERROR = 3 } ByoLogLevel;

void byo_log(ByoLogLevel level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool byo_log_wants(ByoLogLevel level);

#define byo_log_error(...) byo_log(BYO_LOG_ERROR, __VA_ARGS__)
#define byo_log_warning(...) byo_log(BYO_LOG_WARNING, __VA_ARGS__)
#define byo_log_info(...) byo_log(BYO_LOG_INFO, __VA_ARGS__)
#define byo_log_debug(...) \
    do { \
        if (byo_log_wants(BYO_LOG_DEBUG)) \
            byo_log(BYO_LOG_DEBUG, __VA_ARGS__); \
    } while (0)

/* The access log: one line for each message taken, refused, ended or received. Nothing when it is not
 * open. */
void byo_log_access(const char *line);
bool byo_log_access_wanted(void);           /* it is open: a line is worth being made */
bool byo_log_access_open(const char *file); /* false: it cannot be opened */

/* Before threads start. file NULL: none. level: least level written (0 debug .. 3 error); to_stderr the
 * same for standard error, 5: silent. */
void byo_log_open(const char *file, int level, int to_stderr);
/* The same with a file of JSON lines (log_json.h). False: this program cannot, nothing is opened but standard error. */
bool byo_log_open_json(const char *file, int level, int to_stderr);
void byo_log_reopen(void); /* after rotation */
void byo_log_close(void);

#endif
