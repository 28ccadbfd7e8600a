-- From version 8: the papers of a job may wait at several print stations, each in the lane of its own.

CREATE TABLE task_by_lane (
    id     INTEGER PRIMARY KEY,
    job    INTEGER NOT NULL REFERENCES job (id),
    step   TEXT    NOT NULL,
    lane   TEXT    NOT NULL,
    state  TEXT    NOT NULL CHECK (state IN ('due', 'waiting', 'parked', 'done')),
    due    REAL    NOT NULL DEFAULT 0,
    tries  INTEGER NOT NULL DEFAULT 0,
    note   TEXT    NOT NULL DEFAULT '',
    aside  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (job, step, lane)
) STRICT;

INSERT INTO task_by_lane SELECT id, job, step, lane, state, due, tries, note, aside FROM task;
DROP TABLE task;
ALTER TABLE task_by_lane RENAME TO task;

CREATE INDEX task_due ON task (lane, aside, id) WHERE state = 'due';
CREATE INDEX task_noted ON task (lane, id) WHERE note <> '';
CREATE INDEX task_open ON task (lane, state, tries) WHERE state <> 'done';

ALTER TABLE paper ADD COLUMN via TEXT NOT NULL DEFAULT '';    -- the name that it says instead of being an original
ALTER TABLE paper ADD COLUMN meant TEXT NOT NULL DEFAULT '';  -- the station that it was for, when another took it over
ALTER TABLE paper ADD COLUMN since TEXT NOT NULL DEFAULT '';  -- from when on its age counts
ALTER TABLE paper ADD COLUMN seen TEXT NOT NULL DEFAULT '';   -- what a person said of a doubtful one

UPDATE paper SET since = (SELECT claimed_at FROM job WHERE job.id = paper.job) WHERE outcome = '';

DROP INDEX paper_doubtful;
CREATE INDEX paper_doubtful ON paper (id) WHERE outcome = 'DUDOSO' AND seen = '';
