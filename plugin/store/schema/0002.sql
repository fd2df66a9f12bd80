-- SPDX-License-Identifier: BSD-3-Clause
-- Version 2: what waits inward is counted for each destination (key -1000 - box key), early receipts as -2.
INSERT OR REPLACE INTO counter (key, n) SELECT -1000 - (id >> 48), count(*) FROM inward GROUP BY id >> 48;
INSERT OR REPLACE INTO counter (key, n) SELECT -2, count(*) FROM early_receipt;

-- What is written to see whether there is room again on a disk that was full (byo_store_probe).
CREATE TABLE probe (
    id INTEGER PRIMARY KEY,
    room BLOB NOT NULL
);
