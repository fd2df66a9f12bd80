/* SPDX-License-Identifier: BSD-3-Clause
 * What is erased on a person's request: messages with their segments and frames, his number in events.
 * Decides: that with his number in events his messages go that are past retention and not dropped yet; the counters follow.
 * The rows' octets go from the disk when the database sees fit (vacuum).
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

/* -- a message ----------------------------------------------------------------------------------------- */

typedef struct {
    int n, states[BYO_STATES];
} Segments;

static void count_segment(void *arg, const ByoSegmentRow *seg)
{
    Segments *segments = arg;
    segments->n++;
    if (seg->s.state < BYO_STATES)
        segments->states[seg->s.state]++;
}

int byo_pgsql_message_remove(ByoStore *s, ByoId id)
{
    ByoMessageRow m;
    Segments segments = {0};
    int day;
    if (!byo_pg_writing(s) || byo_pgsql_message(s, id, &m) != BYO_STORE_OK)
        return 0;
    byo_pgsql_segments(s, id, count_segment, &segments);
    byo_pg_rows_leave(s, id);
    if (!byo_pg_rows_write(s) || !byo_pg_rows_holds(s, m.id, &day)) /* where it lies then */
        return 0;
    for (int state = 0; state < BYO_STATES; state++)
        if (segments.states[state])
            byo_counts_by(s->counts, (ByoCountKind)state, m.integration, -segments.states[state]);
    byo_pg_write(s, BYO_PG_ERASE_COPIES, PG_INT(id));
    byo_pg_write(s, BYO_PG_ERASE_STEPS, PG_INT(id));
    byo_pg_write(s, BYO_PG_ERASE_REPORTS, PG_INT(id));
    byo_pg_write(s, BYO_PG_ERASED, PG_INT(id));
    if (day) {
        byo_pg_write(s, BYO_PG_ERASE_SEGMENTS_OVER, PG_INT(id), PG_INT(day));
        byo_pg_write(s, BYO_PG_ERASE_MESSAGE_OVER, PG_INT(id), PG_INT(day));
    } else {
        byo_pg_write(s, BYO_PG_ERASE_SEGMENTS, PG_INT(id));
        byo_pg_write(s, BYO_PG_ERASE_MESSAGE, PG_INT(id));
    }
    return segments.n;
}

/* -- events -------------------------------------------------------------------------------------------- */

/* text with the digits taken out, and a '+' before them where one may stand. */
static void erase_in(ByoBuf *out, ByoStr text, ByoStr digits, bool plus)
{
    byo_buf_clear(out);
    for (size_t i = 0; i < text.n;) {
        size_t at = i + (plus && text.p[i] == '+');
        if (at + digits.n <= text.n && memcmp(text.p + at, digits.p, digits.n) == 0) {
            byo_buf_adds(out, "(erased)");
            i = at + digits.n;
        } else {
            byo_buf_addc(out, text.p[i++]);
        }
    }
}

int byo_pgsql_event_forget(ByoStore *s, ByoStr digits)
{
    int n = 0;
    ByoBuf texts[4] = {0};
    ByoPgRows r;
    if (!byo_pg_writing(s) || !digits.n)
        return 0;
    /* No list shows what is about to be dropped any more, and that may wait for long. */
    byo_pg_write(s, BYO_PG_ERASE_GOING, PG_INT(byo_pg_recipient_hash(digits)), PG_OCTETS(digits));
    for (byo_pg_read(s, &r, BYO_PG_EVENTS_OF, PG_OCTETS(digits)); byo_pg_next(&r);) {
        for (int i = 0; i < 4; i++)
            erase_in(&texts[i], byo_pg_text_at(&r, 1 + i), digits, i < 2);
        byo_pg_write(s, BYO_PG_EVENT_ERASE, PG_INT(byo_pg_int_at(&r, 0)),
                     PG_OCTETS_OPT(byo_buf_str(&texts[0])), PG_OCTETS_OPT(byo_buf_str(&texts[1])),
                     PG_OCTETS_OPT(byo_buf_str(&texts[2])), PG_OCTETS_OPT(byo_buf_str(&texts[3])));
        n++;
    }
    for (int i = 0; i < 4; i++)
        byo_buf_free(&texts[i]);
    return n;
}
