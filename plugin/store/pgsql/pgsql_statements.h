/* SPDX-License-Identifier: BSD-3-Clause
 * Every statement: BYO_PG(name, rows, what, sql). Prepared in a session at its first use; what: what cannot be done, for
 * sentences. rows: what it has to do with the tables message and segment, whose rows a turn holds in memory:
 *     APART    nothing
 *     SEES     it reads them: what is held is written before
 *     CHANGES  it changes them: what is held is written before, and forgotten, also what is kept from turn to turn
 *     CLEARS   it removes some that are over for long: the same, but none of those is kept
 *     ROWS     it is the rows' own (pgsql_rows.c)
 *     GATHERED it looks at what is gathered (pgsql_gather.c), which is written before
 * A plan that was made while a table was empty stays for a while, and for one row whatever reads all of it looks cheap. So none
 * must be possible: rows are met by SAME, not by =, which has no order an index could give; what is looked for one by one
 * stands behind OFFSET 0; an order no other index is to give has + 0. Nor may what is looked for be found in an index that is ordered by
 * something else before it, which is gone over as a whole, or by its first column alone: id stands in the index of its own alone, and
 * as id + 0 behind others; what two indexes have says || '' in one of them.
 * tests/store/test_pgsql_plans looks at all plans.
 * Included several times, each time with a BYO_PG of the includer's, which is undefined at the end. */
/* clang-format off */

#define SAME(a, b) a " BETWEEN " b " AND " b
#define SAYS(octets) octets " || ''::bytea"
/* No node that is there will still commit a row with such an id, nor will one that comes: in one snapshot with the rows. */
#define FLOOR \
       "(SELECT coalesce(min(coalesce((SELECT max(t.upto) FROM turn t WHERE t.slot = n.slot), 0)), 9223372036854775807)" \
       " FROM node n WHERE n.backend <> 0)"
/* -- pgsql_turn.c ------------------------------------------------------------------------------ */
BYO_PG(BEGIN, APART, "cannot begin a transaction", "BEGIN")
BYO_PG(COMMIT, APART, "cannot commit", "COMMIT")
BYO_PG(ROLLBACK, APART, "cannot roll back", "ROLLBACK")
BYO_PG(TURN_PUT, APART, "cannot keep the number of the transaction",
       "WITH old AS (DELETE FROM turn WHERE slot = $1 AND turn = $3) INSERT INTO turn (slot, turn, upto)"
       " VALUES ((SELECT slot FROM node WHERE slot = $1 AND epoch = $4), $2, $5) RETURNING xmin::text::int8")
/* Whoever takes a node over locks its slot exclusively, then raises the epoch: what TURN_PUT looks for is of later. */
BYO_PG(NODE_LOCK, APART, "cannot lock the node", "SELECT pg_advisory_xact_lock_shared(" BYO_PG_LOCK_CLASS ", $1::int4)")
/* Nobody who hands over is between the look and its commit while somebody opts out. */
BYO_PG(STOP_LOCK, APART, "cannot lock the opt-outs", "SELECT pg_advisory_xact_lock(" BYO_PG_LOCK_CLASS ", $1::int4)")
BYO_PG(STOP_LOCK_SHARED, APART, "cannot lock the opt-outs",
       "SELECT pg_advisory_xact_lock_shared(" BYO_PG_LOCK_CLASS ", $1::int4)")
BYO_PG(STOPPED, APART, "somebody opted out meanwhile",
       "SELECT 1 / CASE WHEN EXISTS (SELECT 1 FROM unnest($1::bytea[], $2::bytea[]) p (number, recipient) CROSS JOIN LATERAL"
       " (SELECT 1 FROM opt_out WHERE number = p.number AND recipient = p.recipient OFFSET 0) o) THEN 0 ELSE 1 END")
BYO_PG(NODE_POLICY, APART, "cannot keep what the node works by",
       "UPDATE node SET policy = $3 WHERE slot = $1 AND epoch = $2")
BYO_PG(NODE_SEEN, APART, "cannot keep the node",
       "UPDATE node SET seen = " BYO_PG_NOW ", backend = CASE WHEN $3::int8 <> 0 THEN 0 ELSE backend END"
       " WHERE slot = $1 AND epoch = $2")
/* As the index says it that has all that is open: only who means that index finds it. What is looked for by a carrier's id would
 * else go over all that is open, when it was little at the last ANALYZE. */
#define OPEN "state + 0 < 3"

#include "store/pgsql/pgsql_statements_nodes.h"

/* -- pgsql_counter.c --------------------------------------------------------------------------- */
/* Of the slots $1, those behind their turns $2. */
BYO_PG(COUNTERS, APART, "cannot read the counters",
       "SELECT c.kind, c.name, c.turn, c.n, c.slot FROM unnest($1::int8[], $2::int8[]) p (slot, turn)"
       " CROSS JOIN LATERAL (SELECT * FROM counter WHERE slot + 0 = p.slot AND turn + 0 > p.turn OFFSET 0) c ORDER BY c.turn")
BYO_PG(COUNTER, APART, "cannot read a counter",
       "SELECT sum(n)::int8 FROM (SELECT DISTINCT ON (slot) n FROM counter WHERE kind = $1 AND name = $2"
       " ORDER BY slot, turn DESC) c")
/* Where they lie is looked for one by one: a name has many rows that went. */
#define OLD_COUNTERS(kind, slot) \
       "(SELECT x.at FROM o CROSS JOIN LATERAL (SELECT ctid AS at FROM counter WHERE kind = " kind " AND name = o.name" \
       " AND slot = " slot " AND turn = o.turn OFFSET 0) x)"
BYO_PG(COUNTERS_PUT, APART, "cannot keep the counters",
       "WITH o AS (SELECT * FROM unnest($1::int8[], $2::bytea[], $3::int8[]) o (kind, name, turn)),"
       " old AS (DELETE FROM counter WHERE ctid = ANY (ARRAY" OLD_COUNTERS("o.kind", "$6") "))"
       " INSERT INTO counter (kind, name, slot, turn, n) SELECT p.kind, p.name, $6, $5::int8, p.n"
       " FROM unnest($1::int8[], $2::bytea[], $4::int8[]) p (kind, name, n)")
BYO_PG(COUNTERS_REMOVE, APART, "cannot remove counters",
       "WITH o AS (SELECT * FROM unnest($2::bytea[], $3::int8[]) o (name, turn))"
       " DELETE FROM counter WHERE ctid = ANY (ARRAY" OLD_COUNTERS("$1", "$4") ")")
#undef OLD_COUNTERS
/* What a slot has too much is given to others that have too little. Such a row's turn is below 0, the giver's own; it counts
 * when the other one has taken it into its count. */
BYO_PG(COUNTERS_GIVE, APART, "cannot keep the counters",
       "INSERT INTO counter (kind, name, slot, turn, n) SELECT $1, p.name, p.slot, -1 - $2::int8, p.n"
       " FROM unnest($3::bytea[], $4::int8[], $5::int8[]) p (name, slot, n)"
       " ON CONFLICT (kind, name, slot, turn) DO UPDATE SET n = counter.n + excluded.n")
BYO_PG(COUNTERS_TAKE, APART, "cannot keep the counters",
       "WITH t AS (DELETE FROM counter c WHERE c.slot + 0 = $1 AND c.turn + 0 < 0 RETURNING kind, name, n)"
       " SELECT kind, name, n FROM t")
/* What lies in a day came there by turns, which say up to where they gave out ids. */
BYO_PG(LAST_ID, SEES, "cannot read the last ids",
       "SELECT greatest((SELECT max(id) FROM message), (SELECT max(id) FROM event), (SELECT max(id) FROM audit),"
       " (SELECT max(id) FROM opt_history), (SELECT max(id) FROM inbound), (SELECT max(id) FROM early_receipt),"
       " (SELECT max(id) FROM inward), (SELECT max(upto) FROM turn))")

/* -- pgsql_rows.c, pgsql_columns.c -------------------------------------------------------------- */
#define VERDICT "code, cause, description, carrier_code"
#define SET_VERDICT "code = u.code, cause = u.cause, description = u.description, carrier_code = u.carrier_code"
#define SET_MESSAGE \
       "ended = u.ended, state = u.state, segments = u.segments, accepted = u.accepted, delivered = u.delivered," \
       " failed = u.failed, reported = u.reported, settled = u.settled, " SET_VERDICT
#define SET_SEGMENT \
       "due = u.due, first_handed = u.first_handed, handed = u.handed, ended = u.ended, accepted_at = u.accepted_at," \
       " state = u.state, tries = u.tries, flags = u.flags, foreign_id = u.foreign_id, loose_id = u.loose_id, slot = u.slot, " \
       SET_VERDICT
BYO_PG(MESSAGES_ADD, ROWS, "cannot keep a message", "INSERT INTO message SELECT * FROM unnest($1::message[])")
/* unnest: the column of $2, the guards. A row with one was not read: it is changed if that transaction wrote it last. Each
 * of them was there, else the turn is made again. */
#define GUARDED(row) " AND (u.unnest IS NULL OR " row ".xmin = u.unnest) RETURNING 1)" ALL_OF_THEM
#define ALL_OF_THEM " SELECT 1 / CASE WHEN (SELECT count(*) FROM d) = cardinality($1) THEN 1 ELSE 0 END"
BYO_PG(MESSAGES_UPDATE, ROWS, "cannot change a message",
       "WITH d AS (UPDATE message m SET " SET_MESSAGE " FROM unnest($1::message[], $2::xid[]) u WHERE " SAME("m.id", "u.id") GUARDED("m"))
#define MESSAGES(more, table) \
       "SELECT id, created, ended, expires, state, segments, accepted, delivered, failed, reported, settled," \
       " " VERDICT ", reports, mask, coding, data_coding, dcs, keyword, integration, charset, number, recipient," \
       " uuid, box, frame" more " FROM " table " WHERE id = ANY ($1::int8[])"
BYO_PG(MESSAGES, ROWS, "cannot read a message", MESSAGES("", "message") " ORDER BY id")
/* It is the lock of its segments, too: they are read behind it. */
BYO_PG(MESSAGES_LOCK, ROWS, "cannot read a message", MESSAGES("", "message") " ORDER BY id FOR NO KEY UPDATE")
/* Wherever they lie, but in no day before that of their ids: others need not be looked into. */
#define ANY_FROM(table) "(SELECT *, 2147483647 AS day FROM " table " UNION ALL SELECT * FROM " table "_over) a"
BYO_PG(MESSAGES_NEWEST, SEES, "cannot read a message", MESSAGES("", ANY_FROM("message")) " AND day >= $2 ORDER BY id DESC")
BYO_PG(SEGMENTS_ADD, ROWS, "cannot keep a segment", "INSERT INTO segment SELECT * FROM unnest($1::segment[])")
BYO_PG(SEGMENTS_UPDATE, ROWS, "cannot change a segment",
       "WITH d AS (UPDATE segment g SET " SET_SEGMENT " FROM unnest($1::segment[], $2::xid[]) u WHERE " SAME("g.id", "u.id") GUARDED("g"))
#define SEGMENTS(more, table) \
       "SELECT id, due, first_handed, handed, ended, state, tries, flags, " VERDICT ", integration," \
       " foreign_id, udh, payload, accepted_at, slot" more " FROM " table " WHERE id "
/* Those of the message $1. */
#define OF_MESSAGE "> $1 AND id < $1 + 256"
BYO_PG(SEGMENTS, ROWS, "cannot read a segment", SEGMENTS("", "segment") "= ANY ($1::int8[]) ORDER BY id")
BYO_PG(SEGMENTS_OF, SEES, "cannot read a segment", SEGMENTS("", "segment") OF_MESSAGE " ORDER BY id")
BYO_PG(MAYBE_DUPLICATE, SEES, "cannot read a segment",
       "SELECT 1 FROM segment WHERE id " OF_MESSAGE " AND flags & 2 <> 0 LIMIT 1")

#include "store/pgsql/pgsql_statements_over.h"
#undef GUARDED
#undef SET_MESSAGE
#undef SET_SEGMENT
#undef MESSAGES
#undef SEGMENTS

/* -- pgsql_want.c ------------------------------------------------------------------------------ */
BYO_PG(MOS_KNOWN, APART, "cannot look for a MO", "SELECT uuid FROM mo_seen WHERE uuid = ANY ($1::bytea[])")

/* -- pgsql_step.c ------------------------------------------------------------------------------ */
/* One that was erased meanwhile gets no past; else a message is there, when it is younger than all that retention takes. Nearly
 * no report was there before: to look costs as much again as to write, so the turn that meets with one is made again and looks. */
#define REPORTS_ADD_ \
       "INSERT INTO message_report SELECT p.* FROM unnest($1::message_report[]) p" \
       " WHERE NOT EXISTS (SELECT 1 FROM erased e WHERE e.id = (p.id & -256) OFFSET 0)"
BYO_PG(REPORTS_ADD, ROWS, "cannot keep a step of a message", REPORTS_ADD_)
BYO_PG(REPORTS_ADD_NEW, ROWS, "cannot keep a step of a message", REPORTS_ADD_ " ON CONFLICT DO NOTHING")
#undef REPORTS_ADD_
BYO_PG(REPORTS_ADD_OLD, ROWS, "cannot keep a step of a message",
       "INSERT INTO message_report SELECT p.* FROM unnest($1::message_report[]) p"
       " CROSS JOIN LATERAL (SELECT 1 FROM " ANY_FROM("message") " WHERE id = (p.id & -256) AND day >= " BYO_PG_DAY_OF("p.id")
       " OFFSET 0) a ON CONFLICT DO NOTHING")
/* PUT: of a message the turn holds. */
#define STEP_ADD_ \
       " ON CONFLICT (id) DO UPDATE SET steps = m.steps || excluded.steps" \
       " WHERE length(m.steps) + length(excluded.steps) <= $3"
BYO_PG(STEP_ADD, APART, "cannot keep a step of a message",
       "INSERT INTO message_step AS m (id, steps) SELECT id, $2 FROM " ANY_FROM("message") " WHERE id = $1 AND day >= " BYO_PG_DAY_OF("$1::int8") STEP_ADD_)
BYO_PG(STEP_PUT, APART, "cannot keep a step of a message",
       "INSERT INTO message_step AS m (id, steps) VALUES ($1, $2)" STEP_ADD_)
#undef STEP_ADD_
BYO_PG(STEPS, APART, "cannot read the steps of a message", "SELECT steps FROM message_step WHERE id = $1")
BYO_PG(REPORTS, GATHERED, "cannot read the steps of a message",
       "SELECT id, type, at FROM message_report WHERE id >= $1 AND id < $1 + 256 ORDER BY id, type")

/* -- pgsql_search.c ---------------------------------------------------------------------------- */
#define MESSAGE_FITS \
       " ($5 < 0 OR m.state = $5) AND ($6::text IS NULL OR m.integration = $6)" \
       " AND ($7::bytea IS NULL OR m.number IN ($7, '+'::bytea || $7))" \
       " AND ($8::text IS NULL OR m.cause = $8) AND ($9::bytea IS NULL OR m.carrier_code = $9)" \
       " AND ($10 = 0 OR ($10 > 0) = (EXISTS (SELECT 1 FROM segment g WHERE g.id > m.id AND g.id < m.id + 256" \
       " AND g.flags & 2 <> 0) OR EXISTS (SELECT 1 FROM segment_over g WHERE g.id > m.id AND g.id < m.id + 256" \
       " AND g.flags & 2 <> 0 AND g.day = m.day)))"
/* The newest, wherever they lie; those that are over on no day before that of their ids. WHERE behind the union: so each table gives
 * its own in order of the index, and none is sorted as a whole. */
#define NEWEST(columns, which, id, limit) \
       "(SELECT " columns " FROM (SELECT *, 2147483647 AS day FROM message UNION ALL SELECT * FROM message_over) a" which \
       " ORDER BY " id " DESC LIMIT " limit ") m"
#define BETWEEN(id) id " >= $1 AND " id " < $2"
#define OF_RECIPIENT(columns, hash, which, from, limit) \
       NEWEST(columns, " WHERE recipient_hash = " hash " AND " which " AND day >= " from, "id + 0", limit)
BYO_PG(SEARCH, SEES, "cannot read the messages",
       "SELECT m.id FROM " NEWEST("*", " WHERE " BETWEEN("id") " AND day >= $11", "id", "$4")
       " WHERE" MESSAGE_FITS " ORDER BY m.id DESC LIMIT $3")
BYO_PG(SEARCH_END, SEES, "cannot read the messages",
       "SELECT min(id) FROM " NEWEST("id", " WHERE " BETWEEN("id") " AND day >= $4", "id", "$3") " HAVING count(*) = $3")
BYO_PG(SEARCH_RECIPIENT, SEES, "cannot read the messages",
       "SELECT m.id FROM " OF_RECIPIENT("*", "$12", BETWEEN("id + 0"), "$11", "$4") " WHERE" MESSAGE_FITS
       " AND m.recipient IN ($13, '+'::bytea || $13) ORDER BY m.id DESC LIMIT $3")
BYO_PG(SEARCH_RECIPIENT_END, SEES, "cannot read the messages",
       "SELECT min(id) FROM " OF_RECIPIENT("id", "$5", BETWEEN("id + 0"), "$4", "$3")
       " HAVING count(*) = $3")
#undef MESSAGE_FITS
#undef BETWEEN

/* -- pgsql_copy.c ------------------------------------------------------------------------------ */
BYO_PG(BY_ID, SEES, "cannot find a segment",
       "SELECT id, state, slot FROM segment WHERE foreign_id IS NOT NULL AND state < 3 AND integration = $1"
       " AND foreign_id = $2 ORDER BY id + 0 DESC LIMIT $3")
/* The same for many: which of them, and the segment. */
BYO_PG(BY_IDS, SEES, "cannot find a segment",
       "SELECT g.id, g.state, g.slot, p.n FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY p (integration, foreign_id, n)"
       " CROSS JOIN LATERAL (SELECT id, state, slot FROM segment WHERE foreign_id IS NOT NULL AND state < 3"
       " AND integration = p.integration AND foreign_id = p.foreign_id ORDER BY id + 0 DESC LIMIT $3) g ORDER BY p.n")
/* Which of them are ids of segments that have several. */
BYO_PG(BY_COPIES, APART, "cannot find a segment",
       "SELECT DISTINCT p.n FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY p (integration, foreign_id, n)"
       " CROSS JOIN LATERAL (SELECT 1 FROM segment_copy WHERE integration = p.integration AND " SAYS("foreign_id") " = p.foreign_id OFFSET 0) c")
BYO_PG(BY_COPY, SEES, "cannot find a segment",
       "SELECT g.id, g.state, g.slot FROM (SELECT segment FROM segment_copy WHERE integration = $1 AND " SAYS("foreign_id") " = $2 OFFSET 0) c"
       " CROSS JOIN LATERAL (SELECT id, state, slot FROM " ANY_FROM("segment")
       " WHERE id = c.segment AND day >= " BYO_PG_DAY_OF("c.segment") " OFFSET 0) g ORDER BY g.state > 2, g.id DESC LIMIT $3")
/* Form by form, so that each is looked for in its index, whatever the statistics say of them. */
BYO_PG(BY_LOOSE_ID, SEES, "cannot find a segment",
       "SELECT DISTINCT x.id, x.state FROM unnest($2::bytea[]) f (form) CROSS JOIN LATERAL ("
       "SELECT id, state FROM segment WHERE loose_id IS NOT NULL AND state < 3 AND integration = $1 AND loose_id = f.form"
       " UNION ALL SELECT id, state FROM segment WHERE foreign_id IS NOT NULL AND state < 3 AND integration = $1"
       " AND foreign_id = f.form AND loose_id IS NULL"
       " UNION ALL SELECT g.id, g.state FROM (SELECT segment FROM segment_copy WHERE integration || '' = $1 AND loose_id = f.form"
       " OFFSET 0) c CROSS JOIN LATERAL (SELECT id, state FROM segment WHERE id = c.segment AND state < 3 OFFSET 0) g) x LIMIT $3")
/* The same of several, $3: which one a form is of; at most $4 of each in each way; whether it was by an older copy's. */
BYO_PG(BY_LOOSE_IDS, SEES, "cannot find a segment",
       "SELECT DISTINCT x.id, x.state, f.n, x.copied FROM unnest($1::text[], $2::bytea[], $3::int8[]) f (integration, form, n) CROSS JOIN LATERAL ("
       "(SELECT id, state, 0 AS copied FROM segment WHERE loose_id IS NOT NULL AND state < 3 AND integration = f.integration AND loose_id = f.form LIMIT $4)"
       " UNION ALL (SELECT id, state, 0 FROM segment WHERE foreign_id IS NOT NULL AND state < 3 AND integration = f.integration"
       " AND foreign_id = f.form AND loose_id IS NULL LIMIT $4)"
       " UNION ALL (SELECT g.id, g.state, 1 FROM (SELECT segment FROM segment_copy WHERE integration || '' = f.integration AND loose_id = f.form"
       " OFFSET 0) c CROSS JOIN LATERAL (SELECT id, state FROM segment WHERE id = c.segment AND state < 3 OFFSET 0) g LIMIT $4)) x")
/* PUT: of a segment the turn holds. */
#define COPY_ADD_ \
       "INSERT INTO segment_copy (segment, foreign_id, integration, loose_id, try, open, " VERDICT ") "
#define COPY_ADD_2 " ON CONFLICT (segment, foreign_id) DO UPDATE SET try = excluded.try WHERE segment_copy.foreign_id = ''"
BYO_PG(COPY_ADD, SEES, "cannot keep a message id",
       COPY_ADD_ "SELECT id, $2, integration, $3, $4, $5 <> 0, $6, $7, $8, $9 FROM " ANY_FROM("segment") " WHERE id = $1 AND day >= " BYO_PG_DAY_OF("$1::int8") COPY_ADD_2)
BYO_PG(COPY_PUT, APART, "cannot keep a message id",
       COPY_ADD_ "VALUES ($1, $2, $10, $3, $4, $5::int8 <> 0, $6, $7, $8, $9)" COPY_ADD_2)
#undef COPY_ADD_
#undef COPY_ADD_2
#undef ANY_FROM
BYO_PG(COPY_END, APART, "cannot change a message id",
       "UPDATE segment_copy SET open = false, code = $3, cause = $4, description = $5, carrier_code = $6"
       " WHERE segment = $1 AND foreign_id = $2")
BYO_PG(COPIES, APART, "cannot read message ids",
       "SELECT foreign_id, try, open, " VERDICT " FROM segment_copy WHERE segment = $1"
       " ORDER BY try, foreign_id LIMIT $2")
BYO_PG(ENDED_IDS, SEES, "cannot read message ids",
       "SELECT id, integration, foreign_id FROM (SELECT id, integration, foreign_id, state FROM segment_any"
       " ORDER BY id DESC LIMIT $1) g WHERE state > 2 AND foreign_id IS NOT NULL ORDER BY id")
#undef VERDICT
#undef SET_VERDICT

/* -- pgsql_queue.c ----------------------------------------------------------------------------- */
/* Of a node and an integration in one state: the first words are those of the index. */
#define OPEN_OF(slot) OPEN " AND slot = " slot " AND integration = $1 AND state = "
BYO_PG(PENDING_DUE, SEES, "cannot read the queue",
       "SELECT id, due FROM segment WHERE " OPEN_OF("$6") "$2 AND due >= $3 AND due <= $4 ORDER BY due, id + 0 LIMIT $5")
BYO_PG(PENDING_NEXT, SEES, "cannot read the queue",
       "SELECT due FROM segment WHERE " OPEN_OF("$4") "$2 AND due >= $3 ORDER BY due, id + 0 LIMIT 1")
BYO_PG(PENDING_OLDEST, SEES, "cannot read the queue",
       "SELECT s.n, q.id, q.due FROM unnest($2::int8[], $3::int8[]) s (n, due) CROSS JOIN LATERAL (SELECT min(id), min(due) FROM"
       " (SELECT id, due FROM segment WHERE " OPEN_OF("s.n") "0 AND due >= s.due ORDER BY due, id + 0 LIMIT 1000) x) q (id, due)"
       " WHERE q.id IS NOT NULL")
BYO_PG(QUEUE_WALK, SEES, "cannot read the queue",
       "SELECT id, due FROM segment WHERE " OPEN_OF("$5") "0 AND (due, id + 0) > ($2, $3) ORDER BY due, id + 0 LIMIT $4")
BYO_PG(HANDED_DUE_BY, CHANGES, "cannot change the hand-overs",
       "UPDATE segment SET due = $2 WHERE " OPEN_OF("$4") "1 AND due > $2 AND handed < $3 AND flags & 16 = 0")
BYO_PG(HANDED_DOUBT, CHANGES, "cannot mark the hand-overs",
       "UPDATE segment SET flags = flags | 2 WHERE " OPEN_OF("$3") "1 AND handed < $2 AND flags & 18 = 0")
BYO_PG(HANDED_BEFORE, SEES, "cannot count the hand-overs",
       "SELECT count(*) FROM segment WHERE " OPEN_OF("$4") "1 AND handed < $2 AND flags & $3 = 0")
#undef OPEN_OF

/* -- pgsql_resume.c ---------------------------------------------------------------------------- */
BYO_PG(REPLIES, SEES, "cannot read the replies",
       "SELECT number, recipient, keyword, created FROM message_any WHERE keyword > 0 AND id >= $1 ORDER BY id")
BYO_PG(LONG_MESSAGES, SEES, "cannot read the long messages",
       "SELECT m.recipient, coalesce(g.udh, o.udh) FROM " NEWEST("id, recipient, segments, day", "", "id", "$1 + 1")
       " LEFT JOIN LATERAL (SELECT id, udh FROM segment WHERE id = m.id + 1 OFFSET 0) g ON true"
       " LEFT JOIN LATERAL (SELECT id, udh FROM segment_over WHERE id = m.id + 1 AND day = m.day OFFSET 0) o ON true"
       " WHERE m.segments > 1 AND (g.id IS NOT NULL OR o.id IS NOT NULL) ORDER BY m.id")
BYO_PG(TAKEN, SEES, "cannot read the newest messages",
       "SELECT uuid, box, frame, state = 2 AND ended = created FROM (SELECT id, uuid, box, frame, state, ended,"
       " created, keyword FROM message_any ORDER BY id DESC LIMIT $1 + 1) m WHERE keyword = 0 ORDER BY id")
BYO_PG(TAKEN_OF, SEES, "cannot look for messages",
       "SELECT m.uuid, m.box, m.frame, m.state = 2 AND m.ended = m.created FROM unnest($1::int8[], $2::bytea[]) p (hash, uuid)"
       " CROSS JOIN LATERAL " OF_RECIPIENT("*", "p.hash", "id + 0 >= $3 AND (day <= $5 OR day = 2147483647)", "$4", "10")
       " WHERE m.uuid = p.uuid AND m.keyword = 0")
#undef NEWEST
#undef OF_RECIPIENT
BYO_PG(BACKING_OFF, SEES, "cannot read the queue",
       "SELECT g.id, m.number, m.recipient FROM segment g CROSS JOIN LATERAL"
       " (SELECT number, recipient FROM message WHERE id = g.id & ~255::int8 OFFSET 0) m"
       " WHERE g.state + 0 < 3 AND g.slot = $4 AND g.integration = $1 AND g.state = 0 AND g.due > $2 AND g.handed > 0"
       " ORDER BY g.due LIMIT $3")
/* From one to the next. */
#define NEXT_OPEN(after, n) \
       "SELECT id & ~255::int8, " n " FROM segment WHERE " OPEN " AND id > (" after " | 255) ORDER BY id LIMIT 1"
BYO_PG(OPEN_MESSAGES, SEES, "cannot read what is open",
       "WITH RECURSIVE m (id, n) AS ((" NEXT_OPEN("$1::int8", "1") ") UNION ALL SELECT x.* FROM m CROSS JOIN LATERAL ("
       NEXT_OPEN("m.id", "m.n + 1") ") x WHERE m.n < $2) SELECT id FROM m ORDER BY id")
#undef NEXT_OPEN

/* -- pgsql_number.c ---------------------------------------------------------------------------- */
#define NUMBER_COLUMNS "digits, short_code, integration, type, country, compliance, created, since"
BYO_PG(NUMBER_PUT, APART, "cannot keep a number",
       "INSERT INTO number (" NUMBER_COLUMNS ")"
       " VALUES ($1, $2::int8 <> 0, $3, $4, $5::text, $6::bytea, $7, $8) ON CONFLICT (digits) DO UPDATE SET"
       " short_code = excluded.short_code, integration = excluded.integration, type = excluded.type,"
       " country = excluded.country, compliance = excluded.compliance, created = excluded.created,"
       " since = excluded.since")
BYO_PG(NUMBER_BACK, APART, "cannot keep a number", "DELETE FROM number_left WHERE digits = $1")
BYO_PG(NUMBER_LEAVES, APART, "cannot remove a number",
       "INSERT INTO number_left (digits, short_code, integration, compliance, id)"
       " SELECT digits, short_code, integration, compliance, $2 FROM number WHERE digits = $1"
       " ON CONFLICT (digits) DO UPDATE SET short_code = excluded.short_code, integration = excluded.integration,"
       " compliance = excluded.compliance, id = excluded.id")
BYO_PG(NUMBER_REMOVE, APART, "cannot remove a number", "DELETE FROM number WHERE digits = $1")
BYO_PG(NUMBER, APART, "cannot read a number",
       "SELECT " NUMBER_COLUMNS " FROM number WHERE digits = $1")
BYO_PG(NUMBER_LEFT, APART, "cannot read a number",
       "SELECT digits, short_code, integration, NULL::text, NULL::text, compliance, 0::int8, id FROM number_left"
       " WHERE digits = $1")
BYO_PG(NUMBER_LEFT_PURGE, APART, "cannot forget numbers that left", "DELETE FROM number_left WHERE id < $1")
BYO_PG(NUMBER_COUNT, APART, "cannot count the numbers", "SELECT count(*) FROM number WHERE integration = $1")
BYO_PG(NUMBERS, APART, "cannot read the numbers",
       "SELECT " NUMBER_COLUMNS " FROM number"
       " WHERE digits > $1 AND ($2::text IS NULL OR integration = $2) AND ($3::text IS NULL OR type = $3)"
       " ORDER BY digits LIMIT $4")
#undef NUMBER_COLUMNS

/* -- pgsql_opt.c ------------------------------------------------------------------------------- */
BYO_PG(OPT_ADD, APART, "cannot keep an opt-out",
       "INSERT INTO opt_history (id, time, number, recipient, action, text, answer, who, reason, reading_of)"
       " VALUES ($1, $2, $3, $4, $5, $6::bytea, $7::bytea, $8::bytea, $9::bytea, $10::bytea)")
BYO_PG(OPT_OUT, APART, "cannot keep an opt-out",
       "INSERT INTO opt_out (number, recipient, reading_of, id) VALUES ($1, $2, $3, $4)"
       " ON CONFLICT (number, recipient, reading_of) DO UPDATE SET id = excluded.id")
BYO_PG(OPT_IN, APART, "cannot keep an opt-in",
       "DELETE FROM opt_out WHERE number = $1 AND recipient = $2 AND ($3::bytea IS NULL OR reading_of = $3)")
BYO_PG(OPT_ANSWER, APART, "cannot keep what was answered",
       "UPDATE opt_history SET answer = $4::bytea WHERE who = 'recipient' AND id ="
       " (SELECT max(id + 0) FROM opt_history WHERE number = $1 AND recipient = $2 AND id + 0 < $3)")
BYO_PG(OPT_OUTS, APART, "cannot read the opt-outs",
       "SELECT number, recipient, reading_of FROM opt_out WHERE (number, recipient, reading_of) > ($1, $2, $3)"
       " ORDER BY number, recipient, reading_of LIMIT $4")
BYO_PG(OPTED_OUT, APART, "cannot read an opt-out",
       "SELECT 1 FROM opt_out WHERE number = $1 AND recipient = $2 LIMIT 1")
BYO_PG(OPTED_OUT_ITSELF, APART, "cannot read an opt-out",
       "SELECT 1 FROM opt_out WHERE number = $1 AND recipient = $2 AND reading_of = ''")
/* id: else an index that has all the rest might be read as a whole. */
BYO_PG(OPT_READINGS, APART, "cannot read the opt-outs",
       "SELECT recipient FROM opt_out WHERE " SAYS("number") " = $1 AND " SAYS("reading_of") " = $2 AND reading_of <> ''"
       " AND id + 0 > 0 ORDER BY recipient")
#define OPT_COLUMNS \
       "SELECT h.id, h.time, h.number, h.recipient, h.action, h.text, h.answer, h.who, h.reason, h.reading_of FROM "
#define OPT_PAGE(id) " AND " id " < $3 ORDER BY " id " DESC LIMIT $4"
#define OPT_EACH(which) \
       "unnest($2::bytea[]) p (recipient) CROSS JOIN LATERAL (SELECT * FROM opt_history h WHERE " which OPT_PAGE("h.id + 0") ") h" \
       " ORDER BY h.id DESC LIMIT $4"
BYO_PG(OPT_HISTORY_PAIR, APART, "cannot read the opt-outs",
       OPT_COLUMNS OPT_EACH("h.number = $1::bytea AND h.recipient = p.recipient"))
BYO_PG(OPT_HISTORY_NUMBER, APART, "cannot read the opt-outs",
       OPT_COLUMNS "opt_history h WHERE h.number = $1::bytea AND $2::bytea[] IS NULL" OPT_PAGE("h.id + 0"))
BYO_PG(OPT_HISTORY_RECIPIENT, APART, "cannot read the opt-outs",
       OPT_COLUMNS OPT_EACH("$1::bytea IS NULL AND h.recipient = p.recipient"))
BYO_PG(OPT_HISTORY, APART, "cannot read the opt-outs",
       OPT_COLUMNS "opt_history h WHERE $1::bytea IS NULL AND $2::bytea[] IS NULL" OPT_PAGE("h.id"))
BYO_PG(OPT_CURRENT, APART, "cannot read the opt-outs",
       OPT_COLUMNS "opt_out o JOIN opt_history h ON h.id = o.id WHERE ($1::bytea IS NULL OR o.number = $1)"
       " AND ($2::bytea[] IS NULL OR o.recipient = ANY ($2)) AND o.id < $3 ORDER BY o.id DESC LIMIT $4")
#undef OPT_COLUMNS
#undef OPT_PAGE
#undef OPT_EACH
BYO_PG(OPT_FORGET_TEXTS, APART, "cannot erase the texts of STOPs",
       "UPDATE opt_history SET text = NULL, reason = CASE WHEN who = 'recipient' AND coalesce(reading_of, '') = ''"
       " THEN NULL ELSE reason END WHERE recipient = $1 AND text IS NOT NULL")

/* -- pgsql_state.c: integrations, events, audit ------------------------------------------------- */
#define INTEGRATION_COLUMNS "integration, wanted, deleted, state, reason, since, applied"
#define INTEGRATIONS "SELECT " INTEGRATION_COLUMNS " FROM integration_state "
BYO_PG(INTEGRATION_SEEN, APART, "cannot keep an integration's state",
       "INSERT INTO integration_node (integration, slot, state, reason, since, applied, binds, online)"
       " VALUES ($1, $2, $3, $4::text, $5, $6::text, $7, $8) ON CONFLICT (integration, slot) DO UPDATE"
       " SET state = excluded.state, reason = excluded.reason, since = excluded.since, applied = excluded.applied,"
       " binds = excluded.binds, online = excluded.online")
BYO_PG(INTEGRATIONS_SEEN, APART, "cannot read the integrations of all nodes",
       "SELECT n.node, i.integration, i.state, i.reason, i.since, i.applied, i.binds, i.online,"
       " EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.pid = n.backend"
       " AND coalesce((extract(epoch FROM a.backend_start) * 1000000)::int8 = n.started, true)) FROM integration_node i"
       " JOIN node n ON n.slot = i.slot ORDER BY i.integration, i.slot")
/* What is wanted is not touched. */
BYO_PG(INTEGRATION_STATE, APART, "cannot keep an integration's state",
       "INSERT INTO integration_state (integration, wanted, deleted, state, reason, since, applied)"
       " VALUES ($1, $2::int8 <> 0, $3::int8 <> 0, $4, $5::text, $6, $7::text) ON CONFLICT (integration) DO UPDATE"
       " SET state = excluded.state, reason = excluded.reason, since = excluded.since, applied = excluded.applied")
BYO_PG(INTEGRATION_LEAVES, APART, "cannot forget an integration",
       "DELETE FROM integration_node WHERE integration = $1 AND slot = $2")
BYO_PG(INTEGRATION_PUT, APART, "cannot keep an integration's state",
       "INSERT INTO integration_state (" INTEGRATION_COLUMNS ")"
       " VALUES ($1, $2::int8 <> 0, $3::int8 <> 0, $4, $5::text, $6, $7::text) ON CONFLICT (integration) DO UPDATE"
       " SET wanted = excluded.wanted, deleted = excluded.deleted, state = excluded.state, reason = excluded.reason,"
       " since = excluded.since, applied = excluded.applied")
/* Seen here and known nowhere: it was deleted by the others while this node was away for more than a day. */
BYO_PG(INTEGRATION, APART, "cannot read an integration's state",
       "SELECT coalesce(i.integration, n.integration), coalesce(i.wanted, false), coalesce(i.deleted, true),"
       " coalesce(n.state, i.state), CASE WHEN n.state IS NULL THEN i.reason ELSE n.reason END,"
       " coalesce(n.since, i.since), i.applied FROM (SELECT 1) one LEFT JOIN integration_state i ON i.integration = $1"
       " LEFT JOIN integration_node n ON n.integration = $1 AND n.slot = $2"
       " WHERE i.integration IS NOT NULL OR n.integration IS NOT NULL")
/* A node that was not there for a day is waited for no longer. */
BYO_PG(INTEGRATION_FORGET, APART, "cannot forget an integration",
       "DELETE FROM integration_state WHERE integration = $1"
       " AND NOT EXISTS (SELECT 1 FROM integration_node n JOIN node k ON k.slot = n.slot WHERE n.integration = $1"
       " AND k.seen > " BYO_PG_NOW " - " BYO_PG_SLOT_KEPT ")")
BYO_PG(INTEGRATIONS, APART, "cannot read the integrations", INTEGRATIONS "ORDER BY integration")
#undef INTEGRATIONS
#undef INTEGRATION_COLUMNS
#define EVENT_COLUMNS "id, time, last, count, definition, name, entity, previous, current, error_code, text, node"
BYO_PG(EVENT_ADD, APART, "cannot keep an event",
       "INSERT INTO event (" EVENT_COLUMNS ")"
       " VALUES ($1, $2, $3, $4, $5, $6::bytea, $7::bytea, $8::bytea, $9::bytea, $10::bytea, $11::bytea,"
       " $12)")
BYO_PG(EVENT_REPEAT, APART, "cannot keep an event", "UPDATE event SET count = $2, last = $3 WHERE id = $1")
#define EVENTS \
       "SELECT " EVENT_COLUMNS " FROM event" \
       " WHERE id > $1 AND id < $2 AND time >= $3 AND time < $4 AND ($5::bytea IS NULL OR entity = $5)" \
       " AND ($6::text IS NULL OR definition = $6)"
#define SETTLED " AND id <= " FLOOR
BYO_PG(EVENTS_OLDEST, APART, "cannot read the events", EVENTS SETTLED " ORDER BY id ASC LIMIT $7")
BYO_PG(EVENTS_NEWEST, APART, "cannot read the events", EVENTS " ORDER BY id DESC LIMIT $7")
BYO_PG(EVENTS_SETTLED, APART, "cannot read the events", EVENTS SETTLED " ORDER BY id DESC LIMIT $7")
#undef SETTLED
#undef EVENTS
#undef EVENT_COLUMNS
BYO_PG(AUDIT_ADD, APART, "cannot keep an audit row",
       "INSERT INTO audit (id, time, who, action, entity, detail)"
       " VALUES ($1, $2, $3::bytea, $4::bytea, $5::bytea, $6::bytea)")
BYO_PG(AUDIT, APART, "cannot read the audit",
       "SELECT id, time, who, action, entity, detail FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2")

/* -- pgsql_inward.c ---------------------------------------------------------------------------- */
BYO_PG(INWARD_ADD, APART, "cannot keep a report or MO",
       "INSERT INTO inward SELECT * FROM unnest($1::inward[])")
/* Each of them was there: else another node removed and counted it, too (an erasure). */
BYO_PG(INWARD_REMOVE, APART, "cannot forget a report or MO",
       "WITH d AS (DELETE FROM inward WHERE id = ANY ($1::int8[]) RETURNING id)" ALL_OF_THEM)
#undef ALL_OF_THEM
BYO_PG(INWARD_TAKE, GATHERED, "cannot forget a report or MO", "DELETE FROM inward WHERE id = $1 RETURNING named, box")
BYO_PG(INWARD_OF, GATHERED, "cannot read what waits for a smsbox",
       "SELECT id, frame FROM inward WHERE named = ($1::int8 <> 0) AND box = $2 AND id + 0 > $3 ORDER BY id + 0 LIMIT $4")
/* Those of nobody behind $6 and this node's behind $3: each lie together in the index, whatever else there is (for IS NULL, which is
 * no =, the order says so). Before them whether
 * no other is of nobody (one that another node has locked is, should its turn fail), and behind which id all lie that come later. */
#define INWARD_BOX "FROM inward WHERE named = ($1::int8 <> 0) AND box = $2 AND slot "
BYO_PG(INWARD_CLAIM, APART, "cannot read what waits for a smsbox",
       "WITH c AS (SELECT id, frame " INWARD_BOX "IS NULL AND id + 0 > $6 ORDER BY slot, id + 0 LIMIT $4 FOR UPDATE SKIP LOCKED),"
       " u AS (UPDATE inward i SET slot = $5::int8 FROM c WHERE " SAME("i.id", "c.id") "),"
       " o AS (SELECT id, frame " INWARD_BOX "= $5::int8 AND id + 0 > $3 ORDER BY id + 0 LIMIT $4),"
       " n AS (SELECT count(*) AS n FROM (SELECT 1 " INWARD_BOX "IS NULL AND id + 0 > $6 LIMIT $4) x)"
       " SELECT NULL, NULL, (SELECT n < $4 AND n = (SELECT count(*) FROM c) FROM n), " FLOOR " UNION ALL SELECT * FROM (SELECT id, frame, NULL::boolean, NULL::int8"
       " FROM c UNION ALL SELECT id, frame, NULL, NULL FROM o ORDER BY id LIMIT $4) x")
BYO_PG(INWARD_RELEASE, GATHERED, "cannot give up what waits for a smsbox",
       "UPDATE inward i SET slot = NULL FROM (SELECT id " INWARD_BOX "= $3::int8 ORDER BY box, slot, id + 0 LIMIT $4) x"
       " WHERE " SAME("i.id", "x.id"))
BYO_PG(INWARD_OLD, GATHERED, "cannot read what waits for a smsbox",
       "WITH c AS (SELECT id, frame " INWARD_BOX "IS NULL AND id + 0 > $3 ORDER BY slot, id + 0 LIMIT $4 FOR UPDATE SKIP LOCKED),"
       " o AS (SELECT id, frame " INWARD_BOX "= $5::int8 AND id + 0 > $3 ORDER BY id + 0 LIMIT $4 FOR UPDATE SKIP LOCKED)"
       " SELECT id, frame FROM c UNION ALL SELECT id, frame FROM o ORDER BY id LIMIT $4")
#undef INWARD_BOX
BYO_PG(INWARD_ALL, GATHERED, "cannot read what waits for a smsbox",
       "SELECT id, named, box, frame FROM inward WHERE id > $1 ORDER BY id LIMIT $2")
BYO_PG(INWARD_BOXES, GATHERED, "cannot read the destinations",
       BOXES "SELECT named, box FROM b")
#undef BOXES
BYO_PG(MO_KNOWN, APART, "cannot look for a MO", "SELECT 1 FROM mo_seen WHERE uuid = $1")
BYO_PG(MO_NOTE, APART, "cannot remember a MO",
       "INSERT INTO mo_seen (uuid, seen) VALUES ($1, $2) ON CONFLICT (uuid) DO NOTHING")

/* -- pgsql_early.c ----------------------------------------------------------------------------- */
BYO_PG(EARLY_ADD, APART, "cannot keep an early receipt",
       "INSERT INTO early_receipt SELECT * FROM unnest($1::early_receipt[])")
BYO_PG(EARLY_NEXT, APART, "cannot find an early receipt",
       "SELECT e.* FROM unnest($3::bytea[]) f (form) CROSS JOIN LATERAL (SELECT id, foreign_id <> $2 AS other, frame, segment"
       " FROM early_receipt WHERE integration = $1 AND loose_id = f.form AND (foreign_id <> $2, id) > ($4::int8 <> 0, $5)"
       " OFFSET 0) e ORDER BY e.other, e.id LIMIT 1")
/* Each form of each is looked for in the index. */
BYO_PG(EARLY_OF, APART, "cannot find an early receipt",
       "SELECT e.* FROM unnest($1::text[], $2::bytea[]) f (integration, form) CROSS JOIN LATERAL"
       " (SELECT id, integration, foreign_id, loose_id, frame, segment FROM early_receipt WHERE integration = f.integration"
       " AND loose_id = f.form OFFSET 0) e")
BYO_PG(EARLY_STILL, APART, "cannot find an early receipt",
       "SELECT f.n FROM unnest($1::text[], $2::bytea[]) WITH ORDINALITY f (integration, form, n) CROSS JOIN LATERAL"
       " (SELECT 1 FROM early_receipt WHERE integration = f.integration AND loose_id = f.form LIMIT 1) e")
BYO_PG(EARLY_FORMS, APART, "cannot find an early receipt",
       "SELECT id, integration, loose_id FROM early_receipt WHERE id > $1 ORDER BY id LIMIT $2")
/* As changes of the slot $1: those behind $4 whose segment has its id, and, told to $1 alone, those that were left to who is none of
 * $5, which are there. OFFSET 0: each is looked for in the index, never all that is open. */
BYO_PG(EARLY_OVERDUE, SEES, "cannot find an early receipt",
       "SELECT $1::int8, 0::int8, CASE WHEN e.segment IS NULL THEN $2::int8 ELSE $6::int8 END,"
       " convert_to(e.integration, 'UTF8') || '\\x00'::bytea || e.foreign_id"
       " || CASE WHEN e.segment IS NULL THEN ''::bytea ELSE '\\x00'::bytea || convert_to($1::int8::text, 'UTF8') END, e.id"
       " FROM early_receipt e WHERE e.id > $4 AND CASE WHEN e.segment IS NOT NULL THEN"
       " NOT EXISTS (SELECT 1 FROM segment WHERE id = e.segment AND slot + 0 = ANY ($5::int8[]) OFFSET 0)"
       " ELSE EXISTS (SELECT 1 FROM (VALUES (e.foreign_id), (e.loose_id)) f (form) CROSS JOIN LATERAL (SELECT 1 FROM segment"
       " WHERE foreign_id IS NOT NULL AND state < 3 AND integration = e.integration AND foreign_id = f.form OFFSET 0) g)"
       " OR EXISTS (SELECT 1 FROM segment WHERE loose_id IS NOT NULL AND state < 3"
       " AND integration = e.integration AND loose_id = e.loose_id OFFSET 0) END ORDER BY e.id LIMIT $3")
/* One that names two ids has two rows. */
BYO_PG(EARLY_REMOVE, APART, "cannot forget an early receipt",
       "DELETE FROM early_receipt e USING unnest($1::int8[]) p (id) WHERE e.id BETWEEN p.id AND p.id + 1")
BYO_PG(EARLY_PURGE, APART, "cannot remove old early receipts",
       "WITH d AS (DELETE FROM early_receipt e USING (SELECT id FROM early_receipt WHERE id >= $3 AND id < $1 ORDER BY id LIMIT $2) x"
       " WHERE " SAME("e.id", "x.id") " RETURNING 1) SELECT (SELECT count(*) FROM d), " FLOOR)
BYO_PG(EARLY_ALL, APART, "cannot read early receipts",
       "SELECT id, frame FROM early_receipt WHERE id > $1 ORDER BY id LIMIT $2")

/* -- pgsql_inbound.c --------------------------------------------------------------------------- */
#define INBOUND_COLUMNS "id, integration, number, sender, keyword, uuid, box, text"
BYO_PG(INBOUND_ADD, APART, "cannot keep an inbound message",
       "INSERT INTO inbound (" INBOUND_COLUMNS ")"
       " VALUES ($1, $2, $3, $4, $5, $6, $7::bytea, $8::bytea)")
#define INBOUND "SELECT " INBOUND_COLUMNS " FROM "
#define INBOUND_FITS \
       " WHERE ($4::text IS NULL OR integration = $4) AND ($5::bytea IS NULL OR number = $5)" \
       " ORDER BY id DESC LIMIT $7"
BYO_PG(INBOUND, APART, "cannot read an inbound message", INBOUND "inbound WHERE id = $1")
/* Of the newest $6 of a time, or of a sender in it, those that fit. */
BYO_PG(INBOUNDS, APART, "cannot read the inbound messages",
       INBOUND "(SELECT * FROM inbound WHERE id >= $1 AND id < $2 AND $3::bytea IS NULL ORDER BY id DESC LIMIT $6) i"
       INBOUND_FITS)
BYO_PG(INBOUNDS_OF, APART, "cannot read the inbound messages",
       INBOUND "(SELECT * FROM inbound WHERE id + 0 >= $1 AND id + 0 < $2 AND sender = $3::bytea ORDER BY id + 0 DESC LIMIT $6) i"
       INBOUND_FITS)
#undef INBOUND_FITS
#undef INBOUND
#undef INBOUND_COLUMNS
/* The last of them; 0: that is all there are. */
#define INBOUNDS_STOP(id, sender) \
       "SELECT CASE WHEN count(*) = $4 THEN min(id) END FROM (SELECT id FROM inbound WHERE " id " >= $1 AND " id " < $2" \
       " AND " sender " ORDER BY " id " DESC LIMIT $4) i"
BYO_PG(INBOUNDS_STOP, APART, "cannot read the inbound messages", INBOUNDS_STOP("id", "$3::bytea IS NULL"))
BYO_PG(INBOUNDS_OF_STOP, APART, "cannot read the inbound messages", INBOUNDS_STOP("id + 0", "sender = $3::bytea"))
#undef INBOUNDS_STOP
BYO_PG(INBOUND_FORGET, APART, "cannot remove inbound messages", "DELETE FROM inbound WHERE sender = $1")

/* -- pgsql_statistic.c, pgsql_setting.c -------------------------------------------------------- */
BYO_PG(STATISTIC, APART, "cannot read the statistics",
       "SELECT counts FROM statistic WHERE span = $1 AND at = $2 AND integration = $3")
BYO_PG(STATISTIC_PUT, APART, "cannot keep the statistics",
       "INSERT INTO statistic (span, at, integration, counts) VALUES ($1, $2, $3, $4)"
       " ON CONFLICT (span, at, integration) DO UPDATE SET counts = excluded.counts")
BYO_PG(STATISTIC_REMOVE, APART, "cannot keep the statistics",
       "DELETE FROM statistic WHERE span = $1 AND at = $2 AND integration = $3")
BYO_PG(STATISTICS, APART, "cannot read the statistics",
       "SELECT at, integration, counts FROM statistic WHERE span = $1 AND at >= $2 AND at < $3"
       " ORDER BY at, integration")
BYO_PG(STATISTICS_PURGE, APART, "cannot remove old statistics", "DELETE FROM statistic WHERE span = $1 AND at < $2")
BYO_PG(SETTING, APART, "cannot read a setting", "SELECT value FROM setting WHERE name = $1")
BYO_PG(SETTING_PUT, APART, "cannot keep a setting",
       "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
BYO_PG(SETTING_REMOVE, APART, "cannot keep a setting", "DELETE FROM setting WHERE name = $1")

#include "store/pgsql/pgsql_statements_end.h"
#undef OPEN
#undef FLOOR
#undef SAYS
#undef SAME

#undef BYO_PG
