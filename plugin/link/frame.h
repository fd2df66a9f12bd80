/* SPDX-License-Identifier: BSD-3-Clause
 * The box protocol's frames: 4-byte big-endian length, then a body of type and fields in the order of
 * Kannel's gw/msg-decl.h (host H1). The field lists are that header's own, so byobox always
 * speaks the Kannel it was built with; lengths are checked here, which Kannel's msg_unpack does not.
 * Ownership: unpacked values point into the body. Threads: values. */
#ifndef BYO_LINK_FRAME_H
#define BYO_LINK_FRAME_H

#include "base/sms.h"

/* A larger frame costs its sender the connection. */
#define BYO_FRAME_MAX (1024 * 1024)

typedef enum {
    BYO_FRAME_HEARTBEAT = 0,
    BYO_FRAME_ADMIN = 1,
    BYO_FRAME_SMS = 2,
    BYO_FRAME_ACK = 3,
    BYO_FRAME_WDP = 4,
    BYO_FRAME_BAD = -1
} ByoFrameType;

/* gw/msg.h's admin commands. */
typedef enum {
    BYO_CMD_SHUTDOWN = 0,
    BYO_CMD_SUSPEND = 1,
    BYO_CMD_RESUME = 2,
    BYO_CMD_IDENTIFY = 3,
    BYO_CMD_RESTART = 4,
    BYO_CMD_FEATURE = 5
} ByoAdminCommand;

typedef struct {
    int32_t command;
    ByoStr boxc_id;
} ByoAdminFrame;

typedef struct {
    int32_t nack; /* ByoAck */
    int32_t time;
    char id[BYO_UUID_LEN + 1];
} ByoAckFrame;

ByoFrameType byo_frame_type(ByoStr body);
/* False: short, a length that lies, or not of that type. Trailing octets are ignored, as Kannel does
 * (a maintained fork sends a longer admin). */
bool byo_frame_sms(ByoStr body, ByoSms *sms_r);
bool byo_frame_admin(ByoStr body, ByoAdminFrame *admin_r);
bool byo_frame_ack(ByoStr body, ByoAckFrame *ack_r);
bool byo_frame_heartbeat(ByoStr body, int32_t *load_r);

/* Append the body of a frame. Admin is written in the long form (host H2). */
void byo_frame_put_sms(const ByoSms *sms, ByoBuf *body);
void byo_frame_put_admin(ByoAdminCommand command, ByoStr boxc_id, ByoBuf *body);
void byo_frame_put_ack(const char *id, ByoAck nack, int32_t time, ByoBuf *body);
void byo_frame_put_heartbeat(int32_t load, ByoBuf *body);

extern const ByoSmsCodec byo_sms_codec;

#endif
