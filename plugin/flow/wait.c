/* SPDX-License-Identifier: BSD-3-Clause
 * Waiting for one's turn: a later message of a pair does not overtake one that is tried again, nor one that waits for that.
 * Decides: how long it waits. All of a pair that were put behind leave from one moment on, in the order of their ids, and what was
 * due before it is put there, too: else the one that waited a second for an answer that came sooner would be overtaken. Replies to
 * keywords do not wait: they are due within minutes.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

/* The one in front is with bearerbox again: when to look what became of it. */
#define LOOK_AGAIN BYO_SECOND
/* It waits to be tried again: when to look whether it ended meanwhile, at the latest. */
#define LOOK_LATER (5 * BYO_MINUTE)
enum { LOADED_MAX = 20000 }; /* of one integration, at start */

/* For the one in front; 0: there is none. */
static ByoTime wait_for_first(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, const ByoOrderKey *key)
{
    ByoId first;
    while ((first = byo_order_first(f->order, key)) != 0 && byo_id_message(first) < m->id) {
        ByoSegmentRow seg;
        if (byo_store_segment(t->store, first, &seg) == BYO_STORE_OK) {
            if (seg.s.state == BYO_SEG_HANDED)
                return t->now + LOOK_AGAIN;
            if (seg.s.state == BYO_SEG_QUEUED && seg.s.due > t->now + LOOK_LATER)
                return t->now + LOOK_LATER;
            if (seg.s.state == BYO_SEG_QUEUED)
                return seg.s.due > 0 ? seg.s.due : 1;
        }
        byo_order_remove(f->order, &t->undo, key, first);
    }
    return 0;
}

ByoTime byo_flow_order_wait(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, ByoTime due)
{
    ByoOrderKey key;
    if (m->keyword || byo_order_count(f->order) == 0 ||
        !byo_order_key(m->integration, m->number, m->recipient, &key))
        return 0;
    ByoTime wait = wait_for_first(f, t, m, &key), until = wait ? 0 : byo_order_until(f->order, &key);
    return until > t->now || due < until ? until : wait;
}

void byo_flow_order_behind(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, ByoTime due)
{
    ByoOrderKey key;
    if (byo_order_key(m->integration, m->number, m->recipient, &key) && byo_order_until(f->order, &key) < due)
        byo_order_set_until(f->order, &t->undo, &key, due);
}

void byo_flow_order_left(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m)
{
    ByoOrderKey key;
    if (!m->keyword && byo_order_count(f->order) &&
        byo_order_key(m->integration, m->number, m->recipient, &key) && !byo_order_first(f->order, &key))
        byo_order_set_until(f->order, &t->undo, &key, 0);
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
