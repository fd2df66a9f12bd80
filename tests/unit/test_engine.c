/* SPDX-License-Identifier: BSD-3-Clause
 * The flow thread's turns: group commit before the ack, what happens while the store cannot be written,
 * calls from other threads, stopping.
 * Threads: the test's, the engine's, the link's, and callers of the test's own. */
#include "box_socket.h"

#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/thread.h"
#include "box/engine.h"
#include "config/config.h"

enum { SILENT = 5 };

static char folder[200];
static ByoConf *conf;
static ByoStore *store;
static ByoInventory *inventory;
static ByoFlow *flow;
static ByoEngine *engine;
static ByoLink *box;
static atomic_int beats, chores, chores_wanted;

static const char *in_folder(const char *name)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void on_event(void *arg, ByoTurn *t, const ByoEventNote *note)
{
    (void)arg, (void)t, (void)note;
}

static void on_beat(void *arg, ByoTurn *t)
{
    (void)arg, (void)t;
    beats++;
}

static bool on_chore(void *arg, ByoTurn *t)
{
    (void)arg, (void)t;
    if (chores >= chores_wanted)
        return false;
    return ++chores < chores_wanted;
}

static void on_recovered(void *arg, ByoTurn *t, ByoStoreResult was, ByoTime since)
{
    (void)arg;
    ByoTime now = t->now;
    ck_assert(was != BYO_STORE_OK && since > 0 && now >= since);
    ByoAuditRow row = {
        .time = now, .who = byo_str("engine"), .action = byo_str("recovered"), .entity = byo_str("store")};
    byo_store_audit_add(store, &row, now);
}

static void import(void *arg, ByoFlow *f, ByoTurn *t)
{
    (void)arg;
    ByoNumber n = {.digits = "12025550100", .integration = "carrier-a"};
    ByoStoreResult result;
    ByoComplianceFault fault;
    ck_assert(byo_flow_number_put(f, t, &n, BYO_STR(""), true, t->now, &result, &fault));
}

static void prepare(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/byo-engine-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert(mkdtemp(folder) != NULL);
    FILE *f = fopen(in_folder("byobox.conf"), "w");
    ck_assert(f != NULL);
    fputs("group = byobox\nstore-path = \"byobox.db\"\nsmsc-conf = \"smsc.conf\"\n\n"
          "group = byo-smpp\nintegration-id = carrier-a\nsmsc-address = a.example\nsystem-id = a\npassword = "
          "a\n",
          f);
    fclose(f);
    ByoFaults faults = {0};
    conf = byo_conf_load(in_folder("byobox.conf"), &faults);
    byo_faults_free(&faults);
    ck_assert(conf != NULL);
    ByoStoreResult result;
    char *why = NULL, path[300];
    snprintf(path, sizeof path, "%s", in_folder("byobox.db"));
    store = byo_store_open(&(ByoStoreTarget){.path = path}, &result, &why);
    ck_assert_msg(store != NULL, "%s", why ? why : "");
    inventory = byo_inventory_create();
    ByoFlowOptions fo = {.store = store, .inventory = inventory, .codec = &byo_sms_codec, .event = on_event};
    ByoFlowConfig fc = {.integrations = (const ByoIntegration *const *)conf->integrations,
                        .n = conf->n_integrations,
                        .box_id = "byobox",
                        .reply_limit = 10,
                        .inward_limit = conf->inward_limit};
    flow = byo_flow_create(&fo, &fc, byo_now());
}

static void go(void)
{
    char *why = NULL;
    ByoEngineOptions eo = {
        .store = store, .flow = flow, .beat = on_beat, .chore = on_chore, .recovered = on_recovered};
    engine = byo_engine_create(&eo);
    int port = 0;
    close(listen_at(&port)); /* nobody listens there */
    ByoLinkOptions lo = {.bearerbox_host = "127.0.0.1",
                         .bearerbox_port = port,
                         .box_id = "byobox",
                         .arg = engine,
                         .input = byo_engine_input,
                         .route_arg = inventory,
                         .route = byo_inventory_route};
    box = byo_link_create(&lo, &why);
    ck_assert_msg(box != NULL, "%s", why ? why : "");
    ck_assert_int_eq(byo_engine_call(engine, import, NULL), BYO_STORE_IO); /* not started yet */
    byo_engine_start(engine, box);
    byo_link_start(box);
    ck_assert_int_eq(byo_engine_call(engine, import, NULL), BYO_STORE_OK);
}

static void start(void)
{
    prepare();
    go();
}

static int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(name);
}

static void stop(void)
{
    byo_link_quiesce(box);
    byo_engine_stop(engine, 1000);
    ck_assert_int_eq(byo_engine_call(engine, import, NULL), BYO_STORE_IO);
    byo_link_stop(box, 1000);
    byo_engine_destroy(engine);
    byo_link_destroy(box);
    byo_flow_destroy(flow);
    byo_inventory_destroy(inventory);
    byo_store_close(store);
    byo_conf_free(conf);
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int a_smsbox(void)
{
    int fd = connect_to(byo_link_port(box));
    send_identify(fd, "box1");
    return fd;
}

static void send_mt_as(int fd, const char uuid[BYO_UUID_LEN + 1])
{
    ByoSms sms;
    ByoBuf body = {0};
    byo_sms_init(&sms);
    sms.sender = BYO_STR("12025550100");
    sms.receiver = BYO_STR("+12025550123");
    sms.msgdata = BYO_STR("hello");
    sms.sms_type = BYO_MT_PUSH;
    memcpy(sms.id, uuid, sizeof sms.id);
    byo_frame_put_sms(&sms, &body);
    send_frame(fd, byo_buf_str(&body));
    byo_buf_free(&body);
}

static void send_mt(int fd, char uuid[BYO_UUID_LEN + 1])
{
    byo_uuid_make(uuid);
    send_mt_as(fd, uuid);
}

static ByoAck wait_ack(int fd, const char uuid[BYO_UUID_LEN + 1])
{
    ByoBuf body = {0};
    ByoAckFrame a;
    ck_assert(read_frame(fd, &body));
    ck_assert(byo_frame_ack(byo_buf_str(&body), &a));
    ck_assert_str_eq(a.id, uuid);
    byo_buf_free(&body);
    return (ByoAck)a.nack;
}

static ByoAck send_and_wait(int fd)
{
    char uuid[BYO_UUID_LEN + 1];
    send_mt(fd, uuid);
    return wait_ack(fd, uuid);
}

static void count_queued(void *arg, ByoFlow *f, ByoTurn *t)
{
    (void)f;
    *(int64_t *)arg = byo_store_count_state(t->store, byo_str("carrier-a"), BYO_SEG_QUEUED);
}

static int64_t queued(void)
{
    int64_t n = -1;
    ck_assert_int_eq(byo_engine_call(engine, count_queued, &n), BYO_STORE_OK);
    return n;
}

static bool count_row(void *arg, const ByoAuditRow *row)
{
    *(int *)arg += byo_str_is(row->action, "recovered");
    return true;
}

/* Of those that were kept, as another reader sees it. */
static int recoveries(void)
{
    ByoStoreResult result;
    char *why = NULL, path[300];
    snprintf(path, sizeof path, "%s", in_folder("byobox.db"));
    ByoStore *reader = byo_store_open_reader(&(ByoStoreTarget){.path = path}, &result, &why);
    ck_assert(reader != NULL);
    int n = 0;
    byo_store_audit(reader, 0, 1000, count_row, &n);
    byo_store_close(reader);
    return n;
}

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

/* (night F6) A long chore is not one piece a second, and calls are answered between its pieces. */
START_TEST(test_chore)
{
    chores = 0;
    chores_wanted = 0;
    start();
    int first = beats;
    chores_wanted = 200;
    int calls = 0;
    for (; chores < chores_wanted && calls < PATIENCE_MS; calls++)
        ck_assert_int_eq(byo_engine_call(engine, import, NULL), BYO_STORE_OK);
    ck_assert_int_eq(chores, chores_wanted);
    ck_assert_int_gt(calls, chores_wanted / 2);
    ck_assert_int_lt(beats - first, chores_wanted / 2);
    chores = 0; /* the same with nobody calling */
    first = beats;
    for (int i = 0; chores < chores_wanted && i < PATIENCE_MS / 10; i++)
        poll(NULL, 0, 10);
    ck_assert_int_eq(chores, chores_wanted);
    ck_assert_int_lt(beats - first, chores_wanted / 2);
    stop();
}
END_TEST

/* -- commits that another writer is in the way of, or that nobody knows the end of ---------------------------*/

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
    ck_assert(byo_engine_fact(engine, make_faulty, NULL));
    ck_assert(byo_engine_fact(engine, fail_next, &f));
    faulty.silent = true;
    char uuid[BYO_UUID_LEN + 1];
    send_mt(fd, uuid);
    while (byo_engine_health(engine) != BYO_STORE_UNKNOWN)
        poll(NULL, 0, 10);
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
    for (int tries = 0; byo_engine_health(engine) != BYO_STORE_IO && tries < PATIENCE_MS / 10; tries++)
        poll(NULL, 0, 10);
    ck_assert_int_eq(byo_engine_health(engine), BYO_STORE_IO);
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
    for (int tries = 0; byo_engine_health(engine) != BYO_STORE_IO && tries < PATIENCE_MS / 10; tries++)
        poll(NULL, 0, 10);
    ck_assert_int_eq(byo_engine_health(engine), BYO_STORE_IO);
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
    int tries = 0;
    while (byo_engine_health(engine) != BYO_STORE_OK && tries++ < PATIENCE_MS / 10)
        poll(NULL, 0, 10);
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
    ck_assert(byo_engine_fact(engine, make_faulty, NULL));
    ck_assert(byo_engine_fact(engine, fail_next, &f));
    faulty.silent = true;
    char uuid[BYO_UUID_LEN + 1];
    send_mt(fd, uuid);
    byo_engine_stop(engine, 200);
    ck_assert_int_eq(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0), 0);
    close(fd);
    stop();
}
END_TEST

int main(void)
{
    byo_gw_start();
    byo_log_open(NULL, BYO_LOG_ERROR, SILENT);
    Suite *s = suite_create("engine");
    TCase *t = tcase_create("engine");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_acked_is_kept);
    tcase_add_test(t, test_store_trouble);
    tcase_add_test(t, test_many_callers);
    tcase_add_test(t, test_stop_with_a_call);
    tcase_add_test(t, test_beat);
    tcase_add_test(t, test_chore);
    tcase_add_test(t, test_conflict_and_doubt);
    tcase_add_test(t, test_written_again_in_doubt);
    tcase_add_test(t, test_lease_over_after_the_commit);
    tcase_add_test(t, test_store_that_does_not_answer);
    tcase_add_test(t, test_conflict_without_end);
    tcase_add_test(t, test_stop_in_doubt);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    byo_gw_stop();
    return failed != 0;
}
