/* SPDX-License-Identifier: BSD-3-Clause
 * A key file, an empty line, and a sealed text, a password hash or an Authorization header: none opens that was not
 * sealed here, what is sealed opens, and no fault repeats the key file.
 * Threads: none. */
#include <stdlib.h>

#include "admin/auth.h"
#include "admin/password.h"
#include "integration/credentials.h"
#include "integration/key_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static void with_ring(const ByoKeyring *ring, ByoStr rest)
{
    char *secret = NULL, *sealed;

    if (byo_open(ring, BYO_STR("carrier-a"), rest, &secret) == BYO_OPEN_OK)
        need(secret && strlen(secret) <= BYO_SECRET_MAX);
    else
        need(secret == NULL);
    byo_secret_free(secret);
    if (rest.n == 0 || rest.n > BYO_SECRET_MAX || memchr(rest.p, 0, rest.n))
        return;
    sealed = byo_seal(ring, BYO_STR("carrier-a"), rest);
    need(sealed != NULL);
    need(byo_open(ring, BYO_STR("carrier-a"), byo_str(sealed), &secret) == BYO_OPEN_OK);
    need(byo_str_eq(byo_str(secret), rest));
    byo_secret_free(secret);
    need(byo_open(ring, BYO_STR("carrier-b"), byo_str(sealed), &secret) == BYO_OPEN_TAG);
    free(sealed);
}

static void as_header(ByoStr header)
{
    ByoAdminUsers users = {0};
    ByoAuth *auth = byo_auth_create();
    ByoAuthWho who;

    byo_admin_users_add(&users, "admin", "not to be guessed", NULL, BYO_CAN_ALL);
    byo_auth_quick(auth, header);
    /* With a known name only: others would cost a slow hash each. */
    if (header.n > 14 && memcmp(header.p, "Basic YWRtaW46", 14) == 0)
        need(byo_auth_check(auth, &users, header, BYO_STR("192.0.2.1"), 0, &who) != BYO_AUTH_OK ||
             header.n == 38);
    byo_admin_users_free(&users);
    byo_auth_destroy(auth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data, *gap = size ? memmem(p, size, "\n\n", 2) : NULL;
    size_t first = gap ? (size_t)(gap - p) + 1 : size;
    ByoStr text = byo_strn(p ? p : "", first),
           rest = byo_strn(gap ? gap + 2 : "", gap ? size - first - 1 : 0);
    ByoFaults faults = {0};
    ByoKeyring *ring = byo_keyring_read(text, "key", &faults);

    need(ring || faults.errors > 0);
    if (ring)
        with_ring(ring, rest);
    byo_keyring_destroy(ring);
    byo_faults_free(&faults);
    byo_password_hash_valid(rest);
    as_header(rest);
    return 0;
}
