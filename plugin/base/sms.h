/* SPDX-License-Identifier: BSD-3-Clause
 * The sms value: one message of the box protocol as the rooms see it (no gw/msg.h here).
 * Field names and meanings are those of Kannel's gw/msg-decl.h.
 * Ownership: every ByoStr points into memory the maker of the value owns (a frame, a row, a
 * literal); a value is valid as long as that memory is. Threads: values. */
#ifndef BYO_BASE_SMS_H
#define BYO_BASE_SMS_H

#include "base/str.h"

#define BYO_UNDEF (-1)  /* Kannel's MSG_PARAM_UNDEFINED */
#define BYO_UUID_LEN 36 /* canonical text form */

typedef enum {
    BYO_MO = 0,
    BYO_MT_REPLY = 1,
    BYO_MT_PUSH = 2,
    BYO_REPORT_MO = 3,
    BYO_REPORT_MT = 4
} ByoSmsType;
typedef enum { BYO_ACK_SUCCESS = 0, BYO_ACK_FAILED = 1, BYO_ACK_FAILED_TMP = 2, BYO_ACK_BUFFERED = 3 } ByoAck;
typedef enum { BYO_CODING_7BIT = 0, BYO_CODING_8BIT = 1, BYO_CODING_UCS2 = 2 } ByoCoding;

/* dlr_mask bits (gw/dlr.h). */
enum {
    BYO_DLR_SUCCESS = 1,
    BYO_DLR_FAIL = 2,
    BYO_DLR_BUFFERED = 4,
    BYO_DLR_SMSC_SUCCESS = 8,
    BYO_DLR_SMSC_FAIL = 16,
    BYO_DLR_ALL = 31
};

typedef struct {
    ByoStr sender, receiver, udhdata, msgdata;
    int32_t time;
    ByoStr smsc_id, smsc_number, foreign_id, service, account;
    char id[BYO_UUID_LEN + 1];
    int32_t sms_type, mclass, mwi, coding, compress, validity, deferred, dlr_mask;
    ByoStr dlr_url;
    int32_t pid, alt_dcs, rpi;
    ByoStr charset, boxc_id, binfo;
    int32_t msg_left, priority, resend_try, resend_time;
    ByoStr meta_data;
} ByoSms;

/* All strings absent, all numbers BYO_UNDEF, id empty. */
void byo_sms_init(ByoSms *sms);

/* The wire form of an sms, given by the link room to rooms that must not know it: body of a box frame,
 * type included, length prefix not. unpack: the value points into body; false: not an sms frame. */
typedef struct {
    void (*pack)(const ByoSms *sms, ByoBuf *body);
    bool (*unpack)(ByoStr body, ByoSms *sms_r);
} ByoSmsCodec;

/* A fresh random UUID in text form. */
void byo_uuid_make(char out[BYO_UUID_LEN + 1]);

#endif
