/* SPDX-License-Identifier: BSD-3-Clause
 * National languages of the GSM alphabet (3GPP TS 23.038 6.2.1.2, annex A; TS 23.040 9.2.3.24.15, .16): what a septet
 * means under which locking and single shift table, and the user data header elements that name the tables.
 * A language is its identifier: 1 (TR) to 13 (UR); 0 is the default alphabet or its extension table.
 * Ownership: constants; tables as in charset_table.h. Threads: values. */
#ifndef BYO_ENCODING_NATIONAL_H
#define BYO_ENCODING_NATIONAL_H

#include "encoding/charset_table.h"

#define BYO_NATIONALS 13

/* ISO 639-1 in capitals, as behind the slash of GSM_0338/TR. NULL: there is no such language. */
const char *byo_national_name(unsigned language);
/* 0: none is called so (capital letters). */
unsigned byo_national_find(ByoStr name);
/* All have a single shift table; Spanish has no locking one. */
bool byo_national_locks(unsigned language);

/* Whether its single shift table has something behind ESC and this septet; false for language 0. */
bool byo_national_shifts(unsigned language, unsigned septet);

/* Both tables of one way to write. A character that stands in the locking table is written from there. */
ByoCharsetTable *byo_national_table(unsigned locking, unsigned single);

/* Unpacked septets into UTF-8, appending. A septet behind ESC that has no meaning there is read from the locking
 * table (TS 23.038 6.2.1.1, note); an octet over 127, an empty cell and an ESC at the end are U+FFFD each.
 * Gives the number of those. */
size_t byo_national_decode(unsigned locking, unsigned single, ByoStr septets, ByoBuf *utf8);

/* The languages a user data header names; 0 where it names none, one we do not know, or is malformed. */
void byo_national_of_udh(ByoStr udh, unsigned *locking_r, unsigned *single_r);

#endif
