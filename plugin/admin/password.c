/* SPDX-License-Identifier: BSD-3-Clause
 * Password hashes over OpenSSL.
 * Ownership and threads: password.h. */
#include "admin/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { SALT = 16, HASH = 32, ITERATIONS_MIN = 1000, ITERATIONS_MAX = 5000000 };
#define PREFIX "$pbkdf2-sha256$"

typedef struct {
    unsigned iterations;
    unsigned char salt[SALT], hash[HASH];
} Parts;

static bool derive(ByoStr password, const unsigned char *salt, unsigned iterations, unsigned char out[HASH])
{
    return PKCS5_PBKDF2_HMAC(password.p, (int)password.n, salt, SALT, (int)iterations, EVP_sha256(), HASH,
                             out) == 1;
}

char *byo_password_hash(ByoStr password, unsigned iterations)
{
    Parts p;
    unsigned char salt[64], hash[64];
    if (password.n == 0 || password.n > BYO_PASSWORD_TEXT_MAX || iterations < ITERATIONS_MIN ||
        iterations > ITERATIONS_MAX || RAND_bytes(p.salt, SALT) != 1 ||
        !derive(password, p.salt, iterations, p.hash))
        return NULL;
    EVP_EncodeBlock(salt, p.salt, SALT);
    EVP_EncodeBlock(hash, p.hash, HASH);
    return byo_printf(PREFIX "%u$%s$%s", iterations, (char *)salt, (char *)hash);
}

/* base64 of exactly n octets. */
static bool decode(ByoStr text, unsigned char *out, size_t n)
{
    unsigned char buf[64];
    size_t want = (n + 2) / 3 * 4, pad = (3 - n % 3) % 3;
    if (text.n != want || want > sizeof buf)
        return false;
    for (size_t i = 0; i < want; i++)
        if ((text.p[i] == '=') != (i >= want - pad))
            return false;
    if (EVP_DecodeBlock(buf, (const unsigned char *)text.p, (int)text.n) != (int)(want / 4 * 3))
        return false;
    memcpy(out, buf, n);
    return true;
}

static ByoStr until_dollar(ByoStr *rest)
{
    const char *end = memchr(rest->p, '$', rest->n);
    ByoStr part = byo_strn(rest->p, end ? (size_t)(end - rest->p) : rest->n);
    size_t used = part.n + (end ? 1 : 0);
    *rest = byo_strn(rest->p + used, rest->n - used);
    return part;
}

static bool parse(ByoStr text, Parts *p)
{
    size_t n = sizeof PREFIX - 1;
    if (text.n <= n || memcmp(text.p, PREFIX, n) != 0)
        return false;
    ByoStr rest = byo_strn(text.p + n, text.n - n);
    int64_t iterations;
    if (!byo_str_int(until_dollar(&rest), &iterations) || iterations < ITERATIONS_MIN ||
        iterations > ITERATIONS_MAX)
        return false;
    p->iterations = (unsigned)iterations;
    ByoStr salt = until_dollar(&rest);
    return decode(salt, p->salt, SALT) && decode(rest, p->hash, HASH);
}

bool byo_password_hash_valid(ByoStr hash)
{
    Parts p;
    return parse(hash, &p);
}

bool byo_password_matches(ByoStr hash, ByoStr password)
{
    Parts p;
    unsigned char made[HASH];
    if (!parse(hash, &p) || password.n > BYO_PASSWORD_TEXT_MAX ||
        !derive(password, p.salt, p.iterations, made))
        return false;
    if (CRYPTO_memcmp(made, p.hash, HASH) == 0)
        return true;
    if (p.iterations < BYO_PASSWORD_ITERATIONS)
        derive(password, p.salt, BYO_PASSWORD_ITERATIONS - p.iterations, made);
    return false;
}

bool byo_password_matches_nobody(ByoStr password)
{
    static const unsigned char salt[SALT];
    unsigned char made[HASH];
    if (password.n <= BYO_PASSWORD_TEXT_MAX)
        derive(password, salt, BYO_PASSWORD_ITERATIONS, made);
    return false;
}
