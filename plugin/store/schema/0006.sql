-- SPDX-License-Identifier: BSD-3-Clause
-- Version 6: what happened in each minute, and of older minutes in each hour, for each integration.

-- span: 0 a minute, 1 an hour. at: its start. counts: names and numbers (integration/counts.h).
CREATE TABLE statistic (
    span INTEGER NOT NULL,
    at INTEGER NOT NULL,
    integration TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (span, at, integration)
) WITHOUT ROWID;
