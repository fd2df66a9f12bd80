/* SPDX-License-Identifier: BSD-3-Clause
 * Salted password hashes of byo-user groups: $pbkdf2-sha256$ITERATIONS$SALT$HASH, salt and hash in base64
 * without line breaks (PBKDF2, RFC 8018, with HMAC-SHA-256; 16 octets of salt, 32 of hash).
 * Threads: values. */
#ifndef BYO_ADMIN_PASSWORD_H
#define BYO_ADMIN_PASSWORD_H

#include "base/str.h"

#define BYO_PASSWORD_ITERATIONS 600000u
#define BYO_PASSWORD_TEXT_MAX 256 /* octets of a password an API user may have */

/* The hash's text, the caller frees it; NULL: empty or overlong password, iterations outside
 * 1000..5000000, or no random numbers. */
char *byo_password_hash(ByoStr password, unsigned iterations);
/* Whether the text is of the form above. */
bool byo_password_hash_valid(ByoStr hash);
/* False also for a text that is no hash. Takes as long whatever the password, and with a wrong one as long as a
 * default hash does, however old this one is. */
bool byo_password_matches(ByoStr hash, ByoStr password);
/* As long as byo_password_matches of a default hash, and always false: for names nobody has. */
bool byo_password_matches_nobody(ByoStr password);

#endif
