/* SPDX-License-Identifier: BSD-3-Clause
 * A number of the inventory and what may become one (spec N1-N5, N8).
 * Ownership: ByoNumber owns its compliance texts until byo_number_free. Threads: values; a ByoImports
 * belongs to one thread. */
#ifndef BYO_COMPLIANCE_NUMBER_H
#define BYO_COMPLIANCE_NUMBER_H

#include "compliance/compliance.h"
#include "encoding/address.h"
#include "encoding/country.h"

#define BYO_NUMBER_ID_MAX 33 /* an integration's id: [A-Za-z0-9._-]{1,32}, NUL */

typedef enum {
    BYO_NUMBER_LOCAL = 0,
    BYO_NUMBER_MOBILE,
    BYO_NUMBER_TOLL_FREE,
    BYO_NUMBER_SHORT_CODE
} ByoNumberType;

/* "local", "mobile", "toll-free", "short-code". parse: any letter case, space or _ for the hyphen. */
const char *byo_number_type_name(ByoNumberType type);
bool byo_number_type_parse(ByoStr name, ByoNumberType *type_r);

typedef struct {
    char digits[BYO_ADDRESS_MAX]; /* without '+': how it is looked up and stored */
    ByoNumberType type;
    char integration[BYO_NUMBER_ID_MAX];
    char country[3];          /* ISO 3166 alpha-2, upper case; "" when none was given */
    ByoCompliance compliance; /* empty: the standard set (long numbers only) */
} ByoNumber;

/* "+12025550100" or "54321". Returns buf. */
const char *byo_number_text(const ByoNumber *n, char buf[BYO_ADDRESS_MAX]);
void byo_number_free(ByoNumber *n);

/* (spec N5) */
typedef enum {
    BYO_REFUSE_NONE = 0,
    BYO_REFUSE_INTEGRATION_MISSING,
    BYO_REFUSE_COMPLIANCE_MISSING,
    BYO_REFUSE_TYPE_MISMATCH, /* also: it is no number at all, or no such type */
    BYO_REFUSE_COUNTRY_MISMATCH,
    BYO_REFUSE_IMPORT_IN_PROGRESS,
    BYO_REFUSE_NUMBER_TAKEN,
    BYO_REFUSE_INTEGRATION_RECEIVES /* it only receives (field S11) */
} ByoRefusal;

/* "integration-missing", ...; "" for none. The codes are stable. */
const char *byo_refusal_code(ByoRefusal r);
/* False: the request itself is wrong (HTTP 422); true: it clashes with what is there (409). */
bool byo_refusal_is_conflict(ByoRefusal r);

/* How many digits a short code of ours may have (field C31; `short-code-digits`). */
typedef struct {
    int min, max; /* BYO_SHORT_CODE_MIN..BYO_SHORT_CODE_MAX; 0: 5 to 6 (spec N2) */
} ByoShortCodes;
/* "5-6", "3-8", "5"; false: it is none. */
bool byo_short_codes_parse(ByoStr text, ByoShortCodes *codes_r);

/* An import as somebody typed it; absent texts were not given. */
typedef struct {
    ByoStr number, integration, type, country;
    const ByoCompliance *compliance; /* NULL or empty: none given */
    ByoShortCodes short_codes;
} ByoNumberRequest;

/* Whether stored digits are a long number, '+' belongs in front, when nothing else tells: more than eight, or seven
 * and eight where they can be one. */
bool byo_number_is_long(ByoStr digits);

/* Judges the request by itself. integration_known: the named integration exists and is not deleted.
 * BYO_REFUSE_NONE: *n_r is filled in (texts copied; the caller frees it), else it is empty. */
ByoRefusal byo_number_check(const ByoNumberRequest *req, bool integration_known, ByoNumber *n_r,
                            ByoComplianceFault *fault_r);

/* Why a receiver gets no numbers (field S11), and the way out. transmitter: the id it receives for; "": none. */
ByoRefusal byo_number_receiver(ByoStr integration, const char *transmitter, ByoComplianceFault *fault_r);

/* Judges a checked number against the inventory. owner: the integration that has it now, absent: none;
 * in_progress: another import of it has not ended (byo_imports_begin said false). A number that is there
 * already is refused whoever has it: an import never overwrites texts. */
ByoRefusal byo_number_admit(const ByoNumber *n, ByoStr owner, bool in_progress, ByoComplianceFault *fault_r);

/* Changing a number that is there (type, country and integration stay): its new compliance texts. */
ByoRefusal byo_number_change(const ByoNumber *n, const ByoCompliance *texts, ByoComplianceFault *fault_r);

/* Imports that have begun and not ended; small. */
typedef struct ByoImports ByoImports;
ByoImports *byo_imports_create(void);
/* False: an import of these digits is in progress. */
bool byo_imports_begin(ByoImports *i, const char *digits);
void byo_imports_end(ByoImports *i, const char *digits);
void byo_imports_destroy(ByoImports *i);

#endif
