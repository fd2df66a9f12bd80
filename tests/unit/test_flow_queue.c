/* SPDX-License-Identifier: BSD-3-Clause
 * What becomes of an MT that is taken: its ack, the queue's limit, another integration that shares the
 * number, the end of its validity. Threads: one. */
#include "flow_fixture.h"

#include <stdio.h>

/* -- acks ------------------------------------------------------------------------------------------*/

START_TEST(test_one_uuid_for_several)
{
    /* smsbox gives all recipients of a send one id: each is acked with it, each goes out under its own */
    flow_start("messages-per-second = 100", NULL);
    ByoSms mt = plain("x");
    static const char *const to[] = {"+12025550123", "+12025550124", "+12025550125"};
    for (int i = 0; i < 3; i++) {
        mt.receiver = S(to[i]);
        give_mt(BOX1, &mt);
    }
    turn();
    ck_assert_uint_eq(count_out(BYO_OUT_PEER_ACK), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(out_of(BYO_OUT_PEER_ACK, i)->uuid, mt.id);
    char ids[3][BYO_UUID_LEN + 1];
    int n = 0;
    for (int turns = 0; turns < 10; turns++, later(20))
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT) {
                memcpy(ids[n], outs[k].sms.id, sizeof ids[n]);
                for (int i = 0; i < n; i++)
                    ck_assert_str_ne(ids[i], ids[n]);
                n++;
            }
    ck_assert_int_eq(n, 3);
    flow_stop();
}
END_TEST

/* -- pace ------------------------------------------------------------------------------------------*/

static void give_many(int n)
{
    while (n-- > 0) {
        ByoSms mt = plain("x");
        give_mt(BOX1, &mt);
    }
}

/* While the gate is closed nothing could leave: what waited leaves at the rate, not in one go. */
START_TEST(P9_a_closed_gate_is_no_credit)
{
    flow_start("messages-per-second = 100", NULL);
    give_many(60);
    turn();
    for (int i = 0; i < 5; i++)
        later(10);
    gate("carrier-a", false);
    later(10);
    for (int i = 0; i < 5; i++)
        later(BYO_SECOND);
    gate("carrier-a", true);
    turn();
    ck_assert_uint_ge(count_out(BYO_OUT_SEGMENT), 1);
    ck_assert_uint_le(count_out(BYO_OUT_SEGMENT), 2);
    flow_stop();
}
END_TEST

START_TEST(P9_an_empty_queue_is_no_credit)
{
    flow_start("messages-per-second = 100", NULL);
    give_many(3);
    turn();
    for (int i = 0; i < 10; i++)
        later(10);
    later(BYO_MINUTE);
    give_many(60);
    turn();
    ck_assert_uint_ge(count_out(BYO_OUT_SEGMENT), 1);
    ck_assert_uint_le(count_out(BYO_OUT_SEGMENT), 2);
    flow_stop();
}
END_TEST

/* What bearerbox does not read is in memory here: of segments with much beside their text it has fewer, and as many more as it
 * acks. */
START_TEST(H5_a_window_of_octets)
{
    enum { LONG = 15000, FIT = BYO_UNACKED_OCTETS / LONG };
    static char meta[LONG];
    flow_start("messages-per-second = 100000\nallow-custom-rate = yes", NULL);
    later(1000);
    int head = snprintf(meta, sizeof meta, "?smpp?tag=");
    memset(meta + head, 'x', sizeof meta - (size_t)head);
    for (int i = 0; i < FIT + 100; i++) {
        ByoSms mt = plain("x");
        mt.meta_data = byo_strn(meta, sizeof meta);
        give_mt(BOX1, &mt);
    }
    turn();
    size_t handed = count_out(BYO_OUT_SEGMENT);
    ck_assert_uint_le(handed, FIT + 1);
    ck_assert_uint_ge(handed, FIT - FIT / 10);
    Out first = keep(out_of(BYO_OUT_SEGMENT, 0));
    later(1);
    ck_assert_uint_eq(count_out(BYO_OUT_SEGMENT), 0);
    for (int i = 0; i < 40; i++)
        give_own_ack(&first, BYO_ACK_SUCCESS);
    turn();
    ck_assert_uint_ge(count_out(BYO_OUT_SEGMENT), 39);
    ck_assert_uint_le(count_out(BYO_OUT_SEGMENT), 41);
    give_link(BYO_LINK_OWN, false);
    turn();
    ck_assert_int_eq(byo_flow_unacked(flow), 0);
    ck_assert_uint_eq(flow->now_is.unacked_octets, 0);
    drop(&first);
    flow_stop();
}
END_TEST

/* -- a share of the rate -----------------------------------------------------------------------------*/

/* A store that two byoboxes share; the other one has nothing to do. */
static struct {
    const ByoStoreOps *real;
    ByoStoreOps ops;
    int rounds, between;
    int wants;   /* what the first was asked for with last */
    double more; /* how much of the rate there is between two rounds; 0: none */
    bool busy;
} shared;

static int first_slot(const ByoStore *s)
{
    (void)s;
    return 0;
}

static bool deal(ByoStore *s, ByoRateShare *shares, size_t n)
{
    (void)s;
    shared.rounds++;
    shared.wants = shares[0].wants;
    for (size_t i = 0; i < n && !shared.busy; i++)
        shares[i].share = shares[i].rate * (shares[i].wants ? 0.99 : 0.01);
    return !shared.busy;
}

static bool deal_more(ByoStore *s, ByoRateShare *shares, size_t n)
{
    (void)s;
    shared.between++;
    for (size_t i = 0; i < n && !shared.busy; i++)
        shares[i].share = shared.more ? shares[i].rate * shared.more : shares[i].share;
    return !shared.busy;
}

static void start_shared(void)
{
    flow_start("messages-per-second = 100", NULL);
    const ByoStoreOps **ops = (const ByoStoreOps **)(void *)store;
    shared.real = *ops;
    shared.ops = **ops;
    shared.ops.slot = first_slot;
    shared.ops.shares = deal;
    shared.ops.share_more = deal_more;
    shared.rounds = shared.between = 0;
    shared.busy = false;
    shared.more = 0.5;
    *ops = &shared.ops;
    for (int i = 0; i < 3; i++)
        later(1100);
    ck_assert_int_eq(shared.rounds, 3);
    ck_assert(flow->runtimes[0].share == 1);
}

static void stop_shared(void)
{
    *(const ByoStoreOps **)(void *)store = shared.real;
    flow_stop();
}

/* A burst at a byobox that had nothing to do has an equal part at once, and what the others do not use at the next round. */
START_TEST(P9_a_burst_does_not_wait_for_a_round)
{
    start_shared();
    later(200);
    give_many(60);
    turn();
    ck_assert_int_eq(shared.between, 0);
    later(1);
    ck_assert_int_eq(shared.between, 1);
    ck_assert(flow->runtimes[0].share == 50 &&
              flow->runtimes[1].share == flow->runtimes[1].cfg->messages_per_second * 0.01);
    for (int i = 0; i < 80; i++)
        later(10);
    ck_assert_int_eq(shared.between, 1);
    ck_assert_int_eq(shared.rounds, 3);
    later(99);
    ck_assert_int_eq(shared.rounds, 4);
    ck_assert(flow->runtimes[0].share == 99);
    stop_shared();
}
END_TEST

/* What is raised just before a round, and still not enough, is wanted in it. */
START_TEST(P9_a_burst_just_before_a_round)
{
    start_shared();
    later(1090);
    give_many(60);
    turn();
    later(1);
    ck_assert_int_eq(shared.between, 1);
    ck_assert(flow->runtimes[0].share == 50);
    later(9);
    ck_assert_int_eq(shared.rounds, 4);
    ck_assert_int_eq(shared.wants, 1);
    ck_assert(flow->runtimes[0].share == 99);
    stop_shared();
}
END_TEST

/* Where nothing is free the next round asks for it. */
START_TEST(P9_a_burst_where_nothing_is_free)
{
    start_shared();
    shared.more = 0;
    later(500);
    give_many(60);
    turn();
    for (int i = 0; i < 59; i++)
        later(10);
    ck_assert_int_eq(shared.between, 1);
    ck_assert_int_eq(shared.rounds, 3);
    later(10);
    ck_assert_int_eq(shared.rounds, 4);
    ck_assert_int_eq(shared.wants, 1);
    stop_shared();
}
END_TEST

/* While another byobox is at the shares it is not asked in each turn. */
START_TEST(P9_a_burst_while_the_shares_are_locked)
{
    start_shared();
    shared.busy = true;
    give_many(60);
    turn();
    for (int i = 0; i < 90; i++)
        later(1);
    ck_assert_int_eq(shared.between + shared.rounds, 3 + 1);
    shared.busy = false;
    for (int i = 0; i < 20; i++)
        later(1);
    ck_assert(flow->runtimes[0].share >= 50);
    stop_shared();
}
END_TEST

/* What is queued is another byobox's, and this one has no share yet: it does not want one. */
START_TEST(P9_what_waits_elsewhere_wants_nothing_here)
{
    start_shared();
    ByoRuntime *rt = &flow->runtimes[0];
    rt->share = 0;
    byo_pace_set(&rt->pace, 0, now);
    rt->queued = 5;
    rt->queue_next = 0;
    shared.wants = -1;
    for (int i = 0; i < 2; i++, now += 1100) {
        begin();
        byo_flow_tick(flow, &the_turn);
        commit();
    }
    ck_assert_int_eq(shared.wants, 0);
    ck_assert_int_eq(shared.between, 0);
    rt->queued = 0;
    stop_shared();
}
END_TEST

/* What waits for the gate, for its time, or has all there is, asks for nothing. */
START_TEST(P9_what_does_not_wait_for_the_rate_asks_for_no_share)
{
    start_shared();
    gate("carrier-a", false);
    give_many(60);
    turn();
    for (int i = 0; i < 20; i++)
        later(10);
    ck_assert_int_eq(shared.between, 0);
    stop_shared();
}
END_TEST

/* What comes back in each report of each segment is not endless, and a refused giant is not kept whole. */
START_TEST(test_long_fields)
{
    static char long_text[1000000];
    memset(long_text, 'x', sizeof long_text);
    flow_start(NULL, NULL);
    ByoSms mt = plain("hello");
    size_t places[] = {offsetof(ByoSms, receiver),  offsetof(ByoSms, dlr_url), offsetof(ByoSms, account),
                       offsetof(ByoSms, meta_data), offsetof(ByoSms, udhdata), offsetof(ByoSms, msgdata)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        ByoSms huge = mt;
        byo_uuid_make(huge.id);
        *(ByoStr *)(void *)((char *)&huge + places[i]) = byo_strn(long_text, sizeof long_text);
        send_mt(BOX1, &huge);
        ck_ack(0, BYO_ACK_FAILED);
        const Out *report = out_of(BYO_OUT_DELIVER, 0);
        ck_assert_uint_lt(report->frame.n, 8192);
        ByoMessageRow row = message_of(report);
        ck_assert_uint_lt(row.frame.n, 8192);
        ck_assert_uint_le(row.recipient.n, 64);
        give_peer_ack(report, BYO_ACK_SUCCESS);
    }
    mt.dlr_url = byo_strn(long_text, 15000);
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_SUCCESS);
    flow_stop();
}
END_TEST

START_TEST(test_queue_limit)
{
    flow_start("queue-limit = 3", NULL);
    gate("carrier-a", false);
    for (int i = 0; i < 5; i++) {
        ByoSms mt = plain("x");
        give_mt(BOX1, &mt);
    }
    turn();
    for (size_t i = 0; i < 5; i++)
        ck_ack(i, i < 3 ? BYO_ACK_BUFFERED : BYO_ACK_FAILED_TMP);
    ck_assert_int_eq(events[BYO_EVENT_QUEUE_LIMIT], 1);
    ck_assert_int_eq(status_of("carrier-a").queued, 3);
    /* room again, and full again: told again */
    gate("carrier-a", true);
    for (int i = 0; i < 200; i++) {
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT)
                give_accepted(&outs[k]);
        later(20);
    }
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    gate("carrier-a", false);
    for (int i = 0; i < 5; i++) {
        ByoSms mt = plain("x");
        give_mt(BOX1, &mt);
    }
    turn();
    ck_ack(4, BYO_ACK_FAILED_TMP);
    ck_assert_int_eq(events[BYO_EVENT_QUEUE_LIMIT], 2);
    flow_stop();
}
END_TEST

START_TEST(test_l4_deleted)
{
    flow_start(NULL, NULL);
    gate("carrier-a", false);
    ByoSms mt = plain("x");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_BUFFERED);
    ByoFlowGate g = {.deleted = true};
    byo_flow_gate(flow, begin(), S("carrier-a"), &g);
    commit();
    mt = plain("y");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_FAILED);
    /* what waits ends with a final report */
    begin();
    while (byo_flow_drop_queue(flow, &the_turn, S("carrier-a"), 100))
        ;
    ck_assert_int_eq(byo_turn_commit(&the_turn), BYO_STORE_OK);
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    ck_assert_uint_eq(the_turn.out.n, 1);
    byo_turn_done(&the_turn);
    flow_stop();
}
END_TEST

static bool note_message(void *m, const ByoMessageRow *row)
{
    ((ByoMessageRow *)m)->id = row->id;
    return false;
}

static ByoMessageRow only_message(void)
{
    ByoMessageRow m = {0};
    byo_store_messages(store, &(ByoMessageFilter){.state = -1, .limit = 1}, &(ByoId){0}, note_message, &m);
    ck_assert_int_eq(byo_store_message(store, m.id, &m), BYO_STORE_OK);
    return m;
}

static void ck_unknown_outcome(void)
{
    ByoMessageRow m = only_message();
    ByoSegmentRow seg;
    ck_assert_int_eq(byo_store_segment(store, byo_id_segment(m.id, 1), &seg), BYO_STORE_OK);
    ck_assert_int_eq(seg.s.state, BYO_SEG_FAILED);
    ck_assert(seg.s.maybe_duplicate);
    ck_assert_int_eq(m.state, BYO_MSG_FAILED);
    ck_assert_int_eq(m.verdict.code, 1);
    ck_text(m.verdict.code_cause, "NETWORK_TIMEOUT");
    ck_assert_msg(m.verdict.description.n > 17 &&
                      memcmp(m.verdict.description.p, "outcome unknown: ", 17) == 0,
                  "%.*s", BYO_PF(m.verdict.description));
}

static void deleted_gate(void)
{
    ByoFlowGate g = {.deleted = true};
    byo_flow_gate(flow, begin(), S("carrier-a"), &g);
    commit();
}

/* (night F7) The integration is deleted while a segment is unanswered, and bearerbox gives it back. */
START_TEST(test_f7_deleted_with_a_segment_given_back)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("x");
    send_mt(BOX1, &mt);
    Out segment = keep(out_of(BYO_OUT_SEGMENT, 0));
    deleted_gate();
    give_nack(&segment, "NACK/no SMSC");
    turn();
    begin();
    while (byo_flow_drop_queue(flow, &the_turn, S("carrier-a"), 100))
        ;
    ck_assert_int_eq(byo_turn_commit(&the_turn), BYO_STORE_OK);
    ck_unknown_outcome();
    ck_assert_uint_eq(the_turn.out.n, 1);
    byo_turn_done(&the_turn);
    drop(&segment);
    flow_stop();
}
END_TEST

/* (night F7) And nobody says anything of it any more. */
START_TEST(test_f7_deleted_with_a_segment_unanswered)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("x");
    send_mt(BOX1, &mt);
    deleted_gate();
    begin();
    while (byo_flow_drop_handed(flow, &the_turn, S("carrier-a"), 100))
        ;
    ck_assert_int_eq(byo_turn_commit(&the_turn), BYO_STORE_OK);
    ck_unknown_outcome();
    byo_turn_done(&the_turn);
    flow_stop();
}
END_TEST

/* -- numbers shared by two integrations ----------------------------------------*/

static int through(const char *id)
{
    int n = 0;
    for (size_t k = 0; k < n_outs; k++)
        n += outs[k].kind == BYO_OUT_SEGMENT && byo_str_is(outs[k].sms.smsc_id, id);
    return n;
}

START_TEST(test_share_failover)
{
    flow_start(NULL, "shares-numbers-of = carrier-a\nshare = failover");
    ByoSms mt = plain("one");
    send_mt(BOX1, &mt);
    ck_assert_int_eq(through("carrier-a"), 1);
    gate("carrier-a", false);
    mt = plain("two");
    send_mt(BOX1, &mt);
    ck_assert_int_eq(through("carrier-b"), 1);
    ck_text(message_of(out_of(BYO_OUT_SEGMENT, 0)).integration, "carrier-b");
    /* a receipt over it finds its message, an MO over it its number */
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    give_accepted(&seg);
    turn();
    give_delivered(&seg);
    turn();
    ck_assert_int_eq(message_of(&seg).state, BYO_MSG_DELIVERED);
    ByoSms mo = an_mo(PHONE, NUMBER_A, "hello");
    mo.smsc_id = S("carrier-b");
    give_mo(&mo);
    give_peer_up(ANON1, NULL);
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "integration"), "carrier-b");
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "number"), "+" NUMBER_A);
    drop(&seg);
    /* both away: it waits for the owner; the owner is back: through the owner */
    gate("carrier-b", false);
    mt = plain("three");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_BUFFERED);
    ck_assert_int_eq(status_of("carrier-a").queued, 1);
    gate("carrier-a", true);
    gate("carrier-b", true);
    wait_out(2000);
    ck_assert_int_eq(through("carrier-a"), 1);
    /* the other way round it is nobody's business */
    gate("carrier-b", false);
    mt = an_mt(NUMBER_B, PHONE, "four");
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_BUFFERED);
    flow_stop();
}
END_TEST

START_TEST(test_share_load)
{
    flow_start("messages-per-second = 100",
               "messages-per-second = 50\nshares-numbers-of = carrier-a\nshare = load");
    int a = 0, b = 0;
    for (int i = 0; i < 900; i++) {
        char to[20];
        snprintf(to, sizeof to, "+1202555%04d", i % 300);
        ByoSms mt = an_mt(NUMBER_A, to, "x");
        give_mt(BOX1, &mt);
        later(30);
        a += through("carrier-a");
        b += through("carrier-b");
        for (size_t k = 0; k < n_outs; k++)
            if (outs[k].kind == BYO_OUT_SEGMENT) {
                char url[64];
                snprintf(url, sizeof url, "%.*s", BYO_PF(outs[k].sms.dlr_url));
                give_accepted(&outs[k]);
            }
    }
    /* two to one, and a recipient always the same way */
    ck_assert_int_ge(a, 450);
    ck_assert_int_ge(b, 200);
    ck_assert_int_eq(a % 3, 0);
    ck_assert_int_eq(b % 3, 0);
    gate("carrier-a", false);
    ByoSms mt = an_mt(NUMBER_A, PHONE, "x");
    send_mt(BOX1, &mt);
    wait_out(200);
    gate("carrier-b", false);
    gate("carrier-a", true);
    mt = an_mt(NUMBER_A, PHONE, "x");
    give_mt(BOX1, &mt);
    int64_t before = status_of("carrier-a").total.segments_out;
    later(50);
    ck_assert_int_eq(status_of("carrier-a").total.segments_out, before + 1);
    flow_stop();
}
END_TEST

/* -- validity --------------------------------------------------------------------------------------*/

START_TEST(test_validity)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("too late");
    mt.validity = (int32_t)(now / 1000) - 1;
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_FAILED);
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "EXPIRED");
    /* the queue is closed: it ends in time all the same, with its report */
    gate("carrier-a", false);
    mt = plain("wait");
    mt.validity = (int32_t)(now / 1000) + 60;
    send_mt(BOX1, &mt);
    ck_ack(0, BYO_ACK_BUFFERED);
    later(59 * 1000);
    ck_assert_uint_eq(n_outs, 0);
    later(1000);
    const Out *r = out_of(BYO_OUT_DELIVER, 0);
    ck_assert_str_eq(byo_key(r, "cause"), "EXPIRED");
    ck_assert_str_eq(byo_key(r, "code"), "4");
    ck_assert_int_eq(r->sms.dlr_mask, BYO_DLR_SMSC_FAIL);
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    flow_stop();
}
END_TEST

START_TEST(test_validity_back_in_queue_after_it)
{
    flow_start(NULL, NULL);
    ByoSms mt = plain("x");
    mt.validity = (int32_t)(now / 1000) + 10;
    send_mt(BOX1, &mt);
    Out seg = keep(out_of(BYO_OUT_SEGMENT, 0));
    gate("carrier-a", false);
    later(20 * 1000);
    ck_assert_uint_eq(n_outs, 0);
    give_own_ack(&seg, BYO_ACK_FAILED_TMP); /* not taken, and its time is over */
    turn();
    ck_assert_str_eq(byo_key(out_of(BYO_OUT_DELIVER, 0), "cause"), "EXPIRED");
    drop(&seg);
    flow_stop();
}
END_TEST

START_TEST(test_validity_after_reboot)
{
    flow_start(NULL, NULL);
    gate("carrier-a", false);
    for (int i = 0; i < 700; i++) {
        ByoSms mt = plain("x");
        mt.validity = (int32_t)(now / 1000) + 60;
        mt.dlr_mask = 0;
        give_mt(BOX1, &mt);
    }
    turn();
    now += 3600 * 1000;
    flow_reboot();
    gate("carrier-a", false);
    turn();
    turn();
    ck_assert_int_eq(status_of("carrier-a").queued, 0);
    flow_stop();
}
END_TEST

Suite *flow_queue_suite(void)
{
    Suite *s = suite_create("flow, queue");
    TCase *t = tcase_create("queue");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_one_uuid_for_several);
    tcase_add_test(t, P9_a_closed_gate_is_no_credit);
    tcase_add_test(t, P9_an_empty_queue_is_no_credit);
    tcase_add_test(t, H5_a_window_of_octets);
    tcase_add_test(t, P9_a_burst_does_not_wait_for_a_round);
    tcase_add_test(t, P9_a_burst_just_before_a_round);
    tcase_add_test(t, P9_a_burst_where_nothing_is_free);
    tcase_add_test(t, P9_a_burst_while_the_shares_are_locked);
    tcase_add_test(t, P9_what_waits_elsewhere_wants_nothing_here);
    tcase_add_test(t, P9_what_does_not_wait_for_the_rate_asks_for_no_share);
    tcase_add_test(t, test_long_fields);
    tcase_add_test(t, test_queue_limit);
    tcase_add_test(t, test_l4_deleted);
    tcase_add_test(t, test_f7_deleted_with_a_segment_given_back);
    tcase_add_test(t, test_f7_deleted_with_a_segment_unanswered);
    tcase_add_test(t, test_share_failover);
    tcase_add_test(t, test_share_load);
    tcase_add_test(t, test_validity);
    tcase_add_test(t, test_validity_back_in_queue_after_it);
    tcase_add_test(t, test_validity_after_reboot);
    suite_add_tcase(s, t);
    return s;
}
