/* SPDX-License-Identifier: BSD-3-Clause
 * A number's compliance texts as JSON, for the API and the store (spec N3):
 * {"help": [{"keywords": [], "reply": ""}], "optOut": [...], "optIn": [...], "optOutPatterns": [], "optOutLoose": true}.
 * A single group may stand in place of its list.
 * Ownership: the caller frees what is made. Threads: values. */
#ifndef BYO_COMPLIANCE_COMPLIANCE_JSON_H
#define BYO_COMPLIANCE_COMPLIANCE_JSON_H

#include "base/json.h"
#include "compliance/number.h"

/* False: faults were added to the document. *c is overwritten; free it in both cases. */
bool byo_compliance_read(const ByoJsonAt *object, ByoCompliance *c);
/* NULL for an empty one. */
ByoJson *byo_compliance_json(const ByoCompliance *c);
/* "" for an empty one; caller frees with byo_buf_free. */
void byo_compliance_text(const ByoCompliance *c, ByoBuf *out);

/* A stored number. False: *fault_r says what is wrong with the row. */
bool byo_number_from_row(ByoStr digits, ByoStr type, ByoStr integration, ByoStr country, ByoStr json,
                         ByoNumber *n_r, ByoComplianceFault *fault_r);

#endif
