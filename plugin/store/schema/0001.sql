-- SPDX-License-Identifier: BSD-3-Clause
-- Version 1 of the store. A released file is never edited: a change is the next number's file.
-- Ids grow with time (store_id.c); a message's is a multiple of 256, its segments follow it.
-- Times are ms since 1970. An empty text is NULL where most rows have none.

-- Integrations' names as small integers. A key is never given away again; 0 is "none".
CREATE TABLE integration (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE
);

CREATE TABLE integration_state (
    integration INTEGER PRIMARY KEY,
    wanted INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    since INTEGER NOT NULL,
    applied TEXT
);

-- The frame lies apart: a message's row changes several times, its frame never.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    integration INTEGER NOT NULL,
    state INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    reported INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    code INTEGER,
    cause TEXT,
    description TEXT,
    carrier_code TEXT,
    segments INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    reports INTEGER NOT NULL,
    mask INTEGER NOT NULL,
    coding INTEGER NOT NULL,
    data_coding INTEGER NOT NULL,
    dcs INTEGER NOT NULL,
    keyword INTEGER NOT NULL,
    charset TEXT,
    number TEXT,
    recipient TEXT,
    uuid,     -- 16 octets; as it came when it is no canonical UUID
    box TEXT  -- NULL: an anonymous smsbox
);

-- Messages with a validity that are not over, and replies of our own: few, and looked for by this alone.
CREATE INDEX message_expires ON message (expires) WHERE expires > 0 AND ended = 0;
CREATE INDEX message_reply ON message (id) WHERE keyword > 0;

CREATE TABLE message_frame (
    id INTEGER PRIMARY KEY,
    frame BLOB NOT NULL
);

-- Which messages went to a recipient, in runs of some ten thousand messages: an index over all of them
-- would touch a random page for each message. A chunk is one slot of a run (run * 64 + slot), 12 octets
-- an entry: rest of the recipient's hash, message id (store_recipient.c).
CREATE TABLE recipient_run (
    run INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
);
CREATE TABLE recipient_chunk (
    id INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
);

CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    integration INTEGER NOT NULL,
    state INTEGER NOT NULL,
    due INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    flags INTEGER NOT NULL,  -- 1 interim seen, 2 may be a duplicate, 4 accepted once
    first_handed INTEGER NOT NULL,
    handed INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    code INTEGER,
    cause TEXT,
    description TEXT,
    carrier_code TEXT,
    foreign_id TEXT,
    udh BLOB,
    payload BLOB
);

-- Queue (state 0) and timers (1, 2) of everything that is not over: the only index the hot path keeps.
CREATE INDEX segment_pending ON segment (state, integration, due) WHERE state < 3;
CREATE INDEX segment_foreign ON segment (integration, foreign_id)
    WHERE foreign_id IS NOT NULL AND state IN (1, 2);

-- How many of what, kept in the transaction that changes it. Key: integration * 4 + segment state
-- (0 to 2), or -1 for rows of inward.
CREATE TABLE counter (
    key INTEGER PRIMARY KEY,
    n INTEGER NOT NULL
);

-- Destinations inward. 0 is every anonymous smsbox and has no row.
CREATE TABLE box (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- id: box key << 48 | growing number, so that one destination's rows lie together in their order.
CREATE TABLE inward (
    id INTEGER PRIMARY KEY,
    frame BLOB NOT NULL
);

-- uuid as in message.
CREATE TABLE mo_seen (
    id INTEGER PRIMARY KEY,
    uuid NOT NULL UNIQUE
);

CREATE TABLE number (
    digits TEXT PRIMARY KEY,
    short_code INTEGER NOT NULL,
    integration TEXT NOT NULL,
    type TEXT NOT NULL,
    country TEXT,
    compliance TEXT,
    created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE opt_history (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    number TEXT NOT NULL,
    recipient TEXT NOT NULL,
    action TEXT NOT NULL,
    text TEXT,
    answer TEXT,
    who TEXT,
    reason TEXT
);
CREATE INDEX opt_history_pair ON opt_history (number, recipient);
CREATE INDEX opt_history_recipient ON opt_history (recipient);

-- The pairs that are opted out now, each with the row of opt_history that made it so.
CREATE TABLE opt_out (
    number TEXT NOT NULL,
    recipient TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (number, recipient)
) WITHOUT ROWID;
CREATE INDEX opt_out_id ON opt_out (id);

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    definition TEXT NOT NULL,
    name TEXT,
    entity TEXT,
    previous TEXT,
    current TEXT,
    error_code TEXT,
    text TEXT
);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    who TEXT,
    action TEXT,
    entity TEXT,
    detail TEXT
);

-- Receipts that came before the answer to their submit.
CREATE TABLE early_receipt (
    id INTEGER PRIMARY KEY,
    integration INTEGER NOT NULL,
    foreign_id TEXT NOT NULL,
    frame BLOB NOT NULL
);
CREATE INDEX early_receipt_foreign ON early_receipt (integration, foreign_id);
