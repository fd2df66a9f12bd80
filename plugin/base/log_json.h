/* SPDX-License-Identifier: BSD-3-Clause
 * The log as JSON, one object a line. gwlib writes its log files itself and in one form only, so the program is linked
 * with its fopen() wrapped (log_wrap.c): the file of that name becomes a stream that rewrites what gwlib writes, its
 * messages and ours alike, in the caller's thread, before the call that logs returns.
 * Ownership: the stream owns the file below it. Threads: the path is set while there is one; a stream is used under
 * stdio's lock of it. */
#ifndef BYO_BASE_LOG_JSON_H
#define BYO_BASE_LOG_JSON_H

#include <stdio.h>

#include "base/clock.h"

enum { BYO_LOG_JSON_BUFFER = 16384 };

/* Appends the object and a newline: time, level, process, thread, and text or, of an event, its object. What is not of
 * gwlib's form has time and text. Octets that are no UTF-8 become U+FFFD. message: without its newline. */
void byo_log_json(ByoStr message, ByoTime now, ByoBuf *out);

/* Files of this name are rewritten from now on; NULL: none. */
void byo_log_json_only(const char *path);
/* Such a file was opened since: the program is linked as it must be. */
bool byo_log_json_works(void);
/* What the wrapped fopen() gives for a file it opened: itself, or the stream when it is the log, to be appended to. */
FILE *byo_log_json_stream(const char *path, const char *mode, FILE *file);

#endif
