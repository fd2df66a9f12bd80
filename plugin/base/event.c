/* SPDX-License-Identifier: BSD-3-Clause
 * The catalogue's texts.
 * Ownership: static. Threads: any. */
#include "base/event.h"

static const struct {
    const char *id, *name;
} catalogue[] = {
#define X(symbol, id, name) {id, name},
    BYO_EVENTS(X)
#undef X
};

const char *byo_event_id(ByoEventKindId e)
{
    return catalogue[e].id;
}

const char *byo_event_name(ByoEventKindId e)
{
    return catalogue[e].name;
}
