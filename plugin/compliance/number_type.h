/* SPDX-License-Identifier: BSD-3-Clause
 * What libphonenumber knows of an E.164 number, behind a C interface (spec N8). No
 * C++ exception leaves it. Ownership: values. Threads: any, after the first call returned once. */
#ifndef BYO_COMPLIANCE_NUMBER_TYPE_H
#define BYO_COMPLIANCE_NUMBER_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    BYO_PHONE_POSSIBLE = 0,
    BYO_PHONE_BAD_COUNTRY_CODE, /* no country or service has this calling code */
    BYO_PHONE_TOO_SHORT,        /* for its country */
    BYO_PHONE_TOO_LONG,
    BYO_PHONE_BAD_LENGTH /* between the shortest and the longest, but none has it */
} ByoPhonePossible;

typedef enum {
    BYO_PHONE_UNKNOWN = 0, /* in no range libphonenumber knows: may be anything */
    BYO_PHONE_FIXED,
    BYO_PHONE_MOBILE,
    BYO_PHONE_FIXED_OR_MOBILE,
    BYO_PHONE_TOLL_FREE,
    BYO_PHONE_PREMIUM,
    BYO_PHONE_OTHER /* VoIP, shared cost, personal, pager, company wide: no contradiction to anything */
} ByoPhoneType;

typedef struct {
    ByoPhonePossible possible;
    ByoPhoneType type;
    int calling_code;
    char region[4]; /* ISO 3166 of its range, "001" for an international service, "" when unknown */
} ByoPhone;

/* e164: '+' and 1..20 digits. */
void byo_phone_look(const char *e164, ByoPhone *phone_r);
/* Whether the number can be of this country (upper case ISO 3166): it has the calling code, and the range
 * is not known to be another country's. */
bool byo_phone_in_country(const char *e164, const char *country);
/* The calling code of a country, 0: it has none of its own there. */
int byo_phone_calling_code(const char *country);
/* What is dialled before a national number, digits only: "0", "8", "06"; "" for none. */
void byo_phone_national_prefix(const char *country, char prefix_r[6]);
/* Judges international digits without '+', as they stand; code: how many of them are the calling code. */
bool byo_phone_possible(const char *digits, size_t code); /* a number of its plan may have this length */
bool byo_phone_valid(const char *digits, size_t code);    /* in a range that is in use */
/* The country of international digits, by its range or else the largest country of its calling code; "" for
 * services of no country. */
void byo_phone_country(const char *digits, size_t code, char country_r[3]);
/* Digits as dialled inside a country, with its national prefix (and carrier codes), as international ones.
 * False: they are none. size: of digits_r. */
bool byo_phone_dialled(const char *digits, const char *country, char *digits_r, size_t size);

#ifdef __cplusplus
}
#endif

#endif
