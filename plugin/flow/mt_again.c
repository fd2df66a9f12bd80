/* SPDX-License-Identifier: BSD-3-Clause
 * An MT a smsbox writes again, because it lost its link before it had the ack.
 * Decides: how an MT is known (taken.h), and when the store is asked for one that was taken at another byobox: of a smsbox that
 * has just begun to write here, for what it has no ack of is what it writes first.
 * Ownership and threads: flow_private.h. */
#include <stdlib.h>

#include "flow/mt_private.h"

/* From its first MT on; smsbox sends what it had not got an ack of as soon as it is connected. */
#define WRITES_AGAIN_FOR (10 * BYO_SECOND)
/* What it has no ack of is not older. */
#define OF_LATE BYO_HOUR

static ByoTakenKey taken_key(ByoStr box, ByoStr uuid, ByoStr receiver)
{
    return (ByoTakenKey){box, uuid, byo_mt_address_kept(receiver)};
}

void byo_flow_taken(ByoFlow *f, ByoTurn *t, ByoStr box, ByoStr uuid, ByoStr receiver, ByoAck ack)
{
    ByoTakenKey key = taken_key(box, uuid, receiver);
    byo_taken_add(f->taken, t ? &t->undo : NULL, &key, ack);
}

static ByoTakenKey key_of(const ByoInput *in)
{
    return taken_key(in->box ? byo_str(in->box) : BYO_STR_NONE, byo_str(in->sms.id), in->sms.receiver);
}

bool byo_flow_mt_known(const ByoFlow *f, const ByoInput *in)
{
    ByoTakenKey key = key_of(in);
    ByoAck ack;
    return byo_taken_find(f->taken, &key, &ack);
}

bool byo_flow_mt_same(const ByoInput *a, const ByoInput *b)
{
    ByoTakenKey one = key_of(a), other = key_of(b);
    return byo_str_eq(one.uuid, other.uuid) && byo_str_eq(one.recipient, other.recipient) &&
           byo_str_eq(one.box, other.box);
}

bool byo_flow_mt_again(ByoFlow *f, ByoTurn *t, const ByoInput *in, ByoAck *ack_r)
{
    ByoTakenKey key = key_of(in);
    if (!byo_taken_find(f->taken, &key, ack_r))
        return false;
    byo_flow_ledger(f, t)->total.mt_repeated++;
    byo_flow_access(t, "MT known, not sent again [uuid:%s] [to:%.*s] [smsbox:%.*s]", in->sms.id,
                    BYO_PF(key.recipient), BYO_PF(key.box));
    return true;
}

/* -- at another byobox ---------------------------------------------------------------------------- */

/* As the message's row has it. */
static ByoStr recipient_of(ByoFlow *f, Mt *mt)
{
    const ByoInventoryEntry *number = byo_inventory_find(f->inventory, mt->sms.sender);
    ByoRuntime *named = byo_flow_runtime(f, mt->sms.smsc_id);
    ByoRuntime *rt = named || !number ? named : byo_flow_runtime(f, byo_str(number->integration));
    mt->number = number;
    return number && rt && byo_mt_read_recipient(f, rt, mt) ? byo_str(mt->recipient)
                                                            : byo_mt_address_kept(mt->sms.receiver);
}

typedef struct {
    ByoFlow *f;
    ByoTurn *t;
} Noting;

static void note(void *arg, ByoStr box, ByoStr uuid, ByoStr frame, bool refused)
{
    const Noting *n = arg;
    ByoSms sms;
    ByoAck ack;
    if (!n->f->opt.codec->unpack(frame, &sms))
        return;
    ByoTakenKey key = taken_key(box, uuid, sms.receiver);
    if (!byo_taken_find(n->f->taken, &key, &ack))
        byo_flow_taken(n->f, n->t, box, uuid, sms.receiver, refused ? BYO_ACK_FAILED : BYO_ACK_BUFFERED);
}

void byo_flow_mt_look(ByoFlow *f, ByoTurn *t, const ByoInput *inputs)
{
    ByoMtLook *looks = NULL;
    Mt *mts = NULL; /* what looks point into */
    size_t n = 0, most = 0;
    if (byo_store_slot(t->store) < 0)
        return;
    for (const ByoInput *in = inputs; in; in = in->next)
        most += in->kind == BYO_IN_MT;
    for (const ByoInput *in = inputs; in; in = in->next) {
        if (in->kind != BYO_IN_MT || !byo_flow_peer_is_new(f, t, in->conn, WRITES_AGAIN_FOR) ||
            byo_flow_mt_known(f, in))
            continue;
        if (!looks) {
            looks = byo_alloc(most * sizeof *looks);
            mts = byo_zalloc(most * sizeof *mts);
        }
        mts[n].sms = in->sms;
        looks[n] = (ByoMtLook){.uuid = byo_str(in->sms.id), .recipient = recipient_of(f, &mts[n])};
        n++;
    }
    if (n)
        byo_store_taken_of(t->store, looks, n, t->now - OF_LATE, note, &(Noting){f, t});
    free(mts);
    free(looks);
}
