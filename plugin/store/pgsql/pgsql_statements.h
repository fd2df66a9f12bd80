/* SPDX-License-Identifier: BSD-3-Clause
 * Every statement: BYO_PG(name, rows, what, sql). Prepared in a session at its first use; what: what cannot be done, for
 * sentences. rows: what it has to do with the tables message and segment, whose rows a turn holds in memory:
 *     APART    nothing
 *     SEES     it reads them: what is held is written before
 *     CHANGES  it changes them: what is held is written before, and forgotten
 *     ROWS     it is pgsql_rows.c's own
 * Included several times, each time with a BYO_PG of the includer's, which is undefined at the end. */
/* clang-format off */

/* -- pgsql_turn.c ------------------------------------------------------------------------------ */
BYO_PG(BEGIN, APART, "cannot begin a transaction", "BEGIN")
BYO_PG(COMMIT, APART, "cannot commit", "COMMIT")
BYO_PG(ROLLBACK, APART, "cannot roll back", "ROLLBACK")
BYO_PG(TURN_PUT, APART, "cannot keep the number of the transaction",
       "WITH old AS (DELETE FROM turn WHERE node = $1 AND turn = $3) INSERT INTO turn (node, turn) VALUES ($1, $2)")
BYO_PG(PROBE, APART, "cannot write",
       "INSERT INTO probe (id, room) SELECT 1, string_agg(decode(md5(i::text), 'hex'), '')"
       " FROM generate_series(1, $1 / 16 + 1) i ON CONFLICT (id) DO UPDATE SET room = excluded.room")
BYO_PG(PROBE_REMOVE, APART, "cannot write", "DELETE FROM probe")

/* -- pgsql_counter.c --------------------------------------------------------------------------- */
BYO_PG(COUNTERS, APART, "cannot read the counters", "SELECT kind, name, turn, n FROM counter ORDER BY turn")
BYO_PG(COUNTER, APART, "cannot read a counter",
       "SELECT n FROM counter WHERE kind = $1 AND name = $2 ORDER BY turn DESC LIMIT 1")
BYO_PG(COUNTERS_PUT, APART, "cannot keep the counters",
       "WITH old AS (DELETE FROM counter c USING unnest($1::int8[], $2::bytea[], $3::int8[]) o (kind, name, turn)"
       " WHERE c.kind = o.kind AND c.name = o.name AND c.turn = o.turn)"
       " INSERT INTO counter (kind, name, turn, n) SELECT p.kind, p.name, $5::int8, p.n"
       " FROM unnest($1::int8[], $2::bytea[], $4::int8[]) p (kind, name, n)")
BYO_PG(LAST_ID, SEES, "cannot read the last ids",
       "SELECT greatest((SELECT max(id) FROM message), (SELECT max(id) FROM event), (SELECT max(id) FROM audit),"
       " (SELECT max(id) FROM opt_history), (SELECT max(id) FROM inbound), (SELECT max(id) FROM early_receipt)),"
       " (SELECT max(id) FROM inward)")

/* -- pgsql_rows.c ------------------------------------------------------------------------------ */
BYO_PG(MESSAGES_ADD, ROWS, "cannot keep a message",
       "INSERT INTO message (id, created, ended, expires, recipient_hash, state, segments, accepted, delivered,"
       " failed, reported, settled, code, reports, mask, coding, data_coding, dcs, keyword, integration, cause,"
       " description, carrier_code, charset, number, recipient, uuid, box, frame)"
       " SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],"
       " $8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::int8[], $14::int8[], $15::int8[],"
       " $16::int8[], $17::int8[], $18::int8[], $19::int8[], $20::text[], $21::text[], $22::bytea[],"
       " $23::bytea[], $24::bytea[], $25::bytea[], $26::bytea[], $27::bytea[], $28::bytea[], $29::bytea[])")
BYO_PG(MESSAGES_UPDATE, ROWS, "cannot change a message",
       "UPDATE message m SET ended = u.ended, state = u.state, segments = u.segments, accepted = u.accepted,"
       " delivered = u.delivered, failed = u.failed, reported = u.reported, settled = u.settled, code = u.code,"
       " cause = u.cause, description = u.description, carrier_code = u.carrier_code"
       " FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],"
       " $8::int8[], $9::int8[], $10::int8[], $11::text[], $12::bytea[], $13::bytea[])"
       " u (id, ended, state, segments, accepted, delivered, failed, reported, settled, code, cause, description,"
       " carrier_code) WHERE m.id = u.id")
BYO_PG(MESSAGES, ROWS, "cannot read a message",
       "SELECT id, created, ended, expires, state, segments, accepted, delivered, failed, reported, settled, code,"
       " cause, description, carrier_code, reports, mask, coding, data_coding, dcs, keyword, integration, charset,"
       " number, recipient, uuid, box, frame FROM message WHERE id = ANY ($1::int8[]) ORDER BY id")
BYO_PG(MESSAGES_NEWEST, SEES, "cannot read a message",
       "SELECT id, created, ended, expires, state, segments, accepted, delivered, failed, reported, settled, code,"
       " cause, description, carrier_code, reports, mask, coding, data_coding, dcs, keyword, integration, charset,"
       " number, recipient, uuid, box, frame FROM message WHERE id = ANY ($1::int8[]) ORDER BY id DESC")
BYO_PG(SEGMENTS_ADD, ROWS, "cannot keep a segment",
       "INSERT INTO segment (id, due, first_handed, handed, ended, state, tries, flags, code, integration, cause,"
       " description, carrier_code, foreign_id, loose_id, udh, payload)"
       " SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],"
       " $8::int8[], $9::int8[], $10::text[], $11::text[], $12::bytea[], $13::bytea[], $14::bytea[], $15::bytea[],"
       " $16::bytea[], $17::bytea[])")
BYO_PG(SEGMENTS_UPDATE, ROWS, "cannot change a segment",
       "UPDATE segment g SET due = u.due, first_handed = u.first_handed, handed = u.handed, ended = u.ended,"
       " state = u.state, tries = u.tries, flags = u.flags, code = u.code, cause = u.cause,"
       " description = u.description, carrier_code = u.carrier_code, foreign_id = u.foreign_id,"
       " loose_id = u.loose_id"
       " FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],"
       " $8::int8[], $9::int8[], $10::text[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[])"
       " u (id, due, first_handed, handed, ended, state, tries, flags, code, cause, description, carrier_code,"
       " foreign_id, loose_id) WHERE g.id = u.id")
BYO_PG(SEGMENTS, ROWS, "cannot read a segment",
       "SELECT id, due, first_handed, handed, ended, state, tries, flags, code, cause, description, carrier_code,"
       " integration, foreign_id, udh, payload FROM segment WHERE id = ANY ($1::int8[]) ORDER BY id")

BYO_PG(SEGMENTS_OF, SEES, "cannot read a segment",
       "SELECT id, due, first_handed, handed, ended, state, tries, flags, code, cause, description, carrier_code,"
       " integration, foreign_id, udh, payload FROM segment WHERE id > $1 AND id < $1 + 256 ORDER BY id")
BYO_PG(MAYBE_DUPLICATE, SEES, "cannot read a segment",
       "SELECT 1 FROM segment WHERE id > $1 AND id < $1 + 256 AND flags & 2 <> 0 LIMIT 1")

/* -- pgsql_search.c ---------------------------------------------------------------------------- */
#define MESSAGE_FITS \
       " ($5 < 0 OR m.state = $5) AND ($6::text IS NULL OR m.integration = $6)" \
       " AND ($7::bytea IS NULL OR m.number IN ($7, '+'::bytea || $7))" \
       " AND ($8::text IS NULL OR m.cause = $8) AND ($9::bytea IS NULL OR m.carrier_code = $9)" \
       " AND ($10 = 0 OR ($10 > 0) = EXISTS (SELECT 1 FROM segment g WHERE g.id > m.id AND g.id < m.id + 256" \
       " AND g.flags & 2 <> 0))"
BYO_PG(SEARCH, SEES, "cannot read the messages",
       "SELECT m.id FROM (SELECT * FROM message WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT $4) m"
       " WHERE" MESSAGE_FITS " ORDER BY m.id DESC LIMIT $3")
BYO_PG(SEARCH_END, SEES, "cannot read the messages",
       "SELECT min(id) FROM (SELECT id FROM message WHERE id >= $1 AND id < $2 ORDER BY id DESC LIMIT $3) m"
       " HAVING count(*) = $3")
BYO_PG(SEARCH_RECIPIENT, SEES, "cannot read the messages",
       "SELECT m.id FROM (SELECT * FROM message WHERE recipient_hash = $11 AND id >= $1 AND id < $2"
       " ORDER BY id DESC LIMIT $4) m WHERE" MESSAGE_FITS
       " AND m.recipient IN ($12, '+'::bytea || $12) ORDER BY m.id DESC LIMIT $3")
BYO_PG(SEARCH_RECIPIENT_END, SEES, "cannot read the messages",
       "SELECT min(id) FROM (SELECT id FROM message WHERE recipient_hash = $4 AND id >= $1 AND id < $2"
       " ORDER BY id DESC LIMIT $3) m HAVING count(*) = $3")
#undef MESSAGE_FITS

/* -- pgsql_copy.c ------------------------------------------------------------------------------ */
BYO_PG(BY_ID, SEES, "cannot find a segment",
       "SELECT id, state FROM segment WHERE foreign_id IS NOT NULL AND state < 3 AND integration = $1"
       " AND foreign_id = $2 ORDER BY id DESC LIMIT $3")
BYO_PG(BY_COPY, SEES, "cannot find a segment",
       "SELECT g.id, g.state FROM segment_copy c JOIN segment g ON g.id = c.segment WHERE c.integration = $1"
       " AND c.foreign_id = $2 ORDER BY g.state > 2, g.id DESC LIMIT $3")
BYO_PG(BY_LOOSE_ID, SEES, "cannot find a segment",
       "SELECT id, state FROM segment WHERE loose_id IS NOT NULL AND state < 3 AND integration = $1"
       " AND loose_id = ANY ($2::bytea[])"
       " UNION SELECT id, state FROM segment WHERE foreign_id IS NOT NULL AND state < 3 AND integration = $1"
       " AND foreign_id = ANY ($2::bytea[]) AND loose_id IS NULL"
       " UNION SELECT g.id, g.state FROM segment_copy c JOIN segment g ON g.id = c.segment AND g.state < 3"
       " WHERE c.integration = $1 AND c.loose_id = ANY ($2::bytea[]) LIMIT $3")
BYO_PG(COPY_ADD, SEES, "cannot keep a message id",
       "INSERT INTO segment_copy (segment, foreign_id, integration, loose_id, try, open, code, cause, description,"
       " carrier_code) SELECT id, $2, integration, $3, $4, $5 <> 0, $6, $7, $8, $9 FROM segment WHERE id = $1"
       " ON CONFLICT (segment, foreign_id) DO UPDATE SET try = excluded.try WHERE segment_copy.foreign_id = ''")
BYO_PG(COPY_END, APART, "cannot change a message id",
       "UPDATE segment_copy SET open = false, code = $3, cause = $4, description = $5, carrier_code = $6"
       " WHERE segment = $1 AND foreign_id = $2")
BYO_PG(COPIES, APART, "cannot read message ids",
       "SELECT foreign_id, try, open, code, cause, description, carrier_code FROM segment_copy WHERE segment = $1"
       " ORDER BY try, foreign_id LIMIT $2")
BYO_PG(ENDED_IDS, SEES, "cannot read message ids",
       "SELECT id, integration, foreign_id FROM (SELECT id, integration, foreign_id, state FROM segment"
       " ORDER BY id DESC LIMIT $1) g WHERE state > 2 AND foreign_id IS NOT NULL ORDER BY id")

/* -- pgsql_queue.c ----------------------------------------------------------------------------- */
BYO_PG(PENDING_DUE, SEES, "cannot read the queue",
       "SELECT id, due FROM segment WHERE state < 3 AND integration = $1 AND state = $2 AND due >= $3 AND due <= $4"
       " ORDER BY due, id LIMIT $5")
BYO_PG(PENDING_NEXT, SEES, "cannot read the queue",
       "SELECT due FROM segment WHERE state < 3 AND integration = $1 AND state = $2 AND due >= $3"
       " ORDER BY due, id LIMIT 1")
BYO_PG(PENDING_OLDEST, SEES, "cannot read the queue",
       "SELECT min(id) FROM (SELECT id FROM segment WHERE state < 3 AND integration = $1 AND state = 0"
       " AND due >= $2 ORDER BY due, id LIMIT 1000) q")
BYO_PG(QUEUE_WALK, SEES, "cannot read the queue",
       "SELECT id, due FROM segment WHERE state < 3 AND integration = $1 AND state = 0 AND (due, id) > ($2, $3)"
       " ORDER BY due, id LIMIT $4")
BYO_PG(HANDED_DUE_BY, CHANGES, "cannot change the hand-overs",
       "UPDATE segment SET due = $2 WHERE state < 3 AND integration = $1 AND state = 1 AND due > $2 AND handed < $3")
BYO_PG(HANDED_DOUBT, CHANGES, "cannot mark the hand-overs",
       "UPDATE segment SET flags = flags | 2 WHERE state < 3 AND integration = $1 AND state = 1 AND handed < $2"
       " AND flags & 2 = 0")
BYO_PG(HANDED_BEFORE, SEES, "cannot count the hand-overs",
       "SELECT count(*) FROM segment WHERE state < 3 AND integration = $1 AND state = 1 AND handed < $2"
       " AND flags & $3 = 0")

/* -- pgsql_resume.c ---------------------------------------------------------------------------- */
BYO_PG(REPLIES, SEES, "cannot read the replies",
       "SELECT number, recipient, keyword, created FROM message WHERE keyword > 0 AND id >= $1 ORDER BY id")
BYO_PG(LONG_MESSAGES, SEES, "cannot read the long messages",
       "SELECT m.recipient, g.udh FROM (SELECT id, recipient, segments FROM message ORDER BY id DESC LIMIT $1 + 1) m"
       " JOIN segment g ON g.id = m.id + 1 WHERE m.segments > 1 ORDER BY m.id")
BYO_PG(TAKEN, SEES, "cannot read the newest messages",
       "SELECT uuid, box, frame, state = 2 AND ended = created FROM (SELECT id, uuid, box, frame, state, ended,"
       " created, keyword FROM message ORDER BY id DESC LIMIT $1 + 1) m WHERE keyword = 0 ORDER BY id")
BYO_PG(BACKING_OFF, SEES, "cannot read the queue",
       "SELECT g.id, m.number, m.recipient FROM segment g JOIN message m ON m.id = g.id & ~255::int8"
       " WHERE g.state < 3 AND g.integration = $1 AND g.state = 0 AND g.due > $2 AND g.handed > 0"
       " ORDER BY g.due LIMIT $3")
BYO_PG(OPEN_MESSAGES, SEES, "cannot read what is open",
       "SELECT DISTINCT id & ~255::int8 FROM segment WHERE state < 3 AND id > ($1::int8 | 255) ORDER BY 1 LIMIT $2")

/* -- pgsql_number.c ---------------------------------------------------------------------------- */

/* -- pgsql_opt.c ------------------------------------------------------------------------------- */

/* -- pgsql_state.c: integrations, events, audit ------------------------------------------------- */

/* -- pgsql_inward.c ---------------------------------------------------------------------------- */

/* -- pgsql_early.c ----------------------------------------------------------------------------- */

/* -- pgsql_inbound.c --------------------------------------------------------------------------- */

/* -- pgsql_statistic.c, pgsql_setting.c -------------------------------------------------------- */

/* -- pgsql_erase.c, pgsql_expiry.c, pgsql_clock.c ---------------------------------------------- */

#undef BYO_PG
