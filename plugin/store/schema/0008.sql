-- SPDX-License-Identifier: BSD-3-Clause
-- Version 8: what a message's life keeps beside its rows.

-- When the carrier's last accepting answer came; 0: none did.
ALTER TABLE segment ADD COLUMN accepted_at INTEGER NOT NULL DEFAULT 0;

-- Tries before the last one, a line each (tracking/past.h). id: of the message, with which it goes.
CREATE TABLE message_step (
    id INTEGER PRIMARY KEY,
    steps TEXT NOT NULL
);

-- Reports a smsbox took, at this time, or refused, at minus this time. id: of the message or segment it speaks of.
CREATE TABLE message_report (
    id INTEGER NOT NULL,
    type INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (id, type)
) WITHOUT ROWID;
