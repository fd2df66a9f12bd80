/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the life of a segment (spec D1-D10): each row of tests/vectors/segments.tsv is a short
 * life with what its last event must do; and the message's tally and reports (spec D2, D12).
 * Ownership: values. Threads: none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/sms.h"
#include "tracking/segment.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define T0 ((ByoTime)1795363200000)

static const ByoPolicy policy = {.tries = 4,
                                 .delay = 30 * BYO_SECOND,
                                 .max_delay = 60 * BYO_SECOND,
                                 .retry_for = 3600 * BYO_SECOND,
                                 .receipt_timeout = 7200 * BYO_SECOND,
                                 .answer_timeout = 300 * BYO_SECOND,
                                 .wait_ack = 60 * BYO_SECOND,
                                 .refused_delay = 5 * BYO_SECOND};

static const char *const state_names[] = {"QUEUED", "HANDED", "ACCEPTED", "DELIVERED", "FAILED", "CANCELLED"};
static const char *const event_names[] = {"HANDED",  "NOT_TAKEN", "NO_SMSC", "SUBMITTED", "REFUSED",
                                          "INTERIM", "RECEIPT",   "DUE",     "EXPIRED",   "CANCEL"};

/* Which state met which event as the last of a row. */
static bool met[N(state_names)][N(event_names)];

static int index_of(const char *const *names, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], word) == 0)
            return (int)i;
    }
    ck_abort_msg("unknown word '%s'", word);
    return -1;
}

/* "key=": the text behind it, else NULL. */
static const char *value_of(const char *word, const char *key)
{
    size_t n = strlen(key);

    return strncmp(word, key, n) == 0 ? word + n : NULL;
}

static void read_event(char *text, ByoEvent *e, ByoTime *now)
{
    char *word = strsep(&text, " ");
    const char *v;
    bool retry_said = false;

    *e = (ByoEvent){.kind = (ByoEventKind)index_of(event_names, N(event_names), word), .jitter = 500};
    while ((word = strsep(&text, " ")) != NULL) {
        if ((v = value_of(word, "at="))) {
            *now = T0 + atoi(v) * BYO_SECOND;
        } else if ((v = value_of(word, "try="))) {
            e->try = atoi(v);
        } else if ((v = value_of(word, "code="))) {
            e->verdict.code = (ByoCode)atoi(v);
            if (!e->verdict.cause)
                e->verdict.cause = "C";
        } else if ((v = value_of(word, "cause="))) {
            e->verdict.cause = v;
        } else if ((v = value_of(word, "expires="))) {
            e->expires = T0 + atoi(v) * BYO_SECOND;
        } else if ((v = value_of(word, "jitter="))) {
            e->jitter = (unsigned)atoi(v);
        } else if (strcmp(word, "exceeded") == 0) {
            e->retries_exceeded = true;
        } else if (strcmp(word, "retry") == 0 || strcmp(word, "noretry") == 0) {
            e->retry_allowed = word[0] == 'r';
            retry_said = true;
        } else {
            ck_abort_msg("unknown word '%s'", word);
        }
    }
    if (!retry_said)
        e->retry_allowed = e->kind == BYO_EV_REFUSED;
}

static void show_step(const ByoStep *st, ByoBuf *out)
{
    byo_buf_addf(out, "%s%s%s%s%s%s%s%s%s", st->changed ? " changed" : "", st->accepted ? " accepted" : "",
                 st->interim ? " interim" : "", st->retry ? " retry" : "", st->requeued ? " requeued" : "",
                 st->final ? " final" : "", st->at_submit ? " at_submit" : "",
                 st->throttled ? " throttled" : "", st->duplicate ? " duplicate" : "");
    if (st->verdict.cause)
        byo_buf_addf(out, " verdict=%d/%s", (int)st->verdict.code, st->verdict.cause);
    if (out->n == 0)
        byo_buf_adds(out, " ignored");
}

static void same_time(const char *row, const char *what, const char *want, ByoTime got)
{
    ByoTime t = strcmp(want, "never") == 0 ? 0 : T0 + (ByoTime)(strtod(want, NULL) * 1000 + 0.5);

    ck_assert_msg(t == got, "%s: %s is second %.3f, not %s", row, what, (double)(got - T0) / 1000, want);
}

static void same_segment(const char *row, char *want, const ByoSegment *s, ByoTime ended)
{
    char *word = strsep(&want, " ");
    const char *due = "never", *v;
    int tries = 0;
    bool accepted = false, interim = false, maybe = false;

    ck_assert_msg(strcmp(word, state_names[s->state]) == 0, "%s: is %s", row, state_names[s->state]);
    while ((word = strsep(&want, " ")) != NULL) {
        if ((v = value_of(word, "tries=")))
            tries = atoi(v);
        else if ((v = value_of(word, "due=")))
            due = v;
        else if ((v = value_of(word, "first=")))
            same_time(row, "first_handed", v, s->first_handed);
        else if ((v = value_of(word, "handed=")))
            same_time(row, "handed", v, s->handed);
        else if (strcmp(word, "accepted") == 0)
            accepted = true;
        else if (strcmp(word, "interim") == 0)
            interim = true;
        else if (strcmp(word, "maybe") == 0)
            maybe = true;
        else
            ck_abort_msg("%s: unknown word '%s'", row, word);
    }
    ck_assert_msg(s->tries == tries, "%s: tries is %d", row, s->tries);
    same_time(row, "due", due, s->due);
    ck_assert_msg(s->accepted == accepted && s->interim == interim && s->maybe_duplicate == maybe,
                  "%s: accepted %d interim %d maybe %d", row, s->accepted, s->interim, s->maybe_duplicate);
    ck_assert_msg(s->ended == ended, "%s: ended %lld, not %lld", row, (long long)s->ended, (long long)ended);
}

static void check_row(char *line)
{
    char *columns[4];
    char *event;
    ByoSegment s = {.state = BYO_SEG_QUEUED};
    ByoTime now = T0, ended = 0;
    ByoStep step = {0};
    ByoBuf shown = {0};

    for (size_t i = 0; i < N(columns); i++) {
        columns[i] = strsep(&line, "\t");
        ck_assert_msg(columns[i] != NULL, "%s: too few columns", columns[0]);
    }
    ck_assert_msg(line == NULL, "%s: too many columns", columns[0]);
    while ((event = strsep(&columns[1], ";")) != NULL) {
        ByoSegment before;
        ByoEvent e;

        while (*event == ' ')
            event++;
        memcpy(&before, &s, sizeof(s)); /* its padding, too */
        read_event(event, &e, &now);
        memset(&step, 0x5a, sizeof(step));
        byo_segment_step(&s, &e, &policy, now, &step);
        if (step.final)
            ended = now;
        if (!step.changed)
            ck_assert_msg(memcmp(&before, &s, sizeof(s)) == 0, "%s: changed in secret", columns[0]);
        if (!columns[1])
            met[before.state][e.kind] = true;
        else
            ck_assert_msg(step.changed, "%s: '%s' does nothing", columns[0], event_names[e.kind]);
    }
    show_step(&step, &shown);
    ck_assert_msg(strcmp(shown.p + 1, columns[2]) == 0, "%s: does '%s', not '%s'", columns[0], shown.p + 1,
                  columns[2]);
    byo_buf_free(&shown);
    same_segment(columns[0], columns[3], &s, ended);
}

/* (spec D1, D3, D4) */
START_TEST(d4_segment_vectors)
{
    const char *srcdir = getenv("srcdir");
    char *path = byo_printf("%s/tests/vectors/segments.tsv", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t cap = 0;

    ck_assert_msg(file != NULL, "%s", path);
    while (getline(&line, &cap, file) > 0) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] != '#')
            check_row(line);
    }
    for (size_t state = 0; state < N(state_names); state++) {
        for (size_t event = 0; event < N(event_names); event++)
            ck_assert_msg(met[state][event], "no row for %s in %s", event_names[event], state_names[state]);
    }
    free(line);
    free(path);
    fclose(file);
}
END_TEST

/* (spec D4) The schedule of the defaults: 10 tries, 30s, 30m, 24h. */
START_TEST(d4_schedule)
{
    ByoPolicy p = policy;
    static const int minutes_x2[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    ByoTime at = 0;

    p.tries = 10;
    p.max_delay = 30 * BYO_MINUTE;
    p.retry_for = BYO_DAY;
    for (int tries = 1; tries < 10; tries++) {
        ck_assert(byo_retry_next(&p, tries, T0, 500, T0, &at));
        ck_assert_int_eq(at - T0, minutes_x2[tries - 1] * 30 * BYO_SECOND);
    }
    ck_assert(!byo_retry_next(&p, 10, T0, 500, T0, &at));
    ck_assert(!byo_retry_next(&p, 11, T0, 500, T0, &at));
    /* The longest values the configuration takes. */
    p.tries = 1000000;
    p.delay = p.max_delay = p.retry_for = 3650 * BYO_DAY;
    ck_assert(byo_retry_next(&p, 999999, 0, 999, T0, &at));
    ck_assert_int_eq(at - T0, 378305856000);
    ck_assert(!byo_retry_next(&p, 999999, T0, 999, T0, &at));
    p.delay = 0;
    ck_assert(byo_retry_next(&p, 999999, T0, 999, T0, &at));
    ck_assert_int_eq(at, T0);
}
END_TEST

/* (spec D4) +-20 %, the whole of it. */
START_TEST(d4_jitter)
{
    ByoTime first = 0, last = 0, at = 0;

    for (unsigned jitter = 0; jitter < 1000; jitter++) {
        ck_assert(byo_retry_next(&policy, 1, T0, jitter, T0, &at));
        ck_assert_int_gt(at, last);
        last = at;
        if (jitter == 0)
            first = at;
    }
    ck_assert_int_eq(first - T0, 24 * BYO_SECOND);
    ck_assert_int_eq(last - T0, 35988);
}
END_TEST

typedef struct {
    int accepted, interim, final, at_submit, again;
    ByoSegState state;
    int report, cancel, ended;
} TallyRow;

static void check_tally(const char *name, int segments, const TallyRow *rows, size_t n)
{
    ByoTally t = {.segments = segments};
    ByoTallyStep out;

    for (size_t i = 0; i < n; i++) {
        const TallyRow *r = &rows[i];
        ByoStep step = {.changed = true,
                        .accepted = r->accepted,
                        .interim = r->interim,
                        .final = r->final,
                        .at_submit = r->at_submit,
                        .requeued = r->again == 1,
                        .retry = r->again == 2};

        memset(&out, 0x5a, sizeof(out));
        byo_tally_step(&t, &step, r->state, &out);
        ck_assert_msg(out.report == r->report, "%s, step %zu: report %d", name, i, out.report);
        ck_assert_msg(out.cancel_queued == r->cancel, "%s, step %zu: cancel %d", name, i, out.cancel_queued);
        ck_assert_msg(t.ended == r->ended, "%s, step %zu: ended %d", name, i, t.ended);
    }
}

#define TALLY(name, segments, ...) \
    check_tally(name, segments, (const TallyRow[]){__VA_ARGS__}, N(((const TallyRow[]){__VA_ARGS__})))
#define HANDED \
    { \
        .state = BYO_SEG_HANDED \
    }
#define ACCEPT(bits) \
    { \
        .accepted = 1, .state = BYO_SEG_ACCEPTED, .report = bits \
    }
#define INTERIM(first_answer, bits) \
    { \
        .accepted = first_answer, .interim = 1, .state = BYO_SEG_ACCEPTED, .report = bits \
    }
#define DELIVER(first_answer, bits, end) \
    { \
        .accepted = first_answer, .final = 1, .state = BYO_SEG_DELIVERED, .report = bits, .ended = end \
    }
#define FAIL(submit, bits, first, end) \
    { \
        .final = 1, .at_submit = submit, .state = BYO_SEG_FAILED, .report = bits, .cancel = first, \
        .ended = end \
    }
#define CANCEL(bits, first, end) \
    { \
        .final = 1, .at_submit = 1, .state = BYO_SEG_CANCELLED, .report = bits, .cancel = first, \
        .ended = end \
    }

/* (spec D2, D12) */
START_TEST(d2_tally)
{
    TALLY("one delivered", 1, HANDED, ACCEPT(8), DELIVER(0, 1, 1));
    TALLY("one delivered before the ack: 8 and 1", 1, HANDED, DELIVER(1, 8 | 1, 1));
    TALLY("one with interim", 1, ACCEPT(8), INTERIM(0, 4), DELIVER(0, 1, 1));
    TALLY("one with interim before the ack: 8 and 4", 1, INTERIM(1, 8 | 4), DELIVER(0, 1, 1));
    TALLY("one refused: 16, no 8", 1, HANDED, FAIL(1, 16, 1, 1));
    TALLY("one failed later: 8, 2", 1, ACCEPT(8), FAIL(0, 2, 1, 1));
    TALLY("one failed by a receipt before the ack: 8 and 2", 1,
          {.accepted = 1, .final = 1, .state = BYO_SEG_FAILED, .report = 8 | 2, .cancel = 1, .ended = 1});
    TALLY("one cancelled", 1, CANCEL(16, 1, 1));
    TALLY("three delivered", 3, ACCEPT(0), ACCEPT(0), DELIVER(0, 0, 0), ACCEPT(8), DELIVER(0, 0, 0),
          DELIVER(0, 1, 1));
    TALLY("the last accepted is delivered at once", 2, ACCEPT(0), DELIVER(0, 0, 0), DELIVER(1, 8 | 1, 1));
    TALLY("4 once, though each segment has its own", 3, INTERIM(1, 4), INTERIM(1, 0), INTERIM(1, 8));
    TALLY("4 with the last acceptance", 2, ACCEPT(0), INTERIM(1, 8 | 4));
    TALLY("second refused: 16 once, the third cancelled", 3, ACCEPT(0), FAIL(1, 16, 1, 0), CANCEL(0, 0, 0),
          DELIVER(0, 0, 1));
    TALLY("second failed later: 2 once", 3, ACCEPT(0), ACCEPT(0), ACCEPT(8), DELIVER(0, 0, 0),
          FAIL(0, 2, 1, 0), FAIL(0, 0, 0, 1));
    TALLY("nothing after the final report", 3, ACCEPT(0), FAIL(0, 2, 1, 0), ACCEPT(0), INTERIM(1, 0),
          DELIVER(0, 0, 0), DELIVER(0, 0, 1));
    TALLY("2 and later a refusal: no 16", 2, ACCEPT(0), FAIL(0, 2, 1, 0), FAIL(1, 0, 0, 1));
    TALLY("a segment that comes back after the failure is cancelled too", 3, FAIL(1, 16, 1, 0),
          {.again = 1, .state = BYO_SEG_QUEUED, .cancel = 1}, CANCEL(0, 0, 0),
          {.again = 2, .state = BYO_SEG_QUEUED, .cancel = 1}, CANCEL(0, 0, 1));
    TALLY("a segment that comes back before any failure is not", 2, {.again = 1, .state = BYO_SEG_QUEUED},
          {.again = 2, .state = BYO_SEG_QUEUED}, ACCEPT(0), ACCEPT(8));
}
END_TEST

START_TEST(reports_by_mask)
{
    static const struct {
        int bits, mask, sent;
    } rows[] = {
        {16, 31, 16}, {16, 16, 16},  {16, 2, 16},   {16, 1, 0},    {16, 8 | 4 | 1, 0}, {2, 2, 2},
        {2, 16, 0},   {8 | 1, 1, 1}, {8 | 1, 8, 8}, {8 | 1, 9, 9}, {8 | 4, 4, 4},      {4, 31, 4},
        {31, 0, 0},   {31, -1, 0},   {31, 64, 0},   {32, 255, 0},  {31, 66, 2 | 16},
    };

    for (size_t i = 0; i < N(rows); i++)
        ck_assert_msg(byo_report_filter(rows[i].bits, rows[i].mask) == rows[i].sent, "row %zu", i);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("segment");
    TCase *tc = tcase_create("segment");

    tcase_add_test(tc, d4_segment_vectors);
    tcase_add_test(tc, d4_schedule);
    tcase_add_test(tc, d4_jitter);
    tcase_add_test(tc, d2_tally);
    tcase_add_test(tc, reports_by_mask);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
