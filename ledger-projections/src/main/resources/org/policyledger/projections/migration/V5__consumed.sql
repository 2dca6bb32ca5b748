-- What each reading consumed: the compact range of the Merkle tree over the events it was given (NULL: none). Written in the same
-- transaction as its rows and its position.
ALTER TABLE reading_position ADD COLUMN consumed BYTEA;

-- Nobody knows what was consumed for the rows there are: all of it is read again, from the first event on.
DELETE FROM reading_event;
DELETE FROM reading_period;
DELETE FROM reading_list;
DELETE FROM reading_snapshot;
DELETE FROM reading_commitment;
DELETE FROM reading_dossier;
DELETE FROM reading_notice;
DELETE FROM reading_citation;
DELETE FROM reading_link;
UPDATE reading_position SET position = -1 WHERE name = 'listings';
DELETE FROM reading_token WHERE processorName = 'listings';
