/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the reading of receipts (spec D1, D3, D6): each row of
 * tests/vectors/receipts.tsv is one receipt with what must be read from it.
 * Ownership: a row's buffers live for the row. Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tracking/receipt.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const state_names[] = {"NONE",     "ENROUTE",       "DELIVERED", "EXPIRED",
                                          "DELETED",  "UNDELIVERABLE", "ACCEPTED",  "UNKNOWN",
                                          "REJECTED", "SCHEDULED",     "BUFFERED"};

/* Takes one character or escape at *p. */
static void take_char(const char **p, ByoBuf *out)
{
    static const char from[] = "nrt0\\";
    static const char to[] = "\n\r\t\0\\";
    const char *known;

    if (**p != '\\') {
        byo_buf_addc(out, *(*p)++);
        return;
    }
    (*p)++;
    if (**p == 'x') {
        char hex[3] = {(*p)[1], (*p)[2], 0};

        byo_buf_addc(out, (char)strtol(hex, NULL, 16));
        *p += 3;
        return;
    }
    known = strchr(from, **p);
    ck_assert_msg(**p && known, "unknown escape \\%c", **p);
    byo_buf_addc(out, to[known - from]);
    (*p)++;
}

/* The notation of the vector file's head. */
static void unescape(const char *p, const char *end, ByoBuf *out)
{
    byo_buf_need(out, 0);
    while (p < end) {
        const char *star = *p == '{' ? strpbrk(p + 1, "{}*") : NULL;

        if (star && *star == '*') {
            ByoBuf piece = {0};
            char *close;
            long times = strtol(star + 1, &close, 10);

            ck_assert_int_eq(*close, '}');
            for (p++; p < star;)
                take_char(&p, &piece);
            while (times-- > 0)
                byo_buf_add(out, piece.p, piece.n);
            byo_buf_free(&piece);
            p = close + 1;
        } else {
            take_char(&p, out);
        }
    }
}

/* The value of `key` in "a=1 b=2 text=to the end", unescaped; false when it is not named. */
static bool wanted(const char *want, const char *key, ByoBuf *out)
{
    size_t n = strlen(key);

    byo_buf_clear(out);
    while (*want) {
        const char *eq = strchr(want, '=');
        bool is_text, is_it;
        const char *end;

        ck_assert_ptr_nonnull(eq);
        is_text = eq - want == 4 && strncmp(want, "text", 4) == 0;
        is_it = (size_t)(eq - want) == n && strncmp(want, key, n) == 0;
        end = is_text ? want + strlen(want) : eq + strcspn(eq, " ");
        if (is_it) {
            unescape(eq + 1, end, out);
            return true;
        }
        want = *end ? end + 1 : end;
    }
    return false;
}

static void same_str(const char *row, const char *want, const char *key, ByoStr got)
{
    ByoBuf value = {0};
    bool named = wanted(want, key, &value);

    ck_assert_msg(named == (got.p != NULL), "%s: %s is %s", row, key, named ? "missing" : "there");
    if (named)
        ck_assert_msg(byo_str_eq(got, byo_buf_str(&value)), "%s: %s is '%.*s', not '%s'", row, key,
                      got.n > 200 ? 200 : BYO_PF(got), value.p);
    byo_buf_free(&value);
}

static void same_int(const char *row, const char *want, const char *key, int got)
{
    ByoBuf value = {0};
    int named = wanted(want, key, &value) ? atoi(value.p) : -1;

    ck_assert_msg(named == got, "%s: %s is %d, not %d", row, key, got, named);
    byo_buf_free(&value);
}

static void same_time(const char *row, const char *want, const char *key, ByoTime got)
{
    ByoBuf value = {0};
    ByoTime named = 0;
    char shown[BYO_TIME_TEXT];

    if (wanted(want, key, &value))
        ck_assert_msg(byo_time_parse(byo_buf_str(&value), &named), "%s: %s", row, value.p);
    ck_assert_msg(named == got, "%s: %s is %s, not %s", row, key, byo_time_text(got, shown), value.p);
    byo_buf_free(&value);
}

static void same_state(const char *row, const char *want, ByoReceiptState got)
{
    ByoBuf value = {0};

    if (!wanted(want, "state", &value)) {
        byo_buf_clear(&value);
        byo_buf_adds(&value, "NONE");
    }
    ck_assert_msg(strcmp(value.p, state_names[got]) == 0, "%s: state is %s, not %s", row, state_names[got],
                  value.p);
    byo_buf_free(&value);
}

/* An exact copy on the heap: the sanitizer sees a byte read too many. */
static char *exact(const ByoBuf *b)
{
    char *copy = byo_alloc(b->n);

    if (b->n > 0)
        memcpy(copy, b->p, b->n);
    return copy;
}

static void check_row(char *line)
{
    char *columns[5];
    ByoBuf text = {0};
    ByoReceipt r;
    ByoMeta meta;
    char *copy;

    for (size_t i = 0; i < N(columns); i++) {
        columns[i] = strsep(&line, "\t");
        ck_assert_msg(columns[i] != NULL, "%s: too few columns", columns[0]);
    }
    ck_assert_msg(line == NULL, "%s: too many columns", columns[0]);
    unescape(columns[1], columns[1] + strlen(columns[1]), &text);
    copy = exact(&text);
    ck_assert_msg(byo_meta_parse(byo_str(columns[2]), &meta), "%s: meta-data", columns[0]);
    memset(&r, 0x5a, sizeof(r));
    byo_receipt_parse(byo_strn(copy, text.n), &meta, atoi(columns[3]), &r);
    same_state(columns[0], columns[4], r.state);
    same_str(columns[0], columns[4], "id", r.id);
    same_str(columns[0], columns[4], "tlv", r.id_tlv);
    same_str(columns[0], columns[4], "err", r.err);
    same_str(columns[0], columns[4], "stat", r.stat);
    same_str(columns[0], columns[4], "text", r.text);
    same_int(columns[0], columns[4], "sub", r.sub);
    same_int(columns[0], columns[4], "dlvrd", r.dlvrd);
    same_time(columns[0], columns[4], "submit", r.submit);
    same_time(columns[0], columns[4], "done", r.done);
    byo_meta_free(&meta);
    byo_buf_free(&text);
    free(copy);
}

START_TEST(d3_receipt_vectors)
{
    const char *srcdir = getenv("srcdir");
    char *path = byo_printf("%s/tests/vectors/receipts.tsv", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;
    int rows = 0;

    ck_assert_msg(file != NULL, "%s", path);
    while (getline(&line, &cap, file) > 0) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#')
            continue;
        check_row(line);
        rows++;
    }
    ck_assert_int_ge(rows, 150);
    free(line);
    free(path);
    fclose(file);
}
END_TEST

START_TEST(d3_receipt_without_anything)
{
    ByoReceipt r;

    memset(&r, 0x5a, sizeof(r));
    byo_receipt_parse(BYO_STR_NONE, NULL, -1, &r);
    ck_assert(r.state == BYO_STATE_NONE && !r.id.p && !r.id_tlv.p && !r.err.p && !r.stat.p && !r.text.p);
    ck_assert(r.sub == -1 && r.dlvrd == -1 && r.submit == 0 && r.done == 0);
}
END_TEST

/* (spec D6) Which states are interim. */
START_TEST(d3_interim_states)
{
    static const ByoReceiptState interim[] = {BYO_STATE_ENROUTE, BYO_STATE_BUFFERED, BYO_STATE_SCHEDULED,
                                              BYO_STATE_ACCEPTED};
    int n = 0;

    for (size_t i = 0; i < N(interim); i++)
        ck_assert(byo_receipt_interim(interim[i]));
    for (int s = BYO_STATE_NONE; s <= BYO_STATE_BUFFERED; s++)
        n += byo_receipt_interim((ByoReceiptState)s);
    ck_assert_int_eq(n, (int)N(interim));
}
END_TEST

/* A word cut anywhere from three letters on never turns into another state. */
START_TEST(d3_cut_words)
{
    static const struct {
        const char *word;
        ByoReceiptState state;
        size_t from; /* letters from which it is sure */
    } rows[] = {
        {"ENROUTE", BYO_STATE_ENROUTE, 3},     {"DELIVRD", BYO_STATE_DELIVERED, 4},
        {"DELIVERED", BYO_STATE_DELIVERED, 4}, {"EXPIRED", BYO_STATE_EXPIRED, 3},
        {"DELETED", BYO_STATE_DELETED, 4},     {"UNDELIV", BYO_STATE_UNDELIVERABLE, 3},
        {"ACCEPTD", BYO_STATE_ACCEPTED, 3},    {"UNKNOWN", BYO_STATE_UNKNOWN, 3},
        {"REJECTD", BYO_STATE_REJECTED, 3},    {"BUFFRED", BYO_STATE_BUFFERED, 3},
        {"SCHEDULED", BYO_STATE_SCHEDULED, 3}, {"UNDELIVERABLE", BYO_STATE_UNDELIVERABLE, 3},
    };

    for (size_t i = 0; i < N(rows); i++) {
        for (size_t n = 0; n <= strlen(rows[i].word); n++) {
            ByoReceiptState state = byo_receipt_state(byo_strn(rows[i].word, n));

            ck_assert_msg(state == (n < rows[i].from ? BYO_STATE_NONE : rows[i].state), "%.*s", (int)n,
                          rows[i].word);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("receipt");
    TCase *tc = tcase_create("receipt");

    tcase_add_test(tc, d3_receipt_vectors);
    tcase_add_test(tc, d3_receipt_without_anything);
    tcase_add_test(tc, d3_interim_states);
    tcase_add_test(tc, d3_cut_words);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
