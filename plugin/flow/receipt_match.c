/* SPDX-License-Identifier: BSD-3-Clause
 * Which segment a receipt is of, where bearerbox's storage was not asked (receipts-to-box), and which inbound
 * message is a receipt that has lost its esm_class (field C06-C12).
 * Decides: ids exactly first, those of outstanding segments before ended ones'; then loosely, under the
 * conditions of docs/reports.md; what is kept for an answer that has not come yet, and what is left to the byobox that
 * has the segment: that one does not wait for this one's turns, nor this one for its.
 * The plain case costs one statement. Ownership and threads: flow_private.h. */
#include "encoding/charset.h"
#include "flow/flow_private.h"

#include <stdlib.h>

enum { FOUND_MAX = 64 };

/* What a receipt goes by: its ids as they are looked for exactly, the surest first, and as written. */
typedef struct {
    ByoStr written[2], exact[2];
    int n;
    char number[2][BYO_MSGID_FORM_MAX];
} Ids;

typedef enum { NONE, OUT, OVER } Match; /* OVER: a segment that has ended */

typedef struct {
    ByoForeign of; /* its segment */
    ByoStr id;     /* the receipt's id it was found by */
} Found;

/* -- ids ---------------------------------------------------------------------------------------------*/

static void add_id(Ids *ids, ByoStr id, int type)
{
    if (!id.n || ids->n == 2 || (ids->n == 1 && byo_str_eq(id, ids->written[0])))
        return;
    ids->written[ids->n] = id;
    ids->exact[ids->n] = byo_msgid_exact(id, type, true, ids->number[ids->n]);
    ids->n++;
}

static int id_type(const ByoRuntime *rt)
{
    return rt ? byo_integration_msg_id_type(rt->cfg) : -1;
}

/* A report's own ids; bearerbox's cut of them only where there are none. */
static void ids_of(const ByoRuntime *rt, const ByoSms *sms, const ByoReceipt *r, Ids *ids)
{
    ids->n = 0;
    add_id(ids, r->id_tlv, id_type(rt));
    add_id(ids, r->id, id_type(rt));
    if (ids->n == 0)
        add_id(ids, sms->foreign_id, -1);
}

/* The receipt goes between the segment's number and recipient, in either direction. */
static bool addresses_fit(ByoTurn *t, ByoId segment, const ByoSms *sms)
{
    ByoMessageRow m;
    if (byo_store_message(t->store, byo_id_message(segment), &m) != BYO_STORE_OK)
        return false;
    return (byo_msgid_same_address(sms->sender, m.number) &&
            byo_msgid_same_address(sms->receiver, m.recipient)) ||
           (byo_msgid_same_address(sms->receiver, m.number) &&
            byo_msgid_same_address(sms->sender, m.recipient));
}

/* Segments with this id, those that are out first; of ended ones one. */
static int found_exactly(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr id, ByoForeign found[FOUND_MAX])
{
    int n = byo_store_by_id(t->store, integration, id, found, FOUND_MAX);
    ByoId ended = n ? 0 : byo_ended_find(f->ended, integration, id);
    ByoSegmentRow seg;
    if (ended && byo_store_segment(t->store, ended, &seg) == BYO_STORE_OK && byo_seg_final(seg.s.state) &&
        byo_str_eq(seg.foreign_id, id))
        found[n++] = (ByoForeign){.id = ended, .state = seg.s.state};
    return n;
}

/* Among several the newest whose addresses fit, else the newest. */
static Match match_exact(ByoFlow *f, ByoTurn *t, ByoStr integration, const ByoSms *sms, ByoStr id,
                         Found *found_r)
{
    ByoForeign found[FOUND_MAX];
    int n = found_exactly(f, t, integration, id, found), out = 0;
    while (out < n && !byo_seg_final(found[out].state))
        out++;
    if (n == 0)
        return NONE;
    *found_r = (Found){.of = found[0], .id = id};
    for (int i = 0; i < out && out > 1; i++) {
        found_r->of.other = 0; /* its rows are read here */
        if (addresses_fit(t, found[i].id, sms)) {
            found_r->of.id = found[i].id;
            break;
        }
    }
    return out ? OUT : OVER;
}

static Match match_loose(ByoTurn *t, ByoStr integration, const ByoSms *sms, const Ids *ids, Found *found_r)
{
    ByoMsgidForms forms = {0};
    ByoId only = 0;
    int n = 0;
    for (int i = 0; i < ids->n; i++) {
        ByoForeign found[2];
        byo_msgid_forms(ids->written[i], &forms);
        int k = byo_store_by_loose_id(t->store, integration, &forms, found, 2);
        for (int j = 0; j < k; j++)
            if (found[j].id != only) {
                only = found[j].id;
                n++;
            }
    }
    byo_msgid_forms_free(&forms);
    *found_r = (Found){.of.id = only, .id = ids->written[0]};
    return n == 1 && addresses_fit(t, only, sms) ? OUT : NONE;
}

/* *found_r is set unless there is none. */
static Match match(ByoFlow *f, ByoTurn *t, const ByoRuntime *rt, ByoStr integration, const ByoSms *sms,
                   const Ids *ids, Found *found_r)
{
    Match best = NONE;
    for (int i = 0; i < ids->n && best != OUT; i++) {
        Found found;
        Match m = match_exact(f, t, integration, sms, ids->exact[i], &found);
        if (m == OUT || (m == OVER && best == NONE)) {
            best = m;
            *found_r = found;
        }
    }
    if (best != NONE || !rt || rt->cfg->msg_id_match == BYO_MSG_ID_EXACT || ids->n == 0)
        return best;
    return match_loose(t, integration, sms, ids, found_r);
}

/* -- early receipts ----------------------------------------------------------------------------------*/

static bool early_room(const ByoTurn *t)
{
    return byo_store_early_count(t->store) < BYO_EARLY_MAX;
}

static void keep_early(ByoFlow *f, ByoTurn *t, ByoStr integration, const Ids *ids, ByoStr frame)
{
    if (early_room(t)) {
        byo_store_early_add(t->store, integration, ids->exact, frame, t->now);
        return;
    }
    byo_flow_tell(
        f, t, BYO_EVENT_EARLY_LOST, integration, BYO_STR("limit"),
        "%d receipts wait for the answer to their submit, so further ones are dropped: does the carrier "
        "send receipts for messages of another account?",
        BYO_EARLY_MAX);
}

/* A report's ids as byobox reads them. The receipt points into *meta and *text. */
static void read_ids(const ByoRuntime *rt, const ByoSms *sms, ByoMeta *meta, ByoBuf *text, Ids *ids)
{
    ByoReceipt r;
    if (sms->meta_data.n)
        byo_meta_parse(sms->meta_data, meta);
    byo_receipt_parse(byo_flow_receipt_text(sms->msgdata, text), meta, sms->dlr_mask, &r);
    ids_of(rt, sms, &r, ids);
}

/* True: it has a segment. One more for what has ended says nothing; another byobox's is that one's to take. */
static bool take_one_early(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr frame)
{
    ByoRuntime *rt = byo_flow_runtime(f, integration);
    ByoSms sms;
    ByoMeta meta = {0};
    ByoBuf text = {0};
    Ids ids = {0};
    Found found;
    if (!f->opt.codec->unpack(frame, &sms))
        return true;
    read_ids(rt, &sms, &meta, &text, &ids);
    Match m = match(f, t, rt, integration, &sms, &ids, &found);
    bool is = m == OUT ? !found.of.other : m == OVER && addresses_fit(t, found.of.id, &sms);
    if (is && m == OUT)
        byo_flow_read_report(f, t, &sms, found.of.id, 0, found.id, &meta);
    byo_buf_free(&text);
    byo_meta_free(&meta);
    return is;
}

/* Found where it came in, by this id. True: it is dealt with. */
static bool take_one_left(ByoFlow *f, ByoTurn *t, ByoId segment, ByoStr id, ByoStr frame)
{
    ByoSegmentRow seg;
    ByoSms sms;
    ByoMeta meta = {0};
    if (!f->opt.codec->unpack(frame, &sms) || byo_store_segment(t->store, segment, &seg) != BYO_STORE_OK ||
        byo_seg_final(seg.s.state))
        return true;
    if (sms.meta_data.n)
        byo_meta_parse(sms.meta_data, &meta);
    byo_flow_read_report(f, t, &sms, segment, 0, id, &meta);
    byo_meta_free(&meta);
    return true;
}

/* left: those that were left with this id; else those that wait for this answer. */
static void take(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr foreign_id, bool left)
{
    if (!foreign_id.n || byo_store_early_count(t->store) == 0)
        return;
    ByoRuntime *rt = byo_flow_runtime(f, integration);
    bool exact = left || (rt && rt->cfg->msg_id_match == BYO_MSG_ID_EXACT);
    ByoMsgidForms forms = {0};
    ByoBuf frame = {0};
    ByoEarlyAt at = {0};
    ByoId id;
    byo_msgid_forms(foreign_id, &forms);
    while ((id = byo_store_early_next(t->store, integration, foreign_id, &forms, &at, &frame)) != 0 &&
           !(exact && at.other)) {
        if ((at.segment != 0) == left &&
            (left ? take_one_left(f, t, at.segment, foreign_id, byo_buf_str(&frame))
                  : take_one_early(f, t, integration, byo_buf_str(&frame))))
            byo_store_early_remove(t->store, id);
    }
    byo_buf_free(&frame);
    byo_msgid_forms_free(&forms);
}

void byo_flow_take_early(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr foreign_id)
{
    take(f, t, integration, foreign_id, false);
}

void byo_flow_take_left(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr foreign_id)
{
    take(f, t, integration, foreign_id, true);
}

void byo_flow_early_waits(ByoFlow *f, ByoTurn *t, ByoStr integration, ByoStr foreign_id)
{
    ByoForeign found[1];
    const ByoRuntime *rt = byo_flow_runtime(f, integration);
    if ((rt && rt->cfg->msg_id_match != BYO_MSG_ID_EXACT) ||
        byo_store_by_id(t->store, integration, foreign_id, found, 1) == 1 ||
        byo_ended_find(f->ended, integration, foreign_id))
        byo_flow_take_early(f, t, integration, foreign_id);
}

/* -- receipts without a token ------------------------------------------------------------------------*/

bool byo_flow_is_receipt(const ByoSms *sms)
{
    return sms->smsc_id.n && sms->dlr_mask != BYO_DLR_SMSC_SUCCESS && sms->dlr_mask != BYO_DLR_SMSC_FAIL;
}

struct ByoReceiptIn {
    ByoReceiptIn *next;
    const ByoInput *in;
    ByoMeta meta;
    ByoBuf text;
    Ids ids; /* they point into the members before, the input and itself */
};

ByoReceiptIn **byo_flow_receipt_parse(ByoFlow *f, ByoReceiptIn **last, const ByoInput *in)
{
    ByoReceiptIn *r = *last = byo_zalloc(sizeof *r);
    r->in = in;
    read_ids(byo_flow_runtime(f, in->sms.smsc_id), &in->sms, &r->meta, &r->text, &r->ids);
    return &r->next;
}

static void want_receipt(ByoFlow *f, ByoTurn *t, const ByoReceiptIn *r, const ByoAnswered *answered)
{
    ByoStr integration = r->in->sms.smsc_id;
    const ByoRuntime *rt = byo_flow_runtime(f, integration);
    bool loosely = rt && rt->cfg->msg_id_match != BYO_MSG_ID_EXACT;
    for (int i = 0; i < r->ids.n; i++) {
        ByoId ended = byo_ended_find(f->ended, integration, r->ids.exact[i]);
        bool known = ended || byo_flow_answered_has(answered, integration, r->ids.exact[i]);
        byo_flow_want(t, &(ByoWant){.kind = BYO_WANT_FOREIGN,
                                    .integration = integration,
                                    .text = r->ids.exact[i],
                                    .written = loosely && !known ? r->ids.written[i] : BYO_STR_NONE});
        if (ended)
            byo_flow_want(t, &(ByoWant){.kind = BYO_WANT_SEGMENT, .id = ended});
    }
}

void byo_flow_want_receipts(ByoFlow *f, ByoTurn *t, const ByoReceiptIn *receipts, const ByoAnswered *answered)
{
    for (const ByoReceiptIn *r = receipts; r; r = r->next)
        want_receipt(f, t, r, answered);
}

/* Another byobox has the segment. False: too many wait already. */
static bool leave(ByoTurn *t, const Found *found, const ByoReceiptIn *r)
{
    ByoStr integration = r->in->sms.smsc_id;
    if (!early_room(t))
        return false;
    byo_store_receipt_leave(t->store, &found->of, integration, found->id, r->in->frame, t->now);
    return true;
}

static void receipt_by_id(ByoFlow *f, ByoTurn *t, const ByoReceiptIn *r)
{
    const ByoSms *sms = &r->in->sms;
    ByoRuntime *rt = byo_flow_runtime(f, sms->smsc_id);
    bool straight = rt && (f->cfg.features & BYO_FEATURE_RECEIPTS_TO_BOX);
    Found found;
    switch (match(f, t, rt, sms->smsc_id, sms, &r->ids, &found)) {
    case OUT:
        if (!found.of.other || !straight || !leave(t, &found, r))
            byo_flow_read_report(f, t, sms, found.of.id, 0, found.id, &r->meta);
        break;
    case OVER:
        /* Once more for what has ended; or of a new message that got a used id. */
        if (straight && !addresses_fit(t, found.of.id, sms))
            keep_early(f, t, sms->smsc_id, &r->ids, r->in->frame);
        break;
    case NONE:
        if (straight && r->ids.n > 0)
            keep_early(f, t, sms->smsc_id, &r->ids, r->in->frame);
        else
            byo_flow_unknown_report(f, t);
        break;
    }
}

void byo_flow_receipts_read(ByoFlow *f, ByoTurn *t, ByoReceiptIn *receipts)
{
    for (ByoReceiptIn *r = receipts, *next; r; r = next) {
        next = r->next;
        receipt_by_id(f, t, r);
        byo_buf_free(&r->text);
        byo_meta_free(&r->meta);
        free(r);
    }
}

/* An inbound message's text as octets or UTF-16, as bearerbox left it. */
static ByoStr mo_text(const ByoSms *sms, ByoBuf *buf)
{
    if (sms->coding != BYO_CODING_UCS2)
        return byo_flow_receipt_text(sms->msgdata, buf);
    byo_buf_clear(buf);
    byo_utf16_decode(sms->msgdata, false, buf);
    return byo_buf_str(buf);
}

bool byo_flow_receipt_as_mo(ByoFlow *f, ByoTurn *t, const ByoSms *sms)
{
    ByoRuntime *rt = byo_flow_runtime(f, sms->smsc_id);
    ByoMeta meta = {0};
    ByoBuf buf = {0};
    ByoReceipt r = {0};
    Ids ids = {0};
    bool is = false;
    ByoStr text = rt && sms->sms_type == BYO_MO ? mo_text(sms, &buf) : BYO_STR("");
    if (byo_receipt_begins(text)) {
        if (sms->meta_data.n)
            byo_meta_parse(sms->meta_data, &meta);
        byo_receipt_parse(text, &meta, BYO_UNDEF, &r);
    }
    if (r.stat.n && byo_receipt_state(r.stat) != BYO_STATE_NONE) {
        add_id(&ids, r.id_tlv.n ? r.id_tlv : sms->foreign_id, id_type(rt)); /* stock: the TLV's */
        add_id(&ids, r.id, id_type(rt));
    }
    for (int i = 0; i < ids.n && !is; i++) {
        ByoForeign found[FOUND_MAX];
        int n = found_exactly(f, t, sms->smsc_id, ids.exact[i], found);
        for (int k = 0; k < n && !is; k++) {
            is = addresses_fit(t, found[k].id, sms);
            if (is && !byo_seg_final(found[k].state))
                byo_flow_read_report(f, t, sms, found[k].id, 0, ids.exact[i], &meta);
        }
    }
    byo_buf_free(&buf);
    byo_meta_free(&meta);
    return is;
}
