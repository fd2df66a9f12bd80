/* SPDX-License-Identifier: BSD-3-Clause
 * Nodes: who writes here, in which slot, under which epoch; who takes over from whom, and when.
 * Decides: that a node is gone when it left, or when none of its turns came for as long as its lease: looked at for that
 * long in one session, by this machine's clock. So neither a database that was away nor a clock that was set makes a
 * node look gone that is there. One node is active at a time, and holds a lock in its session; of one that is gone the
 * session is ended. Whoever enters raises the epochs of all: what they still have on the way keeps nothing
 * (pgsql_turn.c), and they start anew. A slot stays its node's for a day after that was seen last.
 * Threads: any, one for each session. */
#include "store/pgsql/pgsql_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LOCK_ACTIVE "1"
/* How long is waited for an active node to leave or to be gone. */
#define WAIT_MS 8000
#define PAUSE_MS 50
/* A day, and how old `seen` may be. */
#define SLOT_KEPT_MS "90000000"
#define NODES_MAX "8"

const char byo_pg_taken_over[] = "another byobox was active in the database meanwhile";

/* -- who is there ------------------------------------------------------------------------------ */

/* The nodes that did not leave, as they were looked at first. */
typedef struct {
    struct {
        char *node;
        int64_t turn;
        ByoTime since; /* its turn is this one, by the boot clock */
    } of[BYO_SLOTS];
    int n;
} Watch;

static void watch_free(Watch *w)
{
    while (w->n > 0)
        free(w->of[--w->n].node);
}

/* When a node's turn was seen first. answered: the answer that has it came then. */
static ByoTime since(Watch *w, const char *node, int64_t turn, ByoTime answered)
{
    int i = 0;
    while (i < w->n && strcmp(w->of[i].node, node) != 0)
        i++;
    if (i == BYO_SLOTS)
        return answered;
    if (i == w->n) {
        w->of[w->n++].node = byo_strdup(node);
        w->of[i].since = 0;
    }
    if (!w->of[i].since || w->of[i].turn != turn)
        w->of[i].since = answered;
    w->of[i].turn = turn;
    return w->of[i].since;
}

/* Nobody but this node may be active. False with *fault_r: there was a fault. own_r: this node is gone, too. */
static bool all_gone(ByoPgMaking *m, Watch *w, bool *own_r, bool *fault_r)
{
    ByoTime asked = byo_boottime();
    /* One row at least, so that none is no fault. */
    PGresult *r =
        byo_pg_make_ask(m,
                        "SELECT n.node, (SELECT coalesce(max(turn), 0) FROM turn t WHERE t.node = n.node)"
                        " FROM (SELECT node FROM node WHERE backend <> 0 UNION ALL SELECT NULL) n",
                        0, NULL);
    ByoTime answered = byo_boottime();
    bool all = r != NULL;
    *fault_r = !r;
    *own_r = true;
    for (int i = 0; r && i < PQntuples(r); i++) {
        const char *node = PQgetvalue(r, i, 0);
        if (PQgetisnull(r, i, 0))
            continue;
        ByoTime from = since(w, node, strtoll(PQgetvalue(r, i, 1), NULL, 10), answered);
        bool gone = asked - from >= BYO_PG_LEASE;
        if (m->at->node && strcmp(node, m->at->node) == 0)
            *own_r = gone;
        else
            all = all && gone;
    }
    PQclear(r);
    return all;
}

static PGresult *of_holder(ByoPgMaking *m, const char *what)
{
    char *sql =
        byo_printf("SELECT %s FROM pg_locks l LEFT JOIN node n ON n.backend = l.pid"
                   " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = " BYO_PG_LOCK_CLASS
                   " AND l.objid = " LOCK_ACTIVE " AND l.objsubid = 2"
                   " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                   what);
    PGresult *r = byo_pg_execute(m->c, sql, 0, NULL);
    free(sql);
    return r;
}

/* "node-id = n1 at the host h": who has the lock, else the one that did not leave. */
static bool in_use(ByoPgMaking *m)
{
    PGresult *r = of_holder(m, "n.node, n.host");
    if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) == 0 || PQgetisnull(r, 0, 0)) {
        const char *const values[] = {m->at->node};
        PQclear(r);
        r = byo_pg_execute(
            m->c,
            "SELECT node, host FROM node WHERE backend <> 0 AND node IS DISTINCT FROM $1 ORDER BY seen DESC",
            1, values);
    }
    char *who = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) > 0
                    ? byo_printf("node-id = %s at the host %s", PQgetvalue(r, 0, 0), PQgetvalue(r, 0, 1))
                    : byo_strdup("another session");
    PQclear(r);
    byo_pg_refuse(m, BYO_STORE_IO,
                  byo_printf("the database is in use by the byobox of %s: one at a time can be active", who));
    free(who);
    return false;
}

static bool try_lock(ByoPgMaking *m, bool *got_r)
{
    PGresult *r =
        byo_pg_make_ask(m, "SELECT pg_try_advisory_lock(" BYO_PG_LOCK_CLASS ", " LOCK_ACTIVE ")", 0, NULL);
    *got_r = r && PQgetvalue(r, 0, 0)[0] == 't';
    PQclear(r);
    return r != NULL;
}

/* anew: this process was not active before, so others must be gone, and one that is gone is ended. */
static bool become_active(ByoPgMaking *m, bool anew)
{
    const struct timespec pause = {0, PAUSE_MS * 1000000L};
    Watch w = {0};
    bool got = false, fault = false;
    for (ByoTime begun = byo_boottime(); !got && !fault;) {
        bool own, alone = all_gone(m, &w, &own, &fault);
        if (!fault && (alone || !anew))
            fault = !try_lock(m, &got);
        if (got || fault || byo_boottime() - begun >= WAIT_MS)
            break;
        if (anew && alone && own)
            PQclear(of_holder(m, "pg_terminate_backend(n.backend)"));
        nanosleep(&pause, NULL);
    }
    watch_free(&w);
    return got || (!fault && in_use(m));
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
                        " - " SLOT_KEPT_MS ", string_agg(node, ', ' ORDER BY node) FROM node",
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
                            " AND slot = (SELECT slot FROM node ORDER BY seen LIMIT 1) RETURNING node)"
                            " DELETE FROM turn USING gone WHERE turn.node = gone.node"
                            " AND turn.turn < (SELECT max(turn) FROM turn)",
                            1, values);
}

/* This process's first session: all others are over. Their turns are, too: that is what the slots' locks tell. */
static bool take_over(ByoPgMaking *m)
{
    const char *const values[] = {m->at->node};
    return byo_pg_make_tell(m, "BEGIN", 0, NULL) &&
           byo_pg_make_tell(m,
                            "SELECT pg_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", 16 + slot)"
                            " FROM generate_series(0, 7) slot",
                            0, NULL) &&
           make_room(m) &&
           byo_pg_make_tell(m, "UPDATE node SET epoch = epoch + 1, backend = 0 WHERE node <> $1", 1,
                            values) &&
           byo_pg_make_tell(m,
                            "INSERT INTO node (node, slot, epoch, host, backend, started, seen)"
                            " SELECT $1, min(slot), 0, '', 0, 0, 0 FROM generate_series(0, 7) slot"
                            " WHERE slot NOT IN (SELECT n.slot FROM node n) HAVING min(slot) IS NOT NULL"
                            " ON CONFLICT (node) DO NOTHING",
                            1, values) &&
           byo_pg_make_tell(m, "UPDATE node SET epoch = epoch + 1 WHERE node = $1", 1, values) &&
           byo_pg_make_tell(m, "COMMIT", 0, NULL);
}

/* How far its transactions are, and everybody's: they are counted together. */
static bool read_turns(ByoPgMaking *m, ByoPgSession *session)
{
    const char *const values[] = {m->at->node};
    PGresult *r =
        byo_pg_make_ask(m,
                        "SELECT coalesce(max(turn), 0), coalesce(max(turn) FILTER (WHERE node = $1), 0)"
                        " FROM turn",
                        1, values);
    if (!r)
        return false;
    session->turn = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    session->own = strtoll(PQgetvalue(r, 0, 1), NULL, 10);
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
        return become_active(m, true);
    if (!before->epoch)
        return become_active(m, true) && take_over(m) && look(m, session) && sign(m, session) &&
               read_turns(m, session);
    if (!look(m, session))
        return false;
    if (session->epoch == before->epoch && (!become_active(m, false) || !look(m, session)))
        return false;
    return (session->epoch != before->epoch || sign(m, session)) && read_turns(m, session);
}
