/* SPDX-License-Identifier: BSD-3-Clause
 * Holds "reads what Kannel reads, writes what Kannel reads back": byo_meta against the installed
 * libgw's meta_data, over seeded random texts made of what the grammar stumbles on.
 * Ownership: Kannel's values are destroyed here. Threads: gwlib's are not started. */
#include <stdio.h>
#include <stdlib.h>

#include "gwlib/gwlib.h"
#include "gw/meta_data.h"

#include "base/meta.h"

/* Whole items often, so that a stumbling block stands among good ones. */
static const char *const pieces[] = {
    "?",     "=",       "&",      "%",     "%41",    "%00",  "%zz", "+",      "a",       "B",      "%3F",
    "%3d",   "\xe4",    " ",      "",      "?b?",    "?A?",  "??",  "a=1&",   "b=2&",    "c=",     "a=x+%20",
    "A=%2&", "?gr?k=v", "d=%e4&", "e=%3f", "&f=%%&", "key&", "=v&", "b=%00&", "g%00=1&", "?b?c=3&"};

#define N(a) (sizeof(a) / sizeof((a)[0]))

static uint64_t state;

static size_t draw(size_t below)
{
    uint64_t z = (state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (size_t)((z ^ (z >> 31)) % below);
}

static void make_text(ByoBuf *text)
{
    size_t n = draw(12);

    byo_buf_clear(text);
    byo_buf_need(text, 0);
    if (draw(4))
        byo_buf_adds(text, "?a?");
    while (n-- > 0) {
        size_t i = draw(N(pieces));

        if (pieces[i][0])
            byo_buf_adds(text, pieces[i]);
        else if (draw(8) == 0)
            byo_buf_addc(text, 0);
    }
}

/* Keys Kannel can be asked for by name: without a NUL. */
static size_t plain_keys(Dict *values)
{
    List *keys = dict_keys(values);
    Octstr *key;
    size_t n = 0;

    while ((key = gwlist_extract_first(keys)) != NULL) {
        if (strlen(octstr_get_cstr(key)) == (size_t)octstr_len(key))
            n++;
        octstr_destroy(key);
    }
    gwlist_destroy(keys, octstr_destroy_item);
    return n;
}

static size_t our_keys(const ByoMeta *m, const char *group)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        n += strcmp(m->items[i].group, group) == 0;
    return n;
}

static int complain(ByoStr text, const char *what)
{
    fprintf(stderr, "%s in '", what);
    for (size_t i = 0; i < text.n; i++)
        fprintf(stderr, text.p[i] > 0x1f ? "%c" : "<%02x>", (unsigned char)text.p[i]);
    fprintf(stderr, "'\n");
    return 1;
}

/* Everything of ours is in Kannel's, and Kannel's has nothing more. */
static int compare(const ByoMeta *m, ByoStr text, ByoStr shown)
{
    Octstr *data = octstr_create_from_data(text.p, (long)text.n);
    static const char *const groups[] = {"a", "b", "", "gr", "aa"};
    int failed = 0;

    for (size_t i = 0; i < m->n; i++) {
        const ByoMetaItem *item = &m->items[i];
        Octstr *key = octstr_create(item->key);
        Octstr *value = meta_data_get_value(data, item->group, key);

        if (!value)
            failed |= complain(shown, "Kannel misses an item");
        else if (!byo_str_eq(item->value, byo_strn(octstr_get_cstr(value), (size_t)octstr_len(value))))
            failed |= complain(shown, "Kannel reads another value");
        octstr_destroy(key);
        octstr_destroy(value);
    }
    for (size_t i = 0; i < N(groups); i++) {
        Dict *values = meta_data_get_values(data, groups[i]);

        if (values && plain_keys(values) != our_keys(m, groups[i]))
            failed |= complain(shown, "Kannel reads more items");
        if (!values && our_keys(m, groups[i]) > 0)
            failed |= complain(shown, "Kannel misses a group");
        dict_destroy(values);
    }
    octstr_destroy(data);
    return failed;
}

static int compare_text(ByoStr text)
{
    ByoBuf written = {0};
    ByoMeta m;
    int failed;

    if (byo_meta_parse(text, &m)) {
        failed = compare(&m, text, text);
        byo_meta_write(&m, &written);
        failed |= compare(&m, byo_buf_str(&written), text);
    } else {
        /* A fault: Kannel keeps nothing at all. */
        ByoMeta none = {0};

        failed = compare(&none, text, text);
    }
    byo_buf_free(&written);
    byo_meta_free(&m);
    return failed;
}

int main(void)
{
    ByoBuf text = {0};
    size_t with_items = 0;
    int failed = 0;

    gwlib_init();
    log_set_output_level(GW_PANIC);
    for (uint64_t seed = 1; seed <= 8000; seed++) {
        ByoMeta m;

        state = seed;
        make_text(&text);
        failed |= compare_text(byo_buf_str(&text));
        byo_meta_parse(byo_buf_str(&text), &m);
        with_items += m.n > 1;
        byo_meta_free(&m);
    }
    /* The texts were worth reading. */
    if (with_items < 1000)
        failed |= complain(BYO_STR(""), "hardly an item");
    byo_buf_free(&text);
    gwlib_shutdown();
    return failed;
}
