/* SPDX-License-Identifier: BSD-3-Clause
 * The days that have partitions: message_20261130 and segment_20261130 have the messages that ended on that day, UTC.
 * Decides: when they are made ahead, and when one goes (how: pgsql_parts.c, pgsql_parts_end.c).
 * Whoever keeps messages for less than a day has them removed one by one, at their time; so has who has not said yet how long.
 * Ownership: the store has what it knows of days in its session; a ByoPgTend is the thread's until it is done, then the store's.
 * Threads: who opens a session looks which there are. A thread of its own, with a session of its own, makes and drops; it
 * uses nothing of its store's. It looks often whether it is to stop, whatever it waits for: what its session is about then
 * comes to nothing, or is gone on with by the next one. */
#include "store/pgsql/pgsql_parts.h"
#include "store/pgsql/pgsql_private.h"
#include "base/thread.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Between two tries, ms. */
#define TEND_PAUSE BYO_SECOND
#define TEND_PAUSE_LONG BYO_HOUR

ByoPgDays *byo_pg_days_look(PGconn *c)
{
    ByoPgWay w = {.c = c, .ms = BYO_PG_ANSWER_MS};
    ByoPgParts p = {0};
    ByoPgDays *out = byo_pg_parts_look(&w, &p) ? byo_pg_parts_days(&w, &p) : NULL;
    byo_pg_parts_free(&p);
    return out;
}

/* -- by a thread of its own ------------------------------------------------------------------------ */

struct ByoPgTend {
    ByoPgTarget at;
    ByoTime before; /* messages that ended before go, by this machine's clock */
    int removed;    /* as the store knows */
    long thread;
    pthread_mutex_t lock;
    bool done, stop;
    ByoPgDays *days; /* NULL: as they are known */
    char *why;       /* a fault then; NULL: none */
};

static bool stopped(void *arg)
{
    ByoPgTend *t = arg;
    pthread_mutex_lock(&t->lock);
    bool stop = t->stop;
    pthread_mutex_unlock(&t->lock);
    return stop;
}

/* The tables stay as they are while the session lasts, and are those this byobox knows. */
static bool holds_tables(ByoPgWay *w)
{
    static const char what[] = "cannot look after the days";
    char version[64];
    bool is;
    snprintf(version, sizeof version, "SELECT n = %d FROM byobox.version", byo_pgsql_schema_version);
    return byo_pg_way_is(w, "SELECT pg_try_advisory_lock_shared(" BYO_PG_LOCK_CLASS ", 1)", what, &is) &&
           is && byo_pg_way_is(w, version, what, &is) && is;
}

/* So far this machine's clock is ahead of the database's; one that is behind is not. */
static bool is_ahead(ByoPgWay *w, ByoTime *ahead_r)
{
    ByoTime now = byo_now();
    PGresult *r = byo_pg_way_ask(w, "SELECT " BYO_PG_NOW, "cannot ask for the database's time");
    *ahead_r = r ? now - strtoll(PQgetvalue(r, 0, 0), NULL, 10) : 0;
    *ahead_r = *ahead_r > 0 ? *ahead_r : 0;
    PQclear(r);
    return r != NULL;
}

/* Whose process is stopped must not keep others from dropping for ever. */
static bool lets_go(ByoPgWay *w)
{
    return PQserverVersion(w->c) < BYO_PG_SERVER_WITH_DAYS ||
           byo_pg_way_tell(w, "cannot look after the days", "SET idle_session_timeout = '60s'");
}

/* What is too old goes also where none can be made. A day is gone for all nodes: one that is ahead of the others must not
 * have it go. */
static ByoPgDays *make_and_drop(ByoPgTend *t, ByoPgWay *w, ByoPgParts *p, ByoTime ahead)
{
    int today = byo_pg_day(byo_now()), before = byo_pg_day(t->before), kept = today - before;
    byo_pg_parts_make(w, p, today, kept);
    byo_pg_parts_drop(w, p, byo_pg_day(t->before - ahead), kept);
    ByoPgDays *out = byo_pg_parts_days(w, p);
    out->asked = before;
    return out;
}

/* NULL: a fault, or the tables are not to be touched. */
static ByoPgDays *tend(ByoPgTend *t, PGconn *c, const ByoPgStop *stop, char **why_r)
{
    ByoPgWay w = {.c = c, .at = &t->at, .stop = stop, .ms = BYO_PG_ANSWER_MS};
    ByoPgParts p = {.removed = t->removed};
    ByoTime ahead;
    bool ok = lets_go(&w) && holds_tables(&w) && is_ahead(&w, &ahead) && byo_pg_parts_look(&w, &p);
    w.ms = BYO_PG_LONG_ANSWER_MS;
    ByoPgDays *out = ok ? make_and_drop(t, &w, &p, ahead) : NULL;
    *why_r = !ok && w.why[0] ? byo_strdup(w.why) : NULL;
    byo_pg_parts_free(&p);
    return out;
}

static void run(void *arg)
{
    ByoPgTend *t = arg;
    char *why = NULL;
    ByoPgDays *days = NULL;
    byo_thread_name("byo-days");
    ByoPgStop stop = {stopped, t};
    PGconn *c = byo_pg_connect(&t->at, &stop, &why);
    if (c)
        days = tend(t, c, &stop, &why);
    PQfinish(c);
    pthread_mutex_lock(&t->lock);
    t->days = days;
    t->why = why;
    t->done = true;
    pthread_mutex_unlock(&t->lock);
}

/* The days are those that were known. */
static void note_fault(ByoStore *s, const char *why)
{
    if (!s->session.days) {
        s->session.days = byo_zalloc(sizeof *s->session.days);
        s->session.days->oldest = INT_MAX;
    }
    s->session.days->fault = true;
    snprintf(s->session.days->why, sizeof s->session.days->why, "%s", why);
}

/* Its thread has ended. */
static void take(ByoStore *s)
{
    ByoPgTend *t = s->tend;
    byo_thread_join(t->thread);
    if (t->days) {
        free(s->session.days);
        s->session.days = t->days;
    } else if (t->why) {
        note_fault(s, t->why);
    }
    free(t->why);
    pthread_mutex_destroy(&t->lock);
    byo_pg_target_free(&t->at);
    free(t);
    s->tend = NULL;
}

static bool done(ByoPgTend *t)
{
    pthread_mutex_lock(&t->lock);
    bool is = t->done;
    pthread_mutex_unlock(&t->lock);
    return is;
}

void byo_pg_days_end(ByoStore *s)
{
    ByoPgTend *t = s->tend;
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_mutex_unlock(&t->lock);
    take(s);
}

/* -- the store's ----------------------------------------------------------------------------------- */

static bool known(const ByoStore *s, int day)
{
    const ByoPgDays *d = s->session.days;
    /* Mostly it is one of the last. */
    for (size_t i = d ? d->n : 0; i > 0; i--)
        if (d->at[i - 1].from <= day && day < d->at[i - 1].upto)
            return true;
    return false;
}

bool byo_pg_days_have(const ByoStore *s, int day)
{
    return s->by_day && known(s, day);
}

void byo_pg_days_forget(ByoStore *s)
{
    if (s->session.days)
        s->session.days->n = 0;
}

void byo_pg_days_note(ByoStore *s, ByoTime messages_before)
{
    s->tend_before = s->course.failed ? 0 : messages_before;
}

/* Also one of today that has only half of its partitions, as somebody left them. */
static bool some_lack(const ByoStore *s)
{
    int today = byo_pg_day(byo_now());
    for (int day = today; day < today + BYO_PG_AHEAD; day++)
        if (!known(s, day))
            return true;
    return false;
}

/* Has a thread make and drop what is to be made and dropped, if it is. */
static void begin_tending(ByoStore *s, ByoTime messages_before)
{
    const ByoPgDays *d = s->session.days;
    ByoTime now = byo_monotonic();
    s->by_day = byo_now() - messages_before >= BYO_DAY;
    if (s->tend)
        return;
    int before = byo_pg_day(messages_before);
    bool old = d && d->oldest < before && d->removed < before, lack = some_lack(s);
    bool waits = d && !lack && d->removed && d->asked == before; /* for the database's clock */
    ByoTime pause = d && !d->fault && (!d->may || waits) ? TEND_PAUSE_LONG : TEND_PAUSE;
    if ((s->tended && now - s->tended < pause) || (!lack && !old && !(d && d->fault)))
        return;
    s->tended = now;
    s->tend = byo_zalloc(sizeof *s->tend);
    s->tend->at = byo_pg_target_copy(&s->at);
    s->tend->before = messages_before;
    s->tend->removed = d ? d->removed : 0;
    pthread_mutex_init(&s->tend->lock, NULL);
    s->tend->thread = byo_thread_start(run, s->tend);
}

void byo_pg_days_settle(ByoStore *s, bool kept)
{
    ByoTime before = s->tend_before;
    s->tend_before = 0;
    if (s->tend && done(s->tend))
        take(s);
    if (kept && before > 0)
        begin_tending(s, before);
}
