/* SPDX-License-Identifier: BSD-3-Clause
 * Holds the shared words: strings, buffers, faults, time, UUIDs.
 * Ownership: each test frees what it makes (the sanitizers look).
 * Threads: one test makes UUIDs in two threads and in a forked child. */
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/counters.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/sms.h"
#include "base/str.h"
#include "suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

START_TEST(str_equality)
{
    char upper = 'K', lower = 'k';

    ck_assert(byo_str_eq(BYO_STR("a\0b"), BYO_STR("a\0b")));
    ck_assert(!byo_str_eq(BYO_STR("a\0b"), BYO_STR("a\0c")));
    ck_assert(byo_str_eq(BYO_STR_NONE, BYO_STR("")));
    ck_assert(byo_str_is(BYO_STR("x"), "x"));
    ck_assert(byo_str_ieq(BYO_STR("DeLiVrD-9"), BYO_STR("dElIvRd-9")));
    ck_assert(byo_str_ieq(byo_strn(&upper, 1), byo_strn(&lower, 1)));
    ck_assert(!byo_str_ieq(BYO_STR("@"), BYO_STR("`"))); /* 0x40 and 0x60: neighbours of the letters */
    ck_assert(!byo_str_ieq(BYO_STR("["), BYO_STR("{")));
    ck_assert(!byo_str_ieq(BYO_STR("\xc4"), BYO_STR("\xe4"))); /* no locale's letters */
    ck_assert(!byo_str_ieq(BYO_STR("ab"), BYO_STR("abc")));
}
END_TEST

START_TEST(str_copies)
{
    char *copy = byo_str_dup(BYO_STR("a\0b"));

    ck_assert_mem_eq(copy, "a\0b", 4);
    free(copy);
    copy = byo_str_dup(BYO_STR(""));
    ck_assert_str_eq(copy, "");
    free(copy);
    ck_assert_ptr_null(byo_str_dup(BYO_STR_NONE));
    ck_assert_ptr_null(byo_strdup(NULL));
    copy = byo_printf("%d/%s", 7, "x");
    ck_assert_str_eq(copy, "7/x");
    free(copy);
}
END_TEST

START_TEST(str_numbers)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"-12", true, -12},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"--1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1a", false, 0},
        {"0x1", false, 0},
        {"1.0", false, 0},
    };

    for (size_t i = 0; i < N(rows); i++) {
        int64_t value = 4711;

        ck_assert_msg(byo_str_int(byo_str(rows[i].text), &value) == rows[i].good, "%s", rows[i].text);
        ck_assert_int_eq(value, rows[i].good ? rows[i].value : 4711);
    }
    ck_assert(!byo_str_int(BYO_STR("1\0"), &(int64_t){0}));
    ck_assert(!byo_str_int(BYO_STR_NONE, &(int64_t){0}));
}
END_TEST

START_TEST(buf_grows)
{
    ByoBuf b = {0};
    char line[301];

    ck_assert_str_eq(byo_buf_str(&b).p, "");
    byo_buf_add(&b, NULL, 0);
    ck_assert_uint_eq(b.n, 0);
    for (int i = 0; i < 1000; i++) {
        byo_buf_addc(&b, (char)i);
        ck_assert(b.p[b.n] == 0 && b.cap > b.n);
    }
    ck_assert_uint_eq(b.n, 1000);
    ck_assert(b.p[300] == (char)300);
    byo_buf_clear(&b);
    ck_assert(b.n == 0 && b.p[0] == 0);
    byo_buf_adds(&b, "x=");
    byo_buf_addf(&b, "%d", 42);
    ck_assert_str_eq(b.p, "x=42");
    memset(line, 'y', 300);
    line[300] = 0;
    byo_buf_addf(&b, "%s", line); /* does not fit the first try */
    ck_assert_uint_eq(b.n, 304);
    ck_assert_str_eq(b.p + 4, line);
    byo_buf_free(&b);
    ck_assert(!b.p && b.n == 0 && b.cap == 0);
    byo_buf_adds(&b, "again");
    ck_assert_str_eq(b.p, "again");
    byo_buf_free(&b);
}
END_TEST

START_TEST(buf_full_capacity)
{
    /* A text that ends exactly at the capacity, by each way in. */
    for (int n = 60; n < 68; n++) {
        ByoBuf b = {0};
        ByoBuf c = {0};

        for (int i = 0; i < n; i++)
            byo_buf_addc(&b, 'a');
        byo_buf_addf(&c, "%*s", n, "");
        ck_assert_uint_eq(b.n, c.n);
        ck_assert_uint_eq(strlen(b.p), b.n);
        ck_assert_uint_eq(strlen(c.p), c.n);
        byo_buf_free(&b);
        byo_buf_free(&c);
    }
}
END_TEST

/* Both ends of "never returns NULL": a size that cannot be had ends the process, with a line. */
START_TEST(memory_gone_aborts)
{
    ByoBuf b = {.p = NULL, .n = SIZE_MAX - 4, .cap = 0};
    struct rlimit no_core = {0, 0};

    setrlimit(RLIMIT_CORE, &no_core);
    byo_buf_need(&b, 8);
}
END_TEST

START_TEST(faults_collect)
{
    ByoFaults f = {0};
    static const char *const lines[] = {
        "a.conf:3:7: error: smsc-port = 99999: not a port",
        "a.conf:3: warning: w",
        "a.conf: error: e",
        "4:2: error: e",
        "error: e",
    };

    byo_fault_add(&f, BYO_FAULT_ERROR, "a.conf", 3, 7, "smsc-port = %d: not a port", 99999);
    byo_fault_add(&f, BYO_FAULT_WARNING, "a.conf", 3, 0, "w");
    byo_fault_add(&f, BYO_FAULT_ERROR, "a.conf", 0, 5, "e"); /* a column of no line is not told */
    byo_fault_add(&f, BYO_FAULT_ERROR, NULL, 4, 2, "e");
    byo_fault_add(&f, BYO_FAULT_ERROR, NULL, 0, 0, "e");
    ck_assert_uint_eq(f.n, N(lines));
    ck_assert_uint_eq(f.errors, 4);
    ck_assert_uint_eq(f.warnings, 1);
    for (size_t i = 0; i < N(lines); i++) {
        char *line = byo_fault_line(&f.items[i]);

        ck_assert_str_eq(line, lines[i]);
        free(line);
    }
    for (int i = 0; i < 2000; i++)
        byo_fault_add(&f, BYO_FAULT_WARNING, "b", i, 0, "%d", i);
    ck_assert_str_eq(f.items[2004].text, "1999");
    ck_assert_uint_eq(f.warnings, 2001);
    byo_faults_free(&f);
    ck_assert(f.n == 0 && f.errors == 0 && f.warnings == 0 && !f.items);
    byo_faults_free(NULL);
}
END_TEST

START_TEST(time_texts)
{
    static const struct {
        ByoTime t;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1795363200001, "2026-11-22T16:00:00.001Z"},
        {4107542399999, "2100-02-28T23:59:59.999Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {-62167219200000, "0000-01-01T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };
    char buf[BYO_TIME_TEXT];

    for (size_t i = 0; i < N(rows); i++) {
        ByoTime back = 4711;

        ck_assert_str_eq(byo_time_text(rows[i].t, buf), rows[i].text);
        ck_assert(byo_time_parse(byo_str(rows[i].text), &back));
        ck_assert_int_eq(back, rows[i].t);
    }
    ck_assert_str_eq(byo_time_text(INT64_MAX, buf), "9999-12-31T23:59:59.999Z");
    ck_assert_str_eq(byo_time_text(INT64_MIN, buf), "0000-01-01T00:00:00.000Z");
    /* Every day of 400 years, after which the calendar repeats itself, goes there and back. */
    for (int64_t day = -73048; day < 73049; day++) {
        ByoTime back = 0;

        ck_assert(byo_time_parse(byo_str(byo_time_text(day * BYO_DAY, buf)), &back));
        ck_assert_int_eq(back, day * BYO_DAY);
    }
}
END_TEST

START_TEST(ages_for_people)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {{INT64_MIN, "0 s"}, {-1, "0 s"},
                {0, "0 s"},         {119, "119 s"},
                {120, "2 min"},     {7199, "119 min"},
                {7200, "2 h"},      {172799, "47 h"},
                {172800, "2 d"},    {INT64_MAX, "106751991167300 d"}};
    char buf[BYO_AGE_TEXT];

    for (size_t i = 0; i < N(rows); i++)
        ck_assert_str_eq(byo_age_text(rows[i].seconds, buf), rows[i].text);
}
END_TEST

START_TEST(time_reading)
{
    static const struct {
        const char *text;
        bool good;
        ByoTime t;
    } rows[] = {
        {"2026-11-22T16:00:00Z", true, 1795363200000},
        {"2026-11-22t16:00:00z", true, 1795363200000},
        {"2026-11-22 16:00:00Z", true, 1795363200000},
        {"2026-11-22T17:00:00+01:00", true, 1795363200000},
        {"2026-11-22T10:30:00-05:30", true, 1795363200000},
        {"2026-11-22T16:00:00.5Z", true, 1795363200500},
        {"2026-11-22T16:00:00.123456789Z", true, 1795363200123},
        {"2026-11-22", true, 1795305600000},
        {"1972-06-30T23:59:60Z", true, 78796800000},
        {"2026-02-29", false, 0},
        {"2024-02-30", false, 0},
        {"2100-02-29", false, 0},
        {"2000-02-29", true, 951782400000},
        {"2026-13-01", false, 0},
        {"2026-00-01", false, 0},
        {"2026-01-00", false, 0},
        {"2026-04-31", false, 0},
        {"2026-11-22T24:00:00Z", false, 0},
        {"2026-11-22T16:60:00Z", false, 0},
        {"2026-11-22T16:00:61Z", false, 0},
        {"2026-11-22T16:00:00", false, 0}, /* no zone: no moment */
        {"2026-11-22T16:00Z", false, 0},
        {"2026-11-22T16:00:00.Z", false, 0},
        {"2026-11-22T16:00:00+0100", false, 0},
        {"2026-11-22T16:00:00+24:00", false, 0},
        {"2026-11-22T16:00:00Zx", false, 0},
        {"2026-11-22T", false, 0},
        {"26-11-22", false, 0},
        {"2026-1-2", false, 0},
        {" 2026-11-22", false, 0},
        {"", false, 0},
    };

    for (size_t i = 0; i < N(rows); i++) {
        ByoTime t = 4711;

        ck_assert_msg(byo_time_parse(byo_str(rows[i].text), &t) == rows[i].good, "%s", rows[i].text);
        ck_assert_msg(t == (rows[i].good ? rows[i].t : 4711), "%s: %lld", rows[i].text, (long long)t);
    }
}
END_TEST

START_TEST(durations)
{
    static const struct {
        const char *text;
        bool good;
        ByoTime ms;
    } rows[] = {
        {"30", true, 30000},
        {"30s", true, 30000},
        {"15m", true, 900000},
        {"72h", true, 259200000},
        {"10d", true, 864000000},
        {"0", true, 0},
        {"3650d", true, 315360000000},
        {"3651d", false, 0},
        {"87600h", true, 315360000000},
        {"87601h", false, 0},
        {"315360001", false, 0},
        {"", false, 0},
        {"s", false, 0},
        {"-1", false, 0},
        {"-1s", false, 0},
        {"1.5h", false, 0},
        {"10 s", false, 0},
        {"10w", false, 0},
        {"1h30m", false, 0},
        {"99999999999999999999d", false, 0},
        {"9223372036854775807d", false, 0},
    };

    for (size_t i = 0; i < N(rows); i++) {
        ByoTime ms = 4711;

        ck_assert_msg(byo_duration_parse(byo_str(rows[i].text), &ms) == rows[i].good, "%s", rows[i].text);
        ck_assert_int_eq(ms, rows[i].good ? rows[i].ms : 4711);
    }
}
END_TEST

START_TEST(clocks_run)
{
    ByoTime before = byo_monotonic();

    ck_assert_int_gt(byo_now(), 1700000000000);
    ck_assert_int_ge(byo_monotonic(), before);
}
END_TEST

START_TEST(sms_empty)
{
    ByoSms sms;

    memset(&sms, 0x5a, sizeof(sms));
    byo_sms_init(&sms);
    ck_assert(!sms.sender.p && !sms.receiver.p && !sms.udhdata.p && !sms.msgdata.p && !sms.smsc_id.p &&
              !sms.smsc_number.p && !sms.foreign_id.p && !sms.service.p && !sms.account.p && !sms.dlr_url.p &&
              !sms.charset.p && !sms.boxc_id.p && !sms.binfo.p && !sms.meta_data.p);
    ck_assert(sms.time == -1 && sms.sms_type == -1 && sms.mclass == -1 && sms.mwi == -1 && sms.coding == -1 &&
              sms.compress == -1 && sms.validity == -1 && sms.deferred == -1 && sms.dlr_mask == -1 &&
              sms.pid == -1 && sms.alt_dcs == -1 && sms.rpi == -1 && sms.msg_left == -1 &&
              sms.priority == -1 && sms.resend_try == -1 && sms.resend_time == -1);
    ck_assert_str_eq(sms.id, "");
}
END_TEST

#define UUIDS 5000

static void *make_uuids(void *arg)
{
    char(*out)[BYO_UUID_LEN + 1] = arg;

    for (int i = 0; i < UUIDS; i++)
        byo_uuid_make(out[i]);
    return NULL;
}

static int by_text(const void *a, const void *b)
{
    return memcmp(a, b, BYO_UUID_LEN + 1);
}

START_TEST(uuids_differ)
{
    static char all[2 * UUIDS][BYO_UUID_LEN + 1];
    pthread_t other;

    ck_assert_int_eq(pthread_create(&other, NULL, make_uuids, all + UUIDS), 0);
    make_uuids(all);
    pthread_join(other, NULL);
    for (int i = 0; i < 2 * UUIDS; i++) {
        ck_assert_uint_eq(strlen(all[i]), BYO_UUID_LEN);
        ck_assert_uint_eq(strspn(all[i], "0123456789abcdef-"), BYO_UUID_LEN);
        ck_assert(all[i][8] == '-' && all[i][13] == '-' && all[i][18] == '-' && all[i][23] == '-');
        ck_assert(all[i][14] == '4' && strchr("89ab", all[i][19]));
    }
    qsort(all, N(all), sizeof(all[0]), by_text);
    for (int i = 1; i < 2 * UUIDS; i++)
        ck_assert_str_ne(all[i - 1], all[i]);
}
END_TEST

START_TEST(uuid_of_a_child_differs)
{
    char mine[BYO_UUID_LEN + 1], of_child[BYO_UUID_LEN + 1] = "";
    int ends[2], status;
    pid_t child;

    byo_uuid_make(mine); /* random bytes are waiting in this thread now */
    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        byo_uuid_make(mine);
        _exit(write(ends[1], mine, sizeof(mine)) == (ssize_t)sizeof(mine) ? 0 : 1);
    }
    byo_uuid_make(mine);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(read(ends[0], of_child, sizeof(of_child)), sizeof(of_child));
    ck_assert_str_ne(mine, of_child);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* (night N6) */
START_TEST(clock_jumps)
{
    const ByoTime wall = 1790000000000;
    ByoClockWatch w = {0};
    ck_assert_int_eq(byo_clock_jump(&w, wall, 5000), 0);
    ck_assert_int_eq(byo_clock_jump(&w, wall + 60000, 65000), 0);
    ck_assert_int_eq(byo_clock_jump(&w, wall + 62000, 66000), 0); /* ntpd slews, a leap second */
    ck_assert_int_eq(byo_clock_jump(&w, wall + 3 * BYO_DAY, 67000), 3 * BYO_DAY - 63000);
    ck_assert_int_eq(byo_clock_jump(&w, wall + 3 * BYO_DAY + 1000, 68000), 0); /* once */
    ck_assert_int_eq(byo_clock_jump(&w, wall - BYO_DAY, 69000), -4 * BYO_DAY - 2000);
    ck_assert_int_eq(byo_time_jumped(0, BYO_DAY), 0);
    ck_assert_int_eq(byo_time_jumped(wall, -BYO_DAY), wall - BYO_DAY);
    ck_assert_int_eq(byo_time_jumped(1000, -BYO_DAY), 1); /* never "none" */
}
END_TEST

/* A duration counts in the first bucket whose bound it does not pass; the last has none. */
START_TEST(histograms)
{
    ByoCounters c = {0};
    byo_counters_submit(&c, 5);
    byo_counters_submit(&c, 6);
    byo_counters_submit(&c, -3);
    byo_counters_submit(&c, 10 * BYO_DAY);
    const ByoHistogramRow *row = byo_histogram_row(0);
    ck_assert_ptr_eq(byo_histogram_of(&c, row), &c.submit);
    ck_assert_int_eq(c.submit.bucket[0], 2);
    ck_assert_int_eq(c.submit.bucket[1], 1);
    ck_assert_int_eq(c.submit.bucket[row->n], 1);
    ck_assert_int_eq(c.submit.sum, 11 + 10 * BYO_DAY);
    byo_counters_receipt(&c, BYO_HOUR);
    ck_assert_int_eq(c.receipt.sum, BYO_HOUR);
    for (size_t i = 0; (row = byo_histogram_row(i)) != NULL; i++)
        for (size_t k = 1; k < row->n; k++)
            ck_assert_int_gt(row->bounds[k], row->bounds[k - 1]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *tc = tcase_create("base");

    tcase_add_test(tc, str_equality);
    tcase_add_test(tc, str_copies);
    tcase_add_test(tc, str_numbers);
    tcase_add_test(tc, buf_grows);
    tcase_add_test(tc, buf_full_capacity);
    tcase_add_test_raise_signal(tc, memory_gone_aborts, SIGABRT);
    tcase_add_test(tc, faults_collect);
    tcase_add_test(tc, time_texts);
    tcase_add_test(tc, ages_for_people);
    tcase_add_test(tc, time_reading);
    tcase_add_test(tc, durations);
    tcase_add_test(tc, clocks_run);
    tcase_add_test(tc, clock_jumps);
    tcase_add_test(tc, histograms);
    tcase_add_test(tc, sms_empty);
    tcase_add_test(tc, uuids_differ);
    tcase_add_test(tc, uuid_of_a_child_differs);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
