-- SPDX-License-Identifier: BSD-3-Clause
-- Version 7: inbound messages of the inventory's numbers, kept as long as outbound ones.

-- id, uuid: as a message's (a canonical UUID is 16 octets). sender: digits of a phone, else as it came. text: NULL: not kept.
-- box: NULL: an anonymous smsbox.
CREATE TABLE inbound (
    id INTEGER PRIMARY KEY,
    integration TEXT NOT NULL,
    number TEXT NOT NULL,
    sender TEXT NOT NULL,
    keyword INTEGER NOT NULL,
    uuid TEXT NOT NULL,
    box TEXT,
    text TEXT
);
CREATE INDEX inbound_sender ON inbound (sender);
