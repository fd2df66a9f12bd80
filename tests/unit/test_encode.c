/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the ordered fallback (spec J4, J5), the segment limits and borders (spec D11), the carry decision for
 * stock and patched bearerboxes (host H6).
 * Ownership: each test frees what it makes. Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/features.h"
#include "encoding/encode.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define GSM "GSM_0338"
#define UTF16 "UTF-16BE"

static const ByoEncodeOptions plain = {.reference_bits = 8, .max_segments = 255};
static const ByoEncodeOptions wide = {.reference_bits = 16, .max_segments = 255};

static ByoCharsetPair pair_of(unsigned dcs, const char *charset, unsigned features)
{
    ByoCharsetPair pair = {.dcs = dcs, .charset = byo_charset_find(byo_str(charset))};

    ck_assert_msg(pair.charset != NULL, "%s is not found", charset);
    byo_carry_decide(&pair, features);
    return pair;
}

typedef struct {
    ByoCharsetPair pairs[16];
    ByoCharsetList list;
} Pairs;

/* The article's default list. */
static Pairs default_list(unsigned features)
{
    static const struct {
        unsigned dcs;
        const char *charset;
    } rows[] = {{0, "gsm_0338"}, {1, "ASCII"},      {2, "gsm_0338"},   {3, "ISO-8859-1"},
                {5, "JIS0201"},  {6, "ISO-8859-5"}, {7, "ISO-8859-8"}, {8, "utf-16be"}};
    Pairs p;

    for (size_t i = 0; i < N(rows); i++)
        p.pairs[i] = pair_of(rows[i].dcs, rows[i].charset, features);
    p.list = (ByoCharsetList){NULL, N(rows)};
    return p;
}

static ByoCharsetList list_of(Pairs *p)
{
    p->list.pairs = p->pairs;
    return p->list;
}

static void repeat(ByoBuf *out, const char *text, size_t times)
{
    while (times-- > 0)
        byo_buf_adds(out, text);
}

static ByoStr segment(const ByoEncoded *e, size_t i)
{
    return byo_strn(e->payload.p + e->segments[i].offset, e->segments[i].length);
}

/* (spec J4) The first pair that has the whole text, not the shortest. */
static const struct {
    const char *text;
    size_t pair;
} fallback_rows[] = {
    {"", 0},
    {"Hello @ {} 5\xe2\x82\xac", 0},
    {"\xce\x94\xce\xa9", 0},
    {"a`b", 1}, /* a grave accent: no GSM, but ASCII */
    {"tab\there", 1},
    {"fa\xc3\xa7"
     "ade",
     3}, /* small c cedilla: no GSM, see gsm0338.c */
    {"\xc3\xbf \xc3\x97", 3},
    {"\xef\xbe\x8a\xef\xbe\x9d\xef\xbd\xb6\xef\xbd\xb8", 4}, /* half-width kana */
    {"\xef\xbe\x8a~", 7},                                    /* JIS X 0201 has no tilde */
    {"\xef\xbe\x8a\xc2\xa5", 4},                             /* but the yen sign */
    {"\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", 5}, /* Cyrillic */
    {"\xd0\x9f \xe2\x84\x96 1", 5},                          /* numero sign */
    {"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", 6},                 /* Hebrew */
    {"\xd0\x9f\xd7\xa9", 7},                                 /* Cyrillic and Hebrew */
    {"\xf0\x9f\x98\x80", 7},                                 /* emoji */
    {"caf\xc3\xa9 \xd0\x9f", 7},
};

START_TEST(J4_first_pair_that_has_all)
{
    Pairs p = default_list(_i % 2 ? BYO_FEATURE_RAW_PAYLOAD : 0);
    ByoCharsetList list = list_of(&p);
    ByoEncoded e = {0};
    size_t row = (size_t)_i / 2;

    ck_assert_int_eq(byo_encode(&list, byo_str(fallback_rows[row].text), &plain, &e), BYO_ENCODE_OK);
    ck_assert_msg(e.pair == fallback_rows[row].pair, "'%s' took pair %zu", fallback_rows[row].text, e.pair);
    ck_assert_uint_eq(e.n, 1);
    ck_assert_int_eq(e.coding, p.pairs[e.pair].coding);
    ck_assert_int_eq(e.data_coding, p.pairs[e.pair].data_coding);
    byo_encoded_free(&e);
}
END_TEST

/* (spec J5) Another order is another choice. */
START_TEST(J5_the_order_decides)
{
    ByoCharsetPair pairs[] = {pair_of(8, UTF16, 0), pair_of(0, GSM, 0)};
    ByoCharsetList list = {pairs, 2};
    ByoEncoded e = {0};

    ck_assert_int_eq(byo_encode(&list, BYO_STR("Hello"), &plain, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.pair, 0);
    ck_assert_uint_eq(e.payload.n, 10);
    ck_assert_mem_eq(e.payload.p, "\0H\0e\0l\0l\0o", 10);
    byo_encoded_free(&e);
}
END_TEST

/* (promise 4) Refused with the character, never replaced. */
START_TEST(J4_nothing_fits)
{
    ByoCharsetPair pairs[] = {pair_of(0, GSM, 0), pair_of(1, "ascii", 0), pair_of(0, "iso-8859-1", 0)};
    ByoCharsetList list = {pairs, 3}, no_pair = {pairs + 2, 1}, empty = {pairs, 0};
    ByoEncoded e = {0};

    ck_assert_int_eq(pairs[2].carry, BYO_CARRY_NO);
    ck_assert_int_eq(byo_encode(&list,
                                BYO_STR("Gr\xc3\xbc\xc3\x9f"
                                        "e `"),
                                &plain, &e),
                     BYO_ENCODE_NO_CHARSET);
    ck_assert_uint_eq(e.bad_scalar, 0xFC); /* ASCII was tried last; the skipped pair was not */
    ck_assert_uint_eq(e.n, 0);
    ck_assert_uint_eq(e.payload.n, 0);
    ck_assert_int_eq(byo_encode(&no_pair, BYO_STR("x"), &plain, &e), BYO_ENCODE_NO_CHARSET);
    ck_assert_uint_eq(e.bad_scalar, BYO_NO_SCALAR);
    ck_assert_int_eq(byo_encode(&empty, BYO_STR(""), &plain, &e), BYO_ENCODE_NO_CHARSET);
    ck_assert_int_eq(byo_encode(&list, BYO_STR("ok"), &plain, &e), BYO_ENCODE_OK); /* and works again */
    ck_assert_uint_eq(e.n, 1);
    byo_encoded_free(&e);
}
END_TEST

START_TEST(text_must_be_utf8)
{
    Pairs p = default_list(0);
    ByoCharsetList list = list_of(&p);
    ByoEncoded e = {0};

    ck_assert_int_eq(byo_encode(&list, BYO_STR("caf\xe9"), &plain, &e), BYO_ENCODE_BAD_TEXT);
    ck_assert_int_eq(byo_encode(&list, BYO_STR("\xed\xa0\x80"), &plain, &e), BYO_ENCODE_BAD_TEXT);
    ck_assert_uint_eq(e.n, 0);
    ck_assert_int_eq(byo_encode(&list, BYO_STR_NONE, &plain, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.n, 1);
    ck_assert_uint_eq(e.segments[0].length, 0);
    byo_encoded_free(&e);
}
END_TEST

/* (spec D9) With a message class or MWI only {0, GSM_0338} and {8, UTF-16BE} apply, and the data_coding is left
 * to bearerbox, patched or not; an MWI that is switched off has no UTF-16 form. */
START_TEST(class_or_mwi_pairs)
{
    ByoEncodeOptions class = plain, off = plain;

    class.class_or_mwi = true;
    off.class_or_mwi = off.gsm_only = true;
    for (unsigned features = 0; features <= BYO_FEATURE_ALL; features += BYO_FEATURE_ALL) {
        Pairs p = default_list(features);
        ByoCharsetList list = list_of(&p), without = {p.pairs + 1, 7};
        ByoEncoded e = {0};
        ck_assert_int_eq(byo_encode(&list, BYO_STR("@ 5\xe2\x82\xac"), &class, &e), BYO_ENCODE_OK);
        ck_assert_uint_eq(e.pair, 0);
        ck_assert_int_eq(e.coding, BYO_CODING_7BIT);
        ck_assert_int_eq(e.data_coding, BYO_UNDEF);
        ck_assert(byo_str_is(byo_buf_str(&e.payload), "@ 5\xe2\x82\xac")); /* bearerbox converts it */
        ck_assert_int_eq(byo_encode(&list, BYO_STR("a`"), &class, &e), BYO_ENCODE_OK);
        ck_assert_uint_eq(e.pair, 7);
        ck_assert_int_eq(e.coding, BYO_CODING_UCS2);
        ck_assert_int_eq(e.data_coding, BYO_UNDEF);
        ck_assert_int_eq(byo_encode(&without, BYO_STR("a"), &class, &e), BYO_ENCODE_OK);
        ck_assert_uint_eq(e.pair, 6); /* {2, GSM_0338} does not apply */
        ck_assert_int_eq(byo_encode(&list, BYO_STR("a"), &off, &e), BYO_ENCODE_OK);
        ck_assert_uint_eq(e.pair, 0);
        ck_assert_int_eq(byo_encode(&list, BYO_STR("a`"), &off, &e), BYO_ENCODE_NO_CHARSET);
        byo_encoded_free(&e);
    }
}
END_TEST

/* (spec D11) */
START_TEST(segment_limits)
{
    static const struct {
        unsigned dcs;
        const char *charset;
        unsigned single, part8, part16;
    } rows[] = {
        {0, GSM, 160, 153, 152},       {2, GSM, 140, 134, 133},     {1, GSM, 140, 134, 133},
        {0, "ASCII", 140, 134, 133},   {1, "ASCII", 140, 134, 133}, {3, "ISO-8859-1", 140, 134, 133},
        {5, "JIS0201", 140, 134, 133}, {8, UTF16, 140, 134, 132},   {4, UTF16, 140, 134, 132},
        {14, "EUC-KR", 140, 134, 133},
    };

    for (size_t i = 0; i < N(rows); i++) {
        ByoCharsetPair pair = pair_of(rows[i].dcs, rows[i].charset, 0);
        ck_assert_uint_eq(byo_segment_limit(&pair, 0), rows[i].single);
        ck_assert_uint_eq(byo_segment_limit(&pair, 0), rows[i].single);
        ck_assert_uint_eq(byo_segment_limit(&pair, 6), rows[i].part8);
        ck_assert_uint_eq(byo_segment_limit(&pair, 7), rows[i].part16);
    }
}
END_TEST

/* Texts at the borders: `before` times `fill`, then `tail`. Lengths are characters of each segment. */
static const struct {
    const char *what, *charset;
    unsigned dcs;
    bool wide;
    const char *fill;
    size_t before;
    const char *tail;
    size_t n, first, last; /* segments; characters in the first and in the last */
} borders[] = {
    {"160 septets", GSM, 0, false, "a", 160, "", 1, 160, 160},
    {"161 septets", GSM, 0, false, "a", 161, "", 2, 153, 8},
    {"306 septets", GSM, 0, false, "a", 306, "", 2, 153, 153},
    {"307 septets", GSM, 0, false, "a", 307, "", 3, 153, 1},
    {"160 septets, 16 bits", GSM, 0, true, "a", 160, "", 1, 160, 160},
    {"304 septets, 16 bits", GSM, 0, true, "a", 304, "", 2, 152, 152},
    {"305 septets, 16 bits", GSM, 0, true, "a", 305, "", 3, 152, 1},
    {"80 escapes", GSM, 0, false, "{", 80, "", 1, 80, 80},
    {"81 escapes", GSM, 0, false, "{", 81, "", 2, 76, 5}, /* 153 is odd: the last septet stays free */
    {"an escape that ends at 160", GSM, 0, false, "a", 158, "{", 1, 159, 159},
    {"an escape across 160", GSM, 0, false, "a", 159, "\xe2\x82\xac", 2, 153, 7},
    {"an escape across 153", GSM, 0, false, "a", 152, "{aaaaaaaa", 2, 152, 9},
    {"GSM under dcs 2: 140", GSM, 2, false, "a", 140, "", 1, 140, 140},
    {"GSM under dcs 2: 141", GSM, 2, false, "a", 141, "", 2, 134, 7},
    {"GSM under dcs 2: an escape across 134", GSM, 2, false, "a", 133, "{aaaaaaa", 2, 133, 8},
    {"ASCII 140", "ASCII", 1, false, "`", 140, "", 1, 140, 140},
    {"ASCII 141", "ASCII", 1, false, "`", 141, "", 2, 134, 7},
    {"ASCII 267, 16 bits", "ASCII", 1, true, "`", 267, "", 3, 133, 1},
    {"Cyrillic 140", "ISO-8859-5", 6, false, "\xd0\x9f", 140, "", 1, 140, 140},
    {"Cyrillic 141", "ISO-8859-5", 6, false, "\xd0\x9f", 141, "", 2, 134, 7},
    {"kana 141", "JIS0201", 5, false, "\xef\xbe\x8a", 141, "", 2, 134, 7},
    {"UTF-16 70", UTF16, 8, false, "\xd0\x9f", 70, "", 1, 70, 70},
    {"UTF-16 71", UTF16, 8, false, "\xd0\x9f", 71, "", 2, 67, 4},
    {"UTF-16 134", UTF16, 8, false, "\xd0\x9f", 134, "", 2, 67, 67},
    {"UTF-16 135", UTF16, 8, false, "\xd0\x9f", 135, "", 3, 67, 1},
    {"UTF-16 133, 16 bits", UTF16, 8, true, "\xd0\x9f", 133, "", 3, 66, 1},
    {"35 emoji", UTF16, 8, false, "\xf0\x9f\x98\x80", 35, "", 1, 35, 35},
    {"36 emoji", UTF16, 8, false, "\xf0\x9f\x98\x80", 36, "", 2, 33, 3}, /* 67 is odd */
    {"an emoji across 70", UTF16, 8, false, "a", 69, "\xf0\x9f\x98\x80", 2, 67, 3},
    {"an emoji across 67", UTF16, 8, false, "a", 66, "\xf0\x9f\x98\x80xxxx", 2, 66, 5},
    {"two octets a character across 134", "EUC-KR", 14, false, "a", 133, "\xea\xb0\x80xxxxxx", 2, 133, 7},
    {"four octets a character", "GB18030", 4, false, "\xf0\x9f\x98\x80", 36, "", 2, 33, 3},
};

static size_t characters(const ByoCharsetPair *pair, ByoStr payload)
{
    ByoBuf text = {0};
    size_t pos = 0, n = 0;

    if (pair->carry == BYO_CARRY_UTF8)
        byo_buf_add(&text, payload.p, payload.n);
    else
        ck_assert(byo_charset_decode(pair->charset, payload, &text));
    ck_assert(byo_utf8_valid(byo_buf_str(&text)));
    for (; pos < text.n; n++)
        byo_utf8_next(byo_buf_str(&text), &pos);
    byo_buf_free(&text);
    return n;
}

START_TEST(segment_borders)
{
    ByoCharsetPair pair = pair_of(borders[_i].dcs, borders[_i].charset, 0);
    ByoCharsetList list = {&pair, 1};
    ByoBuf text = {0};
    ByoEncoded e = {0};

    repeat(&text, borders[_i].fill, borders[_i].before);
    byo_buf_adds(&text, borders[_i].tail);
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), borders[_i].wide ? &wide : &plain, &e),
                     BYO_ENCODE_OK);
    ck_assert_msg(e.n == borders[_i].n, "%s: %zu segments", borders[_i].what, e.n);
    ck_assert_msg(characters(&pair, segment(&e, 0)) == borders[_i].first, "%s", borders[_i].what);
    ck_assert_msg(characters(&pair, segment(&e, e.n - 1)) == borders[_i].last, "%s", borders[_i].what);
    byo_buf_free(&text);
    byo_encoded_free(&e);
}
END_TEST

/* (spec D11) Over 255 segments is refused, and not tried with the next pair. */
START_TEST(segments_255_and_256)
{
    Pairs p = default_list(0);
    ByoCharsetList list = list_of(&p);
    ByoEncodeOptions few = plain, unset = plain;
    ByoBuf text = {0};
    ByoEncoded e = {0};

    repeat(&text, "a", (size_t)153 * 255);
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &plain, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.n, 255);
    few.max_segments = 254;
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &few, &e), BYO_ENCODE_TOO_LONG);
    byo_buf_addc(&text, 'a');
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &plain, &e), BYO_ENCODE_TOO_LONG);
    ck_assert_uint_eq(e.n, 0);
    unset.max_segments = 0;
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &unset, &e), BYO_ENCODE_TOO_LONG);
    few.max_segments = 100000; /* one octet counts them */
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &few, &e), BYO_ENCODE_TOO_LONG);
    /* By the sum it would fit into 255, by the pairs it does not. */
    byo_buf_clear(&text);
    repeat(&text, "{", (size_t)76 * 255);
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &plain, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.n, 255);
    byo_buf_addc(&text, '{');
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &plain, &e), BYO_ENCODE_TOO_LONG);
    byo_buf_clear(&text);
    repeat(&text, "\xf0\x9f\x98\x80", (size_t)33 * 255 + 1);
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &plain, &e), BYO_ENCODE_TOO_LONG);
    few.max_segments = 1;
    ck_assert_int_eq(byo_encode(&list, BYO_STR("short"), &few, &e), BYO_ENCODE_OK);
    byo_buf_free(&text);
    byo_encoded_free(&e);
}
END_TEST

/* What stands in the header of byo_carry_decide, for a stock bearerbox. data_coding -1: none set. */
static const struct {
    unsigned dcs;
    const char *charset;
    ByoCarry carry;
    int32_t coding, data_coding;
} stock[] = {
    {0, GSM, BYO_CARRY_UTF8, 0, -1},          {1, "ASCII", BYO_CARRY_UTF8, 0, 1},
    {2, GSM, BYO_CARRY_OCTETS, 0, 2},         {2, "KOI8-R", BYO_CARRY_OCTETS, 0, 2},
    {3, "ISO-8859-1", BYO_CARRY_UTF8, 0, 3},  {4, GSM, BYO_CARRY_OCTETS, 1, -1},
    {4, "UTF-8", BYO_CARRY_OCTETS, 1, -1},    {5, "JIS0201", BYO_CARRY_OCTETS, 0, 5},
    {5, "SHIFT_JIS", BYO_CARRY_OCTETS, 0, 5}, {6, "ISO-8859-5", BYO_CARRY_UTF8, 0, 6},
    {7, "ISO-8859-8", BYO_CARRY_UTF8, 0, 7},  {8, UTF16, BYO_CARRY_OCTETS, 2, -1},
    {8, "UCS-2BE", BYO_CARRY_OCTETS, 2, -1},  {9, GSM, BYO_CARRY_UTF8, 0, 9},
    {10, GSM, BYO_CARRY_UTF8, 0, 10},         {13, "EUC-JP", BYO_CARRY_OCTETS, 0, 13},
    {14, "EUC-KR", BYO_CARRY_OCTETS, 0, 14},  {15, GSM, BYO_CARRY_UTF8, 0, 15},
    {240, GSM, BYO_CARRY_UTF8, 0, 240},       {255, "ASCII", BYO_CARRY_UTF8, 0, 255},
    {12, UTF16, BYO_CARRY_OCTETS, 3, -1},     {252, "ISO-8859-1", BYO_CARRY_OCTETS, 63, -1},
    {0, "ASCII", BYO_CARRY_UTF8, 0, -1},      {1, GSM, BYO_CARRY_UTF8, 0, 1},
    {3, GSM, BYO_CARRY_UTF8, 0, 3},           {3, "WINDOWS-1252", BYO_CARRY_UTF8, 0, 3},
    {6, "KOI8-R", BYO_CARRY_UTF8, 0, 6},      {7, "ASCII", BYO_CARRY_UTF8, 0, 7},
    {0, "ISO-8859-1", BYO_CARRY_NO, 0, -1},   {0, UTF16, BYO_CARRY_NO, 0, -1},
    {1, "ISO-8859-1", BYO_CARRY_NO, 0, -1},   {3, UTF16, BYO_CARRY_NO, 0, -1},
    {7, "ISO-8859-5", BYO_CARRY_NO, 0, -1},   {9, "ISO-8859-1", BYO_CARRY_NO, 0, -1},
    {15, "JIS0201", BYO_CARRY_NO, 0, -1},     {241, UTF16, BYO_CARRY_NO, 0, -1},
};

START_TEST(carry_on_stock)
{
    ByoCharsetPair pair =
        pair_of(stock[_i].dcs, stock[_i].charset, BYO_FEATURE_ALL & ~BYO_FEATURE_RAW_PAYLOAD);

    ck_assert_msg(pair.carry == stock[_i].carry, "{%u, %s}: %d", pair.dcs, stock[_i].charset, pair.carry);
    ck_assert_int_eq(pair.coding, stock[_i].coding);
    ck_assert_int_eq(pair.data_coding, stock[_i].data_coding);
    ck_assert((pair.via != NULL) == (pair.carry == BYO_CARRY_UTF8));
}
END_TEST

START_TEST(carry_with_raw_payload)
{
    for (unsigned dcs = 0; dcs < 256; dcs++) {
        ByoCharsetPair pair = pair_of(dcs, stock[_i].charset, BYO_FEATURE_RAW_PAYLOAD);
        ck_assert_int_eq(pair.carry, BYO_CARRY_OCTETS);
        ck_assert_int_eq(pair.coding, BYO_CODING_8BIT);
        ck_assert_int_eq(pair.data_coding, (int)dcs);
    }
}
END_TEST

/* Payloads to the octet. */
static const struct {
    unsigned dcs;
    const char *charset;
    unsigned features;
    const char *text;
    ByoStr payload;
} payloads[] = {
    {0, GSM, 0, "@{\xe2\x82\xac", {"@{\xe2\x82\xac", 5}},
    {0, GSM, BYO_FEATURE_RAW_PAYLOAD, "@{\xe2\x82\xac", {"\x00\x1b\x28\x1b\x65", 5}},
    {2, GSM, 0, "@$\f", {"\x00\x02\x1b\x0a", 4}},
    {6, "ISO-8859-5", 0, "\xd0\x9f", {"\xd0\x9f", 2}},
    {6, "ISO-8859-5", BYO_FEATURE_RAW_PAYLOAD, "\xd0\x9f", {"\xbf", 1}},
    {5, "JIS0201", 0, "\xef\xbe\x8a\xc2\xa5", {"\xca\x5c", 2}},
    {8, UTF16, 0, "\xf0\x9f\x98\x80", {"\xd8\x3d\xde\x00", 4}},
    {0,
     "ASCII",
     0,
     "@A$",
     {"\xc2\xa1"
      "A\xc2\xa4",
      5}},                                                   /* 0x40 is an inverted exclamation mark in GSM */
    {1, GSM, 0, "@\xe2\x82\xac", {"\x00\x1b\x65", 3}},       /* ASCII characters with GSM's numbers */
    {3, "WINDOWS-1252", 0, "\xe2\x82\xac", {"\xc2\x80", 2}}, /* 0x80 read as ISO-8859-1 */
};

START_TEST(payload_octets)
{
    ByoCharsetPair pair = pair_of(payloads[_i].dcs, payloads[_i].charset, payloads[_i].features);
    ByoCharsetList list = {&pair, 1};
    ByoEncoded e = {0};

    ck_assert_int_eq(byo_encode(&list, byo_str(payloads[_i].text), &plain, &e), BYO_ENCODE_OK);
    ck_assert_msg(byo_str_eq(byo_buf_str(&e.payload), payloads[_i].payload), "row %d", _i);
    byo_encoded_free(&e);
}
END_TEST

/* A control character that bearerbox's conversion cannot give goes to the next pair. */
START_TEST(carry_lacks_a_control)
{
    ByoCharsetPair pairs[] = {pair_of(0, "ASCII", 0), pair_of(8, UTF16, 0)};
    ByoCharsetList list = {pairs, 2};
    ByoEncoded e = {0};

    ck_assert_int_eq(byo_encode(&list, BYO_STR("a\nb\r\tc"), &plain, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.pair, 0);
    ck_assert_int_eq(byo_encode(&list, BYO_STR("a\x1b"), &plain, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.pair, 1);
    byo_encoded_free(&e);
}
END_TEST

/* Random texts, from a seed. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static uint32_t random_scalar(uint32_t *state, unsigned kind)
{
    static const uint32_t gsm[] = {'@', '{', 0x20AC, 'a', 'Z', 0x394, 0xE9, '|', '\f', '\n', '0'};
    uint32_t r = next_random(state);

    switch (kind) {
    case 0:
        return gsm[r % N(gsm)];
    case 1:
        return 0x20 + r % 0x5F;
    case 2:
        return r % 0x100;
    case 3:
        return r % 3 ? 0x0410 + r % 0x40 : ' ';
    case 4:
        return r % 2 ? 0x1F600 + r % 0x40 : 0x0410 + r % 0x40;
    case 5:
        return 0xFF61 + r % 63;
    default:
        r %= 0x110000;
        return r >= 0xD800 && r <= 0xDFFF ? 0xFFFD : r;
    }
}

/* The octets one segment puts on the wire, without its header. */
static void wire(const ByoCharsetPair *pair, ByoStr payload, ByoBuf *out)
{
    if (pair->carry == BYO_CARRY_OCTETS)
        byo_buf_add(out, payload.p, payload.n);
    else
        ck_assert(byo_charset_encode(pair->via, payload, out, NULL));
}

static void check_property(const Pairs *p, ByoStr text, const ByoEncodeOptions *opt, const ByoEncoded *e)
{
    const ByoCharsetPair *pair = &p->pairs[e->pair];
    unsigned limit = byo_segment_limit(pair, e->n == 1 ? 0 : opt->reference_bits == 16 ? 7 : 6);
    ByoBuf joined = {0}, before = {0}, octets = {0};
    size_t at = 0, in_text = 0;

    for (size_t i = 0; i < e->pair; i++) /* (spec J4) None before it has the text */
        if (byo_charset_encode(p->pairs[i].charset, text, &octets, NULL))
            ck_abort_msg("pair %zu would have done", i);
    for (size_t i = 0; i < e->n; i++) {
        byo_buf_clear(&octets);
        if (e->segments[i].offset != at)
            ck_abort_msg("segment %zu does not follow", i);
        at += e->segments[i].length;
        wire(pair, segment(e, i), &octets);
        if (octets.n > limit || octets.n != e->segments[i].units)
            ck_abort_msg("segment %zu has %zu of %u, and says %u", i, octets.n, limit, e->segments[i].units);
        if (i > 0) { /* greedy: its first character had no room in the one before */
            unsigned char one[8];
            ByoBuf head = {0};
            size_t pos = 0;
            ck_assert(byo_charset_decode(pair->charset, byo_buf_str(&octets), &head));
            if (before.n +
                    byo_charset_encode_char(pair->charset, byo_utf8_next(byo_buf_str(&head), &pos), one) <=
                limit)
                ck_abort_msg("segment %zu begins too early", i);
            byo_buf_free(&head);
        }
        if (!byo_charset_decode(pair->charset, byo_buf_str(&octets), &joined))
            ck_abort_msg("segment %zu is torn", i);
        if (e->segments[i].text_from != in_text || joined.n != in_text + e->segments[i].text_length)
            ck_abort_msg("segment %zu says it is another part of the text", i);
        in_text = joined.n;
        byo_buf_clear(&before);
        byo_buf_add(&before, octets.p, octets.n);
    }
    if (at != e->payload.n || !byo_str_eq(byo_buf_str(&joined), text))
        ck_abort_msg("the segments are not the text");
    byo_buf_free(&joined);
    byo_buf_free(&before);
    byo_buf_free(&octets);
}

START_TEST(property_segments_join_to_the_text)
{
    Pairs p = default_list(_i & 1 ? BYO_FEATURE_RAW_PAYLOAD : 0);
    ByoCharsetList list = list_of(&p);
    uint32_t state = 0x9E3779B9u ^ (uint32_t)(_i + 1);
    ByoEncoded e = {0};
    ByoBuf text = {0};

    for (int round = 0; round < 2000; round++) {
        unsigned kind = next_random(&state) % 7;
        size_t length = next_random(&state) % (round % 10 ? 200 : 2000);
        const ByoEncodeOptions *opt = next_random(&state) % 2 ? &plain : &wide;
        byo_buf_clear(&text);
        for (size_t i = 0; i < length; i++)
            byo_utf8_add(&text, random_scalar(&state, kind));
        ByoEncodeResult result = byo_encode(&list, byo_buf_str(&text), opt, &e);
        if (result != BYO_ENCODE_OK)
            ck_abort_msg("round %d, seed %d: %d", round, _i, result);
        check_property(&p, byo_buf_str(&text), opt, &e);
    }
    byo_buf_free(&text);
    byo_encoded_free(&e);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("encode");
    TCase *tc = tcase_create("encode");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, J4_first_pair_that_has_all, 0, (int)(2 * N(fallback_rows)));
    tcase_add_test(tc, J5_the_order_decides);
    tcase_add_test(tc, J4_nothing_fits);
    tcase_add_test(tc, text_must_be_utf8);
    tcase_add_test(tc, class_or_mwi_pairs);
    tcase_add_test(tc, segment_limits);
    tcase_add_loop_test(tc, segment_borders, 0, (int)N(borders));
    tcase_add_test(tc, segments_255_and_256);
    tcase_add_loop_test(tc, carry_on_stock, 0, (int)N(stock));
    tcase_add_loop_test(tc, carry_with_raw_payload, 0, 6);
    tcase_add_loop_test(tc, payload_octets, 0, (int)N(payloads));
    tcase_add_test(tc, carry_lacks_a_control);
    tcase_add_loop_test(tc, property_segments_join_to_the_text, 0, 4);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
