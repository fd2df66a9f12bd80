/* SPDX-License-Identifier: BSD-3-Clause
 * Nodes: who writes here, in which slot, under which epoch.
 * Decides: which slot a node gets, and that a name has one process: it holds a lock in its session. A second process of the
 * name waits until the first is gone: its session is over, or none of its turns came for as long as its lease, looked at for
 * that long in one session, by this machine's clock; then its session is ended. Whoever enters raises its slot's
 * epoch: what an earlier process still has on the way keeps nothing (pgsql_turn.c), and it starts anew. A slot stays its
 * node's for a day after that was seen last. Other nodes that are gone: pgsql_others.c.
 * Threads: any, one for each session. */
#include "store/pgsql/pgsql_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_MS 50
#define NODES_MAX "8"

const char byo_pg_taken_over[] = "another byobox was active in the database meanwhile";

/* -- one process to a slot --------------------------------------------------------------------- */

/* A slot's lock of the session, and how far its turns are, as they were looked at. */
typedef struct {
    int slot;
    int64_t turn;
    ByoTime since; /* its turn is this one, by the boot clock; 0: not looked at yet */
} Watch;

/* Its turn stands still for as long as a lease. False with *fault_r: there was a fault. */
static bool stands_still(ByoPgMaking *m, Watch *w, bool *fault_r)
{
    char slot[16];
    const char *const values[] = {slot};
    snprintf(slot, sizeof slot, "%d", w->slot);
    ByoTime asked = byo_boottime();
    PGresult *r =
        byo_pg_make_ask(m, "SELECT coalesce(max(turn), 0) FROM turn WHERE slot = $1::int4", 1, values);
    ByoTime answered = byo_boottime();
    *fault_r = !r;
    if (!r)
        return false;
    int64_t turn = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    PQclear(r);
    if (!w->since || turn != w->turn)
        w->since = answered;
    w->turn = turn;
    return asked - w->since >= BYO_PG_LEASE;
}

static PGresult *of_holder(PGconn *c, int lock, const char *what)
{
    char *sql =
        byo_printf("SELECT %s FROM pg_locks l LEFT JOIN node n ON n.backend = l.pid"
                   " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = " BYO_PG_LOCK_CLASS
                   " AND l.objid = %d AND l.objsubid = 2"
                   " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                   what, lock);
    PGresult *r = byo_pg_execute(c, sql, 0, NULL);
    free(sql);
    return r;
}

char *byo_pg_holder(PGconn *c, int lock)
{
    PGresult *r = of_holder(c, lock, "n.node, n.host");
    char *who = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) > 0 && !PQgetisnull(r, 0, 0)
                    ? byo_printf("the byobox of node-id = %s at the host %s", PQgetvalue(r, 0, 0),
                                 PQgetvalue(r, 0, 1))
                    : byo_strdup("another session");
    PQclear(r);
    return who;
}

void byo_pg_pause(void)
{
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    nanosleep(&pause, NULL);
}

static bool in_use(ByoPgMaking *m, int slot)
{
    char *who = byo_pg_holder(m->c, BYO_PG_LOCK_NODE + slot);
    byo_pg_refuse(m, BYO_STORE_IO,
                  byo_printf("the database is in use by %s%s", who,
                             m->at->node ? ": each one needs a node-id of its own" : ""));
    free(who);
    return false;
}

static bool try_lock(ByoPgMaking *m, int slot, bool *got_r)
{
    char *sql = byo_printf("SELECT pg_try_advisory_lock(" BYO_PG_LOCK_CLASS ", %d)", BYO_PG_LOCK_NODE + slot);
    PGresult *r = byo_pg_make_ask(m, sql, 0, NULL);
    *got_r = r && PQgetvalue(r, 0, 0)[0] == 't';
    PQclear(r);
    free(sql);
    return r != NULL;
}

/* anew: this process had it not before, so who has it and is gone is ended. */
static bool hold(ByoPgMaking *m, int slot, bool anew)
{
    Watch w = {.slot = slot};
    bool got = false, fault = false;
    for (ByoTime begun = byo_boottime(); !got && !fault;) {
        fault = !try_lock(m, slot, &got);
        if (got || fault || byo_boottime() - begun >= BYO_PG_WAIT)
            break;
        if (stands_still(m, &w, &fault) && anew)
            PQclear(of_holder(m->c, BYO_PG_LOCK_NODE + slot, "pg_terminate_backend(l.pid)"));
        byo_pg_pause();
    }
    return got || (!fault && in_use(m, slot));
}

/* Nobody is there, and nobody comes while this session lasts. */
static bool hold_all(ByoPgMaking *m)
{
    for (int slot = 0; slot < BYO_SLOTS; slot++)
        if (!hold(m, slot, true))
            return false;
    return true;
}

/* -- slot and epoch ------------------------------------------------------------------------------ */

/* *session: slot and epoch; {0}: there is no such node. */
static bool look(ByoPgMaking *m, ByoPgSession *session)
{
    const char *const values[] = {m->at->node};
    PGresult *r = byo_pg_make_ask(m, "SELECT max(slot), max(epoch) FROM node WHERE node = $1", 1, values);
    session->slot = r ? (int)strtol(PQgetvalue(r, 0, 0), NULL, 10) : 0;
    session->epoch = r ? strtoll(PQgetvalue(r, 0, 1), NULL, 10) : 0;
    PQclear(r);
    return r != NULL;
}

/* A place for a node that has none: one nobody had, else the one that is free for longest. */
static bool make_room(ByoPgMaking *m)
{
    const char *const values[] = {m->at->node};
    PGresult *r =
        byo_pg_make_ask(m,
                        "SELECT count(*) < " NODES_MAX " OR bool_or(node = $1) OR min(seen) < " BYO_PG_NOW
                        " - " BYO_PG_SLOT_KEPT ", string_agg(node, ', ' ORDER BY node) FROM node",
                        1, values);
    if (!r)
        return false;
    bool room = PQgetvalue(r, 0, 0)[0] == 't';
    char *nodes = byo_strdup(PQgetvalue(r, 0, 1));
    PQclear(r);
    if (!room)
        byo_pg_refuse(
            m, BYO_STORE_IO,
            byo_printf("%s nodes used the database within a day (%s), which is as many as there can be:"
                       " give this byobox the node-id of one that is gone",
                       NODES_MAX, nodes));
    free(nodes);
    return room &&
           byo_pg_make_tell(m,
                            "WITH gone AS (DELETE FROM node WHERE (SELECT count(*) FROM node) = " NODES_MAX
                            " AND NOT EXISTS (SELECT 1 FROM node WHERE node = $1)"
                            " AND slot = (SELECT slot FROM node ORDER BY seen LIMIT 1) RETURNING slot)"
                            " DELETE FROM integration_node n USING gone WHERE n.slot = gone.slot",
                            1, values);
}

/* The node has a place. One enters at a time. */
static bool have_place(ByoPgMaking *m)
{
    const char *const values[] = {m->at->node};
    return byo_pg_make_tell(m, "BEGIN", 0, NULL) &&
           byo_pg_make_tell(m, "SELECT pg_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", 2)", 0, NULL) &&
           make_room(m) &&
           byo_pg_make_tell(m,
                            "INSERT INTO node (node, slot, epoch, host, backend, started, seen)"
                            " SELECT $1, min(slot), 0, '', 0, 0, 0 FROM generate_series(0, 7) slot"
                            " WHERE slot NOT IN (SELECT n.slot FROM node n) HAVING min(slot) IS NOT NULL"
                            " ON CONFLICT (node) DO NOTHING",
                            1, values) &&
           byo_pg_make_tell(m, "COMMIT", 0, NULL);
}

/* All other sessions of the node are over. Their turns are, too: that is what the slot's lock tells. */
static bool raise_epoch(ByoPgMaking *m, ByoPgSession *session)
{
    char slot[16];
    const char *const values[] = {slot};
    snprintf(slot, sizeof slot, "%d", session->slot);
    return byo_pg_make_tell(m, "BEGIN", 0, NULL) &&
           byo_pg_make_tell(m, "SELECT pg_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", 16 + $1::int4)", 1,
                            values) &&
           byo_pg_make_tell(m, "UPDATE node SET epoch = epoch + 1 WHERE slot = $1::int4", 1, values) &&
           byo_pg_make_tell(m, "COMMIT", 0, NULL);
}

/* How far its transactions and what it told of them are. */
static bool read_turns(ByoPgMaking *m, ByoPgSession *session)
{
    char slot[16];
    const char *const values[] = {slot};
    snprintf(slot, sizeof slot, "%d", session->slot);
    PGresult *r = byo_pg_make_ask(m,
                                  "SELECT coalesce((SELECT max(turn) FROM turn WHERE slot = $1::int4), 0),"
                                  " coalesce((SELECT max(n) FROM change WHERE slot = $1::int4), 0)",
                                  1, values);
    if (!r)
        return false;
    session->turn = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    session->told = strtoll(PQgetvalue(r, 0, 1), NULL, 10);
    PQclear(r);
    return true;
}

/* Says which session the node has. */
static bool sign(ByoPgMaking *m, const ByoPgSession *session)
{
    char host[256] = "", pid[16], started[24], epoch[24];
    const char *const values[] = {m->at->node, host, pid, started, epoch};
    gethostname(host, sizeof host - 1);
    snprintf(pid, sizeof pid, "%d", session->backend.pid);
    snprintf(started, sizeof started, "%lld", (long long)session->backend.started);
    snprintf(epoch, sizeof epoch, "%lld", (long long)session->epoch);
    return byo_pg_make_tell(
        m,
        "UPDATE node SET host = $2, backend = $3::int4, started = $4::int8, seen = " BYO_PG_NOW
        " WHERE node = $1 AND epoch = $5::int8",
        5, values);
}

bool byo_pg_node_enter(ByoPgMaking *m, const ByoPgSession *before, ByoPgSession *session)
{
    if (!m->at->node)
        return hold_all(m);
    if (!before->epoch)
        return have_place(m) && look(m, session) && hold(m, session->slot, true) && raise_epoch(m, session) &&
               look(m, session) && sign(m, session) && read_turns(m, session);
    if (!look(m, session))
        return false;
    if (session->epoch == before->epoch && (!hold(m, session->slot, false) || !look(m, session)))
        return false;
    return (session->epoch != before->epoch || sign(m, session)) && read_turns(m, session);
}
