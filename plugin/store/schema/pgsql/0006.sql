-- SPDX-License-Identifier: BSD-3-Clause
-- Version 6 of the store on PostgreSQL: a row that is looked for by its id is found in the index of ids alone. Of tables that are
-- empty at the moment all indexes look alike, also one that has the id behind other columns and is gone over as a whole for each
-- row; a plan made then stays while the tables fill. So it says id + 0 there.
SELECT pg_advisory_xact_lock(1113149250, 1);
SET LOCAL search_path = byobox;
UPDATE version SET n = 6;
DROP INDEX message_recipient, message_over_recipient, segment_pending, inward_box, opt_history_pair, opt_history_recipient, inbound_sender,
    counter_turn;
CREATE INDEX message_recipient ON message (recipient_hash, (id + 0));
CREATE INDEX message_over_recipient ON message_over (recipient_hash, (id + 0));
CREATE INDEX segment_pending ON segment (slot, integration, state, due, (id + 0)) WHERE state + 0 < 3;
CREATE INDEX inward_box ON inward (named, box, slot, (id + 0));
CREATE INDEX opt_history_pair ON opt_history (number, recipient, (id + 0));
CREATE INDEX opt_history_recipient ON opt_history (recipient, (id + 0));
CREATE INDEX inbound_sender ON inbound (sender, (id + 0));
CREATE INDEX counter_turn ON counter ((slot + 0), (turn + 0));
