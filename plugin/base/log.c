/* SPDX-License-Identifier: BSD-3-Clause
 * The one file that calls gwlib's log.
 * Ownership: gwlib owns the log files. Threads: open and close while there is one thread. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log_json.h"

#define PRINTFLIKE(a, b) __attribute__((format(printf, a, b)))
#include "gwlib/accesslog.h"
#include "gwlib/log.h"

static int least = BYO_LOG_INFO;

bool byo_log_wants(ByoLogLevel level)
{
    return (int)level >= least;
}

void byo_log(ByoLogLevel level, const char *fmt, ...)
{
    if (!byo_log_wants(level))
        return;
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    /* One line an entry, whatever a peer put into it. */
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20)
            *p = ' ';
    switch (level) {
    case BYO_LOG_DEBUG:
        debug("byobox", 0, "%s", text);
        break;
    case BYO_LOG_INFO:
        info(0, "%s", text);
        break;
    case BYO_LOG_WARNING:
        warning(0, "%s", text);
        break;
    case BYO_LOG_ERROR:
        error(0, "%s", text);
        break;
    }
}

void byo_log_open(const char *file, int level, int to_stderr)
{
    log_set_output_level((enum output_level)to_stderr);
    least = to_stderr;
    if (file) {
        char *name = byo_strdup(file);
        log_open(name, level, GW_NON_EXCL);
        free(name);
        if (level < least)
            least = level;
    }
}

bool byo_log_open_json(const char *file, int level, int to_stderr)
{
    byo_log_json_only(file);
    byo_log_open(file, level, to_stderr);
    if (byo_log_json_works())
        return true;
    byo_log_json_only(NULL);
    log_close_all();
    return false;
}

static bool access_is_open;

bool byo_log_access_wanted(void)
{
    return access_is_open;
}

void byo_log_access(const char *line)
{
    if (access_is_open)
        alog("%s", line);
}

bool byo_log_access_open(const char *file)
{
    FILE *writable = fopen(file, "ae"); /* gwlib only logs that it cannot */
    if (!writable)
        return false;
    fclose(writable);
    char *name = byo_strdup(file);
    alog_open(name, 1, 0); /* local time, as bearerbox's; no markers */
    free(name);
    access_is_open = true;
    return true;
}

void byo_log_reopen(void)
{
    log_reopen();
    if (access_is_open)
        alog_reopen();
}

void byo_log_close(void)
{
    if (access_is_open)
        alog_close();
    access_is_open = false;
    log_close_all();
    byo_log_json_only(NULL);
}
