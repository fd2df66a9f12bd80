/* SPDX-License-Identifier: BSD-3-Clause
 * The end of partitions of days that are past retention, and of what is left of their messages elsewhere.
 * Decides: in which order one goes. It is marked (day_going), so that only what byobox itself detached is ever dropped, and
 * an erasure knows where to look besides (pgsql_erase.c). It is detached, which waits for older transactions as long as
 * for any lock and is tried again later: messages, then segments. Then segments are dropped, each with its mark; then
 * what hangs on the messages is removed in pieces, and they are dropped. What was begun and not brought to its end
 * is gone on with, by whichever node comes; what cannot be brought to its end keeps no other days. One drops at a
 * time. Where the role may not drop one, its messages are removed in pieces.
 * Ownership: none of the store's. Threads: any, one for each session. */
#include "store/pgsql/pgsql_parts.h"

#include <limits.h>
#include <stdio.h>

/* Rows in one piece. */
#define PIECE "500"

static const char cannot_drop[] = "cannot drop a day that is past its retention";
static const char cannot_remove[] = "cannot remove a day that is past its retention";

/* Of the messages m. */
#define HANGING \
    " c AS (DELETE FROM byobox.segment_copy x USING m WHERE x.segment > m.id AND x.segment < m.id + 256)," \
    " s AS (DELETE FROM byobox.message_step x USING m WHERE x.id = m.id)," \
    " r AS (DELETE FROM byobox.message_report x USING m WHERE x.id >= m.id AND x.id < m.id + 256)" \
    " SELECT max(id) FROM m"

static char *hanging_sql(const void *arg, int64_t after)
{
    const ByoPgPart *part = arg;
    return byo_printf("WITH m AS MATERIALIZED (SELECT id FROM %s WHERE id > %lld ORDER BY id LIMIT " PIECE
                      ")," HANGING,
                      part->name, (long long)after);
}

/* Of a partition those messages that ended on days before that one. */
typedef struct {
    const ByoPgPart *part;
    int before;
} Rows;

/* A message lies in no day before that of its id. */
static char *rows_sql(const void *arg, int64_t after)
{
    const ByoPgPart *part = ((const Rows *)arg)->part;
    int before = ((const Rows *)arg)->before, upto = part->upto < before ? part->upto : before;
    return byo_printf(
        "WITH m AS (DELETE FROM byobox.message_over WHERE day >= %d AND day < %d AND id = ANY (ARRAY(SELECT"
        " id FROM byobox.message_over WHERE day >= %d AND day < %d AND id > %lld AND id < %lld ORDER BY id "
        "LIMIT " PIECE
        ")) RETURNING id), g AS (DELETE FROM byobox.segment_over x USING m WHERE x.day >= %d AND x.day < %d"
        " AND x.id > m.id AND x.id < m.id + 256)," HANGING,
        part->from, upto, part->from, upto, (long long)after, (long long)byo_id_at(upto * BYO_DAY),
        part->from, upto);
}

/* One of the other kind has a day of it, is still so far at least, and has days up to later than that. */
static bool beside(const ByoPgParts *p, const ByoPgPart *part, ByoPgPartHow how, int later)
{
    for (size_t i = 0; i < p->n; i++) {
        const ByoPgPart *o = &p->at[i];
        if (o->kind != part->kind && o->how >= how && o->from < part->upto && part->from < o->upto &&
            o->upto > later)
            return true;
    }
    return false;
}

/* All of it is past its retention, and all that lies beside it. */
static bool is_past(const ByoPgParts *p, const ByoPgPart *part, int before)
{
    return part->upto <= before && !beside(p, part, BYO_PG_PART_ATTACHED, before);
}

/* What goes is marked, and what is not to go any more is not. */
static bool mark(ByoPgWay *w, ByoPgParts *p, int before)
{
    bool all = true;
    for (size_t i = 0; i < p->n; i++) {
        ByoPgPart *part = &p->at[i];
        if (part->how != BYO_PG_PART_ATTACHED || part->going == is_past(p, part, before))
            continue;
        bool ok = part->going
                      ? byo_pg_way_tell(w, cannot_drop, "DELETE FROM byobox.day_going WHERE name = '%s'",
                                        part->name)
                      : byo_pg_way_tell(w, cannot_drop,
                                        "INSERT INTO byobox.day_going (name, kind, first, upto)"
                                        " VALUES ('%s', '%s', %d, %d)",
                                        part->name, byo_pg_part_kinds[part->kind], part->from, part->upto);
        part->going ^= ok;
        all &= ok;
    }
    return all;
}

/* It is no partition any more. No turn waits meanwhile, and an old transaction is waited for as long as for a lock. */
static bool detach(ByoPgWay *w, ByoPgPart *part)
{
    bool ok =
        !byo_pg_way_stopped(w) &&
        byo_pg_way_tell(w, "a day that is past its retention waits for an older transaction",
                        "ALTER TABLE byobox.%s_over DETACH PARTITION %s %s", byo_pg_part_kinds[part->kind],
                        part->name, part->how == BYO_PG_PART_PENDING ? "FINALIZE" : "CONCURRENTLY");
    if (ok)
        part->how = part->going ? BYO_PG_PART_LOOSE : BYO_PG_PART_GONE;
    return ok;
}

/* Somebody began to detach it by hand: it is put away, and nothing else of its kind can be detached before. */
static bool finish(ByoPgWay *w, ByoPgParts *p)
{
    bool all = true;
    for (size_t i = 0; i < p->n; i++)
        if (p->at[i].how == BYO_PG_PART_PENDING && !p->at[i].going)
            all &= detach(w, &p->at[i]);
    return all;
}

/* Segments only when no list shows their messages any more: who erases a message from a list looks for its segments among the
 * partitions, who erases one that is marked looks everywhere. */
static bool detach_kind(ByoPgWay *w, ByoPgParts *p, int kind)
{
    bool all = true;
    for (size_t i = 0; i < p->n; i++) {
        ByoPgPart *part = &p->at[i];
        if (part->kind == kind && part->going && part->how >= BYO_PG_PART_PENDING &&
            (kind == BYO_PG_PART_MESSAGES || !beside(p, part, BYO_PG_PART_PENDING, INT_MIN)))
            all &= detach(w, part);
    }
    return all;
}

/* One transaction, which a fault ends. */
static bool drop(ByoPgWay *w, ByoPgPart *part)
{
    bool ok = !byo_pg_way_stopped(w) &&
              (part->kind == BYO_PG_PART_SEGMENTS || part->how == BYO_PG_PART_GONE ||
               byo_pg_way_pieces(w, hanging_sql, part, cannot_remove)) &&
              byo_pg_way_tell(w, cannot_drop,
                              "DROP TABLE IF EXISTS %s; DELETE FROM byobox.day_going WHERE name = '%s'",
                              part->name, part->name);
    if (ok) {
        part->how = BYO_PG_PART_GONE;
        part->going = false;
    }
    return ok;
}

/* Segments when their messages are no partition any more, messages when their segments are gone: nothing else says whose they
 * are. One that cannot be dropped keeps no other days. */
static bool drop_kind(ByoPgWay *w, ByoPgParts *p, int kind)
{
    ByoPgPartHow until = kind == BYO_PG_PART_SEGMENTS ? BYO_PG_PART_PENDING : BYO_PG_PART_LOOSE;
    bool all = true;
    for (size_t i = 0; i < p->n; i++) {
        ByoPgPart *part = &p->at[i];
        if (part->kind == kind && part->going && part->how < BYO_PG_PART_PENDING &&
            !beside(p, part, until, INT_MIN))
            all &= drop(w, part);
    }
    return all;
}

static bool drop_marked(ByoPgWay *w, ByoPgParts *p, int before)
{
    bool all = finish(w, p);
    all &= mark(w, p, before);
    all &= detach_kind(w, p, BYO_PG_PART_MESSAGES);
    all &= detach_kind(w, p, BYO_PG_PART_SEGMENTS);
    all &= drop_kind(w, p, BYO_PG_PART_SEGMENTS);
    all &= drop_kind(w, p, BYO_PG_PART_MESSAGES);
    return all;
}

/* It does not go yet, and some of its messages do: they were to be kept for longer when it was made, or their segments' one
 * has more days. */
static bool by_rows(const ByoPgParts *p, const ByoPgPart *part, int before, int span)
{
    return part->how == BYO_PG_PART_ATTACHED && part->kind == BYO_PG_PART_MESSAGES && part->from < before &&
           (!p->may || (part->upto > before ? part->upto - part->from > span : !is_past(p, part, before)));
}

static bool remove_rows(ByoPgWay *w, const ByoPgParts *p, int before, int span)
{
    bool all = true;
    for (size_t i = 0; i < p->n; i++)
        all &= !by_rows(p, &p->at[i], before, span) ||
               byo_pg_way_pieces(w, rows_sql, &(Rows){&p->at[i], before}, cannot_remove);
    return all;
}

/* -- what is left of messages that are gone ---------------------------------------------------------- */

/* What hangs on a message: the table, and whose id it has. */
static const struct {
    const char *table, *id;
} hanging[] = {{"segment_copy", "segment"}, {"message_step", "id"}, {"message_report", "id"}};

typedef struct {
    size_t which;
    ByoId before;
} Left;

/* OFFSET 0: one by one in the index, whatever the statistics say of a new partition. */
static char *left_sql(const void *arg, int64_t after)
{
    const Left *l = arg;
    const char *table = hanging[l->which].table, *id = hanging[l->which].id;
    return byo_printf("WITH m AS MATERIALIZED (SELECT %s AS id FROM byobox.%s WHERE %s > %lld AND %s < %lld "
                      "ORDER BY 1 LIMIT " PIECE "), d AS (DELETE FROM byobox.%s x USING m WHERE x.%s = m.id"
                      " AND NOT EXISTS (SELECT 1 FROM byobox.message a WHERE a.id = (m.id & -256) OFFSET 0)"
                      " AND NOT EXISTS (SELECT 1 FROM byobox.message_over a WHERE a.id = (m.id & -256) AND "
                      "a.day >= " BYO_PG_DAY_OF("m.id") " OFFSET 0)) SELECT max(id) FROM m",
                      id, table, id, (long long)after, id, (long long)l->before, table, id);
}

/* A node that keeps messages for longer than another one, or that did not know of an erasure yet, writes what comes late of one that
 * is gone. Where messages still lie there is much to look at, so only days are looked at that have no partition any more. */
static bool remove_left(ByoPgWay *w, int before, int span)
{
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof hanging / sizeof *hanging; i++)
        ok = byo_pg_way_pieces(w, left_sql, &(Left){i, byo_id_at((before - span) * BYO_DAY)},
                               "cannot remove what is left of messages that are gone");
    return ok;
}

/* -- all of it --------------------------------------------------------------------------------------- */

static bool some_go(const ByoPgParts *p, int before, int span)
{
    bool some = false;
    for (size_t i = 0; i < p->n; i++)
        some |= (p->may &&
                 (p->at[i].going || p->at[i].how == BYO_PG_PART_PENDING || is_past(p, &p->at[i], before))) ||
                by_rows(p, &p->at[i], before, span);
    return some;
}

/* It may be that somebody else came before. */
static bool drop_some(ByoPgWay *w, ByoPgParts *p, int before, int span)
{
    bool ok = byo_pg_parts_look_again(w, p);
    if (ok && p->may)
        ok &= drop_marked(w, p, before);
    ok &= remove_rows(w, p, before, span);
    return byo_pg_parts_look_again(w, p) && ok;
}

/* What is left is looked at once for each day that goes, not again while a fault lasts; on a PostgreSQL without days, too. */
void byo_pg_parts_drop(ByoPgWay *w, ByoPgParts *p, int before, int kept)
{
    char lock[128];
    int span = byo_pg_parts_span(kept), known = p->removed;
    bool mine;
    p->removed = 0;
    snprintf(lock, sizeof lock, "SELECT pg_try_advisory_lock(" BYO_PG_LOCK_CLASS ", %d)",
             BYO_PG_LOCK_DAYS_END);
    if (!byo_pg_way_is(w, lock, cannot_drop, &mine))
        return;
    bool ok = !p->looked || !some_go(p, before, span) || (mine && drop_some(w, p, before, span));
    if (ok && mine && known != before)
        ok = remove_left(w, before, span);
    p->removed = ok ? before : 0;
}
