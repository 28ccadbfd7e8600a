-- The journal: what was decided, numbered, signed, attempted and done. What can be recomputed is not here.
-- Times are RFC 3339 text with offset; `due` is seconds since the epoch; names of files are bytes, as the system gave them.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE job (
    id         INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL,
    name       BLOB    NOT NULL,               -- as dropped
    stem       TEXT    NOT NULL,               -- case folded, for whose answer it is
    till       TEXT    NOT NULL,
    only_check INTEGER NOT NULL,
    claimed    BLOB    NOT NULL UNIQUE,        -- name in procesando/
    sha256     TEXT    NOT NULL,
    encoding   TEXT    NOT NULL DEFAULT 'ascii',
    claimed_at TEXT    NOT NULL,
    today      TEXT    NOT NULL,               -- the issuer's day of the claim: fixes the defaults for ever
    route      TEXT    NOT NULL DEFAULT '',
    referencia TEXT    NOT NULL DEFAULT '',
    key        TEXT    NOT NULL DEFAULT '',
    bound      INTEGER NOT NULL DEFAULT 0,     -- the REFERENCIA belongs to this job's document
    attempt    INTEGER NOT NULL DEFAULT 1,
    estado     TEXT    NOT NULL DEFAULT 'RECIBIDO',
    motivo     TEXT    NOT NULL DEFAULT '',
    decided    INTEGER NOT NULL DEFAULT 0,
    decided_at TEXT,
    follows    INTEGER REFERENCES job (id),    -- whose document answers this file, or is printed by it
    printer    TEXT    NOT NULL DEFAULT '',
    copies     INTEGER NOT NULL DEFAULT 0,
    impresion  TEXT    NOT NULL DEFAULT 'NO_PEDIDA',
    findings   TEXT    NOT NULL DEFAULT '[]',
    result     TEXT    NOT NULL DEFAULT '[]',
    revision   INTEGER NOT NULL DEFAULT 1,
    written    INTEGER NOT NULL DEFAULT 0,     -- the revision that the answer file shows
    published  INTEGER NOT NULL DEFAULT 0,     -- a decision was written once: its reader may delete it
    companions TEXT    NOT NULL DEFAULT '',    -- extensions of the files that the answer names, once they exist
    archived   INTEGER NOT NULL DEFAULT 0,
    notable    INTEGER NOT NULL DEFAULT 0,     -- the last change asks for action: news, when the answer is gone
    parent     INTEGER REFERENCES job (id),    -- the lote that it came in
    part       INTEGER NOT NULL DEFAULT 0,     -- which of its documents it is, from 1
    line       INTEGER NOT NULL DEFAULT 0,     -- of the lote's file on which it begins
    about      INTEGER REFERENCES job (id)     -- the document of ours that its document refers to
) STRICT;

CREATE UNIQUE INDEX job_bound ON job (kind, key) WHERE bound = 1;
CREATE INDEX job_key ON job (kind, key) WHERE key <> '';
CREATE INDEX job_stem ON job (till, stem, only_check);
CREATE INDEX job_open_stem ON job (till, stem, only_check) WHERE decided = 0 AND parent IS NULL;
CREATE INDEX job_name ON job (stem);
CREATE INDEX job_signed ON job (till, id) WHERE bound = 1;
CREATE INDEX job_undecided ON job (id) WHERE decided = 0;
CREATE INDEX job_behind ON job (id) WHERE written < revision AND parent IS NULL;
CREATE INDEX job_follows ON job (follows) WHERE follows IS NOT NULL;
CREATE UNIQUE INDEX job_part ON job (parent, part) WHERE parent IS NOT NULL;
CREATE INDEX job_part_behind ON job (parent) WHERE written < revision AND parent IS NOT NULL;
CREATE INDEX job_part_open ON job (parent) WHERE decided = 0 AND parent IS NOT NULL;
CREATE INDEX job_about ON job (about) WHERE about IS NOT NULL;
CREATE INDEX job_lote ON job (id) WHERE kind = 'lote' AND decided = 0;
CREATE INDEX job_refused ON job (id) WHERE estado IN ('RECHAZADO', 'RECHAZADO_DGI');

CREATE TABLE content (
    job   INTEGER PRIMARY KEY REFERENCES job (id),
    bytes BLOB NOT NULL
) STRICT;

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
    superseded_by INTEGER REFERENCES job (id),    -- whose document has its number now; NULL: it counts
    receptor      TEXT    NOT NULL DEFAULT ''     -- the receiver's document number
) STRICT;

CREATE UNIQUE INDEX document_number ON document (tipo, serie, numero) WHERE superseded_by IS NULL;
CREATE INDEX document_acked ON document (acked_at);
CREATE INDEX document_episode ON document (episode) WHERE episode IS NOT NULL;
CREATE INDEX document_fecha ON document (fecha) WHERE superseded_by IS NULL;
CREATE INDEX document_receptor ON document (receptor, job) WHERE receptor <> '';

-- The table of an answer that is told once, until it lies in its folder.
CREATE TABLE listing (
    job   INTEGER PRIMARY KEY REFERENCES job (id),
    bytes BLOB NOT NULL
) STRICT;

-- What left, or may have left, for the cloud: the exact bytes that repeats send.
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
    reason  TEXT    NOT NULL DEFAULT '',
    taken   TEXT    NOT NULL DEFAULT ''        -- the document, of other content, that the cloud has under this key
) STRICT;

CREATE INDEX intent_taken ON intent (key) WHERE taken <> '';

CREATE TABLE lease_ask (
    tipo INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,
    idem TEXT    NOT NULL                      -- random: a restored journal never repeats one
) STRICT;

CREATE TABLE episode (
    id         INTEGER PRIMARY KEY,
    started_at TEXT    NOT NULL,
    ended_at   TEXT,
    reason     TEXT    NOT NULL,
    forced     INTEGER NOT NULL
) STRICT;

CREATE INDEX episode_open ON episode (id) WHERE ended_at IS NULL;

CREATE TABLE task (
    id     INTEGER PRIMARY KEY,
    job    INTEGER NOT NULL REFERENCES job (id),
    step   TEXT    NOT NULL,
    lane   TEXT    NOT NULL,
    state  TEXT    NOT NULL CHECK (state IN ('due', 'waiting', 'parked', 'done')),
    due    REAL    NOT NULL DEFAULT 0,
    tries  INTEGER NOT NULL DEFAULT 0,
    note   TEXT    NOT NULL DEFAULT '',
    aside  INTEGER NOT NULL DEFAULT 0,         -- of a lote: after everybody else's in its lane
    UNIQUE (job, step, lane)                   -- a job's papers may wait at several stations
) STRICT;

CREATE INDEX task_due ON task (lane, aside, id) WHERE state = 'due';
CREATE INDEX task_noted ON task (lane, id) WHERE note <> '';
CREATE INDEX task_open ON task (lane, state, tries) WHERE state <> 'done';

CREATE TABLE paper (
    id       INTEGER PRIMARY KEY,
    job      INTEGER NOT NULL REFERENCES job (id),  -- who asked for it
    document INTEGER NOT NULL REFERENCES job (id),  -- whose document it shows
    ordinal  INTEGER NOT NULL,                      -- 0 is the first one
    printer  TEXT    NOT NULL,
    copia    INTEGER NOT NULL,
    intents  INTEGER NOT NULL DEFAULT 0,
    outcome  TEXT    NOT NULL DEFAULT '',
    detail   TEXT    NOT NULL DEFAULT '',
    at       TEXT,
    via      TEXT    NOT NULL DEFAULT '',           -- the name that it says instead of being an original
    meant    TEXT    NOT NULL DEFAULT '',           -- the station that it was for, when another took it over
    since    TEXT    NOT NULL DEFAULT '',           -- from when on its age counts
    seen     TEXT    NOT NULL DEFAULT '',           -- what a person said of a doubtful one
    UNIQUE (job, ordinal)
) STRICT;

CREATE INDEX paper_document ON paper (document);
CREATE INDEX paper_doubtful ON paper (id) WHERE outcome = 'DUDOSO' AND seen = '';

CREATE TABLE event (
    id     INTEGER PRIMARY KEY,
    job    INTEGER REFERENCES job (id),
    at     TEXT NOT NULL,
    name   TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX event_job ON event (job);

CREATE TABLE orders (
    id      INTEGER PRIMARY KEY,
    verb    TEXT NOT NULL,
    args    TEXT NOT NULL,
    content BLOB,
    at      TEXT NOT NULL,
    done_at TEXT,
    ok      INTEGER,
    result  TEXT
) STRICT;

CREATE INDEX orders_open ON orders (id) WHERE done_at IS NULL;

CREATE TABLE news (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    job      INTEGER REFERENCES job (id),
    revision INTEGER,
    notice   TEXT    NOT NULL DEFAULT '',      -- of the installation and of no sale: the blocks of its page
    written  INTEGER NOT NULL DEFAULT 1,
    UNIQUE (job, revision)
) STRICT;

CREATE INDEX news_due ON news (id) WHERE written = 0;

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

-- What a person must be told, for as long as it lasts.
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

CREATE TRIGGER document_tally AFTER INSERT ON document BEGIN
    INSERT INTO tally SELECT 'document', NEW.tipo, route, 1 FROM job WHERE id = NEW.job
    ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER decision_tally AFTER UPDATE OF decided ON job WHEN NEW.decided = 1 AND OLD.decided = 0 BEGIN
    INSERT INTO tally VALUES ('decision', 0, NEW.estado, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
