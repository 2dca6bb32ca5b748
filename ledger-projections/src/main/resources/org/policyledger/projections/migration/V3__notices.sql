-- Where a notice was recorded by itself.
CREATE TABLE reading_notice (
    notice_id    VARCHAR(300) PRIMARY KEY,
    position     BIGINT NOT NULL,
    published_on DATE
);

-- Which events cite a notice, while that was known: [known_from, known_to) in positions. NULL is open.
CREATE TABLE reading_citation (
    notice_id        VARCHAR(300) NOT NULL,
    position         BIGINT NOT NULL,    -- the action, correction or voiding that cites it
    known_from       BIGINT NOT NULL,
    known_to         BIGINT,
    effective_date   DATE,               -- of the action as known; a voiding has none
    published_on     DATE,               -- of the notice, as this citation tells it
    content_position BIGINT NOT NULL,    -- the event with the content: the action, or what corrected it last
    voided_position  BIGINT,             -- the event that struck the action out
    PRIMARY KEY (position, known_from)
);
CREATE INDEX reading_citation_notice ON reading_citation (notice_id, position);

-- What was read before has no rows here: all of it is read again, from the first event on.
DELETE FROM reading_event;
DELETE FROM reading_period;
DELETE FROM reading_list;
DELETE FROM reading_snapshot;
DELETE FROM reading_commitment;
DELETE FROM reading_dossier;
UPDATE reading_position SET position = -1 WHERE name = 'listings';
DELETE FROM reading_token WHERE processorName = 'listings';
