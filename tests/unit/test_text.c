/* SPDX-License-Identifier: BSD-3-Clause
 * Characters, digits, hashes, and the tables made of them.
 * Ownership: each test frees what it makes (the sanitizers look). Threads: none. */
#include <check.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"
#include "suites.h"

/* ---- characters and words ---- */

START_TEST(utf8_characters)
{
    static const struct {
        const char *text;
        size_t octets;
    } rows[] = {{"a", 1},
                {"\xc2\x80", 2},
                {"\xe2\x82\xac", 3},
                {"\xf0\x90\x80\x80", 4},
                {"\xf4\x8f\xbf\xbf", 4},
                {"\x80", 0},
                {"\xc1\xbf", 0}, /* longer than needed */
                {"\xe0\x9f\xbf", 0},
                {"\xf0\x8f\xbf\xbf", 0},
                {"\xed\xa0\x80", 0},     /* a surrogate */
                {"\xf4\x90\x80\x80", 0}, /* over U+10FFFF */
                {"\xe2\x82", 0},         /* not whole */
                {"\xe2\x82?", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_uint_eq(byo_utf8_octets(rows[i].text, strlen(rows[i].text)), rows[i].octets);
        ck_assert(byo_utf8_valid(byo_str(rows[i].text)) == (rows[i].octets > 0));
    }
    for (uint32_t scalar = 1; scalar <= 0x10ffff; scalar += scalar < 0x3000 ? 1 : 257) {
        char octets[4];
        size_t n = byo_utf8_put(scalar, octets), at = 0;
        bool surrogate = scalar >= 0xd800 && scalar <= 0xdfff;
        ck_assert_uint_eq(byo_utf8_octets(octets, n), surrogate ? 0 : n);
        ck_assert_uint_eq(byo_utf8_next(byo_strn(octets, n), &at), scalar);
        ck_assert_uint_eq(at, n);
    }
    ck_assert_uint_eq(byo_utf8_cut(BYO_STR("a\xe2\x82\xac"), 3).n, 1);
    ck_assert_uint_eq(byo_utf8_cut(BYO_STR("a\xe2\x82\xac"), 4).n, 4);
}
END_TEST

START_TEST(hex_digits)
{
    static const char digits[] = "0123456789abcdef";
    for (int c = -128; c < 128; c++) {
        const char *at = c > 0 ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        ck_assert_int_eq(byo_hex_digit((char)c), at ? (int)(at - digits) : -1);
    }
}
END_TEST

/* ---- hashes and tables ---- */

START_TEST(hashes)
{
    ck_assert_uint_eq(byo_hash_same(BYO_STR("")), 0xcbf29ce484222325u); /* FNV-1a's own examples */
    ck_assert_uint_eq(byo_hash_same(BYO_STR("foobar")), 0x85944171f73967e8u);
    ck_assert_uint_eq(byo_hash(BYO_STR("STOP"), 1), byo_hash(BYO_STR("STOP"), 1));
    ck_assert_uint_ne(byo_hash(BYO_STR("STOP"), 1), byo_hash(BYO_STR("STOP"), 2));
    ck_assert_uint_ne(byo_hash(BYO_STR("STOP"), 1), byo_hash(BYO_STR("stop"), 1));
    ck_assert_uint_eq(byo_hash_nocase(BYO_STR("STOP-12345"), 1), byo_hash_nocase(BYO_STR("stop-12345"), 1));
    for (int c = -128; c < 128; c++) { /* at each place of a word */
        char small[9], big[9];
        for (int k = 0; k < 9; k++) {
            small[k] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            big[k] = (char)c;
        }
        ck_assert_uint_eq(byo_hash_nocase(byo_strn(big, 9), 0), byo_hash(byo_strn(small, 9), 0));
    }
    ck_assert_uint_eq(byo_hash(BYO_STR_NONE, 1), byo_hash(BYO_STR(""), 1));
    for (size_t n = 0; n < 40; n++) /* each octet counts, and how many there are */
        for (size_t i = 0; i < n; i++) {
            char text[41] = {0};
            uint64_t h = byo_hash(byo_strn(text, n), 0);
            ck_assert_uint_ne(h, byo_hash(byo_strn(text, n + 1), 0));
            text[i] = 1;
            ck_assert_uint_ne(h, byo_hash(byo_strn(text, n), 0));
        }
}
END_TEST

typedef struct {
    ByoHashEntry in;
    int number;
} Numbered;

static int freed;

static void free_numbered(void *entry)
{
    freed++;
    free(entry);
}

START_TEST(tables)
{
    enum { MANY = 1000 };
    ByoHashTable t = {0};
    ck_assert_ptr_null(byo_hash_first(&t, 7));
    ck_assert_ptr_null(byo_hash_after(&t, NULL));
    for (int i = 0; i < MANY; i++) {
        Numbered *e = byo_zalloc(sizeof *e);
        e->number = i;
        byo_hash_add(&t, &e->in, (uint64_t)i % 100 * 0x100000001u);
    }
    int seen = 0;
    for (ByoHashEntry *e = byo_hash_first(&t, 7 * 0x100000001u); e; e = byo_hash_next(e), seen++) {
        ck_assert_int_eq(((Numbered *)e)->number % 100, 7);
    }
    ck_assert_int_eq(seen, MANY / 100);
    for (ByoHashEntry *e = byo_hash_after(&t, NULL), *after; e; e = after) {
        after = byo_hash_after(&t, e);
        if (((Numbered *)e)->number % 2) {
            byo_hash_remove(&t, e);
            free(e);
        }
    }
    ck_assert_uint_eq(t.n, MANY / 2);
    ck_assert_ptr_null(byo_hash_first(&t, 7 * 0x100000001u));
    freed = 0;
    byo_hash_clear(&t, free_numbered);
    ck_assert_int_eq(freed, MANY / 2);
    ck_assert_uint_eq(t.n, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tc = tcase_create("text");

    tcase_add_test(tc, utf8_characters);
    tcase_add_test(tc, hex_digits);
    tcase_add_test(tc, hashes);
    tcase_add_test(tc, tables);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
