/* SPDX-License-Identifier: BSD-3-Clause
 * Ownership and threads: link_fixture.h. */
#include "link_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

LinkGiven given = {.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER};

ByoLink *box;
int host = -1, bearerbox_at;
int own = -1, anon = -1;

void send_admin(int fd, ByoAdminCommand command)
{
    ByoBuf b = {0};
    byo_frame_put_admin(command, BYO_STR_NONE, &b);
    send_frame(fd, byo_buf_str(&b));
    byo_buf_free(&b);
}

int accept_link(char id[BYO_BOX_ID_MAX + 1])
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

void take_input(void *arg, ByoInput *in)
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

ByoInput *await(ByoInputKind kind)
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

void await_free(ByoInputKind kind)
{
    byo_input_free(await(kind));
}

int mts_given(void)
{
    pthread_mutex_lock(&given.lock);
    int n = given.mts;
    pthread_mutex_unlock(&given.lock);
    return n;
}

ByoRoute route(void *arg, const ByoSms *sms, bool from_bearerbox)
{
    (void)arg;
    ByoStr number = from_bearerbox ? sms->receiver : sms->sender;
    return byo_str_is(number, "ours") ? BYO_ROUTE_OURS : BYO_ROUTE_PASS;
}

/* -- the box ---------------------------------------------------------------------------------------*/

void start_box(const char *allow)
{
    char *why = NULL;
    ByoLinkOptions opt = {.smsbox_allow_ip = allow,
                          .bearerbox_host = "127.0.0.1",
                          .bearerbox_port = bearerbox_at,
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

void accept_both(void)
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

void start(void)
{
    bearerbox_at = 0;
    host = listen_at(&bearerbox_at);
    start_box(NULL);
    accept_both();
    await_free(BYO_IN_LINK_UP);
    await_free(BYO_IN_LINK_UP);
}

void stop(void)
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

int a_smsbox(const char *id)
{
    int fd = connect_to(byo_link_port(box));
    send_identify(fd, id);
    return fd;
}

void put_sms(ByoBuf *b, const char *from, const char *to, ByoSmsType type, char uuid[BYO_UUID_LEN + 1])
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

ByoTime post_until;

void post(ByoOutputKind kind, ByoConnId conn, const char *uuid, ByoAck nack, int64_t token, ByoStr frame)
{
    ByoOutputs batch = {.until = post_until};
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

void answer_one(int smsbox)
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
