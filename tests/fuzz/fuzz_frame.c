/* SPDX-License-Identifier: BSD-3-Clause
 * Any octets as a frame body: nothing outside it is read, and what is read as a message is written again
 * and is the same.
 * Threads: none. */
#include <stdlib.h>

#include "link/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static void inside(ByoStr body, ByoStr text)
{
    need(text.p == NULL || (text.p >= body.p && text.n <= (size_t)(body.p + body.n - text.p)));
}

static void check_sms(ByoStr body)
{
    ByoBuf again = {0};
    ByoSms sms, back;

    if (!byo_frame_sms(body, &sms))
        return;
    need(byo_frame_type(body) == BYO_FRAME_SMS);
    inside(body, sms.sender);
    inside(body, sms.msgdata);
    inside(body, sms.meta_data);
    byo_frame_put_sms(&sms, &again);
    /* Octets behind the last field are the only thing that is not kept. */
    need(again.n <= body.n && memcmp(again.p, body.p, again.n) == 0);
    need(byo_frame_sms(byo_buf_str(&again), &back));
    need(strcmp(sms.id, back.id) == 0 && byo_str_eq(sms.msgdata, back.msgdata));
    byo_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ByoAdminFrame admin;
    ByoAckFrame ack;
    int32_t load;
    /* A block of its own size, so that a step too far is seen. */
    char *copy = byo_alloc(size ? size : 1);
    ByoStr body = {copy, size};

    if (size)
        memcpy(copy, data, size);
    check_sms(body);
    if (byo_frame_admin(body, &admin)) {
        need(byo_frame_type(body) == BYO_FRAME_ADMIN);
        inside(body, admin.boxc_id);
    }
    if (byo_frame_ack(body, &ack))
        need(byo_frame_type(body) == BYO_FRAME_ACK && strlen(ack.id) == BYO_UUID_LEN);
    if (byo_frame_heartbeat(body, &load))
        need(byo_frame_type(body) == BYO_FRAME_HEARTBEAT);
    free(copy);
    return 0;
}
