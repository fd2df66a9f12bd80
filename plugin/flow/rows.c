/* SPDX-License-Identifier: BSD-3-Clause
 * Rows of a turn: named in batches, loaded, mended.
 * Ownership: rows belong to the store and live as long as the turn. Threads: the flow thread. */
#include "flow/flow_private.h"

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

ByoStoreResult byo_flow_load(ByoTurn *t, ByoId segment, ByoSegmentRow *seg, ByoMessageRow *m)
{
    ByoStoreResult r = byo_store_segment(t->store, segment, seg);
    return r == BYO_STORE_OK ? byo_store_message(t->store, byo_id_message(segment), m) : r;
}

void byo_flow_want(ByoTurn *t, const ByoWant *want)
{
    if (t->n_wants == t->cap_wants) {
        t->cap_wants = t->cap_wants ? 2 * t->cap_wants : 64;
        t->wants = byo_realloc(t->wants, t->cap_wants * sizeof *t->wants);
    }
    t->wants[t->n_wants++] = *want;
}

void byo_flow_load_wanted(ByoTurn *t)
{
    if (t->n_wants)
        byo_store_want(t->store, t->wants, t->n_wants);
    t->n_wants = 0;
}

void byo_flow_want_segments(ByoTurn *t, const ByoId *ids, int n)
{
    for (int i = 0; i < n; i++)
        byo_flow_want(t, &(ByoWant){.kind = BYO_WANT_SEGMENT, .id = ids[i]});
    byo_flow_load_wanted(t);
}
