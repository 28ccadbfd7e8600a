-- From version 1: ranges may be slices, documents say where they are from, and what left for the cloud is kept.


ALTER TABLE rango RENAME TO rango_1;

CREATE TABLE rango (
    id        INTEGER PRIMARY KEY,
    cae       TEXT    NOT NULL,
    tipo      INTEGER NOT NULL,
    serie     TEXT    NOT NULL,
    desde     INTEGER NOT NULL,                -- of the CAE, as documents print it
    hasta     INTEGER NOT NULL,
    primero   INTEGER NOT NULL,                -- what may be given here: all of it, or a lease's slice
    ultimo    INTEGER NOT NULL,
    siguiente INTEGER NOT NULL,
    vence     TEXT    NOT NULL,
    especial  TEXT    NOT NULL,
    causal    TEXT    NOT NULL,
    importado TEXT    NOT NULL,
    archivo   BLOB    NOT NULL,                -- of an own CAE; empty for a lease
    lease     TEXT    NOT NULL DEFAULT '',     -- the cloud's name for it
    closing   TEXT    NOT NULL DEFAULT '' CHECK (closing IN ('', 'due', 'done', 'lost')),
    UNIQUE (tipo, serie, primero),
    CHECK (primero <= siguiente AND siguiente <= ultimo + 1)
) STRICT;

INSERT INTO rango (id, cae, tipo, serie, desde, hasta, primero, ultimo, siguiente, vence, especial, causal, importado, archivo)
    SELECT id, cae, tipo, serie, desde, hasta, desde, hasta, siguiente, vence, especial, causal, importado, archivo
    FROM rango_1;

DROP TABLE rango_1;

CREATE TABLE episode (
    id         INTEGER PRIMARY KEY,
    started_at TEXT    NOT NULL,
    ended_at   TEXT,
    reason     TEXT    NOT NULL,
    forced     INTEGER NOT NULL
) STRICT;

CREATE INDEX episode_open ON episode (id) WHERE ended_at IS NULL;

ALTER TABLE document ADD COLUMN lease TEXT NOT NULL DEFAULT '';

ALTER TABLE document ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;

ALTER TABLE document ADD COLUMN counter INTEGER NOT NULL DEFAULT 0;

ALTER TABLE document ADD COLUMN episode INTEGER REFERENCES episode (id);

ALTER TABLE document ADD COLUMN acked_at TEXT;

CREATE INDEX document_acked ON document (acked_at);

CREATE TABLE intent (
    job     INTEGER PRIMARY KEY REFERENCES job (id),
    key     TEXT    NOT NULL,                  -- as the cloud knows the sale
    epoch   INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    tipo    INTEGER NOT NULL,
    draft   BLOB    NOT NULL,
    anexo   TEXT    NOT NULL,
    body    BLOB    NOT NULL,
    sends   INTEGER NOT NULL DEFAULT 0,        -- that may have left
    void    TEXT    NOT NULL DEFAULT '',       -- the ESTADO in which it ends once the cloud has voided it
    reason  TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE lease_ask (
    tipo INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    idem TEXT    NOT NULL                      -- random: a restored journal never repeats one
) STRICT;

ALTER TABLE news RENAME TO news_1;

CREATE TABLE news (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    job      INTEGER REFERENCES job (id),
    revision INTEGER,
    notice   TEXT    NOT NULL DEFAULT '',      -- of the installation and of no sale: the blocks of its page
    written  INTEGER NOT NULL DEFAULT 1,
    UNIQUE (job, revision)
) STRICT;

INSERT INTO news (id, job, revision) SELECT id, job, revision FROM news_1;
DROP TABLE news_1;
CREATE INDEX news_due ON news (id) WHERE written = 0;
