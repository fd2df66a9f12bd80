/* SPDX-License-Identifier: BSD-3-Clause
 * The advanced configuration of an integration: JSON in, error map and charset list out (spec J1-J6).
 * The default of both comes from one data file, default-advanced.json, compiled in.
 * Ownership: the caller destroys what load returns. Threads: none; the result is immutable. */
#ifndef BYO_INTEGRATION_ADVANCED_H
#define BYO_INTEGRATION_ADVANCED_H

#include "base/fault.h"
#include "encoding/encode.h"
#include "integration/error_map.h"

typedef struct {
    ByoErrorMap *map;        /* defaults, overridden by the file's entries (spec J2) */
    ByoCharsetList charsets; /* the file's list, else the default (spec J5); carry decided */
    char *own;               /* what the file says, in canonical form; "{}": nothing */
} ByoAdvanced;

typedef struct {
    const char *file;          /* for messages; NULL: none */
    bool allow_unknown_causes; /* (spec J1) */
    unsigned features;         /* BYO_FEATURE_ bits of this bearerbox */
} ByoAdvancedOptions;

#define BYO_ADVANCED_MAX_SIZE (1024 * 1024)

/* text absent or empty: the defaults. All faults are collected (line, column, JSON pointer, reason).
 * NULL when there is an error; a pair this bearerbox cannot carry is a warning naming the patch that
 * lifts it, and an error only when no pair is left. */
ByoAdvanced *byo_advanced_load(ByoStr text, const ByoAdvancedOptions *opt, ByoFaults *faults);
void byo_advanced_destroy(ByoAdvanced *a);

/* The compiled-in default text. */
ByoStr byo_advanced_default_text(void);

#endif
