-- SPDX-License-Identifier: BSD-3-Clause
-- Version 2 of the store on PostgreSQL: several byoboxes are active at once, each in a slot of its own.
-- No byobox of version 1 may be there: it holds this lock.
SELECT pg_advisory_xact_lock(1113149250, 1);
SET LOCAL search_path = byobox;
UPDATE version SET n = 2;

-- The slot of the node that was active last: what stands here becomes its.
CREATE TEMPORARY TABLE was ON COMMIT DROP AS
    SELECT coalesce((SELECT slot FROM node ORDER BY backend <> 0 DESC, seen DESC LIMIT 1), 0)::smallint AS slot,
        coalesce((SELECT max(turn) FROM turn), 0) AS turn;

-- Each slot counts its own transactions, whoever has it.
DROP TABLE turn;
CREATE TABLE turn (
    slot smallint NOT NULL,
    turn bigint NOT NULL,
    upto bigint NOT NULL,  -- the slot's later rows have greater ids
    PRIMARY KEY (slot, turn)
);
INSERT INTO turn (slot, turn, upto) SELECT slot, turn, 0 FROM was WHERE turn > 0;

-- n: what a slot added and took away, so it may be negative; the count is the sum over the slots.
ALTER TABLE counter DROP CONSTRAINT counter_pkey;
DELETE FROM counter c USING counter newer WHERE newer.kind = c.kind AND newer.name = c.name AND newer.turn > c.turn;
ALTER TABLE counter ADD COLUMN slot smallint;
UPDATE counter SET slot = was.slot FROM was;
ALTER TABLE counter ALTER COLUMN slot SET NOT NULL, ADD PRIMARY KEY (kind, name, slot, turn);
-- What a slot counted behind a turn. An expression, so that a row that is named as a whole is never looked for in it.
CREATE INDEX counter_turn ON counter ((slot + 0), turn);

-- What a node changed that others have in memory: n grows by one with each, in the order of the slot's transactions.
-- kind: ByoChangeKind. key: texts, a NUL between them.
CREATE TABLE change (
    slot smallint NOT NULL,
    n bigint NOT NULL,
    kind smallint NOT NULL,
    key bytea NOT NULL,
    PRIMARY KEY (slot, n)
);

-- Which part of an integration's messages per second a node may use, in thousandths, whether it has work for it, and binds.
CREATE TABLE share (
    integration text COLLATE "C" NOT NULL,
    slot smallint NOT NULL,
    rate bigint NOT NULL,
    wants boolean NOT NULL,
    open boolean NOT NULL,
    PRIMARY KEY (integration, slot)
);

-- What an integration is at a node. integration_state has what is wanted, and the state it had anywhere last.
CREATE TABLE integration_node (
    integration text COLLATE "C" NOT NULL,
    slot smallint NOT NULL,
    state text NOT NULL,
    reason text,
    since bigint NOT NULL,
    applied text,            -- digest of the policy it works by there
    binds bigint NOT NULL,   -- asked for
    online bigint NOT NULL,  -- that stand; -1: not known
    PRIMARY KEY (integration, slot)
);

-- Of the node that wrote it last. A new bit of flags: 16 it was another node that handed it over.
ALTER TABLE segment ADD COLUMN slot smallint NOT NULL DEFAULT 0;
UPDATE segment SET slot = was.slot FROM was WHERE state < 3 AND was.slot <> 0;
DROP INDEX segment_pending;
-- Named by an expression, so that nothing else is looked for in it.
CREATE INDEX segment_pending ON segment (slot, integration, state, due, id) WHERE state + 0 < 3;

-- Of the node that gave it to a smsbox; NULL: none did.
ALTER TABLE inward ADD COLUMN slot smallint;
DROP INDEX inward_box;
CREATE INDEX inward_box ON inward (named, box, slot, id);

-- That told it.
ALTER TABLE event ADD COLUMN node text;

-- Digest of what its configuration says of messages, but for the integrations.
ALTER TABLE node ADD COLUMN policy text;
