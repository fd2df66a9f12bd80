/* SPDX-License-Identifier: BSD-3-Clause
 * What the octets of an inbound text may say when the data_coding is not to be trusted (3GPP TS 23.038 4, 5;
 * SMPP 3.4 5.2.19). Decides: which alphabet a data_coding announces, which other readings could be right, and when
 * there is none to be guessed. Guesses are for keywords; the application gets what is announced.
 * Threads: values. */
#ifndef BYO_ENCODING_OCTETS_H
#define BYO_ENCODING_OCTETS_H

#include "encoding/charset.h"

typedef enum {
    BYO_ALPHABET_OTHER = 0, /* a charset of SMPP's own, compressed or reserved */
    BYO_ALPHABET_GSM,
    BYO_ALPHABET_8BIT,
    BYO_ALPHABET_UCS2
} ByoAlphabet;
/* dcs: 0..255. */
ByoAlphabet byo_alphabet_of(unsigned dcs);

typedef struct {
    ByoStr octets; /* the user data without its header */
    ByoStr udh;    /* the header; what bearerbox left of it when it joined parts */
    bool ucs2;     /* UCS-2 is announced */
} ByoOctets;

/* Whether a text may be looked for in spite of what is announced: not behind a header that is malformed or
 * addresses a port, a SIM, a message centre or anything else that is no text (TS 23.040 9.2.3.24). */
bool byo_octets_may_guess(ByoStr udh);

/* The n-th other reading, n from 0, into *text (emptied before; empty when it is none). 8 bit and all else: GSM with
 * the header's shift tables, Latin-1 (and so ASCII), packed septets, UTF-8, UTF-16 in either order. UCS-2: either
 * order, and of an odd length with the octet that is too much or missing at either end. False: there is none more. */
bool byo_octets_guess(const ByoOctets *r, unsigned n, ByoBuf *text);

#define BYO_OCTETS_UTF16 4 /* from this one on it is UTF-16, of what is not announced as UCS-2 */

/* Octets of GSM text, unpacked, by the header's shift tables. Gives the number of bad units, U+FFFD each. */
size_t byo_octets_gsm(const ByoOctets *r, ByoBuf *text);
/* The same of packed ones. Parts that bearerbox joined each have their own fill bits. */
size_t byo_octets_packed(const ByoOctets *r, ByoBuf *text);

/* The septets stock bearerbox made this UTF-8 text of; what it had no character for behind ESC it wrote as '?' and
 * that septet's own character, which is undone where the single shift table `single` has one. False: it was made of
 * something else. */
bool byo_octets_septets(ByoStr utf8, unsigned single, ByoBuf *septets);

#endif
