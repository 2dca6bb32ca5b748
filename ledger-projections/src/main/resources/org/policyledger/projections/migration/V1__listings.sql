-- Everything here is derived from the log and can be thrown away and rebuilt.

-- The position each reading reflects; written in the same transaction as its rows.
CREATE TABLE reading_position (
    name     VARCHAR(50) PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO reading_position (name, position) VALUES ('listings', -1);

-- One row for each event: where to find it in the log by what it is about.
CREATE TABLE reading_event (
    position       BIGINT PRIMARY KEY,
    type           VARCHAR(100) NOT NULL,
    entity_id      VARCHAR(200),        -- NULL for events about a list itself
    list_id        VARCHAR(100) NOT NULL,
    actor          VARCHAR(200) NOT NULL
);
CREATE INDEX reading_event_list ON reading_event (list_id, position);

-- The timeline of each listing on both axes: [valid_from, valid_to) in days, [known_from, known_to) in positions. NULL is open.
CREATE TABLE reading_period (
    entity_id        VARCHAR(200) NOT NULL,
    list_id          VARCHAR(100) NOT NULL,
    valid_from       DATE NOT NULL,
    valid_to         DATE,
    known_from       BIGINT NOT NULL,
    known_to         BIGINT,
    state            VARCHAR(12) NOT NULL,
    since            DATE NOT NULL,
    until            DATE,
    expired          BOOLEAN NOT NULL,
    entry_position   BIGINT,            -- the event whose entry is in force
    decided_position BIGINT NOT NULL,   -- the event with the content of the deciding action
    PRIMARY KEY (entity_id, list_id, known_from, valid_from)
);
CREATE INDEX reading_period_list ON reading_period (list_id, entity_id);

CREATE TABLE reading_list (
    list_id  VARCHAR(100) PRIMARY KEY,
    position BIGINT NOT NULL
);

CREATE TABLE reading_snapshot (
    position      BIGINT PRIMARY KEY,
    list_id       VARCHAR(100) NOT NULL,
    snapshot_date DATE NOT NULL
);
CREATE INDEX reading_snapshot_list ON reading_snapshot (list_id, snapshot_date);

-- Axon's tokens: how far the processor has come.
CREATE TABLE reading_token (
    processorName VARCHAR(100) NOT NULL,
    segment       INTEGER NOT NULL,
    token         BYTEA,
    tokenType     VARCHAR(255),
    timestamp     VARCHAR(100),
    owner         VARCHAR(255),
    PRIMARY KEY (processorName, segment)
);
