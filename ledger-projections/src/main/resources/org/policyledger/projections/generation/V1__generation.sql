-- Which generation of the reading tables is live: 0 is the default schema, any other n the schema reading_n. Moving it is a switch.
CREATE TABLE reading_generation (
    only_row BOOLEAN DEFAULT TRUE NOT NULL PRIMARY KEY CHECK (only_row),
    live     INT NOT NULL,
    last     INT NOT NULL  -- the highest number that was ever given out
);
INSERT INTO reading_generation (only_row, live, last) VALUES (TRUE, 0, 0);
