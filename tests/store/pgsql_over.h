/* SPDX-License-Identifier: BSD-3-Clause
 * Messages that end, and the days they lie in: for the tests of pgsql_over.c and pgsql_days.c. Their time is the clock's.
 * Threads: one. */
#ifndef BYO_TEST_PGSQL_OVER_H
#define BYO_TEST_PGSQL_OVER_H

#include <stdarg.h>
#include <time.h>

#include "pgsql_fixture.h"
#include "store/pgsql/pgsql_private.h"

#define LONG_AGO (40 * BYO_DAY)
#define RETENTION (30 * BYO_DAY)

static ByoTime now;

static inline int64_t number(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline int64_t number(const char *format, ...)
{
    char sql[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(sql, sizeof sql, format, list);
    va_end(list);
    return pgsql_number(sql);
}

static inline void commit_it(ByoStore *s)
{
    ck_assert_msg(byo_store_commit(s) == BYO_STORE_OK, "%s", byo_store_error(s));
}

/* -- messages ---------------------------------------------------------------------------------------- */

static inline ByoMessageRow a_message(ByoId id, ByoTime at, int n)
{
    return (ByoMessageRow){.id = id,
                           .integration = S("carrier-a"),
                           .number = S("12025550100"),
                           .recipient = S("+12025550123"),
                           .uuid = S("0f8fad5b-d9cb-469f-a165-70867728950e"),
                           .named = true,
                           .box = S("box"),
                           .created = at,
                           .tally.segments = n,
                           .data_coding = -1,
                           .charset = S("GSM_0338"),
                           .verdict.code = -1,
                           .frame = byo_strn("\0\xff", 2)};
}

/* In a transaction. ended: 0: it is open. */
static inline ByoId put(ByoStore *s, ByoTime at, int n, ByoTime ended)
{
    ByoId id = byo_store_new_id(s, at);
    ByoMessageRow m = a_message(id, at, n);
    ByoSegmentRow segments[255];
    m.ended = ended;
    m.tally.ended = ended != 0;
    for (int i = 0; i < n; i++)
        segments[i] = (ByoSegmentRow){.id = id + 1 + i,
                                      .s.state = ended ? BYO_SEG_FAILED : BYO_SEG_QUEUED,
                                      .s.due = at,
                                      .s.ended = ended,
                                      .verdict.code = -1,
                                      .udh = S("udh"),
                                      .payload = S("payload")};
    byo_store_message_add(s, &m, segments, n);
    return id;
}

static inline ByoId added(ByoStore *s, ByoTime at, int n)
{
    byo_store_begin(s);
    ByoId id = put(s, at, n, 0);
    commit_it(s);
    return id;
}

/* In a transaction. With the last one the message ends. */
static inline void end_segment(ByoStore *s, ByoId id, int i, bool last, ByoTime ended)
{
    ByoMessageRow m;
    ByoSegmentRow seg;
    char foreign[32];
    snprintf(foreign, sizeof foreign, "id-%lld", (long long)(id + i));
    byo_store_want(s, &(ByoWant){.kind = BYO_WANT_SEGMENT, .id = id + i}, 1);
    if (byo_store_segment(s, id + i, &seg) != BYO_STORE_OK || byo_store_message(s, id, &m) != BYO_STORE_OK)
        return;
    seg.s.state = BYO_SEG_DELIVERED;
    seg.s.ended = ended;
    seg.foreign_id = byo_str(foreign);
    byo_store_segment_update(s, &seg);
    m.tally.delivered++;
    m.tally.ended = last;
    m.ended = last ? ended : 0;
    m.state = last ? BYO_MSG_DELIVERED : BYO_MSG_ACTIVE;
    byo_store_message_update(s, &m);
}

static inline void end_all(ByoStore *s, ByoId id, int n, ByoTime ended)
{
    for (int i = 1; i <= n; i++)
        end_segment(s, id, i, i == n, ended);
}

static inline ByoId over_at(ByoStore *s, ByoTime at, int n)
{
    ByoId id = added(s, at, n);
    byo_store_begin(s);
    end_all(s, id, n, at);
    commit_it(s);
    return id;
}

static inline void ck_lies(ByoId id, int n, bool over, ByoTime ended)
{
    long long at = (long long)id, day = ended / BYO_DAY;
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message WHERE id = %lld", at), !over);
    ck_assert_int_eq(
        number("SELECT count(*) FROM byobox.segment WHERE id > %lld AND id < %lld + 256", at, at),
        over ? 0 : n);
    ck_assert_int_eq(
        number("SELECT count(*) FROM byobox.message_over WHERE id = %lld AND day = %lld", at, day), over);
    ck_assert_int_eq(
        number("SELECT count(*) FROM byobox.segment_over WHERE id > %lld AND id < %lld + 256 AND day = %lld",
               at, at, day),
        over ? n : 0);
}

static inline void count_segment(void *arg, const ByoSegmentRow *seg)
{
    ck_assert(byo_str_is(seg->payload, "payload") && byo_str_is(seg->udh, "udh"));
    ck_assert(byo_seg_final(seg->s.state));
    ++*(int *)arg;
}

/* All of it is as it was added, and ended then. */
static inline void ck_whole(ByoStore *s, ByoId id, int n, ByoTime ended)
{
    ByoMessageRow m;
    int found = 0;
    ck_assert_int_eq(byo_store_message(s, id, &m), BYO_STORE_OK);
    ck_assert(m.ended == ended && m.tally.ended && m.tally.segments == n);
    ck_assert(byo_str_is(m.recipient, "+12025550123") && byo_str_is(m.number, "12025550100"));
    ck_assert(byo_str_eq(m.frame, byo_strn("\0\xff", 2)) && byo_str_is(m.box, "box"));
    ck_assert(byo_str_is(m.uuid, "0f8fad5b-d9cb-469f-a165-70867728950e"));
    byo_store_segments(s, id, count_segment, &found);
    ck_assert_int_eq(found, n);
}

/* -- days -------------------------------------------------------------------------------------------- */

/* Of so many days a partition from that one on. */
static inline void make_days(ByoTime at, int span)
{
    char date[16];
    time_t t = (time_t)(at / 1000);
    strftime(date, sizeof date, "%Y%m%d", gmtime(&t));
    for (int k = 0; k < 2; k++) {
        const char *of = k ? "segment" : "message";
        char *sql = byo_printf(
            "CREATE TABLE byobox.%s_%s (LIKE byobox.%s_over INCLUDING ALL);"
            "ALTER TABLE byobox.%s_over ATTACH PARTITION byobox.%s_%s FOR VALUES FROM (%lld) TO (%lld)",
            of, date, of, of, of, date, (long long)(at / BYO_DAY), (long long)(at / BYO_DAY + span));
        pgsql_do(pgsql_name, sql);
        free(sql);
    }
}

static inline void purge_kept_for(ByoStore *s, ByoTime retention)
{
    ByoPurgePlace at = {0};
    for (bool more = true; more;) {
        byo_store_begin(s);
        more = byo_store_purge(s, now - retention, now - retention, 500, &at);
        commit_it(s);
    }
}

static inline void purge(ByoStore *s)
{
    purge_kept_for(s, RETENTION);
}

/* Its thread for days has ended, and it knows what that found. */
static inline void settled(ByoStore *s)
{
    for (ByoTime begun = byo_monotonic(); s->tend; usleep(10000)) {
        ck_assert_int_lt(byo_monotonic() - begun, 60 * BYO_SECOND);
        byo_store_begin(s);
        byo_store_rollback(s);
    }
}

/* It says how long messages are kept, which brings those that end to their days. */
static inline ByoStore *opened(ByoStore *s)
{
    purge_kept_for(s, 45 * BYO_DAY);
    settled(s);
    return s;
}

/* With a day of long ago, which the store knows of. */
static inline void with_old_day(void)
{
    now = byo_now();
    byo_store_close(store);
    make_days(now - LONG_AGO, 1);
    store = opened(must_open());
}

static inline int64_t days(void)
{
    return pgsql_number(
        "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^(message|segment)_[0-9]{8}$'");
}

static inline void purge_until_days(int64_t n)
{
    for (ByoTime begun = byo_monotonic(); days() != n;) {
        ck_assert_msg(byo_monotonic() - begun < 60 * BYO_SECOND, "%lld tables", (long long)days());
        purge(store);
        usleep(20000);
    }
}

static inline const char *warning(char text[256])
{
    ByoStoreCondition c;
    byo_store_begin(store);
    byo_store_condition(store, &c);
    byo_store_rollback(store);
    memcpy(text, c.warning, 256);
    return text;
}

/* Each purge may have the thread run. */
static inline void purge_until_told(const char *what, bool told)
{
    char text[256];
    for (ByoTime begun = byo_monotonic(); (strstr(warning(text), what) != NULL) != told; usleep(20000)) {
        ck_assert_msg(byo_monotonic() - begun < 60 * BYO_SECOND, "told: %s", text);
        purge(store);
    }
    settled(store);
}

static inline int64_t parts(void)
{
    return number("SELECT count(*) FROM pg_inherits WHERE inhparent IN ('byobox.message_over'::regclass,"
                  " 'byobox.segment_over'::regclass)");
}

static inline void detach(ByoTime at, const char *kind, bool to_its_end)
{
    char date[16];
    time_t t = (time_t)(at / 1000);
    strftime(date, sizeof date, "%Y%m%d", gmtime(&t));
    char *sql = byo_printf("ALTER TABLE byobox.%s_over DETACH PARTITION byobox.%s_%s%s", kind, kind, date,
                           to_its_end ? "" : " CONCURRENTLY");
    if (to_its_end) {
        pgsql_do(pgsql_name, sql);
    } else {
        PGconn *c = old_snapshot("SELECT count(*) FROM byobox.message_over");
        char *conninfo =
            byo_printf("%s dbname=%s options='-c lock_timeout=200'", getenv("BYO_TEST_PGSQL"), pgsql_name);
        PGconn *detaches = PQconnectdb(conninfo);
        PGresult *r = PQexec(detaches, sql);
        ck_assert_int_eq(PQresultStatus(r), PGRES_FATAL_ERROR);
        PQclear(r);
        PQfinish(detaches);
        PQfinish(c);
        free(conninfo);
        ck_assert_int_eq(number("SELECT count(*) FROM pg_inherits WHERE inhdetachpending"), 1);
    }
    free(sql);
}

static inline void mark(ByoTime at)
{
    char date[16];
    time_t t = (time_t)(at / 1000);
    strftime(date, sizeof date, "%Y%m%d", gmtime(&t));
    int day = (int)(at / BYO_DAY);
    char *sql = byo_printf("INSERT INTO byobox.day_going VALUES ('message_%s', 'message', %d, %d),"
                           " ('segment_%s', 'segment', %d, %d)",
                           date, day, day + 1, date, day, day + 1);
    pgsql_do(pgsql_name, sql);
    free(sql);
}

static inline bool note_id(void *arg, const ByoMessageRow *m)
{
    *(ByoId *)arg = m->id;
    return true;
}

static inline ByoId searched(ByoMessageFilter f)
{
    ByoId found = 0, next;
    f.limit = 10;
    ck_assert_int_eq(byo_store_messages(store, &f, &next, note_id, &found), BYO_STORE_OK);
    return found;
}

/* A message with something of everything that hangs on one. */
static inline ByoId with_all(ByoTime at)
{
    ByoId id = over_at(store, at, 2);
    ByoCopyRow copy = {.foreign_id = S("second"), .try = 2, .verdict.code = -1};
    ByoPast p = {.kind = BYO_PAST_REPORTED, .segment = 1, .number = 8, .time = at},
            tried = {.kind = BYO_PAST_INTERIM, .time = at};
    byo_store_begin(store);
    byo_store_copy_add(store, id + 2, &copy);
    byo_store_step_add(store, id, &tried);
    byo_store_step_add(store, id, &p);
    commit_it(store);
    return id;
}

static inline void ck_hangs(ByoId id, int n)
{
    long long at = (long long)id;
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.segment_copy WHERE segment & -256 = %lld", at), n);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_step WHERE id = %lld", at), n);
    ck_assert_int_eq(number("SELECT count(*) FROM byobox.message_report WHERE id & -256 = %lld", at), n);
}

static inline void begin(void)
{
    now = byo_now();
    opened(store);
}

#endif
