/* SPDX-License-Identifier: BSD-3-Clause
 * A report to the application: stock form plus the meta-data group `byo` (spec D12).
 * Decides: what stands in it. Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

static void put_byo(ByoBuf *b, const ByoMessageRow *m, const ByoNotice *n)
{
    char id[BYO_ID_TEXT];
    byo_meta_put_group(b, "byo");
    byo_meta_put(b, "message", byo_str(byo_id_text(m->id, id)));
    byo_meta_put(b, "integration", m->integration);
    byo_meta_put_int(b, "code", n->verdict->code);
    byo_meta_put(b, "cause", n->verdict->code_cause);
    byo_meta_put(b, "description", n->verdict->description);
    byo_meta_put(b, "carrier-code", n->verdict->carrier_code);
    byo_meta_put_int(b, "segment", n->segment);
    byo_meta_put_int(b, "segments", m->tally.segments);
    byo_meta_put_int(b, "delivered", m->tally.delivered);
    byo_meta_put_int(b, "failed", m->tally.failed);
    byo_meta_put(b, "charset", m->charset);
    byo_meta_put_int(b, "dcs", m->dcs);
    byo_meta_put_int(b, "try", n->try > 0 ? n->try : 1);
    byo_meta_put_int(b, "possible-duplicate", n->possible_duplicate);
}

/* The application's own groups come back; what steered the sending does not. */
static void put_own(ByoBuf *b, ByoStr text, int mask)
{
    if (!text.n) {
        byo_meta_put_group(b, "orig_msg");
        byo_meta_put_int(b, "dlr_mask", mask);
        return;
    }
    ByoMeta meta;
    byo_meta_parse(text, &meta);
    byo_meta_remove(&meta, "smpp", NULL);
    byo_meta_remove(&meta, "byo", NULL);
    byo_meta_setf(&meta, "orig_msg", "dlr_mask", "%d", mask);
    byo_meta_write(&meta, b);
    byo_meta_free(&meta);
}

void byo_flow_notice(ByoFlow *f, ByoTurn *t, const ByoMessageRow *m, const ByoNotice *n)
{
    ByoSms mt, out;
    if (!f->opt.codec->unpack(m->frame, &mt))
        byo_sms_init(&mt);
    byo_sms_init(&out);
    out.sender = mt.sender;
    out.receiver = mt.receiver;
    out.msgdata = n->text.p ? n->text : BYO_STR("");
    out.time = (int32_t)(t->now / BYO_SECOND);
    out.smsc_id = m->integration;
    out.foreign_id = n->foreign_id.n ? n->foreign_id : BYO_STR_NONE;
    out.service = mt.service;
    out.account = mt.account;
    byo_uuid_make(out.id);
    out.sms_type = BYO_REPORT_MO;
    out.dlr_mask = n->bits;
    out.dlr_url = mt.dlr_url;
    out.boxc_id = m->named ? m->box : BYO_STR_NONE;
    ByoBuf text = {0}, frame = {0};
    put_own(&text, mt.meta_data, m->mask);
    put_byo(&text, m, n);
    out.meta_data = byo_buf_str(&text);
    f->opt.codec->pack(&out, &frame);
    byo_flow_inward(f, t, m->named, m->box, byo_buf_str(&frame), out.id,
                    &(ByoReported){m->id, n->segment, n->bits});
    byo_buf_free(&frame);
    byo_buf_free(&text);
}
