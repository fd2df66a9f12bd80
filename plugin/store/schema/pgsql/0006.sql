-- SPDX-License-Identifier: BSD-3-Clause
-- Version 6 of the store on PostgreSQL: for what is looked for there is one index. Of tables that are empty at the moment all look alike,
-- also one that has what is looked for behind other columns and is gone over as a whole for each row; a plan made then stays while the
-- tables fill. So what stands in two of them says + 0 or || '' in one, and so do the statements that mean that one.
SELECT pg_advisory_xact_lock(1113149250, 1);
SET LOCAL search_path = byobox;
UPDATE version SET n = 6;
DROP INDEX message_recipient, message_over_recipient, segment_pending, segment_copy_foreign, segment_copy_loose, inward_box,
    number_integration, opt_history_pair, opt_history_recipient, opt_out_reading_of, inbound_sender, counter_turn;
CREATE INDEX message_recipient ON message (recipient_hash, (id + 0));
CREATE INDEX message_over_recipient ON message_over (recipient_hash, (id + 0));
CREATE INDEX segment_pending ON segment (slot, integration, state, due, (id + 0)) WHERE state + 0 < 3;
CREATE INDEX segment_copy_foreign ON segment_copy (integration, (foreign_id || ''::bytea));
CREATE INDEX segment_copy_loose ON segment_copy ((integration || ''), loose_id);
CREATE INDEX number_integration ON number (integration);
CREATE INDEX opt_history_number ON opt_history (number, (id + 0));
CREATE INDEX opt_out_reading_of ON opt_out ((number || ''::bytea), (reading_of || ''::bytea)) WHERE reading_of <> '';
CREATE INDEX inward_box ON inward (named, box, slot, (id + 0));
CREATE INDEX opt_history_pair ON opt_history (number, recipient, (id + 0));
CREATE INDEX opt_history_recipient ON opt_history (recipient, (id + 0));
CREATE INDEX inbound_sender ON inbound (sender, (id + 0));
CREATE INDEX counter_turn ON counter ((slot + 0), (turn + 0));
