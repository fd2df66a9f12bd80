/* SPDX-License-Identifier: BSD-3-Clause
 * Waiting for one's turn: a later message of a pair does not overtake one that is tried again, nor one that waits for that.
 * Decides: how long it waits. Who waits is noted until it has left once: when the one in front is answered, what was not put behind,
 * or comes then, is due before it. Replies to keywords do not wait: they are due within minutes.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

/* The one in front is with bearerbox again: when to look what became of it. */
#define LOOK_AGAIN BYO_SECOND
enum { LOADED_MAX = 20000 }; /* of one integration, at start */

ByoTime byo_flow_order_wait(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m)
{
    ByoOrderKey key;
    ByoId first;
    if (m->keyword || byo_order_count(f->order) == 0 ||
        !byo_order_key(m->integration, m->number, m->recipient, &key))
        return 0;
    while ((first = byo_order_first(f->order, &key)) != 0 && byo_id_message(first) < m->id) {
        ByoSegmentRow seg;
        if (byo_store_segment(t->store, first, &seg) == BYO_STORE_OK) {
            if (seg.s.state == BYO_SEG_HANDED)
                return t->now + LOOK_AGAIN;
            if (seg.s.state == BYO_SEG_QUEUED)
                return seg.s.due > 0 ? seg.s.due : 1;
        }
        byo_order_remove(f->order, &t->undo, &key, first);
    }
    return 0;
}

void byo_flow_order_behind(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, ByoId segment)
{
    ByoOrderKey key;
    if (byo_order_key(m->integration, m->number, m->recipient, &key))
        byo_order_add(f->order, &t->undo, &key, segment);
}

void byo_flow_order_left(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, const ByoSegmentRow *seg)
{
    ByoOrderKey key;
    if (seg->s.tries == 1 && byo_order_count(f->order) &&
        byo_order_key(m->integration, m->number, m->recipient, &key))
        byo_order_remove(f->order, &t->undo, &key, seg->id);
}

void byo_flow_order_note(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, ByoId segment, ByoSegState state)
{
    ByoOrderKey key;
    if (m->keyword || !byo_order_key(m->integration, m->number, m->recipient, &key))
        return;
    if (state == BYO_SEG_QUEUED)
        byo_order_add(f->order, &t->undo, &key, segment);
    else if (state != BYO_SEG_HANDED)
        byo_order_remove(f->order, &t->undo, &key, segment);
}

typedef struct {
    ByoFlow *f;
    const ByoRuntime *rt;
} Loading;

static void load(void *arg, ByoId segment, ByoStr number, ByoStr recipient)
{
    const Loading *l = arg;
    ByoOrderKey key;
    if (byo_order_key(byo_str(l->rt->id), number, recipient, &key))
        byo_order_add(l->f->order, NULL, &key, segment);
}

void byo_flow_order_load(ByoFlow *f, ByoTime now)
{
    for (size_t i = 0; i < f->n_runtimes; i++) {
        Loading l = {f, &f->runtimes[i]};
        byo_store_backing_off(f->store, byo_str(l.rt->id), now, LOADED_MAX, load, &l);
    }
}
