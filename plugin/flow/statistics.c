/* SPDX-License-Identifier: BSD-3-Clause
 * Statistics: what a turn counted goes with its commit into the row of its minute, one for each integration it counted
 * something of; minutes that are over two days old become part of their hour.
 * Decides: which minute something belongs to (the turn's), when minutes become hours.
 * Ownership and threads: flow_private.h. */
#include "flow/flow_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "integration/counts.h"

enum { FOLD_ROWS = 500 };

/* Of several byoboxes that share a store each counts in rows of its own: they stand some ms behind the minute or
 * hour, and who reads adds them up. */
static ByoTime place(const ByoStore *s, ByoTime at)
{
    int slot = byo_store_slot(s);
    return at + (slot > 0 ? slot : 0);
}

static void write_minute(ByoFlow *f, ByoTurn *t, ByoRuntime *rt)
{
    ByoMinute *m = &rt->minute;
    ByoTime at = place(t->store, t->now - t->now % BYO_MINUTE);
    byo_undo_save(&t->undo, m, sizeof *m);
    byo_buf_clear(&f->scratch);
    if (m->at != at) { /* also after a start, and when the clock was set back */
        m->at = at;
        m->sum = (ByoCounters){0};
        if (byo_store_statistic(t->store, BYO_SPAN_MINUTE, at, byo_str(rt->id), &f->scratch))
            byo_counts_read(byo_buf_str(&f->scratch), &m->sum);
        byo_buf_clear(&f->scratch);
    }
    byo_counts_move(&m->sum, &rt->count.total, &m->counted);
    m->counted = rt->count.total;
    byo_counts_write(&m->sum, &f->scratch);
    byo_store_statistic_put(t->store, BYO_SPAN_MINUTE, at, byo_str(rt->id), byo_buf_str(&f->scratch));
}

void byo_flow_run_statistics(ByoFlow *f, ByoTurn *t)
{
    for (size_t i = 0; i < f->n_runtimes; i++) {
        ByoRuntime *rt = &f->runtimes[i];
        if (memcmp(&rt->count.total, &rt->minute.counted, sizeof rt->count.total) != 0)
            write_minute(f, t, rt);
    }
}

/* -- minutes become hours ---------------------------------------------------------------------------*/

typedef struct {
    ByoTime at;
    char integration[BYO_ID_MAX + 1];
    ByoCounters sum;
} Hour;

typedef struct {
    Hour hours[BYO_INTEGRATIONS_MAX];
    size_t n_hours, n_rows;
    struct {
        ByoTime at;
        char integration[BYO_ID_MAX + 1];
    } rows[FOLD_ROWS]; /* that are in the hours */
    bool more;
} Fold;

static bool fold_row(void *arg, const ByoStatisticRow *row)
{
    Fold *fold = arg;
    ByoTime hour = row->at - row->at % BYO_HOUR;
    Hour *h = fold->hours;
    while (h < fold->hours + fold->n_hours &&
           (h->at != hour || !byo_str_is(row->integration, h->integration)))
        h++;
    fold->more = h == fold->hours + BYO_INTEGRATIONS_MAX || fold->n_rows == FOLD_ROWS;
    if (fold->more)
        return false; /* the next piece */
    if (h == fold->hours + fold->n_hours) {
        *h = (Hour){.at = hour};
        snprintf(h->integration, sizeof h->integration, "%.*s", BYO_PF(row->integration));
        fold->n_hours++;
    }
    byo_counts_read(row->counts, &h->sum);
    fold->rows[fold->n_rows].at = row->at;
    memcpy(fold->rows[fold->n_rows++].integration, h->integration, sizeof h->integration);
    return true;
}

static void write_hour(ByoTurn *t, Hour *h)
{
    ByoBuf text = {0};
    ByoTime at = place(t->store, h->at);
    if (byo_store_statistic(t->store, BYO_SPAN_HOUR, at, byo_str(h->integration), &text))
        byo_counts_read(byo_buf_str(&text), &h->sum);
    byo_buf_clear(&text);
    byo_counts_write(&h->sum, &text);
    byo_store_statistic_put(t->store, BYO_SPAN_HOUR, at, byo_str(h->integration), byo_buf_str(&text));
    byo_buf_free(&text);
}

bool byo_flow_statistics_fold(ByoTurn *t, ByoTime retention)
{
    ByoTime over = t->now - BYO_MINUTES_KEPT;
    over -= over % BYO_HOUR;
    Fold *fold = byo_zalloc(sizeof *fold);
    byo_store_alone(t->store); /* all rows, whoever's: each is added once */
    byo_store_statistics(t->store, BYO_SPAN_MINUTE, 0, over, fold_row, fold);
    for (size_t i = 0; i < fold->n_hours; i++)
        write_hour(t, &fold->hours[i]);
    for (size_t i = 0; fold->more && i < fold->n_rows; i++)
        byo_store_statistic_put(t->store, BYO_SPAN_MINUTE, fold->rows[i].at,
                                byo_str(fold->rows[i].integration), BYO_STR_NONE);
    if (!fold->more)
        byo_store_statistics_purge(t->store, BYO_SPAN_MINUTE, over);
    bool more = fold->more;
    free(fold);
    byo_store_statistics_purge(t->store, BYO_SPAN_HOUR, t->now - retention);
    return more;
}
