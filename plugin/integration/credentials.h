/* SPDX-License-Identifier: BSD-3-Clause
 * Sealed credentials (spec P14): an SMPP password that may stand in a file, in a backup, in a repository.
 * Form: `byo1:KEYID:BASE64`, BASE64 = nonce (12), ciphertext, tag (16) of AES-256-GCM; KEYID = the first 8
 * hex digits of SHA-256(key). The integration's id is authenticated with it: a sealed password that is
 * copied to another integration does not open. The ciphertext is padded, so it does not tell the length.
 * Key file: one key a line, 64 hex digits or 44 octets of base64; empty lines and lines that start with
 * '#' do not count. The first key seals, every key opens: a new key is put in front, the old one leaves
 * when nothing is sealed with it any more.
 * Pure: the key file's text is the caller's to read. Ownership: see each function. Threads: any, a
 * keyring is not changed after it was read. */
#ifndef BYO_INTEGRATION_CREDENTIALS_H
#define BYO_INTEGRATION_CREDENTIALS_H

#include "base/fault.h"

#define BYO_KEYRING_MAX 16     /* keys of one file */
#define BYO_KEY_FILE_MAX 16384 /* octets of a key file */
#define BYO_SECRET_MAX 64      /* octets of a secret */
#define BYO_KEY_LINE 65        /* 64 hex digits and a NUL */

typedef struct ByoKeyring ByoKeyring;

/* NULL when the text has no key or a line that is none; each fault names file and line, never the line's
 * content. */
ByoKeyring *byo_keyring_read(ByoStr text, const char *file, ByoFaults *faults);
void byo_keyring_destroy(ByoKeyring *ring); /* takes NULL; wipes */

/* A new random key as a line of a key file. False: the system gave no random numbers. */
bool byo_key_generate(char text_r[BYO_KEY_LINE]);

/* The sealed form of a secret for one integration; the caller frees it. NULL: the secret is empty or too
 * long, or the system gave no random numbers. */
char *byo_seal(const ByoKeyring *ring, ByoStr integration_id, ByoStr secret);

typedef enum {
    BYO_OPEN_OK = 0,
    BYO_OPEN_FORM, /* it is no sealed text */
    BYO_OPEN_KEY,  /* sealed with a key that is not in the key file */
    BYO_OPEN_TAG   /* altered, or sealed for another integration */
} ByoOpenResult;

/* *secret_r: NUL-terminated, freed with byo_secret_free; NULL unless BYO_OPEN_OK. */
ByoOpenResult byo_open(const ByoKeyring *ring, ByoStr integration_id, ByoStr sealed, char **secret_r);
/* Why it did not open: a sentence's part, with what to do. */
const char *byo_open_reason(ByoOpenResult result);

#endif
