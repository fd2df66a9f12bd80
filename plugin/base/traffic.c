/* SPDX-License-Identifier: BSD-3-Clause
 * Inputs and outputs: their memory.
 * Ownership and threads: traffic.h. */
#include "base/traffic.h"

#include <stdlib.h>

ByoInput *byo_input_create(ByoInputKind kind, size_t room)
{
    ByoInput *in = byo_zalloc(sizeof *in + room);
    in->kind = kind;
    in->frame = byo_strn((char *)(in + 1), room);
    return in;
}

void byo_input_free(ByoInput *in)
{
    if (!in)
        return;
    free(in->box);
    free(in);
}

void byo_inputs_free(ByoInput *first)
{
    while (first) {
        ByoInput *in = first;
        first = in->next;
        byo_input_free(in);
    }
}

ByoOutput *byo_outputs_add(ByoOutputs *o, ByoOutputKind kind)
{
    if (o->n == o->cap) {
        o->cap = o->cap ? o->cap * 2 : 64;
        o->items = byo_realloc(o->items, o->cap * sizeof *o->items);
    }
    ByoOutput *item = &o->items[o->n++];
    memset(item, 0, sizeof *item);
    item->kind = kind;
    return item;
}

void byo_outputs_clear(ByoOutputs *o)
{
    o->n = 0;
    byo_buf_clear(&o->bytes);
}

void byo_outputs_free(ByoOutputs *o)
{
    free(o->items);
    byo_buf_free(&o->bytes);
    memset(o, 0, sizeof *o);
}
