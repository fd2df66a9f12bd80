/* SPDX-License-Identifier: BSD-3-Clause
 * An MO's way in: once, in E.164, keywords kept (spec section 5), marked, to its smsbox.
 * Decides: whether it is ours, what it sets off, where it goes.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <stdio.h>
#include <stdlib.h>

static const ByoAddressRules no_rules = {0};

/* The integration whose link it came over, else the one that owns the number. */
static ByoRuntime *runtime_of(ByoFlow *f, const ByoSms *sms, const ByoInventoryEntry *number)
{
    ByoRuntime *rt = byo_flow_runtime(f, sms->smsc_id);
    return rt || !number ? rt : byo_flow_runtime(f, byo_str(number->integration));
}

static void inward_for(ByoFlow *f, const ByoInput *in, const ByoSms *sms, ByoStr frame)
{
    ByoStr box = in->named ? byo_str(in->box) : BYO_STR_NONE;
    if (!in->named && sms->boxc_id.n && !byo_str_is(sms->boxc_id, f->cfg.box_id))
        box = sms->boxc_id; /* a report bearerbox remembered the sender of */
    if (!box.p && sms->sms_type == BYO_MO && f->cfg.route) {
        const char *to = f->cfg.route(f->cfg.route_arg, sms->receiver, sms->smsc_id);
        if (to)
            box = byo_str(to);
    }
    byo_flow_inward(f, box.p != NULL, box, frame, sms->id);
}

/* The text of an MO for the keyword rules; false: it has none. */
static bool text_of(const ByoSms *sms, ByoBuf *buf, ByoStr *text_r)
{
    if (sms->coding == BYO_CODING_UCS2) {
        if (!byo_utf16be_to_utf8(sms->msgdata, buf))
            return false;
        *text_r = byo_buf_str(buf);
        return true;
    }
    *text_r = sms->msgdata;
    return sms->coding != BYO_CODING_8BIT && sms->msgdata.p;
}

/* What stands in the history as the answer: the reply, or why there is none. */
static ByoStr answer_of(const ByoKeywordDecision *d, bool left, char buf[64])
{
    if (d->outcome == BYO_REPLY_SEND && !left)
        return byo_str(d->reply);
    snprintf(buf, 64, "not sent: %s",
             left ? "the number left the inventory" : byo_reply_outcome_name(d->outcome));
    return byo_str(buf);
}

/* left: the number is not in the inventory any more: its keywords act, nothing can be answered. */
static ByoKeywordKind keyword(ByoFlow *f, const ByoInventoryEntry *number, bool left,
                              const ByoAddressIn *from, const ByoSms *sms)
{
    char answer[64];
    ByoBuf buf = {0};
    ByoStr text;
    ByoKeywordMo mo = {.now = f->now, .received = sms->time > 0 ? sms->time * BYO_SECOND : f->now};
    ByoKeywordDecision d = {0};
    ByoStr digits = byo_str(number->digits), sender = byo_str(from->sender);
    mo.sender_is_phone = from->sender_is_phone && byo_pair_make(digits, sender, &mo.pair);
    if (!text_of(sms, &buf, &text) ||
        !byo_keyword_match(number->own, number->short_code ? NULL : f->cfg.standard, text,
                           f->cfg.opt_out_loose, &mo.match)) {
        if (mo.sender_is_phone)
            byo_answer_guard_ordinary(f->guard, mo.pair, f->now);
        byo_buf_free(&buf);
        return BYO_KEYWORD_NONE;
    }
    mo.opted_out = byo_optouts_has(f->opt_outs, digits, sender);
    mo.sender_is_ours = byo_inventory_find(f->inventory, sender) != NULL;
    byo_reply_decide(f->replies, &mo, &d);
    f->undo.replied = true;
    if (d.guards_answer)
        byo_answer_guard_keyword(f->guard, mo.pair, f->now);
    if (d.change != BYO_OPT_NONE) {
        ByoOptRow row = {.time = f->now,
                         .number = digits,
                         .recipient =
                             byo_strn(sender.p + (sender.p[0] == '+'), sender.n - (sender.p[0] == '+')),
                         .action = d.change == BYO_OPT_ADD ? BYO_STR("opt-out") : BYO_STR("opt-in"),
                         .text = text,
                         .answer = answer_of(&d, left, answer),
                         .who = BYO_STR("recipient"),
                         .reason = BYO_STR("")};
        byo_flow_opt_apply(f, &row);
    }
    if (d.limit_event)
        byo_flow_tell(f, BYO_EVENT_REPLY_LIMIT, digits, BYO_STR_NONE,
                      "reply-limit reached: keywords of %.*s act without a reply for now", BYO_PF(sender));
    if (d.outcome == BYO_REPLY_SEND && !left)
        byo_flow_send_reply(f, number, sender, byo_str(d.reply), d.mark, d.deadline);
    byo_buf_free(&buf);
    return d.mark;
}

/* mo-raw: the advanced list says which charset a data_coding has; bearerbox's own idea is the fallback. */
static void decode_raw(const ByoRuntime *rt, const ByoMeta *meta, ByoSms *sms, ByoBuf *text)
{
    ByoStr raw = byo_meta_get(meta, "mo", "raw"), dcs = byo_meta_get(meta, "mo", "data_coding");
    int64_t value;
    if (!rt || !raw.p || !byo_str_int(dcs, &value))
        return;
    const ByoCharsetList *list = &rt->cfg->advanced->charsets;
    for (size_t i = 0; i < list->n; i++) {
        if (list->pairs[i].dcs != (unsigned)value)
            continue;
        if (byo_charset_decode(list->pairs[i].charset, raw, text)) {
            sms->msgdata = byo_buf_str(text);
            sms->coding = BYO_CODING_7BIT;
        }
        return;
    }
}

static void ours(ByoFlow *f, const ByoInput *in)
{
    const ByoInventoryEntry *number = byo_inventory_find(f->inventory, in->sms.receiver);
    ByoInventoryEntry gone;
    ByoMatcher *gones_own = NULL;
    bool left = !number && byo_flow_number_left(f, in->sms.receiver, &gone, &gones_own);
    if (left)
        number = &gone;
    ByoRuntime *rt = runtime_of(f, &in->sms, number);
    ByoAddressIn from;
    byo_address_mo(rt ? &rt->cfg->address : &no_rules, in->sms.sender, in->sms.receiver, &from);
    if (rt)
        rt->count.mo++;
    ByoSms out = in->sms;
    ByoMeta meta = {0};
    ByoBuf decoded = {0};
    if (out.meta_data.n)
        byo_meta_parse(out.meta_data, &meta);
    decode_raw(rt, &meta, &out, &decoded);
    char to[BYO_ADDRESS_MAX + 1];
    snprintf(to, sizeof to, "%s%s",
             number                    ? (number->short_code ? "" : "+")
             : from.ours_international ? "+"
                                       : "",
             number ? number->digits : from.our_digits);
    out.sender = byo_str(from.sender);
    if (to[0])
        out.receiver = byo_str(to);
    ByoKeywordKind kind = BYO_KEYWORD_NONE;
    if (number)
        kind = keyword(f, number, left, &from, &out);
    if (!number || (left && kind == BYO_KEYWORD_NONE))
        byo_flow_tell(f, BYO_EVENT_UNKNOWN_NUMBER, in->sms.receiver, BYO_STR_NONE,
                      "an MO for a number outside the inventory came over %.*s; it was passed on without "
                      "keyword handling: "
                      "import the number, or tell the carrier",
                      BYO_PF(in->sms.smsc_id));
    byo_meta_remove(&meta, "byo", NULL);
    byo_meta_remove(&meta, "mo", NULL);
    byo_meta_set(&meta, "byo", "integration", rt ? byo_str(rt->id) : BYO_STR(""));
    byo_meta_set(&meta, "byo", "number", out.receiver);
    if (kind != BYO_KEYWORD_NONE)
        byo_meta_set(&meta, "byo", "keyword", byo_str(byo_keyword_kind_name(kind)));
    ByoBuf text = {0}, frame = {0};
    byo_meta_write(&meta, &text);
    out.meta_data = byo_buf_str(&text);
    f->opt.codec->pack(&out, &frame);
    inward_for(f, in, &out, byo_buf_str(&frame));
    byo_flow_access(f, "MO taken [integration:%s] [from:%.*s] [to:%.*s] [keyword:%s]", rt ? rt->id : "",
                    BYO_PF(out.sender), BYO_PF(out.receiver), byo_keyword_kind_name(kind));
    byo_buf_free(&frame);
    byo_buf_free(&text);
    byo_buf_free(&decoded);
    byo_meta_free(&meta);
    byo_matcher_destroy(gones_own);
}

void byo_flow_mo(ByoFlow *f, const ByoInput *in)
{
    if (!byo_flow_inward_total_room(f)) {
        byo_flow_hold_mo(f, in);
        return;
    }
    if (!byo_store_mo_first(f->store, byo_str(in->sms.id), f->now)) {
        f->now_is.mo_repeated++; /* bearerbox gives what we had not acked again (kannel-host 3) */
    } else if (in->sms.sms_type == BYO_MO &&
               byo_inventory_route(f->inventory, &in->sms, true) == BYO_ROUTE_OURS) {
        ours(f, in);
    } else {
        f->now_is.passed_mo++;
        inward_for(f, in, &in->sms, in->frame);
    }
    ByoOutput *o = byo_outputs_add(&f->out, BYO_OUT_LINK_ACK);
    o->conn = in->conn;
    o->answered = in->frame.n;
    o->nack = BYO_ACK_SUCCESS;
    memcpy(o->uuid, in->sms.id, sizeof o->uuid);
}
