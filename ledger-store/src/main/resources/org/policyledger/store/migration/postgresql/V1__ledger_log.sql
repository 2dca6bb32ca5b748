-- The one row that orders all writers: whoever moves it owns the positions up to the new value.
CREATE TABLE ledger_head (
    only_row         BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    next_position    BIGINT       NOT NULL,
    last_recorded_at BIGINT       NOT NULL, -- microseconds since 1970-01-01T00:00:00Z
    origin           VARCHAR(200) NOT NULL
) WITH (fillfactor = 10); -- rewritten by every batch: room on the page keeps its versions there

-- "event" is the record: the canonical CloudEvent, to the byte. Every other column is an index of it.
CREATE TABLE ledger_event (
    position    BIGINT                   NOT NULL PRIMARY KEY,
    stream      VARCHAR(300) COLLATE "C" NOT NULL,
    sequence    BIGINT                   NOT NULL,
    event_id    UUID                     NOT NULL UNIQUE,
    type        VARCHAR(100)             NOT NULL,
    revision    INT                      NOT NULL,
    recorded_at BIGINT                   NOT NULL, -- microseconds since 1970-01-01T00:00:00Z
    event       TEXT                     NOT NULL,
    leaf_hash   BYTEA                    NOT NULL, -- SHA-256(0x00 || UTF-8 of event), RFC 6962 section 2.1
    UNIQUE (stream, sequence)
);
CREATE INDEX ledger_event_recorded_at ON ledger_event (recorded_at, position);

CREATE TABLE ledger_idempotency_key (
    idempotency_key VARCHAR(400) COLLATE "C" NOT NULL PRIMARY KEY,
    fingerprint     VARCHAR(200)             NOT NULL,
    first_position  BIGINT                   NOT NULL,
    event_count     INT                      NOT NULL
);

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is append-only: % on % is refused. Record a correcting event instead.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;

CREATE TRIGGER ledger_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_idempotency_key_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_idempotency_key
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- ALWAYS: a session that calls itself a replica does not get around it.
ALTER TABLE ledger_event ENABLE ALWAYS TRIGGER ledger_event_append_only;
ALTER TABLE ledger_idempotency_key ENABLE ALWAYS TRIGGER ledger_idempotency_key_append_only;
