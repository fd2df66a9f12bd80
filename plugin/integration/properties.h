/* SPDX-License-Identifier: BSD-3-Clause
 * `group = byo-smpp` to ByoIntegration (spec P1-P16): what each key may hold, and what the keys
 * and the integrations must be to each other. Pure: where the password lies is told, not opened.
 * Ownership: see each function. Threads: none. */
#ifndef BYO_INTEGRATION_PROPERTIES_H
#define BYO_INTEGRATION_PROPERTIES_H

#include "base/json.h"
#include "integration/integration.h"
#include "integration/key_table.h"

/* The only id that may not be used: the link that keeps bearerbox alive (render.h). */
#define BYO_IDLE_ID "byobox-idle"

/* Limits of SMPP 3.4 5.2.1 and 5.2.2, without the NUL. */
#define BYO_SYSTEM_ID_MAX 15
#define BYO_PASSWORD_MAX 8
#define BYO_PASSWORD_LONG_MAX 16 /* with the feature long-password */

/* Where the password is, when it does not stand in the group: one of the two, else both NULL. */
typedef struct {
    char *password_file;
    char *credentials; /* sealed, credentials.h */
} ByoPasswordPlace;
void byo_password_place_clear(ByoPasswordPlace *place);

/* The keys of which one says the password; NULL behind the last one. */
extern const char *const byo_password_keys[];
/* The table of all keys: type, range, default, help, when it applies. NULL behind the last one. A value of type
 * BYO_KEY_PATH names a file, one with BYO_KEY_SECRET is never shown. */
const ByoKeyDef *byo_property(size_t i);
const ByoKeyDef *byo_property_named(const char *key); /* NULL: none */
/* Sets the member to the value as the API shows it: numbers, booleans, texts (durations and choices, too, as the
 * configuration writes them); null: not set. None of BYO_KEY_APART or BYO_KEY_SECRET. */
void byo_property_set(const ByoKeyDef *def, const ByoIntegration *i, ByoJson *object, const char *member);
/* The same of a key of any table, that is none of BYO_KEY_PASSED; words as the sum of their values. */
void byo_key_set(const ByoKeyDef *def, const void *target, ByoJson *object, const char *member);
/* {"smscAddress": ..., "credentials": {"systemId": ...}}: everything but id and secrets, by byo_key_camel's names.
 * The caller frees it. */
ByoJson *byo_properties_json(const ByoIntegration *i);

/* The row of a property for programs: what a form shows, and what the documentation says. The caller frees it. */
ByoJson *byo_property_describe(const ByoKeyDef *def);

/* Reads one group. Never NULL; whether it is good is told by the number of errors in faults. The password
 * is NULL when place_r names another place, advanced is NULL: both are the caller's to fill. */
ByoIntegration *byo_properties_read(const ByoKeyGroup *group, ByoPasswordPlace *place_r, ByoFaults *faults);

/* What one comes to that has no line: the defaults. The caller frees it. */
ByoIntegration *byo_properties_defaults(void);

/* `group byo-smpp "carrier-a"`, for faults about a group; out holds BYO_PROPERTIES_WHO octets. */
#define BYO_PROPERTIES_WHO 64
const char *byo_properties_who(const ByoKeyGroup *group, char out[BYO_PROPERTIES_WHO]);

/* Whether a password may be one (spec P14): NULL, or the reason, a part of a sentence without the password.
 * features: BYO_FEATURE_ bits of the bearerbox that is to send it. */
const char *byo_password_fault(ByoStr password, unsigned features);

/* Keys and a password that need a patched bearerbox: errors unless its feature is in features. */
void byo_properties_check_features(const ByoKeyGroup *group, unsigned features, ByoFaults *faults);

/* What the integrations are to each other: ids once, at most BYO_INTEGRATIONS_MAX (spec P16), receives-for,
 * shares-numbers-of, a transmitter without a receiver (spec P10). groups[k] is where all[k] was read from. */
void byo_properties_check_all(ByoIntegration *const *all, const ByoKeyGroup *const *groups, size_t n,
                              ByoFaults *faults);

#endif
