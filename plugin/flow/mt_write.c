/* SPDX-License-Identifier: BSD-3-Clause
 * How an MT is written: a text by the integration's ordered list, octets and the application's own UDH as they are.
 * Decides: charset, coding, segments and their references (spec J4, D1; 3GPP TS 23.040 9.2.3.24).
 * Ownership and threads: mt_private.h. */
#include "flow/mt_private.h"

/* 3GPP TS 23.040 9.2.3.24: user data of one SM, octets. */
enum { SM_OCTETS = 140, CONCAT8_UDH = 6, CONCAT16_UDH = 7, SEGMENTS_MAX = 255 };

static void make_segments(ByoFlow *f, Mt *mt, int n)
{
    ByoMessageRow *m = &mt->row;
    m->id = byo_store_new_id(f->store, f->now);
    m->tally.segments = n;
    mt->segments = byo_zalloc((size_t)n * sizeof *mt->segments);
    int bits = mt->rt->cfg->concat_reference;
    unsigned reference = 0;
    if (n > 1) {
        reference = byo_refs_next(f->refs, m->recipient, bits);
        mt->udh = byo_zalloc((size_t)n * CONCAT16_UDH);
    }
    for (int i = 0; i < n; i++) {
        ByoSegmentRow *seg = &mt->segments[i];
        seg->id = byo_id_segment(m->id, i + 1);
        seg->s.state = BYO_SEG_QUEUED;
        seg->s.due = f->now;
        seg->verdict.code = -1;
        if (n > 1) {
            unsigned char *udh = mt->udh + (size_t)i * CONCAT16_UDH;
            seg->udh =
                byo_strn((char *)udh, byo_udh_concat(udh, bits, reference, (unsigned)n, (unsigned)i + 1));
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

/* A text, by the integration's ordered list (J4). */
static int write_text(ByoFlow *f, Mt *mt, ByoStr utf8, ByoOwnCause *why)
{
    const ByoCharsetList *list = &mt->rt->cfg->advanced->charsets;
    ByoEncodeOptions opt = {.reference_bits = mt->rt->cfg->concat_reference,
                            .class_or_mwi = class_or_mwi(&mt->sms),
                            .gsm_only = gsm_only(&mt->sms),
                            .max_segments = SEGMENTS_MAX};
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
    make_segments(f, mt, (int)e->n);
    for (size_t i = 0; i < e->n; i++)
        mt->segments[i].payload =
            byo_strn(byo_buf_str(&e->payload).p + e->segments[i].offset, e->segments[i].length);
    return (int)e->n;
}

/* Octets as they are; long ones in parts, as bearerbox would part them. */
static int write_binary(ByoFlow *f, Mt *mt, ByoOwnCause *why)
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
    make_segments(f, mt, (int)n);
    for (size_t i = 0; i < n; i++) {
        size_t at = n == 1 ? 0 : i * room;
        size_t left = data.n - at;
        mt->segments[i].payload = byo_strn(data.p ? data.p + at : "", n == 1 || left < room ? left : room);
    }
    return (int)n;
}

/* The application's own UDH: one segment as it is, if it can be one. */
static int write_own_udh(ByoFlow *f, Mt *mt, ByoOwnCause *why)
{
    const ByoSms *sms = &mt->sms;
    int coding = sms->coding == BYO_UNDEF ? BYO_CODING_8BIT : sms->coding;
    size_t room = SM_OCTETS, used = sms->msgdata.n;
    ByoStr payload = sms->msgdata;
    *why = BYO_OWN_BAD_DATA;
    if (!byo_udh_check(sms->udhdata, NULL, NULL, NULL) || sms->udhdata.n > SM_OCTETS)
        return 0;
    room -= sms->udhdata.n;
    if (coding == BYO_CODING_7BIT) {
        static const ByoStr gsm = {"GSM_0338", 8};
        ByoCharsetPair pair = {.dcs = 0, .charset = byo_charset_find(gsm)};
        byo_carry_decide(&pair, f->cfg.features);
        ByoCharsetList list = {&pair, 1};
        ByoEncodeOptions opt = {
            .reference_bits = 8, .class_or_mwi = class_or_mwi(sms), .max_segments = SEGMENTS_MAX};
        ByoBuf septets = {0};
        ByoEncodeResult r = byo_encode(&list, sms->msgdata, &opt, &f->encoded);
        if (r == BYO_ENCODE_OK || r == BYO_ENCODE_TOO_LONG)
            byo_charset_encode(pair.charset, sms->msgdata, &septets, NULL);
        used = septets.n;
        byo_buf_free(&septets);
        if (r == BYO_ENCODE_NO_CHARSET)
            *why = BYO_OWN_NO_CHARSET;
        if (r == BYO_ENCODE_NO_CHARSET || r == BYO_ENCODE_BAD_TEXT)
            return 0;
        room = room * 8 / 7;
        mt->row.coding = f->encoded.coding;
        mt->row.data_coding = f->encoded.data_coding;
        mt->row.charset = gsm;
        payload = byo_buf_str(&f->encoded.payload); /* in the form this bearerbox sends untouched */
        if (r == BYO_ENCODE_TOO_LONG || f->encoded.n > 1)
            used = SIZE_MAX;
    } else {
        if (coding == BYO_CODING_UCS2 && used % 2 != 0)
            return 0;
        mt->row.coding = coding;
        mt->row.dcs = coding == BYO_CODING_UCS2 ? 8 : 4;
        mt->row.charset = coding == BYO_CODING_UCS2 ? BYO_STR("UTF-16BE") : BYO_STR("");
    }
    if (used > room) {
        *why = BYO_OWN_TOO_LONG;
        return 0;
    }
    make_segments(f, mt, 1);
    mt->segments[0].udh = sms->udhdata;
    mt->segments[0].payload = payload;
    return 1;
}

int byo_mt_write(ByoFlow *f, Mt *mt, ByoOwnCause *why)
{
    const ByoSms *sms = &mt->sms;
    if (sms->udhdata.n)
        return write_own_udh(f, mt, why);
    switch (sms->coding) {
    case BYO_UNDEF:
    case BYO_CODING_7BIT:
        return write_text(f, mt, sms->msgdata.p ? sms->msgdata : BYO_STR(""), why);
    case BYO_CODING_UCS2:
        *why = BYO_OWN_BAD_DATA;
        if (!byo_utf16be_to_utf8(sms->msgdata, &mt->text))
            return 0;
        return write_text(f, mt, byo_buf_str(&mt->text), why);
    default:
        return write_binary(f, mt, why);
    }
}
