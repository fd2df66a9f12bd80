/* SPDX-License-Identifier: BSD-3-Clause
 * Addresses as they are written (spec P3-P8, P17): digits out of texts, and what a submit_sm says.
 * Inside, every number is E.164 with '+', a short code its digits. Threads: values. */
#ifndef BYO_ENCODING_ADDRESS_H
#define BYO_ENCODING_ADDRESS_H

#include "base/str.h"

#define BYO_ADDRESS_MAX 22 /* '+', 20 digits (SMPP 3.4 5.2.8), NUL */
/* Digits of a telephone number (ITU-T E.164; fewer are no international number) and of a short code. What has more
 * than 6 digits and is no short code of ours is a telephone number: byo_number_is_long. */
enum { BYO_E164_MIN = 7, BYO_E164_MAX = 15, BYO_SHORT_CODE_MIN = 3, BYO_SHORT_CODE_MAX = 8 };

/* How a number may be written. */
typedef enum {
    BYO_MANNER_WIRE,  /* MO addresses: digits and '+' */
    BYO_MANNER_TYPED, /* MT recipients and senders: spaces and dashes as well */
    BYO_MANNER_PEOPLE /* lists and the API: dots, parentheses and full-width forms as well */
} ByoManner;

/* A number's digits as they were written. */
typedef struct {
    char digits[BYO_ADDRESS_MAX]; /* 1..20 of them, what stood for "international" taken off */
    size_t n;
    bool international; /* '+' or 00 stood before them */
} ByoWritten;

/* False: it is no number: something else than digits and what the manner allows, no digit, more than 20
 * octets of them; or a "(0)": it is dialled at home and left out from abroad, so it has two readings. What the
 * digits mean is compliance/reading.h's. */
bool byo_address_written(ByoStr text, ByoManner manner, ByoWritten *w_r);

typedef struct {
    bool inbound_plus_prefix;             /* (spec P3) */
    bool outbound_plus_prefix;            /* (spec P4) */
    int address_ton, address_npi;         /* (spec P5, P6) */
    int destination_ton, destination_npi; /* (spec P7, P8) */
} ByoAddressRules;

/* What the submit_sm of an MT shall say. Destination carries no '+'. */
typedef struct {
    char source[BYO_ADDRESS_MAX], destination[BYO_ADDRESS_MAX];
    int source_ton, source_npi, destination_ton, destination_npi;
} ByoAddressOut;

/* ours: E.164 with '+' or a short code's digits; recipient: E.164 with '+'. */
void byo_address_mt(const ByoAddressRules *rules, const char *ours, const char *recipient,
                    ByoAddressOut *out);

#endif
