/* SPDX-License-Identifier: BSD-3-Clause
 * Sealed credentials (spec P14): what opens and what does not, key rotation, key files.
 * Ownership: none kept. Threads: none. */
#include "integration/credentials.h"
#include "integration/key_table.h"

#include <check.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include "suites.h"

#define KEY_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY_B "F00102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
#define KEY_A_BASE64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static ByoKeyring *ring_of(const char *text)
{
    ByoFaults faults = {0};
    ByoKeyring *ring = byo_keyring_read(byo_str(text), "key", &faults);

    ck_assert_msg(ring != NULL, "%s", faults.n ? faults.items[0].text : "");
    return ring;
}

static ByoOpenResult try_open(const ByoKeyring *ring, const char *id, const char *sealed, const char *want)
{
    char *secret;
    ByoOpenResult r = byo_open(ring, byo_str(id), byo_str(sealed), &secret);

    ck_assert((r == BYO_OPEN_OK) == (secret != NULL));
    if (secret && want)
        ck_assert_str_eq(secret, want);
    byo_secret_free(secret);
    return r;
}

START_TEST(P14_seal_and_open)
{
    ByoKeyring *ring = ring_of(KEY_A "\n");
    char longest[BYO_SECRET_MAX + 1];
    const char *secrets[] = {"x",    "12345678", "123456789012345", "1234567890123456", "p\xc3\xa4\"\\",
                             longest};

    memset(longest, 'l', BYO_SECRET_MAX);
    longest[BYO_SECRET_MAX] = 0;
    for (size_t k = 0; k < 6; k++) {
        char *sealed = byo_seal(ring, BYO_STR("carrier-a"), byo_str(secrets[k]));
        ck_assert_ptr_nonnull(sealed);
        ck_assert_int_eq(strncmp(sealed, "byo1:", 5), 0);
        ck_assert_int_eq(try_open(ring, "carrier-a", sealed, secrets[k]), BYO_OPEN_OK);
        ck_assert_int_eq(try_open(ring, "carrier-b", sealed, NULL), BYO_OPEN_TAG);
        free(sealed);
    }
    /* the same password never looks the same, and its length is not told */
    char *one = byo_seal(ring, BYO_STR("a"), BYO_STR("x")), *two = byo_seal(ring, BYO_STR("a"), BYO_STR("x"));
    char *eight = byo_seal(ring, BYO_STR("a"), BYO_STR("12345678"));
    ck_assert_str_ne(one, two);
    ck_assert_uint_eq(strlen(one), strlen(eight));
    free(one);
    free(two);
    free(eight);
    ck_assert_ptr_null(byo_seal(ring, BYO_STR("a"), BYO_STR("")));
    ck_assert_ptr_null(byo_seal(ring, BYO_STR("a"), byo_strn("a\0b", 3)));
    char *too_long = byo_printf("%sx", longest);
    ck_assert_ptr_null(byo_seal(ring, BYO_STR("a"), byo_str(too_long)));
    free(too_long);
    byo_keyring_destroy(ring);
}
END_TEST

/* No single changed character opens. */
START_TEST(P14_every_altered_character)
{
    ByoKeyring *ring = ring_of(KEY_A);
    char *sealed = byo_seal(ring, BYO_STR("a"), BYO_STR("secret"));

    for (size_t k = 0; sealed[k]; k++) {
        char was = sealed[k];
        sealed[k] = was == 'A' ? 'B' : 'A';
        ck_assert_msg(try_open(ring, "a", sealed, NULL) != BYO_OPEN_OK, "octet %zu", k);
        sealed[k] = was;
    }
    ck_assert_int_eq(try_open(ring, "a", sealed, "secret"), BYO_OPEN_OK);
    for (size_t n = 0; n < strlen(sealed); n++) {
        char *secret;
        ck_assert_int_ne(byo_open(ring, BYO_STR("a"), byo_strn(sealed, n), &secret), BYO_OPEN_OK);
    }
    free(sealed);
    byo_keyring_destroy(ring);
}
END_TEST

START_TEST(P14_forms_that_are_none)
{
    static const char *const forms[] = {
        "",
        "byo1",
        "byo1:",
        "byo1:12345678",
        "byo1:12345678:",
        "byo1:1234567:AAAA",
        "byo2:630dcd29:AAAA",
        "byo1:630dcd29:AAAA",
        "byo1:630dcd29:====",
        "byo1:zzzzzzzz:AAAA",
        "plain password",
        "byo1:630dcd29:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!",
        "byo1:630dcd29: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    ByoKeyring *ring = ring_of(KEY_A);
    ByoBuf huge = {0};

    for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++)
        ck_assert_msg(try_open(ring, "a", forms[k], NULL) == BYO_OPEN_FORM, "<%s>", forms[k]);
    byo_buf_adds(&huge, "byo1:630dcd29:");
    for (int k = 0; k < 100000; k++)
        byo_buf_adds(&huge, "AAAA");
    ck_assert_int_eq(try_open(ring, "a", huge.p, NULL), BYO_OPEN_FORM);
    byo_buf_free(&huge);
    byo_keyring_destroy(ring);
}
END_TEST

START_TEST(P14_rotation)
{
    ByoKeyring *old = ring_of(KEY_A "\n"), *both = ring_of("# new\n" KEY_B "\n\n# old\n  " KEY_A " \r\n");
    ByoKeyring *new = ring_of(KEY_B "\n"), *base64 = ring_of(KEY_A_BASE64);
    char *with_old = byo_seal(old, BYO_STR("a"), BYO_STR("s")),
         *with_new = byo_seal(both, BYO_STR("a"), BYO_STR("s"));

    ck_assert_int_eq(try_open(both, "a", with_old, "s"), BYO_OPEN_OK);
    ck_assert_int_eq(try_open(both, "a", with_new, "s"), BYO_OPEN_OK);
    ck_assert_int_eq(try_open(new, "a", with_new, "s"), BYO_OPEN_OK); /* the first key sealed it */
    ck_assert_int_eq(try_open(new, "a", with_old, NULL), BYO_OPEN_KEY);
    ck_assert_int_eq(try_open(old, "a", with_new, NULL), BYO_OPEN_KEY);
    ck_assert_int_eq(try_open(base64, "a", with_old, "s"), BYO_OPEN_OK); /* one key, two ways to write it */
    free(with_old);
    free(with_new);
    byo_keyring_destroy(old);
    byo_keyring_destroy(both);
    byo_keyring_destroy(new);
    byo_keyring_destroy(base64);
}
END_TEST

START_TEST(key_files)
{
    static const struct {
        const char *text;
        size_t errors;
        int line;
    } files[] = {
        {"", 1, 0},
        {"# only a comment\n\n", 1, 0},
        {KEY_A "0\n", 1, 1},
        {"\n" KEY_A "\nsecret\n", 1, 3},
        {"0001\n0002\n", 2, 1},
        {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n", 1, 1}, /* unused bits set */
        {"g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 1, 1},
    };
    for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
        ByoFaults faults = {0};
        ck_assert_ptr_null(byo_keyring_read(byo_str(files[k].text), "key", &faults));
        ck_assert_msg(faults.errors == files[k].errors && faults.items[0].line == files[k].line, "case %zu",
                      k);
        ck_assert_ptr_null(strstr(faults.items[0].text, "secret")); /* a line's content is never told */
        byo_faults_free(&faults);
    }
    ByoBuf many = {0};
    ByoFaults faults = {0};
    for (int k = 0; k < BYO_KEYRING_MAX + 1; k++)
        byo_buf_adds(&many, KEY_A "\n");
    ck_assert_ptr_null(byo_keyring_read(byo_buf_str(&many), "key", &faults));
    ck_assert_uint_eq(faults.errors, 1);
    byo_faults_free(&faults);
    byo_buf_free(&many);

    char one[BYO_KEY_LINE], two[BYO_KEY_LINE];
    ck_assert(byo_key_generate(one) && byo_key_generate(two));
    ck_assert_str_ne(one, two);
    byo_keyring_destroy(ring_of(one));
}
END_TEST

/* The form as another program would open it, so that it can be opened without this one. */
START_TEST(P14_form_is_plain_aes_256_gcm)
{
    ByoKeyring *ring = ring_of(KEY_A);
    char *sealed = byo_seal(ring, BYO_STR("carrier-a"), BYO_STR("hush"));
    unsigned char key[32], box[64], plain[64];
    static const char aad[] = "byo1:630dcd29:carrier-a"; /* SHA-256 of the key begins with 630dcd29 */
    int n;

    for (int k = 0; k < 32; k++)
        key[k] = (unsigned char)k;
    ck_assert_int_eq(strncmp(sealed, "byo1:630dcd29:", 14), 0);
    ck_assert_int_eq(EVP_DecodeBlock(box, (unsigned char *)sealed + 14, (int)strlen(sealed) - 14), 45);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    ck_assert_int_eq(EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, box), 1);
    ck_assert_int_eq(EVP_DecryptUpdate(ctx, NULL, &n, (const unsigned char *)aad, sizeof(aad) - 1), 1);
    ck_assert_int_eq(EVP_DecryptUpdate(ctx, plain, &n, box + 12, 16), 1);
    ck_assert_int_eq(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, 16, box + 28), 1);
    ck_assert_int_eq(EVP_DecryptFinal_ex(ctx, plain + 16, &n), 1);
    EVP_CIPHER_CTX_free(ctx);
    ck_assert_mem_eq(plain, "\x04hush\0\0\0\0\0\0\0\0\0\0\0", 16);
    free(sealed);
    byo_keyring_destroy(ring);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("credentials");
    TCase *t = tcase_create("sealed");

    tcase_add_test(t, P14_seal_and_open);
    tcase_add_test(t, P14_every_altered_character);
    tcase_add_test(t, P14_forms_that_are_none);
    tcase_add_test(t, P14_rotation);
    tcase_add_test(t, key_files);
    tcase_add_test(t, P14_form_is_plain_aes_256_gcm);
    suite_add_tcase(s, t);
    return s;
}

int main(void)
{
    return run_suite(suite());
}
