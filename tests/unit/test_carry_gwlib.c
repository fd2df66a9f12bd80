/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the carry decision against gwlib's own conversions, the ones stock bearerbox runs: whatever
 * byo_encode hands over comes out as exactly our octets, for every character of Unicode (promise 4;
 * host H6).
 * Ownership: each test frees what it makes. Threads: none. */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "encoding/encode.h"
#include "gwlib/gwlib.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const ByoEncodeOptions options = {.reference_bits = 8, .max_segments = 255};

/* What gw/smsc/smsc_smpp.c does with the payload of a message before it is packed, as far as coding and
 * data_coding decide it. */
static void convert_as_bearerbox(Octstr *data, int coding, int data_coding)
{
    char *into;

    if (coding != BYO_CODING_7BIT)
        return;
    switch (data_coding) {
    case 2:
    case 4:
        return;
    case 1:
        into = "ASCII";
        break;
    case 3:
        into = "LATIN1";
        break;
    case 5:
        into = "JIS_X0208-1990";
        break;
    case 6:
        into = "ISO-8859-5";
        break;
    case 7:
        into = "ISO-8859-8";
        break;
    case 13:
        into = "JIS_X0212-1990";
        break;
    case 14:
        if (charset_convert(data, "UTF-8", "KSC_5601") != 0)
            charset_convert(data, "UTF-8", "KSC5636");
        return;
    default:
        charset_utf8_to_gsm(data);
        return;
    }
    charset_convert(data, "UTF-8", into);
}

static bool leaves_as(ByoStr payload, ByoStr octets, const ByoCharsetPair *pair)
{
    Octstr *data = octstr_create_from_data(payload.p, (long)payload.n);
    bool same;

    convert_as_bearerbox(data, pair->coding, pair->data_coding);
    same = byo_str_eq(byo_strn(octstr_get_cstr(data), (size_t)octstr_len(data)), octets);
    octstr_destroy(data);
    return same;
}

static ByoCharsetPair pair_of(unsigned dcs, const char *charset)
{
    ByoCharsetPair pair = {.dcs = dcs, .charset = byo_charset_find(byo_str(charset))};

    ck_assert_ptr_nonnull(pair.charset);
    byo_carry_decide(&pair, 0);
    ck_assert_int_ne(pair.carry, BYO_CARRY_NO);
    return pair;
}

static const struct {
    unsigned dcs;
    const char *charset;
    unsigned lacks; /* characters of the charset that this way does not carry */
} pairs[] = {
    {0, "GSM_0338", 0},     {1, "ASCII", 0},
    {2, "GSM_0338", 0},     {3, "ISO-8859-1", 0},
    {5, "JIS0201", 0},      {6, "ISO-8859-5", 0},
    {7, "ISO-8859-8", 0},   {8, "UTF-16BE", 0},
    {9, "GSM_0338", 0},     {10, "GSM_0338", 0},
    {240, "GSM_0338", 0},   {0, "ASCII", 1}, /* U+001B: 0x1B leads into the extension table there */
    {1, "GSM_0338", 0},     {3, "GSM_0338", 0},
    {3, "WINDOWS-1252", 0}, {3, "JIS0201", 0},
    {6, "KOI8-R", 0},       {7, "ASCII", 0},
    {13, "EUC-JP", 0},      {14, "EUC-KR", 0},
    {14, "UTF-8", 129}, /* U+20A9, U+E0000..U+E007F: see carry.c */
};

/* Each character alone, for all of Unicode. */
START_TEST(every_character_leaves_as_ours)
{
    ByoCharsetPair pair = pair_of(pairs[_i].dcs, pairs[_i].charset);
    ByoCharsetList list = {&pair, 1};
    ByoEncoded e = {0};
    ByoBuf text = {0}, octets = {0};
    unsigned lacks = 0, there = 0;

    for (uint32_t scalar = 0; scalar <= 0x10FFFF; scalar++) {
        if (scalar == 0xD800)
            scalar = 0xE000;
        byo_buf_clear(&text);
        byo_buf_clear(&octets);
        byo_utf8_add(&text, scalar);
        bool has = byo_charset_encode(pair.charset, byo_buf_str(&text), &octets, NULL);
        bool carried = byo_encode(&list, byo_buf_str(&text), &options, &e) == BYO_ENCODE_OK;
        if (carried && (!has || !leaves_as(byo_buf_str(&e.payload), byo_buf_str(&octets), &pair)))
            ck_abort_msg("{%u, %s}: U+%04X is spoilt", pair.dcs, pairs[_i].charset, scalar);
        lacks += has && !carried;
        there += carried;
    }
    ck_assert_uint_ge(there, 127);
    ck_assert_uint_eq(lacks, pairs[_i].lacks);
    byo_encoded_free(&e);
    byo_buf_free(&text);
    byo_buf_free(&octets);
}
END_TEST

/* What is refused under {14, UTF-8} would really have been spoilt. */
START_TEST(what_is_refused_would_be_spoilt)
{
    ByoCharsetPair pair = pair_of(14, "UTF-8");
    ByoCharsetList list = {&pair, 1};
    ByoEncoded e = {0};

    for (uint32_t scalar = 0xDFFFF; scalar <= 0xE0080; scalar++) {
        ByoBuf text = {0};
        byo_utf8_add(&text, scalar);
        ck_assert((byo_encode(&list, byo_buf_str(&text), &options, &e) == BYO_ENCODE_OK) ==
                  leaves_as(byo_buf_str(&text), byo_buf_str(&text), &pair));
        byo_buf_free(&text);
    }
    ck_assert_int_ne(byo_encode(&list, BYO_STR("1000\xe2\x82\xa9"), &options, &e), BYO_ENCODE_OK);
    ck_assert(!leaves_as(BYO_STR("1000\xe2\x82\xa9"), BYO_STR("1000\xe2\x82\xa9"), &pair));
    byo_encoded_free(&e);
}
END_TEST

/* gwlib takes the small c cedilla for the capital one (both 0x09): J4's exactness is ours to keep. */
START_TEST(gwlib_is_not_strict)
{
    Octstr *data = octstr_create("\xc3\xa7`");

    charset_utf8_to_gsm(data);
    ck_assert_int_eq(octstr_len(data), 2);
    ck_assert_int_eq(octstr_get_char(data, 0), 0x09);
    ck_assert_int_eq(octstr_get_char(data, 1), '?');
    octstr_destroy(data);
}
END_TEST

/* Whole segments of texts made of everything the charset has, from a seed. */
START_TEST(segments_leave_as_ours)
{
    ByoCharsetPair pair = pair_of(pairs[_i].dcs, pairs[_i].charset);
    ByoCharsetList list = {&pair, 1};
    ByoEncoded e = {0};
    ByoBuf all = {0}, text = {0}, octets = {0}, left = {0};
    uint32_t state = 0x2545F491u + (uint32_t)_i, *scalars = NULL;
    size_t n = 0;

    for (uint32_t scalar = 1; scalar <= 0x10FFFF; scalar++) {
        unsigned char out[8];
        if (byo_charset_encode_char(pair.charset, scalar, out) == 0)
            continue;
        byo_buf_clear(&text);
        byo_utf8_add(&text, scalar);
        if (byo_encode(&list, byo_buf_str(&text), &options, &e) != BYO_ENCODE_OK)
            continue;
        byo_buf_add(&all, &scalar, sizeof scalar);
    }
    n = all.n / sizeof *scalars;
    scalars = (uint32_t *)(void *)all.p;
    for (int round = 0; round < 200; round++) {
        byo_buf_clear(&text);
        for (int i = 0; i < 1 + round * 3; i++) {
            state = state * 1664525u + 1013904223u;
            byo_utf8_add(&text, scalars[(state >> 8) % n]);
        }
        if (byo_encode(&list, byo_buf_str(&text), &options, &e) != BYO_ENCODE_OK)
            continue; /* a sequence that only came about by neighbours ({14, ...}) */
        byo_buf_clear(&left);
        for (size_t i = 0; i < e.n; i++) {
            Octstr *data =
                octstr_create_from_data(e.payload.p + e.segments[i].offset, (long)e.segments[i].length);
            convert_as_bearerbox(data, e.coding, e.data_coding);
            byo_buf_add(&left, octstr_get_cstr(data), (size_t)octstr_len(data));
            octstr_destroy(data);
        }
        byo_buf_clear(&octets);
        ck_assert(byo_charset_encode(pair.charset, byo_buf_str(&text), &octets, NULL));
        if (!byo_str_eq(byo_buf_str(&left), byo_buf_str(&octets)))
            ck_abort_msg("{%u, %s}: round %d is spoilt", pair.dcs, pairs[_i].charset, round);
    }
    byo_encoded_free(&e);
    byo_buf_free(&all);
    byo_buf_free(&text);
    byo_buf_free(&octets);
    byo_buf_free(&left);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("carry_gwlib");
    TCase *tc = tcase_create("carry_gwlib");
    int failed;

    gwlib_init();
    log_set_output_level(GW_PANIC); /* gwlib tells about each octet it does not know */
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, every_character_leaves_as_ours, 0, (int)N(pairs));
    tcase_add_test(tc, what_is_refused_would_be_spoilt);
    tcase_add_test(tc, gwlib_is_not_strict);
    tcase_add_loop_test(tc, segments_leave_as_ours, 0, (int)N(pairs));
    suite_add_tcase(suite, tc);
    failed = run_suite(suite);
    gwlib_shutdown();
    return failed;
}
