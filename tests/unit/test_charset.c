/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the charset tables (spec J4) against Perl's Encode over all of Unicode, both ways, and that a
 * charset never guesses: what it lacks it refuses, what is no charset for SMS is not found.
 * Ownership: each test frees what it makes. Threads: one test finds and encodes in several at once. */
#include <check.h>
#include <iconv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "encoding/charset.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define LAST 0x10FFFFu

static const ByoCharset *need(const char *name)
{
    const ByoCharset *cs = byo_charset_find(byo_str(name));

    ck_assert_msg(cs != NULL, "%s is not found", name);
    return cs;
}

/* One charset of tests/vectors: what Perl's Encode says. */
typedef struct {
    unsigned char octets[8], n; /* of each scalar; n = 0: not there */
} Expected;

typedef struct {
    Expected *encode;      /* LAST + 1 of them */
    uint32_t single[256];  /* decoding one octet, UINT32_MAX: undefined */
    uint32_t escaped[256]; /* decoding 0x1B and one octet */
} Vectors;

static unsigned unhex(const char *hex, unsigned char out[8])
{
    unsigned n = 0, octet;

    while (n < 8 && sscanf(hex + 2 * n, "%2x", &octet) == 1)
        out[n++] = (unsigned char)octet;
    return n;
}

static Vectors read_vectors(const char *encoding)
{
    Vectors v = {.encode = calloc(LAST + 1, sizeof(Expected))};
    char path[512], line[128], there[16], back[16];
    const char *srcdir = getenv("srcdir");
    unsigned scalar, rows = 0;
    FILE *f;

    memset(v.single, 0xFF, sizeof v.single);
    memset(v.escaped, 0xFF, sizeof v.escaped);
    snprintf(path, sizeof path, "%s/tests/vectors/charset-%s.tsv", srcdir ? srcdir : ".", encoding);
    f = fopen(path, "r");
    ck_assert_msg(f != NULL, "%s cannot be read", path);
    while (fgets(line, sizeof line, f)) {
        unsigned char octets[8];
        if (line[0] == '#')
            continue;
        ck_assert_int_eq(sscanf(line, "%x %15s %15s", &scalar, there, back), 3);
        ck_assert_uint_le(scalar, LAST);
        v.encode[scalar].n = (unsigned char)unhex(there, v.encode[scalar].octets);
        switch (unhex(back, octets)) {
        case 0:
            break;
        case 1:
            v.single[octets[0]] = scalar;
            break;
        default:
            ck_assert_uint_eq(octets[0], 0x1B);
            v.escaped[octets[1]] = scalar;
        }
        rows++;
    }
    fclose(f);
    ck_assert_uint_gt(rows, 100);
    return v;
}

static uint32_t decode_one(const ByoCharset *cs, const char *octets, size_t n)
{
    ByoBuf out = {0};
    uint32_t scalar = UINT32_MAX;
    size_t pos = 0;

    if (byo_charset_decode(cs, byo_strn(octets, n), &out)) {
        scalar = byo_utf8_next(byo_buf_str(&out), &pos);
        if (pos != out.n)
            ck_abort_msg("%s: %zu octets gave more than a character", byo_charset_name(cs), n);
    }
    byo_buf_free(&out);
    return scalar;
}

static void compare(const ByoCharset *cs, const Vectors *v)
{
    for (uint32_t scalar = 0; scalar <= LAST; scalar++) {
        unsigned char octets[8];
        size_t n = byo_charset_encode_char(cs, scalar, octets);
        const Expected *wanted = &v->encode[scalar];
        if (n != wanted->n || memcmp(octets, wanted->octets, n) != 0)
            ck_abort_msg("%s: U+%04X is %zu octets (%02x...), Perl says %u", byo_charset_name(cs), scalar, n,
                         octets[0], wanted->n);
    }
    for (unsigned i = 0; i < 256; i++) {
        char octets[2] = {0x1B, (char)i}, one = (char)i;
        uint32_t scalar = decode_one(cs, &one, 1);
        if (scalar != v->single[i])
            ck_abort_msg("%s: 0x%02x decodes to U+%04X, Perl says U+%04X", byo_charset_name(cs), i, scalar,
                         v->single[i]);
        if (byo_charset_is_gsm(cs) && decode_one(cs, octets, 2) != v->escaped[i])
            ck_abort_msg("%s: 0x1b%02x differs from Perl", byo_charset_name(cs), i);
    }
}

/* (spec J4) Our tables and two of iconv's are what Perl's Encode has, character for character. */
static const struct {
    const char *ours, *perl;
} same[] = {
    {"GSM_0338", "gsm0338"},      {"ASCII", "ascii"},           {"ISO-8859-1", "iso-8859-1"},
    {"ISO-8859-5", "iso-8859-5"}, {"ISO-8859-8", "iso-8859-8"}, {"KOI8-R", "koi8-r"},
    {"WINDOWS-1252", "cp1252"},
};

START_TEST(J4_tables_equal_perl)
{
    Vectors v = read_vectors(same[_i].perl);

    compare(need(same[_i].ours), &v);
    free(v.encode);
}
END_TEST

/* Perl's jis0201-raw is laxer than the standard: it writes a backslash at 0x5C, where JIS X 0201 has the yen
 * sign, and has the C1 controls, which JIS X 0201 leaves out. Everything else is the same. */
START_TEST(J4_jis0201_equals_perl_but_for_yen_and_c1)
{
    Vectors v = read_vectors("jis0201-raw");

    ck_assert_uint_eq(v.encode['\\'].octets[0], 0x5C);
    ck_assert_uint_eq(v.encode[0xA5].n, 0);
    v.encode[0xA5] = v.encode['\\'];
    v.encode['\\'].n = 0;
    v.single[0x5C] = 0xA5;
    for (unsigned i = 0x80; i < 0xA0; i++) {
        ck_assert_uint_eq(v.encode[i].n, 1);
        v.encode[i].n = 0;
        v.single[i] = UINT32_MAX;
    }
    compare(need("JIS0201"), &v);
    free(v.encode);
}
END_TEST

/* The C library agrees on the two characters in question: its ISO-2022-JP has the JIS X 0201 Roman set. */
START_TEST(J4_jis0201_roman_set_equals_libc)
{
    iconv_t cd = iconv_open("UTF-32BE", "ISO-2022-JP");

    ck_assert(cd != (iconv_t)-1);
    for (unsigned i = 0x20; i < 0x7F; i++) {
        char in[] = {0x1B, '(', 'J', (char)i}, *from = in, one = (char)i;
        unsigned char out[4];
        char *to = (char *)out;
        size_t left = sizeof in, room = sizeof out;
        iconv(cd, NULL, NULL, NULL, NULL);
        ck_assert_uint_eq(iconv(cd, &from, &left, &to, &room), 0);
        ck_assert_uint_eq(room, 0);
        ck_assert_uint_eq(decode_one(need("jis0201"), &one, 1),
                          (uint32_t)out[1] << 16 | (uint32_t)out[2] << 8 | out[3]);
    }
    iconv_close(cd);
}
END_TEST

/* Every charset: what it encodes it decodes to the same character; surrogates and what lies beyond Unicode
 * it does not have. */
static const char *const round_trips[] = {
    "GSM_0338", "ASCII",        "ISO-8859-1", "ISO-8859-5", "ISO-8859-8", "JIS0201", "UTF-16BE",
    "KOI8-R",   "SHIFT_JIS",    "CP932",      "EUC-KR",     "UHC",        "BIG5",    "GB18030",
    "UTF-8",    "WINDOWS-1255", "CP1258",     "UCS-2BE",    "UTF-16LE",   "EUC-JP",  "BIG5-HKSCS",
};

START_TEST(J4_round_trip)
{
    const ByoCharset *cs = need(round_trips[_i]);
    unsigned long there = 0;

    for (uint32_t scalar = 0; scalar <= LAST + 10; scalar++) {
        unsigned char octets[8];
        size_t n = byo_charset_encode_char(cs, scalar, octets);
        if (n == 0)
            continue;
        there++;
        if (scalar > LAST || (scalar >= 0xD800 && scalar <= 0xDFFF))
            ck_abort_msg("%s has U+%04X", round_trips[_i], scalar);
        if (decode_one(cs, (char *)octets, n) != scalar)
            ck_abort_msg("%s: U+%04X does not come back", round_trips[_i], scalar);
    }
    ck_assert_uint_ge(there, 128);
    if (byo_charset_is_utf16be(cs))
        ck_assert_uint_eq(there, LAST + 1 - 0x800);
}
END_TEST

START_TEST(J4_utf16be_equals_libc)
{
    const ByoCharset *cs = need("utf-16be");
    iconv_t cd = iconv_open("UTF-16BE", "UTF-32BE");

    ck_assert(cd != (iconv_t)-1);
    for (uint32_t scalar = 0; scalar <= LAST; scalar++) {
        char in[4] = {0, (char)(scalar >> 16), (char)(scalar >> 8), (char)scalar}, *from = in;
        unsigned char ours[8], libc[8];
        char *to = (char *)libc;
        size_t left = sizeof in, room = sizeof libc, n = byo_charset_encode_char(cs, scalar, ours);
        bool good = iconv(cd, &from, &left, &to, &room) == 0;
        if (!good)
            iconv(cd, NULL, NULL, NULL, NULL);
        if (n != (good ? sizeof libc - room : 0) || memcmp(ours, libc, n) != 0)
            ck_abort_msg("U+%04X differs from libc", scalar);
    }
    iconv_close(cd);
}
END_TEST

/* (spec J4) Any letter case; one name for the aliases. */
static const struct {
    const char *written, *name;
} names[] = {
    {"gsm_0338", "GSM_0338"},    {"Gsm0338", "GSM_0338"},          {"ascii", "ASCII"},
    {"US-ASCII", "ASCII"},       {"iso-8859-1", "ISO-8859-1"},     {"latin1", "ISO-8859-1"},
    {"ISO8859-5", "ISO-8859-5"}, {"iso_8859-8", "ISO-8859-8"},     {"jis0201", "JIS0201"},
    {"JIS_X0201", "JIS0201"},    {"utf-16be", "UTF-16BE"},         {"Utf16BE", "UTF-16BE"},
    {"koi8-r", "KOI8-R"},        {"Windows-1251", "WINDOWS-1251"},
};

START_TEST(J4_names)
{
    const ByoCharset *cs = need(names[_i].written);

    ck_assert_str_eq(byo_charset_name(cs), names[_i].name);
    ck_assert_ptr_eq(cs, need(names[_i].name));
    ck_assert(byo_charset_is_gsm(cs) == (strcmp(names[_i].name, "GSM_0338") == 0));
    ck_assert(byo_charset_is_utf16be(cs) == (strcmp(names[_i].name, "UTF-16BE") == 0));
}
END_TEST

/* Not for SMS: unknown, with shift states, without a byte order, or something else than a name. */
static const char *const refused[] = {
    "",
    "NO-SUCH-CHARSET",
    "KOI8-R//TRANSLIT",
    "ASCII//IGNORE",
    "UTF-7",
    "utf-16",
    "UCS-2",
    "UCS2",
    "utf-32",
    "ISO-2022-JP",
    "iso-2022-kr",
    "HZ",
    "UNICODE",
    "WCHAR_T",
    "CHAR",
    "IBM930",
    "IBM1390",
    "ISO-2022-CN",
    "UCS-4",
    "UTF-7-IMAP",
    " ASCII",
    "ASCII ",
    "KOI8-R,",
    "../KOI8-R",
    "TSCII",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};

START_TEST(J4_refused_names)
{
    ck_assert_msg(byo_charset_find(byo_str(refused[_i])) == NULL, "'%s' is taken", refused[_i]);
}
END_TEST

START_TEST(J4_refused_odd_names)
{
    ck_assert_ptr_null(byo_charset_find(BYO_STR_NONE));
    ck_assert_ptr_null(byo_charset_find(BYO_STR("ASCII\0")));
    ck_assert_ptr_null(byo_charset_find(BYO_STR("KOI8-R\0//TRANSLIT")));
}
END_TEST

/* (promise 4) What iconv would replace or drop is not there. */
START_TEST(never_replaced)
{
    static const struct {
        const char *charset;
        uint32_t scalar;
    } rows[] = {
        {"KOI8-R", 0x00E9},   {"KOI8-R", 0x2014},   {"WINDOWS-1252", 0x0416}, {"ASCII", 0x2019},
        {"KOI8-R", 0xE0041},  {"GSM_0338", 0x00E7}, {"GSM_0338", '`'},        {"GSM_0338", 0x1B},
        {"JIS0201", '~'},     {"JIS0201", '\\'},    {"ISO-8859-8", 0x00A1},   {"SHIFT_JIS", 0x1F600},
        {"UCS-2BE", 0x1F600}, {"GSM_0338", 0x03B1},
    };

    for (size_t i = 0; i < N(rows); i++) {
        unsigned char octets[8];
        ByoBuf text = {0}, out = {0};
        uint32_t bad = 0;
        ck_assert_msg(byo_charset_encode_char(need(rows[i].charset), rows[i].scalar, octets) == 0,
                      "%s has U+%04X", rows[i].charset, rows[i].scalar);
        byo_buf_adds(&text, "ab");
        byo_utf8_add(&text, rows[i].scalar);
        byo_buf_adds(&out, "before");
        ck_assert(!byo_charset_encode(need(rows[i].charset), byo_buf_str(&text), &out, &bad));
        ck_assert_uint_eq(bad, rows[i].scalar);
        ck_assert_str_eq(out.p, "before");
        byo_buf_free(&text);
        byo_buf_free(&out);
    }
}
END_TEST

START_TEST(J4_octets_that_are_no_text)
{
    static const struct {
        const char *charset;
        ByoStr octets;
    } rows[] = {
        {"GSM_0338", {"A\x1b", 2}},     {"GSM_0338", {"A\x1b\x1b", 3}}, {"GSM_0338", {"A\x1b\x41", 3}},
        {"GSM_0338", {"A\x80", 2}},     {"ASCII", {"A\x80", 2}},        {"ISO-8859-8", {"A\xa1", 2}},
        {"JIS0201", {"A\xe0", 2}},      {"UTF-16BE", {"\0A\0", 3}},     {"UTF-16BE", {"\0A\xd8\x3d", 4}},
        {"UTF-16BE", {"\xde\0\0A", 4}}, {"UTF-16BE", {"\xd8\0\0A", 4}}, {"EUC-KR", {"A\xb0", 2}},
        {"GB18030", {"A\x81\x30", 3}},
    };

    for (size_t i = 0; i < N(rows); i++) {
        ByoBuf out = {0};
        byo_buf_adds(&out, "before");
        ck_assert_msg(!byo_charset_decode(need(rows[i].charset), rows[i].octets, &out), "row %zu", i);
        ck_assert_str_eq(out.p, "before");
        byo_buf_free(&out);
    }
}
END_TEST

START_TEST(utf8_validity)
{
    static const struct {
        ByoStr text;
        bool valid;
    } rows[] = {
        {{"", 0}, true},
        {{"plain text, longer than eight", 29}, true},
        {{"\0", 1}, true},
        {{"\x7f\xc2\x80", 3}, true},
        {{"\xdf\xbf\xe0\xa0\x80", 5}, true},
        {{"\xed\x9f\xbf\xee\x80\x80", 6}, true},
        {{"\xef\xbf\xbf\xf0\x90\x80\x80", 7}, true},
        {{"\xf4\x8f\xbf\xbf", 4}, true},
        {{"12345678\xff", 9}, false},
        {{"1234567\x80", 8}, false},
        {{"\x80", 1}, false},
        {{"\xbf", 1}, false},
        {{"\xc0\x80", 2}, false}, /* overlong */
        {{"\xc1\xbf", 2}, false},
        {{"\xe0\x9f\xbf", 3}, false},
        {{"\xf0\x8f\xbf\xbf", 4}, false},
        {{"\xed\xa0\x80", 3}, false}, /* surrogates */
        {{"\xed\xbf\xbf", 3}, false},
        {{"\xf4\x90\x80\x80", 4}, false}, /* over U+10FFFF */
        {{"\xf5\x80\x80\x80", 4}, false},
        {{"\xc2", 1}, false}, /* cut off */
        {{"\xe2\x82", 2}, false},
        {{"\xf0\x9f\x98", 3}, false},
        {{"\xc2\x41", 2}, false},
        {{"\xe2\x41\x82", 3}, false},
        {{"\xe2\x82\x41", 3}, false},
        {{"\xf0\x9f\x98\x41", 4}, false},
        {{"\xf0\x9f\x41\x80", 4}, false},
    };

    for (size_t i = 0; i < N(rows); i++)
        ck_assert_msg(byo_utf8_valid(rows[i].text) == rows[i].valid, "row %zu", i);
    ck_assert(byo_utf8_valid(BYO_STR_NONE));
}
END_TEST

START_TEST(utf8_all_scalars)
{
    for (uint32_t scalar = 0; scalar <= LAST; scalar++) {
        ByoBuf out = {0};
        size_t pos = 0;
        byo_utf8_add(&out, scalar);
        bool surrogate = scalar >= 0xD800 && scalar <= 0xDFFF;
        if (byo_utf8_valid(byo_buf_str(&out)) == surrogate)
            ck_abort_msg("U+%04X", scalar);
        if (byo_utf8_next(byo_buf_str(&out), &pos) != scalar || pos != out.n)
            ck_abort_msg("U+%04X does not come back", scalar);
        byo_buf_free(&out);
    }
}
END_TEST

static void *find_and_encode(void *arg)
{
    static const char *const wanted[] = {"KOI8-U", "GSM_0338", "EUC-KR", "CP1250", "KOI8-U", "UTF-16BE"};
    size_t turn = (size_t)(uintptr_t)arg;
    const char *failed = NULL;

    for (size_t i = 0; i < N(wanted); i++) {
        const ByoCharset *cs = byo_charset_find(byo_str(wanted[(i + turn) % N(wanted)]));
        ByoBuf out = {0}, back = {0};
        if (!cs || !byo_charset_encode(cs, BYO_STR("Hello"), &out, NULL) ||
            !byo_charset_decode(cs, byo_buf_str(&out), &back) || !byo_str_is(byo_buf_str(&back), "Hello"))
            failed = wanted[(i + turn) % N(wanted)];
        byo_buf_free(&out);
        byo_buf_free(&back);
    }
    return (void *)(uintptr_t)failed;
}

START_TEST(threads_share_charsets)
{
    pthread_t threads[6];

    for (size_t i = 0; i < N(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, find_and_encode, (void *)(uintptr_t)i), 0);
    for (size_t i = 0; i < N(threads); i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_msg(failed == NULL, "%s", (char *)failed);
    }
    ck_assert_ptr_eq(need("KOI8-U"), need("koi8-u"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("charset");
    TCase *tc = tcase_create("charset");

    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, J4_tables_equal_perl, 0, (int)N(same));
    tcase_add_test(tc, J4_jis0201_equals_perl_but_for_yen_and_c1);
    tcase_add_test(tc, J4_jis0201_roman_set_equals_libc);
    tcase_add_loop_test(tc, J4_round_trip, 0, (int)N(round_trips));
    tcase_add_test(tc, J4_utf16be_equals_libc);
    tcase_add_loop_test(tc, J4_names, 0, (int)N(names));
    tcase_add_loop_test(tc, J4_refused_names, 0, (int)N(refused));
    tcase_add_test(tc, J4_refused_odd_names);
    tcase_add_test(tc, never_replaced);
    tcase_add_test(tc, J4_octets_that_are_no_text);
    tcase_add_test(tc, utf8_validity);
    tcase_add_test(tc, utf8_all_scalars);
    tcase_add_test(tc, threads_share_charsets);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
