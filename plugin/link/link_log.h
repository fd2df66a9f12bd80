/* SPDX-License-Identifier: BSD-3-Clause
 * What bearerbox logs of one integration's binds, in a file of its own: why a bind does not come up, and what the
 * carrier answered. Stock bearerbox says neither on its status page (host H12).
 *
 * Decides: which of an attempt's lines tells most: the carrier's refusal, a name that cannot be resolved, TLS, a
 * refused or failed connection, a closed one.
 * Ownership: a ByoLinkLog owns its text; zeroed it is new, byo_link_log_free ends it.
 * Threads: one owner. */
#ifndef BYO_LINK_LINK_LOG_H
#define BYO_LINK_LINK_LOG_H

#include <sys/types.h>

#include "base/str.h"

typedef enum {
    BYO_LINK_FAULT_NONE = 0, /* the stronger the greater */
    BYO_LINK_FAULT_OTHER,
    BYO_LINK_FAULT_CLOSED,
    BYO_LINK_FAULT_CONNECT,
    BYO_LINK_FAULT_TLS,
    BYO_LINK_FAULT_RESOLVE,
    BYO_LINK_FAULT_REJECTED /* the carrier's own answer */
} ByoLinkFault;

typedef struct {
    ByoLinkFault fault;
    int64_t status; /* command_status of a rejected bind, else -1 */
    char text[240]; /* one sentence part, no control characters */
    char when[20];  /* as the log has it: 2026-11-28 14:52:11; "": it says none */
} ByoLinkError;

typedef struct {
    bool looked; /* once at least */
    int error;   /* errno of the last look; 0: it could be read */
    dev_t dev;
    ino_t ino;
    off_t at;                   /* read up to here */
    ByoBuf part;                /* a line whose end has not come */
    ByoLinkError attempt, last; /* of the attempt under way; of the last one that is over */
    /* Bind answers other than 0 the last look brought, but for the first look. */
    int64_t rejected_status;
    int rejected;
} ByoLinkLog;

/* Creates the file, so that bearerbox and byobox can both use it (bearerbox would make it its own alone): mode 0660,
 * of the folder's group where the folder says so by its setgid bit, else of group and, as root, owner of `like`.
 * One that is there is left alone. False: why_r. */
bool byo_link_log_create(const char *path, const char *like, char why_r[200]);
/* Reads what was added since the last look; the first time the last 64 kB. */
void byo_link_log_look(ByoLinkLog *l, const char *path);
/* The binds are all up: what was before does not count any more. */
void byo_link_log_fine(ByoLinkLog *l);
/* What keeps the bind from coming up; fault NONE: nothing is known. */
const ByoLinkError *byo_link_log_error(const ByoLinkLog *l);
void byo_link_log_free(ByoLinkLog *l);

/* One line of the log, for tests and fuzzing. */
void byo_link_log_line(ByoLinkLog *l, ByoStr line);

#endif
