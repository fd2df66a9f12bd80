/* SPDX-License-Identifier: BSD-3-Clause
 * The part of pgsql_statements.h, which alone includes it, by which old rows and what somebody asked to erase go, and by
 * which time is known and jumps.
 * It ends the macro OF_MESSAGE. */
/* clang-format off */

/* -- pgsql_erase.c, pgsql_purge.c, pgsql_clock.c ----------------------------------------------- */
BYO_PG(ERASE_COPIES, APART, "cannot erase a message", "DELETE FROM segment_copy WHERE segment > $1 AND segment < $1 + 256")
BYO_PG(ERASE_STEPS, APART, "cannot erase a message", "DELETE FROM message_step WHERE id = $1")
BYO_PG(ERASE_REPORTS, GATHERED, "cannot erase a message",
       "DELETE FROM message_report WHERE id >= $1 AND id < $1 + 256")
BYO_PG(ERASE_SEGMENTS, CHANGES, "cannot erase a message", "DELETE FROM segment WHERE id " OF_MESSAGE)
BYO_PG(ERASE_MESSAGE, CHANGES, "cannot erase a message", "DELETE FROM message WHERE id = $1")
BYO_PG(ERASE_SEGMENTS_OVER, CHANGES, "cannot erase a message", "DELETE FROM segment_over WHERE day = $2 AND id " OF_MESSAGE)
BYO_PG(ERASE_MESSAGE_OVER, CHANGES, "cannot erase a message", "DELETE FROM message_over WHERE day = $2 AND id = $1")
BYO_PG(ERASE_GOING, APART, "cannot erase a message", "SELECT erase_going($1, $2)")
BYO_PG(ERASED, APART, "cannot erase a message", "INSERT INTO erased (id) VALUES ($1) ON CONFLICT DO NOTHING")
BYO_PG(EVENTS_OF, APART, "cannot erase a number in events",
       "SELECT id, text, entity, previous, current FROM event WHERE position($1 IN text) > 0"
       " OR position($1 IN entity) > 0 OR position($1 IN previous) > 0 OR position($1 IN current) > 0")
BYO_PG(EVENT_ERASE, APART, "cannot erase a number in events",
       "UPDATE event SET text = $2::bytea, entity = $3::bytea, previous = $4::bytea, current = $5::bytea WHERE id = $1")
#undef OF_MESSAGE
BYO_PG(PURGE_LOOK, SEES, "cannot read old messages",
       "SELECT id, ended, segments FROM message WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3")
/* Messages from $1 to $2, pair by pair; with the last one's segments they end 255 behind it. */
#define RUNS "USING unnest($1::int8[], $2::int8[]) r (first, last) WHERE "
BYO_PG(PURGE_COPIES, APART, "cannot remove old messages",
       "DELETE FROM segment_copy c " RUNS "c.segment BETWEEN r.first AND r.last + 255")
BYO_PG(PURGE_STEPS, APART, "cannot remove old messages",
       "DELETE FROM message_step g " RUNS "g.id BETWEEN r.first AND r.last")
BYO_PG(PURGE_REPORTS, GATHERED, "cannot remove old messages",
       "DELETE FROM message_report g " RUNS "g.id BETWEEN r.first AND r.last + 255")
BYO_PG(PURGE_SEGMENTS, CLEARS, "cannot remove old messages",
       "DELETE FROM segment g " RUNS "g.id BETWEEN r.first AND r.last + 255")
BYO_PG(PURGE_MESSAGES, CLEARS, "cannot remove old messages",
       "DELETE FROM message m " RUNS "m.id BETWEEN r.first AND r.last")
#undef RUNS
BYO_PG(PURGE_ERASED, APART, "cannot forget what was erased", "DELETE FROM erased WHERE id < $1")
BYO_PG(PURGE_EVENTS, APART, "cannot remove old events",
       "DELETE FROM event e USING (SELECT id FROM event WHERE id < $1 AND last < $2 ORDER BY id LIMIT $3) x WHERE " SAME("e.id", "x.id"))
BYO_PG(PURGE_INBOUND, APART, "cannot remove old inbound messages",
       "DELETE FROM inbound i USING (SELECT id FROM inbound WHERE id < $1 ORDER BY id LIMIT $2) x WHERE " SAME("i.id", "x.id"))
BYO_PG(PURGE_MOS, APART, "cannot forget old MOs",
       "DELETE FROM mo_seen m USING (SELECT uuid FROM mo_seen"
       " WHERE seen < (SELECT max(seen) FROM mo_seen) - $1 ORDER BY seen LIMIT $2) x WHERE " SAME("m.uuid", "x.uuid"))
BYO_PG(EXPIRED, SEES, "cannot look for expired messages",
       "SELECT g.id FROM message m JOIN segment g ON g.id > m.id AND g.id <= m.id + m.segments WHERE m.expires > 0"
       " AND m.expires > $1 AND m.expires <= $2 AND m.ended = 0 AND g.state = 0 AND g.slot = $4 LIMIT $3")
/* Who may not ask for the size, or for what a standby does, is told less and is no fault: a right that is missing would
 * fail the whole transaction, so it is looked at first. */
BYO_PG(CONDITION_MAY, APART, "cannot look at the database",
       "SELECT has_table_privilege('pg_catalog.pg_stat_replication', 'SELECT')"
       " AND has_function_privilege('pg_catalog.pg_database_size(name)', 'EXECUTE')")
BYO_PG(CONDITION, APART, "cannot look at the database",
       "SELECT CASE WHEN has_database_privilege(current_database(), 'CONNECT')"
       " THEN pg_database_size(current_database()) ELSE -1 END, current_setting('fsync') = 'on',"
       " current_setting('synchronous_standby_names') = '',"
       " (SELECT count(*) FROM pg_stat_replication WHERE coalesce(state, '') <> 'backup')")
BYO_PG(CLOCK, APART, "cannot read the clock", "SELECT n FROM clock WHERE name = $1")
BYO_PG(CLOCK_PUT, APART, "cannot note the clock",
       "INSERT INTO clock (name, n) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET n = excluded.n")
#define JUMPED(column) column " = CASE WHEN " column " > 0 THEN greatest(" column " + $1, 1) ELSE " column " END"
BYO_PG(CLOCK_SEGMENTS, CHANGES, "cannot follow the clock",
       "UPDATE segment SET " JUMPED("due") ", " JUMPED("first_handed") ", " JUMPED("handed") ", " JUMPED("accepted_at")
       " WHERE " OPEN " AND slot = $2")
BYO_PG(CLOCK_MESSAGES, CHANGES, "cannot follow the clock",
       "UPDATE message m SET expires = greatest(expires + $1, 1) WHERE expires > 0 AND ended = 0"
       " AND EXISTS (SELECT 1 FROM segment g WHERE g.id > m.id AND g.id < m.id + 256 AND g.slot = $2)")
#undef JUMPED
