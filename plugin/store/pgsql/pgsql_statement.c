/* SPDX-License-Identifier: BSD-3-Clause
 * The pipeline: statements go out prepared, with values in binary form; answers come back in the same order.
 * Decides: how long an answer is waited for, and that what was sent is sent before anything is waited for.
 * The connection does not block: what the database writes is taken in while it is written to, so neither waits for
 * the other with full buffers.
 * Ownership: rows are the caller's until byo_pg_end. Threads: as ByoStore. */
#include "store/pgsql/pgsql_private.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define TELL_MS 100

typedef enum { APART, SEES, CHANGES, CLEARS, ROWS, GATHERED } Rows;
static const struct {
    Rows rows;
    const char *what, *sql;
} statements[] = {
#define BYO_PG(name, rows, what, sql) {rows, what, sql},
#include "store/pgsql/pgsql_statements.h"
};

static const char *name_of(ByoPgStatement q, char name[16])
{
    snprintf(name, 16, "b%d", (int)q);
    return name;
}

/* -- answers ------------------------------------------------------------------------------------ */

static void sent(ByoStore *s, int kind, ByoPgStatement q)
{
    if (s->sent_n == s->sent_cap) {
        s->sent_cap = s->sent_cap ? 2 * s->sent_cap : 64;
        s->sent = byo_realloc(s->sent, s->sent_cap * sizeof *s->sent);
    }
    s->sent[s->sent_n++] = (ByoPgSent){.kind = kind, .q = q};
}

/* Those that change all that is open at once take their time, and what was sent before one of them is answered with it. */
static ByoTime answer_bound(const ByoStore *s)
{
    for (size_t i = s->sent_at; i < s->sent_n; i++) {
        ByoPgStatement q = s->sent[i].q;
        if (q == BYO_PG_HANDED_DUE_BY || q == BYO_PG_HANDED_DOUBT || q == BYO_PG_CLOCK_SEGMENTS ||
            q == BYO_PG_CLOCK_MESSAGES)
            return BYO_PG_LONG_ANSWER_MS;
    }
    return BYO_PG_ANSWER_MS;
}

/* Until the next answer is there, and all is written. A slow statement is no lost session, so who waits for it is told long
 * before it is taken for one; and an answer that is long on its way is no silence. */
static bool await(ByoStore *s)
{
    PGconn *c = s->session.c;
    for (ByoTime since = byo_monotonic(), moved = since, told = since;;) {
        int left = PQflush(c);
        if (left < 0)
            return false;
        if (!PQisBusy(c))
            return true;
        struct pollfd at = {.fd = PQsocket(c), .events = (short)(left ? POLLIN | POLLOUT : POLLIN)};
        int n = poll(&at, 1, TELL_MS);
        if (n < 0 && errno == EINTR)
            continue;
        ByoTime now = byo_monotonic();
        if (n < 0 || (n == 0 && now - moved >= answer_bound(s))) {
            byo_pg_lost(s, "it does not answer");
            return false;
        }
        if (n > 0 && !PQconsumeInput(c))
            return false;
        moved = n > 0 ? now : moved;
        if (!s->on_wait || now - told < TELL_MS)
            continue;
        s->on_wait(s->on_wait_arg, now - since);
        told = now;
    }
}

/* They divide by zero where another node was faster. */
static bool meets_others(ByoPgStatement q)
{
    return q == BYO_PG_STOPPED || q == BYO_PG_INWARD_REMOVE || q == BYO_PG_KEPT_LOCK ||
           q == BYO_PG_KEPT_SEGMENTS || q == BYO_PG_MESSAGES_UPDATE || q == BYO_PG_SEGMENTS_UPDATE ||
           q == BYO_PG_MESSAGES_UPDATE_OVER || q == BYO_PG_SEGMENTS_UPDATE_OVER ||
           q == BYO_PG_MESSAGES_LEAVE || q == BYO_PG_SEGMENTS_LEAVE;
}

/* check_violation: there is no partition any more of a day they name. */
static bool meets_no_day(ByoPgStatement q, const char *state)
{
    return (q == BYO_PG_MESSAGES_ADD_OVER || q == BYO_PG_SEGMENTS_ADD_OVER || q == BYO_PG_MESSAGES_LEAVE ||
            q == BYO_PG_SEGMENTS_LEAVE || q == BYO_PG_SEGMENTS_LEAVE_ALL) &&
           strcmp(state, "23514") == 0;
}

/* A partition was detached or dropped under it: undefined_table, internal_error. Not so where a table of all is missing. */
static bool meets_going_day(ByoPgStatement q, const char *state, const char *said)
{
    const char *sql = statements[q].sql;
    return (strcmp(state, "42P01") == 0 || strcmp(state, "XX000") == 0) &&
           (strstr(sql, "_over") || strstr(sql, "_any") || q == BYO_PG_ERASE_GOING) &&
           !strstr(said, "_over\" does not exist") && !strstr(said, "_any\" does not exist");
}

static void note_result(ByoStore *s, ByoPgSent of, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    char *said = byo_pg_said(&s->at, PQresultErrorMessage(result));
    char *text = byo_printf("%s: %s: %s", s->place, statements[of.q].what, said);
    /* The node it names is NULL under an epoch that is over. */
    if (of.q == BYO_PG_TURN_PUT && state && strcmp(state, "23502") == 0)
        s->stale = byo_pg_taken_over;
    /* Made again it knows who opted out, looks whether what it removes is there, reads what was changed. */
    bool again = meets_others(of.q) && state && strcmp(state, "22012") == 0;
    /* What is over is not kept from turn to turn. A deadlock: what is kept is locked late. */
    if ((again && of.q != BYO_PG_STOPPED && of.q != BYO_PG_INWARD_REMOVE &&
         of.q != BYO_PG_MESSAGES_UPDATE_OVER && of.q != BYO_PG_SEGMENTS_UPDATE_OVER) ||
        (s->kept_used && state && strcmp(state, "40P01") == 0))
        byo_pg_kept_doubt(s);
    if (of.q == BYO_PG_REPORTS_ADD && state && strcmp(state, "23505") == 0)
        again = s->reports_again = true;
    again |= state && meets_going_day(of.q, state, said);
    if (state && meets_no_day(of.q, state)) {
        again = true;
        byo_pg_days_forget(s);
    }
    byo_course_note(&s->course, again ? BYO_STORE_AGAIN : byo_pg_map(state ? state : ""),
                    s->stale ? s->stale : text);
    free(text);
    free(said);
}

/* The session's last words, or libpq's own about it: no answer to anything. */
static bool is_last(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return !PQresultErrorField(result, PG_DIAG_SQLSTATE) ||
           (severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0));
}

static bool lost_with(ByoStore *s, ByoPgSent of, PGresult *result, PGresult *kept)
{
    note_result(s, of, result);
    PQclear(result);
    PQclear(kept);
    byo_pg_lost(s, NULL);
    return false;
}

/* The answer to what was sent first of what is not answered. *result_r: its rows, the caller's; NULL: a fault. */
static bool take(ByoStore *s, PGresult **result_r)
{
    ByoPgSent of = s->sent[s->sent_at];
    PGresult *kept = NULL;
    *result_r = NULL;
    for (bool over = false; !over;) {
        bool there = await(s);
        PGresult *result = there ? PQgetResult(s->session.c) : NULL;
        if (!there || (!result && PQstatus(s->session.c) == CONNECTION_BAD)) {
            PQclear(kept);
            byo_pg_lost(s, NULL);
            return false;
        }
        ExecStatusType status = result ? PQresultStatus(result) : PGRES_EMPTY_QUERY;
        over = !result || status == PGRES_PIPELINE_SYNC;
        if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
            if (of.kind == BYO_PG_SENT_STATEMENT && of.q == BYO_PG_COMMIT)
                s->committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
            if (of.kind == BYO_PG_SENT_STATEMENT && of.q == BYO_PG_TURN_PUT && PQntuples(result) == 1)
                s->xid = (uint32_t)byo_pg_int_at(&(ByoPgRows){.result = result}, 0);
            PQclear(kept);
            kept = result;
            continue;
        }
        if (status == PGRES_FATAL_ERROR && is_last(result))
            return lost_with(s, of, result, kept);
        if (status == PGRES_FATAL_ERROR)
            note_result(s, of, result);
        if (of.kind == BYO_PG_SENT_PREPARE && result)
            s->prepared[of.q] = false;
        PQclear(result);
    }
    s->sent_at++;
    if (s->sent_at == s->sent_n)
        s->sent_at = s->sent_n = 0;
    *result_r = kept;
    return true;
}

bool byo_pg_settle(ByoStore *s)
{
    while (s->session.c && s->sent_at < s->sent_n) {
        PGresult *result;
        if (!take(s, &result))
            return false;
        if (result) {
            const char *n = PQcmdTuples(result);
            s->changed = n[0] ? strtoll(n, NULL, 10) : 0;
        }
        PQclear(result);
    }
    return s->session.c != NULL;
}

bool byo_pg_sync(ByoStore *s)
{
    if (!s->session.c || !PQpipelineSync(s->session.c)) {
        byo_pg_lost(s, NULL);
        return false;
    }
    sent(s, BYO_PG_SENT_SYNC, BYO_PG_BEGIN);
    return byo_pg_settle(s);
}

/* -- sending ------------------------------------------------------------------------------------- */

static bool send_one(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n)
{
    char name[16];
    ByoPgWire w;
    PGconn *c = s->session.c;
    byo_pg_to_wire(&s->value_text, &w, values, n);
    if (!s->prepared[q]) {
        if (!PQsendPrepare(c, name_of(q, name), statements[q].sql, (int)n, w.types)) {
            byo_pg_lost(s, NULL);
            return false;
        }
        sent(s, BYO_PG_SENT_PREPARE, q);
        s->prepared[q] = true;
    }
    if (!PQsendQueryPrepared(c, name_of(q, name), (int)n, w.values, w.lengths, w.formats, 1)) {
        byo_pg_lost(s, NULL);
        return false;
    }
    sent(s, BYO_PG_SENT_STATEMENT, q);
    return true;
}

/* What is held of messages and segments, and what is gathered, is written where the statement would miss it. */
static bool rows_ready(ByoStore *s, ByoPgStatement q)
{
    Rows rows = statements[q].rows;
    if (rows == APART || rows == ROWS)
        return true;
    bool ok = byo_pg_rows_write(s);
    if (rows == GATHERED)
        return byo_pg_gathered_write(s) && ok;
    if (rows == CHANGES || rows == CLEARS) {
        byo_pg_kept_check(s);
        byo_pg_rows_forget(s);
        byo_pg_wanted_forget(s);
        byo_pg_due_forget(s);
    }
    if (rows == CHANGES)
        byo_pg_kept_forget(s);
    return ok;
}

void byo_pg_send_write(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n)
{
    if (!byo_pg_writing(s) || !rows_ready(s, q) || !byo_pg_ready(s))
        return;
    s->wrote = true;
    send_one(s, q, values, n);
}

int64_t byo_pg_send_change(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n)
{
    byo_pg_send_write(s, q, values, n);
    if (s->course.failed || !s->session.c || !PQsendFlushRequest(s->session.c) || !byo_pg_settle(s) ||
        s->course.failed)
        return 0;
    return s->changed;
}

void byo_pg_send_now(ByoStore *s)
{
    if (s->session.c)
        PQflush(s->session.c); /* what it met with shows when an answer is waited for */
}

bool byo_pg_send_plain(ByoStore *s, ByoPgStatement q)
{
    return send_one(s, q, NULL, 0);
}

bool byo_pg_send_lock(ByoStore *s)
{
    ByoPgValue slot = PG_INT(BYO_PG_LOCK_SLOT + s->session.slot);
    return send_one(s, BYO_PG_NODE_LOCK, &slot, 1);
}

/* -- reading ------------------------------------------------------------------------------------- */

bool byo_pg_send_ask(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n)
{
    if (s->course.open && s->course.failed) {
        s->course.last = s->course.why;
        return false;
    }
    s->course.last = BYO_STORE_OK;
    if (!rows_ready(s, q) || !byo_pg_ready(s) || !send_one(s, q, values, n))
        return false;
    s->sent[s->sent_n - 1].kind = BYO_PG_SENT_READ;
    s->to_flush = true;
    if (s->course.open)
        return true;
    if (!PQpipelineSync(s->session.c)) {
        byo_pg_lost(s, NULL);
        return false;
    }
    sent(s, BYO_PG_SENT_SYNC, q);
    return true;
}

/* Has the answer to the newest read been asked for? */
static bool flushed(ByoStore *s)
{
    if (s->course.open && s->to_flush && !PQsendFlushRequest(s->session.c)) {
        byo_pg_lost(s, NULL);
        return false;
    }
    s->to_flush = false;
    return true;
}

bool byo_pg_answer(ByoStore *s, ByoPgRows *r)
{
    *r = (ByoPgRows){.row = -1};
    bool found = false;
    if (!s->session.c || !flushed(s))
        return false;
    while (!found && s->sent_at < s->sent_n) {
        found = s->sent[s->sent_at].kind == BYO_PG_SENT_READ;
        PQclear(r->result);
        if (!take(s, &r->result))
            return false;
    }
    if (s->sent_at < s->sent_n && s->sent[s->sent_at].kind == BYO_PG_SENT_SYNC) {
        PGresult *nothing;
        take(s, &nothing);
        PQclear(nothing);
    }
    return r->result != NULL;
}

/* More often than that no day goes in so short a time: it is a fault. */
enum { ASK_MOST = 3 };

ByoPgAsking byo_pg_asking(const ByoStore *s)
{
    return (ByoPgAsking){.fault = s->course.read_fault};
}

bool byo_pg_ask_again(ByoStore *s, ByoPgAsking *a)
{
    if (s->course.open || s->course.last != BYO_STORE_AGAIN || ++a->asked >= ASK_MOST)
        return false;
    s->course.read_fault = a->fault;
    return true;
}

bool byo_pg_send_read(ByoStore *s, ByoPgRows *r, ByoPgStatement q, const ByoPgValue *values, size_t n)
{
    ByoPgAsking asking = byo_pg_asking(s);
    bool ok;
    *r = (ByoPgRows){.row = -1};
    do
        ok = byo_pg_send_ask(s, q, values, n) && byo_pg_answer(s, r);
    while (!ok && byo_pg_ask_again(s, &asking));
    return ok;
}

bool byo_pg_next(ByoPgRows *r)
{
    if (!r->result)
        return false;
    if (++r->row < PQntuples(r->result))
        return true;
    byo_pg_end(r);
    return false;
}

void byo_pg_end(ByoPgRows *r)
{
    PQclear(r->result);
    r->result = NULL;
}

ByoStoreResult byo_pg_send_one(ByoStore *s, ByoPgRows *r, ByoPgStatement q, const ByoPgValue *values,
                               size_t n)
{
    if (!byo_pg_send_read(s, r, q, values, n))
        return s->course.last;
    return byo_pg_next(r) ? BYO_STORE_OK : BYO_STORE_NONE;
}

int64_t byo_pg_send_any(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n)
{
    ByoPgRows r;
    if (byo_pg_send_one(s, &r, q, values, n) != BYO_STORE_OK)
        return 0;
    int64_t number = byo_pg_int_at(&r, 0);
    byo_pg_end(&r);
    return number;
}

int64_t byo_pg_send_amount(ByoStore *s, ByoPgStatement q, const ByoPgValue *values, size_t n)
{
    return byo_pg_bounded(byo_pg_send_any(s, q, values, n));
}

int byo_pg_send_ids(ByoStore *s, ByoId *ids_r, int max, ByoPgStatement q, const ByoPgValue *values, size_t n)
{
    ByoPgRows r;
    int count = 0;
    for (byo_pg_send_read(s, &r, q, values, n); count < max && byo_pg_next(&r);)
        ids_r[count++] = byo_pg_int_at(&r, 0);
    byo_pg_end(&r);
    return count;
}

void byo_pg_hold(ByoStore *s, ByoPgHeld kind, ByoPgRows *r)
{
    PQclear(s->held[kind]);
    s->held[kind] = r->result;
    r->result = NULL;
}
