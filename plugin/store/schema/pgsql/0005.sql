-- SPDX-License-Identifier: BSD-3-Clause
-- Version 5 of the store on PostgreSQL: a receipt that came to another node than the one that has its segment waits for that node.
SELECT pg_advisory_xact_lock(1113149250, 1);
SET LOCAL search_path = byobox;
UPDATE version SET n = 5;
ALTER TABLE early_receipt ADD COLUMN segment bigint;  -- NULL: it waits for the answer to its submit
