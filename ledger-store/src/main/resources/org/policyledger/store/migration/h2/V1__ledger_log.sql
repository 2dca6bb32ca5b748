-- The one row that orders all writers: whoever moves it owns the positions up to the new value.
CREATE TABLE ledger_head (
    only_row         BOOLEAN      DEFAULT TRUE NOT NULL PRIMARY KEY CHECK (only_row),
    next_position    BIGINT       NOT NULL,
    last_recorded_at BIGINT       NOT NULL, -- microseconds since 1970-01-01T00:00:00Z
    origin           VARCHAR(200) NOT NULL
);

-- "event" is the record: the canonical CloudEvent, to the byte. Every other column is an index of it.
CREATE TABLE ledger_event (
    position    BIGINT         NOT NULL PRIMARY KEY,
    stream      VARCHAR(300)   NOT NULL,
    sequence    BIGINT         NOT NULL,
    event_id    UUID           NOT NULL UNIQUE,
    type        VARCHAR(100)   NOT NULL,
    revision    INT            NOT NULL,
    recorded_at BIGINT         NOT NULL, -- microseconds since 1970-01-01T00:00:00Z
    event       VARCHAR(65535) NOT NULL,
    leaf_hash   BINARY(32)     NOT NULL, -- SHA-256(0x00 || UTF-8 of event), RFC 6962 section 2.1
    UNIQUE (stream, sequence)
);
CREATE INDEX ledger_event_recorded_at ON ledger_event (recorded_at, position);

CREATE TABLE ledger_idempotency_key (
    idempotency_key VARCHAR(400) NOT NULL PRIMARY KEY,
    fingerprint     VARCHAR(200) NOT NULL,
    first_position  BIGINT       NOT NULL,
    event_count     INT          NOT NULL
);

CREATE TRIGGER ledger_event_append_only BEFORE UPDATE, DELETE ON ledger_event
    CALL 'org.policyledger.store.AppendOnly';
CREATE TRIGGER ledger_idempotency_key_append_only BEFORE UPDATE, DELETE ON ledger_idempotency_key
    CALL 'org.policyledger.store.AppendOnly';

-- No trigger of H2 fires on TRUNCATE, but H2 refuses to truncate a table that another one refers to.
-- This table is always empty; it is there to refer to them.
CREATE TABLE ledger_truncate_guard (
    position        BIGINT       REFERENCES ledger_event,
    idempotency_key VARCHAR(400) REFERENCES ledger_idempotency_key
);
