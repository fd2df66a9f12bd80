/* SPDX-License-Identifier: BSD-3-Clause
 * What bearerbox's own conversions would do to a payload (private to this room).
 * Threads: values. */
#ifndef BYO_ENCODING_CARRY_H
#define BYO_ENCODING_CARRY_H

#include "encoding/encode.h"

/* Whether bearerbox would change these octets although the pair is carried as octets: the Korean
 * data_coding falls back to ISO 646-KR there, where two UTF-8 sequences mean something. */
bool byo_carry_spoils(const ByoCharsetPair *pair, ByoStr octets);

/* Whether libc's iconv knows this name (so whether bearerbox would convert, it uses the same libc). */
bool byo_iconv_knows(const char *name);

#endif
