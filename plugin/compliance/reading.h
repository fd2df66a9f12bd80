/* SPDX-License-Identifier: BSD-3-Clause
 * Whose number is this (spec P17, N7): the one place that decides what a number as it
 * came means: senders and destinations of MOs, recipients of MTs, imports, opt-outs, API and byoctl.
 *
 *   short code      3 to 6 digits without '+', 00 or TON 1/2; never a phone
 *   international   '+', 00 or TON 1: any length from 7 to 15 digits behind a known calling code; one trunk
 *                   zero behind it goes
 *   bare digits     against the home country:
 *                   - a national prefix that begins with 0 (0, 06): national
 *                   - the home country's own calling code first, and possible so: international
 *                   - TON 2: national where that is possible. But Kannel gives TON 2 to all bare digits, so
 *                     in an open plan a valid international number stays one
 *                   - else valid beats possible beats impossible; equal ones: international, but for an MO
 *                     at a closed plan national. A national prefix like 8 or 1 is one more national reading
 *                   - nothing is possible: no number
 *                   Without a home country they are international.
 *
 * The canonical form is E.164 as libphonenumber writes it, but that both forms of Mexican, Argentine and
 * Brazilian mobiles stay as they came; they are compared by byo_plan_key.
 * Plain E.164 costs no look at libphonenumber.
 * Threads: values; libphonenumber's tables are made by the first call that needs them. */
#ifndef BYO_COMPLIANCE_READING_H
#define BYO_COMPLIANCE_READING_H

#include "encoding/address.h"

/* A country as digits are read against it. */
typedef struct {
    char country[3]; /* ISO 3166; "": none, nothing is read against it */
    char code[4];    /* its calling code */
    char prefix[6];  /* dialled before a national number; "" for none */
} ByoHome;
/* country: upper case ISO 3166 or "". One without numbers of its own gives an empty home. */
void byo_home_make(const char *country, ByoHome *home_r);
/* The home of one of our numbers: country as it was imported, "" not given; else that of its digits. */
void byo_home_of(const char *digits, bool short_code, const char *country, ByoHome *home_r);

typedef enum {
    BYO_READ_NOTHING = 0, /* no number, or no reading of it is possible */
    BYO_READ_SHORT_CODE,
    BYO_READ_PHONE
} ByoReadKind;

enum { BYO_READ_OTHERS = 2, BYO_TON_UNKNOWN = -1 };

typedef struct {
    ByoManner manner;
    int ton;             /* SMPP 3.4 5.2.5; BYO_TON_UNKNOWN: not told. Bearerbox's '+' is TON 1 */
    bool inbound;        /* an MO's address */
    const ByoHome *home; /* NULL: none */
} ByoReadHow;

typedef struct {
    char e164[BYO_ADDRESS_MAX]; /* of a phone: '+' and 7..15 digits; of a short code: its digits; else "" */
    /* What a phone's bare digits may mean as well, E.164 with '+'; only of an MO: a STOP covers them. */
    char others[BYO_READ_OTHERS][BYO_ADDRESS_MAX];
    int n_others;
} ByoReading;

ByoReadKind byo_read(ByoStr text, const ByoReadHow *how, ByoReading *reading_r);

/* The digits a path, a filter or a list means: E.164 with or without '+', or a short code; nothing is read
 * against a country. Gives them without '+'. False: it is neither. */
bool byo_read_digits(ByoStr text, char digits_r[BYO_ADDRESS_MAX]);
/* The same of a phone alone. */
bool byo_read_phone_digits(ByoStr text, char digits_r[BYO_ADDRESS_MAX]);

/* National spellings of one of our long numbers, digits: without and with its national prefix. They are
 * looked up beside byo_plan_forms. Returns how many. */
enum { BYO_READ_NATIONAL = 2 };
int byo_read_national(const char *digits, const ByoHome *home, char out[BYO_READ_NATIONAL][BYO_ADDRESS_MAX]);

/* What bare digits without a country probably mean, for a person: "+12025550100", or "" for no idea.
 * home: a country that is likely, or NULL. */
void byo_read_probably(const char *digits, const ByoHome *home, char e164_r[BYO_ADDRESS_MAX]);

/* Another one when readings change so that stored opt-outs must gain rows (flow/opt_outs.c). */
#define BYO_READING_RULES "1"

#endif
