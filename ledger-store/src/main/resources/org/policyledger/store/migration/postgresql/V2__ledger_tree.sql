-- The Merkle tree over ledger_event.leaf_hash (RFC 6962): the hash of each complete subtree of 256^level leaves, level 1 and
-- above. They are the hashes of the tiles of C2SP tlog-tiles; those of level 0 are the leaf hashes themselves.
CREATE TABLE ledger_subtree (
    level         INT    NOT NULL,
    subtree_index BIGINT NOT NULL,
    hash          BYTEA  NOT NULL,
    PRIMARY KEY (level, subtree_index)
);

-- Each signed checkpoint, as it was published. All subtrees that are complete at its size stand above.
CREATE TABLE ledger_checkpoint (
    size      BIGINT NOT NULL PRIMARY KEY,
    root_hash BYTEA  NOT NULL,
    note      TEXT   NOT NULL
);

-- The signatures of witnesses under checkpoints, one of each key under each (C2SP tlog-cosignature).
CREATE TABLE ledger_cosignature (
    size    BIGINT                   NOT NULL REFERENCES ledger_checkpoint,
    witness VARCHAR(300) COLLATE "C" NOT NULL, -- <name>+<id> of its key
    line    TEXT                     NOT NULL,
    PRIMARY KEY (size, witness)
);

CREATE TRIGGER ledger_subtree_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_subtree
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_cosignature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE ledger_subtree ENABLE ALWAYS TRIGGER ledger_subtree_append_only;
ALTER TABLE ledger_checkpoint ENABLE ALWAYS TRIGGER ledger_checkpoint_append_only;
ALTER TABLE ledger_cosignature ENABLE ALWAYS TRIGGER ledger_cosignature_append_only;
