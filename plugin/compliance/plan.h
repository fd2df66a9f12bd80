/* SPDX-License-Identifier: BSD-3-Clause
 * What we know of number plans beside libphonenumber, as tables: calling codes, trunk zeros, closed plans,
 * plans that grew, phones with two forms (spec P17). None of it changes with libphonenumber, so
 * what is compared by it (byo_plan_key) is found again after any upgrade of it.
 * Digits are those of an international number without '+', NUL-terminated. Threads: values. */
#ifndef BYO_COMPLIANCE_PLAN_H
#define BYO_COMPLIANCE_PLAN_H

#include "encoding/address.h"

/* Length of the calling code the digits begin with (ITU-T E.164 assigned codes); 0: there is none such. */
size_t byo_plan_code(const char *digits);
/* One trunk zero stands behind the calling code, and the code is one whose numbers never begin with it. */
bool byo_plan_has_trunk_zero(const char *digits);
/* A closed plan: every national number has this many digits (+1: ten); 0: not closed, or not known to be. */
size_t byo_plan_closed(const char *code);
/* Lengths that are possible though libphonenumber may not know them yet. */
bool byo_plan_grew(const char *digits);

/* The form numbers are compared in: without trunk zero, and of two forms of one phone (Mexico 52 1,
 * Argentina 54 9, Brazil's ninth digit) the shorter one. Never shorter than 1 digit; what is no
 * international number stays as it is. key_r may be digits. Returns its length. */
size_t byo_plan_key(const char *digits, char key_r[BYO_ADDRESS_MAX]);

/* Every spelling with the same key: with and without the mobile digit and the trunk zero. */
enum { BYO_PLAN_FORMS = 4 };
typedef struct {
    char digits[BYO_PLAN_FORMS][BYO_ADDRESS_MAX];
    int n;
} ByoPlanForms;
/* The given digits come first. */
void byo_plan_forms(const char *digits, ByoPlanForms *forms_r);

#endif
