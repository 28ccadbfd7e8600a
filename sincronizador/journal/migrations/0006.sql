-- From version 5: the documents of a day are found by an index, and the tables of closings and listings.

CREATE INDEX document_fecha ON document (fecha) WHERE superseded_by IS NULL;

CREATE TABLE listing (
    job   INTEGER PRIMARY KEY REFERENCES job (id),
    bytes BLOB NOT NULL
) STRICT;
