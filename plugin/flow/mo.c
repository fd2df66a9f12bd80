/* SPDX-License-Identifier: BSD-3-Clause
 * An MO's way in: once, in E.164, keywords kept (spec K1-K8), marked, to its smsbox.
 * Decides: whether it is ours, what it sets off, where it goes.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"
#include "flow/mo_text.h"

#include <stdio.h>
#include <stdlib.h>

/* Who sent it, and to whom. */
typedef struct {
    ByoReading sender;
    bool sender_is_phone;
    char to[BYO_ADDRESS_MAX]; /* the destination as the application gets it; "": as it came */
} Parties;

static ByoStr box_for(const ByoFlow *f, const ByoInput *in, const ByoSms *sms)
{
    ByoStr box = in->named ? byo_str(in->box) : BYO_STR_NONE;
    if (!in->named && sms->boxc_id.n && !byo_str_is(sms->boxc_id, f->cfg.box_id))
        box = sms->boxc_id; /* a report bearerbox remembered the sender of */
    if (!box.p && sms->sms_type == BYO_MO && f->cfg.route) {
        const char *to = f->cfg.route(f->cfg.route_arg, sms->receiver, sms->smsc_id);
        if (to)
            box = byo_str(to);
    }
    return box;
}

/* sms: as the application gets it. */
static void keep_inbound(ByoFlow *f, ByoTurn *t, const ByoSms *sms, ByoStr box, const ByoRuntime *rt,
                         ByoKeywordKind kind, const ByoMoText *said)
{
    ByoInboundRow row = {.id = byo_store_new_id(t->store, t->now),
                         .integration = rt ? byo_str(rt->id) : BYO_STR(""),
                         .number = byo_digits(sms->receiver),
                         .sender = byo_digits(sms->sender),
                         .keyword = (int)kind,
                         .uuid = byo_str(sms->id),
                         .named = box.p != NULL,
                         .box = box,
                         .has_text = f->cfg.keep_inbound_text && said->announced,
                         .text = said->text};
    byo_store_inbound_add(t->store, &row);
}

/* What stands in the history as the reason of an opt-out that was no keyword by itself: "courtesy: STOP". */
static ByoStr reason_of(const ByoKeywordMatch *m, char buf[BYO_KEYWORD_FOLDED + 32])
{
    if (m->rule == BYO_RULE_WHOLE)
        return BYO_STR("");
    snprintf(buf, BYO_KEYWORD_FOLDED + 32, "%s%s%s", byo_keyword_rule_name(m->rule), m->words[0] ? ": " : "",
             m->words);
    return byo_str(buf);
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
static ByoKeywordKind keyword(ByoFlow *f, ByoTurn *t, const ByoInventoryEntry *number, bool left,
                              const Parties *from, const ByoSms *sms, ByoMoText *said)
{
    char answer[64], reason[BYO_KEYWORD_FOLDED + 32];
    ByoStr text;
    ByoKeywordMo mo = {.now = t->now, .received = sms->time > 0 ? sms->time * BYO_SECOND : t->now};
    ByoKeywordDecision d = {0};
    ByoStr digits = byo_str(number->digits), sender = byo_str(from->sender.e164);
    mo.sender_is_phone = from->sender_is_phone && byo_pair_make(digits, sender, &mo.pair);
    if (!byo_mo_text_match(said, number->own, number->short_code ? NULL : f->cfg.standard,
                           f->cfg.opt_out_loose, &mo.match, &text)) {
        if (mo.sender_is_phone)
            byo_answer_guard_ordinary(f->guard, &t->undo, mo.pair, t->now);
        return BYO_KEYWORD_NONE;
    }
    if (mo.sender_is_phone) {
        mo.opted_out = mo.match.kind == BYO_KEYWORD_OPT_OUT ? byo_flow_opted_out_itself(f, t, digits, sender)
                                                            : byo_optouts_has(f->opt_outs, digits, sender);
        mo.sender_is_ours = byo_inventory_find(f->inventory, sender) != NULL;
    }
    if (left)
        mo.match.reply = NULL; /* what is not sent does not count against reply-limit */
    byo_reply_decide(f->replies, &t->undo, &mo, &d);
    if (d.guards_answer)
        byo_answer_guard_keyword(f->guard, &t->undo, mo.pair, t->now);
    if (d.change != BYO_OPT_NONE) {
        ByoOptRow row = {.time = t->now,
                         .number = digits,
                         .recipient = byo_strn(sender.p + 1, sender.n - 1),
                         .action = d.change == BYO_OPT_ADD ? BYO_STR("opt-out") : BYO_STR("opt-in"),
                         .text = text,
                         .answer = answer_of(&d, left, answer),
                         .who = BYO_STR("recipient"),
                         .reason = reason_of(&mo.match, reason)};
        byo_flow_opt_apply(f, t, &row, &from->sender);
    }
    if (d.outcome == BYO_REPLY_NOT_A_PHONE)
        byo_flow_tell(
            f, t, BYO_EVENT_KEYWORD_NOT_ACTED, digits, BYO_STR_NONE,
            "a %s keyword came from \"%.*s\", which is no phone number: nothing was changed or answered, "
            "and the message was passed on as an ordinary one",
            byo_keyword_kind_name(mo.match.kind), BYO_PF(sms->sender));
    if (d.limit_event)
        byo_flow_tell(f, t, BYO_EVENT_REPLY_LIMIT, digits, BYO_STR_NONE,
                      "reply-limit reached: keywords of %.*s act without a reply for now", BYO_PF(sender));
    if (d.outcome == BYO_REPLY_SEND && !left)
        byo_flow_send_reply(f, t, number, sender, byo_str(d.reply), d.mark, d.deadline);
    return d.mark;
}

/* TON as mo-raw tells it; of stock only bearerbox's '+' of a TON 1 is left. */
static int ton_of(const ByoMeta *meta, const char *key)
{
    int64_t ton;
    return byo_str_int(byo_meta_get(meta, "mo", key), &ton) && ton >= 0 && ton <= 7 ? (int)ton
                                                                                    : BYO_TON_UNKNOWN;
}

/* How the destination of an MO is read: our numbers' own countries count first (inventory), this is the rest. */
static ByoReadHow called_how(ByoFlow *f, const ByoRuntime *rt, const ByoMeta *meta)
{
    return (ByoReadHow){.manner = BYO_MANNER_WIRE,
                        .ton = ton_of(meta, "dest_addr_ton"),
                        .inbound = true,
                        .home = byo_flow_home(f, rt, NULL)};
}

/* (spec P3) With inbound-plus-prefix a number without '+' is not international. */
static bool may_be_national_only(const ByoRuntime *rt, const ByoReadHow *how, ByoStr receiver)
{
    ByoWritten w;
    return rt && rt->cfg->address.inbound_plus_prefix && !how->home && how->ton != 1 &&
           byo_address_written(receiver, how->manner, &w) && !w.international;
}

static void read_parties(ByoFlow *f, const ByoRuntime *rt, const ByoInventoryEntry *number, const ByoSms *sms,
                         const ByoMeta *meta, Parties *p)
{
    ByoReadHow how = called_how(f, rt, meta), from = how;
    ByoReading called;
    from.ton = ton_of(meta, "source_addr_ton");
    from.home = byo_flow_home(f, rt, number);
    p->sender_is_phone = byo_read(sms->sender, &from, &p->sender) == BYO_READ_PHONE;
    p->to[0] = 0;
    if (number)
        snprintf(p->to, sizeof p->to, "%s%.20s", number->short_code ? "" : "+", number->digits);
    else if (!may_be_national_only(rt, &how, sms->receiver) &&
             byo_read(sms->receiver, &how, &called) == BYO_READ_PHONE)
        memcpy(p->to, called.e164, sizeof p->to);
}

/* An MO for one of our numbers, read. */
typedef struct {
    ByoRuntime *rt;                  /* NULL: nobody's */
    const ByoInventoryEntry *number; /* NULL: an unknown one */
    bool left;                       /* the number is `gone` and not in the inventory any more */
    ByoInventoryEntry gone;
    ByoMatcher *gones_own;
    Parties from;
    ByoMeta meta;
    ByoMoText said;
    ByoSms out; /* as the application gets it */
} Ours;

static void read_ours(ByoFlow *f, ByoTurn *t, const ByoInput *in, Ours *mo)
{
    *mo = (Ours){.rt = byo_flow_runtime(f, in->sms.smsc_id), .out = in->sms};
    if (in->sms.meta_data.n)
        byo_meta_parse(in->sms.meta_data, &mo->meta);
    ByoReadHow how = called_how(f, mo->rt, &mo->meta);
    mo->number = byo_inventory_called(f->inventory, in->sms.receiver, in->sms.smsc_id, how.home);
    mo->left = !mo->number && byo_flow_number_left(t, in->sms.receiver, &how, &mo->gone, &mo->gones_own);
    if (mo->left)
        mo->number = &mo->gone;
    if (!mo->rt &&
        mo->number) /* the integration whose link it came over, else the one that owns the number */
        mo->rt = byo_flow_runtime(f, byo_str(mo->number->integration));
    read_parties(f, mo->rt, mo->number, &in->sms, &mo->meta, &mo->from);
    byo_mo_text_read(mo->rt ? &mo->rt->cfg->advanced->charsets : NULL, &mo->meta, &mo->out, &mo->said);
    if (mo->from.sender_is_phone)
        mo->out.sender = byo_str(mo->from.sender.e164);
    if (mo->from.to[0])
        mo->out.receiver = byo_str(mo->from.to);
}

static void free_ours(Ours *mo)
{
    byo_mo_text_free(&mo->said);
    byo_meta_free(&mo->meta);
    byo_matcher_destroy(mo->gones_own);
}

static void take_ours(ByoFlow *f, ByoTurn *t, const ByoInput *in, Ours *mo)
{
    ByoKeywordKind kind = BYO_KEYWORD_NONE;
    if (mo->rt)
        byo_flow_change(t, mo->rt)->count.total.mo++;
    if (mo->number)
        kind = keyword(f, t, mo->number, mo->left, &mo->from, &mo->out, &mo->said);
    if (!mo->number || (mo->left && kind == BYO_KEYWORD_NONE))
        byo_flow_tell(f, t, BYO_EVENT_UNKNOWN_NUMBER, in->sms.receiver, BYO_STR_NONE,
                      "an MO for a number outside the inventory came over %.*s; it was passed on without "
                      "keyword handling: "
                      "import the number, or tell the carrier",
                      BYO_PF(in->sms.smsc_id));
    byo_meta_remove(&mo->meta, "byo", NULL);
    byo_meta_remove(&mo->meta, "mo", NULL);
    byo_meta_set(&mo->meta, "byo", "integration", mo->rt ? byo_str(mo->rt->id) : BYO_STR(""));
    byo_meta_set(&mo->meta, "byo", "number", mo->out.receiver);
    if (kind != BYO_KEYWORD_NONE)
        byo_meta_set(&mo->meta, "byo", "keyword", byo_str(byo_keyword_kind_name(kind)));
    ByoBuf text = {0}, frame = {0};
    byo_meta_write(&mo->meta, &text);
    mo->out.meta_data = byo_buf_str(&text);
    f->opt.codec->pack(&mo->out, &frame);
    ByoStr box = box_for(f, in, &mo->out);
    byo_flow_inward(f, t, box.p != NULL, box, byo_buf_str(&frame), mo->out.id, NULL);
    keep_inbound(f, t, &mo->out, box, mo->rt, kind, &mo->said);
    byo_flow_access(t, "MO taken [integration:%s] [from:%.*s] [to:%.*s] [keyword:%s]",
                    mo->rt ? mo->rt->id : "", BYO_PF(mo->out.sender), BYO_PF(mo->out.receiver),
                    byo_keyword_kind_name(kind));
    byo_buf_free(&frame);
    byo_buf_free(&text);
}

static bool is_ours(const ByoFlow *f, const ByoInput *in)
{
    return in->sms.sms_type == BYO_MO && byo_inventory_ours(f->inventory, &in->sms);
}

/* Rows wait already for the smsbox it goes to. */
static bool has_waiting(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    Ours mo = {.out = in->sms};
    if (is_ours(f, in))
        read_ours(f, t, in, &mo);
    ByoStr box = box_for(f, in, &mo.out);
    bool waiting = !box.p || byo_store_inward_waiting(t->store, true, box) > 0;
    free_ours(&mo);
    return waiting;
}

bool byo_flow_mo_room(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    return byo_flow_inward_total_room(t) && (byo_flow_inward_new_box_room(t) || has_waiting(f, t, in));
}

void byo_flow_mo(ByoFlow *f, ByoTurn *t, const ByoInput *in)
{
    ByoStr uuid = byo_str(in->sms.id);
    if (!byo_flow_mo_room(f, t, in)) {
        byo_flow_hold_mo(f, t, in);
        return;
    }
    bool known = byo_store_mo_known(t->store, uuid);
    if (!known)
        byo_store_mo_note(t->store, uuid, t->now);
    if (known) {
        byo_flow_ledger(f, t)
            ->total.mo_repeated++; /* bearerbox gives what we had not acked again (host H3) */
    } else if (byo_flow_receipt_as_mo(f, t, &in->sms)) {
        /* nobody texted it */
    } else if (is_ours(f, in)) {
        Ours mo;
        read_ours(f, t, in, &mo);
        take_ours(f, t, in, &mo);
        free_ours(&mo);
    } else {
        byo_flow_ledger(f, t)->total.passed_mo++;
        ByoStr box = box_for(f, in, &in->sms);
        byo_flow_inward(f, t, box.p != NULL, box, in->frame, in->sms.id, NULL);
    }
    ByoOutput *o = byo_outputs_add(&t->out, BYO_OUT_LINK_ACK);
    o->conn = in->conn;
    o->answered = in->frame.n;
    o->nack = BYO_ACK_SUCCESS;
    memcpy(o->uuid, in->sms.id, sizeof o->uuid);
}
