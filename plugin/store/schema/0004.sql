-- SPDX-License-Identifier: BSD-3-Clause
-- Version 4: an opt-out may also stand for another reading of the digits a STOP came from.

-- The pairs that are opted out now. reading_of: '' when the recipient's own STOP (or an operator) made the
-- row, else the recipient the STOP was acted on for: then this is a reading that was not acted on.
CREATE TABLE opt_out_new (
    number TEXT NOT NULL,
    recipient TEXT NOT NULL,
    reading_of TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (number, recipient, reading_of)
) WITHOUT ROWID;
INSERT INTO opt_out_new (number, recipient, reading_of, id) SELECT number, recipient, '', id FROM opt_out;
DROP TABLE opt_out;
ALTER TABLE opt_out_new RENAME TO opt_out;
CREATE INDEX opt_out_id ON opt_out (id);
CREATE INDEX opt_out_reading_of ON opt_out (number, reading_of) WHERE reading_of <> '';

ALTER TABLE opt_history ADD COLUMN reading_of TEXT;
