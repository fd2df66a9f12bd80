/* SPDX-License-Identifier: BSD-3-Clause
 * The flow thread's turns: group commit before the ack, a full disk, calls from other threads, beats and chores, stopping.
 * Threads: the fixture's, and callers of the test's own. */
#include "engine_fixture.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

START_TEST(test_acked_is_kept)
{
    /* with no bearerbox: queued, and what was acked stands in the store for a second reader */
    start();
    int fd = a_smsbox();
    for (int i = 1; i <= 20; i++) {
        ck_assert_int_eq(send_and_wait(fd), BYO_ACK_BUFFERED);
        ByoStoreResult result;
        char *why = NULL, path[300];
        snprintf(path, sizeof path, "%s", in_folder("byobox.db"));
        ByoStore *reader = byo_store_open_reader(&(ByoStoreTarget){.path = path}, &result, &why);
        ck_assert(reader != NULL);
        ck_assert_int_eq(byo_store_count_state(reader, byo_str("carrier-a"), BYO_SEG_QUEUED), i);
        byo_store_close(reader);
    }
    close(fd);
    stop();
}
END_TEST

static void limit_files(rlim_t octets)
{
    struct rlimit r;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &r), 0);
    r.rlim_cur = octets;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &r), 0);
}

START_TEST(test_store_trouble)
{
    /* the disk is full: "try again" at once and no ack for what is not kept; it works again when there is
     * room */
    start();
    signal(SIGXFSZ, SIG_IGN);
    int fd = a_smsbox();
    struct stat log;
    do { /* until the store's log is larger than any file of the test itself */
        ck_assert_int_eq(send_and_wait(fd), BYO_ACK_BUFFERED);
        ck_assert_int_eq(stat(in_folder("byobox.db-wal"), &log), 0);
    } while (log.st_size < 400000);
    int64_t before = queued();
    ck_assert_int_eq(stat(in_folder("byobox.db-wal"), &log), 0);
    limit_files((rlim_t)log.st_size);
    for (int i = 0; i < 30; i++)
        ck_assert_int_eq(send_and_wait(fd), BYO_ACK_FAILED_TMP);
    ck_assert_int_ne(byo_engine_health(engine), BYO_STORE_OK);
    ck_assert_int_ne(byo_engine_call(engine, import, NULL), BYO_STORE_OK);
    /* who comes and goes meanwhile is known */
    int second = a_smsbox();
    ck_assert_int_eq(send_and_wait(second), BYO_ACK_FAILED_TMP);
    ck_assert_int_eq(recoveries(), 0);
    limit_files(RLIM_INFINITY);
    int tries = 0;
    while (byo_engine_health(engine) != BYO_STORE_OK && tries++ < PATIENCE_MS / 10)
        poll(NULL, 0, 10);
    ck_assert_int_eq(byo_engine_health(engine), BYO_STORE_OK);
    ck_assert_int_eq(send_and_wait(second), BYO_ACK_BUFFERED);
    ck_assert_int_eq(send_and_wait(fd), BYO_ACK_BUFFERED);
    ck_assert_int_eq(recoveries(), 1); /* told once, however often it was tried */
    ck_assert_int_eq(queued(), before + 2);
    close(fd);
    close(second);
    stop();
}
END_TEST

typedef struct {
    int calls;
    int64_t sum;
} Caller;

static void add_one(void *arg, ByoFlow *f, ByoTurn *t)
{
    (void)f, (void)t;
    ((Caller *)arg)->sum++;
}

static void call_often(void *arg)
{
    Caller *c = arg;
    for (int i = 0; i < c->calls; i++)
        ck_assert_int_eq(byo_engine_call(engine, add_one, c), BYO_STORE_OK);
}

START_TEST(test_many_callers)
{
    /* several threads call while a smsbox sends (for ThreadSanitizer, too) */
    enum { CALLERS = 4, CALLS = 100 };
    Caller c[CALLERS] = {{0}};
    long threads[CALLERS];
    start();
    for (int i = 0; i < CALLERS; i++) {
        c[i].calls = CALLS;
        threads[i] = byo_thread_start(call_often, &c[i]);
    }
    int fd = a_smsbox();
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(send_and_wait(fd), BYO_ACK_BUFFERED);
    for (int i = 0; i < CALLERS; i++) {
        byo_thread_join(threads[i]);
        ck_assert_int_eq(c[i].sum, CALLS);
    }
    ck_assert_int_eq(queued(), 100);
    close(fd);
    stop();
}
END_TEST

static void slow(void *arg, ByoFlow *f, ByoTurn *t)
{
    (void)f, (void)t;
    atomic_store((atomic_bool *)arg, true);
    poll(NULL, 0, 50);
}

static void call_slow(void *arg)
{
    ck_assert_int_eq(byo_engine_call(engine, slow, arg), BYO_STORE_OK);
}

START_TEST(test_stop_with_a_call)
{
    /* a call that was taken is answered, also when the engine stops meanwhile */
    atomic_bool began = false;
    start();
    long t = byo_thread_start(call_slow, &began);
    while (!atomic_load(&began))
        poll(NULL, 0, 1);
    int fd = a_smsbox();
    char uuid[BYO_UUID_LEN + 1];
    send_mt(fd, uuid);
    byo_engine_stop(engine, 2000);
    byo_thread_join(t);
    close(fd);
    stop();
}
END_TEST

START_TEST(test_beat)
{
    start();
    int before = beats;
    for (int i = 0; beats < before + 2 && i < PATIENCE_MS / 10; i++)
        poll(NULL, 0, 10);
    ck_assert_int_ge(beats, before + 2); /* with nothing to do at all */
    stop();
}
END_TEST

/* (night F6) A long chore is not one piece a second, and calls are answered between its pieces. How many there are in a second is
 * the machine's affair. */
START_TEST(test_chore)
{
    start();
    chores_wanted = 200;
    for (int calling = 1; calling >= 0; calling--) {
        int calls = 0;
        chores = chores_at_beat = most_chores = 0;
        for (; chores < chores_wanted; calls++) /* a commit takes what it takes */
            if (calling)
                ck_assert_int_eq(byo_engine_call(engine, import, NULL), BYO_STORE_OK);
            else
                poll(NULL, 0, 10);
        ck_assert_int_gt(calls, calling ? chores_wanted / 2 : 0);
        for (int seen = beats; beats == seen;)
            poll(NULL, 0, 10);
        ck_assert_int_ge(most_chores, 3);
    }
    stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("engine");
    TCase *t = tcase_create("engine");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_acked_is_kept);
    tcase_add_test(t, test_store_trouble);
    tcase_add_test(t, test_many_callers);
    tcase_add_test(t, test_stop_with_a_call);
    tcase_add_test(t, test_beat);
    tcase_add_test(t, test_chore);
    suite_add_tcase(s, t);
    return engine_run(s);
}
