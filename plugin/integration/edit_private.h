/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the editing of integrations. Ownership and threads: edit.h. */
#ifndef BYO_INTEGRATION_EDIT_PRIVATE_H
#define BYO_INTEGRATION_EDIT_PRIVATE_H

#include "integration/edit.h"

/* More than all keys with the longest values take; a longer one is a fault of the file. */
#define BYO_EDIT_TEXT_MAX (64 * 1024)

const char *byo_edit_value_before(const ByoKeyGroup *before, const char *key); /* NULL: not there */
const char *byo_edit_value_now(const ByoEdit *edit, const char *key);          /* the same */
bool byo_edit_same(const ByoKeyDef *def, const char *a, const char *b);        /* NULL: not there */
void byo_edit_value(ByoBuf *out, const char *key, const char *value); /* `key = "value"` and an end */

#endif
