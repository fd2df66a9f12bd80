/* SPDX-License-Identifier: BSD-3-Clause
 * The store in memory: inbound messages and statistics.
 * Decides: nothing. Threads: as memory_store.h. */
#include "memory_private.h"

void memory_op_inbound_add(ByoStore *s, const ByoInboundRow *row)
{
    if (!memory_writing(s))
        return;
    ByoInboundRow in = *row;
    in.created = byo_id_time(in.id);
    memory_put(s, MEMORY_INBOUND, &in, NULL);
}

ByoStoreResult memory_op_inbound(ByoStore *s, ByoId id, ByoInboundRow *row_r)
{
    const ByoInboundRow *row = memory_find(s, MEMORY_INBOUND, id);
    if (row)
        *row_r = *row;
    return row ? BYO_STORE_OK : BYO_STORE_NONE;
}

static bool fits(const ByoMessageFilter *f, const ByoInboundRow *row)
{
    return row->id >= byo_id_at(f->from) && (f->to <= 0 || row->id < byo_id_at(f->to)) &&
           (f->before <= 0 || row->id < f->before) &&
           (!f->integration.n || byo_str_eq(f->integration, row->integration)) &&
           (!f->number.n || byo_str_eq(byo_digits(f->number), row->number)) &&
           (!f->recipient.n || byo_str_eq(byo_digits(f->recipient), row->sender));
}

ByoStoreResult memory_op_inbounds(ByoStore *s, const ByoMessageFilter *f, ByoId *next_r,
                                  bool (*each)(void *arg, const ByoInboundRow *row), void *arg)
{
    const MemoryTable *t = memory_table(s, MEMORY_INBOUND);
    int left = f->limit;
    ByoId next = 0;
    for (size_t i = t->n; i > 0 && left > 0 && !next; i--) {
        const ByoInboundRow *row = t->rows[i - 1];
        if (fits(f, row) && (!each(arg, row) || --left == 0))
            next = row->id;
    }
    *next_r = next;
    return BYO_STORE_OK;
}

int memory_op_inbound_forget(ByoStore *s, ByoStr sender)
{
    int n = 0;
    if (!memory_writing(s))
        return 0;
    MEMORY_EACH(ByoInboundRow, row, s, MEMORY_INBOUND)
    if (byo_str_eq(row->sender, sender)) {
        memory_remove(s, MEMORY_INBOUND, row);
        n++;
    }
    return n;
}

/* -- statistics -------------------------------------------------------------------------------------*/

static MemoryKind kind_of(ByoSpan span)
{
    return span == BYO_SPAN_MINUTE ? MEMORY_MINUTE : MEMORY_HOUR;
}

static ByoStatisticRow *statistic_at(const ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration)
{
    MEMORY_RANGE(ByoStatisticRow, row, s, kind_of(span), at, at + 1)
    if (byo_str_eq(row->integration, integration))
        return row;
    return NULL;
}

bool memory_op_statistic(ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoBuf *counts)
{
    const ByoStatisticRow *row = statistic_at(s, span, at, integration);
    if (row)
        byo_buf_add(counts, row->counts.p, row->counts.n);
    return row != NULL;
}

void memory_op_statistic_put(ByoStore *s, ByoSpan span, ByoTime at, ByoStr integration, ByoStr counts)
{
    if (!memory_writing(s))
        return;
    ByoStatisticRow row = {at, integration, counts}, *old = statistic_at(s, span, at, integration);
    if (counts.p)
        memory_put(s, kind_of(span), &row, old);
    else if (old)
        memory_remove(s, kind_of(span), old);
}

void memory_op_statistics(ByoStore *s, ByoSpan span, ByoTime from, ByoTime to,
                          bool (*each)(void *arg, const ByoStatisticRow *row), void *arg)
{
    MEMORY_RANGE(ByoStatisticRow, row, s, kind_of(span), from, to)
    if (!each(arg, row))
        break;
}

void memory_op_statistics_purge(ByoStore *s, ByoSpan span, ByoTime before)
{
    if (!memory_writing(s))
        return;
    MEMORY_RANGE(ByoStatisticRow, row, s, kind_of(span), 0, before)
    memory_remove(s, kind_of(span), row);
}
