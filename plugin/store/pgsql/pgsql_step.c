/* SPDX-License-Identifier: BSD-3-Clause
 * What of a message's past its rows do not hold: its reports, which nearly every message has, as a number and a time
 * each, and all else, which few have, as one text that grows by lines.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

static void add_line(ByoStore *s, ByoId message, const ByoPast *p)
{
    ByoBuf line = {0};
    byo_past_write(p, byo_id_time(message), &line);
    int day;
    byo_pg_write(s, byo_pg_rows_holds(s, message, &day) ? BYO_PG_STEP_PUT : BYO_PG_STEP_ADD, PG_INT(message),
                 PG_TEXT(byo_buf_str(&line)), PG_INT(BYO_PAST_OCTETS));
    byo_buf_free(&line);
}

void byo_pgsql_step_add(ByoStore *s, ByoId message, const ByoPast *p)
{
    if (!byo_pg_writing(s))
        return;
    if (p->kind == BYO_PAST_REPORTED || p->kind == BYO_PAST_UNWANTED)
        byo_pg_gather_report(s, byo_id_segment(message, p->segment), (int)p->number,
                             p->kind == BYO_PAST_REPORTED ? p->time : -p->time);
    else if (!byo_pg_rows_adds(s, message) || byo_pg_rows_write(s))
        add_line(s, message, p);
}

void byo_pgsql_steps(ByoStore *s, ByoId message, ByoBuf *lines)
{
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_STEPS, PG_INT(message)); byo_pg_next(&r);)
        byo_buf_add(lines, byo_pg_text_at(&r, 0).p, byo_pg_text_at(&r, 0).n);
    for (byo_pg_read(s, &r, BYO_PG_REPORTS, PG_INT(message)); byo_pg_next(&r);) {
        ByoTime at = byo_pg_int_at(&r, 2);
        ByoPast p = {.kind = at < 0 ? BYO_PAST_UNWANTED : BYO_PAST_REPORTED,
                     .segment = byo_id_number(byo_pg_int_at(&r, 0)),
                     .number = (int)byo_pg_int_at(&r, 1),
                     .time = at < 0 ? -at : at};
        byo_past_write(&p, byo_id_time(message), lines);
    }
}
