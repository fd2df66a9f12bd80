-- SPDX-License-Identifier: BSD-3-Clause
-- Version 1 of the store on PostgreSQL. A released file is never edited: a change is the next number's file.
-- byobox runs it by itself when its role may create the schema; else whoever may runs it, and grants the role
-- USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on its tables.
-- Ids grow with time (store_id.c); a message's is a multiple of 256, its segments follow it.
-- Times are ms since 1970. An empty text is NULL where most rows have none. text is what byobox words, ordered
-- by its octets; bytea what a stranger wrote: convert_from(recipient, 'UTF8') shows it.
CREATE SCHEMA byobox;
SET LOCAL search_path = byobox;

CREATE TABLE version (
    n integer NOT NULL
);
INSERT INTO version (n) VALUES (1);

-- Who writes or wrote here, and by which backend: for sentences, and to end a session that was lost. What changes with
-- each turn stands in turn: this row is read in each of them.
CREATE TABLE node (
    node text COLLATE "C" PRIMARY KEY,
    slot smallint NOT NULL UNIQUE CHECK (slot BETWEEN 0 AND 7),  -- of its ids
    epoch bigint NOT NULL,   -- raised by each start, and by whoever takes over: turns of the one before keep nothing
    host text NOT NULL,
    backend integer NOT NULL,  -- 0: it left
    started bigint NOT NULL,   -- of the backend, microseconds
    seen bigint NOT NULL       -- when, to the hour: a day after that its slot may become another's
);

-- The last transactions of a node that are kept: one row, but for those that come after it is read. Rows are added
-- and removed, never changed: what an old snapshot must still see costs nobody a look.
CREATE TABLE turn (
    node text COLLATE "C" NOT NULL,
    turn bigint NOT NULL,
    PRIMARY KEY (node, turn)
);

-- How many of what, written as turn is. kind: pgsql_counter.c; name: of an integration or smsbox.
CREATE TABLE counter (
    kind smallint NOT NULL,
    name bytea NOT NULL,
    turn bigint NOT NULL,
    n bigint NOT NULL,
    PRIMARY KEY (kind, name, turn)
);

CREATE TABLE integration_state (
    integration text COLLATE "C" PRIMARY KEY,
    wanted boolean NOT NULL,
    deleted boolean NOT NULL,
    state text NOT NULL,
    reason text,
    since bigint NOT NULL,
    applied text
);

-- A message changes once or twice soon after it was added: there is room in its page for that.
CREATE TABLE message (
    id bigint PRIMARY KEY,
    created bigint NOT NULL,
    ended bigint NOT NULL,
    expires bigint NOT NULL,
    recipient_hash bigint NOT NULL,  -- of its digits
    state smallint NOT NULL,
    segments smallint NOT NULL,
    accepted smallint NOT NULL,
    delivered smallint NOT NULL,
    failed smallint NOT NULL,
    reported integer NOT NULL,
    settled smallint NOT NULL,
    code integer,
    reports integer NOT NULL,
    mask integer NOT NULL,
    coding integer NOT NULL,
    data_coding integer NOT NULL,
    dcs integer NOT NULL,
    keyword smallint NOT NULL,
    integration text COLLATE "C" NOT NULL,
    cause text COLLATE "C",
    description bytea,
    carrier_code bytea,
    charset bytea,
    number bytea,
    recipient bytea,
    uuid bytea,  -- 16 octets; as it came when it is no canonical UUID
    box bytea,   -- NULL: an anonymous smsbox
    frame bytea NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX message_recipient ON message (recipient_hash, id);
-- Messages with a validity, and replies of our own: few, and looked for by this alone. No column that changes.
CREATE INDEX message_expires ON message (expires) WHERE expires > 0;
CREATE INDEX message_reply ON message (id) WHERE keyword > 0;

CREATE TABLE segment (
    id bigint PRIMARY KEY,
    due bigint NOT NULL,
    first_handed bigint NOT NULL,
    handed bigint NOT NULL,
    ended bigint NOT NULL,
    accepted_at bigint NOT NULL DEFAULT 0,  -- the carrier's last accepting answer; 0: none came
    state smallint NOT NULL,
    tries smallint NOT NULL,
    flags smallint NOT NULL,  -- 1 interim seen, 2 may be a duplicate, 4 accepted once, 8 has rows in segment_copy
    code integer,
    integration text COLLATE "C" NOT NULL,
    cause text COLLATE "C",
    description bytea,
    carrier_code bytea,
    foreign_id bytea,
    loose_id bytea,  -- the form ids are compared in loosely, where it is not foreign_id itself
    udh bytea,
    payload bytea NOT NULL
) WITH (fillfactor = 70);
-- Queue (state 0) and timers (1, 2) of everything that is not over.
CREATE INDEX segment_pending ON segment (integration, state, due, id) WHERE state < 3;
CREATE INDEX segment_foreign ON segment (integration, foreign_id) WHERE foreign_id IS NOT NULL AND state < 3;
CREATE INDEX segment_loose ON segment (integration, loose_id) WHERE loose_id IS NOT NULL AND state < 3;

-- The ids of a segment that was handed over more than once: all of them. open: the carrier has not told its end.
CREATE TABLE segment_copy (
    segment bigint NOT NULL,
    foreign_id bytea NOT NULL,
    integration text COLLATE "C" NOT NULL,
    loose_id bytea NOT NULL,
    try integer NOT NULL,
    open boolean NOT NULL,
    code integer,
    cause text,
    description bytea,
    carrier_code bytea,
    PRIMARY KEY (segment, foreign_id)
);
CREATE INDEX segment_copy_foreign ON segment_copy (integration, foreign_id);
CREATE INDEX segment_copy_loose ON segment_copy (integration, loose_id);

-- Tries before the last one, a line each (tracking/past.h). id: of the message, with which it goes.
CREATE TABLE message_step (
    id bigint PRIMARY KEY,
    steps text NOT NULL
);

-- Reports a smsbox took, at this time, or refused, at minus this time. id: of the message or segment it speaks of.
CREATE TABLE message_report (
    id bigint NOT NULL,
    type smallint NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (id, type)
);

-- What waits for a smsbox. box: empty and named false: any anonymous one.
CREATE TABLE inward (
    id bigint PRIMARY KEY,
    named boolean NOT NULL,
    box bytea NOT NULL,
    frame bytea NOT NULL
);
CREATE INDEX inward_box ON inward (named, box, id);

-- uuid as in message.
CREATE TABLE mo_seen (
    uuid bytea PRIMARY KEY,
    seen bigint NOT NULL
);
CREATE INDEX mo_seen_seen ON mo_seen (seen);

CREATE TABLE number (
    digits text COLLATE "C" PRIMARY KEY,
    short_code boolean NOT NULL,
    integration text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    country text,
    compliance bytea,
    created bigint NOT NULL,
    since bigint NOT NULL DEFAULT 0  -- messages with an id up to this are of an earlier life of the number
);
CREATE INDEX number_integration ON number (integration, digits);

-- Numbers that left; a STOP to one of them still counts while messages from it may be on people's phones.
CREATE TABLE number_left (
    digits text COLLATE "C" PRIMARY KEY,
    short_code boolean NOT NULL,
    integration text NOT NULL,
    compliance bytea,
    id bigint NOT NULL  -- greater than those of all messages it sent
);

CREATE TABLE setting (
    name text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE opt_history (
    id bigint PRIMARY KEY,
    time bigint NOT NULL,
    number bytea NOT NULL,
    recipient bytea NOT NULL,
    action text NOT NULL,
    text bytea,
    answer bytea,
    who bytea,
    reason bytea,
    reading_of bytea
);
CREATE INDEX opt_history_pair ON opt_history (number, recipient, id);
CREATE INDEX opt_history_recipient ON opt_history (recipient, id);

-- The pairs that are opted out now. reading_of: empty when the recipient's own STOP (or an operator) made the
-- row, else the recipient the STOP was acted on for: then this is a reading that was not acted on.
CREATE TABLE opt_out (
    number bytea NOT NULL,
    recipient bytea NOT NULL,
    reading_of bytea NOT NULL,
    id bigint NOT NULL,
    PRIMARY KEY (number, recipient, reading_of)
);
CREATE INDEX opt_out_id ON opt_out (id);
CREATE INDEX opt_out_reading_of ON opt_out (number, reading_of) WHERE reading_of <> '';

CREATE TABLE event (
    id bigint PRIMARY KEY,
    time bigint NOT NULL,
    last bigint NOT NULL,
    count bigint NOT NULL,
    definition text COLLATE "C" NOT NULL,
    name bytea,
    entity bytea,
    previous bytea,
    current bytea,
    error_code bytea,
    text bytea
);

CREATE TABLE audit (
    id bigint PRIMARY KEY,
    time bigint NOT NULL,
    who bytea,
    action bytea,
    entity bytea,
    detail bytea
);

-- Receipts that came before the answer to their submit; one that names two ids has two rows with neighbouring ids.
CREATE TABLE early_receipt (
    id bigint PRIMARY KEY,
    integration text COLLATE "C" NOT NULL,
    foreign_id bytea NOT NULL,
    loose_id bytea NOT NULL,
    frame bytea NOT NULL
);
CREATE INDEX early_receipt_loose ON early_receipt (integration, loose_id);

-- What happened in each minute, and of older minutes in each hour, for each integration. span: 0 a minute, 1 an hour.
CREATE TABLE statistic (
    span smallint NOT NULL,
    at bigint NOT NULL,
    integration text COLLATE "C" NOT NULL,
    counts text NOT NULL,
    PRIMARY KEY (span, at, integration)
);

-- Inbound messages of the inventory's numbers. uuid: as a message's. text: NULL: not kept. box: NULL: an anonymous smsbox.
CREATE TABLE inbound (
    id bigint PRIMARY KEY,
    integration text COLLATE "C" NOT NULL,
    number bytea NOT NULL,
    sender bytea NOT NULL,
    keyword smallint NOT NULL,
    uuid bytea NOT NULL,
    box bytea,
    text bytea
);
CREATE INDEX inbound_sender ON inbound (sender, id);

-- The wall clock when it was looked at last, and how much older rows seem than they are.
CREATE TABLE clock (
    name text PRIMARY KEY,
    n bigint NOT NULL
);

-- What is written to see whether there is room again on a disk that was full (byo_store_probe).
CREATE TABLE probe (
    id integer PRIMARY KEY,
    room bytea NOT NULL
);
