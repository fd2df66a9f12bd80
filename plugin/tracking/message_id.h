/* SPDX-License-Identifier: BSD-3-Clause
 * A carrier's message ids (SMPP 3.4 5.2.23, 5.3.2.12): when two of them are the same one.
 * Decides: the form in which ids are compared loosely, the numbers Kannel's msg-id-type makes of them, whether
 * an address of a receipt is a segment's.
 * Sources (field C05-C12): gw/smsc/smsc_smpp.c for msg-id-type. Ids of any length; what is longer than
 * BYO_MSGID_NUMBER_MAX digits in either base is compared as a text alone.
 * Threads: values. */
#ifndef BYO_TRACKING_MESSAGE_ID_H
#define BYO_TRACKING_MESSAGE_ID_H

#include "base/str.h"

enum { BYO_MSGID_NUMBER_MAX = 128, BYO_MSGID_FORM_MAX = 176 };

/* The form a segment's id is kept in for loose look-ups: without blanks and NULs at the ends, lower case, without
 * "0x" before hexadecimal digits and without leading zeros (of digits alone: one zero stays). Written to `out`. */
void byo_msgid_loose(ByoStr id, ByoBuf *out);

/* The loose forms of all ids that may be the same one as `id`. */
typedef struct {
    ByoStr form[3]; /* as text; the decimal of it as hexadecimal; the hexadecimal of it as decimal */
    size_t n;       /* 1 to 3; 0: there is no id */
    ByoBuf text;
    char number[2][BYO_MSGID_FORM_MAX];
} ByoMsgidForms;
/* forms_r is zero-initialised or was filled before; it is freed by byo_msgid_forms_free. It may not be copied. */
void byo_msgid_forms(ByoStr id, ByoMsgidForms *forms_r);
void byo_msgid_forms_free(ByoMsgidForms *forms);

/* The id as it is looked for exactly. type: msg-id-type, -1 when it is not set: the id as it is. 0 to 3: the
 * decimal number of it, read as hexadecimal where the type's bit (1: answer to a submit, 2: receipt) is set or
 * it is not all decimal digits; what is no number stays as it is. May point into number. */
ByoStr byo_msgid_exact(ByoStr id, int type, bool in_receipt, char number[BYO_MSGID_FORM_MAX]);

/* Whether an address of a receipt is `kept` (a segment's number or recipient): the same digits, or one in
 * national form, its trunk zero off, of the other, from seven digits on. */
bool byo_msgid_same_address(ByoStr written, ByoStr kept);

#endif
