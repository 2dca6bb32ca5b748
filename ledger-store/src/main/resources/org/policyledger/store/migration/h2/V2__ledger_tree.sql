-- The Merkle tree over ledger_event.leaf_hash (RFC 6962): the hash of each complete subtree of 256^level leaves, level 1 and
-- above. They are the hashes of the tiles of C2SP tlog-tiles; those of level 0 are the leaf hashes themselves.
CREATE TABLE ledger_subtree (
    level         INT        NOT NULL,
    subtree_index BIGINT     NOT NULL,
    hash          BINARY(32) NOT NULL,
    PRIMARY KEY (level, subtree_index)
);

-- Each signed checkpoint, as it was published. All subtrees that are complete at its size stand above.
CREATE TABLE ledger_checkpoint (
    size      BIGINT        NOT NULL PRIMARY KEY,
    root_hash BINARY(32)    NOT NULL,
    note      VARCHAR(4096) NOT NULL
);

-- The signatures of witnesses under checkpoints, one of each key under each (C2SP tlog-cosignature).
CREATE TABLE ledger_cosignature (
    size    BIGINT       NOT NULL REFERENCES ledger_checkpoint,
    witness VARCHAR(300) NOT NULL, -- <name>+<id> of its key
    line    VARCHAR(500) NOT NULL,
    PRIMARY KEY (size, witness)
);

CREATE TRIGGER ledger_subtree_append_only BEFORE UPDATE, DELETE ON ledger_subtree
    CALL 'org.policyledger.store.AppendOnly';
CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE, DELETE ON ledger_checkpoint
    CALL 'org.policyledger.store.AppendOnly';
CREATE TRIGGER ledger_cosignature_append_only BEFORE UPDATE, DELETE ON ledger_cosignature
    CALL 'org.policyledger.store.AppendOnly';

-- Always empty: H2 refuses to truncate a table that another one refers to.
CREATE TABLE ledger_tree_truncate_guard (
    level         INT,
    subtree_index BIGINT,
    size          BIGINT REFERENCES ledger_checkpoint,
    witness       VARCHAR(300),
    FOREIGN KEY (level, subtree_index) REFERENCES ledger_subtree,
    FOREIGN KEY (size, witness) REFERENCES ledger_cosignature
);
