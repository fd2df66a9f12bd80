/* SPDX-License-Identifier: BSD-3-Clause
 * The link room over real sockets: what passes through, what is ours, and how it ends.
 * Threads: link_fixture.h. */
#include "link_fixture.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/thread.h"

enum { SILENT = 5 };

START_TEST(test_pass_through_named)
{
    ByoBuf sent = {0}, got = {0};
    char id[BYO_BOX_ID_MAX + 1], uuid[BYO_UUID_LEN + 1] = "";
    start();
    int smsbox = a_smsbox("box1");
    ByoInput *up = await(BYO_IN_PEER_UP);
    ck_assert(up->named);
    ck_assert_str_eq(up->box, "box1");
    byo_input_free(up);
    int pair = accept_link(id);
    ck_assert_str_eq(id, "box1");
    /* out, and its ack back */
    put_sms(&sent, "other", "+49", BYO_MT_PUSH, uuid);
    send_frame(smsbox, byo_buf_str(&sent));
    ck_assert(read_frame(pair, &got));
    ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
    send_ack(pair, uuid, BYO_ACK_BUFFERED);
    ck_read_ack(smsbox, uuid, BYO_ACK_BUFFERED);
    /* in, and its ack back: MO and report */
    for (int type = BYO_MO; type <= BYO_REPORT_MO; type += BYO_REPORT_MO) {
        uuid[0] = 0;
        put_sms(&sent, "+49", "other", (ByoSmsType)type, uuid);
        send_frame(pair, byo_buf_str(&sent));
        ck_assert(read_frame(smsbox, &got));
        ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
        send_ack(smsbox, uuid, BYO_ACK_SUCCESS);
        ck_read_ack(pair, uuid, BYO_ACK_SUCCESS);
    }
    /* its heartbeat goes on, with its load */
    byo_buf_clear(&sent);
    byo_frame_put_heartbeat(17, &sent);
    send_frame(smsbox, byo_buf_str(&sent));
    ck_assert(read_frame(pair, &got));
    ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
    ByoLinkStatus st;
    byo_link_status(box, &st);
    ck_assert_uint_eq(st.n_peers, 1);
    ck_assert_int_eq(st.peers[0].load, 17);
    ck_assert_int_eq(st.peers[0].passed_mt, 1);
    ck_assert_int_eq(st.peers[0].passed_in, 2);
    ck_assert(st.peers[0].pair_up && st.own_up && st.anon_up);
    free(st.peers);
    /* the smsbox goes: its link goes with it */
    close(smsbox);
    ck_assert(is_closed(pair));
    await_free(BYO_IN_PEER_DOWN);
    close(pair);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

START_TEST(test_one_uuid_twice)
{
    /* two anonymous smsboxes, one id: each gets its ack, in the order they came */
    ByoBuf sent = {0}, got = {0};
    char uuid[BYO_UUID_LEN + 1] = "";
    start();
    int first = a_smsbox(NULL), second = a_smsbox(NULL);
    put_sms(&sent, "other", "+491", BYO_MT_PUSH, uuid);
    send_frame(first, byo_buf_str(&sent));
    send_frame(first, byo_buf_str(&sent));
    ck_assert(read_frame(anon, &got));
    ck_assert(read_frame(anon, &got));
    put_sms(&sent, "other", "+492", BYO_MT_PUSH, uuid);
    send_frame(second, byo_buf_str(&sent));
    ck_assert(read_frame(anon, &got));
    send_ack(anon, uuid, BYO_ACK_SUCCESS);
    send_ack(anon, uuid, BYO_ACK_FAILED);
    send_ack(anon, uuid, BYO_ACK_BUFFERED);
    send_ack(anon, uuid, BYO_ACK_SUCCESS); /* one too many */
    ck_read_ack(first, uuid, BYO_ACK_SUCCESS);
    ck_read_ack(first, uuid, BYO_ACK_FAILED);
    ck_read_ack(second, uuid, BYO_ACK_BUFFERED);
    close(first);
    close(second);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

START_TEST(test_ours)
{
    ByoBuf sent = {0}, got = {0};
    char uuid[BYO_UUID_LEN + 1] = "", mo[BYO_UUID_LEN + 1] = "", seg[BYO_UUID_LEN + 1] = "";
    char id[BYO_BOX_ID_MAX + 1];
    start();
    int smsbox = a_smsbox("box1");
    int pair = accept_link(id);
    ByoInput *up = await(BYO_IN_PEER_UP);
    ByoConnId conn = up->conn;
    byo_input_free(up);
    put_sms(&sent, "ours", "+49", BYO_MT_PUSH, uuid);
    send_frame(smsbox, byo_buf_str(&sent));
    ByoInput *in = await(BYO_IN_MT);
    ck_assert(in->conn == conn && in->named && byo_str_eq(in->frame, byo_buf_str(&sent)));
    ck_assert_str_eq(in->box, "box1");
    ck_assert_str_eq(in->sms.id, uuid);
    byo_input_free(in);
    post(BYO_OUT_PEER_ACK, conn, uuid, BYO_ACK_FAILED, 0, BYO_STR_NONE);
    ck_read_ack(smsbox, uuid, BYO_ACK_FAILED);
    /* a segment goes out over the own link; its ack comes as an input */
    put_sms(&sent, "1", "2", BYO_MT_PUSH, seg);
    post(BYO_OUT_SEGMENT, 0, NULL, BYO_ACK_SUCCESS, 0, byo_buf_str(&sent));
    ck_assert(read_frame(own, &got));
    ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
    send_ack(own, seg, BYO_ACK_BUFFERED);
    in = await(BYO_IN_OWN_ACK);
    ck_assert_str_eq(in->uuid, seg);
    ck_assert_int_eq(in->nack, BYO_ACK_BUFFERED);
    byo_input_free(in);
    /* an MO of ours over the pair, the anonymous and the own link */
    int links[] = {pair, anon, own};
    ByoLinkKind kinds[] = {BYO_LINK_PAIR, BYO_LINK_ANON, BYO_LINK_OWN};
    for (int i = 0; i < 3; i++) {
        mo[0] = 0;
        put_sms(&sent, "+49", "ours", BYO_MO, mo);
        send_frame(links[i], byo_buf_str(&sent));
        in = await(BYO_IN_SMS);
        ck_assert_int_eq(in->link, kinds[i]);
        ck_assert_int_eq(in->named, i == 0);
        ck_assert(byo_str_eq(in->frame, byo_buf_str(&sent)));
        post(BYO_OUT_LINK_ACK, in->conn, mo, BYO_ACK_SUCCESS, 0, BYO_STR_NONE);
        ck_read_ack(links[i], mo, BYO_ACK_SUCCESS);
        byo_input_free(in);
    }
    /* and to the smsbox, whose ack says which it was */
    post(BYO_OUT_DELIVER, conn, mo, BYO_ACK_SUCCESS, 4711, byo_buf_str(&sent));
    ck_assert(read_frame(smsbox, &got));
    ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
    send_ack(smsbox, mo, BYO_ACK_FAILED_TMP);
    in = await(BYO_IN_PEER_ACK);
    ck_assert_int_eq(in->token, 4711);
    ck_assert_int_eq(in->nack, BYO_ACK_FAILED_TMP);
    byo_input_free(in);
    close(smsbox);
    close(pair);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

START_TEST(test_acks_of_what_was_given)
{
    /* in order, the newest first and in between: each ack is that of its own message, and the list moves on */
    enum { GIVEN = 200, ROUNDS = 5 };
    static char uuid[GIVEN][BYO_UUID_LEN + 1];
    ByoBuf sent = {0}, got = {0};
    char id[BYO_BOX_ID_MAX + 1];
    start();
    int smsbox = a_smsbox("box1");
    int pair = accept_link(id);
    ByoInput *up = await(BYO_IN_PEER_UP);
    ByoConnId conn = up->conn;
    byo_input_free(up);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < GIVEN; i++) {
            uuid[i][0] = 0;
            put_sms(&sent, "+49", "ours", BYO_REPORT_MO, uuid[i]);
            post(BYO_OUT_DELIVER, conn, uuid[i], BYO_ACK_SUCCESS, round * GIVEN + i, byo_buf_str(&sent));
            ck_assert(read_frame(smsbox, &got));
        }
        for (int i = 0; i < GIVEN; i++) {
            int which = round % 2 ? GIVEN - 1 - i : (i * 7) % GIVEN;
            send_ack(smsbox, uuid[which], BYO_ACK_SUCCESS);
            ByoInput *in = await(BYO_IN_PEER_ACK);
            ck_assert_int_eq(in->token, round * GIVEN + which);
            byo_input_free(in);
        }
    }
    close(smsbox);
    close(pair);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

START_TEST(test_not_identified)
{
    /* the first MT makes a smsbox routable, by its boxc_id */
    ByoBuf sent = {0}, got = {0};
    ByoSms sms;
    char id[BYO_BOX_ID_MAX + 1];
    start();
    int smsbox = connect_to(byo_link_port(box));
    byo_sms_init(&sms);
    byo_uuid_make(sms.id);
    sms.sender = BYO_STR("other");
    sms.boxc_id = BYO_STR("late");
    byo_frame_put_sms(&sms, &sent);
    send_frame(smsbox, byo_buf_str(&sent));
    int pair = accept_link(id);
    ck_assert_str_eq(id, "late");
    ck_assert(read_frame(pair, &got)); /* held until the link stood */
    ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
    close(smsbox);
    close(pair);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

START_TEST(test_bearerbox_away)
{
    /* nobody listens: what passes through is answered "try again"; ours is taken all the same */
    ByoBuf sent = {0};
    char uuid[BYO_UUID_LEN + 1] = "", mine[BYO_UUID_LEN + 1] = "";
    bearerbox_at = 0;
    close(listen_at(&bearerbox_at));
    start_box(NULL);
    int smsbox = a_smsbox(NULL);
    put_sms(&sent, "other", "+49", BYO_MT_PUSH, uuid);
    send_frame(smsbox, byo_buf_str(&sent));
    put_sms(&sent, "ours", "+49", BYO_MT_PUSH, mine);
    send_frame(smsbox, byo_buf_str(&sent));
    ByoInput *in = await(BYO_IN_MT);
    post(BYO_OUT_PEER_ACK, in->conn, mine, BYO_ACK_BUFFERED, 0, BYO_STR_NONE);
    byo_input_free(in);
    ck_read_ack(smsbox, mine, BYO_ACK_BUFFERED);
    ck_read_ack(smsbox, uuid, BYO_ACK_FAILED_TMP);
    /* it comes: what is held goes out */
    uuid[0] = 0;
    put_sms(&sent, "other", "+49", BYO_MT_PUSH, uuid);
    send_frame(smsbox, byo_buf_str(&sent));
    host = listen_at(&bearerbox_at);
    accept_both();
    ByoBuf got = {0};
    if (read_frame(anon, &got)) { /* unless the way back took longer than it is held */
        ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
        send_ack(anon, uuid, BYO_ACK_SUCCESS);
        ck_read_ack(smsbox, uuid, BYO_ACK_SUCCESS);
    }
    close(smsbox);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

START_TEST(test_bearerbox_says_goodbye)
{
    /* no more over it, last acks still, then closed by byobox (bearerbox waits for that), and again */
    ByoBuf sent = {0}, got = {0};
    char mo[BYO_UUID_LEN + 1] = "", id[BYO_BOX_ID_MAX + 1];
    start();
    put_sms(&sent, "+49", "ours", BYO_MO, mo);
    send_frame(own, byo_buf_str(&sent));
    ByoInput *mo_in = await(BYO_IN_SMS);
    send_admin(own, _i ? BYO_CMD_RESTART : BYO_CMD_SHUTDOWN);
    ByoInput *in = await(BYO_IN_LINK_DOWN);
    ck_assert(in->bye && in->link == BYO_LINK_OWN);
    byo_input_free(in);
    post(BYO_OUT_SEGMENT, 0, NULL, BYO_ACK_SUCCESS, 0, byo_buf_str(&sent)); /* is not sent any more */
    post(BYO_OUT_LINK_ACK, mo_in->conn, mo, BYO_ACK_SUCCESS, 0, BYO_STR_NONE);
    byo_input_free(mo_in);
    ck_read_ack(own, mo, BYO_ACK_SUCCESS);
    ck_assert(!read_frame(own, &got));
    close(own);
    own = accept_link(id);
    ck_assert_str_eq(id, "byobox");
    await_free(BYO_IN_LINK_UP);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

START_TEST(test_goodbye_of_one_that_does_not_read)
{
    ByoBuf sent = {0};
    char uuid[BYO_UUID_LEN + 1] = "", id[BYO_BOX_ID_MAX + 1];
    start();
    put_sms(&sent, "1", "2", BYO_MT_PUSH, uuid);
    byo_buf_need(&sent, 500000);
    memset(sent.p + sent.n, 0, 500000);
    sent.n += 500000;
    for (int i = 0; i < 24; i++) /* more than the sockets hold */
        post(BYO_OUT_SEGMENT, 0, NULL, BYO_ACK_SUCCESS, 0, byo_buf_str(&sent));
    send_admin(own, BYO_CMD_SHUTDOWN);
    int again = accept_link(id);
    ck_assert_str_eq(id, "byobox");
    close(own);
    own = again;
    byo_buf_free(&sent);
    stop();
}
END_TEST

START_TEST(test_a_segment_behind_its_lease_stays)
{
    /* another node may have it: it comes back as one bearerbox did not take, and all else goes its way */
    ByoBuf sent = {0}, got = {0};
    char late[BYO_UUID_LEN + 1] = "", in_time[BYO_UUID_LEN + 1] = "";
    start();
    put_sms(&sent, "1", "2", BYO_MT_PUSH, late);
    post_until = byo_boottime();
    post(BYO_OUT_SEGMENT, 0, late, BYO_ACK_SUCCESS, 0, byo_buf_str(&sent));
    ByoInput *in = await(BYO_IN_OWN_ACK);
    ck_assert_str_eq(in->uuid, late);
    ck_assert_int_eq(in->nack, BYO_ACK_FAILED_TMP);
    byo_input_free(in);
    sent.n = 0;
    put_sms(&sent, "1", "2", BYO_MT_PUSH, in_time);
    post_until = byo_boottime() + BYO_HOUR;
    post(BYO_OUT_SEGMENT, 0, in_time, BYO_ACK_SUCCESS, 0, byo_buf_str(&sent));
    ck_assert(read_frame(own, &got));
    ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

START_TEST(test_quiesce)
{
    /* stopping: MTs are answered "try again", acks are still taken, what is posted still goes out */
    ByoBuf sent = {0}, got = {0};
    char mo[BYO_UUID_LEN + 1] = "", uuid[BYO_UUID_LEN + 1] = "";
    start();
    int smsbox = a_smsbox(NULL);
    ByoInput *up = await(BYO_IN_PEER_UP);
    ByoConnId conn = up->conn;
    byo_input_free(up);
    byo_link_quiesce(box);
    put_sms(&sent, "1", "2", BYO_MO, mo);
    post(BYO_OUT_DELIVER, conn, mo, BYO_ACK_SUCCESS, 12, byo_buf_str(&sent));
    ck_assert(read_frame(smsbox, &got));
    put_sms(&sent, _i ? "ours" : "other", "+49", BYO_MT_PUSH, uuid);
    send_frame(smsbox, byo_buf_str(&sent));
    ck_read_ack(smsbox, uuid, BYO_ACK_FAILED_TMP);
    send_ack(smsbox, mo, BYO_ACK_SUCCESS);
    ByoInput *in = await(BYO_IN_PEER_ACK);
    ck_assert_int_eq(in->token, 12);
    byo_input_free(in);
    uuid[0] = 0;
    put_sms(&sent, "1", "2", BYO_MT_PUSH, uuid);
    post(BYO_OUT_SEGMENT, 0, NULL, BYO_ACK_SUCCESS, 0, byo_buf_str(&sent));
    byo_link_stop(box, 5000);
    ck_assert(read_frame(own, &got));
    ck_assert(byo_str_eq(byo_buf_str(&sent), byo_buf_str(&got)));
    ck_assert(is_closed(own));
    ck_assert(is_closed(smsbox));
    close(smsbox);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

static void look(void *arg)
{
    int *rounds = arg;
    for (int i = 0; i < *rounds; i++) {
        ByoLinkStatus st;
        byo_link_status(box, &st);
        for (size_t k = 0; k < st.n_peers; k++)
            ck_assert(!st.peers[k].named || st.peers[k].box[0]);
        free(st.peers);
    }
}

START_TEST(test_status_meanwhile)
{
    /* somebody looks all the time while smsboxes come, send and go (for ThreadSanitizer, too) */
    ByoBuf sent = {0}, got = {0};
    int rounds = 3000;
    start();
    long t = byo_thread_start(look, &rounds);
    for (int i = 0; i < 10; i++) {
        char uuid[BYO_UUID_LEN + 1] = "", name[20], id[BYO_BOX_ID_MAX + 1];
        snprintf(name, sizeof name, "box%d", i);
        int smsbox = a_smsbox(name), pair = accept_link(id);
        put_sms(&sent, "other", "+49", BYO_MT_PUSH, uuid);
        send_frame(smsbox, byo_buf_str(&sent));
        ck_assert(read_frame(pair, &got));
        send_ack(pair, uuid, BYO_ACK_SUCCESS);
        ck_read_ack(smsbox, uuid, BYO_ACK_SUCCESS);
        answer_one(smsbox);
        close(smsbox);
        ck_assert(is_closed(pair));
        close(pair);
    }
    byo_thread_join(t);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

int main(void)
{
    byo_gw_start();
    byo_log_open(NULL, BYO_LOG_ERROR, SILENT);
    Suite *s = suite_create("link");
    TCase *t = tcase_create("link");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, test_pass_through_named);
    tcase_add_test(t, test_one_uuid_twice);
    tcase_add_test(t, test_ours);
    tcase_add_test(t, test_acks_of_what_was_given);
    tcase_add_test(t, test_not_identified);
    tcase_add_test(t, test_bearerbox_away);
    tcase_add_loop_test(t, test_bearerbox_says_goodbye, 0, 2);
    tcase_add_test(t, test_goodbye_of_one_that_does_not_read);
    tcase_add_test(t, test_a_segment_behind_its_lease_stays);
    tcase_add_loop_test(t, test_quiesce, 0, 2);
    tcase_add_test(t, test_status_meanwhile);
    suite_add_tcase(s, t);
    suite_add_tcase(s, link_peers_case());
    int failed = run_suite(s);
    byo_gw_stop();
    return failed;
}
