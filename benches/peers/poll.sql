-- The poll of 2015: say that the visitor is still there, then count who is ahead.
\set mine random(1, 10000)
UPDATE visitors SET last_seen = now() WHERE number = :mine;
SELECT count(*) FROM visitors WHERE number < :mine AND waiting;
