/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: the sealed form, see credentials.h. AES-256-GCM is OpenSSL's (NIST SP 800-38D: 96 bit random
 * nonce, 128 bit tag).
 * Ownership: keys live in the keyring only and are wiped. Threads: any. */
#include "integration/credentials.h"
#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#define PREFIX "byo1:"
#define KEY_OCTETS 32
#define KEY_ID 8 /* hex digits */
#define NONCE 12
#define TAG 16
#define BLOCK 16 /* a secret is padded to a multiple of this, its length octet counted */
#define PADDED_MAX ((1 + BYO_SECRET_MAX + BLOCK - 1) / BLOCK * BLOCK)
#define BOX_MAX (NONCE + PADDED_MAX + TAG)

typedef struct {
    unsigned char key[KEY_OCTETS];
    char id[KEY_ID + 1];
} Key;

struct ByoKeyring {
    Key keys[BYO_KEYRING_MAX];
    size_t n;
};

/* Strict: alphabet, padding and unused bits. Gives the octets, 0 when it is no base64 or too long for out. */
static size_t base64_decode(ByoStr s, unsigned char *out, size_t room)
{
    unsigned char raw[BOX_MAX + 3], again[(BOX_MAX + 3) / 3 * 4 + 1];
    size_t n = s.n / 4 * 3;

    if (s.n == 0 || s.n % 4 != 0 || n > sizeof(raw))
        return 0;
    if (EVP_DecodeBlock(raw, (const unsigned char *)s.p, (int)s.n) != (int)n)
        return 0;
    n -= (size_t)(s.p[s.n - 1] == '=') + (size_t)(s.p[s.n - 2] == '=');
    /* Only one text stands for these octets. */
    if (n > room || EVP_EncodeBlock(again, raw, (int)n) != (int)s.n || memcmp(again, s.p, s.n) != 0)
        n = 0;
    if (n)
        memcpy(out, raw, n);
    OPENSSL_cleanse(raw, sizeof(raw));
    OPENSSL_cleanse(again, sizeof(again));
    return n;
}

static bool key_parse(ByoStr s, unsigned char key[KEY_OCTETS])
{
    if (s.n != 2 * KEY_OCTETS)
        return s.n == 44 && base64_decode(s, key, KEY_OCTETS) == KEY_OCTETS;
    for (size_t k = 0; k < KEY_OCTETS; k++) {
        int high = byo_hex_digit(s.p[2 * k]), low = byo_hex_digit(s.p[2 * k + 1]);
        if (high < 0 || low < 0)
            return false;
        key[k] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static void key_name(Key *k)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    SHA256(k->key, KEY_OCTETS, digest);
    snprintf(k->id, sizeof(k->id), "%02x%02x%02x%02x", digest[0], digest[1], digest[2], digest[3]);
}

static ByoStr trim(ByoStr s)
{
    while (s.n && strchr(" \t\r", s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && strchr(" \t\r", s.p[s.n - 1]))
        s.n--;
    return s;
}

ByoKeyring *byo_keyring_read(ByoStr text, const char *file, ByoFaults *faults)
{
    ByoKeyring *ring = byo_zalloc(sizeof(*ring));
    size_t before = faults->errors, at = 0;
    int line = 0;

    while (at < text.n) {
        const char *end = memchr(text.p + at, '\n', text.n - at);
        size_t n = end ? (size_t)(end - (text.p + at)) : text.n - at;
        ByoStr s = trim(byo_strn(text.p + at, n));
        at += n + 1;
        line++;
        if (s.n == 0 || s.p[0] == '#')
            continue;
        if (ring->n == BYO_KEYRING_MAX) {
            byo_fault_add(faults, BYO_FAULT_ERROR, file, line, 0, "a key file may not have more than %d keys",
                          BYO_KEYRING_MAX);
            break;
        }
        if (!key_parse(s, ring->keys[ring->n].key)) {
            byo_fault_add(
                faults, BYO_FAULT_ERROR, file, line, 0,
                "this is no key: a line must be 64 hex digits, or 32 octets in base64 (`openssl rand "
                "-hex 32` makes one)");
            continue;
        }
        key_name(&ring->keys[ring->n++]);
    }
    if (ring->n == 0 && faults->errors == before)
        byo_fault_add(
            faults, BYO_FAULT_ERROR, file, 0, 0,
            "there is no key in the file: a line must be 64 hex digits (`openssl rand -hex 32` makes one)");
    if (faults->errors == before)
        return ring;
    byo_keyring_destroy(ring);
    return NULL;
}

void byo_keyring_destroy(ByoKeyring *ring)
{
    if (ring)
        OPENSSL_cleanse(ring, sizeof(*ring));
    free(ring);
}

bool byo_key_generate(char text_r[BYO_KEY_LINE])
{
    unsigned char key[KEY_OCTETS];

    if (RAND_priv_bytes(key, sizeof(key)) != 1)
        return false;
    for (size_t k = 0; k < KEY_OCTETS; k++)
        snprintf(text_r + 2 * k, 3, "%02x", key[k]);
    OPENSSL_cleanse(key, sizeof(key));
    return true;
}

/* What is authenticated beside the secret: the form, the key and whose password it is. */
static ByoBuf bound(const char *key_id, ByoStr integration_id)
{
    ByoBuf b = {0};
    byo_buf_addf(&b, PREFIX "%s:%.*s", key_id, BYO_PF(integration_id));
    return b;
}

static bool gcm_seal(const Key *key, const ByoBuf *aad, const unsigned char *nonce,
                     const unsigned char *plain, size_t n, unsigned char *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len;
    bool good = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->key, nonce) == 1 &&
                EVP_EncryptUpdate(ctx, NULL, &len, (const unsigned char *)aad->p, (int)aad->n) == 1 &&
                EVP_EncryptUpdate(ctx, out, &len, plain, (int)n) == 1 && len == (int)n &&
                EVP_EncryptFinal_ex(ctx, out + n, &len) == 1 &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, out + n) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

static bool gcm_open(const Key *key, const ByoBuf *aad, const unsigned char *box, size_t n,
                     unsigned char *plain)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char tag[TAG];
    int len;

    memcpy(tag, box + NONCE + n, TAG);
    bool good = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->key, box) == 1 &&
                EVP_DecryptUpdate(ctx, NULL, &len, (const unsigned char *)aad->p, (int)aad->n) == 1 &&
                EVP_DecryptUpdate(ctx, plain, &len, box + NONCE, (int)n) == 1 && len == (int)n &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1 &&
                EVP_DecryptFinal_ex(ctx, plain + n, &len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

char *byo_seal(const ByoKeyring *ring, ByoStr integration_id, ByoStr secret)
{
    unsigned char plain[PADDED_MAX] = {0}, box[BOX_MAX], text[(BOX_MAX + 2) / 3 * 4 + 1];
    const Key *key = &ring->keys[0];
    char *sealed = NULL;

    if (secret.n == 0 || secret.n > BYO_SECRET_MAX || memchr(secret.p, 0, secret.n))
        return NULL;
    size_t n = (1 + secret.n + BLOCK - 1) / BLOCK * BLOCK;
    ByoBuf aad = bound(key->id, integration_id);
    plain[0] = (unsigned char)secret.n;
    memcpy(plain + 1, secret.p, secret.n);
    if (RAND_bytes(box, NONCE) == 1 && gcm_seal(key, &aad, box, plain, n, box + NONCE)) {
        EVP_EncodeBlock(text, box, (int)(NONCE + n + TAG));
        sealed = byo_printf(PREFIX "%s:%s", key->id, (const char *)text);
    }
    OPENSSL_cleanse(plain, sizeof(plain));
    byo_buf_free(&aad);
    return sealed;
}

/* Length octet, secret, zeros: nothing else is what byo_seal made. */
static char *unpad(const unsigned char *plain, size_t n)
{
    size_t len = plain[0];

    if (len == 0 || len >= n || memchr(plain + 1, 0, len))
        return NULL;
    for (size_t k = 1 + len; k < n; k++)
        if (plain[k])
            return NULL;
    return byo_str_dup(byo_strn((const char *)plain + 1, len));
}

ByoOpenResult byo_open(const ByoKeyring *ring, ByoStr integration_id, ByoStr sealed, char **secret_r)
{
    const size_t head = sizeof(PREFIX) - 1 + KEY_ID + 1;
    unsigned char box[BOX_MAX], plain[PADDED_MAX];
    const Key *key = NULL;
    size_t n;

    *secret_r = NULL;
    if (sealed.n <= head || memcmp(sealed.p, PREFIX, sizeof(PREFIX) - 1) != 0 || sealed.p[head - 1] != ':')
        return BYO_OPEN_FORM;
    for (size_t k = 0; k < KEY_ID; k++)
        if (byo_hex_digit(sealed.p[sizeof(PREFIX) - 1 + k]) < 0)
            return BYO_OPEN_FORM;
    n = base64_decode(byo_strn(sealed.p + head, sealed.n - head), box, sizeof(box));
    if (n < NONCE + BLOCK + TAG || (n - NONCE - TAG) % BLOCK != 0)
        return BYO_OPEN_FORM;
    for (size_t k = 0; k < ring->n && !key; k++)
        if (byo_str_is(byo_strn(sealed.p + sizeof(PREFIX) - 1, KEY_ID), ring->keys[k].id))
            key = &ring->keys[k];
    if (!key)
        return BYO_OPEN_KEY;
    n -= NONCE + TAG;
    ByoBuf aad = bound(key->id, integration_id);
    if (gcm_open(key, &aad, box, n, plain))
        *secret_r = unpad(plain, n);
    OPENSSL_cleanse(plain, sizeof(plain));
    byo_buf_free(&aad);
    return *secret_r ? BYO_OPEN_OK : BYO_OPEN_TAG;
}

const char *byo_open_reason(ByoOpenResult result)
{
    switch (result) {
    case BYO_OPEN_OK:
        return "it opens";
    case BYO_OPEN_FORM:
        return "this is no sealed form (`byoctl seal` makes it, as byo1:KEY:TEXT)";
    case BYO_OPEN_KEY:
        return "it was sealed with a key that is not in the credentials-key-file";
    case BYO_OPEN_TAG:
        return "it was altered, or sealed for another integration: seal it again for this integration-id";
    }
    return "";
}
