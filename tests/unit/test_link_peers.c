/* SPDX-License-Identifier: BSD-3-Clause
 * The link room and those who lie, flood, hang or are not let in.
 * Threads: link_fixture.h. */
#include "link_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>

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

START_TEST(test_allow_ip)
{
    bearerbox_at = 0;
    host = listen_at(&bearerbox_at);
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
        add_frame(&all, byo_buf_str(&sent));
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

START_TEST(test_all_before_the_end)
{
    /* what was sent in one go is read to its last frame, in order, though the connection has ended behind it */
    enum { SENT = 400 };
    static char uuid[SENT][BYO_UUID_LEN + 1];
    ByoBuf sent = {0}, all = {0};
    start();
    int smsbox = a_smsbox(NULL);
    ck_assert_int_eq(mts_given(), 0);
    for (int i = 0; i < SENT; i++) {
        uuid[i][0] = 0;
        put_sms(&sent, "ours", "+49", BYO_MT_PUSH, uuid[i]);
        add_frame(&all, byo_buf_str(&sent));
    }
    for (size_t done = 0; done < all.n;) {
        ssize_t n = send(smsbox, all.p + done, all.n - done, MSG_NOSIGNAL);
        ck_assert_int_gt(n, 0);
        done += (size_t)n;
    }
    shutdown(smsbox, SHUT_WR);
    for (int i = 0; i < SENT; i++) {
        ByoInput *in = await(BYO_IN_MT);
        ck_assert_str_eq(in->sms.id, uuid[i]);
        byo_input_free(in);
    }
    await_free(BYO_IN_PEER_DOWN);
    close(smsbox);
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

static size_t sum(const size_t *of, int n)
{
    size_t all = 0;
    for (int i = 0; i < n; i++)
        all += of[i];
    return all;
}

/* The same frame up to so many times, as far as the socket takes it now. */
static void send_again(int fd, ByoStr frame, size_t times, size_t *sent)
{
    ssize_t n = 1;
    while (n > 0 && *sent < frame.n * times) {
        size_t at = *sent % frame.n;
        n = send(fd, frame.p + at, frame.n - at, MSG_NOSIGNAL);
        *sent += n > 0 ? (size_t)n : 0;
    }
}

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
    add_frame(&small, byo_buf_str(&big));
    /* Everybody sends until nobody can send any more, and nothing more is taken. */
    size_t sent[CONNS] = {0}, sent_before;
    int before;
    do {
        before = mts_given();
        sent_before = sum(sent, CONNS);
        for (int i = 0; i < CONNS; i++)
            send_again(fds[i], byo_buf_str(&small), EACH, &sent[i]);
        usleep(300000);
    } while (mts_given() != before || sum(sent, CONNS) != sent_before || before <= BUDGET / FRAME / 2);
    for (int i = 0; i < CONNS; i++)
        shutdown(fds[i], SHUT_WR); /* in the middle of a frame, most of them */
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

TCase *link_peers_case(void)
{
    TCase *t = tcase_create("peers");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, test_hostile, 0, (int)(sizeof hostile / sizeof *hostile));
    tcase_add_test(t, test_hostile_bearerbox);
    tcase_add_test(t, test_allow_ip);
    tcase_add_test(t, test_port_taken);
    tcase_add_test(t, test_flood);
    tcase_add_test(t, test_all_before_the_end);
    tcase_add_test(t, test_one_that_does_not_read);
    tcase_add_test(t, F11_one_id_many_times);
    tcase_add_test(t, F11_more_acks_than_segments);
    tcase_add_test(t, F11_one_budget_for_all);
    tcase_add_test(t, F11_connections_of_one_id_and_of_one_address);
    tcase_add_test(t, F12_allow_list_at_reload);
    tcase_add_test(t, F12_a_name_that_is_not_found);
    tcase_add_test(t, F12_interface);
    return t;
}
