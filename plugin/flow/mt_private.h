/* SPDX-License-Identifier: BSD-3-Clause
 * Inside an MT's way out.
 * Ownership: an Mt lives on its story's stack and owns what mt_free frees. Threads: the flow thread. */
#ifndef BYO_FLOW_MT_PRIVATE_H
#define BYO_FLOW_MT_PRIVATE_H

#include "flow/flow_private.h"

/* One MT while it is judged. */
typedef struct {
    ByoSms sms;
    ByoStr frame;
    bool named;
    ByoStr box;
    ByoKeywordKind keyword; /* a reply of ours; may pass an opt-out */
    ByoTime expires;
    const ByoInventoryEntry *number;
    ByoRuntime *rt;
    char recipient[BYO_ADDRESS_MAX];
    ByoMeta meta;
    ByoMessageRow row;
    ByoSegmentRow *segments;
    unsigned char *udh; /* headers of the segments in a row */
    ByoBuf text;        /* UTF-8 of a UTF-16 text */
    ByoBuf shortened;   /* the frame of a refused MT that is too large to keep */
} Mt;

/* mt.c: the recipient in E.164. False: it is none. */
bool byo_mt_read_recipient(ByoFlow *f, const ByoRuntime *rt, Mt *mt);
/* What of an address is kept that is none. */
static inline ByoStr byo_mt_address_kept(ByoStr s)
{
    enum { MOST = 64 };
    return byo_strn(s.p, s.n < MOST ? s.n : MOST);
}

/* mt_write.c: fills segments, coding and charset of the row; how many segments, 0: it cannot be written, *why says
 * why not. */
int byo_mt_write(ByoFlow *f, ByoTurn *t, Mt *mt, ByoOwnCause *why);

#endif
