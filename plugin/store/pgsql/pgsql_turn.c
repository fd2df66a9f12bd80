/* SPDX-License-Identifier: BSD-3-Clause
 * A transaction from its begin to what became of it, and what happens when the session is lost.
 * Decides: which losses keep nothing and which leave it open whether the transaction is kept. Only a COMMIT that was
 * sent is unknown: before it is sent, end of file is looked for. Then the transaction's number tells, which stands in it: a
 * new session reads it, once the old one is ended and gone (pgsql_connect.c).
 * Nothing here waits for a new session: until it is there, every transaction fails at its begin.
 * Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* Between two tries to get a session. */
#define DIAL_PAUSE 300

const char *byo_pgsql_error(const ByoStore *s)
{
    return byo_course_error(&s->course);
}

bool byo_pg_writing(ByoStore *s)
{
    if (byo_course_writing(&s->course) && !s->writer)
        byo_course_note(&s->course, BYO_STORE_READONLY, "a reader does not write");
    return !s->course.failed;
}

/* -- the session ------------------------------------------------------------------------------------ */

void byo_pg_lost(ByoStore *s, const char *why)
{
    if (!s->session.c)
        return;
    char *said = byo_pg_said(&s->at, why ? why : PQerrorMessage(s->session.c));
    char *text = byo_printf("%s: the connection is lost: %s", s->place, said);
    byo_course_note(&s->course, BYO_STORE_IO, text);
    free(text);
    free(said);
    PQfinish(s->session.c);
    s->session.c = NULL; /* its backend is remembered: the next session ends it */
    s->sent_n = s->sent_at = 0;
    memset(s->prepared, 0, sizeof s->prepared);
    byo_pg_rows_forget(s);
    byo_pg_kept_forget(s);
    byo_pg_gathered_forget(s);
}

/* Has the other side said that it is over? */
static bool alive(ByoStore *s)
{
    struct pollfd at = {.fd = PQsocket(s->session.c), .events = POLLIN};
    /* Its last words come before the end of file. */
    while (poll(&at, 1, 0) > 0)
        if (!PQconsumeInput(s->session.c) || PQstatus(s->session.c) == CONNECTION_BAD) {
            byo_pg_lost(s, NULL);
            return false;
        }
    return true;
}

static void note_no_session(ByoStore *s)
{
    /* What the last try met with is told, as long as no other fault was. */
    char *text = byo_printf("%s", s->dial_why.n ? s->dial_why.p : "the connection to the database is lost");
    byo_course_note(&s->course, BYO_STORE_IO, text);
    free(text);
}

/* Is the database as this byobox left it? A standby that lagged has less, another byobox that was active meanwhile raised
 * the epoch: either way memory is of another time, and stays so. */
static void compare(ByoStore *s, const ByoPgSession *found)
{
    int64_t last = s->unknown && found->turn >= s->turn ? s->turn : s->session.turn;
    if (found->turn < last)
        s->stale = "the database went back behind what was kept in it";
    else if (found->epoch != s->session.epoch)
        s->stale = byo_pg_taken_over;
}

/* A new session is looked for; true: it is there. */
static bool dialled(ByoStore *s)
{
    ByoPgSession found;
    ByoStoreResult result;
    char *why;
    if (!s->dial) {
        if (byo_monotonic() < s->dial_next)
            return false;
        s->dial = byo_pg_dial(&s->at, s->session);
    }
    if (!byo_pg_dialled(s->dial, &found, &result, &why))
        return false;
    s->dial = NULL;
    if (found.c) {
        compare(s, &found);
        free(s->session.days);
        s->session = found;
        byo_pg_others_session(s);
        byo_buf_clear(&s->dial_why);
        return true;
    }
    s->dial_next = byo_monotonic() + DIAL_PAUSE;
    byo_buf_clear(&s->dial_why);
    byo_buf_adds(&s->dial_why, why);
    free(why);
    return false;
}

/* There is a session that was not ended by the other side. */
static bool connected(ByoStore *s)
{
    if (s->session.c && alive(s))
        return true;
    if (!s->writer)
        return false;
    return dialled(s);
}

bool byo_pgsql_current(ByoStore *s)
{
    return !s->stale && (s->writer || (s->session.c && alive(s)));
}

bool byo_pg_ready(ByoStore *s)
{
    if (!s->session.c && (s->course.open || !connected(s))) {
        note_no_session(s);
        return false;
    }
    if (!s->course.open || s->begun)
        return true;
    s->begun = true;
    return byo_pg_send_plain(s, BYO_PG_BEGIN) && (!s->writer || byo_pg_send_lock(s));
}

/* -- transactions ----------------------------------------------------------------------------------- */

void byo_pgsql_begin(ByoStore *s)
{
    if (s->course.open)
        return;
    bool there = !s->unknown && connected(s);
    byo_course_begin(&s->course);
    byo_pg_rows_free(s); /* what was read before is of that moment */
    s->xid = 0;
    s->kept_used = false;
    s->begun = s->wrote = false;
    if (!there)
        note_no_session(s);
    else if (s->stale)
        byo_course_note(&s->course, BYO_STORE_IO, s->stale);
    s->turn = s->session.turn + 1;
    s->told = s->session.told;
}

/* What memory knew of the transaction becomes what is, or is forgotten. */
static void settle(ByoStore *s, bool kept)
{
    if (kept && s->wrote) {
        s->session.turn = s->turn;
        s->session.told = s->told;
        s->kept = s->put;
        s->reports_again = s->renewing && s->reports_again; /* the turn that looks is still to come */
    }
    byo_pg_others_settle(s, kept);
    byo_buf_clear(&s->leaving);
    s->n_leaving = 0;
    s->stops = false;
    byo_pg_counts_settle(s, kept);
    if (!kept)
        byo_pg_waiting_forget(s);
    if (kept)
        byo_pg_kept_settle(s);
    else
        byo_pg_kept_forget(s);
    byo_pg_rows_free(s);
    byo_pg_gathered_forget(s);
    byo_pg_wanted_forget(s);
    byo_pg_early_over(s, kept);
    byo_pg_records_forget(&s->changes);
    byo_pg_days_settle(s, kept);
    s->course.open = s->begun = s->wrote = false;
}

void byo_pgsql_rollback(ByoStore *s)
{
    if (!s->course.open)
        return;
    s->course.failed = true; /* what is still awaited tells nothing any more */
    if (s->begun && s->session.c && byo_pg_sync(s) && byo_pg_send_plain(s, BYO_PG_ROLLBACK))
        byo_pg_sync(s);
    settle(s, false);
    s->course.failed = false;
}

/* COMMIT and its answer. */
static void end(ByoStore *s)
{
    if (!alive(s))
        return;
    s->unknown = s->wrote;
    s->committed = false;
    bool answered = byo_pg_send_plain(s, BYO_PG_COMMIT) && byo_pg_sync(s);
    if (answered || s->committed)
        s->unknown = false;
    if (s->committed) { /* whatever became of the session behind it */
        s->course.failed = false;
        s->course.why = BYO_STORE_OK;
    }
}

/* The transaction's number, which is the node's sign of life, too: one with nothing in it is made where none came. Under
 * an epoch that is over it fails. */
static void put_turn(ByoStore *s)
{
    ByoTime now = byo_boottime();
    if (!s->wrote && now - s->kept < BYO_PG_RENEW)
        return;
    s->put = now;
    if (now - s->seen >= BYO_HOUR) {
        byo_pg_write(s, BYO_PG_NODE_SEEN, PG_INT(s->session.slot), PG_INT(s->session.epoch), PG_INT(0));
        byo_pg_write(s, BYO_PG_CHANGES_FORGET, PG_INT(s->session.slot), PG_INT(s->told_at_seen));
        s->told_at_seen = s->told;
        s->seen = now;
    }
    byo_pg_write(s, BYO_PG_TURN_PUT, PG_INT(s->session.slot), PG_INT(s->turn), PG_INT(s->session.turn),
                 PG_INT(s->session.epoch), PG_INT(s->last_id));
}

ByoTime byo_pgsql_lease(const ByoStore *s)
{
    return s->kept + BYO_PG_LEASE;
}

bool byo_pgsql_leased(ByoStore *s)
{
    return byo_boottime() < byo_pgsql_lease(s);
}

/* A turn without anything in it, by which others see that this node is there: behind one that is made again, for it may wait
 * for another node's once more, and between the pages of a long look. */
static void renew(ByoStore *s)
{
    if (s->renewing || byo_boottime() - s->kept < BYO_PG_RENEW)
        return;
    s->renewing = true;
    byo_pgsql_begin(s);
    byo_pgsql_commit(s);
    s->renewing = false;
}

void byo_pg_show_life(ByoStore *s)
{
    if (s->writer && !s->course.open)
        renew(s);
}

ByoStoreResult byo_pgsql_commit(ByoStore *s)
{
    if (!s->course.open)
        return s->course.failed ? s->course.why : BYO_STORE_OK;
    if (!s->course.failed)
        byo_pg_rows_write(s);
    if (!s->course.failed)
        byo_pg_gathered_write(s);
    if (!s->course.failed)
        byo_pg_early_settle(s);
    if (!s->course.failed && s->writer)
        byo_pg_counts_tidy(s);
    if (!s->course.failed)
        byo_pg_changes_put(s);
    if (!s->course.failed && s->wrote)
        byo_pg_counts_put(s);
    if (!s->course.failed && s->writer)
        byo_pg_kept_check(s);
    if (!s->course.failed && s->writer)
        put_turn(s);
    if (!s->course.failed)
        byo_pg_stops_settle(s);
    if (!s->course.failed && s->begun)
        end(s);
    if (s->unknown) {
        s->course.open = s->course.failed = false;
        return s->course.why = BYO_STORE_UNKNOWN;
    }
    ByoStoreResult why = s->course.why;
    if (s->course.failed) {
        byo_pgsql_rollback(s);
        if (why == BYO_STORE_AGAIN)
            renew(s);
        return why;
    }
    settle(s, true);
    return BYO_STORE_OK;
}

ByoStoreResult byo_pgsql_outcome(ByoStore *s)
{
    if (!s->unknown)
        return s->course.why;
    if (!dialled(s))
        return BYO_STORE_UNKNOWN;
    bool kept = s->session.turn >= s->turn;
    s->unknown = false;
    settle(s, kept);
    return s->course.why = kept ? BYO_STORE_OK : BYO_STORE_IO;
}

void byo_pgsql_on_wait(ByoStore *s, void (*waiting)(void *arg, ByoTime ms), void *arg)
{
    s->on_wait = waiting;
    s->on_wait_arg = arg;
}

void byo_pgsql_probe(ByoStore *s, size_t octets)
{
    if (octets)
        byo_pg_write(s, BYO_PG_PROBE, PG_INT((int64_t)octets));
    else
        byo_pg_send_write(s, BYO_PG_PROBE_REMOVE, NULL, 0);
}

bool byo_pgsql_failed(const ByoStore *s)
{
    return s->course.failed;
}

ByoStoreResult byo_pgsql_read_fault(ByoStore *s)
{
    return byo_course_read_fault(&s->course);
}
