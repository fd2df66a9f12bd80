/* SPDX-License-Identifier: BSD-3-Clause
 * The ordered fallback (spec J4) and the cut into segments (spec D11): first what a text would take under
 * each pair in turn, without writing anything; then the payload of the first pair that has it all.
 * Ownership: the result's buffers belong to the caller and are used again. Threads: values. */
#include "encoding/encode.h"

#include <stdlib.h>

#include "encoding/carry.h"
#include "encoding/charset_table.h"
#include "encoding/packed.h"

#define OCTETS_MAX 140 /* of user data in one segment (TS 23.040 9.2.3.16) */
#define SEGMENTS_MAX 255

/* Whether segments are counted in septets. */
static bool in_septets(const ByoCharsetPair *pair)
{
    const ByoCharset *cs = pair->charset;

    return cs->kind == BYO_KIND_PACKED ||
           (pair->dcs == 0 && (cs->kind == BYO_KIND_GSM || cs->kind == BYO_KIND_NATIONAL));
}

unsigned byo_segment_limit(const ByoCharsetPair *pair, size_t udh_octets)
{
    unsigned room = udh_octets < OCTETS_MAX ? OCTETS_MAX - (unsigned)udh_octets : 0;

    if (in_septets(pair))
        return room * 8 / 7;
    return pair->charset->kind == BYO_KIND_UTF16BE ? room & ~1u : room;
}

static size_t udh_octets(const ByoCharsetPair *pair, const ByoEncodeOptions *opt, bool concatenated)
{
    ByoUdh udh = {.reference_bits = !concatenated               ? 0
                                    : opt->reference_bits == 16 ? 16
                                                                : 8,
                  .locking = pair->charset->locking,
                  .single = pair->charset->single};
    size_t n = byo_udh_write(&udh, NULL);

    return opt->own_udh ? opt->own_udh + (n ? n - 1 : 0) : n;
}

/* Whether a pair may be used for a message with these options; *use_r is how it is carried then. */
static bool applies(const ByoCharsetPair *pair, const ByoEncodeOptions *opt, ByoCharsetPair *use_r)
{
    *use_r = *pair;
    if (!opt->class_or_mwi && !opt->gsm_only)
        return pair->carry != BYO_CARRY_NO;
    use_r->data_coding = BYO_UNDEF;
    if (pair->dcs == 0 && byo_charset_is_gsm(pair->charset)) {
        use_r->carry = BYO_CARRY_UTF8;
        use_r->via = pair->charset;
        use_r->coding = BYO_CODING_7BIT;
        return true;
    }
    if (pair->dcs == 8 && byo_charset_is_utf16be(pair->charset) && !opt->gsm_only) {
        use_r->carry = BYO_CARRY_OCTETS;
        use_r->coding = BYO_CODING_UCS2;
        return true;
    }
    return false;
}

static size_t utf16_octets(ByoStr text)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        n += (c & 0xC0) != 0x80 ? 2 : 0; /* a unit for each first octet, */
        n += c >= 0xF0 ? 2 : 0;          /* two for the supplementary ones */
    }
    return n;
}

/* Whether each octet of a character can come out of bearerbox's conversion into `via`. */
static bool via_has(const ByoCharset *via, uint32_t code, unsigned n)
{
    for (; n > 0; n--, code >>= 8)
        if (via->table->single[code & 0xFF] == BYO_SCALAR_NONE)
            return false;
    return true;
}

/* Octets (septets for GSM) the whole text takes. False: *bad_r is the first character that is not there. */
static bool measure(const ByoCharsetPair *pair, ByoStr text, size_t *octets_r, uint32_t *bad_r)
{
    const ByoCharsetTable *t = pair->charset->table;
    const unsigned char *p = (const unsigned char *)text.p;
    bool through = pair->carry == BYO_CARRY_UTF8 && pair->via != pair->charset;
    size_t octets = 0, pos = 0;

    if (!t) {
        *octets_r = utf16_octets(text);
        return true;
    }
    while (pos < text.n) {
        if (p[pos] < 0x80 && !through) {
            unsigned n = t->ascii[p[pos]];
            if (n == 0) {
                *bad_r = p[pos];
                return false;
            }
            octets += n;
            pos++;
            continue;
        }
        uint32_t code = 0, scalar = byo_utf8_step(p, &pos);
        unsigned n = byo_table_look(t, scalar, &code);
        if (n == 0 || (through && !via_has(pair->via, code, n))) {
            *bad_r = scalar;
            return false;
        }
        octets += n;
    }
    *octets_r = octets;
    return true;
}

static void add_segment(ByoEncoded *e, ByoSegmentSlice slice)
{
    if (e->n == e->cap_segments) {
        e->cap_segments = e->cap_segments ? e->cap_segments * 2 : 4;
        e->segments = byo_realloc(e->segments, e->cap_segments * sizeof *e->segments);
    }
    e->segments[e->n++] = slice;
}

/* Cuts a text that goes out as it is. Each segment is filled as far as whole characters go. False: more
 * than max segments. */
static bool cut_text(const ByoCharsetTable *t, ByoStr text, unsigned limit, unsigned max, ByoEncoded *e)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t pos = 0, start = 0, taken = 0;

    while (pos < text.n) {
        size_t from = pos;
        uint32_t code, scalar = byo_utf8_step(p, &pos);
        unsigned n = scalar < 128 ? t->ascii[scalar] : byo_table_look(t, scalar, &code);
        if (taken + n > limit) {
            if (e->n + 1 >= max)
                return false;
            add_segment(e, (ByoSegmentSlice){start, from - start, start, from - start, (unsigned)taken});
            start = from;
            taken = 0;
        }
        taken += n;
    }
    add_segment(e, (ByoSegmentSlice){start, text.n - start, start, text.n - start, (unsigned)taken});
    byo_buf_add(&e->payload, text.p, text.n);
    return true;
}

/* Encodes and cuts in one go; `octets` is what the text takes. Otherwise as cut_text. */
static bool encode_and_cut(const ByoCharsetPair *pair, ByoStr text, size_t octets, unsigned limit,
                           unsigned max, ByoEncoded *e)
{
    ByoBuf *out = &e->payload;
    bool plain = pair->carry == BYO_CARRY_OCTETS;
    size_t pos = 0, start = 0, taken = 0, text_from = 0;

    byo_buf_need(out, octets + 8); /* one character may be written as 8 octets before it is counted */
    while (pos < text.n) {
        unsigned char octet[8] = {0};
        size_t from = pos;
        uint32_t scalar = byo_utf8_step((const unsigned char *)text.p, &pos);
        size_t n = byo_charset_encode_char(pair->charset, scalar, octet);
        if (taken + n > limit) {
            if (e->n + 1 >= max)
                return false;
            add_segment(
                e, (ByoSegmentSlice){start, out->n - start, text_from, from - text_from, (unsigned)taken});
            start = out->n;
            text_from = from;
            taken = 0;
        }
        taken += n;
        if (plain) {
            memcpy(out->p + out->n, octet, sizeof octet);
            out->n += n;
        } else {
            for (size_t i = 0; i < n; i++)
                byo_utf8_add(out, pair->via->table->single[octet[i]]);
        }
    }
    out->p[out->n] = 0;
    add_segment(e, (ByoSegmentSlice){start, out->n - start, text_from, text.n - text_from, (unsigned)taken});
    return true;
}

/* Packs the septets of each segment. */
static void pack(ByoEncoded *e, const ByoCharsetPair *pair, const ByoEncodeOptions *opt)
{
    size_t udh = udh_octets(pair, opt, e->n > 1), room = OCTETS_MAX - udh;
    ByoBuf packed = {0};

    for (size_t i = 0; i < e->n; i++) {
        ByoSegmentSlice *s = &e->segments[i];
        size_t start = packed.n;
        byo_packed_write(byo_strn(e->payload.p + s->offset, s->length), byo_packed_fill(udh), &packed);
        if (packed.n - start > room) /* a CR behind a CR has no place there */
            packed.n = start + room;
        s->offset = start;
        s->length = packed.n - start;
    }
    byo_buf_free(&e->payload);
    e->payload = packed;
}

static unsigned most_segments(const ByoEncodeOptions *opt)
{
    if (opt->own_udh)
        return 1;
    return opt->max_segments && opt->max_segments < SEGMENTS_MAX ? opt->max_segments : SEGMENTS_MAX;
}

/* False: too long. */
static bool write_payload(const ByoCharsetPair *pair, ByoStr text, size_t octets, const ByoEncodeOptions *opt,
                          ByoEncoded *e)
{
    unsigned max = most_segments(opt), limit = byo_segment_limit(pair, udh_octets(pair, opt, false));

    bool as_text = pair->carry == BYO_CARRY_UTF8 && pair->via == pair->charset;

    e->n = 0;
    byo_buf_clear(&e->payload);
    if (octets <= limit && as_text) {
        byo_buf_add(&e->payload, text.p, text.n);
        add_segment(e, (ByoSegmentSlice){0, text.n, 0, text.n, (unsigned)octets});
        return true;
    }
    if (octets > limit) {
        if (max == 1)
            return false;
        limit = byo_segment_limit(pair, udh_octets(pair, opt, true));
    }
    if (octets > (size_t)limit * max)
        return false;
    if (as_text)
        return cut_text(pair->charset->table, text, limit, max, e);
    if (!encode_and_cut(pair, text, octets, limit, max, e))
        return false;
    if (pair->charset->kind == BYO_KIND_PACKED)
        pack(e, pair, opt);
    return true;
}

/* Segments a text takes that is `octets` long; no more than 255 are counted. */
static size_t count_segments(const ByoCharsetPair *pair, ByoStr text, size_t octets,
                             const ByoEncodeOptions *opt)
{
    const ByoCharsetTable *t = pair->charset->table;
    unsigned limit = byo_segment_limit(pair, udh_octets(pair, opt, false)), taken = 0;
    size_t n = 1, pos = 0;

    if (octets <= limit)
        return 1;
    limit = byo_segment_limit(pair, udh_octets(pair, opt, true));
    while (pos < text.n && n <= SEGMENTS_MAX) {
        uint32_t code, scalar = byo_utf8_step((const unsigned char *)text.p, &pos);
        unsigned size = byo_table_look(t, scalar, &code);
        if (taken + size > limit) {
            n++;
            taken = 0;
        }
        taken += size;
    }
    return n;
}

/* Of a national charset the way that takes the fewest segments, its own header elements counted; of equal ones the
 * plainest. Any other charset as it is. False: *bad_r is the first character that is not there. */
static bool choose_way(ByoCharsetPair *pair, ByoStr text, const ByoEncodeOptions *opt, size_t *octets_r,
                       uint32_t *bad_r)
{
    const ByoCharset *national = pair->charset, *best = NULL;
    size_t fewest = SIZE_MAX, octets;

    if (national->kind != BYO_KIND_NATIONAL)
        return measure(pair, text, octets_r, bad_r);
    for (int w = 0; w < BYO_WAYS; w++) {
        if (!(pair->charset = national->ways[w]) || !measure(pair, text, &octets, bad_r))
            continue;
        size_t n = count_segments(pair, text, octets, opt);
        if (n >= fewest)
            continue;
        fewest = n;
        best = pair->charset;
        *octets_r = octets;
    }
    pair->charset = best ? best : national;
    return best != NULL;
}

static ByoEncodeResult nothing(ByoEncoded *e, ByoEncodeResult result)
{
    e->n = 0;
    byo_buf_clear(&e->payload);
    return result;
}

ByoEncodeResult byo_encode(const ByoCharsetList *list, ByoStr utf8, const ByoEncodeOptions *opt,
                           ByoEncoded *e)
{
    e->bad_scalar = BYO_NO_SCALAR;
    if (!byo_utf8_valid(utf8))
        return nothing(e, BYO_ENCODE_BAD_TEXT);
    for (size_t i = 0; i < list->n; i++) {
        ByoCharsetPair pair;
        size_t octets;
        if (!applies(&list->pairs[i], opt, &pair) || !choose_way(&pair, utf8, opt, &octets, &e->bad_scalar))
            continue;
        if (!write_payload(&pair, utf8, octets, opt, e))
            return nothing(e, BYO_ENCODE_TOO_LONG);
        if (byo_carry_spoils(&pair, byo_buf_str(&e->payload))) {
            e->bad_scalar = BYO_NO_SCALAR;
            continue;
        }
        e->pair = i;
        e->charset = pair.charset;
        e->locking = pair.charset->locking;
        e->single = pair.charset->single;
        e->coding = pair.coding;
        e->data_coding = pair.data_coding;
        return BYO_ENCODE_OK;
    }
    return nothing(e, BYO_ENCODE_NO_CHARSET);
}

void byo_encoded_free(ByoEncoded *e)
{
    byo_buf_free(&e->payload);
    free(e->segments);
    *e = (ByoEncoded){0};
}
