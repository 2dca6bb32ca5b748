-- Events about commitments, and statements, are about no list.
ALTER TABLE reading_event ALTER COLUMN list_id DROP NOT NULL;

-- How each commitment stands, on both axes as in reading_period: [valid_from, valid_to) in days, [known_from, known_to) in
-- positions. NULL is open.
CREATE TABLE reading_commitment (
    commitment_id     VARCHAR(200) NOT NULL,
    valid_from        DATE NOT NULL,
    valid_to          DATE,
    known_from        BIGINT NOT NULL,
    known_to          BIGINT,
    state             VARCHAR(8) NOT NULL,
    due_on            DATE,
    review_on         DATE,
    dossier           VARCHAR(100),
    recorded_position BIGINT NOT NULL,  -- the event that made it known
    assessed_position BIGINT,           -- the assessment that stands
    closed_position   BIGINT,
    PRIMARY KEY (commitment_id, known_from, valid_from)
);

-- The events that carry a label themselves, or are about something that did when they were recorded.
CREATE TABLE reading_dossier (
    dossier  VARCHAR(100) NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (dossier, position)
);

-- What was read before has no rows here: all of it is read again, from the first event on.
DELETE FROM reading_event;
DELETE FROM reading_period;
DELETE FROM reading_list;
DELETE FROM reading_snapshot;
UPDATE reading_position SET position = -1 WHERE name = 'listings';
DELETE FROM reading_token WHERE processorName = 'listings';
