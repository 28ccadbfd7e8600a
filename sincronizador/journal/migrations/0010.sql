-- From version 9: what a person must be told is kept for as long as it lasts, and who was told of it.

CREATE TABLE alarm (
    id        INTEGER PRIMARY KEY,
    clave     TEXT    NOT NULL,
    nivel     TEXT    NOT NULL,
    texto     TEXT    NOT NULL,
    que_hacer TEXT    NOT NULL,
    orden     INTEGER NOT NULL,                -- among those of its moment: the gravest first
    desde     TEXT    NOT NULL,
    terminada TEXT,                            -- since when it is no more
    closed    INTEGER NOT NULL DEFAULT 0       -- it is over for good: the next one of its kind is another one
) STRICT;

CREATE UNIQUE INDEX alarm_open ON alarm (clave) WHERE closed = 0;

-- Who outside was told of it: a mail address, a webhook.
CREATE TABLE alarm_told (
    alarm   INTEGER NOT NULL REFERENCES alarm (id),
    channel TEXT    NOT NULL,
    nivel   TEXT    NOT NULL,                  -- as which it was told last
    at      TEXT    NOT NULL,                  -- when last
    since   TEXT    NOT NULL,                  -- when first
    over    INTEGER NOT NULL DEFAULT 0,        -- its end was told too
    PRIMARY KEY (alarm, channel)
) STRICT;
