/* SPDX-License-Identifier: BSD-3-Clause
 * What key_table.c asks of one value. Ownership and threads: key_table.h. */
#ifndef BYO_INTEGRATION_KEY_VALUE_H
#define BYO_INTEGRATION_KEY_VALUE_H

#include "integration/key_table.h"

/* Parses s for def into field; NULL: a check only. False: field is as it was. */
bool byo_key_take(const ByoKeyDef *def, ByoStr s, void *field);
/* Whether the field is a char * of its own. */
bool byo_key_is_text(const ByoKeyDef *def);
/* "must be ...": what would have been right. */
void byo_key_say_allowed(const ByoKeyDef *def, ByoBuf *b);
void byo_key_set_text(void *field, ByoStr s, bool secret);

#endif
