/* SPDX-License-Identifier: BSD-3-Clause
 * An engine on a store of SQLite, with its link and a bearerbox that is away: what its tests share.
 * Ownership: the fixture owns folder, store and engine. Threads: the test's, the engine's, the link's. */
#ifndef ENGINE_FIXTURE_H
#define ENGINE_FIXTURE_H

#include "box_socket.h"
#include "suites.h"

#include <ftw.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

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
static atomic_int chores_at_beat, most_chores; /* between two beats */

static inline const char *in_folder(const char *name)
{
    static char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static inline void on_event(void *arg, ByoTurn *t, const ByoEventNote *note)
{
    (void)arg, (void)t, (void)note;
}

static inline void on_beat(void *arg, ByoTurn *t)
{
    (void)arg, (void)t;
    if (chores - chores_at_beat > most_chores)
        most_chores = chores - chores_at_beat;
    chores_at_beat = (int)chores;
    beats++;
}

static inline bool on_chore(void *arg, ByoTurn *t)
{
    (void)arg, (void)t;
    if (chores >= chores_wanted)
        return false;
    return ++chores < chores_wanted;
}

static inline void on_recovered(void *arg, ByoTurn *t, ByoStoreResult was, ByoTime since)
{
    (void)arg;
    ByoTime now = t->now;
    ck_assert(was != BYO_STORE_OK && since > 0 && now >= since);
    ByoAuditRow row = {
        .time = now, .who = byo_str("engine"), .action = byo_str("recovered"), .entity = byo_str("store")};
    byo_store_audit_add(store, &row, now);
}

static inline void import(void *arg, ByoFlow *f, ByoTurn *t)
{
    (void)arg;
    ByoNumber n = {.digits = "12025550100", .integration = "carrier-a"};
    ByoStoreResult result;
    ByoComplianceFault fault;
    ck_assert(byo_flow_number_put(f, t, &n, BYO_STR(""), true, t->now, &result, &fault));
}

static inline void prepare(void)
{
    /* In memory where that can be: what a commit takes on a busy disk is nothing these tests ask. */
    const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
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

static inline void go(void)
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

static inline void start(void)
{
    prepare();
    go();
}

static inline int remove_one(const char *name, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(name);
}

static inline void stop(void)
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

static inline int a_smsbox(void)
{
    int fd = connect_to(byo_link_port(box));
    send_identify(fd, "box1");
    return fd;
}

static inline void send_mt_as(int fd, const char uuid[BYO_UUID_LEN + 1])
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

static inline void send_mt(int fd, char uuid[BYO_UUID_LEN + 1])
{
    byo_uuid_make(uuid);
    send_mt_as(fd, uuid);
}

static inline ByoAck wait_ack(int fd, const char uuid[BYO_UUID_LEN + 1])
{
    ByoBuf body = {0};
    ByoAckFrame a;
    ck_assert(read_frame(fd, &body));
    ck_assert(byo_frame_ack(byo_buf_str(&body), &a));
    ck_assert_str_eq(a.id, uuid);
    byo_buf_free(&body);
    return (ByoAck)a.nack;
}

static inline ByoAck send_and_wait(int fd)
{
    char uuid[BYO_UUID_LEN + 1];
    send_mt(fd, uuid);
    return wait_ack(fd, uuid);
}

static inline void count_queued(void *arg, ByoFlow *f, ByoTurn *t)
{
    (void)f;
    *(int64_t *)arg = byo_store_count_state(t->store, byo_str("carrier-a"), BYO_SEG_QUEUED);
}

static inline int64_t queued(void)
{
    int64_t n = -1;
    ck_assert_int_eq(byo_engine_call(engine, count_queued, &n), BYO_STORE_OK);
    return n;
}

static inline bool count_row(void *arg, const ByoAuditRow *row)
{
    *(int *)arg += byo_str_is(row->action, "recovered");
    return true;
}

/* Of those that were kept, as another reader sees it. */
static inline int recoveries(void)
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

/* Runs the suite; main's result. */
static inline int engine_run(Suite *s)
{
    byo_gw_start();
    byo_log_open(NULL, BYO_LOG_ERROR, SILENT);
    int failed = run_suite(s);
    byo_gw_stop();
    return failed;
}

#endif
