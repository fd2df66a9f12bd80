/* SPDX-License-Identifier: BSD-3-Clause
 * MTs taken lately: a smsbox that connects again writes those it has no ack of once more, under their UUID.
 * Such a one is acked as before and not sent again. Known by smsbox, UUID and recipient, as a smsbox gives all
 * recipients of a request one UUID.
 * Bounded: beyond its limit the oldest is forgotten.
 * Ownership: the table owns its memory. Threads: one owner. */
#ifndef BYO_FLOW_TAKEN_H
#define BYO_FLOW_TAKEN_H

#include "base/sms.h"
#include "base/undo.h"

typedef struct ByoTaken ByoTaken;

/* What an MT is known by. box: of a named smsbox; absent for the anonymous ones. recipient: as it was written. */
typedef struct {
    ByoStr box, uuid, recipient;
} ByoTakenKey;

ByoTaken *byo_taken_create(size_t max);
void byo_taken_destroy(ByoTaken *t);
/* False: it is new. */
bool byo_taken_find(const ByoTaken *t, const ByoTakenKey *key, ByoAck *ack_r);
/* Not found before. */
void byo_taken_add(ByoTaken *t, ByoUndo *u, const ByoTakenKey *key, ByoAck ack);
size_t byo_taken_count(const ByoTaken *t);

#endif
