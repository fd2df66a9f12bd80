/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as a text to encode: two octets choose bearerbox, reference size, class and where in the default
 * list to begin, the rest is the text. Whatever comes out must be the text, in segments within their limits.
 * Threads: none. */
#include <stdlib.h>

#include "base/features.h"
#include "encoding/encode.h"
#include "encoding/national.h"
#include "encoding/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEFAULTS 8

static void need(bool holds)
{
    if (!holds)
        abort();
}

static const ByoCharsetPair *default_pairs(unsigned features)
{
    static const struct {
        unsigned dcs;
        const char *charset;
    } rows[DEFAULTS] = {{0, "GSM_0338"}, {1, "ASCII"},      {2, "GSM_0338"},   {3, "ISO-8859-1"},
                        {5, "JIS0201"},  {6, "ISO-8859-5"}, {7, "ISO-8859-8"}, {8, "UTF-16BE"}};
    static ByoCharsetPair made[2][DEFAULTS];
    ByoCharsetPair *pairs = made[features != 0];

    for (size_t i = 0; i < DEFAULTS && !pairs[i].charset; i++) {
        pairs[i] =
            (ByoCharsetPair){.dcs = rows[i].dcs, .charset = byo_charset_find(byo_str(rows[i].charset))};
        byo_carry_decide(&pairs[i], features);
    }
    for (size_t i = 1; i < DEFAULTS && !pairs[i].charset; i++)
        abort();
    return pairs;
}

/* The text of one segment, and how many units of its limit it takes. */
static size_t read_segment(const ByoEncoded *e, bool as_text, size_t udh, ByoStr segment, ByoBuf *joined)
{
    ByoBuf octets = {0};
    size_t n;

    if (as_text) {
        need(byo_charset_encode(e->charset, segment, &octets, NULL));
        byo_buf_add(joined, segment.p, segment.n);
    } else if (byo_charset_is_packed(e->charset)) {
        need(segment.n + udh <= 140);
        byo_packed_read(segment, byo_packed_fill(udh), &octets);
        byo_national_decode(0, 0, byo_buf_str(&octets), joined);
    } else {
        byo_buf_add(&octets, segment.p, segment.n);
        if (e->locking || e->single)
            need(byo_national_decode(e->locking, e->single, segment, joined) == 0);
        else
            need(byo_charset_decode(e->charset, segment, joined));
    }
    n = octets.n;
    byo_buf_free(&octets);
    return n;
}

static void check(const ByoCharsetPair *pair, ByoStr text, const ByoEncodeOptions *opt, const ByoEncoded *e)
{
    ByoUdh header = {
        .reference_bits = e->n > 1 ? opt->reference_bits : 0, .locking = e->locking, .single = e->single};
    size_t udh = byo_udh_write(&header, NULL), at = 0;
    unsigned limit = byo_segment_limit(pair, udh);
    bool as_text =
        pair->carry == BYO_CARRY_UTF8 || opt->class_or_mwi ? !byo_charset_is_utf16be(pair->charset) : false;
    ByoBuf joined = {0};

    need(e->n >= 1 && e->n <= 255);
    for (size_t i = 0; i < e->n; i++) {
        ByoStr segment = byo_strn(byo_buf_str(&e->payload).p + at, e->segments[i].length);
        need(e->segments[i].offset == at);
        at += segment.n;
        need(read_segment(e, as_text, udh, segment, &joined) <= limit);
    }
    /* of packed septets an '@' or CR on the last bit is taken for padding */
    need(at == e->payload.n && (byo_charset_is_packed(e->charset) || byo_str_eq(byo_buf_str(&joined), text)));
    byo_buf_free(&joined);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ByoEncoded e; /* used again from input to input, as the box does */
    ByoCharsetPair pairs[DEFAULTS];
    ByoCharsetList list;
    ByoEncodeOptions opt = {.max_segments = 255};
    ByoStr text;

    if (size < 2)
        return 0;
    memcpy(pairs, default_pairs(data[0] & 1 ? BYO_FEATURE_RAW_PAYLOAD : 0), sizeof pairs);
    if ((data[0] & 9) == 9) { /* another charset in front */
        static const char *const others[] = {"GSM_0338/TR", "GSM_0338/ES", "GSM_0338/PT",
                                             "GSM_0338/HI", "GSM_0338/UR", "GSM_0338/packed"};
        pairs[0].charset =
            byo_charset_find(byo_str(others[(data[0] >> 4) % (sizeof others / sizeof *others)]));
    }
    opt.reference_bits = data[0] & 2 ? 16 : 8;
    opt.class_or_mwi = data[0] & 4;
    list = (ByoCharsetList){pairs + data[1] % DEFAULTS, DEFAULTS - data[1] % DEFAULTS};
    text = byo_strn((const char *)data + 2, size - 2);
    switch (byo_encode(&list, text, &opt, &e)) {
    case BYO_ENCODE_OK:
        check(&list.pairs[e.pair], text, &opt, &e);
        break;
    case BYO_ENCODE_BAD_TEXT:
        need(!byo_utf8_valid(text) && e.n == 0);
        break;
    case BYO_ENCODE_TOO_LONG:
        need(size > (size_t)255 * 33 && e.n == 0);
        break;
    case BYO_ENCODE_NO_CHARSET:
        abort(); /* UTF-16BE ends the list and has everything */
    }
    return 0;
}
