/* SPDX-License-Identifier: BSD-3-Clause
 * Partitions of message_over and segment_over: which there are, and new ones.
 * Decides: how many days one spans, and who owns it. A partition is what the catalogue says of it, whatever its name. Where
 * the role may not make tables none is made, and all stays as it was without days. One makes at a time.
 * Ownership: none of the store's. Threads: any, one for each session. */
#include "store/pgsql/pgsql_parts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What is kept lies in so many partitions of a kind, and some at both ends. */
enum { SPANS = 50 };

const char *const byo_pg_part_kinds[] = {"message", "segment"};

/* -- looking --------------------------------------------------------------------------------------- */

/* All partitions but those somebody gave other bounds than days, and what is marked; first what was begun. */
static const char parts_sql[] =
    "SELECT coalesce(p.name, g.name), coalesce(p.kind, g.kind), CASE WHEN p.name IS NOT NULL THEN"
    " CASE WHEN p.pending THEN 2 ELSE 3 END WHEN to_regclass(g.name) IS NULL THEN 0 ELSE 1 END,"
    " coalesce(p.bound[1]::int, g.first, 0), coalesce(p.bound[2]::int, g.upto, 0), g.name IS NOT NULL FROM"
    " (SELECT i.inhrelid::regclass::text AS name, i.inhparent = 'byobox.segment_over'::regclass AS kind,"
    " i.inhdetachpending AS pending, regexp_match(pg_get_expr(c.relpartbound, c.oid),"
    " 'FROM \\(''?(-?\\d{1,9})''?\\) TO \\(''?(-?\\d{1,9})''?\\)') AS bound"
    " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent IN ('byobox.message_over'::regclass, 'byobox.segment_over'::regclass)) p"
    " FULL JOIN (SELECT name, kind = 'segment' AS kind, first, upto FROM byobox.day_going) g"
    " ON g.name = p.name"
    " WHERE p.name IS NULL OR p.bound IS NOT NULL ORDER BY 3, 4, 2";

/* A partition is made as the role its parent belongs to, so that whoever may drop one may drop all. */
static const char may_sql[] =
    "SELECT bool_and(has_schema_privilege(relowner, 'byobox', 'CREATE') AND pg_has_role(relowner, 'USAGE')"
    " AND pg_has_role(relowner, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER'"
    " ELSE 'SET' END)) FROM pg_class"
    " WHERE oid IN ('byobox.message_over'::regclass, 'byobox.segment_over'::regclass)";

bool byo_pg_parts_look_again(ByoPgWay *w, ByoPgParts *p)
{
    PGresult *r = byo_pg_way_ask(w, parts_sql, "cannot look which days have partitions");
    if (!r)
        return false;
    p->n = (size_t)PQntuples(r);
    p->at = byo_realloc(p->at, (p->n + 1) * sizeof *p->at);
    for (int i = 0; i < PQntuples(r); i++) {
        ByoPgPart *part = &p->at[i];
        *part =
            (ByoPgPart){.kind = PQgetvalue(r, i, 1)[0] == 't' ? BYO_PG_PART_SEGMENTS : BYO_PG_PART_MESSAGES,
                        .how = (ByoPgPartHow)atoi(PQgetvalue(r, i, 2)),
                        .from = atoi(PQgetvalue(r, i, 3)),
                        .upto = atoi(PQgetvalue(r, i, 4)),
                        .going = PQgetvalue(r, i, 5)[0] == 't'};
        snprintf(part->name, sizeof part->name, "%s", PQgetvalue(r, i, 0));
    }
    PQclear(r);
    return p->looked = true;
}

bool byo_pg_parts_look(ByoPgWay *w, ByoPgParts *p)
{
    bool may = false;
    if (PQserverVersion(w->c) >= BYO_PG_SERVER_WITH_DAYS &&
        (!byo_pg_way_is(w, may_sql, "cannot look who may make partitions", &may) ||
         !byo_pg_parts_look_again(w, p)))
        return false;
    p->may = may;
    return true;
}

void byo_pg_parts_free(ByoPgParts *p)
{
    free(p->at);
    *p = (ByoPgParts){0};
}

/* The one a day's messages go to; NULL: there is none. */
static const ByoPgPart *of_day(const ByoPgParts *p, int kind, int day)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i].how == BYO_PG_PART_ATTACHED && p->at[i].kind == kind && p->at[i].from <= day &&
            day < p->at[i].upto)
            return &p->at[i];
    return NULL;
}

/* The first day behind `day` that a partition of that kind has; `most` if that is not before. */
static int until_next(const ByoPgParts *p, int kind, int day, int most)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i].how == BYO_PG_PART_ATTACHED && p->at[i].kind == kind && p->at[i].from > day &&
            p->at[i].from < most)
            most = p->at[i].from;
    return most;
}

static void add_range(ByoPgDays *out, int from, int upto)
{
    if (out->n && out->at[out->n - 1].upto == from)
        out->at[out->n - 1].upto = upto;
    else
        out->at[out->n++] = (ByoPgRange){from, upto};
}

ByoPgDays *byo_pg_parts_days(const ByoPgWay *w, const ByoPgParts *p)
{
    ByoPgDays *out = byo_zalloc(sizeof *out + (p->n + 1) * sizeof *out->at);
    out->may = p->may;
    out->oldest = INT_MAX;
    out->removed = p->removed;
    for (size_t i = 0; i < p->n; i++) {
        const ByoPgPart *m = &p->at[i], *g;
        int first = m->how == BYO_PG_PART_ATTACHED && !m->going ? m->from : 0;
        out->oldest = first < out->oldest ? first : out->oldest;
        if (m->how != BYO_PG_PART_ATTACHED || m->kind != BYO_PG_PART_MESSAGES)
            continue;
        /* Days of which segments have a partition, too. */
        for (int day = m->from, upto; day < m->upto; day = upto) {
            g = of_day(p, BYO_PG_PART_SEGMENTS, day);
            upto = !g                  ? until_next(p, BYO_PG_PART_SEGMENTS, day, m->upto)
                   : g->upto < m->upto ? g->upto
                                       : m->upto;
            if (g)
                add_range(out, day, upto);
        }
    }
    out->fault = w->why[0] != 0;
    if (w->why[0])
        snprintf(out->why, sizeof out->why, "%s", w->why);
    else if (!p->may)
        snprintf(out->why, sizeof out->why,
                 "the database's role may not make tables, or it is no PostgreSQL 14: what is past its "
                 "retention goes row by row");
    return out;
}

/* -- making ---------------------------------------------------------------------------------------- */

static const char cannot_make[] = "cannot make a day's partitions";

enum { NAME = 48 };

/* A table of that name need not be a day's: somebody may have put one away. False: a fault. */
static bool find_name(ByoPgWay *w, int kind, int day, char name[NAME])
{
    char date[16], sql[128];
    bool is_free = false;
    struct tm tm;
    time_t t = (time_t)day * 86400;
    gmtime_r(&t, &tm);
    strftime(date, sizeof date, "%Y%m%d", &tm);
    for (int n = 1; n < 100; n++) {
        snprintf(name, NAME, n == 1 ? "%s_%s" : "%s_%s_%d", byo_pg_part_kinds[kind], date, n);
        snprintf(sql, sizeof sql, "SELECT to_regclass('byobox.%s') IS NULL", name);
        if (!byo_pg_way_is(w, sql, cannot_make, &is_free) || is_free)
            break;
    }
    return is_free;
}

/* As SQL has it. The caller frees it; NULL: a fault. */
static char *owner_of(ByoPgWay *w, int kind)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT quote_ident(pg_get_userbyid(relowner)) FROM pg_class"
             " WHERE oid = 'byobox.%s_over'::regclass",
             byo_pg_part_kinds[kind]);
    PGresult *r = byo_pg_way_ask(w, sql, cannot_make);
    char *owner = r ? byo_strdup(PQgetvalue(r, 0, 0)) : NULL;
    PQclear(r);
    return owner;
}

/* As the one who owns it: whoever may use its parent may use it, for an erasure names it (erase_going). */
static bool grant_as_parent(ByoPgWay *w, int kind, const char *name)
{
    char *sql = byo_printf(
        "SELECT string_agg(format('GRANT %%s ON byobox.%s TO %%s', what, whom), '; ') FROM (SELECT"
        " string_agg(a.privilege_type, ', ') AS what, CASE a.grantee WHEN 0 THEN 'PUBLIC'"
        " ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS whom FROM pg_class c, aclexplode(c.relacl) a"
        " WHERE c.oid = 'byobox.%s_over'::regclass AND a.grantee <> c.relowner"
        " AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') GROUP BY a.grantee) g",
        name, byo_pg_part_kinds[kind]);
    PGresult *r = byo_pg_way_ask(w, sql, cannot_make),
             *granted =
                 r && !PQgetisnull(r, 0, 0) ? byo_pg_way_ask(w, PQgetvalue(r, 0, 0), cannot_make) : NULL;
    bool ok = r && (granted || PQgetisnull(r, 0, 0));
    free(sql);
    PQclear(r);
    PQclear(granted);
    return ok;
}

/* Who loses the right to be that role can still read and remove what is there. */
static bool make_one(ByoPgWay *w, int kind, int from, int upto)
{
    char name[NAME];
    char *owner = owner_of(w, kind);
    bool ok =
        owner && find_name(w, kind, from, name) &&
        byo_pg_way_tell(w, cannot_make, "SET LOCAL ROLE %s", owner) &&
        byo_pg_way_tell(w, cannot_make, "CREATE TABLE byobox.%s (LIKE byobox.%s_over INCLUDING ALL)", name,
                        byo_pg_part_kinds[kind]) &&
        byo_pg_way_tell(w, cannot_make,
                        "ALTER TABLE byobox.%s_over ATTACH PARTITION byobox.%s FOR VALUES FROM (%d) TO (%d)",
                        byo_pg_part_kinds[kind], name, from, upto) &&
        grant_as_parent(w, kind, name) && byo_pg_way_tell(w, cannot_make, "RESET ROLE") &&
        byo_pg_way_tell(w, cannot_make, "GRANT SELECT, INSERT, UPDATE, DELETE ON byobox.%s TO CURRENT_USER",
                        name);
    free(owner);
    return ok;
}

/* Beside a partition of the other kind one that ends with it. */
static int end_of(const ByoPgParts *p, int kind, int day, int span)
{
    const ByoPgPart *beside = of_day(p, 1 - kind, day);
    int upto = beside ? beside->upto : until_next(p, 1 - kind, day, day + span);
    return until_next(p, kind, day, upto);
}

/* What was made of the other kind is looked at again. */
static bool make_kind(ByoPgWay *w, ByoPgParts *p, int kind, int today, int span)
{
    bool ok = byo_pg_parts_look_again(w, p);
    for (int day = today, upto; ok && day <= today + BYO_PG_AHEAD; day = upto) {
        const ByoPgPart *there = of_day(p, kind, day);
        upto = there ? there->upto : end_of(p, kind, day, span);
        ok = there || make_one(w, kind, day, upto);
    }
    return ok;
}

/* Each statement that looks locks all of them, and a database has room for some thousand locks: those of messages that are
 * kept for long span several days. */
int byo_pg_parts_span(int kept)
{
    return kept <= SPANS ? 1 : (kept + SPANS - 1) / SPANS;
}

static bool make_missing(ByoPgWay *w, ByoPgParts *p, int today, int kept)
{
    bool ok = byo_pg_way_tell(w, cannot_make, "SELECT pg_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", %d)",
                              BYO_PG_LOCK_DAYS);
    for (int kind = 0; ok && kind < BYO_PG_PART_KINDS; kind++)
        ok = make_kind(w, p, kind, today, byo_pg_parts_span(kept));
    return ok;
}

/* Who attaches one keeps nobody from using the others. */
bool byo_pg_parts_make(ByoPgWay *w, ByoPgParts *p, int today, int kept)
{
    bool all = true;
    for (int day = today; day <= today + BYO_PG_AHEAD; day++)
        all = all && of_day(p, BYO_PG_PART_MESSAGES, day) && of_day(p, BYO_PG_PART_SEGMENTS, day);
    if (all || !p->may)
        return true;
    bool ok = byo_pg_way_tell(w, cannot_make, "BEGIN") && make_missing(w, p, today, kept);
    if (ok)
        return byo_pg_way_tell(w, cannot_make, "COMMIT") && byo_pg_parts_look_again(w, p);
    byo_pg_way_tell(w, cannot_make, "ROLLBACK");
    return byo_pg_parts_look_again(w, p) && false;
}
