/* SPDX-License-Identifier: BSD-3-Clause
 * How an MT is written: a text by the integration's ordered list, octets and the application's own UDH as they are.
 * Decides: charset, coding, segments and their references (spec J4, D1; 3GPP TS 23.040 9.2.3.24).
 * Ownership and threads: mt_private.h. */
#include "flow/mt_private.h"

/* 3GPP TS 23.040 9.2.3.24: user data of one SM, octets. */
enum { SM_OCTETS = 140, CONCAT8_UDH = 6, CONCAT16_UDH = 7, SEGMENTS_MAX = 255 };

/* udh: what each segment's header shall hold beside the concatenation. */
static void make_segments(ByoFlow *f, ByoTurn *t, Mt *mt, int n, ByoUdh udh)
{
    ByoMessageRow *m = &mt->row;
    m->id = byo_store_new_id(t->store, t->now);
    m->tally.segments = n;
    mt->segments = byo_zalloc((size_t)n * sizeof *mt->segments);
    if (n > 1) {
        udh.reference_bits = mt->rt->cfg->concat_reference == 16 ? 16 : 8;
        udh.reference = byo_refs_next(f->refs, &t->undo, m->recipient, udh.reference_bits);
        udh.total = (unsigned)n;
    }
    size_t size = byo_udh_write(&udh, NULL);
    if (size)
        mt->udh = byo_zalloc((size_t)n * size);
    for (int i = 0; i < n; i++) {
        ByoSegmentRow *seg = &mt->segments[i];
        seg->id = byo_id_segment(m->id, i + 1);
        seg->s.state = BYO_SEG_QUEUED;
        seg->s.due = t->now;
        seg->verdict.code = -1;
        if (size) {
            unsigned char *at = mt->udh + (size_t)i * size;
            udh.number = (unsigned)i + 1;
            seg->udh = byo_strn((char *)at, byo_udh_write(&udh, at));
        }
    }
}

/* alt-dcs without a class is one, too (bearerbox sends 0xF1). */
static bool class_or_mwi(const ByoSms *sms)
{
    return sms->mclass >= 0 || sms->mwi >= 0 || sms->alt_dcs > 0;
}

/* Kannel's mwi 4 to 7 are the "discard message" group, which has no UCS-2 form (TS 23.038 4). */
static bool gsm_only(const ByoSms *sms)
{
    return sms->mwi >= 4;
}

/* A text, by the integration's ordered list (spec J4); with the application's own header in one segment. */
static int write_text(ByoFlow *f, ByoTurn *t, Mt *mt, ByoStr utf8, ByoOwnCause *why)
{
    const ByoCharsetList *list = &mt->rt->cfg->advanced->charsets;
    ByoEncodeOptions opt = byo_integration_encode_options(mt->rt->cfg);
    opt.class_or_mwi = class_or_mwi(&mt->sms);
    opt.gsm_only = gsm_only(&mt->sms);
    opt.own_udh = mt->sms.udhdata.n;
    ByoEncoded *e = &f->encoded;
    switch (byo_encode(list, utf8, &opt, e)) {
    case BYO_ENCODE_OK:
        break;
    case BYO_ENCODE_NO_CHARSET:
        *why = BYO_OWN_NO_CHARSET;
        return 0;
    case BYO_ENCODE_TOO_LONG:
        *why = BYO_OWN_TOO_LONG;
        return 0;
    case BYO_ENCODE_BAD_TEXT:
        *why = BYO_OWN_BAD_DATA;
        return 0;
    }
    const ByoCharsetPair *pair = &list->pairs[e->pair];
    mt->row.coding = e->coding;
    mt->row.data_coding = e->data_coding;
    mt->row.dcs = (int)pair->dcs;
    mt->row.charset = byo_str(byo_charset_name(pair->charset));
    make_segments(f, t, mt, (int)e->n,
                  (ByoUdh){.own = mt->sms.udhdata, .locking = e->locking, .single = e->single});
    for (size_t i = 0; i < e->n; i++)
        mt->segments[i].payload =
            byo_strn(byo_buf_str(&e->payload).p + e->segments[i].offset, e->segments[i].length);
    return (int)e->n;
}

/* Octets as they are; long ones in parts, as bearerbox would part them. */
static int write_binary(ByoFlow *f, ByoTurn *t, Mt *mt, ByoOwnCause *why)
{
    ByoStr data = mt->sms.msgdata;
    size_t room = SM_OCTETS - (size_t)(mt->rt->cfg->concat_reference == 16 ? CONCAT16_UDH : CONCAT8_UDH);
    size_t n = data.n <= SM_OCTETS ? 1 : (data.n + room - 1) / room;
    if (n > SEGMENTS_MAX) {
        *why = BYO_OWN_TOO_LONG;
        return 0;
    }
    mt->row.coding = BYO_CODING_8BIT;
    mt->row.dcs = 4;
    mt->row.charset = BYO_STR("");
    make_segments(f, t, mt, (int)n, (ByoUdh){0});
    for (size_t i = 0; i < n; i++) {
        size_t at = n == 1 ? 0 : i * room;
        size_t left = data.n - at;
        mt->segments[i].payload = byo_strn(data.p ? data.p + at : "", n == 1 || left < room ? left : room);
    }
    return (int)n;
}

/* The application's own UDH: octets in one segment as they are, if they can be one. */
static int write_own_octets(ByoFlow *f, ByoTurn *t, Mt *mt, int dcs, ByoStr charset, ByoOwnCause *why)
{
    const ByoSms *sms = &mt->sms;
    if (sms->udhdata.n + sms->msgdata.n > SM_OCTETS) {
        *why = BYO_OWN_TOO_LONG;
        return 0;
    }
    mt->row.coding = sms->coding == BYO_UNDEF ? BYO_CODING_8BIT : sms->coding;
    mt->row.dcs = dcs;
    mt->row.charset = charset;
    make_segments(f, t, mt, 1, (ByoUdh){.own = sms->udhdata});
    mt->segments[0].payload = sms->msgdata;
    return 1;
}

/* A part the application cut itself may end within a character: it goes as it is, where UTF-16 may go at all. */
static bool goes_as_utf16(const Mt *mt)
{
    const ByoCharsetList *list = &mt->rt->cfg->advanced->charsets;
    for (size_t i = 0; i < list->n; i++)
        if (list->pairs[i].dcs == 8 && byo_charset_is_utf16be(list->pairs[i].charset))
            return mt->sms.udhdata.n && mt->sms.msgdata.n % 2 == 0;
    return false;
}

static int write_ucs2(ByoFlow *f, ByoTurn *t, Mt *mt, ByoOwnCause *why)
{
    if (byo_utf16be_to_utf8(mt->sms.msgdata, &mt->text))
        return write_text(f, t, mt, byo_buf_str(&mt->text), why);
    *why = BYO_OWN_BAD_DATA;
    return goes_as_utf16(mt) ? write_own_octets(f, t, mt, 8, BYO_STR("UTF-16BE"), why) : 0;
}

int byo_mt_write(ByoFlow *f, ByoTurn *t, Mt *mt, ByoOwnCause *why)
{
    const ByoSms *sms = &mt->sms;
    bool own = sms->udhdata.n > 0;
    if (own && (!byo_udh_check(sms->udhdata, NULL, NULL, NULL) || sms->udhdata.n > SM_OCTETS)) {
        *why = BYO_OWN_BAD_DATA;
        return 0;
    }
    switch (sms->coding) {
    case BYO_UNDEF:
        if (own)
            return write_own_octets(f, t, mt, 4, BYO_STR(""), why);
        /* fallthrough */
    case BYO_CODING_7BIT:
        return write_text(f, t, mt, sms->msgdata.p ? sms->msgdata : BYO_STR(""), why);
    case BYO_CODING_UCS2:
        return write_ucs2(f, t, mt, why);
    default:
        return own ? write_own_octets(f, t, mt, 4, BYO_STR(""), why) : write_binary(f, t, mt, why);
    }
}
