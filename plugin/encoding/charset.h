/* SPDX-License-Identifier: BSD-3-Clause
 * Charsets a text may go out in (spec J4), strictly: a character is represented exactly or not at all.
 * Own tables: GSM 03.38 with its extension table (3GPP TS 23.038 6.2.1), packed (GSM_0338/packed) and in the national
 * languages (GSM_0338/TR, ...; national.h), ASCII, ISO-8859-1/5/8,
 * JIS X 0201 (JIS0201), UTF-16BE; every other name is iconv's, read into a table of
 * the characters that go there and come back unchanged (up to 0.2 s, once, at the first find).
 * Ownership: a ByoCharset lives until the process ends; find it once, keep the pointer.
 * Threads: all functions may be called from any thread at once. */
#ifndef BYO_ENCODING_CHARSET_H
#define BYO_ENCODING_CHARSET_H

#include "base/str.h"
#include "base/text.h"

typedef struct ByoCharset ByoCharset;

/* By name, any letter case (GSM_0338, ASCII, ISO-8859-1, JIS0201, UTF-16BE, ... or an iconv name).
 * NULL: unknown, no plain name (//TRANSLIT, NUL), or not usable for SMS (shift states, byte order mark
 * or no byte order). */
const ByoCharset *byo_charset_find(ByoStr name);
/* The name as the documents write it: "GSM_0338", "UTF-16BE", an iconv name in upper case. */
const char *byo_charset_name(const ByoCharset *cs);
bool byo_charset_is_gsm(const ByoCharset *cs); /* GSM_0338 itself */
bool byo_charset_is_packed(const ByoCharset *cs);
bool byo_charset_is_national(const ByoCharset *cs);
bool byo_charset_is_utf16be(const ByoCharset *cs);

/* Encodes one Unicode scalar value into out (room for 8 octets); returns the octets written, 0 when
 * the charset has no such character. GSM extension characters give 2 octets (0x1B, x), a UTF-16
 * supplementary character 4. Unpacked: one septet an octet. */
size_t byo_charset_encode_char(const ByoCharset *cs, uint32_t scalar, unsigned char out[8]);
/* Encodes all of a valid UTF-8 text, appending to out. False: not representable; *bad_r (may be
 * NULL) is the first scalar that is not, and out is as it was. */
bool byo_charset_encode(const ByoCharset *cs, ByoStr utf8, ByoBuf *out, uint32_t *bad_r);
/* The way back, appending UTF-8; false at octets the charset does not define (out as it was). A national
 * charset's octets are read as the default alphabet: a header would name the tables. */
bool byo_charset_decode(const ByoCharset *cs, ByoStr octets, ByoBuf *utf8);
/* The same for what came from outside: one bad unit costs that unit, which becomes U+FFFD. GSM septets are read as
 * byo_national_decode reads them, UTF-16 as byo_utf16_decode, in the order a byte order mark
 * names. Gives the number of bad units. */
size_t byo_charset_decode_all(const ByoCharset *cs, ByoStr octets, ByoBuf *utf8);

/* UTF-16BE to UTF-8; false for an odd length or a lone surrogate. */
bool byo_utf16be_to_utf8(ByoStr octets, ByoBuf *utf8);
/* Either byte order, appending: a byte order mark in front is left out, a lone surrogate and a last odd octet are
 * U+FFFD each. Gives the number of those. */
size_t byo_utf16_decode(ByoStr octets, bool little_endian, ByoBuf *utf8);
/* Appends the text with U+FFFD for each unit that is no UTF-8; gives their number. */
size_t byo_utf8_mend(ByoStr text, ByoBuf *utf8);

#endif
