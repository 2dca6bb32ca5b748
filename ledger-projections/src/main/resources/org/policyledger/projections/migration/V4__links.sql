-- Which entities are linked as one party, in [known_from, known_to) positions; NULL is open. A link is found from either of its
-- entities, so it has a row for each. known_from is the event that links the two, known_to the one that unlinks them.
CREATE TABLE reading_link (
    entity_id       VARCHAR(200) NOT NULL,
    other_entity_id VARCHAR(200) NOT NULL,
    known_from      BIGINT NOT NULL,
    known_to        BIGINT,
    PRIMARY KEY (entity_id, known_from, other_entity_id)
);
