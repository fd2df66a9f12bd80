/* SPDX-License-Identifier: BSD-3-Clause
 * Meta-data: what is read, changed and bounded.
 * Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/meta.h"
#include "base/str.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* `want` is "group/key=value;..." with bytes outside the printable ones as <hex>; '!' first: a fault. */
static const struct {
    const char *text;
    size_t n;
    const char *want;
} meta_rows[] = {
#define ROW(text, want) \
    { \
        text, sizeof(text) - 1, want \
    }
    ROW("", ""),
    ROW("?smpp?a=1&b=2&", "smpp/a=1;smpp/b=2;"),
    ROW("?smpp?a=1&b=2", "smpp/a=1;smpp/b=2;"),
    ROW("?orig_msg?dlr_mask=31&?smpp?dlr_err=%03%00%2A&", "orig_msg/dlr_mask=31;smpp/dlr_err=<03><00>*;"),
    ROW("?orig_msg?dlr_mask=31?smpp?dlr_err=%03%00%2a", "orig_msg/dlr_mask=31;smpp/dlr_err=<03><00>*;"),
    ROW("?SMPP?Key=V&", "smpp/Key=V;"),
    ROW("?g?a=&b=&", "g/a=;g/b=;"),
    ROW("?g?a=", "g/a=;"),
    ROW("?g?=v&", "g/=v;"),
    ROW("??a=v&", "/a=v;"),
    ROW("?g?a=x+y%20z%2Bw&", "g/a=x y z+w;"),
    ROW("?g%20h?a%3Db=c%26d%3Fe&", "g h/a=b=c&d?e;"),
    ROW("?g?a=1&a=2&A=3&", "g/a=2;g/A=3;"),
    ROW("?g?a=1&?G?b=2&?h?c=3&", "g/a=1;h/c=3;"), /* Kannel looks into the first of equal groups */
    ROW("?g??g?b=2&", ""),
    ROW("?g?&&a=1&&", "g/a=1;"),
    ROW("?g?novalue&a=1&novalue", "g/a=1;"),
    ROW("?g?key?h?b=2&", "h/b=2;"),
    ROW("before?g?a=1&", "g/a=1;"),
    ROW("garbage", ""),
    ROW("?unended", ""),
    ROW("?g?a=100%", "g/a=100;"),
    ROW("?g?a=100%2&b=1&", "g/a=100;g/b=1;"),
    ROW("?g?a=%ZZx%41&", "g/a=%ZZxA;"),
    ROW("?g?a=%%41&", "g/a=%%41;"),
    ROW("?g?a%00b=1&c=2&", "g/c=2;"),
    ROW("?g%00h?a=1&", "g/a=1;"),
    ROW("?g?a=x\0y&", "!g/a=x;"),
    ROW("?g?a=x\0?h?b=1&", "g/a=x;h/b=1;"),
    ROW("?g?a\0b=1&c=2&", "g/a=1;g/c=2;"),
    ROW("?g?a=1=2&", "!"),
    ROW("?g?z=0&a=1=2&b=3&", "!g/z=0;"),
    ROW("?g=h?a=1&", "!"),
    ROW("?g&h?a=1&", "!"),
    ROW("a=b", "!"),
    ROW("&?g?a=1&", "!"),
    ROW("?g?a=\xff\xfe&", "g/a=<ff><fe>;"),
#undef ROW
};

static void show_meta(const ByoMeta *m, ByoBuf *out)
{
    for (size_t i = 0; i < m->n; i++) {
        const ByoMetaItem *item = &m->items[i];

        byo_buf_addf(out, "%s/%s=", item->group, item->key);
        for (size_t j = 0; j < item->value.n; j++) {
            unsigned char c = (unsigned char)item->value.p[j];

            byo_buf_addf(out, c < 0x20 || c > 0x7e ? "<%02x>" : "%c", c);
        }
        byo_buf_addc(out, ';');
    }
}

START_TEST(meta_reads)
{
    ByoMeta m, again;
    ByoBuf shown = {0}, text = {0}, shown_again = {0};
    const char *want = meta_rows[_i].want;
    /* On the heap at its exact size: the sanitizer sees a byte too many. */
    char *copy = byo_alloc(meta_rows[_i].n);

    memcpy(copy, meta_rows[_i].text, meta_rows[_i].n);
    byo_buf_need(&shown, 0);
    byo_buf_need(&shown_again, 0);
    ck_assert_msg(byo_meta_parse(byo_strn(copy, meta_rows[_i].n), &m) == (want[0] != '!'), "%s",
                  meta_rows[_i].text);
    free(copy);
    show_meta(&m, &shown);
    ck_assert_str_eq(shown.p, want[0] == '!' ? want + 1 : want);
    byo_meta_write(&m, &text);
    ck_assert(byo_meta_parse(byo_buf_str(&text), &again));
    show_meta(&again, &shown_again);
    ck_assert_str_eq(shown_again.p, shown.p);
    byo_meta_free(&m);
    byo_meta_free(&again);
    byo_buf_free(&shown);
    byo_buf_free(&shown_again);
    byo_buf_free(&text);
}
END_TEST

START_TEST(meta_changes)
{
    ByoMeta m = {0};
    ByoBuf out = {0};
    char every[256], long_text[200];

    byo_meta_write(&m, &out);
    ck_assert_uint_eq(out.n, 0);
    ck_assert_ptr_null(byo_meta_get(&m, "g", "k").p);
    byo_meta_set(&m, "BYO", "message", BYO_STR("a b&c"));
    byo_meta_set(&m, "smpp", "data_coding", BYO_STR("8"));
    byo_meta_setf(&m, "byo", "segment", "%d", 2);
    byo_meta_write(&m, &out);
    ck_assert_str_eq(out.p, "?byo?message=a+b%26c&segment=2&?smpp?data_coding=8&");
    ck_assert(byo_str_is(byo_meta_get(&m, "Byo", "MESSAGE"), "a b&c"));

    byo_meta_set(&m, "byo", "Message", byo_meta_get(&m, "byo", "message")); /* its own value */
    ck_assert(byo_str_is(byo_meta_get(&m, "byo", "message"), "a b&c"));
    ck_assert_uint_eq(m.n, 3);
    byo_meta_set(&m, "byo", "empty", BYO_STR_NONE);
    ck_assert(byo_meta_get(&m, "byo", "empty").p && byo_meta_get(&m, "byo", "empty").n == 0);
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = 0;
    byo_meta_setf(&m, "byo", "long", "%s", long_text);
    ck_assert(byo_str_is(byo_meta_get(&m, "byo", "long"), long_text));

    byo_meta_remove(&m, "SMPP", "DATA_CODING");
    ck_assert_ptr_null(byo_meta_get(&m, "smpp", "data_coding").p);
    byo_meta_remove(&m, "byo", NULL);
    ck_assert_uint_eq(m.n, 0);
    byo_meta_remove(&m, "byo", NULL);

    for (int i = 0; i < 256; i++)
        every[i] = (char)i;
    byo_meta_set(&m, "g", "k", byo_strn(every, sizeof(every)));
    byo_buf_clear(&out);
    byo_meta_write(&m, &out);
    ck_assert_uint_eq(strcspn(out.p, "\x01\x1f \x7f\x80\xff"), out.n);
    byo_meta_free(&m);
    ck_assert(byo_meta_parse(byo_buf_str(&out), &m));
    ck_assert(byo_str_eq(byo_meta_get(&m, "g", "k"), byo_strn(every, sizeof(every))));
    byo_meta_free(&m);
    byo_meta_free(NULL);
    byo_buf_free(&out);
}
END_TEST

/* Removing and setting in turn: the array grows and shrinks past every power of two. */
START_TEST(meta_grows_and_shrinks)
{
    ByoMeta m = {0};
    char key[16];

    for (int top = 1; top < 40; top++) {
        for (int i = 0; i < top; i++) {
            snprintf(key, sizeof(key), "k%d", i);
            byo_meta_setf(&m, i % 2 ? "odd" : "even", key, "%d", i);
        }
        ck_assert_uint_eq(m.n, (size_t)top);
        for (int i = 0; i < top; i += 3) {
            snprintf(key, sizeof(key), "k%d", i);
            byo_meta_remove(&m, i % 2 ? "odd" : "even", key);
        }
        ck_assert_uint_eq(m.n, (size_t)(top - (top + 2) / 3));
    }
    byo_meta_free(&m);
}
END_TEST

START_TEST(meta_bounds)
{
    ByoBuf text = {0};
    ByoMeta m;

    byo_buf_adds(&text, "?g?a=");
    while (text.n < BYO_META_TEXT_MAX)
        byo_buf_addc(&text, 'x');
    ck_assert(byo_meta_parse(byo_buf_str(&text), &m));
    ck_assert_uint_eq(byo_meta_get(&m, "g", "a").n, BYO_META_TEXT_MAX - 5);
    byo_meta_free(&m);
    byo_buf_addc(&text, 'x');
    ck_assert(!byo_meta_parse(byo_buf_str(&text), &m));
    ck_assert_uint_eq(m.n, 0);

    byo_buf_clear(&text);
    byo_buf_adds(&text, "?g?");
    for (int i = 0; i < BYO_META_ITEMS_MAX; i++)
        byo_buf_addf(&text, "k%d=%d&", i, i);
    ck_assert(byo_meta_parse(byo_buf_str(&text), &m));
    ck_assert_uint_eq(m.n, BYO_META_ITEMS_MAX);
    byo_meta_free(&m);
    byo_buf_adds(&text, "one=more&");
    ck_assert(!byo_meta_parse(byo_buf_str(&text), &m));
    ck_assert_uint_eq(m.n, BYO_META_ITEMS_MAX);
    byo_meta_free(&m);

    byo_buf_clear(&text);
    for (int i = 0; i < BYO_META_ITEMS_MAX; i++)
        byo_buf_addf(&text, "?%d?", i);
    ck_assert(byo_meta_parse(byo_buf_str(&text), &m));
    byo_meta_free(&m);
    byo_buf_adds(&text, "?more?");
    ck_assert(!byo_meta_parse(byo_buf_str(&text), &m));
    byo_meta_free(&m);
    byo_buf_free(&text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("meta");
    TCase *t = tcase_create("meta");
    tcase_add_loop_test(t, meta_reads, 0, (int)N(meta_rows));
    tcase_add_test(t, meta_changes);
    tcase_add_test(t, meta_grows_and_shrinks);
    tcase_add_test(t, meta_bounds);
    suite_add_tcase(s, t);
    return run_suite(s);
}
