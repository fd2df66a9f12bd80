/* SPDX-License-Identifier: BSD-3-Clause
 * The flow thread's turns on a store that several write: commits that another writer is in the way of, that nobody knows
 * the end of, that get no answer, or whose lease is over.
 * Threads: the fixture's. */
#include "engine_fixture.h"

#include <poll.h>

/* What the next commits answer; UNKNOWN: it happens, or it does not, and is asked about three times. */
static struct {
    const ByoStoreOps *real;
    ByoStoreOps ops;
    ByoStoreResult answer;
    int times, asked;
    bool happens;
    atomic_bool silent;
    bool added;  /* the transaction takes a message */
    bool lapses; /* that is kept, then the lease is over, and commits fail until it is not */
    atomic_bool over;
    ByoStoreResult end;
    void (*waiting)(void *arg, ByoTime ms); /* whom the store tells that it waits */
    void *waiting_arg;
    atomic_bool dumb; /* the commit of a message gets no answer */
} faulty;

static void faulty_add(ByoStore *s, const ByoMessageRow *m, const ByoSegmentRow *segments, int n)
{
    faulty.added = true;
    faulty.over = faulty.lapses;
    faulty.real->message_add(s, m, segments, n);
}

static void faulty_on_wait(ByoStore *s, void (*waiting)(void *arg, ByoTime ms), void *arg)
{
    (void)s;
    faulty.waiting = waiting;
    faulty.waiting_arg = arg;
}

static ByoStoreResult faulty_commit(ByoStore *s)
{
    for (ByoTime ms = 0; faulty.added && faulty.dumb; ms += 100) {
        faulty.waiting(faulty.waiting_arg, ms);
        poll(NULL, 0, 1);
    }
    /* In doubt is the turn of a message: what comes while another one is gets no better answer than that. */
    bool meant = faulty.added || faulty.answer != BYO_STORE_UNKNOWN;
    if (faulty.lapses)
        meant = faulty.over && !faulty.added;
    faulty.added = false;
    if (faulty.times == 0 || !meant)
        return faulty.real->commit(s);
    faulty.times--;
    faulty.end = BYO_STORE_AGAIN;
    if (faulty.happens)
        faulty.end = faulty.real->commit(s);
    else
        faulty.real->rollback(s);
    return faulty.answer;
}

static ByoStoreResult faulty_outcome(ByoStore *s)
{
    (void)s;
    return ++faulty.asked % 3 || faulty.silent ? BYO_STORE_UNKNOWN : faulty.end;
}

static bool faulty_leased(ByoStore *s)
{
    (void)s;
    return !faulty.over;
}

/* Before the engine starts, or in the flow thread, as its store is. */
static void make_faulty(void *arg, ByoFlow *f, ByoTime now)
{
    (void)f, (void)now;
    const ByoStoreOps **ops = (const ByoStoreOps **)(void *)store;
    faulty.real = *ops;
    faulty.ops = **ops;
    faulty.ops.commit = faulty_commit;
    faulty.ops.message_add = faulty_add;
    faulty.ops.outcome = faulty_outcome;
    faulty.ops.leased = faulty_leased;
    faulty.ops.on_wait = faulty_on_wait;
    *ops = &faulty.ops;
    (void)arg;
}

typedef struct {
    ByoStoreResult answer;
    int times;
    bool happens;
} Fault;

/* The commits from this turn's on. */
static void fail_next(void *arg, ByoFlow *f, ByoTime now)
{
    (void)f, (void)now;
    const Fault *fault = arg;
    faulty.answer = fault->answer;
    faulty.times = fault->times;
    faulty.happens = fault->happens;
    faulty.lapses = false;
    faulty.asked = 0;
}

static void lapse_next(void *arg, ByoFlow *f, ByoTime now)
{
    fail_next(arg, f, now);
    faulty.lapses = true;
}

static void read_mt(void *arg, ByoFlow *f, ByoTurn *t)
{
    ByoFlowStatus st;
    byo_flow_status(f, &st, t->now);
    *(int64_t *)arg = st.integrations[0].total.mt;
}

static int64_t taken(void)
{
    int64_t n = -1;
    ck_assert_int_eq(byo_engine_call(engine, read_mt, &n), BYO_STORE_OK);
    return n;
}

static void wait_health(ByoStoreResult wanted)
{
    for (int tries = 0; byo_engine_health(engine) != wanted && tries < PATIENCE_MS / 10; tries++)
        poll(NULL, 0, 10);
    ck_assert_int_eq(byo_engine_health(engine), wanted);
}

/* A message whose turn ends so; the uuid is its. */
static void send_in_doubt(int fd, Fault *f, char uuid[BYO_UUID_LEN + 1])
{
    ck_assert(byo_engine_fact(engine, make_faulty, NULL));
    ck_assert(byo_engine_fact(engine, fail_next, f));
    faulty.silent = true;
    send_mt(fd, uuid);
}

START_TEST(test_conflict_and_doubt)
{
    /* nothing is refused, counted or done twice; the smsbox gets its ack when it is kept. Doubt is told as trouble. */
    static const Fault faults[] = {{BYO_STORE_AGAIN, 5, false},
                                   {BYO_STORE_UNKNOWN, 1, true},
                                   {BYO_STORE_UNKNOWN, 1, false},
                                   {BYO_STORE_UNKNOWN, 4, false}};
    start();
    int fd = a_smsbox();
    ck_assert_int_eq(send_and_wait(fd), BYO_ACK_BUFFERED);
    ck_assert(byo_engine_fact(engine, make_faulty, NULL));
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        Fault f = faults[i];
        ck_assert(byo_engine_fact(engine, fail_next, &f));
        ck_assert_int_eq(send_and_wait(fd), BYO_ACK_BUFFERED);
        ck_assert_int_eq(queued(), (int64_t)i + 2);
        ck_assert_int_eq(taken(), (int64_t)i + 2);
        ck_assert_int_eq(byo_engine_health(engine), BYO_STORE_OK);
        ck_assert_int_eq(faulty.times, 0); /* the call above came after it */
        ck_assert_int_eq(faulty.asked, f.answer == BYO_STORE_UNKNOWN ? 3 * f.times : 0);
    }
    ck_assert_int_eq(recoveries(), 3);
    close(fd);
    stop();
}
END_TEST

START_TEST(test_written_again_in_doubt)
{
    /* the message in doubt waits for the end of it when the smsbox writes it again; a new one is refused at once */
    Fault f = {BYO_STORE_UNKNOWN, 1, true};
    start();
    int fd = a_smsbox();
    char uuid[BYO_UUID_LEN + 1];
    send_in_doubt(fd, &f, uuid);
    wait_health(BYO_STORE_UNKNOWN);
    int again = a_smsbox();
    send_mt_as(again, uuid);
    ck_assert_int_eq(send_and_wait(again), BYO_ACK_FAILED_TMP);
    faulty.silent = false;
    ck_assert_int_eq(wait_ack(fd, uuid), BYO_ACK_BUFFERED);
    ck_assert_int_eq(wait_ack(again, uuid), BYO_ACK_BUFFERED);
    ck_assert_int_eq(queued(), 1);
    close(fd);
    close(again);
    stop();
}
END_TEST

START_TEST(test_lease_over_after_the_commit)
{
    /* what is kept waits until the store says that nobody took over; that it waits is told, and new ones are refused */
    Fault f = {BYO_STORE_IO, INT_MAX, false};
    start();
    int fd = a_smsbox();
    ck_assert(byo_engine_fact(engine, make_faulty, NULL));
    ck_assert(byo_engine_fact(engine, lapse_next, &f));
    char uuid[BYO_UUID_LEN + 1];
    send_mt(fd, uuid);
    wait_health(BYO_STORE_IO);
    int other = a_smsbox();
    ck_assert_int_eq(send_and_wait(other), BYO_ACK_FAILED_TMP);
    faulty.over = false;
    ck_assert_int_eq(wait_ack(fd, uuid), BYO_ACK_BUFFERED);
    ck_assert_int_eq(queued(), 1);
    ck_assert_int_eq(byo_engine_health(engine), BYO_STORE_OK);
    ck_assert_int_eq(recoveries(), 1);
    close(fd);
    close(other);
    stop();
}
END_TEST

START_TEST(test_store_that_does_not_answer)
{
    /* it is only slow: what it was sent is answered when it is done, and what comes meanwhile is refused at once, calls too;
     * facts wait */
    prepare();
    make_faulty(NULL, flow, 0);
    go();
    int fd = a_smsbox(), other = a_smsbox();
    faulty.dumb = true;
    char uuid[BYO_UUID_LEN + 1];
    send_mt(fd, uuid);
    wait_health(BYO_STORE_IO);
    ck_assert_int_eq(send_and_wait(other), BYO_ACK_FAILED_TMP);
    ck_assert_int_eq(byo_engine_call(engine, import, NULL), BYO_STORE_IO);
    send_mt_as(other, uuid);
    ck_assert_int_eq(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0), 0);
    faulty.dumb = false;
    ck_assert_int_eq(wait_ack(fd, uuid), BYO_ACK_BUFFERED);
    ck_assert_int_eq(wait_ack(other, uuid), BYO_ACK_BUFFERED);
    ck_assert_int_eq(queued(), 1);
    ck_assert_int_eq(byo_engine_health(engine), BYO_STORE_OK);
    ck_assert_int_eq(recoveries(), 1);
    close(fd);
    close(other);
    stop();
}
END_TEST

START_TEST(test_conflict_without_end)
{
    /* counts as trouble, and is over when it is over */
    Fault f = {BYO_STORE_AGAIN, 3000, false};
    start();
    int fd = a_smsbox();
    ck_assert(byo_engine_fact(engine, make_faulty, NULL));
    ck_assert(byo_engine_fact(engine, fail_next, &f));
    ck_assert_int_eq(send_and_wait(fd), BYO_ACK_FAILED_TMP);
    wait_health(BYO_STORE_OK);
    ck_assert_int_eq(send_and_wait(fd), BYO_ACK_BUFFERED);
    ck_assert_int_eq(recoveries(), 1);
    ck_assert_int_eq(queued(), 1);
    close(fd);
    stop();
}
END_TEST

START_TEST(test_stop_in_doubt)
{
    /* the end of the commit is never told: nothing is acked, and the engine stops */
    Fault f = {BYO_STORE_UNKNOWN, 1000, true};
    start();
    int fd = a_smsbox();
    char uuid[BYO_UUID_LEN + 1];
    send_in_doubt(fd, &f, uuid);
    byo_engine_stop(engine, 200);
    ck_assert_int_eq(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0), 0);
    close(fd);
    stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("engine doubt");
    TCase *t = tcase_create("doubt");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_conflict_and_doubt);
    tcase_add_test(t, test_written_again_in_doubt);
    tcase_add_test(t, test_lease_over_after_the_commit);
    tcase_add_test(t, test_store_that_does_not_answer);
    tcase_add_test(t, test_conflict_without_end);
    tcase_add_test(t, test_stop_in_doubt);
    suite_add_tcase(s, t);
    return engine_run(s);
}
