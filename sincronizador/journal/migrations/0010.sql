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

-- How many there ever were, so that nobody has to count a million.
CREATE TABLE tally (
    what  TEXT    NOT NULL CHECK (what IN ('document', 'decision')),
    tipo  INTEGER NOT NULL,                    -- of documents; 0 for decisions
    label TEXT    NOT NULL,                    -- the route of documents, the ESTADO of decisions
    count INTEGER NOT NULL,
    PRIMARY KEY (what, tipo, label)
) STRICT;

INSERT INTO tally SELECT 'document', tipo, route, count(*) FROM document JOIN job ON job.id = document.job
    GROUP BY tipo, route;
INSERT INTO tally SELECT 'decision', 0, estado, count(*) FROM job WHERE decided = 1 GROUP BY estado;

CREATE TRIGGER document_tally AFTER INSERT ON document BEGIN
    INSERT INTO tally SELECT 'document', NEW.tipo, route, 1 FROM job WHERE id = NEW.job
    ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER decision_tally AFTER UPDATE OF decided ON job WHEN NEW.decided = 1 AND OLD.decided = 0 BEGIN
    INSERT INTO tally VALUES ('decision', 0, NEW.estado, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
