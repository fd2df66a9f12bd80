/* SPDX-License-Identifier: BSD-3-Clause
 * Addresses (spec P3-P8, N2, section 7 "P3/P4"): inside, every number is E.164 with '+', a short code
 * its 5 or 6 digits. Threads: values. */
#ifndef BYO_ENCODING_ADDRESS_H
#define BYO_ENCODING_ADDRESS_H

#include "base/str.h"

#define BYO_ADDRESS_MAX 22 /* '+', 20 digits (SMPP 3.4 5.2.8), NUL */

/* The recipient of an MT (spec section 7 "P3/P4"): spaces, dashes, 00 and '+' are understood; digits without
 * '+' are international. Gives +digits (7..15 of them). False: DEST_ADDR_INVALID; also a single leading 0,
 * the national form. */
bool byo_address_recipient(ByoStr typed, char e164_r[BYO_ADDRESS_MAX]);

/* The same of what people type and lists hold: dots, parentheses and full-width forms as well, but not
 * "(0)", which has two readings. */
bool byo_address_phone(ByoStr typed, char e164_r[BYO_ADDRESS_MAX]);

/* The digits of one of our numbers as somebody wrote it ("+1 202 555-0100", "0012025550100",
 * "12025550100", "54321"), for looking it up: matched by digits, with or without '+'. False: no number. */
bool byo_address_digits(ByoStr typed, char digits_r[BYO_ADDRESS_MAX]);

typedef struct {
    bool inbound_plus_prefix;             /* P3 */
    bool outbound_plus_prefix;            /* P4 */
    int address_ton, address_npi;         /* P5, P6 */
    int destination_ton, destination_npi; /* P7, P8 */
} ByoAddressRules;

/* What the submit_sm of an MT shall say. Destination carries no '+'. */
typedef struct {
    char source[BYO_ADDRESS_MAX], destination[BYO_ADDRESS_MAX];
    int source_ton, source_npi, destination_ton, destination_npi;
} ByoAddressOut;

/* ours: E.164 with '+' or a short code's digits; recipient: E.164 with '+'. */
void byo_address_mt(const ByoAddressRules *rules, const char *ours, const char *recipient,
                    ByoAddressOut *out);

/* An MO's two addresses as bearerbox gives them (it adds '+' to both of a TON 1 MO). sender: E.164 with
 * '+' when it is a phone number, else the text unchanged (alphanumeric, a short code, a national form: no
 * reply goes there). our_digits: our number's digits for the inventory. ours_international: by P3, whether
 * our number is written as international. False: the receiver is no number that could be ours (our_digits
 * is empty, the sender is read all the same), or the sender is over 63 octets, which SMPP cannot say. */
typedef struct {
    char sender[64];
    bool sender_is_phone;
    char our_digits[BYO_ADDRESS_MAX];
    bool ours_international;
} ByoAddressIn;
bool byo_address_mo(const ByoAddressRules *rules, ByoStr sender, ByoStr receiver, ByoAddressIn *in_r);

#endif
