/* SPDX-License-Identifier: BSD-3-Clause
 * A segment that was handed over more than once has an id for each time the carrier took it (field C72).
 * Decides: which ids are kept, which of them are open still, whether a failure of one ends the segment.
 * One that was handed over once has its id in its own row and costs nothing here.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

static void has_copies(ByoTurn *t, ByoSegmentRow *seg)
{
    if (seg->s.copies)
        return;
    seg->s.copies = true;
    byo_store_segment_update(t->store, seg);
}

void byo_flow_copy_answered(ByoTurn *t, ByoSegmentRow *seg, ByoStr foreign_id, int try)
{
    bool plain = !seg->s.copies && (!seg->foreign_id.n ? try == 0 || try >= seg->s.tries
                                                       : byo_str_eq(foreign_id, seg->foreign_id));
    if (plain || !foreign_id.n || byo_seg_final(seg->s.state))
        return;
    if (!seg->s.copies && seg->foreign_id.n) {
        ByoCopyRow first = {
            .foreign_id = seg->foreign_id, .try = seg->s.tries, .open = true, .verdict.code = -1};
        byo_store_copy_add(t->store, seg->id, &first);
    }
    ByoCopyRow this = {.foreign_id = foreign_id, .try = try, .open = true, .verdict.code = -1};
    byo_store_copy_add(t->store, seg->id, &this);
    has_copies(t, seg);
}

void byo_flow_copy_again(ByoTurn *t, ByoSegmentRow *seg)
{
    if (!seg->foreign_id.n)
        return;
    /* What it ended as made this try; it says nothing of how this one ends. */
    ByoCopyRow c = {.foreign_id = seg->foreign_id, .try = seg->s.tries - 1, .verdict.code = -1};
    byo_store_copy_add(t->store, seg->id, &c);
    seg->s.copies = true;
    seg->foreign_id = BYO_STR_NONE;
}

/* The copy of this id, exactly or else loosely; -1: none. */
static int copy_of(const ByoCopyRow *copies, int n, ByoStr id)
{
    ByoMsgidForms forms = {0};
    ByoBuf loose = {0};
    int at = -1;
    for (int i = 0; i < n && at < 0; i++)
        if (byo_str_eq(copies[i].foreign_id, id))
            at = i;
    byo_msgid_forms(id, &forms);
    for (int i = 0; i < n && at < 0; i++) {
        byo_msgid_loose(copies[i].foreign_id, &loose);
        for (size_t k = 0; k < forms.n && at < 0; k++)
            if (byo_str_eq(byo_buf_str(&loose), forms.form[k]))
                at = i;
    }
    byo_msgid_forms_free(&forms);
    byo_buf_free(&loose);
    return at;
}

void byo_flow_copy_receipt(ByoTurn *t, const ByoSegmentRow *seg, ByoStr id, ByoHappening *h)
{
    ByoCopyRow copies[BYO_COPIES_MAX];
    if (!seg->s.copies || !id.n || h->event.kind != BYO_EV_RECEIPT)
        return;
    int n = byo_store_copies(t->store, seg->id, copies, BYO_COPIES_MAX), at = copy_of(copies, n, id);
    if (at < 0)
        return;
    h->foreign_id = copies[at].foreign_id;
    if (!byo_code_explains_failure(h->event.verdict.code))
        return;
    /* A hand-over that is not answered yet may be another copy. */
    bool answered = seg->s.state == BYO_SEG_QUEUED, open = false;
    for (int i = 0; i < n; i++) {
        answered |= copies[i].try >= seg->s.tries;
        open |= i != at && copies[i].open;
    }
    ByoCopyRow ended = copies[at];
    ended.open = false;
    ended.verdict = byo_flow_stored(&h->event.verdict, h->carrier_code);
    byo_store_copy_end(t->store, seg->id, &ended);
    h->event.try = 0;
    h->event.others_open = open || !answered;
}

bool byo_flow_copy_failed(ByoTurn *t, const ByoSegmentRow *seg, ByoHappening *h)
{
    ByoCopyRow copies[BYO_COPIES_MAX];
    int n = seg->s.copies ? byo_store_copies(t->store, seg->id, copies, BYO_COPIES_MAX) : 0;
    while (n > 0 && (copies[n - 1].open || copies[n - 1].verdict.code < 0))
        n--;
    if (n == 0)
        return false;
    const ByoStoredVerdict *v = &copies[n - 1].verdict;
    h->event = (ByoEvent){.kind = BYO_EV_RECEIPT,
                          .verdict = {(ByoCode)v->code, v->code_cause.p, v->description.p, true}};
    h->carrier_code = v->carrier_code;
    return true;
}

void byo_flow_copy_refused(ByoTurn *t, const ByoSegmentRow *seg, ByoHappening *h)
{
    ByoCopyRow copies[BYO_COPIES_MAX];
    ByoEventKind kind = h->event.kind;
    if (!seg->s.copies || seg->s.state != BYO_SEG_ACCEPTED || h->event.try < seg->s.tries ||
        (kind != BYO_EV_REFUSED && kind != BYO_EV_NO_SMSC && kind != BYO_EV_NOT_TAKEN))
        return;
    int n = byo_store_copies(t->store, seg->id, copies, BYO_COPIES_MAX);
    bool open = false;
    for (int i = 0; i < n; i++) {
        if (copies[i].try >= h->event.try)
            return; /* the carrier took it */
        open |= copies[i].open;
    }
    ByoCopyRow none = {.foreign_id = BYO_STR(""), .try = h->event.try, .verdict.code = -1};
    byo_store_copy_add(t->store, seg->id, &none);
    if (!open && byo_flow_copy_failed(t, seg, h))
        h->text = BYO_STR("");
}
