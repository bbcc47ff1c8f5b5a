CREATE TABLE turn (number bigint NOT NULL);
INSERT INTO turn VALUES (1);
CREATE TABLE stored (id bigserial PRIMARY KEY, patient bigint NOT NULL, body text NOT NULL);
CREATE INDEX by_patient ON stored (patient, id);
