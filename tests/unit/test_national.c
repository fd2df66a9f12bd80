/* SPDX-License-Identifier: BSD-3-Clause
 * National language tables (3GPP TS 23.038 A.2, A.3), packed septets (6.1.2) and the other readings of inbound octets
 * (field C18-C22, S2): tables against tests/vectors/national.tsv, known samples, the way that takes the fewest
 * segments.
 * Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/features.h"
#include "encoding/encode.h"
#include "encoding/national.h"
#include "encoding/packed.h"
#include "encoding/octets.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static ByoCharsetPair pair_of(unsigned dcs, const char *charset, unsigned features)
{
    ByoCharsetPair pair = {.dcs = dcs, .charset = byo_charset_find(byo_str(charset))};
    ck_assert_msg(pair.charset != NULL, "%s is not found", charset);
    byo_carry_decide(&pair, features);
    return pair;
}

static void ck_buf(const ByoBuf *got, const char *want, size_t n)
{
    ck_assert_msg(got->n == n && (n == 0 || memcmp(got->p, want, n) == 0),
                  "%zu octets, \"%s\", not %zu, \"%s\"", got->n, got->p ? got->p : "", n, want);
}

/* Every cell of every table, from another source than the program's: read, and written again. */
START_TEST(every_cell)
{
    const char *srcdir = getenv("srcdir");
    char path[512], line[128], name[8], kind[16];
    unsigned language, septet, scalar, rows = 0;

    snprintf(path, sizeof path, "%s/tests/vectors/national.tsv", srcdir ? srcdir : ".");
    FILE *f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s cannot be read", path);
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#')
            continue;
        ck_assert_int_eq(sscanf(line, "%7s %u %15s %x %x", name, &language, kind, &septet, &scalar), 5);
        ck_assert_uint_eq(byo_national_find(byo_str(name)), language);
        bool locking = strcmp(kind, "locking") == 0;
        char octets[2] = {0x1B, (char)septet};
        ByoStr in = locking ? byo_strn(octets + 1, 1) : byo_strn(octets, 2);
        ByoBuf want = {0}, got = {0}, out = {0}, again = {0};
        byo_utf8_add(&want, scalar);
        ck_assert_uint_eq(byo_national_decode(locking ? language : 0, locking ? 0 : language, in, &got), 0);
        ck_buf(&got, want.p, want.n);
        ByoCharset cs = {.kind = BYO_KIND_GSM,
                         .locking = (uint8_t)(locking ? language : 0),
                         .single = (uint8_t)(locking ? 0 : language)};
        ByoCharsetTable *t = byo_national_table(cs.locking, cs.single);
        cs.table = t;
        ck_assert(byo_charset_encode(&cs, byo_buf_str(&want), &out, NULL));
        byo_national_decode(cs.locking, cs.single, byo_buf_str(&out), &again);
        ck_buf(&again, want.p, want.n);
        byo_table_free(t);
        byo_buf_free(&want);
        byo_buf_free(&got);
        byo_buf_free(&out);
        byo_buf_free(&again);
        rows++;
    }
    fclose(f);
    ck_assert_uint_eq(rows, 2294);
}
END_TEST

START_TEST(names)
{
    static const char *const languages = "TR ES PT BN GU HI KN ML OR PA TA TE UR ";
    for (unsigned i = 1; i <= BYO_NATIONALS; i++) {
        char name[16];
        snprintf(name, sizeof name, "gsm_0338/%.2s", languages + 3 * (i - 1));
        const ByoCharset *cs = byo_charset_find(byo_str(name));
        ck_assert_msg(cs != NULL, "%s", name);
        ck_assert(byo_charset_is_national(cs) && !byo_charset_is_gsm(cs));
        ck_assert_int_eq(byo_national_locks(i), i != 2);
        snprintf(name, sizeof name, "GSM_0338/%.2s", languages + 3 * (i - 1));
        ck_assert_str_eq(byo_charset_name(cs), name);
        ck_assert_ptr_eq(byo_charset_find(byo_str(name)), cs);
        /* stock knows no such tables, under any data_coding */
        for (unsigned dcs = 0; dcs < 256; dcs++)
            ck_assert_int_eq(pair_of(dcs, name, 0).carry, BYO_CARRY_NO);
        ck_assert_int_eq(pair_of(0, name, BYO_FEATURE_ALL).carry, BYO_CARRY_OCTETS);
    }
    ck_assert_ptr_eq(byo_charset_find(BYO_STR("GSM0338/tr")), byo_charset_find(BYO_STR("GSM_0338/TR")));
    ck_assert_str_eq(byo_charset_name(byo_charset_find(BYO_STR("gsm_0338/PACKED"))), "GSM_0338/packed");
    static const char *const bad[] = {
        "GSM_0338/", "GSM_0338/XX",      "GSM_0338/TR/TR",    "ASCII/TR",
        "/TR",       "GSM_0338/packed ", "ISO-8859-1/packed", "GSM_0338//TRANSLIT"};
    for (size_t i = 0; i < N(bad); i++)
        ck_assert_msg(!byo_charset_find(byo_str(bad[i])), "%s", bad[i]);
}
END_TEST

/* What leaves: the header's elements and the septets. */
static const struct {
    const char *charset, *text;
    unsigned locking, single;
    const char *septets;
    size_t n;
} samples[] = {
    /* plain: no table is named */
    {"GSM_0338/TR", "hello", 0, 0, "hello", 5},
    {"GSM_0338/TR", "\xc5\x9f\xc4\x9f\xc4\xb1", 0, 1, "\x1bs\x1bg\x1bi", 6},
    {"GSM_0338/TR", "\xc4\xb0\xc5\x9e", 0, 1, "\x1bI\x1bS", 4},
    {"GSM_0338/ES", "\xc3\xa1\xc3\xb3 {", 0, 2, "\x1b\x61\x1bo \x1b(", 7},
    {"GSM_0338/PT", "\xc3\xa3\xc3\xb5", 0, 3, "\x1b{\x1b|", 4},
    {"GSM_0338/HI", "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5\x87", 6, 0,
     "\x2f"
     "BL_'Y",
     6},
    {"GSM_0338/HI", "\xe0\xa4\xa8\xe0\xa4\xae\xe0\xa4\xb8\xe0\xa5\x8d\xe0\xa4\xa4\xe0\xa5\x87 A", 6, 6, NULL,
     0},
    {"GSM_0338/UR", "\xd8\xb4\xda\xa9\xd8\xb1\xdb\x8c\xdb\x81", 13, 0, NULL, 0},
};

START_TEST(known_samples)
{
    ByoCharsetPair pair = pair_of(0, samples[_i].charset, BYO_FEATURE_ALL);
    ByoCharsetList list = {&pair, 1};
    ByoEncodeOptions opt = {.reference_bits = 8, .max_segments = 255};
    ByoEncoded e = {0};
    ByoBuf back = {0};

    ck_assert_int_eq(byo_encode(&list, byo_str(samples[_i].text), &opt, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.locking, samples[_i].locking);
    ck_assert_uint_eq(e.single, samples[_i].single);
    ck_assert_uint_eq(e.n, 1);
    if (samples[_i].n)
        ck_buf(&e.payload, samples[_i].septets, samples[_i].n);
    ck_assert_uint_eq(byo_national_decode(e.locking, e.single, byo_buf_str(&e.payload), &back), 0);
    ck_buf(&back, samples[_i].text, strlen(samples[_i].text));
    byo_buf_free(&back);
    byo_encoded_free(&e);
}
END_TEST

/* Which way is taken: by segments, the elements counted. */
static const struct {
    const char *charset, *unit;
    size_t times;
    const char *tail;
    unsigned locking, single;
    size_t segments;
} ways[] = {
    {"GSM_0338/TR", "a", 160, "", 0, 0, 1},
    {"GSM_0338/TR", "a", 153, "\xc5\x9f", 0, 1, 1}, /* 153 + 2 septets beside 4 octets of header: 155 */
    {"GSM_0338/TR", "a", 154, "\xc5\x9f", 1, 0, 1}, /* 155 with the locking table, 156 without */
    {"GSM_0338/TR", "a", 155, "\xc5\x9f", 0, 1, 2}, /* fits one segment no more */
    {"GSM_0338/TR", "a", 149 * 2 - 2, "\xc5\x9f", 0, 1, 2},
    {"GSM_0338/TR", "a", 149 * 2 - 1, "\xc5\x9f", 1, 0, 2},
    {"GSM_0338/PT", "\xc3\xa3", 155, "", 3, 0, 1},
    {"GSM_0338/PT", "\xc3\xa3", 156, "", 3, 0, 2},
    {"GSM_0338/HI", "\xe0\xa4\xa8", 150, "A", 6, 6, 1}, /* 152 septets, header of 7 octets: 152 */
    {"GSM_0338/HI", "\xe0\xa4\xa8", 151, "A", 6, 6, 2},
    {"GSM_0338/HI", "\xe0\xa4\xa8", 146 * 2 - 2, "A", 6, 6, 2},
    {"GSM_0338/HI", "\xe0\xa4\xa8", 146 * 2 - 1, "A", 6, 6, 3},
};

START_TEST(fewest_segments)
{
    ByoCharsetPair pair = pair_of(0, ways[_i].charset, BYO_FEATURE_ALL);
    ByoCharsetList list = {&pair, 1};
    ByoEncodeOptions opt = {.reference_bits = 8, .max_segments = 255};
    ByoEncoded e = {0};
    ByoBuf text = {0}, back = {0};

    for (size_t i = 0; i < ways[_i].times; i++)
        byo_buf_adds(&text, ways[_i].unit);
    byo_buf_adds(&text, ways[_i].tail);
    ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &opt, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.n, ways[_i].segments);
    ck_assert_uint_eq(e.locking, ways[_i].locking);
    ck_assert_uint_eq(e.single, ways[_i].single);
    ByoUdh udh = {.reference_bits = e.n > 1 ? 8 : 0, .locking = e.locking, .single = e.single};
    size_t header = byo_udh_write(&udh, NULL);
    for (size_t i = 0; i < e.n; i++)
        ck_assert_uint_le(header * 8 + 7 * e.segments[i].length, 140 * 8);
    byo_national_decode(e.locking, e.single, byo_buf_str(&e.payload), &back);
    ck_buf(&back, text.p, text.n);
    byo_buf_free(&text);
    byo_buf_free(&back);
    byo_encoded_free(&e);
}
END_TEST

START_TEST(a_national_pair_takes_its_turn)
{
    ByoCharsetPair pairs[] = {pair_of(0, "GSM_0338", BYO_FEATURE_ALL),
                              pair_of(0, "GSM_0338/TR", BYO_FEATURE_ALL),
                              pair_of(8, "UTF-16BE", BYO_FEATURE_ALL)};
    ByoCharsetList list = {pairs, N(pairs)};
    ByoEncodeOptions opt = {.reference_bits = 16};
    ByoEncoded e = {0};

    ck_assert_int_eq(byo_encode(&list, BYO_STR("plain"), &opt, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.pair, 0);
    ck_assert_uint_eq(e.locking + e.single, 0);
    ck_assert_int_eq(byo_encode(&list, BYO_STR("\xc5\x9f"), &opt, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.pair, 1);
    ck_assert_int_eq(byo_encode(&list, BYO_STR("\xd0\x96"), &opt, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.pair, 2);
    ck_assert_uint_eq(e.locking + e.single, 0);
    opt.class_or_mwi = true; /* bearerbox makes the data_coding then */
    ck_assert_int_eq(byo_encode(&list, BYO_STR("\xc5\x9f"), &opt, &e), BYO_ENCODE_OK);
    ck_assert_uint_eq(e.pair, 2);
    byo_encoded_free(&e);
}
END_TEST

/* TS 23.038 6.1.2.1. */
static const struct {
    const char *text, *packed;
    size_t n;
} packings[] = {
    {"", "", 0},
    {"hello", "\xe8\x32\x9b\xfd\x06", 5},
    {"hellohello", "\xe8\x32\x9b\xfd\x46\x97\xd9\xec\x37", 9},
    {"STOP", "\x53\xea\x13\x0a", 4},
    {"STOPALL", "\x53\xea\x13\x1a\x64\x32\x1b", 7}, /* CR in the seven bits left over */
    {"12345678", "\x31\xd9\x8c\x56\xb3\xdd\x70", 7},
    {"1234567\r", "\x31\xd9\x8c\x56\xb3\xdd\x1a\x0d", 8},
    {"\xe2\x82\xac", "\x9b\x32", 2},
};

START_TEST(C20_packed_there_and_back)
{
    const ByoCharset *cs = byo_charset_find(BYO_STR("GSM_0338/packed"));
    ByoBuf out = {0}, back = {0};
    ck_assert(byo_charset_encode(cs, byo_str(packings[_i].text), &out, NULL));
    ck_buf(&out, packings[_i].packed, packings[_i].n);
    ck_assert(byo_charset_decode(cs, byo_buf_str(&out), &back));
    ck_buf(&back, packings[_i].text, strlen(packings[_i].text));
    byo_buf_free(&out);
    byo_buf_free(&back);
}
END_TEST

START_TEST(C20_packed_segments)
{
    ByoCharsetPair pair = pair_of(0, "GSM_0338/packed", BYO_FEATURE_ALL);
    ByoCharsetList list = {&pair, 1};
    for (int bits = 8; bits <= 16; bits += 8)
        for (size_t length = 1; length < 470; length++) {
            ByoEncodeOptions opt = {.reference_bits = bits};
            ByoEncoded e = {0};
            ByoBuf text = {0}, back = {0};
            for (size_t i = 0; i < length; i++)
                byo_buf_addc(&text, (char)('a' + i % 26));
            ck_assert_int_eq(byo_encode(&list, byo_buf_str(&text), &opt, &e), BYO_ENCODE_OK);
            size_t part = bits == 16 ? 152 : 153, udh = e.n == 1 ? 0 : bits == 16 ? 7 : 6;
            ck_assert_uint_eq(e.n, length <= 160 ? 1 : (length + part - 1) / part);
            for (size_t i = 0; i < e.n; i++) {
                ck_assert_uint_le(udh + e.segments[i].length, 140);
                byo_packed_read(byo_strn(e.payload.p + e.segments[i].offset, e.segments[i].length),
                                byo_packed_fill(udh), &back);
            }
            ck_buf(&back, text.p, text.n);
            /* bearerbox joins the parts without a word about their borders */
            ByoBuf read = {0};
            ByoOctets r = {.octets = byo_buf_str(&e.payload)};
            if (e.n == 1 || e.payload.n > 140) {
                ck_assert_uint_eq(byo_octets_packed(&r, &read), 0);
                ck_buf(&read, text.p, text.n);
            }
            byo_buf_free(&read);
            byo_buf_free(&text);
            byo_buf_free(&back);
            byo_encoded_free(&e);
        }
    ck_assert_int_eq(pair_of(0, "GSM_0338/packed", 0).carry, BYO_CARRY_NO); /* stock would unpack nothing */
    ck_assert_int_eq(pair_of(4, "GSM_0338/packed", 0).carry, BYO_CARRY_OCTETS);
}
END_TEST

START_TEST(S2_one_bad_unit_costs_that_unit)
{
#define FFFD "\xef\xbf\xbd"
    static const struct {
        const char *charset;
        ByoStr octets;
        const char *text;
        size_t bad;
    } rows[] = {
        {"GSM_0338", {"caf\x05 \xff!", 7}, "caf\xc3\xa9 " FFFD "!", 1},
        {"GSM_0338",
         {"a\x1b\x65"
          "b\x1b",
          5},
         "a\xe2\x82\xac"
         "b" FFFD,
         1},
        {"GSM_0338", {"\x1b\x41", 2}, "A", 0}, /* TS 23.038 6.2.1.1: the main table's */
        {"GSM_0338/TR", {"ab\x80", 3}, "ab" FFFD, 1},
        {"ASCII", {"a\xe9z", 3}, "a" FFFD "z", 1},
        {"ISO-8859-8", {"\xe0\xfc\xe1", 3}, "\xd7\x90" FFFD "\xd7\x91", 1},
        {"UTF-16BE", {"\0a\xd8\x3d\0b", 6}, "a" FFFD "b", 1},
        {"UTF-16BE", {"\0a\xdc\x00", 4}, "a" FFFD, 1},
        {"UTF-16BE", {"\0a\0b\0", 5}, "ab" FFFD, 1},
        {"UTF-16BE", {"\xfe\xff\0a", 4}, "a", 0},
        {"UTF-16BE",
         {"\xff\xfe"
          "a\0",
          4},
         "a",
         0},
        {"UTF-16BE", {"\xd8\x3d\xdc\xe6", 4}, "\xf0\x9f\x93\xa6", 0},
        {"UTF-16BE", {"\xd8", 1}, FFFD, 1},
        {"EUC-KR", {"\xc7\xd1\xff\xb1\xb9", 5}, "\xed\x95\x9c" FFFD "\xea\xb5\xad", 1},
    };
    for (size_t i = 0; i < N(rows); i++) {
        ByoBuf text = {0};
        const ByoCharset *cs = byo_charset_find(byo_str(rows[i].charset));
        ck_assert_uint_eq(byo_charset_decode_all(cs, rows[i].octets, &text), rows[i].bad);
        ck_buf(&text, rows[i].text, strlen(rows[i].text));
        byo_buf_free(&text);
    }
    ByoBuf text = {0};
    ck_assert_uint_eq(byo_utf8_mend(BYO_STR("a\xff"
                                            "b\xe2\x82z\xc3\xa9\xf0\x9f"),
                                    &text),
                      3);
    ck_buf(&text, "a" FFFD "b" FFFD "z\xc3\xa9" FFFD, 14);
    byo_buf_free(&text);
}
END_TEST

START_TEST(C18_C19_readings)
{
    static const struct {
        ByoStr octets, udh;
        bool ucs2;
        const char *text;
    } rows[] = {
        {{"STOP", 4}, {NULL, 0}, false, "STOP"},
        {{"\x53\xea\x13\x0a", 4}, {NULL, 0}, false, "STOP"},
        {{"ARR\xcaT", 5}, {NULL, 0}, false, "ARR\xc3\x8aT"},
        {{"\0S\0T", 4}, {NULL, 0}, false, "ST"},
        {{"S\0T\0", 4}, {NULL, 0}, false, "ST"},
        {{"\xd0\xa1\xd0\xa2", 4}, {NULL, 0}, false, "\xd0\xa1\xd0\xa2"},
        {{"\x1bs", 2}, {"\x03\x24\x01\x01", 4}, false, "\xc5\x9f"},
        {{"\x04", 1}, {"\x03\x25\x01\x01", 4}, false, "\xe2\x82\xac"},
        {{"S\0T\0", 4}, {NULL, 0}, true, "ST"},
        {{"S\0T", 3}, {NULL, 0}, true, "ST"},
        {{"x\0S\0T", 5}, {NULL, 0}, true, "ST"},
        {{"\xff\xfeS\0", 4}, {NULL, 0}, true, "S"},
    };
    for (size_t i = 0; i < N(rows); i++) {
        ByoOctets r = {rows[i].octets, rows[i].udh, rows[i].ucs2};
        ByoBuf text = {0};
        bool found = false;
        for (unsigned n = 0; byo_octets_guess(&r, n, &text); n++) {
            ck_assert_uint_lt(n, 16);
            ck_assert(byo_utf8_valid(byo_buf_str(&text)));
            found |= byo_str_is(byo_buf_str(&text), rows[i].text);
        }
        ck_assert_msg(found, "row %zu", i);
        byo_buf_free(&text);
    }
}
END_TEST

START_TEST(C22_alphabets)
{
    for (unsigned dcs = 0xE0; dcs < 0xF0; dcs++)
        ck_assert_int_eq(byo_alphabet_of(dcs), BYO_ALPHABET_UCS2);
    static const struct {
        unsigned dcs;
        ByoAlphabet is;
    } rows[] = {{0, BYO_ALPHABET_GSM},     {2, BYO_ALPHABET_8BIT},    {3, BYO_ALPHABET_OTHER},
                {4, BYO_ALPHABET_8BIT},    {8, BYO_ALPHABET_UCS2},    {0x10, BYO_ALPHABET_GSM},
                {0x14, BYO_ALPHABET_8BIT}, {0x18, BYO_ALPHABET_UCS2}, {0x20, BYO_ALPHABET_OTHER},
                {0x48, BYO_ALPHABET_UCS2}, {0xC8, BYO_ALPHABET_GSM},  {0xD0, BYO_ALPHABET_GSM},
                {0xF1, BYO_ALPHABET_GSM},  {0xF4, BYO_ALPHABET_8BIT}, {0xF7, BYO_ALPHABET_8BIT}};
    for (size_t i = 0; i < N(rows); i++)
        ck_assert_msg(byo_alphabet_of(rows[i].dcs) == rows[i].is, "0x%02X", rows[i].dcs);
}
END_TEST

START_TEST(C18_no_guess_behind_binary_headers)
{
    static const struct {
        ByoStr udh;
        bool may;
    } rows[] = {{{NULL, 0}, true},
                {{"\x05\x00\x03\x07\x01\x01", 6}, true},
                {{"\x06\x08\x04\x00\x07\x01\x01", 7}, true},
                {{"\x03\x24\x01\x01", 4}, true},
                {{"\x04\x01\x02\x00\x01", 5}, true},
                {{"\x06\x05\x04\x15\x81\x00\x00", 7}, false}, /* ports, 16 bits */
                {{"\x04\x04\x02\x0b\x0b", 5}, false},         /* ports, 8 bits */
                {{"\x02\x70\x00", 3}, false},                 /* SIM security */
                {{"\x02\x7f\x00", 3}, false},
                {{"\x03\x06\x01\x00", 4}, false}, /* message centre */
                {{"\x03\x09\x01\x00", 4}, false}, /* WCMP */
                {{"\x0b\x05\x04\x15\x81\x00\x00\x00\x03\x01\x01\x01", 12}, false},
                {{"\x07\x00\x03", 3}, false}}; /* lies */
    for (size_t i = 0; i < N(rows); i++)
        ck_assert_msg(byo_octets_may_guess(rows[i].udh) == rows[i].may, "row %zu", i);
}
END_TEST

START_TEST(C21_septets_of_what_stock_made)
{
    /* Turkish "şeker? ığ" under single shift: bearerbox writes '?' and the septet's own character */
    ByoBuf septets = {0}, text = {0};
    ck_assert(byo_octets_septets(BYO_STR("?seker? ?i?g {"), 1, &septets));
    ck_buf(&septets, "\x1bseker? \x1bi\x1bg \x1b(", 15);
    byo_national_decode(0, 1, byo_buf_str(&septets), &text);
    ck_buf(&text,
           "\xc5\x9f"
           "eker? \xc4\xb1\xc4\x9f {",
           14);
    byo_buf_clear(&septets);
    ck_assert(byo_octets_septets(BYO_STR("what?so"), 0, &septets));
    ck_buf(&septets, "what?so", 7);
    ck_assert(!byo_octets_septets(BYO_STR("\xd0\x96"), 1, &septets));
    ck_assert(!byo_octets_septets(BYO_STR("\xff"), 1, &septets));
    byo_buf_free(&septets);
    byo_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("national");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, every_cell);
    tcase_add_test(t, names);
    tcase_add_loop_test(t, known_samples, 0, N(samples));
    tcase_add_loop_test(t, fewest_segments, 0, N(ways));
    tcase_add_test(t, a_national_pair_takes_its_turn);
    tcase_add_loop_test(t, C20_packed_there_and_back, 0, N(packings));
    tcase_add_test(t, C20_packed_segments);
    tcase_add_test(t, S2_one_bad_unit_costs_that_unit);
    tcase_add_test(t, C18_C19_readings);
    tcase_add_test(t, C22_alphabets);
    tcase_add_test(t, C18_no_guess_behind_binary_headers);
    tcase_add_test(t, C21_septets_of_what_stock_made);
    suite_add_tcase(s, t);
    return run_suite(s);
}
