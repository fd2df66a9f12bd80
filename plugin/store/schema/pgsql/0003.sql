-- SPDX-License-Identifier: BSD-3-Clause
-- Version 3 of the store on PostgreSQL: room in the pages of messages. A turn changes all messages of a page at once, and one
-- that finds no room there costs an entry in each index; with half a page free nearly none does.
SELECT pg_advisory_xact_lock(1113149250, 1);
SET LOCAL search_path = byobox;
UPDATE version SET n = 3;
ALTER TABLE message SET (fillfactor = 50);
