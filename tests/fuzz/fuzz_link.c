/* SPDX-License-Identifier: BSD-3-Clause
 * Sequences of frames on the link room: smsboxes come, send and go, bearerbox's ends say something, the flow answers.
 * The room runs in this thread over socket pairs. Input: operations, an octet each (low 3 bits what, the others which
 * one), most with a length of two octets and that many octets.
 * Threads: none but the resolver's, which is never started. */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "link/link_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENDS = 8, OPS_MAX = 200 };
enum { OWN = ENDS, ANON, ALL };

static struct {
    ByoLink *link;
    int fds[ALL];    /* our ends: smsboxes, bearerbox's of the own and the anonymous link */
    int pairs[ENDS]; /* bearerbox's ends of pair links */
    ByoInput *last;  /* of the flow, not answered */
} f;

static void take(void *arg, ByoInput *in)
{
    (void)arg;
    byo_input_free(f.last);
    f.last = in;
}

static ByoRoute route(void *arg, const ByoSms *sms, bool from_bearerbox)
{
    (void)arg;
    ByoStr number = from_bearerbox ? sms->receiver : sms->sender;
    return number.n && number.p[0] == '1' ? BYO_ROUTE_OURS : BYO_ROUTE_PASS;
}

static void turn(void)
{
    for (int i = 0; i < 4; i++)
        event_base_loop(f.link->base, EVLOOP_NONBLOCK);
    for (int i = 0; i < ALL; i++) { /* what came is read, so that nobody is blocked */
        char sink[65536];
        while (f.fds[i] >= 0 && recv(f.fds[i], sink, sizeof sink, MSG_DONTWAIT) > 0)
            ;
    }
}

/* Our end of a new connection; the other one in *theirs_r. */
static int pair_of(int *theirs_r)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
        abort();
    *theirs_r = fds[1];
    return fds[0];
}

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int come_up(ByoUpstream *u)
{
    int theirs, ours = pair_of(&theirs);
    byo_conn_open(f.link, &u->conn, theirs);
    u->resolving = false;
    u->conn.on_up(&u->conn);
    return ours;
}

static void keep_up(int which, ByoUpstream *u)
{
    if (u->conn.bev && f.fds[which] >= 0)
        return;
    shut(&f.fds[which]);
    turn();
    if (!u->conn.bev)
        f.fds[which] = come_up(u);
}

static void say(int fd, const uint8_t *p, size_t n, bool framed)
{
    unsigned char head[4] = {0, 0, (unsigned char)(n >> 8), (unsigned char)n};
    if (fd < 0)
        return;
    if (framed && send(fd, head, 4, MSG_NOSIGNAL | MSG_DONTWAIT) != 4)
        return;
    if (send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return;
}

static void come(int which)
{
    int theirs;
    shut(&f.fds[which]);
    f.fds[which] = pair_of(&theirs);
    byo_peer_accept(f.link, theirs, which % 2 ? "127.0.0.1" : "127.0.0.2");
}

static void answer(uint8_t with)
{
    ByoOutputs batch = {0};
    if (!f.last)
        return;
    ByoOutput *o = byo_outputs_add(&batch, f.last->kind == BYO_IN_SMS ? BYO_OUT_LINK_ACK
                                           : with & 8                 ? BYO_OUT_DELIVER
                                                                      : BYO_OUT_PEER_ACK);
    o->conn = f.last->conn;
    o->nack = (ByoAck)(with & 3);
    o->answered = f.last->frame.n;
    memcpy(o->uuid, f.last->sms.id, sizeof o->uuid);
    byo_output_begin(&batch, o);
    byo_buf_add(&batch.bytes, f.last->frame.p ? f.last->frame.p : "", f.last->frame.n);
    byo_output_end(&batch, o);
    byo_link_post(f.link, &batch);
    byo_outputs_free(&batch);
}

static void hand_over(void)
{
    static const char body[] = "\0\0\0\2";
    byo_upstream_segment(f.link->own, byo_strn(body, 4));
}

static void operate(uint8_t op, const uint8_t *p, size_t n)
{
    int which = op >> 3 & (ENDS - 1);
    switch (op & 7) {
    case 0:
        come(which);
        break;
    case 1:
        say(f.fds[which], p, n, true);
        break;
    case 2:
        say(f.fds[which], p, n, false);
        break;
    case 3:
        keep_up(OWN, f.link->own);
        say(f.fds[OWN], p, n, true);
        break;
    case 4:
        keep_up(ANON, f.link->anon);
        say(f.fds[ANON], p, n, true);
        break;
    case 5:
        shut(&f.fds[which]);
        break;
    case 6:
        answer(op);
        hand_over();
        break;
    default:
        for (ByoPeer *peer = f.link->peers; peer; peer = peer->next)
            if (peer->pair) {
                if (!peer->pair->conn.bev) {
                    shut(&f.pairs[which]);
                    f.pairs[which] = come_up(peer->pair);
                }
                break;
            }
        say(f.pairs[which], p, n, true);
    }
    turn();
}

static void begin(void)
{
    static bool started;
    char *why = NULL;
    ByoLinkOptions opt = {.smsbox_interface = "127.0.0.1",
                          .bearerbox_host = "127.0.0.1",
                          .bearerbox_port = 1,
                          .box_id = "byobox",
                          .input = take,
                          .route = route};
    if (!started) {
        byo_gw_start();
        byo_log_open(NULL, BYO_LOG_ERROR, 5);
    }
    started = true;
    f.link = byo_link_create(&opt, &why);
    if (!f.link)
        abort();
    f.link->own = byo_upstream_create(f.link, BYO_LINK_OWN, "byobox", NULL);
    f.link->anon = byo_upstream_create(f.link, BYO_LINK_ANON, NULL, NULL);
    for (int i = 0; i < ALL; i++)
        f.fds[i] = -1;
    for (int i = 0; i < ENDS; i++)
        f.pairs[i] = -1;
}

static void end(void)
{
    ByoUpstream *own = f.link->own, *anon = f.link->anon;
    while (f.link->peers)
        byo_peer_destroy(f.link->peers);
    f.link->own = f.link->anon = NULL;
    byo_upstream_destroy(own);
    byo_upstream_destroy(anon);
    event_del(f.link->wake);
    event_base_loop(f.link->base, EVLOOP_NONBLOCK);
    byo_link_destroy(f.link);
    for (int i = 0; i < ALL; i++)
        shut(&f.fds[i]);
    for (int i = 0; i < ENDS; i++)
        shut(&f.pairs[i]);
    byo_input_free(f.last);
    f.last = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    for (size_t at = 0, ops = 0; at < size && ops < OPS_MAX; ops++) {
        uint8_t op = data[at++];
        size_t n = 0;
        if ((op & 7) != 0 && (op & 7) != 5 && (op & 7) != 6) {
            if (size - at < 2)
                break;
            n = (size_t)data[at] << 8 | data[at + 1];
            at += 2;
            n = n < size - at ? n : size - at;
        }
        operate(op, data + at, n);
        at += n;
    }
    end();
    return 0;
}
