/* SPDX-License-Identifier: BSD-3-Clause
 * Sessions: from a target to a connection that may be used.
 * Decides: what a session must be. It is a session of its own (no pooler between), of a database that can be written,
 * of a schema this byobox knows; a writer's is its node's (pgsql_node.c). The backend of a session that was lost is ended
 * first: when its lock is free it is gone, and what it did is kept or not.
 * A lost session is made anew by a thread of its own, for looking up names and TLS block. It uses nothing of its
 * store's; the flow thread only looks whether it is done.
 * No password is ever in a sentence. */
#include "store/pgsql/pgsql_session.h"
#include "base/thread.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* -- targets ------------------------------------------------------------------------------------------- */

ByoPgTarget byo_pg_target_copy(const ByoPgTarget *at)
{
    return (ByoPgTarget){.host = byo_strdup(at->host),
                         .port = byo_strdup(at->port),
                         .username = byo_strdup(at->username),
                         .password = byo_strdup(at->password),
                         .database = byo_strdup(at->database),
                         .sslmode = byo_strdup(at->sslmode),
                         .node = byo_strdup(at->node),
                         .connect_timeout = at->connect_timeout};
}

void byo_pg_target_free(ByoPgTarget *at)
{
    const char *texts[] = {at->host,     at->port,    at->username, at->password,
                           at->database, at->sslmode, at->node};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free((char *)texts[i]);
    *at = (ByoPgTarget){0};
}

char *byo_pg_place(const ByoPgTarget *at)
{
    return byo_printf("%s%s%s/%s", at->host ? at->host : "localhost", at->port ? ":" : "",
                      at->port ? at->port : "", at->database ? at->database : "");
}

char *byo_pg_said(const ByoPgTarget *at, const char *said)
{
    ByoBuf b = {0};
    size_t n = at->password ? strlen(at->password) : 0;
    for (const char *p = said; *p;) {
        if (n && strncmp(p, at->password, n) == 0) {
            byo_buf_adds(&b, "***");
            p += n;
        } else if (*p == '\n' || *p == '\t') {
            if (b.n && b.p[b.n - 1] != ' ')
                byo_buf_addc(&b, ' ');
            p++;
        } else {
            byo_buf_addc(&b, *p++);
        }
    }
    while (b.n && b.p[b.n - 1] == ' ')
        b.p[--b.n] = 0;
    if (!b.n)
        byo_buf_adds(&b, "the database gave no reason");
    return b.p;
}

ByoStoreResult byo_pg_map(const char *sqlstate)
{
    static const struct {
        const char *state;
        ByoStoreResult result;
    } table[] = {
        {"40001", BYO_STORE_AGAIN},    /* serialization_failure */
        {"40P01", BYO_STORE_AGAIN},    /* deadlock_detected */
        {"55P03", BYO_STORE_AGAIN},    /* lock_not_available */
        {"53100", BYO_STORE_FULL},     /* disk_full */
        {"25006", BYO_STORE_READONLY}, /* read_only_sql_transaction */
        {"42501", BYO_STORE_READONLY}, /* insufficient_privilege */
        {"23505", BYO_STORE_CONFLICT}, /* unique_violation */
        {"XX001", BYO_STORE_CORRUPT},  /* data_corrupted */
        {"XX002", BYO_STORE_CORRUPT},  /* index_corrupted */
        {"42P01", BYO_STORE_CORRUPT},  /* undefined_table */
        {"42703", BYO_STORE_CORRUPT},  /* undefined_column */
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(sqlstate, table[i].state) == 0)
            return table[i].result;
    return BYO_STORE_IO;
}

/* So often who waits looks whether it is to stop, ms. */
enum { STOP_LOOK = 100 };

/* -- making one ------------------------------------------------------------------------------------------ */

bool byo_pg_refuse(ByoPgMaking *m, ByoStoreResult result, char *why)
{
    m->result = result;
    m->why = byo_printf("%s: %s", m->place, why);
    free(why);
    return false;
}

/* What is no fault is not told: byobox's own statements make no notices worth one. */
static void ignore(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* Step by step, as long as nobody says to stop; some time for each of several hosts. */
static PGconn *connect_stoppable(const char *const *names, const char *const *values, int timeout,
                                 const ByoPgStop *stop)
{
    PGconn *c = PQconnectStartParams(names, values, 0);
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    ByoTime until = byo_monotonic() + 3 * timeout * BYO_SECOND;
    while (PQstatus(c) != CONNECTION_BAD && status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        struct pollfd at = {.fd = PQsocket(c),
                            .events = (short)(status == PGRES_POLLING_READING ? POLLIN : POLLOUT)};
        if (stop->now(stop->arg) || byo_monotonic() >= until)
            break;
        if (poll(&at, 1, STOP_LOOK) > 0)
            status = PQconnectPoll(c);
    }
    return c;
}

static PGconn *connect_to(const ByoPgTarget *at, const ByoPgStop *stop)
{
    char timeout[16];
    int seconds = at->connect_timeout > 0 ? at->connect_timeout : BYO_PG_CONNECT_TIMEOUT;
    snprintf(timeout, sizeof timeout, "%d", seconds);
    /* A machine that is gone is noticed within some 5 s; one that is there and says nothing, by what waits for it. */
    const char *const names[] = {"host",
                                 "port",
                                 "user",
                                 "password",
                                 "dbname",
                                 "sslmode",
                                 "connect_timeout",
                                 "application_name",
                                 "client_encoding",
                                 "target_session_attrs",
                                 "tcp_user_timeout",
                                 "keepalives_idle",
                                 "keepalives_interval",
                                 "keepalives_count",
                                 NULL};
    const char *const values[] = {at->host,    at->port, at->username, at->password, at->database,
                                  at->sslmode, timeout,  "byobox",     "UTF8",       "read-write",
                                  "5000",      "2",      "1",          "3",          NULL};
    PGconn *c = stop ? connect_stoppable(names, values, seconds, stop) : PQconnectdbParams(names, values, 0);
    PQsetNoticeProcessor(c, ignore, NULL);
    return c;
}

PGresult *byo_pg_await(PGconn *c, ByoTime ms)
{
    return byo_pg_await_or_stop(c, ms, NULL);
}

PGresult *byo_pg_await_or_stop(PGconn *c, ByoTime ms, const ByoPgStop *stop)
{
    ByoTime until = byo_monotonic() + ms;
    for (PGresult *r = NULL, *next;; r = next) {
        while (PQisBusy(c)) {
            struct pollfd at = {.fd = PQsocket(c), .events = POLLIN};
            ByoTime left = until - byo_monotonic();
            bool over = left <= 0 || (stop && stop->now(stop->arg));
            int some = over ? 0 : poll(&at, 1, (int)(stop && left > STOP_LOOK ? STOP_LOOK : left));
            if (over || (some == 0 && !stop) || (some != 0 && !PQconsumeInput(c))) {
                PQclear(r);
                return NULL;
            }
        }
        next = PQgetResult(c);
        if (!next)
            return r;
        PQclear(r);
        if (PQresultStatus(next) == PGRES_COPY_IN)
            return next;
    }
}

static PGresult *execute(PGconn *c, const char *sql, int n, const char *const *values, const ByoPgStop *stop)
{
    return PQsendQueryParams(c, sql, n, NULL, values, NULL, NULL, 0)
               ? byo_pg_await_or_stop(c, BYO_PG_ANSWER_MS, stop)
               : NULL;
}

PGresult *byo_pg_execute(PGconn *c, const char *sql, int n, const char *const *values)
{
    return execute(c, sql, n, values, NULL);
}

PGresult *byo_pg_execute_long(PGconn *c, const char *sql)
{
    return PQsendQuery(c, sql) ? byo_pg_await(c, BYO_PG_LONG_ANSWER_MS) : NULL;
}

PGresult *byo_pg_make_ask(ByoPgMaking *m, const char *sql, int n, const char *const *values)
{
    PGresult *r = execute(m->c, sql, n, values, m->stop);
    ExecStatusType status = PQresultStatus(r);
    if ((status == PGRES_TUPLES_OK && PQntuples(r) > 0) || status == PGRES_COMMAND_OK)
        return r;
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE), *said = PQerrorMessage(m->c);
    byo_pg_refuse(m, byo_pg_map(state ? state : ""),
                  byo_pg_said(m->at, said[0] ? said : "it does not answer"));
    PQclear(r);
    return NULL;
}

bool byo_pg_make_tell(ByoPgMaking *m, const char *sql, int n, const char *const *values)
{
    PGresult *r = byo_pg_make_ask(m, sql, n, values);
    PQclear(r);
    return r != NULL;
}

static bool set_up(ByoPgMaking *m, bool writer)
{
    static const char both[] =
        "SELECT set_config('search_path', 'byobox', false),"
        " set_config('bytea_output', 'hex', false),"
        " set_config('idle_in_transaction_session_timeout', '60s', false),"
        " set_config('tcp_keepalives_idle', '2', false),"
        " set_config('tcp_keepalives_interval', '1', false),"
        " set_config('tcp_keepalives_count', '3', false),"
        " set_config('tcp_user_timeout', '5s', false),"
        " set_config('jit', 'off', false),"
        /* Every look has its index. A plan made while the tables were empty must not stay one that reads all of
         * them, or of a recipient's rows more than are asked for. */
        " set_config('enable_seqscan', 'off', false),"
        " set_config('enable_bitmapscan', 'off', false),"
        " set_config('enable_hashjoin', 'off', false),"
        " set_config('enable_mergejoin', 'off', false),"
        " set_config('plan_cache_mode', 'force_generic_plan', false)";
    static const char writes[] = "SELECT set_config('synchronous_commit', 'on', false),"
                                 " set_config('default_transaction_isolation', 'read committed', false),"
                                 " set_config('lock_timeout', '2s', false)";
    static const char reads[] = "SELECT set_config('default_transaction_read_only', 'on', false),"
                                " set_config('statement_timeout', '20s', false)";
    return byo_pg_make_tell(m, both, 0, NULL) && byo_pg_make_tell(m, writer ? writes : reads, 0, NULL);
}

/* A transaction pooler gives its own number for a backend's, or a backend for each transaction. */
static bool whose_backend(ByoPgMaking *m, ByoPgBackend *backend_r)
{
    static const char sql[] = "SELECT pg_backend_pid(), (extract(epoch FROM backend_start) * 1000000)::int8"
                              " FROM pg_stat_get_activity(pg_backend_pid())";
    int64_t pid[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        PGresult *r = byo_pg_make_ask(m, sql, 0, NULL);
        if (!r)
            return false;
        pid[i] = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
        backend_r->started = strtoll(PQgetvalue(r, 0, 1), NULL, 10);
        PQclear(r);
    }
    backend_r->pid = (int)pid[0];
    if (pid[0] == pid[1] && pid[0] == PQbackendPID(m->c))
        return true;
    return byo_pg_refuse(
        m, BYO_STORE_IO,
        byo_strdup("a pooler stands between byobox and the database (its sessions are not the database's):"
                   " byobox holds locks in its session, so host and port must be the database's own"));
}

/* Ends what is left of a session. Nothing is said when it is not allowed: then its lock tells. */
static void end_backend(ByoPgMaking *m, ByoPgBackend before)
{
    char pid[16], started[24];
    const char *const values[] = {pid, started};
    if (!before.pid)
        return;
    snprintf(pid, sizeof pid, "%d", before.pid);
    snprintf(started, sizeof started, "%lld", (long long)before.started);
    PQclear(byo_pg_execute(m->c,
                           "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1::int4"
                           " AND (extract(epoch FROM backend_start) * 1000000)::int8 = $2::int8",
                           2, values));
}

static bool row_types(ByoPgMaking *m, Oid *types_r)
{
    ByoBuf names = {0};
    for (ByoPgTable of = 0; of < BYO_PG_TABLES; of++)
        byo_buf_addf(&names, "%c%s", of ? ',' : '{', byo_pg_table_name(of));
    byo_buf_addc(&names, '}');
    byo_buf_addc(&names, 0);
    const char *const values[] = {names.p};
    PGresult *r = byo_pg_make_ask(m,
                                  "SELECT reltype FROM unnest($1::text[]) WITH ORDINALITY t (name, n)"
                                  " JOIN pg_class c ON c.oid = t.name::regclass ORDER BY n",
                                  1, values);
    for (ByoPgTable of = 0; r && of < BYO_PG_TABLES; of++)
        types_r[of] = (Oid)strtoul(PQgetvalue(r, (int)of, 0), NULL, 10);
    PQclear(r);
    byo_buf_free(&names);
    return r != NULL;
}

PGconn *byo_pg_connect(const ByoPgTarget *at, const ByoPgStop *stop, char **why_r)
{
    ByoPgMaking m = {.at = at, .c = connect_to(at, stop), .place = byo_pg_place(at), .stop = stop};
    bool ok = PQstatus(m.c) == CONNECTION_OK
                  ? set_up(&m, true)
                  : byo_pg_refuse(&m, BYO_STORE_IO, byo_pg_said(at, PQerrorMessage(m.c)));
    free(m.place);
    *why_r = m.why;
    if (ok)
        return m.c;
    PQfinish(m.c);
    return NULL;
}

static bool make(ByoPgMaking *m, bool writer, bool upgrade, const ByoPgSession *before,
                 ByoPgSession *session_r)
{
    if (PQstatus(m->c) != CONNECTION_OK)
        return byo_pg_refuse(m, BYO_STORE_IO, byo_pg_said(m->at, PQerrorMessage(m->c)));
    if (!set_up(m, writer) || !whose_backend(m, &session_r->backend))
        return false;
    if (writer)
        end_backend(m, before->backend);
    if (!byo_pg_schema(m, writer, upgrade))
        return false;
    if (writer && !(row_types(m, session_r->row_types) && byo_pg_node_enter(m, before, session_r)))
        return false;
    if (writer && m->at->node)
        session_r->days = byo_pg_days_look(m->c);
    if (PQenterPipelineMode(m->c) && PQsetnonblocking(m->c, 1) == 0)
        return true;
    return byo_pg_refuse(m, BYO_STORE_IO, byo_pg_said(m->at, PQerrorMessage(m->c)));
}

bool byo_pg_session_open(const ByoPgTarget *at, bool writer, ByoPgSession before, ByoPgSession *session_r,
                         ByoStoreResult *result_r, char **why_r)
{
    ByoPgMaking m = {.at = at, .c = connect_to(at, NULL), .place = byo_pg_place(at)};
    *session_r = (ByoPgSession){0};
    bool ok = make(&m, writer, writer && !before.backend.pid, &before, session_r);
    if (ok) {
        session_r->c = m.c;
    } else {
        PQfinish(m.c);
        free(session_r->days);
        session_r->days = NULL;
    }
    free(m.place);
    *result_r = m.result;
    *why_r = m.why;
    return ok;
}

/* -- by a thread of its own --------------------------------------------------------------------------- */

struct ByoPgDial {
    ByoPgTarget at;
    ByoPgSession before;
    long thread;
    pthread_mutex_t lock;
    bool done;
    ByoPgSession session;
    ByoStoreResult result;
    char *why;
};

static void dial(void *arg)
{
    ByoPgDial *d = arg;
    byo_thread_name("byo-store");
    ByoPgSession session;
    ByoStoreResult result;
    char *why;
    byo_pg_session_open(&d->at, true, d->before, &session, &result, &why);
    pthread_mutex_lock(&d->lock);
    d->session = session;
    d->result = result;
    d->why = why;
    d->done = true;
    pthread_mutex_unlock(&d->lock);
}

ByoPgDial *byo_pg_dial(const ByoPgTarget *at, ByoPgSession before)
{
    ByoPgDial *d = byo_zalloc(sizeof *d);
    d->at = byo_pg_target_copy(at);
    d->before = before;
    d->before.days = NULL; /* the store's, which may free them meanwhile */
    pthread_mutex_init(&d->lock, NULL);
    d->thread = byo_thread_start(dial, d);
    return d;
}

bool byo_pg_dialled(ByoPgDial *d, ByoPgSession *session_r, ByoStoreResult *result_r, char **why_r)
{
    pthread_mutex_lock(&d->lock);
    bool done = d->done;
    pthread_mutex_unlock(&d->lock);
    if (!done)
        return false;
    byo_thread_join(d->thread);
    *session_r = d->session;
    *result_r = d->result;
    *why_r = d->why;
    pthread_mutex_destroy(&d->lock);
    byo_pg_target_free(&d->at);
    free(d);
    return true;
}

void byo_pg_dial_cancel(ByoPgDial *d)
{
    ByoPgSession session;
    ByoStoreResult result;
    char *why = NULL;
    if (!d)
        return;
    const struct timespec pause = {0, 5 * 1000000L};
    while (!byo_pg_dialled(d, &session, &result, &why))
        nanosleep(&pause, NULL);
    PQfinish(session.c);
    free(session.days);
    free(why);
}
