-- SPDX-License-Identifier: BSD-3-Clause
-- Version 5: receipts find their segment by ids that are written otherwise, and by more ids than one.

-- The form ids are compared in loosely (tracking/message_id.h), where it is not foreign_id itself.
ALTER TABLE segment ADD COLUMN loose_id TEXT;
UPDATE segment SET loose_id = lower(CASE WHEN ltrim(trim(foreign_id), '0') = '' THEN '0'
    ELSE ltrim(trim(foreign_id), '0') END) WHERE state < 3 AND foreign_id IS NOT NULL;
UPDATE segment SET loose_id = NULL WHERE state < 3 AND loose_id = foreign_id;

-- Those that wait for another try, too. flags: 8 has rows in segment_copy.
DROP INDEX segment_foreign;
CREATE INDEX segment_foreign ON segment (integration, foreign_id) WHERE foreign_id IS NOT NULL AND state < 3;
CREATE INDEX segment_loose ON segment (integration, loose_id) WHERE loose_id IS NOT NULL AND state < 3;

-- The ids of a segment that was handed over more than once: all of them. open: the carrier has not told its end.
CREATE TABLE segment_copy (
    segment INTEGER NOT NULL,
    foreign_id TEXT NOT NULL,
    integration INTEGER NOT NULL,
    loose_id TEXT NOT NULL,
    try INTEGER NOT NULL,
    open INTEGER NOT NULL,
    code INTEGER,
    cause TEXT,
    description TEXT,
    carrier_code TEXT,
    PRIMARY KEY (segment, foreign_id)
) WITHOUT ROWID;
CREATE INDEX segment_copy_foreign ON segment_copy (integration, foreign_id);
CREATE INDEX segment_copy_loose ON segment_copy (integration, loose_id);
CREATE TRIGGER segment_copy_gone AFTER DELETE ON segment WHEN OLD.flags & 8
BEGIN
    DELETE FROM segment_copy WHERE segment = OLD.id;
END;

-- Early receipts are looked for loosely, and may name two ids: such rows have neighbouring ids.
DROP INDEX early_receipt_foreign;
ALTER TABLE early_receipt ADD COLUMN loose_id TEXT;
UPDATE early_receipt SET loose_id = lower(CASE WHEN ltrim(trim(foreign_id), '0') = '' THEN '0'
    ELSE ltrim(trim(foreign_id), '0') END);
CREATE INDEX early_receipt_loose ON early_receipt (integration, loose_id);
