/* SPDX-License-Identifier: BSD-3-Clause
 * Writes that wait for the end of their transaction: a segment and its message that are changed by an answer are mostly
 * changed by the receipt as well within the turn, and the pages of reports that were acked take those that came.
 * Decides: what waits, and what is written before a statement runs: all of it, unless the statement is one of `blind`,
 * which cannot see what waits, or is put right by who runs it. So each look finds what it would if nothing ever waited.
 * Of inward first those that go are written, in runs, then those that come: they take the pages that became free.
 * Nothing waits beyond a commit. Ownership: the ByoStore owns it. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

#include <stdlib.h>

/* Segments and messages: those that add rows, read or write one row that is not kept (sqlite_rows.c), or look for a
 * segment by its ids (sqlite_copy.c). Inward: those that write what waits. The others touch neither. */
static const bool blind[BYO_Q_COUNT] = {
    [BYO_Q_BEGIN] = true,           [BYO_Q_COMMIT] = true,
    [BYO_Q_ROLLBACK] = true,        [BYO_Q_NAMES] = true,
    [BYO_Q_NAME_ADD] = true,        [BYO_Q_COUNTER_PUT] = true,
    [BYO_Q_COUNTER] = true,         [BYO_Q_MESSAGE_ADD] = true,
    [BYO_Q_FRAME_ADD] = true,       [BYO_Q_MESSAGE] = true,
    [BYO_Q_MESSAGE_UPDATE] = true,  [BYO_Q_SEGMENT_ADD] = true,
    [BYO_Q_SEGMENT] = true,         [BYO_Q_SEGMENT_STATE] = true,
    [BYO_Q_SEGMENT_UPDATE] = true,  [BYO_Q_SEGMENT_UPDATE_ID] = true,
    [BYO_Q_SEGMENT_FOREIGN] = true, [BYO_Q_SEGMENT_LOOSE] = true,
    [BYO_Q_COPY_FOREIGN] = true,    [BYO_Q_RUN_ADD] = true,
    [BYO_Q_RUN_LAST] = true,        [BYO_Q_CHUNK] = true,
    [BYO_Q_CHUNK_ADD] = true,       [BYO_Q_BOX_KEY] = true,
    [BYO_Q_BOX_FREE] = true,        [BYO_Q_BOX_ADD] = true,
    [BYO_Q_INWARD_ADD] = true,      [BYO_Q_INWARD_REMOVE] = true,
    [BYO_Q_INBOUND_ADD] = true,     [BYO_Q_EVENT_ADD] = true,
    [BYO_Q_EVENT_REPEAT] = true,    [BYO_Q_EARLY_ADD] = true,
    [BYO_Q_EARLY_FIND] = true,      [BYO_Q_EARLY_REMOVE] = true,
    [BYO_Q_STEP_ADD] = true,        [BYO_Q_REPORT_ADD] = true,
    [BYO_Q_MESSAGE_THERE] = true,
};

void byo_later_come(ByoStore *s, ByoId id, ByoStr frame)
{
    ByoLater *l = &s->later;
    if (l->n_come == l->cap_come) {
        l->cap_come = l->cap_come ? 2 * l->cap_come : 256;
        l->come = byo_realloc(l->come, l->cap_come * sizeof *l->come);
    }
    l->come[l->n_come++] = (ByoLaterRow){id, l->frames.n, frame.n};
    byo_buf_add(&l->frames, frame.p, frame.n);
}

void byo_later_gone(ByoStore *s, ByoId id)
{
    ByoLater *l = &s->later;
    if (l->n_gone == l->cap_gone) {
        l->cap_gone = l->cap_gone ? 2 * l->cap_gone : 256;
        l->gone = byo_realloc(l->gone, l->cap_gone * sizeof *l->gone);
    }
    l->gone[l->n_gone++] = id;
}

static int compare(const void *a, const void *b)
{
    ByoId x = *(const ByoId *)a, y = *(const ByoId *)b;
    return (x > y) - (x < y);
}

/* One that came and went meanwhile is never written. Whatever its destination, a new one has a greater sequence number
 * than all that came before. */
static bool came(ByoLater *l, ByoId first, ByoId id)
{
    for (size_t i = 0; byo_inward_sequence(id) >= byo_inward_sequence(first) && i < l->n_come; i++)
        if (l->come[i].id == id) {
            l->come[i].id = 0;
            return true;
        }
    return false;
}

static void write_gone(ByoStore *s)
{
    ByoLater *l = &s->later;
    ByoId first = l->n_come ? l->come[0].id : 0;
    size_t n = 0;
    qsort(l->gone, l->n_gone, sizeof *l->gone, compare);
    for (size_t i = 0; i < l->n_gone; i++)
        if (!(first && came(l, first, l->gone[i])))
            l->gone[n++] = l->gone[i];
    for (size_t i = 0, end; i < n && !s->course.failed; i = end) {
        for (end = i + 1; end < n && l->gone[end] - l->gone[end - 1] <= 1; end++) {
        }
        byo_inward_write_gone(s, l->gone[i], l->gone[end - 1], (int64_t)(end - i));
    }
    l->n_gone = 0;
}

static void write_come(ByoStore *s)
{
    ByoLater *l = &s->later;
    for (size_t i = 0; i < l->n_come && !s->course.failed; i++)
        if (l->come[i].id)
            byo_inward_write_come(s, l->come[i].id, byo_strn(l->frames.p + l->come[i].at, l->come[i].length));
    l->n_come = 0;
    byo_buf_clear(&l->frames);
}

bool byo_later_write(ByoStore *s)
{
    if (!s->course.open || s->course.failed)
        return !s->course.failed;
    byo_rows_write(s);
    if (s->later.n_gone)
        write_gone(s);
    if (s->later.n_come)
        write_come(s);
    return !s->course.failed;
}

void byo_later_before(ByoStore *s, ByoQuery which)
{
    if (!blind[which])
        byo_later_write(s);
}

void byo_later_forget(ByoStore *s)
{
    byo_rows_forget(s);
    s->later.n_gone = s->later.n_come = 0;
    byo_buf_clear(&s->later.frames);
}

void byo_later_free(ByoStore *s)
{
    free(s->later.gone);
    free(s->later.come);
    byo_buf_free(&s->later.frames);
}
