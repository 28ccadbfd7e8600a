-- From version 6: documents that other issuers made out to ours, and which of their states lie in recibidos/.

CREATE TABLE received (
    slug    TEXT    NOT NULL,                  -- of a document that another issuer made out to ours
    estado  TEXT    NOT NULL,
    name    TEXT    NOT NULL,                  -- of its files in recibidos/
    page    TEXT    NOT NULL,                  -- the blocks of its page, until they are written
    signed  BLOB    NOT NULL,                  -- as its issuer signed it, until it is written
    written INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (slug, estado)
) STRICT;

CREATE INDEX received_due ON received (slug) WHERE written = 0;
