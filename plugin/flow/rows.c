/* SPDX-License-Identifier: BSD-3-Clause
 * Rows that outlive the next store call: their texts are copied into one buffer.
 * Ownership: the caller frees the buffer. Threads: the flow thread. */
#include "flow/flow_private.h"

/* Absolute pointers are made once the buffer has stopped growing: room for all is made first. */
static void keep_str(ByoBuf *b, ByoStr *s)
{
    if (!s->p)
        return;
    char *at = b->p + b->n;
    memcpy(at, s->p, s->n);
    b->n += s->n;
    s->p = at;
}

static size_t verdict_size(const ByoStoredVerdict *v)
{
    return v->code_cause.n + v->description.n + v->carrier_code.n;
}

static void keep_verdict(ByoBuf *b, ByoStoredVerdict *v)
{
    keep_str(b, &v->code_cause);
    keep_str(b, &v->description);
    keep_str(b, &v->carrier_code);
}

static size_t message_size(const ByoMessageRow *m)
{
    return m->integration.n + m->number.n + m->recipient.n + m->uuid.n + m->box.n + m->charset.n +
           m->frame.n + verdict_size(&m->verdict);
}

/* There is room. */
static void keep_message(ByoMessageRow *m, ByoBuf *keep)
{
    keep_str(keep, &m->integration);
    keep_str(keep, &m->number);
    keep_str(keep, &m->recipient);
    keep_str(keep, &m->uuid);
    keep_str(keep, &m->box);
    keep_str(keep, &m->charset);
    keep_str(keep, &m->frame);
    keep_verdict(keep, &m->verdict);
}

void byo_flow_end_orphan(ByoFlow *f, ByoTurn *t, ByoId segment)
{
    ByoSegmentRow seg;
    if (byo_store_segment(t->store, segment, &seg) != BYO_STORE_OK)
        return;
    byo_log_error("segment %lld in the store has no message; it is ended", (long long)segment);
    seg.s.state = BYO_SEG_FAILED;
    seg.s.due = 0;
    seg.s.ended = t->now;
    byo_store_segment_update(t->store, &seg);
    byo_flow_recount(f, t);
}

ByoStoreResult byo_flow_load(ByoTurn *t, ByoId segment, ByoSegmentRow *seg, ByoMessageRow *m, ByoBuf *keep)
{
    ByoStoreResult r = byo_store_segment(t->store, segment, seg);
    if (r == BYO_STORE_OK)
        r = byo_store_message(t->store, byo_id_message(segment), m); /* the store holds one of each */
    if (r != BYO_STORE_OK)
        return r;
    byo_buf_need(keep, message_size(m) + seg->foreign_id.n + seg->udh.n + seg->payload.n +
                           verdict_size(&seg->verdict));
    keep_str(keep, &seg->foreign_id);
    keep_str(keep, &seg->udh);
    keep_str(keep, &seg->payload);
    keep_verdict(keep, &seg->verdict);
    keep_message(m, keep);
    return BYO_STORE_OK;
}
