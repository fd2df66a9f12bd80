/* SPDX-License-Identifier: BSD-3-Clause
 * Messages that are over: they leave the open tables for the partition of the day they ended on.
 * Decides: when a message leaves: with the turn that ends it, in one statement for all such rows of a kind, or at once when it is
 * added so; and only to a day that has partitions (pgsql_days.c): else it stays, and the purge removes it row by row. What is
 * changed later is changed there. A message lies in no day before that of its id: so who looks for one by its id looks
 * at no older day. Where rows lie stands in what the turn holds of them; what it does not hold is looked for
 * among the open ones first, and it never moves back.
 * Ownership and threads: pgsql_rows.c. */
#include "store/pgsql/pgsql_rows.h"

#include <stdlib.h>

/* -- reading --------------------------------------------------------------------------------------- */

int byo_pg_over_day_at(const ByoPgRows *r, int column)
{
    return (int)byo_pg_int_at(r, column);
}

static int day_of_id(ByoId id)
{
    return byo_pg_day(byo_id_time(id));
}

/* Of ids that were looked for, those that are not there; *day_r: the first day they may lie in. */
static size_t absent(const ByoPgRowsOf *k, const ByoId *ids, size_t n, ByoId *absent_r, int *day_r)
{
    size_t n_absent = 0;
    for (size_t i = 0; i < n; i++) {
        const ByoPgEntry *e = byo_pg_held_find(k, ids[i]);
        if (e && e->state != BYO_PG_ROW_ABSENT)
            continue;
        if (n_absent == 0 || day_of_id(ids[i]) < *day_r)
            *day_r = day_of_id(ids[i]);
        absent_r[n_absent++] = ids[i];
    }
    return n_absent;
}

static bool load(ByoStore *s, const ByoId *m, size_t nm, int m_day, const ByoId *g, size_t ng, int g_day)
{
    ByoPgRows r;
    bool ok = true, lock = s->course.open && s->writer;
    bool m_asked = nm && byo_pg_ask(s, lock ? BYO_PG_MESSAGES_OVER_LOCK : BYO_PG_MESSAGES_OVER,
                                    PG_INTS(m, nm), PG_INT(m_day));
    bool g_asked = ng && byo_pg_ask(s, BYO_PG_SEGMENTS_OVER, PG_INTS(g, ng), PG_INT(g_day));
    if (m_asked)
        for (ok = byo_pg_answer(s, &r); byo_pg_next(&r);)
            byo_pg_rows_put_message(s, &r, byo_pg_over_day_at(&r, BYO_PG_MESSAGE_COLUMNS));
    if (g_asked)
        for (ok = byo_pg_answer(s, &r) && ok; byo_pg_next(&r);)
            byo_pg_rows_put_segment(s, &r, byo_pg_over_day_at(&r, BYO_PG_SEGMENT_COLUMNS));
    return ok && m_asked == (nm > 0) && g_asked == (ng > 0);
}

bool byo_pg_over_load(ByoStore *s, const ByoId *messages, size_t n_messages, const ByoId *segments,
                      size_t n_segments)
{
    int m_day = 0, g_day = 0;
    ByoPgAsking asking = byo_pg_asking(s);
    bool ok;
    ByoId *m = byo_alloc((n_messages + n_segments + 1) * sizeof *m), *g = m + n_messages;
    size_t nm = absent(&s->cached->messages, messages, n_messages, m, &m_day),
           ng = absent(&s->cached->segments, segments, n_segments, g, &g_day);
    do
        ok = load(s, m, nm, m_day, g, ng, g_day);
    while (!ok && byo_pg_ask_again(s, &asking));
    free(m);
    return ok;
}

bool byo_pg_over_segments(ByoStore *s, ByoId message, int day, ByoPgRows *r)
{
    return byo_pg_read(s, r, BYO_PG_SEGMENTS_OF_OVER, PG_INT(message), PG_INT(day ? day : day_of_id(message)),
                       PG_INT(day ? day : INT32_MAX));
}

bool byo_pg_over_duplicate(ByoStore *s, ByoId message, int day)
{
    return byo_pg_amount(s, BYO_PG_MAYBE_DUPLICATE_OVER, PG_INT(message),
                         PG_INT(day ? day : day_of_id(message)), PG_INT(day ? day : INT32_MAX)) != 0;
}

/* -- leaving --------------------------------------------------------------------------------------- */

/* The day a message goes to; 0: it stays. Where a clock was set back it ended before its id was made: it lies in no day before
 * that of its id all the same. */
static int goes_to(const ByoStore *s, const ByoMessageRow *m)
{
    int day = m->tally.ended && m->ended > 0 ? byo_pg_day(m->ended) : 0;
    if (day && day < day_of_id(m->id))
        day = day_of_id(m->id);
    return day && byo_pg_days_have(s, day) ? day : 0;
}

static const ByoPgMessage *message_of(const ByoStore *s, const ByoPgEntry *segment)
{
    return (const ByoPgMessage *)byo_pg_held_find(&s->cached->messages, byo_id_message(segment->id));
}

static bool leaves(const ByoStore *s, const ByoPgEntry *e)
{
    return !e->day && goes_to(s, &((const ByoPgMessage *)e)->row);
}

static bool goes_with_message(const ByoStore *s, const ByoPgEntry *e)
{
    const ByoPgMessage *m = message_of(s, e);
    return m && m->e.day;
}

void byo_pg_over_write_added(ByoStore *s)
{
    ByoPgRowsOf *messages = &s->cached->messages, *segments = &s->cached->segments;
    ByoPgList m = byo_pg_held_take(&messages->added, leaves, s);
    for (ByoPgEntry *e = m.first; e; e = e->next)
        e->day = goes_to(s, &((const ByoPgMessage *)e)->row);
    ByoPgList g = byo_pg_held_take(&segments->added, goes_with_message, s);
    for (ByoPgEntry *e = g.first; e; e = e->next)
        e->day = message_of(s, e)->e.day;
    byo_pg_rows_write_list(s, &m, byo_pg_messages_add_over);
    byo_pg_rows_write_list(s, &g, byo_pg_segments_add_over);
}

static bool lies_over(const ByoStore *s, const ByoPgEntry *e)
{
    (void)s;
    return e->day;
}

static bool leaves_whole(const ByoStore *s, const ByoPgEntry *e)
{
    const ByoPgMessage *m = message_of(s, e);
    return m && m->e.leaves == BYO_PG_LEAVES;
}

static bool leaves_in_part(const ByoStore *s, const ByoPgEntry *e)
{
    const ByoPgMessage *m = message_of(s, e);
    return m && m->e.leaves == BYO_PG_LEAVES_IN_PART;
}

static void append(ByoPgList *l, ByoPgList more)
{
    ByoPgEntry **end = &l->first;
    while (*end)
        end = &(*end)->next;
    *end = more.first;
    l->n += more.n;
}

static ByoPgEntry *segment(const ByoStore *s, const ByoPgEntry *message, int number)
{
    return byo_pg_held_find(&s->cached->segments, byo_id_segment(message->id, number));
}

/* Everything of a message is held. */
static bool held_whole(const ByoStore *s, const ByoPgMessage *m)
{
    for (int i = 1; i <= m->row.tally.segments; i++) {
        const ByoPgEntry *e = segment(s, &m->e, i);
        if (!e || e->state == BYO_PG_ROW_ABSENT)
            return false;
    }
    return m->row.tally.segments > 0;
}

/* Those that did not change go, too; they are in no list. */
static void append_unchanged(const ByoStore *s, ByoPgList *l, const ByoPgEntry *message)
{
    const ByoPgMessage *m = (const ByoPgMessage *)message;
    for (int i = 1; i <= m->row.tally.segments; i++) {
        ByoPgEntry *e = segment(s, message, i);
        if (e->state != BYO_PG_ROW_READ)
            continue;
        e->next = l->first;
        l->first = e;
        l->n++;
    }
}

/* What leaves with this call. */
typedef struct {
    ByoPgList messages, segments;
    ByoPgList parts; /* changed segments of messages that are not held as a whole */
    int64_t *part_ids, *part_days;
    size_t n_parts;
} Leaving;

static Leaving gather(ByoStore *s)
{
    ByoPgRowsOf *messages = &s->cached->messages, *segments = &s->cached->segments;
    Leaving l = {.messages = byo_pg_held_take(&messages->over, leaves, s)};
    append(&l.messages, byo_pg_held_take(&messages->changed, leaves, s));
    if (!l.messages.n)
        return l;
    l.part_ids = byo_alloc(2 * l.messages.n * sizeof *l.part_ids);
    l.part_days = l.part_ids + l.messages.n;
    for (ByoPgEntry *e = l.messages.first; e; e = e->next) {
        bool whole = held_whole(s, (const ByoPgMessage *)e);
        e->leaves = whole ? BYO_PG_LEAVES : BYO_PG_LEAVES_IN_PART;
        e->day = goes_to(s, &((const ByoPgMessage *)e)->row);
        if (whole) {
            append_unchanged(s, &l.segments, e);
        } else {
            l.part_ids[l.n_parts] = e->id;
            l.part_days[l.n_parts++] = e->day;
        }
    }
    append(&l.segments, byo_pg_held_take(&segments->over, leaves_whole, s));
    append(&l.segments, byo_pg_held_take(&segments->changed, leaves_whole, s));
    append(&l.parts, byo_pg_held_take(&segments->over, leaves_in_part, s));
    append(&l.parts, byo_pg_held_take(&segments->changed, leaves_in_part, s));
    for (ByoPgEntry *e = l.segments.first; e; e = e->next)
        e->day = message_of(s, e)->e.day;
    for (ByoPgEntry *e = l.messages.first; e; e = e->next)
        e->leaves = BYO_PG_STAYS;
    return l;
}

/* Which of their segments are held is known: they lie there now. */
static void note_parts(const ByoStore *s, const Leaving *l)
{
    for (size_t i = 0; i < l->n_parts; i++)
        for (int n = 1; n <= 255; n++) {
            ByoPgEntry *e = byo_pg_held_find(&s->cached->segments, byo_id_segment(l->part_ids[i], n));
            if (e)
                e->day = (int)l->part_days[i];
        }
}

/* Behind the messages, whose rows are the locks of their segments. */
static void leave(ByoStore *s)
{
    Leaving l = gather(s);
    byo_pg_rows_write_list(s, &l.messages, byo_pg_messages_leave);
    byo_pg_rows_write_list(s, &l.segments, byo_pg_segments_leave);
    byo_pg_rows_write_list(s, &l.parts, byo_pg_segments_update);
    for (size_t at = 0; at < l.n_parts; at += BYO_PG_ROWS_MAX) {
        size_t n = l.n_parts - at < BYO_PG_ROWS_MAX ? l.n_parts - at : BYO_PG_ROWS_MAX;
        if (!s->course.failed)
            byo_pg_write(s, BYO_PG_SEGMENTS_LEAVE_ALL, PG_INTS(l.part_ids + at, n),
                         PG_INTS(l.part_days + at, n));
    }
    if (!s->course.failed)
        note_parts(s, &l);
    free(l.part_ids);
}

static void write_late(ByoStore *s, ByoPgRowsOf *k, ByoPgWriteRows *write)
{
    ByoPgList l = byo_pg_held_take(&k->changed, lies_over, s);
    append(&l, byo_pg_held_take(&k->over, lies_over, s));
    byo_pg_rows_write_list(s, &l, write);
}

void byo_pg_over_write(ByoStore *s)
{
    write_late(s, &s->cached->messages, byo_pg_messages_update_over);
    if (!s->course.failed)
        leave(s);
    if (!s->course.failed)
        write_late(s, &s->cached->segments, byo_pg_segments_update_over);
}
