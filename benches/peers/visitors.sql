-- The queue of 2015: 10,000 visitors who wait.
CREATE TABLE visitors (
    number integer PRIMARY KEY,
    waiting boolean NOT NULL,
    last_seen timestamptz NOT NULL
);
INSERT INTO visitors SELECT number, true, now() FROM generate_series(1, 10000) AS number;
CREATE INDEX visitors_waiting ON visitors (number) WHERE waiting;
VACUUM ANALYZE visitors;
