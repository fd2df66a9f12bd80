/* SPDX-License-Identifier: BSD-3-Clause
 * The end of partitions of days that are past retention, and of what is left of their messages elsewhere.
 * Decides: in which order one goes. It is marked (day_going), so that only what byobox itself detached is ever dropped, and
 * an erasure knows where to look besides (pgsql_erase.c). It is detached, which waits for older transactions as long as
 * for any lock and is tried again later; what hangs on its messages is removed in pieces; then it is dropped with its mark. What
 * was begun and not brought to its end is gone on with, by whichever node comes. One drops at a time. Where the role may
 * not drop one, its messages are removed in pieces.
 * Ownership: none of the store's. Threads: any, one for each session. */
#include "store/pgsql/pgsql_parts.h"

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

/* It is no partition any more. No turn waits meanwhile, and an old transaction is waited for as long as for a lock. */
static bool detach(ByoPgWay *w, const ByoPgPart *part)
{
    return part->how < BYO_PG_PART_PENDING ||
           byo_pg_way_tell(w, "a day that is past its retention waits for an older transaction",
                           "ALTER TABLE byobox.%s_over DETACH PARTITION %s %s", byo_pg_part_kinds[part->kind],
                           part->name, part->how == BYO_PG_PART_PENDING ? "FINALIZE" : "CONCURRENTLY");
}

static bool drop(ByoPgWay *w, const ByoPgPart *part)
{
    return detach(w, part) && !byo_pg_way_stopped(w) &&
           (part->kind == BYO_PG_PART_SEGMENTS || part->how == BYO_PG_PART_GONE ||
            byo_pg_way_pieces(w, hanging_sql, part, cannot_remove)) &&
           byo_pg_way_tell(
               w, cannot_drop,
               "BEGIN; DROP TABLE IF EXISTS %s; DELETE FROM byobox.day_going WHERE name = '%s'; COMMIT",
               part->name, part->name);
}

/* What goes is marked, and what is not to go any more is not. */
static bool mark(ByoPgWay *w, ByoPgParts *p, int before)
{
    bool ok = true;
    for (size_t i = 0; ok && i < p->n; i++) {
        ByoPgPart *part = &p->at[i];
        if (part->how != BYO_PG_PART_ATTACHED || part->going == (part->upto <= before))
            continue;
        ok = part->going ? byo_pg_way_tell(w, cannot_drop, "DELETE FROM byobox.day_going WHERE name = '%s'",
                                           part->name)
                         : byo_pg_way_tell(w, cannot_drop,
                                           "INSERT INTO byobox.day_going (name, kind) VALUES ('%s', '%s')",
                                           part->name, byo_pg_part_kinds[part->kind]);
        part->going = !part->going;
    }
    return ok;
}

/* Somebody began to detach it by hand: it is put away, and nothing else can be detached before. */
static bool finish(ByoPgWay *w, ByoPgParts *p)
{
    bool ok = true;
    for (size_t i = 0; ok && i < p->n; i++)
        if (p->at[i].how == BYO_PG_PART_PENDING && !p->at[i].going) {
            ok = detach(w, &p->at[i]);
            p->at[i].how = BYO_PG_PART_LOOSE;
        }
    return ok;
}

static bool drop_marked(ByoPgWay *w, ByoPgParts *p, int before)
{
    bool ok = finish(w, p) && mark(w, p, before);
    for (size_t i = 0; ok && i < p->n; i++)
        ok = !p->at[i].going || (!byo_pg_way_stopped(w) && drop(w, &p->at[i]));
    return ok;
}

/* It does not go yet, and some of its messages do: they were to be kept for longer when it was made. */
static bool by_rows(const ByoPgParts *p, const ByoPgPart *part, int before, int span)
{
    return part->how == BYO_PG_PART_ATTACHED && part->kind == BYO_PG_PART_MESSAGES && part->from < before &&
           (!p->may || (part->upto > before && part->upto - part->from > span));
}

static bool remove_rows(ByoPgWay *w, const ByoPgParts *p, int before, int span)
{
    bool ok = true;
    for (size_t i = 0; ok && i < p->n; i++)
        ok = !by_rows(p, &p->at[i], before, span) ||
             (!byo_pg_way_stopped(w) &&
              byo_pg_way_pieces(w, rows_sql, &(Rows){&p->at[i], before}, cannot_remove));
    return ok;
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
static void remove_left(ByoPgWay *w, int before, int span)
{
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof hanging / sizeof *hanging; i++)
        ok = byo_pg_way_pieces(w, left_sql, &(Left){i, byo_id_at((before - span) * BYO_DAY)},
                               "cannot remove what is left of messages that are gone");
}

/* -- all of it --------------------------------------------------------------------------------------- */

static bool some_go(const ByoPgParts *p, int before, int span)
{
    bool some = false;
    for (size_t i = 0; i < p->n; i++)
        some |=
            (p->may && (p->at[i].going || p->at[i].how == BYO_PG_PART_PENDING || p->at[i].upto <= before)) ||
            by_rows(p, &p->at[i], before, span);
    return some;
}

/* It may be that somebody else came before. */
static bool drop_some(ByoPgWay *w, ByoPgParts *p, int before, int span)
{
    bool ok = byo_pg_parts_look_again(w, p) && (!p->may || drop_marked(w, p, before)) &&
              remove_rows(w, p, before, span);
    return byo_pg_parts_look_again(w, p) && ok;
}

void byo_pg_parts_drop(ByoPgWay *w, ByoPgParts *p, int before, int kept)
{
    char lock[128];
    int span = byo_pg_parts_span(kept);
    bool mine;
    snprintf(lock, sizeof lock, "SELECT pg_try_advisory_lock(" BYO_PG_LOCK_CLASS ", %d)",
             BYO_PG_LOCK_DAYS_END);
    if (!p->looked || !byo_pg_way_is(w, lock, cannot_drop, &mine))
        return;
    if (!some_go(p, before, span) || (mine && drop_some(w, p, before, span)))
        p->removed = before;
    if (mine)
        remove_left(w, before, span);
}
