/* SPDX-License-Identifier: BSD-3-Clause
 * One short text for what an integration lets a message do, so that several byoboxes can be compared.
 * Ownership: values. Threads: none. */
#ifndef BYO_INTEGRATION_POLICY_H
#define BYO_INTEGRATION_POLICY_H

#include "base/json.h"
#include "integration/integration.h"

enum { BYO_POLICY_TEXT = 17 };

/* The begin of a digest over its properties and what its advanced configuration says. Left out is what may be another at
 * each byobox: secrets, where and as whom it connects, how many binds, files' places; and name and notes. */
void byo_policy_digest(const ByoIntegration *i, char digest_r[BYO_POLICY_TEXT]);
/* The begin of a digest over a value, in whatever order its members stand. */
void byo_policy_digest_of(const ByoJson *value, char digest_r[BYO_POLICY_TEXT]);

#endif
