-- SPDX-License-Identifier: BSD-3-Clause
-- Version 4 of the store on PostgreSQL: what is open lies in message and segment, what ended in message_over and segment_over, in
-- the partition of the UTC day on which its message ended. Retention drops a day as a whole. byobox makes the partitions itself
-- (pgsql_days.c), where its role may; what ended before stays where it is and goes row by row.
SELECT pg_advisory_xact_lock(1113149250, 1);
SET LOCAL search_path = byobox;
UPDATE version SET n = 4;

-- All columns of message and segment in their order. day: since 1970; of a segment its message's.
CREATE TABLE message_over (
    LIKE message,
    day integer NOT NULL,
    PRIMARY KEY (id, day)
) PARTITION BY RANGE (day);
CREATE INDEX message_over_recipient ON message_over (recipient_hash, id);
CREATE INDEX message_over_reply ON message_over (id) WHERE keyword > 0;

CREATE TABLE segment_over (
    LIKE segment,
    day integer NOT NULL,
    PRIMARY KEY (id, day)
) PARTITION BY RANGE (day);

-- Wherever they lie.
CREATE VIEW message_any AS
    SELECT * FROM message
    UNION ALL
    SELECT id, created, ended, expires, recipient_hash, state, segments, accepted, delivered, failed, reported, settled, code, reports,
        mask, coding, data_coding, dcs, keyword, integration, cause, description, carrier_code, charset, number, recipient, uuid, box, frame
    FROM message_over;
CREATE VIEW segment_any AS
    SELECT * FROM segment
    UNION ALL
    SELECT id, due, first_handed, handed, ended, accepted_at, state, tries, flags, code, integration, cause, description, carrier_code,
        foreign_id, loose_id, udh, payload, slot
    FROM segment_over;

-- Messages that were erased on request, as long as a report of one may still be on its way.
CREATE TABLE erased (
    id bigint PRIMARY KEY
);

-- Tables that were a day's and are to be dropped: only those are. kind: message, segment. The days it has, from the first until
-- before upto: the catalogue does not know them any more when it is detached.
CREATE TABLE day_going (
    name text PRIMARY KEY,
    kind text NOT NULL,
    first integer NOT NULL,
    upto integer NOT NULL
);

-- A recipient's messages in those of them, partitions still or not, with all that hangs on them. A message's segments are still
-- in a partition, or in one of them, or dropped: never is a message's table dropped before them (pgsql_parts_end.c).
CREATE FUNCTION erase_going(hash bigint, digits bytea) RETURNS bigint LANGUAGE plpgsql SET search_path = byobox AS $$
DECLARE
    gone bigint[];
    n bigint := 0;
    t text;
    u text;
BEGIN
    FOR t IN SELECT to_regclass(name)::text FROM day_going WHERE kind = 'message' AND to_regclass(name) IS NOT NULL LOOP
        BEGIN
            EXECUTE format('WITH d AS (DELETE FROM %s WHERE recipient_hash = $1 AND recipient IN ($2, ''+''::bytea || $2) RETURNING id)'
                ' SELECT coalesce(array_agg(id), ''{}'') FROM d', t) INTO gone USING hash, digits;
        EXCEPTION WHEN undefined_table THEN CONTINUE; -- just dropped
        END;
        CONTINUE WHEN cardinality(gone) = 0;
        n := n + cardinality(gone);
        FOR u IN SELECT to_regclass(name)::text FROM day_going WHERE kind = 'segment' AND to_regclass(name) IS NOT NULL LOOP
            BEGIN
                EXECUTE format('DELETE FROM %s g USING unnest($1) m (id) WHERE g.id > m.id AND g.id < m.id + 256', u) USING gone;
            EXCEPTION WHEN undefined_table THEN NULL;
            END;
        END LOOP;
        DELETE FROM segment_over g USING unnest(gone) m (id) WHERE g.id > m.id AND g.id < m.id + 256;
        DELETE FROM segment_copy c USING unnest(gone) m (id) WHERE c.segment > m.id AND c.segment < m.id + 256;
        DELETE FROM message_step s USING unnest(gone) m (id) WHERE s.id = m.id;
        DELETE FROM message_report r USING unnest(gone) m (id) WHERE r.id >= m.id AND r.id < m.id + 256;
    END LOOP;
    RETURN n;
END $$;
