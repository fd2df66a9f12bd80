/* SPDX-License-Identifier: BSD-3-Clause
 * The part of pgsql_statements.h, which alone includes it, by which nodes know of each other and share what there is. */
/* clang-format off */

/* -- pgsql_others.c ---------------------------------------------------------------------------- */
BYO_PG(CHANGE_ADD, APART, "cannot tell the other nodes of a change",
       "INSERT INTO change SELECT * FROM unnest($1::change[])")
BYO_PG(CHANGES, APART, "cannot read what other nodes changed",
       "SELECT c.slot, c.n, c.kind, c.key FROM unnest($1::int8[], $2::int8[]) p (slot, n) CROSS JOIN LATERAL"
       " (SELECT * FROM change WHERE slot = p.slot AND n > p.n ORDER BY n LIMIT $3) c ORDER BY c.slot, c.n LIMIT $3")
BYO_PG(CHANGES_LAST, APART, "cannot read what other nodes changed", "SELECT slot, max(n) FROM change GROUP BY slot")
BYO_PG(CHANGES_FORGET, APART, "cannot forget old changes", "DELETE FROM change WHERE slot = $1 AND n < $2")
BYO_PG(OTHERS, APART, "cannot look for other nodes",
       "SELECT s.slot, coalesce(n.epoch, 0), coalesce(n.backend, 0), coalesce((SELECT max(t.turn) FROM turn t"
       " WHERE t.slot = s.slot), 0), n.node, n.host, coalesce((SELECT max(t.upto) FROM turn t WHERE t.slot = s.slot), 0),"
       " n.policy FROM generate_series(0, 7) s (slot) LEFT JOIN node n ON n.slot = s.slot"
       " WHERE s.slot <> $1")
BYO_PG(NODE_END, APART, "cannot end the session of a node that is gone",
       "SELECT pg_terminate_backend(a.pid) FROM node n JOIN pg_stat_activity a ON a.pid = n.backend"
       " AND (extract(epoch FROM a.backend_start) * 1000000)::int8 = n.started WHERE n.slot = $1"
       " AND pg_has_role(a.usesysid, 'USAGE')")
BYO_PG(NODE_TAKE, APART, "cannot lock a node that is gone",
       "SELECT pg_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", $1::int4)")
BYO_PG(NODE_RAISE, APART, "cannot end a node that is gone",
       "UPDATE node SET epoch = epoch + 1, backend = 0 WHERE slot = $1 AND epoch = $2")
/* From a slot nobody has, behind a place; the place of the last. */
BYO_PG(SEGMENTS_MOVE, SEES, "cannot take over segments",
       "WITH b AS (SELECT id, integration, state, due FROM segment WHERE " OPEN " AND slot = $1"
       " AND (integration, state, due, id + 0) > ($3, $4, $5, $6)"
       " AND NOT EXISTS (SELECT 1 FROM node WHERE slot = $1 AND backend <> 0)"
       " ORDER BY integration, state, due, id + 0 LIMIT $7 FOR UPDATE SKIP LOCKED),"
       " u AS (UPDATE segment g SET slot = $2, flags = CASE WHEN g.state = 1 THEN g.flags | 16 ELSE g.flags END"
       " FROM b WHERE " SAME("g.id", "b.id") ")"
       " SELECT integration, state, due, id FROM b ORDER BY integration DESC, state DESC, due DESC, id DESC LIMIT 1")
/* To one of the slots $3 that can send; which, and how many. */
BYO_PG(SEGMENTS_GIVE, SEES, "cannot give segments to another node",
       "WITH t AS (SELECT slot FROM share WHERE integration = $1 AND open AND slot = ANY ($3::int8[]) ORDER BY slot LIMIT 1),"
       " b AS (SELECT g.id FROM segment g WHERE g.state + 0 < 3 AND g.slot = $2 AND g.integration = $1 AND g.state = 0"
       " AND EXISTS (SELECT 1 FROM t) ORDER BY g.due, g.id + 0 LIMIT $4 FOR UPDATE SKIP LOCKED),"
       " u AS (UPDATE segment g SET slot = (SELECT slot FROM t) FROM b WHERE " SAME("g.id", "b.id") ")"
       " SELECT t.slot, (SELECT count(*) FROM b) FROM t")
/* The destinations inward, from one to the next, past all that went and is not cleaned away: at a start, or beside turns.
 * And what a slot has for each of them. */
#define BOXES \
       "WITH RECURSIVE b (named, box) AS ((SELECT named, box FROM inward ORDER BY named, box LIMIT 1) UNION ALL" \
       " SELECT n.named, n.box FROM b CROSS JOIN LATERAL (SELECT named, box FROM inward" \
       " WHERE (named, box) > (b.named, b.box) ORDER BY named, box LIMIT 1) n) "
#define INWARD_OF_SLOT(slot) \
       "FROM b CROSS JOIN LATERAL (SELECT id FROM inward WHERE named = b.named AND box = b.box AND slot = " slot \
       " OFFSET 0) i"
#define SLOT_OF "(SELECT slot FROM node WHERE node = $1)"
BYO_PG(SEGMENTS_AT, SEES, "cannot count what a node has",
       "SELECT integration, state, count(*) FROM segment WHERE " OPEN " AND slot = " SLOT_OF
       " GROUP BY integration, state")
BYO_PG(INWARD_AT, GATHERED, "cannot count what a node has", BOXES "SELECT count(*) " INWARD_OF_SLOT(SLOT_OF))
#undef SLOT_OF
BYO_PG(INWARD_FREE, GATHERED, "cannot take over what waits for smsboxes",
       "WITH b AS (SELECT named <> 0 AS named, box FROM unnest($2::int8[], $3::bytea[]) b (named, box))"
       " UPDATE inward w SET slot = NULL WHERE id = ANY (ARRAY(SELECT i.id " INWARD_OF_SLOT("$1") ")) AND slot + 0 = $1"
       " AND NOT EXISTS (SELECT 1 FROM node n WHERE n.slot = $1 AND n.backend <> 0)")
#undef INWARD_OF_SLOT
BYO_PG(ALONE, APART, "cannot wait for another node", "SELECT pg_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", $1::int4)")

/* -- pgsql_kept.c ------------------------------------------------------------------------------- */
/* Of the rows $1 each was written last by its transaction of $2. */
#define AS_WRITTEN(of, more) \
       "WITH l AS (SELECT 1 FROM unnest($1::int8[], $2::xid[]) p (id, writer) CROSS JOIN LATERAL (SELECT 1 FROM " of \
       " WHERE id = p.id AND xmin = p.writer OFFSET 0" more ") r)" \
       " SELECT 1 / CASE WHEN (SELECT count(*) FROM l) = cardinality($1) THEN 1 ELSE 0 END"
BYO_PG(KEPT_LOCK, ROWS, "a message was changed meanwhile", AS_WRITTEN("message", " FOR NO KEY UPDATE"))
BYO_PG(KEPT_SEGMENTS, ROWS, "a segment was changed meanwhile", AS_WRITTEN("segment", ""))
#undef AS_WRITTEN

/* -- pgsql_share.c ----------------------------------------------------------------------------- */
BYO_PG(SHARES_LOCK, APART, "cannot lock the shares",
       "SELECT pg_try_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", $1::int4)::int")
BYO_PG(SHARES, APART, "cannot read the shares", "SELECT integration, slot, rate, wants, open FROM share")
BYO_PG(SHARES_PUT, APART, "cannot keep the shares",
       "INSERT INTO share (integration, slot, rate, wants, open) SELECT p.integration, $5, p.rate, p.wants <> 0, p.open <> 0"
       " FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[]) p (integration, rate, wants, open)"
       " ON CONFLICT (integration, slot) DO UPDATE SET rate = excluded.rate, wants = excluded.wants, open = excluded.open")
/* Of what it has not: those it can send nothing by. The others it gives up a round later. */
BYO_PG(SHARES_LEAVE, APART, "cannot keep the shares",
       "WITH d AS (DELETE FROM share WHERE slot = $1 AND integration <> ALL ($2::text[]) AND NOT wants AND NOT open)"
       " UPDATE share SET wants = false, open = false WHERE slot = $1 AND integration <> ALL ($2::text[])"
       " AND (wants OR open)")
BYO_PG(SHARES_REMOVE, APART, "cannot remove the shares of a node that is gone",
       "DELETE FROM share WHERE slot = $1 AND NOT EXISTS (SELECT 1 FROM node n WHERE n.slot = $1 AND n.backend <> 0)")

BYO_PG(PROBE, APART, "cannot write",
       "INSERT INTO probe (id, room) SELECT 1, string_agg(decode(md5(i::text), 'hex'), '')"
       " FROM generate_series(1, $1 / 16 + 1) i ON CONFLICT (id) DO UPDATE SET room = excluded.room")
BYO_PG(PROBE_REMOVE, APART, "cannot write", "DELETE FROM probe")
