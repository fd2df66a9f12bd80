/* SPDX-License-Identifier: BSD-3-Clause
 * The link room over real sockets: a bearerbox and smsboxes made of blocking sockets around it.
 * Threads: the test's and the link's; Given.lock guards what the link gave. Every wait ends by itself. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "box_socket.h"

#include "base/log.h"
#include "base/thread.h"
#include "link/link.h"
#include "link/link_private.h"

enum { SILENT = 5 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t more;
    ByoInput *first, **last;
    int mts; /* BYO_IN_MT given so far */
} given = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};

static ByoLink *box;
static int host = -1, host_port;
static int own = -1, anon = -1; /* the host's ends of the two links */

static void send_admin(int fd, ByoAdminCommand command)
{
    ByoBuf b = {0};
    byo_frame_put_admin(command, BYO_STR_NONE, &b);
    send_frame(fd, byo_buf_str(&b));
    byo_buf_free(&b);
}

/* A link of byobox's comes up: the host's end of it, and who it says it is ("" anonymous). */
static int accept_link(char id[BYO_BOX_ID_MAX + 1])
{
    ByoBuf b = {0};
    ByoAdminFrame a;
    int fd = accept(host, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    become_patient(fd);
    ck_assert(read_frame(fd, &b));
    ck_assert(byo_frame_admin(byo_buf_str(&b), &a));
    ck_assert_int_eq(a.command, BYO_CMD_IDENTIFY);
    /* the long form: type, command, id and its length, and one number more */
    ck_assert_uint_eq(b.n, 4 + 4 + 4 + a.boxc_id.n + 4);
    snprintf(id, BYO_BOX_ID_MAX + 1, "%.*s", BYO_PF(a.boxc_id));
    byo_buf_free(&b);
    return fd;
}

/* -- what the link gives -----------------------------------------------------------------------------*/

static void take_input(void *arg, ByoInput *in)
{
    (void)arg;
    pthread_mutex_lock(&given.lock);
    in->next = NULL;
    *given.last = in;
    given.last = &in->next;
    given.mts += in->kind == BYO_IN_MT;
    pthread_cond_broadcast(&given.more);
    pthread_mutex_unlock(&given.lock);
}

static struct timespec patience(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    ts.tv_sec += PATIENCE_MS / 1000;
    return ts;
}

/* The next input of this kind; others stay. The caller frees it. */
static ByoInput *await(ByoInputKind kind)
{
    struct timespec ts = patience();
    pthread_mutex_lock(&given.lock);
    for (;;) {
        for (ByoInput **at = &given.first; *at; at = &(*at)->next) {
            if ((*at)->kind != kind)
                continue;
            ByoInput *in = *at;
            *at = in->next;
            if (!*at)
                given.last = at;
            pthread_mutex_unlock(&given.lock);
            return in;
        }
        if (pthread_cond_timedwait(&given.more, &given.lock, &ts) != 0) {
            pthread_mutex_unlock(&given.lock);
            ck_abort_msg("no input of kind %d came", kind);
        }
    }
}

static void await_free(ByoInputKind kind)
{
    byo_input_free(await(kind));
}

static int mts_given(void)
{
    pthread_mutex_lock(&given.lock);
    int n = given.mts;
    pthread_mutex_unlock(&given.lock);
    return n;
}

static ByoRoute route(void *arg, const ByoSms *sms, bool from_bearerbox)
{
    (void)arg;
    ByoStr number = from_bearerbox ? sms->receiver : sms->sender;
    return byo_str_is(number, "ours") ? BYO_ROUTE_OURS : BYO_ROUTE_PASS;
}

/* -- the box ---------------------------------------------------------------------------------------*/

static void start_box(const char *allow)
{
    char *why = NULL;
    ByoLinkOptions opt = {.smsbox_allow_ip = allow,
                          .bearerbox_host = "127.0.0.1",
                          .bearerbox_port = host_port,
                          .box_id = "byobox",
                          .input = take_input,
                          .route = route};
    given.first = NULL;
    given.last = &given.first;
    given.mts = 0;
    box = byo_link_create(&opt, &why);
    ck_assert_msg(box != NULL, "%s", why ? why : "");
    byo_link_start(box);
}

static void accept_both(void)
{
    for (int i = 0; i < 2; i++) {
        char id[BYO_BOX_ID_MAX + 1];
        int fd = accept_link(id);
        if (strcmp(id, "byobox") == 0)
            own = fd;
        else
            anon = fd;
    }
    ck_assert(own >= 0 && anon >= 0);
}

static void start(void)
{
    host_port = 0;
    host = listen_at(&host_port);
    start_box(NULL);
    accept_both();
    await_free(BYO_IN_LINK_UP);
    await_free(BYO_IN_LINK_UP);
}

static void stop(void)
{
    byo_link_stop(box, 1000);
    byo_link_destroy(box);
    while (given.first) {
        ByoInput *in = given.first;
        given.first = in->next;
        byo_input_free(in);
    }
    int *fds[] = {&host, &own, &anon};
    for (int i = 0; i < 3; i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
}

static int a_smsbox(const char *id)
{
    int fd = connect_to(byo_link_port(box));
    send_identify(fd, id);
    return fd;
}

/* A frame with something in every field, and three octets more than anybody knows. */
static void put_sms(ByoBuf *b, const char *from, const char *to, ByoSmsType type, char uuid[BYO_UUID_LEN + 1])
{
    ByoSms sms;
    byo_sms_init(&sms);
    sms.sender = byo_str(from);
    sms.receiver = byo_str(to);
    sms.msgdata = byo_strn("a\0b\xff", 4);
    sms.udhdata = BYO_STR("");
    sms.sms_type = type;
    sms.meta_data = BYO_STR("?x?y=z&");
    if (!uuid[0])
        byo_uuid_make(uuid);
    memcpy(sms.id, uuid, sizeof sms.id);
    byo_buf_clear(b);
    byo_frame_put_sms(&sms, b);
    byo_buf_add(b, "\1\2\3", 3);
}

static void post(ByoOutputKind kind, ByoConnId conn, const char *uuid, ByoAck nack, int64_t token,
                 ByoStr frame)
{
    ByoOutputs batch = {0};
    ByoOutput *o = byo_outputs_add(&batch, kind);
    o->conn = conn;
    o->nack = nack;
    o->token = token;
    if (uuid)
        memcpy(o->uuid, uuid, sizeof o->uuid);
    byo_output_begin(&batch, o);
    byo_buf_add(&batch.bytes, frame.p ? frame.p : "", frame.n);
    byo_output_end(&batch, o);
    byo_link_post(box, &batch);
    ck_assert_uint_eq(batch.n, 0);
    byo_outputs_free(&batch);
}

/* -- tests ------------------------------------------------------------------------------------------*/

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
    host_port = 0;
    close(listen_at(&host_port));
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
    host = listen_at(&host_port);
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

static void answer_one(int smsbox)
{
    ByoBuf sent = {0};
    char uuid[BYO_UUID_LEN + 1] = "";
    put_sms(&sent, "ours", "+49", BYO_MT_PUSH, uuid);
    send_frame(smsbox, byo_buf_str(&sent));
    for (;;) { /* others' MTs may stand before it */
        ByoInput *in = await(BYO_IN_MT);
        bool mine = strcmp(in->sms.id, uuid) == 0;
        if (mine)
            post(BYO_OUT_PEER_ACK, in->conn, uuid, BYO_ACK_SUCCESS, 0, BYO_STR_NONE);
        byo_input_free(in);
        if (mine)
            break;
    }
    ck_read_ack(smsbox, uuid, BYO_ACK_SUCCESS);
    byo_buf_free(&sent);
}

static const struct {
    const char *row, *octets;
    size_t n;
} hostile[] = {
    {"2 GB", "\x7f\xff\xff\xff", 4},
    {"negative length", "\xff\xff\xff\xf0", 4},
    {"a megabyte and one", "\x00\x10\x00\x01", 4},
    {"no body", "\x00\x00\x00\x00", 4},
    {"short body",
     "\x00\x00\x00\x03"
     "abc",
     7},
    {"unknown type", "\x00\x00\x00\x04\x00\x00\x00\x09", 8},
    {"sms of nothing", "\x00\x00\x00\x04\x00\x00\x00\x02", 8},
    {"ack of nothing", "\x00\x00\x00\x04\x00\x00\x00\x03", 8},
    {"admin of nothing", "\x00\x00\x00\x04\x00\x00\x00\x01", 8},
    {"heartbeat of nothing", "\x00\x00\x00\x04\x00\x00\x00\x00", 8},
    {"a string that lies", "\x00\x00\x00\x0c\x00\x00\x00\x01\x00\x00\x00\x03\x00\x0f\xff\xff", 16},
    {"HTTP", "GET / HTTP/1.0\r\n\r\n", 18},
    {"byobox's own id",
     "\x00\x00\x00\x16\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x00\x06"
     "byobox\x00\x00\x00\x00",
     26},
};

START_TEST(test_hostile)
{
    start();
    int good = a_smsbox(NULL), silent = connect_to(byo_link_port(box));
    int bad = connect_to(byo_link_port(box));
    send_raw(bad, hostile[_i].octets, hostile[_i].n);
    ck_assert(is_closed(bad));
    answer_one(good);
    /* a silent one costs nothing either, and may still begin */
    send_identify(silent, NULL);
    answer_one(silent);
    close(good);
    close(silent);
    close(bad);
    stop();
}
END_TEST

START_TEST(test_hostile_bearerbox)
{
    /* from bearerbox's side: the link goes down, is told, and comes again */
    char id[BYO_BOX_ID_MAX + 1];
    start();
    int smsbox = a_smsbox(NULL);
    send_raw(own, "\x7f\xff\xff\xff", 4);
    ck_assert(is_closed(own));
    ByoInput *in = await(BYO_IN_LINK_DOWN);
    ck_assert(in->link == BYO_LINK_OWN && !in->bye);
    byo_input_free(in);
    close(own);
    own = accept_link(id);
    ck_assert_str_eq(id, "byobox");
    await_free(BYO_IN_LINK_UP);
    answer_one(smsbox);
    close(smsbox);
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

START_TEST(test_allow_ip)
{
    host_port = 0;
    host = listen_at(&host_port);
    start_box("10.1.2.3;10.2.*.*");
    accept_both();
    int bad = connect_to(byo_link_port(box));
    ck_assert(is_closed(bad));
    close(bad);
    ByoLinkStatus st;
    byo_link_status(box, &st);
    ck_assert_int_eq(st.refused_peers, 1);
    ck_assert_uint_eq(st.n_peers, 0);
    free(st.peers);
    stop();
}
END_TEST

START_TEST(test_port_taken)
{
    int port = 0, fd = listen_at(&port);
    char *why = NULL;
    ByoLinkOptions opt = {.smsbox_port = port, .bearerbox_host = "127.0.0.1", .box_id = "byobox"};
    ck_assert(byo_link_create(&opt, &why) == NULL);
    ck_assert(why != NULL && strstr(why, "smsbox-port") != NULL);
    free(why);
    close(fd);
}
END_TEST

START_TEST(test_flood)
{
    /* a smsbox that sends and sends: the box reads as much as is being answered, and no more */
    ByoBuf sent = {0};
    enum { HIGH = 2000, TOTAL = 5000 };
    char uuid[BYO_UUID_LEN + 1] = "";
    start();
    int good = a_smsbox(NULL), flood = a_smsbox(NULL);
    put_sms(&sent, "ours", "+49", BYO_MT_PUSH, uuid);
    fcntl(flood, F_SETFL, O_NONBLOCK);
    ByoBuf all = {0};
    for (int i = 0; i < TOTAL; i++) {
        unsigned char head[4] = {0, 0, (unsigned char)(sent.n >> 8), (unsigned char)sent.n};
        byo_buf_add(&all, head, 4);
        byo_buf_add(&all, sent.p, sent.n);
    }
    size_t done = 0;
    int answered = 0;
    bool looked = false;
    while (answered < TOTAL + 1) {
        ssize_t n = done < all.n ? send(flood, all.p + done, all.n - done, MSG_NOSIGNAL) : 0;
        if (n > 0)
            done += (size_t)n;
        if (mts_given() < HIGH)
            continue;
        if (!looked) { /* the thread serves another, and has read nothing more of the flood */
            send_frame(good, byo_buf_str(&sent));
            for (int i = 0; i < PATIENCE_MS && mts_given() < HIGH + 1; i++)
                poll(NULL, 0, 1);
            looked = true;
            ck_assert_int_eq(mts_given(), HIGH + 1);
        }
        struct pollfd p = {flood, POLLIN, 0};
        if (poll(&p, 1, 0) > 0) {
            char skip[4096];
            while (recv(flood, skip, sizeof skip, 0) > 0)
                ;
        }
        pthread_mutex_lock(&given.lock);
        ByoInput *in = given.first;
        given.first = NULL;
        given.last = &given.first;
        pthread_mutex_unlock(&given.lock);
        while (in) {
            ByoInput *next = in->next;
            if (in->kind == BYO_IN_MT) {
                answered++;
                post(BYO_OUT_PEER_ACK, in->conn, in->sms.id, BYO_ACK_SUCCESS, 0, BYO_STR_NONE);
            }
            byo_input_free(in);
            in = next;
        }
    }
    close(good);
    close(flood);
    byo_buf_free(&sent);
    byo_buf_free(&all);
    stop();
}
END_TEST

START_TEST(test_one_that_does_not_read)
{
    /* deliveries pile up for a smsbox that does not read: it is given up, the others are not */
    ByoBuf sent = {0};
    char uuid[BYO_UUID_LEN + 1] = "";
    start();
    int good = a_smsbox(NULL);
    await_free(BYO_IN_PEER_UP);
    int deaf = a_smsbox(NULL);
    ByoInput *up = await(BYO_IN_PEER_UP);
    ByoConnId conn = up->conn;
    byo_input_free(up);
    put_sms(&sent, "1", "2", BYO_MO, uuid);
    byo_buf_need(&sent, 900000);
    memset(sent.p + sent.n, 0, 900000);
    sent.n += 900000;
    for (int i = 0; i < 40; i++)
        post(BYO_OUT_DELIVER, conn, uuid, BYO_ACK_SUCCESS, i, byo_buf_str(&sent));
    ByoInput *down = await(BYO_IN_PEER_DOWN);
    ck_assert(down->conn == conn);
    byo_input_free(down);
    answer_one(good);
    close(good);
    close(deaf);
    byo_buf_free(&sent);
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

/* (night F11) A smsbox gives all recipients of a send one id, and a hostile one a hundred thousand. By looking at each of
 * them this would take an hour. */
START_TEST(F11_one_id_many_times)
{
    enum { MANY = 300000 };
    const char *id = "11111111-2222-3333-4444-555555555555", *other = "11111111-2222-3333-4444-555555555556";
    ByoPending *p = byo_pending_create();
    for (ByoConnId n = 1; n <= MANY; n++) {
        byo_pending_add(p, id, n);
        if (n % 100 == 0)
            byo_pending_add(p, other, 7);
    }
    ck_assert_uint_eq(byo_pending_count(p), MANY + MANY / 100);
    byo_pending_drain(p, 7, NULL, NULL);
    ck_assert_uint_eq(byo_pending_take(p, other), 0);
    for (ByoConnId n = 1; n <= MANY; n++)
        if (n != 7)
            ck_assert_uint_eq(byo_pending_take(p, id), n);
    ck_assert_uint_eq(byo_pending_count(p), 0);
    ck_assert_uint_eq(byo_pending_take(p, id), 0);
    byo_pending_add(p, id, 1);
    byo_pending_destroy(p);
}
END_TEST

/* (night F11) bearerbox's acks are no more inputs than there were segments. */
START_TEST(F11_more_acks_than_segments)
{
    ByoBuf sent = {0}, got = {0};
    char uuid[BYO_UUID_LEN + 1] = "";
    start();
    put_sms(&sent, "ours", "+49", BYO_MT_PUSH, uuid);
    post(BYO_OUT_SEGMENT, 0, NULL, BYO_ACK_SUCCESS, 0, byo_buf_str(&sent));
    ck_assert(read_frame(own, &got));
    for (int n = 0; n < 1000; n++)
        send_ack(own, uuid, BYO_ACK_SUCCESS);
    put_sms(&sent, "+49", "ours", BYO_REPORT_MO, uuid);
    send_frame(own, byo_buf_str(&sent));
    await_free(BYO_IN_SMS); /* what came before it has been given */
    await_free(BYO_IN_OWN_ACK);
    pthread_mutex_lock(&given.lock);
    for (const ByoInput *in = given.first; in; in = in->next)
        ck_assert_int_ne(in->kind, BYO_IN_OWN_ACK);
    pthread_mutex_unlock(&given.lock);
    byo_buf_free(&sent);
    byo_buf_free(&got);
    stop();
}
END_TEST

/* (night F11) What all connections together have in the flow has a limit, and who has little there goes on. */
START_TEST(F11_one_budget_for_all)
{
    enum { CONNS = 40, FRAME = 256 * 1024, EACH = 16, BUDGET = 64 * 1024 * 1024 };
    ByoBuf big = {0}, small = {0};
    int fds[CONNS];
    start();
    ByoSms sms;
    byo_sms_init(&sms);
    char *text = byo_alloc(FRAME);
    memset(text, 'x', FRAME);
    sms.sender = BYO_STR("ours");
    sms.receiver = BYO_STR("+49");
    sms.msgdata = byo_strn(text, FRAME);
    byo_uuid_make(sms.id);
    byo_frame_put_sms(&sms, &big);
    for (int i = 0; i < CONNS; i++) {
        int size = 16 * 1024 * 1024;
        fds[i] = a_smsbox(NULL);
        setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
    }
    /* Everybody sends until nobody can send any more. */
    unsigned char head[4] = {(unsigned char)(big.n >> 24), (unsigned char)(big.n >> 16),
                             (unsigned char)(big.n >> 8), (unsigned char)big.n};
    byo_buf_add(&small, head, 4);
    byo_buf_add(&small, big.p, big.n);
    for (int round = 0; round < EACH; round++)
        for (int i = 0; i < CONNS; i++) {
            size_t at = 0;
            for (int tries = 0; at < small.n && tries < 50; tries++) {
                ssize_t n = send(fds[i], small.p + at, small.n - at, MSG_NOSIGNAL);
                if (n > 0) {
                    at += (size_t)n;
                    tries = 0;
                } else {
                    usleep(1000);
                }
            }
            if (at < small.n) {
                shutdown(fds[i], SHUT_WR); /* full: that one has sent what it could */
                break;
            }
        }
    int before;
    do { /* until nothing more is taken */
        before = mts_given();
        usleep(300000);
    } while (mts_given() != before);
    ck_assert_int_gt(before, BUDGET / FRAME / 2);
    ck_assert_int_le(before, BUDGET / FRAME + CONNS);
    /* Somebody new, with a short message. */
    char uuid[BYO_UUID_LEN + 1] = "";
    int fd = a_smsbox("late");
    put_sms(&big, "ours", "+49", BYO_MT_PUSH, uuid);
    send_frame(fd, byo_buf_str(&big));
    for (ByoInput *in = NULL; !in || strcmp(in->sms.id, uuid) != 0;) {
        byo_input_free(in);
        in = await(BYO_IN_MT);
        if (strcmp(in->sms.id, uuid) == 0) {
            byo_input_free(in);
            break;
        }
    }
    close(fd);
    for (int i = 0; i < CONNS; i++)
        close(fds[i]);
    free(text);
    byo_buf_free(&big);
    byo_buf_free(&small);
    stop();
}
END_TEST

/* Sixteen of one smsbox-id, 64 of an address; those that have not said who they are give way. */
START_TEST(F11_connections_of_one_id_and_of_one_address)
{
    enum { OF_ID = 16, OF_ADDRESS = 64 };
    int fds[OF_ADDRESS];
    char id[BYO_BOX_ID_MAX + 1];
    start();
    for (int i = 0; i < OF_ID; i++) {
        fds[i] = a_smsbox("box1");
        await_free(BYO_IN_PEER_UP);
    }
    int more = a_smsbox("box1");
    ck_assert(is_closed(more));
    close(more);
    for (int i = OF_ID; i < OF_ADDRESS; i++) {
        fds[i] = a_smsbox(NULL);
        await_free(BYO_IN_PEER_UP);
    }
    more = connect_to(byo_link_port(box));
    ck_assert(is_closed(more));
    close(more);
    close(fds[OF_ADDRESS - 1]);
    await_free(BYO_IN_PEER_DOWN);
    int silent = connect_to(byo_link_port(box));
    more = a_smsbox(NULL);
    await_free(BYO_IN_PEER_UP);
    ck_assert(is_closed(silent));
    close(silent);
    close(more);
    ByoLinkStatus st;
    byo_link_status(box, &st);
    ck_assert_int_eq(st.refused_peers, 2);
    free(st.peers);
    close(fds[0]);
    await_free(BYO_IN_PEER_DOWN);
    more = a_smsbox("box2");
    await_free(BYO_IN_PEER_UP);
    close(more);
    for (int i = 1; i < OF_ADDRESS - 1; i++)
        close(fds[i]);
    (void)id;
    stop();
}
END_TEST

/* (night F12) The allow list is replaced while it runs, for those that are connected, too. */
START_TEST(F12_allow_list_at_reload)
{
    start();
    int fd = a_smsbox(NULL);
    await_free(BYO_IN_PEER_UP);
    byo_link_allow(box, "10.1.2.3");
    ck_assert(is_closed(fd));
    close(fd);
    await_free(BYO_IN_PEER_DOWN);
    fd = connect_to(byo_link_port(box));
    ck_assert(is_closed(fd));
    close(fd);
    byo_link_allow(box, "127.0.0.*");
    fd = a_smsbox(NULL);
    await_free(BYO_IN_PEER_UP);
    close(fd);
    stop();
}
END_TEST

/* (night F12) A name that is not found costs nobody anything but the link itself. */
/* A label of 64 octets: no name server is asked, and glibc's resolver, whose last octets LeakSanitizer counts as
 * lost, sends nothing. */
#define NO_SUCH_HOST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.example"

START_TEST(F12_a_name_that_is_not_found)
{
    char *why = NULL;
    ByoLinkOptions opt = {.bearerbox_host = NO_SUCH_HOST,
                          .bearerbox_port = 1,
                          .box_id = "byobox",
                          .input = take_input,
                          .route = route};
    given.first = NULL;
    given.last = &given.first;
    box = byo_link_create(&opt, &why);
    ck_assert_ptr_nonnull(box);
    byo_link_start(box);
    int fd = a_smsbox(NULL);
    await_free(BYO_IN_PEER_UP);
    close(fd);
    await_free(BYO_IN_PEER_DOWN);
    stop();
}
END_TEST

START_TEST(F12_interface)
{
    char *why = NULL;
    ByoLinkOptions opt = {.bearerbox_host = "127.0.0.1",
                          .smsbox_interface = NO_SUCH_HOST,
                          .bearerbox_port = 1,
                          .box_id = "byobox",
                          .input = take_input,
                          .route = route};
    ck_assert_ptr_null(byo_link_create(&opt, &why));
    ck_assert_ptr_nonnull(strstr(why, "smsbox-interface"));
    free(why);
    opt.smsbox_interface = "127.0.0.5";
    ByoLink *l = byo_link_create(&opt, &why);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons((uint16_t)byo_link_port(l))};
    sin.sin_addr.s_addr = htonl(0x7f000005);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof sin), 0);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sin.sin_addr.s_addr = htonl(0x7f000006);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof sin), -1);
    close(fd);
    byo_link_destroy(l);
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
    tcase_add_test(t, test_not_identified);
    tcase_add_test(t, test_bearerbox_away);
    tcase_add_loop_test(t, test_hostile, 0, (int)(sizeof hostile / sizeof *hostile));
    tcase_add_test(t, test_hostile_bearerbox);
    tcase_add_loop_test(t, test_bearerbox_says_goodbye, 0, 2);
    tcase_add_test(t, test_goodbye_of_one_that_does_not_read);
    tcase_add_test(t, test_allow_ip);
    tcase_add_test(t, test_port_taken);
    tcase_add_test(t, test_flood);
    tcase_add_test(t, test_one_that_does_not_read);
    tcase_add_loop_test(t, test_quiesce, 0, 2);
    tcase_add_test(t, test_status_meanwhile);
    tcase_add_test(t, F11_one_id_many_times);
    tcase_add_test(t, F11_more_acks_than_segments);
    tcase_add_test(t, F11_one_budget_for_all);
    tcase_add_test(t, F11_connections_of_one_id_and_of_one_address);
    tcase_add_test(t, F12_allow_list_at_reload);
    tcase_add_test(t, F12_a_name_that_is_not_found);
    tcase_add_test(t, F12_interface);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    byo_gw_stop();
    return failed != 0;
}
