-- From version 2: a paper's transcription may be corrected under its number; the one before stays, and counts no more.

ALTER TABLE document RENAME TO document_2;

CREATE TABLE document (
    job           INTEGER PRIMARY KEY REFERENCES job (id),
    tipo          INTEGER NOT NULL,
    serie         TEXT    NOT NULL,
    numero        INTEGER NOT NULL,
    fecha         TEXT    NOT NULL,
    firmado_en    TEXT    NOT NULL,
    moneda        TEXT    NOT NULL,
    total         TEXT    NOT NULL,
    anexo         TEXT    NOT NULL,
    signed        BLOB    NOT NULL,
    lease         TEXT    NOT NULL DEFAULT '',    -- where its number is from; empty: an own CAE, its paper, the cloud itself
    epoch         INTEGER NOT NULL DEFAULT 0,     -- with `counter` the attempt that it was adopted or signed with
    counter       INTEGER NOT NULL DEFAULT 0,
    episode       INTEGER REFERENCES episode (id),
    acked_at      TEXT,                           -- since when the cloud has it
    superseded_by INTEGER REFERENCES job (id)     -- whose document has its number now; NULL: it counts
) STRICT;

INSERT INTO document (job, tipo, serie, numero, fecha, firmado_en, moneda, total, anexo, signed, lease, epoch, counter, episode, acked_at)
    SELECT job, tipo, serie, numero, fecha, firmado_en, moneda, total, anexo, signed, lease, epoch, counter, episode, acked_at
    FROM document_2;

DROP TABLE document_2;

CREATE UNIQUE INDEX document_number ON document (tipo, serie, numero) WHERE superseded_by IS NULL;
CREATE INDEX document_acked ON document (acked_at);
