-- Version 1 as released, with a row of each kind: sqlite3 STORE .dump, and the two numbers it leaves out.
PRAGMA application_id = 1113149250;
PRAGMA user_version = 1;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE integration (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE
);
INSERT INTO integration VALUES(1,'carrier-a');
CREATE TABLE integration_state (
    integration INTEGER PRIMARY KEY,
    wanted INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    since INTEGER NOT NULL,
    applied TEXT
);
INSERT INTO integration_state VALUES(1,1,0,'active',NULL,1790000000000,NULL);
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    integration INTEGER NOT NULL,
    state INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    reported INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    code INTEGER,
    cause TEXT,
    description TEXT,
    carrier_code TEXT,
    segments INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    reports INTEGER NOT NULL,
    mask INTEGER NOT NULL,
    coding INTEGER NOT NULL,
    data_coding INTEGER NOT NULL,
    dcs INTEGER NOT NULL,
    keyword INTEGER NOT NULL,
    charset TEXT,
    number TEXT,
    recipient TEXT,
    uuid,
    box TEXT
);
INSERT INTO message VALUES(1779753916825600000,1,0,0,0,0,0,0,0,NULL,NULL,NULL,NULL,1,1790000000000,0,0,31,0,-1,0,0,'GSM_0338','12025550100','+12025550123',X'0f8fad5bd9cb469fa16570867728950e','smsbox1');
CREATE TABLE message_frame (
    id INTEGER PRIMARY KEY,
    frame BLOB NOT NULL
);
INSERT INTO message_frame VALUES(1779753916825600000,X'6672616d65');
CREATE TABLE recipient_run (
    run INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
);
CREATE TABLE recipient_chunk (
    id INTEGER PRIMARY KEY,
    entries BLOB NOT NULL
);
CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    integration INTEGER NOT NULL,
    state INTEGER NOT NULL,
    due INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    first_handed INTEGER NOT NULL,
    handed INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    code INTEGER,
    cause TEXT,
    description TEXT,
    carrier_code TEXT,
    foreign_id TEXT,
    udh BLOB,
    payload BLOB
);
INSERT INTO segment VALUES(1779753916825600001,1,0,1790000000000,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,X'7061796c6f6164');
CREATE TABLE counter (
    key INTEGER PRIMARY KEY,
    n INTEGER NOT NULL
);
INSERT INTO counter VALUES(-1,1);
INSERT INTO counter VALUES(4,1);
CREATE TABLE box (
    key INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
INSERT INTO box VALUES(1,'smsbox1');
CREATE TABLE inward (
    id INTEGER PRIMARY KEY,
    frame BLOB NOT NULL
);
INSERT INTO inward VALUES(335788755910656,X'7265706f7274');
CREATE TABLE mo_seen (
    id INTEGER PRIMARY KEY,
    uuid NOT NULL UNIQUE
);
INSERT INTO mo_seen VALUES(1779753916825600256,X'0f8fad5bd9cb469fa16570867728950f');
CREATE TABLE number (
    digits TEXT PRIMARY KEY,
    short_code INTEGER NOT NULL,
    integration TEXT NOT NULL,
    type TEXT NOT NULL,
    country TEXT,
    compliance TEXT,
    created INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO number VALUES('12025550100',0,'carrier-a','local',NULL,NULL,1790000000000);
CREATE TABLE opt_history (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    number TEXT NOT NULL,
    recipient TEXT NOT NULL,
    action TEXT NOT NULL,
    text TEXT,
    answer TEXT,
    who TEXT,
    reason TEXT
);
INSERT INTO opt_history VALUES(1779753916825600512,1790000000000,'12025550100','12025550123','opt-out','STOP',NULL,'recipient',NULL);
CREATE TABLE opt_out (
    number TEXT NOT NULL,
    recipient TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (number, recipient)
) WITHOUT ROWID;
INSERT INTO opt_out VALUES('12025550100','12025550123',1779753916825600512);
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    definition TEXT NOT NULL,
    name TEXT,
    entity TEXT,
    previous TEXT,
    current TEXT,
    error_code TEXT,
    text TEXT
);
INSERT INTO event VALUES(1779753916825600768,1790000000000,1790000000000,1,'BYO-0101','name','carrier-a',NULL,NULL,NULL,'text');
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    who TEXT,
    action TEXT,
    entity TEXT,
    detail TEXT
);
INSERT INTO audit VALUES(1779753916825601024,1790000000000,'admin','activate','carrier-a',NULL);
CREATE TABLE early_receipt (
    id INTEGER PRIMARY KEY,
    integration INTEGER NOT NULL,
    foreign_id TEXT NOT NULL,
    frame BLOB NOT NULL
);
CREATE INDEX segment_pending ON segment (state, integration, due) WHERE state < 3;
CREATE INDEX segment_foreign ON segment (integration, foreign_id)
    WHERE foreign_id IS NOT NULL AND state IN (1, 2);
CREATE INDEX opt_history_pair ON opt_history (number, recipient);
CREATE INDEX opt_history_recipient ON opt_history (recipient);
CREATE INDEX opt_out_id ON opt_out (id);
CREATE INDEX message_expires ON message (expires) WHERE expires > 0 AND ended = 0;
CREATE INDEX message_reply ON message (id) WHERE keyword > 0;
CREATE INDEX early_receipt_foreign ON early_receipt (integration, foreign_id);
COMMIT;
