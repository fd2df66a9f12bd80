/* SPDX-License-Identifier: BSD-3-Clause
 * Integrations' states (spec L1-L4), events (spec L5), audit (spec A1), and the end of what is too old.
 * Decides: in which order old rows go. Threads: as ByoStore. */
#include "store/sqlite/sqlite_private.h"

#include <stdlib.h>

/* -- integrations ----------------------------------------------------------------------------- */

#define INTEGRATION_IN \
    "INSERT INTO integration_state (integration, wanted, deleted, state, reason, since, applied)" \
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (integration) DO UPDATE SET state = ?4, reason = ?5," \
    " since = ?6, applied = ?7"

static void put_integration(ByoStore *s, int query, const char *sql, const ByoIntegrationRow *i)
{
    if (!byo_writing(s))
        return;
    int64_t key = byo_known_add(s, i->id);
    sqlite3_stmt *st = key ? byo_query(s, query, sql) : NULL;
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, key);
    sqlite3_bind_int(st, 2, i->wanted);
    sqlite3_bind_int(st, 3, i->deleted);
    byo_bind_text(st, 4, i->state);
    byo_bind_opt(st, 5, i->reason);
    sqlite3_bind_int64(st, 6, i->since);
    byo_bind_opt(st, 7, i->applied);
    byo_run(s, st, "cannot keep an integration's state");
}

void byo_sqlite_integration_put(ByoStore *s, const ByoIntegrationRow *i)
{
    put_integration(s, BYO_Q_INTEGRATION_PUT, INTEGRATION_IN ", wanted = ?2, deleted = ?3", i);
}

void byo_sqlite_integration_seen(ByoStore *s, const ByoIntegrationRow *i)
{
    put_integration(s, BYO_Q_INTEGRATION_SEEN, INTEGRATION_IN, i);
}

#define INTEGRATION_COLUMNS \
    "SELECT i.id, wanted, deleted, state, reason, since, applied" \
    " FROM integration i JOIN integration_state ON integration = i.key "

static void take_integration(ByoBuf *b, sqlite3_stmt *st, ByoIntegrationRow *i_r)
{
    byo_take_begin(b, st, 0, 7, 0);
    *i_r = (ByoIntegrationRow){
        .id = byo_take(b, st, 0),
        .wanted = sqlite3_column_int(st, 1) != 0,
        .deleted = sqlite3_column_int(st, 2) != 0,
        .state = byo_take(b, st, 3),
        .reason = byo_take(b, st, 4),
        .since = byo_amount(st, 5),
        .applied = byo_take(b, st, 6),
    };
}

ByoStoreResult byo_sqlite_integration(ByoStore *s, ByoStr id, ByoIntegrationRow *i_r)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_INTEGRATION, INTEGRATION_COLUMNS "WHERE i.id = ?1");
    if (!st)
        return s->course.last;
    byo_bind_text(st, 1, id);
    if (!byo_row(s, st, "cannot read an integration's state"))
        return s->course.last == BYO_STORE_OK ? BYO_STORE_NONE : s->course.last;
    take_integration(&s->row_text, st, i_r);
    sqlite3_reset(st);
    return BYO_STORE_OK;
}

void byo_sqlite_integration_forget(ByoStore *s, ByoStr id)
{
    if (!byo_writing(s))
        return;
    /* Its key stays: messages name it. */
    ByoKnown *k = byo_known(s, id);
    sqlite3_stmt *st =
        !k ? NULL
           : byo_query(s, BYO_Q_INTEGRATION_FORGET, "DELETE FROM integration_state WHERE integration = ?1");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, k->key);
    byo_run(s, st, "cannot forget an integration");
}

void byo_sqlite_integrations(ByoStore *s, void (*each)(void *arg, const ByoIntegrationRow *i), void *arg)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_INTEGRATIONS, INTEGRATION_COLUMNS "ORDER BY i.id");
    if (!st)
        return;
    while (byo_row(s, st, "cannot read the integrations")) {
        ByoIntegrationRow i;
        take_integration(&s->row_text, st, &i);
        each(arg, &i);
    }
}

/* -- events ----------------------------------------------------------------------------------- */

ByoId byo_sqlite_event_add(ByoStore *s, const ByoEventRow *e, ByoTime now)
{
    if (!byo_writing(s))
        return 0;
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_EVENT_ADD,
        "INSERT INTO event (id, time, last, count, definition, name, entity, previous, current, error_code,"
        " text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    if (!st)
        return 0;
    ByoId id = byo_sqlite_new_id(s, now);
    ByoTime time = e->time ? e->time : now;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, time);
    sqlite3_bind_int64(st, 3, e->last > time ? e->last : time);
    sqlite3_bind_int64(st, 4, e->count > 0 ? e->count : 1);
    byo_bind_text(st, 5, e->definition);
    byo_bind_opt(st, 6, e->name);
    byo_bind_opt(st, 7, e->entity);
    byo_bind_opt(st, 8, e->previous);
    byo_bind_opt(st, 9, e->current);
    byo_bind_opt(st, 10, e->error_code);
    byo_bind_opt(st, 11, e->text);
    return byo_run(s, st, "cannot keep an event") ? id : 0;
}

void byo_sqlite_event_repeat(ByoStore *s, ByoId id, int64_t count, ByoTime last)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_EVENT_REPEAT, "UPDATE event SET count = ?2, last = ?3 WHERE id = ?1");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, id);
    sqlite3_bind_int64(st, 2, count);
    sqlite3_bind_int64(st, 3, last);
    byo_run(s, st, "cannot keep an event");
}

#define EVENT_QUERY \
    "SELECT id, time, last, count, definition, name, entity, previous, current, error_code, text FROM event" \
    " WHERE id > ?1 AND id < ?2 AND time >= ?3 AND time < ?4 AND (?5 IS NULL OR entity = ?5)" \
    " AND (?6 IS NULL OR definition = ?6) ORDER BY id "

void byo_sqlite_events(ByoStore *s, const ByoEventFilter *f, bool (*each)(void *arg, const ByoEventRow *e),
                       void *arg)
{
    sqlite3_stmt *st = f->after > 0 ? byo_query(s, BYO_Q_EVENTS_OLDEST, EVENT_QUERY "ASC LIMIT ?7")
                                    : byo_query(s, BYO_Q_EVENTS_NEWEST, EVENT_QUERY "DESC LIMIT ?7");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, f->after);
    sqlite3_bind_int64(st, 2, f->before > 0 ? f->before : INT64_MAX);
    sqlite3_bind_int64(st, 3, f->from);
    sqlite3_bind_int64(st, 4, f->to ? f->to : INT64_MAX);
    byo_bind_opt(st, 5, f->entity);
    byo_bind_opt(st, 6, f->definition);
    sqlite3_bind_int(st, 7, f->limit);
    while (byo_row(s, st, "cannot read the events")) {
        ByoBuf *b = &s->row_text;
        byo_take_begin(b, st, 4, 7, 0);
        ByoEventRow e = {
            .id = sqlite3_column_int64(st, 0),
            .time = byo_amount(st, 1),
            .last = byo_amount(st, 2),
            .count = byo_amount(st, 3),
            .definition = byo_take(b, st, 4),
            .name = byo_take(b, st, 5),
            .entity = byo_take(b, st, 6),
            .previous = byo_take(b, st, 7),
            .current = byo_take(b, st, 8),
            .error_code = byo_take(b, st, 9),
            .text = byo_take(b, st, 10),
        };
        if (!each(arg, &e)) {
            sqlite3_reset(st);
            return;
        }
    }
}

/* -- audit ------------------------------------------------------------------------------------ */

void byo_sqlite_audit_add(ByoStore *s, const ByoAuditRow *a, ByoTime now)
{
    if (!byo_writing(s))
        return;
    sqlite3_stmt *st = byo_query(
        s, BYO_Q_AUDIT_ADD,
        "INSERT INTO audit (id, time, who, action, entity, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, byo_sqlite_new_id(s, now));
    sqlite3_bind_int64(st, 2, a->time ? a->time : now);
    byo_bind_opt(st, 3, a->who);
    byo_bind_opt(st, 4, a->action);
    byo_bind_opt(st, 5, a->entity);
    byo_bind_opt(st, 6, a->detail);
    byo_run(s, st, "cannot keep an audit row");
}

void byo_sqlite_audit(ByoStore *s, ByoId before, int max, bool (*each)(void *arg, const ByoAuditRow *a),
                      void *arg)
{
    sqlite3_stmt *st = byo_query(s, BYO_Q_AUDIT,
                                 "SELECT id, time, who, action, entity, detail FROM audit WHERE id < ?1"
                                 " ORDER BY id DESC LIMIT ?2");
    if (!st)
        return;
    sqlite3_bind_int64(st, 1, before > 0 ? before : INT64_MAX);
    sqlite3_bind_int(st, 2, max);
    while (byo_row(s, st, "cannot read the audit")) {
        ByoBuf *b = &s->row_text;
        byo_take_begin(b, st, 2, 4, 0);
        ByoAuditRow a = {
            .id = sqlite3_column_int64(st, 0),
            .time = byo_amount(st, 1),
            .who = byo_take(b, st, 2),
            .action = byo_take(b, st, 3),
            .entity = byo_take(b, st, 4),
            .detail = byo_take(b, st, 5),
        };
        if (!each(arg, &a)) {
            sqlite3_reset(st);
            return;
        }
    }
}

/* -- purge ------------------------------------------------------------------------------------ */

/* A MO may come again so long after it was seen. Counted from the newest one: while none comes, none
 * is forgotten. */
#define MO_REMEMBERED (3 * BYO_DAY)
/* Messages looked at for each one that may go: those that are not over are stepped over. */
#define LOOK_FACTOR 8

static int remove_range(ByoStore *s, ByoQuery which, const char *sql, ByoId first, ByoId last)
{
    sqlite3_stmt *st = byo_query(s, which, sql);
    if (!st)
        return 0;
    sqlite3_bind_int64(st, 1, first);
    sqlite3_bind_int64(st, 2, last);
    return byo_run(s, st, "cannot remove old messages") ? sqlite3_changes(s->db) : 0;
}

/* Rows that are counted: a purge is bounded by them. */
static int remove_run(ByoStore *s, ByoId first, ByoId last)
{
    remove_range(s, BYO_Q_STEPS_REMOVE, "DELETE FROM message_step WHERE id BETWEEN ?1 AND ?2", first, last);
    remove_range(s, BYO_Q_REPORTS_REMOVE, "DELETE FROM message_report WHERE id BETWEEN ?1 AND ?2", first,
                 last + 255);
    return remove_range(s, BYO_Q_SEGMENT_REMOVE, "DELETE FROM segment WHERE id BETWEEN ?1 AND ?2", first,
                        last + 255) +
           remove_range(s, BYO_Q_FRAME_REMOVE, "DELETE FROM message_frame WHERE id BETWEEN ?1 AND ?2", first,
                        last) +
           remove_range(s, BYO_Q_MESSAGE_REMOVE, "DELETE FROM message WHERE id BETWEEN ?1 AND ?2", first,
                        last);
}

/* Walks up the ids, removes each run of messages that ended before; where it stopped is where the next
 * call goes on. True: the end was not reached. */
static bool purge_messages(ByoStore *s, ByoTime before, int max, int *left, ByoId *from)
{
    sqlite3_stmt *st =
        byo_query(s, BYO_Q_MESSAGE_PURGE,
                  "SELECT id, ended, segments FROM message WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3");
    if (!st)
        return false;
    typedef struct {
        ByoId first, last;
    } Run;
    Run *runs = NULL;
    size_t n = 0, cap = 0;
    int rows = 0, looked = 0, look = max > INT32_MAX / LOOK_FACTOR ? INT32_MAX : max * LOOK_FACTOR;
    bool joined = false;
    sqlite3_bind_int64(st, 1, *from);
    sqlite3_bind_int64(st, 2, byo_id_at(before));
    sqlite3_bind_int(st, 3, look);
    bool stopped = false;
    while (!stopped && byo_row(s, st, "cannot read old messages")) {
        ByoId id = sqlite3_column_int64(st, 0);
        ByoTime ended = byo_amount(st, 1);
        looked++;
        *from = id;
        if (!ended || ended >= before) {
            joined = false;
            continue;
        }
        if (!joined) {
            if (n == cap)
                runs = byo_realloc(runs, (cap = cap ? 2 * cap : 64) * sizeof *runs);
            runs[n++].first = id;
        }
        joined = true;
        runs[n - 1].last = id;
        int segments = sqlite3_column_int(st, 2); /* of a damaged row it may be anything */
        rows += 2 + (segments < 0 || segments > 255 ? 255 : segments);
        stopped = rows >= max;
    }
    sqlite3_reset(st);
    for (size_t i = 0; i < n && !s->course.failed; i++)
        *left -= remove_run(s, runs[i].first, runs[i].last);
    free(runs);
    if (!s->course.failed)
        *left -= byo_recipient_purge(s);
    if (stopped || looked == look)
        return true;
    *from = 0;
    return false;
}

bool byo_sqlite_purge(ByoStore *s, ByoTime messages_before, ByoTime events_before, int max, ByoPurgePlace *at)
{
    if (!byo_writing(s) || max <= 0)
        return false;
    ByoTime held = byo_clock_held(s, messages_before, events_before);
    messages_before -= held;
    events_before -= held;
    int left = max;
    bool more = purge_messages(s, messages_before, max, &left, &at->message);
    /* An event that goes on repeating is as young as its last repetition. */
    static const char events[] = "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE id < ?1"
                                 " AND last < ?2 ORDER BY id LIMIT ?3)";
    static const char seen[] =
        "DELETE FROM mo_seen WHERE id IN (SELECT id FROM mo_seen WHERE id < ?1 ORDER BY id LIMIT ?2)";
    sqlite3_stmt *st = byo_query(s, BYO_Q_EVENT_PURGE, events);
    if (st && left > 0 && !s->course.failed) {
        sqlite3_bind_int64(st, 1, byo_id_at(events_before));
        sqlite3_bind_int64(st, 2, events_before);
        sqlite3_bind_int(st, 3, left);
        if (byo_run(s, st, "cannot remove old events"))
            left -= sqlite3_changes(s->db);
    }
    st = byo_query(
        s, BYO_Q_INBOUND_PURGE,
        "DELETE FROM inbound WHERE id IN (SELECT id FROM inbound WHERE id < ?1 ORDER BY id LIMIT ?2)");
    if (st && left > 0 && !s->course.failed) {
        sqlite3_bind_int64(st, 1, byo_id_at(messages_before));
        sqlite3_bind_int(st, 2, left);
        if (byo_run(s, st, "cannot remove old inbound messages"))
            left -= sqlite3_changes(s->db);
    }
    ByoTime newest = 0;
    st = byo_query(s, BYO_Q_MO_LAST, "SELECT max(id) FROM mo_seen");
    if (st && byo_row(s, st, "cannot read the MOs seen")) {
        newest = byo_id_time(sqlite3_column_int64(st, 0));
        sqlite3_reset(st);
    }
    st = byo_query(s, BYO_Q_MO_PURGE, seen);
    if (st && left > 0 && !s->course.failed) {
        sqlite3_bind_int64(st, 1, byo_id_at(newest - MO_REMEMBERED));
        sqlite3_bind_int(st, 2, left);
        if (byo_run(s, st, "cannot remove old MOs"))
            left -= sqlite3_changes(s->db);
    }
    more |= left <= 0;
    at->removed |= left < max;
    if (!more && at->removed) { /* one cut for a whole purge */
        s->wipe = true;
        at->removed = false;
    }
    return more;
}
