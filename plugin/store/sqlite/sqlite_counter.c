/* SPDX-License-Identifier: BSD-3-Clause
 * How many rows there are of each kind: kept in the transaction that changes them, never counted.
 * Decides: what is counted under which key of the table counter.
 * Ownership: the ByoStore owns the counts. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

bool byo_counter_put(ByoStore *s, int64_t key, int64_t n)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_COUNTER_PUT, "INSERT OR REPLACE INTO counter (key, n) VALUES (?1, ?2)");
    if (!st)
        return false;
    sqlite3_bind_int64(st, 1, key);
    sqlite3_bind_int64(st, 2, n);
    return byo_run(s, st, "cannot keep a counter");
}

int64_t byo_counter(ByoStore *s, int64_t key)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_COUNTER, "SELECT n FROM counter WHERE key = ?1");
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, key);
    return byo_row_amount(s, st, "cannot read a counter");
}

static void make_boxes(ByoStore *s)
{
    if (s->boxes)
        return;
    s->boxes = byo_zalloc((BYO_BOX_MAX + 1) * sizeof *s->boxes);
    s->boxes_touched = byo_alloc((BYO_BOX_MAX + 1) * sizeof *s->boxes_touched);
}

static void set_live(ByoStore *s, ByoBoxRows *b, int64_t live)
{
    s->boxes_waited += (live > 0) - (b->live > 0);
    b->live = live;
}

void byo_box_count(ByoStore *s, int64_t key, int64_t by)
{
    if (key < 0 || key > BYO_BOX_MAX)
        return;
    make_boxes(s);
    set_live(s, &s->boxes[key], s->boxes[key].live + by);
    if (!s->boxes[key].touched)
        s->boxes_touched[s->n_boxes_touched++] = (int)key;
    s->boxes[key].touched = true;
}

static bool put_boxes(ByoStore *s)
{
    for (size_t i = 0; i < s->n_boxes_touched; i++) {
        const ByoBoxRows *b = &s->boxes[s->boxes_touched[i]];
        if (b->live != b->kept && !byo_counter_put(s, BYO_COUNTER_BOX - s->boxes_touched[i], b->live))
            return false;
    }
    return true;
}

static bool put_changed(ByoStore *s, int64_t key, int64_t live, int64_t kept)
{
    return live == kept || byo_counter_put(s, key, live);
}

bool byo_counters_put(ByoStore *s)
{
    for (size_t i = 0; i < s->known_n; i++)
        for (int state = 0; state < BYO_STATES; state++)
            if (!put_changed(s, s->known[i].key * 4 + state, s->known[i].live[state],
                             s->known[i].kept[state]))
                return false;
    return put_boxes(s) && put_changed(s, BYO_COUNTER_INWARD, s->inward_live, s->inward_kept) &&
           put_changed(s, BYO_COUNTER_EARLY, s->early_live, s->early_kept);
}

/* What is committed becomes what is seen (forget), or the other way round (kept). */
static void settle(ByoStore *s, bool kept)
{
    for (size_t i = 0; i < s->n_boxes_touched; i++) {
        ByoBoxRows *b = &s->boxes[s->boxes_touched[i]];
        b->touched = false;
        if (kept)
            b->kept = b->live;
        else
            set_live(s, b, b->kept);
    }
    s->n_boxes_touched = 0;
}

void byo_counters_kept(ByoStore *s)
{
    for (size_t i = 0; i < s->known_n; i++)
        memcpy(s->known[i].kept, s->known[i].live, sizeof s->known[i].kept);
    s->inward_kept = s->inward_live;
    s->early_kept = s->early_live;
    settle(s, true);
}

void byo_counters_forget(ByoStore *s)
{
    for (size_t i = 0; i < s->known_n; i++)
        memcpy(s->known[i].live, s->known[i].kept, sizeof s->known[i].live);
    s->inward_live = s->inward_kept;
    s->early_live = s->early_kept;
    settle(s, false);
}

void byo_counters_load(ByoStore *s, int64_t key, int64_t n)
{
    ByoKnown *k = key > 0 ? byo_known_key(s, key / 4) : NULL;
    if (key == BYO_COUNTER_INWARD)
        s->inward_live = s->inward_kept = n;
    else if (key == BYO_COUNTER_EARLY)
        s->early_live = s->early_kept = n;
    else if (key <= BYO_COUNTER_BOX && key >= BYO_COUNTER_BOX - BYO_BOX_MAX && n) {
        make_boxes(s);
        set_live(s, &s->boxes[BYO_COUNTER_BOX - key], n);
        s->boxes[BYO_COUNTER_BOX - key].kept = n;
    } else if (k && key % 4 < BYO_STATES)
        k->live[key % 4] = k->kept[key % 4] = n;
}
