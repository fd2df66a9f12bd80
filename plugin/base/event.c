/* SPDX-License-Identifier: BSD-3-Clause
 * The catalogue as a table.
 * Ownership: static. Threads: any. */
#include "base/event.h"

const ByoEventInfo *byo_event_info(ByoEventKindId e)
{
    static const ByoEventInfo catalogue[] = {
#define X(symbol, id, name, level, repeats, about) \
    {id, name, BYO_LOG_##level, BYO_EVENT_##repeats, BYO_EVENT_##about},
        BYO_EVENTS(X)
#undef X
    };

    return &catalogue[e];
}
