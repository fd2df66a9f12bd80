/* SPDX-License-Identifier: BSD-3-Clause
 * The readings of an MO.
 * Ownership and threads: mo_text.h. */
#include "flow/mo_text.h"
#include "base/text.h"

#include <stdlib.h>

#include "encoding/national.h"

enum { GUESS_OCTETS = 2000, GUESS_LETTERS = 3, PARTS_MAX = 255 };

/* -- the parts mo-raw names ------------------------------------------------------------------------*/

static ByoMoPart *add_part(ByoMoText *t, int dcs, ByoStr octets)
{
    t->parts = byo_realloc(t->parts, (t->n_parts + 1) * sizeof *t->parts);
    ByoMoPart *p = &t->parts[t->n_parts++];
    *p = (ByoMoPart){.dcs = dcs, .read = {.octets = octets}};
    p->read.ucs2 = dcs >= 0 && byo_alphabet_of((unsigned)dcs) == BYO_ALPHABET_UCS2;
    return p;
}

/* The next field, ended by `end` or the end of the text. */
static ByoStr next_field(ByoStr *s, char end)
{
    const char *at = s->n ? memchr(s->p, end, s->n) : NULL;
    ByoStr field = byo_strn(s->p, at ? (size_t)(at - s->p) : s->n);
    size_t used = field.n + (at ? 1 : 0);
    *s = byo_strn(s->p + used, s->n - used);
    return field;
}

/* "data_coding:octets:udh", the header in hexadecimal; *raw moves on. */
static bool read_part(ByoMoText *t, ByoStr entry, ByoStr *raw)
{
    int64_t dcs, octets;
    ByoStr first = next_field(&entry, ':'), second = next_field(&entry, ':');

    if (!byo_str_int(first, &dcs) || dcs < 0 || dcs > 255 || !byo_str_int(second, &octets) || octets < 0 ||
        (size_t)octets > raw->n || entry.n % 2 || entry.n / 2 > sizeof t->parts->udh ||
        t->n_parts == PARTS_MAX)
        return false;
    ByoMoPart *p = add_part(t, (int)dcs, byo_strn(raw->p, (size_t)octets));
    *raw = byo_strn(raw->p + octets, raw->n - (size_t)octets);
    for (size_t i = 0; i < entry.n / 2; i++) {
        int high = byo_hex_digit(entry.p[2 * i]), low = byo_hex_digit(entry.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        p->udh[i] = (unsigned char)(high << 4 | low);
    }
    p->read.udh.n = entry.n / 2;
    return true;
}

static bool read_parts(ByoMoText *t, ByoStr list, ByoStr raw)
{
    while (list.n)
        if (!read_part(t, next_field(&list, ','), &raw))
            break;
    bool all = list.n == 0 && raw.n == 0 && t->n_parts > 0;
    for (size_t i = 0; i < t->n_parts; i++)
        t->parts[i].read.udh.p = (const char *)t->parts[i].udh;
    if (!all)
        t->n_parts = 0;
    return all;
}

/* False: there are no octets (stock, or a bearerbox with an older patch and parts of different codings). */
static bool read_raw(ByoMoText *t, const ByoMeta *meta, const ByoSms *sms)
{
    ByoStr raw = byo_meta_get(meta, "mo", "raw"), parts = byo_meta_get(meta, "mo", "parts");
    ByoStr udh = byo_meta_get(meta, "mo", "udh");
    int64_t dcs;

    if (!raw.p)
        return false;
    if (parts.n && read_parts(t, parts, raw))
        return true;
    if (!byo_str_int(byo_meta_get(meta, "mo", "data_coding"), &dcs) || dcs < 0 || dcs > 255)
        return false;
    add_part(t, (int)dcs, raw)->read.udh = udh.n ? udh : sms->udhdata;
    return true;
}

/* -- the announced text ----------------------------------------------------------------------------*/

/* By one charset of the list. */
static void decode_by(const ByoCharset *cs, const ByoMoPart *p, ByoBuf *text)
{
    if (byo_charset_is_packed(cs))
        byo_octets_packed(&p->read, text);
    else if (byo_charset_is_gsm(cs) || byo_charset_is_national(cs))
        byo_octets_gsm(&p->read, text); /* a header may name tables whatever the list says */
    else
        byo_charset_decode_all(cs, p->read.octets, text);
}

/* The first pair of this data_coding that has all of it, else the first. False: none has the data_coding. */
static bool decode_by_list(const ByoCharsetList *list, const ByoMoPart *p, ByoBuf *text)
{
    const ByoCharset *first = NULL;
    size_t before = text->n;

    for (size_t i = 0; list && i < list->n; i++) {
        const ByoCharset *cs = list->pairs[i].charset;
        if (list->pairs[i].dcs != (unsigned)p->dcs)
            continue;
        if (!first)
            first = cs;
        if (byo_charset_is_utf16be(cs) || byo_charset_is_packed(cs) ||
            !byo_charset_decode(cs, p->read.octets, text))
            continue;
        text->n = before;
        first = cs;
        break;
    }
    if (first)
        decode_by(first, p, text);
    return first != NULL;
}

/* What the list does not name: by the data_coding's own alphabet. joined: another part has another one. */
static bool decode_by_alphabet(const ByoMoPart *p, bool joined, ByoBuf *text)
{
    unsigned locking, single;
    switch (byo_alphabet_of((unsigned)p->dcs)) {
    case BYO_ALPHABET_GSM:
        byo_national_of_udh(p->read.udh, &locking, &single);
        if (!joined && !locking && !single)
            return false;
        byo_octets_gsm(&p->read, text);
        return true;
    case BYO_ALPHABET_UCS2: /* stock takes E0 to EF for GSM */
        if (!joined && p->dcs < 0xE0)
            return false;
        byo_charset_decode_all(byo_charset_find(BYO_STR("UTF-16BE")), p->read.octets, text);
        return true;
    default:
        return false;
    }
}

static bool decode_parts(const ByoCharsetList *list, ByoMoText *t)
{
    for (size_t i = 0; i < t->n_parts; i++)
        if (!decode_by_list(list, &t->parts[i], &t->decoded) &&
            !decode_by_alphabet(&t->parts[i], t->n_parts > 1, &t->decoded)) {
            byo_buf_clear(&t->decoded);
            return false;
        }
    return true;
}

/* UTF-16 as bearerbox hands it on: stays so for the application, mended where it must be. */
static void take_utf16(ByoMoText *t, ByoSms *sms)
{
    const ByoCharset *utf16 = byo_charset_find(BYO_STR("UTF-16BE"));
    ByoStr octets = sms->msgdata;
    bool marked = octets.n >= 2 && ((unsigned char)octets.p[0] & (unsigned char)octets.p[1]) == 0xFE;

    if (byo_charset_decode_all(utf16, octets, &t->decoded) || marked) {
        byo_charset_encode(utf16, byo_buf_str(&t->decoded), &t->octets, NULL);
        sms->msgdata = byo_buf_str(&t->octets);
    }
    t->announced = true;
    t->text = byo_buf_str(&t->decoded);
    if (!t->n_parts) {
        ByoMoPart *p = add_part(t, -1, octets);
        p->read.udh = sms->udhdata;
        p->read.ucs2 = true;
    }
}

/* Text as stock bearerbox read it: by the default tables, whatever the header names (field C21). */
static void take_text(ByoMoText *t, ByoSms *sms)
{
    unsigned locking, single;

    t->announced = sms->msgdata.p != NULL;
    t->text = sms->msgdata;
    if (t->n_parts || !sms->msgdata.n)
        return;
    byo_national_of_udh(sms->udhdata, &locking, &single);
    if (!byo_utf8_valid(sms->msgdata)) { /* bearerbox could not convert it */
        add_part(t, -1, sms->msgdata)->read.udh = sms->udhdata;
        return;
    }
    if (sms->msgdata.n > GUESS_OCTETS && !locking && !single)
        return;
    if (!byo_octets_septets(sms->msgdata, single, &t->octets))
        return;
    ByoMoPart *p = add_part(t, -1, byo_buf_str(&t->octets));
    p->read.udh = sms->udhdata;
    t->only_wide = true;
    if (locking || single) {
        byo_octets_gsm(&p->read, &t->decoded);
        sms->msgdata = t->text = byo_buf_str(&t->decoded);
    }
}

void byo_mo_text_read(const ByoCharsetList *list, const ByoMeta *meta, ByoSms *sms, ByoMoText *t)
{
    *t = (ByoMoText){0};
    if (read_raw(t, meta, sms) && decode_parts(list, t)) {
        sms->msgdata = t->text = byo_buf_str(&t->decoded);
        sms->coding = BYO_CODING_7BIT;
        t->announced = true;
        return;
    }
    switch (sms->coding) {
    case BYO_CODING_UCS2:
        take_utf16(t, sms);
        return;
    case BYO_CODING_8BIT:
        if (!t->n_parts && sms->msgdata.n)
            add_part(t, -1, sms->msgdata)->read.udh = sms->udhdata;
        return;
    default:
        take_text(t, sms);
    }
}

/* -- keywords --------------------------------------------------------------------------------------*/

static bool may_guess(const ByoMoText *t)
{
    size_t octets = 0;
    for (size_t i = 0; i < t->n_parts; i++) {
        if (!byo_octets_may_guess(t->parts[i].read.udh))
            return false;
        octets += t->parts[i].read.octets.n;
    }
    return octets > 0 && octets <= GUESS_OCTETS;
}

/* The n-th guess of all parts together. False: no part has one more. */
static bool guess(const ByoMoText *t, unsigned n, ByoBuf *one, ByoBuf *all)
{
    bool any = false;
    byo_buf_clear(all);
    for (size_t i = 0; i < t->n_parts; i++) {
        any |= byo_octets_guess(&t->parts[i].read, n, one);
        byo_buf_add(all, byo_buf_str(one).p, one->n);
    }
    return any;
}

bool byo_mo_text_match(ByoMoText *t, const ByoMatcher *own, const ByoMatcher *standard, bool loose,
                       ByoKeywordMatch *m_r, ByoStr *text_r)
{
    *m_r = (ByoKeywordMatch){.kind = BYO_KEYWORD_NONE};
    *text_r = t->text;
    if (t->announced)
        byo_keyword_match(own, standard, t->text, loose, m_r);
    if (m_r->kind == BYO_KEYWORD_OPT_OUT || !may_guess(t))
        return m_r->kind != BYO_KEYWORD_NONE;
    ByoBuf one = {0}, all = {0};
    for (unsigned n = t->only_wide ? BYO_OCTETS_UTF16 : 0; guess(t, n, &one, &all); n++) {
        ByoKeywordMatch m;
        if (byo_str_eq(byo_buf_str(&all), t->text) ||
            !byo_keyword_match(own, standard, byo_buf_str(&all), loose, &m) || m.kind == BYO_KEYWORD_OPT_IN ||
            m.letters < GUESS_LETTERS || (m_r->kind != BYO_KEYWORD_NONE && m.kind != BYO_KEYWORD_OPT_OUT))
            continue;
        *m_r = m;
        byo_buf_clear(&t->found);
        byo_buf_add(&t->found, all.p, all.n);
        *text_r = byo_buf_str(&t->found);
        if (m.kind == BYO_KEYWORD_OPT_OUT)
            break;
    }
    byo_buf_free(&one);
    byo_buf_free(&all);
    return m_r->kind != BYO_KEYWORD_NONE;
}

void byo_mo_text_free(ByoMoText *t)
{
    free(t->parts);
    byo_buf_free(&t->decoded);
    byo_buf_free(&t->octets);
    byo_buf_free(&t->found);
    *t = (ByoMoText){0};
}
