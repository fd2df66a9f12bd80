/* SPDX-License-Identifier: BSD-3-Clause
 * Opt-outs (spec K4, K5): who is opted out now, each with the reason of the row, and the history.
 * Decides: nothing. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <stdlib.h>

void byo_pgsql_opt_add(ByoStore *s, const ByoOptRow *o, ByoTime now)
{
    if (!byo_pg_writing(s))
        return;
    ByoId id = byo_pgsql_new_id(s, now);
    byo_pg_write(s, BYO_PG_OPT_ADD, PG_INT(id), PG_INT(o->time ? o->time : now), PG_OCTETS(o->number),
                 PG_OCTETS(o->recipient), PG_TEXT(o->action), PG_OCTETS_OPT(o->text),
                 PG_OCTETS_OPT(o->answer), PG_OCTETS_OPT(o->who), PG_OCTETS_OPT(o->reason),
                 PG_OCTETS_OPT(o->reading_of));
    if (byo_str_is(o->action, "opt-out"))
        byo_pg_write(s, BYO_PG_OPT_OUT, PG_OCTETS(o->number), PG_OCTETS(o->recipient),
                     PG_OCTETS(o->reading_of), PG_INT(id));
    else
        byo_pg_write(s, BYO_PG_OPT_IN, PG_OCTETS(o->number), PG_OCTETS(o->recipient),
                     PG_OCTETS_OPT(o->reading_of));
    s->stops |= byo_str_is(o->action, "opt-out");
    byo_pg_change_note(s, BYO_CHANGE_OPT, o->number, o->recipient);
}

void byo_pgsql_leaving(ByoStore *s, ByoStr number, ByoStr recipient)
{
    ByoStr pair[] = {byo_digits(number), byo_digits(recipient)};
    if (!s->course.open || s->course.failed)
        return;
    for (int i = 0; i < 2; i++) {
        byo_buf_add(&s->leaving, &pair[i].n, sizeof pair[i].n);
        byo_buf_add(&s->leaving, pair[i].p, pair[i].n);
    }
    s->n_leaving++;
}

static void look_for_stops(ByoStore *s)
{
    ByoStr *texts = byo_alloc(2 * s->n_leaving * sizeof *texts);
    const char *at = s->leaving.p;
    for (size_t i = 0; i < 2 * s->n_leaving; i++) {
        size_t n;
        memcpy(&n, at, sizeof n);
        texts[i / 2 + (i % 2 ? s->n_leaving : 0)] = byo_strn(at + sizeof n, n);
        at += sizeof n + n;
    }
    byo_pg_write(s, BYO_PG_STOPPED, PG_OCTETSS(texts, s->n_leaving),
                 PG_OCTETSS(texts + s->n_leaving, s->n_leaving));
    free(texts);
}

void byo_pg_stops_settle(ByoStore *s)
{
    if (s->stops)
        byo_pg_write(s, BYO_PG_STOP_LOCK, PG_INT(BYO_PG_LOCK_STOP));
    else if (s->n_leaving)
        byo_pg_write(s, BYO_PG_STOP_LOCK_SHARED, PG_INT(BYO_PG_LOCK_STOP));
    if (s->n_leaving)
        look_for_stops(s);
}

void byo_pgsql_opt_answer(ByoStore *s, ByoStr number, ByoStr recipient, ByoId before, ByoStr answer)
{
    byo_pg_write(s, BYO_PG_OPT_ANSWER, PG_OCTETS(number), PG_OCTETS(byo_digits(recipient)), PG_INT(before),
                 PG_OCTETS_OPT(answer));
}

void byo_pgsql_opt_outs(ByoStore *s,
                        bool (*each)(void *arg, ByoStr number, ByoStr recipient, ByoStr reading_of),
                        void *arg)
{
    ByoBuf last[3] = {{0}};
    bool more = true;
    while (more) {
        ByoPgRows r;
        int n = 0;
        more = false;
        byo_pg_read(s, &r, BYO_PG_OPT_OUTS, PG_OCTETS(byo_buf_str(&last[0])),
                    PG_OCTETS(byo_buf_str(&last[1])), PG_OCTETS(byo_buf_str(&last[2])), PG_INT(BYO_PG_PAGE));
        while (byo_pg_next(&r)) {
            more = ++n == BYO_PG_PAGE;
            for (int i = 0; more && i < 3; i++) {
                byo_buf_clear(&last[i]);
                byo_buf_add(&last[i], byo_pg_text_at(&r, i).p, byo_pg_text_at(&r, i).n);
            }
            if (!each(arg, byo_pg_text_at(&r, 0), byo_pg_text_at(&r, 1), byo_pg_text_at(&r, 2))) {
                more = false;
                byo_pg_end(&r);
            }
        }
        if (more)
            byo_pg_show_life(s);
    }
    for (int i = 0; i < 3; i++)
        byo_buf_free(&last[i]);
}

bool byo_pgsql_opted_out(ByoStore *s, ByoStr number, ByoStr recipient)
{
    return byo_pg_amount(s, BYO_PG_OPTED_OUT, PG_OCTETS(number), PG_OCTETS(recipient)) > 0;
}

bool byo_pgsql_opted_out_itself(ByoStore *s, ByoStr number, ByoStr recipient)
{
    return byo_pg_amount(s, BYO_PG_OPTED_OUT_ITSELF, PG_OCTETS(number), PG_OCTETS(recipient)) > 0;
}

void byo_pgsql_opt_readings(ByoStore *s, ByoStr number, ByoStr reading_of,
                            void (*each)(void *arg, ByoStr recipient), void *arg)
{
    ByoPgRows r;
    for (byo_pg_read(s, &r, BYO_PG_OPT_READINGS, PG_OCTETS(number), PG_OCTETS(reading_of)); byo_pg_next(&r);)
        each(arg, byo_pg_text_at(&r, 0));
}

/* -- lists ------------------------------------------------------------------------------------------- */

static void list(ByoStore *s, ByoPgStatement q, const ByoOptFilter *f,
                 bool (*each)(void *arg, const ByoOptRow *o), void *arg)
{
    ByoPgRows r;
    for (byo_pg_read(s, &r, q, PG_OCTETS_OPT(f->number),
                     f->n_recipients ? PG_OCTETSS(f->recipients, (size_t)f->n_recipients)
                                     : PG_NULL(BYO_PG_OCTETSS),
                     PG_INT(f->before ? f->before : INT64_MAX), PG_INT(f->max));
         byo_pg_next(&r);) {
        ByoOptRow o = {
            .id = byo_pg_int_at(&r, 0),
            .time = byo_pg_amount_at(&r, 1),
            .number = byo_pg_text_at(&r, 2),
            .recipient = byo_pg_text_at(&r, 3),
            .action = byo_pg_text_at(&r, 4),
            .text = byo_pg_text_at(&r, 5),
            .answer = byo_pg_text_at(&r, 6),
            .who = byo_pg_text_at(&r, 7),
            .reason = byo_pg_text_at(&r, 8),
            .reading_of = byo_pg_text_at(&r, 9),
        };
        if (!each(arg, &o))
            byo_pg_end(&r);
    }
}

void byo_pgsql_opt_history(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                           void *arg)
{
    /* A statement for each way to ask, so that each uses its index. */
    ByoPgStatement q = f->number.n && f->n_recipients ? BYO_PG_OPT_HISTORY_PAIR
                       : f->number.n                  ? BYO_PG_OPT_HISTORY_NUMBER
                       : f->n_recipients              ? BYO_PG_OPT_HISTORY_RECIPIENT
                                                      : BYO_PG_OPT_HISTORY;
    list(s, q, f, each, arg);
}

void byo_pgsql_opt_current(ByoStore *s, const ByoOptFilter *f, bool (*each)(void *arg, const ByoOptRow *o),
                           void *arg)
{
    list(s, BYO_PG_OPT_CURRENT, f, each, arg);
}

int byo_pgsql_opt_forget_texts(ByoStore *s, ByoStr recipient)
{
    return (int)byo_pg_change(s, BYO_PG_OPT_FORGET_TEXTS, PG_OCTETS(recipient));
}
