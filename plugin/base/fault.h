/* SPDX-License-Identifier: BSD-3-Clause
 * Faults of an input (configuration, JSON), collected so that all are told in one go.
 * Each fault is one sentence for a person: what, where, what is allowed.
 * Ownership: the list owns its texts. Threads: none. */
#ifndef BYO_BASE_FAULT_H
#define BYO_BASE_FAULT_H

#include "base/str.h"

typedef enum { BYO_FAULT_ERROR, BYO_FAULT_WARNING } ByoSeverity;

typedef struct {
    ByoSeverity severity;
    char *file; /* NULL when there is none */
    int line;   /* from 1; 0 = unknown */
    int column; /* from 1, in bytes; 0 = unknown */
    char *text; /* "smsc-port = 99999: ..."; never contains a password */
} ByoFault;

typedef struct {
    ByoFault *items;
    size_t n;
    size_t errors;
    size_t warnings;
} ByoFaults;

void byo_fault_add(ByoFaults *f, ByoSeverity severity, const char *file, int line, int column,
                   const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* "FILE:LINE:COLUMN: error: TEXT", without the parts that are unknown; caller frees. */
char *byo_fault_line(const ByoFault *fault);
void byo_faults_free(ByoFaults *f);

#endif
