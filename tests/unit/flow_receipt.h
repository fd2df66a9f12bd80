/* SPDX-License-Identifier: BSD-3-Clause
 * A message, its answer, and receipts as a bearerbox with receipts-to-box gives them. Threads: one. */
#ifndef FLOW_RECEIPT_H
#define FLOW_RECEIPT_H

#include "flow_fixture.h"

#include "base/features.h"

#include <stdio.h>

#define ROWS(table) (int)(sizeof(table) / sizeof *(table))

static inline void start(const char *lines)
{
    flow_features(BYO_FEATURE_RECEIPTS_TO_BOX);
    char all[200];
    snprintf(all, sizeof all, "messages-per-second = 100\nwait-ack = 1\n%s", lines);
    flow_start(all, NULL);
}

/* A short message to `to`, handed over; the caller drops it. */
static inline Out send_to(const char *to)
{
    ByoSms mt = an_mt(NUMBER_A, to, "x");
    give_mt(BOX1, &mt);
    turn();
    while (count_out(BYO_OUT_SEGMENT) == 0)
        later(20);
    return keep(out_of(BYO_OUT_SEGMENT, 0));
}

static inline void answered(const Out *segment, const char *id)
{
    give_own_ack(segment, BYO_ACK_SUCCESS);
    give_report(segment, BYO_DLR_SMSC_SUCCESS, "ACK/", id);
    turn();
}

/* A receipt as a bearerbox with receipts-to-box gives it: no token, ours is the sender. */
static inline void give_receipt(const char *recipient, const char *text, const char *meta)
{
    ByoSms sms;
    byo_sms_init(&sms);
    sms.sender = S(NUMBER_A);
    sms.receiver = S(recipient);
    sms.msgdata = S(text);
    sms.sms_type = BYO_REPORT_MO;
    sms.dlr_mask = BYO_DLR_FAIL; /* what bearerbox makes of a text it cannot read */
    sms.smsc_id = S("carrier-a");
    sms.boxc_id = S("byobox");
    sms.meta_data = meta ? S(meta) : BYO_STR_NONE;
    sms.time = (int32_t)(now / 1000);
    byo_uuid_make(sms.id);
    ByoInput *in = give_sms(BYO_IN_SMS, &sms);
    in->conn = OWN;
    in->link = BYO_LINK_OWN;
}

static inline void receipt_from(const char *recipient, const char *text, const char *meta)
{
    give_receipt(recipient, text, meta);
    turn();
}

static inline void receipt(const char *text)
{
    receipt_from(PHONE_DIGITS, text, NULL);
}

static inline ByoSegState state_of(const Out *segment)
{
    return segment_of(segment).s.state;
}

#endif
