-- SPDX-License-Identifier: BSD-3-Clause
-- Version 3: numbers that leave the inventory, and what was asked of byobox as a whole.

-- Messages with an id up to this are of an earlier life of the number: what waits of them has no sender.
ALTER TABLE number ADD COLUMN since INTEGER NOT NULL DEFAULT 0;

-- Numbers that left; a STOP to one of them still counts while messages from it may be on people's phones.
CREATE TABLE number_left (
    digits TEXT PRIMARY KEY,
    short_code INTEGER NOT NULL,
    integration TEXT NOT NULL,
    compliance TEXT,
    id INTEGER NOT NULL  -- greater than those of all messages it sent
) WITHOUT ROWID;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
