/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the room: how its files copy a text and write a fault for a person.
 * Ownership: values. Threads: values. */
#ifndef BYO_COMPLIANCE_FAULT_H
#define BYO_COMPLIANCE_FAULT_H

#include "compliance/compliance.h"

/* fault may be NULL. A sentence that is too long is cut at a character. */
void byo_compliance_fault(ByoComplianceFault *fault, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A copy the caller frees, with U+FFFD for each NUL: a C string that holds all of it. */
char *byo_compliance_dup(ByoStr s);

#define BYO_QUOTE_BYTES 80
/* What somebody typed, safe to show: valid UTF-8, control and direction characters as U+FFFD, cut at
 * BYO_QUOTE_BYTES. Returns buf. */
const char *byo_compliance_quote(ByoStr s, char buf[BYO_QUOTE_BYTES]);

#endif
