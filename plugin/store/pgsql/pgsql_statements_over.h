/* SPDX-License-Identifier: BSD-3-Clause
 * The part of pgsql_statements.h, which alone includes it, by which messages that ended go to their day's partition, are read there
 * and changed. */
/* clang-format off */

/* A day may be named that is no more one: the turn is made again, without it. */
BYO_PG(MESSAGES_ADD_OVER, ROWS, "cannot keep a message",
       "INSERT INTO message_over SELECT * FROM unnest($1::message[], $2::int8[])")
BYO_PG(SEGMENTS_ADD_OVER, ROWS, "cannot keep a segment",
       "INSERT INTO segment_over SELECT * FROM unnest($1::segment[], $2::int8[])")
/* As MESSAGES_UPDATE and SEGMENTS_UPDATE, and they leave the open tables. */
BYO_PG(MESSAGES_LEAVE, ROWS, "cannot change a message",
       "WITH d AS (DELETE FROM message m USING unnest($1::message[], $2::xid[], $3::int8[]) u (id, created, ended, expires,"
       " recipient_hash, state, segments, accepted, delivered, failed, reported, settled, code, reports, mask, coding, data_coding,"
       " dcs, keyword, integration, cause, description, carrier_code, charset, number, recipient, uuid, box, frame, guard, day)"
       " WHERE " SAME("m.id", "u.id") " AND (u.guard IS NULL OR m.xmin = u.guard) RETURNING m.id, m.created, u.ended, m.expires, m.recipient_hash, u.state,"
       " u.segments, u.accepted, u.delivered, u.failed, u.reported, u.settled, u.code, m.reports, m.mask, m.coding, m.data_coding,"
       " m.dcs, m.keyword, m.integration, u.cause, u.description, u.carrier_code, m.charset, m.number, m.recipient, m.uuid, m.box,"
       " m.frame, u.day), o AS (INSERT INTO message_over SELECT * FROM d)" ALL_OF_THEM)
BYO_PG(SEGMENTS_LEAVE, ROWS, "cannot change a segment",
       "WITH d AS (DELETE FROM segment g USING unnest($1::segment[], $2::xid[], $3::int8[]) u (id, due, first_handed, handed, ended,"
       " accepted_at, state, tries, flags, code, integration, cause, description, carrier_code, foreign_id, loose_id, udh, payload,"
       " slot, guard, day) WHERE " SAME("g.id", "u.id") " AND (u.guard IS NULL OR g.xmin = u.guard) RETURNING g.id, u.due, u.first_handed,"
       " u.handed, u.ended, u.accepted_at, u.state, u.tries, u.flags, u.code, g.integration, u.cause, u.description, u.carrier_code,"
       " u.foreign_id, u.loose_id, g.udh, g.payload, u.slot, u.day), o AS (INSERT INTO segment_over SELECT * FROM d)" ALL_OF_THEM)
/* All segments of messages, as they are. */
BYO_PG(SEGMENTS_LEAVE_ALL, ROWS, "cannot change a segment",
       "WITH d AS (DELETE FROM segment g USING unnest($1::int8[], $2::int8[]) u (id, day) WHERE g.id > u.id AND g.id < u.id + 256"
       " RETURNING g.*, u.day) INSERT INTO segment_over SELECT * FROM d")
/* Late. */
BYO_PG(MESSAGES_UPDATE_OVER, ROWS, "cannot change a message",
       "WITH d AS (UPDATE message_over m SET " SET_MESSAGE " FROM unnest($1::message[], $2::int8[]) u"
       " WHERE " SAME("m.id", "u.id") " AND m.day = u.unnest RETURNING 1)" ALL_OF_THEM)
BYO_PG(SEGMENTS_UPDATE_OVER, ROWS, "cannot change a segment",
       "WITH d AS (UPDATE segment_over g SET " SET_SEGMENT " FROM unnest($1::segment[], $2::int8[]) u"
       " WHERE " SAME("g.id", "u.id") " AND g.day = u.unnest RETURNING 1)" ALL_OF_THEM)
/* Those that are not among the open ones. They lie in no day before that of their ids, $2. */
BYO_PG(MESSAGES_OVER, ROWS, "cannot read a message",
       MESSAGES(", day", "message_over") " AND day >= $2 ORDER BY id")
BYO_PG(MESSAGES_OVER_LOCK, ROWS, "cannot read a message",
       MESSAGES(", day", "message_over") " AND day >= $2 ORDER BY id FOR NO KEY UPDATE")
BYO_PG(SEGMENTS_OVER, ROWS, "cannot read a segment",
       SEGMENTS(", day", "segment_over") "= ANY ($1::int8[]) AND day >= $2 ORDER BY id")
BYO_PG(SEGMENTS_OF_OVER, ROWS, "cannot read a segment",
       SEGMENTS(", day", "segment_over") OF_MESSAGE " AND day BETWEEN $2 AND $3 ORDER BY id")
BYO_PG(MAYBE_DUPLICATE_OVER, ROWS, "cannot read a segment",
       "SELECT 1 FROM segment_over WHERE id " OF_MESSAGE " AND flags & 2 <> 0 AND day BETWEEN $2 AND $3 LIMIT 1")
