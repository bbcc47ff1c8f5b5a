-- What a write needs at the least: the counter read, the patient's last row read, one row of 1 KB inserted.
\set patient random(1, 200)
BEGIN;
SELECT number FROM turn;
SELECT body FROM stored WHERE patient = :patient ORDER BY id DESC LIMIT 1;
INSERT INTO stored (patient, body) VALUES (:patient, repeat('x', 1024));
COMMIT;
