/* SPDX-License-Identifier: BSD-3-Clause
 * One message on its way, and a time without any: for suites of what becomes of segments that were handed over.
 * Threads: one. */
#ifndef FLOW_SENT_H
#define FLOW_SENT_H

#include "flow_fixture.h"

static inline Out send_one(const char *to, const char *text)
{
    ByoSms mt = an_mt(NUMBER_A, to, text);
    give_mt(BOX1, &mt);
    turn();
    return keep(out_of(BYO_OUT_SEGMENT, 0));
}

static inline bool none_of(ByoOutputKind kind, ByoTime ms)
{
    for (ByoTime end = now + ms; now < end;) {
        later(100);
        if (count_out(kind))
            return false;
    }
    return true;
}

#endif
