/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: which properties are policy. Ownership and threads: policy.h. */
#include "integration/policy.h"

#include <openssl/sha.h>
#include <stdio.h>

#include "integration/properties.h"

static bool is_policy(const ByoKeyDef *def)
{
    static const char *const others[] = {"name", "notes", "binds"};
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (strcmp(def->name, others[k]) == 0)
            return false;
    return def->type != BYO_KEY_PATH &&
           !(def->flags & (BYO_KEY_APART | BYO_KEY_SECRET | BYO_KEY_CREDENTIAL | BYO_KEY_WHERE));
}

void byo_policy_digest_of(const ByoJson *value, char digest[BYO_POLICY_TEXT])
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    ByoBuf text = {0};
    byo_json_canonical(value, &text);
    SHA256((const unsigned char *)text.p, text.n, hash);
    for (int k = 0; k < (BYO_POLICY_TEXT - 1) / 2; k++)
        snprintf(digest + 2 * k, 3, "%02x", hash[k]);
    byo_buf_free(&text);
}

void byo_policy_digest(const ByoIntegration *i, char digest[BYO_POLICY_TEXT])
{
    ByoJson *all = byo_json_object();
    const ByoKeyDef *def;
    for (size_t k = 0; (def = byo_property(k)); k++)
        if (is_policy(def))
            byo_property_set(def, i, all, def->name);
    byo_json_set_z(all, "advanced-config", i->advanced ? i->advanced->own : NULL);
    byo_policy_digest_of(all, digest);
    byo_json_free(all);
}
