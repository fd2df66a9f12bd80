/* SPDX-License-Identifier: BSD-3-Clause
 * What a hand-over of a segment is known by towards bearerbox, so that neither a report nor an ack needs a table
 * (docs/protocol-notes.md): the token in dlr_url and the UUID, both of segment and try.
 * Ownership: none. Threads: values. */
#ifndef BYO_FLOW_TOKEN_H
#define BYO_FLOW_TOKEN_H

#include "base/sms.h"
#include "store/store.h"

/* "byobox:<segment id in hex>.<try>" */
void byo_token_put(ByoBuf *b, ByoId segment, int try);
/* False: it is none. */
bool byo_token_parse(ByoStr dlr_url, ByoId *segment_r, int *try_r);

/* The id, the try and a mark, in 8, 4 and 4 octets. */
void byo_token_uuid(char out[BYO_UUID_LEN + 1], ByoId segment, int try);
bool byo_token_uuid_parse(const char *uuid, ByoId *segment_r, int *try_r);

#endif
